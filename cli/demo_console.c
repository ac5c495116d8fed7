/* The demo on a terminal: the lab's endpoints as a fleet, and the console on it. */
#include <stdlib.h>
#include <string.h>

#include "cli/demo.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "model/memory.h"
#include "model/text.h"
#include "tui/console.h"
#include "tui/walkthrough.h"

/* The story is the solution: it is told where one asks for it, not in the list. */
static void
add_exhibit(struct fleet *f, struct exhibit *x)
{
	struct buf name = { 0 }, story = { 0 }, command = { 0 };
	const struct target *t = &x->settings.targets.items[0];

	text_safe(&name, text_of(x->name), 0);
	text_safe(&story, text_of(x->story), 0);
	settings_command(&x->options, t, &command);
	struct entry *e = fleet_add(f, buf_str(&name), t, x->settings.roles[0].identity, x->settings.roles[0].trust,
	    x->differs ? &x->options.examine : NULL);
	e->story = mem_strdup(buf_str(&story));
	e->command = mem_strdup(buf_str(&command));
	buf_done(&name);
	buf_done(&story);
	buf_done(&command);
}

/* Those that the lab itself expects something to be found at. */
static size_t
broken(const struct demo *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->len; i++)
		n += d->items[i].expect != NULL;
	return n;
}

int
demo_console(struct demo *d, bool *shown, struct error *err)
{
	struct report_style style = output_style(d->o);
	size_t wrong = broken(d);
	int result = EXIT_STATUS_DONE;
	struct aws_client_options account = { .world = demo_lab_world(&d->lab) };
	char *inventory = demo_lab_file(&d->lab, "inventory.db"), *changes = demo_lab_file(&d->lab, "changes"),
	     *config = demo_lab_file(&d->lab, "config.yaml"); /* what the servers serve, for plans: nobody is shown it as their own */
	struct console_setup setup = {
		.terminal = { .ascii = style.ascii, .colours = style.colours, .signals = true },
		.fleet = fleet_new(),
		.examine = examine_defaults,
		.world = d->world,
		.first = d->o->by_itself ? &fleet_view : &lab_view,
		.first_argument = d->o->by_itself ? NULL : &wrong,
		.practice_lab = true,
		.aws = &account,
		.aws_len = 1,
		.inventory = inventory,
		.changes = changes,
		.plans_config = config,
		.report_bucket = demo_lab_variable(&d->lab, "MTLSCOPE_LAB_BUCKET"),
		.check_at_start = true,
		.walkthrough = d->o->by_itself ? walkthrough_named(walkthrough_names()[0]) : NULL,
		.walk_by_itself = d->o->by_itself,
		.walk_pace_ms = d->o->pace_ms,
		.still = d->o->still,
	};

	setup.examine.jobs = d->o->examine.jobs != 0 ? d->o->examine.jobs : DEMO_JOBS;
	setup.examine.paced = d->o->still;
	for (size_t i = 0; i < d->len; i++)
		add_exhibit(setup.fleet, &d->items[i]);
	*shown = console_run(&setup, &result, err) == STATUS_OK;
	if (!*shown)
		fleet_free(setup.fleet);
	else if (error_is_set(err))
		complain("%s", err->text);
	free(inventory);
	free(changes);
	free(config);
	return result;
}
