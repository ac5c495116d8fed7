/* mtlscope: what is typed, to the command that does it. */
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "aws/http.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "model/memory.h"
#include "tui/terminal.h"

#define VERSION "0.1"

#if defined(__has_feature)
#define WITH_ASAN __has_feature(address_sanitizer)
#else
#define WITH_ASAN 0
#endif

/* `help COMMAND`: which one. NULL where it is none, after saying so. */
static const struct command_info *
help_wanted(const char *name, const char *word)
{
	struct buf both = { 0 };
	const struct command_info *c = NULL;

	if (word != NULL) {
		buf_addf(&both, "%s %s", name, word);
		c = command_named(both.data);
	}
	buf_done(&both);
	if (c == NULL)
		c = command_named(name);
	const char *near = c == NULL ? nearest_command(name) : NULL;

	if (c == NULL)
		complain("help %s: no such command%s%s%s", printable(name), near != NULL ? "; did you mean " : "",
		    near != NULL ? near : "", near != NULL ? "?" : "; --help lists them");
	else if (c->command == COMMAND_LATER)
		complain("%s: not in this version yet", c->name);
	return c != NULL && c->command != COMMAND_LATER ? c : NULL;
}

static int
help_run(struct options *o)
{
	struct report_style style = output_style(o);
	struct buf page = { 0 }, shown = { 0 };
	enum command about = o->command;

	if (about == COMMAND_HELP && o->operands_len > 0) {
		const struct command_info *c = help_wanted(o->operands[0], o->operands_len > 1 ? o->operands[1] : NULL);
		if (c == NULL)
			return EXIT_STATUS_USAGE;
		about = c->command;
	}
	options_help(about, (size_t)style.columns, &page);
	if (style.ascii) {
		text_ascii(&shown, buf_str(&page));
		output_write(&shown);
	} else {
		output_write(&page);
	}
	buf_done(&page);
	buf_done(&shown);
	return output_status(EXIT_STATUS_DONE);
}

static int
version_run(void)
{
	struct buf page = { 0 };

	buf_adds(&page, "mtlscope " VERSION "\n");
	output_write(&page);
	buf_done(&page);
	return output_status(EXIT_STATUS_DONE);
}

static const struct {
	enum command command;
	int (*run)(struct options *o);
} commands[] = {
	{ COMMAND_CHECK, check_run },
	{ COMMAND_INSPECT, inspect_run },
	{ COMMAND_DIFF, diff_run },
	{ COMMAND_LISTEN, listen_run },
	{ COMMAND_LAB, lab_run_command },
	{ COMMAND_DEMO, demo_run },
	{ COMMAND_FLEET, fleet_run },
	{ COMMAND_EXPLAIN, explain_run },
	{ COMMAND_OPEN, open_run },
	{ COMMAND_PCA_TREE, pca_tree_run },
	{ COMMAND_PCA_SHOW, pca_show_run },
	{ COMMAND_PCA_CERTS, pca_certs_run },
	{ COMMAND_PCA_SYNC, pca_sync_run },
	{ COMMAND_PCA_CREATE, pca_create_run },
	{ COMMAND_PCA_ACTIVATE, pca_activate_run },
	{ COMMAND_PCA_ISSUE, pca_issue_run },
	{ COMMAND_PCA_GET, pca_get_run },
	{ COMMAND_PCA_REVOKE, pca_revoke_run },
	{ COMMAND_PCA_AUDIT, pca_audit_run },
	{ COMMAND_PCA_BUNDLE, pca_bundle_run },
	{ COMMAND_FIX, fix_run },
	{ COMMAND_RENEW, renew_run },
	{ COMMAND_LOG, log_run },
	{ COMMAND_UNDO, undo_run },
	{ COMMAND_RESUME, resume_run },
	{ COMMAND_ROLLOVER, rollover_run },
	{ COMMAND_HELP, help_run },
};

static int
dispatch(struct options *o)
{
	if (o->version)
		return version_run();
	if (o->help)
		return help_run(o);
	if (o->console)
		return console_open(o);
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		if (commands[i].command == o->command)
			return commands[i].run(o);
	}
	complain("this command is not in this version yet");
	return EXIT_STATUS_USAGE;
}

static void
out_of_memory(void)
{
	static const char line[] = "mtlscope: this machine has no memory left\n";

	terminal_rescue();
	if (write(STDERR_FILENO, line, sizeof line - 1) < 0)
		_exit(EXIT_STATUS_LOCAL);
	_exit(EXIT_STATUS_LOCAL);
}

/* Private keys are in our memory: no core dump, and no other process of this user may look. */
static void
keep_memory_private(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	/* LeakSanitizer looks at us from a process of its own. */
#if defined(PR_SET_DUMPABLE) && !defined(__SANITIZE_ADDRESS__) && !WITH_ASAN
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

int
main(int argc, char **argv)
{
	struct options o;
	struct error err = { .code = ERROR_NONE };
	int result;

	output_streams();
	memory_on_exhaustion(out_of_memory);
	keep_memory_private();
	aws_http_start();
	signals_start();
	if (options_parse(argc, argv, &o, &err) != STATUS_OK)
		result = complain_error(&err);
	else
		result = dispatch(&o);
	options_done(&o);
	return result;
}
