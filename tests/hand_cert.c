#include "tests/hand_cert.h"

#include <stdint.h>

static const struct piece usual_version = PIECE("\xa0\x03\x02\x01\x02");
static const struct piece usual_serial = PIECE("\x02\x01\x05");
/* ecdsa-with-SHA256 */
static const struct piece usual_algorithm = PIECE("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02");
static const struct piece usual_name = PIECE("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01" "a");
static const struct piece usual_issuer = PIECE("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01" "b");
static const struct piece usual_validity = PIECE("\x30\x1e\x17\x0d" "260101000000Z" "\x17\x0d" "270101000000Z");
/* Ed25519; any 32 bytes are a key that loads */
static const struct piece usual_spki = PIECE("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00" "0123456789abcdef0123456789abcdef");
static const struct piece usual_signature = PIECE("\x03\x03\x00\x01\x02");

void
hand_value(struct buf *out, unsigned char tag, const void *content, size_t len)
{
	size_t octets = 0;

	buf_addc(out, (char)tag);
	if (len < 0x80) {
		buf_addc(out, (char)len);
	} else {
		while (len >> (8 * octets) != 0)
			octets++;
		buf_addc(out, (char)(0x80 | octets));
		for (size_t i = octets; i-- > 0;)
			buf_addc(out, (char)(len >> (8 * i)));
	}
	buf_add(out, content, len);
}

static void
add(struct buf *out, const struct piece *p, const struct piece *usual)
{
	if (p->none || (p->bytes == NULL && usual == NULL))
		return;
	if (p->bytes != NULL)
		buf_add(out, p->bytes, p->len);
	else
		buf_add(out, usual->bytes, usual->len);
}

static void
hand_cert_der(const struct hand_cert *c, struct buf *out)
{
	struct buf tbs = { 0 }, whole = { 0 };

	add(&tbs, &c->version, &usual_version);
	add(&tbs, &c->serial, &usual_serial);
	add(&tbs, &c->algorithm, &usual_algorithm);
	add(&tbs, &c->issuer, &usual_issuer);
	add(&tbs, &c->validity, &usual_validity);
	add(&tbs, &c->subject, &usual_name);
	add(&tbs, &c->spki, &usual_spki);
	add(&tbs, &c->unique_ids, NULL);
	if (c->extensions.bytes != NULL)
		hand_value(&tbs, 0xa3, c->extensions.bytes, c->extensions.len);
	hand_value(&whole, 0x30, tbs.data, tbs.len);
	add(&whole, &c->outer_algorithm, c->algorithm.bytes != NULL ? &c->algorithm : &usual_algorithm);
	add(&whole, &c->signature, &usual_signature);
	add(&whole, &c->trailing, NULL);
	hand_value(out, 0x30, whole.data, whole.len);
	buf_done(&tbs);
	buf_done(&whole);
}

struct cert *
hand_cert_parse(const struct hand_cert *c, struct error *err)
{
	struct buf der = { 0 };
	struct cert *cert;

	hand_cert_der(c, &der);
	cert = cert_parse((const unsigned char *)der.data, der.len, err);
	buf_done(&der);
	return cert;
}
