/*
 * What goes wrong between people and the aws program: command lines as tutorials have them, and what the program and AWS
 * answer. Sources: AWS's service models, its documents, and runs of aws 1.45 and 2.9 (knowledge "aws", sections 1.1 and 3).
 * Rows without a text are found in a command line, option by option: model/explain_aws_typed.c.
 */
#include "model/explain_rows.h"

#define ISSUE "CERT=$(aws acm-pca issue-certificate \\\n    --certificate-authority-arn \"$CA_ARN\" \\\n    --csr fileb://request.csr \\\n    --signing-algorithm SHA256WITHRSA \\\n    --validity Value=30,Type=DAYS \\\n    --query CertificateArn --output text)\n"
#define WAIT "aws acm-pca wait certificate-issued \\\n    --certificate-authority-arn \"$CA_ARN\" \\\n    --certificate-arn \"$CERT\"\n"
#define GET "aws acm-pca get-certificate \\\n    --certificate-authority-arn \"$CA_ARN\" \\\n    --certificate-arn \"$CERT\" \\\n    --query Certificate --output text >cert.pem"
#define REPORT "aws acm-pca create-certificate-authority-audit-report \\\n    --certificate-authority-arn \"$CA_ARN\" \\\n    --s3-bucket-name \"$BUCKET\" \\\n    --audit-report-response-format JSON"
#define REST_CREATE "aws apigateway create-domain-name \\\n    --domain-name \"$NAME\" \\\n    --regional-certificate-arn \"$CERT\" \\\n    --endpoint-configuration types=REGIONAL \\\n    --security-policy TLS_1_2 \\\n    --mutual-tls-authentication truststoreUri=s3://BUCKET/KEY"
#define REST_UPDATE "aws apigateway update-domain-name \\\n    --domain-name \"$NAME\" \\\n    --patch-operations op=replace,path=/mutualTlsAuthentication/truststoreVersion,value=VERSION"
#define HTTP_UPDATE "aws apigatewayv2 update-domain-name \\\n    --domain-name \"$NAME\" \\\n    --mutual-tls-authentication TruststoreUri=s3://BUCKET/KEY,TruststoreVersion=VERSION"
#define REVOKE "aws acm-pca revoke-certificate \\\n    --certificate-authority-arn \"$CA_ARN\" \\\n    --certificate-serial \"$SERIAL_IN_HEX\" \\\n    --revocation-reason KEY_COMPROMISE"
#define CA_STATUS(s) "aws acm-pca update-certificate-authority \\\n    --certificate-authority-arn \"$CA_ARN\" \\\n    --status " s

/* A mistake in a command line; what the row says stands before any other reading of it. */
#define TYPED(name, t) { .id = "aws-cli." name, .title = t, .act = ACT_TYPED, .rank = RANK_LINE
#define FINE(name, t) { .id = "aws-cli." name, .title = t, .act = ACT_TYPED, .rank = RANK_WRAPPER
/* What the program or AWS answers. */
#define ANSWER(name, ...) { .id = "aws-cli." name, .texts = { __VA_ARGS__ }, .act = ACT_TYPED, .writer = WRITER_SERVER, .rank = RANK_LINE

static const struct explain_row rows[] = {
	/* ---- issuing ---- */
	{ .id = "aws-cli.request-certificate", .title = "acm-pca has no request-certificate", .texts = { "invalid choice: 'request-certificate'", "invalid choice 'request-certificate'" },
	    .act = ACT_TYPED, .rank = RANK_LINE, .says = "request-certificate is acm's, not acm-pca's. The private CA has issue-certificate, which takes your CSR and returns an ARN at once; get-certificate fetches the certificate when it is there.",
	    .command = ISSUE WAIT GET, .note = "The other way is aws acm request-certificate --domain-name NAME --certificate-authority-arn CA: then ACM makes the key, keeps it and renews the certificate." },
	{ .id = "aws-cli.list-certificates", .title = "acm-pca cannot list what it issued", .texts = { "invalid choice: 'list-certificates'", "invalid choice 'list-certificates'" },
	    .act = ACT_TYPED, .rank = RANK_LINE, .says = "The private CA has no list of the certificates that it issued: an audit report has it (one in 30 minutes for a CA), or CloudTrail. aws acm list-certificates shows those that ACM manages, and no others.",
	    .command = REPORT, .note = "mtlscope pca sync reads the report, and mtlscope pca certs lists it." },
	TYPED("no-such-operation", "acm-pca has no such operation"), .says = "The private CA's API has no operation of that name.",
	    .note = "It has no renew, describe, export or delete for certificates: renewing is issuing anew, and what was issued stays until it expires or is revoked." },
	TYPED("get-at-once", "The certificate is read before it is there"), .says = "issue-certificate returns an ARN at once and works on behind it: a get-certificate right after it meets RequestInProgressException. Wait in between.",
	    .command = ISSUE WAIT GET },
	ANSWER("in-progress", "RequestInProgressException"), .says = "AWS still works on it: this is no failure. Ask again after a second, up to a minute; the ARN stays good.",
	    .command = WAIT GET, .note = "Do not call issue-certificate again without the same --idempotency-token: each call is a certificate of its own, and is billed." },
	ANSWER("issue-failed", "Certificate ARN is in a failed state"), .says = "Issuing failed behind the ARN, and for good: waiting does not help, and AWS does not say why. Most often the CSR is at fault (an empty subject with a SAN that is not critical).",
	    .note = "mtlscope pca issue looks at the CSR before it sends it." },
	ANSWER("empty-subject", "CSR must mark the SAN extension critical when it has an empty subject"), .says = "The CSR has no subject, and its names (SAN) are not marked critical. Give it a common name, or mark the SAN critical.",
	    .command = "openssl req -new -key order.key -out request.csr \\\n    -subj /CN=order-service -addext subjectAltName=DNS:order.internal" },
	ANSWER("zero-validity", "Value '0' at 'validity.value' failed to satisfy constraint"), .says = "A validity of 0: DAYS are whole days, and less than a day becomes none. Give seconds since 1970 (ABSOLUTE) for what is shorter.",
	    .command = "aws acm-pca issue-certificate \\\n    --certificate-authority-arn \"$CA_ARN\" \\\n    --csr fileb://request.csr \\\n    --signing-algorithm SHA256WITHRSA \\\n    --validity Value=$(date -d +6hours +%s),Type=ABSOLUTE" },
	ANSWER("outlives-ca", "ends before the validity period of the requested certificate"), .says = "The certificate would end after its CA. The private CA does not shorten it: ask for less, or give the CA a later end first (its own certificate issued and imported again).",
	    .note = "mtlscope pca issue cuts the validity to the CA's, and says so." },
	ANSWER("not-active", "not in a valid state for issuing certificates"), .says = "The CA is not ACTIVE. PENDING_CERTIFICATE: its own certificate was never imported; DISABLED: it was switched off; EXPIRED: its certificate ended.",
	    .command = "aws acm-pca describe-certificate-authority \\\n    --certificate-authority-arn \"$CA_ARN\" \\\n    --query CertificateAuthority.Status --output text", .note = "mtlscope pca activate goes on with a CA that waits for its certificate." },
	ANSWER("other-account", "because no resource-based policy allows the acm-pca:"), .says = "The CA is another account's, and what it shared does not allow this. Sharing by RAM allows a few templates only: a template that is not among them is refused in the same words.",
	    .note = "Allowed by the default permission: EndEntityCertificate, EndEntityClientAuthCertificate, EndEntityServerAuthCertificate, two BlankEndEntityCertificate with passthrough, SubordinateCACertificate_PathLen0. Revoking wants a share of its own." },

	/* ---- files ---- */
	{ .id = "aws-cli.file-for-blob", .title = "file:// for a blob", .texts = { "Invalid base64: \"-----BEGIN" }, .act = ACT_TYPED, .rank = RANK_LINE,
	    .says = "This option takes bytes (a blob). Version 2 of aws takes what file:// reads for base64 and refuses PEM, or sends something else; fileb:// hands over the file's bytes in version 1 and 2.",
	    .command = "aws acm-pca issue-certificate \\\n    --certificate-authority-arn \"$CA_ARN\" \\\n    --csr fileb://request.csr \\\n    --signing-algorithm SHA256WITHRSA \\\n    --validity Value=30,Type=DAYS", .note = "Text options (--secret-string, --policy, --api-passthrough) take file://." },
	{ .id = "aws-cli.several-fields", .title = "--output text of several fields", .texts = { "-----END CERTIFICATE-----*-----BEGIN CERTIFICATE-----" }, .example = "-----END CERTIFICATE-----\t-----BEGIN CERTIFICATE-----",
	    .act = ACT_TYPED, .rank = RANK_PRECISE, .says = "--output text of several fields puts a tab between them: -----END CERTIFICATE-----<tab>-----BEGIN CERTIFICATE-----. No program reads that as PEM (OpenSSL: “bad end line”). Ask for one field, then for the other.",
	    .command = "aws acm-pca get-certificate \\\n    --certificate-authority-arn \"$CA_ARN\" \\\n    --certificate-arn \"$CERT\" \\\n    --query Certificate --output text >cert.pem\naws acm-pca get-certificate \\\n    --certificate-authority-arn \"$CA_ARN\" \\\n    --certificate-arn \"$CERT\" \\\n    --query CertificateChain --output text >chain.pem",
	    .note = "A file that has it already: tr '\\t' '\\n' <broken.pem >cert.pem" },
	ANSWER("joined-pem", "-----END CERTIFICATE----------BEGIN CERTIFICATE-----"), .says = "Two certificates without a line end between them: AWS's Certificate has none at its end. No program reads that as PEM (OpenSSL: “bad end line”). Put one in.",
	    .command = "sed 's/-----END CERTIFICATE-----/&\\n/' broken.pem >cert.pem" },
	TYPED("json-for-pem", "JSON in a PEM file"), .says = "Without --query and --output text the whole answer goes into the file: JSON with \\n for line ends, which no program takes for a certificate." },
	TYPED("chain-first", "The chain stands before the certificate"), .says = "The leaf comes first, then its intermediates, each certified by the next: a server or client takes the first one for its own, and its key then “does not match”." },
	TYPED("root-served", "The root in what is sent"), .says = "What a server or client sends is the leaf and its intermediates, without the root: whoever trusts the root has it. CertificateChain of the private CA ends in the root; leave its last certificate out.",
	    .note = "It does no harm but to size: load balancers bound chains, and some peers count certificates." },
	ANSWER("one-certificate", "more than one certificate. You can specify only one certificate in this field"), .says = "ACM takes the leaf alone in --certificate, and what is above it in --certificate-chain.",
	    .command = "aws acm import-certificate \\\n    --certificate fileb://cert.pem \\\n    --private-key fileb://key.pem \\\n    --certificate-chain fileb://chain.pem" },
	TYPED("unmanaged", "A certificate that ACM does not have"), .says = "What acm-pca issue-certificate made is not in ACM: it is not shown there, not renewed, and a load balancer or API Gateway cannot take it by that ARN. Import it with its key, and use the ARN that this gives.",
	    .command = "aws acm import-certificate \\\n    --certificate fileb://cert.pem \\\n    --private-key fileb://key.pem \\\n    --certificate-chain fileb://chain.pem" },

	/* ---- API Gateway ---- */
	{ .id = "aws-cli.mutual-tls-source-arn", .title = "There is no --mutual-tls-authentication-source-arn", .texts = { "Unknown options: --mutual-tls-authentication-source-arn" }, .act = ACT_TYPED, .rank = RANK_LINE,
	    .says = "No such option exists. The truststore is an object in S3, and three commands name it in three ways: REST API create (small t), REST API update (patch operations), HTTP API create and update (capital T).",
	    .command = REST_CREATE "\n" REST_UPDATE "\n" HTTP_UPDATE },
	{ .id = "aws-cli.mutual-tls-patch", .title = "update-domain-name of a REST API takes patch operations", .texts = { "Unknown options: --mutual-tls-authentication~" }, .act = ACT_TYPED, .rank = RANK_LINE,
	    .says = "apigateway update-domain-name has no --mutual-tls-authentication: what is to change goes into --patch-operations. (create-domain-name has the option, and so has apigatewayv2.)", .command = REST_UPDATE },
	{ .id = "aws-cli.truststore-spelling", .title = "truststoreUri or TruststoreUri", .texts = { "must be one of: TruststoreUri, TruststoreVersion" }, .act = ACT_TYPED, .rank = RANK_LINE,
	    .says = "apigatewayv2 (HTTP API) writes TruststoreUri and TruststoreVersion with a capital T, apigateway (REST API) truststoreUri and truststoreVersion with a small one; the other spelling is refused.",
	    .command = HTTP_UPDATE "\n" REST_CREATE },
	ANSWER("one-configuration", "Expected one domain name configuration"), .says = "apigatewayv2 update-domain-name takes exactly one domain name configuration, or none at all: leave --domain-name-configurations out where only the truststore changes.", .command = HTTP_UPDATE },
	ANSWER("ownership", "conflicts with an existing certificate from a different issuer"), .says = "API Gateway wants proof that the name is yours where the server's certificate is imported or from a private CA: give it the ARN of a public ACM certificate for the name (ownershipVerificationCertificateArn)." },

	/* ---- authorities and revocation ---- */
	{ .id = "aws-cli.revoke-serial", .title = "revoke-certificate takes the serial number", .texts = { "arguments are required: --certificate-serial" }, .act = ACT_TYPED, .rank = RANK_LINE,
	    .says = "revoke-certificate takes the serial number in hexadecimal digits, with or without colons; an ARN or a decimal number is refused. It is the last part of the certificate's ARN.",
	    .command = REVOKE, .note = "Only a CRL or OCSP that was configured before the certificate was issued makes anybody notice: OCSP within an hour, a CRL after about 30 minutes. A copy in ACM stays as it is." },
	TYPED("revocation-reason", "No such revocation reason"), .says = "Reasons are written in capitals, and are these: UNSPECIFIED, KEY_COMPROMISE, CERTIFICATE_AUTHORITY_COMPROMISE, AFFILIATION_CHANGED, SUPERSEDED, CESSATION_OF_OPERATION, PRIVILEGE_WITHDRAWN, A_A_COMPROMISE. A hold, or taking a revocation back, does not exist." },
	{ .id = "aws-cli.ca-status", .title = "A CA can be set ACTIVE or DISABLED", .texts = { "not in a valid state for deletion" }, .act = ACT_TYPED, .rank = RANK_LINE,
	    .says = "update-certificate-authority --status takes ACTIVE and DISABLED. A CA that is ACTIVE is disabled first, then deleted; for 7 to 30 days it can be restored.",
	    .command = CA_STATUS("DISABLED") "\naws acm-pca delete-certificate-authority \\\n    --certificate-authority-arn \"$CA_ARN\" \\\n    --permanent-deletion-time-in-days 30" },
	ANSWER("not-settled", "must be in the ACTIVE or DISABLED state to be updated"), .says = "A CA without a certificate, an expired or a deleted one cannot be changed. Import its certificate first, or restore it." },
	ANSWER("no-csr-now", "not in the correct state to have a certificate signing request"), .says = "The CA has no certificate yet, or is deleted. (AWS says “signing request” here and means the certificate.)" },
	ANSWER("deleted-ca", "not in the correct state to have issued certificates"), .says = "The CA is deleted: what it issued cannot be read any more. For 7 to 30 days it can be restored.",
	    .command = "aws acm-pca restore-certificate-authority \\\n    --certificate-authority-arn \"$CA_ARN\"" },
	ANSWER("not-deleted", "not in a valid state for restoration"), .says = "Only a CA that is DELETED can be restored, and not after its days are over. A restored one comes back as it was, most often DISABLED: set it ACTIVE.", .command = CA_STATUS("ACTIVE") },
	ANSWER("revoke-root", "Self-signed certificate can not be revoked"), .says = "A root cannot be revoked: nobody stands above it to say so. It leaves every trust store instead." },
	ANSWER("crl-bucket", "Permission error with your S3 bucket"), .says = "The CA may not write into the bucket. For a CRL the default is a public object, which Block Public Access forbids: ask for BUCKET_OWNER_FULL_CONTROL, and let the bucket's policy allow acm-pca.amazonaws.com." },

	/* ---- no mistake ---- */
	FINE("right", "A command line of aws"), .says = "No mistake that is known here is in it." },
	FINE("right-issue", "aws acm-pca issue-certificate"), .says = "No mistake that is known here is in it. It returns an ARN at once; the certificate may come later, or fail.", .command = WAIT GET },
	FINE("right-get", "aws acm-pca get-certificate"), .says = "No mistake that is known here is in it. Certificate is the leaf; CertificateChain begins with the issuing CA and ends with the root: a server sends leaf and intermediates, a trust store takes the root." },
	FINE("right-ca-get", "aws acm-pca get-certificate-authority-certificate"), .says = "No mistake that is known here is in it. Certificate is the CA's own; CertificateChain holds its parents up to the root, and is missing for a root." },
	FINE("right-list", "aws acm list-certificates"), .says = "No mistake that is known here is in it. It shows what ACM manages; what acm-pca issue-certificate made is in the CA's audit report only.", .command = REPORT },
	FINE("right-revoke", "aws acm-pca revoke-certificate"), .says = "No mistake that is known here is in it. It takes effect where a CRL or OCSP was configured before the certificate was issued, and where somebody looks; ACM's own copy stays." },
	FINE("right-bucket", "aws acm-pca update-certificate-authority"), .says = "No mistake that is known here is in it. But certificates name the place of their CRL for life: where this changes the bucket, those already issued look in the old one, and revoking them has no effect there. Keep the old bucket." },
};
const struct explain_table explain_aws_cli = {
	.origin = "aws command line", .source = "AWS's service models and documents; tried with aws 1.45 and 2.9", .rows = rows, .len = sizeof rows / sizeof rows[0],
};
