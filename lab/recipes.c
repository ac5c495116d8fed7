/* Every certificate of the lab. What a row does not say comes from its role (lab/authority.c). */
#include <openssl/x509v3.h>

#include "lab/authority.h"

#define SAN(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define EXTENSION(oid, critical, der)                                                                 \
	((const struct pki_extension[]){ { (oid), (critical), (const unsigned char *)(der), sizeof(der) - 1 }, { 0 } })

/* ESC, CR LF, NUL, right-to-left override, zero-width space: what a terminal or a log must never get. */
static const char hostile_cn[] = "payment\033[31m \033]0;owned\007\r\nOK: healthy \xe2\x80\xaelanretni\xe2\x80\xac\xe2\x80\x8b";
static const char hostile_dns[] = "good.internal\0.evil.example";
static const char hostile_uri[] = "https://x/\r\n  Verify return code: 0 (ok)";
static const struct pki_raw_san hostile_san[] = {
	{ GEN_DNS, hostile_dns, sizeof hostile_dns - 1 },
	{ GEN_URI, hostile_uri, sizeof hostile_uri - 1 },
	{ .type = -1 },
};
static const unsigned char serial_zero[] = { 0 };
/* An AuthorityKeyIdentifier that no key of ours has. */
static const char other_key_id[] = "\x30\x16\x80\x14other than any key..";

const struct recipe recipes[] = {
	/* The lab's own authorities. */
	{ .name = "root", .role = ROLE_CA, .r = { .cn = "{org} Root CA" }, .from = -1500, .to = 3000 },
	{ .name = "policy", .issuer = "root", .role = ROLE_CA, .r = { .cn = "{org} Policy CA" }, .to = 2500, .from = -900 },
	{ .name = "issuing", .issuer = "root", .role = ROLE_CA, .r = { .cn = "{org} Issuing CA 1" }, .under_policy = true },
	/* One intermediate whatever the seed: with two, nginx's own limit would be a cause in sight. */
	{ .name = "single", .issuer = "root", .role = ROLE_CA, .r = { .cn = "{org} Issuing CA 7" } },
	/* Somebody else's. */
	{ .name = "other-root", .role = ROLE_CA, .r = { .cn = "{other} Root CA", .org = "{other}" }, .from = -1500, .to = 3000 },
	{ .name = "other-issuing", .issuer = "other-root", .role = ROLE_CA,
	    .r = { .cn = "{other} Issuing CA", .org = "{other}" } },
	/* Another root that has the name of ours. */
	{ .name = "namesake-root", .role = ROLE_CA, .r = { .cn = "{org} Root CA" }, .from = -30, .to = 3000 },

	/* Authorities with a fault. */
	{ .name = "ca-expired", .issuer = "root", .role = ROLE_CA, .r = { .cn = "{org} Issuing CA 2" }, .from = -700, .to = -3 },
	{ .name = "ca-lapsed", .issuer = "root", .role = ROLE_CA, .r = { .cn = "{org} Issuing CA 5" }, .from = -700, .to_minutes = -9 },
	{ .name = "ca-expiring", .issuer = "root", .role = ROLE_CA, .r = { .cn = "{org} Issuing CA 3" }, .from = -700, .to = 12 },
	{ .name = "ca-short", .issuer = "root", .role = ROLE_CA, .r = { .cn = "{org} Issuing CA 4" }, .from = -700, .to = 150 },
	{ .name = "old-root", .role = ROLE_CA, .r = { .cn = "{org} Root CA 2016" }, .from = -3600, .to = -2 },
	{ .name = "old-issuing", .issuer = "old-root", .role = ROLE_CA, .r = { .cn = "{org} Issuing CA 2016" } },
	{ .name = "ending-root", .role = ROLE_CA, .r = { .cn = "{org} Root CA 2017" }, .from = -3500, .to = 60 },
	{ .name = "ending-issuing", .issuer = "ending-root", .role = ROLE_CA,
	    .r = { .cn = "{org} Issuing CA 2017" }, .from = -700, .to = 58 },
	{ .name = "path0", .issuer = "root", .role = ROLE_CA,
	    .r = { .cn = "{org} Services CA", .has_path_len = true, .path_len = 0 }, .from = -800, .to = 2000 },
	{ .name = "path0-below", .issuer = "path0", .role = ROLE_CA, .r = { .cn = "{org} Team CA" } },
	{ .name = "constrained", .issuer = "root", .role = ROLE_CA,
	    .r = { .cn = "{org} Warehouse CA", .name_constraints = "critical,permitted;DNS:warehouse.example,permitted;URI:.warehouse.example" } },
	{ .name = "no-ca", .issuer = "issuing", .role = ROLE_SERVER, .r = { .cn = "www.{host}" } },
	{ .name = "rekeyed-old", .issuer = "root", .role = ROLE_CA, .r = { .cn = "{org} Issuing CA 6", .no_ski = true }, .from = -700, .to = 900 },
	{ .name = "rekeyed-new", .issuer = "root", .role = ROLE_CA, .r = { .cn = "{org} Issuing CA 6", .no_ski = true }, .from = -5, .to = 1500 },
	/* The same name under two keys, and no key identifier that tells them apart. */
	{ .name = "twin-root", .role = ROLE_CA, .r = { .cn = "{org} Root CA 2019", .no_ski = true }, .from = -1400, .to = 2000 },
	{ .name = "twin-root-new", .role = ROLE_CA, .r = { .cn = "{org} Root CA 2019", .no_ski = true }, .from = -20, .to = 3000 },
	{ .name = "twin-issuing", .issuer = "twin-root", .role = ROLE_CA, .r = { .cn = "{org} Issuing CA 2019", .no_aki = true } },
	{ .name = "deep-1", .issuer = "root", .role = ROLE_CA, .r = { .cn = "{org} Group CA" }, .from = -900, .to = 2500 },
	{ .name = "deep-2", .issuer = "deep-1", .role = ROLE_CA, .r = { .cn = "{org} Division CA" } },

	/* Servers. */
	{ .name = "server", .issuer = "issuing", .role = ROLE_SERVER, .r = { .cn = "{host}" } },
	{ .name = "server-p256", .issuer = "issuing", .role = ROLE_SERVER, .r = { .cn = "{host}" }, .fixed_key = true },
	{ .name = "server-deep", .issuer = "deep-2", .role = ROLE_SERVER, .r = { .cn = "{host}" } },
	{ .name = "server-expired", .issuer = "issuing", .role = ROLE_SERVER, .r = { .cn = "{host}" }, .from = -95, .to = -5 },
	{ .name = "server-expiring", .issuer = "issuing", .role = ROLE_SERVER, .r = { .cn = "{host}" }, .from = -81, .to = 9 },
	{ .name = "server-future", .issuer = "issuing", .role = ROLE_SERVER, .r = { .cn = "{host}" }, .from = 2, .to = 92 },
	{ .name = "server-ca-expired", .issuer = "ca-expired", .role = ROLE_SERVER, .r = { .cn = "{host}" } },
	{ .name = "server-lapsed", .issuer = "ca-lapsed", .role = ROLE_SERVER, .r = { .cn = "{host}" } },
	{ .name = "server-ca-expiring", .issuer = "ca-expiring", .role = ROLE_SERVER, .r = { .cn = "{host}" } },
	{ .name = "server-long", .issuer = "ca-short", .role = ROLE_SERVER, .r = { .cn = "{host}" }, .from = -10, .to = 300 },
	{ .name = "server-client-only", .issuer = "issuing", .role = ROLE_SERVER, .r = { .cn = "{host}", .eku = "clientAuth" } },
	{ .name = "server-no-signing", .issuer = "issuing", .role = ROLE_SERVER,
	    .r = { .cn = "{host}", .key_usage = "critical,keyEncipherment" }, .fixed_key = true },
	{ .name = "server-elsewhere", .issuer = "issuing", .role = ROLE_SERVER,
	    .r = { .cn = "{host}", .san = SAN("DNS:staging.{host}", "DNS:*.elsewhere.example") } },
	{ .name = "server-no-san", .issuer = "issuing", .role = ROLE_SERVER, .r = { .cn = "{host}" }, .no_san = true },
	{ .name = "server-self-signed", .role = ROLE_SERVER, .r = { .cn = "{host}" } },
	{ .name = "server-other", .issuer = "other-issuing", .role = ROLE_SERVER, .r = { .cn = "{host}", .org = "{other}" } },
	{ .name = "server-old-root", .issuer = "old-issuing", .role = ROLE_SERVER, .r = { .cn = "{host}" } },
	{ .name = "server-ending-root", .issuer = "ending-issuing", .role = ROLE_SERVER,
	    .r = { .cn = "{host}" }, .from = -30, .to = 55 },
	{ .name = "server-too-deep", .issuer = "path0-below", .role = ROLE_SERVER, .r = { .cn = "{host}" } },
	{ .name = "server-constrained", .issuer = "constrained", .role = ROLE_SERVER, .r = { .cn = "{host}" } },
	{ .name = "server-under-leaf", .issuer = "no-ca", .role = ROLE_SERVER, .r = { .cn = "{host}" } },
	{ .name = "server-critical", .issuer = "issuing", .role = ROLE_SERVER,
	    .r = { .cn = "{host}", .extra = EXTENSION("1.3.6.1.4.1.55555.1", true, "\x05\x00") } },
	{ .name = "server-rekeyed", .issuer = "rekeyed-old", .role = ROLE_SERVER, .r = { .cn = "{host}", .no_aki = true },
	    .shown_issuer = "rekeyed-new" },
	{ .name = "server-corrupt", .issuer = "issuing", .role = ROLE_SERVER, .r = { .cn = "{host}", .corrupt_signature = true } },
	{ .name = "server-rsa1024", .issuer = "issuing", .role = ROLE_SERVER,
	    .r = { .cn = "{host}", .key_type = PKI_RSA1024 }, .fixed_key = true },
	{ .name = "server-sha1", .issuer = "issuing", .role = ROLE_SERVER, .r = { .cn = "{host}", .digest = "SHA1" } },
	{ .name = "server-serial-0", .issuer = "issuing", .role = ROLE_SERVER,
	    .r = { .cn = "{host}", .serial = serial_zero, .serial_len = sizeof serial_zero } },
	{ .name = "server-hostile", .issuer = "issuing", .role = ROLE_SERVER,
	    .r = { .cn_bytes = (const unsigned char *)hostile_cn, .cn_bytes_len = sizeof hostile_cn - 1, .raw_san = hostile_san } },
	{ .name = "server-other-key-id", .issuer = "issuing", .role = ROLE_SERVER,
	    .r = { .cn = "{host}", .no_aki = true, .extra = EXTENSION("2.5.29.35", false, other_key_id) } },
	/* Two faults at once. */
	{ .name = "server-expired-elsewhere", .issuer = "issuing", .role = ROLE_SERVER,
	    .r = { .cn = "{host}", .san = SAN("DNS:staging.{host}") }, .from = -95, .to = -5 },
	{ .name = "server-expired-sha1", .issuer = "issuing", .role = ROLE_SERVER,
	    .r = { .cn = "{host}", .digest = "SHA1" }, .from = -95, .to = -5 },
	{ .name = "server-self-expired", .role = ROLE_SERVER, .r = { .cn = "{host}" }, .from = -95, .to = -5 },
	{ .name = "server-no-san-client-only", .issuer = "issuing", .role = ROLE_SERVER,
	    .r = { .cn = "{host}", .eku = "clientAuth" }, .no_san = true },
	{ .name = "server-expiring-hostile", .issuer = "issuing", .role = ROLE_SERVER,
	    .r = { .cn_bytes = (const unsigned char *)hostile_cn, .cn_bytes_len = sizeof hostile_cn - 1 }, .from = -81, .to = 9 },

	/* Us. */
	{ .name = "client", .issuer = "issuing", .role = ROLE_CLIENT, .r = { .cn = "{client}" } },
	{ .name = "client-p256", .issuer = "issuing", .role = ROLE_CLIENT, .r = { .cn = "{client}" }, .fixed_key = true },
	{ .name = "client-deep", .issuer = "deep-2", .role = ROLE_CLIENT, .r = { .cn = "{client}" } },
	{ .name = "client-single", .issuer = "single", .role = ROLE_CLIENT, .r = { .cn = "{client}" } },
	{ .name = "client-other", .issuer = "other-issuing", .role = ROLE_CLIENT, .r = { .cn = "{client}", .org = "{other}" } },
	{ .name = "client-self-signed", .role = ROLE_CLIENT, .r = { .cn = "{client}" } },
	{ .name = "client-expired", .issuer = "issuing", .role = ROLE_CLIENT, .r = { .cn = "{client}" }, .from = -94, .to = -4 },
	{ .name = "client-expiring", .issuer = "issuing", .role = ROLE_CLIENT, .r = { .cn = "{client}" }, .from = -83, .to = 7 },
	{ .name = "client-future", .issuer = "issuing", .role = ROLE_CLIENT, .r = { .cn = "{client}" }, .from = 3, .to = 93 },
	{ .name = "client-new", .issuer = "issuing", .role = ROLE_CLIENT, .r = { .cn = "{client}" }, .from = -1, .to = 89 },
	{ .name = "client-server-only", .issuer = "issuing", .role = ROLE_CLIENT, .r = { .cn = "{client}", .eku = "serverAuth" } },
	{ .name = "client-no-signing", .issuer = "issuing", .role = ROLE_CLIENT,
	    .r = { .cn = "{client}", .key_usage = "critical,keyEncipherment" }, .fixed_key = true },
	{ .name = "client-ca-expired", .issuer = "ca-expired", .role = ROLE_CLIENT, .r = { .cn = "{client}" } },
	{ .name = "client-ca-expiring", .issuer = "ca-expiring", .role = ROLE_CLIENT, .r = { .cn = "{client}" } },
	{ .name = "client-ending-root", .issuer = "ending-issuing", .role = ROLE_CLIENT,
	    .r = { .cn = "{client}" }, .from = -30, .to = 55 },
	{ .name = "client-too-deep", .issuer = "path0-below", .role = ROLE_CLIENT, .r = { .cn = "{client}" } },
	{ .name = "client-constrained", .issuer = "constrained", .role = ROLE_CLIENT, .r = { .cn = "{client}" } },
	{ .name = "client-rekeyed", .issuer = "rekeyed-old", .role = ROLE_CLIENT, .r = { .cn = "{client}", .no_aki = true },
	    .shown_issuer = "rekeyed-new" },
	{ .name = "client-twin", .issuer = "twin-issuing", .role = ROLE_CLIENT, .r = { .cn = "{client}" } },
	{ .name = "client-corrupt", .issuer = "issuing", .role = ROLE_CLIENT, .r = { .cn = "{client}", .corrupt_signature = true } },
	{ .name = "client-rsa1024", .issuer = "issuing", .role = ROLE_CLIENT,
	    .r = { .cn = "{client}", .key_type = PKI_RSA1024 }, .fixed_key = true },
	{ .name = "client-sha1", .issuer = "issuing", .role = ROLE_CLIENT, .r = { .cn = "{client}", .digest = "SHA1" } },
	{ .name = "client-hostile", .issuer = "issuing", .role = ROLE_CLIENT,
	    .r = { .cn_bytes = (const unsigned char *)hostile_cn, .cn_bytes_len = sizeof hostile_cn - 1 } },
	{ .name = "stranger", .issuer = "issuing", .role = ROLE_CLIENT, .r = { .cn = "stranger" }, .fixed_key = true },
	/* What addresses in certificates lead to: two CAs one above the other to be fetched, one that keeps lists. */
	{ .name = "fetched-upper", .issuer = "root", .role = ROLE_CA, .r = { .cn = "{org} Regional CA" }, .from = -900, .to = 2500 },
	{ .name = "fetched", .issuer = "fetched-upper", .role = ROLE_CA, .r = { .cn = "{org} Issuing CA 8", .aia = "{web}/ca/fetched-upper.p7c" } },
	{ .name = "revoking", .issuer = "root", .role = ROLE_CA, .r = { .cn = "{org} Issuing CA 9" } },
	{ .name = "responder", .issuer = "revoking", .role = ROLE_CLIENT, .no_san = true, .fixed_key = true,
	    .r = { .cn = "{org} OCSP responder", .eku = "OCSPSigning", .extra = EXTENSION("1.3.6.1.5.5.7.48.1.5", false, "\x05\x00") } },
	{ .name = "server-aia", .issuer = "fetched", .role = ROLE_SERVER, .r = { .cn = "{host}", .aia = "{web}/ca/fetched.cer" } },
	{ .name = "server-aia-gone", .issuer = "fetched", .role = ROLE_SERVER, .r = { .cn = "{host}", .aia = "{web}/gone.cer" } },
	{ .name = "client-aia", .issuer = "fetched", .role = ROLE_CLIENT, .r = { .cn = "{client}", .aia = "{web}/ca/fetched.cer" } },
	{ .name = "server-ocsp-good", .issuer = "revoking", .role = ROLE_SERVER,
	    .r = { .cn = "{host}", .ocsp = "{web}/delegated-ocsp/revoking", .crl = "{web}/crl/revoking.crl" } },
	{ .name = "client-list-good", .issuer = "revoking", .role = ROLE_CLIENT,
	    .r = { .cn = "{client}", .ocsp = "{web}/ocsp/revoking", .crl = "{web}/crl/revoking.crl" } },
	{ .name = "server-revoked-list", .issuer = "revoking", .role = ROLE_SERVER, .revoked = true,
	    .r = { .cn = "{host}", .crl = "{web}/crl/revoking.crl" } },
	{ .name = "server-revoked-ocsp", .issuer = "revoking", .role = ROLE_SERVER, .revoked = true,
	    .r = { .cn = "{host}", .ocsp = "{web}/delegated-ocsp/revoking" } },
	{ .name = "server-revoked-stapled", .issuer = "revoking", .role = ROLE_SERVER, .revoked = true, .r = { .cn = "{host}" } },
	{ .name = "server-no-address", .issuer = "revoking", .role = ROLE_SERVER, .r = { .cn = "{host}" } },
	{ .name = "server-responder-down", .issuer = "revoking", .role = ROLE_SERVER, .r = { .cn = "{host}", .ocsp = "{web}/down" } },
	{ .name = "server-responder-busy", .issuer = "revoking", .role = ROLE_SERVER, .r = { .cn = "{host}", .ocsp = "{web}/busy-ocsp/revoking" } },
	{ .name = "server-old-list", .issuer = "revoking", .role = ROLE_SERVER, .r = { .cn = "{host}", .crl = "{web}/old-crl/revoking.crl" } },
	{ .name = "client-revoked-list", .issuer = "revoking", .role = ROLE_CLIENT, .revoked = true,
	    .r = { .cn = "{client}", .crl = "{web}/crl/revoking.crl" } },
	{ .name = "client-old-list", .issuer = "revoking", .role = ROLE_CLIENT,
	    .r = { .cn = "{client}", .crl = "{web}/old-crl/revoking.crl" } },
	/* Two faults at once. */
	{ .name = "client-expired-server-only", .issuer = "issuing", .role = ROLE_CLIENT,
	    .r = { .cn = "{client}", .eku = "serverAuth" }, .from = -94, .to = -4 },
	{ .name = "client-expired-deep", .issuer = "deep-2", .role = ROLE_CLIENT, .r = { .cn = "{client}" }, .from = -94, .to = -4 },
	{ .name = "client-expired-other", .issuer = "other-issuing", .role = ROLE_CLIENT,
	    .r = { .cn = "{client}", .org = "{other}" }, .from = -94, .to = -4 },
};
const size_t recipes_len = sizeof recipes / sizeof recipes[0];
