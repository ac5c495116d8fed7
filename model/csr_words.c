/* What an extension says, for a sentence about it. */
#include "model/csr_internal.h"

#include <stdlib.h>
#include <string.h>

#include "model/cert_fields.h"
#include "model/der.h"

enum { DEPTH_MAX = 8, SHOWN_MAX = 160, HEX_SHOWN = 24 };

static bool
is_string(unsigned char tag)
{
	static const unsigned char tags[] = { DER_UTF8_STRING, DER_PRINTABLE_STRING, DER_IA5_STRING, DER_VISIBLE_STRING,
		DER_CONTEXT(1), DER_CONTEXT(2), DER_CONTEXT(6) }; /* the last three: GeneralName's e-mail, DNS name, URI */

	return memchr(tags, tag, sizeof tags) != NULL;
}

/* Every string and OID in it, in order: of name constraints, distribution points and policies that is what matters. */
static void
collect(struct der *d, int depth, struct arena *a, struct buf *out)
{
	struct der_value v;

	while (!der_at_end(d) && out->len < SHOWN_MAX && der_next(d, &v, "a value")) {
		if ((v.tag & 0x20) != 0 && depth < DEPTH_MAX) {
			struct der inside = der_inside(d, v.content);
			collect(&inside, depth + 1, a, out);
		} else if (v.tag == DER_OID) {
			buf_addf(out, "%s%s", out->len > 0 ? ", " : "", oid_name(a, v.content));
		} else if (is_string(v.tag)) {
			if (out->len > 0)
				buf_adds(out, ", ");
			text_safe(out, v.content, SHOWN_MAX);
		}
	}
}

static void
add_hex(struct buf *out, struct text value)
{
	for (size_t i = 0; i < value.len && i < HEX_SHOWN; i++)
		buf_addf(out, "%02x", value.bytes[i]);
	if (value.len > HEX_SHOWN)
		buf_adds(out, "…");
}

const char *
csr_value_words(const struct extension *e, struct arena *a)
{
	struct der_trouble trouble = { 0 };
	struct der d = der_start(e->value, &trouble);
	struct buf b = { 0 };
	const char **purposes, *out;
	size_t len;
	unsigned bits;

	if (strcmp(e->oid, OID_KEY_USAGE) == 0 && csr_usage(e, &bits)) {
		buf_adds(&b, csr_usage_words(bits, a));
	} else if (strcmp(e->oid, OID_PURPOSES) == 0 && csr_purposes(e, a, &purposes, &len)) {
		for (size_t i = 0; i < len; i++)
			buf_addf(&b, "%s%s", i > 0 ? ", " : "", purposes[i]);
	} else if (strcmp(e->oid, OID_BASIC) == 0) {
		buf_adds(&b, csr_says_ca(e) ? "a CA" : "no CA");
	} else {
		collect(&d, 0, a, &b);
		if (b.len == 0)
			add_hex(&b, e->value);
	}
	if (e->critical)
		buf_adds(&b, b.len > 0 ? ", critical" : "critical");
	out = b.len > 0 ? arena_strdup(a, buf_str(&b)) : "empty";
	buf_done(&b);
	return out;
}
