/* Certificates, chains and keys into the files that a service reads: which parts, where in them, what is kept, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixes/deed.h"
#include "fixes/install_files.h"
#include "model/input.h"
#include "model/memory.h"
#include "model/save.h"
#include "tests/mortal.h"
#include "tests/program.h"

#define KEY(which) "-----BEGIN PRIVATE KEY-----\n" which "\n-----END PRIVATE KEY-----\n"
#define LOCKED "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"
#define CERT(which) "-----BEGIN CERTIFICATE-----\n" which "\n-----END CERTIFICATE-----\n"
#define DH "-----BEGIN DH PARAMETERS-----\nREhQ\n-----END DH PARAMETERS-----\n"
#define OLD_KEY KEY("T0xE")
#define NEW_KEY KEY("TkVX")
#define OLD_CERT CERT("b2xk")
#define NEW_CHAIN CERT("bGVhZg==") CERT("Q0E=")

static char *folder;

static const char *
in(const char *name)
{
	return in_folder(folder, name);
}

static void
put(const char *name, const char *text, mode_t mode)
{
	assert_true(write_file(in(name), text, strlen(text)));
	assert_int_equal(chmod(in(name), mode), 0);
}

static void
holds(const char *name, const char *text)
{
	struct error err = { .code = ERROR_NONE };
	struct input file = { .bytes = NULL };
	char *found;

	if (text == NULL) {
		assert_int_not_equal(access(in(name), F_OK), 0);
		return;
	}
	/* An empty file is an error of input_read()'s. */
	if (text[0] != '\0' && input_read(in(name), 1 << 20, &file, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	found = mem_strndup(file.bytes != NULL ? (const char *)file.bytes : "", file.len);
	input_free(&file);
	assert_string_equal(found, text);
	free(found);
}

static unsigned
mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(in(name), &st), 0);
	return st.st_mode & 07777;
}

/* Values and private file are there before the step, as `fetch` and `make-key` leave them. */
static struct plan *
plan_with(struct changes *c, const struct world *w, const struct install_files *f)
{
	struct plan *p = plan_new(&(struct plan_place){ .client = NULL }, "install");
	struct error err = { .code = ERROR_NONE };

	p->kind = "fix";
	p->record = c;
	p->world = w;
	cJSON_AddStringToObject(p->values, "server.fullchain", NEW_CHAIN);
	assert_int_equal(install_files_fit(f, &err), STATUS_OK);
	install_files_step(p, f);
	return p;
}

static void
apply(struct plan *p)
{
	struct error err = { .code = ERROR_NONE };

	/* The folder is the record's own: it is there once the plan is recorded, so the key is written by a step before in a real plan. */
	if (p->folder == NULL && changes_folder(p->record, 1, p->arena, &p->folder, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(save_private_file(plan_private(p, "server.key"), NEW_KEY, strlen(NEW_KEY), true, &err), SAVED);
	if (plan_apply(p, NULL, &err) != STATUS_OK)
		fail_msg("%s", err.text);
}

static struct changes *
open_record(struct mortal *m)
{
	struct run r;

	run_program((const char *const[]){ "rm", "-rf", in(".local"), NULL }, NULL, &r);
	run_done(&r);
	mortal_init(m, folder, -1);
	return mortal_record(m);
}

/* What was there, what comes of it; the way back brings it back byte for byte. */
struct shape_case {
	const char *about;
	const char *cert, *key;  /* before; NULL: no such file; key "same": key_path is cert_path; key "none": no key_path */
	bool new_key;
	mode_t mode;             /* of the certificate's file before */
	const char *cert_after, *key_after;
	mode_t mode_after;
};
static const struct shape_case shapes[] = {
	{ "a key file of its own is not touched", OLD_CERT, "text " OLD_KEY, false, 0644, NEW_CHAIN, "text " OLD_KEY, 0644 },
	{ "both are written", OLD_CERT, OLD_KEY, true, 0640, NEW_CHAIN, NEW_KEY, 0640 },
	{ "new files", NULL, NULL, true, 0, NEW_CHAIN, NEW_KEY, 0644 },
	{ "HAProxy: the key comes last and stays", OLD_CERT OLD_KEY, "same", false, 0600, NEW_CHAIN OLD_KEY, NULL, 0600 },
	{ "the key comes first and stays first", OLD_KEY OLD_CERT, "same", false, 0600, OLD_KEY NEW_CHAIN, NULL, 0600 },
	{ "a new key in the old one's place", OLD_KEY OLD_CERT, "same", true, 0600, NEW_KEY NEW_CHAIN, NULL, 0600 },
	{ "DH parameters stay", OLD_CERT OLD_KEY DH, "same", true, 0600, NEW_CHAIN NEW_KEY DH, NULL, 0600 },
	{ "no key path is named, and one is in it", "words\r\n" OLD_CERT OLD_KEY, "none", false, 0644, NEW_CHAIN OLD_KEY, NULL, 0640 },
	{ "no key path is named, and none is in it", OLD_CERT, "none", false, 0644, NEW_CHAIN, NULL, 0644 },
	{ "a copy of the old key in the certificate's file is replaced too", OLD_CERT OLD_KEY, OLD_KEY, true, 0600, NEW_CHAIN NEW_KEY, NEW_KEY, 0600 },
	{ "a combined file that is new", NULL, "same", true, 0, NEW_CHAIN NEW_KEY, NULL, 0600 },
	{ "an empty file is as good as none", "", "none", false, 0644, NEW_CHAIN, NULL, 0644 },
};

static void
one_shape(const struct shape_case *k)
{
	bool same = k->key != NULL && strcmp(k->key, "same") == 0, none = k->key != NULL && strcmp(k->key, "none") == 0;
	struct error err = { .code = ERROR_NONE };
	struct mortal m;
	struct changes *c = open_record(&m);
	struct plan *p;

	unlink(in("tls.crt"));
	unlink(in("tls.key"));
	if (k->cert != NULL)
		put("tls.crt", k->cert, k->mode);
	if (k->key != NULL && !same && !none)
		put("tls.key", k->key, 0600);
	p = plan_with(c, &m.world, &(struct install_files){ .cert_path = in("tls.crt"), .as = "server", .new_key = k->new_key,
	    .key_path = same ? in("tls.crt") : none ? NULL : in("tls.key") });
	assert_int_equal(p->len, 1);
	assert_non_null(p->steps[0].command);
	apply(p);
	holds("tls.crt", k->cert_after);
	holds("tls.key", k->key_after);
	assert_int_equal(mode_of("tls.crt"), k->mode_after);
	if (k->new_key && k->key_after != NULL)
		assert_int_equal(mode_of("tls.key"), 0600);
	if (plan_go_back(p, NULL, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	holds("tls.crt", k->cert);
	holds("tls.key", same || none ? NULL : k->key);
	plan_free(p);
	changes_close(c);
}

static void
every_shape(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
		print_message("  %s\n", shapes[i].about);
		one_shape(&shapes[i]);
	}
}

/* A symbolic link is written through, and two names of one file are one file. */
static void
links(void **state)
{
	struct mortal m;
	struct changes *c = open_record(&m);
	struct plan *p;
	struct stat st;

	(void)state;
	unlink(in("tls.crt"));
	unlink(in("tls.key"));
	put("real.pem", OLD_CERT OLD_KEY, 0600);
	assert_int_equal(symlink("real.pem", in("tls.crt")), 0);
	assert_int_equal(symlink("real.pem", in("tls.key")), 0);
	p = plan_with(c, &m.world, &(struct install_files){ .cert_path = in("tls.crt"), .key_path = in("tls.key"), .as = "server", .new_key = true });
	apply(p);
	holds("real.pem", NEW_CHAIN NEW_KEY);
	assert_int_equal(lstat(in("tls.crt"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	plan_free(p);
	changes_close(c);
	unlink(in("tls.crt"));
	unlink(in("tls.key"));
}

/* What the plan prints as a shell's lines does the same. */
static void
its_command_works(void **state)
{
	struct mortal m;
	struct changes *c = open_record(&m);

	(void)state;
	put("server-fullchain.pem", NEW_CHAIN, 0644);
	put("server.key", NEW_KEY, 0600);
	for (int new_key = 0; new_key <= 1; new_key++) {
		struct run r;
		struct plan *p;

		put("tls it's.pem", OLD_KEY OLD_CERT, 0640);
		p = plan_with(c, &m.world, &(struct install_files){ .cert_path = in("tls it's.pem"), .as = "server", .new_key = new_key == 1 });
		run_program((const char *const[]){ "/bin/sh", "-ec", plan_text(p, "cd '%s'; %s", folder, p->steps[0].command), NULL }, NULL, &r);
		if (r.status != 0)
			fail_msg("%s: %s", p->steps[0].command, buf_str(&r.err));
		run_done(&r);
		holds("tls it's.pem", new_key == 1 ? NEW_KEY NEW_CHAIN : OLD_KEY NEW_CHAIN);
		holds("tls it's.pem.old", OLD_KEY OLD_CERT);
		assert_int_equal(mode_of("tls it's.pem"), 0640);
		plan_free(p);
	}
	changes_close(c);
}

static void
a_passphrase_that_goes_is_said(void **state)
{
	struct mortal m;
	struct changes *c = open_record(&m);
	struct plan *p;

	(void)state;
	put("tls.crt", OLD_CERT, 0644);
	put("tls.key", LOCKED, 0600);
	p = plan_with(c, &m.world, &(struct install_files){ .cert_path = in("tls.crt"), .key_path = in("tls.key"), .as = "server", .new_key = true });
	assert_int_equal(p->notes_len, 1);
	assert_non_null(strstr(p->notes[0], "passphrase"));
	plan_free(p);
	p = plan_with(c, &m.world, &(struct install_files){ .cert_path = in("tls.crt"), .key_path = in("tls.key"), .as = "server" });
	assert_int_equal(p->notes_len, 0);
	plan_free(p);
	changes_close(c);
}

static void
run_shell(const char *line)
{
	struct run r;

	run_program((const char *const[]){ "/bin/sh", "-ec", line, NULL }, NULL, &r);
	if (r.status != 0)
		fail_msg("%s: %s", line, buf_str(&r.err));
	run_done(&r);
}

static void
what_is_no_pem_is_refused(void **state)
{
	static const struct {
		const char *cert, *key;
		bool new_key;
		enum error_code code;
		const char *says;
	} cases[] = {
		{ "id.p12", NULL, true, ERROR_USAGE, "is PKCS#12, and files are installed as PEM" },
		{ "id.p12", NULL, true, ERROR_USAGE, "openssl pkcs12 -export" },
		{ "cert.der", NULL, false, ERROR_USAGE, "-outform DER" },
		{ "cert.pem", "key.der", true, ERROR_USAGE, "is DER" },
		{ "chain.p7", NULL, false, ERROR_USAGE, "is PKCS#7" },
		{ "store.jks", NULL, false, ERROR_USAGE, "a Java keystore" },
		{ "cert.pem", "pkcs11:token=a;object=b", true, ERROR_USAGE, "is on a token" },
		{ "pkcs11:token=a;object=b", NULL, false, ERROR_USAGE, "is on a token" },
		{ "cert.pem", "cert.pem", false, ERROR_USAGE, "a private key was expected in it" },
		{ "missing.pem", "missing.pem", false, ERROR_USAGE, "a private key was expected in it" },
		{ "folder", NULL, false, ERROR_INPUT, "folder" },
		/* And what fits. */
		{ "cert.pem", "key.der", false, ERROR_NONE, NULL },
		{ "cert.pem", "pkcs11:token=a;object=b", false, ERROR_NONE, NULL },
		{ "missing.pem", "missing.key", true, ERROR_NONE, NULL },
	};

	(void)state;
	setenv("DIR", folder, 1);
	run_shell("cd \"$DIR\"; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -subj /CN=a -days 9 2>/dev/null;"
	    " openssl pkcs12 -export -in cert.pem -inkey key.pem -passout pass:secret -out id.p12; openssl x509 -in cert.pem -outform DER -out cert.der;"
	    " openssl pkey -in key.pem -outform DER -out key.der; openssl crl2pkcs7 -nocrl -certfile cert.pem -out chain.p7; mkdir folder;"
	    " printf '\\376\\355\\376\\355\\0\\0\\0\\2' >store.jks");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct error err = { .code = ERROR_NONE };
		const char *key = cases[i].key;
		struct install_files f = { .as = "server", .new_key = cases[i].new_key };

		f.cert_path = strncmp(cases[i].cert, "pkcs11:", 7) == 0 ? cases[i].cert : in(cases[i].cert);
		f.key_path = key == NULL || strncmp(key, "pkcs11:", 7) == 0 ? key : in(key);
		assert_int_equal(install_files_fit(&f, &err), cases[i].code == ERROR_NONE ? STATUS_OK : STATUS_FAILED);
		if (err.code != cases[i].code || (cases[i].says != NULL && strstr(err.text, cases[i].says) == NULL))
			fail_msg("%s: %s", cases[i].cert, err.text);
	}
}

/* ---- killed at every moment ---- */

static void
begin(void *user)
{
	(void)user;
	run_shell("cd \"$DIR\"; rm -f tls.* *.old-* *.new-*");
	put("tls.crt", OLD_CERT OLD_KEY DH, 0640);
	put("tls.key", OLD_KEY, 0600);
}

static struct plan *
make(void *user, struct changes *c, const struct world *w)
{
	struct error err = { .code = ERROR_NONE };
	struct plan *p = plan_with(c, w, &(struct install_files){ .cert_path = in("tls.crt"), .key_path = in("tls.key"), .as = "server", .new_key = true });

	(void)user;
	if (changes_folder(c, 1, p->arena, &p->folder, &err) != STATUS_OK || save_private_file(plan_private(p, "server.key"), NEW_KEY, strlen(NEW_KEY), true, &err) != SAVED)
		_exit(1);
	return p;
}

static void
is_whole(void *user, int at)
{
	struct error err = { .code = ERROR_NONE };
	struct input file = { .bytes = NULL };

	(void)user;
	(void)at;
	assert_int_equal(input_read(in("tls.crt"), 1 << 20, &file, &err), STATUS_OK);
	assert_true((file.len == strlen(OLD_CERT OLD_KEY DH) && memcmp(file.bytes, OLD_CERT OLD_KEY DH, file.len) == 0) ||
	    (file.len == strlen(NEW_CHAIN NEW_KEY DH) && memcmp(file.bytes, NEW_CHAIN NEW_KEY DH, file.len) == 0));
	input_free(&file);
}

static void
is_old(void *user)
{
	(void)user;
	holds("tls.crt", OLD_CERT OLD_KEY DH);
	holds("tls.key", OLD_KEY);
}

static void
is_new(void *user)
{
	(void)user;
	holds("tls.crt", NEW_CHAIN NEW_KEY DH);
	holds("tls.key", NEW_KEY);
	assert_int_equal(mode_of("tls.key"), 0600);
}

static void
killed_anywhere(void **state)
{
	(void)state;
	setenv("DIR", folder, 1);
	assert_true(mortal_everywhere(&(struct mortal_case){
	    .home = folder, .begin = begin, .make = make, .is_whole = is_whole, .is_old = is_old, .is_new = is_new }) > 5);
}

static int
setup(void **state)
{
	(void)state;
	folder = mortal_folder();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_shape, setup, teardown),
		cmocka_unit_test_setup_teardown(links, setup, teardown),
		cmocka_unit_test_setup_teardown(its_command_works, setup, teardown),
		cmocka_unit_test_setup_teardown(a_passphrase_that_goes_is_said, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_pem_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(killed_anywhere, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
