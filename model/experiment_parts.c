#include "model/experiment_parts.h"

#include <string.h>
#include <strings.h>

#include "model/limits.h"
#include "model/memory.h"

/* What the baseline sent is the identity as its files have it. */
static const struct identity *
identity_of(const struct diagnosis *d)
{
	const struct identity *us = d->evidence->identity;

	return us != NULL && us->len > 0 ? us : NULL;
}

static const struct cert **
room_for(const struct identity *us, struct arena *a)
{
	return arena_array(a, us->len, sizeof(const struct cert *));
}

static const struct cert *const *
rootless(const struct identity *us, struct arena *a, size_t *len)
{
	const struct cert **out = room_for(us, a);

	/* A leaf that signs itself is no root above us. */
	for (size_t i = 0; i < us->len; i++)
		if (i == 0 || !us->certs[i]->self_signed)
			out[(*len)++] = us->certs[i];
	return *len < us->len ? out : NULL;
}

/* By names alone, as peers read a chain: RFC 8446 4.4.2, RFC 5246 7.4.2. What fits nowhere stays behind the rest. */
static const struct cert *const *
ordered(const struct identity *us, struct arena *a, size_t *len)
{
	const struct cert **out = room_for(us, a);
	bool *used = arena_array(a, us->len, sizeof *used), moved = false;
	const struct cert *below = us->certs[0];

	out[(*len)++] = below;
	used[0] = true;
	for (size_t i = 1; i < us->len && !below->self_issued; i++) {
		if (used[i] || !name_equal(&us->certs[i]->subject, &below->issuer))
			continue;
		out[(*len)++] = below = us->certs[i];
		used[i] = true;
		i = 0; /* the next one may stand before it */
	}
	for (size_t i = 1; i < us->len; i++)
		if (!used[i])
			out[(*len)++] = us->certs[i];
	for (size_t i = 0; i < us->len; i++)
		moved |= out[i] != us->certs[i];
	return moved ? out : NULL;
}

const struct cert *const *
experiment_chain(const struct diagnosis *d, enum sends sends, struct arena *a, size_t *len)
{
	const struct identity *us = identity_of(d);
	const struct cert *const *chain = NULL;

	*len = 0;
	if (us == NULL)
		return NULL;
	switch (sends) {
	case SENDS_COMPLETED:
		*len = d->completed_len;
		chain = d->completed_len > 0 ? d->completed : NULL;
		break;
	case SENDS_LEAF:
		*len = 1;
		chain = us->len > 1 ? (const struct cert *const *)us->certs : NULL;
		break;
	case SENDS_ROOTLESS: chain = rootless(us, a, len); break;
	case SENDS_ORDERED: chain = ordered(us, a, len); break;
	default: break;
	}
	if (chain == NULL)
		*len = 0;
	return chain;
}

/* ---- another name ---- */

/* A host name as it may stand in a ClientHello: letters, digits, hyphens and underscores, no label empty or too long. */
static bool
is_host_name(const char *s)
{
	size_t label = 0, all = strlen(s);

	if (all == 0 || all > LIMIT_HOST || s[strcspn(s, ".")] == '\0')
		return false;
	for (; *s != '\0'; s++) {
		bool letter = (*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9') || *s == '-' || *s == '_';

		if (*s != '.' && !letter)
			return false;
		label = *s == '.' ? 0 : label + 1;
		if (label > LIMIT_LABEL || (*s == '.' && (s[1] == '.' || s[1] == '\0')))
			return false;
	}
	return true;
}

/* NUL in it makes it shorter than it says, and other bytes than a name's are found out above: neither is asked for. */
static const char *
lower(struct text t, struct arena *a)
{
	char *out = arena_alloc(a, t.len + 1);

	for (size_t i = 0; i < t.len; i++)
		out[i] = (char)(t.bytes[i] >= 'A' && t.bytes[i] <= 'Z' ? t.bytes[i] - 'A' + 'a' : t.bytes[i]);
	return strlen(out) == t.len ? out : "";
}

const char *
experiment_other_name(const struct diagnosis *d, struct arena *a)
{
	const struct handshake *base = evidence_baseline(d->evidence);
	const struct cert *leaf = base != NULL && base->server_certs_len > 0 ? base->server_certs[0].cert : NULL;
	const char *ours = target_name(&d->evidence->target);

	for (size_t i = 0; leaf != NULL && i < leaf->san_len; i++) {
		const struct san *san = &leaf->san[i];
		const char *name;

		if (san->type != SAN_DNS || san->value.len > LIMIT_HOST)
			continue;
		name = lower(san->value, a);
		if (strncmp(name, "*.", 2) == 0)
			name = arena_printf(a, "www%s", name + 1);
		if (is_host_name(name) && (ours == NULL || strcasecmp(name, ours) != 0))
			return name;
	}
	return NULL;
}
