/*
 * Cases that are damaged, hostile, old or new: each is refused with one line that says where and what was
 * expected, or read; and what every one gives that is read can be diagnosed.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

#include "lab/pki_files.h"
#include "model/case.h"
#include "model/diagnosis.h"
#include "model/json.h"
#include "model/limits.h"
#include "model/memory.h"
#include "tests/chains.h"
#include "tests/kept_case.h"
#include "tests/program.h"

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA", .org = "Acme" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1", .org = "Acme" } },
	{ .name = "leaf", .issuer = "issuing", .role = IS_SERVER },
	{ .name = "client", .issuer = "issuing", .role = IS_CLIENT },
};

static struct chains *chains;
static struct evidence *evidence; /* a client that forgot its intermediate */
static char *folder;
static struct buf json;           /* its case, not packed */

static void
write_it(const struct evidence *e, struct buf *out)
{
	struct error err = { .code = ERROR_NONE };

	buf_reset(out);
	if (case_write(e, &(struct case_about){ .command = "payment.internal:8443", .saved_ms = CHAINS_NOW * 1000 }, out, &err) != STATUS_OK)
		fail_msg("%s", err.text);
}

static int
set_up(void **state)
{
	static const struct chain_case forgotten = { .server = { "leaf", "issuing" }, .ours = { "client" }, .answer = REFUSED };
	struct handshake *h;

	(void)state;
	folder = make_folder();
	chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	evidence = chains_evidence(chains, &forgotten);
	h = evidence->handshakes[0];
	h->messages = arena_array(h->arena, 1, sizeof *h->messages);
	h->messages[h->messages_len++] = (struct message){ .from = PEER_US, .type = 1, .bytes = 230, .parsed_ms = 0.5, .at_ms = 0.5, .note = "TLS 1.3" };
	h->detail = "a reason";
	write_it(evidence, &json);
	assert_int_equal(json.data[0], '{');
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	evidence_free(evidence);
	chains_free(chains);
	buf_done(&json);
	remove_folder(folder);
	return 0;
}

/* ---- reading from memory ---- */

/* What is read is diagnosed and printed, whatever is in it. */
static status
parse(const void *bytes, size_t len, struct error *err)
{
	struct saved_case c;
	status st = case_parse("some/seen.case", bytes, len, &c, err);
	struct diagnosis *d;
	struct buf out = { 0 };

	if (st != STATUS_OK) {
		assert_true(error_is_set(err));
		assert_int_equal(err->code, ERROR_INPUT);
		assert_null(strchr(err->text, '\n'));
		assert_int_equal(strncmp(err->text, "some/seen.case: ", 16), 0);
		return st;
	}
	d = diagnose(c.evidence);
	json_check(d, &out);
	assert_true(out.len > 0);
	buf_done(&out);
	diagnosis_free(d);
	case_done(&c);
	return st;
}

/* The case with one text in the place of another, which must be in it; without `find`, `put` is all of it. */
static struct buf
changed(const char *find, const char *put)
{
	struct buf b = { 0 };
	const char *at = find != NULL ? strstr(json.data, find) : json.data;

	if (at == NULL)
		fail_msg("the case has no %s", find);
	if (find != NULL)
		buf_add(&b, json.data, (size_t)(at - json.data));
	buf_adds(&b, put);
	if (find != NULL)
		buf_adds(&b, at + strlen(find));
	return b;
}

/* ---- one thing is wrong ---- */

#define NOT_A_SHA "0000000000000000000000000000000000000000000000000000000000000000"

static const struct {
	const char *what, *find, *put;
	const char *says; /* NULL: it is read all the same */
} cases[] = {
	{ "as it is", "\"schema\"", "\"schema\"", NULL },
	{ "a file of another kind", NULL, "\x7f" "ELF}", "byte 0: is not JSON, and so no case; expected “{”" },
	{ "no case at all", NULL, "-----BEGIN CERTIFICATE-----\n", "is a PEM file and no case; mtlscope inspect reads it" },
	{ "nothing but blanks", NULL, "  \n", "is not JSON" },
	{ "another JSON", NULL, "{\"schema\":\"mtlscope.check/1\"}", "is no case: expected \"schema\":\"mtlscope.case/1\"" },
	{ "no schema", "\"schema\":\"mtlscope.case/1\",", "", "is no case" },
	{ "a newer version", "mtlscope.case/1", "mtlscope.case/2", "is a case of version 2; this mtlscope reads version 1: a newer one is needed" },
	{ "a much newer version", "mtlscope.case/1", "mtlscope.case/99999999999999999999", "a newer one is needed" },
	{ "a version that is none", "mtlscope.case/1", "mtlscope.case/x", "is no case" },
	/* What a later version adds is passed over; what an earlier one did not have has its default. */
	{ "a member more, in the whole", "{\"schema\"", "{\"later\":{\"x\":[1,{\"y\":null}]},\"schema\"", NULL },
	{ "a member more, in a handshake", "{\"id\":\"h1\"", "{\"later\":[true],\"id\":\"h1\"", NULL },
	{ "a member less", "\"write_failed\":false,", "", NULL },
	{ "a member that is null", "\"write_failed\":false", "\"write_failed\":null", NULL },
	{ "no thresholds", "\"require_mtls\":false", "\"x\":1", NULL },
	/* Missing, and there is nothing to go on with. */
	{ "no id", "\"id\":\"h1\",", "", "evidence.handshakes[0].id: is missing" },
	{ "no outcome", "\"outcome\":\"rejected-alert\",", "", "evidence.handshakes[0].outcome: is missing" },
	{ "no handshakes", "\"handshakes\":[", "\"handshakes\":[],\"later\":[", "evidence: holds no handshake" },
	{ "no host", "\"host\":\"payment.internal\",", "", "evidence: names neither target.host nor target.unix_path" },
	{ "no certificates", "\"certificates\":{", "\"later\":{", "certificates: is missing, or no object" },
	{ "no evidence", "\"evidence\":{", "\"later\":{", "evidence: is null; expected an object" },
	/* Of the wrong kind. */
	{ "a number as text", "\"port\":8443", "\"port\":\"8443\"", "evidence.target.port: is “8443”; expected a whole number from 0 to 65535" },
	{ "a number too large", "\"port\":8443", "\"port\":65536", "evidence.target.port: is 65536; expected a whole number from 0 to 65535" },
	{ "a number below zero", "\"port\":8443", "\"port\":-1", "evidence.target.port: is -1" },
	{ "half a number", "\"port\":8443", "\"port\":84.5", "evidence.target.port: is 84.5" },
	{ "a number beyond any", "\"local_ms\":", "\"local_ms\":1e400,\"x\":", "evidence.clocks.local_ms: is inf" },
	{ "a time beyond any", "\"started_ms\":", "\"started_ms\":9007199254740994,\"x\":", "started_ms: is 9007199254740994" },
	{ "a duration beyond any", "\"resolve_ms\":0.1", "\"resolve_ms\":1e300", "evidence.handshakes[0].resolve_ms: is 1" },
	{ "days beyond any", "\"expires_within\":30", "\"expires_within\":2000000000", "expected a whole number from 0 to 36500" },
	{ "an alert of 256", "\"number\":48", "\"number\":256", "evidence.handshakes[0].alerts[0].number: is 256; expected a whole number from 0 to 255" },
	{ "a word that an enum has not", "\"outcome\":\"rejected-alert\"", "\"outcome\":\"shot\"", "evidence.handshakes[0].outcome: is “shot”; expected one of accepted, accepted-app" },
	{ "a number for an enum", "\"outcome\":\"rejected-alert\"", "\"outcome\":2", "evidence.handshakes[0].outcome: is 2; expected one of" },
	{ "true as a text", "\"resumed\":false", "\"resumed\":\"false\"", "evidence.handshakes[0].resumed: is “false”; expected true or false" },
	{ "a list as an object", "\"alerts\":[", "\"alerts\":{},\"x\":[", "evidence.handshakes[0].alerts: is an object; expected a list" },
	{ "an object as a list", "\"target\":{", "\"target\":[],\"x\":{", "evidence.target: is a list; expected an object" },
	{ "a text as a list", "\"detail\":\"a reason\"", "\"detail\":[\"a reason\"]", "evidence.handshakes[0].detail: is a list; expected text" },
	/* Text. */
	{ "a raw control character", "\"a reason\"", "\"a \x1b reason\"", "a control character in a text" },
	{ "a NUL", "\"a reason\"", "\"a\\u0000reason\"", "a NUL in a text" },
	{ "escaped control and bidi", "\"a reason\"", "\"a\\u001b[2J\\u202e\\r\\n\"", NULL },
	{ "half a surrogate", "\"a reason\"", "\"a\\ud800b\"", "is not JSON" },
	{ "bytes that are no UTF-8", "\"a reason\"", "\"a\xff\xfe\"", NULL },
	{ "a path with a NUL", "\"cert_path\":null", "\"cert_path\":{\"base64\":\"YQBi\"}", "evidence.identity.cert_path: has a NUL in it" },
	{ "a command that does more", "\"command\":\"payment.internal:8443\"", "\"command\":\"h:1; rm -rf ~\"", "command: is more than words" },
	{ "a command in a command", "\"command\":\"payment.internal:8443\"", "\"command\":\"$(reboot)\"", "command: is more than words" },
	{ "a quote without an end", "\"command\":\"payment.internal:8443\"", "\"command\":\"h:1 'x\"", "command: is more than words" },
	{ "an escaped quote without an end", "\"command\":\"payment.internal:8443\"", "\"command\":\"h:1 $'x\\\\'\"", "command: is more than words" },
	{ "a command with quotes", "\"command\":\"payment.internal:8443\"", "\"command\":\"h:1 --key 'a b'\\\\''c' $'d\\\\'\\\\033' 'x?y=…'\"", NULL },
	{ "base64 that is none", "\"cert_path\":null", "\"cert_path\":{\"base64\":\"Y!Bi\"}", "evidence.identity.cert_path: is not base64" },
	{ "base64 that ends early", "\"cert_path\":null", "\"cert_path\":{\"base64\":\"YWJ\"}", "evidence.identity.cert_path: is not base64" },
	{ "padding in the middle", "\"cert_path\":null", "\"cert_path\":{\"base64\":\"Y=Jj\"}", "evidence.identity.cert_path: is not base64" },
	{ "a path without its kind", "\"cert_path\":null", "\"cert_path\":\"x\"", NULL },
	/* Certificates. */
	{ "a fingerprint in capitals", "\"spki\":\"", "\"spki\":\"A", "evidence.identity.key.pub.spki: is “" },
	{ "a certificate that is not there", "\"anchors\":[\"", "\"anchors\":[\"" NOT_A_SHA "\",\"", "evidence.trust.anchors[0]: refers to a certificate that is not among \"certificates\"" },
	{ "a wire certificate that is not there", "\"der\":\"", "\"der\":\"x", "evidence.handshakes[0].server_certs[0].der: refers to a certificate" },
	{ "a number for a certificate", "\"anchors\":[", "\"anchors\":[7,", "evidence.trust.anchors[0]: is 7; expected the SHA-256 of a certificate" },
	{ "a certificate that is no text", "\"anchors\":[", "\"anchors\":[\"x\",", "evidence.trust.anchors[0]: refers to" },
	{ "bytes that were changed", "\":\"MIIB", "\":\"MIIC", "its bytes were changed" },
	/* JSON that is none. */
	{ "a comma too many", "\"resumed\":false,", "\"resumed\":false,,", "is not JSON" },
	{ "a bracket too many", "\"alerts\":[", "\"alerts\":]", "closes nothing" },
	{ "a text without an end", "\"note\":\"TLS 1.3\"", "\"note\":\"TLS 1.3", "a control character in a text" },
};

static void
one_thing_is_wrong(void **state)
{
	size_t failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf b = changed(cases[i].find, cases[i].put);
		struct error err = { .code = ERROR_NONE };
		status st = parse(b.data, b.len, &err);
		const char *said = st == STATUS_OK ? "nothing" : err.text, *expected = cases[i].says != NULL ? cases[i].says : "nothing";

		if ((st == STATUS_OK) != (cases[i].says == NULL) || (cases[i].says != NULL && strstr(said, expected) == NULL)) {
			print_error("%s: said “%s”, expected “%s”\n", cases[i].what, said, expected);
			failed++;
		}
		buf_done(&b);
	}
	assert_int_equal(failed, 0);
}

static void
something_follows(void **state)
{
	struct buf b = { 0 };
	struct error err = { .code = ERROR_NONE };

	(void)state;
	buf_add(&b, json.data, json.len);
	buf_adds(&b, " \r\n\t");
	assert_int_equal(parse(b.data, b.len, &err), STATUS_OK);
	buf_adds(&b, "{}");
	assert_int_equal(parse(b.data, b.len, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "something follows the end of the case"));
	buf_done(&b);
}

/* Whatever text stands in a case, a screen can show it. */
static void
texts_are_harmless(void **state)
{
	struct buf b = changed("\"a reason\"", "\"a\\u001b[2J\\u202ereason\\r\\n\"");
	struct saved_case c;
	struct error err = { .code = ERROR_NONE };

	(void)state;
	assert_int_equal(case_parse("x", (const unsigned char *)b.data, b.len, &c, &err), STATUS_OK);
	assert_string_equal(c.evidence->handshakes[0]->detail, "a\\x1b[2J\\u{202e}reason\\x0d\\x0a");
	case_done(&c);
	buf_done(&b);
}

/* ---- too much ---- */

static void
repeat(struct buf *b, const char *before, const char *text, size_t times, const char *after)
{
	buf_adds(b, before);
	for (size_t i = 0; i < times; i++)
		buf_adds(b, text);
	buf_adds(b, after);
}

static void
too_much(void **state)
{
	static const struct {
		const char *what, *find, *before, *text;
		size_t times;
		const char *after, *says;
	} much[] = {
		{ "deep nesting", "{\"schema\"", "{\"later\":", "[", 100000, ",\"schema\"", "nested deeper than 16 levels" },
		{ "a million handshakes", "\"handshakes\":[", "\"handshakes\":[", "{},", 1000 * 1000, "", "more than 1048576 values" },
		{ "a thousand handshakes", "\"handshakes\":[", "\"handshakes\":[", "{},", 1000, "", "evidence.handshakes: has 1001 entries; at most 64 are read" },
		{ "a million numbers", "\"sigalgs\":[", "\"sigalgs\":[", "1,", 1100 * 1000, "", "values" },
		{ "many alerts", "\"alerts\":[", "\"alerts\":[", "{},", 100, "", "evidence.handshakes[0].alerts: has 101 entries; at most 64 are read" },
		{ "many certificates", "\"certificates\":{", "\"certificates\":{", "\"a\":\"\",", 20000, "", "certificates: has 2000" },
		{ "one long text", "\"a reason\"", "\"", "0123456789", 100000, "\"", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof much / sizeof much[0]; i++) {
		struct buf put = { 0 }, b;
		struct error err = { .code = ERROR_NONE };

		repeat(&put, much[i].before, much[i].text, much[i].times, much[i].after);
		b = changed(much[i].find, buf_str(&put));
		if ((parse(b.data, b.len, &err) == STATUS_OK) != (much[i].says == NULL))
			fail_msg("%s: %s", much[i].what, error_is_set(&err) ? err.text : "was read");
		if (much[i].says != NULL && strstr(err.text, much[i].says) == NULL)
			fail_msg("%s: said “%s”", much[i].what, err.text);
		buf_done(&put);
		buf_done(&b);
	}
}

/* ---- packed ---- */

static struct buf
packed(const void *bytes, size_t len)
{
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)bytes, .avail_in = (unsigned)len };
	struct buf out = { 0 };
	unsigned char piece[65536];
	int result = Z_OK;

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	while (result == Z_OK) {
		z.next_out = piece;
		z.avail_out = sizeof piece;
		result = deflate(&z, Z_FINISH);
		buf_add(&out, piece, sizeof piece - z.avail_out);
	}
	deflateEnd(&z);
	return out;
}

static void
expect(const struct buf *b, size_t len, const char *what, const char *says)
{
	struct error err = { .code = ERROR_NONE };

	if (parse(b->data, len, &err) == STATUS_OK)
		fail_msg("%s: was read", what);
	if (strstr(err.text, says) == NULL)
		fail_msg("%s: said “%s”, expected “%s”", what, err.text, says);
}

static void
packed_cases(void **state)
{
	struct buf b = packed(json.data, json.len), more = { 0 };
	struct error err = { .code = ERROR_NONE };
	size_t crc = b.len - 8;

	(void)state;
	assert_int_equal(parse(b.data, b.len, &err), STATUS_OK);
	for (size_t len = 2; len < b.len; len += 1 + len / 8)
		expect(&b, len, "cut", len < 2 ? "is not JSON" : "the gzip data end too early: the file was cut");
	b.data[crc] = (char)(b.data[crc] ^ 1);
	expect(&b, b.len, "another check", "the gzip data are damaged (incorrect data check)");
	b.data[crc] = (char)(b.data[crc] ^ 1);
	b.data[b.len / 2] = (char)(b.data[b.len / 2] ^ 0x55);
	expect(&b, b.len, "a byte in the middle", "");
	b.data[b.len / 2] = (char)(b.data[b.len / 2] ^ 0x55);
	buf_add(&more, b.data, b.len);
	buf_add(&more, b.data, b.len);
	expect(&more, more.len, "two of them", "bytes follow the end of the gzip data");
	buf_done(&b);
	buf_done(&more);
}

/* 200 KB that would be 200 MB: given up at 64. */
static void
a_bomb(void **state)
{
	enum { BLANKS = 200 * 1024 * 1024 };
	char *blanks = mem_alloc(BLANKS);
	struct rusage before, after;
	struct buf b;

	(void)state;
	memset(blanks, ' ', BLANKS);
	b = packed(blanks, BLANKS);
	free(blanks);
	getrusage(RUSAGE_SELF, &before);
	expect(&b, b.len, "a bomb", "unpacks to more than 64 MiB, the most that is read");
	getrusage(RUSAGE_SELF, &after);
	assert_true(after.ru_maxrss - before.ru_maxrss < 160 * 1024); /* KB; the blanks themselves raised it already */
	buf_done(&b);
}

/* A large one is packed, a usual one can be read with any editor; both come back. */
static void
packed_where_large(void **state)
{
	struct handshake *h = evidence->handshakes[0];
	const char *before = h->detail;
	struct buf b = { 0 };
	char *text = mem_zero(100001, 1);

	(void)state;
	memset(text, 'x', 100000);
	h->detail = text;
	write_it(evidence, &b);
	assert_true(b.len < 30000);
	assert_int_equal((unsigned char)b.data[0], 0x1f);
	kept_check(evidence, "packed");
	h->detail = before;
	free(text);
	buf_done(&b);
}

/* What nobody could open again is not written. */
static void
too_large_to_be_read(void **state)
{
	static const struct {
		size_t len;
		bool random;
		const char *says;
	} sizes[] = {
		{ (size_t)65 * 1024 * 1024, false, "the case would have 65 MiB; at most 64 are read" },
		{ (size_t)30 * 1024 * 1024, true, "when packed; at most 16 are read" },
	};
	struct handshake *h = evidence->handshakes[0];
	const char *before = h->detail;

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		char *text = mem_zero(sizes[i].len + 1, 1);
		struct error err = { .code = ERROR_NONE };
		struct buf out = { 0 };
		uint32_t n = 1;

		for (size_t k = 0; k < sizes[i].len; k++) {
			n = n * 1664525 + 1013904223;
			text[k] = sizes[i].random ? (char)('0' + (n >> 26)) : 'x';
			if (text[k] == '\\')
				text[k] = '.';
		}
		h->detail = text;
		assert_int_equal(case_write(evidence, &(struct case_about){ .saved_ms = 0 }, &out, &err), STATUS_FAILED);
		if (strstr(err.text, sizes[i].says) == NULL)
			fail_msg("said “%s”, expected “%s”", err.text, sizes[i].says);
		h->detail = before;
		buf_done(&out);
		free(text);
	}
}

/* ---- damage of every kind ---- */

static void
cut_anywhere(void **state)
{
	(void)state;
	for (size_t len = 0; len + 2 < json.len; len += 1 + len / 50) {
		struct error err = { .code = ERROR_NONE };

		if (parse(json.data, len, &err) == STATUS_OK)
			fail_msg("cut at byte %zu of %zu, and it was read", len, json.len);
	}
}

/* One bit after the other: it is refused, or what it gives can be diagnosed; parse() does. */
static void
one_bit_anywhere(void **state)
{
	size_t read = 0, all = 0;

	(void)state;
	for (size_t at = 0; at < json.len; at += 3) {
		struct error err = { .code = ERROR_NONE };

		json.data[at] = (char)(json.data[at] ^ (1 << (at % 7)));
		read += parse(json.data, json.len, &err) == STATUS_OK;
		all++;
		json.data[at] = (char)(json.data[at] ^ (1 << (at % 7)));
	}
	print_message("%zu of %zu cases with one bit changed were read\n", read, all);
	assert_true(read > 0 && read < all / 2);
}

static void
use_json(struct saved_case *c, void *user)
{
	struct diagnosis *d = diagnose(c->evidence);
	struct buf out = { 0 };

	(void)user;
	json_check(d, &out);
	assert_true(out.len > 0);
	buf_done(&out);
	diagnosis_free(d);
}

/* Well-formed, of the right kind, and nonsense: nothing that a diagnosis goes by may be taken for granted. */
static void
any_member_is_something_else(void **state)
{
	size_t read = kept_variants(json.data, use_json, NULL);

	(void)state;
	print_message("%zu cases with one member changed were read\n", read);
	assert_true(read > 1000);
}

/* ---- by its first bytes, and its name ---- */

static void
recognised(void **state)
{
	struct buf small = packed(json.data, json.len);
	static const char pretty[] = "\n{\n  \"schema\": \"mtlscope.case/1\",\n";
	const struct {
		const char *what, *bytes;
		size_t len;
		bool is;
	} files[] = {
		{ "a case", json.data, json.len, true },
		{ "a packed one", small.data, small.len, true },
		{ "one that a formatter went over", pretty, sizeof pretty - 1, true },
		{ "a check", "{\"schema\":\"mtlscope.check/1\"}", 29, false },
		{ "PEM", "-----BEGIN CERTIFICATE-----\n", 28, false },
		{ "other gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00", 8, false },
		{ "nothing", "", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		assert_true(write_file(in_folder(folder, "file"), files[i].bytes, files[i].len));
		if (case_recognised(in_folder(folder, "file")) != files[i].is)
			fail_msg("%s: %s", files[i].what, files[i].is ? "not recognised" : "taken for a case");
	}
	assert_false(case_recognised(folder));
	assert_false(case_recognised("-"));
	assert_false(case_recognised(in_folder(folder, "is-not-there")));
	buf_done(&small);
}

static void
names_of_files(void **state)
{
	char *name = case_file_name(evidence), *unix_path = evidence->target.unix_path;

	(void)state;
	assert_string_equal(name, "payment.internal-8443-20261118-1106.case");
	free(name);
	evidence->target.unix_path = mem_strdup("/run/../x y/\x1b.sock");
	name = case_file_name(evidence);
	assert_null(strchr(name, '/'));
	assert_null(strchr(name, '\x1b'));
	assert_true(name[0] != '.' && name[0] != '-');
	free(name);
	free(evidence->target.unix_path);
	evidence->target.unix_path = unix_path;
}

/* ---- which anchors are kept ---- */

static size_t
anchors_kept(const struct evidence *e)
{
	struct evidence *kept = kept_read(e, "anchors");
	size_t len = kept->trust->len;

	assert_int_equal(kept->trust->all, e->trust->all);
	evidence_free(kept);
	return len;
}

/* All of a store that the user named; of the system's, what paths can lead to; the words count the store that was. */
static void
anchors(void **state)
{
	struct cert *both[2] = { chains_cert(chains, "root"), chains_cert(chains, "client") };
	struct trust *before = evidence->trust;

	(void)state;
	evidence->trust = trust_from("two.pem", both, 2);
	assert_int_equal(anchors_kept(evidence), 2);
	kept_check(evidence, "a named store");
	evidence->trust->system = true;
	evidence->trust->all = 140;
	assert_int_equal(anchors_kept(evidence), 2); /* our own certificate is among what is known */
	kept_check(evidence, "the system's store");
	trust_free(evidence->trust);
	evidence->trust = before;
}

/* In place of the evidence's own for one check of it; takes it over. */
static size_t
kept_with(struct trust *t, const char *what)
{
	struct trust *before = evidence->trust;
	size_t kept;

	evidence->trust = t;
	kept = anchors_kept(evidence);
	kept_check(evidence, what);
	trust_free(t);
	evidence->trust = before;
	return kept;
}

/* A folder that is looked into by hash says nothing of what else it holds; a bundle of hundreds is not taken along. */
static void
anchors_of_large_stores(void **state)
{
	enum { MANY = LIMIT_CASE_ANCHORS + 20 };
	static struct pki_cert made[MANY];
	const struct pki_cert *list[MANY];
	const char *rehash[] = { "openssl", "rehash", folder, NULL };
	struct error err = { .code = ERROR_NONE };
	struct cert *root = chains_cert(chains, "root");
	struct buf pem = { 0 };
	struct trust *t;
	struct run r;

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		/* One of the organisation that the chain is of: a diagnosis looks for such. */
		made[i] = pki_issue(&(struct pki_request){ .cn = "Some Root CA", .org = i == 7 ? "Acme" : "Others", .ca = true }, NULL);
		list[i] = &made[i];
	}
	assert_true(pki_write_certs(in_folder(folder, "bundle.pem"), list, MANY));
	for (size_t i = 0; i < MANY; i++)
		pki_cert_free(&made[i]);
	assert_int_equal(trust_load(in_folder(folder, "bundle.pem"), NULL, &t, &err), STATUS_OK);
	assert_int_equal(kept_with(t, "a large bundle without our root"), 1);
	unlink(in_folder(folder, "bundle.pem"));
	cert_pem(root, &pem);
	assert_true(write_file(in_folder(folder, "root.pem"), pem.data, pem.len));
	run_program(rehash, NULL, &r);
	assert_int_equal(r.status, 0);
	assert_int_equal(trust_load(NULL, folder, &t, &err), STATUS_OK);
	assert_int_equal(t->len, 0); /* it is looked into, not read */
	assert_int_equal(kept_with(t, "a folder by hash"), 1);
	run_done(&r);
	buf_done(&pem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_thing_is_wrong),
		cmocka_unit_test(something_follows),
		cmocka_unit_test(texts_are_harmless),
		cmocka_unit_test(too_much),
		cmocka_unit_test(packed_cases),
		cmocka_unit_test(a_bomb),
		cmocka_unit_test(packed_where_large),
		cmocka_unit_test(too_large_to_be_read),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(one_bit_anywhere),
		cmocka_unit_test(any_member_is_something_else),
		cmocka_unit_test(recognised),
		cmocka_unit_test(names_of_files),
		cmocka_unit_test(anchors),
		cmocka_unit_test(anchors_of_large_stores),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
