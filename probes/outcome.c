#include "probes/outcome.h"

#include <string.h>

static const char *const markers[] = {
	"No required SSL certificate was sent", /* nginx, status 496 shown as 400 */
	"The SSL certificate error",            /* nginx, 495 shown as 400 */
};

/* It says in words that a certificate was missing or refused, whatever its status. */
static bool
page_refuses(struct text body)
{
	for (size_t i = 0; i < sizeof markers / sizeof markers[0]; i++)
		if (body.len > 0 && memmem(body.bytes, body.len, markers[i], strlen(markers[i])) != NULL)
			return true;
	return false;
}

/*
 * Where a certificate was asked for, these may be its refusal (knowledge: "diagnosis", 3.3 and 5.1);
 * whether they are is for the diagnosis. Where none was asked for, only nginx's own numbers and words are.
 */
static bool
status_refuses(const struct handshake *h)
{
	static const int with_request[] = { 400, 401, 403, 421, 495, 496 };

	if (page_refuses(h->http.body) || h->http.status == 495 || h->http.status == 496)
		return true;
	/* RFC 9110 15.5.2: it wants to know who the user is, as well as which machine it is: no refusal of a certificate. */
	if (h->http.status == 401 && http_has_header(&h->http, "www-authenticate:"))
		return false;
	for (size_t i = 0; h->request.seen && i < sizeof with_request / sizeof with_request[0]; i++)
		if (with_request[i] == h->http.status)
			return true;
	return false;
}

static enum outcome
completed(const struct handshake *h)
{
	return h->request.seen ? OUTCOME_ACCEPTED : OUTCOME_NOT_ASKED;
}

/* A ticket, or TLS 1.2's Finished: the handshake itself has said yes. */
static bool
proven(const struct handshake *h)
{
	return h->phase >= PHASE_FINISHED && (h->version < 0x0304 || h->tickets > 0);
}

static bool
heard_tls(const struct handshake *h)
{
	for (size_t i = 0; i < h->messages_len; i++)
		if (h->messages[i].from == PEER_SERVER)
			return true;
	for (size_t i = 0; i < h->alerts_len; i++)
		if (h->alerts[i].from == PEER_SERVER)
			return true;
	return false;
}

/*
 * It closed. Before our request that is never right. After it, a server that does not speak HTTP may
 * read the request and close, and the handshake stands; one that closed without reading it (a reset
 * shows that: nginx's stream module and Node refuse so, after a handshake that seemed perfect) did not
 * want us.
 */
static enum outcome
closed(const struct handshake *h)
{
	if (!heard_tls(h))
		return OUTCOME_NETWORK;
	if (h->ended.phase < PHASE_REQUEST || h->request_unread || page_refuses(h->http.head))
		return OUTCOME_REJECTED_CLOSE;
	if (h->http.malformed || proven(h) || !h->request.seen)
		return completed(h);
	return OUTCOME_REJECTED_CLOSE;
}

/* Silence: nothing that was proven is lost, and nothing that was not is gained. */
static enum outcome
silent(const struct handshake *h)
{
	if (h->ended.phase < PHASE_FINISHED)
		return OUTCOME_NETWORK;
	if (h->ended.phase == PHASE_REQUEST && h->request.seen && !h->http.malformed && !proven(h))
		return OUTCOME_NETWORK;
	return completed(h);
}

enum outcome
outcome_of(const struct handshake *h)
{
	const struct alert *fatal = handshake_fatal_alert(h, PEER_SERVER);

	if (h->phase < PHASE_HELLO || h->not_tls)
		return h->local != LOCAL_NONE ? OUTCOME_FAILED_LOCAL : OUTCOME_NETWORK;
	if (h->http.status != 0) {
		if (status_refuses(h))
			return OUTCOME_REJECTED_HTTP;
		return h->request.seen ? OUTCOME_ACCEPTED_APP : OUTCOME_NOT_ASKED;
	}
	if (h->inside.is == INSIDE_REFUSED)
		return OUTCOME_REJECTED_APP;
	if (h->inside.is == INSIDE_ACCEPTED || h->inside.is == INSIDE_DOUBTFUL)
		return h->request.seen ? OUTCOME_ACCEPTED_APP : OUTCOME_NOT_ASKED;
	if (fatal != NULL)
		return fatal->phase >= PHASE_OUR_FLIGHT ? OUTCOME_REJECTED_ALERT : OUTCOME_PROTOCOL;
	switch (h->local) {
	case LOCAL_NONE: break;
	case LOCAL_VERSION:
	case LOCAL_CIPHER:
	case LOCAL_GROUP:
	case LOCAL_SIGALG: return OUTCOME_PROTOCOL;
	default: return OUTCOME_FAILED_LOCAL;
	}
	switch (h->ended.how) {
	case END_FIN:
	case END_RST:
	case END_CLOSE_NOTIFY: return closed(h);
	case END_TIMEOUT: return silent(h);
	default: return h->phase < PHASE_FINISHED ? OUTCOME_NETWORK : completed(h);
	}
}
