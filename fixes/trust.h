/*
 * A CA into what a service trusts, or out of it, as steps of a plan: a bundle file of this machine, the trust store of a load
 * balancer, the truststore of an API Gateway domain name. Making the steps reads (the file, AWS) and changes nothing; every limit is
 * checked then. A file keeps what people wrote into it; AWS gets a whole new bundle, normalised (model/bundle.h).
 */
#ifndef FIXES_TRUST_H
#define FIXES_TRUST_H

#include "fixes/plan.h"
#include "model/cert.h"

enum trust_kind { TRUST_FILE, TRUST_ALB, TRUST_APIGATEWAY };

/* Borrowed while the steps are made; certificates too. */
struct trust_wish {
	enum trust_kind kind;
	/*
	 * TRUST_FILE: its path, from here or absolute. TRUST_ALB: the trust store's ARN or name. TRUST_APIGATEWAY: the domain name.
	 */
	const char *where;
	const char *service;            /* whose it is, for the plan's words: "ledger"; NULL: not known */
	/* One step does both: the new one is in before the old one is out. */
	const struct cert *add, *remove; /* NULL: none */
	/* The CAs below a new root that come along: API Gateway needs every intermediate. Those that are in already are left out. */
	const struct cert *const *also;
	size_t also_len;
	const struct cert *only_beside; /* what is taken out goes only where this one is in: else nobody would be left whom it lets in. NULL: it goes anywhere */
	bool read_by_service;           /* TRUST_FILE: the running service is known to read this very file (`serves`) */
	/*
	 * TRUST_ALB: where the new bundle is put. The key may be NULL: one of its own beside what others have. The load balancer copies
	 * what lies there, so the object matters only once. TRUST_APIGATEWAY: NULL, the domain name says where its truststore is.
	 */
	const char *bucket, *key;
	bool http_api;                  /* TRUST_APIGATEWAY: it is changed as an HTTP API's (apigatewayv2), not as a REST API's */
};

/*
 * Adds the steps: none, and a note, where everything is as wished. The reload of a file's service is the caller's next step.
 * ERROR_INPUT: no such file, no PEM bundle, a limit, nobody would be trusted. ERROR_AWS: what AWS said. p->place.client is needed
 * for all but files, and then all the time that the plan is made and applied.
 */
status trust_steps(struct plan *p, const struct trust_wish *w, struct error *err) MUST_USE;

#endif
