/* How the lab tells what it runs: JSON for programs, a table for people. */
#include <cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "lab/lab_internal.h"
#include "model/text.h"

enum { COLUMNS = 80 };

static void
add_text(cJSON *object, const char *name, const char *value)
{
	if (value != NULL)
		cJSON_AddStringToObject(object, name, value);
	else
		cJSON_AddNullToObject(object, name);
}

/* The server's own files, and what they are for. */
static void
add_served(cJSON *o, const struct served *s)
{
	cJSON *files;

	if (s->name == NULL)
		return;
	files = cJSON_AddObjectToObject(o, "serves");
	add_text(files, "cert", s->path[SERVED_CERT]);
	add_text(files, "key", s->path[SERVED_KEY]);
	add_text(files, "trust", s->path[SERVED_TRUST]);
	if (s->upstreams != NULL)
		add_text(files, "upstreams", s->upstreams);
}

static cJSON *
endpoint_json(const struct endpoint *e)
{
	cJSON *o = cJSON_CreateObject();

	add_text(o, "name", e->story->name);
	add_text(o, "group", e->group);
	add_text(o, "address", e->address);
	add_text(o, "story", e->story->story);
	add_text(o, "expect", e->story->expect);
	cJSON_AddBoolToObject(o, "mendable", e->story->mendable);
	add_text(o, "cert", e->cert);
	add_text(o, "key", e->key);
	add_text(o, "cacert", e->cacert);
	add_served(o, &e->server.served);
	if (e->servername != NULL)
		add_text(o, "servername", e->servername);
	if (e->story->starttls != STARTTLS_NONE)
		add_text(o, "starttls", starttls_name(e->story->starttls));
	if (e->args[0] != NULL) {
		cJSON *args = cJSON_AddArrayToObject(o, "args");
		for (size_t i = 0; i < STORY_ARGS && e->args[i] != NULL; i++)
			cJSON_AddItemToArray(args, cJSON_CreateString(e->args[i]));
	}
	return o;
}

enum { VARIABLES = 7 };

/* What an AWS client must be told to speak to this lab, and to nobody else. */
static void
variables(const struct lab *lab, const char *out[VARIABLES][2])
{
	const char *all[VARIABLES][2] = { { "AWS_ENDPOINT_URL", cloud_url(lab->cloud) }, { "AWS_ACCESS_KEY_ID", cloud_access_key(lab->cloud) },
		{ "AWS_SECRET_ACCESS_KEY", cloud_secret(lab->cloud) }, { "AWS_REGION", CLOUD_REGION }, { "AWS_DEFAULT_REGION", CLOUD_REGION },
		{ "AWS_EC2_METADATA_DISABLED", "true" }, { "MTLSCOPE_LAB_BUCKET", CLOUD_BUCKET } };

	memcpy(out, all, sizeof all);
}

static void
add_environment(const struct lab *lab, cJSON *o)
{
	const char *list[VARIABLES][2];

	variables(lab, list);
	for (size_t i = 0; i < VARIABLES; i++)
		cJSON_AddStringToObject(o, list[i][0], list[i][1]);
}

void
lab_json(const struct lab *lab, struct buf *out)
{
	cJSON *root = cJSON_CreateObject(), *endpoints;
	char *text;

	add_environment(lab, cJSON_AddObjectToObject(root, "environment"));
	add_text(root, "folder", lab->folder.path);
	add_text(root, "config", lab->config);
	endpoints = cJSON_AddArrayToObject(root, "endpoints");
	for (size_t i = 0; i < lab->len; i++)
		cJSON_AddItemToArray(endpoints, endpoint_json(&lab->endpoints[i]));
	text = cJSON_PrintUnformatted(root);
	if (text != NULL)
		buf_adds(out, text);
	buf_addc(out, '\n');
	cJSON_free(text);
	cJSON_Delete(root);
}

/* A word as a shell takes it: quoted only where it must be. */
static void
add_word(struct buf *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:+,=@%";

	if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
		buf_adds(out, word);
		return;
	}
	buf_addc(out, '\'');
	for (; *word != '\0'; word++)
		if (*word == '\'')
			buf_adds(out, "'\\''");
		else
			buf_addc(out, *word);
	buf_addc(out, '\'');
}

static void
add_option(struct buf *out, const char *option, const char *value)
{
	if (value == NULL)
		return;
	buf_addf(out, " \\\n      %s ", option);
	add_word(out, value);
}

/* The whole command for one endpoint, ready to paste. */
static void
add_command(struct buf *out, const struct endpoint *e)
{
	buf_adds(out, "  mtlscope check ");
	add_word(out, e->address);
	add_option(out, "--servername", e->servername);
	add_option(out, "--starttls", starttls_name(e->story->starttls));
	add_option(out, "--cert", e->cert);
	add_option(out, "--key", e->key);
	add_option(out, "--cacert", e->cacert);
	for (size_t i = 0; i < STORY_ARGS && e->args[i] != NULL; i++) {
		buf_addc(out, ' ');
		add_word(out, e->args[i]);
	}
	buf_addc(out, '\n');
}

/* Words of `text` in lines of at most COLUMNS, each after `indent` spaces. */
static void
add_wrapped(struct buf *out, const char *text, int indent)
{
	int column = 0;

	while (*text != '\0') {
		int len = (int)strcspn(text, " ");
		if (column > 0 && column + 1 + len > COLUMNS) {
			buf_addc(out, '\n');
			column = 0;
		}
		if (column == 0) {
			buf_addf(out, "%*s", indent, "");
			column = indent;
		} else {
			buf_addc(out, ' ');
			column++;
		}
		buf_add(out, text, (size_t)len);
		column += len;
		text += len;
		text += strspn(text, " ");
	}
	buf_addc(out, '\n');
}

/* Two lines an endpoint: what it is called, where it is and what will be found; then what is the matter. */
static void
add_row(struct buf *out, const struct endpoint *e)
{
	buf_addf(out, "  %-28s %-15s %s\n", e->story->name, e->address, e->story->expect != NULL ? e->story->expect : "nothing");
	add_wrapped(out, e->story->story, 4);
}

/* The private CA, and lines that a shell can eval. */
static void
add_cloud(struct buf *out, const struct lab *lab)
{
	const char *list[VARIABLES][2];

	variables(lab, list);
	buf_adds(out, "\nPRIVATE CA: AWS's own protocol, with the CAs of these endpoints. Any AWS client\n"
	    "speaks to it (`aws acm-pca list-certificate-authorities`) with\n\n");
	for (size_t i = 0; i < VARIABLES; i++)
		buf_addf(out, "export %s=%s\n", list[i][0], list[i][1]);
	if (lab->certificates > 0)
		buf_addf(out, "\n%llu certificates of its issuing CA are rows only: each is signed when it is asked for.\n",
		    (unsigned long long)lab->certificates);
}

void
lab_table(const struct lab *lab, struct buf *out)
{
	const char *group = "";
	const struct endpoint *example = &lab->endpoints[0];

	buf_addf(out, "PRACTICE LAB: %zu endpoints on 127.0.0.1", lab->len);
	if (lab->variety.seed != 0)
		buf_addf(out, ", seed %llu", (unsigned long long)lab->variety.seed);
	buf_adds(out, "\nTheir files: ");
	text_safe(out, text_of(lab->folder.path), 0);
	buf_addf(out, "%s\nAs a fleet: mtlscope check --config ", lab->folder.temporary ? " (goes with the lab)" : "");
	text_safe(out, text_of(lab->config), 0);
	buf_addc(out, '\n');
	for (size_t i = 0; i < lab->len; i++) {
		const struct endpoint *e = &lab->endpoints[i];
		if (strcmp(group, e->group) != 0)
			buf_addf(out, "\n%s\n", e->group);
		group = e->group;
		add_row(out, e);
		if (strcmp(e->story->name, "client-missing-intermediate") == 0)
			example = e;
	}
	buf_addf(out, "\nThe last column is what `check` finds. Try “%s”:\n\n", example->story->name);
	add_command(out, example);
	add_cloud(out, lab);
	buf_adds(out, "\nCtrl-C ends the lab.\n");
}
