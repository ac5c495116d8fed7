#include "cli/cut_off.h"

#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "fixes/plan_store.h"
#include "model/identity.h"
#include "probes/examine.h"

enum { PLANS_MOST = 100 }; /* the newest: who leaves more of them lying about knows of it */

static bool
changes_files_of(const struct plan *p, const struct settings *s)
{
	for (size_t i = 0; i < s->targets.len; i++) {
		const struct identity *id = s->roles[i].identity;

		if (id != NULL && ((id->cert_path != NULL && plan_changes_file(p, id->cert_path)) || (id->key_path != NULL && plan_changes_file(p, id->key_path))))
			return true;
	}
	return false;
}

static void
tell(struct changes *c, int64_t id, const struct settings *s)
{
	struct error unimportant = { .code = ERROR_NONE };
	struct plan *p = NULL;
	long long n = (long long)id;

	if (plan_recorded(c, id, world_real(), &p, &unimportant) != STATUS_OK)
		return;
	if (changes_files_of(p, s) && p->state == PLAN_GOES_BACK)
		complain("plan %lld changes these files and was cut off on its way back; they may not belong together now: mtlscope resume %lld --apply goes on with it", n, n);
	else if (changes_files_of(p, s))
		complain("plan %lld changes these files and was cut off; they may not belong together now: mtlscope resume %lld --apply goes on with it, "
		    "mtlscope undo %lld --apply brings back what was before", n, n, n);
	plan_free(p);
}

void
cut_off_tell(const struct settings *s)
{
	const struct world *w = world_real();
	struct error unimportant = { .code = ERROR_NONE };
	struct arena *a = arena_new();
	struct changes *c = NULL;
	struct change *list;
	size_t len = 0;

	if (changes_exist(NULL, w) && changes_open(NULL, w, &c, &unimportant) == STATUS_OK && changes_list(c, true, PLANS_MOST, a, &list, &len, &unimportant) != STATUS_OK)
		len = 0;
	for (size_t i = 0; i < len; i++) {
		bool begun = strcmp(list[i].state, "applying") == 0 || strcmp(list[i].state, "undoing") == 0;

		if (begun && changes_is_free(c, list[i].id))
			tell(c, list[i].id, s);
	}
	changes_close(c);
	arena_free(a);
}
