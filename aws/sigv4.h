/*
 * AWS Signature Version 4: signing, for the client, and verifying, for the lab. One file, no sockets, no clock.
 * Source: AWS General Reference “Signature Version 4 signing process”; knowledge "aws" 1.2, 4.4 and 5.4.
 */
#ifndef AWS_SIGV4_H
#define AWS_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIGV4_HEADERS_MAX = 64, SIGV4_SHA256_HEX = 65 };

struct sigv4_header {
	const char *name, *value; /* as sent; case of the name does not matter */
};

struct sigv4_request {
	const char *method;       /* "POST" */
	const char *path;         /* as on the wire, percent-encoded once: "/", "/bucket/a%20b" */
	const char *query;        /* as on the wire, without "?"; NULL or "": none */
	const struct sigv4_header *headers;
	size_t headers_len;
	const void *body;
	size_t body_len;
	const char *payload_hash; /* hex SHA-256 of a body that is not in memory, or "UNSIGNED-PAYLOAD"; NULL: of body */
};

struct sigv4_key {
	const char *access_key, *secret, *token; /* token NULL: none */
};

/* What signing adds: headers to send with the request. */
struct sigv4_signed {
	char authorization[2048];
	char date[20];                          /* X-Amz-Date: 20261129T215559Z */
	char payload_hash[SIGV4_SHA256_HEX + 24]; /* x-amz-content-sha256: always sent, always signed */
	/* X-Amz-Security-Token is the key's own token, where it has one: signed too. */
};

/*
 * Signs every header that is given (host must be among them), and those of sigv4_signed. service "s3" encodes the
 * path once, every other twice. at: seconds since the epoch. False: too many headers or out of bounds.
 */
bool sigv4_sign(const struct sigv4_request *r, const struct sigv4_key *key, const char *region, const char *service,
    int64_t at, struct sigv4_signed *out);

enum sigv4_verdict {
	SIGV4_GOOD,
	SIGV4_MISSING,      /* no Authorization header (and no X-Amz-Signature in the query) */
	SIGV4_INCOMPLETE,   /* it lacks a part, or the date, or does not parse: `why` names the part */
	SIGV4_UNKNOWN_KEY,  /* `find` does not know the access key */
	SIGV4_TOKEN,        /* the session token is missing, not asked for, or another one */
	SIGV4_TOKEN_EXPIRED,
	SIGV4_EARLY,        /* X-Amz-Date is later than now + window */
	SIGV4_EXPIRED,      /* X-Amz-Date is earlier than now - window */
	SIGV4_SCOPE,        /* the scope's date, region, service or end is another */
	SIGV4_UNSIGNED,     /* host, or an x-amz- header that was sent, is not among SignedHeaders */
	SIGV4_MISMATCH,     /* the signature is another */
	SIGV4_PAYLOAD       /* x-amz-content-sha256 is not the body's hash */
};

/* What `find` tells of an access key. */
struct sigv4_known {
	const char *secret;
	const char *token;     /* the only one that goes with it; NULL: none may be sent */
	int64_t token_expires; /* 0: never */
};

struct sigv4_check {
	/* False: no such access key. */
	bool (*find)(void *user, const char *access_key, struct sigv4_known *out);
	void *user;
	const char *region;   /* NULL: any; the scope's is in the result */
	const char *service;  /* the one that was called */
	int64_t now;          /* seconds */
	int64_t window;       /* seconds either way: AWS has 15 minutes for S3, 5 elsewhere */
};

struct sigv4_checked {
	enum sigv4_verdict verdict;
	char access_key[160];
	char region[40], service[40];
	char why[320];         /* for the error's text: AWS names expected and actual parts; printable */
	char canonical[4096];  /* the canonical request, cut, as S3's error shows it: for SIGV4_MISMATCH */
};

/* Exactly the SignedHeaders list is canonicalised; the comparison takes constant time. Presigned queries too. */
void sigv4_verify(const struct sigv4_request *r, const struct sigv4_check *how, struct sigv4_checked *out);

/* Hex SHA-256 of bytes. */
void sigv4_hash(const void *bytes, size_t len, char out[SIGV4_SHA256_HEX]);

/* RFC 3986 percent-encoding as AWS wants it (unreserved stay); keep_slash for paths. Appends to *out. */
struct buf;
void sigv4_encode(struct buf *out, const char *text, size_t len, bool keep_slash);

#endif
