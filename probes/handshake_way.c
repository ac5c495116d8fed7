/* The dialogues of a handshake: what is said before TLS, and the first question inside it. */
#include "probes/handshake_run.h"

#include <openssl/crypto.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"
#include "probes/proxy.h"
#include "probes/record.h"
#include "probes/starttls.h"

bool
way_under_way(const struct handshake_run *r)
{
	return r->step == STEP_PROXY || r->step == STEP_STARTTLS;
}

size_t
way_output(const struct handshake_run *r, const unsigned char **bytes)
{
	if (!r->in_dialogue || r->dialogue.out.data == NULL)
		return 0;
	*bytes = (const unsigned char *)r->dialogue.out.data + r->dialogue_sent;
	return r->dialogue.out.len - r->dialogue_sent;
}

void
way_sent(struct handshake_run *r, size_t n)
{
	r->dialogue_sent += n;
	if (r->dialogue_sent < r->dialogue.out.len)
		return;
	OPENSSL_cleanse(r->dialogue.out.data, r->dialogue.out.len); /* a proxy's password is in it */
	buf_reset(&r->dialogue.out);
	r->dialogue_sent = 0;
	dialogue_sent(&r->dialogue, run_now_ms(r));
}

static void
begin(struct handshake_run *r, const struct dialect *dialect, enum spoken_where where, const struct dialogue_wish *wish)
{
	dialogue_done(&r->dialogue);
	r->dialogue_sent = 0;
	r->way_from_ms = run_now_ms(r);
	dialogue_begin(&r->dialogue, dialect, where, wish, r->h, r->way_from_ms);
	r->in_dialogue = true;
}

static void
end(struct handshake_run *r)
{
	dialogue_done(&r->dialogue);
	r->in_dialogue = false;
}

static void
stopped(struct handshake_run *r, enum obstacle obstacle, const char *why, const char *answer, enum peer by, enum end_how how, int os_error)
{
	r->h->obstacle = obstacle;
	r->h->obstacle_why = why;
	r->h->obstacle_answer = answer;
	run_finish(r, by, how, os_error);
}

static const char *
printable(struct handshake_run *r, struct text t)
{
	return t.len > 0 ? text_safe_arena(r->h->arena, t, LIMIT_SPOKEN_TEXT, NULL) : NULL;
}

static enum obstacle
obstacle_here(const struct handshake_run *r)
{
	return r->step == STEP_PROXY ? OBSTACLE_PROXY : OBSTACLE_STARTTLS;
}

/* ---- before TLS ---- */

static void
starttls(struct handshake_run *r, struct text rest)
{
	const struct dialect *dialect = starttls_dialect(r->req.target->starttls);

	if (dialect == NULL) {
		talk_tls(r, rest);
		return;
	}
	record_phase(r->h, PHASE_STARTTLS);
	begin(r, dialect, SPOKEN_BEFORE_TLS, NULL);
	run_wait(r, STEP_STARTTLS, r->ground->opt->connect_timeout_ms);
	if (rest.len > 0)
		dialogue_feed(&r->dialogue, rest.bytes, rest.len, run_now_ms(r));
	way_move(r);
}

void
way_begin(struct handshake_run *r)
{
	const struct proxy *p = r->route.proxy;
	const struct dialect *dialect = p != NULL ? proxy_dialect(p->kind) : NULL;
	struct dialogue_wish wish = { .host = r->goal, .port = r->route.goal_port };

	if (dialect == NULL) {
		starttls(r, (struct text){ NULL, 0 });
		return;
	}
	wish.user = p->user;
	wish.password = p->password;
	record_phase(r->h, PHASE_PROXY);
	begin(r, dialect, SPOKEN_TO_PROXY, &wish);
	run_wait(r, STEP_PROXY, r->ground->opt->connect_timeout_ms);
	way_move(r);
}

/* ---- through ssh ---- */

static bool
nothing_heard(const struct handshake_run *r)
{
	return r->bytes_in == 0 && r->dialogue.heard == 0;
}

/* ssh has ended, and its words are there. */
static void
on_ssh_over(void *user)
{
	struct handshake_run *r = user;
	struct text words = via_words(r->via);
	struct handshake *h = r->h;

	if (!nothing_heard(r) || r->via_how == END_NOT_YET)
		return; /* it led us there: how the stream ends says the rest */
	while (words.len > 0 && (words.bytes[words.len - 1] == '\n' || words.bytes[words.len - 1] == '\r'))
		words.len--;
	for (size_t at = 0, end; at < words.len; at = end + 1) { /* its lines */
		const unsigned char *nl = memchr(words.bytes + at, '\n', words.len - at);

		end = nl != NULL ? (size_t)(nl - words.bytes) : words.len;
		dialogue_record(h, false, SPOKEN_TO_PROXY, printable(r, (struct text){ words.bytes + at, end - at - (end > at && words.bytes[end - 1] == '\r') }), run_now_ms(r));
	}
	h->phase = PHASE_PROXY; /* our hello went as far as to ssh */
	stopped(r, OBSTACLE_PROXY, "ssh does not lead there", printable(r, words), PEER_US, END_US, 0);
}

bool
way_ssh_failed(struct handshake_run *r, enum end_how how)
{
	if (r->via == NULL || !nothing_heard(r) || r->via_how != END_NOT_YET)
		return false;
	r->via_how = how;
	uv_poll_stop(&r->link->poll); /* an ended stream is readable for ever */
	run_wait(r, STEP_PROXY, r->ground->opt->connect_timeout_ms);
	if (via_is_over(r->via))
		on_ssh_over(r);
	return true;
}

void
way_through_ssh(struct handshake_run *r)
{
	const struct proxy *p = r->route.proxy;
	unsigned timeout_s = r->ground->opt->connect_timeout_ms / 1000;
	int fd = -1, error = 0;

	record_phase(r->h, PHASE_PROXY);
	r->h->resolve_ms = r->h->resolve_ms < 0 ? 0 : r->h->resolve_ms;
	r->via = via_start(r->ground->loop, p, r->goal, r->route.goal_port, timeout_s, on_ssh_over, r, &fd, &error);
	if (r->via == NULL) {
		stopped(r, OBSTACLE_PROXY, "ssh cannot be started", strerror(error), PEER_US, END_US, error);
		return;
	}
	dialogue_record(r->h, true, SPOKEN_TO_PROXY, arena_printf(r->h->arena, "ssh -W %s %s", r->h->address, p->host), run_now_ms(r));
	r->link = link_new(r->ground->loop, fd);
	if (r->link == NULL) {
		run_fail_here(r, "the loop does not take ssh's stream");
		return;
	}
	talk_begin(r);
}

/* ---- proxies ---- */

/* The proxy leads us on: who is at the other end may have spoken already. */
static void
led_on(struct handshake_run *r)
{
	struct text rest = dialogue_rest(&r->dialogue);

	rest = (struct text){ rest.len > 0 ? arena_dup(r->h->arena, rest.bytes, rest.len) : NULL, rest.len };
	r->h->proxy_ms = run_now_ms(r) - r->way_from_ms;
	end(r);
	starttls(r, rest);
}

/* The go-ahead is there. Whoever had put words behind it would have them taken for what comes inside TLS. */
static void
goes_over(struct handshake_run *r)
{
	struct text rest = dialogue_rest(&r->dialogue);

	r->h->starttls_ms = run_now_ms(r) - r->way_from_ms;
	if (rest.len > 0) {
		dialogue_note(&r->dialogue, rest);
		stopped(r, OBSTACLE_INJECTED, "it sends plain text behind its go-ahead", printable(r, rest), PEER_US, END_US, 0);
		return;
	}
	end(r);
	talk_tls(r, rest);
}

void
way_move(struct handshake_run *r)
{
	const unsigned char *bytes;

	talk_flush(r);
	if (way_output(r, &bytes) > 0 && !r->h->write_failed)
		return; /* the socket has no room: it goes on when it has */
	switch (r->dialogue.state) {
	case DIALOGUE_GOES_ON: break;
	case DIALOGUE_AGREED:
		if (r->step == STEP_PROXY)
			led_on(r);
		else
			goes_over(r);
		break;
	case DIALOGUE_REFUSED: stopped(r, obstacle_here(r), r->dialogue.why, r->dialogue.answer, PEER_US, END_US, 0); break;
	}
}

void
way_received(struct handshake_run *r, const unsigned char *bytes, size_t len, double at_ms)
{
	dialogue_feed(&r->dialogue, bytes, len, at_ms);
	if (r->dialogue.out.len > 0)
		run_wait(r, r->step, r->ground->opt->connect_timeout_ms); /* each of our words has its answer's time */
	way_move(r);
}

void
way_stream_ended(struct handshake_run *r, enum end_how how, int os_error)
{
	struct text rest = dialogue_rest(&r->dialogue);

	if (rest.len > 0) { /* the words without an end are all there is */
		dialogue_note(&r->dialogue, rest);
		stopped(r, obstacle_here(r), "it ends the connection within its answer", printable(r, rest), PEER_SERVER, how, os_error);
		return;
	}
	if (r->step == STEP_PROXY)
		stopped(r, OBSTACLE_PROXY, how == END_RST ? "it resets the connection" : "it closes the connection without an answer", NULL, PEER_SERVER, how, os_error);
	else
		run_finish(r, PEER_SERVER, how, os_error);
}

void
way_time_is_up(struct handshake_run *r)
{
	if (r->via != NULL && r->via_how != END_NOT_YET) { /* the stream has ended, and ssh has not */
		stopped(r, OBSTACLE_PROXY, "ssh closes the stream and says nothing", NULL, PEER_US, END_US, 0);
		return;
	}
	if (r->step == STEP_PROXY)
		stopped(r, OBSTACLE_PROXY, "it does not answer in time", NULL, PEER_US, END_TIMEOUT, 0);
	else
		run_finish(r, PEER_US, END_TIMEOUT, 0);
}

/* ---- inside TLS ---- */

bool
way_asks_inside(const struct handshake_run *r)
{
	return starttls_inside(r->req.target->starttls) != NULL;
}

void
way_ask_inside(struct handshake_run *r)
{
	const struct dialect *dialect = starttls_inside(r->req.target->starttls);
	const unsigned char *out;

	r->h->inside.question = dialect->question;
	begin(r, dialect, SPOKEN_INSIDE_TLS, NULL);
	run_wait(r, STEP_REQUEST, talk_patience(r));
	tls_session_write(r->tls, r->dialogue.out.data, r->dialogue.out.len);
	r->request_left = tls_session_output(r->tls, &out);
	talk_flush(r);
	way_take_inside(r, run_now_ms(r));
}

void
way_question_left(struct handshake_run *r)
{
	if (r->h->inside.is != INSIDE_NOT_ASKED)
		return;
	r->h->inside.is = INSIDE_UNANSWERED;
	dialogue_sent(&r->dialogue, run_now_ms(r));
	record_phase(r->h, PHASE_REQUEST);
}

void
way_take_inside(struct handshake_run *r, double at_ms)
{
	struct text input = tls_session_input(r->tls);
	struct inside_answer *a = &r->h->inside;

	if (input.len == 0)
		return;
	dialogue_feed(&r->dialogue, input.bytes, input.len, at_ms);
	tls_session_taken(r->tls);
	if (r->dialogue.state == DIALOGUE_GOES_ON)
		return;
	a->is = r->dialogue.doubtful ? INSIDE_DOUBTFUL : r->dialogue.state == DIALOGUE_AGREED ? INSIDE_ACCEPTED : INSIDE_REFUSED;
	a->text = r->dialogue.answer;
	a->at_ms = at_ms;
	record_phase(r->h, PHASE_RESPONSE);
	talk_leave(r);
}
