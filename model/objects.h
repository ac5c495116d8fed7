/*
 * Reading: PEM (text between, CRLF, BOM, trailing blanks), DER, PKCS#7, PKCS#12, PKCS#8, traditional
 * and encrypted keys, CSRs, CRLs; several objects in a file; a folder. A damaged object becomes an
 * OBJECT_DAMAGED with file and line or byte, and the rest is still read.
 */
#ifndef MODEL_OBJECTS_H
#define MODEL_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/cert.h"
#include "model/error.h"
#include "model/key.h"

enum object_kind { OBJECT_CERT, OBJECT_KEY, OBJECT_PUBLIC_KEY, OBJECT_CSR, OBJECT_CRL, OBJECT_DAMAGED };

struct csr {
	struct name subject;
	struct san *san;
	size_t san_len;
	bool has_san, san_critical, san_damaged; /* damaged: its names do not parse to their end */
	struct extension *extensions; /* that it asks for, in its order; LIMIT_EXTENSION_ITEMS at most */
	size_t extensions_len;
	struct public_key key;
	struct signature_info signature;
	bool signature_ok;
	struct text der;       /* the whole request */
};

struct object {
	enum object_kind kind;
	const char *file;      /* as named by the user, or folder/name; "-" for standard input */
	size_t line;           /* of the BEGIN line, from 1; 0 in a binary file */
	size_t byte;           /* offset in the file */
	unsigned mode;         /* permission bits of the file; 0: it came from no file */
	const char *container; /* "PEM", "DER", "PKCS#7", "PKCS#12", "PKCS#8", "encrypted PKCS#8", "traditional" … */
	struct cert *cert;     /* OBJECT_CERT; NULL where read_options.lazy was set */
	struct text der;       /* OBJECT_CERT read lazily: in the arena of the reading */
	struct key *key;       /* OBJECT_KEY, OBJECT_PUBLIC_KEY */
	struct csr *csr;       /* OBJECT_CSR */
	const char *friendly_name; /* PKCS#12, safe; or NULL */
	const char *problem;   /* OBJECT_DAMAGED: one line "FILE:LINE: what was expected" */
	bool needs_passphrase; /* OBJECT_DAMAGED because no passphrase was given or it was wrong */
	enum object_kind meant; /* OBJECT_DAMAGED: what it was to be; OBJECT_DAMAGED where that is not known */
};

struct objects {
	struct object *items;
	size_t len;
	size_t damaged;
	const char **notes; /* "folder/: 95,904 more files were left out (the limit is 4,096)" */
	size_t notes_len;
	size_t cap, notes_cap;
	size_t files;       /* that were read */
	size_t work;        /* key derivation so far, in iterations: bounded by LIMIT_KDF_TOTAL */
	struct arena *arena;
};

/*
 * Asked when a passphrase is needed. Returns false where there is none (no terminal): the object is
 * damaged then, needs_passphrase set. `what` names the file. out has room for `size` bytes with NUL.
 */
typedef bool (*passphrase_ask)(void *user, const char *what, char *out, size_t size);

struct read_options {
	passphrase_ask ask; /* may be NULL */
	void *ask_user;
	const char *type;   /* --cert-type/--key-type: "PEM", "DER", "P12", or NULL to find out */
	bool folders;       /* a folder is read, one level: in the order of the names; else it is an error */
	bool lazy;          /* certificates are only found, not parsed: a bundle of thousands of which one is needed */
	const char *missing_hint; /* unused where NULL: added to what is said of a file that is not there */
};

/*
 * Reads one path ("-" is standard input, pkcs11: names what lies on a token) and appends to *out, which starts zeroed. Regular files
 * only: a FIFO, device or socket is an error at once, nothing is waited for. STATUS_FAILED where
 * nothing of it can be read; a file with one good object is STATUS_OK, its damaged ones listed.
 * Where it fails because every object is damaged, they are listed as well, and *err is the first's problem.
 */
status objects_read(const char *path, const struct read_options *opt, struct objects *out,
    struct error *err) MUST_USE;
/* The same from memory; `name` stands for the file in messages. */
status objects_parse(const unsigned char *data, size_t len, const char *name,
    const struct read_options *opt, struct objects *out, struct error *err) MUST_USE;
void objects_done(struct objects *o);

/* A private key that no passphrase protects, in a file that its group or everybody may read. */
bool object_exposed(const struct object *o);
const char *object_kind_name(enum object_kind k); /* "certificate", "private key", … */

#endif
