/* What OpenSSL tells of a client's handshake, and what it asks: which request, which certificate, is it refused? */
#include <openssl/x509_vfy.h>
#include <stdlib.h>

#include "model/memory.h"
#include "model/path.h"
#include "probes/listen_loop.h"
#include "probes/wire.h"
#include "probes/wire_hello.h"

enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, CERTIFICATE = 11 };

static void
keep_cipher(struct connection *c, const unsigned char *msg, size_t len)
{
	struct wire_server_hello hello = { 0 };
	unsigned char id[2];
	const SSL_CIPHER *cipher;

	if (!wire_server_hello(msg, len, &hello) || hello.cipher == 0)
		return;
	id[0] = (unsigned char)(hello.cipher >> 8);
	id[1] = (unsigned char)hello.cipher;
	cipher = SSL_CIPHER_find(c->ssl, id);
	if (cipher != NULL)
		c->h->cipher = SSL_CIPHER_get_name(cipher); /* static */
}

static void
keep_hello(struct connection *c, const unsigned char *msg, size_t len)
{
	struct client *client = c->client;

	if (client->hello.seen)
		return; /* the second one, after a HelloRetryRequest, differs in its key share */
	wire_client_hello(c->h->arena, msg, len, &client->hello);
	c->h->offer.max_version = client_hello_version(&client->hello);
	c->h->offer.min_version = client->hello.legacy_version;
	c->h->offer.sni = client->hello.sni;
	c->h->offer.alpn = client->hello.alpn;
}

static void
keep_certificates(struct connection *c, const unsigned char *msg, size_t len)
{
	struct client *client = c->client;
	bool stapled;

	if (client->certs_len == 0)
		wire_certificate(c->h->arena, msg, len, c->h->version, &client->certs, &client->certs_len, &client->certs_truncated, &stapled);
}

void
connection_message(int write_p, int version, int type, const void *bytes, size_t len, SSL *ssl, void *user)
{
	struct connection *c = SSL_get_app_data(ssl);
	enum peer from = write_p ? PEER_SERVER : PEER_US;
	const unsigned char *p = bytes;

	(void)version;
	(void)user;
	if (c == NULL || c->client == NULL)
		return;
	if (type == SSL3_RT_HEADER && write_p && len == SSL3_RT_HEADER_LENGTH)
		c->recorder.queued += len + ((size_t)p[3] << 8 | p[4]);
	else if (type == SSL3_RT_ALERT && len == 2)
		record_alert(&c->recorder, from, p[0], p[1], connection_now_ms(c));
	if (type != SSL3_RT_HANDSHAKE || len == 0)
		return;
	if (from == PEER_US && p[0] == CLIENT_HELLO)
		keep_hello(c, p, len);
	if (from == PEER_US && p[0] == CERTIFICATE)
		keep_certificates(c, p, len);
	if (from == PEER_SERVER && p[0] == SERVER_HELLO)
		keep_cipher(c, p, len);
	record_message(&c->recorder, from, p, len, connection_now_ms(c));
}

/* What it did last time decides what it is asked now: the difference tells what a single answer cannot. */
bool
connection_choose(SSL *ssl)
{
	struct connection *c = SSL_get_app_data(ssl);
	struct listen_loop *l = c->l;
	struct client *client = c->client;
	const struct earlier *e = loop_earlier(l, client->host, &client->hello.shape);

	if (e != NULL)
		client->earlier = e->what;
	if (l->for_any != NULL && e != NULL && e->what.asked == ASKED_AS_SET && e->what.sent == 0 &&
	    client_may_withhold(client, &l->about->request)) {
		client->asked = ASKED_FOR_ANY;
		SSL_set_SSL_CTX(ssl, l->for_any);
	}
	return server_identity_show(l->identity, ssl, &client->hello, client->to);
}

int
connection_verdict(SSL *ssl)
{
	struct connection *c = SSL_get_app_data(ssl);
	struct listen_loop *l = c->l;
	struct client *client = c->client;
	const struct cert *leaf = client->certs_len > 0 ? client->certs[0].cert : NULL;
	int64_t now = l->at_set ? l->at : l->world->now_ms(l->world->self) / 1000;
	struct path_link *pool;
	struct path_set *paths;
	int error = X509_V_OK;

	if (!l->about->requires || !l->about->trust_named || leaf == NULL)
		return X509_V_OK;
	pool = mem_zero(client->certs_len, sizeof *pool);
	struct path_question q = { .leaf = leaf, .pool = pool, .trust = l->trust, .purpose = PURPOSE_CLIENT, .at = now, .partial_chain = true };
	for (size_t i = 1; i < client->certs_len; i++)
		if (client->certs[i].cert != NULL)
			pool[q.pool_len++] = (struct path_link){ .cert = client->certs[i].cert, .source = SOURCE_PRESENTED };
	paths = paths_find(&q);
	const struct path *best = paths_best(paths);
	if (best == NULL || !best->anchored)
		error = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
	else if (now > best->not_after)
		error = X509_V_ERR_CERT_HAS_EXPIRED;
	else if (now < best->not_before)
		error = X509_V_ERR_CERT_NOT_YET_VALID;
	else if (!cert_allows(leaf, PURPOSE_CLIENT))
		error = X509_V_ERR_INVALID_PURPOSE;
	else if (best->errors_len > 0)
		error = best->errors[0].x509_error != 0 ? best->errors[0].x509_error : X509_V_ERR_UNSPECIFIED;
	c->refused = error != X509_V_OK;
	paths_free(paths);
	free(pool);
	return error;
}
