/* PEM blocks as they stand in a file: what is one, of which kind, and that each is copied byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/pem_blocks.h"

#define PEM(label) "-----BEGIN " label "-----\nMIIB\n-----END " label "-----\n"

static const struct {
	const char *about, *text, *keys, *certs, *others;
	unsigned first;
} cases[] = {
	{ "nothing", "", "", "", "", 0 },
	{ "a combined file", "words\n" PEM("PRIVATE KEY") "more\n" PEM("CERTIFICATE") PEM("DH PARAMETERS"), PEM("PRIVATE KEY"), PEM("CERTIFICATE"), PEM("DH PARAMETERS"), PEM_PRIVATE_KEYS },
	{ "every spelling of them", PEM("X509 CERTIFICATE") PEM("TRUSTED CERTIFICATE") PEM("EC PARAMETERS") PEM("EC PRIVATE KEY") PEM("ENCRYPTED PRIVATE KEY"),
	    PEM("EC PARAMETERS") PEM("EC PRIVATE KEY") PEM("ENCRYPTED PRIVATE KEY"), PEM("X509 CERTIFICATE") PEM("TRUSTED CERTIFICATE"), "", PEM_CERTIFICATES },
	{ "a request and a list are neither", PEM("CERTIFICATE REQUEST") PEM("X509 CRL") PEM("PUBLIC KEY"), "", "", PEM("CERTIFICATE REQUEST") PEM("X509 CRL") PEM("PUBLIC KEY"), PEM_OTHERS },
	{ "CRLF and blanks stay", "-----BEGIN CERTIFICATE-----\r\nMIIB\r\n-----END CERTIFICATE----- \r\n", "", "-----BEGIN CERTIFICATE-----\r\nMIIB\r\n-----END CERTIFICATE----- \r\n", "", PEM_CERTIFICATES },
	{ "headers stay", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIB\n-----END RSA PRIVATE KEY-----\n",
	    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIB\n-----END RSA PRIVATE KEY-----\n", "", "", PEM_PRIVATE_KEYS },
	{ "the last line ends without a newline", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "", PEM("CERTIFICATE"), "", PEM_CERTIFICATES },
	{ "no end", "-----BEGIN CERTIFICATE-----\nMIIB\n", "", "", "", 0 },
	{ "another block begins before it", "-----BEGIN PRIVATE KEY-----\nMIIB\n" PEM("CERTIFICATE"), "", PEM("CERTIFICATE"), "", PEM_CERTIFICATES },
	{ "the end of another label", "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END CERTIFICATE-----\n" PEM("CERTIFICATE"), "", PEM("CERTIFICATE"), "", PEM_CERTIFICATES },
	{ "no five dashes", "-----BEGIN CERTIFICATE---\nMIIB\n-----END CERTIFICATE-----\n", "", "", "", 0 },
	{ "glued together", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE----------BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n", "",
	    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE----------BEGIN PRIVATE KEY-----\n", "", PEM_CERTIFICATES },
};

static void
is(const char *text, unsigned which, const char *expected)
{
	struct buf out = { 0 };

	(void)pem_blocks_copy(text, strlen(text), which, &out);
	assert_string_equal(buf_str(&out), expected);
	buf_done(&out);
}

static void
every_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		print_message("  %s\n", cases[i].about);
		is(cases[i].text, PEM_PRIVATE_KEYS, cases[i].keys);
		is(cases[i].text, PEM_CERTIFICATES, cases[i].certs);
		is(cases[i].text, PEM_OTHERS, cases[i].others);
		assert_int_equal(pem_blocks_first(cases[i].text, strlen(cases[i].text), PEM_PRIVATE_KEYS | PEM_CERTIFICATES | PEM_OTHERS), cases[i].first);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_case) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
