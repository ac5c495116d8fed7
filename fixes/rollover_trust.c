/* The new root beside the old one in every bundle; at the end the old one out of it. Only bundles that are files of this machine are written from here. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixes/rollover_parts.h"
#include "fixes/trust.h"
#include "model/quote.h"

/* A bundle of the fleet. */
struct bundle_of {
	const char *service, *file;
	const struct config_entry *entry; /* NULL: an identity's */
	bool served;                      /* the running service reads this very file */
};

/* What is to happen with each. */
struct change_of {
	const struct cert *add, *remove;
	const char *order;   /* "add the new root to", for whoever must do it by hand */
	const struct cert *beside; /* what is taken out goes only where this one is in; NULL: anywhere */
	const char *beside_name;
};

struct spreading {
	struct rolling *m;
	struct change_of change;
	const char **done;   /* real paths: several may read the same file */
	size_t done_len, done_cap;
};

static bool
seen_before(struct spreading *s, const char *file)
{
	char real[PATH_MAX];
	const char *path = realpath(file, real) != NULL ? real : file;

	for (size_t i = 0; i < s->done_len; i++) {
		if (strcmp(s->done[i], path) == 0)
			return true;
	}
	s->done = arena_grow(s->m->arena, s->done, s->done_len, &s->done_cap, sizeof *s->done);
	s->done[s->done_len++] = arena_strdup(s->m->arena, path);
	return false;
}

static bool
holds_a_child(const struct rolling *m, const struct trust *t)
{
	for (size_t i = 0; i < m->anchors.children_len; i++) {
		if (m->anchors.children[i] != NULL && trust_has(t, m->anchors.children[i]))
			return true;
	}
	return false;
}

/* Is there anything to change in it? A bundle that has nothing to do with the old root is none of ours. */
static bool
concerns(const struct spreading *s, const struct trust *t)
{
	const struct rolling *m = s->m;

	if (s->change.add != NULL)
		return !trust_has(t, s->change.add) && (trust_has(t, m->anchors.old_root) || holds_a_child(m, t));
	return trust_has(t, s->change.remove);
}

static status
change_bundle(struct spreading *s, const struct bundle_of *b, bool *changed, struct error *err)
{
	struct rolling *m = s->m;
	struct trust_wish w = { .kind = TRUST_FILE, .where = b->file, .service = b->service, .add = s->change.add, .remove = s->change.remove,
		.read_by_service = b->served };
	struct error unread = { .code = ERROR_NONE };
	const char *service = plan_shown(m->plan, b->service), *file = plan_shown(m->plan, b->file);
	struct trust *t = NULL;
	size_t before = m->plan->len;
	bool ours, bare;

	if (trust_load(b->file, NULL, &t, &unread) != STATUS_OK) {
		rollover_by_hand(m, "%s: %s %s, which cannot be read here", service, s->change.order, file);
		return STATUS_OK;
	}
	ours = concerns(s, t);
	bare = s->change.beside != NULL && !trust_has(t, s->change.beside);
	trust_free(t);
	if (!ours || seen_before(s, b->file))
		return STATUS_OK;
	/* Whatever the wire said: once it reads that file again it would let nobody in. */
	if (bare) {
		rollover_by_hand(m, "%s: %s does not hold “%s”, and stays as it is until it does", service, file, plan_shown(m->plan, s->change.beside_name));
		return STATUS_OK;
	}
	if (access(b->file, W_OK) != 0) {
		rollover_by_hand(m, "%s: %s %s, which cannot be written from here", service, s->change.order, file);
		return STATUS_OK;
	}
	if (!rollover_has_room(m))
		return STATUS_OK;
	if (trust_steps(m->plan, &w, err) != STATUS_OK)
		return STATUS_FAILED;
	*changed = *changed || m->plan->len > before;
	return STATUS_OK;
}

static status
of_entry(struct spreading *s, const struct config_entry *e, bool *changed, struct error *err)
{
	const char *upstreams = rollover_upstreams(s->m->w->config, e);
	struct bundle_of b = { .service = e->name, .file = e->serves.trust, .entry = e, .served = true };

	if (b.file != NULL && change_bundle(s, &b, changed, err) != STATUS_OK)
		return STATUS_FAILED;
	b.file = upstreams;
	b.served = e->serves.upstreams != NULL;
	return b.file != NULL ? change_bundle(s, &b, changed, err) : STATUS_OK;
}

/* The root that stands beside an identity in AWS is a member of its secret: its owner's to change, with all that else is in it. */
static void
say_of_kept(struct spreading *s, const struct config_identity *id)
{
	const struct rollover_service *known = rollover_find(s->m->w->r, id->name);
	bool lacks = known != NULL && known->cells[ROLLOVER_CLIENT].answer == ROLLOVER_NO, keeps = known != NULL && known->cells[ROLLOVER_KEEPS].answer == ROLLOVER_YES;

	if (s->change.add != NULL ? lacks : s->change.remove == s->m->anchors.old_root && keeps)
		rollover_by_hand(s->m, "%s: %s what stands as its root in the %s %s", plan_shown(s->m->plan, id->name), s->change.order, id->secret != NULL ? "secret" : "parameter",
		    plan_shown(s->m->plan, id->secret != NULL ? id->secret : id->parameter));
}

/* A bundle that AWS keeps. API Gateway wants every intermediate of the new root too (knowledge "aws" 4.2). */
static status
change_in_aws(struct spreading *s, struct error *err)
{
	const struct rollover_wish *w = s->m->w;
	struct trust_wish t = { .kind = w->trust_store != NULL ? TRUST_ALB : TRUST_APIGATEWAY, .where = w->trust_store != NULL ? w->trust_store : w->domain,
		.service = w->only_len == 1 ? w->only[0] : NULL, .add = s->change.add, .remove = s->change.remove, .only_beside = s->change.beside,
		.bucket = w->bucket };
	const struct cert **also = arena_array(s->m->arena, s->m->anchors.children_len + 1, sizeof(struct cert *));

	for (size_t i = 0; i < s->m->anchors.children_len && t.add != NULL && t.kind == TRUST_APIGATEWAY; i++) {
		if (s->m->anchors.twins[i] != NULL)
			also[t.also_len++] = s->m->anchors.twins[i];
	}
	t.also = also;
	return trust_steps(s->m->plan, &t, err);
}

/* Their files are changed, and nothing is configured that makes them read them. As servers the wire shows it then; as clients nothing does. */
static void
say_who_reads_again(struct rolling *m, const bool *touched)
{
	enum { SHOWN = 5 };
	const struct config *c = m->w->config;
	struct buf names = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < c->fleet_len; i++) {
		if (!touched[i] || c->fleet[i].install.reload != NULL || c->fleet[i].install.hook != NULL)
			continue;
		if (n++ < SHOWN)
			buf_addf(&names, "%s%s", n > 1 ? ", " : "", plan_shown(m->plan, c->fleet[i].name));
	}
	if (n > SHOWN)
		buf_addf(&names, " and %zu more", n - SHOWN);
	if (n > 0)
		rollover_by_hand(m, "%s: let %s read the bundles again, no command for it is configured (install: {reload: …})", buf_str(&names), n == 1 ? "it" : "them");
	buf_done(&names);
}

/* Every bundle of the fleet; *touched: the entries whose files were changed, to be reloaded after all files are written. */
static status
spread(struct spreading *s, struct error *err)
{
	const struct config *c = s->m->w->config;
	bool *touched = mem_zero(c->fleet_len + 1, sizeof *touched), ignored = false;
	status result = STATUS_OK;

	if (s->m->w->trust_store != NULL || s->m->w->domain != NULL) {
		free(touched);
		return change_in_aws(s, err);
	}
	for (size_t i = 0; i < c->fleet_len && result == STATUS_OK; i++) {
		if (rollover_meant(s->m, c->fleet[i].name))
			result = of_entry(s, &c->fleet[i], &touched[i], err);
	}
	for (size_t i = 0; i < c->identities_len && result == STATUS_OK; i++) {
		const struct config_identity *id = &c->identities[i];
		struct bundle_of b = { .service = id->name, .file = id->trust };

		const struct config_entry *its = config_entry(c, id->name);

		if (!rollover_meant(s->m, id->name))
			continue;
		/* The files of an entry's client side were done with the entry. */
		if (id->trust != NULL && its == NULL)
			result = change_bundle(s, &b, &ignored, err);
		else if (id->cert == NULL && (its == NULL || rollover_upstreams(c, its) == NULL))
			say_of_kept(s, id);
	}
	for (size_t i = 0; i < c->fleet_len && result == STATUS_OK; i++) {
		if (touched[i])
			rollover_reload(s->m, &c->fleet[i]);
	}
	if (result == STATUS_OK)
		say_who_reads_again(s->m, touched);
	free(touched);
	return result;
}

/* Who says NO or ?? and has no bundle that could be written from here: its owner must know. */
static void
say_the_rest(struct rolling *m)
{
	const struct config *c = m->w->config;

	for (size_t i = 0; i < c->fleet_len; i++) {
		const struct rollover_service *s = rollover_find(m->w->r, c->fleet[i].name);

		if (s == NULL || !rollover_meant(m, s->name) || c->fleet[i].serves.trust != NULL)
			continue;
		if (s->cells[ROLLOVER_SERVER].answer == ROLLOVER_NO || s->cells[ROLLOVER_SERVER].answer == ROLLOVER_UNKNOWN)
			rollover_by_hand(m, "%s: where its bundle lies is not configured (serves: {trust: …}); the new root must be in it. Behind a load balancer or API Gateway: "
			    "--next --only %s --trust-store NAME --bucket BUCKET, or --domain NAME", plan_shown(m->plan, s->name), plan_word(m->plan, s->name));
	}
}

/* Its files hold the new root, and it still refuses: nothing is to be written, it must read them again. */
static void
say_who_must_reload(struct rolling *m)
{
	const struct config *c = m->w->config;

	for (size_t i = 0; i < c->fleet_len; i++) {
		const struct config_entry *e = &c->fleet[i];
		const struct rollover_service *s = rollover_find(m->w->r, e->name);
		struct error err = { .code = ERROR_NONE };
		struct trust *t = NULL;

		if (s == NULL || s->cells[ROLLOVER_SERVER].answer != ROLLOVER_NO || e->serves.trust == NULL || !rollover_meant(m, e->name))
			continue;
		if (trust_load(e->serves.trust, NULL, &t, &err) == STATUS_OK && trust_has(t, m->anchors.new_root)) {
			rollover_reload(m, e);
			if (e->install.reload == NULL)
				rollover_by_hand(m, "%s: its bundle holds the new root, and it still refuses clients of it; let it read its files again", plan_shown(m->plan, e->name));
		}
		trust_free(t);
	}
}

static const char *
where(const struct rolling *m)
{
	return m->w->trust_store != NULL ? "a load balancer's trust store" : m->w->domain != NULL ? "API Gateway's truststore" : "the bundles of this machine";
}

status
rollover_trust(struct rolling *m, struct error *err)
{
	struct spreading s = { .m = m, .change = { .add = m->anchors.new_root, .order = "add the new root to" } };
	status result;

	if (m->anchors.new_root == NULL)
		return error_set(err, ERROR_INTERNAL, "roll-over", "there is no new root to be trusted yet");
	m->plan->title = plan_text(m->plan, "“%s” beside the old root, in %s", plan_shown(m->plan, m->w->r->new_root.name), where(m));
	result = spread(&s, err);
	if (result == STATUS_OK && m->w->trust_store == NULL && m->w->domain == NULL) {
		say_who_must_reload(m);
		say_the_rest(m);
	}
	if (result == STATUS_OK) {
		plan_note(m->plan, "The old root stays in every bundle: what is trusted now is trusted afterwards.");
	}
	return result;
}

status
rollover_remove(struct rolling *m, struct error *err)
{
	struct spreading s = { .m = m, .change = { .remove = m->anchors.old_root, .beside = m->anchors.new_root, .beside_name = m->w->r->new_root.name,
		.order = "take the old root out of" } };

	m->plan->title = plan_text(m->plan, "“%s” out of %s", plan_shown(m->plan, m->w->r->old_root.name), where(m));
	plan_note(m->plan, "Who is not in this fleet was not measured: a client or a server elsewhere that still needs “%s” fails from then on. mtlscope pca certs "
	    "lists what its CAs have issued.", plan_shown(m->plan, m->w->r->old_root.name));
	/* A renewal must not bring the old chain back. */
	if (m->w->trust_store == NULL && m->w->domain == NULL && rollover_import_twins(m, err) != STATUS_OK)
		return STATUS_FAILED;
	return spread(&s, err);
}

status
rollover_untrust(struct rolling *m, struct error *err)
{
	struct spreading s = { .m = m, .change = { .remove = m->anchors.new_root, .order = "take the new root out of" } };

	if (m->anchors.new_root == NULL)
		return STATUS_OK;
	m->plan->title = plan_text(m->plan, "“%s” out of %s again", plan_shown(m->plan, m->w->r->new_root.name), where(m));
	return spread(&s, err);
}
