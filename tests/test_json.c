/*
 * check --json against CONTRACT section 3: every field of its example, its type, where null is
 * allowed, and the forms of times, fingerprints and durations.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/json.h"
#include "model/memory.h"
#include "model/mend.h"
#include "tests/pages.h"

static struct pages *pages;

static cJSON *
json_of(enum pages_story story)
{
	struct buf b = { 0 };

	json_check(pages_diagnosis(pages, story), &b);
	/* One object, one line. */
	assert_ptr_equal(strchr(b.data, '\n'), b.data + b.len - 1);
	for (size_t i = 0; i + 1 < b.len; i++)
		assert_true((unsigned char)b.data[i] >= ' ');
	assert_int_equal(text_flags(text_of(b.data)) & ~(unsigned)TEXT_CONTROL, 0);
	cJSON *o = cJSON_ParseWithLength(b.data, b.len);
	assert_non_null(o);
	buf_done(&b);
	return o;
}

/*
 * "findings[].proof[].outcome" below an object: s string, n number, b boolean, o object, a array;
 * capital: or null. t: RFC 3339, h: SHA-256 in lower-case hex, m: a tenth of a millisecond.
 */
static const struct {
	const char *path;
	char type;
} fields[] = {
	{ "schema", 's' }, { "started", 't' }, { "took_ms", 'm' },
	{ "target", 'o' }, { "target.name", 'S' }, { "target.host", 's' }, { "target.port", 'n' },
	{ "target.servername", 's' }, { "target.starttls", 'S' }, { "target.path", 's' },
	{ "verdict", 's' }, { "class", 's' }, { "side", 'S' }, { "root_cause", 'S' }, { "cause_key", 'S' },
	{ "seen_from", 's' }, { "identity_from", 's' }, { "summary", 's' },
	{ "findings", 'a' }, { "findings[].code", 's' }, { "findings[].severity", 's' }, { "findings[].side", 's' },
	{ "findings[].root_cause", 'b' }, { "findings[].confidence", 's' }, { "findings[].title", 's' },
	{ "findings[].why", 's' }, { "findings[].evidence", 'a' }, { "findings[].evidence[]", 's' },
	{ "findings[].proof", 'a' }, { "findings[].proof[].experiment", 's' }, { "findings[].proof[].handshake", 's' },
	{ "findings[].proof[].outcome", 's' }, { "findings[].explains", 'a' }, { "findings[].explains[]", 's' },
	{ "findings[].candidates", 'a' }, { "findings[].candidates[].code", 's' },
	{ "findings[].candidates[].likelihood", 's' }, { "findings[].candidates[].decided_by", 's' },
	{ "findings[].certificate", 'H' }, { "findings[].fixes", 'a' }, { "findings[].fixes[]", 's' },
	{ "certificates", 'o' },
	{ "chain", 'a' }, { "chain[].sha256", 'h' }, { "chain[].position", 'n' }, { "chain[].source", 's' },
	{ "chain[].role", 's' }, { "chain[].subject", 's' }, { "chain[].issuer", 's' }, { "chain[].serial", 's' },
	{ "chain[].not_before", 't' }, { "chain[].not_after", 't' }, { "chain[].san", 'a' }, { "chain[].san[]", 's' },
	{ "chain[].key_usage", 'a' }, { "chain[].key_usage[]", 's' }, { "chain[].eku", 'a' }, { "chain[].eku[]", 's' },
	{ "chain[].key", 's' }, { "chain[].signature", 's' }, { "chain[].findings", 'a' }, { "chain[].findings[]", 's' },
	{ "paths", 'a' }, { "paths[].certificates", 'a' }, { "paths[].certificates[]", 'h' }, { "paths[].anchor", 'H' },
	{ "paths[].valid", 'b' }, { "paths[].expires", 't' }, { "paths[].errors", 'a' },
	{ "identity", 'o' }, { "identity.certificates", 'a' }, { "identity.certificates[]", 'h' },
	{ "identity.key_matches", 'b' },
	{ "handshakes", 'a' }, { "handshakes[].id", 's' }, { "handshakes[].experiment", 's' },
	{ "handshakes[].address", 's' }, { "handshakes[].tls", 'S' }, { "handshakes[].cipher", 'S' },
	{ "handshakes[].group", 'S' }, { "handshakes[].alpn", 'S' }, { "handshakes[].resumed", 'b' },
	{ "handshakes[].asked_for_certificate", 'b' }, { "handshakes[].acceptable_cas", 'a' },
	{ "handshakes[].acceptable_cas[]", 's' }, { "handshakes[].signature_algorithms", 'a' },
	{ "handshakes[].signature_algorithms[]", 's' }, { "handshakes[].sent_certificates", 'n' },
	{ "handshakes[].alerts", 'a' }, { "handshakes[].alerts[].from", 's' }, { "handshakes[].alerts[].level", 's' },
	{ "handshakes[].alerts[].number", 'n' }, { "handshakes[].alerts[].name", 's' },
	{ "handshakes[].alerts[].when", 's' }, { "handshakes[].alerts[].at_ms", 'm' },
	{ "handshakes[].messages", 'a' }, { "handshakes[].messages[].from", 's' },
	{ "handshakes[].messages[].type", 's' }, { "handshakes[].messages[].bytes", 'n' },
	{ "handshakes[].messages[].at_ms", 'm' }, { "handshakes[].ended", 'O' }, { "handshakes[].ended.by", 's' },
	{ "handshakes[].ended.how", 's' }, { "handshakes[].http_status", 'N' }, { "handshakes[].outcome", 's' },
	{ "handshakes[].timings", 'o' }, { "handshakes[].timings.resolve_ms", 'M' },
	{ "handshakes[].timings.connect_ms", 'M' }, { "handshakes[].timings.tls_ms", 'M' },
	{ "handshakes[].timings.verdict_ms", 'M' },
	{ "clocks", 'a' }, { "clocks[].of", 's' }, { "clocks[].offset_ms", 'n' },
	{ "stack", 'o' }, { "stack.name", 's' }, { "stack.confidence", 's' },
	{ "would_send", 'a' }, { "would_send[].client", 's' }, { "would_send[].sends", 'B' }, { "would_send[].version", 's' }, { "would_send[].source", 's' },
	{ "would_send[].because", 's' },
};

static bool
is_rfc3339(const cJSON *x)
{
	return cJSON_IsString(x) && strlen(x->valuestring) == 20 && x->valuestring[10] == 'T' && x->valuestring[19] == 'Z';
}

static bool
is_sha256(const cJSON *x)
{
	return cJSON_IsString(x) && strlen(x->valuestring) == 64 && strspn(x->valuestring, "0123456789abcdef") == 64;
}

static bool
is_tenth(const cJSON *x)
{
	double tenths = cJSON_IsNumber(x) ? x->valuedouble * 10 : 0.5;

	return tenths - (double)(int64_t)(tenths + 0.5) < 1e-6 && tenths - (double)(int64_t)(tenths + 0.5) > -1e-6;
}

static bool
is_of(const cJSON *x, char type)
{
	if (type >= 'A' && type <= 'Z') {
		if (cJSON_IsNull(x))
			return true;
		type = (char)(type - 'A' + 'a');
	}
	switch (type) {
	case 's': return cJSON_IsString(x);
	case 'n': return cJSON_IsNumber(x);
	case 'b': return cJSON_IsBool(x);
	case 'B': return cJSON_IsBool(x) || cJSON_IsNull(x);
	case 'o': return cJSON_IsObject(x);
	case 'a': return cJSON_IsArray(x);
	case 't': return is_rfc3339(x);
	case 'h': return is_sha256(x);
	case 'm': return is_tenth(x);
	default: return false;
	}
}

/* Follows the path into every element of a list; a null on the way ends it there. */
static void
follow(const cJSON *at, const char *rest, char type, const char *whole)
{
	size_t len = strcspn(rest, ".[");
	char name[40];

	if (rest[0] == '[') {
		const cJSON *x = NULL;
		cJSON_ArrayForEach(x, at)
			follow(x, rest + 2 + (rest[2] == '.'), type, whole);
		return;
	}
	if (rest[0] == '\0') {
		if (!is_of(at, type))
			fail_msg("%s is not of type %c", whole, type);
		return;
	}
	if (cJSON_IsNull(at))
		return;
	snprintf(name, sizeof name, "%.*s", (int)len, rest);
	const cJSON *next = cJSON_GetObjectItemCaseSensitive(at, name);
	if (next == NULL)
		fail_msg("%s: there is no “%s”", whole, name);
	rest += len;
	follow(next, rest + (rest[0] == '.'), type, whole);
}

static void
every_field_has_its_type(void **state)
{
	(void)state;
	for (int story = PAGES_FORGOTTEN; story <= PAGES_HTTP_400; story++) {
		cJSON *o = json_of((enum pages_story)story);
		for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
			follow(o, fields[i].path, fields[i].type, fields[i].path);
		cJSON_Delete(o);
	}
}

static const char *
text_at(const cJSON *o, const char *name)
{
	const cJSON *x = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsString(x) ? x->valuestring : "(none)";
}

/* The values of the endpoint that the contract's example shows. */
static void
values_of_the_example(void **state)
{
	cJSON *o = json_of(PAGES_FORGOTTEN);
	const cJSON *h = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(o, "handshakes"), 0);
	const cJSON *alert = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(h, "alerts"), 0);
	const cJSON *finding = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(o, "findings"), 0);

	(void)state;
	assert_string_equal(text_at(o, "schema"), "mtlscope.check/1");
	assert_string_equal(text_at(o, "started"), "2026-11-18T11:06:40Z");
	assert_true(cJSON_GetObjectItemCaseSensitive(o, "took_ms")->valuedouble == 41.7);
	assert_string_equal(text_at(o, "verdict"), "error");
	assert_string_equal(text_at(o, "class"), "client");
	assert_string_equal(text_at(o, "side"), "client");
	assert_string_equal(text_at(o, "root_cause"), "client.missing-intermediate");
	assert_string_equal(text_at(o, "cause_key"), "client.missing-intermediate:3b77");
	assert_string_equal(text_at(o, "identity_from"), "order.crt");
	assert_string_equal(text_at(finding, "confidence"), "certain");
	assert_string_equal(text_at(h, "tls"), "TLSv1.3");
	assert_string_equal(text_at(h, "outcome"), "rejected-alert");
	assert_string_equal(text_at(cJSON_GetObjectItemCaseSensitive(h, "ended"), "by"), "server");
	assert_string_equal(text_at(cJSON_GetObjectItemCaseSensitive(h, "ended"), "how"), "alert");
	assert_string_equal(text_at(alert, "from"), "server");
	assert_string_equal(text_at(alert, "level"), "fatal");
	assert_string_equal(text_at(alert, "name"), "unknown_ca");
	assert_string_equal(text_at(alert, "when"), "after-finished");
	assert_int_equal(cJSON_GetObjectItemCaseSensitive(alert, "number")->valueint, 48);
	assert_int_equal(cJSON_GetObjectItemCaseSensitive(h, "sent_certificates")->valueint, 1);
	/* An algorithm that nobody has a name for is a number, not left out. */
	assert_string_equal(cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(h, "signature_algorithms"), 1)->valuestring,
	    "0x0bad");
	cJSON_Delete(o);
}

/* What a finding, a path or the identity refers to is in “certificates”. */
static void
every_reference_is_resolved(void **state)
{
	cJSON *o = json_of(PAGES_FORGOTTEN);
	const cJSON *map = cJSON_GetObjectItemCaseSensitive(o, "certificates"), *x = NULL, *path = NULL;

	(void)state;
	cJSON_ArrayForEach(x, cJSON_GetObjectItemCaseSensitive(o, "findings"))
		assert_non_null(cJSON_GetObjectItemCaseSensitive(map, text_at(x, "certificate")));
	cJSON_ArrayForEach(x, cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(o, "identity"), "certificates"))
		assert_non_null(cJSON_GetObjectItemCaseSensitive(map, x->valuestring));
	cJSON_ArrayForEach(path, cJSON_GetObjectItemCaseSensitive(o, "paths")) {
		cJSON_ArrayForEach(x, cJSON_GetObjectItemCaseSensitive(path, "certificates"))
			assert_non_null(cJSON_GetObjectItemCaseSensitive(map, x->valuestring));
	}
	cJSON_Delete(o);
}

/* Where there is no cause, no handshake and no answer: null, never left out, never made up. */
static void
what_is_not_there_is_null(void **state)
{
	cJSON *good = json_of(PAGES_ACCEPTED), *down = json_of(PAGES_REFUSED_PORT);
	const cJSON *h = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(down, "handshakes"), 0);

	(void)state;
	assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(good, "root_cause")));
	assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(good, "cause_key")));
	assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(good, "side")));
	assert_string_equal(text_at(good, "class"), "none");
	assert_string_equal(text_at(good, "verdict"), "ok");
	assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(h, "tls")));
	assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(h, "cipher")));
	assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(h, "http_status")));
	assert_string_equal(text_at(down, "verdict"), "unreachable");
	assert_string_equal(text_at(h, "outcome"), "network");
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(down, "chain")), 0);
	cJSON_Delete(good);
	cJSON_Delete(down);
}

/* unix:/path: no host, no port; and what to do about it is not “look at routes”. */
static void
a_local_socket_has_no_port(void **state)
{
	struct diagnosis *d = pages_diagnosis(pages, PAGES_REFUSED_PORT);
	struct target *t = (struct target *)(uintptr_t)&d->evidence->target;
	struct buf text = { 0 };

	(void)state;
	free(t->host);
	t->host = NULL;
	t->port = 0;
	t->unix_path = mem_strdup("/run/service.sock");
	json_check(d, &text);
	cJSON *o = cJSON_Parse(buf_str(&text));
	const cJSON *target = cJSON_GetObjectItemCaseSensitive(o, "target");
	assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(target, "host")));
	assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(target, "port")));
	assert_string_equal(text_at(target, "unix_socket"), "/run/service.sock");
	assert_string_equal(mend_words(d, d->root, d->arena),
	    "start the service that listens at unix:/run/service.sock, or correct the path");
	cJSON_Delete(o);
	buf_done(&text);
}

/* Measured: Go and Java send nothing where the list does not name their issuer, OpenSSL sends all the same. */
static void
who_else_would_have_sent_it(void **state)
{
	cJSON *o = json_of(PAGES_FORGOTTEN);
	const cJSON *x = NULL;
	int withheld = 0, unknown = 0;

	(void)state;
	/* The leaf alone leads to “Acme Issuing CA 1”; the list names the root. */
	cJSON_ArrayForEach(x, cJSON_GetObjectItemCaseSensitive(o, "would_send")) {
		const cJSON *sends = cJSON_GetObjectItemCaseSensitive(x, "sends");
		bool minds = strcmp(text_at(x, "client"), "Go") == 0 || strncmp(text_at(x, "client"), "Java 17", 7) == 0;
		/* .NET completes the chain from its own store: nobody knows it here. */
		bool store = strcmp(text_at(x, "client"), ".NET") == 0;
		assert_int_equal(cJSON_IsTrue(sends), !minds && !store);
		assert_int_equal(cJSON_IsNull(sends), store);
		withheld += cJSON_IsFalse(sends);
		unknown += cJSON_IsNull(sends);
	}
	assert_int_equal(withheld, 3);
	assert_int_equal(unknown, 1);
	cJSON_Delete(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_has_its_type),
		cmocka_unit_test(values_of_the_example),
		cmocka_unit_test(every_reference_is_resolved),
		cmocka_unit_test(what_is_not_there_is_null),
		cmocka_unit_test(a_local_socket_has_no_port),
		cmocka_unit_test(who_else_would_have_sent_it),
	};
	int failed;

	pages = pages_make();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	pages_free(pages);
	return failed;
}
