/*
 * Diagnosis: a pure function of evidence. Findings come from tables of rules (model/rules_*.c); one
 * is the root cause, the rest are explained by it or independent.
 */
#ifndef MODEL_DIAGNOSIS_H
#define MODEL_DIAGNOSIS_H

#include "model/evidence.h"
#include "model/finding.h"
#include "model/path.h"
#include "model/stack.h"

enum verdict { VERDICT_OK, VERDICT_NOTICE, VERDICT_WARNING, VERDICT_ERROR, VERDICT_UNREACHABLE };
const char *verdict_name(enum verdict v);

struct diagnosis {
	const struct evidence *evidence; /* borrowed: must outlive the diagnosis */
	enum verdict verdict;
	enum cause_class class;
	enum side side;              /* of the root cause; meaningless where there is none */
	struct finding *findings;    /* root cause first, then by severity and the contract's order */
	size_t len;
	const struct finding *root;  /* NULL: nothing found */
	const char *cause_key;       /* or NULL */
	const char *headline;        /* "OUR SIDE: the server refuses our certificate"; printable */
	const char *summary;         /* one or two sentences: the cause */
	const char **not_the_cause;  /* proven by the wire */
	size_t not_the_cause_len;
	const char **not_reached;    /* nobody looked yet */
	size_t not_reached_len;
	struct path_set *server_paths; /* NULL where no certificate was seen */
	struct path_set *our_paths;    /* NULL without an identity */
	struct stack_guess stack;
	/* Our chain with the CAs that it lacks, leaf first, where they are at hand and the server refused; borrowed from the evidence. */
	const struct cert **completed;
	size_t completed_len;
	struct arena *arena;
	const struct place *places;  /* other looks at the same service (model/places.h) */
	size_t places_len;
};

struct diagnosis *diagnose(const struct evidence *e);
void diagnosis_free(struct diagnosis *d);
const struct finding *diagnosis_find(const struct diagnosis *d, enum code code); /* or NULL */
const struct finding *diagnosis_cause_of(const struct diagnosis *d, const struct finding *of); /* the finding that explains it, or NULL */

#endif
