#include "cli/fix_paste.h"

#include <string.h>

#include "cli/exit_status.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "fixes/paste.h"
#include "model/json_parts.h"

status
fix_paste_check(const struct options *o, struct error *err)
{
	struct buf names = { 0 };

	if (o->paste == NULL || paste_named(o->paste) != NULL)
		return STATUS_OK;
	for (size_t i = 0; i < paste_stacks_len; i++)
		buf_addf(&names, "%s%s", i > 0 ? ", " : "", paste_stacks[i].name);
	(void)error_set(err, ERROR_USAGE, "options", "--paste %s: expected one of %s", printable(o->paste), buf_str(&names));
	buf_done(&names);
	return STATUS_FAILED;
}

/* Whose configuration: --purpose says it; else the side that the finding lies on. Ours, where there is none. */
static enum paste_side
side_of(const struct options *o, const struct fix_wish *w)
{
	if (o->purpose_given)
		return o->purpose == PURPOSE_SERVER ? PASTE_SERVER : PASTE_CLIENT;
	return w->finding != NULL && (w->finding->side == SIDE_SERVER || w->finding->side == SIDE_POLICY) ? PASTE_SERVER : PASTE_CLIENT;
}

/* So many CAs between the leaf and what is trusted: of our chain, that the server looks through; of the server's, that we do. 0: not known. */
static unsigned
depth_of(const struct fix_wish *w, enum paste_side side)
{
	const struct diagnosis *d = w->diagnosis;
	const struct handshake *h = evidence_baseline(d->evidence);
	unsigned cas = 0;

	if (side == PASTE_SERVER) {
		size_t most = d->completed_len > 1 ? d->completed_len : d->evidence->identity != NULL ? d->evidence->identity->len : 0;

		return most > 1 ? (unsigned)most - 1 : 0;
	}
	for (size_t i = 1; h != NULL && i < h->server_certs_len; i++)
		cas += h->server_certs[i].cert != NULL && !h->server_certs[i].cert->self_signed;
	return cas;
}

/* A name is none: what is printed stands for itself. */
static const char *
arn_or_null(const char *word)
{
	return word != NULL && strncmp(word, "arn:", 4) == 0 ? word : NULL;
}

/* What of AWS is named by options, the fleet entry or where our identity is kept. */
static void
add_arns(struct paste_case *c, const struct options *o, const struct fix_wish *w)
{
	const struct identity *us = w->diagnosis->evidence->identity;
	const struct config_identity *kept = w->config != NULL && us != NULL && us->name != NULL ? config_identity(w->config, us->name) : NULL;
	const struct config_install *to = c->side == PASTE_SERVER && w->entry != NULL ? &w->entry->install : NULL;

	c->ca_arn = arn_or_null(o->pca.ca != NULL ? o->pca.ca : w->entry != NULL ? w->entry->renew.ca : NULL);
	/* There is one, and it is not made anew, whatever its ARN is. */
	c->trust_store_arn = o->trust_store != NULL && arn_or_null(o->trust_store) == NULL ? "CHANGE-ME-TRUST-STORE-ARN" : o->trust_store;
	c->listener_arn = arn_or_null(o->listener);
	c->certificate_arn = to != NULL ? arn_or_null(to->acm) : NULL;
	c->secret_arn = arn_or_null(to != NULL ? to->secret : kept != NULL ? kept->secret : NULL);
	c->parameter_arn = to == NULL && kept != NULL ? arn_or_null(kept->parameter) : NULL;
}

static struct paste_case
case_of(const struct options *o, const struct fix_wish *w)
{
	const struct evidence *e = w->diagnosis->evidence;
	const struct config_entry *entry = w->entry;
	struct paste_case c = { .side = side_of(o, w), .name = target_name(&e->target), .port = e->target.port, .domain = o->domain };

	c.depth = depth_of(w, c.side);
	add_arns(&c, o, w);
	if (c.side == PASTE_SERVER && entry != NULL) {
		c.cert = entry->serves.cert;
		c.key = entry->serves.key;
		c.trust = entry->serves.trust;
	}
	if (c.side == PASTE_CLIENT) {
		c.cert = e->identity != NULL ? e->identity->cert_path : NULL;
		c.key = e->identity != NULL ? e->identity->key_path : NULL;
		c.trust = e->trust != NULL ? e->trust->file : NULL;
		c.address = e->target.host;
	}
	if (w->place.client != NULL) {
		c.partition = aws_client_partition(w->place.client);
		c.region = aws_client_region(w->place.client);
		c.account = w->place.account;
	}
	return c;
}

static void
print_json(const struct paste_stack *s, const struct paste *p, struct buf *out)
{
	cJSON *o = cJSON_CreateObject(), *parts;

	json_add_text(o, "schema", "mtlscope.paste/1");
	json_add_text(o, "stack", s->name);
	parts = json_add_list(o, "parts");
	for (size_t i = 0; i < p->len; i++) {
		cJSON *one = cJSON_CreateObject();

		json_add_text(one, "file", p->parts[i].file);
		/* Lines stay lines: it is there to be written into a file. */
		cJSON_AddStringToObject(one, "text", p->parts[i].text);
		cJSON_AddItemToArray(parts, one);
	}
	json_add_text(o, "remark", p->remark);
	json_print(o, out);
}

int
fix_paste_print(const struct options *o, const struct fix_wish *w)
{
	const struct paste_stack *s = paste_named(o->paste);
	struct paste_case c = case_of(o, w);
	struct error err = { .code = ERROR_NONE };
	struct arena *a = arena_new();
	struct buf out = { 0 };
	struct paste p = { .len = 0 };
	int result = EXIT_STATUS_DONE;

	if (paste_make(&c, s, a, &p, &err) != STATUS_OK) {
		result = complain_error(&err);
	} else if (o->json) {
		print_json(s, &p, &out);
	} else {
		buf_adds(&out, paste_text(&c, s, a, &err));
	}
	output_write(&out);
	buf_done(&out);
	arena_free(a);
	return output_status(result);
}
