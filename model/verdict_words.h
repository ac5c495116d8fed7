/* The words of a verdict, line by line: what the report's page and the console both say. Printable; into an arena. */
#ifndef MODEL_VERDICT_WORDS_H
#define MODEL_VERDICT_WORDS_H

#include "model/diagnosis.h"
#include "model/quote.h"

/* Lines with a label each: "proof", "either", "tested"; label "": it goes on from the line before. */
struct word_lines {
	struct word_line {
		const char *label, *text;
	} *items;
	size_t len, cap;
	struct arena *arena;
};

const char *side_words(enum side s); /* "OUR SIDE" */
/* "payment.internal:8443"; an entry of the fleet "payment (payment.internal:8443)"; for inspect the leaf's name. Returns out. */
const char *verdict_label(const struct diagnosis *d, char out[QUOTE_MAX]);
/* The server refused, and nothing proves why: the headline says so, candidates follow. */
bool verdict_not_proven(const struct diagnosis *d);

/* Shown where evidence stands for proof. */
enum { WORDS_SEEN = 3 };

/* Each adds its lines; nothing where there is nothing to say. */
void words_proof(const struct finding *f, struct word_lines *w);        /* "proof", else what was "seen"; f may be NULL */
void words_proven(const struct diagnosis *d, struct word_lines *w);     /* "proof": what shows that we are let in */
void words_candidates(const struct finding *f, struct word_lines *w);   /* "either", "or", "decide"; likewise */
void words_tested(const struct diagnosis *d, struct word_lines *w);     /* which identity, from where */
void words_judged(const struct diagnosis *d, struct word_lines *w);     /* "trusted" by which anchors, "as of" when, "reached" what */
void words_ways_on(const struct diagnosis *d, struct word_lines *w);    /* for what cannot be reached */

#endif
