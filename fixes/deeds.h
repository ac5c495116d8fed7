/* Every deed there is, one line each. */
#ifndef FIXES_DEEDS_H
#define FIXES_DEEDS_H

#include "fixes/deed.h"

extern const struct deed deed_make_key;      /* fixes/deed_issue.c */
extern const struct deed deed_issue;
extern const struct deed deed_fetch;
/*
 * The user has found what a step `issue` in doubt has issued (the CA's audit report lists it): the plan goes on with this ARN, if it is of the plan's
 * request. ERROR_USAGE: no step of the plan waits for that.
 */
status deed_issue_told(struct plan *p, const char *arn, struct error *err) MUST_USE;
struct cert;
struct csr_findings;
/* What differs between what this step `fetch` was to bring and what came; into the plan's arena. */
status deed_fetch_differences(struct plan *p, const struct plan_step *s, const struct cert *leaf, struct csr_findings *out, struct error *err) MUST_USE;
extern const struct deed deed_write_files;   /* fixes/deed_files.c */
extern const struct deed deed_set_mode;
extern const struct deed deed_run;           /* fixes/deed_run.c */
extern const struct deed deed_see;           /* fixes/deed_see.c */
struct evidence;
/* What the server sent, as that step compares it: fingerprints; "": nothing. Into `a`. */
const char *deed_see_served(const struct evidence *e, struct arena *a);
extern const struct deed deed_put_secret;    /* fixes/deed_secret.c */
extern const struct deed deed_put_trust_store;       /* fixes/deed_trust_store.c */
extern const struct deed deed_put_domain_truststore; /* fixes/deed_domain_truststore.c */
extern const struct deed deed_set_listener_mtls;     /* fixes/deed_mtls.c */
extern const struct deed deed_set_execute_api;
extern const struct deed deed_reimport_ca;   /* fixes/deed_reimport.c */
extern const struct deed deed_create_ca;     /* fixes/deed_ca.c */
extern const struct deed deed_set_ca_status;
extern const struct deed deed_ca_csr;        /* fixes/deed_ca_sign.c */
extern const struct deed deed_sign_ca;
extern const struct deed deed_import_ca;
extern const struct deed deed_make_folder;   /* fixes/deed_folder.c */
extern const struct deed deed_revoke;        /* fixes/deed_revoke.c */
extern const struct deed deed_ask_report;    /* fixes/deed_report.c */
extern const struct deed deed_wait_report;
extern const struct deed deed_sync_reports;  /* fixes/deed_sync.c */
struct sync_result;
/* What the plan's step sync-reports found, out of its values, into `a`. False: it was not done. */
bool deed_sync_result(const struct plan *p, struct arena *a, struct sync_result *out);

extern const struct deed deed_try;           /* fixes/deed_try.c */
extern const struct deed deed_put_parameter; /* fixes/deed_parameter.c */
extern const struct deed deed_import_acm, deed_import_acm_for_good; /* fixes/deed_acm.c */
extern const struct deed deed_hook, deed_hook_on_files; /* fixes/deed_hook.c */

#endif
