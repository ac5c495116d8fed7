#include "probes/rollover_look.h"

#include <stdlib.h>
#include <string.h>

#include "model/alert.h"
#include "model/inspect.h"
#include "model/path.h"
#include "model/quote.h"
#include "model/refusal.h"
#include "model/times.h"

enum { LOOKS_UP_MS = 200 /* for a signal, while services are asked */ };

struct looking {
	const struct rollover_look *how;
	struct rollover *r;
	struct rollover_anchors anchors;
	struct trust *old_trust, *new_trust; /* of one root each; new_trust NULL: it is not made yet */
	struct trust *nobody;
	int64_t now;
};

/* ---- certificates of the document ---- */

status
rollover_certs(const char *pem, const char *name, struct arena *a, struct cert ***out, size_t *len, struct error *err)
{
	struct read_options how = { .type = "PEM" };
	struct objects objects = { .len = 0 };
	status result = objects_parse((const unsigned char *)pem, strlen(pem), name, &how, &objects, err);

	*len = 0;
	*out = arena_array(a, objects.len + 1, sizeof **out);
	for (size_t i = 0; result == STATUS_OK && i < objects.len; i++) {
		if (objects.items[i].cert != NULL)
			(*out)[(*len)++] = cert_ref(objects.items[i].cert);
	}
	objects_done(&objects);
	if (result == STATUS_OK && *len == 0)
		result = error_set(err, ERROR_INPUT, "roll-over", "%s: a certificate was expected", name);
	return result;
}

/* The first certificate of it; NULL stays NULL. */
static status
one_cert(const char *pem, const char *name, struct arena *a, struct cert **out, struct error *err)
{
	struct cert **certs;
	size_t len;

	*out = NULL;
	if (pem == NULL)
		return STATUS_OK;
	if (rollover_certs(pem, name, a, &certs, &len, err) != STATUS_OK)
		return STATUS_FAILED;
	*out = certs[0];
	for (size_t i = 1; i < len; i++)
		cert_free(certs[i]);
	return STATUS_OK;
}

status
rollover_anchors(const struct rollover *r, struct rollover_anchors *out, struct error *err)
{
	struct arena *a = arena_new();
	struct cert *old_root = NULL, *new_root = NULL;
	status result = one_cert(r->old_root.pem, "the roll-over's old root", a, &old_root, err);

	*out = (struct rollover_anchors){ .children = mem_zero(r->children_len + 1, sizeof *out->children), .twins = mem_zero(r->children_len + 1, sizeof *out->twins) };
	if (result == STATUS_OK)
		result = one_cert(r->new_root.pem, "the roll-over's new root", a, &new_root, err);
	out->old_root = old_root;
	out->new_root = new_root;
	for (size_t i = 0; i < r->children_len && result == STATUS_OK; i++) {
		result = one_cert(r->children[i].old.pem, "the roll-over's issuing CA", a, &out->children[i], err);
		if (result == STATUS_OK)
			result = one_cert(r->children[i].twin.pem, "the roll-over's new issuing CA", a, &out->twins[i], err);
		out->children_len = i + 1;
	}
	arena_free(a);
	return result;
}

void
rollover_anchors_done(struct rollover_anchors *a)
{
	for (size_t i = 0; i < a->children_len; i++) {
		cert_free(a->children[i]);
		cert_free(a->twins[i]);
	}
	free(a->children);
	free(a->twins);
	cert_free(a->old_root);
	cert_free(a->new_root);
	*a = (struct rollover_anchors){ .children = NULL };
}

/* ---- whose is what ---- */

/* The identity that has the entry's name: its client's side. NULL: there is none. */
static const struct config_identity *
identity_of(const struct config *c, const struct config_entry *e)
{
	return e->name != NULL ? config_identity(c, e->name) : NULL;
}

bool
rollover_is_of_entry(const struct config *c, const struct config_identity *i)
{
	return config_entry(c, i->name) != NULL;
}

const char *
rollover_upstreams(const struct config *c, const struct config_entry *e)
{
	const struct config_identity *i = identity_of(c, e);

	return e->serves.upstreams != NULL ? e->serves.upstreams : i != NULL ? i->trust : NULL;
}

/* ---- cells ---- */

static void
cell(struct looking *l, struct rollover_service *s, enum rollover_column c, enum rollover_answer a, const char *how)
{
	rollover_measured(l->r, s, c, a, l->now, how);
}

static const char *
shown(struct looking *l, const char *outside)
{
	return text_safe_arena(l->r->arena, text_of(outside), QUOTE_MAX, NULL);
}

/* ---- bundles ---- */

struct in_bundle {
	bool read, has_old, has_new, has_child;
	const char *why; /* not read: a printable clause */
};

static struct in_bundle
look_into_trust(const struct looking *l, const struct trust *t)
{
	struct in_bundle b = { .read = true };

	b.has_old = trust_has(t, l->anchors.old_root);
	b.has_new = l->anchors.new_root != NULL && trust_has(t, l->anchors.new_root);
	for (size_t i = 0; i < l->anchors.children_len; i++)
		b.has_child = b.has_child || (l->anchors.children[i] != NULL && trust_has(t, l->anchors.children[i]));
	return b;
}

static struct in_bundle
look_into(struct looking *l, const char *file)
{
	struct in_bundle b = { .read = false };
	struct error err = { .code = ERROR_NONE };
	struct trust *t = NULL;

	if (trust_load(file, NULL, &t, &err) == STATUS_OK)
		b = look_into_trust(l, t);
	else
		b.why = arena_printf(l->r->arena, "its bundle cannot be read here: %s", err.text);
	trust_free(t);
	return b;
}

/* What a bundle says of whom it is read by. What holds neither root has no part in this: it loses nothing with the old one. */
static void
judge_bundle(struct looking *l, struct rollover_service *s, enum rollover_column c, const struct in_bundle *b, const char *file)
{
	const char *how;

	if (!b->read) {
		cell(l, s, c, ROLLOVER_UNKNOWN, b->why);
		return;
	}
	how = arena_printf(l->r->arena, "%s %s", shown(l, file), b->has_new ? "holds the new root" : b->has_old ? "holds the old root and not the new one" :
	    b->has_child ? "holds a CA below the old root and not the new root" : "holds neither root");
	cell(l, s, c, b->has_new ? ROLLOVER_YES : b->has_old || b->has_child ? ROLLOVER_NO : ROLLOVER_NOT_ONE, how);
}

static enum rollover_answer
keeps(const struct in_bundle *b)
{
	return !b->read ? ROLLOVER_UNKNOWN : b->has_old ? ROLLOVER_YES : ROLLOVER_NO;
}

/* Of two bundles: one that keeps it decides; else one that is not known. */
static void
keeps_of(struct looking *l, struct rollover_service *s, const struct in_bundle *one, const char *one_file, const struct in_bundle *two, const char *two_file)
{
	enum rollover_answer a = one != NULL ? keeps(one) : ROLLOVER_NOT_ONE, b = two != NULL ? keeps(two) : ROLLOVER_NOT_ONE;

	if (a == ROLLOVER_YES || b == ROLLOVER_YES)
		cell(l, s, ROLLOVER_KEEPS, ROLLOVER_YES, arena_printf(l->r->arena, "%s holds the old root", shown(l, a == ROLLOVER_YES ? one_file : two_file)));
	else if (a == ROLLOVER_UNKNOWN || b == ROLLOVER_UNKNOWN)
		cell(l, s, ROLLOVER_KEEPS, ROLLOVER_UNKNOWN, a == ROLLOVER_UNKNOWN ? one->why : two->why);
	else if (a == ROLLOVER_NOT_ONE && b == ROLLOVER_NOT_ONE)
		cell(l, s, ROLLOVER_KEEPS, ROLLOVER_UNKNOWN, "no bundle of it is configured");
	else
		cell(l, s, ROLLOVER_KEEPS, ROLLOVER_NO, "its bundles do not hold the old root");
}

/* ---- what is sent ---- */

/* Is there a path, whatever the clock says: an expired leaf is another story than a wrong root. */
static bool
leads_to(const struct trust *root, struct cert *const *certs, size_t len, struct cert *const *more, size_t more_len, int64_t now)
{
	struct path_link *pool;
	struct path_set *paths;
	size_t pool_len = 0;
	bool found = false;

	if (root == NULL || len == 0)
		return false;
	pool = mem_zero(len + more_len, sizeof *pool);
	for (size_t i = 1; i < len; i++)
		pool[pool_len++] = (struct path_link){ .cert = certs[i], .source = SOURCE_PRESENTED };
	for (size_t i = 0; i < more_len; i++) {
		if (more[i] != NULL)
			pool[pool_len++] = (struct path_link){ .cert = more[i], .source = SOURCE_PCA };
	}
	paths = paths_find(&(struct path_question){ .leaf = certs[0], .pool = pool, .pool_len = pool_len, .trust = root, .purpose = PURPOSE_ANY,
		.at = now, .partial_chain = true });
	for (size_t i = 0; i < paths->len && !found; i++)
		found = paths->paths[i].anchored && paths->paths[i].errors_len == 0;
	paths_free(paths);
	free(pool);
	return found;
}

/* The CA right below the old root that the chain hangs on: it is sent, or it signed the last one that is. */
static void
find_issuer(const struct looking *l, struct rollover_service *s, struct cert *const *certs, size_t len)
{
	for (size_t i = 0; i < l->anchors.children_len; i++) {
		const struct cert *child = l->anchors.children[i];
		bool hangs = child != NULL && cert_could_issue(child, certs[len - 1]) && cert_signed_by(certs[len - 1], child, NULL);

		for (size_t k = 0; k < len && child != NULL && !hangs; k++)
			hangs = fingerprint_equal(&certs[k]->sha256, &child->sha256);
		if (hangs)
			s->issuer = l->r->children[i].old.arn;
	}
}

/* `where`: "it sends a chain", "order.crt holds a chain". */
static void
judge_sent(struct looking *l, struct rollover_service *s, struct cert *const *certs, size_t len, const char *where)
{
	struct arena *a = l->r->arena;

	find_issuer(l, s, certs, len);
	if (l->r->way == ROLLOVER_SAME_KEY)
		cell(l, s, ROLLOVER_SENDS, ROLLOVER_NOT_ONE, "the root's key stays: what is sent leads to the old and the new certificate of it");
	else if (leads_to(l->new_trust, certs, len, NULL, 0, l->now))
		cell(l, s, ROLLOVER_SENDS, ROLLOVER_YES, arena_printf(a, "%s that leads to the new root", where));
	else if (leads_to(l->old_trust, certs, len, l->anchors.children, l->anchors.children_len, l->now))
		cell(l, s, ROLLOVER_SENDS, ROLLOVER_NO, arena_printf(a, "%s that leads to the old root", where));
	else
		cell(l, s, ROLLOVER_SENDS, ROLLOVER_NOT_ONE, arena_printf(a, "%s that leads to neither root", where));
}

static void
sent_on_wire(struct looking *l, struct rollover_service *s, const struct handshake *h)
{
	struct cert **certs = mem_zero(h->server_certs_len + 1, sizeof *certs);
	size_t len = 0;

	for (size_t i = 0; i < h->server_certs_len; i++) {
		if (h->server_certs[i].cert != NULL)
			certs[len++] = h->server_certs[i].cert;
	}
	if (len > 0 && h->server_certs[0].cert != NULL)
		judge_sent(l, s, certs, len, "it sends a chain");
	else
		cell(l, s, ROLLOVER_SENDS, ROLLOVER_UNKNOWN, "no certificate of it was seen");
	free(certs);
}

static void
sent_from_file(struct looking *l, struct rollover_service *s, const char *file)
{
	struct identity_source from = { .cert = file, .tolerate_bad_key = true };
	struct error err = { .code = ERROR_NONE };
	struct identity *i = NULL;

	if (file == NULL) {
		cell(l, s, ROLLOVER_SENDS, ROLLOVER_UNKNOWN, "what it sends lies in no file of this machine");
		return;
	}
	if (identity_load(&from, &i, &err) != STATUS_OK || i->len == 0)
		cell(l, s, ROLLOVER_SENDS, ROLLOVER_UNKNOWN, arena_printf(l->r->arena, "its certificate cannot be read here: %s", error_is_set(&err) ? err.text : "there is none in its file"));
	else
		judge_sent(l, s, i->certs, i->len, arena_printf(l->r->arena, "%s holds a chain", shown(l, file)));
	identity_free(i);
}

/* ---- as a server, on the wire ---- */

static const char *const doubts[] = {
	[DOUBT_SILENT] = "it did not refuse, and nothing proved that it accepts",
	[DOUBT_UNASKED] = "TLS said yes, and it may still refuse what is asked inside",
	[DOUBT_UNANSWERED] = "TLS said yes, and no answer came to the request",
	[DOUBT_CLOSED] = "TLS said yes, and it closed on the request without an answer",
};

/*
 * Is it the certificate that is refused, and may its CA be why? We made it, and it is right in all else: valid, for clients, with its chain and key. So that is
 * NO, whatever stack it is: a NO cannot be confirmed away. A 401 or 403, a close without a word, an alert that says something else may mean a name or a
 * clock: not known.
 */
static bool
refuses_the_ca(const struct examination *x, const struct refusal *how)
{
	bool certificate = how->kind == REFUSAL_ALERT || (how->kind == REFUSAL_HTTP && how->http_status != 401 && how->http_status != 403);
	enum fit fit = refusal_fits(x->evidence, CODE_CLIENT_UNTRUSTED);

	return fit == FITS || (fit == POSSIBLE && certificate);
}

static void
judge_refusal(struct looking *l, struct rollover_service *s, const struct examination *x)
{
	struct refusal how = refusal_of(x->evidence);
	const char *words = refusal_label(&how, l->r->arena);

	if (refuses_the_ca(x, &how))
		cell(l, s, ROLLOVER_SERVER, ROLLOVER_NO, arena_printf(l->r->arena, "it refuses a client certificate of the new root: %s", words));
	else
		cell(l, s, ROLLOVER_SERVER, ROLLOVER_UNKNOWN,
		    arena_printf(l->r->arena, "it refuses a client certificate of the new root, perhaps for another reason: %s", words));
}

static void
judge_wire(struct looking *l, struct rollover_service *s, const struct examination *x)
{
	const struct handshake *h = evidence_baseline(x->evidence);
	enum doubt doubt;

	if (h == NULL || x->cancelled || h->outcome == OUTCOME_NETWORK || h->outcome == OUTCOME_PROTOCOL || h->outcome == OUTCOME_FAILED_LOCAL) {
		cell(l, s, ROLLOVER_SERVER, ROLLOVER_UNKNOWN, arena_printf(l->r->arena, "no handshake came about: %s",
		    x->diagnosis != NULL && x->diagnosis->root != NULL ? code_info(x->diagnosis->root->code)->name : "it was cut short"));
		return;
	}
	if (h->outcome == OUTCOME_NOT_ASKED) {
		cell(l, s, ROLLOVER_SERVER, ROLLOVER_UNKNOWN, "it asks for no client certificate there");
		return;
	}
	if (!handshake_accepted(h)) {
		judge_refusal(l, s, x);
		return;
	}
	doubt = handshake_doubt(h);
	if (doubt == DOUBT_ANSWER)
		cell(l, s, ROLLOVER_SERVER, ROLLOVER_UNKNOWN, arena_printf(l->r->arena, "it answered HTTP %d: a refusal may look like that", h->http.status));
	else if (doubt != DOUBT_NONE)
		cell(l, s, ROLLOVER_SERVER, ROLLOVER_UNKNOWN, doubts[doubt]);
	else
		cell(l, s, ROLLOVER_SERVER, ROLLOVER_YES, "it lets in a client certificate of the new root");
}

/* The wire decides. What its file says beside it is said too: a reload that is missing shows here. */
static void
judge_server(struct looking *l, struct rollover_service *s, const struct examination *x, const struct in_bundle *b, const char *file)
{
	const struct rollover_cell *c = &s->cells[ROLLOVER_SERVER];

	judge_wire(l, s, x);
	if (b == NULL || !b->read)
		return;
	if (c->answer == ROLLOVER_NO && b->has_new)
		cell(l, s, ROLLOVER_SERVER, ROLLOVER_NO, arena_printf(l->r->arena, "%s; %s holds the new root: was it reloaded?", c->how, shown(l, file)));
	else if (c->answer == ROLLOVER_UNKNOWN && !b->has_new && (b->has_old || b->has_child))
		cell(l, s, ROLLOVER_SERVER, ROLLOVER_NO, arena_printf(l->r->arena, "%s; %s does not hold the new root", c->how, shown(l, file)));
	else if (c->answer != ROLLOVER_YES && !b->has_new && !b->has_old && !b->has_child)
		cell(l, s, ROLLOVER_SERVER, ROLLOVER_NOT_ONE, arena_printf(l->r->arena, "%s holds neither root: its clients are of another one", shown(l, file)));
}

/* ---- a service ---- */

static bool
asks_wire(const struct looking *l)
{
	return l->how->pass != NULL && !l->how->no_wire;
}

static void
look_at_entry(struct looking *l, const struct config_entry *e, const struct examination *x)
{
	struct rollover_service *s = rollover_service(l->r, e->name);
	const char *upstreams = rollover_upstreams(l->how->config, e);
	struct in_bundle server = { .read = false }, client = { .read = false };
	const struct handshake *h = x != NULL ? evidence_baseline(x->evidence) : NULL;

	if (e->serves.trust != NULL)
		server = look_into(l, e->serves.trust);
	if (upstreams != NULL)
		client = look_into(l, upstreams);
	if (asks_wire(l) && x != NULL)
		judge_server(l, s, x, e->serves.trust != NULL ? &server : NULL, e->serves.trust);
	else if (l->r->way == ROLLOVER_SAME_KEY && e->serves.trust != NULL)
		judge_bundle(l, s, ROLLOVER_SERVER, &server, e->serves.trust);
	else
		cell(l, s, ROLLOVER_SERVER, ROLLOVER_UNKNOWN, l->r->way == ROLLOVER_SAME_KEY ? "the wire does not show it, and no bundle of it is configured" :
		    l->how->no_pass != NULL ? l->how->no_pass : "it was not asked");
	if (upstreams != NULL)
		judge_bundle(l, s, ROLLOVER_CLIENT, &client, upstreams);
	else if (e->serves.cert != NULL || e->serves.trust != NULL)
		cell(l, s, ROLLOVER_CLIENT, ROLLOVER_NOT_ONE, "it calls nobody: serves names no upstreams");
	else
		cell(l, s, ROLLOVER_CLIENT, ROLLOVER_UNKNOWN, "whether it calls others, and whom it trusts then, is not configured");
	if (h != NULL)
		sent_on_wire(l, s, h);
	else
		cell(l, s, ROLLOVER_SENDS, l->r->way == ROLLOVER_SAME_KEY ? ROLLOVER_NOT_ONE : ROLLOVER_UNKNOWN, "it was not asked");
	keeps_of(l, s, e->serves.trust != NULL ? &server : NULL, e->serves.trust, upstreams != NULL ? &client : NULL, upstreams);
}

/* One that AWS keeps, read there: what it sends, and the root beside it. */
static void
look_at_kept(struct looking *l, struct rollover_service *s, const struct config_identity *i)
{
	const char *why = "it lies in AWS, which is not read", *where = i->secret != NULL ? "its secret" : "its parameter";
	struct identity *sends = NULL;
	struct trust *trusts = NULL;
	struct in_bundle client = { .read = false };

	if (l->how->fetch != NULL && l->how->fetch(l->how->fetch_user, i, &sends, &trusts, &why))
		why = "no root is kept beside it: whom it trusts is not known";
	client.why = why;
	if (trusts != NULL)
		client = look_into_trust(l, trusts);
	judge_bundle(l, s, ROLLOVER_CLIENT, &client, where);
	keeps_of(l, s, &client, where, NULL, NULL);
	if (sends != NULL && sends->len > 0)
		judge_sent(l, s, sends->certs, sends->len, arena_printf(l->r->arena, "%s holds a chain", where));
	else
		cell(l, s, ROLLOVER_SENDS, ROLLOVER_UNKNOWN, why);
	identity_free(sends);
	trust_free(trusts);
}

static void
look_at_identity(struct looking *l, const struct config_identity *i)
{
	struct rollover_service *s = rollover_service(l->r, i->name);
	struct in_bundle client = { .read = false };

	s->identity = true;
	cell(l, s, ROLLOVER_SERVER, ROLLOVER_NOT_ONE, "it is no server");
	if (i->cert == NULL) {
		look_at_kept(l, s, i);
		return;
	}
	if (i->trust != NULL)
		client = look_into(l, i->trust);
	if (i->trust != NULL)
		judge_bundle(l, s, ROLLOVER_CLIENT, &client, i->trust);
	else
		cell(l, s, ROLLOVER_CLIENT, ROLLOVER_UNKNOWN, "whom it trusts is not configured");
	sent_from_file(l, s, i->cert);
	keeps_of(l, s, i->trust != NULL ? &client : NULL, i->trust, NULL, NULL);
}

/* ---- the whole ---- */

static bool
is_cancelled(const struct looking *l)
{
	return l->how->cancel != NULL && atomic_load(l->how->cancel);
}

/* examinations[i] is the i-th entry's; all are asked at once. */
static status
ask_all(struct looking *l, struct examination **examinations, struct error *err)
{
	const struct config *c = l->how->config;
	struct examine_options how = *l->how->options;
	const struct config_entry *e;
	struct examiner *engine;
	struct examination *x;
	size_t done = 0;

	how.quick = true;
	if (examiner_start(&how, l->how->world, &engine, err) != STATUS_OK)
		return STATUS_FAILED;
	/* Its descriptor asked for: then it runs on a thread of its own, and can be left. */
	if (l->how->cancel != NULL)
		(void)examiner_fd(engine);
	examiner_many(engine, c->fleet_len > 1);
	for (size_t i = 0; i < c->fleet_len; i++)
		examiner_add(engine, &c->fleet[i].parsed, l->how->pass, l->nobody, &c->fleet[i]);
	while (examiner_left(engine) > 0) {
		if (is_cancelled(l)) {
			examiner_cancel(engine);
			break;
		}
		if (l->how->tell != NULL)
			l->how->tell(l->how->tell_user, done, c->fleet_len);
		x = examiner_next(engine, LOOKS_UP_MS);
		if (x == NULL)
			continue;
		e = x->user;
		examinations[e - c->fleet] = x;
		done++;
	}
	examiner_free(engine);
	return is_cancelled(l) ? error_set(err, ERROR_NOT_DONE, "roll-over", "the measuring was cut short: nothing of it counts") : STATUS_OK;
}

static size_t
forget_others(struct looking *l)
{
	const struct config *c = l->how->config;
	const char **names = mem_zero(c->fleet_len + c->identities_len + 1, sizeof *names);
	size_t len = 0, gone;

	for (size_t i = 0; i < c->fleet_len; i++)
		names[len++] = c->fleet[i].name;
	for (size_t i = 0; i < c->identities_len; i++)
		names[len++] = c->identities[i].name;
	gone = rollover_only(l->r, names, len);
	free(names);
	return gone;
}

static void
look_at_all(struct looking *l, struct examination *const *examinations)
{
	const struct config *c = l->how->config;

	for (size_t i = 0; i < c->fleet_len; i++)
		look_at_entry(l, &c->fleet[i], examinations[i]);
	for (size_t i = 0; i < c->identities_len; i++) {
		if (!rollover_is_of_entry(c, &c->identities[i]))
			look_at_identity(l, &c->identities[i]);
	}
}

status
rollover_look(const struct rollover_look *how, struct rollover *r, size_t *gone, struct error *err)
{
	struct looking l = { .how = how, .r = r, .now = how->world->now_ms(how->world->self) / 1000 };
	struct examination **examinations = mem_zero(how->config->fleet_len + 1, sizeof *examinations);
	struct cert *root;
	status result = rollover_anchors(r, &l.anchors, err);

	if (result == STATUS_OK) {
		l.nobody = trust_from("nobody", NULL, 0);
		root = (struct cert *)l.anchors.old_root;
		l.old_trust = trust_from("the old root", &root, 1);
		root = (struct cert *)l.anchors.new_root;
		l.new_trust = root != NULL ? trust_from("the new root", &root, 1) : NULL;
		if (!how->no_wire && how->config->fleet_len > 0)
			result = ask_all(&l, examinations, err);
	}
	if (result == STATUS_OK) {
		*gone = forget_others(&l);
		look_at_all(&l, examinations);
	}
	for (size_t i = 0; i < how->config->fleet_len; i++)
		examination_free(examinations[i]);
	free(examinations);
	trust_free(l.nobody);
	trust_free(l.old_trust);
	trust_free(l.new_trust);
	rollover_anchors_done(&l.anchors);
	return result;
}
