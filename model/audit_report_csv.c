#include "model/audit_report_csv.h"

#include <string.h>

enum state {
	LINE,           /* a record may begin; empty lines are none */
	FIELD,          /* a field begins */
	PLAIN,
	QUOTED,
	QUOTE,          /* a quote in quotes: the first of two, or the end */
};

void
csv_start(struct csv *c, csv_tell tell, void *user, size_t most)
{
	*c = (struct csv){ .tell = tell, .user = user, .most = most, .state = LINE };
}

void
csv_done(struct csv *c)
{
	buf_done(&c->text);
}

static bool
wrong(struct csv *c, const char *problem)
{
	c->problem = problem;
	return false;
}

static bool
field_ends(struct csv *c)
{
	const char *text = buf_str(&c->text);

	if (memchr(text, '\0', c->text.len) != NULL)
		return wrong(c, "a field holds a NUL byte");
	c->state = FIELD;
	return c->tell(c->user, CSV_FIELD, c->column++, text, c->text.len, c->field_at);
}

static bool
record_ends(struct csv *c)
{
	bool good = field_ends(c) && c->tell(c->user, CSV_RECORD_END, c->column, "", 0, c->offset);

	c->state = LINE;
	c->header_done = true;
	return good;
}

static bool
begin_field(struct csv *c, char ch)
{
	buf_reset(&c->text);
	c->field_at = c->offset;
	if (ch == '"') {
		c->state = QUOTED;
		return true;
	}
	c->state = PLAIN;
	if (ch == ',')
		return field_ends(c);
	if (ch == '\n')
		return record_ends(c);
	if (ch != '\r')
		buf_addc(&c->text, ch);
	return true;
}

/* As many bytes as go into the field at once. */
static size_t
plain_bytes(struct csv *c, const char *bytes, size_t len)
{
	size_t n = 0;

	if (c->state == QUOTED)
		while (n < len && bytes[n] != '"')
			n++;
	else
		while (n < len && bytes[n] != ',' && bytes[n] != '\n' && bytes[n] != '\r')
			n++;
	buf_add(&c->text, bytes, n);
	return n;
}

static bool
step(struct csv *c, char ch)
{
	switch ((enum state)c->state) {
	case LINE:
		if (ch == '\n' || ch == '\r')
			return true;
		c->column = 0;
		return c->tell(c->user, CSV_RECORD, 0, "", 0, c->offset) && begin_field(c, ch);
	case FIELD:
		return begin_field(c, ch);
	case QUOTED: /* a quote: all else went by plain_bytes() */
		c->state = QUOTE;
		return true;
	case QUOTE:
		if (ch == '"') {
			c->state = QUOTED;
			buf_addc(&c->text, '"');
			return true;
		}
		if (ch == ',')
			return field_ends(c);
		if (ch == '\n')
			return record_ends(c);
		return ch == '\r' ? true : wrong(c, "something follows behind a closing quote");
	default: /* PLAIN */
		if (ch == ',')
			return field_ends(c);
		return ch == '\n' ? record_ends(c) : true; /* a CR in front of it goes */
	}
}

bool
csv_feed(struct csv *c, const char *bytes, size_t len)
{
	while (len > 0) {
		size_t n = c->state == PLAIN || c->state == QUOTED ? plain_bytes(c, bytes, len) : 0;

		if (c->text.len > c->most)
			return wrong(c, "a value is longer than is read");
		c->offset += n;
		bytes += n;
		len -= n;
		if (n > 0)
			continue;
		if (!step(c, *bytes))
			return false;
		c->offset++;
		bytes++;
		len--;
	}
	return true;
}

bool
csv_end(struct csv *c)
{
	if (c->state == QUOTED)
		return wrong(c, "it ends within quotes");
	if (c->state == FIELD) {
		buf_reset(&c->text);
		return record_ends(c);
	}
	return c->state == LINE ? true : record_ends(c);
}
