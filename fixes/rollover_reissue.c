/* The way with a new issuing CA: what is sent is issued anew, a batch of services at a time, with the names and purpose that it had. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixes/deeds.h"
#include "fixes/install.h"
#include "fixes/prices.h"
#include "fixes/rollover_parts.h"
#include "model/csr.h"
#include "model/times.h"

enum { NAMES_MOST = 1000, DAYS_USUAL = 30, DAYS_MOST = 397, RSA_LEAST = 2048 };

/* A file with a leaf of the old root, and who issues the next one. */
struct renewing {
	struct rolling *m;
	const char *name, *cert, *key;
	const struct config_entry *entry;  /* one of the two */
	const struct config_identity *identity;
	const struct identity *now;
	const struct rollover_ca *from;
	struct pca_ca ca;
	const char *as;
	bool same_key;
	const char *csr;                   /* of the key that stays */
	const char *names[NAMES_MOST];
	size_t names_len;
};

struct batch {
	struct rolling *m;
	const struct pca_ca *cas;          /* of each child's twin */
	unsigned made;
	size_t left;
};

/* ---- names, key, purpose ---- */

static const char *
part(struct renewing *n, const char *type)
{
	const struct name *subject = &identity_leaf(n->now)->subject;

	for (size_t i = 0; subject->flags == 0 && i < subject->len; i++) {
		if (strcmp(subject->parts[i].type, type) == 0)
			return arena_strndup(n->m->arena, (const char *)subject->parts[i].value.bytes, subject->parts[i].value.len);
	}
	return NULL;
}

/* "DNS:payment.internal" → "payment.internal". False: one of a kind that cannot be asked for here, or a hostile one. */
static bool
old_names(struct renewing *n)
{
	const struct cert *old = identity_leaf(n->now);

	for (size_t i = 0; i < old->san_len; i++) {
		const struct san *s = &old->san[i];
		const char *colon = strchr(s->safe, ':');
		bool known = s->type == SAN_DNS || s->type == SAN_IP || s->type == SAN_URI || s->type == SAN_EMAIL;

		if (!known || s->flags != 0 || colon == NULL || n->names_len == NAMES_MOST)
			return false;
		n->names[n->names_len++] = colon + 1;
	}
	return true;
}

static enum csr_key
key_like(const struct cert *old)
{
	static const struct {
		enum key_type type;
		int bits;
		enum csr_key kind;
	} kinds[] = {
		{ KEY_TYPE_RSA, 4096, CSR_KEY_RSA4096 }, { KEY_TYPE_RSA, 3072, CSR_KEY_RSA3072 }, { KEY_TYPE_RSA, 0, CSR_KEY_RSA2048 },
		{ KEY_TYPE_EC, 521, CSR_KEY_P521 }, { KEY_TYPE_EC, 384, CSR_KEY_P384 },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (old->key.type == kinds[i].type && old->key.bits >= kinds[i].bits)
			return kinds[i].kind;
	}
	return CSR_KEY_P256;
}

static bool
had(const struct cert *old, const char *eku)
{
	for (size_t i = 0; i < old->eku_len; i++) {
		if (strcmp(old->eku[i], eku) == 0)
			return true;
	}
	return !old->has_eku;
}

static int64_t
ends(const struct renewing *n)
{
	const struct cert *old = identity_leaf(n->now);
	int64_t days = (old->not_after - old->not_before) / ROLLOVER_DAY, wanted;
	bool short_lived = n->ca.usage_mode != NULL && strcmp(n->ca.usage_mode, "SHORT_LIVED_CERTIFICATE") == 0;

	if (n->entry != NULL && n->entry->renew.validity_days > 0)
		days = n->entry->renew.validity_days;
	else if (days < 1)
		days = DAYS_USUAL;
	else if (days > DAYS_MOST)
		days = DAYS_MOST;
	wanted = n->m->w->now + days * ROLLOVER_DAY;
	if (short_lived && wanted > n->m->w->now + ROLLOVER_SHORT_LIVED)
		wanted = n->m->w->now + ROLLOVER_SHORT_LIVED;
	return n->ca.not_after != TIME_UNKNOWN && wanted > n->ca.not_after ? n->ca.not_after : wanted;
}

/* ---- steps ---- */

static void
add_text(cJSON *o, const char *name, const char *value)
{
	if (value != NULL)
		cJSON_AddStringToObject(o, name, value);
}

static void
key_step(struct renewing *n)
{
	struct plan *p = n->m->plan;
	cJSON *args = cJSON_CreateObject(), *names;
	const char *kind = csr_key_label(key_like(identity_leaf(n->now)));
	struct plan_step *s;

	add_text(args, "as", n->as);
	add_text(args, "kind", kind);
	add_text(args, "common_name", part(n, "CN"));
	add_text(args, "organization", part(n, "O"));
	add_text(args, "organizational_unit", part(n, "OU"));
	add_text(args, "country", part(n, "C"));
	names = cJSON_AddArrayToObject(args, "names");
	for (size_t i = 0; i < n->names_len; i++)
		cJSON_AddItemToArray(names, cJSON_CreateString(n->names[i]));
	s = plan_add_deed(p, &deed_make_key, args);
	s->what = plan_text(p, "make a new key (%s) and a request for “%s”", kind, plan_shown(p, n->name));
	s->changes = "a file in mtlscope's own folder, 0600: the key is on disk before anything is issued for it";
	s->undo = "it stays there until the plan is done";
}

static status
request_of_old_key(struct renewing *n, struct error *err)
{
	struct csr_wish w = { .common_name = part(n, "CN"), .organization = part(n, "O"), .organizational_unit = part(n, "OU"), .country = part(n, "C"),
		.names = n->names, .names_len = n->names_len, .key = n->now->key };
	struct csr_pair pair;

	if (csr_make(&w, &pair, err) != STATUS_OK)
		return STATUS_FAILED;
	n->csr = plan_text(n->m->plan, "%s", pair.csr);
	csr_pair_done(&pair);
	return STATUS_OK;
}

/* Tried in a plan that is thrown away: what cannot be installed is said before anything is issued for it. False: it is its owner's to do. */
static bool
can_be_installed(struct renewing *n, const struct install_wish *to)
{
	struct plan *p = plan_new(&n->m->plan->place, "");
	struct error why = { .code = ERROR_NONE };
	bool can = install_steps(p, to, &why) == STATUS_OK;

	if (!can)
		rollover_by_hand(n->m, "%s: %s", plan_shown(n->m->plan, n->name), why.text);
	plan_free(p);
	return can;
}

static status
add_steps(struct renewing *n, struct error *err)
{
	struct plan *p = n->m->plan;
	const struct cert *old = identity_leaf(n->now);
	struct csr_purpose purpose = { .server = had(old, "serverAuth"), .client = had(old, "clientAuth") };
	struct rollover_issue i = { .as = n->as, .ca = n->from->arn, .ca_name = n->from->name, .key_algorithm = n->ca.key_algorithm,
		.short_lived = n->ca.usage_mode != NULL && strcmp(n->ca.usage_mode, "SHORT_LIVED_CERTIFICATE") == 0, .template_name = csr_template(&purpose),
		.undo = "it stays issued; mtlscope pca revoke revokes it", .server = purpose.server, .client = purpose.client, .not_after = ends(n) };
	struct install_wish to = { .as = n->as, .new_key = !n->same_key, .entry = n->entry, .identity = n->identity, .host = n->m->w->host };

	if (!can_be_installed(n, &to))
		return STATUS_OK;
	if (n->same_key && request_of_old_key(n, err) != STATUS_OK)
		return STATUS_FAILED;
	if (!n->same_key)
		key_step(n);
	i.csr = n->csr;
	i.what = plan_text(p, "let “%s” issue the certificate of “%s”", i.ca_name, plan_shown(p, n->name));
	rollover_issue_steps(p, &i, n->m->w->now);
	return install_steps(p, &to, err);
}

/* ---- which ---- */

/* The new CA in the place of the one that the chain hangs on; NULL: it hangs on none of the old root's. */
static const struct rollover_ca *
next_issuer(const struct batch *b, const struct identity *now, struct pca_ca *ca)
{
	const struct rolling *m = b->m;

	for (size_t i = 0; i < m->anchors.children_len; i++) {
		if (m->anchors.children[i] == NULL || m->anchors.twins[i] == NULL || !cert_signed_by(identity_leaf(now), m->anchors.children[i], NULL))
			continue;
		*ca = b->cas[i];
		return &m->w->r->children[i].twin;
	}
	return NULL;
}

/* A CA below the old root is in its chain, and did not sign the leaf itself. */
static bool
hangs_deeper(const struct rolling *m, const struct identity *now)
{
	for (size_t k = 1; k < now->len; k++) {
		for (size_t i = 0; i < m->anchors.children_len; i++) {
			if (m->anchors.children[i] != NULL && fingerprint_equal(&now->certs[k]->sha256, &m->anchors.children[i]->sha256))
				return true;
		}
	}
	return false;
}

static status
reissue(struct batch *b, struct renewing *n, struct error *err)
{
	struct identity_source from = { .cert = n->cert, .key = n->key, .tolerate_bad_key = true };
	struct error unread = { .code = ERROR_NONE };
	const char *name = plan_shown(b->m->plan, n->name), *file = plan_shown(b->m->plan, n->cert);
	struct identity *now = NULL;
	status result = STATUS_OK;

	if (identity_load(&from, &now, &unread) != STATUS_OK || identity_leaf(now) == NULL) {
		rollover_by_hand(b->m, "%s: a certificate of the new root must come into %s, which cannot be read here", name, file);
		identity_free(now);
		return STATUS_OK;
	}
	n->now = now;
	n->from = next_issuer(b, now, &n->ca);
	n->same_key = n->entry != NULL && n->entry->renew.given && !n->entry->renew.new_key && now->key != NULL && now->key->is_private;
	n->as = plan_text(b->m->plan, "leaf%zu", b->m->plan->len);
	if (n->from == NULL) {
		if (hangs_deeper(b->m, now))
			rollover_by_hand(b->m, "%s: its certificate in %s is of a CA further down; its owner gets that one signed anew, or the way is cross", name, file);
	} else if (b->made == ROLLOVER_BATCH) {
		b->left++;
	} else if (access(n->cert, W_OK) != 0 || !old_names(n)) {
		rollover_by_hand(b->m, "%s: a certificate of “%s” must come into %s; from here it cannot be %s", name, n->from->name, file,
		    access(n->cert, W_OK) != 0 ? "written" : "asked for with all the names that it has");
	} else {
		size_t before = b->m->plan->len;

		result = add_steps(n, err);
		b->made += b->m->plan->len > before;
	}
	identity_free(now);
	return result;
}

static status
ask_twins(struct batch *b, struct error *err)
{
	const struct rollover *r = b->m->w->r;
	struct pca_ca *cas = arena_array(b->m->arena, r->children_len + 1, sizeof *cas);

	for (size_t i = 0; i < r->children_len; i++) {
		struct aws_error why = { .kind = AWS_FINE };

		if (r->children[i].twin.arn == NULL)
			continue;

		if (pca_describe_ca(b->m->plan->place.client, r->children[i].twin.arn, b->m->arena, &cas[i], &why) != STATUS_OK)
			return plan_failed(b->m->plan, &why, "look at the new issuing CA", err);
	}
	b->cas = cas;
	return STATUS_OK;
}

static status
reissue_all(struct batch *b, struct renewing *n, struct error *err)
{
	const struct config *c = b->m->w->config;
	status result = STATUS_OK;

	for (size_t i = 0; i < c->fleet_len && result == STATUS_OK; i++) {
		const struct config_entry *e = &c->fleet[i];
		const struct rollover_service *known = rollover_find(b->m->w->r, e->name);

		if (!rollover_meant(b->m, e->name))
			continue;
		*n = (struct renewing){ .m = b->m, .name = e->name, .cert = e->serves.cert, .key = e->serves.key, .entry = e };
		if (n->cert != NULL)
			result = reissue(b, n, err);
		else if (known != NULL && known->cells[ROLLOVER_SENDS].answer == ROLLOVER_NO)
			rollover_by_hand(b->m, "%s: where its certificate lies is not configured (serves: {cert: …}); a new one of the new root must come there",
			    plan_shown(b->m->plan, e->name));
	}
	for (size_t i = 0; i < c->identities_len && result == STATUS_OK; i++) {
		const struct config_identity *id = &c->identities[i];

		if (id->cert == NULL || !rollover_meant(b->m, id->name))
			continue;
		*n = (struct renewing){ .m = b->m, .name = id->name, .cert = id->cert, .key = id->key, .identity = id };
		result = reissue(b, n, err);
	}
	return result;
}

status
rollover_move_reissued(struct rolling *m, struct error *err)
{
	struct batch b = { .m = m };
	struct renewing *n = mem_zero(1, sizeof *n);
	status result = ask_twins(&b, err);

	if (result == STATUS_OK)
		result = reissue_all(&b, n, err);
	free(n);
	m->plan->title = plan_text(m->plan, "new certificates under “%s” for %u of those who send old ones", plan_shown(m->plan, m->w->r->new_root.name), b.made);
	m->plan->cost = price_of_all(m->plan, false, 0, b.made);
	if (b.left > 0)
		plan_note(m->plan, "%zu more follow: at most %d are done in one plan, so that a mistake hits no more.", b.left, ROLLOVER_BATCH);
	return result;
}
