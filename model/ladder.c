/* The handshake as rows: one a message with its time, the row where it died, who ended it. */
#include "model/ladder.h"

#include <string.h>

#include "model/alert.h"
#include "model/client.h"
#include "model/experiment.h"
#include "model/memory.h"
#include "model/page.h"
#include "model/quote.h"

#define SAME_MS 0.05 /* what is nearer came with one read, or left with one write */

struct building {
	const struct handshake *h;
	struct ladder *out;
	size_t left, right; /* columns */
	struct arena *a;
};

static struct rung *
add(struct building *l, double ms, enum peer from, const char *text)
{
	struct ladder *out = l->out;

	out->rungs = arena_grow(l->a, out->rungs, out->len, &out->cap, sizeof *out->rungs);
	out->rungs[out->len] = (struct rung){ .ms = ms, .from = from, .text = text, .message = SIZE_MAX };
	return &out->rungs[out->len++];
}

const char *
attempt_words(const struct attempt *at, struct arena *a)
{
	static const char *const words[] = {
		[CONNECT_OK] = "connected to",
		[CONNECT_REFUSED] = "refused by",
		[CONNECT_TIMEOUT] = "no answer from",
		[CONNECT_UNREACHABLE] = "no route to",
		[CONNECT_RESET] = "reset by",
		[CONNECT_LOCAL] = "could not try",
		[CONNECT_OTHER] = "failed at",
		[CONNECT_NOT_TRIED] = "not needed:",
	};

	return arena_printf(a, "%s %s", words[at->result], at->address);
}

static void
add_connections(struct building *l)
{
	const struct handshake *h = l->h;

	if (h->dns_error != 0)
		add(l, h->resolve_ms, PEER_US,
		    arena_printf(l->a, "the name: %s", h->dns_error_text != NULL ? h->dns_error_text : "not found"))
		    ->quiet = true;
	for (size_t i = 0; i < h->attempts_len; i++) {
		const struct attempt *at = &h->attempts[i];
		if (at->result == CONNECT_NOT_TRIED)
			continue;
		add(l, at->end_ms, PEER_US, attempt_words(at, l->a))->quiet = true;
	}
}

static size_t
width_of(const struct building *l, enum peer from)
{
	return from == PEER_US ? l->left : l->right;
}

/* A message with what is noted beside it; on two rows where one has no room. */
static void
add_noted(struct building *l, const struct message *m)
{
	size_t index = (size_t)(m - l->h->messages);
	const char *name = handshake_type_name(m->type);
	bool colon = m->note[0] < 'A' || m->note[0] > 'Z';
	const char *whole = arena_printf(l->a, "%s%s %s", name, colon ? ":" : "", m->note);
	struct rung *r = NULL;

	if (text_columns(whole) <= width_of(l, m->from)) {
		add(l, m->at_ms, m->from, whole)->message = index;
		return;
	}
	r = add(l, m->at_ms, m->from, arena_printf(l->a, "%s:", name));
	r->message = index;
	r->quiet = m->from == PEER_US;
	r = add(l, m->at_ms, m->from, arena_printf(l->a, "  %s", m->note));
	r->message = index;
	r->quiet = m->from == PEER_SERVER;
}

/* One row a message; one without a note of its own joins the row before where that has room, the same again is counted. */
static void
add_messages(struct building *l)
{
	const struct handshake *h = l->h;
	const char *once = NULL; /* the last row's text without its count */
	size_t times = 1;

	for (size_t i = 0; i < h->messages_len; i++) {
		const struct message *m = &h->messages[i], *before = i > 0 ? m - 1 : NULL;
		const char *name = handshake_type_name(m->type);
		struct rung *last = before != NULL && l->out->len > 0 ? &l->out->rungs[l->out->len - 1] : NULL;
		bool joins = last != NULL && last->from == m->from && m->at_ms - last->ms < SAME_MS && m->note == NULL;

		if (joins && before->type == m->type && before->note == NULL) {
			once = times == 1 ? last->text : once;
			last->text = arena_printf(l->a, "%s × %zu", once, ++times);
			continue;
		}
		if (m->note != NULL)
			add_noted(l, m);
		else if (joins && times == 1 && text_columns(last->text) + 2 + text_columns(name) <= width_of(l, m->from))
			last->text = arena_printf(l->a, "%s, %s", last->text, name);
		else
			add(l, m->at_ms, m->from, name)->message = i;
		times = 1;
	}
}

static void
add_alerts(struct building *l)
{
	const struct handshake *h = l->h;

	for (size_t i = 0; i < h->alerts_len; i++) {
		const struct alert *x = &h->alerts[i];
		const char *words = arena_printf(l->a, "alert %u %s", x->number, alert_info(x->number)->name);
		const char *level = x->level == 2 ? "fatal" : "warning";
		if (x->number == 0)
			words = "close_notify";
		else if (text_columns(words) + 2 + strlen(level) <= width_of(l, x->from))
			words = arena_printf(l->a, "%s, %s", words, level);
		/* The goodbye stands behind the answer that came in the same read. */
		double at = x->number == 0 && h->http.status != 0 && h->http.status_ms - x->at_ms < SAME_MS &&
		    h->http.status_ms > x->at_ms ? h->http.status_ms : x->at_ms;
		struct rung *r = add(l, at, x->from, words);
		r->ends = h->ended.how == END_ALERT && x->from == h->ended.by && x->level == 2;
	}
}

static void
add_http(struct building *l)
{
	const struct http_answer *http = &l->h->http;
	char reason[QUOTE_MAX];

	if (http->requested && http->method != NULL)
		add(l, http->sent_ms, PEER_US, arena_printf(l->a, "%s: %s", l->h->alpn != NULL && strcmp(l->h->alpn, "h2") == 0 ? "HTTP/2" : "HTTP", http->method));
	if (http->status != 0)
		add(l, http->status_ms, PEER_SERVER, arena_printf(l->a, "HTTP %d%s%s", http->status,
		    http->reason.len > 0 ? " " : "", quote(http->reason, reason)))->ends = l->h->outcome == OUTCOME_REJECTED_HTTP;
	else if (http->malformed)
		add(l, http->status_ms, PEER_SERVER, "bytes that are no HTTP answer");
	if (http->ended != NULL)
		add(l, l->h->ended.at_ms, PEER_SERVER, http->ended);
	if (http->answer_from != NULL && l->out->len > 0)
		l->out->rungs[l->out->len - 1].text = arena_printf(l->a, "%s (%s)", l->out->rungs[l->out->len - 1].text, http->answer_from);
}

/* How many lines the answer has that begins at i: it is one row. */
static size_t
answer_lines(const struct handshake *h, size_t i)
{
	size_t n = 1;

	while (i + n < h->spoken_len && !h->spoken[i + n].by_us && h->spoken[i + n].where == h->spoken[i].where)
		n++;
	return n;
}

/* Words of other protocols; the last of the server's is where it died, if it died of words. */
static void
add_spoken(struct building *l)
{
	const struct handshake *h = l->h;
	bool died = h->outcome == OUTCOME_REJECTED_APP || (h->obstacle != OBSTACLE_NONE && h->ended.how == END_US);
	size_t lines;

	for (size_t i = 0; i < h->spoken_len; i += lines) {
		const struct spoken *s = &h->spoken[i];
		const char *who = s->where == SPOKEN_TO_PROXY ? "proxy: " : "";
		bool last;

		lines = s->by_us ? 1 : answer_lines(h, i);
		last = died && !s->by_us && i + lines == h->spoken_len;
		if (s->by_us && s->at_ms >= 0) /* else it never left */
			add(l, s->at_ms, PEER_US, s->text);
		else if (!s->by_us && lines > 1)
			add(l, s->at_ms, PEER_SERVER, arena_printf(l->a, "%s%zu lines: %s", who, lines, s->text));
		if (!s->by_us && (lines == 1 || last))
			add(l, s[lines - 1].at_ms, PEER_SERVER, arena_printf(l->a, "%s%s", who, s[lines - 1].text))->ends = last;
	}
}

static bool
ends_with_words(const struct handshake *h)
{
	return h->outcome == OUTCOME_REJECTED_HTTP || h->outcome == OUTCOME_REJECTED_APP || h->obstacle != OBSTACLE_NONE;
}

static void
add_end(struct building *l)
{
	static const char *const words[] = {
		[END_NOT_YET] = NULL,
		[END_ALERT] = NULL,
		[END_CLOSE_NOTIFY] = NULL,
		[END_FIN] = "closed the connection (FIN)",
		[END_RST] = "reset the connection (RST)",
		[END_TIMEOUT] = "no answer came in time",
		[END_US] = NULL,
	};
	const struct handshake *h = l->h;
	bool refused = !handshake_accepted(h);

	if (h->not_tls) {
		add(l, h->ended.at_ms, PEER_SERVER, "bytes that are no TLS")->ends = true;
		return;
	}
	if (words[h->ended.how] != NULL && h->phase > PHASE_CONNECT)
		add(l, h->ended.at_ms, h->ended.how == END_TIMEOUT && !h->listened ? PEER_SERVER : h->ended.by, words[h->ended.how])
		    ->ends = refused && h->outcome != OUTCOME_REJECTED_HTTP && h->outcome != OUTCOME_REJECTED_APP;
	if (h->ended.how == END_US && refused && !ends_with_words(h) && h->phase > PHASE_CONNECT)
		add(l, h->ended.at_ms, PEER_US, h->detail != NULL ? h->detail : "we could not go on")->ends = true;
}

/* A few dozen rows: insertion keeps the order of equals. */
static void
sort(struct building *l)
{
	for (size_t i = 1; i < l->out->len; i++) {
		struct rung r = l->out->rungs[i];
		size_t k = i;
		for (; k > 0 && l->out->rungs[k - 1].ms > r.ms; k--)
			l->out->rungs[k] = l->out->rungs[k - 1];
		l->out->rungs[k] = r;
	}
}

static bool
heard_alert(const struct handshake *h)
{
	for (size_t i = 0; i < h->alerts_len; i++)
		if (h->alerts[i].from == PEER_SERVER)
			return true;
	return false;
}

static const char *
phase_words(const struct handshake *h)
{
	static const char *const words[] = {
		[PHASE_RESOLVE] = "It ended before the name had an address.",
		[PHASE_CONNECT] = "It ended before there was a connection.",
		[PHASE_PROXY] = "It ended at the proxy: the server was not reached.",
		[PHASE_STARTTLS] = "It ended before TLS began.",
		[PHASE_HELLO] = "It ended before the server said anything in TLS.",
		[PHASE_SERVER_HELLO] = "It ended after the server's hello, before its certificate.",
		[PHASE_SERVER_CERTIFICATE] = "It ended after the server's certificate, before its turn was over.",
		[PHASE_SERVER_DONE] = "It ended after the server's turn, before ours.",
		[PHASE_OUR_FLIGHT] = "It ended while the server read our Certificate.",
		[PHASE_FINISHED] = "It ended after our Finished, when the server looked at our Certificate.",
		[PHASE_ACCEPTED] = "It ended after the server had accepted the handshake.",
		[PHASE_REQUEST] = "It ended after our HTTP request, without an answer.",
		[PHASE_RESPONSE] = "The handshake was completed; the HTTP answer refuses us.",
	};

	if (h->inside.question != NULL && h->phase == PHASE_RESPONSE)
		return "The handshake was completed; what it answered then refuses us.";
	if (h->inside.question != NULL && h->phase == PHASE_REQUEST)
		return "It ended after our first words inside TLS, without an answer.";
	if (h->phase == PHASE_HELLO && heard_alert(h))
		return "It ended with the server's alert, before its hello.";
	if (h->phase >= PHASE_OUR_FLIGHT && h->phase < PHASE_RESPONSE && h->sent_certificate_message && h->sent_certs_len == 0)
		return "It ended after we had sent an empty Certificate: none was there to send.";
	return words[h->phase];
}

/* "Not the cause: version, cipher." NULL where there is nothing to list. */
static const char *
sentence(const char *lead, const char *const *items, size_t len, struct arena *a)
{
	struct buf b = { 0 };
	const char *text = NULL;

	if (len == 0)
		return NULL;
	buf_addf(&b, "%s ", lead);
	for (size_t i = 0; i < len; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", items[i]);
	if (b.data[b.len - 1] != '.')
		buf_addc(&b, '.');
	text = arena_strdup(a, buf_str(&b));
	buf_done(&b);
	return text;
}

static const char *
mark_of(const struct handshake *h, const struct rung *r)
{
	if (!r->ends)
		return NULL;
	if (h->listened)
		return r->from == PEER_US ? "ENDED BY THE CLIENT" : "ENDED BY US";
	if (r->from == PEER_US)
		return "ENDED BY US";
	if (h->ended.how == END_TIMEOUT)
		return "NO ANSWER";
	if (h->not_tls)
		return "THIS IS NOT TLS";
	if (h->obstacle == OBSTACLE_PROXY)
		return h->ended.how == END_US ? "REFUSED BY THE PROXY" : "ENDED BY THE PROXY";
	if (h->obstacle == OBSTACLE_INJECTED)
		return "NOT TO BE TRUSTED";
	if (h->obstacle == OBSTACLE_STARTTLS && h->ended.how == END_US)
		return "REFUSED BY THE SERVER";
	return h->outcome == OUTCOME_REJECTED_HTTP || h->outcome == OUTCOME_REJECTED_APP ? "REFUSED BY THE SERVER" : "ENDED BY THE SERVER";
}

/* Which rows show their time, and what stands on the one where it died. */
static void
finish(struct building *l)
{
	double last = -1;

	for (size_t i = 0; i < l->out->len; i++) {
		struct rung *r = &l->out->rungs[i];
		r->shown_ms = i == 0 || r->ms - last >= SAME_MS || r->ends || r[-1].from != r->from;
		last = r->shown_ms ? r->ms : last;
		r->mark = mark_of(l->h, r);
		/* Silence is no message. */
		r->quiet = r->quiet || (r->ends && r->from == PEER_SERVER && l->h->ended.how == END_TIMEOUT);
	}
	for (size_t i = 0; i < l->out->len; i++)
		l->out->rungs[i].ms = l->out->rungs[i].ms < 0 ? 0 : l->out->rungs[i].ms;
}

static void
fill(struct building *l)
{
	add_connections(l);
	add_spoken(l);
	add_messages(l);
	add_http(l);
	add_alerts(l);
	add_end(l);
	sort(l);
	finish(l);
}

/* What `listen` recorded: the client is on the left, we are the server. */
static void
listened(struct building *l, const struct client *c)
{
	*l->out = (struct ladder){ .us_word = "client", .server_word = "us", .us = c->from, .server = c->listening->address };
	fill(l);
}

void
ladder_of(const struct diagnosis *d, const struct handshake *h, size_t left, size_t right, struct arena *a,
    struct ladder *out)
{
	const struct evidence *e = d->evidence;
	const struct cert *leaf = e->identity != NULL ? identity_leaf(e->identity) : NULL;
	struct building l = { .h = h, .out = out, .left = left, .right = right, .a = a };
	char label[320], shown[QUOTE_MAX];

	if (h->listened) {
		listened(&l, e->client);
		return;
	}
	*out = (struct ladder){ .us_word = "us", .server_word = "server", .us = leaf != NULL ? cert_label(leaf) : NULL,
		.server = arena_strdup(a, quote_str(target_label(&e->target, label, sizeof label), shown)) };
	fill(&l);
	out->ended = handshake_accepted(h) ? NULL : phase_words(h);
	if (h == evidence_baseline(e)) {
		out->not_the_cause = sentence("Not the cause:", d->not_the_cause, d->not_the_cause_len, a);
		out->not_reached = sentence("Not reached:  ", d->not_reached, d->not_reached_len, a);
	}
}

const char *
outcome_words(enum outcome o)
{
	static const char *const words[] = {
		[OUTCOME_ACCEPTED] = "accepted",
		[OUTCOME_ACCEPTED_APP] = "accepted",
		[OUTCOME_REJECTED_ALERT] = "refused",
		[OUTCOME_REJECTED_HTTP] = "refused over HTTP",
		[OUTCOME_REJECTED_CLOSE] = "refused by closing",
		[OUTCOME_NOT_ASKED] = "completed, no certificate asked for",
		[OUTCOME_FAILED_LOCAL] = "we could not go on",
		[OUTCOME_NETWORK] = "no connection",
		[OUTCOME_PROTOCOL] = "nothing in common",
		[OUTCOME_REJECTED_APP] = "refused in its own words",
	};

	return words[o];
}

const char *
experiment_words(const char *name)
{
	const struct experiment *x = experiment_named(name);

	return x != NULL ? x->words : name;
}

const char *
look_words(const struct handshake *h, struct arena *a)
{
	const struct experiment *x = experiment_named(h->experiment);

	if (x == NULL || h->address == NULL || x->variation.to == TO_THE_SAME)
		return experiment_words(h->experiment);
	return arena_printf(a, x->variation.sends == SENDS_NOTHING ? "at %s, no certificate" :
	    x->variation.sends == SENDS_COMPLETED ? "at %s, with the missing CA added" : "at %s", h->address);
}

const char *
handshake_words(const struct handshake *h, struct arena *a)
{
	const struct alert *x = handshake_fatal_alert(h, PEER_SERVER);
	struct buf b = { 0 };
	const char *text = NULL;

	if (h->version != 0)
		buf_addf(&b, "%s, ", tls_version_name(h->version));
	buf_adds(&b, h->outcome == OUTCOME_NETWORK && h->phase > PHASE_CONNECT ? "connected, no TLS" : outcome_words(h->outcome));
	if (x != NULL)
		buf_addf(&b, ", alert %u %s", x->number, alert_info(x->number)->name);
	if (h->http.status != 0)
		buf_addf(&b, ", HTTP %d", h->http.status);
	if (h->inside.text != NULL)
		buf_addf(&b, ", “%s”", h->inside.text);
	text = arena_strdup(a, buf_str(&b));
	buf_done(&b);
	return text;
}
