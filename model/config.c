#include "model/config.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/config_fill.h"
#include "model/input.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/quote.h"

#define STAGE "configuration"

char *
config_default_path(const struct world *w)
{
	const char *config = w->env(w->self, "XDG_CONFIG_HOME"), *home = w->env(w->self, "HOME");
	struct buf path = { 0 };

	/* The XDG specification: a folder that is not absolute is to be ignored. */
	if (config != NULL && config[0] == '/')
		buf_addf(&path, "%s/mtlscope/config.yaml", config);
	else if (home != NULL && home[0] != '\0')
		buf_addf(&path, "%s/.config/mtlscope/config.yaml", home);
	return path.data;
}

bool
config_exists(const char *path)
{
	struct stat sb;

	return path != NULL && stat(path, &sb) == 0;
}

/* The bytes of the file. One that is empty says nothing, which is no fault. */
static status
read_bytes(const char *path, struct config *c, struct error *err)
{
	struct input in = { .len = 0 };
	struct stat sb;

	if (strcmp(path, "-") == 0)
		return error_set(err, ERROR_INPUT, STAGE, "standard input cannot be the configuration; expected a file");
	if (stat(path, &sb) == 0 && S_ISREG(sb.st_mode) && sb.st_size == 0)
		return STATUS_OK;
	if (input_read(path, LIMIT_CONFIG_FILE, &in, err) != STATUS_OK)
		return STATUS_FAILED;
	c->source->text.bytes = in.bytes;
	c->source->text.len = in.len;
	if (in.len >= 2 && (memcmp(in.bytes, "\xff\xfe", 2) == 0 || memcmp(in.bytes, "\xfe\xff", 2) == 0))
		return error_set(err, ERROR_INPUT, STAGE, "%s: is UTF-16; expected UTF-8 (iconv -f UTF-16 -t UTF-8 converts it)",
		    c->file);
	return STATUS_OK;
}

static status
parse(struct config *c, struct error *err)
{
	const struct config_text *t = &c->source->text;
	cyaml_err_t result;

	if (t->len == 0)
		return STATUS_OK;
	result = config_parts_read(t, &c->source->parts);
	if (result == CYAML_OK && !config_walk_needed(t))
		return STATUS_OK;
	if (config_walk_check(t, err) != STATUS_OK)
		return STATUS_FAILED;
	return result == CYAML_OK ? STATUS_OK
				  : error_set(err, ERROR_INPUT, STAGE, "%s: %s (libcyaml)", c->file, cyaml_strerror(result));
}

/* All of the path up to the file's own name: "", "conf/", "/etc/mtlscope/". */
static char *
folder_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? arena_strdup(a, "") : arena_printf(a, "%.*s/", (int)(slash - path), path);
}

static struct config *
config_new(const char *path)
{
	struct config *c = mem_zero(1, sizeof *c);
	char shown[QUOTE_MAX];

	c->arena = arena_new();
	c->source = arena_alloc(c->arena, sizeof *c->source);
	c->file = c->source->text.file = arena_strdup(c->arena, quote_str(path, shown));
	c->thresholds = thresholds_default;
	return c;
}

/* The bytes are there: what do they say? */
static status
finish(struct config *c, const char *path, const char *home, struct config **out, struct error *err)
{
	if (parse(c, err) != STATUS_OK || config_fill(c, folder_of(c->arena, path), home, err) != STATUS_OK) {
		config_free(c);
		return STATUS_FAILED;
	}
	*out = c;
	return STATUS_OK;
}

status
config_read(const char *path, const struct world *w, struct config **out, struct error *err)
{
	struct config *c = config_new(path);

	*out = NULL;
	if (read_bytes(path, c, err) != STATUS_OK) {
		config_free(c);
		return STATUS_FAILED;
	}
	return finish(c, path, w->env(w->self, "HOME"), out, err);
}

status
config_from_bytes(const char *path, const void *bytes, size_t len, struct config **out, struct error *err)
{
	struct config *c = config_new(path);

	*out = NULL;
	c->source->text.bytes = mem_dup(bytes, len);
	c->source->text.len = len;
	return finish(c, path, NULL, out, err);
}

void
config_free(struct config *c)
{
	struct config_source *s;

	if (c == NULL)
		return;
	s = c->source;
	for (size_t i = 0; i < c->fleet_len; i++)
		target_done(&c->fleet[i].parsed);
	config_names_free(s->aws);
	config_names_free(s->identities);
	config_names_free(s->fleet);
	config_parts_done(&s->parts);
	free((void *)(uintptr_t)s->text.bytes);
	arena_free(c->arena);
	free(c);
}

const struct config_identity *
config_identity(const struct config *c, const char *name)
{
	size_t i = config_names_find(c->source->identities, name);

	return i == SIZE_MAX ? NULL : &c->identities[i];
}

const struct config_entry *
config_entry(const struct config *c, const char *name)
{
	size_t i = config_names_find(c->source->fleet, name);

	return i == SIZE_MAX ? NULL : &c->fleet[i];
}

bool
config_installs_elsewhere(const struct config_entry *e)
{
	return e->serves.cert == NULL && (e->install.secret != NULL || e->install.acm != NULL || e->install.hook != NULL);
}

size_t
config_entry_renews(const struct config_entry *e, const char *names[CONFIG_NAMES_MAX])
{
	const char *const of[CONFIG_NAMES_MAX] = { e->name, e->servername, e->host };
	size_t len = 0;

	if (!e->renew.given || (e->serves.cert == NULL && !config_installs_elsewhere(e)))
		return 0;
	for (size_t i = 0; i < CONFIG_NAMES_MAX; i++) {
		if (of[i] != NULL)
			names[len++] = of[i];
	}
	return len;
}

size_t
config_renewed(const struct config *c, struct arena *a, const char *const **out)
{
	size_t entries = c != NULL ? c->fleet_len : 0, len = 0;
	const char **names = arena_array(a, entries * CONFIG_NAMES_MAX + 1, sizeof *names);

	for (size_t i = 0; i < entries; i++)
		len += config_entry_renews(&c->fleet[i], names + len);
	*out = names;
	return len;
}

size_t
config_line(const struct config *c, const char *section, size_t index, const char *key)
{
	return config_walk_find(&c->source->text, section, index, key);
}

/* Is it there? What it holds, and whether it may be read, is for who reads it to say. */
static status
there(const struct config *c, const char *section, size_t index, const char *key, const char *path, struct error *err)
{
	char shown[QUOTE_MAX];
	struct stat sb;

	if (path == NULL || strncmp(path, "pkcs11:", 7) == 0 || stat(path, &sb) == 0 ||
	    (errno != ENOENT && errno != ENOTDIR))
		return STATUS_OK;
	return error_set(err, ERROR_INPUT, STAGE, "%s:%zu: %s: %s: %s: no such file", c->file,
	    config_line(c, section, index, key), section, key, quote_str(path, shown));
}

status
config_identity_files(const struct config *c, const struct config_identity *i, struct error *err)
{
	size_t index = (size_t)(i - c->identities);

	if (there(c, "identities", index, "cert", i->cert, err) != STATUS_OK ||
	    there(c, "identities", index, "key", i->key, err) != STATUS_OK)
		return STATUS_FAILED;
	return there(c, "identities", index, "trust", i->trust, err);
}

status
config_entry_files(const struct config *c, const struct config_entry *e, struct error *err)
{
	return there(c, "fleet", (size_t)(e - c->fleet), "trust", e->trust, err);
}
