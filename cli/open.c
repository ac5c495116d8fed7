/* mtlscope open: a saved case, in the console where there is a terminal, else as check prints it. Nothing is contacted. */
#include "tui/console.h"

#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "model/case.h"
#include "model/json.h"
#include "model/memory.h"

struct opened {
	struct saved_case saved;
	struct diagnosis *diagnosis;
	int status; /* as check's */
};

static void
print_it(const struct options *o, struct opened *c)
{
	struct report_style style = output_style(o);
	struct buf page = { 0 };

	style.command = c->saved.command;
	if (o->json)
		json_check(c->diagnosis, &page);
	else
		report_one(c->diagnosis, &style, &page);
	output_write(&page);
	buf_done(&page);
}

/* The fleet takes evidence and diagnosis over. */
static void
add_entry(struct fleet *f, struct opened *c)
{
	struct evidence *e = c->saved.evidence;
	struct entry *entry = fleet_add(f, e->target.name, &e->target, e->identity, e->trust, NULL);

	if (c->saved.command != NULL)
		entry->command = mem_strdup(c->saved.command);
	fleet_result(f, entry, e, c->diagnosis, e->started_ms + (int64_t)e->took_ms);
	c->saved.evidence = NULL;
	c->diagnosis = NULL;
}

/* *shown false: this terminal cannot show it, and *err says why. */
static int
show(const struct options *o, struct opened *c, bool *shown, struct error *err)
{
	struct report_style style = output_style(o);
	int result = EXIT_STATUS_DONE;
	const struct evidence *e = c->saved.evidence;
	struct console_setup setup = {
		.terminal = { .ascii = style.ascii, .colours = style.colours, .signals = true },
		.fleet = fleet_new(),
		.examine = o->examine,
		.world = world_real(),
		.is_case = true,
		.case_ms = e->started_ms,
		.case_from = e->seen_from,
	};

	add_entry(setup.fleet, c);
	*shown = console_run(&setup, &result, err) == STATUS_OK;
	if (!*shown)
		fleet_free(setup.fleet);
	return result;
}

static status
open_file(const char *path, const struct options *o, struct opened *c, struct error *err)
{
	if (case_read(path, &c->saved, err) != STATUS_OK)
		return STATUS_FAILED;
	c->diagnosis = diagnose(c->saved.evidence);
	c->status = exit_status_of(c->diagnosis, o->fail_on);
	return STATUS_OK;
}

static void
close_file(struct opened *c)
{
	diagnosis_free(c->diagnosis);
	case_done(&c->saved);
}

int
open_case(struct options *o, bool console)
{
	struct opened c = { .status = EXIT_STATUS_DONE };
	struct error err = { .code = ERROR_NONE };
	bool shown = false, terminal = console && !o->json && !o->plain && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	int result;

	if (open_file(o->operands[0], o, &c, &err) != STATUS_OK)
		return complain_error(&err);
	if (terminal) {
		result = show(o, &c, &shown, &err);
		if (!shown && err.code == ERROR_USAGE) {
			/* A terminal that cannot show it: read again, as its screens have taken it over. */
			complain("%s", err.text);
			error_clear(&err);
			close_file(&c);
			terminal = open_file(o->operands[0], o, &c, &err) != STATUS_OK;
		}
		if (terminal && error_is_set(&err))
			result = complain_error(&err);
	}
	if (!terminal) {
		print_it(o, &c);
		result = c.status;
	}
	close_file(&c);
	return output_status(result);
}

int
open_run(struct options *o)
{
	if (o->operands_len != 1) {
		complain("open shows one case: mtlscope open FILE");
		return EXIT_STATUS_USAGE;
	}
	return open_case(o, true);
}
