#include "model/mend.h"

#include <string.h>

#include "model/memory.h"
#include "model/page.h"
#include "model/quote.h"

/*
 * In `mend`: {cert} and {key} our files, {it} the certificate that the finding is about, {issuer} who
 * issued it, {what} what the finding's targets share (for people), {target}, {name} the name asked for,
 * {usage} what a certificate lacks to be used on its side.
 */
static const struct {
	const char *phrase, *mend;
} words[CODE_COUNT] = {
	[CODE_NET_DNS_FAILURE] = { "the name does not resolve",
	    "correct the name, or its DNS entry; --resolve HOST:PORT:ADDRESS tries an address without DNS" },
	[CODE_NET_UNREACHABLE] = { "there is no route to it", "look at routes, VPN and firewall between here and {target}" },
	[CODE_NET_REFUSED] = { "nothing listens on that port",
	    "start the service, or correct the port: nothing listens at {target}" },
	[CODE_NET_TIMEOUT] = { "no answer came in time",
	    "look at firewalls and security groups between here and {target}, and whether the service hangs" },
	[CODE_NET_RESET] = { "the connection was reset",
	    "look at what stands between here and {target} (load balancer, firewall), and at its log" },
	[CODE_NET_CLOSED] = { "the connection was closed without a word of TLS",
	    "look at the service's log: it closes before it says a word of TLS" },
	[CODE_NET_LOCAL] = { "this machine could not connect",
	    "raise this machine's own limit that the message names" },
	[CODE_NET_NOT_TLS] = { "it does not speak TLS", "use the port that speaks TLS, or switch TLS on for this one" },
	[CODE_NET_STARTTLS_REFUSED] = { "it refuses STARTTLS", "let the server offer TLS on this port (PostgreSQL: ssl = on), or take a port that begins with TLS" },
	[CODE_NET_PROXY_FAILED] = { "the proxy refuses", "make the way work first: the proxy or ssh host that is named (--proxy, HTTPS_PROXY, --via), or have whoever runs it let {target} through" },
	[CODE_NET_ADDRESSES_DIFFER] = { "the addresses behind the name differ",
	    "deploy the same certificates and CA list behind every address" },
	[CODE_TLS_NO_COMMON_VERSION] = { "no common TLS version",
	    "let the server offer TLS 1.2 or 1.3" },
	[CODE_TLS_NO_COMMON_CIPHER] = { "no common cipher",
	    "let the server accept a cipher of today, or give --ciphers a list that it knows" },
	[CODE_TLS_NO_COMMON_GROUP] = { "no common group", "let the server accept X25519 or P-256" },
	[CODE_TLS_NO_COMMON_SIGALG] = { "no common signature algorithm",
	    "give the server a certificate whose key signs with an algorithm of today (ECDSA P-256, RSA-PSS)" },
	[CODE_TLS_NO_COMMON_ALPN] = { "no common application protocol",
	    "give --alpn a protocol that the server knows, or let it accept this one" },
	[CODE_TLS_REJECTED] = { "the server ended the handshake before our certificate mattered",
	    "ask the server's owner for its log line of this moment: “mtlscope explain” reads it, and :explain in the console" },
	[CODE_TLS_BROKEN_PEER] = { "what it sends cannot be decoded",
	    "update the server's TLS software, or what stands between: its messages break the protocol" },
	[CODE_TLS_OLD_VERSION] = { "it speaks old TLS only", "let the server offer TLS 1.2 or 1.3" },
	[CODE_TLS_SNI_REQUIRED] = { "it serves by name", "send the right name: --servername NAME" },
	[CODE_CHAIN_MISSING_INTERMEDIATE] = { "the server does not send its intermediate",
	    "its owner: put {what} into the server's certificate file, after its own certificate" },
	[CODE_CHAIN_WRONG_ORDER] = { "the server sends its chain in the wrong order",
	    "its owner: order the server's file, its own certificate first, then each one's issuer" },
	[CODE_CHAIN_EXTRA_CERTIFICATE] = { "the server sends certificates that nobody needs",
	    "its owner: take the certificates that lead nowhere out of the server's file" },
	[CODE_CHAIN_ROOT_INCLUDED] = { "the server sends its root as well",
	    "its owner can leave the root out: a client trusts its own copy only" },
	[CODE_CHAIN_UNTRUSTED_ROOT] = { "the server's root is not among those we trust",
	    "if {what} is the right one, add it to what --cacert names (compare its fingerprint first); "
	    "else its owner must serve a certificate of a CA that we trust" },
	[CODE_CHAIN_SELF_SIGNED] = { "the server's certificate signs itself",
	    "its owner: serve a certificate that the private CA issued; for a test, --cacert may name this one" },
	[CODE_CHAIN_BAD_SIGNATURE] = { "a signature in the server's chain does not verify",
	    "its owner: serve the issuer that really signed {what}; a CA that got a new key under its old name "
	    "needs its new certificate" },
	[CODE_CHAIN_NOT_A_CA] = { "a certificate in the server's chain is no CA",
	    "its owner: have the server's certificate issued by a CA; {what} may issue none" },
	[CODE_CHAIN_PATH_LENGTH] = { "the server's chain is longer than a CA in it allows",
	    "its owner: issue from a CA further up, or reissue the CA with a longer path length" },
	[CODE_CHAIN_NAME_CONSTRAINT] = { "a CA in the server's chain may not issue that name",
	    "its owner: take a name that the CA may issue, or a CA that may issue the name" },
	[CODE_CHAIN_UNKNOWN_CRITICAL] = { "a critical extension is not known",
	    "its owner: reissue {what} without the extension, or with it not critical" },
	[CODE_CHAIN_INVALID] = { "the server's chain is not valid", "its owner: reissue {what}" },
	[CODE_CHAIN_INTERMEDIATE_EXPIRED] = { "an intermediate of the server has expired",
	    "renew {what} (same key: the certificates below stay), then put it into each server's chain" },
	[CODE_CERT_EXPIRED] = { "the server's certificate has expired", "its owner: renew {what} and load it" },
	[CODE_CERT_NOT_YET_VALID] = { "the server's certificate is not valid yet",
	    "look at the clocks first; else its owner must serve one that is valid now" },
	[CODE_CERT_EXPIRING] = { "the server's certificate ends soon", "its owner: renew {what} before that day" },
	[CODE_CHAIN_INTERMEDIATE_EXPIRING] = { "an intermediate of the server ends soon",
	    "renew {what} (same key), then put it into each server's chain before that day" },
	[CODE_CERT_OUTLIVES_ISSUER] = { "the server's certificate outlives its issuer",
	    "renew the issuer in time: below it everything ends with it" },
	[CODE_CERT_REVOKED] = { "the server's certificate is revoked", "its owner: replace {what}" },
	[CODE_CERT_REVOCATION_UNKNOWN] = { "revocation cannot be looked up", "make the CRL or the responder reachable" },
	[CODE_CERT_WEAK_KEY] = { "a key is too weak", "its owner: reissue {what} with P-256 or RSA 2048 at least" },
	[CODE_CERT_WEAK_SIGNATURE] = { "a signature is too weak", "its owner: reissue {what}, signed with SHA-256" },
	[CODE_CERT_MALFORMED] = { "a certificate breaks the rules", "its owner: reissue {what}" },
	[CODE_CERT_HOSTILE_NAME] = { "a name wants to deceive, or is damaged",
	    "find out who asked for {what}, and reissue it without such characters" },
	[CODE_NAME_MISMATCH] = { "the server's certificate names another host",
	    "use a name that the certificate has (--servername NAME tries one), or have {name} added to it" },
	[CODE_NAME_NO_SAN] = { "the server's certificate has no subject alternative name",
	    "its owner: reissue {what} with {name} as a subject alternative name" },
	[CODE_EKU_NO_SERVER_AUTH] = { "the server's certificate is not for servers",
	    "its owner: reissue {what} with {usage}" },
	[CODE_ROOT_EXPIRED] = { "the root has expired", "roll over to a new root: {what} has ended for everyone below it" },
	[CODE_ROOT_EXPIRING] = { "the root ends soon", "begin the roll-over to a new root now" },
	[CODE_KEY_MISMATCH] = { "our key and our certificate do not belong together",
	    "give the key that belongs to {cert}; mtlscope inspect on the folder says which one does" },
	[CODE_KEY_SERVER_MISMATCH] = { "the server's key does not belong to its certificate",
	    "its owner: load the key that belongs to the certificate" },
	[CODE_KEY_EXPOSED] = { "our private key is readable by others", "chmod 600 {key}" },
	[CODE_KEY_UNREADABLE] = { "our key cannot be read", "give the right passphrase, or a key file that is whole" },
	[CODE_CLIENT_REQUIRED] = { "the server wants a client certificate",
	    "give one that the server's CAs issued: --cert FILE --key FILE" },
	[CODE_CLIENT_NOT_SENT] = { "our certificate was not sent",
	    "take a key that the server's list of signature algorithms allows" },
	[CODE_CLIENT_MISSING_INTERMEDIATE] = { "our chain lacks an intermediate",
	    "put {what} into {cert} (after the leaf)" },
	[CODE_CLIENT_UNTRUSTED] = { "the server does not trust our CA",
	    "take a certificate of a CA that the server trusts, or have its owner add ours" },
	[CODE_CLIENT_EXPIRED] = { "our certificate has expired", "renew {what}, and put the new one into {cert}" },
	[CODE_CLIENT_NOT_YET_VALID] = { "our certificate is not valid yet",
	    "look at the clocks first; else take a certificate that is valid now" },
	[CODE_CLIENT_EKU] = { "our certificate is not for clients", "have {what} reissued with {usage}" },
	[CODE_CLIENT_REVOKED] = { "our certificate is revoked", "have a new one issued in the place of {what}" },
	[CODE_CLIENT_WEAK] = { "our certificate is too weak", "have {what} reissued: P-256 or RSA 2048, SHA-256" },
	[CODE_CLIENT_BAD_CHAIN] = { "our own chain is broken", "put the issuer that really signed each certificate into {cert}; where a CA may not issue what it issued, "
	    "have {what} reissued by one that may" },
	[CODE_CLIENT_INTERMEDIATE_EXPIRED] = { "an intermediate of ours has expired",
	    "put the renewed {what} into {cert}" },
	[CODE_CLIENT_EXPIRING] = { "our certificate ends soon", "renew {what} before that day" },
	[CODE_CLIENT_INTERMEDIATE_EXPIRING] = { "an intermediate of ours ends soon",
	    "put the renewed {what} into {cert} before that day" },
	[CODE_CLIENT_ROOT_EXPIRING] = { "our root ends soon", "begin the roll-over to a new root now" },
	[CODE_CLIENT_WRONG_ORDER] = { "our chain is in the wrong order",
	    "order {cert}: the leaf first, then each one's issuer" },
	[CODE_CLIENT_HOSTILE_NAME] = { "a name of ours wants to deceive, or is damaged",
	    "have {what} reissued without such characters" },
	[CODE_CLIENT_NOT_IN_CA_LIST] = { "the server's CA list does not name our CA",
	    "have the server's owner name our CA, or take a certificate of a CA that it names" },
	[CODE_CLIENT_DEPTH_EXCEEDED] = { "our chain is deeper than the server looks",
	    "its owner: raise the server's verify depth (nginx: ssl_verify_depth)" },
	[CODE_CLIENT_PARTIAL_TRUST] = { "the server trusts only the issuing CA, not its root",
	    "its owner: put the root, not only the issuing CA, into the server's trust file" },
	[CODE_CLIENT_FORBIDDEN] = { "we are known, but not allowed",
	    "have the server's owner allow this identity: the certificate itself was accepted" },
	[CODE_CLIENT_SERVER_REVOCATION] = { "the server's own CRL is missing or has expired",
	    "its owner: load a fresh CRL" },
	[CODE_CLIENT_LATE_AUTH] = { "the certificate is asked for too late",
	    "its owner: ask for the certificate in the handshake, for the whole host" },
	[CODE_CLIENT_REJECTED] = { "the server refuses our certificate",
	    "ask the server's owner for its log line of this moment: “mtlscope explain” reads it, and :explain in the console" },
	[CODE_CLIENT_UNPROVEN] = { "nothing proves that the server accepts us",
	    "if it is an HTTP service: ask its owner for the log line of this moment; if not: say --no-http" },
	[CODE_CLOCK_LOCAL_SKEW] = { "our clock is wrong", "set this machine's clock (timedatectl, chronyc)" },
	[CODE_CLOCK_SERVER_SKEW] = { "the server's clock is wrong", "its owner: set the server's clock" },
	[CODE_CLOCK_UNSYNCHRONISED] = { "nothing keeps our clock", "let chrony or systemd-timesyncd keep the clock" },
	[CODE_MTLS_NOT_REQUESTED] = { "the server asks for no client certificate",
	    "its owner, if it should: switch client verification on" },
	[CODE_MTLS_OPTIONAL] = { "the server works without a client certificate",
	    "its owner, if it must: make the client certificate required, not optional" },
	[CODE_MTLS_NOT_VERIFIED] = { "the server verifies no client certificate",
	    "its owner: verify the client's certificate against the private CA" },
	[CODE_MTLS_BYPASS] = { "there is a way round the client certificate", "its owner: close the other address" },
	[CODE_MTLS_RESUMPTION_BYPASS] = { "resumption goes round the client certificate",
	    "its owner: tie sessions to the client's certificate" },
	[CODE_MTLS_RESUMPTION_KEEPS] = { "a resumed session is not looked at again",
	    "its owner, if revocation must bite at once: shorten the life of tickets" },
	[CODE_MTLS_REVOCATION_NOT_CHECKED] = { "the server does not look at revocation", "its owner: load the CRL" },
	[CODE_MTLS_ANY_CLIENT] = { "any client of the CA is accepted", "its owner, if not meant: allow names, not only the CA" },
};

const char *
code_phrase(enum code code)
{
	return code > CODE_NONE && code < CODE_COUNT && words[code].phrase != NULL ? words[code].phrase : "unknown";
}

static const char *
quoted(const char *name, const char *otherwise, struct arena *a)
{
	return name != NULL && name[0] != '\0' ? arena_printf(a, "“%s”", name) : otherwise;
}

/* The extended key usage, or where that is there (or not restricted) the bit of the key usage. */
static const char *
lacking_usage(const struct finding *f)
{
	const char *wanted = code_info(f->code)->side == SIDE_SERVER ? "serverAuth" : "clientAuth";

	if (f->certificate == NULL || !f->certificate->has_eku)
		return f->certificate == NULL ? wanted : "digitalSignature in its key usage";
	for (size_t i = 0; i < f->certificate->eku_len; i++) {
		if (strcmp(f->certificate->eku[i], wanted) == 0)
			return "digitalSignature in its key usage";
	}
	return wanted;
}

/* What stands for {word}; NULL where the word is not known. */
static const char *
meaning(const struct diagnosis *d, const struct finding *f, const char *word, size_t len, struct arena *a)
{
	const struct identity *us = d->evidence->identity;
	const struct target *t = &d->evidence->target;
	const char *file = NULL;
	char shown[QUOTE_MAX], label[320];

	if (len == 4 && strncmp(word, "cert", len) == 0)
		file = us != NULL ? us->cert_file : "the certificate's file";
	else if (len == 3 && strncmp(word, "key", len) == 0)
		file = us != NULL && us->key_file != NULL ? us->key_file : "the key's file";
	if (file != NULL)
		return arena_strdup(a, quote_str(file, shown));
	if (len == 4 && strncmp(word, "what", len) == 0) {
		/* “Acme Issuing CA 1”, 2026-08-15: the name alone. */
		const char *end = f->shared_label != NULL ? strstr(f->shared_label, "”") : NULL;
		if (end != NULL && strncmp(f->shared_label, "“", strlen("“")) == 0)
			return arena_printf(a, "%.*s”", (int)(end - f->shared_label), f->shared_label);
		return f->certificate != NULL ? quoted(cert_label(f->certificate), "it", a) : "it";
	}
	if (len == 2 && strncmp(word, "it", len) == 0)
		return f->certificate != NULL ? quoted(cert_label(f->certificate), "it", a) : "it";
	if (len == 6 && strncmp(word, "issuer", len) == 0)
		return f->certificate != NULL ? quoted(f->certificate->issuer.common_name, "its issuer", a) : "its issuer";
	if (len == 6 && strncmp(word, "target", len) == 0)
		return arena_strdup(a, quote_str(target_label(t, label, sizeof label), shown));
	if (len == 4 && strncmp(word, "name", len) == 0)
		return quoted(target_name(t), "the name", a);
	if (len == 5 && strncmp(word, "usage", len) == 0)
		return lacking_usage(f);
	return NULL;
}

/* Where the same code asks for something else. */
static const char *
sentence_for(const struct diagnosis *d, const struct finding *f)
{
	const struct handshake *h = evidence_baseline(d->evidence);
	const struct identity *us = d->evidence->identity;
	bool local_socket = d->evidence->target.unix_path != NULL;

	if (f->mend != NULL)
		return f->mend;
	if (f->code == CODE_NET_LOCAL && h != NULL && h->cancelled)
		return "check again: it was stopped before there was an answer";
	if (local_socket && (f->code == CODE_NET_UNREACHABLE || f->code == CODE_NET_REFUSED))
		return "start the service that listens at {target}, or correct the path";
	if (f->code == CODE_KEY_UNREADABLE && us != NULL && us->len == 0)
		return "let the identity name files that can be read";
	return words[f->code].mend;
}

const char *
mend_words(const struct diagnosis *d, const struct finding *f, struct arena *a)
{
	const char *sentence = sentence_for(d, f);
	struct buf b = { 0 };

	if (sentence == NULL)
		return "ask whoever runs the server";
	for (const char *p = sentence; *p != '\0';) {
		const char *end = *p == '{' ? strchr(p, '}') : NULL;
		const char *is = end != NULL ? meaning(d, f, p + 1, (size_t)(end - p - 1), a) : NULL;
		if (is == NULL) {
			buf_addc(&b, *p++);
			continue;
		}
		buf_adds(&b, is);
		p = end + 1;
	}
	char *out = arena_strdup(a, buf_str(&b));
	buf_done(&b);
	return out;
}
