/*
 * Client certificates asked for where they are not (mtls.not-requested, mtls.bypass), for the stacks that a call of AWS changes: a
 * listener of a load balancer, an API Gateway domain name, the default address of an API, which is a way around its domain name.
 */
#ifndef FIXES_REQUIRE_H
#define FIXES_REQUIRE_H

#include "fixes/plan.h"
#include "model/cert.h"

enum require_kind { REQUIRE_LISTENER, REQUIRE_DOMAIN, REQUIRE_NO_WAY_AROUND };

/* Borrowed while the steps are made. */
struct require_wish {
	enum require_kind kind;
	/*
	 * REQUIRE_LISTENER: its ARN. REQUIRE_DOMAIN: the domain name. REQUIRE_NO_WAY_AROUND: a domain name, all of whose APIs lose their
	 * default address, or one API's id.
	 */
	const char *where;
	const char *trust_store;         /* REQUIRE_LISTENER: by which clients are judged: its ARN or name */
	const struct cert *const *cas;   /* REQUIRE_DOMAIN: whom it is to trust, intermediates too: its first truststore */
	size_t cas_len;
	const char *bucket, *key;        /* likewise: where that is put */
	bool http_api;                   /* likewise: it is changed as an HTTP API's */
};

/*
 * Adds the steps: none, and a note, where it is so already. ERROR_INPUT: a limit, a listener without TLS, a domain name that cannot.
 * ERROR_AWS: what AWS said. p->place.client is needed.
 */
status require_steps(struct plan *p, const struct require_wish *w, struct error *err) MUST_USE;

#endif
