/*
 * mtlscope demo: the lab as a process of its own; then the console on it, or, where there is no
 * terminal, a page that tells of every endpoint what was found. The check knows nothing of the lab but
 * what is passed to it; what is expected is only compared afterwards. The user's own configuration,
 * state and AWS settings have no part in it.
 */
#include "cli/demo.h"

#include <stdlib.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "model/memory.h"

static const char *
text_in(const cJSON *o, const char *name)
{
	const cJSON *x = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsString(x) ? x->valuestring : NULL;
}

static void
argument(struct exhibit *x, const char *word)
{
	x->argv = mem_grow(x->argv, (size_t)x->argc + 2, sizeof *x->argv);
	x->argv[x->argc++] = mem_strdup(word);
	x->argv[x->argc] = NULL;
}

/* The command line that the lab's listing stands for. */
static void
arguments(struct exhibit *x, const cJSON *endpoint)
{
	static const char *const fields[] = { "cert", "key", "cacert", "servername", "starttls", "path" };
	const cJSON *arg = NULL;

	argument(x, "mtlscope");
	argument(x, "check");
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		const char *value = text_in(endpoint, fields[i]);
		struct buf b = { 0 };
		if (value == NULL)
			continue;
		buf_addf(&b, "--%s=%s", fields[i], value);
		argument(x, buf_str(&b));
		buf_done(&b);
	}
	cJSON_ArrayForEach(arg, cJSON_GetObjectItemCaseSensitive(endpoint, "args"))
		if (cJSON_IsString(arg))
			argument(x, arg->valuestring);
	argument(x, text_in(endpoint, "address"));
}

static status
prepare(struct demo *d, struct error *err)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(d->lab.json, "endpoints"), *endpoint = NULL;

	d->items = mem_zero((size_t)cJSON_GetArraySize(list) + 1, sizeof *d->items);
	cJSON_ArrayForEach(endpoint, list) {
		struct exhibit *x = &d->items[d->len];
		if (text_in(endpoint, "address") == NULL)
			continue;
		d->len++;
		x->name = text_in(endpoint, "name");
		x->story = text_in(endpoint, "story");
		x->expect = text_in(endpoint, "expect");
		x->differs = cJSON_GetObjectItemCaseSensitive(endpoint, "args") != NULL;
		arguments(x, endpoint);
		if (options_parse(x->argc, x->argv, &x->options, err) != STATUS_OK ||
		    settings_read(&x->options, &x->settings, err) != STATUS_OK)
			return STATUS_FAILED;
		x->options.examine.paced = d->o->still;
	}
	return d->len > 0 ? STATUS_OK : error_set(err, ERROR_INTERNAL, "demo", "the lab lists no endpoint");
}

static void
demo_done(struct demo *d)
{
	for (size_t i = 0; i < d->len; i++) {
		struct exhibit *x = &d->items[i];
		settings_done(&x->settings);
		options_done(&x->options);
		for (int k = 0; k < x->argc; k++)
			free(x->argv[k]);
		free(x->argv);
		buf_done(&x->found);
	}
	free(d->items);
	demo_lab_stop(&d->lab);
}

/* The page, or the console where there is a terminal for it. */
static int
show(struct demo *d)
{
	struct error err = { .code = ERROR_NONE };
	bool shown = false, wanted = !d->o->plain && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	int result = EXIT_STATUS_DONE;

	if (wanted)
		result = demo_console(d, &shown, &err);
	if (shown)
		return result;
	if (d->o->by_itself)
		error_set(&err, ERROR_USAGE, "demo", "demo --auto needs a terminal");
	if (error_is_set(&err) && (err.code != ERROR_USAGE || d->o->by_itself))
		return complain_error(&err);
	if (error_is_set(&err))
		complain("%s", err.text);
	return demo_report(d);
}

int
demo_run(struct options *o)
{
	struct demo d = { .o = o };
	struct demo_lab_options lab = { .seed = o->seed, .at_set = o->examine.at_set, .at = o->examine.at,
		.first_port = o->first_port, .dir = o->dir, .throttle = o->throttle, .no_throttle = o->no_throttle,
		.certificates = o->certificates, .services = o->services };
	struct error err = { .code = ERROR_NONE };
	int result;

	if (o->operands_len > 0) {
		complain("demo takes no argument");
		return EXIT_STATUS_USAGE;
	}
	d.world = o->examine.at_set ? world_standing(&d.then, o->examine.at) : world_real();
	signals_defer(true);
	if (demo_lab_start(&d.lab, &lab, &err) != STATUS_OK || prepare(&d, &err) != STATUS_OK)
		result = signals_seen() != 0 ? EXIT_STATUS_SIGNAL + signals_seen() : complain_error(&err);
	else
		result = show(&d);
	signals_defer(false);
	demo_done(&d);
	return output_status(result);
}
