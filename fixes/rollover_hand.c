#include "fixes/rollover_hand.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/arn.h"
#include "fixes/deed.h"
#include "fixes/plan_store.h"
#include "model/text.h"
#include "model/times.h"
#include "model/users.h"

enum { NAME_MOST = 256, LOOKED_AT = 1000 /* documents in the state folder */ };

/* ---- who ---- */

static void
find_who(struct rollover_hand *h)
{
	char host[NAME_MOST] = "";
	const char *user = name_of_user(geteuid(), h->arena);

	(void)(gethostname(host, sizeof host - 1) == 0);
	h->host = text_safe_arena(h->arena, text_of(host[0] != '\0' ? host : "this machine"), 0, NULL);
	h->who = text_safe_arena(h->arena, text_of(user != NULL ? user : arena_printf(h->arena, "uid %ld", (long)geteuid())), 0, NULL);
}

/* ---- which document ---- */

/* What a person typed, or a path, in a message. */
static const char *
shown(const struct rollover_hand *h, const char *word)
{
	return text_safe_arena(h->arena, text_of(word), 0, NULL);
}

static bool
is_meant(const struct rollover *r, const char *word)
{
	const char *id = arn_ca_id(r->old_root.arn);

	return strcmp(r->id, word) == 0 || strcmp(r->old_root.arn, word) == 0 || (id != NULL && strcmp(id, word) == 0) ||
	    (r->old_root.name != NULL && strcmp(r->old_root.name, word) == 0);
}

/* A document that cannot be read is nobody's here; whoever names its CA by ARN finds it and is told. */
static bool
look_at(struct rollover_hand *h, const char *path, const char *word)
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
		h->path = arena_strdup(h->arena, path);
	return meant;
}

/* Beside the record, by what they say of their root. More than one: ERROR_USAGE. */
static status
find_document(struct rollover_hand *h, const char *word, struct error *err)
{
	char *some = NULL, *slash;
	size_t found = 0, looked = 0;
	struct dirent *e;
	DIR *dir;

	if (rollover_path("x", h->changes, h->world, &some, err) != STATUS_OK)
		return STATUS_FAILED;
	slash = strrchr(some, '/');
	*slash = '\0';
	dir = opendir(some);
	while (dir != NULL && looked < LOOKED_AT && (e = readdir(dir)) != NULL) {
		const char *end = strrchr(e->d_name, '.');

		if (strncmp(e->d_name, "rollover-", 9) != 0 || end == NULL || strcmp(end, ".json") != 0 || strchr(e->d_name, '@') != NULL)
			continue;
		looked++;
		found += look_at(h, arena_printf(h->arena, "%s/%s", some, e->d_name), word);
	}
	if (dir != NULL)
		closedir(dir);
	free(some);
	if (found > 1)
		return error_set(err, ERROR_USAGE, "options", "%s: %zu roll-overs are known here; name the CA by its ARN", word != NULL ? shown(h, word) : "rollover", found);
	return STATUS_OK;
}

status
rollover_hand_account(struct rollover_hand *h, const char *arn, struct error *err)
{
	const char *found;

	return h->place.client != NULL ? STATUS_OK : h->find(h->user, arn, &h->place, &found, err);
}

/* There is none yet: where it would be depends on which CA is meant, and that AWS knows. */
static status
path_by_aws(struct rollover_hand *h, const char *word, struct error *err)
{
	const char *found = NULL;
	char *path = NULL;

	if (word == NULL)
		return error_set(err, ERROR_USAGE, "options", "rollover: of which root? mtlscope rollover CA, by its name, id or ARN; mtlscope pca tree lists them");
	if (h->find(h->user, word, &h->place, &found, err) != STATUS_OK)
		return STATUS_FAILED;
	if (h->path == NULL) {
		if (rollover_path(rollover_id(found, h->arena), h->changes, h->world, &path, err) != STATUS_OK)
			return STATUS_FAILED;
		h->path = arena_strdup(h->arena, path);
		free(path);
	}
	h->root_arn = arena_strdup(h->arena, found);
	return STATUS_OK;
}

static status
open_document(struct rollover_hand *h, bool for_change, struct error *err)
{
	if (rollover_open(h->path, for_change, &h->file, &h->r, err) != STATUS_OK)
		return STATUS_FAILED;
	h->locked = for_change;
	return STATUS_OK;
}

status
rollover_hand_open(struct rollover_hand *h, const char *word, bool for_change, struct error *err)
{
	find_who(h);
	if (h->state != NULL)
		h->path = h->state;
	else if (find_document(h, word, err) != STATUS_OK)
		return STATUS_FAILED;
	if (h->path != NULL && open_document(h, for_change, err) != STATUS_OK)
		return STATUS_FAILED;
	if (h->r != NULL && word != NULL && h->state != NULL && !is_meant(h->r, word))
		return error_set(err, ERROR_USAGE, "options", "%s: the roll-over of “%s”, not of %s", shown(h, h->path), h->r->old_root.name, shown(h, word));
	if (h->r != NULL)
		return STATUS_OK;
	if (path_by_aws(h, word, err) != STATUS_OK)
		return STATUS_FAILED;
	if (h->file == NULL && open_document(h, for_change, err) != STATUS_OK)
		return STATUS_FAILED;
	return STATUS_OK;
}

status
rollover_hand_look(struct rollover_hand *h, const char *word, struct error *err)
{
	struct error busy = { .code = ERROR_NONE };

	if (rollover_hand_open(h, word, true, &busy) == STATUS_OK)
		return STATUS_OK;
	if (busy.code == ERROR_NOT_DONE || busy.code == ERROR_LOCAL)
		return rollover_hand_open(h, word, false, err);
	*err = busy;
	return STATUS_FAILED;
}

void
rollover_hand_close(struct rollover_hand *h)
{
	identity_free(h->pass);
	rollover_free(h->r);
	rollover_close(h->file);
	changes_close(h->record);
	h->pass = NULL;
	h->r = NULL;
	h->file = NULL;
	h->record = NULL;
}

status
rollover_hand_save(struct rollover_hand *h, struct error *err)
{
	return h->locked ? rollover_save(h->file, h->r, err) : STATUS_OK;
}

status
rollover_hand_put_aside(struct rollover_hand *h, struct error *err)
{
	const char *to = arena_printf(h->arena, "%.*s@%lld.json", (int)(strlen(h->path) - strlen(".json")), h->path, (long long)h->r->began);

	if (strlen(h->path) <= strlen(".json") || strcmp(h->path + strlen(h->path) - strlen(".json"), ".json") != 0)
		to = arena_printf(h->arena, "%s@%lld", h->path, (long long)h->r->began);
	if (rename(h->path, to) != 0)
		return error_set(err, ERROR_LOCAL, "roll-over", "%s: %s", shown(h, h->path), strerror(errno));
	rollover_free(h->r);
	h->r = NULL;
	rollover_close(h->file);
	h->file = NULL;
	return open_document(h, h->locked, err);
}

/* ---- what the record knows ---- */

static status
absorb(struct rollover_hand *h, struct plan *p, const struct change *of, struct error *err)
{
	struct rollover_done done = { .at = of->ended != TIME_UNKNOWN ? of->ended : h->now, .plan = of->id, .who = text_safe_arena(h->arena, text_of(of->who), 0, NULL), .host = h->host };

	if (rollover_hand_account(h, h->r->old_root.arn, err) != STATUS_OK)
		return STATUS_FAILED;
	p->place = h->place;
	if (h->r->busy < ROLLOVER_STEPS)
		done.confirmed = h->r->busy_by.confirmed;
	return rollover_absorb(h->r, p, &done, err);
}

/* Plans of another machine have numbers of their own: those are not asked for here. */
static bool
is_of_here(const struct rollover_hand *h, const struct change *of)
{
	return of->host == NULL || strcmp(text_safe_arena(h->arena, text_of(of->host), 0, NULL), h->host) == 0;
}

static status
take_in(struct rollover_hand *h, const struct change *of, struct error *err)
{
	struct plan *p = NULL;
	enum rollover_step s;
	const char *id;
	status result = plan_recorded(h->record, of->id, h->world, &p, err);

	id = result == STATUS_OK ? rollover_of_plan(p, &s) : NULL;
	if (id == NULL || strcmp(id, h->r->id) != 0) {
		plan_free(p);
		return result;
	}
	if (p->state == PLAN_DONE && !rollover_has_plan(h->r, of->id, h->host))
		result = absorb(h, p, of, err);
	else if (p->state == PLAN_UNDONE)
		rollover_forget(h->r, p, of->began, h->host);
	else if (p->state != PLAN_DONE) {
		h->pending = of->id;
		h->pending_back = p->state == PLAN_GOES_BACK;
	}
	plan_free(p);
	return result;
}

status
rollover_hand_catch_up(struct rollover_hand *h, struct error *err)
{
	struct change *list = NULL;
	size_t len = 0;

	h->pending = 0;
	if (h->record == NULL && changes_exist(h->changes, h->world) && changes_open(h->changes, h->world, &h->record, err) != STATUS_OK)
		return STATUS_FAILED;
	if (h->record == NULL)
		return STATUS_OK;
	if (changes_list(h->record, false, 0, h->arena, &list, &len, err) != STATUS_OK)
		return STATUS_FAILED;
	/* The oldest first: a step may have been done, undone and done again. */
	for (size_t i = len; i-- > 0;) {
		bool ours = list[i].kind != NULL && strcmp(list[i].kind, "rollover") == 0 && list[i].began >= h->r->began && is_of_here(h, &list[i]);
		bool new_to_us = strcmp(list[i].state, plan_state_word(PLAN_DONE)) != 0 || !rollover_has_plan(h->r, list[i].id, h->host);

		if (ours && new_to_us && take_in(h, &list[i], err) != STATUS_OK)
			return STATUS_FAILED;
	}
	return rollover_hand_save(h, err);
}
