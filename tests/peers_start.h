/* How each server of tests/peers.h is started: for the table in tests/peers.c alone. */
#ifndef TESTS_PEERS_START_H
#define TESTS_PEERS_START_H

#include "model/buf.h"
#include "tests/peers.h"

/* What starting one takes; the strings are the caller's. */
struct peer_start {
	const struct peer_files *files;
	bool tls13;
	int port;
	const char *port_text, *log;
};

/* Writes "NAME-PORT.SUFFIX" into the folder; frees text. Its path, in in_folder()'s ring. */
const char *peer_write(const struct peer_start *s, const char *name, const char *suffix, struct buf *text);
const char *apache_modules(void); /* the folder with mod_ssl.so, or NULL */

pid_t start_nginx(const struct peer_start *s);
pid_t start_apache(const struct peer_start *s);
pid_t start_apache_location(const struct peer_start *s);
pid_t start_haproxy(const struct peer_start *s);
pid_t start_stunnel(const struct peer_start *s);
pid_t start_s_server(const struct peer_start *s);
pid_t start_gnutls(const struct peer_start *s);
pid_t start_gnutls_no_ticket(const struct peer_start *s);

pid_t start_node(const struct peer_start *s);
pid_t start_python(const struct peer_start *s);
pid_t start_go(const struct peer_start *s);
pid_t start_java(const struct peer_start *s);
pid_t start_java_https(const struct peer_start *s);

/* Made by `make servers` where the machine has the compiler. */
#define GO_SERVER "build-servers/go_server"
#define JAVA_SERVER "build-servers/JavaServer.class"

#endif
