#include "probes/fetch_rules.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"

/* ---- the address as it is written ---- */

static char *
part(CURLU *u, CURLUPart which)
{
	char *text = NULL, *own;

	if (curl_url_get(u, which, &text, CURLU_DEFAULT_PORT) != CURLUE_OK)
		return NULL;
	own = mem_strdup(text);
	curl_free(text);
	return own;
}

static const char *
take_apart(CURLU *u, struct fetch_place *out)
{
	char *scheme = part(u, CURLUPART_SCHEME), *user = part(u, CURLUPART_USER), *password = part(u, CURLUPART_PASSWORD),
	     *port = part(u, CURLUPART_PORT), *zone = part(u, CURLUPART_ZONEID);
	const char *why = NULL;
	size_t len;

	if (scheme == NULL || strcmp(scheme, "http") != 0)
		why = "only http is asked for";
	else if (user != NULL || password != NULL)
		why = "it names a user, and none is sent";
	else if (zone != NULL)
		why = "it names an interface of this host";
	/* The part behind # is the reader's own affair. */
	else if (curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0) != CURLUE_OK || (out->host = part(u, CURLUPART_HOST)) == NULL ||
	    (out->url = part(u, CURLUPART_URL)) == NULL || port == NULL)
		why = "it is no address";
	if (why == NULL) {
		out->port = (uint16_t)strtoul(port, NULL, 10);
		len = strlen(out->host);
		if (len > 2 && out->host[0] == '[') {
			memmove(out->host, out->host + 1, len - 2);
			out->host[len - 2] = '\0';
		}
	}
	free(scheme);
	free(user);
	free(password);
	free(port);
	free(zone);
	return why;
}

const char *
fetch_place_of(struct text url, struct fetch_place *out)
{
	const char *why = "it is no address";
	CURLU *u = curl_url();
	char *text;

	*out = (struct fetch_place){ 0 };
	if (url.len > LIMIT_URL)
		why = "it is too long";
	for (size_t i = 0; i < url.len; i++)
		if (url.bytes[i] <= ' ' || url.bytes[i] >= 0x7f) /* RFC 5280 7.4: such bytes are percent-encoded, a name is ASCII */
			url.len = 0;
	text = mem_strndup((const char *)url.bytes, url.len <= LIMIT_URL ? url.len : 0);
	if (u != NULL && text[0] != '\0' && curl_url_set(u, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK)
		why = take_apart(u, out);
	if (why != NULL)
		fetch_place_done(out);
	free(text);
	curl_url_cleanup(u);
	return why;
}

void
fetch_place_done(struct fetch_place *p)
{
	free(p->url);
	free(p->host);
	*p = (struct fetch_place){ 0 };
}

/* ---- the address that it leads to ---- */

/* In network order; bits of it count. */
struct range {
	unsigned char bytes[16];
	unsigned bits;
	bool loopback; /* allowed where the target is on loopback */
	const char *why;
};

static const char link_local[] = "it leads to an address of the local link, where cloud metadata is";
static const char metadata[] = "it leads to a cloud's metadata service";
static const char this_host[] = "it leads to this host itself, and the target is elsewhere";
static const char nobody[] = "it leads to an address that no server has";

static const struct range ranges4[] = {
	{ { 169, 254 }, 16, false, link_local },
	{ { 127 }, 8, true, this_host },
	{ { 0 }, 8, true, this_host }, /* 0.0.0.0 connects to loopback */
	{ { 224 }, 3, false, nobody }, /* multicast, and all above it */
};

static const struct range ranges6[] = {
	{ { 0xfe, 0x80 }, 10, false, link_local },
	{ { 0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54 }, 128, false, metadata },
	{ { [15] = 1 }, 128, true, this_host },
	{ { 0 }, 128, true, this_host },
	{ { 0xff }, 8, false, nobody },
};

/* IPv6 addresses that carry an IPv4 one, which is what is reached: mapped, compatible, NAT64 (RFC 6052), 6to4 (RFC 3056). */
static const struct carrier {
	unsigned char bytes[16];
	unsigned bits, at;
} carriers[] = {
	{ { [10] = 0xff, [11] = 0xff }, 96, 12 },
	{ { 0 }, 96, 12 },
	{ { 0x00, 0x64, 0xff, 0x9b }, 96, 12 },
	{ { 0x20, 0x02 }, 16, 2 },
};

static bool
begins_with(const unsigned char *address, const unsigned char *bytes, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return memcmp(address, bytes, whole) == 0 &&
	    (rest == 0 || ((address[whole] ^ bytes[whole]) & (0xff << (8 - rest)) & 0xff) == 0);
}

static const struct range *
range_of(const unsigned char *address, const struct range *ranges, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (begins_with(address, ranges[i].bytes, ranges[i].bits))
			return &ranges[i];
	return NULL;
}

static const struct range *
range4(const unsigned char *address)
{
	return range_of(address, ranges4, sizeof ranges4 / sizeof ranges4[0]);
}

static const struct range *
range6(const unsigned char *address)
{
	const struct range *r = range_of(address, ranges6, sizeof ranges6 / sizeof ranges6[0]);

	for (size_t i = 0; r == NULL && i < sizeof carriers / sizeof carriers[0]; i++)
		if (begins_with(address, carriers[i].bytes, carriers[i].bits))
			r = range4(address + carriers[i].at);
	return r;
}

static const struct range elsewhere = { .why = "it leads to no internet address" };

static const struct range *
range_of_address(const struct sockaddr *sa)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)sa;

	if (sa->sa_family == AF_INET)
		return range4((const unsigned char *)&in->sin_addr);
	if (sa->sa_family == AF_INET6)
		return range6(in6->sin6_addr.s6_addr);
	return &elsewhere;
}

bool
fetch_is_loopback(const struct sockaddr *sa)
{
	const struct range *r = range_of_address(sa);

	return r != NULL && r->loopback;
}

const char *
fetch_address_refused(const struct sockaddr *sa, bool loopback)
{
	const struct range *r = range_of_address(sa);

	return r == NULL || (r->loopback && loopback) ? NULL : r->why;
}
