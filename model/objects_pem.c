/*
 * PEM (RFC 7468, and what it came from, RFC 1421 4.4): the framing. As lax as OpenSSL where that does no harm
 * (text between, blanks, CRLF, a byte order mark), and exact about what is wrong where it is not.
 */
#include "model/objects_reader.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/buf.h"
#include "model/memory.h"
#include "model/quote.h"

#define DASHES "-----"
#define BEGIN_ DASHES "BEGIN "
#define END_ DASHES "END "
#define LABEL_MAX 64
#define HEADERS_MAX 512

struct line {
	const char *text; /* without leading and trailing blanks */
	size_t len;
	size_t number;    /* from 1 */
	size_t byte;      /* of its first character */
	size_t indent;    /* blanks before it */
};

/* Walks lines that end in LF, CR LF or CR. */
struct lines {
	const char *base, *at, *end;
	size_t number;
};

enum line_kind { LINE_TEXT, LINE_BEGIN, LINE_END, LINE_BROKEN, LINE_JOINED };

struct block {
	char label[LABEL_MAX];
	size_t line, byte;
	char headers[HEADERS_MAX]; /* of a traditional encrypted key, each with its LF */
	bool in_headers;
	unsigned char *data;       /* decoded; room for the whole file */
	size_t len;
	unsigned bits;             /* the group of four characters at hand */
	unsigned characters;       /* of it */
	unsigned padding;          /* "=" that are still to come */
	bool padded;               /* one was seen: the data is over */
	bool broken;               /* its fault was said */
};

static bool
next_line(struct lines *l, struct line *out)
{
	const char *start = l->at, *p = start, *end;

	if (start == l->end)
		return false;
	while (p < l->end && *p != '\n' && *p != '\r')
		p++;
	end = p;
	if (p < l->end && *p == '\r')
		p++;
	if (p < l->end && *p == '\n' && (p == end || p[-1] == '\r'))
		p++;
	l->at = p;
	l->number++;
	p = start;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*out = (struct line){
		.text = p,
		.len = (size_t)(end - p),
		.number = l->number,
		.byte = (size_t)(p - l->base),
		.indent = (size_t)(p - start),
	};
	return true;
}

static bool
starts_with(const char *s, size_t len, const char *prefix)
{
	return len >= strlen(prefix) && memcmp(s, prefix, strlen(prefix)) == 0;
}

static const char *
find(const char *s, size_t len, const char *needle)
{
	return memmem(s, len, needle, strlen(needle));
}

/* Hyphens that editors put in the place of "-": U+2010 to U+2015, U+2212, or too few or many of the right one. */
static bool
starts_with_a_dash(const struct line *l)
{
	return starts_with(l->text, l->len, "-") || starts_with(l->text, l->len, "\xe2\x80\x90") ||
	    starts_with(l->text, l->len, "\xe2\x80\x91") || starts_with(l->text, l->len, "\xe2\x80\x92") ||
	    starts_with(l->text, l->len, "\xe2\x80\x93") || starts_with(l->text, l->len, "\xe2\x80\x94") ||
	    starts_with(l->text, l->len, "\xe2\x80\x95") || starts_with(l->text, l->len, "\xe2\x88\x92");
}

/* What stands in the line; for BEGIN, END and JOINED the label too. */
static enum line_kind
classify(const struct line *l, struct text *label)
{
	enum line_kind kind = starts_with(l->text, l->len, BEGIN_) ? LINE_BEGIN :
	    starts_with(l->text, l->len, END_) ? LINE_END : LINE_TEXT;
	size_t lead = kind == LINE_BEGIN ? strlen(BEGIN_) : strlen(END_);
	const char *close;

	if (kind == LINE_TEXT) {
		if (starts_with_a_dash(l) && (find(l->text, l->len, "BEGIN ") != NULL || find(l->text, l->len, "END ") != NULL))
			return LINE_BROKEN;
		return LINE_TEXT;
	}
	close = find(l->text + lead, l->len - lead, DASHES);
	if (close == NULL)
		return LINE_BROKEN;
	*label = (struct text){ (const unsigned char *)l->text + lead, (size_t)(close - l->text) - lead };
	if (label->len >= LABEL_MAX || label->len == 0)
		return LINE_BROKEN;
	if (close + strlen(DASHES) == l->text + l->len)
		return kind;
	if (kind == LINE_END && starts_with(close + strlen(DASHES), (size_t)(l->text + l->len - close) - strlen(DASHES), BEGIN_))
		return LINE_JOINED;
	return LINE_BROKEN;
}

bool
pem_is(struct text bytes)
{
	struct lines l = { .base = (const char *)bytes.bytes, .at = (const char *)bytes.bytes };
	struct text label;
	struct line line;

	l.end = l.at + bytes.len;
	if (starts_with(l.at, bytes.len, "\xef\xbb\xbf"))
		l.at += 3;
	while (next_line(&l, &line)) {
		if (classify(&line, &label) != LINE_TEXT)
			return true;
	}
	return false;
}

static int
sextet(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	if (c == '/')
		return 63;
	return -1;
}

/* The fault of a block is said once; the rest of it is skipped up to its END. */
static void
break_block(struct block *b)
{
	b->broken = true;
	OPENSSL_cleanse(b->data, b->len);
	b->len = 0;
}

static void
bad_character(struct reader *r, struct block *b, const struct line *l, size_t i)
{
	char shown[QUOTE_MAX];
	const char *end = find(l->text, l->len, DASHES);

	if (end != NULL)
		reader_damaged_at(r, l->number, "in the %s of line %zu: “%s” stands on a line with the data; expected it on a line of its own",
		    b->label, b->line, quote((struct text){ (const unsigned char *)end, (size_t)(l->text + l->len - end) }, shown));
	else if (starts_with(l->text + i, l->len - i, "\\n"))
		reader_damaged_at(r, l->number, "in the %s of line %zu: “\\n” stands in the data as two characters, at column %zu; "
		    "expected a line end there", b->label, b->line, l->indent + i + 1);
	else
		reader_damaged_at(r, l->number, "in the %s of line %zu: “%s” at column %zu is not base64", b->label, b->line,
		    quote((struct text){ (const unsigned char *)l->text + i, 1 }, shown), l->indent + i + 1);
	break_block(b);
}

static void
put_group(struct block *b, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		b->data[b->len++] = (unsigned char)(b->bits >> (16 - 8 * i));
	b->bits = 0;
	b->characters = 0;
}

/* RFC 4648 4: one "=" stands for each character that the last group lacks. */
static bool
add_padding(struct block *b)
{
	unsigned characters = b->characters;

	if (b->padded)
		return b->padding > 0 && b->padding-- > 0;
	if (characters < 2)
		return false;
	b->padded = true;
	b->padding = 4 - characters - 1;
	b->bits <<= 6 * (4 - characters);
	put_group(b, characters - 1);
	return true;
}

static void
add_data(struct reader *r, struct block *b, const struct line *l)
{
	for (size_t i = 0; i < l->len; i++) {
		unsigned char c = (unsigned char)l->text[i];
		int value = sextet(c);

		if (c == ' ' || c == '\t')
			continue;
		if (c == '=' && add_padding(b))
			continue;
		if (value < 0) {
			bad_character(r, b, l, i);
			return;
		}
		if (b->padded) {
			reader_damaged_at(r, l->number, "in the %s of line %zu: data follows “=”, which ends base64, at column %zu",
			    b->label, b->line, l->indent + i + 1);
			break_block(b);
			return;
		}
		b->bits = b->bits << 6 | (unsigned)value;
		if (++b->characters == 4)
			put_group(b, 3);
	}
}

/* "Proc-Type: 4,ENCRYPTED" and "DEK-Info: …" stand before the data, an empty line after them. */
static bool
add_header(struct block *b, const struct line *l)
{
	size_t used = strlen(b->headers);

	if (l->len == 0) {
		b->in_headers = false;
		return true;
	}
	if (memchr(l->text, ':', l->len) == NULL) {
		b->in_headers = false;
		return false;
	}
	if (used + l->len + 2 < sizeof b->headers)
		snprintf(b->headers + used, sizeof b->headers - used, "%.*s\n", (int)l->len, l->text);
	return true;
}

static const struct pem_label {
	const char *label;
	enum blob kind;
	const char *hint;  /* it cannot be read: what to do */
	bool hint_names_file; /* it ends in a command that takes the file */
	bool skip;         /* parameters: no object, and no fault */
	bool trusted;      /* OpenSSL's trust settings follow the certificate */
} labels[] = {
	{ .label = "CERTIFICATE", .kind = BLOB_CERT },
	{ .label = "X509 CERTIFICATE", .kind = BLOB_CERT },
	{ .label = "TRUSTED CERTIFICATE", .kind = BLOB_CERT, .trusted = true },
	{ .label = "CERTIFICATE REQUEST", .kind = BLOB_CSR },
	{ .label = "NEW CERTIFICATE REQUEST", .kind = BLOB_CSR },
	{ .label = "X509 CRL", .kind = BLOB_CRL },
	{ .label = "PKCS7", .kind = BLOB_PKCS7 },
	{ .label = "PKCS #7 SIGNED DATA", .kind = BLOB_PKCS7 },
	{ .label = "CMS", .kind = BLOB_PKCS7 },
	{ .label = "PKCS12", .kind = BLOB_PKCS12 },
	{ .label = "PRIVATE KEY", .kind = BLOB_PKCS8 },
	{ .label = "ANY PRIVATE KEY", .kind = BLOB_PKCS8 },
	{ .label = "ENCRYPTED PRIVATE KEY", .kind = BLOB_PKCS8_ENCRYPTED },
	{ .label = "RSA PRIVATE KEY", .kind = BLOB_KEY_RSA },
	{ .label = "EC PRIVATE KEY", .kind = BLOB_KEY_EC },
	{ .label = "DSA PRIVATE KEY", .kind = BLOB_KEY_DSA },
	{ .label = "PUBLIC KEY", .kind = BLOB_PUBLIC_KEY },
	{ .label = "RSA PUBLIC KEY", .kind = BLOB_PUBLIC_KEY_RSA },
	{ .label = "EC PARAMETERS", .skip = true },
	{ .label = "DSA PARAMETERS", .skip = true },
	{ .label = "DH PARAMETERS", .skip = true },
	{ .label = "X9.42 DH PARAMETERS", .skip = true },
	{ .label = "OPENSSH PRIVATE KEY",
	    .hint = "an OpenSSH key, which TLS programs do not read; this rewrites it in place: ssh-keygen -p -m PEM -f",
	    .hint_names_file = true },
	{ .label = "SSH2 PUBLIC KEY", .hint = "an SSH key, not one for TLS" },
	{ .label = "PGP PUBLIC KEY BLOCK", .hint = "an OpenPGP key, not one for TLS" },
	{ .label = "PGP PRIVATE KEY BLOCK", .hint = "an OpenPGP key, not one for TLS" },
	{ .label = "PGP MESSAGE", .hint = "an OpenPGP message: decrypt it first" },
	{ .label = "AGE ENCRYPTED FILE", .hint = "a file encrypted by age: decrypt it first" },
};

static const struct pem_label *
label_known(const char *label)
{
	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
		if (strcmp(labels[i].label, label) == 0)
			return &labels[i];
	}
	return NULL;
}

static void
set_place(struct reader *r, size_t line, size_t byte, enum object_kind meant)
{
	r->container = "PEM";
	r->line = line;
	r->byte = byte;
	r->meant = meant;
}

static bool
is_public_key(enum blob b)
{
	return b == BLOB_PUBLIC_KEY || b == BLOB_PUBLIC_KEY_RSA;
}

/* What the BEGIN line says and what the data is may differ: a renamed file, a wrong template. */
static void
hand_on(struct reader *r, struct block *b, const struct pem_label *known)
{
	struct text der = { b->data, b->len };
	enum blob kind = blob_detect(der);

	if (known->trusted) {
		size_t len = der_first_len(der);

		if (len > 0 && len < der.len) {
			der.len = len;
			reader_note(r, "the trust settings in this TRUSTED CERTIFICATE are OpenSSL's own and were not looked at");
		}
		kind = BLOB_CERT;
	}
	if (kind == BLOB_UNKNOWN)
		kind = known->kind;
	if (kind != known->kind) {
		bool same_sort = (blob_is_private_key(kind) && blob_is_private_key(known->kind)) ||
		    (is_public_key(kind) && is_public_key(known->kind));

		if (!same_sort) {
			reader_damaged(r, "the BEGIN line says %s, and the data is %s", b->label, blob_name(kind));
			return;
		}
		reader_note(r, "the BEGIN line says %s, and the data is %s: OpenSSL reads it, others may not", b->label,
		    blob_name(kind));
	}
	blob_read(r, kind, der);
}

static void
finish_block(struct reader *r, struct block *b)
{
	const struct pem_label *known = label_known(b->label);

	set_place(r, b->line, b->byte, known == NULL ? OBJECT_DAMAGED : blob_object(known->kind));
	if (b->broken)
		return;
	if (known == NULL)
		reader_note(r, "“%s” is none of what is read here", b->label);
	else if (known->skip)
		return;
	else if (known->hint != NULL)
		reader_damaged(r, "%s%s%s", known->hint, known->hint_names_file ? " " : "",
		    known->hint_names_file ? r->shown : "");
	else if (b->characters != 0 || b->padding != 0)
		reader_damaged(r, "the base64 of the %s ends in the middle of a group of 4 characters: something was cut off",
		    b->label);
	else if (b->len == 0)
		reader_damaged(r, "nothing stands between BEGIN %s and its END", b->label);
	else if (strstr(b->headers, "ENCRYPTED") == NULL)
		hand_on(r, b, known);
	else if (blob_is_private_key(known->kind))
		key_read_legacy_pem(r, known->kind, b->headers, b->data, b->len);
	else
		reader_damaged(r, "the %s is encrypted (Proc-Type), as only private keys are", b->label);
}

static void
start_block(struct reader *r, struct block *b, struct text label, const struct line *l)
{
	char shown[QUOTE_MAX];
	const struct pem_label *known;

	OPENSSL_cleanse(b->data, b->len);
	*b = (struct block){ .data = b->data, .line = l->number, .byte = l->byte, .in_headers = true };
	snprintf(b->label, sizeof b->label, "%s", quote(label, shown));
	known = label_known(b->label);
	set_place(r, l->number, l->byte, known == NULL ? OBJECT_DAMAGED : blob_object(known->kind));
}

static void
say_broken(struct reader *r, const struct line *l)
{
	char shown[QUOTE_MAX];
	struct text whole = { (const unsigned char *)l->text, l->len < 60 ? l->len : 60 };

	set_place(r, l->number, l->byte, OBJECT_DAMAGED);
	if (find(l->text, l->len, "\\n") != NULL)
		reader_damaged(r, "“\\n” stands in the BEGIN line as two characters; expected line ends (they were lost when the text was quoted)");
	else if (starts_with(l->text, l->len, BEGIN_) && find(l->text + strlen(BEGIN_), l->len - strlen(BEGIN_), DASHES) != NULL)
		reader_damaged(r, "text follows the BEGIN line: “%s”; expected a line end after the dashes", quote(whole, shown));
	else
		reader_damaged(r, "“%s” is no BEGIN or END line; expected five dashes on both sides, as in -----BEGIN CERTIFICATE-----",
		    quote(whole, shown));
}

static void
say_unfinished(struct reader *r, const struct block *b, size_t line, const char *instead)
{
	const struct pem_label *known = label_known(b->label);

	set_place(r, b->line, b->byte, known == NULL ? OBJECT_DAMAGED : blob_object(known->kind));
	if (!b->broken)
		reader_damaged_at(r, line, "the %s that begins in line %zu has no END line: %s", b->label, b->line, instead);
}

struct pem {
	struct reader *r;
	struct block block;
	bool inside;
};

static void
on_begin(struct pem *p, struct text label, const struct line *l)
{
	if (p->inside)
		say_unfinished(p->r, &p->block, l->number, "another BEGIN stands here");
	start_block(p->r, &p->block, label, l);
	p->inside = true;
	if (l->indent > 0)
		reader_note(p->r, "blanks stand before the BEGIN line: OpenSSL does not find it");
}

static void
on_end(struct pem *p, struct text label, const struct line *l)
{
	char shown[QUOTE_MAX];

	if (!p->inside) {
		set_place(p->r, l->number, l->byte, OBJECT_DAMAGED);
		reader_damaged(p->r, "END %s without a BEGIN before it", quote(label, shown));
		return;
	}
	p->inside = false;
	if (strcmp(quote(label, shown), p->block.label) != 0) {
		char instead[QUOTE_MAX + 32];

		snprintf(instead, sizeof instead, "“END %s” stands here", shown);
		say_unfinished(p->r, &p->block, l->number, instead);
		return;
	}
	finish_block(p->r, &p->block);
}

/* -----END A----------BEGIN B-----: files were joined, and the first had no line end. */
static void
on_joined(struct pem *p, struct text label, const struct line *l)
{
	const char *begin = find(l->text + 1, l->len - 1, BEGIN_);
	struct line rest = {
		.text = begin,
		.len = (size_t)(l->text + l->len - begin),
		.number = l->number,
		.byte = l->byte + (size_t)(begin - l->text),
	};
	struct text next;

	on_end(p, label, l);
	set_place(p->r, rest.number, rest.byte, OBJECT_DAMAGED);
	reader_damaged(p->r, "END and BEGIN share a line, and OpenSSL reads neither; expected a line end between them (the "
	    "first of two joined files had none)");
	if (classify(&rest, &next) == LINE_BEGIN)
		on_begin(p, next, &rest);
	else
		say_broken(p->r, &rest);
}

static void
on_text(struct pem *p, const struct line *l)
{
	if (!p->inside || p->block.broken)
		return;
	if (p->block.in_headers && add_header(&p->block, l))
		return;
	add_data(p->r, &p->block, l);
}

void
pem_read(struct reader *r, struct text bytes)
{
	const char *text = (const char *)bytes.bytes;
	struct lines l = { .base = text, .at = text, .end = text + bytes.len };
	struct pem p = { .r = r };
	struct text label;
	struct line line;

	if (starts_with(text, bytes.len, "\xef\xbb\xbf"))
		l.at += 3;
	/* Three bytes of four characters, and the last group. */
	p.block.data = mem_alloc(bytes.len / 4 * 3 + 3);
	while (!r->full && next_line(&l, &line)) {
		switch (classify(&line, &label)) {
		case LINE_BEGIN: on_begin(&p, label, &line); break;
		case LINE_END: on_end(&p, label, &line); break;
		case LINE_JOINED: on_joined(&p, label, &line); break;
		case LINE_TEXT: on_text(&p, &line); break;
		case LINE_BROKEN:
			if (p.inside)
				say_unfinished(r, &p.block, line.number, "a broken line stands here");
			p.inside = false;
			say_broken(r, &line);
			break;
		}
	}
	if (p.inside)
		say_unfinished(r, &p.block, l.number, "the file ends here");
	OPENSSL_cleanse(p.block.data, p.block.len);
	free(p.block.data);
}
