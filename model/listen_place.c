#include "model/listen_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/quote.h"

static bool
read_port(const char *text, uint16_t *out)
{
	char *end;
	unsigned long n;

	if (text[0] < '0' || text[0] > '9' || strlen(text) > 5)
		return false;
	n = strtoul(text, &end, 10);
	*out = (uint16_t)n;
	return *end == '\0' && n <= 65535;
}

status
listen_place_read(const char *typed, struct listen_place *out, struct error *err)
{
	const char *colon = strrchr(typed, ':');
	char shown[QUOTE_MAX], why[HOST_WHY_MAX];
	struct host host;
	size_t len;

	*out = (struct listen_place){ .port = 0 };
	if (!read_port(colon != NULL ? colon + 1 : typed, &out->port) || (colon != NULL && memchr(typed, ']', (size_t)(colon - typed)) == NULL && strchr(typed, ':') != colon))
		return error_set(err, ERROR_USAGE, "listen", "%s: expected a port, or an address and a port: 8443, 0.0.0.0:8443, [::]:8443",
		    quote_str(typed, shown));
	if (colon == NULL || colon == typed)
		return STATUS_OK;
	len = (size_t)(colon - typed);
	if (len == 1 && typed[0] == '*') {
		out->address[0] = '*';
		return STATUS_OK;
	}
	if (typed[0] == '[' && typed[len - 1] == ']') {
		typed++;
		len -= 2;
	}
	if (len == strlen("localhost") && strncmp(typed, "localhost", len) == 0)
		return STATUS_OK;
	if (!host_read(typed, len, &host, why) || !host.is_ip)
		return error_set(err, ERROR_USAGE, "listen", "%s: expected an IP address of this machine, * for all of them, or a port alone for loopback",
		    quote_str(typed, shown));
	snprintf(out->address, sizeof out->address, "%s", host.name);
	return STATUS_OK;
}
