/* --services N: healthy services, alike but for their names, for what is done to a whole fleet (a root's roll-over). */
#ifndef LAB_SERVICES_H
#define LAB_SERVICES_H

#include "lab/authority.h"
#include "lab/story.h"

enum { SERVICES_MOST = 200, SERVICE_NAME_MOST = 40 };

struct service_names {
	char name[SERVICE_NAME_MOST]; /* "service-01" */
	char host[SERVICE_NAME_MOST]; /* "service-01.internal" */
	char dns[SERVICE_NAME_MOST];  /* "DNS:service-01.internal" */
	const char *san[3];
};

/* Each has a certificate of its own from the issuing CA; every other one, from the first, calls others as well. */
struct services {
	struct service_names *names;
	struct recipe *recipes;   /* for authority_add() */
	struct story *stories;
	struct story_table table;
};

void services_make(struct services *s, unsigned len); /* SERVICES_MOST at most */
void services_done(struct services *s);               /* once authority and endpoints are gone; a zeroed one is legal */

#endif
