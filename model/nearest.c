#include "model/nearest.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "model/limits.h"

#define FAR_AWAY 1000000

static unsigned char
lower(unsigned char c)
{
	return (unsigned char)tolower(c);
}

/* Levenshtein's distance, without regard to case; FAR_AWAY for what is longer than a host name may be. */
static int
edits(struct text a, struct text b)
{
	int row[LIMIT_HOST + 1];

	if (a.len > LIMIT_HOST || b.len > LIMIT_HOST)
		return FAR_AWAY;
	for (size_t k = 0; k <= b.len; k++)
		row[k] = (int)k;
	for (size_t i = 1; i <= a.len; i++) {
		int diagonal = row[0];

		row[0] = (int)i;
		for (size_t k = 1; k <= b.len; k++) {
			int best = diagonal + (lower(a.bytes[i - 1]) != lower(b.bytes[k - 1]));

			diagonal = row[k];
			if (row[k] + 1 < best)
				best = row[k] + 1;
			if (row[k - 1] + 1 < best)
				best = row[k - 1] + 1;
			row[k] = best;
		}
	}
	return row[b.len];
}

static bool
same_text(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || strncasecmp((const char *)a.bytes, (const char *)b.bytes, a.len) == 0);
}

/* The label that begins at *at, which is moved behind it. */
static struct text
next_label(struct text name, size_t *at)
{
	struct text label = { name.bytes + *at, 0 };

	while (*at + label.len < name.len && name.bytes[*at + label.len] != '.')
		label.len++;
	*at += label.len + 1;
	return label;
}

static size_t
count_label(struct text name, struct text wanted)
{
	size_t n = 0;

	for (size_t at = 0; at < name.len;)
		n += same_text(next_label(name, &at), wanted);
	return n;
}

/* "a.b" and "b.a": the same labels, each as often. */
static bool
labels_swapped(struct text a, struct text b)
{
	if (a.len != b.len || same_text(a, b))
		return false;
	for (size_t at = 0; at < a.len;) {
		struct text label = next_label(a, &at);

		if (count_label(a, label) != count_label(b, label))
			return false;
	}
	return true;
}

static bool
ends_with(struct text name, struct text suffix)
{
	return name.len >= suffix.len &&
	    same_text((struct text){ name.bytes + name.len - suffix.len, suffix.len }, suffix);
}

static bool
begins_with_label(struct text name, struct text label)
{
	return name.len > label.len + 1 && name.bytes[label.len] == '.' &&
	    same_text((struct text){ name.bytes, label.len }, label);
}

static bool
is_ip(const char *s)
{
	unsigned char address[16];

	return inet_pton(AF_INET, s, address) == 1 || inet_pton(AF_INET6, s, address) == 1;
}

/* What a wildcard "*.example.com" has to do with the host, or NULL. */
static const char *
wildcard_difference(struct text name, struct text host)
{
	struct text domain = { name.bytes + 2, name.len - 2 };

	if (same_text(domain, host))
		return "the wildcard does not stand for the domain itself";
	if (host.len > domain.len + 1 && ends_with(host, domain) && host.bytes[host.len - domain.len - 1] == '.')
		return "the wildcard stands for one label only";
	return NULL;
}

/* How far one name is from the host; *difference is set where it can be said in words. */
static int
distance(const struct san *s, struct text host, bool host_is_ip, const char **difference)
{
	struct text name = s->value;

	if (s->type == SAN_IP) {
		const char *text = strchr(s->safe, ':');

		return host_is_ip && text != NULL ? edits(text_of(text + 1), host) : FAR_AWAY;
	}
	if (s->type != SAN_DNS || name.len == 0)
		return FAR_AWAY;
	if (host_is_ip && same_text(name, host))
		*difference = "the address is there as a DNS name, and clients look for an IP address entry";
	else if (name.len > 2 && name.bytes[0] == '*' && name.bytes[1] == '.')
		*difference = wildcard_difference(name, host);
	else if (labels_swapped(name, host))
		*difference = "the labels are the same, in another order";
	else if (begins_with_label(name, host))
		*difference = "the certificate has the full name, and the short one was asked for";
	else if (begins_with_label(host, name))
		*difference = "the certificate has the short name, and the full one was asked for";
	return *difference != NULL ? 0 : edits(name, host);
}

struct nearest
nearest_name(const struct cert *c, const char *host, struct arena *a)
{
	struct text wanted = text_of(host);
	bool host_is_ip = is_ip(host);
	struct nearest nearest = { NULL, NULL };
	int best = FAR_AWAY;

	for (size_t i = 0; i < c->san_len && i < NEAREST_NAMES; i++) {
		const char *difference = NULL;
		int d = distance(&c->san[i], wanted, host_is_ip, &difference);

		if (d >= best)
			continue;
		best = d;
		nearest = (struct nearest){ &c->san[i], difference };
	}
	/* A name of which most is different is just another name. */
	if (nearest.difference == NULL && (size_t)best * 2 > wanted.len)
		return (struct nearest){ NULL, NULL };
	if (nearest.name != NULL && nearest.difference == NULL && best <= 3)
		nearest.difference = arena_printf(a, "it differs in %d %s", best, best == 1 ? "character" : "characters");
	return nearest;
}
