/* By the tables, into JSON. It is written here and not by cJSON, whose numbers need not come back as they were. */
#include "model/case_parts.h"

#include <math.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence.h"
#include "model/times.h"

#define EXACT (INT64_C(1) << 53) /* whole numbers up to here are the same as a double, which JSON readers make of them */

void
put_name(struct case_writer *w, const char *name)
{
	buf_addf(w->out, "%s\"%s\":", w->more ? "," : "", name);
	w->more = false;
}

void
put_open(struct case_writer *w, char bracket)
{
	buf_addc(w->out, bracket);
	w->more = false;
}

void
put_close(struct case_writer *w, char bracket)
{
	buf_addc(w->out, bracket);
	w->more = true;
}

static void
put_raw(struct case_writer *w, const char *text)
{
	buf_adds(w->out, text);
	w->more = true;
}

/* The next item of a list. */
static void
put_next(struct case_writer *w)
{
	if (w->more)
		buf_addc(w->out, ',');
	w->more = false;
}

void
put_number(struct case_writer *w, int64_t n)
{
	buf_addf(w->out, "%lld", (long long)(n > EXACT ? EXACT : n < -EXACT ? -EXACT : n));
	w->more = true;
}

static void
put_real(struct case_writer *w, double d)
{
	char text[40];

	/* As few digits as give the same number again. */
	for (int digits = 15; isfinite(d) && digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, d);
		if (strtod(text, NULL) == d)
			break;
	}
	put_raw(w, isfinite(d) ? text : "null");
}

void
put_base64(struct buf *out, struct text t)
{
	enum { PIECE = 3 * 1024 };
	unsigned char piece[PIECE / 3 * 4 + 1];

	for (size_t i = 0; i < t.len; i += PIECE) {
		size_t n = t.len - i < PIECE ? t.len - i : PIECE;

		buf_add(out, piece, (size_t)EVP_EncodeBlock(piece, t.bytes + i, (int)n));
	}
}

void
put_string(struct case_writer *w, struct text t)
{
	if ((text_flags(t) & (TEXT_INVALID | TEXT_NUL)) != 0) {
		buf_adds(w->out, "{\"base64\":\"");
		put_base64(w->out, t);
		put_raw(w, "\"}");
		return;
	}
	buf_addc(w->out, '"');
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = t.bytes[i];

		if (c == '"' || c == '\\')
			buf_addf(w->out, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			buf_addf(w->out, "\\u%04x", c);
		else
			buf_addc(w->out, (char)c);
	}
	put_raw(w, "\"");
}

static void
put_hex(struct case_writer *w, const struct fingerprint *f)
{
	char hex[SHA256_HEX];

	buf_addf(w->out, "\"%s\"", fingerprint_hex(f, hex));
	w->more = true;
}

static void
store(struct case_writer *w, const struct fingerprint *sha256, struct text der)
{
	if (w->stored_len == w->stored_cap) {
		w->stored_cap = w->stored_cap == 0 ? 64 : w->stored_cap * 2;
		w->stored = mem_grow(w->stored, w->stored_cap, sizeof *w->stored);
	}
	w->stored[w->stored_len++] = (struct case_stored){ .sha256 = *sha256, .der = der };
}

/* Its fingerprint; it is stored. */
static void
put_cert(struct case_writer *w, const struct cert *c)
{
	if (c == NULL) {
		put_raw(w, "null");
		return;
	}
	store(w, &c->sha256, c->der);
	put_hex(w, &c->sha256);
}

static void
put_der(struct case_writer *w, struct text der)
{
	struct fingerprint sha256;

	if (der.len == 0) {
		put_raw(w, "null");
		return;
	}
	fingerprint_of(der.bytes, der.len, &sha256);
	store(w, &sha256, der);
	put_hex(w, &sha256);
}

/* ---- members ---- */

static uint64_t
unsigned_at(const void *at, size_t size)
{
	switch (size) {
	case 1: return *(const uint8_t *)at;
	case 2: return *(const uint16_t *)at;
	case 4: return *(const uint32_t *)at;
	default: return *(const uint64_t *)at;
	}
}

static int64_t
signed_at(const void *at, size_t size)
{
	return size == sizeof(int) ? *(const int *)at : *(const int64_t *)at;
}

static void
put_text(struct case_writer *w, const struct field *f, struct text t)
{
	struct buf kept = { 0 };

	if (f->keep == NULL) {
		put_string(w, t);
		return;
	}
	f->keep(t, &kept);
	put_string(w, (struct text){ (const unsigned char *)buf_str(&kept), kept.len });
	buf_done(&kept);
}

static void
put_chars(struct case_writer *w, const struct field *f, const char *s)
{
	if (s == NULL)
		put_raw(w, "null");
	else
		put_text(w, f, text_of(s));
}

static void
put_item(struct case_writer *w, const struct field *f, const void *list, size_t i)
{
	switch (f->kind) {
	case FIELD_OCTETS: put_number(w, ((const uint8_t *)list)[i]); break;
	case FIELD_NUMBERS: put_number(w, ((const uint16_t *)list)[i]); break;
	case FIELD_STRINGS: put_chars(w, f, ((const char *const *)list)[i]); break;
	case FIELD_FINGERPRINTS: put_hex(w, &((const struct fingerprint *)list)[i]); break;
	case FIELD_CERTS: put_cert(w, ((struct cert *const *)list)[i]); break;
	case FIELD_RECORDS: put_record(w, f->record, (const char *)list + i * f->record->size); break;
	case FIELD_HANDSHAKES: put_record(w, f->record, ((struct handshake *const *)list)[i]); break;
	case FIELD_NAMES:
		buf_addc(w->out, '"');
		put_base64(w->out, ((const struct name *)list)[i].der);
		put_raw(w, "\"");
		break;
	default: break;
	}
}

static void
put_list(struct case_writer *w, const struct field *f, const void *at)
{
	const void *list = *(const void *const *)((const char *)at + f->offset);
	size_t len = *(const size_t *)(const void *)((const char *)at + f->count_offset);

	if (len > f->items)
		len = f->items; /* no more are read */
	put_open(w, '[');
	for (size_t i = 0; i < len; i++) {
		put_next(w);
		put_item(w, f, list, i);
	}
	put_close(w, ']');
}

/* Every member that the table has, into the object that is open. */
static void put_members(struct case_writer *w, const struct record *of, const void *at);

/* Its members, and the anchors that a diagnosis of the evidence can ask it for. */
static void
put_trust(struct case_writer *w, const struct field *f, const struct trust *t)
{
	struct arena *a = arena_new();
	const struct cert **anchors = NULL;
	size_t len = case_anchors(w->evidence, t, a, &anchors);

	put_open(w, '{');
	put_members(w, f->record, t);
	put_name(w, "anchors");
	put_open(w, '[');
	for (size_t i = 0; i < len; i++) {
		put_next(w);
		put_cert(w, anchors[i]);
	}
	put_close(w, ']');
	put_close(w, '}');
	arena_free(a);
}

static void
put_pointed(struct case_writer *w, const struct field *f, const void *what)
{
	if (what == NULL)
		put_raw(w, "null");
	else if (f->kind == FIELD_TRUST)
		put_trust(w, f, what);
	else
		put_record(w, f->record, what);
}

static void
put_member(struct case_writer *w, const struct field *f, const void *whole)
{
	const void *at = (const char *)whole + f->offset;
	const char *word;

	switch (f->kind) {
	case FIELD_BOOL: put_raw(w, *(const bool *)at ? "true" : "false"); break;
	case FIELD_SIGNED: put_number(w, signed_at(at, f->size)); break;
	case FIELD_UNSIGNED: put_number(w, (int64_t)(unsigned_at(at, f->size) & INT64_MAX)); break;
	case FIELD_REAL: put_real(w, *(const double *)at); break;
	case FIELD_STRING: put_chars(w, f, *(const char *const *)at); break;
	case FIELD_OWNED: put_chars(w, f, *(char *const *)at); break;
	case FIELD_WORD: put_chars(w, f, *(const char *const *)at); break;
	case FIELD_BYTES: put_text(w, f, *(const struct text *)at); break;
	case FIELD_STORED: put_der(w, *(const struct text *)at); break;
	case FIELD_FINGERPRINT: put_hex(w, at); break;
	case FIELD_CERT: put_cert(w, *(struct cert *const *)at); break;
	case FIELD_RECORD: put_record(w, f->record, at); break;
	case FIELD_TIME:
		if (*(const int64_t *)at == TIME_UNKNOWN)
			put_raw(w, "null");
		else
			put_number(w, *(const int64_t *)at);
		break;
	case FIELD_ENUM:
		word = f->word((unsigned)unsigned_at(at, f->size));
		if (word != NULL)
			put_chars(w, f, word);
		else
			put_number(w, (int64_t)unsigned_at(at, f->size)); /* it has no word yet: no reader takes it, and says where */
		break;
	case FIELD_KEY:
	case FIELD_POINTER:
	case FIELD_IDENTITY:
	case FIELD_TRUST: put_pointed(w, f, *(void *const *)at); break;
	default: put_list(w, f, whole); break;
	}
}

static void
put_members(struct case_writer *w, const struct record *of, const void *at)
{
	for (size_t i = 0; i < of->len; i++) {
		if (of->fields[i].kind == FIELD_LEFT_OUT || of->fields[i].kind == FIELD_COUNT)
			continue;
		put_name(w, of->fields[i].name);
		put_member(w, &of->fields[i], at);
	}
}

void
put_record(struct case_writer *w, const struct record *of, const void *at)
{
	put_open(w, '{');
	put_members(w, of, at);
	put_close(w, '}');
}
