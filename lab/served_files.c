#include "lab/served_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/authority.h"
#include "lab/pki_files.h"
#include "lab/story.h"
#include "model/memory.h"

static const char upstreams_name[] = "upstreams.pem";
static const char *const names[SERVED_FILES] = { [SERVED_CERT] = "server.crt", [SERVED_KEY] = "server.key", [SERVED_TRUST] = "clients.pem" };

/* ---- what is written at the start ---- */

bool
served_by(const struct story *story)
{
	return story->manner < MANNER_HTTP && (story->starttls == STARTTLS_NONE || story->plain == PLAIN_GOES_OVER);
}

static bool
asks_somebody(const struct story *story)
{
	return story->asks != ASKS_NOT || story->manner == MANNER_LATE;
}

/* A certificate that does not parse is written as it is sent. */
static bool
write_garbage(const char *path, const struct pki_cert *like)
{
	X509 *x = pki_garbage(like);
	BIO *bio = BIO_new(BIO_s_mem());
	char *data = NULL;
	bool ok = bio != NULL && PEM_write_bio_X509(bio, x) == 1;
	long len = ok ? BIO_get_mem_data(bio, &data) : 0;

	ok = ok && len > 0 && pki_write_bytes(path, data, (size_t)len, 0644);
	BIO_free(bio);
	X509_free(x);
	return ok;
}

static bool
write_shown(const struct served *s, const struct story *story, struct authority *a, const char *beside)
{
	const struct pki_cert *chain[CHAIN_MAX];
	const char *leaf = story->server.leaf != NULL ? story->server.leaf : "server";
	size_t len = authority_chain(a, leaf, story->server.form, story->server.extra, chain);
	EVP_PKEY *key = story->wrong_key ? authority_cert(a, "stranger")->key : chain[0]->key;

	if (story->server.garbage ? !write_garbage(s->path[SERVED_CERT], chain[0]) : !pki_write_certs(s->path[SERVED_CERT], chain, len))
		return false;
	/* The right key lies beside the wrong one, as after a renewal that was half done. */
	return pki_write_key(s->path[SERVED_KEY], key, NULL) && (!story->wrong_key || pki_write_key(beside, chain[0]->key, NULL));
}

static bool
write_trusted(const char *path, const struct story *story, struct authority *a)
{
	const struct pki_cert *anchors[STORY_LIST];
	size_t len = 0;

	while (len < STORY_LIST && story_trusts(story, len) != NULL) {
		anchors[len] = authority_cert(a, story_trusts(story, len));
		len++;
	}
	return path == NULL || pki_write_certs(path, anchors, len);
}

static char *
path_in(const char *folder, const char *name)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		path[0] = '\0'; /* writing it fails, and says so */
	return mem_strdup(path);
}

static bool
make_folder(const char *path)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static bool
write_all(struct served *s, const struct story *story, const char *folder, struct authority *a)
{
	const struct pki_cert *root = authority_cert(a, "root");
	char *beside = path_in(folder, "server-old.key");
	bool ok;

	for (size_t i = 0; i < SERVED_FILES; i++)
		if (i != SERVED_TRUST || asks_somebody(story))
			s->path[i] = path_in(folder, names[i]);
	if (story->calls)
		s->upstreams = path_in(folder, upstreams_name);
	ok = write_shown(s, story, a, beside) && write_trusted(s->path[SERVED_TRUST], story, a) &&
	    (s->upstreams == NULL || pki_write_certs(s->upstreams, &root, 1));
	free(beside);
	return ok;
}

/* ---- what stands there now ---- */

static void
read_bytes(int fd, struct content *out)
{
	char piece[16384];
	ssize_t n;

	while ((n = read(fd, piece, sizeof piece)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || out->bytes.len + (size_t)n > SERVED_MOST) {
			out->failed = n < 0 ? errno : EFBIG;
			return;
		}
		buf_add(&out->bytes, piece, (size_t)n);
	}
}

static void
look(const char *path, struct content *out)
{
	/* Nothing is waited for: a FIFO in its place is no file. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	buf_reset(&out->bytes);
	out->failed = 0;
	if (fd < 0 || fstat(fd, &st) != 0)
		out->failed = errno;
	else if (!S_ISREG(st.st_mode))
		out->failed = EINVAL;
	else
		read_bytes(fd, out);
	if (out->failed != 0)
		buf_reset(&out->bytes);
	if (fd >= 0)
		close(fd);
}

static bool
same(const struct content *a, const struct content *b)
{
	return a->failed == b->failed && a->bytes.len == b->bytes.len && (a->bytes.len == 0 || memcmp(a->bytes.data, b->bytes.data, a->bytes.len) == 0);
}

static void
keep(struct content *to, const struct content *from)
{
	to->failed = from->failed;
	buf_reset(&to->bytes);
	buf_add(&to->bytes, from->bytes.data != NULL ? from->bytes.data : "", from->bytes.len);
}

/* Reads all of them; is one another than when it was last seen? */
static bool
look_again(struct served *s)
{
	bool changed = false;

	for (size_t i = 0; i < SERVED_FILES; i++) {
		if (s->path[i] == NULL)
			continue;
		look(s->path[i], &s->now);
		if (same(&s->now, &s->seen[i]))
			continue;
		keep(&s->seen[i], &s->now);
		changed = true;
	}
	return changed;
}

static status
readable(const char *name, const struct content *c, struct error *err)
{
	if (c->failed == 0)
		return STATUS_OK;
	return error_set(err, ERROR_INPUT, "reading what is served", "%s: it cannot be read: %s", name,
	    c->failed == EINVAL ? "it is no file" : strerror(c->failed));
}

static bool
as_at_first(const struct served *s, enum served_file i)
{
	return s->path[i] == NULL || same(&s->seen[i], &s->first[i]);
}

static status
read_material(const struct served *s, struct material *out, struct error *err)
{
	for (size_t i = 0; i < SERVED_FILES; i++)
		if (s->path[i] != NULL && readable(names[i], &s->seen[i], err) != STATUS_OK)
			return STATUS_FAILED;
	if (!(as_at_first(s, SERVED_CERT) && as_at_first(s, SERVED_KEY)) &&
	    material_shows(out, names[SERVED_CERT], &s->seen[SERVED_CERT].bytes, names[SERVED_KEY], &s->seen[SERVED_KEY].bytes, err) != STATUS_OK)
		return STATUS_FAILED;
	if (as_at_first(s, SERVED_TRUST))
		return STATUS_OK;
	return material_trusts(out, names[SERVED_TRUST], &s->seen[SERVED_TRUST].bytes, err);
}

void
served_complain(const struct served *s, const char *what)
{
	fprintf(stderr, "mtlscope lab: %s: %s; what it had before goes on\n", s->name, what);
}

bool
served_changed(struct served *s, struct material *out)
{
	struct error err = { .code = ERROR_NONE };

	*out = (struct material){ .leaf = NULL };
	if (!look_again(s))
		return false;
	if (read_material(s, out, &err) == STATUS_OK)
		return true;
	served_complain(s, err.text);
	material_done(out);
	return false;
}

const STACK_OF(X509) *
served_upstreams(struct served *s)
{
	struct error err = { .code = ERROR_NONE };

	look(s->upstreams, &s->now);
	if (s->calls.anchors != NULL && same(&s->now, &s->upstreams_seen))
		return s->calls.anchors;
	keep(&s->upstreams_seen, &s->now);
	if (readable(upstreams_name, &s->now, &err) != STATUS_OK || material_trusts(&s->calls, upstreams_name, &s->now.bytes, &err) != STATUS_OK)
		served_complain(s, err.text);
	return s->calls.anchors;
}

status
served_start(struct served *out, const struct story *story, const struct folder *folder, struct authority *a, struct error *err)
{
	char *parent = path_in(folder->path, "endpoints"), *mine = path_in(parent, story->name);
	bool ok = make_folder(parent) && make_folder(mine) && write_all(out, story, mine, a);

	if (!ok)
		error_set(err, ERROR_LOCAL, "starting the lab", "A file of the lab cannot be written: %s.", strerror(errno));
	free(mine);
	free(parent);
	out->name = story->name;
	for (size_t i = 0; i < SERVED_FILES && ok; i++)
		if (out->path[i] != NULL) {
			look(out->path[i], &out->first[i]);
			keep(&out->seen[i], &out->first[i]);
		}
	/* While it is surely good. */
	if (ok && out->upstreams != NULL)
		(void)served_upstreams(out);
	return ok ? STATUS_OK : STATUS_FAILED;
}

void
served_done(struct served *s)
{
	for (size_t i = 0; i < SERVED_FILES; i++) {
		free(s->path[i]);
		buf_done(&s->first[i].bytes);
		buf_done(&s->seen[i].bytes);
	}
	buf_done(&s->now.bytes);
	buf_done(&s->upstreams_seen.bytes);
	material_done(&s->calls);
	free(s->upstreams);
	*s = (struct served){ .name = NULL };
}
