/* GeneralNames (RFC 5280 4.2.1.6): what subjectAltName and nameConstraints hold. */
#include "model/cert_internal.h"

#include <arpa/inet.h>
#include <string.h>

#include "model/limits.h"

/* Tags of GeneralName's choices, in the order of enum san_type, which is theirs. */
static const struct choice {
	unsigned char tag;
	const char *label;
} choices[] = {
	[SAN_OTHER] = { DER_CONTEXT_IN(0), "otherName" },
	[SAN_EMAIL] = { DER_CONTEXT(1), "email" },
	[SAN_DNS] = { DER_CONTEXT(2), "DNS" },
	[SAN_X400] = { DER_CONTEXT_IN(3), "X400Name" },
	[SAN_DIRECTORY] = { DER_CONTEXT_IN(4), "DirName" },
	[SAN_EDI] = { DER_CONTEXT_IN(5), "EdiPartyName" },
	[SAN_URI] = { DER_CONTEXT(6), "URI" },
	[SAN_IP] = { DER_CONTEXT(7), "IP" },
	[SAN_RID] = { DER_CONTEXT(8), "RID" },
};
enum { CHOICES = sizeof choices / sizeof choices[0] };

/* Bits set at the top of a mask; -1 where a set bit follows a clear one. */
static int
mask_bits(const unsigned char *mask, size_t len)
{
	int bits = 0;
	bool ended = false;

	for (size_t i = 0; i < len * 8; i++) {
		bool set = (mask[i / 8] >> (7 - i % 8) & 1) != 0;
		if (set && ended)
			return -1;
		ended = ended || !set;
		bits += set;
	}
	return bits;
}

static void
add_hex(struct buf *out, struct text bytes)
{
	for (size_t i = 0; i < bytes.len && i < 64; i++)
		buf_addf(out, "%02x", bytes.bytes[i]);
	if (bytes.len > 64)
		buf_adds(out, "…");
}

static void
say_ip(struct buf *out, struct text value, bool constraint)
{
	char text[INET6_ADDRSTRLEN] = "", mask[INET6_ADDRSTRLEN] = "";
	size_t address = constraint ? value.len / 2 : value.len;
	int family = address == 4 ? AF_INET : AF_INET6;
	int bits;

	if ((address != 4 && address != 16) || (constraint && value.len % 2 != 0)) {
		add_hex(out, value);
		return;
	}
	inet_ntop(family, value.bytes, text, sizeof text);
	buf_adds(out, text);
	if (!constraint)
		return;
	bits = mask_bits(value.bytes + address, address);
	inet_ntop(family, value.bytes + address, mask, sizeof mask);
	if (bits >= 0)
		buf_addf(out, "/%d", bits);
	else
		buf_addf(out, "/%s", mask);
}

/* otherName: its OID, and its value where that is a string (a UPN is a UTF8String). */
static unsigned
say_other(struct buf *out, struct arena *a, struct text value)
{
	struct der_trouble trouble = { 0 };
	struct der d = der_start(value, &trouble), inside;
	struct der_value oid, v;

	if (!der_expect(&d, DER_OID, &oid, "the type of an otherName")) {
		add_hex(out, value);
		return 0;
	}
	buf_adds(out, oid_name(a, oid.content));
	if (!der_enter(&d, DER_CONTEXT_IN(0), &inside, "the value of an otherName") ||
	    !der_next(&inside, &v, "the value of an otherName"))
		return 0;
	buf_addc(out, ':');
	if (v.tag == DER_UTF8_STRING || v.tag == DER_IA5_STRING || v.tag == DER_PRINTABLE_STRING) {
		text_safe(out, v.content, TEXT_MAX_DEFAULT);
		return text_flags(v.content);
	}
	add_hex(out, v.content);
	return 0;
}

static bool
is_ascii(struct text in)
{
	for (size_t i = 0; i < in.len; i++)
		if (in.bytes[i] >= 0x80)
			return false;
	return true;
}

/* RFC 1123 2.1 with what certificates use besides: “_” in labels, “*” as the first label. */
static const char *
dns_problem(struct text name)
{
	size_t label = 0, i = 0;

	if (name.len == 0 || (name.len == 1 && name.bytes[0] == ' '))
		return "is empty";
	if (name.len > LIMIT_HOST)
		return "is longer than 253 characters";
	if (name.len >= 2 && name.bytes[0] == '*' && name.bytes[1] == '.')
		i = 2;
	for (; i < name.len; i++) {
		unsigned char c = name.bytes[i];
		bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		if (c == '.') {
			if (label == 0)
				return "has an empty label";
			label = 0;
			continue;
		}
		if (c == '*')
			return "has a wildcard that is not its whole first label";
		if (!alnum && c != '-' && c != '_')
			return "holds a character that no host name has";
		if (++label > LIMIT_LABEL)
			return "has a label longer than 63 characters";
	}
	return label == 0 ? "ends in a dot" : NULL;
}

/* RFC 3986 3.1: a scheme and a colon come first. */
static const char *
uri_problem(struct text uri)
{
	for (size_t i = 0; i < uri.len; i++) {
		unsigned char c = uri.bytes[i];
		bool alpha = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		bool more = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
		if (c == ':' && i > 0)
			return NULL;
		if (!alpha && (i == 0 || !more))
			break;
	}
	return "has no scheme";
}

static const char *
email_problem(struct text email)
{
	const unsigned char *at = email.len == 0 ? NULL : memchr(email.bytes, '@', email.len);

	return at == NULL || at == email.bytes || at + 1 == email.bytes + email.len ? "is no e-mail address" : NULL;
}

static const char *
ip_problem(struct text ip)
{
	return ip.len == 4 || ip.len == 16 ? NULL : "is neither 4 nor 16 octets long";
}

/* RFC 5280 4.2.1.10. */
static const char *
constraint_problem(const struct san *s)
{
	size_t half = s->value.len / 2;

	switch (s->type) {
	case SAN_IP:
		if (s->value.len != 8 && s->value.len != 32)
			return "is neither 8 nor 32 octets long";
		return mask_bits(s->value.bytes + half, half) < 0 ? "has a mask with holes" : NULL;
	case SAN_DNS:
		if (s->value.len > 0 && s->value.bytes[0] == '.')
			return "begins with a dot";
		return s->value.len == 0 ? NULL : dns_problem(s->value);
	default:
		return NULL;
	}
}

static const char *
name_problem(const struct san *s)
{
	switch (s->type) {
	case SAN_EMAIL:
		return email_problem(s->value);
	case SAN_DNS:
		return dns_problem(s->value);
	case SAN_URI:
		return uri_problem(s->value);
	case SAN_IP:
		return ip_problem(s->value);
	default:
		return NULL;
	}
}

/* A hostile name has a finding of its own, so that is not said twice. */
static void
judge(const struct san *s, bool constraint, struct faults *faults)
{
	bool text = s->type == SAN_EMAIL || s->type == SAN_DNS || s->type == SAN_URI;
	const char *rule = constraint ? "RFC 5280 4.2.1.10" : "RFC 5280 4.2.1.6";
	const char *problem;

	if ((s->flags & TEXT_HOSTILE) != 0)
		return;
	if (text && !is_ascii(s->value))
		problem = "holds characters outside ASCII";
	else
		problem = constraint ? constraint_problem(s) : name_problem(s);
	if (problem != NULL)
		fault_add(faults, rule, false, "the name “%s” %s", s->safe, problem);
}

static bool
find_choice(unsigned char tag, enum san_type *type)
{
	for (size_t i = 0; i < CHOICES; i++) {
		if (choices[i].tag == tag) {
			*type = (enum san_type)i;
			return true;
		}
	}
	return false;
}

/* A tag that GeneralName does not have. */
static void
say_unknown(struct arena *a, const struct der_value *v, struct san *out, struct faults *faults)
{
	struct buf safe = { 0 };

	buf_addf(&safe, "unknown(0x%02x):", v->tag);
	add_hex(&safe, v->content);
	out->safe = arena_strdup(a, buf_str(&safe));
	buf_done(&safe);
	if (faults != NULL)
		fault_add(faults, "RFC 5280 4.2.1.6", true, "a name has the unknown tag 0x%02x", v->tag);
}

void
general_name_read(struct arena *a, const struct der_value *v, bool constraint, struct san *out,
    struct faults *faults)
{
	struct buf safe = { 0 };
	struct name name;
	enum san_type type = SAN_OTHER;

	*out = (struct san){ .type = type, .value = v->content };
	if (!find_choice(v->tag, &type)) {
		say_unknown(a, v, out, faults);
		return;
	}
	out->type = type;
	buf_addf(&safe, "%s:", choices[type].label);
	switch (type) {
	case SAN_OTHER:
		out->flags = say_other(&safe, a, v->content);
		break;
	case SAN_DIRECTORY:
		if (!name_read(a, v->content, &name, "directory name", NULL) && faults != NULL)
			fault_add(faults, "RFC 5280 4.2.1.6", true, "a directory name cannot be read");
		buf_adds(&safe, name.safe);
		out->flags = name.flags;
		break;
	case SAN_IP:
		say_ip(&safe, v->content, constraint);
		break;
	case SAN_RID:
		buf_adds(&safe, der_oid_dotted(a, v->content));
		break;
	case SAN_X400:
	case SAN_EDI:
		add_hex(&safe, v->content);
		break;
	default:
		out->flags = text_flags(v->content);
		text_safe(&safe, v->content, TEXT_MAX_DEFAULT);
		break;
	}
	out->safe = arena_strdup(a, buf_str(&safe));
	buf_done(&safe);
	if (faults != NULL)
		judge(out, constraint, faults);
}

bool
sans_read(struct arena *a, struct text names, struct san **out, size_t *len, bool *truncated,
    struct faults *faults)
{
	struct der_trouble trouble = { 0 };
	struct der d = der_start(names, &trouble), inside;
	struct der_value v;
	char why[DER_EXPLAIN_MAX];
	size_t cap = 0;
	bool good;

	*out = NULL;
	*len = 0;
	good = der_enter(&d, DER_SEQUENCE, &inside, "the list of names, a SEQUENCE") &&
	    der_finish(&d, "the list of names");
	while (good && !der_at_end(&inside) && *len < LIMIT_SAN) {
		good = der_next(&inside, &v, "a name");
		if (good) {
			*out = arena_grow(a, *out, *len, &cap, sizeof **out);
			general_name_read(a, &v, false, &(*out)[(*len)++], faults);
		}
	}
	if (truncated != NULL)
		*truncated = good && !der_at_end(&inside);
	if (!good && faults != NULL)
		fault_add(faults, "RFC 5280 4.2.1.6", true, "the subjectAltName cannot be read: %s",
		    der_explain(&trouble, why, sizeof why));
	return good;
}
