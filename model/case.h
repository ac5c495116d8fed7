/*
 * A case: all that was seen of one target in one file, without private keys, to be opened elsewhere in the
 * same screens. JSON, schema "mtlscope.case/1", in gzip where it is large. It holds what a diagnosis goes by
 * and no secret (model/leave_out.h); evidence read back gives the same diagnosis, word for word, on a machine
 * without the files and without a network.
 *
 * A later version reads it: what it does not know is passed over, what it lacks has a default. A new member
 * needs a row in model/case_fields.h's tables and no new version; “/2” is for the day when old rows change
 * their meaning.
 */
#ifndef MODEL_CASE_H
#define MODEL_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/buf.h"
#include "model/error.h"

struct evidence;

/* How it came to be. */
struct case_about {
	const char *command; /* what one types after `mtlscope check` to look again, for a shell; URLs in it lose their secrets. NULL: not known */
	int64_t saved_ms;    /* wall clock */
};

/*
 * Appends the file's bytes. Anchors: all of a store that the user named, where it is small; of any other those
 * that paths can lead to. Fails where it would be larger than is ever read (LIMIT_CASE_UNPACKED, LIMIT_CASE_FILE).
 */
status case_write(const struct evidence *e, const struct case_about *about, struct buf *out, struct error *err) MUST_USE;

struct saved_case {
	struct evidence *evidence;
	char *command;       /* printable; or NULL */
	int64_t saved_ms;
};
/*
 * ERROR_INPUT and one line, with the file and the byte or the member, for whatever is no whole and consistent
 * case: cut, damaged, of a newer version, over a limit. Nothing of `out` is to be freed then. name: of the file.
 */
status case_parse(const char *name, const unsigned char *bytes, size_t len, struct saved_case *out, struct error *err) MUST_USE;
status case_read(const char *path, struct saved_case *out, struct error *err) MUST_USE;
void case_done(struct saved_case *c);

/* Does the file look like a case: by its first bytes, packed or not? False too where it cannot be read. */
bool case_recognised(const char *path);
/* "payment.internal-8443-20261129-1551.case": what to call it; free() it. */
char *case_file_name(const struct evidence *e);

#endif
