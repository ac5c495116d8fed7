/* Files that are none of ours and say so, what is no regular file, folders. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lab/pki_files.h"
#include "model/limits.h"
#include "tests/program.h"
#include "tests/reading.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])

static void
other_files(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *says;
	} cases[] = {
#define BYTES(s) s, sizeof(s) - 1
		{ BYTES("\xfe\xed\xfe\xed\0\0\0\2"), "keytool -importkeystore -srckeystore test -srcstoretype JKS -destkeystore test.p12 "
		    "-deststoretype PKCS12" },
		{ BYTES("\xce\xce\xce\xce\0\0\0\2"), "-srcstoretype JCEKS" },
		{ BYTES("\xff\xfe-\0-\0-\0-\0-\0B\0"), "is UTF-16 text" },
		{ BYTES("\0-\0-\0-\0-\0-\0B"), "is UTF-16 text" },
		{ BYTES("LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t"), "base64 -d test" },
		{ BYTES("MIIBszCCAVmgAwIBAgIUf"), "is base64 without its BEGIN and END lines" },
		{ BYTES("ssh-ed25519 AAAA x@y\n"), "is an SSH public key" },
		{ BYTES("{\"certificate\":\"-\"}"), "is JSON" },
		{ BYTES("<!DOCTYPE html>"), "is HTML or XML" },
		{ BYTES("\x1f\x8b\x08"), "gzip" },
		{ BYTES(" \n\t\n"), "nothing but blanks" },
		{ BYTES("\xef\xbb\xbf\n"), "nothing but blanks" },
		{ BYTES("hello\n"), "neither a BEGIN line (PEM) nor DER" },
		{ BYTES("0"), "neither a BEGIN line (PEM) nor DER" },
		{ BYTES("0\x82\x01"), "test: byte " },
		{ BYTES("0\x03\x02\x01\x05"), "well-formed ASN.1, but no certificate" },
		{ BYTES("0\x80\0\0"), "indefinite" },
#undef BYTES
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct reading r;

		read_bytes(&r, cases[i].bytes, cases[i].len, NULL, NULL);
		assert_int_equal(r.st, STATUS_FAILED);
		assert_int_equal(r.err.code, ERROR_INPUT);
		if (strstr(r.err.text, cases[i].says) == NULL)
			fail_msg("case %zu: %s", i, r.err.text);
		assert_ptr_equal(strstr(r.err.text, "test: "), r.err.text);
		reading_done(&r);
	}
}

/* A path goes into the keytool line as a shell takes it. */
static void
keystore_names_are_quoted(void **state)
{
	static const char jks[] = "\xfe\xed\xfe\xed\0\0\0\2";
	struct objects o = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(objects_parse((const unsigned char *)jks, sizeof jks - 1, "my store's.v2/a.jks", NULL, &o, &err),
	    STATUS_FAILED);
	assert_non_null(strstr(err.text, "-srckeystore 'my store'\\''s.v2/a.jks' -srcstoretype"));
	assert_non_null(strstr(err.text, "-destkeystore 'my store'\\''s.v2/a.p12' -dest"));
	objects_done(&o);
}

static void
types_are_kept_to(void **state)
{
	struct reading r;
	unsigned char *der;
	size_t len;

	(void)state;
	der = pki_der(&reading_leaf, &len);
	read_bytes(&r, der, len, NULL, "der");
	assert_int_equal(r.st, STATUS_OK);
	reading_done(&r);
	read_bytes(&r, der, len, NULL, "PEM");
	assert_int_equal(r.st, STATUS_FAILED);
	reading_done(&r);
	read_bytes(&r, der, len, NULL, "P12");
	assert_non_null(strstr(r.err.text, "PKCS#12 container is damaged"));
	reading_done(&r);
	read_bytes(&r, der, len, NULL, "ENG");
	assert_int_equal(r.err.code, ERROR_USAGE);
	assert_non_null(strstr(r.err.text, "“ENG” is no type of a file; expected PEM, DER or P12"));
	reading_done(&r);
	free(der);
}

static status
read_path(const char *path, bool folders, struct objects *o, struct error *err)
{
	struct read_options opt = { .folders = folders };

	*o = (struct objects){ 0 };
	*err = (struct error){ 0 };
	return objects_read(path, &opt, o, err);
}

/* Each is answered at once: nothing is waited for, nothing is read for ever. */
static void
no_regular_files(void **state)
{
	const char *sock = in_folder(reading_folder, "socket"), *fifo = in_folder(reading_folder, "fifo");
	const char *loop = in_folder(reading_folder, "self"), *empty = in_folder(reading_folder, "empty");
	const char *big = in_folder(reading_folder, "big");
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	double began = seconds_now();
	const struct {
		const char *path, *says;
	} cases[] = {
		{ in_folder(reading_folder, "missing.pem"), "no such file" },
		{ "/dev/null/x", "no such file: a part of its path is no folder" },
		{ reading_folder, "is a folder; expected a regular file" },
		{ "/dev/zero", "is a device" },
		{ "/dev/null", "is a device" },
		{ fifo, "is a pipe (FIFO)" },
		{ sock, "is a socket" },
		{ loop, "its symbolic links lead in a circle" },
		{ empty, "is empty" },
		{ big, "is larger than 16 MiB" },
	};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	snprintf(a.sun_path, sizeof a.sun_path, "%s", sock);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(symlink("self", loop), 0);
	assert_true(write_file(empty, "", 0));
	assert_true(write_file(big, "x", 1));
	assert_int_equal(truncate(big, (off_t)LIMIT_INPUT_FILE + 1), 0);
	for (size_t i = 0; i < LEN(cases); i++) {
		struct objects o;
		struct error err;

		assert_int_equal(read_path(cases[i].path, false, &o, &err), STATUS_FAILED);
		assert_int_equal(err.code, ERROR_INPUT);
		if (strstr(err.text, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].path, err.text);
		objects_done(&o);
	}
	close(fd);
	assert_true(seconds_now() - began < 2);
}

/* Standard input that never ends is cut at the same size. */
static void
endless_standard_input(void **state)
{
	int saved = dup(STDIN_FILENO), zero = open("/dev/zero", O_RDONLY);
	struct objects o;
	struct error err;

	(void)state;
	assert_true(dup2(zero, STDIN_FILENO) >= 0);
	assert_int_equal(read_path("-", false, &o, &err), STATUS_FAILED);
	assert_string_equal(err.text, "standard input: is larger than 16 MiB, the most that is read of one file");
	objects_done(&o);
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(zero);
}

static bool
has_note(const struct objects *o, const char *says)
{
	for (size_t i = 0; i < o->notes_len; i++) {
		if (strstr(o->notes[i], says) != NULL)
			return true;
	}
	return false;
}

/* Names in order; what lies deeper, loops, pipes and other files do no harm. */
static void
folders(void **state)
{
	const struct pki_cert *chain[] = { &reading_leaf }, *root[] = { &reading_ca };
	const char *dir = in_folder(reading_folder, "folder");
	char path[512];
	struct objects o;
	struct error err;

	(void)state;
#define INSIDE(name) (snprintf(path, sizeof path, "%s/%s", dir, name), path)
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_true(pki_write_certs(INSIDE("b.pem"), chain, 1));
	assert_true(pki_write_certs(INSIDE("a.pem"), root, 1));
	assert_true(pki_write_key(INSIDE("c.key"), reading_leaf.key, NULL));
	assert_true(write_file(INSIDE("README"), "0 hello\n", 8));
	assert_true(write_file(INSIDE("cut.pem"), "-----BEGIN CERTIFICATE-----\n", 28));
	assert_int_equal(mkfifo(INSIDE("fifo"), 0600), 0);
	assert_int_equal(symlink("../folder", INSIDE("loop")), 0);
	assert_int_equal(symlink("self", INSIDE("self")), 0);
	assert_int_equal(symlink("nowhere", INSIDE("broken")), 0);
	assert_int_equal(mkdir(INSIDE("deeper"), 0700), 0);
	if (read_path(dir, true, &o, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(o.len, 4);
	assert_string_equal(o.items[0].cert->subject.common_name, "Acme Root CA");
	assert_string_equal(o.items[1].cert->subject.common_name, "order-service");
	assert_int_equal(o.items[2].kind, OBJECT_KEY);
	assert_int_equal(o.items[3].kind, OBJECT_DAMAGED);
	assert_string_equal(strrchr(o.items[0].file, '/'), "/a.pem");
	assert_true(has_note(&o, "folder: 1 file holds no certificate and no key"));
	assert_true(has_note(&o, "/fifo: is a pipe (FIFO)"));
	assert_true(has_note(&o, "/self: its symbolic links lead in a circle"));
	assert_true(has_note(&o, "/broken: no such file"));
	objects_done(&o);
#undef INSIDE
}

static void
folder_without_certificates(void **state)
{
	const char *dir = in_folder(reading_folder, "nothing");
	struct objects o;
	struct error err;

	(void)state;
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(read_path(dir, true, &o, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "the folder holds no files"));
	objects_done(&o);
	assert_true(write_file(in_folder(dir, "README"), "hello\n", 6));
	assert_int_equal(read_path(dir, true, &o, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "none of the 1 files"));
	objects_done(&o);
}

/* Far more files than are read: the first by name are, the rest is counted, and it takes no time. */
static void
folder_of_many_files(void **state)
{
	enum { FILES = 20000 };
	const struct pki_cert *chain[] = { &reading_leaf };
	const char *dir = in_folder(reading_folder, "many");
	char first[512], path[512];
	double began;
	struct objects o;
	struct error err;

	(void)state;
	assert_int_equal(mkdir(dir, 0700), 0);
	snprintf(first, sizeof first, "%s/00000.pem", dir);
	assert_true(pki_write_certs(first, chain, 1));
	for (int i = 1; i < FILES; i++) {
		snprintf(path, sizeof path, "%s/%05d.pem", dir, i);
		assert_int_equal(link(first, path), 0);
	}
	began = seconds_now();
	if (read_path(dir, true, &o, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(o.len, LIMIT_FOLDER_FILES);
	assert_true(has_note(&o, "15904 of its 20000 files were left out"));
	assert_true(seconds_now() - began < 3);
	objects_done(&o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_files),
		cmocka_unit_test(keystore_names_are_quoted),
		cmocka_unit_test(types_are_kept_to),
		cmocka_unit_test(no_regular_files),
		cmocka_unit_test(endless_standard_input),
		cmocka_unit_test(folders),
		cmocka_unit_test(folder_without_certificates),
		cmocka_unit_test(folder_of_many_files),
	};

	return cmocka_run_group_tests(tests, reading_setup, reading_teardown);
}
