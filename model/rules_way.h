/* What is said of a way that ends before TLS begins: at a proxy, or at a service that does not go over to TLS. */
#ifndef MODEL_RULES_WAY_H
#define MODEL_RULES_WAY_H

#include "model/rules.h"

void way_starttls_refused(const struct facts *f, struct findings *to);
void way_injected(const struct facts *f, struct findings *to);
void way_proxy_failed(const struct facts *f, struct findings *to);

/* A finding of net.* about the host, with its attempts to connect (model/rules_net.c). */
struct finding *net_finding(const struct facts *f, struct findings *to, enum code code);

#endif
