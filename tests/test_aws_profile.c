/* The shared files: what they may say, what is refused with its line, and that botocore reads the same out of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/profile.h"
#include "aws/words.h"
#include "model/text.h"
#include "tests/boto.h"
#include "tests/program.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])

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

struct environment {
	const char *home, *config, *credentials;
};

static const char *
env(void *self, const char *name)
{
	const struct environment *e = self;

	return strcmp(name, "HOME") == 0 ? e->home : strcmp(name, "AWS_CONFIG_FILE") == 0 ? e->config :
	    strcmp(name, "AWS_SHARED_CREDENTIALS_FILE") == 0 ? e->credentials : NULL;
}

static status
read_them(struct environment *e, struct aws_profiles **out, struct aws_error *err)
{
	struct world w = { .env = env, .self = e };

	*err = (struct aws_error){ .kind = AWS_FINE };
	return aws_profiles_read(&w, out, err);
}

static struct aws_profiles *
of_text(enum aws_profile_file file, const char *text)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct aws_profiles *p = NULL;

	if (aws_profiles_of_text(file, "config", text, strlen(text), &p, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	return p;
}

/* What an operator's config looks like, and every oddity that configparser and botocore take. */
static const char config[] =
    "# the whole of it\n"
    "; and another comment\n"
    "[default]\n"
    "region = eu-central-1\n"
    "output=json\n"
    "\n"
    "[profile prod]\n"
    "role_arn = arn:aws:iam::111122223333:role/pki\n"
    "source_profile = default\n"
    "  Region : us-east-1  \n" /* indented deeper than the key before it: it goes on with that one */
    "duration_seconds= 900\n"
    "\n"
    "[profile \"two words\"]\n"
    "REGION = us-west-2\n"
    "comment = a # is no comment here ; nor is this\n"
    "colon: yes\n"
    "equals = a=b:c\n"
    "empty =\n"
    "quoted = \"quotes stay\"\n"
    "[profile 'sin''gle']\n"
    "region = r1\n"
    "[profile es\\ caped] trailing words are not looked at\n"
    "region = r2\n"
    "[profile three words here]\n"
    "region = lost\n"
    "[profile \"not closed]\n"
    "region = lost\n"
    "[profile twice]\n"
    "region = first\n"
    "output = first\n"
    "[profile \"twice\"]\n"
    "region = second\n"
    "[preview]\n"
    "cloudfront = true\n"
    "[sso-session corp]\n"
    "sso_region = us-east-1\n"
    "sso_start_url = https://corp.awsapps.com/start\n"
    "[services lab]\n"
    "acm_pca =\n"
    "  endpoint_url = http://127.0.0.1:4566\n"
    "  # between them\n"
    "  Other = two = three\n"
    "\n"
    "s3 =\r\n"
    "\tendpoint_url=http://127.0.0.1:9000\r\n"
    "[profile svc]\r\n"
    "services = lab\r\n"
    "s3 =\n"
    "    addressing_style = path\n"
    "    addressing_style = virtual\n"
    "long = one\n"
    "  two\n"
    "\n"
    "  three\n"
    "\n"
    "\n"
    "last = x";

static const char credentials[] =
    "[default]\n"
    "aws_access_key_id = AKIDDEFAULT\n"
    "aws_secret_access_key = c2VjcmV0/canary+default=\n"
    "\n"
    "[prod]\n"
    "region = from-credentials\n"
    "[profile odd]\n" /* here that is the whole name */
    "aws_access_key_id = AKIDODD\n"
    "aws_secret_access_key = canary-odd\n"
    "[only here]\n"
    "aws_access_key_id = AKIDONLY\n";

static void
write_both(struct environment *e)
{
	assert_true(write_file(in_folder(folder, "config"), config, strlen(config)));
	assert_true(write_file(in_folder(folder, "credentials"), credentials, strlen(credentials)));
	e->config = in_folder(folder, "config");
	e->credentials = in_folder(folder, "credentials");
}

static void
keys_of_profiles(void **state)
{
	static const struct {
		const char *profile, *key, *value;
	} cases[] = {
		{ "default", "region", "eu-central-1" },
		{ "default", "aws_access_key_id", "AKIDDEFAULT" },
		{ "prod", "region", "from-credentials" },  /* the credentials file goes first */
		{ "prod", "role_arn", "arn:aws:iam::111122223333:role/pki" },
		{ "prod", "source_profile", "default\nRegion : us-east-1" },
		{ "prod", "duration_seconds", "900" },
		{ "two words", "region", "us-west-2" },
		{ "two words", "comment", "a # is no comment here ; nor is this" },
		{ "two words", "colon", "yes" },
		{ "two words", "equals", "a=b:c" },
		{ "two words", "empty", "" },
		{ "two words", "quoted", "\"quotes stay\"" },
		{ "single", "region", "r1" },
		{ "es caped", "region", "r2" },
		{ "three", "region", NULL },
		{ "twice", "region", "second" },
		{ "twice", "output", NULL },               /* the later section counts whole */
		{ "preview", "cloudfront", NULL },
		{ "svc", "s3", NULL },                     /* it has parts */
		{ "svc", "s3.addressing_style", "virtual" },
		{ "svc", "long", "one\ntwo\n\nthree" },
		{ "svc", "last", "x" },
		{ "profile odd", "aws_access_key_id", "AKIDODD" },
		{ "odd", "aws_access_key_id", NULL },
		{ "only here", "aws_access_key_id", "AKIDONLY" },
		{ "nobody", "region", NULL },
	};
	struct environment e = { .home = folder };
	struct aws_profiles *p;
	struct aws_error err;

	(void)state;
	write_both(&e);
	assert_int_equal(read_them(&e, &p, &err), STATUS_OK);
	for (size_t i = 0; i < LEN(cases); i++) {
		const char *value = aws_profile_get(p, cases[i].profile, cases[i].key);
		if (cases[i].value == NULL ? value != NULL : value == NULL || strcmp(value, cases[i].value) != 0)
			fail_msg("[%s] %s is “%s”", cases[i].profile, cases[i].key, value == NULL ? "(not set)" : value);
	}
	assert_true(aws_profile_exists(p, "two words"));
	assert_true(aws_profile_exists(p, "only here"));
	assert_false(aws_profile_exists(p, "preview"));
	assert_false(aws_profile_exists(p, "corp"));
	assert_string_equal(aws_profile_section_get(p, "sso-session", "corp", "sso_region"), "us-east-1");
	assert_string_equal(aws_profile_section_get(p, "services", "lab", "acm_pca.endpoint_url"), "http://127.0.0.1:4566");
	assert_string_equal(aws_profile_section_get(p, "services", "lab", "acm_pca.Other"), "two = three");
	assert_string_equal(aws_profile_section_get(p, "services", "lab", "s3.endpoint_url"), "http://127.0.0.1:9000");
	assert_null(aws_profile_section_get(p, "services", "lab", "sts.endpoint_url"));
	assert_true(aws_profile_section_exists(p, "services", "lab"));
	assert_false(aws_profile_section_exists(p, "services", "corp"));
	assert_null(aws_profile_get_from(p, AWS_FILE_CONFIG, "default", "aws_access_key_id"));
	assert_string_equal(aws_profile_get_from(p, AWS_FILE_CONFIG, "default", "output"), "json");
	assert_null(aws_profile_file_lacks(p, AWS_FILE_CONFIG));
	aws_profiles_free(p);
}

/* [DEFAULT] in capitals is configparser's own: its keys are in every section. */
static void
defaults_are_in_every_section(void **state)
{
	struct aws_profiles *p = of_text(AWS_FILE_CONFIG, "[DEFAULT]\nregion = r0\n[profile a]\nx = 1\n[profile b]\nregion = r1\n");

	(void)state;
	assert_string_equal(aws_profile_get(p, "a", "region"), "r0");
	assert_string_equal(aws_profile_get(p, "b", "region"), "r1");
	assert_null(aws_profile_get(p, "c", "region"));
	assert_false(aws_profile_exists(p, "DEFAULT"));
	aws_profiles_free(p);
}

/* Every one is refused by botocore as well; the line is ours. None of what stands in the line is repeated. */
static const struct bad {
	const char *text, *says;
	bool ours; /* botocore takes it */
} bads[] = {
	{ .text = "region = r\n", .says = "line 1: there is no “[section]” before it" },
	{ .text = "[default]\nregion\n", .says = "line 2: is neither" },
	{ .text = "[default]\nregion = r\nCANARY\n", .says = "line 3: is neither" },
	{ .text = "[default]\n= CANARY\n", .says = "line 2: there is no key" },
	{ .text = "[default]\nregion = a\n[default]\nregion = b\n", .says = "line 3: [default] stands there already, in line 1" },
	{ .text = "[default]\nregion = a\noutput = b\nREGION = CANARY\n", .says = "line 4: its section has this key already" },
	{ .text = "[default]\ns3 =\n  CANARY\n", .says = "line 2: a line of the block that begins here has no “=”" },
	{ .text = "[]\nregion = a\n", .says = "line 1: there is no “[section]” before it" },
	{ .text = "[default\nregion = a\n", .says = "line 1: there is no “[section]” before it" },
	{ .text = "[default]\nregion = \xff\xfe\n", .says = "is not UTF-8" },
};

static void
what_cannot_be_parsed(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(bads); i++) {
		struct aws_error err = { .kind = AWS_FINE };
		struct aws_profiles *p = NULL;

		if (aws_profiles_of_text(AWS_FILE_CREDENTIALS, "conf/\x1b[31m", bads[i].text, strlen(bads[i].text), &p, &err) == STATUS_OK)
			fail_msg("it took %s", bads[i].text);
		assert_null(p);
		assert_int_equal(err.kind, AWS_LOCAL);
		if (strstr(err.message, bads[i].says) == NULL || strstr(err.message, "CANARY") != NULL)
			fail_msg("“%s” for %s", err.message, bads[i].text);
		assert_int_equal(text_flags(text_of(err.message)) & TEXT_HOSTILE, 0);
	}
}

static void
a_damaged_file_is_named_with_its_line(void **state)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct aws_profiles *p = NULL;

	(void)state;
	assert_int_equal(aws_profiles_of_text(AWS_FILE_CONFIG, "config", "[a]\nb=c\n\0\n", 11, &p, &err), STATUS_FAILED);
	assert_non_null(strstr(err.message, "config, line 3: there is a NUL byte"));
}

/* As botocore: what is not there, is no file or may not be read is empty; and it is known which. */
static void
files_that_are_not_read(void **state)
{
	static const struct {
		const char *config, *lacks;
	} cases[] = {
		{ "/nowhere/config", "not there" },
		{ "/dev/null", "no regular file" },
		{ "/", "no regular file" },
		{ "", "not there" }, /* set and empty: no file, not the usual one */
		{ NULL, "not there" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct environment e = { .home = "/nonexistent", .config = cases[i].config, .credentials = "/dev/null" };
		struct aws_profiles *p;
		struct aws_error err;

		assert_int_equal(read_them(&e, &p, &err), STATUS_OK);
		assert_string_equal(aws_profile_file_lacks(p, AWS_FILE_CONFIG), cases[i].lacks);
		assert_false(aws_profile_exists(p, "default"));
		assert_null(aws_profile_get(p, "default", "region"));
		aws_profiles_free(p);
	}
}

static void
files_in_the_home_folder(void **state)
{
	struct environment e = { .home = folder };
	struct world w = { .env = env, .self = &e };
	struct aws_profiles *p;
	struct aws_error err;
	char *path;

	(void)state;
	mkdir(in_folder(folder, ".aws"), 0700);
	assert_true(write_file(in_folder(folder, ".aws/config"), "[default]\nregion=home\n", 22));
	assert_int_equal(read_them(&e, &p, &err), STATUS_OK);
	assert_string_equal(aws_profile_get(p, "default", "region"), "home");
	assert_string_equal(aws_profile_file_name(p, AWS_FILE_CONFIG), "~/.aws/config");
	assert_string_equal(aws_profile_file_lacks(p, AWS_FILE_CREDENTIALS), "not there");
	aws_profiles_free(p);
	e.config = "~/.aws/config";
	assert_int_equal(read_them(&e, &p, &err), STATUS_OK);
	assert_string_equal(aws_profile_get(p, "default", "region"), "home");
	aws_profiles_free(p);
	e.config = "${HOME}/.aws/config";
	assert_int_equal(read_them(&e, &p, &err), STATUS_OK);
	assert_string_equal(aws_profile_get(p, "default", "region"), "home");
	aws_profiles_free(p);
	path = aws_path_expand(&w, "a$NOBODY/${x/$");
	assert_string_equal(path, "a$NOBODY/${x/$");
	free(path);
	assert_true(write_file(in_folder(folder, "bad"), "[x]\ny\n", 6));
	e.config = in_folder(folder, "bad");
	assert_int_equal(read_them(&e, &p, &err), STATUS_FAILED);
	assert_non_null(strstr(err.message, "bad, line 2: is neither"));
}

/* ---- against botocore ---- */

static const char read_by_boto[] =
    "import botocore.session, json\n"
    "try:\n"
    "  c = botocore.session.Session().full_config\n"
    "  print(json.dumps({k: c.get(k, {}) for k in ('profiles', 'sso_sessions', 'services')}))\n"
    "except botocore.exceptions.ConfigParseError as e:\n"
    "  print(json.dumps({'error': str(e)}))\n";

static cJSON *
by_boto(const char *config_file, const char *credentials_file)
{
	char first[512], second[512];

	snprintf(first, sizeof first, "AWS_CONFIG_FILE=%s", config_file);
	snprintf(second, sizeof second, "AWS_SHARED_CREDENTIALS_FILE=%s", credentials_file);
	return boto_ask(read_by_boto, (const char *const[]){ first, second, NULL });
}

static void
same_value(const struct aws_profiles *p, const char *kind, const char *name, const char *key, const cJSON *value)
{
	const char *ours = kind == NULL ? aws_profile_get(p, name, key) : aws_profile_section_get(p, kind, name, key);

	if (ours == NULL || strcmp(ours, value->valuestring) != 0)
		fail_msg("[%s] %s: botocore has “%s”, we have “%s”", name, key, value->valuestring, ours == NULL ? "(not set)" : ours);
}

static void
same_sections(const struct aws_profiles *p, const char *kind, const cJSON *sections)
{
	const cJSON *section, *key, *sub;
	char nested[256];

	cJSON_ArrayForEach(section, sections) {
		assert_true(kind == NULL ? aws_profile_exists(p, section->string) : aws_profile_section_exists(p, kind, section->string));
		cJSON_ArrayForEach(key, section) {
			if (cJSON_IsString(key))
				same_value(p, kind, section->string, key->string, key);
			cJSON_ArrayForEach(sub, key) {
				snprintf(nested, sizeof nested, "%s.%s", key->string, sub->string);
				same_value(p, kind, section->string, nested, sub);
			}
		}
	}
}

static void
botocore_reads_the_same(void **state)
{
	static const char *const texts[] = {
		config,
		"[DEFAULT]\nregion = r0\n[profile a]\nx = 1\n[profile b]\nregion = r1\n",
		"[default]\nregion = a\n[profile default]\nregion = b\n",
		"[profile default]\nregion = a\n[default]\nregion = b\n",
		"[profile a]\n\n# c\n\n  region = x\n output = y\nz = 1\n  # no\n  more\n",
		"[profiles a]\nregion = x\n[profile\tb]\nregion = y\n[ profile c]\nregion=z\n[profile d ]\nregion=w\n",
		"[profile a]b]\nregion = x\n[profile \"q\\\"q\"]\nregion=y\n[profile \"a\"'b'c]\nregion=z\n",
		"[profile a]\nk = \n   \n  sub = 1\n\n  sub2=2\nnext=1\n",
		"\r\n[profile a]\rregion = r\r\n",
	};

	(void)state;
	if (boto_python() == NULL)
		skip();
	for (size_t i = 0; i < LEN(texts); i++) {
		struct environment e = { .home = folder };
		struct aws_profiles *p;
		struct aws_error err;
		cJSON *theirs;

		write_both(&e);
		assert_true(write_file(e.config, texts[i], strlen(texts[i])));
		theirs = by_boto(e.config, e.credentials);
		if (read_them(&e, &p, &err) != STATUS_OK)
			fail_msg("%zu: %s", i, err.message);
		assert_null(cJSON_GetObjectItem(theirs, "error"));
		same_sections(p, NULL, cJSON_GetObjectItem(theirs, "profiles"));
		same_sections(p, "sso-session", cJSON_GetObjectItem(theirs, "sso_sessions"));
		same_sections(p, "services", cJSON_GetObjectItem(theirs, "services"));
		cJSON_Delete(theirs);
		aws_profiles_free(p);
	}
}

static void
botocore_refuses_the_same(void **state)
{
	(void)state;
	if (boto_python() == NULL)
		skip();
	for (size_t i = 0; i < LEN(bads); i++) {
		cJSON *theirs;

		assert_true(write_file(in_folder(folder, "bad"), bads[i].text, strlen(bads[i].text)));
		theirs = by_boto(in_folder(folder, "bad"), "/dev/null");
		if (cJSON_GetObjectItem(theirs, "error") == NULL)
			fail_msg("botocore takes %s", bads[i].text);
		cJSON_Delete(theirs);
	}
}

/* ---- words ---- */

static void
words_of_a_line(void **state)
{
	static const struct {
		const char *line, *words; /* joined with | ; NULL: refused */
	} cases[] = {
		{ "", "" },
		{ "  \t ", "" },
		{ "a b  c", "a|b|c" },
		{ "'a b' \"c d\"", "a b|c d" },
		{ "a'b'\"c\"d", "abcd" },
		{ "'' \"\" x", "||x" },
		{ "a\\ b \\'c \\\\", "a b|'c|\\" },
		{ "\"a\\\"b\\\\c\\n\" 'd\\e'", "a\"b\\c\\n|d\\e" },
		{ "a#b # c", "a#b|#|c" },
		{ "$HOME *.c `x` ; y", "$HOME|*.c|`x`|;|y" },
		{ "a\nb\r\nc", "a|b|c" },
		{ "'a", NULL },
		{ "\"a", NULL },
		{ "\"a\\\"", NULL },
		{ "\"a\\", NULL },
		{ "a\\", NULL },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct buf joined = { .data = NULL };
		char **words;
		size_t len;

		if (words_split(cases[i].line, &words, &len) != (cases[i].words != NULL))
			fail_msg("%s", cases[i].line);
		for (size_t k = 0; k < len; k++)
			buf_addf(&joined, "%s%s", k > 0 ? "|" : "", words[k]);
		if (cases[i].words != NULL && strcmp(buf_str(&joined), cases[i].words) != 0)
			fail_msg("%s became %s", cases[i].line, buf_str(&joined));
		assert_true(words == NULL ? cases[i].words == NULL : words[len] == NULL);
		words_free(words);
		buf_done(&joined);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_profiles),
		cmocka_unit_test(defaults_are_in_every_section),
		cmocka_unit_test(what_cannot_be_parsed),
		cmocka_unit_test(a_damaged_file_is_named_with_its_line),
		cmocka_unit_test(files_that_are_not_read),
		cmocka_unit_test(files_in_the_home_folder),
		cmocka_unit_test(botocore_reads_the_same),
		cmocka_unit_test(botocore_refuses_the_same),
		cmocka_unit_test(words_of_a_line),
	};

	return cmocka_run_group_tests_name("aws_profile", tests, setup, teardown);
}
