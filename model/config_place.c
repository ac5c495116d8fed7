#include "model/config_place.h"

#include <string.h>
#include <yaml.h>

#define STAGE "configuration"

struct placing {
	const struct config_text *text;
	yaml_parser_t parser;
	yaml_event_t event;
	struct config_place *out;
	struct error *err;
};

/* The first byte of the next line, or the end. */
static size_t
next_line(const struct config_text *t, size_t at)
{
	const unsigned char *end = at < t->len ? memchr(t->bytes + at, '\n', t->len - at) : NULL;

	return end == NULL ? t->len : (size_t)(end - t->bytes) + 1;
}

static status
next(struct placing *p)
{
	yaml_event_delete(&p->event);
	if (yaml_parser_parse(&p->parser, &p->event) == 0)
		return error_set(p->err, ERROR_INPUT, STAGE, "%s: it cannot be read any more", p->text->file);
	return STATUS_OK;
}

static bool
begins(const yaml_event_t *e)
{
	return e->type == YAML_MAPPING_START_EVENT || e->type == YAML_SEQUENCE_START_EVENT;
}

static bool
ends(const yaml_event_t *e)
{
	return e->type == YAML_MAPPING_END_EVENT || e->type == YAML_SEQUENCE_END_EVENT;
}

/*
 * To the end of the value that the event begins. *last is where its last character stands: the end of a
 * list or mapping in lines has no character of its own, libyaml puts it behind the comments that follow.
 */
static status
pass_over(struct placing *p, size_t *last)
{
	size_t depth = 0;

	for (;;) {
		const yaml_event_t *e = &p->event;
		bool in_lines = ends(e) && e->start_mark.index == e->end_mark.index;
		if (!in_lines && !begins(e))
			*last = config_text_byte(p->text, e->end_mark.index);
		depth += begins(e);
		depth -= ends(e);
		if (depth == 0)
			return STATUS_OK;
		if (next(p) != STATUS_OK)
			return STATUS_FAILED;
	}
}

static status
refuse(struct placing *p, const char *why)
{
	return error_set(p->err, ERROR_INPUT, STAGE, "%s:%zu: %s; please add the entries by hand", p->text->file,
	    p->event.start_mark.line + 1, why);
}

/* `fleet:` without entries. key_end: the byte behind the word. */
static status
in_empty(struct placing *p, size_t key_end)
{
	size_t from = config_text_byte(p->text, p->event.start_mark.index), to = from;
	struct config_place *out = p->out;

	if (pass_over(p, &to) != STATUS_OK)
		return STATUS_FAILED;
	out->kind = PLACE_EMPTY;
	if (to > from) {
		out->cut_from = from;
		out->cut_to = to;
	}
	out->at = next_line(p->text, to > from ? to : key_end);
	if (to > from && memchr(p->text->bytes + key_end, '\n', to - key_end) != NULL)
		return refuse(p, "the empty list is written over several lines");
	return STATUS_OK;
}

static status
in_fleet(struct placing *p, size_t key_end)
{
	struct config_place *out = p->out;
	const yaml_event_t *e = &p->event;
	size_t last = key_end;

	if (e->type != YAML_SEQUENCE_START_EVENT)
		return in_empty(p, key_end);
	if (e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE) {
		size_t from = config_text_byte(p->text, e->start_mark.index);
		size_t inside = from + 1;
		while (inside < p->text->len && strchr(" \t\r\n", p->text->bytes[inside]) != NULL)
			inside++;
		if (inside < p->text->len && p->text->bytes[inside] == ']')
			return in_empty(p, key_end);
		out->kind = PLACE_FLOW;
		if (pass_over(p, &last) != STATUS_OK)
			return STATUS_FAILED;
		out->at = last - 1;
		return STATUS_OK;
	}
	out->kind = PLACE_BLOCK;
	out->column = e->start_mark.column;
	if (pass_over(p, &last) != STATUS_OK)
		return STATUS_FAILED;
	/* A text in lines (|) ends where the next line begins. */
	out->at = last > 0 && p->text->bytes[last - 1] == '\n' ? last : next_line(p->text, last);
	return STATUS_OK;
}

/* No fleet: at the end, before a line of three dots where there is one. */
static status
at_the_end(struct placing *p)
{
	if (next(p) != STATUS_OK)
		return STATUS_FAILED;
	p->out->kind = PLACE_NO_FLEET;
	p->out->at = p->text->len;
	if (p->event.type == YAML_DOCUMENT_END_EVENT && p->event.data.document_end.implicit == 0)
		p->out->at = config_text_byte(p->text, p->event.start_mark.index);
	return STATUS_OK;
}

static status
in_file(struct placing *p)
{
	size_t last = 0;

	for (;;) {
		if (next(p) != STATUS_OK)
			return STATUS_FAILED;
		if (p->event.type == YAML_MAPPING_END_EVENT)
			return at_the_end(p);
		bool is_fleet = strcmp((const char *)p->event.data.scalar.value, "fleet") == 0;
		size_t key_end = config_text_byte(p->text, p->event.end_mark.index);
		if (next(p) != STATUS_OK)
			return STATUS_FAILED;
		if (is_fleet)
			return in_fleet(p, key_end);
		if (pass_over(p, &last) != STATUS_OK)
			return STATUS_FAILED;
	}
}

static status
in_document(struct placing *p)
{
	if (next(p) != STATUS_OK || next(p) != STATUS_OK)
		return STATUS_FAILED;
	if (p->event.type == YAML_STREAM_END_EVENT) {
		p->out->at = p->text->len;
		return STATUS_OK;
	}
	if (next(p) != STATUS_OK)
		return STATUS_FAILED;
	if (p->event.type == YAML_MAPPING_START_EVENT &&
	    p->event.data.mapping_start.style != YAML_FLOW_MAPPING_STYLE)
		return in_file(p);
	if (p->event.type == YAML_SCALAR_EVENT && p->event.data.scalar.length == 0)
		return at_the_end(p);
	return refuse(p, "the file is written as {…} or null");
}

status
config_place_find(const struct config_text *t, struct config_place *out, struct error *err)
{
	struct placing p = { .text = t, .out = out, .err = err };
	status result;

	*out = (struct config_place){ .kind = PLACE_NO_FLEET };
	if (t->len == 0)
		return STATUS_OK;
	if (yaml_parser_initialize(&p.parser) == 0)
		return error_set(err, ERROR_LOCAL, STAGE, "%s: no memory to read it", t->file);
	yaml_parser_set_input_string(&p.parser, t->bytes, t->len);
	result = in_document(&p);
	yaml_event_delete(&p.event);
	yaml_parser_delete(&p.parser);
	return result;
}
