#include "model/objects.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "model/cert_openssl.h"
#include "model/input.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/objects_reader.h"
#include "model/quote.h"
#include "model/token.h"

#define STAGE "reading"

static void
add_note(struct objects *out, const char *text)
{
	if (out->notes_len == LIMIT_NOTES)
		return;
	out->notes = arena_grow(out->arena, out->notes, out->notes_len, &out->notes_cap, sizeof *out->notes);
	out->notes[out->notes_len++] = text;
}

void
objects_note(struct objects *out, const char *text)
{
	add_note(out, arena_strdup(out->arena, text));
}

struct object *
reader_add(struct reader *r, enum object_kind kind)
{
	struct objects *out = r->out;
	struct object *o;

	if (out->len >= LIMIT_OBJECTS) {
		if (!r->full)
			add_note(out, arena_printf(out->arena, "%s: more than %d objects; the rest was left out",
			    r->shown, LIMIT_OBJECTS));
		r->full = true;
		return NULL;
	}
	out->items = arena_grow(out->arena, out->items, out->len, &out->cap, sizeof *out->items);
	o = &out->items[out->len++];
	*o = (struct object){
		.kind = kind,
		.file = r->file,
		.line = r->line,
		.byte = r->byte,
		.container = r->container,
	};
	if (kind != OBJECT_DAMAGED)
		r->good++;
	else
		o->meant = r->meant;
	return o;
}

static struct object *
add_damaged(struct reader *r, size_t line, const char *fmt, va_list ap)
{
	struct object *o = reader_add(r, OBJECT_DAMAGED);
	char text[480];

	if (o == NULL)
		return NULL;
	vsnprintf(text, sizeof text, fmt, ap);
	if (line > 0)
		o->problem = arena_printf(r->out->arena, "%s:%zu: %s", r->shown, line, text);
	else if (r->byte > 0)
		o->problem = arena_printf(r->out->arena, "%s: from byte %zu on: %s", r->shown, r->byte, text);
	else
		o->problem = arena_printf(r->out->arena, "%s: %s", r->shown, text);
	if (r->first_problem == NULL)
		r->first_problem = o->problem;
	r->damaged++;
	r->out->damaged++;
	return o;
}

void
reader_damaged(struct reader *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_damaged(r, r->line, fmt, ap);
	va_end(ap);
}

void
reader_damaged_at(struct reader *r, size_t line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_damaged(r, line, fmt, ap);
	va_end(ap);
}

void
reader_locked(struct reader *r, const char *what, bool tried)
{
	size_t before = r->out->damaged;

	if (tried)
		reader_damaged(r, "the passphrase does not open %s: it is another one, or the file is damaged", what);
	else
		reader_damaged(r, "%s is encrypted, and there is no passphrase for it", what);
	if (r->out->damaged > before)
		r->out->items[r->out->len - 1].needs_passphrase = true;
}

void
reader_note(struct reader *r, const char *fmt, ...)
{
	char text[480];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (r->line > 0)
		add_note(r->out, arena_printf(r->out->arena, "%s:%zu: %s", r->shown, r->line, text));
	else
		add_note(r->out, arena_printf(r->out->arena, "%s: %s", r->shown, text));
}

const char *
reader_passphrase(struct reader *r)
{
	if (r->passphrase != NULL || r->refused)
		return r->passphrase;
	r->passphrase = mem_zero(1, LIMIT_PASSPHRASE);
	if (r->opt != NULL && r->opt->ask != NULL &&
	    r->opt->ask(r->opt->ask_user, r->shown, r->passphrase, LIMIT_PASSPHRASE)) {
		r->passphrase[LIMIT_PASSPHRASE - 1] = '\0';
		return r->passphrase;
	}
	OPENSSL_cleanse(r->passphrase, LIMIT_PASSPHRASE);
	free(r->passphrase);
	r->passphrase = NULL;
	r->refused = true;
	return NULL;
}

bool
reader_spend(struct reader *r, size_t work)
{
	if (work > LIMIT_KDF_TOTAL - r->out->work)
		return false;
	r->out->work += work;
	return true;
}

static void
reader_done(struct reader *r)
{
	if (r->passphrase != NULL)
		OPENSSL_cleanse(r->passphrase, LIMIT_PASSPHRASE);
	free(r->passphrase);
	r->passphrase = NULL;
}

/* Objects one behind the other, as `cat` of DER files makes them. */
static void
der_read(struct reader *r, struct text bytes)
{
	size_t at = 0;

	while (at < bytes.len) {
		struct text rest = { bytes.bytes + at, bytes.len - at };
		size_t len = der_first_len(rest);
		size_t before = r->damaged;

		r->byte = at;
		r->container = "DER";
		if (len == 0) {
			/* Not even a header that fits; at the start the one reader that it may be for says what is wrong. */
			if (at == 0)
				blob_read(r, blob_detect(rest), rest);
			else
				reader_damaged(r, "%zu bytes follow the last object", rest.len);
			return;
		}
		blob_read(r, blob_detect((struct text){ rest.bytes, len }), (struct text){ rest.bytes, len });
		if (r->damaged > before && r->good == 0)
			return;
		at += len;
	}
}

/* Is this DER rather than text that begins with "0"? Its values fill the file, or it has no BEGIN line. */
static bool
is_der(struct text bytes)
{
	size_t len;

	if (bytes.len < 2 || bytes.bytes[0] != DER_SEQUENCE)
		return false;
	if (bytes.bytes[1] == 0x80) /* indefinite: BER, as some make PKCS#7 and PKCS#12 */
		return true;
	len = der_first_len(bytes);
	if (len == bytes.len)
		return true;
	if (pem_is(bytes))
		return false;
	/* A file cut short still begins as DER does: a long length, or one that a certificate could have. */
	return len > 0 || bytes.bytes[1] == 0x81 || bytes.bytes[1] == 0x82 || bytes.bytes[1] == 0x83;
}

bool
objects_stand_in(struct text bytes)
{
	char hint[HINT_MAX];

	if (hint_for(bytes, "", true, hint, sizeof hint) || pem_is(bytes))
		return true;
	return bytes.len > 2 && bytes.bytes[0] == DER_SEQUENCE &&
	    (der_first_len(bytes) == bytes.len || blob_detect(bytes) != BLOB_UNKNOWN);
}

static bool
type_is(const struct reader *r, const char *type)
{
	return r->opt != NULL && r->opt->type != NULL && strcasecmp(r->opt->type, type) == 0;
}

static void
read_bytes(struct reader *r, struct text bytes, const char *path)
{
	char hint[HINT_MAX];

	if (type_is(r, "P12")) {
		pkcs12_read(r, bytes);
	} else if (type_is(r, "DER")) {
		der_read(r, bytes);
	} else if (hint_for(bytes, path, true, hint, sizeof hint)) {
		reader_damaged(r, "%s", hint);
	} else if (!type_is(r, "PEM") && is_der(bytes)) {
		der_read(r, bytes);
	} else if (pem_is(bytes)) {
		pem_read(r, bytes);
	} else if (hint_for(bytes, path, false, hint, sizeof hint)) {
		reader_damaged(r, "%s", hint);
	} else {
		reader_damaged(r, "holds no certificate and no key: neither a BEGIN line (PEM) nor DER stands in it");
	}
}

static bool
type_is_known(const char *type)
{
	static const char *const types[] = { "PEM", "DER", "P12" };

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		if (strcasecmp(types[i], type) == 0)
			return true;
	}
	return false;
}

status
objects_parse(const unsigned char *data, size_t len, const char *name, const struct read_options *opt,
    struct objects *out, struct error *err)
{
	char shown[QUOTE_MAX];
	struct reader r = { .out = out, .opt = opt };

	openssl_start();
	if (out->arena == NULL)
		out->arena = arena_new();
	input_name(name, shown);
	if (len == 0)
		return error_set(err, ERROR_INPUT, STAGE, "%s: is empty", shown);
	if (len > LIMIT_INPUT_FILE)
		return error_set(err, ERROR_INPUT, STAGE, "%s: is larger than %d MiB, the most that is read of one file", shown,
		    LIMIT_INPUT_FILE / 1024 / 1024);
	if (opt != NULL && opt->type != NULL && !type_is_known(opt->type))
		return error_set(err, ERROR_USAGE, STAGE, "“%s” is no type of a file; expected PEM, DER or P12",
		    quote_str(opt->type, shown));
	r.meant = OBJECT_DAMAGED;
	r.file = arena_strdup(out->arena, name);
	r.shown = arena_strdup(out->arena, shown);
	out->files++;
	read_bytes(&r, (struct text){ data, len }, name);
	reader_done(&r);
	if (r.good > 0)
		return STATUS_OK;
	if (r.first_problem != NULL)
		return error_set(err, ERROR_INPUT, STAGE, "%s", r.first_problem);
	return error_set(err, ERROR_INPUT, STAGE, "%s: holds no certificate and no key", shown);
}

status
objects_read(const char *path, const struct read_options *opt, struct objects *out, struct error *err)
{
	struct input in = { .len = 0 };
	char shown[QUOTE_MAX];
	struct stat sb;
	size_t before;
	status st;

	if (token_is_uri(path))
		return token_read(path, opt, out, err);
	if (out->arena == NULL)
		out->arena = arena_new();
	if (opt != NULL && opt->folders && strcmp(path, "-") != 0 && stat(path, &sb) == 0 && S_ISDIR(sb.st_mode))
		return folder_read(path, opt, out, err);
	if (opt != NULL && opt->missing_hint != NULL && strcmp(path, "-") != 0 && stat(path, &sb) != 0 &&
	    errno == ENOENT)
		return error_set(err, ERROR_INPUT, STAGE, "%s: no such file; %s", input_name(path, shown), opt->missing_hint);
	if (input_read(path, LIMIT_INPUT_FILE, &in, err) != STATUS_OK)
		return STATUS_FAILED;
	before = out->len;
	st = objects_parse(in.bytes, in.len, path, opt, out, err);
	for (size_t i = before; i < out->len; i++)
		out->items[i].mode = in.mode;
	input_free(&in);
	return st;
}

bool
object_exposed(const struct object *o)
{
	return o->kind == OBJECT_KEY && o->key->is_private && !o->key->was_encrypted && (o->mode & (S_IRGRP | S_IROTH)) != 0;
}

void
objects_done(struct objects *o)
{
	for (size_t i = 0; i < o->len; i++) {
		cert_free(o->items[i].cert);
		key_free(o->items[i].key);
	}
	arena_free(o->arena);
	*o = (struct objects){ .len = 0 };
}

const char *
object_kind_name(enum object_kind k)
{
	static const char *const names[] = {
		[OBJECT_CERT] = "certificate",
		[OBJECT_KEY] = "private key",
		[OBJECT_PUBLIC_KEY] = "public key",
		[OBJECT_CSR] = "certificate request",
		[OBJECT_CRL] = "revocation list",
		[OBJECT_DAMAGED] = "damaged",
	};

	return names[k];
}
