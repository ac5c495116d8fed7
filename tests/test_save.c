/* Writing a file whole or not at all: into folders made for the test, with what stood there before. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/save.h"
#include "tests/program.h"

static char *folder;

static int
set_up(void **state)
{
	(void)state;
	folder = make_folder();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

static void
holds(const char *path, const char *text)
{
	char piece[256] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, piece, sizeof piece - 1) : -1;

	if (n < 0 || strcmp(piece, text) != 0)
		fail_msg("%s holds “%s”, expected “%s”", path, piece, text);
	close(fd);
}

/* Files in the folder: nothing half-made may be left. */
static int
files(void)
{
	DIR *d = opendir(folder);
	int n = 0;

	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static enum saved
save(const char *path, const char *text, bool replace, struct error *err)
{
	*err = (struct error){ 0 };
	return save_file(path, text, strlen(text), replace, NULL, err);
}

static void
new_and_again(void **state)
{
	const char *path = in_folder(folder, "out.txt");
	struct error err = { 0 };
	unsigned mode = 0;
	mode_t before = umask(027);

	(void)state;
	assert_int_equal(save_file(path, "one", 3, false, &mode, &err), SAVED);
	assert_int_equal(mode, 0640);
	umask(before);
	holds(path, "one");
	assert_int_equal(save(path, "two", false, &err), SAVED_EXISTS);
	assert_false(error_is_set(&err));
	holds(path, "one");
	assert_int_equal(save(path, "two", true, &err), SAVED);
	holds(path, "two");
	assert_int_equal(files(), 1);
	/* Empty is a text as well. */
	assert_int_equal(save(path, "", true, &err), SAVED);
	holds(path, "");
	unlink(path);
}

static void
behind_a_link(void **state)
{
	const char *path = in_folder(folder, "real.txt"), *link = in_folder(folder, "link.txt");
	struct error err;
	struct stat st;

	(void)state;
	assert_true(write_file(path, "old", 3));
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(save(link, "new", false, &err), SAVED_EXISTS);
	assert_int_equal(save(link, "new", true, &err), SAVED);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	holds(path, "new");
	unlink(link);
	/* A link that leads nowhere is somebody's mistake: it is not written through. */
	assert_int_equal(symlink(in_folder(folder, "nowhere"), link), 0);
	assert_int_equal(save(link, "new", false, &err), SAVED_EXISTS);
	assert_int_equal(lstat(in_folder(folder, "nowhere"), &st), -1);
	unlink(link);
	unlink(path);
	assert_int_equal(files(), 0);
}

static void
cannot(void **state)
{
	static const struct {
		const char *path, *says;
	} cases[] = {
		{ "", "a file's name is expected" },
		{ "/", "is a folder" },
		{ "/dev/null", "is no regular file" },
		{ "/nonexistent/out.txt", "No such file or directory" },
		{ "/proc/out.txt", "/proc/out.txt: " },
		{ "/dev/null/x", "Not a directory" },
	};
	char tube[4096];
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (int replace = 0; replace < 2; replace++) {
			assert_int_equal(save(cases[i].path, "text", replace != 0, &err), SAVED_NOT);
			if (strstr(err.text, cases[i].says) == NULL || strchr(err.text, '\n') != NULL)
				fail_msg("%s: “%s”, expected “%s”", cases[i].path, err.text, cases[i].says);
		}
	}
	snprintf(tube, sizeof tube, "%s", in_folder(folder, "tube"));
	assert_int_equal(mkfifo(tube, 0600), 0);
	assert_int_equal(save(tube, "text", true, &err), SAVED_NOT);
	unlink(tube);
	/* A name that would move the cursor is made harmless in the message. */
	assert_int_equal(save("/nonexistent/\033[2J", "text", false, &err), SAVED_NOT);
	assert_null(strchr(err.text, '\033'));
}

/* The disk is full after 4 bytes: what was there stays, nothing is left beside it. */
static void
cut_short(void **state)
{
	const char *path = in_folder(folder, "out.txt");
	struct rlimit before, four;
	struct error err;

	(void)state;
	assert_true(write_file(path, "old", 3));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	four = before;
	four.rlim_cur = 4;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &four);
	enum saved result = save(path, "longer than four", true, &err);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(result, SAVED_NOT);
	assert_non_null(strstr(err.text, "File too large"));
	holds(path, "old");
	assert_int_equal(files(), 1);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_and_again),
		cmocka_unit_test(behind_a_link),
		cmocka_unit_test(cannot),
		cmocka_unit_test(cut_short),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
