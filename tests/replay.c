#include "tests/replay.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "model/cert_openssl.h"
#include "model/experiment.h"
#include "tests/faults.h"
#include "tests/verdicts.h"

/* Our files in each case of the matrix but "garbage". */
static const struct {
	const char *fault, *ours[4], *our_key;
} files[] = {
	{ "none", { NULL }, NULL }, { "good", { "us", "issuing" }, NULL },
	{ "noeku", { "us-no-purpose", "issuing" }, NULL }, { "ed25519", { "us-ed25519", "issuing" }, NULL },
	{ "leafonly", { "us" }, NULL }, { "unknownca", { "us-other", "other-issuing" }, NULL },
	{ "unknownca_withroot", { "us-other", "other-issuing", "other-root" }, NULL }, { "selfsigned", { "us-self" }, NULL },
	{ "expired", { "us-expired", "issuing" }, NULL }, { "notyet", { "us-future", "issuing" }, NULL },
	{ "wrongeku", { "us-server-only", "issuing" }, NULL }, { "wrongku", { "us-no-signing", "issuing" }, NULL },
	{ "ca_as_leaf", { "issuing" }, NULL }, { "keymismatch", { "us", "issuing" }, "us-other" },
	{ "badcertsig", { "us-corrupt", "issuing" }, NULL },
	{ "sha1", { "us-sha1", "issuing" }, NULL }, { "rsa1024", { "us-rsa1024", "issuing" }, NULL },
	{ "expiredinter", { "us-ca-expired", "ca-expired" }, NULL }, { "pathlen", { "us-too-deep", "path0-below", "path0" }, NULL },
	{ "ncviolate", { "us-constrained", "constrained" }, NULL }, { "issuernotca", { "us-below-us", "us", "issuing" }, NULL },
	{ "revoked", { "us", "issuing" }, NULL }, { "twointer", { "us-deep", "issuing-2", "policy" }, NULL },
	{ "twointer_reversed", { "us-deep", "policy", "issuing-2" }, NULL },
};

/* Which row answers an experiment; of the others nothing was measured. */
static const struct {
	const char *experiment, *fault;
} answered_by[] = {
	{ "no-certificate", "none" }, { "throwaway", "selfsigned" },
};

static struct chains *chains;

/*
 * What does not parse at a server does not parse here either: such a file is refused when it is read
 * (status 2, with the byte), and no handshake is made.
 */
static void
garbage_is_told_by_reading(void)
{
	struct pki_cert c = pki_issue(&(struct pki_request){ .cn = "order-service" }, NULL);
	struct pki_cert garbage = { .x509 = pki_garbage(&c) };
	struct error err = { 0 };
	size_t len;
	unsigned char *der = pki_der(&garbage, &len);

	assert_null(cert_parse(der, len, &err));
	assert_string_not_equal(err.text, "");
	free(der);
	X509_free(garbage.x509);
	pki_cert_free(&c);
}

void
replay_make(void)
{
	garbage_is_told_by_reading();
	chains = faults_make();
}

void
replay_done(void)
{
	chains_free(chains);
	chains = NULL;
}

static struct evidence *
baseline_of(const struct matrix_row *row, bool no_list)
{
	struct chain_case t = { .server = { "server", "issuing" } };
	struct built base = row->built;
	struct evidence *e;
	bool known = false;

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		if (strcmp(files[i].fault, row->fault) == 0) {
			memcpy(t.ours, files[i].ours, sizeof files[i].ours);
			t.our_key = files[i].our_key;
			known = true;
		}
	assert_true(known);
	if (no_list)
		t.listed[0] = "";
	e = chains_evidence(chains, &t);
	if (t.our_key != NULL)
		((struct identity *)e->identity)->matches = false;
	if (base.sent > 0)
		base.sent = e->identity->len;
	built_into(e, &base);
	return e;
}

/* An answer that nobody measured: the record is there, and tells nothing. */
static void
unanswered(struct evidence *e, const char *name)
{
	struct built nothing = { .phase = PHASE_CONNECT, .outcome = OUTCOME_NETWORK, .how = END_US, .by = PEER_US };

	built_experiment(e, name, &nothing);
	e->handshakes[e->handshakes_len - 1]->cancelled = true;
}

/* False: no row tells. */
static bool
answer(struct evidence *e, const struct matrix_row *row, const char *name)
{
	/* The same certificate with its intermediate is the good one. */
	bool completed = strcmp(name, "with-intermediate") == 0 && strcmp(row->fault, "leafonly") == 0;
	const char *fault = completed ? "good" : NULL;
	struct matrix_row other;

	for (size_t i = 0; i < sizeof answered_by / sizeof answered_by[0]; i++)
		if (strcmp(answered_by[i].experiment, name) == 0)
			fault = answered_by[i].fault;
	if (fault == NULL || !matrix_same(row, fault, &other))
		return false;
	if (completed)
		other.built.sent = 2;
	built_experiment(e, name, &other.built);
	return true;
}

/* As the examiner does it (probes/examine.c). *asked: handshakes, without those that no row could answer. */
static struct diagnosis *
examine(struct evidence *e, const struct matrix_row *row, unsigned *asked)
{
	const struct experiment_limits limits = { .quick = false };
	struct diagnosis *d = diagnose(e);
	const struct experiment *x;

	*asked = 1;
	while ((x = experiment_next(d, &limits)) != NULL) {
		if (answer(e, row, x->name))
			(*asked)++;
		else
			unanswered(e, x->name);
		diagnosis_free(d);
		d = diagnose(e);
	}
	return d;
}

/*
 * Two faults at once: the server lacks a revocation list, which hides what is wrong with our chain. Ours is
 * found, for it is in our files; theirs shows once ours is mended.
 */
static bool
finds_the_other(const struct matrix_row *row, const struct diagnosis *d)
{
	enum code ours = strcmp(row->fault, "ncviolate") == 0 ? CODE_CLIENT_BAD_CHAIN :
	    strcmp(row->fault, "expiredinter") == 0 ? CODE_CLIENT_INTERMEDIATE_EXPIRED : CODE_NONE;

	return row->cause == CODE_CLIENT_SERVER_REVOCATION && ours != CODE_NONE && d->root != NULL && d->root->code == ours &&
	    d->root->confidence < CONFIDENCE_CERTAIN;
}

/* An error although we were let in: true only where everybody is. */
static bool
false_alarm(const struct matrix_row *row, const struct diagnosis *d)
{
	struct matrix_row throwaway;
	bool open = matrix_same(row, "selfsigned", &throwaway) && !matrix_refused(&throwaway);

	return d->root != NULL && d->root->severity == SEVERITY_ERROR && !(open && d->root->code == CODE_MTLS_NOT_VERIFIED);
}

static void
judge(struct replay *r, struct replay_score *s, const struct matrix_row *row, const struct diagnosis *d)
{
	bool right = d->root != NULL && d->root->code == row->cause;

	s->rows++;
	if (!right && !finds_the_other(row, d) && d->root != NULL && d->root->confidence >= CONFIDENCE_HIGH)
		s->sure_wrong++;
	if (right)
		s->root++;
	else if (verdict_names(d, row->cause))
		s->candidate++;
	else if (finds_the_other(row, d))
		s->other++;
	else
		s->missed++;
	if (!right && r->miss != NULL)
		r->miss(row, d, r->user);
}

static void
replay_row(const struct matrix_row *row, void *user)
{
	struct replay *r = user;
	struct replay_score *s = &r->scores[row->product - matrix_products];
	struct evidence *e;
	struct diagnosis *d;
	unsigned asked;

	if (strcmp(row->fault, "garbage") == 0) {
		s->unread++;
		return;
	}
	e = baseline_of(row, r->no_list);
	d = examine(e, row, &asked);
	s->handshakes += asked;
	if (matrix_refused(row)) {
		judge(r, s, row, d);
	} else {
		s->accepted++;
		s->false_alarms += false_alarm(row, d);
	}
	diagnosis_free(d);
	evidence_free(e);
}

void
replay_run(struct replay *r)
{
	memset(r->scores, 0, sizeof r->scores);
	matrix_all(replay_row, r);
}

static void
add(struct replay_score *to, const struct replay_score *s)
{
	to->rows += s->rows;
	to->unread += s->unread;
	to->root += s->root;
	to->candidate += s->candidate;
	to->other += s->other;
	to->missed += s->missed;
	to->sure_wrong += s->sure_wrong;
	to->handshakes += s->handshakes;
	to->accepted += s->accepted;
	to->false_alarms += s->false_alarms;
}

struct replay_score
replay_sum(const struct replay *r, bool fit)
{
	struct replay_score sum = { 0 };

	for (size_t i = 0; i < MATRIX_PRODUCTS; i++)
		if (matrix_products[i].fit == fit)
			add(&sum, &r->scores[i]);
	return sum;
}

static void
print_line(const char *name, const struct replay_score *s)
{
	print_message("%-12s %4u refusals: %3u root cause, %2u candidate, %u other of two, %u missed, %u sure and wrong; %2u told by reading the file; %3u accepted, %u false alarms; %.1f handshakes\n",
	    name, s->rows, s->root, s->candidate, s->other, s->missed, s->sure_wrong, s->unread, s->accepted, s->false_alarms,
	    s->rows + s->accepted > 0 ? (double)s->handshakes / (s->rows + s->accepted) : 0.0);
}

void
replay_print(const struct replay *r, bool fit)
{
	struct replay_score sum = replay_sum(r, fit);

	for (size_t i = 0; i < MATRIX_PRODUCTS; i++)
		if (matrix_products[i].fit == fit)
			print_line(matrix_products[i].server, &r->scores[i]);
	print_line(fit ? "fitted on" : "held out", &sum);
}
