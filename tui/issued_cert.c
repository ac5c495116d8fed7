/*
 * One issued certificate: what the inventory knows of it, and all that it says itself, once it is here. It is fetched
 * from the private CA when it is looked at for the first time, and kept.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/inventory_page.h"
#include "model/memory.h"
#include "model/objects.h"
#include "model/text.h"
#include "model/times.h"
#include "probes/inventory_sync.h"
#include "tui/accounts.h"
#include "tui/authorities.h"
#include "tui/certificate.h"
#include "tui/console.h"
#include "tui/issued.h"

enum { TEXT_AT = 11 }; /* where values begin: the longest label has 8 columns */

struct issued_fetch {
	struct view *view;       /* NULL: nobody waits for it any more */
	char *arn, *ca;
	struct accounts accounts;
	char **renewed;          /* copies: the configuration may be gone before the worker is */
	size_t renewed_len;
	int64_t now, soon;
	struct arena *arena;
	struct inventory_cert *found;
	char problem[320];
};

struct issued_cert_screen {
	struct view v;           /* first */
	struct document doc;
	struct arena *arena;
	struct inventory_cert about; /* texts in the arena */
	const struct cert *cert; /* NULL: not here */
	struct issued_fetch *fetch;
	char problem[320];
	bool stale;
};

static struct issued_cert_screen *
screen_of(struct view *v)
{
	return (struct issued_cert_screen *)v;
}

/* ---- fetching ---- */

static void
fetch_free(void *job)
{
	struct issued_fetch *f = job;

	arena_free(f->arena);
	free(f->arn);
	free(f->ca);
	accounts_done(&f->accounts);
	for (size_t i = 0; i < f->renewed_len; i++)
		free(f->renewed[i]);
	free(f->renewed);
	free(f);
}

static status
fetch_from_aws(struct issued_fetch *f, struct inventory *i, struct error *err)
{
	struct inventory_ca *cas = NULL;
	size_t len = 0;
	struct aws_client *client = NULL;
	status result = inventory_cas(i, 0, 0, f->arena, &cas, &len, err);

	for (size_t n = 0; n < len && client == NULL; n++)
		if (strcmp(cas[n].arn, f->ca) == 0)
			client = accounts_client_of(&f->accounts, &cas[n], err);
	if (client != NULL)
		result = inventory_fetch(i, client, f->arn, err);
	aws_client_free(client);
	return client != NULL ? result : STATUS_FAILED;
}

static void
fetch(void *job)
{
	struct issued_fetch *f = job;
	struct inventory *i = NULL;
	struct error err = { .code = ERROR_NONE };
	const struct inventory_query query = { .ca = f->ca, .renewed = (const char *const *)f->renewed, .renewed_len = f->renewed_len,
		.now = f->now, .soon = f->soon };

	if (inventory_open(f->accounts.inventory, f->accounts.world, &i, &err) == STATUS_OK &&
	    inventory_cert(i, f->arn, &query, f->arena, &f->found, &err) == STATUS_OK && f->found != NULL && f->found->pem == NULL &&
	    fetch_from_aws(f, i, &err) == STATUS_OK && inventory_cert(i, f->arn, &query, f->arena, &f->found, &err) != STATUS_OK)
		f->found = NULL;
	if (error_is_set(&err))
		snprintf(f->problem, sizeof f->problem, "%.*s", (int)sizeof f->problem - 1, err.text);
	inventory_close(i);
}

/* A reference, the caller's; NULL: none can be read. */
static const struct cert *
first_cert(const char *pem)
{
	struct objects o = { 0 };
	struct error err = { .code = ERROR_NONE };
	const struct cert *c = NULL;

	if (pem != NULL && objects_parse((const unsigned char *)pem, strlen(pem), "GetCertificate", &(struct read_options){ .folders = false }, &o, &err) == STATUS_OK &&
	    o.len > 0)
		c = cert_ref(o.items[0].cert);
	objects_done(&o);
	return c;
}

static void
fetched(struct console *k, void *job)
{
	struct issued_fetch *f = job;
	struct issued_cert_screen *s = f->view != NULL ? screen_of(f->view) : NULL;

	if (s != NULL) {
		s->fetch = NULL;
		s->stale = true;
		snprintf(s->problem, sizeof s->problem, "%s", f->problem);
		if (f->found != NULL) {
			/* Its fate too: names that have come may tell it from the newer one that the list took for it. */
			arena_free(s->arena);
			s->arena = f->arena;
			f->arena = NULL;
			s->about = *f->found;
			s->cert = first_cert(s->about.pem);
			s->v.cert = s->cert;
		}
		console_urgent(k);
	}
	fetch_free(f);
}

static void
start_fetch(struct issued_cert_screen *s)
{
	const struct console_setup *setup = console_setup_of(s->v.console);
	struct issued_renewed renewed;
	struct issued_fetch *f = mem_zero(1, sizeof *f);

	*f = (struct issued_fetch){ .view = &s->v, .arn = mem_strdup(s->about.arn), .ca = mem_strdup(s->about.ca),
		.arena = arena_new() };
	accounts_copy(&f->accounts, s->v.console, NULL);
	issued_renewed_of(&renewed, setup->config);
	f->renewed = mem_zero(renewed.len + 1, sizeof *f->renewed);
	for (; f->renewed_len < renewed.len; f->renewed_len++)
		f->renewed[f->renewed_len] = mem_strdup(renewed.names[f->renewed_len]);
	issued_renewed_done(&renewed);
	f->now = console_now_ms(s->v.console) / 1000;
	f->soon = f->now + (int64_t)setup->examine.thresholds.expires_within * 86400;
	s->fetch = f;
	if (!console_work(s->v.console, fetch, fetched, fetch_free, f))
		s->fetch = NULL;
}

/* ---- the page ---- */

static void
row(struct document *d, struct arena *a, const char *label, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	document_line(d);
	document_at(d, 1, ROLE_DIM, label);
	document_at(d, TEXT_AT, ROLE_TEXT, "");
	document_wrap(d, TEXT_AT, ROLE_TEXT, text_safe_arena(a, text_of(value), 0, NULL));
}

static const char *
headline(const struct inventory_cert *c, int64_t now, struct arena *a)
{
	char text[TIME_TEXT_MAX];
	const char *name = text_safe_arena(a, text_of(c->name), 0, NULL);

	if (c->revoked != TIME_UNKNOWN)
		return arena_printf(a, "“%s” was revoked %s", name, time_date(c->revoked, text));
	if (c->not_after < now)
		return arena_printf(a, "“%s” ended %s ago", name, time_span_long(now - c->not_after, text));
	return arena_printf(a, "“%s” ends in %s", name, time_span_long(c->not_after - now, text));
}

static const char *
who_renews(const struct inventory_cert *c)
{
	static const char *const words[] = {
		[FATE_VALID] = "it is not due",
		[FATE_REPLACED] = "a newer one with the same names from the same CA is there",
		[FATE_ACM] = "ACM asked for it, and renews it",
		[FATE_REVOKED] = "nobody: it is revoked",
		[FATE_RENEWABLE] = "as its entry of the configuration says: f shows the plan; mtlscope renew does it for all that are due",
		[FATE_ORPHAN] = "NOBODY: no newer one is there, ACM did not ask for it, and no entry of the configuration renews it",
		[FATE_EXPIRED] = "nobody, and it ended long ago",
	};

	return c->fate == FATE_REPLACED && c->by_subject_only ?
	    "a newer one with the same subject from the same CA is there; their other names have not been compared" : words[c->fate];
}

static void
compose(struct issued_cert_screen *s, int width, int64_t now)
{
	struct document *d = &s->doc;
	const struct inventory_cert *c = &s->about;
	struct arena *a = arena_new();
	char text[TIME_TEXT_MAX];
	enum state state = issued_state(c, now);

	document_clear(d, width);
	document_line(d);
	tab_state(d, state, look_of_state(state), headline(c, now, a));
	row(d, a, "renews", who_renews(c));
	if (c->fate == FATE_ORPHAN)
		row(d, a, "mend", inventory_cert_is_ca(c) ? "a CA's own: mtlscope pca tree says how the CA is renewed" :
		    "give the entry of whoever has it `serves` and `renew` in the configuration: then f here, and mtlscope renew, renew it");
	document_line(d);
	row(d, a, "subject", c->subject);
	row(d, a, "names", c->sans != NULL ? c->sans : s->fetch != NULL ? "being fetched …" : "not fetched: an audit report has none");
	row(d, a, "from", time_human(c->not_before, text));
	row(d, a, "to", time_human(c->not_after, text));
	if (c->issued != TIME_UNKNOWN)
		row(d, a, "issued", time_human(c->issued, text));
	if (c->revoked != TIME_UNKNOWN)
		row(d, a, "revoked", arena_printf(a, "%s%s%s", time_human(c->revoked, text), c->revocation_reason != NULL ? ", " : "",
		    c->revocation_reason != NULL ? c->revocation_reason : ""));
	row(d, a, "template", c->template_name != NULL ? c->template_name : "not in the report");
	row(d, a, "asked by", c->requested_by != NULL ? c->requested_by : "an IssueCertificate call: ACM does not know it, and does not renew it");
	row(d, a, "serial", c->serial);
	row(d, a, "ARN", c->arn);
	row(d, a, "seen at", c->seen_at != NULL ? c->seen_at : "no probe of this inventory has seen it");
	if (s->problem[0] != '\0')
		row(d, a, "problem", s->problem);
	if (s->cert != NULL) {
		struct tab_place at = { .columns = width, .now = now };

		document_line(d);
		certificate_fields(d, s->cert, &at, &(struct field_options){ .pem = true });
	}
	document_composed(d);
	arena_free(a);
}

/* ---- the view ---- */

static const char *
kept(struct arena *a, const char *s)
{
	return s != NULL ? arena_strdup(a, s) : NULL;
}

static void
open(struct view *v, const void *argument)
{
	struct issued_cert_screen *s = screen_of(v);
	const struct inventory_cert *c = argument;

	s->arena = arena_new();
	s->about = *c;
	s->about.arn = kept(s->arena, c->arn);
	s->about.ca = kept(s->arena, c->ca);
	s->about.serial = kept(s->arena, c->serial);
	s->about.subject = kept(s->arena, c->subject);
	s->about.name = kept(s->arena, c->name);
	s->about.sans = kept(s->arena, c->sans);
	s->about.template_name = kept(s->arena, c->template_name);
	s->about.requested_by = kept(s->arena, c->requested_by);
	s->about.revocation_reason = kept(s->arena, c->revocation_reason);
	s->about.seen_at = kept(s->arena, c->seen_at);
	s->about.pem = s->about.chain = NULL;
	document_start(&s->doc);
	s->stale = true; /* what is known is shown at once, whatever the fetching takes */
	v->body = &s->doc.body;
	start_fetch(s);
}

static void
close(struct view *v)
{
	struct issued_cert_screen *s = screen_of(v);

	if (s->fetch != NULL)
		s->fetch->view = NULL;
	document_done(&s->doc);
	cert_free(s->cert);
	arena_free(s->arena);
}

static const char *
crumb(struct view *v, char *out, size_t size)
{
	struct buf name = { 0 };

	text_safe(&name, text_of(screen_of(v)->about.name), size - 1);
	snprintf(out, size, "%s", buf_str(&name));
	buf_done(&name);
	return out;
}

static void
refresh(struct view *v, int width)
{
	struct issued_cert_screen *s = screen_of(v);

	if (s->doc.columns == width && !s->stale)
		return;
	s->stale = false;
	compose(s, width, console_now_ms(v->console) / 1000);
}

static bool
act(struct view *v, enum action a, const char *argument)
{
	struct issued_cert_screen *s = screen_of(v);

	(void)argument;
	switch (a) {
	case ACTION_RENEW: issued_renew(v->console, &s->about); return true;
	case ACTION_SEEN_AT: issued_go_to_endpoint(v->console, s->about.seen_at); return true;
	case ACTION_ISSUER: authorities_go_to_ca(v->console, s->about.ca); return true;
	default: return false;
	}
}

static const char *
refuses(struct view *v, enum action a)
{
	return a == ACTION_RENEW ? issued_no_renewal(v->console, &screen_of(v)->about) : NULL;
}

const struct view_ops issued_cert_view = {
	.name = "issued-certificate",
	.scope = SCOPE_ISSUED_CERT,
	.size = sizeof(struct issued_cert_screen),
	.open = open,
	.close = close,
	.crumb = crumb,
	.refresh = refresh,
	.act = act,
	.refuses = refuses,
};
