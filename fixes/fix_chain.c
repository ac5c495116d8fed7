/* The right chain into the file: leaf first, then each one's issuer, no root, no strangers; the leaf and its key stay. */
#include <stdlib.h>
#include <string.h>

#include "fixes/fix_parts.h"

static const char *
where(const struct fixing *f)
{
	return f->cert_path != NULL ? plan_shown(f->plan, f->cert_path) : "what the server sends";
}

/* Everything that is at hand without asking AWS. */
static void
gather(struct fixing *f, struct chain_pool *pool)
{
	const struct identity *ours = f->w->diagnosis->evidence->identity;
	const struct evidence *e = f->w->diagnosis->evidence;
	const struct handshake *h = evidence_baseline(e);
	const char *file = where(f);

	for (size_t i = 1; f->identity != NULL && i < f->identity->len; i++)
		chain_pool_add(pool, f->identity->certs[i], file);
	for (size_t i = 1; ours != NULL && i < ours->len; i++)
		chain_pool_add(pool, ours->certs[i], "our own file");
	for (size_t i = 0; i < e->found_len; i++)
		chain_pool_add(pool, e->found[i].cert, strcmp(e->found[i].source, "aia") == 0 ? "the address in the certificate (AIA)" : e->found[i].where);
	for (size_t i = 0; h != NULL && i < h->server_certs_len; i++)
		chain_pool_add(pool, h->server_certs[i].cert, "what the server sends");
	for (size_t i = 0; f->w->diagnosis->completed != NULL && i < f->w->diagnosis->completed_len; i++)
		chain_pool_add(pool, f->w->diagnosis->completed[i], "a file beside it");
	for (size_t i = 0; e->trust != NULL && !e->trust->system && i < e->trust->len; i++)
		chain_pool_add(pool, trust_anchor(e->trust, i), NULL);
}

static void
gather_authorities(struct fixing *f, struct chain_pool *pool)
{
	for (size_t i = 0; i < f->authorities_len; i++) {
		chain_pool_add(pool, f->authorities[i].cert, "the private CA");
		for (size_t k = 0; k < f->authorities[i].above_len; k++)
			chain_pool_add(pool, f->authorities[i].above[k], "the private CA");
	}
}

void
fix_pool(struct fixing *f, struct chain_pool *pool)
{
	gather(f, pool);
	gather_authorities(f, pool);
}

static bool
same_as_now(const struct fixing *f, const struct built_chain *c)
{
	if (c->len != f->identity->len)
		return false;
	for (size_t i = 0; i < c->len; i++) {
		if (!fingerprint_equal(&c->certs[i]->sha256, &f->identity->certs[i]->sha256))
			return false;
	}
	return true;
}

static bool
is_there(const struct fixing *f, const struct cert *c)
{
	for (size_t i = 0; i < f->identity->len; i++) {
		if (fingerprint_equal(&f->identity->certs[i]->sha256, &c->sha256))
			return true;
	}
	return false;
}

/* What is different, for people: "adds “Acme Issuing CA 1” (the private CA has it); takes out “Acme Root CA”". */
static const char *
difference(struct fixing *f, const struct built_chain *c)
{
	struct buf b = { 0 };
	const char *out;

	for (size_t i = 1; i < c->len; i++) {
		if (!is_there(f, c->certs[i]))
			buf_addf(&b, "%sadds %s (from %s)", b.len > 0 ? "; " : "", fix_named(f, c->certs[i]), c->from[i] != NULL ? c->from[i] : "our trust");
	}
	for (size_t i = 1; i < f->identity->len; i++) {
		const struct cert *old = f->identity->certs[i];
		bool stays = false;

		for (size_t k = 0; k < c->len; k++)
			stays = stays || fingerprint_equal(&c->certs[k]->sha256, &old->sha256);
		if (!stays)
			buf_addf(&b, "%stakes out %s%s", b.len > 0 ? "; " : "", fix_named(f, old), old->self_signed ? " (a root is not sent)" : "");
	}
	out = arena_strdup(f->arena, b.len > 0 ? b.data : "puts it in order, the leaf first");
	buf_done(&b);
	return out;
}

static void
keep_values(struct fixing *f, const struct built_chain *c)
{
	struct buf pem = { 0 }, sent = { 0 };

	for (size_t i = 0; i < c->len; i++) {
		cert_pem(c->certs[i], &pem);
		buf_addf(&sent, "%s%s", i > 0 ? " " : "", c->certs[i]->sha256_hex);
	}
	cJSON_AddStringToObject(f->plan->values, plan_text(f->plan, "%s.fullchain", f->as), buf_str(&pem));
	cJSON_AddStringToObject(f->plan->values, plan_text(f->plan, "%s.sent", f->as), buf_str(&sent));
	buf_done(&pem);
	buf_done(&sent);
}

/* A leaf that is itself of no use any more is not mended by a chain. */
static bool
leaf_is_fit(const struct fixing *f, const struct cert *leaf)
{
	return leaf->not_before <= f->w->now && leaf->not_after > f->w->now;
}

/* Does its top lead to what the other side has: a root that is at hand, or a name that the other side gave? */
static bool
leads_up(const struct fixing *f, const struct built_chain *c)
{
	const struct handshake *h = evidence_baseline(f->w->diagnosis->evidence);
	const struct cert *top = c->certs[c->len - 1];

	if (c->root != NULL)
		return true;
	for (size_t i = 0; f->ours && h != NULL && i < h->request.cas_len; i++) {
		if (name_equal(&h->request.cas[i], &top->issuer) || name_equal(&h->request.cas[i], &top->subject))
			return true;
	}
	return false;
}

/* By hand the chain is put together first: of what, leaf first. */
static void
name_the_parts(struct fixing *f, const struct built_chain *c)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < c->len; i++)
		buf_addf(&b, "%s%s", i == 0 ? "" : ", then ", fix_named(f, c->certs[i]));
	for (size_t i = 0; i < f->plan->len; i++) {
		struct plan_step *s = &f->plan->steps[i];

		if (s->command != NULL && strstr(s->command, "-fullchain.pem") != NULL)
			s->command = plan_text(f->plan, "# %s-fullchain.pem is %s\n%s", f->as, buf_str(&b), s->command);
	}
	buf_done(&b);
}

status
fix_chain(struct fixing *f, struct error *err)
{
	struct chain_pool pool = { .arena = f->arena };
	const struct cert *leaf = f->identity != NULL ? identity_leaf(f->identity) : NULL;
	struct built_chain c;

	if (leaf == NULL || !leaf_is_fit(f, leaf))
		return fix_by_hand(f, "There is no leaf in %s that a chain could be made for.", where(f));
	fix_pool(f, &pool);
	chain_build(leaf, &pool, f->w->now, &c);
	if (!leads_up(f, &c) || same_as_now(f, &c)) {
		if (fix_ask_authorities(f, err) != STATUS_OK)
			return STATUS_FAILED;
		fix_pool(f, &pool);
		chain_build(leaf, &pool, f->w->now, &c);
	}
	if (same_as_now(f, &c) || !leads_up(f, &c))
		return fix_by_hand(f, "No certificate that %s lacks is at hand: not in the files beside it, not at the address in the certificate%s.",
		    where(f), f->asked ? ", not in the private CA" : f->w->no_aws != NULL ? "; and the private CA could not be asked" : "");
	keep_values(f, &c);
	f->plan->title = plan_text(f->plan, "the right chain in %s: %s", where(f), difference(f, &c));
	if (c.root == NULL)
		plan_note(f->plan, "The root above %s is not at hand: that the chain ends at the right one was not seen.", fix_named(f, c.certs[c.len - 1]));
	if (fix_install(f, false, err) != STATUS_OK)
		return STATUS_FAILED;
	name_the_parts(f, &c);
	return STATUS_OK;
}
