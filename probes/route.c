#include "probes/route.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/limits.h"
#include "model/memory.h"

static bool
matches(const struct redirect *r, const char *host, uint16_t port)
{
	bool any_host = r->host == NULL || r->host[0] == '\0' || strcmp(r->host, "*") == 0;

	return (any_host || strcasecmp(r->host, host) == 0) && (r->port == 0 || r->port == port);
}

static bool
family_wanted(const struct address *a, int family)
{
	return family == 0 || a->sa.sa_family == (family == 4 ? AF_INET : AF_INET6);
}

/* --resolve: the addresses in the user's order, as curl tries them. */
static void
given_addresses(const struct redirect *r, int family, struct route *out)
{
	out->list = mem_zero(LIMIT_ADDRESSES, sizeof *out->list);
	for (char **a = r->addresses; *a != NULL && out->len < LIMIT_ADDRESSES; a++)
		if (address_from_literal(*a, out->port, &out->list[out->len]) && family_wanted(&out->list[out->len], family))
			out->len++;
	if (out->len == 0)
		out->problem = "--resolve gives no address of the wanted family";
}

/* --connect-to, as curl has it: before a proxy is told where to. */
static void
redirect(const struct examine_options *opt, struct route *out)
{
	for (size_t i = 0; i < opt->redirects_len; i++) {
		const struct redirect *r = &opt->redirects[i];

		if (r->addresses != NULL || !matches(r, out->host, out->port))
			continue;
		if (r->to_host != NULL && r->to_host[0] != '\0')
			out->host = r->to_host;
		if (r->to_port != 0)
			out->port = r->to_port;
		return;
	}
}

static const struct proxy *
proxy_for(const struct target *t, const struct examine_options *opt)
{
	const struct proxy *p = t->http ? opt->proxy : opt->other_proxy;

	return p != NULL && p->kind != PROXY_NONE && !proxy_bypassed(opt->no_proxy, t->host, t->port) ? p : NULL;
}

bool
route_through_ssh(const struct examine_options *opt)
{
	return (opt->proxy != NULL && opt->proxy->kind == PROXY_SSH) || (opt->other_proxy != NULL && opt->other_proxy->kind == PROXY_SSH);
}

/* The first address that --resolve gives for it, in place of a name that we would have to ask for. */
static const char *
given_goal(const struct examine_options *opt, const char *host, uint16_t port)
{
	for (size_t i = 0; i < opt->redirects_len; i++)
		if (opt->redirects[i].addresses != NULL && matches(&opt->redirects[i], host, port))
			return opt->redirects[i].addresses[0];
	return NULL;
}

/* The way leads to the proxy; what was its end is what the proxy is told. */
static void
through_proxy(const struct proxy *p, const struct examine_options *opt, struct route *out)
{
	struct address literal;
	const char *given;

	out->proxy = p;
	out->goal = out->host;
	out->goal_port = out->port;
	if (p->kind == PROXY_SOCKS5 && (given = given_goal(opt, out->goal, out->goal_port)) != NULL)
		out->goal = given;
	out->goal_unresolved = p->kind == PROXY_SOCKS5 && !address_from_literal(out->goal, 0, &literal);
	out->host = p->host;
	out->port = p->port;
}

/* An address that is bound to an interface: is that there? Else the kernel would ignore it, or call the whole invalid. */
static const char *
zone_problem(const char *host, const struct address *a)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&a->any;

	if (a->sa.sa_family != AF_INET6 || v6->sin6_scope_id != 0)
		return NULL;
	if (strchr(host, '%') != NULL)
		return "this machine has no interface of the name behind “%”";
	return IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr) ? "an address of the local link needs its interface, as in [fe80::1%eth0]" : NULL;
}

void
route_find(const struct target *t, const struct examine_options *opt, struct route *out)
{
	const struct proxy *proxy;

	*out = (struct route){ .host = t->host, .port = t->port };
	if (t->unix_path != NULL) {
		out->list = mem_zero(1, sizeof *out->list);
		out->len = 1;
		if (!address_from_path(t->unix_path, out->list))
			out->problem = "the socket's path is longer than the system allows";
		return;
	}
	redirect(opt, out);
	if ((proxy = proxy_for(t, opt)) != NULL)
		through_proxy(proxy, opt, out);
	if (proxy != NULL && proxy->kind == PROXY_SSH)
		return;
	for (size_t i = 0; i < opt->redirects_len; i++) {
		const struct redirect *r = &opt->redirects[i];

		if (r->addresses == NULL || !matches(r, out->host, out->port))
			continue;
		given_addresses(r, opt->family, out);
		return;
	}
	out->list = mem_zero(1, sizeof *out->list);
	if (!address_from_literal(out->host, out->port, out->list)) {
		free(out->list);
		out->list = NULL;
		return;
	}
	out->len = 1;
	if (!family_wanted(out->list, opt->family))
		out->problem = opt->family == 4 ? "the address is not IPv4, and -4 was given" : "the address is not IPv6, and -6 was given";
	else
		out->problem = zone_problem(out->host, out->list);
}

void
route_done(struct route *r)
{
	free(r->list);
	r->list = NULL;
}
