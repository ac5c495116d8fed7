/*
 * No command was typed: the console on the targets, on the fleet, or on its start page. Where standard output is
 * no terminal it does what check does; where the terminal cannot be used, it says so and prints the same.
 */
#include "tui/console.h"

#include <stdlib.h>
#include <unistd.h>

#include "cli/accounts.h"
#include "cli/case_file.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "model/inventory.h"
#include "model/memory.h"

static void
add_target(struct fleet *f, const struct options *o, const struct settings *s, size_t i)
{
	const struct target *t = &s->targets.items[i];
	const struct role_of *role = &s->roles[i];
	struct buf command = { 0 };
	struct entry *e = fleet_add(f, t->name, t, role->identity, role->trust, NULL);

	settings_command(o, t, &command);
	e->command = mem_strdup(buf_str(&command));
	if (role->problem != NULL)
		e->identity_problem = mem_strdup(role->problem);
	buf_done(&command);
}

/* What is typed in later goes out as whom the options name, and trusts as they say. */
static status
typed_targets(const struct options *o, struct settings *s, struct console_setup *setup, struct error *err)
{
	struct identity *identity = s->identity;
	struct trust *trust = NULL;
	const char *problem;

	if (o->identity != NULL && identities_get(s->named, o->identity, &identity, &problem, err) != STATUS_OK)
		return STATUS_FAILED;
	if (identity != NULL &&
	    identities_trust(s->named, identities_trust_file(s->named, o->identity), &trust, err) != STATUS_OK)
		return STATUS_FAILED;
	setup->identity = identity;
	setup->trust = trust;
	return STATUS_OK;
}

/* *shown false: this terminal cannot show it, *err says why, and nothing was done. */
static int
show(struct options *o, struct settings *s, bool *demo_wanted, bool *shown, struct error *err)
{
	struct report_style style = output_style(o);
	int result = EXIT_STATUS_DONE;
	struct aws_client_options *accounts = NULL;
	struct buf inventory = { 0 };
	struct console_setup setup = {
		.terminal = { .ascii = style.ascii, .colours = style.colours, .signals = true },
		.fleet = fleet_new(),
		.identity = s->identity,
		.examine = o->examine,
		.world = world_real(),
		.config = s->configuration.config,
		.config_path = s->configuration.path,
		.demo_wanted = demo_wanted,
		.allow_changes = o->allow_changes,
		.check_at_start = true,
		.save = o->save,
	};

	if (typed_targets(o, s, &setup, err) != STATUS_OK ||
	    accounts_meant(o, s->configuration.config, setup.world, &accounts, &setup.aws_len, err) != STATUS_OK)
		goto out;
	setup.aws = accounts;
	/* What was practised with is no certificate of the user's: as with pca. */
	if (accounts_of_lab(accounts, setup.aws_len)) {
		if (inventory_path(setup.world, true, &inventory, err) != STATUS_OK)
			goto out;
		setup.inventory = inventory.data;
	}
	for (size_t i = 0; i < s->targets.len; i++)
		add_target(setup.fleet, o, s, i);
	*shown = console_run(&setup, &result, err) == STATUS_OK;
out:
	if (!*shown)
		fleet_free(setup.fleet);
	free(accounts);
	buf_done(&inventory);
	return result;
}

static int
print_instead(struct options *o, struct settings *s)
{
	if (s->targets.len > 0)
		return check_targets(o, s);
	complain("no target and no command: mtlscope HOST:PORT --cert FILE --key FILE --cacert FILE; "
		 "mtlscope --help says more");
	return EXIT_STATUS_USAGE;
}

static int
show_or_print(struct options *o, struct settings *s, bool *demo_wanted)
{
	struct error err = { .code = ERROR_NONE };
	bool shown = false;
	int result;

	if (o->json || o->plain || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return print_instead(o, s);
	result = case_file_refused(o, s);
	if (result != EXIT_STATUS_DONE)
		return result;
	settings_key_log(o);
	result = show(o, s, demo_wanted, &shown, &err);
	if (shown) {
		if (error_is_set(&err))
			complain("%s", err.text);
		return result;
	}
	if (err.code != ERROR_USAGE)
		return complain_error(&err);
	complain("%s", err.text);
	return print_instead(o, s);
}

/* The start page's demo: as if it had been typed. */
static int
go_on_with_demo(const struct options *before)
{
	char program[] = "mtlscope", command[] = "demo";
	char *argv[] = { program, command, NULL };
	struct options o;
	struct error err = { .code = ERROR_NONE };
	int result;

	if (options_parse(2, argv, &o, &err) == STATUS_OK) {
		o.ascii = before->ascii;
		o.colour = before->colour;
		result = demo_run(&o);
	} else {
		result = complain_error(&err);
	}
	options_done(&o);
	return result;
}

int
console_open(struct options *o)
{
	struct settings settings;
	struct error err = { .code = ERROR_NONE };
	bool demo_wanted = false;
	int result;

	if (case_file_among(o, true, &result))
		return result;
	if (settings_read_configured(o, &settings, &err) != STATUS_OK)
		result = complain_error(&err);
	else
		result = show_or_print(o, &settings, &demo_wanted);
	settings_done(&settings);
	return demo_wanted ? go_on_with_demo(o) : result;
}
