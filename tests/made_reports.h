/* Audit reports as AWS writes them, made up: any number of certificates, always the same. */
#ifndef TESTS_MADE_REPORTS_H
#define TESTS_MADE_REPORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/buf.h"

#define MADE_CA "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/11111111-2222-3333-4444-555555555555"
#define MADE_NOW INT64_C(1790000000)

/* One record more, with what belongs between it and the one before. */
void made_report_begin(struct buf *out, bool json);
void made_report_record(struct buf *out, bool json, size_t n);
void made_report_end(struct buf *out, bool json);
/* A whole file; bytes written, 0: it failed. */
size_t made_report_file(const char *path, bool json, size_t records);
/* The serial of record n, 32 hex digits. out: 33 */
void made_report_serial(size_t n, char *out);

#endif
