#include "fixes/paste_lines.h"

#include <ctype.h>
#include <string.h>

#include "aws/arn.h"
#include "model/quote.h"
#include "model/text.h"

enum { USUAL_DEPTH = 3 /* intermediates: AWS's balancers take no more, and nobody has more */, PORT_MAX = 65535, FACT_NAME = 24 };

/* ---- quotation ---- */

/* `escaped` are the characters that a backslash goes before. */
static void
add_escaped(struct buf *out, const char *value, const char *escaped)
{
	for (; *value != '\0'; value++) {
		if (strchr(escaped, *value) != NULL)
			buf_addc(out, '\\');
		buf_addc(out, *value);
	}
}

static void
add_xml(struct buf *out, const char *value)
{
	buf_addc(out, '"');
	for (; *value != '\0'; value++) {
		if (strchr("\"&<>", *value) != NULL)
			buf_addf(out, "&#%d;", *value);
		else
			buf_addc(out, *value);
	}
	buf_addc(out, '"');
}

/*
 * What formats make of a file's name. nginx: a $ begins a variable wherever it stands, and nothing escapes it
 * (ngx_http_script.c). Apache: ${X} is a variable, in quotation marks too (server/core.c, ap_resolve_env). HAProxy: within
 * double quotation marks the backslash escapes itself, them and $ (configuration.txt, 2.2).
 */
static const struct {
	const char *escaped;
	const char *refused; /* no text with this in it */
	const char *because;
} formats[FORMAT_COUNT] = {
	[FORMAT_SHELL] = { "", NULL, NULL },
	[FORMAT_NGINX] = { "\"\\", "$", "nginx would take $ for a variable" },
	[FORMAT_APACHE] = { "\"\\", "${", "Apache would take ${ for a variable" },
	[FORMAT_HAPROXY] = { "\"\\$", NULL, NULL },
	[FORMAT_YAML] = { "\"\\", NULL, NULL },
	[FORMAT_SOURCE] = { "\"\\", NULL, NULL },
	[FORMAT_PROPERTIES] = { "\\", "${", "Spring would take ${ for a variable" },
	[FORMAT_XML] = { "", "${", "Tomcat would take ${ for a variable" },
	[FORMAT_PLAIN] = { "", NULL, NULL },
};

static const char *
refused_because(enum paste_format f, const char *value)
{
	if ((text_flags(text_of(value)) & TEXT_HOSTILE) != 0)
		return "it has characters that cannot be printed";
	if (value[0] == '-')
		return "it begins with a hyphen: give it with its folder";
	if (formats[f].refused != NULL && strstr(value, formats[f].refused) != NULL)
		return formats[f].because;
	return NULL;
}

/* A value in quotation marks of the format. False: it cannot be written there. */
static bool
quote_value(struct buf *out, enum paste_format f, const char *value)
{
	if (refused_because(f, value) != NULL)
		return false;
	if (f == FORMAT_SHELL)
		shell_quote(out, value);
	else if (f == FORMAT_XML)
		add_xml(out, value);
	else if (f == FORMAT_PLAIN || f == FORMAT_PROPERTIES)
		add_escaped(out, value, formats[f].escaped);
	else {
		buf_addc(out, '"');
		add_escaped(out, value, formats[f].escaped);
		buf_addc(out, '"');
	}
	return true;
}

static bool
all_among(const char *s, const char *among)
{
	for (; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) && strchr(among, *s) == NULL)
			return false;
	return true;
}

/* Names and ARNs with nothing in them that any format would read as its own. */
static bool
is_host(const char *s)
{
	return s[0] != '\0' && s[0] != '-' && strlen(s) <= 253 && all_among(s, "-._:[]");
}

static bool
is_plain(const char *s)
{
	return s[0] != '\0' && s[0] != '-' && all_among(s, "-._:/+@=");
}

/* ---- facts ---- */

/* How a fact is checked and written. */
enum kind { KIND_FILE, KIND_HOST, KIND_PLAIN, KIND_NUMBER, KIND_DERIVED };

#define TEXT_FACT(n, k, field, unknown_) { .name = n, .kind = k, .at = offsetof(struct paste_case, field), .unknown = unknown_ }
static const struct fact {
	const char *name;
	enum kind kind;
	size_t at;
	const char *unknown;
} facts[] = {
	TEXT_FACT("cert", KIND_FILE, cert, "/CHANGE-ME/fullchain.pem"),
	TEXT_FACT("key", KIND_FILE, key, "/CHANGE-ME/key.pem"),
	TEXT_FACT("trust", KIND_FILE, trust, "/CHANGE-ME/trusted-cas.pem"),
	TEXT_FACT("crl", KIND_FILE, crl, "/CHANGE-ME/revoked.crl"),
	TEXT_FACT("name", KIND_HOST, name, "CHANGE-ME.example"),
	TEXT_FACT("backend", KIND_HOST, backend, "127.0.0.1:8080"),
	TEXT_FACT("partition", KIND_PLAIN, partition, "aws"),
	TEXT_FACT("region", KIND_PLAIN, region, "CHANGE-ME-REGION"),
	TEXT_FACT("account", KIND_PLAIN, account, "CHANGE-ME-ACCOUNT"),
	TEXT_FACT("ca", KIND_PLAIN, ca_arn, "CHANGE-ME-CA-ARN"),
	TEXT_FACT("parameter", KIND_PLAIN, parameter_arn, "CHANGE-ME-PARAMETER-ARN"),
	TEXT_FACT("report-bucket", KIND_PLAIN, report_bucket, "CHANGE-ME-REPORT-BUCKET"),
	TEXT_FACT("secret", KIND_PLAIN, secret_arn, "CHANGE-ME-SECRET-ARN"),
	TEXT_FACT("acm", KIND_PLAIN, certificate_arn, "CHANGE-ME-ACM-CERTIFICATE-ARN"),
	TEXT_FACT("store", KIND_PLAIN, trust_store_arn, "CHANGE-ME-TRUST-STORE-ARN"),
	TEXT_FACT("listener", KIND_PLAIN, listener_arn, "CHANGE-ME-LISTENER-ARN"),
	TEXT_FACT("bundle", KIND_PLAIN, s3_uri, "s3://CHANGE-ME-BUCKET/trusted-cas.pem"),
	TEXT_FACT("version", KIND_PLAIN, s3_version, "CHANGE-ME-VERSION"),
	TEXT_FACT("domain", KIND_HOST, domain, "CHANGE-ME.example"),
	TEXT_FACT("api", KIND_PLAIN, api_id, "CHANGE-ME-API-ID"),
};

/* What is made of other facts. Each writes one value into `out`, unquoted. */
static const char *
or_unknown(const char *value, const char *unknown)
{
	return value != NULL && *value != '\0' ? value : unknown;
}

/* HAProxy, and Apache as a client, want certificate and key in one file. */
static void
add_combined(const struct paste_case *c, struct buf *out)
{
	buf_addf(out, "%s.with-key.pem", or_unknown(c->cert, "/CHANGE-ME/fullchain.pem"));
}

static void
add_leaf_key(const struct paste_case *c, struct buf *out)
{
	buf_addf(out, "%s.leaf-and-key.pem", or_unknown(c->cert, "/CHANGE-ME/fullchain.pem"));
}

static void
add_store_file(const struct paste_case *c, struct buf *out)
{
	buf_addf(out, "%s.p12", or_unknown(c->cert, "/CHANGE-ME/fullchain.pem"));
}

static void
add_trust_file(const struct paste_case *c, struct buf *out)
{
	buf_addf(out, "%s.p12", or_unknown(c->trust, "/CHANGE-ME/trusted-cas.pem"));
}

static void
add_options_file(const struct paste_case *c, struct buf *out)
{
	buf_addf(out, "%s.java", or_unknown(c->cert, "/CHANGE-ME/fullchain.pem"));
}

/* A line of a file that java reads options from: between quotation marks a backslash escapes (java.md, “@argfiles”). */
static void
add_java_option(struct buf *out, const char *option, void (*add)(const struct paste_case *c, struct buf *out), const struct paste_case *c)
{
	struct buf value = { 0 };

	add(c, &value);
	buf_addf(out, "\"-D%s=", option);
	add_escaped(out, buf_str(&value), "\"\\");
	buf_addc(out, '"');
	buf_done(&value);
}

static void
add_java_keystore(const struct paste_case *c, struct buf *out)
{
	add_java_option(out, "javax.net.ssl.keyStore", add_store_file, c);
}

static void
add_java_truststore(const struct paste_case *c, struct buf *out)
{
	add_java_option(out, "javax.net.ssl.trustStore", add_trust_file, c);
}

/* curl takes what follows a colon for a passphrase, unless a backslash stands before it (curl.1, --cert). */
static void
add_curl_cert(const struct paste_case *c, struct buf *out)
{
	for (const char *p = or_unknown(c->cert, "/CHANGE-ME/fullchain.pem"); *p != '\0'; p++) {
		if (*p == ':' || *p == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *p);
	}
}

/* An address of IPv6 stands in brackets before a port. */
static void
add_where(struct buf *out, const char *where, unsigned port)
{
	bool bare = strchr(where, ':') != NULL && where[0] != '[';

	buf_addf(out, bare ? "[%s]:%u" : "%s:%u", where, port);
}

static void
add_server(const struct paste_case *c, struct buf *out)
{
	add_where(out, or_unknown(c->address, or_unknown(c->name, "CHANGE-ME.example")), c->port != 0 ? c->port : 443);
}

static void
add_listen(const struct paste_case *c, struct buf *out)
{
	if (c->address != NULL)
		add_where(out, c->address, c->port != 0 ? c->port : 443);
	else
		buf_addf(out, "%u", c->port != 0 ? c->port : 443);
}

/* HAProxy wants the colon where there is no address. */
static void
add_bind(const struct paste_case *c, struct buf *out)
{
	if (c->address == NULL)
		buf_addc(out, ':');
	add_listen(c, out);
}

static void
add_ca_id(const struct paste_case *c, struct buf *out)
{
	const char *slash = c->ca_arn != NULL ? strrchr(c->ca_arn, '/') : NULL;

	buf_adds(out, slash != NULL ? slash + 1 : "CHANGE-ME-CA-ID");
}

static void
add_bucket(const struct paste_case *c, struct buf *out)
{
	const char *at = or_unknown(c->s3_uri, "s3://CHANGE-ME-BUCKET/trusted-cas.pem") + strlen("s3://");

	buf_add(out, at, strcspn(at, "/"));
}

static void
add_object(const struct paste_case *c, struct buf *out)
{
	const char *at = or_unknown(c->s3_uri, "s3://CHANGE-ME-BUCKET/trusted-cas.pem") + strlen("s3://");

	at += strcspn(at, "/");
	buf_adds(out, *at == '/' ? at + 1 : at);
}

static const struct derived {
	const char *name;
	void (*add)(const struct paste_case *c, struct buf *out);
	const char *from; /* the file that it is made of, which is quoted; NULL: it is no file */
} derived[] = {
	{ "combined", add_combined, "cert" },
	{ "leaf-key", add_leaf_key, "cert" },
	{ "keystore", add_store_file, "cert" },
	{ "truststore", add_trust_file, "trust" },
	{ "options", add_options_file, "cert" },
	{ "java-keystore", add_java_keystore, "cert" },
	{ "java-truststore", add_java_truststore, "trust" },
	{ "curl-cert", add_curl_cert, "cert" },
	{ "server", add_server, NULL },
	{ "listen", add_listen, NULL },
	{ "ca-id", add_ca_id, NULL },
	{ "bind", add_bind, NULL },
	{ "bucket", add_bucket, NULL },
	{ "object", add_object, NULL },
};

static const char *
text_fact(const struct paste_case *c, const struct fact *f)
{
	const char *value;

	memcpy(&value, (const char *)c + f->at, sizeof value);
	return value;
}

static status
check_facts(const struct paste_case *c, struct error *err)
{
	char shown[QUOTE_MAX];

	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
		const char *value = text_fact(c, &facts[i]);
		bool fine = value == NULL || *value == '\0' || facts[i].kind == KIND_FILE ||
		    (facts[i].kind == KIND_HOST ? is_host(value) : is_plain(value));

		if (!fine)
			return error_set(err, ERROR_USAGE, "writing configuration", "the %s “%s” has characters that no %s has", facts[i].name, quote_str(value, shown),
			    facts[i].kind == KIND_HOST ? "name" : "ARN or identifier");
	}
	if (c->address != NULL && !is_host(c->address))
		return error_set(err, ERROR_USAGE, "writing configuration", "the address “%s” is none", quote_str(c->address, shown));
	if (c->port > PORT_MAX)
		return error_set(err, ERROR_USAGE, "writing configuration", "port %u: ports end at %d", c->port, PORT_MAX);
	if (c->s3_uri != NULL && (strncmp(c->s3_uri, "s3://", 5) != 0 || strchr(c->s3_uri + 5, '/') == NULL || strchr(c->s3_uri + 5, '/')[1] == '\0'))
		return error_set(err, ERROR_USAGE, "writing configuration", "“%s” is no s3://BUCKET/KEY", quote_str(c->s3_uri, shown));
	return STATUS_OK;
}

static status
add_file(const char *fact, const char *value, enum paste_format f, struct buf *out, struct error *err)
{
	char shown[QUOTE_MAX];

	if (quote_value(out, f, value))
		return STATUS_OK;
	return error_set(err, ERROR_USAGE, "writing configuration", "the file “%s” (%s) cannot be named here: %s", quote_str(value, shown), fact, refused_because(f, value));
}

/* Region, account and partition stand in every ARN that is known, whichever it is. */
static const char *
from_arns(const struct paste_case *c, const char *name, struct arn *arn)
{
	const char *const known[] = { c->listener_arn, c->trust_store_arn, c->secret_arn, c->ca_arn, c->parameter_arn, c->certificate_arn };

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (known[i] == NULL || !arn_parse(known[i], arn))
			continue;
		if (strcmp(name, "region") == 0)
			return arn->region;
		if (strcmp(name, "account") == 0)
			return arn->account;
		if (strcmp(name, "partition") == 0)
			return arn->partition;
	}
	return NULL;
}

static status
add_fact(const struct paste_case *c, enum paste_format f, const char *name, struct buf *out, struct error *err)
{
	struct buf value = { 0 };
	status result = STATUS_OK;
	struct arn arn;

	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
		const char *text;

		if (strcmp(facts[i].name, name) != 0)
			continue;
		text = or_unknown(text_fact(c, &facts[i]), or_unknown(from_arns(c, name, &arn), facts[i].unknown));
		if (facts[i].kind == KIND_FILE)
			return add_file(name, text, f, out, err);
		buf_adds(out, text);
		return STATUS_OK;
	}
	for (size_t i = 0; i < sizeof derived / sizeof derived[0]; i++) {
		if (strcmp(derived[i].name, name) != 0)
			continue;
		derived[i].add(c, &value);
		if (derived[i].from != NULL)
			result = add_file(derived[i].from, buf_str(&value), f, out, err);
		else
			buf_adds(out, buf_str(&value));
		buf_done(&value);
		return result;
	}
	if (strcmp(name, "port") == 0)
		buf_addf(out, "%u", c->port != 0 ? c->port : 443);
	else if (strcmp(name, "depth") == 0)
		buf_addf(out, "%u", c->depth != 0 ? c->depth : USUAL_DEPTH);
	else if (strcmp(name, "ca-depth") == 0)
		buf_addf(out, "%u", (c->depth != 0 ? c->depth : USUAL_DEPTH) + 1);
	else
		return error_set(err, ERROR_INTERNAL, "writing configuration", "no fact is called %s", name);
	return STATUS_OK;
}

/* ---- lines ---- */

static bool
is_beside(const struct paste_case *c)
{
	size_t len = c->cert != NULL ? strlen(c->cert) : 0;

	return len > 0 && c->key != NULL && strncmp(c->key, c->cert, len) == 0 && strcmp(c->key + len, ".key") == 0;
}

static unsigned
what_holds(const struct paste_case *c)
{
	unsigned holds = c->optional ? IF_OPTIONAL : IF_REQUIRED;

	holds |= c->crl != NULL ? IF_CRL : IF_NO_CRL;
	holds |= is_beside(c) ? IF_KEY_BESIDE : IF_SEPARATE_KEY;
	holds |= c->trust_store_arn != NULL ? IF_TRUST_STORE : IF_NO_TRUST_STORE;
	holds |= c->s3_version != NULL ? IF_VERSION : IF_NO_VERSION;
	return holds;
}

/* “@@” is an at sign. */
static status
add_line(const struct paste_case *c, enum paste_format f, const char *text, struct buf *out, struct error *err)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "@");
		char name[FACT_NAME];
		const char *end;

		buf_add(out, text, len);
		text += len;
		if (*text == '\0')
			break;
		end = strchr(text + 1, '@');
		if (end == NULL || (size_t)(end - text) > sizeof name)
			return error_set(err, ERROR_INTERNAL, "writing configuration", "an at sign that nothing closes");
		memcpy(name, text + 1, (size_t)(end - text - 1));
		name[end - text - 1] = '\0';
		text = end + 1;
		if (name[0] == '\0')
			buf_addc(out, '@');
		else if (add_fact(c, f, name, out, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	buf_addc(out, '\n');
	return STATUS_OK;
}

status
paste_lines(const struct paste_case *c, enum paste_format f, const struct paste_line *lines, size_t len, struct buf *out, struct error *err)
{
	unsigned holds = what_holds(c);

	if (check_facts(c, err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t i = 0; i < len; i++)
		if ((lines[i].when & ~holds) == 0 && add_line(c, f, lines[i].text, out, err) != STATUS_OK)
			return STATUS_FAILED;
	return STATUS_OK;
}

status
paste_part(const struct paste_case *c, enum paste_format f, const struct paste_line *lines, size_t len, const char *file, struct paste *out,
    struct arena *a, struct error *err)
{
	struct paste_part *part = &out->parts[out->len];
	struct buf text = { 0 }, name = { 0 };
	status result = paste_lines(c, f, lines, len, &text, err);

	if (result == STATUS_OK)
		result = add_line(c, FORMAT_PLAIN, file, &name, err);
	if (result == STATUS_OK) {
		part->text = arena_strdup(a, buf_str(&text));
		part->file = arena_strndup(a, buf_str(&name), name.len - 1);
		out->len++;
	}
	buf_done(&text);
	buf_done(&name);
	return result;
}
