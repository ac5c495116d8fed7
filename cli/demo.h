/* What the two faces of the demo share: the lab, its endpoints, and the options each of them is checked with. */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include "cli/demo_lab.h"
#include "cli/options.h"
#include "cli/settings.h"
#include "model/buf.h"

/* One endpoint: what the lab said of it, and the options that its own line would have. */
struct exhibit {
	const char *name, *story, *expect; /* in the lab's JSON */
	char **argv;
	int argc;
	struct options options;
	struct settings settings;
	bool differs;      /* it has options of its own: versions, time-outs … */
	struct buf found;  /* the line of the report */
	bool done, right;
};

struct demo {
	struct options *o;
	struct standing_world then;
	const struct world *world; /* the real one, or that of --at */
	struct demo_lab lab;
	struct exhibit *items;
	size_t len, done, right;
};

/* Checks at once, where the user says nothing: the lab is one process, and handshakes that wait for it would look slow. */
enum { DEMO_JOBS = 8 };

/* Every endpoint checked, and its story told: a page. The exit status. */
int demo_report(struct demo *d);
/* The console on it. *shown false: no terminal for it, *err says why, nothing was done. */
int demo_console(struct demo *d, bool *shown, struct error *err);

#endif
