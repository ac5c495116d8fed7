/*
 * Rules of RFC 5280 on fields that belong together. Where a rule bites in practice, its text says
 * on whom: OpenSSL's X509_V_FLAG_X509_STRICT is the default of Python 3.13 and newer.
 */
#include <string.h>

#include "model/cert_internal.h"

static bool
empty_subject(const struct cert_reader *r)
{
	return r->cert->subject.len == 0;
}

static bool
empty_issuer(const struct cert_reader *r)
{
	return r->cert->issuer.len == 0;
}

static bool
ca_without_subject(const struct cert_reader *r)
{
	return empty_subject(r) && r->cert->is_ca;
}

static bool
nameless(const struct cert_reader *r)
{
	return empty_subject(r) && !r->cert->is_ca && !r->cert->has_san;
}

static bool
empty_subject_san_not_critical(const struct cert_reader *r)
{
	return empty_subject(r) && r->cert->has_san && !r->cert->san_critical;
}

static bool
unique_ids_in_v1(const struct cert_reader *r)
{
	return (r->has_issuer_unique_id || r->has_subject_unique_id) && r->cert->version == 1;
}

static bool
ca_constraints_not_critical(const struct cert_reader *r)
{
	return r->cert->is_ca && !r->basic_constraints_critical;
}

static bool
path_len_without_ca(const struct cert_reader *r)
{
	return r->has_path_len && !r->cert->is_ca;
}

static bool
path_len_without_cert_sign(const struct cert_reader *r)
{
	const struct cert *c = r->cert;

	return r->has_path_len && c->is_ca && c->has_key_usage && (c->key_usage & USAGE_CERT_SIGN) == 0;
}

static bool
cert_sign_without_ca(const struct cert_reader *r)
{
	const struct cert *c = r->cert;

	return (c->key_usage & USAGE_CERT_SIGN) != 0 && !c->is_ca;
}

static bool
ca_without_key_usage(const struct cert_reader *r)
{
	return r->cert->is_ca && !r->cert->has_key_usage;
}

static bool
ca_without_cert_sign(const struct cert_reader *r)
{
	const struct cert *c = r->cert;

	return c->is_ca && c->has_key_usage && (c->key_usage & USAGE_CERT_SIGN) == 0;
}

static bool
constraints_without_ca(const struct cert_reader *r)
{
	return r->cert->has_name_constraints && !r->cert->is_ca;
}

static bool
ca_without_ski(const struct cert_reader *r)
{
	return r->cert->is_ca && r->cert->version == 3 && r->cert->ski.len == 0;
}

/* RFC 5280 4.2.1.1 lets a self-signed CA leave it out. Self-issued is near enough: no signature is checked yet. */
static bool
no_aki(const struct cert_reader *r)
{
	const struct cert *c = r->cert;

	return c->version == 3 && c->aki.len == 0 && !c->self_issued;
}

static const struct judgement {
	const char *rule;
	bool (*broken)(const struct cert_reader *r);
	const char *text;
} judgements[] = {
	{ "RFC 5280 4.1.2.4", empty_issuer, "the issuer is empty" },
	{ "RFC 5280 4.1.2.6", ca_without_subject, "it is a CA and its subject is empty" },
	{ "RFC 5280 4.1.2.6", nameless, "it has neither a subject nor a subjectAltName" },
	{ "RFC 5280 4.1.2.6", empty_subject_san_not_critical,
	    "its subject is empty, and its subjectAltName is not critical and must then be" },
	{ "RFC 5280 4.1.2.8", unique_ids_in_v1, "it has a unique identifier and says that it is of version 1" },
	{ "RFC 5280 4.2.1.9", ca_constraints_not_critical,
	    "it is a CA and its basic constraints are not critical (Python 3.13 and newer refuse that)" },
	{ "RFC 5280 4.2.1.9", path_len_without_ca, "it has a path length and is no CA" },
	{ "RFC 5280 4.2.1.9", path_len_without_cert_sign, "it has a path length and may not sign certificates" },
	{ "RFC 5280 4.2.1.3", cert_sign_without_ca, "its key usage allows to sign certificates and it is no CA" },
	{ "RFC 5280 4.2.1.3", ca_without_key_usage,
	    "it is a CA and has no key usage (Python 3.13 and newer refuse that)" },
	{ "RFC 5280 4.2.1.3", ca_without_cert_sign, "it is a CA and its key usage does not allow to sign certificates" },
	{ "RFC 5280 4.2.1.10", constraints_without_ca, "it has name constraints and is no CA" },
	{ "RFC 5280 4.2.1.2", ca_without_ski,
	    "it is a CA and has no subject key identifier (Python 3.13 and newer refuse that)" },
	{ "RFC 5280 4.2.1.1", no_aki, "it has no authority key identifier (Python 3.13 and newer refuse that)" },
};

void
cert_judge(struct cert_reader *r)
{
	for (size_t i = 0; i < sizeof judgements / sizeof judgements[0]; i++)
		if (judgements[i].broken(r))
			fault_add(&r->faults, judgements[i].rule, false, "%s", judgements[i].text);
}
