/*
 * From a finding to the plan that mends it: one table, code → kind of mend (fixes/fix.c), and a maker for each kind. Making a plan
 * changes nothing; it may read files and ask AWS what CAs there are. It blocks: a worker makes it, never the screen's thread.
 */
#ifndef FIXES_FIX_H
#define FIXES_FIX_H

#include "fixes/plan.h"
#include "model/config.h"
#include "model/csr.h"
#include "model/diagnosis.h"

/* What is to be mended and with what. All of it is borrowed, and must stay until the plan is made; the plan keeps copies. */
struct fix_wish {
	const struct diagnosis *diagnosis;    /* with its evidence, identity and trust */
	const struct finding *finding;        /* of it; NULL: the root cause */
	const char *target;                   /* as one types it: for the record and for looking again */
	const struct config *config;          /* or NULL */
	const struct config_entry *entry;     /* of the fleet, where it is one; or NULL */
	const char *several;                  /* entry NULL: the name of one of several that have this address; or NULL */
	struct plan_place place;              /* client NULL: no AWS at hand, and no_aws says why, printable */
	const char *no_aws;
	const char *ca;                       /* --ca: by ARN, id or name; NULL: the one that fits */
	unsigned days;                        /* 0: as the old one's, at most what the CA gives */
	bool kind_given;                      /* --key-algorithm */
	enum csr_key kind;
	bool same_key;                        /* --same-key */
	bool add_trust;                       /* --add-trust: no new certificate, the other side trusts what is there */
	const char *trust_store, *domain, *bucket; /* --trust-store, --domain: likewise, in the load balancer's or API Gateway's; or NULL */
	const char *listener;                 /* --listener: of a load balancer that is to ask for certificates, by --trust-store; or NULL */
	bool direct;                          /* the target is reached without a proxy or other addresses: a step may try it */
	bool anew;                            /* `renew`: what lies in the server's file is due, whatever is sent */
	bool redirected;                      /* it was looked at through a proxy or at another address: no step looks whether it serves what was written */
	const char *host;                     /* this machine's name, printable */
	int64_t now;
};

enum fix_outcome {
	FIX_PLAN,       /* *out is the plan */
	FIX_NOTHING,    /* nothing is wrong, or nothing that needs mending */
	FIX_BY_HAND     /* no mend from here: *words says what its owner is to do, or what is missing; printable, lines where it has settings, in `a` */
};
/*
 * STATUS_FAILED: it could not be found out (AWS refused: ERROR_AWS; a file cannot be read: ERROR_INPUT). *out is the caller's: plan_free().
 */
status fix_plan(const struct fix_wish *w, struct arena *a, enum fix_outcome *outcome, struct plan **out, const char **words, struct error *err) MUST_USE;

#endif
