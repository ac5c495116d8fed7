/* Where anchors come from: --cacert, --capath, or what OpenSSL would take on this machine. */
#include "model/trust_internal.h"

#include <ctype.h>
#include <dirent.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/memory.h"
#include "model/objects.h"
#include "model/quote.h"

#define STAGE "trust"
#define EAGER 16 /* a file of so few is parsed at once, so that what is damaged in it is said */

/* Where distributions put the bundle that OpenSSL's own default path does not name. */
static const char *const bundles[] = {
	"/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, Arch */
	"/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora */
	"/etc/ssl/ca-bundle.pem",             /* openSUSE */
	"/etc/ssl/cert.pem",                  /* macOS, OpenBSD */
};

static bool
is_hash_name(const char *name)
{
	for (int i = 0; i < 8; i++) {
		if (!isxdigit((unsigned char)name[i]))
			return false;
	}
	return name[8] == '.' && isdigit((unsigned char)name[9]);
}

/* OpenSSL finds nothing in a folder without hash names; the same words as its own tool has. */
static void
note_without_hashes(struct trust *t, const char *path)
{
	DIR *dir = opendir(path);
	char shown[QUOTE_MAX];
	struct dirent *e;
	bool any = false;

	if (dir == NULL)
		return;
	while (!any && (e = readdir(dir)) != NULL)
		any = is_hash_name(e->d_name);
	closedir(dir);
	if (!any)
		trust_note(t, arena_printf(t->arena,
		    "%s: no file in it has a hash name, so OpenSSL and curl find nothing there until: openssl rehash %s",
		    quote_str(path, shown), shown));
}

/* Hands the certificates of a reading to the store; the reading's arena goes, so their bytes are copied. */
static size_t
take(struct trust *t, const struct objects *o)
{
	size_t before = t->len;

	for (size_t i = 0; i < o->len; i++) {
		const struct object *at = &o->items[i];
		struct text der;

		if (at->kind == OBJECT_DAMAGED)
			trust_note(t, at->problem);
		if (at->kind != OBJECT_CERT)
			continue;
		der = (struct text){ arena_dup(t->arena, at->der.bytes, at->der.len), at->der.len };
		if (!trust_add_der(t, der))
			trust_note(t, arena_printf(t->arena, "%s:%zu: the certificate is damaged", at->file, at->line));
	}
	for (size_t i = 0; i < o->notes_len; i++)
		trust_note(t, o->notes[i]);
	return t->len - before;
}

/* The few certificates of a file that the user named are parsed now. */
static status
parse_all(struct trust *t, const struct objects *o, struct error *err)
{
	size_t good = 0, all = 0;

	for (size_t i = 0; i < o->len; i++)
		all += o->items[i].kind == OBJECT_CERT;
	if (all > EAGER)
		return STATUS_OK;
	for (size_t i = 0; i < o->len; i++) {
		const struct object *at = &o->items[i];
		struct error why = { 0 };
		struct cert *c;

		if (at->kind != OBJECT_CERT)
			continue;
		c = cert_parse(at->der.bytes, at->der.len, &why);
		good += c != NULL;
		if (c == NULL)
			trust_note(t, arena_printf(t->arena, "%s:%zu: %s", at->file, at->line, why.text));
		cert_free(c);
	}
	if (good == 0)
		return error_set(err, ERROR_INPUT, STAGE, "%s", t->notes[t->notes_len - 1]);
	return STATUS_OK;
}

static status
load_named(struct trust *t, const char *path, bool folder, struct error *err)
{
	const struct read_options opt = { .folders = folder, .lazy = true };
	struct objects o = { .len = 0 };
	char shown[QUOTE_MAX];
	status st = objects_read(path, &opt, &o, err);

	if (st == STATUS_OK && take(t, &o) == 0)
		st = error_set(err, ERROR_INPUT, STAGE, "%s: holds no certificate; expected those that are trusted",
		    quote_str(path, shown));
	if (st == STATUS_OK && !folder)
		st = parse_all(t, &o, err);
	objects_done(&o);
	return st;
}

/* A file of the system's: where it cannot be read, that is said and the store does without, as OpenSSL does. */
static bool
load_bundle(struct trust *t, const char *path, bool named)
{
	const struct read_options opt = { .lazy = true };
	struct objects o = { .len = 0 };
	struct error err = { 0 };
	bool ok;

	if (!named && access(path, R_OK) != 0)
		return false;
	ok = objects_read(path, &opt, &o, &err) == STATUS_OK && take(t, &o) > 0;
	if (!ok && error_is_set(&err))
		trust_note(t, err.text);
	objects_done(&o);
	return ok;
}

static const char *
load_system_bundle(struct trust *t)
{
	const char *named = secure_getenv(X509_get_default_cert_file_env());

	if (named != NULL && named[0] != '\0')
		return load_bundle(t, named, true) ? named : NULL;
	if (load_bundle(t, X509_get_default_cert_file(), false))
		return X509_get_default_cert_file();
	for (size_t i = 0; i < sizeof bundles / sizeof bundles[0]; i++) {
		if (load_bundle(t, bundles[i], false))
			return bundles[i];
	}
	return NULL;
}

/* SSL_CERT_DIR is a list with colons, as OpenSSL reads it. */
static void
add_system_folders(struct trust *t, const char *list)
{
	struct hashed *h = hashed_new();
	char *copy = mem_strdup(list), *rest = copy, *folder;

	while ((folder = strsep(&rest, ":")) != NULL) {
		if (folder[0] != '\0')
			hashed_add_folder(h, folder);
	}
	trust_use_folders(t, h);
	free(copy);
}

static void
load_system(struct trust *t)
{
	const char *named = secure_getenv(X509_get_default_cert_dir_env());
	const char *folders = named != NULL && named[0] != '\0' ? named : X509_get_default_cert_dir();
	const char *bundle = load_system_bundle(t);
	char shown[QUOTE_MAX];

	t->system = true;
	add_system_folders(t, folders);
	if (bundle == NULL && access(folders, R_OK) != 0)
		trust_note(t, "this machine has no trust store: neither a bundle of certificates nor a folder of them was found");
	t->from = arena_printf(t->arena, "the system's trust store (%s)", quote_str(bundle != NULL ? bundle : folders, shown));
}

status
trust_load(const char *cacert, const char *capath, struct trust **out, struct error *err)
{
	char file[QUOTE_MAX], folder[QUOTE_MAX];
	struct trust *t = trust_new();
	status st = STATUS_OK;
	struct stat sb;

	*out = NULL;
	if (cacert == NULL && capath == NULL)
		load_system(t);
	if (cacert != NULL)
		st = load_named(t, cacert, false, err);
	if (st == STATUS_OK && capath != NULL && stat(capath, &sb) == 0 && !S_ISDIR(sb.st_mode))
		st = error_set(err, ERROR_INPUT, STAGE, "%s: is no folder; a file of trusted certificates is named by --cacert",
		    quote_str(capath, folder));
	if (st == STATUS_OK && capath != NULL)
		st = load_named(t, capath, true, err);
	if (st != STATUS_OK) {
		trust_free(t);
		return STATUS_FAILED;
	}
	if (capath != NULL)
		note_without_hashes(t, capath);
	if (cacert != NULL && capath != NULL)
		t->from = arena_printf(t->arena, "%s and %s", quote_str(cacert, file), quote_str(capath, folder));
	else if (t->from == NULL)
		t->from = arena_strdup(t->arena, quote_str(cacert != NULL ? cacert : capath, file));
	trust_finish(t);
	*out = t;
	return STATUS_OK;
}
