#include "model/proxy.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/buf.h"
#include "model/characters.h"
#include "model/host.h"
#include "model/memory.h"
#include "model/quote.h"
#include "model/target.h"

#define STAGE "proxy"

enum {
	PORT_DEFAULT = 1080, /* curl's, for every kind */
	CREDENTIAL_MAX = 255 /* RFC 1929: its length is one byte */
};

static const struct scheme {
	const char *name;
	enum proxy_kind kind; /* PROXY_NONE: known, and not to be had */
	const char *problem;
} schemes[] = {
	{ "http", PROXY_HTTP, NULL },
	{ "socks5", PROXY_SOCKS5, NULL },
	{ "socks5h", PROXY_SOCKS5H, NULL },
	{ "https", PROXY_NONE, "TLS to the proxy itself is not in this version" },
	{ "socks", PROXY_NONE, "expected socks5:// or socks5h://" },
	{ "socks4", PROXY_NONE, "SOCKS 4 knows neither names nor IPv6; expected socks5:// or socks5h://" },
	{ "socks4a", PROXY_NONE, "SOCKS 4 knows neither passwords nor IPv6; expected socks5:// or socks5h://" },
};

static const struct scheme *
scheme_named(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (strlen(schemes[i].name) == len && strncasecmp(schemes[i].name, text, len) == 0)
			return &schemes[i];
	return NULL;
}

static void
clear(char *secret)
{
	volatile char *p = secret;

	while (p != NULL && *p != '\0')
		*p++ = '\0';
	free(secret);
}

void
proxy_done(struct proxy *p)
{
	free(p->host);
	free(p->user);
	clear(p->password);
	free(p->shown);
	*p = (struct proxy){ .kind = PROXY_NONE };
}

static char *
dup_or_null(const char *s)
{
	return s != NULL ? mem_strdup(s) : NULL;
}

void
proxy_copy(struct proxy *to, const struct proxy *from)
{
	*to = *from;
	to->host = dup_or_null(from->host);
	to->user = dup_or_null(from->user);
	to->password = dup_or_null(from->password);
	to->shown = dup_or_null(from->shown);
}

/* Percent-decoded; NULL: it holds a NUL or a line's end, which would end the header it stands in, or is too long. */
static char *
decoded(const char *text, size_t len)
{
	char *out = mem_zero(len + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '%' && i + 2 < len && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
			c = (char)(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
			i += 2;
		}
		if (c == '\0' || c == '\r' || c == '\n') {
			clear(out);
			return NULL;
		}
		out[n++] = c;
	}
	if (n <= CREDENTIAL_MAX)
		return out;
	clear(out);
	return NULL;
}

static status
take_credentials(const char *text, size_t len, struct proxy *out, struct error *err)
{
	const char *colon = memchr(text, ':', len);
	size_t user = colon != NULL ? (size_t)(colon - text) : len;

	out->user = decoded(text, user);
	out->password = decoded(colon != NULL ? colon + 1 : "", colon != NULL ? len - user - 1 : 0);
	if (out->user != NULL && out->password != NULL)
		return STATUS_OK;
	return error_set(err, ERROR_USAGE, STAGE, "the proxy's user and password hold a NUL or a line's end, or one has more than %d bytes", CREDENTIAL_MAX);
}

/* HOST[:PORT], [IPV6][:PORT] */
static status
take_place(const char *text, size_t len, struct proxy *out, struct error *err)
{
	const char *close = len > 0 && text[0] == '[' ? memchr(text, ']', len) : NULL, *rest = text, *end = text + len;
	char shown[QUOTE_MAX], why[HOST_WHY_MAX];
	struct text spelled = { (const unsigned char *)text, len };
	struct host h;
	size_t host_len;

	if (close != NULL) {
		host_len = (size_t)(close - text) - 1;
		text++;
		rest = close + 1;
	} else {
		rest = memchr(text, ':', len);
		rest = rest != NULL ? rest : end;
		host_len = (size_t)(rest - text);
	}
	if (host_len == 0)
		return error_set(err, ERROR_USAGE, STAGE, "“%s”: the proxy has no host; expected HOST:PORT", quote(spelled, shown));
	if (!host_read(text, host_len, &h, why))
		return error_set(err, ERROR_USAGE, STAGE, "the proxy “%s”: %s", quote(spelled, shown), why);
	out->port = PORT_DEFAULT;
	if (rest < end && (*rest != ':' || !target_read_port(rest + 1, (size_t)(end - rest - 1), &out->port)))
		return error_set(err, ERROR_USAGE, STAGE, "the proxy “%s”: expected a port from 1 to 65535 behind the host", quote(spelled, shown));
	out->host = mem_strdup(h.text);
	return STATUS_OK;
}

static void
show(struct proxy *p, const char *scheme)
{
	struct buf b = { 0 };

	buf_addf(&b, strchr(p->host, ':') != NULL ? "%s://[%s]:%u" : "%s://%s:%u", scheme, p->host, (unsigned)p->port);
	p->shown = b.data;
}

status
proxy_parse(const char *text, struct proxy *out, struct error *err)
{
	const char *colons = strstr(text, "://"), *place = colons != NULL ? colons + 3 : text, *at;
	size_t len = strcspn(place, "/?#");
	const struct scheme *s = colons != NULL ? scheme_named(text, (size_t)(colons - text)) : &schemes[0];
	char shown[QUOTE_MAX];

	*out = (struct proxy){ .kind = PROXY_NONE };
	if (s == NULL)
		return error_set(err, ERROR_USAGE, STAGE, "“%s://” is no proxy that is known; expected http://, socks5:// or socks5h://",
		    quote((struct text){ (const unsigned char *)text, (size_t)(colons - text) }, shown));
	if (s->kind == PROXY_NONE)
		return error_set(err, ERROR_USAGE, STAGE, "a proxy with %s://: %s", s->name, s->problem);
	at = memrchr(place, '@', len);
	if (at != NULL && take_credentials(place, (size_t)(at - place), out, err) != STATUS_OK)
		goto failed;
	if (at != NULL) {
		len -= (size_t)(at + 1 - place);
		place = at + 1;
	}
	if (take_place(place, len, out, err) != STATUS_OK)
		goto failed;
	out->kind = s->kind;
	show(out, s->name);
	return STATUS_OK;
failed:
	proxy_done(out);
	return STATUS_FAILED;
}

/* What ssh takes for a host, and nothing that it could take for an option. */
static bool
ssh_word(const char *s)
{
	if (s[0] == '-' || s[0] == '\0')
		return false;
	for (; *s != '\0'; s++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_@:[]%+", *s) == NULL)
			return false;
	return true;
}

status
proxy_parse_via(const char *text, struct proxy *out, struct error *err)
{
	char shown[QUOTE_MAX];
	const char *place, *at, *colon;
	uint16_t port = 0;

	*out = (struct proxy){ .kind = PROXY_NONE };
	if (strncasecmp(text, "ssh:", 4) != 0)
		return error_set(err, ERROR_USAGE, STAGE, "--via %s: expected ssh:HOST", quote_str(text, shown));
	place = text + (strncmp(text + 4, "//", 2) == 0 ? 6 : 4);
	at = strrchr(place, '@');
	colon = strrchr(place, ':');
	if (!ssh_word(place) || (at != NULL && (at == place || !ssh_word(at + 1))))
		return error_set(err, ERROR_USAGE, STAGE, "--via %s: expected ssh:[USER@]HOST[:PORT], of letters, digits and “.-_”", quote_str(text, shown));
	if (colon != NULL && (strchr(place, ':') != colon || colon == place || !target_read_port(colon + 1, strlen(colon + 1), &port)))
		return error_set(err, ERROR_USAGE, STAGE, "--via %s: expected a port from 1 to 65535 behind the host", quote_str(text, shown));
	out->kind = PROXY_SSH;
	out->host = mem_strndup(place, colon != NULL ? (size_t)(colon - place) : strlen(place));
	out->port = port;
	{
		struct buf b = { 0 };

		buf_addf(&b, "ssh:%s", place);
		out->shown = b.data;
	}
	return STATUS_OK;
}

/* ---- NO_PROXY ---- */

/* Does the address lie in the block? bits: of the address's family. */
static bool
in_block(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ b[whole]) & (0xff << (8 - rest))) == 0;
}

static bool
address_matches(const char *host, char *token)
{
	unsigned char ours[16], theirs[16];
	char *slash = strchr(token, '/');
	unsigned bits, most;
	int family;

	if (slash != NULL)
		*slash++ = '\0';
	family = strchr(host, ':') != NULL ? AF_INET6 : AF_INET;
	most = family == AF_INET6 ? 128 : 32;
	if (inet_pton(family, host, ours) != 1 || inet_pton(family, token, theirs) != 1)
		return false;
	bits = slash != NULL ? (unsigned)strtoul(slash, NULL, 10) : most;
	return bits <= most && in_block(ours, theirs, bits);
}

static bool
name_matches(const char *host, size_t host_len, const char *token)
{
	size_t len = strlen(token);

	if (len == 0 || len > host_len || strncasecmp(host + host_len - len, token, len) != 0)
		return false;
	return len == host_len || host[host_len - len - 1] == '.';
}

/* Takes ":PORT" off a name or a bracketed address; 0: any. */
static uint16_t
take_port(char *token)
{
	char *colon = strrchr(token, ':');
	uint16_t port = 0;

	if (token[0] != '[' && colon != strchr(token, ':'))
		return 0; /* an IPv6 address */
	if (colon == NULL || !target_read_port(colon + 1, strlen(colon + 1), &port))
		return 0;
	*colon = '\0';
	return port;
}

static bool
token_matches(char *token, const char *host, uint16_t port)
{
	uint16_t only = take_port(token);
	size_t host_len = strlen(host), len;
	struct in6_addr any;
	bool is_address = inet_pton(AF_INET, host, &any) == 1 || inet_pton(AF_INET6, host, &any) == 1;

	if (only != 0 && only != port)
		return false;
	if (token[0] == '[') {
		token++;
		token[strcspn(token, "]")] = '\0';
	}
	if (is_address)
		return address_matches(host, token);
	token += token[0] == '.';
	len = strlen(token);
	if (len > 0 && token[len - 1] == '.')
		token[len - 1] = '\0';
	host_len -= host_len > 0 && host[host_len - 1] == '.';
	return name_matches(host, host_len, token);
}

bool
proxy_bypassed(const char *list, const char *host, uint16_t port)
{
	static const char separators[] = ", \t";

	if (list == NULL || host == NULL)
		return false;
	if (strcmp(list, "*") == 0)
		return true;
	for (list += strspn(list, separators); *list != '\0'; list += strspn(list, separators)) {
		size_t len = strcspn(list, separators);
		char *token = mem_strndup(list, len);
		bool matches = token_matches(token, host, port);

		free(token);
		if (matches)
			return true;
		list += len;
	}
	return false;
}
