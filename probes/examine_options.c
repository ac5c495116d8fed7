#include "probes/examine_options.h"

#include <stdlib.h>

#include "model/memory.h"

const struct examine_options examine_defaults = {
	.thresholds = { .expires_within = 30, .root_expires_within = 90, .clock_skew = 5 },
	.connect_timeout_ms = 5000,
	.max_time_ms = 30000,
};

static char *
copied(const char *s)
{
	return s != NULL ? mem_strdup(s) : NULL;
}

static const struct proxy *
copied_proxy(const struct proxy *p)
{
	struct proxy *copy = NULL;

	if (p != NULL) {
		copy = mem_zero(1, sizeof *copy);
		proxy_copy(copy, p);
	}
	return copy;
}

static void
free_proxy(const struct proxy *p)
{
	struct proxy *mine = (struct proxy *)p;

	if (mine != NULL)
		proxy_done(mine);
	free(mine);
}

void
examine_options_copy(struct examine_options *to, const struct examine_options *from)
{
	struct redirect *redirects = mem_zero(from->redirects_len + 1, sizeof *redirects);

	*to = *from;
	to->ciphers = copied(from->ciphers);
	to->alpn = copied(from->alpn);
	to->interface = copied(from->interface);
	to->keylog_file = copied(from->keylog_file);
	to->no_proxy = copied(from->no_proxy);
	to->proxy = copied_proxy(from->proxy);
	to->other_proxy = copied_proxy(from->other_proxy);
	for (size_t i = 0; i < from->redirects_len; i++) {
		const struct redirect *r = &from->redirects[i];
		size_t n = 0;

		redirects[i] = (struct redirect){
			.host = copied(r->host), .port = r->port, .to_host = copied(r->to_host), .to_port = r->to_port
		};
		while (r->addresses != NULL && r->addresses[n] != NULL)
			n++;
		if (r->addresses == NULL)
			continue;
		redirects[i].addresses = mem_zero(n + 1, sizeof *redirects[i].addresses);
		for (size_t a = 0; a < n; a++)
			redirects[i].addresses[a] = mem_strdup(r->addresses[a]);
	}
	to->redirects = redirects;
	if (to->connect_timeout_ms == 0)
		to->connect_timeout_ms = examine_defaults.connect_timeout_ms;
	if (to->max_time_ms == 0)
		to->max_time_ms = examine_defaults.max_time_ms;
}

void
examine_options_done(struct examine_options *opt)
{
	free((char *)opt->ciphers);
	free((char *)opt->alpn);
	free((char *)opt->interface);
	free((char *)opt->keylog_file);
	free((char *)opt->no_proxy);
	free_proxy(opt->proxy);
	free_proxy(opt->other_proxy);
	for (size_t i = 0; i < opt->redirects_len; i++) {
		const struct redirect *r = &opt->redirects[i];

		free(r->host);
		free(r->to_host);
		for (size_t a = 0; r->addresses != NULL && r->addresses[a] != NULL; a++)
			free(r->addresses[a]);
		free(r->addresses);
	}
	free((struct redirect *)opt->redirects);
}
