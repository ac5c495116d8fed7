#include "model/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

status
error_set(struct error *err, enum error_code code, const char *stage, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL || error_is_set(err))
		return STATUS_FAILED;
	err->code = code;
	err->stage = stage;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	return STATUS_FAILED;
}

bool
error_is_set(const struct error *err)
{
	return err != NULL && err->code != ERROR_NONE;
}

void
error_clear(struct error *err)
{
	memset(err, 0, sizeof *err);
}
