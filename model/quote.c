#include "model/quote.h"

#include <stdio.h>

char *
quote(struct text in, char out[QUOTE_MAX])
{
	struct buf b = { 0 };

	(void)text_safe(&b, in, QUOTE_MAX - 4);
	snprintf(out, QUOTE_MAX, "%s", buf_str(&b));
	buf_done(&b);
	return out;
}

char *
quote_str(const char *s, char out[QUOTE_MAX])
{
	return quote(text_of(s), out);
}
