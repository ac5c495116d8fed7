/*
 * One target, examined on one loop: the baseline and its diagnosis, then one experiment after the
 * other (model/experiment.h) as long as the next one could still change the verdict.
 */
#ifndef PROBES_EXAMINATION_H
#define PROBES_EXAMINATION_H

#include "probes/examine.h"
#include "probes/handshake.h"
#include "probes/proofs.h"

/* A set of options, with the TLS contexts that come from them. */
struct examine_mode {
	struct examine_options opt;
	struct tls_contexts *contexts;
	struct examine_mode *next;
};

/* What waits to be examined; owns its copy and references. */
struct job {
	const struct examine_mode *mode;
	size_t index;
	struct target target;
	const struct identity *identity; /* or NULL */
	const struct identity *other;    /* or NULL */
	const struct trust *trust;       /* or NULL */
	bool many;                       /* one of many: model/experiment.h */
	void *user;
	struct job *next;
};
void job_free(struct job *j);

struct examination_run;
/* The examination is the receiver's. The run is freed after this. */
typedef void (*examination_done)(void *user, struct examination_run *run, struct examination *x);

/* Takes the job, whose mode gives the ground its options and contexts. proofs: shared by all. seen_from: this host's name. May be over, `done` called, before this returns: then it returns NULL. */
struct examination_run *examination_start(const struct ground *g, struct job *j, struct proofs *proofs, const char *seen_from,
    enum kept kept, examination_done done, void *user);
/* Goes on where it waits for another one's proof. */
void examination_wake(struct examination_run *run);
/* While `done` is called: others may wait for what it proved. */
bool examination_proved(const struct examination_run *run);
/* Ends it: `done` is called before this returns. */
void examination_cancel(struct examination_run *run);

#endif
