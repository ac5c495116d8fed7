#include "tests/peer_clients.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

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
	[CLIENT_RIGHT] = { "right", "right.pem", "right.key", CODE_NONE },
	[CLIENT_NONE] = { "none", NULL, NULL, CODE_CLIENT_REQUIRED },
	[CLIENT_LEAF_ONLY] = { "leaf only", "leafonly.pem", "right.key", CODE_CLIENT_MISSING_INTERMEDIATE },
	[CLIENT_OTHER_CA] = { "other CA", "other.pem", "other.key", CODE_CLIENT_UNTRUSTED },
	[CLIENT_SELF_SIGNED] = { "self-signed", "self.pem", "self.key", CODE_CLIENT_UNTRUSTED },
	[CLIENT_EXPIRED] = { "expired", "expired.pem", "expired.key", CODE_CLIENT_EXPIRED },
	[CLIENT_NOT_YET] = { "not yet valid", "future.pem", "future.key", CODE_CLIENT_NOT_YET_VALID },
	[CLIENT_SERVER_ONLY] = { "serverAuth only", "servereku.pem", "servereku.key", CODE_CLIENT_EKU },
	[CLIENT_OTHER_KEY] = { "other key", "right.pem", "stranger.key", CODE_KEY_MISMATCH },
	[CLIENT_CA_EXPIRED] = { "CA expired", "caexpired.pem", "caexpired.key", CODE_CLIENT_INTERMEDIATE_EXPIRED },
	[CLIENT_SHA1] = { "SHA-1", "sha1.pem", "sha1.key", CODE_CLIENT_WEAK },
	[CLIENT_TWO_CAS] = { "two CAs", "deep.pem", "deep.key", CODE_CLIENT_DEPTH_EXCEEDED },
};

enum ca { ROOT, ISSUING, POLICY, BELOW_POLICY, CA_EXPIRED, OTHER_ROOT, OTHER_ISSUING, CAS };

static const struct {
	const char *cn;
	enum ca issuer; /* itself: a root */
	int64_t to;
} cas[CAS] = {
	[ROOT] = { "Acme Root CA", ROOT, FOR_EVER },
	[ISSUING] = { "Acme Issuing CA 1", ROOT, FOR_EVER },
	[POLICY] = { "Acme Policy CA", ROOT, FOR_EVER },
	[BELOW_POLICY] = { "Acme Issuing CA 2", POLICY, FOR_EVER },
	[CA_EXPIRED] = { "Acme Issuing CA 3", ROOT, GONE },
	[OTHER_ROOT] = { "Other Root CA", OTHER_ROOT, FOR_EVER },
	[OTHER_ISSUING] = { "Other Issuing CA 1", OTHER_ROOT, FOR_EVER },
};

static const char *const server_names[] = { "DNS:localhost", "IP:127.0.0.1", NULL };

static const struct {
	const char *file;
	enum ca issuer;    /* CAS: signs itself */
	enum ca above;     /* what goes out above the issuer; CAS: nothing */
	bool alone;        /* the leaf goes out alone */
	struct pki_request r;
	const char *key_suffix; /* NULL: ".key" in the place of ".pem" */
} leaves[] = {
	{ "server", ISSUING, CAS, false, { .cn = "localhost", .eku = "serverAuth", .san = server_names }, ".pem.key" },
	{ "right", ISSUING, CAS, false, { .cn = "order-service", .eku = "clientAuth" }, NULL },
	{ "other", OTHER_ISSUING, CAS, false, { .cn = "order-service", .eku = "clientAuth" }, NULL },
	{ "self", CAS, CAS, true, { .cn = "order-service", .eku = "clientAuth" }, NULL },
	{ "expired", ISSUING, CAS, false, { .cn = "order-service", .eku = "clientAuth", .not_before = LONG_AGO, .not_after = GONE }, NULL },
	{ "future", ISSUING, CAS, false, { .cn = "order-service", .eku = "clientAuth", .not_before = FAR_OFF, .not_after = FOR_EVER }, NULL },
	{ "servereku", ISSUING, CAS, false, { .cn = "order-service", .eku = "serverAuth" }, NULL },
	{ "caexpired", CA_EXPIRED, CAS, false, { .cn = "order-service", .eku = "clientAuth" }, NULL },
	{ "sha1", ISSUING, CAS, false, { .cn = "order-service", .eku = "clientAuth", .digest = "SHA1" }, NULL },
	{ "deep", BELOW_POLICY, POLICY, false, { .cn = "order-service", .eku = "clientAuth" }, NULL },
};

static void
write_leaf(const char *folder, size_t i, const struct pki_cert *authorities)
{
	struct pki_request r = leaves[i].r;
	bool self = leaves[i].issuer == CAS;
	struct pki_cert leaf;
	const struct pki_cert *chain[3] = { &leaf };
	size_t len = 1;
	char file[64];

	r.key_usage = LEAF_USAGE;
	if (r.not_after == 0) {
		r.not_before = LONG_AGO;
		r.not_after = FOR_EVER;
	}
	leaf = pki_issue(&r, self ? NULL : &authorities[leaves[i].issuer]);
	if (!leaves[i].alone)
		chain[len++] = &authorities[leaves[i].issuer];
	if (leaves[i].above != CAS)
		chain[len++] = &authorities[leaves[i].above];
	snprintf(file, sizeof file, "%s.pem", leaves[i].file);
	assert_true(pki_write_certs(in_folder(folder, file), chain, len));
	snprintf(file, sizeof file, "%s%s", leaves[i].file, leaves[i].key_suffix != NULL ? leaves[i].key_suffix : ".key");
	assert_true(pki_write_key(in_folder(folder, file), leaf.key, NULL));
	if (i == 1)
		assert_true(pki_write_certs(in_folder(folder, "leafonly.pem"), chain, 1));
	pki_cert_free(&leaf);
}

void
peer_clients_write(const char *folder)
{
	struct pki_cert authorities[CAS];
	const struct pki_cert *root[] = { &authorities[ROOT] }, *issuing[] = { &authorities[ISSUING] };
	EVP_PKEY *stranger = pki_key(PKI_P256);

	for (int i = 0; i < CAS; i++)
		authorities[i] = pki_issue(&(struct pki_request){ .cn = cas[i].cn, .ca = true, .not_before = LONG_AGO, .not_after = cas[i].to,
		    .key_usage = CA_USAGE }, cas[i].issuer == (enum ca)i ? NULL : &authorities[cas[i].issuer]);
	for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++)
		write_leaf(folder, i, authorities);
	assert_true(pki_write_certs(in_folder(folder, "root.pem"), root, 1));
	assert_true(pki_write_certs(in_folder(folder, "issuing.pem"), issuing, 1));
	assert_true(pki_write_key(in_folder(folder, "stranger.key"), stranger, NULL));
	EVP_PKEY_free(stranger);
	for (int i = 0; i < CAS; i++)
		pki_cert_free(&authorities[i]);
}
