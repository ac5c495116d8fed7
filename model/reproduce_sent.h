/* Inside of model/reproduce*.c: a line while it is written; what a handshake showed of us, and whether a tool can be made to show the same. */
#ifndef MODEL_REPRODUCE_SENT_H
#define MODEL_REPRODUCE_SENT_H

#include "model/evidence.h"

enum line_sends { LINE_OURS, LINE_LEAF, LINE_NOTHING, LINE_THROWAWAY, LINE_THROWAWAY_RSA };

struct line_plan {
	enum line_sends sends;
	const char *cannot;      /* why no tool can do it: a clause, static; NULL: one can */
	const char *curl_cannot; /* why curl alone cannot */
	const char *path, *host; /* in the place of the target's, where the experiment asked for another; or NULL */
	bool wide;               /* everything was offered */
	bool late;               /* it lets itself be asked after the handshake */
};

/* By the experiment's name, and for one that has no row by what went out. */
struct line_plan line_plan_of(const struct evidence *e, const struct handshake *h);

/* Signature algorithms as we name them, "a:b", in the words that -sigalgs takes. */
void openssl_sigalgs(const char *list, struct buf *out);

/* ---- a line while it is written: reproduce.c, reproduce_curl.c ---- */

enum {
	LINE_ADDRESS_MAX = 320,
	TLS_1_0 = 0x0301, TLS_1_2 = 0x0303, TLS_1_3 = 0x0304
};

struct line {
	const struct evidence *e;
	const struct handshake *h;
	struct line_plan plan;
	struct buf *out;
	const char *remark;
	bool begun;
};

/* False where no tool can do it: the remark says why. */
bool line_begin(struct line *l, const struct evidence *e, const struct handshake *h, struct buf *out);
/* An option as it stands, and its value in quotes where it needs them; NULL: it has none. */
void line_put(struct line *l, const char *option, const char *value);
/* A throwaway has to be made before it can be shown. */
void line_make_throwaway(struct line *l);
bool line_sends_certificate(const struct line *l); /* ours, or its leaf */
bool line_sends_throwaway(const struct line *l);
bool line_asks_http(const struct line *l);
/* Would OpenSSL add an issuer of ours out of what we trust? It does where it knows of the leaf alone. */
bool line_filled_in_from_trust(const struct line *l);
bool line_is_weak(const struct cert *c);
/* Where it was connected: a name may lead elsewhere tomorrow, or was led elsewhere by --resolve. */
const char *line_address(const struct line *l, char out[LINE_ADDRESS_MAX]);
bool line_leads_through(const struct line *l, const char *kind); /* a proxy whose URL begins so: "ssh:", "socks" */
const char *line_method(const struct line *l);
const char *line_path(const struct line *l);
const char *line_ciphers(const struct line *l, char *out, size_t size); /* NULL: the tool's own */
size_t line_version_index(uint16_t version); /* of a table from TLS 1.0 to 1.3 */

#endif
