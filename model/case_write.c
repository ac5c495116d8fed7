#include "model/case.h"

#include <stdlib.h>
#include <string.h>

#include "model/case_parts.h"
#include "model/evidence.h"
#include "model/leave_out.h"
#include "model/times.h"

enum { NAME_PART = 80 }; /* bytes of a label that go into a file's name */

static int
by_fingerprint(const void *a, const void *b)
{
	return memcmp(((const struct case_stored *)a)->sha256.bytes, ((const struct case_stored *)b)->sha256.bytes, SHA256_LEN);
}

/* Each once, in the order of their fingerprints: the same evidence gives the same bytes. */
static void
put_stored(struct case_writer *w)
{
	char hex[SHA256_HEX];

	if (w->stored_len > 1)
		qsort(w->stored, w->stored_len, sizeof *w->stored, by_fingerprint);
	put_open(w, '{');
	for (size_t i = 0; i < w->stored_len; i++) {
		if (i > 0 && fingerprint_equal(&w->stored[i].sha256, &w->stored[i - 1].sha256))
			continue;
		put_name(w, fingerprint_hex(&w->stored[i].sha256, hex));
		buf_addc(w->out, '"');
		put_base64(w->out, w->stored[i].der);
		buf_addc(w->out, '"');
		w->more = true;
	}
	put_close(w, '}');
}

static void
put_command(struct case_writer *w, const char *command)
{
	struct buf kept = { 0 };

	keep_of_url(text_of(command), &kept);
	put_string(w, (struct text){ (const unsigned char *)buf_str(&kept), kept.len });
	buf_done(&kept);
}

static void
put_nothing(struct case_writer *w)
{
	buf_adds(w->out, "null");
	w->more = true;
}

status
case_write(const struct evidence *e, const struct case_about *about, struct buf *out, struct error *err)
{
	struct buf json = { 0 };
	struct case_writer w = { .out = &json, .evidence = e };
	status st;

	/* The schema comes first: by it a case is known for one. */
	put_open(&w, '{');
	put_name(&w, "schema");
	put_string(&w, text_of("mtlscope.case/1"));
	put_name(&w, "saved_ms");
	put_number(&w, about->saved_ms);
	put_name(&w, "command");
	if (about->command != NULL)
		put_command(&w, about->command);
	else
		put_nothing(&w);
	put_name(&w, "evidence");
	put_record(&w, &case_evidence, e);
	if (e->matched != NULL) {
		put_name(&w, "matched");
		put_record(&w, &case_matched, e->matched);
	}
	put_name(&w, "certificates");
	put_stored(&w);
	put_close(&w, '}');
	buf_addc(&json, '\n');
	st = case_pack(&json, out, err);
	free(w.stored);
	buf_done(&json);
	return st;
}

/* Letters, digits, dots and dashes of a host, a socket's path or an address; all else becomes a dash. */
static void
add_name_part(struct buf *b, const char *s)
{
	for (size_t i = 0; i < NAME_PART && s[i] != '\0'; i++) {
		char c = s[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_';

		if (plain && !(c == '.' && b->len == 0))
			buf_addc(b, c);
		else if (b->len > 0 && b->data[b->len - 1] != '-')
			buf_addc(b, '-');
	}
}

char *
case_file_name(const struct evidence *e)
{
	struct buf b = { 0 };
	char label[320], at[TIME_TEXT_MAX];

	add_name_part(&b, target_label(&e->target, label, sizeof label));
	time_rfc3339(e->started_ms / 1000, at); /* 2026-11-29T15:51:09Z */
	buf_addf(&b, "%s%.4s%.2s%.2s-%.2s%.2s.case", b.len > 0 ? "-" : "", at, at + 5, at + 8, at + 11, at + 14);
	return b.data;
}
