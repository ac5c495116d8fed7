/* Identity and trust read anew after a mend: who goes by the old ones goes by the new ones, and nobody by half of them. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "lab/pki_files.h"
#include "tests/program.h"
#include "tui/fresh_files.h"

static struct pki_cert issuing, old, fresh;
static char *folder;
static const struct accounts no_accounts;

static const char *
in(const char *name)
{
	return in_folder(folder, name);
}

static void
write_identity(const struct pki_cert *leaf, const char *passphrase)
{
	const struct pki_cert *const chain[] = { leaf, &issuing };

	assert_true(pki_write_certs(in("us.crt"), chain, 2));
	assert_true(pki_write_key(in("us.key"), leaf->key, passphrase));
}

static int
make(void **state)
{
	const struct pki_cert *const root[] = { &issuing };

	(void)state;
	folder = make_folder();
	issuing = pki_issue(&(struct pki_request){ .cn = "Acme Issuing CA 1", .ca = true, .path_len = -1 }, NULL);
	old = pki_issue(&(struct pki_request){ .cn = "old" }, &issuing);
	fresh = pki_issue(&(struct pki_request){ .cn = "fresh" }, &issuing);
	return !pki_write_certs(in("root.pem"), root, 1);
}

static int
unmake(void **state)
{
	(void)state;
	pki_cert_free(&issuing);
	pki_cert_free(&old);
	pki_cert_free(&fresh);
	remove_folder(folder);
	return 0;
}

static struct identity *
load(const char *cert, const char *key)
{
	const struct identity_source source = { .cert = in(cert), .key = in(key), .tolerate_bad_key = true };
	struct error err = { .code = ERROR_NONE };
	struct identity *out = NULL;

	if (identity_load(&source, &out, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return out;
}

static struct trust *
trusted(void)
{
	struct error err = { .code = ERROR_NONE };
	struct trust *out = NULL;

	if (trust_load(in("root.pem"), NULL, &out, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return out;
}

static struct entry *
add(struct fleet *f, const char *name, const struct identity *id, const struct trust *t)
{
	struct target to = { .name = NULL };
	struct error err = { .code = ERROR_NONE };
	struct entry *e;

	assert_int_equal(target_parse("payment.internal:8443", &to, &err), STATUS_OK);
	e = fleet_add(f, name, &to, id, t, NULL);
	target_done(&to);
	return e;
}

static const char *
leaf_of(const struct entry *e)
{
	return e->identity != NULL ? identity_leaf(e->identity)->subject.common_name : "";
}

static void
everybody_goes_by_the_new_one(void **state)
{
	struct fleet *f = fleet_new();
	struct fresh_files files;
	struct identity *us, *another;
	struct trust *t;
	struct entry *first, *second, *other, *nobody;

	(void)state;
	write_identity(&old, NULL);
	us = load("us.crt", "us.key");
	another = load("us.crt", "us.key");
	t = trusted();
	first = add(f, "first", us, t);
	second = add(f, "second", us, t);
	other = add(f, "other", another, t);
	nobody = add(f, "nobody", NULL, t);
	fresh_files_of(&files, us, t);
	write_identity(&fresh, NULL);
	fresh_files_read(&files, &no_accounts, NULL);
	assert_string_equal(files.problem, "");
	fresh_files_take(f, &files);
	assert_string_equal(leaf_of(first), "fresh");
	assert_true(first->identity->matches);
	assert_ptr_equal(first->identity, second->identity);
	assert_ptr_not_equal(first->trust, t);
	assert_ptr_equal(first->trust, nobody->trust);
	/* Not of the same reading, though of the same files: it is another one's. */
	assert_string_equal(leaf_of(other), "old");
	assert_null(nobody->identity);
	fresh_files_done(&files);
	identity_free(us);
	identity_free(another);
	trust_free(t);
	fleet_free(f);
}

/* The old one stays, whole, and why is said. */
static void
what_cannot_be_read_changes_nothing(void **state)
{
	static const struct {
		const char *what, *says;
	} cases[] = {
		{ "gone", "us.crt" },
		{ "garbage", "us.crt" },
		{ "locked", "the key cannot be read anew" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fleet *f = fleet_new();
		struct fresh_files files;
		struct identity *us;
		struct entry *e;

		write_identity(&old, NULL);
		us = load("us.crt", "us.key");
		e = add(f, "first", us, NULL);
		fresh_files_of(&files, us, NULL);
		if (strcmp(cases[i].what, "gone") == 0)
			assert_int_equal(unlink(in("us.crt")), 0);
		else if (strcmp(cases[i].what, "garbage") == 0)
			assert_true(write_file(in("us.crt"), "no certificate\n", 15));
		else
			write_identity(&fresh, "a passphrase that nobody is asked for");
		fresh_files_read(&files, &no_accounts, NULL);
		assert_null(files.identity);
		if (strstr(files.problem, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].what, files.problem);
		fresh_files_take(f, &files);
		assert_ptr_equal(e->identity, us);
		assert_non_null(e->identity->key);
		fresh_files_done(&files);
		identity_free(us);
		fleet_free(f);
	}
}

/* From memory, or from a secret of which no configuration knows: there is nothing to read. */
static void
what_comes_from_no_file_stays(void **state)
{
	struct fresh_files files;
	struct identity *us = identity_from("secret:nobody-knows", NULL, 0, NULL);

	(void)state;
	fresh_files_of(&files, us, NULL);
	fresh_files_read(&files, &no_accounts, NULL);
	assert_null(files.identity);
	assert_string_equal(files.problem, "");
	fresh_files_done(&files);
	identity_free(us);
	/* And without any. */
	fresh_files_of(&files, NULL, NULL);
	fresh_files_read(&files, &no_accounts, NULL);
	assert_null(files.identity);
	fresh_files_done(&files);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_goes_by_the_new_one),
		cmocka_unit_test(what_cannot_be_read_changes_nothing),
		cmocka_unit_test(what_comes_from_no_file_stays),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
