#include "lab/responder.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pkcs7.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/memory.h"

enum { BACKLOG = 128, REQUEST_MOST = 64 * 1024, VISITS_MOST = 256, NAME_MOST = 64, CRL_FROM = -1, CRL_TO = 6, CRL_OLD_FROM = -9, CRL_OLD_TO = -2 };

struct visit {
	struct responder *responder;
	struct visit *next;
	uv_tcp_t tcp;
	uv_write_t writing;
	struct buf in, out;
	char piece[4096];
};

/* ---- what it holds ---- */

static void
head(struct buf *out, const char *answer, const char *type, size_t len)
{
	buf_addf(out, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", answer, type, len);
}

static void
add_found(struct buf *out, const char *type, const unsigned char *der, int len)
{
	head(out, "200 OK", type, (size_t)len);
	buf_add(out, der, (size_t)len);
}

static void
add_cert(struct responder *r, const char *name, struct buf *out)
{
	unsigned char *der = NULL;
	int len = i2d_X509(authority_cert(r->authority, name)->x509, &der);

	add_found(out, "application/pkix-cert", der, len);
	OPENSSL_free(der);
}

/* RFC 5280 4.2.2.1: several at once come as a PKCS#7 that signs nothing. */
static void
add_certs_only(struct responder *r, const char *name, struct buf *out)
{
	PKCS7 *p7 = PKCS7_new();
	unsigned char *der = NULL;
	int len = 0;

	if (p7 != NULL && PKCS7_set_type(p7, NID_pkcs7_signed) == 1 && PKCS7_content_new(p7, NID_pkcs7_data) == 1 &&
	    PKCS7_add_certificate(p7, authority_cert(r->authority, name)->x509) == 1)
		len = i2d_PKCS7(p7, &der);
	add_found(out, "application/pkcs7-mime", der, len > 0 ? len : 0);
	OPENSSL_free(der);
	PKCS7_free(p7);
}

static int64_t
now_of(const struct responder *r)
{
	return r->world->now_ms(r->world->self) / 1000;
}

static void
add_list(struct responder *r, const char *name, int from, int to, struct buf *out)
{
	X509_CRL *crl = authority_list(r->authority, name, now_of(r), from, to);
	unsigned char *der = NULL;
	int len = i2d_X509_CRL(crl, &der);

	add_found(out, "application/pkix-crl", der, len);
	OPENSSL_free(der);
	X509_CRL_free(crl);
}

static void
add_ocsp(struct responder *r, const char *name, enum ocsp_kind kind, const unsigned char *body, size_t len, struct buf *out)
{
	struct buf answer = { 0 };

	responder_ocsp(r->authority, name, kind, body, len, NULL, now_of(r), &answer);
	head(out, "200 OK", "application/ocsp-response", answer.len);
	buf_add(out, answer.data, answer.len);
	buf_done(&answer);
}

/* "/crl/revoking.crl" under "/crl/", ".crl": "revoking", where there is such a recipe. */
static bool
name_in(const char *path, const char *folder, const char *suffix, char name[NAME_MOST])
{
	size_t before = strlen(folder), after = strlen(suffix), len = strlen(path);

	if (strncmp(path, folder, before) != 0 || len < before + after || len - before - after >= NAME_MOST ||
	    strcmp(path + len - after, suffix) != 0)
		return false;
	memcpy(name, path + before, len - before - after);
	name[len - before - after] = '\0';
	return authority_knows(name);
}

static void
answer_path(struct responder *r, const char *path, const unsigned char *body, size_t len, struct buf *out)
{
	char name[NAME_MOST];

	if (name_in(path, "/ca/", ".cer", name))
		add_cert(r, name, out);
	else if (name_in(path, "/ca/", ".p7c", name))
		add_certs_only(r, name, out);
	else if (name_in(path, "/crl/", ".crl", name))
		add_list(r, name, CRL_FROM, CRL_TO, out);
	else if (name_in(path, "/old-crl/", ".crl", name))
		add_list(r, name, CRL_OLD_FROM, CRL_OLD_TO, out);
	else if (name_in(path, "/ocsp/", "", name))
		add_ocsp(r, name, OCSP_DIRECT, body, len, out);
	else if (name_in(path, "/delegated-ocsp/", "", name))
		add_ocsp(r, name, OCSP_DELEGATED, body, len, out);
	else if (name_in(path, "/busy-ocsp/", "", name))
		add_ocsp(r, name, OCSP_TRY_LATER, body, len, out);
	else
		head(out, "404 Not Found", "text/plain", 0);
}

/* What it answers to one request: `head` is its head, NUL-terminated. False: it hangs up without a word. */
static bool
responder_answer(struct responder *r, const char *request, const unsigned char *body, size_t len, struct buf *out)
{
	char path[256];
	size_t skip = strcspn(request, " \r\n"), end;

	if (request[skip] != ' ')
		return false;
	request += skip + 1;
	end = strcspn(request, " \r\n");
	if (end >= sizeof path)
		return false;
	memcpy(path, request, end);
	path[end] = '\0';
	if (strncmp(path, "/down", 5) == 0)
		return false; /* a responder that is down: it hangs up */
	answer_path(r, path, body, len, out);
	return true;
}

/* ---- visits ---- */

static void
on_visit_closed(uv_handle_t *h)
{
	struct visit *v = h->data;

	for (struct visit **at = &v->responder->visits; *at != NULL; at = &(*at)->next)
		if (*at == v) {
			*at = v->next;
			break;
		}
	v->responder->visits_len--;
	buf_done(&v->in);
	buf_done(&v->out);
	free(v);
}

static void
end(struct visit *v)
{
	if (!uv_is_closing((uv_handle_t *)&v->tcp))
		uv_close((uv_handle_t *)&v->tcp, on_visit_closed);
}

static void
on_written(uv_write_t *w, int result)
{
	(void)result;
	end(w->data);
}

static size_t
length_of_body(const char *request)
{
	static const char name[] = "content-length:";

	for (const char *line = request; (line = strchr(line, '\n')) != NULL;) {
		line++;
		if (strncasecmp(line, name, sizeof name - 1) == 0)
			return (size_t)strtoul(line + sizeof name - 1, NULL, 10);
	}
	return 0;
}

/* The whole request is here: its head ends with an empty line, and so many bytes follow. */
static bool
is_whole(struct visit *v, size_t *head_len, size_t *body_len)
{
	const char *text = buf_str(&v->in), *empty = strstr(text, "\r\n\r\n");

	if (empty == NULL)
		return false;
	*head_len = (size_t)(empty - text) + 4;
	*body_len = length_of_body(text);
	return *body_len <= v->in.len - *head_len;
}

static void
on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *bytes)
{
	struct visit *v = s->data;
	size_t head_len, body_len;
	uv_buf_t answer;

	if (n < 0 || v->in.len + (size_t)n > REQUEST_MOST) {
		end(v);
		return;
	}
	buf_add(&v->in, bytes->base, (size_t)n);
	if (!is_whole(v, &head_len, &body_len))
		return;
	uv_read_stop(s);
	if (!responder_answer(v->responder, buf_str(&v->in), (const unsigned char *)v->in.data + head_len, body_len, &v->out)) {
		end(v);
		return;
	}
	answer = uv_buf_init(v->out.data, (unsigned)v->out.len);
	v->writing.data = v;
	if (uv_write(&v->writing, s, &answer, 1, on_written) != 0)
		end(v);
}

static void
give_room(uv_handle_t *h, size_t wanted, uv_buf_t *out)
{
	struct visit *v = h->data;

	(void)wanted;
	*out = uv_buf_init(v->piece, sizeof v->piece);
}

/* Whoever came first and has not said yet what for: a silent one must not keep others out for as long as the lab runs. */
static void
end_oldest(struct responder *r)
{
	struct visit *oldest = NULL;

	for (struct visit *v = r->visits; v != NULL; v = v->next)
		if (!uv_is_closing((uv_handle_t *)&v->tcp))
			oldest = v;
	if (oldest != NULL)
		end(oldest);
}

static void
on_visitor(uv_stream_t *listener, int result)
{
	struct responder *r = listener->data;
	struct visit *v;

	if (result != 0)
		return;
	v = mem_zero(1, sizeof *v);
	v->responder = r;
	v->tcp.data = v;
	if (uv_tcp_init(listener->loop, &v->tcp) != 0) {
		free(v);
		return;
	}
	v->next = r->visits;
	r->visits = v;
	r->visits_len++;
	if (uv_accept(listener, (uv_stream_t *)&v->tcp) != 0 || uv_read_start((uv_stream_t *)&v->tcp, give_room, on_read) != 0)
		end(v);
	if (r->visits_len > VISITS_MOST)
		end_oldest(r);
}

status
responder_start(struct responder *r, uv_loop_t *loop, struct authority *a, const struct world *w, unsigned first, unsigned before, struct error *err)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	unsigned port = first != 0 ? first + before : 0;
	int size = sizeof address, result;

	if (port > UINT16_MAX)
		return error_set(err, ERROR_USAGE, "starting the lab", "--first-port: the ports after it do not suffice, %u would be the last", port);
	address.sin_port = htons((uint16_t)port);
	r->authority = a;
	r->world = w;
	if ((result = uv_tcp_init(loop, &r->listener)) == 0) {
		r->open = true;
		r->listener.data = r;
		result = uv_tcp_bind(&r->listener, (const struct sockaddr *)&address, 0);
	}
	if (result == 0)
		result = uv_listen((uv_stream_t *)&r->listener, BACKLOG, on_visitor);
	if (result == 0)
		result = uv_tcp_getsockname(&r->listener, (struct sockaddr *)&address, &size);
	if (result != 0 && first != 0)
		return error_set(err, ERROR_LOCAL, "starting the lab", "The ports from %u on cannot be had: %u of 127.0.0.1: %s. Try another --first-port.", first,
		    port, uv_strerror(result));
	if (result != 0)
		return error_set(err, ERROR_LOCAL, "starting the lab", "No port can be opened on 127.0.0.1: %s.", uv_strerror(result));
	authority_at_web(a, ntohs(address.sin_port));
	return STATUS_OK;
}

void
responder_close(struct responder *r)
{
	for (struct visit *v = r->visits; v != NULL; v = v->next)
		end(v);
}
