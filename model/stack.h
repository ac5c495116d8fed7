/* Which TLS stack is the server? A guess from what was seen anyway; knowledge: "diagnosis", 3.2 to 3.6, 5.4. */
#ifndef MODEL_STACK_H
#define MODEL_STACK_H

#include "model/evidence.h"
#include "model/finding.h"

enum stack {
	STACK_UNKNOWN,
	STACK_OPENSSL, /* s_server, Apache, HAProxy, stunnel, Python, Envoy/BoringSSL: the same alerts */
	STACK_NGINX,   /* completes the handshake, refuses with HTTP 400 */
	STACK_GO_OLD,  /* 42 for anything */
	STACK_GO_NEW,
	STACK_JAVA,
	STACK_NODE,
	STACK_GNUTLS,
	STACK_RUSTLS,
	STACK_S2N,
	STACK_SCHANNEL,
	STACK_API_GATEWAY,
	STACK_COUNT
};

struct stack_guess {
	enum stack stack;
	enum confidence confidence;
	const char *name;    /* "OpenSSL family"; "unknown" */
	const char *because; /* "Server: nginx/1.22.1" */
	const char *source;  /* where what is known of that stack comes from: "measured on nginx 1.22", "read in its source, not measured"; "" for none */
};

const char *stack_name(enum stack s);
struct stack_guess stack_guess(const struct evidence *e, struct arena *a);

#endif
