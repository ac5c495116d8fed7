/*
 * Audit reports of a private CA, JSON or CSV, as they come piece by piece, in constant memory (knowledge "aws" 3.1). Keys in
 * any case, in any order, all of them optional but one: a serial, or an ARN that ends in it. Keys that are not known are left out.
 */
#ifndef MODEL_AUDIT_REPORT_H
#define MODEL_AUDIT_REPORT_H

#include "model/inventory.h"

struct audit_report;

/* A record; its texts until the return. STATUS_FAILED ends the reading; of an ERROR_INPUT the report then says which record it was. */
typedef status (*audit_report_tell)(void *user, const struct inventory_record *r, struct error *err);

/* Which of both it is, its first byte says. */
struct audit_report *audit_report_new(audit_report_tell tell, void *user);
void audit_report_free(struct audit_report *r); /* NULL is legal */
/* ERROR_INPUT: "audit report: record 12 (byte 4711): …". Nothing is told after that. */
status audit_report_feed(struct audit_report *r, const void *bytes, size_t len, struct error *err) MUST_USE;
/* It is complete. ERROR_INPUT: it is cut, or there was nothing. */
status audit_report_end(struct audit_report *r, struct error *err) MUST_USE;
size_t audit_report_records(const struct audit_report *r); /* told so far */

/*
 * A report straight into the inventory: all of it, or nothing. begin, feed as it comes, end. Where begin succeeded end must
 * follow; keep false, or a report that is wrong or cut: nothing has changed.
 */
struct report_import;
status report_import_begin(struct inventory *i, const char *ca, struct report_import **out, struct error *err) MUST_USE;
status report_import_feed(struct report_import *r, const void *bytes, size_t len, struct error *err) MUST_USE;
size_t report_import_records(const struct report_import *r);
status report_import_end(struct report_import *r, bool keep, int64_t report_at, size_t *added, size_t *changed, struct error *err) MUST_USE;

#endif
