#include "tui/accounts.h"

#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/quote.h"
#include "tui/console.h"

static char *
copied(const char *s)
{
	return s != NULL ? mem_strdup(s) : NULL;
}

void
accounts_copy(struct accounts *out, const struct console *k, const atomic_bool *cancel)
{
	const struct console_setup *setup = console_setup_of(k);

	*out = (struct accounts){ .items = mem_zero(setup->aws_len + 1, sizeof *out->items), .len = setup->aws_len,
		.inventory = copied(setup->inventory), .bucket = copied(setup->report_bucket), .world = setup->world };
	for (size_t i = 0; i < out->len; i++) {
		const struct aws_client_options *from = &setup->aws[i];

		out->items[i] = (struct aws_client_options){ .name = copied(from->name), .profile = copied(from->profile),
			.region = copied(from->region), .endpoint_url = copied(from->endpoint_url), .world = from->world, .cancel = cancel };
	}
}

void
accounts_done(struct accounts *a)
{
	for (size_t i = 0; i < a->len; i++) {
		free((char *)a->items[i].name);
		free((char *)a->items[i].profile);
		free((char *)a->items[i].region);
		free((char *)a->items[i].endpoint_url);
	}
	free(a->items);
	free(a->inventory);
	free(a->bucket);
	*a = (struct accounts){ .items = NULL };
}

struct aws_client *
accounts_client(const struct accounts *a, size_t i, struct error *err)
{
	struct aws_client *c = NULL;
	struct aws_error why = { .kind = AWS_FINE };

	if (aws_client_new(&a->items[i], &c, &why) == STATUS_OK)
		return c;
	(void)aws_error_say(&why, "ask the private CA", a->items[i].name, err);
	return NULL;
}

struct aws_client *
accounts_client_of(const struct accounts *a, const struct inventory_ca *ca, struct error *err)
{
	struct error last = { .code = ERROR_NONE };
	char shown[QUOTE_MAX];
	bool other = a->len > 0; /* none of the accounts has this one's name */

	for (size_t i = 0; i < a->len; i++) {
		struct aws_client *c;

		if (a->items[i].name != NULL && strcmp(a->items[i].name, ca->account) != 0)
			continue;
		other = false;
		c = accounts_client(a, i, &last);
		if (c != NULL && strcmp(aws_client_region(c), ca->region) == 0)
			return c;
		aws_client_free(c);
	}
	if (error_is_set(&last))
		(void)error_set(err, last.code, last.stage, "%s", last.text);
	else if (other)
		(void)error_set(err, ERROR_AWS, "choosing the account", "this CA is of account %s, as the inventory has it, and this session has none of that name: u looks again in its own accounts; else "
		    "start with that account's --profile and --region, or add it to `aws:` in the configuration", quote_str(ca->account, shown));
	else
		(void)error_set(err, ERROR_AWS, "choosing the account", "none of the accounts of this session has this CA's region: give --profile and --region, or `aws:` in the configuration");
	return NULL;
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* As the session has it, where it has it: by the account's name, else by profile and region. Else as the plan was made with. */
static struct aws_client_options
options_at(const struct accounts *a, const struct plan_place *place)
{
	struct aws_client_options o = { .name = place->name, .profile = place->profile, .region = place->region,
		.endpoint_url = place->endpoint_url, .world = a->world, .cancel = a->len > 0 ? a->items[0].cancel : NULL };

	for (size_t i = 0; i < a->len; i++) {
		const struct aws_client_options *item = &a->items[i];

		if (place->name != NULL ? !same(item->name, place->name) : !same(item->profile, place->profile))
			continue;
		o = *item;
		o.region = place->region;
		break;
	}
	return o;
}

struct aws_client *
accounts_client_at(const struct accounts *a, const struct plan_place *place, struct error *err)
{
	const struct aws_client_options o = options_at(a, place);
	struct aws_client *c = NULL;
	struct aws_error why = { .kind = AWS_FINE };

	if (aws_client_new(&o, &c, &why) != STATUS_OK) {
		(void)aws_error_say(&why, "go on with the plan", o.name, err);
		return NULL;
	}
	if (aws_client_is_lab(c) == place->lab && aws_client_is_local(c) == place->local)
		return c;
	(void)error_set(err, ERROR_NOT_DONE, "plan", aws_client_is_lab(c) == place->lab ? "this plan was made at another endpoint: AWS_ENDPOINT_URL or the configuration names one on this machine, "
	    "for one of both and not for the other" : place->lab ? "this plan is a practice lab's, and this session's AWS is none: it is not applied elsewhere" :
	    "this plan is not a practice lab's, and this session's AWS is one: it is not applied there");
	aws_client_free(c);
	return NULL;
}
