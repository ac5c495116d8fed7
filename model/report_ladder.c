/* The handshake as a ladder: us, server, one row a message with its time, the row where it died, who ended it. */
#include <string.h>

#include "model/alert.h"
#include "model/memory.h"
#include "model/quote.h"
#include "model/report_parts.h"

enum { LEFT_COLUMN = 7, BAR_COLUMN = 39, LEFT_WIDTH = 28, RIGHT_WIDTH = 36, MOST_ROWS = 80 };

#define SAME_MS 0.05 /* what is nearer came with one read, or left with one write */

struct rung {
	double ms;
	enum peer from;
	bool ends;      /* the row where it died */
	bool quiet;     /* no arrow: nothing went over the wire, or its row above has it */
	size_t times;   /* the same message again and again: once, with a number */
	const char *text;
};

struct ladder {
	const struct handshake *h;
	const struct page *p;
	struct rung *rungs;
	size_t len, cap;
	struct arena *a;
};

static struct rung *
add(struct ladder *l, double ms, enum peer from, const char *text)
{
	l->rungs = arena_grow(l->a, l->rungs, l->len, &l->cap, sizeof *l->rungs);
	l->rungs[l->len] = (struct rung){ .ms = ms, .from = from, .text = text, .times = 1 };
	return &l->rungs[l->len++];
}

static const char *
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
add_connections(struct ladder *l)
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
width_of(enum peer from)
{
	return from == PEER_US ? LEFT_WIDTH : RIGHT_WIDTH;
}

/* A message with what is noted beside it; on two rows where one has no room. */
static void
add_noted(struct ladder *l, const struct message *m)
{
	const char *name = handshake_type_name(m->type);
	bool colon = m->note[0] < 'A' || m->note[0] > 'Z';
	const char *whole = arena_printf(l->a, "%s%s %s", name, colon ? ":" : "", m->note);

	if (text_columns(whole) <= width_of(m->from)) {
		add(l, m->at_ms, m->from, whole);
		return;
	}
	add(l, m->at_ms, m->from, arena_printf(l->a, "%s:", name))->quiet = m->from == PEER_US;
	add(l, m->at_ms, m->from, arena_printf(l->a, "  %s", m->note))->quiet = m->from == PEER_SERVER;
}

/* One row a message; one without a note of its own joins the row before where that has room. */
static void
add_messages(struct ladder *l)
{
	const struct handshake *h = l->h;

	for (size_t i = 0; i < h->messages_len; i++) {
		const struct message *m = &h->messages[i], *before = i > 0 ? m - 1 : NULL;
		const char *name = handshake_type_name(m->type);
		struct rung *last = before != NULL && l->len > 0 ? &l->rungs[l->len - 1] : NULL;
		if (m->note != NULL) {
			add_noted(l, m);
			continue;
		}
		if (last == NULL || last->from != m->from || m->at_ms - last->ms >= SAME_MS) {
			add(l, m->at_ms, m->from, name);
		} else if (before->type == m->type && before->note == NULL) {
			last->times++;
		} else if (last->times == 1 && text_columns(last->text) + 2 + text_columns(name) <= width_of(m->from)) {
			last->text = arena_printf(l->a, "%s, %s", last->text, name);
		} else {
			add(l, m->at_ms, m->from, name);
		}
	}
	for (size_t i = 0; i < l->len; i++) {
		if (l->rungs[i].times > 1)
			l->rungs[i].text = arena_printf(l->a, "%s × %zu", l->rungs[i].text, l->rungs[i].times);
	}
}

static void
add_alerts(struct ladder *l)
{
	const struct handshake *h = l->h;

	for (size_t i = 0; i < h->alerts_len; i++) {
		const struct alert *x = &h->alerts[i];
		const char *words = arena_printf(l->a, "alert %u %s", x->number, alert_info(x->number)->name);
		const char *level = x->level == 2 ? "fatal" : "warning";
		if (x->number == 0)
			words = "close_notify";
		else if (text_columns(words) + 2 + strlen(level) <= width_of(x->from))
			words = arena_printf(l->a, "%s, %s", words, level);
		/* The goodbye stands behind the answer that came in the same read. */
		double at = x->number == 0 && h->http.status != 0 && h->http.status_ms - x->at_ms < SAME_MS &&
		    h->http.status_ms > x->at_ms ? h->http.status_ms : x->at_ms;
		struct rung *r = add(l, at, x->from, words);
		r->ends = h->ended.how == END_ALERT && x->from == h->ended.by && x->level == 2;
	}
}

static void
add_http(struct ladder *l)
{
	const struct http_answer *http = &l->h->http;
	char reason[QUOTE_MAX];

	if (http->requested && http->method != NULL)
		add(l, http->sent_ms, PEER_US, arena_printf(l->a, "HTTP: %s", http->method));
	if (http->status != 0)
		add(l, http->status_ms, PEER_SERVER, arena_printf(l->a, "HTTP %d%s%s", http->status,
		    http->reason.len > 0 ? " " : "", quote(http->reason, reason)))->ends = l->h->outcome == OUTCOME_REJECTED_HTTP;
	else if (http->malformed)
		add(l, http->status_ms, PEER_SERVER, "bytes that are no HTTP answer");
	if (http->answer_from != NULL)
		l->rungs[l->len - 1].text = arena_printf(l->a, "%s (%s)", l->rungs[l->len - 1].text, http->answer_from);
}

static void
add_end(struct ladder *l)
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
		add(l, h->ended.at_ms, h->ended.how == END_TIMEOUT ? PEER_SERVER : h->ended.by, words[h->ended.how])
		    ->ends = refused && h->outcome != OUTCOME_REJECTED_HTTP;
	if (h->ended.how == END_US && refused && h->outcome != OUTCOME_REJECTED_HTTP && h->phase > PHASE_CONNECT)
		add(l, h->ended.at_ms, PEER_US, h->detail != NULL ? h->detail : "we could not go on")->ends = true;
}

/* A few dozen rows: insertion keeps the order of equals. */
static void
sort(struct ladder *l)
{
	for (size_t i = 1; i < l->len; i++) {
		struct rung r = l->rungs[i];
		size_t k = i;
		for (; k > 0 && l->rungs[k - 1].ms > r.ms; k--)
			l->rungs[k] = l->rungs[k - 1];
		l->rungs[k] = r;
	}
}

static void
time_column(const struct page *p, double ms, bool shown)
{
	if (!shown)
		page_pad(p, 0, LEFT_COLUMN);
	else
		page_textf(p, ms < 1000 ? "%5.1f  " : "%5.0f  ", ms < 0 ? 0.0 : ms);
}

static void
bar(const struct page *p, size_t at, bool arrow)
{
	page_pad(p, at, BAR_COLUMN - (arrow ? 3 : 0));
	page_text(p, arrow ? "──►│" : "│");
}

/* Our side: the text, an arrow at its last line. */
static void
left_rung(const struct ladder *l, const struct rung *r, bool with_time)
{
	const struct page *p = l->p;
	const char *text = r->ends ? "✗ ENDED BY US" : page_cut(l->a, r->text, r->quiet ? LEFT_WIDTH + 3 : LEFT_WIDTH);

	time_column(p, r->ms, with_time);
	page_tinted(p, r->ends ? TINT_FAIL : TINT_NONE, text);
	bar(p, LEFT_COLUMN + page_columns_of(p, text), !r->quiet);
	if (r->ends) {
		buf_addc(p->out, ' ');
		page_text(p, page_cut(l->a, r->text, 38));
	}
	buf_addc(p->out, '\n');
}

static void
right_rung(const struct ladder *l, const struct rung *r, bool with_time)
{
	const struct page *p = l->p;
	const char *mark = r->ends ? "✗ ENDED BY THE SERVER" : "";

	if (r->ends && r->from == PEER_SERVER && l->h->ended.how == END_TIMEOUT)
		mark = "✗ NO ANSWER";
	else if (r->ends && l->h->not_tls)
		mark = "✗ THIS IS NOT TLS";
	else if (r->ends && l->h->outcome == OUTCOME_REJECTED_HTTP)
		mark = "✗ REFUSED BY THE SERVER";
	time_column(p, r->ms, with_time);
	page_tinted(p, r->ends ? TINT_FAIL : TINT_NONE, mark);
	bar(p, LEFT_COLUMN + page_columns_of(p, mark), false);
	page_text(p, r->quiet || (l->h->ended.how == END_TIMEOUT && r->ends) ? "    " : "◄── ");
	page_text(p, page_cut(l->a, r->text, RIGHT_WIDTH));
	buf_addc(p->out, '\n');
}

static void
plain_rung(const struct ladder *l, const struct rung *r)
{
	page_textf(l->p, "%.1f ms, %s: %s%s\n", r->ms < 0 ? 0.0 : r->ms, r->from == PEER_US ? "us" : "server", r->text,
	    r->ends ? "; here it ended" : "");
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

	if (h->phase == PHASE_HELLO && heard_alert(h))
		return "It ended with the server's alert, before its hello.";
	if (h->phase >= PHASE_OUR_FLIGHT && h->phase < PHASE_RESPONSE && h->sent_certificate_message && h->sent_certs_len == 0)
		return "It ended after we had sent an empty Certificate: none was there to send.";
	return words[h->phase];
}

static void
list(const struct page *p, const char *lead, const char *const *items, size_t len)
{
	struct buf b = { 0 };

	if (len == 0)
		return;
	buf_addf(&b, "%s ", lead);
	for (size_t i = 0; i < len; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", items[i]);
	if (b.data[b.len - 1] != '.')
		buf_addc(&b, '.');
	page_pad(p, 0, LEFT_COLUMN);
	page_wrap(p, LEFT_COLUMN, LEFT_COLUMN + strlen(lead) + 1, buf_str(&b));
	buf_done(&b);
}

static void
draw(struct ladder *l, const struct diagnosis *d)
{
	const struct page *p = l->p;
	const struct cert *leaf = d->evidence->identity != NULL ? identity_leaf(d->evidence->identity) : NULL;
	char label[320], shown[QUOTE_MAX];
	double last = -1;

	page_heading(p, "HANDSHAKE");
	if (!p->style->plain) {
		const char *us = arena_printf(l->a, "   ms  us%s%s", leaf != NULL ? ": " : "",
		    leaf != NULL ? page_cut(l->a, cert_label(leaf), 24) : "");
		page_text(p, us);
		bar(p, page_columns_of(p, us), false);
		page_textf(p, " server: %s\n",
		    page_cut(l->a, quote_str(target_label(&d->evidence->target, label, sizeof label), shown), 31));
	}
	for (size_t i = 0; i < l->len && i < MOST_ROWS; i++) {
		const struct rung *r = &l->rungs[i];
		bool with_time = i == 0 || r->ms - last >= SAME_MS || r->ends || r[-1].from != r->from;
		if (p->style->plain)
			plain_rung(l, r);
		else if (r->from == PEER_US)
			left_rung(l, r, with_time);
		else
			right_rung(l, r, with_time);
		last = with_time ? r->ms : last;
	}
	if (l->len > MOST_ROWS)
		page_textf(p, "       and %zu more messages\n", l->len - MOST_ROWS);
}

static const char *
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
	};

	return words[o];
}

static const char *
experiment_words(const char *name)
{
	static const struct {
		const char *name, *words;
	} known[] = { { "wide-hello", "everything offered, old versions too" }, { "baseline-get", "the same again, with GET" } };

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (strcmp(name, known[i].name) == 0)
			return known[i].words;
	}
	return name;
}

/* One line for each handshake after the baseline. */
static void
further(const struct diagnosis *d, const struct page *p, struct arena *a)
{
	for (size_t i = 1; i < d->evidence->handshakes_len; i++) {
		const struct handshake *h = d->evidence->handshakes[i];
		const struct alert *x = handshake_fatal_alert(h, PEER_SERVER);
		struct buf b = { 0 };
		buf_addf(&b, "%s, %s: ", h->id, experiment_words(h->experiment));
		if (h->version != 0)
			buf_addf(&b, "%s, ", tls_version_name(h->version));
		buf_adds(&b, outcome_words(h->outcome));
		if (x != NULL)
			buf_addf(&b, ", alert %u %s", x->number, alert_info(x->number)->name);
		if (h->http.status != 0)
			buf_addf(&b, ", HTTP %d", h->http.status);
		page_pad(p, 0, LEFT_COLUMN);
		page_wrap(p, LEFT_COLUMN, LEFT_COLUMN + 4, arena_strdup(a, buf_str(&b)));
		buf_done(&b);
	}
}

void
report_ladder(const struct diagnosis *d, const struct page *p)
{
	struct ladder l = { .h = evidence_baseline(d->evidence), .p = p };

	if (l.h == NULL)
		return;
	l.a = arena_new();
	add_connections(&l);
	add_messages(&l);
	add_http(&l);
	add_alerts(&l);
	add_end(&l);
	sort(&l);
	draw(&l, d);
	if (!handshake_accepted(l.h) || d->not_the_cause_len + d->not_reached_len > 0 || d->evidence->handshakes_len > 1)
		buf_addc(p->out, '\n');
	if (!handshake_accepted(l.h)) {
		page_pad(p, 0, LEFT_COLUMN);
		page_wrap(p, LEFT_COLUMN, LEFT_COLUMN, phase_words(l.h));
	}
	list(p, "Not the cause:", d->not_the_cause, d->not_the_cause_len);
	list(p, "Not reached:  ", d->not_reached, d->not_reached_len);
	further(d, p, l.a);
	arena_free(l.a);
}
