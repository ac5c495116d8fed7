#include "model/explain.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/explain_parts.h"
#include "model/limits.h"

enum {
	FRAMES = 60,        /* lines of a stack trace that are looked at for who wrote it */
	STATUS_BYTES = 64
};

/* One explanation, with an arena of its own: it may have to make room for a more telling one. */
struct item {
	struct explanation e;
	struct found found;
	enum writer writer;
	struct arena *arena;
	char *key;
};

struct explain {
	struct lookups *lookups;
	struct buf line;             /* the beginning of a line whose end has not come */
	bool cut;                    /* the rest of it is left out */
	struct item *items[LIMIT_EXPLANATIONS];
	size_t len;
	struct explain_counts counts;
	size_t line_number;
	struct item *undecided;      /* the last one, where its text does not tell who wrote it: frames of a stack trace may */
	size_t frames;
	char depth[8];               /* of s_server's “depth=1 CN = …”: its reason stands in the next line */
	size_t depth_line;
	struct buf typed;            /* a command line that goes on in the next line, as far as it came */
	struct arena *arena;
	const char *nearest;
};

struct explain *
explain_new(void)
{
	struct explain *x = mem_zero(1, sizeof *x);

	x->lookups = lookups_new();
	x->arena = arena_new();
	return x;
}

static void
item_free(struct item *i)
{
	arena_free(i->arena);
	free(i->key);
	free(i);
}

void
explain_free(struct explain *x)
{
	if (x == NULL)
		return;
	for (size_t i = 0; i < x->len; i++)
		item_free(x->items[i]);
	lookups_free(x->lookups);
	buf_done(&x->line);
	buf_done(&x->typed);
	arena_free(x->arena);
	free(x);
}

/* ---- one explanation ---- */

static struct item *
item_with(const struct explain *x, const char *key)
{
	for (size_t i = 0; i < x->len; i++)
		if (strcmp(x->items[i]->key, key) == 0)
			return x->items[i];
	return NULL;
}

/* The one that says least; among equals the one that came last. */
static size_t
least_telling(const struct explain *x)
{
	size_t least = 0;

	for (size_t i = 1; i < x->len; i++)
		if (x->items[i]->e.rank <= x->items[least]->e.rank)
			least = i;
	return least;
}

/* Room for one of this rank: false where there is none, and it is only counted. */
static bool
make_room(struct explain *x, int rank)
{
	size_t least;

	if (x->len < LIMIT_EXPLANATIONS)
		return true;
	x->counts.more++;
	least = least_telling(x);
	if (x->items[least]->e.rank >= rank)
		return false;
	if (x->undecided == x->items[least])
		x->undecided = NULL;
	item_free(x->items[least]);
	x->items[least] = x->items[--x->len];
	return true;
}

static void
add(struct explain *x, const struct found *f, struct text line, const struct alb_line *alb)
{
	enum writer writer = found_writer(f);
	const char *depth = x->depth_line + 1 == x->line_number ? x->depth : "";
	char *key = explanation_key(f, writer, alb, depth);
	struct item *i = item_with(x, key);

	if (i != NULL) {
		i->e.times++;
		free(key);
		return;
	}
	if (!make_room(x, found_rank(f))) {
		free(key);
		return;
	}
	i = mem_zero(1, sizeof *i);
	i->key = key;
	i->arena = arena_new();
	i->found = *f;
	i->writer = writer;
	i->e.line = x->line_number;
	i->e.times = 1;
	explanation_fill(&i->e, f, writer, &(struct heard){ line, alb, depth }, i->arena);
	i->found.right = NULL; /* the caller's */
	x->items[x->len++] = i;
	x->undecided = i->e.readings_len == 2 ? i : NULL;
	x->frames = 0;
}

/* ---- lines ---- */

/* "    at sun.security.ssl.CertificateMessage$T13CertificateConsumer.checkClientCerts": it was the server. */
static void
frame(struct explain *x, struct text line)
{
	const struct explain_context *c;

	if (x->undecided == NULL || x->frames++ > FRAMES || (c = lookups_context(line)) == NULL || c->writer == WRITER_EITHER)
		return;
	x->undecided->writer = c->writer;
	x->undecided->found.context = c;
	readings_make(&x->undecided->e, &x->undecided->found, c->writer, x->undecided->arena);
	x->undecided = NULL;
}

static bool
load_balancer_line(struct explain *x, struct text line)
{
	struct alb_line alb;
	char code[STATUS_BYTES], id[STATUS_BYTES + 8];
	struct found f = { .alert = -1, .score = RANK_LINE * 1000 };

	if (!alb_read(line, &alb, code, sizeof code))
		return false;
	snprintf(id, sizeof id, "aws.%s", code);
	f.row = row_called(id, &f.table);
	if (f.row == NULL)
		f.row = row_called("aws.unknown-code", &f.table);
	if (f.row->fault == FAULT_NONE)
		f.score = RANK_WRAPPER * 1000;
	f.meaning = f.row;
	f.meaning_table = f.table;
	add(x, &f, line, &alb);
	return true;
}

/* A command line of aws: each mistake in it by itself. */
static bool
command_line(struct explain *x, struct text line)
{
	struct arena *a = arena_new();
	struct typed found[TYPED_MISTAKES];
	size_t n = aws_typed(line, found, a);

	for (size_t i = 0; i < n; i++) {
		struct found f = { .alert = -1, .right = found[i].right };

		f.row = f.meaning = row_called(found[i].row, &f.table);
		f.meaning_table = f.table;
		f.score = (size_t)f.row->rank * 1000;
		add(x, &f, line, NULL);
	}
	arena_free(a);
	return n > 0;
}

static void
note_depth(struct explain *x, struct text line)
{
	struct match m = { .len = 0 };
	struct text depth;

	if (!match_pattern("^depth={depth#} ", line, &m))
		return;
	depth = match_capture(&m, "depth");
	if (depth.len >= sizeof x->depth)
		return;
	memcpy(x->depth, depth.bytes, depth.len);
	x->depth[depth.len] = '\0';
	x->depth_line = x->line_number;
}

static bool
starts_frame(struct text line)
{
	return line.len > 3 && (memcmp(line.bytes, "at ", 3) == 0 || memcmp(line.bytes, "\tat", 3) == 0);
}

static void
whole_line(struct explain *x, struct text line)
{
	struct found f;

	x->counts.lines++;
	if (starts_frame(line)) {
		frame(x, line);
		return;
	}
	if (load_balancer_line(x, line) || command_line(x, line)) {
		x->counts.explained++;
		return;
	}
	note_depth(x, line);
	f = lookups_best(x->lookups, line);
	if (f.score > 0) {
		add(x, &f, line, NULL);
		x->counts.explained++;
	} else if (x->counts.lines == 1) {
		x->nearest = nearest_text(line, x->arena);
	}
}

/* What was typed over several lines, each but the last ended by a backslash, is one. */
static void
typed_end(struct explain *x)
{
	struct buf typed = x->typed;

	x->typed = (struct buf){ 0 };
	if (typed.len > 0)
		whole_line(x, (struct text){ (const unsigned char *)typed.data, typed.len });
	buf_done(&typed);
}

static void
typed_more(struct explain *x, struct text line)
{
	bool goes_on = line.len > 0 && line.bytes[line.len - 1] == '\\';
	size_t len = line.len - goes_on, room = LIMIT_EXPLAIN_LINE - x->typed.len;

	buf_add(&x->typed, line.bytes, len < room ? len : room);
	if (goes_on && x->typed.len < LIMIT_EXPLAIN_LINE)
		buf_addc(&x->typed, ' ');
	else
		typed_end(x);
}

static void
one_line(struct explain *x, struct text line)
{
	x->line_number++;
	while (line.len > 0 && isspace(line.bytes[line.len - 1]))
		line.len--;
	while (line.len > 0 && line.bytes[0] == ' ') {
		line.bytes++;
		line.len--;
	}
	if (x->typed.len > 0 || aws_typed_goes_on(line))
		typed_more(x, line);
	else if (line.len > 0)
		whole_line(x, line);
}

static void
end_line(struct explain *x)
{
	one_line(x, (struct text){ (const unsigned char *)buf_str(&x->line), x->line.len });
	buf_reset(&x->line);
	x->cut = false;
}

static void
add_piece(struct explain *x, const unsigned char *bytes, size_t len)
{
	size_t room = LIMIT_EXPLAIN_LINE - x->line.len;

	if (len > room) {
		if (!x->cut)
			x->counts.cut++;
		x->cut = true;
		len = room;
	}
	buf_add(&x->line, bytes, len);
}

void
explain_feed(struct explain *x, const void *bytes, size_t len)
{
	const unsigned char *at = bytes, *end = at + len;

	while (at < end) {
		const unsigned char *lf = memchr(at, '\n', (size_t)(end - at));

		if (lf == NULL) {
			add_piece(x, at, (size_t)(end - at));
			return;
		}
		/* A whole line that lies here is read where it lies. */
		if (x->line.len == 0 && !x->cut && (size_t)(lf - at) <= LIMIT_EXPLAIN_LINE) {
			one_line(x, (struct text){ at, (size_t)(lf - at) });
		} else {
			add_piece(x, at, (size_t)(lf - at));
			end_line(x);
		}
		at = lf + 1;
	}
}

static int
more_telling(const void *a, const void *b)
{
	const struct explanation *x = &(*(struct item *const *)a)->e, *y = &(*(struct item *const *)b)->e;

	if (x->rank != y->rank)
		return x->rank > y->rank ? -1 : 1;
	if (x->times != y->times)
		return x->times > y->times ? -1 : 1;
	return x->line != y->line ? (x->line < y->line ? -1 : 1) : strcmp((*(struct item *const *)a)->key, (*(struct item *const *)b)->key);
}

void
explain_end(struct explain *x)
{
	if (x->line.len > 0 || x->cut)
		end_line(x);
	typed_end(x);
	if (x->len > 0)
		qsort(x->items, x->len, sizeof x->items[0], more_telling);
	x->undecided = NULL;
}

void
explain_text(struct explain *x, struct text t)
{
	while (t.len > 0 && isspace(t.bytes[0])) {
		t.bytes++;
		t.len--;
	}
	while (t.len > 0 && isspace(t.bytes[t.len - 1]))
		t.len--;
	for (size_t n = 0;; n++) {
		struct found f = lookups_bare(t, n);

		if (f.score == 0)
			break;
		add(x, &f, t, NULL);
		x->counts.lines = x->counts.explained = x->line_number = 1;
	}
	if (x->len == 0)
		explain_feed(x, t.bytes, t.len);
	explain_end(x);
}

size_t
explain_len(const struct explain *x)
{
	return x->len;
}

const struct explanation *
explain_at(const struct explain *x, size_t i)
{
	return &x->items[i]->e;
}

const struct reading *
explain_server_word(const struct explain *x)
{
	for (size_t i = 0; i < x->len; i++) {
		const struct explanation *e = &x->items[i]->e;

		for (size_t k = 0; e->alert < 0 && k < e->readings_len; k++)
			if (e->readings[k].about == SIDE_CLIENT && e->readings[k].said_by == WRITER_SERVER && e->readings[k].causes_len > 0)
				return &e->readings[k];
	}
	return NULL;
}

struct explain_counts
explain_counts(const struct explain *x)
{
	return x->counts;
}

const char *
explain_nearest(const struct explain *x)
{
	return x->len == 0 ? x->nearest : NULL;
}
