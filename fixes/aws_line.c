#include "fixes/aws_line.h"

#include "model/quote.h"

static void
next_line(struct aws_line *l)
{
	buf_adds(&l->text, " \\\n    ");
}

void
aws_line_begin(struct aws_line *l, const struct plan_place *place, const char *variable, const char *operation)
{
	const char *profile = aws_client_profile(place->client);

	*l = (struct aws_line){ .in_variable = variable != NULL };
	if (variable != NULL)
		buf_addf(&l->text, "%s=$(", variable);
	buf_adds(&l->text, "aws ");
	if (profile != NULL) {
		buf_adds(&l->text, "--profile ");
		shell_quote(&l->text, profile);
		buf_addc(&l->text, ' ');
	}
	buf_adds(&l->text, "--region ");
	shell_quote(&l->text, aws_client_region(place->client));
	if (place->endpoint_url != NULL) {
		buf_adds(&l->text, " --endpoint-url ");
		shell_quote(&l->text, place->endpoint_url);
	}
	buf_addc(&l->text, ' ');
	buf_adds(&l->text, operation);
}

void
aws_line_option(struct aws_line *l, const char *option, const char *value)
{
	next_line(l);
	buf_adds(&l->text, option);
	if (value == NULL)
		return;
	buf_addc(&l->text, ' ');
	shell_quote(&l->text, value);
}

void
aws_line_raw(struct aws_line *l, const char *option, const char *value)
{
	next_line(l);
	buf_addf(&l->text, "%s %s", option, value);
}

void
aws_line_query(struct aws_line *l, const char *what)
{
	next_line(l);
	buf_addf(&l->text, "--query %s --output text", what);
}

const char *
aws_line_end(struct aws_line *l, struct plan *p, const char *file)
{
	const char *out;

	if (l->in_variable)
		buf_addc(&l->text, ')');
	if (file != NULL) {
		buf_adds(&l->text, " >");
		shell_quote(&l->text, file);
	}
	out = arena_strdup(p->arena, buf_str(&l->text));
	buf_done(&l->text);
	return out;
}
