/* Names of this machine's users and groups. Beside other threads too: a console plans in one of its own. */
#ifndef MODEL_USERS_H
#define MODEL_USERS_H

#include <stdbool.h>
#include <sys/types.h>

#include "model/memory.h"

/* NULL: this machine knows none of that number. The name is the arena's, and not made printable. */
const char *name_of_user(uid_t user, struct arena *a);
const char *name_of_group(gid_t group, struct arena *a);
/* Is it the group that this user has by himself (passwd(5))? False where he is not known. */
bool user_has_own_group(uid_t user, gid_t group);

#endif
