/* mtlscope diff: two certificates, chains or folders; only what differs. */
#include "model/diff.h"

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/settings.h"

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
	for (size_t i = 0; i < 2; i++) {
		if (objects_read(o->operands[i], &how, &sides[i], &err) != STATUS_OK) {
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
