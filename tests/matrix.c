#include "tests/matrix.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *server; /* the start of its name */
	enum stack stack;
} servers[] = {
	{ "haproxy", STACK_OPENSSL }, { "stunnel", STACK_OPENSSL }, { "Python", STACK_OPENSSL }, { "openssl", STACK_OPENSSL },
	{ "apache", STACK_OPENSSL }, { "nginx", STACK_NGINX }, { "Go 1.19", STACK_GO_OLD }, { "Java 17", STACK_JAVA },
	{ "Node 20", STACK_NODE }, { "gnutls", STACK_GNUTLS },
};

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


static bool
is_refusal(const struct matrix_row *r)
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

static bool
read_row(const char *line, struct matrix_row *r)
{
	char version[8];

	memset(r, 0, sizeof *r);
	if (sscanf(line, "%u|%63[^|]|%7[^|]|%31[^|]|%31[^\n]", &r->times, r->server, version, r->fault, r->answer) != 5)
		return false;
	r->version = strcmp(version, "1.3") == 0 ? 0x0304 : 0x0303;
	for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++)
		if (strncmp(servers[i].server, r->server, strlen(servers[i].server)) == 0)
			r->stack = servers[i].stack;
	read_answer(r);
	r->cause = cause_of_row(r);
	if (r->cause == CODE_CLIENT_LATE_AUTH) {
		r->built.asked = r->built.sent_message = false;
		r->built.sent = 0;
	}
	return true;
}

void
matrix_each(void (*check)(const struct matrix_row *, void *), void *user)
{
	FILE *f = fopen("tests/data/alert_matrix.txt", "r");
	char line[256];
	unsigned times = 0;

	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL) {
		struct matrix_row r;

		if (line[0] == '#')
			continue;
		assert_true(read_row(line, &r));
		assert_int_not_equal(r.stack, STACK_UNKNOWN);
		times += r.times;
		if (is_refusal(&r))
			check(&r, user);
	}
	fclose(f);
	assert_int_equal(times, 915); /* none was lost */
}

bool
matrix_same(const struct matrix_row *as, const char *fault, struct matrix_row *out)
{
	FILE *f = fopen("tests/data/alert_matrix.txt", "r");
	bool found = false;
	char line[256];

	assert_non_null(f);
	while (!found && fgets(line, sizeof line, f) != NULL)
		found = line[0] != '#' && read_row(line, out) && out->version == as->version &&
		    strcmp(out->server, as->server) == 0 && strcmp(out->fault, fault) == 0;
	fclose(f);
	return found;
}
