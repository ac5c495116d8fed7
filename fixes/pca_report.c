#include "fixes/pca_report.h"

#include <string.h>
#include <strings.h>

#include "fixes/aws_line.h"
#include "fixes/pca_create.h"
#include "model/quote.h"
#include "model/times.h"

struct reporting {
	const char *ca, *bucket, *format;
	const char *id, *key;
	const char *place;
};

static status
ask(struct plan *p, struct plan_step *s, struct error *err)
{
	struct reporting *r = s->subject;
	struct aws_error why = { .kind = AWS_FINE };

	if (pca_create_report(p->place.client, r->ca, r->bucket, r->format, p->arena, &r->id, &r->key, &why) != STATUS_OK)
		return plan_change_failed(p, s, &why, "ask for an audit report", err);
	return plan_keep(p, s, "report", r->id, err);
}

static status
wait(struct plan *p, struct plan_step *s, struct error *err)
{
	struct reporting *r = s->subject;
	struct plan_waiter waiter = { .plan = p, .step = s };
	struct pca_report got = { .status = NULL };
	struct aws_error why = { .kind = AWS_FINE };

	if (pca_wait_report(p->place.client, r->ca, r->id, plan_waits, &waiter, p->arena, &got, &why) != STATUS_OK)
		return plan_failed(p, &why, "wait for the audit report", err);
	if (got.status != NULL && strcmp(got.status, "SUCCESS") != 0)
		return error_set(err, ERROR_AWS, "plan", "AWS made no report: it says %s. Mostly it may not write into the bucket %s (s3:PutObject, "
		    "s3:PutObjectAcl, s3:GetBucketAcl, s3:GetBucketLocation for acm-pca.amazonaws.com)", plan_shown(p, got.status), plan_shown(p, r->bucket));
	r->place = plan_text(p, "s3://%s/%s", plan_shown(p, got.bucket != NULL ? got.bucket : r->bucket),
	    text_safe_arena(p->arena, text_of(got.key != NULL ? got.key : r->key), 0, NULL));
	return plan_keep(p, s, "file", r->place, err);
}

static const char *
wait_later(struct plan *p, const struct plan_step *s)
{
	const struct reporting *r = s->subject;

	p->go_on_command = plan_text(p, "aws --region %s acm-pca describe-certificate-authority-audit-report --certificate-authority-arn %s --audit-report-id %s",
	    aws_client_region(p->place.client), plan_word(p, r->ca), plan_word(p, r->id != NULL ? r->id : "ID"));
	return "The report was asked for, and AWS may still be writing it. This says how far it is:";
}

static status
check(const struct pca_report_wish *w, const char **bucket, const char **format, struct error *err)
{
	char shown[QUOTE_MAX];

	*bucket = w->bucket != NULL ? w->bucket : w->ca->revocation.crl_bucket;
	*format = w->format == NULL || strcasecmp(w->format, "json") == 0 ? "JSON" : strcasecmp(w->format, "csv") == 0 ? "CSV" : NULL;
	if (*format == NULL)
		return error_set(err, ERROR_USAGE, "options", "--format %s: expected json or csv", quote_str(w->format, shown));
	if (strcmp(w->ca->status, "ACTIVE") != 0 && strcmp(w->ca->status, "DISABLED") != 0)
		return error_set(err, ERROR_USAGE, "plan", "AWS makes audit reports of ACTIVE and DISABLED CAs only, and this one is %s; mtlscope pca sync reads the "
		    "newest that is there", quote_str(w->ca->status, shown));
	if (*bucket == NULL)
		return error_set(err, ERROR_USAGE, "options", "--bucket NAME: the S3 bucket that the report goes into; this CA has no revocation list whose bucket could be taken");
	return STATUS_OK;
}

status
pca_report_plan(const struct plan_place *place, const struct pca_report_wish *w, struct plan **out, struct error *err)
{
	const char *bucket, *format;
	char time[TIME_TEXT_MAX];
	struct reporting *r;
	struct plan_step *s;
	struct aws_line l;
	struct plan *p;

	*out = NULL;
	if (check(w, &bucket, &format, err) != STATUS_OK)
		return STATUS_FAILED;
	p = plan_new(place, "");
	r = arena_alloc(p->arena, sizeof *r);
	*r = (struct reporting){ .ca = arena_strdup(p->arena, w->ca->arn), .bucket = arena_strdup(p->arena, bucket), .format = format };
	p->subject = r;
	p->title = plan_text(p, "an audit report of “%s”", pca_name(p, &w->ca->subject));
	s = plan_add(p);
	s->what = plan_text(p, "ask for a report of every certificate, as %s, into the bucket %s", format, plan_shown(p, bucket));
	s->changes = plan_text(p, "a new file audit-report/… in the bucket %s", plan_shown(p, bucket));
	s->call = "acm-pca CreateCertificateAuthorityAuditReport";
	s->undo = "delete the file";
	aws_line_begin(&l, place, "REPORT", "acm-pca create-certificate-authority-audit-report");
	aws_line_option(&l, "--certificate-authority-arn", w->ca->arn);
	aws_line_option(&l, "--s3-bucket-name", bucket);
	aws_line_raw(&l, "--audit-report-response-format", format);
	aws_line_query(&l, "AuditReportId");
	s->command = aws_line_end(&l, p, NULL);
	s->apply = ask;
	s->subject = r;
	s = plan_add(p);
	s->what = "wait until it is there";
	s->reads = "how far AWS is, every 3 seconds, for 3 minutes at most";
	s->call = "acm-pca DescribeCertificateAuthorityAuditReport";
	aws_line_begin(&l, place, NULL, "acm-pca wait audit-report-created");
	aws_line_option(&l, "--certificate-authority-arn", w->ca->arn);
	aws_line_raw(&l, "--audit-report-id", "\"$REPORT\"");
	s->command = aws_line_end(&l, p, NULL);
	s->apply = wait;
	s->go_on = wait_later;
	s->subject = r;
	if (w->next != TIME_UNKNOWN && w->next > w->now)
		plan_note(p, "AWS makes one in 30 minutes for each CA: the next may be asked for at %s.", time_human(w->next, time));
	else
		plan_note(p, "AWS makes one in 30 minutes for each CA.");
	*out = p;
	return STATUS_OK;
}

const char *
pca_report_place(const struct plan *p)
{
	const struct reporting *r = p->subject;

	return r != NULL ? r->place : NULL;
}
