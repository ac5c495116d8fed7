#include "lab/services.h"

#include <stdio.h>
#include <stdlib.h>

#include "model/memory.h"

static void
name_it(struct service_names *n, unsigned number)
{
	snprintf(n->name, sizeof n->name, "service-%02u", number);
	snprintf(n->host, sizeof n->host, "service-%02u.internal", number);
	snprintf(n->dns, sizeof n->dns, "DNS:service-%02u.internal", number);
	n->san[0] = n->dns;
	n->san[1] = "IP:127.0.0.1";
}

void
services_make(struct services *s, unsigned len)
{
	*s = (struct services){ .names = mem_zero(len + 1, sizeof *s->names), .recipes = mem_zero(len + 1, sizeof *s->recipes),
		.stories = mem_zero(len + 1, sizeof *s->stories) };
	for (unsigned i = 0; i < len; i++) {
		struct service_names *n = &s->names[i];
		bool calls = i % 2 == 0; /* the odd numbers */

		name_it(n, i + 1);
		/* P-256, whatever the seed: hundreds of keys are made at once. */
		s->recipes[i] = (struct recipe){ .name = n->name, .issuer = "issuing", .role = ROLE_SERVER, .fixed_key = true,
			.r = { .cn = n->host, .san = n->san, .eku = calls ? "serverAuth,clientAuth" : NULL, .key_type = PKI_P256 } };
		s->stories[i] = (struct story){ .name = n->name, .host = n->host, .server = { .leaf = n->name }, .http_status = 200, .calls = calls,
			.story = calls ? "Nothing is wrong; a service that is a client of others as well." : "Nothing is wrong; a service." };
	}
	s->table = (struct story_table){ .title = "services", .stories = s->stories, .len = len };
}

void
services_done(struct services *s)
{
	free(s->names);
	free(s->recipes);
	free(s->stories);
	*s = (struct services){ .names = NULL };
}
