/* What is typed for `mtlscope rollover`: a part of struct options. Strings point into the argument list. */
#ifndef CLI_ROLLOVER_WORDS_H
#define CLI_ROLLOVER_WORDS_H

#include <stdbool.h>

struct rollover_words {
	bool status, next, abandon; /* at most one */
	bool take_over, undo_trust;
	const char *way;            /* starts it */
	const char *state;          /* its document's file */
	const char *confirm;        /* the names that a person vouches for */
	const char *only;           /* the services that a step is for */
	const char *name;           /* of the new root */
};

#endif
