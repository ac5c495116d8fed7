#include "tests/floods.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/forge.h"

enum { RECORDS_AT_ONCE = 256, SECOND_MS = 1000, HANDSHAKE = 22, KEY_UPDATE = 24 };

static bool
send_all(int fd, const unsigned char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

void
flood_prepare(SSL_CTX *ctx, const struct script *s)
{
	(void)s;
	forge_prepare(ctx);
}

void
flood_records(int fd, SSL_CTX *ctx, const struct script *s)
{
	static _Thread_local unsigned char batch[RECORDS_AT_ONCE * (256 + FORGE_OVERHEAD)];
	const unsigned char *bytes = s->bytes;
	SSL *ssl = SSL_new(ctx);
	struct forge f;
	bool going;

	SSL_set_fd(ssl, fd);
	going = SSL_accept(ssl) == 1;
	if (going)
		forge_begin(&f, ssl);
	while (going) {
		size_t len = 0;

		for (int i = 0; i < RECORDS_AT_ONCE; i++) {
			len += forge_record(&f, bytes[0], bytes + 1, s->bytes_len - 1, batch + len);
			if (f.tls13 && bytes[0] == HANDSHAKE && bytes[1] == KEY_UPDATE)
				forge_next_keys(&f);
		}
		going = send_all(fd, batch, len);
		if (!going)
			forge_done(&f);
	}
	SSL_free(ssl);
}

/* ---- over memory, so that what leaves can be cut up ---- */

struct wire {
	int fd;
	SSL *ssl;
	BIO *in, *out;
	bool (*leave)(int fd, const unsigned char *bytes, size_t len);
};

static void
wire_open(struct wire *w, int fd, SSL_CTX *ctx)
{
	w->fd = fd;
	w->ssl = SSL_new(ctx);
	w->in = BIO_new(BIO_s_mem());
	w->out = BIO_new(BIO_s_mem());
	BIO_set_mem_eof_return(w->in, -1);
	BIO_set_mem_eof_return(w->out, -1);
	SSL_set_bio(w->ssl, w->in, w->out);
}

static bool
wire_flush(struct wire *w)
{
	unsigned char bytes[16 * 1024];
	int n;

	while ((n = BIO_read(w->out, bytes, sizeof bytes)) > 0)
		if (!w->leave(w->fd, bytes, (size_t)n))
			return false;
	return true;
}

/* Until a request has come; false where the client has gone. */
static bool
wire_request(struct wire *w)
{
	unsigned char bytes[4096];
	ssize_t n;

	while ((n = recv(w->fd, bytes, sizeof bytes, 0)) > 0) {
		BIO_write(w->in, bytes, (int)n);
		if (!SSL_is_init_finished(w->ssl))
			SSL_accept(w->ssl);
		if (!wire_flush(w))
			return false;
		if (SSL_is_init_finished(w->ssl) && SSL_read(w->ssl, bytes, sizeof bytes) > 0)
			return true;
	}
	return false;
}

/* One byte, and then a second in which the client may go. */
static bool
leave_slowly(int fd, const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		struct pollfd p = { .fd = fd, .events = POLLRDHUP };

		if (send(fd, bytes + i, 1, MSG_NOSIGNAL) != 1 || poll(&p, 1, SECOND_MS) != 0)
			return false;
	}
	return true;
}

void
slow_handshake(int fd, SSL_CTX *ctx, const struct script *s)
{
	struct wire w = { .leave = leave_slowly };

	(void)s;
	wire_open(&w, fd, ctx);
	wire_request(&w);
	SSL_free(w.ssl);
}

void
slow_answer(int fd, SSL_CTX *ctx, const struct script *s)
{
	struct wire w = { .leave = send_all };

	wire_open(&w, fd, ctx);
	if (wire_request(&w)) {
		w.leave = leave_slowly;
		for (const char *c = s->answer; *c != '\0' && SSL_write(w.ssl, c, 1) == 1;)
			c += wire_flush(&w) ? 1 : strlen(c);
	}
	SSL_free(w.ssl);
}

void
flood_answers(int fd, SSL_CTX *ctx, const struct script *s)
{
	struct wire w = { .leave = send_all };

	wire_open(&w, fd, ctx);
	if (wire_request(&w))
		while (SSL_write(w.ssl, s->answer, (int)strlen(s->answer)) > 0 && wire_flush(&w))
			continue;
	SSL_free(w.ssl);
}

/* What is not a handshake record goes as it is: a cipher is in force then. */
static bool
leave_in_crumbs(int fd, const unsigned char *bytes, size_t len)
{
	while (len >= 5) {
		size_t content = (size_t)bytes[3] << 8 | bytes[4];

		if (bytes[0] != 22)
			return send_all(fd, bytes, len);
		for (size_t i = 0; i < content && 5 + i < len; i++) {
			unsigned char crumb[6] = { 22, 3, 3, 0, 1, bytes[5 + i] };

			if (!send_all(fd, crumb, sizeof crumb))
				return false;
		}
		bytes += 5 + content;
		len -= 5 + content < len ? 5 + content : len;
	}
	return true;
}

void
serve_crumbs(int fd, SSL_CTX *ctx, const struct script *s)
{
	struct wire w = { .leave = leave_in_crumbs };

	wire_open(&w, fd, ctx);
	if (wire_request(&w)) {
		SSL_write(w.ssl, s->answer, (int)strlen(s->answer));
		SSL_shutdown(w.ssl);
		wire_flush(&w);
	}
	SSL_free(w.ssl);
}
