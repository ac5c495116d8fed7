/*
 * What was said on a connection in another protocol than TLS and HTTP: to a proxy, before STARTTLS, and
 * the first question inside TLS where a service shows only there whether it accepts us.
 */
#ifndef MODEL_SPOKEN_H
#define MODEL_SPOKEN_H

#include <stdbool.h>

enum spoken_where {
	SPOKEN_TO_PROXY,
	SPOKEN_BEFORE_TLS,
	SPOKEN_INSIDE_TLS
};
const char *spoken_where_name(enum spoken_where w); /* as in JSON: "proxy", "plain", "tls" */

/* A line, or a message of a binary protocol in words. Never a credential. */
struct spoken {
	bool by_us;
	enum spoken_where where;
	const char *text; /* printable, bounded */
	double at_ms;     /* ours: when its last byte left, or -1; theirs: when it was read */
};

/* What kept us from TLS: the handshake never began. */
enum obstacle {
	OBSTACLE_NONE,
	OBSTACLE_PROXY,    /* the proxy does not let us through, or is none */
	OBSTACLE_STARTTLS, /* the service does not go over to TLS, or speaks another protocol */
	OBSTACLE_INJECTED  /* plain text came behind its go-ahead: somebody put it there, or it has a fault (CVE-2021-23222 and kin) */
};

/* The first answer inside TLS, of a service that does not speak HTTP. */
enum inside {
	INSIDE_NOT_ASKED,
	INSIDE_UNANSWERED,
	INSIDE_ACCEPTED, /* it speaks with us: TLS has let us in */
	INSIDE_DOUBTFUL, /* an error that may mean our certificate */
	INSIDE_REFUSED   /* it says that our certificate, or the lack of one, is the reason */
};

struct inside_answer {
	enum inside is;
	const char *question; /* "EHLO", "StartupMessage": what we said; or NULL */
	const char *text;     /* printable: what decided it; or NULL */
	double at_ms;         /* of the answer; -1 */
};

#endif
