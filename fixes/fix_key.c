/* Our key and our certificate do not belong together, or others may read the key. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fixes/deeds.h"
#include "fixes/fix_parts.h"
#include "model/users.h"

/* The file beside it whose private key belongs to the leaf. */
static const struct sibling *
matching_key(const struct identity *id, const struct cert *leaf)
{
	for (size_t i = 0; i < id->siblings_len; i++) {
		if (id->siblings[i].is_key && fingerprint_equal(&id->siblings[i].spki, &leaf->key.spki))
			return &id->siblings[i];
	}
	return NULL;
}

/* The certificate beside it that the key at hand belongs to: then it is somebody's, and not only the wrong one. */
static const struct sibling *
owner_of_key(const struct identity *id)
{
	for (size_t i = 0; id->key != NULL && i < id->siblings_len; i++) {
		if (!id->siblings[i].is_key && fingerprint_equal(&id->siblings[i].spki, &id->key->pub.spki))
			return &id->siblings[i];
	}
	return NULL;
}

/* Written over, or given a second certificate, it would be missing where it belongs. */
static status
key_of_another(struct fixing *f, const char *whose, const struct sibling *ours)
{
	struct plan *p = f->plan;
	const char *name_it = f->ours ? "--key, or key: of its identity" : "serves: {key: …} in its fleet entry, and the service's own settings";

	f->settled = true;
	if (ours == NULL)
		return fix_by_hand(f, "%s is the key of %s, and stays. The one that belongs to %s is not beside it: name it (%s).", plan_shown(p, f->key_path), whose,
		    plan_shown(p, f->cert_path), name_it);
	return fix_by_hand(f, "%s is the key of %s, and stays. The one that belongs to %s is in %s: name that (%s).", plan_shown(p, f->key_path), whose, plan_shown(p, f->cert_path),
	    plan_shown(p, ours->file), name_it);
}

/* "order.crt, line 30" is further down in the file itself: a file of its own is wanted. */
static bool
is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* As the deed does it: the keys alone, owner and group as they are, the old file beside it. */
static const char *
by_hand(struct plan *p, const char *from, const char *to)
{
	const char *word = plan_word(p, to), *old = plan_word(p, plan_text(p, "%s.old", to)), *fresh = plan_word(p, plan_text(p, "%s.new", to));

	return plan_text(p, "cp -p %s %s && cp -p %s %s && chmod o= %s &&\nsed -n '/-BEGIN .*PRIVATE KEY-/,/-END .*PRIVATE KEY-/p' %s >%s && mv %s %s", word, old, word, fresh, fresh,
	    plan_word(p, from), fresh, fresh, word);
}

status
fix_key(struct fixing *f, struct error *err)
{
	const struct cert *leaf = f->identity != NULL ? identity_leaf(f->identity) : NULL;
	const struct sibling *key = leaf != NULL ? matching_key(f->identity, leaf) : NULL, *owner = leaf != NULL && !f->identity->matches ? owner_of_key(f->identity) : NULL;
	cJSON *args, *files, *file, *part;
	struct plan *p = f->plan;
	struct plan_step *s;

	(void)err;
	if (f->key_path != NULL && owner != NULL)
		return key_of_another(f, plan_shown(p, owner->file), key);
	if (f->key_path != NULL && fix_key_shared_with(f) != NULL)
		return key_of_another(f, plan_text(p, "“%s” too", plan_shown(p, fix_key_shared_with(f))), key);
	if (f->cert_path == NULL || key == NULL || !is_file(key->file) || f->key_path == NULL || strcmp(f->key_path, f->cert_path) == 0)
		return fix_by_hand(f, "No file beside %s has the key that belongs to it.", f->cert_path != NULL ? plan_shown(p, f->cert_path) : "the certificate");
	args = cJSON_CreateObject();
	files = cJSON_AddArrayToObject(args, "files");
	file = cJSON_CreateObject();
	cJSON_AddStringToObject(file, "path", plan_path(p, f->key_path));
	cJSON_AddTrueToObject(file, "secret");
	part = cJSON_CreateObject();
	cJSON_AddStringToObject(part, "keys_of", plan_path(p, key->file));
	cJSON_AddItemToArray(cJSON_AddArrayToObject(file, "parts"), part);
	cJSON_AddItemToArray(files, file);
	p->title = plan_text(p, "the key that belongs to %s", plan_shown(p, f->cert_path));
	s = plan_add_deed(p, &deed_write_files, args);
	s->what = plan_text(p, "put the key of %s into %s", plan_shown(p, key->file), plan_shown(p, f->key_path));
	s->reads = plan_text(p, "%s, whose public key is the one in the certificate", plan_shown(p, key->file));
	s->changes = plan_text(p, "%s; the old one is kept beside it", plan_shown(p, f->key_path));
	s->undo = "the old file is renamed back";
	s->command = by_hand(p, key->file, f->key_path);
	if (!f->ours && f->w->entry != NULL) {
		/* `serves` in the configuration says who reads it: it has to be told, and the look that follows the plan sees whether it does. */
		plan_reaches(p, "%s on %s: “%s” reads it (serves)", plan_shown(p, f->key_path), f->w->host, plan_shown(p, f->w->entry->name));
		p->reached = REACH_TOLD;
		fix_add_reload(f, f->w->entry);
		return STATUS_OK;
	}
	plan_reaches(p, "%s on %s. UNKNOWN: whether the running service reads it; this mends the copy on %s only", plan_shown(p, f->key_path), f->w->host, f->w->host);
	p->reached = REACH_UNKNOWN;
	return STATUS_OK;
}

static bool
same_file(const char *a, const char *b)
{
	struct stat one, two;

	return a != NULL && b != NULL && stat(a, &one) == 0 && stat(b, &two) == 0 && one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

const char *
fix_key_shared_with(const struct fixing *f)
{
	const struct config *c = f->w->config;
	const char *key = f->key_path;

	for (size_t i = 0; c != NULL && i < c->identities_len; i++) {
		const struct config_identity *id = &c->identities[i];

		if (id->cert != NULL && same_file(id->key != NULL ? id->key : id->cert, key) && !same_file(id->cert, f->cert_path))
			return id->name;
	}
	for (size_t i = 0; c != NULL && i < c->fleet_len; i++) {
		const struct config_serves *s = &c->fleet[i].serves;

		if (s->cert != NULL && same_file(s->key != NULL ? s->key : s->cert, key) && !same_file(s->cert, f->cert_path))
			return c->fleet[i].name;
	}
	return NULL;
}

/* A group that was given the key on purpose is often the service's way to it. An owner's own group is nobody else. */
static void
note_group(struct plan *p, const char *path)
{
	const char *group;
	struct stat st;

	if (stat(path, &st) != 0 || (st.st_mode & S_IRGRP) == 0 || user_has_own_group(st.st_uid, st.st_gid))
		return;
	group = name_of_group(st.st_gid, p->arena);
	plan_note(p, "The group %s may read %s now, and may not afterwards. Where the service reads it as a member of that group, it cannot start any more: let the service's own user own it instead.",
	    group != NULL ? plan_shown(p, group) : plan_text(p, "%lu", (unsigned long)st.st_gid), plan_shown(p, path));
}

status
fix_mode(struct fixing *f, struct error *err)
{
	const char *path = f->key_path != NULL ? f->key_path : f->cert_path;
	struct plan *p = f->plan;
	cJSON *args = cJSON_CreateObject();
	struct plan_step *s;

	(void)err;
	cJSON_AddStringToObject(args, "path", plan_path(p, path));
	cJSON_AddNumberToObject(args, "mode", 0600);
	p->title = plan_text(p, "nobody else reads %s", plan_shown(p, path));
	s = plan_add_deed(p, &deed_set_mode, args);
	s->what = plan_text(p, "set the mode of %s to 0600", plan_shown(p, path));
	s->changes = "group and others may not read it any more";
	s->undo = plan_text(p, "the mode %04o again", f->identity != NULL ? f->identity->key_mode : 0644);
	s->command = plan_text(p, "chmod 600 %s", plan_word(p, path));
	note_group(p, path);
	plan_note(p, "Whoever read the key before still has it. If that may have happened: revoke the certificate (mtlscope pca revoke) and issue a new one.");
	plan_reaches(p, "%s on %s", plan_shown(p, path), f->w->host);
	p->reached = REACH_SEEN; /* there is nothing to deploy */
	return STATUS_OK;
}
