#include "model/proof.h"

#include "model/experiment.h"
#include "model/memory.h"

bool
proof_sent_ours(const struct facts *f)
{
	return f->base != NULL && f->base->sent_certs_len > 0;
}

bool
proof_refused(const struct handshake *h)
{
	return h != NULL && refusal_in(h).kind != REFUSAL_NONE;
}

bool
proof_same_answer(const struct facts *f, const struct handshake *h)
{
	struct refusal r = refusal_in(h);

	return refusal_alike(&f->refusal, &r);
}

bool
proof_let_in(const struct handshake *h)
{
	enum doubt doubt;

	if (h == NULL || (h->outcome != OUTCOME_ACCEPTED && h->outcome != OUTCOME_ACCEPTED_APP))
		return false;
	doubt = handshake_doubt(h);
	return doubt == DOUBT_NONE || doubt == DOUBT_ANSWER || doubt == DOUBT_UNASKED || doubt == DOUBT_UNANSWERED;
}

void
proof_by(struct findings *to, struct finding *n, const struct handshake *h)
{
	finding_prove(to, n, to->facts->base);
	finding_prove(to, n, h);
}

void
proof_cite(const struct facts *f, struct findings *to, struct finding *n, const struct handshake *h)
{
	struct refusal r = refusal_in(h);

	if (h == NULL)
		return;
	finding_cite(to, n, "%s: %s: %s%s", h->id, experiment_named(h->experiment)->words,
	    r.kind != REFUSAL_NONE ? refusal_label(&r, f->arena) : "accepted", proof_same_answer(f, h) ? ", the same" : "");
}
