#include "model/path_text.h"

#include <openssl/x509_vfy.h>
#include <string.h>

#include "model/buf.h"
#include "model/path_names.h"

/* The highest X509_V_ERR_* of OpenSSL 3.0 is 94; later ones are added here as they come. */
#define X509_ERRORS 128

struct error_words {
	enum code leaf;   /* the code where the fault lies with the leaf; 0 in a row: not in the table */
	enum code issuer; /* and with any other certificate of the path */
	const char *text; /* @ is the certificate, ^ its issuer */
};

#define BOTH(code) CODE_##code, CODE_##code
#define REVOCATION BOTH(CERT_REVOCATION_UNKNOWN)

/*
 * Every X509_V_ERR_*. Those about CRLs, OCSP, policies, DANE and Suite B are not asked for by us
 * today; they are here so that none can ever come out as nothing.
 *
 * An issuer that is missing right above the leaf is an intermediate that was not sent. Further up it
 * is mostly the root: servers leave it out by right, and then we do not trust it.
 */
static const struct error_words words[X509_ERRORS] = {
	[X509_V_ERR_UNSPECIFIED] = { BOTH(CHAIN_INVALID),
	    "@ cannot be judged: its names and the constraints above it are too many, or a field of it is damaged" },
	[X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT] = { CODE_CHAIN_MISSING_INTERMEDIATE, CODE_CHAIN_UNTRUSTED_ROOT,
	    "@ was issued by ^, which is not at hand" },
	[X509_V_ERR_UNABLE_TO_GET_CRL] = { REVOCATION, "there is no CRL that covers @" },
	[X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE] = { BOTH(CHAIN_BAD_SIGNATURE), "the signature of @ cannot be read" },
	[X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE] = { REVOCATION, "the signature of the CRL for @ cannot be read" },
	[X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY] = { BOTH(CHAIN_INVALID), "the public key of @ cannot be read" },
	[X509_V_ERR_CERT_SIGNATURE_FAILURE] = { BOTH(CHAIN_BAD_SIGNATURE),
	    "the signature of @ does not verify with the key of ^" },
	[X509_V_ERR_CRL_SIGNATURE_FAILURE] = { REVOCATION, "the signature of the CRL for @ does not verify" },
	[X509_V_ERR_CERT_NOT_YET_VALID] = { BOTH(CERT_NOT_YET_VALID), "@ is not yet valid" },
	[X509_V_ERR_CERT_HAS_EXPIRED] = { CODE_CERT_EXPIRED, CODE_CHAIN_INTERMEDIATE_EXPIRED, "@ has expired" },
	[X509_V_ERR_CRL_NOT_YET_VALID] = { REVOCATION, "the CRL for @ is not yet valid" },
	[X509_V_ERR_CRL_HAS_EXPIRED] = { REVOCATION, "the CRL for @ has expired" },
	[X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD] = { BOTH(CERT_MALFORMED), "the start of the validity of @ cannot be read" },
	[X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD] = { BOTH(CERT_MALFORMED), "the end of the validity of @ cannot be read" },
	[X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD] = { REVOCATION, "the CRL for @ has an unreadable date" },
	[X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD] = { REVOCATION, "the CRL for @ has an unreadable date" },
	[X509_V_ERR_OUT_OF_MEM] = { BOTH(CHAIN_INVALID), "there was no memory to judge @" },
	[X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT] = { BOTH(CHAIN_SELF_SIGNED), "@ signs itself and is not trusted" },
	[X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN] = { BOTH(CHAIN_UNTRUSTED_ROOT),
	    "the chain ends in @, which signs itself and is not among the trusted roots" },
	[X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY] = { CODE_CHAIN_MISSING_INTERMEDIATE, CODE_CHAIN_UNTRUSTED_ROOT,
	    "@ was issued by ^, which was neither sent nor is trusted" },
	[X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE] = { BOTH(CHAIN_MISSING_INTERMEDIATE),
	    "@ was issued by ^, which was neither sent nor is trusted" },
	[X509_V_ERR_CERT_CHAIN_TOO_LONG] = { BOTH(CHAIN_INVALID), "the chain goes on above @ for longer than we follow it" },
	[X509_V_ERR_CERT_REVOKED] = { BOTH(CERT_REVOKED), "@ has been revoked" },
	[X509_V_ERR_NO_ISSUER_PUBLIC_KEY] = { BOTH(CHAIN_INVALID), "@ has no public key" },
	[X509_V_ERR_PATH_LENGTH_EXCEEDED] = { BOTH(CHAIN_PATH_LENGTH), "more CAs stand below @ than it allows" },
	[X509_V_ERR_INVALID_PURPOSE] = { BOTH(EKU_NO_SERVER_AUTH), "@ may not be used for this purpose" },
	[X509_V_ERR_CERT_UNTRUSTED] = { BOTH(CHAIN_UNTRUSTED_ROOT), "@ is not trusted for this purpose" },
	[X509_V_ERR_CERT_REJECTED] = { BOTH(CHAIN_INVALID), "the trust store rejects @ for this purpose" },
	[X509_V_ERR_SUBJECT_ISSUER_MISMATCH] = { BOTH(CHAIN_INVALID), "@ names another issuer than ^" },
	[X509_V_ERR_AKID_SKID_MISMATCH] = { BOTH(CHAIN_INVALID),
	    "@ names another key of its issuer ^ than this one has (authority key identifier)" },
	[X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH] = { BOTH(CHAIN_INVALID),
	    "@ names another certificate of its issuer ^ by issuer and serial number" },
	[X509_V_ERR_KEYUSAGE_NO_CERTSIGN] = { BOTH(CHAIN_NOT_A_CA), "the key usage of @ does not allow it to sign certificates" },
	[X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER] = { REVOCATION, "the issuer of the CRL for @ is not at hand" },
	[X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION] = { BOTH(CHAIN_UNKNOWN_CRITICAL),
	    "@ has a critical extension that TLS peers do not know" },
	[X509_V_ERR_KEYUSAGE_NO_CRL_SIGN] = { REVOCATION, "the key usage of the issuer of @ does not allow it to sign CRLs" },
	[X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION] = { REVOCATION, "the CRL for @ has an unknown critical extension" },
	[X509_V_ERR_INVALID_NON_CA] = { BOTH(CHAIN_INVALID), "@ is no CA but bears a CA's marks" },
	[X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED] = { BOTH(CHAIN_PATH_LENGTH), "more proxy certificates stand below @ than it allows" },
	[X509_V_ERR_KEYUSAGE_NO_DIGITAL_SIGNATURE] = { BOTH(EKU_NO_SERVER_AUTH), "the key usage of @ does not allow it to sign" },
	[X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED] = { BOTH(CHAIN_INVALID), "@ is a proxy certificate (RFC 3820), which TLS peers refuse" },
	[X509_V_ERR_INVALID_EXTENSION] = { BOTH(CHAIN_INVALID),
	    "@ has an extension that is damaged, comes twice or contradicts another" },
	[X509_V_ERR_INVALID_POLICY_EXTENSION] = { BOTH(CHAIN_INVALID), "@ has a policy extension that is damaged or contradicts another" },
	[X509_V_ERR_NO_EXPLICIT_POLICY] = { BOTH(CHAIN_INVALID), "a CA above @ demands a policy that the chain does not have" },
	[X509_V_ERR_DIFFERENT_CRL_SCOPE] = { REVOCATION, "the CRL for @ is about other certificates" },
	[X509_V_ERR_UNSUPPORTED_EXTENSION_FEATURE] = { BOTH(CHAIN_INVALID), "@ has an extension with a feature that is not supported" },
	[X509_V_ERR_UNNESTED_RESOURCE] = { BOTH(CHAIN_INVALID), "@ claims addresses that its issuer does not have (RFC 3779)" },
	[X509_V_ERR_PERMITTED_VIOLATION] = { BOTH(CHAIN_NAME_CONSTRAINT), "@ has a name that a CA above it does not permit" },
	[X509_V_ERR_EXCLUDED_VIOLATION] = { BOTH(CHAIN_NAME_CONSTRAINT), "@ has a name that a CA above it excludes" },
	[X509_V_ERR_SUBTREE_MINMAX] = { BOTH(CHAIN_NAME_CONSTRAINT), "a CA above @ constrains names with a minimum or maximum, which RFC 5280 forbids" },
	[X509_V_ERR_APPLICATION_VERIFICATION] = { BOTH(CHAIN_INVALID), "@ was refused by the application" },
	[X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE] = { BOTH(CHAIN_NAME_CONSTRAINT),
	    "@ has a name of a kind that a CA above it constrains and TLS peers cannot compare" },
	[X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX] = { BOTH(CHAIN_NAME_CONSTRAINT), "a CA above @ has a name constraint that cannot be read" },
	[X509_V_ERR_UNSUPPORTED_NAME_SYNTAX] = { BOTH(CHAIN_NAME_CONSTRAINT),
	    "@ has a name, or a CA above it a name constraint, that is not well-formed" },
	[X509_V_ERR_CRL_PATH_VALIDATION_ERROR] = { REVOCATION, "the CRL's issuer for @ cannot be verified" },
	[X509_V_ERR_PATH_LOOP] = { BOTH(CHAIN_INVALID), "the chain comes back to @" },
	[X509_V_ERR_SUITE_B_INVALID_VERSION] = { BOTH(CHAIN_INVALID), "@ does not follow Suite B: version" },
	[X509_V_ERR_SUITE_B_INVALID_ALGORITHM] = { BOTH(CHAIN_INVALID), "@ does not follow Suite B: key algorithm" },
	[X509_V_ERR_SUITE_B_INVALID_CURVE] = { BOTH(CHAIN_INVALID), "@ does not follow Suite B: curve" },
	[X509_V_ERR_SUITE_B_INVALID_SIGNATURE_ALGORITHM] = { BOTH(CHAIN_INVALID), "@ does not follow Suite B: signature algorithm" },
	[X509_V_ERR_SUITE_B_LOS_NOT_ALLOWED] = { BOTH(CHAIN_INVALID), "@ does not follow Suite B: level of security" },
	[X509_V_ERR_SUITE_B_CANNOT_SIGN_P_384_WITH_P_256] = { BOTH(CHAIN_INVALID), "@ does not follow Suite B: P-256 signs P-384" },
	[X509_V_ERR_HOSTNAME_MISMATCH] = { BOTH(NAME_MISMATCH), "@ is not for this name" },
	[X509_V_ERR_EMAIL_MISMATCH] = { BOTH(NAME_MISMATCH), "@ is not for this e-mail address" },
	[X509_V_ERR_IP_ADDRESS_MISMATCH] = { BOTH(NAME_MISMATCH), "@ is not for this address" },
	[X509_V_ERR_DANE_NO_MATCH] = { BOTH(CHAIN_INVALID), "no TLSA record matches @" },
	[X509_V_ERR_EE_KEY_TOO_SMALL] = { BOTH(CERT_WEAK_KEY), "the key of @ is too weak" },
	[X509_V_ERR_CA_KEY_TOO_SMALL] = { BOTH(CERT_WEAK_KEY), "the key of @ is too weak for a CA" },
	[X509_V_ERR_CA_MD_TOO_WEAK] = { BOTH(CERT_WEAK_SIGNATURE), "the signature of @ uses a hash that is too weak" },
	[X509_V_ERR_INVALID_CALL] = { BOTH(CHAIN_INVALID), "@ could not be judged" },
	[X509_V_ERR_STORE_LOOKUP] = { BOTH(CHAIN_INVALID), "looking for the issuer of @ failed" },
	[X509_V_ERR_NO_VALID_SCTS] = { BOTH(CHAIN_INVALID), "@ has no valid proof of certificate transparency" },
	[X509_V_ERR_PROXY_SUBJECT_NAME_VIOLATION] = { BOTH(CHAIN_INVALID), "the name of @ does not continue its issuer's, as a proxy certificate's must" },
	[X509_V_ERR_OCSP_VERIFY_NEEDED] = { REVOCATION, "there is no OCSP answer for @" },
	[X509_V_ERR_OCSP_VERIFY_FAILED] = { REVOCATION, "the OCSP answer for @ cannot be verified" },
	[X509_V_ERR_OCSP_CERT_UNKNOWN] = { REVOCATION, "the OCSP responder does not know @" },
	[X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM] = { BOTH(CHAIN_INVALID), "the signature algorithm of @ is not known" },
	[X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH] = { BOTH(CHAIN_BAD_SIGNATURE),
	    "@ is signed with another kind of key than ^ has" },
	[X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY] = { BOTH(CHAIN_BAD_SIGNATURE),
	    "@ names two different signature algorithms, inside and outside of what is signed" },
	[X509_V_ERR_INVALID_CA] = { BOTH(CHAIN_NOT_A_CA), "@ is not a CA: it may not issue certificates" },
	[X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA] = { BOTH(CERT_MALFORMED), "@ is no CA but has a path length" },
	[X509_V_ERR_PATHLEN_WITHOUT_KU_KEY_CERT_SIGN] = { BOTH(CERT_MALFORMED), "@ has a path length but may not sign certificates" },
	[X509_V_ERR_KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA] = { BOTH(CERT_MALFORMED), "@ may sign certificates but is no CA" },
	[X509_V_ERR_ISSUER_NAME_EMPTY] = { BOTH(CERT_MALFORMED), "@ names no issuer" },
	[X509_V_ERR_SUBJECT_NAME_EMPTY] = { BOTH(CERT_MALFORMED), "@ has no subject" },
	[X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER] = { BOTH(CERT_MALFORMED), "@ has no authority key identifier" },
	[X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER] = { BOTH(CERT_MALFORMED), "@ has no subject key identifier" },
	[X509_V_ERR_EMPTY_SUBJECT_ALT_NAME] = { BOTH(CERT_MALFORMED), "the subject alternative names of @ are empty" },
	[X509_V_ERR_EMPTY_SUBJECT_SAN_NOT_CRITICAL] = { BOTH(CERT_MALFORMED), "@ has no subject and its alternative names are not critical" },
	[X509_V_ERR_CA_BCONS_NOT_CRITICAL] = { BOTH(CERT_MALFORMED), "the basic constraints of @ are not critical" },
	[X509_V_ERR_AUTHORITY_KEY_IDENTIFIER_CRITICAL] = { BOTH(CERT_MALFORMED), "the authority key identifier of @ is critical" },
	[X509_V_ERR_SUBJECT_KEY_IDENTIFIER_CRITICAL] = { BOTH(CERT_MALFORMED), "the subject key identifier of @ is critical" },
	[X509_V_ERR_CA_CERT_MISSING_KEY_USAGE] = { BOTH(CERT_MALFORMED), "@ is a CA without key usage" },
	[X509_V_ERR_EXTENSIONS_REQUIRE_VERSION_3] = { BOTH(CERT_MALFORMED), "@ has extensions but is not of version 3" },
	[X509_V_ERR_EC_KEY_EXPLICIT_PARAMS] = { BOTH(CHAIN_INVALID), "the key of @ spells its curve out instead of naming it" },
};

static const struct error_words *
words_of(int x509_error)
{
	/* What a later OpenSSL may say and the table does not know yet. */
	static const struct error_words other = { BOTH(CHAIN_INVALID), "OpenSSL refuses @" };

	if (x509_error <= 0 || x509_error >= X509_ERRORS || words[x509_error].text == NULL)
		return &other;
	return &words[x509_error];
}

enum code
path_error_code(int x509_error, int depth, bool is_leaf)
{
	const struct error_words *w = words_of(x509_error);

	if (x509_error == X509_V_OK)
		return CODE_NONE;
	return is_leaf || depth == 0 ? w->leaf : w->issuer;
}

const char *
path_cert_name(const struct cert *c)
{
	if (c->subject.common_name != NULL && c->subject.common_name[0] != '\0')
		return c->subject.common_name;
	if (c->subject.safe != NULL && c->subject.safe[0] != '\0')
		return c->subject.safe;
	return c->san_len > 0 ? c->san[0].safe : "a certificate without a name";
}

static const char *
issuer_name(const struct path_link *links, size_t len, int depth)
{
	const struct cert *c = links[depth].cert;

	if ((size_t)depth + 1 < len)
		return path_cert_name(links[depth + 1].cert);
	if (c->issuer.common_name != NULL && c->issuer.common_name[0] != '\0')
		return c->issuer.common_name;
	return c->issuer.safe != NULL && c->issuer.safe[0] != '\0' ? c->issuer.safe :
	    "an issuer without a name";
}

/* Key usage says nothing about servers or clients, extended key usage does; say which it was. */
static const char *
purpose_text(struct arena *a, const struct path_link *links, enum purpose purpose, int depth)
{
	const struct cert *c = links[depth].cert;
	const char *wanted = purpose == PURPOSE_CLIENT ? "TLS clients" : "TLS servers";

	if (c->has_eku)
		for (size_t i = 0; i < c->eku_len; i++)
			if (strcmp(c->eku[i], "anyExtendedKeyUsage") == 0)
				return arena_printf(a, "“%s” may be used for anything, but does not name %s, "
				    "and OpenSSL wants that", path_cert_name(c), wanted);
	if (!c->has_eku || cert_allows(c, purpose))
		return arena_printf(a, "the key usage of “%s” does not allow what %s need", path_cert_name(c),
		    wanted);
	return arena_printf(a, "%s“%s” may be used for %s, not for %s", depth > 0 ? "the CA " : "",
	    path_cert_name(c), cert_purposes(c, a), wanted);
}

static const char *
path_length_text(struct arena *a, const struct path_link *links, int depth)
{
	const struct cert *c = links[depth].cert;
	int below = 0;

	for (int i = 1; i < depth; i++)
		below += links[i].cert->self_issued ? 0 : 1;
	if (c->path_len == 0)
		return arena_printf(a, "“%s” allows no CA below it, and there %s %d", path_cert_name(c),
		    below == 1 ? "is" : "are", below);
	return arena_printf(a, "“%s” allows %d CA%s below it, and there are %d", path_cert_name(c),
	    c->path_len, c->path_len == 1 ? "" : "s", below);
}

static const char *
constraint_text(struct arena *a, const struct path_link *links, size_t len, int depth, int x509_error)
{
	static const char *const how[] = {
		[X509_V_ERR_PERMITTED_VIOLATION] = "does not permit",
		[X509_V_ERR_EXCLUDED_VIOLATION] = "excludes",
	};
	const struct cert *ca = NULL;
	const char *name = path_names_offender(links, len, (size_t)depth, &ca);

	if (name == NULL)
		return NULL;
	return arena_printf(a, "“%s” has the name “%s”, which “%s” above it %s",
	    path_cert_name(links[depth].cert), name, path_cert_name(ca), how[x509_error]);
}

static const char *
critical_text(struct arena *a, const struct cert *c)
{
	for (size_t i = 0; i < c->extensions_len; i++)
		if (c->extensions[i].critical && !c->extensions[i].known)
			return arena_printf(a, "“%s” has the critical extension %s, which TLS peers do not know "
			    "and must refuse", path_cert_name(c), c->extensions[i].name);
	return NULL;
}

const char *
path_error_text(struct arena *a, const struct path_link *links, size_t len, enum purpose purpose,
    int depth, int x509_error)
{
	const struct cert *c = links[depth].cert;
	struct buf out = { 0 };
	const char *text = NULL;

	if (x509_error == X509_V_ERR_INVALID_PURPOSE && purpose != PURPOSE_ANY)
		text = purpose_text(a, links, purpose, depth);
	else if (x509_error == X509_V_ERR_PATH_LENGTH_EXCEEDED && c->path_len >= 0)
		text = path_length_text(a, links, depth);
	else if (x509_error == X509_V_ERR_PERMITTED_VIOLATION || x509_error == X509_V_ERR_EXCLUDED_VIOLATION)
		text = constraint_text(a, links, len, depth, x509_error);
	else if (x509_error == X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION)
		text = critical_text(a, c);
	else if (x509_error == X509_V_ERR_CA_MD_TOO_WEAK && c->signature.hash != NULL)
		text = arena_printf(a, "“%s” is signed with %s, which is too weak", path_cert_name(c),
		    c->signature.hash);
	if (text != NULL)
		return text;

	for (const char *p = words_of(x509_error)->text; *p != '\0'; p++) {
		if (*p == '@')
			buf_addf(&out, "“%s”", path_cert_name(c));
		else if (*p == '^')
			buf_addf(&out, "“%s”", issuer_name(links, len, depth));
		else
			buf_addc(&out, *p);
	}
	text = arena_strdup(a, buf_str(&out));
	buf_done(&out);
	return text;
}
