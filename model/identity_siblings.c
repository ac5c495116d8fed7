/* The other half of a key or certificate is often in the same folder: last year's file, or another service's. */
#include "model/identity_load.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/input.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/text.h"
#include "model/token.h"

#define PATH_SHOWN 4096

struct search {
	struct identity *to;
	const char *skip[2]; /* our own files */
	size_t cap;
	size_t files;
};

static void
add(struct search *s, const char *file, bool is_key, const struct fingerprint *spki, const char *label)
{
	struct identity *to = s->to;

	to->siblings = arena_grow(to->arena, to->siblings, to->siblings_len, &s->cap, sizeof *to->siblings);
	to->siblings[to->siblings_len++] = (struct sibling){
		.file = file,
		.is_key = is_key,
		.spki = *spki,
		.label = arena_strdup(to->arena, label),
	};
}

static void
add_objects(struct search *s, const struct objects *o, const char *file)
{
	for (size_t i = 0; i < o->len; i++) {
		const struct object *at = &o->items[i];

		if (at->kind == OBJECT_CERT)
			add(s, file, false, &at->cert->key.spki, at->cert->subject.safe);
		else if (at->kind == OBJECT_KEY && at->key->is_private)
			add(s, file, true, &at->key->pub.spki, at->key->pub.label);
	}
}

static bool
is_candidate(const struct search *s, const char *path, struct stat *sb)
{
	struct stat own;

	if (stat(path, sb) != 0 || !S_ISREG(sb->st_mode) || sb->st_size == 0 || sb->st_size > LIMIT_SIBLING_BYTES)
		return false;
	for (size_t i = 0; i < 2; i++) {
		if (stat(s->skip[i], &own) == 0 && own.st_dev == sb->st_dev && own.st_ino == sb->st_ino)
			return false;
	}
	return true;
}

/* No passphrase is asked for, and none is tried: this is a look around. */
static void
look_into(struct search *s, const char *path)
{
	struct objects o = { .work = LIMIT_KDF_TOTAL };
	struct error ignored = { 0 };
	struct input in = { .len = 0 };
	struct stat sb;

	if (!is_candidate(s, path, &sb))
		return;
	s->files++;
	if (input_read(path, LIMIT_SIBLING_BYTES, &in, &ignored) == STATUS_OK) {
		(void)!objects_parse(in.bytes, in.len, path, NULL, &o, &ignored);
		add_objects(s, &o, text_safe_arena(s->to->arena, text_of(path), PATH_SHOWN, NULL));
	}
	objects_done(&o);
	input_free(&in);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "a/b.key" → "a", "b.key" → "." */
static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = mem_strdup(slash == NULL ? "." : path);

	if (slash == path)
		folder[1] = '\0';
	else if (slash != NULL)
		folder[slash - path] = '\0';
	return folder;
}

static void
search_folder(struct search *s, const char *folder)
{
	char **names = mem_zero(LIMIT_SIBLING_NAMES, sizeof *names);
	DIR *dir = opendir(folder);
	struct dirent *e;
	size_t len = 0;

	while (dir != NULL && len < LIMIT_SIBLING_NAMES && (e = readdir(dir)) != NULL) {
		if (e->d_type == DT_REG || e->d_type == DT_LNK || e->d_type == DT_UNKNOWN)
			names[len++] = mem_strdup(e->d_name);
	}
	if (dir != NULL)
		closedir(dir);
	qsort(names, len, sizeof *names, by_name);
	for (size_t i = 0; i < len; i++) {
		struct buf path = { 0 };

		/* As the user would type it: beside “order.crt” it is “other.key”, not “./other.key”. */
		if (strcmp(folder, ".") != 0)
			buf_addf(&path, "%s%s", folder, strcmp(folder, "/") == 0 ? "" : "/");
		buf_adds(&path, names[i]);
		if (s->files < LIMIT_SIBLINGS)
			look_into(s, path.data);
		buf_done(&path);
		free(names[i]);
	}
	free(names);
}

/* A chain file that begins with the CA: the certificate that the key belongs to stands further down. */
static void
search_own_file(struct search *s, const struct objects *own)
{
	size_t seen = 0;

	for (size_t i = 0; i < own->len; i++) {
		const struct object *o = &own->items[i];

		if (o->kind != OBJECT_CERT || seen++ == 0 || !key_matches(s->to->key, o->cert))
			continue;
		add(s, o->line > 0 ? arena_printf(s->to->arena, "%s, line %zu", s->to->cert_file, o->line) : s->to->cert_file,
		    false, &s->to->key->pub.spki, o->cert->subject.safe);
	}
}

void
identity_look_around(struct identity *i, const char *cert_path, const char *key_path, const struct objects *own)
{
	struct search s = { .to = i, .skip = { cert_path, key_path } };
	char *first = NULL, *second = NULL;

	search_own_file(&s, own);
	if (strcmp(cert_path, "-") != 0 && !token_is_uri(cert_path)) {
		first = folder_of(cert_path);
		search_folder(&s, first);
	}
	if (strcmp(key_path, "-") != 0 && !token_is_uri(key_path)) {
		second = folder_of(key_path);
		if (first == NULL || strcmp(first, second) != 0)
			search_folder(&s, second);
	}
	free(first);
	free(second);
}
