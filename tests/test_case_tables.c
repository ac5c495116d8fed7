/*
 * The tables of what a case keeps, against the headers: every member of every struct has a row, and every value of
 * an enum a word. Who adds one to a handshake and forgets its row would have a case that diagnoses otherwise than
 * what was seen.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/case_fields.h"
#include "model/codes.h"
#include "model/input.h"
#include "model/memory.h"

enum { HEADER_MOST = 1024 * 1024 };

/* ---- a header, as far as it must be understood ---- */

/* Comments become blanks. */
static void
blank_comments(char *s)
{
	char *at = s, *end;

	while ((at = strstr(at, "/*")) != NULL) {
		end = strstr(at, "*/");
		assert_non_null(end);
		memset(at, ' ', (size_t)(end + 2 - at));
	}
}

static char *
header_text(const char *path)
{
	struct input in = { .len = 0 };
	struct error err = { .code = ERROR_NONE };
	char *text;

	if (input_read(path, HEADER_MOST, &in, &err) != STATUS_OK)
		fail_msg("%s (tests run in the root of the tree)", err.text);
	text = mem_strndup((const char *)in.bytes, in.len);
	input_free(&in);
	blank_comments(text);
	return text;
}

/* What stands between the brackets of `struct TYPE {`; free() it. */
static char *
body_of(const char *text, const char *type)
{
	struct buf opening = { 0 };
	const char *at, *end;
	char *body;

	buf_addf(&opening, "\nstruct %s {", type);
	at = strstr(text, buf_str(&opening));
	if (at == NULL)
		fail_msg("there is no struct %s in its header", type);
	at += opening.len;
	end = strchr(at, '}');
	assert_non_null(end);
	body = mem_strndup(at, (size_t)(end - at));
	buf_done(&opening);
	if (strchr(body, '{') != NULL || strchr(body, '(') != NULL)
		fail_msg("struct %s: a struct or a function in it, which this test does not understand", type);
	return body;
}

/* "char *a, *b[3]" up to its next comma: the name that is declared. */
static void
name_in(const char *from, const char *to, char out[64])
{
	const char *bracket = memchr(from, '[', (size_t)(to - from)), *end = bracket != NULL ? bracket : to, *begin;

	while (end > from && !isalnum((unsigned char)end[-1]) && end[-1] != '_')
		end--;
	for (begin = end; begin > from && (isalnum((unsigned char)begin[-1]) || begin[-1] == '_'); begin--)
		;
	assert_true((size_t)(end - begin) < 64);
	memcpy(out, begin, (size_t)(end - begin));
	out[end - begin] = '\0';
}

static const struct field *
row_of(const struct record *r, const char *member)
{
	for (size_t i = 0; i < r->len; i++)
		if (strcmp(r->fields[i].name, member) == 0)
			return &r->fields[i];
	return NULL;
}

/* ---- enums ---- */

/* How many values `enum NAME` has in this header; 0: it is not there. */
static size_t
values_in(const char *path, const char *name)
{
	char *text = header_text(path), *at;
	struct buf opening = { 0 };
	size_t n = 0;

	buf_addf(&opening, "\nenum %s {", name);
	at = strstr(text, buf_str(&opening));
	for (at = at != NULL ? at + opening.len : text + strlen(text); *at != '}' && *at != '\0';) {
		size_t len = strcspn(at, ",}");

		n += strspn(at, " \t\n") < len; /* a comma may stand behind the last one */
		at += len + (at[len] == ',');
	}
	buf_done(&opening);
	free(text);
	return n;
}

/* The declaration "enum NAME a, b": as many words as values. */
static size_t
check_words(const struct record *r, const char *declaration, const struct field *f)
{
	char name[64];
	glob_t headers;
	size_t values = 0, words = 0;

	if (f == NULL || f->kind != FIELD_ENUM || sscanf(declaration, " enum %63s", name) != 1)
		return 0;
	assert_int_equal(glob("model/*.h", 0, NULL, &headers), 0);
	for (size_t i = 0; i < headers.gl_pathc && values == 0; i++)
		values = values_in(headers.gl_pathv[i], name);
	globfree(&headers);
	while (f->word((unsigned)words) != NULL)
		words++;
	if (values == words)
		return 0;
	print_error("%s.%s: enum %s has %zu values, and a case has words for %zu of them: model/case_tables*.c\n", r->type, f->name,
	    name, values, words);
	return 1;
}

/* ---- structs ---- */

static size_t
check_struct(const struct record *r)
{
	char *text = header_text(r->header), *body = body_of(text, r->type), name[64];
	size_t members = 0, missing = 0;

	for (char *at = body, *end; (end = strchr(at, ';')) != NULL; at = end + 1) {
		for (char *part = at; part < end;) {
			char *comma = memchr(part, ',', (size_t)(end - part)), *stop = comma != NULL ? comma : end;

			name_in(part, stop, name);
			members++;
			if (row_of(r, name) == NULL) {
				print_error("struct %s has a member “%s”, and no case keeps it: give it a row in model/case_tables*.c, "
					    "or one with LEFT_OUT that says why\n", r->type, name);
				missing++;
			}
			missing += check_words(r, at, row_of(r, name));
			part = comma != NULL ? comma + 1 : end;
		}
	}
	if (members == 0)
		fail_msg("struct %s: no member was found in %s", r->type, r->header);
	if (members != r->len && missing == 0)
		fail_msg("struct %s: %zu members, %zu rows", r->type, members, r->len);
	free(text);
	free(body);
	return missing;
}

static void
every_member_has_a_row(void **state)
{
	size_t missing = 0;

	(void)state;
	for (size_t i = 0; i < case_records_len; i++)
		missing += check_struct(case_records[i]);
	assert_int_equal(missing, 0);
}

/* ---- the rows themselves ---- */

/* Bytes that each kind reads and writes; 0: any. */
static const size_t sizes[] = {
	[FIELD_BOOL] = sizeof(bool), [FIELD_TIME] = sizeof(int64_t), [FIELD_REAL] = sizeof(double), [FIELD_ENUM] = sizeof(unsigned),
	[FIELD_STRING] = sizeof(char *), [FIELD_OWNED] = sizeof(char *), [FIELD_WORD] = sizeof(char *),
	[FIELD_BYTES] = sizeof(struct text), [FIELD_STORED] = sizeof(struct text), [FIELD_FINGERPRINT] = 32,
	[FIELD_CERT] = sizeof(void *), [FIELD_KEY] = sizeof(void *), [FIELD_POINTER] = sizeof(void *),
	[FIELD_IDENTITY] = sizeof(void *), [FIELD_TRUST] = sizeof(void *), [FIELD_OCTETS] = sizeof(void *), [FIELD_NUMBERS] = sizeof(void *),
	[FIELD_STRINGS] = sizeof(void *), [FIELD_FINGERPRINTS] = sizeof(void *), [FIELD_CERTS] = sizeof(void *),
	[FIELD_NAMES] = sizeof(void *), [FIELD_RECORDS] = sizeof(void *), [FIELD_HANDSHAKES] = sizeof(void *),
	[FIELD_COUNT] = sizeof(size_t),
};

static void
check_row(const struct record *r, const struct field *f)
{
	bool list = f->kind >= FIELD_OCTETS, has_record = (f->kind >= FIELD_KEY && f->kind <= FIELD_TRUST) || f->kind == FIELD_RECORDS ||
	    f->kind == FIELD_HANDSHAKES;

	if (f->kind < sizeof sizes / sizeof sizes[0] && sizes[f->kind] != 0 && f->size != sizes[f->kind])
		fail_msg("%s.%s: %zu bytes, its kind has %zu", r->type, f->name, f->size, sizes[f->kind]);
	if (f->offset + f->size > r->size || (list && f->count_offset + sizeof(size_t) > r->size))
		fail_msg("%s.%s lies outside of its struct", r->type, f->name);
	if (list != (f->items > 0))
		fail_msg("%s.%s: a list needs a limit, and nothing else has one", r->type, f->name);
	if (has_record != (f->record != NULL) || (f->kind == FIELD_ENUM) != (f->word != NULL))
		fail_msg("%s.%s: its record or its words are missing", r->type, f->name);
	if (f->kind == FIELD_RECORD && f->size != f->record->size)
		fail_msg("%s.%s: %zu bytes, struct %s has %zu", r->type, f->name, f->size, f->record->type, f->record->size);
	if ((f->kind == FIELD_LEFT_OUT) != (f->why != NULL))
		fail_msg("%s.%s: what is left out says why", r->type, f->name);
}

static void
rows_fit_their_members(void **state)
{
	(void)state;
	for (size_t i = 0; i < case_records_len; i++)
		for (size_t k = 0; k < case_records[i]->len; k++)
			check_row(case_records[i], &case_records[i]->fields[k]);
}

/* A word that two values of an enum have would come back as the first of them. */
static void
words_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < case_records_len; i++) {
		for (size_t k = 0; k < case_records[i]->len; k++) {
			const struct field *f = &case_records[i]->fields[k];

			for (unsigned a = 0; f->word != NULL && f->word(a) != NULL; a++)
				for (unsigned b = 0; b < a; b++)
					if (strcmp(f->word(a), f->word(b)) == 0)
						fail_msg("%s.%s: “%s” is said of two", case_records[i]->type, f->name, f->word(a));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_has_a_row),
		cmocka_unit_test(rows_fit_their_members),
		cmocka_unit_test(words_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
