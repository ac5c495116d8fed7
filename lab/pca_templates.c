/* The templates of AWS Private CA: knowledge "aws" 2.1 (their names) and 2.2 (what each puts in). */
#include "lab/pca_issuing.h"

#include <string.h>

static const char tls_usage[] = "digitalSignature,keyEncipherment"; /* on EC keys too: AWS's own habit */
static const char sign_usage[] = "digitalSignature";
static const char ca_usage[] = "digitalSignature,keyCertSign,cRLSign";

const struct pca_template pca_templates[] = {
	/* Base. */
	{ .name = "EndEntityCertificate", .basic = PCA_BASIC_END, .path_len = -1, .key_usage = tls_usage,
	    .eku = "serverAuth,clientAuth" },
	{ .name = "EndEntityServerAuthCertificate", .basic = PCA_BASIC_END, .path_len = -1, .key_usage = tls_usage,
	    .eku = "serverAuth" },
	{ .name = "EndEntityClientAuthCertificate", .basic = PCA_BASIC_END, .path_len = -1, .key_usage = tls_usage,
	    .eku = "clientAuth" },
	{ .name = "CodeSigningCertificate", .basic = PCA_BASIC_END, .path_len = -1, .key_usage = sign_usage,
	    .eku = "codeSigning", .eku_critical = true },
	{ .name = "OCSPSigningCertificate", .basic = PCA_BASIC_END, .path_len = -1, .key_usage = sign_usage,
	    .eku = "OCSPSigning", .eku_critical = true },
	{ .name = "RootCACertificate", .basic = PCA_BASIC_CA, .path_len = -1, .key_usage = ca_usage, .root = true },
	{ .name = "SubordinateCACertificate_PathLen0", .basic = PCA_BASIC_CA, .path_len = 0,
	    .key_usage = ca_usage },
	{ .name = "SubordinateCACertificate_PathLen1", .basic = PCA_BASIC_CA, .path_len = 1,
	    .key_usage = ca_usage },
	{ .name = "SubordinateCACertificate_PathLen2", .basic = PCA_BASIC_CA, .path_len = 2,
	    .key_usage = ca_usage },
	{ .name = "SubordinateCACertificate_PathLen3", .basic = PCA_BASIC_CA, .path_len = 3,
	    .key_usage = ca_usage },

	/* What else the CSR asks for. */
	{ .name = "BlankEndEntityCertificate_CSRPassthrough", .passthrough = PCA_PASS_CSR, .basic = PCA_BASIC_END, .path_len = -1,
	    .blank = true },
	{ .name = "BlankEndEntityCertificate_CriticalBasicConstraints_CSRPassthrough", .passthrough = PCA_PASS_CSR,
	    .basic = PCA_BASIC_END_CRITICAL, .path_len = -1, .blank = true },
	{ .name = "BlankSubordinateCACertificate_PathLen0_CSRPassthrough", .passthrough = PCA_PASS_CSR, .basic = PCA_BASIC_CA,
	    .path_len = 0, .blank = true },
	{ .name = "BlankSubordinateCACertificate_PathLen1_CSRPassthrough", .passthrough = PCA_PASS_CSR, .basic = PCA_BASIC_CA,
	    .path_len = 1, .blank = true },
	{ .name = "BlankSubordinateCACertificate_PathLen2_CSRPassthrough", .passthrough = PCA_PASS_CSR, .basic = PCA_BASIC_CA,
	    .path_len = 2, .blank = true },
	{ .name = "BlankSubordinateCACertificate_PathLen3_CSRPassthrough", .passthrough = PCA_PASS_CSR, .basic = PCA_BASIC_CA,
	    .path_len = 3, .blank = true },
	{ .name = "EndEntityCertificate_CSRPassthrough", .passthrough = PCA_PASS_CSR, .basic = PCA_BASIC_END, .path_len = -1, .key_usage = tls_usage,
	    .eku = "serverAuth,clientAuth" },
	{ .name = "EndEntityServerAuthCertificate_CSRPassthrough", .passthrough = PCA_PASS_CSR, .basic = PCA_BASIC_END, .path_len = -1, .key_usage = tls_usage,
	    .eku = "serverAuth" },
	{ .name = "EndEntityClientAuthCertificate_CSRPassthrough", .passthrough = PCA_PASS_CSR, .basic = PCA_BASIC_END, .path_len = -1, .key_usage = tls_usage,
	    .eku = "clientAuth" },
	{ .name = "CodeSigningCertificate_CSRPassthrough", .passthrough = PCA_PASS_CSR, .basic = PCA_BASIC_END, .path_len = -1, .key_usage = sign_usage,
	    .eku = "codeSigning", .eku_critical = true },
	{ .name = "OCSPSigningCertificate_CSRPassthrough", .passthrough = PCA_PASS_CSR, .basic = PCA_BASIC_END, .path_len = -1, .key_usage = sign_usage,
	    .eku = "OCSPSigning", .eku_critical = true },
	{ .name = "SubordinateCACertificate_PathLen0_CSRPassthrough", .passthrough = PCA_PASS_CSR, .basic = PCA_BASIC_CA, .path_len = 0,
	    .key_usage = ca_usage },
	{ .name = "SubordinateCACertificate_PathLen1_CSRPassthrough", .passthrough = PCA_PASS_CSR, .basic = PCA_BASIC_CA, .path_len = 1,
	    .key_usage = ca_usage },
	{ .name = "SubordinateCACertificate_PathLen2_CSRPassthrough", .passthrough = PCA_PASS_CSR, .basic = PCA_BASIC_CA, .path_len = 2,
	    .key_usage = ca_usage },
	{ .name = "SubordinateCACertificate_PathLen3_CSRPassthrough", .passthrough = PCA_PASS_CSR, .basic = PCA_BASIC_CA, .path_len = 3,
	    .key_usage = ca_usage },

	/* What the call asks for. */
	{ .name = "BlankEndEntityCertificate_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_END, .path_len = -1,
	    .blank = true },
	{ .name = "BlankEndEntityCertificate_CriticalBasicConstraints_APIPassthrough", .passthrough = PCA_PASS_API,
	    .basic = PCA_BASIC_END_CRITICAL, .path_len = -1, .blank = true },
	{ .name = "BlankSubordinateCACertificate_PathLen0_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_CA,
	    .path_len = 0, .blank = true },
	{ .name = "BlankSubordinateCACertificate_PathLen1_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_CA,
	    .path_len = 1, .blank = true },
	{ .name = "BlankSubordinateCACertificate_PathLen2_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_CA,
	    .path_len = 2, .blank = true },
	{ .name = "BlankSubordinateCACertificate_PathLen3_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_CA,
	    .path_len = 3, .blank = true },
	{ .name = "BlankRootCACertificate_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_CA, .path_len = -1,
	    .blank = true, .root = true },
	{ .name = "BlankRootCACertificate_PathLen0_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_CA,
	    .path_len = 0, .blank = true, .root = true },
	{ .name = "BlankRootCACertificate_PathLen1_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_CA,
	    .path_len = 1, .blank = true, .root = true },
	{ .name = "BlankRootCACertificate_PathLen2_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_CA,
	    .path_len = 2, .blank = true, .root = true },
	{ .name = "BlankRootCACertificate_PathLen3_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_CA,
	    .path_len = 3, .blank = true, .root = true },
	{ .name = "RootCACertificate_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_CA, .path_len = -1,
	    .key_usage = ca_usage, .root = true },
	{ .name = "EndEntityCertificate_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_END, .path_len = -1, .key_usage = tls_usage,
	    .eku = "serverAuth,clientAuth" },
	{ .name = "EndEntityServerAuthCertificate_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_END, .path_len = -1, .key_usage = tls_usage,
	    .eku = "serverAuth" },
	{ .name = "EndEntityClientAuthCertificate_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_END, .path_len = -1, .key_usage = tls_usage,
	    .eku = "clientAuth" },
	{ .name = "CodeSigningCertificate_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_END, .path_len = -1, .key_usage = sign_usage,
	    .eku = "codeSigning", .eku_critical = true },
	{ .name = "OCSPSigningCertificate_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_END, .path_len = -1, .key_usage = sign_usage,
	    .eku = "OCSPSigning", .eku_critical = true },
	{ .name = "SubordinateCACertificate_PathLen0_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_CA, .path_len = 0,
	    .key_usage = ca_usage },
	{ .name = "SubordinateCACertificate_PathLen1_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_CA, .path_len = 1,
	    .key_usage = ca_usage },
	{ .name = "SubordinateCACertificate_PathLen2_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_CA, .path_len = 2,
	    .key_usage = ca_usage },
	{ .name = "SubordinateCACertificate_PathLen3_APIPassthrough", .passthrough = PCA_PASS_API, .basic = PCA_BASIC_CA, .path_len = 3,
	    .key_usage = ca_usage },

	/* Both; the call goes first. */
	{ .name = "BlankEndEntityCertificate_APICSRPassthrough", .passthrough = PCA_PASS_CSR | PCA_PASS_API, .basic = PCA_BASIC_END, .path_len = -1,
	    .blank = true },
	{ .name = "BlankEndEntityCertificate_CriticalBasicConstraints_APICSRPassthrough", .passthrough = PCA_PASS_CSR | PCA_PASS_API,
	    .basic = PCA_BASIC_END_CRITICAL, .path_len = -1, .blank = true },
	{ .name = "BlankSubordinateCACertificate_PathLen0_APICSRPassthrough", .passthrough = PCA_PASS_CSR | PCA_PASS_API, .basic = PCA_BASIC_CA,
	    .path_len = 0, .blank = true },
	{ .name = "BlankSubordinateCACertificate_PathLen1_APICSRPassthrough", .passthrough = PCA_PASS_CSR | PCA_PASS_API, .basic = PCA_BASIC_CA,
	    .path_len = 1, .blank = true },
	{ .name = "BlankSubordinateCACertificate_PathLen2_APICSRPassthrough", .passthrough = PCA_PASS_CSR | PCA_PASS_API, .basic = PCA_BASIC_CA,
	    .path_len = 2, .blank = true },
	{ .name = "BlankSubordinateCACertificate_PathLen3_APICSRPassthrough", .passthrough = PCA_PASS_CSR | PCA_PASS_API, .basic = PCA_BASIC_CA,
	    .path_len = 3, .blank = true },
	{ .name = "EndEntityCertificate_APICSRPassthrough", .passthrough = PCA_PASS_CSR | PCA_PASS_API, .basic = PCA_BASIC_END, .path_len = -1, .key_usage = tls_usage,
	    .eku = "serverAuth,clientAuth" },
	{ .name = "EndEntityServerAuthCertificate_APICSRPassthrough", .passthrough = PCA_PASS_CSR | PCA_PASS_API, .basic = PCA_BASIC_END, .path_len = -1, .key_usage = tls_usage,
	    .eku = "serverAuth" },
	{ .name = "EndEntityClientAuthCertificate_APICSRPassthrough", .passthrough = PCA_PASS_CSR | PCA_PASS_API, .basic = PCA_BASIC_END, .path_len = -1, .key_usage = tls_usage,
	    .eku = "clientAuth" },
	{ .name = "CodeSigningCertificate_APICSRPassthrough", .passthrough = PCA_PASS_CSR | PCA_PASS_API, .basic = PCA_BASIC_END, .path_len = -1, .key_usage = sign_usage,
	    .eku = "codeSigning", .eku_critical = true },
	{ .name = "OCSPSigningCertificate_APICSRPassthrough", .passthrough = PCA_PASS_CSR | PCA_PASS_API, .basic = PCA_BASIC_END, .path_len = -1, .key_usage = sign_usage,
	    .eku = "OCSPSigning", .eku_critical = true },
	{ .name = "SubordinateCACertificate_PathLen0_APICSRPassthrough", .passthrough = PCA_PASS_CSR | PCA_PASS_API, .basic = PCA_BASIC_CA, .path_len = 0,
	    .key_usage = ca_usage },
	{ .name = "SubordinateCACertificate_PathLen1_APICSRPassthrough", .passthrough = PCA_PASS_CSR | PCA_PASS_API, .basic = PCA_BASIC_CA, .path_len = 1,
	    .key_usage = ca_usage },
	{ .name = "SubordinateCACertificate_PathLen2_APICSRPassthrough", .passthrough = PCA_PASS_CSR | PCA_PASS_API, .basic = PCA_BASIC_CA, .path_len = 2,
	    .key_usage = ca_usage },
	{ .name = "SubordinateCACertificate_PathLen3_APICSRPassthrough", .passthrough = PCA_PASS_CSR | PCA_PASS_API, .basic = PCA_BASIC_CA, .path_len = 3,
	    .key_usage = ca_usage },
};
const size_t pca_templates_len = sizeof pca_templates / sizeof pca_templates[0];

static bool
named(const char *name, size_t len, const struct pca_template *t)
{
	return strlen(t->name) == len && memcmp(t->name, name, len) == 0;
}

const struct pca_template *
pca_template_of(const char *arn)
{
	static const char *const partitions[] = { "arn:aws:", "arn:aws-cn:", "arn:aws-us-gov:" };
	static const char fixed[] = "acm-pca:::template/", version[] = "/V1", usual[] = "EndEntityCertificate";
	const char *name = NULL;
	size_t len;

	for (size_t i = 0; arn != NULL && i < sizeof partitions / sizeof partitions[0] && name == NULL; i++) {
		size_t n = strlen(partitions[i]);
		if (strncmp(arn, partitions[i], n) == 0 && strncmp(arn + n, fixed, sizeof fixed - 1) == 0)
			name = arn + n + sizeof fixed - 1;
	}
	if (arn == NULL) {
		name = usual;
		len = sizeof usual - 1;
	} else {
		if (name == NULL || (len = strlen(name)) < sizeof version || strcmp(name + len - (sizeof version - 1), version) != 0)
			return NULL;
		len -= sizeof version - 1;
	}
	for (size_t i = 0; i < pca_templates_len; i++)
		if (named(name, len, &pca_templates[i]))
			return &pca_templates[i];
	return NULL;
}
