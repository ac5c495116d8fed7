/*
 * A plan for an endpoint, made on a worker. The endpoint is examined anew first: what the screen shows may be hours old, and
 * belongs to the screen's thread.
 */
#include <string.h>

#include "aws/arn.h"
#include "fixes/deed.h"
#include "fixes/fix.h"
#include "model/memory.h"
#include "model/text.h"
#include "tui/fresh_files.h"
#include "tui/plan_job.h"

enum { SLICE_MS = 100 /* so often it is looked whether anybody still waits */ };

/* ---- looking ---- */

static status
examine(const struct plan_asked *w, const struct fresh_files *files, struct examination **out, struct error *err)
{
	const struct identity *id = files->identity != NULL ? files->identity : w->identity;
	const struct trust *trust = files->trust != NULL ? files->trust : w->trust;
	struct examine_options how = *w->examine;
	struct examiner *x;

	how.jobs = how.loops = 1;
	how.paced = false;
	if (examiner_start(&how, w->world, &x, err) != STATUS_OK)
		return STATUS_FAILED;
	/* Its descriptor asked for: then it runs on a thread of its own, and can be left. */
	(void)examiner_fd(x);
	examiner_add(x, w->target, id, trust, NULL);
	do {
		if (atomic_load(w->cancel))
			examiner_cancel(x);
		*out = examiner_next(x, SLICE_MS);
	} while (*out == NULL && !atomic_load(w->cancel));
	examiner_free(x);
	if (*out != NULL && !(*out)->cancelled)
		return STATUS_OK;
	examination_free(*out);
	*out = NULL;
	return error_set(err, ERROR_NOT_DONE, "plan", "it was left");
}

/* ---- one account after the other, until one has what is needed ---- */

/* The number of the account stands in the ARN of the CA that the plan asks. */
static void
note_account(struct plan *p)
{
	for (size_t i = 0; i < p->len && p->place.client != NULL && p->place.account == NULL; i++) {
		const char *ca = p->steps[i].deed != NULL ? step_arg(&p->steps[i], "ca") : NULL;
		struct arn arn;

		if (ca != NULL && arn_parse(ca, &arn))
			p->place.account = text_safe_arena(p->arena, text_of(arn.account), 16, NULL);
	}
}

struct trial {
	const struct plan_asked *asked;
	struct fix_wish *wish;
	struct plan *plan;
	const char *words;
	struct error err;          /* of the last one that could not be asked */
};

static bool
try_with(struct trial *t, struct aws_client *client, const char *name, const char *endpoint_url)
{
	enum fix_outcome outcome = FIX_NOTHING;
	const char *words = NULL;

	t->wish->place = (struct plan_place){ .client = client, .name = name, .endpoint_url = endpoint_url };
	if (fix_plan(t->wish, t->asked->arena, &outcome, &t->plan, &words, &t->err) != STATUS_OK)
		return false;
	if (t->words == NULL && outcome != FIX_PLAN)
		t->words = words != NULL ? words : "nothing here needs mending";
	if (t->plan != NULL)
		note_account(t->plan);
	return t->plan != NULL;
}

/* Of the entry, else where our identity is kept; NULL: nothing says. */
static const char *
account_named(const struct trial *t)
{
	const struct identity *us = t->asked->identity;
	const struct config_identity *id = t->wish->config != NULL && us != NULL && us->name != NULL ? config_identity(t->wish->config, us->name) : NULL;

	if (t->wish->entry != NULL && t->wish->entry->renew.aws != NULL)
		return t->wish->entry->renew.aws;
	return id != NULL ? id->aws : NULL;
}

/* What needs no AWS is made without it; else the accounts of the session are asked in turn. The plan keeps its client. */
static void
try_all(struct trial *t, struct aws_client **client)
{
	const struct accounts *accounts = t->asked->accounts;
	const char *only = account_named(t);
	bool done = false;

	for (size_t i = 0; i < accounts->len && !done; i++) {
		if (only != NULL && accounts->len > 1 && (accounts->items[i].name == NULL || strcmp(accounts->items[i].name, only) != 0))
			continue;
		*client = accounts_client(accounts, i, &t->err);
		if (*client == NULL)
			continue;
		done = try_with(t, *client, accounts->items[i].name, accounts->items[i].endpoint_url);
		if (!done) {
			aws_client_free(*client);
			*client = NULL;
		}
	}
	if (done)
		return;
	t->wish->no_aws = error_is_set(&t->err) ? arena_strdup(t->asked->arena, t->err.text) : "no account of AWS is configured for this session";
	(void)try_with(t, NULL, NULL, NULL);
}

/* ---- the whole ---- */

/* The fleet entry: by its name, or by the very address that one of them has. */
static const struct config_entry *
entry_of(const struct config *c, const struct plan_asked *w, const char **several)
{
	const struct config_entry *found = c != NULL ? config_entry(c, w->name) : NULL;
	bool named = found != NULL;

	for (size_t i = 0; c != NULL && !named && i < c->fleet_len; i++) {
		const struct target *o = &c->fleet[i].parsed;

		if (o->host == NULL || w->target->host == NULL || strcmp(o->host, w->target->host) != 0 || o->port != w->target->port)
			continue;
		if (found != NULL) {
			*several = c->fleet[i].name; /* two of them: which is meant is not known */
			return NULL;
		}
		found = &c->fleet[i];
	}
	return found;
}

static status
plan_for(const struct plan_asked *w, const struct examination *x, const struct config *c, struct plan **out, struct aws_client **client,
    const char **words, struct error *err)
{
	const struct diagnosis *d = x->diagnosis;
	const struct finding *f = w->code != CODE_NONE ? diagnosis_find(d, w->code) : d->root;
	struct fix_wish wish = {
		.diagnosis = d,
		.finding = f,
		.target = w->name,
		.config = c,
		.direct = w->examine->redirects_len == 0 && w->examine->proxy == NULL && w->target->unix_path == NULL,
		.host = x->evidence->seen_from != NULL ? x->evidence->seen_from : "this machine",
		.now = w->examine->at_set ? w->examine->at : w->world->now_ms(w->world->self) / 1000,
	};
	wish.entry = entry_of(c, w, &wish.several);
	struct trial t = { .asked = w, .wish = &wish };

	if (f == NULL) {
		*words = w->code != CODE_NONE ? arena_printf(w->arena, "%s is not there any more: it was looked at again just now", code_info(w->code)->name) :
		    "nothing is wrong any more: it was looked at again just now";
		return STATUS_OK;
	}
	try_all(&t, client);
	*out = t.plan;
	*words = t.words;
	if (t.plan == NULL && t.words == NULL)
		return error_set(err, t.err.code, t.err.stage, "%s", t.err.text);
	return STATUS_OK;
}

static status
make(void *user, const struct plan_asked *w, struct plan **out, const char **words, struct error *err)
{
	struct fresh_files files;
	struct examination *x = NULL;
	struct config *c = NULL;
	status result = STATUS_OK;

	(void)user;
	*out = NULL;
	fresh_files_of(&files, w->identity, w->trust);
	fresh_files_read(&files, w->accounts, w->config_path);
	if (w->config_path != NULL)
		result = config_read(w->config_path, w->world, &c, err);
	if (result == STATUS_OK)
		result = examine(w, &files, &x, err);
	if (result == STATUS_OK)
		result = plan_for(w, x, c, out, w->client, words, err);
	examination_free(x);
	config_free(c);
	fresh_files_done(&files);
	return result;
}

const struct plan_maker plan_maker_fixes = { .make = make };
