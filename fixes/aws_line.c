#include "fixes/aws_line.h"

#include "model/quote.h"

static void
next_line(struct aws_line *l)
{
	buf_adds(&l->text, " \\\n    ");
}

static void
add_program(struct buf *out, const struct plan_place *place)
{
	const char *profile = aws_client_profile(place->client);

	buf_adds(out, "aws ");
	if (profile != NULL) {
		buf_adds(out, "--profile ");
		shell_quote(out, profile);
		buf_addc(out, ' ');
	}
	buf_adds(out, "--region ");
	shell_quote(out, aws_client_region(place->client));
	if (place->endpoint_url != NULL) {
		buf_adds(out, " --endpoint-url ");
		shell_quote(out, place->endpoint_url);
	}
}

const char *
aws_line_short(struct plan *p, const char *rest)
{
	struct buf b = { 0 };
	const char *out;

	add_program(&b, &p->place);
	buf_addf(&b, " %s", rest);
	out = arena_strdup(p->arena, b.data);
	buf_done(&b);
	return out;
}

const char *
own_line_account(struct plan *p)
{
	const struct plan_place *place = &p->place;
	const char *profile = place->client != NULL ? aws_client_profile(place->client) : place->profile;
	struct buf b = { 0 };
	const char *out;

	if (place->name != NULL)
		buf_addf(&b, " --aws %s", plan_word(p, place->name));
	else if (profile != NULL)
		buf_addf(&b, " --profile %s", plan_word(p, profile));
	if (place->name == NULL && place->endpoint_url != NULL)
		buf_addf(&b, " --endpoint-url %s", plan_word(p, place->endpoint_url));
	out = arena_strdup(p->arena, buf_str(&b));
	buf_done(&b);
	return out;
}

void
aws_line_begin(struct aws_line *l, const struct plan_place *place, const char *variable, const char *operation)
{
	*l = (struct aws_line){ .in_variable = variable != NULL };
	if (variable != NULL)
		buf_addf(&l->text, "%s=$(", variable);
	add_program(&l->text, place);
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
