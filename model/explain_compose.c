/* One explanation, made of what was recognised in a line. */
#include <string.h>

#include "model/alert.h"
#include "model/explain_parts.h"

enum { QUOTE_BYTES = 240 /* of a line shown */, DETAIL_BYTES = 160 };

static const char *
printable_in(struct arena *a, struct text t, size_t max)
{
	while (t.len > 0 && (t.bytes[0] == ' ' || t.bytes[0] == '\t')) {
		t.bytes++;
		t.len--;
	}
	while (t.len > 0 && strchr(" \t\r.,;", t.bytes[t.len - 1]) != NULL && t.bytes[t.len - 1] != '\0')
		t.len--;
	return text_safe_arena(a, t, max, NULL);
}

static void
detail(struct explanation *e, const char *name, struct text value, struct arena *a)
{
	size_t n = e->details_len;

	if (n == sizeof e->details / sizeof e->details[0] || value.len == 0)
		return;
	e->details[n].name = arena_strdup(a, name);
	e->details[n].value = printable_in(a, value, DETAIL_BYTES);
	e->details_len++;
}

static bool
is_lookup(const char *name)
{
	static const char *const names[] = { "alert", "verify", "code", "curl" };

	for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
		if (strcmp(names[k], name) == 0)
			return true;
	return false;
}

static const char *
title_of(const struct found *f, struct arena *a)
{
	const struct explain_row *m = f->meaning;
	char words[QUOTE_BYTES];

	if (m->title != NULL)
		return m->title;
	if (f->alert >= 0)
		return arena_printf(a, "alert %d %s", f->alert, alert_info((uint8_t)f->alert)->name);
	/* A number leads to another row than the one that stands in the line. */
	pattern_readable(f->pattern != NULL && m == f->row && f->meaning_table != &explain_verify ? f->pattern : m->texts[0], words, sizeof words);
	if (f->meaning_table == &explain_verify)
		return arena_printf(a, "verify error %d: %s", m->number, words);
	if (f->meaning_table == &explain_curl && m->number > 0)
		return arena_printf(a, "curl %d %s", m->number, words);
	return arena_strdup(a, words);
}

static const char *
origin_of(const struct found *f, struct arena *a)
{
	const char *by = f->context != NULL ? f->context->origin : NULL, *own = f->meaning_table->origin, *in = f->table->origin;

	if (f->alert >= 0)
		own = "TLS alert";
	if (by == NULL)
		by = f->table != f->meaning_table ? in : NULL;
	if (by == NULL || strcmp(by, own) == 0)
		return own;
	return arena_printf(a, "%s, in the words of %s", own, by);
}

enum writer
found_writer(const struct found *f)
{
	if (f->row->writer != WRITER_EITHER)
		return f->row->writer;
	if (f->meaning->writer != WRITER_EITHER)
		return f->meaning->writer;
	return f->context != NULL ? f->context->writer : WRITER_EITHER;
}

/* What makes two lines say the same: what, who, and the details that are about the certificate and not about this moment. */
char *
explanation_key(const struct found *f, enum writer writer, const struct alb_line *alb, const char *depth)
{
	static const char *const moments[] = { "now", "from", "child", "host" };
	struct buf b = { 0 };
	char *key;

	buf_addf(&b, "%s %d %d %s %s", f->meaning->id, f->alert, (int)writer, depth, f->right != NULL ? f->right : "");
	for (size_t i = 0; i < f->match.len; i++) {
		const struct capture *c = &f->match.captures[i];
		bool moment = is_lookup(c->name);

		for (size_t k = 0; k < sizeof moments / sizeof moments[0]; k++)
			moment = moment || strcmp(c->name, moments[k]) == 0;
		if (moment)
			continue;
		buf_addc(&b, '|');
		buf_add(&b, c->text.bytes, c->text.len < DETAIL_BYTES ? c->text.len : DETAIL_BYTES);
	}
	for (size_t i = 0; alb != NULL && i < alb->len; i++) {
		if (strcmp(alb->fields[i].name, "subject") == 0) {
			buf_addc(&b, '|');
			buf_add(&b, alb->fields[i].value.bytes, alb->fields[i].value.len);
		}
	}
	/* Zero bytes of a hostile line end nothing. */
	for (size_t i = 0; i < b.len; i++)
		if (b.data[i] == '\0')
			b.data[i] = ' ';
	key = mem_strdup(buf_str(&b));
	buf_done(&b);
	return key;
}

int
found_rank(const struct found *f)
{
	return (int)(f->score / 1000);
}

void
explanation_fill(struct explanation *e, const struct found *f, enum writer writer, const struct heard *h, struct arena *a)
{
	e->row = f->meaning;
	e->alert = f->alert;
	e->rank = found_rank(f);
	e->title = title_of(f, a);
	e->origin = origin_of(f, a);
	e->source = f->meaning_table->source;
	e->note = f->meaning->note != NULL ? f->meaning->note : f->row->note;
	if (f->meaning->note != NULL && f->row->note != NULL && f->meaning != f->row)
		e->note = arena_printf(a, "%s %s", f->row->note, f->meaning->note);
	e->quote = printable_in(a, h->line, QUOTE_BYTES);
	for (size_t k = 0; k < f->match.len; k++)
		if (!is_lookup(f->match.captures[k].name))
			detail(e, f->match.captures[k].name, f->match.captures[k].text, a);
	for (size_t k = 0; h->alb != NULL && k < h->alb->len; k++)
		detail(e, h->alb->fields[k].name, h->alb->fields[k].value, a);
	if (h->depth[0] != '\0' && match_capture(&f->match, "depth").len == 0)
		detail(e, "depth", text_of(h->depth), a);
	readings_make(e, f, writer, a);
	if (h->alb != NULL && h->alb->no_certificate && e->readings_len > 0)
		reading_cause(&e->readings[0], CODE_CLIENT_REQUIRED, CONFIDENCE_HIGH, a);
}
