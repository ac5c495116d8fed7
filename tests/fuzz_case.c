/*
 * A case from any bytes: it is refused with one printable line, or what it gives goes through all that a screen
 * and a report make of it, and can be saved again.
 */
#include <stdint.h>
#include <stdlib.h>

#include "model/case.h"
#include "model/json.h"
#include "model/report.h"
#include "model/reproduce.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
use(const struct saved_case *c)
{
	struct diagnosis *d = diagnose(c->evidence);
	struct report_style style = { .columns = 80, .command = c->command };
	struct error err = { .code = ERROR_NONE };
	struct buf out = { 0 };
	const char *remark;

	json_check(d, &out);
	report_one(d, &style, &out);
	report_line(d, &style, &out);
	(void)reproduce_openssl(c->evidence, &out, &remark);
	(void)reproduce_curl(c->evidence, &out, &remark);
	buf_reset(&out);
	if (case_write(c->evidence, &(struct case_about){ .command = c->command }, &out, &err) != STATUS_OK)
		abort();
	buf_done(&out);
	diagnosis_free(d);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { .code = ERROR_NONE };
	struct saved_case c;

	if (case_parse("fuzz.case", data, size, &c, &err) != STATUS_OK) {
		if (err.code != ERROR_INPUT || (text_flags(text_of(err.text)) & (TEXT_CONTROL | TEXT_INVALID)) != 0)
			abort();
		return 0;
	}
	use(&c);
	case_done(&c);
	return 0;
}
