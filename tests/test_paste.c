/*
 * Configuration to paste is run: each server that is here is started with what is printed for it, and lets the right client
 * in and nobody else; each client that is here gets in with what is printed for it, and not with another identity or another
 * trust. The files have names that every format must quote. What is only text: tests/test_paste_text.c.
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
#include <sys/stat.h>
#include <unistd.h>

#include "fixes/paste_lines.h"
#include "tests/paste_run.h"
#include "tests/peer_clients.h"
#include "tests/program.h"

enum { READY_MS = 40000 };

/* A folder whose name every format must quote; nginx takes no $. */
#define HARD "it's a \"b\\c;d#e {f} %g&<h>"
#define HARDER "$HOME `x` $(y)"

static struct {
	char *folder;
	char hard[4096], harder[4096];
	struct paste_run backend, target; /* plain HTTP; an endpoint that wants a certificate */
	int backend_port;
	char backend_name[32];
} world;

static void
copy(const char *from, const char *to)
{
	struct run run;

	run_program((const char *const[]){ "cp", from, to, NULL }, NULL, &run);
	assert_int_equal(run.status, 0);
	run_done(&run);
}

static void
fill(const char *folder)
{
	static const char *const files[] = { "server.pem", "server.pem.key", "root.pem", "right.pem", "right.key", "revoked.crl" };

	assert_int_equal(mkdir(folder, 0755), 0);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		copy(in_folder(world.folder, files[i]), in_folder(folder, files[i]));
}

/* Facts of a server whose files lie there. */
static struct paste_case
server_case(const char *folder)
{
	return (struct paste_case){ .side = PASTE_SERVER, .cert = in_folder(folder, "server.pem"), .key = in_folder(folder, "server.pem.key"),
	    .trust = in_folder(folder, "root.pem"), .name = "localhost", .address = "127.0.0.1", .port = (unsigned)reserve_port_everywhere(), .backend = world.backend_name };
}

static struct paste_case
client_case(const char *folder)
{
	return (struct paste_case){ .side = PASTE_CLIENT, .cert = in_folder(folder, "right.pem"), .key = in_folder(folder, "right.key"),
	    .trust = in_folder(folder, "root.pem"), .name = "localhost", .address = "127.0.0.1", .port = world.target.c.port };
}

static int
start_world(void **state)
{
	const char *conf;
	struct buf b = { 0 };

	(void)state;
	world.folder = make_folder();
	chmod(world.folder, 0755);
	peer_clients_write(world.folder);
	snprintf(world.hard, sizeof world.hard, "%s/%s", world.folder, HARD);
	snprintf(world.harder, sizeof world.harder, "%s/%s", world.folder, HARDER);
	fill(world.hard);
	fill(world.harder);
	if (paste_run_missing("nginx") != NULL)
		return 0;
	/* What stands behind a proxy: plain nginx. */
	world.backend_port = reserve_port();
	snprintf(world.backend_name, sizeof world.backend_name, "127.0.0.1:%d", world.backend_port);
	conf = in_folder(world.folder, "backend.conf");
	buf_addf(&b, "daemon off; master_process off; pid %s/backend.pid; error_log %s/backend.log;\nevents { }\nhttp { access_log off;\n", world.folder, world.folder);
	buf_addf(&b, "server { listen %s; location / { return 200 \"ok $http_x_client_verify $http_x_client_subject\\n\"; } } }\n", world.backend_name);
	assert_true(write_file(conf, b.data, b.len));
	buf_done(&b);
	world.backend.pid = start_server((const char *const[]){ "nginx", "-e", "/dev/null", "-p", world.folder, "-c", conf, NULL }, in_folder(world.folder, "backend.out"));
	/* Whom the clients ask. */
	world.target = (struct paste_run){ .folder = world.folder, .stack = "nginx", .c = server_case(world.folder) };
	paste_run_serve(&world.target);
	assert_true(wait_for_port(world.backend_port, world.backend.pid, READY_MS));
	assert_true(wait_for_port(world.target.port, world.target.pid, READY_MS));
	return 0;
}

static int
stop_world(void **state)
{
	(void)state;
	stop_server(world.backend.pid);
	paste_run_stop(&world.target);
	remove_folder(world.folder);
	return 0;
}

/* ---- servers ---- */

static const char *const servers[] = { "nginx", "apache", "haproxy", "go", "java", "python", "node" };
enum { SERVERS = sizeof servers / sizeof servers[0] };

/* In, with the right certificate; not without one, and not with a stranger's. */
static void
judge_server(const struct paste_run *r)
{
	const char *root = in_folder(world.folder, "root.pem");
	int right, none, other;

	if (!wait_for_port(r->port, r->pid, READY_MS))
		fail_msg("%s does not start: see %s/out", r->stack, r->own);
	right = paste_ask(r->port, root, in_folder(world.folder, "right.pem"), in_folder(world.folder, "right.key"));
	none = paste_ask(r->port, root, NULL, NULL);
	other = paste_ask(r->port, root, in_folder(world.folder, "other.pem"), in_folder(world.folder, "other.key"));
	print_message("%-8s right: %d, none: %d, of another CA: %d\n", r->stack, right, none, other);
	if (right != 200 || none == 200 || other == 200)
		fail_msg("%s: right: %d, none: %d, of another CA: %d", r->stack, right, none, other);
}

static void
servers_do_as_printed(void **state)
{
	static struct paste_run runs[SERVERS];

	(void)state;
	for (size_t i = 0; i < SERVERS; i++) {
		if (paste_run_missing(servers[i]) != NULL) {
			print_message("%s is left out: %s\n", servers[i], paste_run_missing(servers[i]));
			continue;
		}
		runs[i] = (struct paste_run){ .folder = world.folder, .stack = servers[i], .c = server_case(strcmp(servers[i], "nginx") == 0 ? world.hard : i % 2 ? world.harder : world.hard) };
		paste_run_serve(&runs[i]);
	}
	for (size_t i = 0; i < SERVERS; i++)
		if (runs[i].pid > 0)
			judge_server(&runs[i]);
	for (size_t i = 0; i < SERVERS; i++)
		paste_run_stop(&runs[i]);
}

/* ---- clients ---- */

static const char *const clients[] = { "curl", "python", "node", "go", "java", "nginx", "haproxy", "apache" };
enum { CLIENTS = sizeof clients / sizeof clients[0] };

static struct paste_run
client_run(size_t i)
{
	const char *folder = strcmp(clients[i], "nginx") == 0 ? world.hard : i % 2 ? world.harder : world.hard;

	return (struct paste_run){ .folder = world.folder, .stack = clients[i], .c = client_case(folder) };
}

static void
clients_do_as_printed(void **state)
{
	(void)state;
	if (world.target.pid == 0)
		skip();
	for (size_t i = 0; i < CLIENTS; i++) {
		struct paste_run r = client_run(i);

		if (paste_run_missing(clients[i]) != NULL) {
			print_message("%s is left out: %s\n", clients[i], paste_run_missing(clients[i]));
			continue;
		}
		paste_run_write(&r);
		if (!paste_run_ask(&r))
			fail_msg("%s does not get in", clients[i]);
	}
}

/* Both folders' file becomes what that one is. */
static void
replace(const char *from, const char *file)
{
	copy(in_folder(world.folder, from), in_folder(world.hard, file));
	copy(in_folder(world.folder, from), in_folder(world.harder, file));
}

/* What lies in the client's files is another identity, or another trust: the same program, the same configuration. */
static void
clients_get_in_by_that_alone(void **state)
{
	(void)state;
	if (world.target.pid == 0)
		skip();
	for (int k = 0; k < 2; k++) {
		replace(k == 0 ? "other.pem" : "right.pem", "right.pem");
		replace(k == 0 ? "other.key" : "right.key", "right.key");
		replace(k == 0 ? "root.pem" : "namesake-root.pem", "root.pem");
		for (size_t i = 0; i < CLIENTS; i++) {
			struct paste_run r = client_run(i);

			/* Java's stores hold copies, and take seconds: it is asked once, above. */
			if (paste_run_missing(clients[i]) != NULL || strcmp(clients[i], "java") == 0)
				continue;
			paste_run_write(&r);
			if (paste_run_ask(&r))
				fail_msg("%s gets in with another %s", clients[i], k == 0 ? "identity" : "trust");
		}
	}
	replace("root.pem", "root.pem");
}

/* The server's certificate bears another name than the one that is asked for. */
static void
proxies_look_at_the_name(void **state)
{
	static const char *const proxies[] = { "nginx", "haproxy" };

	(void)state;
	if (world.target.pid == 0)
		skip();
	for (size_t i = 0; i < 2; i++) {
		struct paste_run r = { .folder = world.folder, .stack = proxies[i], .c = client_case(world.hard) };

		if (paste_run_missing(proxies[i]) != NULL)
			continue;
		r.c.name = "ledger.internal";
		paste_run_write(&r);
		assert_int_equal(unlink(in_folder(r.own, i == 0 ? "localhost-client.inc" : "out")), 0);
		assert_false(paste_run_ask(&r));
	}
}

/* ---- depth, revocation, optional ---- */

static const struct variant {
	const char *stack;
	unsigned depth;
	bool crl, optional;
	const char *client; /* NULL: none */
	bool gets_in;
} variants[] = {
	{ "nginx", 1, false, false, "deep", false },
	{ "nginx", 2, false, false, "deep", true },
	{ "apache", 1, false, false, "deep", false },
	{ "apache", 2, false, false, "deep", true },
	{ "haproxy", 0, false, false, "deep", true },
	{ "nginx", 0, true, false, "right", false },
	{ "nginx", 0, true, false, "withroot", true },
	{ "apache", 0, true, false, "right", false },
	{ "apache", 0, true, false, "withroot", true },
	{ "haproxy", 0, true, false, "right", false },
	{ "haproxy", 0, true, false, "withroot", true },
	{ "python", 0, true, false, "right", false },
	{ "python", 0, true, false, "withroot", true },
	{ "node", 0, true, false, "right", false },
	{ "node", 0, true, false, "withroot", true },
	{ "nginx", 0, false, true, NULL, true },
	{ "nginx", 0, false, true, "other", false },
	{ "apache", 0, false, true, NULL, true },
	{ "haproxy", 0, false, true, NULL, true },
	{ "haproxy", 0, false, true, "other", false },
	{ "python", 0, false, true, NULL, true },
	{ "node", 0, false, true, NULL, true },
};
enum { VARIANTS = sizeof variants / sizeof variants[0] };

static bool
same_server(const struct variant *a, const struct variant *b)
{
	return strcmp(a->stack, b->stack) == 0 && a->depth == b->depth && a->crl == b->crl && a->optional == b->optional;
}

static void
judge_variant(const struct variant *v, const struct paste_run *r)
{
	char cert[64], key[64];
	int answer;

	snprintf(cert, sizeof cert, "%s.pem", v->client != NULL ? v->client : "");
	snprintf(key, sizeof key, "%s.key", v->client != NULL ? v->client : "");
	answer = paste_ask(r->port, in_folder(world.folder, "root.pem"), v->client != NULL ? in_folder(world.folder, cert) : NULL, in_folder(world.folder, key));
	if ((answer == 200) != v->gets_in)
		fail_msg("%s, depth %u%s%s: %s gets %d", v->stack, v->depth, v->crl ? ", with revocation" : "", v->optional ? ", optional" : "", v->client != NULL ? v->client : "nobody", answer);
}

static void
other_facts_do_as_printed(void **state)
{
	static struct paste_run runs[VARIANTS];
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < VARIANTS; i++) {
		if (paste_run_missing(variants[i].stack) != NULL || (i > 0 && same_server(&variants[i], &variants[i - 1])))
			continue;
		runs[i] = (struct paste_run){ .folder = world.folder, .stack = variants[i].stack, .c = server_case(world.hard) };
		runs[i].c.depth = variants[i].depth;
		runs[i].c.optional = variants[i].optional;
		runs[i].c.crl = variants[i].crl ? in_folder(world.hard, "revoked.crl") : NULL;
		paste_run_serve(&runs[i]);
	}
	for (size_t i = 0; i < VARIANTS; i++) {
		at = runs[i].pid != 0 ? i : at;
		if (paste_run_missing(variants[i].stack) != NULL)
			continue;
		if (!wait_for_port(runs[at].port, runs[at].pid, READY_MS))
			fail_msg("%s does not start: see %s/out", runs[at].stack, runs[at].own);
		judge_variant(&variants[i], &runs[at]);
	}
	for (size_t i = 0; i < VARIANTS; i++)
		paste_run_stop(&runs[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_do_as_printed),
		cmocka_unit_test(clients_do_as_printed),
		cmocka_unit_test(clients_get_in_by_that_alone),
		cmocka_unit_test(proxies_look_at_the_name),
		cmocka_unit_test(other_facts_do_as_printed),
	};

	return cmocka_run_group_tests(tests, start_world, stop_world);
}
