/*
 * mtlscope demo: the lab as a process of its own, then every endpoint of it checked with the identity
 * it lists: the story, what was expected, what was found. The check knows nothing of the lab but what
 * is passed to it; what is expected is only compared afterwards.
 */
#include <cJSON.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cli/commands.h"
#include "cli/demo_lab.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "cli/signals.h"
#include "model/memory.h"
#include "model/page.h"
#include "model/quote.h"
#include "model/report.h"

/* One endpoint: what the lab said of it, and the options that its own line would have. */
struct exhibit {
	const char *name, *story, *expect; /* in the lab's JSON */
	char **argv;
	int argc;
	struct options options;
	struct settings settings;
	struct buf found;  /* the line of the report */
	bool done, right;
};

struct demo {
	struct options *o;
	struct report_style style;
	struct demo_lab lab;
	struct exhibit *items;
	size_t len, done, right;
	struct buf page;
};

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
	static const char *const fields[] = { "cert", "key", "cacert", "servername", "path" };
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
		arguments(x, endpoint);
		if (options_parse(x->argc, x->argv, &x->options, err) != STATUS_OK ||
		    settings_read(&x->options, &x->settings, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	return d->len > 0 ? STATUS_OK : error_set(err, ERROR_INTERNAL, "demo", "the lab lists no endpoint");
}

static void
take(struct demo *d, struct examination *done)
{
	struct exhibit *x = done->user;
	const struct finding *root = done->diagnosis->root;
	const char *code = root != NULL ? code_info(root->code)->name : NULL;

	if (!done->cancelled) {
		report_line(done->diagnosis, &d->style, &x->found);
		x->done = true;
		x->right = code == NULL || x->expect == NULL ? code == x->expect : strcmp(code, x->expect) == 0;
		d->done++;
		d->right += x->right;
	}
	examination_free(done);
}

/* An examiner has one set of options: endpoints with options of their own are examined after the others. */
static bool
same_options(const struct exhibit *a, const struct exhibit *b)
{
	const struct examine_options *x = &a->options.examine, *y = &b->options.examine;
	struct examine_options same = *y;

	same.redirects = x->redirects;
	same.redirects_len = x->redirects_len;
	return x->redirects_len == 0 && y->redirects_len == 0 && memcmp(x, &same, sizeof same) == 0;
}

static status
examine_group(struct demo *d, size_t first, bool *taken, struct error *err)
{
	const struct world *w = world_real();
	struct examine_options how = d->items[first].options.examine;
	struct examiner *examiner = NULL;
	bool cancelled = false;

	how.jobs = d->o->examine.jobs;
	if (examiner_start(&how, w, &examiner, err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t i = first; i < d->len; i++) {
		struct exhibit *x = &d->items[i];
		if (taken[i] || (i != first && !same_options(&d->items[first], x)))
			continue;
		taken[i] = true;
		examiner_add(examiner, &x->settings.targets.items[0], x->settings.identity, x->settings.trust, x);
	}
	while (examiner_left(examiner) > 0) {
		struct pollfd fds[2] = { { .fd = examiner_fd(examiner), .events = POLLIN },
			{ .fd = signals_fd(), .events = POLLIN } };
		struct examination *done = examiner_next(examiner, 0);
		if (done != NULL) {
			take(d, done);
			continue;
		}
		if (signals_seen() != 0 && !cancelled) {
			examiner_cancel(examiner);
			cancelled = true;
		}
		progress_show(d->done, d->len, w->ticks_us(w->self));
		if (poll(fds, cancelled ? 1 : 2, 1000) < 0 && errno != EINTR)
			break;
	}
	progress_clear();
	examiner_free(examiner);
	return STATUS_OK;
}

static void
print_exhibit(struct demo *d, struct exhibit *x)
{
	struct page p = { .out = &d->page, .style = &d->style };
	char name[QUOTE_MAX], story[512];
	struct buf safe = { 0 };

	text_safe(&safe, text_of(x->story), sizeof story - 8);
	page_tinted(&p, TINT_HEAD, quote_str(x->name, name));
	buf_adds(&d->page, "\n  ");
	page_wrap(&p, 2, 2, buf_str(&safe));
	buf_done(&safe);
	page_textf(&p, "  expected: %s; %s\n", x->expect != NULL ? x->expect : "nothing wrong",
	    !x->done ? "not checked" : x->right ? "found" : "NOT FOUND");
	if (!x->done)
		return;
	buf_adds(&d->page, "  ");
	buf_add(&d->page, buf_str(&x->found), x->found.len);
}

static void
print_all(struct demo *d)
{
	struct page p = { .out = &d->page, .style = &d->style };

	for (size_t i = 0; i < d->len; i++)
		print_exhibit(d, &d->items[i]);
	page_textf(&p, "\n%zu endpoints, %zu checked, %zu found as expected, %zu not.\n", d->len, d->done, d->right,
	    d->done - d->right);
	if (d->done == d->len)
		page_text(&p, "Run one yourself: mtlscope lab in one terminal, and in another mtlscope check with what its\n"
			      "table lists.\n");
	output_write(&d->page);
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
	buf_done(&d->page);
	demo_lab_stop(&d->lab);
}

int
demo_run(struct options *o)
{
	struct demo d = { .o = o, .style = output_style(o) };
	struct error err = { .code = ERROR_NONE };
	bool *taken = NULL;
	int result = EXIT_STATUS_DONE;

	if (o->operands_len > 0) {
		complain("demo takes no argument");
		return EXIT_STATUS_USAGE;
	}
	signals_defer(true);
	if (demo_lab_start(&d.lab, o->seed, &err) != STATUS_OK || prepare(&d, &err) != STATUS_OK) {
		result = signals_seen() != 0 ? EXIT_STATUS_SIGNAL + signals_seen() : complain_error(&err);
		goto out;
	}
	taken = mem_zero(d.len, sizeof *taken);
	for (size_t i = 0; i < d.len && signals_seen() == 0; i++) {
		if (!taken[i] && examine_group(&d, i, taken, &err) != STATUS_OK) {
			result = complain_error(&err);
			goto out;
		}
	}
	print_all(&d);
	if (signals_seen() != 0)
		result = EXIT_STATUS_SIGNAL + signals_seen();
	else if (d.right != d.done)
		result = EXIT_STATUS_LOCAL; /* a verdict other than the lab's table is an error of ours */
out:
	signals_defer(false);
	free(taken);
	demo_done(&d);
	return output_status(result);
}
