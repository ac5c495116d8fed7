/*
 * AWS's load balancers, CloudFront and API Gateway: the codes that they log, from AWS's documents
 * (load-balancer-connection-logs, network/mutual-authentication, CloudFront viewer mTLS, re:Post for
 * API Gateway). On the wire they say nothing: s2n-tls closes, up to 30 s late.
 */
#include "model/explain_rows.h"

#define ALB(name, f) { .id = "aws." name, .texts = { "~" name "~" }, .writer = WRITER_SERVER, .fault = f, .rank = RANK_LINE

static const struct explain_row rows[] = {
	ALB("ClientCertMaxChainDepthExceeded", FAULT_DEPTH), .note = "A load balancer takes a chain of four certificates at most." },
	ALB("ClientCertMaxSizeExceeded", FAULT_DEPTH), .says = "The client's certificate message is larger than the load balancer takes.", .causes = CAUSES(LIKELY(CLIENT_BAD_CHAIN), MAYBE(CLIENT_DEPTH_EXCEEDED)),
	    .note = "Send the leaf and its intermediates only: no root, nothing twice." },
	ALB("ClientCertCrlHit", FAULT_REVOKED), .causes = CAUSES(SURE(CLIENT_REVOKED)) },
	ALB("ClientCertCrlProcessingError", FAULT_CRL), .note = "The revocation list in the trust store is damaged, or not one of the CA in question." },
	ALB("ClientCertUntrusted", FAULT_NO_ISSUER), .note = "The trust store has no CA to which the chain leads: add the CA (the root, and the intermediate if clients send the leaf only), or send the intermediate." },
	ALB("ClientCertNotYetValid", FAULT_NOT_YET) },
	ALB("ClientCertExpired", FAULT_EXPIRED), .note = "IgnoreClientCertificateExpiry of the listener lets expired ones in." },
	ALB("ClientCertTypeUnsupported", FAULT_WEAK), .says = "The kind of the client's key or signature is not supported.", .causes = CAUSES(LIKELY(CLIENT_WEAK), MAYBE(CLIENT_BAD_CHAIN)),
	    .note = "RSA from 2048 to 8192 bits, ECDSA on P-256, P-384, P-521; no SHA-1, no Ed25519." },
	ALB("ClientCertInvalid", FAULT_BAD_CHAIN), .causes = CAUSES(LIKELY(CLIENT_BAD_CHAIN), MAYBE(CLIENT_WEAK)) },
	ALB("ClientCertPurposeInvalid", FAULT_PURPOSE), .causes = CAUSES(SURE(CLIENT_EKU)) },
	ALB("ClientCertRejected", FAULT_FORBIDDEN), .causes = CAUSES(LIKELY(CLIENT_FORBIDDEN), MAYBE(CLIENT_REJECTED)), .says = "A validation of the load balancer's own refused the client's certificate." },
	ALB("ClientCertIncompatible", FAULT_SIGALG), .says = "The client's certificate does not suit the signature algorithms or the policy of the listener.", .causes = CAUSES(LIKELY(CLIENT_WEAK), MAYBE(CLIENT_NOT_SENT), MAYBE(TLS_NO_COMMON_SIGALG)) },
	ALB("UnmappedConnectionError", FAULT_PARAMETERS), .causes = CAUSES(LIKELY(CLIENT_REQUIRED), MAYBE(CLIENT_NOT_SENT), MAYBE(TLS_REJECTED), RARELY(KEY_MISMATCH), RARELY(TLS_NO_COMMON_VERSION), RARELY(TLS_NO_COMMON_CIPHER), RARELY(NET_CLOSED)),
	    .says = "The handshake failed for a reason that has no code of its own: a client without a certificate ends like this (curl: 35 or 56)." },
	{ .id = "aws.ClientCertMissing", .texts = { "~ClientCertMissing~" }, .writer = WRITER_SERVER, .fault = FAULT_NONE_SENT, .rank = RANK_LINE, .note = "CloudFront." },
	ALB("ClientCertIntentInvalid", FAULT_PURPOSE), .note = "CloudFront." },
	{ .id = "aws.TcpError", .texts = { "Failed:TcpError" }, .writer = WRITER_SERVER, .act = ACT_MET, .fault = FAULT_RESET, .rank = RANK_LINE, .note = "CloudFront." },
	{ .id = "aws.TcpTimeout", .texts = { "Failed:TcpTimeout" }, .writer = WRITER_SERVER, .act = ACT_MET, .fault = FAULT_TIMEOUT, .rank = RANK_LINE, .note = "CloudFront." },
	ALB("ConnectionFunctionDenied", FAULT_FORBIDDEN), .note = "CloudFront: the connection function said no." },
	ALB("ConnectionFunctionError", FAULT_FORBIDDEN), .says = "CloudFront's connection function failed; the certificate need not be at fault.", .causes = CAUSES(LIKELY(CLIENT_REJECTED)) },
	{ .id = "aws.Success", .texts = { "tls_verify_status=Success" }, .writer = WRITER_SERVER, .act = ACT_MET, .fault = FAULT_NONE, .rank = RANK_WRAPPER, .says = "The load balancer accepted this connection." },
	{ .id = "aws.unknown-code", .texts = { "tls_verify_status=Failed" }, .writer = WRITER_SERVER, .fault = FAULT_ANY, .rank = RANK_WRAPPER,
	    .note = "This code is not in AWS's list as it is known here; tutorials name some that do not exist (ClientTlsHandshakeError, ClientCertRevoked)." },
	{ .id = "aws.invented-code", .texts = { "~ClientTlsHandshakeError~", "~ClientCertRevoked~" }, .writer = WRITER_SERVER, .act = ACT_MET, .fault = FAULT_NONE, .rank = RANK_LINE,
	    .says = "No load balancer writes this code: tutorials made it up, and an alarm or a filter that looks for it never fires.",
	    .note = "What is written: ClientCertCrlHit for a revoked certificate; UnmappedConnectionError for a handshake that failed without a code of its own, no certificate among them." },
	{ .id = "aws.gateway-issuer", .texts = { "Could not find issuer for certificate" }, .writer = WRITER_SERVER, .fault = FAULT_NO_ISSUER, .rank = RANK_LINE,
	    .note = "API Gateway: the truststore in S3 lacks the issuer; missing intermediates in it are the usual cause. Put root and intermediates in, then update the domain name." },
	{ .id = "aws.gateway-signature", .texts = { "Client cert using an insecure Signature Algorithm" }, .writer = WRITER_SERVER, .fault = FAULT_WEAK, .rank = RANK_LINE, .note = "API Gateway wants SHA-256 and up, in every certificate of the chain." },
	{ .id = "aws.gateway-self-signed", .texts = { "Access denied. Reason: self signed certificate", "Access denied. Reason: self-signed certificate" }, .writer = WRITER_SERVER, .fault = FAULT_SELF_SIGNED, .rank = RANK_LINE },
	{ .id = "aws.gateway-denied", .texts = { "Access denied. Reason: {reason}" }, .writer = WRITER_SERVER, .fault = FAULT_ANY, .rank = RANK_TEXT, .note = "API Gateway, in its execution log.", .example = "Access denied. Reason: certificate" },
	{ .id = "aws.gateway-forbidden", .texts = { "\"message\":\"Forbidden\"" }, .writer = WRITER_SERVER, .act = ACT_JUDGED, .fault = FAULT_ANY, .rank = RANK_GENERAL,
	    .note = "API Gateway's 403. If its execution log has no line for this request, the refusal is not about mutual TLS (an API key, WAF, a resource policy, another path). The default execute-api endpoint goes round mutual TLS: try it.",
	    .causes = CAUSES(MAYBE(CLIENT_UNTRUSTED), MAYBE(CLIENT_MISSING_INTERMEDIATE), MAYBE(CLIENT_FORBIDDEN), RARELY(CLIENT_WEAK)), .example = "403 {\"message\":\"Forbidden\"}" },
};
const struct explain_table explain_aws = {
	.origin = "AWS", .source = "AWS's documents (connection logs, mutual authentication), not measured", .stack = STACK_S2N, .rows = rows, .len = sizeof rows / sizeof rows[0],
};
