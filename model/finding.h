/* A finding: one thing that is wrong, with what shows it. Plain data, lives in its diagnosis' arena. */
#ifndef MODEL_FINDING_H
#define MODEL_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "model/cert.h"
#include "model/codes.h"

enum confidence { CONFIDENCE_LOW, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH, CONFIDENCE_CERTAIN };
const char *confidence_name(enum confidence c);

struct proof {
	const char *experiment; /* "with-intermediate" */
	const char *handshake;  /* "h3" */
	const char *outcome;    /* "accepted" */
	const char *words;      /* what was different, for people: "as it is", "at 10.0.0.7:8443" */
};

struct candidate {
	enum code code;
	enum confidence likelihood;
	const char *decided_by; /* what would decide: an experiment's name, or a sentence */
};

struct finding {
	enum code code;
	enum severity severity;
	enum side side;
	bool root_cause;
	enum confidence confidence;
	const char *title;      /* one line */
	const char *why;        /* one to three sentences */
	const char **evidence;  /* "h1: the server sent alert 48 unknown_ca, 1.9 ms after our Finished" */
	size_t evidence_len;
	struct proof *proof;
	size_t proof_len;
	enum code *explains;    /* codes of findings that this one is the cause of */
	size_t explains_len;
	struct candidate *candidates; /* most likely first */
	size_t candidates_len;
	const struct cert *certificate; /* that it is about, or NULL */
	const char *const *fixes; /* ids of fix actions; NULL-terminated, or NULL */
	const char *mend;        /* what to do, in the words of model/mend.c, where that differs from what the code says; or NULL */
	const char *shared_key;  /* what targets with this cause share (a fingerprint, an address, "alert-48"); for cause_key */
	const char *address;     /* the one that it is about, where the addresses of the name differ; else NULL */
	const char *shared_label; /* the same for people: “Acme Issuing CA 1”, 2026-08-15 02:05 UTC */
};

#endif
