#include "model/alert.h"

#include <stddef.h>

/* RFC 8446 6 and B.2; the older numbers from RFC 5246 7.2, RFC 2246 and SSL 3.0 (RFC 6101). */
static const struct alert_info alerts[] = {
	{ 0, "close_notify", "It says goodbye: no more data will come." },
	{ 10, "unexpected_message", "A message came where none of its kind may come." },
	{ 20, "bad_record_mac", "A record did not decrypt: damaged on the way, or different keys." },
	{ 21, "decryption_failed", "A record did not decrypt (TLS 1.0)." },
	{ 22, "record_overflow", "A record was longer than TLS allows." },
	{ 30, "decompression_failure", "A compressed record could not be expanded." },
	{ 40, "handshake_failure", "No acceptable set of parameters; before TLS 1.3 also: no client certificate came." },
	{ 41, "no_certificate", "No certificate came (SSL 3.0; some Mbed TLS in TLS 1.3)." },
	{ 42, "bad_certificate", "A certificate was not acceptable, for a reason that the number does not tell." },
	{ 43, "unsupported_certificate", "The certificate is of a kind, or for a purpose, that is not accepted here." },
	{ 44, "certificate_revoked", "The certificate was revoked by its CA." },
	{ 45, "certificate_expired", "A certificate has expired, or is not valid at this moment." },
	{ 46, "certificate_unknown", "The certificate was not accepted, for a reason that is not told." },
	{ 47, "illegal_parameter", "A field in the handshake was out of range or inconsistent." },
	{ 48, "unknown_ca", "No path from the certificate to a CA that is trusted here." },
	{ 49, "access_denied", "The certificate was read, and access was refused." },
	{ 50, "decode_error", "A message or a certificate could not be decoded." },
	{ 51, "decrypt_error", "A signature or a Finished did not verify." },
	{ 60, "export_restriction", "An export-grade restriction (SSL 3.0, TLS 1.0)." },
	{ 70, "protocol_version", "The TLS version that was offered is not spoken here." },
	{ 71, "insufficient_security", "Stronger parameters are required than were offered." },
	{ 80, "internal_error", "Something failed on that side, unrelated to the peer." },
	{ 86, "inappropriate_fallback", "A retry with a lower version was refused (RFC 7507)." },
	{ 90, "user_canceled", "The handshake was cancelled there." },
	{ 100, "no_renegotiation", "A renegotiation was refused." },
	{ 109, "missing_extension", "An extension that must be there was missing." },
	{ 110, "unsupported_extension", "An extension came that was not asked for." },
	{ 111, "certificate_unobtainable", "A certificate could not be fetched from its URL (RFC 6066)." },
	{ 112, "unrecognized_name", "The server name that was asked for is not served here." },
	{ 113, "bad_certificate_status_response", "The stapled OCSP answer was not acceptable." },
	{ 114, "bad_certificate_hash_value", "The certificate does not match the hash or pin that is expected." },
	{ 115, "unknown_psk_identity", "The pre-shared key is not known." },
	{ 116, "certificate_required", "A client certificate is required, and none came." },
	{ 120, "no_application_protocol", "None of the application protocols (ALPN) that were offered is spoken here." },
	{ 121, "ech_required", "Encrypted ClientHello is required." },
};

static const struct alert_info unassigned = { 255, "unassigned", "No TLS standard gives this number a meaning." };

const struct alert_info *
alert_info(uint8_t number)
{
	for (size_t i = 0; i < sizeof alerts / sizeof alerts[0]; i++)
		if (alerts[i].number == number)
			return &alerts[i];
	return &unassigned;
}

struct number_name {
	uint16_t number;
	const char *name;
};

static const char *
name_in(const struct number_name *table, size_t len, uint16_t number)
{
	for (size_t i = 0; i < len; i++)
		if (table[i].number == number)
			return table[i].name;
	return NULL;
}

const char *
tls_version_name(uint16_t version)
{
	static const struct number_name names[] = {
		{ 0x0002, "SSLv2" },
		{ 0x0300, "SSLv3" },
		{ 0x0301, "TLSv1.0" },
		{ 0x0302, "TLSv1.1" },
		{ 0x0303, "TLSv1.2" },
		{ 0x0304, "TLSv1.3" },
	};
	const char *name = name_in(names, sizeof names / sizeof names[0], version);

	return name != NULL ? name : "unknown";
}

/* RFC 8446 B.3 and IANA's TLS HandshakeType. */
const char *
handshake_type_name(uint8_t type)
{
	static const struct number_name names[] = {
		{ 0, "HelloRequest" },
		{ 1, "ClientHello" },
		{ 2, "ServerHello" },
		{ 3, "HelloVerifyRequest" },
		{ 4, "NewSessionTicket" },
		{ 5, "EndOfEarlyData" },
		{ 6, "HelloRetryRequest" },
		{ 8, "EncryptedExtensions" },
		{ 11, "Certificate" },
		{ 12, "ServerKeyExchange" },
		{ 13, "CertificateRequest" },
		{ 14, "ServerHelloDone" },
		{ 15, "CertificateVerify" },
		{ 16, "ClientKeyExchange" },
		{ 20, "Finished" },
		{ 21, "CertificateURL" },
		{ 22, "CertificateStatus" },
		{ 23, "SupplementalData" },
		{ 24, "KeyUpdate" },
		{ 25, "CompressedCertificate" },
		{ 67, "NextProtocol" },
		{ 254, "MessageHash" },
	};
	const char *name = name_in(names, sizeof names / sizeof names[0], type);

	return name != NULL ? name : "unknown";
}

/* IANA's TLS SignatureScheme; below 0x0800 also the pairs of hash and signature of TLS 1.2. */
const char *
sigalg_name(uint16_t scheme)
{
	static const struct number_name names[] = {
		{ 0x0101, "rsa_pkcs1_md5" },
		{ 0x0201, "rsa_pkcs1_sha1" },
		{ 0x0202, "dsa_sha1" },
		{ 0x0203, "ecdsa_sha1" },
		{ 0x0301, "rsa_pkcs1_sha224" },
		{ 0x0302, "dsa_sha224" },
		{ 0x0303, "ecdsa_sha224" },
		{ 0x0401, "rsa_pkcs1_sha256" },
		{ 0x0402, "dsa_sha256" },
		{ 0x0403, "ecdsa_secp256r1_sha256" },
		{ 0x0501, "rsa_pkcs1_sha384" },
		{ 0x0502, "dsa_sha384" },
		{ 0x0503, "ecdsa_secp384r1_sha384" },
		{ 0x0601, "rsa_pkcs1_sha512" },
		{ 0x0602, "dsa_sha512" },
		{ 0x0603, "ecdsa_secp521r1_sha512" },
		{ 0x0804, "rsa_pss_rsae_sha256" },
		{ 0x0805, "rsa_pss_rsae_sha384" },
		{ 0x0806, "rsa_pss_rsae_sha512" },
		{ 0x0807, "ed25519" },
		{ 0x0808, "ed448" },
		{ 0x0809, "rsa_pss_pss_sha256" },
		{ 0x080a, "rsa_pss_pss_sha384" },
		{ 0x080b, "rsa_pss_pss_sha512" },
		{ 0x081a, "ecdsa_brainpoolP256r1tls13_sha256" },
		{ 0x081b, "ecdsa_brainpoolP384r1tls13_sha384" },
		{ 0x081c, "ecdsa_brainpoolP512r1tls13_sha512" },
		{ 0x0904, "mldsa44" },
		{ 0x0905, "mldsa65" },
		{ 0x0906, "mldsa87" },
	};

	return name_in(names, sizeof names / sizeof names[0], scheme);
}

/* IANA's TLS Supported Groups. */
const char *
group_name(uint16_t group)
{
	static const struct number_name names[] = {
		{ 19, "P-192" },
		{ 21, "P-224" },
		{ 22, "secp256k1" },
		{ 23, "P-256" },
		{ 24, "P-384" },
		{ 25, "P-521" },
		{ 26, "brainpoolP256r1" },
		{ 27, "brainpoolP384r1" },
		{ 28, "brainpoolP512r1" },
		{ 29, "X25519" },
		{ 30, "X448" },
		{ 256, "ffdhe2048" },
		{ 257, "ffdhe3072" },
		{ 258, "ffdhe4096" },
		{ 259, "ffdhe6144" },
		{ 260, "ffdhe8192" },
		{ 0x11eb, "SecP256r1MLKEM768" },
		{ 0x11ec, "X25519MLKEM768" },
		{ 0x11ed, "SecP384r1MLKEM1024" },
	};

	return name_in(names, sizeof names / sizeof names[0], group);
}
