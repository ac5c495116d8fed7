/*
 * What steps of a plan do: one table of deeds (fixes/deeds.c). A deed gets what it works with as JSON, so that a plan can be
 * recorded, and gone on with or back by another run of the program, after a kill at any moment:
 *
 *   - look() runs once, before the first try, and puts into s->before what undo() will need. It changes nothing.
 *   - apply() may run again after it was cut off anywhere: twice is the same as once. Files are written beside their place and
 *     renamed; calls of AWS carry the token that stands in s->token; what it finds out goes into the plan's values
 *     (plan_set()) at once. s->unsettled then says that an earlier try may have been carried out without our knowing: where the token
 *     does not hold any more (step_token_forgotten()), or there is none, apply() looks first, or says that it is not known.
 *   - undo() brings back what look() saw, and may be cut off and run again too. It also runs for an apply() that was cut off.
 *
 * A deed never puts a private key into args, before or values: those are recorded. Keys lie in p->folder, 0600.
 */
#ifndef FIXES_DEED_H
#define FIXES_DEED_H

#include "fixes/plan.h"

struct deed {
	const char *name;      /* "write-files": stands in records, never changes its meaning */
	status (*look)(struct plan *p, struct plan_step *s, struct error *err);  /* NULL: nothing to look at */
	status (*apply)(struct plan *p, struct plan_step *s, struct error *err);
	status (*undo)(struct plan *p, struct plan_step *s, struct error *err);  /* NULL: it cannot be undone, s->undo says why */
	/*
	 * Does anything speak against undo()? Asked of every step before the first is undone, so that no half goes back; changes nothing.
	 * STATUS_FAILED: *err says what, and what to do. NULL: nothing does.
	 */
	status (*may_undo)(struct plan *p, struct plan_step *s, struct error *err);
	/* It failed: a sentence or two on what stands, into the plan's arena; may set p->go_on_command to a line for who has no record. NULL: nothing to say. */
	const char *(*go_on)(struct plan *p, const struct plan_step *s);
	bool aws;              /* it calls AWS */
	bool back_on_failure;  /* a later step fails: this one is undone at once (files, secrets); not what is paid for and harmless (a certificate) */
	bool last_back;        /* on the way back it comes after all others: a reload */
};

extern const struct deed *const deeds[];
extern const size_t deeds_len;
const struct deed *deed_named(const char *name); /* NULL: none of this version */

/* A new last step that does this deed with these args (taken over; NULL: {}). Its texts are the caller's to set. */
struct plan_step *plan_add_deed(struct plan *p, const struct deed *deed, cJSON *args);

/* What another step found out; NULL: nothing of that name. Belongs to the plan. */
const char *plan_value(const struct plan *p, const char *name);
/*
 * Keeps it, recorded before it returns: STATUS_FAILED where that could not be. plan_give() also tells the user: “certificate arn:…”.
 */
status plan_set(struct plan *p, struct plan_step *s, const char *name, const char *value, struct error *err) MUST_USE;
status plan_give(struct plan *p, struct plan_step *s, const char *name, const char *value, const char *shown_as, struct error *err) MUST_USE;

/* args: text, NULL where there is none. arg_value(): args NAME is literal text, or args NAME_from the name of a value. */
const char *step_arg(const struct plan_step *s, const char *name);
bool step_arg_true(const struct plan_step *s, const char *name);
int64_t step_arg_number(const struct plan_step *s, const char *name, int64_t otherwise);
const char *step_arg_value(const struct plan *p, const struct plan_step *s, const char *name);
const char *step_before(const struct plan_step *s, const char *name);
/* "FOLDER/NAME" of the plan's private things; the folder is there. */
const char *plan_private(struct plan *p, const char *name);
int64_t plan_now(const struct plan *p); /* seconds since the epoch, by the plan's world */
/*
 * In apply(): a try of this step's call may have been carried out, and AWS has forgotten its token since (it keeps those of
 * CreateCertificateAuthority and IssueCertificate for five minutes, knowledge "aws" 1.2): the same call again would do it twice.
 */
bool step_token_forgotten(const struct plan *p, const struct plan_step *s);

#endif
