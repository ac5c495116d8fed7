/* The CAs of the account, and which of them is to issue. */
#include <string.h>

#include "aws/arn.h"
#include "fixes/fix_parts.h"
#include "fixes/pca_create.h"
#include "fixes/pca_files.h"
#include "model/objects.h"

enum { AUTHORITIES_MOST = 1000, ABOVE_MOST = 8 };

static size_t
read_certs(const char *pem, const struct cert **out, size_t most)
{
	struct read_options how = { .ask = NULL };
	struct objects o = { .len = 0 };
	struct error unimportant = { .code = ERROR_NONE };
	size_t n = 0;

	if (pem == NULL || objects_parse((const unsigned char *)pem, strlen(pem), "AWS's answer", &how, &o, &unimportant) != STATUS_OK) {
		objects_done(&o);
		return 0;
	}
	for (size_t i = 0; i < o.len && n < most; i++) {
		if (o.items[i].kind == OBJECT_CERT)
			out[n++] = cert_ref(o.items[i].cert);
	}
	objects_done(&o);
	return n;
}

/* One that may not be read stays without, and why is kept: what it would be good for is not known, and nobody is to think it had been looked at. */
static void
fetch_certificate(struct fixing *f, struct fix_authority *a)
{
	struct pca_certificate got = { .pem = NULL };
	struct aws_error why = { .kind = AWS_FINE };
	struct error said = { .code = ERROR_NONE };

	if (pca_get_ca_certificate(f->w->place.client, a->ca.arn, f->arena, &got, &why) != STATUS_OK) {
		(void)aws_error_say(&why, "read its certificate", aws_client_where(f->w->place.client), &said);
		a->unread = arena_strdup(f->arena, said.text);
		return;
	}
	if (read_certs(got.pem, &a->cert, 1) == 0) {
		a->unread = "what AWS gave as its certificate cannot be read";
		return;
	}
	a->above = arena_array(f->arena, ABOVE_MOST, sizeof *a->above);
	a->above_len = read_certs(got.chain, a->above, ABOVE_MOST);
}

status
fix_ask_authorities(struct fixing *f, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct pca_ca *cas = NULL;
	size_t len = 0;

	if (f->asked || f->w->place.client == NULL)
		return STATUS_OK;
	f->asked = true;
	if (pca_list_cas(f->w->place.client, NULL, f->arena, &cas, &len, &why) != STATUS_OK)
		return aws_error_say(&why, "list the CAs", aws_client_where(f->w->place.client), err);
	f->all = cas;
	f->all_len = len;
	f->authorities = arena_array(f->arena, len > 0 ? len : 1, sizeof *f->authorities);
	for (size_t i = 0; i < len && f->authorities_len < AUTHORITIES_MOST; i++) {
		struct fix_authority *a = &f->authorities[f->authorities_len];

		if (strcmp(cas[i].status, "ACTIVE") != 0)
			continue;
		*a = (struct fix_authority){ .ca = cas[i], .name = text_safe_arena(f->arena, text_of(cas[i].subject.common_name != NULL ? cas[i].subject.common_name : cas[i].arn), 64, NULL) };
		fetch_certificate(f, a);
		f->authorities_len++;
	}
	return STATUS_OK;
}

void
fix_authorities_done(struct fixing *f)
{
	for (size_t i = 0; i < f->authorities_len; i++) {
		cert_free(f->authorities[i].cert);
		for (size_t k = 0; k < f->authorities[i].above_len; k++)
			cert_free(f->authorities[i].above[k]);
	}
	f->authorities_len = 0;
}

/* ---- choosing ---- */

static bool
is_called(const struct pca_ca *ca, const char *word)
{
	const char *id = strrchr(ca->arn, '/');

	return strcmp(ca->arn, word) == 0 || (id != NULL && strcmp(id + 1, word) == 0) ||
	    (ca->subject.common_name != NULL && strcmp(ca->subject.common_name, word) == 0);
}

static bool
valid_now(const struct fixing *f, const struct cert *c)
{
	return c->not_before <= f->w->now && c->not_after > f->w->now;
}

/*
 * Could a leaf below it be valid: it and all above valid now, each CA above allowed to have so many below (RFC 5280 4.2.1.9), and none that
 * only may issue for certain names, since whether these are among them is the other side's to judge.
 */
static bool
sound(const struct fixing *f, const struct fix_authority *a)
{
	if (a->cert == NULL || !valid_now(f, a->cert) || !a->cert->is_ca || a->cert->has_name_constraints)
		return false;
	for (size_t i = 0; i < a->above_len; i++) {
		const struct cert *c = a->above[i];
		int below = (int)i + 1;

		if (!valid_now(f, c) || !c->is_ca || c->has_name_constraints || (c->path_len >= 0 && c->path_len < below))
			return false;
	}
	return true;
}

/* Is this CA, or one above it, named in what the server asked for? */
static bool
in_list(const struct certificate_request *r, const struct fix_authority *a)
{
	for (size_t i = 0; i < r->cas_len; i++) {
		if (name_equal(&r->cas[i], &a->cert->subject))
			return true;
		for (size_t k = 0; k < a->above_len; k++) {
			if (name_equal(&r->cas[i], &a->above[k]->subject))
				return true;
		}
	}
	return false;
}

static const struct cert *
root_of(const struct fix_authority *a)
{
	if (a->cert->self_signed)
		return a->cert;
	return a->above_len > 0 && a->above[a->above_len - 1]->self_signed ? a->above[a->above_len - 1] : NULL;
}

/* Did it issue the server's own certificate? */
static bool
issued_server(const struct fixing *f, const struct fix_authority *a)
{
	const struct handshake *h = evidence_baseline(f->w->diagnosis->evidence);
	const struct cert *leaf = h != NULL && h->server_certs_len > 0 ? h->server_certs[0].cert : NULL;

	return leaf != NULL && cert_could_issue(a->cert, leaf);
}

/* Does the server's own chain lead to this CA's root? Then its owner has it, which is a hint and no proof that clients of it are trusted. */
static bool
beside_server(const struct fixing *f, const struct fix_authority *a)
{
	const struct handshake *h = evidence_baseline(f->w->diagnosis->evidence);
	const struct cert *root = root_of(a);

	for (size_t i = 0; h != NULL && root != NULL && i < h->server_certs_len; i++) {
		const struct cert *c = h->server_certs[i].cert;

		if (c != NULL && (name_equal(&c->issuer, &root->subject) || name_equal(&c->issuer, &a->cert->subject)))
			return true;
	}
	return false;
}

/* Would the other side take what it issues, as far as can be told? */
static bool
is_trusted(const struct fixing *f, const struct fix_authority *a)
{
	const struct evidence *e = f->w->diagnosis->evidence;
	const struct handshake *h = evidence_baseline(e);
	const struct cert *root = root_of(a);

	if (!f->ours)
		return e->trust != NULL && root != NULL && trust_has(e->trust, root);
	if (h != NULL && h->request.seen && h->request.cas_len > 0)
		return in_list(&h->request, a);
	return beside_server(f, a);
}

/* Those of the kind that issues leaves: subordinates, and a root only where there is nothing else. */
static const struct fix_authority *
only_one(struct fixing *f, bool (*fits)(const struct fixing *f, const struct fix_authority *a), size_t *found)
{
	const struct fix_authority *one = NULL;

	*found = 0;
	for (int roots = 0; roots <= 1 && *found == 0; roots++) {
		for (size_t i = 0; i < f->authorities_len; i++) {
			const struct fix_authority *a = &f->authorities[i];

			if (!sound(f, a) || (strcmp(a->ca.type, "ROOT") == 0) != (roots == 1) || !fits(f, a))
				continue;
			one = a;
			(*found)++;
		}
	}
	return one;
}

/* Two CAs of one name are told apart by their ids. */
static bool
name_is_shared(const struct fixing *f, const struct fix_authority *a)
{
	for (size_t i = 0; i < f->authorities_len; i++) {
		if (&f->authorities[i] != a && strcmp(f->authorities[i].name, a->name) == 0)
			return true;
	}
	return false;
}

static const char *
all_names(struct fixing *f)
{
	struct buf b = { 0 };
	const char *out;

	for (size_t i = 0; i < f->authorities_len; i++) {
		const struct fix_authority *a = &f->authorities[i];
		const char *id = strrchr(a->ca.arn, '/');

		buf_addf(&b, "%s“%s”", b.len > 0 ? ", " : "", a->name);
		if (name_is_shared(f, a))
			buf_addf(&b, " (%s)", plan_shown(f->plan, id != NULL ? id + 1 : a->ca.arn));
	}
	out = arena_strdup(f->arena, buf_str(&b));
	buf_done(&b);
	return out;
}

static const char *
status_of(const struct fixing *f, const char *word)
{
	for (size_t i = 0; i < f->all_len; i++) {
		if (is_called(&f->all[i], word))
			return f->all[i].status;
	}
	return NULL;
}

static const struct fix_authority *
first_unread(const struct fixing *f, size_t *unread)
{
	const struct fix_authority *first = NULL;

	*unread = 0;
	for (size_t i = 0; i < f->authorities_len; i++) {
		if (f->authorities[i].unread == NULL)
			continue;
		first = first != NULL ? first : &f->authorities[i];
		(*unread)++;
	}
	return first;
}

static status
named(struct fixing *f, const char *word, const char *by, const struct fix_authority **out)
{
	const struct fix_authority *found = NULL;
	size_t called = 0;

	for (size_t i = 0; i < f->authorities_len; i++) {
		if (!is_called(&f->authorities[i].ca, word))
			continue;
		found = &f->authorities[i];
		called++;
	}
	if (called == 0 && status_of(f, word) != NULL)
		return fix_by_hand(f, "%s names %s, which is %s: only an ACTIVE CA issues.", by, plan_shown(f->plan, word), plan_shown(f->plan, status_of(f, word)));
	if (called == 0)
		return fix_by_hand(f, "%s names %s, and no ACTIVE CA of %s is called so. There %s: %s.", by, plan_shown(f->plan, word), aws_client_where(f->w->place.client),
		    f->authorities_len == 1 ? "is" : "are", f->authorities_len > 0 ? all_names(f) : "none");
	if (called > 1)
		return fix_by_hand(f, "%s names %s, and %zu CAs are called so. Say which by its id: %s.", by, plan_shown(f->plan, word), called, all_names(f));
	if (found->unread != NULL)
		return fix_by_hand(f, "%s names “%s”, and it cannot be seen whether it would do: %s.", by, found->name, found->unread);
	if (!sound(f, found))
		return fix_by_hand(f, "%s names “%s”: no certificate from it would be valid now. It or a CA above it has ended, may not issue below, or only for certain names.", by,
		    found->name);
	if (!is_trusted(f, found))
		plan_note(f->plan, "Nothing shows that %s trusts “%s”; it is taken because %s names it.", f->ours ? "the server" : "your trust", found->name, by);
	*out = found;
	return STATUS_OK;
}

/* The one whose key signed it. Several with one key (a CA that was renewed): the one that lasts longest. */
static const struct fix_authority *
signer_of(struct fixing *f, const struct cert *old)
{
	const struct fix_authority *best = NULL;
	size_t checks = 0;

	for (size_t i = 0; old != NULL && i < f->authorities_len; i++) {
		const struct fix_authority *a = &f->authorities[i];

		if (sound(f, a) && cert_could_issue(a->cert, old) && cert_signed_by(old, a->cert, &checks) &&
		    (best == NULL || a->cert->not_after > best->cert->not_after))
			best = a;
	}
	return best;
}

static bool
has_issuers_name(const struct fixing *f, const struct fix_authority *a)
{
	const struct cert *old = f->identity != NULL ? identity_leaf(f->identity) : NULL;

	return old != NULL && !old->self_issued && name_equal(&a->cert->subject, &old->issuer) && is_trusted(f, a);
}

/* A CA of that name that got a new key, or a signature that is damaged: only where the other side would take it, there is one of them, and it is said. */
static const struct fix_authority *
issuer_of(struct fixing *f, const struct cert *old)
{
	const struct fix_authority *one = signer_of(f, old);
	size_t found = 0;

	if (one != NULL)
		return one;
	one = only_one(f, has_issuers_name, &found);
	if (found != 1)
		return NULL;
	plan_note(f->plan, "The old certificate was not signed by the key that “%s” has now; it is taken because it has its issuer's name and %s trusts it.", one->name,
	    f->ours ? "the server, as far as can be told," : "your trust");
	return one;
}

/* What was taken without being the old one's issuer: why, and what could not be looked at. */
static const struct fix_authority *
taken(struct fixing *f, const struct fix_authority *a)
{
	const struct handshake *h = evidence_baseline(f->w->diagnosis->evidence);
	size_t unread;

	(void)first_unread(f, &unread);
	if (f->ours && (h == NULL || !h->request.seen || h->request.cas_len == 0))
		plan_note(f->plan, "The server does not say whom it trusts. “%s” is a guess: it is below the root of the server's own certificate. --ca NAME takes another.", a->name);
	else
		plan_note(f->plan, "“%s” did not issue the old certificate; it is the one CA of the account that %s.", a->name, f->ours ? "the server names" : "we trust");
	if (unread > 0)
		plan_note(f->plan, "%zu CA%s of the account could not be read, and may fit as well.", unread, unread == 1 ? "" : "s");
	return a;
}

static bool
trusted_and_beside(const struct fixing *f, const struct fix_authority *a)
{
	return issued_server(f, a) && is_trusted(f, a);
}

/* The issuer of the old one is what is wrong. */
static bool
wants_another(enum code code)
{
	return code == CODE_CLIENT_UNTRUSTED || code == CODE_CLIENT_INTERMEDIATE_EXPIRING || code == CODE_CHAIN_INTERMEDIATE_EXPIRING || code == CODE_CLIENT_NOT_IN_CA_LIST || code == CODE_CHAIN_UNTRUSTED_ROOT || code == CODE_ROOT_EXPIRED ||
	    code == CODE_CHAIN_PATH_LENGTH || code == CODE_CHAIN_NAME_CONSTRAINT;
}

status
fix_choose_authority(struct fixing *f, const struct cert *old, const struct fix_authority **out, struct error *err)
{
	const char *of_entry = f->w->entry != NULL ? f->w->entry->renew.ca : NULL;
	const struct fix_authority *no_look;
	size_t found = 0, unread;

	*out = NULL;
	if (f->w->place.client == NULL)
		return fix_by_hand(f, "It has to be issued anew, and there is no private CA at hand: %s", f->w->no_aws != NULL ? f->w->no_aws : "AWS is not configured.");
	if (fix_ask_authorities(f, err) != STATUS_OK)
		return STATUS_FAILED;
	if (f->w->ca != NULL)
		return named(f, f->w->ca, "--ca", out);
	if (of_entry != NULL && !f->ours)
		return named(f, of_entry, "renew: ca in the configuration", out);
	if (!wants_another(f->finding->code))
		*out = issuer_of(f, old);
	if (*out != NULL)
		return STATUS_OK;
	*out = only_one(f, is_trusted, &found);
	if (found == 1) {
		*out = taken(f, *out);
		return STATUS_OK;
	}
	/* Several would do: the one that issues for the server's side is the least surprise. */
	if (found > 1) {
		size_t beside;
		const struct fix_authority *one = only_one(f, trusted_and_beside, &beside);

		*out = beside == 1 ? one : NULL;
		if (*out != NULL) {
			plan_note(f->plan, "%zu CAs of the account would do; “%s” is taken, which issued the server's own certificate. --ca NAME takes another.", found, one->name);
			return STATUS_OK;
		}
	}
	*out = NULL;
	if (f->authorities_len == 0)
		return fix_by_hand(f, "It has to be issued anew, and %s has no ACTIVE CA.", aws_client_where(f->w->place.client));
	if (found > 1)
		return fix_by_hand(f, "It has to be issued anew, and %zu CAs of the account would do. Say which: --ca NAME. There are: %s.", found, all_names(f));
	no_look = first_unread(f, &unread);
	if (no_look != NULL)
		return fix_by_hand(f, "It has to be issued anew, and %zu of the account's %zu CAs could not be looked at. “%s”: %s.", unread, f->authorities_len, no_look->name,
		    no_look->unread);
	return fix_by_hand(f, "It has to be issued anew by a CA that %s, and of none in the account that is known. Say which: --ca NAME. There are: %s.",
	    f->ours ? "the server trusts" : "we trust", all_names(f));
}
