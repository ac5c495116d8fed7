/* The inventory is brought up to date with AWS beside the screen: one at a time, with its progress, and an end to it. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/text.h"
#include "probes/inventory_sync.h"
#include "tui/accounts.h"
#include "tui/body.h"
#include "tui/console_parts.h"

enum { LINE_BYTES = 160, PROBLEMS_SHOWN = 8 };

/* The worker's. The console sees `line` under the lock, and nothing else before it is done. */
struct sync_job {
	pthread_mutex_t lock;
	char line[LINE_BYTES];
	atomic_ulong news;        /* goes up with each CA that is done: the inventory has something new */
	size_t at;                /* the worker's own: which one that was */
	atomic_bool cancel;
	struct waker *waker;
	struct accounts accounts;
	char *only_ca;
	bool ask;
	/* The answer. */
	struct arena *arena;
	struct sync_result result;
	struct error err;
};

/* ---- on the worker ---- */

static const char *
part_of(int64_t done, int64_t of, char *out, size_t size)
{
	out[0] = '\0';
	if (of > 0)
		snprintf(out, size, " %d %%", (int)(done * 100 / of));
	return out;
}

static void
tell(void *user, const struct sync_progress *p)
{
	struct sync_job *j = user;
	struct buf line = { 0 };
	char records[32], part[16];

	if (p->accounts > 1)
		buf_addf(&line, "account %zu of %zu: ", p->account + 1, p->accounts);
	buf_adds(&line, p->what);
	if (p->ca != NULL) {
		buf_adds(&line, " of “");
		text_safe(&line, text_of(p->ca), 40);
		buf_adds(&line, "”");
	}
	if (p->records > 0)
		buf_addf(&line, ", %s", count_text(p->records, records, sizeof records));
	if (p->step == SYNC_READING)
		buf_adds(&line, part_of(p->done, p->of, part, sizeof part));
	if (p->index != j->at || p->step == SYNC_SETTLING) {
		j->at = p->index;
		atomic_fetch_add(&j->news, 1);
	}
	pthread_mutex_lock(&j->lock);
	snprintf(j->line, sizeof j->line, "%s …", buf_str(&line));
	pthread_mutex_unlock(&j->lock);
	buf_done(&line);
	waker_wake(j->waker);
}

static void
run(void *job)
{
	struct sync_job *j = job;
	struct inventory *i = NULL;
	struct sync_account *accounts = mem_zero(j->accounts.len + 1, sizeof *accounts);
	struct sync_options o = { .accounts = accounts, .only_ca = j->only_ca, .ask = j->ask, .world = j->accounts.world, .cancel = &j->cancel,
		.tell = tell, .user = j };

	/* An account that cannot be asked does not keep the others from it; what is wrong is said where it is the only one. */
	for (size_t n = 0; n < j->accounts.len; n++) {
		struct error why = { .code = ERROR_NONE };
		struct aws_client *c = accounts_client(&j->accounts, n, &why);

		if (c != NULL)
			accounts[o.len++] = (struct sync_account){ .client = c, .name = j->accounts.items[n].name, .bucket = j->accounts.bucket };
		else if (j->accounts.len == 1 || n + 1 == j->accounts.len)
			(void)error_set(&j->err, why.code, why.stage, "%s", why.text);
	}
	if (o.len > 0) {
		error_clear(&j->err);
		if (inventory_open(j->accounts.inventory, j->accounts.world, &i, &j->err) == STATUS_OK &&
		    inventory_sync(i, &o, j->arena, &j->result, &j->err) != STATUS_OK)
			j->result.len = 0;
	}
	inventory_close(i);
	for (size_t n = 0; n < o.len; n++)
		aws_client_free(accounts[n].client);
	free(accounts);
}

/* ---- on the console's thread ---- */

static void
job_free(void *job)
{
	struct sync_job *j = job;

	pthread_mutex_destroy(&j->lock);
	waker_free(j->waker);
	accounts_done(&j->accounts);
	arena_free(j->arena);
	free(j->only_ca);
	free(j);
}

/* What went wrong is kept among the messages, each by itself; the last line said is the sum. */
static size_t
say_problems(struct console *k, const struct sync_job *j)
{
	size_t problems = j->result.problems_len;

	for (size_t i = 0; i < j->result.problems_len && i < PROBLEMS_SHOWN; i++)
		console_say(k, ROLE_FAIL, "%s", j->result.problems[i]);
	for (size_t i = 0; i < j->result.len; i++) {
		const struct sync_ca *ca = &j->result.cas[i];

		if (ca->problem != NULL && problems < PROBLEMS_SHOWN)
			console_say(k, ROLE_FAIL, "%s: %s", ca->name, ca->problem);
		else if (ca->note != NULL && j->result.len <= PROBLEMS_SHOWN)
			console_say(k, ROLE_NOTE, "%s: %s", ca->name, ca->note);
		problems += ca->problem != NULL;
	}
	return problems;
}

static void
say_sum(struct console *k, const struct sync_job *j, size_t problems)
{
	size_t reports = 0, added = 0, changed = 0;
	char a[32], c[32];

	for (size_t i = 0; i < j->result.len; i++) {
		reports += j->result.cas[i].read;
		added += j->result.cas[i].added;
		changed += j->result.cas[i].changed;
	}
	console_say(k, problems > 0 ? ROLE_WARN : ROLE_OK, "%s%zu CA%s, %zu new report%s: %s certificates added, %s changed%s",
	    j->result.cancelled ? "stopped: " : "", j->result.len, j->result.len == 1 ? "" : "s", reports, reports == 1 ? "" : "s",
	    count_text(added, a, sizeof a), count_text(changed, c, sizeof c), problems > 0 ? "; m tells what failed" : "");
}

static size_t
keep_seen(struct console *k, struct entry *const *entries, size_t len)
{
	seen_keep(k, entries, len);
	return len;
}

static void
done(struct console *k, void *job)
{
	struct sync_job *j = job;

	k->sync = NULL;
	k->syncs += atomic_load(&j->news) + 1;
	if (error_is_set(&j->err))
		snprintf(k->sync_problem, sizeof k->sync_problem, "%s", j->err.text);
	else if (j->result.problems_len > 0)
		snprintf(k->sync_problem, sizeof k->sync_problem, "%s", j->result.problems[0]);
	if (error_is_set(&j->err))
		console_say(k, ROLE_FAIL, "%s", j->err.text);
	else
		say_sum(k, j, say_problems(k, j));
	job_free(j);
	/* What was seen before there was an inventory. */
	for_everything(k, keep_seen);
	console_urgent(k);
}

static void
start(struct console *k, const char *only_ca, bool ask)
{
	struct sync_job *j;

	if (k->setup.aws_len == 0) {
		console_say(k, ROLE_WARN, "no account of AWS is configured for this session");
		return;
	}
	if (k->sync != NULL) {
		console_say(k, ROLE_DIM, "it is being brought up to date already");
		return;
	}
	j = mem_zero(1, sizeof *j);
	pthread_mutex_init(&j->lock, NULL);
	snprintf(j->line, sizeof j->line, "asking AWS …");
	j->waker = console_waker(k);
	j->only_ca = only_ca != NULL ? mem_strdup(only_ca) : NULL;
	j->ask = ask;
	j->arena = arena_new();
	accounts_copy(&j->accounts, k, &j->cancel);
	k->sync = j;
	k->sync_problem[0] = '\0';
	k->sync_begun = true;
	if (!console_work(k, run, done, job_free, j))
		k->sync = NULL;
	console_changed(k);
}

void
console_sync(struct console *k)
{
	/* The lab's AWS is ours: reports are asked for, so that there is something to see. */
	start(k, NULL, console_practice_lab(k));
}

void
console_sync_once(struct console *k)
{
	if (!k->sync_begun)
		console_sync(k);
}

void
console_sync_report(struct console *k, const char *ca)
{
	start(k, ca, true);
}

void
console_sync_stop(struct console *k)
{
	if (k->sync != NULL)
		atomic_store(&k->sync->cancel, true);
}

bool
console_syncing(const struct console *k)
{
	return k->sync != NULL;
}

const char *
console_sync_problem(const struct console *k)
{
	return k->sync_problem[0] != '\0' ? k->sync_problem : NULL;
}

unsigned long
console_syncs(const struct console *k)
{
	return k->syncs + (k->sync != NULL ? atomic_load(&k->sync->news) : 0);
}

bool
console_sync_line(struct console *k, char *out, size_t size)
{
	if (k->sync == NULL)
		return false;
	pthread_mutex_lock(&k->sync->lock);
	snprintf(out, size, "%s", k->sync->line);
	pthread_mutex_unlock(&k->sync->lock);
	return true;
}
