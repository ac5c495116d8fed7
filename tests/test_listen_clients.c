/*
 * listen against clients that this project did not write: curl, OpenSSL's s_client, gnutls-cli, and small programs
 * on the TLS of Go, Java, Node and Python; each without a fault and with every fault of the table. A client whose
 * program is not on this machine is named and left out.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/pki_files.h"
#include "model/memory.h"
#include "probes/examine.h"
#include "probes/listen.h"
#include "tests/program.h"

enum kind { CURL, S_CLIENT, GNUTLS_CLI, PYTHON, NODE, GO, JAVA, KINDS };
static const struct {
	const char *name, *program;
	enum client_family family;
	bool minds_list; /* sends nothing where the list does not name its CA (measured) */
} kinds[KINDS] = {
	[CURL] = { "curl", "curl", CLIENT_OPENSSL, false },
	[S_CLIENT] = { "s_client", "openssl", CLIENT_OPENSSL, false },
	[GNUTLS_CLI] = { "gnutls-cli", "gnutls-cli", CLIENT_GNUTLS, false },
	[PYTHON] = { "Python", "python3", CLIENT_OPENSSL, false },
	[NODE] = { "Node.js", "node", CLIENT_NODE, false },
	[GO] = { "Go", "go", CLIENT_GO, true },
	[JAVA] = { "Java", "javac", CLIENT_JAVA, true },
};

/* What the client is given, and the root cause that must be found. "" : none. */
static const struct fault {
	const char *what, *chain, *key; /* files in the folder; NULL: none configured */
	bool distrusts;                 /* it trusts another CA than ours */
	const char *root, *when_it_minds; /* of clients that look at the list of CAs */
} faults[] = {
	{ "no fault", "right.pem", "right.key", false, "", "" },
	{ "none configured", NULL, NULL, false, "client.required", "client.required" },
	{ "intermediate left out", "leafonly.pem", "right.key", false, "client.missing-intermediate", "client.required" },
	{ "expired", "expired.pem", "expired.key", false, "client.expired", "client.expired" },
	{ "serverAuth only", "servereku.pem", "servereku.key", false, "client.eku", "client.eku" },
	{ "another CA", "other.pem", "other.key", false, "client.untrusted", "client.required" },
	{ "it does not trust us", "right.pem", "right.key", true, "chain.untrusted-root", "chain.untrusted-root" },
};

static char *folder;
static const char *go_program, *java_folder;
static struct trust *trust;
static struct listener *listener;
static char url[64], place[64], port[16];

/* ---- certificates ---- */

struct ca {
	struct pki_cert root, issuing;
};

static struct ca
make_ca(const char *name)
{
	char root[64], issuing[64];
	struct ca ca;

	snprintf(root, sizeof root, "%s Root CA", name);
	snprintf(issuing, sizeof issuing, "%s Issuing CA 1", name);
	ca.root = pki_issue(&(struct pki_request){ .cn = root, .org = name, .ca = true, .not_before = 1700000000, .not_after = 4000000000,
	    .key_usage = "critical,keyCertSign,cRLSign" }, NULL);
	ca.issuing = pki_issue(&(struct pki_request){ .cn = issuing, .org = name, .ca = true, .has_path_len = true,
	    .not_before = 1700000000, .not_after = 4000000000, .key_usage = "critical,keyCertSign,cRLSign" }, &ca.root);
	return ca;
}

static void
write_identity(const char *name, const char *eku, int64_t until, const struct ca *ca)
{
	struct pki_cert leaf = pki_issue(&(struct pki_request){ .cn = "order-service", .org = "Acme", .eku = eku, .not_before = 1700000000,
	    .not_after = until, .key_usage = "critical,digitalSignature" }, &ca->issuing);
	const struct pki_cert *chain[] = { &leaf, &ca->issuing };
	char file[64];

	snprintf(file, sizeof file, "%s.pem", name);
	assert_true(pki_write_certs(in_folder(folder, file), chain, 2));
	if (strcmp(name, "right") == 0)
		assert_true(pki_write_certs(in_folder(folder, "leafonly.pem"), chain, 1));
	snprintf(file, sizeof file, "%s.key", name);
	assert_true(pki_write_key(in_folder(folder, file), leaf.key, NULL));
	pki_cert_free(&leaf);
}

static void
write_pki(void)
{
	struct ca ours = make_ca("Acme"), theirs = make_ca("Other");
	const struct pki_cert *root[] = { &ours.root }, *other[] = { &theirs.root };
	struct error err = { .code = ERROR_NONE };

	write_identity("right", "clientAuth", 4000000000, &ours);
	write_identity("expired", "clientAuth", 1760000000, &ours);
	write_identity("servereku", "serverAuth", 4000000000, &ours);
	write_identity("other", "clientAuth", 4000000000, &theirs);
	assert_true(pki_write_certs(in_folder(folder, "root.pem"), root, 1));
	assert_true(pki_write_certs(in_folder(folder, "theirs.pem"), other, 1));
	assert_int_equal(trust_load(in_folder(folder, "root.pem"), NULL, &trust, &err), STATUS_OK);
	pki_cert_free(&ours.root);
	pki_cert_free(&ours.issuing);
	pki_cert_free(&theirs.root);
	pki_cert_free(&theirs.issuing);
}

/* ---- programs ---- */

static bool
is_here(enum kind k)
{
	struct run r;
	char command[64];
	bool here;

	snprintf(command, sizeof command, "command -v %s", kinds[k].program);
	run_program((const char *const[]){ "sh", "-c", command, NULL }, NULL, &r);
	here = r.status == 0;
	run_done(&r);
	return here;
}

/* Both languages are compiled once; what Go has compiled of its own library stays in the build folder. */
static void
compile(void)
{
	char *path = mem_strdup(mtlscope());
	struct buf cache = { 0 };
	struct run r;

	buf_addf(&cache, "GOCACHE=%s/go-cache", dirname(path));
	if (cache.data[8] != '/') {
		char *here = getcwd(NULL, 0);
		buf_reset(&cache);
		buf_addf(&cache, "GOCACHE=%s/build/go-cache", here);
		free(here);
	}
	if (is_here(GO)) {
		go_program = mem_strdup(in_folder(folder, "goclient"));
		run_program((const char *const[]){ "go", "build", "-o", go_program, "tests/clients/client.go", NULL },
		    &(struct run_options){ .deadline_ms = 120000, .env = (const char *const[]){ buf_str(&cache), "GO111MODULE=off", "GOFLAGS=", "GOTOOLCHAIN=local", NULL } }, &r);
		if (r.status != 0)
			fail_msg("go build: %s", buf_str(&r.err));
		run_done(&r);
	}
	if (is_here(JAVA)) {
		java_folder = mem_strdup(in_folder(folder, "java"));
		run_program((const char *const[]){ "javac", "-d", java_folder, "tests/clients/Client.java", NULL },
		    &(struct run_options){ .deadline_ms = 60000 }, &r);
		if (r.status != 0)
			fail_msg("javac: %s", buf_str(&r.err));
		run_done(&r);
	}
	buf_done(&cache);
	free(path);
}

/* Adds what is there; argv ends in NULL. */
static size_t
words(const char **argv, size_t n, const char *const *more)
{
	for (; *more != NULL; more++)
		argv[n++] = *more;
	argv[n] = NULL;
	return n;
}

static size_t
command(enum kind k, const char *ca, const char *chain, const char *key, const char **argv)
{
	const char *const script[] = { ca, url, chain, key, NULL };
	const char *const no_script[] = { ca, url, NULL };
	size_t n;

	switch (k) {
	case CURL:
		n = words(argv, 0, (const char *const[]){ "curl", "-sS", "--max-time", "20", "--cacert", ca, url, NULL });
		return chain == NULL ? n : words(argv, n, (const char *const[]){ "--cert", chain, "--key", key, NULL });
	case S_CLIENT:
		n = words(argv, 0, (const char *const[]){ "openssl", "s_client", "-connect", place, "-CAfile", ca, "-verify_return_error", NULL });
		return chain == NULL ? n : words(argv, n, (const char *const[]){ "-cert", chain, "-cert_chain", chain, "-key", key, NULL });
	case GNUTLS_CLI:
		n = words(argv, 0, (const char *const[]){ "gnutls-cli", "--x509cafile", ca, "-p", port, NULL });
		if (chain != NULL)
			n = words(argv, n, (const char *const[]){ "--x509certfile", chain, "--x509keyfile", key, NULL });
		return words(argv, n, (const char *const[]){ "localhost", NULL });
	case PYTHON: n = words(argv, 0, (const char *const[]){ "python3", "tests/clients/client.py", NULL }); break;
	case NODE: n = words(argv, 0, (const char *const[]){ "node", "tests/clients/client.js", NULL }); break;
	case GO: n = words(argv, 0, (const char *const[]){ go_program, NULL }); break;
	default: n = words(argv, 0, (const char *const[]){ "java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", java_folder, "Client", NULL }); break;
	}
	return words(argv, n, chain != NULL ? script : no_script);
}

/* ---- the tests ---- */

/* An in-process listener; the CA of its certificate is copied to where clients are told to look. */
static void
start(const struct listen_options *options)
{
	struct error err = { .code = ERROR_NONE };
	const struct listening *about;

	if (listener_start(options, world_real(), &listener, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	about = listener_about(listener);
	assert_non_null(about->ca_file);
	snprintf(port, sizeof port, "%s", strrchr(about->address, ':') + 1);
	snprintf(url, sizeof url, "https://localhost:%s/", port);
	snprintf(place, sizeof place, "localhost:%s", port);
}

static struct seen_client *
run_client(enum kind k, const struct fault *f)
{
	const struct listening *about = listener_about(listener);
	const char *argv[32];
	struct seen_client *s;
	struct run r;

	command(k, f->distrusts ? in_folder(folder, "theirs.pem") : about->ca_file, f->chain != NULL ? in_folder(folder, f->chain) : NULL,
	    f->key != NULL ? in_folder(folder, f->key) : NULL, argv);
	run_program(argv, &(struct run_options){ .deadline_ms = 30000 }, &r);
	s = listener_wait(listener, -1, 20000);
	if (s == NULL)
		fail_msg("%s, %s: nothing was seen of it: %s%s", kinds[k].name, f->what, buf_str(&r.out), buf_str(&r.err));
	run_done(&r);
	return s;
}

static const char *
root_of(const struct seen_client *s)
{
	const struct finding *root = s->diagnosis->root;

	return root != NULL && root->severity == SEVERITY_ERROR ? code_info(root->code)->name : "";
}

/* Each client with each fault: who it is, and the root cause. */
static void
every_client(enum kind k)
{
	enum { FAULTS = sizeof faults / sizeof faults[0] };
	size_t wrong = 0;

	if (!is_here(k)) {
		print_message("left out: %s is not here\n", kinds[k].program);
		return;
	}
	/* Over TLS 1.2 and 1.3. */
	for (size_t i = 0; i < 2 * FAULTS; i++) {
		const struct fault *f = &faults[i % FAULTS];
		const char *want = kinds[k].minds_list ? f->when_it_minds : f->root;
		struct seen_client *s;
		struct client_stack stack;

		start(&(struct listen_options){ .trust = trust, .max_version = i < FAULTS ? 0x0303 : 0x0304, .thresholds = thresholds_default });
		s = run_client(k, f);
		stack = client_stack_guess(s->evidence->client);
		if (strcmp(root_of(s), want) != 0 || stack.family != kinds[k].family) {
			print_error("%s, TLS 1.%d, %s: “%s”, expected “%s”; %s: %s\n", kinds[k].name, i < FAULTS ? 2 : 3, f->what, root_of(s), want, stack.name, s->diagnosis->summary);
			wrong++;
		}
		seen_client_free(s);
		listener_free(listener);
		listener = NULL;
	}
	if (wrong > 0)
		fail_msg("%zu of %d are wrong", wrong, 2 * FAULTS);
}

static void curl(void **state) { (void)state; every_client(CURL); }
static void s_client(void **state) { (void)state; every_client(S_CLIENT); }
static void gnutls_cli(void **state) { (void)state; every_client(GNUTLS_CLI); }
static void python(void **state) { (void)state; every_client(PYTHON); }
static void node(void **state) { (void)state; every_client(NODE); }
static void go(void **state) { (void)state; every_client(GO); }
static void java(void **state) { (void)state; every_client(JAVA); }

/* Go and Java keep a certificate back whose CA is not on the list: the second connection shows it, and proves it. */
static void
kept_back_is_proven(void **state)
{
	const struct fault other = { .what = "another CA", .chain = "other.pem", .key = "other.key" };
	const enum kind minding[] = { GO, JAVA };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct finding *root;
		struct seen_client *first, *second;
		struct certificate_request request = { .seen = true, .cas_len = trust->len };

		if (!is_here(minding[i]))
			continue;
		/* As --like does it: the list of a server, and no store. */
		request.cas = mem_zero(trust->len, sizeof *request.cas);
		request.cas[0] = trust_anchor(trust, 0)->subject;
		start(&(struct listen_options){ .request = &request, .like = "payment.internal:8443", .thresholds = thresholds_default });
		free(request.cas);
		first = run_client(minding[i], &other);
		assert_string_equal(root_of(first), "client.required");
		assert_int_equal(first->diagnosis->root->candidates[0].code, CODE_CLIENT_NOT_IN_CA_LIST);
		second = run_client(minding[i], &other);
		assert_string_equal(root_of(second), "client.not-in-ca-list");
		root = second->diagnosis->root;
		assert_int_equal(root->proof_len, 2);
		assert_string_equal(root->proof[0].handshake, "c1");
		assert_string_equal(root->proof[1].outcome, "it sent 2 certificates");
		assert_non_null(strstr(root->why, "payment.internal:8443"));
		seen_client_free(first);
		seen_client_free(second);
		listener_free(listener);
		listener = NULL;
	}
}

static int
set_up(void **state)
{
	(void)state;
	folder = make_folder();
	write_pki();
	compile();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	listener_free(listener);
	trust_free(trust);
	free((char *)go_program);
	free((char *)java_folder);
	remove_folder(folder);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(curl),
		cmocka_unit_test(s_client),
		cmocka_unit_test(gnutls_cli),
		cmocka_unit_test(python),
		cmocka_unit_test(node),
		cmocka_unit_test(go),
		cmocka_unit_test(java),
		cmocka_unit_test(kept_back_is_proven),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
