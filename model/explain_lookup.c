#include "model/explain_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/alert.h"

enum { TEXTS = 4, NAME_MAX_LEN = 48 };

/* A pattern's number in the index, taken apart again. */
struct lookups {
	struct match_index *index;
	struct entry {
		const struct explain_table *table;
		const struct explain_row *row;
	} *entries;
	size_t len, cap;
};

static void
add_row(struct lookups *l, const struct explain_table *t, const struct explain_row *row)
{
	for (size_t k = 0; k < TEXTS && row->texts[k] != NULL; k++) {
		if (l->len == l->cap) {
			l->cap = l->cap == 0 ? 512 : l->cap * 2;
			l->entries = mem_grow(l->entries, l->cap, sizeof *l->entries);
		}
		if (match_index_add(l->index, row->texts[k], l->len))
			l->entries[l->len++] = (struct entry){ t, row };
	}
}

struct lookups *
lookups_new(void)
{
	struct lookups *l = mem_zero(1, sizeof *l);

	l->index = match_index_new();
	for (size_t t = 0; t < explain_tables_len; t++)
		for (size_t i = 0; i < explain_tables[t]->len; i++)
			add_row(l, explain_tables[t], &explain_tables[t]->rows[i]);
	return l;
}

void
lookups_free(struct lookups *l)
{
	if (l == NULL)
		return;
	match_index_free(l->index);
	free(l->entries);
	free(l);
}

/* The row with that number; NULL where there is none. */
static const struct explain_row *
row_numbered(const struct explain_table *t, int number)
{
	for (size_t i = 0; number > 0 && i < t->len; i++)
		if (t->rows[i].number == number && t->rows[i].lookup == LOOKUP_NONE)
			return &t->rows[i];
	return NULL;
}

const struct explain_row *
row_called(const char *id, const struct explain_table **table)
{
	for (size_t t = 0; t < explain_tables_len; t++) {
		for (size_t i = 0; i < explain_tables[t]->len; i++) {
			if (strcmp(explain_tables[t]->rows[i].id, id) != 0)
				continue;
			if (table != NULL)
				*table = explain_tables[t];
			return &explain_tables[t]->rows[i];
		}
	}
	return NULL;
}

/* ---- names of alerts ---- */

/* How programs spell what is not spelled as in the RFC: Go (alert.go), GnuTLS (alert.c), OpenSSL (ssl_stat.c). */
static const struct {
	const char *name;
	int number;
} spellings[] = {
	{ "unknown certificate authority", 48 }, { "ca is unknown", 48 }, { "expired certificate", 45 }, { "revoked certificate", 44 },
	{ "certificate was revoked", 44 }, { "certificate is bad", 42 }, { "certificate is not supported", 43 }, { "unknown certificate", 46 },
	{ "error decrypting message", 51 }, { "decryption of message failed", 51 }, { "error decoding message", 50 }, { "protocol version not supported", 70 },
	{ "insufficient security level", 71 }, { "no supported application protocol could be negotiated", 120 }, { "handshake failed", 40 },
	{ "access was denied", 49 }, { "certificate has expired", 45 }, { "certificate was expired", 45 }, { "user cancelled", 90 }, { "the server name sent was not recognized", 112 },
	{ "certificate is required", 116 }, { "unsupported certificate type", 43 }, { "close notify", 0 },
};

/* Small letters and digits only: "UNKNOWN_CA", "UnknownCA" and "unknown ca" are one. */
static size_t
plain(struct text t, char *out, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < t.len && n + 1 < size; i++)
		if (isalnum(t.bytes[i]))
			out[n++] = (char)tolower(t.bytes[i]);
	out[n] = '\0';
	return n;
}

static void
take_longest(const char *typed, const char *name, int number, bool whole, size_t *longest, int *best)
{
	char known[NAME_MAX_LEN];
	size_t len = plain(text_of(name), known, sizeof known);

	if (len <= *longest || strncmp(typed, known, len) != 0 || (whole && typed[len] != '\0'))
		return;
	*longest = len;
	*best = number;
}

/* The alert whose name stands at the beginning of the text ("unknown ca (48)", "UnknownCA"), or all of it is one where whole; -1: none. */
static int
alert_named(struct text t, bool whole)
{
	char typed[2 * NAME_MAX_LEN];
	size_t longest = 0;
	int best = -1;

	if (t.len >= sizeof typed)
		t.len = sizeof typed - 1;
	plain(t, typed, sizeof typed);
	for (int n = 0; n < 255; n++)
		if (alert_info((uint8_t)n)->number == n)
			take_longest(typed, alert_info((uint8_t)n)->name, n, whole, &longest, &best);
	for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++)
		take_longest(typed, spellings[i].name, spellings[i].number, whole, &longest, &best);
	return best;
}

/* ---- numbers ---- */

static long
number_in(struct text t, int base)
{
	char digits[20];

	if (t.len == 0 || t.len >= sizeof digits)
		return -1;
	memcpy(digits, t.bytes, t.len);
	digits[t.len] = '\0';
	return strtol(digits, NULL, base);
}

/*
 * error:0A000412 of OpenSSL 3 (library in bits 23 to 30, reason below) and error:14094412 of 1.1.1
 * (library in the upper byte, reason in the lower twelve bits). The library is SSL, 20. Reasons from
 * 1000 on are alerts that came in (include/openssl/sslerr.h).
 */
static bool
openssl_code(struct found *f, long code)
{
	long reason = -1;

	if (code < 0)
		return false;
	if (((code >> 23) & 0xff) == 20)
		reason = code & 0x7fffff;
	else if (((code >> 24) & 0xff) == 20)
		reason = code & 0xfff;
	if (reason >= 1000 && reason < 1256 && alert_info((uint8_t)(reason - 1000))->number == reason - 1000) {
		f->alert = (int)reason - 1000;
		f->meaning = row_called("alert.openssl-tls1", &f->meaning_table);
		return true;
	}
	f->meaning = reason > 0 ? row_numbered(&explain_openssl, (int)reason) : NULL;
	f->meaning_table = &explain_openssl;
	return f->meaning != NULL;
}

/* Follows the number or name in the row to what it means; false where it means nothing. */
static bool
follow(struct found *f)
{
	long n;

	f->meaning = f->row;
	f->meaning_table = f->table;
	f->alert = -1;
	switch (f->row->lookup) {
	case LOOKUP_NONE: return true;
	case LOOKUP_ALERT_NUMBER:
		n = number_in(match_capture(&f->match, "alert"), 10);
		if (n < 0 || n > 255)
			return false;
		f->alert = (int)n;
		return true;
	case LOOKUP_ALERT_NAME:
		f->alert = alert_named(match_capture(&f->match, "alert"), false);
		return f->alert >= 0;
	case LOOKUP_VERIFY:
		n = number_in(match_capture(&f->match, "verify"), 10);
		f->meaning = n > 0 && n < 1000 ? row_numbered(&explain_verify, (int)n) : NULL;
		f->meaning_table = &explain_verify;
		return f->meaning != NULL;
	case LOOKUP_OPENSSL: return openssl_code(f, number_in(match_capture(&f->match, "code"), 16));
	case LOOKUP_CURL:
		n = number_in(match_capture(&f->match, "curl"), 10);
		f->meaning = n > 0 && n < 1000 ? row_numbered(&explain_curl, (int)n) : NULL;
		return f->meaning != NULL;
	}
	return false;
}

/* ---- one line ---- */

struct looking {
	const struct lookups *l;
	struct text line;
	struct found best;
};

static void
look_at(size_t id, const char *pattern, void *user)
{
	struct looking *k = user;
	struct found f = { .table = k->l->entries[id].table, .row = k->l->entries[id].row, .pattern = pattern };
	int rank = f.row->rank != 0 ? f.row->rank : RANK_TEXT;

	if (!match_pattern(pattern, k->line, &f.match) || !follow(&f))
		return;
	/* Of two that are as precise, the one that has more of the line. */
	f.score = (size_t)rank * 1000 + (f.match.letters < 999 ? f.match.letters : 999);
	if (f.score > k->best.score)
		k->best = f;
	else if (f.score == k->best.score && f.meaning != k->best.meaning)
		k->best.rival = f.row;
}

struct found
lookups_best(struct lookups *l, struct text line)
{
	struct looking k = { .l = l, .line = line, .best = { .alert = -1 } };

	match_index_look(l->index, line, look_at, &k);
	if (k.best.score > 0)
		k.best.context = lookups_context(line);
	return k.best;
}

const struct explain_context *
lookups_context(struct text line)
{
	for (size_t i = 0; i < explain_contexts_len; i++)
		if (text_holds(line, explain_contexts[i].text))
			return &explain_contexts[i];
	return NULL;
}

/* ---- a bare word ---- */

/* HTTP statuses that nginx has for this alone, and 421. */
static const struct {
	long status;
	const char *row;
} statuses[] = { { 421, "nginx.misdirected" }, { 495, "nginx.status-495" }, { 496, "nginx.status-496" }, { 497, "nginx.status-497" } };

static struct found
found_row(const char *id, int alert, int rank)
{
	struct found f = { .alert = alert, .score = (size_t)rank * 1000 };

	f.row = f.meaning = row_called(id, &f.table);
	f.meaning_table = f.table;
	return f;
}

/* The kinds of number, the likeliest first; SSL 3.0's alerts are nearly never meant. */
static struct found
bare_number(long number, size_t n)
{
	bool alert = number >= 0 && number < 255 && alert_info((uint8_t)number)->number == number;
	bool old = number == 21 || number == 30 || number == 41 || number == 60;
	const struct explain_row *verify = row_numbered(&explain_verify, number < 1000 ? (int)number : 0);
	const struct explain_row *curl = row_numbered(&explain_curl, number < 1000 ? (int)number : 0);

	if (alert && n-- == 0)
		return found_row("alert.number", (int)number, old ? RANK_WRAPPER : RANK_LINE);
	if (verify != NULL && n-- == 0)
		return found_row(verify->id, -1, RANK_PRECISE);
	if (curl != NULL && n-- == 0)
		return found_row(curl->id, -1, RANK_TEXT);
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (statuses[i].status == number && n-- == 0)
			return found_row(statuses[i].row, -1, RANK_TEXT);
	return (struct found){ .alert = -1 };
}

struct found
lookups_bare(struct text t, size_t n)
{
	size_t digits = 0;
	int alert;

	while (digits < t.len && isdigit(t.bytes[digits]))
		digits++;
	if (digits > 0 && digits == t.len)
		return bare_number(number_in(t, 10), n);
	alert = n == 0 ? alert_named(t, true) : -1;
	if (alert >= 0)
		return found_row("alert.number", alert, RANK_LINE);
	return (struct found){ .alert = -1 };
}
