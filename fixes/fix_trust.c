/* The other side learns to trust: our root into what the server trusts, or the server's root into what we trust. */
#include <string.h>

#include "fixes/deeds.h"
#include "fixes/fix_parts.h"
#include "fixes/trust.h"

/* The root above a leaf, out of all that is at hand; NULL: it is not. */
static status
root_above(struct fixing *f, const struct cert *leaf, const struct cert **root, struct error *err)
{
	struct chain_pool pool = { .arena = f->arena };
	struct built_chain c;

	*root = NULL;
	if (leaf == NULL)
		return STATUS_OK;
	if (leaf->self_signed) {
		*root = leaf;
		return STATUS_OK;
	}
	fix_pool(f, &pool);
	chain_build(leaf, &pool, f->w->now, &c);
	if (c.root == NULL) {
		if (fix_ask_authorities(f, err) != STATUS_OK)
			return STATUS_FAILED;
		fix_pool(f, &pool);
		chain_build(leaf, &pool, f->w->now, &c);
	}
	*root = c.root;
	return STATUS_OK;
}

status
fix_cas_above(struct fixing *f, const struct cert *leaf, const struct cert ***out, size_t *len, struct error *err)
{
	struct chain_pool pool = { .arena = f->arena };
	struct built_chain c = { .root = NULL };

	*out = NULL;
	*len = 0;
	if (leaf == NULL)
		return STATUS_OK;
	if (fix_ask_authorities(f, err) != STATUS_OK)
		return STATUS_FAILED;
	fix_pool(f, &pool);
	chain_build(leaf, &pool, f->w->now, &c);
	if (c.root == NULL)
		return STATUS_OK;
	*out = arena_array(f->arena, c.len + 1, sizeof **out);
	for (size_t i = 1; i < c.len; i++) {
		if (c.certs[i] != c.root)
			(*out)[(*len)++] = c.certs[i];
	}
	(*out)[(*len)++] = c.root;
	return STATUS_OK;
}

static struct trust_wish
wish_of(const struct fixing *f)
{
	const struct fix_wish *w = f->w;
	struct trust_wish t = { .bucket = w->bucket, .service = w->entry != NULL ? w->entry->name : NULL };

	if (w->trust_store != NULL) {
		t.kind = TRUST_ALB;
		t.where = w->trust_store;
	} else if (w->domain != NULL) {
		t.kind = TRUST_APIGATEWAY;
		t.where = w->domain;
	} else {
		t.kind = TRUST_FILE;
		t.where = w->entry != NULL ? w->entry->serves.trust : NULL;
		t.read_by_service = true;
	}
	return t;
}

/* The service reads it after a reload; whether it does is seen by the look that follows the plan. */
static void
reload(struct fixing *f)
{
	const struct config_entry *e = f->w->entry;

	if (e != NULL && (e->install.reload != NULL || e->install.hook != NULL))
		fix_add_reload(f, e);
}

/* Ours into theirs. */
static status
they_trust(struct fixing *f, struct error *err)
{
	const struct cert *leaf = f->w->diagnosis->evidence->identity != NULL ? identity_leaf(f->w->diagnosis->evidence->identity) : NULL, *root;
	struct trust_wish t = wish_of(f);
	const struct cert **cas = NULL;
	size_t cas_len = 0;

	if (t.where == NULL)
		return fix_by_hand(f, "What the server trusts is not known here: `serves: {trust: FILE}` in its fleet entry, --trust-store NAME for a load balancer, --domain NAME for API Gateway.");
	if (t.kind != TRUST_FILE && f->w->place.client == NULL)
		return fix_by_hand(f, "It lies in AWS, which cannot be asked: %s", f->w->no_aws != NULL ? f->w->no_aws : "it is not configured.");
	if (root_above(f, leaf, &root, err) != STATUS_OK)
		return STATUS_FAILED;
	if (root == NULL)
		return fix_by_hand(f, "The root above our certificate is not at hand: it is what the server has to trust.");
	t.add = root;
	/* API Gateway wants the intermediates too (knowledge "aws" 4.2). */
	if (t.kind == TRUST_APIGATEWAY && fix_cas_above(f, leaf, &cas, &cas_len, err) != STATUS_OK)
		return STATUS_FAILED;
	t.also = cas;
	t.also_len = cas_len > 0 ? cas_len - 1 : 0;
	f->plan->title = plan_text(f->plan, "%s is trusted by the server", fix_named(f, root));
	plan_note(f->plan, "From then on the server lets in every client that a CA below %s issued a certificate for, not ours alone.", fix_named(f, root));
	if (f->finding->confidence == CONFIDENCE_LOW || f->finding->confidence == CONFIDENCE_MEDIUM)
		plan_note(f->plan, "That the server refuses us for this is not certain (%s). Where it refuses us afterwards as well, undo takes the CA out again.",
		    confidence_name(f->finding->confidence));
	if (trust_steps(f->plan, &t, err) != STATUS_OK)
		return STATUS_FAILED;
	reload(f);
	return STATUS_OK;
}

/* Theirs into ours: only what was shown to us, and never without the advice to compare. */
static status
we_trust(struct fixing *f, struct error *err)
{
	const struct evidence *e = f->w->diagnosis->evidence;
	const struct handshake *h = evidence_baseline(e);
	const struct cert *root = NULL;
	struct trust_wish t = { .kind = TRUST_FILE, .service = "our own checks", .where = e->trust != NULL ? e->trust->file : NULL };

	if (t.where == NULL)
		return fix_by_hand(f, "We trust by %s, which is not ours to change: --cacert FILE names a file that can be.", e->trust != NULL ? e->trust->from : "nothing");
	if (root_above(f, h != NULL && h->server_certs_len > 0 ? h->server_certs[0].cert : NULL, &root, err) != STATUS_OK)
		return STATUS_FAILED;
	if (root == NULL)
		return fix_by_hand(f, "The root above the server's certificate is not at hand: get it from its owner, not from the wire.");
	t.add = root;
	f->plan->title = plan_text(f->plan, "we trust %s", fix_named(f, root));
	plan_note(f->plan, "Compare its fingerprint with what its owner says, by another way than this connection: SHA-256 %s.", root->sha256_hex);
	return trust_steps(f->plan, &t, err);
}

status
fix_trust(struct fixing *f, struct error *err)
{
	return f->finding->code == CODE_CHAIN_UNTRUSTED_ROOT || f->finding->code == CODE_CHAIN_SELF_SIGNED ? we_trust(f, err) : they_trust(f, err);
}
