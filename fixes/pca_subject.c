#include "fixes/pca_subject.h"

#include <string.h>
#include <strings.h>

#include "model/quote.h"

static const struct attribute {
	const char *type, *aws;
	size_t offset, most; /* characters at most (AWS's model counts so; we count bytes: never more than it allows) */
} attributes[] = {
	{ "CN", "CommonName", offsetof(struct pca_subject, common_name), 64 },
	{ "O", "Organization", offsetof(struct pca_subject, organization), 64 },
	{ "OU", "OrganizationalUnit", offsetof(struct pca_subject, organizational_unit), 64 },
	{ "C", "Country", offsetof(struct pca_subject, country), 2 },
	{ "ST", "State", offsetof(struct pca_subject, state), 128 },
	{ "L", "Locality", offsetof(struct pca_subject, locality), 128 },
	{ "serialNumber", "SerialNumber", offsetof(struct pca_subject, serial_number), 64 },
	{ "dnQualifier", "DistinguishedNameQualifier", offsetof(struct pca_subject, dn_qualifier), 64 },
	{ "title", "Title", offsetof(struct pca_subject, title), 64 },
	{ "SN", "Surname", offsetof(struct pca_subject, surname), 40 },
	{ "GN", "GivenName", offsetof(struct pca_subject, given_name), 16 },
	{ "initials", "Initials", offsetof(struct pca_subject, initials), 5 },
	{ "pseudonym", "Pseudonym", offsetof(struct pca_subject, pseudonym), 128 },
	{ "generationQualifier", "GenerationQualifier", offsetof(struct pca_subject, generation_qualifier), 3 },
};

static const char **
field(struct pca_subject *s, const struct attribute *t)
{
	return (const char **)(void *)((char *)s + t->offset);
}

static const struct attribute *
attribute_of(const char *type, size_t len)
{
	for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
		if (strlen(attributes[i].type) == len && strncasecmp(attributes[i].type, type, len) == 0)
			return &attributes[i];
	}
	return NULL;
}

/* The value from `at` to the next separator that no backslash stands before; blanks around it go. */
static const char *
read_value(const char **at, char separator, struct arena *a)
{
	struct buf b = { 0 };
	const char *p = *at;
	size_t kept = 0; /* up to here blanks count: a quoted one does */
	const char *out;

	p += strspn(p, " ");
	for (; *p != '\0' && *p != separator; p++) {
		bool quoted = *p == '\\' && p[1] != '\0';

		if (quoted)
			p++;
		buf_addc(&b, *p);
		if (quoted || *p != ' ')
			kept = b.len;
	}
	*at = *p == separator ? p + 1 : p;
	out = arena_strndup(a, buf_str(&b), kept);
	buf_done(&b);
	return out;
}

static status
read_attribute(const char **at, char separator, struct arena *a, struct pca_subject *out, struct error *err)
{
	char shown[QUOTE_MAX];
	const char *type = *at + strspn(*at, " ");
	size_t len = strcspn(type, "=");
	const struct attribute *t;
	const char *value;

	if (type[len] != '=')
		return error_set(err, ERROR_USAGE, "options", "subject “%s”: expected TYPE=VALUE, as CN=Acme Root CA, O=Acme",
		    quote_str(type, shown));
	while (len > 0 && type[len - 1] == ' ')
		len--;
	t = attribute_of(type, len);
	if (t == NULL)
		return error_set(err, ERROR_USAGE, "options", "subject: “%s” is no attribute that AWS takes here; CN, O, OU, C, ST, L and others are",
		    quote((struct text){ .bytes = (const unsigned char *)type, .len = len }, shown));
	*at = strchr(type, '=') + 1;
	value = read_value(at, separator, a);
	if (value[0] == '\0')
		return error_set(err, ERROR_USAGE, "options", "subject: %s is empty", t->type);
	if (*field(out, t) != NULL)
		return error_set(err, ERROR_USAGE, "options", "subject: %s twice; AWS takes one", t->type);
	if (strlen(value) > t->most || (strcmp(t->type, "C") == 0 && strlen(value) != 2))
		return error_set(err, ERROR_USAGE, "options", "subject: %s=%s: %s %zu characters", t->type, quote_str(value, shown),
		    strcmp(t->type, "C") == 0 ? "expected" : "AWS takes at most", t->most);
	*field(out, t) = value;
	return STATUS_OK;
}

status
pca_subject_read(const char *typed, struct arena *a, struct pca_subject *out, struct error *err)
{
	char separator = typed[0] == '/' ? '/' : ',';
	const char *at = typed[0] == '/' ? typed + 1 : typed;

	do {
		if (read_attribute(&at, separator, a, out, err) != STATUS_OK)
			return STATUS_FAILED;
	} while (*at != '\0');
	return STATUS_OK;
}

const char *
pca_subject_text(const struct pca_subject *s, struct arena *a)
{
	struct buf b = { 0 };
	const char *out;

	for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
		const char *value = *(const char *const *)(const void *)((const char *)s + attributes[i].offset);

		if (value != NULL)
			buf_addf(&b, "%s%s=%s", b.len > 0 ? ", " : "", attributes[i].type, value);
	}
	for (size_t i = 0; i < s->custom_len; i++)
		buf_addf(&b, "%s%s=%s", b.len > 0 ? ", " : "", s->custom[i].name, s->custom[i].value);
	out = arena_strdup(a, buf_str(&b));
	buf_done(&b);
	return out;
}

cJSON *
pca_subject_json(const struct pca_subject *s)
{
	cJSON *o = cJSON_CreateObject();

	for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
		const char *value = *(const char *const *)(const void *)((const char *)s + attributes[i].offset);

		if (value != NULL)
			cJSON_AddStringToObject(o, attributes[i].aws, value);
	}
	return o;
}

void
pca_subject_of_json(const cJSON *o, struct arena *a, struct pca_subject *out)
{
	*out = (struct pca_subject){ .common_name = NULL };
	for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
		const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, attributes[i].aws));

		if (value != NULL)
			*field(out, &attributes[i]) = arena_strdup(a, value);
	}
}
