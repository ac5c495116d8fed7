#include "model/path_names.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <strings.h>

#include "model/cert_openssl.h"
#include "model/limits.h"

/* Names tried one by one, under so many constraints, to say which it is: a courtesy that must stay cheap. */
#define NAMES_ASKED 64
#define CONSTRAINTS_ASKED 256

/* No label is empty; a wildcard is a label like any other here. */
static bool
dns_well_formed(struct text name)
{
	size_t label = 0;

	for (size_t i = 0; i < name.len; i++) {
		if (name.bytes[i] != '.') {
			label++;
			continue;
		}
		if (label == 0)
			return false;
		label = 0;
	}
	return label > 0;
}

/* RFC 5321 4.1.2: local part, one @, domain; a quoted local part may hold more of them. */
static bool
mailbox_well_formed(struct text name)
{
	size_t i = 0;
	struct text domain;

	if (name.len > 0 && name.bytes[0] == '"') {
		for (i = 1; i < name.len && name.bytes[i] != '"'; i++)
			if (name.bytes[i] == '\\')
				i++;
		i++;
	} else {
		while (i < name.len && name.bytes[i] != '@')
			i++;
	}
	if (i == 0 || i >= name.len || name.bytes[i] != '@')
		return false;
	domain = (struct text){ .bytes = name.bytes + i + 1, .len = name.len - i - 1 };
	return memchr(domain.bytes, '@', domain.len) == NULL && dns_well_formed(domain);
}

static bool
constrains(const struct cert *ca, enum san_type type)
{
	for (size_t i = 0; i < ca->permitted_len; i++)
		if (ca->permitted[i].type == type)
			return true;
	for (size_t i = 0; i < ca->excluded_len; i++)
		if (ca->excluded[i].type == type)
			return true;
	return false;
}

static bool
well_formed(const struct san *name)
{
	if (name->type == SAN_DNS)
		return dns_well_formed(name->value);
	return name->type != SAN_EMAIL || mailbox_well_formed(name->value);
}

static bool
any_malformed(const struct cert *c, enum san_type type)
{
	for (size_t i = 0; i < c->san_len; i++)
		if (c->san[i].type == type && !well_formed(&c->san[i]))
			return true;
	return false;
}

/* "*.example.com" and "bar.example.com": one label more than what follows the asterisk, and no more. */
static bool
wildcard_covers(struct text wildcard, struct text name)
{
	size_t tail = wildcard.len - 1; /* with its dot */

	if (wildcard.len < 3 || wildcard.bytes[0] != '*' || wildcard.bytes[1] != '.' || name.len <= tail)
		return false;
	return strncasecmp((const char *)name.bytes + name.len - tail, (const char *)wildcard.bytes + 1, tail) == 0 &&
	    memchr(name.bytes, '.', name.len - tail) == NULL;
}

static bool
any_covers_excluded(const struct cert *c, const struct cert *ca, size_t *work)
{
	for (size_t k = 0; k < ca->excluded_len; k++) {
		if (ca->excluded[k].type != SAN_DNS)
			continue;
		for (size_t i = 0; i < c->san_len; i++) {
			/* Beyond that OpenSSL has refused the path for its size. */
			if (++*work > LIMIT_NAME_CONSTRAINT_CHECKS)
				return false;
			if (c->san[i].type == SAN_DNS && wildcard_covers(c->san[i].value, ca->excluded[k].value))
				return true;
		}
	}
	return false;
}

int
path_names_fault(const struct path_link *links, size_t len, size_t at)
{
	const struct cert *c = links[at].cert;
	size_t work = 0;

	if (c->san_len == 0 || (at > 0 && c->self_issued))
		return X509_V_OK;
	for (size_t i = at + 1; i < len; i++) {
		const struct cert *ca = links[i].cert;

		if (!ca->has_name_constraints)
			continue;
		for (enum san_type type = SAN_EMAIL; type <= SAN_DNS; type++)
			if (constrains(ca, type) && any_malformed(c, type))
				return X509_V_ERR_UNSUPPORTED_NAME_SYNTAX;
		if (any_covers_excluded(c, ca, &work))
			return X509_V_ERR_EXCLUDED_VIOLATION;
	}
	return X509_V_OK;
}

/* NAME_CONSTRAINTS_check takes a certificate, so one is made that has this one name. */
static int
check_one(NAME_CONSTRAINTS *limits, X509_NAME *subject, GENERAL_NAME *name)
{
	X509 *x = X509_new();
	GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
	int r = X509_V_OK;

	if (x == NULL || names == NULL)
		goto out;
	if (subject != NULL && !X509_set_subject_name(x, subject))
		goto out;
	if (name != NULL && (sk_GENERAL_NAME_push(names, name) <= 0 ||
	    X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0, X509V3_ADD_APPEND) != 1))
		goto out;
	X509_check_purpose(x, -1, 0); /* so that OpenSSL reads the extension */
	r = NAME_CONSTRAINTS_check(x, limits);
out:
	sk_GENERAL_NAME_free(names); /* the name stays its owner's */
	X509_free(x);
	return r;
}

static const char *
offender_under(const struct cert *c, const struct cert *ca)
{
	NAME_CONSTRAINTS *limits = X509_get_ext_d2i(cert_x509(ca), NID_name_constraints, NULL, NULL);
	GENERAL_NAMES *names = X509_get_ext_d2i(cert_x509(c), NID_subject_alt_name, NULL, NULL);
	const char *found = NULL;
	size_t count = names == NULL ? 0 : (size_t)sk_GENERAL_NAME_num(names);

	if (limits == NULL)
		goto out;
	for (size_t i = 0; i < count && i < c->san_len && i < NAMES_ASKED && found == NULL; i++)
		if (check_one(limits, NULL, sk_GENERAL_NAME_value(names, (int)i)) != X509_V_OK)
			found = c->san[i].safe;
	if (found == NULL && c->subject.len > 0 &&
	    check_one(limits, X509_get_subject_name(cert_x509(c)), NULL) != X509_V_OK)
		found = c->subject.safe;
out:
	GENERAL_NAMES_free(names);
	NAME_CONSTRAINTS_free(limits);
	return found;
}

const char *
path_names_offender(const struct path_link *links, size_t len, size_t at, const struct cert **ca)
{
	for (size_t i = at + 1; i < len; i++) {
		const char *found;

		if (!links[i].cert->has_name_constraints ||
		    links[i].cert->permitted_len + links[i].cert->excluded_len > CONSTRAINTS_ASKED)
			continue;
		found = offender_under(links[at].cert, links[i].cert);
		if (found != NULL) {
			*ca = links[i].cert;
			return found;
		}
	}
	return NULL;
}
