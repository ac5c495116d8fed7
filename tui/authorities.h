/* The private CAs: the argument of authorities_view, and ways there from other screens. */
#ifndef TUI_AUTHORITIES_H
#define TUI_AUTHORITIES_H

#include "model/cert.h"
#include "model/inventory.h"
#include "tui/console.h"

struct authorities_wish {
	const char *ca;            /* the ARN of the CA to select; or NULL. Copied */
	const struct cert *issued; /* or a certificate whose issuer is to be selected: a reference is taken; or NULL */
};

/* Opens the tree with that CA selected; with the CA that issued this certificate. */
void authorities_go_to_ca(struct console *k, const char *ca);
void authorities_go_to_issuer(struct console *k, const struct cert *c);
/* "prod, us-east-1": printable, static until the next call. */
const char *authority_account(const struct aws_client_options *o);
/* Its certificate, whole, on a screen of its own. */
void authority_show_certificate(struct console *k, const struct inventory_ca *ca);

#endif
