/*
 * A conversation in another protocol than TLS: with a proxy, with a service before it goes over to TLS,
 * with a service inside TLS. No socket: bytes that were read go in, bytes to be written come out, and
 * what was said is put into the record. Bounded by LIMIT_DIALOGUE_…; fuzzed.
 */
#ifndef PROBES_DIALOGUE_H
#define PROBES_DIALOGUE_H

#include "model/buf.h"
#include "model/handshake.h"
#include "model/target.h"

enum dialogue_state {
	DIALOGUE_GOES_ON,
	DIALOGUE_AGREED,   /* what was wished for is granted */
	DIALOGUE_REFUSED   /* it is not: why and answer say so */
};

struct dialogue;

/* One protocol. Both functions work on the dialogue with the calls below. */
struct dialect {
	const char *name;     /* "SMTP" */
	const char *question; /* inside TLS: what we say, as people call it: "EHLO"; else NULL */
	void (*begin)(struct dialogue *d);
	/* Takes the next whole line or packet from what was heard; false where that is not all there yet. */
	bool (*hear)(struct dialogue *d);
};

/* What a proxy is asked for. */
struct dialogue_wish {
	const char *host;     /* name or literal, without brackets */
	uint16_t port;
	const char *user, *password; /* or NULL; never on record */
};

struct dialogue {
	const struct dialect *dialect;
	struct dialogue_wish wish;
	enum dialogue_state state;
	enum spoken_where where;
	struct handshake *h;   /* the record; what is kept lies in its arena */
	const char *why;       /* a refusal: what is wrong, a clause, static */
	const char *answer;    /* the words that decided it, printable; or NULL */
	bool doubtful;         /* inside TLS: the answer is an error, or none of the protocol */
	struct buf out;        /* to be written: the owner takes it */

	/* The dialect's own. */
	unsigned step;
	bool offered;          /* SMTP: STARTTLS was among what it offers */
	unsigned status;       /* HTTP CONNECT: of the answer, */
	const char *kept;      /* and its first line */

	struct buf in;
	size_t at;             /* of in: taken already */
	size_t heard;          /* bytes in all */
	double now_ms;
};

/* Puts words on record that no dialogue of ours brought: a helper's. */
void dialogue_record(struct handshake *h, bool by_us, enum spoken_where where, const char *printable, double at_ms);

/* wish may be NULL. The record, and the strings of the wish, must outlive the dialogue. */
void dialogue_begin(struct dialogue *d, const struct dialect *dialect, enum spoken_where where,
    const struct dialogue_wish *wish, struct handshake *record, double now_ms);
/* Bytes that were read at at_ms. What comes behind the words that decided it stays: dialogue_rest(). */
enum dialogue_state dialogue_feed(struct dialogue *d, const unsigned char *bytes, size_t len, double at_ms);
/* What came behind the last word that was taken; borrowed. */
struct text dialogue_rest(const struct dialogue *d);
/* Our words so far have left: they get their time on record. */
void dialogue_sent(struct dialogue *d, double at_ms);
void dialogue_done(struct dialogue *d);

/* ---- for dialects ---- */

/* Says bytes; `shown` goes on record (NULL: nothing does). */
void dialogue_say(struct dialogue *d, const void *bytes, size_t len, const char *shown);
/* A line of text and CRLF; the line is what goes on record. */
void dialogue_say_line(struct dialogue *d, const char *line);
/* What we wait for now: static, a noun phrase, "its greeting". */
void dialogue_await(struct dialogue *d, const char *what);
/* All that was heard and not taken. */
struct text dialogue_heard(const struct dialogue *d);
void dialogue_take(struct dialogue *d, size_t n);
/* Takes a line without its end, and puts it on record. False: it is not whole yet, or too long, which is a refusal. */
bool dialogue_line(struct dialogue *d, struct text *line);
/* The same, and nothing goes on record. */
bool dialogue_quiet_line(struct dialogue *d, struct text *line);
/* Puts a message of theirs on record. */
void dialogue_note(struct dialogue *d, struct text words);
void dialogue_agree(struct dialogue *d, struct text answer);
/* why: static. */
void dialogue_refuse(struct dialogue *d, const char *why, struct text answer);

#endif
