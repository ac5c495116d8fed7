/* What to do about an error of AWS: knowledge "aws" 7, what users of AWS Private CA run into. For aws_error_say(). */
#ifndef AWS_ADVICE_H
#define AWS_ADVICE_H

#include <stddef.h>

#include "aws/error.h"

enum { AWS_ADVICE_MAX = 360 };

/*
 * A sentence without its full stop into out, printable; "" where the message itself says it, or nothing can be done.
 * where: as aws_error_say()'s, or NULL.
 */
void aws_advice(const struct aws_error *e, const char *where, char out[AWS_ADVICE_MAX]);

#endif
