/* Load balancers and listeners, as far as mutual TLS is set on them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/elbv2_parts.h"
#include "lab/sql.h"
#include "model/times.h"

enum { VERIFY_MOST = 2, PORT_MOST = 65535, NAME_MOST = 32 };

/* ---- load balancers ---- */

static cJSON *
balancer(struct elb_call *k, sqlite3_stmt *s)
{
	cJSON *out = cJSON_CreateObject();
	char created[TIME_TEXT_MAX];
	const char *name = sql_column(s, 1, k->q->arena), *type = sql_column(s, 3, k->q->arena);

	cJSON_AddStringToObject(out, "LoadBalancerArn", sql_column(s, 0, k->q->arena));
	cJSON_AddStringToObject(out, "DNSName", arena_printf(k->q->arena, "%s-1234567890.%s.elb.amazonaws.com", name, k->q->region));
	cJSON_AddStringToObject(out, "CreatedTime", time_rfc3339(sqlite3_column_int64(s, 4), created));
	cJSON_AddStringToObject(out, "LoadBalancerName", name);
	cJSON_AddStringToObject(out, "Scheme", sql_column(s, 2, k->q->arena));
	cJSON_AddStringToObject(cJSON_AddObjectToObject(out, "State"), "Code", "active");
	cJSON_AddStringToObject(out, "Type", type);
	cJSON_AddStringToObject(out, "IpAddressType", "ipv4");
	return out;
}

#define BALANCERS "SELECT arn, name, scheme, type, created FROM elb_balancers WHERE account = ? AND region = ?"

static bool
find_balancer(struct elb_call *k, const char *arn)
{
	if (arn != NULL && sql_int(k->db, 0, "SELECT 1 FROM elb_balancers WHERE arn = ? AND account = ? AND region = ?", "ttt", arn, k->q->account,
	    k->q->region) == 1)
		return true;
	cloud_fail(k->p, "LoadBalancerNotFound", "Load balancer '%s' not found", arn != NULL ? arn : "");
	return false;
}

/* Does one of the two lists name it? Without both everything is. */
static bool
wanted(const cJSON *in, const char *arn, const char *name)
{
	const cJSON *arns = given(in, "LoadBalancerArns"), *names = given(in, "Names"), *one;

	if (!cJSON_IsArray(arns) && !cJSON_IsArray(names))
		return true;
	cJSON_ArrayForEach(one, arns)
		if (cJSON_IsString(one) && strcmp(one->valuestring, arn) == 0)
			return true;
	cJSON_ArrayForEach(one, names)
		if (cJSON_IsString(one) && strcmp(one->valuestring, name) == 0)
			return true;
	return false;
}

void
elb_describe_balancers(struct elb_call *k)
{
	cJSON *out = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(out, "LoadBalancers");
	int asked = cJSON_GetArraySize(given(k->in, "LoadBalancerArns")) + cJSON_GetArraySize(given(k->in, "Names"));
	sqlite3_stmt *s = sql(k->db, BALANCERS " ORDER BY seq", "tt", k->q->account, k->q->region);

	while (sqlite3_step(s) == SQLITE_ROW)
		if (wanted(k->in, sql_column(s, 0, k->q->arena), sql_column(s, 1, k->q->arena)))
			cJSON_AddItemToArray(list, balancer(k, s));
	sqlite3_finalize(s);
	if (cJSON_GetArraySize(list) >= asked) {
		elb_reply(k, out);
		return;
	}
	cJSON_Delete(out);
	cloud_fail(k->p, "LoadBalancerNotFound", "One or more load balancers not found");
}

void
elb_create_balancer(struct elb_call *k)
{
	const char *name = given_text(k->in, "Name"), *scheme = given_text(k->in, "Scheme"), *type = given_text(k->in, "Type");
	bool network = type != NULL && strcmp(type, "network") == 0;
	size_t len = name != NULL ? strlen(name) : 0;
	char id[17], *arn;

	if (len == 0 || len > NAME_MOST || strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != len || name[0] == '-') {
		cloud_fail(k->p, "ValidationError", "The load balancer name '%s' is not valid", name != NULL ? name : "");
		return;
	}
	if (sql_int(k->db, 0, "SELECT 1 FROM elb_balancers WHERE account = ? AND region = ? AND name = ?", "ttt", k->q->account, k->q->region, name) == 1) {
		cloud_fail(k->p, "DuplicateLoadBalancerName", "A load balancer with the same name '%s' exists, but with different settings", name);
		return;
	}
	elb_id(id);
	arn = cloud_arn(k->q, "elasticloadbalancing", arena_printf(k->q->arena, "loadbalancer/%s/%s/%s", network ? "net" : "app", name, id));
	if (!sql_do(k->db, "INSERT INTO elb_balancers(arn, name, account, region, scheme, type, created) VALUES (?, ?, ?, ?, ?, ?, ?)", "tttttti", arn,
	    name, k->q->account, k->q->region, scheme != NULL ? scheme : "internet-facing", network ? "network" : "application", k->q->now)) {
		elb_broken(k);
		return;
	}
	cJSON *out = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(out, "LoadBalancers");
	sqlite3_stmt *s = sql(k->db, BALANCERS " AND arn = ?", "ttt", k->q->account, k->q->region, arn);
	if (sqlite3_step(s) == SQLITE_ROW)
		cJSON_AddItemToArray(list, balancer(k, s));
	sqlite3_finalize(s);
	elb_reply(k, out);
}

/* Deleting what is not there succeeds, at AWS too; its listeners go with it. */
void
elb_delete_balancer(struct elb_call *k)
{
	const char *arn = given_text(k->in, "LoadBalancerArn");

	if (sql_do(k->db, "DELETE FROM elb_listeners WHERE balancer = ?", "t", arn) && sql_do(k->db, "DELETE FROM elb_balancers WHERE arn = ?", "t", arn))
		elb_reply(k, cJSON_CreateObject());
	else
		elb_broken(k);
}

/* ---- listeners ---- */

struct listener {
	const char *arn, *balancer;
	int64_t port;
	cJSON *settings; /* Protocol, SslPolicy, Certificates, DefaultActions, MutualAuthentication, as they came */
};

static void
refuse(struct elb_call *k, const char *text)
{
	cloud_fail(k->p, "InvalidConfigurationRequest", "%s", text);
}

static bool
word_is(const cJSON *from, const char *name, const char *word)
{
	const char *text = given_text(from, name);

	return text != NULL && strcmp(text, word) == 0;
}

/* What the request gives replaces what is there, field by field: what it does not name stays. */
static bool
merge_mutual(struct elb_call *k, cJSON *settings)
{
	static const char *const fields[] = { "Mode", "TrustStoreArn", "IgnoreClientCertificateExpiry", "AdvertiseTrustStoreCaNames" };
	const cJSON *sent = given(k->in, "MutualAuthentication");
	cJSON *kept = cJSON_GetObjectItemCaseSensitive(settings, "MutualAuthentication");

	if (kept == NULL) {
		kept = cJSON_AddObjectToObject(settings, "MutualAuthentication");
		cJSON_AddStringToObject(kept, "Mode", "off");
	}
	if (!cJSON_IsObject(sent))
		return true;
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (given_text(sent, fields[i]) != NULL) {
			cJSON_DeleteItemFromObjectCaseSensitive(kept, fields[i]);
			cJSON_AddStringToObject(kept, fields[i], given_text(sent, fields[i]));
		}
	if (!word_is(kept, "Mode", "verify")) {
		if (!word_is(kept, "Mode", "off") && !word_is(kept, "Mode", "passthrough")) {
			cloud_fail(k->p, "ValidationError", "Mutual authentication mode '%s' must be one of 'off', 'verify', 'passthrough'",
			    given_text(kept, "Mode"));
			return false;
		}
		if (given_text(sent, "TrustStoreArn") != NULL) {
			refuse(k, "A trust store ARN can only be specified with mutual authentication mode 'verify'");
			return false;
		}
		for (size_t i = 1; i < sizeof fields / sizeof fields[0]; i++)
			cJSON_DeleteItemFromObjectCaseSensitive(kept, fields[i]);
		cJSON_DeleteItemFromObjectCaseSensitive(kept, "TrustStoreAssociationStatus");
		return true;
	}
	if (given_text(kept, "TrustStoreArn") == NULL) {
		refuse(k, "A trust store ARN must be specified with mutual authentication mode 'verify'");
		return false;
	}
	if (!elb_has_store(k, given_text(kept, "TrustStoreArn")))
		return false;
	cJSON_DeleteItemFromObjectCaseSensitive(kept, "TrustStoreAssociationStatus");
	cJSON_AddStringToObject(kept, "TrustStoreAssociationStatus", "active");
	return true;
}

static bool
merge(struct elb_call *k, cJSON *settings)
{
	static const char *const fields[] = { "Protocol", "SslPolicy", "Certificates", "DefaultActions", "AlpnPolicy" };
	const cJSON *mutual;

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (given(k->in, fields[i]) != NULL) {
			cJSON_DeleteItemFromObjectCaseSensitive(settings, fields[i]);
			cJSON_AddItemToObject(settings, fields[i], cJSON_Duplicate(given(k->in, fields[i]), true));
		}
	if (!merge_mutual(k, settings))
		return false;
	mutual = given(settings, "MutualAuthentication");
	bool tls = word_is(settings, "Protocol", "HTTPS") || word_is(settings, "Protocol", "TLS");
	if (!tls && !word_is(mutual, "Mode", "off"))
		refuse(k, "Mutual authentication is only supported for listeners with protocol HTTPS");
	else if (tls && cJSON_GetArraySize(given(settings, "Certificates")) == 0)
		cloud_fail(k->p, "CertificateNotFound", "A certificate must be specified for listeners with protocol HTTPS");
	else if (!tls)
		cJSON_DeleteItemFromObjectCaseSensitive(settings, "MutualAuthentication");
	else if (given(settings, "SslPolicy") == NULL)
		cJSON_AddStringToObject(settings, "SslPolicy", "ELBSecurityPolicy-TLS13-1-2-2021-06");
	return k->p->status == 200;
}

static bool
keep(struct elb_call *k, const struct listener *l)
{
	const cJSON *mutual = given(l->settings, "MutualAuthentication");
	const char *mode = mutual != NULL ? given_text(mutual, "Mode") : "off";
	bool kept;

	if (strcmp(mode, "verify") == 0 && sql_int(k->db, 0, "SELECT count(*) FROM elb_listeners WHERE balancer = ? AND mode = 'verify' AND arn != ?",
	    "tt", l->balancer, l->arn) >= VERIFY_MOST) {
		cloud_fail(k->p, "TooManyListeners", "You've reached the limit of %d listeners with mutual authentication mode 'verify' per load balancer",
		    VERIFY_MOST);
		return false;
	}
	char *text = cJSON_PrintUnformatted(l->settings);
	kept = sql_do(k->db, "INSERT INTO elb_listeners(arn, balancer, port, settings, mode, store) VALUES (?, ?, ?, ?, ?, ?)"
	    " ON CONFLICT(arn) DO UPDATE SET port = excluded.port, settings = excluded.settings, mode = excluded.mode, store = excluded.store",
	    "ttittt", l->arn, l->balancer, l->port, text, mode, mutual != NULL ? given_text(mutual, "TrustStoreArn") : NULL);
	cJSON_free(text);
	if (!kept)
		cloud_fail(k->p, "DuplicateListener", "A listener already exists on this port for this load balancer");
	return kept;
}

static cJSON *
described(const struct listener *l)
{
	cJSON *out = cJSON_CreateObject(), *settings = cJSON_Duplicate(l->settings, true), *one;

	cJSON_AddStringToObject(out, "ListenerArn", l->arn);
	cJSON_AddStringToObject(out, "LoadBalancerArn", l->balancer);
	cJSON_AddNumberToObject(out, "Port", (double)l->port);
	while (settings != NULL && (one = cJSON_DetachItemFromArray(settings, 0)) != NULL)
		cJSON_AddItemToObject(out, one->string, one);
	cJSON_Delete(settings);
	return out;
}

static void
reply_listener(struct elb_call *k, const struct listener *l)
{
	cJSON *out = cJSON_CreateObject();

	cJSON_AddItemToArray(cJSON_AddArrayToObject(out, "Listeners"), described(l));
	elb_reply(k, out);
}

/* False: *p says that the port is none; not given leaves it. */
static bool
read_port(struct elb_call *k, int64_t *port)
{
	double given_port = (double)*port;

	if (given(k->in, "Port") == NULL && *port != 0)
		return true;
	if (given_number(k->in, "Port", &given_port) && given_port >= 1 && given_port <= PORT_MOST) {
		*port = (int64_t)given_port;
		return true;
	}
	cloud_fail(k->p, "ValidationError", "A port between 1 and %d must be specified", PORT_MOST);
	return false;
}

void
elb_create_listener(struct elb_call *k)
{
	struct listener l = { .balancer = given_text(k->in, "LoadBalancerArn"), .settings = cJSON_CreateObject() };
	char id[17];

	if (find_balancer(k, l.balancer) && read_port(k, &l.port) && merge(k, l.settings)) {
		elb_id(id);
		l.arn = arena_printf(k->q->arena, "arn:aws:elasticloadbalancing:%s:%s:listener/%s/%s", k->q->region, k->q->account,
		    strstr(l.balancer, ":loadbalancer/") + strlen(":loadbalancer/"), id);
		if (keep(k, &l))
			reply_listener(k, &l);
	}
	cJSON_Delete(l.settings);
}

static void
read_listener(struct elb_call *k, sqlite3_stmt *s, struct listener *l)
{
	*l = (struct listener){ .arn = sql_column(s, 0, k->q->arena), .balancer = sql_column(s, 1, k->q->arena), .port = sqlite3_column_int64(s, 2),
		.settings = cJSON_Parse(sql_column(s, 3, k->q->arena)) };
}

void
elb_modify_listener(struct elb_call *k)
{
	const char *arn = given_text(k->in, "ListenerArn");
	struct listener l = { 0 };
	sqlite3_stmt *s = sql(k->db, "SELECT arn, balancer, port, settings FROM elb_listeners WHERE arn = ?", "t", arn);

	if (sqlite3_step(s) == SQLITE_ROW)
		read_listener(k, s, &l);
	sqlite3_finalize(s);
	if (l.arn == NULL)
		cloud_fail(k->p, "ListenerNotFound", "Listener '%s' not found", arn != NULL ? arn : "");
	else if (read_port(k, &l.port) && merge(k, l.settings) && keep(k, &l))
		reply_listener(k, &l);
	cJSON_Delete(l.settings);
}

void
elb_describe_listeners(struct elb_call *k)
{
	const char *of = given_text(k->in, "LoadBalancerArn");
	const cJSON *arns = given(k->in, "ListenerArns"), *one;
	struct listener l;

	if (of == NULL && !cJSON_IsArray(arns)) {
		cloud_fail(k->p, "ValidationError", "You must specify either a load balancer or one or more listeners");
		return;
	}
	if (of != NULL && !find_balancer(k, of))
		return;
	cJSON *out = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(out, "Listeners");
	sqlite3_stmt *s = sql(k->db, "SELECT arn, balancer, port, settings FROM elb_listeners ORDER BY port", "");
	while (sqlite3_step(s) == SQLITE_ROW) {
		bool is_wanted = of != NULL && strcmp(of, (const char *)sqlite3_column_text(s, 1)) == 0;
		cJSON_ArrayForEach(one, arns)
			is_wanted = is_wanted || (cJSON_IsString(one) && strcmp(one->valuestring, (const char *)sqlite3_column_text(s, 0)) == 0);
		if (!is_wanted)
			continue;
		read_listener(k, s, &l);
		cJSON_AddItemToArray(list, described(&l));
		cJSON_Delete(l.settings);
	}
	sqlite3_finalize(s);
	if (cJSON_GetArraySize(list) >= cJSON_GetArraySize(arns)) {
		elb_reply(k, out);
		return;
	}
	cJSON_Delete(out);
	cloud_fail(k->p, "ListenerNotFound", "One or more listeners not found");
}

void
elb_delete_listener(struct elb_call *k)
{
	const char *arn = given_text(k->in, "ListenerArn");

	if (sql_int(k->db, 0, "SELECT 1 FROM elb_listeners WHERE arn = ?", "t", arn) == 0)
		cloud_fail(k->p, "ListenerNotFound", "Listener '%s' not found", arn != NULL ? arn : "");
	else if (sql_do(k->db, "DELETE FROM elb_listeners WHERE arn = ?", "t", arn))
		elb_reply(k, cJSON_CreateObject());
	else
		elb_broken(k);
}
