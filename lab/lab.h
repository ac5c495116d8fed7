/*
 * The practice lab: a root and an issuing CA made at start, live endpoints on loopback, each
 * with a story and a fault, and an AWS of its own (lab/cloud.h) whose private CA has those CAs. A separate process; `expect` stands in the lab's own table.
 */
#ifndef LAB_LAB_H
#define LAB_LAB_H

#include <stdbool.h>
#include <stdint.h>

#include "model/buf.h"
#include "model/error.h"
#include "model/world.h"

struct lab_options {
	uint64_t seed;      /* 0: the plain lab; N varies key types, names, chain length, versions, tickets, texts */
	const char *dir;    /* --dir: kept; NULL: a temporary folder that goes at exit */
	bool repeatable;    /* the same keys, serials and signatures for the same seed and time: for worlds whose clock stands */
	unsigned first_port; /* endpoints listen at this port, the next one, … in the table's order; 0: where there is room */
	bool throttle;       /* the private CA's rates are AWS's */
	bool no_throttle;    /* audit reports as often as they are asked for */
	unsigned services;   /* so many healthy services more: SERVICES_MOST at most */
	uint64_t certificates; /* so many more of the issuing CA, not signed before they are asked for */
};

struct lab;
/*
 * Makes the CAs, writes the identities' files (keys 0600, folder 0700), listens on loopback. Under a
 * second. Forks the process that tidies up after it: call it before there are threads. *w must
 * outlive the lab.
 */
status lab_start(const struct lab_options *opt, const struct world *w, struct lab **out, struct error *err) MUST_USE;
/*
 * CONTRACT section 6: one object, one line. Besides: `config`, the lab as a configuration file, and for each endpoint `group` and
 * `serves`, the files that its server reads (cert, key, trust where it asks for certificates, upstreams where it calls others).
 */
void lab_json(const struct lab *lab, struct buf *out);
/* The table for people. */
void lab_table(const struct lab *lab, struct buf *out);
/*
 * Serves until SIGINT, SIGTERM or SIGHUP comes (it watches for them itself), or stop_fd is readable
 * or closed (-1: none).
 */
status lab_run(struct lab *lab, int stop_fd, struct error *err) MUST_USE;
int lab_signal(const struct lab *lab);          /* the signal that ended lab_run, or 0: the exit status is 128 more */
const char *lab_folder(const struct lab *lab);  /* where its files are */
void lab_free(struct lab *lab); /* removes the temporary folder; NULL is legal */

#endif
