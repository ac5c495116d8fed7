/* The rows of the option table and the words of other programs: for options.c, options_help.c and tests. */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include "cli/options.h"

/* What becomes of an option's value. */
enum option_kind {
	OPTION_FLAG,    /* bool at offset */
	OPTION_STRING,  /* const char * at offset */
	OPTION_NUMBER,  /* unsigned at offset, min to max */
	OPTION_DAYS,    /* int at offset, min to max; bool at `given` */
	OPTION_SECONDS, /* unsigned milliseconds at offset; fractions allowed */
	OPTION_SPECIAL, /* apply() */
	OPTION_IGNORED, /* curl's: accepted, not acted on, said so */
	OPTION_LATER    /* known to the contract, not in this version: refused */
};

struct option_row {
	const char *name;      /* without dashes; NULL: only a letter */
	char letter;           /* 0: none */
	const char *argument;  /* "FILE"; NULL: takes none */
	uint64_t commands;     /* FOR(…) bits */
	enum option_kind kind;
	size_t offset, given;
	unsigned min, max;
	/* value points into argv and may be overwritten there */
	status (*apply)(struct options *o, const struct option_row *row, char *value, struct error *err);
	bool secret;           /* not repeated in the mend line */
	bool not_retyped;      /* about this output only: not repeated in the mend line either */
	const char *help;      /* NULL: not listed */
};
extern const struct option_row option_table[];
extern const size_t option_table_len;

/* openssl's spelling of a thing, and what to type here. */
struct foreign_word {
	const char *word;    /* "-CAfile" */
	const char *instead; /* "--cacert", or a sentence */
	const char *argument; /* "FILE": what follows both spellings; NULL: nothing */
};
extern const struct foreign_word foreign_words[];
extern const size_t foreign_words_len;

/* Gives a copy of s that lives as long as the options. */
char *options_keep(struct options *o, const char *s);

#endif
