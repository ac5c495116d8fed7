/* Our own side of issuing: making a CSR and its key, judging one, comparing one with the certificate that came back. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/pki.h"
#include "model/cert_openssl.h"
#include "model/csr.h"
#include "model/objects.h"
#include "model/times.h"
#include "tests/pca_made.h"
#include "tests/program.h"

static EVP_PKEY *root_key, *leaf_key, *other_key, *rsa1024, *ed25519, *k256;
static struct pca_made root;
static struct arena *arena;

/* ---- templates ---- */

static void
templates(void **state)
{
	static const struct {
		struct csr_purpose purpose;
		const char *name; /* NULL: none fits */
	} all[] = {
		{ { .server = true }, "EndEntityServerAuthCertificate" },
		{ { .client = true }, "EndEntityClientAuthCertificate" },
		{ { .server = true, .client = true }, "EndEntityCertificate" },
		{ { .code_signing = true }, "CodeSigningCertificate" },
		{ { .ocsp_signing = true }, "OCSPSigningCertificate" },
		{ { .ca = true }, "SubordinateCACertificate_PathLen0" },
		{ { .ca = true, .path_len = 3 }, "SubordinateCACertificate_PathLen3" },
		{ { .ca = true, .path_len = 4 }, NULL },
		{ { .ca = true, .path_len = -1 }, NULL },
		{ { .ca = true, .server = true }, NULL },
		{ { .server = false }, "BlankEndEntityCertificate_APICSRPassthrough" },
		{ { .server = true, .code_signing = true }, "BlankEndEntityCertificate_APICSRPassthrough" },
		{ { .server = true, .keep_extensions = true }, "EndEntityServerAuthCertificate_CSRPassthrough" },
		{ { .server = true, .client = true, .keep_extensions = true }, "EndEntityCertificate_CSRPassthrough" },
		{ { .ca = true, .path_len = 1, .keep_extensions = true }, "SubordinateCACertificate_PathLen1_CSRPassthrough" },
	};
	char name[CSR_TEMPLATE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		const char *got = csr_template(&all[i].purpose);
		if (all[i].name == NULL)
			assert_null(got);
		else
			assert_string_equal(got, all[i].name);
		/* What we choose, the lab's AWS has. */
		if (got != NULL)
			assert_non_null(pca_named(got));
	}
	/* The same 61 are known on both sides, and no others. */
	for (size_t i = 0; i < pca_templates_len; i++)
		assert_true(csr_template_name(pca_templates[i].name, name));
	assert_true(csr_template_name("arn:aws-cn:acm-pca:::template/EndEntityCertificate/V1", name));
	assert_string_equal(name, "EndEntityCertificate");
	assert_true(csr_template_name("RootCACertificate/V1", name));
	assert_string_equal(name, "RootCACertificate");
	static const char *const none[] = { "", "/V1", "Root", "RootCACertificate_CSRPassthrough", "SubordinateCACertificate", "SubordinateCACertificate_PathLen4",
		"BlankEndEntityCertificate", "EndEntityCertificate_PathLen0", "arn:aws:acm-pca:::template/EndEntityCertificate", "arn:x", "BlankRootCACertificate",
		"EndEntityCertificate_CSRPassthrough_CSRPassthrough", "RootCACertificate_PathLen0",
		"EndEntityCertificateEndEntityCertificateEndEntityCertificateEndEntityCertificateEndEntityCertificate" };
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		if (csr_template_name(none[i], name))
			fail_msg("“%s” is a template", none[i]);
	assert_string_equal(csr_template_words(NULL), "for servers and clients");
	assert_string_equal(csr_template_words("SubordinateCACertificate_PathLen0_CSRPassthrough"), "a CA that issues no further CA");
}

/* ---- making ---- */

static void
key_names(void **state)
{
	static const struct {
		const char *text;
		int key; /* -1: none */
	} all[] = {
		{ "p256", CSR_KEY_P256 }, { "P-384", CSR_KEY_P384 }, { "EC P-521", CSR_KEY_P521 }, { "ec", CSR_KEY_P256 }, { "RSA", CSR_KEY_RSA2048 },
		{ "rsa:3072", CSR_KEY_RSA3072 }, { "RSA_4096", CSR_KEY_RSA4096 }, { "EC_prime256v1", CSR_KEY_P256 }, { "EC_secp384r1", CSR_KEY_P384 },
		{ "", -1 }, { "rsa1024", -1 }, { "ed25519", -1 }, { "p", -1 }, { "rsa2048 and a long tail of words", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		enum csr_key k = CSR_KEY_P256;
		assert_int_equal(csr_key_named(all[i].text, &k), all[i].key >= 0);
		if (all[i].key >= 0)
			assert_int_equal(k, all[i].key);
	}
}

/* What was made, read back; the caller's to end with objects_done(). */
static const struct object *
read_back(const char *pem, size_t len, enum object_kind kind, struct objects *o)
{
	const struct read_options opt = { .type = NULL };
	struct error err = { 0 };

	assert_int_equal(objects_parse((const unsigned char *)pem, len, "made", &opt, o, &err), STATUS_OK);
	assert_int_equal(o->len, 1);
	assert_int_equal(o->items[0].kind, kind);
	return &o->items[0];
}

static void
made(void **state)
{
	static const struct {
		struct csr_wish wish;
		const char *names[9];
		const char *key, *subject;
		const char *sans[9]; /* NULL-ended */
		bool critical;
	} all[] = {
		{ { .common_name = "order-service", .organization = "Acme", .organizational_unit = "Ops", .country = "US", .kind = CSR_KEY_P256 },
		    { "order.test" }, "EC P-256", "C=US,O=Acme,OU=Ops,CN=order-service", { "DNS:order.test" }, false },
		{ { .common_name = "a", .kind = CSR_KEY_P384 }, { NULL }, "EC P-384", "CN=a", { NULL }, false },
		{ { .kind = CSR_KEY_P521 }, { "a.test", "*.b.test", "127.0.0.1", "2001:db8::1", "spiffe://x/y", "ops@a.test" }, "EC P-521", "",
		    { "DNS:a.test", "DNS:*.b.test", "IP:127.0.0.1", "IP:2001:db8::1", "URI:spiffe://x/y", "email:ops@a.test" }, true },
		{ { .common_name = "", .kind = CSR_KEY_RSA2048 }, { "DNS:A.Test", "a.test", "IP:10.0.0.1", "URI:urn:x", "email:a@b" }, "RSA 2048", "",
		    { "DNS:a.test", "IP:10.0.0.1", "URI:urn:x", "email:a@b" }, true },
		{ { .common_name = "\xc3\xa9t\xc3\xa9", .kind = CSR_KEY_RSA3072 }, { "b\xc3\xbc""cher.test" }, "RSA 3072", "CN=\xc3\xa9t\xc3\xa9",
		    { "DNS:xn--bcher-kva.test" }, false },
		{ { .common_name = "a", .kind = CSR_KEY_RSA4096 }, { NULL }, "RSA 4096", "CN=a", { NULL }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct csr_wish wish = all[i].wish;
		struct csr_pair pair;
		struct error err = { 0 };
		struct objects a = { 0 }, b = { 0 };
		const struct object *csr, *key;
		size_t n = 0;

		wish.names = all[i].names;
		while (all[i].names[wish.names_len] != NULL)
			wish.names_len++;
		if (csr_make(&wish, &pair, &err) != STATUS_OK)
			fail_msg("case %zu: %s", i, err.text);
		csr = read_back(pair.csr, pair.csr_len, OBJECT_CSR, &a);
		key = read_back(pair.key, pair.key_len, OBJECT_KEY, &b);
		assert_string_equal(key->container, "PKCS#8");
		assert_true(key->key->is_private);
		assert_true(fingerprint_equal(&key->key->pub.spki, &csr->csr->key.spki));
		assert_string_equal(csr->csr->key.label, all[i].key);
		assert_string_equal(csr->csr->subject.safe, all[i].subject);
		assert_true(csr->csr->signature_ok);
		for (; all[i].sans[n] != NULL; n++) {
			assert_true(n < csr->csr->san_len);
			assert_string_equal(csr->csr->san[n].safe, all[i].sans[n]);
		}
		assert_int_equal(csr->csr->san_len, n);
		assert_int_equal(csr->csr->san_critical, all[i].critical);
		objects_done(&a);
		objects_done(&b);
		csr_pair_done(&pair);
		assert_null(pair.key);
		csr_pair_done(&pair);
		assert_int_equal(ERR_peek_error(), 0);
	}
}

static void
not_made(void **state)
{
	static const char sixty_five[] = "01234567890123456789012345678901234567890123456789012345678901234";
	static char long_uri[300];
	const struct {
		struct csr_wish wish;
		const char *name; /* NULL: none */
		const char *text;
	} all[] = {
		{ { .common_name = NULL }, NULL, "neither" },
		{ { .common_name = sixty_five }, NULL, "takes 64 at most" },
		{ { .common_name = "a", .country = "USA" }, NULL, "country" },
		{ { .common_name = "a", .country = "U" }, NULL, "two letters" },
		{ { .common_name = "a\x1b[2J" }, NULL, "nobody can see" },
		{ { .common_name = "a\xff" }, NULL, "no UTF-8" },
		{ { .common_name = "a" }, "", "no name for a certificate" },
		{ { .common_name = "a" }, "a b", "no name for a certificate" },
		{ { .common_name = "a" }, "a..b", "no name for a certificate" },
		{ { .common_name = "a" }, "*.127.0.0.1", "IP address" },
		{ { .common_name = "a" }, "DNS:127.0.0.1", "it is an IP address" },
		{ { .common_name = "a" }, "IP:a.test", "it is no IP address" },
		{ { .common_name = "a" }, "IP:", "no name for a certificate" },
		{ { .common_name = "a" }, "a.*.test", "no name for a certificate" },
		{ { .common_name = "a" }, "spiffe://a b", "printable ASCII" },
		{ { .common_name = "a" }, "URI:nothing", "scheme" },
		{ { .common_name = "a" }, "@a.test", "both sides" },
		{ { .common_name = "a" }, "a@", "both sides" },
		{ { .common_name = "a" }, long_uri, "253 bytes at most" },
		{ { .common_name = "a" }, "a.test\n", "no name for a certificate" },
	};

	(void)state;
	snprintf(long_uri, sizeof long_uri, "http://%0290d", 7);
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct csr_wish wish = all[i].wish;
		struct csr_pair pair;
		struct error err = { 0 };

		wish.names = &all[i].name;
		wish.names_len = all[i].name != NULL;
		if (csr_make(&wish, &pair, &err) == STATUS_OK)
			fail_msg("case %zu is made", i);
		assert_int_equal(err.code, ERROR_USAGE);
		if (strstr(err.text, all[i].text) == NULL)
			fail_msg("case %zu: %s", i, err.text);
		assert_int_equal(text_flags(text_of(err.text)) & TEXT_HOSTILE, 0);
		assert_null(pair.csr);
		assert_null(pair.key);
		csr_pair_done(&pair);
	}
}

/* With a key that is there already: the same key is in the request, and it is not written out again. */
static void
made_with_a_key(void **state)
{
	struct key *k, *half;
	struct csr_pair pair;
	struct error err = { 0 };
	struct objects o = { 0 };

	(void)state;
	EVP_PKEY_up_ref(leaf_key);
	k = key_from_evp(leaf_key, true, false);
	struct csr_wish wish = { .common_name = "a", .key = k };
	assert_int_equal(csr_make(&wish, &pair, &err), STATUS_OK);
	assert_null(pair.key);
	assert_true(fingerprint_equal(&read_back(pair.csr, pair.csr_len, OBJECT_CSR, &o)->csr->key.spki, &k->pub.spki));
	objects_done(&o);
	csr_pair_done(&pair);
	EVP_PKEY_up_ref(leaf_key);
	half = key_from_evp(leaf_key, false, false);
	wish.key = half;
	assert_int_equal(csr_make(&wish, &pair, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "not a private key"));
	csr_pair_done(&pair);
	key_free(k);
	key_free(half);
}

/* The openssl command and the private CA take what we make. */
static void
others_take_it(void **state)
{
	static const char *const names[] = { "order.test", "127.0.0.1" };
	char *folder = make_folder();
	static const enum csr_key kinds[] = { CSR_KEY_P256, CSR_KEY_RSA2048, CSR_KEY_P521 };

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct csr_wish wish = { .names = names, .names_len = 2, .kind = kinds[i] };
		struct csr_pair pair;
		struct error err = { 0 };
		struct pca_fault fault;
		struct run run = { 0 };
		bool late;

		assert_int_equal(csr_make(&wish, &pair, &err), STATUS_OK);
		assert_true(write_file(in_folder(folder, "a.csr"), pair.csr, pair.csr_len));
		assert_true(write_file(in_folder(folder, "a.key"), pair.key, pair.key_len));
		const char *check[] = { "openssl", "req", "-verify", "-noout", "-in", in_folder(folder, "a.csr"), NULL };
		const char *key[] = { "openssl", "pkey", "-check", "-noout", "-in", in_folder(folder, "a.key"), NULL };
		run_program(check, NULL, &run);
		assert_int_equal(run.status, 0);
		run_done(&run);
		run_program(key, NULL, &run);
		assert_int_equal(run.status, 0);
		run_done(&run);
		struct pca_signing s = pca_call(&root, "EndEntityServerAuthCertificate", pair.csr, 30);
		if (!pca_check_request(&s, &fault, &late))
			fail_msg("%s: %s", fault.code, fault.message);
		csr_pair_done(&pair);
	}
	remove_folder(folder);
}

/* ---- judging ---- */

/* "refused subject", "dropped nameConstraints" … one a line, in order. */
static char *
lines_of(const struct csr_findings *f)
{
	struct buf b = { 0 };
	char *out;

	for (size_t i = 0; i < f->len; i++) {
		size_t len = strlen(f->items[i].text);
		buf_addf(&b, "%s%s %s", i > 0 ? "\n" : "", csr_weight_word(f->items[i].weight), f->items[i].what);
		assert_true(len > 0 && f->items[i].text[len - 1] == '.');
		assert_int_equal(text_flags(text_of(f->items[i].text)) & TEXT_HOSTILE, 0);
	}
	out = arena_strdup(arena, buf_str(&b));
	buf_done(&b);
	return out;
}

static const char *
text_at(const struct csr_findings *f, size_t i)
{
	return i < f->len ? f->items[i].text : "";
}

#define SIXTY_FIVE "01234567890123456789012345678901234567890123456789012345678901234"
#define SAN(value) (const struct asked_extension[]){ { "subjectAltName", value }, { NULL, NULL } }

static void
judged(void **state)
{
	static const struct asked_extension much[] = {
		{ "subjectAltName", "DNS:a.test" }, { "nameConstraints", "critical,permitted;DNS:test" }, { "1.2.3.4", "DER:0500" },
		{ "keyUsage", "critical,digitalSignature,keyAgreement" }, { "extendedKeyUsage", "clientAuth,emailProtection" },
		{ "basicConstraints", "critical,CA:TRUE" }, { "subjectKeyIdentifier", "hash" }, { NULL, NULL },
	};
	static const struct asked_extension fits[] = {
		{ "subjectAltName", "DNS:a.test" }, { "keyUsage", "digitalSignature,keyEncipherment" }, { "extendedKeyUsage", "serverAuth" },
		{ "basicConstraints", "CA:FALSE" }, { NULL, NULL },
	};
	static const struct asked_extension twice[] = { { "subjectAltName", "DNS:a.test" }, { "1.2.3", "DER:0500" }, { "1.2.3", "DER:0500" }, { NULL, NULL } };
	const struct {
		const char *about;
		struct asked_csr csr;
		struct csr_context context;
		const char *lines, *text; /* text: part of the first finding */
		bool hopeless;
	} all[] = {
		{ .about = "nothing to say", .csr = { .subject = "CN=a.test", .asks = SAN("DNS:a.test") } },
		{ .about = "names instead of a subject", .csr = { .asks = SAN("critical,DNS:a.test") } },
		{ .about = "what fits the template is not lost", .csr = { .subject = "CN=a", .asks = fits } },
		{ .about = "a client needs no host name", .csr = { .subject = "CN=a" }, .context = { .template = "EndEntityClientAuthCertificate" } },
		{ .about = "a server does", .csr = { .subject = "CN=a.test" }, .lines = "odd subjectAltName", .text = "no client looks at the common name" },
		{ .about = "neither", .csr = { .subject = "" }, .context = { .template = "EndEntityClientAuthCertificate" }, .lines = "fails later subject",
		    .text = "nobody to certify", .hopeless = true },
		{ .about = "not critical", .csr = { .asks = SAN("DNS:a.test") }, .lines = "refused subject", .text = "not marked critical", .hopeless = true },
		{ .about = "the call has the subject", .csr = { .asks = SAN("DNS:a.test") },
		    .context = { .template = "EndEntityCertificate_APIPassthrough", .api_subject = true } },
		{ .about = "and the template does not look", .csr = { .asks = SAN("DNS:a.test") }, .context = { .api_subject = true }, .lines = "refused subject",
		    .hopeless = true },
		{ .about = "the call has the names", .csr = { .subject = "" },
		    .context = { .template = "EndEntityCertificate_APICSRPassthrough", .api_names = true } },
		{ .about = "a CA without a name", .csr = { .asks = SAN("critical,DNS:a.test") }, .context = { .template = "SubordinateCACertificate_PathLen0" },
		    .lines = "fails later subject", .text = "for a CA", .hopeless = true },
		{ .about = "65 bytes", .csr = { .subject = "CN=" SIXTY_FIVE, .asks = SAN("DNS:a.test") }, .lines = "refused subject", .text = "65 bytes and may have 64",
		    .hopeless = true },
		{ .about = "RSA 1024", .csr = { .subject = "CN=a", .asks = SAN("DNS:a.test"), .key = rsa1024 }, .lines = "refused key", .text = "RSA 1024", .hopeless = true },
		{ .about = "Ed25519", .csr = { .subject = "CN=a", .asks = SAN("DNS:a.test"), .key = ed25519 }, .lines = "refused key", .text = "Ed25519", .hopeless = true },
		{ .about = "secp256k1", .csr = { .subject = "CN=a", .asks = SAN("DNS:a.test"), .key = k256 }, .lines = "refused key", .hopeless = true },
		{ .about = "a changed one", .csr = { .subject = "CN=a", .asks = SAN("DNS:a.test"), .corrupt = true }, .lines = "refused signature", .hopeless = true },
		{ .about = "an extension twice", .csr = { .subject = "CN=a", .asks = twice }, .context = { .template = "EndEntityCertificate_CSRPassthrough" },
		    .lines = "refused 1.2.3", .text = "twice", .hopeless = true },
		{ .about = "much, and a base template", .csr = { .subject = "CN=a", .asks = much }, .context = { .template = "EndEntityServerAuthCertificate" },
		    .lines = "dropped nameConstraints\ndropped 1.2.3.4\ndropped keyUsage\ndropped extendedKeyUsage\ndropped basicConstraints",
		    .text = "EndEntityServerAuthCertificate_CSRPassthrough would keep it" },
		{ .about = "much, and a passthrough", .csr = { .subject = "CN=a", .asks = much }, .context = { .template = "EndEntityServerAuthCertificate_CSRPassthrough" },
		    .lines = "dropped keyUsage\ndropped extendedKeyUsage\ndropped basicConstraints", .text = "keyAgreement" },
		{ .about = "much, and a blank one", .csr = { .subject = "CN=a", .asks = much }, .context = { .template = "BlankEndEntityCertificate_CSRPassthrough" },
		    .lines = "dropped basicConstraints", .text = "makes none" },
		{ .about = "much, and the call's blank one", .csr = { .subject = "CN=a", .asks = much }, .context = { .template = "BlankEndEntityCertificate_APIPassthrough" },
		    .lines = "dropped nameConstraints\ndropped 1.2.3.4\ndropped keyUsage\ndropped extendedKeyUsage\ndropped basicConstraints",
		    .text = "BlankEndEntityCertificate_APICSRPassthrough would keep it" },
		{ .about = "no CA, and a CA's template", .csr = { .subject = "CN=a", .asks = fits }, .context = { .template = "SubordinateCACertificate_PathLen0" },
		    .lines = "dropped keyUsage\ndropped extendedKeyUsage\nodd basicConstraints", .text = "keyEncipherment" },
		{ .about = "odd names", .csr = { .subject = "CN=a", .asks = SAN("DNS:10.0.0.1,DNS:https://a.test,DNS:a.test:443,DNS:a_b.test,DNS:a.*.test,DNS:*.test,DNS:a.test.,DNS:a b,"
		    "DNS:ok.test,DNS:ok.test") },
		    .lines = "odd subjectAltName\nodd subjectAltName\nodd subjectAltName\nodd subjectAltName\nodd subjectAltName\nodd subjectAltName\nodd subjectAltName\n"
			     "odd subjectAltName", .text = "belongs there as an IP" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct asked_csr wanted = all[i].csr;
		struct csr_findings f;
		struct error err = { 0 };
		const char *lines = all[i].lines != NULL ? all[i].lines : "";
		char *csr;

		if (wanted.key == NULL)
			wanted.key = leaf_key;
		csr = asked_csr(&wanted);
		assert_int_equal(csr_lint(csr, strlen(csr), &all[i].context, arena, &f, &err), STATUS_OK);
		if (strcmp(lines_of(&f), lines) != 0)
			fail_msg("%s:\n%s\n%s", all[i].about, lines_of(&f), text_at(&f, 0));
		if (all[i].text != NULL && strstr(text_at(&f, 0), all[i].text) == NULL)
			fail_msg("%s: %s", all[i].about, text_at(&f, 0));
		assert_int_equal(csr_hopeless(&f), all[i].hopeless);
		free(csr);
	}
}

/* What we call hopeless the private CA refuses, and what we do not it issues. */
static void
judged_as_the_ca_does(void **state)
{
	static const struct asked_extension names[] = { { "subjectAltName", "DNS:a.test" }, { NULL, NULL } };
	static const struct asked_extension critical[] = { { "subjectAltName", "critical,DNS:a.test" }, { NULL, NULL } };
	static const struct asked_extension twice[] = { { "1.2.3", "DER:0500" }, { "1.2.3", "DER:0500" }, { NULL, NULL } };
	static const char *const subjects[] = { "", "CN=a", "O=b", ("CN=" SIXTY_FIVE) };
	static const struct asked_extension *const asks[] = { NULL, names, critical, twice };
	static const char *const templates_[] = { "EndEntityCertificate", "SubordinateCACertificate_PathLen0", "BlankEndEntityCertificate_APICSRPassthrough" };
	EVP_PKEY *const keys[] = { leaf_key, rsa1024, ed25519, k256 };

	(void)state;
	for (size_t i = 0; i < 4 * 4 * 3 * 4 * 2; i++) {
		struct asked_csr wanted = { .subject = subjects[i % 4], .asks = asks[i / 4 % 4], .key = keys[i / 48 % 4], .corrupt = i / 192 != 0 };
		struct csr_context context = { .template = templates_[i / 16 % 3] };
		char *csr = asked_csr(&wanted);
		struct pca_signing s = pca_call(&root, context.template, csr, 30);
		struct pca_fault fault = { .code = "" };
		struct csr_findings f;
		struct error err = { 0 };
		bool late = false, ok = pca_check_request(&s, &fault, &late);

		assert_int_equal(csr_lint(csr, strlen(csr), &context, arena, &f, &err), STATUS_OK);
		if (csr_hopeless(&f) == ok)
			fail_msg("case %zu: %s %s; ours: %s", i, fault.code, fault.message, text_at(&f, 0));
		free(csr);
	}
}

static void
other_bytes(void **state)
{
	char *csr = asked_csr(&(struct asked_csr){ .subject = "CN=a", .asks = SAN("DNS:a.test"), .key = leaf_key }), *cert = x509_pem(root.x509);
	BIO *bio = BIO_new_mem_buf(csr, -1);
	X509_REQ *req = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	unsigned char *der = NULL;
	int der_len = i2d_X509_REQ(req, &der);
	const struct csr_context context = { .template = "NoTemplate" }, usual = { .template = NULL };
	struct csr_findings f;
	struct buf around = { 0 };
	const char *pem;

	(void)state;
	struct {
		const char *bytes;
		size_t len;
		const char *text;
	} all[] = {
		{ "", 0, "" }, { "hello", 5, "" }, { cert, strlen(cert), "no certificate request but a certificate" }, { csr, strlen(csr) / 2, "" },
	};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct error err = { 0 };
		assert_int_equal(csr_lint(all[i].bytes, all[i].len, &usual, arena, &f, &err), STATUS_FAILED);
		assert_int_equal(err.code, ERROR_INPUT);
		assert_non_null(strstr(err.text, all[i].text));
	}
	struct error err = { 0 };
	assert_int_equal(csr_lint(csr, strlen(csr), &context, arena, &f, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_USAGE);
	error_clear(&err);
	/* DER is a finding, and csr_clean() makes PEM of it; and of PEM with text around it. */
	assert_int_equal(csr_lint((char *)der, (size_t)der_len, &usual, arena, &f, &err), STATUS_OK);
	assert_string_equal(lines_of(&f), "refused encoding");
	assert_int_equal(csr_clean(der, (size_t)der_len, "a.csr", arena, &pem, &err), STATUS_OK);
	assert_string_equal(pem, csr);
	buf_addf(&around, "Certificate Request:\r\n    Data:\r\n%s%s", csr, cert);
	assert_int_equal(csr_clean(buf_str(&around), around.len, "a.csr", arena, &pem, &err), STATUS_OK);
	assert_string_equal(pem, csr);
	assert_int_equal(csr_clean("x", 1, "a.csr", arena, &pem, &err), STATUS_FAILED);
	buf_done(&around);
	OPENSSL_free(der);
	X509_REQ_free(req);
	BIO_free(bio);
	free(cert);
	free(csr);
}

/* ---- comparing ---- */

static struct cert *
parsed(X509 *x)
{
	unsigned char *der = NULL;
	int len = i2d_X509(x, &der);
	struct error err = { 0 };
	struct cert *c = cert_parse(der, (size_t)len, &err);

	assert_non_null(c);
	OPENSSL_free(der);
	return c;
}

/* What the private CA makes of it. */
static struct cert *
issued(const char *csr, const char *template, const char *api, bool configured)
{
	struct pca_signing s = pca_call(&root, template, csr, 30);
	struct pca_fault fault;
	cJSON *json = api != NULL ? cJSON_Parse(api) : NULL;
	struct cert *c;
	bool late;
	X509 *x;

	s.api_passthrough = json;
	s.crl_url = configured ? "http://crl.test/1" : NULL;
	if (!pca_check_request(&s, &fault, &late))
		fail_msg("%s: %s", fault.code, fault.message);
	x = pca_sign(&s, &fault);
	c = parsed(x);
	X509_free(x);
	cJSON_Delete(json);
	return c;
}

/* Against the lab: the weights that count, in order; what is by template is counted only. */
static void
compared(void **state)
{
	static const struct asked_extension much[] = {
		{ "subjectAltName", "DNS:a.test" }, { "nameConstraints", "critical,permitted;DNS:test" }, { "keyUsage", "critical,digitalSignature,keyAgreement" },
		{ "extendedKeyUsage", "clientAuth" }, { "basicConstraints", "critical,CA:TRUE" }, { NULL, NULL },
	};
	static const struct asked_extension few[] = { { "subjectAltName", "DNS:a.test" }, { NULL, NULL } };
	const struct {
		const char *about;
		struct asked_csr csr;
		const char *template, *api;
		struct csr_asked asked;
		bool configured;
		const char *lines, *text; /* without those by template */
		size_t expected;
	} all[] = {
		{ .about = "as it should be", .csr = { .subject = "CN=a", .asks = few }, .template = "EndEntityServerAuthCertificate", .expected = 5,
		    .asked = { .server = true, .not_before = PCA_NOW - 3600, .not_after = PCA_NOW + 30 * PCA_DAY }, .lines = "" },
		{ .about = "with a distribution point", .csr = { .subject = "CN=a", .asks = few }, .template = "EndEntityServerAuthCertificate", .configured = true,
		    .expected = 6, .asked = { .not_before = TIME_UNKNOWN, .not_after = TIME_UNKNOWN }, .lines = "" },
		{ .about = "for the other purpose", .csr = { .subject = "CN=a", .asks = few }, .template = "EndEntityClientAuthCertificate", .expected = 5,
		    .asked = { .server = true, .client = true, .not_before = TIME_UNKNOWN, .not_after = TIME_UNKNOWN }, .lines = "differs purpose",
		    .text = "It was to be for a server, and the certificate is for client" },
		{ .about = "other dates", .csr = { .subject = "CN=a", .asks = few }, .template = "EndEntityCertificate", .expected = 5,
		    .asked = { .not_before = PCA_NOW, .not_after = PCA_NOW + 31 * PCA_DAY }, .lines = "differs validity\ndiffers validity",
		    .text = "It was to begin 2026-11-23T12:00:00Z, and the certificate does 2026-11-23T11:00:00Z." },
		{ .about = "much asked", .csr = { .subject = "CN=a", .asks = much }, .template = "EndEntityServerAuthCertificate", .expected = 2,
		    .asked = { .not_before = TIME_UNKNOWN, .not_after = TIME_UNKNOWN },
		    .lines = "dropped nameConstraints\ndropped keyUsage\ndropped extendedKeyUsage\ndropped basicConstraints",
		    .text = "the template EndEntityServerAuthCertificate takes only subject and names" },
		{ .about = "much kept", .csr = { .subject = "CN=a", .asks = much }, .template = "BlankEndEntityCertificate_CSRPassthrough", .expected = 2,
		    .asked = { .not_before = TIME_UNKNOWN, .not_after = TIME_UNKNOWN }, .lines = "dropped basicConstraints", .text = "as a CA, critical" },
		{ .about = "by the call", .csr = { .subject = "CN=a", .asks = few }, .template = "BlankEndEntityCertificate_APIPassthrough",
		    .api = "{\"Subject\":{\"CommonName\":\"b\"},\"Extensions\":{\"SubjectAlternativeNames\":[{\"DnsName\":\"b.test\"}],\"KeyUsage\":{\"KeyAgreement\":true}}}",
		    .asked = { .api_subject = true, .api_names = true, .not_before = TIME_UNKNOWN, .not_after = TIME_UNKNOWN }, .expected = 7, .lines = "" },
		{ .about = "by a call that we did not make", .csr = { .subject = "CN=a", .asks = few }, .template = "EndEntityCertificate_APIPassthrough",
		    .api = "{\"Subject\":{\"CommonName\":\"b\"},\"Extensions\":{\"SubjectAlternativeNames\":[{\"DnsName\":\"b.test\"}]}}", .expected = 5,
		    .asked = { .not_before = TIME_UNKNOWN, .not_after = TIME_UNKNOWN },
		    .lines = "differs subject\ndiffers subjectAltName\ndropped subjectAltName", .text = "“CN=a”, and the certificate has “CN=b”" },
		{ .about = "a CA", .csr = { .subject = "CN=a" }, .template = "SubordinateCACertificate_PathLen2", .expected = 4,
		    .asked = { .ca = true, .not_before = TIME_UNKNOWN, .not_after = TIME_UNKNOWN }, .lines = "" },
		{ .about = "no CA where one was asked for", .csr = { .subject = "CN=a" }, .template = "EndEntityCertificate", .expected = 5,
		    .asked = { .ca = true, .not_before = TIME_UNKNOWN, .not_after = TIME_UNKNOWN }, .lines = "differs purpose", .text = "the certificate is none" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct asked_csr wanted = all[i].csr;
		struct csr_asked asked = all[i].asked;
		struct csr_findings f;
		struct error err = { 0 };
		struct cert *c;
		size_t expected = 0;
		char *csr;

		wanted.key = leaf_key;
		csr = asked_csr(&wanted);
		c = issued(csr, all[i].template, all[i].api, all[i].configured);
		asked.template = all[i].template;
		assert_int_equal(csr_compare(csr, strlen(csr), c, &asked, arena, &f, &err), STATUS_OK);
		while (expected < f.len && f.items[f.len - 1 - expected].weight == CSR_EXPECTED)
			expected++;
		f.len -= expected;
		if (strcmp(lines_of(&f), all[i].lines) != 0 || expected != all[i].expected)
			fail_msg("%s: %zu by template\n%s\n%s", all[i].about, expected, lines_of(&f), text_at(&f, 0));
		if (all[i].text != NULL && strstr(text_at(&f, 0), all[i].text) == NULL)
			fail_msg("%s: %s", all[i].about, text_at(&f, 0));
		cert_free(c);
		free(csr);
	}
}

/* What was lost is said in words: the names of a constraint, the address of a list; hex only where there are none. */
static void
words_of_what_was_lost(void **state)
{
	static const struct {
		const char *name, *value, *words;
	} all[] = {
		{ "nameConstraints", "critical,permitted;DNS:a.test,excluded;email:b.test", "nameConstraints (a.test, b.test, critical)" },
		{ "crlDistributionPoints", "URI:http://a.test/1", "crlDistributionPoints (http://a.test/1)" },
		{ "authorityInfoAccess", "OCSP;URI:http://a.test/2", "(OCSP, http://a.test/2)" },
		{ "certificatePolicies", "1.2.3", "(1.2.3)" },
		{ "1.2.3.4", "critical,DER:0500", "1.2.3.4 (0500, critical)" },
		{ "1.2.3.4", "ASN1:UTF8:a\x1b[2Jb", "1.2.3.4 (a\\x1b[2Jb)" },
		{ "1.2.3.4", "DER:30", "1.2.3.4 (30)" },
		{ "1.2.3.4", "DER:3080", "1.2.3.4 (3080)" },
		{ "keyUsage", "keyAgreement,decipherOnly", "(keyAgreement, decipherOnly)" },
		{ "extendedKeyUsage", "emailProtection,1.2.3", "(emailProtection, 1.2.3)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		const struct asked_extension asks[] = { { all[i].name, all[i].value }, { NULL, NULL } };
		char *csr = asked_csr(&(struct asked_csr){ .subject = "CN=a", .asks = asks, .key = leaf_key });
		char *plain = asked_csr(&(struct asked_csr){ .subject = "CN=a", .key = leaf_key });
		struct cert *c = issued(plain, "BlankEndEntityCertificate_APICSRPassthrough", NULL, false);
		struct csr_asked asked = { .template = "BlankEndEntityCertificate_APICSRPassthrough", .not_before = TIME_UNKNOWN, .not_after = TIME_UNKNOWN };
		struct csr_findings f;
		struct error err = { 0 };

		assert_int_equal(csr_compare(csr, strlen(csr), c, &asked, arena, &f, &err), STATUS_OK);
		assert_int_equal(f.items[0].weight, CSR_LOST);
		if (strstr(f.items[0].text, all[i].words) == NULL)
			fail_msg("%s", f.items[0].text);
		(void)lines_of(&f);
		cert_free(c);
		free(plain);
		free(csr);
	}
}

/* Against certificates that are not AWS's: an imitation that forgets, another key, an extension out of nowhere. */
static void
compared_with_others(void **state)
{
	static const char *const san[] = { "DNS:a.test", NULL }, *const more[] = { "DNS:a.test", "DNS:evil.test", NULL };
	static const unsigned char null[] = { 5, 0 };
	static const struct pki_extension custom[] = { { "1.2.3.4", false, null, 2 }, { NULL, false, NULL, 0 } };
	const struct {
		const char *about;
		struct pki_request r;
		const char *template, *lines;
	} all[] = {
		{ "nothing but names, as moto makes of most templates", { .cn = "a", .san = san, .no_ski = true, .no_aki = true, .key = leaf_key },
		    "EndEntityServerAuthCertificate", "differs basicConstraints\ndiffers subjectKeyIdentifier\ndiffers authorityKeyIdentifier\n"
		    "differs keyUsage\ndiffers extendedKeyUsage" },
		{ "the same for a CA", { .cn = "a", .san = san, .no_ski = true, .no_aki = true, .key = leaf_key }, "SubordinateCACertificate_PathLen0",
		    "differs basicConstraints\ndiffers subjectKeyIdentifier\ndiffers authorityKeyIdentifier\ndiffers keyUsage\ndiffers basicConstraints" },
		{ "another path length", { .cn = "a", .san = san, .ca = true, .has_path_len = true, .path_len = 3, .key = leaf_key,
		    .key_usage = "critical,digitalSignature,keyCertSign,cRLSign" }, "SubordinateCACertificate_PathLen0", "differs basicConstraints" },
		{ "another key, a name more, an extension more", { .cn = "a", .san = more, .key = other_key, .extra = custom, .ca = true, .has_path_len = true,
		    .key_usage = "critical,digitalSignature,keyCertSign,cRLSign" }, "SubordinateCACertificate_PathLen0",
		    "differs key\ndiffers subjectAltName\ndiffers 1.2.3.4" },
	};
	char *csr = asked_csr(&(struct asked_csr){ .subject = "CN=a", .asks = SAN("DNS:a.test"), .key = leaf_key });
	struct pki_request top = { .cn = "Root", .ca = true };
	struct pki_cert issuer = pki_issue(&top, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct pki_cert pki = pki_issue(&all[i].r, &issuer);
		struct cert *c = parsed(pki.x509);
		struct csr_asked asked = { .template = all[i].template, .not_before = TIME_UNKNOWN, .not_after = TIME_UNKNOWN };
		struct csr_findings f;
		struct error err = { 0 };

		assert_int_equal(csr_compare(csr, strlen(csr), c, &asked, arena, &f, &err), STATUS_OK);
		while (f.len > 0 && f.items[f.len - 1].weight == CSR_EXPECTED)
			f.len--;
		if (strcmp(lines_of(&f), all[i].lines) != 0)
			fail_msg("%s:\n%s\n%s", all[i].about, lines_of(&f), text_at(&f, 0));
		cert_free(c);
		pki_cert_free(&pki);
	}
	pki_cert_free(&issuer);
	free(csr);
}

static int
setup(void **state)
{
	(void)state;
	root_key = EVP_EC_gen("P-256");
	leaf_key = EVP_EC_gen("P-256");
	other_key = EVP_EC_gen("P-256");
	rsa1024 = EVP_RSA_gen(1024);
	ed25519 = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	k256 = EVP_EC_gen("secp256k1");
	root = pca_made_ca("Practice Root", root_key, "SHA256WITHECDSA", "RootCACertificate", NULL);
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	pca_made_free(&root);
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(leaf_key);
	EVP_PKEY_free(other_key);
	EVP_PKEY_free(rsa1024);
	EVP_PKEY_free(ed25519);
	EVP_PKEY_free(k256);
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(templates),
		cmocka_unit_test(key_names),
		cmocka_unit_test(made),
		cmocka_unit_test(not_made),
		cmocka_unit_test(made_with_a_key),
		cmocka_unit_test(others_take_it),
		cmocka_unit_test(judged),
		cmocka_unit_test(judged_as_the_ca_does),
		cmocka_unit_test(other_bytes),
		cmocka_unit_test(compared),
		cmocka_unit_test(words_of_what_was_lost),
		cmocka_unit_test(compared_with_others),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
