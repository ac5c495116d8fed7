/* mtlscope resume: an interrupted plan goes on. */
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/recorded.h"

int
resume_run(struct options *o)
{
	struct error err = { .code = ERROR_NONE };
	int64_t id = 0;

	if (o->operands_len > 1)
		error_set(&err, ERROR_USAGE, "options", "resume: one plan at a time, mtlscope resume [ID]");
	else if (o->operands_len == 1)
		(void)(recorded_id(o->operands[0], &id, &err) == STATUS_OK);
	return error_is_set(&err) ? complain_error(&err) : recorded_carry_out(o, id, false);
}
