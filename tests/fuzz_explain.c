/* explain on any bytes: the first says how they are cut, and whether they are one text or a log. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "model/explain.h"
#include "model/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What came out is bounded and printable. */
static void
check(const struct buf *page)
{
	for (size_t i = 0; i < page->len; i++)
		if ((unsigned char)page->data[i] < ' ' && page->data[i] != '\n')
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct report_style style = { .columns = 80 };
	struct explain *x;
	struct buf page = { 0 };
	size_t piece;

	if (size == 0)
		return 0;
	x = explain_new();
	piece = (size_t)(data[0] >> 1) + 1;
	if ((data[0] & 1) != 0) {
		explain_text(x, (struct text){ data + 1, size - 1 });
	} else {
		for (size_t i = 1; i < size; i += piece)
			explain_feed(x, data + i, size - i < piece ? size - i : piece);
		explain_end(x);
	}
	if (explain_len(x) > LIMIT_EXPLANATIONS || explain_counts(x).explained > explain_counts(x).lines)
		abort();
	explain_page(x, &style, &page);
	check(&page);
	buf_reset(&page);
	explain_json(x, &page);
	check(&page);
	buf_done(&page);
	explain_free(x);
	return 0;
}
