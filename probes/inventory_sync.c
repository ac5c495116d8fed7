#include "probes/inventory_sync.h"

#include <stdio.h>
#include <string.h>

#include "aws/arn.h"
#include "aws/pca.h"
#include "aws/s3.h"
#include "model/audit_report.h"
#include "model/limits.h"
#include "model/quote.h"
#include "model/times.h"

enum { TELL_EVERY_US = 50 * 1000 };
#define STAGE "sync"

/* What one run of inventory_sync() carries around. */
struct run {
	struct inventory *inventory;
	const struct sync_options *o;
	struct arena *arena;           /* the caller's */
	struct sync_result *out;
	size_t cas_cap, problems_cap;
	struct inventory_ca *before;   /* what the inventory had of the CAs */
	size_t before_len;
	struct sync_progress progress;
	uint64_t told;                 /* ticks of the last progress */
	size_t listed;                 /* accounts */
};

/* The account and CA at hand. */
struct visit {
	struct run *run;
	const struct sync_account *account;
	const struct pca_ca *ca;
	const struct inventory_ca *had; /* NULL: it is new to the inventory */
	struct sync_ca *result;
	const char *bucket;
	bool shared;                   /* another account's, which lets us use it */
};

static bool
cancelled(const struct run *r)
{
	return r->o->cancel != NULL && atomic_load(r->o->cancel);
}

static int64_t
now_of(const struct run *r)
{
	return r->o->world->now_ms(r->o->world->self) / 1000;
}

static void
tell(struct run *r, enum sync_step step, bool always)
{
	static const char *const what[SYNC_STEPS] = {
		[SYNC_LISTING] = "listing the CAs",
		[SYNC_CA] = "reading the CA",
		[SYNC_ASKING] = "waiting for the report",
		[SYNC_READING] = "reading the report",
		[SYNC_SETTLING] = "putting it in order",
	};
	uint64_t now = r->o->world->ticks_us(r->o->world->self);

	if (r->o->tell == NULL || (!always && now - r->told < TELL_EVERY_US))
		return;
	r->told = now;
	r->progress.step = step;
	r->progress.what = what[step];
	r->o->tell(r->o->user, &r->progress);
}

/* ---- what failed ---- */

/* A line of it for people. */
static const char *
said(const struct run *r, const struct aws_error *from, const char *doing, const struct aws_client *c)
{
	struct error err = { .code = ERROR_NONE };

	(void)aws_error_say(from, doing, aws_client_where(c), &err);
	return arena_strdup(r->arena, err.text);
}

static void
problem_of_ca(struct visit *v, const struct aws_error *from, const char *doing)
{
	if (v->result->problem == NULL) /* the first one says most */
		v->result->problem = said(v->run, from, doing, v->account->client);
}

/*
 * An error of the inventory: about what came in, it is this CA's problem and the rest goes on (STATUS_OK); about the
 * database or this machine, it is everybody's.
 */
static status
local_problem(struct visit *v, const struct error *from, struct error *err)
{
	if (from->code != ERROR_INPUT)
		return error_set(err, from->code, from->stage, "%s", from->text);
	if (v->result->problem == NULL)
		v->result->problem = arena_strdup(v->run->arena, from->text);
	return STATUS_OK;
}

/* ---- the CA itself ---- */

static void
add_part(struct buf *out, const char *type, const char *value)
{
	if (value == NULL)
		return;
	buf_addf(out, "%s%s=", out->len > 0 ? "," : "", type);
	for (const char *p = value; *p != '\0'; p++) { /* RFC 4514 2.4 */
		if (strchr(",+\"\\<>;=", *p) != NULL)
			buf_addc(out, '\\');
		buf_addc(out, *p);
	}
}

static const char *
subject_text(const struct pca_subject *s, struct arena *a)
{
	struct buf out = { 0 };
	const char *text;

	add_part(&out, "CN", s->common_name);
	add_part(&out, "OU", s->organizational_unit);
	add_part(&out, "O", s->organization);
	add_part(&out, "L", s->locality);
	add_part(&out, "ST", s->state);
	add_part(&out, "C", s->country);
	for (size_t k = 0; k < s->custom_len; k++)
		add_part(&out, s->custom[k].name, s->custom[k].value);
	text = arena_strdup(a, buf_str(&out));
	buf_done(&out);
	return text;
}

/* A certificate is there in these states (knowledge "aws" 1.4); AWS answers InvalidStateException in the others. */
static bool
may_have_certificate(const char *state)
{
	return state != NULL && strcmp(state, "CREATING") != 0 && strcmp(state, "PENDING_CERTIFICATE") != 0 && strcmp(state, "FAILED") != 0 &&
	       strcmp(state, "DELETED") != 0;
}

/* Was it imported anew since we fetched it? A renewal keeps the key and changes dates and serial. */
static bool
same_certificate(const struct inventory_ca *had, const struct pca_ca *now)
{
	return had != NULL && had->pem != NULL && had->not_after == now->not_after && had->not_before == now->not_before &&
	       (now->serial == NULL || (had->serial != NULL && strcmp(had->serial, now->serial) == 0));
}

static status
put_ca(struct visit *v, const char *bucket, int64_t asked, const struct pca_certificate *certificate, struct error *err)
{
	struct arn arn = { .region = "" };
	const struct pca_ca *ca = v->ca;
	struct error own = { .code = ERROR_NONE };
	struct inventory_ca row;

	(void)arn_parse(ca->arn, &arn);
	row = (struct inventory_ca){
		.arn = ca->arn,
		.account = v->account->name != NULL ? v->account->name : ca->owner != NULL ? ca->owner : arn.account,
		.region = arn.region,
		.name = ca->subject.common_name,
		.subject = subject_text(&ca->subject, v->run->arena),
		.type = ca->type,
		.status = ca->status,
		.usage_mode = ca->usage_mode,
		.key_algorithm = ca->key_algorithm,
		.serial = ca->serial,
		.pem = certificate != NULL ? certificate->pem : NULL,
		.chain = certificate != NULL ? certificate->chain : NULL,
		.created = ca->created,
		.not_before = ca->not_before,
		.not_after = ca->not_after,
		.restorable_until = ca->restorable_until,
		.synced = now_of(v->run),
		.report_bucket = bucket,
		.report_asked = asked,
	};
	if (inventory_put_ca(v->run->inventory, &row, &own) == STATUS_OK)
		return STATUS_OK;
	if (own.code == ERROR_INPUT && certificate != NULL) { /* its certificate cannot be read: the CA is there all the same */
		if (local_problem(v, &own, err) != STATUS_OK)
			return STATUS_FAILED;
		return put_ca(v, bucket, asked, NULL, err);
	}
	return local_problem(v, &own, err);
}

static status
read_ca(struct visit *v, struct error *err)
{
	struct pca_certificate certificate = { .pem = NULL };
	struct aws_error failed = { .kind = AWS_FINE };

	if (may_have_certificate(v->ca->status) && !same_certificate(v->had, v->ca) &&
	    pca_get_ca_certificate(v->account->client, v->ca->arn, v->run->arena, &certificate, &failed) != STATUS_OK) {
		certificate.pem = NULL;
		if (failed.kind != AWS_STATE)
			problem_of_ca(v, &failed, "fetch the CA's certificate");
	}
	return put_ca(v, NULL, TIME_UNKNOWN, certificate.pem != NULL ? &certificate : NULL, err);
}

/* ---- its report ---- */

/* A share lets us issue, and never gives reports (RAM's permissions for CAs, knowledge "aws" 1.4): nothing is wrong that we could mend. */
static void
report_is_owners(struct visit *v)
{
	char shown[QUOTE_MAX];

	v->result->note = v->ca->owner != NULL ? arena_printf(v->run->arena, "it is shared by account %s, and only that account has audit reports of it", quote_str(v->ca->owner, shown))
	                                       : "it is shared by another account, and only that has audit reports of it";
}

static void
waiting(void *user, unsigned tries, unsigned of)
{
	struct run *r = user;

	r->progress.done = tries;
	r->progress.of = of;
	tell(r, SYNC_ASKING, false);
}

/* Where AWS says that it was asked too fast, once more after a pause: an account with many CAs would lose some each time. */
static status
create_report(struct visit *v, const char **id, struct aws_error *failed)
{
	struct run *r = v->run;
	const char *key;

	for (int i = 0;; i++) {
		*failed = (struct aws_error){ .kind = AWS_FINE };
		if (pca_create_report(v->account->client, v->ca->arn, v->bucket, r->o->format != NULL ? r->o->format : "JSON", r->arena, id, &key, failed) == STATUS_OK)
			return STATUS_OK;
		if (failed->kind != AWS_THROTTLED || i == LIMIT_SYNC_THROTTLED || aws_client_wait(v->account->client, LIMIT_SYNC_PACE_MS, failed) != STATUS_OK)
			return STATUS_FAILED;
	}
}

/* Asks AWS for a new report and waits until it is there. What fails is noted: an older report may be there all the same. */
static status
ask_for_report(struct visit *v, struct error *err)
{
	struct run *r = v->run;
	struct aws_error failed = { .kind = AWS_FINE };
	struct pca_report report;
	const char *id = NULL;
	status done;

	if (v->result->next_report != TIME_UNKNOWN && v->result->next_report > now_of(r))
		return STATUS_OK; /* AWS would refuse; the caller shows when it is time */
	r->progress.done = r->progress.of = 0;
	tell(r, SYNC_ASKING, true);
	done = create_report(v, &id, &failed);
	/* Somebody else asked for one within the half hour: theirs is read. */
	if (done != STATUS_OK && failed.kind == AWS_IN_PROGRESS)
		return STATUS_OK;
	if (done != STATUS_OK) {
		if (!cancelled(r))
			problem_of_ca(v, &failed, "ask for an audit report");
		return STATUS_OK;
	}
	v->result->asked = true;
	v->result->next_report = now_of(r) + 30 * 60;
	if (put_ca(v, v->bucket, now_of(r), NULL, err) != STATUS_OK)
		return STATUS_FAILED;
	if (pca_wait_report(v->account->client, v->ca->arn, id, waiting, r, r->arena, &report, &failed) != STATUS_OK)
		problem_of_ca(v, &failed, "wait for the audit report");
	return STATUS_OK;
}

struct newest {
	char key[1200];    /* S3's keys have up to 1,024 bytes */
	int64_t modified, size;
};

static bool
look_at_object(void *user, const struct s3_object *o)
{
	struct newest *n = user;
	size_t len = strlen(o->key);
	bool report = len < sizeof n->key && len > 5 && (strcmp(o->key + len - 5, ".json") == 0 || strcmp(o->key + len - 4, ".csv") == 0);

	if (report && o->size > 0 && o->modified != TIME_UNKNOWN && o->modified > n->modified) {
		snprintf(n->key, sizeof n->key, "%s", o->key);
		n->modified = o->modified;
		n->size = o->size;
	}
	return true;
}

struct reading {
	struct run *run;
	struct report_import *import;
	struct error err; /* of the import */
};

static bool
take_bytes(void *user, const void *bytes, size_t len)
{
	struct reading *x = user;

	if (cancelled(x->run) || report_import_feed(x->import, bytes, len, &x->err) != STATUS_OK)
		return false;
	x->run->progress.done += (int64_t)len;
	x->run->progress.records = report_import_records(x->import);
	tell(x->run, SYNC_READING, false);
	return true;
}

static status
import_report(struct visit *v, const struct newest *n, struct error *err)
{
	struct run *r = v->run;
	struct reading x = { .run = r };
	struct aws_error failed = { .kind = AWS_FINE };
	struct error own = { .code = ERROR_NONE };
	bool whole;
	status done;

	r->progress.done = 0;
	r->progress.of = n->size;
	r->progress.records = 0;
	tell(r, SYNC_READING, true);
	if (report_import_begin(r->inventory, v->ca->arn, &x.import, &own) != STATUS_OK)
		return local_problem(v, &own, err);
	whole = s3_get_stream(v->account->client, v->bucket, n->key, NULL, take_bytes, &x, &failed) == STATUS_OK;
	done = report_import_end(x.import, whole, n->modified, &v->result->added, &v->result->changed, &own);
	if (error_is_set(&x.err))
		return local_problem(v, &x.err, err);
	if (!whole && !cancelled(r)) {
		problem_of_ca(v, &failed, "fetch the audit report");
		return STATUS_OK;
	}
	if (done != STATUS_OK)
		return local_problem(v, &own, err);
	if (whole) {
		v->result->read = true;
		v->result->report_at = n->modified;
		if (v->result->next_report == TIME_UNKNOWN)
			v->result->next_report = n->modified + 30 * 60; /* somebody else asked for this one */
	}
	return STATUS_OK;
}

/* Asking for a report, the newest one there is, and its import where we do not have it. */
static status
read_report(struct visit *v, struct error *err)
{
	struct run *r = v->run;
	struct newest n = { .modified = INT64_MIN };
	struct aws_error failed = { .kind = AWS_FINE };
	const char *id = arn_ca_id(v->ca->arn);
	char prefix[256], shown[QUOTE_MAX], state[QUOTE_MAX];
	bool issues = v->ca->status != NULL && (strcmp(v->ca->status, "ACTIVE") == 0 || strcmp(v->ca->status, "DISABLED") == 0);

	if (v->bucket == NULL && v->shared) {
		report_is_owners(v);
		return STATUS_OK;
	}
	if (v->bucket == NULL) {
		v->result->note = "no bucket is known that holds its audit reports";
		return STATUS_OK;
	}
	if (id == NULL)
		return STATUS_OK;
	if (r->o->ask && issues && !v->shared && ask_for_report(v, err) != STATUS_OK)
		return STATUS_FAILED;
	if (cancelled(r))
		return STATUS_OK;
	snprintf(prefix, sizeof prefix, "audit-report/%s/", id);
	if (s3_list(v->account->client, v->bucket, prefix, 0, look_at_object, &n, &failed) != STATUS_OK) {
		if (v->shared && failed.kind == AWS_DENIED) { /* the owner's bucket; where it lets us read there, its reports are as good */
			report_is_owners(v);
			return STATUS_OK;
		}
		problem_of_ca(v, &failed, "list the audit reports");
		return STATUS_OK;
	}
	if (n.key[0] == '\0' && v->shared) {
		report_is_owners(v);
		return STATUS_OK;
	}
	if (n.key[0] == '\0') {
		v->result->note = !issues && v->ca->status != NULL
		                      ? arena_printf(r->arena, "no audit report, and AWS makes none of a CA that is %s", quote_str(v->ca->status, state))
		                      : arena_printf(r->arena, "no audit report lies in the bucket “%s” yet", quote_str(v->bucket, shown));
		return STATUS_OK;
	}
	if (put_ca(v, v->bucket, TIME_UNKNOWN, NULL, err) != STATUS_OK)
		return STATUS_FAILED;
	if (v->result->report_at != TIME_UNKNOWN && n.modified <= v->result->report_at)
		return STATUS_OK;
	return import_report(v, &n, err);
}

/* ---- one after the other ---- */

static status
visit_ca(struct run *r, const struct sync_account *account, const struct pca_ca *ca, bool shared, struct error *err)
{
	struct visit v = { .run = r, .account = account, .ca = ca, .shared = shared };
	struct sync_ca *result;

	for (size_t k = 0; k < r->before_len; k++)
		if (strcmp(r->before[k].arn, ca->arn) == 0)
			v.had = &r->before[k];
	r->out->cas = arena_grow(r->arena, r->out->cas, r->out->len, &r->cas_cap, sizeof *r->out->cas);
	result = &r->out->cas[r->out->len++];
	*result = (struct sync_ca){
		.arn = ca->arn,
		.name = ca->subject.common_name != NULL ? ca->subject.common_name : v.had != NULL ? v.had->name : ca->arn,
		.where = arena_strdup(r->arena, aws_client_where(account->client)),
		.report_at = v.had != NULL ? v.had->report_at : TIME_UNKNOWN,
		.next_report = v.had != NULL ? inventory_next_report(v.had) : TIME_UNKNOWN,
	};
	v.result = result;
	v.bucket = account->bucket != NULL ? account->bucket : v.had != NULL && v.had->report_bucket != NULL ? v.had->report_bucket : ca->revocation.crl_bucket;
	r->progress.ca = result->name;
	r->progress.done = r->progress.of = 0;
	r->progress.records = 0;
	tell(r, SYNC_CA, true);
	if (read_ca(&v, err) != STATUS_OK)
		return STATUS_FAILED;
	return cancelled(r) ? STATUS_OK : read_report(&v, err);
}

static void
problem_of_account(struct run *r, const char *text)
{
	r->out->problems = arena_grow(r->arena, r->out->problems, r->out->problems_len, &r->problems_cap, sizeof *r->out->problems);
	r->out->problems[r->out->problems_len++] = text;
}

static bool
is_among(const struct pca_ca *cas, size_t len, const char *arn)
{
	for (size_t k = 0; k < len; k++)
		if (strcmp(cas[k].arn, arn) == 0)
			return true;
	return false;
}

/* Our own, the first `own_out` of them, and those that others share with us; false: not even our own. What failed is noted. */
static bool
list_account(struct run *r, const struct sync_account *account, struct pca_ca **out, size_t *len, size_t *own_out)
{
	struct aws_error failed = { .kind = AWS_FINE };
	struct pca_ca *own = NULL, *shared = NULL;
	size_t own_len = 0, shared_len = 0, n;

	*out = NULL;
	*len = 0;
	if (r->o->only_ca != NULL) {
		own = arena_alloc(r->arena, sizeof *own);
		if (pca_describe_ca(account->client, r->o->only_ca, r->arena, own, &failed) != STATUS_OK) {
			problem_of_account(r, said(r, &failed, "describe the CA", account->client));
			return false;
		}
		*out = own;
		*len = *own_out = 1; /* it was named: what AWS says against it is said */
		return true;
	}
	if (pca_list_cas(account->client, NULL, r->arena, &own, &own_len, &failed) != STATUS_OK) {
		problem_of_account(r, said(r, &failed, "list the CAs", account->client));
		return false;
	}
	if (!cancelled(r) && pca_list_cas(account->client, "OTHER_ACCOUNTS", r->arena, &shared, &shared_len, &failed) != STATUS_OK) {
		problem_of_account(r, said(r, &failed, "list the CAs that others share", account->client));
		shared_len = 0;
	}
	*out = arena_array(r->arena, own_len + shared_len, sizeof **out);
	for (size_t k = 0; k < own_len; k++)
		(*out)[k] = own[k];
	n = own_len;
	for (size_t k = 0; k < shared_len; k++)
		if (!is_among(own, own_len, shared[k].arn)) /* emulators list all for either owner */
			(*out)[n++] = shared[k];
	*len = n;
	*own_out = own_len;
	return true;
}

status
inventory_sync(struct inventory *i, const struct sync_options *o, struct arena *a, struct sync_result *out, struct error *err)
{
	struct run r = { .inventory = i, .o = o, .arena = a, .out = out, .progress = { .accounts = o->len } };
	int64_t now = now_of(&r);
	status done = STATUS_OK;

	*out = (struct sync_result){ .cas = NULL };
	if (inventory_cas(i, now, now, a, &r.before, &r.before_len, err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t k = 0; k < o->len && !cancelled(&r) && done == STATUS_OK; k++) {
		struct pca_ca *cas;
		size_t len, own;

		r.progress.account = k;
		r.progress.ca = NULL;
		r.progress.index = r.progress.cas = 0;
		tell(&r, SYNC_LISTING, true);
		if (!list_account(&r, &o->accounts[k], &cas, &len, &own))
			continue;
		r.listed++;
		r.progress.cas = len;
		for (size_t n = 0; n < len && !cancelled(&r) && done == STATUS_OK; n++) {
			r.progress.index = n;
			done = visit_ca(&r, &o->accounts[k], &cas[n], n >= own, err);
		}
	}
	out->cancelled = cancelled(&r);
	r.progress.ca = NULL;
	tell(&r, SYNC_SETTLING, true);
	if (done == STATUS_OK)
		done = inventory_settle(i, err);
	if (done == STATUS_OK && r.listed == 0 && !out->cancelled && out->problems_len > 0)
		return error_set(err, ERROR_AWS, STAGE, "%s", out->problems[0]);
	return done;
}

/* ---- details on demand ---- */

status
inventory_fetch(struct inventory *i, struct aws_client *c, const char *arn, struct error *err)
{
	struct arena *a = arena_new();
	struct aws_error failed = { .kind = AWS_FINE };
	struct pca_certificate certificate;
	struct inventory_cert *known;
	char ca[PCA_ARN_MAX];
	status done;

	done = inventory_cert(i, arn, &(struct inventory_query){ .now = 0, .soon = 0 }, a, &known, err);
	if (done == STATUS_OK && (known == NULL || !arn_ca_of_certificate(known->arn, ca, sizeof ca)))
		done = error_set(err, ERROR_INPUT, STAGE, "the inventory does not have this certificate");
	if (done == STATUS_OK && known->pem == NULL) {
		if (pca_get_certificate(c, ca, known->arn, a, &certificate, &failed) != STATUS_OK)
			done = aws_error_say(&failed, "fetch the certificate", aws_client_where(c), err);
		else
			done = inventory_put_details(i, known->arn, certificate.pem, certificate.chain, err);
	}
	arena_free(a);
	return done;
}
