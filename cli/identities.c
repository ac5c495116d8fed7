#include "cli/identities.h"

#include <stdlib.h>
#include <string.h>

#include "cli/identity_fetch.h"
#include "cli/option_values.h"
#include "cli/settings.h"
#include "model/memory.h"

struct named {
	struct identity *identity; /* NULL: not read yet */
	char *problem;
	char *label;               /* of one that is kept in AWS: "secret:payments"; stands for its trust's file as well */
	struct trust *trust;       /* that is kept there beside it; or NULL */
};
struct trusted {
	const char *file;
	struct trust *trust;
};

struct identities {
	struct options *o;
	const struct config *config;
	struct named *named; /* as many as the configuration has */
	struct trusted *trusted;
	size_t trusted_len;
	struct trust *common;
};

struct identities *
identities_new(struct options *o, const struct config *c)
{
	struct identities *i = mem_zero(1, sizeof *i);

	i->o = o;
	i->config = c;
	i->named = mem_zero((c != NULL ? c->identities_len : 0) + 1, sizeof *i->named);
	return i;
}

void
identities_free(struct identities *i)
{
	if (i == NULL)
		return;
	for (size_t k = 0; i->config != NULL && k < i->config->identities_len; k++) {
		identity_free(i->named[k].identity);
		trust_free(i->named[k].trust);
		free(i->named[k].problem);
		free(i->named[k].label);
	}
	for (size_t k = 0; k < i->trusted_len; k++)
		trust_free(i->trusted[k].trust);
	trust_free(i->common);
	free(i->trusted);
	free(i->named);
	free(i);
}

/* What stands for an identity of which nothing can be used: the server is looked at all the same. */
static void
unreadable(struct named *n, const char *name, const char *problem)
{
	n->problem = mem_strdup(problem);
	n->identity = identity_unreadable(name, problem);
}

static status
load(struct identities *i, const struct config_identity *from, struct named *to, struct error *err)
{
	struct error inner = { .code = ERROR_NONE };
	struct identity_source source = {
		.name = from->name,
		.cert = from->cert,
		.key = from->key,
		.ask = passphrase_answer,
		.ask_user = &i->o->passphrase,
		.tolerate_bad_key = true,
	};

	if (config_identity_files(i->config, from, err) != STATUS_OK)
		return STATUS_FAILED;
	if (from->cert == NULL) {
		to->label = identity_fetch_label(from);
		if (identity_fetch(i->o, i->config, from, &to->identity, &to->trust, &inner) != STATUS_OK)
			unreadable(to, from->name, inner.text);
		return STATUS_OK;
	}
	if (identity_load(&source, &to->identity, &inner) == STATUS_OK)
		return STATUS_OK;
	if (inner.code != ERROR_INPUT && inner.code != ERROR_USAGE) {
		*err = inner;
		return STATUS_FAILED;
	}
	unreadable(to, from->name, inner.text);
	return STATUS_OK;
}

status
identities_get(struct identities *i, const char *name, struct identity **out, const char **problem, struct error *err)
{
	const struct config_identity *from = i->config != NULL ? config_identity(i->config, name) : NULL;
	struct named *n;

	if (from == NULL)
		return error_set(err, ERROR_USAGE, "identities", "no identity is called “%s”%s%s", printable(name),
		    i->config != NULL ? " in " : ": there is no configuration", i->config != NULL ? i->config->file : "");
	n = &i->named[from - i->config->identities];
	if (n->identity == NULL && load(i, from, n, err) != STATUS_OK)
		return STATUS_FAILED;
	*out = n->identity;
	*problem = n->problem != NULL ? n->problem : n->identity->key_problem;
	return STATUS_OK;
}

const char *
identities_trust_file(const struct identities *i, const char *name)
{
	const struct config_identity *from = i->config != NULL && name != NULL ? config_identity(i->config, name) : NULL;

	const struct named *n = from != NULL ? &i->named[from - i->config->identities] : NULL;

	return n == NULL ? NULL : from->trust != NULL ? from->trust : n->trust != NULL ? n->label : NULL;
}

status
identities_trust(struct identities *i, const char *file, struct trust **out, struct error *err)
{
	struct trusted *t;

	if (file == NULL) {
		if (i->common == NULL && settings_trust(i->o, &i->common, err) != STATUS_OK)
			return STATUS_FAILED;
		*out = i->common;
		return STATUS_OK;
	}
	for (size_t k = 0; i->config != NULL && k < i->config->identities_len; k++) {
		if (file != i->named[k].label)
			continue;
		*out = i->named[k].trust;
		return STATUS_OK;
	}
	for (size_t k = 0; k < i->trusted_len; k++) {
		if (strcmp(i->trusted[k].file, file) != 0)
			continue;
		*out = i->trusted[k].trust;
		return STATUS_OK;
	}
	i->trusted = mem_grow(i->trusted, i->trusted_len + 1, sizeof *i->trusted);
	t = &i->trusted[i->trusted_len];
	*t = (struct trusted){ .file = file };
	if (trust_load(file, NULL, &t->trust, err) != STATUS_OK)
		return STATUS_FAILED;
	i->trusted_len++;
	*out = t->trust;
	return STATUS_OK;
}
