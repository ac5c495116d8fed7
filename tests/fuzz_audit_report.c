/* Audit reports of any bytes, in pieces of any size: the first byte says how large they are. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/audit_report.h"
#include "model/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static status
look(void *user, const struct inventory_record *r, struct error *err)
{
	size_t *records = user;

	++*records;
	if (r->arn == NULL && r->serial == NULL)
		abort();
	if (r->subject != NULL && strlen(r->subject) > LIMIT_REPORT_VALUE)
		abort();
	if (r->serial != NULL && strcmp(r->serial, "0") == 0)
		return error_set(err, ERROR_INPUT, "fuzz", "refused");
	return STATUS_OK;
}

/* Whatever the pieces, the same comes out. */
static size_t
feed(const uint8_t *data, size_t size, size_t piece, bool *good)
{
	size_t records = 0;
	struct audit_report *r = audit_report_new(look, &records);
	struct error err = { .code = ERROR_NONE };
	status done = STATUS_OK;

	for (size_t at = 0; at < size && done == STATUS_OK; at += piece)
		done = audit_report_feed(r, data + at, size - at < piece ? size - at : piece, &err);
	if (done == STATUS_OK)
		done = audit_report_end(r, &err);
	*good = done == STATUS_OK;
	if (!*good && (!error_is_set(&err) || err.text[0] == '\0'))
		abort();
	audit_report_free(r);
	return records;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool whole, cut;

	if (size == 0)
		return 0;
	if (feed(data + 1, size - 1, size, &whole) != feed(data + 1, size - 1, data[0] % 16 + 1u, &cut) || whole != cut)
		abort();
	return 0;
}
