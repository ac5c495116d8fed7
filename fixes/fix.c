#include "fixes/deeds.h"
#include "fixes/fix_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixes/install.h"
#include "fixes/install_files.h"
#include "model/mend.h"
#include "model/quote.h"
#include "model/text.h"

/*
 * How a finding is mended. Where the first way changes nothing or finds nothing, the second is tried: a chain that cannot be completed is
 * issued anew. The side says whose files: ours are the identity's, the server's those of `serves` in the configuration.
 */
static const struct mend {
	enum code code;
	enum side side;
	fix_maker *make, *otherwise;
} mends[] = {
	{ CODE_CLIENT_MISSING_INTERMEDIATE, SIDE_CLIENT, fix_chain, fix_reissue },
	{ CODE_CLIENT_WRONG_ORDER, SIDE_CLIENT, fix_chain, fix_reissue },
	{ CODE_CLIENT_BAD_CHAIN, SIDE_CLIENT, fix_chain, fix_reissue },
	{ CODE_CLIENT_INTERMEDIATE_EXPIRED, SIDE_CLIENT, fix_chain, fix_reissue },
	{ CODE_CLIENT_INTERMEDIATE_EXPIRING, SIDE_CLIENT, fix_chain, fix_reissue },
	{ CODE_CLIENT_EXPIRED, SIDE_CLIENT, fix_reissue, NULL },
	{ CODE_CLIENT_EXPIRING, SIDE_CLIENT, fix_reissue, NULL },
	{ CODE_CLIENT_NOT_YET_VALID, SIDE_CLIENT, fix_reissue, NULL },
	{ CODE_CLIENT_EKU, SIDE_CLIENT, fix_reissue, NULL },
	{ CODE_CLIENT_REVOKED, SIDE_CLIENT, fix_reissue, NULL },
	{ CODE_CLIENT_WEAK, SIDE_CLIENT, fix_reissue, NULL },
	{ CODE_CLIENT_UNTRUSTED, SIDE_CLIENT, fix_reissue, NULL },
	{ CODE_CLIENT_NOT_IN_CA_LIST, SIDE_CLIENT, fix_reissue, NULL },
	{ CODE_CLIENT_HOSTILE_NAME, SIDE_CLIENT, fix_reissue, NULL },
	{ CODE_CLIENT_NOT_SENT, SIDE_CLIENT, fix_reissue, NULL },
	{ CODE_CLIENT_PARTIAL_TRUST, SIDE_CLIENT, fix_trust, NULL },
	{ CODE_KEY_MISMATCH, SIDE_CLIENT, fix_key, fix_reissue },
	{ CODE_KEY_EXPOSED, SIDE_CLIENT, fix_mode, NULL },
	{ CODE_CHAIN_MISSING_INTERMEDIATE, SIDE_SERVER, fix_chain, fix_reissue },
	{ CODE_CHAIN_WRONG_ORDER, SIDE_SERVER, fix_chain, fix_reissue },
	{ CODE_CHAIN_EXTRA_CERTIFICATE, SIDE_SERVER, fix_chain, NULL },
	{ CODE_CHAIN_ROOT_INCLUDED, SIDE_SERVER, fix_chain, NULL },
	{ CODE_CHAIN_BAD_SIGNATURE, SIDE_SERVER, fix_chain, fix_reissue },
	{ CODE_CHAIN_INTERMEDIATE_EXPIRED, SIDE_SERVER, fix_chain, fix_reissue },
	{ CODE_CHAIN_INTERMEDIATE_EXPIRING, SIDE_SERVER, fix_chain, fix_reissue },
	{ CODE_CHAIN_NOT_A_CA, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_CHAIN_PATH_LENGTH, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_CHAIN_NAME_CONSTRAINT, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_CHAIN_UNKNOWN_CRITICAL, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_CHAIN_INVALID, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_CHAIN_UNTRUSTED_ROOT, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_CHAIN_SELF_SIGNED, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_CERT_EXPIRED, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_CERT_EXPIRING, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_CERT_NOT_YET_VALID, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_CERT_OUTLIVES_ISSUER, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_CERT_REVOKED, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_CERT_WEAK_KEY, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_CERT_WEAK_SIGNATURE, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_CERT_MALFORMED, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_CERT_HOSTILE_NAME, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_NAME_MISMATCH, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_NAME_NO_SAN, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_EKU_NO_SERVER_AUTH, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_ROOT_EXPIRED, SIDE_SERVER, fix_reissue, NULL },
	{ CODE_KEY_SERVER_MISMATCH, SIDE_SERVER, fix_key, fix_reissue },
	{ CODE_MTLS_NOT_REQUESTED, SIDE_POLICY, fix_require, NULL },
	{ CODE_MTLS_OPTIONAL, SIDE_POLICY, fix_require, NULL },
	{ CODE_MTLS_NOT_VERIFIED, SIDE_POLICY, fix_require, NULL },
	{ CODE_MTLS_BYPASS, SIDE_POLICY, fix_require, NULL },
};

static const struct mend *
mend_of(enum code code)
{
	for (size_t i = 0; i < sizeof mends / sizeof mends[0]; i++) {
		if (mends[i].code == code)
			return &mends[i];
	}
	return NULL;
}

/* ---- what makers share ---- */

status
fix_by_hand(struct fixing *f, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	f->by_hand = arena_strdup(f->arena, text != NULL ? text : "");
	free(text);
	return STATUS_OK;
}

const char *
fix_named(struct fixing *f, const struct cert *c)
{
	return arena_printf(f->arena, "“%s”", c->subject.common_name[0] != '\0' ? c->subject.common_name : c->subject.safe);
}

/* ---- whose files ---- */

/* It is kept in a secret or a parameter; or NULL. */
static const struct config_identity *
kept_in_aws(const struct fixing *f, const struct identity *id)
{
	const struct config_identity *c = f->w->config != NULL && id->name != NULL ? config_identity(f->w->config, id->name) : NULL;

	return c != NULL && (c->secret != NULL || c->parameter != NULL) && id->cert_file != NULL ? c : NULL;
}

static status
our_files(struct fixing *f)
{
	const struct identity *id = f->w->diagnosis->evidence->identity;

	if (id == NULL)
		return fix_by_hand(f, "No certificate of ours was given, so there is none to mend. Give one: --cert FILE --key FILE.");
	f->kept = id->cert_path == NULL ? kept_in_aws(f, id) : NULL;
	if (id->cert_path == NULL && f->kept == NULL)
		return fix_by_hand(f, "%s is no file of this machine: it has to be mended where it comes from.", id->cert_file != NULL ? id->cert_file : "Our certificate");
	f->identity = id;
	f->cert_path = f->kept != NULL ? id->cert_file : id->cert_path;
	f->key_path = id->key_path;
	return STATUS_OK;
}

static bool
goes_elsewhere(const struct config_install *to)
{
	return to->secret != NULL || to->acm != NULL || to->hook != NULL;
}

/* What it sends is what it has: where its certificate lies in a secret there is no file to look at. */
static struct identity *
served_identity(const struct fixing *f)
{
	const struct handshake *h = evidence_baseline(f->w->diagnosis->evidence);
	size_t n = 0, most = h != NULL ? h->server_certs_len : 0;
	struct cert **certs = arena_array(f->arena, most + 1, sizeof *certs);

	for (size_t i = 0; i < most && h->server_certs[i].cert != NULL; i++)
		certs[n++] = h->server_certs[i].cert;
	return n > 0 ? identity_from("what the server sends", certs, n, NULL) : NULL;
}

/* The server's own files, which the configuration names. Its key may be missing here or unreadable: that is for the makers to say. */
static status
server_files(struct fixing *f, struct error *err)
{
	const struct config_serves *s = f->w->entry != NULL ? &f->w->entry->serves : NULL;
	struct identity_source source = { .tolerate_bad_key = true };
	struct error why = { .code = ERROR_NONE };

	(void)err;
	if (s != NULL && s->cert == NULL && goes_elsewhere(&f->w->entry->install)) {
		f->loaded = served_identity(f);
		f->identity = f->loaded;
		return STATUS_OK;
	}
	if (s == NULL && f->w->several != NULL)
		return fix_by_hand(f, "Several entries of the fleet have this address, %s among them, and whose files are meant is not known: name the entry instead.",
		    text_safe_arena(f->arena, text_of(f->w->several), 0, NULL));
	if (s == NULL || s->cert == NULL)
		return fix_by_hand(f, "%s. With `serves: {cert: …, key: …}` in its fleet entry this machine can do it, where it is the service's own.",
		    mend_words(f->w->diagnosis, f->finding, f->arena));
	source.cert = s->cert;
	source.key = s->key;
	if (identity_load(&source, &f->loaded, &why) != STATUS_OK) {
		f->loaded = NULL; /* damaged, or not there: it is written anew, and that is said */
		f->unread = arena_strdup(f->arena, why.text);
	}
	f->identity = f->loaded;
	f->cert_path = s->cert;
	f->key_path = s->key;
	return STATUS_OK;
}

/* ---- installing ---- */

/* The identity of the configuration that has this very file; or NULL. */
static const struct config_identity *
identity_of(const struct fixing *f)
{
	for (size_t i = 0; f->w->config != NULL && i < f->w->config->identities_len; i++) {
		const struct config_identity *id = &f->w->config->identities[i];
		char *a = id->cert != NULL ? realpath(id->cert, NULL) : NULL, *b = realpath(f->cert_path, NULL);
		bool same = a != NULL && b != NULL && strcmp(a, b) == 0;

		free(a);
		free(b);
		if (same)
			return id;
	}
	return NULL;
}

void
fix_note_others(struct fixing *f, const struct cert *old, const struct cert *ca)
{
	const struct config_identity *us = f->ours && f->cert_path != NULL ? f->kept != NULL ? f->kept : identity_of(f) : NULL;
	const struct config *c = f->w->config;
	const char *first = NULL;
	size_t others = 0;

	if (us == NULL || us->name == NULL || old == NULL || cert_could_issue(ca, old))
		return;
	for (size_t i = 0; i < c->fleet_len; i++) {
		const struct config_entry *e = &c->fleet[i];

		if (e == f->w->entry || e->identity == NULL || strcmp(e->identity, us->name) != 0)
			continue;
		first = first != NULL ? first : e->name;
		others++;
	}
	if (others > 0)
		plan_note(f->plan, "%zu more %s of the fleet (“%s”%s) %s this certificate, “%s”. Whether they trust %s was not looked at: an identity of its own for this one leaves them alone.",
		    others, others == 1 ? "entry" : "entries", plan_shown(f->plan, first), others > 1 ? " …" : "", others == 1 ? "shows" : "show", plan_shown(f->plan, us->name), fix_named(f, ca));
}

void
fix_add_reload(struct fixing *f, const struct config_entry *reader)
{
	const char *command = reader->install.reload != NULL ? reader->install.reload : reader->install.hook;
	struct plan *p = f->plan;
	struct plan_step *s;
	cJSON *args, *env;

	if (command == NULL)
		return;
	args = cJSON_CreateObject();
	cJSON_AddStringToObject(args, "command", command);
	env = cJSON_AddObjectToObject(args, "env");
	cJSON_AddStringToObject(env, "MTLSCOPE_NAME", reader->name);
	cJSON_AddStringToObject(env, "MTLSCOPE_TARGET", reader->target);
	if (f->cert_path != NULL)
		cJSON_AddStringToObject(env, "MTLSCOPE_CERT", plan_path(p, f->cert_path));
	if (f->key_path != NULL)
		cJSON_AddStringToObject(env, "MTLSCOPE_KEY", plan_path(p, f->key_path));
	s = plan_add_deed(p, &deed_run, args);
	s->what = plan_text(p, "reload “%s”", plan_shown(p, reader->name));
	s->changes = plan_text(p, "what the service does on: %s", plan_shown(p, command));
	s->command = plan_text(p, "%s", plan_shown(p, command));
	s->undo = "the same once more, after the files are back";
}

/* Our files, of which nothing says who reads them. */
static void
install_copy(struct fixing *f, const struct install_files *files)
{
	install_files_step(f->plan, files);
	plan_reaches(f->plan, "%s on %s. UNKNOWN: whether the running service reads it; this mends the copy on %s only", plan_shown(f->plan, f->cert_path), f->w->host, f->w->host);
	f->plan->reached = REACH_UNKNOWN;
}

status
fix_install(struct fixing *f, bool new_key, struct error *err)
{
	struct install_files files = { .cert_path = f->cert_path, .key_path = f->key_path, .as = f->as, .new_key = new_key };
	struct install_wish w = { .as = f->as, .new_key = new_key, .host = f->w->host, .config_file = f->w->config != NULL ? f->w->config->file : NULL };
	struct error why = { .code = ERROR_NONE };
	status result = STATUS_OK;

	if (f->ours) {
		w.identity = f->kept != NULL ? f->kept : identity_of(f);
	} else {
		w.entry = f->w->entry;
		/* Seen by another way than the steps' own, it would be another server's. */
		w.target = f->w->redirected ? NULL : f->w->entry->target;
		w.served = deed_see_served(f->w->diagnosis->evidence, f->plan->arena);
	}
	if (w.identity != NULL || w.entry != NULL)
		result = install_steps(f->plan, &w, &why);
	else if ((result = install_files_fit(&files, &why)) == STATUS_OK && (result = install_files_may(f->plan, &files, f->w->host, &why)) == STATUS_OK)
		install_copy(f, &files);
	if (result == STATUS_OK)
		return STATUS_OK;
	return why.code == ERROR_USAGE ? fix_by_hand(f, "%s", why.text) : error_set(err, why.code, why.stage, "%s", why.text);
}

/* ---- the plan ---- */

static void
begin_plan(struct fixing *f)
{
	f->plan = plan_new(&f->w->place, "");
	f->plan->kind = "fix";
	f->plan->target = plan_text(f->plan, "%s", f->w->target);
	f->plan->code = code_info(f->finding->code)->name;
}

static bool
about_trust(enum code code)
{
	return code == CODE_CLIENT_UNTRUSTED || code == CODE_CLIENT_NOT_IN_CA_LIST || code == CODE_CLIENT_PARTIAL_TRUST || code == CODE_CLIENT_REJECTED ||
	    code == CODE_CHAIN_UNTRUSTED_ROOT || code == CODE_CHAIN_SELF_SIGNED;
}

static bool
wants_trust(const struct fix_wish *w)
{
	return w->add_trust || w->trust_store != NULL || w->domain != NULL;
}

static status
make(struct fixing *f, const struct mend *m, struct error *err)
{
	const bool trust = wants_trust(f->w) && m->make != fix_require, load = fix_only_to_load(f);
	fix_maker *const ways[] = { load ? fix_load : trust ? fix_trust : m->make, load || trust ? NULL : m->otherwise };
	const char *first = NULL;

	for (size_t i = 0; i < sizeof ways / sizeof ways[0] && ways[i] != NULL && !f->settled; i++) {
		f->by_hand = NULL;
		begin_plan(f);
		if (ways[i](f, err) != STATUS_OK)
			return STATUS_FAILED;
		if (f->by_hand == NULL && f->plan->len > 0)
			return STATUS_OK;
		first = first == NULL ? f->by_hand : first;
		plan_free(f->plan);
		f->plan = NULL;
	}
	if (f->by_hand == NULL)
		f->by_hand = first;
	return STATUS_OK;
}

/* Nothing is ever undone silently: a plan without AWS steps needs none, and says so by its place. */
static void
settle_place(struct plan *p)
{
	if (!plan_wants_aws(p, false))
		p->place = (struct plan_place){ .client = NULL };
}

status
fix_plan(const struct fix_wish *w, struct arena *a, enum fix_outcome *outcome, struct plan **out, const char **words, struct error *err)
{
	/* Not one that is offered; who asks for it by --add-trust and the like gets it, with what is not known. */
	static const struct mend trusted = { CODE_CLIENT_REJECTED, SIDE_CLIENT, fix_trust, NULL };
	struct fixing f = { .w = w, .arena = a, .finding = w->finding != NULL ? w->finding : w->diagnosis->root };
	const struct mend *m = f.finding == NULL ? NULL : wants_trust(w) && f.finding->code == trusted.code ? &trusted : mend_of(f.finding->code);
	status result = STATUS_OK;

	*out = NULL;
	*words = NULL;
	*outcome = FIX_NOTHING;
	if (f.finding == NULL)
		return STATUS_OK;
	f.ours = m == NULL || m->side == SIDE_CLIENT;
	f.as = f.ours ? "client" : "server";
	if (!about_trust(f.finding->code) && (m == NULL ? w->add_trust : wants_trust(w) && m->make != fix_require))
		return error_set(err, ERROR_USAGE, "options", "%s is not about trust: --add-trust, --trust-store and --domain have no place here", code_info(f.finding->code)->name);
	if (m == NULL)
		result = fix_by_hand(&f, "%s", fix_words(&f));
	else
		result = wants_trust(w) || m->make == fix_trust || m->make == fix_require ? STATUS_OK : f.ours ? our_files(&f) : server_files(&f, err);
	if (result == STATUS_OK && f.by_hand == NULL)
		result = make(&f, m, err);
	fix_authorities_done(&f);
	identity_free(f.loaded);
	if (result != STATUS_OK) {
		plan_free(f.plan);
		return STATUS_FAILED;
	}
	*outcome = f.plan != NULL ? FIX_PLAN : FIX_BY_HAND;
	if (f.plan != NULL)
		settle_place(f.plan);
	*out = f.plan;
	*words = f.plan != NULL ? NULL : f.by_hand != NULL ? f.by_hand : mend_words(w->diagnosis, f.finding, a);
	return STATUS_OK;
}
