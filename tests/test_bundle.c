/* Trust bundles as text: what is one and what is none, in and out byte for byte, normalised, the limits of AWS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "model/bundle.h"
#include "model/memory.h"
#include "tests/made.h"

enum { A, B, C, WEAK, SHORT, V1, CAS };
static struct made cas[CAS];
static char *pem[CAS];

static char *
joined(const char *first, ...)
{
	struct buf b = { 0 };
	va_list ap;

	va_start(ap, first);
	for (const char *part = first; part != NULL; part = va_arg(ap, const char *))
		buf_adds(&b, part);
	va_end(ap);
	return b.data != NULL ? b.data : mem_strdup("");
}

static int
setup(void **state)
{
	static const char usage[] = "critical,keyCertSign,cRLSign";
	const struct pki_request requests[CAS] = {
		[A] = { .cn = "Root A", .ca = true, .key_usage = usage },
		[B] = { .cn = "Root B", .ca = true, .key_usage = usage },
		[C] = { .cn = "Root C", .ca = true, .key_usage = usage, .key_type = PKI_RSA2048 },
		[WEAK] = { .cn = "Weak Root", .ca = true, .key_usage = usage, .key_type = PKI_RSA1024 },
		[SHORT] = { .cn = "SHA-1 Root", .ca = true, .key_usage = usage, .digest = "SHA1" },
		[V1] = { .cn = "Old Root", .version = 1 },
	};

	(void)state;
	for (size_t i = 0; i < CAS; i++) {
		struct buf b = { 0 };

		cas[i] = made_issue(&requests[i], NULL);
		cert_pem(cas[i].cert, &b);
		pem[i] = b.data;
	}
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < CAS; i++) {
		made_free(&cas[i]);
		free(pem[i]);
	}
	return 0;
}

static void
normalised(void **state)
{
	struct buf crlf = { 0 }, out = { 0 };
	struct bundle b;
	struct error err = { .code = ERROR_NONE };
	char one[SHA256_HEX], other[SHA256_HEX];
	char *text, *wanted = joined(pem[A], pem[B], NULL);

	(void)state;
	for (const char *at = pem[B]; *at != '\0'; at++)
		*at == '\n' ? buf_adds(&crlf, "\r\n") : buf_addc(&crlf, *at);
	text = joined("Subject: who - ever\n\n", pem[A], "\n# a comment - with hyphens\n", crlf.data, pem[A], "no newline at the end", NULL);
	assert_int_equal(bundle_read(text, strlen(text), "clients.pem", &b, &err), STATUS_OK);
	assert_int_equal(b.len, 2);
	assert_int_equal(b.repeated, 1);
	bundle_pem(&b, &out);
	assert_string_equal(out.data, wanted);
	bundle_hash(&b, one);
	bundle_done(&b);
	assert_int_equal(bundle_read(out.data, out.len, "clients.pem", &b, &err), STATUS_OK);
	assert_string_equal(bundle_hash(&b, other), one);
	/* In, once; out, and the order of the rest stays; the hash is of what is in it. */
	assert_true(bundle_add(&b, cas[C].cert));
	assert_false(bundle_add(&b, cas[C].cert));
	assert_string_not_equal(bundle_hash(&b, other), one);
	assert_true(bundle_remove(&b, &cas[A].cert->sha256));
	assert_false(bundle_remove(&b, &cas[A].cert->sha256));
	assert_false(bundle_has(&b, cas[A].cert));
	assert_true(bundle_has(&b, cas[B].cert) && bundle_has(&b, cas[C].cert));
	assert_true(bundle_remove(&b, &cas[C].cert->sha256) && bundle_add(&b, cas[A].cert));
	assert_string_equal(bundle_hash(&b, other), one);
	assert_ptr_equal(b.certs[0], cas[B].cert);
	bundle_done(&b);
	free(text);
	free(wanted);
	buf_done(&crlf);
	buf_done(&out);
}

static void
no_bundles(void **state)
{
	static const char key[] = "-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n";
	char *with_key = joined(pem[A], key, NULL), *damaged = joined(pem[A], "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", NULL);
	char *cut = joined(pem[A], "-----BEGIN CERTIFICATE-----\nMIIB\n", NULL);
	const struct {
		const char *bytes;
		size_t len;
		const char *says;
	} cases[] = {
		{ "", 0, "found no" },
		{ "# nothing yet\n", 0, "found no" },
		{ "\xfe\xed\xfe\xed\0\0\0\2", 8, "keytool" },
		{ "0\x82\4\1", 4, "PKCS#12" },
		{ with_key, 0, "holds a private key" },
		{ key, 0, "holds a private key" },
		{ damaged, 0, "mend that first" },
		{ cut, 0, "mend that first" },
		{ "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n", 0,
		    "found a public key" },
		{ "-----BEGIN DH PARAMETERS-----\nMAYCAQcCAQI=\n-----END DH PARAMETERS-----\n", 0, "clients.pem" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t len = cases[i].len > 0 ? cases[i].len : strlen(cases[i].bytes);
		struct error err = { .code = ERROR_NONE };
		struct buf out = { 0 };
		struct bundle b;
		bool changed = true;

		assert_int_equal(bundle_read(cases[i].bytes, len, "clients.pem", &b, &err), STATUS_FAILED);
		bundle_done(&b);
		if (err.code != ERROR_INPUT || strstr(err.text, cases[i].says) == NULL || strstr(err.text, "clients.pem") == NULL)
			fail_msg("case %zu: %s", i, err.text);
		error_clear(&err);
		assert_int_equal(bundle_text_add(cases[i].bytes, len, "clients.pem", cas[B].cert, &out, &changed, &err), STATUS_FAILED);
		assert_false(changed);
		assert_int_equal(out.len, 0);
	}
	free(with_key);
	free(damaged);
	free(cut);
}

/* What people wrote into a file stays, to the byte; in and out again is the same file. */
static void
texts(void **state)
{
	const struct {
		char *text;
		const char *joint; /* what adding puts between */
	} cases[] = {
		{ joined("# who may come in\n\n", pem[A], NULL), "" },
		{ joined("Root A\n======\n", pem[A], "\n\n# and - this\n", pem[C], "\n# the end\n", NULL), "" },
		{ joined(pem[A], "# no newline here", NULL), "\n" },
		{ joined("\xef\xbb\xbf", pem[A], "# Latin-1: \xe9\n", NULL), "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *wanted = joined(cases[i].text, cases[i].joint, pem[B], NULL), *back = joined(cases[i].text, cases[i].joint, NULL);
		struct error err = { .code = ERROR_NONE };
		struct buf with = { 0 }, again = { 0 }, without = { 0 };
		bool changed;

		if (bundle_text_add(cases[i].text, strlen(cases[i].text), "f", cas[B].cert, &with, &changed, &err) != STATUS_OK)
			fail_msg("case %zu: %s", i, err.text);
		assert_true(changed);
		assert_string_equal(with.data, wanted);
		assert_int_equal(bundle_text_add(with.data, with.len, "f", cas[B].cert, &again, &changed, &err), STATUS_OK);
		assert_false(changed);
		assert_string_equal(again.data, wanted);
		assert_int_equal(bundle_text_remove(with.data, with.len, "f", cas[B].cert, &without, &changed, &err), STATUS_OK);
		assert_true(changed);
		assert_string_equal(without.data, back);
		buf_reset(&again);
		assert_int_equal(bundle_text_remove(without.data, without.len, "f", cas[B].cert, &again, &changed, &err), STATUS_OK);
		assert_false(changed);
		assert_string_equal(again.data, back);
		buf_done(&with);
		buf_done(&again);
		buf_done(&without);
		free(wanted);
		free(back);
		free(cases[i].text);
	}
}

/* Every copy goes, from the middle too, with line ends of either kind; the last CA stays. */
static void
every_copy_goes(void **state)
{
	struct buf crlf = { 0 }, out = { 0 };
	struct error err = { .code = ERROR_NONE };
	char *text, *wanted = joined("# first\n# second\n", pem[B], "# last\n", NULL);
	bool changed;

	(void)state;
	for (const char *at = pem[A]; *at != '\0'; at++)
		*at == '\n' ? buf_adds(&crlf, "\r\n") : buf_addc(&crlf, *at);
	text = joined("# first\n", pem[A], "# second\n", pem[B], crlf.data, "# last\n", pem[A], NULL);
	assert_int_equal(bundle_text_remove(text, strlen(text), "f", cas[A].cert, &out, &changed, &err), STATUS_OK);
	assert_true(changed);
	assert_string_equal(out.data, wanted);
	buf_reset(&out);
	assert_int_equal(bundle_text_remove(wanted, strlen(wanted), "f", cas[B].cert, &out, &changed, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_INPUT);
	assert_non_null(strstr(err.text, "“Root B” is the only CA in it"));
	assert_int_equal(out.len, 0);
	free(text);
	free(wanted);
	buf_done(&crlf);
	buf_done(&out);
}

static void
limits(void **state)
{
	struct bundle_rules small = bundle_of_alb;
	struct bundle b = { 0 };
	struct error err = { .code = ERROR_NONE };
	const struct {
		int ca;
		const char *alb, *gateway; /* NULL: taken */
	} cases[] = {
		{ A, NULL, NULL }, { C, NULL, NULL },
		{ WEAK, "the key of “Weak Root” is RSA 1024", "the key of “Weak Root” is RSA 1024" },
		{ SHORT, "that of “SHA-1 Root” is", "that of “SHA-1 Root” is" },
		{ V1, "“Old Root” is of version 1", "“Old Root” is of version 1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct bundle_rules *const rules[] = { &bundle_of_alb, &bundle_of_apigateway };
		const char *const says[] = { cases[i].alb, cases[i].gateway };

		for (int r = 0; r < 2; r++) {
			status result = bundle_takes(rules[r], cas[cases[i].ca].cert, &err);

			assert_int_equal(result, says[r] == NULL ? STATUS_OK : STATUS_FAILED);
			if (says[r] != NULL && strstr(err.text, says[r]) == NULL)
				fail_msg("case %zu: %s", i, err.text);
			error_clear(&err);
		}
	}
	small.certificate_bytes_most = 100;
	assert_int_equal(bundle_takes(&small, cas[A].cert, &err), STATUS_FAILED);
	error_clear(&err);

	assert_int_equal(bundle_fits(&b, &bundle_of_alb, false, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "cannot be empty"));
	error_clear(&err);
	bundle_add(&b, cas[A].cert);
	bundle_add(&b, cas[B].cert);
	assert_int_equal(bundle_fits(&b, &bundle_of_alb, true, &err), STATUS_OK);
	small.certificates_most = 1;
	assert_int_equal(bundle_fits(&b, &small, false, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "takes 1 certificates, and this would be 2"));
	error_clear(&err);
	small.certificates_most = 2;
	small.subject_bytes_most = cas[A].cert->subject.der.len + cas[B].cert->subject.der.len;
	assert_int_equal(bundle_fits(&b, &small, true, &err), STATUS_OK);
	small.subject_bytes_most--;
	assert_int_equal(bundle_fits(&b, &small, false, &err), STATUS_OK);
	assert_int_equal(bundle_fits(&b, &small, true, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "CA names"));
	error_clear(&err);
	small.bytes_most = 1000;
	assert_int_equal(bundle_fits(&b, &small, false, &err), STATUS_FAILED);
	bundle_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normalised),
		cmocka_unit_test(no_bundles),
		cmocka_unit_test(texts),
		cmocka_unit_test(every_copy_goes),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests_name("bundle", tests, setup, teardown);
}
