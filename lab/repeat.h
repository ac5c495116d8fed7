/*
 * The same keys, serials and signatures in every run: for making the lab's certificates, and for
 * nothing else. While it is started, a thread that is between repeat_about() and repeat_over() gets
 * numbers that follow from the seed, the time and a word; every other thread, and everything after
 * repeat_stop(), gets OpenSSL's own.
 *
 * Who knows the seed and the time knows the private keys. They are the practice lab's, open nothing
 * but endpoints on loopback, and no handshake ever uses such a number.
 */
#ifndef LAB_REPEAT_H
#define LAB_REPEAT_H

#include <stdint.h>

void repeat_start(uint64_t seed, int64_t at);
/* The numbers depend on this word, not on what was drawn before. Does nothing where it is not started. */
void repeat_about(const char *what);
void repeat_over(void);
/* Once no thread draws any more; twice is legal. */
void repeat_stop(void);

#endif
