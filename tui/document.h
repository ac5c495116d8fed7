/*
 * A document: lines of spans, composed for a width and scrolled. Views compose it again when the width
 * or the model changes; the place in it stays. Text that is added must be printable.
 */
#ifndef TUI_DOCUMENT_H
#define TUI_DOCUMENT_H

#include "model/memory.h"
#include "tui/body.h"

struct span {
	unsigned look;
	const char *text;
	int column;    /* where it begins; -1: right behind the one before */
};
struct doc_line {
	struct span *spans;
	size_t len, cap;
	uint64_t id;   /* of what it stands for, where it can be selected; 0: it cannot */
	bool goes_on;  /* it belongs to the line before: the filter shows both or none */
};
struct document {
	struct body body;
	struct arena *arena;   /* of lines and their texts; emptied by document_clear() */
	struct doc_line *lines;
	size_t len, cap;
	size_t *shown;         /* lines that the filter lets through */
	size_t shown_len;
	size_t *rows;          /* places in `shown` where something that can be selected begins */
	size_t top;            /* first line on screen, in `shown` */
	size_t height;
	struct position at;    /* over `rows`: lines that follow each other with one id are one thing */
	int columns;           /* that it was composed for */
};

void document_start(struct document *d);
void document_done(struct document *d);
/* Empties it for lines of `columns`; the scroll position and selection stay. */
void document_clear(struct document *d, int columns);
/* Begins a new line. */
void document_line(struct document *d);
void document_line_id(struct document *d, uint64_t id);
/* A new line that belongs to the one before it, with its id. Wrapped lines are begun like this. */
void document_line_on(struct document *d);
/* Adds to the last line (which is begun where there is none). The text is copied. */
void document_text(struct document *d, unsigned look, const char *text);
void document_textf(struct document *d, unsigned look, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same at a column of its own: blanks before it, at least one where the line is longer already. */
void document_at(struct document *d, int column, unsigned look, const char *text);
/*
 * Text wrapped at the width, the last column left free; goes on in the last line, whose columns it knows.
 * Further lines, and one that is still empty, are indented.
 */
void document_wrap(struct document *d, int indent, unsigned look, const char *text);
/* A new line: a label in dim letters at column 1, text wrapped from column 9 on: "mend", "proof", "cause" … */
void document_label(struct document *d, const char *label, unsigned look, const char *text);
/* All that was composed: call once at the end. */
void document_composed(struct document *d);
/* The id of what is selected; 0: none, or it was scrolled out of sight. */
uint64_t document_selected(const struct document *d);
void document_select(struct document *d, uint64_t id);

#endif
