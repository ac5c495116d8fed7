#include "lab/pca_check.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define WORD LETTERS DIGITS "_"
#define CNAME LETTERS DIGITS "-;?:@&=+$,%_.!~*()'"

enum { SHOWN_MOST = 256 };

/* ---- patterns ---- */

/* arn:[\w+=/,.@-]+:acm-pca:[\w+=/,.@-]*:[0-9]*:[\w+=,.@-]+(/[\w+=,.@-]+)* */
static bool
is_arn(const char *s)
{
	static const char part[] = WORD "+=/,.@-";
	size_t len;

	if (strncmp(s, "arn:", 4) != 0 || (len = strspn(s + 4, part)) == 0)
		return false;
	s += 4 + len;
	if (strncmp(s, ":acm-pca:", 9) != 0)
		return false;
	s += 9;
	s += strspn(s, part);
	if (*s++ != ':')
		return false;
	s += strspn(s, DIGITS);
	if (*s++ != ':' || *s == '\0' || *s == '/' || s[strlen(s) - 1] == '/' || strstr(s, "//") != NULL)
		return false;
	return s[strspn(s, part)] == '\0';
}

/* ([0-2])\.([0-9]|([0-3][0-9]))((\.([0-9]+)){0,126}) */
static bool
is_oid(const char *s)
{
	size_t n, arcs = 0;

	if (s[0] < '0' || s[0] > '2' || s[1] != '.')
		return false;
	s += 2;
	n = strspn(s, DIGITS);
	if (n == 0 || n > 2 || (n == 2 && s[0] > '3'))
		return false;
	for (s += n; *s == '.'; s += 1 + n, arcs++)
		if ((n = strspn(s + 1, DIGITS)) == 0)
			return false;
	return *s == '\0' && arcs <= 126;
}

/* [a-z0-9]{8}-[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{12} */
static bool
is_report_id(const char *s)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (strlen(s) != sizeof form - 1)
		return false;
	for (size_t i = 0; form[i] != '\0'; i++)
		if (form[i] == '-' ? s[i] != '-' : !islower((unsigned char)s[i]) && !isdigit((unsigned char)s[i]))
			return false;
	return true;
}

static bool
is_base64(const char *s)
{
	size_t n = strspn(s, LETTERS DIGITS "+/"), pad = strlen(s + n);

	return (n + pad) % 4 == 0 && pad <= 2 && strspn(s + n, "=") == pad;
}

/* Segments that are not empty, "/" between them. */
static bool
is_path(const char *s)
{
	return *s != '\0' && s[0] != '/' && s[strlen(s) - 1] != '/' && strstr(s, "//") == NULL && s[strspn(s, CNAME "/")] == '\0';
}

/* [\u0009\u000A\u000D\u0020-\u00FF]: of UTF-8 beyond ASCII only what starts with C2 or C3. */
static bool
is_latin(const char *s)
{
	for (const unsigned char *c = (const unsigned char *)s; *c != '\0'; c++)
		if ((*c < 0x20 && *c != '\t' && *c != '\n' && *c != '\r') || *c > 0xc3)
			return false;
	return true;
}

/* Letters, blanks and digits of any script: what is not ASCII is taken for one. */
static bool
is_tag(const char *s)
{
	for (const unsigned char *c = (const unsigned char *)s; *c != '\0'; c++)
		if (*c < 0x80 && strchr(WORD " .:/=+-@", *c) == NULL)
			return false;
	return true;
}

static bool
is_no_star(const char *s)
{
	return strchr(s, '*') == NULL;
}

const struct pca_pattern like_country_code_string = { "[A-Za-z]{2}", LETTERS, NULL };
const struct pca_pattern like_asn1_printable_string64 = { "[a-zA-Z0-9'()+-.?:/= ]*", LETTERS DIGITS "'()+,-.?:/= ", NULL };
const struct pca_pattern like_custom_object_identifier = { "([0-2])\\.([0-9]|([0-3][0-9]))((\\.([0-9]+)){0,126})", NULL, is_oid };
const struct pca_pattern like_cname_string = { "[-a-zA-Z0-9;/?:@&=+$,%_.!~*()']*", CNAME "/", NULL };
const struct pca_pattern like_s3_bucket_name3_to255 = { "[-a-zA-Z0-9._/]+", LETTERS DIGITS "-._/", NULL };
const struct pca_pattern like_crl_path_string = {
	"[-a-zA-Z0-9;?:@&=+$,%_.!~*()']+(/[-a-zA-Z0-9;?:@&=+$,%_.!~*()']+)*", NULL, is_path };
const struct pca_pattern like_idempotency_token = { "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]*", NULL, is_latin };
const struct pca_pattern like_tag_key = { "([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)", NULL, is_tag };
const struct pca_pattern like_arn = {
	"arn:[\\w+=/,.@-]+:acm-pca:[\\w+=/,.@-]*:[0-9]*:[\\w+=,.@-]+(/[\\w+=,.@-]+)*", NULL, is_arn };
const struct pca_pattern like_principal = { "[^*]+", NULL, is_no_star };
const struct pca_pattern like_account_id = { "[0-9]+", DIGITS, NULL };
const struct pca_pattern like_audit_report_id = {
	"[a-z0-9]{8}-[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{12}", NULL, is_report_id };
const struct pca_pattern like_base64_string1_to4096 = {
	"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", NULL, is_base64 };
const struct pca_pattern like_awspolicy = { "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+", NULL, is_latin };

/* ---- the walk ---- */

struct walk {
	struct buf errors;
	unsigned count;
	char place[512];            /* "tags.1.member.key" */
	struct cloud_reply *reply;
	bool malformed;             /* a wrong type: told at once */
};

/* `shown`: the value in quotes, or NULL for null. */
static void
breaks(struct walk *w, const char *shown, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void
breaks(struct walk *w, const char *shown, const char *fmt, ...)
{
	char constraint[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(constraint, sizeof constraint, fmt, ap);
	va_end(ap);
	buf_adds(&w->errors, w->count++ > 0 ? "; Value " : "Value ");
	if (shown != NULL)
		buf_addf(&w->errors, "'%.*s'", SHOWN_MOST, shown);
	else
		buf_adds(&w->errors, "null");
	buf_addf(&w->errors, " at '%s' failed to satisfy constraint: Member must %s", w->place, constraint);
}

static void
bounds(struct walk *w, const struct pca_shape *s, const char *shown, int64_t value, const char *of)
{
	if (value < s->min)
		breaks(w, shown, "have %s greater than or equal to %lld", of, (long long)s->min);
	if (s->max > 0 && value > s->max)
		breaks(w, shown, "have %s less than or equal to %lld", of, (long long)s->max);
}

static int64_t
characters(const char *s)
{
	int64_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static bool
is_word(const char *words, const char *value)
{
	size_t len = strlen(value);

	for (const char *at = words; len > 0 && (at = strstr(at, value)) != NULL; at++)
		if ((at == words || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

static void
check_words(struct walk *w, const struct pca_shape *s, const char *value)
{
	char list[512];
	size_t n = 0;

	if (is_word(s->values, value))
		return;
	for (const char *at = s->values; *at != '\0' && n + 3 < sizeof list; at++) {
		list[n++] = *at == ' ' ? ',' : *at;
		if (*at == ' ')
			list[n++] = ' ';
	}
	list[n] = '\0';
	breaks(w, value, "satisfy enum value set: [%s]", list);
}

static bool
fits(const struct pca_pattern *p, const char *value)
{
	return p->characters != NULL ? value[strspn(value, p->characters)] == '\0' : p->matches(value);
}

static void
wrong_type(struct walk *w, const cJSON *value, const char *wanted)
{
	const char *is = cJSON_IsString(value) ? "STRING_VALUE" : cJSON_IsNumber(value) ? "NUMBER_VALUE" : cJSON_IsBool(value) ?
	    (cJSON_IsTrue(value) ? "TRUE_VALUE" : "FALSE_VALUE") : cJSON_IsArray(value) ? "Start of list" : "Start of structure or map";

	if (!w->malformed)
		cloud_fail(w->reply, "SerializationException", "%s can not be converted to %s at '%s'", is, wanted, w->place);
	w->malformed = true;
}

static void
check_text(struct walk *w, const struct pca_shape *s, const cJSON *value)
{
	const char *text = value->valuestring;

	if (s->values != NULL) {
		check_words(w, s, text);
		return;
	}
	bounds(w, s, text, characters(text), "length");
	if (s->pattern != NULL && text[0] != '\0' && !fits(s->pattern, text))
		breaks(w, text, "satisfy regular expression pattern: %s", s->pattern->text);
}

static void
check_blob(struct walk *w, const struct pca_shape *s, const cJSON *value)
{
	const char *text = value->valuestring;
	size_t len = strlen(text), bytes = len / 4 * 3;
	char shown[80];

	if (!is_base64(text)) {
		wrong_type(w, value, "a Blob (it is no base64)");
		return;
	}
	for (size_t i = len; i > 0 && text[i - 1] == '='; i--)
		bytes--;
	/* As AWS shows it, in the words of its own language. */
	snprintf(shown, sizeof shown, "java.nio.HeapByteBuffer[pos=0 lim=%zu cap=%zu]", bytes, bytes);
	bounds(w, s, shown, (int64_t)bytes, "length");
}

static void
check_number(struct walk *w, const struct pca_shape *s, const cJSON *value)
{
	double d = value->valuedouble;
	char shown[40];

	if (d != floor(d) || fabs(d) > 9e15) {
		wrong_type(w, value, "a Long");
		return;
	}
	snprintf(shown, sizeof shown, "%.0f", d);
	bounds(w, s, shown, (int64_t)d, "value");
}

static void check_members(struct walk *w, const struct pca_member *members, const cJSON *object);

/* ".tags", or without a name ".1.member": put at the end of the place, and taken off by cutting it there. */
static size_t
enter(struct walk *w, const char *name, int number)
{
	size_t before = strlen(w->place);

	if (name == NULL)
		snprintf(w->place + before, sizeof w->place - before, ".%d.member", number);
	else
		snprintf(w->place + before, sizeof w->place - before, "%s%c%s", before > 0 ? "." : "", tolower((unsigned char)name[0]), name + 1);
	return before;
}

static void
check_value(struct walk *w, const struct pca_shape *s, const cJSON *value)
{
	static const char *const wanted[] = { [PCA_TEXT] = "a String", [PCA_NUMBER] = "a Long", [PCA_FLAG] = "a Boolean",
		[PCA_BLOB] = "a Blob", [PCA_LIST] = "a List", [PCA_STRUCT] = "a Structure" };
	bool fine = s->kind == PCA_TEXT || s->kind == PCA_BLOB ? cJSON_IsString(value) : s->kind == PCA_NUMBER ? cJSON_IsNumber(value) :
	    s->kind == PCA_FLAG ? cJSON_IsBool(value) : s->kind == PCA_LIST ? cJSON_IsArray(value) : cJSON_IsObject(value);

	if (!fine) {
		wrong_type(w, value, wanted[s->kind]);
	} else if (s->kind == PCA_TEXT) {
		check_text(w, s, value);
	} else if (s->kind == PCA_BLOB) {
		check_blob(w, s, value);
	} else if (s->kind == PCA_NUMBER) {
		check_number(w, s, value);
	} else if (s->kind == PCA_STRUCT) {
		check_members(w, s->members, value);
	} else if (s->kind == PCA_LIST) {
		const cJSON *element = NULL;
		int n = 0;
		bounds(w, s, "[]", cJSON_GetArraySize(value), "length");
		cJSON_ArrayForEach(element, value) {
			size_t before = enter(w, NULL, ++n);
			if (n <= s->max || s->max == 0)
				check_value(w, s->of, element);
			w->place[before] = '\0';
		}
	}
}

static void
check_members(struct walk *w, const struct pca_member *members, const cJSON *object)
{
	for (const struct pca_member *m = members; m->name != NULL && !w->malformed; m++) {
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, m->name);
		size_t before = enter(w, m->name, 0);
		if (value != NULL && !cJSON_IsNull(value))
			check_value(w, m->shape, value);
		else if (m->required)
			breaks(w, NULL, "not be null");
		w->place[before] = '\0';
	}
}

bool
pca_check_input(const struct cloud_request *q, const struct pca_input *input, struct cloud_reply *p)
{
	struct walk w = { .reply = p };

	check_members(&w, input->members, q->json);
	if (w.count > 0 && !w.malformed)
		cloud_fail(p, "ValidationException", "%u validation error%s detected: %s", w.count, w.count > 1 ? "s" : "", buf_str(&w.errors));
	buf_done(&w.errors);
	return w.count == 0 && !w.malformed;
}
