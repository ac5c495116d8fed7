/* What is to be done by hand, where no plan of ours can do it: clocks, and the settings of servers that are somebody's. */
#include <string.h>

#include "fixes/enforce.h"
#include "fixes/fix_parts.h"
#include "model/mend.h"

/* Which clock, by how much, how it is set, and when a certificate is dated back instead. */
static const char *
clock_words(struct fixing *f)
{
	const struct clocks *c = &f->w->diagnosis->evidence->clocks;
	const char *whose = f->finding->code == CODE_CLOCK_SERVER_SKEW ? "the server" : "this machine";
	const bool theirs = f->finding->code == CODE_CLOCK_SERVER_SKEW && c->server_known;
	struct buf b = { 0 };
	const char *out;

	buf_addf(&b, "%s", f->finding->title);
	if (theirs)
		buf_addf(&b, " (%s, give or take %lld s)", c->server_source, (long long)(c->server_uncertainty_ms / 1000));
	buf_adds(&b, ". ");
	buf_addf(&b, "On %s: `timedatectl set-ntp true` (systemd-timesyncd), or `chronyc makestep` where chrony keeps it; `timedatectl timesync-status` and "
	    "`chronyc tracking` show whether it holds. In a container it is the host's clock that is set. ", whose);
	/* A clock that is ahead finds things expired: against that no date helps. */
	if (!theirs || c->server_offset_ms < 0)
		buf_adds(&b, "Where it cannot be set, a certificate can be dated back: AWS dates each an hour back by itself, and further with ValidityNotBefore "
		    "(IssueCertificate, an API passthrough template). That helps against “not yet valid”, not against “expired”.");
	out = arena_strdup(f->arena, buf_str(&b));
	buf_done(&b);
	return out;
}

static struct paste_case
facts_of(const struct fixing *f)
{
	const struct evidence *e = f->w->diagnosis->evidence;
	const struct config_entry *entry = f->w->entry;

	return (struct paste_case){ .side = PASTE_SERVER, .name = target_name(&e->target), .port = e->target.port, .domain = f->w->domain,
		.trust_store_arn = f->w->trust_store, .listener_arn = f->w->listener, .cert = entry != NULL ? entry->serves.cert : NULL,
		.key = entry != NULL ? entry->serves.key : NULL, .trust = entry != NULL ? entry->serves.trust : NULL,
		.depth = e->identity != NULL && e->identity->len > 1 ? (unsigned)e->identity->len - 1 : 0 };
}

const char *
fix_words(struct fixing *f)
{
	enum code code = f->finding->code;
	struct error unimportant = { .code = ERROR_NONE };
	struct paste_case facts = facts_of(f);
	const char *text = NULL;

	if (code == CODE_CLOCK_LOCAL_SKEW || code == CODE_CLOCK_SERVER_SKEW || code == CODE_CLOCK_UNSYNCHRONISED)
		return clock_words(f);
	if (enforce_knows(code))
		text = enforce_text(code, &f->w->diagnosis->stack, &facts, f->arena, &unimportant);
	if (text != NULL)
		return text;
	if (code == CODE_ROOT_EXPIRED || code == CODE_ROOT_EXPIRING || code == CODE_CLIENT_ROOT_EXPIRING)
		return arena_printf(f->arena, "%s: mtlscope rollover CA shows the three ways, and what each costs.", mend_words(f->w->diagnosis, f->finding, f->arena));
	return arena_printf(f->arena, "%s.", mend_words(f->w->diagnosis, f->finding, f->arena));
}
