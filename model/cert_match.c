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

enum name_match
cert_matches_host(const struct cert *c, const char *host)
{
	unsigned char octets[16];
	size_t len = strlen(host);
	size_t address = address_of(host, len, octets);
	bool any = false, valid;

	if (address == 0 && len > 1 && host[len - 1] == '.')
		len--; /* the absolute form of the same name */
	valid = is_host_name((const unsigned char *)host, len, false);
	for (size_t i = 0; i < c->san_len; i++) {
		const struct san *s = &c->san[i];

		any = any || s->type == SAN_DNS || s->type == SAN_IP;
		if (address > 0 && s->type == SAN_IP && s->value.len == address &&
		    memcmp(s->value.bytes, octets, address) == 0)
			return NAME_MATCHES;
		if (address == 0 && valid && s->type == SAN_DNS &&
		    dns_matches(s->value, (const unsigned char *)host, len))
			return NAME_MATCHES;
	}
	return any ? NAME_DIFFERS : NAME_NO_SAN;
}
