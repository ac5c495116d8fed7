/* One endpoint's server: what listens on its port and behaves as its story says. */
#ifndef LAB_SERVER_H
#define LAB_SERVER_H

#include <openssl/ssl.h>
#include <uv.h>

#include "lab/authority.h"
#include "lab/served_files.h"
#include "lab/story.h"
#include "lab/variety.h"
#include "model/error.h"
#include "model/world.h"

struct connection;

/* What every server of the lab shares. */
struct servers {
	uv_loop_t *loop;
	struct authority *authority;
	const struct variety *variety;
	const struct world *world;
	struct connection *open; /* of all servers */
	unsigned connections; /* how many those are */
	unsigned next_port;   /* for the next that listens; 0: any */
};

struct server {
	const struct story *story;
	struct servers *all;
	SSL_CTX *ctx;        /* NULL: no TLS here */
	uv_tcp_t listener;
	bool open;           /* the listener is a handle of the loop */
	uint16_t port;
	unsigned tickets;
	struct server *twin; /* at another address; or NULL */
	const struct server *upstream; /* whom it calls when it is asked to; NULL: nobody */
	struct served served; /* its files; without a name: it reads none */
};

/* Binds 127.0.0.1 and listens, and its twin beside it, where the story has a port at all. *s starts zeroed. */
status server_start(struct server *s, const struct story *story, struct servers *all, struct error *err) MUST_USE;
/*
 * The context of a TLS story (lab/server_tls.c), with what of it was read from files, or NULL. NULL where OpenSSL does not take
 * what the files hold.
 */
SSL_CTX *server_context(const struct server *s, const struct material *files);
/* Before a connection is served: what its files hold now. */
void server_refresh(struct server *s);
/* Its clock, in seconds. */
int64_t server_now(const struct server *s);
/* After the loop's handles are closed. */
void server_done(struct server *s);

/* A new connection (lab/connection.c). */
void connection_open(struct server *s);
/* All of them, before the loop ends. */
void connections_close(struct servers *all);

#endif
