/* OCSP responses: whose word is taken, about what, and what is made of all others. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/ocsp.h>
#include <stdlib.h>
#include <string.h>

#include "model/ocsp.h"
#include "model/times.h"
#include "tests/made.h"

static struct made root, ca, stranger, leaf, other, delegate, no_purpose, foreign, ending;

static int
set_up(void **state)
{
	const struct pki_request ocsp = { .cn = "Responder", .eku = "OCSPSigning" };
	const struct pki_request web = { .cn = "www", .eku = "serverAuth" };
	struct pki_request short_lived = ocsp;

	(void)state;
	short_lived.not_before = MADE_NOW - MADE_DAY;
	short_lived.not_after = MADE_NOW + MADE_DAY;
	root = made_ca("Root", NULL);
	ca = made_ca("Acme CA", &root); /* not a root: its word counts all the same */
	stranger = made_ca("Acme CA", &root);
	leaf = made_leaf(&ca);
	other = made_leaf(&ca);
	delegate = made_issue(&ocsp, &ca);
	no_purpose = made_issue(&web, &ca);
	foreign = made_issue(&ocsp, &root); /* for this by its purpose, and not by this CA */
	ending = made_issue(&short_lived, &ca);
	return 0;
}

static int
tear_down(void **state)
{
	struct made *all[] = { &root, &ca, &stranger, &leaf, &other, &delegate, &no_purpose, &foreign, &ending };

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		made_free(all[i]);
	return 0;
}

enum nonce { NONE, OURS, ANOTHER };

static const struct reply {
	const char *what;
	const struct made *signer;  /* NULL: the CA */
	const struct made *about;   /* NULL: the leaf */
	const struct made *issuer;  /* in the CertID; NULL: the CA */
	int error;                  /* OCSP_RESPONSE_STATUS_…; not 0: no more than that */
	int says;                   /* V_OCSP_CERTSTATUS_… */
	int reason;
	bool sha256, no_end, no_certs, corrupt, stapled;
	enum nonce nonce;
	enum revocation_status status;
	enum revocation_doubt doubt;
	const char *words;
} replies[] = {
	{ .what = "good, by the CA", .reason = -1, .status = REVOCATION_GOOD },
	{ .what = "good, with our nonce", .reason = -1, .nonce = OURS, .status = REVOCATION_GOOD },
	{ .what = "revoked", .says = V_OCSP_CERTSTATUS_REVOKED, .reason = OCSP_REVOKED_STATUS_KEYCOMPROMISE, .status = REVOCATION_REVOKED,
	    .words = "keyCompromise" },
	{ .what = "revoked, no reason", .says = V_OCSP_CERTSTATUS_REVOKED, .reason = -1, .status = REVOCATION_REVOKED },
	{ .what = "by a delegate", .signer = &delegate, .reason = -1, .status = REVOCATION_GOOD },
	{ .what = "revoked, by a delegate", .signer = &delegate, .says = V_OCSP_CERTSTATUS_REVOKED, .reason = -1, .status = REVOCATION_REVOKED },
	{ .what = "without an end", .reason = -1, .no_end = true, .status = REVOCATION_GOOD },
	{ .what = "another hash in the id", .reason = -1, .sha256 = true, .status = REVOCATION_GOOD },
	{ .what = "stapled", .reason = -1, .stapled = true, .status = REVOCATION_GOOD },
	{ .what = "stapled, with somebody's nonce", .reason = -1, .stapled = true, .nonce = ANOTHER, .status = REVOCATION_GOOD },
	/* Not to be believed. */
	{ .what = "another nonce", .reason = -1, .nonce = ANOTHER, .status = REVOCATION_UNKNOWN, .doubt = REVOCATION_BROKEN, .words = "nonce" },
	{ .what = "by a namesake of the CA", .signer = &stranger, .reason = -1, .status = REVOCATION_UNKNOWN, .doubt = REVOCATION_BROKEN,
	    .words = "signed" },
	{ .what = "by a certificate of the CA that is for something else", .signer = &no_purpose, .reason = -1, .status = REVOCATION_UNKNOWN,
	    .doubt = REVOCATION_BROKEN, .words = "signed" },
	{ .what = "by another CA's delegate", .signer = &foreign, .reason = -1, .status = REVOCATION_UNKNOWN, .doubt = REVOCATION_BROKEN,
	    .words = "signed" },
	{ .what = "by the root above", .signer = &root, .reason = -1, .status = REVOCATION_UNKNOWN, .doubt = REVOCATION_BROKEN, .words = "signed" },
	{ .what = "by a delegate that is not along", .signer = &delegate, .reason = -1, .no_certs = true, .status = REVOCATION_UNKNOWN,
	    .doubt = REVOCATION_BROKEN, .words = "signed" },
	{ .what = "a flipped bit", .reason = -1, .corrupt = true, .status = REVOCATION_UNKNOWN, .doubt = REVOCATION_BROKEN, .words = "signed" },
	{ .what = "about another certificate", .about = &other, .reason = -1, .status = REVOCATION_UNKNOWN, .doubt = REVOCATION_BROKEN,
	    .words = "another certificate" },
	{ .what = "about another CA's certificate of that number", .issuer = &stranger, .reason = -1, .status = REVOCATION_UNKNOWN,
	    .doubt = REVOCATION_BROKEN },
	/* It does not say. */
	{ .what = "unknown", .says = V_OCSP_CERTSTATUS_UNKNOWN, .reason = -1, .status = REVOCATION_UNKNOWN, .doubt = REVOCATION_NOT_SAID,
	    .words = "does not know" },
	{ .what = "try later", .error = OCSP_RESPONSE_STATUS_TRYLATER, .reason = -1, .status = REVOCATION_UNKNOWN, .doubt = REVOCATION_NOT_SAID,
	    .words = "trylater" },
	{ .what = "unauthorized", .error = OCSP_RESPONSE_STATUS_UNAUTHORIZED, .reason = -1, .status = REVOCATION_UNKNOWN,
	    .doubt = REVOCATION_NOT_SAID, .words = "unauthorized" },
	{ .what = "internal error", .error = OCSP_RESPONSE_STATUS_INTERNALERROR, .reason = -1, .status = REVOCATION_UNKNOWN,
	    .doubt = REVOCATION_NOT_SAID, .words = "internalerror" },
};

static unsigned char our_nonce[OCSP_NONCE_BYTES] = "our nonce 012345", another_nonce[OCSP_NONCE_BYTES] = "their nonce 0123";

static struct text
make(const struct reply *p)
{
	const struct made *signer = p->signer != NULL ? p->signer : &ca, *about = p->about != NULL ? p->about : &leaf,
	    *issuer = p->issuer != NULL ? p->issuer : &ca;
	OCSP_BASICRESP *b = OCSP_BASICRESP_new();
	OCSP_CERTID *id = OCSP_cert_to_id(p->sha256 ? EVP_sha256() : EVP_sha1(), about->pki.x509, issuer->pki.x509);
	ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)(MADE_NOW - 3600)), *to = ASN1_TIME_set(NULL, (time_t)(MADE_NOW + 3 * MADE_DAY)),
	    *revoked = ASN1_TIME_set(NULL, (time_t)(MADE_NOW - 5 * MADE_DAY));
	OCSP_RESPONSE *response;
	unsigned char *der = NULL;
	int len;

	assert_non_null(OCSP_basic_add1_status(b, id, p->says, p->reason, revoked, from, p->no_end ? NULL : to));
	if (p->nonce != NONE)
		OCSP_basic_add1_nonce(b, p->nonce == OURS ? our_nonce : another_nonce, OCSP_NONCE_BYTES);
	assert_int_equal(OCSP_basic_sign(b, signer->pki.x509, signer->pki.key, EVP_sha256(), NULL, p->no_certs ? OCSP_NOCERTS : 0), 1);
	response = OCSP_response_create(p->error != 0 ? p->error : OCSP_RESPONSE_STATUS_SUCCESSFUL, p->error != 0 ? NULL : b);
	if (p->corrupt) {
		/* The signature stands behind the times: the last byte of what was signed is a time's. */
		const ASN1_OCTET_STRING *signature = OCSP_resp_get0_signature(b);

		OCSP_RESPONSE_free(response);
		signature->data[signature->length - 1] ^= 1;
		response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, b);
	}
	len = i2d_OCSP_RESPONSE(response, &der);
	assert_true(len > 0);
	OCSP_RESPONSE_free(response);
	OCSP_BASICRESP_free(b);
	OCSP_CERTID_free(id);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	ASN1_TIME_free(revoked);
	return (struct text){ der, (size_t)len };
}

static void
whose_word_is_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
		const struct reply *p = &replies[i];
		struct text der = make(p);
		struct arena *a = arena_new();
		struct revocation r;
		const char *said;

		ocsp_read(der, leaf.cert, ca.cert, p->stapled ? NULL : our_nonce, a, &r);
		said = r.status == REVOCATION_UNKNOWN ? r.why : r.reason;
		if (r.status != p->status || r.doubt != p->doubt)
			fail_msg("%s: status %d, doubt %d: %s", p->what, r.status, r.doubt, said != NULL ? said : "nothing");
		if (p->words != NULL && (said == NULL || strstr(said, p->words) == NULL))
			fail_msg("%s: “%s”", p->what, said != NULL ? said : "nothing");
		assert_int_equal(r.by, p->stapled ? REVOCATION_BY_STAPLE : REVOCATION_BY_OCSP);
		if (r.status != REVOCATION_UNKNOWN) {
			assert_true(r.this_update == MADE_NOW - 3600);
			assert_true(r.next_update == (p->no_end ? TIME_UNKNOWN : MADE_NOW + 3 * MADE_DAY) || p->signer != NULL);
			assert_true(r.produced_at != TIME_UNKNOWN);
		}
		if (r.status == REVOCATION_REVOKED)
			assert_true(r.revoked_at == MADE_NOW - 5 * MADE_DAY);
		arena_free(a);
		OPENSSL_free((void *)(uintptr_t)der.bytes);
	}
}

/* A delegate's word does not outlive its own certificate. */
static void
a_delegate_that_ends(void **state)
{
	const struct reply p = { .signer = &ending, .reason = -1 };
	struct text der = make(&p);
	struct revocation r;

	(void)state;
	ocsp_read(der, leaf.cert, ca.cert, our_nonce, NULL, &r);
	assert_int_equal(r.status, REVOCATION_GOOD);
	assert_true(r.next_update == MADE_NOW + MADE_DAY);
	OPENSSL_free((void *)(uintptr_t)der.bytes);
}

static void
no_response(void **state)
{
	static const char page[] = "<html>";
	const struct reply p = { .reason = -1 };
	struct text der = make(&p);
	unsigned char *longer = malloc(der.len + 1);
	struct arena *a = arena_new();
	struct revocation r;

	(void)state;
	for (size_t len = 0; len < der.len; len++) {
		ocsp_read((struct text){ der.bytes, len }, leaf.cert, ca.cert, our_nonce, a, &r);
		assert_int_equal(r.status, REVOCATION_UNKNOWN);
		assert_non_null(r.why);
	}
	memcpy(longer, der.bytes, der.len);
	longer[der.len] = 0;
	ocsp_read((struct text){ longer, der.len + 1 }, leaf.cert, ca.cert, our_nonce, a, &r);
	assert_int_equal(r.status, REVOCATION_UNKNOWN);
	ocsp_read(text_of(page), leaf.cert, ca.cert, our_nonce, a, &r);
	assert_int_equal(r.doubt, REVOCATION_BROKEN);
	free(longer);
	arena_free(a);
	OPENSSL_free((void *)(uintptr_t)der.bytes);
}

/* The question that goes out: about this certificate, with this nonce, and nothing of ours in it. */
static void
the_question(void **state)
{
	struct buf der = { 0 };
	const unsigned char *p;
	OCSP_REQUEST *q;
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), leaf.pki.x509, ca.pki.x509);

	(void)state;
	assert_true(ocsp_question(leaf.cert, ca.cert, our_nonce, &der));
	p = (const unsigned char *)der.data;
	q = d2i_OCSP_REQUEST(NULL, &p, (long)der.len);
	assert_non_null(q);
	assert_int_equal(OCSP_request_onereq_count(q), 1);
	assert_int_equal(OCSP_id_cmp(OCSP_onereq_get0_id(OCSP_request_onereq_get0(q, 0)), id), 0);
	assert_int_equal(OCSP_REQUEST_get_ext_count(q), 1);
	assert_false(OCSP_request_is_signed(q));
	assert_true(der.len < 255);
	OCSP_CERTID_free(id);
	OCSP_REQUEST_free(q);
	buf_done(&der);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whose_word_is_taken),
		cmocka_unit_test(a_delegate_that_ends),
		cmocka_unit_test(no_response),
		cmocka_unit_test(the_question),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
