#include "lab/story.h"

const char *
story_trusts(const struct story *story, size_t i)
{
	if (story->trusts[0] == NULL)
		return i == 0 ? "root" : NULL;
	return i < STORY_LIST ? story->trusts[i] : NULL;
}
