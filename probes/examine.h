/*
 * The examiner: takes targets, learns what can be learnt of each, hands back evidence with its
 * diagnosis. Loops run on threads of their own (one per core; an examination lives on one loop);
 * what is finished comes through one queue. Nothing here prints, nothing changes anything outside.
 */
#ifndef PROBES_EXAMINE_H
#define PROBES_EXAMINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/diagnosis.h"
#include "model/error.h"
#include "model/evidence.h"
#include "model/proxy.h"
#include "model/world.h"

/* --resolve HOST:PORT:ADDR[,ADDR] and --connect-to HOST1:PORT1:HOST2:PORT2, as curl has them; host "*" and port 0 match any. */
struct redirect {
	char *host;
	uint16_t port;
	char *to_host;
	uint16_t to_port;
	char **addresses; /* --resolve; NULL-terminated */
};

struct examine_options {
	struct thresholds thresholds;
	bool quick;             /* the baseline only */
	bool deep;              /* every experiment; of a target that is examined by itself */
	int family;             /* 0 both, 4, 6 */
	uint16_t min_version, max_version; /* 0: TLS 1.2 and 1.3 */
	const char *ciphers;    /* --ciphers: TLS 1.2 list, or NULL */
	const char *alpn;       /* --alpn: comma-separated, or NULL: none is offered ("http/1.1" with --http1.1) */
	const char *interface;  /* address or device, or NULL */
	const struct proxy *proxy; /* --proxy, or the environment's for https; NULL: none */
	const struct proxy *other_proxy; /* the same for targets that are no HTTP */
	const char *no_proxy;   /* whom they are not for (model/proxy.h); or NULL */
	unsigned connect_timeout_ms; /* 5,000 */
	unsigned max_time_ms;   /* one target in all; 30,000 */
	const struct redirect *redirects;
	size_t redirects_len;
	const char *keylog_file; /* or NULL */
	unsigned jobs;          /* examinations under way at once; 0: as many as descriptors allow, at most 512; 8 through ssh */
	unsigned loops;         /* 0: one per core, one for a single target */
	bool at_set;
	int64_t at;             /* --at, seconds */
	bool paced;             /* for pictures: times by model/handshake_pace.h, not as they were measured */
};
extern const struct examine_options examine_defaults;

struct examination {
	size_t index;           /* as numbered by examiner_add */
	struct evidence *evidence;
	struct diagnosis *diagnosis;
	bool cancelled;         /* examiner_cancel ended it: what is there is all there will be */
	void *user;
};
void examination_free(struct examination *x);

struct examiner;
/* Starts its loops. Fails with ERROR_LOCAL (no descriptors, a bad --ciphers is ERROR_USAGE). The options are copied. */
status examiner_start(const struct examine_options *opt, const struct world *w, struct examiner **out,
    struct error *err) MUST_USE;
/*
 * Further options that some targets are examined with: versions, ciphers, time-outs, thresholds, --at; jobs, loops
 * and the key log stay the examiner's. Fails as examiner_start() does. It lives as long as the examiner. Thread: the caller's.
 */
struct examine_mode;
status examiner_mode(struct examiner *x, const struct examine_options *opt, const struct examine_mode **out,
    struct error *err) MUST_USE;
/* As examiner_add(), with those; mode NULL: the examiner's own. */
size_t examiner_add_as(struct examiner *x, const struct examine_mode *mode, const struct target *t,
    const struct identity *id, const struct trust *trust, void *user);
/*
 * The targets that are added from now on are some of many: what proves a cause at the price of several connections is
 * asked of one target for each cause, and the others wait for it (DESIGN section 6). At first each is taken to be examined by itself. Thread: the caller's.
 */
void examiner_many(struct examiner *x, bool many);
/* The targets that are added from now on are tried with this one as well (evidence.other); NULL: with none. Takes a reference. Thread: the caller's. */
void examiner_other(struct examiner *x, const struct identity *other);
/* Queues a target; identity may be NULL. Takes references and a copy of the target. Thread: the caller's. Returns its index. */
size_t examiner_add(struct examiner *x, const struct target *t, const struct identity *id,
    const struct trust *trust, void *user);
/*
 * The next finished one, in the order in which they finish; waits up to timeout_ms (-1: for ever), or
 * until `fd` is readable (-1: none). NULL: none yet, or none left. A single target is examined right
 * here, on the caller's thread, unless examiner_fd() was asked for: a thread costs more than it does.
 */
struct examination *examiner_wait(struct examiner *x, int fd, int timeout_ms);
struct examination *examiner_next(struct examiner *x, int timeout_ms); /* the same without an fd */
size_t examiner_left(const struct examiner *x); /* added and not yet handed back */
int examiner_fd(struct examiner *x);      /* readable while a finished one waits; -1: no descriptor is left */
/*
 * What is under way ends now and is handed back as it is; what only waits is dropped, and not handed back. Targets
 * can be added after it.
 */
void examiner_cancel(struct examiner *x);
int examiner_keylog_error(const struct examiner *x); /* errno where the key log could not be written; 0: it could, or there is none */
void examiner_free(struct examiner *x);         /* cancels, joins its threads */

/* This host's clock: is it kept? (adjtimex on Linux; CLOCK_KEPT_UNKNOWN elsewhere) */
enum kept clock_kept(void);
/* The real clock, randomness and environment. */
const struct world *world_real(void);
/* The real one, but for a clock that stands at `at` (seconds). Returns the world in *w, which must outlive its use. */
struct standing_world {
	struct world world;
	int64_t at_ms;
};
const struct world *world_standing(struct standing_world *w, int64_t at);

#endif
