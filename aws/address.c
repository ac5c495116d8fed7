#include "aws/address.h"

#include <stdio.h>
#include <string.h>

const char *
address_without_password(const char *text, const char *from, char out[ADDRESS_SHOWN])
{
	const char *at = strrchr(from, '@'), *scheme = strstr(from, "://");

	/* A password may hold “/”, “@” and blanks, where who wrote it forgot to encode them: all up to the last “@” goes. */
	if (scheme != NULL && at != NULL && scheme < at)
		from = scheme + 3;
	if (at == NULL)
		snprintf(out, ADDRESS_SHOWN, "%s", text);
	else
		snprintf(out, ADDRESS_SHOWN, "%.*s…%s", (int)(from - text), text, at);
	return out;
}
