/* mtlscope undo: the plan that brings the old state back, or why it cannot. */
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/recorded.h"

int
undo_run(struct options *o)
{
	struct error err = { .code = ERROR_NONE };
	int64_t id = 0;

	if (o->operands_len != 1)
		error_set(&err, ERROR_USAGE, "options", "undo: which plan? mtlscope undo ID; mtlscope log lists them");
	else
		(void)(recorded_id(o->operands[0], &id, &err) == STATUS_OK);
	return error_is_set(&err) ? complain_error(&err) : recorded_carry_out(o, id, true);
}
