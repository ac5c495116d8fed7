/*
 * A certificate and its key where they are kept as text: a secret of Secrets Manager, a parameter. There is no standard form (knowledge "aws"
 * 4.3). Taken are JSON whose members hold PEM, base64 of PEM, or PEM with "\n" in two characters, and PEM alone. What is not ours to change keeps
 * every byte. Everything that it copies is cleared by stored_done().
 */
#ifndef MODEL_STORED_IDENTITY_H
#define MODEL_STORED_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

#include "model/buf.h"
#include "model/error.h"

/* CERT: the leaf, perhaps with its chain behind it. COMBINED: certificates and key in one. ROOT: whom it trusts. */
enum stored_part { STORED_CERT, STORED_CHAIN, STORED_FULLCHAIN, STORED_KEY, STORED_ROOT, STORED_COMBINED };
enum stored_form { STORED_PLAIN, STORED_TWO_CHARACTERS, STORED_BASE64 };

enum { STORED_MEMBERS = 16, STORED_NAME_MAX = 64 };

struct stored_member {
	enum stored_part part;
	enum stored_form form;
	char name[STORED_NAME_MAX];  /* "certificate", printable; "" where the whole text is PEM */
	size_t at, len;            /* of the value in the text, with its quotes */
	struct buf pem;            /* what it holds */
	bool key_first;            /* COMBINED */
};
struct stored_identity {
	bool json;
	bool locked;               /* a passphrase protects its key */
	struct stored_member members[STORED_MEMBERS];
	size_t len;
};

/*
 * name: what messages call it, "the secret payment-service-cert". ERROR_INPUT: neither JSON nor PEM, no certificate in it (then *out is as good
 * as stored_done() made it); the text never goes into the message.
 */
status stored_read(const char *text, size_t len, const char *name, struct stored_identity *out, struct error *err) MUST_USE;
void stored_done(struct stored_identity *k);
bool stored_has(const struct stored_identity *k, enum stored_part part);
/* "certificate, private_key, root_ca"; "the PEM text" where it is no JSON. */
void stored_names(const struct stored_identity *k, struct buf *out);

/* As they are sent: leaf first, then what is said to be its chain. */
void stored_certificates(const struct stored_identity *k, struct buf *out);
void stored_key(const struct stored_identity *k, struct buf *out); /* nothing: there is none */
void stored_roots(const struct stored_identity *k, struct buf *out);

/* PEM, normalised. key NULL: the old one stays. root NULL or "": roots stay. */
struct stored_new {
	const char *cert, *chain, *fullchain, *root, *key;
};
/*
 * The text with the new ones in the shape that is there. A certificate gets its chain behind it unless a member of its own has the chain. A
 * root that is not among the roots is added behind them: nobody who is trusted ceases to be. ERROR_INPUT: a new key, and no place for it.
 */
status stored_replace(const struct stored_identity *k, const char *text, size_t len, const char *name, const struct stored_new *n, struct buf *out,
    struct error *err) MUST_USE;

#endif
