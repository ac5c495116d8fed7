/* A ClientHello as bytes: what is read of it, what is left out, and that every cut of it is noticed. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "model/buf.h"
#include "model/memory.h"
#include "probes/wire_hello.h"

/* A message that is put together from its parts; each extension's data is given as it stands. */
struct part {
	uint16_t type;
	const char *data;
	size_t len;
};
#define PART(type, bytes) { type, bytes, sizeof bytes - 1 }

static void
u16(struct buf *b, size_t n)
{
	buf_addc(b, (char)(n >> 8));
	buf_addc(b, (char)n);
}

static void
hello(struct buf *out, char random, const char *ciphers, size_t ciphers_len, const struct part *parts, size_t parts_len)
{
	struct buf body = { 0 }, extensions = { 0 };

	buf_add(&body, "\x03\x03", 2);
	for (int i = 0; i < 32; i++)
		buf_addc(&body, random);
	buf_add(&body, "\x04sess", 5);
	u16(&body, ciphers_len);
	buf_add(&body, ciphers, ciphers_len);
	buf_add(&body, "\x01\x00", 2);
	for (size_t i = 0; i < parts_len; i++) {
		u16(&extensions, parts[i].type);
		u16(&extensions, parts[i].len);
		buf_add(&extensions, parts[i].data, parts[i].len);
	}
	u16(&body, extensions.len);
	buf_add(&body, extensions.data, extensions.len);
	buf_add(out, "\x01\x00", 2);
	u16(out, body.len);
	buf_add(out, body.data, body.len);
	buf_done(&body);
	buf_done(&extensions);
}

/* As Chrome would: a GREASE value first in every list. */
static const char ciphers[] = "\x1a\x1a\x13\x01\xc0\x2b";
static const struct part parts[] = {
	PART(0x2a2a, ""),
	PART(0, "\x00\x0c\x00\x00\x09localhost"),
	PART(10, "\x00\x06\x3a\x3a\x00\x1d\x00\x17"),
	PART(13, "\x00\x04\x04\x03\x08\x04"),
	PART(16, "\x00\x0f\x02h2\x0bhttp/1.1\x1b[m"),
	PART(43, "\x06\x4a\x4a\x03\x04\x03\x03"),
	PART(50, "\x00\x02\x04\x01"),
	PART(51, "\x00\x0b\x3a\x3a\x00\x01\x00\x00\x1d\x00\x02kk"),
	PART(21, "\x00\x00\x00"),
};
enum { PARTS = sizeof parts / sizeof parts[0] };

static void
read_hello(struct arena *a, const struct buf *b, struct client_hello *h)
{
	wire_client_hello(a, (const unsigned char *)b->data, b->len, h);
}

static void
what_is_read(void **state)
{
	struct arena *a = arena_new();
	struct buf b = { 0 };
	struct client_hello h;

	(void)state;
	hello(&b, 'r', ciphers, sizeof ciphers - 1, parts, PARTS);
	read_hello(a, &b, &h);
	assert_true(h.seen && h.whole);
	assert_int_equal(h.grease, 5);
	assert_int_equal(h.ciphers.len, 2);
	assert_int_equal(h.ciphers.items[0], 0x1301);
	assert_int_equal(h.extensions.len, PARTS - 1);
	assert_int_equal(h.extensions.items[0], 0);
	assert_int_equal(h.groups.len, 2);
	assert_int_equal(h.shares.len, 1);
	assert_int_equal(h.shares.items[0], 0x1d);
	assert_int_equal(h.sigalgs.items[1], 0x0804);
	assert_int_equal(h.sigalgs_cert.items[0], 0x0401);
	assert_int_equal(h.versions.len, 2);
	assert_int_equal(client_hello_version(&h), 0x0304);
	assert_string_equal(h.sni, "localhost");
	assert_string_equal(h.alpn, "h2,http/1.1\\x1b[m");
	buf_done(&b);
	arena_free(a);
}

/* The same program has the same shape whatever is of the moment in it; another list, name or order is another one. */
static void
shapes(void **state)
{
	struct part other[PARTS];
	struct arena *a = arena_new();
	struct client_hello one, two;
	struct buf b = { 0 };

	(void)state;
	hello(&b, 'r', ciphers, sizeof ciphers - 1, parts, PARTS);
	read_hello(a, &b, &one);
	memcpy(other, parts, sizeof parts);
	other[7] = (struct part)PART(51, "\x00\x06\x00\x1d\x00\x02zz"); /* another key */
	other[8] = (struct part)PART(21, "\x00");                       /* other padding */
	other[0].type = 0x5a5a;                                         /* other GREASE */
	buf_reset(&b);
	hello(&b, 'q', "\x2a\x2a\x13\x01\xc0\x2b", 6, other, PARTS);
	read_hello(a, &b, &two);
	assert_true(fingerprint_equal(&one.shape, &two.shape));
	other[1] = (struct part)PART(0, "\x00\x0c\x00\x00\x09otherhost");
	buf_reset(&b);
	hello(&b, 'q', ciphers, sizeof ciphers - 1, other, PARTS);
	read_hello(a, &b, &two);
	assert_false(fingerprint_equal(&one.shape, &two.shape));
	buf_reset(&b);
	hello(&b, 'q', "\xc0\x2b\x13\x01", 4, parts, PARTS);
	read_hello(a, &b, &two);
	assert_false(fingerprint_equal(&one.shape, &two.shape));
	buf_done(&b);
	arena_free(a);
}

/* RFC 5246 7.4.1.2: a hello of TLS 1.2 may have no extensions at all. */
static void
without_extensions(void **state)
{
	static const unsigned char bytes[] = "\x01\x00\x00\x29\x03\x03" "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr" "\x00\x00\x02\x00\x2f\x01\x00";
	struct arena *a = arena_new();
	struct client_hello h;

	(void)state;
	assert_true(wire_client_hello(a, bytes, sizeof bytes - 1, &h));
	assert_int_equal(client_hello_version(&h), 0x0303);
	assert_null(h.sni);
	arena_free(a);
}

/* Cut anywhere, or one byte changed: never read beyond, and a cut is never whole. */
static void
cuts(void **state)
{
	struct arena *a = arena_new();
	struct client_hello h;
	struct buf b = { 0 };

	(void)state;
	hello(&b, 'r', ciphers, sizeof ciphers - 1, parts, PARTS);
	for (size_t len = 0; len < b.len; len++) {
		unsigned char *exact = mem_dup(b.data, len + 1); /* ASan sees a step beyond */

		assert_false(wire_client_hello(a, exact, len, &h));
		free(exact);
	}
	for (size_t i = 0; i < b.len; i++) {
		unsigned char *changed = mem_dup(b.data, b.len);

		changed[i] ^= 0xff;
		wire_client_hello(a, changed, b.len, &h);
		free(changed);
	}
	buf_done(&b);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read),
		cmocka_unit_test(shapes),
		cmocka_unit_test(without_extensions),
		cmocka_unit_test(cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
