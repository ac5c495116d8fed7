/* Files that are no certificates and keys, but that people take for such: what each is and what converts it. */
#include "model/objects_reader.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "model/buf.h"
#include "model/quote.h"

/* As a shell takes it as one word: in single quotes where it needs them. The result is printable. */
static void
add_word(struct buf *out, const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/+:,@%";
	char shown[QUOTE_MAX];

	quote_str(path, shown);
	if (shown[0] != '\0' && shown[0] != '-' && strspn(shown, plain) == strlen(shown)) {
		buf_adds(out, shown);
		return;
	}
	buf_adds(out, shown[0] == '-' ? "./'" : "'");
	for (const char *p = shown; *p != '\0'; p++) {
		if (*p == '\'')
			buf_adds(out, "'\\''");
		else
			buf_addc(out, *p);
	}
	buf_addc(out, '\'');
}

/* order.jks → order.p12 */
static void
p12_name(const char *path, char out[QUOTE_MAX])
{
	const char *slash = strrchr(path, '/');
	const char *dot = strrchr(slash == NULL ? path : slash, '.');
	size_t stem = dot == NULL || dot == path || dot[-1] == '/' ? strlen(path) : (size_t)(dot - path);

	snprintf(out, QUOTE_MAX, "%.*s.p12", stem > QUOTE_MAX - 8 ? QUOTE_MAX - 8 : (int)stem, path);
}

static bool
java_keystore(struct text bytes, const char *path, char *out, size_t size)
{
	static const struct {
		const char *magic, *type;
	} stores[] = {
		{ "\xfe\xed\xfe\xed", "JKS" },
		{ "\xce\xce\xce\xce", "JCEKS" },
	};
	struct buf b = { 0 };
	char p12[QUOTE_MAX];

	for (size_t i = 0; i < sizeof stores / sizeof stores[0]; i++) {
		if (bytes.len < 4 || memcmp(bytes.bytes, stores[i].magic, 4) != 0)
			continue;
		p12_name(path, p12);
		buf_addf(&b, "is a Java keystore (%s); this makes a PKCS#12 file of it: keytool -importkeystore -srckeystore ",
		    stores[i].type);
		add_word(&b, path);
		buf_addf(&b, " -srcstoretype %s -destkeystore ", stores[i].type);
		add_word(&b, p12);
		buf_adds(&b, " -deststoretype PKCS12");
		snprintf(out, size, "%s", buf_str(&b));
		buf_done(&b);
		return true;
	}
	return false;
}

static bool
utf16(struct text bytes, const char *path, char *out, size_t size)
{
	const unsigned char *p = bytes.bytes;
	struct buf b = { 0 };
	bool is = bytes.len >= 4 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff) ||
	    (p[0] == '-' && p[1] == 0 && p[2] == '-' && p[3] == 0) || (p[0] == 0 && p[1] == '-' && p[2] == 0 && p[3] == '-'));

	if (!is)
		return false;
	buf_adds(&b, "is UTF-16 text, as PowerShell and Notepad write it; expected ASCII or UTF-8: iconv -f UTF-16 -t UTF-8 ");
	add_word(&b, path);
	snprintf(out, size, "%s", buf_str(&b));
	buf_done(&b);
	return true;
}

static const struct beginning {
	const char *bytes;
	const char *says;
	bool command; /* ends in a command that takes the file */
} beginnings[] = {
	{ .bytes = "LS0tLS1CRUdJTi", .command = true,
	    .says = "is a PEM file in base64 once more, as in a Kubernetes secret; this decodes it: base64 -d" },
	{ .bytes = "MI", .says = "is base64 without its BEGIN and END lines; expected -----BEGIN CERTIFICATE----- or the like before it" },
	{ .bytes = "ssh-", .says = "is an SSH public key, not one for TLS" },
	{ .bytes = "ecdsa-sha2-", .says = "is an SSH public key, not one for TLS" },
	{ .bytes = "PuTTY-User-Key-File", .says = "is a PuTTY key, not one for TLS" },
	{ .bytes = "age-encryption.org", .says = "is encrypted by age: decrypt it first" },
	{ .bytes = "Salted__", .says = "is encrypted by openssl enc: decrypt it first" },
	{ .bytes = "\x1f\x8b", .says = "is compressed by gzip: unpack it first" },
	{ .bytes = "PK\x03\x04", .says = "is a ZIP archive: unpack it first" },
	{ .bytes = "\x7f" "ELF", .says = "is a program, not a certificate" },
	{ .bytes = "SQLite format 3", .says = "is an SQLite database (an NSS store, cert9.db, is one): export what you need with pk12util -o" },
	{ .bytes = "<", .says = "is HTML or XML, not a certificate (a download that ended on an error page?)" },
	{ .bytes = "{", .says = "is JSON; expected the certificate itself, with real line ends" },
	{ .bytes = "apiVersion:", .says = "is a Kubernetes manifest; expected the certificate itself, decoded" },
};

static bool
begins_as(struct text bytes, const char *path, char *out, size_t size)
{
	struct buf b = { 0 };
	size_t skip = 0;

	if (bytes.len >= 3 && memcmp(bytes.bytes, "\xef\xbb\xbf", 3) == 0)
		skip = 3;
	while (skip < bytes.len && isspace(bytes.bytes[skip]))
		skip++;
	if (skip == bytes.len) {
		snprintf(out, size, "holds nothing but blanks");
		return true;
	}
	for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
		const struct beginning *k = &beginnings[i];
		size_t len = strlen(k->bytes);

		if (bytes.len - skip < len || memcmp(bytes.bytes + skip, k->bytes, len) != 0)
			continue;
		buf_adds(&b, k->says);
		if (k->command) {
			buf_addc(&b, ' ');
			add_word(&b, path);
		}
		snprintf(out, size, "%s", buf_str(&b));
		buf_done(&b);
		return true;
	}
	return false;
}

bool
hint_for(struct text bytes, const char *path, bool sure, char *out, size_t size)
{
	if (sure)
		return java_keystore(bytes, path, out, size) || utf16(bytes, path, out, size);
	return begins_as(bytes, path, out, size);
}
