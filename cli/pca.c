#include "cli/pca.h"

#include <stdlib.h>
#include <string.h>

#include "aws/arn.h"
#include "aws/xml.h"
#include "cli/accounts.h"
#include "cli/exit_status.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "fixes/pca_subject.h"
#include "model/json_parts.h"
#include "model/times.h"

enum { DAY = 24 * 60 * 60 };

/* ---- accounts ---- */

static status
add_account(struct pca_session *s, const struct aws_client_options *how, struct pca_account **out, struct error *err)
{
	struct pca_account *a = arena_alloc(s->arena, sizeof *a);
	struct aws_error why = { .kind = AWS_FINE };

	if (aws_client_new(how, &a->place.client, &why) != STATUS_OK)
		return aws_error_say(&why, how->name != NULL ? arena_printf(s->arena, "use the account %s", how->name) : "ask AWS", NULL, err);
	a->place.name = how->name;
	a->place.endpoint_url = how->endpoint_url;
	s->accounts = arena_grow(s->arena, s->accounts, s->len, &s->cap, sizeof *s->accounts);
	s->accounts[s->len++] = a;
	if (out != NULL)
		*out = a;
	return STATUS_OK;
}

static status
choose_accounts(struct pca_session *s, struct error *err)
{
	struct aws_client_options *how = NULL;
	size_t len = 0;
	status result = accounts_meant(s->o, s->configuration.config, s->world, &how, &len, err);

	for (size_t i = 0; i < len && result == STATUS_OK; i++) {
		how[i].cancel = s->cancel;
		result = add_account(s, &how[i], NULL, err);
	}
	free(how);
	return result;
}

static status
begin(struct options *o, struct pca_session *s, struct error *err)
{
	*s = (struct pca_session){ .o = o, .arena = arena_new(), .world = world_real(), .style = output_style(o), .cancel = signals_cancel() };
	s->now = o->examine.at_set ? o->examine.at : s->world->now_ms(s->world->self) / 1000;
	if (configuration_read(o, &s->configuration, err) != STATUS_OK)
		return STATUS_FAILED;
	configuration_thresholds(&s->configuration, o);
	return STATUS_OK;
}

status
session_open(struct options *o, struct pca_session *s, struct error *err)
{
	if (begin(o, s, err) != STATUS_OK || choose_accounts(s, err) != STATUS_OK)
		return STATUS_FAILED;
	signals_defer(true); /* from here on a signal ends calls, and what is done is said */
	return STATUS_OK;
}

status
session_open_offline(struct options *o, struct pca_session *s, struct error *err)
{
	struct error unimportant = { .code = ERROR_NONE };

	if (begin(o, s, err) != STATUS_OK)
		return STATUS_FAILED;
	(void)(choose_accounts(s, &unimportant) == STATUS_OK);
	signals_defer(true);
	return STATUS_OK;
}

void
session_close(struct pca_session *s)
{
	for (size_t i = 0; i < s->len; i++)
		aws_client_free(s->accounts[i]->place.client);
	inventory_close(s->inventory);
	configuration_done(&s->configuration);
	arena_free(s->arena);
	*s = (struct pca_session){ .o = NULL };
}

int
session_fail(const struct pca_session *s, const struct error *err)
{
	int signal = signals_seen();

	(void)s;
	if (signal != 0)
		return EXIT_STATUS_SIGNAL + signal;
	return complain_error(err);
}

const char *
account_label(const struct pca_account *a)
{
	return a->place.name != NULL ? a->place.name : a->place.account != NULL ? a->place.account : aws_client_name(a->place.client);
}

/* ---- what there is ---- */

static bool
is_listed(const struct pca_account *a, const char *arn)
{
	for (size_t i = 0; i < a->len; i++) {
		if (strcmp(a->cas[i].arn, arn) == 0)
			return true;
	}
	return false;
}

/* Those shared by others, behind one's own. That they may not be asked for is no failure. */
static void
add_shared(struct pca_session *s, struct pca_account *a)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct pca_ca *shared = NULL, *all;
	size_t len = 0, own = a->len;

	if (pca_list_cas(a->place.client, "OTHER_ACCOUNTS", s->arena, &shared, &len, &why) != STATUS_OK || len == 0)
		return;
	all = arena_array(s->arena, own + len, sizeof *all);
	if (own > 0)
		memcpy(all, a->cas, own * sizeof *all);
	a->cas = all;
	for (size_t i = 0; i < len; i++) {
		if (!is_listed(a, shared[i].arn))
			a->cas[a->len++] = shared[i];
	}
}

status
session_list(struct pca_session *s, struct pca_account *a, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };

	if (a->listed)
		return STATUS_OK;
	if (pca_list_cas(a->place.client, NULL, s->arena, &a->cas, &a->len, &why) != STATUS_OK) {
		struct error said = { .code = ERROR_NONE };

		(void)aws_error_say(&why, "list the CAs", aws_client_where(a->place.client), &said);
		a->problem = arena_strdup(s->arena, said.text);
		return error_set(err, said.code, "asking AWS", "%s", said.text);
	}
	a->own = a->len;
	add_shared(s, a);
	a->listed = true;
	return STATUS_OK;
}

static const char *
account_by_sts(struct pca_session *s, struct pca_account *a)
{
	struct aws_call call = { .service = &aws_sts, .operation = "GetCallerIdentity", .method = "POST", .path = "/" };
	struct aws_http_answer answer = { .status = 0 };
	struct aws_error why = { .kind = AWS_FINE };
	const struct xml_node *root = NULL;
	const char *number = NULL;

	if (aws_call(a->place.client, &call, &answer, &why) == STATUS_OK &&
	    xml_read(answer.body.data, answer.body.len, s->arena, &root, &why) == STATUS_OK)
		number = xml_text(root, "GetCallerIdentityResult/Account");
	aws_http_answer_done(&answer);
	return number;
}

void
session_account_number(struct pca_session *s, struct pca_account *a)
{
	struct arn arn;
	const char *number = NULL;

	if (a->place.account != NULL)
		return;
	if (a->own > 0 && arn_parse(a->cas[0].arn, &arn))
		number = arena_strdup(s->arena, arn.account);
	if (number == NULL)
		number = account_by_sts(s, a);
	if (number != NULL)
		a->place.account = text_safe_arena(s->arena, text_of(number), 16, NULL);
}

/* ---- the CA that is meant ---- */

static const char *
name_of(struct pca_session *s, const struct pca_ca *ca)
{
	return ca->subject.common_name != NULL ? ca->subject.common_name : pca_subject_text(&ca->subject, s->arena);
}

static bool
is_meant(struct pca_session *s, const struct pca_ca *ca, const char *word)
{
	const char *id = arn_ca_id(ca->arn);

	if (word == NULL)
		return strcmp(ca->status, "ACTIVE") == 0 && strcmp(ca->type, "SUBORDINATE") == 0;
	return strcmp(name_of(s, ca), word) == 0 || (id != NULL && strcmp(id, word) == 0);
}

/* "“Acme Root CA” (arn:…, ACTIVE), …": at most six. */
static const char *
candidates(struct pca_session *s, const char *word, bool all)
{
	struct buf b = { 0 };
	size_t n = 0;
	const char *out;

	for (size_t i = 0; i < s->len; i++) {
		for (size_t k = 0; k < s->accounts[i]->len; k++) {
			const struct pca_ca *ca = &s->accounts[i]->cas[k];

			if (!all && !is_meant(s, ca, word))
				continue;
			if (n++ < 6)
				buf_addf(&b, "%s“%s” (%s%s%s)", n > 1 ? ", " : "", text_safe_arena(s->arena, text_of(name_of(s, ca)), 60, NULL),
				    all ? "" : text_safe_arena(s->arena, text_of(ca->arn), 0, NULL), all ? "" : ", ",
				    text_safe_arena(s->arena, text_of(ca->status), 20, NULL));
		}
	}
	if (n > 6)
		buf_addf(&b, " and %zu more", n - 6);
	out = arena_strdup(s->arena, buf_str(&b));
	buf_done(&b);
	return out;
}

/* An account that asks in the ARN's region: one of the session's, else a new one like the first. */
static status
account_for(struct pca_session *s, const struct arn *arn, struct pca_account **out, struct error *err)
{
	const struct config *c = s->configuration.config;
	struct config_aws like = { .name = NULL };
	struct aws_client_options how;

	for (size_t i = 0; i < s->len; i++) {
		if (strcmp(aws_client_region(s->accounts[i]->place.client), arn->region) == 0) {
			*out = s->accounts[i];
			/* Several accounts in one region: whose number it is. */
			session_account_number(s, s->accounts[i]);
			if ((*out)->place.account == NULL || strcmp((*out)->place.account, arn->account) == 0)
				return STATUS_OK;
		}
	}
	for (size_t i = 0; *out == NULL && c != NULL && i < c->aws_len; i++) {
		if (s->accounts[0]->place.name != NULL && strcmp(c->aws[i].name, s->accounts[0]->place.name) == 0)
			like = c->aws[i];
	}
	if (*out != NULL)
		return STATUS_OK;
	how = account_options(s->o, &like, s->world);
	how.region = arena_strdup(s->arena, arn->region);
	how.cancel = s->cancel;
	return add_account(s, &how, out, err);
}

static status
find_by_arn(struct pca_session *s, const char *word, struct pca_found *out, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct arn arn;

	*out = (struct pca_found){ .account = NULL };
	if (!arn_parse(word, &arn) || strcmp(arn.service, "acm-pca") != 0 || arn_ca_id(word) == NULL || strstr(arn.resource, "/certificate/") != NULL)
		return error_set(err, ERROR_USAGE, "options", "%s: not the ARN of a private CA (arn:aws:acm-pca:REGION:ACCOUNT:certificate-authority/ID)",
		    printable(word));
	if (account_for(s, &arn, &out->account, err) != STATUS_OK)
		return STATUS_FAILED;
	if (pca_describe_ca(out->account->place.client, word, s->arena, &out->ca, &why) == STATUS_OK) {
		session_account_number(s, out->account);
		return STATUS_OK;
	}
	return aws_error_say(&why, "look at the CA", aws_client_where(out->account->place.client), err);
}

status
session_find_ca(struct pca_session *s, const char *word, struct pca_found *out, struct error *err)
{
	struct error first = { .code = ERROR_NONE };
	size_t found = 0, asked = 0, live = 0;

	*out = (struct pca_found){ .account = NULL };
	if (word != NULL && strncmp(word, "arn:", 4) == 0)
		return find_by_arn(s, word, out, err);
	for (size_t i = 0; i < s->len; i++) {
		struct pca_account *a = s->accounts[i];

		if (session_list(s, a, &first) != STATUS_OK)
			continue;
		asked++;
		for (size_t k = 0; k < a->len; k++) {
			bool deleted = strcmp(a->cas[k].status, "DELETED") == 0;

			if (!is_meant(s, &a->cas[k], word) || (deleted && live > 0))
				continue;
			/* One that is there wins over a deleted one of the same name. */
			if (!deleted && live++ == 0)
				found = 0;
			found++;
			*out = (struct pca_found){ .account = a, .ca = a->cas[k] };
		}
	}
	if (found == 1) {
		session_account_number(s, out->account);
		return STATUS_OK;
	}
	if (asked == 0 || (found == 0 && error_is_set(&first))) {
		*err = first;
		return STATUS_FAILED;
	}
	if (found > 1 && word == NULL)
		return error_set(err, ERROR_USAGE, "options", "which CA? --ca NAME, one of these %zu: %s", found, candidates(s, NULL, true));
	if (found > 1)
		return error_set(err, ERROR_USAGE, "options", "%s: which of %zu? Name it by its ARN: %s", word != NULL ? printable(word) : "no --ca", found,
		    candidates(s, word, false));
	/* AWS was asked, and has none: that is its answer (status 9), not a slip of the fingers. */
	if (word == NULL)
		return error_set(err, ERROR_USAGE, "options", "no --ca, and no ACTIVE subordinate here that could be meant%s%s", s->accounts[0]->len > 0 ? "; there are " : "",
		    candidates(s, word, true));
	return error_set(err, ERROR_AWS, "asking AWS", "%s: no CA of that name or id here (%s)%s%s", printable(word), aws_client_where(s->accounts[0]->place.client),
	    s->accounts[0]->len > 0 ? "; there are " : ", nor any other: is it another region (--region) or account (--profile)?", candidates(s, word, true));
}

/* ---- the inventory ---- */

/* What was practised with is no certificate of the user's. */
static status
path_of_inventory(const struct pca_session *s, struct buf *path, struct error *err)
{
	bool lab = false;

	for (size_t i = 0; i < s->len; i++)
		lab = lab || aws_client_is_lab(s->accounts[i]->place.client);
	return inventory_path(s->world, lab, path, err);
}

bool
session_has_inventory(const struct pca_session *s)
{
	struct error unimportant = { .code = ERROR_NONE };
	struct buf path = { 0 };
	bool there = path_of_inventory(s, &path, &unimportant) == STATUS_OK && inventory_exists(path.data, s->world);

	buf_done(&path);
	return there;
}

status
session_inventory(struct pca_session *s, struct error *err)
{
	struct buf path = { 0 };
	status result;

	if (s->inventory != NULL)
		return STATUS_OK;
	result = path_of_inventory(s, &path, err);
	if (result == STATUS_OK)
		result = inventory_open(path.data, s->world, &s->inventory, err);
	buf_done(&path);
	return result;
}

void
session_renewed(struct pca_session *s, struct inventory_query *q)
{
	q->renewed_len = config_renewed(s->configuration.config, s->arena, &q->renewed);
}

int64_t
session_soon(const struct pca_session *s)
{
	return s->now + (int64_t)s->o->examine.thresholds.expires_within * DAY;
}

int64_t
session_root_soon(const struct pca_session *s)
{
	return s->now + (int64_t)s->o->examine.thresholds.root_expires_within * DAY;
}

struct inventory_ca
session_known_ca(struct pca_session *s, const struct pca_account *a, const struct pca_ca *ca, const struct pca_certificate *c)
{
	return (struct inventory_ca){
		.arn = ca->arn,
		.account = account_label(a),
		.region = aws_client_region(a->place.client),
		.subject = pca_subject_text(&ca->subject, s->arena),
		.type = ca->type,
		.status = ca->status,
		.usage_mode = ca->usage_mode,
		.key_algorithm = ca->key_algorithm,
		.serial = ca->serial,
		.pem = c != NULL ? c->pem : NULL,
		.chain = c != NULL ? c->chain : NULL,
		.created = ca->created,
		.not_before = ca->not_before,
		.not_after = ca->not_after,
		.restorable_until = ca->restorable_until,
		.synced = s->now,
		.report_at = TIME_UNKNOWN,
		.report_asked = TIME_UNKNOWN,
	};
}

/* ---- printing ---- */

void
session_print(const struct pca_session *s, struct buf *page)
{
	(void)s;
	output_write(page);
	buf_done(page);
}

cJSON *
session_json(const char *name)
{
	cJSON *o = cJSON_CreateObject();
	struct buf b = { 0 };

	buf_addf(&b, "mtlscope.pca-%s/1", name);
	json_add_text(o, "schema", b.data);
	buf_done(&b);
	return o;
}

void
session_json_accounts(const struct pca_session *s, cJSON *to)
{
	cJSON *list = json_add_list(to, "accounts");

	for (size_t i = 0; i < s->len; i++) {
		const struct pca_account *a = s->accounts[i];
		cJSON *o = cJSON_CreateObject();

		json_add_text(o, "name", a->place.name);
		json_add_text(o, "account", a->place.account);
		json_add_text(o, "profile", aws_client_profile(a->place.client));
		json_add_text(o, "region", aws_client_region(a->place.client));
		json_add_text(o, "endpoint", aws_client_endpoint(a->place.client));
		cJSON_AddBoolToObject(o, "practice_lab", aws_client_is_lab(a->place.client));
		json_add_text(o, "problem", a->problem);
		cJSON_AddItemToArray(list, o);
	}
}

int
session_carry_out(struct pca_session *s, struct plan *p, cJSON *json, void (*more)(void *user, cJSON *to), void *user, bool *applied)
{
	struct gate g = { .o = s->o, .style = &s->style, .world = s->world, .agreed = s->agreed, .agreed_user = s->agreed_user };

	return gate_carry_out(&g, p, json, more, user, applied);
}
