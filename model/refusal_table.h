/* The data behind model/refusal.h: which stack answers which fault how. */
#ifndef MODEL_REFUSAL_TABLE_H
#define MODEL_REFUSAL_TABLE_H

#include "model/refusal.h"

/* What an HTTP refusal says of itself. */
enum marker_kind {
	MARKER_NONE,       /* nothing that is known */
	MARKER_NONE_SENT,  /* no certificate came */
	MARKER_CERT_ERROR, /* the certificate is at fault, for whatever reason */
	MARKER_REVOKED,
	MARKER_UNTRUSTED,
	MARKER_EXPIRED     /* or not yet valid */
};

struct refusal_row {
	enum stack stack;        /* STACK_UNKNOWN: servers that nobody measured */
	enum refusal_kind kind;
	int number;              /* alert number or HTTP status; -1: any */
	enum marker_kind marker; /* REFUSAL_HTTP */
	uint16_t version;        /* 0: the same in every version */
	const enum code *fits;     /* CODE_NONE ends; NULL: none */
	const enum code *possible; /* the same */
};
extern const struct refusal_row refusal_rows[];
extern const size_t refusal_rows_len;

/* Every cause that a row may name, CODE_NONE ends. */
extern const enum code refusal_causes[];

/* Texts by which a refusal can be recognised in an HTTP body or reason. */
struct refusal_marker {
	const char *text;
	enum marker_kind kind;
	enum stack stack;
};
extern const struct refusal_marker refusal_markers[];
extern const size_t refusal_markers_len;

#endif
