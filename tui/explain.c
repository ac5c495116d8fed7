/*
 * `:explain TEXT`: what an alert, an error text or a server's log line means. The same page as the
 * command's; asked on an endpoint whose cause is not proven, it also says what it decides there.
 */
#include "model/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/fleet.h"
#include "model/memory.h"
#include "model/mend.h"
#include "tui/console.h"
#include "tui/document.h"

enum { LABEL_AT = 2, TEXT_AT = 10, MARGIN = 2 };

struct explain_page {
	struct view view;
	struct document text;
	struct explain *found;
};

static struct explain_page *
self(struct view *v)
{
	return (struct explain_page *)v;
}

static void
explain_open(struct view *v, const void *argument)
{
	struct explain_page *p = self(v);

	p->found = explain_new();
	explain_text(p->found, text_of(argument));
	document_start(&p->text);
	p->text.columns = 0; /* composed for nothing yet */
	v->body = &p->text.body;
	v->entry = v->below != NULL ? v->below->entry : NULL;
}

static void
explain_close(struct view *v)
{
	document_done(&self(v)->text);
	explain_free(self(v)->found);
}

static const char *
explain_crumb(struct view *v, char *out, size_t size)
{
	(void)v;
	(void)out;
	(void)size;
	return "explain";
}

/* A line of the page: a heading, or a label in its column and what stands beside it. */
static void
add_line(struct document *d, const char *line, size_t len)
{
	char label[TEXT_AT + 1] = "";
	size_t blanks = strspn(line, " ");

	document_line(d);
	if (len == 0)
		return;
	if (blanks == LABEL_AT && line[len - 1] == ':') { /* “if this is from the client's log:” is a heading, wherever a label would end */
		document_textf(d, ROLE_HEAD, "%.*s", (int)len, line);
	} else if (blanks == 0) {
		document_textf(d, ROLE_HEAD, " %.*s", (int)len, line);
	} else if (blanks == LABEL_AT && len > TEXT_AT && line[TEXT_AT - 1] == ' ') {
		snprintf(label, sizeof label, "%.*s", TEXT_AT - LABEL_AT, line + LABEL_AT);
		document_at(d, LABEL_AT, ROLE_DIM, label);
		document_textf(d, ROLE_TEXT, "%.*s", (int)(len - TEXT_AT), line + TEXT_AT);
	} else {
		document_textf(d, blanks >= TEXT_AT ? ROLE_TEXT : ROLE_HEAD, "%.*s", (int)len, line);
	}
}

static void
add_pages(struct document *d, const struct explain *x, int columns)
{
	struct report_style style = { .columns = columns - MARGIN < 36 ? 36 : columns - MARGIN };
	struct buf page = { 0 };

	explain_page(x, &style, &page);
	for (const char *at = buf_str(&page); *at != '\0';) {
		size_t len = strcspn(at, "\n");

		add_line(d, at, len);
		at += len + (at[len] == '\n');
	}
	buf_done(&page);
}

/* Is it among what the words name as likely? Where they name nothing as that: among all that they leave open. */
static bool
names(const struct reading *r, enum code code)
{
	enum confidence least = r->causes[0].likelihood >= CONFIDENCE_HIGH ? CONFIDENCE_HIGH : CONFIDENCE_LOW;

	for (size_t i = 0; i < r->causes_len; i++)
		if (r->causes[i].code == code && r->causes[i].likelihood >= least)
			return true;
	return false;
}

/* What is open on the endpoint it was asked on, and what of it these words leave. */
static void
add_decision(struct document *d, const struct entry *e, const struct explain *x)
{
	const struct reading *r = explain_server_word(x);
	const struct finding *root = e->diagnosis != NULL ? e->diagnosis->root : NULL;
	struct buf left = { 0 };
	size_t n = 0;

	if (r == NULL || root == NULL || root->candidates_len == 0)
		return;
	for (size_t i = 0; i < root->candidates_len; i++) {
		if (!names(r, root->candidates[i].code))
			continue;
		buf_addf(&left, "%s%s: %s", n > 0 ? ", or " : "", code_info(root->candidates[i].code)->name, code_phrase(root->candidates[i].code));
		n++;
	}
	document_line(d);
	document_at(d, 1, ROLE_HEAD, "ON THE ENDPOINT THIS WAS ASKED ON");
	document_line(d);
	document_at(d, LABEL_AT, ROLE_DIM, "here");
	document_at(d, TEXT_AT, ROLE_TEXT, "");
	if (n == 0)
		document_wrap(d, TEXT_AT, ROLE_NOTE, "These words name none of the causes that are open there: are they of the same moment, from the same server?");
	else if (n == 1 && r->causes[0].likelihood >= CONFIDENCE_HIGH)
		document_wrap(d, TEXT_AT, ROLE_OK, "If the server wrote this about our connection, it settles the cause:");
	else
		document_wrap(d, TEXT_AT, ROLE_NOTE, "If the server wrote this about our connection, these causes are left:");
	if (n > 0) {
		document_line(d);
		document_wrap(d, TEXT_AT, ROLE_TEXT, buf_str(&left));
	}
	document_line(d);
	buf_done(&left);
}

static void
explain_refresh(struct view *v, int columns)
{
	struct explain_page *p = self(v);

	v->entry = v->below != NULL ? v->below->entry : NULL;
	if (p->text.columns == columns)
		return;
	document_clear(&p->text, columns);
	if (v->entry != NULL)
		add_decision(&p->text, v->entry, p->found);
	add_pages(&p->text, p->found, columns);
	document_composed(&p->text);
}

static void
explain_write(struct view *v, struct buf *out)
{
	explain_json(self(v)->found, out);
}

const struct view_ops explain_view = {
	.name = "explain",
	.scope = SCOPE_EXPLAIN,
	.size = sizeof(struct explain_page),
	.open = explain_open,
	.close = explain_close,
	.crumb = explain_crumb,
	.refresh = explain_refresh,
	.json = explain_write,
};
