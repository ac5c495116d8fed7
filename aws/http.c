#include "aws/http.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/address.h"
#include "model/cert_openssl.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/text.h"

struct exchange {
	const struct aws_http_request *r;
	struct aws_http_answer *out;
	CURL *easy;
	size_t most;
	bool too_much, ended; /* ended: by the sink */
};

/* ---- the handle of this thread ---- */

/* One a thread, kept: calls to one endpoint then share a connection, and its TLS handshake. */
static pthread_key_t handle_key;

static void
free_handle(void *handle)
{
	curl_easy_cleanup(handle);
}

static void
start(void)
{
	openssl_start(); /* first: libcurl would read a configuration file */
	curl_global_init(CURL_GLOBAL_DEFAULT);
	if (pthread_key_create(&handle_key, free_handle) != 0)
		abort(); /* a process has 1,024 of them */
}

void
aws_http_start(void)
{
	const char *file = getenv("SSLKEYLOGFILE");
	char *kept;

	if (file == NULL)
		return; /* it may start with the first request */
	kept = mem_strdup(file);
	unsetenv("SSLKEYLOGFILE");
	openssl_start();
	curl_global_init(CURL_GLOBAL_DEFAULT);
	setenv("SSLKEYLOGFILE", kept, 1); /* our own look at it, and the programs that we start, are as before */
	free(kept);
}

static CURL *
handle(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	CURL *easy;

	pthread_once(&once, start);
	easy = pthread_getspecific(handle_key);
	if (easy != NULL) {
		curl_easy_reset(easy); /* connections stay */
	} else {
		easy = curl_easy_init();
		pthread_setspecific(handle_key, easy);
	}
	return easy;
}

/* ---- what comes ---- */

static bool
is_success(const struct exchange *x)
{
	long http = 0;

	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &http);
	return http >= 200 && http < 300;
}

static size_t
on_body(char *bytes, size_t one, size_t len, void *user)
{
	struct exchange *x = user;

	(void)one;
	if (x->r->sink != NULL && is_success(x)) {
		x->ended = !x->r->sink(x->r->user, bytes, len);
		return x->ended ? 0 : len;
	}
	if (len > x->most - x->out->body.len) {
		x->too_much = true;
		return 0;
	}
	buf_add(&x->out->body, bytes, len);
	return len;
}

static void
keep(char *out, size_t size, const char *value, size_t len)
{
	size_t n = len < size - 1 ? len : size - 1;

	memcpy(out, value, n);
	out[n] = '\0';
}

static size_t
on_header(char *line, size_t one, size_t len, void *user)
{
	struct aws_http_answer *a = ((struct exchange *)user)->out;
	const struct {
		const char *name;
		char *out;
		size_t size;
		char cut; /* what follows this byte is not kept */
	} wanted[] = {
		{ "x-amzn-requestid", a->request_id, sizeof a->request_id, '\0' },
		{ "x-amz-request-id", a->request_id, sizeof a->request_id, '\0' },
		{ "x-amzn-errortype", a->error_type, sizeof a->error_type, ':' },
		{ "date", a->date, sizeof a->date, '\0' },
		{ "x-amz-version-id", a->version_id, sizeof a->version_id, '\0' },
		{ "etag", a->etag, sizeof a->etag, '\0' },
		{ "x-amz-bucket-region", a->bucket_region, sizeof a->bucket_region, '\0' },
	};
	const char *colon = memchr(line, ':', len), *value, *end = line + len;

	(void)one;
	if (len >= 5 && strncasecmp(line, "HTTP/", 5) == 0)
		for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) /* of a proxy, or of a 100 before the answer */
			wanted[i].out[0] = '\0';
	if (colon == NULL)
		return len;
	for (value = colon + 1; value < end && (*value == ' ' || *value == '\t'); value++)
		;
	while (end > value && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' '))
		end--;
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		const char *cut = wanted[i].cut != '\0' ? memchr(value, wanted[i].cut, (size_t)(end - value)) : NULL;

		if (strlen(wanted[i].name) == (size_t)(colon - line) && strncasecmp(wanted[i].name, line, (size_t)(colon - line)) == 0)
			keep(wanted[i].out, wanted[i].size, value, (size_t)((cut != NULL ? cut : end) - value));
	}
	return len;
}

static int
on_progress(void *user, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
	const struct exchange *x = user;

	(void)total;
	(void)now;
	(void)up_total;
	(void)up_now;
	return x->r->cancel != NULL && atomic_load(x->r->cancel);
}

/* ---- what goes ---- */

/* NULL where a name or value would end its line: another header, or the body, would begin there. */
static struct curl_slist *
header_lines(const struct aws_http_request *r)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:"); /* no answer to wait for before a body of some KB */
	bool typed = false;

	for (size_t i = 0; i < r->headers_len; i++) {
		const char *name = r->headers[i].name, *value = r->headers[i].value;
		struct buf line = { 0 };

		if (strpbrk(name, "\r\n:") != NULL || strpbrk(value, "\r\n") != NULL) {
			curl_slist_free_all(list);
			return NULL;
		}
		typed = typed || strcasecmp(name, "content-type") == 0;
		if (strcasecmp(name, "host") == 0)
			continue;
		buf_addf(&line, value[0] != '\0' ? "%s: %s" : "%s;", name, value); /* libcurl's way to say an empty one */
		list = curl_slist_append(list, line.data);
		OPENSSL_cleanse(line.data, line.cap);
		buf_done(&line);
	}
	return typed ? list : curl_slist_append(list, "Content-Type:");
}

static void
free_lines(struct curl_slist *list)
{
	for (struct curl_slist *l = list; l != NULL; l = l->next)
		OPENSSL_cleanse(l->data, strlen(l->data)); /* tokens are among them */
	curl_slist_free_all(list);
}

static bool
sends_body(const struct aws_http_request *r)
{
	return r->body_len > 0 || strcmp(r->method, "POST") == 0 || strcmp(r->method, "PUT") == 0 || strcmp(r->method, "PATCH") == 0;
}

static bool
prepare(struct exchange *x, struct curl_slist *lines, char *why)
{
	const struct aws_http_request *r = x->r;
	unsigned within = r->within_ms != 0 ? r->within_ms : r->sink != NULL ? LIMIT_AWS_STREAM_MS : LIMIT_AWS_CALL_MS;
	CURL *e = x->easy;
	bool ok = true;

#define SET(option, value) (ok = curl_easy_setopt(e, (option), (value)) == CURLE_OK && ok)
	SET(CURLOPT_URL, r->url);
	SET(CURLOPT_ERRORBUFFER, why);
#if LIBCURL_VERSION_NUM >= 0x075500
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
#else
	SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	SET(CURLOPT_PATH_AS_IS, 1L); /* what was signed is what goes */
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_HTTP09_ALLOWED, 0L);
	SET(CURLOPT_USERAGENT, "mtlscope");
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(r->connect_ms != 0 ? r->connect_ms : LIMIT_AWS_CONNECT_MS));
	SET(CURLOPT_TIMEOUT_MS, (long)within);
	SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
	SET(CURLOPT_LOW_SPEED_TIME, (long)LIMIT_AWS_STALL_S);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, x);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, x);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, x);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_HTTPHEADER, lines);
	if (r->no_proxy) {
		SET(CURLOPT_PROXY, "");
		SET(CURLOPT_NOPROXY, "*");
	}
	if (r->ca_bundle != NULL)
		SET(CURLOPT_CAINFO, r->ca_bundle);
	if (sends_body(r)) {
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDS, r->body_len > 0 ? r->body : "");
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
	} else if (strcmp(r->method, "HEAD") == 0) {
		SET(CURLOPT_NOBODY, 1L);
	}
	SET(CURLOPT_CUSTOMREQUEST, r->method);
#undef SET
	return ok;
}

/* "https://acm-pca.us-east-1.amazonaws.com": whom it was about, without path and query. */
static int
origin_len(const char *url)
{
	const char *host = strstr(url, "://");

	return (int)(host != NULL ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?") : strcspn(url, "/?"));
}

static status
failed(const struct exchange *x, CURLcode code, const char *why, struct aws_error *err)
{
	const char *url = x->r->url, *quoted = strchr(why, '\'');
	char safe[ADDRESS_SHOWN];

	if (code == CURLE_ABORTED_BY_CALLBACK)
		return aws_error_set(err, AWS_CANCELLED, NULL, "cancelled");
	if (x->ended)
		return aws_error_set(err, AWS_CANCELLED, NULL, "ended by who reads the answer");
	if (x->too_much)
		return aws_error_set(err, AWS_ANSWER, NULL, "the answer of %.*s has more than %zu bytes", origin_len(url), url, x->most);
	/* Of a proxy that it cannot use libcurl tells the whole address, between quotation marks: “Unsupported proxy scheme for '…'”. */
	return aws_error_set(err, AWS_NETWORK, NULL, "%.*s: %s", origin_len(url), url,
	    why[0] == '\0' ? curl_easy_strerror(code) : address_without_password(why, quoted != NULL ? quoted + 1 : why, safe));
}

status
aws_http(const struct aws_http_request *r, struct aws_http_answer *out, struct aws_error *err)
{
	struct exchange x = { .r = r, .out = out, .most = r->most != 0 ? r->most : LIMIT_AWS_ANSWER };
	char why[CURL_ERROR_SIZE] = "";
	struct curl_slist *lines;
	status result = STATUS_OK;
	CURLcode code = CURLE_OK;
	long http = 0, sent = 0;

	memset(out, 0, sizeof *out);
	if (r->cancel != NULL && atomic_load(r->cancel))
		return aws_error_set(err, AWS_CANCELLED, NULL, "cancelled");
	lines = header_lines(r);
	if (lines == NULL)
		return aws_error_set(err, AWS_ARGUMENT, NULL, "a header with a line break in it");
	x.easy = handle();
	if (x.easy == NULL || !prepare(&x, lines, why)) {
		result = aws_error_set(err, AWS_LOCAL, NULL, "libcurl cannot be set up for %.*s", origin_len(r->url), r->url);
		goto done;
	}
	code = curl_easy_perform(x.easy);
	curl_easy_getinfo(x.easy, CURLINFO_RESPONSE_CODE, &http);
	curl_easy_getinfo(x.easy, CURLINFO_REQUEST_SIZE, &sent);
	out->status = (int)http;
	if (code != CURLE_OK)
		result = failed(&x, code, why, err);

done:
	if (x.easy != NULL)
		curl_easy_reset(x.easy); /* it keeps a copy of the headers' addresses */
	free_lines(lines);
	if (result != STATUS_OK) {
		aws_http_answer_done(out);
		out->timed_out = code == CURLE_OPERATION_TIMEDOUT;
		out->unanswered = sent > 0;
	}
	return result;
}

void
aws_http_answer_done(struct aws_http_answer *a)
{
	if (a->body.data != NULL)
		OPENSSL_cleanse(a->body.data, a->body.cap); /* secrets come this way */
	buf_done(&a->body);
	memset(a, 0, sizeof *a);
}
