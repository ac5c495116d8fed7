#include "model/reproduce_sent.h"

#include <string.h>

#define OWN_TICKET "the ticket was one of this examination, and is in no file"

/*
 * What an experiment changes that its record does not show, or that a tool cannot do. An experiment without a
 * row is one whose record says it all: version, name, ALPN, and which of our certificates went out.
 */
static const struct {
	const char *experiment;
	struct line_plan plan;
} rows[] = {
	{ "baseline", { .sends = LINE_OURS } },
	{ "baseline-get", { .sends = LINE_OURS } },
	{ "wide-hello", { .sends = LINE_NOTHING, .wide = true } },
	{ "late-auth", { .sends = LINE_OURS, .late = true } },
	{ "no-certificate", { .sends = LINE_NOTHING } },
	{ "throwaway", { .sends = LINE_THROWAWAY } },
	{ "throwaway-rsa", { .sends = LINE_THROWAWAY_RSA } },
	{ "with-intermediate", { .cannot = "the chain that went out stands in no file: put the missing CA behind your certificate, and the first line does it" } },
	{ "in-order", { .cannot = "the chain that went out stands in no file: put yours in order, and the first line does it" } },
	{ "without-root", { .cannot = "the chain that went out stands in no file: take the root out of yours, and the first line does it" } },
	{ "other-ca", { .cannot = "the CA was made for this one handshake" } },
	{ "wrong-key", { .cannot = "the tool refuses a key that does not belong to its certificate before it sends anything" } },
	{ "garbage", { .cannot = "the tool reads a certificate before it sends it, and this one could not be read" } },
	{ "session", { .sends = LINE_OURS } },
	{ "resumed", { .cannot = OWN_TICKET } },
	{ "nameless-resumed", { .cannot = OWN_TICKET } },
	{ "root-path", { .sends = LINE_OURS, .path = "/" } },
	{ "other-host", { .sends = LINE_OURS, .host = "other.invalid" } },
};

static bool
sent_are_ours(const struct evidence *e, const struct handshake *h)
{
	if (e->identity == NULL || h->sent_certs_len > e->identity->len)
		return false;
	for (size_t i = 0; i < h->sent_certs_len; i++)
		if (!fingerprint_equal(&h->sent_certs[i], &e->identity->certs[i]->sha256))
			return false;
	return true;
}

/* What the record shows: all of our chain, its leaf alone, nothing; else something that no file holds. */
static struct line_plan
by_record(const struct evidence *e, const struct handshake *h)
{
	struct line_plan p = { .sends = LINE_NOTHING };

	if (h->sent_certs_len == 0)
		return p;
	if (!sent_are_ours(e, h) || (h->sent_certs_len != 1 && h->sent_certs_len != e->identity->len)) {
		p.cannot = "what went out stands in no file";
		return p;
	}
	p.sends = h->sent_certs_len == e->identity->len ? LINE_OURS : LINE_LEAF;
	if (p.sends == LINE_LEAF)
		p.curl_cannot = "curl sends all of the certificate's file";
	return p;
}

struct line_plan
line_plan_of(const struct evidence *e, const struct handshake *h)
{
	for (size_t i = 0; h->experiment != NULL && i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].experiment, h->experiment) == 0)
			return rows[i].plan;
	return by_record(e, h);
}

/* Those that OpenSSL 3.0 knows by no name of their own, in its spelling. */
static const struct {
	const char *name, *openssl;
} unnamed[] = {
	{ "ecdsa_sha224", "ECDSA+SHA224" },
	{ "ecdsa_sha1", "ECDSA+SHA1" },
	{ "rsa_pkcs1_sha224", "RSA+SHA224" },
	{ "dsa_sha1", "DSA+SHA1" },
	{ "dsa_sha224", "DSA+SHA224" },
	{ "dsa_sha256", "DSA+SHA256" },
	{ "dsa_sha384", "DSA+SHA384" },
	{ "dsa_sha512", "DSA+SHA512" },
};

void
openssl_sigalgs(const char *list, struct buf *out)
{
	for (const char *at = list; *at != '\0';) {
		size_t len = strcspn(at, ":"), i = 0;

		while (i < sizeof unnamed / sizeof unnamed[0] && (strlen(unnamed[i].name) != len || strncmp(unnamed[i].name, at, len) != 0))
			i++;
		if (i < sizeof unnamed / sizeof unnamed[0])
			buf_adds(out, unnamed[i].openssl);
		else
			buf_add(out, at, len);
		at += len;
		if (*at == ':')
			buf_addc(out, *at++);
	}
}
