#include "lab/trust_bundle.h"

#include <stdio.h>
#include <string.h>

#include "model/objects.h"

const struct trust_bundle_rules trust_bundle_of_elb = {
	.plain_file = true, .certificates_most = 25, .certificate_bytes = 16 * 1024, .rsa_least = 2048, .rsa_most = 8192,
};
const struct trust_bundle_rules trust_bundle_of_gateway = { .rsa_least = 2048 };

/* "Comments start with # and contain no -"; nothing else stands between certificates, not even an empty line. */
static bool
lines_fit(const char *bytes, size_t len, char *why, size_t size)
{
	bool within = false;
	size_t number = 0;

	for (const char *at = bytes, *end = bytes + len; at < end; number++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t n = (size_t)((stop != NULL ? stop : end) - at);
		if (n > 0 && at[n - 1] == '\r')
			n--;
		bool begins = n == 27 && memcmp(at, "-----BEGIN CERTIFICATE-----", 27) == 0;
		if (n == 0)
			snprintf(why, size, "line %zu is blank", number + 1);
		else if (!within && at[0] == '#' && memchr(at, '-', n) != NULL)
			snprintf(why, size, "the comment in line %zu contains a '-'", number + 1);
		else if (!within && at[0] != '#' && !begins)
			snprintf(why, size, "line %zu is neither a certificate nor a comment", number + 1);
		if (*why != '\0')
			return false;
		if (begins || (n == 25 && memcmp(at, "-----END CERTIFICATE-----", 25) == 0))
			within = begins;
		at = stop != NULL ? stop + 1 : end;
	}
	return true;
}

static bool
key_fits(const struct cert *c, const struct trust_bundle_rules *r)
{
	if (c->key.type == KEY_TYPE_RSA || c->key.type == KEY_TYPE_RSA_PSS)
		return c->key.bits >= r->rsa_least && (r->rsa_most == 0 || c->key.bits <= r->rsa_most);
	return c->key.type == KEY_TYPE_EC && c->key.curve != NULL && (strcmp(c->key.curve, "P-256") == 0 || strcmp(c->key.curve, "P-384") == 0 ||
	    strcmp(c->key.curve, "P-521") == 0);
}

static bool
certificate_fits(const struct cert *c, size_t which, const struct trust_bundle_rules *r, char *why, size_t size)
{
	if (c->version != 3)
		snprintf(why, size, "certificate %zu is of version %d, not 3", which, c->version);
	else if (r->certificate_bytes != 0 && c->der.len > r->certificate_bytes)
		snprintf(why, size, "certificate %zu has %zu bytes", which, c->der.len);
	else if (!key_fits(c, r))
		snprintf(why, size, "the key of certificate %zu is %s", which, c->key.label);
	else if (c->signature.hash_bits < 256)
		snprintf(why, size, "the signature of certificate %zu is %s", which, c->signature.label);
	return *why == '\0';
}

static void
warn(struct trust_bundle *out, size_t *cap, struct arena *a, const struct cert *c, const char *what)
{
	out->warnings = arena_grow(a, out->warnings, out->warnings_len, cap, sizeof *out->warnings);
	out->warnings[out->warnings_len++] = arena_printf(a, "The certificate with subject %s %s.", c->subject.safe, what);
}

bool
trust_bundle_read(const char *bytes, size_t len, const struct trust_bundle_rules *rules, int64_t now, struct arena *a,
    struct trust_bundle *out)
{
	const struct read_options options = { .type = "PEM" };
	struct objects objects = { 0 };
	struct error err = { 0 };
	size_t cap = 0;

	*out = (struct trust_bundle){ 0 };
	if (rules->plain_file && !lines_fit(bytes, len, out->why, sizeof out->why))
		return false;
	if (objects_parse((const unsigned char *)bytes, len, "bundle", &options, &objects, &err) != STATUS_OK || objects.damaged > 0)
		snprintf(out->why, sizeof out->why, "it is no PEM file of certificates");
	for (size_t i = 0; i < objects.len && out->why[0] == '\0'; i++) {
		const struct object *o = &objects.items[i];
		if (o->kind != OBJECT_CERT) {
			snprintf(out->why, sizeof out->why, "it contains a %s", object_kind_name(o->kind));
			break;
		}
		if (!certificate_fits(o->cert, ++out->certificates, rules, out->why, sizeof out->why))
			break;
		out->subject_bytes += o->cert->subject.der.len;
		if (o->cert->not_after < now)
			warn(out, &cap, a, o->cert, "has expired");
		else if (o->cert->not_before > now)
			warn(out, &cap, a, o->cert, "is not yet valid");
	}
	if (out->why[0] == '\0' && out->certificates == 0)
		snprintf(out->why, sizeof out->why, "it contains no certificate");
	if (out->why[0] == '\0' && rules->certificates_most != 0 && out->certificates > rules->certificates_most)
		snprintf(out->why, sizeof out->why, "it contains %zu certificates, and %zu is the most", out->certificates, rules->certificates_most);
	objects_done(&objects);
	return out->why[0] == '\0';
}
