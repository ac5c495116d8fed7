/* mtlscope fleet add: endpoints into the configuration file. */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/exit_status.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "model/quote.h"

/* What is wrong with the line itself; nothing is read for it. */
static status
look_at_line(const struct options *o, struct error *err)
{
	if (o->operands_len == 0 || strcmp(o->operands[0], "add") != 0)
		return error_set(err, ERROR_USAGE, "fleet", "fleet %s: expected mtlscope fleet add TARGET… --identity NAME",
		    o->operands_len > 0 ? printable(o->operands[0]) : "needs a word");
	if (o->operands_len == 1)
		return error_set(err, ERROR_USAGE, "fleet", "fleet add: which target? mtlscope fleet add HOST:PORT --identity NAME");
	if (o->identity == NULL)
		return error_set(err, ERROR_USAGE, "fleet", "fleet add: as whom? --identity NAME, one of the configuration's identities");
	for (size_t i = 1; i < o->operands_len; i++) {
		struct target t = { .port = 0 };
		if (target_from_word(o->operands[i], &t, err) != STATUS_OK)
			return STATUS_FAILED;
		target_done(&t);
	}
	return STATUS_OK;
}

static void
say_names(const struct options *o, const char *path, char *names)
{
	struct buf page = { 0 };
	char shown[QUOTE_MAX];

	for (size_t i = 1; i < o->operands_len; i++) {
		char *end = strchr(names, '\n');
		if (end == NULL)
			break;
		*end = '\0';
		buf_addf(&page, "added %s", names);
		if (strcmp(names, o->operands[i]) != 0)
			buf_addf(&page, " (%s)", quote_str(o->operands[i], shown));
		buf_addf(&page, " to %s\n", quote_str(path, shown));
		names = end + 1;
	}
	output_write(&page);
	buf_done(&page);
}

int
fleet_run(struct options *o)
{
	struct error err = { .code = ERROR_NONE };
	const struct world *w = world_real();
	struct buf names = { 0 };
	char *path = NULL;
	int result;

	if (look_at_line(o, &err) != STATUS_OK)
		return complain_error(&err);
	path = configuration_path(o);
	if (path == NULL) {
		complain("no place for the configuration: HOME is not set; --config FILE names one");
		return EXIT_STATUS_USAGE;
	}
	if (!config_exists(path)) {
		complain("%s: no such file; mtlscope on a terminal writes one to fill in: press w there", printable(path));
		result = EXIT_STATUS_USAGE;
	} else if (config_add_fleet(path, w, o->operands + 1, o->operands_len - 1, o->identity, o->group, &names, &err) !=
	    STATUS_OK) {
		result = complain_error(&err);
	} else {
		say_names(o, path, names.data);
		result = output_status(EXIT_STATUS_DONE);
	}
	buf_done(&names);
	free(path);
	return result;
}
