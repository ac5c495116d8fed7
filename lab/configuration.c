/* The lab as a fleet: FOLDER/config.yaml (CONTRACT section 5), with everything that a mend, a renewal and a roll-over need. */
#include <cJSON.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/lab_internal.h"
#include "lab/pki_files.h"
#include "model/memory.h"

/*
 * A certificate that ends within 30 days is remarked on (--expires-within), so that one of today's is good for longer; the
 * roles' own are good for 97.
 */
enum { BEFORE_DAYS = 10, VALIDITY_DAYS = 90, CA_NAME_MAX = 200 };

/* KEY: "VALUE", and nothing where there is no value. JSON's strings are YAML's. */
static void
add_key(struct buf *out, const char *before, const char *key, const char *value)
{
	cJSON *string;
	char *text;

	if (value == NULL)
		return;
	string = cJSON_CreateString(value);
	text = cJSON_PrintUnformatted(string);
	if (text != NULL)
		buf_addf(out, "%s%s: %s", before, key, text);
	cJSON_free(text);
	cJSON_Delete(string);
}

static void
add_accounts(struct buf *out, const struct lab *lab)
{
	buf_adds(out, "aws:\n  - {name: lab");
	add_key(out, ", ", "region", CLOUD_REGION);
	add_key(out, ", ", "endpoint_url", cloud_url(lab->cloud));
	buf_adds(out, "}\n");
}

/* Most endpoints share one. */
static bool
named_before(const struct lab *lab, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (lab->endpoints[i].identity != NULL && strcmp(lab->endpoints[i].identity, lab->endpoints[index].identity) == 0)
			return true;
	return false;
}

static void
add_identities(struct buf *out, const struct lab *lab)
{
	buf_adds(out, "identities:\n");
	for (size_t i = 0; i < lab->len; i++) {
		const struct endpoint *e = &lab->endpoints[i];

		if (e->identity == NULL || named_before(lab, i))
			continue;
		add_key(out, "  - {", "name", e->identity);
		add_key(out, ", ", "cert", e->cert);
		add_key(out, ", ", "key", e->key);
		add_key(out, ", ", "trust", e->cacert);
		buf_adds(out, "}\n");
	}
}

static void
add_target(struct buf *out, const struct endpoint *e)
{
	const char *begins = starttls_name(e->story->starttls);
	char target[192];

	snprintf(target, sizeof target, "%s%s%s", begins != NULL ? begins : "", begins != NULL ? "://" : "", e->address);
	add_key(out, "    ", "target", target);
	buf_addc(out, '\n');
}

/* The other way to the service, where its story is that there is one. */
static const char *
bypass_of(const struct endpoint *e)
{
	for (size_t i = 0; i + 1 < STORY_ARGS && e->args[i] != NULL; i++)
		if (strcmp(e->args[i], "--bypass") == 0)
			return e->args[i + 1];
	return NULL;
}

/* What the service itself reads, who renews it and where that goes. */
static void
add_served(struct buf *out, const struct served *s, const char *issuer)
{
	if (s->name == NULL)
		return;
	add_key(out, "    serves: {", "cert", s->path[SERVED_CERT]);
	add_key(out, ", ", "key", s->path[SERVED_KEY]);
	add_key(out, ", ", "trust", s->path[SERVED_TRUST]);
	add_key(out, ", ", "upstreams", s->upstreams);
	add_key(out, "}\n    renew: {aws: lab, ", "ca", issuer);
	buf_addf(out, ", before_days: %d, validity_days: %d, new_key: true}\n    install: {files: serves}\n", BEFORE_DAYS, VALIDITY_DAYS);
}

static void
add_entry(struct buf *out, const struct endpoint *e, const char *issuer)
{
	static const char line[] = "\n    ";

	add_key(out, "  - ", "name", e->story->name);
	buf_addc(out, '\n');
	add_target(out, e);
	buf_adds(out, "    ");
	add_key(out, "", "group", e->group);
	add_key(out, line, "identity", e->identity);
	add_key(out, line, "servername", e->servername);
	add_key(out, line, "trust", e->cacert);
	add_key(out, line, "bypass", bypass_of(e));
	buf_addc(out, '\n');
	add_served(out, &e->server.served, issuer);
}

status
lab_write_configuration(struct lab *lab, struct error *err)
{
	struct buf out = { 0 };
	char path[PATH_MAX], issuer[CA_NAME_MAX];
	bool ok = snprintf(path, sizeof path, "%s/config.yaml", lab->folder.path) < (int)sizeof path;

	variety_words(&lab->variety, "{org} Issuing CA 1", issuer, sizeof issuer);
	buf_adds(&out, "# The practice lab, as it runs: written anew at each of its starts.\n");
	add_accounts(&out, lab);
	add_identities(&out, lab);
	buf_adds(&out, "fleet:\n");
	for (size_t i = 0; i < lab->len; i++)
		add_entry(&out, &lab->endpoints[i], issuer);
	errno = ENAMETOOLONG;
	ok = ok && pki_write_bytes(path, out.data, out.len, 0600);
	buf_done(&out);
	if (!ok)
		return error_set(err, ERROR_LOCAL, "starting the lab", "The lab's config.yaml cannot be written: %s.", strerror(errno));
	lab->config = mem_strdup(path);
	return STATUS_OK;
}
