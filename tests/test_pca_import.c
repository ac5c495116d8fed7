/* Importing a CA's certificate: what AWS takes and what it refuses (knowledge "aws" 1.4), with certificates of any make. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/pki.h"
#include "model/buf.h"
#include "model/limits.h"
#include "model/memory.h"
#include "tests/pca_made.h"

/* Parents outside AWS: a root, an intermediate below it, and some that are wrong. */
static struct pki_cert outer_root, outer, outer_zero, outer_no_bc, outer_no_sign, stranger;
static EVP_PKEY *key; /* of the CA that imports */

static void
add_pem(struct buf *out, X509 *x)
{
	char *pem = x509_pem(x);

	buf_adds(out, pem);
	free(pem);
}

static struct pki_request
usual(const char *cn)
{
	return (struct pki_request){
		.cn = cn,
		.ca = true,
		.key_usage = "critical,keyCertSign,cRLSign",
		.not_before = PCA_NOW - PCA_DAY,
		.not_after = PCA_NOW + 1000 * PCA_DAY,
	};
}

static bool
import(bool root, const char *pem, const char *chain, struct pca_fault *fault)
{
	X509 *x = NULL;
	bool ok = pca_check_import(root, key, (const unsigned char *)pem, strlen(pem), (const unsigned char *)chain, chain != NULL ? strlen(chain) : 0,
	    PCA_NOW, fault, &x);

	assert_int_equal(ok, x != NULL);
	assert_int_equal(ERR_peek_error(), 0);
	X509_free(x);
	return ok;
}

/* The certificate itself. It hangs below outer and outer_root unless it is a root's. */
static void
certificates(void **state)
{
	static const unsigned char null[] = { 5, 0 }, points[] = { 0x30, 0 }, inhibit[] = { 2, 1, 0 };
	static const struct pki_extension critical_policy[] = { { "2.5.29.54", true, inhibit, 3 }, { NULL, false, NULL, 0 } };
	static const struct pki_extension critical_crl[] = { { "2.5.29.31", true, points, 2 }, { NULL, false, NULL, 0 } };
	static const struct pki_extension critical_aia[] = { { "1.3.6.1.5.5.7.1.1", true, points, 2 }, { NULL, false, NULL, 0 } };
	static const struct pki_extension critical_fresh[] = { { "2.5.29.46", true, points, 2 }, { NULL, false, NULL, 0 } };
	static const struct pki_extension critical_constraints[] = { { "2.5.29.36", true, points, 2 }, { NULL, false, NULL, 0 } };
	static const struct pki_extension critical_custom[] = { { "1.2.3.4", true, null, 2 }, { NULL, false, NULL, 0 } };
	static const struct pki_extension custom[] = { { "1.2.3.4", false, null, 2 }, { NULL, false, NULL, 0 } };
	static const unsigned char ca_true[] = { 0x30, 3, 1, 1, 0xff }, ca_false[] = { 0x30, 0 };
	static const struct pki_extension soft_basic[] = { { "2.5.29.19", false, ca_true, 5 }, { NULL, false, NULL, 0 } };
	static const struct pki_extension no_ca[] = { { "2.5.29.19", true, ca_false, 2 }, { NULL, false, NULL, 0 } };
	static const struct {
		const char *about;
		bool root;
		struct pki_request r;    /* on top of the usual */
		bool other_key, no_key_usage;
		int64_t not_after;
		const char *code, *text; /* NULL: imported */
	} all[] = {
		{ .about = "a root", .root = true },
		{ .about = "a subordinate" },
		{ .about = "with a path length", .r = { .has_path_len = true, .path_len = 2 } },
		{ .about = "without key usage", .no_key_usage = true },
		{ .about = "inhibitAnyPolicy critical", .r = { .extra = critical_policy } },
		{ .about = "name constraints critical", .r = { .name_constraints = "critical,permitted;DNS:internal" } },
		{ .about = "purposes critical", .r = { .eku = "critical,serverAuth" } },
		{ .about = "no key identifiers: not AWS's affair", .r = { .no_ski = true, .no_aki = true } },
		{ .about = "an unknown extension", .r = { .extra = custom } },
		{ .about = "another key", .other_key = true, .code = "CertificateMismatchException", .text = "public key" },
		{ .about = "another key, root", .root = true, .other_key = true, .code = "CertificateMismatchException", .text = "public key" },
		{ .about = "no basic constraints", .r = { .no_basic_constraints = true }, .code = "ValidationException", .text = "does not have the basic" },
		{ .about = "basic constraints not critical", .r = { .no_basic_constraints = true, .extra = soft_basic }, .code = "ValidationException",
		    .text = "not marked critical" },
		{ .about = "CA:FALSE", .r = { .no_basic_constraints = true, .extra = no_ca }, .code = "ValidationException", .text = "is a CA" },
		{ .about = "may not sign", .r = { .key_usage = "critical,digitalSignature" }, .code = "MalformedCertificateException", .text = "key usage" },
		{ .about = "distribution points critical", .r = { .extra = critical_crl }, .code = "MalformedCertificateException", .text = "critical" },
		{ .about = "AIA critical", .r = { .extra = critical_aia }, .code = "MalformedCertificateException", .text = "critical" },
		{ .about = "freshest CRL critical", .r = { .extra = critical_fresh }, .code = "MalformedCertificateException", .text = "critical" },
		{ .about = "policy constraints critical", .r = { .extra = critical_constraints }, .code = "MalformedCertificateException", .text = "critical" },
		{ .about = "an unknown one critical", .r = { .extra = critical_custom }, .code = "MalformedCertificateException", .text = "critical" },
		{ .about = "an unknown one critical, root", .root = true, .r = { .extra = critical_custom }, .code = "MalformedCertificateException", .text = "critical" },
		{ .about = "expired", .not_after = PCA_NOW, .code = "MalformedCertificateException", .text = "expired" },
		{ .about = "a signature that is none", .r = { .corrupt_signature = true }, .code = "CertificateMismatchException", .text = "did not sign" },
		{ .about = "a root whose signature is none", .root = true, .r = { .corrupt_signature = true }, .code = "CertificateMismatchException",
		    .text = "self-signed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct pki_request r = usual("Ours");
		struct buf chain = { 0 };
		struct pki_cert made;
		struct pca_fault fault;
		char *pem;

		if (all[i].r.key_usage != NULL || all[i].no_key_usage)
			r.key_usage = all[i].r.key_usage;
		r.has_path_len = all[i].r.has_path_len;
		r.path_len = all[i].r.path_len;
		r.extra = all[i].r.extra;
		r.name_constraints = all[i].r.name_constraints;
		r.eku = all[i].r.eku;
		r.no_ski = all[i].r.no_ski;
		r.no_aki = all[i].r.no_aki;
		r.no_basic_constraints = all[i].r.no_basic_constraints;
		r.corrupt_signature = all[i].r.corrupt_signature;
		if (all[i].not_after != 0)
			r.not_after = all[i].not_after;
		r.key = all[i].other_key ? NULL : key;
		made = pki_issue(&r, all[i].root ? NULL : &outer);
		pem = x509_pem(made.x509);
		add_pem(&chain, outer.x509);
		add_pem(&chain, outer_root.x509);
		if (import(all[i].root, pem, all[i].root ? NULL : buf_str(&chain), &fault) != (all[i].code == NULL))
			fail_msg("%s: %s: %s", all[i].about, fault.code, fault.message);
		if (all[i].code != NULL && (strcmp(fault.code, all[i].code) != 0 || strstr(fault.message, all[i].text) == NULL))
			fail_msg("%s: %s: %s", all[i].about, fault.code, fault.message);
		free(pem);
		buf_done(&chain);
		pki_cert_free(&made);
	}
}

/* Who is above it, and in which order. */
static void
chains(void **state)
{
	struct pki_request r = usual("Ours"), deep = usual("Ours"), limited = usual("Ours");
	struct pki_cert below_outer, below_root, below_zero, below_no_bc, below_no_sign, self, level[5], below_five, equal;
	struct pca_fault fault;

	(void)state;
	r.key = deep.key = limited.key = key;
	below_outer = pki_issue(&r, &outer);
	below_root = pki_issue(&r, &outer_root);
	below_zero = pki_issue(&r, &outer_zero);
	below_no_bc = pki_issue(&r, &outer_no_bc);
	below_no_sign = pki_issue(&r, &outer_no_sign);
	self = pki_issue(&r, NULL);
	for (size_t i = 0; i < 5; i++) {
		char cn[16];
		struct pki_request q;
		snprintf(cn, sizeof cn, "Level %zu", i);
		q = usual(cn);
		q.has_path_len = i == 1;
		q.path_len = 4;
		level[i] = pki_issue(&q, i > 0 ? &level[i - 1] : NULL);
	}
	below_five = pki_issue(&deep, &level[4]);
	limited.has_path_len = true;
	limited.path_len = 4;
	equal = pki_issue(&limited, &level[1]);
	const struct {
		const char *about;
		bool root;
		const struct pki_cert *own;
		const struct pki_cert *chain[6]; /* NULL ends; none: no chain is sent */
		const char *code, *text;
	} all[] = {
		{ "one level", false, &below_root, { &outer_root }, NULL, NULL },
		{ "two levels", false, &below_outer, { &outer, &outer_root }, NULL, NULL },
		{ "a root with a chain", true, &self, { &outer_root }, "InvalidRequestException", "cannot be specified" },
		{ "a root that another signed", true, &below_root, { NULL }, "CertificateMismatchException", "self-signed" },
		{ "a subordinate that signs itself", false, &self, { &outer_root }, "CertificateMismatchException", "self-signed" },
		{ "no chain", false, &below_outer, { NULL }, "InvalidRequestException", "must be specified" },
		{ "the root is missing", false, &below_outer, { &outer }, "CertificateMismatchException", "does not end in a root" },
		{ "the wrong order", false, &below_outer, { &outer_root, &outer }, "CertificateMismatchException", "Certificate 1 of the chain did not sign" },
		{ "one is missing between", false, &below_outer, { &outer_root }, "CertificateMismatchException", "Certificate 1" },
		{ "something after the root", false, &below_root, { &outer_root, &stranger }, "CertificateMismatchException", "Certificate 2" },
		{ "a stranger's", false, &below_root, { &stranger }, "CertificateMismatchException", "Certificate 1" },
		{ "itself in the chain", false, &below_root, { &below_root, &outer_root }, "CertificateMismatchException", "must not include" },
		{ "a parent that may have no CA below", false, &below_zero, { &outer_zero, &outer_root }, "ValidationException", "path length" },
		{ "a parent without basic constraints", false, &below_no_bc, { &outer_no_bc, &outer_root }, "ValidationException", "basic constraints" },
		{ "a parent that may not sign", false, &below_no_sign, { &outer_no_sign, &outer_root }, "CertificateMismatchException", "may not sign" },
		{ "six levels", false, &below_five, { &level[4], &level[3], &level[2], &level[1], &level[0] }, "InvalidRequestException", "5 levels" },
		{ "as long a path as its parent's", false, &equal, { &level[1], &level[0] }, "ValidationException", "path length" },
	};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct buf chain = { 0 };
		char *pem = x509_pem(all[i].own->x509);

		for (size_t k = 0; all[i].chain[k] != NULL; k++)
			add_pem(&chain, all[i].chain[k]->x509);
		if (import(all[i].root, pem, chain.len > 0 ? buf_str(&chain) : NULL, &fault) != (all[i].code == NULL))
			fail_msg("%s: %s: %s", all[i].about, fault.code, fault.message);
		if (all[i].code != NULL && (strcmp(fault.code, all[i].code) != 0 || strstr(fault.message, all[i].text) == NULL))
			fail_msg("%s: %s: %s", all[i].about, fault.code, fault.message);
		free(pem);
		buf_done(&chain);
	}
	for (size_t i = 0; i < 5; i++)
		pki_cert_free(&level[i]);
	pki_cert_free(&below_outer);
	pki_cert_free(&below_root);
	pki_cert_free(&below_zero);
	pki_cert_free(&below_no_bc);
	pki_cert_free(&below_no_sign);
	pki_cert_free(&below_five);
	pki_cert_free(&equal);
	pki_cert_free(&self);
}

static void
bytes(void **state)
{
	struct pki_request r = usual("Ours");
	struct pki_cert made, self;
	struct buf two = { 0 }, chain = { 0 }, spaced = { 0 }, cut = { 0 };
	struct pca_fault fault;
	char *pem, *parent, *huge;
	X509 *out;

	(void)state;
	r.key = key;
	made = pki_issue(&r, &outer_root);
	self = pki_issue(&r, NULL);
	pem = x509_pem(made.x509);
	parent = x509_pem(outer_root.x509);
	buf_addf(&two, "%s%s", pem, parent);
	buf_addf(&spaced, "\r\n  issuing:\n%s\n\n", parent);
	buf_add(&cut, pem, strlen(pem) / 2);
	buf_addf(&chain, "%s-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", parent);
	assert_true(import(false, pem, parent, &fault));
	assert_true(import(false, pem, buf_str(&spaced), &fault));
	static const char bad[] = "MalformedCertificateException";
	const struct {
		const char *own, *above;
	} all[] = {
		{ buf_str(&two), parent }, { buf_str(&cut), parent }, { "garbage", parent }, { pem, "garbage" }, { pem, buf_str(&cut) }, { pem, buf_str(&chain) },
		{ "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", parent },
	};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		if (import(false, all[i].own, all[i].above, &fault))
			fail_msg("case %zu is imported", i);
		assert_string_equal(fault.code, bad);
	}
	/* Nothing at all, and more than AWS's bounds. */
	assert_false(pca_check_import(true, key, (const unsigned char *)"", 0, NULL, 0, PCA_NOW, &fault, &out));
	assert_string_equal(fault.code, bad);
	huge = mem_zero(1, LIMIT_PCA_CHAIN + 2);
	memset(huge, '\n', LIMIT_PCA_CHAIN + 1);
	memcpy(huge, parent, strlen(parent));
	assert_false(import(false, pem, huge, &fault));
	assert_string_equal(fault.code, bad);
	memcpy(huge, pem, strlen(pem));
	assert_false(import(false, huge, parent, &fault));
	assert_string_equal(fault.code, bad);
	free(huge);
	free(parent);
	free(pem);
	buf_done(&two);
	buf_done(&chain);
	buf_done(&spaced);
	buf_done(&cut);
	pki_cert_free(&made);
	pki_cert_free(&self);
}

/* What our own templates make is importable: the way that AWS's guide describes. */
static void
of_our_own(void **state)
{
	EVP_PKEY *root_key = EVP_EC_gen("P-256");
	struct pca_made root = pca_made_ca("Root", root_key, "SHA256WITHECDSA", "RootCACertificate", NULL);
	struct pca_made sub = pca_made_ca("Issuing", key, "SHA256WITHECDSA", "SubordinateCACertificate_PathLen0", &root);
	char *root_pem = x509_pem(root.x509), *sub_pem = x509_pem(sub.x509);
	struct pca_fault fault;
	X509 *out = NULL;

	(void)state;
	assert_true(import(false, sub_pem, root_pem, &fault));
	assert_true(pca_check_import(true, root_key, (unsigned char *)root_pem, strlen(root_pem), NULL, 0, PCA_NOW, &fault, &out));
	assert_int_equal(X509_cmp(out, root.x509), 0);
	X509_free(out);
	free(root_pem);
	free(sub_pem);
	pca_made_free(&root);
	pca_made_free(&sub);
	EVP_PKEY_free(root_key);
}

static int
setup(void **state)
{
	struct pki_request r = usual("Outer Root"), o = usual("Outer"), zero = usual("Zero"), bare = usual("Bare"), mute = usual("Mute"), s = usual("Stranger");

	(void)state;
	key = EVP_EC_gen("P-256");
	outer_root = pki_issue(&r, NULL);
	o.has_path_len = true;
	o.path_len = 3;
	outer = pki_issue(&o, &outer_root);
	zero.has_path_len = true;
	outer_zero = pki_issue(&zero, &outer_root);
	bare.no_basic_constraints = true;
	outer_no_bc = pki_issue(&bare, &outer_root);
	mute.key_usage = "critical,digitalSignature";
	outer_no_sign = pki_issue(&mute, &outer_root);
	stranger = pki_issue(&s, NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	pki_cert_free(&outer_root);
	pki_cert_free(&outer);
	pki_cert_free(&outer_zero);
	pki_cert_free(&outer_no_bc);
	pki_cert_free(&outer_no_sign);
	pki_cert_free(&stranger);
	EVP_PKEY_free(key);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates),
		cmocka_unit_test(chains),
		cmocka_unit_test(bytes),
		cmocka_unit_test(of_our_own),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
