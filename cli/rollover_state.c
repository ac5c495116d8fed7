/* The document of a roll-over: where it is, what the record adds to it, and what the fleet says now. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/arn.h"
#include "cli/identity_fetch.h"
#include "cli/option_values.h"
#include "cli/rollover.h"
#include "cli/settings.h"
#include "fixes/plan_store.h"
#include "model/text.h"
#include "model/times.h"
#include "probes/rollover_look.h"

enum { NAME_MOST = 256, LOOKED_AT = 1000 /* documents in the state folder */ };

/* ---- who ---- */

static void
find_who(struct roller *r)
{
	char host[NAME_MOST] = "";
	const struct passwd *user = getpwuid(geteuid());

	(void)(gethostname(host, sizeof host - 1) == 0);
	r->host = text_safe_arena(r->s.arena, text_of(host[0] != '\0' ? host : "this machine"), 0, NULL);
	r->who = text_safe_arena(r->s.arena, text_of(user != NULL ? user->pw_name : arena_printf(r->s.arena, "uid %ld", (long)geteuid())), 0, NULL);
}

/* ---- which document ---- */

static bool
is_meant(const struct rollover *r, const char *word)
{
	const char *id = arn_ca_id(r->old_root.arn);

	return strcmp(r->id, word) == 0 || strcmp(r->old_root.arn, word) == 0 || (id != NULL && strcmp(id, word) == 0) ||
	    (r->old_root.name != NULL && strcmp(r->old_root.name, word) == 0);
}

/* A document that cannot be read is nobody's here; whoever names its CA by ARN finds it and is told. */
static bool
look_at(struct roller *r, const char *path, const char *word)
{
	struct error unimportant = { .code = ERROR_NONE };
	struct rollover_file *file = NULL;
	struct rollover *there = NULL;
	bool meant = false;

	if (rollover_open(path, false, &file, &there, &unimportant) == STATUS_OK && there != NULL)
		meant = word == NULL || is_meant(there, word);
	rollover_free(there);
	rollover_close(file);
	if (meant)
		r->path = arena_strdup(r->s.arena, path);
	return meant;
}

/* In the state folder, by what they say of their root. More than one: ERROR_USAGE. */
static status
find_document(struct roller *r, const char *word, struct error *err)
{
	char *some = NULL, *slash;
	size_t found = 0, looked = 0;
	struct dirent *e;
	DIR *dir;

	if (rollover_path("x", r->s.world, &some, err) != STATUS_OK)
		return STATUS_FAILED;
	slash = strrchr(some, '/');
	*slash = '\0';
	dir = opendir(some);
	while (dir != NULL && looked < LOOKED_AT && (e = readdir(dir)) != NULL) {
		const char *end = strrchr(e->d_name, '.');

		if (strncmp(e->d_name, "rollover-", 9) != 0 || end == NULL || strcmp(end, ".json") != 0 || strchr(e->d_name, '@') != NULL)
			continue;
		looked++;
		found += look_at(r, arena_printf(r->s.arena, "%s/%s", some, e->d_name), word);
	}
	if (dir != NULL)
		closedir(dir);
	free(some);
	if (found > 1)
		return error_set(err, ERROR_USAGE, "options", "%s: %zu roll-overs are known here; name the CA by its ARN", word != NULL ? printable(word) : "rollover", found);
	return STATUS_OK;
}

status
roller_account(struct roller *r, const char *arn, struct error *err)
{
	struct pca_found found = { .account = NULL };

	if (r->account != NULL)
		return STATUS_OK;
	if (r->s.len == 0)
		return error_set(err, ERROR_USAGE, "options", "no account is configured: --aws, --profile and --region say where the CA is");
	if (session_find_ca(&r->s, arn, &found, err) != STATUS_OK)
		return STATUS_FAILED;
	r->account = found.account;
	return STATUS_OK;
}

/* There is none yet: where it would be depends on which CA is meant, and that AWS knows. */
static status
path_by_aws(struct roller *r, const char *word, struct error *err)
{
	struct pca_found found = { .account = NULL };
	char *path = NULL;

	if (word == NULL)
		return error_set(err, ERROR_USAGE, "options", "rollover: of which root? mtlscope rollover CA, by its name, id or ARN; mtlscope pca tree lists them");
	if (session_find_ca(&r->s, word, &found, err) != STATUS_OK)
		return STATUS_FAILED;
	r->account = found.account;
	if (r->path == NULL) {
		if (rollover_path(rollover_id(found.ca.arn, r->s.arena), r->s.world, &path, err) != STATUS_OK)
			return STATUS_FAILED;
		r->path = arena_strdup(r->s.arena, path);
		free(path);
	}
	r->root_arn = arena_strdup(r->s.arena, found.ca.arn);
	return STATUS_OK;
}

static status
open_document(struct roller *r, bool for_change, struct error *err)
{
	if (rollover_open(r->path, for_change, &r->file, &r->r, err) != STATUS_OK)
		return STATUS_FAILED;
	r->locked = for_change;
	return STATUS_OK;
}

status
roller_open(struct roller *r, const char *word, bool for_change, struct error *err)
{
	find_who(r);
	if (r->o->rollover.state != NULL)
		r->path = r->o->rollover.state;
	else if (find_document(r, word, err) != STATUS_OK)
		return STATUS_FAILED;
	if (r->path != NULL && open_document(r, for_change, err) != STATUS_OK)
		return STATUS_FAILED;
	if (r->r != NULL && word != NULL && r->o->rollover.state != NULL && !is_meant(r->r, word))
		return error_set(err, ERROR_USAGE, "options", "%s: the roll-over of “%s”, not of %s", printable(r->path), r->r->old_root.name, printable(word));
	if (r->r != NULL)
		return STATUS_OK;
	if (path_by_aws(r, word, err) != STATUS_OK)
		return STATUS_FAILED;
	if (r->file == NULL && open_document(r, for_change, err) != STATUS_OK)
		return STATUS_FAILED;
	return STATUS_OK;
}

void
roller_close(struct roller *r)
{
	identity_free(r->pass);
	rollover_free(r->r);
	rollover_close(r->file);
	changes_close(r->record);
	session_close(&r->s);
}

status
roller_save(struct roller *r, struct error *err)
{
	return r->locked ? rollover_save(r->file, r->r, err) : STATUS_OK;
}

status
roller_put_aside(struct roller *r, struct error *err)
{
	const char *to = arena_printf(r->s.arena, "%.*s@%lld.json", (int)(strlen(r->path) - strlen(".json")), r->path, (long long)r->r->began);

	if (strlen(r->path) <= strlen(".json") || strcmp(r->path + strlen(r->path) - strlen(".json"), ".json") != 0)
		to = arena_printf(r->s.arena, "%s@%lld", r->path, (long long)r->r->began);
	if (rename(r->path, to) != 0)
		return error_set(err, ERROR_LOCAL, "roll-over", "%s: %s", printable(r->path), strerror(errno));
	rollover_free(r->r);
	r->r = NULL;
	rollover_close(r->file);
	r->file = NULL;
	return open_document(r, r->locked, err);
}

/* ---- what the record knows ---- */

static status
absorb(struct roller *r, struct plan *p, const struct change *of, struct error *err)
{
	struct rollover_done done = { .at = of->ended != TIME_UNKNOWN ? of->ended : r->s.now, .plan = of->id, .who = text_safe_arena(r->s.arena, text_of(of->who), 0, NULL), .host = r->host };

	if (roller_account(r, r->r->old_root.arn, err) != STATUS_OK)
		return STATUS_FAILED;
	p->place = r->account->place;
	if (r->r->busy < ROLLOVER_STEPS)
		done.confirmed = r->r->busy_by.confirmed;
	return rollover_absorb(r->r, p, &done, err);
}

/* Plans of another machine have numbers of their own: those are not asked for here. */
static bool
is_of_here(const struct roller *r, const struct change *of)
{
	return of->host == NULL || strcmp(text_safe_arena(r->s.arena, text_of(of->host), 0, NULL), r->host) == 0;
}

static status
take_in(struct roller *r, const struct change *of, struct error *err)
{
	struct plan *p = NULL;
	enum rollover_step s;
	const char *id;
	status result = plan_recorded(r->record, of->id, r->s.world, &p, err);

	id = result == STATUS_OK ? rollover_of_plan(p, &s) : NULL;
	if (id == NULL || strcmp(id, r->r->id) != 0) {
		plan_free(p);
		return result;
	}
	if (p->state == PLAN_DONE && !rollover_has_plan(r->r, of->id, r->host))
		result = absorb(r, p, of, err);
	else if (p->state == PLAN_UNDONE)
		rollover_forget(r->r, p);
	else if (p->state != PLAN_DONE) {
		r->pending = of->id;
		r->pending_back = p->state == PLAN_GOES_BACK;
	}
	plan_free(p);
	return result;
}

status
roller_catch_up(struct roller *r, struct error *err)
{
	struct change *list = NULL;
	size_t len = 0;

	r->pending = 0;
	if (r->record == NULL && changes_exist(NULL, r->s.world) && changes_open(NULL, r->s.world, &r->record, err) != STATUS_OK)
		return STATUS_FAILED;
	if (r->record == NULL)
		return STATUS_OK;
	if (changes_list(r->record, false, 0, r->s.arena, &list, &len, err) != STATUS_OK)
		return STATUS_FAILED;
	/* The oldest first: a step may have been done, undone and done again. */
	for (size_t i = len; i-- > 0;) {
		bool ours = list[i].kind != NULL && strcmp(list[i].kind, "rollover") == 0 && list[i].began >= r->r->began && is_of_here(r, &list[i]);
		bool new_to_us = strcmp(list[i].state, plan_state_word(PLAN_DONE)) != 0 || !rollover_has_plan(r->r, list[i].id, r->host);

		if (ours && new_to_us && take_in(r, &list[i], err) != STATUS_OK)
			return STATUS_FAILED;
	}
	return roller_save(r, err);
}

/* ---- measuring ---- */

static bool
add_key(const char *path, struct objects *to, struct error *err)
{
	struct read_options how = { .type = NULL };

	return objects_read(path, &how, to, err) == STATUS_OK;
}

/* The certificate is the document's, the key lies on the machine where it was made. */
static void
load_pass(struct roller *r)
{
	const struct rollover_pass *pass = &r->r->pass;
	struct objects keys = { .len = 0 };
	struct error err = { .code = ERROR_NONE };
	struct cert **certs = NULL;
	size_t len = 0;
	char day[TIME_TEXT_MAX];

	identity_free(r->pass);
	r->pass = NULL;
	r->no_pass = NULL;
	r->r->pass_elsewhere = false;
	if (r->r->way == ROLLOVER_SAME_KEY)
		r->no_pass = "the wire does not show it: the root's key stays";
	else if (pass->cert == NULL)
		r->no_pass = "there is no client certificate of the new root to show it yet";
	else if (pass->not_after <= r->s.now)
		r->no_pass = arena_printf(r->s.arena, "the client certificate to measure with ended on %s", time_date(pass->not_after, day));
	else if (pass->key_file == NULL || access(pass->key_file, R_OK) != 0)
		r->no_pass = arena_printf(r->s.arena, "the key of the client certificate to measure with lies on %s", pass->host != NULL ? pass->host : "another machine");
	if (r->no_pass == NULL && add_key(pass->key_file, &keys, &err) && rollover_certs(pass->cert, "the certificate to measure with", r->s.arena, &certs, &len, &err) == STATUS_OK) {
		for (size_t i = 0; i < keys.len && r->pass == NULL; i++) {
			if (keys.items[i].key != NULL && key_matches(keys.items[i].key, certs[0]))
				r->pass = identity_from("mtlscope roll-over", certs, len, keys.items[i].key);
		}
	}
	if (r->no_pass == NULL && r->pass == NULL)
		r->no_pass = arena_printf(r->s.arena, "the key of the client certificate to measure with cannot be used: %s", error_is_set(&err) ? err.text : "it is another's");
	r->r->pass_elsewhere = r->pass == NULL;
	for (size_t i = 0; i < len; i++)
		cert_free(certs[i]);
	objects_done(&keys);
}

/* From AWS, once for a measuring: somebody may have changed it since the last. */
static bool
fetch_identity(void *user, const struct config_identity *i, struct identity **sends, struct trust **trusts, const char **why)
{
	struct roller *r = user;
	struct error err = { .code = ERROR_NONE };

	if (identity_fetch(r->o, r->s.configuration.config, i, sends, trusts, &err) == STATUS_OK)
		return true;
	*why = arena_strdup(r->s.arena, err.text);
	return false;
}

status
roller_measure(struct roller *r, struct error *err)
{
	struct rollover_look how = { .config = r->s.configuration.config, .options = &r->o->examine, .world = r->s.world, .fetch = fetch_identity, .fetch_user = r,
		.cancel = r->s.cancel };

	if (how.config == NULL || how.config->fleet_len == 0)
		return error_set(err, ERROR_USAGE, "options", "no fleet is configured: nobody would know who still needs the old root. mtlscope fleet add, or --config FILE");
	load_pass(r);
	how.pass = r->pass;
	how.no_pass = r->no_pass;
	if (rollover_look(&how, r->r, &r->gone, err) != STATUS_OK)
		return STATUS_FAILED;
	return roller_save(r, err);
}
