/*
 * Evidence: all that is known of one target. It is closed: diagnosis opens nothing, asks no clock
 * and no network. Same evidence, same diagnosis.
 */
#ifndef MODEL_EVIDENCE_H
#define MODEL_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/fetched.h"
#include "model/handshake.h"
#include "model/identity.h"
#include "model/target.h"

struct client;

struct thresholds {
	int expires_within;      /* days, 30 */
	int root_expires_within; /* days, 90 */
	int clock_skew;          /* seconds, 5 */
	bool require_mtls;
};
extern const struct thresholds thresholds_default;

enum kept { CLOCK_KEPT_UNKNOWN, CLOCK_KEPT, CLOCK_NOT_KEPT };

struct clocks {
	int64_t local_ms;        /* ours when the examination began; --at replaces it */
	bool local_set;          /* by --at */
	enum kept kept;          /* adjtimex: is the kernel's clock synchronised? */
	bool server_known;
	int64_t server_offset_ms; /* server minus local: (Date - Age) - moment of the response */
	int64_t server_uncertainty_ms; /* round trip plus a second */
	const char *server_source; /* "http-date" */
};

/* A certificate that was not presented but found: "aia", "pca", "file". */
struct found_cert {
	struct cert *cert;     /* a reference is held */
	const char *source;
	const char *where;
};

struct evidence {
	struct target target;
	struct identity *identity; /* NULL: none given */
	struct identity *other;    /* another one, given to see whether it is accepted as well; NULL: none */
	struct trust *trust;
	struct thresholds thresholds;
	const char *seen_from;     /* this host's name */
	const char *ciphers;       /* --ciphers, or NULL */
	struct handshake **handshakes; /* [0] is the baseline; none for inspect */
	size_t handshakes_len;
	struct clocks clocks;
	int64_t started_ms;        /* wall clock */
	double took_ms;
	bool cut_short;            /* the time was up while there was more worth asking */
	struct found_cert *found;
	size_t found_len, found_cap;
	struct matched *matched;   /* what another target proved of this refusal (model/matched.h); a reference; or NULL */
	/* What addresses out of certificates gave, and what is known of revocation. */
	struct fetch_note *fetches;
	size_t fetches_len, fetches_cap;
	struct revocation *revocations;
	size_t revocations_len, revocations_cap;

	/*
	 * inspect: no server was asked; the chain to judge comes from files. Which side it is judged as is
	 * offline_purpose alone: an identity beside PURPOSE_SERVER is there for its key only.
	 */
	bool offline;
	enum purpose offline_purpose;
	struct cert **offline_chain; /* leaf first; the array lies in the arena, a reference of each is held */
	size_t offline_len;
	const char *offline_host;  /* --servername, or NULL: names are not judged */
	struct client *client;     /* listen: whom the chain came from (model/client.h); offline too. NULL elsewhere */

	struct arena *arena;
};

struct evidence *evidence_new(void);
void evidence_free(struct evidence *e); /* with its handshakes and references */

const struct handshake *evidence_baseline(const struct evidence *e); /* NULL when offline */
/* The first of that experiment, made here or at the target that this one is matched with; or NULL. */
const struct handshake *evidence_experiment(const struct evidence *e, const char *name);
size_t evidence_count(const struct evidence *e, const char *name); /* how many of that experiment were made here */
bool evidence_accepted(const struct evidence *e); /* the baseline was accepted */
/* Did the server refuse after our certificate could matter (asked, or refused after our flight)? */
bool evidence_refused(const struct evidence *e);
int64_t evidence_now(const struct evidence *e);   /* local clock, seconds */
/* The server's clock, seconds; the local one where unknown or the difference lies within its uncertainty. */
int64_t evidence_server_now(const struct evidence *e);
bool evidence_clocks_differ(const struct evidence *e); /* beyond uncertainty and threshold */

#endif
