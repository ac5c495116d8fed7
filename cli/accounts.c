#include "cli/accounts.h"

#include <string.h>

#include "cli/option_values.h"
#include "model/memory.h"

struct aws_client_options
account_options(const struct options *o, const struct config_aws *from, const struct world *w)
{
	return (struct aws_client_options){
		.name = from->name,
		.profile = o->pca.profile != NULL ? o->pca.profile : from->profile,
		.region = o->pca.region != NULL ? o->pca.region : from->region,
		.endpoint_url = o->pca.endpoint_url != NULL ? o->pca.endpoint_url : from->endpoint_url,
		.world = w,
	};
}

/* Is one account meant, whatever the configuration has? config may be NULL. */
static bool
is_typed(const struct options *o, const struct config *config)
{
	const struct pca_words *w = &o->pca;

	return w->profile != NULL || w->region != NULL || w->endpoint_url != NULL || config == NULL || config->aws_len == 0;
}

static status
no_such_account(const struct options *o, const struct config *config, struct error *err)
{
	struct buf names = { 0 };

	for (size_t i = 0; config != NULL && i < config->aws_len; i++)
		buf_addf(&names, "%s%s", names.len > 0 ? ", " : "", config->aws[i].name);
	(void)error_set(err, ERROR_USAGE, "options", "--aws %s: the configuration has no such account%s%s", printable(o->pca.aws),
	    names.len > 0 ? "; it has " : "", buf_str(&names));
	buf_done(&names);
	return STATUS_FAILED;
}

status
accounts_meant(const struct options *o, const struct config *config, const struct world *w, struct aws_client_options **out,
    size_t *len, struct error *err)
{
	static const struct config_aws none = { .name = NULL };
	size_t most = config != NULL ? config->aws_len : 0;

	*out = mem_zero(most + 1, sizeof **out);
	*len = 0;
	for (size_t i = 0; i < most && (o->pca.aws != NULL || !is_typed(o, config)); i++)
		if (o->pca.aws == NULL || strcmp(config->aws[i].name, o->pca.aws) == 0)
			(*out)[(*len)++] = account_options(o, &config->aws[i], w);
	if (o->pca.aws != NULL && *len == 0)
		return no_such_account(o, config, err);
	if (*len == 0)
		(*out)[(*len)++] = account_options(o, &none, w);
	return STATUS_OK;
}

bool
accounts_of_lab(const struct aws_client_options *accounts, size_t len)
{
	bool lab = false;

	for (size_t i = 0; i < len && !lab; i++) {
		struct aws_client *c = NULL;
		struct aws_error unimportant = { .kind = AWS_FINE };

		lab = aws_client_new(&accounts[i], &c, &unimportant) == STATUS_OK && aws_client_is_lab(c);
		aws_client_free(c);
	}
	return lab;
}
