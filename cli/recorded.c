#include "cli/recorded.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sts.h"
#include "cli/exit_status.h"
#include "cli/gate.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "fixes/deeds.h"
#include "fixes/plan_store.h"
#include "fixes/rollover.h"
#include "probes/examine.h"

status
recorded_id(const char *word, int64_t *id, struct error *err)
{
	char *end;

	errno = 0;
	*id = strtoll(word, &end, 10);
	if (errno != 0 || *end != '\0' || end == word || *id <= 0)
		return error_set(err, ERROR_USAGE, "options", "%s: the number of a plan was expected; mtlscope log lists them", printable(word));
	return STATUS_OK;
}

/* A profile that AWS_PROFILE names was not named by hand: keys of the environment come before it then, as they did when the plan was made. */
static const char *
profile_of(const struct options *o, const struct plan *p, const struct world *w)
{
	const char *of_environment = w->env(w->self, "AWS_PROFILE");

	if (o->pca.profile != NULL)
		return o->pca.profile;
	return p->place.profile != NULL && of_environment != NULL && strcmp(p->place.profile, of_environment) == 0 ? NULL : p->place.profile;
}

/* In another account a CA that is there would not be found, and be made again. Where nobody says whose the credentials are, the steps will. */
static status
same_account(const struct plan *p, struct aws_client *client, struct error *err)
{
	struct aws_error unimportant = { .kind = AWS_FINE };
	struct sts_identity who = { .account = NULL };

	if (p->place.account == NULL || sts_identity(client, p->arena, &who, &unimportant) != STATUS_OK || who.account == NULL ||
	    strcmp(who.account, p->place.account) == 0)
		return STATUS_OK;
	return error_set(err, ERROR_USAGE, "options", "plan %lld was made in account %s, and these credentials are of account %s: --profile names those of the first",
	    (long long)p->id, p->place.account, printable(who.account));
}

/* Makes the client of the plan's place where the way that is left (back: the way back) needs AWS; *client is the caller's. */
static status
open_aws(const struct options *o, struct plan *p, bool back, const struct world *w, struct aws_client **client, struct error *err)
{
	struct aws_client_options how = {
		.name = p->place.name,
		.profile = profile_of(o, p, w),
		.region = o->pca.region != NULL ? o->pca.region : p->place.region,
		.endpoint_url = o->pca.endpoint_url != NULL ? o->pca.endpoint_url : p->place.endpoint_url,
		.world = w,
		.cancel = signals_cancel(),
	};
	struct aws_error why = { .kind = AWS_FINE };

	if (!plan_wants_aws(p, back))
		return STATUS_OK;
	if (aws_client_new(&how, client, &why) != STATUS_OK)
		return aws_error_say(&why, "ask AWS", NULL, err);
	/* A loopback endpoint that another lab has by now is not where the plan was: its CAs would not be found, and that is said by the step. */
	if (p->place.lab != aws_client_is_lab(*client))
		return error_set(err, ERROR_USAGE, "options", "plan %lld was made %s, and what is configured now is %s: --endpoint-url says where it goes on", (long long)p->id,
		    p->place.lab ? "in a practice lab" : "at AWS", aws_client_is_lab(*client) ? "a practice lab" : "AWS");
	/* An emulator's plan is not gone on with at AWS, nor the other way round. */
	if (p->place.local != aws_client_is_local(*client))
		return error_set(err, ERROR_USAGE, "options", "plan %lld was made %s, and what is configured now is %s: --endpoint-url or AWS_ENDPOINT_URL says where it goes on",
		    (long long)p->id, p->place.local ? "at an endpoint on this machine" : "at none on this machine", p->place.local ? "elsewhere" : "one");
	if (same_account(p, *client, err) != STATUS_OK)
		return STATUS_FAILED;
	p->place.client = *client;
	return STATUS_OK;
}

/* What there is to say where nothing is to be done. DONE: no plan to carry out. */
static int
nothing_left(const struct plan *p, bool back)
{
	if (back && !plan_can_go_back(p) && !plan_can_end(p)) {
		complain(p->state == PLAN_UNDONE ? "plan %lld is undone already" : "plan %lld has no step that can be undone: mtlscope log %lld says what each did",
		    (long long)p->id, (long long)p->id);
		return EXIT_STATUS_NOT_DONE;
	}
	if (!back && p->state == PLAN_DONE) {
		complain("plan %lld is done: there is nothing to go on with", (long long)p->id);
		return EXIT_STATUS_USAGE;
	}
	if (!back && p->state == PLAN_UNDONE) {
		complain("plan %lld was taken back: what it mends is planned anew%s%s", (long long)p->id, p->typed != NULL ? ", " : "", p->typed != NULL ? p->typed : "");
		return EXIT_STATUS_USAGE;
	}
	return EXIT_STATUS_DONE;
}

/* NULL: no --json. */
static cJSON *
json_of(const struct options *o, bool back)
{
	cJSON *json = o->json ? cJSON_CreateObject() : NULL;

	if (json != NULL)
		cJSON_AddStringToObject(json, "schema", back ? "mtlscope.undo/1" : "mtlscope.resume/1");
	return json;
}

/* Where AWS's answer did not come, the user may have found in the CA's audit report what it was. */
static status
told_certificate(const struct options *o, struct plan *p, bool back, struct error *err)
{
	if (o->pca.certificate == NULL)
		return STATUS_OK;
	if (back)
		return error_set(err, ERROR_USAGE, "options", "--certificate: plan %lld is on its way back", (long long)p->id);
	return deed_issue_told(p, o->pca.certificate, err);
}

static int
carry_out(struct options *o, struct plan *p, bool undo)
{
	struct report_style style = output_style(o);
	const struct world *w = world_real();
	/* A way back that was cut off is gone on with: forward again it would do anew what has just been taken back. */
	bool back = undo || p->state == PLAN_GOES_BACK;
	struct gate g = { .o = o, .style = &style, .world = w, .back = back };
	struct error err = { .code = ERROR_NONE };
	struct aws_client *client = NULL;
	struct rollover_file *held = NULL;
	int result = nothing_left(p, back);
	bool applied;

	if (result == EXIT_STATUS_DONE && told_certificate(o, p, back, &err) != STATUS_OK)
		result = complain_error(&err);
	else if (result == EXIT_STATUS_DONE &&
	    (back ? rollover_undo_allowed(p->record, p, w, &held, &err) : rollover_resume_allowed(p, w, &held, &err)) != STATUS_OK)
		result = complain_error(&err);
	else if (result == EXIT_STATUS_DONE && open_aws(o, p, back, w, &client, &err) != STATUS_OK)
		result = complain_error(&err);
	else if (result == EXIT_STATUS_DONE && back && plan_may_go_back(p, &err) != STATUS_OK)
		result = complain_error(&err);
	else if (result == EXIT_STATUS_DONE)
		result = gate_carry_out(&g, p, json_of(o, undo), NULL, NULL, &applied);
	rollover_close(held);
	aws_client_free(client);
	p->place.client = NULL;
	return result;
}

int
recorded_carry_out(struct options *o, int64_t id, bool back)
{
	const struct world *w = world_real();
	struct error err = { .code = ERROR_NONE };
	struct changes *c = NULL;
	struct change *of = NULL;
	struct arena *a = arena_new();
	struct plan *p = NULL;
	int result = EXIT_STATUS_DONE;

	signals_defer(true);
	if (gate_check(o, &err) != STATUS_OK) {
		result = complain_error(&err);
	} else if (!changes_exist(NULL, w)) {
		complain("nothing has been changed from here yet: there is no record");
		result = id != 0 ? EXIT_STATUS_USAGE : EXIT_STATUS_DONE;
	} else if (changes_open(NULL, w, &c, &err) != STATUS_OK || changes_find(c, id, a, &of, &err) != STATUS_OK) {
		result = complain_error(&err);
	} else if (of == NULL && id == 0) {
		complain("no plan was interrupted: every one is done or undone");
	} else if (plan_recorded(c, id != 0 ? id : of->id, w, &p, &err) != STATUS_OK) {
		result = complain_error(&err);
	} else {
		result = carry_out(o, p, back);
	}
	plan_free(p);
	changes_close(c);
	arena_free(a);
	signals_defer(false);
	return output_status(result);
}
