#include "aws/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/ini.h"
#include "aws/words.h"
#include "model/buf.h"
#include "model/input.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/quote.h"

/* What a section of the config file is called: [profile x], [sso-session x], [services x]. */
struct named {
	char *kind, *name; /* NULL: a section of another sort */
};

struct file {
	struct ini ini;
	struct named *named; /* one a section; NULL in the credentials file, whose sections are profiles themselves */
	char shown[QUOTE_MAX];
	const char *lacks;
};

struct aws_profiles {
	struct file files[2];
};

static const struct {
	const char *variable, *usual;
} places[2] = {
	[AWS_FILE_CREDENTIALS] = { .variable = "AWS_SHARED_CREDENTIALS_FILE", .usual = "~/.aws/credentials" },
	[AWS_FILE_CONFIG] = { .variable = "AWS_CONFIG_FILE", .usual = "~/.aws/config" },
};

/* Sections that have a name of their own; botocore goes by how they begin. */
static const char *const kinds[] = { "profile", "sso-session", "services" };

/* The home folder that a process without HOME has: a service of systemd. */
static char *
home_of_user(void)
{
	char text[4096];
	struct passwd entry, *found = NULL;

	if (getpwuid_r(getuid(), &entry, text, sizeof text, &found) != 0 || found == NULL)
		return mem_strdup("/");
	return mem_strdup(entry.pw_dir);
}

static bool
is_name(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* The variable behind a “$” at `at`, appended; returns what was passed, 0 where it is none or not set: it stays as it is. */
static size_t
expand_variable(const struct world *w, const char *at, struct buf *out)
{
	bool braces = at[1] == '{';
	size_t start = braces ? 2 : 1, stop = start, whole;
	const char *value = NULL;
	char *name;

	while (at[stop] != '\0' && (braces ? at[stop] != '}' : is_name(at[stop])))
		stop++;
	if (stop == start || (braces && at[stop] != '}'))
		return 0;
	whole = braces ? stop + 1 : stop;
	name = mem_strndup(at + start, stop - start);
	value = w->env(w->self, name);
	free(name);
	if (value == NULL)
		return 0;
	buf_adds(out, value);
	return whole;
}

char *
aws_path_expand(const struct world *w, const char *path)
{
	struct buf out = { .data = NULL };
	size_t passed;

	if (path[0] == '~' && (path[1] == '/' || path[1] == '\0')) {
		const char *home = w->env(w->self, "HOME");
		char *other = home == NULL ? home_of_user() : NULL;
		buf_adds(&out, home == NULL ? other : home);
		free(other);
		path++;
	}
	while (*path != '\0') {
		passed = *path == '$' ? expand_variable(w, path, &out) : 0;
		if (passed == 0)
			buf_addc(&out, *path++);
		path += passed;
	}
	(void)buf_str(&out); /* so that there is a string even of nothing */
	return out.data;
}

static void
name_sections(struct file *f)
{
	f->named = mem_zero(f->ini.sections_len + 1, sizeof *f->named);
	for (size_t i = 0; i < f->ini.sections_len; i++) {
		const char *head = f->ini.sections[i].name, *kind = NULL;
		char **words;
		size_t len;

		if (strcmp(head, "default") == 0) {
			f->named[i] = (struct named){ .kind = mem_strdup("profile"), .name = mem_strdup("default") };
			continue;
		}
		for (size_t k = 0; k < sizeof kinds / sizeof kinds[0] && kind == NULL; k++)
			kind = strncmp(head, kinds[k], strlen(kinds[k])) == 0 ? kinds[k] : NULL;
		if (kind == NULL || !words_split(head, &words, &len))
			continue;
		if (len == 2)
			f->named[i] = (struct named){ .kind = mem_strdup(kind), .name = mem_strdup(words[1]) };
		words_free(words);
	}
}

static status
take_text(struct file *f, enum aws_profile_file which, const void *text, size_t len, struct aws_error *err)
{
	if (ini_read(f->shown, text, len, &f->ini, err) != STATUS_OK)
		return STATUS_FAILED;
	if (which == AWS_FILE_CONFIG)
		name_sections(f);
	return STATUS_OK;
}

/* As botocore: what is no regular file (/dev/null is a usual word for “none”) or may not be read counts as an empty file. */
static const char *
keeps_from_reading(const char *path)
{
	struct stat sb;
	int fd;

	if (stat(path, &sb) != 0)
		return errno == EACCES ? "permission denied" : "not there";
	if (!S_ISREG(sb.st_mode))
		return "no regular file";
	if (sb.st_size == 0)
		return "empty";
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == EACCES ? "permission denied" : "cannot be read";
	close(fd);
	return NULL;
}

static status
read_file(struct aws_profiles *p, enum aws_profile_file which, const struct world *w, struct aws_error *err)
{
	struct file *f = &p->files[which];
	const char *named = w->env(w->self, places[which].variable);
	bool usual = named == NULL;
	char *path = aws_path_expand(w, usual ? places[which].usual : named);
	struct error why = { .code = ERROR_NONE };
	struct input in = { .bytes = NULL };
	status result = STATUS_FAILED;

	if (path[0] == '\0') /* set and empty: no file, not the usual one */
		snprintf(f->shown, sizeof f->shown, "%s, which is set and empty", places[which].variable);
	else
		quote_str(usual ? places[which].usual : path, f->shown);
	f->lacks = keeps_from_reading(path);
	if (f->lacks != NULL)
		result = STATUS_OK;
	else if (input_read(path, LIMIT_AWS_PROFILE_FILE, &in, &why) != STATUS_OK)
		result = aws_error_set(err, AWS_LOCAL, NULL, "%s", why.text);
	else
		result = take_text(f, which, in.bytes, in.len, err);
	input_free(&in);
	free(path);
	return result;
}

status
aws_profiles_read(const struct world *w, struct aws_profiles **out, struct aws_error *err)
{
	struct aws_profiles *p = mem_zero(1, sizeof *p);

	*out = NULL;
	if (read_file(p, AWS_FILE_CONFIG, w, err) != STATUS_OK || read_file(p, AWS_FILE_CREDENTIALS, w, err) != STATUS_OK) {
		aws_profiles_free(p);
		return STATUS_FAILED;
	}
	*out = p;
	return STATUS_OK;
}

status
aws_profiles_of_text(enum aws_profile_file which, const char *name, const void *text, size_t len, struct aws_profiles **out,
    struct aws_error *err)
{
	struct aws_profiles *p = mem_zero(1, sizeof *p);

	for (size_t i = 0; i < 2; i++) {
		quote_str(i == (size_t)which ? name : places[i].usual, p->files[i].shown);
		p->files[i].lacks = i == (size_t)which ? NULL : "not there";
	}
	*out = NULL;
	if (take_text(&p->files[which], which, text, len, err) != STATUS_OK) {
		aws_profiles_free(p);
		return STATUS_FAILED;
	}
	*out = p;
	return STATUS_OK;
}

void
aws_profiles_free(struct aws_profiles *p)
{
	for (size_t i = 0; p != NULL && i < 2; i++) {
		struct file *f = &p->files[i];
		for (size_t k = 0; f->named != NULL && k < f->ini.sections_len; k++) {
			free(f->named[k].kind);
			free(f->named[k].name);
		}
		free(f->named);
		ini_done(&f->ini);
	}
	free(p);
}

/* Of several with one name ([profile x], [profile "x"]) the last one counts, whole, as in botocore. False: there is none. */
static bool
find_section(const struct file *f, const char *kind, const char *name, size_t *out)
{
	for (size_t i = f->ini.sections_len; i-- > 0;) {
		bool same = f->named == NULL ? strcmp(f->ini.sections[i].name, name) == 0
		                             : f->named[i].kind != NULL && strcmp(f->named[i].kind, kind) == 0 &&
		        strcmp(f->named[i].name, name) == 0;
		if (same) {
			*out = i;
			return true;
		}
	}
	return false;
}

const char *
aws_profile_get_from(const struct aws_profiles *p, enum aws_profile_file file, const char *profile, const char *key)
{
	const struct file *f = &p->files[file];
	size_t section;

	return find_section(f, "profile", profile, &section) ? ini_get(&f->ini, section, key) : NULL;
}

const char *
aws_profile_get(const struct aws_profiles *p, const char *profile, const char *key)
{
	const struct file *f = &p->files[AWS_FILE_CREDENTIALS];
	size_t section;

	if (find_section(f, "profile", profile, &section) && ini_has(&f->ini, section, key))
		return ini_get(&f->ini, section, key);
	return aws_profile_get_from(p, AWS_FILE_CONFIG, profile, key);
}

bool
aws_profile_exists(const struct aws_profiles *p, const char *profile)
{
	size_t section;

	return find_section(&p->files[AWS_FILE_CREDENTIALS], "profile", profile, &section) ||
	    find_section(&p->files[AWS_FILE_CONFIG], "profile", profile, &section);
}

const char *
aws_profile_section_get(const struct aws_profiles *p, const char *kind, const char *name, const char *key)
{
	const struct file *f = &p->files[AWS_FILE_CONFIG];
	size_t section;

	return f->named != NULL && find_section(f, kind, name, &section) ? ini_get(&f->ini, section, key) : NULL;
}

bool
aws_profile_section_exists(const struct aws_profiles *p, const char *kind, const char *name)
{
	const struct file *f = &p->files[AWS_FILE_CONFIG];
	size_t section;

	return f->named != NULL && find_section(f, kind, name, &section);
}

const char *
aws_profile_file_name(const struct aws_profiles *p, enum aws_profile_file file)
{
	return p->files[file].shown;
}

const char *
aws_profile_file_lacks(const struct aws_profiles *p, enum aws_profile_file file)
{
	return p->files[file].lacks;
}
