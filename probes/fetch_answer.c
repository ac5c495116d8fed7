#include "probes/fetch_answer.h"

#include <stdlib.h>
#include <string.h>

#include "model/folder_certs.h"
#include "model/issuers.h"
#include "model/limits.h"

struct answer *
answer_new(enum fetch_kind kind)
{
	struct answer *a = mem_zero(1, sizeof *a);

	a->fetched.kind = kind;
	a->arena = arena_new();
	atomic_init(&a->references, 1);
	return a;
}

struct answer *
answer_ref(struct answer *a)
{
	atomic_fetch_add(&a->references, 1);
	return a;
}

void
answer_free(struct answer *a)
{
	if (a == NULL || atomic_fetch_sub(&a->references, 1) > 1)
		return;
	for (size_t i = 0; i < a->fetched.certs_len; i++)
		cert_free(a->fetched.certs[i].cert);
	crl_free(a->fetched.crl);
	arena_free(a->arena);
	free(a);
}

void
answer_problem(struct answer *a, bool refused, const char *problem)
{
	a->fetched.refused = refused;
	a->fetched.problem = text_safe_arena(a->arena, text_of(problem), TEXT_MAX_DEFAULT, NULL);
}

static void
read_certs(struct answer *a, const struct transfer *t)
{
	struct cert *certs[LIMIT_ISSUERS];
	size_t n = issuers_read((const unsigned char *)t->answer.data, t->answer.len, certs, LIMIT_ISSUERS);

	if (n == 0)
		answer_problem(a, false, "what it answers is no certificate");
	a->fetched.certs = arena_array(a->arena, n + 1, sizeof *a->fetched.certs);
	for (size_t i = 0; i < n; i++)
		a->fetched.certs[a->fetched.certs_len++].cert = certs[i];
}

static void
read_crl(struct answer *a, const struct transfer *t, const struct cert *issuer)
{
	struct error err = { 0 };

	a->fetched.crl = crl_parse((const unsigned char *)t->answer.data, t->answer.len, &err);
	if (a->fetched.crl == NULL)
		answer_problem(a, false, err.text);
	else if (issuer != NULL)
		crl_signed_by(a->fetched.crl, issuer); /* it remembers */
}

void
answer_from_transfer(struct answer *a, const struct transfer *t, const struct cert *issuer)
{
	a->fetched.status = t->status;
	a->fetched.bytes = t->answer.len;
	if (t->problem[0] != '\0') {
		answer_problem(a, t->refused, t->problem);
		return;
	}
	switch (a->fetched.kind) {
	case FETCH_ISSUER: read_certs(a, t); break;
	case FETCH_CRL: read_crl(a, t, issuer); break;
	case FETCH_OCSP:
		a->fetched.response = (struct text){ arena_dup(a->arena, t->answer.data, t->answer.len), t->answer.len };
		break;
	}
}

static void
keep(void *user, struct cert *c, const char *file)
{
	struct answer *a = user;

	if (a->fetched.certs_len == LIMIT_SIBLINGS || !c->is_ca) {
		cert_free(c);
		return;
	}
	a->fetched.certs[a->fetched.certs_len++] = (struct fetched_cert){
		.cert = c,
		.where = text_safe_arena(a->arena, text_of(file), LIMIT_URL, NULL),
	};
}

void
answer_from_folder(struct answer *a, const char *folder)
{
	a->fetched.certs = arena_array(a->arena, LIMIT_SIBLINGS, sizeof *a->fetched.certs);
	folder_certs(folder, keep, a);
}
