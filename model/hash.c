#include "model/hash.h"

uint64_t
hash_text(uint64_t seed, const char *text)
{
	static const uint64_t prime = UINT64_C(1099511628211);
	uint64_t hash = seed != 0 ? seed : UINT64_C(14695981039346656037);

	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * prime;
	/* No byte of UTF-8: "ab" and "c" are not "a" and "bc". */
	hash = (hash ^ 0xff) * prime;
	return hash != 0 ? hash : 1;
}
