#include "aws/arn.h"

#include <stdio.h>
#include <string.h>

/* The next field, to the colon, into out; NULL where there is no colon or it does not fit. */
static const char *
field(const char *p, char *out, size_t size)
{
	size_t len = strcspn(p, ":");

	if (p[len] != ':' || len >= size)
		return NULL;
	memcpy(out, p, len);
	out[len] = '\0';
	return p + len + 1;
}

/* What may stand in any part of one (acm-pca's model: [\w+=/,.@-], and ":" within the resource). */
static bool
is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 0x7f)
			return false;
	return true;
}

bool
arn_parse(const char *text, struct arn *out)
{
	char arn[8];
	const char *p = text;

	memset(out, 0, sizeof *out);
	if (p == NULL || !is_plain(p) || (p = field(p, arn, sizeof arn)) == NULL || strcmp(arn, "arn") != 0 ||
	    (p = field(p, out->partition, sizeof out->partition)) == NULL || (p = field(p, out->service, sizeof out->service)) == NULL ||
	    (p = field(p, out->region, sizeof out->region)) == NULL || (p = field(p, out->account, sizeof out->account)) == NULL)
		return false;
	return out->partition[0] != '\0' && out->service[0] != '\0' && *p != '\0' && strlen(p) < sizeof out->resource &&
	    snprintf(out->resource, sizeof out->resource, "%s", p) > 0;
}

/* Past "arn:…:certificate-authority/", of a private CA; NULL where it is none. */
static const char *
ca_id(const char *arn)
{
	static const char kind[] = "certificate-authority/";
	struct arn a;
	const char *at;

	if (!arn_parse(arn, &a) || strcmp(a.service, "acm-pca") != 0 || strncmp(a.resource, kind, sizeof kind - 1) != 0)
		return NULL;
	at = arn + strlen(arn) - strlen(a.resource) + sizeof kind - 1;
	return *at != '\0' && *at != '/' ? at : NULL;
}

bool
arn_ca_of_certificate(const char *arn, char *out, unsigned long out_size)
{
	static const char kind[] = "/certificate/";
	const char *id = ca_id(arn);
	size_t len = id != NULL ? strcspn(id, "/") : 0;
	size_t whole = id != NULL ? (size_t)(id - arn) + len : 0;

	if (id == NULL || strncmp(id + len, kind, sizeof kind - 1) != 0 || id[len + sizeof kind - 1] == '\0' || whole >= out_size)
		return false;
	memcpy(out, arn, whole);
	out[whole] = '\0';
	return true;
}

const char *
arn_ca_id(const char *arn)
{
	const char *id = ca_id(arn);

	return id != NULL && strchr(id, '/') == NULL ? id : NULL;
}
