/*
 * Node and Python (measured: Node 20, Python 3.11), rustls, and Windows (Schannel, .NET) from their
 * sources and documents: what they add to OpenSSL's texts, or say instead.
 * Browsers, wget and Mbed TLS from their documents.
 */
#include "model/explain_rows.h"

static const struct explain_row node_rows[] = {
	{ .id = "node.hang-up", .texts = { "ECONNRESET socket hang up", "socket hang up" }, .act = ACT_MET, .fault = FAULT_RESET, .rank = RANK_GENERAL,
	    .note = "A Node server completes the handshake, then destroys the socket of a client whose certificate it does not accept (rejectUnauthorized): no alert, and its own log says only this (measured). Any fault of the client's chain can be behind it.",
	    .causes = CAUSES(MAYBE(CLIENT_MISSING_INTERMEDIATE), MAYBE(CLIENT_UNTRUSTED), MAYBE(CLIENT_EXPIRED), MAYBE(CLIENT_EKU), RARELY(CLIENT_NOT_YET_VALID),
	        RARELY(CLIENT_INTERMEDIATE_EXPIRED), RARELY(CLIENT_BAD_CHAIN), RARELY(CLIENT_WEAK), RARELY(CLIENT_PARTIAL_TRUST), RARELY(CLIENT_REJECTED), RARELY(NET_RESET)) },
	{ .id = "node.reset", .texts = { "read ECONNRESET", "write ECONNRESET", "write EPIPE", "code: 'ECONNRESET'" }, .act = ACT_MET, .fault = FAULT_RESET, .rank = RANK_TEXT },
	{ .id = "node.disconnected", .texts = { "Client network socket disconnected before secure TLS connection was established" }, .act = ACT_MET, .writer = WRITER_CLIENT, .fault = FAULT_CLOSED, .rank = RANK_PRECISE },
	{ .id = "node.name", .texts = { "ERR_TLS_CERT_ALTNAME_INVALID", "Hostname/IP does not match certificate's altnames: {names}" }, .writer = WRITER_CLIENT, .fault = FAULT_NAME, .causes = CAUSES(LIKELY(NAME_MISMATCH), MAYBE(NAME_NO_SAN)), .rank = RANK_PRECISE },
	{ .id = "node.protocol", .texts = { "ERR_SSL_UNSUPPORTED_PROTOCOL", "ERR_TLS_INVALID_PROTOCOL_VERSION" }, .act = ACT_MET, .fault = FAULT_VERSION, .rank = RANK_PRECISE },
	{ .id = "node.timeout", .texts = { "ERR_TLS_HANDSHAKE_TIMEOUT", "TLS handshake timeout" }, .act = ACT_MET, .fault = FAULT_TIMEOUT, .rank = RANK_PRECISE },
	{ .id = "node.unauthorized", .texts = { "authorizationError", "client.authorized false" }, .writer = WRITER_SERVER, .fault = FAULT_ANY, .rank = RANK_WRAPPER },
};
const struct explain_table explain_node = {
	.origin = "Node", .source = "measured with Node 20; its codes from lib/internal/errors.js", .stack = STACK_NODE, .rows = node_rows, .len = sizeof node_rows / sizeof node_rows[0],
};

static const struct explain_row python_rows[] = {
	{ .id = "python.name", .texts = { "Hostname mismatch, certificate is not valid for '{wanted}'", "IP address mismatch, certificate is not valid for '{wanted}'", "doesn't match either of '{has}'" }, .writer = WRITER_CLIENT, .fault = FAULT_NAME,
	    .causes = CAUSES(LIKELY(NAME_MISMATCH), MAYBE(NAME_NO_SAN)), .rank = RANK_PRECISE },
	{ .id = "python.pair", .texts = { "[X509: KEY_VALUES_MISMATCH]" }, .act = ACT_OWN, .fault = FAULT_KEY_PAIR, .rank = RANK_PRECISE },
	{ .id = "python.no-cafile", .texts = { "Could not find a suitable TLS CA certificate bundle" }, .writer = WRITER_CLIENT, .act = ACT_OWN, .fault = FAULT_TRUST_FILE, .rank = RANK_PRECISE },
	{ .id = "python.pem-lib", .texts = { "[SSL] PEM lib" }, .act = ACT_OWN, .fault = FAULT_KEY_FILE, .rank = RANK_PRECISE, .note = "load_cert_chain: the file holds no such PEM, or the key is of another one." },
	{ .id = "python.aborted", .texts = { "RemoteDisconnected", "Connection aborted" }, .writer = WRITER_CLIENT, .act = ACT_MET, .fault = FAULT_CLOSED },
};
const struct explain_table explain_python = {
	.origin = "Python", .source = "measured with Python 3.11; requests and urllib3 from their source", .stack = STACK_OPENSSL, .rows = python_rows, .len = sizeof python_rows / sizeof python_rows[0],
};

static const struct explain_row browser_rows[] = {
	{ .id = "browser.client-refused", .texts = { "ERR_BAD_SSL_CLIENT_AUTH_CERT", "SSL_ERROR_BAD_CERT_ALERT" }, .writer = WRITER_CLIENT, .act = ACT_HEARD, .fault = FAULT_ANY, .rank = RANK_PRECISE, .note = "The server refused the client's certificate, by an alert." },
	{ .id = "browser.client-needed", .texts = { "ERR_SSL_CLIENT_AUTH_CERT_NEEDED", "SSL_ERROR_RX_CERTIFICATE_REQUIRED_ALERT", "SSL_ERROR_CERTIFICATE_REQUIRED" }, .writer = WRITER_CLIENT, .act = ACT_HEARD, .fault = FAULT_NONE_SENT, .rank = RANK_PRECISE },
	{ .id = "browser.client-unknown", .texts = { "SSL_ERROR_UNKNOWN_CA_ALERT" }, .writer = WRITER_CLIENT, .act = ACT_HEARD, .fault = FAULT_NO_ISSUER, .rank = RANK_PRECISE },
	{ .id = "browser.client-expired", .texts = { "SSL_ERROR_EXPIRED_CERT_ALERT" }, .writer = WRITER_CLIENT, .act = ACT_HEARD, .fault = FAULT_EXPIRED, .rank = RANK_PRECISE },
	{ .id = "browser.client-revoked", .texts = { "SSL_ERROR_REVOKED_CERT_ALERT" }, .writer = WRITER_CLIENT, .act = ACT_HEARD, .fault = FAULT_REVOKED, .rank = RANK_PRECISE },
	{ .id = "browser.issuer", .texts = { "ERR_CERT_AUTHORITY_INVALID", "SEC_ERROR_UNKNOWN_ISSUER" }, .writer = WRITER_CLIENT, .fault = FAULT_NO_ISSUER, .rank = RANK_PRECISE },
	{ .id = "browser.self-signed", .texts = { "MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT" }, .writer = WRITER_CLIENT, .fault = FAULT_SELF_SIGNED, .rank = RANK_PRECISE },
	{ .id = "browser.time", .texts = { "ERR_CERT_DATE_INVALID", "SEC_ERROR_EXPIRED_CERTIFICATE", "SEC_ERROR_EXPIRED_ISSUER_CERTIFICATE" }, .writer = WRITER_CLIENT, .fault = FAULT_TIME, .rank = RANK_PRECISE },
	{ .id = "browser.name", .texts = { "ERR_CERT_COMMON_NAME_INVALID", "SSL_ERROR_BAD_CERT_DOMAIN" }, .writer = WRITER_CLIENT, .fault = FAULT_NAME, .rank = RANK_PRECISE },
	{ .id = "browser.revoked", .texts = { "ERR_CERT_REVOKED", "SEC_ERROR_REVOKED_CERTIFICATE" }, .writer = WRITER_CLIENT, .fault = FAULT_REVOKED, .rank = RANK_PRECISE + 1 },
	{ .id = "browser.weak", .texts = { "ERR_CERT_WEAK_SIGNATURE_ALGORITHM", "ERR_CERT_WEAK_KEY" }, .writer = WRITER_CLIENT, .fault = FAULT_WEAK, .rank = RANK_PRECISE },
	{ .id = "browser.version", .texts = { "ERR_SSL_VERSION_OR_CIPHER_MISMATCH", "SSL_ERROR_UNSUPPORTED_VERSION", "SSL_ERROR_NO_CYPHER_OVERLAP" }, .writer = WRITER_CLIENT, .act = ACT_MET, .fault = FAULT_VERSION,
	    .causes = CAUSES(LIKELY(TLS_NO_COMMON_VERSION), LIKELY(TLS_NO_COMMON_CIPHER)), .rank = RANK_PRECISE },
	{ .id = "browser.protocol", .texts = { "ERR_SSL_PROTOCOL_ERROR", "SSL_ERROR_RX_RECORD_TOO_LONG" }, .writer = WRITER_CLIENT, .act = ACT_MET, .fault = FAULT_NOT_TLS },
	{ .id = "wget.issuer", .texts = { "Unable to locally verify the issuer's authority" }, .writer = WRITER_CLIENT, .fault = FAULT_NO_ISSUER, .rank = RANK_PRECISE },
};
const struct explain_table explain_browsers = {
	.origin = "Chrome, Firefox, wget", .source = "from their documents, not measured", .rows = browser_rows, .len = sizeof browser_rows / sizeof browser_rows[0],
};

/* Its errors are negative numbers, most often written in hexadecimal. */
static const struct explain_row mbedtls_rows[] = {
	{ .id = "mbedtls.alert", .texts = { "-0x7780", "MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE" }, .act = ACT_HEARD, .fault = FAULT_ANY, .note = "A fatal alert came; which one, its debug output says (“got an alert message, type: [2:48]”)." },
	{ .id = "mbedtls.verify", .texts = { "-0x2700", "MBEDTLS_ERR_X509_CERT_VERIFY_FAILED" }, .fault = FAULT_ANY },
	{ .id = "mbedtls.none-sent", .texts = { "-0x7480", "MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE" }, .writer = WRITER_SERVER, .fault = FAULT_NONE_SENT, .note = "On the wire: alert 41, also in TLS 1.3." },
};
const struct explain_table explain_mbedtls = {
	.origin = "Mbed TLS", .source = "from its headers, not measured", .rows = mbedtls_rows, .len = sizeof mbedtls_rows / sizeof mbedtls_rows[0],
};

static const struct explain_row rustls_rows[] = {
	{ .id = "rustls.unknown-issuer", .texts = { "invalid peer certificate: UnknownIssuer", "InvalidCertificate(UnknownIssuer" }, .fault = FAULT_NO_ISSUER, .rank = RANK_PRECISE },
	{ .id = "rustls.expired", .texts = { "invalid peer certificate: Expired", "invalid peer certificate: certificate expired", "InvalidCertificate(Expired" }, .fault = FAULT_EXPIRED, .rank = RANK_PRECISE },
	{ .id = "rustls.not-yet", .texts = { "invalid peer certificate: NotValidYet", "invalid peer certificate: certificate not valid yet", "InvalidCertificate(NotValidYet" }, .fault = FAULT_NOT_YET, .rank = RANK_PRECISE },
	{ .id = "rustls.purpose", .texts = { "invalid peer certificate: InvalidPurpose", "InvalidCertificate(InvalidPurpose", "RequiredEkuNotFound" }, .fault = FAULT_PURPOSE, .rank = RANK_PRECISE },
	{ .id = "rustls.revoked", .texts = { "invalid peer certificate: Revoked", "InvalidCertificate(Revoked" }, .fault = FAULT_REVOKED, .rank = RANK_PRECISE },
	{ .id = "rustls.crl", .texts = { "UnknownRevocationStatus", "ExpiredRevocationList" }, .fault = FAULT_CRL, .rank = RANK_PRECISE },
	{ .id = "rustls.name", .texts = { "invalid peer certificate: NotValidForName", "invalid peer certificate: certificate not valid for name", "InvalidCertificate(NotValidForName" }, .writer = WRITER_CLIENT, .fault = FAULT_NAME, .rank = RANK_PRECISE },
	{ .id = "rustls.signature", .texts = { "invalid peer certificate: BadSignature", "InvalidCertificate(BadSignature" }, .fault = FAULT_SIGNATURE, .rank = RANK_PRECISE, .causes = CAUSES(LIKELY(CLIENT_BAD_CHAIN), LIKELY(KEY_MISMATCH), LIKELY(CHAIN_BAD_SIGNATURE), LIKELY(KEY_SERVER_MISMATCH)) },
	{ .id = "rustls.encoding", .texts = { "invalid peer certificate: BadEncoding", "InvalidCertificate(BadEncoding" }, .fault = FAULT_MALFORMED, .rank = RANK_PRECISE },
	{ .id = "rustls.ca-as-leaf", .texts = { "CaUsedAsEndEntity" }, .fault = FAULT_PURPOSE, .rank = RANK_PRECISE },
	{ .id = "rustls.none-sent", .texts = { "peer sent no certificates", "NoCertificatesPresented" }, .writer = WRITER_SERVER, .fault = FAULT_NONE_SENT, .rank = RANK_PRECISE },
	{ .id = "rustls.incompatible", .texts = { "peer is incompatible: {what}" }, .act = ACT_MET, .fault = FAULT_PARAMETERS },
	{ .id = "rustls.eof", .texts = { "peer closed connection without sending TLS close_notify", "tls handshake eof" }, .act = ACT_MET, .fault = FAULT_CLOSED },
	{ .id = "rustls.corrupt", .texts = { "received corrupt message of type {type}" }, .act = ACT_MET, .fault = FAULT_NOT_TLS, .example = "received corrupt message of type InvalidContentType" },
};
const struct explain_table explain_rustls = {
	.origin = "rustls", .source = "from its source (error.rs), not measured", .stack = STACK_RUSTLS, .rows = rustls_rows, .len = sizeof rustls_rows / sizeof rustls_rows[0],
};

static const struct explain_row windows_rows[] = {
	{ .id = "windows.untrusted-root", .texts = { "0x800B0109", "2148204809", "CERT_E_UNTRUSTEDROOT", "certificate chain processed, but terminated in a root certificate which is not trusted" }, .fault = FAULT_UNTRUSTED_ROOT, .rank = RANK_PRECISE,
	    .note = "In IIS' log it is the sc-win32-status of 403.16. A certificate in the Root store that does not sign itself gives it too (KB 2802568)." },
	{ .id = "windows.chaining", .texts = { "0x800B010A", "CERT_E_CHAINING", "A certificate chain could not be built to a trusted root authority" }, .fault = FAULT_NO_ISSUER, .rank = RANK_PRECISE },
	{ .id = "windows.expired", .texts = { "0x800B0101", "CERT_E_EXPIRED", "0x80090328", "SEC_E_CERT_EXPIRED" }, .fault = FAULT_TIME, .rank = RANK_PRECISE },
	{ .id = "windows.usage", .texts = { "0x800B0110", "CERT_E_WRONG_USAGE", "0x80090349", "SEC_E_CERT_WRONG_USAGE" }, .fault = FAULT_PURPOSE, .rank = RANK_PRECISE },
	{ .id = "windows.name", .texts = { "0x800B010F", "CERT_E_CN_NO_MATCH", "0x80090322", "SEC_E_WRONG_PRINCIPAL" }, .writer = WRITER_CLIENT, .fault = FAULT_NAME, .rank = RANK_PRECISE },
	{ .id = "windows.revoked", .texts = { "0x80092010", "CRYPT_E_REVOKED", "0x800B010C", "CERT_E_REVOKED" }, .fault = FAULT_REVOKED, .rank = RANK_PRECISE },
	{ .id = "windows.revocation", .texts = { "0x80092012", "CRYPT_E_NO_REVOCATION_CHECK", "0x80092013", "CRYPT_E_REVOCATION_OFFLINE" }, .fault = FAULT_CRL, .rank = RANK_PRECISE },
	{ .id = "windows.illegal-message", .texts = { "0x80090326", "SEC_E_ILLEGAL_MESSAGE", "The message received was unexpected or badly formatted" }, .act = ACT_HEARD, .fault = FAULT_ANY, .rank = RANK_TEXT,
	    .note = "Schannel shows most alerts that it receives like this: which one it was stands in the system's event log (36887)." },
	{ .id = "windows.untrusted", .texts = { "0x80090325", "SEC_E_UNTRUSTED_ROOT" }, .fault = FAULT_UNTRUSTED_ROOT, .rank = RANK_PRECISE },
	{ .id = "windows.cert-unknown", .texts = { "0x80090327", "SEC_E_CERT_UNKNOWN" }, .fault = FAULT_ANY },
	{ .id = "windows.algorithm", .texts = { "0x80090331", "SEC_E_ALGORITHM_MISMATCH" }, .act = ACT_MET, .fault = FAULT_PARAMETERS, .causes = CAUSES(LIKELY(TLS_NO_COMMON_VERSION), LIKELY(TLS_NO_COMMON_CIPHER)) },
	{ .id = "windows.token", .texts = { "0x80090308", "SEC_E_INVALID_TOKEN" }, .act = ACT_MET, .fault = FAULT_NOT_TLS },
	{ .id = "windows.credentials", .texts = { "0x8009030E", "SEC_E_NO_CREDENTIALS", "0x8009030D", "SEC_E_UNKNOWN_CREDENTIALS" }, .act = ACT_OWN, .fault = FAULT_KEY_FILE, .rank = RANK_PRECISE, .note = "Often the process may not read the private key." },
	{ .id = "windows.incomplete", .texts = { "0x80090320", "SEC_I_INCOMPLETE_CREDENTIALS" }, .act = ACT_MET, .writer = WRITER_CLIENT, .fault = FAULT_NONE_SENT, .rank = RANK_PRECISE },
	{ .id = "dotnet.chain-errors", .texts = { "RemoteCertificateChainErrors" }, .fault = FAULT_ANY, .rank = RANK_TEXT, .note = "What stands behind it (PartialChain, UntrustedRoot, NotTimeValid) says which." },
	{ .id = "dotnet.partial-chain", .texts = { "PartialChain" }, .fault = FAULT_NO_ISSUER, .rank = RANK_PRECISE },
	{ .id = "dotnet.untrusted-root", .texts = { "UntrustedRoot" }, .fault = FAULT_UNTRUSTED_ROOT, .rank = RANK_PRECISE },
	{ .id = "dotnet.time", .texts = { "NotTimeValid" }, .fault = FAULT_TIME, .rank = RANK_PRECISE },
	{ .id = "dotnet.usage", .texts = { "NotValidForUsage" }, .fault = FAULT_PURPOSE, .rank = RANK_PRECISE },
	{ .id = "dotnet.revocation", .texts = { "RevocationStatusUnknown", "OfflineRevocation" }, .fault = FAULT_CRL, .rank = RANK_PRECISE },
	{ .id = "dotnet.name", .texts = { "RemoteCertificateNameMismatch" }, .writer = WRITER_CLIENT, .fault = FAULT_NAME, .rank = RANK_PRECISE },
	{ .id = "dotnet.not-available", .texts = { "RemoteCertificateNotAvailable" }, .writer = WRITER_SERVER, .fault = FAULT_NONE_SENT, .rank = RANK_PRECISE, .note = "A .NET client keeps a certificate without clientAuth back." },
	{ .id = "iis.required", .texts = { "~403.7~" }, .writer = WRITER_SERVER, .fault = FAULT_NONE_SENT, .rank = RANK_PRECISE, .note = "IIS: client certificate required.", .example = "HTTP Error 403.7 - Forbidden" },
	{ .id = "iis.revoked", .texts = { "~403.13~" }, .writer = WRITER_SERVER, .fault = FAULT_REVOKED, .rank = RANK_PRECISE, .causes = CAUSES(LIKELY(CLIENT_REVOKED), LIKELY(CLIENT_SERVER_REVOCATION)),
	    .note = "IIS says this as well where it cannot get the revocation list.", .example = "HTTP Error 403.13 - Forbidden" },
	{ .id = "iis.untrusted", .texts = { "~403.16~" }, .writer = WRITER_SERVER, .fault = FAULT_NO_ISSUER, .rank = RANK_PRECISE, .causes = CAUSES(LIKELY(CLIENT_UNTRUSTED), LIKELY(CLIENT_MISSING_INTERMEDIATE), RARELY(CLIENT_EKU)),
	    .example = "HTTP Error 403.16 - Forbidden" },
	{ .id = "iis.time", .texts = { "~403.17~" }, .writer = WRITER_SERVER, .fault = FAULT_TIME, .rank = RANK_PRECISE, .example = "HTTP Error 403.17 - Forbidden" },
};
const struct explain_table explain_windows = {
	.origin = "Windows", .source = "from documents (winerror.h, .NET, IIS), not measured", .stack = STACK_SCHANNEL, .rows = windows_rows, .len = sizeof windows_rows / sizeof windows_rows[0],
};
