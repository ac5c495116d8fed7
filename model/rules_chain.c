/* The server's chain: how far it leads, its order, its links, its times above the leaf. */
#include "model/judged.h"

static void
reach(const struct facts *f, struct findings *to)
{
	struct judged j;

	if (judged_server(f, &j))
		judge_reach(&j, to);
}

static void
path_errors(const struct facts *f, struct findings *to)
{
	struct judged j;

	if (judged_server(f, &j))
		judge_path_errors(&j, to);
}

static void
order(const struct facts *f, struct findings *to)
{
	struct judged j;

	if (judged_server(f, &j))
		judge_order(&j, to);
}

static void
surplus(const struct facts *f, struct findings *to)
{
	struct judged j;

	if (judged_server(f, &j))
		judge_surplus(&j, to);
}

/* cert.expired and its kin, chain.intermediate-*, root.*: one look along the path. */
static void
validity(const struct facts *f, struct findings *to)
{
	struct judged j;

	if (judged_server(f, &j))
		judge_validity(&j, to);
}

static void
lifetimes(const struct facts *f, struct findings *to)
{
	struct judged j;

	if (judged_server(f, &j))
		judge_lifetimes(&j, to);
}

/* The fix actions stand in the table of judged.c, one row a fault. */
static const struct rule rules[] = {
	{ .code = CODE_CHAIN_MISSING_INTERMEDIATE, .look = reach },
	{ .code = CODE_CHAIN_WRONG_ORDER, .look = order },
	{ .code = CODE_CHAIN_EXTRA_CERTIFICATE, .look = surplus },
	{ .code = CODE_CHAIN_BAD_SIGNATURE, .look = path_errors },
	{ .code = CODE_CHAIN_INTERMEDIATE_EXPIRED, .look = validity },
	{ .code = CODE_CERT_OUTLIVES_ISSUER, .look = lifetimes },
};
const struct rule_table rules_chain = { "chain", rules, sizeof rules / sizeof rules[0] };
