/* An audit report straight into the inventory: all of it, or nothing. */
#include <stdlib.h>

#include "model/audit_report.h"
#include "model/memory.h"

struct report_import {
	struct inventory *inventory;
	struct audit_report *report;
};

static status
add(void *user, const struct inventory_record *record, struct error *err)
{
	struct report_import *r = user;

	return inventory_import_add(r->inventory, record, err);
}

status
report_import_begin(struct inventory *i, const char *ca, struct report_import **out, struct error *err)
{
	struct report_import *r;

	*out = NULL;
	if (inventory_import_begin(i, ca, err) != STATUS_OK)
		return STATUS_FAILED;
	r = mem_zero(1, sizeof *r);
	r->inventory = i;
	r->report = audit_report_new(add, r);
	*out = r;
	return STATUS_OK;
}

status
report_import_feed(struct report_import *r, const void *bytes, size_t len, struct error *err)
{
	return audit_report_feed(r->report, bytes, len, err);
}

size_t
report_import_records(const struct report_import *r)
{
	return audit_report_records(r->report);
}

status
report_import_end(struct report_import *r, bool keep, int64_t report_at, size_t *added, size_t *changed, struct error *err)
{
	status complete = keep ? audit_report_end(r->report, err) : STATUS_OK, done;

	done = inventory_import_end(r->inventory, keep && complete == STATUS_OK, report_at, added, changed, err);
	audit_report_free(r->report);
	free(r);
	return complete == STATUS_OK ? done : STATUS_FAILED;
}
