#include "tests/peer_clients.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lab/pki.h"
#include "lab/pki_files.h"
#include "tests/program.h"

/* Far enough away on both sides that no warning about an end stands in the way. */
#define LONG_AGO 1700000000
#define GONE     1760000000
#define FAR_OFF  3900000000
#define FOR_EVER 4000000000

#define CA_USAGE "critical,keyCertSign,cRLSign"
#define LEAF_USAGE "critical,digitalSignature"

const struct peer_client_case peer_clients[PEER_CLIENTS] = {
	[CLIENT_RIGHT] = { "right", "right.pem", "right.key", CODE_NONE, CODE_NONE },
	[CLIENT_NONE] = { "none", NULL, NULL, CODE_CLIENT_REQUIRED, CODE_NONE },
	[CLIENT_LEAF_ONLY] = { "leaf only", "leafonly.pem", "right.key", CODE_CLIENT_MISSING_INTERMEDIATE, CODE_NONE },
	[CLIENT_OTHER_CA] = { "other CA", "other.pem", "other.key", CODE_CLIENT_UNTRUSTED, CODE_NONE },
	[CLIENT_SELF_SIGNED] = { "self-signed", "self.pem", "self.key", CODE_CLIENT_UNTRUSTED, CODE_NONE },
	[CLIENT_EXPIRED] = { "expired", "expired.pem", "expired.key", CODE_CLIENT_EXPIRED, CODE_NONE },
	[CLIENT_NOT_YET] = { "not yet valid", "future.pem", "future.key", CODE_CLIENT_NOT_YET_VALID, CODE_NONE },
	[CLIENT_SERVER_ONLY] = { "serverAuth only", "servereku.pem", "servereku.key", CODE_CLIENT_EKU, CODE_CLIENT_EKU },
	[CLIENT_OTHER_KEY] = { "other key", "right.pem", "stranger.key", CODE_KEY_MISMATCH, CODE_NONE },
	[CLIENT_CA_EXPIRED] = { "CA expired", "caexpired.pem", "caexpired.key", CODE_CLIENT_INTERMEDIATE_EXPIRED, CODE_NONE },
	[CLIENT_SHA1] = { "SHA-1", "sha1.pem", "sha1.key", CODE_CLIENT_WEAK, CODE_CLIENT_WEAK },
	[CLIENT_TWO_CAS] = { "two CAs", "deep.pem", "deep.key", CODE_CLIENT_DEPTH_EXCEEDED, CODE_NONE },

	[CLIENT_RSA1024] = { "RSA 1024", "rsa1024.pem", "rsa1024.key", CODE_CLIENT_WEAK, CODE_CLIENT_WEAK },
	[CLIENT_NO_SIGNING] = { "no signing", "nosigning.pem", "nosigning.key", CODE_CLIENT_EKU, CODE_CLIENT_EKU },
	[CLIENT_CA_AS_LEAF] = { "a CA", "issuing.pem", "issuing.key", CODE_CLIENT_EKU, CODE_CLIENT_EKU },
	[CLIENT_PATH_LENGTH] = { "path length", "pathlen.pem", "pathlen.key", CODE_CLIENT_BAD_CHAIN, CODE_NONE },
	[CLIENT_CONSTRAINED] = { "constrained", "constrained.pem", "constrained.key", CODE_CLIENT_BAD_CHAIN, CODE_NONE },
	[CLIENT_ISSUER_NO_CA] = { "issuer no CA", "noca.pem", "noca.key", CODE_CLIENT_BAD_CHAIN, CODE_NONE },
	[CLIENT_CORRUPT] = { "bad signature", "corrupt.pem", "corrupt.key", CODE_CLIENT_BAD_CHAIN, CODE_NONE },
	/* What --cacert trusts is the one that the server trusts: beside it these do not verify. */
	[CLIENT_NAMESAKE] = { "namesake CA", "namesake.pem", "namesake.key", CODE_CLIENT_BAD_CHAIN, CODE_NONE },
	[CLIENT_NAMESAKE_NO_AKI] = { "namesake, no AKI", "namesakenoaki.pem", "namesakenoaki.key", CODE_CLIENT_BAD_CHAIN, CODE_NONE },
	[CLIENT_NO_PURPOSE] = { "no purpose", "nopurpose.pem", "nopurpose.key", CODE_NONE, CODE_NONE },
	[CLIENT_WITH_ROOT] = { "root included", "withroot.pem", "withroot.key", CODE_NONE, CODE_NONE },
	[CLIENT_REVERSED] = { "wrong order", "reversed.pem", "reversed.key", CODE_CLIENT_DEPTH_EXCEEDED, CODE_CLIENT_WRONG_ORDER },
	[CLIENT_KEY_AGREEMENT] = { "key agreement", "agreement.pem", "agreement.key", CODE_CLIENT_EKU, CODE_CLIENT_EKU },
};

enum ca {
	ROOT, ISSUING, POLICY, BELOW_POLICY, CA_EXPIRED, OTHER_ROOT, OTHER_ISSUING,
	PATH_0, BELOW_PATH_0, CONSTRAINED, NO_CA, NAMESAKE, NAMESAKE_NO_AKI, CAS
};

static const struct {
	const char *cn;
	enum ca issuer; /* itself: a root */
	struct pki_request r;
} cas[CAS] = {
	[ROOT] = { "Acme Root CA", ROOT, { .ca = true } },
	[ISSUING] = { "Acme Issuing CA 1", ROOT, { .ca = true } },
	[POLICY] = { "Acme Policy CA", ROOT, { .ca = true } },
	[BELOW_POLICY] = { "Acme Issuing CA 2", POLICY, { .ca = true } },
	[CA_EXPIRED] = { "Acme Issuing CA 3", ROOT, { .ca = true, .not_after = GONE } },
	[OTHER_ROOT] = { "Other Root CA", OTHER_ROOT, { .ca = true } },
	[OTHER_ISSUING] = { "Other Issuing CA 1", OTHER_ROOT, { .ca = true } },
	[PATH_0] = { "Acme Group CA", ROOT, { .ca = true, .has_path_len = true } },
	[BELOW_PATH_0] = { "Acme Team CA", PATH_0, { .ca = true } },
	[CONSTRAINED] = { "Acme Warehouse CA", ROOT, { .ca = true, .name_constraints = "critical,permitted;DNS:warehouse.internal" } },
	[NO_CA] = { "order-gateway", ISSUING, { .key_usage = LEAF_USAGE, .eku = "clientAuth" } },
	/* A root made anew with the old name: what a careless roll-over leaves. */
	[NAMESAKE] = { "Acme Root CA", NAMESAKE, { .ca = true } },
	[NAMESAKE_NO_AKI] = { "Acme Root CA", NAMESAKE_NO_AKI, { .ca = true, .no_ski = true, .no_aki = true } },
};

static const char *const server_names[] = { "DNS:localhost", "IP:127.0.0.1", NULL };
static const char *const client_names[] = { "DNS:order-service.internal", NULL };

static const struct {
	const char *file;
	enum ca chain[3];  /* the issuer first; ROOT ends it, and goes out only where with_root says so */
	bool alone;        /* signs itself */
	bool with_root, reversed;
	struct pki_request r;
} leaves[] = {
	{ "server", { ISSUING }, .r = { .cn = "localhost", .eku = "serverAuth", .san = server_names } },
	{ "right", { ISSUING }, .r = { .cn = "order-service", .eku = "clientAuth" } },
	{ "other", { OTHER_ISSUING }, .r = { .cn = "order-service", .eku = "clientAuth" } },
	{ "self", { ROOT }, .alone = true, .r = { .cn = "order-service", .eku = "clientAuth" } },
	{ "expired", { ISSUING }, .r = { .cn = "order-service", .eku = "clientAuth", .not_before = LONG_AGO, .not_after = GONE } },
	{ "future", { ISSUING }, .r = { .cn = "order-service", .eku = "clientAuth", .not_before = FAR_OFF, .not_after = FOR_EVER } },
	{ "servereku", { ISSUING }, .r = { .cn = "order-service", .eku = "serverAuth" } },
	{ "caexpired", { CA_EXPIRED }, .r = { .cn = "order-service", .eku = "clientAuth" } },
	{ "sha1", { ISSUING }, .r = { .cn = "order-service", .eku = "clientAuth", .digest = "SHA1" } },
	{ "deep", { BELOW_POLICY, POLICY }, .r = { .cn = "order-service", .eku = "clientAuth" } },
	{ "rsa1024", { ISSUING }, .r = { .cn = "order-service", .eku = "clientAuth", .key_type = PKI_RSA1024 } },
	{ "nosigning", { ISSUING }, .r = { .cn = "order-service", .eku = "clientAuth", .key_usage = "critical,keyEncipherment" } },
	{ "agreement", { ISSUING }, .r = { .cn = "order-service", .eku = "clientAuth", .key_usage = "critical,keyAgreement" } },
	{ "pathlen", { BELOW_PATH_0, PATH_0 }, .r = { .cn = "order-service", .eku = "clientAuth" } },
	{ "constrained", { CONSTRAINED }, .r = { .cn = "order-service", .eku = "clientAuth", .san = client_names } },
	{ "noca", { NO_CA, ISSUING }, .r = { .cn = "order-service", .eku = "clientAuth" } },
	{ "corrupt", { ISSUING }, .r = { .cn = "order-service", .eku = "clientAuth", .corrupt_signature = true } },
	{ "namesake", { NAMESAKE }, .r = { .cn = "order-service", .eku = "clientAuth" } },
	{ "namesakenoaki", { NAMESAKE_NO_AKI }, .r = { .cn = "order-service", .eku = "clientAuth", .no_aki = true } },
	{ "nopurpose", { ISSUING }, .r = { .cn = "order-service" } },
	{ "withroot", { ISSUING }, .with_root = true, .r = { .cn = "order-service", .eku = "clientAuth" } },
	{ "reversed", { BELOW_POLICY, POLICY }, .reversed = true, .r = { .cn = "order-service", .eku = "clientAuth" } },
};

static void
write_pair(const char *folder, const char *name, const struct pki_cert *const *chain, size_t len)
{
	/* HAProxy finds the server's key by its certificate's name. */
	const char *key = strcmp(name, "server") == 0 ? "server.pem.key" : NULL;
	char file[64];

	snprintf(file, sizeof file, "%s.pem", name);
	assert_true(pki_write_certs(in_folder(folder, file), chain, len));
	snprintf(file, sizeof file, "%s.key", name);
	assert_true(pki_write_key(in_folder(folder, key != NULL ? key : file), chain[0]->key, NULL));
}

static void
write_leaf(const char *folder, size_t i, const struct pki_cert *authorities)
{
	struct pki_request r = leaves[i].r;
	struct pki_cert leaf;
	const struct pki_cert *chain[4] = { &leaf }, *other;
	size_t len = 1;

	if (r.key_usage == NULL)
		r.key_usage = LEAF_USAGE;
	if (r.not_after == 0) {
		r.not_before = LONG_AGO;
		r.not_after = FOR_EVER;
	}
	leaf = pki_issue(&r, leaves[i].alone ? NULL : &authorities[leaves[i].chain[0]]);
	for (size_t k = 0; k < 3 && leaves[i].chain[k] != ROOT; k++)
		if (cas[leaves[i].chain[k]].issuer != leaves[i].chain[k]) /* no root */
			chain[len++] = &authorities[leaves[i].chain[k]];
	if (leaves[i].with_root)
		chain[len++] = &authorities[ROOT];
	if (leaves[i].reversed) {
		other = chain[1];
		chain[1] = chain[2];
		chain[2] = other;
	}
	write_pair(folder, leaves[i].file, chain, len);
	if (strcmp(leaves[i].file, "right") == 0)
		assert_true(pki_write_certs(in_folder(folder, "leafonly.pem"), chain, 1));
	pki_cert_free(&leaf);
}

/* One list of each CA, in one file. serial: revoked by the first; or NULL. */
static void
write_lists(const char *folder, const char *name, const struct pki_cert *const *issuers, size_t len, time_t from, time_t to,
    const ASN1_INTEGER *serial)
{
	FILE *f = fopen(in_folder(folder, name), "w");
	ASN1_TIME *last = ASN1_TIME_set(NULL, from), *next = ASN1_TIME_set(NULL, to);

	assert_non_null(f);
	for (size_t i = 0; i < len; i++) {
		X509_CRL *list = X509_CRL_new();

		X509_CRL_set_version(list, 1);
		X509_CRL_set_issuer_name(list, X509_get_subject_name(issuers[i]->x509));
		X509_CRL_set1_lastUpdate(list, last);
		X509_CRL_set1_nextUpdate(list, next);
		if (i == 0 && serial != NULL) {
			X509_REVOKED *entry = X509_REVOKED_new();

			X509_REVOKED_set_serialNumber(entry, (ASN1_INTEGER *)(uintptr_t)serial);
			X509_REVOKED_set_revocationDate(entry, last);
			X509_CRL_add0_revoked(list, entry);
		}
		assert_true(X509_CRL_sign(list, issuers[i]->key, EVP_sha256()) > 0);
		assert_int_equal(PEM_write_X509_CRL(f, list), 1);
		X509_CRL_free(list);
	}
	fclose(f);
	ASN1_TIME_free(last);
	ASN1_TIME_free(next);
}

static void
write_all_lists(const char *folder, const struct pki_cert *authorities)
{
	const struct pki_cert *ours[] = { &authorities[ISSUING], &authorities[ROOT] };
	const struct pki_cert *theirs[] = { &authorities[OTHER_ISSUING], &authorities[OTHER_ROOT] };
	FILE *f = fopen(in_folder(folder, "right.pem"), "r");
	X509 *right = f != NULL ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;

	assert_non_null(right);
	fclose(f);
	write_lists(folder, "revoked.crl", ours, 2, LONG_AGO, FOR_EVER, X509_get0_serialNumber(right));
	write_lists(folder, "stale.crl", ours, 2, LONG_AGO, GONE, NULL);
	write_lists(folder, "foreign.crl", theirs, 2, LONG_AGO, FOR_EVER, NULL);
	X509_free(right);
}

void
peer_clients_write(const char *folder)
{
	const struct pki_cert *namesake[1];
	struct pki_cert authorities[CAS];
	const struct pki_cert *root[] = { &authorities[ROOT] }, *issuing[] = { &authorities[ISSUING] };
	EVP_PKEY *stranger = pki_key(PKI_P256);

	for (int i = 0; i < CAS; i++) {
		struct pki_request r = cas[i].r;

		r.cn = cas[i].cn;
		r.not_before = LONG_AGO;
		if (r.not_after == 0)
			r.not_after = FOR_EVER;
		if (r.ca)
			r.key_usage = CA_USAGE;
		authorities[i] = pki_issue(&r, cas[i].issuer == (enum ca)i ? NULL : &authorities[cas[i].issuer]);
	}
	for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++)
		write_leaf(folder, i, authorities);
	write_pair(folder, "issuing", issuing, 1);
	assert_true(pki_write_certs(in_folder(folder, "root.pem"), root, 1));
	assert_true(pki_write_key(in_folder(folder, "stranger.key"), stranger, NULL));
	namesake[0] = &authorities[NAMESAKE];
	assert_true(pki_write_certs(in_folder(folder, "namesake-root.pem"), namesake, 1));
	write_all_lists(folder, authorities);
	EVP_PKEY_free(stranger);
	for (int i = 0; i < CAS; i++)
		pki_cert_free(&authorities[i]);
}
