#include "probes/stored.h"

#include <stdio.h>
#include <string.h>

#include "aws/secretsmanager.h"
#include "aws/ssm.h"
#include "model/identity_stored.h"
#include "model/quote.h"

struct fetching {
	struct aws_client *client;
	const struct stored_place *from;
	passphrase_ask ask;
	void *ask_user;
	struct arena *arena;
	struct identity **out;
	struct trust **trust;
};

static status
take(const struct fetching *f, const char *text, size_t len, struct error *err)
{
	const char *label = f->from->label;
	struct stored_identity s = { .len = 0 };
	char shown[QUOTE_MAX];
	status result = stored_read(text, len, quote_str(label, shown), &s, err);

	if (result == STATUS_OK)
		result = identity_from_stored(f->from->name, label, &s, f->ask, f->ask_user, f->out, err);
	if (result == STATUS_OK)
		*f->trust = trust_from_stored(label, &s);
	stored_done(&s);
	return result;
}

static status
refused(const struct fetching *f, const struct aws_error *why, struct error *err)
{
	char shown[QUOTE_MAX], doing[QUOTE_MAX + 16];

	snprintf(doing, sizeof doing, "read %s", quote_str(f->from->label, shown));
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
stored_fetch(struct aws_client *c, const struct stored_place *from, passphrase_ask ask, void *ask_user, struct identity **out,
    struct trust **trust, struct error *err)
{
	struct fetching f = { .client = c, .from = from, .ask = ask, .ask_user = ask_user, .arena = arena_new(), .out = out, .trust = trust };
	status result;

	*out = NULL;
	*trust = NULL;
	result = from->secret != NULL ? fetch_secret(&f, err) : fetch_parameter(&f, err);
	arena_free(f.arena);
	return result;
}
