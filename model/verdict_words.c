#include "model/verdict_words.h"

#include <string.h>

#include "model/alert.h"
#include "model/ladder.h"
#include "model/mend.h"
#include "model/memory.h"
#include "model/places.h"
#include "model/page.h"
#include "model/times.h"

const char *
side_words(enum side s)
{
	static const char *const of[] = {
		[SIDE_CLIENT] = "OUR SIDE",
		[SIDE_SERVER] = "THEIR SIDE",
		[SIDE_CLOCK] = "CLOCK",
		[SIDE_NETWORK] = "NETWORK",
		[SIDE_POLICY] = "POLICY",
	};

	return of[s];
}

const char *
verdict_label(const struct diagnosis *d, char out[QUOTE_MAX])
{
	const struct evidence *e = d->evidence;
	const char *name = e->target.name;
	char label[320];
	struct buf both = { 0 };

	/* inspect has no target: the leaf stands for it. */
	if (e->offline)
		return quote_str(e->offline_len > 0 ? cert_label(e->offline_chain[0]) : "no certificate", out);
	target_label(&e->target, label, sizeof label);
	if (name == NULL || strncmp(label, name, strlen(name)) == 0)
		return quote_str(label, out);
	buf_addf(&both, "%s (%s)", name, label);
	quote_str(buf_str(&both), out);
	buf_done(&both);
	return out;
}

bool
verdict_not_proven(const struct diagnosis *d)
{
	return d->root != NULL && (d->root->code == CODE_CLIENT_REJECTED || d->root->code == CODE_TLS_REJECTED);
}

static void
add(struct word_lines *w, const char *label, const char *text)
{
	w->items = arena_grow(w->arena, w->items, w->len, &w->cap, sizeof *w->items);
	w->items[w->len++] = (struct word_line){ label, text };
}

void
words_proof(const struct finding *f, struct word_lines *w)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->proof_len; i++)
		add(w, i == 0 ? "proof" : "",
		    arena_printf(w->arena, "%s (%s): %s", f->proof[i].words, f->proof[i].handshake, f->proof[i].outcome));
	for (size_t i = 0; f->proof_len == 0 && i < f->evidence_len && i < WORDS_SEEN; i++)
		add(w, i == 0 ? "seen" : "", f->evidence[i]);
}

/* No more than the wire proves (model/handshake.h, handshake_doubt). NULL: nothing. */
static const char *
proven(const struct handshake *h, struct arena *a)
{
	const char *with = h->sent_certs_len > 0 ? "with our certificate" : "without a certificate";

	if (h->outcome == OUTCOME_NOT_ASKED)
		return "the handshake was completed, and no certificate was asked for";
	if (h->inside.is == INSIDE_DOUBTFUL)
		return arena_printf(a, "TLS let us in %s; “%s” may still be a refusal", with, h->inside.text);
	if (h->inside.is == INSIDE_ACCEPTED)
		return arena_printf(a, "%s: the server answered our %s with “%s”", with, h->inside.question, h->inside.text);
	if (h->http.status == 0 && h->http.ended != NULL)
		return arena_printf(a, "TLS let us in %s; HTTP/2's %s may still be a refusal", with, h->http.ended);
	if (handshake_doubt(h) == DOUBT_ANSWER)
		return arena_printf(a, "TLS let us in %s; HTTP %d may still be a refusal", with, h->http.status);
	if (h->http.status != 0)
		return arena_printf(a, "%s: the server answered HTTP %d", with, h->http.status);
	if (h->phase < PHASE_ACCEPTED || handshake_doubt(h) == DOUBT_CLOSED)
		return NULL;
	return arena_printf(a, h->tickets > 0 ? "%s: the server gave us a session ticket" : "%s: the server's Finished came", with);
}

void
words_proven(const struct diagnosis *d, struct word_lines *w)
{
	const struct handshake *h = evidence_baseline(d->evidence);
	const char *text = h != NULL && handshake_accepted(h) ? proven(h, w->arena) : NULL;

	if (text == NULL)
		return;
	add(w, "proof", text);
	for (size_t i = 1; h->sent_certs_len > 0 && i < d->evidence->handshakes_len; i++) {
		const struct handshake *other = d->evidence->handshakes[i];

		if (other->outcome == OUTCOME_REJECTED_ALERT || other->outcome == OUTCOME_REJECTED_HTTP || other->outcome == OUTCOME_REJECTED_CLOSE ||
		    other->outcome == OUTCOME_REJECTED_APP)
			add(w, "", arena_printf(w->arena, "%s (%s): refused", look_words(other, w->arena), other->id));
	}
}

/* Where it cannot be told apart: what it may be, and what would decide. */
void
words_candidates(const struct finding *f, struct word_lines *w)
{
	/* A cause that has a name is the first of them already. */
	bool named = f != NULL && f->code != CODE_CLIENT_REJECTED && f->code != CODE_TLS_REJECTED;

	for (size_t i = 0; f != NULL && i < f->candidates_len; i++) {
		const struct candidate *c = &f->candidates[i];
		add(w, i == 0 && !named ? "either" : "or", arena_printf(w->arena, "%s: %s (%s)", code_info(c->code)->name,
		    code_phrase(c->code), confidence_name(c->likelihood)));
		if (c->decided_by != NULL)
			add(w, "decide", c->decided_by);
	}
}

/* Asking again is not for nothing: what was refused stands in somebody's log. */
static void
asked_again(const struct evidence *e, struct word_lines *w)
{
	size_t again = e->handshakes_len > 0 ? e->handshakes_len - 1 : 0, refused = 0;

	for (size_t i = 1; i < e->handshakes_len; i++) {
		enum outcome o = e->handshakes[i]->outcome;

		refused += o == OUTCOME_REJECTED_ALERT || o == OUTCOME_REJECTED_HTTP || o == OUTCOME_REJECTED_CLOSE || o == OUTCOME_REJECTED_APP;
	}
	if (refused > 0)
		add(w, "", arena_printf(w->arena, "asked %zu more time%s; %s may stand in the server's log as refused", again, again == 1 ? "" : "s",
		    refused < again ? arena_printf(w->arena, "%zu of these", refused) : again == 1 ? "that" : again == 2 ? "both" : "all of these"));
}

void
words_tested(const struct diagnosis *d, struct word_lines *w)
{
	const struct evidence *e = d->evidence;
	char file[QUOTE_MAX], host[QUOTE_MAX];
	const char *left;
	size_t n;

	if (e->offline)
		return;
	quote_str(e->seen_from != NULL ? e->seen_from : "this machine", host);
	if (e->identity == NULL)
		add(w, "tested", arena_printf(w->arena, "without a client certificate, from %s", host));
	else
		add(w, "tested", arena_printf(w->arena, "%s on %s, not what the running service sends",
		    quote_str(e->identity->cert_file != NULL ? e->identity->cert_file : "the identity", file), host));
	asked_again(e, w);
	if (e->cut_short)
		add(w, "", "the time (--max-time) was up before all was asked that may tell more");
	left = places_left(e, &n, w->arena);
	if (left != NULL)
		add(w, "", arena_printf(w->arena, "%zu other address%s of the name %s not looked at: %s", n, n == 1 ? "" : "es", n == 1 ? "was" : "were", left));
}

/* Where it was connected, what was agreed on, and what software that looks like. */
static void
reached(const struct diagnosis *d, const struct handshake *h, struct word_lines *w)
{
	struct buf b = { 0 };
	char shown[QUOTE_MAX];

	buf_adds(&b, quote_str(h->address, shown));
	if (h->offer.sni != NULL && d->evidence->target.is_ip)
		buf_addf(&b, " as %s", quote_str(h->offer.sni, shown));
	if (h->proxy != NULL)
		buf_addf(&b, " through %s", h->proxy);
	if (h->version != 0)
		buf_addf(&b, ", %s", tls_version_name(h->version));
	if (h->cipher != NULL)
		buf_addf(&b, ", %s", h->cipher);
	if (h->group != NULL)
		buf_addf(&b, ", %s", h->group);
	if (d->stack.stack != STACK_UNKNOWN && d->stack.name != NULL)
		buf_addf(&b, "; server: %s (%s)", d->stack.name, confidence_name(d->stack.confidence));
	add(w, "reached", arena_strdup(w->arena, buf_str(&b)));
	buf_done(&b);
}

void
words_judged(const struct diagnosis *d, struct word_lines *w)
{
	const struct evidence *e = d->evidence;
	const struct handshake *h = evidence_baseline(e);
	char shown[QUOTE_MAX], at[TIME_TEXT_MAX];

	if (e->trust != NULL && e->trust->from != NULL)
		add(w, "trusted", arena_strdup(w->arena, quote_str(e->trust->from, shown)));
	if (e->clocks.local_set)
		add(w, "as of", arena_strdup(w->arena, time_human(e->clocks.local_ms / 1000, at)));
	if (h != NULL && h->address != NULL && h->phase > PHASE_STARTTLS)
		reached(d, h, w);
}

/* Whether another host may reach what this one does not: a port that answers in another tongue does so to everybody. */
static bool
is_about_the_way(const struct diagnosis *d)
{
	const struct handshake *h = evidence_baseline(d->evidence);

	switch (d->root != NULL ? d->root->code : CODE_NET_NOT_TLS) {
	case CODE_NET_NOT_TLS:
	case CODE_NET_STARTTLS_REFUSED:
	case CODE_NET_LOCAL: return false;
	default: return h == NULL || h->proxy == NULL;
	}
}

/* Port 443 and its like are root's: there the client is given another. */
static int
port_to_listen_at(const struct evidence *e)
{
	enum { FIRST_FOR_ALL = 1024, USUAL = 8443 };

	return e->target.port >= FIRST_FOR_ALL ? e->target.port : USUAL;
}

/* One that AWS keeps is no file that could be named to `inspect`. */
static bool
from_files(const struct identity *id)
{
	return id != NULL && id->cert_file != NULL && strncmp(id->cert_file, "secret:", 7) != 0 && strncmp(id->cert_file, "parameter:", 10) != 0;
}

/* A service that cannot be reached: what can still be done. */
void
words_ways_on(const struct diagnosis *d, struct word_lines *w)
{
	const struct evidence *e = d->evidence;
	struct buf b = { 0 };
	char file[QUOTE_MAX];

	if (d->verdict != VERDICT_UNREACHABLE || e->offline)
		return;
	if (from_files(e->identity)) {
		buf_addf(&b, "mtlscope inspect %s", quote_str(e->identity->cert_file, file));
		if (e->identity->key_file != NULL && strcmp(e->identity->key_file, e->identity->cert_file) != 0)
			buf_addf(&b, " %s", quote_str(e->identity->key_file, file));
		buf_adds(&b, " --purpose client");
		if (e->trust != NULL && !e->trust->system && e->trust->from != NULL)
			buf_addf(&b, " --cacert %s", quote_str(e->trust->from, file));
		buf_adds(&b, " judges our own chain without a network.");
	} else {
		buf_adds(&b, "mtlscope inspect FILE… judges certificates without a network.");
	}
	add(w, "inspect", arena_strdup(w->arena, buf_str(&b)));
	add(w, "listen", arena_printf(w->arena, "mtlscope listen %d lets the client that fails connect here instead, and says what it sends.",
	    port_to_listen_at(e)));
	if (is_about_the_way(d))
		add(w, "via", "--via ssh:HOST asks from a host that reaches it; --resolve HOST:PORT:ADDRESS or --connect-to goes elsewhere.");
	if (d->root != NULL && d->root->code == CODE_NET_TIMEOUT)
		add(w, "longer", "--connect-timeout and --max-time wait longer.");
	buf_done(&b);
}
