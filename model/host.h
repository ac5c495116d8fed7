/*
 * A host as a user spells it: a DNS name, a Unicode name, an IPv4 address, an IPv6 address without
 * brackets. For targets, --servername, --resolve and --connect-to.
 */
#ifndef MODEL_HOST_H
#define MODEL_HOST_H

#include <stdbool.h>
#include <stddef.h>

#define HOST_TEXT_MAX 288 /* a name of 253 bytes with its last dot; an IPv6 address with its zone is shorter */
#define HOST_WHY_MAX 320

struct host {
	char text[HOST_TEXT_MAX]; /* lower case, A-labels; addresses in their canonical form, zone kept */
	char name[HOST_TEXT_MAX]; /* what a certificate is checked against: without last dot and zone */
	bool is_ip;
	bool is_ipv6;
};

/*
 * Reads `len` bytes. False where they are no host; why (HOST_WHY_MAX bytes, printable) then says
 * what is wrong and what was expected.
 */
bool host_read(const char *bytes, size_t len, struct host *out, char *why);

#endif
