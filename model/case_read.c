#include "model/case.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/case_parts.h"
#include "model/evidence.h"
#include "model/input.h"
#include "model/limits.h"
#include "model/matched.h"
#include "model/quote.h"
#include "model/trust_internal.h"

#define SCHEMA "mtlscope.case/"
#define VERSION 1

/* ---- what follows from what was read ---- */

bool
case_complete_wire_cert(struct case_reader *r, void *at)
{
	struct wire_cert *w = at;
	struct error why = { .code = ERROR_NONE };

	(void)r;
	/* What could not be read when it was seen is not judged by what a later version may make of it. */
	if (w->problem == NULL && w->der.len > 0)
		w->cert = cert_parse(w->der.bytes, w->der.len, &why);
	if (w->cert == NULL && w->problem == NULL)
		w->problem = w->der.len > 0 ? text_safe_arena(r->arena, text_of(why.text), 0, NULL) : "its bytes are not in the case";
	return true;
}

bool
case_complete_identity(struct case_reader *r, void *at)
{
	struct identity *us = at;
	static const char *const types[] = { "PEM", "DER", "P12", "P7" };
	bool known = false;

	(void)r;
	for (size_t i = 0; us->cert_type != NULL && i < sizeof types / sizeof types[0]; i++)
		known = known || strcmp(us->cert_type, types[i]) == 0;
	/* Lines that reproduce go by the type. */
	if (!known)
		us->cert_path = us->key_path = NULL;
	us->matches = us->matches && us->key != NULL && us->len > 0;
	return true;
}

bool
case_complete_evidence(struct case_reader *r, void *at)
{
	struct evidence *e = at;

	if (e->offline)
		return e->offline_len > 0 || get_refuse(r, "holds no chain; expected at least one certificate in offline_chain");
	if (e->handshakes_len == 0)
		return get_refuse(r, "holds no handshake; expected at least the baseline");
	if (e->target.host == NULL && e->target.unix_path == NULL)
		return get_refuse(r, "names neither target.host nor target.unix_path");
	if (e->target.path == NULL)
		e->target.path = mem_strdup("/");
	return true;
}

/* ---- the parts ---- */

static bool
read_evidence(struct case_reader *r, struct evidence *e)
{
	size_t before = get_enter(r, "evidence");

	r->arena = e->arena;
	if (!get_members(r, cJSON_GetObjectItemCaseSensitive(r->whole, "evidence"), &case_evidence, e))
		return false;
	get_leave(r, before);
	return true;
}

static bool
read_matched(struct case_reader *r, struct evidence *e)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(r->whole, "matched");
	size_t before = get_enter(r, "matched");
	struct matched m = { .with = NULL };
	bool ok;

	if (v == NULL || cJSON_IsNull(v)) {
		get_leave(r, before);
		return true;
	}
	r->arena = e->arena;
	ok = get_members(r, v, &case_matched, &m);
	/* Those that were read have an owner now. */
	e->matched = matched_kept(m.with != NULL ? m.with : "", m.handshakes, m.len);
	if (ok)
		get_leave(r, before);
	return ok;
}

bool
case_read_anchors(struct case_reader *r, const cJSON *list, struct trust *t)
{
	struct cert **certs = NULL;
	size_t len = 0, before = get_enter(r, ".anchors"), all = t->all; /* as the case says; what is counted here is less */
	bool ok = list == NULL || get_certs(r, list, LIMIT_CASE_CERTS, &certs, &len);

	for (size_t i = 0; i < len; i++) {
		if (ok)
			trust_add_saved(t, certs[i]);
		cert_free(certs[i]);
	}
	if (!ok)
		return false;
	trust_finish(t);
	t->all = all;
	get_leave(r, before);
	return true;
}

/* Behind a quote, up to the one that ends it; 0 where none does. In $'…' a backslash takes the next with it. */
static size_t
past_quoted(const char *s, size_t at, bool escapes)
{
	for (; s[at] != '\0' && s[at] != '\''; at++)
		if (escapes && s[at] == '\\' && s[at + 1] != '\0')
			at++;
	return s[at] == '\'' ? at + 1 : 0;
}

/* Words and quoted words, as shell_quote() makes them: it is shown to be pasted, and must not do more than it seems to. */
static bool
is_line_of_words(const char *s)
{
	for (size_t at = 0; s[at] != '\0';) {
		unsigned char c = (unsigned char)s[at];
		bool plain = c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    strchr(" -_./:=@,+%", c) != NULL;

		if (plain) {
			at++;
		} else if (c == '\\' && s[at + 1] == '\'') {
			at += 2;
		} else if (c == '\'' || (c == '$' && s[at + 1] == '\'')) {
			at = past_quoted(s, at + (c == '$' ? 2 : 1), c == '$');
			if (at == 0)
				return false;
		} else {
			return false;
		}
	}
	return true;
}

static bool
read_about(struct case_reader *r, struct saved_case *out)
{
	const cJSON *command = cJSON_GetObjectItemCaseSensitive(r->whole, "command");
	const cJSON *saved = cJSON_GetObjectItemCaseSensitive(r->whole, "saved_ms");
	struct text t = { NULL, 0 };
	struct buf b = { 0 };

	if (cJSON_IsNumber(saved) && saved->valuedouble >= 0 && saved->valuedouble <= 1e15)
		out->saved_ms = (int64_t)saved->valuedouble;
	if (command == NULL || cJSON_IsNull(command))
		return true;
	if (!get_text(r, command, &t))
		return false;
	text_safe(&b, t, 0);
	out->command = mem_strdup(buf_str(&b));
	buf_done(&b);
	if (!is_line_of_words(out->command))
		return get_refuse(r, "command: is more than words for mtlscope check; expected options and their values, quoted for a shell");
	return true;
}

static bool
check_schema(struct case_reader *r)
{
	const char *schema = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(r->whole, "schema"));
	const char *digits = schema != NULL && strncmp(schema, SCHEMA, strlen(SCHEMA)) == 0 ? schema + strlen(SCHEMA) : "";
	long version = strtol(digits, NULL, 10);

	if (digits[0] < '1' || digits[0] > '9')
		return get_refuse(r, "is no case: expected \"schema\":\"" SCHEMA "%d\"", VERSION);
	if (version > VERSION)
		return get_refuse(r, "is a case of version %ld; this mtlscope reads version %d: a newer one is needed", version, VERSION);
	return true;
}

/* What has nothing of a case is called that, not by the first bracket that stands wrong in it. */
static bool
begins_with_object(struct case_reader *r, const char *json, size_t len)
{
	static const char pem[] = "-----BEGIN ";
	size_t at = 0;

	while (at < len && json[at] != '\0' && strchr(" \t\r\n", json[at]) != NULL)
		at++;
	if (at < len && json[at] == '{')
		return true;
	if (len - at >= sizeof pem - 1 && memcmp(json + at, pem, sizeof pem - 1) == 0)
		return get_refuse(r, "is a PEM file and no case; mtlscope inspect reads it");
	return get_refuse(r, "byte %zu: is not JSON, and so no case; expected “{”", at);
}

static bool
read_whole(struct case_reader *r, const char *json, size_t len, cJSON **whole)
{
	const char *end = NULL;

	if (!begins_with_object(r, json, len) || !case_scan(r, json, len))
		return false;
	r->whole = *whole = cJSON_ParseWithLengthOpts(json, len, &end, 0);
	if (r->whole == NULL)
		return get_refuse(r, "byte %zu: is not JSON", end >= json && end <= json + len ? (size_t)(end - json) : 0);
	for (; end < json + len; end++)
		if (strchr(" \t\r\n", *end) == NULL || *end == '\0')
			return get_refuse(r, "byte %zu: something follows the end of the case", (size_t)(end - json));
	return check_schema(r);
}

static bool
read_parts(struct case_reader *r, struct saved_case *out)
{
	out->evidence = evidence_new();
	return case_certs_read(r, cJSON_GetObjectItemCaseSensitive(r->whole, "certificates")) && read_evidence(r, out->evidence) &&
	    read_matched(r, out->evidence) && read_about(r, out);
}

/* ---- the file ---- */

status
case_parse(const char *name, const unsigned char *bytes, size_t len, struct saved_case *out, struct error *err)
{
	char shown[QUOTE_MAX];
	struct arena *scratch = arena_new();
	struct case_reader r = { .name = quote_str(name, shown), .err = err, .arena = scratch };
	struct buf json = { 0 };
	cJSON *whole = NULL;
	bool ok = true;

	*out = (struct saved_case){ .saved_ms = 0 };
	if (len > LIMIT_CASE_FILE)
		ok = get_refuse(&r, "is larger than %d MiB, the most that is read of a case", LIMIT_CASE_FILE >> 20);
	else if (case_is_packed(bytes, len))
		ok = case_unpack(&r, bytes, len, LIMIT_CASE_UNPACKED, &json);
	else
		buf_add(&json, bytes, len);
	ok = ok && read_whole(&r, buf_str(&json), json.len, &whole);
	buf_done(&json);
	ok = ok && read_parts(&r, out);
	case_certs_done(&r);
	cJSON_Delete(whole);
	arena_free(scratch);
	if (ok)
		return STATUS_OK;
	case_done(out);
	return STATUS_FAILED;
}

status
case_read(const char *path, struct saved_case *out, struct error *err)
{
	struct input in = { .len = 0 };
	status st;

	*out = (struct saved_case){ .saved_ms = 0 };
	if (input_read(path, LIMIT_CASE_FILE, &in, err) != STATUS_OK)
		return STATUS_FAILED;
	st = case_parse(path, in.bytes, in.len, out, err);
	input_free(&in);
	return st;
}

void
case_done(struct saved_case *c)
{
	evidence_free(c->evidence);
	free(c->command);
	*c = (struct saved_case){ .saved_ms = 0 };
}

/* ---- by its first bytes ---- */

/* {"schema":"mtlscope.case/…, whatever blanks a formatter has put between. */
static bool
begins_as_case(struct text t)
{
	static const char start[] = "{\"schema\":\"" SCHEMA;
	size_t at = 0;

	for (size_t i = 0; i < t.len && at < sizeof start - 1; i++) {
		if (t.bytes[i] == (unsigned char)start[at])
			at++;
		else if (strchr(" \t\r\n", t.bytes[i]) == NULL || t.bytes[i] == '\0')
			return false;
	}
	return at == sizeof start - 1;
}

bool
case_recognised(const char *path)
{
	unsigned char bytes[512];
	struct error ignored = { .code = ERROR_NONE };
	struct buf head = { 0 };
	ssize_t n = 0;
	bool is_case;
	int fd;

	/* What is read of standard input is gone for whoever reads it next. */
	if (strcmp(path, "-") == 0 || input_open(path, &fd, NULL, &ignored) != STATUS_OK)
		return false;
	n = read(fd, bytes, sizeof bytes);
	close(fd);
	if (n > 0 && case_is_packed(bytes, (size_t)n))
		case_peek(bytes, (size_t)n, &head);
	else if (n > 0)
		buf_add(&head, bytes, (size_t)n);
	is_case = begins_as_case((struct text){ (const unsigned char *)buf_str(&head), head.len });
	buf_done(&head);
	return is_case;
}
