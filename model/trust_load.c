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

static bool
has_hash_names(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	bool any = false;

	while (dir != NULL && !any && (e = readdir(dir)) != NULL)
		any = is_hash_name(e->d_name);
	if (dir != NULL)
		closedir(dir);
	return any;
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
	if (!folder && strcmp(path, "-") != 0)
		t->file = arena_strdup(t->arena, path);
	t->file_is_pem = o.len > 0 && o.items[0].line > 0 && strcmp(o.items[0].container, "PEM") == 0;
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

/* A list with colons, as OpenSSL reads SSL_CERT_DIR. True where a folder of it has hash names. */
static bool
add_folders(struct hashed *h, const char *list)
{
	char *copy = mem_strdup(list), *rest = copy, *folder;
	bool any = false;

	while ((folder = strsep(&rest, ":")) != NULL) {
		if (folder[0] == '\0')
			continue;
		hashed_add_folder(h, folder);
		any = any || has_hash_names(folder);
	}
	free(copy);
	return any;
}

static const char *
from_environment(const char *variable, const char *otherwise)
{
	const char *value = secure_getenv(variable);

	return value != NULL && value[0] != '\0' ? value : otherwise;
}

/* What OpenSSL takes: its default file and folder, or those that the environment names. */
static void
load_system(struct trust *t)
{
	const char *file = from_environment(X509_get_default_cert_file_env(), NULL);
	const char *folders = from_environment(X509_get_default_cert_dir_env(), X509_get_default_cert_dir());
	const char *from = folders;
	struct hashed *h = hashed_new();
	bool any = add_folders(h, folders);
	char shown[QUOTE_MAX];

	t->system = true;
	trust_use_folders(t, h);
	if (load_bundle(t, file != NULL ? file : X509_get_default_cert_file(), file != NULL)) {
		from = file != NULL ? file : X509_get_default_cert_file();
		any = true;
	}
	/* No such thing here: then what the distribution keeps for programs that do not ask OpenSSL. */
	for (size_t i = 0; !any && file == NULL && i < sizeof bundles / sizeof bundles[0]; i++) {
		any = load_bundle(t, bundles[i], false);
		if (any)
			from = bundles[i];
	}
	if (!any)
		trust_note(t, "this machine has no trust store: neither a bundle of certificates nor a hashed folder of them was found");
	t->from = arena_printf(t->arena, "the system's trust store (%s)", quote_str(from, shown));
}

/* With hash names OpenSSL's way; without them, OpenSSL and curl would find nothing, so that is said and all is read. */
static status
load_folder(struct trust *t, const char *path, struct error *err)
{
	char shown[QUOTE_MAX];
	struct hashed *h;
	struct stat sb;

	if (stat(path, &sb) == 0 && !S_ISDIR(sb.st_mode))
		return error_set(err, ERROR_INPUT, STAGE, "%s: is no folder; a file of trusted certificates is named by --cacert",
		    quote_str(path, shown));
	if (has_hash_names(path)) {
		h = hashed_new();
		hashed_add_folder(h, path);
		trust_use_folders(t, h);
		return STATUS_OK;
	}
	if (load_named(t, path, true, err) != STATUS_OK)
		return STATUS_FAILED;
	trust_note(t, arena_printf(t->arena,
	    "%s: no file in it has a hash name, so OpenSSL and curl find nothing there until: openssl rehash %s",
	    quote_str(path, shown), shown));
	return STATUS_OK;
}

status
trust_load(const char *cacert, const char *capath, struct trust **out, struct error *err)
{
	char file[QUOTE_MAX], folder[QUOTE_MAX];
	struct trust *t = trust_new();
	status st = STATUS_OK;

	*out = NULL;
	if (cacert == NULL && capath == NULL)
		load_system(t);
	if (cacert != NULL)
		st = load_named(t, cacert, false, err);
	if (st == STATUS_OK && capath != NULL)
		st = load_folder(t, capath, err);
	t->folder = capath != NULL ? arena_strdup(t->arena, capath) : NULL;
	if (st != STATUS_OK) {
		trust_free(t);
		return STATUS_FAILED;
	}
	if (cacert != NULL && capath != NULL)
		t->from = arena_printf(t->arena, "%s and %s", quote_str(cacert, file), quote_str(capath, folder));
	else if (t->from == NULL)
		t->from = arena_strdup(t->arena, quote_str(cacert != NULL ? cacert : capath, file));
	trust_finish(t);
	*out = t;
	return STATUS_OK;
}
