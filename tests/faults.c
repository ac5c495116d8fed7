#include "tests/faults.h"

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1" } },
	{ .name = "other-root", .role = IS_CA, .r = { .cn = "Stranger Root CA" } },
	{ .name = "other-issuing", .issuer = "other-root", .role = IS_CA, .r = { .cn = "Stranger Issuing CA" } },
	{ .name = "policy", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Policy CA" } },
	{ .name = "issuing-2", .issuer = "policy", .role = IS_CA, .r = { .cn = "Acme Issuing CA 2" } },
	{ .name = "ca-expired", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 3" }, .from = -700, .to = -3 },
	{ .name = "path0", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Group CA", .has_path_len = true, .path_len = 0 } },
	{ .name = "path0-below", .issuer = "path0", .role = IS_CA, .r = { .cn = "Acme Team CA" } },
	{ .name = "constrained", .issuer = "root", .role = IS_CA,
	    .r = { .cn = "Acme Warehouse CA", .name_constraints = "critical,permitted;DNS:warehouse.internal" } },
	{ .name = "server", .issuer = "issuing", .role = IS_SERVER },
	{ .name = "us", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-no-purpose", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .eku = "none" } },
	{ .name = "us-ed25519", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .key_type = PKI_ED25519 } },
	{ .name = "us-other", .issuer = "other-issuing", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-self", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-deep", .issuer = "issuing-2", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-expired", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -90, .to = -4 },
	{ .name = "us-future", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = 3, .to = 90 },
	{ .name = "us-server-only", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .eku = "serverAuth" } },
	{ .name = "us-no-signing", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .key_usage = "critical,keyEncipherment" } },
	{ .name = "us-ca-expired", .issuer = "ca-expired", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-too-deep", .issuer = "path0-below", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-constrained", .issuer = "constrained", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-corrupt", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .corrupt_signature = true } },
	{ .name = "us-rsa1024", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .key_type = PKI_RSA1024 } },
	{ .name = "us-sha1", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .digest = "SHA1" } },
	{ .name = "us-below-us", .issuer = "us", .role = IS_CLIENT, .r = { .cn = "below order-service" } },
};

struct chains *
faults_make(void)
{
	return chains_make(recipes, sizeof recipes / sizeof recipes[0]);
}
