#include "probes/fetch_transfer.h"

#include <curl/curl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/cert_openssl.h"
#include "model/limits.h"
#include "model/memory.h"

enum { TURN_MS = 1000 }; /* libcurl's own timers wake it before that */

struct transfer_handle {
	CURLM *multi;
	atomic_bool ended;
};

struct under_way {
	struct transfer *t;
	CURL *easy;
	struct curl_slist *headers, *pins;
	bool too_much;
};

static void
start_curl(void)
{
	openssl_start(); /* first: libcurl would read a configuration file */
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

void
transfer_start(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, start_curl);
}

struct transfer_handle *
transfer_handle_new(void)
{
	struct transfer_handle *h = mem_zero(1, sizeof *h);

	h->multi = curl_multi_init();
	return h;
}

void
transfer_handle_free(struct transfer_handle *h)
{
	if (h == NULL)
		return;
	curl_multi_cleanup(h->multi);
	free(h);
}

void
transfer_end(struct transfer_handle *h)
{
	atomic_store(&h->ended, true);
	if (h->multi != NULL)
		curl_multi_wakeup(h->multi);
}

void
transfer_done(struct transfer *t)
{
	fetch_place_done(&t->place);
	buf_done(&t->body);
	buf_done(&t->answer);
}

static size_t
on_body(char *bytes, size_t one, size_t n, void *user)
{
	struct under_way *w = user;

	(void)one;
	if (n > w->t->most - w->t->answer.len) {
		w->too_much = true;
		return 0; /* ends it */
	}
	buf_add(&w->t->answer, bytes, n);
	return n;
}

static bool
same_address(const struct sockaddr *a, const struct sockaddr *b)
{
	const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;
	const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;

	if (a->sa_family != b->sa_family)
		return false;
	if (a->sa_family == AF_INET)
		return a4->sin_addr.s_addr == b4->sin_addr.s_addr && a4->sin_port == b4->sin_port;
	return a->sa_family == AF_INET6 && memcmp(&a6->sin6_addr, &b6->sin6_addr, 16) == 0 && a6->sin6_port == b6->sin6_port;
}

/*
 * The last look at where it goes, at the very address that is connected: whatever a name may resolve to by
 * now, only what was looked up and allowed is reached.
 */
static curl_socket_t
on_socket(void *user, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct under_way *w = user;
	bool looked_up = false;
	int fd;

	for (size_t i = 0; i < w->t->addresses_len; i++)
		looked_up = looked_up || same_address(&w->t->addresses[i].sa, &to->addr);
	if (purpose != CURLSOCKTYPE_IPCXN || !looked_up || fetch_address_refused(&to->addr, w->t->loopback) != NULL) {
		w->t->refused = true;
		return CURL_SOCKET_BAD;
	}
	fd = socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
	return fd >= 0 ? fd : CURL_SOCKET_BAD;
}

/* "payment.internal:80:10.0.0.1,[fd12::1]" */
static struct curl_slist *
pin(const struct transfer *t)
{
	struct buf line = { 0 };
	struct curl_slist *list;

	buf_addf(&line, "%s:%u:", t->place.host, t->place.port);
	for (size_t i = 0; i < t->addresses_len; i++) {
		char host[64];
		bool six = t->addresses[i].sa.sa_family == AF_INET6;

		if (getnameinfo(&t->addresses[i].sa, t->addresses[i].len, host, sizeof host, NULL, 0, NI_NUMERICHOST) != 0)
			continue;
		buf_addf(&line, "%s%s%s%s", i > 0 ? "," : "", six ? "[" : "", host, six ? "]" : "");
	}
	list = curl_slist_append(NULL, buf_str(&line));
	buf_done(&line);
	return list;
}

static bool
is_literal(const char *host)
{
	struct address a;

	return address_from_literal(host, 0, &a);
}

static bool
prepare(struct under_way *w)
{
	struct transfer *t = w->t;
	CURL *e = w->easy;
	bool ok = true;

#define SET(option, value) (ok = curl_easy_setopt(e, (option), (value)) == CURLE_OK && ok)
	SET(CURLOPT_URL, t->place.url);
#if LIBCURL_VERSION_NUM >= 0x075500
	SET(CURLOPT_PROTOCOLS_STR, "http");
#else
	SET(CURLOPT_PROTOCOLS, (long)CURLPROTO_HTTP);
#endif
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, "");   /* none, whatever the environment says */
	SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_HTTP09_ALLOWED, 0L);
	SET(CURLOPT_USERAGENT, "mtlscope");
	SET(CURLOPT_FORBID_REUSE, 1L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_TIMEOUT_MS, (long)t->within_ms);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)LIMIT_FETCH_CONNECT_MS);
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->most);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, w);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
	SET(CURLOPT_OPENSOCKETDATA, w);
	if (!is_literal(t->place.host)) {
		w->pins = pin(t);
		SET(CURLOPT_RESOLVE, w->pins);
	}
	if (t->body.len > 0) {
		w->headers = curl_slist_append(NULL, "Content-Type: application/ocsp-request");
		w->headers = curl_slist_append(w->headers, "Accept: application/ocsp-response");
		w->headers = curl_slist_append(w->headers, "Expect:");
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDS, t->body.data);
		SET(CURLOPT_POSTFIELDSIZE, (long)t->body.len);
		SET(CURLOPT_HTTPHEADER, w->headers);
	}
#undef SET
	return ok;
}

static const struct {
	CURLcode code;
	const char *words;
} failures[] = {
	{ CURLE_COULDNT_CONNECT, "no connection could be made" },
	{ CURLE_COULDNT_RESOLVE_HOST, "its name does not resolve" },
	{ CURLE_GOT_NOTHING, "it closed without an answer" },
	{ CURLE_RECV_ERROR, "the connection broke while it answered" },
	{ CURLE_SEND_ERROR, "the connection broke before it answered" },
	{ CURLE_PARTIAL_FILE, "it closed before its answer was whole" },
	{ CURLE_OPERATION_TIMEDOUT, "no answer came in time" },
	{ CURLE_UNSUPPORTED_PROTOCOL, "it does not answer in HTTP" },
	{ CURLE_WEIRD_SERVER_REPLY, "it does not answer in HTTP" },
};

static void
say_failure(struct under_way *w, CURLcode code)
{
	struct transfer *t = w->t;
	const char *words = curl_easy_strerror(code);

	for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
		if (failures[i].code == code)
			words = failures[i].words;
	if (w->too_much || code == CURLE_FILESIZE_EXCEEDED)
		snprintf(t->problem, sizeof t->problem, "its answer is longer than %zu KiB", t->most / 1024);
	else if (t->refused)
		snprintf(t->problem, sizeof t->problem, "it leads to an address that was not looked up");
	else
		snprintf(t->problem, sizeof t->problem, "%s", words);
}

static void
conclude(struct under_way *w, CURLcode code)
{
	struct transfer *t = w->t;
	long http = 0;

	curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &http);
	t->status = (int)http;
	if (code != CURLE_OK)
		say_failure(w, code);
	else if (http >= 300 && http < 400)
		snprintf(t->problem, sizeof t->problem, "HTTP %ld sends us elsewhere, where we do not go", http);
	else if (http != 200)
		snprintf(t->problem, sizeof t->problem, "HTTP %ld", http);
	else if (t->answer.len == 0)
		snprintf(t->problem, sizeof t->problem, "its answer is empty");
}

static CURLcode
turn(struct transfer_handle *h)
{
	CURLMsg *said;
	int running = 1, left;

	while (running > 0 && !atomic_load(&h->ended)) {
		if (curl_multi_perform(h->multi, &running) != CURLM_OK)
			return CURLE_FAILED_INIT;
		if (running > 0 && curl_multi_poll(h->multi, NULL, 0, TURN_MS, NULL) != CURLM_OK)
			return CURLE_FAILED_INIT;
	}
	said = curl_multi_info_read(h->multi, &left);
	return said != NULL && said->msg == CURLMSG_DONE ? said->data.result : CURLE_ABORTED_BY_CALLBACK;
}

void
transfer_run(struct transfer *t, struct transfer_handle *h)
{
	struct under_way w = { .t = t, .easy = curl_easy_init() };

	if (w.easy == NULL || h->multi == NULL || !prepare(&w) || curl_multi_add_handle(h->multi, w.easy) != CURLM_OK) {
		snprintf(t->problem, sizeof t->problem, "libcurl could not be set up");
	} else {
		conclude(&w, turn(h));
		curl_multi_remove_handle(h->multi, w.easy);
	}
	curl_easy_cleanup(w.easy);
	curl_slist_free_all(w.headers);
	curl_slist_free_all(w.pins);
}
