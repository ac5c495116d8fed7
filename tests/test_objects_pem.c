/* PEM's framing: what is tolerated, and what is said of that which is not, with its line. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "lab/pki.h"
#include "model/buf.h"
#include "model/objects.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])

static char *one, *two; /* two certificates as PEM, LF line ends; the second line of each is full of base64 */

static char *
pem_text(const struct pki_cert *c)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *text;
	long len;

	assert_int_equal(PEM_write_bio_X509(bio, c->x509), 1);
	len = BIO_get_mem_data(bio, &data);
	text = calloc(1, (size_t)len + 1);
	assert_non_null(text);
	memcpy(text, data, (size_t)len);
	BIO_free(bio);
	return text;
}

static int
setup(void **state)
{
	struct pki_cert a = pki_issue(&(struct pki_request){ .cn = "one" }, NULL);
	struct pki_cert b = pki_issue(&(struct pki_request){ .cn = "two" }, NULL);

	(void)state;
	one = pem_text(&a);
	two = pem_text(&b);
	pki_cert_free(&a);
	pki_cert_free(&b);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(one);
	free(two);
	return 0;
}

/* Adds `pem` with every line between `before` and `after` in place of its LF. */
static void
add_lines(struct buf *out, const char *pem, const char *before, const char *after)
{
	while (*pem != '\0') {
		size_t len = strcspn(pem, "\n");

		buf_adds(out, before);
		buf_add(out, pem, len);
		buf_adds(out, after);
		pem += len + (pem[len] == '\n');
	}
}

/* The whole of `pem` but for its last line (the END line) or, with `only`, up to that many lines. */
static void
add_some(struct buf *out, const char *pem, size_t lines)
{
	while (lines-- > 0 && *pem != '\0') {
		size_t len = strcspn(pem, "\n") + 1;

		buf_add(out, pem, len);
		pem += len;
	}
}

static void
add_base64(struct buf *out, const char *pem)
{
	const char *from = strchr(pem, '\n') + 1;

	buf_add(out, from, (size_t)(strstr(from, "-----END") - from));
}

static void
as_it_is(struct buf *b)
{
	buf_adds(b, one);
	buf_adds(b, two);
}
static void
text_between(struct buf *b)
{
	buf_adds(b, "Bag Attributes\n    friendlyName: x\nsubject=CN = one\n- BEGINNING -\n\n");
	buf_adds(b, one);
	buf_adds(b, "# and the other\n\x80\xff\n");
	buf_adds(b, two);
	buf_adds(b, "the end, without a line end");
}
static void
crlf(struct buf *b)
{
	add_lines(b, one, "", "\r\n");
	add_lines(b, two, "", "\r\n");
}
static void
cr(struct buf *b)
{
	add_lines(b, one, "", "\r");
	add_lines(b, two, "", "\r");
}
static void
bom(struct buf *b)
{
	buf_adds(b, "\xef\xbb\xbf");
	as_it_is(b);
}
static void
trailing_blanks(struct buf *b)
{
	add_lines(b, one, "", " \t \n");
	add_lines(b, two, "", "  \n");
}
static void
leading_blanks(struct buf *b)
{
	add_lines(b, one, "    ", "\n");
	add_lines(b, two, "\t", "\n");
}
static void
empty_lines(struct buf *b)
{
	add_lines(b, one, "", "\n\n");
	add_lines(b, two, "", "\r\n\r\n");
}
static void
no_last_line_end(struct buf *b)
{
	as_it_is(b);
	b->len--;
}
static void
one_long_line(struct buf *b)
{
	struct buf data = { 0 };

	add_base64(&data, one);
	buf_adds(b, "-----BEGIN CERTIFICATE-----\n");
	for (size_t i = 0; i < data.len; i++) {
		if (data.data[i] != '\n')
			buf_addc(b, data.data[i]);
	}
	buf_adds(b, "\n-----END CERTIFICATE-----\n");
	buf_adds(b, two);
	buf_done(&data);
}
static void
parameters_are_skipped(struct buf *b)
{
	buf_adds(b, "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n");
	as_it_is(b);
}
static void
unknown_label(struct buf *b)
{
	buf_adds(b, "-----BEGIN SSL SESSION PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END SSL SESSION PARAMETERS-----\n");
	as_it_is(b);
}

/* What is read in full. */
static const struct tolerated {
	const char *what;
	void (*make)(struct buf *b);
	const char *note; /* a part of a remark, or NULL */
	size_t second_line; /* where the second certificate begins; 0: not looked at */
} tolerated[] = {
	{ "as OpenSSL writes it", as_it_is, NULL, 0 },
	{ "text between, of any bytes", text_between, NULL, 0 },
	{ "CR LF", crlf, NULL, 0 },
	{ "CR alone", cr, NULL, 0 },
	{ "a byte order mark", bom, NULL, 0 },
	{ "trailing blanks", trailing_blanks, NULL, 0 },
	{ "leading blanks, which OpenSSL does not take", leading_blanks, "test:1: blanks stand before the BEGIN line", 0 },
	{ "empty lines between", empty_lines, NULL, 0 },
	{ "no line end at the end", no_last_line_end, NULL, 0 },
	{ "all base64 on one line", one_long_line, NULL, 4 },
	{ "parameters before it", parameters_are_skipped, NULL, 0 },
	{ "a label that is nothing to us", unknown_label, "test:1: “SSL SESSION PARAMETERS” is none", 0 },
};

static void
what_is_tolerated(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(tolerated); i++) {
		struct objects o = { 0 };
		struct error err = { 0 };
		struct buf b = { 0 };

		tolerated[i].make(&b);
		if (objects_parse((unsigned char *)b.data, b.len, "test", NULL, &o, &err) != STATUS_OK)
			fail_msg("%s: %s", tolerated[i].what, err.text);
		if (o.len != 2 || o.damaged != 0)
			fail_msg("%s: %zu objects, %zu damaged: %s", tolerated[i].what, o.len, o.damaged,
			    o.damaged > 0 ? o.items[0].problem : "");
		assert_string_equal(o.items[0].cert->subject.common_name, "one");
		assert_string_equal(o.items[1].cert->subject.common_name, "two");
		assert_string_equal(o.items[0].container, "PEM");
		assert_true(o.items[0].line > 0);
		if (tolerated[i].second_line > 0)
			assert_int_equal(o.items[1].line, tolerated[i].second_line);
		if (tolerated[i].note == NULL)
			assert_int_equal(o.notes_len, 0);
		else
			assert_non_null(strstr(o.notes[0], tolerated[i].note));
		objects_done(&o);
		buf_done(&b);
	}
}

static void
only_begin(struct buf *b)
{
	buf_adds(b, "-----BEGIN CERTIFICATE-----\n");
}
static void
no_end(struct buf *b)
{
	add_some(b, one, 3);
}
static void
nested(struct buf *b)
{
	add_some(b, one, 3);
	buf_adds(b, two);
}
static void
other_end(struct buf *b)
{
	add_some(b, one, 3);
	buf_adds(b, "-----END PRIVATE KEY-----\n");
	buf_adds(b, two);
}
static void
end_alone(struct buf *b)
{
	buf_adds(b, "-----END CERTIFICATE-----\n");
	buf_adds(b, two);
}
static void
bad_character(struct buf *b)
{
	buf_adds(b, one);
	b->data[strlen("-----BEGIN CERTIFICATE-----\n") + 65 + 9] = '%';
	buf_adds(b, two);
}
static void
control_character(struct buf *b)
{
	bad_character(b);
	*strchr(b->data, '%') = '\x1b';
}
static void
after_padding(struct buf *b)
{
	buf_adds(b, "-----BEGIN CERTIFICATE-----\nMIIB\nAAA=AAAA\n-----END CERTIFICATE-----\n");
	buf_adds(b, two);
}
static void
half_padding(struct buf *b)
{
	buf_adds(b, "-----BEGIN CERTIFICATE-----\nMIIB\nAA=\n-----END CERTIFICATE-----\n");
	buf_adds(b, two);
}
static void
odd_group(struct buf *b)
{
	buf_adds(b, "-----BEGIN CERTIFICATE-----\nMIIB\nAAA\n-----END CERTIFICATE-----\n");
	buf_adds(b, two);
}
static void
nothing_between(struct buf *b)
{
	buf_adds(b, "-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----\n");
	buf_adds(b, two);
}
static void
line_missing(struct buf *b)
{
	add_some(b, one, 2);
	buf_adds(b, strchr(strchr(strchr(one, '\n') + 1, '\n') + 1, '\n') + 1);
	buf_adds(b, two);
}
static void
quoted_line_ends(struct buf *b)
{
	add_lines(b, one, "", "\\n");
	buf_adds(b, "\n");
	buf_adds(b, two);
}
static void
quoted_line_end_inside(struct buf *b)
{
	buf_adds(b, "-----BEGIN CERTIFICATE-----\nMIIB\\nAAAA\n-----END CERTIFICATE-----\n");
	buf_adds(b, two);
}
static void
end_on_the_data_line(struct buf *b)
{
	buf_adds(b, "-----BEGIN CERTIFICATE-----\nMIIB-----END CERTIFICATE-----\n");
	buf_adds(b, two);
}
static void
four_dashes(struct buf *b)
{
	buf_adds(b, one + 1);
	buf_adds(b, two);
}
static void
word_processor_dashes(struct buf *b)
{
	buf_adds(b, "\xe2\x80\x93\xe2\x80\x93\xe2\x80\x93" "BEGIN CERTIFICATE-----\n");
	buf_adds(b, two);
}
static void
garbage_inside(struct buf *b)
{
	buf_adds(b, "-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n");
	buf_adds(b, two);
}
static void
wrong_label(struct buf *b)
{
	buf_adds(b, "-----BEGIN PRIVATE KEY-----\n");
	add_base64(b, one);
	buf_adds(b, "-----END PRIVATE KEY-----\n");
	buf_adds(b, two);
}
static void
openssh(struct buf *b)
{
	buf_adds(b, "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n");
	buf_adds(b, two);
}
static void
encrypted_certificate(struct buf *b)
{
	buf_adds(b, "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END CERTIFICATE-----\n");
	buf_adds(b, two);
}

/* One damaged object; the certificate behind it, where there is one, is read all the same. */
static const struct broken {
	const char *what;
	void (*make)(struct buf *b);
	size_t good;
	const char *says;
	enum object_kind meant;
} broken[] = {
	{ "a BEGIN line and nothing else", only_begin, 0, "test:1: the CERTIFICATE that begins in line 1 has no END line: the file ends here", OBJECT_CERT },
	{ "no END line", no_end, 0, "test:3: the CERTIFICATE that begins in line 1 has no END line", OBJECT_CERT },
	{ "BEGIN in BEGIN", nested, 1, "test:4: the CERTIFICATE that begins in line 1 has no END line: another BEGIN stands here", OBJECT_CERT },
	{ "another END", other_end, 1, "test:4: the CERTIFICATE that begins in line 1 has no END line: “END PRIVATE KEY” stands here", OBJECT_CERT },
	{ "END alone", end_alone, 1, "test:1: END CERTIFICATE without a BEGIN", OBJECT_DAMAGED },
	{ "a character that is no base64", bad_character, 1, "test:3: in the CERTIFICATE of line 1: “%” at column 10 is not base64", OBJECT_CERT },
	{ "a control character", control_character, 1, "test:3: in the CERTIFICATE of line 1: “\\x1b” at column 10", OBJECT_CERT },
	{ "data behind the padding", after_padding, 1, "test:3: in the CERTIFICATE of line 1: data follows “=”, which ends base64, at column 5", OBJECT_CERT },
	{ "half of the padding", half_padding, 1, "test:1: the base64 of the CERTIFICATE ends in the middle of a group", OBJECT_CERT },
	{ "three characters at the end", odd_group, 1, "test:1: the base64 of the CERTIFICATE ends in the middle of a group", OBJECT_CERT },
	{ "nothing between", nothing_between, 1, "test:1: nothing stands between BEGIN CERTIFICATE and its END", OBJECT_CERT },
	{ "a line is missing", line_missing, 1, "test:1: byte ", OBJECT_CERT },
	{ "line ends as \\n in words", quoted_line_ends, 1, "test:1: “\\n” stands in the BEGIN line as two characters", OBJECT_DAMAGED },
	{ "one line end as \\n", quoted_line_end_inside, 1, "test:2: in the CERTIFICATE of line 1: “\\n” stands in the data", OBJECT_CERT },
	{ "END on the data's line", end_on_the_data_line, 1, "test:2: in the CERTIFICATE of line 1: “-----END CERTIFICATE-----” stands on a line with the data", OBJECT_CERT },
	{ "four dashes", four_dashes, 1, "test:1: “----BEGIN CERTIFICATE-----” is no BEGIN or END line; expected five dashes", OBJECT_DAMAGED },
	{ "dashes of a word processor", word_processor_dashes, 1, "is no BEGIN or END line; expected five dashes", OBJECT_DAMAGED },
	{ "no certificate inside", garbage_inside, 1, "test:1: byte 0: expected", OBJECT_CERT },
	{ "a certificate that is called a key", wrong_label, 1, "test:1: the BEGIN line says PRIVATE KEY, and the data is a certificate", OBJECT_KEY },
	{ "an OpenSSH key", openssh, 1, "ssh-keygen -p -m PEM -f test", OBJECT_DAMAGED },
	{ "an encrypted certificate", encrypted_certificate, 1, "test:1: the CERTIFICATE is encrypted", OBJECT_CERT },
};

static const struct object *
first_damaged(const struct objects *o)
{
	for (size_t i = 0; i < o->len; i++) {
		if (o->items[i].kind == OBJECT_DAMAGED)
			return &o->items[i];
	}
	return NULL;
}

static void
what_is_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(broken); i++) {
		const struct broken *k = &broken[i];
		struct objects o = { 0 };
		struct error err = { 0 };
		struct buf b = { 0 };
		const struct object *bad;
		status st;

		k->make(&b);
		st = objects_parse((unsigned char *)b.data, b.len, "test", NULL, &o, &err);
		assert_int_equal(st, k->good > 0 ? STATUS_OK : STATUS_FAILED);
		bad = first_damaged(&o);
		if (bad == NULL || strstr(bad->problem, k->says) == NULL)
			fail_msg("%s: expected “%s” in “%s”", k->what, k->says, bad == NULL ? "nothing" : bad->problem);
		if (o.len - o.damaged != k->good)
			fail_msg("%s: %zu are good", k->what, o.len - o.damaged);
		if (k->good > 0)
			assert_string_equal(o.items[o.len - 1].cert->subject.common_name, "two");
		else
			assert_string_equal(err.text, bad->problem);
		if (bad->meant != k->meant)
			fail_msg("%s: it was meant to be a %s", k->what, object_kind_name(bad->meant));
		assert_null(strpbrk(bad->problem, "\x1b\r\n"));
		objects_done(&o);
		buf_done(&b);
	}
}

/* `cat a b` where a had no line end: OpenSSL reads neither, so it is said; we read both. */
static void
joined_files(void **state)
{
	struct objects o = { 0 };
	struct error err = { 0 };
	struct buf b = { 0 };

	(void)state;
	buf_add(&b, one, strlen(one) - 1);
	buf_adds(&b, two);
	assert_int_equal(objects_parse((unsigned char *)b.data, b.len, "test", NULL, &o, &err), STATUS_OK);
	assert_int_equal(o.len, 3);
	assert_string_equal(o.items[0].cert->subject.common_name, "one");
	assert_non_null(strstr(o.items[1].problem, "END and BEGIN share a line"));
	assert_string_equal(o.items[2].cert->subject.common_name, "two");
	objects_done(&o);
	buf_done(&b);
}

/* Every cut of a file is read without harm, and what was whole before the cut is found. */
static void
every_cut(void **state)
{
	struct buf b = { 0 };

	(void)state;
	as_it_is(&b);
	for (size_t len = 1; len < b.len; len++) {
		struct objects o = { 0 };
		struct error err = { 0 };
		status st = objects_parse((unsigned char *)b.data, len, "test", NULL, &o, &err);

		assert_int_equal(st == STATUS_OK, len >= strlen(one) - 1);
		assert_int_equal(error_is_set(&err), st != STATUS_OK);
		objects_done(&o);
	}
	buf_done(&b);
}

/* A file of nothing but BEGIN lines costs little and ends. */
static void
many_begin_lines(void **state)
{
	struct objects o = { 0 };
	struct error err = { 0 };
	struct buf b = { 0 };

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_adds(&b, "-----BEGIN X-----\n");
	assert_int_equal(objects_parse((unsigned char *)b.data, b.len, "test", NULL, &o, &err), STATUS_FAILED);
	assert_int_equal(o.len, 65536);
	assert_non_null(strstr(o.notes[0], "more than 65536 objects"));
	objects_done(&o);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_tolerated),
		cmocka_unit_test(what_is_broken),
		cmocka_unit_test(joined_files),
		cmocka_unit_test(every_cut),
		cmocka_unit_test(many_begin_lines),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
