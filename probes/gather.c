#include "probes/gather.h"

#include <stdlib.h>
#include <string.h>

#include "model/folder.h"
#include "model/issuers.h"
#include "model/memory.h"
#include "probes/gather_internal.h"

enum { PACED_MS = 2 };

static void look_further(struct gathering *g);

/* ---- asking, and the end of it ---- */

/* url NULL: at any address. */
static bool
asked_at(const struct gathering *g, enum fetch_kind kind, const struct cert *about, const struct text *url)
{
	for (size_t i = 0; i < g->asks_len; i++) {
		const struct ask *a = &g->asks[i];

		if (a->folder == NULL && a->kind == kind && fingerprint_equal(&a->about->sha256, &about->sha256) &&
		    (url == NULL || text_equal(a->url, *url)))
			return true;
	}
	return false;
}

struct text
gather_next(const struct gathering *g, enum fetch_kind kind, const struct cert *about, const struct text *urls, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text_starts(urls[i], "http://") && !asked_at(g, kind, about, &urls[i]))
			return urls[i];
	return len > 0 && !asked_at(g, kind, about, NULL) ? urls[0] : (struct text){ 0 };
}

const char *
gather_url(struct gathering *g, struct text url)
{
	return text_safe_arena(g->evidence->arena, url, LIMIT_URL, NULL);
}

static void
note(struct gathering *g, struct ask *a, const struct fetched *f, bool shared)
{
	struct evidence *e = g->evidence;

	a->noted = a->folder == NULL;
	a->note = (struct fetch_note){
		.kind = a->kind,
		.url = gather_url(g, a->url),
		.status = f->status,
		.bytes = f->bytes,
		.ms = f->refused ? 0 : g->ground.opt->paced ? PACED_MS : f->ms,
		.shared = shared,
		.refused = f->refused,
		.problem = f->problem != NULL ? arena_strdup(e->arena, f->problem) : NULL,
	};
}

static void
write_down(struct gathering *g)
{
	struct evidence *e = g->evidence;

	for (; g->written < g->asks_len; g->written++) {
		const struct ask *a = &g->asks[g->written];

		if (a->noted) {
			e->fetches = arena_grow(e->arena, e->fetches, e->fetches_len, &e->fetches_cap, sizeof *e->fetches);
			e->fetches[e->fetches_len++] = a->note;
		}
		if (a->told)
			gather_keep_status(g, &a->status);
	}
}

static void
on_timer_closed(uv_handle_t *h)
{
	free(h);
}

static void
stop_clock(struct gathering *g)
{
	if (g->patience != NULL)
		uv_close((uv_handle_t *)g->patience, on_timer_closed);
	g->patience = NULL;
}

static void
settle(struct gathering *g)
{
	if (g->open > 0)
		return;
	if (g->issuers_phase)
		look_further(g);
	if (g->open > 0)
		return;
	stop_clock(g);
	write_down(g);
	g->issuers_phase = false;
	g->done(g->user);
}

/* The time is up: whoever has not answered by now has not answered. */
static void
on_patience(uv_timer_t *timer)
{
	static const struct fetched nobody = { .problem = "no answer came in time" };
	struct gathering *g = timer->data;

	g->time_is_up = true;
	for (size_t i = 0; i < g->asks_len; i++) {
		struct ask *a = &g->asks[i];
		struct fetched late = nobody;

		if (a->fetch == NULL)
			continue;
		fetch_leave(a->fetch);
		a->fetch = NULL;
		a->or_list = false;
		g->open--;
		late.kind = a->kind;
		late.ms = (double)(g->ground.world->ticks_us(g->ground.world->self) - g->began_us) / 1000;
		note(g, a, &late, false);
		if (!g->issuers_phase)
			gather_take_status(g, a, &late);
	}
	settle(g);
}

static void
take_issuers(struct gathering *g, const struct ask *a, const struct fetched *f)
{
	const char *where = a->folder == NULL ? gather_url(g, a->url) : NULL;

	for (size_t i = 0; i < f->certs_len; i++) {
		if (a->folder != NULL && g->beside_len < sizeof g->beside / sizeof g->beside[0])
			g->beside[g->beside_len++] = (struct fetched_cert){
				.cert = cert_ref(f->certs[i].cert),
				.where = arena_strdup(g->evidence->arena, f->certs[i].where),
			};
		else if (a->folder == NULL)
			issuers_found(g->evidence, f->certs[i].cert, a->about, path_source_name(SOURCE_AIA), where);
	}
	/* A "certs-only" answer may hold those above as well: each is proven by the one below. */
	for (bool more = true; more && a->folder == NULL && f->certs_len > 1;) {
		size_t before = g->evidence->found_len;

		for (size_t i = 0; i < f->certs_len; i++)
			for (size_t k = 0; k < before; k++)
				issuers_found(g->evidence, f->certs[i].cert, g->evidence->found[k].cert, path_source_name(SOURCE_AIA), where);
		more = g->evidence->found_len > before;
	}
}

static void
on_fetched(void *user, const struct fetched *f, bool shared)
{
	struct ask *a = user;
	struct gathering *g = a->gathering;

	a->fetch = NULL;
	g->open--;
	note(g, a, f, shared);
	if (g->issuers_phase)
		take_issuers(g, a, f);
	else
		gather_take_status(g, a, f);
	settle(g);
}

static void
start_clock(struct gathering *g)
{
	uint64_t now = g->ground.world->ticks_us(g->ground.world->self), end;

	if (g->patience != NULL)
		return;
	if (g->began_us == 0)
		g->began_us = now;
	end = g->began_us + (uint64_t)(g->issuers_phase ? LIMIT_FETCH_ISSUERS_MS : LIMIT_FETCH_MS) * 1000;
	if (end > g->how.until_us)
		end = g->how.until_us;
	g->patience = mem_zero(1, sizeof *g->patience);
	uv_timer_init(g->ground.loop, g->patience);
	g->patience->data = g;
	uv_update_time(g->ground.loop);
	uv_timer_start(g->patience, on_patience, end > now ? (end - now) / 1000 : 0, 0);
}

bool
gather_ask(struct gathering *g, const struct ask *what)
{
	struct ask *a;

	if (g->asks_len == LIMIT_FETCHES || g->time_is_up)
		return false;
	a = &g->asks[g->asks_len++];
	*a = *what;
	a->gathering = g;
	start_clock(g);
	g->open++;
	a->fetch = fetch_start(g->ground.desk, &(struct fetch_question){
		.kind = a->kind,
		.url = a->url,
		.loopback = g->how.loopback,
		.many = g->how.many,
		.family = g->ground.opt->family,
		.about = a->kind == FETCH_OCSP ? a->about : NULL,
		.issuer = a->issuer,
		.folder = a->folder,
	}, on_fetched, a);
	return true;
}

struct gathering *
gathering_new(const struct ground *g, struct evidence *e, const struct gather_how *how, gather_done done, void *user)
{
	struct gathering *new;

	if (g->desk == NULL)
		return NULL;
	new = mem_zero(1, sizeof *new);
	new->ground = *g;
	new->evidence = e;
	new->how = *how;
	new->done = done;
	new->user = user;
	return new;
}

void
gathering_free(struct gathering *g)
{
	if (g == NULL)
		return;
	for (size_t i = 0; i < g->asks_len; i++)
		if (g->asks[i].fetch != NULL)
			fetch_cancel(g->asks[i].fetch);
	write_down(g);
	for (size_t i = 0; i < g->beside_len; i++)
		cert_free(g->beside[i].cert);
	stop_clock(g);
	free(g);
}

/* ---- issuers ---- */

/*
 * Is the issuer of this one worth a request? The server's always: without it nobody gets further. Ours where the
 * server refused us, or where its revocation cannot be judged without.
 */
static bool
matters(const struct gathering *g, const struct cert *c, bool ours)
{
	if (!ours)
		return true;
	if (evidence_baseline(g->evidence)->sent_certs_len == 0)
		return false;
	return evidence_refused(g->evidence) || (!g->how.many && (c->crl_len > 0 || c->ocsp_len > 0));
}

static const struct cert *
wanted(const struct gathering *g, bool ours)
{
	const struct cert *c = issuers_wanted(g->evidence, ours);

	return c != NULL && matters(g, c, ours) ? c : NULL;
}

static void
ask_folder(struct gathering *g, const char *file)
{
	bool asked = false;
	char *folder;

	if (file == NULL || strcmp(file, "-") == 0)
		return;
	folder = folder_of_file(file);
	for (size_t i = 0; i < g->asks_len; i++)
		asked |= g->asks[i].folder != NULL && strcmp(g->asks[i].folder, folder) == 0;
	if (!asked)
		gather_ask(g, &(struct ask){ .kind = FETCH_ISSUER, .folder = arena_strdup(g->evidence->arena, folder) });
	free(folder);
}

/* Beside our certificate, and beside the file of those we trust: nobody outside is asked for what lies there. */
static void
ask_folders(struct gathering *g)
{
	const struct evidence *e = g->evidence;

	g->folders_seen = true;
	if (e->identity != NULL)
		ask_folder(g, e->identity->cert_path);
	if (e->trust != NULL && !e->trust->system)
		ask_folder(g, e->trust->file);
}

/* Of the folders' certificates, the ones that issued what is wanted; then what those lack, and so on. */
static void
take_beside(struct gathering *g, bool ours)
{
	const struct cert *c;
	bool found = true;

	while (found && (c = wanted(g, ours)) != NULL) {
		found = false;
		for (size_t i = 0; i < g->beside_len && !found; i++)
			found = issuers_found(g->evidence, g->beside[i].cert, c, path_source_name(SOURCE_FILE), g->beside[i].where);
	}
}

static void
ask_issuer(struct gathering *g, bool ours)
{
	const struct cert *c = wanted(g, ours);
	struct text url = c != NULL ? gather_next(g, FETCH_ISSUER, c, c->ca_issuers, c->ca_issuers_len) : (struct text){ 0 };

	if (url.len > 0)
		gather_ask(g, &(struct ask){ .kind = FETCH_ISSUER, .url = url, .about = c });
}

/* Called when nothing is open: asks what is to be asked next, if anything. */
static void
look_further(struct gathering *g)
{
	if (wanted(g, false) == NULL && wanted(g, true) == NULL)
		return;
	if (!g->folders_seen) {
		ask_folders(g);
		if (g->open > 0)
			return;
	}
	take_beside(g, false);
	take_beside(g, true);
	if (g->levels++ >= LIMIT_ISSUER_LEVELS)
		return;
	ask_issuer(g, false);
	ask_issuer(g, true);
}

bool
gathering_issuers(struct gathering *g)
{
	g->issuers_phase = true;
	look_further(g);
	if (g->open == 0)
		g->issuers_phase = false;
	return g->open > 0;
}
