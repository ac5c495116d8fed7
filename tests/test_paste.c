/*
 * Configuration to paste is run: each server that is here is started with what is printed for it, and lets the right client
 * in and nobody else; each client that is here gets in with what is printed for it, and not with another identity or another
 * trust. The files have names that every format must quote. Then what is only text: JSON parses, aws takes the lines.
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
	static const char *const files[] = { "server.pem", "server.pem.key", "root.pem", "right.pem", "right.key", "deep.pem", "deep.key", "revoked.crl" };

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

static void
clients_do_as_printed(void **state)
{
	(void)state;
	if (world.target.pid == 0)
		skip();
	for (size_t i = 0; i < CLIENTS; i++) {
		const char *folder = strcmp(clients[i], "nginx") == 0 ? world.hard : i % 2 ? world.harder : world.hard;
		struct paste_run r = { .folder = world.folder, .stack = clients[i], .c = client_case(folder) };

		if (paste_run_missing(clients[i]) != NULL) {
			print_message("%s is left out: %s\n", clients[i], paste_run_missing(clients[i]));
			continue;
		}
		paste_run_write(&r);
		if (!paste_run_ask(&r))
			fail_msg("%s does not get in", clients[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_do_as_printed),
		cmocka_unit_test(clients_do_as_printed),
	};

	return cmocka_run_group_tests(tests, start_world, stop_world);
}
