/*
 * A certificate into ACM, under the ARN that is there: {"arn", "as", "new_key", "key_file"}. before: {"certificate", "chain"}: what ACM had.
 *
 * import-acm: the old one's private key lies in key_file, so the old one can be imported again. Where a later step of the plan writes over that
 * file, it is back before this one is undone. new_key false: it is the new one's key too.
 * import-acm-for-good: nobody here has the old key, and ACM never gives one out; there is no way back.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/acm.h"
#include "fixes/acm_key.h"
#include "fixes/deeds.h"
#include "fixes/stored_change.h"
#include "model/input.h"
#include "model/objects.h"
#include "model/pem_blocks.h"

#define END_CERTIFICATE "-----END CERTIFICATE-----\n"
enum { KEY_FILE_MOST = 16 << 20 };

/* ---- the key ---- */

static bool
belongs(const struct buf *key, const char *certificate)
{
	struct read_options how = { .ask = NULL };
	struct objects k = { .len = 0 }, c = { .len = 0 };
	struct error unimportant = { .code = ERROR_NONE };
	bool fits = false;

	if (key->len > 0 && objects_parse((const unsigned char *)key->data, key->len, "key", &how, &k, &unimportant) == STATUS_OK &&
	    objects_parse((const unsigned char *)certificate, strlen(certificate), "certificate", &how, &c, &unimportant) == STATUS_OK && c.len > 0 &&
	    c.items[0].kind == OBJECT_CERT) {
		for (size_t i = 0; i < k.len; i++)
			fits = fits || (k.items[i].kind == OBJECT_KEY && key_matches(k.items[i].key, c.items[0].cert));
	}
	objects_done(&k);
	objects_done(&c);
	return fits;
}

bool
acm_key_at_hand(const char *file, const char *certificate, struct buf *out)
{
	struct error unimportant = { .code = ERROR_NONE };
	struct input in = { .bytes = NULL };
	struct buf key = { 0 };
	bool fits;

	if (file == NULL || input_read(file, KEY_FILE_MOST, &in, &unimportant) != STATUS_OK)
		return false;
	(void)pem_blocks_copy((const char *)in.bytes, in.len, PEM_PRIVATE_KEYS, &key);
	input_free(&in);
	fits = belongs(&key, certificate);
	if (fits && out != NULL)
		buf_add(out, key.data, key.len);
	stored_clear(&key);
	return fits;
}

/* ---- the deeds ---- */

static const char *
value(struct plan *p, const struct plan_step *s, const char *what)
{
	return plan_value(p, plan_text(p, "%s.%s", step_arg(s, "as"), what));
}

/* The leaf and what follows it, of the plan's full chain. */
static status
new_parts(struct plan *p, const struct plan_step *s, const char **leaf, const char **chain, struct error *err)
{
	const char *whole = value(p, s, "fullchain"), *end = whole != NULL ? strstr(whole, END_CERTIFICATE) : NULL;

	if (end == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "there is no certificate to import");
	end += strlen(END_CERTIFICATE);
	*leaf = plan_text(p, "%.*s", (int)(end - whole), whole);
	*chain = end;
	return STATUS_OK;
}

static status
look(struct plan *p, struct plan_step *s, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	const char *certificate, *chain;

	if (acm_get(p->place.client, step_arg(s, "arn"), p->arena, &certificate, &chain, &why) != STATUS_OK)
		return plan_failed(p, &why, "look at the certificate in ACM", err);
	cJSON_AddStringToObject(s->before, "certificate", certificate);
	cJSON_AddStringToObject(s->before, "chain", chain);
	return STATUS_OK;
}

/* The key of what ACM has, or had: *out is the caller's to clear. */
static status
old_key(struct plan *p, const struct plan_step *s, struct buf *out, struct error *err)
{
	if (acm_key_at_hand(step_arg(s, "key_file"), step_before(s, "certificate"), out))
		return STATUS_OK;
	return error_set(err, ERROR_NOT_DONE, "installing", "%s: the private key of what ACM had before was expected in it", plan_shown(p, step_arg(s, "key_file")));
}

/* Without it there is no way back, and the plan said that there is one. */
static status
look_for_key_too(struct plan *p, struct plan_step *s, struct error *err)
{
	struct buf key = { 0 };
	status result = look(p, s, err);

	if (result == STATUS_OK)
		result = old_key(p, s, &key, err);
	stored_clear(&key);
	return result;
}

/* Line ends apart: ACM gives PEM back as it likes. */
static bool
same_pem(const char *a, const char *b)
{
	for (;;) {
		a += strspn(a, " \t\r\n");
		b += strspn(b, " \t\r\n");
		if (*a != *b)
			return false;
		if (*a == '\0')
			return true;
		a++;
		b++;
	}
}

static status
import(struct plan *p, struct plan_step *s, const char *certificate, const char *chain, const struct buf *key, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	const char *arn;

	if (acm_import(p->place.client, &(struct acm_import){ .arn = step_arg(s, "arn"), .certificate = certificate, .chain = chain, .key = key->data, .key_len = key->len },
	        p->arena, &arn, &why) != STATUS_OK)
		return plan_change_failed(p, s, &why, "import the certificate into ACM", err);
	return STATUS_OK;
}

static status
new_key(struct plan *p, const struct plan_step *s, struct buf *out, struct error *err)
{
	struct input in = { .bytes = NULL };

	if (input_read(plan_private(p, plan_text(p, "%s.key", step_arg(s, "as"))), KEY_FILE_MOST, &in, err) != STATUS_OK)
		return STATUS_FAILED;
	buf_add(out, in.bytes, in.len);
	input_free(&in);
	return STATUS_OK;
}

static status
changed_since(struct plan *p, const struct plan_step *s, struct error *err)
{
	return error_set(err, ERROR_NOT_DONE, "installing", "what ACM has as %s has been changed by somebody else since the plan looked at it; it stays as it is", plan_shown(p, step_arg(s, "arn")));
}

static status
now(struct plan *p, const struct plan_step *s, const char **certificate, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	const char *chain;

	if (acm_get(p->place.client, step_arg(s, "arn"), p->arena, certificate, &chain, &why) != STATUS_OK)
		return plan_failed(p, &why, "look at the certificate in ACM", err);
	return STATUS_OK;
}

static status
import_and_see(struct plan *p, struct plan_step *s, const char *leaf, const char *chain, struct error *err)
{
	struct buf key = { 0 };
	status result = step_arg_true(s, "new_key") ? new_key(p, s, &key, err) : old_key(p, s, &key, err);
	const char *there;

	if (result == STATUS_OK)
		result = import(p, s, leaf, chain, &key, err);
	stored_clear(&key);
	if (result != STATUS_OK || now(p, s, &there, err) != STATUS_OK)
		return STATUS_FAILED;
	return same_pem(there, leaf) ? STATUS_OK : error_set(err, ERROR_NOT_DONE, "installing", "ACM took the certificate, and gives another one: look at %s", plan_shown(p, step_arg(s, "arn")));
}

/* A chain that is put right has the old leaf: then it is imported once more, which is the same. */
static status
import_new(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *leaf, *chain, *there;

	if (new_parts(p, s, &leaf, &chain, err) != STATUS_OK || now(p, s, &there, err) != STATUS_OK)
		return STATUS_FAILED;
	if (same_pem(there, leaf) && !same_pem(leaf, step_before(s, "certificate")))
		return STATUS_OK; /* of a run that was cut off after AWS's answer */
	if (!same_pem(there, step_before(s, "certificate")))
		return changed_since(p, s, err);
	return import_and_see(p, s, leaf, chain, err);
}

static status
import_old(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *was = step_before(s, "certificate"), *leaf, *chain, *there;
	struct error unimportant = { .code = ERROR_NONE };
	bool known = new_parts(p, s, &leaf, &chain, &unimportant) == STATUS_OK;
	struct buf key = { 0 };
	status result;

	if (now(p, s, &there, err) != STATUS_OK)
		return STATUS_FAILED;
	if (same_pem(there, was) && (!known || !same_pem(leaf, was)))
		return STATUS_OK; /* it never came to it, or it is back already */
	if (!known || !same_pem(there, leaf))
		return changed_since(p, s, err);
	result = old_key(p, s, &key, err);
	if (result == STATUS_OK)
		result = import(p, s, was, step_before(s, "chain"), &key, err);
	stored_clear(&key);
	return result;
}

const struct deed deed_import_acm = {
	.name = "import-acm",
	.look = look_for_key_too,
	.apply = import_new,
	.undo = import_old,
	.aws = true,
	.back_on_failure = true,
};

const struct deed deed_import_acm_for_good = {
	.name = "import-acm-for-good",
	.look = look,
	.apply = import_new,
	.aws = true,
};
