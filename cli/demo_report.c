/* The demo without a terminal: every endpoint checked, and its story told. Fresh machines see that all of it works. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "cli/demo.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "model/page.h"
#include "model/quote.h"
#include "model/report.h"

/* The page, while it is made. */
struct telling {
	struct demo *demo;
	struct report_style style;
	struct buf page;
};

static void
take(struct telling *t, struct examination *done)
{
	struct demo *d = t->demo;
	struct exhibit *x = done->user;
	const struct finding *root = done->diagnosis->root;
	const char *code = root != NULL ? code_info(root->code)->name : NULL;

	if (!done->cancelled) {
		report_line(done->diagnosis, &t->style, &x->found);
		x->done = true;
		x->right = code == NULL || x->expect == NULL ? code == x->expect : strcmp(code, x->expect) == 0;
		d->done++;
		d->right += x->right;
	}
	examination_free(done);
}

/* All of them; those with options of their own in a mode of their own. */
static status
queue(struct demo *d, struct examiner *examiner, struct error *err)
{
	for (size_t i = 0; i < d->len; i++) {
		struct exhibit *x = &d->items[i];
		const struct examine_mode *mode = NULL;
		if (x->differs && examiner_mode(examiner, &x->options.examine, &mode, err) != STATUS_OK)
			return STATUS_FAILED;
		examiner_add_as(examiner, mode, &x->settings.targets.items[0], x->settings.roles[0].identity, x->settings.roles[0].trust, x);
	}
	return STATUS_OK;
}

static status
examine(struct telling *t, struct error *err)
{
	struct demo *d = t->demo;
	const struct world *w = d->world;
	struct examine_options how = examine_defaults;
	struct examiner *examiner = NULL;
	bool cancelled = false;

	how.jobs = d->o->examine.jobs != 0 ? d->o->examine.jobs : DEMO_JOBS;
	how.paced = d->o->still;
	if (examiner_start(&how, w, &examiner, err) != STATUS_OK || queue(d, examiner, err) != STATUS_OK) {
		examiner_free(examiner);
		return STATUS_FAILED;
	}
	while (examiner_left(examiner) > 0) {
		struct pollfd fds[2] = { { .fd = examiner_fd(examiner), .events = POLLIN },
			{ .fd = signals_fd(), .events = POLLIN } };
		struct examination *done = examiner_next(examiner, 0);
		if (done != NULL) {
			take(t, done);
			continue;
		}
		if (signals_seen() != 0 && !cancelled) {
			examiner_cancel(examiner);
			cancelled = true;
			continue; /* what only waited is dropped: it may be over with this */
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
print_exhibit(struct telling *t, struct exhibit *x)
{
	struct page p = { .out = &t->page, .style = &t->style };
	char name[QUOTE_MAX], story[512];
	struct buf safe = { 0 };

	text_safe(&safe, text_of(x->story), sizeof story - 8);
	page_tinted(&p, TINT_HEAD, quote_str(x->name, name));
	buf_adds(&t->page, "\n  ");
	page_wrap(&p, 2, 2, buf_str(&safe));
	buf_done(&safe);
	page_textf(&p, "  expected: %s; %s\n", x->expect != NULL ? x->expect : "nothing wrong",
	    !x->done ? "not checked" : x->right ? "found" : "NOT FOUND");
	if (!x->done)
		return;
	buf_adds(&t->page, "  ");
	buf_add(&t->page, buf_str(&x->found), x->found.len);
}

static void
print_all(struct telling *t)
{
	const struct demo *d = t->demo;
	struct page p = { .out = &t->page, .style = &t->style };

	for (size_t i = 0; i < d->len; i++)
		print_exhibit(t, &d->items[i]);
	page_textf(&p, "\n%zu endpoints, %zu checked, %zu found as expected, %zu not.\n", d->len, d->done, d->right,
	    d->done - d->right);
	if (d->done == d->len)
		page_text(&p, "Run one yourself: mtlscope lab in one terminal, and in another mtlscope check with what its\n"
			      "table lists.\n");
	output_write(&t->page);
}

int
demo_report(struct demo *d)
{
	struct telling t = { .demo = d, .style = output_style(d->o) };
	struct error err = { .code = ERROR_NONE };

	if (examine(&t, &err) != STATUS_OK)
		return complain_error(&err);
	print_all(&t);
	buf_done(&t.page);
	if (signals_seen() != 0)
		return EXIT_STATUS_SIGNAL + signals_seen();
	/* A verdict other than the lab's table is an error of ours. */
	return d->right != d->done ? EXIT_STATUS_LOCAL : EXIT_STATUS_DONE;
}
