/* A change that AWS was asked for and did not answer: it may have been carried out, and nothing is said or thrown away as if it had not. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fixes/deed.h"
#include "fixes/pca_create.h"
#include "fixes/pca_issue.h"
#include "model/changes.h"
#include "model/times.h"
#include "tests/aws_script.h"
#include "tests/aws_world.h"
#include "tests/program.h"

static const int64_t now = 1798000000;
#define CA "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/22222222-2222-4222-8222-222222222222"

static const struct {
	const char *name;
	struct aws_script_said said;
	bool nobody;    /* nobody listens */
	bool unsettled;
} cases[] = {
	{ "closed", { .how = AWS_CLOSES }, .unsettled = true },
	{ "cut", { .how = AWS_CUT, .body = "{\"Certificate" }, .unsettled = true },
	{ "a fault", { .status = "500 Internal Server Error", .body = "{\"__type\":\"InternalFailure\"}" }, .unsettled = true },
	{ "no JSON", { .body = "<html>" }, .unsettled = true },
	{ "refused", { .status = "400 Bad Request", .body = "{\"__type\":\"AccessDeniedException\",\"Message\":\"no\"}" }, .unsettled = false },
	{ "throttled", { .status = "400 Bad Request", .body = "{\"__type\":\"ThrottlingException\"}" }, .unsettled = false },
	{ "nobody there", { .how = AWS_SAYS }, .nobody = true, .unsettled = false },
};

struct scene {
	struct aws_script *script;
	struct aws_world *world;
	struct plan_place place;
	char *folder;
	struct changes *record;
};

static void
begin(struct scene *s, size_t i)
{
	static const char *const env[] = { "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIDTEST", "AWS_SECRET_ACCESS_KEY=secret", "AWS_MAX_ATTEMPTS=1", NULL };
	struct aws_error err = { .kind = AWS_FINE };
	struct aws_client_options how = { .name = NULL };
	struct error why = { .code = ERROR_NONE };

	*s = (struct scene){ .script = aws_script_start(&cases[i].said, 1, "acm-pca"), .world = aws_world_new(NULL, NULL), .folder = make_folder() };
	s->world->env = env;
	s->world->random = 7;
	how.world = &s->world->world;
	/* Port 1 is nobody's. */
	how.endpoint_url = cases[i].nobody ? "http://127.0.0.1:1" : aws_script_url(s->script);
	assert_int_equal(aws_client_new(&how, &s->place.client, &err), STATUS_OK);
	s->place.account = "111122223333";
	assert_int_equal(changes_open(in_folder(s->folder, "record"), &s->world->world, &s->record, &why), STATUS_OK);
}

static void
end(struct scene *s)
{
	changes_close(s->record);
	aws_client_free(s->place.client);
	aws_world_free(s->world);
	aws_script_stop(s->script);
	remove_folder(s->folder);
}

/* The key that was made for it lies in the plan's own folder. */
static bool
has_key(struct plan *p)
{
	return access(plan_private(p, "cert.key"), F_OK) == 0;
}

static void
expect_page(const struct plan *p, const char *name, const char *with, const char *without)
{
	static const struct report_style style = { .columns = 400 };
	struct buf page = { 0 };

	plan_page_end(p, &style, &page);
	if (strstr(page.data, with) == NULL || strstr(page.data, without) != NULL)
		fail_msg("%s: expected “%s” and not “%s”:\n%s", name, with, without, page.data);
	buf_done(&page);
}

static void
a_key_is_kept_for_what_may_be_issued(void **state)
{
	static const struct pca_ca ca = { .arn = CA, .status = "ACTIVE", .type = "SUBORDINATE", .key_algorithm = "EC_prime256v1", .usage_mode = "GENERAL_PURPOSE",
		.subject = { .common_name = "Acme Issuing CA 1" }, .not_before = 1700000000, .not_after = 1900000000 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct scene s;
		struct error err = { .code = ERROR_NONE };
		struct plan *p;

		begin(&s, i);
		assert_int_equal(pca_issue_plan(&s.place, &(struct pca_issue_wish){ .ca = &ca, .make = { .common_name = "payment.internal",
		    .names = (const char *const[]){ "payment.internal" }, .names_len = 1 }, .purpose = { .server = true }, .out = s.folder, .now = now }, &p, &err), STATUS_OK);
		p->record = s.record;
		p->world = &s.world->world;
		assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
		assert_int_equal(p->at, 2);
		assert_int_equal(p->steps[2].unsettled, cases[i].unsettled);
		assert_true(has_key(p));
		if (cases[i].unsettled) {
			expect_page(p, cases[i].name, "It may be issued", "nothing: no step");
			assert_non_null(strstr(p->go_on, "Its key waits in "));
		} else {
			expect_page(p, cases[i].name, "nothing: no step", "It may be issued");
		}
		plan_free(p);
		end(&s);
	}
}

static void
a_ca_that_may_be_there_is_not_denied(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct scene s;
		struct error err = { .code = ERROR_NONE };
		struct plan *p;

		begin(&s, i);
		assert_int_equal(pca_create_plan(&s.place, &(struct pca_create_wish){ .root = true, .subject = { .common_name = "Acme Root CA" }, .now = now }, &p, &err),
		    STATUS_OK);
		p->record = s.record;
		p->world = &s.world->world;
		assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
		if (cases[i].unsettled)
			expect_page(p, cases[i].name, "may have been created", "Nothing was made");
		else
			expect_page(p, cases[i].name, "Nothing was made", "may have been created");
		plan_free(p);
		end(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_kept_for_what_may_be_issued),
		cmocka_unit_test(a_ca_that_may_be_there_is_not_denied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
