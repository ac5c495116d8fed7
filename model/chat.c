#include "model/chat.h"

#include <string.h>

#include "model/memory.h"
#include "model/page.h"
#include "model/refusal.h"
#include "model/times.h"
#include "model/verdict_words.h"

enum { PROOF_LINES = 2, CANDIDATES = 3 };

/* "2026-11-23 02:14:09 UTC": to the second, since logs are searched by it. */
static const char *
moment(const struct diagnosis *d, char out[TIME_TEXT_MAX])
{
	char *t;

	time_rfc3339(d->evidence->started_ms / 1000, out);
	if ((t = strchr(out, 'T')) != NULL)
		*t = ' ';
	if ((t = strchr(out, 'Z')) != NULL)
		memcpy(t, " UTC", sizeof " UTC");
	return out;
}

static bool
not_proven(const struct diagnosis *d)
{
	return verdict_not_proven(d) || (d->root != NULL && d->root->code == CODE_CLIENT_UNPROVEN);
}

static void
state_line(const struct diagnosis *d, struct buf *out)
{
	static const struct report_style plain = { .columns = 80 };
	const struct page p = { .out = out, .style = &plain };
	char label[QUOTE_MAX];

	page_state(&p, state_of_verdict(d->verdict), false);
	buf_addf(out, " %s", verdict_label(d, label));
	if (d->root != NULL)
		buf_addf(out, ": %s (%s)", code_info(d->root->code)->name, confidence_name(d->root->confidence));
	buf_addc(out, '\n');
}

/* A headline is set with two blanks for a screen; in a chat one is enough. */
static void
add_sentence(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		if (text[0] != ' ' || text[1] != ' ')
			buf_addc(out, *text);
}

static void
cause_line(const struct diagnosis *d, struct buf *out)
{
	const char *summary = d->summary != NULL ? d->summary : "";

	if (d->root != NULL && not_proven(d) && d->headline != NULL) {
		add_sentence(out, d->headline);
		buf_addf(out, "%s%s\n", summary[0] != '\0' ? ". " : "", summary);
	} else if (d->root != NULL) {
		buf_addf(out, "%s: %s\n", side_words(d->root->side), summary);
	} else {
		buf_addf(out, "%s\n", summary);
	}
}

/* "proof: …", at most `most` of them; what continues a line has none of its own. */
static void
labelled(const struct word_lines *w, size_t most, struct buf *out)
{
	for (size_t i = 0; i < w->len && i < most; i++)
		buf_addf(out, "%s%s%s\n", w->items[i].label, w->items[i].label[0] != '\0' ? ": " : "  and ", w->items[i].text);
}

/* "either client.untrusted: …; decided by …", a line each. */
static void
candidates(const struct diagnosis *d, struct arena *a, struct buf *out)
{
	struct word_lines w = { .arena = a };
	size_t shown = 0, all = d->root != NULL ? d->root->candidates_len : 0;

	words_candidates(d->root, &w);
	for (size_t i = 0; i < w.len; i++) {
		if (strcmp(w.items[i].label, "decide") == 0) {
			if (shown <= CANDIDATES)
				buf_addf(out, "; what decides: %s", w.items[i].text);
			continue;
		}
		if (++shown > CANDIDATES)
			break;
		buf_addf(out, "%s%s %s", shown > 1 ? "\n" : "", w.items[i].label, w.items[i].text);
	}
	if (all > CANDIDATES)
		buf_addf(out, " (%zu more: mtlscope check says which)", all - CANDIDATES);
	if (shown > 0)
		buf_addc(out, '\n');
}

void
summary_for_chat(const struct diagnosis *d, struct buf *out)
{
	struct arena *a = arena_new();
	struct word_lines proof = { .arena = a }, tested = { .arena = a };
	char when[TIME_TEXT_MAX];

	state_line(d, out);
	cause_line(d, out);
	words_proof(d->root, &proof);
	labelled(&proof, not_proven(d) ? 1 : PROOF_LINES, out);
	candidates(d, a, out);
	words_tested(d, &tested);
	labelled(&tested, 1, out);
	buf_addf(out, "seen at: %s%s\n", moment(d, when), d->evidence->clocks.local_set ? ", judged at another time (--at)" : "");
	arena_free(a);
}

/* Which certificate the owner is to look for. */
static void
what_was_sent(const struct diagnosis *d, struct buf *out)
{
	const struct handshake *h = evidence_baseline(d->evidence);
	const struct cert *leaf = identity_leaf(d->evidence->identity);

	if (h == NULL || h->sent_certs_len == 0 || leaf == NULL)
		return;
	buf_addf(out, "We sent “%s”, issued by “%s”, serial %s, SHA-256 %s", cert_label(leaf),
	    leaf->issuer.common_name[0] != '\0' ? leaf->issuer.common_name : leaf->issuer.safe, leaf->serial_hex,
	    leaf->sha256_hex);
	if (h->sent_certs_len > 1)
		buf_addf(out, ", with %zu more of its chain", h->sent_certs_len - 1);
	buf_adds(out, ".\n");
}

bool
question_for_owner(const struct diagnosis *d, struct buf *out)
{
	struct refusal refusal;
	struct arena *a;
	char label[QUOTE_MAX], host[QUOTE_MAX], when[TIME_TEXT_MAX];
	const struct handshake *h = evidence_baseline(d->evidence);

	if (!not_proven(d) || h == NULL)
		return false;
	a = arena_new();
	refusal = refusal_of(d->evidence);
	buf_addf(out, "To the owner of %s:\n", verdict_label(d, label));
	if (d->root->code == CODE_CLIENT_UNPROVEN)
		buf_addf(out, "At %s we came from %s, and nothing proves that your server accepts us. %s\n", moment(d, when),
		    quote_str(d->evidence->seen_from != NULL ? d->evidence->seen_from : "this machine", host),
		    d->summary != NULL ? d->summary : "");
	else
		buf_addf(out, "At %s your server refused us%s%s. We came from %s to %s.\n", moment(d, when),
		    refusal.kind != REFUSAL_NONE ? ": " : "", refusal.kind != REFUSAL_NONE ? refusal_describe(&refusal, a) : "",
		    quote_str(d->evidence->seen_from != NULL ? d->evidence->seen_from : "this machine", host),
		    h->address != NULL ? quote_str(h->address, label) : "it");
	what_was_sent(d, out);
	candidates(d, a, out);
	buf_adds(out, "What does your server's log say of that moment? One line of it decides.\n");
	arena_free(a);
	return true;
}
