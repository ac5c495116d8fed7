/*
 * The shapes of acm-pca's 23 requests, 2017-08-22, as AWS's service model has them (botocore 1.43: acm-pca/2017-08-22/service-2):
 * lengths, ranges, words and patterns.
 */
#include "lab/pca_check.h"

static const struct pca_shape key_algorithm = {
	.kind = PCA_TEXT,
	.values = "RSA_2048 RSA_3072 RSA_4096 EC_prime256v1 EC_secp384r1 EC_secp521r1 ML_DSA_44 ML_DSA_65 ML_DSA_87 SM2",
};
static const struct pca_shape signing_algorithm = {
	.kind = PCA_TEXT,
	.values = "SHA256WITHECDSA SHA384WITHECDSA SHA512WITHECDSA SHA256WITHRSA SHA384WITHRSA SHA512WITHRSA SM3WITHSM2 ML_DSA_44 ML_DSA_65 ML_DSA_87",
};
static const struct pca_shape country_code_string = { .kind = PCA_TEXT, .min = 2, .max = 2, .pattern = &like_country_code_string };
static const struct pca_shape string64 = { .kind = PCA_TEXT, .max = 64 };
static const struct pca_shape asn1_printable_string64 = { .kind = PCA_TEXT, .max = 64, .pattern = &like_asn1_printable_string64 };
static const struct pca_shape string128 = { .kind = PCA_TEXT, .max = 128 };
static const struct pca_shape string40 = { .kind = PCA_TEXT, .max = 40 };
static const struct pca_shape string16 = { .kind = PCA_TEXT, .max = 16 };
static const struct pca_shape string5 = { .kind = PCA_TEXT, .max = 5 };
static const struct pca_shape string3 = { .kind = PCA_TEXT, .max = 3 };
static const struct pca_shape custom_object_identifier = { .kind = PCA_TEXT, .max = 64, .pattern = &like_custom_object_identifier };
static const struct pca_shape string1_to256 = { .kind = PCA_TEXT, .min = 1, .max = 256 };
static const struct pca_member custom_attribute_members[] = {
	{ "ObjectIdentifier", &custom_object_identifier, true }, { "Value", &string1_to256, true }, { NULL, NULL, false }
};
static const struct pca_shape custom_attribute = { .kind = PCA_STRUCT, .members = custom_attribute_members };
static const struct pca_shape custom_attribute_list = { .kind = PCA_LIST, .min = 1, .max = 150, .of = &custom_attribute };
static const struct pca_member asn1_subject_members[] = {
	{ "Country", &country_code_string, false }, { "Organization", &string64, false }, { "OrganizationalUnit", &string64, false },
	{ "DistinguishedNameQualifier", &asn1_printable_string64, false }, { "State", &string128, false },
	{ "CommonName", &string64, false }, { "SerialNumber", &asn1_printable_string64, false }, { "Locality", &string128, false },
	{ "Title", &string64, false }, { "Surname", &string40, false }, { "GivenName", &string16, false }, { "Initials", &string5, false },
	{ "Pseudonym", &string128, false }, { "GenerationQualifier", &string3, false },
	{ "CustomAttributes", &custom_attribute_list, false }, { NULL, NULL, false }
};
static const struct pca_shape asn1_subject = { .kind = PCA_STRUCT, .members = asn1_subject_members };
static const struct pca_shape boolean = { .kind = PCA_FLAG };
static const struct pca_member key_usage_members[] = {
	{ "DigitalSignature", &boolean, false }, { "NonRepudiation", &boolean, false }, { "KeyEncipherment", &boolean, false },
	{ "DataEncipherment", &boolean, false }, { "KeyAgreement", &boolean, false }, { "KeyCertSign", &boolean, false },
	{ "CRLSign", &boolean, false }, { "EncipherOnly", &boolean, false }, { "DecipherOnly", &boolean, false }, { NULL, NULL, false }
};
static const struct pca_shape key_usage = { .kind = PCA_STRUCT, .members = key_usage_members };
static const struct pca_shape access_method_type = {
	.kind = PCA_TEXT,
	.values = "CA_REPOSITORY RESOURCE_PKI_MANIFEST RESOURCE_PKI_NOTIFY",
};
static const struct pca_member access_method_members[] = {
	{ "CustomObjectIdentifier", &custom_object_identifier, false }, { "AccessMethodType", &access_method_type, false },
	{ NULL, NULL, false }
};
static const struct pca_shape access_method = { .kind = PCA_STRUCT, .members = access_method_members };
static const struct pca_shape string256 = { .kind = PCA_TEXT, .max = 256 };
static const struct pca_member other_name_members[] = {
	{ "TypeId", &custom_object_identifier, true }, { "Value", &string256, true }, { NULL, NULL, false }
};
static const struct pca_shape other_name = { .kind = PCA_STRUCT, .members = other_name_members };
static const struct pca_shape string253 = { .kind = PCA_TEXT, .max = 253 };
static const struct pca_member edi_party_name_members[] = {
	{ "PartyName", &string256, true }, { "NameAssigner", &string256, false }, { NULL, NULL, false }
};
static const struct pca_shape edi_party_name = { .kind = PCA_STRUCT, .members = edi_party_name_members };
static const struct pca_shape string39 = { .kind = PCA_TEXT, .max = 39 };
static const struct pca_member general_name_members[] = {
	{ "OtherName", &other_name, false }, { "Rfc822Name", &string256, false }, { "DnsName", &string253, false },
	{ "DirectoryName", &asn1_subject, false }, { "EdiPartyName", &edi_party_name, false },
	{ "UniformResourceIdentifier", &string253, false }, { "IpAddress", &string39, false },
	{ "RegisteredId", &custom_object_identifier, false }, { NULL, NULL, false }
};
static const struct pca_shape general_name = { .kind = PCA_STRUCT, .members = general_name_members };
static const struct pca_member access_description_members[] = {
	{ "AccessMethod", &access_method, true }, { "AccessLocation", &general_name, true }, { NULL, NULL, false }
};
static const struct pca_shape access_description = { .kind = PCA_STRUCT, .members = access_description_members };
static const struct pca_shape access_description_list = { .kind = PCA_LIST, .of = &access_description };
static const struct pca_member csr_extensions_members[] = {
	{ "KeyUsage", &key_usage, false }, { "SubjectInformationAccess", &access_description_list, false }, { NULL, NULL, false }
};
static const struct pca_shape csr_extensions = { .kind = PCA_STRUCT, .members = csr_extensions_members };
static const struct pca_member certificate_authority_configuration_members[] = {
	{ "KeyAlgorithm", &key_algorithm, true }, { "SigningAlgorithm", &signing_algorithm, true }, { "Subject", &asn1_subject, true },
	{ "CsrExtensions", &csr_extensions, false }, { NULL, NULL, false }
};
static const struct pca_shape certificate_authority_configuration = { .kind = PCA_STRUCT, .members = certificate_authority_configuration_members };
static const struct pca_shape integer1_to5000 = { .kind = PCA_NUMBER, .min = 1, .max = 5000 };
static const struct pca_shape cname_string = { .kind = PCA_TEXT, .max = 253, .pattern = &like_cname_string };
static const struct pca_shape s3_bucket_name3_to255 = { .kind = PCA_TEXT, .min = 3, .max = 255, .pattern = &like_s3_bucket_name3_to255 };
static const struct pca_shape s3_object_acl = { .kind = PCA_TEXT, .values = "PUBLIC_READ BUCKET_OWNER_FULL_CONTROL" };
static const struct pca_member crl_distribution_point_extension_configuration_members[] = {
	{ "OmitExtension", &boolean, true }, { NULL, NULL, false }
};
static const struct pca_shape crl_distribution_point_extension_configuration = {
	.kind = PCA_STRUCT,
	.members = crl_distribution_point_extension_configuration_members,
};
static const struct pca_shape crl_type = { .kind = PCA_TEXT, .values = "COMPLETE PARTITIONED" };
static const struct pca_shape crl_path_string = { .kind = PCA_TEXT, .max = 253, .pattern = &like_crl_path_string };
static const struct pca_member crl_configuration_members[] = {
	{ "Enabled", &boolean, true }, { "ExpirationInDays", &integer1_to5000, false }, { "CustomCname", &cname_string, false },
	{ "S3BucketName", &s3_bucket_name3_to255, false }, { "S3ObjectAcl", &s3_object_acl, false },
	{ "CrlDistributionPointExtensionConfiguration", &crl_distribution_point_extension_configuration, false },
	{ "CrlType", &crl_type, false }, { "CustomPath", &crl_path_string, false }, { NULL, NULL, false }
};
static const struct pca_shape crl_configuration = { .kind = PCA_STRUCT, .members = crl_configuration_members };
static const struct pca_member ocsp_configuration_members[] = {
	{ "Enabled", &boolean, true }, { "OcspCustomCname", &cname_string, false }, { NULL, NULL, false }
};
static const struct pca_shape ocsp_configuration = { .kind = PCA_STRUCT, .members = ocsp_configuration_members };
static const struct pca_member revocation_configuration_members[] = {
	{ "CrlConfiguration", &crl_configuration, false }, { "OcspConfiguration", &ocsp_configuration, false }, { NULL, NULL, false }
};
static const struct pca_shape revocation_configuration = { .kind = PCA_STRUCT, .members = revocation_configuration_members };
static const struct pca_shape certificate_authority_type = { .kind = PCA_TEXT, .values = "ROOT SUBORDINATE" };
static const struct pca_shape idempotency_token = { .kind = PCA_TEXT, .min = 1, .max = 36, .pattern = &like_idempotency_token };
static const struct pca_shape key_storage_security_standard = {
	.kind = PCA_TEXT,
	.values = "FIPS_140_2_LEVEL_2_OR_HIGHER FIPS_140_2_LEVEL_3_OR_HIGHER CCPC_LEVEL_1_OR_HIGHER",
};
static const struct pca_shape tag_key = { .kind = PCA_TEXT, .min = 1, .max = 128, .pattern = &like_tag_key };
static const struct pca_shape tag_value = { .kind = PCA_TEXT, .max = 256, .pattern = &like_tag_key };
static const struct pca_member tag_members[] = {
	{ "Key", &tag_key, true }, { "Value", &tag_value, false }, { NULL, NULL, false }
};
static const struct pca_shape tag = { .kind = PCA_STRUCT, .members = tag_members };
static const struct pca_shape tag_list = { .kind = PCA_LIST, .min = 1, .max = 50, .of = &tag };
static const struct pca_shape certificate_authority_usage_mode = { .kind = PCA_TEXT, .values = "GENERAL_PURPOSE SHORT_LIVED_CERTIFICATE" };
static const struct pca_member create_certificate_authority_request_members[] = {
	{ "CertificateAuthorityConfiguration", &certificate_authority_configuration, true },
	{ "RevocationConfiguration", &revocation_configuration, false }, { "CertificateAuthorityType", &certificate_authority_type, true },
	{ "IdempotencyToken", &idempotency_token, false }, { "KeyStorageSecurityStandard", &key_storage_security_standard, false },
	{ "Tags", &tag_list, false }, { "UsageMode", &certificate_authority_usage_mode, false }, { NULL, NULL, false }
};
static const struct pca_shape arn = { .kind = PCA_TEXT, .min = 5, .max = 200, .pattern = &like_arn };
static const struct pca_shape s3_bucket_name = { .kind = PCA_TEXT, .min = 3, .max = 63 };
static const struct pca_shape audit_report_response_format = { .kind = PCA_TEXT, .values = "JSON CSV" };
static const struct pca_member create_certificate_authority_audit_report_request_members[] = {
	{ "CertificateAuthorityArn", &arn, true }, { "S3BucketName", &s3_bucket_name, true },
	{ "AuditReportResponseFormat", &audit_report_response_format, true }, { NULL, NULL, false }
};
static const struct pca_shape principal = { .kind = PCA_TEXT, .max = 128, .pattern = &like_principal };
static const struct pca_shape account_id = { .kind = PCA_TEXT, .min = 12, .max = 12, .pattern = &like_account_id };
static const struct pca_shape action_type = { .kind = PCA_TEXT, .values = "IssueCertificate GetCertificate ListPermissions" };
static const struct pca_shape action_list = { .kind = PCA_LIST, .min = 1, .max = 3, .of = &action_type };
static const struct pca_member create_permission_request_members[] = {
	{ "CertificateAuthorityArn", &arn, true }, { "Principal", &principal, true }, { "SourceAccount", &account_id, false },
	{ "Actions", &action_list, true }, { NULL, NULL, false }
};
static const struct pca_shape permanent_deletion_time_in_days = { .kind = PCA_NUMBER, .min = 7, .max = 30 };
static const struct pca_member delete_certificate_authority_request_members[] = {
	{ "CertificateAuthorityArn", &arn, true }, { "PermanentDeletionTimeInDays", &permanent_deletion_time_in_days, false },
	{ NULL, NULL, false }
};
static const struct pca_member delete_permission_request_members[] = {
	{ "CertificateAuthorityArn", &arn, true }, { "Principal", &principal, true }, { "SourceAccount", &account_id, false },
	{ NULL, NULL, false }
};
static const struct pca_member delete_policy_request_members[] = {
	{ "ResourceArn", &arn, true }, { NULL, NULL, false }
};
static const struct pca_member describe_certificate_authority_request_members[] = {
	{ "CertificateAuthorityArn", &arn, true }, { NULL, NULL, false }
};
static const struct pca_shape audit_report_id = { .kind = PCA_TEXT, .min = 36, .max = 36, .pattern = &like_audit_report_id };
static const struct pca_member describe_certificate_authority_audit_report_request_members[] = {
	{ "CertificateAuthorityArn", &arn, true }, { "AuditReportId", &audit_report_id, true }, { NULL, NULL, false }
};
static const struct pca_member get_certificate_request_members[] = {
	{ "CertificateAuthorityArn", &arn, true }, { "CertificateArn", &arn, true }, { NULL, NULL, false }
};
static const struct pca_member get_certificate_authority_certificate_request_members[] = {
	{ "CertificateAuthorityArn", &arn, true }, { NULL, NULL, false }
};
static const struct pca_member get_certificate_authority_csr_request_members[] = {
	{ "CertificateAuthorityArn", &arn, true }, { NULL, NULL, false }
};
static const struct pca_member get_policy_request_members[] = {
	{ "ResourceArn", &arn, true }, { NULL, NULL, false }
};
static const struct pca_shape certificate_body_blob = { .kind = PCA_BLOB, .min = 1, .max = 32768 };
static const struct pca_shape certificate_chain_blob = { .kind = PCA_BLOB, .max = 2097152 };
static const struct pca_member import_certificate_authority_certificate_request_members[] = {
	{ "CertificateAuthorityArn", &arn, true }, { "Certificate", &certificate_body_blob, true },
	{ "CertificateChain", &certificate_chain_blob, false }, { NULL, NULL, false }
};
static const struct pca_shape policy_qualifier_id = { .kind = PCA_TEXT, .values = "CPS" };
static const struct pca_member qualifier_members[] = {
	{ "CpsUri", &string256, true }, { NULL, NULL, false }
};
static const struct pca_shape qualifier = { .kind = PCA_STRUCT, .members = qualifier_members };
static const struct pca_member policy_qualifier_info_members[] = {
	{ "PolicyQualifierId", &policy_qualifier_id, true }, { "Qualifier", &qualifier, true }, { NULL, NULL, false }
};
static const struct pca_shape policy_qualifier_info = { .kind = PCA_STRUCT, .members = policy_qualifier_info_members };
static const struct pca_shape policy_qualifier_info_list = { .kind = PCA_LIST, .min = 1, .max = 20, .of = &policy_qualifier_info };
static const struct pca_member policy_information_members[] = {
	{ "CertPolicyId", &custom_object_identifier, true }, { "PolicyQualifiers", &policy_qualifier_info_list, false },
	{ NULL, NULL, false }
};
static const struct pca_shape policy_information = { .kind = PCA_STRUCT, .members = policy_information_members };
static const struct pca_shape certificate_policy_list = { .kind = PCA_LIST, .min = 1, .max = 20, .of = &policy_information };
static const struct pca_shape extended_key_usage_type = {
	.kind = PCA_TEXT,
	.values = "SERVER_AUTH CLIENT_AUTH CODE_SIGNING EMAIL_PROTECTION TIME_STAMPING OCSP_SIGNING "
	    "SMART_CARD_LOGIN DOCUMENT_SIGNING CERTIFICATE_TRANSPARENCY",
};
static const struct pca_member extended_key_usage_members[] = {
	{ "ExtendedKeyUsageType", &extended_key_usage_type, false },
	{ "ExtendedKeyUsageObjectIdentifier", &custom_object_identifier, false }, { NULL, NULL, false }
};
static const struct pca_shape extended_key_usage = { .kind = PCA_STRUCT, .members = extended_key_usage_members };
static const struct pca_shape extended_key_usage_list = { .kind = PCA_LIST, .min = 1, .max = 20, .of = &extended_key_usage };
static const struct pca_shape general_name_list = { .kind = PCA_LIST, .min = 1, .max = 150, .of = &general_name };
static const struct pca_shape base64_string1_to4096 = { .kind = PCA_TEXT, .min = 1, .max = 4096, .pattern = &like_base64_string1_to4096 };
static const struct pca_member custom_extension_members[] = {
	{ "ObjectIdentifier", &custom_object_identifier, true }, { "Value", &base64_string1_to4096, true }, { "Critical", &boolean, false },
	{ NULL, NULL, false }
};
static const struct pca_shape custom_extension = { .kind = PCA_STRUCT, .members = custom_extension_members };
static const struct pca_shape custom_extension_list = { .kind = PCA_LIST, .min = 1, .max = 150, .of = &custom_extension };
static const struct pca_member extensions_members[] = {
	{ "CertificatePolicies", &certificate_policy_list, false }, { "ExtendedKeyUsage", &extended_key_usage_list, false },
	{ "KeyUsage", &key_usage, false }, { "SubjectAlternativeNames", &general_name_list, false },
	{ "CustomExtensions", &custom_extension_list, false }, { NULL, NULL, false }
};
static const struct pca_shape extensions = { .kind = PCA_STRUCT, .members = extensions_members };
static const struct pca_member api_passthrough_members[] = {
	{ "Extensions", &extensions, false }, { "Subject", &asn1_subject, false }, { NULL, NULL, false }
};
static const struct pca_shape api_passthrough = { .kind = PCA_STRUCT, .members = api_passthrough_members };
static const struct pca_shape csr_blob = { .kind = PCA_BLOB, .min = 1, .max = 32768 };
static const struct pca_shape positive_long = { .kind = PCA_NUMBER, .min = 1 };
static const struct pca_shape validity_period_type = { .kind = PCA_TEXT, .values = "END_DATE ABSOLUTE DAYS MONTHS YEARS" };
static const struct pca_member validity_members[] = {
	{ "Value", &positive_long, true }, { "Type", &validity_period_type, true }, { NULL, NULL, false }
};
static const struct pca_shape validity = { .kind = PCA_STRUCT, .members = validity_members };
static const struct pca_member issue_certificate_request_members[] = {
	{ "ApiPassthrough", &api_passthrough, false }, { "CertificateAuthorityArn", &arn, true }, { "Csr", &csr_blob, true },
	{ "SigningAlgorithm", &signing_algorithm, true }, { "TemplateArn", &arn, false }, { "Validity", &validity, true },
	{ "ValidityNotBefore", &validity, false }, { "IdempotencyToken", &idempotency_token, false }, { NULL, NULL, false }
};
static const struct pca_shape max_results = { .kind = PCA_NUMBER, .min = 1, .max = 1000 };
static const struct pca_shape next_token = { .kind = PCA_TEXT, .min = 1, .max = 43739 };
static const struct pca_shape resource_owner = { .kind = PCA_TEXT, .values = "SELF OTHER_ACCOUNTS" };
static const struct pca_member list_certificate_authorities_request_members[] = {
	{ "MaxResults", &max_results, false }, { "NextToken", &next_token, false }, { "ResourceOwner", &resource_owner, false },
	{ NULL, NULL, false }
};
static const struct pca_member list_permissions_request_members[] = {
	{ "MaxResults", &max_results, false }, { "NextToken", &next_token, false }, { "CertificateAuthorityArn", &arn, true },
	{ NULL, NULL, false }
};
static const struct pca_member list_tags_request_members[] = {
	{ "MaxResults", &max_results, false }, { "NextToken", &next_token, false }, { "CertificateAuthorityArn", &arn, true },
	{ NULL, NULL, false }
};
static const struct pca_shape awspolicy = { .kind = PCA_TEXT, .min = 1, .max = 81920, .pattern = &like_awspolicy };
static const struct pca_member put_policy_request_members[] = {
	{ "ResourceArn", &arn, true }, { "Policy", &awspolicy, true }, { NULL, NULL, false }
};
static const struct pca_member restore_certificate_authority_request_members[] = {
	{ "CertificateAuthorityArn", &arn, true }, { NULL, NULL, false }
};
static const struct pca_shape revocation_reason = {
	.kind = PCA_TEXT,
	.values = "UNSPECIFIED KEY_COMPROMISE CERTIFICATE_AUTHORITY_COMPROMISE AFFILIATION_CHANGED SUPERSEDED "
	    "CESSATION_OF_OPERATION PRIVILEGE_WITHDRAWN A_A_COMPROMISE",
};
static const struct pca_member revoke_certificate_request_members[] = {
	{ "CertificateAuthorityArn", &arn, true }, { "CertificateSerial", &string128, true },
	{ "RevocationReason", &revocation_reason, true }, { NULL, NULL, false }
};
static const struct pca_member tag_certificate_authority_request_members[] = {
	{ "CertificateAuthorityArn", &arn, true }, { "Tags", &tag_list, true }, { NULL, NULL, false }
};
static const struct pca_member untag_certificate_authority_request_members[] = {
	{ "CertificateAuthorityArn", &arn, true }, { "Tags", &tag_list, true }, { NULL, NULL, false }
};
static const struct pca_shape certificate_authority_status = {
	.kind = PCA_TEXT,
	.values = "CREATING PENDING_CERTIFICATE ACTIVE DELETED DISABLED EXPIRED FAILED",
};
static const struct pca_member update_certificate_authority_request_members[] = {
	{ "CertificateAuthorityArn", &arn, true }, { "RevocationConfiguration", &revocation_configuration, false },
	{ "Status", &certificate_authority_status, false }, { NULL, NULL, false }
};

const struct pca_input pca_inputs[] = {
	{ "CreateCertificateAuthority", create_certificate_authority_request_members },
	{ "CreateCertificateAuthorityAuditReport", create_certificate_authority_audit_report_request_members },
	{ "CreatePermission", create_permission_request_members },
	{ "DeleteCertificateAuthority", delete_certificate_authority_request_members },
	{ "DeletePermission", delete_permission_request_members },
	{ "DeletePolicy", delete_policy_request_members },
	{ "DescribeCertificateAuthority", describe_certificate_authority_request_members },
	{ "DescribeCertificateAuthorityAuditReport", describe_certificate_authority_audit_report_request_members },
	{ "GetCertificate", get_certificate_request_members },
	{ "GetCertificateAuthorityCertificate", get_certificate_authority_certificate_request_members },
	{ "GetCertificateAuthorityCsr", get_certificate_authority_csr_request_members },
	{ "GetPolicy", get_policy_request_members },
	{ "ImportCertificateAuthorityCertificate", import_certificate_authority_certificate_request_members },
	{ "IssueCertificate", issue_certificate_request_members },
	{ "ListCertificateAuthorities", list_certificate_authorities_request_members },
	{ "ListPermissions", list_permissions_request_members },
	{ "ListTags", list_tags_request_members },
	{ "PutPolicy", put_policy_request_members },
	{ "RestoreCertificateAuthority", restore_certificate_authority_request_members },
	{ "RevokeCertificate", revoke_certificate_request_members },
	{ "TagCertificateAuthority", tag_certificate_authority_request_members },
	{ "UntagCertificateAuthority", untag_certificate_authority_request_members },
	{ "UpdateCertificateAuthority", update_certificate_authority_request_members },
};
const size_t pca_inputs_len = sizeof pca_inputs / sizeof pca_inputs[0];
