/* `fleet add` and the example: what is written into a configuration, byte for byte, and what is left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/config.h"
#include "model/config_schema.h"
#include "model/input.h"
#include "model/memory.h"
#include "tests/program.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])
#define IDS "identities: [{name: me, cert: me.crt}]\n"
#define NEW "{name: payment.internal, target: \"payment.internal:8443\", identity: me}"

static char *folder;

static int
setup(void **state)
{
	(void)state;
	folder = make_folder();
	return folder == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

static const char *
env(void *self, const char *name)
{
	(void)self;
	(void)name;
	return NULL;
}

static const struct world w = { .env = env };

static const char *
config_path(void)
{
	return in_folder(folder, "config.yaml");
}

static char *
content(const char *path)
{
	struct input in;
	struct error err = { .code = ERROR_NONE };
	char *text;

	if (input_read(path, 1 << 20, &in, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	text = mem_zero(in.len + 1, 1);
	memcpy(text, in.bytes, in.len);
	input_free(&in);
	return text;
}

/* How many files the folder holds: nothing temporary may stay. */
static size_t
files_in(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		n += e->d_name[0] != '.' || strlen(e->d_name) > 2;
	closedir(d);
	return n;
}

static status
add_one(const char *target, const char *group, struct error *err)
{
	*err = (struct error){ .code = ERROR_NONE };
	return config_add_fleet(config_path(), &w, &target, 1, "me", group, NULL, err);
}

/* The file before and after one target was added. */
static void
where_it_goes(void **state)
{
	static const struct {
		const char *what, *before, *after;
	} cases[] = {
		{ "no fleet", IDS, IDS "\nfleet:\n  - " NEW "\n" },
		{ "no line end", "identities: [{name: me, cert: me.crt}]", IDS "\nfleet:\n  - " NEW "\n" },
		{ "comments stay", "# mine\n" IDS "# end\n", "# mine\n" IDS "# end\n\nfleet:\n  - " NEW "\n" },
		{ "nothing after fleet:", "fleet:\n" IDS, "fleet:\n  - " NEW "\n" IDS },
		{ "a comment after fleet:", IDS "fleet: # ours\n# more\n", IDS "fleet: # ours\n  - " NEW "\n# more\n" },
		{ "an empty list", "fleet: [] # ours\n" IDS, "fleet:  # ours\n  - " NEW "\n" IDS },
		{ "null", "fleet: ~\n" IDS, "fleet: \n  - " NEW "\n" IDS },
		{ "null at the end", IDS "fleet:", IDS "fleet:\n  - " NEW "\n" },
		{ "a list in lines", IDS "fleet:\n  - name: a\n    target: b # here\n\n# end\n",
		    IDS "fleet:\n  - name: a\n    target: b # here\n  - " NEW "\n\n# end\n" },
		{ "before another section", "fleet:\n  - {name: a, target: b}\n  # of a\n\n" IDS,
		    "fleet:\n  - {name: a, target: b}\n  - " NEW "\n  # of a\n\n" IDS },
		{ "dashes at the margin", IDS "fleet:\n- name: a\n  target: b\n", IDS "fleet:\n- name: a\n  target: b\n- " NEW "\n" },
		{ "dashes far in", IDS "fleet:\n      - name: a\n        target: b\n",
		    IDS "fleet:\n      - name: a\n        target: b\n      - " NEW "\n" },
		{ "no line end in a list", IDS "fleet:\n  - {name: a, target: b}", IDS "fleet:\n  - {name: a, target: b}\n  - " NEW "\n" },
		{ "a mapping over lines", IDS "fleet:\n  - {name: a,\n     target: b}\n", IDS "fleet:\n  - {name: a,\n     target: b}\n  - " NEW "\n" },
		{ "a list in brackets", "fleet: [{name: a, target: b}]\n" IDS, "fleet: [{name: a, target: b}, " NEW "]\n" IDS },
		{ "brackets over lines", "fleet: [\n  {name: a, target: b} # a\n]\n" IDS, "fleet: [\n  {name: a, target: b} # a\n, " NEW "]\n" IDS },
		{ "a value left out at the end", IDS "fleet:\n  - name: a\n    target: b\n    group:\n",
		    IDS "fleet:\n  - name: a\n    target: b\n    group:\n  - " NEW "\n" },
		{ "a text in lines", IDS "fleet:\n  - name: a\n    target: b\n    group: >-\n      one\n\n# x\n",
		    IDS "fleet:\n  - name: a\n    target: b\n    group: >-\n      one\n\n  - " NEW "\n# x\n" },
		{ "Windows", "\xef\xbb\xbf" "identities: [{name: me, cert: me.crt}]\r\nfleet:\r\n  - {name: a, target: b}\r\n# ä\r\n",
		    "\xef\xbb\xbf" "identities: [{name: me, cert: me.crt}]\r\nfleet:\r\n  - {name: a, target: b}\r\n  - " NEW "\r\n# ä\r\n" },
		{ "letters of two bytes", "# äöü “x”\n" IDS "fleet: [{name: ä, target: b}] # ß\n",
		    "# äöü “x”\n" IDS "fleet: [{name: ä, target: b}, " NEW "] # ß\n" },
		{ "three dots", "---\n" IDS "...\n", "---\n" IDS "\nfleet:\n  - " NEW "\n...\n" },
		{ "what others keep", "fleet:\n  - {name: a, target: b}\nthresholds: {expires_within: 3}\n" IDS,
		    "fleet:\n  - {name: a, target: b}\n  - " NEW "\nthresholds: {expires_within: 3}\n" IDS },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct error err;
		assert_true(write_file(config_path(), cases[i].before, strlen(cases[i].before)));
		if (add_one("payment.internal:8443", NULL, &err) != STATUS_OK)
			fail_msg("%s: %s", cases[i].what, err.text);
		char *after = content(config_path());
		if (strcmp(after, cases[i].after) != 0)
			fail_msg("%s:\n%s\nexpected\n%s", cases[i].what, after, cases[i].after);
		free(after);
		assert_int_equal(files_in(folder), 1);
	}
}

/* What cannot be added to stays as it is, to the byte. */
static void
left_alone(void **state)
{
	static const struct {
		const char *before, *target, *group, *says;
		enum error_code code;
	} cases[] = {
		{ "{identities: [{name: me, cert: me.crt}]}\n", "a", NULL, "config.yaml:1: the file is written as {", ERROR_INPUT },
		{ "fleet: [\n]\n" IDS, "a", NULL, "config.yaml:2: the empty list is written over several lines", ERROR_INPUT },
		{ "fleet: [{name: a, target: b},]\n" IDS, "a", NULL, "please add the entries by hand", ERROR_INPUT },
		{ "fleet: []\n", "a", NULL, "config.yaml: no identity is called “me”; it has none", ERROR_USAGE },
		{ "identities: [{name: x, cert: c}, {name: y, cert: d}]\n", "a", NULL, "is called “me”; there are x, y", ERROR_USAGE },
		{ IDS, "a:0", NULL, "a:0", ERROR_USAGE },
		{ IDS, "", NULL, "", ERROR_USAGE },
		{ IDS, "a", "x\ny", "the group's name", ERROR_USAGE },
		{ IDS, "a", "", "the group's name", ERROR_USAGE },
		{ IDS "fleet:\n  - {name: x, target: a, identity: me}\n", "a:443", NULL, "is in the fleet already, as “x” (", ERROR_USAGE },
		{ IDS "flet: []\n", "a", NULL, "config.yaml:2: no such key: “flet”", ERROR_INPUT },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct error err;
		assert_true(write_file(config_path(), cases[i].before, strlen(cases[i].before)));
		if (add_one(cases[i].target, cases[i].group, &err) == STATUS_OK)
			fail_msg("case %zu was accepted", i);
		if (strstr(err.text, cases[i].says) == NULL || err.code != cases[i].code)
			fail_msg("case %zu: %s (%d)", i, err.text, err.code);
		char *after = content(config_path());
		assert_string_equal(after, cases[i].before);
		free(after);
		assert_int_equal(files_in(folder), 1);
	}
}

static void
names_are_made(void **state)
{
	static const char *const targets[] = { "payment.internal:8443", "PAYMENT.internal:9443", "payment.internal:8443/x",
		"https://payment.internal:9443/y", "[::1]:8443", "unix:/run/order.sock", "10.0.0.7", "bücher.example", "null" };
	static const char *const names[] = { "payment.internal", "payment.internal-9443", "payment.internal-8443",
		"payment.internal-2", "::1", "order.sock", "10.0.0.7", "xn--bcher-kva.example", "null" };
	struct error err = { .code = ERROR_NONE };
	struct config *c;
	struct buf given = { 0 }, expected = { 0 };
	size_t len = LEN(targets) - 1;

	(void)state;
	assert_true(write_file(config_path(), IDS, strlen(IDS)));
	/* The third spelling is no target; it is left out here. */
	const char *good[LEN(targets)];
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		if (i == 2)
			continue;
		good[n++] = targets[i];
		buf_addf(&expected, "%s\n", names[i]);
	}
	if (config_add_fleet(config_path(), &w, good, n, "me", "prod: \"x\"", &given, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_string_equal(buf_str(&given), buf_str(&expected));
	assert_int_equal(config_read(config_path(), &w, &c, &err), STATUS_OK);
	assert_int_equal(c->fleet_len, n);
	assert_string_equal(c->fleet[0].group, "prod: \"x\"");
	assert_string_equal(config_entry(c, "xn--bcher-kva.example")->target, "bücher.example");
	config_free(c);
	/* A word that YAML takes for nothing is no name: it is refused, never written. */
	assert_int_equal(add_one(targets[len], NULL, &err), STATUS_FAILED);
	buf_done(&given);
	buf_done(&expected);
}

/* A disk that is full: a limit on the size of files stands in for it. */
static void
nowhere_to_write(void **state)
{
	struct rlimit before, small = { 0 };
	struct error err;

	(void)state;
	assert_true(write_file(config_path(), IDS, strlen(IDS)));
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){ .rlim_cur = 20, .rlim_max = before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	status added = add_one("a", NULL, &err);
	struct error example = { .code = ERROR_NONE };
	status written = config_write_example(in_folder(folder, "example.yaml"), &example);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(added, STATUS_FAILED);
	assert_int_equal(err.code, ERROR_LOCAL);
	assert_non_null(strstr(err.text, "nothing was changed"));
	assert_int_equal(written, STATUS_FAILED);
	assert_int_equal(example.code, ERROR_LOCAL);
	char *after = content(config_path());
	assert_string_equal(after, IDS);
	free(after);
	assert_int_equal(files_in(folder), 1);
}

/* Mode and link stay what they are; a file that is not there is no file to add to. */
static void
mode_and_link(void **state)
{
	struct error err;
	struct stat sb;
	const char *link = in_folder(folder, "link.yaml"), *target = "b:1";

	(void)state;
	assert_true(write_file(config_path(), IDS, strlen(IDS)));
	assert_int_equal(chmod(config_path(), 0640), 0);
	assert_int_equal(symlink("config.yaml", link), 0);
	err = (struct error){ .code = ERROR_NONE };
	assert_int_equal(config_add_fleet(link, &w, &target, 1, "me", NULL, NULL, &err), STATUS_OK);
	assert_int_equal(lstat(link, &sb), 0);
	assert_true(S_ISLNK(sb.st_mode));
	assert_int_equal(stat(config_path(), &sb), 0);
	assert_int_equal(sb.st_mode & 07777, 0640);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(unlink(config_path()), 0);
	assert_int_equal(add_one("a", NULL, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "no such file"));
	assert_int_equal(files_in(folder), 0);
}

static const char *
file_key(const char *start, const char *key)
{
	static char word[64];

	snprintf(word, sizeof word, "%s%s:", start, key);
	return word;
}

/* Every key of the schema stands in the text; nested ones too. */
static void
has_every_key(const char *text, const cyaml_schema_value_t *v)
{
	for (const cyaml_schema_field_t *f = v->mapping.fields; f->key != NULL; f++) {
		if (strstr(text, file_key(" ", f->key)) == NULL && strstr(text, file_key("#", f->key)) == NULL &&
		    strstr(text, file_key("\n", f->key)) == NULL)
			fail_msg("the example does not say %s", f->key);
		if (f->value.type == CYAML_MAPPING)
			has_every_key(text, &f->value);
		else if (f->value.type == CYAML_SEQUENCE)
			has_every_key(text, f->value.sequence.entry);
	}
}

/* As if the user had taken every # away from a line that is no sentence: “#key:” and “#  - name:”. */
static char *
filled_in(const char *text)
{
	struct buf b = { 0 };

	for (const char *p = text; *p != '\0';) {
		size_t len = strcspn(p, "\n") + 1;
		bool hidden = p[0] == '#' && (p[1] != ' ' || p[2] == ' ');
		buf_add(&b, p + hidden, len - hidden);
		p += len;
	}
	return b.data;
}

static void
the_example(void **state)
{
	const char *path = in_folder(folder, "new/folders/config.yaml");
	struct error err = { .code = ERROR_NONE };
	struct config *c;
	struct stat sb;
	char *text, *filled;

	(void)state;
	mode_t before = umask(0);
	assert_int_equal(config_write_example(path, &err), STATUS_OK);
	umask(before);
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_mode & 07777, 0600);
	assert_int_equal(stat(in_folder(folder, "new"), &sb), 0);
	assert_int_equal(sb.st_mode & 07777, 0700);
	if (config_read(path, &w, &c, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(c->fleet_len + c->identities_len + c->aws_len, 0);
	assert_int_equal(c->thresholds.expires_within, thresholds_default.expires_within);
	assert_int_equal(c->thresholds.root_expires_within, thresholds_default.root_expires_within);
	assert_int_equal(c->thresholds.clock_skew, thresholds_default.clock_skew);
	config_free(c);
	text = content(path);
	has_every_key(text, &config_schema);
	filled = filled_in(text);
	assert_true(write_file(config_path(), filled, strlen(filled)));
	if (config_read(config_path(), &w, &c, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(c->identities_len, 3);
	assert_int_equal(c->fleet_len, 1);
	assert_true(c->fleet[0].renew.given && c->fleet[0].install.files);
	config_free(c);
	free(filled);
	/* Never written over, be it a file, a link or a folder. */
	assert_int_equal(config_write_example(path, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "is there already, and is not written over"));
	err = (struct error){ .code = ERROR_NONE };
	assert_int_equal(symlink("/nowhere", in_folder(folder, "dangling")), 0);
	assert_int_equal(config_write_example(in_folder(folder, "dangling"), &err), STATUS_FAILED);
	err = (struct error){ .code = ERROR_NONE };
	assert_int_equal(config_write_example(in_folder(folder, "config.yaml/config.yaml"), &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_LOCAL);
	char *again = content(path);
	assert_string_equal(again, text);
	free(again);
	free(text);
}

/* What the start page wrote can be added to once an identity is there. */
static void
the_example_grows(void **state)
{
	struct error err = { .code = ERROR_NONE };
	struct config *c;

	(void)state;
	unlink(config_path());
	assert_int_equal(config_write_example(config_path(), &err), STATUS_OK);
	assert_int_equal(add_one("a", NULL, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "it has none"));
	FILE *f = fopen(config_path(), "a");
	assert_non_null(f);
	fputs("\n" IDS, f);
	assert_int_equal(fclose(f), 0);
	if (add_one("a", "prod", &err) != STATUS_OK || add_one("b", "prod", &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(config_read(config_path(), &w, &c, &err), STATUS_OK);
	assert_int_equal(c->fleet_len, 2);
	config_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(where_it_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(names_are_made, setup, teardown),
		cmocka_unit_test_setup_teardown(nowhere_to_write, setup, teardown),
		cmocka_unit_test_setup_teardown(mode_and_link, setup, teardown),
		cmocka_unit_test_setup_teardown(the_example, setup, teardown),
		cmocka_unit_test_setup_teardown(the_example_grows, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
