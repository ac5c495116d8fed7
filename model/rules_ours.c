/*
 * Our own chain, by our files alone: the same faults as the server's, each with the code of our side
 * and the severity that the server's answer gives it (CONTRACT section 4).
 */
#include "model/judged.h"

static void
reach(const struct facts *f, struct findings *to)
{
	struct judged j;

	if (judged_ours(f, &j))
		judge_reach(&j, to);
}

static void
path_errors(const struct facts *f, struct findings *to)
{
	struct judged j;

	if (judged_ours(f, &j))
		judge_path_errors(&j, to);
}

static void
order(const struct facts *f, struct findings *to)
{
	struct judged j;

	if (judged_ours(f, &j))
		judge_order(&j, to);
}

static void
validity(const struct facts *f, struct findings *to)
{
	struct judged j;

	if (judged_ours(f, &j))
		judge_validity(&j, to);
}

static void
purpose(const struct facts *f, struct findings *to)
{
	struct judged j;

	if (judged_ours(f, &j))
		judge_purpose(&j, to);
}

static void
strength(const struct facts *f, struct findings *to)
{
	struct judged j;

	if (judged_ours(f, &j))
		judge_strength(&j, to);
}

static void
form(const struct facts *f, struct findings *to)
{
	struct judged j;

	if (judged_ours(f, &j))
		judge_form(&j, to);
}

/* The fix actions stand in the table of judged.c, one row a fault. */
static const struct rule rules[] = {
	{ .code = CODE_CLIENT_MISSING_INTERMEDIATE, .look = reach },
	{ .code = CODE_CLIENT_EXPIRED, .look = validity },
	{ .code = CODE_CLIENT_EKU, .look = purpose },
	{ .code = CODE_CLIENT_WEAK, .look = strength },
	{ .code = CODE_CLIENT_BAD_CHAIN, .look = path_errors },
	{ .code = CODE_CLIENT_WRONG_ORDER, .look = order },
	{ .code = CODE_CLIENT_HOSTILE_NAME, .look = form },
};
const struct rule_table rules_ours = { "ours", rules, sizeof rules / sizeof rules[0] };
