#include "cli/case_file.h"

#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "model/case.h"
#include "model/save.h"

int
case_file_refused(const struct options *o, const struct settings *s)
{
	if (o->save == NULL)
		return EXIT_STATUS_DONE;
	if (s->targets.len != 1) {
		complain("--save keeps one target in one file, and there are %zu: check each by itself, or press c in the console",
		    s->targets.len);
		return EXIT_STATUS_USAGE;
	}
	if (access(o->save, F_OK) == 0) {
		complain("--save %s: is there already, and stays as it is; expected the name of a new file", printable(o->save));
		return EXIT_STATUS_USAGE;
	}
	return EXIT_STATUS_DONE;
}

int
case_file_save(const struct options *o, const struct target *t, const struct evidence *e)
{
	const struct world *w = world_real();
	struct case_about about = { .saved_ms = w->now_ms(w->self) };
	struct error err = { .code = ERROR_NONE };
	struct buf command = { 0 }, bytes = { 0 };
	int result = EXIT_STATUS_DONE;

	settings_command(o, t, &command);
	about.command = buf_str(&command);
	if (case_write(e, &about, &bytes, &err) != STATUS_OK) {
		complain("--save %s: %s", printable(o->save), err.text);
		result = exit_status_of_error(err.code);
	} else {
		switch (save_private_file(o->save, bytes.data, bytes.len, false, &err)) {
		case SAVED:
			if (!o->json)
				complain("saved to %s: what was seen, without private keys; mtlscope open %s shows it",
				    printable(o->save), printable(o->save));
			break;
		case SAVED_NOT:
			result = complain_error(&err);
			break;
		case SAVED_EXISTS:
			complain("--save %s: came to be meanwhile, and stays as it is", printable(o->save));
			result = EXIT_STATUS_USAGE;
			break;
		}
	}
	buf_done(&command);
	buf_done(&bytes);
	return result;
}

bool
case_file_among(struct options *o, bool console, int *result)
{
	const char *file = NULL;

	for (size_t i = 0; i < o->operands_len && file == NULL; i++)
		if (target_is_file(o->operands[i]) && case_recognised(o->operands[i]))
			file = o->operands[i];
	if (file == NULL)
		return false;
	*result = EXIT_STATUS_USAGE;
	if (o->operands_len > 1 || o->targets_files_len > 0)
		complain("%s is a case, and is opened by itself: mtlscope open %s", printable(file), printable(file));
	else if (o->retype.len > 0)
		complain("%s is a case: what was seen then is shown, and these have no part in it: %s", printable(file), o->retype.data);
	else if (o->save != NULL)
		complain("%s is a case already: --save keeps what a check sees", printable(file));
	else
		*result = open_case(o, console);
	return true;
}
