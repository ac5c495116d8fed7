/*
 * What servers and proxies write themselves, around and beside their TLS library's texts: nginx, HAProxy,
 * Apache, stunnel (measured), Envoy, PostgreSQL (measured where it says so), gnutls-serv.
 */
#include "model/explain_rows.h"

static const struct explain_row nginx_rows[] = {
	{ .id = "nginx.verify", .texts = { "client SSL certificate verify error: ({verify#}:" }, .lookup = LOOKUP_VERIFY, .writer = WRITER_SERVER, .rank = RANK_PRECISE + 1,
	    .note = "nginx completes the handshake and answers HTTP 400; it writes the last error that OpenSSL met. Logged at level info: invisible at the default level, error.",
	    .example = "client SSL certificate verify error: (21:x) while reading client request headers" },
	{ .id = "nginx.none-sent", .texts = { "client sent no required SSL certificate", "No required SSL certificate was sent" }, .writer = WRITER_SERVER, .fault = FAULT_NONE_SENT, .rank = RANK_PRECISE, .note = "The page is HTTP 400 (496 in its own log)." },
	{ .id = "nginx.cert-error", .texts = { "The SSL certificate error" }, .writer = WRITER_SERVER, .fault = FAULT_ANY, .rank = RANK_PRECISE,
	    .note = "HTTP 400 (495 in its own log). Its error log at level info has the reason: “client SSL certificate verify error: (…)”." },
	{ .id = "nginx.plain", .texts = { "The plain HTTP request was sent to HTTPS port", "client sent plain HTTP request to HTTPS port" }, .writer = WRITER_SERVER, .act = ACT_MET, .fault = FAULT_NOT_TLS, .rank = RANK_PRECISE, .note = "HTTP 400 (497 in its own log)." },
	{ .id = "nginx.misdirected", .texts = { "client attempted to request the server name different from the one that was negotiated", "421 Misdirected Request" }, .writer = WRITER_SERVER, .act = ACT_MET, .fault = FAULT_SNI, .rank = RANK_PRECISE,
	    .says = "The name in the TLS handshake is not the one in the Host header; nginx does not allow that where client certificates are verified.", .causes = CAUSES(LIKELY(TLS_SNI_REQUIRED), MAYBE(TLS_REJECTED)) },
	{ .id = "nginx.upstream-name", .texts = { "upstream SSL certificate does not match \"{wanted}\"" }, .writer = WRITER_CLIENT, .fault = FAULT_NAME, .rank = RANK_PRECISE },
	{ .id = "nginx.upstream-verify", .texts = { "upstream SSL certificate verify error: ({verify#}:" }, .lookup = LOOKUP_VERIFY, .writer = WRITER_CLIENT, .rank = RANK_PRECISE + 1, .note = "nginx is the client here, the upstream the server.",
	    .example = "upstream SSL certificate verify error: (20:x) while SSL handshaking to upstream" },
	{ .id = "nginx.status-496", .texts = { "\" 496 " }, .writer = WRITER_SERVER, .fault = FAULT_NONE_SENT, .rank = RANK_TEXT, .example = "10.0.0.7 - - [23/Nov/2026] \"GET / HTTP/1.1\" 496 0" },
	{ .id = "nginx.status-495", .texts = { "\" 495 " }, .writer = WRITER_SERVER, .fault = FAULT_ANY, .rank = RANK_TEXT, .example = "10.0.0.7 - - [23/Nov/2026] \"GET / HTTP/1.1\" 495 0" },
	{ .id = "nginx.status-497", .texts = { "\" 497 " }, .writer = WRITER_SERVER, .act = ACT_MET, .fault = FAULT_NOT_TLS, .rank = RANK_TEXT, .example = "10.0.0.7 - - [23/Nov/2026] \"GET / HTTP/1.1\" 497 0" },
	{ .id = "nginx.ca-file", .texts = { "no ssl_client_certificate for ssl_verify_client" }, .writer = WRITER_SERVER, .act = ACT_OWN, .fault = FAULT_TRUST_FILE, .rank = RANK_PRECISE },
};
const struct explain_table explain_nginx = {
	.origin = "nginx", .source = "measured with nginx 1.22; src/http/ngx_http_special_response.c", .stack = STACK_NGINX, .rows = nginx_rows, .len = sizeof nginx_rows / sizeof nginx_rows[0],
};

static const struct explain_row haproxy_rows[] = {
	{ .id = "haproxy.c-err", .texts = { "c_err={verify#}~", "ssl_c_err={verify#}~", "ssl_c_verify={verify#}~" }, .lookup = LOOKUP_VERIFY, .writer = WRITER_SERVER, .rank = RANK_PRECISE + 1,
	    .note = "ssl_c_err is about the client's own certificate (depth 0).", .example = "certificate verify failed c_err=26 ca_err=0 depth=0" },
	{ .id = "haproxy.ca-err", .texts = { "ca_err={verify#}~*depth={depth#}", "ca_err={verify#}~" }, .lookup = LOOKUP_VERIFY, .writer = WRITER_SERVER, .rank = RANK_PRECISE + 1,
	    .note = "ca_err is about a CA above the client's certificate, at that depth.", .example = "certificate verify failed c_err=0 ca_err=10 depth=1" },
	{ .id = "haproxy.not-trusted", .texts = { "SSL client certificate not trusted" }, .writer = WRITER_SERVER, .fault = FAULT_ANY, .rank = RANK_PRECISE,
	    .note = "HAProxy's usual log does not say why: error-log-format with %[ssl_c_err] and %[ssl_c_ca_err] does." },
	{ .id = "haproxy.ca-chain", .texts = { "SSL client CA chain cannot be verified" }, .writer = WRITER_SERVER, .fault = FAULT_ANY, .rank = RANK_PRECISE,
	    .causes = CAUSES(LIKELY(CLIENT_UNTRUSTED), LIKELY(CLIENT_MISSING_INTERMEDIATE), MAYBE(CLIENT_INTERMEDIATE_EXPIRED), MAYBE(CLIENT_BAD_CHAIN), RARELY(CLIENT_PARTIAL_TRUST)),
	    .says = "A CA above the client's certificate was not accepted." },
	{ .id = "haproxy.no-cert", .texts = { "SSL client certificate missing", "Client certificate missing" }, .writer = WRITER_SERVER, .fault = FAULT_NONE_SENT, .rank = RANK_PRECISE },
	{ .id = "haproxy.handshake", .texts = { "Connection closed during SSL handshake", "Connection error during SSL handshake", "Timeout during SSL handshake" }, .writer = WRITER_SERVER, .act = ACT_MET, .fault = FAULT_CLOSED,
	    .says = "The client ended the handshake without a word: a health check, or a client that does not trust the server's certificate.", .causes = CAUSES(MAYBE(CHAIN_UNTRUSTED_ROOT), MAYBE(NAME_MISMATCH), RARELY(NET_CLOSED)) },
	{ .id = "haproxy.backend", .texts = { "SSL server certificate not trusted", "Server presented an invalid certificate" }, .writer = WRITER_CLIENT, .fault = FAULT_ANY, .rank = RANK_PRECISE, .note = "HAProxy is the client here, the backend the server." },
};
const struct explain_table explain_haproxy = {
	.origin = "HAProxy", .source = "measured with HAProxy 2.6; its documents", .stack = STACK_OPENSSL, .rows = haproxy_rows, .len = sizeof haproxy_rows / sizeof haproxy_rows[0],
};

static const struct explain_row apache_rows[] = {
	{ .id = "apache.verify", .texts = { "Certificate Verification: Error ({verify#}):", "AH02276: *Error ({verify#})" }, .lookup = LOOKUP_VERIFY, .rank = RANK_PRECISE + 1,
	    .note = "AH02039 or AH02276, at LogLevel info.", .example = "AH02039: Certificate Verification: Error (20): x" },
	{ .id = "apache.depth", .texts = { "Certificate Chain too long (chain has {has#} certificates, but maximum allowed are only {allowed#}", "AH02040" }, .writer = WRITER_SERVER, .fault = FAULT_DEPTH, .rank = RANK_PRECISE, .note = "SSLVerifyDepth is 1 unless it is set.",
	    .example = "AH02040: Certificate Verification: Certificate Chain too long (chain has 3 certificates, but maximum allowed are only 1)" },
	{ .id = "apache.handshake", .texts = { "AH02008", "SSL library error {number#} in handshake" }, .act = ACT_MET, .fault = FAULT_PARAMETERS, .rank = RANK_WRAPPER,
	    .note = "The next line (“SSL Library Error: …”) has OpenSSL's reason." },
	{ .id = "apache.pha", .texts = { "AH10158", "cannot perform post-handshake authentication" }, .writer = WRITER_SERVER, .act = ACT_JUDGED, .fault = FAULT_LATE_AUTH, .rank = RANK_PRECISE + 1,
	    .causes = CAUSES(SURE(CLIENT_LATE_AUTH)), .note = "SSLVerifyClient stands in a Location or Directory: in TLS 1.3 that needs post-handshake authentication, which this client does not offer. HTTP 403, whatever the certificate." },
	{ .id = "apache.pha-failed", .texts = { "AH10129", "AH10156" }, .writer = WRITER_SERVER, .act = ACT_JUDGED, .fault = FAULT_LATE_AUTH, .rank = RANK_PRECISE },
	{ .id = "apache.renegotiation", .texts = { "AH02221: Requesting connection re-negotiation", "AH02226: Awaiting re-negotiation handshake" }, .writer = WRITER_SERVER, .act = ACT_MET, .fault = FAULT_NONE, .rank = RANK_GENERAL,
	    .says = "The certificate is asked for in a renegotiation, for one location only (TLS 1.2)." },
	{ .id = "apache.reneg-failed", .texts = { "AH02261", "Re-negotiation handshake failed" }, .writer = WRITER_SERVER, .act = ACT_JUDGED, .fault = FAULT_ANY, .rank = RANK_TEXT },
	{ .id = "apache.forbidden", .texts = { "AH02229", "access to {path} failed, reason: SSL requirement expression not fulfilled" }, .writer = WRITER_SERVER, .fault = FAULT_FORBIDDEN, .rank = RANK_PRECISE, .note = "SSLRequire or Require expr says no." },
	{ .id = "apache.no-ca", .texts = { "No CAs known to server for verification?" }, .writer = WRITER_SERVER, .fault = FAULT_NONE_SENT, .rank = RANK_TEXT, .note = "The hint about CAs is Apache's guess: most often the client just sent none (measured)." },
	{ .id = "apache.sni", .texts = { "AH02032", "Hostname {sni} provided via SNI and hostname {host} provided via HTTP" }, .writer = WRITER_SERVER, .act = ACT_MET, .fault = FAULT_SNI, .rank = RANK_PRECISE },
	{ .id = "apache.no-sni", .texts = { "AH02033", "No hostname was provided via SNI for a name based virtual host" }, .writer = WRITER_SERVER, .act = ACT_MET, .fault = FAULT_SNI, .rank = RANK_PRECISE },
	{ .id = "apache.abortive", .texts = { "AH01998", "Connection closed to child {child} with abortive shutdown" }, .writer = WRITER_SERVER, .act = ACT_MET, .fault = FAULT_NONE, .rank = RANK_WRAPPER,
	    .says = "The connection was dropped; the lines before it say why, at LogLevel info." },
	{ .id = "apache.proxy-cert", .texts = { "AH02268", "AH02269", "Proxy client certificate callback:" }, .writer = WRITER_CLIENT, .act = ACT_MET, .fault = FAULT_NONE_SENT, .rank = RANK_PRECISE, .note = "Apache is the client here: SSLProxyMachineCertificateFile." },
	{ .id = "apache.plain", .texts = { "speaking plain HTTP to an SSL-enabled server port", "AH01996" }, .writer = WRITER_SERVER, .act = ACT_MET, .fault = FAULT_NOT_TLS, .rank = RANK_PRECISE },
};
const struct explain_table explain_apache = {
	.origin = "Apache", .source = "measured with Apache 2.4; log numbers from mod_ssl's source", .stack = STACK_OPENSSL, .rows = apache_rows, .len = sizeof apache_rows / sizeof apache_rows[0],
};

static const struct explain_row stunnel_rows[] = {
	{ .id = "stunnel.rejected", .texts = { "Rejected by CERT at depth={depth#}: {subject}" }, .fault = FAULT_ANY, .rank = RANK_TEXT,
	    .note = "The line before it (“CERT: Pre-verification error: …”) has OpenSSL's reason; the depth says which certificate: 0 is the leaf.", .example = "LOG4[25]: Rejected by CERT at depth=0: O=Lab, CN=client-ncviolate" },
	{ .id = "stunnel.pre-verification", .texts = { "CERT: Pre-verification error: {error}" }, .fault = FAULT_ANY, .rank = RANK_GENERAL, .example = "LOG4[25]: CERT: Pre-verification error: x" },
	{ .id = "stunnel.not-found", .texts = { "CERT: Certificate not found in local repository" }, .fault = FAULT_FORBIDDEN, .rank = RANK_PRECISE, .note = "verifyPeer wants this very certificate in its file." },
	{ .id = "stunnel.subject", .texts = { "CERT: Subject checks failed", "CERT: No matching host name found" }, .fault = FAULT_NAME, .rank = RANK_PRECISE },
	{ .id = "stunnel.accepted", .texts = { "Certificate accepted at depth={depth#}:" }, .act = ACT_MET, .fault = FAULT_NONE, .rank = RANK_WRAPPER, .says = "That certificate was accepted.", .example = "LOG5[16]: Certificate accepted at depth=0: O=Lab, CN=x" },
	{ .id = "stunnel.reset", .texts = { "Connection reset/closed:" }, .act = ACT_MET, .fault = FAULT_NONE, .rank = RANK_WRAPPER, .says = "The connection was dropped; the lines before it say why." },
};
const struct explain_table explain_stunnel = {
	.origin = "stunnel", .source = "measured with stunnel 5.68", .stack = STACK_OPENSSL, .rows = stunnel_rows, .len = sizeof stunnel_rows / sizeof stunnel_rows[0],
};

static const struct explain_row envoy_rows[] = {
	{ .id = "envoy.tls-error", .texts = { "upstream connect error or disconnect/reset before headers*TLS_error" }, .writer = WRITER_CLIENT, .act = ACT_JUDGED, .fault = FAULT_ANY, .rank = RANK_GENERAL,
	    .note = "Envoy, or a mesh's sidecar, is the client here. CERTIFICATE_VERIFY_FAILED behind it: it distrusts the upstream; an ALERT: the upstream distrusts it.",
	    .example = "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, transport failure reason: TLS_error:" },
	{ .id = "envoy.upstream", .texts = { "upstream connect error or disconnect/reset before headers" }, .writer = WRITER_CLIENT, .act = ACT_MET, .fault = FAULT_RESET, .rank = RANK_WRAPPER,
	    .note = "Envoy, or a mesh's sidecar, is the client here; one side in plain text while the other wants mTLS looks like this too." },
	{ .id = "envoy.san", .texts = { "fail_verify_san", "verify SAN list", "verify cert failed: SAN matcher" }, .fault = FAULT_FORBIDDEN, .rank = RANK_PRECISE, .note = "The names that Envoy allows (match_typed_subject_alt_names) have none of this certificate's. On the wire: alert 46." },
	{ .id = "envoy.hash", .texts = { "fail_verify_cert_hash", "verify cert failed: cert hash and spki" }, .fault = FAULT_FORBIDDEN, .rank = RANK_PRECISE, .note = "Another certificate is pinned. On the wire: alert 114." },
	{ .id = "envoy.no-cert", .texts = { "fail_verify_no_cert" }, .writer = WRITER_SERVER, .fault = FAULT_NONE_SENT, .rank = RANK_PRECISE },
	{ .id = "envoy.verify-error", .texts = { "fail_verify_error", "verify cert failed: X509_verify_cert" }, .fault = FAULT_ANY, .rank = RANK_TEXT },
	{ .id = "envoy.flags", .texts = { "upstream_transport_failure_reason", "response_flags\":\"UF", "\" UF,URX" }, .writer = WRITER_CLIENT, .act = ACT_MET, .fault = FAULT_RESET, .rank = RANK_WRAPPER },
	{ .id = "envoy.downstream", .texts = { "DOWNSTREAM_TRANSPORT_FAILURE" }, .writer = WRITER_SERVER, .act = ACT_MET, .fault = FAULT_PARAMETERS, .rank = RANK_WRAPPER },
};
const struct explain_table explain_envoy = {
	.origin = "Envoy", .source = "from its source (default_validator.cc), not measured", .stack = STACK_OPENSSL, .rows = envoy_rows, .len = sizeof envoy_rows / sizeof envoy_rows[0],
};

static const struct explain_row postgres_rows[] = {
	{ .id = "postgres.none-sent", .texts = { "connection requires a valid client certificate" }, .writer = WRITER_SERVER, .fault = FAULT_NONE_SENT, .rank = RANK_PRECISE,
	    .note = "PostgreSQL completes the handshake and refuses then, in its own protocol (measured)." },
	{ .id = "postgres.user", .texts = { "certificate authentication failed for user \"{user}\"" }, .writer = WRITER_SERVER, .fault = FAULT_FORBIDDEN, .rank = RANK_PRECISE,
	    .note = "The certificate was accepted; its common name is not the user's name, and no map (pg_ident.conf) leads from one to the other." },
	{ .id = "postgres.name", .texts = { "server certificate for \"{has}\" does not match host name \"{wanted}\"" }, .writer = WRITER_CLIENT, .fault = FAULT_NAME, .rank = RANK_PRECISE,
	    .example = "server certificate for \"db\" does not match host name \"localhost\"" },
	{ .id = "postgres.no-ssl", .texts = { "server does not support SSL, but SSL was required" }, .writer = WRITER_CLIENT, .act = ACT_MET, .fault = FAULT_STARTTLS, .rank = RANK_PRECISE },
	{ .id = "postgres.root-file", .texts = { "root certificate file \"{file}\" does not exist" }, .writer = WRITER_CLIENT, .act = ACT_OWN, .fault = FAULT_TRUST_FILE, .rank = RANK_PRECISE },
	{ .id = "postgres.key-mode", .texts = { "private key file \"{file}\" has group or world access" }, .act = ACT_OWN, .fault = FAULT_KEY_FILE, .causes = CAUSES(LIKELY(KEY_UNREADABLE), LIKELY(KEY_EXPOSED)), .rank = RANK_PRECISE },
	{ .id = "postgres.accept", .texts = { "could not accept SSL connection" }, .writer = WRITER_SERVER, .act = ACT_MET, .fault = FAULT_PARAMETERS, .rank = RANK_WRAPPER },
	{ .id = "postgres.hba", .texts = { "no pg_hba.conf entry for host \"{host}\"" }, .writer = WRITER_SERVER, .act = ACT_JUDGED, .fault = FAULT_FORBIDDEN, .rank = RANK_TEXT, .says = "PostgreSQL has no rule that lets this client in: by address, user, database, or with or without TLS." },
};
const struct explain_table explain_postgres = {
	.origin = "PostgreSQL", .source = "measured with PostgreSQL 15 for a missing certificate; else its source", .stack = STACK_OPENSSL, .rows = postgres_rows, .len = sizeof postgres_rows / sizeof postgres_rows[0],
};

static const struct explain_row gnutls_rows[] = {
	{ .id = "gnutls.none-sent", .texts = { "Error in handshake: No certificate was found", "No certificate was found.", "Error in handshake: Certificate is required", "GNUTLS_E_NO_CERTIFICATE_FOUND" }, .writer = WRITER_SERVER, .fault = FAULT_NONE_SENT, .rank = RANK_PRECISE },
	{ .id = "gnutls.certificate", .texts = { "Error in the certificate.", "GNUTLS_E_CERTIFICATE_ERROR" }, .fault = FAULT_ANY, .rank = RANK_TEXT, .note = "gnutls-serv says this for every fault but key usage; on the wire it is alert 49 (measured)." },
	{ .id = "gnutls.verification", .texts = { "Error in the certificate verification", "GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR" }, .fault = FAULT_ANY, .rank = RANK_TEXT },
	{ .id = "gnutls.key-usage", .texts = { "Key usage violation in certificate has been detected", "does not allow digital signatures. Key usage violation detected", "GNUTLS_E_KEY_USAGE_VIOLATION" }, .fault = FAULT_PURPOSE, .rank = RANK_PRECISE,
	    .note = "GnuTLS minds the key usage; in TLS 1.2 gnutls-cli refuses such a certificate of its own before it sends it (measured)." },
	{ .id = "gnutls.signature", .texts = { "Public key signature verification has failed", "GNUTLS_E_PK_SIG_VERIFY_FAILED" }, .fault = FAULT_WRONG_KEY, .rank = RANK_PRECISE },
	{ .id = "gnutls.malformed", .texts = { "ASN1 parser: Error in TAG", "ASN1 parser: Error in DER parsing" }, .fault = FAULT_MALFORMED, .rank = RANK_PRECISE },
	{ .id = "gnutls.issuer", .texts = { "The certificate issuer is unknown" }, .fault = FAULT_NO_ISSUER, .rank = RANK_PRECISE },
	{ .id = "gnutls.expired", .texts = { "The certificate chain uses expired certificate" }, .fault = FAULT_EXPIRED, .rank = RANK_PRECISE },
	{ .id = "gnutls.not-yet", .texts = { "The certificate chain uses not yet valid certificate" }, .fault = FAULT_NOT_YET, .rank = RANK_PRECISE },
	{ .id = "gnutls.name", .texts = { "The name in the certificate does not match the expected" }, .fault = FAULT_NAME, .writer = WRITER_CLIENT, .rank = RANK_PRECISE },
	{ .id = "gnutls.purpose", .texts = { "The certificate chain does not match the intended purpose" }, .fault = FAULT_PURPOSE, .rank = RANK_PRECISE },
	{ .id = "gnutls.insecure", .texts = { "The certificate chain uses insecure algorithm" }, .fault = FAULT_WEAK, .rank = RANK_PRECISE },
	{ .id = "gnutls.revoked", .texts = { "The certificate chain is revoked" }, .fault = FAULT_REVOKED, .rank = RANK_PRECISE },
	{ .id = "gnutls.constraints", .texts = { "The certificate chain violates the signer's constraints", "The certificate issuer is not a CA" }, .fault = FAULT_BAD_CHAIN, .rank = RANK_PRECISE },
	{ .id = "gnutls.packet", .texts = { "An unexpected TLS packet was received", "A record packet with illegal version was received" }, .act = ACT_MET, .fault = FAULT_NOT_TLS, .rank = RANK_TEXT },
	{ .id = "gnutls.terminated", .texts = { "The TLS connection was non-properly terminated" }, .act = ACT_MET, .fault = FAULT_CLOSED, .rank = RANK_TEXT },
	{ .id = "gnutls.cipher", .texts = { "No supported cipher suites have been found", "Could not negotiate a supported cipher suite" }, .act = ACT_MET, .fault = FAULT_CIPHER, .rank = RANK_TEXT },
	{ .id = "gnutls.fatal", .texts = { "A TLS fatal alert has been received" }, .act = ACT_HEARD, .fault = FAULT_ANY, .rank = RANK_WRAPPER, .note = "The line before it (“Received alert [48]: …”) says which." },
};
const struct explain_table explain_gnutls = {
	.origin = "GnuTLS", .source = "measured with GnuTLS 3.7.9", .stack = STACK_GNUTLS, .rows = gnutls_rows, .len = sizeof gnutls_rows / sizeof gnutls_rows[0],
};
