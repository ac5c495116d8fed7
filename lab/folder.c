#include "lab/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/memory.h"
#include "model/quote.h"

enum { OPEN_FOLDERS = 8 }; /* that a removal may hold open: ours are three deep */

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

static void
remove_tree(const char *path)
{
	/* FTW_PHYS: a link is removed, not followed. */
	(void)nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

/* Waits for the lab's end, whatever it is, and tidies up. Holds nothing of the lab's open. */
static _Noreturn void
watch(int life, const char *path)
{
	char byte;

	/* Out of reach of a terminal's ^C and of what is sent to the lab's process group. */
	setsid();
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	prctl(PR_SET_NAME, "mtlscope-tidy");
	/* Whoever reads the lab's output must see it end with the lab. */
	if (dup2(life, 0) != 0)
		_exit(1);
	close_range(1, ~0U, 0);
	while (read(0, &byte, 1) < 0 && errno == EINTR)
		continue;
	remove_tree(path);
	_exit(0);
}

static status
start_watcher(struct folder *f, struct error *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return error_set(err, ERROR_LOCAL, "starting the lab", "A pipe cannot be made: %s.", strerror(errno));
	f->watcher = fork();
	if (f->watcher == 0) {
		close(ends[1]);
		watch(ends[0], f->path);
	}
	close(ends[0]);
	f->life = ends[1];
	if (f->watcher < 0)
		return error_set(err, ERROR_LOCAL, "starting the lab", "A process cannot be started: %s.", strerror(errno));
	return STATUS_OK;
}

static status
open_temporary(const struct world *w, struct folder *f, struct error *err)
{
	const char *parent = w->env(w->self, "TMPDIR");
	char path[PATH_MAX];

	if (parent == NULL || parent[0] != '/')
		parent = "/tmp";
	if (snprintf(path, sizeof path, "%s/mtlscope-lab-XXXXXX", parent) >= (int)sizeof path || mkdtemp(path) == NULL)
		return error_set(err, ERROR_LOCAL, "starting the lab", "A folder cannot be made in the temporary folder: %s.",
		    strerror(errno));
	f->path = mem_strdup(path);
	f->temporary = true;
	return start_watcher(f, err);
}

/* Held until the lab ends, however that is: the kernel lets go of it. The file stays, so that nobody locks one that is being removed. */
static status
lock(struct folder *f, const char *dir, struct error *err)
{
	char path[PATH_MAX], shown[QUOTE_MAX];

	errno = ENAMETOOLONG;
	if (snprintf(path, sizeof path, "%s/lab.lock", f->path) < (int)sizeof path)
		f->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (f->lock >= 0 && flock(f->lock, LOCK_EX | LOCK_NB) == 0)
		return STATUS_OK;
	if (f->lock >= 0 && errno == EWOULDBLOCK)
		return error_set(err, ERROR_INPUT, "starting the lab", "--dir %s: another lab is running in this folder. End it first, or name another folder.",
		    quote_str(dir, shown));
	return error_set(err, ERROR_INPUT, "starting the lab", "--dir %s: its file lab.lock cannot be used: %s", quote_str(dir, shown), strerror(errno));
}

static status
open_kept(const char *dir, struct folder *f, struct error *err)
{
	char path[PATH_MAX], shown[QUOTE_MAX];
	struct stat st;
	const char *why = NULL;

	if ((mkdir(dir, 0700) != 0 && errno != EEXIST) || realpath(dir, path) == NULL || stat(path, &st) != 0)
		why = strerror(errno);
	else if (!S_ISDIR(st.st_mode))
		why = "it is no folder";
	else if (access(path, W_OK | X_OK) != 0)
		why = strerror(errno);
	if (why != NULL)
		return error_set(err, ERROR_INPUT, "starting the lab", "--dir %s: the folder cannot be used: %s",
		    quote_str(dir, shown), why);
	f->path = mem_strdup(path);
	return lock(f, dir, err);
}

status
folder_open(const char *dir, const struct world *w, struct folder *out, struct error *err)
{
	status s;

	*out = (struct folder){ .life = -1, .watcher = -1, .lock = -1 };
	s = dir != NULL ? open_kept(dir, out, err) : open_temporary(w, out, err);
	if (s != STATUS_OK)
		folder_close(out);
	return s;
}

void
folder_close(struct folder *f)
{
	if (f->temporary && f->path != NULL)
		remove_tree(f->path);
	if (f->life >= 0)
		close(f->life);
	/* It ends at once: the pipe is closed and nothing is left to remove. */
	if (f->watcher > 0)
		while (waitpid(f->watcher, NULL, 0) < 0 && errno == EINTR)
			continue;
	if (f->lock >= 0)
		close(f->lock);
	free(f->path);
	*f = (struct folder){ .life = -1, .watcher = -1, .lock = -1 };
}
