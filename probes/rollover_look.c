#include "probes/rollover_look_parts.h"

#include <stdlib.h>
#include <string.h>

#include "model/alert.h"
#include "model/inspect.h"
#include "model/path.h"
#include "model/quote.h"
#include "model/refusal.h"
#include "model/times.h"

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

void
rollover_look_cell(struct looking *l, struct rollover_service *s, enum rollover_column c, enum rollover_answer a, const char *how)
{
	rollover_measured(l->r, s, c, a, l->now, how);
}

const char *
rollover_look_shown(struct looking *l, const char *outside)
{
	return text_safe_arena(l->r->arena, text_of(outside), QUOTE_MAX, NULL);
}

/* ---- bundles ---- */

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
		rollover_look_cell(l, s, c, ROLLOVER_UNKNOWN, b->why);
		return;
	}
	how = arena_printf(l->r->arena, "%s %s", rollover_look_shown(l, file), b->has_new ? "holds the new root" : b->has_old ? "holds the old root and not the new one" :
	    b->has_child ? "holds a CA below the old root and not the new root" : "holds neither root");
	rollover_look_cell(l, s, c, b->has_new ? ROLLOVER_YES : b->has_old || b->has_child ? ROLLOVER_NO : ROLLOVER_NOT_ONE, how);
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
		rollover_look_cell(l, s, ROLLOVER_KEEPS, ROLLOVER_YES, arena_printf(l->r->arena, "%s holds the old root", rollover_look_shown(l, a == ROLLOVER_YES ? one_file : two_file)));
	else if (a == ROLLOVER_UNKNOWN || b == ROLLOVER_UNKNOWN)
		rollover_look_cell(l, s, ROLLOVER_KEEPS, ROLLOVER_UNKNOWN, a == ROLLOVER_UNKNOWN ? one->why : two->why);
	else if (a == ROLLOVER_NOT_ONE && b == ROLLOVER_NOT_ONE)
		rollover_look_cell(l, s, ROLLOVER_KEEPS, ROLLOVER_UNKNOWN, "no bundle of it is configured");
	else
		rollover_look_cell(l, s, ROLLOVER_KEEPS, ROLLOVER_NO, "its bundles do not hold the old root");
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

/*
 * Is it seen to be of another root? Its own root is sent along, or it leads to one that `others` holds. A chain that just ends somewhere may be of the old root: CAs
 * further down, and those of other accounts, are not known here.
 */
static bool
leads_elsewhere(const struct looking *l, struct cert *const *certs, size_t len, const char *others)
{
	struct error unimportant = { .code = ERROR_NONE };
	struct trust *t = NULL;
	bool leads = false;

	for (size_t i = 0; i < len && !leads; i++) {
		struct trust *own = certs[i]->self_signed ? trust_from("its own root", &certs[i], 1) : NULL;

		leads = leads_to(own, certs, len, NULL, 0, l->now);
		trust_free(own);
	}
	if (!leads && trust_load(others, NULL, &t, &unimportant) == STATUS_OK)
		leads = leads_to(t, certs, len, NULL, 0, l->now);
	trust_free(t);
	return leads;
}

/* `where`: "it sends a chain", "order.crt holds a chain". others: a bundle of roots; NULL: the system's. */
static void
judge_sent(struct looking *l, struct rollover_service *s, struct cert *const *certs, size_t len, const char *where, const char *others)
{
	struct arena *a = l->r->arena;

	find_issuer(l, s, certs, len);
	if (l->r->way == ROLLOVER_SAME_KEY)
		rollover_look_cell(l, s, ROLLOVER_SENDS, ROLLOVER_NOT_ONE, "the root's key stays: what is sent leads to the old and the new certificate of it");
	else if (leads_to(l->new_trust, certs, len, NULL, 0, l->now))
		rollover_look_cell(l, s, ROLLOVER_SENDS, ROLLOVER_YES, arena_printf(a, "%s that leads to the new root", where));
	else if (leads_to(l->old_trust, certs, len, l->anchors.children, l->anchors.children_len, l->now))
		rollover_look_cell(l, s, ROLLOVER_SENDS, ROLLOVER_NO, arena_printf(a, "%s that leads to the old root", where));
	else if (leads_elsewhere(l, certs, len, others))
		rollover_look_cell(l, s, ROLLOVER_SENDS, ROLLOVER_NOT_ONE, arena_printf(a, "%s that leads to neither root", where));
	else
		rollover_look_cell(l, s, ROLLOVER_SENDS, ROLLOVER_UNKNOWN, arena_printf(a, "%s that ends before any root: whose it is is not seen", where));
}

static void
sent_on_wire(struct looking *l, struct rollover_service *s, const struct handshake *h, const char *others)
{
	struct cert **certs = mem_zero(h->server_certs_len + 1, sizeof *certs);
	size_t len = 0;

	for (size_t i = 0; i < h->server_certs_len; i++) {
		if (h->server_certs[i].cert != NULL)
			certs[len++] = h->server_certs[i].cert;
	}
	if (len > 0 && h->server_certs[0].cert != NULL)
		judge_sent(l, s, certs, len, "it sends a chain", others);
	else
		rollover_look_cell(l, s, ROLLOVER_SENDS, ROLLOVER_UNKNOWN, "no certificate of it was seen");
	free(certs);
}

static void
sent_from_file(struct looking *l, struct rollover_service *s, const char *file)
{
	struct identity_source from = { .cert = file, .tolerate_bad_key = true };
	struct error err = { .code = ERROR_NONE };
	struct identity *i = NULL;

	if (file == NULL) {
		rollover_look_cell(l, s, ROLLOVER_SENDS, ROLLOVER_UNKNOWN, "what it sends lies in no file of this machine");
		return;
	}
	if (identity_load(&from, &i, &err) != STATUS_OK || i->len == 0)
		rollover_look_cell(l, s, ROLLOVER_SENDS, ROLLOVER_UNKNOWN, arena_printf(l->r->arena, "its certificate cannot be read here: %s", error_is_set(&err) ? err.text : "there is none in its file"));
	else
		judge_sent(l, s, i->certs, i->len, arena_printf(l->r->arena, "%s holds a chain", rollover_look_shown(l, file)), NULL);
	identity_free(i);
}

/* ---- what AWS keeps ---- */

/* What AWS keeps of an identity: what it sends, and the root beside it. */
struct in_aws {
	const char *where; /* "its secret" */
	const char *why;   /* sends or trusts is NULL: a printable clause */
	struct identity *sends;
	struct trust *trusts;
};

static struct in_aws
fetch_kept(const struct looking *l, const struct config_identity *i)
{
	struct in_aws k = { .where = i->secret != NULL ? "its secret" : "its parameter", .why = "it lies in AWS, which is not read" };

	if (l->how->fetch != NULL && l->how->fetch(l->how->fetch_user, i, &k.sends, &k.trusts, &k.why))
		k.why = "no root is kept beside it: whom it trusts is not known";
	return k;
}

static void
kept_done(struct in_aws *k)
{
	identity_free(k->sends);
	trust_free(k->trusts);
}

static struct in_bundle
look_into_kept(const struct looking *l, const struct in_aws *k)
{
	return k->trusts != NULL ? look_into_trust(l, k->trusts) : (struct in_bundle){ .why = k->why };
}

static void
sent_from_kept(struct looking *l, struct rollover_service *s, const struct in_aws *k)
{
	if (k->sends != NULL && k->sends->len > 0)
		judge_sent(l, s, k->sends->certs, k->sends->len, arena_printf(l->r->arena, "%s holds a chain", k->where), NULL);
	else
		rollover_look_cell(l, s, ROLLOVER_SENDS, ROLLOVER_UNKNOWN, k->why);
}

/* ---- a service ---- */

static bool
asks_wire(const struct looking *l)
{
	return l->how->pass != NULL && !l->how->no_wire;
}

/* Of two that it sends, the one that needs the old root more. */
static int
weight(enum rollover_answer a)
{
	static const int weights[] = { [ROLLOVER_NOT_ONE] = 0, [ROLLOVER_YES] = 1, [ROLLOVER_UNKNOWN] = 2, [ROLLOVER_NO] = 3 };

	return weights[a];
}

/* Its client's side: whom it trusts, and what it sends where it calls others. That is another certificate often, and moves by itself. */
static void
look_at_client_side(struct looking *l, struct rollover_service *s, const struct config_entry *e, struct in_bundle *client, const char **client_file)
{
	const struct config_identity *i = identity_of(l->how->config, e);
	const struct rollover_cell server = s->cells[ROLLOVER_SENDS];
	struct in_aws k = { .why = NULL };

	*client_file = rollover_upstreams(l->how->config, e);
	if (i != NULL && i->cert == NULL)
		k = fetch_kept(l, i);
	if (*client_file != NULL) {
		*client = look_into(l, *client_file);
	} else if (k.where != NULL) {
		*client = look_into_kept(l, &k);
		*client_file = k.where;
	}
	if (*client_file != NULL)
		judge_bundle(l, s, ROLLOVER_CLIENT, client, *client_file);
	else if (i != NULL)
		rollover_look_cell(l, s, ROLLOVER_CLIENT, ROLLOVER_UNKNOWN, "it calls others, as the identity of its name; whom it trusts then is not configured");
	else if (e->serves.cert != NULL || e->serves.trust != NULL)
		rollover_look_cell(l, s, ROLLOVER_CLIENT, ROLLOVER_NOT_ONE, "it calls nobody: serves names no upstreams");
	else
		rollover_look_cell(l, s, ROLLOVER_CLIENT, ROLLOVER_UNKNOWN, "whether it calls others, and whom it trusts then, is not configured");
	if (i != NULL && l->r->way != ROLLOVER_SAME_KEY) {
		if (k.where != NULL)
			sent_from_kept(l, s, &k);
		else
			sent_from_file(l, s, i->cert);
		if (weight(server.answer) >= weight(s->cells[ROLLOVER_SENDS].answer))
			s->cells[ROLLOVER_SENDS] = server;
	}
	kept_done(&k);
}

/* What it did on the wire, at one address. */
static void
look_at_server_side(struct looking *l, struct rollover_service *s, const struct config_entry *e, const struct asked *asked, const struct in_bundle *server)
{
	const struct handshake *h = asked->x != NULL ? evidence_baseline(asked->x->evidence) : NULL;

	if (asks_wire(l) && asked->x != NULL)
		rollover_judge_server(l, s, asked, e->serves.trust != NULL ? server : NULL, e->serves.trust);
	else if (l->r->way == ROLLOVER_SAME_KEY && e->serves.trust != NULL)
		judge_bundle(l, s, ROLLOVER_SERVER, server, e->serves.trust);
	else
		rollover_look_cell(l, s, ROLLOVER_SERVER, ROLLOVER_UNKNOWN, l->r->way == ROLLOVER_SAME_KEY ? "the wire does not show it, and no bundle of it is configured" :
		    l->how->no_pass != NULL ? l->how->no_pass : "it was not asked");
	if (h != NULL)
		sent_on_wire(l, s, h, e->trust);
	else
		rollover_look_cell(l, s, ROLLOVER_SENDS, l->r->way == ROLLOVER_SAME_KEY ? ROLLOVER_NOT_ONE : ROLLOVER_UNKNOWN, "it was not asked");
}

/* Behind one name there may be several instances, and one of them may be as it was: the worst of them counts. */
static void
look_at_another_address(struct looking *l, struct rollover_service *s, const struct config_entry *e, const struct asked *at, const struct in_bundle *server)
{
	static const enum rollover_column seen[] = { ROLLOVER_SERVER, ROLLOVER_SENDS };
	struct rollover_cell before[ROLLOVER_COLUMNS];

	memcpy(before, s->cells, sizeof before);
	look_at_server_side(l, s, e, at, server);
	for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++) {
		struct rollover_cell *c = &s->cells[seen[i]];

		if (weight(c->answer) <= weight(before[seen[i]].answer))
			*c = before[seen[i]];
		else
			rollover_look_cell(l, s, seen[i], c->answer, arena_printf(l->r->arena, "at %s, another of its addresses: %s", rollover_look_shown(l, at->address), c->how));
	}
}

static void
look_at_entry(struct looking *l, const struct config_entry *e, const struct asked *asked)
{
	struct rollover_service *s = rollover_service(l->r, e->name);
	struct in_bundle server = { .read = false }, client = { .read = false };
	const char *client_file;

	if (e->serves.trust != NULL)
		server = look_into(l, e->serves.trust);
	look_at_server_side(l, s, e, asked, &server);
	for (const struct asked *at = asked->others; at != NULL; at = at->others) {
		if (!rollover_no_way_to(at))
			look_at_another_address(l, s, e, at, &server);
	}
	look_at_client_side(l, s, e, &client, &client_file);
	keeps_of(l, s, e->serves.trust != NULL ? &server : NULL, e->serves.trust, client_file != NULL ? &client : NULL, client_file);
}

static void
look_at_kept(struct looking *l, struct rollover_service *s, const struct config_identity *i)
{
	struct in_aws k = fetch_kept(l, i);
	struct in_bundle client = look_into_kept(l, &k);

	judge_bundle(l, s, ROLLOVER_CLIENT, &client, k.where);
	keeps_of(l, s, &client, k.where, NULL, NULL);
	sent_from_kept(l, s, &k);
	kept_done(&k);
}

static void
look_at_identity(struct looking *l, const struct config_identity *i)
{
	struct rollover_service *s = rollover_service(l->r, i->name);
	struct in_bundle client = { .read = false };

	s->identity = true;
	rollover_look_cell(l, s, ROLLOVER_SERVER, ROLLOVER_NOT_ONE, "it is no server");
	if (i->cert == NULL) {
		look_at_kept(l, s, i);
		return;
	}
	if (i->trust != NULL)
		client = look_into(l, i->trust);
	if (i->trust != NULL)
		judge_bundle(l, s, ROLLOVER_CLIENT, &client, i->trust);
	else
		rollover_look_cell(l, s, ROLLOVER_CLIENT, ROLLOVER_UNKNOWN, "whom it trusts is not configured");
	sent_from_file(l, s, i->cert);
	keeps_of(l, s, i->trust != NULL ? &client : NULL, i->trust, NULL, NULL);
}

/* ---- the whole ---- */

static size_t
note_others(struct looking *l)
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
look_at_all(struct looking *l, const struct asked *asked)
{
	const struct config *c = l->how->config;

	for (size_t i = 0; i < c->fleet_len; i++)
		look_at_entry(l, &c->fleet[i], &asked[i]);
	for (size_t i = 0; i < c->identities_len; i++) {
		if (!rollover_is_of_entry(c, &c->identities[i]))
			look_at_identity(l, &c->identities[i]);
	}
}

status
rollover_look(const struct rollover_look *how, struct rollover *r, size_t *gone, struct error *err)
{
	struct looking l = { .how = how, .r = r, .now = how->world->now_ms(how->world->self) / 1000 };
	struct asked *asked = mem_zero(how->config->fleet_len + 1, sizeof *asked);
	struct cert *root;
	status result = rollover_anchors(r, &l.anchors, err);

	if (result == STATUS_OK) {
		l.nobody = trust_from("nobody", NULL, 0);
		root = (struct cert *)l.anchors.old_root;
		l.old_trust = trust_from("the old root", &root, 1);
		root = (struct cert *)l.anchors.new_root;
		l.new_trust = root != NULL ? trust_from("the new root", &root, 1) : NULL;
		if (!how->no_wire && how->config->fleet_len > 0)
			result = rollover_ask(&l, asked, err);
	}
	if (result == STATUS_OK) {
		*gone = note_others(&l);
		look_at_all(&l, asked);
	}
	rollover_asked_done(asked, how->config->fleet_len);
	trust_free(l.nobody);
	trust_free(l.old_trust);
	trust_free(l.new_trust);
	rollover_anchors_done(&l.anchors);
	return result;
}
