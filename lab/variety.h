/*
 * What --seed varies. Every draw depends on the seed and a word of its own, never on the order of
 * the draws, so that an endpoint stays the same when the table around it grows. Seed 0 is the
 * plain lab: every draw is 0.
 */
#ifndef LAB_VARIETY_H
#define LAB_VARIETY_H

#include <stdbool.h>
#include <stdint.h>

struct variety {
	uint64_t seed;
	const char *org, *other_org;  /* of the CAs */
	const char *host, *client;    /* the service's name, ours */
	bool two_intermediates;       /* a policy CA between the root and the issuing CA */
};

void variety_init(struct variety *v, uint64_t seed);

/* 0 ≤ result < below. word and about name what is drawn: ("tickets", "healthy"). */
unsigned variety_draw(const struct variety *v, const char *word, const char *about, unsigned below);

/* A number that looks like another one, the same for the same z. */
uint64_t variety_mix(uint64_t z);

/* {org} {other} {host} {client} in `text` become names; out has room for `size` bytes. Returns out. */
char *variety_words(const struct variety *v, const char *text, char *out, int size);

/* What a service answers that lets us in: none of it is a refusal. 405 is for HEAD, a GET gets 200. */
struct variety_answer {
	int number;
	const char *reason;
};
struct variety_answer variety_answer(const struct variety *v, const char *about);
/* A Server header's value, or NULL; a body. */
const char *variety_server_header(const struct variety *v, const char *about);
const char *variety_body(const struct variety *v, const char *about);

#endif
