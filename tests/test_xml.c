/* AWS's XML: what is taken out of it, and that damaged, hostile and endless XML is one clear error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "aws/xml.h"
#include "model/buf.h"
#include "model/limits.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])

static void
what_is_in_it(void **state)
{
	static const char text[] =
	    "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- a > remark -->\n"
	    "<ns:List xmlns:ns=\"http://s3.amazonaws.com/doc/2006-03-01/\" odd='/>'>\n"
	    "  <Name>bucket</Name><Empty/><Blank></Blank >"
	    "<Contents a=\"1\"><Key>a&amp;b &lt;&gt;&quot;&apos;&#65;&#x20ac;&#x1F600;</Key><ETag>\"x\"</ETag></Contents>"
	    "<Contents><Key><![CDATA[<raw & ]] >]]> and <!-- no -->more</Key></Contents>"
	    "<Other><Contents><Key>deeper</Key></Contents></Other>"
	    "</ns:List>\n<!-- behind -->";
	struct aws_error err = { .kind = AWS_FINE };
	struct arena *a = arena_new();
	const struct xml_node *root, *n;

	(void)state;
	assert_int_equal(xml_read(text, strlen(text), a, &root, &err), STATUS_OK);
	assert_string_equal(root->name, "List");
	assert_string_equal(xml_text(root, "Name"), "bucket");
	assert_string_equal(xml_text(root, "Empty"), "");
	assert_string_equal(xml_text(root, "Blank"), "");
	assert_null(xml_text(root, "Nam"));
	assert_null(xml_text(root, "Name/Key"));
	assert_string_equal(xml_text(root, "Other/Contents/Key"), "deeper");
	n = xml_find(root, "Contents");
	assert_string_equal(xml_text(n, "Key"), "a&b <>\"'A\u20ac\U0001f600");
	assert_string_equal(xml_text(n, "ETag"), "\"x\"");
	n = xml_again(n);
	assert_string_equal(xml_text(n, "Key"), "<raw & ]] > and more");
	assert_null(xml_again(n));
	assert_ptr_equal(xml_find(root, ""), root);
	arena_free(a);
}

static void
what_is_refused(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "it is empty" },
		{ "   ", "it does not begin with an element" },
		{ "plain", "it does not begin with an element" },
		{ "{\"a\":1}", "it does not begin with an element" },
		{ "<a>", "it ends too soon" },
		{ "<a><b></a></b>", "an element ends that has not begun" },
		{ "<a></ab>", "an element ends that has not begun" },
		{ "<a", "it ends within a tag" },
		{ "<a x=\"", "it ends within an attribute" },
		{ "<a <b>", "“<” within a tag" },
		{ "<>", "an element without a name" },
		{ "<?xml", "it ends within “<?”" },
		{ "<!-- ", "it ends within a comment" },
		{ "<a><![CDATA[x", "it ends within CDATA" },
		{ "<!DOCTYPE html><html></html>", "it has a document type" },
		{ "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "it has a document type" },
		{ "<a>&b;</a>", "a reference to what is not defined" },
		{ "<a>&</a>", "“&” without" },
		{ "<a>&;</a>", "“&” without" },
		{ "<a>&#0;</a>", "a character that there is not" },
		{ "<a>&#xd800;</a>", "a character that there is not" },
		{ "<a>&#x110000;</a>", "a character that there is not" },
		{ "<a>&#-1;</a>", "not defined" },
		{ "<a>&#;</a>", "not defined" },
		{ "<a>&#12x;</a>", "a character that there is not" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct aws_error err = { .kind = AWS_FINE };
		struct arena *a = arena_new();
		const struct xml_node *root;

		if (xml_read(cases[i].text, strlen(cases[i].text), a, &root, &err) == STATUS_OK)
			fail_msg("it took %s", cases[i].text);
		assert_int_equal(err.kind, AWS_ANSWER);
		if (strstr(err.message, cases[i].says) == NULL)
			fail_msg("“%s” for %s", err.message, cases[i].text);
		assert_null(root);
		arena_free(a);
	}
}

static void
what_is_too_much(void **state)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct arena *a = arena_new();
	const struct xml_node *root;
	struct buf deep = { .data = NULL }, wide = { .data = NULL };

	(void)state;
	for (size_t i = 0; i <= LIMIT_XML_DEPTH; i++)
		buf_adds(&deep, "<a>");
	assert_int_equal(xml_read(deep.data, deep.len, a, &root, &err), STATUS_FAILED);
	assert_non_null(strstr(err.message, "more elements"));
	err = (struct aws_error){ .kind = AWS_FINE };
	buf_adds(&wide, "<a>");
	for (size_t i = 0; i < LIMIT_XML_NODES; i++)
		buf_adds(&wide, "<b/>");
	buf_adds(&wide, "</a>");
	assert_int_equal(xml_read(wide.data, wide.len, a, &root, &err), STATUS_FAILED);
	assert_non_null(strstr(err.message, "more elements"));
	err = (struct aws_error){ .kind = AWS_FINE };
	assert_int_equal(xml_read("<a>\0</a>", 8, a, &root, &err), STATUS_FAILED);
	buf_done(&deep);
	buf_done(&wide);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_it),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(what_is_too_much),
	};

	return cmocka_run_group_tests_name("xml", tests, NULL, NULL);
}
