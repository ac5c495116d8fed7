/*
 * One examination and what it asks beside its handshakes: what is found is proved, how polite it is with one target
 * and with many, and that nobody's silence holds up a verdict. Real handshakes, a real web server.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/ocsp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/pki_files.h"
#include "model/cert_openssl.h"
#include "model/limits.h"
#include "model/memory.h"
#include "tests/engine.h"
#include "tests/program.h"
#include "tests/web_server.h"

enum { TARGETS = 12, SLACK_MS = 1500 };

static struct web_page pages[] = {
	{ .path = "/issuing.cer" },
	{ .path = "/wrong.cer" }, /* a CA, and not the one that is wanted */
	{ .path = "/hangs", .how = WEB_HANGS },
	{ .path = "/list.crl" },
	{ .path = "/ocsp", .status = "500 Broken" },
	{ .path = "/clients.cer" },
	{ 0 },
};
static struct web_server *web;
static struct pki_cert leaf_aia, leaf_wrong, leaf_hangs, leaf_list, leaf_dead_list, client_ca, client_aia;
static unsigned char *issuing_der, *wrong_der, *clients_der, *list_der;
static char *folder;

static const char *
url(const char *path)
{
	static char urls[8][128];
	static size_t next;
	char *out = urls[next++ % 8];

	snprintf(out, sizeof urls[0], "http://127.0.0.1:%d%s", web_port(web), path);
	return out;
}

static struct pki_cert
server_with(const char *aia, const char *ocsp, const char *crl)
{
	static const char *const names[] = { "DNS:payment.internal", NULL };
	const struct pki_request r = { .cn = "payment.internal", .san = names, .key_usage = "critical,digitalSignature", .eku = "serverAuth",
		.aia = aia, .ocsp = ocsp, .crl = crl };

	return pki_issue(&r, &engine_pki.issuing);
}

/* Of the issuing CA, with the leaf of leaf_list on it. */
static unsigned char *
make_list(size_t *len)
{
	X509_CRL *crl = X509_CRL_new();
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_TIME *t = ASN1_TIME_new();
	unsigned char *der = NULL;
	int size;

	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(engine_pki.issuing.x509));
	X509_gmtime_adj(t, -3600);
	X509_CRL_set1_lastUpdate(crl, t);
	X509_REVOKED_set_revocationDate(entry, t);
	X509_gmtime_adj(t, 86400);
	X509_CRL_set1_nextUpdate(crl, t);
	X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(leaf_list.x509));
	X509_CRL_add0_revoked(crl, entry);
	assert_true(X509_CRL_sign(crl, engine_pki.issuing.key, EVP_sha256()) > 0);
	size = i2d_X509_CRL(crl, &der);
	assert_true(size > 0);
	*len = (size_t)size;
	ASN1_TIME_free(t);
	X509_CRL_free(crl);
	return der;
}

static int
set_up(void **state)
{
	const struct pki_request client = { .cn = "order-service", .key_usage = "critical,digitalSignature", .eku = "clientAuth" };
	const struct pki_request its_ca = { .cn = "Clients CA", .ca = true, .key_usage = "critical,keyCertSign,cRLSign" };
	struct pki_request with_aia = client;

	engine_set_up(state);
	folder = make_folder();
	issuing_der = pki_der(&engine_pki.issuing, &pages[0].len);
	wrong_der = pki_der(&engine_pki.root, &pages[1].len);
	client_ca = pki_issue(&its_ca, &engine_pki.root);
	clients_der = pki_der(&client_ca, &pages[5].len);
	pages[5].body = clients_der;
	pages[0].body = issuing_der;
	pages[1].body = wrong_der;
	web = web_start(pages);
	leaf_aia = server_with(url("/issuing.cer"), NULL, NULL);
	leaf_wrong = server_with(url("/wrong.cer"), NULL, NULL);
	leaf_hangs = server_with(NULL, url("/hangs"), NULL);
	leaf_list = server_with(NULL, url("/ocsp"), url("/list.crl"));
	leaf_dead_list = server_with(NULL, NULL, url("/hangs"));
	with_aia.aia = url("/clients.cer");
	client_aia = pki_issue(&with_aia, &client_ca);
	list_der = make_list(&pages[3].len);
	pages[3].body = list_der;
	return folder == NULL;
}

static int
tear_down(void **state)
{
	struct pki_cert *all[] = { &leaf_aia, &leaf_wrong, &leaf_hangs, &leaf_list, &leaf_dead_list, &client_ca, &client_aia };

	web_stop(web);
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		pki_cert_free(all[i]);
	free(issuing_der);
	free(wrong_der);
	free(clients_der);
	OPENSSL_free(list_der);
	remove_folder(folder);
	return engine_tear_down(state);
}

/* The leaf alone where `alone`, else with its issuing CA. */
static void
show_leaf(SSL_CTX *ctx, const struct script *s)
{
	STACK_OF(X509) *nothing = sk_X509_new_null();

	assert_int_equal(SSL_CTX_use_cert_and_key(ctx, s->certificate, s->key, nothing, 1), 1);
	sk_X509_free(nothing);
}

static void
show_chain(SSL_CTX *ctx, const struct script *s)
{
	STACK_OF(X509) *above = sk_X509_new_null();

	sk_X509_push(above, s->pki->issuing.x509);
	assert_int_equal(SSL_CTX_use_cert_and_key(ctx, s->certificate, s->key, above, 1), 1);
	sk_X509_free(above);
}

static struct script
serving(const struct pki_cert *leaf, bool alone)
{
	return (struct script){ .pki = &engine_pki, .serve = serve_http, .prepare = alone ? show_leaf : show_chain, .tickets = -1,
		.answer = ENGINE_OK, .key = leaf->key, .certificate = leaf->x509 };
}

/* In full, not quick; *ms: how long it took. */
static struct examination *
examine(const struct script *s, const struct identity *id, bool quick, unsigned max_time_ms, double *ms)
{
	struct script_server *server = script_server_start(s);
	struct examine_options opt = examine_defaults;
	uint64_t began = world_real()->ticks_us(world_real()->self);
	struct examination *x;

	opt.quick = quick;
	if (max_time_ms != 0)
		opt.max_time_ms = max_time_ms;
	x = engine_examine_at(script_server_port(server), &opt, id, true);
	if (ms != NULL)
		*ms = (double)(world_real()->ticks_us(world_real()->self) - began) / 1000;
	script_server_stop(server);
	return x;
}

/* What is found is the certificate that is lacking, and says where it was. */
static void
the_missing_ca_is_fetched(void **state)
{
	struct script s = serving(&leaf_aia, true);
	struct examination *x = examine(&s, NULL, false, 0, NULL);
	const struct evidence *e = x->evidence;

	(void)state;
	assert_int_equal(e->found_len, 1);
	assert_string_equal(e->found[0].source, "aia");
	assert_string_equal(e->found[0].where, url("/issuing.cer"));
	assert_int_equal(x->diagnosis->root->code, CODE_CHAIN_MISSING_INTERMEDIATE);
	assert_int_equal(x->diagnosis->root->confidence, CONFIDENCE_CERTAIN);
	assert_non_null(strstr(x->diagnosis->root->why, "It was found at http://127.0.0.1:"));
	assert_int_equal(e->fetches_len, 1);
	assert_int_equal(e->fetches[0].status, 200);
	examination_free(x);
}

/* A CA of another name or key is not taken for it, whoever serves it. */
static void
what_does_not_fit_is_not_found(void **state)
{
	struct script s = serving(&leaf_wrong, true);
	struct examination *x = examine(&s, NULL, false, 0, NULL);

	(void)state;
	assert_int_equal(x->evidence->found_len, 0);
	assert_int_equal(x->evidence->fetches_len, 1);
	assert_int_equal(x->diagnosis->root->code, CODE_CHAIN_MISSING_INTERMEDIATE);
	assert_non_null(strstr(x->diagnosis->root->why, "another CA"));
	examination_free(x);
}

static void
never_when_quick(void **state)
{
	struct script s = serving(&leaf_aia, true);
	int before = web_visits(web);
	struct examination *x = examine(&s, NULL, true, 0, NULL);

	(void)state;
	assert_int_equal(x->evidence->fetches_len, 0);
	assert_int_equal(web_visits(web), before);
	examination_free(x);
}

/* The list is asked where the responder does not tell. */
static void
a_broken_responder_and_a_list(void **state)
{
	struct script s = serving(&leaf_list, false);
	struct examination *x = examine(&s, NULL, false, 0, NULL);

	(void)state;
	assert_int_equal(x->evidence->fetches_len, 2);
	assert_int_equal(x->evidence->fetches[0].kind, FETCH_OCSP);
	assert_int_equal(x->evidence->fetches[0].status, 500);
	assert_int_equal(x->evidence->fetches[1].kind, FETCH_CRL);
	assert_int_equal(x->diagnosis->root->code, CODE_CERT_REVOKED);
	examination_free(x);
}

/* A list that is not there, and the same at the next address: that one tells. What is no http is passed over. */
static void
the_next_address(void **state)
{
	char crl[512];
	struct pki_cert leaf;
	struct script s;
	struct examination *x;

	(void)state;
	/* In the form of OpenSSL's configuration, where a comma begins the next one. */
	snprintf(crl, sizeof crl, "ldap://dc1.internal/x,URI:%s,URI:%s", url("/gone"), url("/list.crl"));
	leaf = server_with(NULL, NULL, crl);
	s = serving(&leaf, false);
	x = examine(&s, NULL, false, 0, NULL);
	assert_int_equal(x->evidence->fetches_len, 2);
	assert_int_equal(x->evidence->fetches[0].status, 404);
	assert_int_equal(x->evidence->fetches[1].status, 200);
	assert_int_equal(x->evidence->revocations_len, 1);
	assert_int_equal(x->evidence->revocations[0].status, REVOCATION_GOOD);
	assert_null(diagnosis_find(x->diagnosis, CODE_CERT_REVOCATION_UNKNOWN));
	examination_free(x);
	pki_cert_free(&leaf);
}

/* Only ldap: nothing is asked, which is listed, and says nothing about the certificate. */
static void
no_http_at_all(void **state)
{
	struct pki_cert leaf = server_with(NULL, NULL, "ldap://dc1.internal/x");
	struct script s = serving(&leaf, false);
	struct examination *x = examine(&s, NULL, false, 0, NULL);

	(void)state;
	assert_int_equal(x->evidence->fetches_len, 1);
	assert_true(x->evidence->fetches[0].refused);
	assert_int_equal(x->evidence->revocations_len, 0);
	assert_null(diagnosis_find(x->diagnosis, CODE_CERT_REVOCATION_UNKNOWN));
	examination_free(x);
	pki_cert_free(&leaf);
}

/* Silence costs no more than its limit, and changes nothing but that it is said. */
static void
nobody_waits_long(void **state)
{
	struct script s = serving(&leaf_hangs, false);
	struct examination *x, *quick = examine(&s, engine_pki.identity, true, 0, NULL);
	double ms;

	(void)state;
	x = examine(&s, engine_pki.identity, false, 0, &ms);
	assert_true(ms >= LIMIT_FETCH_MS - 200 && ms < LIMIT_FETCH_MS + SLACK_MS);
	assert_false(x->cancelled);
	assert_int_equal(x->evidence->handshakes[0]->outcome, quick->evidence->handshakes[0]->outcome);
	assert_int_equal(x->evidence->revocations_len, 1);
	assert_int_equal(x->evidence->revocations[0].doubt, REVOCATION_NOT_HAD);
	assert_non_null(diagnosis_find(x->diagnosis, CODE_CERT_REVOCATION_UNKNOWN));
	examination_free(x);
	examination_free(quick);
}

static void
within_the_targets_own_time(void **state)
{
	struct script s = serving(&leaf_hangs, false);
	struct examination *x;
	double ms;

	(void)state;
	x = examine(&s, NULL, false, 700, &ms);
	assert_true(ms < 700 + SLACK_MS);
	assert_non_null(diagnosis_find(x->diagnosis, CODE_CERT_REVOCATION_UNKNOWN));
	examination_free(x);
}

/* Many targets of one CA: its list once, no responder for any of them. */
static void
many_ask_once(void **state)
{
	struct script s = serving(&leaf_list, false);
	struct script_server *server = script_server_start(&s);
	struct examine_options opt = examine_defaults;
	struct examiner *examiner = engine_start(&opt);
	int before = web_visits(web);
	struct target t;

	(void)state;
	engine_aim(&t, script_server_port(server));
	examiner_many(examiner, true);
	for (int i = 0; i < TARGETS; i++)
		examiner_add(examiner, &t, NULL, engine_pki.trust, NULL);
	for (int i = 0; i < TARGETS; i++) {
		struct examination *x = examiner_next(examiner, -1);

		assert_non_null(x);
		assert_int_equal(x->diagnosis->root->code, CODE_CERT_REVOKED);
		assert_int_equal(x->evidence->fetches_len, 1);
		assert_int_equal(x->evidence->fetches[0].kind, FETCH_CRL);
		examination_free(x);
	}
	assert_int_equal(web_visits(web) - before, 1);
	examiner_free(examiner);
	target_done(&t);
	script_server_stop(server);
}

/* Cancelled while it waits for somebody who is silent: what is there is handed over at once. */
static void
cancelled_while_it_waits(void **state)
{
	struct script s = serving(&leaf_dead_list, false);
	struct script_server *server = script_server_start(&s);
	struct examine_options opt = examine_defaults;
	struct examiner *examiner;
	int before = web_visits(web);
	struct examination *x;
	struct target t;
	uint64_t began;

	(void)state;
	opt.loops = 1;
	examiner = engine_start(&opt);
	engine_aim(&t, script_server_port(server));
	examiner_add(examiner, &t, NULL, engine_pki.trust, NULL);
	while (web_visits(web) == before)
		assert_null(examiner_next(examiner, 10));
	began = world_real()->ticks_us(world_real()->self);
	examiner_cancel(examiner);
	x = examiner_next(examiner, -1);
	assert_non_null(x);
	assert_true(x->cancelled);
	assert_non_null(x->diagnosis);
	assert_true((world_real()->ticks_us(world_real()->self) - began) / 1000 < SLACK_MS);
	assert_int_equal(x->evidence->handshakes[0]->server_certs_len, 2);
	examination_free(x);
	examiner_free(examiner);
	target_done(&t);
	script_server_stop(server);
}

static struct identity *
identity_in(const char *name)
{
	char cert[512], key[512];
	const struct pki_cert *chain[] = { &client_aia };
	struct identity *id = NULL;
	struct error err = { 0 };

	snprintf(cert, sizeof cert, "%s/%s.crt", folder, name);
	snprintf(key, sizeof key, "%s/%s.key", folder, name);
	assert_true(pki_write_certs(cert, chain, 1));
	assert_true(pki_write_key(key, client_aia.key, NULL));
	if (identity_load(&(struct identity_source){ .cert = cert, .key = key }, &id, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return id;
}

static struct script
refusing_without_issuer(void)
{
	struct script s = serving(&engine_pki.server, false);

	s.verify = ENGINE_MUST;
	s.error = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
	return s;
}

/* What our chain lacks lies beside it: nobody outside is asked, and it goes out in the experiment. */
static void
the_file_beside_ours(void **state)
{
	const struct pki_cert *ca[] = { &client_ca };
	struct script s = refusing_without_issuer();
	int before = web_visits(web);
	char path[512];
	struct identity *id;
	struct examination *x;
	const struct handshake *with;

	(void)state;
	snprintf(path, sizeof path, "%s/ca.pem", folder);
	assert_true(pki_write_certs(path, ca, 1));
	id = identity_in("order");
	x = examine(&s, id, false, 0, NULL);
	assert_int_equal(x->evidence->found_len, 1);
	assert_string_equal(x->evidence->found[0].source, "file");
	assert_string_equal(x->evidence->found[0].where, path);
	assert_int_equal(web_visits(web), before);
	with = evidence_experiment(x->evidence, "with-intermediate");
	assert_non_null(with);
	assert_int_equal(with->sent_certs_len, 2);
	examination_free(x);
	unlink(path);
	identity_free(id);
}

/* And where no file has it, the address in our own certificate. */
static void
the_address_in_ours(void **state)
{
	struct script s = refusing_without_issuer();
	struct identity *id = identity_in("other");
	struct examination *x = examine(&s, id, false, 0, NULL);

	(void)state;
	assert_int_equal(x->evidence->found_len, 1);
	assert_string_equal(x->evidence->found[0].source, "aia");
	assert_non_null(evidence_experiment(x->evidence, "with-intermediate"));
	examination_free(x);
	identity_free(id);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_missing_ca_is_fetched),
		cmocka_unit_test(what_does_not_fit_is_not_found),
		cmocka_unit_test(never_when_quick),
		cmocka_unit_test(a_broken_responder_and_a_list),
		cmocka_unit_test(the_next_address),
		cmocka_unit_test(no_http_at_all),
		cmocka_unit_test(nobody_waits_long),
		cmocka_unit_test(within_the_targets_own_time),
		cmocka_unit_test(many_ask_once),
		cmocka_unit_test(cancelled_while_it_waits),
		cmocka_unit_test(the_file_beside_ours),
		cmocka_unit_test(the_address_in_ours),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
