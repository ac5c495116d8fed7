/*
 * Wrong input of every kind ends in one clear line on standard error and status 2, nothing on
 * standard output, bounded in time and memory. The real program is run, without a terminal.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/pki.h"
#include "lab/pki_files.h"
#include "tests/program.h"

/* What an input may cost at the most: sanitizers need more, so the bounds are wide of what was seen. */
/* A file system lets a file have so many names only: ext4 65,000. */
enum { MOST_MS = 10000, MOST_RSS_KB = 700 * 1024, MANY_FILES = 100000, MANY_NAMES = 50000 };

static char *folder;

/* A PKCS#12 whose MAC asks for 2^31 - 1 iterations. */
static void
write_endless_pkcs12(const struct pki_cert *c)
{
	PKCS12 *p12 = PKCS12_create("secret", "name", c->key, c->x509, NULL, 0, 0, 1, -1, 0);
	FILE *f = fopen(in_folder(folder, "endless.p12"), "wb");

	assert_non_null(p12);
	assert_non_null(f);
	assert_int_equal(PKCS12_set_mac(p12, "secret", -1, NULL, 0, 1, EVP_sha256()), 1);
	i2d_PKCS12_fp(f, p12);
	fclose(f);
	PKCS12_free(p12);
}

/* The iteration count is patched in the DER: making such a file honestly would take half an hour. */
static void
raise_iterations(void)
{
	unsigned char bytes[65536], *at;
	int fd = open(in_folder(folder, "endless.p12"), O_RDWR);
	ssize_t n = read(fd, bytes, sizeof bytes);
	static const unsigned char octets8[] = { 0x04, 0x08 };

	assert_true(n > 16);
	/* MacData ends the file: … OCTET STRING salt (8 bytes), no count (default 1). Append the count and
	 * lengthen the two SEQUENCEs around it, both of which have two length bytes or one. */
	at = memmem(bytes + n - 12, 12, octets8, 2);
	assert_non_null(at);
	assert_ptr_equal(at + 10, bytes + n);
	memcpy(bytes + n, "\x02\x04\x7f\xff\xff\xff", 6);
	assert_int_equal(bytes[1], 0x82);
	bytes[2] = (unsigned char)((n - 4 + 6) >> 8);
	bytes[3] = (unsigned char)((n - 4 + 6) & 0xff);
	/* MacData's own SEQUENCE: its length byte stands before DigestInfo. */
	for (unsigned char *p = bytes + n - 80; p < bytes + n - 10; p++)
		if (p[0] == 0x30 && p + 2 + p[1] == bytes + n) {
			p[1] = (unsigned char)(p[1] + 6);
			break;
		}
	assert_int_equal(pwrite(fd, bytes, (size_t)n + 6, 0), n + 6);
	close(fd);
}

static void
write_pem_key(const char *name, EVP_PKEY *key, const char *passphrase)
{
	assert_true(pki_write_key(in_folder(folder, name), key, passphrase));
}

static int
set_up(void **state)
{
	struct pki_cert ca = pki_issue(&(struct pki_request){ .cn = "Acme Root CA", .ca = true }, NULL);
	struct pki_cert a = pki_issue(&(struct pki_request){ .cn = "one" }, &ca);
	struct pki_cert b = pki_issue(&(struct pki_request){ .cn = "two" }, &ca);
	const struct pki_cert *two[] = { &a, &b }, *one[] = { &a };
	static const unsigned char keystore[] = { 0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2, 0, 0, 0, 1 };
	char *line = malloc(1 << 20);

	(void)state;
	folder = make_folder();
	memset(line, 'a', 1 << 20);
	if (!pki_write_certs(in_folder(folder, "two.pem"), two, 2) ||
	    !pki_write_certs(in_folder(folder, "one.pem"), one, 1) ||
	    !write_file(in_folder(folder, "empty"), "", 0) ||
	    !write_file(in_folder(folder, "garbage"), "\x01\x02garbage\xff", 10) ||
	    !write_file(in_folder(folder, "store.jks"), keystore, sizeof keystore) ||
	    !write_file(in_folder(folder, "long.txt"), line, 1 << 20) ||
	    !write_file(in_folder(folder, "unknown-key.txt"), "localhost:443\nlocalhost:444 colour=red\n", 39) ||
	    mkfifo(in_folder(folder, "fifo"), 0600) != 0 || mkdir(in_folder(folder, "dir"), 0700) != 0 ||
	    mkdir(in_folder(folder, "loop"), 0700) != 0 ||
	    symlink("../loop", in_folder(folder, "loop/loop")) != 0 || symlink("self", in_folder(folder, "self")) != 0)
		return -1;
	free(line);
	write_pem_key("one.key", a.key, NULL);
	write_pem_key("locked.key", a.key, "secret");
	write_endless_pkcs12(&a);
	raise_iterations();
	pki_cert_free(&a);
	pki_cert_free(&b);
	pki_cert_free(&ca);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

#define LABEL_300                                                                                     \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* @ stands for the folder. `says` is what the line must name. */
static const struct {
	const char *what;
	const char *words[8];
	const char *says;
} cases[] = {
	{ "a missing file", { "check", "localhost:1", "--cert", "@missing.pem" }, "missing.pem" },
	{ "a folder as a certificate", { "check", "localhost:1", "--cert", "@dir" }, "dir" },
	{ "an empty file", { "check", "localhost:1", "--cert", "@empty" }, "empty" },
	{ "garbage", { "check", "localhost:1", "--cert", "@garbage" }, "garbage" },
	{ "a FIFO is not waited for", { "check", "localhost:1", "--cert", "@fifo" }, "fifo" },
	{ "/dev/zero", { "check", "localhost:1", "--cert", "/dev/zero" }, "/dev/zero" },
	{ "a link to itself", { "check", "localhost:1", "--cert", "@self" }, "self" },
	{ "garbage as trust", { "check", "localhost:1", "--cacert", "@garbage" }, "garbage" },
	{ "a missing trust file", { "check", "localhost:1", "--cacert", "@missing.pem" }, "missing.pem" },
	{ "a missing trust folder", { "check", "localhost:1", "--capath", "@missing" }, "missing" },
	{ "a wrong passphrase", { "check", "localhost:1", "--cert", "@one.pem", "--key", "@locked.key", "--pass",
	    "wrong" }, "locked.key" },
	{ "a passphrase needed, no terminal", { "check", "localhost:1", "--cert", "@one.pem", "--key",
	    "@locked.key" }, "locked.key" },
	{ "a key where a certificate should be", { "check", "localhost:1", "--cert", "@one.key" }, "one.key" },
	{ "two leaves in one file", { "check", "localhost:1", "--cert", "@two.pem", "--key", "@one.key" }, "two.pem" },
	{ "a Java keystore", { "check", "localhost:1", "--cert", "@store.jks" }, "keytool" },
	{ "PKCS#12 with 2^31 iterations", { "check", "localhost:1", "--cert", "@endless.p12", "--pass", "secret" },
	    "endless.p12" },
	{ "the same, inspected", { "inspect", "@endless.p12", "--pass", "secret" }, "endless.p12" },
	{ "an unknown option", { "check", "--no-such-option", "localhost:1" }, "--no-such-option" },
	{ "a misspelt option", { "check", "--cacrt", "@one.pem", "localhost:1" }, "--cacert" },
	{ "openssl's spelling", { "check", "-connect", "localhost:1" }, "localhost:1" },
	{ "a port apart", { "check", "payment", "8443" }, "payment:8443" },
	{ "an option without its argument", { "check", "localhost:1", "--cert" }, "--cert" },
	{ "an unclosed bracket", { "check", "[::1" }, "[::1" },
	{ "port 0", { "check", "localhost:0" }, "port" },
	{ "port 65536", { "check", "localhost:65536" }, "port" },
	{ "a port of letters", { "check", "localhost:https" }, "port" },
	{ "a label of 300 bytes", { "check", LABEL_300 ":443" }, "63" },
	{ "a leading dash in a host", { "check", "--", "-host:443" }, "-host" },
	{ "an empty target", { "check", "" }, "target" },
	{ "a bad internationalised name", { "check", "xn--\xc3\xbc.example:443" }, "xn--" },
	{ "a line of 1 MB", { "check", "--targets", "@long.txt" }, "long.txt:1" },
	{ "an unknown word in a target's line", { "check", "--targets", "@unknown-key.txt" }, "unknown-key.txt:2" },
	{ "a missing list", { "check", "--targets", "@missing.txt" }, "missing.txt" },
	{ "a time that is none", { "check", "localhost:1", "--at", "tomorrow" }, "tomorrow" },
	{ "a number that is none", { "check", "localhost:1", "--max-time", "soon" }, "soon" },
	{ "a bad cipher list", { "check", "localhost:1", "--ciphers", "NONSENSE" }, "NONSENSE" },
	{ "inspect of nothing", { "inspect", "@missing.pem" }, "missing.pem" },
	{ "inspect of an empty file", { "inspect", "@empty" }, "empty" },
	{ "inspect of garbage", { "inspect", "@garbage" }, "garbage" },
	{ "inspect of a FIFO", { "inspect", "@fifo" }, "fifo" },
	{ "inspect of /dev/zero", { "inspect", "/dev/zero" }, "/dev/zero" },
	{ "an unknown command's option", { "lab", "--cert", "@one.pem" }, "--cert" },
	{ "a seed that is none", { "lab", "--seed", "x" }, "seed" },
};

static size_t
lines(const struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->len; i++)
		n += b->data[i] == '\n';
	return n;
}

static void
run_case(const char *const words[8], struct run *r)
{
	const char *argv[10] = { mtlscope() };
	char paths[8][600];

	for (size_t k = 0; k < 8 && words[k] != NULL; k++) {
		snprintf(paths[k], sizeof paths[k], "%.250s/%.300s", folder, words[k] + (words[k][0] == '@'));
		argv[k + 1] = words[k][0] == '@' ? paths[k] : words[k];
	}
	run_program(argv, &(struct run_options){ .deadline_ms = MOST_MS }, r);
}

static void
one_clear_line_and_status_2(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct run r;

		run_case(cases[i].words, &r);
		if (r.status != 2 || r.out.len != 0 || lines(&r.err) != 1 || strstr(r.err.data, cases[i].says) == NULL ||
		    r.max_rss_kb > MOST_RSS_KB) {
			print_error("%s: status %d, %ld KB, expected one line with \"%s\"\nout: %.300s\nerr: %.600s\n",
			    cases[i].what, r.status, r.max_rss_kb, cases[i].says, r.out.data, r.err.data);
			wrong++;
		}
		run_done(&r);
	}
	assert_int_equal(wrong, 0);
}

/* A folder of 100,000 files, and one that links to itself: read up to a limit, which is said. */
static void
large_folders_are_bounded(void **state)
{
	char name[32], file[600];
	const char *many = in_folder(folder, "many");
	struct run r;

	(void)state;
	assert_int_equal(mkdir(many, 0700), 0);
	for (int i = 0; i < MANY_FILES; i++) {
		snprintf(name, sizeof name, "many/%d.txt", i);
		if (i % MANY_NAMES == 0) {
			snprintf(file, sizeof file, "%s", in_folder(folder, name));
			assert_true(write_file(file, "", 0));
		} else {
			assert_int_equal(link(file, in_folder(folder, name)), 0);
		}
	}
	run_case((const char *const[8]){ "inspect", "@many" }, &r);
	assert_int_not_equal(r.status, -1);
	assert_true(r.max_rss_kb < MOST_RSS_KB);
	assert_true(r.took_ms < MOST_MS);
	run_done(&r);
	run_case((const char *const[8]){ "inspect", "@loop" }, &r);
	assert_int_not_equal(r.status, -1);
	run_done(&r);
}

/* Certificates that are costly to judge; inspect answers all the same, in time, and is not killed. */
struct costly {
	const char *what, *file;
};

static void
write_big_names(const char *file)
{
	enum { NAMES = 10000 };
	struct buf permitted = { 0 };
	const char **san = calloc(NAMES + 1, sizeof *san);
	struct pki_cert root, leaf;
	const struct pki_cert *chain[2];

	buf_adds(&permitted, "critical");
	for (int i = 0; i < NAMES; i++) {
		char name[64];

		snprintf(name, sizeof name, "DNS:h%d.example.com", i);
		san[i] = strdup(name);
		buf_addf(&permitted, ",permitted;DNS:d%d.example.net", i);
	}
	root = pki_issue(&(struct pki_request){ .cn = "Wide Root CA", .ca = true,
	    .name_constraints = buf_str(&permitted) }, NULL);
	leaf = pki_issue(&(struct pki_request){ .cn = "wide", .san = san, .eku = "serverAuth" }, &root);
	chain[0] = &leaf;
	chain[1] = &root;
	assert_true(pki_write_certs(in_folder(folder, file), chain, 2));
	for (int i = 0; i < NAMES; i++)
		free((void *)(uintptr_t)san[i]);
	free(san);
	buf_done(&permitted);
	pki_cert_free(&leaf);
	pki_cert_free(&root);
}

/* A public key of this modulus and exponent, never a private one: only what a stranger can send. */
static void
write_odd_rsa(const char *file, int bits, int exponent_bits)
{
	struct pki_cert ca = pki_issue(&(struct pki_request){ .cn = "Odd CA", .ca = true }, NULL), leaf;
	const struct pki_cert *chain[2];
	BIGNUM *n = BN_new(), *e = BN_new();
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *params;
	EVP_PKEY *key = NULL;

	assert_int_equal(BN_rand(n, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD), 1);
	assert_int_equal(BN_rand(e, exponent_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD), 1);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
	params = OSSL_PARAM_BLD_to_param(build);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
	leaf = pki_issue(&(struct pki_request){ .cn = "odd", .key = key, .eku = "serverAuth" }, &ca);
	chain[0] = &leaf;
	chain[1] = &ca;
	assert_true(pki_write_certs(in_folder(folder, file), chain, 2));
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	BN_free(n);
	BN_free(e);
	EVP_PKEY_free(key);
	pki_cert_free(&leaf);
	pki_cert_free(&ca);
}

static void
write_explicit_curve(const char *file)
{
	struct pki_cert ca = pki_issue(&(struct pki_request){ .cn = "Odd CA", .ca = true }, NULL), leaf;
	EVP_PKEY *key = pki_key(PKI_P256);
	const struct pki_cert *chain[2];

	assert_int_equal(EVP_PKEY_set_utf8_string_param(key, "encoding", "explicit"), 1);
	leaf = pki_issue(&(struct pki_request){ .cn = "explicit", .key = key, .eku = "serverAuth" }, &ca);
	chain[0] = &leaf;
	chain[1] = &ca;
	assert_true(pki_write_certs(in_folder(folder, file), chain, 2));
	EVP_PKEY_free(key);
	pki_cert_free(&leaf);
	pki_cert_free(&ca);
}

static void
write_dates(const char *file, int64_t from, int64_t to)
{
	struct pki_cert ca = pki_issue(&(struct pki_request){ .cn = "Old CA", .ca = true, .not_before = from,
	    .not_after = to }, NULL);
	struct pki_cert leaf = pki_issue(&(struct pki_request){ .cn = "old", .not_before = from, .not_after = to,
	    .eku = "serverAuth", .san = (const char *const[]){ "DNS:old.example", NULL } }, &ca);
	const struct pki_cert *chain[] = { &leaf, &ca };

	assert_true(pki_write_certs(in_folder(folder, file), chain, 2));
	pki_cert_free(&leaf);
	pki_cert_free(&ca);
}

static void
costly_certificates_are_judged_in_time(void **state)
{
	static const char *const zones[] = { "UTC", "Pacific/Kiritimati", "America/St_Johns", "Nonsense/Zone" };
	static const struct costly files[] = {
		{ "10,000 SANs under 10,000 name constraints", "wide.pem" },
		{ "RSA 16,384", "rsa16384.pem" },
		{ "an exponent of 4,096 bits", "exponent.pem" },
		{ "explicit EC parameters", "explicit.pem" },
		{ "years 0000 to 9999", "dates.pem" },
	};

	(void)state;
	write_big_names("wide.pem");
	write_odd_rsa("rsa16384.pem", 16384, 17);
	write_odd_rsa("exponent.pem", 4096, 4095);
	write_explicit_curve("explicit.pem");
	write_dates("dates.pem", -62167219200, 253402300799);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		for (size_t z = 0; z < (i == 4 ? sizeof zones / sizeof zones[0] : 1); z++) {
			const char *path = in_folder(folder, files[i].file);
			char zone[64];
			struct run r;

			snprintf(zone, sizeof zone, "TZ=%s", zones[z]);
			run_program((const char *const[]){ mtlscope(), "inspect", path, "--cacert", path, NULL },
			    &(struct run_options){ .deadline_ms = MOST_MS, .env = (const char *const[]){ zone,
			    "LC_ALL=tr_TR.UTF-8", NULL } }, &r);
			if (r.status < 0 || r.status > 8 || r.max_rss_kb > MOST_RSS_KB || r.out.len == 0)
				fail_msg("%s: status %d, %.0f ms, %ld KB\n%.600s%.600s", files[i].what, r.status,
				    r.took_ms, r.max_rss_kb, r.out.data, r.err.data);
			if (i == 4 && (strstr(r.out.data, "9999-12-31") == NULL))
				fail_msg("%s, TZ=%s: no 9999-12-31 in\n%s", files[i].what, zones[z], r.out.data);
			run_done(&r);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_clear_line_and_status_2),
		cmocka_unit_test(large_folders_are_bounded),
		cmocka_unit_test(costly_certificates_are_judged_in_time),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
