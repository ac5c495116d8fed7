/* What the makers of trust steps share (fixes/trust*.c). */
#ifndef FIXES_TRUST_PARTS_H
#define FIXES_TRUST_PARTS_H

#include "aws/apigateway.h"
#include "fixes/trust.h"
#include "model/bundle.h"

/* “Acme Root CA” (0a4f19c2…): printable, in the plan's arena. */
const char *trust_cert_words(struct plan *p, const struct cert *c);
/* "add “A” to %s", "take “B” out of %s" or both, with `to` behind it. */
const char *trust_order(struct plan *p, const struct trust_wish *w, const char *to);
/* "acme-root-ca.pem": how command lines call the file of a certificate. */
const char *trust_cert_file(struct plan *p, const struct cert *c);
/* A comment for a command line: which certificates those files are; "" where there are none. */
const char *trust_files_comment(struct plan *p, const struct trust_wish *w);
/*
 * A filter for the shell, from the files behind it to standard output: only certificates, normalised, and without w->remove. Not
 * from a pipe of cat: where the first file ends without a newline, END and BEGIN would stand on one line.
 */
const char *trust_filter(struct plan *p, const struct trust_wish *w);
/* The files that are added: " a.pem b.pem"; "". */
const char *trust_added_files(struct plan *p, const struct trust_wish *w);

/* What is worth knowing of a CA before it is trusted: that it has expired, that it is no root. As notes. */
void trust_notes(struct plan *p, const struct trust_wish *w);
/* The wish done to a bundle. False: everything is as wished already. */
bool trust_do(const struct trust_wish *w, struct bundle *b);
/* The note where nothing is to be done: `what` is what trusts. */
void trust_as_wished(struct plan *p, const struct trust_wish *w, const char *what);
/* Each certificate that comes in is judged by the rules, then the whole. */
status trust_limits(const struct trust_wish *w, const struct bundle *b, const struct bundle_rules *r, bool advertised, struct error *err) MUST_USE;
/* Told: whoever reads it is known. UNKNOWN stays where it was said of another step. */
void trust_reached(struct plan *p, bool told);
/* The bundle as text of the plan's arena. */
const char *trust_text(struct plan *p, const struct bundle *b);
/* Hex SHA-256 of bytes, in the plan's arena. */
const char *trust_sha256(struct plan *p, const char *bytes, size_t len);

/* A domain name, by the API that is asked for; *http is set where only the HTTP APIs' interface has it. */
status trust_find_domain(struct plan *p, const char *name, bool *http, struct api_domain *out, struct error *err) MUST_USE;
/* "s3://bucket/key" in two, in the plan's arena. */
bool trust_split_uri(struct plan *p, const char *uri, const char **bucket, const char **key);
/* For a shell: puts a file as an object; variable: takes its version, or NULL. */
const char *trust_put_line(struct plan *p, const char *variable, const char *bucket, const char *key, const char *file);
/* For a shell: the domain name's truststore, with "$VERSION" where there are versions. Each of the two APIs has a shape of its own. */
const char *trust_domain_line(struct plan *p, bool http_api, const char *domain, const char *uri, bool versioned);
/* Does the bucket keep versions? False too where that may not be asked. */
bool trust_versioned(struct plan *p, const char *bucket);

status trust_alb_steps(struct plan *p, const struct trust_wish *w, struct error *err) MUST_USE;
status trust_apigateway_steps(struct plan *p, const struct trust_wish *w, struct error *err) MUST_USE;

#endif
