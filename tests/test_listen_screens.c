/* The clients that came, and one of them, as they look; and a listener that is started and stopped from the console. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <locale.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "model/alert.h"
#include "model/limits.h"
#include "model/memory.h"
#include "tests/program.h"
#include "tests/screen.h"
#include "tests/seen_builder.h"

enum { CLIENTS = 5 };

static struct chains *chains;

static const struct seen_case cases[CLIENTS] = {
	{ "fine", CLIENT_OPENSSL, { "leaf", "issuing" }, { "root" }, { "root" }, .for_any = false },
	{ "incomplete", CLIENT_OPENSSL, { "leaf" }, { "root" }, { "root" }, .for_any = false },
	{ "nothing", CLIENT_GO, { 0 }, { "root" }, { "root" }, .for_any = false },
	{ "it does not trust us", CLIENT_JAVA, .trust = { "root" }, .listed = { "root" }, .alert = 46 },
	{ "kept back", CLIENT_GO, { "strange" }, { 0 }, { "root" }, .for_any = true },
};

static void
add_message(struct handshake *h, enum peer from, uint8_t type, double ms, const char *note)
{
	h->messages[h->messages_len++] = (struct message){ .from = from, .type = type, .bytes = 100, .parsed_ms = ms, .at_ms = ms, .note = note };
}

static struct seen_client *
make_one(size_t i)
{
	struct seen_client *s = mem_zero(1, sizeof *s);
	struct evidence *e = seen_evidence(chains, &cases[i]);
	struct client *c = e->client;
	struct handshake *h = c->handshake;

	c->number = i + 1;
	c->earlier.number = i;
	h->messages = arena_array(h->arena, 16, sizeof *h->messages);
	add_message(h, PEER_US, 1, 0.5, "TLS 1.3");
	add_message(h, PEER_SERVER, 2, 1.1, "TLS 1.3 X25519");
	add_message(h, PEER_SERVER, 8, 1.1, NULL);
	add_message(h, PEER_SERVER, 13, 1.1, h->request.cas_len > 0 ? "1 CA named" : "no CA named");
	add_message(h, PEER_SERVER, 11, 1.1, "1 certificate");
	add_message(h, PEER_SERVER, 20, 1.1, NULL);
	if (h->sent_certificate_message) {
		add_message(h, PEER_US, 11, 2.4, c->certs_len > 0 ? "1 certificate" : "empty");
		add_message(h, PEER_US, 20, 2.4, NULL);
		c->agent = cases[i].who == CLIENT_GO ? "Go-http-client/1.1" : "curl/7.88.1";
	}
	for (size_t k = 0; k < h->alerts_len; k++)
		h->alerts[k].at_ms = 2.2;
	h->ended.at_ms = 2.6;
	e->started_ms = (CHAINS_NOW + (int64_t)i) * 1000;
	s->evidence = e;
	s->diagnosis = diagnose(e);
	return s;
}

static void
with_clients(struct console_setup *s, void *user)
{
	static struct seen_client *seen[CLIENTS];

	(void)user;
	for (size_t i = 0; i < CLIENTS; i++)
		seen[i] = make_one(i);
	*s = (struct console_setup){
		.fleet = fleet_new(),
		.world = world_real(),
		.examine = examine_defaults,
		.first = &listen_view,
		.seen = seen,
		.seen_len = CLIENTS,
		.still = true,
	};
	s->examine.at_set = true;
	s->examine.at = CHAINS_NOW;
}

static void
how_they_look(void **state)
{
	(void)state;
	screen_goldens("listen", with_clients, NULL, "");
	screen_goldens("listen-filter", with_clients, NULL, "/ c u r l Enter");
}

/* From the top: kept back, distrusts us, sends nothing, incomplete, fine. */
static void
one_of_them(void **state)
{
	(void)state;
	screen_goldens("client-kept-back", with_clients, NULL, "Enter");
	screen_goldens("client-distrusts", with_clients, NULL, "Down Enter");
	screen_goldens("client-incomplete", with_clients, NULL, "Down Down Down Enter");
	screen_goldens("client-incomplete-end", with_clients, NULL, "Down Down Down Enter End");
}

static void
plain(struct console_setup *s)
{
	*s = (struct console_setup){ .fleet = fleet_new(), .world = world_real(), .examine = examine_defaults };
}

static void
come(const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(strrchr(address, ':') + 1, NULL, 10)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	assert_int_equal(write(fd, "GET / HTTP/1.0\r\n\r\n", 18), 18);
	close(fd);
}

/* :listen, a client, Enter, back, x; then somewhere else. The screen's thread waits for none of it. */
static void
from_the_console(void **state)
{
	struct console_setup setup;
	struct screen *s;
	struct console *k;

	(void)state;
	plain(&setup);
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	k = screen_console(s);
	console_act(k, ACTION_LISTEN, "0");
	screen_wait(s, "listening on 127.0.0.1:");
	screen_wait(s, "our CA");
	come(console_clients(k)->about->address);
	screen_wait(s, "It speaks plain HTTP");
	screen_keys(s, "Enter");
	screen_wait(s, "http://");
	screen_keys(s, "q x");
	screen_wait(s, "no longer listening");
	assert_false(console_clients(k)->open);
	assert_int_equal(console_clients(k)->len, 1); /* what is known stays */
	console_act(k, ACTION_LISTEN, "0");
	screen_wait(s, "listening on 127.0.0.1:");
	screen_close(s);
}

static void
what_cannot_be(void **state)
{
	struct console_setup setup;
	struct screen *s;

	(void)state;
	plain(&setup);
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	console_act(screen_console(s), ACTION_LISTEN, "nowhere");
	screen_wait(s, "expected a port");
	console_act(screen_console(s), ACTION_LISTEN, "203.0.113.9:0");
	screen_wait(s, "is no address of this machine");
	screen_keys(s, "x");
	screen_wait(s, "it does not listen");
	screen_close(s);
}

/* More than are kept: the oldest go, are counted, and an open record that goes says so. */
static void
the_oldest_go(void **state)
{
	struct console_setup setup;
	struct screen *s;
	struct seen_client **many = mem_zero(LIMIT_LISTEN_KEPT + 7, sizeof *many);

	(void)state;
	plain(&setup);
	for (size_t i = 0; i < LIMIT_LISTEN_KEPT + 7; i++) {
		many[i] = make_one(1);
		many[i]->evidence->client->number = i + 1;
	}
	setup.seen = many;
	setup.seen_len = LIMIT_LISTEN_KEPT + 7;
	setup.first = &listen_view;
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	screen_wait(s, "1007 clients");
	screen_wait(s, "(the oldest 7 are not kept)");
	assert_int_equal(console_clients(screen_console(s))->len, LIMIT_LISTEN_KEPT);
	console_push(screen_console(s), &client_view, &(uint64_t){ 3 });
	screen_wait(s, "not kept any more");
	screen_close(s);
	free(many);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(how_they_look),
		cmocka_unit_test(one_of_them),
		cmocka_unit_test(from_the_console),
		cmocka_unit_test(what_cannot_be),
		cmocka_unit_test(the_oldest_go),
	};
	int failed;

	setlocale(LC_ALL, "C.UTF-8");
	chains = seen_chains();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	chains_free(chains);
	return failed;
}
