/* A command's line in words, as a shell reads it, without a shell: for credential_process and names of sections. */
#ifndef AWS_WORDS_H
#define AWS_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * As Python's shlex.split() does, which botocore uses: blanks and line ends part words, '…' and "…" keep them together,
 * a backslash takes the next character as it is (between double quotes only before " and \). No variables, no globs.
 * *out ends in NULL and is words_free()'s. False: a quotation that is not closed, or a backslash with nothing behind it.
 */
bool words_split(const char *text, char ***out, size_t *len);
void words_free(char **words); /* clears them: a command's line may hold a secret; NULL is legal */

#endif
