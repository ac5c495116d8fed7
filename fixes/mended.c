#include "fixes/mended.h"

static const struct {
	const char *name, *words;
} kinds[] = {
	[MENDED] = { "mended", "MENDED" },
	[MENDED_HERE] = { "mended-here", "MENDED HERE, NOT DEPLOYED" },
	[MENDED_NEXT] = { "something-else", "MENDED, and now something else is in the way" },
	[MENDED_UNSEEN] = { "not-seen", "DONE, AND NOT SEEN TO WORK" },
	[MENDED_NOT] = { "not-mended", "NOT MENDED" },
};

enum mended
mended_of(const struct diagnosis *before, const struct diagnosis *after, enum code code, enum plan_reach reached)
{
	if (diagnosis_find(after, code) != NULL)
		return MENDED_NOT;
	if (after->verdict == VERDICT_UNREACHABLE)
		return MENDED_UNSEEN;
	if (after->verdict == VERDICT_ERROR && (before == NULL || after->root == NULL || diagnosis_find(before, after->root->code) == NULL))
		return MENDED_NEXT;
	return reached == REACH_UNKNOWN ? MENDED_HERE : MENDED;
}

const char *
mended_name(enum mended m)
{
	return kinds[m].name;
}

const char *
mended_words(enum mended m)
{
	return kinds[m].words;
}
