/*
 * What an AWS call failed of. AWS's own code and text are kept as they came (made printable); `kind` is what callers
 * decide by, from one table of codes (aws/error.c). The first error stays, as with model/error.h.
 */
#ifndef AWS_ERROR_H
#define AWS_ERROR_H

#include "model/error.h"

enum aws_kind {
	AWS_FINE,
	AWS_NO_CREDENTIALS,  /* the chain found none; message says what was looked at */
	AWS_BAD_CREDENTIALS, /* unknown key, wrong secret, wrong or expired token */
	AWS_NO_REGION,
	AWS_DENIED,          /* AccessDeniedException: who may not do what on which resource */
	AWS_NOT_FOUND,
	AWS_STATE,           /* InvalidStateException and its kin: not in this state */
	AWS_ARGUMENT,        /* what was sent breaks a rule */
	AWS_IN_PROGRESS,     /* RequestInProgressException: ask again later; no call is tried again for it, waiters do */
	AWS_EXISTS,          /* it is there, or done, already */
	AWS_THROTTLED,       /* still, after every try */
	AWS_QUOTA,           /* LimitExceededException: waiting does not help */
	AWS_CLOCK,           /* our clock is off, and correcting it did not help */
	AWS_SERVER,          /* 5xx after every try */
	AWS_ANSWER,          /* an answer that is none: HTML, cut JSON, over a limit */
	AWS_NETWORK,         /* no answer: not resolved, refused, timed out, TLS */
	AWS_MISSING,         /* the service does not know the operation */
	AWS_CANCELLED,       /* the caller's cancel flag */
	AWS_LOCAL,           /* this machine: a file that cannot be read, a process that did not start */
	AWS_OTHER            /* a code that no row knows */
};

struct aws_error {
	enum aws_kind kind;
	int http_status;      /* 0: nothing came back */
	bool unsettled;       /* a try of it went out whose answer is none, or a fault of AWS: it may have been carried out */
	char code[96];        /* "InvalidStateException"; "" where AWS did not say */
	char message[640];    /* one line, printable */
	char request_id[80];
	char operation[64];   /* "acm-pca IssueCertificate" */
};

/* Fills *err unless it is set already (kind not AWS_FINE). Always STATUS_FAILED. code may be NULL. */
status aws_error_set(struct aws_error *err, enum aws_kind kind, const char *code, const char *fmt, ...) PRINTF_LIKE(4, 5);
void aws_error_clear(struct aws_error *err);

/* May what was asked for have been done all the same? Nothing is said of it where AWS refused, or was not reached. */
bool aws_error_unsettled(const struct aws_error *e);

/* The kind of an AWS error code ("ThrottlingException") that came with this HTTP status. */
enum aws_kind aws_error_kind(const char *code, int http_status);

/*
 * For people: one line with what was being done ("list the CAs"), what AWS said, and what to do about it, into *err as
 * ERROR_AWS. `where` is "account prod, region us-east-1" (aws_client_where()) or NULL.
 */
status aws_error_say(const struct aws_error *from, const char *doing, const char *where, struct error *err);

#endif
