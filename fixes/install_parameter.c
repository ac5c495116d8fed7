/* The step that puts a certificate into a parameter of Parameter Store, with its texts. */
#include <stdlib.h>
#include <string.h>

#include "aws/ssm.h"
#include "fixes/install_parts.h"

enum { STANDARD_MOST = 4096 };

struct looked {
	struct parameter now;          /* without its value */
	struct parameter_about about;
	size_t bytes;
	struct stored_identity shape;
};

/* "/reports/tls:3" names one version for ever: a new one is not read by who asks for that. */
static bool
names_version(const char *name)
{
	const char *last = strrchr(name, ':');

	return last != NULL && strncmp(name, "arn:", 4) != 0;
}

static status
look(struct installing *i, const char *parameter, const char *thing, struct looked *out, struct error *err)
{
	struct plan *p = i->plan;
	struct aws_error why = { .kind = AWS_FINE };
	status result = STATUS_OK;

	if (names_version(parameter))
		return error_set(err, ERROR_USAGE, "installing", "%s names one version, which never changes: configure the parameter without it", thing);
	if (parameter_get(p->place.client, parameter, p->arena, &out->now, &why) != STATUS_OK ||
	    parameter_describe(p->place.client, out->now.name, p->arena, &out->about, &why) != STATUS_OK) {
		parameter_forget(&out->now);
		return plan_failed(p, &why, "look at the parameter", err);
	}
	out->bytes = strlen(out->now.value);
	result = stored_read(out->now.value, out->bytes, thing, &out->shape, err);
	if (result == STATUS_OK && i->w->new_key && !stored_has(&out->shape, STORED_KEY) && !stored_has(&out->shape, STORED_COMBINED))
		result = error_set(err, ERROR_USAGE, "installing", "%s has no private key in PEM that a new one could replace: add a member private_key, or keep the key", thing);
	parameter_forget(&out->now);
	return result;
}

static const char *
command(struct installing *i, const struct looked *l)
{
	struct plan *p = i->plan;
	struct aws_line get, put;

	aws_line_begin(&get, &p->place, NULL, "ssm get-parameter");
	aws_line_option(&get, "--name", plan_text(p, "%s:%lld", l->now.name, (long long)l->now.version));
	aws_line_option(&get, "--with-decryption", NULL);
	aws_line_query(&get, "Parameter.Value");
	aws_line_begin(&put, &p->place, NULL, "ssm put-parameter");
	aws_line_option(&put, "--name", l->now.name);
	aws_line_option(&put, "--type", l->now.type);
	if (l->about.kms_key != NULL && strcmp(l->now.type, "SecureString") == 0)
		aws_line_option(&put, "--key-id", l->about.kms_key);
	if (l->about.tier != NULL)
		aws_line_option(&put, "--tier", l->about.tier);
	aws_line_option(&put, "--overwrite", NULL);
	aws_line_raw(&put, "--value", "file://parameter.new");
	return plan_text(p, "umask 077\n%s\n%s\n%s", aws_line_end(&get, p, "parameter.old"), install_edit_line(i, &l->shape, "parameter.old", "parameter.new"),
	    aws_line_end(&put, p, NULL));
}

static void
add_step(struct installing *i, const char *parameter, const struct looked *l)
{
	struct plan *p = i->plan;
	cJSON *args = cJSON_CreateObject();
	const char *shown = plan_shown(p, parameter);
	bool advanced = l->about.tier != NULL && strcmp(l->about.tier, "Advanced") == 0;
	struct plan_step *s;

	cJSON_AddStringToObject(args, "parameter", parameter);
	cJSON_AddStringToObject(args, "as", i->w->as);
	cJSON_AddBoolToObject(args, "new_key", i->w->new_key);
	s = plan_add_deed(p, &deed_put_parameter, args);
	s->what = plan_text(p, "put it into the parameter %s", shown);
	s->reads = plan_text(p, "its version %lld, %s, %zu bytes", (long long)l->now.version, plan_shown(p, l->now.type), l->bytes);
	s->changes = plan_text(p, "a new version; type, encryption key and tier stay. %s; what else is in it stays byte for byte", i->w->new_key ? "The key is the new one" : "The key in it stays");
	s->call = "ssm GetParameter, DescribeParameters, PutParameter";
	s->command = command(i, l);
	if (!advanced)
		s->cost = plan_text(p, "nothing up to %d bytes; above that the parameter becomes Advanced, 0.05 USD a month (list price, us-east-1, may differ), and stays so", STANDARD_MOST);
	s->undo = plan_text(p, "a further version with the value of version %lld, unless somebody has changed it since", (long long)l->now.version);
	if (l->shape.locked && i->w->new_key)
		plan_note(p, "The key in the parameter %s is protected by a passphrase now; the new one is not, only by who may read the parameter.", shown);
	if (strcmp(l->now.type, "SecureString") != 0)
		plan_note(p, "The parameter %s is no SecureString: its private key lies there in clear for everybody who may read parameters.", shown);
}

status
install_parameter(struct installing *i, const char *name, const char *aws, const char *reads, struct error *err)
{
	struct looked l = { .bytes = 0 };
	const char *thing = plan_text(i->plan, "the parameter %s", plan_shown(i->plan, name));
	status result = install_account(i, aws, thing, err);

	if (result == STATUS_OK)
		result = look(i, name, thing, &l, err);
	if (result == STATUS_OK) {
		add_step(i, name, &l);
		install_reaches(i, plan_text(i->plan, "%s in %s", thing, plan_where(&i->plan->place, i->plan->arena)), reads);
	}
	stored_done(&l.shape);
	return result;
}
