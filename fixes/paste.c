#include "fixes/paste.h"

#include <string.h>

#include "fixes/paste_lines.h"
#include "model/buf.h"

enum { CLIENT = 1 << PASTE_CLIENT, SERVER = 1 << PASTE_SERVER, BOTH = CLIENT | SERVER };

const struct paste_stack paste_stacks[] = {
	{ .name = "nginx", .title = "nginx", .sides = BOTH, .make = paste_nginx },
	{ .name = "apache", .title = "Apache", .sides = BOTH, .make = paste_apache },
	{ .name = "haproxy", .title = "HAProxy", .sides = BOTH, .make = paste_haproxy },
	{ .name = "envoy", .title = "Envoy", .sides = BOTH, .make = paste_envoy },
	{ .name = "go", .title = "Go", .sides = BOTH, .make = paste_go },
	{ .name = "java", .title = "Java", .sides = BOTH, .make = paste_java },
	{ .name = "python", .title = "Python", .sides = BOTH, .make = paste_python },
	{ .name = "node", .title = "Node.js", .sides = BOTH, .make = paste_node },
	{ .name = "curl", .title = "curl", .sides = CLIENT, .other_side = "curl is a client.", .make = paste_curl },
	{ .name = "alb", .title = "Application Load Balancer", .sides = SERVER, .other_side = "A load balancer shows no certificate to its targets.", .make = paste_alb },
	{ .name = "apigateway", .title = "API Gateway", .sides = BOTH, .make = paste_apigateway },
	{ .name = "ecs", .title = "ECS task with Secrets Manager", .sides = BOTH, .make = paste_ecs },
	{ .name = "iam", .title = "least IAM policy for mtlscope", .sides = BOTH, .make = paste_iam },
};
const size_t paste_stacks_len = sizeof paste_stacks / sizeof paste_stacks[0];

const struct paste_stack *
paste_named(const char *name)
{
	for (size_t i = 0; i < paste_stacks_len; i++)
		if (strcmp(paste_stacks[i].name, name) == 0)
			return &paste_stacks[i];
	return NULL;
}

/* What has that TLS stack; of several, the one whose name its Server header bears comes first. */
static const char *const by_stack[STACK_COUNT][5] = {
	[STACK_OPENSSL] = { "apache", "haproxy", "envoy", "python" },
	[STACK_NGINX] = { "nginx" },
	[STACK_GO_OLD] = { "go" },
	[STACK_GO_NEW] = { "go" },
	[STACK_JAVA] = { "java" },
	[STACK_NODE] = { "node" },
	[STACK_S2N] = { "alb" },
	[STACK_API_GATEWAY] = { "apigateway" },
};

static bool
names_it(const struct stack_guess *g, const char *stack)
{
	static const struct {
		const char *header, *stack;
	} headers[] = { { "apache", "apache" }, { "haproxy", "haproxy" }, { "envoy", "envoy" }, { "basehttp/", "python" }, { "simplehttp/", "python" },
		{ "gunicorn", "python" }, { "uvicorn", "python" }, { "werkzeug/", "python" } };

	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
		if (strcmp(headers[i].stack, stack) == 0 && g->because != NULL && strcasestr(g->because, headers[i].header) != NULL)
			return true;
	return false;
}

size_t
paste_for(const struct stack_guess *g, const struct paste_stack **out, size_t most)
{
	const char *const *names = by_stack[g->stack];
	size_t len = 0;

	for (int named = 1; named >= 0; named--)
		for (size_t i = 0; names[i] != NULL && len < most; i++)
			if (names_it(g, names[i]) == (named == 1))
				out[len++] = paste_named(names[i]);
	return len;
}

status
paste_make(const struct paste_case *c, const struct paste_stack *s, struct arena *a, struct paste *out, struct error *err)
{
	*out = (struct paste){ .len = 0 };
	if ((s->sides & 1u << c->side) == 0)
		return error_set(err, ERROR_USAGE, "writing configuration", "%s has no side as a %s: %s", s->title, c->side == PASTE_CLIENT ? "client" : "server", s->other_side);
	return s->make(c, out, a, err);
}

const char *
paste_text(const struct paste_case *c, const struct paste_stack *s, struct arena *a, struct error *err)
{
	struct buf text = { 0 };
	struct paste p;
	const char *out;

	if (paste_make(c, s, a, &p, err) != STATUS_OK)
		return NULL;
	for (size_t i = 0; i < p.len; i++)
		buf_addf(&text, "%s==> %s <==\n%s", i > 0 ? "\n" : "", p.parts[i].file, p.parts[i].text);
	if (p.remark != NULL)
		buf_addf(&text, "\n%s\n", p.remark);
	out = arena_strdup(a, buf_str(&text));
	buf_done(&text);
	return out;
}
