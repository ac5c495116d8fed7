/* How far the certificates lead that go over the wire, and which path they are judged by. */
#include <string.h>
#include <strings.h>

#include "model/client.h"
#include "model/judged.h"
#include "model/limits.h"

/* The request that names the CAs which are wanted: the server's, or what `listen` asks with; NULL: nobody named any. */
static const struct certificate_request *
wanted_of(const struct facts *f)
{
	if (f->ev->client != NULL)
		return f->ev->client->listening->trust_named ? NULL : &f->ev->client->listening->request;
	return f->base != NULL && f->base->request.seen ? &f->base->request : NULL;
}

/* Does the server name this CA in its CertificateRequest? */
static bool
named_by_server(const struct facts *f, const struct name *n)
{
	const struct certificate_request *r = wanted_of(f);

	for (size_t i = 0; r != NULL && i < r->cas_len; i++)
		if (name_equal(&r->cas[i], n))
			return true;
	return false;
}

static size_t
leading_sent(const struct judged *j, const struct path *p)
{
	size_t k = 0;

	while (k < p->len && judged_sent(j, p->links[k].cert))
		k++;
	return k;
}

struct issuer_search {
	const struct cert *of;
	const struct cert *found, *namesake;
	size_t checks;
};

static void
try_issuer(struct issuer_search *s, const struct cert *c)
{
	if (c == NULL || s->found != NULL || cert_same(c, s->of) || !name_equal(&c->subject, &s->of->issuer))
		return;
	if (s->checks < LIMIT_SIGNATURE_CHECKS && cert_signed_by(s->of, c, &s->checks))
		s->found = c;
	else if (s->namesake == NULL)
		s->namesake = c;
}

static bool
try_anchor(const struct cert *anchor, void *user)
{
	try_issuer(user, anchor);
	return ((struct issuer_search *)user)->found == NULL;
}

/*
 * Any anchor that was given counts, a CA below the root too. Yet where the file holds that CA and its
 * root, the root is what others have, and the CA is what the server should have sent.
 */
static bool
goes_on_to_root(const struct judged *j, const struct cert *anchor)
{
	struct issuer_search s = { .of = anchor };

	if (anchor == NULL || anchor->self_signed || j->facts->ev->trust == NULL)
		return false;
	trust_issuers(j->facts->ev->trust, anchor, try_anchor, &s);
	return s.found != NULL;
}

/* Where one path leads, by what of it is sent. `k` certificates are sent, then `next` is not. */
static enum reach
reach_of(const struct judged *j, const struct path *p, size_t k)
{
	const struct cert *top = p->links[k - 1].cert;
	const struct cert *next = k < p->len ? p->links[k].cert : NULL;

	if (j->side == SIDE_SERVER && p->anchored && k + 1 >= p->len)
		return goes_on_to_root(j, next) ? REACH_LACKS : REACH_TRUSTED;
	if (j->side == SIDE_CLIENT) {
		/* An intermediate in our own trust store is not in the server's: only a root, or a CA that it names, ends the path. */
		for (size_t i = 0; i < k; i++)
			if (named_by_server(j->facts, &p->links[i].cert->issuer))
				return REACH_TRUSTED;
		if (next == NULL ? top->self_signed : next->self_signed)
			return REACH_TRUSTED;
	}
	if (next != NULL)
		return next->self_signed ? REACH_UNTRUSTED : REACH_LACKS;
	if (top->self_signed)
		return k == 1 ? REACH_SELF_SIGNED : REACH_UNTRUSTED;
	return REACH_UNKNOWN_CA;
}

/* Of several paths the one that leads farthest decides; paths of one rank stand best first. */
static int
rank(enum reach r, bool anchored)
{
	switch (r) {
	case REACH_TRUSTED:
		return 4;
	case REACH_LACKS:
		return anchored ? 3 : 1;
	case REACH_UNTRUSTED:
	case REACH_SELF_SIGNED:
		return 2;
	default:
		return 0;
	}
}

/*
 * The issuer of a certificate, in all that the evidence holds: what was fetched, the trust store,
 * the other side's chain. For ours a namesake in the trust store proves nothing, because the server's
 * store is not ours; so namesakes count among the sent ones only.
 */
static void
look_for_issuer(struct judged *j)
{
	const struct facts *f = j->facts;
	struct issuer_search s = { .of = j->top };
	const struct cert *sent_namesake;

	for (size_t i = 0; i < j->sent_len; i++)
		try_issuer(&s, j->sent[i]);
	sent_namesake = s.namesake;
	for (size_t i = 0; i < f->ev->found_len && s.found == NULL; i++) {
		try_issuer(&s, f->ev->found[i].cert);
		if (s.found != NULL)
			j->next_where = f->ev->found[i].where;
	}
	if (s.found == NULL && f->ev->trust != NULL) {
		trust_issuers(f->ev->trust, j->top, try_anchor, &s);
		if (s.found != NULL)
			j->next_where = f->ev->trust->from;
	}
	for (size_t i = 0; j->side == SIDE_SERVER && f->us != NULL && i < f->us->len && s.found == NULL; i++) {
		try_issuer(&s, f->us->certs[i]);
		if (s.found != NULL)
			j->next_where = f->us->cert_file;
	}
	for (size_t i = 0; j->side == SIDE_CLIENT && i < f->chain_len && s.found == NULL; i++) {
		try_issuer(&s, f->chain[i]);
		if (s.found != NULL)
			j->next_where = "the server's own chain";
	}
	j->next = s.found;
	if (s.found == NULL) {
		j->next = j->side == SIDE_SERVER ? s.namesake : sent_namesake;
		if (j->next != NULL)
			j->reach = REACH_REKEYED;
	}
}

static bool
says_root(const char *s)
{
	for (; *s != '\0'; s++)
		if (strncasecmp(s, "root", 4) == 0)
			return true;
	return false;
}

static const char *
organisation(const struct name *n)
{
	for (size_t i = 0; i < n->len; i++)
		if (n->parts[i].type != NULL && strcmp(n->parts[i].type, "O") == 0)
			return n->parts[i].safe;
	return NULL;
}

static bool
same_organisation(const char *org, const struct name *n)
{
	const char *theirs = organisation(n);

	return theirs != NULL && strcmp(theirs, org) == 0;
}

/*
 * Of one organisation with a CA that whoever judges wants: an anchor that the user named, or for our
 * chain a name on the server's list. Then what is missing lies most likely below that one.
 */
static bool
organisation_is_wanted(const struct judged *j, const struct name *n)
{
	const struct trust *t = j->facts->ev->trust;
	const struct certificate_request *r = wanted_of(j->facts);
	const char *org = organisation(n);

	if (org == NULL)
		return false;
	if (j->side == SIDE_CLIENT && r != NULL && r->cas_len > 0) {
		for (size_t i = 0; i < r->cas_len; i++)
			if (same_organisation(org, &r->cas[i]))
				return true;
		return false;
	}
	for (size_t i = 0; t != NULL && !t->system && i < t->len; i++) {
		const struct cert *anchor = trust_anchor(t, i);

		if (anchor != NULL && same_organisation(org, &anchor->subject))
			return true;
	}
	return false;
}

/*
 * The issuer of the last certificate is nowhere. Is it a root that nobody trusts or an intermediate
 * that was left out? The wire cannot tell; what is usual can: a root signs intermediates, an
 * intermediate signs leaves. What follows says so at medium confidence, with the other as candidate.
 */
static enum reach
guess_unknown(const struct judged *j)
{
	if (says_root(name_called(&j->top->issuer)))
		return REACH_UNKNOWN_ROOT;
	/* Of a client that `listen` saw nothing is known but what it sent: that more is missing needs a sign. */
	if ((j->top != j->leaf || j->facts->ev->client != NULL) && !organisation_is_wanted(j, &j->top->issuer))
		return REACH_UNKNOWN_ROOT;
	return REACH_UNKNOWN_CA;
}

static const char *
where_of(const struct judged *j, const struct path_link *link)
{
	const struct facts *f = j->facts;

	for (size_t i = 0; i < f->ev->found_len; i++)
		if (cert_same(f->ev->found[i].cert, link->cert))
			return f->ev->found[i].where;
	switch (link->source) {
	case SOURCE_TRUST:
		return f->ev->trust != NULL ? f->ev->trust->from : "the trust store";
	case SOURCE_IDENTITY:
		return f->us != NULL && f->us->cert_file != NULL ? f->us->cert_file : "our identity";
	case SOURCE_PRESENTED:
		return "the server's own chain";
	default:
		return path_source_name(link->source);
	}
}

static void
choose_path(struct judged *j)
{
	int best = -1;

	for (size_t i = 0; j->paths != NULL && i < j->paths->len; i++) {
		const struct path *p = &j->paths->paths[i];
		size_t k = p->len > 0 ? leading_sent(j, p) : 0;
		enum reach r;

		if (k == 0)
			continue;
		r = reach_of(j, p, k);
		if (rank(r, p->anchored) <= best)
			continue;
		best = rank(r, p->anchored);
		j->path = p;
		j->reach = r;
		j->top = p->links[k - 1].cert;
		j->next = k < p->len ? p->links[k].cert : NULL;
		j->next_where = k < p->len ? where_of(j, &p->links[k]) : NULL;
		j->next_trusted = k < p->len && p->anchored && j->facts->ev->trust != NULL &&
		    trust_has(j->facts->ev->trust, p->links[k].cert);
	}
}

/* Not for want of an issuer: a root whose own signature is wrong, or a chain without end. */
static bool
ends_badly(const struct path *p)
{
	if (p == NULL || p->complete || p->errors_len == 0)
		return false;
	for (size_t i = 0; i < p->errors_len; i++)
		if (p->errors[i].code == CODE_CHAIN_MISSING_INTERMEDIATE || p->errors[i].code == CODE_CHAIN_UNTRUSTED_ROOT)
			return false;
	return true;
}

bool
judged_reach(struct judged *j)
{
	if (j->sent_len == 0)
		return false;
	j->leaf = j->top = j->sent[0];
	j->reach = REACH_UNKNOWN_CA;
	choose_path(j);
	if (j->reach != REACH_UNKNOWN_CA)
		return true;
	if (ends_badly(j->path)) {
		j->reach = REACH_BROKEN;
		return true;
	}
	if (j->side == SIDE_CLIENT &&
	    named_by_server(j->facts, &j->top->issuer)) {
		j->reach = REACH_TRUSTED;
		return true;
	}
	look_for_issuer(j);
	if (j->reach == REACH_REKEYED)
		return true;
	if (j->next == NULL)
		j->reach = guess_unknown(j);
	else if (!j->next->self_signed)
		j->reach = REACH_LACKS;
	else
		j->reach = j->side == SIDE_CLIENT ? REACH_TRUSTED : REACH_UNTRUSTED;
	return true;
}
