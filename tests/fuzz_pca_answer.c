/* What AWS Private CA, or who says that he is, may answer: the first byte chooses the reader, the rest is the body. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/pca_shapes.h"
#include "model/times.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool (*const readers[])(const struct pca_reader *r, const cJSON *answer, void *out) = {
	pca_read_ca_arn, pca_read_certificate_arn, pca_read_described, pca_read_cas, pca_read_csr, pca_read_certificate,
	pca_read_permissions, pca_read_tags, pca_read_policy, pca_read_report_made, pca_read_report,
};

/* Every text that a CA has is looked at to its end; a time is one that can be printed. */
static void
look(const struct pca_ca *ca)
{
	char text[TIME_TEXT_MAX];
	const int64_t times[] = { ca->created, ca->changed, ca->not_before, ca->not_after, ca->restorable_until };

	if (strlen(ca->arn) == 0 || strlen(ca->status) == 0)
		abort();
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
		if (times[i] != TIME_UNKNOWN && strlen(time_rfc3339(times[i], text)) != strlen("2026-11-23T02:14:09Z"))
			abort();
	for (size_t i = 0; i < ca->subject.custom_len; i++)
		if (strlen(ca->subject.custom[i].name) == 0 || ca->subject.custom[i].value == NULL)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	union {
		struct pca_ca ca;
		struct pca_rows rows;
		struct pca_certificate certificate;
		struct pca_report report;
		struct pca_report_made made;
		const char *text;
	} out = { 0 };
	struct aws_error err = { 0 };
	struct pca_reader r = { .operation = "Fuzz", .err = &err };
	const char *next;
	size_t which;
	cJSON *answer;

	if (size == 0)
		return 0;
	which = data[0] % (sizeof readers / sizeof readers[0]);
	answer = cJSON_ParseWithLength((const char *)data + 1, size - 1);
	if (!cJSON_IsObject(answer)) { /* the call layer lets nothing else through */
		cJSON_Delete(answer);
		return 0;
	}
	r.arena = arena_new();
	if (readers[which](&r, answer, &out) != (err.kind == AWS_FINE))
		abort();
	if (err.kind == AWS_FINE && readers[which] == pca_read_described)
		look(&out.ca);
	for (size_t i = 0; err.kind == AWS_FINE && readers[which] == pca_read_cas && i < out.rows.len; i++)
		look((const struct pca_ca *)out.rows.items + i);
	if (err.kind == AWS_FINE && readers[which] == pca_read_certificate && strncmp(out.certificate.pem, "-----BEGIN CERTIFICATE-----\n", 28) != 0)
		abort();
	pca_read_token(&r, answer, &next);
	arena_free(r.arena);
	cJSON_Delete(answer);
	return 0;
}
