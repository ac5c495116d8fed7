/* The step that puts a certificate into a secret, with its texts. The secret is read once before: what cannot be done is said while nothing is issued. */
#include <stdlib.h>
#include <string.h>

#include "aws/secretsmanager.h"
#include "fixes/install_parts.h"
#include "fixes/secret_state.h"

struct looked {
	const char *version;          /* that is current */
	struct stored_identity shape;
	bool binary;
};

static status
read_current(struct installing *i, const char *secret, struct looked *out, struct error *err)
{
	struct plan *p = i->plan;
	struct secret_value v = { .bytes = NULL };
	struct aws_error why = { .kind = AWS_FINE };
	const char *name = plan_text(p, "the secret %s", plan_shown(p, secret));
	status result = STATUS_OK;

	if (secret_get(p->place.client, secret, out->version, NULL, p->arena, &v, &why) != STATUS_OK)
		return plan_failed(p, &why, "read the secret", err);
	out->binary = v.binary;
	result = stored_read(v.bytes, v.len, name, &out->shape, err);
	if (result == STATUS_OK && i->w->new_key && !stored_has(&out->shape, STORED_KEY) && !stored_has(&out->shape, STORED_COMBINED))
		result = error_set(err, ERROR_USAGE, "installing", "%s has no private key in PEM that a new one could replace: add a member private_key, or keep the key", name);
	secret_forget(&v);
	return result;
}

static status
look(struct installing *i, const char *secret, struct looked *out, struct error *err)
{
	struct plan *p = i->plan;
	struct secret_about about;

	if (secret_state(p, secret, NULL, &about, err) != STATUS_OK)
		return STATUS_FAILED;
	out->version = secret_holder(&about, "AWSCURRENT");
	if (about.rotates)
		plan_note(p, "The secret %s is rotated by a function of its own (%s): its next rotation puts another certificate there.", plan_shown(p, secret),
		    plan_shown(p, about.rotation_lambda != NULL ? about.rotation_lambda : "managed by AWS"));
	return read_current(i, secret, out, err);
}

static const char *
command(struct installing *i, const char *secret, const struct looked *l, const char *token)
{
	const char *old = l->binary ? "secret.old.base64" : "secret.old";
	struct plan *p = i->plan;
	struct aws_line get, put, move, settle;

	aws_line_begin(&get, &p->place, NULL, "secretsmanager get-secret-value");
	aws_line_option(&get, "--secret-id", secret);
	aws_line_option(&get, "--version-id", l->version);
	aws_line_query(&get, l->binary ? "SecretBinary" : "SecretString");
	aws_line_begin(&put, &p->place, NULL, "secretsmanager put-secret-value");
	aws_line_option(&put, "--secret-id", secret);
	aws_line_option(&put, "--client-request-token", token);
	aws_line_raw(&put, l->binary ? "--secret-binary" : "--secret-string", l->binary ? "fileb://secret.new" : "file://secret.new");
	aws_line_raw(&put, "--version-stages", "AWSPENDING");
	aws_line_begin(&move, &p->place, NULL, "secretsmanager update-secret-version-stage");
	aws_line_option(&move, "--secret-id", secret);
	aws_line_raw(&move, "--version-stage", "AWSCURRENT");
	aws_line_option(&move, "--remove-from-version-id", l->version);
	aws_line_option(&move, "--move-to-version-id", token);
	aws_line_begin(&settle, &p->place, NULL, "secretsmanager update-secret-version-stage");
	aws_line_option(&settle, "--secret-id", secret);
	aws_line_raw(&settle, "--version-stage", "AWSPENDING");
	aws_line_option(&settle, "--remove-from-version-id", token);
	return plan_text(p, "umask 077\n%s\n%s\n%s\n%s\n%s", aws_line_end(&get, p, old),
	    install_edit_line(i, &l->shape, old, "secret.new"), aws_line_end(&put, p, NULL), aws_line_end(&move, p, NULL), aws_line_end(&settle, p, NULL));
}

static const char *
members(struct installing *i, const struct looked *l)
{
	struct buf b = { 0 };
	const char *out;

	stored_names(&l->shape, &b);
	out = plan_text(i->plan, "%s", buf_str(&b));
	buf_done(&b);
	return out;
}

static void
add_step(struct installing *i, const char *secret, const struct looked *l)
{
	struct plan *p = i->plan;
	cJSON *args = cJSON_CreateObject();
	const char *shown = plan_shown(p, secret);
	struct plan_step *s;

	cJSON_AddStringToObject(args, "secret", secret);
	cJSON_AddStringToObject(args, "as", i->w->as);
	cJSON_AddBoolToObject(args, "new_key", i->w->new_key);
	s = plan_add_deed(p, &deed_put_secret, args);
	s->token = plan_token(p);
	s->what = plan_text(p, "put it into the secret %s: pending, verified, then current", shown);
	s->reads = plan_text(p, "its current version, %s: %s", plan_shown(p, l->version), members(i, l));
	s->changes = plan_text(p, "a new version %s, AWSPENDING until it has been read back and verified; then AWSCURRENT moves to it. %s; what else is in it stays byte for byte", s->token,
	    i->w->new_key ? "The key is the new one" : "The key in it stays");
	s->call = "secretsmanager GetSecretValue, PutSecretValue, UpdateSecretVersionStage";
	s->command = command(i, secret, l, s->token);
	s->undo = plan_text(p, "AWSCURRENT moves back to %s, unless somebody has changed the secret since", plan_shown(p, l->version));
	if (l->shape.locked && i->w->new_key)
		plan_note(p, "The key in the secret %s is protected by a passphrase now; the new one is not, only by who may read the secret.", shown);
}

status
install_secret(struct installing *i, const char *secret, const char *aws, const char *reads, struct error *err)
{
	struct looked l = { .version = NULL };
	const char *thing = plan_text(i->plan, "the secret %s", plan_shown(i->plan, secret));
	status result = install_account(i, aws, thing, err);

	if (result == STATUS_OK)
		result = look(i, secret, &l, err);
	if (result == STATUS_OK) {
		add_step(i, secret, &l);
		install_reaches(i, plan_text(i->plan, "%s in %s", thing, plan_where(&i->plan->place, i->plan->arena)), reads);
	}
	stored_done(&l.shape);
	return result;
}
