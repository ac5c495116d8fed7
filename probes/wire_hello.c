#include "probes/wire_hello.h"

#include "model/buf.h"
#include "model/limits.h"
#include "model/memory.h"
#include "probes/cursor.h"

enum {
	TYPE_CLIENT_HELLO = 1,
	RANDOM = 32,
	EXTENSION_SERVER_NAME = 0,
	EXTENSION_GROUPS = 10,
	EXTENSION_SIGNATURE_ALGORITHMS = 13,
	EXTENSION_ALPN = 16,
	EXTENSION_PADDING = 21,
	EXTENSION_SESSION_TICKET = 35,
	EXTENSION_PRE_SHARED_KEY = 41,
	EXTENSION_EARLY_DATA = 42,
	EXTENSION_SUPPORTED_VERSIONS = 43,
	EXTENSION_COOKIE = 44,
	EXTENSION_SIGNATURE_ALGORITHMS_CERT = 50,
	EXTENSION_KEY_SHARE = 51
};

/* RFC 8701: 0x0a0a, 0x1a1a … 0xfafa */
static bool
is_grease(uint16_t n)
{
	return (n & 0x0f0f) == 0x0a0a && n >> 8 == (n & 0xff);
}

static void
keep(struct client_hello *h, struct numbers *to, uint16_t n)
{
	if (is_grease(n))
		h->grease++;
	else
		to->items[to->len++] = n;
}

/* Room for all that can stand in so many bytes: the message is bounded, so this is. */
static struct numbers
room(struct arena *a, size_t bytes)
{
	return (struct numbers){ .items = arena_array(a, bytes / 2 + 1, sizeof(uint16_t)) };
}

static bool
read_numbers(struct arena *a, struct client_hello *h, struct cursor list, struct numbers *to)
{
	uint16_t n;

	*to = room(a, left(&list));
	while (left(&list) > 0) {
		if (!read_u16(&list, &n))
			return false;
		keep(h, to, n);
	}
	return true;
}

/* An extension that holds one vector of numbers with a length of so many octets. */
static bool
read_list(struct arena *a, struct client_hello *h, struct cursor data, size_t octets, struct numbers *to)
{
	struct cursor list;

	return read_vector(&data, octets, &list) && left(&data) == 0 && read_numbers(a, h, list, to);
}

/* RFC 8446 4.2.8: group and public value, one after the other. */
static bool
read_shares(struct arena *a, struct client_hello *h, struct cursor data)
{
	struct cursor list, value;
	uint16_t group;

	if (!read_vector(&data, 2, &list))
		return false;
	h->shares = room(a, left(&list));
	while (left(&list) > 0) {
		if (!read_u16(&list, &group) || !read_vector(&list, 2, &value))
			return false;
		keep(h, &h->shares, group);
	}
	return true;
}

/* RFC 6066 3: the one host_name. */
static bool
read_server_name(struct arena *a, struct client_hello *h, struct cursor data)
{
	struct cursor list, name;
	size_t type;

	if (!read_vector(&data, 2, &list) || !read_number(&list, 1, &type) || !read_vector(&list, 2, &name))
		return false;
	if (type != 0)
		return true;
	h->sni_raw = (struct text){ arena_dup(a, name.at, left(&name)), left(&name) };
	h->sni = text_safe_arena(a, h->sni_raw, LIMIT_HOST, NULL);
	return true;
}

static bool
read_alpn(struct arena *a, struct client_hello *h, struct cursor data)
{
	struct cursor list, name;
	struct buf all = { 0 };
	bool good = read_vector(&data, 2, &list);

	while (good && left(&list) > 0 && all.len < LIMIT_HELLO_TEXT) {
		good = read_vector(&list, 1, &name);
		if (!good)
			break;
		if (all.len > 0)
			buf_addc(&all, ',');
		text_safe(&all, (struct text){ name.at, left(&name) }, 0);
	}
	if (all.len > 0)
		h->alpn = arena_strdup(a, buf_str(&all));
	buf_done(&all);
	return good;
}

static bool
read_extension(struct arena *a, struct client_hello *h, uint16_t type, struct cursor data)
{
	switch (type) {
	case EXTENSION_SERVER_NAME: return read_server_name(a, h, data);
	case EXTENSION_GROUPS: return read_list(a, h, data, 2, &h->groups);
	case EXTENSION_SIGNATURE_ALGORITHMS: return read_list(a, h, data, 2, &h->sigalgs);
	case EXTENSION_SIGNATURE_ALGORITHMS_CERT: return read_list(a, h, data, 2, &h->sigalgs_cert);
	case EXTENSION_SUPPORTED_VERSIONS: return read_list(a, h, data, 1, &h->versions);
	case EXTENSION_KEY_SHARE: return read_shares(a, h, data);
	case EXTENSION_ALPN: return read_alpn(a, h, data);
	default: return true;
	}
}

/* What differs between two hellos of one program: it is no part of its shape. */
static bool
is_of_the_moment(uint16_t type)
{
	return type == EXTENSION_PADDING || type == EXTENSION_SESSION_TICKET || type == EXTENSION_PRE_SHARED_KEY ||
	    type == EXTENSION_EARLY_DATA || type == EXTENSION_COOKIE || is_grease(type);
}

static void
shape_numbers(struct buf *shape, const struct numbers *n)
{
	buf_add(shape, n->items, n->len * sizeof *n->items);
	buf_addc(shape, '|');
}

static void
take_shape(struct client_hello *h)
{
	struct buf shape = { 0 };

	buf_add(&shape, &h->legacy_version, sizeof h->legacy_version);
	for (size_t i = 0; i < h->extensions.len; i++)
		if (!is_of_the_moment(h->extensions.items[i]))
			buf_add(&shape, &h->extensions.items[i], sizeof h->extensions.items[i]);
	buf_addc(&shape, '|');
	shape_numbers(&shape, &h->versions);
	shape_numbers(&shape, &h->ciphers);
	shape_numbers(&shape, &h->groups);
	shape_numbers(&shape, &h->sigalgs);
	buf_adds(&shape, h->alpn != NULL ? h->alpn : "");
	buf_addc(&shape, '|');
	buf_adds(&shape, h->sni != NULL ? h->sni : "");
	fingerprint_of((const unsigned char *)shape.data, shape.len, &h->shape);
	buf_done(&shape);
}

static bool
read_extensions(struct arena *a, struct client_hello *h, struct cursor all)
{
	struct cursor data;
	uint16_t type;

	h->extensions = room(a, left(&all));
	while (left(&all) > 0) {
		if (!read_u16(&all, &type) || !read_vector(&all, 2, &data))
			return false;
		keep(h, &h->extensions, type);
		if (!read_extension(a, h, type, data))
			return false;
	}
	return true;
}

static bool
read_all(struct arena *a, struct client_hello *h, struct cursor body)
{
	struct cursor session, ciphers, compression, extensions;

	if (!read_u16(&body, &h->legacy_version) || !skip(&body, RANDOM) || !read_vector(&body, 1, &session) ||
	    !read_vector(&body, 2, &ciphers) || !read_numbers(a, h, ciphers, &h->ciphers) ||
	    !read_vector(&body, 1, &compression))
		return false;
	if (left(&body) == 0)
		return true; /* RFC 5246 7.4.1.2: none at all */
	return read_vector(&body, 2, &extensions) && read_extensions(a, h, extensions) && left(&body) == 0;
}

bool
wire_client_hello(struct arena *a, const unsigned char *msg, size_t len, struct client_hello *out)
{
	struct cursor c, body;

	*out = (struct client_hello){ .seen = true };
	if (len < 4 || msg[0] != TYPE_CLIENT_HELLO)
		return false;
	c = (struct cursor){ msg + 1, msg + len };
	out->whole = read_vector(&c, 3, &body) && left(&c) == 0 && read_all(a, out, body);
	take_shape(out);
	return out->whole;
}
