/*
 * Waiters (knowledge "aws" 1.2): issuing is asynchronous, as are a new CA's CSR and a report. They ask as often and as long
 * as AWS's own do, and no longer: moto answers RequestInProgress for ever once a certificate is revoked. What was asked for
 * is not asked for again (each certificate is billed): when the time is up, its ARN still stands.
 */
#include "aws/pca_wait.h"

#include <stdio.h>
#include <string.h>

#include "model/limits.h"

/* One question: AWS_IN_PROGRESS means later. */
struct wait {
	struct aws_client *client;
	const char *ca, *id;   /* id: a certificate's ARN, a report's */
	struct arena *arena;
	void *out;
	status (*ask)(const struct wait *w, struct aws_error *err);
	const char *what;      /* "the certificate": for the error */
	const char *operation;
};

/* With what AWS said last: moto says there that the certificate has been revoked. */
static status
gave_up(const struct wait *w, struct pca_pace pace, const struct aws_error *last, struct aws_error *err)
{
	aws_error_set(err, AWS_IN_PROGRESS, last->code, "AWS has not finished %s after %u s (“%s”); it is not lost, and can be asked for later: %s",
	    w->what, pace.every_ms * (pace.tries - 1) / 1000, last->message, w->id != NULL ? w->id : w->ca);
	if (err->operation[0] == '\0')
		snprintf(err->operation, sizeof err->operation, "acm-pca %s", w->operation);
	return STATUS_FAILED;
}

/* The first times sooner: most of it is done within a second, and a person waits. */
static unsigned
pause_of(struct pca_pace pace, unsigned tries)
{
	enum { SOONEST_MS = 60, DOUBLINGS = 6 };
	unsigned ms = tries <= DOUBLINGS ? (unsigned)SOONEST_MS << (tries - 1) : pace.every_ms;

	return ms < pace.every_ms ? ms : pace.every_ms;
}

static status
wait_until(const struct wait *w, struct pca_pace pace, pca_waiting tell, void *user, struct aws_error *err)
{
	struct aws_error last = { 0 };

	for (unsigned i = 1; i <= pace.tries; i++) {
		struct aws_error now = { 0 };

		if (w->ask(w, &now) == STATUS_OK)
			return STATUS_OK;
		if (now.kind != AWS_IN_PROGRESS) {
			if (err->kind == AWS_FINE)
				*err = now;
			return STATUS_FAILED;
		}
		last = now;
		if (tell != NULL)
			tell(user, i, pace.tries);
		if (i < pace.tries && aws_client_wait(w->client, pause_of(pace, i), err) != STATUS_OK)
			return STATUS_FAILED;
	}
	return gave_up(w, pace, &last, err);
}

static status
ask_certificate(const struct wait *w, struct aws_error *err)
{
	return pca_get_certificate(w->client, w->ca, w->id, w->arena, w->out, err);
}

static status
ask_csr(const struct wait *w, struct aws_error *err)
{
	return pca_get_csr(w->client, w->ca, w->arena, w->out, err);
}

/* A report says how far it is in its answer, not as an error. */
static status
ask_report(const struct wait *w, struct aws_error *err)
{
	struct pca_report *report = w->out;

	if (pca_describe_report(w->client, w->ca, w->id, w->arena, report, err) != STATUS_OK)
		return STATUS_FAILED;
	if (strcmp(report->status, "SUCCESS") == 0)
		return STATUS_OK;
	if (strcmp(report->status, "CREATING") == 0)
		return aws_error_set(err, AWS_IN_PROGRESS, NULL, "the report is being made");
	return aws_error_set(err, AWS_OTHER, NULL, "AWS could not write the audit report: may acm-pca.amazonaws.com put objects into its bucket?");
}

status
pca_wait_certificate_at(struct pca_pace pace, struct aws_client *c, const char *ca, const char *arn, pca_waiting tell, void *user,
    struct arena *a, struct pca_certificate *out, struct aws_error *err)
{
	const struct wait w = { .client = c, .ca = ca, .id = arn, .arena = a, .out = out, .ask = ask_certificate, .what = "the certificate",
		.operation = "GetCertificate" };

	return wait_until(&w, pace, tell, user, err);
}

status
pca_wait_csr_at(struct pca_pace pace, struct aws_client *c, const char *ca, pca_waiting tell, void *user, struct arena *a, const char **pem,
    struct aws_error *err)
{
	const struct wait w = { .client = c, .ca = ca, .arena = a, .out = pem, .ask = ask_csr, .what = "the CA and its CSR",
		.operation = "GetCertificateAuthorityCsr" };

	return wait_until(&w, pace, tell, user, err);
}

status
pca_wait_report_at(struct pca_pace pace, struct aws_client *c, const char *ca, const char *id, pca_waiting tell, void *user, struct arena *a,
    struct pca_report *out, struct aws_error *err)
{
	const struct wait w = { .client = c, .ca = ca, .id = id, .arena = a, .out = out, .ask = ask_report, .what = "the audit report",
		.operation = "DescribeCertificateAuthorityAuditReport" };

	return wait_until(&w, pace, tell, user, err);
}

status
pca_wait_certificate(struct aws_client *c, const char *ca, const char *arn, pca_waiting tell, void *user, struct arena *a,
    struct pca_certificate *out, struct aws_error *err)
{
	return pca_wait_certificate_at((struct pca_pace){ LIMIT_PCA_ISSUE_MS, LIMIT_PCA_WAITS }, c, ca, arn, tell, user, a, out, err);
}

status
pca_wait_csr(struct aws_client *c, const char *ca, pca_waiting tell, void *user, struct arena *a, const char **pem, struct aws_error *err)
{
	return pca_wait_csr_at((struct pca_pace){ LIMIT_PCA_SLOW_MS, LIMIT_PCA_WAITS }, c, ca, tell, user, a, pem, err);
}

status
pca_wait_report(struct aws_client *c, const char *ca, const char *id, pca_waiting tell, void *user, struct arena *a,
    struct pca_report *out, struct aws_error *err)
{
	return pca_wait_report_at((struct pca_pace){ LIMIT_PCA_SLOW_MS, LIMIT_PCA_WAITS }, c, ca, id, tell, user, a, out, err);
}
