#include "model/token.h"

#include <dlfcn.h>
#include <libp11.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <p11-kit/uri.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/cert_openssl.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/quote.h"

#define STAGE "token"
#define SCHEME "pkcs11:"
/* p11-kit's own library is a module too: it stands for all that the machine has configured. */
#define ANY_MODULE "libp11-kit.so.0"
#define URI_SHOWN 4096

/* A module and its slots: never unloaded, since keys that came from it are used as long as we run. */
struct module {
	char *path;
	PKCS11_CTX *ctx;
	PKCS11_SLOT *slots; /* as they were at first: a token that comes later is seen by the next run */
	bool *refused;      /* of each slot: a PIN was */
	unsigned slots_len;
	struct module *next;
};

static struct module *modules;
static pthread_mutex_t modules_lock = PTHREAD_MUTEX_INITIALIZER;

struct reading {
	const struct read_options *opt;
	struct objects *out;
	struct error *err;
	P11KitUri *uri;
	const char *shown;
	char *file;       /* object.file: lives in out's arena */
	size_t tokens, found;
};

bool
token_is_uri(const char *name)
{
	return name != NULL && strncasecmp(name, SCHEME, strlen(SCHEME)) == 0;
}

const char *
token_uri_shown(const char *uri, struct arena *a)
{
	static const char secret[] = "pin-value=", marks[] = ":;?&";
	struct buf kept = { 0 };
	const char *shown;

	for (const char *at = uri; *at != '\0';) {
		size_t mark = strchr(marks, *at) != NULL, len = mark + strcspn(at + mark, marks);
		bool hide = strncasecmp(at + mark, secret, sizeof secret - 1) == 0;

		buf_add(&kept, at, hide ? mark + sizeof secret - 1 : len);
		if (hide)
			buf_adds(&kept, "…");
		at += len;
	}
	shown = text_safe_arena(a, text_of(buf_str(&kept)), URI_SHOWN, NULL);
	buf_done(&kept);
	return shown;
}

/* What OpenSSL or the module said last, in its own words. */
static const char *
library_says(char *text, size_t size)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(code);

	if (reason != NULL)
		snprintf(text, size, "%s", reason);
	else if (code != 0)
		ERR_error_string_n(code, text, size);
	else
		snprintf(text, size, "no reason was given");
	ERR_clear_error();
	return text;
}

static struct module *
module_named(const char *path, const char **why, char text[QUOTE_MAX])
{
	struct module *m = modules;
	void *library;

	while (m != NULL && strcmp(m->path, path) != 0)
		m = m->next;
	if (m != NULL)
		return m;
	/* Tried here first: libp11 says on standard error why it cannot be loaded, over whatever is on the screen. */
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) {
		*why = quote_str(dlerror(), text);
		return NULL;
	}
	m = mem_zero(1, sizeof *m);
	m->ctx = PKCS11_CTX_new();
	if (m->ctx == NULL || PKCS11_CTX_load(m->ctx, path) != 0) {
		*why = library_says(text, QUOTE_MAX);
		PKCS11_CTX_free(m->ctx);
		dlclose(library);
		free(m);
		return NULL;
	}
	m->path = mem_strdup(path);
	m->next = modules;
	modules = m;
	return m;
}

/* ---- which token, which object ---- */

static void
padded(unsigned char *out, size_t size, const char *from)
{
	size_t len = from != NULL ? strlen(from) : 0;

	memset(out, ' ', size);
	memcpy(out, from != NULL ? from : "", len < size ? len : size);
}

static bool
is_wanted(const struct reading *r, const PKCS11_TOKEN *t)
{
	CK_TOKEN_INFO info = { .flags = 0 };

	padded(info.label, sizeof info.label, t->label);
	padded(info.manufacturerID, sizeof info.manufacturerID, t->manufacturer);
	padded(info.model, sizeof info.model, t->model);
	padded(info.serialNumber, sizeof info.serialNumber, t->serialnr);
	return p11_kit_uri_match_token_info(r->uri, &info) == 1;
}

static bool
named(const struct reading *r, const char *label, const unsigned char *id, size_t id_len)
{
	CK_ATTRIBUTE_PTR by_label = p11_kit_uri_get_attribute(r->uri, CKA_LABEL);
	CK_ATTRIBUTE_PTR by_id = p11_kit_uri_get_attribute(r->uri, CKA_ID);

	if (by_label != NULL && (label == NULL || strlen(label) != by_label->ulValueLen ||
	    memcmp(label, by_label->pValue, by_label->ulValueLen) != 0))
		return false;
	return by_id == NULL || (id_len == by_id->ulValueLen && memcmp(id, by_id->pValue, id_len) == 0);
}

/* type=cert, type=private; without it both are wanted. */
static bool
class_wanted(const struct reading *r, CK_OBJECT_CLASS class)
{
	CK_ATTRIBUTE_PTR type = p11_kit_uri_get_attribute(r->uri, CKA_CLASS);
	CK_OBJECT_CLASS wanted;

	if (type == NULL || type->ulValueLen != sizeof wanted)
		return true;
	memcpy(&wanted, type->pValue, sizeof wanted);
	return wanted == class;
}

static struct object *
add(struct reading *r, enum object_kind kind)
{
	struct objects *out = r->out;
	struct object *o;

	if (out->len >= LIMIT_OBJECTS)
		return NULL;
	out->items = arena_grow(out->arena, out->items, out->len, &out->cap, sizeof *out->items);
	o = &out->items[out->len++];
	*o = (struct object){ .kind = kind, .file = r->file, .container = "PKCS#11", .meant = kind };
	r->found++;
	return o;
}

static void
take_certificates(struct reading *r, PKCS11_TOKEN *t)
{
	PKCS11_CERT *certs = NULL;
	unsigned len = 0;

	if (!class_wanted(r, CKO_CERTIFICATE) || PKCS11_enumerate_certs(t, &certs, &len) != 0)
		return;
	for (unsigned i = 0; i < len; i++) {
		unsigned char *der = NULL;
		int size = named(r, certs[i].label, certs[i].id, certs[i].id_len) ? i2d_X509(certs[i].x509, &der) : 0;
		struct cert *cert = size > 0 ? cert_parse(der, (size_t)size, NULL) : NULL;
		struct object *o = cert != NULL ? add(r, OBJECT_CERT) : NULL;

		if (o != NULL) {
			o->cert = cert;
			o->friendly_name = text_safe_arena(r->out->arena, text_of(certs[i].label != NULL ? certs[i].label : ""), 0, NULL);
		} else {
			cert_free(cert);
		}
		OPENSSL_free(der);
	}
}

static void
take_keys(struct reading *r, PKCS11_TOKEN *t)
{
	PKCS11_KEY *keys = NULL;
	unsigned len = 0;

	if (!class_wanted(r, CKO_PRIVATE_KEY) || PKCS11_enumerate_keys(t, &keys, &len) != 0)
		return;
	for (unsigned i = 0; i < len; i++) {
		EVP_PKEY *pkey = named(r, keys[i].label, keys[i].id, keys[i].id_len) ? PKCS11_get_private_key(&keys[i]) : NULL;
		struct object *o = pkey != NULL ? add(r, OBJECT_KEY) : NULL;

		if (o != NULL)
			o->key = key_from_evp(pkey, true, true);
		else
			EVP_PKEY_free(pkey);
	}
}

/* ---- the PIN ---- */

static status
first_line_of(const char *path, char *pin, struct reading *r)
{
	char shown[QUOTE_MAX];
	FILE *f;

	if (strncmp(path, "file:", 5) == 0)
		path += strncmp(path, "file://", 7) == 0 ? 7 : 5;
	f = fopen(path, "re");
	if (f == NULL || fgets(pin, LIMIT_PASSPHRASE, f) == NULL) {
		if (f != NULL)
			fclose(f);
		return error_set(r->err, ERROR_INPUT, STAGE, "%s: its pin-source “%s” cannot be read; expected a file whose first line is the PIN",
		    r->shown, quote_str(path, shown));
	}
	fclose(f);
	pin[strcspn(pin, "\r\n")] = '\0';
	return STATUS_OK;
}

static status
get_pin(struct reading *r, char *pin)
{
	const char *value = p11_kit_uri_get_pin_value(r->uri), *source = p11_kit_uri_get_pin_source(r->uri);

	if (value != NULL) {
		snprintf(pin, LIMIT_PASSPHRASE, "%s", value);
		return STATUS_OK;
	}
	if (source != NULL)
		return first_line_of(source, pin, r);
	if (r->opt != NULL && r->opt->ask != NULL && r->opt->ask(r->opt->ask_user, r->shown, pin, LIMIT_PASSPHRASE))
		return STATUS_OK;
	return error_set(r->err, ERROR_INPUT, STAGE, "%s: the token wants its PIN, and there is none: --pass file:NAME, or pin-source= in the URI",
	    r->shown);
}

static status
log_in(struct reading *r, PKCS11_SLOT *slot, bool *refused)
{
	const PKCS11_TOKEN *t = slot->token;
	char *pin, text[200];
	int already = 0;
	status st = STATUS_FAILED;

	if (!t->loginRequired || (PKCS11_is_logged_in(slot, 0, &already) == 0 && already))
		return STATUS_OK;
	if (t->userPinLocked)
		return error_set(r->err, ERROR_INPUT, STAGE, "%s: the token is locked: too many wrong PINs; its own tool unlocks it", r->shown);
	/* A fleet of identities on one card, and one wrong PIN: that would be its last. */
	if (*refused)
		return error_set(r->err, ERROR_INPUT, STAGE, "%s: the token refused the PIN before, and no second one is tried in this run", r->shown);
	if (t->userPinFinalTry)
		return error_set(r->err, ERROR_INPUT, STAGE, "%s: one more wrong PIN locks the token, so none is tried here; enter it once with its own tool",
		    r->shown);
	pin = mem_zero(1, LIMIT_PASSPHRASE);
	if (get_pin(r, pin) != STATUS_OK)
		goto out;
	ERR_clear_error();
	if (PKCS11_login(slot, 0, pin) == 0)
		st = STATUS_OK;
	else
		error_set(r->err, ERROR_INPUT, STAGE, "%s: the token refuses the PIN: %s", r->shown, library_says(text, sizeof text));
	*refused = st != STATUS_OK;
out:
	OPENSSL_cleanse(pin, LIMIT_PASSPHRASE);
	free(pin);
	return st;
}

/* ---- all together ---- */

static status
read_slots(struct reading *r, struct module *m)
{
	char text[200];

	if (m->slots == NULL && PKCS11_enumerate_slots(m->ctx, &m->slots, &m->slots_len) != 0)
		return error_set(r->err, ERROR_INPUT, STAGE, "%s: the module does not list its slots: %s", r->shown, library_says(text, sizeof text));
	if (m->refused == NULL)
		m->refused = mem_zero(m->slots_len + 1, sizeof *m->refused);
	for (unsigned i = 0; i < m->slots_len; i++) {
		PKCS11_SLOT *slot = &m->slots[i];

		if (slot->token == NULL || !slot->token->initialized || !is_wanted(r, slot->token))
			continue;
		r->tokens++;
		if (class_wanted(r, CKO_PRIVATE_KEY) && log_in(r, slot, &m->refused[i]) != STATUS_OK)
			return STATUS_FAILED;
		take_certificates(r, slot->token);
		take_keys(r, slot->token);
	}
	ERR_clear_error();
	if (r->tokens == 0)
		return error_set(r->err, ERROR_INPUT, STAGE, "%s: no such token here; p11tool --list-tokens shows those that there are", r->shown);
	if (r->found == 0)
		return error_set(r->err, ERROR_INPUT, STAGE, "%s: the token has no such certificate or key; p11tool --list-all shows what it has", r->shown);
	return STATUS_OK;
}

status
token_read(const char *uri, const struct read_options *opt, struct objects *out, struct error *err)
{
	struct reading r = { .opt = opt, .out = out, .err = err, .uri = p11_kit_uri_new() };
	const char *path, *why = NULL;
	char text[QUOTE_MAX], shown[QUOTE_MAX];
	struct module *m;
	status st;
	int parsed;

	openssl_start();
	if (out->arena == NULL)
		out->arena = arena_new();
	r.shown = token_uri_shown(uri, out->arena);
	r.file = arena_strdup(out->arena, r.shown);
	parsed = p11_kit_uri_parse(uri, P11_KIT_URI_FOR_ANY, r.uri);
	if (parsed != P11_KIT_URI_OK || p11_kit_uri_any_unrecognized(r.uri)) {
		st = error_set(err, ERROR_USAGE, STAGE, "%s: %s; expected as in pkcs11:token=NAME;object=NAME (RFC 7512)", r.shown,
		    parsed != P11_KIT_URI_OK ? p11_kit_uri_message(parsed) : "it has a part that nobody knows");
		goto out;
	}
	path = p11_kit_uri_get_module_path(r.uri);
	pthread_mutex_lock(&modules_lock);
	m = module_named(path != NULL ? path : ANY_MODULE, &why, text);
	if (m == NULL)
		st = error_set(err, ERROR_INPUT, STAGE, "%s: the PKCS#11 module %s cannot be loaded: %s", r.shown,
		    path != NULL ? quote_str(path, shown) : ANY_MODULE, why);
	else
		st = read_slots(&r, m);
	pthread_mutex_unlock(&modules_lock);
out:
	p11_kit_uri_free(r.uri);
	return st;
}
