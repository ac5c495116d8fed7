/* Keys: ours and its file, and whether the server's signature comes from the key in its certificate. */
#include "model/judged.h"

#include <string.h>

/* The file in the same folder that holds the other half, or NULL. */
static const struct sibling *
sibling_with(const struct identity *us, bool is_key, const struct fingerprint *spki)
{
	for (size_t i = 0; i < us->siblings_len; i++)
		if (us->siblings[i].is_key == is_key && fingerprint_equal(&us->siblings[i].spki, spki))
			return &us->siblings[i];
	return NULL;
}

static void
mismatch(const struct facts *f, struct findings *to)
{
	const struct identity *us = f->us;
	const struct sibling *key, *cert;
	struct finding *n;

	if (us == NULL || us->key == NULL || us->len == 0 || us->matches)
		return;
	n = finding_add(to, CODE_KEY_MISMATCH);
	n->fixes = fixes_match_key;
	finding_at(to, n, us->certs[0]);
	key = sibling_with(us, true, &us->certs[0]->key.spki);
	cert = sibling_with(us, false, &us->key->pub.spki);
	finding_title(to, n, "The key does not belong to “%s”", cert_called(us->certs[0]));
	finding_why(to, n, "%s holds the key of another certificate than %s.%s%s%s%s%s%s",
	    us->key_file != NULL ? us->key_file : "The key's file", us->cert_file != NULL ? us->cert_file : "the certificate's file",
	    key != NULL ? " The key that matches the certificate is in " : "", key != NULL ? key->file : "", key != NULL ? "." : "",
	    cert != NULL ? " The certificate that matches the key is in " : "", cert != NULL ? cert->file : "",
	    cert != NULL ? "." : "");
	finding_cite(to, n, "leaf: the public key is %s, the private key's public half is %s, and their SHA-256 differ",
	    us->certs[0]->key.label, us->key->pub.label);
	finding_judge_local(to, n);
	/* That they do not match is read from the files; what the server made of it is another question. */
	n->confidence = CONFIDENCE_CERTAIN;
}

/*
 * RFC 8446 4.4.3: the server proves with a signature that it has the private key. Only its owner can
 * mend that, so the class is the server's.
 */
static void
server_mismatch(const struct facts *f, struct findings *to)
{
	const char *name = f->leaf != NULL ? cert_called(f->leaf) : "the server's certificate";
	struct finding *n;

	if (f->base == NULL || f->base->local != LOCAL_BAD_SIGNATURE)
		return;
	n = finding_add(to, CODE_KEY_SERVER_MISMATCH);
	n->confidence = CONFIDENCE_CERTAIN;
	n->fixes = fixes_server_key;
	if (f->leaf != NULL)
		finding_at(to, n, f->leaf);
	finding_title(to, n, "The server's key does not belong to its certificate");
	finding_why(to, n, "The server signed the handshake, and the signature does not verify with the key in “%s”: most likely it uses the private key of another certificate. No client can connect.",
	    name);
	finding_cite(to, n, "%s: the server's signature does not verify; RFC 8446 4.4.3", f->base->id != NULL ? f->base->id : "baseline");
	if (f->base->detail != NULL)
		finding_cite(to, n, "%s: OpenSSL: %s", f->base->id != NULL ? f->base->id : "baseline", f->base->detail);
	finding_explain(to, n, CODE_TLS_BROKEN_PEER);
	finding_explain(to, n, CODE_TLS_REJECTED);
}

static void
exposed(const struct facts *f, struct findings *to)
{
	const char *file;
	struct finding *n;

	if (f->us == NULL || !f->us->key_exposed)
		return;
	file = f->us->key_file != NULL ? f->us->key_file : "the key's file";
	n = finding_add(to, CODE_KEY_EXPOSED);
	n->confidence = CONFIDENCE_CERTAIN;
	n->fixes = fixes_protect_key;
	if (f->us->key != NULL)
		finding_shares(to, n, file, file);
	finding_title(to, n, "Others on this machine can read the private key");
	finding_why(to, n, "%s has mode %04o: %s may read it, and it is not encrypted.", file, f->us->key_mode & 07777u,
	    f->us->key_mode & 0004 ? "everybody" : "its group");
	finding_cite(to, n, "%s: mode %04o", file, f->us->key_mode & 07777u);
}

static void
unreadable(const struct facts *f, struct findings *to)
{
	const char *file;
	struct finding *n;

	if (f->us == NULL || f->us->key != NULL || f->us->key_problem == NULL)
		return;
	file = f->us->key_file != NULL ? f->us->key_file : "the key's file";
	n = finding_add(to, CODE_KEY_UNREADABLE);
	n->confidence = CONFIDENCE_CERTAIN;
	n->fixes = fixes_match_key;
	finding_shares(to, n, file, file);
	if (f->us->len == 0)
		finding_title(to, n, "Nothing of the identity “%s” can be used", f->us->name != NULL ? f->us->name : file);
	else
		finding_title(to, n, "The private key cannot be read");
	finding_why(to, n, "%s.", f->us->key_problem);
	/* The problem names the file, as a rule with the line. */
	if (strncmp(f->us->key_problem, file, strlen(file)) == 0)
		finding_cite(to, n, "%s", f->us->key_problem);
	else
		finding_cite(to, n, "%s: %s", file, f->us->key_problem);
}

static const struct rule rules[] = {
	{ .code = CODE_KEY_MISMATCH, .look = mismatch, .fixes = fixes_match_key },
	{ .code = CODE_KEY_SERVER_MISMATCH, .look = server_mismatch, .fixes = fixes_server_key },
	{ .code = CODE_KEY_EXPOSED, .look = exposed, .fixes = fixes_protect_key },
	{ .code = CODE_KEY_UNREADABLE, .look = unreadable, .fixes = fixes_match_key },
};
const struct rule_table rules_key = { "key", rules, sizeof rules / sizeof rules[0] };
