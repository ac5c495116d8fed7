#include "fixes/pca_report.h"

#include <string.h>
#include <strings.h>

#include "fixes/aws_line.h"
#include "fixes/deeds.h"
#include "fixes/pca_create.h"
#include "model/quote.h"
#include "model/times.h"

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

static cJSON *
report_args(const struct pca_report_wish *w, const char *bucket, const char *format)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "ca", w->ca->arn);
	cJSON_AddStringToObject(o, "bucket", bucket);
	if (format != NULL)
		cJSON_AddStringToObject(o, "format", format);
	return o;
}

status
pca_report_plan(const struct plan_place *place, const struct pca_report_wish *w, struct plan **out, struct error *err)
{
	const char *bucket, *format;
	char time[TIME_TEXT_MAX];
	struct plan_step *s;
	struct aws_line l;
	struct plan *p;

	*out = NULL;
	if (check(w, &bucket, &format, err) != STATUS_OK)
		return STATUS_FAILED;
	p = plan_new(place, "");
	p->title = plan_text(p, "an audit report of “%s”", pca_name(p, &w->ca->subject));
	s = plan_add_deed(p, &deed_ask_report, report_args(w, bucket, format));
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
	s = plan_add_deed(p, &deed_wait_report, report_args(w, bucket, NULL));
	s->what = "wait until it is there";
	s->reads = "how far AWS is, every 3 seconds, for 3 minutes at most";
	s->call = "acm-pca DescribeCertificateAuthorityAuditReport";
	aws_line_begin(&l, place, NULL, "acm-pca wait audit-report-created");
	aws_line_option(&l, "--certificate-authority-arn", w->ca->arn);
	aws_line_raw(&l, "--audit-report-id", "\"$REPORT\"");
	s->command = aws_line_end(&l, p, NULL);
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
	return plan_value(p, "report.place");
}
