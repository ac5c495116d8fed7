/*
 * Measuring a roll-over against servers that this project did not write: whoever trusts the old root alone does not let in a client
 * of the new one, and says so in his own way; whoever trusts both does. All are asked at once, as a fleet is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/pki_files.h"
#include "model/cert_openssl.h"
#include "probes/rollover_look.h"
#include "tests/engine.h"
#include "tests/peers.h"
#include "tests/program.h"

static struct pki_cert new_root, new_issuing, new_client; /* engine_pki is the old root's. Names differ, as a roll-over sees to it */
static struct identity *pass;
static char *folder;
static struct {
	pid_t pid;
	int port;
} servers[PEER_SCORED][2][2]; /* kind, TLS 1.3, trusts both */

/*
 * What a server says that trusts the old root alone. Node closes without a word: from that alone it is not known, and unknown counts as NO.
 */
static const char *
refusal_of_kind(enum peer_kind kind)
{
	return kind == PEER_NODE ? "??" : "NO";
}

/* s_server answers no request that it lets in: nothing proves then that it did. */
static const char *
welcome_of_kind(enum peer_kind kind)
{
	return kind == PEER_S_SERVER ? "??" : "YES";
}

/* Asks once it knows the path, which the measuring does not follow: not known, whatever it trusts. */
static bool
is_late(enum peer_kind kind)
{
	return kind == PEER_APACHE_LOCATION;
}

/* Java's HttpsServer has Java's TLS, and a machine of its own to start four times. */
static bool
is_here(int kind)
{
	return kind != PEER_JAVA_HTTPS && peer_missing((enum peer_kind)kind) == NULL;
}

static void
launch(enum peer_kind kind, int tls13, int both)
{
	struct peer_files files = { .folder = folder, .chain = in_folder(folder, "server.pem"), .key = in_folder(folder, "server.pem.key"),
		.intermediates = in_folder(folder, "issuing.pem"), .clients_ca = in_folder(folder, both == 1 ? "both.pem" : "old.pem") };

	servers[kind][tls13][both].pid = peer_launch(kind, tls13 == 1, &files, &servers[kind][tls13][both].port);
}

static struct cert *
parsed(const struct pki_cert *c)
{
	struct error err = { .code = ERROR_NONE };
	size_t len;
	unsigned char *der = pki_der(c, &len);
	struct cert *out = cert_parse(der, len, &err);

	free(der);
	assert_non_null(out);
	return out;
}

static void
make_pass(void)
{
	struct cert *certs[2];
	struct key *key;

	new_root = pki_issue(&(struct pki_request){ .cn = "Acme Root CA G2", .ca = true, .key_usage = "critical,keyCertSign,cRLSign" }, NULL);
	new_issuing = pki_issue(&(struct pki_request){ .cn = "Acme Issuing CA 1 G2", .ca = true, .key_usage = "critical,keyCertSign,cRLSign" }, &new_root);
	new_client = pki_issue(&(struct pki_request){ .cn = "mtlscope roll-over", .key_usage = "critical,digitalSignature", .eku = "clientAuth" }, &new_issuing);
	certs[0] = parsed(&new_client);
	certs[1] = parsed(&new_issuing);
	EVP_PKEY_up_ref(new_client.key);
	key = key_from_evp(new_client.key, true, false);
	pass = identity_from("mtlscope roll-over", certs, 2, key);
	key_free(key);
	cert_free(certs[0]);
	cert_free(certs[1]);
}

static int
set_up(void **state)
{
	folder = make_folder();
	engine_set_up(state);
	make_pass();
	const struct pki_cert *server[] = { &engine_pki.server, &engine_pki.issuing }, *issuing[] = { &engine_pki.issuing },
		*both[] = { &engine_pki.root, &new_root };
	if (!pki_write_certs(in_folder(folder, "server.pem"), server, 2) || !pki_write_certs(in_folder(folder, "issuing.pem"), issuing, 1) ||
	    !pki_write_certs(in_folder(folder, "old.pem"), both, 1) || !pki_write_certs(in_folder(folder, "both.pem"), both, 2) ||
	    !pki_write_key(in_folder(folder, "server.pem.key"), engine_pki.server.key, NULL))
		return -1;
	for (int kind = 0; kind < PEER_SCORED; kind++) {
		for (int i = 0; i < 4 && is_here(kind); i++)
			launch((enum peer_kind)kind, i & 1, i >> 1);
	}
	return 0;
}

static int
tear_down(void **state)
{
	for (int kind = 0; kind < PEER_SCORED; kind++) {
		for (int i = 0; i < 4; i++) {
			if (servers[kind][i & 1][i >> 1].pid > 0)
				stop_server(servers[kind][i & 1][i >> 1].pid);
		}
	}
	identity_free(pass);
	pki_cert_free(&new_root);
	pki_cert_free(&new_issuing);
	pki_cert_free(&new_client);
	remove_folder(folder);
	return engine_tear_down(state);
}

static const char *
name_of(int kind, int tls13, int both, char out[64])
{
	snprintf(out, 64, "%s-%s-%s", peer_names[kind], tls13 == 1 ? "13" : "12", both == 1 ? "both" : "old");
	for (char *c = out; *c != '\0'; c++)
		*c = *c == ' ' || *c == '(' || *c == ')' || *c == '/' || *c == ':' || *c == ',' ? '-' : *c;
	return out;
}

static struct config *
fleet(void)
{
	struct error err = { .code = ERROR_NONE };
	struct config *c = NULL;
	struct buf text = { 0 };
	char name[64];

	buf_adds(&text, "fleet:\n");
	for (int kind = 0; kind < PEER_SCORED; kind++) {
		for (int i = 0; i < 4 && is_here(kind); i++) {
			if (!peer_ready(servers[kind][i & 1][i >> 1].pid, servers[kind][i & 1][i >> 1].port))
				fail_msg("%s did not start", name_of(kind, i & 1, i >> 1, name));
			buf_addf(&text, "  - {name: \"%s\", target: \"127.0.0.1:%d\", servername: payment.internal}\n", name_of(kind, i & 1, i >> 1, name),
			    servers[kind][i & 1][i >> 1].port);
		}
	}
	assert_true(write_file(in_folder(folder, "config.yaml"), text.data, text.len));
	buf_done(&text);
	if (config_read(in_folder(folder, "config.yaml"), world_real(), &c, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return c;
}

static const char *
pem_of(const struct pki_cert *c, struct arena *a)
{
	struct cert *cert = parsed(c);
	struct buf b = { 0 };
	const char *out;

	cert_pem(cert, &b);
	out = arena_strdup(a, b.data);
	buf_done(&b);
	cert_free(cert);
	return out;
}

static unsigned wrong;

static void
expect(const struct rollover *r, int kind, int tls13, int both)
{
	char name[64];
	const struct rollover_service *s = rollover_find(r, name_of(kind, tls13, both, name));
	const char *found = rollover_answer_word(s->cells[ROLLOVER_SERVER].answer), *wanted = both == 1 ? welcome_of_kind((enum peer_kind)kind) : refusal_of_kind((enum peer_kind)kind);

	if (is_late((enum peer_kind)kind) ? strcmp(found, "YES") == 0 && both == 0 : strcmp(found, wanted) != 0)
		print_error("%s: %s (%s), and %s was expected\n", name, found, s->cells[ROLLOVER_SERVER].how, wanted), wrong++;
	if (s->cells[ROLLOVER_SENDS].answer != ROLLOVER_NO)
		fail_msg("%s: what it sends: %s", name, s->cells[ROLLOVER_SENDS].how);
}

static void
all_at_once(void **state)
{
	struct rollover *r = rollover_new();
	struct examine_options how = engine_quick();
	struct config *c = fleet();
	struct rollover_look look = { .config = c, .options = &how, .world = world_real(), .pass = pass };
	struct error err = { .code = ERROR_NONE };
	size_t gone = 0;

	(void)state;
	r->id = "x";
	r->way = ROLLOVER_CROSS;
	r->old_root = (struct rollover_ca){ .arn = "arn:old", .name = "old", .pem = pem_of(&engine_pki.root, r->arena) };
	r->new_root = (struct rollover_ca){ .arn = "arn:new", .name = "new", .pem = pem_of(&new_root, r->arena) };
	if (rollover_look(&look, r, &gone, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_true(r->services_len >= 4 * (size_t)PEER_KINDS);
	for (int kind = 0; kind < PEER_SCORED; kind++) {
		for (int i = 0; i < 4 && is_here(kind); i++)
			expect(r, kind, i & 1, i >> 1);
	}
	assert_int_equal(wrong, 0);
	config_free(c);
	rollover_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_at_once),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
