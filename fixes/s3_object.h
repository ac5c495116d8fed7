/*
 * A text in S3 as part of a step that may be cut off anywhere and run again: put once, known by its version, and what lay there before
 * put back. Nothing is ever deleted.
 */
#ifndef FIXES_S3_OBJECT_H
#define FIXES_S3_OBJECT_H

#include "fixes/deed.h"

enum { S3_OBJECT_MOST = 4 << 20 }; /* bytes; a trust store is a few KB */

/*
 * Puts it, unless the plan knows that it did (the value `name` is its version, "" in a bucket that keeps none), or the newest object of
 * that key is these bytes. *version: in the plan's arena, NULL where there is none.
 */
status s3_object_put(struct plan *p, struct plan_step *s, const char *name, const char *bucket, const char *key, const char *text,
    const char **version, struct error *err) MUST_USE;
/* What lies there now, for `before`: {"there": …, "text": …}. *o is the caller's to keep. ERROR_INPUT: what no text can hold. */
status s3_object_look(struct plan *p, const char *bucket, const char *key, cJSON **o, struct error *err) MUST_USE;
/* That again, if what lies there is `ours`; somebody else's stays, and so does ours where nothing was before: nobody refers to it. */
status s3_object_put_back(struct plan *p, struct plan_step *s, const char *bucket, const char *key, const char *ours, const cJSON *o,
    const char **version, struct error *err) MUST_USE;

#endif
