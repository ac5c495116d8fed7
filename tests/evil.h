/*
 * Peers and files that want to paint on a terminal: names with ESC, OSC 52, CR LF, NUL, bidi and zero-width
 * characters in server's, client's and root certificates, in an HTTP answer, in what a port without TLS says, in file names.
 */
#ifndef TESTS_EVIL_H
#define TESTS_EVIL_H

#include <stdbool.h>
#include <sys/types.h>

struct script_pki;
struct script_server;

struct evil {
	char *folder;    /* server.pem with server.pem.key, root.pem, other.pem; payment.pem, payment.key, payment-root.pem */
	pid_t server;    /* s_server with server.pem, which asks for a certificate of root.pem */
	int port;
	/* The same names out of another mouth; evil_talk() starts them. */
	struct script_pki *pki;
	struct script_server *http;  /* TLS as payment.internal; the HTTP answer is hostile */
	struct script_server *plain; /* no TLS: a banner */
};

bool evil_start(struct evil *e);
/* The two servers that need no process; and payment*.pem for the first. */
void evil_talk(struct evil *e);
void evil_stop(struct evil *e);

#endif
