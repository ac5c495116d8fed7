#include "cli/identity_fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/secretsmanager.h"
#include "aws/ssm.h"
#include "cli/accounts.h"
#include "cli/option_values.h"
#include "cli/passphrase.h"
#include "cli/signals.h"
#include "model/identity_stored.h"
#include "model/quote.h"
#include "probes/examine.h"

/* The one that it names; else the only one there is; else AWS's own rules. */
static struct aws_client_options
account_of(const struct options *o, const struct config *c, const struct config_identity *from)
{
	static const struct config_aws none = { .name = NULL };
	const struct config_aws *found = c->aws_len == 1 ? &c->aws[0] : &none;
	struct aws_client_options how;

	for (size_t i = 0; from->aws != NULL && i < c->aws_len; i++) {
		if (strcmp(c->aws[i].name, from->aws) == 0)
			found = &c->aws[i];
	}
	how = account_options(o, found, world_real());
	how.cancel = signals_cancel();
	return how;
}

char *
identity_fetch_label(const struct config_identity *from)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s:%s", from->secret != NULL ? "secret" : "parameter", from->secret != NULL ? from->secret : from->parameter);
	return b.data;
}

struct fetching {
	struct options *o;
	const struct config_identity *from;
	const char *label;
	struct aws_client *client;
	struct arena *arena;
	struct identity **out;
	struct trust **trust;
};

static status
take(const struct fetching *f, const char *text, size_t len, struct error *err)
{
	struct stored_identity s = { .len = 0 };
	char shown[QUOTE_MAX];
	status result = stored_read(text, len, quote_str(f->label, shown), &s, err);

	if (result == STATUS_OK)
		result = identity_from_stored(f->from->name, f->label, &s, passphrase_answer, &f->o->passphrase, f->out, err);
	if (result == STATUS_OK)
		*f->trust = trust_from_stored(f->label, &s);
	stored_done(&s);
	return result;
}

static status
refused(const struct fetching *f, const struct aws_error *why, struct error *err)
{
	char shown[QUOTE_MAX], doing[QUOTE_MAX + 16];

	snprintf(doing, sizeof doing, "read %s", quote_str(f->label, shown));
	return aws_error_say(why, doing, aws_client_where(f->client), err);
}

static status
fetch_secret(const struct fetching *f, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct secret_value v = { .bytes = NULL };
	status result = secret_get(f->client, f->from->secret, NULL, NULL, f->arena, &v, &why);

	result = result == STATUS_OK ? take(f, v.bytes, v.len, err) : refused(f, &why, err);
	secret_forget(&v);
	return result;
}

static status
fetch_parameter(const struct fetching *f, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct parameter v = { .value = NULL };
	status result = parameter_get(f->client, f->from->parameter, f->arena, &v, &why);

	result = result == STATUS_OK ? take(f, v.value, strlen(v.value), err) : refused(f, &why, err);
	parameter_forget(&v);
	return result;
}

status
identity_fetch(struct options *o, const struct config *c, const struct config_identity *from, struct identity **out, struct trust **trust,
    struct error *err)
{
	struct aws_client_options how = account_of(o, c, from);
	struct fetching f = { .o = o, .from = from, .arena = arena_new(), .out = out, .trust = trust };
	struct aws_error why = { .kind = AWS_FINE };
	char *label = identity_fetch_label(from);
	status result;

	*out = NULL;
	*trust = NULL;
	f.label = label;
	if (aws_client_new(&how, &f.client, &why) != STATUS_OK)
		result = error_set(err, ERROR_AWS, "identities", "%s cannot be read: %s", printable(label), why.message);
	else
		result = from->secret != NULL ? fetch_secret(&f, err) : fetch_parameter(&f, err);
	aws_client_free(f.client);
	arena_free(f.arena);
	free(label);
	return result;
}
