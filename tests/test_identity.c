/* Who we are: which certificate is the leaf, which key goes with it, and what is said where that fails. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <openssl/pkcs12.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lab/pki_files.h"
#include "model/identity.h"
#include "tests/program.h"
#include "tests/reading.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])

static struct pki_cert issuing, leaf, other, self_signed;
static char *folder;

static const char *
in(const char *name)
{
	return in_folder(folder, name);
}

static void
write_pkcs12(const char *name, const char *passphrase)
{
	STACK_OF(X509) *others = sk_X509_new_null();
	unsigned char *der = NULL;
	PKCS12 *p12;
	int len;

	sk_X509_push(others, issuing.x509);
	p12 = PKCS12_create(passphrase, "x", leaf.key, leaf.x509, others, 0, 0, 0, 0, 0);
	assert_non_null(p12);
	len = i2d_PKCS12(p12, &der);
	assert_true(pki_write_bytes(in(name), der, (size_t)len, 0600));
	PKCS12_free(p12);
	sk_X509_free(others);
	OPENSSL_free(der);
}

static int
setup(void **state)
{
	const struct pki_cert *const chain[] = { &leaf, &issuing }, *const reversed[] = { &issuing, &leaf };
	const struct pki_cert *const two[] = { &leaf, &issuing, &other }, *const twice[] = { &leaf, &leaf };
	const struct pki_cert *const one[] = { &other }, *const alone[] = { &self_signed };

	if (reading_setup(state) != 0)
		return -1;
	folder = reading_folder;
	issuing = pki_issue(&(struct pki_request){ .cn = "Acme Issuing CA 1", .ca = true, .path_len = -1 }, &reading_ca);
	leaf = pki_issue(&(struct pki_request){ .cn = "order-service" }, &issuing);
	other = pki_issue(&(struct pki_request){ .cn = "payment" }, &issuing);
	self_signed = pki_issue(&(struct pki_request){ .cn = "itself" }, NULL);
	if (!pki_write_certs(in("chain.pem"), chain, 2) || !pki_write_certs(in("reversed.pem"), reversed, 2) ||
	    !pki_write_certs(in("two.pem"), two, 3) || !pki_write_certs(in("twice.pem"), twice, 2) ||
	    !pki_write_certs(in("other.pem"), one, 1) || !pki_write_certs(in("self.pem"), alone, 1) ||
	    !pki_write_identity(in("both.pem"), chain, 2) || !pki_write_key(in("leaf.key"), leaf.key, NULL) ||
	    !pki_write_key(in("other.key"), other.key, NULL) || !pki_write_key(in("locked.key"), leaf.key, SECRET) ||
	    !pki_write_key(in("self.key"), self_signed.key, NULL))
		return -1;
	write_pkcs12("store.p12", SECRET);
	return 0;
}

static int
teardown(void **state)
{
	pki_cert_free(&issuing);
	pki_cert_free(&leaf);
	pki_cert_free(&other);
	pki_cert_free(&self_signed);
	return reading_teardown(state);
}

static status
load(const char *cert, const char *key, const char *passphrase, bool tolerate, struct identity **out, struct error *err)
{
	/* in_folder() gives one of a ring of buffers, so the paths are kept here. */
	char cert_path[512], key_path[512];
	struct asked asked = { .answer = passphrase };
	struct identity_source src = {
		.name = "name",
		.cert = cert_path,
		.key = key == NULL ? NULL : key_path,
		.ask = reading_ask,
		.ask_user = &asked,
		.tolerate_bad_key = tolerate,
	};

	snprintf(cert_path, sizeof cert_path, "%s", cert[0] == '/' || strchr(cert, ':') != NULL ? cert : in(cert));
	if (key != NULL)
		snprintf(key_path, sizeof key_path, "%s", key[0] == '/' || strchr(key, ':') != NULL ? key : in(key));
	*err = (struct error){ 0 };
	return identity_load(&src, out, err);
}

static const struct good {
	const char *what, *cert, *key, *passphrase, *leaf;
	size_t len;
	bool matches;
} good[] = {
	{ "chain and key apart", "chain.pem", "leaf.key", NULL, "order-service", 2, true },
	{ "all in one file", "both.pem", NULL, NULL, "order-service", 2, true },
	{ "the same file named twice", "both.pem", "both.pem", NULL, "order-service", 2, true },
	{ "a locked key", "chain.pem", "locked.key", SECRET, "order-service", 2, true },
	{ "PKCS#12", "store.p12", NULL, SECRET, "order-service", 2, true },
	{ "PKCS#12, the key apart", "store.p12", "leaf.key", SECRET, "order-service", 2, true },
	{ "a chain and a PKCS#12 as the key", "chain.pem", "store.p12", SECRET, "order-service", 2, true },
	{ "the key of another", "chain.pem", "other.key", NULL, "order-service", 2, false },
	{ "the CA first: the first is the leaf, as curl takes it", "reversed.pem", "leaf.key", NULL, "Acme Issuing CA 1", 2, false },
	{ "the same leaf twice is one leaf", "twice.pem", "leaf.key", NULL, "order-service", 2, true },
	{ "a self-signed leaf", "self.pem", "self.key", NULL, "itself", 1, true },
};

static void
good_identities(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(good); i++) {
		const struct good *g = &good[i];
		struct identity *id = NULL, *again;
		struct error err;

		if (load(g->cert, g->key, g->passphrase, false, &id, &err) != STATUS_OK)
			fail_msg("%s: %s", g->what, err.text);
		assert_int_equal(id->len, g->len);
		assert_string_equal(identity_leaf(id)->subject.common_name, g->leaf);
		assert_int_equal(id->matches, g->matches);
		assert_non_null(id->key);
		assert_null(id->key_problem);
		assert_string_equal(id->name, "name");
		assert_non_null(strstr(id->cert_file, g->cert));
		assert_non_null(strstr(id->key_file, g->key == NULL ? g->cert : g->key));
		assert_false(id->key_exposed);
		again = identity_ref(id);
		identity_free(id);
		assert_string_equal(identity_leaf(again)->subject.common_name, g->leaf);
		identity_free(again);
	}
}

static const struct bad {
	const char *cert, *key, *passphrase, *says;
	bool key_fault; /* with tolerate_bad_key it is a finding */
} bad[] = {
	{ "missing.pem", NULL, NULL, "missing.pem: no such file", false },
	{ "chain.pem", "missing.key", NULL, "missing.key: no such file", true },
	{ "chain.pem", NULL, NULL, "chain.pem: holds no private key; name its file: --key FILE", true },
	{ "chain.pem", "other.pem", NULL, "other.pem: holds a certificate and no private key", true },
	{ "leaf.key", NULL, NULL, "leaf.key: holds a private key and no certificate", false },
	{ "chain.pem", "locked.key", NULL, "locked.key:1: the private key is encrypted, and there is no passphrase", true },
	{ "chain.pem", "locked.key", "wrong", "locked.key:1: the passphrase does not open", true },
	{ "store.p12", NULL, NULL, "store.p12: the PKCS#12 container is encrypted", false },
	{ "store.p12", NULL, "wrong", "store.p12: the passphrase does not open", false },
	{ "/dev/zero", NULL, NULL, "/dev/zero: is a device", false },
	{ "chain.pem", "/dev/zero", NULL, "/dev/zero: is a device", true },
	{ "chain.pem", "pkcs11:nonsense", NULL, "expected as in pkcs11:token=NAME", true },
	{ "cut.pem", "leaf.key", NULL, "cut.pem:", false },
};

static void
bad_identities(void **state)
{
	(void)state;
	assert_true(write_file(in("cut.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 59));
	for (size_t i = 0; i < LEN(bad); i++) {
		const struct bad *b = &bad[i];
		struct identity *id = NULL;
		struct error err;

		assert_int_equal(load(b->cert, b->key, b->passphrase, false, &id, &err), STATUS_FAILED);
		assert_null(id);
		if (strstr(err.text, b->says) == NULL)
			fail_msg("expected “%s” in: %s", b->says, err.text);
		assert_int_equal(load(b->cert, b->key, b->passphrase, true, &id, &err), b->key_fault ? STATUS_OK : STATUS_FAILED);
		if (!b->key_fault)
			continue;
		assert_null(id->key);
		assert_false(id->matches);
		assert_non_null(strstr(id->key_problem, b->says));
		identity_free(id);
	}
}

/* Two leaves in one file: both are named, with their lines. */
static void
two_leaves(void **state)
{
	struct identity *id = NULL;
	struct error err;

	(void)state;
	assert_int_equal(load("two.pem", "leaf.key", NULL, false, &id, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_INPUT);
	assert_non_null(strstr(err.text, "two.pem: holds two leaf certificates, “order-service” (line 1) and “payment” (line "));
}

/* Among a file's keys the one that belongs to the leaf is taken. */
static void
several_keys(void **state)
{
	struct run ignored;
	struct identity *id = NULL;
	struct error err;
	const char *const join[] = { "sh", "-c", "cat \"$0\" \"$1\" >\"$2\"", in("other.key"), in("leaf.key"), in("keys.pem"), NULL };

	(void)state;
	run_program(join, NULL, &ignored);
	run_done(&ignored);
	assert_int_equal(load("chain.pem", "keys.pem", NULL, false, &id, &err), STATUS_OK);
	assert_true(id->matches);
	identity_free(id);
}

static const struct sibling *
sibling_in(const struct identity *id, const char *file_end, bool is_key)
{
	for (size_t i = 0; i < id->siblings_len; i++) {
		size_t len = strlen(id->siblings[i].file), end = strlen(file_end);

		if (id->siblings[i].is_key == is_key && len >= end &&
		    strcmp(id->siblings[i].file + len - end, file_end) == 0)
			return &id->siblings[i];
	}
	return NULL;
}

/* The folder is looked at where key and leaf do not match, and only there. */
static void
siblings(void **state)
{
	const struct sibling *s;
	struct identity *id = NULL;
	struct error err;

	(void)state;
	assert_int_equal(load("chain.pem", "leaf.key", NULL, false, &id, &err), STATUS_OK);
	assert_int_equal(id->siblings_len, 0);
	identity_free(id);

	assert_int_equal(load("chain.pem", "other.key", NULL, false, &id, &err), STATUS_OK);
	s = sibling_in(id, "/leaf.key", true);
	assert_non_null(s);
	assert_true(fingerprint_equal(&s->spki, &identity_leaf(id)->key.spki));
	s = sibling_in(id, "/other.pem", false);
	assert_non_null(s);
	assert_true(fingerprint_equal(&s->spki, &id->key->pub.spki));
	assert_string_equal(s->label, "CN=payment");
	assert_null(sibling_in(id, "/other.key", true)); /* it is ours */
	assert_null(sibling_in(id, "/locked.key", true));
	identity_free(id);

	/* A chain in the wrong order: the certificate of the key stands further down in the same file. */
	assert_int_equal(load("reversed.pem", "leaf.key", NULL, false, &id, &err), STATUS_OK);
	assert_non_null(strstr(id->siblings[0].file, "reversed.pem, line "));
	assert_true(fingerprint_equal(&id->siblings[0].spki, &id->key->pub.spki));
	identity_free(id);
}

/* Readable by the group or by all, and not locked. */
static void
exposed_keys(void **state)
{
	static const struct {
		const char *cert, *key;
		mode_t mode;
		bool exposed;
	} cases[] = {
		{ "chain.pem", "leaf.key", 0600, false },
		{ "chain.pem", "leaf.key", 0640, true },
		{ "chain.pem", "leaf.key", 0604, true },
		{ "chain.pem", "leaf.key", 0400, false },
		{ "chain.pem", "leaf.key", 0622, false },
		{ "chain.pem", "locked.key", 0644, false },
		{ "both.pem", NULL, 0644, true },
		{ "store.p12", NULL, 0644, false },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		const char *key = cases[i].key == NULL ? cases[i].cert : cases[i].key;
		struct identity *id = NULL;
		struct error err;

		assert_int_equal(chmod(in(key), cases[i].mode), 0);
		assert_int_equal(load(cases[i].cert, cases[i].key, SECRET, false, &id, &err), STATUS_OK);
		if (id->key_exposed != cases[i].exposed)
			fail_msg("%s %04o", key, cases[i].mode);
		assert_int_equal(id->key_mode, cases[i].mode);
		identity_free(id);
		assert_int_equal(chmod(in(key), 0600), 0);
	}
}

static void
from_memory(void **state)
{
	struct identity *id = NULL, *copy;
	struct error err;

	(void)state;
	assert_int_equal(load("chain.pem", "leaf.key", NULL, false, &id, &err), STATUS_OK);
	copy = identity_from("a\x1b" "b", id->certs, id->len, id->key);
	identity_free(id);
	assert_true(copy->matches);
	assert_int_equal(copy->len, 2);
	assert_null(strchr(copy->cert_file, '\x1b'));
	identity_free(copy);
	copy = identity_from("nothing", NULL, 0, NULL);
	assert_null(identity_leaf(copy));
	identity_free(copy);
	identity_free(NULL);
	assert_null(identity_leaf(NULL));
	assert_null(identity_ref(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_identities),
		cmocka_unit_test(bad_identities),
		cmocka_unit_test(two_leaves),
		cmocka_unit_test(several_keys),
		cmocka_unit_test(siblings),
		cmocka_unit_test(exposed_keys),
		cmocka_unit_test(from_memory),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
