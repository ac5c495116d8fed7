/* curl's exit statuses and texts, by its documents and source (lib/vtls/openssl.c); what it makes of refusals: measured. */
#include "model/explain_rows.h"

#define CURL(n, name, a, f) { .id = "curl." #n, .texts = { name }, .number = n, .writer = WRITER_CLIENT, .act = a, .fault = f, .rank = RANK_GENERAL

static const struct explain_row rows[] = {
	{ .id = "curl.number", .texts = { "curl: ({curl#})", "curl exit status {curl#}~", "curl exit {curl#}~", "^curl {curl#}$" }, .lookup = LOOKUP_CURL, .rank = RANK_GENERAL, .writer = WRITER_CLIENT,
	    .example = "curl: (35) x" },
	CURL(5, "CURLE_COULDNT_RESOLVE_PROXY", ACT_MET, FAULT_PROXY), .says = "The proxy's name has no address." },
	CURL(6, "CURLE_COULDNT_RESOLVE_HOST", ACT_MET, FAULT_DNS) },
	CURL(7, "CURLE_COULDNT_CONNECT", ACT_MET, FAULT_REFUSED), .causes = CAUSES(LIKELY(NET_REFUSED), MAYBE(NET_UNREACHABLE), RARELY(NET_TIMEOUT)) },
	CURL(28, "CURLE_OPERATION_TIMEDOUT", ACT_MET, FAULT_TIMEOUT) },
	CURL(35, "CURLE_SSL_CONNECT_ERROR", ACT_MET, FAULT_PARAMETERS),
	    .says = "The TLS handshake failed before curl judged anything; in TLS 1.2 a refusal of the client's certificate ends here. What stands behind the number says more.",
	    .causes = CAUSES(MAYBE(CLIENT_REQUIRED), MAYBE(CLIENT_REJECTED), RARELY(TLS_NO_COMMON_VERSION), RARELY(TLS_NO_COMMON_CIPHER), RARELY(NET_NOT_TLS), RARELY(NET_RESET)) },
	CURL(51, "CURLE_PEER_FAILED_VERIFICATION", ACT_JUDGED, FAULT_ANY), .note = "Before curl 7.62; later ones say 60." },
	CURL(52, "CURLE_GOT_NOTHING", ACT_MET, FAULT_CLOSED),
	    .note = "Node as a server ends like this in TLS 1.3 when it does not like the client's certificate (measured)." },
	CURL(53, "CURLE_SSL_ENGINE_NOTFOUND", ACT_OWN, FAULT_KEY_FILE), .says = "The engine that holds the client's key is not there." },
	CURL(54, "CURLE_SSL_ENGINE_SETFAILED", ACT_OWN, FAULT_KEY_FILE) },
	CURL(55, "CURLE_SEND_ERROR", ACT_MET, FAULT_RESET), .note = "In TLS 1.3 curl writes before it reads: the alert that says why is then often lost (curl saw it in 63 % of measured refusals)." },
	CURL(56, "CURLE_RECV_ERROR", ACT_MET, FAULT_RESET), .note = "In TLS 1.3 a refusal of the client's certificate comes here, with the alert's name behind the number when curl saw it. AWS load balancers without a certificate end in 35 or 56." },
	CURL(58, "CURLE_SSL_CERTPROBLEM", ACT_OWN, FAULT_KEY_FILE), .causes = CAUSES(LIKELY(KEY_UNREADABLE), MAYBE(KEY_MISMATCH)),
	    .says = "curl cannot use the certificate or key that it was given: --cert, --key, their formats, the passphrase, or key and certificate do not belong together." },
	CURL(59, "CURLE_SSL_CIPHER", ACT_OWN, FAULT_CIPHER), .says = "The cipher list that curl was given cannot be used." },
	CURL(60, "CURLE_SSL_CACERT", ACT_JUDGED, FAULT_ANY), .note = "curl judged the server's certificate; except that a received certificate_expired, which is about the client's certificate, is shown as 60 with a text about the server's (lib/vtls/openssl.c)." },
	CURL(64, "CURLE_USE_SSL_FAILED", ACT_MET, FAULT_STARTTLS) },
	CURL(66, "CURLE_SSL_ENGINE_INITFAILED", ACT_OWN, FAULT_KEY_FILE) },
	CURL(77, "CURLE_SSL_CACERT_BADFILE", ACT_OWN, FAULT_TRUST_FILE) },
	CURL(80, "CURLE_SSL_SHUTDOWN_FAILED", ACT_MET, FAULT_CLOSED), .says = "The end of the TLS connection was not clean." },
	CURL(82, "CURLE_SSL_CRL_BADFILE", ACT_OWN, FAULT_CRL), .says = "The revocation list that curl was given (--crlfile) cannot be read.", .causes = CAUSES(LIKELY(CERT_REVOCATION_UNKNOWN)) },
	CURL(83, "CURLE_SSL_ISSUER_ERROR", ACT_JUDGED, FAULT_NO_ISSUER), .says = "The server's certificate was not issued by the CA that curl was told to insist on." },
	CURL(90, "CURLE_SSL_PINNEDPUBKEYNOTMATCH", ACT_JUDGED, FAULT_FORBIDDEN), .says = "The server's public key is not the one that is pinned (--pinnedpubkey).", .causes = CAUSES(LIKELY(CHAIN_INVALID), MAYBE(NAME_MISMATCH)) },
	CURL(91, "CURLE_SSL_INVALIDCERTSTATUS", ACT_JUDGED, FAULT_CRL), .says = "The server stapled no valid OCSP answer, and curl was told to want one (--cert-status).", .causes = CAUSES(LIKELY(CERT_REVOCATION_UNKNOWN), MAYBE(CERT_REVOKED)) },
	CURL(92, "CURLE_HTTP2_STREAM", ACT_MET, FAULT_BROKEN), .causes = CAUSES(MAYBE(CLIENT_LATE_AUTH), MAYBE(TLS_BROKEN_PEER)), .note = "HTTP/2 allows no late request for a certificate: a server that does so ends the stream (HTTP_1_1_REQUIRED)." },
	CURL(97, "CURLE_PROXY", ACT_MET, FAULT_PROXY) },
	CURL(98, "CURLE_SSL_CLIENTCERT", ACT_HEARD, FAULT_NONE_SENT), .says = "The server wants a client certificate, and curl was given none (alert 116)." },
	/* Texts. */
	{ .id = "curl.name", .texts = { "SSL: no alternative certificate subject name matches target host name '{wanted}'", "no alternative certificate subject name matches target" }, .writer = WRITER_CLIENT, .fault = FAULT_NAME,
	    .note = "curl checks the name itself, after the handshake: the server sees no alert (measured)." },
	{ .id = "curl.cn", .texts = { "SSL: certificate subject name '{has}' does not match target host name '{wanted}'" }, .writer = WRITER_CLIENT, .fault = FAULT_NAME,
	    .causes = CAUSES(LIKELY(NAME_MISMATCH), LIKELY(NAME_NO_SAN)), .note = "curl fell back on the common name: the certificate has no name of the wanted kind." },
	{ .id = "curl.problem", .texts = { "SSL certificate problem:" }, .writer = WRITER_CLIENT, .fault = FAULT_ANY, .rank = RANK_WRAPPER,
	    .note = "curl shows this also where the server sent certificate_expired about the client's certificate (lib/vtls/openssl.c; measured with -k): look at what was received with curl -v." },
	{ .id = "curl.empty", .texts = { "Empty reply from server" }, .writer = WRITER_CLIENT, .act = ACT_MET, .fault = FAULT_CLOSED, .note = "Node as a server ends like this in TLS 1.3 when it does not like the client's certificate (measured)." },
	{ .id = "curl.client-cert", .texts = { "could not load PEM client certificate", "unable to set private key file", "could not load client certificate" }, .writer = WRITER_CLIENT, .act = ACT_OWN, .fault = FAULT_KEY_FILE },
	{ .id = "curl.cafile", .texts = { "error setting certificate verify locations", "error setting certificate file" }, .writer = WRITER_CLIENT, .act = ACT_OWN, .fault = FAULT_TRUST_FILE },
};
const struct explain_table explain_curl = {
	.origin = "curl", .source = "curl's documents and lib/vtls/openssl.c (2026-08); measured where it says so", .rows = rows, .len = sizeof rows / sizeof rows[0],
};
