#include "model/config_walk.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "model/config_schema.h"
#include "model/quote.h"
#include "model/spelling.h"

#define STAGE "configuration"

enum { DEPTH = 4 /* keys from the top of the file to the deepest value */ };

struct walk {
	const struct config_text *text;
	struct error *err;
	yaml_parser_t parser;
	yaml_event_t event; /* the one that is looked at */
	const char *path[DEPTH];
	size_t path_len;
	size_t index;       /* of the section's entry */
	const char *want_section, *want_key; /* NULL: nothing is looked for */
	size_t want_index;
	size_t found;       /* its line */
};

static status value(struct walk *w, const cyaml_schema_value_t *v);

static size_t
line_of(const struct walk *w)
{
	return w->event.start_mark.line + 1;
}

static status refuse(struct walk *w, size_t line, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* "config.yaml:12: fleet: …": the sections and keys that lead there stand before what is wrong. */
static status
refuse(struct walk *w, size_t line, const char *fmt, ...)
{
	char text[400];
	struct buf where = { 0 };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < w->path_len; i++)
		buf_addf(&where, "%s: ", w->path[i]);
	error_set(w->err, ERROR_INPUT, STAGE, "%s:%zu: %s%s", w->text->file, line, buf_str(&where), text);
	buf_done(&where);
	return STATUS_FAILED;
}

/* The reader's errors have an offset in place of a line. */
static size_t
line_at(const struct walk *w, size_t offset)
{
	size_t line = 1;

	for (size_t i = 0; i < offset && i < w->text->len; i++)
		line += w->text->bytes[i] == '\n';
	return line;
}

size_t
config_text_byte(const struct config_text *t, size_t character)
{
	size_t at = t->len >= 3 && memcmp(t->bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	for (; at < t->len; at++) {
		if ((t->bytes[at] & 0xc0) == 0x80)
			continue;
		if (character-- == 0)
			break;
	}
	return at;
}

static status
refuse_syntax(struct walk *w)
{
	const yaml_parser_t *p = &w->parser;
	size_t at = config_text_byte(w->text, p->problem_mark.index), line = p->problem_mark.line + 1;
	const char *problem = p->problem != NULL ? p->problem : "it cannot be read";

	w->path_len = 0;
	if (p->error == YAML_MEMORY_ERROR)
		return error_set(w->err, ERROR_LOCAL, STAGE, "%s: no memory to read it", w->text->file);
	if (p->error == YAML_READER_ERROR)
		return refuse(w, line_at(w, p->problem_offset), "no text in UTF-8: byte 0x%02x (%s)",
		    (unsigned)p->problem_value & 0xffu, problem);
	if (at < w->text->len && w->text->bytes[at] == '\t')
		return refuse(w, line, "a tab; YAML is indented with blanks");
	if (p->context != NULL && p->context_mark.line + 1 != line)
		return refuse(w, line, "no YAML: %s (%s that begins in line %zu)", problem, p->context,
		    p->context_mark.line + 1);
	return refuse(w, line, "no YAML: %s", problem);
}

static status
next(struct walk *w)
{
	yaml_event_delete(&w->event);
	if (yaml_parser_parse(&w->parser, &w->event) == 0)
		return refuse_syntax(w);
	return STATUS_OK;
}

/* Is this the place that is looked for? Then the walk is over. */
static bool
is_wanted(struct walk *w)
{
	const char *rest = w->want_key;

	if (w->want_section == NULL || w->path_len == 0 || w->index != w->want_index ||
	    strcmp(w->path[0], w->want_section) != 0)
		return false;
	for (size_t i = 1; i < w->path_len; i++) {
		size_t len = strlen(w->path[i]);
		if (rest == NULL || strncmp(rest, w->path[i], len) != 0 || (rest[len] != '.' && rest[len] != '\0'))
			return false;
		rest = rest[len] == '.' ? rest + len + 1 : NULL;
	}
	if (rest != NULL)
		return false;
	w->found = line_of(w);
	return true;
}

static const char *
kind_of(const yaml_event_t *e)
{
	if (e->type == YAML_MAPPING_START_EVENT)
		return "keys with values";
	return e->type == YAML_SEQUENCE_START_EVENT ? "a list" : "one value";
}

static bool
tagged(const yaml_event_t *e)
{
	return (e->type == YAML_SCALAR_EVENT && e->data.scalar.tag != NULL) ||
	    (e->type == YAML_MAPPING_START_EVENT && e->data.mapping_start.tag != NULL) ||
	    (e->type == YAML_SEQUENCE_START_EVENT && e->data.sequence_start.tag != NULL);
}

/* What no value may be, whatever the schema says of it. */
static status
plain(struct walk *w)
{
	const yaml_event_t *e = &w->event;

	if (e->type == YAML_ALIAS_EVENT)
		return refuse(w, line_of(w), "an alias (*…): write out what it stands for");
	if (tagged(e))
		return refuse(w, line_of(w), "a tag (!…): tags mean nothing here");
	if (e->type == YAML_SCALAR_EVENT && strlen((const char *)e->data.scalar.value) != e->data.scalar.length)
		return refuse(w, line_of(w), "a NUL character in a value");
	return STATUS_OK;
}

/* The words that libcyaml takes for nothing, quoted or not. */
static bool
is_null(const yaml_event_t *e)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	for (size_t i = 0; e->type == YAML_SCALAR_EVENT && i < sizeof words / sizeof words[0]; i++) {
		if (strcmp((const char *)e->data.scalar.value, words[i]) == 0)
			return true;
	}
	return false;
}

static status
refuse_key(struct walk *w, const cyaml_schema_field_t *fields, const char *key)
{
	char shown[QUOTE_MAX];
	const cyaml_schema_field_t *best = NULL;
	unsigned best_distance = spelling_near(key) + 1;
	struct buf all = { 0 };

	for (const cyaml_schema_field_t *f = fields; f->key != NULL; f++) {
		unsigned d = spelling_distance_to(key, f->key);
		if (d < best_distance) {
			best_distance = d;
			best = f;
		}
		buf_addf(&all, "%s%s", all.len > 0 ? ", " : "", f->key);
	}
	if (best != NULL)
		refuse(w, line_of(w), "no such key: “%s”; did you mean %s?", quote_str(key, shown), best->key);
	else
		refuse(w, line_of(w), "no such key: “%s”; there are %s", quote_str(key, shown), buf_str(&all));
	buf_done(&all);
	return STATUS_FAILED;
}

static status
key_and_value(struct walk *w, const cyaml_schema_field_t *fields, uint32_t *seen)
{
	const cyaml_schema_field_t *f = fields;
	status result;

	if (plain(w) != STATUS_OK)
		return STATUS_FAILED;
	if (w->event.type != YAML_SCALAR_EVENT)
		return refuse(w, line_of(w), "%s in place of a key", kind_of(&w->event));
	while (f->key != NULL && strcmp(f->key, (const char *)w->event.data.scalar.value) != 0)
		f++;
	if (f->key == NULL)
		return refuse_key(w, fields, (const char *)w->event.data.scalar.value);
	if ((*seen & (UINT32_C(1) << (f - fields))) != 0)
		return refuse(w, line_of(w), "the key %s stands here twice", f->key);
	*seen |= UINT32_C(1) << (f - fields);
	w->path[w->path_len++] = f->key;
	/* Of a list the entries are places, not the key above them. */
	if (f->value.type != CYAML_SEQUENCE && is_wanted(w))
		return STATUS_FAILED;
	if (next(w) != STATUS_OK)
		return STATUS_FAILED;
	result = value(w, &f->value);
	w->path_len--;
	return result;
}

static status
mapping(struct walk *w, const cyaml_schema_field_t *fields)
{
	uint32_t seen = 0;

	for (;;) {
		if (next(w) != STATUS_OK)
			return STATUS_FAILED;
		if (w->event.type == YAML_MAPPING_END_EVENT)
			return STATUS_OK;
		if (key_and_value(w, fields, &seen) != STATUS_OK)
			return STATUS_FAILED;
	}
}

static status
sequence(struct walk *w, const cyaml_schema_value_t *v)
{
	status result = STATUS_FAILED;

	for (w->index = 0;; w->index++) {
		if (next(w) != STATUS_OK)
			break;
		if (w->event.type == YAML_SEQUENCE_END_EVENT) {
			result = STATUS_OK;
			break;
		}
		if (w->index >= v->sequence.max) {
			refuse(w, line_of(w), "more than %u entries", v->sequence.max);
			break;
		}
		if (is_wanted(w) || value(w, v->sequence.entry) != STATUS_OK)
			break;
	}
	w->index = 0;
	return result;
}

/* What the event begins, to its end. */
static status
value(struct walk *w, const cyaml_schema_value_t *v)
{
	const yaml_event_t *e = &w->event;
	bool may_be_null = (v->flags & CYAML_FLAG_POINTER_NULL) == CYAML_FLAG_POINTER_NULL;

	if (plain(w) != STATUS_OK)
		return STATUS_FAILED;
	if (may_be_null && is_null(e))
		return STATUS_OK;
	switch (v->type) {
	case CYAML_MAPPING:
		if (e->type == YAML_MAPPING_START_EVENT)
			return mapping(w, v->mapping.fields);
		return refuse(w, line_of(w), "%s; expected keys with values", kind_of(e));
	case CYAML_SEQUENCE:
		if (e->type == YAML_SEQUENCE_START_EVENT)
			return sequence(w, v);
		return refuse(w, line_of(w), "%s; expected a list, each entry after “- ”", kind_of(e));
	default:
		if (e->type == YAML_SCALAR_EVENT)
			return STATUS_OK;
		return refuse(w, line_of(w), "%s; expected one value", kind_of(e));
	}
}

static status
document(struct walk *w)
{
	if (next(w) != STATUS_OK) /* the stream begins */
		return STATUS_FAILED;
	if (next(w) != STATUS_OK)
		return STATUS_FAILED;
	if (w->event.type == YAML_STREAM_END_EVENT)
		return STATUS_OK; /* comments only */
	if (next(w) != STATUS_OK || value(w, &config_schema) != STATUS_OK)
		return STATUS_FAILED;
	if (next(w) != STATUS_OK) /* the document ends */
		return STATUS_FAILED;
	if (next(w) != STATUS_OK)
		return STATUS_FAILED;
	if (w->event.type != YAML_STREAM_END_EVENT)
		return refuse(w, line_of(w), "a second document (---); expected one");
	return STATUS_OK;
}

static status
walk(struct walk *w)
{
	status result;

	if (yaml_parser_initialize(&w->parser) == 0)
		return error_set(w->err, ERROR_LOCAL, STAGE, "%s: no memory to read it", w->text->file);
	yaml_parser_set_input_string(&w->parser, w->text->bytes, w->text->len);
	result = document(w);
	yaml_event_delete(&w->event);
	yaml_parser_delete(&w->parser);
	return result;
}

status
config_walk_check(const struct config_text *t, struct error *err)
{
	struct walk w = { .text = t, .err = err };

	return walk(&w);
}

size_t
config_walk_find(const struct config_text *t, const char *section, size_t index, const char *key)
{
	struct walk w = { .text = t, .want_section = section, .want_index = index, .want_key = key };

	return walk(&w) == STATUS_OK ? 0 : w.found;
}

bool
config_walk_needed(const struct config_text *t)
{
	/* A NUL in a value can only be an escape; documents are parted by lines that begin so. */
	return memchr(t->bytes, '\\', t->len) != NULL || memchr(t->bytes, '!', t->len) != NULL ||
	    memmem(t->bytes, t->len, "---", 3) != NULL || memmem(t->bytes, t->len, "\n...", 4) != NULL;
}
