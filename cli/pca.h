/*
 * What the words of `mtlscope pca` share: the accounts and regions that are meant, the CA or certificate that is named, the
 * inventory and time. Every change goes through the gate (cli/gate.h).
 */
#ifndef CLI_PCA_H
#define CLI_PCA_H

#include "aws/pca.h"
#include "cli/configuration.h"
#include "cli/gate.h"
#include "cli/options.h"
#include "fixes/plan.h"
#include "model/inventory_page.h"

struct pca_account {
	struct plan_place place;
	bool listed;
	struct pca_ca *cas;        /* session_list() */
	size_t len, own;           /* the first `own` are its own, the others are shared with it */
	const char *problem;       /* it could not be asked: one printable line; NULL */
};

struct pca_session {
	struct options *o;
	struct configuration configuration;
	struct pca_account **accounts; /* at least one; pointers hold while the session lasts */
	size_t len, cap;
	struct inventory *inventory;   /* session_inventory(); NULL before */
	struct arena *arena;
	const struct world *world;
	struct report_style style;
	int64_t now;                   /* seconds; --at */
	const atomic_bool *cancel;     /* a signal came */
	status (*agreed)(void *user, struct error *err); /* of the gate (cli/gate.h); NULL: nothing need be asked after a yes */
	void *agreed_user;
};

/* Reads the configuration and makes the clients; contacts nobody. session_close() in any case. */
status session_open(struct options *o, struct pca_session *s, struct error *err) MUST_USE;
/* For what only looks into the inventory: accounts that cannot be made out do not matter. */
status session_open_offline(struct options *o, struct pca_session *s, struct error *err) MUST_USE;
void session_close(struct pca_session *s);
/* The exit status of an error, with what it says on standard error; that of a signal where one came. */
int session_fail(const struct pca_session *s, const struct error *err);

/* Every CA of the account, also those that other accounts share with it. Asked once. */
status session_list(struct pca_session *s, struct pca_account *a, struct error *err) MUST_USE;
/* The account's number, out of what was listed, else by sts; place.account stays NULL where nobody says. */
void session_account_number(struct pca_session *s, struct pca_account *a);
/* What inventory_ca.account says of this account's CAs. */
const char *account_label(const struct pca_account *a);

struct pca_found {
	struct pca_account *account;
	struct pca_ca ca;
};
/*
 * A CA by its ARN (its region is asked then, whatever the account's own is), its id, or its name. word NULL: the only one that
 * issues certificates (ACTIVE, subordinate). ERROR_USAGE names those that there are.
 */
status session_find_ca(struct pca_session *s, const char *word, struct pca_found *out, struct error *err) MUST_USE;

/* A certificate that was named: by ARN, by serial (with --ca, else the inventory says whose it is), or by a file with it. */
struct pca_named {
	struct pca_found of;       /* the CA that issued it */
	const char *arn;           /* in the session's arena */
	const char *serial;        /* lower-case hex */
};
status session_find_certificate(struct pca_session *s, const char *word, bool files, struct pca_named *out, struct error *err) MUST_USE;

status session_inventory(struct pca_session *s, struct error *err) MUST_USE;
bool session_has_inventory(const struct pca_session *s); /* there is one already; none is made */
/* q->renewed: the names that entries of the configuration renew; CN and SANs are compared with them. */
void session_renewed(struct pca_session *s, struct inventory_query *q);
int64_t session_soon(const struct pca_session *s);      /* of certificates: --expires-within */
int64_t session_root_soon(const struct pca_session *s); /* of CAs: --root-expires-within */
/* A CA as the inventory keeps it; its certificate may be NULL. In the session's arena. */
struct inventory_ca session_known_ca(struct pca_session *s, const struct pca_account *a, const struct pca_ca *ca, const struct pca_certificate *c);

/* Prints on standard output in the style's character set, and empties it. */
void session_print(const struct pca_session *s, struct buf *page);
/* {"schema":"mtlscope.pca-NAME/1"}; the caller adds to it and prints it with json_print(). */
struct cJSON *session_json(const char *name);
/* "accounts": all of them. */
void session_json_accounts(const struct pca_session *s, struct cJSON *to);

/* gate_carry_out() (cli/gate.h) of this session. */
int session_carry_out(struct pca_session *s, struct plan *p, struct cJSON *json, void (*more)(void *user, struct cJSON *to), void *user, bool *applied);

#endif
