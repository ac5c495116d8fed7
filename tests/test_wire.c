#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "lab/pki.h"
#include "model/cert_openssl.h"
#include "model/limits.h"
#include "probes/wire.h"

enum { TLS_1_0 = 0x0301, TLS_1_2 = 0x0303, TLS_1_3 = 0x0304 };

/* A message under construction. */
struct draft {
	struct buf b;
};

static void
number(struct draft *d, size_t octets, size_t value)
{
	while (octets-- > 0)
		buf_addc(&d->b, (char)(value >> (8 * octets)));
}

/* Leaves room for a length; ends() fills it in. */
static size_t
begins(struct draft *d, size_t octets)
{
	number(d, octets, 0);
	return d->b.len;
}

static void
ends(struct draft *d, size_t octets, size_t at)
{
	size_t len = d->b.len - at;

	for (size_t i = 0; i < octets; i++)
		d->b.data[at - octets + i] = (char)(len >> (8 * (octets - 1 - i)));
}

static const unsigned char *
bytes(const struct draft *d)
{
	return (const unsigned char *)d->b.data;
}

struct der_list {
	unsigned char *der[4];
	size_t len[4], count;
};

static struct der_list chain;

static void
entry(struct draft *d, const unsigned char *der, size_t len, uint16_t version, bool stapled)
{
	size_t at = begins(d, 3), extensions;

	buf_add(&d->b, der, len);
	ends(d, 3, at);
	if (version < TLS_1_3)
		return;
	extensions = begins(d, 2);
	if (stapled) {
		number(d, 2, 5);
		number(d, 2, 4);
		number(d, 4, 0x01000000);
	}
	ends(d, 2, extensions);
}

static struct draft
certificate(uint16_t version, bool stapled, size_t copies)
{
	struct draft d = { 0 };
	size_t body, list;

	number(&d, 1, 11);
	body = begins(&d, 3);
	if (version >= TLS_1_3)
		number(&d, 1, 0);
	list = begins(&d, 3);
	for (size_t i = 0; i < copies; i++)
		entry(&d, chain.der[i % chain.count], chain.len[i % chain.count], version, stapled);
	ends(&d, 3, list);
	ends(&d, 3, body);
	return d;
}

static void
free_certs(struct wire_cert *certs, size_t len)
{
	for (size_t i = 0; i < len; i++)
		cert_free(certs[i].cert);
}

static void
certificates(void **state)
{
	static const uint16_t versions[] = { TLS_1_0, TLS_1_2, TLS_1_3 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct arena *a = arena_new();
		struct draft d = certificate(versions[i], true, 2);
		struct wire_cert *certs;
		struct fingerprint *sent;
		size_t len, sent_len;
		bool truncated, stapled;

		assert_true(wire_certificate(a, bytes(&d), d.b.len, versions[i], &certs, &len, &truncated, &stapled));
		assert_int_equal(len, 2);
		assert_false(truncated);
		assert_int_equal(stapled, versions[i] == TLS_1_3);
		assert_string_equal(certs[0].cert->subject.common_name, "payment.internal");
		assert_string_equal(certs[1].cert->subject.common_name, "Root");
		assert_int_equal(certs[1].der.len, chain.len[1]);
		assert_true(wire_sent_certificates(a, bytes(&d), d.b.len, versions[i], &sent, &sent_len));
		assert_int_equal(sent_len, 2);
		assert_true(fingerprint_equal(&sent[0], &certs[0].cert->sha256));
		free_certs(certs, len);
		buf_done(&d.b);
		arena_free(a);
	}
}

/* RFC 6066 8: {type, response}, as a message of its own up to TLS 1.2, in the leaf's entry in TLS 1.3. */
static struct draft
status_message(uint16_t version, unsigned type, const char *response, size_t extra)
{
	struct draft d = { 0 };
	size_t body, list = 0, extensions = 0, data = 0, inner;

	number(&d, 1, version >= TLS_1_3 ? 11 : 22);
	body = begins(&d, 3);
	if (version >= TLS_1_3) {
		number(&d, 1, 0);
		list = begins(&d, 3);
		number(&d, 3, chain.len[0]);
		buf_add(&d.b, chain.der[0], chain.len[0]);
		extensions = begins(&d, 2);
		number(&d, 2, 18); /* another extension before it */
		number(&d, 2, 0);
		number(&d, 2, 5);
		data = begins(&d, 2);
	}
	number(&d, 1, type);
	inner = begins(&d, 3);
	buf_adds(&d.b, response);
	ends(&d, 3, inner);
	number(&d, extra, 0);
	if (version >= TLS_1_3) {
		ends(&d, 2, data);
		ends(&d, 2, extensions);
		ends(&d, 3, list);
	}
	ends(&d, 3, body);
	return d;
}

static void
stapled_response(void **state)
{
	static const struct {
		unsigned type;
		const char *response;
		size_t extra;
		bool there;
	} cases[] = { { 1, "response", 0, true }, { 2, "response", 0, false }, { 1, "", 0, false }, { 1, "response", 1, false } };
	static const uint16_t versions[] = { TLS_1_2, TLS_1_3 };

	(void)state;
	for (size_t v = 0; v < 2; v++)
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			struct draft d = status_message(versions[v], cases[i].type, cases[i].response, cases[i].extra);
			struct text out;

			assert_int_equal(wire_stapled_ocsp(bytes(&d), d.b.len, versions[v], &out), cases[i].there);
			if (cases[i].there)
				assert_true(text_equal(out, text_of(cases[i].response)));
			/* Every cut of it is no message. */
			for (size_t len = 0; len < d.b.len; len++)
				assert_false(wire_stapled_ocsp(bytes(&d), len, versions[v], &out));
			buf_done(&d.b);
		}
}

/* An empty list is what a client without a certificate sends: it parses. */
static void
empty_certificate(void **state)
{
	struct arena *a = arena_new();
	struct draft d = certificate(TLS_1_3, false, 0);
	struct fingerprint *sent;
	size_t len;

	(void)state;
	assert_true(wire_sent_certificates(a, bytes(&d), d.b.len, TLS_1_3, &sent, &len));
	assert_int_equal(len, 0);
	assert_false(wire_sent_certificates(a, bytes(&d), d.b.len, TLS_1_2, &sent, &len));
	buf_done(&d.b);
	arena_free(a);
}

static void
too_many_certificates(void **state)
{
	struct arena *a = arena_new();
	struct draft d = certificate(TLS_1_3, false, LIMIT_CHAIN_CERTS + 1);
	struct wire_cert *certs;
	size_t len;
	bool truncated, stapled;

	(void)state;
	assert_true(wire_certificate(a, bytes(&d), d.b.len, TLS_1_3, &certs, &len, &truncated, &stapled));
	assert_int_equal(len, LIMIT_CHAIN_CERTS);
	assert_true(truncated);
	assert_ptr_equal(certs[0].cert, certs[2].cert); /* equal bytes are parsed once */
	free_certs(certs, len);
	buf_done(&d.b);
	arena_free(a);
}

/* One certificate does not parse: the others are there, and it says why. */
static void
damaged_certificate(void **state)
{
	static const unsigned char junk[] = { 0x30, 0x03, 0x02, 0x01, 0x01 };
	struct arena *a = arena_new();
	struct draft d = { 0 };
	struct wire_cert *certs;
	size_t len, body, list;
	bool truncated, stapled;

	(void)state;
	number(&d, 1, 11);
	body = begins(&d, 3);
	number(&d, 1, 0);
	list = begins(&d, 3);
	entry(&d, junk, sizeof junk, TLS_1_3, false);
	entry(&d, chain.der[0], chain.len[0], TLS_1_3, false);
	ends(&d, 3, list);
	ends(&d, 3, body);
	assert_true(wire_certificate(a, bytes(&d), d.b.len, TLS_1_3, &certs, &len, &truncated, &stapled));
	assert_int_equal(len, 2);
	assert_null(certs[0].cert);
	assert_string_equal(certs[0].problem,
	    "byte 2: expected the part of the certificate that is signed, a SEQUENCE, found tag 0x02");
	assert_int_equal(certs[0].der.len, sizeof junk);
	assert_non_null(certs[1].cert);
	free_certs(certs, len);
	buf_done(&d.b);
	arena_free(a);
}

/* Cut anywhere, or with a byte more: none of them parses, none reads beyond. */
static void
every_cut(const struct draft *d, bool (*parses)(const unsigned char *msg, size_t len))
{
	unsigned char *longer = malloc(d->b.len + 1);

	assert_true(parses(bytes(d), d->b.len));
	for (size_t len = 0; len < d->b.len; len++) {
		unsigned char *cut = malloc(len == 0 ? 1 : len); /* its own block: ASan sees a read beyond */
		memcpy(cut, bytes(d), len);
		assert_false(parses(cut, len));
		/* The header says the shortened length: the frame is right, what is in it is cut. */
		if (len >= 4) {
			cut[1] = (unsigned char)((len - 4) >> 16);
			cut[2] = (unsigned char)((len - 4) >> 8);
			cut[3] = (unsigned char)(len - 4);
			(void)parses(cut, len);
		}
		free(cut);
	}
	memcpy(longer, bytes(d), d->b.len);
	longer[d->b.len] = 0;
	assert_false(parses(longer, d->b.len + 1));
	free(longer);
}

static bool
parses_certificate(const unsigned char *msg, size_t len)
{
	struct arena *a = arena_new();
	struct wire_cert *certs;
	size_t n;
	bool truncated, stapled, good;

	good = wire_certificate(a, msg, len, TLS_1_3, &certs, &n, &truncated, &stapled);
	free_certs(certs, n);
	arena_free(a);
	return good;
}

static bool
parses_request_1_3(const unsigned char *msg, size_t len)
{
	struct arena *a = arena_new();
	struct certificate_request out = { 0 };
	bool good = wire_certificate_request(a, msg, len, TLS_1_3, &out);

	arena_free(a);
	return good;
}

static bool
parses_request_1_2(const unsigned char *msg, size_t len)
{
	struct arena *a = arena_new();
	struct certificate_request out = { 0 };
	bool good = wire_certificate_request(a, msg, len, TLS_1_2, &out);

	arena_free(a);
	return good;
}

static bool
parses_hello(const unsigned char *msg, size_t len)
{
	struct wire_server_hello out;

	return wire_server_hello(msg, len, &out);
}

static bool
parses_signature(const unsigned char *msg, size_t len)
{
	uint16_t scheme;

	return wire_certificate_verify(msg, len, &scheme);
}

static const unsigned char ca_name[] = { 0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x02,
	'C', 'A' };

static void
authorities(struct draft *d, size_t copies)
{
	size_t list = begins(d, 2), name;

	for (size_t i = 0; i < copies; i++) {
		name = begins(d, 2);
		buf_add(&d->b, ca_name, sizeof ca_name);
		ends(d, 2, name);
	}
	ends(d, 2, list);
}

static struct draft
request(uint16_t version, size_t cas)
{
	struct draft d = { 0 };
	size_t body, extensions, one;

	number(&d, 1, 13);
	body = begins(&d, 3);
	if (version < TLS_1_3) {
		number(&d, 1, 2);
		number(&d, 2, 0x0140);
		if (version == TLS_1_2) {
			number(&d, 2, 4);
			number(&d, 4, 0x04030804);
		}
		authorities(&d, cas);
		ends(&d, 3, body);
		return d;
	}
	number(&d, 1, 0);
	extensions = begins(&d, 2);
	number(&d, 2, 0x1234); /* unknown: passed over */
	number(&d, 2, 1);
	number(&d, 1, 9);
	number(&d, 2, 13);
	number(&d, 2, 6);
	number(&d, 2, 4);
	number(&d, 4, 0x04030804);
	number(&d, 2, 50);
	number(&d, 2, 4);
	number(&d, 2, 2);
	number(&d, 2, 0x0401);
	number(&d, 2, 47);
	one = begins(&d, 2);
	authorities(&d, cas);
	ends(&d, 2, one);
	ends(&d, 2, extensions);
	ends(&d, 3, body);
	return d;
}

static void
certificate_requests(void **state)
{
	static const uint16_t versions[] = { TLS_1_0, TLS_1_2, TLS_1_3 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct arena *a = arena_new();
		struct draft d = request(versions[i], 2);
		struct certificate_request out = { .after_finished = true };

		assert_true(wire_certificate_request(a, bytes(&d), d.b.len, versions[i], &out));
		assert_true(out.seen && out.after_finished);
		assert_int_equal(out.cas_len, 2);
		assert_string_equal(out.cas[1].safe, "CN=CA");
		assert_int_equal(out.sigalgs_len, versions[i] == TLS_1_0 ? 0 : 2);
		if (versions[i] != TLS_1_0) {
			assert_int_equal(out.sigalgs[0], 0x0403);
			assert_int_equal(out.sigalgs[1], 0x0804);
		}
		assert_int_equal(out.sigalgs_cert_len, versions[i] == TLS_1_3 ? 1 : 0);
		assert_int_equal(out.types_len, versions[i] == TLS_1_3 ? 0 : 2);
		if (out.types_len == 2)
			assert_int_equal(out.types[1], 64);
		buf_done(&d.b);
		arena_free(a);
	}
}

static void
too_many_authorities(void **state)
{
	struct arena *a = arena_new();
	struct draft d = { 0 };
	struct certificate_request out = { 0 };
	size_t body, list;

	(void)state;
	number(&d, 1, 13);
	body = begins(&d, 3);
	number(&d, 1, 0);
	number(&d, 2, 0);
	list = begins(&d, 2);
	for (size_t i = 0; i < LIMIT_CA_LIST + 1; i++)
		number(&d, 4, 0x00023000); /* the empty name: only of those so many fit into 65,535 bytes */
	ends(&d, 2, list);
	ends(&d, 3, body);
	assert_true(wire_certificate_request(a, bytes(&d), d.b.len, TLS_1_2, &out));
	assert_int_equal(out.cas_len, LIMIT_CA_LIST);
	assert_true(out.cas_truncated);
	buf_done(&d.b);
	arena_free(a);
}

/* A name in the list that is no name is shown as such; the rest of the request stands. */
static void
unreadable_authority(void **state)
{
	static const unsigned char msg[] = { 13, 0, 0, 9, 0, 0, 0, 0, 4, 0, 2, 0x31, 0 };
	struct arena *a = arena_new();
	struct certificate_request out = { 0 };

	(void)state;
	assert_true(wire_certificate_request(a, msg, sizeof msg, TLS_1_2, &out));
	assert_int_equal(out.cas_len, 1);
	assert_string_equal(out.cas[0].safe, "a name that cannot be read");
	arena_free(a);
}

static struct draft
hello(bool tls_1_3, bool retry)
{
	static const unsigned char random[] = { 0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e,
		0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33,
		0x9c };
	struct draft d = { 0 };
	size_t body, extensions, share;

	number(&d, 1, 2);
	body = begins(&d, 3);
	number(&d, 2, 0x0303);
	if (retry)
		buf_add(&d.b, random, sizeof random);
	else
		for (size_t i = 0; i < 32; i++)
			number(&d, 1, i);
	number(&d, 1, 0);
	number(&d, 2, tls_1_3 ? 0x1301 : 0xc02f);
	number(&d, 1, 0);
	if (tls_1_3) {
		extensions = begins(&d, 2);
		number(&d, 2, 43);
		number(&d, 2, 2);
		number(&d, 2, 0x0304);
		number(&d, 2, 51);
		share = begins(&d, 2);
		number(&d, 2, 29);
		if (!retry) {
			number(&d, 2, 1);
			number(&d, 1, 7);
		}
		ends(&d, 2, share);
		ends(&d, 2, extensions);
	}
	ends(&d, 3, body);
	return d;
}

static void
server_hellos(void **state)
{
	static const struct {
		bool tls_1_3, retry;
		struct wire_server_hello expected;
	} cases[] = {
		{ false, false, { .version = 0x0303, .cipher = 0xc02f } },
		{ true, false, { .version = 0x0304, .cipher = 0x1301, .group = 29 } },
		{ true, true, { .version = 0x0304, .cipher = 0x1301, .group = 29, .retry = true } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct draft d = hello(cases[i].tls_1_3, cases[i].retry);
		struct wire_server_hello out;

		assert_true(wire_server_hello(bytes(&d), d.b.len, &out));
		assert_int_equal(out.version, cases[i].expected.version);
		assert_int_equal(out.cipher, cases[i].expected.cipher);
		assert_int_equal(out.group, cases[i].expected.group);
		assert_int_equal(out.retry, cases[i].expected.retry);
		buf_done(&d.b);
	}
}

static const struct signature_case {
	const char *what;
	unsigned char bytes[32];
	size_t len;
	bool good;
	uint16_t scheme;
} signature_cases[] = {
	{ "CertificateVerify", { 15, 0, 0, 6, 8, 4, 0, 2, 1, 2 }, 10, true, 0x0804 },
	{ "without a signature", { 15, 0, 0, 4, 8, 4, 0, 0 }, 8, false, 0 },
	{ "with a byte more", { 15, 0, 0, 7, 8, 4, 0, 2, 1, 2, 3 }, 11, false, 0 },
	{ "ECDHE", { 12, 0, 0, 11, 3, 0, 29, 2, 9, 9, 4, 3, 0, 1, 7 }, 15, true, 0x0403 },
	{ "anonymous ECDHE has none", { 12, 0, 0, 6, 3, 0, 29, 2, 9, 9 }, 10, false, 0 },
	{ "an explicit curve", { 12, 0, 0, 11, 1, 0, 29, 2, 9, 9, 4, 3, 0, 1, 7 }, 15, false, 0 },
	{ "DHE", { 12, 0, 0, 15, 0, 2, 1, 1, 0, 1, 2, 0, 1, 5, 4, 1, 0, 1, 7 }, 19, true, 0x0401 },
	{ "another message", { 20, 0, 0, 6, 8, 4, 0, 2, 1, 2 }, 10, false, 0 },
};

static void
signatures(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof signature_cases / sizeof signature_cases[0]; i++) {
		const struct signature_case *c = &signature_cases[i];
		uint16_t scheme = 1;

		if (wire_certificate_verify(c->bytes, c->len, &scheme) != c->good || scheme != c->scheme)
			fail_msg("%s: scheme 0x%04x", c->what, scheme);
	}
}

static void
cuts(void **state)
{
	struct draft d = certificate(TLS_1_3, true, 1);

	(void)state;
	every_cut(&d, parses_certificate);
	buf_done(&d.b);
	d = request(TLS_1_3, 2);
	every_cut(&d, parses_request_1_3);
	buf_done(&d.b);
	d = request(TLS_1_2, 2);
	every_cut(&d, parses_request_1_2);
	buf_done(&d.b);
	d = hello(true, false);
	every_cut(&d, parses_hello);
	buf_done(&d.b);
	d = (struct draft){ 0 };
	buf_add(&d.b, signature_cases[3].bytes, signature_cases[3].len);
	every_cut(&d, parses_signature);
	buf_done(&d.b);
}

static void
looks_like_tls(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool looks;
	} cases[] = {
		{ "", 0, true },
		{ "\x16", 1, true },
		{ "\x16\x03\x03\x00\x10", 5, true },
		{ "\x15\x03\x01\x00\x02", 5, true },
		{ "\x18\x03\x04\x00\x02", 5, true },
		{ "H", 1, false },
		{ "SSH-2.0", 7, false },
		{ "\x16\x02\x00\x00\x00", 5, false },
		{ "\x16\x03\x05\x00\x00", 5, false },
		{ "\x19\x03\x03\x00\x00", 5, false },
		{ "\x13\x03\x03\x00\x00", 5, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (wire_looks_like_tls((const unsigned char *)cases[i].bytes, cases[i].len) != cases[i].looks)
			fail_msg("case %zu", i);
}

static int
make_chain(void **state)
{
	const struct pki_request root_request = { .cn = "Root", .ca = true, .key_usage = "critical,keyCertSign" };
	const struct pki_request leaf_request = { .cn = "payment.internal" };
	struct pki_cert root, leaf;

	(void)state;
	openssl_start();
	root = pki_issue(&root_request, NULL);
	leaf = pki_issue(&leaf_request, &root);
	chain.der[0] = pki_der(&leaf, &chain.len[0]);
	chain.der[1] = pki_der(&root, &chain.len[1]);
	chain.count = 2;
	pki_cert_free(&root);
	pki_cert_free(&leaf);
	return 0;
}

static int
free_chain(void **state)
{
	(void)state;
	for (size_t i = 0; i < chain.count; i++)
		free(chain.der[i]);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates),
		cmocka_unit_test(stapled_response),
		cmocka_unit_test(empty_certificate),
		cmocka_unit_test(too_many_certificates),
		cmocka_unit_test(damaged_certificate),
		cmocka_unit_test(certificate_requests),
		cmocka_unit_test(too_many_authorities),
		cmocka_unit_test(unreadable_authority),
		cmocka_unit_test(server_hellos),
		cmocka_unit_test(signatures),
		cmocka_unit_test(cuts),
		cmocka_unit_test(looks_like_tls),
	};

	return cmocka_run_group_tests(tests, make_chain, free_chain);
}
