#include "model/path_names.h"

#include <openssl/x509_vfy.h>
#include <string.h>
#include <strings.h>

#include "model/limits.h"

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
