#include "cli/exit_status.h"

int
exit_status_of_error(enum error_code code)
{
	static const int statuses[] = {
		[ERROR_NONE] = EXIT_STATUS_DONE,
		[ERROR_USAGE] = EXIT_STATUS_USAGE,
		[ERROR_INPUT] = EXIT_STATUS_USAGE,
		[ERROR_NETWORK] = CLASS_NETWORK,
		[ERROR_AWS] = EXIT_STATUS_AWS,
		[ERROR_NOT_DONE] = EXIT_STATUS_NOT_DONE,
		[ERROR_LOCAL] = EXIT_STATUS_LOCAL,
		[ERROR_INTERNAL] = EXIT_STATUS_LOCAL,
	};

	return statuses[code];
}

int
exit_status_of(const struct diagnosis *d, enum severity fail_on)
{
	const struct finding *worst = NULL;

	if (fail_on == SEVERITY_NONE)
		return EXIT_STATUS_DONE;
	for (size_t i = 0; i < d->len; i++) {
		const struct finding *f = &d->findings[i];
		if (f->severity >= fail_on && (worst == NULL || f->severity > worst->severity))
			worst = f;
	}
	if (worst == NULL)
		return EXIT_STATUS_DONE;
	if (d->class != CLASS_NONE && d->root != NULL && d->root->severity >= fail_on)
		return (int)d->class;
	return (int)code_info(worst->code)->class;
}

void
exit_status_add(int *sum, int target)
{
	if (target == EXIT_STATUS_DONE || target == *sum)
		return;
	*sum = *sum == EXIT_STATUS_DONE ? target : EXIT_STATUS_DIFFER;
}
