/* From when until when the private CA issues: knowledge "aws" 2.3, each kind of Validity, its edges and its refusals. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "model/asn1_times.h"
#include "model/times.h"
#include "tests/pca_made.h"

static EVP_PKEY *root_key, *leaf_key;
static struct pca_made root; /* until PCA_NOW + 3650 days */
static char *csr;
#define ROOT_END (PCA_NOW + 3650 * PCA_DAY)

static int64_t
moment(const char *text)
{
	int64_t t;

	assert_true(time_parse(text, &t));
	return t;
}

/* What comes out, as a date; or how it is refused. PCA_NOW is 2026-11-23T12:00:00Z unless `now` says another. */
static const struct case_ {
	const char *type;
	int64_t value;
	const char *after;         /* NotAfter; NULL: refused */
	const char *code, *text;   /* then: part of the message */
	const char *now;           /* NULL: PCA_NOW */
	const char *template;      /* NULL: EndEntityCertificate */
	bool short_lived;
} cases[] = {
	{ "DAYS", 1, .after = "2026-11-24T12:00:00Z" },
	{ "DAYS", 397, .after = "2027-12-25T12:00:00Z" },
	{ "MONTHS", 1, .after = "2026-12-23T12:00:00Z" },
	{ "MONTHS", 14, .after = "2028-01-23T12:00:00Z" },
	{ "YEARS", 3, .after = "2029-11-23T12:00:00Z" },
	/* A month has its own length: the last day stands for one that does not exist. */
	{ "MONTHS", 1, .after = "2027-02-28T08:00:00Z", .now = "2027-01-31T08:00:00Z" },
	{ "MONTHS", 1, .after = "2028-02-29T08:00:00Z", .now = "2028-01-31T08:00:00Z" },
	{ "MONTHS", 1, .after = "2027-04-30T08:00:00Z", .now = "2027-03-31T08:00:00Z" },
	{ "YEARS", 1, .after = "2029-02-28T08:00:00Z", .now = "2028-02-29T08:00:00Z" },
	{ "MONTHS", 1, .after = "2027-01-15T00:00:00Z", .now = "2026-12-15T00:00:00Z" },
	{ "ABSOLUTE", PCA_NOW + 1, .after = "2026-11-23T12:00:01Z" },
	{ "ABSOLUTE", ROOT_END, .after = "2036-11-20T12:00:00Z" }, /* equal: allowed for an end entity */
	{ "END_DATE", 301231235959, .after = "2030-12-31T23:59:59Z" },
	{ "END_DATE", 20301231235959, .after = "2030-12-31T23:59:59Z" },
	{ "END_DATE", 20280229000000, .after = "2028-02-29T00:00:00Z" },
	{ "DAYS", 7, .after = "2026-11-30T12:00:00Z", .short_lived = true },
	{ "ABSOLUTE", PCA_NOW + 7 * PCA_DAY, .after = "2026-11-30T12:00:00Z", .short_lived = true },
	/* A CA ends before its parent. */
	{ "ABSOLUTE", ROOT_END - 1, .after = "2036-11-20T11:59:59Z", .template = "SubordinateCACertificate_PathLen0" },
	/* A root is held to nobody, not even to its own old certificate. */
	{ "YEARS", 20, .after = "2046-11-23T12:00:00Z", .template = "RootCACertificate" },
	{ "END_DATE", 99991231235959, .after = "9999-12-31T23:59:59Z", .template = "RootCACertificate" },

	{ "DAYS", 0, .code = "ValidationException",
	    .text = "1 validation error detected: Value '0' at 'validity.value' failed to satisfy constraint: Member must have value greater than or equal to 1" },
	{ "DAYS", -5, .code = "ValidationException", .text = "Value '-5' at 'validity.value'" },
	{ "WEEKS", 1, .code = "ValidationException", .text = "Value 'WEEKS' at 'validity.type' failed to satisfy constraint: Member must satisfy enum value set" },
	{ "days", 1, .code = "ValidationException", .text = "'validity.type'" },
	{ NULL, 1, .code = "ValidationException", .text = "'validity' failed to satisfy constraint: Member must not be null" },
	{ "DAYS", 3651, .code = "ValidationException", .text = "The certificate validity specified exceeds the certificate authority validity" },
	{ "ABSOLUTE", ROOT_END + 1, .code = "ValidationException", .text = "exceeds the certificate authority validity" },
	{ "ABSOLUTE", ROOT_END, .code = "ValidationException", .text = "exceeds the certificate authority validity",
	    .template = "SubordinateCACertificate_PathLen0" },
	{ "ABSOLUTE", ROOT_END, .code = "ValidationException", .text = "exceeds the certificate authority validity",
	    .template = "BlankSubordinateCACertificate_PathLen1_APIPassthrough" },
	{ "ABSOLUTE", PCA_NOW, .code = "ValidationException", .text = "in the future" },
	{ "ABSOLUTE", 1, .code = "ValidationException", .text = "in the future" },
	{ "END_DATE", 260101000000, .code = "ValidationException", .text = "in the future" },
	{ "END_DATE", 500101000000, .code = "ValidationException", .text = "in the future" }, /* 1950 */
	{ "END_DATE", 301331000000, .code = "ValidationException", .text = "no date" },
	{ "END_DATE", 20300230000000, .code = "ValidationException", .text = "no date" },
	{ "END_DATE", 20300101240000, .code = "ValidationException", .text = "no date" },
	{ "END_DATE", 20300101006000, .code = "ValidationException", .text = "no date" },
	{ "END_DATE", 120300101000000, .code = "ValidationException", .text = "no date" },
	{ "END_DATE", INT64_MAX, .code = "ValidationException", .text = "no date" },
	{ "DAYS", INT64_MAX, .code = "ValidationException", .text = "no date" },
	{ "MONTHS", INT64_MAX, .code = "ValidationException", .text = "no date" },
	{ "YEARS", INT64_MAX / 12, .code = "ValidationException", .text = "no date" },
	{ "YEARS", 8000, .code = "ValidationException", .text = "no date", .template = "RootCACertificate" },
	{ "DAYS", 3000000, .code = "ValidationException", .text = "no date", .template = "RootCACertificate" },
	{ "ABSOLUTE", INT64_MAX, .code = "ValidationException", .text = "no date", .template = "RootCACertificate" },
	{ "DAYS", 8, .code = "ValidationException", .text = "exceeds 7 days", .short_lived = true },
	{ "ABSOLUTE", PCA_NOW + 7 * PCA_DAY + 1, .code = "ValidationException", .text = "exceeds 7 days", .short_lived = true },
};

static void
ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct case_ *c = &cases[i];
		struct pca_signing s = pca_call(&root, c->template != NULL ? c->template : "EndEntityCertificate", csr, 1);
		struct pca_fault fault = { .code = "" };
		int64_t from = 0, to = 0;
		char text[TIME_TEXT_MAX];
		bool ok;

		s.validity = (struct pca_validity_given){ .type = c->type, .value = c->value };
		s.short_lived = c->short_lived;
		if (c->now != NULL)
			s.now = moment(c->now);
		ok = pca_validity_of(&s, &from, &to, &fault);
		if (ok != (c->after != NULL))
			fail_msg("case %zu: %s %s", i, fault.code, fault.message);
		if (ok) {
			assert_string_equal(time_rfc3339(to, text), c->after);
			assert_int_equal(from, s.now - 3600); /* sixty minutes back, whatever the end */
		} else {
			assert_string_equal(fault.code, c->code);
			if (strstr(fault.message, c->text) == NULL)
				fail_msg("case %zu: %s", i, fault.message);
		}
	}
}

/* ValidityNotBefore: its own beginning, the end unmoved. */
static void
beginnings(void **state)
{
	static const struct {
		const char *type;
		int64_t value;
		const char *code; /* NULL: taken */
	} all[] = {
		{ "ABSOLUTE", PCA_NOW + 5 * PCA_DAY, NULL },
		{ "ABSOLUTE", PCA_NOW - 400 * PCA_DAY, NULL },
		{ "ABSOLUTE", PCA_NOW + 20 * PCA_DAY - 1, NULL },
		{ "ABSOLUTE", PCA_NOW + 20 * PCA_DAY, "ValidationException" }, /* begins when it ends */
		{ "ABSOLUTE", PCA_NOW + 30 * PCA_DAY, "ValidationException" },
		{ "ABSOLUTE", 0, "ValidationException" },
		{ "DAYS", 3, "InvalidArgsException" },
		{ "END_DATE", 20270101000000, "InvalidArgsException" },
		{ "NEVER", 3, "ValidationException" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct pca_signing s = pca_call(&root, "EndEntityCertificate", csr, 20);
		struct pca_fault fault = { .code = "" };
		int64_t from, to;
		bool late;

		s.not_before = (struct pca_validity_given){ .type = all[i].type, .value = all[i].value };
		assert_int_equal(pca_check_request(&s, &fault, &late), all[i].code == NULL);
		if (all[i].code != NULL) {
			assert_string_equal(fault.code, all[i].code);
			continue;
		}
		assert_true(pca_validity_of(&s, &from, &to, &fault));
		assert_int_equal(from, all[i].value);
		assert_int_equal(to, PCA_NOW + 20 * PCA_DAY);
	}
}

/* The certificate says what was computed, on both sides of 2050 too (RFC 5280 4.1.2.5). */
static void
in_the_certificate(void **state)
{
	static const struct {
		int64_t end;
		int type;
	} all[] = {
		{ INT64_C(2524607999), V_ASN1_UTCTIME }, { INT64_C(2524608000), V_ASN1_GENERALIZEDTIME },
	};
	cJSON *configuration = cJSON_Parse("{\"SigningAlgorithm\":\"SHA256WITHECDSA\",\"Subject\":{\"CommonName\":\"Root\"}}");
	struct pca_fault fault;
	char *own = pca_make_csr(root_key, configuration, &fault);

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct pca_signing s = pca_call(&root, "RootCACertificate", own, 1);
		X509 *x;

		s.validity = (struct pca_validity_given){ .type = "ABSOLUTE", .value = all[i].end };
		x = pca_sign(&s, &fault);
		assert_non_null(x);
		assert_int_equal(asn1_time(X509_get0_notAfter(x)), all[i].end);
		assert_int_equal(ASN1_STRING_type(X509_get0_notAfter(x)), all[i].type);
		assert_int_equal(asn1_time(X509_get0_notBefore(x)), PCA_NOW - 3600);
		X509_free(x);
	}
	free(own);
	cJSON_Delete(configuration);
}

static int
setup(void **state)
{
	(void)state;
	root_key = EVP_EC_gen("P-256");
	leaf_key = EVP_EC_gen("P-256");
	root = pca_made_ca("Practice Root", root_key, "SHA256WITHECDSA", "RootCACertificate", NULL);
	csr = asked_csr(&(struct asked_csr){ .subject = "CN=order", .key = leaf_key });
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	pca_made_free(&root);
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(leaf_key);
	free(csr);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends),
		cmocka_unit_test(beginnings),
		cmocka_unit_test(in_the_certificate),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
