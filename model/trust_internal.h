/* Inside of model/trust*.c: putting a store together, and folders that are looked into by hash. */
#ifndef MODEL_TRUST_INTERNAL_H
#define MODEL_TRUST_INTERNAL_H

#include "model/identity.h"

#define HASHED_MAX 32 /* certificates taken of one subject hash; OpenSSL numbers them from .0 on without a gap */

/* Empty, with an arena and one reference. */
struct trust *trust_new(void);
/* `der` must live as long as t->arena. False where it has not the shape of a certificate. */
bool trust_add_der(struct trust *t, struct text der);
/* Out of a case: issuers of one name are visited in the order in which they are added. Each once. */
void trust_add_saved(struct trust *t, const struct cert *c);
void trust_note(struct trust *t, const char *text);
/* Sorts, and drops what is there twice. Nothing is added after it. */
void trust_finish(struct trust *t);

/* Folders with HASH.N names (openssl rehash). Not thread-safe: the store locks. */
struct hashed;
enum hashed_name { HASHED_ISSUER, HASHED_SUBJECT };
struct hashed *hashed_new(void);
void hashed_add_folder(struct hashed *h, const char *path);
/* Certificates whose subject is c's issuer or subject; borrowed, they live as long as h. Returns how many. */
size_t hashed_find(struct hashed *h, const struct cert *c, enum hashed_name which, const struct cert *out[HASHED_MAX]);
void hashed_free(struct hashed *h); /* NULL is legal */
/* The store takes it over. */
void trust_use_folders(struct trust *t, struct hashed *h);

#endif
