/*
 * Does a certificate name a host? RFC 9525 section 6.
 *
 * Where others differ: Go matches as here (a wildcard right under a top-level label too:
 * “*.internal” names payment.internal, and RFC 9525 leaves that to the CA). OpenSSL, and so curl, want two
 * dots in a pattern, so “*.internal” matches nothing there; OpenSSL also takes “f*o.example.com” unless
 * told otherwise, falls back to the common name, and does not take the dot off “example.com.”.
 */
#include <arpa/inet.h>
#include <string.h>

#include "model/cert.h"
#include "model/der.h"
#include "model/limits.h"

static unsigned char
lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

static bool
same_letters(const unsigned char *a, const unsigned char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

/* Labels of letters, digits, “-” and “_”, none empty; `wildcard`: the first one may be “*”. */
static bool
is_host_name(const unsigned char *s, size_t len, bool wildcard)
{
	size_t label = 0, i = 0;

	if (len == 0 || len > LIMIT_HOST)
		return false;
	if (wildcard && len > 2 && s[0] == '*' && s[1] == '.')
		i = 2;
	for (; i < len; i++) {
		bool alnum = (s[i] >= '0' && s[i] <= '9') || (lower(s[i]) >= 'a' && lower(s[i]) <= 'z');
		if (s[i] == '.') {
			if (label == 0)
				return false;
			label = 0;
		} else if ((!alnum && s[i] != '-' && s[i] != '_') || ++label > LIMIT_LABEL) {
			return false;
		}
	}
	return label > 0;
}

/* RFC 9525 6.3: “*” stands for exactly one whole label, the left-most. */
static bool
dns_matches(struct text pattern, const unsigned char *host, size_t len)
{
	const unsigned char *dot;

	if (!is_host_name(pattern.bytes, pattern.len, true))
		return false;
	if (pattern.bytes[0] != '*')
		return pattern.len == len && same_letters(pattern.bytes, host, len);
	dot = memchr(host, '.', len);
	if (dot == NULL || dot == host)
		return false;
	len -= (size_t)(dot - host);
	return pattern.len - 1 == len && same_letters(pattern.bytes + 1, dot, len);
}

/* An address in text form, an IPv6 one with or without brackets or a zone; its octets, or 0. */
static size_t
address_of(const char *host, size_t len, unsigned char *octets)
{
	char text[INET6_ADDRSTRLEN + 1];
	const char *zone;

	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	zone = memchr(host, '%', len);
	if (zone != NULL && memchr(host, ':', len) != NULL)
		len = (size_t)(zone - host);
	if (len >= sizeof text)
		return 0;
	memcpy(text, host, len);
	text[len] = '\0';
	if (inet_pton(AF_INET, text, octets) == 1)
		return 4;
	return inet_pton(AF_INET6, text, octets) == 1 ? 16 : 0;
}

/* What one name is compared with. */
struct wanted {
	const unsigned char *host;
	size_t len;
	bool valid; /* host is a host name */
	unsigned char octets[16];
	size_t address; /* how many octets count; 0: no address */
};

static bool
is_wanted(const struct wanted *w, enum san_type type, struct text value)
{
	if (w->address > 0)
		return type == SAN_IP && value.len == w->address && memcmp(value.bytes, w->octets, w->address) == 0;
	return w->valid && type == SAN_DNS && dns_matches(value, w->host, w->len);
}

/* More than LIMIT_SAN names: the fields hold the first, the extension's own bytes all of them. */
static bool
any_of_the_rest(const struct cert *c, const struct wanted *w)
{
	struct der_trouble trouble = { 0 };
	struct der d, names;
	struct der_value v;

	for (size_t i = 0; i < c->extensions_len; i++) {
		if (strcmp(c->extensions[i].oid, "2.5.29.17") != 0)
			continue;
		d = der_start(c->extensions[i].value, &trouble);
		if (!der_enter(&d, DER_SEQUENCE, &names, "the list of names"))
			return false;
		while (!der_at_end(&names) && der_next(&names, &v, "a name"))
			if ((v.tag == DER_CONTEXT(2) && is_wanted(w, SAN_DNS, v.content)) ||
			    (v.tag == DER_CONTEXT(7) && is_wanted(w, SAN_IP, v.content)))
				return true;
		return false;
	}
	return false;
}

enum name_match
cert_matches_host(const struct cert *c, const char *host)
{
	struct wanted w = { .host = (const unsigned char *)host, .len = strlen(host) };
	bool any = false;

	w.address = address_of(host, w.len, w.octets);
	if (w.address == 0 && w.len > 1 && host[w.len - 1] == '.')
		w.len--; /* the absolute form of the same name */
	w.valid = is_host_name(w.host, w.len, false);
	for (size_t i = 0; i < c->san_len; i++) {
		any = any || c->san[i].type == SAN_DNS || c->san[i].type == SAN_IP;
		if (is_wanted(&w, c->san[i].type, c->san[i].value))
			return NAME_MATCHES;
	}
	if (c->san_truncated && any_of_the_rest(c, &w))
		return NAME_MATCHES;
	return any ? NAME_DIFFERS : NAME_NO_SAN;
}
