/*
 * The inventory's parts share this. How it is laid out, and why (figures: tests/bench_inventory.c): rows lie in `cert`; what a
 * keystroke asks is answered from bitmaps over row ids, kept in `bits` as compressed pieces of 65,536 rows: one for every
 * three bytes that stand next to each other in a subject or SAN, one a CA, a template, a flag. Orders are arrays of ids, and
 * serials lie side by side in 16 bytes each. So the worst word costs what any other does: a few bitmaps and one walk along
 * an order: 2 to 15 ms of a processor for a million rows, where LIKE scans take 400 ms and more, and FTS5 is as slow for words
 * that all have.
 */
#ifndef MODEL_INVENTORY_INTERNAL_H
#define MODEL_INVENTORY_INTERNAL_H

#include <sqlite3.h>
#include <stdatomic.h>

#include "model/bitmap.h"
#include "model/buf.h"
#include "model/inventory.h"
#include "model/times.h"

#define INVENTORY_STAGE "inventory"

enum { SERIAL_SLOT = 16, SERIAL_MAX = 64 }; /* AWS's serials have 128 bits; other numbers are longer, and searched as text */

/* What a bitmap of `bits` is of. The key: kind, value, piece. */
enum bits_kind {
	BITS_TRIPLE = 1, /* value: three bytes, the first on top; a text ends in two newlines */
	BITS_BYTE,       /* one byte */
	BITS_CA,         /* id of the CA */
	BITS_TEMPLATE,   /* id of the word */
	BITS_FLAG        /* enum bits_flag */
};
enum bits_flag { FLAG_REVOKED, FLAG_ACM, FLAG_REPLACED, FLAG_BY_SUBJECT, FLAGS };
enum word_kind { WORD_TEMPLATE, WORD_SERVICE, WORD_REASON, WORD_CHAIN };

struct inventory_order { /* BY_EXPIRY … BY_TEMPLATE: all ids */
	uint32_t *ids;
	size_t len;
	int64_t of;      /* the rows' generation; 0: none is here */
	bool unsaved;
};

struct inventory_word { /* of the table `word` */
	int64_t id;
	enum word_kind kind;
	char *text;
};
struct inventory_known_ca {
	int64_t id;
	char *arn;
};

struct inventory_result; /* of the last query: inventory_query.c */
struct inventory_import; /* inventory_import.c */

struct inventory {
	sqlite3 *db;
	char *path;                /* printable */
	struct buf scratch;
	sqlite3_stmt *statements[64];
	atomic_bool interrupted;
	struct inventory_import *import;

	/* What is kept of one generation. rows: of ids, dates, names, serials; all: of anything. */
	int64_t rows, all;
	uint32_t last_id;
	struct inventory_order orders[BY_FATE];
	unsigned char *serials;    /* SERIAL_SLOT a row, from id 0 on; of generation serials_of */
	size_t serials_len;        /* ids */
	int64_t serials_of;
	struct bitmap flags[FLAGS];
	int64_t flags_of;
	struct inventory_word *words;
	size_t words_len;
	struct inventory_known_ca *cas;
	size_t cas_len;
	int64_t known_of;          /* words and cas */
	int64_t acm_word;          /* id of acm.amazonaws.com; 0: nobody asked as that */
	struct inventory_result *result;
	/* Which rows the configuration renews, among those that end before renewable_until. */
	struct bitmap renewable;
	int64_t renewable_of, renewable_until;
	uint64_t renewable_names;
};

/* ---- the database (inventory_db.c) ---- */

/* Statements that are prepared once: a row of a table each. */
enum inventory_sql {
	SQL_GENERATION, SQL_META_SET, SQL_BITS_GET, SQL_BITS_RANGE, SQL_BITS_PUT, SQL_BITS_DROP, SQL_PACKED_GET, SQL_PACKED_PUT, SQL_WORD_GET,
	SQL_WORD_PUT, SQL_WORD_TEXT, SQL_WORDS, SQL_CA_IDS, SQL_CA_ID, SQL_CERT_FIND, SQL_CERT_PUT, SQL_CERT_CHANGE, SQL_CERT_TEXT, SQL_CERT_ROW,
	SQL_CERT_BY_SERIAL, SQL_CERT_END, SQL_CERT_GROUP, SQL_CERT_OF_CA, SQL_CERT_DETAILS, SQL_CERT_SEEN, SQL_PEM_GET, SQL_PEM_PUT,
	SQL_REPORT_AT, SQL_ENDS, SQL_ISSUED, SQL_TEMPLATES, SQL_NAMES, SQL_SERIALS, SQL_CA_PUT, SQL_CAS, SQL_CA_ISSUERS, SQL_CA_PARENT,
	SQL_CA_ISSUED_BY, SQL_CA_BY_KEY, SQL_CERT_SERIAL_ANY, SQL_CERT_BY_ARN, SQL_LEN
};
/* Reset and without bindings; NULL where it cannot be prepared. */
sqlite3_stmt *inventory_sql(struct inventory *i, enum inventory_sql which);
void sql_text(sqlite3_stmt *s, int at, const char *text);   /* NULL: null; borrowed until the statement is reset */
void sql_time(sqlite3_stmt *s, int at, int64_t t);          /* TIME_UNKNOWN: null */
void sql_blob(sqlite3_stmt *s, int at, const void *bytes, size_t len);
int64_t sql_time_of(sqlite3_stmt *s, int column);
const char *sql_text_of(sqlite3_stmt *s, int column);       /* NULL: null; until the next step */
char *sql_copy(sqlite3_stmt *s, int column, struct arena *a); /* NULL: null */
/* Steps to the end; false: failed. */
bool sql_done(sqlite3_stmt *s);
/* What the database says now, for people; or that it was interrupted. Always STATUS_FAILED. */
status inventory_failed(struct inventory *i, struct error *err);
bool inventory_stopped(struct inventory *i);                /* after inventory_interrupt() */
/* A read: what is kept is brought to what the database has now. */
status inventory_begin_read(struct inventory *i, struct error *err) MUST_USE;
void inventory_end_read(struct inventory *i);
status inventory_begin_write(struct inventory *i, struct error *err) MUST_USE;
/* done STATUS_OK: commits, with new generations; else rolls back. */
status inventory_end_write(struct inventory *i, status done, bool rows_changed, struct error *err) MUST_USE;
void inventory_forget(struct inventory *i);                 /* all that is kept */
status inventory_word_id(struct inventory *i, enum word_kind kind, const char *text, int64_t *id, struct error *err) MUST_USE;
status inventory_known(struct inventory *i, struct error *err) MUST_USE; /* words, cas, acm_word */
const char *inventory_word_text(const struct inventory *i, int64_t id);  /* NULL: none */
const char *inventory_ca_arn(const struct inventory *i, int64_t id);

/* ---- bitmaps in the database (inventory_bits.c) ---- */

/* Ors those of values first to last into *into (bitmap_new(last_id)). */
status bits_load(struct inventory *i, enum bits_kind kind, uint32_t first, uint32_t last, struct bitmap *into, struct error *err) MUST_USE;
status bits_store(struct inventory *i, enum bits_kind kind, uint32_t value, const struct bitmap *b, struct error *err) MUST_USE;
status bits_set(struct inventory *i, enum bits_kind kind, uint32_t value, uint32_t id, bool on, struct error *err) MUST_USE;

/* Collects bits of many values for ids that rise, and merges them into the database piece by piece. */
struct bits_writer;
struct bits_writer *bits_writer_new(struct inventory *i);
void bits_writer_free(struct bits_writer *w);
status bits_add(struct bits_writer *w, enum bits_kind kind, uint32_t value, uint32_t id, struct error *err) MUST_USE;
/* Every byte and triple of a text, in lower case. NULL is legal. */
status bits_add_text(struct bits_writer *w, const char *text, uint32_t id, struct error *err) MUST_USE;
status bits_flush(struct bits_writer *w, struct error *err) MUST_USE;

/* ---- orders and serials (inventory_order.c) ---- */

/* Within a read. Borrowed until the next generation. */
status inventory_order_of(struct inventory *i, enum inventory_sort sort, const struct inventory_order **out, struct error *err) MUST_USE;
/* Those that end before t: a new bitmap, the caller's also where it fails. */
status inventory_ending(struct inventory *i, int64_t t, struct bitmap *out, struct error *err) MUST_USE;
/* Rows whose serial has these hex digits (three or more) side by side, or begins with them. */
status inventory_serials_with(struct inventory *i, const char *hex, bool at_start, struct bitmap *into, struct error *err) MUST_USE;
status inventory_serials_append(struct inventory *i, uint32_t first, const unsigned char *slots, size_t n, struct error *err) MUST_USE;
void inventory_save_orders(struct inventory *i); /* where that can be done at once */

/* ---- fates (inventory_fate.c) ---- */

/* Works the flags of replacement out anew: for the certificates with these names (inventory_names_key()), or all of a CA. */
status fate_regroup(struct inventory *i, const int64_t *names, size_t len, struct error *err) MUST_USE;
status fate_regroup_ca(struct inventory *i, int64_t ca, struct error *err) MUST_USE;
/* Within a read: a bitmap a fate, the caller's (bitmap_done). */
status fate_classes(struct inventory *i, const struct inventory_query *q, struct bitmap out[FATE_LEN], struct error *err) MUST_USE;
status fate_flags(struct inventory *i, struct error *err) MUST_USE; /* loads i->flags */
/* Of one row whose other fields are set. */
enum inventory_fate fate_of(const struct inventory *i, const struct inventory_cert *c, const struct inventory_query *q, bool acm);
int64_t inventory_names_key(const char *text); /* of a subject, or of SANs; never 0 */

/* ---- rows (inventory_row.c) ---- */

/* The id of a certificate named by its ARN, or by its serial (ca NULL: of any CA). Within a transaction, after inventory_known(). 0: there is none. */
status inventory_id_of(struct inventory *i, const char *name, const char *ca, uint32_t *id, struct error *err) MUST_USE;

/* The row of this id; *out NULL: it is not there. */
status inventory_row(struct inventory *i, uint32_t id, const struct inventory_query *q, bool whole, struct arena *a, struct inventory_cert **out,
    struct error *err) MUST_USE;
/* The value of the first CN in an RFC 2253-like subject, unescaped, into *out; false: it has none. */
bool subject_common_name(const char *subject, struct buf *out);
/* What a row is called: into *out. */
void inventory_name(const char *subject, const char *sans, struct buf *out);

/* Hex with or without colons, or decimal (then arn tells it from hex), in bytes: 16, or more where it is longer. 0: it is none. */
size_t serial_bytes(const char *text, const char *arn, unsigned char out[SERIAL_MAX]);
/* Lower-case hex. out: SERIAL_MAX * 2 + 1 */
char *serial_hex(const unsigned char *bytes, size_t len, char *out);
/* ASCII letters in lower case, over itself. */
void lower_case(char *s);

#endif
