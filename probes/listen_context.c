/* The TLS contexts of `listen`: what is asked of a client, with which list of CAs and which algorithms. */
#include <openssl/err.h>
#include <string.h>

#include "model/alert.h"
#include "model/buf.h"
#include "model/cert_openssl.h"
#include "probes/listen_loop.h"

/* OpenSSL's spelling of a signature scheme in its lists; one that it has no name for cannot be asked for. */
static const struct {
	uint16_t scheme;
	const char *name;
} sigalg_words[] = {
	{ 0x0401, "RSA+SHA256" }, { 0x0501, "RSA+SHA384" }, { 0x0601, "RSA+SHA512" }, { 0x0201, "RSA+SHA1" }, { 0x0301, "RSA+SHA224" },
	{ 0x0403, "ECDSA+SHA256" }, { 0x0503, "ECDSA+SHA384" }, { 0x0603, "ECDSA+SHA512" }, { 0x0203, "ECDSA+SHA1" }, { 0x0303, "ECDSA+SHA224" },
	{ 0x0402, "DSA+SHA256" }, { 0x0502, "DSA+SHA384" }, { 0x0602, "DSA+SHA512" }, { 0x0202, "DSA+SHA1" }, { 0x0302, "DSA+SHA224" },
	{ 0x0804, "rsa_pss_rsae_sha256" }, { 0x0805, "rsa_pss_rsae_sha384" }, { 0x0806, "rsa_pss_rsae_sha512" },
	{ 0x0809, "rsa_pss_pss_sha256" }, { 0x080a, "rsa_pss_pss_sha384" }, { 0x080b, "rsa_pss_pss_sha512" },
	{ 0x0807, "ed25519" }, { 0x0808, "ed448" },
};

static int
choose(SSL *ssl, int *alert, void *nothing)
{
	(void)nothing;
	if (connection_choose(ssl))
		return SSL_CLIENT_HELLO_SUCCESS;
	*alert = SSL_AD_INTERNAL_ERROR;
	return SSL_CLIENT_HELLO_ERROR;
}

/* The handshake judges nothing, unless we play a server that requires. */
static int
judge(X509_STORE_CTX *store, void *nothing)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	int error = connection_verdict(ssl);

	(void)nothing;
	X509_STORE_CTX_set_error(store, error);
	return error == X509_V_OK;
}

static int
choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in, unsigned in_len, void *nothing)
{
	static const unsigned char ours[] = "\x08http/1.1\x08http/1.0";
	unsigned char *chosen = NULL;

	(void)ssl;
	(void)nothing;
	if (SSL_select_next_proto(&chosen, out_len, ours, sizeof ours - 1, in, in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK; /* it goes on without: what it speaks is its own affair */
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static bool
set_list(SSL_CTX *ctx, const struct certificate_request *r)
{
	STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();

	for (size_t i = 0; names != NULL && i < r->cas_len; i++) {
		const unsigned char *p = r->cas[i].der.bytes;
		X509_NAME *n = d2i_X509_NAME(NULL, &p, (long)r->cas[i].der.len);

		/* One that does not parse here is left out: it was captured from a stranger. */
		if (n != NULL && sk_X509_NAME_push(names, n) <= 0)
			X509_NAME_free(n);
	}
	ERR_clear_error();
	if (names == NULL)
		return false;
	SSL_CTX_set_client_CA_list(ctx, names);
	return true;
}

static void
set_algorithms(SSL_CTX *ctx, const struct certificate_request *r)
{
	struct buf list = { 0 };

	for (size_t i = 0; i < r->sigalgs_len; i++)
		for (size_t k = 0; k < sizeof sigalg_words / sizeof sigalg_words[0]; k++)
			if (sigalg_words[k].scheme == r->sigalgs[i])
				buf_addf(&list, "%s%s", list.len > 0 ? ":" : "", sigalg_words[k].name);
	if (list.len > 0)
		SSL_CTX_set1_client_sigalgs_list(ctx, buf_str(&list));
	ERR_clear_error();
	buf_done(&list);
}

static SSL_CTX *
make(const struct listen_options *opt, const struct certificate_request *r)
{
	static const unsigned char session_context[] = "mtlscope listen";
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (ctx == NULL)
		return NULL;
	if (SSL_CTX_set_min_proto_version(ctx, opt->min_version != 0 ? opt->min_version : TLS1_2_VERSION) != 1 ||
	    SSL_CTX_set_max_proto_version(ctx, opt->max_version != 0 ? opt->max_version : TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_cipher_list(ctx, opt->ciphers != NULL ? opt->ciphers : "DEFAULT") != 1 ||
	    SSL_CTX_set_session_id_context(ctx, session_context, sizeof session_context - 1) != 1 || !set_list(ctx, r)) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	SSL_CTX_set_security_level(ctx, 0); /* what is weak is to be seen, and judged afterwards */
	set_algorithms(ctx, r);
	/* Each connection is to show the certificate: nobody resumes, nobody asks again. */
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(ctx, SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_max_cert_list(ctx, LIMIT_LISTEN_CERTIFICATE);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | (opt->requires ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), NULL);
	SSL_CTX_set_cert_verify_callback(ctx, judge, NULL);
	SSL_CTX_set_client_hello_cb(ctx, choose, NULL);
	SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, NULL);
	SSL_CTX_set_msg_callback(ctx, connection_message);
	return ctx;
}

status
listen_contexts(struct listen_loop *l, const struct listen_options *opt, const struct certificate_request *request, struct error *err)
{
	static const struct certificate_request any;
	struct buf shown = { 0 };

	openssl_start();
	l->as_set = make(opt, request);
	if (l->as_set != NULL && !opt->requires && (request->cas_len > 0 || request->sigalgs_len > 0))
		l->for_any = make(opt, &any);
	if (l->as_set != NULL)
		return STATUS_OK;
	ERR_clear_error();
	text_safe(&shown, text_of(opt->ciphers), TEXT_MAX_DEFAULT);
	if (opt->ciphers != NULL)
		error_set(err, ERROR_USAGE, "options", "--ciphers %s: OpenSSL knows no cipher of that list", buf_str(&shown));
	else
		error_set(err, ERROR_USAGE, "options", "OpenSSL cannot be a server with these TLS versions");
	buf_done(&shown);
	return STATUS_FAILED;
}
