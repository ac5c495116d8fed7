#include "probes/offer.h"

#include "model/alert.h"

/* RFC 8446 4.2 */
enum { EXT_SERVER_NAME = 0, EXT_GROUPS = 10, EXT_SIGALGS = 13, EXT_ALPN = 16, EXT_VERSIONS = 43 };

/* A cursor over bytes that OpenSSL made: bounded all the same, never trusted. */
struct reader {
	const unsigned char *at;
	size_t left;
};

static struct reader
take(struct reader *r, size_t n)
{
	struct reader part = { r->at, n <= r->left ? n : r->left };

	r->at += part.left;
	r->left -= part.left;
	return part;
}

static unsigned
take_number(struct reader *r, size_t bytes)
{
	struct reader part = take(r, bytes);
	unsigned n = 0;

	for (size_t i = 0; i < part.left; i++)
		n = n << 8 | part.at[i];
	return n;
}

static struct reader
take_vector(struct reader *r, size_t length_bytes)
{
	return take(r, take_number(r, length_bytes));
}

static void
add(struct buf *b, char separator, const char *name)
{
	if (name == NULL)
		return;
	if (b->len > 0)
		buf_addc(b, separator);
	buf_adds(b, name);
}

static const char *
kept(struct buf *b, struct arena *a)
{
	const char *text = b->len > 0 ? arena_strdup(a, b->data) : NULL;

	buf_reset(b);
	return text;
}

static const char *
numbers(struct reader list, const char *(*name)(uint16_t), struct buf *b, struct arena *a)
{
	while (list.left >= 2)
		add(b, ':', name((uint16_t)take_number(&list, 2)));
	return kept(b, a);
}

static void
read_versions(struct reader list, struct offer *out)
{
	out->min_version = out->max_version = 0;
	while (list.left >= 2) {
		uint16_t v = (uint16_t)take_number(&list, 2);

		if (out->max_version < v)
			out->max_version = v;
		if (out->min_version == 0 || out->min_version > v)
			out->min_version = v;
	}
}

static void
read_extension(unsigned type, struct reader body, struct buf *b, struct arena *a, struct offer *out)
{
	struct reader list, name;

	switch (type) {
	case EXT_SERVER_NAME:
		list = take_vector(&body, 2);
		take_number(&list, 1);
		name = take_vector(&list, 2);
		out->sni = text_safe_arena(a, (struct text){ name.at, name.left }, 0, NULL);
		break;
	case EXT_GROUPS: out->groups = numbers(take_vector(&body, 2), group_name, b, a); break;
	case EXT_SIGALGS: out->sigalgs = numbers(take_vector(&body, 2), sigalg_name, b, a); break;
	case EXT_ALPN:
		list = take_vector(&body, 2);
		while (list.left > 0) {
			name = take_vector(&list, 1);
			if (b->len > 0)
				buf_addc(b, ',');
			text_safe(b, (struct text){ name.at, name.left }, 0);
		}
		out->alpn = kept(b, a);
		break;
	case EXT_VERSIONS: read_versions(take_vector(&body, 1), out); break;
	default: break;
	}
}

void
offer_read(SSL *ssl, const unsigned char *msg, size_t len, struct arena *a, struct offer *out)
{
	struct reader r = { msg, len }, list;
	struct buf b = { 0 };

	*out = (struct offer){ 0 };
	take(&r, 4); /* type and length */
	out->max_version = (uint16_t)take_number(&r, 2);
	out->min_version = (uint16_t)SSL_get_min_proto_version(ssl);
	take(&r, 32); /* random */
	take_vector(&r, 1); /* session */
	list = take_vector(&r, 2);
	while (list.left >= 2) {
		const SSL_CIPHER *cipher = SSL_CIPHER_find(ssl, list.at);

		take(&list, 2);
		if (cipher != NULL) /* a signalling value is no cipher */
			add(&b, ':', SSL_CIPHER_get_name(cipher));
	}
	out->ciphers = kept(&b, a);
	take_vector(&r, 1); /* compression */
	list = take_vector(&r, 2);
	while (list.left >= 4) {
		unsigned type = take_number(&list, 2);

		read_extension(type, take_vector(&list, 2), &b, a, out);
	}
	buf_done(&b);
}
