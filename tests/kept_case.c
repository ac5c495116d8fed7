#include "tests/kept_case.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cJSON.h>
#include <string.h>

#include "model/diagnosis.h"
#include "model/json.h"

enum { AROUND = 60 }; /* bytes shown before and behind the first difference */

static void
write_case(const struct evidence *e, const char *what, struct buf *out)
{
	struct case_about about = { .command = "payment.internal:8443 --cert order.crt", .saved_ms = 1 };
	struct error err = { .code = ERROR_NONE };

	if (case_write(e, &about, out, &err) != STATUS_OK)
		fail_msg("%s: not written: %s", what, err.text);
}

static void
same(const struct buf *a, const struct buf *b, const char *what)
{
	size_t at = 0, from;

	while (at < a->len && at < b->len && a->data[at] == b->data[at])
		at++;
	from = at > AROUND ? at - AROUND : 0;
	if (at < a->len || at < b->len)
		fail_msg("%s: differs at byte %zu:\n%.*s\n%.*s", what, at, 2 * AROUND, a->data + from, 2 * AROUND, b->data + from);
}

struct evidence *
kept_read(const struct evidence *e, const char *what)
{
	struct buf first = { 0 }, again = { 0 };
	struct saved_case saved;
	struct error err = { .code = ERROR_NONE };

	write_case(e, what, &first);
	if (case_parse("test.case", (const unsigned char *)first.data, first.len, &saved, &err) != STATUS_OK)
		fail_msg("%s: not read again: %s", what, err.text);
	write_case(saved.evidence, what, &again);
	same(&first, &again, what);
	e = saved.evidence;
	saved.evidence = NULL;
	case_done(&saved);
	buf_done(&first);
	buf_done(&again);
	return (struct evidence *)(uintptr_t)e;
}

static void
json_of(const struct evidence *e, struct buf *out)
{
	struct diagnosis *d = diagnose(e);

	json_check(d, out);
	diagnosis_free(d);
}

void
kept_check(const struct evidence *e, const char *what)
{
	struct evidence *kept = kept_read(e, what);
	struct buf before = { 0 }, after = { 0 };

	json_of(e, &before);
	json_of(kept, &after);
	same(&before, &after, what);
	buf_done(&before);
	buf_done(&after);
	evidence_free(kept);
}

/* ---- evidence that nobody ever saw ---- */

/* What stands in the place of each member, one after the other; NULL: it is taken away. */
static const char *const instead[] = { NULL, "null", "0", "1", "2", "255", "-1", "65535", "9007199254740992", "0.5", "\"\"", "\"x\"",
	"true", "false", "[]", "{}", "[0]", "[\"\"]", "\"accepted\"", "\"accepted-app\"", "\"rejected-alert\"", "\"rejected-http\"",
	"\"rejected-close\"", "\"not-asked\"", "\"failed-local\"", "\"network\"", "\"protocol\"", "\"resolving\"", "\"connecting\"",
	"\"after-client-hello\"", "\"after-server-hello\"", "\"after-our-flight\"", "\"after-response\"", "\"not-yet\"", "\"alert\"",
	"\"fin\"", "\"rst\"", "\"timeout\"", "\"us\"", "\"server\"", "\"client\"", "\"too-large\"", "\"other\"", "\"kept\"",
	"\"PEM\"", "\"HEAD\"", "\"smtp\"" };

struct variants {
	cJSON *whole;
	void (*use)(struct saved_case *c, void *user);
	void *user;
	size_t read;
};

static void
try_whole(struct variants *v)
{
	struct error err = { .code = ERROR_NONE };
	struct saved_case c;
	char *text = cJSON_PrintUnformatted(v->whole);

	if (case_parse("variant.case", (const unsigned char *)text, strlen(text), &c, &err) == STATUS_OK) {
		v->use(&c, v->user);
		v->read++;
		case_done(&c);
	}
	cJSON_free(text);
}

/* In its place, for one try. */
static void
try_instead(struct variants *v, cJSON *member, const char *text)
{
	static char gone[] = "gone";
	cJSON *other = cJSON_Parse(text != NULL ? text : "null"), before = *member;

	member->type = other->type;
	member->valuestring = other->valuestring;
	member->valuedouble = other->valuedouble;
	member->child = other->child;
	if (text == NULL && member->string != NULL)
		member->string = gone;
	try_whole(v);
	*member = before;
	cJSON_Delete(other);
}

static void
change_each(struct variants *v, cJSON *at)
{
	cJSON *child;

	cJSON_ArrayForEach(child, at) {
		change_each(v, child);
		for (size_t k = 0; k < sizeof instead / sizeof instead[0]; k++)
			try_instead(v, child, instead[k]);
	}
}

size_t
kept_variants(const char *json, void (*use)(struct saved_case *c, void *user), void *user)
{
	struct variants v = { .whole = cJSON_Parse(json), .use = use, .user = user };

	assert_non_null(v.whole);
	change_each(&v, v.whole);
	cJSON_Delete(v.whole);
	return v.read;
}
