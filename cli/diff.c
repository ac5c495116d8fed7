/* mtlscope diff: two certificates, chains, folders or cases; only what differs. */
#include "model/diff.h"

#include "model/case.h"
#include "model/diff_case.h"

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/settings.h"

/* Both are cases. */
static int
diff_cases(const struct options *o)
{
	struct report_style style = output_style(o);
	struct saved_case cases[2] = { { .saved_ms = 0 }, { .saved_ms = 0 } };
	struct diagnosis *seen[2] = { NULL, NULL };
	struct error err = { .code = ERROR_NONE };
	struct buf page = { 0 };
	int result = EXIT_STATUS_DONE;

	for (size_t i = 0; i < 2 && result == EXIT_STATUS_DONE; i++) {
		if (case_read(o->operands[i], &cases[i], &err) != STATUS_OK)
			result = complain_error(&err);
		else
			seen[i] = diagnose(cases[i].evidence);
	}
	if (result == EXIT_STATUS_DONE) {
		diff_cases_page(seen[0], seen[1], o->operands[0], o->operands[1], &style, &page);
		output_write(&page);
	}
	for (size_t i = 0; i < 2; i++) {
		diagnosis_free(seen[i]);
		case_done(&cases[i]);
	}
	buf_done(&page);
	return output_status(result);
}

/* Of a case beside a file: the certificates in it. */
static status
read_side(const char *file, const struct read_options *how, struct objects *out, struct error *err)
{
	struct saved_case c;

	if (!case_recognised(file))
		return objects_read(file, how, out, err);
	if (case_read(file, &c, err) != STATUS_OK)
		return STATUS_FAILED;
	case_objects(c.evidence, file, out);
	case_done(&c);
	return STATUS_OK;
}

int
diff_run(struct options *o)
{
	struct read_options how = { .ask = passphrase_answer, .ask_user = &o->passphrase, .folders = true };
	struct report_style style = output_style(o);
	struct objects sides[2] = { { 0 }, { 0 } };
	struct error err = { .code = ERROR_NONE };
	const struct world *w = world_real();
	struct diff *d = NULL;
	struct buf page = { 0 };
	int result = EXIT_STATUS_DONE;

	if (o->operands_len != 2) {
		complain("diff compares two: mtlscope diff old.crt new.crt");
		return EXIT_STATUS_USAGE;
	}
	if (case_recognised(o->operands[0]) && case_recognised(o->operands[1]))
		return diff_cases(o);
	for (size_t i = 0; i < 2; i++) {
		if (read_side(o->operands[i], &how, &sides[i], &err) != STATUS_OK) {
			result = complain_error(&err);
			goto out;
		}
	}
	settings_remarks(o);
	d = diff_objects(&sides[0], &sides[1], w->now_ms(w->self) / 1000);
	diff_page(d, o->operands[0], o->operands[1], &style, &page);
	output_write(&page);
	for (size_t i = 0; i < 2 && result == EXIT_STATUS_DONE; i++)
		result = settings_damaged(&sides[i], o);
out:
	diff_free(d);
	objects_done(&sides[0]);
	objects_done(&sides[1]);
	buf_done(&page);
	return output_status(result);
}
