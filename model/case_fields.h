/*
 * What a case keeps of each struct, as tables: one row a member, one table a struct. Writing and reading
 * both go by them (case_put.c, case_get.c), so a new member of evidence needs one row and nothing else:
 *
 *   struct handshake and what lies in it      model/case_tables_handshake.c
 *   evidence, target, identity, trust, clocks model/case_tables.c
 *   what was fetched, and of revocation       model/case_tables_fetched.c
 *
 * A member without a row is a failing test (tests/test_case_tables.c reads the headers). What must not be
 * kept has a row too, LEFT_OUT, which says why. An older case lacks the member: it then has the value that
 * handshake_new(), evidence_new() or zeroed memory gives it, so 0, NULL and false must mean “not known”.
 */
#ifndef MODEL_CASE_FIELDS_H
#define MODEL_CASE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/buf.h"
#include "model/text.h"

enum field_kind {
	FIELD_LEFT_OUT,
	FIELD_COUNT,        /* how long the list of another row is: that row has it */
	FIELD_BOOL,
	FIELD_SIGNED,       /* of any size; at most ±2^53 */
	FIELD_UNSIGNED,     /* likewise */
	FIELD_TIME,         /* int64_t; TIME_UNKNOWN is null */
	FIELD_REAL,         /* double */
	FIELD_ENUM,         /* by its words */
	FIELD_STRING,       /* const char *, printable; made so again when it is read */
	FIELD_OWNED,        /* the same in a char * of its own, as struct target has them */
	FIELD_WORD,         /* const char *, every byte as it was typed: for a shell, never for a screen */
	FIELD_BYTES,        /* struct text */
	FIELD_STORED,       /* struct text: the DER of a certificate, kept once for all that have it */
	FIELD_FINGERPRINT,
	FIELD_CERT,         /* struct cert *, a reference */
	FIELD_KEY,          /* struct key *: what it is, never its secret */
	FIELD_RECORD,       /* a struct that lies in this one */
	FIELD_POINTER,      /* a struct that this one points to, or NULL; `make` gives the memory for it */
	FIELD_IDENTITY,     /* struct identity *, a reference */
	FIELD_TRUST,        /* struct trust *, a reference; with the anchors that matter (case_trust.c) */
	/* Lists: a pointer, and how many in the member that `count` names. */
	FIELD_OCTETS,       /* uint8_t */
	FIELD_NUMBERS,      /* uint16_t */
	FIELD_STRINGS,
	FIELD_FINGERPRINTS,
	FIELD_CERTS,        /* struct cert **, references */
	FIELD_NAMES,        /* struct name */
	FIELD_RECORDS,
	FIELD_HANDSHAKES    /* struct handshake **: each with an arena of its own */
};

struct record;
struct case_reader;
struct field {
	const char *name;   /* the member's in C, and in the case */
	enum field_kind kind;
	size_t offset, size;
	const struct record *record;
	const char *(*word)(unsigned value); /* FIELD_ENUM: NULL beyond its last */
	int64_t least, most; /* of a number; both 0: what it can hold */
	size_t count_offset;
	size_t items;       /* of a list: most that are read; its limit in model/limits.h */
	void *(*make)(struct case_reader *r); /* FIELD_POINTER: zeroed or as new, whoever frees the whole frees it; NULL: in the arena at hand */
	bool needed;        /* without it there is nothing to diagnose */
	/* What of it is kept: model/leave_out.h. NULL: all. */
	void (*keep)(struct text in, struct buf *out);
	const char *why;    /* FIELD_LEFT_OUT: the reason */
};

struct record {
	const char *type;   /* "handshake": of `struct handshake` */
	const char *header; /* where it is declared: "model/handshake.h" */
	size_t size;
	const struct field *fields;
	size_t len;
	/* Called after one was read: makes what follows from the rest, refuses what cannot be. False: *err of the reader is set. */
	bool (*complete)(struct case_reader *r, void *at);
};

/* In a table, with S defined as the struct. */
#define ROW(kind_, member, ...) \
	{ .name = #member, .kind = FIELD_##kind_, .offset = offsetof(S, member), .size = sizeof(((S *)0)->member), __VA_ARGS__ }
#define LIST(kind_, member, count, most_) \
	ROW(kind_, member, .count_offset = offsetof(S, count), .items = (most_)), ROW(COUNT, count, .items = 0)
#define RECORDS(member, count, most_, record_) \
	ROW(RECORDS, member, .count_offset = offsetof(S, count), .items = (most_), .record = &(record_)), \
	    ROW(COUNT, count, .items = 0)
#define PLAIN .items = 0 /* nothing to be said besides */

/* case_read.c */
bool case_complete_wire_cert(struct case_reader *r, void *at);
bool case_complete_identity(struct case_reader *r, void *at);
bool case_complete_evidence(struct case_reader *r, void *at);

/* Every table, for the test. */
extern const struct record *const case_records[];
extern const size_t case_records_len;

extern const struct record case_handshake, case_certificate_request, case_offer, case_ended, case_http_answer, case_message, case_alert,
    case_attempt, case_wire_cert;
extern const struct record case_evidence, case_target, case_thresholds, case_clocks, case_found_cert, case_identity, case_sibling,
    case_key, case_public_key, case_trust, case_matched, case_fetch_note, case_revocation, case_spoken, case_inside_answer;

#endif
