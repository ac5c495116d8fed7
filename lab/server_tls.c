/* The TLS context of an endpoint: what it shows, whom it trusts, what it speaks. All of it real OpenSSL. */
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/responder.h"
#include "lab/server.h"

/* The tables are ours: what OpenSSL does not take in them is a mistake of ours, found at the start. */
static void
need(bool ok, const struct story *story, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "lab: “%s”: OpenSSL did not take %s\n", story->name, what);
	ERR_print_errors_fp(stderr);
	abort();
}

static void
show_story(SSL_CTX *ctx, const struct server *s)
{
	const struct story *story = s->story;
	const struct pki_cert *chain[CHAIN_MAX];
	const char *leaf = story->server.leaf != NULL ? story->server.leaf : "server";
	size_t len = authority_chain(s->all->authority, leaf, story->server.form, story->server.extra, chain);
	STACK_OF(X509) *above = sk_X509_new_null();
	X509 *x = chain[0]->x509, *garbage = NULL;
	EVP_PKEY *key = chain[0]->key, *wrong = NULL;

	need(above != NULL, story, "a chain");
	for (size_t i = 1; i < len; i++)
		need(sk_X509_push(above, chain[i]->x509) > 0, story, "a chain");
	if (story->server.garbage)
		x = garbage = pki_garbage(chain[0]);
	if (story->wrong_key)
		key = wrong = pki_wrong_key(chain[0]->key, NULL);
	need(SSL_CTX_use_cert_and_key(ctx, x, key, above, 1) == 1, story, "its certificate");
	EVP_PKEY_free(wrong);
	X509_free(garbage);
	sk_X509_free(above);
}

/* False: the files hold what OpenSSL does not take. */
static bool
show_certificate(SSL_CTX *ctx, const struct server *s, const struct material *files)
{
	/* A chain of our own making, an empty one too, keeps OpenSSL from filling it up out of what it trusts. */
	SSL_CTX_set_mode(ctx, SSL_MODE_NO_AUTO_CHAIN);
	if (files->leaf != NULL)
		return SSL_CTX_use_cert_and_key(ctx, files->leaf, files->key, files->above, 1) == 1;
	show_story(ctx, s);
	return true;
}

static int
any_certificate(int ok, X509_STORE_CTX *store)
{
	(void)ok;
	(void)store;
	return 1; /* the result is kept in the connection; what to make of it is decided after the handshake */
}

static int
verified(X509_STORE_CTX *store, void *nothing)
{
	(void)nothing;
	X509_STORE_CTX_set_error(store, X509_V_OK);
	return 1;
}

/* A self-signed certificate among what came, or one that does not follow what it issued: refused, though it verifies. */
static int
picky(X509_STORE_CTX *store, void *user)
{
	const struct story *story = user;
	STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(store);
	bool root = false, disorder = false;

	for (int i = 1; i < sk_X509_num(sent); i++) {
		X509 *below = sk_X509_value(sent, i - 1), *x = sk_X509_value(sent, i);

		root |= X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0;
		disorder |= X509_NAME_cmp(X509_get_issuer_name(below), X509_get_subject_name(x)) != 0;
	}
	if ((story->minds == MINDS_ROOT && root) || (story->minds == MINDS_ORDER && disorder)) {
		X509_STORE_CTX_set_error(store, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
		return 0;
	}
	return X509_verify_cert(store);
}

/* Only the vhost of that name has "ssl_verify_client on". */
static int
ask_by_name(SSL *ssl, int *alert, void *user)
{
	const struct server *s = user;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	(void)alert;
	if (name == NULL || strcmp(name, s->all->variety->host) != 0)
		SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
	return SSL_TLSEXT_ERR_OK;
}

/* RFC 8446 4.2.1: only a hello that offers TLS 1.3 has supported_versions. */
static int
drop_tls13(SSL *ssl, int *alert, void *nothing)
{
	const unsigned char *ext;
	size_t len;

	(void)nothing;
	*alert = SSL_AD_PROTOCOL_VERSION; /* it never leaves: the connection is reset */
	return SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &ext, &len) == 1 ? SSL_CLIENT_HELLO_ERROR : SSL_CLIENT_HELLO_SUCCESS;
}

static void
add_crl(X509_STORE *store, const struct server *s)
{
	const struct story *story = s->story;
	X509_CRL *crl;

	if (story->crl == CRL_NONE)
		return;
	X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
	if (story->crl == CRL_MISSING)
		return;
	crl = authority_crl(s->all->authority, authority_issuer(s->all->authority, story->client.leaf != NULL ? story->client.leaf : "client"), story->crl == CRL_REVOKES_US ? story->client.leaf : NULL,
	    story->crl == CRL_EXPIRED ? -9 : -1, story->crl == CRL_EXPIRED ? -2 : 6);
	need(X509_STORE_add_crl(store, crl) == 1, story, "its revocation list");
	X509_CRL_free(crl);
}

/* A file of CAs: nothing in it can say that others are to be named than are trusted. */
static void
trust_files(SSL_CTX *ctx, const struct server *s, const STACK_OF(X509) *anchors)
{
	for (int i = 0; i < sk_X509_num(anchors); i++) {
		X509 *x = sk_X509_value(anchors, i);

		need(X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), x) == 1, s->story, "an anchor");
		if (s->story->lists != LISTS_NONE)
			need(SSL_CTX_add_client_CA(ctx, x) == 1, s->story, "a CA's name");
	}
}

static void
trust_story(SSL_CTX *ctx, const struct server *s)
{
	const struct story *story = s->story;

	for (size_t i = 0; story_trusts(story, i) != NULL; i++) {
		X509 *x = authority_cert(s->all->authority, story_trusts(story, i))->x509;

		need(X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), x) == 1, story, "an anchor");
		if (story->lists == LISTS_TRUSTED)
			need(SSL_CTX_add_client_CA(ctx, x) == 1, story, "a CA's name");
	}
	if (story->lists == LISTS_OTHER)
		need(SSL_CTX_add_client_CA(ctx, authority_cert(s->all->authority, "other-root")->x509) == 1, story, "a CA's name");
}

static void
ask_for_certificate(SSL_CTX *ctx, const struct server *s, const struct material *files)
{
	const struct story *story = s->story;
	int mode = SSL_VERIFY_PEER;

	if (story->asks == ASKS_NOT && story->manner != MANNER_LATE)
		return;
	if (files->anchors != NULL)
		trust_files(ctx, s, files->anchors);
	else
		trust_story(ctx, s);
	add_crl(SSL_CTX_get_cert_store(ctx), s);
	if (story->depth > 0)
		SSL_CTX_set_verify_depth(ctx, story->depth);
	if (story->client_sigalgs != NULL)
		need(SSL_CTX_set1_client_sigalgs_list(ctx, story->client_sigalgs) == 1, story, "client_sigalgs");
	if (story->asks == ASKS_ANY)
		SSL_CTX_set_cert_verify_callback(ctx, verified, NULL);
	if (story->minds != MINDS_NOTHING)
		SSL_CTX_set_cert_verify_callback(ctx, picky, (void *)(uintptr_t)story);
	if (story->by_name) {
		SSL_CTX_set_tlsext_servername_callback(ctx, ask_by_name);
		SSL_CTX_set_tlsext_servername_arg(ctx, (void *)(uintptr_t)s);
	}
	if (story->manner != MANNER_NGINX && story->asks != ASKS_OPTIONAL)
		mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	/* MANNER_LATE asks when the request has come. */
	if (story->manner != MANNER_LATE)
		SSL_CTX_set_verify(ctx, mode, story->manner == MANNER_TLS ? NULL : any_certificate);
}

static void
set_versions(SSL_CTX *ctx, const struct server *s)
{
	static const struct {
		uint16_t min, max;
	} usual[] = { { TLS1_2_VERSION, TLS1_3_VERSION }, { TLS1_2_VERSION, TLS1_3_VERSION },
		{ TLS1_2_VERSION, TLS1_2_VERSION }, { TLS1_3_VERSION, TLS1_3_VERSION } };
	const struct story *story = s->story;
	unsigned draw = variety_draw(s->all->variety, "versions", story->name, sizeof usual / sizeof usual[0]);
	uint16_t min = story->min, max = story->max;

	if (min == 0 && max == 0) {
		min = usual[draw].min;
		max = usual[draw].max;
	}
	need(SSL_CTX_set_min_proto_version(ctx, min) == 1 && SSL_CTX_set_max_proto_version(ctx, max) == 1, story, "its versions");
}

static int
choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in, unsigned in_len, void *nothing)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *chosen = NULL;

	(void)ssl;
	(void)nothing;
	if (SSL_select_next_proto(&chosen, out_len, ours, sizeof ours - 1, in, in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL; /* RFC 7301 3.2: no_application_protocol */
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* nginx does so where the default server of an address has no ssl_verify_client and another one has (CVE-2025-23419). */
static int
by_name(SSL *ssl, int *alert, void *nothing)
{
	(void)alert;
	(void)nothing;
	if (SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) == NULL)
		SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
	return SSL_TLSEXT_ERR_OK;
}

/* Made when the first client asks, by the clock of then. */
static int
on_status_request(SSL *ssl, void *data)
{
	const struct server *s = data;
	const char *leaf = s->story->server.leaf;
	struct authority *a = s->all->authority;
	struct buf out = { 0 };
	unsigned char *copy = NULL;

	if (responder_ocsp(a, authority_issuer(a, leaf), s->story->staple == STAPLE_OLD ? OCSP_OUT_OF_DATE : OCSP_DIRECT, NULL, 0, leaf,
	        server_now(s), &out))
		copy = OPENSSL_memdup(out.data, out.len);
	if (copy != NULL)
		SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)out.len); /* its own now */
	buf_done(&out);
	return copy != NULL ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

SSL_CTX *
server_context(const struct server *s, const struct material *files)
{
	static const struct material nothing;
	static const unsigned char session_context[] = "mtlscope lab";
	const struct story *story = s->story;
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	need(ctx != NULL, story, "a new context");
	files = files != NULL ? files : &nothing;
	/* Level 0 lets weak things be shown; level 2 is what Debian's servers judge ours by. */
	SSL_CTX_set_security_level(ctx, story->strict ? 2 : 0);
	SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	/* Who resumes the session is not asked for a certificate. */
	SSL_CTX_set_options(ctx, story->manner != MANNER_LATE ? SSL_OP_NO_RENEGOTIATION : SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION);
	set_versions(ctx, s);
	if (s->tickets == 0 || story->manner == MANNER_LATE)
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	SSL_CTX_set_num_tickets(ctx, s->tickets);
	need(SSL_CTX_set_session_id_context(ctx, session_context, sizeof session_context - 1) == 1, story, "a session context");
	if (story->ciphers != NULL)
		need(SSL_CTX_set_cipher_list(ctx, story->ciphers) == 1, story, "its ciphers");
	if (story->groups != NULL)
		need(SSL_CTX_set1_groups_list(ctx, story->groups) == 1, story, "its groups");
	if (story->refuses_alpn)
		SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, NULL);
	if (story->drops_tls13)
		SSL_CTX_set_client_hello_cb(ctx, drop_tls13, NULL);
	if (!show_certificate(ctx, s, files)) {
		ERR_clear_error();
		SSL_CTX_free(ctx);
		return NULL;
	}
	ask_for_certificate(ctx, s, files);
	if (story->nameless_get_in)
		SSL_CTX_set_tlsext_servername_callback(ctx, by_name);
	/* The response that it has is about the story's certificate. */
	if (story->staple != STAPLE_NONE && files->leaf == NULL) {
		SSL_CTX_set_tlsext_status_cb(ctx, on_status_request);
		SSL_CTX_set_tlsext_status_arg(ctx, (void *)(uintptr_t)s);
	}
	return ctx;
}
