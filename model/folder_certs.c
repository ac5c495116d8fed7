#include "model/folder_certs.h"

#include "model/folder.h"
#include "model/issuers.h"
#include "model/limits.h"

struct taker {
	void (*take)(void *user, struct cert *c, const char *file);
	void *user;
};

static void
take_certs(void *user, const char *path, const struct input *in)
{
	const struct taker *t = user;
	struct cert *certs[LIMIT_ISSUERS];
	size_t n = issuers_read(in->bytes, in->len, certs, LIMIT_ISSUERS);

	for (size_t i = 0; i < n; i++)
		t->take(t->user, certs[i], path);
}

void
folder_certs(const char *folder, void (*visit)(void *user, struct cert *c, const char *file), void *user)
{
	struct taker t = { visit, user };

	folder_look(&(struct folder_look){ .visit = take_certs, .user = &t }, folder);
}
