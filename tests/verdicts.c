#include "tests/verdicts.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

bool
verdict_names(const struct diagnosis *d, enum code code)
{
	for (size_t i = 0; d->root != NULL && i < d->root->candidates_len; i++)
		if (d->root->candidates[i].code == code)
			return true;
	return diagnosis_find(d, code) != NULL;
}

void
verdict_print(const struct diagnosis *d)
{
	for (size_t i = 0; i < d->len; i++) {
		print_message("  %s (%s): %s\n", code_info(d->findings[i].code)->name, confidence_name(d->findings[i].confidence), d->findings[i].why);
		for (size_t k = 0; k < d->findings[i].proof_len; k++)
			print_message("    proof %s: %s\n", d->findings[i].proof[k].experiment, d->findings[i].proof[k].outcome);
		for (size_t k = 0; k < d->findings[i].candidates_len; k++)
			print_message("    or %s\n", code_info(d->findings[i].candidates[k].code)->name);
	}
}
