/*
 * The lab's Elastic Load Balancing: trust stores, their revocation lists, and the listeners that use them. Nothing is
 * balanced: what is asked for is checked and kept as AWS does. Source: the ELBv2 API reference; knowledge "aws" 4.1.
 */
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/elbv2_parts.h"
#include "lab/sql.h"

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS elb_stores(seq INTEGER PRIMARY KEY, arn TEXT UNIQUE NOT NULL, name TEXT NOT NULL, account TEXT NOT NULL,"
    " region TEXT NOT NULL, certificates INTEGER NOT NULL, bundle TEXT NOT NULL, UNIQUE(account, region, name));"
    "CREATE TABLE IF NOT EXISTS elb_revocations(id INTEGER PRIMARY KEY AUTOINCREMENT, store TEXT NOT NULL, entries INTEGER NOT NULL,"
    " object TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS elb_balancers(seq INTEGER PRIMARY KEY, arn TEXT UNIQUE NOT NULL, name TEXT NOT NULL, account TEXT NOT NULL,"
    " region TEXT NOT NULL, scheme TEXT NOT NULL, type TEXT NOT NULL, created INTEGER NOT NULL, UNIQUE(account, region, name));"
    "CREATE TABLE IF NOT EXISTS elb_listeners(seq INTEGER PRIMARY KEY, arn TEXT UNIQUE NOT NULL, balancer TEXT NOT NULL, port INTEGER NOT NULL,"
    " settings TEXT NOT NULL, mode TEXT NOT NULL, store TEXT, UNIQUE(balancer, port));";

void
elb_id(char out[17])
{
	unsigned char bytes[8];

	if (RAND_bytes(bytes, sizeof bytes) != 1)
		abort(); /* a broken OpenSSL */
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

void
elb_reply(struct elb_call *k, cJSON *result)
{
	query_reply(k->q, k->p, ELBV2_XMLNS, result);
}

void
elb_broken(struct elb_call *k)
{
	cloud_fail(k->p, "InternalFailure", "The request processing has failed because of an unknown error, exception or failure.");
}

static const struct {
	const char *name;
	void (*run)(struct elb_call *k);
} operations[] = {
	{ "AddTrustStoreRevocations", elb_add_revocations },
	{ "CreateListener", elb_create_listener },
	{ "CreateLoadBalancer", elb_create_balancer },
	{ "CreateTrustStore", elb_create_store },
	{ "DeleteListener", elb_delete_listener },
	{ "DeleteLoadBalancer", elb_delete_balancer },
	{ "DeleteTrustStore", elb_delete_store },
	{ "DescribeListeners", elb_describe_listeners },
	{ "DescribeLoadBalancers", elb_describe_balancers },
	{ "DescribeTrustStoreAssociations", elb_describe_associations },
	{ "DescribeTrustStoreRevocations", elb_describe_revocations },
	{ "DescribeTrustStores", elb_describe_stores },
	{ "GetTrustStoreCaCertificatesBundle", elb_get_bundle },
	{ "GetTrustStoreRevocationContent", elb_get_revocation },
	{ "ModifyListener", elb_modify_listener },
	{ "ModifyTrustStore", elb_modify_store },
	{ "RemoveTrustStoreRevocations", elb_remove_revocations },
};

static void
serve(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p)
{
	cJSON *in = query_form((const char *)q->body);
	struct elb_call k = { .c = c, .q = q, .p = p, .in = in, .db = cloud_db(c) };

	for (size_t i = 0; in != NULL && q->operation != NULL && i < sizeof operations / sizeof operations[0]; i++) {
		if (strcmp(operations[i].name, q->operation) != 0)
			continue;
		if (q->may_all)
			operations[i].run(&k);
		else
			cloud_fail(p, "AccessDenied", "User: %s is not authorized to perform: elasticloadbalancing:%s because no identity-based policy "
			    "allows the elasticloadbalancing:%s action", q->caller, q->operation, q->operation);
		cJSON_Delete(in);
		return;
	}
	cJSON_Delete(in);
	cloud_fail(p, "InvalidAction", "Could not find operation %s for version 2015-12-01", q->operation != NULL ? q->operation : "");
}

const struct cloud_service cloud_elbv2 = {
	.signing = "elasticloadbalancing",
	.protocol = CLOUD_QUERY,
	.tables = tables,
	.serve = serve,
};
