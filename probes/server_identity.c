#include "probes/server_identity.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "model/cert_openssl.h"
#include "model/host.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/times.h"
#include "probes/made_cert.h"

enum { DAY = 24 * 3600, DAYS_VALID = 30 };
enum { ECDSA_P256 = 0x0403, GROUP_P256 = 23 };

struct made { /* a leaf for one name */
	char *name;
	bool rsa;
	X509 *x;
};

struct server_identity {
	const struct identity *user; /* NULL: made */
	EVP_PKEY *ca_key, *ec, *rsa; /* rsa: made when the first client needs it */
	X509 *ca;
	int64_t now;
	struct made made[LIMIT_LISTEN_NAMES];
	size_t made_len;
};

/* Valid from a day before now: clocks differ. */
static X509 *
make(const struct server_identity *s, struct made_cert what)
{
	what.signer = s->ca_key;
	what.from = s->now - DAY;
	what.to = s->now + DAYS_VALID * DAY;
	return made_cert(&what);
}

static bool
make_ca(struct server_identity *s)
{
	char when[TIME_TEXT_MAX];
	struct buf cn = { 0 };

	/* Two of them that were made at different times are told apart by their names. */
	buf_addf(&cn, "mtlscope listen, made %s", time_human(s->now, when));
	s->ca_key = EVP_EC_gen("P-256");
	s->ec = EVP_EC_gen("P-256");
	if (s->ca_key != NULL && s->ec != NULL)
		s->ca = make(s, (struct made_cert){
			.cn = buf_str(&cn),
			.key = s->ca_key,
			.extensions = { { NID_basic_constraints, "critical,CA:TRUE,pathlen:0" }, { NID_key_usage, "critical,keyCertSign,cRLSign" },
				{ NID_subject_key_identifier, "hash" } },
		});
	buf_done(&cn);
	return s->ca != NULL;
}

/* Whatever name or address of this machine a client may have been given. */
static void
add_names(struct buf *san, const struct host *asked, const char *to)
{
	struct host address;
	char why[HOST_WHY_MAX];

	buf_adds(san, "DNS:localhost,IP:127.0.0.1,IP:::1");
	if (asked != NULL)
		buf_addf(san, ",%s:%s", asked->is_ip ? "IP" : "DNS", asked->name);
	if (to != NULL && host_read(to, strlen(to), &address, why) && address.is_ip)
		buf_addf(san, ",IP:%s", address.name);
}

static X509 *
make_leaf(const struct server_identity *s, const struct host *asked, const char *to, EVP_PKEY *key)
{
	struct buf san = { 0 };
	X509 *x;

	add_names(&san, asked, to);
	x = make(s, (struct made_cert){
		.cn = "mtlscope listen",
		.key = key,
		.issuer = s->ca,
		.extensions = { { NID_basic_constraints, "critical,CA:FALSE" },
			{ NID_key_usage, key == s->rsa ? "critical,digitalSignature,keyEncipherment" : "critical,digitalSignature" },
			{ NID_ext_key_usage, "serverAuth" }, { NID_subject_alt_name, buf_str(&san) }, { NID_subject_key_identifier, "hash" },
			{ NID_authority_key_identifier, "keyid" } },
	});
	buf_done(&san);
	return x;
}

status
server_identity_new(const struct identity *id, int64_t now, struct server_identity **out, struct error *err)
{
	struct server_identity *s = mem_zero(1, sizeof *s);

	openssl_start();
	s->now = now;
	if (id != NULL && (id->len == 0 || id->key == NULL || key_evp(id->key) == NULL || !id->matches)) {
		free(s);
		return error_set(err, ERROR_INPUT, "listen", "%s: to be the server needs a certificate and the private key that belongs to it",
		    id->cert_file != NULL ? id->cert_file : "--cert");
	}
	if (id != NULL) {
		s->user = identity_ref(id);
	} else if (!make_ca(s)) {
		server_identity_free(s);
		ERR_clear_error();
		return error_set(err, ERROR_INTERNAL, "listen", "OpenSSL cannot make a certificate");
	}
	*out = s;
	return STATUS_OK;
}

void
server_identity_free(struct server_identity *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->made_len; i++) {
		free(s->made[i].name);
		X509_free(s->made[i].x);
	}
	X509_free(s->ca);
	EVP_PKEY_free(s->ca_key); /* OpenSSL clears what it frees */
	EVP_PKEY_free(s->ec);
	EVP_PKEY_free(s->rsa);
	identity_free(s->user);
	free(s);
}

static bool
show(SSL *ssl, X509 *leaf, EVP_PKEY *key, struct cert *const *above, size_t above_len)
{
	/* A chain that is not NULL, even an empty one, keeps OpenSSL from filling it up. */
	STACK_OF(X509) *chain = sk_X509_new_null();
	bool ok = chain != NULL;

	for (size_t i = 0; ok && i < above_len; i++)
		ok = sk_X509_push(chain, cert_x509(above[i])) > 0;
	ok = ok && SSL_use_cert_and_key(ssl, leaf, key, chain, 1) == 1;
	sk_X509_free(chain);
	ERR_clear_error();
	return ok;
}

/*
 * A client that takes no ECDSA over P-256 gets an RSA key, which is made then. One that names no signature
 * algorithms (TLS 1.1 and before, RFC 5246 7.4.1.4.1) takes RSA.
 */
static EVP_PKEY *
key_for(struct server_identity *s, const struct client_hello *h)
{
	if (numbers_have(&h->sigalgs, ECDSA_P256) && numbers_have(&h->groups, GROUP_P256))
		return s->ec;
	if (s->rsa == NULL)
		s->rsa = EVP_RSA_gen(MADE_RSA_BITS);
	return s->rsa;
}

static X509 *
leaf_for(struct server_identity *s, const char *name, const struct host *asked, const char *to, EVP_PKEY *key)
{
	struct made *m;

	for (size_t i = 0; i < s->made_len; i++)
		if (s->made[i].rsa == (key == s->rsa) && strcmp(s->made[i].name, name) == 0)
			return s->made[i].x;
	/* Whoever asks for names without end makes no one else wait: the first ones stay, each further one takes the last place. */
	if (s->made_len == LIMIT_LISTEN_NAMES) {
		m = &s->made[--s->made_len];
		free(m->name);
		X509_free(m->x);
	}
	m = &s->made[s->made_len];
	*m = (struct made){ .rsa = key == s->rsa, .x = make_leaf(s, asked, to, key) };
	if (m->x == NULL)
		return NULL;
	m->name = mem_strdup(name);
	s->made_len++;
	return m->x;
}

bool
server_identity_show(struct server_identity *s, SSL *ssl, const struct client_hello *hello, const char *to)
{
	struct host asked;
	char why[HOST_WHY_MAX];
	EVP_PKEY *key;
	X509 *leaf;
	bool named;

	if (s->user != NULL)
		return show(ssl, cert_x509(s->user->certs[0]), key_evp(s->user->key), s->user->certs + 1, s->user->len - 1);
	named = hello->sni_raw.len > 0 && host_read((const char *)hello->sni_raw.bytes, hello->sni_raw.len, &asked, why);
	key = key_for(s, hello);
	leaf = key != NULL ? leaf_for(s, named ? asked.name : to, named ? &asked : NULL, to, key) : NULL;
	ERR_clear_error();
	return leaf != NULL && show(ssl, leaf, key, NULL, 0);
}

void
server_identity_ca(const struct server_identity *s, struct buf *out)
{
	BIO *b = s->ca != NULL ? BIO_new(BIO_s_mem()) : NULL;
	char *data = NULL;
	long len;

	if (b != NULL && PEM_write_bio_X509(b, s->ca) == 1 && (len = BIO_get_mem_data(b, &data)) > 0)
		buf_add(out, data, (size_t)len);
	BIO_free(b);
}
