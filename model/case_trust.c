/*
 * Which anchors a case keeps. A store that the user named is kept whole where it is small. Of a large one, and
 * of the system's, those that a diagnosis can ask for: what is itself an anchor, and whatever has the name of an
 * issuer, of every certificate that is known, and so on upwards. model/path_graph.c asks for no others.
 */
#include "model/case_parts.h"

#include <string.h>

#include "model/evidence.h"
#include "model/limits.h"

struct anchors {
	const struct evidence *e;
	struct arena *arena;
	const struct cert **kept;
	size_t kept_len, kept_cap;
	const struct cert **known; /* whose issuers are asked for */
	size_t known_len, known_cap;
};

static bool
add_once(struct arena *a, const struct cert ***list, size_t *len, size_t *cap, const struct cert *c)
{
	for (size_t i = 0; i < *len; i++)
		if (fingerprint_equal(&(*list)[i]->sha256, &c->sha256))
			return false;
	*list = arena_grow(a, (void *)*list, *len, cap, sizeof **list);
	(*list)[(*len)++] = c;
	return true;
}

static void
know(struct anchors *x, const struct cert *c)
{
	if (c != NULL && x->known_len < LIMIT_CASE_CERTS)
		(void)add_once(x->arena, &x->known, &x->known_len, &x->known_cap, c);
}

static void
keep(struct anchors *x, const struct cert *c)
{
	if (c != NULL && x->kept_len < LIMIT_CASE_CERTS)
		(void)add_once(x->arena, &x->kept, &x->kept_len, &x->kept_cap, c);
}

static bool
keep_issuer(const struct cert *c, void *user)
{
	keep(user, c);
	know(user, c);
	return true;
}

static void
know_all(struct anchors *x)
{
	const struct evidence *e = x->e;

	for (size_t i = 0; i < e->handshakes_len; i++)
		for (size_t k = 0; k < e->handshakes[i]->server_certs_len; k++)
			know(x, e->handshakes[i]->server_certs[k].cert);
	for (size_t i = 0; e->identity != NULL && i < e->identity->len; i++)
		know(x, e->identity->certs[i]);
	for (size_t i = 0; i < e->found_len; i++)
		know(x, e->found[i].cert);
	for (size_t i = 0; e->offline && i < e->offline_len; i++)
		know(x, e->offline_chain[i]);
}

static const char *
organisation(const struct name *n)
{
	for (size_t i = 0; i < n->len; i++)
		if (n->parts[i].type != NULL && strcmp(n->parts[i].type, "O") == 0)
			return n->parts[i].safe;
	return "";
}

/* model/judged_reach.c looks in a named store for a CA of an unknown issuer's organisation; model/reproduce.c for what is no root. */
static bool
is_looked_for(const struct anchors *x, const struct cert *anchor)
{
	const char *org = organisation(&anchor->subject);

	if (!anchor->self_issued)
		return true;
	for (size_t i = 0; org[0] != '\0' && i < x->known_len; i++)
		if (strcmp(organisation(&x->known[i]->issuer), org) == 0)
			return true;
	return false;
}

size_t
case_anchors(const struct evidence *e, const struct trust *t, struct arena *a, const struct cert ***out)
{
	struct anchors x = { .e = e, .arena = a };

	if (t != NULL) {
		know_all(&x);
		for (size_t i = 0; !t->system && t->len <= LIMIT_CASE_ANCHORS && i < t->len; i++)
			keep(&x, trust_anchor(t, i));
		for (size_t i = 0; i < x.known_len; i++) {
			trust_issuers(t, x.known[i], keep_issuer, &x);
			if (trust_has(t, x.known[i]))
				keep(&x, x.known[i]);
		}
		for (size_t i = 0; !t->system && t->len > LIMIT_CASE_ANCHORS && i < t->len; i++) {
			const struct cert *anchor = trust_anchor(t, i);

			if (anchor != NULL && is_looked_for(&x, anchor))
				keep(&x, anchor);
		}
	}
	*out = x.kept;
	return x.kept_len;
}
