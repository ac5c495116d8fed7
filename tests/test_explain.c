/*
 * What is known of error texts, held against what servers and clients were measured to write
 * (tests/data/server_logs.txt, tests/data/client_texts.txt), and the tables against themselves.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/alert.h"
#include "model/explain_parts.h"
#include "model/limits.h"

/* ---- the tables ---- */

/* A text that the pattern matches. */
static void
sample(const char *pattern, struct buf *out)
{
	static const struct {
		const char *capture, *value;
	} values[] = { { "{alert}", "unknown_ca" }, { "{alert.}", "unknown_ca" }, { "{alert#}", "48" }, { "{verify#}", "20" }, { "{code%}", "0A0000C7" }, { "{curl#}", "35" } };

	for (const char *p = pattern; *p != '\0'; p++) {
		if (*p == '~' || *p == '^' || (*p == '$' && p[1] == '\0'))
			continue;
		if (*p == '*') {
			buf_adds(out, " ");
			continue;
		}
		if (*p != '{' || strchr(p, '}') == NULL) {
			buf_addc(out, *p);
			continue;
		}
		size_t len = (size_t)(strchr(p, '}') - p) + 1;
		const char *value = p[len - 2] == '#' ? "7" : "word";
		for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
			if (strlen(values[i].capture) == len && strncmp(values[i].capture, p, len) == 0)
				value = values[i].value;
		buf_adds(out, value);
		p += len - 1;
	}
}

static int
expect_row(struct lookups *l, const struct explain_row *row, const char *text)
{
	struct found f = lookups_best(l, text_of(text));

	/* A number or name may stand in texts of two kinds: what counts is what it leads to. */
	if (f.row == NULL || (f.row != row && f.meaning != row)) {
		print_error("%s: “%s” is taken for %s\n", row->id, text, f.row != NULL ? f.row->id : "nothing");
		return 1;
	}
	if (f.rival != NULL) {
		print_error("%s: “%s” is as much %s\n", row->id, text, f.rival->id);
		return 1;
	}
	return 0;
}

/* No row that nothing matches, and no text that two rows explain as well. */
static void
every_row_is_exercised(void **state)
{
	struct lookups *l = lookups_new();
	size_t rows = 0;
	int bad = 0;

	(void)state;
	for (size_t t = 0; t < explain_tables_len; t++) {
		for (size_t i = 0; i < explain_tables[t]->len; i++) {
			const struct explain_row *row = &explain_tables[t]->rows[i];

			rows++;
			if (row->example != NULL)
				bad += expect_row(l, row, row->example);
			for (size_t k = 0; k < 4 && row->texts[k] != NULL; k++) {
				struct buf text = { 0 };

				sample(row->texts[k], &text);
				if (row->example == NULL || k > 0)
					bad += expect_row(l, row, buf_str(&text));
				else if (!match_pattern(row->texts[k], text_of(row->example), NULL))
					bad += (print_error("%s: its example has not its first text\n", row->id), 1);
				buf_done(&text);
			}
		}
	}
	assert_int_equal(bad, 0);
	assert_true(rows > 300);
	lookups_free(l);
}

/* Each row says something, names its source, has causes that the contract knows, and is called like no other. */
static void
every_row_is_whole(void **state)
{
	(void)state;
	for (size_t t = 0; t < explain_tables_len; t++) {
		assert_non_null(explain_tables[t]->source);
		for (size_t i = 0; i < explain_tables[t]->len; i++) {
			const struct explain_row *row = &explain_tables[t]->rows[i];
			const struct fault_info *f = &faults[row->fault];

			assert_ptr_equal(row_called(row->id, NULL), row);
			for (size_t k = 0; k < 4 && row->texts[k] != NULL; k++)
				for (const char *p = row->texts[k]; (p = strchr(p, '{')) != NULL; p++)
					assert_true(strcspn(p + 1, "#%.}") <= 7); /* a label on the page */
			if (row->lookup == LOOKUP_NONE)
				assert_true(row->says != NULL || f->client != NULL || f->either != NULL);
			for (const struct cause *c = row->causes; c != NULL && c->code != CODE_NONE; c++)
				assert_true(c->code >= 0 && c->code < CODE_COUNT);
		}
	}
	for (int i = 0; i < FAULT_COUNT; i++) {
		assert_true(faults[i].either != NULL || (faults[i].client != NULL && faults[i].server != NULL));
		assert_non_null(faults[i].server_causes);
		assert_true(faults[i].client == NULL || faults[i].client_causes != NULL);
	}
}

/* ---- what was measured ---- */

static const struct {
	const char *fault;
	enum code cause;
} server_faults[] = {
	{ "none", CODE_CLIENT_REQUIRED }, { "leafonly", CODE_CLIENT_MISSING_INTERMEDIATE }, { "unknownca", CODE_CLIENT_UNTRUSTED },
	{ "unknownca_withroot", CODE_CLIENT_UNTRUSTED }, { "selfsigned", CODE_CLIENT_UNTRUSTED }, { "expired", CODE_CLIENT_EXPIRED },
	{ "notyet", CODE_CLIENT_NOT_YET_VALID }, { "wrongeku", CODE_CLIENT_EKU }, { "wrongku", CODE_CLIENT_EKU }, { "ca_as_leaf", CODE_CLIENT_EKU },
	{ "keymismatch", CODE_KEY_MISMATCH }, { "badcertsig", CODE_CLIENT_BAD_CHAIN }, { "garbage", CODE_CLIENT_BAD_CHAIN }, { "sha1", CODE_CLIENT_WEAK },
	{ "rsa1024", CODE_CLIENT_WEAK }, { "expiredinter", CODE_CLIENT_INTERMEDIATE_EXPIRED }, { "pathlen", CODE_CLIENT_BAD_CHAIN },
	{ "ncviolate", CODE_CLIENT_BAD_CHAIN }, { "issuernotca", CODE_CLIENT_BAD_CHAIN }, { "revoked", CODE_CLIENT_REVOKED },
	{ "twointer", CODE_CLIENT_DEPTH_EXCEEDED }, { "twointer_reversed", CODE_CLIENT_DEPTH_EXCEEDED },
};

static enum code
true_cause(const char *server, const char *fault, const char *lines)
{
	/* A server that lacks the list of an issuer says so before it looks further. */
	if (strstr(lines, "unable to get certificate CRL") != NULL)
		return CODE_CLIENT_SERVER_REVOCATION;
	if (strstr(server, "Location") != NULL && strstr(lines, "AH10158") != NULL)
		return CODE_CLIENT_LATE_AUTH;
	for (size_t i = 0; i < sizeof server_faults / sizeof server_faults[0]; i++)
		if (strcmp(server_faults[i].fault, fault) == 0)
			return server_faults[i].cause;
	return CODE_NONE;
}

static enum confidence
likelihood_in(const struct explain *x, enum side about, enum code cause, bool *there)
{
	enum confidence best = CONFIDENCE_LOW;

	*there = false;
	for (size_t i = 0; i < explain_len(x); i++) {
		const struct explanation *e = explain_at(x, i);

		for (size_t r = 0; r < e->readings_len; r++) {
			for (size_t k = 0; k < e->readings[r].causes_len; k++) {
				if ((e->readings[r].about != about && e->readings[r].about != SIDE_NETWORK) || e->readings[r].causes[k].code != cause)
					continue;
				*there = true;
				if (e->readings[r].causes[k].likelihood > best)
					best = e->readings[r].causes[k].likelihood;
			}
		}
	}
	return best;
}

struct score {
	size_t all, named, likely, certain;
};

static int
judge_log(const char *server, const char *fault, const char *lines, struct score *s)
{
	struct explain *x = explain_new();
	enum code cause = true_cause(server, fault, lines);
	enum confidence c;
	bool there;
	int bad = 0;

	explain_feed(x, lines, strlen(lines));
	explain_end(x);
	c = likelihood_in(x, SIDE_CLIENT, cause, &there);
	if (cause != CODE_NONE) {
		s->all++;
		s->named += there;
		s->likely += there && c >= CONFIDENCE_HIGH;
		s->certain += there && c == CONFIDENCE_CERTAIN;
		if (!there) {
			print_error("%s, %s: %s is not among the causes of:\n%s", server, fault, code_info(cause)->name, lines);
			bad = 1;
		}
	}
	/* Nothing is certain that is not so. */
	for (size_t i = 0; i < explain_len(x); i++) {
		const struct reading *r = &explain_at(x, i)->readings[0];

		if (r->causes_len > 0 && r->causes[0].likelihood == CONFIDENCE_CERTAIN && cause != CODE_NONE && r->causes[0].code != cause &&
		    explain_at(x, i)->rank >= explain_at(x, 0)->rank) {
			print_error("%s, %s: certain of %s\n", server, fault, code_info(r->causes[0].code)->name);
			bad = 1;
		}
	}
	explain_free(x);
	return bad;
}

/* The true cause is among those of each server's own lines. */
static void
logs_of_servers_lead_to_the_cause(void **state)
{
	FILE *f = fopen("tests/data/server_logs.txt", "r");
	char line[4096], server[128] = "", versions[16], fault[64] = "";
	struct buf lines = { 0 };
	struct score s = { 0 };
	int bad = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL) {
		if (line[0] == '#')
			continue;
		if (line[0] == '\t') {
			buf_adds(&lines, line + 1);
			continue;
		}
		if (lines.len > 0)
			bad += judge_log(server, fault, buf_str(&lines), &s);
		buf_reset(&lines);
		assert_int_equal(sscanf(line, "%127[^|]|%15[^|]|%63[^\n]", server, versions, fault), 3);
	}
	bad += judge_log(server, fault, buf_str(&lines), &s);
	fclose(f);
	buf_done(&lines);
	print_message("servers' logs: %zu of refusals; the true cause is named in %zu, likely in %zu, certain in %zu\n", s.all, s.named, s.likely, s.certain);
	assert_int_equal(bad, 0);
	assert_true(s.all > 250);
}

static const struct {
	const char *certificate;
	enum code cause;
} client_faults[] = {
	{ "unknownca", CODE_CHAIN_UNTRUSTED_ROOT }, { "missinginter", CODE_CHAIN_MISSING_INTERMEDIATE }, { "expired", CODE_CERT_EXPIRED },
	{ "notyet", CODE_CERT_NOT_YET_VALID }, { "hostname", CODE_NAME_MISMATCH }, { "nosan", CODE_NAME_NO_SAN }, { "wrongeku", CODE_EKU_NO_SERVER_AUTH },
};

/* What a client says, and the alert that it sends about the server's certificate. */
static void
texts_of_clients_lead_to_the_cause(void **state)
{
	FILE *f = fopen("tests/data/client_texts.txt", "r");
	char line[1024], certificate[32], version[8], client[32], alert[8], text[512];
	size_t judged = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL) {
		enum code cause = CODE_NONE;
		struct explain *x;
		bool there;

		if (line[0] == '#')
			continue;
		assert_int_equal(sscanf(line, "%31[^|]|%7[^|]|%31[^|]|%7[^|]|%511[^\n]", certificate, version, client, alert, text), 5);
		for (size_t i = 0; i < sizeof client_faults / sizeof client_faults[0]; i++)
			if (strcmp(client_faults[i].certificate, certificate) == 0)
				cause = client_faults[i].cause;
		assert_int_not_equal(cause, CODE_NONE);
		x = explain_new();
		explain_text(x, text_of(text));
		likelihood_in(x, SIDE_SERVER, cause, &there);
		if (!there)
			fail_msg("%s of %s: %s is not among the causes of “%s”", certificate, client, code_info(cause)->name, text);
		explain_free(x);
		judged++;
		if (strcmp(alert, "none") == 0)
			continue;
		/* In the server's log it stands as an alert that came in. */
		snprintf(text, sizeof text, "SSL_accept: error:0A000418:SSL routines::x:SSL alert number %s", alert);
		x = explain_new();
		explain_text(x, text_of(text));
		assert_int_equal(explain_len(x), 1);
		assert_int_equal(explain_at(x, 0)->readings_len, 1);
		assert_int_equal(explain_at(x, 0)->readings[0].said_by, WRITER_CLIENT);
		assert_int_equal(explain_at(x, 0)->readings[0].about, SIDE_SERVER);
		likelihood_in(x, SIDE_SERVER, cause, &there);
		if (!there)
			fail_msg("%s of %s: %s is not among the causes of alert %s", certificate, client, code_info(cause)->name, alert);
		explain_free(x);
	}
	fclose(f);
	assert_int_equal(judged, 98);
}

/* ---- direction ---- */

static const struct direction_case {
	const char *text;
	size_t readings;
	enum writer said_by; /* of the first */
	enum side about;
	enum code cause;     /* of the first, the likeliest; CODE_NONE: any */
	const char *comment;
} directions[] = {
	{ "48", 2, WRITER_SERVER, SIDE_CLIENT, CODE_NONE, "nobody knows who sent it" },
	{ "curl: (56) OpenSSL SSL_read: error:0A000418:SSL routines::tlsv1 alert unknown ca, errno 0", 1, WRITER_SERVER, SIDE_CLIENT, CODE_CLIENT_MISSING_INTERMEDIATE, "curl heard it: the server distrusts the client" },
	{ "2026/11/23 09:46:04 [info] 1#1: *3 SSL_do_handshake() failed (SSL: error:0A000418:SSL routines::tlsv1 alert unknown ca:SSL alert number 48) while SSL handshaking, client: 10.0.0.7, server: 0.0.0.0:443", 1, WRITER_CLIENT,
	    SIDE_SERVER, CODE_CHAIN_UNTRUSTED_ROOT, "nginx heard it: the client distrusts the server" },
	{ "2026/11/23 09:46:04 [error] 1#1: *3 SSL_do_handshake() failed (SSL: error:0A000412:SSL routines::sslv3 alert bad certificate:SSL alert number 42) while SSL handshaking to upstream, client: 10.0.0.7", 1, WRITER_SERVER,
	    SIDE_CLIENT, CODE_NONE, "nginx is the client of its upstream" },
	{ "http: TLS handshake error from 10.0.0.7:5123: remote error: tls: bad certificate", 1, WRITER_CLIENT, SIDE_SERVER, CODE_NONE, "a Go server heard it" },
	{ "Get \"https://payment:8443/\": remote error: tls: certificate required", 1, WRITER_SERVER, SIDE_CLIENT, CODE_CLIENT_REQUIRED, "a Go client heard it" },
	{ "remote error: tls: unknown certificate authority", 2, WRITER_SERVER, SIDE_CLIENT, CODE_NONE, "Go, but which side" },
	{ "http: TLS handshake error from 10.0.0.7:5123: tls: failed to verify client certificate: x509: certificate signed by unknown authority", 1, WRITER_SERVER, SIDE_CLIENT, CODE_CLIENT_MISSING_INTERMEDIATE, "Go's server judges" },
	{ "tls: failed to verify certificate: x509: certificate signed by unknown authority", 1, WRITER_CLIENT, SIDE_SERVER, CODE_CHAIN_MISSING_INTERMEDIATE, "Go's client judges" },
	{ "alert 116", 1, WRITER_SERVER, SIDE_CLIENT, CODE_CLIENT_REQUIRED, "only servers send it" },
	{ "certificate_required", 1, WRITER_SERVER, SIDE_CLIENT, CODE_CLIENT_REQUIRED, "by name" },
	{ "unrecognized_name", 1, WRITER_SERVER, SIDE_NETWORK, CODE_TLS_SNI_REQUIRED, "about no certificate" },
	{ "120", 1, WRITER_SERVER, SIDE_NETWORK, CODE_TLS_NO_COMMON_ALPN, "about no certificate" },
	{ "A fatal alert was received from the remote endpoint. The TLS protocol defined fatal alert code is 46.", 2, WRITER_SERVER, SIDE_CLIENT, CODE_NONE, "Schannel, either side" },
	{ "client SSL certificate verify error: (10:certificate has expired) while reading client request headers", 1, WRITER_SERVER, SIDE_CLIENT, CODE_CLIENT_EXPIRED, "nginx judges" },
	{ "certificate verify failed c_err=0 ca_err=10 depth=1 hs=SSL client CA chain cannot be verified", 1, WRITER_SERVER, SIDE_CLIENT, CODE_CLIENT_INTERMEDIATE_EXPIRED, "HAProxy, and the depth says that it is a CA" },
	{ "routines:tls_process_server_certificate:certificate verify failed:statem_clnt.c:1890:", 1, WRITER_CLIENT, SIDE_SERVER, CODE_NONE, "the function tells" },
	{ "javax.net.ssl.SSLHandshakeException: Received fatal alert: bad_certificate", 2, WRITER_SERVER, SIDE_CLIENT, CODE_NONE, "Java, either side" },
	{ "error:14094418:SSL routines:ssl3_read_bytes:x", 2, WRITER_SERVER, SIDE_CLIENT, CODE_NONE, "a code of OpenSSL 1.1.1" },
	{ "error:0A00045C:x", 1, WRITER_SERVER, SIDE_CLIENT, CODE_CLIENT_REQUIRED, "a code of OpenSSL 3: 1000 + 116" },
	{ "UNABLE_TO_VERIFY_LEAF_SIGNATURE", 2, WRITER_SERVER, SIDE_CLIENT, CODE_CLIENT_MISSING_INTERMEDIATE, "Node's code" },
	{ "X509_V_ERR_CERT_HAS_EXPIRED", 2, WRITER_SERVER, SIDE_CLIENT, CODE_CLIENT_EXPIRED, "OpenSSL's name" },
	{ "curl 58", 1, WRITER_CLIENT, SIDE_CLIENT, CODE_KEY_UNREADABLE, "its own files" },
	{ "curl: (60) SSL certificate problem: certificate has expired", 1, WRITER_CLIENT, SIDE_SERVER, CODE_CERT_EXPIRED, "curl judges" },
	{ "2026.11.30 02:14:09 LOG4[0]: CERT: Pre-verification error: unable to get local issuer certificate", 2, WRITER_SERVER, SIDE_CLIENT, CODE_CLIENT_MISSING_INTERMEDIATE, "stunnel, either side: it was taken for s_client" },
	{ "Verification error: unable to get local issuer certificate", 1, WRITER_CLIENT, SIDE_SERVER, CODE_CHAIN_MISSING_INTERMEDIATE, "s_client judges" },
	{ "FATAL:  connection requires a valid client certificate", 1, WRITER_SERVER, SIDE_CLIENT, CODE_CLIENT_REQUIRED, "PostgreSQL" },
	{ "Access denied. Reason: Could not find issuer for certificate", 1, WRITER_SERVER, SIDE_CLIENT, CODE_CLIENT_MISSING_INTERMEDIATE, "API Gateway" },
	{ "HTTP Error 403.16 - Forbidden", 1, WRITER_SERVER, SIDE_CLIENT, CODE_CLIENT_UNTRUSTED, "IIS" },
	{ "AH10158: cannot perform post-handshake authentication", 1, WRITER_SERVER, SIDE_CLIENT, CODE_CLIENT_LATE_AUTH, "Apache" },
	{ "<html><center><h1>400 Bad Request</h1></center><center>No required SSL certificate was sent</center>", 1, WRITER_SERVER, SIDE_CLIENT, CODE_CLIENT_REQUIRED, "nginx's page" },
	{ "496", 1, WRITER_SERVER, SIDE_CLIENT, CODE_CLIENT_REQUIRED, "nginx's status" },
	{ "HTTPSConnectionPool(host='x', port=443): (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate in certificate chain (_ssl.c:1006)')))", 1,
	    WRITER_CLIENT, SIDE_SERVER, CODE_CHAIN_UNTRUSTED_ROOT, "Python's “[SSL: ” is not Apache's “[ssl:info]”: it was taken for a server's" },
	{ "[ssl:error] [pid 1] [remote 10.0.0.2:443] AH02039: Certificate Verification: Error (20): unable to get local issuer certificate", 1, WRITER_CLIENT, SIDE_SERVER, CODE_CHAIN_MISSING_INTERMEDIATE, "Apache as a proxy is a client" },
	{ "[ssl:info] [pid 1] [client 10.0.0.2:443] AH02039: Certificate Verification: Error (20): unable to get local issuer certificate", 1, WRITER_SERVER, SIDE_CLIENT, CODE_CLIENT_MISSING_INTERMEDIATE, "Apache as a server" },
	{ "LOG:  could not accept SSL connection: certificate verify failed", 1, WRITER_SERVER, SIDE_CLIENT, CODE_NONE, "PostgreSQL, in OpenSSL's words" },
	{ "NET::ERR_CERT_AUTHORITY_INVALID", 1, WRITER_CLIENT, SIDE_SERVER, CODE_CHAIN_MISSING_INTERMEDIATE, "a browser" },
	{ "SSL_ERROR_RX_CERTIFICATE_REQUIRED_ALERT", 1, WRITER_SERVER, SIDE_CLIENT, CODE_CLIENT_REQUIRED, "a browser heard it" },
	{ "Connection refused", 1, WRITER_EITHER, SIDE_NETWORK, CODE_NET_REFUSED, "no certificate at all" },
};

static void
direction_matters(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof directions / sizeof directions[0]; i++) {
		const struct direction_case *c = &directions[i];
		struct explain *x = explain_new();
		const struct explanation *e;

		explain_text(x, text_of(c->text));
		if (explain_len(x) == 0)
			fail_msg("%s: “%s” is not known", c->comment, c->text);
		e = explain_at(x, 0);
		if (e->readings_len != c->readings || e->readings[0].said_by != c->said_by || e->readings[0].about != c->about)
			fail_msg("%s: “%s”: %zu readings, the first %s (%s)", c->comment, c->text, e->readings_len, reading_whose(&e->readings[0]), e->row->id);
		if (c->cause != CODE_NONE && (e->readings[0].causes_len == 0 || e->readings[0].causes[0].code != c->cause))
			fail_msg("%s: “%s”: the likeliest is %s", c->comment, c->text, e->readings[0].causes_len > 0 ? code_info(e->readings[0].causes[0].code)->name : "nothing");
		for (size_t r = 0; r < e->readings_len; r++)
			assert_int_equal(e->readings[r].when != NULL, e->readings_len == 2);
		explain_free(x);
	}
}

/* Every alert that has a name is explained, by number and by name, with a cause unless it is a plain goodbye. */
static void
every_alert_is_known(void **state)
{
	(void)state;
	for (int n = 0; n < 255; n++) {
		const struct alert_info *info = alert_info((uint8_t)n);
		char number[8];

		if (info->number != n)
			continue;
		snprintf(number, sizeof number, "%d", n);
		for (int by_name = 0; by_name < 2; by_name++) {
			struct explain *x = explain_new();
			bool there = false;

			explain_text(x, text_of(by_name ? info->name : number));
			for (size_t i = 0; i < explain_len(x); i++)
				there = there || (explain_at(x, i)->alert == n && explain_at(x, i)->readings[0].causes_len > 0);
			if (!there)
				fail_msg("alert %d by its %s", n, by_name ? "name" : "number");
			explain_free(x);
		}
	}
}

/* ---- load balancers ---- */

#define ALB(subject, status) "2026-10-04T17:05:15.514108Z 203.0.113.1 36280 443 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 4.036 " subject " NotBefore=2026-09-21T22:43:21Z;NotAfter=2027-06-17T22:43:21Z FEF257372D5C14D4 " status " TID_3180a73013c8ca4bac2f731159d4b0fe"

static const struct {
	const char *code;
	enum code cause;
} balancer_codes[] = {
	{ "ClientCertMaxChainDepthExceeded", CODE_CLIENT_DEPTH_EXCEEDED }, { "ClientCertMaxSizeExceeded", CODE_CLIENT_BAD_CHAIN }, { "ClientCertCrlHit", CODE_CLIENT_REVOKED },
	{ "ClientCertCrlProcessingError", CODE_CLIENT_SERVER_REVOCATION }, { "ClientCertUntrusted", CODE_CLIENT_MISSING_INTERMEDIATE }, { "ClientCertNotYetValid", CODE_CLIENT_NOT_YET_VALID },
	{ "ClientCertExpired", CODE_CLIENT_EXPIRED }, { "ClientCertTypeUnsupported", CODE_CLIENT_WEAK }, { "ClientCertInvalid", CODE_CLIENT_BAD_CHAIN },
	{ "ClientCertPurposeInvalid", CODE_CLIENT_EKU }, { "ClientCertRejected", CODE_CLIENT_FORBIDDEN }, { "UnmappedConnectionError", CODE_CLIENT_REQUIRED },
	{ "ClientCertIncompatible", CODE_CLIENT_WEAK }, { "ClientCertIntentInvalid", CODE_CLIENT_EKU }, { "ClientCertMissing", CODE_CLIENT_REQUIRED },
};

static void
lines_of_load_balancers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof balancer_codes / sizeof balancer_codes[0]; i++) {
		struct buf line = { 0 };
		struct explain *x = explain_new();
		const struct explanation *e;
		bool subject = false;

		buf_addf(&line, ALB("\"CN=order service,O=Acme\"", "Failed:%s"), balancer_codes[i].code);
		explain_text(x, text_of(buf_str(&line)));
		assert_int_equal(explain_len(x), 1);
		e = explain_at(x, 0);
		assert_int_equal(e->readings[0].said_by, WRITER_SERVER);
		assert_int_equal(e->readings[0].causes[0].code, balancer_codes[i].cause);
		for (size_t k = 0; k < e->details_len; k++)
			subject = subject || (strcmp(e->details[k].name, "subject") == 0 && strcmp(e->details[k].value, "CN=order service,O=Acme") == 0);
		assert_true(subject);
		explain_free(x);
		buf_done(&line);
	}
}

/* An unknown code is said to be one; a success is no fault; a line that is cut is no line of a balancer. */
static void
other_lines_of_load_balancers(void **state)
{
	struct explain *x = explain_new();

	(void)state;
	explain_text(x, text_of(ALB("-", "Failed:ClientTlsHandshakeError")));
	assert_string_equal(explain_at(x, 0)->row->id, "aws.unknown-code");
	explain_free(x);
	x = explain_new();
	explain_text(x, text_of(ALB("\"CN=x\"", "Success")));
	assert_string_equal(explain_at(x, 0)->row->id, "aws.Success");
	assert_int_equal(explain_at(x, 0)->readings[0].causes_len, 0);
	explain_free(x);
	x = explain_new();
	explain_text(x, text_of("2026-10-04T17:05:15.514108Z 203.0.113.1 36280 443 TLSv1.2"));
	assert_int_equal(explain_len(x), 0);
	explain_free(x);
}

/* ---- many lines ---- */

static void
what_repeats_is_counted(void **state)
{
	static const char log[] = "nothing to see\n"
	    "http: TLS handshake error from 10.0.0.7:1: tls: client didn't provide a certificate\n"
	    "\n"
	    "http: TLS handshake error from 10.0.0.8:2: tls: client didn't provide a certificate\r\n"
	    "http: TLS handshake error from 10.0.0.7:3: x509: certificate has expired or is not yet valid: current time 2026-11-23T09:46:00Z is after 2026-11-22T09:45:23Z\n"
	    "http: TLS handshake error from 10.0.0.7:4: x509: certificate has expired or is not yet valid: current time 2026-11-23T09:47:11Z is after 2026-11-22T09:45:23Z\n"
	    "the last line has no end: Connection refused";
	struct explain_counts n;

	(void)state;
	/* However the pieces are cut. */
	for (size_t piece = 1; piece < sizeof log; piece += 13) {
		struct explain *x = explain_new();

		for (size_t at = 0; at < sizeof log - 1; at += piece)
			explain_feed(x, log + at, sizeof log - 1 - at < piece ? sizeof log - 1 - at : piece);
		explain_end(x);
		n = explain_counts(x);
		assert_int_equal(n.lines, 6);
		assert_int_equal(n.explained, 5);
		assert_int_equal(explain_len(x), 3);
		assert_int_equal(explain_at(x, 0)->times, 2);
		assert_int_equal(explain_at(x, 1)->times, 2);
		assert_int_equal(explain_at(x, 2)->times, 1);
		assert_string_equal(explain_at(x, 2)->row->id, "net.refused");
		explain_free(x);
	}
}

/* The frames of a Java stack trace say which side it was. */
static void
frames_tell_the_side(void **state)
{
	static const char trace[] = "javax.net.ssl.SSLHandshakeException: PKIX path validation failed: java.security.cert.CertPathValidatorException: signature check failed\n"
	    "\tat java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)\n"
	    "\tat java.base/sun.security.ssl.CertificateMessage$T13CertificateConsumer.checkClientCerts(CertificateMessage.java:1258)\n";
	struct explain *x = explain_new();

	(void)state;
	explain_feed(x, trace, sizeof trace - 1);
	explain_end(x);
	assert_int_equal(explain_len(x), 1);
	assert_int_equal(explain_at(x, 0)->readings_len, 1);
	assert_int_equal(explain_at(x, 0)->readings[0].about, SIDE_CLIENT);
	assert_int_equal(explain_at(x, 0)->readings[0].causes[0].code, CODE_CLIENT_BAD_CHAIN);
	explain_free(x);
}

/* s_server and s_client name the depth in the line before the reason: above the leaf it is a CA that has expired. */
static void
the_depth_stands_before(void **state)
{
	static const char log[] = "depth=1 O = Lab, CN = Lab Expired Issuing CA\nverify error:num=10:certificate has expired\n"
	    "depth=0 O = Lab, CN = client\nverify error:num=10:certificate has expired\n";
	struct explain *x = explain_new();

	(void)state;
	explain_feed(x, log, sizeof log - 1);
	explain_end(x);
	assert_int_equal(explain_len(x), 2);
	assert_int_equal(explain_at(x, 0)->readings[0].causes[0].code, CODE_CLIENT_INTERMEDIATE_EXPIRED);
	assert_int_equal(explain_at(x, 1)->readings[0].causes[0].code, CODE_CLIENT_EXPIRED);
	explain_free(x);
}

/* More different explanations than are kept: the most telling ones stay, the rest is counted. */
static void
many_different_ones_stay_bounded(void **state)
{
	struct explain *x = explain_new();
	struct buf line = { 0 };

	(void)state;
	for (int i = 0; i < 5000; i++) {
		buf_reset(&line);
		buf_addf(&line, "LOG4[1]: Rejected by CERT at depth=%d: CN=client %d\n", i % 3, i);
		explain_feed(x, line.data, line.len);
	}
	buf_reset(&line);
	buf_adds(&line, "client SSL certificate verify error: (10:certificate has expired) while reading client request headers\n");
	explain_feed(x, line.data, line.len);
	explain_end(x);
	assert_int_equal(explain_len(x), LIMIT_EXPLANATIONS);
	assert_string_equal(explain_at(x, 0)->row->id, "verify.10");
	assert_int_equal(explain_counts(x).more, 5001 - LIMIT_EXPLANATIONS);
	explain_free(x);
	buf_done(&line);
}

/* A line of 50 MB without an end, and bytes of all kinds: bounded, printable. */
static void
hostile_lines(void **state)
{
	struct explain *x = explain_new();
	struct buf page = { 0 };
	static const char hostile[] = "\n\0\xff\x1b[31m alert 48\x07\xe2\x80\xae zzz\n";
	char piece[65536];

	(void)state;
	memset(piece, 'a', sizeof piece);
	explain_feed(x, "curl: (35) ", 11);
	for (int i = 0; i < 800; i++)
		explain_feed(x, piece, sizeof piece);
	explain_feed(x, hostile, sizeof hostile - 1);
	explain_end(x);
	assert_int_equal(explain_counts(x).cut, 1);
	assert_int_equal(explain_len(x), 2);
	explain_page(x, &(struct report_style){ .columns = 80 }, &page);
	for (size_t i = 0; i < page.len; i++)
		assert_true(page.data[i] == '\n' || (unsigned char)page.data[i] >= ' ');
	assert_null(strstr(buf_str(&page), "\xe2\x80\xae"));
	buf_reset(&page);
	explain_json(x, &page);
	cJSON *o = cJSON_Parse(buf_str(&page));
	assert_non_null(o);
	assert_string_equal(cJSON_GetObjectItemCaseSensitive(o, "schema")->valuestring, "mtlscope.explain/1");
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(o, "explanations")), 2);
	cJSON_Delete(o);
	buf_done(&page);
	explain_free(x);
}

/* Lines that repeat a pattern's beginning for ever cost no more than a few tries. */
static void
repeated_beginnings_are_cheap(void **state)
{
	struct explain *x = explain_new();
	struct buf line = { 0 };

	(void)state;
	while (line.len < LIMIT_EXPLAIN_LINE - 100)
		buf_adds(&line, "x509: certificate is valid for alert was received from the remote endpoint asn1 encoding routines ");
	buf_adds(&line, "\n");
	for (int i = 0; i < 200; i++)
		explain_feed(x, line.data, line.len);
	explain_end(x);
	assert_int_equal(explain_counts(x).lines, 200);
	explain_free(x);
	buf_done(&line);
}

/* ---- what is not known ---- */

static const struct {
	const char *text, *nearest;
} unknown[] = {
	{ "the quick brown fox", NULL },
	{ "bad_certificat", "bad_certificate" },
	{ "alert unkown ca", "unknown_ca" },
	{ "alert 300", NULL },
	{ "c_err=0 ca_err=0", "ca_err=…" },
	{ "", NULL },
	{ "254", NULL },
};

static void
unknown_texts_are_said_to_be(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
		struct explain *x = explain_new();
		struct buf page = { 0 };

		explain_text(x, text_of(unknown[i].text));
		if (explain_len(x) != 0)
			fail_msg("“%s” is taken for %s", unknown[i].text, explain_at(x, 0)->row->id);
		if ((unknown[i].nearest == NULL) != (explain_nearest(x) == NULL) ||
		    (unknown[i].nearest != NULL && strcmp(explain_nearest(x), unknown[i].nearest) != 0))
			fail_msg("“%s” is near to “%s”", unknown[i].text, explain_nearest(x) != NULL ? explain_nearest(x) : "nothing");
		explain_page(x, &(struct report_style){ .columns = 80 }, &page);
		/* Nothing, or blanks alone, is not called unknown: there was no text. */
		assert_non_null(strstr(buf_str(&page), explain_counts(x).lines == 0 ? "There is no text to explain" : "not known here"));
		assert_int_equal(strstr(buf_str(&page), "Looked for") != NULL, explain_counts(x).lines != 0);
		buf_done(&page);
		explain_free(x);
	}
}

/* ---- the matcher ---- */

static const struct {
	const char *pattern, *line;
	bool matches;
	const char *captured; /* as "n" */
} patterns[] = {
	{ "alert {n#}", "tls alert 48 came", true, "48" },
	{ "alert {n#}", "tls alert x", false, NULL },
	{ "~alert~", "alerts", false, NULL },
	{ "~alert~", "ALERT", true, NULL },
	{ "valid for {n}, not", "is valid for a, b, not c", true, "a, b" },
	{ "valid for {n}", "is valid for a and b", true, "a and b" },
	{ "matching {n.} found", "matching x.example found.", true, "x.example" },
	{ "code {n%}:", "code 0A0x", false, NULL },
	{ "code {n%}:", "code 0A0000C7:", true, "0A0000C7" },
	{ "^begin", "no begin", false, NULL },
	{ "^begin*end$", "begin and end", true, NULL },
	{ "^begin*end$", "begin and end.", false, NULL },
	{ "aab", "aaab", true, NULL },
	{ "one*two*three", "one three two", false, NULL },
};

static void
the_matcher(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
		struct match m = { .len = 0 };
		bool matches = match_pattern(patterns[i].pattern, text_of(patterns[i].line), &m);

		if (matches != patterns[i].matches)
			fail_msg("“%s” on “%s”", patterns[i].pattern, patterns[i].line);
		if (patterns[i].captured != NULL)
			assert_true(text_equal(match_capture(&m, "n"), text_of(patterns[i].captured)));
	}
	struct match_index *x = match_index_new();
	assert_false(match_index_add(x, "a*b{n}c", 0)); /* nothing of four letters to look for */
	match_index_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_matcher),
		cmocka_unit_test(every_row_is_exercised),
		cmocka_unit_test(every_row_is_whole),
		cmocka_unit_test(logs_of_servers_lead_to_the_cause),
		cmocka_unit_test(texts_of_clients_lead_to_the_cause),
		cmocka_unit_test(direction_matters),
		cmocka_unit_test(every_alert_is_known),
		cmocka_unit_test(lines_of_load_balancers),
		cmocka_unit_test(other_lines_of_load_balancers),
		cmocka_unit_test(what_repeats_is_counted),
		cmocka_unit_test(frames_tell_the_side),
		cmocka_unit_test(the_depth_stands_before),
		cmocka_unit_test(many_different_ones_stay_bounded),
		cmocka_unit_test(hostile_lines),
		cmocka_unit_test(repeated_beginnings_are_cheap),
		cmocka_unit_test(unknown_texts_are_said_to_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
