/*
 * The finding codes of CONTRACT section 4, in the order of its table: the order decides between
 * findings of equal severity, so it is part of the contract.
 */
#ifndef MODEL_CODES_H
#define MODEL_CODES_H

#include <stdbool.h>
#include <stddef.h>

enum severity { SEVERITY_NONE, SEVERITY_NOTICE, SEVERITY_WARNING, SEVERITY_ERROR };
enum side { SIDE_CLIENT, SIDE_SERVER, SIDE_CLOCK, SIDE_NETWORK, SIDE_POLICY };
/* CONTRACT section 2: the exit status follows the class. */
enum cause_class {
	CLASS_NONE = 0,
	CLASS_NETWORK = 3,
	CLASS_PROTOCOL = 4,
	CLASS_SERVER = 5,
	CLASS_CLIENT = 6,
	CLASS_CLOCK = 7,
	CLASS_POLICY = 8
};
/* In the order in which equal severities yield: CONTRACT section 3. */
enum code_group { GROUP_NET, GROUP_TLS, GROUP_CLOCK, GROUP_SERVER, GROUP_KEY, GROUP_CLIENT, GROUP_MTLS };

/* X(identifier, "code", group, default severity, class, side) */
#define CODES(X)                                                                                      \
	X(NET_DNS_FAILURE, "net.dns-failure", NET, ERROR, NETWORK, NETWORK)                           \
	X(NET_UNREACHABLE, "net.unreachable", NET, ERROR, NETWORK, NETWORK)                           \
	X(NET_REFUSED, "net.refused", NET, ERROR, NETWORK, NETWORK)                                   \
	X(NET_TIMEOUT, "net.timeout", NET, ERROR, NETWORK, NETWORK)                                   \
	X(NET_RESET, "net.reset", NET, ERROR, NETWORK, NETWORK)                                       \
	X(NET_CLOSED, "net.closed", NET, ERROR, NETWORK, NETWORK)                                     \
	X(NET_LOCAL, "net.local", NET, ERROR, NETWORK, NETWORK)                                       \
	X(NET_NOT_TLS, "net.not-tls", NET, ERROR, NETWORK, NETWORK)                                   \
	X(NET_STARTTLS_REFUSED, "net.starttls-refused", NET, ERROR, NETWORK, NETWORK)                 \
	X(NET_PROXY_FAILED, "net.proxy-failed", NET, ERROR, NETWORK, NETWORK)                         \
	X(NET_ADDRESSES_DIFFER, "net.addresses-differ", NET, WARNING, NETWORK, NETWORK)               \
	X(TLS_NO_COMMON_VERSION, "tls.no-common-version", TLS, ERROR, PROTOCOL, SERVER)               \
	X(TLS_NO_COMMON_CIPHER, "tls.no-common-cipher", TLS, ERROR, PROTOCOL, SERVER)                 \
	X(TLS_NO_COMMON_GROUP, "tls.no-common-group", TLS, ERROR, PROTOCOL, SERVER)                   \
	X(TLS_NO_COMMON_SIGALG, "tls.no-common-sigalg", TLS, ERROR, PROTOCOL, SERVER)                 \
	X(TLS_NO_COMMON_ALPN, "tls.no-common-alpn", TLS, ERROR, PROTOCOL, SERVER)                     \
	X(TLS_REJECTED, "tls.rejected", TLS, ERROR, PROTOCOL, SERVER)                                 \
	X(TLS_BROKEN_PEER, "tls.broken-peer", TLS, ERROR, PROTOCOL, SERVER)                           \
	X(TLS_OLD_VERSION, "tls.old-version", TLS, WARNING, PROTOCOL, SERVER)                         \
	X(TLS_SNI_REQUIRED, "tls.sni-required", TLS, WARNING, PROTOCOL, SERVER)                       \
	X(CHAIN_MISSING_INTERMEDIATE, "chain.missing-intermediate", SERVER, ERROR, SERVER, SERVER)    \
	X(CHAIN_WRONG_ORDER, "chain.wrong-order", SERVER, WARNING, SERVER, SERVER)                    \
	X(CHAIN_EXTRA_CERTIFICATE, "chain.extra-certificate", SERVER, WARNING, SERVER, SERVER)        \
	X(CHAIN_ROOT_INCLUDED, "chain.root-included", SERVER, NOTICE, SERVER, SERVER)                 \
	X(CHAIN_UNTRUSTED_ROOT, "chain.untrusted-root", SERVER, ERROR, SERVER, SERVER)                \
	X(CHAIN_SELF_SIGNED, "chain.self-signed", SERVER, ERROR, SERVER, SERVER)                      \
	X(CHAIN_BAD_SIGNATURE, "chain.bad-signature", SERVER, ERROR, SERVER, SERVER)                  \
	X(CHAIN_NOT_A_CA, "chain.not-a-ca", SERVER, ERROR, SERVER, SERVER)                            \
	X(CHAIN_PATH_LENGTH, "chain.path-length", SERVER, ERROR, SERVER, SERVER)                      \
	X(CHAIN_NAME_CONSTRAINT, "chain.name-constraint", SERVER, ERROR, SERVER, SERVER)              \
	X(CHAIN_UNKNOWN_CRITICAL, "chain.unknown-critical-extension", SERVER, ERROR, SERVER, SERVER)  \
	X(CHAIN_INVALID, "chain.invalid", SERVER, ERROR, SERVER, SERVER)                              \
	X(CHAIN_INTERMEDIATE_EXPIRED, "chain.intermediate-expired", SERVER, ERROR, SERVER, SERVER)    \
	X(CERT_EXPIRED, "cert.expired", SERVER, ERROR, SERVER, SERVER)                                \
	X(CERT_NOT_YET_VALID, "cert.not-yet-valid", SERVER, ERROR, SERVER, SERVER)                    \
	X(CERT_EXPIRING, "cert.expiring", SERVER, WARNING, SERVER, SERVER)                            \
	X(CHAIN_INTERMEDIATE_EXPIRING, "chain.intermediate-expiring", SERVER, WARNING, SERVER, SERVER) \
	X(CERT_OUTLIVES_ISSUER, "cert.outlives-issuer", SERVER, WARNING, SERVER, SERVER)              \
	X(CERT_REVOKED, "cert.revoked", SERVER, ERROR, SERVER, SERVER)                                \
	X(CERT_REVOCATION_UNKNOWN, "cert.revocation-unknown", SERVER, WARNING, SERVER, SERVER)        \
	X(CERT_WEAK_KEY, "cert.weak-key", SERVER, WARNING, SERVER, SERVER)                            \
	X(CERT_WEAK_SIGNATURE, "cert.weak-signature", SERVER, WARNING, SERVER, SERVER)                \
	X(CERT_MALFORMED, "cert.malformed", SERVER, WARNING, SERVER, SERVER)                          \
	X(CERT_HOSTILE_NAME, "cert.hostile-name", SERVER, WARNING, SERVER, SERVER)                    \
	X(NAME_MISMATCH, "name.mismatch", SERVER, ERROR, SERVER, SERVER)                              \
	X(NAME_NO_SAN, "name.no-san", SERVER, ERROR, SERVER, SERVER)                                  \
	X(EKU_NO_SERVER_AUTH, "eku.no-server-auth", SERVER, ERROR, SERVER, SERVER)                    \
	X(ROOT_EXPIRED, "root.expired", SERVER, ERROR, SERVER, SERVER)                                \
	X(ROOT_EXPIRING, "root.expiring", SERVER, WARNING, SERVER, SERVER)                            \
	X(KEY_MISMATCH, "key.mismatch", KEY, ERROR, CLIENT, CLIENT)                                   \
	X(KEY_SERVER_MISMATCH, "key.server-mismatch", KEY, ERROR, SERVER, SERVER)                     \
	X(KEY_EXPOSED, "key.exposed", KEY, WARNING, CLIENT, CLIENT)                                   \
	X(KEY_UNREADABLE, "key.unreadable", KEY, ERROR, CLIENT, CLIENT)                               \
	X(CLIENT_REQUIRED, "client.required", CLIENT, ERROR, CLIENT, CLIENT)                          \
	X(CLIENT_NOT_SENT, "client.not-sent", CLIENT, ERROR, CLIENT, CLIENT)                          \
	X(CLIENT_MISSING_INTERMEDIATE, "client.missing-intermediate", CLIENT, ERROR, CLIENT, CLIENT)  \
	X(CLIENT_UNTRUSTED, "client.untrusted", CLIENT, ERROR, CLIENT, CLIENT)                        \
	X(CLIENT_EXPIRED, "client.expired", CLIENT, ERROR, CLIENT, CLIENT)                            \
	X(CLIENT_NOT_YET_VALID, "client.not-yet-valid", CLIENT, ERROR, CLIENT, CLIENT)                \
	X(CLIENT_EKU, "client.eku", CLIENT, ERROR, CLIENT, CLIENT)                                    \
	X(CLIENT_REVOKED, "client.revoked", CLIENT, ERROR, CLIENT, CLIENT)                            \
	X(CLIENT_WEAK, "client.weak", CLIENT, ERROR, CLIENT, CLIENT)                                  \
	X(CLIENT_BAD_CHAIN, "client.bad-chain", CLIENT, ERROR, CLIENT, CLIENT)                        \
	X(CLIENT_INTERMEDIATE_EXPIRED, "client.intermediate-expired", CLIENT, ERROR, CLIENT, CLIENT)  \
	X(CLIENT_EXPIRING, "client.expiring", CLIENT, WARNING, CLIENT, CLIENT)                        \
	X(CLIENT_INTERMEDIATE_EXPIRING, "client.intermediate-expiring", CLIENT, WARNING, CLIENT, CLIENT) \
	X(CLIENT_ROOT_EXPIRING, "client.root-expiring", CLIENT, WARNING, CLIENT, CLIENT)              \
	X(CLIENT_WRONG_ORDER, "client.wrong-order", CLIENT, WARNING, CLIENT, CLIENT)                  \
	X(CLIENT_HOSTILE_NAME, "client.hostile-name", CLIENT, WARNING, CLIENT, CLIENT)                \
	X(CLIENT_NOT_IN_CA_LIST, "client.not-in-ca-list", CLIENT, WARNING, CLIENT, CLIENT)            \
	X(CLIENT_DEPTH_EXCEEDED, "client.depth-exceeded", CLIENT, ERROR, CLIENT, CLIENT)              \
	X(CLIENT_PARTIAL_TRUST, "client.partial-trust", CLIENT, ERROR, CLIENT, CLIENT)                \
	X(CLIENT_FORBIDDEN, "client.forbidden", CLIENT, ERROR, CLIENT, CLIENT)                        \
	X(CLIENT_SERVER_REVOCATION, "client.server-revocation", CLIENT, ERROR, CLIENT, SERVER)        \
	X(CLIENT_LATE_AUTH, "client.late-auth", CLIENT, ERROR, CLIENT, CLIENT)                        \
	X(CLIENT_REJECTED, "client.rejected", CLIENT, ERROR, CLIENT, CLIENT)                          \
	X(CLIENT_UNPROVEN, "client.unproven", CLIENT, WARNING, CLIENT, CLIENT)                        \
	X(CLOCK_LOCAL_SKEW, "clock.local-skew", CLOCK, WARNING, CLOCK, CLOCK)                         \
	X(CLOCK_SERVER_SKEW, "clock.server-skew", CLOCK, WARNING, CLOCK, CLOCK)                       \
	X(CLOCK_UNSYNCHRONISED, "clock.unsynchronised", CLOCK, NOTICE, CLOCK, CLOCK)                  \
	X(MTLS_NOT_REQUESTED, "mtls.not-requested", MTLS, WARNING, POLICY, POLICY)                    \
	X(MTLS_OPTIONAL, "mtls.optional", MTLS, WARNING, POLICY, POLICY)                              \
	X(MTLS_NOT_VERIFIED, "mtls.not-verified", MTLS, ERROR, POLICY, POLICY)                        \
	X(MTLS_BYPASS, "mtls.bypass", MTLS, ERROR, POLICY, POLICY)                                    \
	X(MTLS_RESUMPTION_BYPASS, "mtls.resumption-bypass", MTLS, ERROR, POLICY, POLICY)              \
	X(MTLS_RESUMPTION_KEEPS, "mtls.resumption-keeps-identity", MTLS, NOTICE, POLICY, POLICY)      \
	X(MTLS_REVOCATION_NOT_CHECKED, "mtls.revocation-not-checked", MTLS, WARNING, POLICY, POLICY)  \
	X(MTLS_ANY_CLIENT, "mtls.any-client", MTLS, NOTICE, POLICY, POLICY)

enum code {
	CODE_NONE = -1,
#define X(id, name, group, severity, class, side) CODE_##id,
	CODES(X)
#undef X
	CODE_COUNT
};

struct code_info {
	const char *name;
	enum code_group group;
	enum severity severity; /* as the table has it; a rule may say otherwise, as the contract allows */
	enum cause_class class;
	enum side side;
};

const struct code_info *code_info(enum code code); /* never NULL for a valid code */
enum code code_named(const char *name);            /* CODE_NONE where there is none */

const char *severity_name(enum severity s);   /* "error", "warning", "notice", "none" */
const char *side_name(enum side s);           /* "client", "server", "clock", "network", "policy" */
const char *class_name(enum cause_class c);   /* "none", "network", … as in check --json */

#endif
