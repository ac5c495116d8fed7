/*
 * What is made of a client that `listen` saw: who it is by its hello, why it sent nothing, what it sent, what it has
 * against our certificate, how it ended. A table of plain values; the certificates are tests/chains.h's.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "model/client.h"
#include "model/json.h"
#include "model/memory.h"
#include "model/report.h"
#include "model/rules.h"
#include "tests/chains.h"

/* ---- hellos, as they were captured (extensions and how the ciphers begin) ---- */

struct shape {
	enum client_family family;
	uint16_t extensions[16], ciphers[8];
	size_t grease;
};
static const struct shape shapes[] = {
	/* s_client, curl with its own extensions between, Python: OpenSSL 3.0 */
	{ CLIENT_OPENSSL, { 11, 10, 35, 22, 23, 13, 43, 45, 51 }, { 0x1302, 0x1303, 0x1301, 0xc02c, 0xc030 }, 0 },
	{ CLIENT_OPENSSL, { 0xffff, 11, 10, 16, 22, 23, 49, 13, 43, 45, 51, 21 }, { 0x1302, 0x1303, 0x1301, 0xc02c }, 0 },
	/* s_client -tls1_2 */
	{ CLIENT_OPENSSL, { 11, 10, 35, 22, 23, 13 }, { 0xc02c, 0xc030, 0x009f }, 0 },
	{ CLIENT_NODE, { 11, 10, 35, 22, 23, 13, 43, 45, 51 }, { 0x1302, 0x1303, 0x1301, 0xc02f, 0xc02b, 0xc030, 0xc02c }, 0 },
	{ CLIENT_GO, { 5, 10, 11, 13, 65281, 18, 43, 51 }, { 0xc02b, 0xc02f }, 0 },
	{ CLIENT_JAVA, { 5, 10, 11, 17, 23, 35, 13, 43, 45, 50, 51 }, { 0x1302, 0x1301, 0x1303 }, 0 },
	{ CLIENT_GNUTLS, { 5, 10, 11, 13, 22, 23, 35, 51, 43, 65281, 45, 28 }, { 0x1302, 0x1303, 0x1301, 0x1304 }, 0 },
	/* wget: without encrypt_then_mac */
	{ CLIENT_GNUTLS, { 5, 10, 11, 13, 35, 51, 43, 49, 65281, 45, 28, 21 }, { 0x1302, 0x1303, 0x1301, 0x1304 }, 0 },
	/* its extensions in another order, as from 3.8 on */
	{ CLIENT_GNUTLS, { 28, 5, 43, 10, 51, 22, 13, 11, 23 }, { 0x1302, 0x1303, 0x1301, 0x1304 }, 0 },
	{ CLIENT_BORINGSSL, { 5, 10, 11, 13, 18, 43, 51 }, { 0x1301 }, 3 },
	{ CLIENT_UNKNOWN, { 10, 13 }, { 0x009c }, 0 },
	{ CLIENT_UNKNOWN, { 0 }, { 0 }, 0 },
};

static struct numbers
numbers(struct arena *a, const uint16_t *list, size_t most)
{
	struct numbers n = { .items = arena_array(a, most, sizeof *list) };

	while (n.len < most && list[n.len] != 0) {
		n.items[n.len] = list[n.len];
		n.len++;
	}
	return n;
}

static void
set_hello(struct client *c, const struct shape *s)
{
	struct arena *a = c->handshake->arena;

	c->hello = (struct client_hello){ .seen = true, .whole = true, .legacy_version = 0x0303, .grease = s->grease,
		.extensions = numbers(a, s->extensions, 16), .ciphers = numbers(a, s->ciphers, 8) };
}

static const struct shape *
shape_of(enum client_family f)
{
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
		if (shapes[i].family == f)
			return &shapes[i];
	return NULL;
}

static void
who_it_is(void **state)
{
	struct listening *l = listening_new();

	(void)state;
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
		struct client *c = client_new(l);

		set_hello(c, &shapes[i]);
		if (client_stack_guess(c).family != shapes[i].family)
			fail_msg("hello %zu: %s", i, client_stack_guess(c).name);
		/* A hello that did not parse to its end tells nothing. */
		c->hello.whole = false;
		assert_int_equal(client_stack_guess(c).family, CLIENT_UNKNOWN);
		client_free(c);
	}
	listening_free(l);
}

/* ---- verdicts ---- */

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA", .org = "Acme" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1", .org = "Acme" } },
	{ .name = "leaf", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .org = "Acme" } },
	{ .name = "expired", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .org = "Acme" }, .from = -90, .to = -2 },
	{ .name = "early", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .org = "Acme" }, .from = 2, .to = 90 },
	{ .name = "wrongeku", .issuer = "issuing", .role = IS_SERVER, .r = { .cn = "order-service", .org = "Acme" } },
	{ .name = "strange-root", .role = IS_CA, .r = { .cn = "Other Root CA", .org = "Other" } },
	{ .name = "strange", .issuer = "strange-root", .role = IS_CLIENT, .r = { .cn = "other-service", .org = "Other" } },
	{ .name = "self", .role = IS_CLIENT, .r = { .cn = "self-made" } },
	{ .name = "server", .issuer = "root", .role = IS_SERVER, .r = { .cn = "localhost", .san = (const char *const[]){ "DNS:localhost", NULL } } },
	{ .name = "server-expired", .issuer = "root", .role = IS_SERVER,
	    .r = { .cn = "localhost", .san = (const char *const[]){ "DNS:localhost", NULL } }, .from = -90, .to = -2 },
	{ .name = "server-for-clients", .issuer = "root", .role = IS_CLIENT,
	    .r = { .cn = "localhost", .san = (const char *const[]){ "DNS:localhost", NULL } } },
};

enum { NO_ALERT = -1, LIST_MOST = 4 };

struct seen_case {
	const char *what;
	enum client_family who;
	const char *sent[LIST_MOST];   /* leaf first; [0] NULL: an empty Certificate */
	const char *trust[LIST_MOST];  /* --cacert; [0] NULL: none was named */
	const char *listed[LIST_MOST]; /* names that it was asked with */
	uint16_t sigalgs[LIST_MOST];   /* that were asked for; [0] 0: OpenSSL's own */
	bool for_any;                  /* asked without list and limits … */
	size_t earlier_sent;           /* … because it had sent so many */
	bool was_for_any;              /* the time before it had been asked so */
	const char *ours;              /* our certificate; "server" where NULL */
	const char *sni;               /* "localhost" where NULL */
	int alert;                     /* of the client about our certificate; 0: none, it sent its flight */
	enum local_failure local;
	bool garbage;                  /* its leaf does not parse */
	bool silent_end;               /* it closed when it had our certificate */
	const char *root;              /* "" for none above a notice */
	enum confidence confidence;
	const char *candidate;         /* the first, or NULL */
	const char *says;              /* in the sentence, or NULL */
};

#define CHAIN { "leaf", "issuing" }
#define ACME { "root" }

static const struct seen_case cases[] = {
	/* What it sends is fine: with a store, with a list, with neither. */
	{ "fine by the store", CLIENT_OPENSSL, CHAIN, ACME, ACME, .root = "", .says = "accepts that" },
	{ "fine by the list", CLIENT_GO, CHAIN, { 0 }, ACME, .root = "", .says = "names" },
	{ "nobody judges", CLIENT_OPENSSL, CHAIN, .root = "", .says = "--cacert" },
	/* Without a store a single certificate is not called incomplete: what stands above it nobody knows. */
	{ "a leaf, and nobody judges", CLIENT_OPENSSL, { "leaf" }, .root = "" },

	/* It sends nothing. What that may mean depends on its library and on what it was asked. */
	{ "nothing, no list", CLIENT_GO, { 0 }, .root = "client.required", .confidence = CONFIDENCE_HIGH },
	{ "nothing from OpenSSL, with a list", CLIENT_OPENSSL, { 0 }, { 0 }, ACME, .root = "client.required", .confidence = CONFIDENCE_HIGH,
	    .says = "whatever the list" },
	{ "nothing from Go, with a list", CLIENT_GO, { 0 }, { 0 }, ACME, .root = "client.required", .confidence = CONFIDENCE_MEDIUM,
	    .candidate = "client.not-in-ca-list", .says = "Either" },
	{ "nothing from Java, with a list", CLIENT_JAVA, { 0 }, { 0 }, ACME, .root = "client.required", .confidence = CONFIDENCE_MEDIUM,
	    .candidate = "client.not-in-ca-list" },
	{ "nothing from who knows whom", CLIENT_UNKNOWN, { 0 }, { 0 }, ACME, .root = "client.required", .confidence = CONFIDENCE_MEDIUM,
	    .candidate = "client.not-in-ca-list" },
	{ "nothing, RSA only was asked for", CLIENT_OPENSSL, { 0 }, .sigalgs = { 0x0401, 0x0804 }, .root = "client.required",
	    .confidence = CONFIDENCE_MEDIUM, .candidate = "client.not-sent", .says = "an EC key" },
	{ "nothing, ECDSA only was asked for", CLIENT_OPENSSL, { 0 }, .sigalgs = { 0x0403 }, .root = "client.required",
	    .confidence = CONFIDENCE_MEDIUM, .candidate = "client.not-sent", .says = "an RSA key" },
	{ "nothing twice", CLIENT_GO, { 0 }, { 0 }, ACME, .for_any = true, .root = "client.required", .confidence = CONFIDENCE_HIGH, .says = "both times" },

	/* The difference between two connections. */
	{ "kept back by the list", CLIENT_GO, { "strange" }, { 0 }, ACME, .for_any = true, .root = "client.not-in-ca-list", .confidence = CONFIDENCE_HIGH,
	    .says = "is not on the list" },
	{ "kept back by its key", CLIENT_OPENSSL, CHAIN, { 0 }, { 0 }, { 0x0401 }, .for_any = true, .root = "client.not-sent",
	    .confidence = CONFIDENCE_HIGH, .says = "EC P-256" },
	{ "the other way round", CLIENT_GO, { 0 }, { 0 }, ACME, .was_for_any = true, .earlier_sent = 2, .root = "client.not-in-ca-list",
	    .confidence = CONFIDENCE_HIGH },
	/* Somebody has configured it since: that is no fault. */
	{ "configured in between", CLIENT_GO, CHAIN, { 0 }, ACME, .for_any = true, .root = "" },

	/* What it sends has a fault. */
	{ "the intermediate is missing", CLIENT_OPENSSL, { "leaf" }, ACME, ACME, .root = "client.missing-intermediate", .confidence = CONFIDENCE_MEDIUM,
	    .candidate = "client.untrusted", .says = "The client's chain lacks" },
	{ "another CA", CLIENT_OPENSSL, { "strange", "strange-root" }, ACME, ACME, .root = "client.untrusted", .confidence = CONFIDENCE_CERTAIN },
	{ "another CA, leaf only", CLIENT_OPENSSL, { "strange" }, ACME, ACME, .root = "client.untrusted", .confidence = CONFIDENCE_MEDIUM,
	    .candidate = "client.missing-intermediate" },
	{ "signs itself", CLIENT_OPENSSL, { "self" }, ACME, ACME, .root = "client.untrusted", .confidence = CONFIDENCE_CERTAIN, .says = "No CA issued" },
	{ "expired", CLIENT_OPENSSL, { "expired", "issuing" }, ACME, ACME, .root = "client.expired", .confidence = CONFIDENCE_CERTAIN },
	{ "not yet valid", CLIENT_OPENSSL, { "early", "issuing" }, ACME, ACME, .root = "client.not-yet-valid", .confidence = CONFIDENCE_CERTAIN },
	{ "for servers", CLIENT_OPENSSL, { "wrongeku", "issuing" }, ACME, ACME, .root = "client.eku", .confidence = CONFIDENCE_CERTAIN },
	{ "sent though not on the list", CLIENT_OPENSSL, { "strange" }, { 0 }, ACME, .root = "client.not-in-ca-list", .confidence = CONFIDENCE_CERTAIN,
	    .says = "as OpenSSL does" },
	{ "another's key", CLIENT_OPENSSL, CHAIN, ACME, ACME, .local = LOCAL_BAD_SIGNATURE, .root = "key.mismatch", .confidence = CONFIDENCE_CERTAIN },
	{ "no certificate at all", CLIENT_OPENSSL, { "leaf" }, ACME, ACME, .garbage = true, .local = LOCAL_UNDECODABLE, .root = "cert.malformed",
	    .confidence = CONFIDENCE_CERTAIN },

	/* What it has against OUR certificate is never said of its own (knowledge "diagnosis", 3.7). */
	{ "48 from OpenSSL", CLIENT_OPENSSL, .alert = 48, .root = "chain.untrusted-root", .confidence = CONFIDENCE_HIGH, .says = "OUR certificate" },
	{ "42 from Go", CLIENT_GO, .alert = 42, .root = "chain.untrusted-root", .confidence = CONFIDENCE_HIGH },
	{ "46 from Java", CLIENT_JAVA, .alert = 46, .root = "chain.untrusted-root", .confidence = CONFIDENCE_HIGH },
	{ "42 from GnuTLS", CLIENT_GNUTLS, .alert = 42, .root = "chain.untrusted-root", .confidence = CONFIDENCE_HIGH },
	{ "nothing from Node", CLIENT_NODE, .silent_end = true, .root = "chain.untrusted-root", .confidence = CONFIDENCE_MEDIUM },
	{ "45 from OpenSSL", CLIENT_OPENSSL, .ours = "server-expired", .alert = 45, .root = "cert.expired", .confidence = CONFIDENCE_HIGH },
	{ "42 from Go, ours has expired", CLIENT_GO, .ours = "server-expired", .alert = 42, .root = "cert.expired", .confidence = CONFIDENCE_MEDIUM,
	    .candidate = "chain.untrusted-root" },
	{ "43 from OpenSSL", CLIENT_OPENSSL, .ours = "server-for-clients", .alert = 43, .root = "eku.no-server-auth", .confidence = CONFIDENCE_HIGH },
	{ "42 from OpenSSL, another name", CLIENT_OPENSSL, .sni = "payment.internal", .alert = 42, .root = "name.mismatch", .confidence = CONFIDENCE_HIGH },
	{ "curl leaves at another name", CLIENT_OPENSSL, .sni = "payment.internal", .silent_end = true, .root = "name.mismatch", .confidence = CONFIDENCE_MEDIUM },
	/* An alert that nothing of ours accounts for: said, and no cause made up. */
	{ "45 while ours is valid", CLIENT_OPENSSL, .alert = 45, .root = "tls.rejected", .confidence = CONFIDENCE_MEDIUM },
	{ "80 from anyone", CLIENT_UNKNOWN, .alert = 80, .root = "tls.rejected", .confidence = CONFIDENCE_MEDIUM },
	{ "48 from an unknown one", CLIENT_UNKNOWN, .alert = 48, .root = "chain.untrusted-root", .confidence = CONFIDENCE_MEDIUM },
	{ "OpenSSL left without a word", CLIENT_OPENSSL, .silent_end = true, .root = "net.closed", .confidence = CONFIDENCE_HIGH },
};

static struct chains *chains;

static size_t
names_of(const char *const *list)
{
	size_t n = 0;

	while (n < LIST_MOST && list[n] != NULL)
		n++;
	return n;
}

static struct listening *
listening_of(const struct seen_case *t)
{
	struct listening *l = listening_new();
	struct certificate_request *r = &l->request;

	l->address = "127.0.0.1:8443";
	l->like = "payment.internal:8443";
	l->trust_named = t->trust[0] != NULL;
	r->cas = arena_array(l->arena, LIST_MOST, sizeof *r->cas);
	for (size_t i = 0; i < names_of(t->listed); i++)
		r->cas[r->cas_len++] = chains_cert(chains, t->listed[i])->subject;
	r->sigalgs = arena_array(l->arena, LIST_MOST, sizeof *r->sigalgs);
	while (r->sigalgs_len < LIST_MOST && t->sigalgs[r->sigalgs_len] != 0) {
		r->sigalgs[r->sigalgs_len] = t->sigalgs[r->sigalgs_len];
		r->sigalgs_len++;
	}
	return l;
}

static void
send_chain(struct client *c, const struct seen_case *t)
{
	struct arena *a = c->handshake->arena;

	c->handshake->sent_certificate_message = true;
	c->handshake->phase = PHASE_FINISHED;
	c->handshake->tls_ms = t->local == LOCAL_NONE ? 2 : -1;
	c->certs = arena_array(a, LIST_MOST, sizeof *c->certs);
	for (size_t i = 0; i < names_of(t->sent); i++)
		c->certs[c->certs_len++] = (struct wire_cert){ .cert = (struct cert *)cert_ref(chains_cert(chains, t->sent[i])) };
	if (t->garbage) {
		cert_free(c->certs[0].cert);
		c->certs[0] = (struct wire_cert){ .problem = "it is no SEQUENCE" };
	}
	c->request = t->local == LOCAL_NONE ? "GET / HTTP/1.1" : NULL;
}

static struct evidence *
evidence_of(const struct seen_case *t)
{
	struct evidence *e = evidence_new();
	struct listening *l = listening_of(t);
	struct client *c = client_new(l);
	struct handshake *h = c->handshake;
	struct cert *anchors[LIST_MOST];

	listening_free(l);
	set_hello(c, shape_of(t->who));
	c->number = 2;
	c->from = "127.0.0.1:51234";
	c->host = c->to = "127.0.0.1";
	c->hello.sni = t->sni != NULL ? t->sni : "localhost";
	c->bytes_read = 500;
	c->asked = t->for_any ? ASKED_FOR_ANY : ASKED_AS_SET;
	if (t->for_any || t->was_for_any)
		c->earlier = (struct client_earlier){ .seen = true, .number = 1, .asked = t->was_for_any ? ASKED_FOR_ANY : ASKED_AS_SET, .sent = t->earlier_sent };
	h->id = "c2";
	h->version = 0x0304;
	h->phase = PHASE_SERVER_DONE;
	h->local = t->local;
	h->request = c->listening->request;
	if (t->for_any)
		h->request.cas_len = h->request.sigalgs_len = 0;
	h->request.seen = true;
	h->server_certs = arena_array(h->arena, 1, sizeof *h->server_certs);
	h->server_certs[h->server_certs_len++].cert = (struct cert *)cert_ref(chains_cert(chains, t->ours != NULL ? t->ours : "server"));
	h->ended = (struct ended){ .by = PEER_US, .how = END_FIN };
	if (t->alert != 0) {
		h->alerts = arena_array(h->arena, 1, sizeof *h->alerts);
		h->alerts[h->alerts_len++] = (struct alert){ .from = PEER_US, .level = 2, .number = (uint8_t)t->alert, .phase = PHASE_SERVER_DONE };
		h->ended.how = END_ALERT;
	} else if (!t->silent_end) {
		send_chain(c, t);
		if (t->local == LOCAL_NONE)
			h->ended.how = END_CLOSE_NOTIFY;
	}
	e->client = c;
	e->offline = true;
	e->offline_purpose = PURPOSE_CLIENT;
	e->clocks.local_ms = CHAINS_NOW * 1000;
	for (size_t i = 0; i < names_of(t->trust); i++)
		anchors[i] = chains_cert(chains, t->trust[i]);
	if (t->trust[0] != NULL)
		e->trust = trust_from("root.pem", anchors, names_of(t->trust));
	e->offline_chain = arena_array(e->arena, LIST_MOST, sizeof *e->offline_chain);
	for (size_t i = 0; c->certs_len > 0 && c->certs[0].cert != NULL && i < c->certs_len; i++)
		e->offline_chain[e->offline_len++] = (struct cert *)cert_ref(c->certs[i].cert);
	return e;
}

static bool
as_expected(const struct seen_case *t, const struct diagnosis *d)
{
	const struct finding *f = d->root != NULL && d->root->severity > SEVERITY_NOTICE ? d->root : NULL;
	const char *root = f != NULL ? code_info(f->code)->name : "";

	return strcmp(root, t->root) == 0 && (f == NULL || f->confidence == t->confidence) &&
	    (t->candidate == NULL || (f != NULL && f->candidates_len > 0 && strcmp(code_info(f->candidates[0].code)->name, t->candidate) == 0)) &&
	    (t->says == NULL || strstr(d->summary, t->says) != NULL);
}

static void
verdicts(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct seen_case *t = &cases[i];
		struct evidence *e = evidence_of(t);
		struct diagnosis *d = diagnose(e);
		struct report_style style = { .columns = 80 };
		struct buf page = { 0 };

		if (!as_expected(t, d)) {
			print_error("%s: %s (%s), first candidate %s: %s\n", t->what, d->root != NULL ? code_info(d->root->code)->name : "none",
			    d->root != NULL ? confidence_name(d->root->confidence) : "-",
			    d->root != NULL && d->root->candidates_len > 0 ? code_info(d->root->candidates[0].code)->name : "none", d->summary);
			wrong++;
		}
		/* All of them can be said, in both ways, and none speaks of the client's chain as ours. */
		report_client(d, &style, &page);
		json_client(d, &page);
		assert_null(strstr(buf_str(&page), "Our chain"));
		buf_done(&page);
		diagnosis_free(d);
		evidence_free(e);
	}
	if (wrong > 0)
		fail_msg("%zu of %zu are wrong", wrong, sizeof cases / sizeof cases[0]);
}

/* Who is asked a second time, and otherwise: only whom the first request may have kept from answering. */
static void
who_may_withhold(void **state)
{
	static const struct {
		enum client_family who;
		size_t cas;
		uint16_t sigalg; /* the only one; 0: any */
		bool may;
	} rows[] = {
		{ CLIENT_OPENSSL, 1, 0, false }, { CLIENT_NODE, 1, 0, false }, { CLIENT_GNUTLS, 1, 0, false }, { CLIENT_GO, 1, 0, true },
		{ CLIENT_JAVA, 1, 0, true }, { CLIENT_UNKNOWN, 1, 0, true }, { CLIENT_GO, 0, 0, false }, { CLIENT_OPENSSL, 0, 0x0403, true },
		{ CLIENT_OPENSSL, 0, 0x0804, true },
	};
	struct listening *l = listening_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint16_t one[] = { rows[i].sigalg };
		struct certificate_request r = { .seen = true, .cas_len = rows[i].cas, .sigalgs = one, .sigalgs_len = rows[i].sigalg != 0 };
		struct client *c = client_new(l);

		set_hello(c, shape_of(rows[i].who));
		assert_int_equal(client_may_withhold(c, &r), rows[i].may);
		client_free(c);
	}
	listening_free(l);
}

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_it_is),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(who_may_withhold),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
