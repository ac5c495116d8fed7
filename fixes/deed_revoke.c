/* revoke: {"ca", "serial", "reason"}. There is no way back: AWS takes no revocation back, and a list that went out cannot be called in. */
#include "aws/pca.h"
#include "fixes/deeds.h"

static status
revoke(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *ca = step_arg(s, "ca"), *serial = step_arg(s, "serial"), *reason = step_arg(s, "reason");
	struct aws_error why = { .kind = AWS_FINE };

	if (ca == NULL || serial == NULL || reason == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "what is to be revoked is not known");
	if (pca_revoke_certificate(p->place.client, ca, serial, reason, &why) == STATUS_OK)
		return STATUS_OK;
	/* Done already, by an earlier try whose answer was lost or by somebody else: that is what was wanted. */
	if (why.kind == AWS_EXISTS) {
		if (!s->unsettled)
			plan_after(p, "AWS says that it was revoked already.");
		return STATUS_OK;
	}
	return plan_change_failed(p, s, &why, "revoke the certificate", err);
}

const struct deed deed_revoke = {
	.name = "revoke",
	.apply = revoke,
	.aws = true,
};
