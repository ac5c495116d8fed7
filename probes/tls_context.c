#include "probes/tls_context.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/cert_openssl.h"
#include "model/limits.h"
#include "model/memory.h"
#include "probes/tls_credentials.h"
#include "probes/tls.h"

/* Everything that a peer may still speak; DEFAULT leaves out what has no encryption or no name. */
static const char wide_ciphers[] = "ALL:COMPLEMENTOFALL";
static const char wide_groups[] = "X25519:P-256:X448:P-521:P-384:secp256k1:brainpoolP256r1:brainpoolP384r1:"
    "brainpoolP512r1:secp224r1:secp192r1:ffdhe2048:ffdhe3072:ffdhe4096:ffdhe6144:ffdhe8192";
static const char wide_sigalgs[] = "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448:rsa_pss_pss_sha256:"
    "rsa_pss_pss_sha384:rsa_pss_pss_sha512:rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:"
    "RSA+SHA256:RSA+SHA384:RSA+SHA512:ECDSA+SHA224:RSA+SHA224:DSA+SHA224:DSA+SHA256:DSA+SHA384:DSA+SHA512:"
    "ECDSA+SHA1:RSA+SHA1:DSA+SHA1";

enum { ALPN_MAX = 256 }; /* bytes of the ProtocolNameList; RFC 7301 allows more, nobody has them */

struct node {
	struct tls_context context;
	struct tls_wish wish;   /* with references of its own, and a chain of its own */
	struct cert **chain;
	struct node *next;
};

struct tls_contexts {
	pthread_mutex_t lock;
	struct node *nodes;
	uint16_t min_version, max_version;
	char *ciphers;
	unsigned char alpn[ALPN_MAX];
	size_t alpn_len;
	int keylog_fd;
	atomic_int keylog_error; /* of the first write that failed */
};

static int keylog_index = -1;
static pthread_once_t keylog_once = PTHREAD_ONCE_INIT;

static void
keylog_make_index(void)
{
	keylog_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

/* One write a line, on a descriptor opened to append: lines of several threads do not mix. */
static void
keylog(const SSL *ssl, const char *line)
{
	struct tls_contexts *s = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), keylog_index);
	struct buf text = { 0 };
	ssize_t written;
	int none = 0;

	buf_adds(&text, line);
	buf_addc(&text, '\n');
	/* A full disk must not end a handshake; it is told when all is done. */
	written = write(s->keylog_fd, text.data, text.len);
	if (written != (ssize_t)text.len)
		atomic_compare_exchange_strong(&s->keylog_error, &none, written < 0 ? errno : ENOSPC);
	buf_done(&text);
}

static int
judge_nothing(X509_STORE_CTX *store, void *user)
{
	(void)store;
	(void)user;
	return 1;
}

/* "h2,http/1.1" as a ProtocolNameList (RFC 7301 3.1); 0: not a list, or too long. */
static size_t
alpn_list(const char *names, unsigned char out[ALPN_MAX])
{
	size_t used = 0;

	while (*names != '\0') {
		size_t len = strcspn(names, ",");

		if (len == 0 || len > 255 || used + 1 + len > ALPN_MAX)
			return 0;
		out[used++] = (unsigned char)len;
		memcpy(out + used, names, len);
		used += len;
		names += len;
		if (*names == ',')
			names++;
	}
	return used;
}

static bool
set_protocols(SSL_CTX *ctx, const struct tls_contexts *s, const struct tls_wish *wish)
{
	unsigned char own[ALPN_MAX];
	const unsigned char *list = wish->alpn != NULL ? own : s->alpn;
	size_t len = wish->alpn != NULL ? alpn_list(wish->alpn, own) : s->alpn_len;

	return len == 0 || SSL_CTX_set_alpn_protos(ctx, list, (unsigned)len) == 0;
}

static bool
set_offer(SSL_CTX *ctx, const struct tls_contexts *s, const struct tls_wish *wish)
{
	bool wide = wish->hello == HELLO_WIDE;
	uint16_t min = wish->version != 0 ? wish->version : s->min_version, max = wish->version != 0 ? wish->version : s->max_version;

	if (SSL_CTX_set_min_proto_version(ctx, wide ? TLS1_VERSION : min) != 1 ||
	    SSL_CTX_set_max_proto_version(ctx, wide ? 0 : max) != 1 ||
	    SSL_CTX_set_cipher_list(ctx, wide ? wide_ciphers : s->ciphers != NULL ? s->ciphers : "DEFAULT") != 1)
		return false;
	if (wide && (SSL_CTX_set1_groups_list(ctx, wide_groups) != 1 || SSL_CTX_set1_sigalgs_list(ctx, wide_sigalgs) != 1))
		return false;
	/* After the list: "@SECLEVEL=" in it, or a distribution's default, must not narrow what we offer. */
	SSL_CTX_set_security_level(ctx, 0);
	return set_protocols(ctx, s, wish);
}

static SSL_CTX *
make_ctx(struct tls_contexts *s, const struct tls_wish *wish)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (ctx == NULL || !set_offer(ctx, s, wish)) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	SSL_CTX_set_options(ctx, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_IGNORE_UNEXPECTED_EOF);
	if (!wish->tickets)
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	SSL_CTX_set_post_handshake_auth(ctx, wish->late_auth);
	if (!wish->late_auth)
		SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(ctx, SSL_MODE_NO_AUTO_CHAIN);
	SSL_CTX_set_max_cert_list(ctx, LIMIT_CERTIFICATE_MESSAGE);
	SSL_CTX_set_cert_verify_callback(ctx, judge_nothing, NULL);
	tls_watch(ctx);
	if (s->keylog_fd != -1) {
		SSL_CTX_set_ex_data(ctx, keylog_index, s);
		SSL_CTX_set_keylog_callback(ctx, keylog);
	}
	return ctx;
}

static bool
same_chain(const struct tls_wish *a, const struct tls_wish *b)
{
	if (a->chain_len != b->chain_len)
		return false;
	for (size_t i = 0; i < a->chain_len; i++)
		if (!fingerprint_equal(&a->chain[i]->sha256, &b->chain[i]->sha256))
			return false;
	return true;
}

static bool
same_alpn(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static struct node *
find(struct tls_contexts *s, const struct tls_wish *wish)
{
	for (struct node *n = s->nodes; n != NULL; n = n->next)
		if (n->wish.hello == wish->hello && n->wish.sends == wish->sends && n->wish.identity == wish->identity &&
		    n->wish.late_auth == wish->late_auth && n->wish.version == wish->version && same_alpn(n->wish.alpn, wish->alpn) &&
		    n->wish.tickets == wish->tickets && same_chain(&n->wish, wish))
			return n;
	return NULL;
}

/* What the wish says, and nothing that does not matter to it: so that equal contexts are found. */
static struct tls_wish
needed(const struct tls_wish *wish)
{
	struct tls_wish w = *wish;

	bool strange = w.sends == SENDS_THROWAWAY || w.sends == SENDS_THROWAWAY_RSA;

	if (w.identity == NULL && !strange)
		w.sends = SENDS_NOTHING;
	if (w.hello == HELLO_WIDE)
		w.sends = SENDS_NOTHING;
	if (w.sends == SENDS_NOTHING || strange)
		w.identity = NULL;
	if (w.identity == NULL || w.chain_len == 0) {
		w.chain = NULL;
		w.chain_len = 0;
	}
	return w;
}

static struct node *
make(struct tls_contexts *s, const struct tls_wish *wish)
{
	SSL_CTX *ctx = make_ctx(s, wish);
	struct node *n;

	if (ctx == NULL)
		return NULL;
	n = mem_zero(1, sizeof *n);
	n->context.ctx = ctx;
	n->wish = *wish;
	if (wish->identity != NULL)
		n->wish.identity = identity_ref(wish->identity);
	n->chain = mem_zero(wish->chain_len + 1, sizeof *n->chain);
	for (size_t i = 0; i < wish->chain_len; i++)
		n->chain[i] = cert_ref(wish->chain[i]);
	n->wish.chain = (const struct cert *const *)n->chain;
	tls_credentials_load(&n->context, &n->wish);
	n->next = s->nodes;
	s->nodes = n;
	return n;
}

const struct tls_context *
tls_context_get(struct tls_contexts *s, const struct tls_wish *wish)
{
	struct tls_wish w = needed(wish);
	struct node *n;

	pthread_mutex_lock(&s->lock);
	n = find(s, &w);
	if (n == NULL)
		n = make(s, &w);
	pthread_mutex_unlock(&s->lock);
	return n != NULL ? &n->context : NULL;
}

static status
set_alpn(struct tls_contexts *s, const char *list, struct error *err)
{
	if (list == NULL || *list == '\0')
		return STATUS_OK;
	s->alpn_len = alpn_list(list, s->alpn);
	if (s->alpn_len == 0)
		return error_set(err, ERROR_USAGE, "options",
		    "--alpn wants names separated by commas, as in h2,http/1.1, %d bytes at most", ALPN_MAX);
	return STATUS_OK;
}

status
tls_contexts_new(const struct examine_options *opt, struct tls_contexts **out, struct error *err)
{
	struct tls_contexts *s = mem_zero(1, sizeof *s);
	struct buf safe = { 0 };

	openssl_start();
	pthread_once(&keylog_once, keylog_make_index);
	pthread_mutex_init(&s->lock, NULL);
	s->keylog_fd = -1;
	s->min_version = opt->min_version != 0 ? opt->min_version : TLS1_2_VERSION;
	s->max_version = opt->max_version != 0 ? opt->max_version : TLS1_3_VERSION;
	if (s->min_version > s->max_version)
		s->min_version = s->max_version; /* --tls-max below TLS 1.2: the user means it */
	s->ciphers = opt->ciphers != NULL ? mem_strdup(opt->ciphers) : NULL;
	if (set_alpn(s, opt->alpn, err) != STATUS_OK)
		goto fail;
	if (opt->keylog_file != NULL) {
		s->keylog_fd = open(opt->keylog_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
		if (s->keylog_fd == -1) {
			text_safe(&safe, text_of(opt->keylog_file), TEXT_MAX_DEFAULT);
			error_set(err, ERROR_INPUT, "options", "%s: the key log cannot be opened: %s", buf_str(&safe),
			    strerror(errno));
			goto fail;
		}
	}
	if (s->ciphers != NULL && tls_context_get(s, &(struct tls_wish){ .sends = SENDS_NOTHING }) == NULL) {
		text_safe(&safe, text_of(s->ciphers), TEXT_MAX_DEFAULT);
		error_set(err, ERROR_USAGE, "options", "--ciphers %s: OpenSSL knows no cipher of that list", buf_str(&safe));
		goto fail;
	}
	buf_done(&safe);
	*out = s;
	return STATUS_OK;
fail:
	ERR_clear_error();
	buf_done(&safe);
	tls_contexts_free(s);
	return STATUS_FAILED;
}

int
tls_contexts_keylog_error(const struct tls_contexts *s)
{
	return atomic_load(&s->keylog_error);
}

void
tls_contexts_free(struct tls_contexts *s)
{
	if (s == NULL)
		return;
	while (s->nodes != NULL) {
		struct node *n = s->nodes;

		s->nodes = n->next;
		SSL_CTX_free(n->context.ctx);
		identity_free(n->wish.identity);
		for (size_t i = 0; i < n->wish.chain_len; i++)
			cert_free(n->chain[i]);
		free(n->chain);
		free(n);
	}
	if (s->keylog_fd != -1)
		close(s->keylog_fd);
	free(s->ciphers);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
