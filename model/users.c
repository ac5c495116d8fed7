#include "model/users.h"

#include <grp.h>
#include <pwd.h>

/* A group's entry holds its members too: of one that does not fit the number alone is known. */
enum { ROOM = 16384 };

const char *
name_of_user(uid_t user, struct arena *a)
{
	struct passwd entry, *found = NULL;
	char room[ROOM];

	return getpwuid_r(user, &entry, room, sizeof room, &found) == 0 && found != NULL ? arena_strdup(a, found->pw_name) : NULL;
}

const char *
name_of_group(gid_t group, struct arena *a)
{
	struct group entry, *found = NULL;
	char room[ROOM];

	return getgrgid_r(group, &entry, room, sizeof room, &found) == 0 && found != NULL ? arena_strdup(a, found->gr_name) : NULL;
}

bool
user_has_own_group(uid_t user, gid_t group)
{
	struct passwd entry, *found = NULL;
	char room[ROOM];

	return getpwuid_r(user, &entry, room, sizeof room, &found) == 0 && found != NULL && found->pw_gid == group;
}
