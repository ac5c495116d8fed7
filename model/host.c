#include "model/host.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <idn2.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "model/limits.h"
#include "model/quote.h"

/* What is longer is no name in any spelling: a Unicode label takes at most 4 bytes a character. */
#define HOST_BYTES_MAX (LIMIT_HOST * 4)

static struct text
piece(const char *bytes, size_t len)
{
	return (struct text){ .bytes = (const unsigned char *)bytes, .len = len };
}

static bool
is_ascii(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)bytes[i] >= 0x80)
			return false;
	}
	return true;
}

static bool
is_ipv4(const char *s, char out[HOST_TEXT_MAX])
{
	struct in_addr a;

	return inet_pton(AF_INET, s, &a) == 1 && inet_ntop(AF_INET, &a, out, HOST_TEXT_MAX) != NULL;
}

/* RFC 4007 11: address%zone. What a zone may hold is the system's business; ours is that it is plain. */
static bool
zone_is_plain(const char *zone)
{
	size_t len = strlen(zone);

	if (len == 0 || len >= IF_NAMESIZE)
		return false;
	return strspn(zone, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-~") == len;
}

static bool
read_ipv6(const char *s, struct host *out, char *why)
{
	char shown[QUOTE_MAX], address[HOST_TEXT_MAX];
	const char *percent = strchr(s, '%');
	const char *zone = NULL;
	struct in6_addr a;

	snprintf(address, sizeof address, "%.*s", percent == NULL ? (int)strlen(s) : (int)(percent - s), s);
	if (percent != NULL) {
		/* RFC 6874: in a URL the percent sign itself is written %25. */
		zone = strncmp(percent, "%25", 3) == 0 && percent[3] != '\0' ? percent + 3 : percent + 1;
		if (!zone_is_plain(zone)) {
			snprintf(why, HOST_WHY_MAX,
			    "“%s” is no zone: expected the name or number of an interface of this machine, as in fe80::1%%eth0",
			    quote_str(zone, shown));
			return false;
		}
	}
	if (inet_pton(AF_INET6, address, &a) != 1 ||
	    inet_ntop(AF_INET6, &a, out->name, sizeof out->name) == NULL) {
		snprintf(why, HOST_WHY_MAX, "“%s” is no IPv6 address", quote_str(address, shown));
		return false;
	}
	if (zone == NULL)
		snprintf(out->text, sizeof out->text, "%s", out->name);
	else
		snprintf(out->text, sizeof out->text, "%.64s%%%.32s", out->name, zone);
	out->is_ip = out->is_ipv6 = true;
	return true;
}

/*
 * A last label that is a number, also a hexadecimal one, makes a name that resolvers take for an IPv4
 * address in one of its old spellings (127.1, 0x7f.1). We guess no address.
 */
static bool
label_is_number(const char *label, size_t len)
{
	if (len > 2 && label[0] == '0' && label[1] == 'x') {
		for (size_t i = 2; i < len; i++) {
			if (!isxdigit((unsigned char)label[i]))
				return false;
		}
		return true;
	}
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)label[i]))
			return false;
	}
	return len > 0;
}

static bool
check_label(const char *label, size_t len, char *why)
{
	char shown[QUOTE_MAX];

	if (len == 0) {
		snprintf(why, HOST_WHY_MAX, "the host has an empty label: two dots in a row, or one at the front");
		return false;
	}
	if (len > LIMIT_LABEL) {
		snprintf(why, HOST_WHY_MAX, "the label “%.40s…” of the host has %zu bytes; a label has at most %d",
		    quote(piece(label, 24), shown), len, LIMIT_LABEL);
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)label[i];

		/* RFC 952's letters, digits and hyphen; the underscore is in real use (RFC 8552). */
		if (islower(c) || isdigit(c) || c == '-' || c == '_')
			continue;
		snprintf(why, HOST_WHY_MAX, "“%s” cannot stand in a host name (letters, digits, “-”, “_” and dots can)",
		    quote(piece(label + i, 1), shown));
		return false;
	}
	return true;
}

/* `s` is lower-case ASCII without the last dot. */
static bool
check_name(const char *s, char *why)
{
	char shown[QUOTE_MAX];
	size_t len = strlen(s);
	const char *label = s, *dot;

	if (len == 0) {
		snprintf(why, HOST_WHY_MAX, "the host is empty");
		return false;
	}
	if (s[0] == '-') {
		snprintf(why, HOST_WHY_MAX, "a host name does not begin with “-”");
		return false;
	}
	for (;; label = dot + 1) {
		dot = strchr(label, '.');
		if (!check_label(label, dot == NULL ? strlen(label) : (size_t)(dot - label), why))
			return false;
		if (dot == NULL)
			break;
	}
	if (len > LIMIT_HOST) {
		snprintf(why, HOST_WHY_MAX, "the host name has %zu bytes; a name has at most %d", len, LIMIT_HOST);
		return false;
	}
	if (label_is_number(label, strlen(label))) {
		snprintf(why, HOST_WHY_MAX,
		    "“%s” is no host name, for its last label is a number, and no IPv4 address, which is four "
		    "numbers from 0 to 255",
		    quote_str(s, shown));
		return false;
	}
	return true;
}

/* IDNA 2008 with the mappings of UTS 46, non-transitional, as browsers and curl do it. */
static bool
to_a_labels(const char *bytes, size_t len, char out[HOST_TEXT_MAX], char *why)
{
	char source[HOST_BYTES_MAX + 1];
	uint8_t *ascii = NULL;
	char shown[QUOTE_MAX];
	bool ok = false;
	int rc;

	memcpy(source, bytes, len);
	source[len] = '\0';
	rc = idn2_lookup_u8((const uint8_t *)source, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (rc != IDN2_OK) {
		const char *reason = idn2_strerror(rc); /* some of them end in a blank */
		int n = (int)strlen(reason);

		while (n > 0 && reason[n - 1] == ' ')
			n--;
		snprintf(why, HOST_WHY_MAX, "“%s” is no valid internationalised host name (IDNA 2008): %.*s",
		    quote(piece(bytes, len), shown), n, reason);
	} else if (strlen((char *)ascii) >= HOST_TEXT_MAX)
		snprintf(why, HOST_WHY_MAX, "the host name has %zu bytes; a name has at most %d",
		    strlen((char *)ascii), LIMIT_HOST);
	else {
		snprintf(out, HOST_TEXT_MAX, "%s", (char *)ascii);
		ok = true;
	}
	idn2_free(ascii);
	return ok;
}

bool
host_read(const char *bytes, size_t len, struct host *out, char *why)
{
	size_t n;

	*out = (struct host){ .is_ip = false };
	if (len > HOST_BYTES_MAX || memchr(bytes, '\0', len) != NULL) {
		snprintf(why, HOST_WHY_MAX, "the host has %zu bytes; a name has at most %d", len, LIMIT_HOST);
		return false;
	}
	if (!is_ascii(bytes, len)) {
		if (!to_a_labels(bytes, len, out->text, why))
			return false;
	} else if (len >= HOST_TEXT_MAX) {
		/* Say which label it is, if it is one: that is the more exact fault. */
		const char *dot = memchr(bytes, '.', len);

		if ((dot == NULL || dot - bytes > LIMIT_LABEL) &&
		    !check_label(bytes, dot == NULL ? len : (size_t)(dot - bytes), why))
			return false;
		snprintf(why, HOST_WHY_MAX, "the host name has %zu bytes; a name has at most %d", len, LIMIT_HOST);
		return false;
	} else {
		memcpy(out->text, bytes, len);
		out->text[len] = '\0';
	}
	if (strchr(out->text, ':') != NULL)
		return read_ipv6(out->text, out, why);
	for (char *p = out->text; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	snprintf(out->name, sizeof out->name, "%s", out->text);
	n = strlen(out->name);
	if (n > 1 && out->name[n - 1] == '.')
		out->name[n - 1] = '\0';
	if (is_ipv4(out->name, out->name)) {
		snprintf(out->text, sizeof out->text, "%s", out->name);
		out->is_ip = true;
		return true;
	}
	return check_name(out->name, why);
}
