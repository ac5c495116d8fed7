/* What pca tree, certs and show print, from made-up CAs and certificates: words, columns, character sets. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "cli/pca_show_page.h"
#include "model/inventory_page.h"
#include "model/text.h"
#include "model/times.h"

static const int64_t now = 1798000000, day = 86400;

#define ARN "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/"
#define CA(last, its_name, its_type, its_status, its_parent, ends) { .arn = ARN last, .account = "prod", .region = "us-east-1", .name = its_name, .subject = "CN=" its_name, \
	.type = its_type, .status = its_status, .parent = its_parent, .key_algorithm = "RSA_2048", .created = 0, .not_before = (ends) == TIME_UNKNOWN ? TIME_UNKNOWN : 0, \
	.not_after = ends, .restorable_until = TIME_UNKNOWN, .synced = 1798000000, .report_at = 1798000000 - 3600, .report_asked = TIME_UNKNOWN, .issued = 3, .active = 2, .expiring = 1 }

static const struct inventory_ca cas[] = {
	CA("root", "Acme Root CA", "ROOT", "ACTIVE", NULL, 1798000000 + 3000 * 86400LL),
	CA("sub1", "Acme Issuing CA 1 of a very long name indeed", "SUBORDINATE", "ACTIVE", ARN "root", 1798000000 + 50 * 86400LL),
	CA("low", "Below", "SUBORDINATE", "EXPIRED", ARN "sub1", 1798000000 - 86400LL),
	CA("wait", "Waits", "SUBORDINATE", "PENDING_CERTIFICATE", NULL, TIME_UNKNOWN),
	CA("gone", "Gone \033[31m\xe2\x80\xaeRoot", "ROOT", "DELETED", NULL, 1798000000 + 3000 * 86400LL),
};
static const size_t leaves[] = { 3, 0, 0, 0, 0 };

static void
fits(const struct buf *page, bool ascii)
{
	char *copy = strdup(page->data), *save = NULL;

	assert_null(memchr(page->data, '\033', page->len));
	for (size_t i = 0; ascii && i < page->len; i++) {
		if ((unsigned char)page->data[i] > 0x7e)
			fail_msg("byte %#x in\n%s", (unsigned char)page->data[i], page->data);
	}
	for (char *line = strtok_r(copy, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		if (text_columns(line) > 80)
			fail_msg("%zu columns: %s", text_columns(line), line);
	}
	free(copy);
}

static void
expect(const struct buf *page, const char *const texts[])
{
	for (size_t i = 0; texts[i] != NULL; i++) {
		if (strstr(page->data, texts[i]) == NULL)
			fail_msg("“%s” is missing in\n%s", texts[i], page->data);
	}
}

static void
tree_of_one_account(void **state)
{
	static const struct inventory_place places[] = {
		{ .account = "prod", .region = "us-east-1", .where = "account prod (111122223333) · profile prod · us-east-1" },
		{ .account = "test", .region = "eu-west-1", .where = "account test", .problem = "cannot list the CAs: AccessDenied" },
		{ .account = "empty", .region = "eu-west-1", .where = "account empty" },
	};
	static const char *const utf8[] = {
		"account prod (111122223333) · profile prod · us-east-1\n",
		"STATE   CA                              AWS      ENDS                 LIVE  SOON\n",
		"✓ OK    Acme Root CA                    ACTIVE   2035-03-11              2     1\n",
		"! WARN  └─Acme Issuing CA 1 of a ver…   ACTIVE   50 d left               2     1\n",
		"✗ FAIL    └─Below                       EXPIRED  EXPIRED 2026-12-22      2     1\n",
		"! WARN  Waits                           PENDING  no certificate          2     1\n",
		"“Waits” waits for its certificate",
		"Waits --parent CA",
		"activate Below --parent",
		"“Acme Root CA” is a root and issues leaves itself (3 known)",
		"“Below” ended on 2026-12-22",
		"cannot list the CAs: AccessDenied",
		"No CA here, in this region.",
		NULL };
	static const char *const ascii[] = { "+ OK    Acme Root CA", "! WARN  `-Acme Issuing CA 1", "X FAIL    `-Below", NULL };
	struct inventory_tree t = { .places = places, .places_len = 3, .cas = cas, .len = 5, .leaves = leaves, .now = now, .soon = now + 90 * day };

	(void)state;
	for (int plain = 0; plain < 2; plain++) {
		struct report_style style = { .columns = 80, .ascii = plain == 1 };
		struct buf page = { 0 };

		inventory_tree_page(&t, &style, &page);
		expect(&page, plain == 1 ? ascii : utf8);
		fits(&page, plain == 1);
		buf_done(&page);
	}
}

/* For screen readers: words instead of lines. A circle of parents, made of wrong data, ends. */
static void
plain_and_in_circles(void **state)
{
	static const struct inventory_place places[] = { { .account = "prod", .region = "us-east-1", .where = "here" } };
	static const struct inventory_ca circle[] = {
		CA("a", "A", "ROOT", "ACTIVE", ARN "b", 1798000000 + 3000 * 86400LL),
		CA("b", "B", "SUBORDINATE", "ACTIVE", ARN "a", 1798000000 + 3000 * 86400LL),
	};
	struct inventory_tree t = { .places = places, .places_len = 1, .cas = cas, .len = 2, .now = now, .soon = now };
	struct report_style style = { .columns = 80, .plain = true };
	struct buf page = { 0 };

	(void)state;
	inventory_tree_page(&t, &style, &page);
	expect(&page, (const char *const[]){ "under it: Acme Issuing", NULL });
	assert_null(strstr(page.data, "└"));
	buf_reset(&page);
	t.cas = circle;
	inventory_tree_page(&t, &style, &page);
	fits(&page, false);
	buf_done(&page);
}

#define CERT(n, f, ends, its_name) { .id = n, .arn = ARN "sub1/certificate/0" #n, .ca = ARN "sub1", .serial = "00112233445566778899aabbccddeeff", .subject = "CN=" its_name, .name = its_name, \
	.template_name = "EndEntityCertificate", .not_before = 0, .not_after = ends, .issued = TIME_UNKNOWN, .revoked = TIME_UNKNOWN, .seen = TIME_UNKNOWN, .fate = f }

static const struct inventory_cert certs[] = {
	CERT(1, FATE_ORPHAN, 1798000000 + 5 * 86400LL, "payment.internal"),
	CERT(2, FATE_VALID, 1798000000 + 500 * 86400LL, "order.\033]0;x\007.internal"),
	CERT(3, FATE_REVOKED, 1798000000 + 5 * 86400LL, "a-name-that-is-far-too-long-for-the-column-it-is-in.payment.internal"),
	{ .id = 4, .arn = ARN "sub1/certificate/4", .ca = ARN "sub1", .serial = "04", .subject = "CN=x", .name = "x", .fate = FATE_REPLACED, .by_subject_only = true,
	    .not_before = 0, .not_after = 1798000000 - 5, .issued = TIME_UNKNOWN, .revoked = TIME_UNKNOWN, .seen = TIME_UNKNOWN },
};

static void
table_of_certificates(void **state)
{
	static const size_t fates[FATE_LEN] = { [FATE_VALID] = 400, [FATE_ORPHAN] = 12 };
	struct inventory_table t = { .certs = certs, .len = 4, .matches = 412, .fates = fates, .orphans = true, .now = now };

	(void)state;
	for (int ascii = 0; ascii < 2; ascii++) {
		struct report_style style = { .columns = 80, .ascii = ascii == 1 };
		struct buf page = { 0 };

		inventory_certs_page(&t, &style, &page);
		expect(&page, ascii == 1 ? (const char *const[]){ "! ORPHAN", "payment.internal", NULL } : (const char *const[]){
		    "FATE        ENDS               NAME",
		    "! ORPHAN    5 d left           payment.internal",
		    "✓ REPLACED? EXPIRED 2026-12-23 x ",
		    "1 to 4 of 412; --limit N shows more",
		    "12 ORPHAN",
		    "no newer one with its names is there",
		    "compared by subject only", NULL });
		fits(&page, ascii == 1);
		buf_done(&page);
	}
}

/* A CA's certificate stands in the report of the CA above it: it is no leaf that somebody forgot, and says so. */
static void
a_ca_among_the_orphans(void **state)
{
	struct inventory_cert two[] = { certs[0], certs[0] };
	struct inventory_table t = { .certs = two, .len = 2, .matches = 2, .orphans = true, .now = now };
	struct report_style style = { .columns = 80 };
	struct buf page = { 0 };
	cJSON *o;

	(void)state;
	two[1].template_name = "SubordinateCACertificate_PathLen0";
	two[1].name = "Acme Issuing CA 3";
	inventory_certs_page(&t, &style, &page);
	expect(&page, (const char *const[]){ "5 d left           payment.internal", "5 d left           (CA) Acme Issuing CA 3", "a CA's own certificate. Everything it issued ends with it", NULL });
	fits(&page, false);
	buf_reset(&page);
	t.len = t.matches = 1;
	inventory_certs_page(&t, &style, &page);
	assert_null(strstr(page.data, "(CA)"));
	o = inventory_cert_json(&two[1]);
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(o, "ca_certificate")));
	cJSON_Delete(o);
	buf_done(&page);
}

static void
empty_answers(void **state)
{
	struct report_style style = { .columns = 80 };
	struct inventory_table none = { .orphans = true, .now = now };
	struct buf page = { 0 };

	(void)state;
	inventory_certs_page(&none, &style, &page);
	assert_non_null(strstr(page.data, "No orphan"));
	buf_reset(&page);
	none.orphans = false;
	inventory_certs_page(&none, &style, &page);
	assert_string_equal(page.data, "No certificate matches.\n");
	buf_done(&page);
}

static void
one_certificate(void **state)
{
	struct report_style style = { .columns = 80 };
	struct buf page = { 0 };

	(void)state;
	inventory_cert_page(&certs[0], "CN=Acme Issuing CA 1", now, &style, &page);
	expect(&page, (const char *const[]){ "! WARN  “payment.internal” 5 d left", "ORPHAN: due, and nobody renews it", "names      not fetched", "template", NULL });
	/* What is there to be copied is whole. */
	assert_non_null(strstr(page.data, "  arn        " ARN "sub1/certificate/01\n"));
	buf_done(&page);
}

static void
one_ca(void **state)
{
	static const char *actions[] = { "IssueCertificate", "GetCertificate" };
	struct pca_permission permission = { .principal = "acm.amazonaws.com", .actions = actions, .actions_len = 2 };
	struct pca_pair tag = { "team", "a\nb" };
	struct pca_ca live = { .arn = ARN "sub1", .owner = "111122223333", .type = "SUBORDINATE", .status = "ACTIVE", .key_algorithm = "RSA_2048", .signing_algorithm = "SHA256WITHRSA",
		.usage_mode = "SHORT_LIVED_CERTIFICATE", .subject = { .common_name = "Acme Issuing CA 1", .organization = "Acme" }, .created = 0, .changed = 0,
		.not_before = 0, .not_after = 1798000000 + 50 * 86400LL, .restorable_until = TIME_UNKNOWN, .revocation = { .crl = true, .crl_bucket = "lists", .crl_days = 7 } };
	struct ca_page c = { .where = "account prod", .live = &live, .known = &cas[1], .parent = "Acme Root CA", .permissions = &permission, .permissions_len = 1, .permissions_known = true,
		.tags = &tag, .tags_len = 1, .tags_known = true, .now = now, .soon = now + 90 * day };
	struct buf unknown = { 0 };
	cJSON *o;

	(void)state;
	for (int ascii = 0; ascii < 2; ascii++) {
		struct report_style style = { .columns = 80, .ascii = ascii == 1 };
		struct buf page = { 0 };

		ca_page(&c, &style, &page);
		expect(&page, (const char *const[]){ "subordinate, 50 d left", "ACTIVE: it issues", "Acme Root CA", "seven days at most", "a list in the bucket lists, each for 7 days",
		    "3 known, 2 of them live, 1 ending soon", "acm.amazonaws.com may IssueCertificate, GetCertificate", "team = a\\x0ab", NULL });
		buf_done(&page);
	}
	o = ca_page_json(&c);
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(o, "arn")), ARN "sub1");
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetObjectItem(o, "revocation"), "crl_bucket")), "lists");
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(o, "permissions")), 1);
	cJSON_Delete(o);
	/* What AWS did not say is none that there are: who may not ask for permissions and tags read “nobody” and an empty list. */
	c.permissions_known = c.tags_known = false;
	o = ca_page_json(&c);
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(o, "permissions")));
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(o, "tags")));
	cJSON_Delete(o);
	ca_page(&c, &(struct report_style){ .columns = 80 }, &unknown);
	expect(&unknown, (const char *const[]){ "allowed    not known: AWS did not say", NULL });
	buf_done(&unknown);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tree_of_one_account),
		cmocka_unit_test(plain_and_in_circles),
		cmocka_unit_test(table_of_certificates),
		cmocka_unit_test(a_ca_among_the_orphans),
		cmocka_unit_test(empty_answers),
		cmocka_unit_test(one_certificate),
		cmocka_unit_test(one_ca),
	};

	return cmocka_run_group_tests_name("pca pages", tests, NULL, NULL);
}
