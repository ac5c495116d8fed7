#include "fixes/install.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixes/deed_target.h"
#include "fixes/deeds.h"
#include "fixes/install_files.h"
#include "fixes/install_parts.h"
#include "model/quote.h"
#include "model/text.h"

enum { HOST_MOST = 256, SECONDS_RELOADED = 20, SECONDS_NOT = 3 };

/* ---- what they share ---- */

status
install_account(const struct installing *i, const char *aws, const char *thing, struct error *err)
{
	const char *at = i->plan->place.name;

	if (i->plan->place.client == NULL)
		return error_set(err, ERROR_USAGE, "installing", "%s is in AWS, and no account is at hand: name one with --profile, or in the configuration under aws", thing);
	if (aws != NULL && at != NULL && strcmp(aws, at) != 0)
		return error_set(err, ERROR_USAGE, "installing", "%s is in the account %s, and this plan works in %s: issue there, or copy it by hand", thing, plan_shown(i->plan, aws),
		    plan_shown(i->plan, at));
	return STATUS_OK;
}

void
install_reaches(struct installing *i, const char *place, const char *reads)
{
	i->places = true;
	if (reads != NULL)
		plan_reaches(i->plan, "%s: %s", place, reads);
	else
		plan_reaches(i->plan, "%s. UNKNOWN: whether the running service reads it; this mends what is there, no more", place);
	if (reads == NULL)
		i->plan->reached = REACH_UNKNOWN;
	else if (i->plan->reached == REACH_NONE)
		i->plan->reached = REACH_TOLD;
}

/* “ledger” reads it (install, in config.yaml) */
static const char *
install_reader(struct installing *i, const char *key)
{
	const char *name = i->w->entry->name != NULL ? i->w->entry->name : i->w->entry->target;

	if (i->w->config_file == NULL)
		return plan_text(i->plan, "“%s” reads it (%s)", plan_shown(i->plan, name), key);
	return plan_text(i->plan, "“%s” reads it (%s, in %s)", plan_shown(i->plan, name), key, i->w->config_file);
}

/* What each part is by hand: jq's variable, and the file that is read into it. */
static const struct {
	enum stored_part part;
	const char *variable, *file;
} edits[] = {
	{ STORED_CERT, "cert", "cert.pem" }, { STORED_FULLCHAIN, "full", "fullchain.pem" }, { STORED_CHAIN, "chain", "chain.pem" }, { STORED_KEY, "key", "key" },
};

/* A certificate without a chain beside it gets all of it. */
static enum stored_part
edited_as(const struct stored_identity *s, const struct stored_member *m)
{
	return m->part == STORED_CERT && !stored_has(s, STORED_CHAIN) ? STORED_FULLCHAIN : m->part;
}

static bool
is_edited(const struct installing *i, const struct stored_member *m)
{
	return m->form == STORED_PLAIN && m->part != STORED_ROOT && m->part != STORED_COMBINED && (m->part != STORED_KEY || i->w->new_key);
}

const char *
install_edit_line(struct installing *i, const struct stored_identity *s, const char *old, const char *fresh)
{
	struct buf files = { 0 }, filter = { 0 };
	struct plan *p = i->plan;
	const char *out;

	for (size_t e = 0; e < sizeof edits / sizeof edits[0] && s->json; e++) {
		size_t before = filter.len;

		for (size_t k = 0; k < s->len; k++) {
			if (is_edited(i, &s->members[k]) && edited_as(s, &s->members[k]) == edits[e].part)
				buf_addf(&filter, "%s.[\"%s\"] = $%s", filter.len > 0 ? " | " : "", s->members[k].name, edits[e].variable);
		}
		if (filter.len > before)
			buf_addf(&files, " --rawfile %s %s%s%s", edits[e].variable, i->w->as, edits[e].part == STORED_KEY ? "." : "-", edits[e].file);
	}
	out = filter.len == 0 ? plan_text(p, "# %s: what %s holds, with the new certificate in it", fresh, old)
	                      : plan_text(p, "jq%s %s %s >%s", files.data, plan_word(p, filter.data), old, fresh);
	buf_done(&files);
	buf_done(&filter);
	return out;
}

/* ---- files ---- */

static status
install_in_files(struct installing *i, const char *cert, const char *key, const char *reads, struct error *err)
{
	struct install_files f = { .cert_path = cert, .key_path = key, .as = i->w->as, .new_key = i->w->new_key };

	if (install_files_fit(&f, err) != STATUS_OK || install_files_may(i->plan, &f, i->host, err) != STATUS_OK)
		return STATUS_FAILED;
	install_files_step(i->plan, &f);
	install_reaches(i, plan_text(i->plan, "%s on %s", plan_shown(i->plan, cert), i->host), reads);
	i->cert_file = cert;
	i->key_file = key != NULL ? key : cert;
	return STATUS_OK;
}

/* ---- what makes the service load it, and what proves that it did ---- */

static void
add(cJSON *to, const char *name, const char *value)
{
	if (value != NULL)
		cJSON_AddStringToObject(to, name, value);
}

static void
install_hook(struct installing *i, const char *command)
{
	const struct config_entry *e = i->w->entry;
	bool on_files = i->cert_file != NULL;
	const char *key = on_files ? i->key_file : i->w->new_key ? NULL : i->key_at_hand;
	cJSON *args = cJSON_CreateObject();
	struct plan *p = i->plan;
	struct plan_step *s;

	add(args, "command", command);
	add(args, "as", i->w->as);
	add(args, "name", e->name);
	add(args, "target", e->target);
	add(args, "cert_file", on_files ? plan_path(p, i->cert_file) : NULL);
	add(args, "key_file", key != NULL ? plan_path(p, key) : NULL);
	s = plan_add_deed(p, on_files ? &deed_hook_on_files : &deed_hook, args);
	s->what = plan_text(p, "hand it to %s", plan_shown(p, command));
	s->reads = on_files ? "MTLSCOPE_CERT, _CHAIN, _FULLCHAIN, _ROOT and _KEY in its environment are files, _NAME and _TARGET say for whom"
	                    : "MTLSCOPE_CERT, _CHAIN, _FULLCHAIN, _ROOT and _KEY in its environment are files for it to copy: they go when the plan is done; _NAME and _TARGET say for whom";
	s->changes = "whatever that command changes";
	s->command = plan_text(p, "%s", plan_shown(p, command));
	s->undo = on_files ? "it runs once more, after the old files are back" : "not from here: what it did with the files is its own; it keeps no old certificate for us";
	i->one_way = i->one_way || !on_files;
	if (!on_files && !i->w->new_key && key == NULL)
		plan_note(p, "The key that stays is in no file that is known here: MTLSCOPE_KEY is empty for the hook.");
	if (!i->places)
		install_reaches(i, plan_text(p, "wherever %s puts it", plan_shown(p, command)), install_reader(i, "install.hook"));
}

static void
add_reload(struct installing *i, const char *command)
{
	const struct config_entry *e = i->w->entry;
	cJSON *args = cJSON_CreateObject(), *env = cJSON_AddObjectToObject(args, "env");
	struct plan *p = i->plan;
	struct plan_step *s;

	add(args, "command", command);
	add(env, "MTLSCOPE_NAME", e->name);
	add(env, "MTLSCOPE_TARGET", e->target);
	add(env, "MTLSCOPE_CERT", i->cert_file != NULL ? plan_path(p, i->cert_file) : NULL);
	add(env, "MTLSCOPE_FULLCHAIN", i->cert_file != NULL ? plan_path(p, i->cert_file) : NULL);
	add(env, "MTLSCOPE_KEY", i->key_file != NULL ? plan_path(p, i->key_file) : NULL);
	s = plan_add_deed(p, &deed_run, args);
	s->what = plan_text(p, "reload “%s”", plan_shown(p, e->name != NULL ? e->name : e->target));
	s->changes = plan_text(p, "what the service does on: %s", plan_shown(p, command));
	s->command = plan_text(p, "%s", plan_shown(p, command));
	s->undo = "the same once more, after what was there before is back";
}

static void
add_look(struct installing *i, bool must)
{
	cJSON *args = cJSON_CreateObject();
	struct plan *p = i->plan;
	struct plan_step *s;

	if (i->w->entry != NULL) {
		deed_target_args(args, &i->w->entry->parsed);
	} else {
		add(args, "target", i->w->target);
		add(args, "servername", i->w->servername);
	}
	add(args, "old", i->one_way ? NULL : i->w->served);
	add(args, "sent_from", plan_text(p, "%s.sent", i->w->as));
	cJSON_AddNumberToObject(args, "seconds", must ? SECONDS_RELOADED : SECONDS_NOT);
	cJSON_AddBoolToObject(args, "must", must);
	s = plan_add_deed(p, &deed_see, args);
	s->what = plan_text(p, "look whether %s serves it", plan_shown(p, i->w->target));
	s->undo = i->one_way ? "there is nothing to undo: it only looks" : "look whether it serves the old one again";
	s->reads = must ? "what it sends in a handshake, until the new certificate is seen; else what can go back goes back" : "what it sends in a handshake";
}

/* ---- where to ---- */

static status
for_service(struct installing *i, struct error *err)
{
	const struct config_entry *e = i->w->entry;
	const struct config_install *to = &e->install;
	bool elsewhere = to->secret != NULL || to->acm != NULL || to->hook != NULL;

	i->key_at_hand = e->serves.key != NULL ? e->serves.key : e->serves.cert;
	if (to->secret != NULL && install_secret(i, to->secret, e->renew.aws, install_reader(i, "install.secret"), err) != STATUS_OK)
		return STATUS_FAILED;
	if (to->acm != NULL && install_acm(i, to->acm, e->renew.aws, install_reader(i, "install.acm"), err) != STATUS_OK)
		return STATUS_FAILED;
	if (e->serves.cert != NULL && (to->files || !elsewhere) &&
	    install_in_files(i, e->serves.cert, e->serves.key, install_reader(i, to->files ? "install: serves" : "serves"), err) != STATUS_OK)
		return STATUS_FAILED;
	if (to->hook != NULL)
		install_hook(i, to->hook);
	if (to->secret != NULL && to->reload == NULL && to->hook == NULL)
		plan_note(i->plan, "Nothing in the configuration makes the service read the secret again (install.reload): it has the new certificate when it next reads it, often when it starts.");
	return STATUS_OK;
}

static status
for_identity(struct installing *i, struct error *err)
{
	const struct config_identity *id = i->w->identity;

	i->key_at_hand = id->key != NULL ? id->key : id->cert;
	if (id->secret != NULL)
		return install_secret(i, id->secret, id->aws, NULL, err);
	if (id->parameter != NULL)
		return install_parameter(i, id->parameter, id->aws, NULL, err);
	return id->cert != NULL ? install_in_files(i, id->cert, id->key, NULL, err) : STATUS_OK;
}

static const char *
host_name(struct plan *p, const struct install_wish *w)
{
	char name[HOST_MOST];

	if (w->host != NULL)
		return w->host;
	if (gethostname(name, sizeof name) != 0)
		return "this machine";
	name[sizeof name - 1] = '\0';
	return plan_shown(p, name);
}

status
install_steps(struct plan *p, const struct install_wish *w, struct error *err)
{
	struct installing i = { .plan = p, .w = w, .host = host_name(p, w) };
	const struct config_install *to = w->entry != NULL ? &w->entry->install : NULL;

	if (w->entry != NULL && for_service(&i, err) != STATUS_OK)
		return STATUS_FAILED;
	if (w->identity != NULL && for_identity(&i, err) != STATUS_OK)
		return STATUS_FAILED;
	if (!i.places)
		return error_set(err, ERROR_USAGE, "installing", "nothing says where the new certificate is to go: name it in the configuration, as serves: {cert: …, key: …} or install: {secret: …}");
	if (to != NULL && to->reload != NULL)
		add_reload(&i, to->reload);
	if (w->target != NULL)
		add_look(&i, to != NULL && (to->reload != NULL || to->hook != NULL));
	return STATUS_OK;
}
