/* mtlscope pca sync: the inventory brought up to date from audit reports. */
#include "probes/inventory_sync.h"

#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "cli/pca.h"
#include "cli/signals.h"
#include "fixes/aws_line.h"
#include "fixes/deeds.h"
#include "model/json_parts.h"
#include "model/page.h"
#include "model/times.h"

/* One sync. With --apply it is the one step of a plan (fixes/deed_sync.c), which asks for new reports. */
struct syncing {
	struct pca_session *session;
	struct sync_options options;
	const struct plan *plan;      /* it is a step of this one; or NULL */
	struct sync_result result;
	status status;
	struct error error;
};

/* "reading the report: Acme Issuing CA 1, 41 %, 410,000 records": a line that is written over. */
static void
tell(void *user, const struct sync_progress *p)
{
	struct pca_session *s = user;
	struct arena *a = arena_new();
	struct buf line = { 0 };

	buf_adds(&line, p->what);
	if (p->ca != NULL)
		buf_addf(&line, ": %s", text_safe_arena(a, text_of(p->ca), 40, NULL));
	if (p->step == SYNC_READING && p->of > 0)
		buf_addf(&line, ", %d %%", (int)(p->done * 100 / p->of));
	if (p->records > 0)
		buf_addf(&line, ", %zu records", p->records);
	progress_line(buf_str(&line));
	buf_done(&line);
	arena_free(a);
	(void)s;
}

static void
prepare(struct pca_session *s, struct syncing *y, const char *only, struct pca_account *account)
{
	struct sync_account *accounts = arena_array(s->arena, s->len, sizeof *accounts);
	size_t len = 0;

	for (size_t i = 0; i < s->len; i++) {
		if (account != NULL && s->accounts[i] != account)
			continue;
		accounts[len++] = (struct sync_account){ .client = s->accounts[i]->place.client, .name = s->accounts[i]->place.name, .bucket = s->o->pca.bucket };
	}
	*y = (struct syncing){ .session = s, .options = { .accounts = accounts, .len = len, .only_ca = only, .world = s->world, .cancel = s->cancel,
		.tell = tell, .user = s } };
}

static status
run(struct syncing *y)
{
	y->status = inventory_sync(y->session->inventory, &y->options, y->session->arena, &y->result, &y->error);
	progress_clear();
	return y->status;
}

/* ---- what came of it ---- */

/* At 80: state 7, name 27, new 8, changed 8, report 17, next 9. Wider pages give the rest to the name. */
enum { STATE_WIDE = 7, COUNT_WIDE = 8, REPORT_WIDE = 17, NEXT_WIDE = 9, NAME_LEAST = 16, NAMES_TOLD = 6 };

static bool
has_report(const struct sync_ca *c)
{
	return c->problem == NULL && (c->read || c->report_at != TIME_UNKNOWN);
}

/* When AWS makes the next one: "in 29 min", "now"; so long as the screen is read, not as the clock of another place says. */
static const char *
next_text(struct pca_session *s, const struct sync_ca *c)
{
	char span[TIME_TEXT_MAX];

	if (c->next_report == TIME_UNKNOWN || c->next_report <= s->now)
		return "now";
	return arena_printf(s->arena, "in %s", time_span(c->next_report - s->now, span));
}

static void
row(struct pca_session *s, const struct page *p, const struct sync_ca *c, size_t name_wide)
{
	const char *name = page_cut(s->arena, text_safe_arena(s->arena, text_of(c->name), TEXT_MAX_DEFAULT, NULL), name_wide);
	char at[TIME_TEXT_MAX];

	page_state(p, c->note != NULL ? STATE_NOTE : STATE_OK, true);
	page_pad(p, STATE_WIDE - 1, STATE_WIDE);
	page_text(p, name);
	page_pad(p, page_columns_of(p, name), name_wide);
	/* time_human's seconds and zone are for sentences: the column's head says UTC. */
	page_textf(p, "%*zu%*zu  %-*.16s%s\n", COUNT_WIDE, c->added, COUNT_WIDE, c->changed, REPORT_WIDE, time_human(c->report_at, at), next_text(s, c));
}

/* Those with a report, as a table: what is the same for all of them is said once. */
static void
table(struct pca_session *s, const struct page *p, const struct sync_result *r)
{
	size_t columns = s->style.columns > 0 ? (size_t)s->style.columns : 80, fixed = STATE_WIDE + 2 * COUNT_WIDE + 2 + REPORT_WIDE + NEXT_WIDE;
	size_t name_wide = columns > fixed + NAME_LEAST ? columns - fixed : NAME_LEAST, rows = 0, added = 0, changed = 0;
	struct buf head = { 0 };

	for (size_t i = 0; i < r->len; i++) {
		const struct sync_ca *c = &r->cas[i];

		if (!has_report(c))
			continue;
		if (rows++ == 0) {
			buf_addf(&head, "%-*s%-*s%*s%*s  %-*s%s", STATE_WIDE, "STATE", (int)name_wide, "CA", COUNT_WIDE, "NEW", COUNT_WIDE, "CHANGED",
			    REPORT_WIDE, "REPORT (UTC)", "NEXT");
			page_tinted(p, TINT_DIM, buf_str(&head));
			page_text(p, "\n");
		}
		row(s, p, c, name_wide);
		added += c->added;
		changed += c->changed;
	}
	if (rows > 0)
		page_textf(p, "\n%zu CA%s, %zu new and %zu changed certificates. NEXT: when AWS makes a new report.\n", rows, rows == 1 ? "" : "s", added, changed);
	buf_done(&head);
}

/* What one CA lacks in words; of several that lack the same, one sentence. */
static const char *
lack(const struct sync_ca *c)
{
	return c->problem != NULL ? c->problem : c->note != NULL ? c->note : has_report(c) ? NULL : "there is no report yet";
}

/* The others in one sentence for each reason: an account has many CAs of which nobody ever asked for a report. */
static void
lacks(struct pca_session *s, const struct page *p, const struct sync_result *r)
{
	bool *told = arena_array(s->arena, r->len + 1, sizeof *told);

	for (size_t i = 0; i < r->len; i++) {
		/* What a stop kept from being looked at lacks nothing that is known. */
		const char *why = r->cancelled && r->cas[i].problem == NULL && r->cas[i].note == NULL ? NULL : lack(&r->cas[i]);
		struct buf b = { 0 };
		size_t n = 0;

		if (told[i] || why == NULL)
			continue;
		for (size_t k = i; k < r->len; k++) {
			const char *other = lack(&r->cas[k]);

			if (other == NULL || strcmp(why, other) != 0)
				continue;
			told[k] = true;
			if (n++ < NAMES_TOLD)
				buf_addf(&b, "%s“%s”", n > 1 ? ", " : "", text_safe_arena(s->arena, text_of(r->cas[k].name), 80, NULL));
		}
		page_state(p, r->cas[i].problem != NULL ? STATE_FAIL : STATE_NOTE, true);
		page_text(p, "  ");
		page_wrap(p, 8, 8, n == 1 ? arena_printf(s->arena, "%s: %s", buf_str(&b), why)
		                  : n <= NAMES_TOLD ? arena_printf(s->arena, "%zu CAs (%s): %s", n, buf_str(&b), why)
		                                    : arena_printf(s->arena, "%zu CAs (%s and %zu more): %s", n, buf_str(&b), n - NAMES_TOLD, why));
		buf_done(&b);
	}
}

static void
print_people(struct pca_session *s, const struct sync_result *r, bool asked)
{
	struct buf out = { 0 };
	struct page page = { .out = &out, .style = &s->style };

	for (size_t i = 0; i < s->len; i++)
		page_wrap(&page, 0, 2, plan_where(&s->accounts[i]->place, s->arena));
	table(s, &page, r);
	lacks(s, &page, r);
	if (r->len == 0 && r->problems_len == 0)
		page_text(&page, "No CA here. Is it another region (--region) or account (--profile)?\n");
	if (r->cancelled) {
		page_text(&page, "\n");
		page_wrap(&page, 0, 0, "Stopped before the end: what stands here is complete, the other CAs were not looked at.");
	}
	if (!asked && !r->cancelled && r->len > 0)
		page_text(&page, "\nNo new reports were asked for. This shows the plan for that, and does it:\n  mtlscope pca sync --apply\n");
	session_print(s, &out);
}

static void
add_result(void *user, cJSON *to)
{
	struct syncing *y = user;
	cJSON *cas = json_add_list(to, "cas"), *problems;

	if (y->plan != NULL)
		(void)deed_sync_result(y->plan, y->session->arena, &y->result);
	session_json_accounts(y->session, to);
	for (size_t i = 0; i < y->result.len; i++) {
		const struct sync_ca *c = &y->result.cas[i];
		cJSON *o = cJSON_CreateObject();

		json_add_text(o, "arn", c->arn);
		json_add_text(o, "name", c->name);
		cJSON_AddNumberToObject(o, "added", (double)c->added);
		cJSON_AddNumberToObject(o, "changed", (double)c->changed);
		cJSON_AddBoolToObject(o, "read", c->read);
		cJSON_AddBoolToObject(o, "asked", c->asked);
		json_add_time(o, "report_at", c->report_at);
		json_add_time(o, "next_report", c->next_report);
		json_add_text(o, "note", c->note);
		json_add_text(o, "problem", c->problem);
		cJSON_AddItemToArray(cas, o);
	}
	problems = json_add_list(to, "problems");
	for (size_t i = 0; i < y->result.problems_len; i++)
		cJSON_AddItemToArray(problems, json_text(y->result.problems[i]));
	cJSON_AddBoolToObject(to, "cancelled", y->result.cancelled);
}

/* Problems on standard error; the status. */
static int
judge(const struct sync_result *r)
{
	int signal = signals_seen(), result = EXIT_STATUS_DONE;

	for (size_t i = 0; i < r->problems_len; i++) {
		complain("%s", r->problems[i]);
		result = EXIT_STATUS_AWS;
	}
	for (size_t i = 0; i < r->len; i++) {
		if (r->cas[i].problem != NULL)
			result = EXIT_STATUS_AWS;
	}
	return signal != 0 ? EXIT_STATUS_SIGNAL + signal : result;
}

/* ---- with --apply ---- */

static void
add(cJSON *o, const char *name, const char *value)
{
	if (value != NULL)
		cJSON_AddStringToObject(o, name, value);
}

static cJSON *
reports_args(const struct pca_session *s, const struct syncing *y)
{
	cJSON *o = cJSON_CreateObject(), *accounts = cJSON_AddArrayToObject(o, "accounts");

	add(o, "only_ca", y->options.only_ca);
	add(o, "bucket", s->o->pca.bucket);
	for (size_t i = 0; i < s->len; i++) {
		const struct plan_place *place = &s->accounts[i]->place;
		cJSON *one;

		for (size_t k = 0; k < y->options.len; k++) {
			if (y->options.accounts[k].client != place->client)
				continue;
			one = cJSON_CreateObject();
			add(one, "name", place->name);
			add(one, "profile", aws_client_profile(place->client));
			add(one, "region", aws_client_region(place->client));
			add(one, "endpoint_url", place->endpoint_url);
			cJSON_AddItemToArray(accounts, one);
		}
	}
	return o;
}

/* Of the first account that is asked: with --ca that need not be the session's first. */
static const struct plan_place *
place_of(const struct pca_session *s, const struct syncing *y)
{
	for (size_t i = 0; i < s->len; i++)
		if (y->options.len > 0 && s->accounts[i]->place.client == y->options.accounts[0].client)
			return &s->accounts[i]->place;
	return &s->accounts[0]->place;
}

/* A report is a file in a bucket of the account. */
static struct plan *
make_plan(struct pca_session *s, struct syncing *y)
{
	struct plan *p = plan_new(place_of(s, y), "new audit reports, read into the inventory");
	struct plan_step *step = plan_add_deed(p, &deed_sync_reports, reports_args(s, y));
	struct aws_line l;

	step->what = y->options.only_ca != NULL ? "ask for a new report of this CA, and read it" : "ask for a new report of every CA that gives one now, and read them";
	step->changes = "a new file audit-report/… for each CA, in the bucket of last time, of --bucket, or of its revocation list";
	step->call = "acm-pca CreateCertificateAuthorityAuditReport, DescribeCertificateAuthorityAuditReport; s3 GetObject";
	step->undo = "delete the files";
	aws_line_begin(&l, &p->place, NULL, "acm-pca create-certificate-authority-audit-report");
	aws_line_raw(&l, "--certificate-authority-arn", y->options.only_ca != NULL ? plan_word(p, y->options.only_ca) : "\"$CA\"");
	aws_line_raw(&l, "--s3-bucket-name", s->o->pca.bucket != NULL ? plan_word(p, s->o->pca.bucket) : "\"$BUCKET\"");
	aws_line_raw(&l, "--audit-report-response-format", "JSON");
	step->command = aws_line_end(&l, p, NULL);
	/* The place above is the first account's. */
	for (size_t i = 0; i < y->options.len; i++)
		if (y->options.accounts[i].client != p->place.client)
			plan_note(p, "It is done in this account too: %s.", plan_shown(p, aws_client_where(y->options.accounts[i].client)));
	plan_note(p, "AWS makes one in 30 minutes for each CA; where it is too early, the newest one that is there is read.");
	return p;
}

int
pca_sync_run(struct options *o)
{
	struct pca_session s = { .o = NULL };
	struct syncing y = { .status = STATUS_OK };
	struct pca_found ca = { .account = NULL };
	struct error err = { .code = ERROR_NONE };
	struct plan *p = NULL;
	struct buf page = { 0 };
	bool applied = false;
	int result;

	if (o->operands_len > 0) {
		complain("pca sync takes no argument: %s; --ca CA syncs one", printable(o->operands[0]));
		return EXIT_STATUS_USAGE;
	}
	if (gate_check(o, &err) != STATUS_OK)
		return complain_error(&err);
	if (session_open(o, &s, &err) != STATUS_OK || (o->pca.ca != NULL && session_find_ca(&s, o->pca.ca, &ca, &err) != STATUS_OK) || session_inventory(&s, &err) != STATUS_OK)
		goto failed;
	for (size_t i = 0; i < s.len; i++)
		session_account_number(&s, s.accounts[i]);
	prepare(&s, &y, ca.account != NULL ? ca.ca.arn : NULL, ca.account);
	if (o->pca.apply) {
		y.plan = p = make_plan(&s, &y);
		result = session_carry_out(&s, p, o->json ? session_json("sync") : NULL, add_result, &y, &applied);
		if (applied)
			(void)deed_sync_result(p, s.arena, &y.result);
		if (applied && !o->json)
			print_people(&s, &y.result, true);
		if (applied)
			result = judge(&y.result);
		goto out;
	}
	if (run(&y) != STATUS_OK) {
		err = y.error;
		goto failed;
	}
	if (o->json) {
		cJSON *json = session_json("sync");

		add_result(&y, json);
		json_print(json, &page);
		session_print(&s, &page);
	} else {
		print_people(&s, &y.result, false);
	}
	result = judge(&y.result);
	goto out;
failed:
	result = session_fail(&s, &err);
out:
	plan_free(p);
	session_close(&s);
	return output_status(result);
}
