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
extern const struct deed deed_put_secret;    /* fixes/deed_secret.c */
extern const struct deed deed_put_parameter; /* fixes/deed_parameter.c */
extern const struct deed deed_import_acm, deed_import_acm_for_good; /* fixes/deed_acm.c */
extern const struct deed deed_hook, deed_hook_on_files; /* fixes/deed_hook.c */

#endif
