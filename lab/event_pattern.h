/* Does an event match a rule's pattern? Source: "Amazon EventBridge event patterns". Pure. */
#ifndef LAB_EVENT_PATTERN_H
#define LAB_EVENT_PATTERN_H

#include <cJSON.h>
#include <stdbool.h>

/* Is it a pattern at all: objects, and in them arrays of values and of conditions that are known? why: what is wrong, static. */
bool event_pattern_valid(const cJSON *pattern, const char **why);
bool event_pattern_matches(const cJSON *pattern, const cJSON *event);

#endif
