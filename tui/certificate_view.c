/* One certificate, whole: every field and its PEM. */
#include "model/json.h"
#include "model/page.h"
#include "tui/certificate.h"
#include "tui/console.h"

struct certificate_screen {
	struct view v;
	struct document doc;
	const struct cert *cert; /* a reference is held: the endpoint below may be checked again meanwhile */
	int64_t minute;          /* of the wall clock that it was composed for */
};

static void
open(struct view *v, const void *argument)
{
	struct certificate_screen *s = (struct certificate_screen *)v;

	s->cert = cert_ref(argument);
	document_start(&s->doc);
	v->body = &s->doc.body;
	v->cert = s->cert;
}

static void
close(struct view *v)
{
	struct certificate_screen *s = (struct certificate_screen *)v;

	document_done(&s->doc);
	cert_free(s->cert);
}

static const char *
crumb(struct view *v, char *out, size_t size)
{
	(void)out;
	(void)size;
	return cert_label(v->cert);
}

static void
refresh(struct view *v, int columns)
{
	struct certificate_screen *s = (struct certificate_screen *)v;
	struct tab_place at = { .columns = columns, .now = console_now_ms(v->console) / 1000 };

	/* It changes with the width, and with the days that are left. */
	if (s->doc.columns == columns && s->minute == at.now / 60)
		return;
	s->minute = at.now / 60;
	compose_certificate(&s->doc, s->cert, &at);
}

static void
json(struct view *v, struct buf *out)
{
	json_certificate(v->cert, out);
}

const struct view_ops certificate_view = {
	.name = "certificate",
	.scope = SCOPE_CERTIFICATE,
	.size = sizeof(struct certificate_screen),
	.open = open,
	.close = close,
	.crumb = crumb,
	.refresh = refresh,
	.json = json,
};
