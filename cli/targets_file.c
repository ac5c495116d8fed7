/* --targets FILE: a target a line, then servername=NAME path=/x group=G; "#" begins a comment. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/option_values.h"
#include "cli/settings.h"
#include "model/limits.h"
#include "model/memory.h"

struct line_reader {
	int fd;
	const char *file;
	char bytes[64 * 1024];
	size_t at, len;
	size_t number; /* of the line that was read last, from 1 */
	bool end;
};

/* The next line into `line` (LIMIT_TARGETS_LINE + 1 bytes). *got is false at the end of the file. */
static status
next_line(struct line_reader *r, char *line, bool *got, struct error *err)
{
	size_t len = 0;

	*got = false;
	r->number++;
	for (;;) {
		if (r->at == r->len && !r->end) {
			ssize_t n = read(r->fd, r->bytes, sizeof r->bytes);
			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0)
				return error_set(err, ERROR_INPUT, "targets", "%s: %s", printable(r->file),
				    strerror(errno));
			r->at = 0;
			r->len = (size_t)n;
			r->end = n == 0;
		}
		if (r->at == r->len) {
			*got = len > 0;
			break;
		}
		char c = r->bytes[r->at++];
		*got = true;
		if (c == '\n')
			break;
		if (c == '\0')
			return error_set(err, ERROR_INPUT, "targets", "%s:%zu: a NUL byte; expected text",
			    printable(r->file), r->number);
		if (len == LIMIT_TARGETS_LINE)
			return error_set(err, ERROR_INPUT, "targets", "%s:%zu: the line is longer than %d bytes",
			    printable(r->file), r->number, LIMIT_TARGETS_LINE);
		line[len++] = c;
	}
	line[len] = '\0';
	return STATUS_OK;
}

/* One NAME=VALUE of a line. */
static status
take_setting(char *word, struct target *t, struct error *err)
{
	char *value = strchr(word, '=');

	if (value == NULL)
		return error_set(err, ERROR_INPUT, "targets",
		    "%s: expected servername=NAME, path=/x or group=G after the target", printable(word));
	*value++ = '\0';
	if (strcmp(word, "servername") == 0)
		return target_set_servername(t, value, err);
	if (strcmp(word, "path") == 0)
		return target_set_path(t, value, err);
	if (strcmp(word, "identity") == 0)
		return error_set(err, ERROR_INPUT, "targets",
		    "identity=%s: named identities are not in this version yet", printable(value));
	if (strcmp(word, "group") != 0 || value[0] == '\0')
		return error_set(err, ERROR_INPUT, "targets", "%s=: expected servername=, path= or group=",
		    printable(word));
	free(t->group);
	t->group = mem_strdup(value);
	return STATUS_OK;
}

static status
take_line(const struct options *o, char *line, struct settings *s, struct error *err)
{
	struct target t = { 0 };
	bool begun = false;
	char *rest = NULL;

	for (char *word = strtok_r(line, " \t\r", &rest); word != NULL && word[0] != '#';
	    word = strtok_r(NULL, " \t\r", &rest)) {
		if (!begun && target_parse(word, &t, err) != STATUS_OK)
			return STATUS_FAILED;
		/* What the line says goes over what the options say of all. */
		if (begun ? take_setting(word, &t, err) != STATUS_OK : settings_target(o, &t, err) != STATUS_OK) {
			target_done(&t);
			return STATUS_FAILED;
		}
		begun = true;
	}
	if (!begun)
		return STATUS_OK;
	if (s->targets_len == LIMIT_TARGETS) {
		target_done(&t);
		return error_set(err, ERROR_INPUT, "targets", "more than %d targets", LIMIT_TARGETS);
	}
	settings_add(s, &t);
	return STATUS_OK;
}

static status
open_targets(const char *file, int *fd, struct error *err)
{
	struct stat st;

	if (strcmp(file, "-") == 0) {
		*fd = STDIN_FILENO;
		return STATUS_OK;
	}
	*fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (*fd < 0)
		return error_set(err, ERROR_INPUT, "targets", "%s: %s", printable(file), strerror(errno));
	if (fstat(*fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(*fd);
		*fd = -1;
		return error_set(err, ERROR_INPUT, "targets", "%s: %s; “-” reads standard input", printable(file),
		    S_ISDIR(st.st_mode) ? "is a folder, expected a file" : "is no regular file");
	}
	return STATUS_OK;
}

status
settings_targets_file(const struct options *o, const char *file, struct settings *s, struct error *err)
{
	struct line_reader *r = NULL;
	char *line = NULL;
	status result = STATUS_FAILED;
	int fd = -1;

	if (open_targets(file, &fd, err) != STATUS_OK)
		return STATUS_FAILED;
	r = mem_zero(1, sizeof *r);
	line = mem_alloc(LIMIT_TARGETS_LINE + 1);
	r->fd = fd;
	r->file = strcmp(file, "-") == 0 ? "standard input" : file;
	for (;;) {
		struct error of_line = { .code = ERROR_NONE };
		bool got = false;
		if (next_line(r, line, &got, err) != STATUS_OK)
			goto out;
		if (!got)
			break;
		if (take_line(o, line, s, &of_line) != STATUS_OK) {
			error_set(err, ERROR_INPUT, "targets", "%s:%zu: %s", printable(r->file), r->number, of_line.text);
			goto out;
		}
	}
	result = STATUS_OK;
out:
	if (fd != STDIN_FILENO)
		close(fd);
	free(r);
	free(line);
	return result;
}
