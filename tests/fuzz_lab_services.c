/*
 * Requests to the services beside the private CA, as of the administrator, past HTTP and signatures. The first byte says which service,
 * the second who asks and in which protocol; then the operation or method, the path and the query, a line each; the rest is the body.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lab/cloud_internal.h"
#include "model/memory.h"
#include "probes/examine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct cloud *lab;
static char folder[] = "/tmp/mtlscope-fuzz-XXXXXX";

static void
end(void)
{
	/* The folder stays where a run ends by a finding; one a run. */
	cloud_stop(lab);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct cloud_options o = { .dir = folder, .world = world_real() };
	struct error err = { .code = ERROR_NONE };

	(void)argc;
	(void)argv;
	if (mkdtemp(folder) == NULL || cloud_start(&o, &lab, &err) != STATUS_OK)
		abort();
	/* No one else's thread: what is served here is served on this one. Nothing is kept, so no disk is waited for. */
	cloud_hang_up(lab);
	if (!cloud_exec(lab, "PRAGMA synchronous = OFF"))
		abort();
	atexit(end);
	return 0;
}

static const char *
line(char **at)
{
	char *start = *at, *stop = start + strcspn(start, "\n");

	if (*stop != '\0')
		*stop++ = '\0';
	*at = stop;
	return start;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cloud_service *const services[] = { &cloud_s3, &cloud_secretsmanager, &cloud_ssm, &cloud_elbv2, &cloud_apigateway,
		&cloud_cloudwatch, &cloud_events, &cloud_sts, &cloud_acm };
	static const struct cloud_header chunked[] = { { "x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER" },
		{ "x-amz-decoded-content-length", "5" }, { "Range", "bytes=1-2" } };
	struct arena *a;
	char *text;

	if (size < 2)
		return 0;
	a = arena_new();
	text = arena_strndup(a, (const char *)data + 2, size - 2);
	const struct cloud_service *s = services[data[0] % (sizeof services / sizeof services[0])];
	const char *first = line(&text), *path = line(&text), *query = line(&text);
	bool rest = s->protocol == CLOUD_S3 || s->protocol == CLOUD_REST_JSON;
	struct cloud_reply p = { .status = 200, .protocol = s->target != NULL && (data[1] & 1) != 0 ? CLOUD_JSON : s->protocol };
	struct cloud_raw raw = { .method = rest ? first : "POST", .path = path, .query = query, .headers = chunked, .headers_len = (data[1] & 2) != 0 ? 3 : 0,
		.body = (const unsigned char *)text, .body_len = strlen(text) };
	struct cloud_request q = { .method = raw.method, .path = path, .query = query, .headers = chunked, .headers_len = raw.headers_len, .body = raw.body,
		.body_len = raw.body_len, .service = s->signing, .operation = rest ? NULL : first, .region = CLOUD_REGION, .account = CLOUD_ACCOUNT,
		.caller = "me", .may_all = (data[1] & 4) == 0, .arena = a };

	cloud_serve_request(lab, s, &q, &raw, &p);
	/* Nothing that comes from outside is our own failure; 501 is what S3 says of what it has not. */
	if (p.status < 200 || (p.status >= 500 && p.status != 501))
		abort();
	buf_done(&p.body);
	arena_free(a);
	return 0;
}
