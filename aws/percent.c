#include "aws/percent.h"

#include <string.h>

#include "aws/sigv4.h"
#include "model/characters.h"

static bool
unreserved(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	    c == '~';
}

void
sigv4_encode(struct buf *out, const char *text, size_t len, bool keep_slash)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (unreserved(c) || (keep_slash && c == '/'))
			buf_addc(out, (char)c);
		else
			buf_addf(out, "%%%02X", c);
	}
}

void
percent_decode(struct buf *out, const char *text, size_t len, bool form)
{
	for (size_t i = 0; i < len; i++) {
		int high = text[i] == '%' && i + 2 < len ? hex_value(text[i + 1]) : -1;
		int low = high >= 0 ? hex_value(text[i + 2]) : -1;

		if (low >= 0) {
			buf_addc(out, (char)(high << 4 | low));
			i += 2;
		} else {
			buf_addc(out, form && text[i] == '+' ? ' ' : text[i]);
		}
	}
}

void
percent_again(struct buf *out, const char *text, size_t len, bool path)
{
	struct buf plain = { 0 };

	percent_decode(&plain, text, len, !path);
	sigv4_encode(out, buf_str(&plain), plain.len, path);
	buf_done(&plain);
}

bool
next_item(const char **p, const char *separators, const char **item, size_t *len)
{
	*item = *p + strspn(*p, separators);
	*len = strcspn(*item, separators);
	*p = *item + *len;
	return *len > 0;
}

void
percent_path(struct buf *out, const char *path)
{
	struct buf plain = { 0 };
	const char *item;
	bool folder = true; /* it ends in a slash */
	size_t len;

	for (const char *p = path; next_item(&p, "/", &item, &len);) {
		folder = *p == '/';
		if (len == 2 && strncmp(item, "..", 2) == 0) {
			while (plain.len > 0 && plain.data[--plain.len] != '/')
				;
			folder = true;
		} else if (len == 1 && *item == '.') {
			folder = true;
		} else {
			buf_addc(&plain, '/');
			buf_add(&plain, item, len);
		}
	}
	if (folder || plain.len == 0)
		buf_addc(&plain, '/');
	sigv4_encode(out, buf_str(&plain), plain.len, true);
	buf_done(&plain);
}
