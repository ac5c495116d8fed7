#include "tests/e2e.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/memory.h"
#include "tests/program.h"

enum { MOST_WORDS = 64 };

struct lab_process e2e_lab;
char *e2e_home;

int
e2e_set_up(void **state)
{
	(void)state;
	e2e_home = make_folder();
	return lab_process_start(&e2e_lab, 0) ? 0 : -1;
}

int
e2e_tear_down(void **state)
{
	(void)state;
	lab_process_stop(&e2e_lab);
	remove_folder(e2e_home);
	return 0;
}

static const cJSON *
endpoint_of(const char *name)
{
	const cJSON *e;

	cJSON_ArrayForEach(e, cJSON_GetObjectItem(e2e_lab.json, "endpoints"))
		if (strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(e, "name")), name) == 0)
			return e;
	fail_msg("the lab has no endpoint %s", name);
	return NULL;
}

const char *
e2e_item(const char *endpoint, const char *item)
{
	return cJSON_GetStringValue(cJSON_GetObjectItem(endpoint_of(endpoint), item));
}

size_t
e2e_words(const char *endpoint, const char **out, size_t most)
{
	static const char *const options[][2] = { { "servername", "--servername" }, { "cert", "--cert" }, { "key", "--key" },
		{ "cacert", "--cacert" }, { "path", "--path" }, { "starttls", "--starttls" } };
	const cJSON *arg;
	size_t n = 0;

	out[n++] = e2e_item(endpoint, "address");
	for (size_t i = 0; i < sizeof options / sizeof options[0] && n + 2 <= most; i++) {
		const char *value = e2e_item(endpoint, options[i][0]);

		if (value == NULL)
			continue;
		out[n++] = options[i][1];
		out[n++] = value;
	}
	cJSON_ArrayForEach(arg, cJSON_GetObjectItem(endpoint_of(endpoint), "args"))
		if (n < most)
			out[n++] = cJSON_GetStringValue(arg);
	return n;
}

struct vtpty *
e2e_run(const char *const words[], const struct vtpty_options *opt)
{
	struct vtpty_options with = opt != NULL ? *opt : (struct vtpty_options){ 0 };
	const char *argv[MOST_WORDS] = { mtlscope() };

	for (size_t i = 0; words[i] != NULL && i + 2 < MOST_WORDS; i++)
		argv[i + 1] = words[i];
	with.home = with.home != NULL ? with.home : e2e_home;
	return vtpty_open(argv, &with);
}

static size_t
add(const char **words, size_t n, const char *const more[])
{
	for (size_t i = 0; more != NULL && more[i] != NULL && n + 1 < MOST_WORDS; i++)
		words[n++] = more[i];
	words[n] = NULL;
	return n;
}

struct vtpty *
e2e_open(const char *endpoint, const struct vtpty_options *opt, const char *const more[])
{
	const char *words[MOST_WORDS];

	add(words, e2e_words(endpoint, words, MOST_WORDS / 2), more);
	return e2e_run(words, opt);
}

/* JSON's way to write a string is YAML's as well. */
static void
add_pair(struct buf *out, const char *key, const char *value)
{
	if (value != NULL)
		buf_addf(out, ", %s: \"%s\"", key, value);
}

struct vtpty *
e2e_fleet(const char *const endpoints[], const struct vtpty_options *opt, const char *const more[])
{
	const char *words[MOST_WORDS] = { "--config", in_folder(e2e_home, "config.yaml") };
	struct buf text = { 0 };

	buf_adds(&text, "identities:\n");
	for (size_t i = 0; endpoints[i] != NULL; i++) {
		buf_addf(&text, "  - {name: id-%s", endpoints[i]);
		add_pair(&text, "cert", e2e_item(endpoints[i], "cert"));
		add_pair(&text, "key", e2e_item(endpoints[i], "key"));
		add_pair(&text, "trust", e2e_item(endpoints[i], "cacert"));
		buf_adds(&text, "}\n");
	}
	buf_adds(&text, "fleet:\n");
	for (size_t i = 0; endpoints[i] != NULL; i++) {
		buf_addf(&text, "  - {name: %s", endpoints[i]);
		add_pair(&text, "target", e2e_item(endpoints[i], "address"));
		buf_addf(&text, ", identity: id-%s", endpoints[i]);
		add_pair(&text, "servername", e2e_item(endpoints[i], "servername"));
		buf_adds(&text, "}\n");
	}
	assert_true(write_file(words[1], text.data, text.len));
	buf_done(&text);
	add(words, 2, more);
	return e2e_run(words, opt);
}

void
e2e_restored(const struct vtpty *p, const char *what)
{
	if (p->altscreen || !p->cursor_visible || p->mouse != 0)
		fail_msg("%s: the terminal was not left as it was: %s%s%s", what, p->altscreen ? "still on the second screen " : "",
		    p->cursor_visible ? "" : "no cursor ", p->mouse != 0 ? "mouse on" : "");
}

void
e2e_quit(struct vtpty *p)
{
	int status;

	/* Out of whatever asks. An Esc right before another key would be Alt with that key. */
	for (int i = 0; i < 2; i++) {
		vtpty_keys(p, "Esc");
		vtpty_settle(p, 35, 1000);
	}
	vtpty_type(p, ":q\r");
	status = vtpty_wait_end(p, 30000);
	if (status != 0) {
		char *text = vtpty_text(p);

		fail_msg(":q ended with %d; the screen:\n%s", status, text);
	}
	e2e_restored(p, ":q");
	vtpty_free(p);
}

char *
e2e_selected(struct vtpty *p, char *out, size_t size)
{
	int row = -1;

	for (int r = 2; r < p->rows - 1 && row < 0; r++)
		if (vtpty_reverse(p, r, 2) && vtpty_reverse(p, r, p->columns / 2))
			row = r;
	if (row < 0)
		fail_msg("no row is selected:\n%s", vtpty_text(p));
	return vtpty_row(p, row, out, size);
}

char *
e2e_written(struct vtpty *p, const char *name)
{
	struct buf b = { 0 };
	char piece[4096], said[256];
	int fd;

	unlink(in_folder(e2e_home, name));
	vtpty_type(p, ":w ~/");
	vtpty_type(p, name);
	vtpty_keys(p, "Enter");
	snprintf(said, sizeof said, "/%s (", name);
	vtpty_wait(p, said);
	fd = open(in_folder(e2e_home, name), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail_msg("%s was not written:\n%s", name, vtpty_text(p));
	for (ssize_t n = read(fd, piece, sizeof piece); n > 0; n = read(fd, piece, sizeof piece))
		buf_add(&b, piece, (size_t)n);
	close(fd);
	return b.data;
}
