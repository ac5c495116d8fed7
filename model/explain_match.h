/*
 * A small matcher for known texts: literal pieces with gaps and captures. Letters compare without case
 * (ASCII only). In a pattern:
 *
 *   *        anything, the shortest that fits
 *   {name}   the same, kept under that name; at the end of a pattern: all that is left
 *   {name#}  decimal digits, kept
 *   {name%}  hexadecimal digits, kept
 *   {name.}  one word, kept: up to a blank, comma, bracket or quotation mark
 *   ~        a word begins or ends here
 *   ^ $      the line begins, ends here (only as first, last character)
 *
 * Many patterns are looked for at once through an index over four letters of each, so that a line
 * costs one look at each of its bytes, however many patterns there are.
 */
#ifndef MODEL_EXPLAIN_MATCH_H
#define MODEL_EXPLAIN_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "model/text.h"

enum { MATCH_CAPTURES = 6, MATCH_NAME = 16 };

struct match {
	struct capture {
		char name[MATCH_NAME];
		struct text text; /* within the line */
	} captures[MATCH_CAPTURES];
	size_t len;
	size_t letters;      /* of the pattern's literal pieces: the longer, the more it says */
};

/* Does the pattern stand in the line? *out may be NULL. */
bool match_pattern(const char *pattern, struct text line, struct match *out);
/* The named capture; empty where there is none. */
struct text match_capture(const struct match *m, const char *name);
/* Does this literal text stand in the line, case apart? */
bool text_holds(struct text line, const char *literal);

struct match_index;
struct match_index *match_index_new(void);
void match_index_free(struct match_index *x);
/* Adds a pattern, which must outlive the index and have a literal piece of four bytes or more: false where it has not. */
bool match_index_add(struct match_index *x, const char *pattern, size_t id);
/* Calls found() for each pattern that may stand in the line, once: match_pattern() then says whether it does. */
void match_index_look(struct match_index *x, struct text line, void (*found)(size_t id, const char *pattern, void *user), void *user);

#endif
