/* Plans: what they say, in what order they act, how they stop; and the files that a certificate becomes. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixes/deed.h"
#include "fixes/file_set.h"
#include "fixes/pca_create.h"
#include "fixes/pca_report.h"
#include "fixes/pca_revoke.h"
#include "fixes/pca_subject.h"
#include "fixes/plan.h"
#include "model/changes.h"
#include "model/text.h"
#include "model/times.h"
#include "tests/aws_world.h"
#include "tests/program.h"

static const int64_t now = 1798000000;

struct fixture {
	struct aws_world *world;
	struct plan_place place;
	char *folder;
	struct changes *record;
};

static int
set_up(void **state)
{
	static const char *const env[] = { "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=y", NULL };
	static struct fixture f;
	struct aws_error err = { .kind = AWS_FINE };
	struct error why = { .code = ERROR_NONE };
	struct aws_client_options how = { .endpoint_url = "http://10.1.2.3:4566" };

	f.world = aws_world_new(NULL, NULL);
	f.world->env = env;
	f.world->random = 7;
	how.world = &f.world->world;
	if (aws_client_new(&how, &f.place.client, &err) != STATUS_OK)
		return -1;
	f.place.account = "111122223333";
	f.folder = make_folder();
	if (changes_open(f.folder, &f.world->world, &f.record, &why) != STATUS_OK)
		return -1;
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	changes_close(f->record);
	remove_folder(f->folder);
	aws_client_free(f->place.client);
	aws_world_free(f->world);
	return 0;
}

/* ---- how a plan is applied ---- */

struct seen {
	struct buf log;
	bool refuse; /* kept() says that it could not be noted */
};

static void
see_step(void *user, const struct plan *p, const struct plan_step *s)
{
	static const char *const words[] = { [STEP_WAITS] = "waits", [STEP_RUNS] = "runs", [STEP_DONE] = "done", [STEP_FAILED] = "failed" };
	struct seen *seen = user;

	buf_addf(&seen->log, "%zu %s; ", (size_t)(s - p->steps) + 1, words[s->state]);
}

static bool
see_kept(void *user, const struct plan *p, const struct plan_step *s, const char *name, const char *value)
{
	struct seen *seen = user;

	(void)p;
	(void)s;
	buf_addf(&seen->log, "%s=%s; ", name, value);
	return !seen->refuse;
}

static status
works(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *gives = step_arg(s, "gives");

	return gives != NULL ? plan_keep(p, s, "CA", gives, err) : STATUS_OK;
}

static bool mended;

static status
fails(struct plan *p, struct plan_step *s, struct error *err)
{
	(void)p;
	(void)s;
	return mended ? STATUS_OK : error_set(err, ERROR_AWS, "asking AWS", "AWS says no");
}

static const char *
go_on(struct plan *p, const struct plan_step *s)
{
	(void)s;
	p->go_on_command = plan_text(p, "by hand %s", p->steps[0].gave);
	return plan_text(p, "It stands: %s.", p->steps[0].gave);
}

static const struct deed deed_that_works = { .name = "works", .apply = works, .go_on = go_on };
static const struct deed deed_that_fails = { .name = "fails", .apply = fails, .go_on = go_on };

static struct plan *
three_steps(struct fixture *f, bool second_fails)
{
	struct plan *p = plan_new(&f->place, "three things");

	p->record = f->record;
	p->world = &f->world->world;
	for (int i = 0; i < 3; i++) {
		cJSON *args = cJSON_CreateObject();
		struct plan_step *s;

		if (i == 0)
			cJSON_AddStringToObject(args, "gives", "arn:1");
		s = plan_add_deed(p, second_fails && i == 1 ? &deed_that_fails : &deed_that_works, args);
		s->what = plan_text(p, "thing %d", i + 1);
		s->changes = i < 2 ? plan_text(p, "change %d", i + 1) : NULL;
		s->undo = "undo it";
	}
	return p;
}

static void
applies_in_order(void **state)
{
	struct seen seen = { .refuse = false };
	struct plan_watch watch = { .step = see_step, .kept = see_kept, .user = &seen };
	struct error err = { .code = ERROR_NONE };
	struct plan *p = three_steps(*state, false);

	assert_int_equal(plan_apply(p, &watch, &err), STATUS_OK);
	assert_int_equal(p->state, PLAN_DONE);
	/* What a step gave is told before the next step begins. */
	assert_string_equal(seen.log.data, "1 runs; CA=arn:1; 1 done; 2 runs; 2 done; 3 runs; 3 done; ");
	buf_done(&seen.log);
	plan_free(p);
}

static void
stops_and_goes_on(void **state)
{
	static const struct report_style style = { .columns = 80 };
	struct seen seen = { .refuse = false };
	struct plan_watch watch = { .step = see_step, .kept = see_kept, .user = &seen };
	struct error err = { .code = ERROR_NONE };
	struct plan *p = three_steps(*state, true);
	struct buf page = { 0 };
	char lines[100];

	mended = false;
	assert_int_equal(plan_apply(p, &watch, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_AWS);
	assert_string_equal(err.text, "AWS says no");
	assert_int_equal(p->state, PLAN_STOPPED);
	assert_int_equal(p->at, 1);
	/* What the deed knows, then the record's way. Nothing can be undone here, and it is not offered. */
	assert_string_equal(p->go_on, "It stands: arn:1. Mend the reason; then the first line goes on with it:");
	snprintf(lines, sizeof lines, "mtlscope resume %lld --apply\nby hand arn:1", (long long)p->id);
	assert_string_equal(p->go_on_command, lines);
	assert_string_equal(seen.log.data, "1 runs; CA=arn:1; 1 done; 2 runs; 2 failed; ");
	plan_page_end(p, &style, &page);
	/* It says what stands, and only that. */
	assert_non_null(strstr(page.data, "STOPPED at step 2 of 3: thing 2"));
	assert_non_null(strstr(page.data, "AWS says no"));
	assert_non_null(strstr(page.data, "change 1"));
	assert_non_null(strstr(page.data, "arn:1"));
	assert_null(strstr(page.data, "change 2"));
	assert_non_null(strstr(page.data, " --apply\n"));
	assert_non_null(strstr(page.data, "by hand arn:1\n"));
	/* Applied again it goes on where it stopped: nothing is done twice. */
	mended = true;
	error_clear(&err);
	buf_reset(&seen.log);
	assert_int_equal(plan_apply(p, &watch, &err), STATUS_OK);
	assert_string_equal(seen.log.data, "2 runs; 2 done; 3 runs; 3 done; ");
	buf_done(&page);
	buf_done(&seen.log);
	plan_free(p);
}

/* What exists outside and cannot be noted is not built upon. */
static void
what_cannot_be_noted_stops(void **state)
{
	struct seen seen = { .refuse = true };
	struct plan_watch watch = { .kept = see_kept, .user = &seen };
	struct error err = { .code = ERROR_NONE };
	struct plan *p = three_steps(*state, false);

	assert_int_equal(plan_apply(p, &watch, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_LOCAL);
	assert_non_null(strstr(err.text, "arn:1"));
	assert_int_equal(p->at, 0);
	buf_done(&seen.log);
	plan_free(p);
}

static void
nobody_need_look_on(void **state)
{
	struct error err = { .code = ERROR_NONE };
	struct plan *p = three_steps(*state, false);

	assert_int_equal(plan_apply(p, NULL, &err), STATUS_OK);
	plan_free(p);
	plan_free(NULL);
}

/* What is not recorded is not begun. */
static void
nothing_without_a_record(void **state)
{
	struct seen seen = { .refuse = false };
	struct plan_watch watch = { .step = see_step, .kept = see_kept, .user = &seen };
	struct error err = { .code = ERROR_NONE };
	struct plan *p = three_steps(*state, false);

	p->record = NULL;
	assert_int_equal(plan_apply(p, &watch, &err), STATUS_FAILED);
	assert_int_equal(seen.log.len, 0);
	buf_done(&seen.log);
	plan_free(p);
}

/* ---- what the plans say ---- */

static const struct pca_create_wish acme = {
	.hierarchy = true,
	.subject = { .common_name = "Acme Issuing CA 1", .organization = "Acme's" },
	.root_subject = { .common_name = "Acme Root CA", .organization = "Acme's" },
	.now = 1798000000,
};

static struct plan *
made(struct fixture *f, const struct pca_create_wish *w)
{
	struct error err = { .code = ERROR_NONE };
	struct plan *p = NULL;

	if (pca_create_plan(&f->place, w, &p, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return p;
}

static void
hierarchy_in_eight_steps(void **state)
{
	static const struct {
		const char *call;
		bool token;
		const char *command[3];
	} steps[] = {
		{ "acm-pca CreateCertificateAuthority", true, { "ROOT=$(aws --region us-east-1 acm-pca create-certificate-authority", "--query CertificateAuthorityArn --output text)",
		    "\"Organization\":\"Acme'\\''s\"" } },
		{ "acm-pca GetCertificateAuthorityCsr", false, { "wait certificate-authority-csr-created", "--query Csr --output text >root.csr", "\"$ROOT\"" } },
		{ "acm-pca IssueCertificate", true, { "--csr fileb://root.csr", "arn:aws:acm-pca:::template/RootCACertificate/V1", "--validity Value=3650,Type=DAYS" } },
		{ "acm-pca GetCertificate, ImportCertificateAuthorityCertificate", false, { "wait certificate-issued", "--certificate fileb://root.pem", "\"$ROOT_CERT\"" } },
		{ "acm-pca CreateCertificateAuthority", true, { "SUB=$(aws", "--certificate-authority-type SUBORDINATE", "--idempotency-token " } },
		{ "acm-pca GetCertificateAuthorityCsr", false, { "--certificate-authority-arn \"$SUB\"", ">sub.csr", "--query Csr" } },
		{ "acm-pca IssueCertificate", true, { "--certificate-authority-arn \"$ROOT\"", "SubordinateCACertificate_PathLen0/V1", "--signing-algorithm SHA256WITHECDSA" } },
		{ "acm-pca GetCertificate, ImportCertificateAuthorityCertificate", false, { "--query CertificateChain --output text >sub-chain.pem", "--certificate-chain fileb://sub-chain.pem",
		    "--certificate fileb://sub.pem" } },
	};
	struct plan *p = made(*state, &acme);

	assert_int_equal(p->len, sizeof steps / sizeof steps[0]);
	for (size_t i = 0; i < p->len; i++) {
		const struct plan_step *s = &p->steps[i];

		assert_string_equal(s->call, steps[i].call);
		for (size_t k = 0; k < 3; k++) {
			if (strstr(s->command, steps[i].command[k]) == NULL)
				fail_msg("step %zu: no %s in\n%s", i + 1, steps[i].command[k], s->command);
		}
		/* A token is made with the plan, for what creates and issues and for nothing else. */
		assert_int_equal(s->token != NULL, steps[i].token);
		if (s->token != NULL) {
			assert_int_equal(strlen(s->token), 32);
			assert_non_null(strstr(s->command, s->token));
		}
		/* What changes something says how it is undone. */
		assert_true(s->changes == NULL || s->undo != NULL);
		assert_null(strstr(s->command, "file://root"));
	}
	assert_non_null(strstr(p->cost, "800 USD a month"));
	assert_non_null(strstr(p->cost, "1.50 USD once for 2 certificates"));
	assert_non_null(strstr(p->cost, "list price, us-east-1, may differ"));
	/* Afterwards the root is offered to be disabled, with what that does not stop. */
	assert_true(p->after_len >= 3);
	plan_free(p);
}

/* One wish that differs from the hierarchy of Acme, and what is different about its plan. */
static void
other_wishes(void **state)
{
	struct pca_ca parent = { .arn = "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/p", .type = "ROOT", .status = "ACTIVE", .key_algorithm = "RSA_4096",
		.subject = { .common_name = "Old Root" }, .not_after = 1798000000 + 100 * 86400 };
	struct pca_create_wish w = acme;
	struct plan *p;

	w.disable_root = true;
	p = made(*state, &w);
	assert_int_equal(p->len, 9);
	assert_string_equal(p->steps[8].call, "acm-pca UpdateCertificateAuthority");
	assert_non_null(strstr(p->steps[8].command, "--status DISABLED"));
	plan_free(p);

	w = (struct pca_create_wish){ .root = true, .subject = { .common_name = "R" }, .key_algorithm = "EC_secp384r1", .days = 10, .now = now };
	p = made(*state, &w);
	assert_int_equal(p->len, 4);
	assert_non_null(strstr(p->steps[2].command, "SHA384WITHECDSA"));
	assert_non_null(strstr(p->steps[2].command, "Value=10,Type=DAYS"));
	plan_free(p);

	/* Longer than its parent: shortened, and said. The parent's key decides about the algorithm. */
	w = (struct pca_create_wish){ .subject = { .common_name = "S" }, .parent = &parent, .days = 365, .now = now, .crl_bucket = "lists" };
	p = made(*state, &w);
	assert_int_equal(p->len, 4);
	assert_non_null(strstr(p->steps[2].command, "SHA256WITHRSA"));
	assert_non_null(strstr(p->steps[2].command, "Value=1806639999,Type=ABSOLUTE"));
	assert_non_null(strstr(p->steps[0].command, "BUCKET_OWNER_FULL_CONTROL"));
	assert_non_null(strstr(p->notes[0], "would outlive"));
	plan_free(p);

	/* Short-lived costs less, and is the subordinate's. */
	w = acme;
	w.short_lived = true;
	p = made(*state, &w);
	assert_non_null(strstr(p->steps[4].command, "--usage-mode SHORT_LIVED_CERTIFICATE"));
	assert_null(strstr(p->steps[0].command, "--usage-mode"));
	assert_non_null(strstr(p->steps[4].cost, "50 USD"));
	plan_free(p);
}

static void
wishes_that_cannot_be(void **state)
{
	struct fixture *f = *state;
	struct pca_ca ended = { .arn = "arn:x", .type = "ROOT", .status = "ACTIVE", .key_algorithm = "RSA_2048", .subject = { .common_name = "Old" }, .not_after = now - 1 };
	struct pca_create_wish same = acme, late = { .subject = { .common_name = "S" }, .parent = &ended, .now = now };
	struct error err = { .code = ERROR_NONE };
	struct plan *p;

	same.root_subject = same.subject;
	assert_int_equal(pca_create_plan(&f->place, &same, &p, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_USAGE);
	assert_null(p);
	error_clear(&err);
	assert_int_equal(pca_create_plan(&f->place, &late, &p, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "has ended"));
}

/* What each state of a CA is answered with; NULL: there is a plan. */
static const struct {
	const char *status, *type;
	bool parent;
	const char *says;
} activations[] = {
	{ "PENDING_CERTIFICATE", "ROOT", false, NULL },
	{ "PENDING_CERTIFICATE", "SUBORDINATE", true, NULL },
	{ "EXPIRED", "ROOT", false, NULL },
	{ "PENDING_CERTIFICATE", "SUBORDINATE", false, "--parent CA" },
	{ "ACTIVE", "ROOT", false, "nothing to finish" },
	{ "DISABLED", "ROOT", false, "--status ACTIVE" },
	{ "CREATING", "ROOT", false, "still being created" },
	{ "DELETED", "ROOT", false, "no certificate can be imported" },
};

static void
activates_by_state(void **state)
{
	struct fixture *f = *state;
	struct pca_ca parent = { .arn = "arn:parent", .type = "ROOT", .status = "ACTIVE", .key_algorithm = "RSA_2048", .subject = { .common_name = "P" }, .not_after = TIME_UNKNOWN };

	for (size_t i = 0; i < sizeof activations / sizeof activations[0]; i++) {
		struct pca_ca ca = { .arn = "arn:ca", .type = activations[i].type, .status = activations[i].status, .key_algorithm = "EC_prime256v1",
			.subject = { .common_name = "C" }, .not_after = TIME_UNKNOWN };
		struct pca_activate_wish w = { .ca = &ca, .parent = activations[i].parent ? &parent : NULL, .now = now };
		struct error err = { .code = ERROR_NONE };
		struct plan *p = NULL;
		status got = pca_activate_plan(&f->place, &w, &p, &err);

		if ((got == STATUS_OK) != (activations[i].says == NULL) || (activations[i].says != NULL && strstr(err.text, activations[i].says) == NULL))
			fail_msg("%s %s: %s", activations[i].status, activations[i].type, err.text);
		if (p != NULL)
			assert_int_equal(p->len, 3);
		plan_free(p);
	}
}

/* One that an earlier run had issued is imported: nothing is issued and paid twice. */
static void
activates_with_what_was_issued(void **state)
{
	struct fixture *f = *state;
	struct pca_ca ca = { .arn = "arn:ca", .type = "ROOT", .status = "PENDING_CERTIFICATE", .key_algorithm = "EC_prime256v1", .subject = { .common_name = "C" }, .not_after = TIME_UNKNOWN };
	struct pca_activate_wish w = { .ca = &ca, .issued = "arn:ca/certificate/1", .now = now };
	struct error err = { .code = ERROR_NONE };
	struct plan *p = NULL;

	assert_int_equal(pca_activate_plan(&f->place, &w, &p, &err), STATUS_OK);
	assert_int_equal(p->len, 1);
	assert_null(p->cost);
	plan_free(p);
}

static void
revokes_with_a_reason(void **state)
{
	static const struct {
		const char *typed, *word; /* NULL: refused */
	} reasons[] = { { NULL, "UNSPECIFIED" }, { "key-compromise", "KEY_COMPROMISE" }, { "Superseded", "SUPERSEDED" }, { "hold", NULL }, { "certificate_hold", NULL },
		{ "super", NULL }, { "supersededly", NULL } };
	struct fixture *f = *state;
	struct pca_ca ca = { .arn = "arn:ca", .type = "SUBORDINATE", .status = "ACTIVE", .subject = { .common_name = "C" }, .not_after = TIME_UNKNOWN };

	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		struct pca_revoke_wish w = { .ca = &ca, .serial = "0a1b", .reason = reasons[i].typed, .not_after = TIME_UNKNOWN, .now = now };
		struct error err = { .code = ERROR_NONE };
		struct plan *p = NULL;
		status got = pca_revoke_plan(&f->place, &w, &p, &err);

		assert_int_equal(got == STATUS_OK, reasons[i].word != NULL);
		if (p != NULL) {
			assert_non_null(strstr(p->steps[0].command, reasons[i].word));
			assert_non_null(strstr(p->steps[0].undo, "cannot be undone"));
			/* Without a list and without OCSP nobody learns of it. */
			assert_non_null(strstr(p->notes[0], "nobody will learn"));
		}
		plan_free(p);
	}
}

/* AWS refuses both: that is said before anybody is asked to agree. */
static void
what_aws_refuses_is_no_plan(void **state)
{
	struct fixture *f = *state;
	struct pca_ca ca = { .arn = "arn:ca", .type = "ROOT", .status = "EXPIRED", .serial = "0A:1B:2C", .subject = { .common_name = "C" }, .revocation.crl_bucket = "lists" };
	struct pca_revoke_wish own = { .ca = &ca, .serial = "000a1b2c", .not_after = TIME_UNKNOWN, .now = now };
	struct pca_report_wish report = { .ca = &ca, .next = TIME_UNKNOWN, .now = now };
	struct error err = { .code = ERROR_NONE };
	struct plan *p = NULL;

	assert_int_equal(pca_revoke_plan(&f->place, &own, &p, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_USAGE);
	assert_non_null(strstr(err.text, "AWS revokes no root"));
	own.serial = "0a1b2d";
	error_clear(&err);
	assert_int_equal(pca_revoke_plan(&f->place, &own, &p, &err), STATUS_OK);
	plan_free(p);
	p = NULL;
	assert_int_equal(pca_report_plan(&f->place, &report, &p, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_USAGE);
	assert_non_null(strstr(err.text, "this one is EXPIRED"));
	plan_free(p);
}

static void
reports_need_a_bucket(void **state)
{
	struct fixture *f = *state;
	struct pca_ca ca = { .arn = "arn:ca", .type = "ROOT", .status = "ACTIVE", .subject = { .common_name = "C" } };
	struct pca_report_wish w = { .ca = &ca, .next = now + 60, .now = now };
	struct error err = { .code = ERROR_NONE };
	struct plan *p = NULL;

	assert_int_equal(pca_report_plan(&f->place, &w, &p, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "--bucket NAME"));
	ca.revocation.crl_bucket = "lists";
	w.format = "csv";
	error_clear(&err);
	assert_int_equal(pca_report_plan(&f->place, &w, &p, &err), STATUS_OK);
	assert_non_null(strstr(p->steps[0].command, "--s3-bucket-name lists"));
	assert_non_null(strstr(p->steps[0].command, "--audit-report-response-format CSV"));
	assert_non_null(strstr(p->notes[0], "may be asked for at"));
	assert_null(pca_report_place(p));
	plan_free(p);
	w.format = "xml";
	error_clear(&err);
	assert_int_equal(pca_report_plan(&f->place, &w, &p, &err), STATUS_FAILED);
}

/* Wrapped text stays within the width; ASCII is ASCII; command lines are whole, for copying. */
static void
pages_fit(void **state)
{
	struct pca_create_wish w = acme;
	struct plan *p;

	w.root_subject.common_name = "Ακμή \033[31m Root — CA";
	p = made(*state, &w);
	for (int ascii = 0; ascii < 2; ascii++) {
		struct report_style style = { .ascii = ascii == 1, .columns = 80 };
		struct buf page = { 0 };
		char *commands, *save = NULL;

		plan_page(p, &style, &page);
		assert_null(memchr(page.data, '\033', page.len));
		for (size_t i = 0; ascii == 1 && i < page.len; i++)
			assert_true((unsigned char)page.data[i] <= 0x7e);
		assert_non_null(strstr(page.data, "PLAN"));
		assert_non_null(strstr(page.data, "account 111122223333"));
		assert_non_null(strstr(page.data, "us-east-1"));
		commands = strstr(page.data, "The same by hand");
		assert_non_null(commands);
		*commands = '\0';
		for (char *line = strtok_r(page.data, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
			if (text_columns(line) > 80)
				fail_msg("%zu columns: %s", text_columns(line), line);
		}
		buf_done(&page);
	}
	plan_free(p);
}

static void
json_has_it_all(void **state)
{
	struct plan *p = made(*state, &acme);
	cJSON *o = plan_json(p), *first = cJSON_GetArrayItem(cJSON_GetObjectItem(o, "steps"), 0);

	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(o, "schema")), "mtlscope.plan/1");
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(o, "state")), "planned");
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(o, "region")), "us-east-1");
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(o, "steps")), 8);
	assert_non_null(strchr(cJSON_GetStringValue(cJSON_GetObjectItem(first, "command")), '\n'));
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(first, "state")), "waits");
	cJSON_Delete(o);
	plan_free(p);
}

/* ---- subjects ---- */

static const struct {
	const char *typed, *read; /* NULL: refused */
} subjects[] = {
	{ "CN=Acme Root CA, O=Acme, C=US", "CN=Acme Root CA, O=Acme, C=US" },
	{ "c=us,cn=a", "CN=a, C=us" },
	{ "/CN=a/O=b, c", "CN=a, O=b, c" },
	{ "CN=a\\, b,O=c\\\\d", "CN=a, b, O=c\\d" },
	{ "CN = a ", "CN=a" },
	{ "CN=a b\\ ", "CN=a b " },
	{ "CN=", NULL },
	{ "CN", NULL },
	{ "", NULL },
	{ "CN=a,CN=b", NULL },
	{ "C=USA", NULL },
	{ "XY=a", NULL },
	{ "CN=12345678901234567890123456789012345678901234567890123456789012345", NULL },
};

static void
subjects_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
		struct pca_subject s = { .common_name = NULL };
		struct error err = { .code = ERROR_NONE };
		struct arena *a = arena_new();
		status got = pca_subject_read(subjects[i].typed, a, &s, &err);

		if ((got == STATUS_OK) != (subjects[i].read != NULL))
			fail_msg("%s: %s", subjects[i].typed, err.text);
		if (got == STATUS_OK)
			assert_string_equal(pca_subject_text(&s, a), subjects[i].read);
		arena_free(a);
	}
}

/* ---- files ---- */

static void
expect_file(const char *path, const char *text, unsigned mode)
{
	char bytes[64] = "";
	struct stat st;
	FILE *f = fopen(path, "r");

	if (f == NULL)
		fail_msg("%s is not there", path);
	assert_int_equal(fread(bytes, 1, sizeof bytes - 1, f), strlen(text));
	fclose(f);
	assert_string_equal(bytes, text);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, mode);
}

static void
files_replace_and_keep(void **state)
{
	char *folder = make_folder(), dir[300];
	struct arena *a = arena_new();
	struct error err = { .code = ERROR_NONE };
	struct file_set set;

	(void)state;
	umask(022);
	snprintf(dir, sizeof dir, "%s/out", folder);
	file_set_init(&set, dir, "0123456789abcdef", a);
	assert_int_equal(file_set_stage(&set, "key.pem", "k1", 2, true, &err), STATUS_OK);
	assert_int_equal(file_set_stage(&set, "cert.pem", "c1", 2, false, &err), STATUS_OK);
	/* Until all are placed nothing has its name. */
	assert_int_not_equal(access(in_folder(dir, "key.pem"), F_OK), 0);
	expect_file(in_folder(dir, "key.pem.new-01234567"), "k1", 0600);
	assert_int_equal(file_set_place(&set, 1798000000, &err), STATUS_OK);
	expect_file(in_folder(dir, "key.pem"), "k1", 0600);
	expect_file(in_folder(dir, "cert.pem"), "c1", 0644);
	assert_null(set.files[0].kept);

	/* The second time: what differs is kept, what is the same is not. */
	file_set_init(&set, dir, "fedcba9876543210", a);
	assert_int_equal(file_set_stage(&set, "key.pem", "k2", 2, true, &err), STATUS_OK);
	assert_int_equal(file_set_stage(&set, "cert.pem", "c1", 2, false, &err), STATUS_OK);
	assert_int_equal(file_set_place(&set, 1798000000, &err), STATUS_OK);
	expect_file(in_folder(dir, "key.pem"), "k2", 0600);
	assert_string_equal(strrchr(set.files[0].kept, '/'), "/key.pem.old-20261223T042640Z");
	expect_file(set.files[0].kept, "k1", 0600);
	assert_null(set.files[1].kept);

	/* Given up: nothing is left of it. */
	file_set_init(&set, dir, "aaaaaaaaaaaaaaaa", a);
	assert_int_equal(file_set_stage(&set, "key.pem", "k3", 2, true, &err), STATUS_OK);
	file_set_drop(&set);
	expect_file(in_folder(dir, "key.pem"), "k2", 0600);
	assert_int_not_equal(access(in_folder(dir, "key.pem.new-aaaaaaaa"), F_OK), 0);

	/* A folder that is a file. */
	file_set_init(&set, in_folder(dir, "key.pem"), "bbbbbbbbbbbbbbbb", a);
	assert_int_equal(file_set_stage(&set, "cert.pem", "c", 1, false, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "is no folder"));
	arena_free(a);
	remove_folder(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(applies_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(stops_and_goes_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_noted_stops, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nobody_need_look_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_without_a_record, set_up, tear_down),
		cmocka_unit_test_setup_teardown(hierarchy_in_eight_steps, set_up, tear_down),
		cmocka_unit_test_setup_teardown(other_wishes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(wishes_that_cannot_be, set_up, tear_down),
		cmocka_unit_test_setup_teardown(activates_by_state, set_up, tear_down),
		cmocka_unit_test_setup_teardown(activates_with_what_was_issued, set_up, tear_down),
		cmocka_unit_test_setup_teardown(revokes_with_a_reason, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_aws_refuses_is_no_plan, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reports_need_a_bucket, set_up, tear_down),
		cmocka_unit_test_setup_teardown(pages_fit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(json_has_it_all, set_up, tear_down),
		cmocka_unit_test(subjects_are_read),
		cmocka_unit_test(files_replace_and_keep),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
