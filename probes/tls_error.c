#include "probes/tls_error.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>

#include "model/limits.h"

struct reason {
	int reason;
	enum local_failure local;
};

static const struct reason reasons[] = {
	{ SSL_R_BAD_SIGNATURE, LOCAL_BAD_SIGNATURE },
	{ SSL_R_WRONG_SIGNATURE_SIZE, LOCAL_BAD_SIGNATURE },
	{ SSL_R_WRONG_SIGNATURE_LENGTH, LOCAL_BAD_SIGNATURE },

	{ SSL_R_EXCESSIVE_MESSAGE_SIZE, LOCAL_TOO_LARGE },
	{ SSL_R_DATA_LENGTH_TOO_LONG, LOCAL_TOO_LARGE },
	{ SSL_R_ENCRYPTED_LENGTH_TOO_LONG, LOCAL_TOO_LARGE },
	{ SSL_R_PACKET_LENGTH_TOO_LONG, LOCAL_TOO_LARGE },
	{ SSL_R_TOO_MANY_WARN_ALERTS, LOCAL_TOO_LARGE },
	{ SSL_R_TOO_MANY_KEY_UPDATES, LOCAL_TOO_LARGE },
	{ SSL_R_RECORD_TOO_SMALL, LOCAL_TOO_LARGE }, /* the 33rd empty one in a row */

	{ SSL_R_UNSUPPORTED_PROTOCOL, LOCAL_VERSION },
	{ SSL_R_WRONG_SSL_VERSION, LOCAL_VERSION },
	{ SSL_R_WRONG_VERSION_NUMBER, LOCAL_VERSION },
	{ SSL_R_BAD_PROTOCOL_VERSION_NUMBER, LOCAL_VERSION },
	{ SSL_R_BAD_LEGACY_VERSION, LOCAL_VERSION },
	{ SSL_R_BAD_HRR_VERSION, LOCAL_VERSION },
	{ SSL_R_UNKNOWN_SSL_VERSION, LOCAL_VERSION },
	{ SSL_R_UNSUPPORTED_SSL_VERSION, LOCAL_VERSION },
	{ SSL_R_VERSION_TOO_LOW, LOCAL_VERSION },
	{ SSL_R_VERSION_TOO_HIGH, LOCAL_VERSION },
	{ SSL_R_INAPPROPRIATE_FALLBACK, LOCAL_VERSION },

	{ SSL_R_WRONG_CIPHER_RETURNED, LOCAL_CIPHER },
	{ SSL_R_UNKNOWN_CIPHER_RETURNED, LOCAL_CIPHER },
	{ SSL_R_NO_CIPHERS_AVAILABLE, LOCAL_CIPHER },
	{ SSL_R_NO_SHARED_CIPHER, LOCAL_CIPHER },
	{ SSL_R_UNKNOWN_KEY_EXCHANGE_TYPE, LOCAL_CIPHER },

	{ SSL_R_BAD_KEY_SHARE, LOCAL_GROUP },
	{ SSL_R_WRONG_CURVE, LOCAL_GROUP },
	{ SSL_R_UNSUPPORTED_ELLIPTIC_CURVE, LOCAL_GROUP },
	{ SSL_R_UNABLE_TO_FIND_ECDH_PARAMETERS, LOCAL_GROUP },
	{ SSL_R_NO_SUITABLE_KEY_SHARE, LOCAL_GROUP },
	{ SSL_R_NO_SUITABLE_GROUPS, LOCAL_GROUP },
	{ SSL_R_DH_KEY_TOO_SMALL, LOCAL_GROUP },
	{ SSL_R_BAD_DH_VALUE, LOCAL_GROUP },

	{ SSL_R_WRONG_SIGNATURE_TYPE, LOCAL_SIGALG },
	{ SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, LOCAL_SIGALG },
	{ SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, LOCAL_SIGALG },
	{ SSL_R_UNKNOWN_DIGEST, LOCAL_SIGALG },
	{ SSL_R_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED, LOCAL_SIGALG },

	{ SSL_R_UNEXPECTED_MESSAGE, LOCAL_UNEXPECTED },
	{ SSL_R_UNEXPECTED_RECORD, LOCAL_UNEXPECTED },
	{ SSL_R_APP_DATA_IN_HANDSHAKE, LOCAL_UNEXPECTED },
	{ SSL_R_BAD_RECORD_TYPE, LOCAL_UNEXPECTED },
	{ SSL_R_BAD_CHANGE_CIPHER_SPEC, LOCAL_UNEXPECTED },
	{ SSL_R_INVALID_CCS_MESSAGE, LOCAL_UNEXPECTED },
	{ SSL_R_UNEXPECTED_CCS_MESSAGE, LOCAL_UNEXPECTED },
	{ SSL_R_CCS_RECEIVED_EARLY, LOCAL_UNEXPECTED },
	{ SSL_R_GOT_A_FIN_BEFORE_A_CCS, LOCAL_UNEXPECTED },
	{ SSL_R_DIGEST_CHECK_FAILED, LOCAL_UNEXPECTED },
	{ SSL_R_DECRYPTION_FAILED, LOCAL_UNEXPECTED },
	{ SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, LOCAL_UNEXPECTED },
	{ SSL_R_NOT_ON_RECORD_BOUNDARY, LOCAL_UNEXPECTED },
	{ SSL_R_MIXED_HANDSHAKE_AND_NON_HANDSHAKE_DATA, LOCAL_UNEXPECTED },
	{ SSL_R_NO_CHANGE_FOLLOWING_HRR, LOCAL_UNEXPECTED },

	{ SSL_R_BAD_PACKET, LOCAL_UNDECODABLE },
	{ SSL_R_BAD_PACKET_LENGTH, LOCAL_UNDECODABLE },
	{ SSL_R_BAD_LENGTH, LOCAL_UNDECODABLE },
	{ SSL_R_BAD_HANDSHAKE_LENGTH, LOCAL_UNDECODABLE },
	{ SSL_R_BAD_EXTENSION, LOCAL_UNDECODABLE },
	{ SSL_R_PARSE_TLSEXT, LOCAL_UNDECODABLE },
	{ SSL_R_SERVERHELLO_TLSEXT, LOCAL_UNDECODABLE },
	{ SSL_R_EXT_LENGTH_MISMATCH, LOCAL_UNDECODABLE },
	{ SSL_R_LENGTH_MISMATCH, LOCAL_UNDECODABLE },
	{ SSL_R_LENGTH_TOO_LONG, LOCAL_UNDECODABLE },
	{ SSL_R_LENGTH_TOO_SHORT, LOCAL_UNDECODABLE },
	{ SSL_R_RECORD_LENGTH_MISMATCH, LOCAL_UNDECODABLE },
	{ SSL_R_CERT_LENGTH_MISMATCH, LOCAL_UNDECODABLE },
	{ SSL_R_CA_DN_LENGTH_MISMATCH, LOCAL_UNDECODABLE },
	{ SSL_R_EXTRA_DATA_IN_MESSAGE, LOCAL_UNDECODABLE },
	{ SSL_R_BAD_ECPOINT, LOCAL_UNDECODABLE },
	{ SSL_R_UNABLE_TO_FIND_PUBLIC_KEY_PARAMETERS, LOCAL_UNDECODABLE },
	{ SSL_R_UNKNOWN_CERTIFICATE_TYPE, LOCAL_UNDECODABLE },
	{ SSL_R_INVALID_ALERT, LOCAL_UNDECODABLE },
	{ SSL_R_UNKNOWN_ALERT_TYPE, LOCAL_UNDECODABLE },
};

/* Where the reason is not in the table: the alert that the library sent for it (RFC 8446 6.2). */
static const struct {
	uint8_t alert;
	enum local_failure local;
} by_alert[] = {
	{ 42, LOCAL_UNDECODABLE }, /* bad_certificate: the verify call-back refuses none, so it did not parse */
	{ 43, LOCAL_UNDECODABLE },
	{ 50, LOCAL_UNDECODABLE },
	{ 70, LOCAL_VERSION },
	{ 10, LOCAL_UNEXPECTED },
	{ 20, LOCAL_UNEXPECTED },
	{ 22, LOCAL_TOO_LARGE },
	{ 51, LOCAL_UNEXPECTED },
};

static enum local_failure
of_reason(int reason)
{
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (reasons[i].reason == reason)
			return reasons[i].local;
	return LOCAL_NONE;
}

static enum local_failure
of_our_alert(const struct handshake *h)
{
	const struct alert *ours = handshake_fatal_alert(h, h->listened ? PEER_SERVER : PEER_US);

	for (size_t i = 0; ours != NULL && i < sizeof by_alert / sizeof by_alert[0]; i++)
		if (by_alert[i].alert == ours->number)
			return by_alert[i].local;
	return LOCAL_OTHER;
}

/*
 * A signature that fails leaves errors of the algorithm first and BAD_SIGNATURE after them, and a
 * certificate that does not parse those of ASN.1: so the whole queue is looked through, and the first
 * reason of the table decides. What people read is that reason, or else the last one.
 */
void
tls_error_read(struct handshake *h)
{
	enum local_failure found = LOCAL_NONE;
	const char *text = NULL, *last = NULL;
	bool oversized = false;
	unsigned long e;

	while ((e = ERR_get_error()) != 0) {
		if (ERR_reason_error_string(e) != NULL)
			last = ERR_reason_error_string(e);
		if (ERR_GET_LIB(e) != ERR_LIB_SSL || found != LOCAL_NONE)
			continue;
		found = of_reason(ERR_GET_REASON(e));
		if (found != LOCAL_NONE)
			text = ERR_GET_REASON(e) == SSL_R_RECORD_TOO_SMALL ? "too many empty records" : last;
		oversized |= ERR_GET_REASON(e) == SSL_R_EXCESSIVE_MESSAGE_SIZE;
	}
	h->local = found != LOCAL_NONE ? found : of_our_alert(h);
	if (text == NULL)
		text = last != NULL ? last : "the TLS library gave no reason";
	/* Which message it was the library does not tell: after ServerHello it can hardly be another. */
	if (oversized && h->listened)
		h->detail = arena_printf(h->arena, "%s: a message that is longer than we take; a Certificate may have %d bytes", text,
		    (int)LIMIT_LISTEN_CERTIFICATE);
	else if (oversized && h->phase == PHASE_SERVER_HELLO)
		h->detail = arena_printf(h->arena, "%s: a Certificate of more than %d bytes", text,
		    (int)LIMIT_CERTIFICATE_MESSAGE);
	else
		h->detail = arena_strdup(h->arena, text);
}
