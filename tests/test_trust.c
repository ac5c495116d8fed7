/* Whom we trust: files, folders with and without hash names, the system's store; found by subject. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/pki_files.h"
#include "model/cert_openssl.h"
#include "model/identity.h"
#include "tests/program.h"
#include "tests/reading.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])

/* Two roots of one name with different keys, one of another name, and what the first has issued. */
static struct pki_cert root, namesake, stranger, leaf;
static struct cert *root_cert, *namesake_cert, *stranger_cert, *leaf_cert;
static char *folder, *hashed, *plain;

static struct cert *
parsed(const struct pki_cert *c)
{
	struct error err = { 0 };
	size_t len;
	unsigned char *der = pki_der(c, &len);
	struct cert *cert = cert_parse(der, len, &err);

	free(der);
	assert_non_null(cert);
	return cert;
}

static void
write_hashed(const struct pki_cert *c, int number)
{
	const struct pki_cert *const list[] = { c };
	char path[512];

	snprintf(path, sizeof path, "%s/%08lx.%d", hashed, X509_NAME_hash_ex(X509_get_subject_name(c->x509), NULL, NULL, NULL),
	    number);
	assert_true(pki_write_certs(path, list, 1));
}

static int
setup(void **state)
{
	const struct pki_request ca = { .cn = "Acme Root CA", .ca = true, .path_len = -1 };
	const struct pki_cert *const list[] = { &root }, *const all[] = { &root, &namesake, &stranger, &root };

	if (reading_setup(state) != 0)
		return -1;
	folder = reading_folder;
	root = pki_issue(&ca, NULL);
	namesake = pki_issue(&ca, NULL);
	stranger = pki_issue(&(struct pki_request){ .cn = "Other Root", .ca = true, .path_len = -1 }, NULL);
	leaf = pki_issue(&(struct pki_request){ .cn = "order-service" }, &root);
	root_cert = parsed(&root);
	namesake_cert = parsed(&namesake);
	stranger_cert = parsed(&stranger);
	leaf_cert = parsed(&leaf);
	hashed = strdup(in_folder(folder, "hashed"));
	plain = strdup(in_folder(folder, "plain"));
	if (mkdir(hashed, 0700) != 0 || mkdir(plain, 0700) != 0 || !pki_write_certs(in_folder(folder, "root.pem"), list, 1) ||
	    !pki_write_certs(in_folder(folder, "all.pem"), all, 4) || !pki_write_certs(in_folder(plain, "a.pem"), all, 3) ||
	    !pki_write_key(in_folder(folder, "a.key"), root.key, NULL))
		return -1;
	write_hashed(&root, 0);
	write_hashed(&namesake, 1);
	return 0;
}

static int
teardown(void **state)
{
	cert_free(root_cert);
	cert_free(namesake_cert);
	cert_free(stranger_cert);
	cert_free(leaf_cert);
	pki_cert_free(&root);
	pki_cert_free(&namesake);
	pki_cert_free(&stranger);
	pki_cert_free(&leaf);
	free(hashed);
	free(plain);
	return reading_teardown(state);
}

struct seen {
	size_t len;
	bool root, namesake;
	size_t most;
};

static bool
see(const struct cert *c, void *user)
{
	struct seen *s = user;

	s->len++;
	s->root = s->root || fingerprint_equal(&c->sha256, &root_cert->sha256);
	s->namesake = s->namesake || fingerprint_equal(&c->sha256, &namesake_cert->sha256);
	return s->len < s->most;
}

static struct seen
issuers_of_leaf(const struct trust *t, size_t most)
{
	struct seen s = { .most = most };

	trust_issuers(t, leaf_cert, see, &s);
	return s;
}

static struct trust *
load(const char *cacert, const char *capath)
{
	struct error err = { 0 };
	struct trust *t = NULL;

	if (trust_load(cacert, capath, &t, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return t;
}

static void
a_file(void **state)
{
	struct trust *t = load(in_folder(folder, "root.pem"), NULL);

	(void)state;
	assert_int_equal(t->len, 1);
	assert_false(t->system);
	assert_non_null(strstr(t->from, "root.pem"));
	assert_true(trust_has(t, root_cert));
	assert_false(trust_has(t, namesake_cert));
	assert_false(trust_has(t, leaf_cert));
	assert_true(issuers_of_leaf(t, 9).root);
	assert_int_equal(issuers_of_leaf(t, 9).len, 1);
	assert_null(trust_anchor(t, 1));
	trust_free(t);
}

/* Roots of one name are all visited, each once though the file has one of them twice; a visitor may stop. */
static void
a_bundle(void **state)
{
	struct trust *t = load(in_folder(folder, "all.pem"), NULL);
	struct seen s;

	(void)state;
	assert_int_equal(t->len, 3);
	s = issuers_of_leaf(t, 9);
	assert_true(s.len == 2 && s.root && s.namesake);
	assert_int_equal(issuers_of_leaf(t, 1).len, 1);
	assert_true(trust_has(t, stranger_cert));
	trust_free(t);
}

/* As OpenSSL reads it: what has no hash name is not there. */
static void
a_hashed_folder(void **state)
{
	const struct pki_cert *const list[] = { &stranger };
	struct trust *t;
	struct seen s;

	(void)state;
	assert_true(pki_write_certs(in_folder(hashed, "stranger.pem"), list, 1));
	t = load(NULL, hashed);
	assert_int_equal(t->notes_len, 0);
	s = issuers_of_leaf(t, 9);
	assert_true(s.len == 2 && s.root && s.namesake);
	assert_int_equal(issuers_of_leaf(t, 1).len, 1);
	assert_true(trust_has(t, root_cert));
	assert_true(trust_has(t, namesake_cert));
	assert_false(trust_has(t, stranger_cert));
	trust_free(t);
}

static void
a_folder_without_hashes(void **state)
{
	struct trust *t = load(NULL, plain);

	(void)state;
	assert_int_equal(t->len, 3);
	assert_true(issuers_of_leaf(t, 9).root);
	assert_non_null(strstr(t->notes[t->notes_len - 1], "openssl rehash "));
	trust_free(t);
}

static void
file_and_folder(void **state)
{
	struct trust *t = load(in_folder(folder, "root.pem"), hashed);
	struct seen s = issuers_of_leaf(t, 9);

	(void)state;
	assert_true(s.len == 2 && s.root && s.namesake);
	assert_non_null(strstr(t->from, " and "));
	trust_free(t);
}

/* The environment names it, as for every program on OpenSSL. */
static void
the_system(void **state)
{
	struct trust *t;

	(void)state;
	setenv("SSL_CERT_FILE", in_folder(folder, "root.pem"), 1);
	setenv("SSL_CERT_DIR", "/nonexistent", 1);
	t = load(NULL, NULL);
	assert_true(t->system);
	assert_int_equal(t->len, 1);
	assert_non_null(strstr(t->from, "the system's trust store ("));
	trust_free(t);

	setenv("SSL_CERT_FILE", "/nonexistent", 1);
	setenv("SSL_CERT_DIR", hashed, 1);
	t = load(NULL, NULL);
	assert_int_equal(t->len, 0);
	assert_true(issuers_of_leaf(t, 9).root);
	assert_non_null(strstr(t->notes[0], "/nonexistent: no such file"));
	trust_free(t);

	/* Nothing at all is no error: private chains have roots of their own. */
	setenv("SSL_CERT_DIR", "/nonexistent", 1);
	t = load(NULL, NULL);
	assert_int_equal(issuers_of_leaf(t, 9).len, 0);
	assert_non_null(strstr(t->notes[1], "no trust store"));
	trust_free(t);
	unsetenv("SSL_CERT_FILE");
	unsetenv("SSL_CERT_DIR");
	t = load(NULL, NULL);
	assert_true(t->system);
	trust_free(t);
}

static void
from_memory(void **state)
{
	struct cert *const one[] = { root_cert }, *const two[] = { namesake_cert };
	struct trust *base = trust_from("base", one, 1);
	struct trust *t = trust_with(base, "base and another", two, 1);
	struct seen s;

	(void)state;
	trust_free(base);
	s = issuers_of_leaf(t, 9);
	assert_true(s.len == 2 && s.root && s.namesake);
	assert_int_equal(issuers_of_leaf(t, 1).len, 1);
	assert_true(trust_has(t, root_cert));
	assert_false(trust_has(t, stranger_cert));
	trust_free(trust_ref(t));
	trust_free(t);
	trust_free(NULL);
	assert_null(trust_ref(NULL));
	assert_false(trust_has(NULL, root_cert));
	trust_issuers(NULL, leaf_cert, see, &s);
}

static void
bad_stores(void **state)
{
	const struct {
		const char *cacert, *capath, *says;
	} cases[] = {
		{ "missing.pem", NULL, "missing.pem: no such file" },
		{ "a.key", NULL, "a.key: holds no certificate; expected those that are trusted" },
		{ "garbage", NULL, "garbage: holds no certificate and no key" },
		{ "damaged.pem", NULL, "damaged.pem:1: byte " },
		{ "hashed", NULL, "hashed: is a folder" },
		{ NULL, "missing", "missing: no such file" },
		{ NULL, "root.pem", "root.pem: is no folder; a file of trusted certificates is named by --cacert" },
		{ NULL, "empty", "the folder holds no files" },
	};

	(void)state;
	assert_true(write_file(in_folder(folder, "garbage"), "hello\n", 6));
	assert_true(write_file(in_folder(folder, "damaged.pem"), "-----BEGIN CERTIFICATE-----\nMAQCAgEA\n-----END CERTIFICATE-----\n", 63));
	assert_int_equal(mkdir(in_folder(folder, "empty"), 0700), 0);
	for (size_t i = 0; i < LEN(cases); i++) {
		struct error err = { 0 };
		struct trust *t = NULL;

		assert_int_equal(trust_load(cases[i].cacert == NULL ? NULL : in_folder(folder, cases[i].cacert),
		    cases[i].capath == NULL ? NULL : in_folder(folder, cases[i].capath), &t, &err), STATUS_FAILED);
		assert_null(t);
		assert_int_equal(err.code, ERROR_INPUT);
		if (strstr(err.text, cases[i].says) == NULL)
			fail_msg("expected “%s” in: %s", cases[i].says, err.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file),
		cmocka_unit_test(a_bundle),
		cmocka_unit_test(a_hashed_folder),
		cmocka_unit_test(a_folder_without_hashes),
		cmocka_unit_test(file_and_folder),
		cmocka_unit_test(the_system),
		cmocka_unit_test(from_memory),
		cmocka_unit_test(bad_stores),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
