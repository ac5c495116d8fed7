#include "probes/dialogue.h"

#include <string.h>

#include "model/limits.h"
#include "model/memory.h"

void
dialogue_record(struct handshake *h, bool by_us, enum spoken_where where, const char *text, double at_ms)
{
	if (h->spoken == NULL)
		h->spoken = arena_array(h->arena, LIMIT_SPOKEN, sizeof *h->spoken);
	if (h->spoken_len < LIMIT_SPOKEN)
		h->spoken[h->spoken_len++] = (struct spoken){ .by_us = by_us, .where = where, .text = text, .at_ms = at_ms };
}

static void
keep(struct dialogue *d, bool by_us, const char *text, double at_ms)
{
	dialogue_record(d->h, by_us, d->where, text, at_ms);
}

static const char *
printable(const struct dialogue *d, struct text t)
{
	return text_safe_arena(d->h->arena, t, LIMIT_SPOKEN_TEXT, NULL);
}

void
dialogue_say(struct dialogue *d, const void *bytes, size_t len, const char *shown)
{
	buf_add(&d->out, bytes, len);
	if (shown != NULL)
		keep(d, true, printable(d, text_of(shown)), -1);
}

void
dialogue_say_line(struct dialogue *d, const char *line)
{
	dialogue_say(d, line, strlen(line), line);
	buf_adds(&d->out, "\r\n");
}

void
dialogue_sent(struct dialogue *d, double at_ms)
{
	for (size_t i = 0; i < d->h->spoken_len; i++)
		if (d->h->spoken[i].by_us && d->h->spoken[i].at_ms < 0)
			d->h->spoken[i].at_ms = at_ms;
}

void
dialogue_await(struct dialogue *d, const char *what)
{
	d->h->awaited = what;
}

struct text
dialogue_heard(const struct dialogue *d)
{
	const char *in = d->in.data;

	return (struct text){ in != NULL ? (const unsigned char *)in + d->at : NULL, d->in.len - d->at };
}

struct text
dialogue_rest(const struct dialogue *d)
{
	return dialogue_heard(d);
}

void
dialogue_take(struct dialogue *d, size_t n)
{
	d->at += n;
}

void
dialogue_note(struct dialogue *d, struct text words)
{
	keep(d, false, printable(d, words), d->now_ms);
}

bool
dialogue_line(struct dialogue *d, struct text *line)
{
	if (!dialogue_quiet_line(d, line))
		return false;
	dialogue_note(d, *line);
	return true;
}

bool
dialogue_quiet_line(struct dialogue *d, struct text *line)
{
	struct text t = dialogue_heard(d);
	const unsigned char *end = t.len > 0 ? memchr(t.bytes, '\n', t.len) : NULL;

	if ((end == NULL ? t.len : (size_t)(end - t.bytes)) > LIMIT_DIALOGUE_LINE) {
		dialogue_note(d, (struct text){ t.bytes, LIMIT_DIALOGUE_LINE });
		d->doubtful = true;
		dialogue_refuse(d, "a line of it does not end", (struct text){ t.bytes, LIMIT_DIALOGUE_LINE });
		return false;
	}
	if (end == NULL)
		return false;
	*line = (struct text){ t.bytes, (size_t)(end - t.bytes) };
	dialogue_take(d, line->len + 1);
	if (line->len > 0 && line->bytes[line->len - 1] == '\r')
		line->len--;
	return true;
}

void
dialogue_agree(struct dialogue *d, struct text answer)
{
	d->state = DIALOGUE_AGREED;
	d->answer = answer.len > 0 ? printable(d, answer) : NULL;
}

void
dialogue_refuse(struct dialogue *d, const char *why, struct text answer)
{
	d->state = DIALOGUE_REFUSED;
	d->why = why;
	d->answer = answer.len > 0 ? printable(d, answer) : NULL;
}

void
dialogue_begin(struct dialogue *d, const struct dialect *dialect, enum spoken_where where, const struct dialogue_wish *wish,
    struct handshake *record, double now_ms)
{
	*d = (struct dialogue){ .dialect = dialect, .where = where, .h = record, .now_ms = now_ms };
	if (wish != NULL)
		d->wish = *wish;
	dialect->begin(d);
}

enum dialogue_state
dialogue_feed(struct dialogue *d, const unsigned char *bytes, size_t len, double at_ms)
{
	d->now_ms = at_ms;
	if (d->state != DIALOGUE_GOES_ON)
		return d->state;
	if (d->at == d->in.len) {
		buf_reset(&d->in);
		d->at = 0;
	}
	buf_add(&d->in, bytes, len);
	d->heard += len;
	while (d->state == DIALOGUE_GOES_ON && d->at < d->in.len && d->dialect->hear(d))
		continue;
	if (d->state == DIALOGUE_GOES_ON && d->heard > LIMIT_DIALOGUE_BYTES) {
		d->doubtful = true;
		dialogue_refuse(d, "its words do not end", (struct text){ NULL, 0 });
	}
	return d->state;
}

void
dialogue_done(struct dialogue *d)
{
	buf_done(&d->in);
	buf_done(&d->out);
}
