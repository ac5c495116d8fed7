/* A service of the fleet as a server: does it let in clients of the new root? What it does on the wire decides. */
#include <string.h>

#include "model/refusal.h"
#include "probes/rollover_look_parts.h"

static const char *const doubts[] = {
	[DOUBT_SILENT] = "it did not refuse, and nothing proved that it accepts",
	[DOUBT_UNASKED] = "TLS said yes, and it may still refuse what is asked inside",
	[DOUBT_UNANSWERED] = "TLS said yes, and no answer came to the request",
	[DOUBT_CLOSED] = "TLS said yes, and it closed on the request without an answer",
};

/*
 * Is it the certificate that is refused, and may its CA be why? We made it, and it is right in all else: valid, for clients, with its chain and key. So that is
 * NO, whatever stack it is: a NO cannot be confirmed away. A 401 or 403, a close without a word, an alert that says something else may mean a name or a
 * clock: not known.
 */
static bool
refuses_the_ca(const struct examination *x, const struct refusal *how)
{
	bool certificate = how->kind == REFUSAL_ALERT || (how->kind == REFUSAL_HTTP && how->http_status != 401 && how->http_status != 403);
	enum fit fit = refusal_fits(x->evidence, CODE_CLIENT_UNTRUSTED);

	return fit == FITS || (fit == POSSIBLE && certificate);
}

static void
judge_refusal(struct looking *l, struct rollover_service *s, const struct examination *x)
{
	struct refusal how = refusal_of(x->evidence);
	const char *words = refusal_label(&how, l->r->arena);

	if (refuses_the_ca(x, &how))
		rollover_look_cell(l, s, ROLLOVER_SERVER, ROLLOVER_NO, arena_printf(l->r->arena, "it refuses a client certificate of the new root: %s", words));
	else
		rollover_look_cell(l, s, ROLLOVER_SERVER, ROLLOVER_UNKNOWN,
		    arena_printf(l->r->arena, "it refuses a client certificate of the new root, perhaps for another reason: %s", words));
}

/*
 * Java, Go and .NET send no certificate to a server whose list of CAs does not name one above it (RFC 8446 4.2.4; nginx takes the list from
 * ssl_client_certificate alone, HAProxy from ca-file); we send ours all the same. So what it answers us holds for all clients only if it names the new root, or
 * each CA that signs for the fleet then. A list that we could not read to its end may name it: that is not seen.
 */
static bool
names_the_new_root(const struct looking *l, const struct handshake *h)
{
	const struct rollover_anchors *a = &l->anchors;
	size_t missing = 0, issuing = 0;

	if (h->request.cas_len == 0 && !h->request.cas_truncated)
		return true; /* no list: anything is sent */
	for (size_t i = 0; i < h->request.cas_len; i++) {
		if (a->new_root != NULL && name_equal(&h->request.cas[i], &a->new_root->subject))
			return true;
	}
	for (size_t k = 0; k < a->children_len; k++) {
		bool named = false;

		for (size_t i = 0; a->twins[k] != NULL && i < h->request.cas_len && !named; i++)
			named = name_equal(&h->request.cas[i], &a->twins[k]->subject);
		issuing += a->twins[k] != NULL;
		missing += a->twins[k] != NULL && !named;
	}
	return issuing > 0 && missing == 0;
}

bool
rollover_lets_in(const struct examination *x)
{
	const struct handshake *h = x != NULL && !x->cancelled ? evidence_baseline(x->evidence) : NULL;

	return h != NULL && h->outcome != OUTCOME_NOT_ASKED && handshake_accepted(h) && handshake_doubt(h) == DOUBT_NONE;
}

static void
judge_wire(struct looking *l, struct rollover_service *s, const struct asked *asked)
{
	const struct examination *x = asked->x;
	const struct handshake *h = evidence_baseline(x->evidence);
	enum doubt doubt;

	if (h == NULL || x->cancelled || h->outcome == OUTCOME_NETWORK || h->outcome == OUTCOME_PROTOCOL || h->outcome == OUTCOME_FAILED_LOCAL) {
		rollover_look_cell(l, s, ROLLOVER_SERVER, ROLLOVER_UNKNOWN, arena_printf(l->r->arena, "no handshake came about: %s",
		    x->diagnosis != NULL && x->diagnosis->root != NULL ? code_info(x->diagnosis->root->code)->name : "it was cut short"));
		return;
	}
	if (h->outcome == OUTCOME_NOT_ASKED) {
		rollover_look_cell(l, s, ROLLOVER_SERVER, ROLLOVER_UNKNOWN, "it asks for no client certificate there");
		return;
	}
	if (!handshake_accepted(h)) {
		judge_refusal(l, s, x);
		return;
	}
	doubt = handshake_doubt(h);
	if (doubt == DOUBT_ANSWER)
		rollover_look_cell(l, s, ROLLOVER_SERVER, ROLLOVER_UNKNOWN, arena_printf(l->r->arena, "it answered HTTP %d: a refusal may look like that", h->http.status));
	else if (doubt != DOUBT_NONE)
		rollover_look_cell(l, s, ROLLOVER_SERVER, ROLLOVER_UNKNOWN, doubts[doubt]);
	else if (asked->stranger != NULL && rollover_lets_in(asked->stranger->x))
		rollover_look_cell(l, s, ROLLOVER_SERVER, ROLLOVER_UNKNOWN, "it lets in a certificate that nobody issued as well: whom it trusts does not show");
	else if (!names_the_new_root(l, h))
		rollover_look_cell(l, s, ROLLOVER_SERVER, ROLLOVER_UNKNOWN,
		    "it lets in a client certificate of the new root, but does not name that root in its request: Java, Go and .NET would send none");
	else
		rollover_look_cell(l, s, ROLLOVER_SERVER, ROLLOVER_YES, "it lets in a client certificate of the new root");
}

/*
 * The wire decides how it is now. What its file says beside it is said too: a reload that is missing shows here, and a YES that ends with the next start.
 */
void
rollover_judge_server(struct looking *l, struct rollover_service *s, const struct asked *asked, const struct in_bundle *b, const char *file)
{
	const struct rollover_cell *c = &s->cells[ROLLOVER_SERVER];

	judge_wire(l, s, asked);
	if (b == NULL || !b->read)
		return;
	if (c->answer == ROLLOVER_NO && b->has_new)
		rollover_look_cell(l, s, ROLLOVER_SERVER, ROLLOVER_NO, arena_printf(l->r->arena, "%s; %s holds the new root: was it reloaded?", c->how, rollover_look_shown(l, file)));
	else if (c->answer == ROLLOVER_YES && !b->has_new && (b->has_old || b->has_child))
		rollover_look_cell(l, s, ROLLOVER_SERVER, ROLLOVER_NO,
		    arena_printf(l->r->arena, "%s, but %s does not hold that root: once it reads it again it refuses", c->how, rollover_look_shown(l, file)));
	else if (c->answer == ROLLOVER_UNKNOWN && !b->has_new && (b->has_old || b->has_child))
		rollover_look_cell(l, s, ROLLOVER_SERVER, ROLLOVER_NO, arena_printf(l->r->arena, "%s; %s does not hold the new root", c->how, rollover_look_shown(l, file)));
	else if (c->answer != ROLLOVER_YES && !b->has_new && !b->has_old && !b->has_child)
		rollover_look_cell(l, s, ROLLOVER_SERVER, ROLLOVER_NOT_ONE, arena_printf(l->r->arena, "%s holds neither root: its clients are of another one", rollover_look_shown(l, file)));
}
