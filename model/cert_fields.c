/* The frame of a certificate and its fields before the extensions: RFC 5280 4.1. */
#include "model/cert_fields.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/cert_internal.h"
#include "model/limits.h"
#include "model/public_key.h"
#include "model/times.h"

void
fault_add(struct faults *f, const char *rule, bool fatal, const char *fmt, ...)
{
	char text[DER_EXPLAIN_MAX + TEXT_MAX_DEFAULT + 200];
	va_list args;

	if (f == NULL || f->len >= LIMIT_CERT_FAULTS)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	f->items = arena_grow(f->arena, f->items, f->len, &f->cap, sizeof *f->items);
	f->items[f->len++] = (struct cert_fault){
		.rule = rule,
		.text = arena_strdup(f->arena, text),
		.fatal = fatal,
	};
}

/* RFC 5280 4.1.2.1: [0] EXPLICIT, v1 where it is absent. */
static bool
read_version(struct cert_reader *r, struct der *tbs)
{
	struct der inside;
	struct der_value v;
	uint32_t number;

	r->cert->version = 1;
	if (der_peek(tbs) != DER_CONTEXT_IN(0))
		return true;
	if (!der_enter(tbs, DER_CONTEXT_IN(0), &inside, "the version, [0]") ||
	    !der_expect(&inside, DER_INTEGER, &v, "the version, an INTEGER") ||
	    !der_finish(&inside, "the version"))
		return false;
	if (!der_small(v.content, 1000, &number)) {
		number = 1000;
		r->cert->version = 0;
	} else {
		r->cert->version = (int)number + 1;
	}
	if (number > 2)
		fault_add(&r->faults, "RFC 5280 4.1.2.1", false, "the version is none of 1, 2 and 3");
	return true;
}

/* Content octets of an INTEGER as lower-case hex: no leading zeros, “-” before a negative one. */
static const char *
integer_hex(struct arena *a, struct text in)
{
	struct buf out = { 0 };
	bool negative = in.len > 0 && (in.bytes[0] & 0x80) != 0;
	unsigned char *magnitude = arena_dup(a, in.bytes, in.len);
	const char *hex;
	size_t i = 0;

	if (negative) {
		for (size_t k = 0; k < in.len; k++)
			magnitude[k] = (unsigned char)~magnitude[k];
		for (size_t k = in.len; k-- > 0 && ++magnitude[k] == 0;)
			;
		buf_addc(&out, '-');
	}
	while (i + 1 < in.len && magnitude[i] == 0)
		i++;
	for (; i < in.len; i++)
		buf_addf(&out, "%02x", magnitude[i]);
	hex = arena_strdup(a, in.len == 0 ? "" : buf_str(&out));
	buf_done(&out);
	return hex;
}

#define SERIAL_SHOWN 64 /* octets of a serial number in hex; 20 are allowed, and the fault says how many there are */

/* RFC 5280 4.1.2.2: positive, at most 20 octets. */
static bool
read_serial(struct cert_reader *r, struct der *tbs)
{
	struct cert *c = r->cert;
	struct der_value v;

	if (!der_expect(tbs, DER_INTEGER, &v, "the serial number, an INTEGER"))
		return false;
	c->serial = v.content;
	c->serial_hex = integer_hex(r->arena,
	    (struct text){ v.content.bytes, v.content.len > SERIAL_SHOWN ? SERIAL_SHOWN : v.content.len });
	if (v.content.len == 0)
		fault_add(&r->faults, "X.690 8.3.1", true, "the serial number has no octets");
	else if ((v.content.bytes[0] & 0x80) != 0)
		fault_add(&r->faults, "RFC 5280 4.1.2.2", false, "the serial number is negative");
	else if (der_integer_bits(v.content) == 0)
		fault_add(&r->faults, "RFC 5280 4.1.2.2", false, "the serial number is zero");
	if (v.content.len > 20)
		fault_add(&r->faults, "RFC 5280 4.1.2.2", false, "the serial number has %zu octets, more than 20",
		    v.content.len);
	if (v.content.len > 0 && !der_integer_minimal(v.content))
		fault_add(&r->faults, "X.690 8.3.2", true, "the serial number is written with more octets than it needs");
	return true;
}

static bool
digits(const unsigned char *s, size_t n, int *out)
{
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		*out = *out * 10 + (s[i] - '0');
	}
	return true;
}

/* YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ and nothing else; RFC 5280 4.1.2.5.1: 50 to 99 are 19YY. */
static int64_t
read_moment(const struct der_value *v, int *year)
{
	size_t y = v->tag == DER_UTC_TIME ? 2 : 4;
	const unsigned char *s = v->content.bytes;
	int part[5];
	int64_t t;

	*year = -1;
	if (v->content.len != y + 11 || s[y + 10] != 'Z' || !digits(s, y, year))
		return TIME_UNKNOWN;
	if (y == 2)
		*year += *year < 50 ? 2000 : 1900;
	for (size_t i = 0; i < 5; i++)
		if (!digits(s + y + 2 * i, 2, &part[i]))
			return TIME_UNKNOWN;
	if (!time_from_civil(*year, part[0], part[1], part[2], part[3], part[4], &t))
		return TIME_UNKNOWN;
	return t;
}

static bool
read_time(struct cert_reader *r, struct der *validity, const char *which, const char *expected, int64_t *out)
{
	struct der_value v;
	char shown[40] = "";
	struct buf safe = { 0 };
	int year;

	*out = TIME_UNKNOWN;
	if (der_peek(validity) != DER_UTC_TIME && der_peek(validity) != DER_GENERALIZED_TIME)
		return der_expect(validity, DER_UTC_TIME, &v, expected);
	if (!der_next(validity, &v, expected))
		return false;
	*out = read_moment(&v, &year);
	if (*out == TIME_UNKNOWN) {
		text_safe(&safe, v.content, sizeof shown - 4);
		fault_add(&r->faults, "RFC 5280 4.1.2.5", true, "%s, “%s”, is not of the form %sMMDDHHMMSSZ", which,
		    buf_str(&safe), v.tag == DER_UTC_TIME ? "YY" : "YYYY");
		buf_done(&safe);
	} else if (v.tag == DER_GENERALIZED_TIME && year < 2050) {
		fault_add(&r->faults, "RFC 5280 4.1.2.5", false,
		    "%s lies before 2050 and is a GeneralizedTime, not a UTCTime", which);
	}
	return true;
}

static bool
read_validity(struct cert_reader *r, struct der *tbs)
{
	struct cert *c = r->cert;
	struct der validity;

	if (!der_enter(tbs, DER_SEQUENCE, &validity, "the validity, a SEQUENCE") ||
	    !read_time(r, &validity, "the begin of validity", "notBefore, a UTCTime or GeneralizedTime", &c->not_before) ||
	    !read_time(r, &validity, "the end of validity", "notAfter, a UTCTime or GeneralizedTime", &c->not_after) ||
	    !der_finish(&validity, "the validity"))
		return false;
	if (c->not_before != TIME_UNKNOWN && c->not_after != TIME_UNKNOWN && c->not_after < c->not_before)
		fault_add(&r->faults, "RFC 5280 4.1.2.5", false, "the validity ends before it begins");
	return true;
}

static bool
read_name(struct cert_reader *r, struct der *tbs, struct name *out, const char *of, const char *expected)
{
	struct der_value v;

	if (!der_expect(tbs, DER_SEQUENCE, &v, expected))
		return false;
	if (!name_read(r->arena, v.whole, out, of, &r->faults)) {
		/* Read once more for the trouble: what is inside counts from the certificate's start then. */
		struct der names = der_inside(tbs, v.content), rdn, attribute;
		struct der_value part;

		while (!der_at_end(&names)) {
			if (!der_enter(&names, DER_SET, &rdn, expected) ||
			    !der_enter(&rdn, DER_SEQUENCE, &attribute, expected) ||
			    !der_expect(&attribute, DER_OID, &part, expected) ||
			    !der_next(&attribute, &part, expected) || !der_finish(&attribute, expected))
				return false;
		}
		fault_add(&r->faults, "RFC 5280 4.1.2.4", true, "the %s cannot be read", of);
	}
	r->cert->hostile |= out->flags & TEXT_HOSTILE;
	return true;
}

/* RFC 5280 4.1.2.8: [1] and [2]; conforming CAs do not write them. */
static bool
read_unique_ids(struct cert_reader *r, struct der *tbs)
{
	struct der_value v;

	r->has_issuer_unique_id = der_optional(tbs, DER_CONTEXT(1), &v, "the issuer's unique identifier");
	r->has_subject_unique_id = der_optional(tbs, DER_CONTEXT(2), &v, "the subject's unique identifier");
	if (r->has_issuer_unique_id || r->has_subject_unique_id)
		fault_add(&r->faults, "RFC 5280 4.1.2.8", false, "it has a unique identifier, which no CA may write");
	return r->trouble.why == DER_FINE;
}

static bool
read_extensions(struct cert_reader *r, struct der *tbs)
{
	struct der inside;

	if (der_peek(tbs) != DER_CONTEXT_IN(3))
		return true;
	if (!der_enter(tbs, DER_CONTEXT_IN(3), &inside, "the extensions, [3]"))
		return false;
	if (r->cert->version < 3)
		fault_add(&r->faults, "RFC 5280 4.1.2.9", false, "it has extensions and says that it is of version %d, not 3",
		    r->cert->version);
	cert_read_extensions(r, &inside);
	return r->trouble.why == DER_FINE;
}

static bool
read_tbs(struct cert_reader *r, struct der *tbs, struct der_value *algorithm)
{
	struct cert *c = r->cert;
	struct der_value spki;

	if (!read_version(r, tbs) || !read_serial(r, tbs) ||
	    !der_expect(tbs, DER_SEQUENCE, algorithm, "the signature algorithm, a SEQUENCE") ||
	    !read_name(r, tbs, &c->issuer, "issuer", "the issuer, a name") || !read_validity(r, tbs) ||
	    !read_name(r, tbs, &c->subject, "subject", "the subject, a name") ||
	    !der_expect(tbs, DER_SEQUENCE, &spki, "the public key, a SEQUENCE"))
		return false;
	public_key_fields(r->arena, spki.whole, &c->key, &r->key_over_limit, &r->faults);
	return read_unique_ids(r, tbs) && read_extensions(r, tbs) &&
	    der_finish(tbs, "the part of the certificate that is signed");
}

bool
cert_read_fields(struct cert_reader *r)
{
	struct der d = der_start(r->cert->der, &r->trouble), whole, tbs;
	struct der_value inner, outer, signature;

	if (!der_enter(&d, DER_SEQUENCE, &whole, "a certificate, a SEQUENCE") ||
	    !der_finish(&d, "the certificate") ||
	    !der_enter(&whole, DER_SEQUENCE, &tbs, "the part of the certificate that is signed, a SEQUENCE") ||
	    !read_tbs(r, &tbs, &inner) ||
	    !der_expect(&whole, DER_SEQUENCE, &outer, "the signature's algorithm, a SEQUENCE") ||
	    !der_expect(&whole, DER_BIT_STRING, &signature, "the signature, a BIT STRING") ||
	    !der_finish(&whole, "the certificate"))
		return false;
	signature_info_read(r->arena, outer.whole, &r->cert->signature);
	if (!text_equal(inner.whole, outer.whole))
		fault_add(&r->faults, "RFC 5280 4.1.1.2", false,
		    "it names one signature algorithm inside and another one outside");
	if (signature.content.len == 0 || signature.content.bytes[0] != 0)
		fault_add(&r->faults, "RFC 5280 4.1.1.3", false, "the signature is not whole octets");
	if (r->trouble.sloppy)
		fault_add(&r->faults, "X.690 10.1", false, "byte %zu: a length is written with more octets than it needs",
		    r->trouble.sloppy_byte);
	return true;
}
