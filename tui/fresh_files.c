#include "tui/fresh_files.h"

#include <stdio.h>

void
fresh_files_of(struct fresh_files *f, const struct identity *id, const struct trust *t)
{
	*f = (struct fresh_files){ .was = NULL };
	if (id != NULL && id->cert_path != NULL)
		f->was = identity_ref(id);
	if (t != NULL && (t->file != NULL || t->folder != NULL))
		f->was_trust = trust_ref(t);
}

/* Nobody is there to be asked for a passphrase: an identity whose key needs one stays as it was. */
static void
read_identity(struct fresh_files *f)
{
	const struct identity_source source = { .name = f->was->name, .cert = f->was->cert_path, .key = f->was->key_path,
		.cert_type = f->was->cert_type, .key_type = f->was->key_type, .tolerate_bad_key = true };
	struct error err = { .code = ERROR_NONE };

	if (identity_load(&source, &f->identity, &err) != STATUS_OK) {
		snprintf(f->problem, sizeof f->problem, "%s", err.text);
	} else if (f->identity->key == NULL && f->was->key != NULL) {
		snprintf(f->problem, sizeof f->problem, "the key cannot be read anew%s%s", f->identity->key_problem != NULL ? ": " : "",
		    f->identity->key_problem != NULL ? f->identity->key_problem : "");
		identity_free(f->identity);
		f->identity = NULL;
	}
}

void
fresh_files_read(struct fresh_files *f)
{
	struct error err = { .code = ERROR_NONE };

	if (f->was != NULL)
		read_identity(f);
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
