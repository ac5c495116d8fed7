#include "fixes/trust.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixes/deeds.h"
#include "fixes/trust_parts.h"
#include "model/input.h"
#include "model/quote.h"

#define STAGE "trust"
enum { FILE_MOST = 4 << 20 }; /* everybody's roots together are a quarter of a MiB */

/* ---- a bundle file of this machine ---- */

struct on_disk {
	const char *path;    /* absolute, behind symbolic links */
	const char *shown;
	struct input in;     /* as it is now */
	struct buf text;     /* as it will be */
	size_t before, after; /* CAs */
};

static status
add_one(struct on_disk *f, const struct cert *c, bool *changed, struct error *err)
{
	struct buf next = { 0 };
	bool here = false;
	status result = bundle_text_add(buf_str(&f->text), f->text.len, f->path, c, &next, &here, err);

	*changed = *changed || here;
	buf_done(&f->text);
	f->text = next;
	return result;
}

static status
remove_one(struct on_disk *f, const struct cert *c, bool *changed, struct error *err)
{
	struct buf next = { 0 };
	bool here = false;
	status result = bundle_text_remove(buf_str(&f->text), f->text.len, f->path, c, &next, &here, err);

	*changed = *changed || here;
	buf_done(&f->text);
	f->text = next;
	return result;
}

static status
rewrite(struct on_disk *f, const struct trust_wish *w, bool *changed, struct error *err)
{
	status result = STATUS_OK;

	buf_add(&f->text, f->in.bytes, f->in.len);
	if (w->add != NULL)
		result = add_one(f, w->add, changed, err);
	for (size_t i = 0; i < w->also_len && result == STATUS_OK; i++)
		result = add_one(f, w->also[i], changed, err);
	if (w->remove != NULL && result == STATUS_OK)
		result = remove_one(f, w->remove, changed, err);
	return result;
}

static status
count(const struct on_disk *f, const char *bytes, size_t len, size_t *out, struct error *err)
{
	struct bundle b;
	status result = bundle_read(bytes, len, f->path, &b, err);

	*out = b.len;
	bundle_done(&b);
	return result;
}

/* Absolute, since another run in another folder may go on with the plan. */
static status
open_file(struct plan *p, const struct trust_wish *w, struct on_disk *f, struct error *err)
{
	char real[PATH_MAX], shown[QUOTE_MAX];

	f->path = arena_strdup(p->arena, realpath(w->where, real) != NULL ? real : w->where);
	f->shown = plan_shown(p, f->path);
	if (input_read(f->path, FILE_MOST, &f->in, err) != STATUS_OK)
		return STATUS_FAILED;
	if (memchr(f->in.bytes, '\0', f->in.len) != NULL && memmem(f->in.bytes, f->in.len, "-----BEGIN ", 11) != NULL)
		return error_set(err, ERROR_INPUT, STAGE, "%s: expected a PEM bundle of CA certificates, found zero bytes in it", quote_str(f->path, shown));
	return count(f, (const char *)f->in.bytes, f->in.len, &f->before, err);
}

static cJSON *
file_args(struct plan *p, const struct on_disk *f)
{
	cJSON *args = cJSON_CreateObject(), *file = cJSON_CreateObject(), *part = cJSON_CreateObject();

	cJSON_AddStringToObject(file, "path", f->path);
	cJSON_AddStringToObject(file, "was", trust_sha256(p, (const char *)f->in.bytes, f->in.len));
	cJSON_AddStringToObject(part, "text", f->text.data);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(file, "parts"), part);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(args, "files"), file);
	return args;
}

/* For a person: what is there stays too, but for the certificate that goes. */
static const char *
file_command(struct plan *p, const struct trust_wish *w, const struct on_disk *f)
{
	const char *path = plan_word(p, f->path), *old = plan_word(p, plan_text(p, "%s.old", f->path)), *files = trust_added_files(p, w);
	const char *newline = f->in.bytes[f->in.len - 1] == '\n' ? "" : plan_text(p, "echo >>%s &&\n", path);

	if (w->remove == NULL)
		return plan_text(p, "%scp -p %s %s &&\n%scat%s >>%s", trust_files_comment(p, w), path, old, newline, files, path);
	return plan_text(p, "%scp -p %s %s &&\n%s %s%s >%s", trust_files_comment(p, w), path, old, trust_filter(p, w), old, files, path);
}

static void
file_step(struct plan *p, const struct trust_wish *w, const struct on_disk *f)
{
	struct plan_step *s = plan_add_deed(p, &deed_write_files, file_args(p, f));
	char host[HOST_NAME_MAX + 1] = "this machine";
	const char *reader = w->service != NULL ? plan_text(p, "“%s”", plan_shown(p, w->service)) : "the service";

	s->what = trust_order(p, w, f->shown);
	s->reads = plan_text(p, "%s as it is now: %zu CA%s", f->shown, f->before, f->before == 1 ? "" : "s");
	s->changes = plan_text(p, "%s: %zu CA%s instead of %zu; comments and the order stay", f->shown, f->after, f->after == 1 ? "" : "s", f->before);
	s->command = file_command(p, w, f);
	s->undo = "the old file, which stays beside it, gets its name back";
	(void)(gethostname(host, sizeof host - 1) == 0);
	if (w->read_by_service)
		plan_reaches(p, "%s on %s: %s reads it (serves)", f->shown, plan_shown(p, host), reader);
	else
		plan_reaches(p, "%s on %s. UNKNOWN: whether the running service reads it; this mends the copy on %s only", f->shown, plan_shown(p, host), plan_shown(p, host));
	trust_reached(p, w->read_by_service);
}

static status
file_steps(struct plan *p, const struct trust_wish *w, struct error *err)
{
	struct on_disk f = { .path = NULL };
	bool changed = false;
	status result = open_file(p, w, &f, err);

	if (result == STATUS_OK)
		result = rewrite(&f, w, &changed, err);
	if (result == STATUS_OK && changed)
		result = count(&f, buf_str(&f.text), f.text.len, &f.after, err);
	if (result == STATUS_OK && changed) {
		trust_notes(p, w);
		file_step(p, w, &f);
	} else if (result == STATUS_OK) {
		trust_as_wished(p, w, f.shown);
	}
	buf_done(&f.text);
	input_free(&f.in);
	return result;
}

/* ---- all three ---- */

status
trust_steps(struct plan *p, const struct trust_wish *w, struct error *err)
{
	static status (*const makers[])(struct plan *p, const struct trust_wish *w, struct error *err) = {
		[TRUST_FILE] = file_steps,
		[TRUST_ALB] = trust_alb_steps,
		[TRUST_APIGATEWAY] = trust_apigateway_steps,
	};

	if (w->where == NULL || (w->add == NULL && w->remove == NULL && w->also_len == 0))
		return error_set(err, ERROR_INTERNAL, STAGE, "a wish of trust without a place or a CA");
	if (w->add != NULL && w->remove != NULL && fingerprint_equal(&w->add->sha256, &w->remove->sha256))
		return error_set(err, ERROR_INPUT, STAGE, "the CA to be added is the one to be taken out");
	return makers[w->kind](p, w, err);
}
