/* What the files of `listen` share: the loop and its sockets (listen_loop.c), one client (listen_client.c). Nobody else includes this. */
#ifndef PROBES_LISTEN_LOOP_H
#define PROBES_LISTEN_LOOP_H

#include <openssl/ssl.h>
#include <uv.h>

#include "model/limits.h"
#include "probes/listen.h"
#include "probes/record.h"
#include "probes/server_identity.h"

enum { LISTEN_SOCKETS = 2 }; /* loopback has two addresses */

struct connection;

/* What was seen of a program before: the last thing it did. */
struct earlier {
	char host[64];
	struct fingerprint shape;
	struct client_earlier what;
};

struct listen_loop {
	uv_loop_t loop;
	uv_async_t wake;
	uv_timer_t room;             /* looks again whether there is room for those that wait */
	struct listen_socket {
		uv_tcp_t tcp;
		struct listen_loop *of;
		bool open, waiting;  /* waiting: a client stands at the door */
	} sockets[LISTEN_SOCKETS];
	struct server_identity *identity;
	SSL_CTX *as_set, *for_any;   /* two requests; for_any is NULL where they would be the same */
	const struct listening *about;
	const struct world *world;
	struct trust *trust;         /* a reference; or NULL */
	struct thresholds thresholds;
	const char *seen_from;
	bool at_set;
	int64_t at;

	struct connection *newest, *oldest;
	size_t connections;
	uint64_t number;             /* clients so far */
	struct earlier *earlier;     /* LIMIT_LISTEN_EARLIER places, used in turn */
	size_t earlier_len, earlier_next;
	bool stopping;
	unsigned char scratch[16 * 1024];

	void (*hand_over)(void *self, struct evidence *e); /* on the loop's thread; takes it over */
	void (*count)(void *self, size_t connections);
	void *self;
};

enum step {
	STEP_FIRST,      /* nothing has come: is it TLS at all? */
	STEP_HANDSHAKE,
	STEP_TALK,       /* the handshake is complete: has it a request? */
	STEP_ENDING      /* all is said; what still comes is read, for an alert, until it closes */
};

struct connection {
	struct connection *older, *newer;
	struct listen_loop *l;
	uv_tcp_t tcp;
	uv_timer_t timer;
	int handles;     /* of the loop, not closed yet */
	enum step step;
	SSL *ssl;        /* owns the two BIOs; NULL: it did not come to TLS */
	BIO *in, *out;
	struct client *client;
	struct handshake *h; /* the client's */
	struct recorder recorder;
	struct buf first, request;
	uint64_t began_us;
	bool refused;    /* by us, --require-mtls */
	bool shut;       /* our FIN is on its way */
};

/* listen_client.c: one client, from accept to the end of its record. */
double connection_now_ms(const struct connection *c); /* since it connected */
/* How it ended, where that is not known yet. */
void connection_ended(struct connection *c, enum peer by, enum end_how how, int os_error);
void connection_write(struct connection *c, const void *bytes, size_t len);
void connection_goodbye(struct connection *c);        /* close_notify, FIN, then reading on for a while */
void connection_accept(struct listen_loop *l, struct listen_socket *from);
/* Ends it as it is: to make room, or because we stop. */
void connection_cut(struct connection *c, bool to_make_room);
struct connection *connection_newer(const struct connection *c);
/* Ms since it connected, where its handshake is not over; negative where it is. */
double connection_unfinished_ms(const struct connection *c);

/* listen_loop.c */
void loop_has_room(struct listen_loop *l);   /* a connection is gone */
const struct earlier *loop_earlier(const struct listen_loop *l, const char *host, const struct fingerprint *shape);
void loop_remember(struct listen_loop *l, const char *host, const struct fingerprint *shape, const struct client_earlier *what);
status loop_bind(struct listen_loop *l, const char *address, uint16_t port, char *shown, size_t size, struct error *err) MUST_USE;
void loop_close(struct listen_loop *l);      /* every handle: the loop ends then */

/* listen_context.c: what we ask with. */
status listen_contexts(struct listen_loop *l, const struct listen_options *opt, const struct certificate_request *request, struct error *err) MUST_USE;

/* listen_tls.c. In the client-hello call-back: which of the two it gets, and our certificate for it. False: it cannot go on. */
bool connection_choose(SSL *ssl);
/* --require-mtls: the X509_V_ERR_ that its certificate is refused for; X509_V_OK. */
int connection_verdict(SSL *ssl);
void connection_message(int write_p, int version, int type, const void *bytes, size_t len, SSL *ssl, void *user);

/* listen_http.c: bytes of the application; it answers once a request is whole. */
void connection_request(struct connection *c, const char *bytes, size_t len);
/* Where plain HTTP came: its first bytes are in c->first. */
void connection_plain_answer(struct connection *c);

#endif
