#include "fixes/pca_revoke.h"

#include <ctype.h>
#include <string.h>

#include "fixes/aws_line.h"
#include "fixes/deed_target.h"
#include "fixes/deeds.h"
#include "fixes/pca_create.h"
#include "model/quote.h"
#include "model/times.h"

/* AWS's reasons (knowledge "aws" 1.1). There is no hold, and none is taken back. */
static const char *const reasons[] = { "UNSPECIFIED", "KEY_COMPROMISE", "CERTIFICATE_AUTHORITY_COMPROMISE", "AFFILIATION_CHANGED", "SUPERSEDED",
	"CESSATION_OF_OPERATION", "PRIVILEGE_WITHDRAWN", "A_A_COMPROMISE" };

/* Letters in either case, "-" and "_" are one. */
static bool
spelled(const char *typed, const char *word)
{
	for (; *typed != '\0' && *word != '\0'; typed++, word++) {
		char c = *typed == '-' ? '_' : (char)toupper((unsigned char)*typed);

		if (c != *word)
			return false;
	}
	return *typed == '\0' && *word == '\0';
}

static status
reason_of(const char *typed, const char **out, struct error *err)
{
	char shown[QUOTE_MAX];

	*out = reasons[0];
	if (typed == NULL)
		return STATUS_OK;
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		if (!spelled(typed, reasons[i]))
			continue;
		*out = reasons[i];
		return STATUS_OK;
	}
	return error_set(err, ERROR_USAGE, "options", "--reason %s: expected unspecified, key_compromise, certificate_authority_compromise, "
	    "affiliation_changed, superseded, cessation_of_operation, privilege_withdrawn or a_a_compromise", quote_str(typed, shown));
}

/* What it does and what it does not: nobody looks unless he is told where, and asks. */
static void
notes(struct plan *p, const struct pca_revoke_wish *w)
{
	const struct pca_revocation *r = &w->ca->revocation;
	char date[TIME_TEXT_MAX];

	if (!r->crl && !r->ocsp)
		plan_note(p, "“%s” publishes neither a revocation list nor OCSP: nobody will learn of it. Replace the certificate, and take trust away "
		    "where it must not be accepted any more.", pca_name(p, &w->ca->subject));
	if (r->crl)
		plan_note(p, "The revocation list is written about 30 minutes later; who has fetched one keeps it until it ends (%d days).",
		    r->crl_days > 0 ? r->crl_days : 7);
	if (r->ocsp)
		plan_note(p, "OCSP says so within 60 minutes; answers that are kept, and stapled ones, live on until they end.");
	if ((r->crl || r->ocsp) && r->omit_extension)
		plan_note(p, "Certificates of this CA carry no address of the list: only who was given it by hand finds it.");
	plan_note(p, "It stops only those who look. API Gateway never does; a load balancer only where the list was added to its trust store; nginx, Go, "
	    "Java and curl only where they are told to; sessions that are resumed are not asked again. A copy in ACM stays.");
	if (w->not_after != TIME_UNKNOWN && w->not_after < w->now)
		plan_note(p, "It has ended on %s already: AWS refuses to revoke what has expired.", time_date(w->not_after, date));
}

bool
pca_same_serial(const char *a, const char *b)
{
	while (*a == '0' || *a == ':')
		a++;
	while (*b == '0' || *b == ':')
		b++;
	for (; *a != '\0' && *b != '\0'; a++, b++) {
		a += *a == ':';
		b += *b == ':';
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
	}
	return *a == '\0' && *b == '\0';
}

/* Does the server refuse it now? That it does not is said, and is no failure: the certificate is revoked all the same. */
static void
add_try(struct plan *p, const struct pca_revoke_wish *w)
{
	cJSON *args = cJSON_CreateObject();
	struct plan_step *s;

	deed_target_args(args, w->try_at);
	if (w->cert != NULL)
		cJSON_AddStringToObject(args, "cert", plan_path(p, w->cert));
	if (w->key != NULL)
		cJSON_AddStringToObject(args, "key", plan_path(p, w->key));
	cJSON_AddStringToObject(args, "expects", "refused");
	s = plan_add_deed(p, &deed_try, args);
	s->what = plan_text(p, "show it to %s: does it refuse it now?", plan_shown(p, step_arg(s, "target")));
	s->reads = "one handshake with the revoked certificate";
}

status
pca_revoke_plan(const struct plan_place *place, const struct pca_revoke_wish *w, struct plan **out, struct error *err)
{
	struct plan *p;
	struct plan_step *s;
	struct aws_line l;
	const char *reason;
	cJSON *args;

	*out = NULL;
	if (reason_of(w->reason, &reason, err) != STATUS_OK)
		return STATUS_FAILED;
	if (strcmp(w->ca->type, "ROOT") == 0 && w->ca->serial != NULL && pca_same_serial(w->serial, w->ca->serial))
		return error_set(err, ERROR_USAGE, "plan", "this is the root's own certificate, and AWS revokes no root: whoever trusts it trusts it until it is "
		    "taken out of the trust stores; what stops it issuing is disabling the CA (aws acm-pca update-certificate-authority --status DISABLED)");
	p = plan_new(place, "");
	args = cJSON_CreateObject();
	cJSON_AddStringToObject(args, "ca", w->ca->arn);
	cJSON_AddStringToObject(args, "serial", w->serial);
	cJSON_AddStringToObject(args, "reason", reason);
	p->title = plan_text(p, "certificate %s of “%s” revoked", plan_shown(p, w->serial), pca_name(p, &w->ca->subject));
	s = plan_add_deed(p, &deed_revoke, args);
	s->what = w->name != NULL ? plan_text(p, "revoke “%s”, serial %s, reason %s", plan_shown(p, w->name), plan_shown(p, w->serial), reason)
	                          : plan_text(p, "revoke serial %s, reason %s", plan_shown(p, w->serial), reason);
	s->changes = "the certificate is revoked, for ever";
	s->call = "acm-pca RevokeCertificate";
	s->undo = "it cannot be undone: issue a new certificate";
	aws_line_begin(&l, place, NULL, "acm-pca revoke-certificate");
	aws_line_option(&l, "--certificate-authority-arn", w->ca->arn);
	aws_line_option(&l, "--certificate-serial", w->serial);
	aws_line_raw(&l, "--revocation-reason", reason);
	s->command = aws_line_end(&l, p, NULL);
	if (w->try_at != NULL)
		add_try(p, w);
	notes(p, w);
	*out = p;
	return STATUS_OK;
}

const char *
pca_revoke_reason(const struct plan *p)
{
	return step_arg(&p->steps[0], "reason");
}
