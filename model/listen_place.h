/* [ADDR:]PORT of `listen`, as it is typed. */
#ifndef MODEL_LISTEN_PLACE_H
#define MODEL_LISTEN_PLACE_H

#include <stdint.h>

#include "model/error.h"
#include "model/host.h"

struct listen_place {
	char address[HOST_TEXT_MAX]; /* an IP address without brackets, "*", or "": loopback */
	uint16_t port;
};
/* "8443", "0.0.0.0:8443", "[::1]:8443", "*:8443", "localhost:8443". ERROR_USAGE, one line, where it is none. */
status listen_place_read(const char *typed, struct listen_place *out, struct error *err) MUST_USE;

#endif
