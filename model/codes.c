#include "model/codes.h"

#include <string.h>

static const struct code_info infos[] = {
#define X(id, n, g, sev, c, s)                                                                        \
	[CODE_##id] = { .name = n, .group = GROUP_##g, .severity = SEVERITY_##sev, .class = CLASS_##c, \
	    .side = SIDE_##s },
	CODES(X)
#undef X
};

const struct code_info *
code_info(enum code code)
{
	return &infos[code];
}

enum code
code_named(const char *name)
{
	for (int i = 0; i < CODE_COUNT; i++)
		if (strcmp(infos[i].name, name) == 0)
			return (enum code)i;
	return CODE_NONE;
}

const char *
severity_name(enum severity s)
{
	static const char *const names[] = {
		[SEVERITY_NONE] = "none",
		[SEVERITY_NOTICE] = "notice",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_ERROR] = "error",
	};

	return names[s];
}

const char *
side_name(enum side s)
{
	static const char *const names[] = {
		[SIDE_CLIENT] = "client",
		[SIDE_SERVER] = "server",
		[SIDE_CLOCK] = "clock",
		[SIDE_NETWORK] = "network",
		[SIDE_POLICY] = "policy",
	};

	return names[s];
}

const char *
class_name(enum cause_class c)
{
	static const char *const names[] = {
		[CLASS_NONE] = "none",
		[CLASS_NETWORK] = "network",
		[CLASS_PROTOCOL] = "protocol",
		[CLASS_SERVER] = "server",
		[CLASS_CLIENT] = "client",
		[CLASS_CLOCK] = "clock",
		[CLASS_POLICY] = "policy",
	};

	return names[c];
}
