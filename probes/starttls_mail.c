/* SMTP (RFC 3207), IMAP (RFC 9051 6.2.1) and POP3 (RFC 2595 4): lines, and how the last line of an answer is known. */
#include <string.h>

#include "probes/starttls.h"

/*
 * The name that EHLO gives: RFC 2606 keeps ".invalid" free, so it is nobody's. Servers look at a client's
 * name when mail is sent, which we do not.
 */
#define OUR_NAME "mtlscope.invalid"

static bool
mentions(struct text line, const char *word)
{
	for (size_t i = 0; i + strlen(word) <= line.len; i++)
		if (text_starts((struct text){ line.bytes + i, line.len - i }, word))
			return true;
	return false;
}

static void
refused_or_doubtful(struct dialogue *d, struct text line)
{
	if (mentions(line, "certificate") || mentions(line, "cert ")) {
		dialogue_refuse(d, "it refuses our certificate, or the lack of one", line);
		return;
	}
	d->doubtful = true;
	dialogue_agree(d, line);
}

/* ---- SMTP ---- */

enum { SMTP_GREETING, SMTP_EHLO, SMTP_STARTTLS };

static int
digit(struct text line, size_t at)
{
	return at < line.len && line.bytes[at] >= '0' && line.bytes[at] <= '9' ? line.bytes[at] - '0' : -1;
}

/* RFC 5321 4.2: three digits, then "-" where more lines follow. -1: it is no reply. */
static int
smtp_code(struct text line, bool *last)
{
	if (digit(line, 0) < 2 || digit(line, 0) > 5 || digit(line, 1) < 0 || digit(line, 2) < 0)
		return -1;
	if (line.len > 3 && line.bytes[3] != ' ' && line.bytes[3] != '-')
		return -1;
	*last = line.len == 3 || line.bytes[3] == ' ';
	return digit(line, 0) * 100 + digit(line, 1) * 10 + digit(line, 2);
}

static void
smtp_begin(struct dialogue *d)
{
	dialogue_await(d, "its greeting");
}

static void
smtp_last_line(struct dialogue *d, int code, struct text line)
{
	switch (d->step) {
	case SMTP_GREETING:
		if (code != 220) {
			dialogue_refuse(d, "it greets with a refusal", line);
			return;
		}
		dialogue_say_line(d, "EHLO " OUR_NAME);
		dialogue_await(d, "its answer to EHLO");
		break;
	case SMTP_EHLO:
		if (code != 250) {
			dialogue_refuse(d, "it refuses EHLO", line);
			return;
		}
		if (!d->offered) {
			dialogue_refuse(d, "it does not offer STARTTLS", line);
			return;
		}
		dialogue_say_line(d, "STARTTLS");
		dialogue_await(d, "its answer to STARTTLS");
		break;
	case SMTP_STARTTLS:
		if (code == 220)
			dialogue_agree(d, line);
		else
			dialogue_refuse(d, "it refuses STARTTLS", line);
		break;
	}
	d->step++;
}

static bool
smtp_hear(struct dialogue *d)
{
	struct text line;
	bool last = false;
	int code;

	if (!dialogue_line(d, &line))
		return false;
	code = smtp_code(line, &last);
	if (code < 0) {
		dialogue_refuse(d, "it does not speak SMTP", line);
		return true;
	}
	/* RFC 5321 4.1.1.1: behind the code, the first line is its greeting, each other one a keyword. */
	if (d->step == SMTP_EHLO && line.len > 4 && text_starts((struct text){ line.bytes + 4, line.len - 4 }, "STARTTLS"))
		d->offered = true;
	if (last)
		smtp_last_line(d, code, line);
	return true;
}

const struct dialect dialect_smtp = { .name = "SMTP", .begin = smtp_begin, .hear = smtp_hear };

static void
smtp_inside_begin(struct dialogue *d)
{
	dialogue_say_line(d, "EHLO " OUR_NAME);
}

static bool
smtp_inside_hear(struct dialogue *d)
{
	struct text line;
	bool last = false;
	int code;

	if (!dialogue_line(d, &line))
		return false;
	code = smtp_code(line, &last);
	if (code >= 0 && !last)
		return true;
	if (code >= 200 && code < 300)
		dialogue_agree(d, line);
	else
		refused_or_doubtful(d, line);
	return true;
}

const struct dialect dialect_smtp_inside = { .name = "SMTP", .question = "EHLO", .begin = smtp_inside_begin, .hear = smtp_inside_hear };

/* ---- IMAP ---- */

static void
imap_begin(struct dialogue *d)
{
	dialogue_await(d, "its greeting");
}

static bool
imap_hear(struct dialogue *d)
{
	struct text line;

	if (!dialogue_line(d, &line))
		return false;
	if (d->step == 0 && text_starts(line, "* OK")) {
		d->step++;
		dialogue_say_line(d, "a1 STARTTLS");
		dialogue_await(d, "its answer to STARTTLS");
	} else if (text_starts(line, "* PREAUTH")) {
		/* RFC 9051 11.1: STARTTLS is not allowed then; an attacker may have put it there. */
		dialogue_refuse(d, "it takes us for logged in already, and then nothing may go over to TLS", line);
	} else if (text_starts(line, "* BYE")) {
		dialogue_refuse(d, d->step == 0 ? "it greets with a refusal" : "it ends the session", line);
	} else if (d->step == 0) {
		dialogue_refuse(d, "it does not speak IMAP", line);
	} else if (text_starts(line, "a1 OK")) {
		dialogue_agree(d, line);
	} else if (text_starts(line, "a1 ")) {
		dialogue_refuse(d, "it refuses STARTTLS", line);
	}
	return true; /* what else begins with "*" is of no concern here */
}

const struct dialect dialect_imap = { .name = "IMAP", .begin = imap_begin, .hear = imap_hear };

static void
imap_inside_begin(struct dialogue *d)
{
	dialogue_say_line(d, "a2 CAPABILITY");
}

static bool
imap_inside_hear(struct dialogue *d)
{
	struct text line;

	if (!dialogue_line(d, &line))
		return false;
	if (text_starts(line, "a2 OK") || text_starts(line, "* CAPABILITY"))
		dialogue_agree(d, line);
	else if (text_starts(line, "a2 ") || text_starts(line, "* BYE"))
		refused_or_doubtful(d, line);
	return true;
}

const struct dialect dialect_imap_inside = { .name = "IMAP", .question = "CAPABILITY", .begin = imap_inside_begin, .hear = imap_inside_hear };

/* ---- POP3 ---- */

static void
pop3_begin(struct dialogue *d)
{
	dialogue_await(d, "its greeting");
}

static bool
pop3_hear(struct dialogue *d)
{
	struct text line;

	if (!dialogue_line(d, &line))
		return false;
	if (!text_starts(line, "+OK") && !text_starts(line, "-ERR")) {
		dialogue_refuse(d, "it does not speak POP3", line);
	} else if (line.bytes[0] == '-') {
		dialogue_refuse(d, d->step == 0 ? "it greets with a refusal" : "it refuses STLS", line);
	} else if (d->step == 0) {
		d->step++;
		dialogue_say_line(d, "STLS");
		dialogue_await(d, "its answer to STLS");
	} else {
		dialogue_agree(d, line);
	}
	return true;
}

const struct dialect dialect_pop3 = { .name = "POP3", .begin = pop3_begin, .hear = pop3_hear };

static void
pop3_inside_begin(struct dialogue *d)
{
	dialogue_say_line(d, "CAPA");
}

static bool
pop3_inside_hear(struct dialogue *d)
{
	struct text line;

	if (!dialogue_line(d, &line))
		return false;
	if (text_starts(line, "+OK"))
		dialogue_agree(d, line);
	else
		refused_or_doubtful(d, line);
	return true;
}

const struct dialect dialect_pop3_inside = { .name = "POP3", .question = "CAPA", .begin = pop3_inside_begin, .hear = pop3_inside_hear };
