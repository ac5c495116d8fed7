/* What the makers of a roll-over's plans share (fixes/rollover.c has their table). */
#ifndef FIXES_ROLLOVER_PARTS_H
#define FIXES_ROLLOVER_PARTS_H

#include "aws/pca.h"
#include "fixes/rollover.h"
#include "probes/rollover_look.h"

enum {
	ROLLOVER_DAY = 24 * 60 * 60,
	ROLLOVER_ROOT_DAYS = 3650,
	ROLLOVER_ISSUING_DAYS = 1095,
	ROLLOVER_PASS_DAYS = 30,         /* of the certificate to measure with: the weeks that a roll-over takes */
	ROLLOVER_SHORT_LIVED = 7 * ROLLOVER_DAY - 60, /* AWS counts from when it issues; its clock may be a little ahead of ours */
	ROLLOVER_PLAN_MOST = 250,        /* steps of one plan: each is recorded twice with all the others. What is left follows with the next plan */
	ROLLOVER_BATCH = 16              /* services that get new leaves in one plan: a mistake hits so many, and no more */
};

struct rolling {
	const struct rollover_wish *w;
	enum rollover_step step;
	struct plan *plan;               /* may be replaced by a maker that has one made */
	struct rollover_anchors anchors;
	const char **by_hand;
	size_t by_hand_len, by_hand_cap;
	size_t left;                     /* changes that have no room in this plan */
	const char **reloads;            /* commands that are in the plan already */
	size_t reloads_len, reloads_cap;
	struct arena *arena;             /* the caller's */
};

typedef status rollover_maker(struct rolling *m, struct error *err);
rollover_maker rollover_make_root, rollover_make_issuing, rollover_make_pass, rollover_retire; /* fixes/rollover_ca.c */
rollover_maker rollover_trust, rollover_remove, rollover_untrust;                             /* fixes/rollover_trust.c */
rollover_maker rollover_move;                                                                 /* fixes/rollover_move.c */
status rollover_move_reissued(struct rolling *m, struct error *err) MUST_USE;                 /* fixes/rollover_reissue.c */
/* What is issued from now on comes with the new chain: the steps for those issuing CAs of which that is not so yet. */
status rollover_import_twins(struct rolling *m, struct error *err) MUST_USE;                  /* fixes/rollover_move.c */

/* One line for who must do it himself. */
void rollover_by_hand(struct rolling *m, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Has the plan room for another change? If not, it is counted as left. */
bool rollover_has_room(struct rolling *m);
/* Is this service to be done in this plan? */
bool rollover_meant(const struct rolling *m, const char *name);
/*
 * The service's own command as a step, which lets it read its bundles again: install.reload, else install.hook; nothing where neither is configured. One command
 * for several services runs once, unless it is told which one it is for.
 */
void rollover_reload(struct rolling *m, const struct config_entry *e);
/*
 * Where a service's or an identity's certificate goes: the steps of fixes/install.h for the plan's values AS.fullchain and AS.sent. What cannot be installed
 * from here is a line for its owner, and *done stays false.
 */
status rollover_install(struct rolling *m, const char *as, bool new_key, const struct config_entry *e, const struct config_identity *id, bool *done,
    struct error *err) MUST_USE;

/* A certificate that is issued and fetched: two steps. */
struct rollover_issue {
	const char *as;                  /* of the plan's values */
	const char *ca, *ca_name;        /* ARN; printable */
	const char *key_algorithm;       /* of that CA */
	bool short_lived;
	const char *csr;                 /* PEM; NULL: AS.csr */
	const char *template_name;
	const char *what;                /* "let “Acme Root CA G2” sign “Acme Issuing CA 1”" */
	const char *undo;
	bool server, client;
	int64_t not_after;
};
void rollover_issue_steps(struct plan *p, const struct rollover_issue *i, int64_t now);

#endif
