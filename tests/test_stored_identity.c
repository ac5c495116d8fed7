/* Certificates and keys that are kept as text: in which shapes they are found, and that only they are replaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "model/json_scan.h"
#include "model/stored_identity.h"

#define PEM(label, which) "-----BEGIN " label "-----\n" which "\n-----END " label "-----\n"
#define CERT(which) PEM("CERTIFICATE", which)
#define KEY(which) PEM("PRIVATE KEY", which)
/* The same inside JSON. */
#define J(label, which) "-----BEGIN " label "-----\\n" which "\\n-----END " label "-----\\n"
#define JCERT(which) J("CERTIFICATE", which)
#define JKEY(which) J("PRIVATE KEY", which)
/* And as two characters, in JSON. */
#define T(label, which) "-----BEGIN " label "-----\\\\n" which "\\\\n-----END " label "-----\\\\n"

/* base64 of CERT("b2xk") and of CERT("bGVhZg==") CERT("Q0E=") */
#define OLD_64 "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCmIyeGsKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="
#define NEW_64 "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCmJHVmhaZz09Ci0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0KLS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tClEwRT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="

static const struct stored_new same_key = { .cert = CERT("bGVhZg=="), .chain = CERT("Q0E="), .fullchain = CERT("bGVhZg==") CERT("Q0E="), .root = CERT("Uk9PVA==") };
static const struct stored_new new_key = { .cert = CERT("bGVhZg=="), .chain = CERT("Q0E="), .fullchain = CERT("bGVhZg==") CERT("Q0E="), .root = CERT("Uk9PVA=="),
	.key = KEY("TkVX") };

static const struct {
	const char *about, *before, *names, *kept, *renewed; /* with the same key; with a new one */
} cases[] = {
	{ "the contract's names, and whatever else there is",
	    "{ \"note\" : \"x\\u00e9\\/\", \"certificate\":\"" JCERT("b2xk") "\",\n\t\"private_key\": \"" JKEY("T0xE") "\",\"root_ca\":\"" JCERT("Uk9PVA==") "\", \"n\":1.50e+3,\"o\":{\"key\":[null,true]} }\n",
	    "certificate, private_key, root_ca",
	    "{ \"note\" : \"x\\u00e9\\/\", \"certificate\":\"" JCERT("bGVhZg==") JCERT("Q0E=") "\",\n\t\"private_key\": \"" JKEY("T0xE") "\",\"root_ca\":\"" JCERT("Uk9PVA==") "\", \"n\":1.50e+3,\"o\":{\"key\":[null,true]} }\n",
	    "{ \"note\" : \"x\\u00e9\\/\", \"certificate\":\"" JCERT("bGVhZg==") JCERT("Q0E=") "\",\n\t\"private_key\": \"" JKEY("TkVX") "\",\"root_ca\":\"" JCERT("Uk9PVA==") "\", \"n\":1.50e+3,\"o\":{\"key\":[null,true]} }\n" },
	{ "a chain of its own; a root that is added behind the old one; no newline at the end",
	    "{\"tls.crt\":\"-----BEGIN CERTIFICATE-----\\nb2xk\\n-----END CERTIFICATE-----\",\"Certificate-Chain\":\"" JCERT("b2xkQ0E=") "\",\"ca.crt\":\"" JCERT("b2xkcm9vdA==") "\"}",
	    "tls.crt, Certificate-Chain, ca.crt",
	    "{\"tls.crt\":\"-----BEGIN CERTIFICATE-----\\nbGVhZg==\\n-----END CERTIFICATE-----\",\"Certificate-Chain\":\"" JCERT("Q0E=") "\",\"ca.crt\":\"" JCERT("b2xkcm9vdA==") JCERT("Uk9PVA==") "\"}",
	    NULL },
	{ "a certificate that has its chain keeps it, beside one of its own",
	    "{\"cert\":\"" JCERT("b2xk") JCERT("b2xkQ0E=") "\",\"chain\":\"" JCERT("b2xkQ0E=") "\",\"fullchain\":\"" JCERT("b2xk") JCERT("b2xkQ0E=") "\"}",
	    "cert, chain, fullchain",
	    "{\"cert\":\"" JCERT("bGVhZg==") JCERT("Q0E=") "\",\"chain\":\"" JCERT("Q0E=") "\",\"fullchain\":\"" JCERT("bGVhZg==") JCERT("Q0E=") "\"}", NULL },
	{ "a key that is none, and a certificate that is none, are not ours",
	    "{\"key\":\"api-4711\",\"cert\":\"" JCERT("b2xk") "\",\"ca_key\":\"" JKEY("Q0FLRVk=") "\",\"signing_cert\":\"" JCERT("c2lnbg==") "\"}", "cert",
	    "{\"key\":\"api-4711\",\"cert\":\"" JCERT("bGVhZg==") JCERT("Q0E=") "\",\"ca_key\":\"" JKEY("Q0FLRVk=") "\",\"signing_cert\":\"" JCERT("c2lnbg==") "\"}", NULL },
	{ "line ends as two characters", "{\"cert\":\"" T("CERTIFICATE", "b2xk") "\",\"key\":\"" T("PRIVATE KEY", "T0xE") "\"}", "cert, key",
	    "{\"cert\":\"" T("CERTIFICATE", "bGVhZg==") T("CERTIFICATE", "Q0E=") "\",\"key\":\"" T("PRIVATE KEY", "T0xE") "\"}",
	    "{\"cert\":\"" T("CERTIFICATE", "bGVhZg==") T("CERTIFICATE", "Q0E=") "\",\"key\":\"" T("PRIVATE KEY", "TkVX") "\"}" },
	{ "base64 of PEM", "{\"cert\":\"" OLD_64 "\"}", "cert", "{\"cert\":\"" NEW_64 "\"}", NULL },
	{ "PEM alone, the key last", "a comment\r\n" CERT("b2xk") KEY("T0xE") PEM("DH PARAMETERS", "REg="), "the PEM text",
	    CERT("bGVhZg==") CERT("Q0E=") KEY("T0xE") PEM("DH PARAMETERS", "REg="), CERT("bGVhZg==") CERT("Q0E=") KEY("TkVX") PEM("DH PARAMETERS", "REg=") },
	{ "PEM alone, the key first", KEY("T0xE") CERT("b2xk"), "the PEM text", KEY("T0xE") CERT("bGVhZg==") CERT("Q0E="), KEY("TkVX") CERT("bGVhZg==") CERT("Q0E=") },
	{ "both in one member", "{\"pem\":\"" JKEY("T0xE") JCERT("b2xk") "\"}", "pem", "{\"pem\":\"" JKEY("T0xE") JCERT("bGVhZg==") JCERT("Q0E=") "\"}",
	    "{\"pem\":\"" JKEY("TkVX") JCERT("bGVhZg==") JCERT("Q0E=") "\"}" },
	{ "two of one name are both replaced", "{\"cert\":\"" JCERT("b2xk") "\",\"cert\":\"" JCERT("b2xk") "\"}", "cert, cert",
	    "{\"cert\":\"" JCERT("bGVhZg==") JCERT("Q0E=") "\",\"cert\":\"" JCERT("bGVhZg==") JCERT("Q0E=") "\"}", NULL },
};

static void
replaced(const char *before, const struct stored_new *n, const char *expected)
{
	struct stored_identity k;
	struct error err = { .code = ERROR_NONE };
	struct buf out = { 0 };
	status result;

	assert_int_equal(stored_read(before, strlen(before), "the secret s", &k, &err), STATUS_OK);
	result = stored_replace(&k, before, strlen(before), "the secret s", n, &out, &err);
	if (expected != NULL) {
		assert_int_equal(result, STATUS_OK);
		assert_string_equal(buf_str(&out), expected);
	} else {
		assert_int_equal(result, STATUS_FAILED);
		assert_non_null(strstr(err.text, "the secret s has no private key"));
	}
	buf_done(&out);
	stored_done(&k);
}

static void
every_shape(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct stored_identity k;
		struct error err = { .code = ERROR_NONE };
		struct buf names = { 0 };

		print_message("  %s\n", cases[i].about);
		if (stored_read(cases[i].before, strlen(cases[i].before), "the secret s", &k, &err) != STATUS_OK)
			fail_msg("%s", err.text);
		stored_names(&k, &names);
		assert_string_equal(buf_str(&names), cases[i].names);
		stored_done(&k);
		buf_done(&names);
		replaced(cases[i].before, &same_key, cases[i].kept);
		replaced(cases[i].before, &new_key, cases[i].renewed);
	}
}

static void
what_is_sent(void **state)
{
	static const struct {
		const char *text, *certs, *key, *roots;
	} wanted[] = {
		{ "{\"certificate\":\"" JCERT("b2xk") "\",\"chain\":\"" JCERT("Q0E=") "\",\"private_key\":\"" JKEY("T0xE") "\",\"root_ca\":\"" JCERT("cm9vdA==") "\"}",
		    CERT("b2xk") CERT("Q0E="), KEY("T0xE"), CERT("cm9vdA==") },
		{ "{\"cert\":\"" JCERT("b2xk") "\",\"fullchain\":\"" JCERT("b2xk") JCERT("Q0E=") "\",\"chain\":\"" JCERT("Q0E=") "\"}", CERT("b2xk") CERT("Q0E="), "", "" },
		{ KEY("T0xE") CERT("b2xk"), CERT("b2xk"), KEY("T0xE"), "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		struct stored_identity k;
		struct error err = { .code = ERROR_NONE };
		struct buf certs = { 0 }, key = { 0 }, roots = { 0 };

		assert_int_equal(stored_read(wanted[i].text, strlen(wanted[i].text), "s", &k, &err), STATUS_OK);
		stored_certificates(&k, &certs);
		stored_key(&k, &key);
		stored_roots(&k, &roots);
		assert_string_equal(buf_str(&certs), wanted[i].certs);
		assert_string_equal(buf_str(&key), wanted[i].key);
		assert_string_equal(buf_str(&roots), wanted[i].roots);
		stored_done(&k);
		buf_done(&certs);
		buf_done(&key);
		buf_done(&roots);
	}
}

static void
what_is_none(void **state)
{
	static const struct {
		const char *text, *says;
	} wanted[] = {
		{ "", "holds no certificate" },
		{ "hunter2", "holds no certificate" },
		{ "{}", "holds no certificate" },
		{ "{\"cert\":\"hunter2\",\"password\":\"hunter2\"}", "holds no certificate" },
		{ "{\"key\":\"" JKEY("T0xE") "\"}", "holds no certificate" },
		{ "{\"tls\":{\"cert\":\"" JCERT("b2xk") "\"}}", "holds no certificate" },
		{ "[\"" JCERT("b2xk") "\"]", "holds no certificate" },
		{ "{\"cert\":\"" JCERT("b2xk") "\"", "begins as JSON, and is none" },
		{ "{\"cert\":\"hunter2\",}", "begins as JSON, and is none" },
		{ KEY("T0xE"), "holds no certificate" },
		{ "\xfe\xed\xfe\xed....", "Java keystore" },
		{ "\x30\x82\x01\x01....", "DER or PKCS#12" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		struct stored_identity k;
		struct error err = { .code = ERROR_NONE };

		assert_int_equal(stored_read(wanted[i].text, strlen(wanted[i].text), "the secret s", &k, &err), STATUS_FAILED);
		assert_int_equal(err.code, ERROR_INPUT);
		assert_non_null(strstr(err.text, wanted[i].says));
		assert_null(strstr(err.text, "hunter2")); /* never a secret in a message */
		assert_int_equal(k.len, 0);
	}
}

static void
locked_keys_are_seen(void **state)
{
	const char *text = "{\"cert\":\"" JCERT("b2xk") "\",\"key\":\"" J("ENCRYPTED PRIVATE KEY", "AAAA") "\"}";
	struct stored_identity k;
	struct error err = { .code = ERROR_NONE };

	(void)state;
	assert_int_equal(stored_read(text, strlen(text), "s", &k, &err), STATUS_OK);
	assert_true(k.locked && stored_has(&k, STORED_KEY));
	stored_done(&k);
}

/* Ours and cJSON agree on what is JSON and what strings say, but where cJSON lets things pass that RFC 8259 does not. */
static void
json_as_others_read_it(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} texts[] = {
		{ "{}", true }, { " {\"a\":[1,-0.5e+7,{\"b\":null}],\"c\":\"\\ud83d\\ude00 \\u00fc\\t\\\"\"} ", true }, { "{\"a\":1", false }, { "{\"a\" 1}", false },
		{ "{\"a\":01}", false }, { "{\"a\":1.}", false }, { "{\"a\":+1}", false }, { "{\"a\":tru}", false }, { "{\"a\":\"\\x\"}", false },
		{ "{\"a\":\"\n\"}", false }, { "{\"a\":\"\\u12g4\"}", false }, { "{a:1}", false }, { "{} x", false }, { "{\"a\":1,}", false }, { "{\"a\":[1,]}", false },
		{ "[]", false }, { "\"a\"", false }, { "", false }, { "{\"a\":\"", false }, { "{\"a\":\"\\", false },
		{ "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", false }, /* deeper than ours */
	};
	struct json_members *m = malloc(sizeof *m);

	(void)state;
	assert_non_null(m);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		size_t len = strlen(texts[i].text);

		if (json_scan(texts[i].text, len, m) != texts[i].good)
			fail_msg("%s", texts[i].text);
		/* Every cut of it: nothing is read past its end (the sanitizers look on). */
		for (size_t cut = 0; cut < len; cut++) {
			char *part = malloc(cut + 1);

			assert_non_null(part);
			memcpy(part, texts[i].text, cut);
			(void)json_scan(part, cut, m);
			free(part);
		}
	}
	assert_true(json_scan(texts[1].text, strlen(texts[1].text), m));
	assert_int_equal(m->len, 2);
	{
		cJSON *theirs = cJSON_Parse(texts[1].text);
		struct buf ours = { 0 }, back = { 0 };

		json_scan_text(texts[1].text + m->items[1].value, m->items[1].value_len, &ours);
		assert_string_equal(buf_str(&ours), cJSON_GetObjectItem(theirs, "c")->valuestring);
		json_scan_quote(ours.data, ours.len, &back);
		cJSON_Delete(theirs);
		theirs = cJSON_Parse(buf_str(&back));
		assert_string_equal(theirs->valuestring, ours.data);
		cJSON_Delete(theirs);
		buf_done(&ours);
		buf_done(&back);
	}
	free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shape),
		cmocka_unit_test(what_is_sent),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(locked_keys_are_seen),
		cmocka_unit_test(json_as_others_read_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
