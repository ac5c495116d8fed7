#include "aws/elbv2.h"

#include <stdlib.h>
#include <string.h>

#include "aws/answer.h"
#include "aws/client_internal.h"
#include "aws/fields.h"
#include "aws/xml.h"
#include "model/limits.h"

/* One call; *root's result element ("ActionResult") in the arena. parameters is cleared for the next one. */
static status
ask(struct aws_client *c, const char *action, struct buf *parameters, struct arena *a, const struct xml_node **found, struct aws_error *err)
{
	struct aws_http_answer answer = { .status = 0 };
	struct aws_call call = { .service = &aws_elbv2, .operation = action, .body = parameters->data, .body_len = parameters->len };
	const struct xml_node *root;
	status result = aws_call(c, &call, &answer, err);

	*found = NULL;
	if (result == STATUS_OK)
		result = xml_read(answer.body.data, answer.body.len, a, &root, err);
	if (result == STATUS_OK) {
		*found = xml_find(root, arena_printf(a, "%sResult", action));
		if (*found == NULL)
			result = aws_error_set(err, AWS_ANSWER, NULL, "there is no %sResult in the answer", action);
	}
	aws_http_answer_done(&answer);
	buf_done(parameters);
	return result;
}

static int64_t
number_of(const struct xml_node *n, const char *path)
{
	const char *text = xml_text(n, path);
	char *end;
	long long value = text == NULL ? 0 : strtoll(text, &end, 10);

	return text == NULL || *end != '\0' ? 0 : value;
}

static void
add_number(struct buf *b, const char *name, int64_t value)
{
	buf_addf(b, "%s%s=%lld", b->len > 0 ? "&" : "", name, (long long)value);
}

/* ---- lists: one way to go through their pages ---- */

struct listing {
	const char *action, *items;       /* "DescribeTrustStores", "TrustStores/member" */
	void (*take)(const struct xml_node *n, void *out);
	size_t size;                      /* of one item */
	struct buf parameters;            /* beside Marker; cleared at the end */
};

static status
list(struct aws_client *c, struct listing *l, struct arena *a, void **out, size_t *len, struct aws_error *err)
{
	struct paging p = { .token = NULL };
	size_t cap = 0, before;
	const struct xml_node *found;
	status result;

	*out = NULL;
	*len = 0;
	do {
		struct buf parameters = { .data = NULL };
		buf_adds(&parameters, buf_str(&l->parameters));
		query_add(&parameters, "Marker", p.token);
		result = ask(c, l->action, &parameters, a, &found, err);
		before = *len;
		for (const struct xml_node *n = found == NULL ? NULL : xml_find(found, l->items); n != NULL; n = xml_again(n)) {
			*out = arena_grow(a, *out, *len, &cap, l->size);
			l->take(n, (char *)*out + *len * l->size);
			++*len;
		}
		if (result == STATUS_OK)
			result = paging_next(&p, xml_text(found, "NextMarker"), *len - before, err);
	} while (result == STATUS_OK && p.more);
	paging_done(&p);
	buf_done(&l->parameters);
	return result;
}

/* The only item of a change's answer. */
static status
only(const struct xml_node *found, const char *items, void (*take)(const struct xml_node *n, void *out), void *out, struct aws_error *err)
{
	const struct xml_node *n = xml_find(found, items);

	if (n == NULL)
		return aws_error_set(err, AWS_ANSWER, NULL, "there is no %.40s in the answer", items);
	take(n, out);
	return STATUS_OK;
}

/* ---- trust stores ---- */

static void
take_store(const struct xml_node *n, void *out)
{
	*(struct trust_store *)out = (struct trust_store){
		.name = xml_text(n, "Name"),
		.arn = xml_text(n, "TrustStoreArn"),
		.status = xml_text(n, "Status"),
		.certificates = number_of(n, "NumberOfCaCertificates"),
		.revoked = number_of(n, "TotalRevokedEntries"),
	};
}

static status
change_store(struct aws_client *c, const char *action, const char *by, const char *which, const struct trust_source *from, struct arena *a,
    struct trust_store *out, struct aws_error *err)
{
	struct buf parameters = { .data = NULL };
	const struct xml_node *found;

	query_add(&parameters, by, which);
	query_add(&parameters, "CaCertificatesBundleS3Bucket", from->bucket);
	query_add(&parameters, "CaCertificatesBundleS3Key", from->key);
	query_add(&parameters, "CaCertificatesBundleS3ObjectVersion", from->version);
	if (ask(c, action, &parameters, a, &found, err) != STATUS_OK)
		return STATUS_FAILED;
	return only(found, "TrustStores/member", take_store, out, err);
}

status
elbv2_create_trust_store(struct aws_client *c, const char *name, const struct trust_source *from, struct arena *a, struct trust_store *out,
    struct aws_error *err)
{
	return change_store(c, "CreateTrustStore", "Name", name, from, a, out, err);
}

status
elbv2_modify_trust_store(struct aws_client *c, const char *arn, const struct trust_source *from, struct arena *a, struct trust_store *out,
    struct aws_error *err)
{
	return change_store(c, "ModifyTrustStore", "TrustStoreArn", arn, from, a, out, err);
}

status
elbv2_trust_stores(struct aws_client *c, const char *arn, const char *name, struct arena *a, struct trust_store **out, size_t *len,
    struct aws_error *err)
{
	struct listing l = { .action = "DescribeTrustStores", .items = "TrustStores/member", .take = take_store, .size = sizeof **out };
	void *items;
	status result;

	query_add(&l.parameters, "Names.member.1", name);
	query_add(&l.parameters, "TrustStoreArns.member.1", arn);
	result = list(c, &l, a, &items, len, err);
	*out = items;
	return result;
}

/* What an answer's Location names: signed by its own query, so no header of ours may go there, and no retry is due. */
static status
fetch(struct aws_client *c, const struct xml_node *found, struct arena *a, const char **bytes, size_t *len, struct aws_error *err)
{
	const char *url = xml_text(found, "Location");
	struct aws_http_request r = { .method = "GET", .url = url, .ca_bundle = c->ca_bundle, .cancel = c->cancel, .no_proxy = c->is_local };
	struct aws_http_answer answer = { .status = 0 };
	status result;

	if (url == NULL)
		return aws_error_set(err, AWS_ANSWER, NULL, "there is no Location in the answer");
	result = aws_http(&r, &answer, err);
	if (result == STATUS_OK && answer.status != 200) {
		aws_answer_error(&aws_s3, &answer, err);
		result = STATUS_FAILED;
	}
	if (result == STATUS_OK) {
		*bytes = arena_strndup(a, buf_str(&answer.body), answer.body.len);
		*len = answer.body.len;
	}
	aws_http_answer_done(&answer);
	return result;
}

status
elbv2_trust_store_bundle(struct aws_client *c, const char *arn, struct arena *a, const char **pem, size_t *len, struct aws_error *err)
{
	struct buf parameters = { .data = NULL };
	const struct xml_node *found;

	query_add(&parameters, "TrustStoreArn", arn);
	if (ask(c, "GetTrustStoreCaCertificatesBundle", &parameters, a, &found, err) != STATUS_OK)
		return STATUS_FAILED;
	return fetch(c, found, a, pem, len, err);
}

/* A call whose answer has nothing in it. */
static status
tell(struct aws_client *c, const char *action, struct buf *parameters, struct aws_error *err)
{
	struct arena *a = arena_new();
	const struct xml_node *found;
	status result = ask(c, action, parameters, a, &found, err);

	arena_free(a);
	return result;
}

status
elbv2_delete_trust_store(struct aws_client *c, const char *arn, struct aws_error *err)
{
	struct buf parameters = { .data = NULL };

	query_add(&parameters, "TrustStoreArn", arn);
	return tell(c, "DeleteTrustStore", &parameters, err);
}

static void
take_user(const struct xml_node *n, void *out)
{
	const char *arn = xml_text(n, "ResourceArn");

	*(const char **)out = arn == NULL ? "" : arn;
}

status
elbv2_trust_store_users(struct aws_client *c, const char *arn, struct arena *a, const char ***out, size_t *len, struct aws_error *err)
{
	struct listing l = { .action = "DescribeTrustStoreAssociations", .items = "TrustStoreAssociations/member", .take = take_user,
	    .size = sizeof **out };
	void *items;
	status result;

	query_add(&l.parameters, "TrustStoreArn", arn);
	result = list(c, &l, a, &items, len, err);
	*out = items;
	return result;
}

status
elbv2_wait_trust_store(struct aws_client *c, const char *arn, struct arena *a, struct trust_store *out, struct aws_error *err)
{
	struct trust_store *stores;
	size_t len;

	for (unsigned tries = 0; tries < LIMIT_AWS_CHANGE_TRIES; tries++) {
		if (aws_client_wait_change(c, tries, err) != STATUS_OK)
			return STATUS_FAILED;
		if (elbv2_trust_stores(c, arn, NULL, a, &stores, &len, err) != STATUS_OK)
			return STATUS_FAILED;
		if (len == 1 && stores[0].status != NULL && strcmp(stores[0].status, "ACTIVE") == 0) {
			*out = stores[0];
			return STATUS_OK;
		}
	}
	return aws_error_set(err, AWS_IN_PROGRESS, NULL, "the trust store is not ACTIVE yet; what was asked for still stands");
}

/* ---- revocation ---- */

static void
take_revocation(const struct xml_node *n, void *out)
{
	*(struct trust_revocation *)out = (struct trust_revocation){
		.id = number_of(n, "RevocationId"),
		.entries = number_of(n, "NumberOfRevokedEntries"),
		.type = xml_text(n, "RevocationType"),
	};
}

status
elbv2_add_revocation(struct aws_client *c, const char *arn, const struct trust_source *crl, struct arena *a, struct trust_revocation *out,
    struct aws_error *err)
{
	struct buf parameters = { .data = NULL };
	const struct xml_node *found;

	query_add(&parameters, "RevocationContents.member.1.RevocationType", "CRL");
	query_add(&parameters, "RevocationContents.member.1.S3Bucket", crl->bucket);
	query_add(&parameters, "RevocationContents.member.1.S3Key", crl->key);
	query_add(&parameters, "RevocationContents.member.1.S3ObjectVersion", crl->version);
	query_add(&parameters, "TrustStoreArn", arn);
	if (ask(c, "AddTrustStoreRevocations", &parameters, a, &found, err) != STATUS_OK)
		return STATUS_FAILED;
	return only(found, "TrustStoreRevocations/member", take_revocation, out, err);
}

status
elbv2_remove_revocation(struct aws_client *c, const char *arn, int64_t id, struct aws_error *err)
{
	struct buf parameters = { .data = NULL };

	add_number(&parameters, "RevocationIds.member.1", id);
	query_add(&parameters, "TrustStoreArn", arn);
	return tell(c, "RemoveTrustStoreRevocations", &parameters, err);
}

status
elbv2_revocations(struct aws_client *c, const char *arn, struct arena *a, struct trust_revocation **out, size_t *len, struct aws_error *err)
{
	struct listing l = { .action = "DescribeTrustStoreRevocations", .items = "TrustStoreRevocations/member", .take = take_revocation,
	    .size = sizeof **out };
	void *items;
	status result;

	query_add(&l.parameters, "TrustStoreArn", arn);
	result = list(c, &l, a, &items, len, err);
	*out = items;
	return result;
}

status
elbv2_revocation_content(struct aws_client *c, const char *arn, int64_t id, struct arena *a, const char **bytes, size_t *len,
    struct aws_error *err)
{
	struct buf parameters = { .data = NULL };
	const struct xml_node *found;

	add_number(&parameters, "RevocationId", id);
	query_add(&parameters, "TrustStoreArn", arn);
	if (ask(c, "GetTrustStoreRevocationContent", &parameters, a, &found, err) != STATUS_OK)
		return STATUS_FAILED;
	return fetch(c, found, a, bytes, len, err);
}

/* ---- listeners ---- */

static void
take_listener(const struct xml_node *n, void *out)
{
	*(struct listener *)out = (struct listener){
		.arn = xml_text(n, "ListenerArn"),
		.load_balancer = xml_text(n, "LoadBalancerArn"),
		.protocol = xml_text(n, "Protocol"),
		.policy = xml_text(n, "SslPolicy"),
		.certificate = xml_text(n, "Certificates/member/CertificateArn"),
		.port = number_of(n, "Port"),
		.mutual = {
			.mode = xml_text(n, "MutualAuthentication/Mode"),
			.trust_store = xml_text(n, "MutualAuthentication/TrustStoreArn"),
			.ignore_expiry = xml_text(n, "MutualAuthentication/IgnoreClientCertificateExpiry"),
			.advertise = xml_text(n, "MutualAuthentication/AdvertiseTrustStoreCaNames"),
			.association = xml_text(n, "MutualAuthentication/TrustStoreAssociationStatus"),
		},
	};
}

status
elbv2_listeners(struct aws_client *c, const char *load_balancer, const char *listener, struct arena *a, struct listener **out, size_t *len,
    struct aws_error *err)
{
	struct listing l = { .action = "DescribeListeners", .items = "Listeners/member", .take = take_listener, .size = sizeof **out };
	void *items;
	status result;

	query_add(&l.parameters, "ListenerArns.member.1", listener);
	query_add(&l.parameters, "LoadBalancerArn", load_balancer);
	result = list(c, &l, a, &items, len, err);
	*out = items;
	return result;
}

status
elbv2_set_mutual(struct aws_client *c, const char *listener, const struct listener_mutual *m, struct arena *a, struct listener *out,
    struct aws_error *err)
{
	struct buf parameters = { .data = NULL };
	const struct xml_node *found;

	query_add(&parameters, "ListenerArn", listener);
	query_add(&parameters, "MutualAuthentication.AdvertiseTrustStoreCaNames", m->advertise);
	query_add(&parameters, "MutualAuthentication.IgnoreClientCertificateExpiry", m->ignore_expiry);
	query_add(&parameters, "MutualAuthentication.Mode", m->mode);
	query_add(&parameters, "MutualAuthentication.TrustStoreArn", m->trust_store);
	if (ask(c, "ModifyListener", &parameters, a, &found, err) != STATUS_OK)
		return STATUS_FAILED;
	return only(found, "Listeners/member", take_listener, out, err);
}
