/*
 * Who we say we are: our chain and key. And whom we trust: the anchors. Both immutable after
 * loading and shared by reference count; all that diagnosis needs of the files is in here.
 */
#ifndef MODEL_IDENTITY_H
#define MODEL_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

#include "model/cert.h"
#include "model/error.h"
#include "model/key.h"
#include "model/objects.h"

/*
 * A key or certificate in the identity's folder, or further down in its own file ("order.crt, line 30"),
 * looked at only where ours do not match.
 */
struct sibling {
	const char *file;
	bool is_key;
	struct fingerprint spki;
	const char *label; /* subject or key type */
};

struct identity {
	const char *name;       /* from the configuration, or NULL */
	const char *cert_file;  /* as typed; "secret:…" and others later */
	const char *key_file;   /* as typed, or the certificate's file */
	/* The same for a shell: every byte as it was typed. NULL where it was no file ("-", a secret). */
	const char *cert_path, *key_path;
	const char *cert_type, *key_type; /* as curl and openssl call the files: "PEM", "DER", "P12"; else "P7" */
	struct cert **certs;    /* as they will be sent: leaf first, then the file's order */
	size_t len;
	struct key *key;        /* NULL where there is none or it cannot be read */
	bool matches;           /* key and leaf belong together */
	const char *key_problem; /* key.unreadable: why; or NULL */
	bool key_exposed;       /* an unencrypted private key file that group or others may read */
	unsigned key_mode;      /* permission bits of the key's file */
	struct sibling *siblings;
	size_t siblings_len;
	struct arena *arena;
};

struct identity_source {
	const char *name;
	const char *cert, *key;           /* paths; key may be NULL: the certificate's file holds it */
	const char *cert_type, *key_type; /* or NULL */
	passphrase_ask ask;
	void *ask_user;
	bool tolerate_bad_key;            /* fleet, inspect: an unreadable key is a finding, not an error */
};

/*
 * Which is the leaf: the first certificate of the file (as curl and nginx take it), save in a
 * PKCS#12, where it is the one that the key belongs to. Two leaves in one file are an error that
 * names both. Errors: ERROR_INPUT with file and line.
 */
status identity_load(const struct identity_source *src, struct identity **out, struct error *err) MUST_USE;
/* From certificates in memory (inspect, a secret). Takes a reference of each. */
struct identity *identity_from(const char *label, struct cert *const *certs, size_t len, struct key *key);
/* One of which nothing can be used: no certificate, no key, and why (key.unreadable says it). */
struct identity *identity_unreadable(const char *name, const char *problem);
/* Do both have leaves of their own that the same CA issued, as far as its name and key identifier tell? NULL is none. */
bool identity_akin(const struct identity *a, const struct identity *b);
struct identity *identity_ref(const struct identity *i);
void identity_free(const struct identity *i);
const struct cert *identity_leaf(const struct identity *i); /* NULL where there is none */

struct trust {
	const char *from;    /* "root.pem", "the system's trust store (/usr/lib/ssl/certs)"; printable */
	const char *file, *folder; /* --cacert, --capath as typed, for a shell; NULL: none, or no file */
	bool file_is_pem;
	bool system;
	size_t len;          /* anchors that are at hand: trust_anchor(). A hashed folder adds its own when asked for */
	size_t all;          /* the same, for people: out of a case, which keeps only those that matter, how many there were */
	const char **notes;  /* files or lines that were skipped and why */
	size_t notes_len;
	struct arena *arena;
};

/*
 * --cacert FILE, --capath DIR; both NULL: the system's store (OpenSSL's default paths, SSL_CERT_FILE and
 * SSL_CERT_DIR honoured). Anchors are indexed by subject, and parsed when one is asked for: a system store has
 * 140 of them, a bundle may have thousands. A folder with hash names is looked into by subject hash, as OpenSSL
 * does: its anchors are not counted in len.
 */
status trust_load(const char *cacert, const char *capath, struct trust **out, struct error *err) MUST_USE;
struct trust *trust_from(const char *label, struct cert *const *anchors, size_t len);
/* All that `base` trusts and these as well. Holds a reference of base. */
struct trust *trust_with(const struct trust *base, const char *label, struct cert *const *anchors, size_t len);
struct trust *trust_ref(const struct trust *t);
void trust_free(const struct trust *t);
/* One of t->len; NULL where it cannot be parsed. Borrowed: lives as long as t. */
const struct cert *trust_anchor(const struct trust *t, size_t i);
bool trust_has(const struct trust *t, const struct cert *c); /* this very certificate */
/* Anchors whose subject equals c's issuer: calls visit for each; stops when it returns false. */
void trust_issuers(const struct trust *t, const struct cert *c, bool (*visit)(const struct cert *, void *), void *user);

#endif
