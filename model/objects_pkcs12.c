/*
 * PKCS#12 (RFC 7292), bag by bag, so that one damaged bag does not cost the others. Every iteration count is
 * judged before OpenSSL derives a key with it.
 */
#include "model/objects_reader.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <stdio.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"

#define CHEAP_WORK 100000 /* iterations: 50 ms */

struct store {
	struct reader *r;
	const char *passphrase; /* that its MAC accepts; NULL is a passphrase too: none at all */
	bool known;             /* passphrase was tried against the MAC */
	bool asked;             /* it is one that protects: from the user, and not empty */
};

static struct text
string_text(const ASN1_STRING *s)
{
	return (struct text){ ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s) };
}

static void read_bags(struct store *s, const STACK_OF(PKCS12_SAFEBAG) *bags, int depth);

enum mac_answer { MAC_REFUSES, MAC_ACCEPTS, MAC_TOO_DEAR };

static enum mac_answer
try_mac(struct store *s, PKCS12 *p12, const char *passphrase, const struct kdf *kdf)
{
	bool ok;

	if (!reader_spend(s->r, kdf->work))
		return MAC_TOO_DEAR;
	ok = PKCS12_verify_mac(p12, passphrase, passphrase == NULL ? 0 : (int)strlen(passphrase)) == 1;
	ERR_clear_error();
	s->passphrase = passphrase;
	return ok ? MAC_ACCEPTS : MAC_REFUSES;
}

/* Many stores have an empty passphrase, or none: where trying is cheap, nobody is asked for it. */
static enum mac_answer
try_empty(struct store *s, PKCS12 *p12, const struct kdf *kdf)
{
	enum mac_answer answer = try_mac(s, p12, NULL, kdf);

	return answer == MAC_REFUSES ? try_mac(s, p12, "", kdf) : answer;
}

static bool
find_passphrase(struct store *s, PKCS12 *p12, const struct kdf *kdf)
{
	enum mac_answer answer = MAC_REFUSES;
	const char *passphrase = NULL;

	if (kdf->work <= CHEAP_WORK)
		answer = try_empty(s, p12, kdf);
	if (answer == MAC_REFUSES) {
		passphrase = reader_passphrase(s->r);
		if (passphrase != NULL)
			answer = try_mac(s, p12, passphrase, kdf);
		s->asked = passphrase != NULL && passphrase[0] != '\0';
	}
	if (answer == MAC_TOO_DEAR)
		reader_damaged(s->r, TOO_DEAR, "the PKCS#12 container", LIMIT_KDF_TOTAL);
	else if (answer == MAC_REFUSES)
		reader_locked(s->r, "the PKCS#12 container", passphrase != NULL);
	return answer == MAC_ACCEPTS;
}

/* RFC 9579: in OpenSSL from 3.4 on. */
static bool
mac_is_pbmac1(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *oid;
	char dotted[64];

	X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
	return OBJ_obj2txt(dotted, sizeof dotted, oid, 1) > 0 && strcmp(dotted, "1.2.840.113549.1.5.14") == 0;
}

/* What the MAC costs. OpenSSL keeps the magnitude of a number alone; a zero before it makes it DER's content again. */
static bool
mac_work(struct store *s, const ASN1_INTEGER *iterations, struct kdf *kdf)
{
	unsigned char padded[16] = { 0 };
	char why[KDF_WHY_MAX];
	struct text content;

	if (iterations == NULL)
		return true; /* DEFAULT 1 */
	content = string_text(iterations);
	if (content.len >= sizeof padded)
		content.len = sizeof padded - 1;
	if (content.len > 0)
		memcpy(padded + 1, content.bytes, content.len);
	if (ASN1_STRING_type(iterations) == V_ASN1_NEG_INTEGER)
		snprintf(why, sizeof why, "the iteration count of its MAC is negative");
	else if (kdf_count((struct text){ padded, content.len + 1 }, kdf, why))
		return true;
	reader_damaged(s->r, "the PKCS#12 container is not opened: %s", why);
	return false;
}

static bool
open_store(struct store *s, PKCS12 *p12)
{
	const ASN1_INTEGER *iterations = NULL;
	const X509_ALGOR *algorithm = NULL;
	struct kdf kdf = { .work = 1 };

	if (!PKCS12_mac_present(p12))
		return true;
	PKCS12_get0_mac(NULL, &algorithm, NULL, &iterations, p12);
	if (mac_is_pbmac1(algorithm)) {
		reader_damaged(s->r, "the PKCS#12 container is protected by PBMAC1 (RFC 9579), which OpenSSL reads from version 3.4 on");
		return false;
	}
	s->known = true;
	return mac_work(s, iterations, &kdf) && find_passphrase(s, p12, &kdf);
}

/* For a part of a store without a MAC: nothing has told yet which passphrase it is. */
static const char *
passphrase_for(struct store *s)
{
	if (!s->known && s->passphrase == NULL) {
		s->passphrase = reader_passphrase(s->r);
		s->asked = s->passphrase != NULL && s->passphrase[0] != '\0';
	}
	return s->passphrase;
}

/* May this be decrypted, by what it asks for? Says why not. */
static bool
may_open(struct store *s, const X509_ALGOR *algorithm, const char *what, struct kdf *kdf)
{
	char why[KDF_WHY_MAX];
	unsigned char *der = NULL;
	int len = i2d_X509_ALGOR(algorithm, &der);
	bool ok = false;

	if (len <= 0)
		reader_damaged(s->r, "%s in the PKCS#12 container is damaged", what);
	else if (!kdf_read((struct text){ der, (size_t)len }, kdf, why))
		reader_damaged(s->r, "%s in the PKCS#12 container is not opened: %s", what, why);
	else if (kdf->legacy && legacy_context() == NULL)
		reader_damaged(s->r, LEGACY_MISSING, what, kdf->name);
	else if (!s->known && passphrase_for(s) == NULL)
		reader_locked(s->r, what, false);
	else if (!reader_spend(s->r, kdf->work))
		reader_damaged(s->r, TOO_DEAR, what, LIMIT_KDF_TOTAL);
	else
		ok = true;
	OPENSSL_free(der);
	return ok;
}

static int
passphrase_len(const struct store *s)
{
	return s->passphrase == NULL ? 0 : (int)strlen(s->passphrase);
}

static const char *
friendly_name(struct store *s, PKCS12_SAFEBAG *bag)
{
	char *name = PKCS12_get_friendlyname(bag);
	const char *safe = NULL;

	if (name != NULL)
		safe = text_safe_arena(s->r->out->arena, text_of(name), TEXT_MAX_DEFAULT, NULL);
	OPENSSL_free(name);
	return safe;
}

/* What a bag holds goes through the same reader as a file of it would; the name is added to what came out. */
static void
read_blob(struct store *s, PKCS12_SAFEBAG *bag, enum blob kind, struct text der)
{
	size_t before = s->r->out->len;

	blob_read(s->r, kind, der);
	for (size_t i = before; i < s->r->out->len; i++)
		s->r->out->items[i].friendly_name = friendly_name(s, bag);
}

static void
read_key_bag(struct store *s, PKCS12_SAFEBAG *bag, const PKCS8_PRIV_KEY_INFO *info, bool was_encrypted)
{
	size_t before = s->r->out->len;
	unsigned char *der = NULL;
	int len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);

	if (len <= 0) {
		reader_damaged(s->r, "a private key in the PKCS#12 container is damaged");
		return;
	}
	key_read(s->r, BLOB_PKCS8, (struct text){ der, (size_t)len }, was_encrypted);
	for (size_t i = before; i < s->r->out->len; i++)
		s->r->out->items[i].friendly_name = friendly_name(s, bag);
	OPENSSL_clear_free(der, (size_t)len);
}

static void
read_shrouded_key(struct store *s, PKCS12_SAFEBAG *bag)
{
	const X509_SIG *sig = PKCS12_SAFEBAG_get0_pkcs8(bag);
	PKCS8_PRIV_KEY_INFO *info = NULL;
	const X509_ALGOR *algorithm;
	struct kdf kdf;

	X509_SIG_get0(sig, &algorithm, NULL);
	if (!may_open(s, algorithm, "the private key", &kdf))
		return;
	info = PKCS8_decrypt_ex(sig, s->passphrase, passphrase_len(s), kdf.legacy ? legacy_context() : NULL, NULL);
	if (info != NULL)
		read_key_bag(s, bag, info, s->asked); /* an empty passphrase protects nothing */
	else if (s->known)
		reader_damaged(s->r, "a private key in the PKCS#12 container does not open with the container's passphrase");
	else
		reader_locked(s->r, "the private key", true);
	PKCS8_PRIV_KEY_INFO_free(info);
	ERR_clear_error();
}

static void
read_cert_bag(struct store *s, PKCS12_SAFEBAG *bag)
{
	X509 *cert = PKCS12_SAFEBAG_get1_cert(bag);
	unsigned char *der = NULL;
	int len;

	if (cert == NULL) {
		reader_damaged(s->r, "a certificate in the PKCS#12 container is damaged: OpenSSL cannot read it");
		return;
	}
	len = i2d_X509(cert, &der);
	if (len > 0)
		read_blob(s, bag, BLOB_CERT, (struct text){ der, (size_t)len });
	OPENSSL_free(der);
	X509_free(cert);
}

static void
read_bag(struct store *s, PKCS12_SAFEBAG *bag, int depth)
{
	switch (PKCS12_SAFEBAG_get_nid(bag)) {
	case NID_keyBag: read_key_bag(s, bag, PKCS12_SAFEBAG_get0_p8inf(bag), false); break;
	case NID_pkcs8ShroudedKeyBag: read_shrouded_key(s, bag); break;
	case NID_certBag:
		if (PKCS12_SAFEBAG_get_bag_nid(bag) == NID_x509Certificate)
			read_cert_bag(s, bag);
		else
			reader_note(s->r, "a certificate in the PKCS#12 container is of a type that is not read here (SDSI)");
		break;
	case NID_crlBag: (void)reader_add(s->r, OBJECT_CRL); break;
	case NID_safeContentsBag:
		if (depth < LIMIT_NESTED_BAGS)
			read_bags(s, PKCS12_SAFEBAG_get0_safes(bag), depth + 1);
		else
			reader_damaged(s->r, "the PKCS#12 container nests its bags more than %d deep", LIMIT_NESTED_BAGS);
		break;
	default: reader_note(s->r, "the PKCS#12 container holds a bag of a type that is not read here"); break;
	}
}

static void
read_bags(struct store *s, const STACK_OF(PKCS12_SAFEBAG) *bags, int depth)
{
	for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags) && !s->r->full; i++)
		read_bag(s, sk_PKCS12_SAFEBAG_value(bags, i), depth);
}

static STACK_OF(PKCS12_SAFEBAG) *
decrypt_part(struct store *s, PKCS7 *part)
{
	PKCS7_ENC_CONTENT *content = part->d.encrypted == NULL ? NULL : part->d.encrypted->enc_data;
	STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
	struct kdf kdf;

	if (content == NULL || content->enc_data == NULL) {
		reader_damaged(s->r, "an encrypted part of the PKCS#12 container is damaged: it has no content");
		return NULL;
	}
	if (!may_open(s, content->algorithm, "the list of certificates", &kdf))
		return NULL;
	bags = PKCS12_item_decrypt_d2i_ex(content->algorithm, ASN1_ITEM_rptr(PKCS12_SAFEBAGS), s->passphrase,
	    passphrase_len(s), content->enc_data, 1, kdf.legacy ? legacy_context() : NULL, NULL);
	if (bags == NULL && s->known)
		reader_damaged(s->r, "an encrypted part of the PKCS#12 container does not open with the container's passphrase");
	else if (bags == NULL)
		reader_locked(s->r, "the PKCS#12 container", true);
	ERR_clear_error();
	return bags;
}

static void
read_part(struct store *s, PKCS7 *part)
{
	STACK_OF(PKCS12_SAFEBAG) *bags = NULL;

	switch (OBJ_obj2nid(part->type)) {
	case NID_pkcs7_data:
		bags = part->d.data == NULL ? NULL : PKCS12_unpack_p7data(part);
		if (bags == NULL)
			reader_damaged(s->r, "a part of the PKCS#12 container is damaged: its bags do not parse");
		break;
	case NID_pkcs7_encrypted: bags = decrypt_part(s, part); break;
	default: reader_damaged(s->r, "a part of the PKCS#12 container is encrypted for a recipient's key, not by a passphrase"); break;
	}
	ERR_clear_error();
	read_bags(s, bags, 0);
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}

void
pkcs12_read(struct reader *r, struct text der)
{
	const unsigned char *p = der.bytes;
	struct store s = { .r = r };
	size_t good = r->good, damaged = r->damaged;
	STACK_OF(PKCS7) *parts = NULL;
	PKCS12 *p12 = NULL;

	r->container = "PKCS#12";
	p12 = d2i_PKCS12(NULL, &p, (long)der.len);
	if (p12 == NULL) {
		reader_damaged(r, "the PKCS#12 container is damaged: its ASN.1 does not parse");
		goto out;
	}
	if (!open_store(&s, p12))
		goto out;
	parts = PKCS12_unpack_authsafes(p12);
	if (parts == NULL) {
		reader_damaged(r, "the PKCS#12 container is damaged, or signed with a key instead of a passphrase");
		goto out;
	}
	for (int i = 0; i < sk_PKCS7_num(parts) && !r->full; i++)
		read_part(&s, sk_PKCS7_value(parts, i));
	if (r->good == good && r->damaged == damaged)
		reader_damaged(r, "the PKCS#12 container is empty");
out:
	sk_PKCS7_pop_free(parts, PKCS7_free);
	PKCS12_free(p12);
	ERR_clear_error();
}
