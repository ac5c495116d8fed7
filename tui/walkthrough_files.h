/* The files of tui/walkthroughs/ as they are built into the program (tools/embed writes the C file). */
#ifndef TUI_WALKTHROUGH_FILES_H
#define TUI_WALKTHROUGH_FILES_H

#include <stddef.h>

struct walkthrough_file {
	const char *name; /* without its folder and .yaml */
	const unsigned char *bytes;
	size_t len;
};
extern const struct walkthrough_file walkthrough_files[];
extern const size_t walkthrough_files_len;

#endif
