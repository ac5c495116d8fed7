/* What the readers of model/objects_*.c share: one reading, its place in the file, its passphrase. */
#ifndef MODEL_OBJECTS_READER_H
#define MODEL_OBJECTS_READER_H

#include "model/der.h"
#include "model/objects.h"

struct reader {
	struct objects *out;
	const struct read_options *opt;
	const char *file;      /* as named by the user: object.file */
	const char *shown;     /* printable: for messages */
	size_t line, byte;     /* where the object at hand begins; line 0 in a binary file */
	const char *container;
	enum object_kind meant; /* what is being read, for when it is damaged */
	size_t good, damaged;  /* objects of this input */
	const char *first_problem;
	char *passphrase;      /* LIMIT_PASSPHRASE bytes, cleared at the end; NULL: not asked yet */
	bool refused;          /* asked, and there is none */
	bool full;             /* LIMIT_OBJECTS was reached */
};

/* Adds an object of this kind at the place of the reader. NULL at LIMIT_OBJECTS, which is noted. */
struct object *reader_add(struct reader *r, enum object_kind kind);
/* Adds an OBJECT_DAMAGED; the text is what follows "FILE:LINE: ". */
void reader_damaged(struct reader *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same with the line of the fault, which lies behind the line where the object begins. */
void reader_damaged_at(struct reader *r, size_t line, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same, and only a passphrase is missing or wrong. `what` is "the private key". */
void reader_locked(struct reader *r, const char *what, bool tried);
/* A remark that is no object: "FILE:LINE: TEXT". */
void reader_note(struct reader *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same of the reading as a whole; the text is copied. */
void objects_note(struct objects *out, const char *text);
/* Asked once for each input; NULL where there is none. */
const char *reader_passphrase(struct reader *r);
/* Takes a part of the work that this reading may cost; false where nothing is left. */
bool reader_spend(struct reader *r, size_t work);

/* What a piece of DER is. */
enum blob {
	BLOB_UNKNOWN,
	BLOB_CERT,
	BLOB_CSR,
	BLOB_CRL,
	BLOB_PKCS7,
	BLOB_PKCS12,
	BLOB_PKCS8,
	BLOB_PKCS8_ENCRYPTED,
	BLOB_KEY_RSA,
	BLOB_KEY_EC,
	BLOB_KEY_DSA,
	BLOB_PUBLIC_KEY,
	BLOB_PUBLIC_KEY_RSA
};

/* By its shape alone: nothing is computed. */
enum blob blob_detect(struct text der);
const char *blob_name(enum blob b); /* "a certificate request" */
bool blob_is_private_key(enum blob b);
enum object_kind blob_object(enum blob b); /* what it becomes; OBJECT_DAMAGED for containers and the unknown */
/* Reads it as this kind and adds what it holds, be it good or damaged. */
void blob_read(struct reader *r, enum blob kind, struct text der);
/* Length of the first value with its header, as far as the header says; 0 where there is none or it is longer than `bytes`. */
size_t der_first_len(struct text bytes);

/* Is it worth a message if this cannot be read? Not so for the README in a folder of certificates. */
bool objects_stand_in(struct text bytes);

/* model/objects_pem.c */
bool pem_is(struct text bytes); /* does a BEGIN line stand in it? */
void pem_read(struct reader *r, struct text bytes);
/* model/objects_csr.c */
void csr_read(struct reader *r, struct text der);
/* model/objects_keys.c */
void key_read(struct reader *r, enum blob kind, struct text der, bool was_encrypted);
void key_read_encrypted(struct reader *r, struct text der);
/* A traditional key with Proc-Type and DEK-Info; both header lines, each with its line end. `data` is changed. */
void key_read_legacy_pem(struct reader *r, enum blob kind, char *headers, unsigned char *data, size_t len);
/* model/objects_pkcs7.c */
void pkcs7_read(struct reader *r, struct text der);
/* model/objects_pkcs12.c */
void pkcs12_read(struct reader *r, struct text der);
/*
 * model/objects_hint.c: what a file is that is none of ours: "is UTF-16 text …"; false where nothing is
 * known of it. `sure`: only what its first bytes say for certain, else what is likely too.
 */
bool hint_for(struct text bytes, const char *path, bool sure, char *out, size_t size);
#define HINT_MAX 512
/* model/objects_folder.c */
status folder_read(const char *path, const struct read_options *opt, struct objects *out, struct error *err);

/* model/objects_kdf.c: what opening an encrypted thing costs, before OpenSSL begins. */
struct kdf {
	size_t work;       /* in iterations of PBKDF2 */
	bool legacy;       /* its cipher is in OpenSSL's legacy provider */
	const char *name;  /* "RC2-40": of the cipher, where legacy */
};
#define KDF_WHY_MAX 240
/* An AlgorithmIdentifier. False where it is unknown, damaged or beyond LIMIT_KDF_ITERATIONS: then why says so. */
bool kdf_read(struct text algorithm, struct kdf *out, char *why);
/* An iteration count that stands alone (PKCS#12's MAC). */
bool kdf_count(struct text integer, struct kdf *out, char *why);
struct ossl_lib_ctx_st;
/* A context of its own with the default and the legacy provider; NULL where OpenSSL has no legacy provider here. */
struct ossl_lib_ctx_st *legacy_context(void);
#define TOO_DEAR "%s is not opened: the %d iterations that one reading may take are used up"
#define LEGACY_MISSING "%s is encrypted with %s, which needs OpenSSL's legacy provider, and this machine has none " \
    "(Debian: package libssl3, file ossl-modules/legacy.so)"

#endif
