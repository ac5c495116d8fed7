#include "cli/identity_fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/accounts.h"
#include "cli/option_values.h"
#include "cli/passphrase.h"
#include "cli/signals.h"
#include "probes/examine.h"
#include "probes/stored.h"

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

status
identity_fetch(struct options *o, const struct config *c, const struct config_identity *from, struct identity **out, struct trust **trust,
    struct error *err)
{
	struct aws_client_options how = account_of(o, c, from);
	struct aws_client *client = NULL;
	struct aws_error why = { .kind = AWS_FINE };
	char *label = identity_fetch_label(from);
	const struct stored_place place = { .name = from->name, .label = label, .secret = from->secret, .parameter = from->parameter };
	status result;

	*out = NULL;
	*trust = NULL;
	if (aws_client_new(&how, &client, &why) != STATUS_OK)
		result = error_set(err, ERROR_AWS, "identities", "%s cannot be read: %s", printable(label), why.message);
	else
		result = stored_fetch(client, &place, passphrase_answer, &o->passphrase, out, trust, err);
	aws_client_free(client);
	free(label);
	return result;
}
