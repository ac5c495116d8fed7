#include "model/fetched_words.h"

#include "model/judged.h"
#include "model/memory.h"
#include "model/revocation.h"
#include "model/times.h"

const char *
revocation_line(const struct evidence *e, const struct revocation *r, struct arena *a)
{
	const char *source = revocation_source(r, a), *until = "";
	char when[TIME_TEXT_MAX];

	if (r->next_update != TIME_UNKNOWN)
		until = arena_printf(a, ", until %s", time_human(r->next_update, when));
	if (r->status == REVOCATION_REVOKED)
		return arena_printf(a, "REVOKED%s%s%s%s, by %s", r->revoked_at != TIME_UNKNOWN ? " on " : "",
		    r->revoked_at != TIME_UNKNOWN ? time_human(r->revoked_at, when) : "", r->reason != NULL ? ", reason " : "",
		    r->reason != NULL ? r->reason : "", source);
	if (revocation_holds(r, evidence_now(e)))
		return arena_printf(a, "not revoked, by %s%s", source, until);
	return arena_printf(a, "not known, by %s: %s", source, revocation_why(r, evidence_now(e), a));
}

const char *
fetch_line(const struct fetch_note *f, struct arena *a)
{
	const char *answer = f->status != 0 ? arena_printf(a, "HTTP %d, %zu %s, %.1f ms", f->status, f->bytes, f->bytes == 1 ? "byte" : "bytes", f->ms) :
	                                      arena_printf(a, "%.1f ms", f->ms);

	if (f->refused)
		return arena_printf(a, "not asked: %s", f->problem);
	return arena_printf(a, "%s%s%s%s", answer, f->shared ? ", asked for another target" : "", f->problem != NULL ? ": " : "",
	    f->problem != NULL ? f->problem : "");
}

const char *
revocation_called(const struct evidence *e, const struct revocation *r)
{
	const struct handshake *h = evidence_baseline(e);

	for (size_t i = 0; h != NULL && i < h->server_certs_len; i++)
		if (h->server_certs[i].cert != NULL && fingerprint_equal(&h->server_certs[i].cert->sha256, &r->of))
			return cert_called(h->server_certs[i].cert);
	for (size_t i = 0; e->identity != NULL && i < e->identity->len; i++)
		if (fingerprint_equal(&e->identity->certs[i]->sha256, &r->of))
			return cert_called(e->identity->certs[i]);
	for (size_t i = 0; i < e->found_len; i++)
		if (fingerprint_equal(&e->found[i].cert->sha256, &r->of))
			return cert_called(e->found[i].cert);
	return "a CA of the chain";
}
