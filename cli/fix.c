/* mtlscope fix: examine, the plan that mends it, the gate, and another look that says whether it worked. */
#include <stdlib.h>
#include <string.h>

#include "cli/accounts.h"
#include "cli/case_file.h"
#include "cli/commands.h"
#include "cli/cut_off.h"
#include "cli/exit_status.h"
#include "cli/fix_paste.h"
#include "cli/gate.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "cli/signals.h"
#include "fixes/fix.h"
#include "fixes/mended.h"
#include "model/json.h"
#include "model/json_parts.h"
#include "model/page.h"
#include "model/report.h"

struct fixer {
	struct options *o;
	struct settings settings;
	struct report_style style;
	const struct world *world;
	enum code code;               /* of the finding that was named; CODE_NONE: the root cause */
	struct examiner *examiner;
	struct examination *before, *after;
	struct aws_client *client;
	struct fix_wish wish;
	const struct plan *plan;      /* while it is carried out */
	struct arena *arena;
};

/* ---- what was typed ---- */

/* The last word is a finding's code, where it is one. */
static status
read_words(struct fixer *f, struct error *err)
{
	struct options *o = f->o;

	f->code = CODE_NONE;
	if (o->operands_len > 1) {
		f->code = code_named(o->operands[o->operands_len - 1]);
		if (f->code == CODE_NONE)
			return error_set(err, ERROR_USAGE, "options", "fix: %s is no code of a finding; one target at a time: mtlscope fix TARGET [CODE]",
			    printable(o->operands[o->operands_len - 1]));
		o->operands_len--;
	}
	if (o->operands_len == 0)
		return error_set(err, ERROR_USAGE, "options", "fix: which target? mtlscope fix TARGET [CODE]");
	if (o->pca.key_algorithm != NULL && !csr_key_named(o->pca.key_algorithm, &f->wish.kind))
		return error_set(err, ERROR_USAGE, "options", "--key-algorithm %s: expected RSA_2048, RSA_3072, RSA_4096, EC_prime256v1, EC_secp384r1 or EC_secp521r1",
		    printable(o->pca.key_algorithm));
	if (o->pca.key_algorithm != NULL && o->same_key)
		return error_set(err, ERROR_USAGE, "options", "--same-key keeps the key that is there: --key-algorithm has no place beside it");
	return fix_paste_check(o, err) == STATUS_OK ? gate_check(o, err) : STATUS_FAILED;
}

/* The fleet entry: by its name, or by the very address that one of them has. */
static const struct config_entry *
entry_of(const struct config *c, const struct target *t, const char **other)
{
	const struct config_entry *found = NULL;

	*other = NULL;
	if (c == NULL)
		return NULL;
	if (t->name != NULL)
		return config_entry(c, t->name);
	for (size_t i = 0; i < c->fleet_len; i++) {
		const struct target *o = &c->fleet[i].parsed;

		if (o->host == NULL || t->host == NULL || strcmp(o->host, t->host) != 0 || o->port != t->port)
			continue;
		if (found != NULL) {
			*other = c->fleet[i].name; /* two of them: which is meant is not known */
			return NULL;
		}
		found = &c->fleet[i];
	}
	return found;
}

/* ---- AWS ---- */

/* Of the entry, else where our identity is kept; NULL: nothing says. */
static const char *
account_named(const struct fixer *f)
{
	const struct config *c = f->settings.configuration.config;
	const struct identity *us = f->settings.roles != NULL ? f->settings.roles[0].identity : NULL;
	const struct config_identity *id = c != NULL && us != NULL && us->name != NULL ? config_identity(c, us->name) : NULL;

	if (f->wish.entry != NULL && f->wish.entry->renew.aws != NULL)
		return f->wish.entry->renew.aws;
	return id != NULL ? id->aws : NULL;
}

/* The account that is named, else the one that is meant. Where there is none the plan may do without: no_aws says why. */
static void
open_aws(struct fixer *f)
{
	struct aws_client_options *how = NULL;
	struct error err = { .code = ERROR_NONE };
	struct aws_error why = { .kind = AWS_FINE };
	const char *named = account_named(f);
	size_t len = 0, at = 0;

	if (accounts_meant(f->o, f->settings.configuration.config, f->world, &how, &len, &err) != STATUS_OK) {
		f->wish.no_aws = arena_strdup(f->arena, err.text);
		free(how);
		return;
	}
	for (size_t i = 0; i < len && named != NULL; i++) {
		if (how[i].name != NULL && strcmp(how[i].name, named) == 0) {
			at = i;
			len = 1;
		}
	}
	if (len > 1) {
		f->wish.no_aws = "the configuration has several accounts; say which: --aws NAME";
	} else {
		how[at].cancel = signals_cancel();
		if (aws_client_new(&how[at], &f->client, &why) == STATUS_OK) {
			f->wish.place = (struct plan_place){ .client = f->client, .name = how[at].name, .endpoint_url = how[at].endpoint_url };
		} else {
			(void)aws_error_say(&why, "ask AWS", NULL, &err);
			f->wish.no_aws = arena_strdup(f->arena, err.text);
		}
	}
	free(how);
}

/* ---- looking ---- */

static struct examination *
look(struct fixer *f)
{
	const struct role_of *role = &f->settings.roles[0];
	struct examination *x;

	examiner_add(f->examiner, &f->settings.targets.items[0], role->identity, role->trust, NULL);
	while ((x = examiner_wait(f->examiner, signals_fd(), 1000)) == NULL && examiner_left(f->examiner) > 0) {
		if (signals_seen() != 0)
			examiner_cancel(f->examiner);
	}
	return x;
}

/* The files are read again: what is examined now is what was written. */
static struct examination *
look_again(struct fixer *f, struct error *err)
{
	struct examination *x;

	settings_done(&f->settings);
	if (settings_read_configured(f->o, &f->settings, err) != STATUS_OK)
		return NULL;
	x = look(f);
	if (x != NULL && signals_seen() == 0)
		return x;
	examination_free(x);
	(void)error_set(err, ERROR_NOT_DONE, "fix", "interrupted before it was seen whether it worked: mtlscope check looks");
	return NULL;
}

/* ---- what is said ---- */

static void
say_verdict(const struct fixer *f, const char *label, const struct examination *x, struct buf *out)
{
	struct page page = { .out = out, .style = &f->style };

	page_text(&page, label);
	report_line(x->diagnosis, &f->style, out);
}

static enum mended
effect(const struct fixer *f, const struct plan *p)
{
	return mended_of(f->before->diagnosis, f->after->diagnosis, f->wish.finding->code, p->reached);
}

static void
say_result(const struct fixer *f, const struct plan *p, struct buf *out)
{
	struct page page = { .out = out, .style = &f->style };
	const char *code = code_info(f->wish.finding->code)->name;
	const struct finding *left = f->after->diagnosis->root;
	enum mended m = effect(f, p);

	buf_addc(out, '\n');
	say_verdict(f, "before  ", f->before, out);
	say_verdict(f, "now     ", f->after, out);
	page_textf(&page, "%s", mended_words(m));
	if (m == MENDED_HERE)
		page_textf(&page, ": what was mended from %s is right; whether the running service reads it is not known", f->wish.host);
	else if (m == MENDED_NOT)
		page_textf(&page, ": %s is still found; mtlscope undo %lld brings back what was before", code, (long long)p->id);
	else if (m == MENDED_UNSEEN)
		page_textf(&page, ": the endpoint cannot be reached now; mtlscope undo %lld brings back what was before", (long long)p->id);
	else if (m == MENDED_NEXT)
		page_textf(&page, ": %s is gone, %s is new; mtlscope undo %lld brings back what was before", code, left != NULL ? code_info(left->code)->name : "an error", (long long)p->id);
	/* Another fault that was there all along is not to be read as this one's. */
	if ((m == MENDED || m == MENDED_HERE) && f->after->diagnosis->verdict == VERDICT_ERROR && left != NULL)
		page_textf(&page, "%s %s is gone; %s is left, as it was before", m == MENDED ? ":" : ".", code, code_info(left->code)->name);
	buf_addc(out, '\n');
}

static void
add_verdicts(void *user, cJSON *to)
{
	struct fixer *f = user;
	struct error err = { .code = ERROR_NONE };

	if (f->after == NULL && signals_seen() == 0)
		f->after = look_again(f, &err);
	if (error_is_set(&err))
		complain("%s", err.text);
	cJSON_AddStringToObject(to, "before", verdict_name(f->before->diagnosis->verdict));
	if (f->after != NULL)
		cJSON_AddStringToObject(to, "now", verdict_name(f->after->diagnosis->verdict));
	else
		cJSON_AddNullToObject(to, "now");
	/* Of a plan that stopped nothing is claimed. */
	if (f->after != NULL && f->plan->state == PLAN_DONE)
		cJSON_AddStringToObject(to, "result", mended_name(effect(f, f->plan)));
	else
		cJSON_AddNullToObject(to, "result");
}

static int
nothing_to_do(const struct fixer *f)
{
	struct buf out = { 0 };

	if (f->o->json) {
		cJSON *o = cJSON_CreateObject();
		cJSON_AddStringToObject(o, "schema", "mtlscope.fix/1");
		cJSON_AddStringToObject(o, "before", verdict_name(f->before->diagnosis->verdict));
		cJSON_AddNullToObject(o, "plan");
		json_print(o, &out);
	} else {
		say_verdict(f, "", f->before, &out);
		buf_adds(&out, "Nothing needs mending.\n");
	}
	output_write(&out);
	buf_done(&out);
	return output_status(EXIT_STATUS_DONE);
}

/* No plan from here: what its owner is to do. The status is the finding's class. */
static int
by_hand(const struct fixer *f, const char *words)
{
	struct page page = { .style = &f->style };
	struct buf out = { 0 };

	page.out = &out;
	if (f->o->json) {
		cJSON *o = cJSON_CreateObject();
		cJSON_AddStringToObject(o, "schema", "mtlscope.fix/1");
		cJSON_AddStringToObject(o, "before", verdict_name(f->before->diagnosis->verdict));
		cJSON_AddNullToObject(o, "plan");
		cJSON_AddStringToObject(o, "by_hand", words); /* lines stay lines: settings are there to be copied */
		json_print(o, &out);
	} else {
		say_verdict(f, "", f->before, &out);
		page_text(&page, "No plan from here: ");
		if (strchr(words, '\n') != NULL)
			page_textf(&page, "\n%s\n", words);
		else
			page_wrap(&page, 19, 2, words);
	}
	output_write(&out);
	buf_done(&out);
	return output_status((int)code_info(f->wish.finding->code)->class);
}

/* ---- the whole ---- */

static int
carry_out(struct fixer *f, struct plan *p)
{
	struct gate g = { .o = f->o, .style = &f->style, .world = f->world };
	struct error err = { .code = ERROR_NONE };
	struct buf out = { 0 };
	cJSON *json = NULL;
	bool applied;
	int result;

	if (f->o->json) {
		json = cJSON_CreateObject();
		cJSON_AddStringToObject(json, "schema", "mtlscope.fix/1");
	} else {
		say_verdict(f, "", f->before, &out);
		buf_addc(&out, '\n');
		gate_print(&out);
	}
	f->plan = p;
	result = gate_carry_out(&g, p, json, add_verdicts, f, &applied);
	if (applied && f->after == NULL && !f->o->json)
		f->after = look_again(f, &err);
	if (applied && f->after == NULL)
		result = signals_seen() != 0 ? EXIT_STATUS_SIGNAL + signals_seen() : error_is_set(&err) ? complain_error(&err) : EXIT_STATUS_NOT_DONE;
	if (applied && f->after != NULL) {
		result = exit_status_of(f->after->diagnosis, f->o->fail_on);
		if (!f->o->json) {
			say_result(f, p, &out);
			gate_print(&out);
		}
	}
	buf_done(&out);
	return output_status(result);
}

static int
mend(struct fixer *f)
{
	struct error err = { .code = ERROR_NONE };
	enum fix_outcome outcome;
	struct plan *p = NULL;
	const char *words;
	int result;

	f->wish.diagnosis = f->before->diagnosis;
	f->wish.finding = f->code != CODE_NONE ? diagnosis_find(f->before->diagnosis, f->code) : f->before->diagnosis->root;
	if (f->code != CODE_NONE && f->wish.finding == NULL) {
		complain("%s is not found at %s: mtlscope check lists what is", code_info(f->code)->name, printable(f->o->operands[0]));
		return EXIT_STATUS_USAGE;
	}
	f->wish.host = f->before->evidence->seen_from != NULL ? f->before->evidence->seen_from : "this machine";
	open_aws(f);
	if (f->o->paste != NULL)
		return fix_paste_print(f->o, &f->wish);
	if (fix_plan(&f->wish, f->arena, &outcome, &p, &words, &err) != STATUS_OK)
		return signals_seen() != 0 ? EXIT_STATUS_SIGNAL + signals_seen() : complain_error(&err);
	if (outcome == FIX_NOTHING)
		return nothing_to_do(f);
	if (outcome == FIX_BY_HAND)
		return by_hand(f, words);
	result = carry_out(f, p);
	plan_free(p);
	return result;
}

static int
run(struct fixer *f, struct error *err)
{
	struct options *o = f->o;

	if (settings_read_configured(o, &f->settings, err) != STATUS_OK)
		return complain_error(err);
	cut_off_tell(&f->settings);
	f->wish.entry = entry_of(f->settings.configuration.config, &f->settings.targets.items[0], &f->wish.several);
	f->wish.config = f->settings.configuration.config;
	f->wish.target = o->operands[0];
	f->wish.ca = o->pca.ca;
	f->wish.days = o->pca.days;
	f->wish.kind_given = o->pca.key_algorithm != NULL;
	f->wish.same_key = o->same_key;
	f->wish.direct = o->redirects_len == 0 && o->examine.proxy == NULL && o->unix_socket == NULL;
	f->wish.redirected = !f->wish.direct;
	f->wish.add_trust = o->add_trust;
	f->wish.trust_store = o->trust_store;
	f->wish.domain = o->domain;
	f->wish.listener = o->listener;
	f->wish.bucket = o->pca.bucket;
	f->wish.now = f->world->now_ms(f->world->self) / 1000;
	signals_defer(true);
	if (examiner_start(&o->examine, f->world, &f->examiner, err) != STATUS_OK)
		return complain_error(err);
	f->before = look(f);
	if (signals_seen() != 0 || f->before == NULL)
		return EXIT_STATUS_SIGNAL + signals_seen();
	return mend(f);
}

int
fix_run(struct options *o)
{
	struct fixer f = { .o = o, .arena = arena_new(), .world = world_real() };
	struct error err = { .code = ERROR_NONE };
	int result;

	f.style = output_style(o);
	result = read_words(&f, &err) != STATUS_OK ? complain_error(&err) : run(&f, &err);
	signals_defer(false);
	examination_free(f.before);
	examination_free(f.after);
	examiner_free(f.examiner);
	aws_client_free(f.client);
	settings_done(&f.settings);
	arena_free(f.arena);
	return result;
}
