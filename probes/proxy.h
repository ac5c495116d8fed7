/* What a proxy is told, so that it leads us to a target: HTTP CONNECT and SOCKS 5. */
#ifndef PROBES_PROXY_H
#define PROBES_PROXY_H

#include "model/proxy.h"
#include "probes/dialogue.h"

/* The wish of the dialogue says where to and as whom. NULL for PROXY_NONE and PROXY_SSH. */
const struct dialect *proxy_dialect(enum proxy_kind kind);

#endif
