#include "model/target.h"

#include <errno.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "model/buf.h"
#include "model/host.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/quote.h"

#define STAGE "target"
#define PORT_HTTPS 443
#define PORT_MAX 65535
#define BLANKS " \t"

struct scheme {
	const char *name;
	uint16_t port;
	enum starttls starttls;
	bool http;
};

/* The last column follows the contract: HTTP for https:// alone, never after STARTTLS. */
static const struct scheme schemes[] = {
	{ .name = "https", .port = PORT_HTTPS, .http = true },
	{ .name = "postgres", .port = 5432, .starttls = STARTTLS_POSTGRES },
	{ .name = "postgresql", .port = 5432, .starttls = STARTTLS_POSTGRES },
	{ .name = "mysql", .port = 3306, .starttls = STARTTLS_MYSQL },
	{ .name = "smtp", .port = 25, .starttls = STARTTLS_SMTP },
	{ .name = "imap", .port = 143, .starttls = STARTTLS_IMAP },
	{ .name = "pop3", .port = 110, .starttls = STARTTLS_POP3 },
	{ .name = "ldap", .port = 389, .starttls = STARTTLS_LDAP },
	/* The same protocols where TLS comes first (RFC 8314 and IANA's registry). */
	{ .name = "smtps", .port = 465 },
	{ .name = "imaps", .port = 993 },
	{ .name = "pop3s", .port = 995 },
	{ .name = "ldaps", .port = 636 },
};

static const struct scheme *
scheme_named(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		if (strlen(schemes[i].name) == len && strncasecmp(schemes[i].name, name, len) == 0)
			return &schemes[i];
	}
	return NULL;
}

static struct text
piece(const char *bytes, size_t len)
{
	return (struct text){ .bytes = (const unsigned char *)bytes, .len = len };
}

bool
target_read_port(const char *digits, size_t len, uint16_t *out)
{
	unsigned n = 0;

	if (len == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)digits[i]))
			return false;
		n = n * 10 + (unsigned)(digits[i] - '0');
		if (n > PORT_MAX)
			return false;
	}
	*out = (uint16_t)n;
	return n > 0;
}

static status
parse_port(const char *text, const char *digits, size_t len, uint16_t *out, struct error *err)
{
	char shown[QUOTE_MAX], shown_port[QUOTE_MAX];

	if (len == 0)
		return error_set(err, ERROR_USAGE, STAGE, "“%s” ends where a port was expected: a number from 1 to 65535",
		    quote_str(text, shown));
	if (!target_read_port(digits, len, out))
		return error_set(err, ERROR_USAGE, STAGE, "“%s”: “%s” is no port; expected a number from 1 to 65535",
		    quote_str(text, shown), quote(piece(digits, len), shown_port));
	return STATUS_OK;
}

static status
set_host(const char *text, const char *bytes, size_t len, bool bracketed, struct target *t, struct error *err)
{
	char shown[QUOTE_MAX], why[HOST_WHY_MAX];
	struct host h;

	if (len == 0)
		return error_set(err, ERROR_USAGE, STAGE, "“%s” has no host; expected HOST[:PORT]", quote_str(text, shown));
	if (!host_read(bytes, len, &h, why))
		return error_set(err, ERROR_USAGE, STAGE, "“%s”: %s", quote_str(text, shown), why);
	if (bracketed && !h.is_ipv6)
		return error_set(err, ERROR_USAGE, STAGE, "“%s”: only an IPv6 address stands in brackets",
		    quote_str(text, shown));
	t->host = mem_strdup(h.text);
	t->is_ip = h.is_ip;
	if (strcmp(h.text, h.name) != 0)
		t->servername = mem_strdup(h.name);
	return STATUS_OK;
}

/* "[IPV6]" and what follows: sets the host, leaves *rest behind the bracket. */
static status
parse_bracketed(const char *text, const char *at, size_t len, struct target *t, const char **rest, struct error *err)
{
	char shown[QUOTE_MAX];
	const char *close = memchr(at, ']', len);

	if (close == NULL)
		return error_set(err, ERROR_USAGE, STAGE, "“%s” lacks the closing bracket “]”; expected [IPV6]:PORT",
		    quote_str(text, shown));
	*rest = close + 1;
	if (close + 1 < at + len && close[1] != ':')
		return error_set(err, ERROR_USAGE, STAGE, "“%s”: expected “:” and a port after “]”", quote_str(text, shown));
	return set_host(text, at + 1, (size_t)(close - at - 1), true, t, err);
}

static bool
is_ipv6_text(const char *bytes, size_t len)
{
	char why[HOST_WHY_MAX];
	struct host h;

	return host_read(bytes, len, &h, why) && h.is_ipv6;
}

/* HOST, HOST:PORT, [IPV6], [IPV6]:PORT. t->port holds the port for when none is given. */
static status
parse_authority(const char *text, const char *at, size_t len, struct target *t, struct error *err)
{
	char shown[QUOTE_MAX], shown_part[QUOTE_MAX];
	const char *colon = memchr(at, ':', len);
	const char *rest = at;

	if (len > 0 && at[0] == '[') {
		if (parse_bracketed(text, at, len, t, &rest, err) != STATUS_OK)
			return STATUS_FAILED;
		if (rest == at + len)
			return STATUS_OK;
		t->port_given = true;
		return parse_port(text, rest + 1, (size_t)(at + len - rest - 1), &t->port, err);
	}
	if (colon == NULL) {
		if (len > 0 && strspn(at, "0123456789") >= len)
			return error_set(err, ERROR_USAGE, STAGE,
			    "“%s” is a number and no host; host and port are joined by a colon: HOST:%s",
			    quote_str(text, shown), quote(piece(at, len), shown_part));
		return set_host(text, at, len, false, t, err);
	}
	if (memchr(colon + 1, ':', (size_t)(at + len - colon - 1)) != NULL) {
		if (is_ipv6_text(at, len))
			return error_set(err, ERROR_USAGE, STAGE,
			    "“%s”: an IPv6 address is written in brackets: [%s]:%u", quote_str(text, shown),
			    quote(piece(at, len), shown_part), (unsigned)t->port);
		return error_set(err, ERROR_USAGE, STAGE, "“%s” holds more than one colon; expected HOST:PORT or [IPV6]:PORT",
		    quote_str(text, shown));
	}
	/* The host first: “:443” lacks it, and a wrong host is the more basic fault. */
	if (set_host(text, at, (size_t)(colon - at), false, t, err) != STATUS_OK)
		return STATUS_FAILED;
	t->port_given = true;
	return parse_port(text, colon + 1, (size_t)(at + len - colon - 1), &t->port, err);
}

/* A path as it goes on the wire: bytes above 127 are percent-encoded (RFC 3986 2.1), "/" goes before a bare query. */
static char *
path_for_wire(const char *path, size_t len)
{
	struct buf b = { 0 };

	if (len == 0 || path[0] != '/')
		buf_addc(&b, '/');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)path[i];

		if (c >= 0x80)
			buf_addf(&b, "%%%02X", c);
		else
			buf_addc(&b, (char)c);
	}
	return b.data;
}

static bool
holds_blank_or_control(const char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s <= ' ' || *s == 0x7f)
			return true;
	}
	return false;
}

status
target_set_path(struct target *t, const char *path, struct error *err)
{
	char shown[QUOTE_MAX];

	if (path[0] != '/')
		return error_set(err, ERROR_USAGE, STAGE, "“%s” is no path; expected one that begins with “/”",
		    quote_str(path, shown));
	if (holds_blank_or_control(path))
		return error_set(err, ERROR_USAGE, STAGE,
		    "“%s”: a path holds no blanks and no control characters; a blank is written %%20",
		    quote_str(path, shown));
	if (strlen(path) > LIMIT_PATH_BYTES)
		return error_set(err, ERROR_USAGE, STAGE, "the path has %zu bytes; at most %d are sent", strlen(path),
		    LIMIT_PATH_BYTES);
	free(t->path);
	t->path = path_for_wire(path, strcspn(path, "#"));
	return STATUS_OK;
}

status
target_set_servername(struct target *t, const char *name, struct error *err)
{
	char shown[QUOTE_MAX], why[HOST_WHY_MAX];
	struct host h;

	if (name[0] == '\0')
		return error_set(err, ERROR_USAGE, STAGE, "the server name is empty; expected a host name");
	if (!host_read(name, strlen(name), &h, why))
		return error_set(err, ERROR_USAGE, STAGE, "server name “%s”: %s", quote_str(name, shown), why);
	free(t->servername);
	t->servername = mem_strdup(h.name);
	return STATUS_OK;
}

status
target_set_starttls(struct target *t, enum starttls s, struct error *err)
{
	if (t->is_url && t->starttls != s)
		return error_set(err, ERROR_USAGE, STAGE, "%s: its scheme says how it begins, and --starttls %s says otherwise; expected HOST[:PORT]",
		    t->spelled, starttls_name(s));
	if (!t->port_given && t->unix_path == NULL)
		t->port = starttls_port(s);
	t->starttls = s;
	t->http = false;
	return STATUS_OK;
}

static status
parse_unix(const char *text, struct target *t, struct error *err)
{
	char shown[QUOTE_MAX];
	const char *path = text + strlen("unix:");
	struct sockaddr_un a;

	if (path[0] != '/')
		return error_set(err, ERROR_USAGE, STAGE, "“%s”: expected the socket's absolute path, as in unix:/run/service.sock",
		    quote_str(text, shown));
	if (strlen(path) >= sizeof a.sun_path)
		return error_set(err, ERROR_USAGE, STAGE, "“%s”: the path has %zu bytes; a socket's path has at most %zu",
		    quote_str(text, shown), strlen(path), sizeof a.sun_path - 1);
	t->unix_path = mem_strdup(path);
	t->path = mem_strdup("/");
	return STATUS_OK;
}

static status
parse_url(const char *text, const char *after, struct target *t, struct error *err)
{
	size_t name_len = (size_t)(after - text) - strlen("://");
	const struct scheme *s = scheme_named(text, name_len);
	char shown[QUOTE_MAX], shown_scheme[QUOTE_MAX];
	size_t authority = strcspn(after, "/?#");
	const char *path = after + authority;

	if (name_len == strlen("http") && strncasecmp(text, "http", name_len) == 0)
		return error_set(err, ERROR_USAGE, STAGE, "“%s”: http:// is not TLS; expected https://", quote_str(text, shown));
	if (s == NULL)
		return error_set(err, ERROR_USAGE, STAGE,
		    "“%s”: “%s://” is not known; expected https, postgres, mysql, smtp, imap, pop3 or ldap, or HOST:PORT "
		    "for any service that begins with TLS",
		    quote_str(text, shown), quote(piece(text, name_len), shown_scheme));
	t->port = s->port;
	t->is_url = true;
	t->starttls = s->starttls;
	t->http = s->http;
	if (parse_authority(text, after, authority, t, err) != STATUS_OK)
		return STATUS_FAILED;
	if (!s->http) {
		t->path = mem_strdup("/"); /* a database's name or the like: nothing that we ask for */
		return STATUS_OK;
	}
	if (strlen(path) > LIMIT_PATH_BYTES)
		return error_set(err, ERROR_USAGE, STAGE, "“%s”: the path has %zu bytes; at most %d are sent",
		    quote_str(text, shown), strlen(path), LIMIT_PATH_BYTES);
	t->path = path_for_wire(path, strcspn(path, "#"));
	return STATUS_OK;
}

static status
parse_plain(const char *text, struct target *t, struct error *err)
{
	char shown[QUOTE_MAX];
	size_t len = strlen(text);
	size_t head = strcspn(text, ":");

	if (strcspn(text, "/?#") < len) {
		if (text[head] == ':' && text[head + 1] == '/' && scheme_named(text, head) != NULL)
			return error_set(err, ERROR_USAGE, STAGE, "“%s”: expected “//” after “%.*s:”", quote_str(text, shown),
			    (int)head, text);
		if (text[0] == '/' || text[0] == '.')
			return error_set(err, ERROR_USAGE, STAGE,
			    "“%s” is a path, not a host; expected HOST[:PORT]", quote_str(text, shown));
		return error_set(err, ERROR_USAGE, STAGE, "“%s” holds a path; with a path it is a URL: https://%s",
		    quote_str(text, shown), shown);
	}
	t->port = PORT_HTTPS;
	t->http = true;
	t->path = mem_strdup("/");
	return parse_authority(text, text, len, t, err);
}

/* A password must not show up in an error message: of such a text only what stands behind the “@” is quoted. */
static status
refuse_user(const char *text, struct error *err)
{
	const char *after = strstr(text, "://");
	const char *start = after == NULL ? text : after + strlen("://");
	size_t authority = strcspn(start, "/?#");
	const char *at = memrchr(start, '@', authority);
	char shown[QUOTE_MAX];

	if (at == NULL || strncmp(text, "unix:", strlen("unix:")) == 0)
		return STATUS_OK;
	return error_set(err, ERROR_USAGE, STAGE,
	    "a target holds no user name and no password; expected “%s%s” alone",
	    after == NULL ? "" : "…://", quote(piece(at + 1, authority - (size_t)(at + 1 - start)), shown));
}

static status
refuse_blanks(const char *text, struct error *err)
{
	char shown[QUOTE_MAX], shown_host[QUOTE_MAX];
	size_t len = strlen(text);
	size_t lead = strspn(text, BLANKS);
	size_t head = strcspn(text + lead, BLANKS);
	const char *next = text + lead + head;
	size_t digits;

	next += strspn(next, BLANKS);
	digits = strspn(next, "0123456789");
	if (lead == len)
		return error_set(err, ERROR_USAGE, STAGE, "the target is empty; expected HOST[:PORT]");
	if (digits > 0 && next[digits + strspn(next + digits, BLANKS)] == '\0' &&
	    memchr(text + lead, ':', head) == NULL)
		return error_set(err, ERROR_USAGE, STAGE, "“%s”: host and port are joined by a colon: %s:%.*s",
		    quote_str(text, shown), quote(piece(text + lead, head), shown_host), digits > 20 ? 20 : (int)digits, next);
	if (*next == '\0')
		return error_set(err, ERROR_USAGE, STAGE, "“%s” has blanks around it: expected “%s”", quote_str(text, shown),
		    quote(piece(text + lead, head), shown_host));
	return error_set(err, ERROR_USAGE, STAGE, "“%s” holds a blank; expected one target, HOST[:PORT] or a URL",
	    quote_str(text, shown));
}

/* What no form of a target may hold. */
static status
refuse_early(const char *text, struct error *err)
{
	char shown[QUOTE_MAX];

	if (text[0] == '\0')
		return error_set(err, ERROR_USAGE, STAGE, "the target is empty; expected HOST[:PORT]");
	if (refuse_user(text, err) != STATUS_OK)
		return STATUS_FAILED;
	if (text[0] == '-')
		return error_set(err, ERROR_USAGE, STAGE, "“%s” begins with “-” as an option does; expected HOST[:PORT]",
		    quote_str(text, shown));
	for (const char *p = text; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return error_set(err, ERROR_USAGE, STAGE, "“%s” holds a control character (byte %zu)",
			    quote_str(text, shown), (size_t)(p - text) + 1);
	}
	if (strpbrk(text, BLANKS) != NULL)
		return refuse_blanks(text, err);
	return STATUS_OK;
}

status
target_parse(const char *text, struct target *out, struct error *err)
{
	const char *colons = strstr(text, "://");
	char shown[QUOTE_MAX];
	status st;

	*out = (struct target){ .port = 0 };
	if (refuse_early(text, err) != STATUS_OK)
		return STATUS_FAILED;
	if (strncmp(text, "unix:", strlen("unix:")) == 0)
		st = parse_unix(text, out, err);
	else if (colons != NULL && strcspn(text, ":/?#[") == (size_t)(colons - text))
		st = parse_url(text, colons + strlen("://"), out, err);
	else
		st = parse_plain(text, out, err);
	if (st != STATUS_OK) {
		target_done(out);
		return STATUS_FAILED;
	}
	out->spelled = mem_strdup(quote_str(text, shown));
	return STATUS_OK;
}

bool
target_is_file(const char *word)
{
	struct stat sb;

	if (strncmp(word, "unix:", strlen("unix:")) == 0 || strstr(word, "://") != NULL)
		return false;
	return stat(word, &sb) == 0 && S_ISREG(sb.st_mode);
}

/* A path, which no host is spelled like: what is there, if anything? */
static status
refuse_path(const char *word, struct error *err)
{
	char shown[QUOTE_MAX];
	struct stat sb;

	quote_str(word, shown);
	if (stat(word, &sb) != 0)
		return error_set(err, ERROR_USAGE, STAGE, "“%s” is a path, not a host, and %s; expected HOST[:PORT]", shown,
		    errno == ENOENT ? "there is no such file" : strerror(errno));
	if (S_ISSOCK(sb.st_mode))
		return error_set(err, ERROR_USAGE, STAGE, "“%s” is a socket; as a target it is written with “unix:” before its absolute path", shown);
	if (S_ISDIR(sb.st_mode))
		return error_set(err, ERROR_USAGE, STAGE, "“%s” is a folder, not a host; to see what is in it: mtlscope inspect %s", shown, shown);
	return error_set(err, ERROR_USAGE, STAGE, "“%s” is neither a host nor a regular file; expected HOST[:PORT]", shown);
}

status
target_from_word(const char *word, struct target *out, struct error *err)
{
	char shown[QUOTE_MAX];

	*out = (struct target){ .port = 0 };
	if (target_is_file(word))
		return error_set(err, ERROR_USAGE, STAGE, "“%s” is a file, not a host; to see what is in it: mtlscope inspect %s",
		    quote_str(word, shown), shown);
	if (word[0] == '/' || (word[0] == '.' && strchr(word, '/') != NULL))
		return refuse_path(word, err);
	return target_parse(word, out, err);
}

void
target_done(struct target *t)
{
	free(t->name);
	free(t->spelled);
	free(t->host);
	free(t->unix_path);
	free(t->servername);
	free(t->path);
	free(t->group);
	free(t->identity);
	free(t->bypass);
	free(t->place);
	*t = (struct target){ .port = 0 };
}

static char *
dup_or_null(const char *s)
{
	return s == NULL ? NULL : mem_strdup(s);
}

void
target_copy(struct target *to, const struct target *from)
{
	*to = *from;
	to->name = dup_or_null(from->name);
	to->spelled = dup_or_null(from->spelled);
	to->host = dup_or_null(from->host);
	to->unix_path = dup_or_null(from->unix_path);
	to->servername = dup_or_null(from->servername);
	to->path = dup_or_null(from->path);
	to->group = dup_or_null(from->group);
	to->identity = dup_or_null(from->identity);
	to->bypass = dup_or_null(from->bypass);
	to->place = dup_or_null(from->place);
}

status
target_set_bypass(struct target *t, const char *where, struct error *err)
{
	struct target to = { .port = 0 };
	char shown[QUOTE_MAX], label[320];
	status result = STATUS_OK;

	if (target_parse(where, &to, err) != STATUS_OK)
		return STATUS_FAILED;
	if (to.unix_path != NULL || to.starttls != STARTTLS_NONE)
		result = error_set(err, ERROR_USAGE, STAGE, "“%s”: the way round is HOST or HOST:PORT", quote_str(where, shown));
	else if (to.host != NULL && t->host != NULL && strcmp(to.host, t->host) == 0 && to.port == t->port)
		result = error_set(err, ERROR_USAGE, STAGE, "“%s” is the target itself, no way round it", quote_str(where, shown));
	if (result == STATUS_OK) {
		free(t->bypass);
		t->bypass = mem_strdup(target_label(&to, label, sizeof label));
	}
	target_done(&to);
	return result;
}

const char *
target_name(const struct target *t)
{
	return t->servername != NULL ? t->servername : t->host;
}

char *
target_label(const struct target *t, char *out, size_t size)
{
	char shown[QUOTE_MAX];

	if (t->unix_path != NULL)
		snprintf(out, size, "unix:%s", quote_str(t->unix_path, shown));
	else if (t->host != NULL && strchr(t->host, ':') != NULL)
		snprintf(out, size, "[%s]:%u", t->host, (unsigned)t->port);
	else
		snprintf(out, size, "%s:%u", t->host == NULL ? "" : t->host, (unsigned)t->port);
	return out;
}
