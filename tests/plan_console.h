/*
 * A console for the tests of plans on screen: one endpoint that fails, a maker whose plans change files in a folder of the
 * test, a record of its own, a clock that stands. The endpoint's server accepts connections and says nothing: a look at
 * it lasts until the test says what it shows.
 */
#ifndef TESTS_PLAN_CONSOLE_H
#define TESTS_PLAN_CONSOLE_H

#include "model/changes.h"
#include "tests/pages.h"
#include "tests/screen.h"
#include "tui/plan_job.h"

enum plan_kind {
	PLAN_FINE,     /* two files, then a command that works */
	PLAN_FAILS,    /* the command fails as long as there is a file "broken" */
	PLAN_HANGS,    /* the command waits until the test lets it go on: plan_console_go_on() */
	PLAN_BLOCKED,  /* its first step cannot even look: nothing of it can be undone */
	PLAN_BY_HAND,  /* there is none, but words */
	PLAN_REFUSED,  /* AWS does not say */
	PLAN_SLOW      /* making it lasts until it is left, or let go on */
};

struct plan_console {
	char *folder;            /* of tls.crt and fresh.pem */
	char record[512];        /* its folder, another one each time: a reader of the last console may still be under way */
	unsigned round;
	enum plan_kind kind;
	enum plan_reach reached;
	struct standing_world standing;
	struct world world;      /* that one, with SUDO_USER "anna" */
	struct plan_maker maker;
	struct pages *pages;
	struct entry *entry;
	int server, gate;        /* gate: a pipe that what waits reads a line from */
	atomic_uint made, dropped; /* plans that were asked for; those that were left meanwhile */
	enum code asked;         /* the code of the last one */
};

void plan_console_start(struct plan_console *c);
void plan_console_done(struct plan_console *c);
/* The files as they were, and no record. */
void plan_console_begin(struct plan_console *c);
/* For screen_open(): changes are allowed. */
void plan_console_setup(struct plan_console *c, struct console_setup *setup);
/* The look at the endpoint is over, with this result. */
void plan_console_seen(struct plan_console *c, struct screen *s, enum pages_story story);
void plan_console_go_on(struct plan_console *c);
const char *plan_console_in(const struct plan_console *c, const char *name);
/* What the file holds; "(none)". In a static ring. */
const char *plan_console_text(const struct plan_console *c, const char *name);
struct changes *plan_console_record(const struct plan_console *c);
/* In the place of this machine's name, so that pictures are alike everywhere. */
void plan_console_hosts(const struct plan_console *c, const char *host);

#define PLAN_OLD "old certificate\n"
#define PLAN_NEW "new certificate, and the intermediate\n"

#endif
