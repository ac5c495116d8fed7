/* Walkthroughs out of their YAML files, which are part of the program: a mistake in one is ours, and a test finds it. */
#include <cyaml/cyaml.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "tui/key.h"
#include "tui/walkthrough.h"
#include "tui/walkthrough_files.h"

enum { TEXT_MOST = 400, STEPS_MOST = 40 };

#define TEXT(field, flags) \
	CYAML_FIELD_STRING_PTR(#field, CYAML_FLAG_POINTER | (flags), struct step, field, 0, TEXT_MOST)
static const cyaml_schema_field_t step_fields[] = {
	TEXT(say, 0),
	TEXT(hint, CYAML_FLAG_OPTIONAL),
	TEXT(press, CYAML_FLAG_OPTIONAL),
	TEXT(view, CYAML_FLAG_OPTIONAL),
	TEXT(text, CYAML_FLAG_OPTIONAL),
	TEXT(gone, CYAML_FLAG_OPTIONAL),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t step_schema = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct step, step_fields) };

#undef TEXT
#define TEXT(field, flags) \
	CYAML_FIELD_STRING_PTR(#field, CYAML_FLAG_POINTER | (flags), struct walkthrough, field, 1, TEXT_MOST)
static const cyaml_schema_field_t walkthrough_fields[] = {
	TEXT(title, 0),
	TEXT(start, 0),
	TEXT(endpoint, CYAML_FLAG_OPTIONAL),
	CYAML_FIELD_SEQUENCE_COUNT("steps", CYAML_FLAG_POINTER, struct walkthrough, steps, len, &step_schema, 1, STEPS_MOST),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t schema = { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct walkthrough, walkthrough_fields) };

/* libcyaml tells what is wrong, and then from where it came there: the first line is the one to keep. */
static void
keep_first(cyaml_log_t level, void *user, const char *fmt, va_list args)
{
	char *text = user;

	(void)level;
	if (text[0] != '\0')
		return;
	vsnprintf(text, TEXT_MOST, fmt, args);
	text[strcspn(text, "\n")] = '\0';
}

static cyaml_config_t
config(char text[TEXT_MOST])
{
	text[0] = '\0';
	return (cyaml_config_t){ .log_fn = keep_first, .log_ctx = text, .log_level = CYAML_LOG_ERROR, .mem_fn = cyaml_mem };
}

/* What is wrong with a step; NULL: nothing. */
static const char *
fault(const struct step *s, bool last)
{
	if (s->say[0] == '\0')
		return "says nothing";
	if (s->press[0] != '\0' && s->hint[0] == '\0')
		return "has keys and no hint of what they do";
	if (s->press[0] != '\0' && s->view == NULL && s->text == NULL && s->gone == NULL)
		return "has keys and nothing that tells when they have done it";
	if (strlen(s->press) >= WALK_KEYS_MOST)
		return "has too many keys";
	if (s->press[0] == '\0' && !last)
		return "has no keys, and is not the last one";
	return NULL;
}

static status
check(const struct walkthrough *w, struct error *err)
{
	for (size_t i = 0; i < w->len; i++) {
		const char *what = fault(&w->steps[i], i + 1 == w->len);
		if (what != NULL)
			return error_set(err, ERROR_INTERNAL, "walkthrough", "%s: step %zu %s", w->name, i + 1, what);
	}
	return STATUS_OK;
}

status
walkthrough_parse(const char *name, const unsigned char *yaml, size_t len, struct walkthrough **out, struct error *err)
{
	char text[TEXT_MOST];
	cyaml_config_t c = config(text);
	cyaml_data_t *data = NULL;
	cyaml_err_t result = cyaml_load_data(yaml, len, &c, &schema, &data, NULL);

	*out = NULL;
	if (result != CYAML_OK)
		return error_set(err, ERROR_INTERNAL, "walkthrough", "%s: %s", name, text[0] != '\0' ? text : cyaml_strerror(result));
	if (data == NULL)
		return error_set(err, ERROR_INTERNAL, "walkthrough", "%s: there is nothing in it", name);
	struct walkthrough *w = (struct walkthrough *)data;
	w->name = name;
	for (size_t i = 0; i < w->len; i++) {
		/* What is left out is empty: who draws it need not ask. */
		struct step *s = &w->steps[i];
		s->press = s->press != NULL ? s->press : mem_strdup("");
		s->hint = s->hint != NULL ? s->hint : mem_strdup("");
	}
	if (check(w, err) != STATUS_OK) {
		walkthrough_free(w);
		return STATUS_FAILED;
	}
	*out = w;
	return STATUS_OK;
}

void
walkthrough_free(struct walkthrough *w)
{
	char text[TEXT_MOST];
	cyaml_config_t c = config(text);

	if (w != NULL)
		cyaml_free(&c, &schema, w, 0);
}

static struct walkthrough **built_in; /* read once; they live as long as the program */

static void
read_all(void)
{
	built_in = mem_zero(walkthrough_files_len + 1, sizeof(struct walkthrough *));
	for (size_t i = 0; i < walkthrough_files_len; i++) {
		const struct walkthrough_file *f = &walkthrough_files[i];
		struct error err = { .code = ERROR_NONE };
		if (walkthrough_parse(f->name, f->bytes, f->len, &built_in[i], &err) == STATUS_OK)
			continue;
		fprintf(stderr, "walkthrough: %s\n", err.text);
		abort(); /* part of the program, and wrong: like a table that is */
	}
}

static void
read_once(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, read_all);
}

const struct walkthrough *
walkthrough_named(const char *name)
{
	read_once();
	for (size_t i = 0; i < walkthrough_files_len; i++)
		if (strcmp(built_in[i]->name, name) == 0)
			return built_in[i];
	return NULL;
}

const char *const *
walkthrough_names(void)
{
	static const char **names;

	read_once();
	if (names == NULL) {
		names = mem_zero(walkthrough_files_len + 1, sizeof *names);
		for (size_t i = 0; i < walkthrough_files_len; i++)
			names[i] = walkthrough_files[i].name;
	}
	return names;
}
