#include "fixes/enforce.h"

#include <string.h>

#include "fixes/enforce_table.h"
#include "model/buf.h"

enum { LINES = 8 /* of one setting */ };

static const struct enforce_row *
row_of(enum code code)
{
	for (size_t i = 0; i < enforce_rows_len; i++)
		if (enforce_rows[i].code == code)
			return &enforce_rows[i];
	return NULL;
}

bool
enforce_knows(enum code code)
{
	return row_of(code) != NULL;
}

/* Fills facts in; without the newline at its end. */
static status
filled(const struct paste_case *c, enum paste_format f, const char *text, struct arena *a, const char **out, struct error *err)
{
	struct paste_line lines[LINES];
	struct buf b = { 0 };
	size_t n = 0;
	status result;

	while (*text != '\0' && n < LINES) {
		size_t len = strcspn(text, "\n");

		lines[n++] = (struct paste_line){ IF_ALWAYS, arena_strndup(a, text, len) };
		text += len + (text[len] == '\n');
	}
	result = paste_lines(c, f, lines, n, &b, err);
	if (result == STATUS_OK)
		*out = arena_strndup(a, b.data, b.len - 1);
	buf_done(&b);
	return result;
}

status
enforce_make(enum code code, enum enforce_stack s, const struct paste_case *c, struct arena *a, struct enforcement *out, struct error *err)
{
	const struct enforce_row *row = row_of(code);
	const struct enforce_place *place = &enforce_places[s];

	if (row == NULL)
		return error_set(err, ERROR_USAGE, "looking for a setting", "%s is not mended by a setting of the server's", code_info(code)->name);
	*out = (struct enforcement){ .title = place->title, .file = place->file, .remark = row->cells[s].remark };
	if (filled(c, FORMAT_SHELL, place->reload, a, &out->reload, err) != STATUS_OK)
		return STATUS_FAILED;
	return row->cells[s].setting == NULL ? STATUS_OK : filled(c, place->format, row->cells[s].setting, a, &out->setting, err);
}

/* What may have that TLS stack; of several, the one that its Server header names comes first. */
static const struct likely {
	enum stack stack;
	enum enforce_stack is;
	const char *header; /* in small letters; or NULL */
} candidates[] = {
	{ STACK_NGINX, ENFORCE_NGINX, NULL },
	{ STACK_OPENSSL, ENFORCE_APACHE, "apache" },
	{ STACK_OPENSSL, ENFORCE_HAPROXY, "haproxy" },
	{ STACK_OPENSSL, ENFORCE_ENVOY, "envoy" },
	{ STACK_OPENSSL, ENFORCE_PYTHON, "gunicorn" },
	{ STACK_GO_OLD, ENFORCE_GO, NULL },
	{ STACK_GO_NEW, ENFORCE_GO, NULL },
	{ STACK_JAVA, ENFORCE_JAVA, "jetty" },
	{ STACK_JAVA, ENFORCE_TOMCAT, "coyote" },
	{ STACK_NODE, ENFORCE_NODE, NULL },
	{ STACK_S2N, ENFORCE_ALB, NULL },
	{ STACK_API_GATEWAY, ENFORCE_GATEWAY, NULL },
	{ STACK_SCHANNEL, ENFORCE_IIS, NULL },
};

static bool
is_named(const struct likely *c, const struct stack_guess *g)
{
	return c->header != NULL && g->because != NULL && strcasestr(g->because, c->header) != NULL;
}

size_t
enforce_for(const struct stack_guess *g, enum enforce_stack out[ENFORCE_STACKS], bool *all)
{
	size_t len = 0;

	for (int named = 1; g != NULL && named >= 0; named--)
		for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++)
			if (candidates[i].stack == g->stack && is_named(&candidates[i], g) == (named == 1))
				out[len++] = candidates[i].is;
	*all = len == 0;
	for (size_t s = 0; *all && s < ENFORCE_STACKS; s++)
		out[len++] = (enum enforce_stack)s;
	return len;
}

static void
add_cell(struct buf *b, const struct enforcement *e)
{
	buf_addf(b, "\n%s\n", e->title);
	if (e->setting == NULL) {
		buf_addf(b, "  none: %s\n", e->remark);
		return;
	}
	for (const char *at = e->setting; *at != '\0';) {
		size_t len = strcspn(at, "\n");

		buf_addf(b, "  %s%.*s\n", at == e->setting ? "set     " : "        ", (int)len, at);
		at += len + (at[len] == '\n');
	}
	buf_addf(b, "  in      %s\n  then    %s\n", e->file, e->reload);
	if (e->remark != NULL)
		buf_addf(b, "  note    %s\n", e->remark);
}

const char *
enforce_text(enum code code, const struct stack_guess *g, const struct paste_case *c, struct arena *a, struct error *err)
{
	enum enforce_stack stacks[ENFORCE_STACKS];
	struct buf b = { 0 };
	const char *out = NULL;
	bool all;
	size_t len = enforce_for(g, stacks, &all);

	if (all)
		buf_addf(&b, "%s: what ends TLS there was not recognised. Whichever it is, this is its setting:\n", code_info(code)->name);
	else if (len > 1)
		buf_addf(&b, "%s: it is of the %s; which of these, its owner knows:\n", code_info(code)->name, g->name);
	else
		buf_addf(&b, "%s: the setting that mends it:\n", code_info(code)->name);
	for (size_t i = 0; i < len; i++) {
		struct enforcement e;

		if (enforce_make(code, stacks[i], c, a, &e, err) != STATUS_OK)
			goto done;
		add_cell(&b, &e);
	}
	out = arena_strdup(a, buf_str(&b));
done:
	buf_done(&b);
	return out;
}
