/* What botocore, which this project did not write, makes of the same files and variables. */
#ifndef TESTS_BOTO_H
#define TESTS_BOTO_H

#include <cJSON.h>
#include <stdbool.h>

/* A Python that has botocore; NULL: there is none, which is said once. Where CI is set that is a failure. */
const char *boto_python(void);

/*
 * Runs the program (the text of it) with further environment ("NAME=value", NULL-terminated) and without the caller's own AWS
 * variables; its JSON, the caller's. It fails the test where the program fails.
 */
cJSON *boto_ask(const char *program, const char *const env[]);
/* The same with something on standard input, of any size; NULL: nothing. */
cJSON *boto_tell(const char *program, const char *const env[], const char *input);

#endif
