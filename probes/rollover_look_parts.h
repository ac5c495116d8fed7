/* What the parts of measuring a roll-over share (probes/rollover_look.h says what it is for). */
#ifndef PROBES_ROLLOVER_LOOK_PARTS_H
#define PROBES_ROLLOVER_LOOK_PARTS_H

#include "probes/rollover_look.h"

/* One measuring. */
struct looking {
	const struct rollover_look *how;
	struct rollover *r;
	struct rollover_anchors anchors;
	struct trust *old_trust, *new_trust; /* of one root each; new_trust NULL: it is not made yet */
	struct trust *nobody;
	int64_t now;
};

/* What a bundle holds of it. */
struct in_bundle {
	bool read, has_old, has_new, has_child;
	const char *why; /* not read: a printable clause */
};

/* An examination of an entry: where its name led first, or at another address of that name. */
struct asked {
	const struct config_entry *entry;
	char *address;           /* "10.0.0.2:8443"; NULL: where its name led first */
	struct examination *x;   /* NULL: it was not asked */
	struct asked *others;    /* of the same entry: a chain */
	/*
	 * The same with a certificate that nobody issued, where the wire alone says YES: who lets that in too shows nothing of whom it trusts. NULL: that was not asked.
	 */
	struct asked *stranger;
};

/* ---- probes/rollover_ask.c ---- */

/*
 * Asks all of the fleet at once, then every other address that their names led to. asked: one for each entry, zeroed; rollover_asked_done() in any case.
 * ERROR_NOT_DONE: it was cancelled.
 */
status rollover_ask(struct looking *l, struct asked *asked, struct error *err) MUST_USE;
void rollover_asked_done(struct asked *asked, size_t len);
/*
 * This machine has no way there at all, as to IPv6 where there is none, or it is the other address of "localhost" and nobody listens there: that says nothing of
 * the service.
 */
bool rollover_no_way_to(const struct asked *a);

/* ---- probes/rollover_look.c ---- */

/* Measured just now; how: a clause, copied. */
void rollover_look_cell(struct looking *l, struct rollover_service *s, enum rollover_column c, enum rollover_answer a, const char *how);
/* Text from outside, printable, in the document's arena. */
const char *rollover_look_shown(struct looking *l, const char *outside);

/* ---- probes/rollover_server.c ---- */

/*
 * Fills the column ROLLOVER_SERVER of one service that was shown the client certificate of the new root. b: what the bundle that it reads as a server
 * holds, and its file; NULL: none is configured.
 */
void rollover_judge_server(struct looking *l, struct rollover_service *s, const struct asked *asked, const struct in_bundle *b, const char *file);
/* It asked for a certificate, and let in who showed this one: nothing keeps that from being proof. */
bool rollover_lets_in(const struct examination *x);

#endif
