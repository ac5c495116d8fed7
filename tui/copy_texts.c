#include "tui/copy_texts.h"

#include <string.h>

#include "model/chat.h"
#include "model/page.h"
#include "model/quote.h"
#include "model/reproduce.h"
#include "model/times.h"
#include "tui/console.h"
#include "tui/copy.h"
#include "tui/fleet.h"
#include "tui/plan_screen.h"

enum { LISTED = 40 }; /* endpoints named in one text; a chat is no place for more */

static const char no_endpoint[] = "no endpoint is selected here";
static const char not_checked[] = "not checked yet";

/* ---- which endpoints ---- */

/* The entries that the text is about: the marked ones that are listed (as for checking), those of the cause, or the one that is selected. */
struct chosen {
	const struct entry **items;
	size_t len, cap;
	const struct fleet_cause *cause; /* of the screen of causes */
};

static void
choose(struct chosen *c, struct arena *a, const struct entry *e)
{
	c->items = arena_grow(a, c->items, c->len, &c->cap, sizeof *c->items);
	c->items[c->len++] = e;
}

static const struct fleet_cause *
cause_of(struct fleet *f, const struct entry *e)
{
	const struct fleet_cause *causes;
	size_t n = fleet_causes(f, &causes);

	for (size_t i = 0; e != NULL && i < n; i++)
		if (causes[i].id == entry_cause_id(e))
			return &causes[i];
	return NULL;
}

static void
find_chosen(struct view *v, struct arena *a, struct chosen *c)
{
	struct fleet *f = console_fleet(v->console);
	bool fleet = v->ops->scope == SCOPE_FLEET;

	*c = (struct chosen){ .cause = v->ops->scope == SCOPE_CAUSES ? cause_of(f, v->entry) : NULL };
	for (size_t i = 0; i < fleet_len(f) && (fleet || c->cause != NULL); i++) {
		const struct entry *e = fleet_at(f, i);

		if (fleet ? e->marked && fleet_view_lists(v, e) : entry_cause_id(e) == c->cause->id)
			choose(c, a, e);
	}
	if (c->len == 0 && v->entry != NULL)
		choose(c, a, v->entry);
}

/* The endpoint whose handshake and certificates are meant; why not: no selection, several, not checked. */
static const char *
one_endpoint(struct view *v)
{
	if (v->entry == NULL)
		return no_endpoint;
	return v->entry->diagnosis == NULL ? not_checked : NULL;
}

/* ---- summary ---- */

static const char *
moment(const struct view *v, struct arena *a)
{
	char at[TIME_TEXT_MAX];

	return arena_strdup(a, time_human(console_now_ms(v->console) / 1000, at));
}

static void
add_name(const struct entry *e, struct buf *out)
{
	buf_adds(out, e->name);
	if (strcmp(e->name, e->address) != 0)
		buf_addf(out, " (%s)", e->address);
}

/* "✗ FAIL " */
static void
add_state(enum fleet_state s, struct buf *out)
{
	const char *glyph = fleet_state_glyph(s);

	buf_addf(out, "%s%s%s ", glyph, glyph[0] == ' ' || glyph[0] == '\0' ? "" : " ", fleet_state_word(s));
}

/* "✗ FAIL payment: client.missing-intermediate: our chain lacks …" */
static void
entry_line(const struct entry *e, struct buf *out)
{
	add_state(fleet_known(e), out);
	add_name(e, out);
	if (e->diagnosis != NULL && e->diagnosis->root != NULL)
		buf_addf(out, ": %s: %s", code_info(e->diagnosis->root->code)->name, entry_cause(e));
	buf_addc(out, '\n');
}

/* "3 endpoints: 2 FAIL, 1 OK" */
static void
count_line(const struct chosen *c, struct buf *out)
{
	size_t of[FLEET_STATES] = { 0 };
	const char *before = ": ";

	for (size_t i = 0; i < c->len; i++)
		of[fleet_known(c->items[i])]++;
	buf_addf(out, "%zu endpoint%s", c->len, c->len == 1 ? "" : "s");
	for (size_t s = 0; s < FLEET_STATES; s++) {
		if (of[s] == 0)
			continue;
		buf_addf(out, "%s%zu %s", before, of[s], fleet_state_word((enum fleet_state)s));
		before = ", ";
	}
	buf_addc(out, '\n');
}

static void
many(struct view *v, const struct chosen *c, struct arena *a, struct buf *out)
{
	count_line(c, out);
	for (size_t i = 0; i < c->len && i < LISTED; i++)
		entry_line(c->items[i], out);
	if (c->len > LISTED)
		buf_addf(out, "… and %zu more\n", c->len - LISTED);
	buf_addf(out, "as of: %s\n", moment(v, a));
}

/* A cause: what it is and whom it hits, then one of them as evidence. */
static void
of_cause(struct view *v, const struct chosen *c, struct arena *a, struct buf *out)
{
	const struct fleet_cause *cause = c->cause;

	if (cause->key == NULL || cause->example->diagnosis == NULL) {
		many(v, c, a, out);
		return;
	}
	add_state(cause->state, out);
	buf_addf(out, "%zu of %zu endpoints, one cause: %s (%s)\n", c->len, fleet_len(console_fleet(v->console)), cause->label,
	    code_info(cause->code)->name);
	for (size_t i = 0; i < c->len && i < LISTED; i++) {
		buf_adds(out, i == 0 ? "endpoints: " : ", ");
		buf_adds(out, c->items[i]->name);
	}
	buf_addf(out, c->len > LISTED ? ", … and %zu more\n" : "\n", c->len - LISTED);
	if (c->len > 1)
		buf_adds(out, "one of them:\n");
	summary_for_chat(cause->example->diagnosis, out);
}

/* Whoever reads it elsewhere must not take it for an incident. */
static void
say_practice(const struct view *v, struct buf *out)
{
	if (console_practice_lab(v->console))
		buf_adds(out, "PRACTICE LAB, broken on purpose, nothing of this is real:\n");
}

static const char *
summary(struct view *v, struct arena *a, struct buf *out, const char **note)
{
	struct chosen c;

	find_chosen(v, a, &c);
	if (c.len == 0)
		return no_endpoint;
	if (c.len == 1 && c.cause == NULL && c.items[0]->diagnosis == NULL)
		return not_checked;
	say_practice(v, out);
	if (c.len > 1)
		*note = arena_printf(a, c.cause != NULL ? "the cause of %zu endpoints" : "%zu marked", c.len);
	if (c.cause != NULL)
		of_cause(v, &c, a, out);
	else if (c.len > 1)
		many(v, &c, a, out);
	else
		summary_for_chat(c.items[0]->diagnosis, out);
	return NULL;
}

/* ---- of one endpoint ---- */

static const char *
question(struct view *v, struct arena *a, struct buf *out, const char **note)
{
	const char *why = one_endpoint(v);
	struct buf text = { 0 };

	(void)a;
	(void)note;
	if (why == NULL && !question_for_owner(v->entry->diagnosis, &text))
		why = "the verdict is settled";
	if (why == NULL) {
		say_practice(v, out);
		buf_add(out, text.data, text.len);
	}
	buf_done(&text);
	return why;
}

static const char *
cause_code(struct view *v, struct arena *a, struct buf *out, const char **note)
{
	const char *why = one_endpoint(v);
	const struct diagnosis *d;

	if (why != NULL)
		return why;
	d = v->entry->diagnosis;
	if (d->root == NULL)
		return "nothing was found";
	buf_addf(out, "%s\n", code_info(d->root->code)->name);
	if (d->cause_key != NULL)
		buf_addf(out, "%s\n", d->cause_key);
	*note = arena_strdup(a, code_info(d->root->code)->name);
	return NULL;
}

static const char *
address(struct view *v, struct arena *a, struct buf *out, const char **note)
{
	if (v->entry == NULL)
		return no_endpoint;
	buf_adds(out, v->entry->address);
	*note = arena_strdup(a, v->entry->address);
	return NULL;
}

/* ---- certificates ---- */

static const struct handshake *
baseline(const struct entry *e)
{
	return e != NULL && e->evidence != NULL ? evidence_baseline(e->evidence) : NULL;
}

/* The selected one; else the one that the verdict is about, the server's leaf, ours. */
static const struct cert *
certificate(const struct view *v)
{
	const struct diagnosis *d = v->entry != NULL ? v->entry->diagnosis : NULL;
	const struct handshake *h = baseline(v->entry);

	if (v->cert != NULL)
		return v->cert;
	if (d != NULL && d->root != NULL && d->root->certificate != NULL)
		return d->root->certificate;
	if (h != NULL && h->server_certs_len > 0 && h->server_certs[0].cert != NULL)
		return h->server_certs[0].cert;
	return d != NULL ? identity_leaf(d->evidence->identity) : NULL;
}

static const char *
why_no_certificate(const struct view *v)
{
	if (v->entry == NULL)
		return "no certificate is selected here";
	return v->entry->diagnosis == NULL ? not_checked : "no certificate was seen";
}

static const char *
fingerprint(struct view *v, struct arena *a, struct buf *out, const char **note)
{
	const struct cert *c = certificate(v);

	if (c == NULL)
		return why_no_certificate(v);
	buf_adds(out, c->sha256_hex);
	*note = arena_printf(a, "SHA-256 of “%s”", cert_label(c));
	return NULL;
}

static const char *
pem(struct view *v, struct arena *a, struct buf *out, const char **note)
{
	const struct cert *c = certificate(v);

	if (c == NULL)
		return why_no_certificate(v);
	cert_pem(c, out);
	*note = arena_printf(a, "“%s”", cert_label(c));
	return NULL;
}

static const char *
counted(struct arena *a, size_t n)
{
	return arena_printf(a, "%zu certificate%s", n, n == 1 ? "" : "s");
}

/* As they came. What cannot be read has no PEM that another could read. */
static const char *
their_chain(struct view *v, struct arena *a, struct buf *out, const char **note)
{
	const struct handshake *h = baseline(v->entry);
	size_t n = 0;

	if (h == NULL)
		return v->entry == NULL ? no_endpoint : not_checked;
	for (size_t i = 0; i < h->server_certs_len; i++) {
		if (h->server_certs[i].cert == NULL)
			continue;
		cert_pem(h->server_certs[i].cert, out);
		n++;
	}
	*note = counted(a, n);
	return n > 0 ? NULL : "the server showed no certificate";
}

/* As our file has it, which is what went out. */
static const char *
our_chain(struct view *v, struct arena *a, struct buf *out, const char **note)
{
	const struct identity *us;

	if (v->entry == NULL)
		return no_endpoint;
	us = v->entry->evidence != NULL ? v->entry->evidence->identity : v->entry->identity;
	if (us == NULL || us->len == 0)
		return "no certificate of ours was given";
	for (size_t i = 0; i < us->len; i++)
		cert_pem(us->certs[i], out);
	*note = counted(a, us->len);
	return NULL;
}

/* ---- lines for a shell ---- */

static const char *
line_of(struct view *v, bool (*reproduce)(const struct evidence *, struct buf *, const char **), struct buf *out, const char **note)
{
	const char *why = one_endpoint(v), *remark = NULL;

	if (why != NULL)
		return why;
	if (!reproduce(v->entry->evidence, out, &remark))
		return remark;
	*note = remark;
	return NULL;
}

static const char *
openssl_line(struct view *v, struct arena *a, struct buf *out, const char **note)
{
	(void)a;
	return line_of(v, reproduce_openssl, out, note);
}

static const char *
curl_line(struct view *v, struct arena *a, struct buf *out, const char **note)
{
	(void)a;
	return line_of(v, reproduce_curl, out, note);
}

static const char *
every_line(struct view *v, struct arena *a, struct buf *out, const char **note)
{
	const char *why = one_endpoint(v);
	size_t n;

	if (why != NULL)
		return why;
	n = v->entry->evidence->handshakes_len;
	if (n == 0)
		return "no handshake was made";
	reproduce_every(v->entry->evidence, out);
	*note = arena_printf(a, "%zu handshake%s", n, n == 1 ? "" : "s");
	return NULL;
}

static void
option(struct buf *out, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buf_addf(out, " %s ", name);
	shell_quote(out, value);
}

static const char *
mtlscope_line(struct view *v, struct arena *a, struct buf *out, const char **note)
{
	const struct entry *e = v->entry;

	(void)a;
	(void)note;
	if (e == NULL)
		return no_endpoint;
	buf_adds(out, "mtlscope check ");
	if (e->command != NULL) {
		buf_adds(out, e->command);
		return NULL;
	}
	shell_quote(out, e->target.spelled != NULL ? e->target.spelled : e->address);
	option(out, "--servername", e->target.servername);
	if (e->identity != NULL) {
		option(out, "--cert", e->identity->cert_path);
		option(out, "--key", e->identity->key_path != e->identity->cert_path ? e->identity->key_path : NULL);
	}
	if (e->trust != NULL) {
		option(out, "--cacert", e->trust->file);
		option(out, "--capath", e->trust->folder);
	}
	return NULL;
}

/* ---- the screen ---- */

static const char *
screen(struct view *v, struct arena *a, struct buf *out, const char **note)
{
	size_t lines = 0;

	view_text(v, out);
	for (size_t i = 0; i < out->len; i++)
		lines += out->data[i] == '\n';
	*note = arena_printf(a, "%zu lines", lines);
	return NULL;
}

enum { COUNTED = 1000 }; /* rows of a screen whose text is composed to count its lines: all of a fleet takes longer than a key may */

bool
copy_is_long(const struct view *v, const struct copyable *c)
{
	size_t shown = 0, all;

	if (v->body != NULL)
		v->body->ops->count(v->body, &shown, &all);
	return c->compose == screen && shown > COUNTED;
}

/* No letter of theirs is one that moves in a menu or leaves it (j k q). */
/* ---- of a plan ---- */

static const char *
by_hand(struct view *v, struct arena *a, struct buf *out, const char **note)
{
	const struct plan_picture *p = plan_shown_by(v);
	size_t before = out->len;

	if (p == NULL)
		return "there is no plan";
	plan_commands(p, out);
	*note = arena_printf(a, "what the steps do, for a shell");
	return out->len == before ? "no step of it has one" : NULL;
}

static const char *
plan_text_of(struct view *v, struct arena *a, struct buf *out, const char **note)
{
	(void)a;
	*note = "the plan as it stands here";
	view_text(v, out);
	return NULL;
}

const struct copyable copyables[] = {
	{ 's', "summary for a chat", summary, 0 },
	{ 'o', "question for the server's owner", question, 0 },
	{ 'c', "cause: its code and key", cause_code, 0 },
	{ 'a', "address", address, 0 },
	{ 'f', "fingerprint", fingerprint, 0 },
	{ 'p', "certificate, PEM", pem, 0 },
	{ 'h', "the server's chain, PEM", their_chain, 0 },
	{ 'i', "our chain, PEM", our_chain, 0 },
	{ 'l', "openssl line", openssl_line, 0 },
	{ 'u', "curl line", curl_line, 0 },
	{ 'e', "every handshake, as lines", every_line, 0 },
	{ 'm', "mtlscope line", mtlscope_line, 0 },
	{ 't', "this screen as text", screen, 0 },
	{ 'w', "the lines for a shell", by_hand, SCOPE_PLAN },
	{ 'd', "the plan as text", plan_text_of, SCOPE_PLAN },
};
const size_t copyables_len = sizeof copyables / sizeof copyables[0];

bool
copy_is_for(const struct view *v, const struct copyable *c)
{
	bool own = (v->ops->scope & SCOPE_PLAN) != 0;

	return own ? (c->scopes & v->ops->scope) != 0 : c->scopes == 0;
}
