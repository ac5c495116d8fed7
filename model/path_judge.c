#include "model/path_judge.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <string.h>

#include "model/cert_openssl.h"
#include "model/path_names.h"
#include "model/path_text.h"

/*
 * Level 1 of OpenSSL: 80 bits. SHA-1 and MD5 signatures and RSA below 1,024 bits fall under it; so
 * they do with Go since 1.18 and with OpenSSL 3 as it is shipped by its makers. RSA 1,024 passes
 * there and in Java: it is a finding of its own (cert.weak-key), not a broken path.
 */
#define AUTH_LEVEL 1
#define AUTH_LEVEL_BITS 80

void
path_errors_note(struct path_errors *to, const struct path_link *links, size_t len,
    enum purpose purpose, int depth, int x509_error)
{
	struct path_error *e;

	if (depth < 0 || (size_t)depth >= len)
		depth = (int)len - 1;
	for (size_t i = 0; i < to->len; i++)
		if (to->items[i].depth == depth && to->items[i].x509_error == x509_error)
			return;
	to->items = arena_grow(to->arena, to->items, to->len, &to->cap, sizeof *to->items);
	e = &to->items[to->len++];
	e->depth = depth;
	e->x509_error = x509_error;
	e->code = path_error_code(x509_error, depth, depth == 0);
	e->text = path_error_text(to->arena, links, len, purpose, depth, x509_error);
}

static bool
noted(const struct path_errors *in, int depth, int x509_error)
{
	for (size_t i = 0; i < in->len; i++)
		if (in->items[i].depth == depth && in->items[i].x509_error == x509_error)
			return true;
	return false;
}

/* What OpenSSL is handed through its callbacks. */
struct judging {
	const struct path_link *links;
	size_t len;
	enum purpose purpose;
	struct path_errors *errors;
};

static void
note(const struct judging *j, size_t depth, int x509_error)
{
	path_errors_note(j->errors, j->links, j->len, j->purpose, (int)depth, x509_error);
}

static size_t
place_of(const struct judging *j, const X509 *x)
{
	size_t i;

	for (i = 0; i < j->len && cert_x509(j->links[i].cert) != x; i++)
		;
	return i;
}

/*
 * The links themselves: signature, key identifiers, the issuer's right to sign (RFC 5280 6.1.3 a and
 * 6.1.4 n). The signatures come from the shared cache, so that a chain which 1,000 targets present
 * is verified once; OpenSSL's own pass over them is replaced by this one.
 */
static void
judge_links(const struct judging *j)
{
	for (size_t i = 0; i + 1 < j->len; i++) {
		const struct cert *c = j->links[i].cert, *issuer = j->links[i + 1].cert;
		size_t computed = 0;
		int fit;

		if (!issuer->key.readable)
			note(j, i + 1, X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY);
		else if (!cert_signed_by(c, issuer, &computed))
			note(j, i, X509_V_ERR_CERT_SIGNATURE_FAILURE);
		fit = X509_check_issued(cert_x509(issuer), cert_x509(c));
		if (fit == X509_V_ERR_KEYUSAGE_NO_CERTSIGN ||
		    (issuer->has_key_usage && !(issuer->key_usage & USAGE_CERT_SIGN)))
			note(j, i + 1, X509_V_ERR_KEYUSAGE_NO_CERTSIGN);
		if (fit != X509_V_OK && fit != X509_V_ERR_KEYUSAGE_NO_CERTSIGN)
			note(j, i, fit);
	}
}

/* What OpenSSL lets pass and others do not. */
static void
judge_beyond_openssl(const struct judging *j)
{
	for (size_t i = 0; i < j->len; i++) {
		const struct cert *c = j->links[i].cert;
		uint32_t flags = X509_get_extension_flags(cert_x509(c));

		/*
		 * RFC 5280 6.1.4 k: an issuer of version 3 without basic constraints is no CA. OpenSSL is
		 * content with keyCertSign; Go and Java are not.
		 */
		if (i > 0 && c->version >= 3 && !c->has_basic_constraints)
			note(j, i, X509_V_ERR_INVALID_CA);
		/* Extensions that contradict each other, come twice or cannot be read: all refuse them. */
		if (flags & EXFLAG_INVALID)
			note(j, i, X509_V_ERR_INVALID_EXTENSION);
	}
	for (size_t i = 0; i + 1 < j->len; i++) {
		int fault = path_names_fault(j->links, j->len, i);

		if (fault != X509_V_OK)
			note(j, i, fault);
	}
}

/* A CA that is none is said once: its purpose does not matter any more. */
static void
drop_echoes(struct path_errors *errors)
{
	size_t kept = 0;

	for (size_t i = 0; i < errors->len; i++) {
		const struct path_error *e = &errors->items[i];

		if (e->x509_error == X509_V_ERR_INVALID_PURPOSE && e->depth > 0 &&
		    (noted(errors, e->depth, X509_V_ERR_INVALID_CA) ||
		    noted(errors, e->depth, X509_V_ERR_KEYUSAGE_NO_CERTSIGN)))
			continue;
		errors->items[kept++] = *e;
	}
	errors->len = kept;
}

/*
 * OpenSSL builds its chain through these callbacks, and they know one path only: each certificate
 * has the one issuer that the path says, and the last one is the anchor. So a cross-sign, a re-keyed
 * CA of the same name or a self-signed twin cannot lead it astray.
 */
static int
only_this_issuer(X509_STORE_CTX *ctx, X509 *x, X509 *issuer)
{
	const struct judging *j = X509_STORE_CTX_get_app_data(ctx);
	size_t at = place_of(j, x);

	return at + 1 < j->len && cert_x509(j->links[at + 1].cert) == issuer;
}

static int
only_this_anchor(X509 **issuer, X509_STORE_CTX *ctx, X509 *x)
{
	const struct judging *j = X509_STORE_CTX_get_app_data(ctx);
	X509 *anchor = cert_x509(j->links[j->len - 1].cert);
	size_t at = place_of(j, x);

	if (at + 2 != j->len && !(at + 1 == j->len && X509_self_signed(x, 0) == 1))
		return 0;
	if (!X509_up_ref(anchor))
		return -1;
	*issuer = anchor;
	return 1;
}

/* Asked for a leaf that is an anchor itself (X509_V_FLAG_PARTIAL_CHAIN). */
static STACK_OF(X509) *
only_this_trusted(X509_STORE_CTX *ctx, const X509_NAME *name)
{
	const struct judging *j = X509_STORE_CTX_get_app_data(ctx);
	X509 *anchor = cert_x509(j->links[j->len - 1].cert);
	STACK_OF(X509) *one;

	if (X509_NAME_cmp(X509_get_subject_name(anchor), name) != 0)
		return NULL;
	one = sk_X509_new_null();
	if (one != NULL && X509_up_ref(anchor) && sk_X509_push(one, anchor) == 0) {
		X509_free(anchor);
		sk_X509_free(one);
		one = NULL;
	}
	return one;
}

static int
signatures_elsewhere(X509_STORE_CTX *ctx)
{
	(void)ctx; /* judge_links does it */
	return 1;
}

static int
collect(int ok, X509_STORE_CTX *ctx)
{
	const struct judging *j = X509_STORE_CTX_get_app_data(ctx);
	int error = X509_STORE_CTX_get_error(ctx), depth = X509_STORE_CTX_get_error_depth(ctx);

	if (ok || error == X509_V_OK)
		return 1;
	note(j, depth < 0 ? 0 : (size_t)depth, error);
	return 1; /* go on: all errors are wanted, and the return value of the whole means nothing */
}

static X509_STORE *the_store;
static pthread_once_t store_once = PTHREAD_ONCE_INIT;

/* Holds no certificate, only the callbacks; read by all threads, written by none. */
static void
store_make(void)
{
	X509_STORE *s = X509_STORE_new();

	if (s == NULL)
		return;
	X509_STORE_set_check_issued(s, only_this_issuer);
	X509_STORE_set_get_issuer(s, only_this_anchor);
	X509_STORE_set_lookup_certs(s, only_this_trusted);
	X509_STORE_set_verify(s, signatures_elsewhere);
	X509_STORE_set_verify_cb(s, collect);
	the_store = s;
}

static bool
chain_is(X509_STORE_CTX *ctx, const struct path_link *links, size_t len)
{
	STACK_OF(X509) *built = X509_STORE_CTX_get0_chain(ctx);

	if (built == NULL || (size_t)sk_X509_num(built) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (sk_X509_value(built, (int)i) != cert_x509(links[i].cert))
			return false;
	return true;
}

static bool
openssl_verify(struct judging *j)
{
	X509_STORE_CTX *ctx = NULL;
	STACK_OF(X509) *middle = NULL;
	bool asked_path = false;

	pthread_once(&store_once, store_make);
	ctx = X509_STORE_CTX_new();
	middle = sk_X509_new_null();
	if (the_store == NULL || ctx == NULL || middle == NULL)
		goto out;
	for (size_t i = 1; i + 1 < j->len; i++)
		if (sk_X509_push(middle, cert_x509(j->links[i].cert)) == 0)
			goto out;
	if (!X509_STORE_CTX_init(ctx, the_store, cert_x509(j->links[0].cert), middle))
		goto out;
	X509_STORE_CTX_set_app_data(ctx, j);
	/* NO_CHECK_TIME: dates are arithmetic on intervals. PARTIAL_CHAIN: what is an anchor was decided before. */
	X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
	if (j->purpose != PURPOSE_ANY)
		X509_STORE_CTX_set_purpose(ctx,
		    j->purpose == PURPOSE_CLIENT ? X509_PURPOSE_SSL_CLIENT : X509_PURPOSE_SSL_SERVER);
	X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(ctx), AUTH_LEVEL);
	X509_verify_cert(ctx);
	asked_path = chain_is(ctx, j->links, j->len);
out:
	sk_X509_free(middle);
	X509_STORE_CTX_free(ctx);
	return asked_path;
}

bool
path_judge_openssl(const struct path_link *links, size_t len, enum purpose purpose,
    struct path_errors *to)
{
	struct judging j = { .links = links, .len = len, .purpose = purpose, .errors = to };
	size_t before = to->len;

	judge_links(&j);
	if (!openssl_verify(&j)) {
		to->len = before;
		return false;
	}
	judge_beyond_openssl(&j);
	drop_echoes(to);
	return true;
}

/* The path length that is left is counted from the anchor down (RFC 5280 6.1.4 l and m). */
static void
rule_path_length(const struct judging *j)
{
	size_t below = 0; /* intermediates under the one at hand that are not self-issued */

	for (size_t i = 1; i < j->len; i++) {
		const struct cert *c = j->links[i].cert;

		if (c->path_len >= 0 && below > (size_t)c->path_len)
			note(j, i, X509_V_ERR_PATH_LENGTH_EXCEEDED);
		if (!c->self_issued)
			below++;
	}
}

static void
rule_name_constraints(const struct judging *j)
{
	for (size_t ca = 1; ca < j->len; ca++) {
		NAME_CONSTRAINTS *limits;

		if (!j->links[ca].cert->has_name_constraints)
			continue;
		limits = X509_get_ext_d2i(cert_x509(j->links[ca].cert), NID_name_constraints, NULL, NULL);
		if (limits == NULL)
			continue; /* it cannot be read: EXFLAG_INVALID says so */
		for (size_t i = 0; i < ca; i++) {
			int r;

			if (i > 0 && j->links[i].cert->self_issued)
				continue;
			r = NAME_CONSTRAINTS_check(cert_x509(j->links[i].cert), limits);
			if (r != X509_V_OK)
				note(j, i, r);
		}
		NAME_CONSTRAINTS_free(limits);
	}
}

static void
rule_each(const struct judging *j)
{
	int purpose = j->purpose == PURPOSE_CLIENT ? X509_PURPOSE_SSL_CLIENT : X509_PURPOSE_SSL_SERVER;

	for (size_t i = 0; i < j->len; i++) {
		const struct cert *c = j->links[i].cert;
		bool last = i + 1 == j->len;

		for (size_t k = 0; k < c->extensions_len; k++)
			if (c->extensions[k].critical && !c->extensions[k].known)
				note(j, i, X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION);
		if (i > 0 && X509_check_ca(cert_x509(c)) == 0)
			note(j, i, X509_V_ERR_INVALID_CA);
		if (i > 0 && c->key.explicit_curve)
			note(j, i, X509_V_ERR_EC_KEY_EXPLICIT_PARAMS);
		if (j->purpose != PURPOSE_ANY && X509_check_purpose(cert_x509(c), purpose, i > 0) == 0)
			note(j, i, X509_V_ERR_INVALID_PURPOSE);
		if (c->key.security_bits < AUTH_LEVEL_BITS)
			note(j, i, i == 0 ? X509_V_ERR_EE_KEY_TOO_SMALL : X509_V_ERR_CA_KEY_TOO_SMALL);
		if (!last && c->signature.security_bits < AUTH_LEVEL_BITS)
			note(j, i, X509_V_ERR_CA_MD_TOO_WEAK);
	}
}

void
path_judge_by_rules(const struct path_link *links, size_t len, enum purpose purpose,
    struct path_errors *to)
{
	struct judging j = { .links = links, .len = len, .purpose = purpose, .errors = to };

	judge_links(&j);
	rule_each(&j);
	rule_path_length(&j);
	rule_name_constraints(&j);
	judge_beyond_openssl(&j);
	drop_echoes(to);
}

void
path_judge(const struct path_link *links, size_t len, enum purpose purpose, struct path_errors *to)
{
	/*
	 * OpenSSL goes no further up than a certificate that names itself as its issuer, even where the
	 * signature is another key's (a CA's change of keys without key identifiers).
	 */
	if (!path_judge_openssl(links, len, purpose, to))
		path_judge_by_rules(links, len, purpose, to);
}
