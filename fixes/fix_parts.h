/* What fix.c and the makers of mends share. */
#ifndef FIXES_FIX_PARTS_H
#define FIXES_FIX_PARTS_H

#include "aws/pca.h"
#include "fixes/deed.h"
#include "fixes/fix.h"
#include "model/chain_build.h"

/* A CA of the account, with its certificate: fixes/fix_authorities.c. */
struct fix_authority {
	struct pca_ca ca;
	const struct cert *cert;        /* NULL: none yet, or it cannot be read */
	const struct cert **above;      /* its chain, the root last */
	size_t above_len;
	const char *name;               /* printable */
	const char *unread;             /* why cert is NULL; printable */
};

struct fixing {
	const struct fix_wish *w;
	const struct finding *finding;
	bool ours;                      /* our identity is mended; else the server's files */
	const char *as;                 /* "client", "server": of values and private files */
	const struct identity *identity; /* what is there now, of whichever side */
	const char *unread;             /* why the server's own files could not be read; or NULL */
	struct identity *loaded;        /* the same where it was read here: freed at the end */
	const char *cert_path, *key_path; /* files; key_path NULL: it is in cert_path, or there is none */
	const struct config_identity *kept; /* of ours that AWS keeps: cert_path is "secret:payments" then; else NULL */
	struct plan *plan;
	struct arena *arena;
	bool asked;                     /* AWS, for its CAs */
	const struct pca_ca *all;       /* the account's CAs of every status */
	size_t all_len;
	struct fix_authority *authorities;
	size_t authorities_len;
	const char *by_hand;            /* set by a maker: FIX_BY_HAND and why */
	bool settled;                   /* by_hand is the answer: no other way is tried */
};

/* A maker: adds steps, title and notes to f->plan, or sets f->by_hand. */
typedef status fix_maker(struct fixing *f, struct error *err);
fix_maker fix_chain, fix_reissue, fix_key, fix_mode, fix_trust, fix_require, fix_load;

/* The server's file differs from what is sent, and nothing is wrong with it: fix_load is the mend, whatever was found. */
bool fix_only_to_load(const struct fixing *f);

/* The account's CAs that are ACTIVE or EXPIRED, asked once. No AWS at hand: STATUS_OK, and there are none. */
status fix_ask_authorities(struct fixing *f, struct error *err) MUST_USE;
void fix_authorities_done(struct fixing *f);
/*
 * Who is to issue instead of the certificate `old`: who is named by --ca; who issued it; who the other side trusts (the server's list
 * of CAs, or our trust). NULL and f->by_hand: none, or more than one fits.
 */
status fix_choose_authority(struct fixing *f, const struct cert *old, const struct fix_authority **out, struct error *err) MUST_USE;

/* Every certificate that is at hand, and those of the account's CAs where they have been asked for. */
void fix_pool(struct fixing *f, struct chain_pool *pool);
/* The CAs above a leaf out of all that is at hand, AWS's too: from the leaf up, the root last. *len 0: its root is not at hand. */
status fix_cas_above(struct fixing *f, const struct cert *leaf, const struct cert ***out, size_t *len, struct error *err) MUST_USE;
/* The step that runs the entry's reload or hook, where it has one. */
void fix_add_reload(struct fixing *f, const struct config_entry *reader);
/* Says that it cannot be done from here; STATUS_OK, so that a maker can return it. */
status fix_by_hand(struct fixing *f, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* What its owner is to do, in full: perhaps several lines. */
const char *fix_words(struct fixing *f);
/* “Acme Issuing CA 1” */
const char *fix_named(struct fixing *f, const struct cert *c);
/*
 * The kind of a new key in the place of `old`'s (NULL: there is none): what --key-algorithm says, else like the old one's. Where the
 * server takes no signature of that, one that it takes; it is noted (fixes/fix_key_kind.c).
 */
enum csr_key fix_key_kind(struct fixing *f, const struct cert *old);
/* Would the server take a signature of it, by what it asked for? True where it is not ours that is made, or nothing was asked. */
bool fix_key_is_taken(const struct fixing *f, const struct public_key *key);
const char *fix_signatures_asked(struct fixing *f);
/* The name of an identity or a service of the configuration that has the key's file too, for another certificate; or NULL. */
const char *fix_key_shared_with(const struct fixing *f);
/* Others of the fleet show the same certificate, and the new one is of another CA: that they trust that was not looked at, which is noted. */
void fix_note_others(struct fixing *f, const struct cert *old, const struct cert *ca);
/* The files get AS's values: the step, where it reaches, and looking for it on the wire. */
status fix_install(struct fixing *f, bool new_key, struct error *err) MUST_USE;

#endif
