#include "tui/tab_parts.h"

#include <string.h>

#include "model/places.h"
#include "tui/look.h"
#include "tui/wrap.h"

enum { TEXT_COLUMN = 9 };

unsigned
look_of_state(enum state s)
{
	static const unsigned looks[] = {
		[STATE_OK] = ROLE_OK,
		[STATE_NOTE] = ROLE_NOTE,
		[STATE_WARN] = ROLE_WARN,
		[STATE_FAIL] = ROLE_FAIL,
		[STATE_DOWN] = ROLE_FAIL,
	};

	return looks[s];
}

void
tab_state(struct document *d, enum state s, unsigned look, const char *text)
{
	document_at(d, 1, look_of_state(s) | LOOK_BOLD, state_glyph(s));
	document_at(d, 3, look_of_state(s) | LOOK_BOLD, state_word(s));
	document_at(d, TEXT_COLUMN, look, "");
	document_wrap(d, TEXT_COLUMN, look, text);
}

const char *
tab_cut(struct arena *a, const char *text, int columns)
{
	int room = columns - text_width("…"), used = 0;
	size_t len = 0;

	if (text_width(text) <= columns)
		return text;
	for (size_t n; (n = wrap_character(text + len)) > 0; len += n) {
		used += text_width(arena_strndup(a, text + len, n));
		if (used > room)
			break;
	}
	return arena_printf(a, "%.*s…", (int)len, text);
}

const char *
tab_sentence(struct arena *a, const char *text)
{
	char *s = arena_strdup(a, text);

	if (s[0] >= 'a' && s[0] <= 'z')
		s[0] = (char)(s[0] - 'a' + 'A');
	return s;
}

void
tab_lines(struct document *d, const struct word_lines *w)
{
	for (size_t i = 0; i < w->len; i++)
		document_label(d, w->items[i].label, ROLE_TEXT, w->items[i].text);
}

void
tab_evidence(struct document *d, const char *label, const char *const *texts, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (len == 1) {
			document_label(d, label, ROLE_TEXT, texts[i]);
			continue;
		}
		document_label(d, i == 0 ? label : "", ROLE_DIM, "·");
		document_at(d, TEXT_COLUMN + 2, ROLE_TEXT, "");
		document_wrap(d, TEXT_COLUMN + 2, ROLE_TEXT, texts[i]);
	}
}

void
tab_where(struct document *d, const struct diagnosis *x)
{
	const char *where;

	(void)places_shown(x, &where);
	if (where == NULL)
		return;
	document_line(d);
	document_at(d, 1, ROLE_NOTE, "at ");
	document_wrap(d, 1, ROLE_NOTE, arena_printf(d->arena, "%s, one of the addresses behind the name", where));
}
