/*
 * An audit report. Values: report.id, report.key, report.place ("s3://BUCKET/KEY").
 *
 * ask-report:  {"ca", "bucket", "format"}: report.id and report.key.
 * wait-report: {"ca", "bucket"}: report.place.
 */
#include <string.h>

#include "aws/pca.h"
#include "fixes/aws_line.h"
#include "fixes/deeds.h"
#include "model/text.h"

/* ---- ask-report ---- */

static status
ask(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *ca = step_arg(s, "ca"), *bucket = step_arg(s, "bucket"), *format = step_arg(s, "format"), *id = NULL, *key = NULL;
	struct aws_error why = { .kind = AWS_FINE };
	bool again = s->unsettled;

	if (plan_value(p, "report.id") != NULL)
		return STATUS_OK; /* of a run that was cut off after AWS's answer */
	if (ca == NULL || bucket == NULL || format == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "of whom the report is to be, and where, is not known");
	/* The call takes no token. Twice is harmless: AWS makes one in 30 minutes, and a second file has what the first had. */
	if (pca_create_report(p->place.client, ca, bucket, format, p->arena, &id, &key, &why) != STATUS_OK && again && why.kind == AWS_IN_PROGRESS)
		return error_set(err, ERROR_NOT_DONE, "plan", "AWS makes one report in 30 minutes, and the run that was cut off has got one, whose name its answer would have "
		    "told: it lies under audit-report/ in the bucket %s, and mtlscope pca sync reads it", plan_shown(p, bucket));
	if (id == NULL)
		return plan_change_failed(p, s, &why, "ask for an audit report", err);
	if (key != NULL && plan_set(p, s, "report.key", key, err) != STATUS_OK)
		return STATUS_FAILED;
	return plan_give(p, s, "report.id", id, "report", err);
}

static const char *
describe_later(struct plan *p, const struct plan_step *s)
{
	const char *id = plan_value(p, "report.id");

	if (id == NULL && !s->unsettled)
		return NULL;
	if (id == NULL)
		return "The report may have been asked for, AWS's answer did not come. mtlscope pca sync reads the newest one that is there.";
	p->go_on_command = aws_line_short(p, plan_text(p, "acm-pca describe-certificate-authority-audit-report --certificate-authority-arn %s --audit-report-id %s",
	    plan_word(p, step_arg(s, "ca")), plan_word(p, id)));
	return "The report was asked for, and AWS may still be writing it. The last line says how far it is.";
}

const struct deed deed_ask_report = {
	.name = "ask-report",
	.apply = ask,
	.go_on = describe_later,
	.aws = true,
};

/* ---- wait-report ---- */

static status
wait(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *id = plan_value(p, "report.id"), *bucket = step_arg(s, "bucket"), *key = plan_value(p, "report.key"), *place;
	struct plan_waiter waiter = { .plan = p, .step = s };
	struct pca_report got = { .status = NULL };
	struct aws_error why = { .kind = AWS_FINE };

	if (id == NULL || bucket == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "there is no report to wait for");
	if (pca_wait_report(p->place.client, step_arg(s, "ca"), id, plan_waits, &waiter, p->arena, &got, &why) != STATUS_OK)
		return plan_failed(p, &why, "wait for the audit report", err);
	if (got.status != NULL && strcmp(got.status, "SUCCESS") != 0)
		return error_set(err, ERROR_AWS, "plan", "AWS made no report: it says %s. Mostly it may not write into the bucket %s (s3:PutObject, "
		    "s3:PutObjectAcl, s3:GetBucketAcl, s3:GetBucketLocation for acm-pca.amazonaws.com)", plan_shown(p, got.status), plan_shown(p, bucket));
	place = plan_text(p, "s3://%s/%s", plan_shown(p, got.bucket != NULL ? got.bucket : bucket),
	    text_safe_arena(p->arena, text_of(got.key != NULL ? got.key : key), 0, NULL));
	return plan_give(p, s, "report.place", place, "file", err);
}

const struct deed deed_wait_report = {
	.name = "wait-report",
	.apply = wait,
	.go_on = describe_later,
	.aws = true,
};
