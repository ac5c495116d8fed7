#include "model/calibration.h"

#include "model/experiment.h"
#include "model/memory.h"
#include "model/refusal.h"

enum { LEAST_ANSWERS = 3, TLS12 = 0x0303, TLS13 = 0x0304 };

/* An answer as the vector has it: an alert's number, or one of these. */
enum { CLOSED = 1000, HTTP_NONE_SENT, HTTP_CERT_ERROR, UNSEEN = -1 };

enum question { NONE_12, NONE_13, THROWAWAY, WRONG_KEY, JUNK, QUESTIONS };

static const struct {
	enum stack stack;
	int answers[QUESTIONS];
	bool measured;
} vectors[] = {
	/* s_server, Apache, HAProxy, stunnel, Python; BoringSSL and Envoy by their source. */
	{ STACK_OPENSSL, { 40, 116, 48, 51, 50 }, true },
	{ STACK_NGINX, { HTTP_NONE_SENT, HTTP_NONE_SENT, HTTP_CERT_ERROR, 51, 50 }, true },
	{ STACK_NODE, { 40, 116, CLOSED, 51, 50 }, true },
	{ STACK_GO_OLD, { 42, 42, 42, 51, 42 }, true },
	{ STACK_JAVA, { 42, 42, 46, 40, 42 }, true },
	{ STACK_GNUTLS, { 50, 116, 49, 51, 42 }, true },
	/* From here on by source: Go's handshake_server.go, rustls' error.rs, s2n-tls' s2n_alerts.c. */
	{ STACK_GO_NEW, { 40, 116, 48, 51, 50 }, false },
	{ STACK_RUSTLS, { 40, 116, 48, 51, 42 }, false },
	{ STACK_S2N, { CLOSED, CLOSED, CLOSED, CLOSED, CLOSED }, false },
};

bool
calibration_measured(enum stack s)
{
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
		if (vectors[i].stack == s)
			return vectors[i].measured;
	return false;
}

static int
answer_in(const struct handshake *h)
{
	struct refusal r = refusal_in(h);

	switch (r.kind) {
	case REFUSAL_ALERT: return r.alert;
	case REFUSAL_CLOSE: return CLOSED;
	case REFUSAL_HTTP:
		if (refusal_says_none_sent(&r))
			return HTTP_NONE_SENT;
		/* A page without a known phrase is the application's: TLS has let it pass. */
		return r.marker != NULL || r.http_status == 495 ? HTTP_CERT_ERROR : UNSEEN;
	case REFUSAL_APP: /* its own words: no vector has them */
	case REFUSAL_NONE: break;
	}
	return UNSEEN; /* a server that does not mind shows nothing of how it would */
}

/* No certificate, in that version: the experiment for it, or another one that happened to be in it. */
static int
none_in(const struct evidence *e, uint16_t version)
{
	const struct handshake *tls12 = experiment_told(e, "none-tls12"), *any = experiment_told(e, "no-certificate"), *base = evidence_baseline(e);

	if (version == TLS12 && tls12 != NULL)
		return answer_in(tls12);
	if (any != NULL && any->version == version)
		return answer_in(any);
	if (base->version == version && base->request.seen && base->sent_certs_len == 0)
		return answer_in(base);
	return UNSEEN;
}

/*
 * A certificate is judged before the signature that goes with it (RFC 8446 4.4): where ours is refused as
 * such, a wrong key is not looked at, and the answer says nothing.
 */
static int
wrong_key_in(const struct evidence *e)
{
	const struct handshake *h = experiment_told(e, "wrong-key");
	struct refusal base = refusal_of(e), r = refusal_in(h);

	if (h == NULL || (base.kind != REFUSAL_NONE && refusal_alike(&base, &r)))
		return UNSEEN;
	return answer_in(h);
}

static void
ask(const struct evidence *e, int out[QUESTIONS])
{
	out[NONE_12] = none_in(e, TLS12);
	out[NONE_13] = none_in(e, TLS13);
	out[THROWAWAY] = answer_in(experiment_told_throwaway(e));
	out[WRONG_KEY] = wrong_key_in(e);
	out[JUNK] = answer_in(experiment_told(e, "garbage"));
}

static bool
agrees(size_t row, const int seen[QUESTIONS])
{
	for (int q = 0; q < QUESTIONS; q++)
		if (seen[q] != UNSEEN && seen[q] != vectors[row].answers[q])
			return false;
	return true;
}

static const char *
answer_name(int answer, struct arena *a)
{
	switch (answer) {
	case CLOSED: return "an end without a word";
	case HTTP_NONE_SENT: return "HTTP “none sent”";
	case HTTP_CERT_ERROR: return "HTTP “certificate error”";
	default: return arena_printf(a, "alert %d", answer);
	}
}

static const char *
words(const int seen[QUESTIONS], struct arena *a)
{
	static const char *const to[] = {
		[NONE_12] = "none in TLS 1.2", [NONE_13] = "none in TLS 1.3", [THROWAWAY] = "a throwaway", [WRONG_KEY] = "a wrong key", [JUNK] = "junk"
	};
	const char *text = "";

	for (int q = 0; q < QUESTIONS; q++)
		if (seen[q] != UNSEEN)
			text = arena_printf(a, "%s%s%s: %s", text, *text != '\0' ? ", " : "", to[q], answer_name(seen[q], a));
	return text;
}

struct calibration
calibrate(const struct evidence *e, struct arena *a)
{
	struct calibration c = { 0 };
	int seen[QUESTIONS];

	if (evidence_baseline(e) == NULL)
		return c;
	ask(e, seen);
	/* None in both versions is one answer of the four. */
	for (int q = 0; q < QUESTIONS; q++)
		c.answers += seen[q] != UNSEEN && !(q == NONE_13 && seen[NONE_12] != UNSEEN);
	if (c.answers < LEAST_ANSWERS)
		return c;
	c.seen = a != NULL ? words(seen, a) : NULL;
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
		if (agrees(i, seen) && c.len < CALIBRATION_STACKS)
			c.stacks[c.len++] = vectors[i].stack;
	return c;
}
