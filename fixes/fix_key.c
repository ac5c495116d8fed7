/* Our key and our certificate do not belong together, or others may read the key. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fixes/deeds.h"
#include "fixes/fix_parts.h"

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

/* "order.crt, line 30" is further down in the file itself: a file of its own is wanted. */
static bool
is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

status
fix_key(struct fixing *f, struct error *err)
{
	const struct cert *leaf = f->identity != NULL ? identity_leaf(f->identity) : NULL;
	const struct sibling *key = leaf != NULL ? matching_key(f->identity, leaf) : NULL;
	cJSON *args, *files, *file, *part;
	struct plan *p = f->plan;
	struct plan_step *s;

	(void)err;
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
	s->command = plan_text(p, "install -m 600 -b %s %s", plan_word(p, key->file), plan_word(p, f->key_path));
	plan_reaches(p, "%s on %s. UNKNOWN: whether the running service reads it; this mends the copy on %s only", plan_shown(p, f->key_path), f->w->host, f->w->host);
	p->reached = REACH_UNKNOWN;
	return STATUS_OK;
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
	plan_note(p, "Whoever read the key before still has it. If that may have happened: revoke the certificate (mtlscope pca revoke) and issue a new one.");
	plan_reaches(p, "%s on %s", plan_shown(p, path), f->w->host);
	p->reached = REACH_SEEN; /* there is nothing to deploy */
	return STATUS_OK;
}
