#include "lab/endpoint.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lab/pki_files.h"
#include "model/buf.h"
#include "model/memory.h"

static status
cannot_write(struct error *err)
{
	return error_set(err, ERROR_LOCAL, "starting the lab", "A file of the lab cannot be written: %s.", strerror(errno));
}

static char *
path_in(const char *folder, const char *name, const char *suffix)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/%s%s", folder, name, suffix) >= (int)sizeof path)
		path[0] = '\0'; /* opening it fails, and says so */
	return mem_strdup(path);
}

/* The right identity is everybody's; an odd one has a folder that is called as its endpoint. */
static bool
usual_identity(const struct story *s)
{
	return s->client.leaf == NULL && s->client.form == CHAIN_FULL && s->client_key == NULL && s->key_mode == 0;
}

static status
write_identity(struct endpoint *e, struct files *files, const char *folder, struct error *err)
{
	const struct story *s = e->story;
	const struct pki_cert *chain[CHAIN_MAX];
	size_t len = authority_chain(files->authority, s->client.leaf != NULL ? s->client.leaf : "client", s->client.form,
	    s->client.extra, chain);
	EVP_PKEY *key = s->client_key != NULL ? authority_cert(files->authority, s->client_key)->key : chain[0]->key;
	char *old = path_in(folder, files->variety->client, "-old.key");
	bool ok = pki_write_certs(e->cert, chain, len) && pki_write_key(e->key, key, NULL);

	if (ok && s->key_mode != 0)
		ok = chmod(e->key, s->key_mode) == 0;
	/* The right key lies beside the wrong one, as after a renewal that was half done. */
	if (ok && s->client_key != NULL)
		ok = pki_write_key(old, chain[0]->key, NULL);
	free(old);
	return ok ? STATUS_OK : cannot_write(err);
}

static status
identity_files(struct endpoint *e, struct files *files, struct error *err)
{
	bool usual = usual_identity(e->story);
	char *folder = path_in(files->folder->path, usual ? "identity" : e->story->name, "");
	status result = STATUS_OK;

	e->identity = usual ? files->variety->client : e->story->name;
	e->cert = path_in(folder, files->variety->client, ".crt");
	e->key = path_in(folder, files->variety->client, ".key");
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		result = cannot_write(err);
	else if (!usual || !files->identity_written)
		result = write_identity(e, files, folder, err);
	if (usual)
		files->identity_written = true;
	free(folder);
	return result;
}

static status
anchors_file(struct endpoint *e, struct files *files, struct error *err)
{
	const struct pki_cert *anchors[STORY_LIST + 1] = { authority_cert(files->authority, "root") };
	char name[128] = "root";
	size_t len = 1;

	for (size_t i = 0; i < STORY_LIST && e->story->cacert[i] != NULL; i++) {
		size_t used = strlen(name);
		snprintf(name + used, sizeof name - used, "+%s", e->story->cacert[i]);
		anchors[len++] = authority_cert(files->authority, e->story->cacert[i]);
	}
	e->cacert = path_in(files->folder->path, name, ".pem");
	return pki_write_certs(e->cacert, anchors, len) ? STATUS_OK : cannot_write(err);
}

void
endpoint_args(struct endpoint *e)
{
	char port[8];

	snprintf(port, sizeof port, "%u", e->server.port);
	for (size_t i = 0; i < STORY_ARGS && e->story->args[i] != NULL; i++) {
		const char *at = e->story->args[i], *hole;
		struct buf b = { 0 };

		while ((hole = strchr(at, '{')) != NULL) {
			bool is_port = strncmp(hole, "{port}", 6) == 0;

			buf_add(&b, at, (size_t)(hole - at));
			buf_adds(&b, is_port ? port : TWIN_ADDRESS);
			at = hole + 6; /* "{twin}" is as long */
		}
		buf_adds(&b, at);
		e->args[i] = mem_strdup(buf_str(&b));
		buf_done(&b);
	}
}

status
endpoint_files(struct endpoint *e, struct files *files, struct error *err)
{
	if (!e->story->no_identity && identity_files(e, files, err) != STATUS_OK)
		return STATUS_FAILED;
	if (served_by(e->story) && served_start(&e->server.served, e->story, files->folder, files->authority, err) != STATUS_OK)
		return STATUS_FAILED;
	return anchors_file(e, files, err);
}

void
endpoint_done(struct endpoint *e)
{
	server_done(&e->server);
	for (size_t i = 0; i < STORY_ARGS; i++)
		free(e->args[i]);
	free(e->address);
	free(e->cert);
	free(e->key);
	free(e->cacert);
}
