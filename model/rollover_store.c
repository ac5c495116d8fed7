/* The document of a roll-over: schema mtlscope.rollover/1, and its file. */
#include <cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/input.h"
#include "model/quote.h"
#include "model/rollover.h"
#include "model/save.h"
#include "model/times.h"
#include "model/world.h"

#define SCHEMA "mtlscope.rollover/"
#define SCHEMA_NOW SCHEMA "1"
#define STAGE "roll-over"

static const char *const column_names[ROLLOVER_COLUMNS] = {
	[ROLLOVER_SERVER] = "server", [ROLLOVER_CLIENT] = "client", [ROLLOVER_SENDS] = "sends", [ROLLOVER_KEEPS] = "keeps" };
static const char *const answer_names[] = {
	[ROLLOVER_UNKNOWN] = "unknown", [ROLLOVER_NO] = "no", [ROLLOVER_YES] = "yes", [ROLLOVER_NOT_ONE] = "not-one" };

/* ---- writing ---- */

static void
put_text(cJSON *to, const char *name, const char *text)
{
	if (text != NULL)
		cJSON_AddStringToObject(to, name, text);
}

static void
put_time(cJSON *to, const char *name, int64_t t)
{
	if (t != TIME_UNKNOWN)
		cJSON_AddNumberToObject(to, name, (double)t);
}

static cJSON *
ca_json(const struct rollover_ca *ca)
{
	cJSON *o = cJSON_CreateObject();

	put_text(o, "arn", ca->arn);
	put_text(o, "name", ca->name);
	put_text(o, "pem", ca->pem);
	put_time(o, "not_after", ca->not_after);
	return o;
}

static cJSON *
done_json(const struct rollover_done *d)
{
	cJSON *o = cJSON_CreateObject();

	put_time(o, "at", d->at);
	cJSON_AddNumberToObject(o, "plan", (double)d->plan);
	put_text(o, "who", d->who);
	put_text(o, "host", d->host);
	put_text(o, "confirmed", d->confirmed);
	return o;
}

static cJSON *
service_json(const struct rollover_service *s)
{
	cJSON *o = cJSON_CreateObject(), *cell;

	put_text(o, "name", s->name);
	cJSON_AddBoolToObject(o, "identity", s->identity);
	if (s->gone)
		cJSON_AddTrueToObject(o, "gone");
	put_text(o, "issuer", s->issuer);
	for (size_t c = 0; c < ROLLOVER_COLUMNS; c++) {
		cell = cJSON_AddObjectToObject(o, column_names[c]);
		put_text(cell, "answer", answer_names[s->cells[c].answer]);
		put_time(cell, "at", s->cells[c].at);
		put_text(cell, "how", s->cells[c].how);
	}
	return o;
}

static void
put_lists(const struct rollover *r, cJSON *to)
{
	cJSON *list = cJSON_AddArrayToObject(to, "children");

	for (size_t i = 0; i < r->children_len; i++) {
		cJSON *o = cJSON_CreateObject();

		cJSON_AddItemToObject(o, "old", ca_json(&r->children[i].old));
		cJSON_AddItemToObject(o, "twin", ca_json(&r->children[i].twin));
		cJSON_AddItemToArray(list, o);
	}
	list = cJSON_AddObjectToObject(to, "done");
	for (size_t i = 0; i < ROLLOVER_STEPS; i++) {
		if (r->done[i].at != TIME_UNKNOWN)
			cJSON_AddItemToObject(list, rollover_step_name((enum rollover_step)i), done_json(&r->done[i]));
	}
	list = cJSON_AddArrayToObject(to, "plans");
	for (size_t i = 0; i < r->plans_len; i++) {
		cJSON *o = cJSON_CreateObject();

		cJSON_AddNumberToObject(o, "id", (double)r->plans[i].id);
		put_text(o, "host", r->plans[i].host);
		if (r->plans[i].step < ROLLOVER_STEPS)
			put_text(o, "step", rollover_step_name(r->plans[i].step));
		cJSON_AddItemToArray(list, o);
	}
	list = cJSON_AddArrayToObject(to, "services");
	for (size_t i = 0; i < r->services_len; i++)
		cJSON_AddItemToArray(list, service_json(&r->services[i]));
}

void
rollover_write(const struct rollover *r, struct buf *out)
{
	cJSON *o = cJSON_CreateObject(), *part;
	char *text;

	put_text(o, "schema", SCHEMA_NOW);
	put_text(o, "id", r->id);
	cJSON_AddNumberToObject(o, "revision", (double)r->revision);
	put_text(o, "way", rollover_way_name(r->way));
	put_time(o, "began", r->began);
	put_time(o, "ended", r->ended);
	cJSON_AddBoolToObject(o, "abandoned", r->abandoned);
	put_text(o, "who", r->who);
	put_text(o, "host", r->host);
	cJSON_AddItemToObject(o, "old_root", ca_json(&r->old_root));
	cJSON_AddItemToObject(o, "new_root", ca_json(&r->new_root));
	if (r->pass.cert != NULL) {
		part = cJSON_AddObjectToObject(o, "pass");
		put_text(part, "cert", r->pass.cert);
		put_text(part, "key_file", r->pass.key_file);
		put_text(part, "host", r->pass.host);
		put_time(part, "not_after", r->pass.not_after);
	}
	if (r->busy < ROLLOVER_STEPS) {
		part = done_json(&r->busy_by);
		put_text(part, "step", rollover_step_name(r->busy));
		cJSON_AddItemToObject(o, "busy", part);
	}
	put_lists(r, o);
	text = cJSON_Print(o);
	buf_adds(out, text != NULL ? text : "{}");
	buf_addc(out, '\n');
	cJSON_free(text);
	cJSON_Delete(o);
}

/* ---- reading ---- */

struct reading {
	struct rollover *r;
	const char *name; /* the file's */
	struct error *err;
	bool damaged;
};

static void
expected(struct reading *in, const char *what)
{
	in->damaged = true;
	(void)error_set(in->err, ERROR_INPUT, STAGE, "%s: no roll-over as mtlscope writes it: %s was expected", in->name, what);
}

static const cJSON *
get(const cJSON *o, const char *name)
{
	return o != NULL ? cJSON_GetObjectItemCaseSensitive(o, name) : NULL;
}

/* NULL where there is none. What is there and is no text is damage. shown: it is made printable, for it is shown as it stands. */
static const char *
text_in(struct reading *in, const cJSON *o, const char *name, bool shown)
{
	const cJSON *v = get(o, name);

	if (v == NULL)
		return NULL;
	if (!cJSON_IsString(v)) {
		expected(in, arena_printf(in->r->arena, "text in “%s”", name));
		return NULL;
	}
	return shown ? text_safe_arena(in->r->arena, text_of(v->valuestring), 0, NULL) : arena_strdup(in->r->arena, v->valuestring);
}

static const char *
text_wanted(struct reading *in, const cJSON *o, const char *name)
{
	const char *text = text_in(in, o, name, false);

	if (text == NULL && !in->damaged)
		expected(in, arena_printf(in->r->arena, "“%s”", name));
	return text != NULL ? text : "";
}

static int64_t
number_in(struct reading *in, const cJSON *o, const char *name, int64_t otherwise)
{
	const cJSON *v = get(o, name);

	if (v == NULL)
		return otherwise;
	/* A double holds whole numbers up to 2^53: no moment and no count comes near. */
	if (!cJSON_IsNumber(v) || !(v->valuedouble > -9e15 && v->valuedouble < 9e15)) {
		expected(in, arena_printf(in->r->arena, "a number in “%s”", name));
		return otherwise;
	}
	return (int64_t)v->valuedouble;
}

/* The place of a word in a list of words. */
static size_t
word_in(struct reading *in, const char *word, const char *const *words, size_t len, const char *what)
{
	for (size_t i = 0; i < len; i++) {
		if (words[i] != NULL && strcmp(words[i], word) == 0)
			return i;
	}
	if (!in->damaged)
		expected(in, what);
	return 0;
}

static struct rollover_ca
read_ca(struct reading *in, const cJSON *o)
{
	return (struct rollover_ca){ .arn = text_in(in, o, "arn", false), .name = text_in(in, o, "name", true), .pem = text_in(in, o, "pem", false),
		.not_after = number_in(in, o, "not_after", TIME_UNKNOWN) };
}

static struct rollover_done
read_done(struct reading *in, const cJSON *o)
{
	return (struct rollover_done){ .at = number_in(in, o, "at", TIME_UNKNOWN), .plan = number_in(in, o, "plan", 0), .who = text_in(in, o, "who", true),
		.host = text_in(in, o, "host", true), .confirmed = text_in(in, o, "confirmed", true) };
}

static void
read_service(struct reading *in, const cJSON *o)
{
	const char *name = text_wanted(in, o, "name");
	struct rollover_service *s;

	if (in->damaged)
		return;
	if (rollover_find(in->r, name) != NULL) {
		expected(in, "each service once");
		return;
	}
	s = rollover_service(in->r, name);
	s->identity = cJSON_IsTrue(get(o, "identity"));
	s->gone = cJSON_IsTrue(get(o, "gone"));
	s->issuer = text_in(in, o, "issuer", false);
	for (size_t c = 0; c < ROLLOVER_COLUMNS && !in->damaged; c++) {
		const cJSON *cell = get(o, column_names[c]);

		s->cells[c].answer = (enum rollover_answer)word_in(in, text_wanted(in, cell, "answer"), answer_names,
		    sizeof answer_names / sizeof answer_names[0], "“yes”, “no”, “unknown” or “not-one” as an answer");
		s->cells[c].at = number_in(in, cell, "at", TIME_UNKNOWN);
		s->cells[c].how = text_in(in, cell, "how", true);
	}
}

static const cJSON *
list_in(struct reading *in, const cJSON *o, const char *name, int most)
{
	const cJSON *list = get(o, name);

	if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > most) {
		expected(in, arena_printf(in->r->arena, "a list “%s” of at most %d", name, most));
		return NULL;
	}
	return list;
}

/* ROLLOVER_NO_STEP where it is not said. */
static enum rollover_step
step_in(struct reading *in, const cJSON *o)
{
	const char *names[ROLLOVER_STEPS];

	for (size_t i = 0; i < ROLLOVER_STEPS; i++)
		names[i] = rollover_step_name((enum rollover_step)i);
	return get(o, "step") == NULL ? ROLLOVER_NO_STEP :
	    (enum rollover_step)word_in(in, text_wanted(in, o, "step"), names, ROLLOVER_STEPS, "the name of a step in “step”");
}

static void
read_lists(struct reading *in, const cJSON *o)
{
	const cJSON *children = list_in(in, o, "children", ROLLOVER_CHILDREN_MOST), *plans = list_in(in, o, "plans", ROLLOVER_PLANS_MOST);
	const cJSON *services = list_in(in, o, "services", ROLLOVER_SERVICES_MOST), *item;

	if (in->damaged)
		return;
	in->r->children = arena_array(in->r->arena, (size_t)cJSON_GetArraySize(children) + 1, sizeof *in->r->children);
	cJSON_ArrayForEach(item, children) {
		in->r->children[in->r->children_len++] = (struct rollover_child){ .old = read_ca(in, get(item, "old")), .twin = read_ca(in, get(item, "twin")) };
	}
	cJSON_ArrayForEach(item, plans) {
		const char *host = text_safe_arena(in->r->arena, text_of(text_wanted(in, item, "host")), 0, NULL);

		rollover_add_plan(in->r, number_in(in, item, "id", 0), host, step_in(in, item));
	}
	cJSON_ArrayForEach(item, services) {
		if (!in->damaged)
			read_service(in, item);
	}
}

static void
read_steps(struct reading *in, const cJSON *o)
{
	const char *names[ROLLOVER_STEPS];
	const cJSON *busy = get(o, "busy"), *item;

	for (size_t i = 0; i < ROLLOVER_STEPS; i++)
		names[i] = rollover_step_name((enum rollover_step)i);
	cJSON_ArrayForEach(item, get(o, "done")) {
		size_t s = word_in(in, item->string, names, ROLLOVER_STEPS, "the name of a step in “done”");

		if (!in->damaged)
			in->r->done[s] = read_done(in, item);
	}
	if (busy == NULL || in->damaged)
		return;
	(void)text_wanted(in, busy, "step");
	in->r->busy = step_in(in, busy);
	in->r->busy_by = read_done(in, busy);
}

static void
read_whole(struct reading *in, const cJSON *o)
{
	struct rollover *r = in->r;
	const cJSON *pass = get(o, "pass");

	r->id = text_wanted(in, o, "id");
	r->revision = number_in(in, o, "revision", 0);
	r->way = rollover_way_named(text_wanted(in, o, "way"));
	if (r->way == ROLLOVER_WAYS) {
		r->way = ROLLOVER_SAME_KEY;
		expected(in, "“same-key”, “cross” or “new” as the way");
	}
	r->began = number_in(in, o, "began", TIME_UNKNOWN);
	r->ended = number_in(in, o, "ended", TIME_UNKNOWN);
	r->abandoned = cJSON_IsTrue(get(o, "abandoned"));
	r->who = text_in(in, o, "who", true);
	r->host = text_in(in, o, "host", true);
	r->old_root = read_ca(in, get(o, "old_root"));
	r->new_root = read_ca(in, get(o, "new_root"));
	if ((r->old_root.arn == NULL || r->old_root.pem == NULL) && !in->damaged)
		expected(in, "the old root's ARN and certificate");
	if (pass != NULL)
		r->pass = (struct rollover_pass){ .cert = text_in(in, pass, "cert", false), .key_file = text_in(in, pass, "key_file", false),
			.host = text_in(in, pass, "host", true), .not_after = number_in(in, pass, "not_after", TIME_UNKNOWN) };
	read_lists(in, o);
	read_steps(in, o);
}

/* The schema first: a newer document is not damaged, and is not for us to judge. */
static status
check_schema(const cJSON *o, const char *name, struct error *err)
{
	const char *schema = cJSON_GetStringValue(get(o, "schema"));
	char shown[QUOTE_MAX];

	if (schema == NULL || strncmp(schema, SCHEMA, sizeof SCHEMA - 1) != 0)
		return error_set(err, ERROR_INPUT, STAGE, "%s: no roll-over as mtlscope writes it: “%s” was expected as its schema", name, SCHEMA_NOW);
	if (strcmp(schema, SCHEMA_NOW) != 0)
		return error_set(err, ERROR_LOCAL, STAGE, "%s: a newer mtlscope wrote this roll-over (%s, this one knows %s); it stays as it is", name,
		    quote_str(schema, shown), SCHEMA_NOW);
	return STATUS_OK;
}

status
rollover_parse(const char *text, size_t len, const char *name, struct rollover **out, struct error *err)
{
	const char *end = NULL;
	cJSON *o = cJSON_ParseWithLengthOpts(text, len, &end, false);
	struct reading in = { .name = name, .err = err };
	status result = STATUS_FAILED;

	*out = NULL;
	if (o == NULL)
		return error_set(err, ERROR_INPUT, STAGE, "%s: byte %zu: JSON was expected", name, end != NULL ? (size_t)(end - text) : 0);
	if (check_schema(o, name, err) == STATUS_OK) {
		in.r = rollover_new();
		read_whole(&in, o);
		result = in.damaged ? STATUS_FAILED : STATUS_OK;
	}
	cJSON_Delete(o);
	if (result == STATUS_OK)
		*out = in.r;
	else
		rollover_free(in.r);
	return result;
}

/* ---- the file ---- */

struct rollover_file {
	char *path, *lock_path;
	int lock;          /* -1: only looked at */
	int64_t revision;  /* that was read; 0: there was none */
};

/*
 * A document that was given to a group stays so, and its lock is the group's too: else each saving would take it from whoever is to pick it up. Where the group
 * cannot be kept nobody else gets it.
 */
static void
share_as(const struct stat *document, const char *path)
{
	if ((document->st_mode & 077) != 0 && chown(path, (uid_t)-1, document->st_gid) == 0)
		(void)(chmod(path, document->st_mode & 0777) == 0);
}

/* A file of its own is locked: the document itself is replaced by each saving. */
static status
lock(struct rollover_file *f, struct error *err)
{
	struct buf path = { 0 };
	char shown[QUOTE_MAX];
	struct stat document;

	buf_addf(&path, "%s.lock", f->path);
	f->lock_path = path.data;
	f->lock = open(f->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (f->lock < 0)
		return error_set(err, ERROR_LOCAL, STAGE, "%s: %s", quote_str(f->lock_path, shown), strerror(errno));
	if (stat(f->path, &document) == 0)
		share_as(&document, f->lock_path);
	if (flock(f->lock, LOCK_EX | LOCK_NB) == 0)
		return STATUS_OK;
	if (errno == EWOULDBLOCK)
		return error_set(err, ERROR_NOT_DONE, STAGE, "somebody else is changing this roll-over just now (%s is locked)", quote_str(f->path, shown));
	/* A shared place without locks: the revision still tells. */
	return STATUS_OK;
}

static status
read_file(const char *path, struct rollover **out, struct error *err)
{
	struct input in = { .bytes = NULL };
	char name[QUOTE_MAX];
	status result;

	*out = NULL;
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return STATUS_OK;
	if (input_read(path, ROLLOVER_FILE_MOST, &in, err) != STATUS_OK)
		return STATUS_FAILED;
	result = rollover_parse((const char *)in.bytes, in.len, input_name(path, name), out, err);
	input_free(&in);
	return result;
}

status
rollover_open(const char *path, bool for_change, struct rollover_file **file, struct rollover **out, struct error *err)
{
	struct rollover_file *f = mem_zero(1, sizeof *f);

	*file = NULL;
	*out = NULL;
	f->path = mem_strdup(path);
	f->lock = -1;
	if ((for_change && lock(f, err) != STATUS_OK) || read_file(path, out, err) != STATUS_OK) {
		rollover_close(f);
		return STATUS_FAILED;
	}
	f->revision = *out != NULL ? (*out)->revision : 0;
	*file = f;
	return STATUS_OK;
}

status
rollover_save(struct rollover_file *f, struct rollover *r, struct error *err)
{
	struct rollover *there = NULL;
	struct buf text = { 0 };
	char shown[QUOTE_MAX];
	struct stat before = { .st_mode = 0 };
	int64_t revision;
	status result;

	if (read_file(f->path, &there, err) != STATUS_OK)
		return STATUS_FAILED;
	if (stat(f->path, &before) != 0)
		before.st_mode = 0;
	revision = there != NULL ? there->revision : 0;
	rollover_free(there);
	if (revision != f->revision)
		return error_set(err, ERROR_NOT_DONE, STAGE, "%s: somebody else has changed this roll-over in the meantime (revision %lld, %lld was read)",
		    quote_str(f->path, shown), (long long)revision, (long long)f->revision);
	r->revision = revision + 1;
	rollover_write(r, &text);
	result = save_private_file(f->path, text.data, text.len, true, err) == SAVED ? STATUS_OK : STATUS_FAILED;
	if (result == STATUS_OK) {
		share_as(&before, f->path);
		f->revision = r->revision;
	} else {
		r->revision = revision;
	}
	buf_done(&text);
	return result;
}

void
rollover_close(struct rollover_file *f)
{
	if (f == NULL)
		return;
	if (f->lock >= 0)
		close(f->lock);
	free(f->lock_path);
	free(f->path);
	free(f);
}

/* 0700, with what is above them. */
static status
make_folders(char *path, struct error *err)
{
	char shown[QUOTE_MAX];

	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return error_set(err, ERROR_LOCAL, STAGE, "%s: %s", quote_str(path, shown), strerror(errno));
		*slash = '/';
	}
	return STATUS_OK;
}

status
rollover_path(const char *id, const char *folder, const struct world *w, char **out, struct error *err)
{
	const char *state = w->env(w->self, "XDG_STATE_HOME"), *home = w->env(w->self, "HOME");
	struct buf path = { 0 };

	*out = NULL;
	if (folder != NULL)
		buf_adds(&path, folder);
	else if (state != NULL && state[0] == '/') /* a relative one is to be ignored: XDG Base Directory Specification */
		buf_addf(&path, "%s/mtlscope", state);
	else if (home != NULL && home[0] == '/')
		buf_addf(&path, "%s/.local/state/mtlscope", home);
	else
		return error_set(err, ERROR_LOCAL, STAGE, "neither XDG_STATE_HOME nor HOME is set: there is no place for a roll-over; --state FILE names one");
	buf_addf(&path, "/rollover-%s.json", id);
	if (make_folders(path.data, err) != STATUS_OK) {
		buf_done(&path);
		return STATUS_FAILED;
	}
	*out = path.data;
	return STATUS_OK;
}
