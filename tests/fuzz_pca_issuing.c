/*
 * What the lab's private CA is sent: CSRs, ApiPassthrough, certificates to import. The first byte chooses: a CSR as it
 * stands; a CSR whose subject and extensions are these bytes, signed with a good key, so that what is behind the signature
 * is reached; PEM to import. The second is the template. A JSON text follows up to a NUL, then the rest. What passed the
 * check must be signed, and every refusal has a code. Our own side judges the same CSR: what it calls hopeless, the CA
 * refuses, and what was issued compares with its CSR.
 */
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lab/pca_issuing.h"
#include "lab/pki.h"
#include "model/csr.h"
#include "model/memory.h"
#include "model/times.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW INT64_C(1795435200)

static EVP_PKEY *ca_key, *leaf_key;
static X509 *ca;

static void
start(void)
{
	struct pki_request r = { .cn = "Root", .ca = true, .not_before = NOW - 86400, .not_after = NOW + 86400 * INT64_C(4000) };
	struct pki_cert made;

	ca_key = EVP_EC_gen("P-256");
	leaf_key = EVP_EC_gen("P-256");
	r.key = ca_key;
	made = pki_issue(&r, NULL);
	ca = made.x509;
	EVP_PKEY_free(made.key);
}

/* Subject and extensions one after the other, as far as each parses. */
static char *
signed_csr(const uint8_t *bytes, size_t len, EVP_PKEY *key)
{
	const unsigned char *p = bytes;
	X509_NAME *subject = d2i_X509_NAME(NULL, &p, (long)len);
	STACK_OF(X509_EXTENSION) *extensions;
	X509_REQ *csr = X509_REQ_new();
	BIO *bio = BIO_new(BIO_s_mem());
	char *out, *text = NULL;
	long n;

	if (subject == NULL)
		p = bytes;
	extensions = d2i_X509_EXTENSIONS(NULL, &p, (long)(len - (size_t)(p - bytes)));
	if (subject != NULL)
		X509_REQ_set_subject_name(csr, subject);
	X509_REQ_set_pubkey(csr, key);
	if (extensions != NULL)
		X509_REQ_add_extensions(csr, extensions);
	X509_REQ_sign(csr, key, EVP_sha256());
	PEM_write_bio_X509_REQ(bio, csr);
	n = BIO_get_mem_data(bio, &text);
	out = mem_strndup(text, (size_t)n);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	X509_NAME_free(subject);
	X509_REQ_free(csr);
	BIO_free(bio);
	return out;
}

static void
import(const uint8_t *bytes, size_t len, bool root)
{
	struct pca_fault fault;
	X509 *out = NULL;
	bool ok = pca_check_import(root, ca_key, bytes, len / 2, bytes + len / 2, len - len / 2, NOW, &fault, &out);

	if (ok != (out != NULL) || (!ok && fault.code[0] == '\0'))
		abort();
	X509_free(out);
}

static void
make_csr(const cJSON *configuration)
{
	struct pca_fault fault;
	char *pem = pca_make_csr(ca_key, configuration, &fault);

	if (pem == NULL && fault.code[0] == '\0')
		abort();
	free(pem);
}

static void
compare(const char *csr, const char *template, X509 *x, struct arena *a)
{
	struct csr_asked asked = { .template = template, .server = true, .not_before = TIME_UNKNOWN, .not_after = NOW };
	struct csr_findings f;
	struct error err = { 0 };
	unsigned char *der = NULL;
	int len = i2d_X509(x, &der);
	struct cert *c = len > 0 ? cert_parse(der, (size_t)len, &err) : NULL;

	error_clear(&err);
	if (c != NULL && csr_compare(csr, strlen(csr), c, &asked, a, &f, &err) != STATUS_OK)
		abort();
	cert_free(c);
	OPENSSL_free(der);
}

/* issued NULL: refused. */
static void
judge(const struct pca_signing *s, X509 *issued)
{
	bool call = s->api_passthrough != NULL;
	const struct csr_context context = { .template = s->template->name, .api_subject = call, .api_names = call };
	struct arena *a = arena_new();
	struct csr_findings f;
	struct error err = { 0 };

	if (csr_lint((const char *)s->csr, s->csr_len, &context, a, &f, &err) == STATUS_OK) {
		if (issued != NULL && !call && csr_hopeless(&f))
			abort();
		if (issued != NULL)
			compare((const char *)s->csr, s->template->name, issued, a);
	} else if (!error_is_set(&err)) {
		abort();
	}
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pca_signing s = { .signing_algorithm = "SHA256WITHECDSA", .validity = { .type = "DAYS", .value = 30 }, .now = NOW };
	const uint8_t *json_end;
	struct pca_fault fault;
	cJSON *json;
	char *csr;
	X509 *x;
	bool late = false;

	if (ca == NULL)
		start();
	if (size < 3)
		return 0;
	json_end = memchr(data + 2, '\0', size - 2);
	if (json_end == NULL)
		json_end = data + size - 1;
	json = cJSON_ParseWithLength((const char *)data + 2, (size_t)(json_end - data) - 2);
	const uint8_t *rest = json_end + 1;
	size_t rest_len = size - (size_t)(rest - data);

	s.template = &pca_templates[data[1] % pca_templates_len];
	s.ca = s.template->root ? NULL : ca;
	s.ca_key = ca_key;
	s.api_passthrough = json;
	s.crl_url = (data[0] & 4) != 0 ? "http://crl.test/1" : NULL;
	s.ocsp_url = (data[0] & 8) != 0 ? "http://ocsp.test/1" : NULL;
	switch (data[0] & 3) {
	case 0:
		import(rest, rest_len, (data[0] & 4) != 0);
		make_csr(json);
		break;
	case 1:
		csr = mem_strndup((const char *)rest, rest_len);
		s.csr_len = rest_len;
		goto check;
	default:
		csr = signed_csr(rest, rest_len, s.template->root ? ca_key : leaf_key);
		s.csr_len = strlen(csr);
check:
		s.csr = (const unsigned char *)csr;
		if (pca_check_request(&s, &fault, &late)) {
			x = pca_sign(&s, &fault);
			if (x == NULL || X509_verify(x, ca_key) != 1)
				abort();
			judge(&s, x);
			X509_free(x);
		} else {
			if (fault.code[0] == '\0' || fault.message[0] == '\0')
				abort();
			judge(&s, NULL);
		}
		free(csr);
		break;
	}
	cJSON_Delete(json);
	return 0;
}
