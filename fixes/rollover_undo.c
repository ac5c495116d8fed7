/* A plan of a roll-over out of its turn: may it be undone, or gone on with after a stop? Asked of its document, and of the record. */
#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "fixes/deed.h"
#include "fixes/plan_store.h"
#include "fixes/rollover.h"
#include "model/text.h"
#include "model/times.h"

/* ---- the document of a plan ---- */

/* This machine, as documents have it. */
static const char *
this_host(struct arena *a)
{
	char host[256] = "";

	(void)(gethostname(host, sizeof host - 1) == 0);
	return text_safe_arena(a, text_of(host[0] != '\0' ? host : "this machine"), 0, NULL);
}

/* Its document, held so that nobody else does a step meanwhile; *d NULL: there is none, or it is another roll-over's by now. */
static status
document_of(const struct plan *p, enum rollover_step *s, struct rollover_file **held, struct rollover **d, struct error *err)
{
	const char *id = rollover_of_plan(p, s), *path = id != NULL && *s != ROLLOVER_NO_STEP ? plan_value(p, "rollover.document") : NULL;
	struct error locked = { .code = ERROR_NONE };

	*held = NULL;
	*d = NULL;
	if (path == NULL || access(path, F_OK) != 0)
		return STATUS_OK;
	if (rollover_open(path, true, held, d, &locked) != STATUS_OK) {
		/* Where it cannot be held (a folder that is not ours) it is looked at all the same. */
		if (locked.code != ERROR_LOCAL)
			return error_set(err, locked.code, locked.stage, "%s", locked.text);
		if (rollover_open(path, false, held, d, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	if (*d != NULL && strcmp((*d)->id, id) != 0) {
		rollover_free(*d);
		*d = NULL;
	}
	return STATUS_OK;
}

static status
say(const struct plan *p, const struct rollover_may *may, struct error *err)
{
	return may->allowed ? STATUS_OK : error_set(err, ERROR_NOT_DONE, "roll-over", "plan %lld is a step of a roll-over. %s", (long long)p->id, may->why);
}

/* ---- a roll-over that is over ---- */

/* "rollover-ID@BEGAN.json" beside "rollover-ID.json": one that was put aside when another of the same root began (rollover_hand_put_aside). */
static bool
is_put_aside(const char *name, const char *current)
{
	size_t len = strlen(current) - (strlen(current) > 5 && strcmp(current + strlen(current) - 5, ".json") == 0 ? 5 : 0);

	return strncmp(name, current, len) == 0 && name[len] == '@';
}

/* The one of them that knows this plan; NULL: none does. */
static struct rollover *
put_aside_with(const struct plan *p, const char *host)
{
	const char *path = plan_value(p, "rollover.document"), *slash = strrchr(path, '/');
	const char *folder = slash != NULL ? arena_printf(p->arena, "%.*s", (int)(slash - path) + 1, path) : "./";
	DIR *dir = opendir(folder);
	struct rollover *found = NULL;
	struct dirent *e;

	while (dir != NULL && found == NULL && (e = readdir(dir)) != NULL) {
		struct error unimportant = { .code = ERROR_NONE };
		struct rollover_file *file = NULL;

		if (!is_put_aside(e->d_name, slash != NULL ? slash + 1 : path))
			continue;
		if (rollover_open(arena_printf(p->arena, "%s%s", folder, e->d_name), false, &file, &found, &unimportant) == STATUS_OK && found != NULL &&
		    !rollover_has_plan(found, p->id, host)) {
			rollover_free(found);
			found = NULL;
		}
		rollover_close(file);
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

/* ---- undo ---- */

/* What was undone here since the document was written counts no more. */
static void
forget_undone(struct changes *c, struct rollover *d, const char *host, const struct world *w)
{
	struct error unimportant = { .code = ERROR_NONE };
	struct change *list = NULL;
	size_t len = 0;

	if (changes_list(c, false, 0, d->arena, &list, &len, &unimportant) != STATUS_OK)
		return;
	for (size_t i = len; i-- > 0;) {
		struct plan *p = NULL;
		enum rollover_step s;
		const char *id = NULL;

		if (list[i].kind == NULL || strcmp(list[i].kind, "rollover") != 0 || strcmp(list[i].state, plan_state_word(PLAN_UNDONE)) != 0)
			continue;
		if (plan_recorded(c, list[i].id, w, &p, &unimportant) == STATUS_OK)
			id = rollover_of_plan(p, &s);
		if (id != NULL && strcmp(id, d->id) == 0)
			rollover_forget(d, p, list[i].began, host);
		plan_free(p);
		error_clear(&unimportant);
	}
}

status
rollover_undo_allowed(struct changes *c, const struct plan *p, const struct world *w, struct rollover_file **held, struct error *err)
{
	struct rollover_may may = { .allowed = true };
	struct rollover *d = NULL;
	enum rollover_step s;
	const char *host;
	status result;

	if (document_of(p, &s, held, &d, err) != STATUS_OK)
		return STATUS_FAILED;
	if (d == NULL)
		return STATUS_OK;
	host = this_host(p->arena);
	/* A document of a later roll-over of the same root does not know this plan: what rests on it stands all the same. */
	if (!rollover_has_plan(d, p->id, host) && d->busy != s) {
		rollover_free(d);
		d = put_aside_with(p, host);
	}
	if (d != NULL) {
		forget_undone(c, d, host, w);
		rollover_may_go_back(d, s, p->arena, &may);
	}
	result = say(p, &may, err);
	rollover_free(d);
	return result;
}

/* ---- going on ---- */

status
rollover_resume_allowed(const struct plan *p, const struct world *w, struct rollover_file **held, struct error *err)
{
	int64_t now = w->now_ms(w->self) / 1000, at;
	struct rollover_may may = { .allowed = true };
	struct rollover *d = NULL;
	enum rollover_step s;
	status result;

	if (document_of(p, &s, held, &d, err) != STATUS_OK)
		return STATUS_FAILED;
	if (d == NULL)
		return STATUS_OK;
	at = rollover_measured_at(d);
	rollover_may_go_on(d, s, NULL, now, d->arena, &may);
	if (may.allowed && rollover_has_lock(s) && (at == TIME_UNKNOWN || now - at > ROLLOVER_FRESH_S))
		may = (struct rollover_may){ .why = "Whether it is still safe was not looked at in the last ten minutes: mtlscope rollover … --next measures the fleet and goes on with it." };
	result = say(p, &may, err);
	rollover_free(d);
	return result;
}
