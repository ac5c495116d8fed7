/* A certificate of any bytes, its names compared with hosts, and a name of any bytes. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/cert_fields.h"
#include "model/cert_openssl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must_be_safe(const char *s)
{
	if (s == NULL || (text_flags(text_of(s)) & ~(unsigned)TEXT_TRUNCATED) != 0)
		abort();
}

static void
look_at(const struct cert *c, const char *host)
{
	struct arena *a = arena_new();
	struct buf pem = { 0 };

	cert_matches_host(c, host);
	cert_matches_host(c, "payment.internal");
	cert_matches_host(c, "::1");
	cert_signed_by(c, c, NULL);
	cert_could_issue(c, c);
	cert_allows(c, PURPOSE_SERVER);
	cert_purposes(c, a);
	cert_pem(c, &pem);
	buf_done(&pem);
	must_be_safe(c->subject.safe);
	must_be_safe(c->issuer.safe);
	must_be_safe(c->key.label);
	must_be_safe(c->signature.label);
	for (size_t i = 0; i < c->san_len; i++)
		must_be_safe(c->san[i].safe);
	for (size_t i = 0; i < c->faults_len; i++)
		must_be_safe(c->faults[i].text);
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct error err = { 0 };
	struct name name;
	struct public_key key;
	struct signature_info signature;
	char host[64] = "";
	struct cert *c;

	openssl_start();
	if (size > 0)
		memcpy(host, data + size / 2, size - size / 2 < 63 ? size - size / 2 : 63);
	c = cert_parse(data, size, &err);
	if (c == NULL)
		must_be_safe(err.text);
	else
		look_at(c, host);
	cert_free(c);
	name_parse(a, (struct text){ data, size }, &name);
	must_be_safe(name.safe);
	public_key_read(a, (struct text){ data, size }, &key, NULL);
	must_be_safe(key.label);
	signature_info_read(a, (struct text){ data, size }, &signature);
	must_be_safe(signature.label);
	arena_free(a);
	return 0;
}
