#include "aws/pca_call.h"

#include <string.h>

#include "model/limits.h"

cJSON *
pca_request(const char *ca)
{
	cJSON *in = cJSON_CreateObject();

	cJSON_AddStringToObject(in, "CertificateAuthorityArn", ca != NULL ? ca : "");
	return in;
}

status
pca_ask(struct aws_client *c, const char *operation, cJSON *in, struct arena *a,
    bool (*read)(const struct pca_reader *r, const cJSON *answer, void *out), void *out, struct aws_error *err)
{
	struct pca_reader r = { .operation = operation, .arena = a, .err = err };
	cJSON *answer = NULL;
	bool ok;

	/* Without a reader no answer is asked for: AWS's own is empty then, or {}. */
	if (aws_call_json(c, &aws_acm_pca, operation, in, read != NULL ? &answer : NULL, err) != STATUS_OK)
		return STATUS_FAILED;
	ok = read == NULL || read(&r, answer, out);
	cJSON_Delete(answer);
	return ok ? STATUS_OK : STATUS_FAILED;
}

/* Sets the token of the next page; false where the list ends, or *fine is false: it has no end. */
static bool
go_on(const struct pca_reader *r, cJSON *in, const cJSON *answer, unsigned pages, bool *fine)
{
	const char *sent = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(in, "NextToken"));
	const char *next = NULL;

	*fine = pca_read_token(r, answer, &next);
	if (!*fine || next == NULL)
		return false;
	*fine = false;
	if (sent != NULL && strcmp(sent, next) == 0)
		pca_read_failed(r, "AWS answers every page with the same NextToken: this list has no end");
	else if (pages >= LIMIT_PCA_PAGES)
		pca_read_failed(r, "AWS's list has more than %d pages: this is taken for one without end", LIMIT_PCA_PAGES);
	else
		*fine = true;
	if (!*fine)
		return false;
	cJSON_DeleteItemFromObjectCaseSensitive(in, "NextToken");
	cJSON_AddStringToObject(in, "NextToken", next);
	return true;
}

status
pca_ask_pages(struct aws_client *c, const char *operation, cJSON *in, struct arena *a,
    bool (*read)(const struct pca_reader *r, const cJSON *answer, void *out), void *out, struct aws_error *err)
{
	struct pca_reader r = { .operation = operation, .arena = a, .err = err };
	bool fine = true, more = true;

	for (unsigned pages = 1; fine && more; pages++) {
		cJSON *answer = NULL;

		if (aws_call_json(c, &aws_acm_pca, operation, cJSON_Duplicate(in, true), &answer, err) != STATUS_OK) {
			fine = false;
			break;
		}
		fine = read(&r, answer, out);
		more = fine && go_on(&r, in, answer, pages, &fine);
		cJSON_Delete(answer);
	}
	cJSON_Delete(in);
	return fine ? STATUS_OK : STATUS_FAILED;
}
