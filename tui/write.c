#include "tui/copy.h"

#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/quote.h"
#include "model/save.h"
#include "model/times.h"
#include "tui/console.h"

/* One writing, from the screen to a thread and back. */
struct writing {
	char *path, *bytes;
	size_t len;
	const char *what; /* "of text" */
	bool replace, private; /* private: for nobody else to read */
	enum saved result;
	unsigned mode;
	struct error err;
};

static void
writing_free(void *job)
{
	struct writing *w = job;

	free(w->path);
	free(w->bytes);
	free(w);
}

static void
work(void *job)
{
	struct writing *w = job;

	w->mode = 0600;
	if (w->private)
		w->result = save_private_file(w->path, w->bytes, w->len, w->replace, &w->err);
	else
		w->result = save_file(w->path, w->bytes, w->len, w->replace, &w->mode, &w->err);
}

static void done(struct console *k, void *job);

static void
answered(struct console *k, int yes, void *user)
{
	struct writing *w = user;
	char shown[QUOTE_MAX];

	if (yes != 0) {
		w->replace = true;
		console_work(k, work, done, writing_free, w);
		return;
	}
	console_say(k, ROLE_NOTE, "%s stays as it was; nothing was written", quote_str(w->path, shown));
	writing_free(w);
}

static void
done(struct console *k, void *job)
{
	struct writing *w = job;
	char shown[QUOTE_MAX];
	struct buf question = { 0 };

	switch (w->result) {
	case SAVED:
		console_say(k, ROLE_OK, "wrote %zu bytes %s to %s (mode %04o)", w->len, w->what, quote_str(w->path, shown), w->mode);
		break;
	case SAVED_NOT:
		console_say(k, ROLE_FAIL, "%s", w->err.text);
		break;
	case SAVED_EXISTS:
		buf_addf(&question, "%s is there already.\nIts present content would be gone.", quote_str(w->path, shown));
		console_dialog(k, dialog_question("write", question.data, "Replace it", answered, w));
		buf_done(&question);
		return;
	}
	writing_free(w);
}

static void
write_to(struct console *k, const char *path, const char *bytes, size_t len, const char *what, bool private)
{
	char *whole = console_path(k, path);
	struct writing *w;

	if (whole == NULL)
		return;
	w = mem_zero(1, sizeof *w);
	w->path = whole;
	w->bytes = mem_dup(bytes, len + 1);
	w->len = len;
	w->what = what;
	w->private = private;
	console_work(k, work, done, writing_free, w);
}

void
write_bytes(struct console *k, const char *path, const char *bytes, size_t len, const char *what)
{
	write_to(k, path, bytes, len, what, false);
}

void
write_private(struct console *k, const char *path, const char *bytes, size_t len, const char *what)
{
	write_to(k, path, bytes, len, what, true);
}

/* "mtlscope › fleet › payment.internal:8443, 2026-11-23 02:14 UTC" */
static void
heading(struct view *v, struct buf *out)
{
	struct view *stack[32];
	size_t len = 0;
	char crumb[256], at[TIME_TEXT_MAX];

	for (struct view *u = v; u != NULL && len < sizeof stack / sizeof stack[0]; u = u->below)
		stack[len++] = u;
	buf_adds(out, "mtlscope");
	while (len-- > 0)
		buf_addf(out, " › %s", stack[len]->ops->crumb(stack[len], crumb, sizeof crumb));
	buf_addf(out, ", %s\n\n", time_human(console_now_ms(v->console) / 1000, at));
}

void
view_text(struct view *v, struct buf *out)
{
	heading(v, out);
	if (v->ops->text != NULL)
		v->ops->text(v, out);
	else if (v->body != NULL)
		v->body->ops->write(v->body, out);
}

static bool
ends_in(const char *path, const char *end)
{
	size_t len = strlen(path), n = strlen(end);

	return len > n && strcmp(path + len - n, end) == 0;
}

void
write_view(struct view *v, const char *path)
{
	struct buf b = { 0 };
	bool json = ends_in(path, ".json");

	if (json && v->ops->json == NULL) {
		console_say(v->console, ROLE_WARN, "this screen has no JSON; another name, as in :w %s.txt, writes it as text", v->ops->name);
		return;
	}
	if (json)
		v->ops->json(v, &b);
	else
		view_text(v, &b);
	write_bytes(v->console, path, buf_str(&b), b.len, json ? "of JSON" : "of text");
	buf_done(&b);
}
