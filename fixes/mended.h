/* Did it help? By the look that follows a plan: never more than what was seen. */
#ifndef FIXES_MENDED_H
#define FIXES_MENDED_H

#include "fixes/plan.h"
#include "model/diagnosis.h"

enum mended {
	MENDED,         /* the finding is gone, and nothing new is in the way */
	MENDED_HERE,    /* the same from here; whether the running service has it is not known */
	MENDED_NEXT,    /* the finding is gone, and an error that was not there before is in the way: that it works was not seen */
	MENDED_UNSEEN,  /* the endpoint cannot be reached now: nothing was seen */
	MENDED_NOT,     /* the finding is still there */
	MENDED_KINDS
};
/* before: of the look before the plan; NULL: not known, and then each error that is there now is new. */
enum mended mended_of(const struct diagnosis *before, const struct diagnosis *after, enum code code, enum plan_reach reached);
/* "mended", "mended-here", "something-else", "not-seen", "not-mended": for JSON. */
const char *mended_name(enum mended m);
/* "MENDED HERE, NOT DEPLOYED": as people read it. */
const char *mended_words(enum mended m);

#endif
