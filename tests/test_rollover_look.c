/* Measuring a roll-over: what an answer on the wire proves of a service, what a bundle says of a client, and what stays unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/times.h"
#include "probes/rollover_look.h"
#include "tests/engine.h"
#include "tests/program.h"

#define NOT_FOUND "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
#define UNAUTHORIZED "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
#define NGINX_REFUSES "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: 86\r\n\r\n" \
	"<html><head><title>400 The SSL certificate error</title></head><body></body></html>\r\n\r\n"
#define FORBIDDEN "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"

static struct script_pki next; /* the new root and what hangs on it; engine_pki is the old one's. Their names are the same: only keys differ */
static char *folder;

/* ---- certificates and bundles ---- */

static const char *
pem(const struct pki_cert *c)
{
	static struct buf ring[8];
	static size_t turn;
	struct buf *b = &ring[turn++ % 8];
	struct error err = { .code = ERROR_NONE };
	size_t len;
	unsigned char *der = pki_der(c, &len);
	struct cert *parsed = cert_parse(der, len, &err);

	assert_non_null(parsed);
	buf_reset(b);
	cert_pem(parsed, b);
	cert_free(parsed);
	free(der);
	return b->data;
}

/* A file of these certificates; NULL ends. */
static const char *
file_of(const char *name, const struct pki_cert *const certs[])
{
	const char *path = in_folder(folder, name);
	struct buf all = { 0 };

	for (size_t i = 0; certs[i] != NULL; i++)
		buf_adds(&all, pem(certs[i]));
	assert_true(write_file(path, buf_str(&all), all.len));
	buf_done(&all);
	return path;
}

static struct rollover *
begun(enum rollover_way way)
{
	struct rollover *r = rollover_new();
	struct arena *a = r->arena;

	r->id = "x";
	r->way = way;
	r->old_root = (struct rollover_ca){ .arn = "arn:old", .name = "Acme Root CA", .pem = arena_strdup(a, pem(&engine_pki.root)) };
	r->new_root = (struct rollover_ca){ .arn = "arn:new", .name = "Acme Root CA", .pem = arena_strdup(a, pem(&next.root)) };
	r->children = arena_array(a, 1, sizeof *r->children);
	r->children_len = 1;
	r->children[0].old = (struct rollover_ca){ .arn = "arn:issuing", .name = "Acme Issuing CA 1", .pem = arena_strdup(a, pem(&engine_pki.issuing)) };
	r->children[0].twin = (struct rollover_ca){ .arn = "arn:twin", .name = "Acme Issuing CA 1", .pem = arena_strdup(a, pem(&next.issuing)) };
	return r;
}

/* ---- one service ---- */

/* A configuration as it is typed. */
static struct config *
configured(const char *fmt, ...)
{
	struct error err = { .code = ERROR_NONE };
	struct config *c = NULL;
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	assert_true(vasprintf(&text, fmt, ap) > 0);
	va_end(ap);
	assert_true(write_file(in_folder(folder, "config.yaml"), text, strlen(text)));
	free(text);
	if (config_read(in_folder(folder, "config.yaml"), world_real(), &c, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return c;
}

/* Its one entry, and what is to stand behind it. */
static struct config *
one_entry(int port, const char *more)
{
	return configured("fleet:\n  - name: payment\n    target: \"127.0.0.1:%d\"\n    servername: payment.internal\n%s", port, more);
}

static void
measure(struct rollover *r, struct config *c, const struct identity *pass, const char *no_pass)
{
	struct examine_options how = engine_quick();
	struct rollover_look look = { .config = c, .options = &how, .world = world_real(), .pass = pass, .no_pass = no_pass };
	struct error err = { .code = ERROR_NONE };
	size_t gone = 0;

	if (rollover_look(&look, r, &gone, &err) != STATUS_OK)
		fail_msg("%s", err.text);
}

static void
expect(const char *where, const struct rollover *r, const char *name, enum rollover_column column, const char *answer, const char *how)
{
	const struct rollover_service *s = rollover_find(r, name);
	const struct rollover_cell *c;

	assert_non_null(s);
	c = &s->cells[column];
	if (strcmp(rollover_answer_word(c->answer), answer) != 0 || c->how == NULL || strstr(c->how, how) == NULL || c->at == TIME_UNKNOWN)
		fail_msg("%s, column %d: %s, %s; expected %s, %s", where, (int)column, rollover_answer_word(c->answer), c->how != NULL ? c->how : "(no reason)", answer, how);
}

/* ---- as a server ---- */

/* In its request, instead of its own root: these. */
static void
name_cas(SSL_CTX *ctx, const struct pki_cert *one, const struct pki_cert *two)
{
	STACK_OF(X509_NAME) *list = sk_X509_NAME_new_null();

	assert_true(sk_X509_NAME_push(list, X509_NAME_dup(X509_get_subject_name(one->x509))) > 0);
	assert_true(two == NULL || sk_X509_NAME_push(list, X509_NAME_dup(X509_get_subject_name(two->x509))) > 0);
	SSL_CTX_set_client_CA_list(ctx, list);
	SSL_CTX_set_cert_verify_callback(ctx, engine_knows_ours, NULL);
}

/* It lets in who has an issuer, and nobody else. */
static void
judge_issuers(SSL_CTX *ctx, const struct script *s)
{
	(void)s;
	SSL_CTX_set_cert_verify_callback(ctx, engine_knows_ours, NULL);
}

static void
name_the_root(SSL_CTX *ctx, const struct script *s)
{
	(void)s;
	name_cas(ctx, &engine_pki.server, &next.root);
}

static void
name_the_issuing_ca(SSL_CTX *ctx, const struct script *s)
{
	(void)s;
	name_cas(ctx, &next.issuing, NULL);
}

static void
name_others(SSL_CTX *ctx, const struct script *s)
{
	(void)s;
	name_cas(ctx, &engine_pki.server, NULL);
}

static const struct {
	const char *about;
	struct script script;
	const char *answer, *how;
	const char *bundle; /* "old", "new", "neither": what its file holds; NULL: none is configured */
} servers[] = {
	{ "lets it in", { .serve = serve_http, .verify = ENGINE_MUST, .answer = ENGINE_OK, .prepare = judge_issuers }, "YES", "lets in", NULL },
	/* rejectUnauthorized: false, optional_no_ca, RequestClientCert: anybody gets so far, and who is let in is decided further inside. */
	{ "lets everybody in", { .serve = serve_http, .verify = ENGINE_MUST, .answer = ENGINE_OK }, "??", "that nobody issued", NULL },
	{ "lets it in, and its file has it", { .serve = serve_http, .verify = ENGINE_MUST, .answer = ENGINE_OK }, "YES", "lets in", "new" },
	/* It let it in by what it read once: with its next start that is over. */
	{ "lets it in, and its file lacks it", { .serve = serve_http, .verify = ENGINE_MUST, .answer = ENGINE_OK }, "NO", "once it reads it again", "old" },
	/* nginx with ssl_trusted_certificate: trusted, and not named. We send ours whatever the list says; Java, Go and .NET do not. */
	{ "names it", { .serve = serve_http, .verify = ENGINE_MUST, .answer = ENGINE_OK, .prepare = name_the_root }, "YES", "lets in", NULL },
	{ "names what issues", { .serve = serve_http, .verify = ENGINE_MUST, .answer = ENGINE_OK, .prepare = name_the_issuing_ca }, "YES", "lets in", NULL },
	{ "names others only", { .serve = serve_http, .verify = ENGINE_MUST, .answer = ENGINE_OK, .prepare = name_others }, "??", "does not name that root", NULL },
	{ "does not know the CA", { .serve = serve_http, .verify = ENGINE_MUST, .error = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, .answer = ENGINE_OK },
	    "NO", "alert 48", NULL },
	{ "was not reloaded", { .serve = serve_http, .verify = ENGINE_MUST, .error = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, .answer = ENGINE_OK },
	    "NO", "was it reloaded?", "new" },
	{ "is of another root", { .serve = serve_http, .verify = ENGINE_MUST, .error = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, .answer = ENGINE_OK },
	    "-", "neither root", "neither" },
	{ "refuses for its clock", { .serve = serve_http, .verify = ENGINE_MUST, .error = X509_V_ERR_CERT_HAS_EXPIRED, .answer = ENGINE_OK },
	    "??", "perhaps for another reason", NULL },
	/* Go, Java and gnutls-serv say it in other words, and nginx by HTTP. */
	{ "a bad certificate, it says", { .serve = serve_http, .verify = ENGINE_MUST, .error = X509_V_ERR_CERT_NOT_YET_VALID, .answer = ENGINE_OK }, "NO", "alert 42", NULL },
	{ "nginx", { .serve = serve_http, .verify = ENGINE_MUST, .answer = NGINX_REFUSES }, "NO", "HTTP 400", NULL },
	{ "a close without a word", { .serve = serve_silent_refusal, .verify = ENGINE_MUST }, "??", "another reason", NULL },
	{ "401", { .serve = serve_http, .verify = ENGINE_MUST, .answer = UNAUTHORIZED }, "??", "", NULL },
	{ "403", { .serve = serve_http, .verify = ENGINE_MUST, .answer = FORBIDDEN }, "??", "another reason", NULL },
	{ "404", { .serve = serve_http, .verify = ENGINE_MUST, .answer = NOT_FOUND }, "??", "HTTP 404", NULL },
	{ "404, and its file lacks it", { .serve = serve_http, .verify = ENGINE_MUST, .answer = NOT_FOUND }, "NO", "does not hold the new root", "old" },
	{ "404, and its file has it", { .serve = serve_http, .verify = ENGINE_MUST, .answer = NOT_FOUND }, "??", "HTTP 404", "new" },
	{ "asks for none", { .serve = serve_http, .verify = SSL_VERIFY_NONE, .answer = ENGINE_OK }, "??", "asks for no client certificate", NULL },
	{ "closes on the request", { .serve = serve_read_close, .verify = ENGINE_MUST }, "??", "", NULL },
	{ "is no TLS", { .serve = serve_bytes, .bytes = "SSH-2.0-x\r\n", .bytes_len = 11 }, "??", "no handshake", NULL },
};

static const char *
bundle_named(const char *what)
{
	const struct pki_cert *one = what == NULL ? NULL : strcmp(what, "old") == 0 ? &engine_pki.root : strcmp(what, "new") == 0 ? &next.root : &engine_pki.server;

	return one != NULL ? file_of("bundle.pem", (const struct pki_cert *const[]){ one, NULL }) : NULL;
}

static void
as_a_server(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++) {
		struct script script = servers[i].script;
		struct script_server *server;
		struct config *c;
		struct rollover *r = begun(ROLLOVER_CROSS);
		const char *serves = servers[i].bundle != NULL ? arena_printf(r->arena, "    serves: {trust: %s}\n", bundle_named(servers[i].bundle)) : "";

		script.pki = &engine_pki;
		server = script_server_start(&script);
		c = one_entry(script_server_port(server), serves);
		measure(r, c, next.identity, NULL);
		expect(servers[i].about, r, "payment", ROLLOVER_SERVER, servers[i].answer, servers[i].how);
		config_free(c);
		script_server_stop(server);
		rollover_free(r);
	}
}

static void
nobody_there(void **state)
{
	struct config *c = one_entry(reserve_port(), "");
	struct rollover *r = begun(ROLLOVER_CROSS);

	(void)state;
	measure(r, c, next.identity, NULL);
	expect("nobody listens", r, "payment", ROLLOVER_SERVER, "??", "net.refused");
	expect("nobody listens", r, "payment", ROLLOVER_SENDS, "??", "no certificate");
	/* No certificate to show: nothing is said of it, whatever it answers. */
	measure(r, c, NULL, "the key lies on bastion-9");
	expect("no certificate", r, "payment", ROLLOVER_SERVER, "??", "bastion-9");
	config_free(c);
	rollover_free(r);
}

/* payment.internal leads to these two, the first one first. */
static struct rollover *
measured_at(const struct config *c, int port, const char *first, const char *second)
{
	const char *addresses[] = { first, second, NULL };
	struct redirect to = { .host = "payment.internal", .port = (uint16_t)port, .addresses = (char **)(uintptr_t)addresses };
	struct examine_options how = engine_quick();
	struct rollover_look look = { .config = c, .options = &how, .world = world_real(), .pass = next.identity };
	struct rollover *r = begun(ROLLOVER_CROSS);
	struct error err = { .code = ERROR_NONE };
	size_t gone;

	how.redirects = &to;
	how.redirects_len = 1;
	if (rollover_look(&look, r, &gone, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return r;
}

/* Two instances behind one name, and one of them is as it was, or down: whichever answers first, that one counts. */
static void
several_addresses(void **state)
{
	static const char *const turns[][2] = { { "127.0.0.1", "127.0.0.2" }, { "127.0.0.2", "127.0.0.1" } };
	int port = reserve_port();
	struct script old = { .serve = serve_http, .verify = ENGINE_MUST, .error = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, .answer = ENGINE_OK, .pki = &engine_pki,
		.port = port };
	struct script new = { .serve = serve_http, .verify = ENGINE_MUST, .answer = ENGINE_OK, .pki = &next, .address = "127.0.0.2", .port = port,
		.prepare = judge_issuers };
	struct script_server *one = script_server_start(&old), *two = script_server_start(&new);
	struct config *c = configured("fleet:\n  - name: payment\n    target: \"payment.internal:%d\"\n", port);
	struct rollover *r;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		r = measured_at(c, port, turns[i][0], turns[i][1]);
		expect("one of two", r, "payment", ROLLOVER_SERVER, "NO", i == 0 ? "alert 48" : "at 127.0.0.1:");
		expect("one of two", r, "payment", ROLLOVER_SENDS, "NO", "leads to the old root");
		rollover_free(r);
	}
	script_server_stop(one);
	for (size_t i = 0; i < 2; i++) {
		r = measured_at(c, port, turns[i][0], turns[i][1]);
		expect("one is down", r, "payment", ROLLOVER_SERVER, "??", "at 127.0.0.1:");
		rollover_free(r);
	}
	config_free(c);
	script_server_stop(two);
}

/* "localhost" is this machine by two addresses: what is nobody's there is no instance. */
static void
by_the_name_localhost(void **state)
{
	struct script script = { .serve = serve_http, .verify = ENGINE_MUST, .answer = ENGINE_OK, .pki = &next, .prepare = judge_issuers };
	struct script_server *server = script_server_start(&script);
	struct config *c = configured("fleet:\n  - name: payment\n    target: \"localhost:%d\"\n    servername: payment.internal\n", script_server_port(server));
	struct rollover *r = begun(ROLLOVER_CROSS);

	(void)state;
	measure(r, c, next.identity, NULL);
	expect("localhost", r, "payment", ROLLOVER_SERVER, "YES", "lets in");
	config_free(c);
	script_server_stop(server);
	rollover_free(r);
}

/* ---- what it sends ---- */

static void
what_a_service_sends(void **state)
{
	static const struct {
		bool of_next;
		enum rollover_way way;
		const char *answer, *how;
	} cases[] = {
		{ false, ROLLOVER_CROSS, "NO", "leads to the old root" },
		{ true, ROLLOVER_CROSS, "YES", "leads to the new root" },
		{ false, ROLLOVER_SAME_KEY, "-", "the root's key stays" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct script script = { .serve = serve_http, .verify = ENGINE_MUST, .answer = ENGINE_OK, .pki = cases[i].of_next ? &next : &engine_pki };
		struct script_server *server = script_server_start(&script);
		struct config *c = one_entry(script_server_port(server), "");
		struct rollover *r = begun(cases[i].way);

		measure(r, c, next.identity, NULL);
		expect("sends", r, "payment", ROLLOVER_SENDS, cases[i].answer, cases[i].how);
		if (!cases[i].of_next)
			assert_string_equal(rollover_find(r, "payment")->issuer, "arn:issuing");
		else
			assert_null(rollover_find(r, "payment")->issuer);
		config_free(c);
		script_server_stop(server);
		rollover_free(r);
	}
}

static void
sends_what(const char *about, X509 *instead, const char *more, const char *answer, const char *how)
{
	struct script script = { .serve = serve_http, .verify = ENGINE_MUST, .answer = ENGINE_OK, .pki = &next, .certificate = instead };
	struct script_server *server = script_server_start(&script);
	struct config *c = one_entry(script_server_port(server), more);
	struct rollover *r = begun(ROLLOVER_CROSS);

	measure(r, c, next.identity, NULL);
	expect(about, r, "payment", ROLLOVER_SENDS, answer, how);
	config_free(c);
	script_server_stop(server);
	rollover_free(r);
}

/* It is a client too, with another certificate: that one may hang on the old root when the server's does not any more. */
static void
what_it_sends_as_a_client(void **state)
{
	struct arena *a = arena_new();
	const char *old = file_of("client-old.pem", (const struct pki_cert *const[]){ &engine_pki.client, &engine_pki.issuing, NULL });
	const char *new = file_of("client-new.pem", (const struct pki_cert *const[]){ &next.client, &next.issuing, NULL });

	(void)state;
	sends_what("both are new", NULL, arena_printf(a, "identities:\n  - {name: payment, cert: %s}\n", new), "YES", "leads to the new root");
	sends_what("its client's is old", NULL, arena_printf(a, "identities:\n  - {name: payment, cert: %s}\n", old), "NO", "client-old.pem holds a chain that leads to the old");
	sends_what("its client's is not there", NULL, "identities:\n  - {name: payment, cert: /nowhere/own.pem}\n", "??", "cannot be read here");
	/* Another's identity is none of its. */
	sends_what("another's", NULL, arena_printf(a, "identities:\n  - {name: order-service, cert: %s}\n", old), "YES", "leads to the new root");
	arena_free(a);
}

/* A chain that ends before any root may be of the old one: CAs further down and of other accounts are not known here. */
static void
a_chain_that_just_ends(void **state)
{
	struct script_pki far = script_pki_make(PKI_P256);
	struct rollover *r = begun(ROLLOVER_CROSS);
	const char *leaf = file_of("leaf.pem", (const struct pki_cert *const[]){ &far.client, NULL });
	const char *whole = file_of("whole.pem", (const struct pki_cert *const[]){ &far.client, &far.issuing, &far.root, NULL });
	struct config *c = configured("identities:\n  - {name: leaf, cert: %s}\n  - {name: whole, cert: %s}\n", leaf, whole);

	(void)state;
	measure(r, c, next.identity, NULL);
	expect("the leaf alone", r, "leaf", ROLLOVER_SENDS, "??", "ends before any root");
	expect("with its own root", r, "whole", ROLLOVER_SENDS, "-", "neither root");
	config_free(c);
	rollover_free(r);
	script_pki_done(&far);
}

/* ---- as a client ---- */

static void
as_a_client(void **state)
{
	const struct {
		const char *about;
		const struct pki_cert *certs[4];
		const char *answer, *keeps;
	} cases[] = {
		{ "both", { &engine_pki.root, &next.root }, "YES", "YES" },
		{ "the new one", { &next.root }, "YES", "NO" },
		{ "the old one", { &engine_pki.root }, "NO", "YES" },
		/* It trusts what issues, as Go and Java let it: that is of the old root too. */
		{ "a CA below the old one", { &engine_pki.issuing }, "NO", "NO" },
		{ "another's", { &engine_pki.server }, "-", "NO" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rollover *r = begun(ROLLOVER_NEW);
		const char *own = file_of("own.pem", (const struct pki_cert *const[]){ &engine_pki.client, &engine_pki.issuing, NULL });
		struct config *c = configured("identities:\n  - {name: order-service, cert: %s, trust: %s}\n", own, file_of("trust.pem", cases[i].certs));

		measure(r, c, next.identity, NULL);
		expect(cases[i].about, r, "order-service", ROLLOVER_CLIENT, cases[i].answer, "trust.pem");
		expect(cases[i].about, r, "order-service", ROLLOVER_KEEPS, cases[i].keeps, "");
		expect(cases[i].about, r, "order-service", ROLLOVER_SERVER, "-", "no server");
		expect(cases[i].about, r, "order-service", ROLLOVER_SENDS, "NO", "leads to the old root");
		config_free(c);
		rollover_free(r);
	}
}

static void
what_is_not_known_of_a_client(void **state)
{
	int port = reserve_port();
	struct config *c;
	struct rollover *r = begun(ROLLOVER_SAME_KEY);

	(void)state;
	assert_true(write_file(in_folder(folder, "text.pem"), "no certificate\n", 15));
	/* payment is both: the identity is the client's side of the entry. */
	c = configured("identities:\n  - {name: no-file, cert: /nowhere/own.pem, trust: /nowhere/root.pem}\n  - {name: not-said, cert: /nowhere/own.pem}\n"
	    "  - {name: in-aws, secret: payments, aws: prod}\n  - {name: no-bundle, cert: /nowhere/own.pem, trust: text.pem}\n"
	    "  - {name: payment, cert: /nowhere/own.pem, trust: /nowhere/root.pem}\n  - {name: caller, cert: /nowhere/own.pem}\n"
	    "  - {name: kept, secret: kept, aws: prod}\naws:\n  - {name: prod, region: us-east-1}\nfleet:\n"
	    "  - {name: payment, target: \"127.0.0.1:%d\"}\n  - {name: ledger, target: \"127.0.0.1:%d\", serves: {cert: /x, key: /x, trust: /nowhere/t}}\n"
	    "  - {name: bare, target: \"127.0.0.1:%d\"}\n"
	    "  - {name: caller, target: \"127.0.0.1:%d\", serves: {cert: /x, key: /x, trust: /nowhere/t}}\n"
	    "  - {name: kept, target: \"127.0.0.1:%d\", serves: {cert: /x, key: /x, trust: /nowhere/t}}\n", port, port, port, port, port);
	rollover_measured(r, rollover_service(r, "left the fleet"), ROLLOVER_SERVER, ROLLOVER_YES, 1, "it lets it in");
	measure(r, c, NULL, "the wire does not show it");
	expect("no file", r, "no-file", ROLLOVER_CLIENT, "??", "cannot be read here");
	expect("no file", r, "no-file", ROLLOVER_KEEPS, "??", "cannot be read here");
	expect("not said", r, "not-said", ROLLOVER_CLIENT, "??", "not configured");
	expect("in AWS", r, "in-aws", ROLLOVER_CLIENT, "??", "AWS");
	expect("no bundle", r, "no-bundle", ROLLOVER_CLIENT, "??", "cannot be read here");
	expect("by the identity of its name", r, "payment", ROLLOVER_CLIENT, "??", "cannot be read here");
	expect("it calls nobody", r, "ledger", ROLLOVER_CLIENT, "-", "names no upstreams");
	expect("it calls nobody", r, "ledger", ROLLOVER_SERVER, "??", "cannot be read here");
	expect("it calls as somebody", r, "caller", ROLLOVER_CLIENT, "??", "it calls others");
	expect("it calls as somebody whom AWS keeps", r, "kept", ROLLOVER_CLIENT, "??", "AWS");
	expect("it calls as somebody whom AWS keeps", r, "kept", ROLLOVER_KEEPS, "??", "");
	expect("nothing is said", r, "bare", ROLLOVER_CLIENT, "??", "not configured");
	expect("nothing is said", r, "bare", ROLLOVER_SERVER, "??", "the wire does not show it");
	expect("it left", r, "left the fleet", ROLLOVER_SERVER, "??", "not in the configuration here");
	/* Once for the entry, not for its identity as well; and who left. */
	assert_int_equal(r->services_len, 10);
	config_free(c);
	rollover_free(r);
}

/* ---- what AWS keeps ---- */

static bool
fetched(void *user, const struct config_identity *i, struct identity **sends, struct trust **trusts, const char **why)
{
	struct script_pki *of = user;

	if (strcmp(i->name, "refused") == 0) {
		*why = "AWS refuses to read it";
		return false;
	}
	*sends = identity_ref(of->identity);
	if (strcmp(i->name, "no-root") != 0)
		*trusts = trust_ref(of->trust);
	return true;
}

static void
an_identity_that_aws_keeps(void **state)
{
	struct config *c = configured("aws:\n  - {name: prod, region: us-east-1}\nidentities:\n  - {name: payments, secret: payments, aws: prod}\n"
	    "  - {name: no-root, parameter: /x, aws: prod}\n  - {name: refused, secret: y, aws: prod}\n");
	struct rollover *r = begun(ROLLOVER_CROSS);
	struct examine_options how = engine_quick();
	struct rollover_look look = { .config = c, .options = &how, .world = world_real(), .fetch = fetched, .fetch_user = &engine_pki };
	struct error err = { .code = ERROR_NONE };
	size_t gone;

	(void)state;
	assert_int_equal(rollover_look(&look, r, &gone, &err), STATUS_OK);
	expect("of the old root", r, "payments", ROLLOVER_CLIENT, "NO", "its secret holds the old root");
	expect("of the old root", r, "payments", ROLLOVER_SENDS, "NO", "leads to the old root");
	expect("of the old root", r, "payments", ROLLOVER_KEEPS, "YES", "its secret");
	expect("no root beside it", r, "no-root", ROLLOVER_CLIENT, "??", "no root is kept beside it");
	expect("no root beside it", r, "no-root", ROLLOVER_SENDS, "NO", "its parameter");
	expect("refused", r, "refused", ROLLOVER_CLIENT, "??", "AWS refuses");
	expect("refused", r, "refused", ROLLOVER_SENDS, "??", "AWS refuses");
	look.fetch_user = &next;
	assert_int_equal(rollover_look(&look, r, &gone, &err), STATUS_OK);
	expect("of the new root", r, "payments", ROLLOVER_CLIENT, "YES", "its secret holds the new root");
	expect("of the new root", r, "payments", ROLLOVER_SENDS, "YES", "leads to the new root");
	expect("of the new root", r, "payments", ROLLOVER_KEEPS, "NO", "do not hold");
	config_free(c);
	rollover_free(r);
}

/* A document whose certificates are damaged is no ground to measure on. */
static void
a_damaged_root(void **state)
{
	struct rollover *r = begun(ROLLOVER_CROSS);
	struct examine_options how = engine_quick();
	struct config *c = one_entry(1, "");
	struct rollover_look look = { .config = c, .options = &how, .world = world_real() };
	struct error err = { .code = ERROR_NONE };
	size_t gone;

	(void)state;
	r->old_root.pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
	assert_int_equal(rollover_look(&look, r, &gone, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_INPUT);
	assert_non_null(strstr(err.text, "the roll-over's old root"));
	config_free(c);
	rollover_free(r);
}

static int
set_up(void **state)
{
	folder = make_folder();
	engine_set_up(state);
	next = script_pki_make(PKI_P256);
	return 0;
}

static int
tear_down(void **state)
{
	script_pki_done(&next);
	remove_folder(folder);
	return engine_tear_down(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_a_server),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(several_addresses),
		cmocka_unit_test(by_the_name_localhost),
		cmocka_unit_test(what_a_service_sends),
		cmocka_unit_test(what_it_sends_as_a_client),
		cmocka_unit_test(a_chain_that_just_ends),
		cmocka_unit_test(as_a_client),
		cmocka_unit_test(what_is_not_known_of_a_client),
		cmocka_unit_test(an_identity_that_aws_keeps),
		cmocka_unit_test(a_damaged_root),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
