/* mtlscope lab: the practice lab as a process of its own, until a signal. */
#include "lab/lab.h"

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/option_values.h"
#include "cli/output.h"

int
lab_run_command(struct options *o)
{
	struct lab_options what = { .seed = o->seed, .dir = o->dir, .repeatable = o->examine.at_set, .first_port = o->first_port,
		.throttle = o->throttle, .no_throttle = o->no_throttle, .certificates = o->certificates, .services = o->services };
	struct standing_world then;
	const struct world *w = o->examine.at_set ? world_standing(&then, o->examine.at) : world_real();
	struct report_style style = output_style(o);
	struct error err = { .code = ERROR_NONE };
	struct buf page = { 0 }, shown = { 0 };
	struct lab *lab = NULL;
	int result;

	if (o->operands_len > 0) {
		complain("lab takes no argument: %s", printable(o->operands[0]));
		return EXIT_STATUS_USAGE;
	}
	if (lab_start(&what, w, &lab, &err) != STATUS_OK) {
		result = complain_error(&err);
		goto out;
	}
	if (o->json)
		lab_json(lab, &page);
	else
		lab_table(lab, &page);
	if (style.ascii && !o->json)
		text_ascii(&shown, buf_str(&page));
	else
		buf_add(&shown, buf_str(&page), page.len);
	result = EXIT_STATUS_DONE;
	if (output_write(&shown)) {
		if (lab_run(lab, -1, &err) != STATUS_OK)
			result = complain_error(&err);
		else if (lab_signal(lab) != 0)
			result = EXIT_STATUS_SIGNAL + lab_signal(lab);
	}
out:
	lab_free(lab);
	buf_done(&page);
	buf_done(&shown);
	return output_status(result);
}
