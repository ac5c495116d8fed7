#include "aws/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "aws/advice.h"
#include "model/buf.h"
#include "model/text.h"

static void
printable(char *out, size_t size, const char *text)
{
	struct buf safe = { 0 };

	text_safe(&safe, text_of(text), size - 1);
	snprintf(out, size, "%s", buf_str(&safe));
	buf_done(&safe);
}

status
aws_error_set(struct aws_error *err, enum aws_kind kind, const char *code, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list ap, again;
	int len;

	if (err == NULL || err->kind != AWS_FINE)
		return STATUS_FAILED;
	err->kind = kind;
	printable(err->code, sizeof err->code, code);
	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len > 0) {
		char first[sizeof err->message * 4]; /* what is cut here is cut below as well */

		vsnprintf(first, sizeof first, fmt, again);
		buf_adds(&text, first);
	}
	va_end(again);
	printable(err->message, sizeof err->message, buf_str(&text));
	buf_done(&text);
	return STATUS_FAILED;
}

void
aws_error_clear(struct aws_error *err)
{
	memset(err, 0, sizeof *err);
}

bool
aws_error_unsettled(const struct aws_error *e)
{
	return e->unsettled || e->kind == AWS_ANSWER;
}

/* ---- what a code means ---- */

/* Without “Exception” or “Fault” at their end: services spell one and the same with and without. */
static const struct {
	const char *code;
	enum aws_kind kind;
} codes[] = {
	{ "UnrecognizedClient", AWS_BAD_CREDENTIALS },
	{ "InvalidClientTokenId", AWS_BAD_CREDENTIALS },
	{ "InvalidAccessKeyId", AWS_BAD_CREDENTIALS },
	{ "SignatureDoesNotMatch", AWS_BAD_CREDENTIALS },
	{ "InvalidSignature", AWS_BAD_CREDENTIALS },
	{ "MissingAuthenticationToken", AWS_BAD_CREDENTIALS },
	{ "IncompleteSignature", AWS_BAD_CREDENTIALS },
	{ "AuthFailure", AWS_BAD_CREDENTIALS },
	{ "ExpiredToken", AWS_BAD_CREDENTIALS },
	{ "InvalidToken", AWS_BAD_CREDENTIALS },
	{ "InvalidIdentityToken", AWS_BAD_CREDENTIALS },
	{ "IDPCommunicationError", AWS_SERVER },
	{ "TokenRefreshRequired", AWS_BAD_CREDENTIALS },
	{ "Unauthorized", AWS_BAD_CREDENTIALS },
	{ "NotAuthorized", AWS_DENIED },
	{ "AccessDenied", AWS_DENIED },
	{ "UnauthorizedOperation", AWS_DENIED },
	{ "Forbidden", AWS_DENIED },
	{ "AllAccessDisabled", AWS_DENIED },
	{ "AccountProblem", AWS_DENIED },
	{ "OptInRequired", AWS_DENIED },
	{ "SubscriptionRequired", AWS_DENIED },
	{ "OperationNotPermitted", AWS_DENIED },
	{ "DecryptionFailure", AWS_DENIED },
	{ "EncryptionFailure", AWS_DENIED },
	{ "RequestTimeTooSkewed", AWS_CLOCK },
	{ "SignatureExpired", AWS_CLOCK },
	{ "RequestExpired", AWS_CLOCK },
	{ "ResourceNotFound", AWS_NOT_FOUND },
	{ "NotFound", AWS_NOT_FOUND },
	{ "NoSuchKey", AWS_NOT_FOUND },
	{ "NoSuchBucket", AWS_NOT_FOUND },
	{ "NoSuchVersion", AWS_NOT_FOUND },
	{ "NoSuchEntity", AWS_NOT_FOUND },
	{ "ParameterNotFound", AWS_NOT_FOUND },
	{ "ParameterVersionNotFound", AWS_NOT_FOUND },
	{ "TrustStoreNotFound", AWS_NOT_FOUND },
	{ "CaCertificatesBundleNotFound", AWS_NOT_FOUND },
	{ "RevocationContentNotFound", AWS_NOT_FOUND },
	{ "RevocationIdNotFound", AWS_NOT_FOUND },
	{ "AssociationNotFound", AWS_NOT_FOUND },
	{ "ListenerNotFound", AWS_NOT_FOUND },
	{ "LoadBalancerNotFound", AWS_NOT_FOUND },
	{ "InvalidState", AWS_STATE },
	{ "ConcurrentModification", AWS_STATE },
	{ "Conflict", AWS_STATE },
	{ "ResourceConflict", AWS_STATE },
	{ "OperationAborted", AWS_STATE },
	{ "RequestFailed", AWS_STATE },
	{ "ResourceInUse", AWS_STATE },
	{ "TrustStoreInUse", AWS_STATE },
	{ "TrustStoreNotReady", AWS_STATE },
	{ "PreconditionFailed", AWS_STATE },
	{ "PreconditionNotMet", AWS_STATE },
	{ "InvalidObjectState", AWS_STATE },
	{ "Validation", AWS_ARGUMENT },
	{ "ValidationError", AWS_ARGUMENT },
	{ "InvalidArgs", AWS_ARGUMENT },
	{ "InvalidArgument", AWS_ARGUMENT },
	{ "InvalidArn", AWS_ARGUMENT },
	{ "InvalidNextToken", AWS_ARGUMENT },
	{ "InvalidPolicy", AWS_ARGUMENT },
	{ "InvalidRequest", AWS_ARGUMENT },
	{ "InvalidTag", AWS_ARGUMENT },
	{ "LockoutPrevented", AWS_ARGUMENT },
	{ "MalformedCSR", AWS_ARGUMENT },
	{ "MalformedCertificate", AWS_ARGUMENT },
	{ "MalformedCertificateAuthority", AWS_ARGUMENT }, /* moto's own */
	{ "MalformedPolicyDocument", AWS_ARGUMENT },
	{ "MalformedQueryString", AWS_ARGUMENT },
	{ "CertificateMismatch", AWS_ARGUMENT },
	{ "InvalidParameter", AWS_ARGUMENT },
	{ "InvalidParameterValue", AWS_ARGUMENT },
	{ "InvalidParameterCombination", AWS_ARGUMENT },
	{ "MissingParameter", AWS_ARGUMENT },
	{ "MissingRequiredParameter", AWS_ARGUMENT },
	{ "InvalidQueryParameter", AWS_ARGUMENT },
	{ "InvalidFormat", AWS_ARGUMENT },
	{ "InvalidEventPattern", AWS_ARGUMENT },
	{ "InvalidBucketName", AWS_ARGUMENT },
	{ "InvalidCaCertificatesBundle", AWS_ARGUMENT },
	{ "InvalidRevocationContent", AWS_ARGUMENT },
	{ "BadRequest", AWS_ARGUMENT },
	{ "Serialization", AWS_ARGUMENT },
	{ "EntityTooLarge", AWS_ARGUMENT },
	{ "PermanentRedirect", AWS_ARGUMENT },
	{ "AuthorizationHeaderMalformed", AWS_ARGUMENT }, /* S3: signed for another region than the bucket's */
	{ "XAmzContentSHA256Mismatch", AWS_ANSWER },
	{ "RequestInProgress", AWS_IN_PROGRESS },
	{ "PermissionAlreadyExists", AWS_EXISTS },
	{ "RequestAlreadyProcessed", AWS_EXISTS },
	{ "ResourceExists", AWS_EXISTS },
	{ "ResourceAlreadyExists", AWS_EXISTS },
	{ "AlreadyExists", AWS_EXISTS },
	{ "ParameterAlreadyExists", AWS_EXISTS },
	{ "EntityAlreadyExists", AWS_EXISTS },
	{ "BucketAlreadyExists", AWS_EXISTS },
	{ "BucketAlreadyOwnedByYou", AWS_EXISTS },
	{ "DuplicateTrustStoreName", AWS_EXISTS },
	{ "Throttling", AWS_THROTTLED },
	{ "Throttled", AWS_THROTTLED },
	{ "RequestThrottled", AWS_THROTTLED },
	{ "TooManyRequests", AWS_THROTTLED },
	{ "ProvisionedThroughputExceeded", AWS_THROTTLED },
	{ "TransactionInProgress", AWS_THROTTLED },
	{ "RequestLimitExceeded", AWS_THROTTLED },
	{ "BandwidthLimitExceeded", AWS_THROTTLED },
	{ "PriorRequestNotComplete", AWS_THROTTLED },
	{ "TooManyUpdates", AWS_THROTTLED },
	{ "SlowDown", AWS_THROTTLED },
	{ "LimitExceeded", AWS_QUOTA },
	{ "ServiceQuotaExceeded", AWS_QUOTA },
	{ "QuotaExceeded", AWS_QUOTA },
	{ "ParameterLimitExceeded", AWS_QUOTA },
	{ "ParameterMaxVersionLimitExceeded", AWS_QUOTA },
	{ "TooManyTags", AWS_QUOTA },
	{ "TooManyTrustStores", AWS_QUOTA },
	{ "TooManyTrustStoreRevocationEntries", AWS_QUOTA },
	{ "InternalFailure", AWS_SERVER },
	{ "InternalServer", AWS_SERVER },
	{ "InternalServerError", AWS_SERVER },
	{ "InternalService", AWS_SERVER },
	{ "InternalServiceError", AWS_SERVER },
	{ "InternalError", AWS_SERVER },
	{ "Internal", AWS_SERVER },
	{ "ServiceUnavailable", AWS_SERVER },
	{ "RequestTimeout", AWS_SERVER },
	{ "UnknownOperation", AWS_MISSING },
	{ "InvalidAction", AWS_MISSING },
	{ "NotImplemented", AWS_MISSING },
	{ "MethodNotAllowed", AWS_MISSING },
};

static const struct {
	int from, to; /* HTTP status */
	enum aws_kind kind;
} statuses[] = {
	{ 401, 401, AWS_BAD_CREDENTIALS },
	{ 403, 403, AWS_DENIED },
	{ 404, 404, AWS_NOT_FOUND },
	{ 405, 405, AWS_MISSING },
	{ 409, 409, AWS_STATE },
	{ 429, 429, AWS_THROTTLED },
	{ 501, 501, AWS_MISSING },
	{ 500, 599, AWS_SERVER },
};

/* Its length without the ending that some services write and others do not. */
static size_t
stem(const char *code)
{
	static const char *const endings[] = { "Exception", "Fault" };
	size_t len = strlen(code);

	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		size_t n = strlen(endings[i]);

		if (len > n && strcmp(code + len - n, endings[i]) == 0)
			return len - n;
	}
	return len;
}

enum aws_kind
aws_error_kind(const char *code, int http_status)
{
	size_t len = code != NULL ? stem(code) : 0;

	for (size_t i = 0; len > 0 && i < sizeof codes / sizeof codes[0]; i++)
		if (strlen(codes[i].code) == len && strncmp(codes[i].code, code, len) == 0)
			return codes[i].kind;
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (http_status >= statuses[i].from && http_status <= statuses[i].to)
			return statuses[i].kind;
	return AWS_OTHER;
}

/* ---- for people ---- */

static bool
ends_sentence(const char *text, size_t len)
{
	return len > 0 && strchr(".!?", text[len - 1]) != NULL;
}

/* So many bytes of it that what follows still has room, cut at a whole character. */
static int
room_for(const char *message, size_t len, size_t taken)
{
	size_t most = sizeof ((struct error *)NULL)->text - 1;

	most = taken < most ? most - taken : 0;
	if (len <= most)
		return (int)len;
	most = most > strlen("…") ? most - strlen("…") : 0;
	while (most > 0 && ((unsigned char)message[most] & 0xc0) == 0x80)
		most--;
	return (int)most;
}

status
aws_error_say(const struct aws_error *from, const char *doing, const char *where, struct error *err)
{
	const char *message = from->message[0] != '\0' ? from->message : "no reason was given";
	/* Behind the first line AWS prints the canonical request, for whoever writes signatures: the line end is escaped by now. */
	const char *line_end = strstr(message, "\\x0a");
	size_t len = line_end != NULL && line_end > message ? (size_t)(line_end - message) : strlen(message);
	char place[160] = "", said[120] = "", request[110] = "", what[AWS_ADVICE_MAX];
	const char *stop;
	size_t taken;
	int most;

	aws_advice(from, where, what);
	if (where != NULL)
		snprintf(place, sizeof place, " (%s)", where);
	if (from->code[0] != '\0')
		snprintf(said, sizeof said, "AWS says %s: ", from->code);
	else if (from->http_status >= 300)
		snprintf(said, sizeof said, "HTTP %d: ", from->http_status);
	if (from->kind == AWS_SERVER && from->request_id[0] != '\0')
		snprintf(request, sizeof request, " (request %s)", from->request_id);
	/* A long message must not push out what to do about it. */
	taken = strlen("cannot : .  ") + strlen(doing) + strlen(place) + strlen(said) + strlen(request) + strlen(what);
	most = room_for(message, len, taken);
	stop = what[0] == '\0' || (ends_sentence(message, len) && request[0] == '\0') ? "" : ".";
	return error_set(err, ERROR_AWS, "asking AWS", "cannot %s%s: %s%.*s%s%s%s%s%s", doing, place, said, most, message,
	    (size_t)most < len ? "…" : "", request, stop, what[0] != '\0' ? " " : "", what);
}
