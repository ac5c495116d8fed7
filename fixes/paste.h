/*
 * Configuration to paste, for the case at hand: mutual TLS in nginx, Apache, HAProxy, Envoy, Go, Java, Python, Node, curl,
 * a load balancer, API Gateway, an ECS task, and the least IAM policy for what our plans call. What is not known stands
 * there as CHANGE-ME. What is printed for the servers and clients that a test machine has is run by tests/test_paste.c.
 *
 * Outside text (names, files, ARNs) is quoted as the format wants it; what a format cannot hold is refused, and so is
 * anything that is not printable.
 */
#ifndef FIXES_PASTE_H
#define FIXES_PASTE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/error.h"
#include "model/memory.h"
#include "model/stack.h"

enum paste_side {
	PASTE_CLIENT, /* the service calls another one, and shows a certificate */
	PASTE_SERVER  /* the service is called, and wants one */
};

/* The facts. Each is borrowed; NULL or 0 where it is not known. */
struct paste_case {
	enum paste_side side;
	const char *cert;        /* file: the leaf and its intermediates, without the root */
	const char *key;         /* file: its private key, PEM */
	const char *trust;       /* file: the CAs that the other side's certificate may come from */
	const char *crl;         /* file: revocation lists of all CAs of a chain; NULL: revocation is not looked at */
	const char *name;        /* of the server: its certificate bears it */
	const char *address;     /* client: where to connect, servers: where to listen; NULL: at the name, everywhere. nginx, Apache, HAProxy, Envoy */
	unsigned port;
	bool optional;           /* servers: a client without a certificate may come in, and the application decides */
	unsigned depth;          /* intermediates between a leaf and what is trusted; 0: not known, three are let through */
	const char *backend;     /* servers that hand on: "127.0.0.1:8080" */

	const char *partition, *region, *account;
	const char *ca_arn;      /* of the private CA that issues */
	const char *secret_arn, *parameter_arn;
	const char *certificate_arn; /* in ACM: the server's */
	const char *trust_store_arn, *listener_arn;
	const char *s3_uri, *s3_version; /* of the bundle of trusted CAs: "s3://bucket/key" */
	const char *domain;      /* of API Gateway */
	const char *api_id;
	const char *report_bucket; /* where audit reports go */
	unsigned needs;          /* PASTE_NEEDS_…: what the policy is to allow; 0: all of them */
};

enum {
	PASTE_NEEDS_READ = 1 << 0,    /* list and describe CAs, read what they issued */
	PASTE_NEEDS_ISSUE = 1 << 1,
	PASTE_NEEDS_REVOKE = 1 << 2,
	PASTE_NEEDS_REPORT = 1 << 3,  /* audit reports */
	PASTE_NEEDS_SECRET = 1 << 4,
	PASTE_NEEDS_PARAMETER = 1 << 5,
	PASTE_NEEDS_BUNDLE = 1 << 6,  /* the bundle in S3 */
	PASTE_NEEDS_BALANCER = 1 << 7,
	PASTE_NEEDS_GATEWAY = 1 << 8,
	PASTE_NEEDS_ACM = 1 << 9,
	PASTE_NEEDS_ALL = (1 << 10) - 1
};

/* Texts are whole files or commands, and end in a newline. */
struct paste {
	struct paste_part {
		const char *file;  /* what it is and where it goes: "/etc/nginx/conf.d/NAME.conf"; "shell": commands */
		const char *text;
	} parts[4];
	size_t len;
	const char *remark;    /* what one must know, printable sentences; or NULL */
};

struct paste_stack {
	const char *name, *title;  /* "nginx": what is typed; "nginx" as people write it */
	unsigned sides;            /* 1 << PASTE_CLIENT | 1 << PASTE_SERVER: those that it has */
	const char *other_side;    /* why it has one only; or NULL */
	status (*make)(const struct paste_case *c, struct paste *out, struct arena *a, struct error *err);
};
extern const struct paste_stack paste_stacks[];
extern const size_t paste_stacks_len;

const struct paste_stack *paste_named(const char *name); /* NULL: there is none */
/*
 * Those that a recognised stack may be, the likeliest first (what its Server header names); at most `most`. Returns how many;
 * 0 where it is none of ours.
 */
size_t paste_for(const struct stack_guess *g, const struct paste_stack **out, size_t most);

/* Into `a`. ERROR_USAGE: that side does not exist there, or a fact cannot be written in that format; says which. */
status paste_make(const struct paste_case *c, const struct paste_stack *s, struct arena *a, struct paste *out, struct error *err) MUST_USE;
/* All of it as one text, each part under its name, the remark last. NULL where paste_make() fails. */
const char *paste_text(const struct paste_case *c, const struct paste_stack *s, struct arena *a, struct error *err);

#endif
