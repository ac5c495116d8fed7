/*
 * What a server of the lab shows and whom it trusts, read from its files. A half that is NULL is as the story has it: the
 * files say it in other words (a certificate that does not parse, a key that is another's), or hold what they held at first.
 */
#ifndef LAB_MATERIAL_H
#define LAB_MATERIAL_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "model/buf.h"
#include "model/error.h"

struct material {
	X509 *leaf;               /* NULL: the story's certificate, chain and key */
	EVP_PKEY *key;
	STACK_OF(X509) *above;    /* what is sent behind the leaf, in the file's order */
	STACK_OF(X509) *anchors;  /* NULL: the story's */
};

/*
 * PEM of a chain, the leaf first, and of its key, unencrypted. The names are the files', for messages. ERROR_INPUT with file and
 * line: one that is damaged, a key that does not belong to the leaf; *m is then as it was.
 */
status material_shows(struct material *m, const char *cert_name, const struct buf *cert, const char *key_name, const struct buf *key,
    struct error *err) MUST_USE;
/* PEM of at least one CA. */
status material_trusts(struct material *m, const char *name, const struct buf *pem, struct error *err) MUST_USE;
void material_done(struct material *m); /* twice is legal */

#endif
