/* What a certificate breaks of RFC 5280 and X.690: each rule, and that sound certificates break none. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "model/cert_openssl.h"
#include "model/limits.h"
#include "tests/hand_cert.h"
#include "tests/made.h"

static bool
has_fault(const struct cert *c, const char *rule, const char *text, bool fatal)
{
	for (size_t i = 0; i < c->faults_len; i++)
		if (strcmp(c->faults[i].rule, rule) == 0 && strstr(c->faults[i].text, text) != NULL &&
		    c->faults[i].fatal == fatal)
			return true;
	return false;
}

static void
print_faults(const struct cert *c)
{
	for (size_t i = 0; i < c->faults_len; i++)
		print_error("  %s%s: %s\n", c->faults[i].rule, c->faults[i].fatal ? " (fatal)" : "", c->faults[i].text);
}

static const struct pki_request root_request = {
	.cn = "Root", .ca = true, .key_usage = "critical,keyCertSign,cRLSign",
};
static struct made root;

#define SAN(...) .san = (const char *const[]){ __VA_ARGS__, NULL }
#define RAW(kind, s) .raw_san = (const struct pki_raw_san[]){ { kind, s, sizeof(s) - 1 }, { .type = -1 } }
#define EXTRA(o, crit, s) \
	.extra = (const struct pki_extension[]){ { o, crit, (const unsigned char *)s, sizeof(s) - 1 }, { .oid = NULL } }

/* Sound ones: no fault at all. */
static const struct sound_case {
	const char *what;
	struct pki_request r;
	bool self_signed;
} sound_cases[] = {
	{ "a leaf", { .cn = "a", SAN("DNS:a", "IP:::1", "URI:spiffe://a/b", "email:a@b"), .eku = "serverAuth",
			.key_usage = "critical,digitalSignature" }, false },
	{ "a root", { .cn = "R", .ca = true, .key_usage = "critical,keyCertSign" }, true },
	{ "a root without AKI", { .cn = "R", .ca = true, .key_usage = "critical,keyCertSign", .no_aki = true }, true },
	{ "an intermediate", { .cn = "I", .ca = true, .has_path_len = true, .key_usage = "critical,keyCertSign",
			.name_constraints = "critical,permitted;DNS:internal,excluded;IP:10.0.0.0/255.0.0.0" }, false },
	{ "an empty subject, its SAN critical", { SAN("DNS:a"), .san_critical = true }, false },
	{ "a star in a PrintableString is let pass", { .cn = "*.example.com", SAN("DNS:*.example.com") }, false },
	{ "to the last moment", { .cn = "a", SAN("DNS:a"), .not_before = 1, .not_after = INT64_C(253402300799) }, false },
	{ "a hostile name has its own finding", { .cn = "a", RAW(GEN_DNS, "a\033b"), .cn_bytes = (const unsigned char *)"a\rb",
			.cn_bytes_len = 3 }, false },
};

static void
sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sound_cases / sizeof sound_cases[0]; i++) {
		const struct sound_case *c = &sound_cases[i];
		struct made m = made_issue(&c->r, c->self_signed ? NULL : &root);

		if (m.cert->faults_len > 0) {
			print_faults(m.cert);
			fail_msg("%s has faults", c->what);
		}
		made_free(&m);
	}
}

static const struct made_case {
	const char *what;
	struct pki_request r;
	const char *rule, *text;
	bool fatal;
} made_cases[] = {
	{ "no AKI", { .cn = "a", SAN("DNS:a"), .no_aki = true }, "RFC 5280 4.2.1.1", "no authority key identifier", false },
	{ "a CA without SKI", { .cn = "I", .ca = true, .key_usage = "keyCertSign", .no_ski = true }, "RFC 5280 4.2.1.2",
	    "no subject key identifier", false },
	{ "a CA without key usage", { .cn = "I", .ca = true }, "RFC 5280 4.2.1.3", "has no key usage", false },
	{ "a CA that may not sign", { .cn = "I", .ca = true, .key_usage = "cRLSign" }, "RFC 5280 4.2.1.3",
	    "does not allow to sign", false },
	{ "keyCertSign without CA", { .cn = "a", .key_usage = "keyCertSign" }, "RFC 5280 4.2.1.3", "is no CA", false },
	{ "path length without keyCertSign", { .cn = "I", .ca = true, .has_path_len = true, .key_usage = "cRLSign" },
	    "RFC 5280 4.2.1.9", "may not sign", false },
	{ "path length without CA", { .cn = "a", EXTRA("2.5.29.19", true, "\x30\x03\x02\x01\x00") }, "RFC 5280 4.2.1.9",
	    "is no CA", false },
	{ "CA, not critical", { .cn = "a", .key_usage = "keyCertSign", EXTRA("2.5.29.19", false, "\x30\x03\x01\x01\xff") },
	    "RFC 5280 4.2.1.9", "not critical", false },
	{ "negative path length", { .cn = "a", EXTRA("2.5.29.19", true, "\x30\x06\x01\x01\xff\x02\x01\xff") }, "RFC 5280 4.2.1.9",
	    "negative", true },
	{ "a TRUE that is 1", { .cn = "a", EXTRA("2.5.29.19", true, "\x30\x03\x01\x01\x01") }, "X.690 11.1", "neither", false },
	{ "name constraints without CA", { .cn = "a", .name_constraints = "critical,permitted;DNS:a" }, "RFC 5280 4.2.1.10",
	    "is no CA", false },
	{ "name constraints, not critical", { .cn = "I", .ca = true, .name_constraints = "permitted;DNS:a" },
	    "RFC 5280 4.2.1.10", "not critical", false },
	{ "empty name constraints", { .cn = "I", .ca = true, EXTRA("2.5.29.30", true, "\x30\x00") }, "RFC 5280 4.2.1.10",
	    "are empty", false },
	{ "a constraint with a minimum", { .cn = "I", .ca = true,
			EXTRA("2.5.29.30", true, "\x30\x0a\xa0\x08\x30\x06\x82\x01" "a" "\x80\x01\x01") }, "RFC 5280 4.2.1.10",
	    "minimum", false },
	{ "a constraint with a leading dot", { .cn = "I", .ca = true, .name_constraints = "critical,permitted;DNS:.a" },
	    "RFC 5280 4.2.1.10", "begins with a dot", false },
	{ "a mask with holes", { .cn = "I", .ca = true, .name_constraints = "critical,permitted;IP:10.0.0.0/255.0.255.0" },
	    "RFC 5280 4.2.1.10", "mask with holes", false },
	{ "a constraint of 5 octets", { .cn = "I", .ca = true,
			EXTRA("2.5.29.30", true, "\x30\x0b\xa0\x09\x30\x07\x87\x05\x0a\x00\x00\x00\xff") }, "RFC 5280 4.2.1.10",
	    "neither 8 nor 32", false },
	{ "an empty SAN", { .cn = "a", EXTRA("2.5.29.17", false, "\x30\x00") }, "RFC 5280 4.2.1.6", "is empty", false },
	{ "a SAN that is cut", { .cn = "a", EXTRA("2.5.29.17", false, "\x30\x05\x82\x09" "a") }, "RFC 5280 4.2.1.6",
	    "cannot be read", true },
	{ "a SAN with an unknown tag", { .cn = "a", EXTRA("2.5.29.17", false, "\x30\x03\x8f\x01" "a") }, "RFC 5280 4.2.1.6",
	    "unknown tag 0x8f", true },
	{ "an empty dNSName", { .cn = "a", RAW(GEN_DNS, "") }, "RFC 5280 4.2.1.6", "is empty", false },
	{ "a blank dNSName", { .cn = "a", RAW(GEN_DNS, " ") }, "RFC 5280 4.2.1.6", "is empty", false },
	{ "a dNSName in UTF-8", { .cn = "a", RAW(GEN_DNS, "b\xc3\xbc.de") }, "RFC 5280 4.2.1.6", "outside ASCII", false },
	{ "a dNSName with a blank", { .cn = "a", SAN("DNS:a b") }, "RFC 5280 4.2.1.6", "no host name has", false },
	{ "a dNSName with an empty label", { .cn = "a", SAN("DNS:a..b") }, "RFC 5280 4.2.1.6", "empty label", false },
	{ "a dNSName with a trailing dot", { .cn = "a", SAN("DNS:a.") }, "RFC 5280 4.2.1.6", "ends in a dot", false },
	{ "a dNSName with a star inside", { .cn = "a", SAN("DNS:a.*.b") }, "RFC 5280 4.2.1.6", "wildcard", false },
	{ "a URI without a scheme", { .cn = "a", SAN("URI:/path") }, "RFC 5280 4.2.1.6", "no scheme", false },
	{ "an address of 3 octets", { .cn = "a", RAW(GEN_IPADD, "abc") }, "RFC 5280 4.2.1.6", "neither 4 nor 16", false },
	{ "an e-mail address without @", { .cn = "a", RAW(GEN_EMAIL, "abc") }, "RFC 5280 4.2.1.6", "no e-mail", false },
	{ "an empty subject, its SAN not critical", { SAN("DNS:a") }, "RFC 5280 4.1.2.6", "not critical", false },
	{ "neither subject nor SAN", { .cn = NULL }, "RFC 5280 4.1.2.6", "neither a subject", false },
	{ "a CA without a subject", { .ca = true, .key_usage = "keyCertSign" }, "RFC 5280 4.1.2.6", "its subject is empty", false },
	{ "an empty EKU", { .cn = "a", EXTRA("2.5.29.37", false, "\x30\x00") }, "RFC 5280 4.2.1.12", "is empty", false },
	{ "an EKU that is none", { .cn = "a", EXTRA("2.5.29.37", false, "\x04\x00") }, "RFC 5280 4.2.1.12",
	    "found tag 0x04", true },
	{ "key usage that allows nothing", { .cn = "a", EXTRA("2.5.29.15", true, "\x03\x02\x07\x00") }, "RFC 5280 4.2.1.3",
	    "allows nothing", false },
	{ "key usage with 9 unused bits", { .cn = "a", EXTRA("2.5.29.15", true, "\x03\x02\x09\x80") }, "X.690 8.6.2",
	    "no valid BIT STRING", true },
	{ "bytes behind key usage", { .cn = "a", EXTRA("2.5.29.15", true, "\x03\x02\x07\x80\x00") }, "RFC 5280 4.2.1.3",
	    "expected the end", true },
	{ "empty policies", { .cn = "a", EXTRA("2.5.29.32", false, "\x30\x00") }, "RFC 5280 4.2.1.4", "are empty", false },
	{ "a policy twice", { .cn = "a", EXTRA("2.5.29.32", false, "\x30\x0c\x30\x04\x06\x02\x2a\x03\x30\x04\x06\x02\x2a\x03") },
	    "RFC 5280 4.2.1.4", "the policy 1.2.3 is there twice", false },
	{ "empty policy constraints", { .cn = "I", .ca = true, EXTRA("2.5.29.36", true, "\x30\x00") }, "RFC 5280 4.2.1.11",
	    "are empty", false },
	{ "an empty AIA", { .cn = "a", EXTRA("1.3.6.1.5.5.7.1.1", false, "\x30\x00") }, "RFC 5280 4.2.2.1", "is empty", false },
	{ "a critical AIA", { .cn = "a", EXTRA("1.3.6.1.5.5.7.1.1", true,
			"\x30\x0d\x30\x0b\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01\x86\x00") }, "RFC 5280 4.2.2.1", "must not be", false },
	{ "a distribution point that says nothing", { .cn = "a", EXTRA("2.5.29.31", false, "\x30\x02\x30\x00") },
	    "RFC 5280 4.2.1.13", "neither where nor by whom", false },
	{ "an AKI with an issuer and no serial", { .cn = "a", .no_aki = true,
			EXTRA("2.5.29.35", false, "\x30\x07\x80\x01\x01\xa1\x02\x82\x00") }, "RFC 5280 4.2.1.1", "without a serial", false },
	{ "a critical SKI", { .cn = "a", .no_ski = true, EXTRA("2.5.29.14", true, "\x04\x01\x01") }, "RFC 5280 4.2.1.2",
	    "must not be", false },
	{ "inhibitAnyPolicy, not critical", { .cn = "I", .ca = true, EXTRA("2.5.29.54", false, "\x02\x01\x00") },
	    "RFC 5280 4.2.1.14", "must be", false },
	{ "an extension twice", { .cn = "a", .eku = "serverAuth", EXTRA("2.5.29.37", false,
			"\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02") }, "RFC 5280 4.2", "extendedKeyUsage is there twice", false },
	{ "GeneralizedTime before 2050", { .cn = "a", .generalized_time = true }, "RFC 5280 4.1.2.5", "not a UTCTime", false },
	{ "no seconds", { .cn = "a", .raw_not_after = "2701010000Z" }, "RFC 5280 4.1.2.5", "“2701010000Z”", true },
	{ "a zone instead of Z", { .cn = "a", .raw_not_before = "260101000000+0100" }, "RFC 5280 4.1.2.5", "YYMMDDHHMMSSZ", true },
	{ "a 13th month", { .cn = "a", .raw_not_before = "261301000000Z" }, "RFC 5280 4.1.2.5", "is not of the form", true },
	{ "ESC in a time", { .cn = "a", .raw_not_before = "\033[31m" }, "RFC 5280 4.1.2.5", "\\x1b[31m", true },
	{ "it ends before it begins", { .cn = "a", .not_before = 2000000, .not_after = 1000000 }, "RFC 5280 4.1.2.5",
	    "ends before it begins", false },
	{ "a common name of 65 characters",
	    { .cn = "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg" }, "RFC 5280 A.1", "longer than 64", false },
	{ "serial zero", { .cn = "a", .serial = (const unsigned char *)"\0", .serial_len = 1 }, "RFC 5280 4.1.2.2", "is zero", false },
	{ "serial negative", { .cn = "a", .serial = (const unsigned char *)"\x80", .serial_len = 1 }, "RFC 5280 4.1.2.2",
	    "is negative", false },
	{ "serial of 21 octets", { .cn = "a", .serial = (const unsigned char *)"\x01" "01234567890123456789", .serial_len = 21 },
	    "RFC 5280 4.1.2.2", "21 octets", false },
};

static void
made(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof made_cases / sizeof made_cases[0]; i++) {
		const struct made_case *c = &made_cases[i];
		struct made m = made_issue(&c->r, &root);

		if (!has_fault(m.cert, c->rule, c->text, c->fatal)) {
			print_faults(m.cert);
			fail_msg("%s: no “%s” of %s", c->what, c->text, c->rule);
		}
		made_free(&m);
	}
}

#define ALG_SHA384 "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03"

static const struct hand_case {
	const char *what;
	struct hand_cert c;
	const char *rule, *text;
	bool fatal;
} hand_cases[] = {
	{ "version 1 with extensions", { .version = NO_PIECE, .extensions = PIECE("\x30\x00") }, "RFC 5280 4.1.2.9", "version 1",
	    false },
	{ "version 2 with extensions", { .version = PIECE("\xa0\x03\x02\x01\x01"), .extensions = PIECE("\x30\x00") },
	    "RFC 5280 4.1.2.9", "version 2", false },
	{ "version 4", { .version = PIECE("\xa0\x03\x02\x01\x03") }, "RFC 5280 4.1.2.1", "none of 1, 2 and 3", false },
	{ "an empty list of extensions", { .extensions = PIECE("\x30\x00") }, "RFC 5280 4.1.2.9", "is empty", false },
	{ "an empty issuer", { .issuer = PIECE("\x30\x00") }, "RFC 5280 4.1.2.4", "issuer is empty", false },
	{ "unique identifiers", { .version = PIECE("\xa0\x03\x02\x01\x01"), .unique_ids = PIECE("\x81\x02\x00\x01") },
	    "RFC 5280 4.1.2.8", "no CA may write", false },
	{ "unique identifiers in version 1", { .version = NO_PIECE, .unique_ids = PIECE("\x82\x02\x00\x01") }, "RFC 5280 4.1.2.8",
	    "version 1", false },
	{ "two signature algorithms", { .outer_algorithm = PIECE(ALG_SHA384) }, "RFC 5280 4.1.1.2", "another one outside", false },
	{ "a signature with unused bits", { .signature = PIECE("\x03\x02\x01\x00") }, "RFC 5280 4.1.1.3", "whole octets", false },
	{ "an empty attribute", { .subject = PIECE("\x30\x0b\x31\x09\x30\x07\x06\x03\x55\x04\x03\x0c\x00") }, "RFC 5280 A.1",
	    "is empty", false },
	{ "an @ in a PrintableString", { .subject = PIECE("\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x13\x03" "a@b") },
	    "X.680 41.4", "PrintableString", false },
	{ "a country of three letters", { .subject = PIECE("\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x06\x13\x03" "GER") },
	    "RFC 5280 A.1", "country code", false },
	{ "a length in a longer form", { .serial = PIECE("\x02\x81\x01\x05") }, "X.690 10.1", "byte 11", false },
	{ "an RSA key that is cut", { .spki = PIECE("\x30\x14\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x03\x03\x00\x30\x05") },
	    "RFC 8017 A.1.1", "cannot be read", true },
	{ "a key of an unknown kind", { .spki = PIECE("\x30\x09\x30\x04\x06\x02\x2a\x03\x03\x01\x00") }, "RFC 5280 4.1.2.7",
	    "(1.2.3)", true },
	{ "an Ed25519 key with parameters",
	    { .spki = PIECE("\x30\x2c\x30\x07\x06\x03\x2b\x65\x70\x05\x00\x03\x21\x00" "0123456789abcdef0123456789abcdef") },
	    "RFC 8410 3", "has parameters", false },
};

static void
by_hand(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof hand_cases / sizeof hand_cases[0]; i++) {
		const struct hand_case *h = &hand_cases[i];
		struct error err = { 0 };
		struct cert *c = hand_cert_parse(&h->c, &err);

		if (c == NULL)
			fail_msg("%s: cannot be read: %s", h->what, err.text);
		if (!has_fault(c, h->rule, h->text, h->fatal)) {
			print_faults(c);
			fail_msg("%s: no “%s” of %s", h->what, h->text, h->rule);
		}
		cert_free(c);
	}
}

/* 10,000 bad names fill the list up to its limit and no further. */
static void
bounded(void **state)
{
	struct buf names = { 0 }, value = { 0 };
	struct pki_extension extra[] = { { "2.5.29.17", false, NULL, 0 }, { .oid = NULL } };
	struct pki_request r = { .cn = "a", .extra = extra };
	struct made m;

	(void)state;
	for (size_t i = 0; i < 10000; i++)
		hand_value(&names, 0x82, "a b", 3);
	hand_value(&value, 0x30, names.data, names.len);
	extra[0].der = (const unsigned char *)value.data;
	extra[0].len = value.len;
	m = made_issue(&r, &root);
	assert_int_equal(m.cert->san_len, 10000);
	assert_int_equal(m.cert->faults_len, LIMIT_CERT_FAULTS);
	made_free(&m);
	buf_done(&names);
	buf_done(&value);
}

static int
start(void **state)
{
	(void)state;
	openssl_start();
	root = made_issue(&root_request, NULL);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	made_free(&root);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound),
		cmocka_unit_test(made),
		cmocka_unit_test(by_hand),
		cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
