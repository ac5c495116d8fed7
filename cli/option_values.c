#include "cli/option_values.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "model/host.h"
#include "model/memory.h"
#include "model/quote.h"
#include "model/starttls.h"
#include "model/times.h"
#include "model/token.h"

const char *
printable(const char *typed)
{
	static char out[QUOTE_MAX];

	return quote_str(typed, out);
}

status
value_number(const char *option, const char *value, unsigned min, unsigned max, unsigned *out, struct error *err)
{
	unsigned long n = 0;
	size_t i = 0;

	for (; value[i] >= '0' && value[i] <= '9' && n <= UINT_MAX; i++)
		n = n * 10 + (unsigned long)(value[i] - '0');
	if (i == 0 || value[i] != '\0' || n < min || n > max)
		return error_set(err, ERROR_USAGE, "options", "--%s %s: expected a whole number from %u to %u",
		    option, printable(value), min, max);
	*out = (unsigned)n;
	return STATUS_OK;
}

status
value_seconds(const char *option, const char *value, unsigned *out, struct error *err)
{
	unsigned long ms = 0;
	unsigned long unit = 100;
	size_t i = 0, digits = 0;

	/* At most a day: what is longer is a slip, and milliseconds must fit. */
	for (; value[i] >= '0' && value[i] <= '9' && ms <= 86400; i++, digits++)
		ms = ms * 10 + (unsigned long)(value[i] - '0');
	ms *= 1000;
	if (value[i] == '.') {
		for (i++; value[i] >= '0' && value[i] <= '9'; i++, digits++) {
			ms += (unsigned long)(value[i] - '0') * unit;
			unit /= 10;
		}
	}
	if (digits == 0 || value[i] != '\0' || ms == 0 || ms > 86400000)
		return error_set(err, ERROR_USAGE, "options", "--%s %s: expected seconds, as 5 or 0.5, up to a day",
		    option, printable(value));
	*out = (unsigned)ms;
	return STATUS_OK;
}

/* A PIN in a pkcs11: URI is overwritten where everybody may read it; what is kept has it. */
static const char *
keep_token(struct options *o, char *value)
{
	const char *kept = options_keep(o, value);
	char *pin = strcasestr(value, "pin-value=");

	for (char *p = pin != NULL ? pin + strlen("pin-value=") : NULL; p != NULL && *p != '\0' && strchr(";?&", *p) == NULL; p++)
		*p = 'x';
	return kept;
}

status
apply_key(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	(void)row;
	(void)err;
	o->key = token_is_uri(value) ? keep_token(o, value) : value;
	return STATUS_OK;
}

/*
 * curl writes FILE:PASSPHRASE. A colon is legal in a file's name, so this is only done where no
 * file of the whole name exists and one of the first part does.
 */
status
apply_cert(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	(void)row;
	(void)err;
	if (token_is_uri(value)) {
		o->cert = keep_token(o, value);
		return STATUS_OK;
	}
	char *colon = strrchr(value, ':');
	if (colon != NULL && colon != value && access(value, F_OK) != 0) {
		char *file = options_keep(o, value);
		file[colon - value] = '\0';
		if (access(file, F_OK) == 0) {
			passphrase_take_literal(&o->passphrase, colon + 1);
			o->cert = file;
			return STATUS_OK;
		}
	}
	o->cert = value;
	return STATUS_OK;
}

status
apply_pass(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	(void)row;
	return passphrase_take(&o->passphrase, value, err);
}

status
apply_pass_file(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	(void)row;
	return passphrase_take_file(&o->passphrase, value, err);
}

status
apply_at(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	(void)row;
	if (!time_parse(value, &o->examine.at))
		return error_set(err, ERROR_USAGE, "options",
		    "--at %s: expected a time as 2026-01-31T12:00:00Z, a date as 2026-01-31, or epoch seconds",
		    printable(value));
	o->examine.at_set = true;
	return STATUS_OK;
}

status
apply_family(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	(void)value;
	if (o->examine.family != 0 && o->examine.family != (int)row->min)
		return error_set(err, ERROR_USAGE, "options", "-4 and -6 exclude each other");
	o->examine.family = (int)row->min;
	return STATUS_OK;
}

status
apply_tls_min(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	(void)value;
	(void)err;
	o->examine.min_version = (uint16_t)row->min;
	return STATUS_OK;
}

status
apply_tls_max(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	static const struct {
		const char *spelled;
		uint16_t version;
	} versions[] = { { "1.0", 0x0301 }, { "1.1", 0x0302 }, { "1.2", 0x0303 }, { "1.3", 0x0304 },
		{ "default", 0x0304 } };

	(void)row;
	for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
		if (strcmp(value, versions[i].spelled) != 0)
			continue;
		o->examine.max_version = versions[i].version;
		return STATUS_OK;
	}
	return error_set(err, ERROR_USAGE, "options", "--tls-max %s: expected 1.0, 1.1, 1.2 or 1.3", printable(value));
}

status
apply_fail_on(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	static const struct {
		const char *word;
		enum severity severity;
	} words[] = { { "error", SEVERITY_ERROR }, { "warning", SEVERITY_WARNING }, { "notice", SEVERITY_NOTICE },
		{ "never", SEVERITY_NONE } };

	(void)row;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(value, words[i].word) != 0)
			continue;
		o->fail_on = words[i].severity;
		return STATUS_OK;
	}
	return error_set(err, ERROR_USAGE, "options", "--fail-on %s: expected error, warning, notice or never",
	    printable(value));
}

status
apply_colour(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	static const struct {
		const char *word;
		enum colour_choice choice;
	} words[] = { { "auto", COLOUR_AUTO }, { "never", COLOUR_NEVER }, { "16", COLOUR_16 }, { "256", COLOUR_256 } };

	(void)row;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(value, words[i].word) != 0)
			continue;
		o->colour = words[i].choice;
		return STATUS_OK;
	}
	return error_set(err, ERROR_USAGE, "options", "--color %s: expected auto, never, 16 or 256", printable(value));
}

status
apply_purpose(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	(void)row;
	if (strcmp(value, "server") == 0)
		o->purpose = PURPOSE_SERVER;
	else if (strcmp(value, "client") == 0)
		o->purpose = PURPOSE_CLIENT;
	else
		return error_set(err, ERROR_USAGE, "options", "--purpose %s: expected server or client",
		    printable(value));
	o->purpose_given = true;
	return STATUS_OK;
}

status
apply_targets(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	(void)row;
	(void)err;
	o->targets_files = mem_grow(o->targets_files, o->targets_files_len + 1, sizeof *o->targets_files);
	o->targets_files[o->targets_files_len++] = value;
	return STATUS_OK;
}

status
apply_alpn(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	size_t part = 0;

	(void)row;
	/* RFC 7301 3.1: each name has 1 to 255 bytes. */
	for (const char *p = value;; p++) {
		if (*p != ',' && *p != '\0') {
			part++;
			continue;
		}
		if (part == 0 || part > 255)
			return error_set(err, ERROR_USAGE, "options",
			    "--alpn %s: expected names separated by commas, as h2,http/1.1", printable(value));
		part = 0;
		if (*p == '\0')
			break;
	}
	o->examine.alpn = value;
	return STATUS_OK;
}

status
apply_http11(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	(void)row;
	(void)value;
	(void)err;
	o->http11 = true;
	return STATUS_OK;
}

status
apply_starttls(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	(void)row;
	if (!starttls_named(value, &o->starttls))
		return error_set(err, ERROR_USAGE, "options", "--starttls %s: expected postgres, mysql, smtp, imap, pop3 or ldap",
		    printable(value));
	return STATUS_OK;
}

status
apply_seed(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	unsigned n = 0;

	if (value_number(row->name, value, 0, UINT_MAX, &n, err) != STATUS_OK)
		return STATUS_FAILED;
	o->seed = n;
	return STATUS_OK;
}

status
apply_path_length(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	unsigned n = 0;

	/* AWS has templates for 0 to 3 (knowledge "aws" 2.1). */
	if (value_number(row->name, value, 0, 3, &n, err) != STATUS_OK)
		return STATUS_FAILED;
	o->pca.ca_path_length = (int)n;
	o->pca.ca_path_length_given = true;
	return STATUS_OK;
}

/* A host of --resolve or --connect-to in the form that targets have; "*" stays. NULL and *err where it is none. */
static char *
field_host(struct options *o, const struct option_row *row, const char *s, struct error *err)
{
	struct host host;
	char why[HOST_WHY_MAX];

	if (strcmp(s, "*") == 0)
		return options_keep(o, s);
	if (!host_read(s, strlen(s), &host, why)) {
		error_set(err, ERROR_USAGE, "options", "--%s %s: %s", row->name, printable(s), why);
		return NULL;
	}
	return options_keep(o, host.text);
}

/* Takes the next colon-separated field from *at; a field in brackets may hold colons. NULL: malformed. */
static char *
next_field(char **at, bool last)
{
	char *start = *at, *end;

	if (start == NULL)
		return NULL;
	if (*start == '[') {
		end = strchr(start, ']');
		if (end == NULL || (end[1] != ':' && end[1] != '\0'))
			return NULL;
		*end++ = '\0';
		start++;
	} else {
		end = last ? start + strlen(start) : strchr(start, ':');
		if (end == NULL)
			end = start + strlen(start);
	}
	*at = *end == ':' ? end + 1 : NULL;
	*end = '\0';
	return start;
}

static bool
field_port(const char *s, bool may_be_empty, uint16_t *out)
{
	unsigned n = 0;

	*out = 0;
	if (s == NULL)
		return false;
	if (s[0] == '\0')
		return may_be_empty;
	if (value_number("", s, 1, 65535, &n, NULL) != STATUS_OK)
		return false;
	*out = (uint16_t)n;
	return true;
}

static struct redirect *
new_redirect(struct options *o)
{
	o->redirects = mem_grow(o->redirects, o->redirects_len + 1, sizeof *o->redirects);
	o->redirects[o->redirects_len] = (struct redirect){ 0 };
	o->examine.redirects = o->redirects;
	o->examine.redirects_len = o->redirects_len + 1;
	return &o->redirects[o->redirects_len++];
}

/* HOST:PORT:ADDR[,ADDR]…, as curl has it; a leading “+” (curl: may time out) changes nothing here. */
status
apply_resolve(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	char *copy = options_keep(o, value[0] == '+' ? value + 1 : value);
	char *rest = copy;
	char *host = next_field(&rest, false);
	char *port = next_field(&rest, false);
	uint16_t number = 0;
	size_t len = 0;

	if (host == NULL || host[0] == '\0' || host[0] == '-' || rest == NULL || rest[0] == '\0' ||
	    !field_port(port, false, &number))
		return error_set(err, ERROR_USAGE, "options",
		    "--%s %s: expected HOST:PORT:ADDRESS, as payment.internal:8443:10.0.0.7", row->name,
		    printable(value));
	host = field_host(o, row, host, err);
	if (host == NULL)
		return STATUS_FAILED;
	struct redirect *r = new_redirect(o);
	r->host = host;
	r->port = number;
	for (char *p = rest; p != NULL;) {
		char *comma = strchr(p, ',');
		if (comma != NULL)
			*comma++ = '\0';
		size_t n = strlen(p);
		if (n > 2 && p[0] == '[' && p[n - 1] == ']') {
			p[n - 1] = '\0';
			p++;
		}
		struct host address;
		char why[HOST_WHY_MAX];
		if (!host_read(p, strlen(p), &address, why) || !address.is_ip)
			return error_set(err, ERROR_USAGE, "options", "--%s: %s is no IP address", row->name,
			    printable(p));
		p = options_keep(o, address.text);
		r->addresses = mem_grow(r->addresses, len + 2, sizeof *r->addresses);
		r->addresses[len++] = p;
		r->addresses[len] = NULL;
		p = comma;
	}
	return STATUS_OK;
}

status
apply_connect_to(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	char *rest = options_keep(o, value);
	char *host = next_field(&rest, false);
	char *port = next_field(&rest, false);
	char *to_host = next_field(&rest, false);
	char *to_port = next_field(&rest, false);
	uint16_t from = 0, to = 0;

	if (host == NULL || to_host == NULL || rest != NULL || !field_port(port, true, &from) ||
	    !field_port(to_port, true, &to))
		return error_set(err, ERROR_USAGE, "options",
		    "--%s %s: expected HOST1:PORT1:HOST2:PORT2; each part may be empty", row->name, printable(value));
	host = field_host(o, row, host[0] == '\0' ? "*" : host, err);
	if (host == NULL)
		return STATUS_FAILED;
	if (to_host[0] != '\0') {
		to_host = field_host(o, row, to_host, err);
		if (to_host == NULL)
			return STATUS_FAILED;
	}
	struct redirect *r = new_redirect(o);
	r->host = host;
	r->port = from;
	r->to_host = to_host[0] == '\0' ? NULL : to_host;
	r->to_port = to;
	return STATUS_OK;
}
