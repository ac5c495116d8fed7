#include "lab/forge.h"

enum { RECORD_HEAD = 5, MESSAGE_HEAD = 4, CURVE_HEAD = 3, HANDSHAKE = 22, SERVER_KEY_EXCHANGE = 12, NAMED_CURVE = 3 };

static void
forge_message(unsigned char *body, size_t len, uint16_t scheme)
{
	size_t at;

	if (len < CURVE_HEAD + 1 || body[0] != NAMED_CURVE)
		return;
	at = CURVE_HEAD + 1 + (size_t)body[CURVE_HEAD];
	if (at + 2 > len)
		return;
	body[at] = (unsigned char)(scheme >> 8);
	body[at + 1] = (unsigned char)scheme;
}

void
forge_signature_algorithm(unsigned char *flight, size_t len, uint16_t scheme)
{
	while (len >= RECORD_HEAD) {
		size_t record = (size_t)flight[3] << 8 | flight[4];
		unsigned char *p = flight + RECORD_HEAD, *end;

		if (record > len - RECORD_HEAD)
			return;
		end = p + record;
		while (flight[0] == HANDSHAKE && end - p >= MESSAGE_HEAD) {
			size_t body = (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
			if (body > (size_t)(end - p) - MESSAGE_HEAD)
				break;
			if (p[0] == SERVER_KEY_EXCHANGE)
				forge_message(p + MESSAGE_HEAD, body, scheme);
			p += MESSAGE_HEAD + body;
		}
		len -= RECORD_HEAD + record;
		flight += RECORD_HEAD + record;
	}
}
