/* Each dialogue before and inside TLS, and with each proxy, on any bytes in any pieces; HTTP/2 on the same. The first byte says which, the second how they are cut. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/limits.h"
#include "probes/http2.h"
#include "probes/proxy.h"
#include "probes/starttls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PROTOCOLS = STARTTLS_LDAP };

static const struct dialect *
chosen(uint8_t which)
{
	unsigned n = which % (2 * PROTOCOLS + 2);

	if (n < PROTOCOLS)
		return starttls_dialect((enum starttls)(n + 1));
	if (n < 2 * PROTOCOLS)
		return starttls_inside((enum starttls)(n - PROTOCOLS + 1));
	return proxy_dialect(n == 2 * PROTOCOLS ? PROXY_HTTP : PROXY_SOCKS5H);
}

static void
over_http2(const uint8_t *data, size_t size, size_t piece)
{
	struct http_reader reader;
	struct error err = { 0 };
	struct http2 *h;
	struct arena *a = arena_new();

	http_reader_init(&reader, false);
	h = http2_new("GET", "payment.internal", "/", &reader, &err);
	http2_output(h);
	for (size_t i = 0; i < size && http2_feed(h, data + i, size - i < piece ? size - i : piece) == HTTP_READING_HEAD; i += piece)
		http2_output(h);
	if (reader.head.len > LIMIT_HTTP_HEAD || reader.body.len > LIMIT_HTTP_BODY)
		abort();
	http2_ended(h, a);
	http2_free(h);
	http_reader_done(&reader);
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct dialogue_wish wish = { .host = "payment.internal", .port = 8443, .user = "me", .password = "secret" };
	const struct dialect *dialect;
	struct handshake *h;
	struct dialogue d;
	size_t piece;

	if (size < 2)
		return 0;
	piece = (size_t)data[1] + 1;
	dialect = chosen(data[0]);
	if (dialect == NULL) {
		over_http2(data + 2, size - 2, piece);
		return 0;
	}
	h = handshake_new();
	dialogue_begin(&d, dialect, SPOKEN_BEFORE_TLS, &wish, h, 0);
	for (size_t i = 2; i < size; i += piece)
		dialogue_feed(&d, data + i, size - i < piece ? size - i : piece, (double)i);
	if (h->spoken_len > LIMIT_SPOKEN || dialogue_rest(&d).len > size || (d.state == DIALOGUE_REFUSED && d.why == NULL))
		abort();
	for (size_t i = 0; i < h->spoken_len; i++)
		if (strlen(h->spoken[i].text) > LIMIT_SPOKEN_TEXT + 4 || (text_flags(text_of(h->spoken[i].text)) & ~(unsigned)TEXT_TRUNCATED) != 0)
			abort();
	dialogue_done(&d);
	handshake_free(h);
	return 0;
}
