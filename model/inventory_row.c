/* One certificate out of the database: its row, its name, its serial in every form that people write it in. */
#include <ctype.h>
#include <string.h>

#include "model/characters.h"
#include "model/inventory_internal.h"

void
lower_case(char *s)
{
	for (; s != NULL && *s != '\0'; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s | 0x20);
}

/* ---- serials ---- */

/* Numbers that are equal get equal bytes: no zeros in front, but 16 bytes at least, as AWS writes them. */
static size_t
settled(unsigned char *bytes, size_t len, unsigned char out[SERIAL_MAX])
{
	while (len > SERIAL_SLOT && bytes[0] == 0) {
		bytes++;
		len--;
	}
	if (len >= SERIAL_SLOT) {
		memmove(out, bytes, len);
		return len;
	}
	memmove(out + SERIAL_SLOT - len, bytes, len);
	memset(out, 0, SERIAL_SLOT - len);
	return SERIAL_SLOT;
}

static size_t
from_hex(const char *text, unsigned char out[SERIAL_MAX])
{
	unsigned char bytes[SERIAL_MAX] = { 0 };
	size_t digits = 0, at;

	for (const char *p = text; *p != '\0'; p++) {
		if (*p == ':' && p > text && p[1] != '\0')
			continue;
		if (hex_value(*p) < 0)
			return 0;
		digits++;
	}
	if (digits == 0 || digits > (size_t)SERIAL_MAX * 2)
		return 0;
	at = digits % 2; /* an odd number of digits: the first byte has one */
	for (const char *p = text; *p != '\0'; p++)
		if (*p != ':') {
			bytes[at / 2] = (unsigned char)(bytes[at / 2] << 4 | hex_value(*p));
			at++;
		}
	return settled(bytes, (digits + 1) / 2, out);
}

static size_t
from_decimal(const char *text, unsigned char out[SERIAL_MAX])
{
	unsigned char bytes[SERIAL_MAX] = { 0 };

	if (text[0] == '\0')
		return 0;
	for (const char *p = text; *p != '\0'; p++) {
		unsigned carry = (unsigned)(*p - '0');

		if (*p < '0' || *p > '9')
			return 0;
		for (size_t k = SERIAL_MAX; k-- > 0;) {
			carry += bytes[k] * 10u;
			bytes[k] = (unsigned char)carry;
			carry >>= 8;
		}
		if (carry != 0)
			return 0;
	}
	return settled(bytes, sizeof bytes, out);
}

size_t
serial_bytes(const char *text, const char *arn, unsigned char out[SERIAL_MAX])
{
	const char *slash = arn != NULL ? strrchr(arn, '/') : NULL;
	unsigned char hex[SERIAL_MAX], decimal[SERIAL_MAX], named[SERIAL_MAX];
	size_t hex_len, decimal_len, named_len;

	if (text != NULL && strchr(text, ':') != NULL)
		return from_hex(text, out);
	named_len = slash != NULL ? from_hex(slash + 1, named) : 0;
	if (text == NULL || text[0] == '\0') {
		memcpy(out, named, named_len);
		return named_len;
	}
	hex_len = from_hex(text, hex);
	decimal_len = from_decimal(text, decimal);
	/*
	 * Digits alone may be either. The ARN ends in the serial in hex (knowledge "aws" 1.2); without one, 128 bits take
	 * up to 32 digits in hex, and mostly 38 or 39 in decimal.
	 */
	if (decimal_len > 0 && ((named_len == decimal_len && memcmp(named, decimal, decimal_len) == 0 &&
	        !(hex_len == named_len && memcmp(named, hex, hex_len) == 0)) || strlen(text) > (size_t)SERIAL_SLOT * 2 + 4)) {
		memcpy(out, decimal, decimal_len);
		return decimal_len;
	}
	memcpy(out, hex, hex_len);
	return hex_len;
}

char *
serial_hex(const unsigned char *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t k = 0; k < len; k++) {
		out[k * 2] = digits[bytes[k] >> 4];
		out[k * 2 + 1] = digits[bytes[k] & 15];
	}
	out[len * 2] = '\0';
	return out;
}

/* ---- names ---- */

/* An attribute's value up to the next comma or plus that stands alone (RFC 2253: quotes and backslashes). */
static const char *
value_end(const char *p)
{
	bool quoted = false;

	for (; *p != '\0' && (quoted || (*p != ',' && *p != '+')); p++)
		if (*p == '"')
			quoted = !quoted;
		else if (*p == '\\' && p[1] != '\0')
			p++;
	return p;
}

static void
add_plain(const char *p, const char *end, struct buf *out)
{
	while (end > p && end[-1] == ' ')
		end--;
	for (; p < end; p++) {
		if (*p == '"')
			continue;
		if (*p == '\\' && p + 1 < end) {
			p++;
			if (p + 1 < end && hex_value(p[0]) >= 0 && hex_value(p[1]) >= 0) {
				buf_addc(out, (char)(hex_value(p[0]) << 4 | hex_value(p[1])));
				p++;
				continue;
			}
		}
		buf_addc(out, *p);
	}
}

bool
subject_common_name(const char *subject, struct buf *out)
{
	for (const char *p = subject; p != NULL && *p != '\0';) {
		const char *end;

		while (*p == ' ')
			p++;
		end = value_end(p);
		if ((p[0] | 0x20) == 'c' && (p[1] | 0x20) == 'n' && p[2] == '=' && end > p + 3) {
			add_plain(p + 3, end, out);
			return true;
		}
		p = *end != '\0' ? end + 1 : end;
	}
	return false;
}

void
inventory_name(const char *subject, const char *sans, struct buf *out)
{
	size_t before = out->len;

	if (subject_common_name(subject, out) && out->len > before)
		return;
	if (sans != NULL && sans[0] != '\0') {
		const char *colon = strchr(sans, ':'), *end = strstr(sans, ", ");

		if (colon != NULL && (end == NULL || colon < end))
			sans = colon + 1;
		buf_add(out, sans, end != NULL ? (size_t)(end - sans) : strlen(sans));
		return;
	}
	buf_adds(out, subject != NULL ? subject : "");
}

/* ---- rows ---- */

static status
first_id(struct inventory *i, sqlite3_stmt *s, uint32_t *id, struct error *err)
{
	int result = sqlite3_step(s);

	*id = result == SQLITE_ROW ? (uint32_t)sqlite3_column_int64(s, 0) : 0;
	sqlite3_reset(s);
	return result == SQLITE_ROW || result == SQLITE_DONE ? STATUS_OK : inventory_failed(i, err);
}

status
inventory_id_of(struct inventory *i, const char *name, const char *ca, uint32_t *id, struct error *err)
{
	const char *at = strstr(name, "/certificate/");
	unsigned char serial[SERIAL_MAX];
	size_t len = serial_bytes(at != NULL ? at + strlen("/certificate/") : name, NULL, serial);
	int64_t ca_id = 0;
	sqlite3_stmt *s;

	*id = 0;
	if (at != NULL) {
		if ((s = inventory_sql(i, SQL_CERT_BY_ARN)) == NULL)
			return inventory_failed(i, err);
		sql_text(s, 1, name);
		if (first_id(i, s, id, err) != STATUS_OK || *id != 0)
			return *id != 0 ? STATUS_OK : STATUS_FAILED;
	}
	for (size_t k = 0; k < i->cas_len; k++)
		if (at != NULL ? strlen(i->cas[k].arn) == (size_t)(at - name) && strncmp(i->cas[k].arn, name, (size_t)(at - name)) == 0
		               : ca != NULL && strcmp(i->cas[k].arn, ca) == 0)
			ca_id = i->cas[k].id;
	if (len == 0 || (ca_id == 0 && (at != NULL || ca != NULL)))
		return STATUS_OK;
	s = inventory_sql(i, ca_id != 0 ? SQL_CERT_BY_SERIAL : SQL_CERT_SERIAL_ANY);
	if (s == NULL)
		return inventory_failed(i, err);
	sql_blob(s, 1, serial, len);
	if (ca_id != 0)
		sqlite3_bind_int64(s, 2, ca_id);
	return first_id(i, s, id, err);
}

static const char *
word_of(const struct inventory *i, sqlite3_stmt *s, int column, struct arena *a)
{
	const char *text = sqlite3_column_type(s, column) == SQLITE_NULL ? NULL : inventory_word_text(i, sqlite3_column_int64(s, column));

	return text != NULL ? arena_strdup(a, text) : NULL;
}

static status
add_pem(struct inventory *i, uint32_t id, struct inventory_cert *c, struct arena *a, struct error *err)
{
	sqlite3_stmt *s = inventory_sql(i, SQL_PEM_GET);
	int result;

	if (s == NULL)
		return inventory_failed(i, err);
	sqlite3_bind_int64(s, 1, id);
	result = sqlite3_step(s);
	if (result == SQLITE_ROW) {
		c->pem = sql_copy(s, 0, a);
		c->chain = sql_copy(s, 1, a);
	}
	sqlite3_reset(s);
	return result == SQLITE_ROW || result == SQLITE_DONE ? STATUS_OK : inventory_failed(i, err);
}

status
inventory_row(struct inventory *i, uint32_t id, const struct inventory_query *q, bool whole, struct arena *a, struct inventory_cert **out,
    struct error *err)
{
	enum { CA, SERIAL, SUBJECT, NOT_BEFORE, NOT_AFTER, ISSUED, TEMPLATE, REQUESTED_BY, REVOKED, REASON, ARN, SANS, SEEN, SEEN_AT };
	sqlite3_stmt *s = inventory_sql(i, SQL_CERT_ROW);
	struct inventory_cert *c;
	char hex[SERIAL_MAX * 2 + 1];
	const char *ca;
	bool acm;
	int result;

	*out = NULL;
	if (s == NULL)
		return inventory_failed(i, err);
	sqlite3_bind_int64(s, 1, id);
	result = sqlite3_step(s);
	if (result != SQLITE_ROW) {
		sqlite3_reset(s);
		return result == SQLITE_DONE ? STATUS_OK : inventory_failed(i, err);
	}
	c = arena_alloc(a, sizeof *c);
	ca = inventory_ca_arn(i, sqlite3_column_int64(s, CA));
	c->id = id;
	c->ca = arena_strdup(a, ca != NULL ? ca : "");
	if (sqlite3_column_bytes(s, SERIAL) <= SERIAL_MAX)
		c->serial = arena_strdup(a, serial_hex(sqlite3_column_blob(s, SERIAL), (size_t)sqlite3_column_bytes(s, SERIAL), hex));
	else
		c->serial = "";
	c->arn = sql_copy(s, ARN, a);
	if (c->arn == NULL)
		c->arn = arena_printf(a, "%s/certificate/%s", c->ca, c->serial);
	c->subject = sql_copy(s, SUBJECT, a);
	c->sans = sql_copy(s, SANS, a);
	c->template_name = word_of(i, s, TEMPLATE, a);
	c->requested_by = word_of(i, s, REQUESTED_BY, a);
	c->revocation_reason = word_of(i, s, REASON, a);
	c->seen_at = sql_copy(s, SEEN_AT, a);
	c->not_before = sql_time_of(s, NOT_BEFORE);
	c->not_after = sql_time_of(s, NOT_AFTER);
	c->issued = sql_time_of(s, ISSUED);
	c->revoked = sql_time_of(s, REVOKED);
	c->seen = sql_time_of(s, SEEN);
	acm = i->acm_word != 0 && sqlite3_column_int64(s, REQUESTED_BY) == i->acm_word;
	sqlite3_reset(s);
	buf_reset(&i->scratch);
	inventory_name(c->subject, c->sans, &i->scratch);
	c->name = arena_strndup(a, buf_str(&i->scratch), i->scratch.len);
	if (c->subject == NULL)
		c->subject = "";
	c->fate = fate_of(i, c, q, acm);
	c->by_subject_only = c->fate == FATE_REPLACED && bitmap_has(&i->flags[FLAG_BY_SUBJECT], id);
	*out = c;
	return whole ? add_pem(i, id, c, a, err) : STATUS_OK;
}
