/*
 * How long it all holds: the validity of every certificate of both chains, the two clocks, and the
 * cliffs, which are the moments at which something ends and what breaks then.
 */
#ifndef MODEL_LIFETIMES_H
#define MODEL_LIFETIMES_H

#include "model/diagnosis.h"

enum lifetime_role { LIFETIME_ROOT, LIFETIME_INTERMEDIATE, LIFETIME_LEAF };
enum lifetime_state { LIFETIME_VALID, LIFETIME_SOON /* within its threshold */, LIFETIME_ENDED, LIFETIME_EARLY /* not valid yet */, LIFETIME_UNREADABLE };

struct lifetime {
	const struct cert *cert;
	enum lifetime_role role;
	int64_t from, until;      /* seconds; TIME_UNKNOWN where unreadable */
	enum lifetime_state state; /* by the clock of whoever judges it */
	size_t cliff;             /* index into cliffs; SIZE_MAX: it has no readable end */
};
/* One chain, root first: the best path that is known, sent or not. */
struct lifetimes_side {
	struct lifetime *items;   /* len 0: no certificate of that side was seen */
	size_t len;
	int64_t from, until;      /* of the whole path: where all of them are valid; TIME_UNKNOWN: some date is unreadable */
	size_t first;             /* the item that ends first; meaningless where len is 0 */
	int64_t other_until;      /* another path holds until then, and that is longer; else TIME_UNKNOWN */
};
/* The end of one certificate, for whichever side it stands in. */
struct cliff {
	int64_t at;
	const struct cert *cert;
	enum lifetime_role role;
	bool theirs, ours;
	const char *breaks;       /* "the server refuses us", "all below it ends": what happens then, or has happened; static */
};
/* A certificate that one of the two clocks calls valid and the other does not. */
struct flip {
	const struct cert *cert;
	bool ours;                /* of our chain: the server's clock judges it */
	bool valid_by_ours;       /* and by the server's clock it is not; false: the other way round */
};
struct lifetimes {
	struct lifetimes_side theirs, ours;
	struct cliff *cliffs;     /* in order of time, past ones too; the same certificate once */
	size_t cliffs_len;
	int64_t now;              /* our clock, seconds */
	int64_t server_now;       /* the server's; `now` where it is not known */
	bool server_known;
	bool clocks_differ;       /* beyond uncertainty and threshold */
	struct flip *flips;
	size_t flips_len;
};

/*
 * Into the arena. `now`: seconds; TIME_UNKNOWN or a diagnosis made with --at: the moment of the
 * evidence. Certificates are borrowed of the diagnosis.
 */
void lifetimes_of(const struct diagnosis *d, int64_t now, struct arena *a, struct lifetimes *out);

/* "leaf", "intermediate", "root" */
const char *lifetime_role_name(enum lifetime_role r);

/*
 * Where a moment stands on an axis of `width` columns whose column `now_at` is now. The axis has marks
 * (30 days, a year, ten years from now, either way), and between two of them it is even: so a leaf of 90 days
 * and a root of 20 years are both to be seen. What is farther than its last mark stands at the edge.
 * Monotonic; now itself is exactly now_at.
 */
int lifetime_column(int64_t from_now, int width, int now_at);
struct lifetime_mark {
	int64_t away;      /* seconds */
	int permille;      /* of the room that there is on that side of now */
	const char *label; /* "30 d"; NULL: the edge */
};
extern const struct lifetime_mark lifetime_marks[];
extern const size_t lifetime_marks_len;

#endif
