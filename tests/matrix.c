#include "tests/matrix.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

const struct matrix_product matrix_products[MATRIX_PRODUCTS] = {
	{ "nginx", STACK_NGINX, true },
	{ "openssl", STACK_OPENSSL, true },
	{ "haproxy", STACK_OPENSSL, true },
	{ "Go 1.19", STACK_GO_OLD, true },
	{ "Java 17", STACK_JAVA, true },
	{ "apache", STACK_OPENSSL, false },
	{ "stunnel", STACK_OPENSSL, false },
	{ "Python", STACK_OPENSSL, false },
	{ "Node 20", STACK_NODE, false },
	{ "gnutls", STACK_GNUTLS, false },
};

static struct matrix_row rows[MATRIX_ROWS];
static size_t rows_len;

static const struct {
	const char *name;
	enum code cause;
} faults[] = {
	{ "none", CODE_CLIENT_REQUIRED },
	{ "leafonly", CODE_CLIENT_MISSING_INTERMEDIATE },
	{ "unknownca", CODE_CLIENT_UNTRUSTED },
	{ "unknownca_withroot", CODE_CLIENT_UNTRUSTED },
	{ "selfsigned", CODE_CLIENT_UNTRUSTED },
	{ "expired", CODE_CLIENT_EXPIRED },
	{ "notyet", CODE_CLIENT_NOT_YET_VALID },
	{ "wrongeku", CODE_CLIENT_EKU },
	{ "wrongku", CODE_CLIENT_EKU },
	{ "ca_as_leaf", CODE_CLIENT_EKU },
	{ "keymismatch", CODE_KEY_MISMATCH },
	{ "badcertsig", CODE_CLIENT_BAD_CHAIN },
	{ "garbage", CODE_CLIENT_BAD_CHAIN },
	{ "sha1", CODE_CLIENT_WEAK },
	{ "rsa1024", CODE_CLIENT_WEAK },
	{ "expiredinter", CODE_CLIENT_INTERMEDIATE_EXPIRED },
	{ "pathlen", CODE_CLIENT_BAD_CHAIN },
	{ "ncviolate", CODE_CLIENT_BAD_CHAIN },
	{ "issuernotca", CODE_CLIENT_BAD_CHAIN },
	{ "revoked", CODE_CLIENT_REVOKED },
	{ "twointer", CODE_CLIENT_DEPTH_EXCEEDED },
	{ "twointer_reversed", CODE_CLIENT_DEPTH_EXCEEDED },
};

bool
matrix_refused(const struct matrix_row *r)
{
	return r->built.outcome != OUTCOME_ACCEPTED_APP;
}

static void
read_answer(struct matrix_row *r)
{
	struct built *b = &r->built;
	char marker[16] = "";
	int number = 0;

	*b = (struct built){ .phase = r->version == 0x0304 ? PHASE_FINISHED : PHASE_OUR_FLIGHT, .version = r->version, .asked = true,
		.sent_message = true, .sent = strcmp(r->fault, "none") != 0 };
	if (sscanf(r->answer, "alert %d", &number) == 1) {
		b->outcome = OUTCOME_REJECTED_ALERT;
		b->how = END_ALERT;
		b->alert = (struct built_alert){ true, PEER_SERVER, 2, (uint8_t)number };
	} else if (sscanf(r->answer, "http %d %15s", &number, marker) == 2) {
		b->phase = PHASE_RESPONSE;
		b->http_status = number;
		b->outcome = number == 400 || number == 403 ? OUTCOME_REJECTED_HTTP : OUTCOME_ACCEPTED_APP;
		b->body = strcmp(marker, "cert") == 0 ? "<h1>The SSL certificate error</h1>" :
		    strcmp(marker, "none") == 0 ? "<center>No required SSL certificate was sent</center>" : NULL;
	} else {
		b->outcome = OUTCOME_REJECTED_CLOSE;
		b->how = strcmp(r->answer, "close rst") == 0 ? END_RST : END_FIN;
	}
}

/* What the fault is called here; three servers refuse for a reason of their own, whatever was sent. */
static enum code
cause_of_row(const struct matrix_row *r)
{
	bool late = strncmp(r->server, "apache Location", 15) == 0 && r->version == 0x0304;
	bool no_crl = strstr(r->server, "crl_check_all") != NULL && r->built.alert.there && r->built.alert.number == 48;

	if (late)
		return CODE_CLIENT_LATE_AUTH;
	/* Its CRL is missing for these issuers: that hides an expired intermediate and a broken constraint. */
	if (no_crl && (strcmp(r->fault, "expiredinter") == 0 || strcmp(r->fault, "ncviolate") == 0 || strncmp(r->fault, "twointer", 8) == 0))
		return CODE_CLIENT_SERVER_REVOCATION;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		if (strcmp(faults[i].name, r->fault) == 0)
			return faults[i].cause;
	return CODE_NONE;
}

/* A line stands for one row or two: of each order of reading and writing. */
static bool
read_line(const char *line, struct matrix_row *r, char orders[4])
{
	char version[8];

	memset(r, 0, sizeof *r);
	if (sscanf(line, "%3[rw]|%63[^|]|%7[^|]|%31[^|]|%31[^\n]", orders, r->server, version, r->fault, r->answer) != 5)
		return false;
	r->version = strcmp(version, "1.3") == 0 ? 0x0304 : 0x0303;
	for (size_t i = 0; i < MATRIX_PRODUCTS; i++)
		if (strncmp(matrix_products[i].server, r->server, strlen(matrix_products[i].server)) == 0)
			r->product = &matrix_products[i];
	if (r->product == NULL)
		return false;
	r->stack = r->product->stack;
	read_answer(r);
	r->cause = cause_of_row(r);
	if (r->cause == CODE_CLIENT_LATE_AUTH) {
		r->built.asked = r->built.sent_message = false;
		r->built.sent = 0;
	}
	return true;
}

static void
read_all(void)
{
	FILE *f = fopen("tests/data/alert_matrix.txt", "r");
	char line[256], orders[4];

	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL) {
		struct matrix_row r;

		if (line[0] == '#')
			continue;
		if (!read_line(line, &r, orders))
			fail_msg("a line that is no row: %s", line);
		for (const char *o = orders; *o != '\0'; o++) {
			assert_true(rows_len < MATRIX_ROWS);
			rows[rows_len] = r;
			rows[rows_len++].order = *o;
		}
	}
	fclose(f);
	assert_int_equal(rows_len, MATRIX_ROWS); /* none was lost */
}

void
matrix_all(void (*look)(const struct matrix_row *, void *), void *user)
{
	if (rows_len == 0)
		read_all();
	for (size_t i = 0; i < rows_len; i++)
		look(&rows[i], user);
}

void
matrix_each(void (*check)(const struct matrix_row *, void *), void *user)
{
	if (rows_len == 0)
		read_all();
	for (size_t i = 0; i < rows_len; i++)
		if (matrix_refused(&rows[i]))
			check(&rows[i], user);
}

/* Only five of the certificates were tried in both orders. */
bool
matrix_same(const struct matrix_row *as, const char *fault, struct matrix_row *out)
{
	const struct matrix_row *found = NULL;

	for (size_t i = 0; i < rows_len; i++) {
		const struct matrix_row *r = &rows[i];

		if (r->version == as->version && strcmp(r->server, as->server) == 0 && strcmp(r->fault, fault) == 0 &&
		    (found == NULL || r->order == as->order))
			found = r;
	}
	if (found != NULL)
		*out = *found;
	return found != NULL;
}
