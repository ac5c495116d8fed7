/* The HTTP reader on any bytes, in any pieces: the first byte says how they are cut and what was asked. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "model/limits.h"
#include "probes/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_reader r;
	struct http_answer answer = { 0 };
	struct arena *a;
	size_t piece;

	if (size == 0)
		return 0;
	piece = (size_t)(data[0] >> 1) + 1;
	http_reader_init(&r, (data[0] & 1) != 0);
	for (size_t i = 1; i < size; i += piece)
		http_reader_feed(&r, data + i, size - i < piece ? size - i : piece);
	http_reader_end(&r);
	if (r.head.len > LIMIT_HTTP_HEAD || r.body.len > LIMIT_HTTP_BODY)
		abort();
	a = arena_new();
	http_reader_answer(&r, a, &answer);
	if (answer.status != 0 && (answer.status < 100 || answer.status > 999 || answer.malformed))
		abort();
	arena_free(a);
	http_reader_done(&r);
	return 0;
}
