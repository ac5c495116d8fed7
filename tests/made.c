#include "tests/made.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#include "model/identity.h"
#include "model/memory.h"

struct made
made_issue(const struct pki_request *r, const struct made *issuer)
{
	struct pki_request dated = *r;
	struct made m = { 0 };
	struct error err = { 0 };
	unsigned char *der;
	size_t len = 0;

	if (dated.not_before == 0 && dated.not_after == 0) {
		dated.not_before = MADE_NOW - 365 * MADE_DAY;
		dated.not_after = MADE_NOW + 365 * MADE_DAY;
	}
	m.pki = pki_issue(&dated, issuer != NULL ? &issuer->pki : NULL);
	der = pki_der(&m.pki, &len);
	m.cert = cert_parse(der, len, &err);
	free(der);
	if (m.cert == NULL)
		fail_msg("a made certificate cannot be read: %s", err.text);
	return m;
}

void
made_free(struct made *m)
{
	pki_cert_free(&m->pki);
	cert_free(m->cert);
	m->cert = NULL;
}

struct path_set *
made_paths(const struct made *leaf, const struct made *const *pool, size_t pool_len,
    const struct made *const *anchors, size_t anchors_len, enum purpose purpose, int64_t at)
{
	struct path_link *links = mem_zero(pool_len + 1, sizeof *links);
	struct cert **trusted = mem_zero(anchors_len + 1, sizeof *trusted);
	struct path_question q = {
		.leaf = leaf->cert,
		.pool = links,
		.pool_len = pool_len,
		.purpose = purpose,
		.at = at,
		.partial_chain = true,
	};
	struct trust *trust;
	struct path_set *set;

	for (size_t i = 0; i < pool_len; i++)
		links[i] = (struct path_link){ .cert = pool[i]->cert, .source = SOURCE_PRESENTED };
	for (size_t i = 0; i < anchors_len; i++)
		trusted[i] = anchors[i]->cert;
	trust = trust_from("test", trusted, anchors_len);
	q.trust = trust;
	set = paths_find(&q);
	trust_free(trust);
	free(trusted);
	free(links);
	return set;
}

struct made
made_ca(const char *cn, const struct made *issuer)
{
	return made_issue(&(struct pki_request){ .cn = cn, .ca = true, .key_usage = "critical,keyCertSign" }, issuer);
}

struct made
made_ca_again(const char *cn, const struct made *same, const struct made *issuer)
{
	return made_issue(&(struct pki_request){ .cn = cn, .ca = true, .key_usage = "critical,keyCertSign",
	    .key = same->pki.key }, issuer);
}

struct made
made_leaf(const struct made *issuer)
{
	return made_issue(&(struct pki_request){ .cn = "leaf", .key_usage = "critical,digitalSignature",
	    .eku = "serverAuth", .san = (const char *const[]){ "DNS:example.com", NULL } }, issuer);
}

struct path_set *
made_find(const struct made *of, const struct made *const *pool, size_t pool_len,
    const struct made *const *anchors, size_t anchors_len)
{
	return made_paths(of, pool, pool_len, anchors, anchors_len, PURPOSE_SERVER, MADE_NOW);
}

bool
made_has_error(const struct path *p, enum code code)
{
	for (size_t i = 0; p != NULL && i < p->errors_len; i++)
		if (p->errors[i].code == code)
			return true;
	return false;
}
