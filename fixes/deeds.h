/* Every deed there is, one line each. */
#ifndef FIXES_DEEDS_H
#define FIXES_DEEDS_H

#include "fixes/deed.h"

extern const struct deed deed_make_key;      /* fixes/deed_issue.c */
extern const struct deed deed_issue;
extern const struct deed deed_fetch;
extern const struct deed deed_write_files;   /* fixes/deed_files.c */
extern const struct deed deed_set_mode;
extern const struct deed deed_run;           /* fixes/deed_run.c */
extern const struct deed deed_see;           /* fixes/deed_see.c */
extern const struct deed deed_put_trust_store;       /* fixes/deed_trust_store.c */
extern const struct deed deed_put_domain_truststore; /* fixes/deed_domain_truststore.c */
extern const struct deed deed_set_listener_mtls;     /* fixes/deed_mtls.c */
extern const struct deed deed_set_execute_api;

#endif
