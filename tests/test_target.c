/* Targets as people spell them, right and wrong, hosts and the --targets file. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <sys/socket.h>
#include <unistd.h>

#include "model/host.h"
#include "model/memory.h"
#include "model/target.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])
#define L10 "aaaaaaaaaa"
#define L60 L10 L10 L10 L10 L10 L10

static const struct good {
	const char *text, *host;
	unsigned port;
	const char *path, *name, *label;
	enum starttls starttls;
	bool http, ip;
} good[] = {
	/* HOST[:PORT] */
	{ "payment.internal", "payment.internal", 443, "/", "payment.internal", "payment.internal:443", 0, true, false },
	{ "payment.internal:8443", "payment.internal", 8443, "/", "payment.internal", "payment.internal:8443", 0, true, false },
	{ "Payment.INTERNAL:65535", "payment.internal", 65535, "/", "payment.internal", "payment.internal:65535", 0, true, false },
	{ "h:1", "h", 1, "/", "h", "h:1", 0, true, false },
	{ "lab:443", "lab", 443, "/", "lab", "lab:443", 0, true, false },
	{ "_srv.a-b.x", "_srv.a-b.x", 443, "/", "_srv.a-b.x", "_srv.a-b.x:443", 0, true, false },
	/* A last dot is for the resolver, not for the certificate. */
	{ "payment.internal.:8443", "payment.internal.", 8443, "/", "payment.internal", "payment.internal.:8443", 0, true, false },
	/* A label of 63. */
	{ L60 "aaa.x", L60 "aaa.x", 443, "/", L60 "aaa.x", L60 "aaa.x:443", 0, true, false },
	/* Addresses. */
	{ "127.0.0.1:8443", "127.0.0.1", 8443, "/", "127.0.0.1", "127.0.0.1:8443", 0, true, true },
	{ "[::1]:8443", "::1", 8443, "/", "::1", "[::1]:8443", 0, true, true },
	{ "[0:0:0:0:0:0:0:1]", "::1", 443, "/", "::1", "[::1]:443", 0, true, true },
	{ "[fe80::1%eth0]:9", "fe80::1%eth0", 9, "/", "fe80::1", "[fe80::1%eth0]:9", 0, true, true },
	{ "https://[fe80::1%25eth0]/", "fe80::1%eth0", 443, "/", "fe80::1", "[fe80::1%eth0]:443", 0, true, true },
	/* URLs. */
	{ "https://host:8443/path", "host", 8443, "/path", "host", "host:8443", 0, true, false },
	{ "HTTPS://Host", "host", 443, "/", "host", "host:443", 0, true, false },
	{ "https://host?x=1#part", "host", 443, "/?x=1", "host", "host:443", 0, true, false },
	{ "https://host/@us\xc3\xa9r", "host", 443, "/@us%C3%A9r", "host", "host:443", 0, true, false },
	{ "https", "https", 443, "/", "https", "https:443", 0, true, false },
	{ "https:8443", "https", 8443, "/", "https", "https:8443", 0, true, false },
	{ "postgres://db/orders", "db", 5432, "/", "db", "db:5432", STARTTLS_POSTGRES, false, false },
	{ "postgresql://db:6432", "db", 6432, "/", "db", "db:6432", STARTTLS_POSTGRES, false, false },
	{ "mysql://db", "db", 3306, "/", "db", "db:3306", STARTTLS_MYSQL, false, false },
	{ "smtp://mx", "mx", 25, "/", "mx", "mx:25", STARTTLS_SMTP, false, false },
	{ "imap://mx", "mx", 143, "/", "mx", "mx:143", STARTTLS_IMAP, false, false },
	{ "pop3://mx", "mx", 110, "/", "mx", "mx:110", STARTTLS_POP3, false, false },
	{ "ldap://dir/dc=x", "dir", 389, "/", "dir", "dir:389", STARTTLS_LDAP, false, false },
	{ "ldaps://dir", "dir", 636, "/", "dir", "dir:636", 0, false, false },
	/* Internationalised names (IDNA 2008, non-transitional). */
	{ "b\xc3\xbc" "cher.example:8443", "xn--bcher-kva.example", 8443, "/", "xn--bcher-kva.example",
	    "xn--bcher-kva.example:8443", 0, true, false },
	{ "B\xc3\x9c" "CHER.example", "xn--bcher-kva.example", 443, "/", "xn--bcher-kva.example",
	    "xn--bcher-kva.example:443", 0, true, false },
	{ "fa\xc3\x9f.de", "xn--fa-hia.de", 443, "/", "xn--fa-hia.de", "xn--fa-hia.de:443", 0, true, false },
};

static void
good_targets(void **state)
{
	char label[600];

	(void)state;
	for (size_t i = 0; i < LEN(good); i++) {
		const struct good *g = &good[i];
		struct error err = { 0 };
		struct target t, copy;

		if (target_parse(g->text, &t, &err) != STATUS_OK)
			fail_msg("%s: %s", g->text, err.text);
		target_copy(&copy, &t);
		target_done(&t);
		assert_string_equal(copy.host, g->host);
		assert_int_equal(copy.port, g->port);
		assert_string_equal(copy.path, g->path);
		assert_string_equal(target_name(&copy), g->name);
		assert_string_equal(target_label(&copy, label, sizeof label), g->label);
		assert_int_equal(copy.starttls, g->starttls);
		assert_int_equal(copy.http, g->http);
		assert_int_equal(copy.is_ip, g->ip);
		target_done(&copy);
	}
}

static const struct bad {
	const char *text, *says; /* a part of the message that a person needs */
} bad[] = {
	{ "", "empty" },
	{ "   ", "empty" },
	{ "[::1", "closing bracket" },
	{ "[::1]8443", "expected “:” and a port" },
	{ "[::1]:", "a number from 1 to 65535" },
	{ "[]", "no host" },
	{ "[127.0.0.1]:1", "only an IPv6 address" },
	{ "[::g]:1", "no IPv6 address" },
	{ "[fe80::1%]:1", "zone" },
	{ "[fe80::1%a b]:1", "blank" },
	{ "::1", "brackets: [::1]:443" },
	{ "2001:db8::1:8443", "brackets" },
	{ "a:b:c", "more than one colon" },
	{ "host:0", "“0” is no port" },
	{ "host:65536", "“65536” is no port" },
	{ "host:99999999999999999999", "is no port" },
	{ "host:+443", "is no port" },
	{ "host:8443x", "“8443x” is no port" },
	{ "host:", "a number from 1 to 65535" },
	{ ":443", "no host" },
	{ "8443", "HOST:8443" },
	{ L60 "aaaa.x", "64 bytes" },
	{ L60 L60 L60 L60 L60, "300 bytes" },
	{ L60 "." L60 "." L60 "." L60 "." L60, "at most 253" },
	{ L60 "." L60 "." L60 "." L60 "." L10, "254 bytes" },
	{ "-cert", "begins with “-”" },
	{ "https://-host/", "does not begin with “-”" },
	{ "payment 8443", "joined by a colon: payment:8443" },
	{ "payment \t 8443 ", "joined by a colon: payment:8443" },
	{ "payment:8443 ", "blanks around it: expected “payment:8443”" },
	{ "pay ment:8443", "holds a blank" },
	{ "pay\x1b[2Jment", "control character (byte 4)" },
	{ "payment:8443\r", "control character" },
	{ "user:secret@host:8443", "no user name and no password; expected “host:8443”" },
	{ "https://user:secret@host/x", "expected “…://host” alone" },
	{ "postgres://u@db/x", "no user name" },
	{ "1.2.3", "last label is a number" },
	{ "0x7f.1", "last label is a number" },
	{ "1.2.3.0x4", "last label is a number" },
	{ "1.2.3.4.5", "last label is a number" },
	{ "256.1.1.1:1", "last label is a number" },
	{ "127.1:443", "last label is a number" },
	{ "a..b", "empty label" },
	{ ".a", "empty label" },
	{ ".", "empty label" },
	{ "a/b", "https://a/b" },
	{ "./order.crt", "is a path, not a host; expected HOST" },
	{ "http://host", "not TLS" },
	{ "ftp://host", "“ftp://” is not known" },
	{ "://host", "not known" },
	{ "https:/host", "expected “//”" },
	{ "https://", "no host" },
	{ "https:///path", "no host" },
	{ "https://host:/", "a number from 1 to 65535" },
	{ "unix:", "absolute path" },
	{ "unix:run/x", "absolute path" },
	{ "unix:/" L60 L60, "at most 107" },
	{ "host,b", "“,” cannot stand" },
	{ "h*st", "“*” cannot stand" },
	{ "\xe2\x98\x83.net", "IDNA 2008" },
	{ "a\xe2\x80\xae" "b.net", "IDNA 2008" },
	{ "a\xff.net", "IDNA 2008" },
	{ "\xe2\x84\x80.net", "“/” cannot stand" },
	/* Full-width digits: no address in disguise, or the address itself; never another host. */
	{ "\xef\xbc\x91\xef\xbc\x92", "last label is a number" },
};

static void
bad_targets(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		struct error err = { 0 };
		struct target t;

		if (target_parse(bad[i].text, &t, &err) == STATUS_OK)
			fail_msg("“%s” was taken as host %s", bad[i].text, t.host);
		if (strstr(err.text, bad[i].says) == NULL)
			fail_msg("“%s”: the message lacks “%s”: %s", bad[i].text, bad[i].says, err.text);
		assert_int_equal(err.code, ERROR_USAGE);
		assert_null(strstr(err.text, "secret")); /* no password in a message */
		assert_null(strpbrk(err.text, "\x1b\r\n"));
		assert_null(t.host);
	}
}

/* A very long word neither overflows nor is echoed in full. */
static void
long_words(void **state)
{
	static const char fill[] = { 'a', ':', '[', '.', '@', ' ', '/', '%', '\xc3' };
	size_t len = 1000 * 1000;
	char *word = mem_alloc(len + 1);

	(void)state;
	for (size_t i = 0; i < LEN(fill); i++) {
		struct error err = { 0 };
		struct target t;

		memset(word, fill[i], len);
		word[len] = '\0';
		assert_int_equal(target_parse(word, &t, &err), STATUS_FAILED);
		assert_true(error_is_set(&err));
	}
	free(word);
}

static void
unix_sockets(void **state)
{
	struct error err = { 0 };
	struct target t;
	char label[64];

	(void)state;
	assert_int_equal(target_parse("unix:/run/x.sock", &t, &err), STATUS_OK);
	assert_null(t.host);
	assert_null(target_name(&t));
	assert_string_equal(t.unix_path, "/run/x.sock");
	assert_false(t.http);
	assert_string_equal(target_label(&t, label, sizeof label), "unix:/run/x.sock");
	assert_int_equal(target_set_servername(&t, "Payment.Internal.", &err), STATUS_OK);
	assert_string_equal(target_name(&t), "payment.internal");
	target_done(&t);
}

static void
names_and_paths_are_set(void **state)
{
	struct error err = { 0 };
	struct target t;

	(void)state;
	assert_int_equal(target_parse("h", &t, &err), STATUS_OK);
	assert_int_equal(target_set_path(&t, "/health#x", &err), STATUS_OK);
	assert_string_equal(t.path, "/health");
	assert_int_equal(target_set_path(&t, "health", &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "begins with “/”"));
	error_clear(&err);
	assert_int_equal(target_set_path(&t, "/a b", &err), STATUS_FAILED);
	error_clear(&err);
	assert_int_equal(target_set_path(&t, "/a\r\nX: y", &err), STATUS_FAILED);
	error_clear(&err);
	assert_int_equal(target_set_servername(&t, "a b", &err), STATUS_FAILED);
	error_clear(&err);
	assert_int_equal(target_set_servername(&t, "", &err), STATUS_FAILED);
	assert_string_equal(t.path, "/health");
	target_done(&t);
}

/* CONTRACT section 1: a target that is a file is not resolved, the message names `inspect`. */
static void
files_are_no_hosts(void **state)
{
	char name[] = "/tmp/mtlscope-target-XXXXXX";
	struct error err = { 0 };
	struct target t;
	int fd = mkstemp(name);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(target_from_word(name, &t, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "mtlscope inspect /tmp/mtlscope-target-"));
	assert_int_equal(unlink(name), 0);
	error_clear(&err);
	assert_int_equal(target_from_word("localhost:1", &t, &err), STATUS_OK);
	target_done(&t);
}

/* Of a path that is there it was said that there is no such file. */
static void
paths_say_what_they_are(void **state)
{
	char folder[] = "/tmp/mtlscope-target-XXXXXX", path[64];
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct {
		const char *word, *says;
	} cases[] = {
		{ folder, "is a folder, not a host; to see what is in it: mtlscope inspect /tmp/mtlscope-target-" },
		{ path, "is a socket; as a target it is written with “unix:” before its absolute path" },
		{ "/dev/null", "is neither a host nor a regular file" },
		{ "/tmp/mtlscope-target-nowhere", "is a path, not a host, and there is no such file" },
		{ "./mtlscope-target-nowhere", "is a path, not a host, and there is no such file" },
		{ "/dev/null/x", "is a path, not a host, and Not a directory" },
	};

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/s", folder);
	snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct error err = { 0 };
		struct target t;
		assert_int_equal(target_from_word(cases[i].word, &t, &err), STATUS_FAILED);
		if (strstr(err.text, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].word, err.text);
		target_done(&t);
	}
	close(fd);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_targets),
		cmocka_unit_test(bad_targets),
		cmocka_unit_test(long_words),
		cmocka_unit_test(unix_sockets),
		cmocka_unit_test(names_and_paths_are_set),
		cmocka_unit_test(files_are_no_hosts),
		cmocka_unit_test(paths_say_what_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
