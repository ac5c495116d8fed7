#include "aws/sigv4.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/percent.h"
#include "model/buf.h"
#include "model/error.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/text.h"
#include "model/times.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD"
#define UNSIGNED_CHUNKS "STREAMING-UNSIGNED-PAYLOAD-TRAILER" /* aws-chunked, summed up in a trailer that is not signed */

enum { HASH = 32, DAY = 8, STAMP = 16 /* 20261129T215559Z */, MINUTE = 60 };

/* ---- bytes ---- */

static void
to_hex(const unsigned char *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

void
sigv4_hash(const void *bytes, size_t len, char out[SIGV4_SHA256_HEX])
{
	unsigned char hash[HASH];

	if (EVP_Digest(bytes, len, hash, NULL, EVP_sha256(), NULL) != 1)
		abort(); /* SHA-256 is always there; only a lack of memory comes here */
	to_hex(hash, sizeof hash, out);
}

static void
hmac(const void *key, size_t key_len, const char *text, size_t len, unsigned char out[HASH])
{
	if (HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, len, out, NULL) == NULL)
		abort();
}

/* Is it "NAME=…"? Then *item and *len become what stands behind it. */
static bool
takes_value(const char **item, size_t *len, const char *name)
{
	size_t n = strlen(name);

	if (*len <= n || (*item)[n] != '=' || strncmp(*item, name, n) != 0)
		return false;
	*item += n + 1;
	*len -= n + 1;
	return true;
}

/* ---- the canonical request ---- */

static int
by_text(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

/* Pairs sorted by encoded name, then value: joined by a byte that sorts before every byte that an encoded one has. */
static void
add_query(struct buf *out, const char *query, bool presigned)
{
	size_t most = 1, n = 0, len;
	const char *item;
	char **pairs;

	for (const char *p = query; *p != '\0'; p++)
		most += *p == '&';
	pairs = mem_zero(most, sizeof *pairs);
	for (const char *p = query; next_item(&p, "&", &item, &len);) {
		const char *equals = memchr(item, '=', len);
		size_t name_len = equals != NULL ? (size_t)(equals - item) : len;
		struct buf pair = { 0 };

		percent_again(&pair, item, name_len, false);
		if (presigned && strcmp(buf_str(&pair), "X-Amz-Signature") == 0) {
			buf_done(&pair);
			continue;
		}
		buf_addc(&pair, '\1');
		if (equals != NULL)
			percent_again(&pair, equals + 1, len - name_len - 1, false);
		pairs[n++] = pair.data;
	}
	qsort(pairs, n, sizeof *pairs, by_text);
	for (size_t i = 0; i < n; i++) {
		*strchr(pairs[i], '\1') = '=';
		buf_addf(out, "%s%s", i > 0 ? "&" : "", pairs[i]);
		free(pairs[i]);
	}
	free(pairs);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Without blanks at its ends; a run of them within is one. */
static void
add_value(struct buf *out, const char *value)
{
	bool gap = false, begun = false;

	for (; *value != '\0'; value++) {
		if (is_blank(*value)) {
			gap = begun;
			continue;
		}
		if (gap)
			buf_addc(out, ' ');
		gap = false;
		begun = true;
		buf_addc(out, *value);
	}
}

static bool
named(const struct sigv4_header *h, const char *name, size_t len)
{
	return strlen(h->name) == len && strncasecmp(h->name, name, len) == 0;
}

/* One line of the canonical headers: every value that this name came with, in their order. */
static void
add_header(struct buf *out, const struct sigv4_request *r, const char *name, size_t len)
{
	bool first = true;

	buf_add(out, name, len);
	buf_addc(out, ':');
	for (size_t i = 0; i < r->headers_len; i++) {
		if (!named(&r->headers[i], name, len))
			continue;
		if (!first)
			buf_addc(out, ',');
		first = false;
		add_value(out, r->headers[i].value);
	}
	buf_addc(out, '\n');
}

/* list: "host;x-amz-date", the headers that are signed, in the order in which they are. */
static void
canonical_request(struct buf *out, const struct sigv4_request *r, const char *list, const char *hash, bool once, bool presigned)
{
	const char *path = r->path != NULL && r->path[0] != '\0' ? r->path : "/", *name;
	size_t len;

	buf_addf(out, "%s\n", r->method);
	if (once)
		percent_again(out, path, strlen(path), true);
	else
		percent_path(out, path);
	buf_addc(out, '\n');
	add_query(out, r->query != NULL ? r->query : "", presigned);
	buf_addc(out, '\n');
	for (const char *p = list; next_item(&p, ";", &name, &len);)
		add_header(out, r, name, len);
	buf_addf(out, "\n%s\n%s", list, hash);
}

static bool
encoded_once(const char *service)
{
	return strcmp(service, "s3") == 0;
}

struct scope {
	const char *day, *region, *service;
};

static void
signature_of(const struct buf *canonical, const char *secret, const char *stamp, const struct scope *s, char out[SIGV4_SHA256_HEX])
{
	const char *parts[] = { s->region, s->service, "aws4_request" };
	size_t first_len = strlen("AWS4") + strlen(secret);
	char *first = mem_alloc(first_len + 1), hash[SIGV4_SHA256_HEX];
	unsigned char key[HASH];
	struct buf text = { 0 };

	snprintf(first, first_len + 1, "AWS4%s", secret);
	hmac(first, first_len, s->day, strlen(s->day), key);
	OPENSSL_cleanse(first, first_len);
	free(first);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		hmac(key, sizeof key, parts[i], strlen(parts[i]), key);
	sigv4_hash(canonical->data, canonical->len, hash);
	buf_addf(&text, ALGORITHM "\n%s\n%s/%s/%s/aws4_request\n%s", stamp, s->day, s->region, s->service, hash);
	hmac(key, sizeof key, text.data, text.len, key);
	to_hex(key, sizeof key, out);
	OPENSSL_cleanse(key, sizeof key);
	buf_done(&text);
}

/* "20261129T215559Z" */
static bool
stamp_of(int64_t at, char out[20])
{
	char text[TIME_TEXT_MAX];
	size_t n = 0;

	if (at < 0 || at > INT64_C(253402300799)) /* 9999-12-31T23:59:59Z */
		return false;
	for (const char *p = time_rfc3339(at, text); *p != '\0' && n < STAMP; p++)
		if (*p != '-' && *p != ':')
			out[n++] = *p;
	out[n] = '\0';
	return n == STAMP;
}

/* ---- signing ---- */

/* The names of all headers, in small letters, sorted, each once. */
static void
list_names(const struct sigv4_request *r, struct buf *out)
{
	char *names[SIGV4_HEADERS_MAX + 3];

	for (size_t i = 0; i < r->headers_len; i++) {
		names[i] = mem_strdup(r->headers[i].name);
		for (char *p = names[i]; *p != '\0'; p++)
			if (*p >= 'A' && *p <= 'Z')
				*p = (char)(*p | 0x20);
	}
	qsort(names, r->headers_len, sizeof names[0], by_text);
	for (size_t i = 0; i < r->headers_len; i++)
		if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
			buf_addf(out, "%s%s", i > 0 ? ";" : "", names[i]);
	for (size_t i = 0; i < r->headers_len; i++)
		free(names[i]);
}

static const char *
header_of(const struct sigv4_request *r, const char *name)
{
	for (size_t i = 0; i < r->headers_len; i++)
		if (named(&r->headers[i], name, strlen(name)))
			return r->headers[i].value;
	return NULL;
}

bool
sigv4_sign(const struct sigv4_request *r, const struct sigv4_key *key, const char *region, const char *service, int64_t at,
    struct sigv4_signed *out)
{
	struct sigv4_header headers[SIGV4_HEADERS_MAX + 3];
	struct sigv4_request whole = *r;
	struct buf list = { 0 }, canonical = { 0 };
	char signature[SIGV4_SHA256_HEX], day[DAY + 1];
	int n;

	memset(out, 0, sizeof *out);
	if (r->headers_len > SIGV4_HEADERS_MAX || header_of(r, "host") == NULL || !stamp_of(at, out->date))
		return false;
	if (r->payload_hash == NULL)
		sigv4_hash(r->body_len > 0 ? r->body : "", r->body_len, out->payload_hash);
	else if (snprintf(out->payload_hash, sizeof out->payload_hash, "%s", r->payload_hash) >= (int)sizeof out->payload_hash)
		return false;
	if (r->headers_len > 0)
		memcpy(headers, r->headers, r->headers_len * sizeof headers[0]);
	headers[whole.headers_len++] = (struct sigv4_header){ "x-amz-date", out->date };
	headers[whole.headers_len++] = (struct sigv4_header){ "x-amz-content-sha256", out->payload_hash };
	if (key->token != NULL)
		headers[whole.headers_len++] = (struct sigv4_header){ "x-amz-security-token", key->token };
	whole.headers = headers;

	list_names(&whole, &list);
	canonical_request(&canonical, &whole, buf_str(&list), out->payload_hash, encoded_once(service), false);
	snprintf(day, sizeof day, "%.*s", DAY, out->date);
	signature_of(&canonical, key->secret, out->date, &(struct scope){ day, region, service }, signature);
	n = snprintf(out->authorization, sizeof out->authorization, ALGORITHM
	    " Credential=%s/%s/%s/%s/aws4_request, SignedHeaders=%s, Signature=%s", key->access_key, day, region, service,
	    buf_str(&list), signature);
	if (canonical.data != NULL)
		OPENSSL_cleanse(canonical.data, canonical.cap); /* it holds the token */
	buf_done(&canonical);
	buf_done(&list);
	return n < (int)sizeof out->authorization;
}

/* ---- verifying ---- */

/* What came with a request to prove who sends it; from the Authorization header, or from a presigned query. */
enum proof { CREDENTIAL, SIGNED_HEADERS, SIGNATURE, DATE, METHOD, EXPIRES, TOKEN, PROOFS };

struct presented {
	bool presigned;
	struct buf is[PROOFS];
	char *part[5];      /* of the credential: access key, day, region, service, "aws4_request" */
	int64_t at, lasts;  /* DATE, and EXPIRES where it is presigned */
};

static const char *
text_from(struct presented *p, enum proof what)
{
	return buf_str(&p->is[what]);
}

/* The verdict, and why: outside text in it becomes printable. Always false, so that it can be returned. */
static bool refuse(struct sigv4_checked *out, enum sigv4_verdict verdict, const char *fmt, ...) PRINTF_LIKE(3, 4);
static bool
refuse(struct sigv4_checked *out, enum sigv4_verdict verdict, const char *fmt, ...)
{
	struct buf why = { 0 };
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	text_safe(&why, text_of(text), sizeof out->why - 1);
	out->verdict = verdict;
	snprintf(out->why, sizeof out->why, "%s", buf_str(&why));
	buf_done(&why);
	return false;
}

/* AWS's own words: a sentence for each part that lacks. */
static bool
from_header(const struct sigv4_request *r, const char *authorization, struct presented *p, struct sigv4_checked *out)
{
	static const char *const names[] = { "Credential", "Signature", "SignedHeaders" };
	static const enum proof into[] = { CREDENTIAL, SIGNATURE, SIGNED_HEADERS };
	const char *date = header_of(r, "x-amz-date"), *token = header_of(r, "x-amz-security-token"), *item;
	struct buf lacks = { 0 };
	size_t len;
	bool good;

	for (const char *a = authorization; next_item(&a, ", \t", &item, &len);) {
		if (p->is[METHOD].len == 0)
			buf_add(&p->is[METHOD], item, len);
		for (size_t i = 0; i < 3; i++)
			if (p->is[into[i]].len == 0 && takes_value(&item, &len, names[i])) {
				buf_add(&p->is[into[i]], item, len);
				break;
			}
	}
	if (strcmp(text_from(p, METHOD), ALGORITHM) != 0)
		return refuse(out, SIGV4_INCOMPLETE, "Unsupported AWS 'algorithm': '%.64s'.", text_from(p, METHOD));
	for (size_t i = 0; i < 3; i++)
		if (p->is[into[i]].len == 0)
			buf_addf(&lacks, "Authorization header requires '%s' parameter. ", names[i]);
	if (date == NULL)
		date = header_of(r, "date");
	if (date == NULL)
		buf_adds(&lacks, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
	buf_adds(&p->is[DATE], date != NULL ? date : "");
	buf_adds(&p->is[TOKEN], token != NULL ? token : "");
	good = lacks.len == 0 || refuse(out, SIGV4_INCOMPLETE, "%s", lacks.data);
	buf_done(&lacks);
	return good;
}

static void
read_query(const char *query, struct presented *p)
{
	static const char *const names[PROOFS] = {
		[CREDENTIAL] = "X-Amz-Credential", [SIGNED_HEADERS] = "X-Amz-SignedHeaders", [SIGNATURE] = "X-Amz-Signature",
		[DATE] = "X-Amz-Date", [METHOD] = "X-Amz-Algorithm", [EXPIRES] = "X-Amz-Expires", [TOKEN] = "X-Amz-Security-Token",
	};
	const char *item;
	size_t len;

	while (query != NULL && next_item(&query, "&", &item, &len))
		for (size_t i = 0; i < PROOFS; i++)
			if (p->is[i].len == 0 && takes_value(&item, &len, names[i])) {
				percent_decode(&p->is[i], item, len, true);
				break;
			}
}

static bool
from_query(struct presented *p, struct sigv4_checked *out)
{
	const char *expires = text_from(p, EXPIRES);

	p->presigned = true;
	for (size_t i = 0; i < TOKEN; i++)
		if (p->is[i].len == 0)
			return refuse(out, SIGV4_INCOMPLETE, "AWS query-string parameters must include 'X-Amz-Algorithm', 'X-Amz-Credential', "
			    "'X-Amz-Signature', 'X-Amz-Date', 'X-Amz-SignedHeaders' and 'X-Amz-Expires'.");
	if (strcmp(text_from(p, METHOD), ALGORITHM) != 0)
		return refuse(out, SIGV4_INCOMPLETE, "Unsupported AWS 'algorithm': '%.64s'.", text_from(p, METHOD));
	p->lasts = strlen(expires) < 8 && strspn(expires, "0123456789") == strlen(expires) ? strtol(expires, NULL, 10) : 0;
	if (p->lasts < 1 || p->lasts > LIMIT_PRESIGNED_SECONDS)
		return refuse(out, SIGV4_INCOMPLETE, "X-Amz-Expires must be between 1 and 604800 seconds.");
	return true;
}

/* 20261129T215559Z, as X-Amz-Date has it, or what the Date header may say. In DATE stays the first form. */
static bool
read_date(struct presented *p, struct sigv4_checked *out)
{
	const char *s = text_from(p, DATE);
	int v[6], at = 0;
	char stamp[20];

	if (strlen(s) == STAMP && sscanf(s, "%4d%2d%2dT%2d%2d%2d%n", &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &at) == 6 &&
	    at == STAMP - 1 && s[at] == 'Z' && time_from_civil(v[0], v[1], v[2], v[3], v[4], v[5], &p->at) &&
	    stamp_of(p->at, stamp) && strcmp(stamp, s) == 0)
		return true;
	if (p->presigned || !time_parse_http(s, strlen(s), &p->at) || !stamp_of(p->at, stamp))
		return refuse(out, SIGV4_INCOMPLETE, "Date must be in ISO-8601 'basic format'. Got '%.64s'.", s);
	buf_reset(&p->is[DATE]);
	buf_adds(&p->is[DATE], stamp);
	return true;
}

static bool
read_credential(struct presented *p, struct sigv4_checked *out)
{
	static const char fine[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	char *at = p->is[CREDENTIAL].data;
	size_t n = 0;

	for (const char *c = at; *c != '\0'; c++)
		n += *c == '/';
	if (n != 4)
		return refuse(out, SIGV4_INCOMPLETE, "Credential must have exactly 5 slash-delimited elements, "
		    "e.g. keyid/date/region/service/term, got '%.128s'", at);
	for (n = 0; n < 5; n++)
		p->part[n] = strsep(&at, "/");
	n = strspn(p->part[0], fine);
	if (n == 0 || p->part[0][n] != '\0' || n >= sizeof out->access_key)
		return refuse(out, SIGV4_INCOMPLETE, "The access key in the Credential is none: '%.128s'", p->part[0]);
	memcpy(out->access_key, p->part[0], n + 1);
	return true;
}

static bool
check_scope(struct presented *p, const struct sigv4_check *how, struct sigv4_checked *out)
{
	const char *region = p->part[2], *service = p->part[3], *end = p->part[4], *date = text_from(p, DATE);

	if (strcmp(end, "aws4_request") != 0)
		return refuse(out, SIGV4_SCOPE, "Credential should be scoped with a valid terminator: 'aws4_request', not '%.64s'.", end);
	if (strcmp(service, how->service) != 0 || strlen(service) >= sizeof out->service)
		return refuse(out, SIGV4_SCOPE, "Credential should be scoped to correct service: '%s'.", how->service);
	if (region[0] == '\0' || strlen(region) >= sizeof out->region || (how->region != NULL && strcmp(region, how->region) != 0))
		return refuse(out, SIGV4_SCOPE, "Credential should be scoped to a valid region, not '%.64s'.", region);
	if (strlen(p->part[1]) != DAY || strncmp(p->part[1], date, DAY) != 0)
		return refuse(out, SIGV4_SCOPE, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
		    "'%.16s' != '%.8s', from '%s'.", p->part[1], date, date);
	snprintf(out->region, sizeof out->region, "%s", region);
	snprintf(out->service, sizeof out->service, "%s", service);
	return true;
}

static bool
check_window(struct presented *p, const struct sigv4_check *how, struct sigv4_checked *out)
{
	int64_t lasts = p->presigned ? p->lasts : how->window;
	char now[20] = "", edge[20] = "";

	stamp_of(how->now, now);
	stamp_of(p->at > how->now ? how->now + how->window : how->now - lasts, edge);
	if (p->at > how->now + how->window)
		return refuse(out, SIGV4_EARLY, "Signature not yet current: %s is still later than %s (%s + %d min.)", text_from(p, DATE),
		    edge, now, (int)(how->window / MINUTE));
	if (p->at < how->now - lasts)
		return refuse(out, SIGV4_EXPIRED, "Signature expired: %s is now earlier than %s (%s - %d min.)", text_from(p, DATE), edge,
		    now, (int)(lasts / MINUTE));
	return true;
}

static bool
check_token(struct presented *p, const struct sigv4_known *known, int64_t now, struct sigv4_checked *out)
{
	const char *right = known->token != NULL ? known->token : "";

	if (strlen(right) != p->is[TOKEN].len || CRYPTO_memcmp(right, text_from(p, TOKEN), strlen(right)) != 0)
		return refuse(out, SIGV4_TOKEN, "The security token included in the request is invalid.");
	if (known->token != NULL && known->token_expires != 0 && known->token_expires <= now)
		return refuse(out, SIGV4_TOKEN_EXPIRED, "The security token included in the request is expired");
	return true;
}

static bool
listed(const char *list, const char *name)
{
	const char *item;
	size_t len;

	while (next_item(&list, ";", &item, &len))
		if (len == strlen(name) && strncasecmp(item, name, len) == 0)
			return true;
	return false;
}

/* What decides about the request must be signed: its host, and all that AWS itself reads of it. */
static bool
check_signed(const struct sigv4_request *r, const char *list, struct sigv4_checked *out)
{
	size_t n = 1;

	for (const char *p = list; *p != '\0'; p++)
		n += *p == ';';
	if (n > SIGV4_HEADERS_MAX)
		return refuse(out, SIGV4_INCOMPLETE, "More than %d headers are signed.", SIGV4_HEADERS_MAX);
	if (!listed(list, "host"))
		return refuse(out, SIGV4_UNSIGNED, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
	for (size_t i = 0; i < r->headers_len; i++)
		if (strncasecmp(r->headers[i].name, "x-amz-", 6) == 0 && !listed(list, r->headers[i].name))
			return refuse(out, SIGV4_UNSIGNED, "There were headers present in the request which were not signed: %.128s",
			    r->headers[i].name);
	return true;
}

/* Everything but the body: the signature over the hash that the request itself names. */
static bool
check_signature(const struct sigv4_request *r, const char *secret, const char *hash, struct presented *p, struct sigv4_checked *out)
{
	const char *list = text_from(p, SIGNED_HEADERS), *given = text_from(p, SIGNATURE);
	struct buf canonical = { 0 };
	char right[SIGV4_SHA256_HEX];
	bool same;

	canonical_request(&canonical, r, list, hash, encoded_once(out->service), p->presigned);
	signature_of(&canonical, secret, text_from(p, DATE), &(struct scope){ p->part[1], p->part[2], p->part[3] }, right);
	same = strlen(given) == sizeof right - 1 && CRYPTO_memcmp(right, given, sizeof right - 1) == 0;
	OPENSSL_cleanse(right, sizeof right);
	if (!same) {
		snprintf(out->canonical, sizeof out->canonical, "%s", canonical.data);
		refuse(out, SIGV4_MISMATCH, "The request signature we calculated does not match the signature you provided. Check your AWS "
		    "Secret Access Key and signing method. Consult the service documentation for details.");
	}
	buf_done(&canonical);
	return same;
}

static bool
verified(const struct sigv4_request *r, const struct sigv4_check *how, struct presented *p, struct sigv4_checked *out)
{
	const char *authorization = header_of(r, "authorization"), *hash = header_of(r, "x-amz-content-sha256");
	bool s3 = encoded_once(how->service);
	struct sigv4_known known = { 0 };
	char real[SIGV4_SHA256_HEX];

	if (authorization == NULL)
		read_query(r->query, p);
	if (authorization == NULL && p->is[SIGNATURE].len == 0)
		return refuse(out, SIGV4_MISSING, "Missing Authentication Token");
	if (!(authorization != NULL ? from_header(r, authorization, p, out) : from_query(p, out)) || !read_date(p, out) ||
	    !read_credential(p, out) || !check_scope(p, how, out))
		return false;
	if (!how->find(how->user, out->access_key, &known))
		return refuse(out, SIGV4_UNKNOWN_KEY, "The security token included in the request is invalid.");
	if (!check_token(p, &known, how->now, out) || !check_window(p, how, out) || !check_signed(r, text_from(p, SIGNED_HEADERS), out))
		return false;
	if (r->payload_hash == NULL)
		sigv4_hash(r->body_len > 0 ? r->body : "", r->body_len, real);
	else
		snprintf(real, sizeof real, "%s", r->payload_hash);
	if (hash == NULL) /* S3 presigns no bodies (AWS's S3 API reference) */
		hash = s3 && p->presigned ? UNSIGNED_PAYLOAD : real;
	if (!check_signature(r, known.secret, hash, p, out))
		return false;
	if (strcmp(hash, real) != 0 && !(s3 && (strcmp(hash, UNSIGNED_PAYLOAD) == 0 || strcmp(hash, UNSIGNED_CHUNKS) == 0)))
		return refuse(out, SIGV4_PAYLOAD, "The provided 'x-amz-content-sha256' header does not match what was computed.");
	return true;
}

void
sigv4_verify(const struct sigv4_request *r, const struct sigv4_check *how, struct sigv4_checked *out)
{
	struct presented p = { 0 };

	memset(out, 0, sizeof *out);
	if (verified(r, how, &p, out))
		out->verdict = SIGV4_GOOD;
	for (size_t i = 0; i < PROOFS; i++)
		buf_done(&p.is[i]);
}
