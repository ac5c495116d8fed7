/*
 * The lab's servers read their files: what is in server.crt, server.key and clients.pem counts for the next connection,
 * what cannot be served changes nothing and is said once, and what is put back as it was brings the story back.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/pki.h"
#include "lab/pki_files.h"
#include "lab/served_files.h"
#include "model/buf.h"
#include "tests/lab_client.h"
#include "tests/lab_process.h"
#include "tests/program.h"

enum { UNKNOWN_CA = 48, TURNS = 40 };

static char *folder;
static struct lab_process lab;
static struct pki_cert ca, one, two, stranger, client;

static struct pki_cert
made(const char *cn, const struct pki_cert *issuer)
{
	return pki_issue(&(struct pki_request){ .cn = cn, .ca = issuer == NULL, .key_type = PKI_P256 }, issuer);
}

/* The lab's standard error goes to a file. */
static bool
start_lab(void)
{
	int kept = dup(2), file = open(in_folder(folder, "said"), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	bool ok;

	dup2(file, 2);
	ok = lab_process_start(&lab, 0);
	dup2(kept, 2);
	close(kept);
	close(file);
	return ok;
}

static int
set_up(void **state)
{
	(void)state;
	folder = make_folder();
	ca = made("Another CA", NULL);
	one = made("one.internal", &ca);
	two = pki_issue(&(struct pki_request){ .cn = "two.internal", .key = one.key }, &ca); /* a renewal that kept the key */
	stranger = made("stranger.internal", &ca);
	client = made("a client", &ca);
	return start_lab() ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct pki_cert *all[] = { &ca, &one, &two, &stranger, &client };

	(void)state;
	lab_process_stop(&lab);
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		pki_cert_free(all[i]);
	remove_folder(folder);
	return 0;
}

static const cJSON *
endpoint(const char *name)
{
	const cJSON *e;

	cJSON_ArrayForEach(e, cJSON_GetObjectItemCaseSensitive(lab.json, "endpoints"))
		if (strcmp(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(e, "name")), name) == 0)
			return e;
	fail_msg("no endpoint is called %s", name);
	return NULL;
}

static const char *
text(const cJSON *o, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));
}

/* "cert", "key" or "trust" of what this endpoint serves. */
static const char *
served(const char *name, const char *which)
{
	const char *path = text(cJSON_GetObjectItemCaseSensitive(endpoint(name), "serves"), which);

	assert_non_null(path);
	return path;
}

static void
read_file(const char *path, struct buf *out)
{
	char piece[8192];
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_add(out, piece, n);
	fclose(f);
}

/* Made beside it and renamed over it. */
static void
replace_certs(const char *path, const struct pki_cert *const *certs, size_t len)
{
	char beside[4096];

	snprintf(beside, sizeof beside, "%s.new", path);
	assert_true(pki_write_certs(beside, certs, len));
	assert_int_equal(rename(beside, path), 0);
}

static void
replace_key(const char *path, EVP_PKEY *key, const char *passphrase)
{
	char beside[4096];

	snprintf(beside, sizeof beside, "%s.new", path);
	assert_true(pki_write_key(beside, key, passphrase));
	assert_int_equal(rename(beside, path), 0);
}

/* In place, without a rename. */
static void
overwrite(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

/* As the lab's usual client. */
static void
look(const char *name, struct lab_client_saw *saw)
{
	const cJSON *e = endpoint(name);

	lab_client_look(text(e, "address"), text(e, "cert"), text(e, "key"), saw);
}

static bool
shows(const char *name, const X509 *leaf)
{
	struct lab_client_saw saw;
	bool same;

	look(name, &saw);
	same = saw.chain != NULL && X509_cmp(sk_X509_value(saw.chain, 0), leaf) == 0;
	lab_client_done(&saw);
	return same;
}

/* What the lab has said since `from`: lines with this word in them. */
static int
lines_said(long from, const char *word)
{
	struct buf said = { 0 };
	int lines = 0;

	read_file(in_folder(folder, "said"), &said);
	for (char *line = said.len > (size_t)from ? said.data + from : NULL; line != NULL && *line != '\0';) {
		char *end = strchr(line, '\n');
		assert_non_null(end);
		*end = '\0';
		lines += strstr(line, word) != NULL;
		line = end + 1;
	}
	buf_done(&said);
	return lines;
}

static long
said_so_far(void)
{
	struct stat st;

	assert_int_equal(stat(in_folder(folder, "said"), &st), 0);
	return (long)st.st_size;
}

/* ---- what it shows ---- */

/* What an endpoint sends and trusts is what its files hold, from the start. */
static void
the_files_say_what_is_served(void **state)
{
	static const struct {
		const char *name;
		int len, cas;
	} cases[] = { { "healthy", 2, 1 }, { "server-missing-intermediate", 1, 1 }, { "server-root-included", 3, 1 },
		{ "server-extra-certificate", 3, 1 }, { "server-wrong-order", 3, 1 }, { "client-not-in-list", 2, 1 }, { "healthy-no-list", 2, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct lab_client_saw saw;
		FILE *f = fopen(served(cases[i].name, "cert"), "r");
		struct stat st;

		look(cases[i].name, &saw);
		assert_int_equal(sk_X509_num(saw.chain), cases[i].len);
		assert_int_equal(saw.cas, cases[i].cas);
		assert_int_equal(saw.status, 200);
		for (int k = 0; k < cases[i].len; k++) {
			X509 *x = PEM_read_X509(f, NULL, NULL, NULL);
			assert_int_equal(X509_cmp(x, sk_X509_value(saw.chain, k)), 0);
			X509_free(x);
		}
		assert_null(PEM_read_X509(f, NULL, NULL, NULL));
		fclose(f);
		lab_client_done(&saw);
		assert_int_equal(stat(served(cases[i].name, "key"), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
}

static void
a_new_certificate_and_its_key(void **state)
{
	const struct pki_cert *chain[] = { &one, &ca, &stranger };
	struct lab_client_saw saw;
	long said = said_so_far();

	(void)state;
	look("healthy", &saw);
	/* The first of the two: they do not belong together, and the old ones go on. */
	replace_certs(served("healthy", "cert"), chain, 3);
	assert_true(shows("healthy", sk_X509_value(saw.chain, 0)));
	assert_int_equal(lines_said(said, "healthy: server.key: the key does not belong to"), 1);
	lab_client_done(&saw);
	replace_key(served("healthy", "key"), one.key, NULL);
	look("healthy", &saw);
	assert_int_equal(saw.status, 200);
	assert_int_equal(sk_X509_num(saw.chain), 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(X509_cmp(sk_X509_value(saw.chain, i), chain[i]->x509), 0);
	assert_int_equal(lines_said(said, "mtlscope lab:"), 1);
	lab_client_done(&saw);
}

/* However quick, and of whatever size and time: the connection after the rename has the new one. */
static void
no_change_is_missed(void **state)
{
	const struct pki_cert *pair[] = { &one, &two };
	const char *cert = served("healthy-tls12", "cert"), *beside = in_folder(folder, "beside");
	const struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };

	(void)state;
	replace_key(served("healthy-tls12", "key"), one.key, NULL);
	for (int i = 0; i < TURNS; i++) {
		const struct pki_cert *now = pair[i % 2], *then = pair[(i + 1) % 2];
		struct buf bytes = { 0 };

		replace_certs(cert, &now, 1);
		assert_true(shows("healthy-tls12", now->x509));
		/* In place, with the time of long ago. */
		assert_true(pki_write_certs(beside, &then, 1));
		read_file(beside, &bytes);
		overwrite(cert, bytes.data, bytes.len);
		assert_int_equal(utimensat(AT_FDCWD, cert, old, 0), 0);
		assert_true(shows("healthy-tls12", then->x509));
		buf_done(&bytes);
	}
}

/* ---- whom it trusts ---- */

static void
trusted_cas(void **state)
{
	const struct pki_cert *both[] = { &ca, &stranger }, *mine = &client;
	const char *trust = served("healthy-tls13", "trust"), *address = text(endpoint("healthy-tls13"), "address");
	const char *cert = in_folder(folder, "client.crt"), *key = in_folder(folder, "client.key");
	struct lab_client_saw saw;
	struct buf first = { 0 };

	(void)state;
	assert_true(pki_write_certs(cert, &mine, 1) && pki_write_key(key, client.key, NULL));
	lab_client_look(address, cert, key, &saw);
	assert_int_equal(saw.alert, UNKNOWN_CA);
	lab_client_done(&saw);
	read_file(trust, &first);
	replace_certs(trust, both, 2);
	lab_client_look(address, cert, key, &saw);
	assert_int_equal(saw.status, 200);
	assert_int_equal(saw.cas, 2);
	lab_client_done(&saw);
	/* Ours is not among them any more. */
	look("healthy-tls13", &saw);
	assert_int_equal(saw.alert, UNKNOWN_CA);
	lab_client_done(&saw);
	overwrite(trust, first.data, first.len);
	look("healthy-tls13", &saw);
	assert_int_equal(saw.status, 200);
	lab_client_done(&saw);
	buf_done(&first);
}

/* The list that a server names is what its file holds, whatever its story said, and its story's once that is back. */
static void
a_list_of_its_own_ends_with_the_file(void **state)
{
	const char *trust = served("client-not-in-list", "trust");
	const struct pki_cert *more = &ca;
	struct lab_client_saw saw;
	struct buf first = { 0 }, longer = { 0 };

	(void)state;
	read_file(trust, &first);
	assert_true(pki_write_certs(in_folder(folder, "more"), &more, 1));
	buf_add(&longer, first.data, first.len);
	read_file(in_folder(folder, "more"), &longer);
	overwrite(trust, longer.data, longer.len);
	look("client-not-in-list", &saw);
	assert_int_equal(saw.cas, 3);
	assert_int_equal(saw.status, 200);
	lab_client_done(&saw);
	overwrite(trust, first.data, first.len);
	look("client-not-in-list", &saw);
	assert_int_equal(saw.cas, 1);
	lab_client_done(&saw);
	buf_done(&first);
	buf_done(&longer);
}

/* ---- what files cannot say ---- */

static bool
is_let_in(const char *name)
{
	struct lab_client_saw saw;
	bool in;

	look(name, &saw);
	in = saw.status == 200;
	lab_client_done(&saw);
	return in;
}

/* A wrong key and a certificate that does not parse are the story's until the files say better, and again when they are put back. */
static void
the_story_comes_back(void **state)
{
	const char *key = served("server-key-mismatch", "key"), *cert = served("server-unreadable", "cert");
	struct buf wrong = { 0 }, right = { 0 }, garbage = { 0 };
	char old_key[4096];

	(void)state;
	snprintf(old_key, sizeof old_key, "%.*s/server-old.key", (int)(strrchr(key, '/') - key), key);
	read_file(key, &wrong);
	read_file(old_key, &right);
	assert_false(is_let_in("server-key-mismatch"));
	overwrite(key, right.data, right.len);
	assert_true(is_let_in("server-key-mismatch"));
	overwrite(key, wrong.data, wrong.len);
	assert_false(is_let_in("server-key-mismatch"));
	/* Another CA to trust changes nothing of what it shows. */
	replace_certs(served("server-key-mismatch", "trust"), (const struct pki_cert *[]){ &ca }, 1);
	assert_false(is_let_in("server-key-mismatch"));

	read_file(cert, &garbage);
	assert_false(is_let_in("server-unreadable"));
	replace_certs(cert, (const struct pki_cert *[]){ &one }, 1);
	replace_key(served("server-unreadable", "key"), one.key, NULL);
	assert_true(shows("server-unreadable", one.x509));
	buf_done(&wrong);
	buf_done(&right);
	buf_done(&garbage);
}

/* ---- what cannot be served ---- */

static void
nothing_there(const char *path)
{
	assert_int_equal(unlink(path), 0);
}

static void
a_folder(const char *path)
{
	nothing_there(path);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void
a_pipe(const char *path)
{
	nothing_there(path);
	assert_int_equal(mkfifo(path, 0600), 0);
}

static void
an_empty_one(const char *path)
{
	overwrite(path, "", 0);
}

static void
no_pem(const char *path)
{
	overwrite(path, "this is no PEM\n", 15);
}

static void
half_of_it(const char *path)
{
	struct buf all = { 0 };

	read_file(path, &all);
	overwrite(path, all.data, all.len / 2);
	buf_done(&all);
}

static void
too_much(const char *path)
{
	char *all = calloc(1, SERVED_MOST + 1);

	assert_non_null(all);
	overwrite(path, all, SERVED_MOST + 1);
	free(all);
}

static void
a_locked_key(const char *path)
{
	replace_key(path, one.key, "correct horse");
}

static void
another_key(const char *path)
{
	replace_key(path, stranger.key, NULL);
}

/* It agrees on secrets and signs nothing: no server of OpenSSL's takes it. */
static void
a_key_that_cannot_sign(const char *path)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	struct pki_cert c = pki_issue(&(struct pki_request){ .cn = "x.internal", .key = key }, &ca);
	const struct pki_cert *chain = &c;
	char cert[4096];

	snprintf(cert, sizeof cert, "%.*s/server.crt", (int)(strrchr(path, '/') - path), path);
	replace_certs(cert, &chain, 1);
	replace_key(path, key, NULL);
	pki_cert_free(&c);
	EVP_PKEY_free(key);
}

static const struct damage {
	const char *what, *file, *says;
	void (*make)(const char *path);
} damages[] = {
	{ "gone", "cert", "server.crt: it cannot be read: No such file", nothing_there },
	{ "a folder", "key", "server.key: it cannot be read: it is no file", a_folder },
	{ "a pipe", "trust", "clients.pem: it cannot be read: it is no file", a_pipe },
	{ "empty", "cert", "server.crt: the file is empty", an_empty_one },
	{ "no PEM", "cert", "server.crt", no_pem },
	{ "cut off", "cert", "server.crt:", half_of_it },
	{ "too much", "cert", "server.crt: it cannot be read: File too large", too_much },
	{ "empty", "key", "server.key: expected a private key in PEM", an_empty_one },
	{ "cut off", "key", "server.key:", half_of_it },
	{ "locked", "key", "server.key", a_locked_key },
	{ "another's", "key", "server.key: the key does not belong to the first certificate of server.crt", another_key },
	{ "X25519", "key", "server.crt: OpenSSL does not serve this certificate", a_key_that_cannot_sign },
	{ "empty", "trust", "clients.pem: the file is empty", an_empty_one },
	{ "no PEM", "trust", "clients.pem", no_pem },
	{ "cut off", "trust", "clients.pem:", half_of_it },
};

/* Each on an endpoint of its own; what it served before goes on, and one line says why. */
static void
damage_changes_nothing(void **state)
{
	X509 *before;

	(void)state;
	for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
		const struct damage *d = &damages[i];
		char name[16], says[128];
		struct lab_client_saw saw;
		long said = said_so_far();

		snprintf(name, sizeof name, "shop-%02zu", i + 1);
		snprintf(says, sizeof says, "mtlscope lab: %s: %s", name, d->says);
		look(name, &saw);
		before = saw.chain != NULL ? X509_dup(sk_X509_value(saw.chain, 0)) : NULL;
		assert_int_equal(saw.status, 200);
		lab_client_done(&saw);
		d->make(served(name, d->file));
		for (int turn = 0; turn < 3; turn++) {
			look(name, &saw);
			if (saw.status != 200 || X509_cmp(sk_X509_value(saw.chain, 0), before) != 0 || lines_said(said, "mtlscope lab:") != 1 || lines_said(said, says) != 1)
				fail_msg("%s %s: status %d, %d lines of “%s”", d->file, d->what, saw.status, lines_said(said, says), says);
			lab_client_done(&saw);
		}
		X509_free(before);
	}
}

/* ---- the next start ---- */

/* A folder that is kept: each start writes the story's files anew, whatever stands there. */
static void
each_start_begins_anew(void **state)
{
	const char *dir = in_folder(folder, "kept"), *options[] = { "--dir", dir, NULL };
	const char *cert = in_folder(dir, "endpoints/server-root-included/server.crt");
	const struct pki_cert *chain[] = { &one };
	struct lab_process mine = lab, again;
	struct lab_client_saw saw;

	(void)state;
	assert_true(lab_process_start_with(&again, 0, options));
	replace_certs(cert, chain, 1);
	lab_process_stop(&again);
	assert_true(lab_process_start_with(&again, 0, options));
	lab = again; /* whose endpoints are looked at */
	look("server-root-included", &saw);
	lab = mine;
	lab_process_stop(&again);
	assert_int_equal(sk_X509_num(saw.chain), 3);
	assert_int_equal(saw.status, 200);
	lab_client_done(&saw);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_files_say_what_is_served),
		cmocka_unit_test(a_new_certificate_and_its_key),
		cmocka_unit_test(no_change_is_missed),
		cmocka_unit_test(trusted_cas),
		cmocka_unit_test(a_list_of_its_own_ends_with_the_file),
		cmocka_unit_test(the_story_comes_back),
		cmocka_unit_test(damage_changes_nothing),
		cmocka_unit_test(each_start_begins_anew),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
