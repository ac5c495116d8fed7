/* Certificates: their fields, what cannot be read, sharing, who issued whom. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "model/cert_openssl.h"
#include "model/limits.h"
#include "model/times.h"
#include "tests/hand_cert.h"
#include "tests/made.h"

static void
every_field(void **state)
{
	const struct pki_request root_request = {
		.cn = "Acme Root", .ca = true, .has_path_len = true, .path_len = 3, .key_usage = "critical,keyCertSign,cRLSign",
		.name_constraints = "critical,permitted;DNS:internal,excluded;IP:10.0.0.0/255.0.0.0",
	};
	const struct pki_request request = {
		.cn = "payment.internal", .org = "Acme, Inc",
		.san = (const char *const[]){ "DNS:payment.internal", "IP:127.0.0.1", "IP:2001:db8::1", "URI:spiffe://acme/pay",
		    "email:ops@acme.example", "RID:1.2.3", NULL },
		.key_usage = "critical,digitalSignature,decipherOnly,keyAgreement", .eku = "serverAuth,1.2.3.4",
		.aia = "http://ca/root.cer", .ocsp = "http://ocsp/", .crl = "http://ca/root.crl", .policies = "1.2.3,2.5.29.32.0",
		.serial = (const unsigned char *)"\x00\x9f\x01", .serial_len = 3, .not_before = 1700000000, .not_after = 1800000000,
	};
	static const char *const sans[] = { "DNS:payment.internal", "IP:127.0.0.1", "IP:2001:db8::1", "URI:spiffe://acme/pay",
		"email:ops@acme.example", "RID:1.2.3" };
	struct made root = made_issue(&root_request, NULL), leaf = made_issue(&request, &root);
	const struct cert *c = leaf.cert;
	char hex[SHA256_HEX];

	(void)state;
	assert_int_equal(c->version, 3);
	assert_string_equal(c->subject.safe, "O=Acme\\, Inc,CN=payment.internal");
	assert_string_equal(c->subject.common_name, "payment.internal");
	assert_string_equal(c->issuer.safe, "CN=Acme Root");
	assert_string_equal(c->serial_hex, "9f01");
	assert_int_equal(c->serial.len, 3);
	assert_true(c->not_before == 1700000000 && c->not_after == 1800000000);
	assert_string_equal(c->key.label, "EC P-256");
	assert_string_equal(c->signature.label, "ecdsa-with-SHA256");
	assert_string_equal(c->signature.hash, "SHA-256");
	assert_string_equal(fingerprint_hex(&c->sha256, hex), c->sha256_hex);
	assert_int_equal(strlen(c->sha1_hex), 40);
	assert_int_equal(c->san_len, 6);
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(c->san[i].safe, sans[i]);
	assert_true(c->has_san && !c->san_critical && !c->san_truncated);
	assert_int_equal(c->key_usage, USAGE_DIGITAL_SIGNATURE | USAGE_KEY_AGREEMENT | USAGE_DECIPHER_ONLY);
	assert_int_equal(c->eku_len, 2);
	assert_string_equal(c->eku[0], "serverAuth");
	assert_string_equal(c->eku[1], "1.2.3.4");
	assert_true(!c->is_ca && c->path_len == -1);
	assert_true(text_equal(c->aki, root.cert->ski));
	assert_int_equal(c->ski.len, 20);
	assert_true(c->ca_issuers_len == 1 && text_equal(c->ca_issuers[0], text_of("http://ca/root.cer")));
	assert_true(c->ocsp_len == 1 && text_equal(c->ocsp[0], text_of("http://ocsp/")));
	assert_true(c->crl_len == 1 && text_equal(c->crl[0], text_of("http://ca/root.crl")));
	assert_int_equal(c->policies_len, 2);
	assert_string_equal(c->policies[1], "2.5.29.32.0");
	assert_int_equal(c->hostile, 0);
	assert_true(!c->self_issued && !c->self_signed);
	assert_int_equal(c->faults_len, 0);

	c = root.cert;
	assert_true(c->has_basic_constraints && c->is_ca && c->path_len == 3 && c->self_issued && c->self_signed);
	assert_true(c->permitted_len == 1 && c->excluded_len == 1);
	assert_string_equal(c->permitted[0].safe, "DNS:internal");
	assert_string_equal(c->excluded[0].safe, "IP:10.0.0.0/8");
	made_free(&leaf);
	made_free(&root);
}

/* What OpenSSL's path validation processes, and what it does not. */
static void
extensions(void **state)
{
	const struct pki_request r = {
		.cn = "a", .eku = "clientAuth",
		.extra = (const struct pki_extension[]){ { "1.2.3.4.5", true, (const unsigned char *)"\x05\x00", 2 }, { .oid = NULL } },
	};
	struct made m = made_issue(&r, NULL);
	bool unknown = false, eku = false;

	(void)state;
	for (size_t i = 0; i < m.cert->extensions_len; i++) {
		const struct extension *e = &m.cert->extensions[i];

		if (strcmp(e->oid, "1.2.3.4.5") == 0) {
			unknown = true;
			assert_true(e->critical && !e->known);
			assert_string_equal(e->name, "1.2.3.4.5");
			assert_true(text_equal(e->value, (struct text){ (const unsigned char *)"\x05\x00", 2 }));
		} else if (strcmp(e->name, "extendedKeyUsage") == 0) {
			eku = true;
			assert_true(!e->critical && e->known);
			assert_string_equal(e->oid, "2.5.29.37");
		}
	}
	assert_true(unknown && eku);
	made_free(&m);
}

static void
hostile_names(void **state)
{
	static const char dns[] = "good.example\0.evil.example", uri[] = "http://x/\r\n  forged";
	static const char cn[] = "a\033[31m\xe2\x80\xae\xe2\x80\x8b";
	const struct pki_request r = {
		.cn_bytes = (const unsigned char *)cn, .cn_bytes_len = sizeof cn - 1,
		.raw_san = (const struct pki_raw_san[]){ { GEN_DNS, dns, sizeof dns - 1 }, { GEN_URI, uri, sizeof uri - 1 },
		    { .type = -1 } },
	};
	struct made m = made_issue(&r, NULL);
	const struct cert *c = m.cert;

	(void)state;
	assert_string_equal(c->subject.safe, "CN=a\\x1b[31m\\u{202e}\\u{200b}");
	assert_int_equal(c->subject.flags, TEXT_CONTROL | TEXT_BIDI | TEXT_INVISIBLE);
	assert_string_equal(c->san[0].safe, "DNS:good.example\\x00.evil.example");
	assert_int_equal(c->san[0].flags, TEXT_NUL);
	assert_int_equal(c->san[0].value.len, sizeof dns - 1);
	assert_string_equal(c->san[1].safe, "URI:http://x/\\x0d\\x0a  forged");
	assert_int_equal(c->hostile, TEXT_CONTROL | TEXT_BIDI | TEXT_INVISIBLE | TEXT_NUL);
	made_free(&m);
}

/* An otherName with a UPN, a directory name; an address of the wrong length. */
static void
other_names(void **state)
{
	static const char names[] = "\x30\x37"
	    "\xa0\x17\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03\xa0\x09\x0c\x07" "bob@a.b"
	    "\xa4\x0e\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01" "x"
	    "\x87\x03" "abc"
	    "\xa5\x02\x81\x00"
	    "\x88\x03\x2a\x03\x04";
	const struct pki_request r = {
		.cn = "a",
		.extra = (const struct pki_extension[]){ { "2.5.29.17", false, (const unsigned char *)names, sizeof names - 1 },
		    { .oid = NULL } },
	};
	static const char *const expected[] = { "otherName:msUPN:bob@a.b", "DirName:CN=x", "IP:616263", "EdiPartyName:8100",
		"RID:1.2.3.4" };
	struct made m = made_issue(&r, NULL);

	(void)state;
	assert_int_equal(m.cert->san_len, 5);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(m.cert->san[i].safe, expected[i]);
	made_free(&m);
}

static void
years(void **state)
{
	const struct pki_request r = { .cn = "a", .not_before = INT64_C(-62167219200), .not_after = INT64_C(253402300799) };
	const struct pki_request bad = { .cn = "a", .raw_not_before = "2601010000Z" };
	struct made m = made_issue(&r, NULL), b = made_issue(&bad, NULL);

	(void)state;
	assert_true(m.cert->not_before == INT64_C(-62167219200)); /* 0000-01-01 */
	assert_true(m.cert->not_after == INT64_C(253402300799));  /* 9999-12-31 */
	assert_true(b.cert->not_before == TIME_UNKNOWN);
	made_free(&m);
	made_free(&b);
}

static const struct serial_case {
	const char *content; /* with its tag and length */
	size_t len;
	const char *hex;
} serial_cases[] = {
	{ "\x02\x01\x00", 3, "00" },
	{ "\x02\x01\x05", 3, "05" },
	{ "\x02\x02\x00\x80", 4, "80" },
	{ "\x02\x01\x80", 3, "-80" },
	{ "\x02\x01\xff", 3, "-01" },
	{ "\x02\x02\xff\x00", 4, "-0100" },
};

static void
serials(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof serial_cases / sizeof serial_cases[0]; i++) {
		const struct hand_cert h = { .serial = { serial_cases[i].content, serial_cases[i].len, false } };
		struct error err = { 0 };
		struct cert *c = hand_cert_parse(&h, &err);

		if (c == NULL)
			fail_msg("serial %zu: %s", i, err.text);
		assert_string_equal(c->serial_hex, serial_cases[i].hex);
		cert_free(c);
	}
}

static const struct unreadable_case {
	const char *what;
	struct hand_cert c;
	const char *text; /* what the error says */
} unreadable_cases[] = {
	{ "no serial", { .serial = NO_PIECE }, "byte 10: expected the serial number, an INTEGER, found tag 0x30" },
	{ "a serial that is no INTEGER", { .serial = PIECE("\x04\x01\x05") }, "expected the serial number, an INTEGER, found tag 0x04" },
	{ "an empty serial", { .serial = PIECE("\x02\x00") }, "the serial number has no octets" },
	{ "a serial with a zero too many", { .serial = PIECE("\x02\x02\x00\x05") }, "more octets than it needs" },
	{ "a version that is no INTEGER", { .version = PIECE("\xa0\x03\x04\x01\x02") }, "expected the version, an INTEGER" },
	{ "no validity", { .validity = NO_PIECE }, "notBefore, a UTCTime or GeneralizedTime, found tag 0x31" },
	{ "a validity with one end", { .validity = PIECE("\x30\x0f\x17\x0d" "260101000000Z") }, "expected notAfter" },
	{ "a time of another kind", { .validity = PIECE("\x30\x04\x0c\x00\x0c\x00") }, "expected notBefore" },
	{ "a name that is no SEQUENCE", { .subject = PIECE("\x31\x00") }, "expected the subject, a name" },
	{ "a name that is cut inside", { .subject = PIECE("\x30\x04\x31\x09\x30\x08") }, "its length points beyond the end" },
	{ "a subject that is not UTF-8", { .subject = PIECE("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01\xff") },
	    "the CN in the subject is no valid text" },
	{ "no key", { .spki = NO_PIECE }, "expected the public key, a SEQUENCE, found nothing more" },
	{ "something behind the extensions", { .unique_ids = PIECE("\x05\x00") }, "expected the end of the part" },
	{ "extensions that are no SEQUENCE", { .extensions = PIECE("\x31\x00") }, "expected the extensions, a SEQUENCE" },
	{ "an extension without a value", { .extensions = PIECE("\x30\x07\x30\x05\x06\x03\x55\x1d\x0f") },
	    "expected the value of an extension, an OCTET STRING, found nothing more" },
	{ "no signature", { .signature = NO_PIECE }, "expected the signature, a BIT STRING, found nothing more" },
	{ "something behind the signature", { .trailing = PIECE("\x05\x00") }, "expected the end of the certificate, found more bytes" },
	{ "an indefinite length", { .subject = PIECE("\x30\x80\x00\x00") }, "its length is indefinite" },
	{ "a length of 5 octets", { .serial = PIECE("\x02\x85\x01\x00\x00\x00\x00\x00") }, "more than 4 octets" },
};

static void
unreadable(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof unreadable_cases / sizeof unreadable_cases[0]; i++) {
		const struct unreadable_case *u = &unreadable_cases[i];
		struct error err = { 0 };
		struct cert *c = hand_cert_parse(&u->c, &err);

		if (c != NULL)
			fail_msg("%s: was read", u->what);
		if (err.code != ERROR_INPUT || strstr(err.text, u->text) == NULL)
			fail_msg("%s: “%s”", u->what, err.text);
	}
}

/* Exactly `len` bytes: one less or one more is refused, and it says at which byte. */
static void
exact_length(void **state)
{
	const struct pki_request r = { .cn = "a" };
	struct pki_cert p = pki_issue(&r, NULL);
	size_t len;
	unsigned char *der = pki_der(&p, &len), *longer = malloc(len + 1);
	char expected[80];

	(void)state;
	for (size_t cut = 0; cut < len; cut++) {
		unsigned char *part = malloc(cut == 0 ? 1 : cut);
		struct error err = { 0 };

		memcpy(part, der, cut);
		assert_null(cert_parse(part, cut, &err));
		assert_true(strncmp(err.text, "byte ", 5) == 0);
		free(part);
	}
	memcpy(longer, der, len);
	longer[len] = 0x30;
	{
		struct error err = { 0 };
		assert_null(cert_parse(longer, len + 1, &err));
		snprintf(expected, sizeof expected, "byte %zu: expected the end of the certificate, found more bytes", len);
		assert_string_equal(err.text, expected);
	}
	free(longer);
	free(der);
	pki_cert_free(&p);
}

static void
too_large(void **state)
{
	unsigned char *big = calloc(1, LIMIT_CERT_DER + 1);
	struct error err = { 0 };

	(void)state;
	assert_null(cert_parse(big, LIMIT_CERT_DER + 1, &err));
	assert_string_equal(err.text, "the certificate has 1048577 bytes, more than the 1048576 that are read here");
	free(big);
}

/* Every byte changed in turn: whatever comes out, nothing is read beyond, and names stay printable. */
static void
every_byte_changed(void **state)
{
	const struct pki_request r = {
		.cn = "a", .san = (const char *const[]){ "DNS:a", "IP:::1", NULL }, .eku = "serverAuth", .aia = "http://x/",
		.key_type = PKI_ED25519, .policies = "1.2.3", .crl = "http://y/", .ca = true,
		.name_constraints = "permitted;DNS:a",
	};
	static const unsigned char flips[] = { 0x01, 0x80, 0xff };
	struct pki_cert p = pki_issue(&r, NULL);
	size_t len;
	unsigned char *der = pki_der(&p, &len);

	(void)state;
	for (size_t i = 0; i < len; i++) {
		for (size_t k = 0; k < sizeof flips; k++) {
			struct error err = { 0 };
			struct cert *c;

			der[i] ^= flips[k];
			c = cert_parse(der, len, &err);
			assert_true(c != NULL || err.text[0] != '\0');
			if (c != NULL)
				assert_int_equal(text_flags(text_of(c->subject.safe)), 0);
			cert_free(c);
			der[i] ^= flips[k];
		}
	}
	free(der);
	pki_cert_free(&p);
}

static void
many_names(void **state)
{
	struct buf names = { 0 }, value = { 0 };
	struct pki_extension extra[] = { { "2.5.29.17", false, NULL, 0 }, { .oid = NULL } };
	struct pki_request r = { .cn = "a", .extra = extra };
	struct made m;

	(void)state;
	for (size_t i = 0; i < LIMIT_SAN + 1; i++)
		hand_value(&names, 0x82, "a", 1);
	hand_value(&names, 0x82, "last.internal", 13);
	hand_value(&value, 0x30, names.data, names.len);
	extra[0].der = (const unsigned char *)value.data;
	extra[0].len = value.len;
	m = made_issue(&r, NULL);
	assert_int_equal(m.cert->san_len, LIMIT_SAN);
	assert_true(m.cert->san_truncated);
	assert_int_equal(cert_matches_host(m.cert, "last.internal"), NAME_MATCHES); /* beyond what was kept, and found */
	assert_int_equal(cert_matches_host(m.cert, "none.internal"), NAME_DIFFERS);
	made_free(&m);
	buf_done(&names);
	buf_done(&value);
}

/* 100,000 extensions: no quadratic search, and it says where it stopped. */
static void
many_extensions(void **state)
{
	struct buf list = { 0 }, value = { 0 };
	struct hand_cert h = { 0 };
	struct error err = { 0 };
	struct cert *c;

	(void)state;
	for (unsigned i = 0; i < 60000; i++) {
		unsigned char one[] = { 0x30, 0x09, 0x06, 0x05, 0x2a, (unsigned char)(0x81 + i % 100), (unsigned char)(0x80 | (i >> 7 & 0x7f)),
			(unsigned char)(0x80 | (i & 0x7f)), 1, 0x04, 0x00 };
		buf_add(&list, one, sizeof one);
	}
	hand_value(&value, 0x30, list.data, list.len);
	h.extensions = (struct piece){ value.data, value.len, false };
	c = hand_cert_parse(&h, &err);
	if (c == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(c->extensions_len, LIMIT_EXTENSIONS);
	cert_free(c);
	buf_done(&list);
	buf_done(&value);
}

/* The same bytes are the same object while one is alive. */
static void
shared(void **state)
{
	const struct pki_request r = { .cn = "a" };
	struct made m = made_issue(&r, NULL);
	struct error err = { 0 };
	size_t len = m.cert->der.len;
	unsigned char *copy = malloc(len);
	struct cert *again;

	(void)state;
	memcpy(copy, m.cert->der.bytes, len);
	again = cert_parse(copy, len, &err);
	assert_ptr_equal(again, m.cert);
	assert_ptr_equal(cert_ref(again), again);
	cert_free(again);
	cert_free(again);
	made_free(&m);
	again = cert_parse(copy, len, &err); /* the last one is gone: it is read anew */
	assert_string_equal(again->subject.safe, "CN=a");
	cert_free(again);
	assert_null(cert_ref(NULL));
	cert_free(NULL);
	free(copy);
}

struct thread_job {
	unsigned char *der[8];
	size_t len[8];
};

static void *
parse_and_free(void *arg)
{
	const struct thread_job *job = arg;

	for (size_t i = 0; i < 2000; i++) {
		struct error err = { 0 };
		struct cert *c = cert_parse(job->der[i % 8], job->len[i % 8], &err);

		if (c == NULL || cert_signed_by(c, c, NULL) != c->self_signed)
			return arg;
		cert_free(cert_ref(c));
		cert_free(c);
	}
	return NULL;
}

/* Four threads take and drop the last references of the same certificates. */
static void
shared_among_threads(void **state)
{
	struct thread_job job;
	pthread_t threads[4];
	void *failed = NULL, *one;

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		const struct pki_request r = { .cn = "a" };
		struct pki_cert p = pki_issue(&r, NULL);

		job.der[i] = pki_der(&p, &job.len[i]);
		pki_cert_free(&p);
	}
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, parse_and_free, &job), 0);
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], &one);
		failed = one != NULL ? one : failed;
	}
	assert_null(failed);
	for (size_t i = 0; i < 8; i++)
		free(job.der[i]);
}

static void
issuers(void **state)
{
	const struct pki_request ca = { .cn = "CA", .ca = true, .key_usage = "critical,keyCertSign" };
	const struct pki_request ca_no_ski = { .cn = "CA", .ca = true, .key_usage = "critical,keyCertSign", .no_ski = true };
	const struct pki_request ca_no_sign = { .cn = "CA", .ca = true, .key_usage = "critical,cRLSign", .no_ski = true };
	const struct pki_request other = { .cn = "Other", .ca = true, .key_usage = "critical,keyCertSign" };
	const struct pki_request leaf_request = { .cn = "leaf" };
	const struct pki_request broken_request = { .cn = "leaf", .corrupt_signature = true };
	struct made right = made_issue(&ca, NULL), rekeyed = made_issue(&ca, NULL), plain = made_issue(&ca_no_ski, NULL),
		    no_sign = made_issue(&ca_no_sign, NULL), stranger = made_issue(&other, NULL);
	struct made leaf = made_issue(&leaf_request, &right), broken = made_issue(&broken_request, &right);
	size_t checks = 0;

	(void)state;
	assert_true(cert_could_issue(right.cert, leaf.cert));
	assert_false(cert_could_issue(rekeyed.cert, leaf.cert)); /* its key identifier is another one */
	assert_true(cert_could_issue(plain.cert, leaf.cert));    /* it has none: it could */
	assert_false(cert_could_issue(no_sign.cert, leaf.cert));
	assert_false(cert_could_issue(stranger.cert, leaf.cert));
	assert_true(cert_could_issue(right.cert, right.cert));

	assert_true(cert_signed_by(leaf.cert, right.cert, &checks));
	assert_int_equal(checks, 1);
	assert_true(cert_signed_by(leaf.cert, right.cert, &checks));
	assert_int_equal(checks, 1); /* remembered */
	assert_false(cert_signed_by(leaf.cert, plain.cert, &checks));
	assert_false(cert_signed_by(leaf.cert, plain.cert, &checks));
	assert_int_equal(checks, 2);
	assert_false(cert_signed_by(broken.cert, right.cert, NULL));
	made_free(&right);
	made_free(&rekeyed);
	made_free(&plain);
	made_free(&no_sign);
	made_free(&stranger);
	made_free(&leaf);
	made_free(&broken);
}

static const struct purpose_case {
	const char *eku, *key_usage;
	enum pki_key key;
	bool server, client;
	const char *text;
} purpose_cases[] = {
	{ NULL, NULL, PKI_P256, true, true, "anything" },
	{ "serverAuth", NULL, PKI_P256, true, false, "serverAuth" },
	{ "clientAuth", NULL, PKI_P256, false, true, "clientAuth" },
	{ "serverAuth,clientAuth", NULL, PKI_P256, true, true, "serverAuth and clientAuth" },
	{ "codeSigning,serverAuth,clientAuth", NULL, PKI_P256, true, true, "codeSigning, serverAuth and clientAuth" },
	{ "anyExtendedKeyUsage", NULL, PKI_P256, true, true, "anything" },
	{ "codeSigning", NULL, PKI_P256, false, false, "codeSigning" },
	{ NULL, "digitalSignature", PKI_P256, true, true, "anything" },
	{ NULL, "keyAgreement", PKI_P256, false, false, "anything" },
	{ NULL, "keyEncipherment", PKI_P256, false, false, "anything" },
	{ NULL, "keyEncipherment", PKI_RSA2048, true, false, "anything" }, /* RSA key transport of TLS 1.2 */
	{ NULL, "keyCertSign", PKI_RSA2048, false, false, "anything" },
};

static void
purposes(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof purpose_cases / sizeof purpose_cases[0]; i++) {
		const struct purpose_case *c = &purpose_cases[i];
		const struct pki_request r = { .cn = "a", .eku = c->eku, .key_usage = c->key_usage, .key_type = c->key };
		struct made m = made_issue(&r, NULL);

		if (cert_allows(m.cert, PURPOSE_SERVER) != c->server || cert_allows(m.cert, PURPOSE_CLIENT) != c->client ||
		    !cert_allows(m.cert, PURPOSE_ANY))
			fail_msg("case %zu", i);
		assert_string_equal(cert_purposes(m.cert, a), c->text);
		made_free(&m);
	}
	arena_free(a);
}

static void
pem(void **state)
{
	const struct pki_request r = { .cn = "a" };
	struct made m = made_issue(&r, NULL);
	struct buf out = { 0 };
	BIO *bio;
	X509 *x;

	(void)state;
	cert_pem(m.cert, &out);
	bio = BIO_new_mem_buf(out.data, (int)out.len);
	x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	assert_non_null(x);
	assert_int_equal(X509_cmp(x, cert_x509(m.cert)), 0);
	X509_free(x);
	BIO_free(bio);
	buf_done(&out);
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
		cmocka_unit_test(every_field),
		cmocka_unit_test(extensions),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(other_names),
		cmocka_unit_test(years),
		cmocka_unit_test(serials),
		cmocka_unit_test(unreadable),
		cmocka_unit_test(exact_length),
		cmocka_unit_test(too_large),
		cmocka_unit_test(every_byte_changed),
		cmocka_unit_test(many_names),
		cmocka_unit_test(many_extensions),
		cmocka_unit_test(shared),
		cmocka_unit_test(shared_among_threads),
		cmocka_unit_test(issuers),
		cmocka_unit_test(purposes),
		cmocka_unit_test(pem),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
