/* An endpoint of the running lab: its story, its server, and what a user passes to `check` for it. */
#ifndef LAB_ENDPOINT_H
#define LAB_ENDPOINT_H

#include "lab/folder.h"
#include "lab/server.h"
#include "lab/story.h"
#include "model/error.h"

struct endpoint {
	const struct story *story;
	const char *group;       /* the table's title */
	struct server server;
	char *address;           /* HOST:PORT */
	const char *identity;    /* what the configuration calls these; NULL: none */
	char *cert, *key;        /* files, or NULL: no identity */
	char *cacert;
	const char *servername;  /* or NULL */
	char *args[STORY_ARGS];  /* further options of `check`; NULL ends them */
};

/* Where the files go and what they are made of. */
struct files {
	const struct folder *folder;
	struct authority *authority;
	const struct variety *variety;
	bool identity_written;   /* the right identity, which most endpoints share */
};

/* Once its server listens: the story's options, with port and address in them. */
void endpoint_args(struct endpoint *e);
/* Writes the files that the story needs (shared ones once) and fills in the paths. */
status endpoint_files(struct endpoint *e, struct files *files, struct error *err) MUST_USE;
void endpoint_done(struct endpoint *e);

#endif
