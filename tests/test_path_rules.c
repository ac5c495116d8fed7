/*
 * The rules of RFC 5280, one chain each, after the cases of x509-limbo (C2SP, Apache-2.0). Where the
 * expectation differs from the suite's, the comment says why: a breach that OpenSSL, Go and Java all let
 * pass is no error of the path (it is cert.malformed, a warning).
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "model/cert_openssl.h"
#include "model/path_judge.h"
#include "tests/made.h"

#define STEPS_MAX 6

/* A certificate of the chain, in what it differs from a usual one. */
struct step {
	const char *cn;               /* NULL: by its place */
	bool no_name, empty_issuer;
	const char *nc;               /* name constraints */
	const char *const *san;       /* the leaf's: NULL is DNS:example.com */
	const struct pki_raw_san *raw_san;
	bool no_san;
	const char *key_usage, *eku;  /* NULL: the usual; "": none */
	int allows;                   /* path length plus one; 0: none */
	bool not_ca, no_basic_constraints, no_ski, no_aki, v1, corrupt;
	const char *digest;
	enum pki_key key_type;
	const struct pki_extension *extra;
	int from, to;                 /* seconds from MADE_NOW; both 0: long enough */
};

struct rule_case {
	const char *name;
	size_t len;
	struct step chain[STEPS_MAX]; /* the root first, the leaf last */
	enum code expect;             /* CODE_NONE: valid */
	enum purpose purpose;         /* PURPOSE_ANY is 0: set for all */
	size_t trusted;               /* which one is the anchor */
};

#define SANS(...) (const char *const[]){ __VA_ARGS__, NULL }
#define EXTENSION(oid, critical, der) \
	(const struct pki_extension[]){ { oid, critical, (const unsigned char *)(der), sizeof(der) - 1 }, { 0 } }

#define NO_CA EXTENSION("2.5.29.19", true, "\x30\x00")
#define UNKNOWN EXTENSION("1.3.6.1.4.1.55738.666.1", true, "")
#define SERVER PURPOSE_SERVER
#define CLIENT PURPOSE_CLIENT

/* Name constraints that OpenSSL's text form cannot say: directoryName CN=foo, otherName, bad addresses. */
#define CN_FOO "\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03" "foo"
#define NC "2.5.29.30"
#define SAN_OID "2.5.29.17"
#define PERMIT_CN_FOO EXTENSION(NC, true, "\x30\x16\xa0\x14\x30\x12\xa4\x10" CN_FOO)
#define EXCLUDE_CN_FOO EXTENSION(NC, true, "\x30\x16\xa1\x14\x30\x12\xa4\x10" CN_FOO)
#define OTHER_NAME "\xa0\x11\x06\x0b\x2b\x06\x01\x04\x01\x83\xb3\x3a\x85\x1a\x03\xa0\x02\x05\x00"
#define EXCLUDE_OTHER_NAME EXTENSION(NC, true, \
	"\x30\x28\xa0\x0f\x30\x0d\x82\x0b" "example.com" "\xa1\x15\x30\x13" OTHER_NAME)
#define HAS_OTHER_NAME EXTENSION(SAN_OID, false, "\x30\x20\x82\x0b" "example.com" OTHER_NAME)
#define PERMIT_SHORT_IPV4 EXTENSION(NC, true, "\x30\x0a\xa0\x08\x30\x06\x87\x04\x7f\x00\x00\x01")
#define PERMIT_SHORT_IPV6 EXTENSION(NC, true, "\x30\x16\xa0\x14\x30\x12\x87\x10" \
	"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1")

#define PERMIT_COM "critical,permitted;DNS:example.com"
#define PERMIT_NET_192 "critical,permitted;IP:192.0.2.0/255.255.255.0"
#define EXCLUDE_NET_192 "critical,excluded;IP:192.0.2.0/255.255.255.0"
#define IPV6_ONE "IP:0:0:0:0:0:0:0:1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
#define VIOLATES CODE_CHAIN_NAME_CONSTRAINT

static const struct rule_case cases[] = {
	/* A chain without any fault, to begin with. */
	{ "sound", 3, { { 0 } }, CODE_NONE, SERVER, 0 },
	{ "sound for a client", 3, { [2] = { .eku = "clientAuth" } }, CODE_NONE, CLIENT, 0 },
	{ "sound, directly under the root", 2, { { 0 } }, CODE_NONE, SERVER, 0 },

	/* rfc5280: names, extensions, basic constraints */
	{ "ee-empty-issuer", 2, { [1] = { .empty_issuer = true } }, CODE_CHAIN_MISSING_INTERMEDIATE, SERVER, 0 },
	/* Suite: invalid. All three let an empty subject of a CA pass. */
	{ "ca-empty-subject", 2, { { .no_name = true } }, CODE_NONE, SERVER, 0 },
	{ "unknown-critical-extension-ee", 2, { [1] = { .extra = UNKNOWN } }, CODE_CHAIN_UNKNOWN_CRITICAL, SERVER, 0 },
	{ "unknown-critical-extension-root", 2, { { .extra = UNKNOWN } }, CODE_CHAIN_UNKNOWN_CRITICAL, SERVER, 0 },
	{ "unknown-critical-extension-intermediate", 3, { [1] = { .extra = UNKNOWN, .allows = 1 } },
	    CODE_CHAIN_UNKNOWN_CRITICAL, SERVER, 0 },
	{ "intermediate-ca-without-ca-bit", 3, { [1] = { .not_ca = true, .extra = NO_CA } }, CODE_CHAIN_NOT_A_CA, SERVER, 0 },
	{ "intermediate-ca-missing-basic-constraints", 3, { [1] = { .no_basic_constraints = true } },
	    CODE_CHAIN_NOT_A_CA, SERVER, 0 },
	/* Go refuses it, OpenSSL and Java do not. */
	{ "root-missing-basic-constraints", 2, { { .no_basic_constraints = true } }, CODE_CHAIN_NOT_A_CA, SERVER, 0 },
	/* Suite: invalid. All three let it pass. */
	{ "root-non-critical-basic-constraints", 2, { { .no_basic_constraints = true,
	    .extra = EXTENSION("2.5.29.19", false, "\x30\x03\x01\x01\xff") } }, CODE_NONE, SERVER, 0 },
	{ "root-inconsistent-ca-extensions", 2, { { .key_usage = "critical,digitalSignature" } },
	    CODE_CHAIN_NOT_A_CA, SERVER, 0 },
	{ "ica-ku-keycertsign", 3, { [1] = { .allows = 1, .key_usage = "critical,digitalSignature" } },
	    CODE_CHAIN_NOT_A_CA, SERVER, 0 },
	/* Suite: invalid. All three let it pass. */
	{ "leaf-ku-keycertsign", 2, { [1] = { .key_usage = "digitalSignature,keyCertSign",
	    .extra = NO_CA } }, CODE_NONE, SERVER, 0 },
	{ "ee-critical-aia-invalid", 2, { [1] = { .extra = EXTENSION("1.3.6.1.5.5.7.1.1", true,
	    "\x30\x19\x30\x17\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02\x82\x0b" "example.com") } },
	    CODE_CHAIN_UNKNOWN_CRITICAL, SERVER, 0 },
	{ "duplicate-extensions", 2, { [1] = { .extra = EXTENSION(SAN_OID, false, "\x30\x0d\x82\x0b" "example.com") } },
	    CODE_CHAIN_INVALID, SERVER, 0 },
	{ "no-keyusage", 2, { [1] = { .key_usage = "" } }, CODE_NONE, SERVER, 0 },
	{ "no-basicconstraints", 2, { [1] = { .no_basic_constraints = true } }, CODE_NONE, SERVER, 0 },
	/* RFC 5280 has nothing against it; for TLS its key usage would have to allow signatures. */
	{ "ca-as-leaf", 2, { [1] = { .allows = 3, .key_usage = "critical,keyCertSign", .eku = "" } }, CODE_NONE, PURPOSE_ANY, 0 },
	{ "ca-as-leaf for TLS", 2, { [1] = { .allows = 3, .key_usage = "critical,keyCertSign", .eku = "" } },
	    CODE_EKU_NO_SERVER_AUTH, SERVER, 0 },
	{ "root-and-intermediate-swapped", 3, { { 0 } }, CODE_NONE, SERVER, 1 },
	{ "leaf is trusted itself", 3, { { 0 } }, CODE_NONE, SERVER, 2 },
	{ "leaf signature corrupt", 3, { [2] = { .corrupt = true } }, CODE_CHAIN_BAD_SIGNATURE, SERVER, 0 },
	{ "intermediate signature corrupt", 3, { [1] = { .corrupt = true } }, CODE_CHAIN_BAD_SIGNATURE, SERVER, 0 },
	/* The signature of an anchor means nothing (RFC 5280 6.1.1 d); trust is by the certificate itself. */
	{ "root of version 1", 2, { { .v1 = true } }, CODE_NONE, SERVER, 0 },
	{ "intermediate of version 1", 3, { [1] = { .v1 = true } }, CODE_CHAIN_NOT_A_CA, SERVER, 0 },

	/* rfc5280: key identifiers. A critical one is unknown to OpenSSL. */
	{ "critical-aki", 2, { { .no_aki = true, .extra = EXTENSION("2.5.29.35", true, "\x30\x00") } },
	    CODE_CHAIN_UNKNOWN_CRITICAL, SERVER, 0 },
	{ "critical-ski", 2, { { .no_ski = true, .no_aki = true, .extra = EXTENSION("2.5.29.14", true, "\x04\x02\x01\x02") } },
	    CODE_CHAIN_UNKNOWN_CRITICAL, SERVER, 0 },
	/* Suite: invalid. All three let missing identifiers pass. */
	{ "leaf-missing-aki", 2, { [1] = { .no_aki = true } }, CODE_NONE, SERVER, 0 },
	{ "intermediate-missing-aki", 3, { [1] = { .no_aki = true } }, CODE_NONE, SERVER, 0 },
	{ "self-signed-root-missing-aki", 2, { { .no_aki = true } }, CODE_NONE, SERVER, 0 },
	{ "root-missing-ski", 2, { { .no_ski = true } }, CODE_NONE, SERVER, 0 },
	{ "intermediate-missing-ski", 3, { [1] = { .no_ski = true } }, CODE_NONE, SERVER, 0 },
	{ "aki of another key", 2, { [1] = { .no_aki = true,
	    .extra = EXTENSION("2.5.29.35", false, "\x30\x04\x80\x02\x01\x02") } }, CODE_CHAIN_INVALID, SERVER, 0 },

	/* rfc5280: names of the leaf */
	{ "san malformed", 2, { [1] = { .no_san = true, .extra = EXTENSION(SAN_OID, false, "example.com") } },
	    CODE_CHAIN_INVALID, SERVER, 0 },
	/* Suite: invalid. All three let it pass. */
	{ "san noncritical-with-empty-subject", 2, { [1] = { .no_name = true } }, CODE_NONE, SERVER, 0 },

	/* rfc5280: extended key usage */
	{ "ee-wrong-eku", 2, { [1] = { .eku = "clientAuth" } }, CODE_EKU_NO_SERVER_AUTH, SERVER, 0 },
	{ "ee-wrong-eku for a client", 2, { [1] = { .eku = "serverAuth" } }, CODE_EKU_NO_SERVER_AUTH, CLIENT, 0 },
	{ "ee-without-eku", 2, { [1] = { .eku = "" } }, CODE_NONE, SERVER, 0 },
	{ "ee serverauth and clientauth", 2, { [1] = { .eku = "serverAuth,clientAuth" } }, CODE_NONE, CLIENT, 0 },
	/* A CA that lists purposes hands down no others: OpenSSL and Go agree, RFC 5280 is silent. */
	{ "ica eku lacks the purpose", 3, { [1] = { .eku = "emailProtection" } }, CODE_EKU_NO_SERVER_AUTH, SERVER, 0 },
	{ "ica eku has the purpose", 3, { [1] = { .eku = "serverAuth" } }, CODE_NONE, SERVER, 0 },
	{ "ica eku for servers, asked for a client", 3, { [1] = { .eku = "serverAuth" }, [2] = { .eku = "clientAuth" } },
	    CODE_EKU_NO_SERVER_AUTH, CLIENT, 0 },
	{ "key usage of the leaf allows no TLS", 2, { [1] = { .key_usage = "critical,cRLSign" } },
	    CODE_EKU_NO_SERVER_AUTH, SERVER, 0 },

	/* rfc5280: validity, inclusive at both ends (4.1.2.5) */
	{ "expired-root", 3, { { .from = -99, .to = -1 } }, CODE_ROOT_EXPIRED, SERVER, 0 },
	{ "expired-intermediate", 3, { [1] = { .from = -99, .to = -1 } }, CODE_CHAIN_INTERMEDIATE_EXPIRED, SERVER, 0 },
	{ "expired-leaf", 3, { [2] = { .from = -99, .to = -1 } }, CODE_CERT_EXPIRED, SERVER, 0 },
	{ "notbefore-exact", 3, { [2] = { .from = 0, .to = 99 } }, CODE_NONE, SERVER, 0 },
	{ "notbefore-fractional", 3, { [2] = { .from = 1, .to = 99 } }, CODE_CERT_NOT_YET_VALID, SERVER, 0 },
	{ "notafter-exact", 3, { [2] = { .from = -99, .to = 0 } }, CODE_NONE, SERVER, 0 },

	/* pathlen */
	{ "ee-with-intermediate-pathlen-0", 3, { [1] = { .allows = 1 } }, CODE_NONE, SERVER, 0 },
	{ "ee-with-intermediate-pathlen-1", 3, { [1] = { .allows = 2 } }, CODE_NONE, SERVER, 0 },
	{ "ee-with-intermediate-pathlen-2", 3, { [1] = { .allows = 3 } }, CODE_NONE, SERVER, 0 },
	{ "validation-ignores-pathlen-in-leaf", 3, { [1] = { .allows = 1 }, [2] = { .allows = 1 } }, CODE_NONE, SERVER, 0 },
	{ "intermediate-violates-pathlen-0", 4, { [1] = { .allows = 1 }, [2] = { .allows = 1 } },
	    CODE_CHAIN_PATH_LENGTH, SERVER, 0 },
	{ "root-pathlen-0", 3, { { .allows = 1 } }, CODE_CHAIN_PATH_LENGTH, SERVER, 0 },
	{ "intermediate-pathlen-may-increase", 4, { [1] = { .allows = 2 }, [2] = { .allows = 3 } }, CODE_NONE, SERVER, 0 },
	{ "intermediate-pathlen-too-long", 5, { [1] = { .allows = 2 }, [2] = { .allows = 1 }, [3] = { .allows = 1 } },
	    CODE_CHAIN_PATH_LENGTH, SERVER, 0 },
	{ "self-issued-certs-pathlen", 5, { [1] = { .cn = "twin", .allows = 2 }, [2] = { .cn = "twin", .allows = 2 },
	    [3] = { .allows = 1 } }, CODE_NONE, SERVER, 0 },
	/* OpenSSL takes the second twin for self-signed then, and goes no further. */
	{ "self-issued without key identifiers", 5, { [1] = { .cn = "twin", .allows = 2 },
	    [2] = { .cn = "twin", .allows = 2, .no_aki = true }, [3] = { .allows = 1 } }, CODE_NONE, SERVER, 0 },
	{ "self-issued without key identifiers, too long", 5, { [1] = { .cn = "twin", .allows = 1 },
	    [2] = { .cn = "twin", .allows = 2, .no_aki = true }, [3] = { .allows = 1 } },
	    CODE_CHAIN_PATH_LENGTH, SERVER, 0 },

	/* rfc5280: name constraints, DNS */
	{ "permitted-dns-mismatch", 2, { { .nc = PERMIT_COM }, { .san = SANS("DNS:not-example.com") } }, VIOLATES, SERVER, 0 },
	{ "excluded-dns-match", 3, { [1] = { .nc = "critical,excluded;DNS:example.com" } }, VIOLATES, SERVER, 0 },
	{ "permitted-dns-match", 2, { { .nc = PERMIT_COM } }, CODE_NONE, SERVER, 0 },
	/* Suite (rfc5280): invalid; suite (webpki): valid. All three let it pass. */
	{ "permitted-dns-match-noncritical", 2, { { .nc = "permitted;DNS:example.com" } }, CODE_NONE, SERVER, 0 },
	{ "noncritical constraints bind all the same", 2, { { .nc = "permitted;DNS:other.example" } }, VIOLATES, SERVER, 0 },
	{ "permitted-dns-match-more", 2, { { .nc = PERMIT_COM }, { .san = SANS("DNS:foo.bar.example.com") } },
	    CODE_NONE, SERVER, 0 },
	{ "excluded-dns-match-second", 2, { { .nc = "critical,excluded;DNS:not-allowed.example.com" },
	    { .san = SANS("DNS:example.com", "DNS:not-allowed.example.com") } }, VIOLATES, SERVER, 0 },
	{ "excluded-match-permitted-and-excluded", 2, { { .nc = PERMIT_COM ",excluded;DNS:example.com" } },
	    VIOLATES, SERVER, 0 },
	{ "invalid-dnsname-wildcard", 2, { { .nc = "critical,permitted;DNS:*.example.com" },
	    { .san = SANS("DNS:foo.example.com") } }, VIOLATES, SERVER, 0 },
	/* Suite: invalid. All three let the leading dot pass. */
	{ "invalid-dnsname-leading-period", 2, { { .nc = "critical,permitted;DNS:.example.com" },
	    { .san = SANS("DNS:foo.example.com") } }, CODE_NONE, SERVER, 0 },
	{ "nc-permits-invalid-dns-san", 3, { [1] = { .nc = PERMIT_COM },
	    [2] = { .san = SANS("DNS:.example.com", "DNS:foo.example.com") } }, VIOLATES, SERVER, 0 },

	/* rfc5280: name constraints, addresses */
	{ "permitted-ip-mismatch", 2, { { .nc = PERMIT_NET_192 }, { .san = SANS("IP:192.0.3.1") } }, VIOLATES, SERVER, 0 },
	{ "excluded-ipv4-match", 2, { { .nc = EXCLUDE_NET_192 }, { .san = SANS("IP:192.0.2.1") } }, VIOLATES, SERVER, 0 },
	{ "permitted-ipv4-match", 2, { { .nc = PERMIT_NET_192 }, { .san = SANS("IP:192.0.2.1") } }, CODE_NONE, SERVER, 0 },
	{ "excluded-ipv6-match", 2, { { .nc = "critical,excluded;" IPV6_ONE }, { .san = SANS("IP:::1") } }, VIOLATES, SERVER, 0 },
	{ "permitted-ipv6-match", 2, { { .nc = "critical,permitted;" IPV6_ONE }, { .san = SANS("IP:::1") } }, CODE_NONE, SERVER, 0 },
	{ "permitted-different-constraint-type", 2, { { .nc = PERMIT_NET_192 } }, CODE_NONE, SERVER, 0 },
	{ "excluded-different-constraint-type", 2, { { .nc = EXCLUDE_NET_192 } }, CODE_NONE, SERVER, 0 },
	{ "invalid-ipv4-address", 2, { { .extra = PERMIT_SHORT_IPV4 }, { .san = SANS("IP:127.0.0.1") } }, VIOLATES, SERVER, 0 },
	{ "invalid-ipv6-address", 2, { { .extra = PERMIT_SHORT_IPV6 }, { .san = SANS("IP:::1") } }, VIOLATES, SERVER, 0 },
	{ "nc-permits-invalid-ip-san", 3, { [1] = { .nc = PERMIT_NET_192 }, [2] = { .raw_san = (const struct pki_raw_san[]){
	    { GEN_IPADD, "\xc0\x00\x02\x00\xff\xff\xff\x00", 8 }, { .type = -1 } } } }, VIOLATES, SERVER, 0 },

	/* rfc5280: name constraints, directory names and the subject */
	{ "permitted-dn-mismatch", 2, { { .extra = PERMIT_CN_FOO }, { .cn = "not-foo", .san = SANS("dirName:not-foo") } },
	    VIOLATES, SERVER, 0 },
	{ "excluded-dn-match", 2, { { .extra = EXCLUDE_CN_FOO }, { .cn = "foo", .san = SANS("dirName:foo") } },
	    VIOLATES, SERVER, 0 },
	{ "permitted-dn-match", 2, { { .extra = PERMIT_CN_FOO }, { .cn = "foo", .san = SANS("dirName:foo") } },
	    CODE_NONE, SERVER, 0 },
	{ "permitted-dn-match-subject-san-mismatch", 2, { { .extra = PERMIT_CN_FOO },
	    { .cn = "not-foo", .san = SANS("dirName:foo") } }, VIOLATES, SERVER, 0 },
	{ "excluded-dn-match-sub-mismatch", 2, { { .extra = EXCLUDE_CN_FOO },
	    { .cn = "foo", .san = SANS("dirName:not-foo") } }, VIOLATES, SERVER, 0 },

	/* rfc5280: name constraints, self-issued certificates and intermediates */
	{ "permitted-self-issued", 3, { { .cn = "not-example.com", .nc = PERMIT_COM, .san = SANS("DNS:not-example.com") },
	    { .cn = "not-example.com", .san = SANS("DNS:not-example.com") } }, CODE_NONE, SERVER, 0 },
	{ "excluded-self-issued-leaf", 3, { { .nc = PERMIT_COM }, { .cn = "not-example.com" },
	    { .cn = "not-example.com", .san = SANS("DNS:not-example.com") } }, VIOLATES, SERVER, 0 },
	/* Suite: invalid. All three ignore constraints in a leaf. */
	{ "not-allowed-in-ee-noncritical", 2, { [1] = { .nc = "permitted;DNS:example.com" } }, CODE_NONE, SERVER, 0 },
	{ "not-allowed-in-ee-critical", 2, { [1] = { .nc = PERMIT_COM } }, CODE_NONE, SERVER, 0 },
	{ "intermediate-with-san-rejected-by-intermediate-nc", 4, {
	    [1] = { .nc = "critical,permitted;DNS:permitted.example.com,excluded;DNS:forbidden.example.com" },
	    [2] = { .san = SANS("DNS:forbidden.example.com") }, [3] = { .san = SANS("DNS:permitted.example.com") } },
	    VIOLATES, SERVER, 0 },
	{ "intermediate-with-san-rejected-by-root-nc", 4, {
	    [0] = { .nc = "critical,permitted;DNS:permitted.example.com,excluded;DNS:forbidden.example.com" },
	    [2] = { .san = SANS("DNS:forbidden.example.com") }, [3] = { .san = SANS("DNS:permitted.example.com") } },
	    VIOLATES, SERVER, 0 },
	{ "restrictive-permits-in-intermediates-narrows", 4, {
	    [1] = { .nc = "critical,permitted;DNS:foo.example.com,permitted;DNS:bar.example.com" },
	    [2] = { .nc = "critical,permitted;DNS:bar.example.com" }, [3] = { .san = SANS("DNS:foo.example.com") } },
	    VIOLATES, SERVER, 0 },
	{ "restrictive-permits-in-intermediates-widens", 4, { [1] = { .nc = "critical,permitted;DNS:bar.example.com" },
	    [2] = { .nc = "critical,permitted;DNS:foo.example.com,permitted;DNS:bar.example.com" },
	    [3] = { .san = SANS("DNS:foo.example.com") } }, VIOLATES, SERVER, 0 },

	/* rfc5280: name constraints, mail addresses and kinds that nobody can compare */
	{ "nc-permits-email-exact", 3, { [1] = { .nc = "critical,permitted;email:foo@example.com" },
	    [2] = { .eku = "clientAuth", .san = SANS("email:foo@example.com") } }, CODE_NONE, CLIENT, 0 },
	{ "nc-permits-email-domain", 3, { [1] = { .nc = "critical,permitted;email:example.com" },
	    [2] = { .eku = "clientAuth", .san = SANS("email:foo@example.com") } }, CODE_NONE, CLIENT, 0 },
	{ "nc-permits-invalid-email-san", 3, { [1] = { .nc = "critical,permitted;email:example.com" },
	    [2] = { .eku = "clientAuth", .san = SANS("email:good@example.com", "email:invalid@address@example.com") } },
	    VIOLATES, CLIENT, 0 },
	{ "invalid-email-address", 2, { { .nc = "critical,permitted;email:invalid@invalid@example.com" },
	    { .eku = "clientAuth", .san = SANS("email:example@example.com") } }, VIOLATES, CLIENT, 0 },
	{ "nc-forbids-othername", 3, { [1] = { .extra = EXCLUDE_OTHER_NAME }, [2] = { .no_san = true, .extra = HAS_OTHER_NAME } },
	    VIOLATES, SERVER, 0 },
	{ "nc-forbids-othername-noop", 3, { [1] = { .extra = EXCLUDE_OTHER_NAME } }, CODE_NONE, SERVER, 0 },
	/* cve: the wildcard covers the excluded name */
	{ "cve-2025-61727", 3, { [1] = { .nc = PERMIT_COM ",excluded;DNS:bar.example.com" },
	    [2] = { .san = SANS("DNS:*.example.com") } }, VIOLATES, SERVER, 0 },
	{ "cve-2025-61727-nc-permits-variant", 3, { [1] = { .nc = "critical,permitted;DNS:foo.example.com" },
	    [2] = { .san = SANS("DNS:*.example.com") } }, VIOLATES, SERVER, 0 },
	{ "a wildcard beside the excluded name", 3, { [1] = { .nc = "critical,excluded;DNS:a.bar.example.com" },
	    [2] = { .san = SANS("DNS:*.example.com") } }, CODE_NONE, SERVER, 0 },

	/* Weak cryptography along the path; the anchor's own signature does not count. */
	{ "leaf signed with SHA-1", 3, { [2] = { .digest = "SHA1" } }, CODE_CERT_WEAK_SIGNATURE, SERVER, 0 },
	{ "leaf signed with MD5", 3, { [0] = { .key_type = PKI_RSA2048 }, [1] = { .key_type = PKI_RSA2048 },
	    [2] = { .digest = "MD5" } }, CODE_CERT_WEAK_SIGNATURE, SERVER, 0 },
	{ "intermediate signed with SHA-1", 3, { [1] = { .digest = "SHA1" } }, CODE_CERT_WEAK_SIGNATURE, SERVER, 0 },
	{ "root signed with SHA-1", 3, { { .digest = "SHA1" } }, CODE_NONE, SERVER, 0 },
	/* 80 bits: a warning of cert.weak-key, not a broken path. */
	{ "RSA 1024", 3, { [2] = { .key_type = PKI_RSA1024 } }, CODE_NONE, SERVER, 0 },
};

static struct made
step_make(const struct rule_case *c, size_t i, const struct made *issuer)
{
	static const char *const names[] = { "root", "CA 1", "CA 2", "CA 3", "CA 4", "CA 5" };
	const struct step *s = &c->chain[i];
	bool leaf = i + 1 == c->len;
	bool ca = (!leaf || s->allows > 0) && !s->not_ca;
	X509_NAME *nobody = s->empty_issuer ? X509_NAME_new() : NULL;
	struct pki_request r = {
		.cn = s->no_name ? NULL : s->cn != NULL ? s->cn : leaf ? "leaf" : names[i],
		.issuer = nobody,
		.san = s->san != NULL ? s->san : leaf && !s->no_san && s->raw_san == NULL ? SANS("DNS:example.com") : NULL,
		.raw_san = s->raw_san,
		.key_usage = s->key_usage != NULL ? (s->key_usage[0] != '\0' ? s->key_usage : NULL) :
		    leaf ? "critical,digitalSignature" : "critical,keyCertSign",
		.eku = s->eku != NULL ? (s->eku[0] != '\0' ? s->eku : NULL) : leaf ? "serverAuth" : NULL,
		.ca = ca,
		.no_basic_constraints = s->no_basic_constraints,
		.has_path_len = s->allows > 0,
		.path_len = s->allows - 1,
		.name_constraints = s->nc,
		.no_ski = s->no_ski,
		.no_aki = s->no_aki,
		.version = s->v1 ? 1 : 0,
		.digest = s->digest,
		.corrupt_signature = s->corrupt,
		.extra = s->extra,
		.key_type = s->key_type,
		.not_before = s->from == 0 && s->to == 0 ? 0 : MADE_NOW + s->from,
		.not_after = s->from == 0 && s->to == 0 ? 0 : MADE_NOW + s->to,
	};
	struct made m = made_issue(&r, issuer);

	X509_NAME_free(nobody);
	return m;
}

static bool
date_error(const struct path *p, enum code code)
{
	for (size_t i = 0; i < p->len; i++) {
		const struct cert *c = p->links[i].cert;
		enum code says = CODE_NONE;

		if (MADE_NOW < c->not_before)
			says = CODE_CERT_NOT_YET_VALID;
		else if (MADE_NOW > c->not_after)
			says = i == 0 ? CODE_CERT_EXPIRED : i + 1 == p->len ? CODE_ROOT_EXPIRED : CODE_CHAIN_INTERMEDIATE_EXPIRED;
		if (says == code)
			return true;
	}
	return false;
}

/* The rules applied one by one must say what OpenSSL says, or the one cannot stand in for the other. */
static bool
both_ways_agree(const struct path *p, enum purpose purpose)
{
	struct arena *a = arena_new();
	struct path_errors by_openssl = { .arena = a }, by_rules = { .arena = a };
	bool asked = path_judge_openssl(p->links, p->len, purpose, &by_openssl);
	size_t same = 0;

	path_judge_by_rules(p->links, p->len, purpose, &by_rules);
	for (size_t i = 0; i < by_openssl.len; i++)
		for (size_t k = 0; k < by_rules.len; k++)
			same += by_openssl.items[i].depth == by_rules.items[k].depth &&
			    by_openssl.items[i].x509_error == by_rules.items[k].x509_error;
	if (asked && (same != by_openssl.len || same != by_rules.len)) {
		for (size_t i = 0; i < by_openssl.len; i++)
			printf("    OpenSSL: %d at %d\n", by_openssl.items[i].x509_error, by_openssl.items[i].depth);
		for (size_t i = 0; i < by_rules.len; i++)
			printf("    rules:   %d at %d\n", by_rules.items[i].x509_error, by_rules.items[i].depth);
	}
	same = !asked || (same == by_openssl.len && same == by_rules.len);
	arena_free(a);
	return same;
}

static bool
as_expected(const struct rule_case *c)
{
	struct made chain[STEPS_MAX] = { 0 };
	const struct made *pool[STEPS_MAX], *anchor;
	size_t pool_len = 0;
	struct path_set *set;
	const struct path *best;
	bool ok;

	for (size_t i = 0; i < c->len; i++)
		chain[i] = step_make(c, i, i == 0 ? NULL : &chain[i - 1]);
	for (size_t i = 0; i + 1 < c->len; i++)
		if (i != c->trusted)
			pool[pool_len++] = &chain[i];
	anchor = &chain[c->trusted];
	set = made_paths(&chain[c->len - 1], pool, pool_len, &anchor, 1, c->purpose, MADE_NOW);
	best = paths_best(set);

	ok = path_valid_at(best, MADE_NOW) == (c->expect == CODE_NONE);
	if (c->expect != CODE_NONE)
		ok = ok && (made_has_error(best, c->expect) || date_error(best, c->expect));
	ok = both_ways_agree(best, c->purpose) && ok;
	if (!ok) {
		printf("  not as expected: %s, wanted %s\n", c->name, c->expect == CODE_NONE ? "valid" : code_info(c->expect)->name);
		for (size_t i = 0; i < best->errors_len; i++)
			printf("    at %d, OpenSSL's %d, %s: %s\n", best->errors[i].depth, best->errors[i].x509_error,
			    best->errors[i].code == CODE_NONE ? "none" : code_info(best->errors[i].code)->name,
			    best->errors[i].text);
	}
	paths_free(set);
	for (size_t i = 0; i < c->len; i++)
		made_free(&chain[i]);
	return ok;
}

static void
rules_of_rfc_5280(void **state)
{
	const size_t all = sizeof cases / sizeof cases[0];
	size_t right = 0;

	(void)state;
	for (size_t i = 0; i < all; i++)
		right += as_expected(&cases[i]);
	printf("rules of RFC 5280: %zu of %zu\n", right, all);
	assert_int_equal(right, all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_of_rfc_5280),
	};

	openssl_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
