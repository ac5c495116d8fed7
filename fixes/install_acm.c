/* The step that imports a certificate into ACM under the ARN that is there, with its texts. */
#include <stdlib.h>
#include <string.h>

#include "aws/acm.h"
#include "fixes/acm_key.h"
#include "fixes/install_parts.h"
#include "model/quote.h"

struct looked {
	struct acm_about about;
	bool can_go_back;
};

static status
look(struct installing *i, const char *arn, struct looked *out, struct error *err)
{
	struct plan *p = i->plan;
	struct aws_error why = { .kind = AWS_FINE };
	const char *certificate, *chain;

	if (acm_describe(p->place.client, arn, p->arena, &out->about, &why) != STATUS_OK || acm_get(p->place.client, arn, p->arena, &certificate, &chain, &why) != STATUS_OK)
		return plan_failed(p, &why, "look at the certificate in ACM", err);
	if (out->about.type == NULL || strcmp(out->about.type, "IMPORTED") != 0)
		return error_set(err, ERROR_USAGE, "installing", "ACM issued %s itself (%s), and renews it itself: nothing can be imported over it. aws acm renew-certificate asks it to", plan_shown(p, arn),
		    plan_shown(p, out->about.type != NULL ? out->about.type : "type not known"));
	out->can_go_back = acm_key_at_hand(i->key_at_hand, certificate, NULL);
	if (!i->w->new_key && !out->can_go_back)
		return error_set(err, ERROR_USAGE, "installing", "ACM never gives a private key out, and the key of %s is not in a file here%s%s: ask for a new key, or name the key's file as serves.key", plan_shown(p, arn),
		    i->key_at_hand != NULL ? ": not in " : "", i->key_at_hand != NULL ? plan_shown(p, i->key_at_hand) : "");
	return STATUS_OK;
}

static const char *
command(struct installing *i, const char *arn)
{
	struct plan *p = i->plan;
	const char *as = i->w->as, *key = i->w->new_key ? plan_text(p, "%s.key", as) : i->key_at_hand;
	struct aws_line l;

	aws_line_begin(&l, &p->place, NULL, "acm import-certificate");
	aws_line_option(&l, "--certificate-arn", arn);
	aws_line_raw(&l, "--certificate", plan_text(p, "fileb://%s-cert.pem", as));
	aws_line_raw(&l, "--certificate-chain", plan_text(p, "fileb://%s-chain.pem", as));
	aws_line_raw(&l, "--private-key", plan_word(p, plan_text(p, "fileb://%s", key)));
	return aws_line_end(&l, p, NULL);
}

static const char *
users(struct installing *i, const struct looked *l)
{
	struct plan *p = i->plan;

	if (l->about.in_use_by_len == 0)
		return "nothing uses it yet, ACM says";
	return plan_text(p, "%s%s uses it and has the new one within minutes", plan_shown(p, l->about.in_use_by[0]),
	    l->about.in_use_by_len > 1 ? plan_text(p, " and %zu more", l->about.in_use_by_len - 1) : "");
}

static void
add_step(struct installing *i, const char *arn, const struct looked *l)
{
	struct plan *p = i->plan;
	cJSON *args = cJSON_CreateObject();
	struct plan_step *s;

	cJSON_AddStringToObject(args, "arn", arn);
	cJSON_AddStringToObject(args, "as", i->w->as);
	cJSON_AddBoolToObject(args, "new_key", i->w->new_key);
	if (l->can_go_back)
		cJSON_AddStringToObject(args, "key_file", plan_path(p, i->key_at_hand));
	s = plan_add_deed(p, l->can_go_back ? &deed_import_acm : &deed_import_acm_for_good, args);
	s->what = "import it into ACM under the same ARN";
	s->reads = plan_text(p, "what ACM has as %s", plan_shown(p, arn));
	s->changes = plan_text(p, "the certificate behind that ARN: %s", users(i, l));
	s->call = "acm DescribeCertificate, GetCertificate, ImportCertificate";
	s->command = command(i, arn);
	if (l->can_go_back) {
		s->undo = plan_text(p, "the old certificate is imported again, with its key from %s as long as that has it", plan_shown(p, i->key_at_hand));
	} else {
		i->one_way = true;
		s->undo = "it cannot be undone: that needs the old private key, which ACM never gives out and which is in no file here";
		plan_note(p, "The import into ACM cannot be taken back: the old private key is not at hand, and ACM never gives one out.");
	}
	if (i->w->new_key && l->about.key_algorithm != NULL)
		plan_note(p, "ACM takes a new key there only of the old one's type and size, %s.", plan_shown(p, l->about.key_algorithm));
}

status
install_acm(struct installing *i, const char *arn, const char *aws, const char *reads, struct error *err)
{
	struct looked l = { .can_go_back = false };
	const char *thing = plan_text(i->plan, "the certificate %s", plan_shown(i->plan, arn));

	if (install_account(i, aws, thing, err) != STATUS_OK || look(i, arn, &l, err) != STATUS_OK)
		return STATUS_FAILED;
	add_step(i, arn, &l);
	install_reaches(i, plan_text(i->plan, "%s in ACM", thing), reads);
	return STATUS_OK;
}
