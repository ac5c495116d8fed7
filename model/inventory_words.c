#include "model/inventory_words.h"

#include <stdlib.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"

enum {
	SERIAL_DIGITS = 4,  /* fewer, and words like "add" or "fee" would find serials by chance; with a colon it is meant as one */
	TEMPLATE_LETTERS = 3,
	CA_LETTERS = 8      /* of a CA's id: an ARN's other parts are the same in all */
};

/* The word's hex digits where it can be a part of a serial: into out (LIMIT_FILTER_WORD), else "". */
static void
serial_digits(const char *word, char *out)
{
	size_t n = 0;
	bool colon = false;

	for (const char *p = word; *p != '\0'; p++) {
		if (*p == ':') {
			colon = true;
			continue;
		}
		if (strchr("0123456789abcdef", *p) == NULL) {
			out[0] = '\0';
			return;
		}
		out[n++] = *p;
	}
	out[n] = '\0';
	if (n < SERIAL_DIGITS && !(colon && n >= 3))
		out[0] = '\0';
}

static status
add_templates(struct inventory *i, const char *word, struct bitmap *sure, struct error *err)
{
	/* Every template is called a certificate: that part of the name tells nothing. */
	if (strlen(word) < TEMPLATE_LETTERS || strstr("certificate", word) != NULL)
		return STATUS_OK;
	for (size_t k = 0; k < i->words_len; k++) {
		char *name;
		bool has;

		if (i->words[k].kind != WORD_TEMPLATE)
			continue;
		name = mem_strdup(i->words[k].text);
		lower_case(name);
		has = strstr(name, word) != NULL;
		free(name);
		if (has && bits_load(i, BITS_TEMPLATE, (uint32_t)i->words[k].id, (uint32_t)i->words[k].id, sure, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	return STATUS_OK;
}

/* Is `part` the end of `whole`? */
static bool
ends_with(const char *whole, const char *part, size_t len)
{
	size_t n = strlen(whole);

	return n >= len && memcmp(whole + n - len, part, len) == 0;
}

/*
 * A certificate's ARN is its CA's, "/certificate/" and the serial: a word lies in the first two, or begins there and ends in
 * the serial. (One that does not look so is kept, and searched as text.)
 */
static status
add_arns(struct inventory *i, const char *word, struct bitmap *sure, struct error *err)
{
	const char *slash = strrchr(word, '/');
	size_t before = slash != NULL ? (size_t)(slash + 1 - word) : 0;
	struct buf base = { 0 };
	status done = STATUS_OK;

	if (strpbrk(word, ":/") == NULL && strlen(word) < CA_LETTERS)
		return STATUS_OK;
	for (size_t k = 0; k < i->cas_len && done == STATUS_OK; k++) {
		struct bitmap ours;

		buf_reset(&base);
		buf_addf(&base, "%s/certificate/", i->cas[k].arn);
		lower_case(base.data);
		bitmap_new(&ours, i->last_id);
		if (strpbrk(word, ":/") == NULL) { /* of the CA's id, or it is none */
			const char *id = strrchr(i->cas[k].arn, '/');

			if (id != NULL && strstr(base.data + (id - i->cas[k].arn), word) != NULL && strstr("/certificate/", word) == NULL)
				done = bits_load(i, BITS_CA, (uint32_t)i->cas[k].id, (uint32_t)i->cas[k].id, &ours, err);
		} else if (strstr(base.data, word) != NULL) {
			done = bits_load(i, BITS_CA, (uint32_t)i->cas[k].id, (uint32_t)i->cas[k].id, &ours, err);
		} else if (before > 0 && ends_with(base.data, word, before) && strspn(word + before, "0123456789abcdef") == strlen(word + before)) {
			struct bitmap with;

			bitmap_new(&with, i->last_id);
			done = inventory_serials_with(i, word + before, true, &with, err);
			if (done == STATUS_OK)
				done = bits_load(i, BITS_CA, (uint32_t)i->cas[k].id, (uint32_t)i->cas[k].id, &ours, err);
			if (strlen(word + before) >= 3)
				bitmap_and(&ours, &with);
			bitmap_done(&with);
		}
		bitmap_or(sure, &ours);
		bitmap_done(&ours);
	}
	buf_done(&base);
	return done;
}

/* Rows whose text may have the word: all of its triples. */
static status
find_text(struct inventory *i, const char *word, struct bitmap *out, struct error *err)
{
	const unsigned char *w = (const unsigned char *)word;
	size_t len = strlen(word);

	if (len == 1)
		return bits_load(i, BITS_BYTE, w[0], w[0], out, err);
	if (len == 2) {
		uint32_t both = (uint32_t)w[0] << 16 | (uint32_t)w[1] << 8;

		return bits_load(i, BITS_TRIPLE, both, both | 0xff, out, err);
	}
	for (size_t k = 0; k + 2 < len; k++) {
		uint32_t triple = (uint32_t)w[k] << 16 | (uint32_t)w[k + 1] << 8 | w[k + 2];
		struct bitmap one;
		status done;

		if (inventory_stopped(i))
			return inventory_failed(i, err);
		if (k == 0) {
			if (bits_load(i, BITS_TRIPLE, triple, triple, out, err) != STATUS_OK)
				return STATUS_FAILED;
			continue;
		}
		bitmap_new(&one, i->last_id);
		done = bits_load(i, BITS_TRIPLE, triple, triple, &one, err);
		bitmap_and(out, &one);
		bitmap_done(&one);
		if (done != STATUS_OK)
			return done;
	}
	return STATUS_OK;
}

static status
find_word(struct inventory *i, struct filter_word *w, struct bitmap *rows, struct error *err)
{
	char digits[LIMIT_FILTER_WORD];
	struct bitmap may;
	status done;

	bitmap_new(&w->sure, i->last_id);
	bitmap_new(&may, i->last_id);
	serial_digits(w->text, digits);
	done = find_text(i, w->text, &may, err);
	if (done == STATUS_OK && digits[0] != '\0')
		done = inventory_serials_with(i, digits, false, &w->sure, err);
	if (done == STATUS_OK)
		done = add_templates(i, w->text, &w->sure, err);
	if (done == STATUS_OK)
		done = add_arns(i, w->text, &w->sure, err);
	if (done == STATUS_OK && strlen(w->text) <= 3) {
		bitmap_or(&w->sure, &may); /* three bytes that stand next to each other are the word */
		bitmap_and(rows, &w->sure);
	} else if (done == STATUS_OK) {
		bitmap_or(&may, &w->sure);
		bitmap_and(rows, &may);
		w->look = true;
	}
	bitmap_done(&may);
	return done;
}

status
filter_words_find(struct inventory *i, const char *filter, struct filter_words *out, struct bitmap *rows, struct error *err)
{
	*out = (struct filter_words){ .items = NULL };
	if (filter == NULL)
		return STATUS_OK;
	for (const char *p = filter; *p != '\0' && out->len < LIMIT_FILTER_WORDS;) {
		size_t skip = strspn(p, " \t\r\n"), len = strcspn(p + skip, " \t\r\n");
		struct filter_word *w;

		p += skip + len;
		if (len == 0)
			continue;
		out->items = mem_grow(out->items, out->len + 1, sizeof *out->items);
		w = &out->items[out->len++];
		*w = (struct filter_word){ .text = mem_strndup(p - len, len < LIMIT_FILTER_WORD ? len : LIMIT_FILTER_WORD - 1) };
		lower_case(w->text);
		if (find_word(i, w, rows, err) != STATUS_OK)
			return STATUS_FAILED;
		out->look = out->look || w->look;
	}
	return STATUS_OK;
}

/* Is it in there, whatever the case? NULL has nothing. */
static bool
contains(struct buf *lower, const char *text, const char *word)
{
	if (text == NULL)
		return false;
	buf_reset(lower);
	buf_adds(lower, text);
	lower_case(lower->data);
	return strstr(lower->data, word) != NULL;
}

status
filter_words_hold(struct inventory *i, const struct filter_words *w, uint32_t id, bool *holds, struct error *err)
{
	sqlite3_stmt *s = NULL;
	int result = SQLITE_ROW;

	*holds = true;
	for (size_t k = 0; k < w->len && *holds; k++) {
		char hex[SERIAL_MAX * 2 + 1] = "";

		if (!w->items[k].look || bitmap_has(&w->items[k].sure, id))
			continue;
		if (s == NULL) {
			if ((s = inventory_sql(i, SQL_CERT_TEXT)) == NULL)
				return inventory_failed(i, err);
			sqlite3_bind_int64(s, 1, id);
			if ((result = sqlite3_step(s)) != SQLITE_ROW)
				break;
		}
		if (sqlite3_column_bytes(s, 2) > SERIAL_SLOT && sqlite3_column_bytes(s, 2) <= SERIAL_MAX)
			(void)serial_hex(sqlite3_column_blob(s, 2), (size_t)sqlite3_column_bytes(s, 2), hex);
		*holds = contains(&i->scratch, sql_text_of(s, 0), w->items[k].text) || contains(&i->scratch, sql_text_of(s, 1), w->items[k].text) ||
		         contains(&i->scratch, sql_text_of(s, 3), w->items[k].text) || contains(&i->scratch, hex, w->items[k].text);
	}
	sqlite3_reset(s);
	return result == SQLITE_ROW ? STATUS_OK : inventory_failed(i, err);
}

void
filter_words_done(struct filter_words *w)
{
	for (size_t k = 0; k < w->len; k++) {
		free(w->items[k].text);
		bitmap_done(&w->items[k].sure);
	}
	free(w->items);
	*w = (struct filter_words){ .items = NULL };
}
