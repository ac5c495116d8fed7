/* The server's file is right already, and something else is sent: what mends that is loading it, not another certificate. */
#include "fixes/deed_target.h"
#include "fixes/deeds.h"
#include "fixes/fix_parts.h"
#include "model/times.h"

enum { SECONDS_RELOADED = 20 };

/* Leaf first, as the deed `see` has them. */
static const char *
prints_of(struct fixing *f, const struct identity *id)
{
	const char *out = "";

	for (size_t i = 0; i < id->len; i++)
		out = plan_text(f->plan, "%s%s%s", out, i > 0 ? " " : "", id->certs[i]->sha256_hex);
	return out;
}

/* What lies in the file, judged as `inspect` judges it: with the trust, the name and the time of the look. */
static struct evidence *
evidence_of_file(const struct fixing *f)
{
	const struct evidence *seen = f->w->diagnosis->evidence;
	struct evidence *e = evidence_new();
	const char *name = target_name(&seen->target);

	e->offline = true;
	e->offline_purpose = PURPOSE_SERVER;
	e->offline_host = name != NULL ? arena_strdup(e->arena, name) : NULL;
	e->offline_chain = arena_array(e->arena, f->loaded->len + 1, sizeof *e->offline_chain);
	for (size_t i = 0; i < f->loaded->len; i++)
		e->offline_chain[e->offline_len++] = cert_ref(f->loaded->certs[i]);
	e->trust = trust_ref(seen->trust);
	e->identity = identity_ref(f->loaded);
	e->thresholds = seen->thresholds;
	e->started_ms = e->clocks.local_ms = f->w->now * 1000;
	return e;
}

static bool
file_has(const struct fixing *f, const struct cert *c)
{
	for (size_t i = 0; c != NULL && i < f->loaded->len; i++) {
		if (fingerprint_equal(&f->loaded->certs[i]->sha256, &c->sha256))
			return true;
	}
	return false;
}

/* Neither what was found nor any other error is in the file itself. That one in it is revoked is not seen by looking at it. */
static bool
file_is_right(const struct fixing *f)
{
	struct evidence *e = evidence_of_file(f);
	struct diagnosis *d = diagnose(e);
	bool revoked = f->finding->code == CODE_CERT_REVOKED && file_has(f, f->finding->certificate);
	bool right = !revoked && d->verdict != VERDICT_ERROR && diagnosis_find(d, f->finding->code) == NULL && f->loaded->matches;

	diagnosis_free(d);
	evidence_free(e);
	return right;
}

/* Undone it only looks: what was loaded before is in no file that is known here. */
static void
look_step(struct fixing *f, const char *expected)
{
	cJSON *args = cJSON_CreateObject();
	struct plan *p = f->plan;
	struct plan_step *s;

	deed_target_args(args, &f->w->entry->parsed);
	cJSON_AddStringToObject(args, "sent", expected);
	cJSON_AddNumberToObject(args, "seconds", SECONDS_RELOADED);
	cJSON_AddTrueToObject(args, "must");
	s = plan_add_deed(p, &deed_see, args);
	s->what = plan_text(p, "look whether %s serves it", plan_shown(p, f->w->entry->target));
	s->reads = "what it sends in a handshake, until that is what the file has";
	s->undo = "there is nothing to undo: it only looks";
}

bool
fix_only_to_load(const struct fixing *f)
{
	const struct handshake *h = evidence_baseline(f->w->diagnosis->evidence);
	const struct fix_wish *w = f->w;
	bool other;

	/* Who says what is to be issued wants it issued; `renew` goes by the file, whatever is served. */
	if (f->ours || w->anew || f->finding->address != NULL || w->ca != NULL || w->days > 0 || w->kind_given || w->same_key)
		return false;
	if (f->loaded == NULL || f->cert_path == NULL || f->loaded->len == 0 || f->loaded->key == NULL || h == NULL || h->server_certs_len == 0)
		return false;
	other = h->server_certs_len != f->loaded->len || f->finding->code == CODE_KEY_SERVER_MISMATCH;
	for (size_t i = 0; i < f->loaded->len && !other; i++)
		other = h->server_certs[i].cert == NULL || !fingerprint_equal(&h->server_certs[i].cert->sha256, &f->loaded->certs[i]->sha256);
	return other && file_is_right(f);
}

status
fix_load(struct fixing *f, struct error *err)
{
	const struct config_entry *e = f->w->entry;
	const struct cert *leaf = identity_leaf(f->loaded);
	struct plan *p = f->plan;
	const char *shown = plan_shown(p, f->cert_path);
	char date[TIME_TEXT_MAX];

	(void)err;
	f->settled = true;
	if (e->install.reload == NULL && e->install.hook == NULL)
		return fix_by_hand(f, "%s on %s is not what the server sends, and there is nothing wrong with it: %s, valid until %s. Reload the service, and look again. With "
		    "`install: {reload: …}` in its fleet entry this machine can do it. Where the service reads another file than that, correct `serves`.",
		    shown, f->w->host, fix_named(f, leaf), time_human(leaf->not_after, date));
	p->title = plan_text(p, "the server loads what is in %s already: %s, valid until %s", shown, fix_named(f, leaf), time_human(leaf->not_after, date));
	plan_note(p, "The server sends something else than %s has, and nothing is wrong with what is in there: no certificate is issued. --ca NAME issues one all the same.", shown);
	plan_reaches(p, "%s on %s: “%s” reads it (serves)", shown, f->w->host, plan_shown(p, e->name));
	p->reached = REACH_TOLD;
	fix_add_reload(f, e);
	p->steps[p->len - 1].undo = "the same once more: no file was changed, so that it loads the same again";
	if (!f->w->redirected)
		look_step(f, prints_of(f, f->loaded));
	return STATUS_OK;
}
