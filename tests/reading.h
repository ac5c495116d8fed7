/* Reading objects from memory in tests, with a passphrase at hand or none; certificates to read; DER by hand. */
#ifndef TESTS_READING_H
#define TESTS_READING_H

#include <openssl/bio.h>
#include <stddef.h>

#include "lab/pki.h"
#include "model/buf.h"
#include "model/objects.h"

#define SECRET "sesame-7"

/* Made by reading_setup() (a cmocka group set-up): a folder, a root, a leaf with a P-256 key and one with RSA 2048. */
extern char *reading_folder;
extern struct pki_cert reading_ca, reading_leaf, reading_rsa;
int reading_setup(void **state);
int reading_teardown(void **state);

/* How a passphrase is asked for, and how often. */
struct asked {
	const char *answer; /* NULL: there is none */
	int times;
};

/* A passphrase_ask whose user is a struct asked. */
bool reading_ask(void *user, const char *what, char *out, size_t size);

/* One reading from memory under the name "test"; done with reading_done(). */
struct reading {
	struct objects o;
	struct error err;
	status st;
	struct asked asked;
};

/* Checks too that *err is set where it failed, and that no message holds the passphrase. */
void read_bytes(struct reading *r, const void *bytes, size_t len, const char *passphrase, const char *type);
/* Reads what was written into `bio`, and frees it. */
void read_bio(struct reading *r, BIO *bio, const char *passphrase);
void reading_done(struct reading *r);

BIO *memory_bio(void);
double seconds_now(void); /* monotonic */

/* A DER value of that tag around content; put_number: an odd INTEGER of that many bits. */
void put(struct buf *out, unsigned char tag, const struct buf *content);
void put_bytes(struct buf *out, unsigned char tag, const void *bytes, size_t len);
void put_number(struct buf *out, size_t bits);

#endif
