#include "tui/authority_rows.h"

#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/hash.h"
#include "model/memory.h"
#include "model/objects.h"
#include "model/text.h"
#include "model/times.h"
#include "tui/body.h"
#include "tui/tab_parts.h"

enum { DAY = 86400 };

/* ---- reading ---- */

static const struct cert *
certificate_of(const struct inventory_ca *ca)
{
	struct objects o = { 0 };
	struct error err = { .code = ERROR_NONE };
	const struct cert *c = NULL;

	if (ca->pem != NULL && objects_parse((const unsigned char *)ca->pem, strlen(ca->pem), "its certificate", &(struct read_options){ .folders = false }, &o,
	    &err) == STATUS_OK && o.len > 0)
		c = cert_ref(o.items[0].cert);
	objects_done(&o);
	return c;
}

/* The CA whose key signed it; of a CA's own certificate that CA itself. */
static const char *
issuer_among(const struct inventory_ca *cas, size_t len, const struct cert *asked)
{
	const char *found = NULL;
	size_t checks = 0;

	for (size_t i = 0; i < len && found == NULL; i++) {
		const struct cert *c = certificate_of(&cas[i]);

		if (c != NULL && (fingerprint_equal(&c->key.spki, &asked->key.spki) ||
		    (cert_could_issue(c, asked) && cert_signed_by(asked, c, &checks))))
			found = cas[i].arn;
		cert_free(c);
	}
	return found;
}

const char *
authority_account(const struct aws_client_options *o)
{
	static char text[160];
	struct buf b = { 0 };

	text_safe(&b, text_of(o->name != NULL ? o->name : o->profile != NULL ? o->profile : "default"), 60);
	if (o->region != NULL) {
		buf_adds(&b, ", ");
		text_safe(&b, text_of(o->region), 40);
	}
	snprintf(text, sizeof text, "%s", buf_str(&b));
	buf_done(&b);
	return text;
}

void
authority_show_certificate(struct console *k, const struct inventory_ca *ca)
{
	const struct cert *c = certificate_of(ca);

	if (c != NULL)
		console_push(k, &certificate_view, c);
	else
		console_say(k, ROLE_WARN, "its certificate cannot be read");
	cert_free(c);
}

static void
read_cas(void *job)
{
	struct authority_reading *r = job;
	struct inventory *i = NULL;
	struct error err = { .code = ERROR_NONE };

	if (inventory_open(r->path, r->world, &i, &err) == STATUS_OK &&
	    inventory_cas(i, r->now, r->soon, r->arena, &r->cas, &r->len, &err) == STATUS_OK && r->asked != NULL)
		r->issuer = issuer_among(r->cas, r->len, r->asked);
	if (error_is_set(&err))
		snprintf(r->problem, sizeof r->problem, "%.*s", (int)sizeof r->problem - 1, err.text);
	inventory_close(i);
}

static void
drop(void *job)
{
	struct authority_reading *r = job;

	arena_free(r->arena);
	cert_free(r->asked);
	free(r->path);
	free(r);
}

static void
read_done(struct console *k, void *job)
{
	struct authority_reading *r = job;

	if (r->user != NULL)
		r->done(k, r, r->user);
	drop(r);
}

struct authority_reading *
authority_read(struct console *k, const struct cert *issued,
    void (*done)(struct console *k, struct authority_reading *r, void *user), void *user)
{
	const struct console_setup *setup = console_setup_of(k);
	struct authority_reading *r = mem_zero(1, sizeof *r);

	*r = (struct authority_reading){ .user = user, .done = done, .path = setup->inventory != NULL ? mem_strdup(setup->inventory) : NULL,
		.world = setup->world, .now = console_now_ms(k) / 1000, .asked = cert_ref(issued), .arena = arena_new() };
	r->soon = r->now + (int64_t)setup->examine.thresholds.expires_within * DAY;
	return console_work(k, read_cas, read_done, drop, r) ? r : NULL;
}

/* ---- words ---- */

static const char *
safe(struct arena *a, const char *text)
{
	return text_safe_arena(a, text_of(text), TEXT_MAX_DEFAULT, NULL);
}

static const char *
number(struct arena *a, int64_t n)
{
	char text[32];

	return arena_strdup(a, count_text((size_t)n, text, sizeof text));
}

static bool
is(const struct inventory_ca *ca, const char *name)
{
	return ca->status != NULL && strcmp(ca->status, name) == 0;
}

/* What a status means to whoever wants a certificate from it, and what to do (knowledge of AWS's state machine). */
static const struct {
	const char *name;
	enum state state;
	const char *words;
} statuses[] = {
	{ "CREATING", STATE_NOTE, "It is being created: its key is made. Look again in a minute." },
	{ "PENDING_CERTIFICATE", STATE_WARN, "It issues nothing before it has its own certificate. To finish it: mtlscope pca activate" },
	{ "DISABLED", STATE_NOTE, "It issues nothing while it is disabled; revocation lists and OCSP go on, and what it issued stays valid." },
	{ "EXPIRED", STATE_FAIL, "Its certificate has ended, and with it everything that it issued. To renew it with the same key: mtlscope pca activate" },
	{ "FAILED", STATE_FAIL, "AWS could not create it. It can only be deleted, and another one made." },
	{ "DELETED", STATE_NOTE, "It is deleted: nothing can be read of it any more." },
};

static enum state
state_of(const struct inventory_ca *ca, const struct console_setup *setup, int64_t now)
{
	const struct thresholds *t = &setup->examine.thresholds;
	bool root = ca->type != NULL && strcmp(ca->type, "ROOT") == 0;
	int64_t soon = now + (int64_t)(root ? t->root_expires_within : t->expires_within) * DAY;

	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (is(ca, statuses[i].name))
			return statuses[i].state;
	return ca->not_after != TIME_UNKNOWN && ca->not_after < soon ? STATE_WARN : STATE_OK;
}

static void
add_detail(struct authority_row *row, unsigned look, const char *text)
{
	if (row->details < AUTHORITY_DETAILS && text != NULL) {
		row->detail[row->details].look = look;
		row->detail[row->details++].text = text;
	}
}

static const char *
kind(const struct inventory_ca *ca)
{
	bool brief = ca->usage_mode != NULL && strcmp(ca->usage_mode, "SHORT_LIVED_CERTIFICATE") == 0;

	return brief ? "short-lived certificates only (7 days)" : "general purpose";
}

static const char *
what_it_is(const struct inventory_ca *ca, struct arena *a)
{
	char until[TIME_TEXT_MAX];

	return arena_printf(a, "%s, %s, %s, %s%s%s", safe(a, ca->status), ca->type != NULL && strcmp(ca->type, "ROOT") == 0 ? "a root" : "a subordinate CA",
	    safe(a, ca->key_algorithm), kind(ca), ca->not_after != TIME_UNKNOWN ? ", ends " : "", ca->not_after != TIME_UNKNOWN ? time_date(ca->not_after, until) : "");
}

static const char *
what_hangs_on_it(const struct inventory_ca *ca, int within, struct arena *a)
{
	return ca->issued == 0 ? "No certificate of it is known" :
	    arena_printf(a, "%s certificates known, %s valid, %s of these ending within %d d", number(a, ca->issued), number(a, ca->active),
	    number(a, ca->expiring), within);
}

static bool
gives_reports(const struct inventory_ca *ca)
{
	return is(ca, "ACTIVE") || is(ca, "DISABLED");
}

const char *
authority_no_report(const struct inventory_ca *ca, int64_t now, char *out, size_t size)
{
	char left[TIME_TEXT_MAX];
	int64_t next = inventory_next_report(ca);

	if (!gives_reports(ca))
		return "AWS makes audit reports of ACTIVE and DISABLED CAs only";
	if (next == TIME_UNKNOWN || next <= now)
		return NULL;
	snprintf(out, size, "AWS makes one each half hour, the next in %s; u reads the newest", time_span(next - now, left));
	return out;
}

static const char *
report_words(const struct inventory_ca *ca, int64_t now, struct arena *a)
{
	char age[TIME_TEXT_MAX], at[TIME_TEXT_MAX], left[TIME_TEXT_MAX];
	int64_t next = inventory_next_report(ca);

	if (!gives_reports(ca))
		return ca->report_at == TIME_UNKNOWN ? "No audit report of it was ever read, and AWS makes none of a CA in this state" :
		    arena_printf(a, "Audit report of %s; AWS makes no new one of a CA in this state", time_human(ca->report_at, at));
	if (ca->report_at == TIME_UNKNOWN)
		return "What it issued stands only in an audit report; none was read yet: R asks";
	time_human(ca->report_at, at);
	time_span(now > ca->report_at ? now - ca->report_at : 0, age);
	if (next > now)
		return arena_printf(a, "Audit report of %s, %s old; a new one (R) in %s", at, age, time_span(next - now, left));
	return arena_printf(a, "Audit report of %s, %s old; a new one: R", at, age);
}

static const char *
restorable(const struct inventory_ca *ca, struct arena *a)
{
	char until[TIME_TEXT_MAX];

	return is(ca, "DELETED") && ca->restorable_until != TIME_UNKNOWN ?
	    arena_printf(a, "It can be restored until %s: aws --region %s acm-pca restore-certificate-authority --certificate-authority-arn %s",
	        time_human(ca->restorable_until, until), ca->region != NULL ? safe(a, ca->region) : "REGION", safe(a, ca->arn)) : NULL;
}

/* It has or had a certificate to sign with. */
static bool
could_issue(const struct inventory_ca *ca)
{
	return !is(ca, "PENDING_CERTIFICATE") && !is(ca, "CREATING") && !is(ca, "FAILED");
}

static void
describe(struct authority_row *row, const struct console_setup *setup, int64_t now, struct arena *a)
{
	const struct inventory_ca *ca = row->ca;
	char text[TIME_TEXT_MAX];
	const char *ends = ca->not_after == TIME_UNKNOWN ? "no certificate yet" : arena_strdup(a, time_validity(ca->not_before, ca->not_after, now, text));

	row->state = state_of(ca, setup, now);
	row->text = safe(a, ca->name != NULL ? ca->name : ca->arn);
	row->note = is(ca, "ACTIVE") ? ends : safe(a, ca->status);
	/* Nothing known is not nothing issued. */
	row->long_note = could_issue(ca) && ca->issued == 0 && ca->report_at == TIME_UNKNOWN ? arena_printf(a, "what it issued is not known  %18s", row->note) :
	    arena_printf(a, "%s issued, %s end soon  %18s", number(a, ca->issued), number(a, ca->expiring), row->note);
	add_detail(row, ROLE_TEXT, what_it_is(ca, a));
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (is(ca, statuses[i].name))
			add_detail(row, look_of_state(row->state), statuses[i].words);
	add_detail(row, ROLE_NOTE, restorable(ca, a));
	add_detail(row, ROLE_TEXT, what_hangs_on_it(ca, setup->examine.thresholds.expires_within, a));
	if (could_issue(ca) && !is(ca, "DELETED"))
		add_detail(row, ROLE_TEXT, report_words(ca, now, a));
	add_detail(row, ROLE_DIM, safe(a, ca->arn));
}

/* ---- the tree ---- */

static struct authority_row *
add_row(struct authority_rows *rows)
{
	rows->items = arena_grow(rows->arena, rows->items, rows->len, &rows->cap, sizeof *rows->items);
	return &rows->items[rows->len++];
}

static uint64_t
id_of(const char *text)
{
	uint64_t h = hash_text(0, text);

	return h != 0 ? h : 1;
}

static bool
same_place(const struct inventory_ca *a, const struct inventory_ca *b)
{
	return strcmp(a->account, b->account) == 0 && strcmp(a->region, b->region) == 0;
}

/* Parents come before children: how deep it lies under what is in the same place. */
static int
depth_of(const struct inventory_ca *cas, size_t i, int steps)
{
	if (cas[i].parent == NULL || steps == 0)
		return 1;
	for (size_t k = 0; k < i; k++)
		if (strcmp(cas[k].arn, cas[i].parent) == 0 && same_place(&cas[k], &cas[i]))
			return depth_of(cas, k, steps - 1) + 1;
	return 1;
}

enum { LEVELS_MAX = 16 /* AWS allows five */ };

static void
add_place(struct authority_rows *rows, const struct authority_reading *r, size_t first, const struct console_setup *setup)
{
	const struct inventory_ca *cas = r->cas;
	struct authority_row *row = add_row(rows);
	size_t n = 0;

	for (size_t i = first; i < r->len; i++)
		n += same_place(&cas[i], &cas[first]);
	row->text = arena_printf(rows->arena, "%s, %s", safe(rows->arena, cas[first].account), safe(rows->arena, cas[first].region));
	row->id = id_of(row->text);
	row->note = arena_printf(rows->arena, "%zu CA%s", n, n == 1 ? "" : "s");
	for (size_t i = first; i < r->len; i++) {
		if (!same_place(&cas[i], &cas[first]))
			continue;
		row = add_row(rows);
		row->ca = &cas[i];
		row->id = id_of(cas[i].arn);
		row->depth = depth_of(cas, i, LEVELS_MAX);
		describe(row, setup, r->now, rows->arena);
		rows->cas++;
		rows->of[row->state]++;
		if (cas[i].synced != TIME_UNKNOWN && (rows->synced == TIME_UNKNOWN || cas[i].synced < rows->synced))
			rows->synced = cas[i].synced;
	}
}

void
authority_rows_take(struct authority_rows *rows, struct authority_reading *r, const struct console_setup *setup)
{
	arena_free(rows->arena);
	*rows = (struct authority_rows){ .arena = r->arena, .synced = TIME_UNKNOWN, .syncs = rows->syncs, .now = r->now };
	r->arena = NULL;
	for (size_t i = 0; i < r->len; i++) {
		bool known = false;

		for (size_t k = 0; k < i && !known; k++)
			known = same_place(&r->cas[k], &r->cas[i]);
		if (!known)
			add_place(rows, r, i, setup);
	}
}

void
authority_rows_done(struct authority_rows *rows)
{
	arena_free(rows->arena);
	*rows = (struct authority_rows){ .arena = NULL };
}

uint64_t
authority_row_of(const struct authority_rows *rows, const char *arn)
{
	for (size_t i = 0; i < rows->len; i++)
		if (rows->items[i].ca != NULL && strcmp(rows->items[i].ca->arn, arn) == 0)
			return rows->items[i].id;
	return 0;
}
