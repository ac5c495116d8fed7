/*
 * Who sends a request to the lab's AWS: access keys in the database, signatures by aws/sigv4.c, and the refusal in the
 * words of the protocol that was spoken. Signatures are of this machine's real time, whatever the lab's clock says.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "aws/lab_key.h"
#include "aws/sigv4.h"
#include "lab/cloud_internal.h"
#include "lab/sql.h"

enum { MINUTE = 60, WINDOW = 5 * MINUTE, S3_WINDOW = 15 * MINUTE };

static const char no_match[] = "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

/* The code for each verdict in each protocol, and AWS's sentence where the verdict's own `why` is not it. */
static const struct refusal {
	const char *json, *query, *s3, *text;
} refusals[] = {
	[SIGV4_MISSING] = { "MissingAuthenticationTokenException", "MissingAuthenticationToken", "AccessDenied",
	    "Request is missing Authentication Token" },
	[SIGV4_INCOMPLETE] = { "IncompleteSignatureException", "IncompleteSignature", "AuthorizationHeaderMalformed", NULL },
	[SIGV4_UNKNOWN_KEY] = { "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId",
	    "The security token included in the request is invalid." },
	[SIGV4_TOKEN] = { "UnrecognizedClientException", "InvalidClientTokenId", "InvalidToken",
	    "The security token included in the request is invalid." },
	[SIGV4_TOKEN_EXPIRED] = { "ExpiredTokenException", "ExpiredToken", "ExpiredToken",
	    "The security token included in the request is expired" },
	[SIGV4_EARLY] = { "InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed", NULL },
	[SIGV4_EXPIRED] = { "InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed", NULL },
	[SIGV4_SCOPE] = { "InvalidSignatureException", "SignatureDoesNotMatch", "AuthorizationHeaderMalformed", NULL },
	[SIGV4_UNSIGNED] = { "InvalidSignatureException", "SignatureDoesNotMatch", "AccessDenied", NULL },
	[SIGV4_MISMATCH] = { "InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch", no_match },
	[SIGV4_PAYLOAD] = { "InvalidSignatureException", "SignatureDoesNotMatch", "XAmzContentSHA256Mismatch",
	    "The provided 'x-amz-content-sha256' header does not match what was computed." },
};

int64_t
cloud_real_now(void)
{
	return (int64_t)time(NULL);
}

const char cloud_keys_table[] = "CREATE TABLE IF NOT EXISTS cloud_keys(access_key TEXT PRIMARY KEY, secret TEXT NOT NULL, token TEXT,"
    " expires INTEGER NOT NULL, account TEXT NOT NULL, caller TEXT NOT NULL, may_all INTEGER NOT NULL) WITHOUT ROWID";

bool
cloud_keys_prepare(struct cloud *c)
{
	char access_key[CLOUD_ACCESS_KEY] = "AKIA" LAB_KEY_MARK, secret[CLOUD_SECRET];
	struct arena *a = arena_new();
	const char *known = sql_string(c->db, a, "SELECT access_key FROM cloud_keys WHERE caller = ? AND token IS NULL", "t",
	    "arn:aws:iam::" CLOUD_ACCOUNT ":user/admin");
	bool ok = true;

	if (known == NULL) {
		cloud_random(access_key + strlen(access_key), sizeof access_key - 1 - strlen(access_key));
		cloud_random(secret, sizeof secret - 1);
		ok = cloud_key_add(c, access_key, secret, NULL, 0, CLOUD_ACCOUNT, "arn:aws:iam::" CLOUD_ACCOUNT ":user/admin", true);
		known = access_key;
	}
	if (ok) {
		snprintf(c->access_key, sizeof c->access_key, "%s", known);
		snprintf(c->secret, sizeof c->secret, "%s",
		    sql_string(c->db, a, "SELECT secret FROM cloud_keys WHERE access_key = ?", "t", known));
	}
	/* Nobody presents them any more without hearing that they have expired; a day later nobody presents them at all. */
	ok = ok && sql_do(c->db, "DELETE FROM cloud_keys WHERE expires > 0 AND expires < ?", "i", cloud_real_now() - 24 * 60 * MINUTE);
	arena_free(a);
	return ok;
}

bool
cloud_key_add(struct cloud *c, const char *access_key, const char *secret, const char *token, int64_t expires,
    const char *account, const char *caller, bool may_all)
{
	return sql_do(c->db, "INSERT INTO cloud_keys VALUES (?, ?, ?, ?, ?, ?, ?)", "tttitti", access_key, secret, token, expires, account,
	    caller, (int64_t)may_all);
}

struct search {
	struct cloud *c;
	struct cloud_request *q;
	struct arena *arena;
};

static bool
find(void *user, const char *access_key, struct sigv4_known *out)
{
	struct search *f = user;
	sqlite3_stmt *s = sql(f->c->db, "SELECT secret, token, expires, account, caller, may_all FROM cloud_keys WHERE access_key = ?", "t",
	    access_key);
	bool found = sqlite3_step(s) == SQLITE_ROW;

	if (found) {
		*out = (struct sigv4_known){ .secret = sql_column(s, 0, f->arena), .token = sql_column(s, 1, f->arena),
			.token_expires = sqlite3_column_int64(s, 2) };
		f->q->account = sql_column(s, 3, f->arena);
		f->q->caller = sql_column(s, 4, f->arena);
		f->q->may_all = sqlite3_column_int64(s, 5) != 0;
	}
	sqlite3_finalize(s);
	return found;
}

/* S3's error about a signature shows what was signed, so that the two sides can be compared. */
static void
refuse(struct cloud_reply *p, const struct sigv4_checked *checked)
{
	const struct refusal *r = &refusals[checked->verdict];
	const char *code = p->protocol == CLOUD_S3 ? r->s3 : p->protocol == CLOUD_QUERY ? r->query : r->json;
	const char *text = r->text != NULL ? r->text : checked->why;

	if (p->protocol == CLOUD_S3 && checked->verdict == SIGV4_MISSING)
		text = "Access Denied";
	else if (p->protocol == CLOUD_S3 && (checked->verdict == SIGV4_EARLY || checked->verdict == SIGV4_EXPIRED))
		text = "The difference between the request time and the current time is too large.";
	if (checked->verdict == SIGV4_MISMATCH && p->protocol != CLOUD_S3 && checked->canonical[0] != '\0')
		cloud_fail(p, code, "%s\n\nThe Canonical String for this request should have been\n'%s'\n", text, checked->canonical);
	else
		cloud_fail(p, code, "%s", text);
}

bool
cloud_authenticate(struct cloud *c, const struct cloud_raw *raw, const struct cloud_service *s, struct cloud_request *q,
    struct cloud_reply *p)
{
	struct sigv4_checked *checked = arena_alloc(q->arena, sizeof *checked);
	struct sigv4_header *headers = arena_array(q->arena, raw->headers_len + 1, sizeof *headers);
	struct search f = { c, q, q->arena };
	const struct sigv4_check how = { .find = find, .user = &f, .service = s->signing, .now = cloud_real_now(),
		.window = p->protocol == CLOUD_S3 ? S3_WINDOW : WINDOW };
	struct sigv4_request r = { .method = raw->method, .path = raw->path, .query = raw->query, .headers = headers,
		.headers_len = raw->headers_len, .body = raw->body, .body_len = raw->body_len };

	for (size_t i = 0; i < raw->headers_len; i++)
		headers[i] = (struct sigv4_header){ raw->headers[i].name, raw->headers[i].value };
	sigv4_verify(&r, &how, checked);
	q->region = arena_strdup(q->arena, checked->region);
	if (checked->verdict == SIGV4_GOOD)
		return true;
	q->caller = NULL;
	q->may_all = false;
	refuse(p, checked);
	return false;
}

const char *
cloud_claimed_service(const struct cloud_raw *raw, struct arena *a)
{
	const char *header = cloud_raw_header(raw, "Authorization"), *at = header != NULL ? strstr(header, "Credential=") : NULL;

	at = at != NULL ? at + strlen("Credential=") : cloud_field(raw->query, "X-Amz-Credential", a);
	/* KEY/DATE/REGION/SERVICE/aws4_request */
	for (int i = 0; i < 3 && at != NULL; i++) {
		at += strcspn(at, "/, ");
		at = *at == '/' ? at + 1 : NULL;
	}
	return at != NULL ? arena_strndup(a, at, strcspn(at, "/, ")) : NULL;
}
