/* What a stranger's address may answer: certificates, a revocation list, an OCSP response, or any bytes. */
#include <stddef.h>
#include <stdint.h>

#include "lab/pki.h"
#include "model/cert_openssl.h"
#include "model/crl.h"
#include "model/issuers.h"
#include "model/limits.h"
#include "model/ocsp.h"
#include "probes/fetch_rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A CA and a certificate of it, made once: the bytes are asked about it. */
static struct cert *ca, *leaf;

static struct cert *
parsed(const struct pki_cert *c)
{
	size_t len;
	unsigned char *der = pki_der(c, &len);
	struct cert *out = cert_parse(der, len, NULL);

	OPENSSL_free(der);
	return out;
}

static void
make(void)
{
	struct pki_cert root, below;

	openssl_start();
	root = pki_issue(&(struct pki_request){ .cn = "Acme CA", .ca = true, .key_usage = "critical,keyCertSign,cRLSign" }, NULL);
	below = pki_issue(&(struct pki_request){ .cn = "leaf", .crl = "http://ca.internal/ca.crl" }, &root);
	ca = parsed(&root);
	leaf = parsed(&below);
	pki_cert_free(&root);
	pki_cert_free(&below);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char nonce[OCSP_NONCE_BYTES];
	struct cert *certs[LIMIT_ISSUERS];
	struct fetch_place place;
	struct arena *a = arena_new();
	struct revocation r;
	struct crl *crl;
	size_t n;

	if (ca == NULL)
		make();
	n = issuers_read(data, size, certs, LIMIT_ISSUERS);
	for (size_t i = 0; i < n; i++)
		cert_free(certs[i]);
	crl = crl_parse(data, size, NULL);
	if (crl != NULL)
		crl_look_up(crl, leaf, ca, &r);
	crl_free(crl);
	ocsp_read((struct text){ data, size }, leaf, ca, nonce, a, &r);
	ocsp_read((struct text){ data, size }, leaf, ca, NULL, a, &r);
	fetch_place_of((struct text){ data, size }, &place);
	fetch_place_done(&place);
	arena_free(a);
	return 0;
}
