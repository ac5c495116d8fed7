/* `fleet add`: text goes into the file where it belongs, and all the rest of it stays byte for byte. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/config.h"
#include "model/config_fill.h"
#include "model/config_place.h"
#include "model/memory.h"
#include "model/quote.h"
#include "model/save.h"

#define STAGE "configuration"

enum { NAME_TRIES = 100000 };

struct addition {
	const char *const *targets;
	size_t len;
	const char *identity, *group; /* group may be NULL */
	char **names;                 /* that the entries get */
	struct config *old;
	struct error *err;
};

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
name_taken(const struct addition *a, size_t before, const char *name)
{
	if (config_entry(a->old, name) != NULL)
		return true;
	for (size_t i = 0; i < before; i++) {
		if (strcmp(a->names[i], name) == 0)
			return true;
	}
	return false;
}

/* "payment.internal"; where that is taken, with its port; then with a number. */
static char *
name_for(const struct addition *a, size_t index, const struct target *t)
{
	const char *slash = t->unix_path != NULL ? strrchr(t->unix_path, '/') : NULL;
	const char *base = t->host != NULL ? t->host : slash != NULL && slash[1] != '\0' ? slash + 1 : "local";
	struct buf name = { 0 };

	buf_adds(&name, base);
	if (name_taken(a, index, buf_str(&name)) && t->host != NULL)
		buf_addf(&name, "-%u", (unsigned)t->port);
	for (unsigned i = 2; name_taken(a, index, buf_str(&name)) && i < NAME_TRIES; i++) {
		buf_reset(&name);
		buf_addf(&name, "%s-%u", base, i);
	}
	return name.data;
}

static bool
same_place(const struct target *a, const struct target *b)
{
	return a->port == b->port && same_text(a->host, b->host) && same_text(a->unix_path, b->unix_path) &&
	    same_text(a->servername, b->servername) && same_text(a->path, b->path) && a->starttls == b->starttls;
}

static status
look_at_target(struct addition *a, size_t index)
{
	char shown[QUOTE_MAX];
	struct target t = { .port = 0 };
	status result = STATUS_OK;

	if (target_parse(a->targets[index], &t, a->err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t i = 0; i < a->old->fleet_len && result == STATUS_OK; i++) {
		const struct config_entry *e = &a->old->fleet[i];
		if (same_place(&t, &e->parsed) && same_text(e->identity, a->identity))
			result = error_set(a->err, ERROR_USAGE, STAGE, "%s: is in the fleet already, as “%s” (%s:%zu)",
			    quote_str(a->targets[index], shown), e->name, a->old->file,
			    config_line(a->old, "fleet", i, NULL));
	}
	a->names[index] = name_for(a, index, &t);
	if (result == STATUS_OK && (text_flags(text_of(a->names[index])) & TEXT_HOSTILE) != 0)
		result = error_set(a->err, ERROR_USAGE, STAGE, "%s: no name can be made of it; please add it by hand",
		    quote_str(a->targets[index], shown));
	target_done(&t);
	return result;
}

static status
look_at_identity(struct addition *a)
{
	struct buf names = { 0 };
	char shown[QUOTE_MAX];

	if (config_identity(a->old, a->identity) != NULL)
		return STATUS_OK;
	for (size_t i = 0; i < a->old->identities_len && names.len < 200; i++)
		buf_addf(&names, "%s%s", i > 0 ? ", " : "; there are ", a->old->identities[i].name);
	error_set(a->err, ERROR_USAGE, STAGE, "%s: no identity is called “%s”%s", a->old->file,
	    quote_str(a->identity, shown), names.len > 0 ? buf_str(&names) : "; it has none");
	buf_done(&names);
	return STATUS_FAILED;
}

/* A value of a key: as it is where YAML takes it for nothing else, else in double quotes. */
static void
yaml_value(struct buf *out, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-";

	if (s[strspn(s, plain)] == '\0' && s[0] != '-' && s[0] != '.' && s[0] != '\0') {
		buf_adds(out, s);
		return;
	}
	buf_addc(out, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *s);
	}
	buf_addc(out, '"');
}

static void
yaml_entry(const struct addition *a, size_t i, struct buf *out)
{
	buf_adds(out, "{name: ");
	yaml_value(out, a->names[i]);
	buf_adds(out, ", target: ");
	yaml_value(out, a->targets[i]);
	buf_adds(out, ", identity: ");
	yaml_value(out, a->identity);
	if (a->group != NULL) {
		buf_adds(out, ", group: ");
		yaml_value(out, a->group);
	}
	buf_addc(out, '}');
}

/* The lines of the new entries, with what must stand before them. */
static void
yaml_lines(const struct addition *a, const struct config_place *p, const char *end, bool first_of_line, struct buf *out)
{
	size_t column = p->kind == PLACE_BLOCK ? p->column : 2;

	if (!first_of_line)
		buf_adds(out, end);
	if (p->kind == PLACE_NO_FLEET)
		buf_addf(out, "%sfleet:%s", p->at > 0 ? end : "", end);
	for (size_t i = 0; i < a->len; i++) {
		buf_addf(out, "%*s- ", (int)column, "");
		yaml_entry(a, i, out);
		buf_adds(out, end);
	}
}

static void
new_text(const struct addition *a, const struct config_place *p, struct buf *out)
{
	const struct config_text *t = &a->old->source->text;
	const unsigned char *newline = t->len > 0 ? memchr(t->bytes, '\n', t->len) : NULL;
	const char *end = newline != NULL && newline > t->bytes && newline[-1] == '\r' ? "\r\n" : "\n";
	const char *bytes = (const char *)t->bytes;
	size_t from = 0;

	if (p->cut_to > p->cut_from) {
		buf_add(out, bytes, p->cut_from);
		from = p->cut_to;
	}
	if (p->at > from)
		buf_add(out, bytes + from, p->at - from);
	if (p->kind == PLACE_FLOW) {
		for (size_t i = 0; i < a->len; i++) {
			buf_adds(out, ", ");
			yaml_entry(a, i, out);
		}
	} else {
		yaml_lines(a, p, end, out->len == 0 || out->data[out->len - 1] == '\n', out);
	}
	if (t->len > p->at)
		buf_add(out, bytes + p->at, t->len - p->at);
}

/* Does the new file say what the old one said, and the new entries? */
static bool
says_both(const struct addition *a, const struct config *c)
{
	const struct config *old = a->old;

	if (c->fleet_len != old->fleet_len + a->len || c->identities_len != old->identities_len ||
	    c->aws_len != old->aws_len)
		return false;
	for (size_t i = 0; i < old->fleet_len; i++) {
		const struct config_entry *x = &c->fleet[i], *y = &old->fleet[i];
		if (!same_text(x->name, y->name) || !same_text(x->target, y->target) ||
		    !same_text(x->identity, y->identity) || !same_text(x->group, y->group))
			return false;
	}
	for (size_t i = 0; i < a->len; i++) {
		const struct config_entry *x = &c->fleet[old->fleet_len + i];
		if (!same_text(x->name, a->names[i]) || !same_text(x->target, a->targets[i]) ||
		    !same_text(x->identity, a->identity) || !same_text(x->group, a->group))
			return false;
	}
	return true;
}

static status
not_written(const char *path, const char *what, struct error *err)
{
	char shown[QUOTE_MAX];

	return error_set(err, ERROR_LOCAL, STAGE, "%s: %s: %s; nothing was changed", quote_str(path, shown), what,
	    strerror(errno));
}

/* The new file beside the old one, with its owner and mode, on the disk. */
static status
write_beside(const char *temporary, int fd, const struct stat *old, const struct buf *text, struct error *err)
{
	bool written = write_all(fd, text->data, text->len) && fchmod(fd, old->st_mode & 0777) == 0;

	/* Run by root for somebody else, it stays theirs; where that may not be done it is ours already. */
	if (written && fchown(fd, old->st_uid, old->st_gid) != 0)
		errno = 0;
	written = written && fsync(fd) == 0;
	if (close(fd) != 0 || !written)
		return not_written(temporary, "cannot be written", err);
	return STATUS_OK;
}

/* A name that was put into a folder is on the disk once the folder is. */
static void
sync_folder(const char *path)
{
	char *folder = mem_strdup(path), *slash = strrchr(folder, '/');
	int fd;

	if (slash != NULL)
		slash[1] = '\0';
	fd = open(slash != NULL ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(folder);
}

static status
check_and_rename(const struct addition *a, const char *temporary, const char *path, const struct stat *before,
    const struct world *w)
{
	struct config *c = NULL;
	struct error inner = { .code = ERROR_NONE };
	struct stat now;
	bool good = config_read(temporary, w, &c, &inner) == STATUS_OK && says_both(a, c);

	config_free(c);
	if (!good)
		return error_set(a->err, ERROR_INPUT, STAGE,
		    "%s: its fleet is written so that nothing can be added to it; please add the entries by hand",
		    a->old->file);
	if (stat(path, &now) != 0 || now.st_ino != before->st_ino || now.st_size != before->st_size ||
	    now.st_mtim.tv_sec != before->st_mtim.tv_sec || now.st_mtim.tv_nsec != before->st_mtim.tv_nsec)
		return error_set(a->err, ERROR_LOCAL, STAGE, "%s: was changed by somebody else meanwhile; nothing was written",
		    a->old->file);
	if (rename(temporary, path) != 0)
		return not_written(path, "cannot be replaced", a->err);
	sync_folder(path);
	return STATUS_OK;
}

static status
replace(const struct addition *a, const char *path, const struct stat *before, const struct buf *text,
    const struct world *w)
{
	struct buf temporary = { 0 };
	status result = STATUS_FAILED;
	int fd;

	buf_addf(&temporary, "%s.XXXXXX", path);
	fd = mkostemp(temporary.data, O_CLOEXEC);
	if (fd < 0) {
		not_written(temporary.data, "cannot be made", a->err);
		buf_done(&temporary);
		return STATUS_FAILED;
	}
	if (write_beside(temporary.data, fd, before, text, a->err) == STATUS_OK)
		result = check_and_rename(a, temporary.data, path, before, w);
	if (result != STATUS_OK)
		unlink(temporary.data);
	buf_done(&temporary);
	return result;
}

static status
add(struct addition *a, const char *path, const struct stat *before, const struct world *w)
{
	struct config_place place;
	struct buf text = { 0 };
	status result = STATUS_FAILED;

	if (look_at_identity(a) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t i = 0; i < a->len; i++) {
		if (look_at_target(a, i) != STATUS_OK)
			return STATUS_FAILED;
	}
	if (config_place_find(&a->old->source->text, &place, a->err) == STATUS_OK) {
		new_text(a, &place, &text);
		result = replace(a, path, before, &text, w);
	}
	buf_done(&text);
	return result;
}

status
config_add_fleet(const char *path, const struct world *w, const char *const *targets, size_t len,
    const char *identity, const char *group, struct buf *names, struct error *err)
{
	struct addition a = { .targets = targets, .len = len, .identity = identity, .group = group, .err = err };
	/* A link stays a link: what it leads to is replaced. */
	char *real = realpath(path, NULL);
	const char *file = real != NULL ? real : path;
	struct stat before = { .st_mode = 0 };
	status result = STATUS_FAILED;

	if (group != NULL && (group[0] == '\0' || (text_flags(text_of(group)) & TEXT_HOSTILE) != 0)) {
		error_set(err, ERROR_USAGE, STAGE, "the group's name is empty or cannot be typed");
		goto out;
	}
	/* Its stat before it is read: what is written later than that is noticed. */
	if ((stat(file, &before) != 0 && errno != ENOENT) || config_read(file, w, &a.old, err) != STATUS_OK)
		goto out;
	a.names = mem_zero(len + 1, sizeof *a.names);
	result = add(&a, file, &before, w);
	for (size_t i = 0; i < len; i++) {
		if (result == STATUS_OK && names != NULL)
			buf_addf(names, "%s\n", a.names[i]);
		free(a.names[i]);
	}
out:
	free(a.names);
	config_free(a.old);
	free(real);
	return result;
}
