/* How plans speak of CAs that are to be trusted or not, and what all three kinds have in common. */
#include <ctype.h>
#include <string.h>

#include "fixes/deed.h"
#include "fixes/trust_parts.h"
#include "model/text.h"
#include "model/times.h"

enum { FILE_NAME_MOST = 40, SHA_SHOWN = 8 };

static const char *
name_of(struct plan *p, const struct cert *c)
{
	return plan_shown(p, c->subject.common_name[0] != '\0' ? c->subject.common_name : c->subject.safe);
}

const char *
trust_cert_words(struct plan *p, const struct cert *c)
{
	return plan_text(p, "“%s” (%.*s…)", name_of(p, c), SHA_SHOWN, c->sha256_hex);
}

const char *
trust_order(struct plan *p, const struct trust_wish *w, const char *to)
{
	const char *also = w->also_len > 0 ? plan_text(p, " and %zu CA%s below it", w->also_len, w->also_len == 1 ? "" : "s") : "";

	if (w->add == NULL && w->remove != NULL)
		return plan_text(p, "take %s out of %s", trust_cert_words(p, w->remove), to);
	if (w->remove == NULL)
		return plan_text(p, "add %s%s to %s", w->add != NULL ? trust_cert_words(p, w->add) : "what is named", also, to);
	return plan_text(p, "add %s%s to %s, and take %s out of it", trust_cert_words(p, w->add), also, to, trust_cert_words(p, w->remove));
}

const char *
trust_cert_file(struct plan *p, const struct cert *c)
{
	char *name = plan_text(p, "%.*s", FILE_NAME_MOST, c->subject.common_name);
	size_t n = 0;

	for (const char *at = name; *at != '\0'; at++) {
		bool plain = isalnum((unsigned char)*at) != 0;

		if (plain)
			name[n++] = (char)tolower((unsigned char)*at);
		else if (n > 0 && name[n - 1] != '-')
			name[n++] = '-';
	}
	while (n > 0 && name[n - 1] == '-')
		n--;
	name[n] = '\0';
	return n > 0 ? plan_text(p, "%s.pem", name) : plan_text(p, "ca-%.*s.pem", SHA_SHOWN, c->sha256_hex);
}

/* w->add and w->also, one after the other; NULL behind the last. */
static const struct cert *
added(const struct trust_wish *w, size_t i)
{
	if (w->add != NULL && i == 0)
		return w->add;
	i -= w->add != NULL;
	return i < w->also_len ? w->also[i] : NULL;
}

const char *
trust_added_files(struct plan *p, const struct trust_wish *w)
{
	const char *out = "";
	const struct cert *c;

	for (size_t i = 0; (c = added(w, i)) != NULL; i++)
		out = plan_text(p, "%s %s", out, trust_cert_file(p, c));
	return out;
}

const char *
trust_files_comment(struct plan *p, const struct trust_wish *w)
{
	const char *out = "";
	const struct cert *c;

	for (size_t i = 0; (c = added(w, i)) != NULL; i++)
		out = plan_text(p, "%s# %s: the certificate with SHA-256 %s\n", out, trust_cert_file(p, c), c->sha256_hex);
	return out;
}

/* A line of its PEM that no other certificate has: one of its signature. */
static const char *
telling_line(struct plan *p, const struct cert *c)
{
	struct buf pem = { 0 };
	const char *line = "", *at, *next;
	size_t len = 0;

	cert_pem(c, &pem);
	for (at = buf_str(&pem); (next = strchr(at, '\n')) != NULL; at = next + 1) {
		if (at[0] == '-' || next - at < 64)
			continue;
		line = at;
		len = (size_t)(next - at);
	}
	line = plan_text(p, "%.*s", (int)len, line);
	buf_done(&pem);
	return line;
}

const char *
trust_filter(struct plan *p, const struct trust_wish *w)
{
	if (w->remove == NULL)
		return "sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/p'";
	return plan_text(p, "awk '/^-----BEGIN CERTIFICATE-----/ { c = \"\"; in_it = 1 } in_it { c = c $0 \"\\n\" }\n"
	    "    /^-----END CERTIFICATE-----/ { if (in_it && !index(c, \"%s\")) printf \"%%s\", c; in_it = 0 }'", telling_line(p, w->remove));
}

static void
note_validity(struct plan *p, const struct cert *c, int64_t now)
{
	char day[TIME_TEXT_MAX];

	if (c->not_after != TIME_UNKNOWN && c->not_after < now)
		plan_note(p, "%s has expired, %s: whoever shows a certificate of it is refused all the same.", trust_cert_words(p, c),
		    time_rfc3339(c->not_after, day));
	if (c->not_before != TIME_UNKNOWN && c->not_before > now)
		plan_note(p, "%s is not valid before %s: until then whoever shows a certificate of it is refused.", trust_cert_words(p, c),
		    time_rfc3339(c->not_before, day));
}

void
trust_notes(struct plan *p, const struct trust_wish *w)
{
	int64_t now = plan_now(p);
	const struct cert *c;

	for (size_t i = 0; (c = added(w, i)) != NULL; i++)
		note_validity(p, c, now);
	if (w->add != NULL && !w->add->self_signed && w->kind == TRUST_FILE)
		plan_note(p, "%s is no root: nginx, Apache, HAProxy and others with OpenSSL trust what leads to a root of the bundle, so its root must be in "
		    "it too.", trust_cert_words(p, w->add));
	if (w->add != NULL && !w->add->is_ca && !w->add->self_signed)
		plan_note(p, "%s is no CA: it vouches for nobody.", trust_cert_words(p, w->add));
}

bool
trust_do(const struct trust_wish *w, struct bundle *b)
{
	const struct cert *c;
	bool changed = false;

	for (size_t i = 0; (c = added(w, i)) != NULL; i++)
		changed = bundle_add(b, c) || changed;
	if (w->remove != NULL)
		changed = bundle_remove(b, &w->remove->sha256) || changed;
	return changed;
}

void
trust_as_wished(struct plan *p, const struct trust_wish *w, const char *what)
{
	if (w->add != NULL)
		plan_note(p, "Nothing to do: %s trusts %s already%s.", what, trust_cert_words(p, w->add), w->remove != NULL ? ", and not the old one" : "");
	else if (w->remove != NULL)
		plan_note(p, "Nothing to do: %s does not hold %s.", what, trust_cert_words(p, w->remove));
}

status
trust_limits(const struct trust_wish *w, const struct bundle *b, const struct bundle_rules *r, bool advertised, struct error *err)
{
	const struct cert *c;

	if (w->remove != NULL && w->only_beside != NULL && !bundle_has(b, w->only_beside))
		return error_set(err, ERROR_USAGE, "trust", "“%s” is not taken out: “%s” is not in there yet, and must be first", w->remove->subject.safe,
		    w->only_beside->subject.safe);
	for (size_t i = 0; (c = added(w, i)) != NULL; i++) {
		if (bundle_takes(r, c, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	return bundle_fits(b, r, advertised, err);
}

void
trust_reached(struct plan *p, bool told)
{
	if (!told)
		p->reached = REACH_UNKNOWN;
	else if (p->reached == REACH_NONE)
		p->reached = REACH_TOLD;
}

const char *
trust_text(struct plan *p, const struct bundle *b)
{
	struct buf pem = { 0 };
	const char *out;

	bundle_pem(b, &pem);
	out = arena_strdup(p->arena, buf_str(&pem));
	buf_done(&pem);
	return out;
}

const char *
trust_sha256(struct plan *p, const char *bytes, size_t len)
{
	struct fingerprint f;
	char hex[SHA256_HEX];

	fingerprint_of((const unsigned char *)bytes, len, &f);
	return arena_strdup(p->arena, fingerprint_hex(&f, hex));
}
