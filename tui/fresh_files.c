#include "tui/fresh_files.h"

#include <stdio.h>
#include <string.h>

#include "model/config.h"
#include "probes/stored.h"

void
fresh_files_of(struct fresh_files *f, const struct identity *id, const struct trust *t)
{
	*f = (struct fresh_files){ .was = NULL };
	if (id != NULL)
		f->was = identity_ref(id);
	if (t != NULL && (t->file != NULL || t->folder != NULL))
		f->was_trust = trust_ref(t);
}

/* Nobody is there to be asked for a passphrase: an identity whose key needs one stays as it was. */
static void
keep_what_has_its_key(struct fresh_files *f)
{
	if (f->identity == NULL || f->identity->key != NULL || f->was->key == NULL)
		return;
	snprintf(f->problem, sizeof f->problem, "the key cannot be read anew%s%s", f->identity->key_problem != NULL ? ": " : "",
	    f->identity->key_problem != NULL ? f->identity->key_problem : "");
	identity_free(f->identity);
	f->identity = NULL;
}

static void
read_identity(struct fresh_files *f)
{
	const struct identity_source source = { .name = f->was->name, .cert = f->was->cert_path, .key = f->was->key_path,
		.cert_type = f->was->cert_type, .key_type = f->was->key_type, .tolerate_bad_key = true };
	struct error err = { .code = ERROR_NONE };

	if (identity_load(&source, &f->identity, &err) != STATUS_OK)
		snprintf(f->problem, sizeof f->problem, "%s", err.text);
}

/* The account that it names; else the only one there is. */
static struct aws_client *
account_of(const struct accounts *a, const struct config_identity *from, struct error *err)
{
	for (size_t i = 0; i < a->len; i++) {
		if (a->len == 1 || (from->aws != NULL && a->items[i].name != NULL && strcmp(a->items[i].name, from->aws) == 0))
			return accounts_client(a, i, err);
	}
	(void)error_set(err, ERROR_AWS, "identities", "which account keeps %s is not known: `aws:` in its entry says it", from->name);
	return NULL;
}

static void
fetch_identity(struct fresh_files *f, const struct accounts *accounts, const struct config *c, struct error *err)
{
	const struct config_identity *from = f->was->name != NULL ? config_identity(c, f->was->name) : NULL;
	struct stored_place place = { .name = f->was->name, .label = f->was->cert_file };
	struct trust *beside = NULL;
	struct aws_client *client;

	if (from == NULL || (from->secret == NULL && from->parameter == NULL))
		return;
	place.secret = from->secret;
	place.parameter = from->parameter;
	client = account_of(accounts, from, err);
	/* The root that is kept beside it is not what is mended here: who trusts by it goes on to. */
	if (client != NULL)
		(void)(stored_fetch(client, &place, NULL, NULL, &f->identity, &beside, err) == STATUS_OK);
	trust_free(beside);
	aws_client_free(client);
}

/* Kept in AWS: the configuration says where. Of an identity without a name nobody knows. */
static void
read_stored(struct fresh_files *f, const struct accounts *accounts, const char *config_path)
{
	struct error err = { .code = ERROR_NONE };
	struct config *c = NULL;

	if (config_path == NULL)
		return;
	if (config_read(config_path, accounts->world, &c, &err) == STATUS_OK)
		fetch_identity(f, accounts, c, &err);
	if (error_is_set(&err))
		snprintf(f->problem, sizeof f->problem, "%s", err.text);
	config_free(c);
}

void
fresh_files_read(struct fresh_files *f, const struct accounts *accounts, const char *config_path)
{
	struct error err = { .code = ERROR_NONE };

	if (f->was != NULL && f->was->cert_path != NULL)
		read_identity(f);
	else if (f->was != NULL)
		read_stored(f, accounts, config_path);
	keep_what_has_its_key(f);
	if (f->was_trust != NULL && trust_load(f->was_trust->file, f->was_trust->folder, &f->trust, &err) != STATUS_OK)
		snprintf(f->problem, sizeof f->problem, "%s", err.text);
}

void
fresh_files_take(struct fleet *fleet, const struct fresh_files *f)
{
	for (size_t i = 0; i < fleet_len(fleet); i++) {
		struct entry *e = fleet_at(fleet, i);

		if (f->identity != NULL && e->identity == f->was) {
			identity_free(e->identity);
			e->identity = identity_ref(f->identity);
		}
		if (f->trust != NULL && e->trust == f->was_trust) {
			trust_free(e->trust);
			e->trust = trust_ref(f->trust);
		}
	}
}

void
fresh_files_done(struct fresh_files *f)
{
	identity_free(f->was);
	identity_free(f->identity);
	trust_free(f->was_trust);
	trust_free(f->trust);
	*f = (struct fresh_files){ .was = NULL };
}
