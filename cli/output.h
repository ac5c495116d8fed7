/*
 * Standard output and standard error. Pages are made whole and written in one go; a standard output
 * that cannot be written (closed by its reader, disk full) is said once and makes the status 11.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>

#include "cli/options.h"
#include "model/report.h"

/*
 * To be called first. A descriptor 0, 1 or 2 that was closed by whoever started us would be given to the next file or
 * socket: a page would go there, and who reads standard input would wait on something else. It is filled with
 * /dev/null, opened so that reading input and writing output still fail, and are said to.
 */
void output_streams(void);

/* Writes all of it and empties it. False where standard output is gone: then there is no use in going on. */
bool output_write(struct buf *b);
/* 11 where standard output failed, else `otherwise`. */
int output_status(int otherwise);

/* One line on standard error, "mtlscope: …"; whatever is in it is made printable. */
void complain(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* The error as complain() says it, and the exit status that goes with its code. */
int complain_error(const struct error *err);

/* How pages look: options, NO_COLOR, TERM, the locale, the terminal's width. */
struct report_style output_style(const struct options *o);

/* "12 of 40 checked" on standard error where that is a terminal; at most ten times a second. */
void progress_show(size_t done, size_t all, uint64_t now_us);
/* "waiting for AWS, 3 of 60": the same for anything else. */
void progress_waits(const char *what, size_t done, size_t all);
/* Any line, cut at 78 columns; printable. */
void progress_line(const char *text);
void progress_clear(void);

#endif
