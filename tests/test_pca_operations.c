/* The private CA's operations: what each does, what it refuses and in which of AWS's words. States are tests/test_pca_states.c's. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "lab/cloud_internal.h"
#include "lab/sql.h"
#include "tests/cloud_calls.h"

static struct cloud_case f;
static char *root, *csr;

#define CA "'CertificateAuthorityArn':'%s'"
#define ISSUE CA ",'Csr':'%s','SigningAlgorithm':'SHA256WITHECDSA','Validity':{'Type':'DAYS','Value':%d}"
#define SUBJECT "'Subject':{'CommonName':'x'}"
#define CREATE(key, signing, more) \
	"{'CertificateAuthorityType':'ROOT','CertificateAuthorityConfiguration':{'KeyAlgorithm':'" key "','SigningAlgorithm':'" signing "'," SUBJECT "}" more "}"

static int
start(void **state)
{
	struct cloud_options o = { .no_report_limit = false };

	(void)state;
	cloud_case_start(&f, &o);
	root = cloud_active_ca(&f, "Operations Root", "EC_prime256v1", NULL, 0);
	csr = cloud_csr("leaf.internal");
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	cloud_case_stop(&f);
	free(root);
	free(csr);
	return 0;
}

static X509 *
read_pem(const char *pem)
{
	BIO *in = BIO_new_mem_buf(pem, -1);
	X509 *x = PEM_read_bio_X509(in, NULL, NULL, NULL);

	BIO_free(in);
	assert_non_null(x);
	return x;
}

/* A leaf of that CA: *arn and its certificate. */
static X509 *
leaf_of(const char *ca, char **arn)
{
	char *pem;
	X509 *x;

	*arn = cloud_pca_text(&f, "CertificateArn", "IssueCertificate", "{" ISSUE "}", ca, csr, 5);
	pem = cloud_get_certificate(&f, ca, *arn);
	x = read_pem(pem);
	free(pem);
	return x;
}

/* ---- what is refused, and how ---- */

static void
refusals_in_aws_own_words(void **state)
{
	static const char arn[] = "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/00000000-0000-0000-0000-000000000000";
	static const struct {
		const char *operation, *json, *code, *text;
	} cases[] = {
		{ "DescribeCertificateAuthority", "{}", "ValidationException",
		    "1 validation error detected: Value null at 'certificateAuthorityArn' failed to satisfy constraint: Member must not be null" },
		{ "DescribeCertificateAuthority", "{'CertificateAuthorityArn':'arn'}", "ValidationException",
		    "2 validation errors detected: Value 'arn' at 'certificateAuthorityArn' failed to satisfy constraint: Member must have length greater than or equal to 5; Value 'arn' at 'certificateAuthorityArn' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:" },
		{ "DescribeCertificateAuthority", "{'CertificateAuthorityArn':'arn:aws:acm-pca:us-east-1:111122223333:other/x'}", "InvalidArnException", NULL },
		{ "DescribeCertificateAuthority", "{'CertificateAuthorityArn':'ARN'}", "ResourceNotFoundException", "Could not find Certificate Authority with ARN: arn:" },
		{ "DescribeCertificateAuthority", "{'CertificateAuthorityArn':'arn:aws:acm-pca:us-east-1:444455556666:certificate-authority/00000000-0000-0000-0000-000000000000'}",
		    "AccessDeniedException", "is not authorized to perform: acm-pca:DescribeCertificateAuthority on resource: arn:aws:acm-pca:us-east-1:444455556666" },
		{ "CreateCertificateAuthority", CREATE("RSA_512", "SHA256WITHRSA", ""), "ValidationException",
		    "Value 'RSA_512' at 'certificateAuthorityConfiguration.keyAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [RSA_2048, RSA_3072" },
		{ "CreateCertificateAuthority", CREATE("SM2", "SM3WITHSM2", ""), "InvalidArgsException", NULL },
		{ "CreateCertificateAuthority", CREATE("RSA_2048", "SHA256WITHECDSA", ""), "InvalidArgsException", NULL },
		{ "CreateCertificateAuthority", CREATE("RSA_2048", "SHA256WITHRSA", ",'KeyStorageSecurityStandard':'FIPS_140_2_LEVEL_2_OR_HIGHER'"), "InvalidArgsException",
		    "A certificate authority cannot be created in this region with the specified security standard." },
		{ "CreateCertificateAuthority", CREATE("RSA_2048", "SHA256WITHRSA", ",'Tags':[{'Key':'aws:a','Value':''}]"), "InvalidTagException", NULL },
		{ "CreateCertificateAuthority", CREATE("RSA_2048", "SHA256WITHRSA", ",'Tags':[{'Key':'a'},{'Key':'a'}]"), "InvalidTagException", NULL },
		{ "CreateCertificateAuthority", CREATE("RSA_2048", "SHA256WITHRSA", ",'Tags':[]"), "ValidationException",
		    "Value '[]' at 'tags' failed to satisfy constraint: Member must have length greater than or equal to 1" },
		{ "CreateCertificateAuthority", CREATE("RSA_2048", "SHA256WITHRSA", ",'IdempotencyToken':''"), "ValidationException", NULL },
		{ "CreateCertificateAuthority", CREATE("RSA_2048", "SHA256WITHRSA", ",'RevocationConfiguration':{'CrlConfiguration':{'Enabled':false,'ExpirationInDays':3}}"),
		    "InvalidArgsException", NULL },
		{ "CreateCertificateAuthority", CREATE("RSA_2048", "SHA256WITHRSA", ",'RevocationConfiguration':{'CrlConfiguration':{'Enabled':true,'S3BucketName':'nowhere'}}"),
		    "ValidationException", "Permission error with your S3 bucket 'nowhere'. Check that your bucket policy, encryption settings" },
		{ "CreateCertificateAuthority", CREATE("RSA_2048", "SHA256WITHRSA",
		    ",'RevocationConfiguration':{'CrlConfiguration':{'Enabled':true,'S3BucketName':'mtlscope-lab','CustomCname':'http://x'}}"), "InvalidArgsException", NULL },
		{ "CreateCertificateAuthority", CREATE("RSA_2048", "SHA256WITHRSA", ",'RevocationConfiguration':{'CrlConfiguration':{'Enabled':true,'S3BucketName':'mtlscope-lab',"
		    "'CustomCname':'x','CrlDistributionPointExtensionConfiguration':{'OmitExtension':true}}}"), "InvalidArgsException", NULL },
		{ "CreateCertificateAuthority", CREATE("RSA_2048", "SHA256WITHRSA", ",'RevocationConfiguration':{'OcspConfiguration':{'Enabled':true,'OcspCustomCname':'http://x'}}"),
		    "InvalidArgsException", NULL },
		{ "DeleteCertificateAuthority", "{'CertificateAuthorityArn':'ARN','PermanentDeletionTimeInDays':6}", "ValidationException",
		    "Value '6' at 'permanentDeletionTimeInDays' failed to satisfy constraint: Member must have value greater than or equal to 7" },
		{ "UpdateCertificateAuthority", "{'CertificateAuthorityArn':'ROOT'}", "InvalidArgsException", NULL },
		{ "UpdateCertificateAuthority", "{'CertificateAuthorityArn':'ROOT','Status':'DELETED'}", "InvalidArgsException", NULL },
		{ "IssueCertificate", "{'CertificateAuthorityArn':'ROOT','Csr':'CSR','SigningAlgorithm':'SHA256WITHECDSA','Validity':{'Type':'DAYS','Value':0}}",
		    "ValidationException",
		    "1 validation error detected: Value '0' at 'validity.value' failed to satisfy constraint: Member must have value greater than or equal to 1" },
		{ "IssueCertificate", "{'CertificateAuthorityArn':'ROOT','Csr':'not base64!','SigningAlgorithm':'SHA256WITHECDSA','Validity':{'Type':'DAYS','Value':1}}",
		    "SerializationException", NULL },
		{ "IssueCertificate", "{'CertificateAuthorityArn':'ROOT','Csr':'AAAA','SigningAlgorithm':'SHA256WITHECDSA','Validity':{'Type':'DAYS','Value':1}}",
		    "MalformedCSRException", NULL },
		{ "IssueCertificate", "{'CertificateAuthorityArn':'ROOT','Csr':'CSR','SigningAlgorithm':'SHA256WITHRSA','Validity':{'Type':'DAYS','Value':1}}",
		    "InvalidArgsException", NULL },
		{ "IssueCertificate", "{'CertificateAuthorityArn':'ROOT','Csr':'CSR','SigningAlgorithm':'SHA256WITHECDSA','Validity':{'Type':'DAYS','Value':9999}}",
		    "ValidationException", NULL },
		{ "IssueCertificate", "{'CertificateAuthorityArn':'ROOT','Csr':'CSR','SigningAlgorithm':'SHA256WITHECDSA','Validity':{'Type':'DAYS','Value':1},"
		    "'TemplateArn':'arn:aws:acm-pca:::template/Nothing/V1'}", "InvalidArgsException", NULL },
		{ "IssueCertificate", "{'CertificateAuthorityArn':'ROOT','Csr':'CSR','SigningAlgorithm':'SHA256WITHECDSA','Validity':{'Type':'DAYS','Value':1},"
		    "'TemplateArn':'arn:aws:acm-pca:::template/RootCACertificate/V1'}", "InvalidArgsException", NULL },
		{ "GetCertificate", "{'CertificateAuthorityArn':'ROOT','CertificateArn':'ARN/certificate/00112233445566778899aabbccddeeff'}", "InvalidArnException", NULL },
		{ "GetCertificate", "{'CertificateAuthorityArn':'ROOT','CertificateArn':'ROOT/certificate/00112233445566778899aabbccddeeff'}", "ResourceNotFoundException", NULL },
		{ "RevokeCertificate", "{'CertificateAuthorityArn':'ROOT','CertificateSerial':'00:11','RevocationReason':'SUPERSEDED'}", "ResourceNotFoundException", NULL },
		{ "RevokeCertificate", "{'CertificateAuthorityArn':'ROOT','CertificateSerial':'xyz','RevocationReason':'SUPERSEDED'}", "InvalidRequestException", NULL },
		{ "RevokeCertificate", "{'CertificateAuthorityArn':'ROOT','CertificateSerial':'00','RevocationReason':'CERTIFICATE_HOLD'}", "ValidationException", NULL },
		{ "CreateCertificateAuthorityAuditReport", "{'CertificateAuthorityArn':'ROOT','S3BucketName':'nowhere','AuditReportResponseFormat':'JSON'}",
		    "ResourceNotFoundException", NULL },
		{ "DescribeCertificateAuthorityAuditReport", "{'CertificateAuthorityArn':'ROOT','AuditReportId':'00000000-0000-0000-0000-000000000000'}",
		    "ResourceNotFoundException", NULL },
		{ "CreatePermission", "{'CertificateAuthorityArn':'ROOT','Principal':'ec2.amazonaws.com','Actions':['IssueCertificate']}", "InvalidArgsException", NULL },
		{ "DeletePermission", "{'CertificateAuthorityArn':'ROOT','Principal':'acm.amazonaws.com'}", "ResourceNotFoundException", NULL },
		{ "GetPolicy", "{'ResourceArn':'ROOT'}", "ResourceNotFoundException", NULL },
		{ "PutPolicy", "{'ResourceArn':'ROOT','Policy':'x'}", "InvalidPolicyException", NULL },
		{ "PutPolicy", "{'ResourceArn':'ROOT','Policy':'{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Deny\\\",\\\"Principal\\\":\\\"*\\\",\\\"Action\\\":\\\"*\\\",\\\"Resource\\\":\\\"*\\\"}]}'}",
		    "LockoutPreventedException", NULL },
		{ "ListTags", "{'CertificateAuthorityArn':'ROOT','NextToken':'AAAA'}", "InvalidNextTokenException", NULL },
	};
	const struct {
		const char *word, *value;
	} words[] = { { "ROOT", root }, { "ARN", arn }, { "CSR'", csr } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char json[8192];
		size_t n = 0;
		for (const char *at = cases[i].json; *at != '\0';) {
			size_t w = 0;
			while (w < 3 && (at == cases[i].json || at[-1] != '\'' || strncmp(at, words[w].word, strlen(words[w].word)) != 0 || strncmp(at, "ROOT','CertificateAuthorityConf", 31) == 0))
				w++;
			if (w == 3) {
				json[n++] = *at++;
				continue;
			}
			n += (size_t)snprintf(json + n, sizeof json - n, "%s%s", words[w].value, w == 2 ? "'" : "");
			at += strlen(words[w].word);
		}
		json[n] = '\0';
		cloud_pca_refuses(&f, cases[i].code, cases[i].text, cases[i].operation, "%s", json);
	}
}

/* ---- tokens ---- */

static void
a_token_stands_for_one_certificate(void **state)
{
	char *one = cloud_pca_text(&f, "CertificateArn", "IssueCertificate", "{" ISSUE ",'IdempotencyToken':'t-1'}", root, csr, 5);
	char *two = cloud_pca_text(&f, "CertificateArn", "IssueCertificate", "{" ISSUE ",'IdempotencyToken':'t-1'}", root, csr, 5);
	char *other = cloud_pca_text(&f, "CertificateArn", "IssueCertificate", "{" ISSUE ",'IdempotencyToken':'t-2'}", root, csr, 5);
	sqlite3 *db = cloud_case_database(&f);
	char *late;

	(void)state;
	assert_string_equal(one, two);
	assert_string_not_equal(one, other);
	cloud_pca_refuses(&f, "InvalidArgsException", "idempotency token", "IssueCertificate", "{" ISSUE ",'IdempotencyToken':'t-1'}", root, csr, 6);
	/* After five minutes it is a new one, and another CA's token is its own all the time. */
	assert_true(sql_do(db, "UPDATE pca_token SET at_ms = at_ms - 300001", ""));
	late = cloud_pca_text(&f, "CertificateArn", "IssueCertificate", "{" ISSUE ",'IdempotencyToken':'t-1'}", root, csr, 5);
	assert_string_not_equal(one, late);
	sqlite3_close(db);
	free(one);
	free(two);
	free(other);
	free(late);
}

/* ---- issuing ---- */

/* Whoever asks at once hears “in progress”, and the certificate then. */
static void
the_first_question_comes_too_early(void **state)
{
	char *arn = cloud_pca_text(&f, "CertificateArn", "IssueCertificate", "{" ISSUE "}", root, csr, 5), *pem;

	(void)state;
	cloud_pca_refuses(&f, "RequestInProgressException", NULL, "GetCertificate", "{" CA ",'CertificateArn':'%s'}", root, arn);
	pem = cloud_get_certificate(&f, root, arn);
	assert_string_equal(pem + strlen(pem) - 5, "-----"); /* no newline at the end, as AWS has it */
	free(pem);
	free(arn);
}

/* Root, four CAs below it, and what would be the sixth level is refused. */
static void
a_hierarchy_has_five_levels(void **state)
{
	static const struct {
		const char *cn, *key;
		int path_len;
	} levels[] = { { "Two", "EC_secp384r1", 3 }, { "Three", "EC_prime256v1", 2 }, { "Four", "EC_secp521r1", 1 }, { "Five", "EC_prime256v1", 0 } };
	char *parent = strdup(root), *arn, *below;
	struct cloud_said said;
	X509 *x;

	(void)state;
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		char *child = cloud_active_ca(&f, levels[i].cn, levels[i].key, parent, levels[i].path_len);
		free(parent);
		parent = child;
	}
	x = leaf_of(parent, &arn);
	X509_free(x);
	const cJSON *o = cloud_pca(&f, &said, "GetCertificate", "{" CA ",'CertificateArn':'%s'}", parent, arn);
	const char *chain = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "CertificateChain"));
	const char *last = NULL;
	int certificates = 0;
	for (const char *at = chain; (at = strstr(at, "-----BEGIN CERTIFICATE")) != NULL; at++, certificates++)
		last = at;
	assert_int_equal(certificates, 5); /* the issuing CA first, the root last */
	x = read_pem(last);
	assert_int_equal(X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)), 0);
	X509_free(x);
	cloud_said_done(&said);
	below = cloud_csr("sixth");
	cloud_pca_refuses(&f, "ValidationException", NULL, "IssueCertificate", "{" ISSUE ",'TemplateArn':'arn:aws:acm-pca:::template/SubordinateCACertificate_PathLen0/V1'}",
	    parent, below, 5);
	free(below);
	free(arn);
	free(parent);
}

/* ---- revoking ---- */

static char *
serial_of(X509 *x, bool colons)
{
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	char *hex = BN_bn2hex(n), *out = calloc(1, 64), *at = out;

	for (size_t i = 0; hex[i] != '\0'; i++) {
		if (colons && i > 0 && i % 2 == 0)
			*at++ = ':';
		*at++ = hex[i];
	}
	OPENSSL_free(hex);
	BN_free(n);
	return out;
}

static int
ocsp_status(X509 *x, X509 *issuer, int *reason)
{
	OCSP_REQUEST *q = OCSP_REQUEST_new();
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), x, issuer);
	struct aws_http_answer answer = { .status = 0 };
	struct aws_error err = { .kind = AWS_FINE };
	X509_STORE *store = X509_STORE_new();
	unsigned char *der = NULL;
	char url[80];
	int len, result = -1;

	OCSP_request_add0_id(q, OCSP_CERTID_dup(id));
	OCSP_request_add1_nonce(q, NULL, -1);
	len = i2d_OCSP_REQUEST(q, &der);
	snprintf(url, sizeof url, "%s/ocsp", cloud_url(f.cloud));
	struct aws_http_request r = { .method = "POST", .url = url, .body = der, .body_len = (size_t)len, .no_proxy = true };
	assert_int_equal(aws_http(&r, &answer, &err), STATUS_OK);
	const unsigned char *at = (const unsigned char *)answer.body.data;
	OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, (long)answer.body.len);
	assert_non_null(response);
	assert_int_equal(OCSP_response_status(response), OCSP_RESPONSE_STATUS_SUCCESSFUL);
	OCSP_BASICRESP *basic = OCSP_response_get1_basic(response);
	X509_STORE_add_cert(store, issuer);
	STACK_OF(X509) *certs = sk_X509_new_null();
	sk_X509_push(certs, issuer);
	assert_int_equal(OCSP_basic_verify(basic, certs, store, OCSP_PARTIAL_CHAIN), 1);
	assert_int_equal(OCSP_check_nonce(q, basic), 1);
	assert_int_equal(OCSP_resp_find_status(basic, id, &result, reason, NULL, NULL, NULL), 1);
	sk_X509_free(certs);
	X509_STORE_free(store);
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(response);
	aws_http_answer_done(&answer);
	OPENSSL_free(der);
	OCSP_CERTID_free(id);
	OCSP_REQUEST_free(q);
	return result;
}

/* What is in the list at the address that the certificate names: its entry, or none. */
static bool
listed(X509 *x, X509 *issuer)
{
	CRL_DIST_POINTS *points = X509_get_ext_d2i(x, NID_crl_distribution_points, NULL, NULL);
	struct aws_http_answer answer = { .status = 0 };
	struct aws_error err = { .kind = AWS_FINE };
	X509_REVOKED *entry = NULL;
	bool found;

	assert_non_null(points);
	const GENERAL_NAME *name = sk_GENERAL_NAME_value(sk_DIST_POINT_value(points, 0)->distpoint->name.fullname, 0);
	struct aws_http_request r = { .method = "GET", .url = (const char *)ASN1_STRING_get0_data(name->d.uniformResourceIdentifier), .no_proxy = true };
	assert_int_equal(aws_http(&r, &answer, &err), STATUS_OK);
	assert_int_equal(answer.status, 200);
	const unsigned char *at = (const unsigned char *)answer.body.data;
	X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)answer.body.len);
	assert_non_null(crl);
	assert_int_equal(X509_CRL_verify(crl, X509_get0_pubkey(issuer)), 1);
	found = X509_CRL_get0_by_serial(crl, &entry, X509_get_serialNumber(x)) == 1;
	X509_CRL_free(crl);
	aws_http_answer_done(&answer);
	CRL_DIST_POINTS_free(points);
	return found;
}

static void
revocation_is_published(void **state)
{
	char *ca = cloud_active_ca(&f, "Revoking Root", "EC_prime256v1", NULL, 0), *arn, *pem, *plain, *colons;
	X509 *x, *issuer;
	int reason = -1;

	(void)state;
	cloud_pca_text(&f, NULL, "UpdateCertificateAuthority", "{" CA ",'RevocationConfiguration':{'CrlConfiguration':{'Enabled':true,'ExpirationInDays':3,"
	    "'S3BucketName':'mtlscope-lab','S3ObjectAcl':'BUCKET_OWNER_FULL_CONTROL'},'OcspConfiguration':{'Enabled':true}}}", ca);
	pem = cloud_pca_text(&f, "Certificate", "GetCertificateAuthorityCertificate", "{" CA "}", ca);
	issuer = read_pem(pem);
	x = leaf_of(ca, &arn);
	assert_false(listed(x, issuer));
	assert_int_equal(ocsp_status(x, issuer, &reason), V_OCSP_CERTSTATUS_GOOD);
	plain = serial_of(x, false);
	colons = serial_of(x, true);
	cloud_pca_text(&f, NULL, "RevokeCertificate", "{" CA ",'CertificateSerial':'%s','RevocationReason':'KEY_COMPROMISE'}", ca, colons);
	cloud_pca_refuses(&f, "RequestAlreadyProcessedException", NULL, "RevokeCertificate", "{" CA ",'CertificateSerial':'%s','RevocationReason':'SUPERSEDED'}", ca,
	    plain);
	assert_true(listed(x, issuer));
	assert_int_equal(ocsp_status(x, issuer, &reason), V_OCSP_CERTSTATUS_REVOKED);
	assert_int_equal(reason, OCSP_REVOKED_STATUS_KEYCOMPROMISE);
	/* It can still be had. */
	free(cloud_get_certificate(&f, ca, arn));
	free(plain);
	plain = serial_of(issuer, false);
	cloud_pca_refuses(&f, "InvalidRequestException", "Self-signed certificate can not be revoked", "RevokeCertificate",
	    "{" CA ",'CertificateSerial':'%s','RevocationReason':'SUPERSEDED'}", ca, plain);
	X509_free(x);
	X509_free(issuer);
	free(plain);
	free(colons);
	free(pem);
	free(arn);
	free(ca);
}

/* ---- reports ---- */

static char *
report(const char *ca, const char *format)
{
	struct cloud_said said;
	char *id, *key, path[256], *text;
	const cJSON *o = cloud_pca(&f, &said, "CreateCertificateAuthorityAuditReport", "{" CA ",'S3BucketName':'mtlscope-lab','AuditReportResponseFormat':'%s'}", ca,
	    format);

	assert_non_null(o);
	id = strdup(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "AuditReportId")));
	key = strdup(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "S3Key")));
	cloud_said_done(&said);
	for (int i = 0; i < 600; i++) {
		char *state = cloud_pca_text(&f, "AuditReportStatus", "DescribeCertificateAuthorityAuditReport", "{" CA ",'AuditReportId':'%s'}", ca, id);
		bool done = strcmp(state, "CREATING") != 0;
		if (done)
			assert_string_equal(state, "SUCCESS");
		free(state);
		if (done)
			break;
		poll(NULL, 0, 20);
	}
	snprintf(path, sizeof path, "/mtlscope-lab/%s", key);
	cloud_say(&f, &(struct cloud_ask){ .method = "GET", .path = path, .service = "s3" }, &said);
	assert_int_equal(said.status, 200);
	text = strdup(buf_str(&said.body));
	cloud_said_done(&said);
	free(id);
	free(key);
	return text;
}

static void
reports_are_as_aws_writes_them(void **state)
{
	static const char *const order[] = { "awsAccountId", "certificateArn", "serial", "subject", "notBefore", "notAfter", "issuedAt", "revokedAt",
		"revocationReason", "templateArn" };
	char *ca = cloud_active_ca(&f, "Report, Root", "EC_prime256v1", NULL, 0), *arn, *serial, *text;
	X509 *x = leaf_of(ca, &arn);
	sqlite3 *db;
	int n = 0;

	(void)state;
	serial = serial_of(x, true);
	cloud_pca_text(&f, NULL, "RevokeCertificate", "{" CA ",'CertificateSerial':'%s','RevocationReason':'SUPERSEDED'}", ca, serial);
	text = report(ca, "JSON");
	cJSON *json = cJSON_Parse(text);
	assert_int_equal(cJSON_GetArraySize(json), 2);
	const cJSON *first = cJSON_GetArrayItem(json, 0), *second = cJSON_GetArrayItem(json, 1), *member = NULL;
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(first, "subject")), "CN=Report\\, Root");
	assert_null(cJSON_GetObjectItemCaseSensitive(first, "revokedAt"));
	cJSON_ArrayForEach(member, second)
		assert_string_equal(member->string, order[n++]);
	assert_int_equal(n, 10);
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(second, "certificateArn")), arn);
	assert_int_equal(strcasecmp(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(second, "serial")), serial), 0);
	const char *when = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(second, "issuedAt"));
	assert_int_equal(strlen(when), 24);
	assert_string_equal(when + 19, "+0000");
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(second, "templateArn")), "arn:aws:acm-pca:::template/EndEntityCertificate/V1");
	cJSON_Delete(json);
	free(text);
	/* One in half an hour; then CSV. */
	cloud_pca_refuses(&f, "RequestInProgressException", "within the last 30 minutes", "CreateCertificateAuthorityAuditReport",
	    "{" CA ",'S3BucketName':'mtlscope-lab','AuditReportResponseFormat':'CSV'}", ca);
	db = cloud_case_database(&f);
	assert_true(sql_do(db, "UPDATE pca_ca SET report_at = report_at - 1801", ""));
	sqlite3_close(db);
	text = report(ca, "CSV");
	assert_int_equal(strncmp(text, "awsAccountId,requestedByServicePrincipal,certificateArn,serial,subject,notBefore,notAfter,issuedAt,revokedAt,revocationReason,"
	    "templateArn\n111122223333,,arn:aws:acm-pca:", 160), 0);
	assert_non_null(strstr(text, ",\"CN=Report\\, Root\","));
	assert_non_null(strstr(text, ",SUPERSEDED,arn:aws:acm-pca:::template/EndEntityCertificate/V1\n"));
	free(text);
	X509_free(x);
	free(serial);
	free(arn);
	free(ca);
}

/* ---- pages, tags, permissions, policies ---- */

static void
lists_come_in_pages(void **state)
{
	struct cloud_said said;
	char *token = NULL, seen[32][208];
	size_t n = 0;

	(void)state;
	do {
		const cJSON *o = token == NULL ? cloud_pca(&f, &said, "ListCertificateAuthorities", "{'MaxResults':2}") :
		    cloud_pca(&f, &said, "ListCertificateAuthorities", "{'MaxResults':2,'NextToken':'%s'}", token);
		const cJSON *ca = NULL;
		assert_non_null(o);
		cJSON_ArrayForEach(ca, cJSON_GetObjectItemCaseSensitive(o, "CertificateAuthorities")) {
			const char *arn = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(ca, "Arn"));
			for (size_t i = 0; i < n; i++)
				assert_string_not_equal(seen[i], arn);
			snprintf(seen[n++], sizeof seen[0], "%s", arn);
			assert_true(n < 32);
		}
		free(token);
		const char *next = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "NextToken"));
		token = next != NULL ? strdup(next) : NULL;
		cloud_said_done(&said);
		if (token != NULL) /* another list's token is none here */
			cloud_pca_refuses(&f, "InvalidNextTokenException", NULL, "ListTags", "{" CA ",'NextToken':'%s'}", root, token);
	} while (token != NULL);
	assert_true(n >= 1);
	/* Another region has none. */
	cloud_say(&f, &(struct cloud_ask){ .target = "ACMPrivateCA.ListCertificateAuthorities", .body = "{}", .region = "eu-west-1" }, &said);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(said.json, "CertificateAuthorities")), 0);
	cloud_said_done(&said);
}

static void
tags_are_kept(void **state)
{
	struct cloud_said said;
	struct buf many = { 0 };

	(void)state;
	cloud_pca_text(&f, NULL, "TagCertificateAuthority", "{" CA ",'Tags':[{'Key':'team','Value':'a'},{'Key':'stage'}]}", root);
	cloud_pca_text(&f, NULL, "TagCertificateAuthority", "{" CA ",'Tags':[{'Key':'team','Value':'b'}]}", root);
	cloud_pca_text(&f, NULL, "UntagCertificateAuthority", "{" CA ",'Tags':[{'Key':'team','Value':'a'},{'Key':'stage'}]}", root);
	const cJSON *tags = cJSON_GetObjectItemCaseSensitive(cloud_pca(&f, &said, "ListTags", "{" CA "}", root), "Tags");
	assert_int_equal(cJSON_GetArraySize(tags), 1);
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(tags, 0), "Value")), "b");
	cloud_said_done(&said);
	for (int i = 0; i < 50; i++)
		buf_addf(&many, "%s{'Key':'k%d'}", i > 0 ? "," : "", i);
	cloud_pca_refuses(&f, "TooManyTagsException", NULL, "TagCertificateAuthority", "{" CA ",'Tags':[%s]}", root, buf_str(&many));
	buf_done(&many);
}

static void
permissions_are_acms(void **state)
{
	struct cloud_said said;

	(void)state;
	cloud_pca_text(&f, NULL, "CreatePermission", "{" CA ",'Principal':'acm.amazonaws.com','Actions':['IssueCertificate','GetCertificate']}", root);
	cloud_pca_refuses(&f, "PermissionAlreadyExistsException", NULL, "CreatePermission",
	    "{" CA ",'Principal':'acm.amazonaws.com','Actions':['IssueCertificate']}", root);
	const cJSON *p = cJSON_GetObjectItemCaseSensitive(cloud_pca(&f, &said, "ListPermissions", "{" CA "}", root), "Permissions");
	assert_int_equal(cJSON_GetArraySize(p), 1);
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(p, 0), "SourceAccount")), CLOUD_ACCOUNT);
	cloud_said_done(&said);
	cloud_pca_text(&f, NULL, "DeletePermission", "{" CA ",'Principal':'acm.amazonaws.com'}", root);
}

/* Another account: nothing without a policy; with one what it allows, and the template that it allows. */
static void
another_account_needs_a_policy(void **state)
{
	static const char policy[] = "{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":{\\\"AWS\\\":\\\"444455556666\\\"},"
	    "\\\"Action\\\":[\\\"acm-pca:IssueCertificate\\\",\\\"acm-pca:DescribeCertificateAuthority\\\"],\\\"Resource\\\":\\\"*\\\",\\\"Condition\\\":{\\\"StringEquals\\\":"
	    "{\\\"acm-pca:TemplateArn\\\":\\\"arn:aws:acm-pca:::template/EndEntityCertificate/V1\\\"}}}]}";
	sqlite3 *db = cloud_case_database(&f);
	char describe[256], issue[4096], other[8192];
	const struct {
		const char *operation, *body;
		bool policy, allowed;
	} cases[] = { { "DescribeCertificateAuthority", describe, false, false }, { "IssueCertificate", issue, false, false },
		{ "DescribeCertificateAuthority", describe, true, true }, { "IssueCertificate", issue, true, true }, { "IssueCertificate", other, true, false },
		{ "GetCertificateAuthorityCsr", describe, true, false } };

	(void)state;
	assert_true(sql_do(db, "INSERT INTO cloud_keys VALUES ('AKIAOTHER', 'secret', NULL, 0, '444455556666', 'arn:aws:iam::444455556666:user/else', 1)", ""));
	assert_true(sql_do(db, "INSERT INTO cloud_keys VALUES ('AKIAWEAK', 'secret', NULL, 0, '111122223333', 'arn:aws:iam::111122223333:user/weak', 0)", ""));
	sqlite3_close(db);
	snprintf(describe, sizeof describe, "{\"CertificateAuthorityArn\":\"%s\"}", root);
	snprintf(issue, sizeof issue, "{\"CertificateAuthorityArn\":\"%s\",\"Csr\":\"%s\",\"SigningAlgorithm\":\"SHA256WITHECDSA\",\"Validity\":{\"Type\":\"DAYS\",\"Value\":1}}",
	    root, csr);
	snprintf(other, sizeof other, "{\"TemplateArn\":\"arn:aws:acm-pca:::template/CodeSigningCertificate/V1\",%s", issue + 1);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cloud_said said;
		char target[80];
		if (cases[i].policy)
			cloud_pca_text(&f, NULL, "PutPolicy", "{'ResourceArn':'%s','Policy':'%s'}", root, policy);
		snprintf(target, sizeof target, "ACMPrivateCA.%s", cases[i].operation);
		cloud_say(&f, &(struct cloud_ask){ .access_key = "AKIAOTHER", .secret = "secret", .target = target, .body = cases[i].body }, &said);
		if ((said.status == 200) != cases[i].allowed)
			fail_msg("case %zu: %d %s: %s", i, said.status, said.code, said.message);
		if (!cases[i].allowed) {
			assert_string_equal(said.code, "AccessDeniedException");
			assert_int_equal(said.status, 400);
			assert_non_null(strstr(said.message, "User: arn:aws:iam::444455556666:user/else is not authorized to perform: acm-pca:"));
			assert_non_null(strstr(said.message, "because no resource-based policy allows the acm-pca:"));
		}
		cloud_said_done(&said);
	}
	struct cloud_said said;
	cloud_say(&f, &(struct cloud_ask){ .access_key = "AKIAWEAK", .secret = "secret", .target = "ACMPrivateCA.DescribeCertificateAuthority", .body = describe }, &said);
	assert_string_equal(said.code, "AccessDeniedException");
	assert_non_null(strstr(said.message, "because no identity-based policy allows"));
	cloud_said_done(&said);
	cloud_pca_text(&f, NULL, "DeletePolicy", "{'ResourceArn':'%s'}", root);
	cloud_pca_text(&f, NULL, "DeletePolicy", "{'ResourceArn':'%s'}", root); /* there is none any more, and that is no error */
}

/* With --throttle: one a second for creating a CA, and the second one in that second hears it. */
static void
rates_are_kept(void **state)
{
	struct cloud_case quick;

	(void)state;
	cloud_case_start(&quick, &(struct cloud_options){ .throttle = true });
	int refused = 0;
	for (int i = 0; i < 3; i++) {
		struct cloud_said said;
		cloud_pca(&quick, &said, "CreateCertificateAuthority", CREATE("EC_prime256v1", "SHA256WITHECDSA", ""));
		if (said.status != 200) {
			assert_string_equal(said.code, "ThrottlingException");
			assert_string_equal(said.message, "Rate exceeded");
			assert_int_equal(said.status, 400);
			refused++;
		}
		cloud_said_done(&said);
	}
	assert_true(refused >= 1);
	cloud_case_stop(&quick);
}

/* Every kind of key. */
static void
every_key_algorithm(void **state)
{
	static const struct {
		const char *algorithm;
		int id, bits;
	} cases[] = { { "RSA_2048", EVP_PKEY_RSA, 2048 }, { "RSA_3072", EVP_PKEY_RSA, 3072 }, { "RSA_4096", EVP_PKEY_RSA, 4096 },
		{ "EC_prime256v1", EVP_PKEY_EC, 256 }, { "EC_secp384r1", EVP_PKEY_EC, 384 }, { "EC_secp521r1", EVP_PKEY_EC, 521 } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *ca = cloud_active_ca(&f, cases[i].algorithm, cases[i].algorithm, NULL, 0);
		char *pem = cloud_pca_text(&f, "Certificate", "GetCertificateAuthorityCertificate", "{" CA "}", ca);
		X509 *x = read_pem(pem);
		assert_int_equal(EVP_PKEY_get_base_id(X509_get0_pubkey(x)), cases[i].id);
		assert_int_equal(EVP_PKEY_get_bits(X509_get0_pubkey(x)), cases[i].bits);
		assert_int_equal(X509_verify(x, X509_get0_pubkey(x)), 1);
		X509_free(x);
		free(pem);
		free(ca);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals_in_aws_own_words),
		cmocka_unit_test(a_token_stands_for_one_certificate),
		cmocka_unit_test(the_first_question_comes_too_early),
		cmocka_unit_test(a_hierarchy_has_five_levels),
		cmocka_unit_test(revocation_is_published),
		cmocka_unit_test(reports_are_as_aws_writes_them),
		cmocka_unit_test(lists_come_in_pages),
		cmocka_unit_test(tags_are_kept),
		cmocka_unit_test(permissions_are_acms),
		cmocka_unit_test(another_account_needs_a_policy),
		cmocka_unit_test(rates_are_kept),
		cmocka_unit_test(every_key_algorithm),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
