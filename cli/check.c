/* mtlscope check: one target gives a report; many give a line each as they finish, then the causes. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "cli/case_file.h"
#include "cli/commands.h"
#include "cli/cut_off.h"
#include "cli/exit_status.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "cli/signals.h"
#include "model/json.h"
#include "model/limits.h"
#include "model/report.h"
#include "model/sightings.h"

struct check {
	struct options *o;
	const struct settings *settings;
	struct report_style style;
	struct examiner *examiner;
	struct causes *causes; /* NULL: one target, or JSON */
	struct buf page;
	size_t done, cut_short;
	int sum; /* exit status so far */
	bool has_inventory; /* what is seen goes into it */
	struct sightings seen;
	int not_saved; /* exit status where --save failed, or 0 */
};

/* Prints one finished examination. False where nobody listens any more. */
static bool
print_one(struct check *c, const struct examination *x)
{
	struct buf command = { 0 };

	if (c->o->json) {
		json_check(x->diagnosis, &c->page);
	} else if (c->causes != NULL) {
		report_line(x->diagnosis, &c->style, &c->page);
		causes_add(c->causes, x->diagnosis);
	} else {
		settings_command(c->o, &c->settings->targets.items[x->index], &command);
		c->style.command = buf_str(&command);
		report_one(x->diagnosis, &c->style, &c->page);
		c->style.command = NULL;
	}
	buf_done(&command);
	return output_write(&c->page);
}

enum { SEEN_AT_ONCE = 1024 /* written in one go: memory stays bounded, however many targets there are */ };

/* The inventory is no part of a check: what is wrong with it is said by those who look into it. */
static void
write_seen(struct check *c)
{
	struct error err = { .code = ERROR_NONE };

	if (sightings_write(&c->seen, NULL, world_real(), &err) != STATUS_OK)
		c->has_inventory = false;
	sightings_done(&c->seen);
}

static void
keep_seen(struct check *c, const struct examination *x)
{
	const struct target *t = &c->settings->targets.items[x->index];
	char label[LIMIT_HOST + 64];

	sightings_add(&c->seen, x->evidence, t->name != NULL ? t->name : target_label(t, label, sizeof label), x->evidence->started_ms / 1000);
	if (c->seen.len >= SEEN_AT_ONCE)
		write_seen(c);
}

static bool
take(struct check *c, struct examination *x)
{
	bool go_on = true;

	/*
	 * What a signal cut short has no verdict: where many are checked it is only counted, in JSON too.
	 * A single target shows what was seen of it.
	 */
	if (x->cancelled)
		c->cut_short++;
	else
		exit_status_add(&c->sum, exit_status_of(x->diagnosis, c->o->fail_on));
	if (!x->cancelled || (c->causes == NULL && c->settings->targets.len == 1))
		go_on = print_one(c, x);
	c->done++;
	if (c->o->save != NULL)
		c->not_saved = case_file_save(c->o, &c->settings->targets.items[x->index], x->evidence);
	if (!x->cancelled && c->has_inventory)
		keep_seen(c, x);
	examination_free(x);
	return go_on;
}

static void
collect(struct check *c)
{
	const struct world *w = world_real();
	bool go_on = true, cancelled = false;

	while (go_on && examiner_left(c->examiner) > 0) {
		if (signals_seen() != 0 && !cancelled) {
			examiner_cancel(c->examiner);
			cancelled = true;
		}
		struct examination *x = c->causes != NULL ? examiner_next(c->examiner, 0) : NULL;
		if (x == NULL) {
			if (c->causes != NULL)
				progress_show(c->done, c->settings->targets.len, w->ticks_us(w->self));
			x = examiner_wait(c->examiner, signals_fd(), 1000);
		}
		if (x != NULL)
			go_on = take(c, x);
	}
	progress_clear();
}

static void
say_the_end(struct check *c)
{
	int signal = signals_seen();

	if (c->causes != NULL) {
		causes_report(c->causes, &c->style, &c->page);
		output_write(&c->page);
	}
	if (signal != 0)
		complain("stopped by a signal: %zu of %zu targets were checked to the end", c->done - c->cut_short,
		    c->settings->targets.len);
}

int
check_targets(struct options *o, struct settings *settings)
{
	struct check c = { .o = o, .settings = settings };
	struct error err = { .code = ERROR_NONE };
	int result;

	result = case_file_refused(o, settings);
	if (result != EXIT_STATUS_DONE)
		return result;
	settings_key_log(o);
	c.style = output_style(o);
	cut_off_tell(settings);
	if (!o->json && (settings->targets.len > 1 || o->targets_files_len > 0))
		c.causes = causes_new();
	signals_defer(true);
	if (examiner_start(&o->examine, world_real(), &c.examiner, &err) != STATUS_OK) {
		result = complain_error(&err);
		goto out;
	}
	examiner_many(c.examiner, settings->targets.len > 1);
	for (size_t i = 0; i < settings->targets.len; i++) {
		examiner_other(c.examiner, settings->roles[i].other);
		examiner_add(c.examiner, &settings->targets.items[i], settings->roles[i].identity,
		    settings->roles[i].trust, NULL);
	}
	c.has_inventory = inventory_exists(NULL, world_real());
	collect(&c);
	write_seen(&c);
	say_the_end(&c);
	result = signals_seen() != 0 ? EXIT_STATUS_SIGNAL + signals_seen() : c.sum;
	if (c.not_saved != EXIT_STATUS_DONE && signals_seen() == 0)
		result = c.not_saved;
	if (examiner_keylog_error(c.examiner) != 0) {
		complain("%s: the key log is not complete: %s", printable(o->examine.keylog_file),
		    strerror(examiner_keylog_error(c.examiner)));
		result = signals_seen() != 0 ? result : EXIT_STATUS_LOCAL;
	}
out:
	signals_defer(false);
	examiner_free(c.examiner);
	causes_free(c.causes);
	buf_done(&c.page);
	return output_status(result);
}

static int
nothing_to_check(const struct settings *s)
{
	const char *path = s->configuration.path;

	if (path == NULL)
		complain("no target: mtlscope check HOST:PORT");
	else
		complain("no target, and no fleet in %s: mtlscope check HOST:PORT, or mtlscope fleet add HOST:PORT --identity NAME",
		    printable(path));
	return EXIT_STATUS_USAGE;
}

int
check_run(struct options *o)
{
	struct settings settings;
	struct error err = { .code = ERROR_NONE };
	int result;

	if (case_file_among(o, false, &result))
		return result;
	if (settings_read_configured(o, &settings, &err) != STATUS_OK)
		result = complain_error(&err);
	else if (settings.targets.len == 0)
		result = nothing_to_check(&settings);
	else
		result = check_targets(o, &settings);
	settings_done(&settings);
	return result;
}
