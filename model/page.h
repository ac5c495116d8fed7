/*
 * Composing pages for people: character set, colours and line breaks of one report_style. All text
 * that comes in is printable already (text_safe); escape sequences come from here only.
 */
#ifndef MODEL_PAGE_H
#define MODEL_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/buf.h"
#include "model/diagnosis.h"
#include "model/report.h"

/* Every state is a word, a glyph and a colour, in that order of importance. */
enum state { STATE_OK, STATE_NOTE, STATE_WARN, STATE_FAIL, STATE_DOWN };
enum tint { TINT_NONE, TINT_OK, TINT_NOTE, TINT_WARN, TINT_FAIL, TINT_HEAD, TINT_DIM };

struct page {
	struct buf *out;
	const struct report_style *style;
};

const char *state_word(enum state s);
const char *state_glyph(enum state s); /* "✗" */
enum tint state_tint(enum state s);
enum state state_of_verdict(enum verdict v);
enum state state_of_severity(enum severity s);

/* Appends text in the style's character set. */
void page_text(const struct page *p, const char *text);
void page_textf(const struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same in a colour, where the style has colours. */
void page_tinted(const struct page *p, enum tint t, const char *text);
/* "✗ FAIL", the word padded to four columns where `padded`. */
void page_state(const struct page *p, enum state s, bool padded);
/* Blanks up to `to`, when the line is at column `at`. */
void page_pad(const struct page *p, size_t at, size_t to);
size_t page_columns_of(const struct page *p, const char *text); /* in the style's character set */

/*
 * Text wrapped at the style's width; the line is at column `at`, further lines begin at `indent`.
 * Words longer than a line are broken. Ends the line.
 */
void page_wrap(const struct page *p, size_t at, size_t indent, const char *text);
/* "  label   text": a label in a column of its own, the text wrapped beside it. label "" continues. */
void page_labelled(const struct page *p, const char *label, const char *text);
/* The same with the text at another column. */
void page_labelled_at(const struct page *p, size_t column, const char *label, const char *text);
/* A label, and text that is there to be copied: never wrapped. */
void page_copied(const struct page *p, size_t column, const char *label, const char *text);
/* An underlined or capital heading, after an empty line. */
void page_heading(const struct page *p, const char *text);

/* The text, cut at a whole character with “…” where it takes more than `columns`; into `a`. */
const char *page_cut(struct arena *a, const char *text, size_t columns);

/* "payment.internal", else the first name that it has, else "a certificate without a name". Printable. */
const char *cert_label(const struct cert *c);

#endif
