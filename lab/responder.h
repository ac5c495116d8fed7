/*
 * The lab's place on the web: an HTTP server on loopback that the addresses in its certificates name. It serves
 * CA certificates, revocation lists and OCSP.
 */
#ifndef LAB_RESPONDER_H
#define LAB_RESPONDER_H

#include <uv.h>

#include "lab/authority.h"
#include "model/buf.h"
#include "model/error.h"
#include "model/world.h"

struct visit;

struct responder {
	struct authority *authority;
	const struct world *world;
	uv_tcp_t listener;
	bool open;             /* the listener is a handle of the loop */
	struct visit *visits;
	unsigned visits_len;
};

/*
 * Binds 127.0.0.1, behind the ports of so many endpoints before it (first 0: any port), and tells the authority what
 * its certificates are to say. *r starts zeroed.
 */
status responder_start(struct responder *r, uv_loop_t *loop, struct authority *a, const struct world *w, unsigned first,
    unsigned before, struct error *err) MUST_USE;
void responder_close(struct responder *r); /* every visit, before the loop ends */

/* An OCSP response for a certificate (lab/responder_ocsp.c). */
enum ocsp_kind { OCSP_DIRECT, OCSP_DELEGATED, OCSP_OUT_OF_DATE, OCSP_TRY_LATER };
/* question: DER of the request, or NULL for one that is stapled; then `about`, a recipe, says what it is of. */
bool responder_ocsp(struct authority *a, const char *ca, enum ocsp_kind kind, const unsigned char *question, size_t len,
    const char *about, int64_t now, struct buf *out);

#endif
