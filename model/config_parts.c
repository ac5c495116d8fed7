#include "model/config_parts.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/buf.h"
#include "model/limits.h"
#include "model/memory.h"

enum {
	PART_BYTES = 128 * 1024, /* of the text; below that a thread is not worth it */
	GROWS_AHEAD = 1024       /* bytes from which an array gets twice of what it asks for */
};

/*
 * For libcyaml: memory that runs out ends the program (model/memory.h). It makes its arrays larger by one entry at
 * a time: ten thousand moves of a megabyte, but for the room ahead.
 */
static void *
cyaml_memory(void *user, void *old, size_t size)
{
	(void)user;
	if (size == 0) {
		free(old);
		return NULL;
	}
	if (old != NULL && size <= malloc_usable_size(old))
		return old;
	return mem_grow(old, size, old != NULL && size > GROWS_AHEAD ? 2 : 1);
}

static const cyaml_config_t cyaml_options = {
	.log_fn = NULL, /* config_walk_check() says it, with the line */
	.log_level = CYAML_LOG_ERROR,
	.mem_fn = cyaml_memory,
	.flags = CYAML_CFG_NO_ALIAS,
};

struct part {
	const unsigned char *bytes;
	size_t len;
	struct buf own;  /* “fleet:” and the entries; empty in the first part, which is the text itself */
	struct raw_config *raw;
	cyaml_err_t result;
	pthread_t thread;
	bool threaded;
};

static void *
read_part(void *arg)
{
	struct part *p = arg;

	p->result = cyaml_load_data(p->bytes, p->len, &cyaml_options, &config_schema, (void **)&p->raw, NULL);
	return NULL;
}

/* Where to cut -------------------------------------------------------------------------------------- */

static size_t
line_end(const struct config_text *t, size_t at)
{
	const unsigned char *end = at < t->len ? memchr(t->bytes + at, '\n', t->len - at) : NULL;

	return end == NULL ? t->len : (size_t)(end - t->bytes) + 1;
}

static size_t
blanks_at(const struct config_text *t, size_t at)
{
	size_t n = 0;

	while (at + n < t->len && t->bytes[at + n] == ' ')
		n++;
	return n;
}

/* A comment or nothing, from there to the end of the line. */
static bool
says_nothing(const struct config_text *t, size_t at)
{
	at += blanks_at(t, at);
	return at == t->len || strchr("#\r\n", t->bytes[at]) != NULL;
}

/* Does a line begin there whose first word is a dash at that column? */
static bool
is_entry(const struct config_text *t, size_t at, size_t column)
{
	return blanks_at(t, at) == column && at + column + 1 < t->len && t->bytes[at + column] == '-' &&
	    t->bytes[at + column + 1] == ' ';
}

/* The line `fleet:` at the margin, with its list below. False where there is none, or another key follows it. */
static bool
find_fleet(const struct config_text *t, size_t *entries, size_t *column)
{
	static const char key[] = "fleet:";
	bool found = false;

	for (size_t at = 0; at < t->len; at = line_end(t, at)) {
		bool key_here = t->len - at > sizeof key && memcmp(t->bytes + at, key, sizeof key - 1) == 0 &&
		    says_nothing(t, at + sizeof key - 1);
		if (strchr(" #-\r\n", t->bytes[at]) == NULL)
			found = false;
		if (!key_here)
			continue;
		*entries = line_end(t, at);
		while (*entries < t->len && says_nothing(t, *entries))
			*entries = line_end(t, *entries);
		*column = blanks_at(t, *entries);
		found = is_entry(t, *entries, *column);
	}
	return found;
}

/* The first entry from there on; the end where there is none. */
static size_t
entry_from(const struct config_text *t, size_t at, size_t column)
{
	at = line_end(t, at);
	while (at < t->len && !is_entry(t, at, column))
		at = line_end(t, at);
	return at;
}

/*
 * A line with a dash at the column of the list's own dashes begins an entry, or stands in a text in quotes or in
 * brackets: then neither part can be read, and the text is read whole. Returns how many parts there are.
 */
static size_t
cut(const struct config_text *t, struct part *parts)
{
	size_t entries = 0, column = 0, wanted = t->len / PART_BYTES, len = 1, from = 0;
	long cores = wanted > 1 ? sysconf(_SC_NPROCESSORS_ONLN) : 1;

	parts[0] = (struct part){ .bytes = t->bytes, .len = t->len };
	if (wanted > CONFIG_PARTS)
		wanted = CONFIG_PARTS;
	if (cores > 0 && wanted > (size_t)cores)
		wanted = (size_t)cores;
	if (wanted < 2 || config_walk_needed(t) || !find_fleet(t, &entries, &column))
		return 1;
	while (len < wanted) {
		size_t at = entry_from(t, t->len / wanted * len, column);
		if (at <= entries || at <= from || at >= t->len)
			break;
		if (len == 1)
			parts[0].len = at;
		else
			parts[len - 1].len = at - from; /* not yet copied */
		parts[len] = (struct part){ .bytes = t->bytes + at, .len = t->len - at };
		from = at;
		len++;
	}
	for (size_t i = 1; i < len; i++) {
		buf_adds(&parts[i].own, "fleet:\n");
		buf_add(&parts[i].own, parts[i].bytes, parts[i].len);
		parts[i].bytes = (const unsigned char *)parts[i].own.data;
		parts[i].len = parts[i].own.len;
	}
	return len;
}

/* Reading ------------------------------------------------------------------------------------------- */

static void
read_parts(struct part *parts, size_t len)
{
	sigset_t all, before;

	/* Signals are the main thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (size_t i = 1; i < len; i++)
		parts[i].threaded = pthread_create(&parts[i].thread, NULL, read_part, &parts[i]) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	for (size_t i = 0; i < len; i++) {
		if (parts[i].threaded)
			pthread_join(parts[i].thread, NULL);
		else
			read_part(&parts[i]);
	}
}

static void
free_raw(struct raw_config *raw)
{
	cyaml_free(&cyaml_options, &config_schema, raw, 0);
}

cyaml_err_t
config_parts_read(const struct config_text *t, struct config_parts *out)
{
	struct part parts[CONFIG_PARTS];
	size_t len = cut(t, parts);
	cyaml_err_t result = CYAML_OK;
	size_t entries = 0;

	read_parts(parts, len);
	for (size_t i = 0; i < len; i++) {
		buf_done(&parts[i].own);
		if (parts[i].result != CYAML_OK)
			result = parts[i].result;
		entries += parts[i].raw != NULL ? parts[i].raw->fleet_len : 0;
	}
	if (entries > LIMIT_CONFIG_ENTRIES)
		result = CYAML_ERR_SEQUENCE_ENTRIES_MAX; /* as it would have been found in the whole */
	for (size_t i = 0; i < len && result != CYAML_OK; i++)
		free_raw(parts[i].raw);
	if (result != CYAML_OK && len > 1) {
		parts[0] = (struct part){ .bytes = t->bytes, .len = t->len };
		len = 1;
		read_part(&parts[0]);
		result = parts[0].result;
	}
	*out = (struct config_parts){ .len = 0 };
	for (size_t i = 0; i < len && result == CYAML_OK; i++)
		out->raw[out->len++] = parts[i].raw;
	return result;
}

void
config_parts_done(struct config_parts *p)
{
	for (size_t i = 0; i < p->len; i++)
		free_raw(p->raw[i]);
	*p = (struct config_parts){ .len = 0 };
}
