/* Reading AWS Private CA's answers. The tables are the service model's members in our structs. */
#include "aws/pca_shapes.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "aws/pca_pem.h"
#include "model/limits.h"
#include "model/times.h"

bool
pca_read_failed(const struct pca_reader *r, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	aws_error_set(r->err, AWS_ANSWER, NULL, "%s", text);
	if (r->err->operation[0] == '\0')
		snprintf(r->err->operation, sizeof r->err->operation, "acm-pca %s", r->operation);
	return false;
}

/* ---- members ---- */

enum kind { TEXT, TIME, NUMBER, FLAG, KINDS };

struct member {
	const char *name;
	enum kind kind;
	size_t at;     /* in the struct */
	bool needed;
	size_t most;   /* bytes of a text; 0: LIMIT_PCA_TEXT */
};

static const char *const kind_words[KINDS] = { [TEXT] = "a text", [TIME] = "a time in seconds", [NUMBER] = "a whole number",
	[FLAG] = "true or false" };

/* The member; NULL where it is absent or null. */
static const cJSON *
member_of(const cJSON *object, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNull(v) ? NULL : v;
}

static bool
wrong_type(const struct pca_reader *r, const char *name, const char *expected)
{
	return pca_read_failed(r, "in AWS's answer %s is not %s", name, expected);
}

static bool
missing(const struct pca_reader *r, const char *name)
{
	return pca_read_failed(r, "AWS's answer lacks %s", name);
}

static bool
read_text(const struct pca_reader *r, const cJSON *v, const struct member *m, void *to)
{
	size_t most = m->most != 0 ? m->most : LIMIT_PCA_TEXT;

	if (!cJSON_IsString(v))
		return wrong_type(r, m->name, kind_words[TEXT]);
	if (strlen(v->valuestring) > most)
		return pca_read_failed(r, "in AWS's answer %s is longer than %zu bytes", m->name, most);
	if (m->needed && v->valuestring[0] == '\0')
		return missing(r, m->name);
	*(const char **)to = arena_strdup(r->arena, v->valuestring);
	return true;
}

/* Epoch seconds, with a fraction or an exponent; the years 0000 to 9999 (model/times.h). */
static bool
read_time(const struct pca_reader *r, const cJSON *v, const struct member *m, void *to)
{
	const double first = -62167219200.0, last = 253402300799.0;
	double t = cJSON_IsNumber(v) ? floor(v->valuedouble) : NAN;

	if (!(t >= first && t <= last))
		return wrong_type(r, m->name, kind_words[TIME]);
	*(int64_t *)to = (int64_t)t;
	return true;
}

static bool
read_number(const struct pca_reader *r, const cJSON *v, const struct member *m, void *to)
{
	double n = cJSON_IsNumber(v) ? v->valuedouble : NAN;

	if (!(n >= 0 && n <= INT_MAX) || n != floor(n))
		return wrong_type(r, m->name, kind_words[NUMBER]);
	*(int *)to = (int)n;
	return true;
}

static bool
read_flag(const struct pca_reader *r, const cJSON *v, const struct member *m, void *to)
{
	if (!cJSON_IsBool(v))
		return wrong_type(r, m->name, kind_words[FLAG]);
	*(bool *)to = cJSON_IsTrue(v);
	return true;
}

static bool (*const read_kind[KINDS])(const struct pca_reader *r, const cJSON *v, const struct member *m, void *to) = {
	[TEXT] = read_text, [TIME] = read_time, [NUMBER] = read_number, [FLAG] = read_flag,
};

static bool
read_members(const struct pca_reader *r, const cJSON *object, const struct member *members, size_t len, void *out)
{
	for (size_t i = 0; i < len; i++) {
		const struct member *m = &members[i];
		const cJSON *v = member_of(object, m->name);
		void *to = (char *)out + m->at;

		if (v == NULL && m->needed)
			return missing(r, m->name);
		if (v == NULL && m->kind == TIME)
			*(int64_t *)to = TIME_UNKNOWN;
		if (v != NULL && !read_kind[m->kind](r, v, m, to))
			return false;
	}
	return true;
}

#define READ(r, object, members, out) read_members(r, object, members, sizeof(members) / sizeof((members)[0]), out)

/* An object within; NULL where it is absent. */
static bool
read_child(const struct pca_reader *r, const cJSON *object, const char *name, const cJSON **child)
{
	*child = member_of(object, name);
	return *child == NULL || cJSON_IsObject(*child) || wrong_type(r, name, "an object");
}

/* The rows of a list are added to *rows; an absent list is an empty one. */
static bool
read_rows(const struct pca_reader *r, const cJSON *object, const char *name, size_t most, size_t size,
    bool (*row)(const struct pca_reader *r, const cJSON *v, void *out), struct pca_rows *rows)
{
	const cJSON *list = member_of(object, name), *v;

	if (list != NULL && !cJSON_IsArray(list))
		return wrong_type(r, name, "a list");
	cJSON_ArrayForEach(v, list) {
		if (rows->len == most)
			return pca_read_failed(r, "in AWS's answer %s has more than %zu items", name, most);
		rows->items = arena_grow(r->arena, rows->items, rows->len, &rows->cap, size);
		memset((char *)rows->items + rows->len * size, 0, size);
		if (!row(r, v, (char *)rows->items + rows->len * size))
			return false;
		rows->len++;
	}
	return true;
}

/* ---- tags, attributes, actions ---- */

static const struct member tag_members[] = {
	{ "Key", TEXT, offsetof(struct pca_pair, name), true, 0 },
	{ "Value", TEXT, offsetof(struct pca_pair, value), false, 0 },
};
static const struct member attribute_members[] = {
	{ "ObjectIdentifier", TEXT, offsetof(struct pca_pair, name), true, 0 },
	{ "Value", TEXT, offsetof(struct pca_pair, value), false, 0 },
};

static bool
read_pair(const struct pca_reader *r, const cJSON *v, const struct member members[2], struct pca_pair *out)
{
	if (!cJSON_IsObject(v))
		return wrong_type(r, members[0].name, "in an object");
	if (!read_members(r, v, members, 2, out))
		return false;
	if (out->value == NULL)
		out->value = ""; /* a tag may have none */
	return true;
}

static bool
tag_row(const struct pca_reader *r, const cJSON *v, void *out)
{
	return read_pair(r, v, tag_members, out);
}

static bool
attribute_row(const struct pca_reader *r, const cJSON *v, void *out)
{
	return read_pair(r, v, attribute_members, out);
}

static bool
action_row(const struct pca_reader *r, const cJSON *v, void *out)
{
	static const struct member action = { "Actions", TEXT, 0, true, 0 };

	return read_text(r, v, &action, out);
}

/* ---- a CA ---- */

static const struct member subject_members[] = {
	{ "Country", TEXT, offsetof(struct pca_subject, country), false, 0 },
	{ "Organization", TEXT, offsetof(struct pca_subject, organization), false, 0 },
	{ "OrganizationalUnit", TEXT, offsetof(struct pca_subject, organizational_unit), false, 0 },
	{ "DistinguishedNameQualifier", TEXT, offsetof(struct pca_subject, dn_qualifier), false, 0 },
	{ "State", TEXT, offsetof(struct pca_subject, state), false, 0 },
	{ "CommonName", TEXT, offsetof(struct pca_subject, common_name), false, 0 },
	{ "SerialNumber", TEXT, offsetof(struct pca_subject, serial_number), false, 0 },
	{ "Locality", TEXT, offsetof(struct pca_subject, locality), false, 0 },
	{ "Title", TEXT, offsetof(struct pca_subject, title), false, 0 },
	{ "Surname", TEXT, offsetof(struct pca_subject, surname), false, 0 },
	{ "GivenName", TEXT, offsetof(struct pca_subject, given_name), false, 0 },
	{ "Initials", TEXT, offsetof(struct pca_subject, initials), false, 0 },
	{ "Pseudonym", TEXT, offsetof(struct pca_subject, pseudonym), false, 0 },
	{ "GenerationQualifier", TEXT, offsetof(struct pca_subject, generation_qualifier), false, 0 },
};
static const struct member configuration_members[] = {
	{ "KeyAlgorithm", TEXT, offsetof(struct pca_ca, key_algorithm), false, 0 },
	{ "SigningAlgorithm", TEXT, offsetof(struct pca_ca, signing_algorithm), false, 0 },
};
static const struct member crl_members[] = {
	{ "Enabled", FLAG, offsetof(struct pca_revocation, crl), false, 0 },
	{ "ExpirationInDays", NUMBER, offsetof(struct pca_revocation, crl_days), false, 0 },
	{ "CustomCname", TEXT, offsetof(struct pca_revocation, crl_cname), false, 0 },
	{ "S3BucketName", TEXT, offsetof(struct pca_revocation, crl_bucket), false, 0 },
	{ "S3ObjectAcl", TEXT, offsetof(struct pca_revocation, crl_acl), false, 0 },
	{ "CrlType", TEXT, offsetof(struct pca_revocation, crl_type), false, 0 },
	{ "CustomPath", TEXT, offsetof(struct pca_revocation, crl_path), false, 0 },
};
static const struct member omit_members[] = {
	{ "OmitExtension", FLAG, offsetof(struct pca_revocation, omit_extension), false, 0 },
};
static const struct member ocsp_members[] = {
	{ "Enabled", FLAG, offsetof(struct pca_revocation, ocsp), false, 0 },
	{ "OcspCustomCname", TEXT, offsetof(struct pca_revocation, ocsp_cname), false, 0 },
};
static const struct member ca_members[] = {
	{ "Arn", TEXT, offsetof(struct pca_ca, arn), true, PCA_ARN_MAX - 1 },
	{ "OwnerAccount", TEXT, offsetof(struct pca_ca, owner), false, 0 },
	{ "Type", TEXT, offsetof(struct pca_ca, type), true, 0 },
	{ "Status", TEXT, offsetof(struct pca_ca, status), true, 0 },
	{ "FailureReason", TEXT, offsetof(struct pca_ca, failure), false, 0 },
	{ "Serial", TEXT, offsetof(struct pca_ca, serial), false, 0 },
	{ "UsageMode", TEXT, offsetof(struct pca_ca, usage_mode), false, 0 },
	{ "KeyStorageSecurityStandard", TEXT, offsetof(struct pca_ca, key_storage), false, 0 },
	{ "CreatedAt", TIME, offsetof(struct pca_ca, created), false, 0 },
	{ "LastStateChangeAt", TIME, offsetof(struct pca_ca, changed), false, 0 },
	{ "NotBefore", TIME, offsetof(struct pca_ca, not_before), false, 0 },
	{ "NotAfter", TIME, offsetof(struct pca_ca, not_after), false, 0 },
	{ "RestorableUntil", TIME, offsetof(struct pca_ca, restorable_until), false, 0 },
};

static bool
read_subject(const struct pca_reader *r, const cJSON *v, struct pca_subject *out)
{
	struct pca_rows custom = { 0 };

	if (v == NULL)
		return true;
	if (!READ(r, v, subject_members, out) ||
	    !read_rows(r, v, "CustomAttributes", LIMIT_PCA_LIST, sizeof(struct pca_pair), attribute_row, &custom))
		return false;
	out->custom = custom.items;
	out->custom_len = custom.len;
	return true;
}

static bool
read_configuration(const struct pca_reader *r, const cJSON *v, struct pca_ca *out)
{
	const cJSON *subject;

	return v == NULL ||
	    (READ(r, v, configuration_members, out) && read_child(r, v, "Subject", &subject) && read_subject(r, subject, &out->subject));
}

static bool
read_revocation(const struct pca_reader *r, const cJSON *v, struct pca_revocation *out)
{
	const cJSON *crl, *ocsp, *omit = NULL;

	if (v == NULL)
		return true;
	if (!read_child(r, v, "CrlConfiguration", &crl) || !read_child(r, v, "OcspConfiguration", &ocsp))
		return false;
	if (crl != NULL && (!READ(r, crl, crl_members, out) || !read_child(r, crl, "CrlDistributionPointExtensionConfiguration", &omit)))
		return false;
	return (omit == NULL || READ(r, omit, omit_members, out)) && (ocsp == NULL || READ(r, ocsp, ocsp_members, out));
}

static bool
ca_row(const struct pca_reader *r, const cJSON *v, void *out)
{
	struct pca_ca *ca = out;
	const cJSON *configuration, *revocation;

	if (!cJSON_IsObject(v))
		return wrong_type(r, "a CA", "an object");
	return READ(r, v, ca_members, ca) && read_child(r, v, "CertificateAuthorityConfiguration", &configuration) &&
	    read_configuration(r, configuration, ca) && read_child(r, v, "RevocationConfiguration", &revocation) &&
	    read_revocation(r, revocation, &ca->revocation);
}

bool
pca_read_described(const struct pca_reader *r, const cJSON *answer, void *out)
{
	const cJSON *ca;

	memset(out, 0, sizeof(struct pca_ca));
	if (!read_child(r, answer, "CertificateAuthority", &ca))
		return false;
	return ca != NULL ? ca_row(r, ca, out) : missing(r, "CertificateAuthority");
}

bool
pca_read_cas(const struct pca_reader *r, const cJSON *answer, void *out)
{
	return read_rows(r, answer, "CertificateAuthorities", LIMIT_PCA_CAS, sizeof(struct pca_ca), ca_row, out);
}

/* ---- the other answers ---- */

bool
pca_read_token(const struct pca_reader *r, const cJSON *answer, const char **next)
{
	static const struct member token = { "NextToken", TEXT, 0, false, LIMIT_PCA_TOKEN };
	const cJSON *v = member_of(answer, token.name);

	*next = NULL;
	if (v != NULL && !read_text(r, v, &token, next))
		return false;
	if (*next != NULL && **next == '\0')
		*next = NULL;
	return true;
}

static bool
read_one(const struct pca_reader *r, const cJSON *answer, const char *name, size_t most, void *out)
{
	const struct member m = { name, TEXT, 0, true, most };

	*(const char **)out = NULL;
	return read_members(r, answer, &m, 1, out);
}

bool
pca_read_ca_arn(const struct pca_reader *r, const cJSON *answer, void *out)
{
	return read_one(r, answer, "CertificateAuthorityArn", PCA_ARN_MAX - 1, out);
}

bool
pca_read_certificate_arn(const struct pca_reader *r, const cJSON *answer, void *out)
{
	return read_one(r, answer, "CertificateArn", PCA_ARN_MAX - 1, out);
}

bool
pca_read_policy(const struct pca_reader *r, const cJSON *answer, void *out)
{
	return read_one(r, answer, "Policy", LIMIT_PCA_POLICY, out);
}

/* PEM, rewritten; at most this many blocks. */
static bool
read_pem(const struct pca_reader *r, const cJSON *answer, const char *name, enum pca_pem_kind kind, size_t most, const char **out)
{
	const char *raw, *why = NULL;
	size_t len = 0;

	if (!read_one(r, answer, name, LIMIT_AWS_ANSWER, &raw))
		return false;
	*out = pca_pem_join(raw, kind, r->arena, &len, &why);
	if (*out == NULL)
		return pca_read_failed(r, "in AWS's answer %s %s", name, why);
	return len <= most || pca_read_failed(r, "in AWS's answer %s holds %zu certificates; expected one", name, len);
}

bool
pca_read_csr(const struct pca_reader *r, const cJSON *answer, void *out)
{
	return read_pem(r, answer, "Csr", PCA_PEM_CSR, 1, out);
}

bool
pca_read_certificate(const struct pca_reader *r, const cJSON *answer, void *out)
{
	static const char chain[] = "CertificateChain";
	struct pca_certificate *c = out;
	const cJSON *v = member_of(answer, chain);

	*c = (struct pca_certificate){ 0 };
	if (!read_pem(r, answer, "Certificate", PCA_PEM_CERTIFICATE, 1, &c->pem))
		return false;
	/* A root has none: absent, null, or "". */
	if (v == NULL || (cJSON_IsString(v) && v->valuestring[0] == '\0'))
		return true;
	return read_pem(r, answer, chain, PCA_PEM_CERTIFICATE, LIMIT_CHAIN_CERTS, &c->chain);
}

static const struct member permission_members[] = {
	{ "Principal", TEXT, offsetof(struct pca_permission, principal), true, 0 },
	{ "SourceAccount", TEXT, offsetof(struct pca_permission, source_account), false, 0 },
	{ "Policy", TEXT, offsetof(struct pca_permission, policy), false, LIMIT_PCA_POLICY },
	{ "CreatedAt", TIME, offsetof(struct pca_permission, created), false, 0 },
};

static bool
permission_row(const struct pca_reader *r, const cJSON *v, void *out)
{
	struct pca_permission *p = out;
	struct pca_rows actions = { 0 };

	if (!cJSON_IsObject(v))
		return wrong_type(r, "a permission", "an object");
	if (!READ(r, v, permission_members, p) || !read_rows(r, v, "Actions", LIMIT_PCA_LIST, sizeof(const char *), action_row, &actions))
		return false;
	p->actions = actions.items;
	p->actions_len = actions.len;
	return true;
}

bool
pca_read_permissions(const struct pca_reader *r, const cJSON *answer, void *out)
{
	return read_rows(r, answer, "Permissions", LIMIT_PCA_LIST, sizeof(struct pca_permission), permission_row, out);
}

bool
pca_read_tags(const struct pca_reader *r, const cJSON *answer, void *out)
{
	return read_rows(r, answer, "Tags", LIMIT_PCA_LIST, sizeof(struct pca_pair), tag_row, out);
}

static const struct member report_made_members[] = {
	{ "AuditReportId", TEXT, offsetof(struct pca_report_made, id), true, 0 },
	{ "S3Key", TEXT, offsetof(struct pca_report_made, key), true, 0 },
};
static const struct member report_members[] = {
	{ "AuditReportStatus", TEXT, offsetof(struct pca_report, status), true, 0 },
	{ "S3BucketName", TEXT, offsetof(struct pca_report, bucket), false, 0 },
	{ "S3Key", TEXT, offsetof(struct pca_report, key), false, 0 },
	{ "CreatedAt", TIME, offsetof(struct pca_report, created), false, 0 },
};

bool
pca_read_report_made(const struct pca_reader *r, const cJSON *answer, void *out)
{
	memset(out, 0, sizeof(struct pca_report_made));
	return READ(r, answer, report_made_members, out);
}

bool
pca_read_report(const struct pca_reader *r, const cJSON *answer, void *out)
{
	memset(out, 0, sizeof(struct pca_report));
	return READ(r, answer, report_members, out);
}
