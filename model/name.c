/* Distinguished names: read from DER, made printable, compared. */
#include "model/cert.h"

#include <stdlib.h>
#include <string.h>

#include "model/cert_fields.h"
#include "model/characters.h"
#include "model/der.h"

#define NAME_SAFE_MAX 1024 /* printed bytes of a whole name */

/* RFC 4519, RFC 4514 section 3, and what certificates use besides; the words are OpenSSL's. */
static const struct attribute_type {
	const char *type;
	unsigned char oid[12];
	size_t len;
	size_t max_chars; /* RFC 5280 A.1, ub-…; 0: none */
} attribute_types[] = {
	{ "CN", { 0x55, 4, 3 }, 3, 64 },
	{ "SN", { 0x55, 4, 4 }, 3, 32768 },
	{ "serialNumber", { 0x55, 4, 5 }, 3, 64 },
	{ "C", { 0x55, 4, 6 }, 3, 2 },
	{ "L", { 0x55, 4, 7 }, 3, 128 },
	{ "ST", { 0x55, 4, 8 }, 3, 128 },
	{ "street", { 0x55, 4, 9 }, 3, 0 },
	{ "O", { 0x55, 4, 10 }, 3, 64 },
	{ "OU", { 0x55, 4, 11 }, 3, 64 },
	{ "title", { 0x55, 4, 12 }, 3, 64 },
	{ "description", { 0x55, 4, 13 }, 3, 0 },
	{ "businessCategory", { 0x55, 4, 15 }, 3, 0 },
	{ "postalCode", { 0x55, 4, 17 }, 3, 0 },
	{ "name", { 0x55, 4, 41 }, 3, 32768 },
	{ "GN", { 0x55, 4, 42 }, 3, 32768 },
	{ "initials", { 0x55, 4, 43 }, 3, 32768 },
	{ "generationQualifier", { 0x55, 4, 44 }, 3, 32768 },
	{ "dnQualifier", { 0x55, 4, 46 }, 3, 0 },
	{ "pseudonym", { 0x55, 4, 65 }, 3, 128 },
	{ "organizationIdentifier", { 0x55, 4, 97 }, 3, 0 },
	{ "UID", { 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1 }, 10, 0 },
	{ "DC", { 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25 }, 10, 0 },
	{ "emailAddress", { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1 }, 9, 255 },
	{ "unstructuredName", { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 2 }, 9, 0 },
	{ "jurisdictionL", { 0x2b, 6, 1, 4, 1, 0x82, 0x37, 60, 2, 1, 1 }, 11, 0 },
	{ "jurisdictionST", { 0x2b, 6, 1, 4, 1, 0x82, 0x37, 60, 2, 1, 2 }, 11, 0 },
	{ "jurisdictionC", { 0x2b, 6, 1, 4, 1, 0x82, 0x37, 60, 2, 1, 3 }, 11, 2 },
};

static const struct attribute_type *
find_type(struct text oid)
{
	for (size_t i = 0; i < sizeof attribute_types / sizeof attribute_types[0]; i++) {
		const struct attribute_type *t = &attribute_types[i];
		if (t->len == oid.len && memcmp(t->oid, oid.bytes, oid.len) == 0)
			return t;
	}
	return NULL;
}

/* Characters of `width` octets, most significant first; what is left over at the end is no character. */
static void
widen(struct buf *out, struct text in, size_t width)
{
	size_t i = 0;

	for (; i + width <= in.len; i += width) {
		uint32_t c = 0;
		for (size_t k = 0; k < width; k++)
			c = c << 8 | in.bytes[i + k];
		if (c < 0x200000)
			add_utf8(out, c); /* surrogates and what lies behind Unicode too: text_safe() flags what comes out of those */
		else
			buf_addc(out, (char)0xff);
	}
	if (i < in.len)
		buf_addc(out, (char)0xff);
}

/* The octets that one character takes in this string type; 0: UTF-8 or as it stands. */
static size_t
character_width(unsigned char tag, bool ascii_as_latin1)
{
	switch (tag) {
	case DER_T61_STRING: /* as everybody does: T.61 itself is not in use */
		return 1;
	case DER_IA5_STRING:
	case DER_PRINTABLE_STRING:
	case DER_VISIBLE_STRING:
		return ascii_as_latin1 ? 1 : 0;
	case DER_BMP_STRING:
		return 2;
	case DER_UNIVERSAL_STRING:
		return 4;
	default:
		return 0;
	}
}

static struct text
to_utf8(struct arena *a, const struct der_value *v)
{
	size_t width = character_width(v->tag, false);
	struct buf out = { 0 };
	struct text t;

	if (width == 0)
		return v->content;
	widen(&out, v->content, width);
	t = (struct text){ arena_dup(a, buf_str(&out), out.len), out.len };
	buf_done(&out);
	return t;
}

static bool
is_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Upper and lower case, and runs of blanks, do not count: OpenSSL's asn1_string_canon(). */
static void
fold(struct buf *out, const unsigned char *s, size_t len)
{
	while (len > 0 && is_space(*s)) {
		s++;
		len--;
	}
	while (len > 0 && is_space(s[len - 1]))
		len--;
	for (size_t i = 0; i < len; i++) {
		if (!is_space(s[i]))
			buf_addc(out, (char)(s[i] >= 'A' && s[i] <= 'Z' ? s[i] + 32 : s[i]));
		else if (!is_space(s[i - 1])) /* i > 0: no blank leads */
			buf_addc(out, ' ');
	}
}

static void
add_length(struct buf *out, size_t len)
{
	buf_addf(out, "%zu:", len);
}

/* One attribute in canonical form: OID, string type where it counts, folded value. */
static void
canonical_attribute(struct buf *out, const struct der_value *oid, const struct der_value *v)
{
	static const unsigned char folded[] = { DER_UTF8_STRING, DER_BMP_STRING, DER_UNIVERSAL_STRING,
		DER_PRINTABLE_STRING, DER_T61_STRING, DER_IA5_STRING, DER_VISIBLE_STRING };
	struct buf utf8 = { 0 }, value = { 0 };
	size_t width = character_width(v->tag, true);

	buf_add(out, oid->whole.bytes, oid->whole.len);
	if (memchr(folded, v->tag, sizeof folded) == NULL) {
		buf_add(out, v->whole.bytes, v->whole.len);
		return;
	}
	if (width == 0)
		buf_add(&utf8, v->content.bytes, v->content.len);
	else
		widen(&utf8, v->content, width);
	fold(&value, (const unsigned char *)buf_str(&utf8), utf8.len);
	buf_addc(out, (char)DER_UTF8_STRING);
	add_length(out, value.len);
	buf_add(out, buf_str(&value), value.len);
	buf_done(&utf8);
	buf_done(&value);
}

static int
compare_bufs(const void *a, const void *b)
{
	const struct buf *x = a, *y = b;
	size_t shorter = x->len < y->len ? x->len : y->len;
	int order = memcmp(x->data, y->data, shorter);

	if (order != 0)
		return order;
	return x->len < y->len ? -1 : x->len > y->len;
}

/* RFC 4514 2.4, before text_safe(): a backslash that is printed is then always an escape. */
static void
escape(struct buf *out, struct text in)
{
	for (size_t i = 0; i < in.len; i++) {
		unsigned char c = in.bytes[i];
		bool edge = (i == 0 && (c == ' ' || c == '#')) || (i + 1 == in.len && c == ' ');

		if (edge || (c != 0 && strchr(",+\"\\<>;", c) != NULL))
			buf_addc(out, '\\');
		buf_addc(out, (char)c);
	}
}

struct name_reader {
	struct arena *arena;
	struct name *name;
	size_t cap;
	const char *of;
	struct faults *faults;
	struct buf safe, canonical;
	bool safe_full;
};

static void
say_part(struct name_reader *r, const struct name_part *part, bool first_of_name, bool first_of_rdn)
{
	struct buf escaped = { 0 };

	if (r->safe.len > NAME_SAFE_MAX) {
		if (!r->safe_full)
			buf_adds(&r->safe, "…");
		r->safe_full = true;
		r->name->flags |= TEXT_TRUNCATED;
		return;
	}
	if (!first_of_name)
		buf_addc(&r->safe, first_of_rdn ? ',' : '+');
	buf_addf(&r->safe, "%s=", part->type);
	escape(&escaped, part->value);
	text_safe(&r->safe, (struct text){ (const unsigned char *)buf_str(&escaped), escaped.len },
	    TEXT_MAX_DEFAULT);
	buf_done(&escaped);
}

static size_t
count_characters(struct text utf8)
{
	size_t n = 0;

	for (size_t i = 0; i < utf8.len; i++)
		n += (utf8.bytes[i] & 0xc0) != 0x80;
	return n;
}

/* X.680 41.4, with * and & let pass as Go does: “*.example.com” in a PrintableString is everywhere. */
static bool
is_printable_string(struct text in)
{
	for (size_t i = 0; i < in.len; i++) {
		unsigned char c = in.bytes[i];
		bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		if (!alnum && (c == 0 || strchr(" '()+,-./:=?*&", c) == NULL))
			return false;
	}
	return true;
}

static void
judge_part(struct name_reader *r, const struct attribute_type *known, const struct name_part *part,
    const struct der_value *v)
{
	if (v->content.len == 0)
		fault_add(r->faults, "RFC 5280 A.1", false, "the %s in the %s is empty", part->type, r->of);
	if (v->tag == DER_PRINTABLE_STRING && !is_printable_string(v->content))
		fault_add(r->faults, "X.680 41.4", false,
		    "the %s in the %s holds a character that its type, PrintableString, has not", part->type, r->of);
	if ((v->tag == DER_IA5_STRING || v->tag == DER_UTF8_STRING || v->tag == DER_BMP_STRING ||
		v->tag == DER_UNIVERSAL_STRING) &&
	    (text_flags(part->value) & TEXT_INVALID) != 0)
		fault_add(r->faults, "X.680 41.16", true, "the %s in the %s is no valid text of its string type",
		    part->type, r->of);
	if (known == NULL)
		return;
	if (known->max_chars != 0 && known->max_chars != 2 && count_characters(part->value) > known->max_chars)
		fault_add(r->faults, "RFC 5280 A.1", false, "the %s in the %s is longer than %zu characters",
		    part->type, r->of, known->max_chars);
	if (known->max_chars == 2 && part->value.len != 2)
		fault_add(r->faults, "RFC 5280 A.1", false, "the %s in the %s is no country code of two letters",
		    part->type, r->of);
}

static bool
read_attribute(struct name_reader *r, struct der *rdn, struct buf *canonical, bool first_of_rdn)
{
	struct der attribute;
	struct der_value oid, value;
	const struct attribute_type *known;
	struct name_part *part;
	struct name *n = r->name;

	if (!der_enter(rdn, DER_SEQUENCE, &attribute, "an attribute of a name, a SEQUENCE") ||
	    !der_expect(&attribute, DER_OID, &oid, "the type of an attribute, an OBJECT IDENTIFIER") ||
	    !der_next(&attribute, &value, "the value of an attribute") ||
	    !der_finish(&attribute, "an attribute of a name"))
		return false;
	n->parts = arena_grow(r->arena, n->parts, n->len, &r->cap, sizeof *n->parts);
	part = &n->parts[n->len];
	known = find_type(oid.content);
	part->type = known != NULL ? known->type : der_oid_dotted(r->arena, oid.content);
	part->value = to_utf8(r->arena, &value);
	part->safe = text_safe_arena(r->arena, part->value, TEXT_MAX_DEFAULT, NULL);
	n->flags |= text_flags(part->value);
	if (r->faults != NULL)
		judge_part(r, known, part, &value);
	say_part(r, part, n->len == 0, first_of_rdn);
	if (strcmp(part->type, "CN") == 0)
		n->common_name = part->safe;
	n->len++;
	canonical_attribute(canonical, &oid, &value);
	return true;
}

#define RDN_MAX 64 /* attributes of one RelativeDistinguishedName; more than 3 has not been seen */

static bool
read_rdn(struct name_reader *r, struct der *names)
{
	struct buf canonical[RDN_MAX] = { 0 };
	struct der rdn;
	size_t len = 0;
	bool good = der_enter(names, DER_SET, &rdn, "a part of a name, a SET");

	if (good && der_at_end(&rdn) && r->faults != NULL)
		fault_add(r->faults, "RFC 5280 4.1.2.4", false, "a part of the %s is an empty SET", r->of);
	while (good && !der_at_end(&rdn)) {
		good = len < RDN_MAX && read_attribute(r, &rdn, &canonical[len], len == 0);
		len++;
	}
	if (len > RDN_MAX)
		len = RDN_MAX;
	if (good && len > 0) {
		qsort(canonical, len, sizeof canonical[0], compare_bufs);
		add_length(&r->canonical, len);
		for (size_t i = 0; i < len; i++)
			buf_add(&r->canonical, canonical[i].data, canonical[i].len);
	}
	for (size_t i = 0; i < len; i++)
		buf_done(&canonical[i]);
	return good;
}

bool
name_read(struct arena *a, struct text der, struct name *out, const char *of, struct faults *faults)
{
	struct der_trouble trouble = { 0 };
	struct der d = der_start(der, &trouble), names;
	struct name_reader r = { .arena = a, .name = out, .of = of, .faults = faults };
	bool good;

	*out = (struct name){ .der = der, .common_name = "", .safe = "" };
	good = der_enter(&d, DER_SEQUENCE, &names, "a name, a SEQUENCE") && der_finish(&d, "the name");
	while (good && !der_at_end(&names))
		good = read_rdn(&r, &names);
	out->safe = arena_strdup(a, buf_str(&r.safe));
	out->canonical = (struct text){ arena_dup(a, buf_str(&r.canonical), r.canonical.len), r.canonical.len };
	if (out->common_name[0] == '\0' && out->len > 0)
		out->common_name = out->parts[out->len - 1].safe;
	buf_done(&r.safe);
	buf_done(&r.canonical);
	return good;
}

bool
name_parse(struct arena *a, struct text der, struct name *out)
{
	struct text own = { arena_dup(a, der.bytes, der.len), der.len };

	return name_read(a, own, out, "name", NULL);
}

bool
name_equal(const struct name *a, const struct name *b)
{
	return text_equal(a->canonical, b->canonical);
}
