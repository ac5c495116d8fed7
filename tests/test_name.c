/* Distinguished names: printable, flagged, compared. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "model/cert_openssl.h"

/* One attribute of a name to be encoded by OpenSSL. */
struct attribute {
	const char *type;
	int tag; /* V_ASN1_… */
	const char *bytes;
	size_t len;
	bool same_rdn;
};
#define A(type, tag, s) { type, tag, s, sizeof(s) - 1, false }
#define SAME(type, tag, s) { type, tag, s, sizeof(s) - 1, true }
#define ATTRIBUTES 4

static X509_NAME *
build(const struct attribute *attributes)
{
	X509_NAME *n = X509_NAME_new();

	for (size_t i = 0; i < ATTRIBUTES && attributes[i].type != NULL; i++) {
		ASN1_OBJECT *o = OBJ_txt2obj(attributes[i].type, 0);
		X509_NAME_ENTRY *e = X509_NAME_ENTRY_new();

		X509_NAME_ENTRY_set_object(e, o);
		ASN1_STRING_set(X509_NAME_ENTRY_get_data(e), attributes[i].bytes, (int)attributes[i].len);
		X509_NAME_ENTRY_get_data(e)->type = attributes[i].tag;
		assert_true(X509_NAME_add_entry(n, e, -1, attributes[i].same_rdn ? -1 : 0));
		X509_NAME_ENTRY_free(e);
		ASN1_OBJECT_free(o);
	}
	return n;
}

/* Encodes and reads; false where OpenSSL refuses to encode it. */
static bool
read_back(struct arena *a, const struct attribute *attributes, struct name *out)
{
	X509_NAME *n = build(attributes);
	unsigned char *der = NULL;
	int len = i2d_X509_NAME(n, &der);
	bool good = len > 0 && name_parse(a, (struct text){ der, (size_t)len }, out);

	OPENSSL_free(der);
	X509_NAME_free(n);
	return good;
}

static const struct name_case {
	const char *what;
	struct attribute attributes[ATTRIBUTES];
	const char *safe, *common_name;
	unsigned flags;
} name_cases[] = {
	{ "encoded order", { A("C", V_ASN1_PRINTABLESTRING, "DE"), A("CN", V_ASN1_UTF8STRING, "order-service") },
	    "C=DE,CN=order-service", "order-service", 0 },
	{ "empty", { { 0 } }, "", "", 0 },
	{ "two in one part", { A("CN", V_ASN1_UTF8STRING, "a"), SAME("OU", V_ASN1_UTF8STRING, "b") }, "CN=a+OU=b", "a", 0 },
	{ "the last common name counts", { A("CN", V_ASN1_UTF8STRING, "a"), A("CN", V_ASN1_UTF8STRING, "b") }, "CN=a,CN=b", "b",
	    0 },
	{ "none: the last part", { A("O", V_ASN1_UTF8STRING, "Acme"), A("OU", V_ASN1_UTF8STRING, "Ops") }, "O=Acme,OU=Ops",
	    "Ops", 0 },
	{ "RFC 4514 escapes", { A("CN", V_ASN1_UTF8STRING, " a,b+c\"d\\e<f>g;h=i ") },
	    "CN=\\ a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h=i\\ ", " a,b+c\"d\\e<f>g;h=i ", 0 },
	{ "a leading #", { A("CN", V_ASN1_UTF8STRING, "#1#") }, "CN=\\#1#", "#1#", 0 },
	{ "an OID without a name", { A("1.2.3.4.5", V_ASN1_UTF8STRING, "x") }, "1.2.3.4.5=x", "x", 0 },
	{ "T61 is Latin-1", { A("CN", V_ASN1_T61STRING, "b\xfc") }, "CN=bü", "bü", 0 },
	{ "BMP", { A("CN", V_ASN1_BMPSTRING, "\0b\0\xfc\x20\xac") }, "CN=bü€", "bü€", 0 },
	{ "Universal", { A("CN", V_ASN1_UNIVERSALSTRING, "\0\0\0b\0\x01\xf6\x00") }, "CN=b😀", "b😀", 0 },
	{ "ESC and CR LF", { A("CN", V_ASN1_UTF8STRING, "a\033[31m\r\nb") }, "CN=a\\x1b[31m\\x0d\\x0ab", "a\\x1b[31m\\x0d\\x0ab",
	    TEXT_CONTROL },
	{ "a backslash that is no escape", { A("CN", V_ASN1_UTF8STRING, "\\x1b") }, "CN=\\\\x1b", "\\x1b", 0 },
	{ "NUL", { A("CN", V_ASN1_UTF8STRING, "a\0b") }, "CN=a\\x00b", "a\\x00b", TEXT_NUL },
	{ "bidi", { A("CN", V_ASN1_UTF8STRING, "a\xe2\x80\xae" "b") }, "CN=a\\u{202e}b", "a\\u{202e}b", TEXT_BIDI },
	{ "bidi within BMP", { A("CN", V_ASN1_BMPSTRING, "\0a\x20\x2e") }, "CN=a\\u{202e}", "a\\u{202e}", TEXT_BIDI },
	{ "Latin-1 in a PrintableString", { A("CN", V_ASN1_PRINTABLESTRING, "b\xfc") }, "CN=b\\xfc", "b\\xfc", TEXT_INVALID },
};

static void
names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof name_cases / sizeof name_cases[0]; i++) {
		const struct name_case *c = &name_cases[i];
		struct arena *a = arena_new();
		struct name n;

		if (!read_back(a, c->attributes, &n))
			fail_msg("%s: cannot be read", c->what);
		if (strcmp(n.safe, c->safe) != 0 || strcmp(n.common_name, c->common_name) != 0 || n.flags != c->flags)
			fail_msg("%s: “%s”, “%s”, flags %x", c->what, n.safe, n.common_name, n.flags);
		arena_free(a);
	}
}

/* What OpenSSL itself would not encode or decode. */
static const struct raw_case {
	const char *what;
	const char *der;
	size_t len;
	bool good;
	const char *safe;
} raw_cases[] = {
#define R(s) s, sizeof(s) - 1
	{ "invalid UTF-8", R("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01\xff"), true, "CN=\\xff" },
	{ "half a BMP character", R("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x1e\x01\x00"), true, "CN=\\xff" },
	{ "a surrogate", R("\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x1e\x02\xd8\x00"), true, "CN=\\xed\\xa0\\x80" },
	{ "beyond Unicode", R("\x30\x0f\x31\x0d\x30\x0b\x06\x03\x55\x04\x03\x1c\x04\x7f\xff\xff\xff"), true, "CN=\\xff" },
	{ "an empty SET", R("\x30\x02\x31\x00"), true, "" },
	{ "an empty OID", R("\x30\x0b\x31\x09\x30\x07\x06\x00\x0c\x03""abc"), true, "invalid OID=abc" },
	{ "no SEQUENCE", R("\x31\x00"), false, "" },
	{ "nothing", R(""), false, "" },
	{ "bytes behind", R("\x30\x00\x00"), false, "" },
	{ "a part that is no SET", R("\x30\x02\x30\x00"), false, "" },
	{ "an attribute without a value", R("\x30\x09\x31\x07\x30\x05\x06\x03\x55\x04\x03"), false, "" },
	{ "a length beyond the end", R("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x7f\x41"), false, "" },
	{ "an indefinite length", R("\x30\x80\x00\x00"), false, "" },
	{ "the good part of a broken one", R("\x30\x0e\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01\x41\x31\x05"), false, "CN=A" },
};

static void
raw_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof raw_cases / sizeof raw_cases[0]; i++) {
		const struct raw_case *c = &raw_cases[i];
		struct arena *a = arena_new();
		struct name n;
		bool good = name_parse(a, (struct text){ (const unsigned char *)c->der, c->len }, &n);

		if (good != c->good || strcmp(n.safe, c->safe) != 0)
			fail_msg("%s: %d, “%s”", c->what, good, n.safe);
		arena_free(a);
	}
}

/* Pairs; whether they are equal is asked of OpenSSL, whose rules name_equal() follows. */
static const struct attribute pairs[][2][ATTRIBUTES] = {
	{ { A("CN", V_ASN1_UTF8STRING, "Acme Root") }, { A("CN", V_ASN1_PRINTABLESTRING, "Acme Root") } },
	{ { A("CN", V_ASN1_UTF8STRING, "Acme Root") }, { A("CN", V_ASN1_UTF8STRING, " aCME \t  ROOT  ") } },
	{ { A("CN", V_ASN1_UTF8STRING, "Acme Root") }, { A("CN", V_ASN1_UTF8STRING, "AcmeRoot") } },
	{ { A("CN", V_ASN1_UTF8STRING, "b\xc3\xbc") }, { A("CN", V_ASN1_T61STRING, "B\xfc") } },
	{ { A("CN", V_ASN1_UTF8STRING, "b\xc3\xbc") }, { A("CN", V_ASN1_BMPSTRING, "\0B\0\xfc") } },
	{ { A("CN", V_ASN1_UTF8STRING, "b\xc3\xbc") }, { A("CN", V_ASN1_UTF8STRING, "B\xc3\x9c") } },
	{ { A("CN", V_ASN1_IA5STRING, "x\xfc") }, { A("CN", V_ASN1_UTF8STRING, "x\xc3\xbc") } },
	{ { A("CN", V_ASN1_NUMERICSTRING, "12") }, { A("CN", V_ASN1_UTF8STRING, "12") } },
	{ { A("CN", V_ASN1_NUMERICSTRING, "1 2") }, { A("CN", V_ASN1_NUMERICSTRING, "1  2") } },
	{ { A("CN", V_ASN1_UTF8STRING, "a") }, { A("O", V_ASN1_UTF8STRING, "a") } },
	{ { A("CN", V_ASN1_UTF8STRING, "a"), A("O", V_ASN1_UTF8STRING, "b") },
	    { A("O", V_ASN1_UTF8STRING, "b"), A("CN", V_ASN1_UTF8STRING, "a") } },
	{ { A("CN", V_ASN1_UTF8STRING, "a"), SAME("O", V_ASN1_UTF8STRING, "b") },
	    { A("O", V_ASN1_UTF8STRING, "B"), SAME("CN", V_ASN1_UTF8STRING, "A") } },
	{ { A("CN", V_ASN1_UTF8STRING, "a"), SAME("O", V_ASN1_UTF8STRING, "b") },
	    { A("CN", V_ASN1_UTF8STRING, "a"), A("O", V_ASN1_UTF8STRING, "b") } },
	{ { A("CN", V_ASN1_UTF8STRING, "a") }, { A("CN", V_ASN1_UTF8STRING, "a"), A("CN", V_ASN1_UTF8STRING, "a") } },
	{ { A("CN", V_ASN1_UTF8STRING, "") }, { A("CN", V_ASN1_UTF8STRING, "   ") } },
	{ { A("CN", V_ASN1_UTF8STRING, "") }, { { 0 } } },
	{ { { 0 } }, { { 0 } } },
	{ { A("CN", V_ASN1_UTF8STRING, "a\0b") }, { A("CN", V_ASN1_UTF8STRING, "a\0c") } },
	{ { A("CN", V_ASN1_UTF8STRING, "ab"), A("CN", V_ASN1_UTF8STRING, "c") },
	    { A("CN", V_ASN1_UTF8STRING, "a"), A("CN", V_ASN1_UTF8STRING, "bc") } },
};

static void
equal_as_openssl(void **state)
{
	size_t equal = 0;

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		struct arena *a = arena_new();
		X509_NAME *x = build(pairs[i][0]), *y = build(pairs[i][1]);
		bool expected = X509_NAME_cmp(x, y) == 0;
		struct name n, m;

		assert_true(read_back(a, pairs[i][0], &n));
		assert_true(read_back(a, pairs[i][1], &m));
		if (name_equal(&n, &m) != expected)
			fail_msg("pair %zu: OpenSSL says %d", i, expected);
		equal += expected;
		X509_NAME_free(x);
		X509_NAME_free(y);
		arena_free(a);
	}
	assert_in_range(equal, 5, sizeof pairs / sizeof pairs[0] - 5);
}

/* A name of 100,000 parts is read, printed up to a bound, and says that it is cut. */
static void
long_name(void **state)
{
	static const unsigned char part[] = { 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'x' };
	struct arena *a = arena_new();
	struct buf der = { 0 };
	struct name n;

	(void)state;
	buf_add(&der, "\x30\x83\x12\x4f\x80", 5); /* 1,200,000 bytes */
	for (size_t i = 0; i < 100000; i++)
		buf_add(&der, part, sizeof part);
	assert_true(name_parse(a, (struct text){ (const unsigned char *)der.data, der.len }, &n));
	assert_int_equal(n.len, 100000);
	assert_true(strlen(n.safe) < 2000);
	assert_true((n.flags & TEXT_TRUNCATED) != 0);
	buf_done(&der);
	arena_free(a);
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
		cmocka_unit_test(names),
		cmocka_unit_test(raw_names),
		cmocka_unit_test(equal_as_openssl),
		cmocka_unit_test(long_name),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
