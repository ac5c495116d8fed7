/*
 * Requests straight into the lab's AWS, past HTTP. The first byte says what the rest is: a request of anybody (method, path, query,
 * headers, body, each a line), or one whose signature is taken for good, to an operation of the private CA.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lab/cloud_internal.h"
#include "lab/pca_check.h"
#include "model/memory.h"
#include "probes/examine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

enum { HEADERS = 8 };

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
	/* No one else's thread: what is served here is served on this one. */
	cloud_hang_up(lab);
	atexit(end);
	return 0;
}

static char *
line(char **at)
{
	char *start = *at, *stop = start + strcspn(start, "\n");

	if (*stop != '\0')
		*stop++ = '\0';
	*at = stop;
	return start;
}

static void
anybody(char *text, struct arena *a)
{
	struct cloud_header headers[HEADERS];
	struct cloud_reply p = { .status = 200 };
	struct cloud_raw raw = { .method = line(&text), .path = line(&text), .query = line(&text), .headers = headers };

	while (raw.headers_len < HEADERS && *text != '\0' && *text != '\n') {
		char *name = line(&text), *colon = strchr(name, ':');
		if (colon == NULL)
			break;
		*colon = '\0';
		headers[raw.headers_len++] = (struct cloud_header){ name, colon + 1 };
	}
	raw.body = (const unsigned char *)text;
	raw.body_len = strlen(text);
	cloud_answer(lab, &raw, a, &p);
	if (p.status < 200 || p.status > 599)
		abort();
	buf_done(&p.body);
}

static void
the_administrator(unsigned operation, const char *text, size_t len, struct arena *a)
{
	struct cloud_reply p = { .status = 200, .protocol = CLOUD_JSON };
	struct cloud_raw raw = { .method = "POST", .path = "/", .query = "", .body = (const unsigned char *)text, .body_len = len };
	struct cloud_request q = { .method = "POST", .path = "/", .query = "", .body = raw.body, .body_len = len, .service = "acm-pca",
		.operation = pca_inputs[operation % pca_inputs_len].operation, .region = CLOUD_REGION, .account = CLOUD_ACCOUNT, .caller = "me", .may_all = true,
		.arena = a };

	cloud_serve_request(lab, &cloud_acm_pca, &q, &raw, &p);
	/* Nothing that comes from outside is our own failure. */
	if (p.status >= 500)
		abort();
	buf_done(&p.body);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a;
	char *text;

	if (size == 0)
		return 0;
	a = arena_new();
	text = arena_strndup(a, (const char *)data + 1, size - 1);
	if (data[0] < 64)
		anybody(text, a);
	else
		the_administrator(data[0], text, size - 1, a);
	arena_free(a);
	return 0;
}
