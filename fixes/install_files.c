#include "fixes/install_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixes/deeds.h"
#include "fixes/placed_file.h"
#include "model/input.h"
#include "model/objects.h"
#include "model/pem_blocks.h"
#include "model/quote.h"

enum { FILE_MOST = 16 << 20 };

/* What lies in a file now. */
struct found {
	bool there, pem, keystore;
	bool key, key_first; /* PEM: a private key; before the first certificate */
	bool locked;         /* a passphrase protects it */
	bool pkcs7, others;
	bool comments;       /* words outside of the blocks */
};

static bool
has(const struct input *in, const char *what)
{
	return memmem(in->bytes, in->len, what, strlen(what)) != NULL;
}

static bool
is_blank(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
		at++;
	return at == end;
}

/* Anything but blank space before, between or behind the blocks? */
static bool
has_comments(const char *text, size_t len)
{
	const char *end = text + len, *next;
	bool within = false;

	for (const char *at = text; at < end; at = next) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		next = newline != NULL ? newline + 1 : end;
		if ((size_t)(next - at) >= 11 && memcmp(at, "-----BEGIN ", 11) == 0)
			within = true;
		else if ((size_t)(next - at) >= 9 && memcmp(at, "-----END ", 9) == 0)
			within = false;
		else if (!within && !is_blank(at, next))
			return true;
	}
	return false;
}

static status
look(const char *path, struct found *out, struct error *err)
{
	static const unsigned char jks[] = { 0xfe, 0xed, 0xfe, 0xed }, jceks[] = { 0xce, 0xce, 0xce, 0xce };
	struct input in = { .bytes = NULL };
	struct buf blocks = { 0 };
	struct stat st;

	*out = (struct found){ .there = false };
	if (stat(path, &st) != 0 && errno == ENOENT)
		return STATUS_OK;
	out->there = true;
	if (S_ISREG(st.st_mode) && st.st_size == 0) {
		out->pem = true; /* an empty file is as good as none */
		return STATUS_OK;
	}
	if (input_read(path, FILE_MOST, &in, err) != STATUS_OK)
		return STATUS_FAILED;
	out->pem = has(&in, "-----BEGIN ");
	out->keystore = in.len >= sizeof jks && (memcmp(in.bytes, jks, sizeof jks) == 0 || memcmp(in.bytes, jceks, sizeof jceks) == 0);
	out->key = pem_blocks_copy((const char *)in.bytes, in.len, PEM_PRIVATE_KEYS, &blocks) > 0 && has(&in, "PRIVATE KEY-----");
	out->key_first = pem_blocks_first((const char *)in.bytes, in.len, PEM_PRIVATE_KEYS | PEM_CERTIFICATES) == PEM_PRIVATE_KEYS;
	out->locked = has(&in, "BEGIN ENCRYPTED PRIVATE KEY") || has(&in, "Proc-Type: 4,ENCRYPTED");
	out->pkcs7 = has(&in, "BEGIN PKCS7") || has(&in, "BEGIN CMS");
	out->comments = out->pem && has_comments((const char *)in.bytes, in.len);
	out->others = pem_blocks_copy((const char *)in.bytes, in.len, PEM_OTHERS, &blocks) > 0;
	if (blocks.data != NULL)
		explicit_bzero(blocks.data, blocks.len);
	buf_done(&blocks);
	input_free(&in);
	return STATUS_OK;
}

static bool
on_token(const char *path)
{
	return strncmp(path, "pkcs11:", 7) == 0;
}

static bool
same_file(const char *a, const char *b)
{
	struct stat one, two;

	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &one) == 0 && stat(b, &two) == 0 && one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

/* The key's own file; NULL: there is none, or it is the certificate's. */
static const char *
own_key_file(const struct install_files *f)
{
	return f->key_path != NULL && (f->cert_path == NULL || !same_file(f->cert_path, f->key_path)) ? f->key_path : NULL;
}

/* ---- what cannot be written ---- */

/* By how it parses: what was not given a passphrase is told by its container all the same. */
static const char *
binary_kind(const char *path)
{
	struct read_options how = { .ask = NULL };
	struct objects o = { .len = 0 };
	struct error unimportant = { .code = ERROR_NONE };
	const char *kind = "DER";

	(void)(objects_read(path, &how, &o, &unimportant) == STATUS_OK);
	for (size_t i = 0; i < o.len; i++) {
		const char *problem = o.items[i].problem;

		if ((o.items[i].container != NULL && strcmp(o.items[i].container, "PKCS#12") == 0) || (problem != NULL && strstr(problem, "PKCS#12") != NULL))
			kind = "PKCS#12";
	}
	objects_done(&o);
	return kind;
}

static status
refuse_binary(const char *path, const struct found *now, struct error *err)
{
	char shown[QUOTE_MAX];
	const char *kind = now->keystore ? "a Java keystore" : now->pkcs7 ? "PKCS#7" : binary_kind(path);
	const char *command = now->keystore || strcmp(kind, "PKCS#12") == 0 ? "openssl pkcs12 -export -in \"$MTLSCOPE_FULLCHAIN\" -inkey \"$MTLSCOPE_KEY\" -out FILE"
	    : now->pkcs7 ? "openssl crl2pkcs7 -nocrl -certfile \"$MTLSCOPE_FULLCHAIN\" -out FILE" : "openssl x509 -in \"$MTLSCOPE_CERT\" -outform DER -out FILE";

	return error_set(err, ERROR_USAGE, "installing", "%s is %s, and files are installed as PEM: let the service read PEM files, or name a command as install.hook: %s",
	    quote_str(path, shown), kind, command);
}

static status
fit(const char *path, bool key_stays, struct error *err)
{
	char shown[QUOTE_MAX];
	struct found now;

	if (on_token(path))
		return error_set(err, ERROR_USAGE, "installing", "%s is on a token, where nothing is written: use its own tool, and `mtlscope pca issue --csr`", quote_str(path, shown));
	if (look(path, &now, err) != STATUS_OK)
		return STATUS_FAILED;
	if (now.there && (!now.pem || (now.pkcs7 && !now.key)))
		return refuse_binary(path, &now, err);
	if (key_stays && !now.key)
		return error_set(err, ERROR_USAGE, "installing", "%s: a private key was expected in it, which is to stay there; name the key's own file, or ask for a new key",
		    quote_str(path, shown));
	return STATUS_OK;
}

status
install_files_fit(const struct install_files *f, struct error *err)
{
	const char *key = own_key_file(f);
	bool named_as_combined = key == NULL && f->key_path != NULL;

	if (f->cert_path != NULL && fit(f->cert_path, named_as_combined && !f->new_key, err) != STATUS_OK)
		return STATUS_FAILED;
	return key != NULL && f->new_key ? fit(key, false, err) : STATUS_OK;
}

static status
may_write(struct plan *p, const char *path, bool secret, const char *host, struct error *err)
{
	struct error why = { .code = ERROR_NONE };
	struct arena *a = arena_new();
	struct placed_file f;
	status result = STATUS_OK;

	if (placed_file_look(path, secret, 0, "look", a, &f, &why) != STATUS_OK)
		result = error_set(err, ERROR_USAGE, "installing", "it cannot be put into %s on %s: %s.%s", plan_shown(p, path), host, why.text,
		    access(path, F_OK) != 0 ? " Where the service runs on another machine, run this there, or name a command as install.hook." : "");
	arena_free(a);
	return result;
}

status
install_files_may(struct plan *p, const struct install_files *f, const char *host, struct error *err)
{
	const char *key = own_key_file(f);

	if (f->cert_path != NULL && may_write(p, f->cert_path, false, host, err) != STATUS_OK)
		return STATUS_FAILED;
	return key != NULL && f->new_key ? may_write(p, key, true, host, err) : STATUS_OK;
}

/* ---- the step ---- */

static void
add_part(cJSON *parts, const char *kind, const char *what)
{
	cJSON *part = cJSON_CreateObject();

	cJSON_AddStringToObject(part, kind, what);
	cJSON_AddItemToArray(parts, part);
}

static cJSON *
add_file(struct plan *p, cJSON *files, const char *path, bool secret)
{
	cJSON *file = cJSON_CreateObject();

	cJSON_AddItemToArray(files, file);
	cJSON_AddStringToObject(file, "path", plan_path(p, path));
	cJSON_AddBoolToObject(file, "secret", secret);
	return cJSON_AddArrayToObject(file, "parts");
}

static void
add_key_part(struct plan *p, cJSON *parts, const struct install_files *f)
{
	if (f->new_key)
		add_part(parts, "private", plan_text(p, "%s.key", f->as));
	else
		add_part(parts, "old", "keys");
}

/* How the certificate's file is put together. */
struct shape {
	bool key, key_first, others;
};

static struct shape
shape_of(const struct install_files *f)
{
	struct error unimportant = { .code = ERROR_NONE };
	struct found now = { .there = false };

	if (look(f->cert_path, &now, &unimportant) != STATUS_OK)
		now = (struct found){ .there = false };
	return (struct shape){ .key = now.key || (f->key_path != NULL && own_key_file(f) == NULL), .key_first = now.key_first, .others = now.others };
}

static void
add_certificate(struct plan *p, cJSON *files, const struct install_files *f, struct shape shape)
{
	cJSON *parts = add_file(p, files, f->cert_path, shape.key);

	if (shape.key && shape.key_first)
		add_key_part(p, parts, f);
	add_part(parts, "value", plan_text(p, "%s.fullchain", f->as));
	if (shape.key && !shape.key_first)
		add_key_part(p, parts, f);
	if (shape.others)
		add_part(parts, "old", "others");
}

/* ---- its texts ---- */

/* A copy keeps owner and mode, is filled, and renamed over the old one: as we do it. */
static void
line_for(struct plan *p, struct buf *out, const char *path, const char *content)
{
	const char *word = plan_word(p, path), *fresh = plan_word(p, plan_text(p, "%s.new", path)), *old = plan_word(p, plan_text(p, "%s.old", path));

	buf_addf(out, "%scp -p %s %s && cp -p %s %s &&\n%s >%s && mv %s %s", out->len > 0 ? " &&\n" : "", word, old, word, fresh, content, fresh, fresh, word);
}

static const char *
commands(struct plan *p, const struct install_files *f, const char *key, struct shape shape)
{
	const char *chain = plan_text(p, "cat %s", plan_word(p, plan_text(p, "%s-fullchain.pem", f->as)));
	const char *new_key = plan_text(p, "cat %s", plan_word(p, plan_text(p, "%s.key", f->as)));
	const char *out, *keys = new_key;
	struct buf b = { 0 };

	if (!f->new_key && f->cert_path != NULL)
		keys = plan_text(p, "sed -n '/-BEGIN .*PRIVATE KEY-/,/-END .*PRIVATE KEY-/p' %s", plan_word(p, f->cert_path));
	if (f->cert_path != NULL && shape.key)
		chain = plan_text(p, "{ %s; %s; }", shape.key_first ? keys : chain, shape.key_first ? chain : keys);
	if (f->cert_path != NULL && shape.others)
		chain = plan_text(p, "{ %s; sed -e '/-BEGIN .*CERTIFICATE-/,/-END .*CERTIFICATE-/d' -e '/-BEGIN .*PRIVATE KEY-/,/-END .*PRIVATE KEY-/d' %s; }", chain,
		    plan_word(p, f->cert_path));
	if (f->cert_path != NULL)
		line_for(p, &b, f->cert_path, chain);
	if (key != NULL && f->new_key)
		line_for(p, &b, key, new_key);
	out = plan_text(p, "%s", buf_str(&b));
	buf_done(&b);
	return out;
}

static const char *
what(struct plan *p, const struct install_files *f, const char *key, struct shape shape)
{
	const char *cert = f->cert_path != NULL ? plan_shown(p, f->cert_path) : NULL;

	if (cert == NULL)
		return plan_text(p, "write the key to %s", plan_shown(p, f->key_path));
	if (key != NULL && f->new_key)
		return plan_text(p, "write certificate and chain to %s, the key to %s", cert, plan_shown(p, key));
	if (shape.key && f->new_key)
		return plan_text(p, "write certificate, chain and new key to %s", cert);
	return plan_text(p, "write certificate and chain to %s%s", cert, shape.key ? ", where the key stays" : "");
}

/* Only root gives a file to somebody else: install_files_may() has let it pass because it can be read all the same. */
static bool
becomes_ours(const char *path)
{
	struct stat st;

	return path != NULL && geteuid() != 0 && stat(path, &st) == 0 && st.st_uid != geteuid();
}

static const char *
changes(struct plan *p, const struct install_files *f, const char *key, struct shape shape)
{
	bool two = f->cert_path != NULL && key != NULL && f->new_key;

	return plan_text(p, "%s: leaf first, without the root%s; %s, %s beside %s as .old-TIME", two ? "both files" : "that file",
	    (f->new_key && key != NULL) || shape.key ? "; others may not read a key" : "",
	    becomes_ours(f->cert_path) || (two && becomes_ours(key)) ? "the group stays, the owner becomes you" : "owner and group stay", two ? "the old ones are kept" : "the old one is kept", two ? "them" : "it");
}

/* A service that was given a passphrase for its key reads one without it as well; that it is less protected now is said. */
static void
note_passphrase(struct plan *p, const struct install_files *f, const char *key)
{
	struct error unimportant = { .code = ERROR_NONE };
	const char *path = key != NULL ? key : f->cert_path;
	struct found now = { .there = false };

	if (f->new_key && path != NULL && look(path, &now, &unimportant) == STATUS_OK && now.locked)
		plan_note(p, "The key in %s is protected by a passphrase now; the new one is not, only by its file's mode.", plan_shown(p, path));
}

static void
note_comments(struct plan *p, const char *path)
{
	struct error unimportant = { .code = ERROR_NONE };
	struct found now = { .there = false };

	if (path != NULL && look(path, &now, &unimportant) == STATUS_OK && now.comments)
		plan_note(p, "The comments in %s do not come along; the old file, which is kept, has them.", plan_shown(p, path));
}

/* A new file comes into the place of one name; under its other names the old one stays, and who reads it by those sees nothing of it. */
static void
note_links(struct plan *p, const char *path)
{
	struct stat st;

	if (path != NULL && stat(path, &st) == 0 && st.st_nlink > 1)
		plan_note(p, "%s has %lu names (hard links): the others go on naming the old file.", plan_shown(p, path), (unsigned long)st.st_nlink);
}

void
install_files_step(struct plan *p, const struct install_files *f)
{
	const char *key = own_key_file(f);
	struct shape shape = f->cert_path != NULL ? shape_of(f) : (struct shape){ .key = false };
	cJSON *args = cJSON_CreateObject(), *files = cJSON_AddArrayToObject(args, "files");
	struct plan_step *s;

	if (f->cert_path != NULL)
		add_certificate(p, files, f, shape);
	if (key != NULL && f->new_key)
		add_key_part(p, add_file(p, files, key, true), f);
	s = plan_add_deed(p, &deed_write_files, args);
	s->what = what(p, f, key, shape);
	s->reads = "what lies there now, to put it back if need be";
	s->changes = changes(p, f, key, shape);
	s->command = commands(p, f, key, shape);
	s->undo = "the old files are renamed back, byte for byte";
	note_passphrase(p, f, key);
	note_links(p, f->cert_path);
	note_links(p, f->new_key ? key : NULL);
	note_comments(p, f->cert_path);
	note_comments(p, f->new_key ? key : NULL);
}
