/* Explanations for people. */
#include <string.h>

#include "model/explain_parts.h"
#include "model/mend.h"
#include "model/page.h"

enum { LISTED = 8 /* causes of one reading; what is left is rarer still */, SHOWN = 12 /* explanations of one log */ };

/* The phrases of findings say “our” and mean the client: here nobody is us. */
static const char *
phrase(enum code code, struct arena *a)
{
	static const struct {
		const char *ours, *theirs;
	} words[] = {
		{ "an intermediate of ours", "an intermediate of the client's" }, { "a name of ours", "a name of the client's" },
		{ "we trust", "the client trusts" }, { "we are", "the client is" }, { "ours", "the client's" }, { "our ", "the client's " },
	};
	const char *text = code_phrase(code);

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		const char *at = strstr(text, words[i].ours);

		if (at != NULL)
			text = arena_printf(a, "%.*s%s%s", (int)(at - text), text, words[i].theirs, at + strlen(words[i].ours));
	}
	return text;
}

static void
add_causes(const struct page *p, const struct reading *r, struct arena *a)
{
	size_t shown = r->causes_len <= LISTED + 1 ? r->causes_len : LISTED;

	for (size_t i = 0; i < shown; i++)
		page_labelled(p, i == 0 ? "cause" : "", arena_printf(a, "%s · %s: %s", code_info(r->causes[i].code)->name,
		    confidence_name(r->causes[i].likelihood), phrase(r->causes[i].code, a)));
	if (shown < r->causes_len)
		page_labelled(p, "", arena_printf(a, "and %zu that are rarer", r->causes_len - shown));
}

/* To be copied: no line of it is wrapped. */
static void
add_command(const struct page *p, const char *command, struct arena *a)
{
	for (const char *at = command; *at != '\0';) {
		size_t len = strcspn(at, "\n");

		page_text(p, at == command ? "  right\n    " : "    ");
		page_text(p, arena_strndup(a, at, len));
		page_text(p, "\n");
		at += len + (at[len] == '\n');
	}
}

static void
add_reading(const struct page *p, const struct reading *r, struct arena *a)
{
	if (r->when != NULL) {
		page_text(p, "\n");
		page_text(p, "  ");
		page_tinted(p, TINT_HEAD, r->when);
		page_text(p, ":\n");
	}
	page_labelled(p, "who", reading_whose(r));
	page_labelled(p, "says", r->says);
	add_causes(p, r, a);
	for (size_t i = 0; i < r->stacks_len; i++)
		page_labelled(p, i == 0 ? "stack" : "", r->stacks[i]);
	if (r->next != NULL)
		page_labelled(p, "try", r->next);
	if (r->command != NULL)
		add_command(p, r->command, a);
}

static void
add_one(const struct page *p, const struct explanation *e, struct arena *a)
{
	page_tinted(p, TINT_HEAD, e->title);
	if (e->times > 1)
		page_textf(p, "  ×%zu", e->times);
	page_text(p, "\n");
	page_labelled(p, "text", e->quote);
	page_labelled(p, "from", e->origin);
	for (size_t i = 0; i < e->details_len; i++)
		page_labelled(p, e->details[i].name, e->details[i].value);
	for (size_t i = 0; i < e->readings_len; i++)
		add_reading(p, &e->readings[i], a);
	if (e->note != NULL)
		page_labelled(p, "note", e->note);
	page_labelled(p, "source", e->source);
}

static void
add_counts(const struct page *p, const struct explain *x, struct arena *a)
{
	struct explain_counts n = explain_counts(x);
	size_t hidden = (explain_len(x) > SHOWN ? explain_len(x) - SHOWN : 0) + n.more;

	if (n.lines <= 1 && n.cut == 0)
		return;
	page_text(p, "\n");
	page_wrap(p, 0, 0, arena_printf(a, "%zu of %zu lines were recognised%s.", n.explained, n.lines,
	    hidden > 0 ? arena_printf(a, "; what is less telling is left out, %zu times", hidden) : ""));
	if (n.cut > 0)
		page_wrap(p, 0, 0, arena_printf(a, "%zu lines were too long: of each the beginning was read.", n.cut));
}

static void
add_nothing(const struct page *p, const struct explain *x, struct arena *a)
{
	const char *near = explain_nearest(x);

	if (explain_counts(x).lines == 0) {
		page_wrap(p, 0, 0, "There is no text to explain: mtlscope explain TEXT, or lines on standard input.");
		return;
	}
	page_wrap(p, 0, 0, explain_counts(x).lines > 1 ?
	    arena_printf(a, "None of these %zu lines is known here.", explain_counts(x).lines) : "This text is not known here.");
	if (near != NULL)
		page_wrap(p, 0, 0, arena_printf(a, "The nearest that is known: “%s”", near));
	page_wrap(p, 0, 0, "Looked for: TLS alerts by number and name; errors of OpenSSL, curl, Go, Java, Node, Python, GnuTLS, rustls and Windows; "
	    "log lines of nginx, HAProxy, Apache, stunnel, Envoy, PostgreSQL; codes of AWS's load balancers, CloudFront and API Gateway; command lines of aws, and what it answers.");
}

void
explain_page(const struct explain *x, const struct report_style *style, struct buf *out)
{
	struct page p = { .out = out, .style = style };
	struct arena *a = arena_new();

	for (size_t i = 0; i < explain_len(x) && i < SHOWN; i++) {
		if (i > 0)
			page_text(&p, "\n");
		add_one(&p, explain_at(x, i), a);
	}
	if (explain_len(x) == 0)
		add_nothing(&p, x, a);
	else
		add_counts(&p, x, a);
	arena_free(a);
}
