/* Which hosts a certificate names: RFC 9525, as a table. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/x509v3.h>
#include <string.h>

#include "model/cert_openssl.h"
#include "tests/made.h"

#define NAMES(...) (const char *const[]){ __VA_ARGS__, NULL }

static const struct match_case {
	const char *what;
	const char *const *san; /* NULL: none */
	const char *host;
	enum name_match expected;
} match_cases[] = {
	{ "the name itself", NAMES("DNS:payment.internal"), "payment.internal", NAME_MATCHES },
	{ "upper and lower case", NAMES("DNS:Payment.INTERNAL"), "pAYMENT.internal", NAME_MATCHES },
	{ "a trailing dot of the host", NAMES("DNS:payment.internal"), "payment.internal.", NAME_MATCHES },
	{ "two trailing dots are no host", NAMES("DNS:payment.internal"), "payment.internal..", NAME_DIFFERS },
	{ "a trailing dot in the certificate", NAMES("DNS:payment.internal."), "payment.internal", NAME_DIFFERS },
	{ "one of several", NAMES("DNS:a", "IP:10.0.0.1", "DNS:payment.internal"), "payment.internal", NAME_MATCHES },
	{ "a longer name", NAMES("DNS:payment.internal"), "xpayment.internal", NAME_DIFFERS },
	{ "a name below", NAMES("DNS:payment.internal"), "a.payment.internal", NAME_DIFFERS },
	{ "a name above", NAMES("DNS:payment.internal"), "internal", NAME_DIFFERS },
	{ "one label", NAMES("DNS:payment"), "payment", NAME_MATCHES },
	{ "an underscore", NAMES("DNS:order_service.internal"), "order_service.internal", NAME_MATCHES },
	{ "an A-label", NAMES("DNS:xn--bcher-kva.internal"), "XN--bcher-kva.internal", NAME_MATCHES },
	{ "an empty host", NAMES("DNS:payment.internal"), "", NAME_DIFFERS },
	{ "a dot", NAMES("DNS:payment.internal"), ".", NAME_DIFFERS },
	{ "a blank", NAMES("DNS:payment.internal"), "payment.internal ", NAME_DIFFERS },

	{ "a wildcard", NAMES("DNS:*.example.com"), "a.example.com", NAME_MATCHES },
	{ "a wildcard and an A-label", NAMES("DNS:*.example.com"), "xn--bcher-kva.example.com", NAME_MATCHES },
	{ "a wildcard over two labels", NAMES("DNS:*.example.com"), "a.b.example.com", NAME_DIFFERS },
	{ "a wildcard over no label", NAMES("DNS:*.example.com"), "example.com", NAME_DIFFERS },
	{ "a wildcard over an empty label", NAMES("DNS:*.example.com"), ".example.com", NAME_DIFFERS },
	{ "right under a top-level label", NAMES("DNS:*.internal"), "payment.internal", NAME_MATCHES },
	{ "all hosts", NAMES("DNS:*"), "payment", NAME_DIFFERS },
	{ "a star and a dot", NAMES("DNS:*."), "payment.", NAME_DIFFERS },
	{ "part of a label", NAMES("DNS:pay*.internal"), "payment.internal", NAME_DIFFERS },
	{ "part of a label, behind", NAMES("DNS:*ment.internal"), "payment.internal", NAME_DIFFERS },
	{ "not the left-most", NAMES("DNS:a.*.com"), "a.b.com", NAME_DIFFERS },
	{ "two stars", NAMES("DNS:*.*.com"), "a.b.com", NAME_DIFFERS },
	{ "a star as the host", NAMES("DNS:*.example.com"), "*.example.com", NAME_DIFFERS },

	{ "an IPv4 address", NAMES("IP:127.0.0.1"), "127.0.0.1", NAME_MATCHES },
	{ "another IPv4 address", NAMES("IP:127.0.0.1"), "127.0.0.2", NAME_DIFFERS },
	{ "an IPv6 address", NAMES("IP:::1"), "::1", NAME_MATCHES },
	{ "an IPv6 address in brackets", NAMES("IP:::1"), "[::1]", NAME_MATCHES },
	{ "an IPv6 address with a zone", NAMES("IP:fe80::1"), "fe80::1%eth0", NAME_MATCHES },
	{ "an IPv6 address, spelled out", NAMES("IP:2001:db8::1"), "2001:0DB8:0:0:0:0:0:1", NAME_MATCHES },
	{ "IPv4 within IPv6 is another address", NAMES("IP:127.0.0.1"), "::ffff:127.0.0.1", NAME_DIFFERS },
	{ "an address as a DNS name does not count", NAMES("DNS:127.0.0.1"), "127.0.0.1", NAME_DIFFERS },
	{ "a wildcard over an address", NAMES("DNS:*.0.0.1"), "127.0.0.1", NAME_DIFFERS },
	{ "an address, and the host is a name", NAMES("IP:127.0.0.1"), "localhost", NAME_DIFFERS },

	{ "no name at all", NULL, "payment.internal", NAME_NO_SAN },
	{ "only the common name fits", NULL, "common.internal", NAME_NO_SAN },
	{ "only names of other kinds", NAMES("URI:https://payment.internal/", "email:a@payment.internal"),
	    "payment.internal", NAME_NO_SAN },
};

static void
matches(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof match_cases / sizeof match_cases[0]; i++) {
		const struct match_case *c = &match_cases[i];
		const struct pki_request r = { .cn = "common.internal", .san = c->san };
		struct made m = made_issue(&r, NULL);
		enum name_match got = cert_matches_host(m.cert, c->host);

		if (got != c->expected)
			fail_msg("%s (host “%s”): %d, expected %d", c->what, c->host, got, c->expected);
		made_free(&m);
	}
}

/* “good.internal NUL .evil.net” names neither; OpenSSL of old took it for the first. */
static void
hostile_names_match_nothing(void **state)
{
	static const char nul[] = "good.internal\0.evil.net", escape[] = "\033[31mgood.internal", utf8[] = "b\xc3\xbc.internal";
	static const char *const hosts[] = { "good.internal", "good.internal.evil.net", "evil.net", utf8, "bü.internal" };
	const struct pki_request r = {
		.cn = "x",
		.raw_san = (const struct pki_raw_san[]){ { GEN_DNS, nul, sizeof nul - 1 }, { GEN_DNS, escape, sizeof escape - 1 },
		    { GEN_DNS, utf8, sizeof utf8 - 1 }, { GEN_DNS, "", 0 }, { GEN_IPADD, "\x7f\0\0", 3 }, { .type = -1 } },
	};
	struct made m = made_issue(&r, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
		assert_int_equal(cert_matches_host(m.cert, hosts[i]), NAME_DIFFERS);
	made_free(&m);
}

static int
start(void **state)
{
	(void)state;
	openssl_start();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches),
		cmocka_unit_test(hostile_names_match_nothing),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
