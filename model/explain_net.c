/* What the connection itself says, before or beside TLS; and the list of all tables. */
#include "model/explain_rows.h"

static const struct explain_row rows[] = {
	{ .id = "net.refused", .texts = { "Connection refused", "ECONNREFUSED", "actively refused it" }, .act = ACT_MET, .fault = FAULT_REFUSED },
	{ .id = "net.reset", .texts = { "Connection reset by peer", "ECONNRESET", "forcibly closed by the remote host", "java.net.SocketException: Connection reset" }, .act = ACT_MET, .fault = FAULT_RESET, .rank = RANK_GENERAL },
	{ .id = "net.broken-pipe", .texts = { "Broken pipe", "EPIPE" }, .act = ACT_MET, .fault = FAULT_RESET, .rank = RANK_GENERAL },
	{ .id = "net.timeout", .texts = { "Connection timed out", "ETIMEDOUT", "i/o timeout", "Operation timed out" }, .act = ACT_MET, .fault = FAULT_TIMEOUT, .rank = RANK_GENERAL },
	{ .id = "net.unreachable", .texts = { "No route to host", "Network is unreachable", "EHOSTUNREACH" }, .act = ACT_MET, .fault = FAULT_UNREACHABLE },
	{ .id = "net.dns", .texts = { "Could not resolve host", "Name or service not known", "no such host", "ENOTFOUND" }, .act = ACT_MET, .fault = FAULT_DNS },
	{ .id = "net.dns-later", .texts = { "Temporary failure in name resolution", "EAI_AGAIN", "server misbehaving" }, .act = ACT_MET, .fault = FAULT_DNS },
	{ .id = "net.proxy", .texts = { "407 Proxy Authentication Required", "Received HTTP code {status#} from proxy after CONNECT", "CONNECT tunnel failed" }, .act = ACT_MET, .fault = FAULT_PROXY },
};
const struct explain_table explain_net = {
	.origin = "the network", .source = "POSIX and resolver texts", .rows = rows, .len = sizeof rows / sizeof rows[0],
};

const struct explain_table *const explain_tables[] = {
	&explain_alerts, &explain_verify, &explain_openssl, &explain_curl, &explain_go, &explain_java, &explain_node, &explain_python, &explain_browsers, &explain_mbedtls,
	&explain_gnutls, &explain_rustls, &explain_windows, &explain_nginx, &explain_haproxy, &explain_apache, &explain_stunnel,
	&explain_envoy, &explain_postgres, &explain_aws, &explain_aws_cli, &explain_net,
};
const size_t explain_tables_len = sizeof explain_tables / sizeof explain_tables[0];

/* The first that a line has decides, so what is surest comes first. */
const struct explain_context explain_contexts[] = {
	{ "while SSL handshaking to upstream", WRITER_CLIENT, "nginx", STACK_NGINX },
	{ "client SSL certificate", WRITER_SERVER, "nginx", STACK_NGINX },
	{ "while reading client request", WRITER_SERVER, "nginx", STACK_NGINX },
	{ "while SSL handshaking, client:", WRITER_SERVER, "nginx", STACK_NGINX },
	{ "while waiting for request, client:", WRITER_SERVER, "nginx", STACK_NGINX },
	{ "[proxy", WRITER_CLIENT, "Apache", STACK_OPENSSL },
	{ "[remote ", WRITER_CLIENT, "Apache", STACK_OPENSSL },
	/* With the level: Python writes “[SSL: …”. */
	{ "[ssl:info]", WRITER_SERVER, "Apache", STACK_OPENSSL },
	{ "[ssl:error]", WRITER_SERVER, "Apache", STACK_OPENSSL },
	{ "[ssl:warn]", WRITER_SERVER, "Apache", STACK_OPENSSL },
	{ "[ssl:debug]", WRITER_SERVER, "Apache", STACK_OPENSSL },
	{ "Certificate Verification:", WRITER_SERVER, "Apache", STACK_OPENSSL },
	{ "AH02276:", WRITER_SERVER, "Apache", STACK_OPENSSL },
	{ "SSL Library Error:", WRITER_SERVER, "Apache", STACK_OPENSSL },
	{ "c_err=", WRITER_SERVER, "HAProxy", STACK_OPENSSL },
	{ "ssl_c_err", WRITER_SERVER, "HAProxy", STACK_OPENSSL },
	{ "SSL_accept", WRITER_SERVER, NULL, STACK_OPENSSL },
	{ "SSL_connect", WRITER_CLIENT, NULL, STACK_OPENSSL },
	{ "tls_process_client_", WRITER_SERVER, NULL, STACK_OPENSSL },
	{ "tls_process_server_certificate", WRITER_CLIENT, NULL, STACK_OPENSSL },
	{ "tls_post_process_server_", WRITER_CLIENT, NULL, STACK_OPENSSL },
	{ "statem_srvr.c", WRITER_SERVER, NULL, STACK_OPENSSL },
	{ "statem_clnt.c", WRITER_CLIENT, NULL, STACK_OPENSSL },
	{ "tlsClientError", WRITER_SERVER, "Node", STACK_NODE },
	{ "http: TLS handshake error from", WRITER_SERVER, "Go", STACK_UNKNOWN },
	{ "tls: failed to verify client", WRITER_SERVER, "Go", STACK_UNKNOWN },
	{ "by the client certificate", WRITER_SERVER, "Go", STACK_UNKNOWN },
	{ "tls: failed to verify certificate", WRITER_CLIENT, "Go", STACK_UNKNOWN },
	{ "Get \"https:", WRITER_CLIENT, "Go", STACK_UNKNOWN },
	{ "Post \"https:", WRITER_CLIENT, "Go", STACK_UNKNOWN },
	{ "transport: authentication handshake failed", WRITER_CLIENT, "Go", STACK_UNKNOWN },
	{ "Unable to connect to the server:", WRITER_CLIENT, "Go", STACK_UNKNOWN },
	{ "dial tcp", WRITER_CLIENT, "Go", STACK_UNKNOWN },
	{ "curl: (", WRITER_CLIENT, "curl", STACK_UNKNOWN },
	{ "SSL certificate problem:", WRITER_CLIENT, "curl", STACK_UNKNOWN },
	{ "upstream connect error", WRITER_CLIENT, "Envoy", STACK_OPENSSL },
	{ "checkClientCerts", WRITER_SERVER, "Java", STACK_JAVA },
	{ "checkClientTrusted", WRITER_SERVER, "Java", STACK_JAVA },
	{ "checkServerCerts", WRITER_CLIENT, "Java", STACK_JAVA },
	{ "checkServerTrusted", WRITER_CLIENT, "Java", STACK_JAVA },
	{ "could not accept SSL connection", WRITER_SERVER, "PostgreSQL", STACK_OPENSSL },
	{ "connection to server at", WRITER_CLIENT, "PostgreSQL", STACK_OPENSSL },
	{ "Error in handshake:", WRITER_SERVER, "gnutls-serv", STACK_GNUTLS },
	{ "- Status: The certificate is", WRITER_CLIENT, "gnutls-cli", STACK_GNUTLS },
	{ "HTTPSConnectionPool", WRITER_CLIENT, "Python", STACK_OPENSSL },
	{ "urlopen error", WRITER_CLIENT, "Python", STACK_OPENSSL },
	{ "postfix/smtpd", WRITER_SERVER, "Postfix", STACK_OPENSSL },
	{ "postfix/smtp[", WRITER_CLIENT, "Postfix", STACK_OPENSSL },
	/* As a server or as a client; it ends in the words of s_client that follow. */
	{ "Pre-verification error:", WRITER_EITHER, "stunnel", STACK_OPENSSL },
	{ "Verify return code:", WRITER_CLIENT, "s_client", STACK_OPENSSL },
	{ "Verification error:", WRITER_CLIENT, "s_client", STACK_OPENSSL },
	{ "NODE_TLS_REJECT", WRITER_CLIENT, "Node", STACK_NODE },
	{ "SSLCertVerificationError", WRITER_EITHER, "Python", STACK_OPENSSL },
	{ "javax.net.ssl", WRITER_EITHER, "Java", STACK_JAVA },
	{ "SSLHandshakeException", WRITER_EITHER, "Java", STACK_JAVA },
};
const size_t explain_contexts_len = sizeof explain_contexts / sizeof explain_contexts[0];
