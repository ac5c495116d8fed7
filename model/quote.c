#include "model/quote.h"

#include <stdio.h>
#include <string.h>

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

void
shell_quote(struct buf *out, const char *word)
{
	bool plain = word[0] != '\0', printable_only = true;

	for (const unsigned char *p = (const unsigned char *)word; *p != '\0'; p++) {
		bool safe = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
		    strchr("-_./:=@,+%", *p) != NULL;
		plain = plain && safe;
		printable_only = printable_only && *p >= ' ' && *p < 0x7f;
	}
	if (plain) {
		buf_adds(out, word);
		return;
	}
	/* $'…' is bash's, zsh's and (since 2024) POSIX's way to spell bytes that a terminal must not see. */
	buf_adds(out, printable_only ? "'" : "$'");
	for (const unsigned char *p = (const unsigned char *)word; *p != '\0'; p++) {
		if (printable_only && *p == '\'')
			buf_adds(out, "'\\''");
		else if (!printable_only && (*p == '\'' || *p == '\\'))
			buf_addf(out, "\\%c", *p);
		else if (*p < ' ' || *p >= 0x7f)
			buf_addf(out, "\\%03o", *p);
		else
			buf_addc(out, (char)*p);
	}
	buf_addc(out, '\'');
}
