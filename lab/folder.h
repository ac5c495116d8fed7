/*
 * Where the lab's files are: a temporary folder, 0700, that goes with the process however that ends
 * (a small second process holds a pipe and removes the folder once the pipe closes, after SIGKILL
 * too), or a folder that the user named, which stays.
 */
#ifndef LAB_FOLDER_H
#define LAB_FOLDER_H

#include <stdbool.h>
#include <sys/types.h>

#include "model/error.h"
#include "model/world.h"

struct folder {
	char *path;      /* absolute */
	bool temporary;
	int life;        /* the pipe's end that only this process holds; -1 none */
	pid_t watcher;
	int lock;        /* lab.lock of a named one, held; -1 none */
};

/*
 * dir NULL: a temporary one under $TMPDIR or /tmp. Forks: call it before there are threads. A named one has one lab at a time: a
 * second one would take the first one's files and database from under it.
 */
status folder_open(const char *dir, const struct world *w, struct folder *out, struct error *err) MUST_USE;
void folder_close(struct folder *f); /* removes a temporary one and ends its watcher; twice is legal */

#endif
