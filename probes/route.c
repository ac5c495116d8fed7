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

void
route_find(const struct target *t, const struct examine_options *opt, struct route *out)
{
	*out = (struct route){ .host = t->host, .port = t->port };
	if (t->unix_path != NULL) {
		out->list = mem_zero(1, sizeof *out->list);
		out->len = 1;
		if (!address_from_path(t->unix_path, out->list))
			out->problem = "the socket's path is longer than the system allows";
		return;
	}
	for (size_t i = 0; i < opt->redirects_len; i++) {
		const struct redirect *r = &opt->redirects[i];

		if (r->addresses != NULL || !matches(r, out->host, out->port))
			continue;
		if (r->to_host != NULL && r->to_host[0] != '\0')
			out->host = r->to_host;
		if (r->to_port != 0)
			out->port = r->to_port;
		break;
	}
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
}

void
route_done(struct route *r)
{
	free(r->list);
	r->list = NULL;
}
