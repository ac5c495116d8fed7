/* What a fleet says of one endpoint in a few words: its cause, since when, what ends first. */
#include <stdio.h>
#include <string.h>

#include "model/fleet_internal.h"
#include "model/memory.h"
#include "model/mend.h"
#include "model/page.h"
#include "model/times.h"

#define DAY INT64_C(86400)

/* ---- causes with a date ---- */

enum dated { NOT_DATED, EXPIRED, NOT_YET, EXPIRING, ROOT_EXPIRING };

static enum dated
dated(enum code code)
{
	switch (code) {
	case CODE_CHAIN_INTERMEDIATE_EXPIRED:
	case CODE_CERT_EXPIRED:
	case CODE_ROOT_EXPIRED:
	case CODE_CLIENT_EXPIRED:
	case CODE_CLIENT_INTERMEDIATE_EXPIRED: return EXPIRED;
	case CODE_CERT_NOT_YET_VALID:
	case CODE_CLIENT_NOT_YET_VALID: return NOT_YET;
	case CODE_CERT_EXPIRING:
	case CODE_CHAIN_INTERMEDIATE_EXPIRING:
	case CODE_CLIENT_EXPIRING:
	case CODE_CLIENT_INTERMEDIATE_EXPIRING: return EXPIRING;
	case CODE_ROOT_EXPIRING:
	case CODE_CLIENT_ROOT_EXPIRING: return ROOT_EXPIRING;
	default: return NOT_DATED;
	}
}

/* The clock that judges it: theirs judges ours. */
static int64_t
judged_at(const struct diagnosis *d)
{
	const struct evidence *e = d->evidence;

	return d->side == SIDE_CLIENT && evidence_clocks_differ(e) ? evidence_server_now(e) : evidence_now(e);
}

/*
 * How the cause's date is to be read; NOT_DATED too where the date tells another story than the code: a
 * certificate of ours that is out of its time by our clock only.
 */
static enum dated
dated_cause(const struct diagnosis *d)
{
	const struct cert *c = d->root != NULL ? d->root->certificate : NULL;
	enum dated how = d->root != NULL ? dated(d->root->code) : NOT_DATED;

	if (c == NULL || c->not_after == TIME_UNKNOWN || c->not_before == TIME_UNKNOWN)
		return NOT_DATED;
	if ((how == EXPIRED && c->not_after >= judged_at(d)) || (how == NOT_YET && c->not_before <= judged_at(d)))
		return NOT_DATED;
	return how;
}

int64_t
fleet_cause_began(const struct diagnosis *d)
{
	const struct thresholds *t = &d->evidence->thresholds;

	switch (dated_cause(d)) {
	case EXPIRED: return d->root->certificate->not_after;
	case EXPIRING: return d->root->certificate->not_after - t->expires_within * DAY;
	case ROOT_EXPIRING: return d->root->certificate->not_after - t->root_expires_within * DAY;
	case NOT_YET: /* the date is its end; when the certificate was put there nobody here knows */
	case NOT_DATED: break;
	}
	return TIME_UNKNOWN;
}

/* "02:05 UTC" on the day of the check, else "2026-08-15". */
static const char *
moment(int64_t t, int64_t now, char out[TIME_TEXT_MAX])
{
	char today[TIME_TEXT_MAX];

	time_date(t, out);
	if (strcmp(out, time_date(now, today)) == 0)
		snprintf(out, TIME_TEXT_MAX, "%02d:%02d UTC", (int)(t % DAY / 3600), (int)(t % 3600 / 60));
	return out;
}

static const char *
dated_words(const struct diagnosis *d, enum dated how)
{
	const struct cert *c = d->root->certificate;
	int64_t now = evidence_now(d->evidence);
	char when[TIME_TEXT_MAX];

	switch (how) {
	case EXPIRED: return arena_printf(d->arena, "“%s” expired %s", cert_label(c), moment(c->not_after, now, when));
	case NOT_YET: return arena_printf(d->arena, "“%s” is not valid before %s", cert_label(c), moment(c->not_before, now, when));
	case EXPIRING:
	case ROOT_EXPIRING:
		return arena_printf(d->arena, "“%s” expires in %s", cert_label(c), time_span(c->not_after - now, when));
	case NOT_DATED: break;
	}
	return "";
}

/* ---- all others ---- */

/* Where the finding's title is longer than a row of a list, or names the address that stands beside it. */
static const char *const shorter[CODE_COUNT] = {
	[CODE_NET_DNS_FAILURE] = "the name does not resolve",
	[CODE_NET_UNREACHABLE] = "no way leads there",
	[CODE_NET_REFUSED] = "connection refused",
	[CODE_NET_TIMEOUT] = "no answer in time",
	[CODE_NET_RESET] = "connection reset, without a word of TLS",
	[CODE_NET_CLOSED] = "connection closed, without a word of TLS",
	[CODE_NET_NOT_TLS] = "does not speak TLS",
	[CODE_TLS_REJECTED] = "ended before our certificate mattered",
	[CODE_CLIENT_REJECTED] = "refused, cause not proven",
	[CODE_CLIENT_UNPROVEN] = "not refused, acceptance not proven",
	[CODE_CLIENT_REQUIRED] = "wants a certificate, none was given",
	[CODE_CLIENT_DEPTH_EXCEEDED] = "our chain is longer than its verify depth",
	[CODE_CLIENT_PARTIAL_TRUST] = "it trusts the issuing CA, not its root",
	[CODE_CLIENT_NOT_IN_CA_LIST] = "its CA list does not name our CA",
	[CODE_CLIENT_LATE_AUTH] = "asks for our certificate too late",
	[CODE_KEY_SERVER_MISMATCH] = "its key is not that of its certificate",
	[CODE_KEY_EXPOSED] = "others can read our private key",
	[CODE_MTLS_NOT_REQUESTED] = "asks for no client certificate",
	[CODE_MTLS_OPTIONAL] = "works without a client certificate",
	[CODE_NAME_NO_SAN] = "its certificate has no alternative name",
	[CODE_CHAIN_UNTRUSTED_ROOT] = "root not trusted",
};

/* "The key does not belong …" is a title; in a list all causes begin alike, in small letters. "TLS 1.1 …" stays. */
static const char *
in_a_list(struct arena *a, const char *title)
{
	char *words;

	if (title[0] < 'A' || title[0] > 'Z' || (title[1] != ' ' && (title[1] < 'a' || title[1] > 'z')))
		return title;
	words = arena_strdup(a, title);
	words[0] = (char)(words[0] - 'A' + 'a');
	return words;
}

const char *
fleet_cause_words(struct diagnosis *d)
{
	enum dated how = dated_cause(d);

	if (d->root == NULL)
		return "";
	if (how != NOT_DATED)
		return dated_words(d, how);
	if (d->root->code == CODE_CHAIN_UNTRUSTED_ROOT && d->root->shared_label != NULL)
		return arena_printf(d->arena, "root %s is not trusted", d->root->shared_label);
	if (d->root->code == CODE_CLIENT_REJECTED && d->root->shared_label != NULL)
		return arena_printf(d->arena, "%s (%s)", shorter[CODE_CLIENT_REJECTED], d->root->shared_label);
	if (shorter[d->root->code] != NULL)
		return shorter[d->root->code];
	return d->root->title != NULL ? in_a_list(d->arena, d->root->title) : code_phrase(d->root->code);
}

/* What the words do not tell apart, and the cause_key does: a host, an alert, a version, a file. */
static bool
needs_what_is_shared(const struct finding *root, const char *words)
{
	if (root->shared_label == NULL || root->code == CODE_CLIENT_REQUIRED || strstr(words, root->shared_label) != NULL)
		return false;
	return root->certificate == NULL;
}

const char *
fleet_label(const struct diagnosis *example, const char *words, bool same, struct arena *a)
{
	const struct finding *root = example->root;

	if (dated_cause(example) != NOT_DATED)
		return arena_strdup(a, words); /* the date is the certificate's, and that they share */
	if (!same && root->code == CODE_CLOCK_SERVER_SKEW)
		words = "its clock and ours differ"; /* by how much, and so which is wrong, each of them says for itself */
	else if (!same)
		words = shorter[root->code] != NULL ? shorter[root->code] : code_phrase(root->code);
	if (root->shared_label != NULL && (!same || needs_what_is_shared(root, words)))
		return arena_printf(a, "%s (%s)", words, root->shared_label);
	return arena_strdup(a, words);
}

const char *
entry_cause(const struct entry *e)
{
	return ((const struct member *)e)->words;
}

/* ---- what ends first ---- */

/* Past ends count only where they are among what is wrong: others hurt nobody. */
static bool
hurts(const struct diagnosis *d, const struct cert *c)
{
	for (size_t i = 0; i < d->len; i++) {
		const struct finding *f = &d->findings[i];

		if ((f->root_cause || f->severity == SEVERITY_ERROR) && f->certificate != NULL &&
		    fingerprint_equal(&f->certificate->sha256, &c->sha256))
			return true;
	}
	return false;
}

static void
look_for_end(const struct diagnosis *d, const struct path_set *paths, enum side side, struct first_end *first)
{
	const struct path *best = paths != NULL ? paths_best(paths) : NULL;
	int64_t now = evidence_now(d->evidence);

	for (size_t i = 0; best != NULL && i < best->len; i++) {
		const struct cert *c = best->links[i].cert;

		if (c->not_after == TIME_UNKNOWN || (first->at != TIME_UNKNOWN && c->not_after >= first->at))
			continue;
		if (c->not_after >= now || hurts(d, c))
			*first = (struct first_end){ .at = c->not_after, .side = side, .cert = c };
	}
}

struct first_end
fleet_first_end(const struct diagnosis *d)
{
	struct first_end first = { .at = TIME_UNKNOWN, .side = SIDE_SERVER };

	look_for_end(d, d->server_paths, SIDE_SERVER, &first);
	look_for_end(d, d->our_paths, SIDE_CLIENT, &first);
	/* It is what is wrong, and stands on no path that is judged best: another way round it is known here, not at the server. */
	if (dated_cause(d) != NOT_DATED && (first.at == TIME_UNKNOWN || d->root->certificate->not_after < first.at))
		first = (struct first_end){ .at = d->root->certificate->not_after, .side = d->side, .cert = d->root->certificate };
	return first;
}

const char *
entry_days(const struct entry *e, int64_t now, char *out, size_t size)
{
	char span[TIME_TEXT_MAX];

	out[0] = '\0';
	if (e->ends.at != TIME_UNKNOWN)
		snprintf(out, size, "%s %s", time_span(e->ends.at - now, span), e->ends.side == SIDE_SERVER ? "theirs" : "ours");
	return out;
}
