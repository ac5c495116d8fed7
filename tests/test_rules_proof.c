/*
 * What experiments prove: each row of the verdict table (knowledge: "diagnosis", 5.3) that the
 * experiments of today can settle, and what they must not claim. Then the measured matrix, replayed.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/experiment.h"
#include "tests/chains.h"
#include "tests/matrix.h"

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1" } },
	{ .name = "other-root", .role = IS_CA, .r = { .cn = "Stranger Root CA" } },
	{ .name = "other-issuing", .issuer = "other-root", .role = IS_CA, .r = { .cn = "Stranger Issuing CA" } },
	{ .name = "policy", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Policy CA" } },
	{ .name = "issuing-2", .issuer = "policy", .role = IS_CA, .r = { .cn = "Acme Issuing CA 2" } },
	{ .name = "ca-expired", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 3" }, .from = -700, .to = -3 },
	{ .name = "path0", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Group CA", .has_path_len = true, .path_len = 0 } },
	{ .name = "path0-below", .issuer = "path0", .role = IS_CA, .r = { .cn = "Acme Team CA" } },
	{ .name = "constrained", .issuer = "root", .role = IS_CA,
	    .r = { .cn = "Acme Warehouse CA", .name_constraints = "critical,permitted;DNS:warehouse.internal" } },
	{ .name = "server", .issuer = "issuing", .role = IS_SERVER },
	{ .name = "us", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-other", .issuer = "other-issuing", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-self", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-deep", .issuer = "issuing-2", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-expired", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -90, .to = -4 },
	{ .name = "us-future", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = 3, .to = 90 },
	{ .name = "us-server-only", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .eku = "serverAuth" } },
	{ .name = "us-no-signing", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .key_usage = "critical,keyAgreement" } },
	{ .name = "us-ca-expired", .issuer = "ca-expired", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-too-deep", .issuer = "path0-below", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-constrained", .issuer = "constrained", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-corrupt", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .corrupt_signature = true } },
	{ .name = "us-rsa1024", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .key_type = PKI_RSA1024 } },
	{ .name = "us-sha1", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .digest = "SHA1" } },
	{ .name = "us-below-us", .issuer = "us", .role = IS_CLIENT, .r = { .cn = "below order-service" } },
};
static struct chains *chains;

static int
set_up(void **state)
{
	(void)state;
	chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	chains_free(chains);
	return 0;
}

/* ---- case by case ---- */

#define ALERT(s, n) { .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_REJECTED_ALERT, .asked = true, .sent_message = true, \
	.sent = s, .by = PEER_SERVER, .how = END_ALERT, .alert = { true, PEER_SERVER, 2, n } }
#define HTTP(s, n) { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = (n) == 400 || (n) == 401 || (n) == 403 ? OUTCOME_REJECTED_HTTP : OUTCOME_ACCEPTED_APP, \
	.asked = true, .sent_message = true, .sent = s, .http_status = n }
#define CLOSE(s) { .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_REJECTED_CLOSE, .asked = true, .sent_message = true, .sent = s, \
	.by = PEER_SERVER, .how = END_FIN }
#define SILENT(s) { .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_ACCEPTED, .asked = true, .sent_message = true, .sent = s, .how = END_US }
#define NOT_ASKED(n) { .phase = PHASE_RESPONSE, .version = 0x0303, .outcome = OUTCOME_NOT_ASKED, .http_status = n }
#define ASKED_LATE { .phase = PHASE_RESPONSE, .version = 0x0303, .outcome = OUTCOME_ACCEPTED_APP, .asked_after = true, .sent = 2, .http_status = 200 }
#define DID(x, ...) { x, __VA_ARGS__ }

#define MOST 3
static const struct proof_case {
	const char *what;
	const char *ours[CHAIN_MAX];
	const char *listed[CHAIN_MAX];
	struct built base;
	struct { const char *name; struct built built; } did[MOST];
	enum code root;            /* CODE_NONE: nothing is wrong */
	enum confidence confidence;
	const char *proof[2];      /* of the root: experiment and outcome of its last line; NULL: it has none */
	enum code also;            /* another finding, or a candidate of the root; CODE_NONE: not looked at */
	enum code never;           /* neither a finding nor a candidate; CODE_NONE: not looked at */
} cases[] = {
	/* The first rows of 5.3: the chain completed. */
	{ "48, with it accepted", { "us" }, { NULL }, ALERT(1, 48), { DID("with-intermediate", HTTP(2, 200)) }, CODE_CLIENT_MISSING_INTERMEDIATE,
	    CONFIDENCE_CERTAIN, { "with-intermediate", "accepted" }, CODE_NONE, CODE_CLIENT_REJECTED },
	{ "48, with it 45", { "us" }, { NULL }, ALERT(1, 48), { DID("with-intermediate", ALERT(2, 45)) }, CODE_CLIENT_MISSING_INTERMEDIATE,
	    CONFIDENCE_HIGH, { "with-intermediate", "refused, alert 45 certificate_expired" }, CODE_NONE, CODE_CLIENT_REJECTED },
	{ "48, with it the same; our root is named", { "us" }, { NULL }, ALERT(1, 48), { DID("with-intermediate", ALERT(2, 48)) }, CODE_CLIENT_REJECTED,
	    CONFIDENCE_MEDIUM, { NULL }, CODE_CLIENT_UNTRUSTED, CODE_NONE },
	{ "48, with it the same; our root is not named", { "us" }, { "other-root" }, ALERT(1, 48), { DID("with-intermediate", ALERT(2, 48)) },
	    CODE_CLIENT_UNTRUSTED, CONFIDENCE_HIGH, { NULL }, CODE_CLIENT_MISSING_INTERMEDIATE, CODE_CLIENT_REJECTED },
	{ "closed, with it accepted: Node", { "us" }, { NULL }, CLOSE(1), { DID("with-intermediate", HTTP(2, 200)) }, CODE_CLIENT_MISSING_INTERMEDIATE,
	    CONFIDENCE_CERTAIN, { "with-intermediate", "accepted" }, CODE_NONE, CODE_CLIENT_REJECTED },
	{ "not proven by silence", { "us" }, { NULL }, ALERT(1, 48), { DID("with-intermediate", SILENT(2)) }, CODE_CLIENT_MISSING_INTERMEDIATE,
	    CONFIDENCE_HIGH, { NULL }, CODE_NONE, CODE_NONE },
	/* A throwaway is refused in another way: the server tells faults apart. */
	{ "45 and 48", { "us-expired", "issuing" }, { NULL }, ALERT(2, 45), { DID("no-certificate", ALERT(0, 116)), DID("throwaway", ALERT(1, 48)) },
	    CODE_CLIENT_EXPIRED, CONFIDENCE_CERTAIN, { "throwaway", "refused, alert 48 unknown_ca" }, CODE_NONE, CODE_CLIENT_UNTRUSTED },
	{ "43 and 48", { "us-server-only", "issuing" }, { NULL }, ALERT(2, 43), { DID("no-certificate", ALERT(0, 116)), DID("throwaway", ALERT(1, 48)) },
	    CODE_CLIENT_EKU, CONFIDENCE_CERTAIN, { "throwaway", "refused, alert 48 unknown_ca" }, CODE_NONE, CODE_NONE },
	{ "42 and 48: high", { "us-future", "issuing" }, { NULL }, ALERT(2, 42), { DID("no-certificate", ALERT(0, 116)), DID("throwaway", ALERT(1, 48)) },
	    CODE_CLIENT_NOT_YET_VALID, CONFIDENCE_HIGH, { "throwaway", "refused, alert 48 unknown_ca" }, CODE_NONE, CODE_NONE },
	/* One answer for every fault: nothing is proven. */
	{ "46 for both: Java", { "us-expired", "issuing" }, { NULL }, ALERT(2, 46), { DID("no-certificate", ALERT(0, 42)), DID("throwaway", ALERT(1, 46)) },
	    CODE_CLIENT_EXPIRED, CONFIDENCE_HIGH, { NULL }, CODE_NONE, CODE_CLIENT_REJECTED },
	{ "42 for all: old Go", { "us", "issuing" }, { NULL }, ALERT(2, 42), { DID("no-certificate", ALERT(0, 42)), DID("throwaway", ALERT(1, 42)) },
	    CODE_CLIENT_REJECTED, CONFIDENCE_MEDIUM, { NULL }, CODE_CLIENT_UNTRUSTED, CODE_NONE },
	/* 48 for ours and 46 for a throwaway: it is not for want of a CA. */
	{ "refused otherwise: not our CA", { "us", "issuing" }, { "" }, CLOSE(2), { DID("throwaway", ALERT(1, 48)) },
	    CODE_CLIENT_REJECTED, CONFIDENCE_LOW, { NULL }, CODE_NONE, CODE_CLIENT_UNTRUSTED },
	/* The last row of 5.3. */
	{ "403, and others not even that", { "us", "issuing" }, { NULL }, HTTP(2, 403), { DID("no-certificate", ALERT(0, 116)), DID("throwaway", ALERT(1, 48)) },
	    CODE_CLIENT_FORBIDDEN, CONFIDENCE_HIGH, { "no-certificate", "refused, alert 116 certificate_required" }, CODE_NONE, CODE_CLIENT_REJECTED },
	{ "403 without too", { "us", "issuing" }, { NULL }, HTTP(2, 403), { DID("no-certificate", HTTP(0, 403)), DID("throwaway", ALERT(1, 48)) },
	    CODE_CLIENT_FORBIDDEN, CONFIDENCE_MEDIUM, { "no-certificate", "refused, HTTP 403" }, CODE_NONE, CODE_CLIENT_REJECTED },
	{ "403 for everybody: not about us", { "us", "issuing" }, { NULL }, HTTP(2, 403), { DID("no-certificate", HTTP(0, 403)), DID("throwaway", HTTP(1, 403)) },
	    CODE_CLIENT_REJECTED, CONFIDENCE_LOW, { NULL }, CODE_CLIENT_FORBIDDEN, CODE_NONE },
	/* Accepted. */
	{ "a certificate is wanted, and not any", { "us", "issuing" }, { NULL }, HTTP(2, 200), { DID("no-certificate", ALERT(0, 116)), DID("throwaway", ALERT(1, 48)) },
	    CODE_NONE, CONFIDENCE_LOW, { NULL }, CODE_NONE, CODE_MTLS_NOT_VERIFIED },
	{ "in without", { "us", "issuing" }, { NULL }, HTTP(2, 200), { DID("no-certificate", HTTP(0, 200)) }, CODE_MTLS_OPTIONAL,
	    CONFIDENCE_CERTAIN, { "no-certificate", "accepted" }, CODE_NONE, CODE_NONE },
	{ "in without, and 401 there", { "us", "issuing" }, { NULL }, HTTP(2, 200), { DID("no-certificate", HTTP(0, 401)) }, CODE_NONE,
	    CONFIDENCE_LOW, { NULL }, CODE_NONE, CODE_MTLS_OPTIONAL },
	{ "in without, 404 as with ours", { "us", "issuing" }, { NULL }, HTTP(2, 404), { DID("no-certificate", HTTP(0, 404)) }, CODE_MTLS_OPTIONAL,
	    CONFIDENCE_MEDIUM, { "no-certificate", "accepted" }, CODE_NONE, CODE_NONE },
	{ "in with anything", { "us", "issuing" }, { NULL }, HTTP(2, 200), { DID("no-certificate", ALERT(0, 116)), DID("throwaway", HTTP(1, 200)) },
	    CODE_MTLS_NOT_VERIFIED, CONFIDENCE_CERTAIN, { "no-certificate", "refused, alert 116 certificate_required" }, CODE_NONE, CODE_MTLS_OPTIONAL },
	{ "silence proves nothing", { "us", "issuing" }, { NULL }, HTTP(2, 200), { DID("no-certificate", SILENT(0)) }, CODE_NONE,
	    CONFIDENCE_LOW, { NULL }, CODE_NONE, CODE_MTLS_OPTIONAL },
	{ "silence for us, refusals for others", { "us", "issuing" }, { NULL }, SILENT(2), { DID("no-certificate", ALERT(0, 116)), DID("throwaway", ALERT(1, 48)) },
	    CODE_NONE, CONFIDENCE_LOW, { NULL }, CODE_NONE, CODE_CLIENT_UNPROVEN },
	{ "refused with, in without", { "us-expired", "issuing" }, { NULL }, ALERT(2, 45), { DID("no-certificate", HTTP(0, 200)), DID("throwaway", ALERT(1, 48)) },
	    CODE_CLIENT_EXPIRED, CONFIDENCE_CERTAIN, { "throwaway", "refused, alert 48 unknown_ca" }, CODE_MTLS_OPTIONAL, CODE_NONE },
	/* Asked late. */
	{ "403, and asked late", { "us", "issuing" }, { NULL }, NOT_ASKED(403), { DID("late-auth", ASKED_LATE) }, CODE_CLIENT_LATE_AUTH,
	    CONFIDENCE_CERTAIN, { "late-auth", "accepted" }, CODE_NONE, CODE_MTLS_NOT_REQUESTED },
	{ "403, and not asked late either", { "us", "issuing" }, { NULL }, NOT_ASKED(403), { DID("late-auth", NOT_ASKED(403)) }, CODE_MTLS_NOT_REQUESTED,
	    CONFIDENCE_CERTAIN, { NULL }, CODE_NONE, CODE_CLIENT_LATE_AUTH },
};

static bool
named(const struct diagnosis *d, enum code code)
{
	for (size_t i = 0; d->root != NULL && i < d->root->candidates_len; i++)
		if (d->root->candidates[i].code == code)
			return true;
	return diagnosis_find(d, code) != NULL;
}

static const char *
wrong_with(const struct proof_case *c, const struct diagnosis *d)
{
	const struct finding *root = d->root;
	const struct proof *last = root != NULL && root->proof_len > 0 ? &root->proof[root->proof_len - 1] : NULL;

	if ((root != NULL ? root->code : CODE_NONE) != c->root)
		return "another root cause";
	if (root != NULL && root->confidence != c->confidence)
		return "another confidence";
	if ((last != NULL) != (c->proof[0] != NULL))
		return last != NULL ? "a proof" : "no proof";
	if (last != NULL && (strcmp(last->experiment, c->proof[0]) != 0 || strcmp(last->outcome, c->proof[1]) != 0))
		return "another proof";
	if (c->also != CODE_NONE && !named(d, c->also))
		return "what is also to be named";
	if (c->never != CODE_NONE && named(d, c->never))
		return "what is not to be named";
	return NULL;
}

static void
print_found(const struct diagnosis *d)
{
	for (size_t i = 0; i < d->len; i++) {
		print_message("  %s (%s): %s\n", code_info(d->findings[i].code)->name, confidence_name(d->findings[i].confidence), d->findings[i].why);
		for (size_t k = 0; k < d->findings[i].proof_len; k++)
			print_message("    proof %s: %s\n", d->findings[i].proof[k].experiment, d->findings[i].proof[k].outcome);
		for (size_t k = 0; k < d->findings[i].candidates_len; k++)
			print_message("    or %s\n", code_info(d->findings[i].candidates[k].code)->name);
	}
}

static void
the_verdict_table(void **state)
{
	size_t failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct proof_case *c = &cases[i];
		struct chain_case t = { .server = { "server", "issuing" } };
		struct evidence *e;
		struct diagnosis *d;

		memcpy(t.ours, c->ours, sizeof t.ours);
		memcpy(t.listed, c->listed, sizeof t.listed);
		e = chains_evidence(chains, &t);
		built_into(e, &c->base);
		for (size_t k = 0; k < MOST && c->did[k].name != NULL; k++)
			built_experiment(e, c->did[k].name, &c->did[k].built);
		d = diagnose(e);
		built_check_form(d, c->what);
		if (wrong_with(c, d) != NULL) {
			print_message("“%s”: %s. Found:\n", c->what, wrong_with(c, d));
			print_found(d);
			failed++;
		}
		diagnosis_free(d);
		evidence_free(e);
	}
	assert_int_equal(failed, 0);
}

/* ---- the measured matrix ---- */

/* Our files in each case of the matrix. One that cannot be read at all (garbage) never gets as far as a handshake here. */
static const struct {
	const char *fault, *ours[4], *our_key;
} files[] = {
	{ "leafonly", { "us" }, NULL }, { "unknownca", { "us-other", "other-issuing" }, NULL },
	{ "unknownca_withroot", { "us-other", "other-issuing", "other-root" }, NULL }, { "selfsigned", { "us-self" }, NULL },
	{ "expired", { "us-expired", "issuing" }, NULL }, { "notyet", { "us-future", "issuing" }, NULL },
	{ "wrongeku", { "us-server-only", "issuing" }, NULL }, { "wrongku", { "us-no-signing", "issuing" }, NULL },
	{ "ca_as_leaf", { "issuing" }, NULL }, { "keymismatch", { "us", "issuing" }, "us-other" },
	{ "badcertsig", { "us-corrupt", "issuing" }, NULL }, { "sha1", { "us-sha1", "issuing" }, NULL },
	{ "rsa1024", { "us-rsa1024", "issuing" }, NULL }, { "expiredinter", { "us-ca-expired", "ca-expired" }, NULL },
	{ "pathlen", { "us-too-deep", "path0-below", "path0" }, NULL }, { "ncviolate", { "us-constrained", "constrained" }, NULL },
	{ "issuernotca", { "us-below-us", "us", "issuing" }, NULL }, { "revoked", { "us", "issuing" }, NULL },
	{ "twointer", { "us-deep", "issuing-2", "policy" }, NULL }, { "twointer_reversed", { "us-deep", "policy", "issuing-2" }, NULL },
	{ "good", { "us", "issuing" }, NULL }, { "noeku", { "us", "issuing" }, NULL },
};

struct score {
	unsigned rows, root, candidate, second, missed, skipped;
};

/*
 * Two faults at once: the server lacks a revocation list, which hides what is wrong with our chain. Ours is
 * found, for it is in our files; theirs shows once ours is mended.
 */
static bool
has_two_faults(const struct matrix_row *row)
{
	return row->cause == CODE_CLIENT_SERVER_REVOCATION && (strcmp(row->fault, "expiredinter") == 0 || strcmp(row->fault, "ncviolate") == 0);
}

static bool
finds_ours(const struct matrix_row *row, const struct diagnosis *d)
{
	enum code ours = strcmp(row->fault, "ncviolate") == 0 ? CODE_CLIENT_BAD_CHAIN : CODE_CLIENT_INTERMEDIATE_EXPIRED;

	return d->root != NULL && d->root->code == ours && d->root->confidence < CONFIDENCE_CERTAIN;
}

static struct evidence *
replay(const struct matrix_row *row)
{
	struct chain_case t = { .server = { "server", "issuing" } };
	struct matrix_row other;
	struct evidence *e;
	bool known = strcmp(row->fault, "none") == 0;

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		if (strcmp(files[i].fault, row->fault) == 0) {
			memcpy(t.ours, files[i].ours, sizeof files[i].ours);
			t.our_key = files[i].our_key;
			known = true;
		}
	if (!known)
		return NULL;
	e = chains_evidence(chains, &t);
	if (t.our_key != NULL)
		((struct identity *)e->identity)->matches = false;
	built_into(e, &row->built);
	if (row->built.sent == 0)
		return e;
	if (strcmp(row->fault, "leafonly") == 0 && matrix_same(row, "good", &other)) {
		other.built.sent = 2;
		built_experiment(e, "with-intermediate", &other.built);
	}
	if (matrix_same(row, "none", &other))
		built_experiment(e, "no-certificate", &other.built);
	if (matrix_same(row, "selfsigned", &other))
		built_experiment(e, "throwaway", &other.built);
	return e;
}

static void
judge_row(const struct matrix_row *row, void *user)
{
	struct score *all = user, *s = &all[row->stack];
	struct evidence *e = replay(row);
	struct diagnosis *d;

	if (e == NULL) {
		s->skipped += row->times;
		return;
	}
	d = diagnose(e);
	s->rows += row->times;
	if (d->root != NULL && d->root->code == row->cause) {
		s->root += row->times;
	} else if (named(d, row->cause)) {
		s->candidate += row->times;
	} else if (has_two_faults(row) && finds_ours(row, d)) {
		s->second += row->times;
	} else {
		s->missed += row->times;
		print_message("%s, TLS %x, %s (%s): not %s:\n", row->server, row->version, row->fault, row->answer, code_info(row->cause)->name);
		print_found(d);
	}
	diagnosis_free(d);
	evidence_free(e);
}

/*
 * The rules come from these very rows, so this proves little: the table of refusals was fit on OpenSSL,
 * nginx, Go, Java and Node; GnuTLS is the one that it was not fit on.
 */
static void
the_matrix_replayed(void **state)
{
	struct score scores[STACK_COUNT] = { 0 }, sum = { 0 };

	(void)state;
	matrix_each(judge_row, scores);
	for (int i = 0; i < STACK_COUNT; i++) {
		const struct score *s = &scores[i];

		if (s->rows + s->skipped == 0)
			continue;
		print_message("%-20s %3u refusals: %3u the root cause, %3u among the candidates or findings, %u the other of two faults, %u missed; %u could not be read here\n",
		    stack_name((enum stack)i), s->rows, s->root, s->candidate, s->second, s->missed, s->skipped);
		sum.rows += s->rows;
		sum.missed += s->missed;
	}
	assert_true(sum.rows > 400);
	assert_int_equal(sum.missed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_verdict_table),
		cmocka_unit_test(the_matrix_replayed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
