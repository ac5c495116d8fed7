/*
 * Other looks at the same service, to be compared with the baseline: at the other addresses of its
 * name (experiment "address"), and at the same address once more ("repeat"). Knowledge: "diagnosis",
 * 5.2, E0, E14, E17.
 */
#ifndef MODEL_PLACES_H
#define MODEL_PLACES_H

#include "model/diagnosis.h"

struct facts;

struct place {
	const struct handshake *h;
	bool again;       /* at the baseline's own address */
	bool connected;
	bool same_answer; /* accepted or refused as the baseline was */
	bool same_chain;  /* also where one of the two showed none */
	bool same_list;   /* of acceptable CAs; also where one of the two did not ask */
	struct diagnosis *own; /* of this handshake alone, as if it were the baseline; NULL: all of that is the same */
	struct evidence *seen; /* what that was made of: in the arena, all of it borrowed */
};

/* Fills facts.places. Their diagnoses are given back with places_forget(). */
void places_look(struct facts *f);
void places_forget(const struct place *places, size_t len);
/* Alone, it would be an error. */
bool place_fails(const struct place *p);

/*
 * What is to be shown of it: where its cause lies at another address than the baseline's, what was seen there alone,
 * and *where, that address (else NULL).
 */
const struct diagnosis *places_shown(const struct diagnosis *d, const char **where);

/*
 * The next address of the name that nobody has looked at, as an index into the baseline's attempts; SIZE_MAX: none is
 * left. One that was tried and did not answer counts as looked at.
 */
size_t places_next(const struct evidence *e);
/* Where the baseline's address asks for no certificate and lets us in: the first that does ask; else SIZE_MAX. */
size_t places_guarded(const struct evidence *e);
/* Where the baseline was let in: the first address that refuses us, perhaps for a CA that our chain lacks and that is at hand; else NULL. */
const struct place *places_lacking(const struct diagnosis *d);
/* Where that is, as an index into the baseline's attempts. */
size_t places_index(const struct evidence *e, const struct place *p);
/* Those that are left, "10.0.0.7:8443, [::1]:8443", and how many; NULL: none. Into the arena. */
const char *places_left(const struct evidence *e, size_t *how_many, struct arena *a);

/* "accepts us", "refuses us (alert 48 unknown_ca)", "does not take the connection". Into the arena. */
const char *place_words(const struct handshake *h, const struct diagnosis *own, struct arena *a);

#endif
