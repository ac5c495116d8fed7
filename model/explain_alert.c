/*
 * What an alert can mean. Sent by a server: the rows of model/refusal_table.c, which the measured matrix
 * holds up. Sent by a client, about the server's certificate: knowledge page "diagnosis", 3.7, measured with
 * seven clients.
 */
#include "model/explain_parts.h"

#include <string.h>

#include "model/alert.h"
#include "model/refusal_table.h"

enum { LIST_LONG = 6 };

/* Alerts of a server that are not about a certificate, or not only. */
static const struct {
	int alert;
	enum fault fault;
} beside[] = {
	{ 0, FAULT_CLOSED }, { 10, FAULT_BROKEN }, { 20, FAULT_BROKEN }, { 21, FAULT_BROKEN }, { 22, FAULT_BROKEN }, { 30, FAULT_BROKEN },
	{ 40, FAULT_PARAMETERS }, { 41, FAULT_NONE_SENT }, { 47, FAULT_BROKEN }, { 60, FAULT_CIPHER }, { 70, FAULT_VERSION }, { 71, FAULT_CIPHER },
	{ 80, FAULT_LOCAL }, { 86, FAULT_VERSION }, { 90, FAULT_LOCAL }, { 100, FAULT_LATE_AUTH }, { 109, FAULT_BROKEN }, { 110, FAULT_BROKEN },
	{ 111, FAULT_BROKEN }, { 112, FAULT_SNI }, { 113, FAULT_CRL }, { 115, FAULT_PARAMETERS }, { 120, FAULT_ALPN }, { 121, FAULT_PARAMETERS },
};

#define ANY_SERVER_FAULT                                                                                            \
	MAYBE(CHAIN_MISSING_INTERMEDIATE), MAYBE(CHAIN_UNTRUSTED_ROOT), MAYBE(CERT_EXPIRED), MAYBE(NAME_MISMATCH),  \
	    RARELY(CERT_NOT_YET_VALID), RARELY(EKU_NO_SERVER_AUTH), RARELY(CHAIN_SELF_SIGNED), RARELY(NAME_NO_SAN), \
	    RARELY(CHAIN_INTERMEDIATE_EXPIRED), RARELY(CHAIN_BAD_SIGNATURE)

static const struct {
	int alert;
	const struct cause *causes;
	const char *stacks[3];
} clients[] = {
	{ 42, CAUSES(LIKELY(NAME_MISMATCH), LIKELY(CERT_NOT_YET_VALID), ANY_SERVER_FAULT, RARELY(CERT_WEAK_KEY), RARELY(CERT_WEAK_SIGNATURE)),
	    { "OpenSSL and Python: not yet valid, a name that does not match, or too weak", "Go up to 1.19 and GnuTLS: any fault at all" } },
	{ 43, CAUSES(LIKELY(EKU_NO_SERVER_AUTH)), { "OpenSSL, curl, Python: its purpose is not a server's" } },
	{ 44, CAUSES(LIKELY(CERT_REVOKED)), { NULL } },
	{ 45, CAUSES(LIKELY(CERT_EXPIRED), LIKELY(CHAIN_INTERMEDIATE_EXPIRED), RARELY(CERT_NOT_YET_VALID), RARELY(CERT_REVOCATION_UNKNOWN), RARELY(CLOCK_LOCAL_SKEW)),
	    { "OpenSSL, curl, Python: expired; or the client's own revocation list has", "rustls and Go from 1.20 on: also not yet valid" } },
	{ 46, CAUSES(ANY_SERVER_FAULT), { "Java: any fault of trust, time, name or purpose", "OpenSSL: what has no alert of its own" } },
	{ 48, CAUSES(LIKELY(CHAIN_UNTRUSTED_ROOT), LIKELY(CHAIN_MISSING_INTERMEDIATE), MAYBE(CHAIN_SELF_SIGNED), RARELY(CHAIN_NOT_A_CA), RARELY(CHAIN_PATH_LENGTH)),
	    { "OpenSSL, curl, Python: it has not this CA among those it trusts, or the server left out its intermediate" } },
	{ 49, CAUSES(MAYBE(CHAIN_INVALID), MAYBE(NAME_MISMATCH)), { NULL } },
	{ 50, CAUSES(LIKELY(CERT_MALFORMED), MAYBE(TLS_BROKEN_PEER)), { NULL } },
	{ 51, CAUSES(LIKELY(KEY_SERVER_MISMATCH), LIKELY(CHAIN_BAD_SIGNATURE)), { NULL } },
	{ 113, CAUSES(LIKELY(CERT_REVOCATION_UNKNOWN)), { NULL } },
	{ 114, CAUSES(LIKELY(CHAIN_INVALID)), { "the client has another certificate pinned" } },
};

void
reading_cause(struct reading *r, enum code code, enum confidence likelihood, struct arena *a)
{
	for (size_t i = 0; i < r->causes_len; i++) {
		if (r->causes[i].code != code)
			continue;
		if (r->causes[i].likelihood < likelihood)
			r->causes[i].likelihood = likelihood;
		return;
	}
	struct cause *more = arena_array(a, r->causes_len + 2, sizeof *more);
	if (r->causes_len > 0)
		memcpy(more, r->causes, r->causes_len * sizeof *more);
	more[r->causes_len++] = (struct cause){ code, likelihood };
	more[r->causes_len] = (struct cause){ CODE_NONE, CONFIDENCE_LOW };
	r->causes = more;
}

void
reading_causes(struct reading *r, const struct cause *list, struct arena *a)
{
	for (; list != NULL && list->code != CODE_NONE; list++)
		reading_cause(r, list->code, list->likelihood, a);
}

/* The likeliest first; among equals the order in which they were named. */
void
reading_sort(struct reading *r)
{
	for (size_t i = 1; i < r->causes_len; i++) {
		struct cause c = r->causes[i];
		size_t k = i;

		for (; k > 0 && r->causes[k - 1].likelihood < c.likelihood; k--)
			r->causes[k] = r->causes[k - 1];
		r->causes[k] = c;
	}
}

static size_t
codes_len(const enum code *c)
{
	size_t n = 0;

	while (c != NULL && c[n] != CODE_NONE)
		n++;
	return n;
}

static void
add_codes(struct buf *b, const enum code *c, const char *doubt)
{
	for (; c != NULL && *c != CODE_NONE; c++)
		buf_addf(b, "%s%s%s", b->len > 0 ? ", " : "", code_info(*c)->name, doubt);
}

/* "OpenSSL family: client.eku"; in one TLS version only where the row says so. */
static void
stack_line(struct reading *r, const struct refusal_row *row, struct arena *a)
{
	struct buf b = { 0 };
	const char **more;
	const char *version = row->version == 0 ? "" : row->version == 0x0303 ? " in TLS 1.2" : " in TLS 1.3";

	if (codes_len(row->fits) + codes_len(row->possible) > LIST_LONG) {
		buf_adds(&b, "nearly every fault of the certificate");
		if (row->fits != NULL && row->fits[0] == CODE_CLIENT_REQUIRED)
			buf_adds(&b, ", and none sent");
	} else {
		add_codes(&b, row->fits, "");
		add_codes(&b, row->possible, "?");
	}
	more = arena_array(a, r->stacks_len + 1, sizeof *more);
	if (r->stacks_len > 0)
		memcpy(more, r->stacks, r->stacks_len * sizeof *more);
	more[r->stacks_len++] = arena_printf(a, "%s%s: %s", row->stack == STACK_GO_NEW ? "Go from 1.20 on" : stack_name(row->stack), version, buf_str(&b));
	r->stacks = more;
	buf_done(&b);
}

/* What goes wrong most often: threads of those who asked (knowledge "diagnosis", 2). */
static bool
is_common(enum code c)
{
	return c == CODE_CLIENT_MISSING_INTERMEDIATE || c == CODE_CLIENT_UNTRUSTED || c == CODE_CLIENT_EXPIRED || c == CODE_CLIENT_EKU;
}

static void
server_sent(struct reading *r, int alert, struct arena *a)
{
	for (size_t i = 0; i < refusal_rows_len; i++) {
		const struct refusal_row *row = &refusal_rows[i];
		/* What most servers run on counts most; a stack that says the same to everything says little. */
		bool coarse = codes_len(row->fits) > LIST_LONG;
		enum confidence likelihood = row->stack == STACK_OPENSSL && !coarse ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;

		if (row->kind != REFUSAL_ALERT || row->number != alert || row->stack == STACK_UNKNOWN)
			continue;
		for (const enum code *c = row->fits; c != NULL && *c != CODE_NONE; c++)
			reading_cause(r, *c, coarse && !is_common(*c) ? CONFIDENCE_LOW : likelihood, a);
		for (const enum code *c = row->possible; c != NULL && *c != CODE_NONE; c++)
			reading_cause(r, *c, CONFIDENCE_LOW, a);
		stack_line(r, row, a);
	}
	for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
		const struct fault_info *f = &faults[beside[i].fault];

		if (beside[i].alert != alert)
			continue;
		reading_causes(r, f->client_causes != NULL ? f->client_causes : f->server_causes, a);
		if (r->stacks_len == 0)
			r->about = f->client != NULL ? SIDE_CLIENT : SIDE_NETWORK;
	}
	r->next = faults[FAULT_ANY].client_next;
}

static void
client_sent(struct reading *r, int alert, struct arena *a)
{
	for (size_t i = 0; i < sizeof clients / sizeof clients[0]; i++) {
		if (clients[i].alert != alert)
			continue;
		reading_causes(r, clients[i].causes, a);
		r->stacks = arena_array(a, 3, sizeof *r->stacks);
		while (r->stacks_len < 3 && clients[i].stacks[r->stacks_len] != NULL) {
			r->stacks[r->stacks_len] = clients[i].stacks[r->stacks_len];
			r->stacks_len++;
		}
	}
	for (size_t i = 0; r->causes_len == 0 && i < sizeof beside / sizeof beside[0]; i++) {
		const struct fault_info *f = &faults[beside[i].fault];

		if (beside[i].alert != alert)
			continue;
		for (const struct cause *c = f->server_causes; c->code != CODE_NONE; c++)
			if (code_info(c->code)->side != SIDE_CLIENT) /* a client does not complain of what it sent itself */
				reading_cause(r, c->code, c->likelihood, a);
		r->about = SIDE_NETWORK;
	}
	r->next = faults[FAULT_ANY].server_next;
}

/* Where many causes fit as well as each other, none of them is likely. */
static void
level(struct reading *r)
{
	enum { LIKELY_AT_ONCE = 2 };
	size_t high = 0;

	for (size_t i = 0; i < r->causes_len; i++)
		high += r->causes[i].likelihood >= CONFIDENCE_HIGH;
	for (size_t i = 0; high > LIKELY_AT_ONCE && i < r->causes_len; i++)
		if (r->causes[i].likelihood > CONFIDENCE_LOW)
			r->causes[i].likelihood--;
}

void
alert_reading(struct reading *r, int alert, enum writer sender, struct arena *a)
{
	r->said_by = sender;
	r->about = sender == WRITER_SERVER ? SIDE_CLIENT : SIDE_SERVER;
	r->says = alert_info((uint8_t)alert)->meaning;
	if (sender == WRITER_SERVER)
		server_sent(r, alert, a);
	else
		client_sent(r, alert, a);
	reading_sort(r);
	level(r);
}
