/*
 * Which setting mends a server that does not ask, does not verify, or asks in a way that fails: finding by finding, stack by
 * stack, with the file that it belongs into and what makes it take effect. We change nothing here: the server is somebody's.
 */
#ifndef FIXES_ENFORCE_H
#define FIXES_ENFORCE_H

#include <stdbool.h>
#include <stddef.h>

#include "fixes/paste.h"
#include "model/codes.h"
#include "model/error.h"
#include "model/memory.h"
#include "model/stack.h"

enum enforce_stack {
	ENFORCE_NGINX,
	ENFORCE_APACHE,
	ENFORCE_HAPROXY,
	ENFORCE_ENVOY,
	ENFORCE_GO,
	ENFORCE_JAVA,
	ENFORCE_TOMCAT,
	ENFORCE_PYTHON,
	ENFORCE_NODE,
	ENFORCE_ALB,
	ENFORCE_GATEWAY,
	ENFORCE_IIS,
	ENFORCE_STACKS
};

struct enforcement {
	const char *title;   /* "nginx" */
	const char *setting; /* lines; NULL: no setting mends it there, and the remark says why */
	const char *file;    /* where they stand: "the server block, in …" */
	const char *reload;  /* what makes them take effect, a command line or a sentence */
	const char *remark;  /* printable sentences; or NULL */
};

/* Is that finding mended by a setting of the server's? */
bool enforce_knows(enum code code);
/* One cell; facts stand in the setting as the stack quotes them. ERROR_USAGE: a fact cannot be written there. Into `a`. */
status enforce_make(enum code code, enum enforce_stack s, const struct paste_case *c, struct arena *a, struct enforcement *out, struct error *err) MUST_USE;
/*
 * The stacks that a recognised one may be, the likeliest first; all of them, and *all set, where it is not recognised or none
 * of ours. out has room for ENFORCE_STACKS.
 */
size_t enforce_for(const struct stack_guess *g, enum enforce_stack out[ENFORCE_STACKS], bool *all);
/* The page for one finding: what to set, where, what then; says it where the stack is unknown. NULL: see enforce_make(). */
const char *enforce_text(enum code code, const struct stack_guess *g, const struct paste_case *c, struct arena *a, struct error *err);

#endif
