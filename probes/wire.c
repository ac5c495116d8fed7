#include "probes/wire.h"

#include <string.h>

#include "model/limits.h"
#include "probes/cursor.h"

enum {
	TYPE_SERVER_HELLO = 2,
	TYPE_CERTIFICATE = 11,
	TYPE_SERVER_KEY_EXCHANGE = 12,
	TYPE_CERTIFICATE_REQUEST = 13,
	TYPE_CERTIFICATE_VERIFY = 15,
	TYPE_CERTIFICATE_STATUS = 22
};
enum {
	EXTENSION_STATUS_REQUEST = 5,
	EXTENSION_SIGNATURE_ALGORITHMS = 13,
	EXTENSION_SUPPORTED_VERSIONS = 43,
	EXTENSION_CERTIFICATE_AUTHORITIES = 47,
	EXTENSION_SIGNATURE_ALGORITHMS_CERT = 50,
	EXTENSION_KEY_SHARE = 51
};
enum { TLS_1_2 = 0x0303, TLS_1_3 = 0x0304 };

/* The body of a message of this type, exactly as long as its header says. */
static bool
body_of(const unsigned char *msg, size_t len, uint8_t type, struct cursor *body)
{
	struct cursor c = { msg, msg };

	*body = c;
	if (len < 4 || msg[0] != type)
		return false;
	c = (struct cursor){ msg + 1, msg + len };
	return read_vector(&c, 3, body) && left(&c) == 0;
}

/* The next entry of a certificate list; TLS 1.3 has extensions behind each. */
static bool
read_entry(struct cursor *list, uint16_t version, struct cursor *der, bool *stapled)
{
	struct cursor extensions, data;
	uint16_t type;

	if (!read_vector(list, 3, der) || left(der) == 0)
		return false;
	if (version < TLS_1_3)
		return true;
	if (!read_vector(list, 2, &extensions))
		return false;
	while (left(&extensions) > 0) {
		if (!read_u16(&extensions, &type) || !read_vector(&extensions, 2, &data))
			return false;
		if (type == EXTENSION_STATUS_REQUEST && left(&data) > 0)
			*stapled = true;
	}
	return true;
}

/* The list inside a Certificate message, behind TLS 1.3's context. */
static bool
certificate_list(const unsigned char *msg, size_t len, uint16_t version, struct cursor *list)
{
	struct cursor body, context;

	*list = (struct cursor){ msg, msg };
	if (!body_of(msg, len, TYPE_CERTIFICATE, &body))
		return false;
	if (version >= TLS_1_3 && !read_vector(&body, 1, &context))
		return false;
	return read_vector(&body, 3, list) && left(&body) == 0;
}

/* Where it parses, the bytes are those of the shared certificate; else a copy of what came. */
static void
keep_certificate(struct arena *a, const struct cursor *der, struct wire_cert *out)
{
	struct error err = { 0 };

	out->cert = cert_parse(der->at, left(der), &err);
	if (out->cert != NULL) {
		out->der = out->cert->der;
		return;
	}
	out->der = (struct text){ arena_dup(a, der->at, left(der)), left(der) };
	out->problem = arena_strdup(a, err.text);
}

bool
wire_certificate(struct arena *a, const unsigned char *msg, size_t len, uint16_t version,
    struct wire_cert **certs, size_t *certs_len, bool *truncated, bool *stapled_ocsp)
{
	struct cursor list, der;
	size_t cap = 0;

	*certs = NULL;
	*certs_len = 0;
	*truncated = false;
	*stapled_ocsp = false;
	if (!certificate_list(msg, len, version, &list))
		return false;
	while (left(&list) > 0) {
		bool stapled = false;

		if (!read_entry(&list, version, &der, &stapled))
			return false;
		if (*certs_len == LIMIT_CHAIN_CERTS) {
			*truncated = true;
			return true;
		}
		/* RFC 8446 4.4.2.1: the leaf's entry carries the leaf's status. */
		if (*certs_len == 0)
			*stapled_ocsp = stapled;
		*certs = arena_grow(a, *certs, *certs_len, &cap, sizeof **certs);
		keep_certificate(a, &der, &(*certs)[*certs_len]);
		(*certs_len)++;
	}
	return true;
}

/* RFC 6066 8: a type, 1 for OCSP, and the response. */
static bool
certificate_status(struct cursor c, struct text *out)
{
	struct cursor response;
	size_t type;

	if (!read_number(&c, 1, &type) || type != 1 || !read_vector(&c, 3, &response) || left(&c) != 0)
		return false;
	*out = (struct text){ response.at, left(&response) };
	return out->len > 0;
}

bool
wire_stapled_ocsp(const unsigned char *msg, size_t len, uint16_t version, struct text *out)
{
	struct cursor body, list, der, extensions, data;
	uint16_t type;

	*out = (struct text){ 0 };
	if (version < TLS_1_3)
		return body_of(msg, len, TYPE_CERTIFICATE_STATUS, &body) && certificate_status(body, out);
	if (!certificate_list(msg, len, version, &list) || !read_vector(&list, 3, &der) || !read_vector(&list, 2, &extensions))
		return false;
	while (left(&extensions) > 0) {
		if (!read_u16(&extensions, &type) || !read_vector(&extensions, 2, &data))
			return false;
		if (type == EXTENSION_STATUS_REQUEST)
			return certificate_status(data, out);
	}
	return false;
}

bool
wire_sent_certificates(struct arena *a, const unsigned char *msg, size_t len, uint16_t version,
    struct fingerprint **out, size_t *out_len)
{
	struct cursor list, der;
	bool stapled;
	size_t cap = 0;

	*out = NULL;
	*out_len = 0;
	if (!certificate_list(msg, len, version, &list))
		return false;
	while (left(&list) > 0 && *out_len < LIMIT_CHAIN_CERTS) {
		if (!read_entry(&list, version, &der, &stapled))
			return false;
		*out = arena_grow(a, *out, *out_len, &cap, sizeof **out);
		fingerprint_of(der.at, left(&der), &(*out)[*out_len]);
		(*out_len)++;
	}
	return true;
}

static bool
keep_schemes(struct arena *a, struct cursor list, uint16_t **out, size_t *len)
{
	*out = arena_array(a, left(&list) / 2 + 1, sizeof **out);
	*len = 0;
	while (left(&list) > 0)
		if (!read_u16(&list, &(*out)[(*len)++])) {
			(*len)--;
			return false;
		}
	return true;
}

static bool
keep_authorities(struct arena *a, struct cursor list, struct certificate_request *out)
{
	struct cursor der;
	size_t cap = 0;

	out->cas = NULL;
	out->cas_len = 0;
	out->cas_truncated = false;
	while (left(&list) > 0) {
		struct name *name;

		if (!read_vector(&list, 2, &der) || left(&der) == 0)
			return false;
		if (out->cas_len == LIMIT_CA_LIST) {
			out->cas_truncated = true;
			return true;
		}
		out->cas = arena_grow(a, out->cas, out->cas_len, &cap, sizeof *out->cas);
		name = &out->cas[out->cas_len++];
		if (!name_parse(a, (struct text){ der.at, left(&der) }, name)) {
			name->safe = name->common_name = "a name that cannot be read";
			name->canonical = (struct text){ 0 };
		}
	}
	return true;
}

/* RFC 8446 4.3.2: a context, then extensions. */
static bool
request_1_3(struct arena *a, struct cursor *body, struct certificate_request *out)
{
	struct cursor context, extensions, data, list;
	uint16_t type;
	bool good = true;

	if (!read_vector(body, 1, &context) || !read_vector(body, 2, &extensions))
		return false;
	while (good && left(&extensions) > 0) {
		if (!read_u16(&extensions, &type) || !read_vector(&extensions, 2, &data))
			return false;
		if (type != EXTENSION_SIGNATURE_ALGORITHMS && type != EXTENSION_SIGNATURE_ALGORITHMS_CERT &&
		    type != EXTENSION_CERTIFICATE_AUTHORITIES)
			continue;
		if (!read_vector(&data, 2, &list) || left(&data) != 0)
			return false;
		if (type == EXTENSION_SIGNATURE_ALGORITHMS)
			good = keep_schemes(a, list, &out->sigalgs, &out->sigalgs_len);
		else if (type == EXTENSION_SIGNATURE_ALGORITHMS_CERT)
			good = keep_schemes(a, list, &out->sigalgs_cert, &out->sigalgs_cert_len);
		else
			good = keep_authorities(a, list, out);
	}
	return good && left(body) == 0;
}

/* RFC 5246 7.4.4; before TLS 1.2 without the signature algorithms. */
static bool
request_1_2(struct arena *a, struct cursor *body, uint16_t version, struct certificate_request *out)
{
	struct cursor types, schemes, authorities;

	if (!read_vector(body, 1, &types))
		return false;
	out->types = arena_dup(a, types.at, left(&types));
	out->types_len = left(&types);
	if (version >= TLS_1_2 &&
	    (!read_vector(body, 2, &schemes) || !keep_schemes(a, schemes, &out->sigalgs, &out->sigalgs_len)))
		return false;
	return read_vector(body, 2, &authorities) && keep_authorities(a, authorities, out) && left(body) == 0;
}

bool
wire_certificate_request(struct arena *a, const unsigned char *msg, size_t len, uint16_t version,
    struct certificate_request *out)
{
	struct cursor body;

	out->seen = true;
	if (!body_of(msg, len, TYPE_CERTIFICATE_REQUEST, &body))
		return false;
	return version >= TLS_1_3 ? request_1_3(a, &body, out) : request_1_2(a, &body, version, out);
}

/* A scheme and a signature, and nothing behind them. */
static bool
signature_ends(struct cursor *c, uint16_t *scheme)
{
	struct cursor signature;

	return read_u16(c, scheme) && read_vector(c, 2, &signature) && left(&signature) > 0 && left(c) == 0;
}

/* RFC 8422 5.4: named_curve (3), the group, a point. */
static bool
exchange_ec(struct cursor c, uint16_t *scheme)
{
	struct cursor point;
	size_t kind;

	return read_number(&c, 1, &kind) && kind == 3 && skip(&c, 2) && read_vector(&c, 1, &point) &&
	    signature_ends(&c, scheme);
}

/* RFC 5246 7.4.3: prime, generator, public value. */
static bool
exchange_dh(struct cursor c, uint16_t *scheme)
{
	struct cursor number;

	return read_vector(&c, 2, &number) && read_vector(&c, 2, &number) && read_vector(&c, 2, &number) &&
	    signature_ends(&c, scheme);
}

bool
wire_certificate_verify(const unsigned char *msg, size_t len, uint16_t *scheme)
{
	struct cursor body;

	*scheme = 0;
	if (body_of(msg, len, TYPE_CERTIFICATE_VERIFY, &body)) {
		if (signature_ends(&body, scheme))
			return true;
	} else if (body_of(msg, len, TYPE_SERVER_KEY_EXCHANGE, &body)) {
		/* Which of the two it is stands in the cipher; each has to fit to its last byte. */
		if (exchange_ec(body, scheme) || exchange_dh(body, scheme))
			return true;
	}
	*scheme = 0;
	return false;
}

/* RFC 8446 4.1.3: the random of a HelloRetryRequest, SHA-256 of its name. */
static const unsigned char retry_random[32] = { 0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
	0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8,
	0xa8, 0x33, 0x9c };

bool
wire_server_hello(const unsigned char *msg, size_t len, struct wire_server_hello *out)
{
	struct cursor body, session, extensions, data;
	const unsigned char *random;
	uint16_t type;

	*out = (struct wire_server_hello){ 0 };
	if (!body_of(msg, len, TYPE_SERVER_HELLO, &body) || !read_u16(&body, &out->version))
		return false;
	random = body.at;
	if (!skip(&body, sizeof retry_random))
		return false;
	out->retry = memcmp(random, retry_random, sizeof retry_random) == 0;
	if (!read_vector(&body, 1, &session) || !read_u16(&body, &out->cipher) || !skip(&body, 1))
		return false;
	if (left(&body) == 0)
		return true; /* no extensions: TLS 1.2 and before */
	if (!read_vector(&body, 2, &extensions))
		return false;
	while (left(&extensions) > 0) {
		if (!read_u16(&extensions, &type) || !read_vector(&extensions, 2, &data))
			return false;
		if (type == EXTENSION_SUPPORTED_VERSIONS && !read_u16(&data, &out->version))
			return false;
		if (type == EXTENSION_KEY_SHARE && !read_u16(&data, &out->group))
			return false;
	}
	return left(&body) == 0;
}

bool
wire_looks_like_tls(const unsigned char *bytes, size_t len)
{
	return (len < 1 || (bytes[0] >= 20 && bytes[0] <= 24)) && (len < 2 || bytes[1] == 3) &&
	    (len < 3 || bytes[2] <= 4);
}
