#include "cli/settings.h"

#include <stdlib.h>
#include <string.h>

#include "cli/exit_status.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "model/memory.h"
#include "model/quote.h"

void
settings_remarks(const struct options *o)
{
	if (o->ignored.len > 0)
		complain("%s: curl's, accepted and not acted on (every handshake is completed, then judged)",
		    o->ignored.data);
	if (o->maybe_command != NULL)
		complain("%s is taken for a host; did you mean the command %s?", printable(o->operands[0]),
		    o->maybe_command);
	if (o->passphrase.literal)
		complain("a passphrase on the command line can be seen by others on this machine: "
			 "--pass file:NAME, env:NAME or fd:N keep it to yourself");
}

status
settings_identity(struct options *o, struct identity **out, struct error *err)
{
	struct identity_source source = {
		.cert = o->cert,
		.key = o->key,
		.cert_type = o->cert_type,
		.key_type = o->key_type,
		.ask = passphrase_answer,
		.ask_user = &o->passphrase,
	};

	if (o->cert == NULL)
		return STATUS_OK;
	status result = identity_load(&source, out, err);
	if (result != STATUS_OK && o->passphrase.no_terminal) {
		struct error plain = { .code = ERROR_NONE };
		result = error_set(&plain, ERROR_INPUT, "passphrase",
		    "%s needs a passphrase, and there is no terminal to ask for it: --pass-file FILE or --pass env:NAME",
		    printable(o->key != NULL ? o->key : o->cert));
		*err = plain;
	}
	return result;
}

status
settings_trust(const struct options *o, struct trust **out, struct error *err)
{
	return trust_load(o->cacert, o->capath, out, err);
}

/* Gives a target what the options say about all of them; what its own line says goes over it. */
static status
set_up(const struct options *o, struct target *t, bool from_file, struct error *err)
{
	if (t->starttls != STARTTLS_NONE)
		return error_set(err, ERROR_USAGE, "targets", "%s: STARTTLS is not in this version yet", t->spelled);
	if (t->identity != NULL)
		return error_set(err, ERROR_INPUT, "targets",
		    "%s identity=%s: named identities are not in this version yet", t->spelled,
		    printable(t->identity));
	if (o->servername != NULL && (!from_file || t->servername == NULL) &&
	    target_set_servername(t, o->servername, err) != STATUS_OK)
		return STATUS_FAILED;
	if (o->path != NULL && (!from_file || strcmp(t->path, "/") == 0) &&
	    target_set_path(t, o->path, err) != STATUS_OK)
		return STATUS_FAILED;
	if (o->unix_socket != NULL) {
		free(t->unix_path);
		t->unix_path = mem_strdup(o->unix_socket);
	}
	if (o->no_http)
		t->http = false;
	return STATUS_OK;
}

/* A mistake in a line of --targets is answered with the file and the line. */
static status
complete(const struct options *o, struct target *t, bool from_file, struct error *err)
{
	struct error inner = { .code = ERROR_NONE };

	if (set_up(o, t, from_file, &inner) == STATUS_OK)
		return STATUS_OK;
	if (t->place == NULL) {
		*err = inner;
		return STATUS_FAILED;
	}
	return error_set(err, inner.code, "targets", "%s: %s", t->place, inner.text);
}

static status
read_targets(const struct options *o, struct targets *out, struct error *err)
{
	for (size_t i = 0; i < o->operands_len; i++) {
		struct target t = { 0 };
		if (target_from_word(o->operands[i], &t, err) != STATUS_OK)
			return STATUS_FAILED;
		targets_add(out, &t);
	}
	for (size_t i = 0; i < o->targets_files_len; i++) {
		if (targets_read(o->targets_files[i], out, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	for (size_t i = 0; i < out->len; i++) {
		if (complete(o, &out->items[i], i >= o->operands_len, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	if (out->len == 0 && o->targets_files_len == 0)
		return error_set(err, ERROR_USAGE, "targets",
		    "no target: mtlscope check HOST:PORT (the configured fleet is not in this version yet)");
	if (out->len == 0)
		return error_set(err, ERROR_INPUT, "targets", "%s: there is no target in it",
		    printable(o->targets_files[0]));
	return STATUS_OK;
}

status
settings_read(struct options *o, struct settings *out, struct error *err)
{
	*out = (struct settings){ 0 };
	if (read_targets(o, &out->targets, err) != STATUS_OK ||
	    settings_identity(o, &out->identity, err) != STATUS_OK)
		return STATUS_FAILED;
	if (settings_trust(o, &out->trust, err) != STATUS_OK)
		return STATUS_FAILED;
	settings_remarks(o); /* only now: a mistake is answered with one line */
	return STATUS_OK;
}

void
settings_done(struct settings *s)
{
	targets_done(&s->targets);
	identity_free(s->identity);
	trust_free(s->trust);
	*s = (struct settings){ 0 };
}

void
settings_command(const struct options *o, const struct target *t, struct buf *out)
{
	char label[320];

	/* The host as typed; a unix socket and a URL need their own spelling. */
	shell_quote(out, t->spelled != NULL ? t->spelled : target_label(t, label, sizeof label));
	if (o->servername == NULL && t->servername != NULL) {
		buf_adds(out, " --servername ");
		shell_quote(out, t->servername);
	}
	if (o->retype.len > 0) {
		buf_addc(out, ' ');
		buf_adds(out, o->retype.data);
	}
}

int
settings_damaged(const struct objects *objects, const struct options *o)
{
	for (size_t i = 0; i < objects->len; i++) {
		const struct object *x = &objects->items[i];
		for (size_t k = 0; x->kind == OBJECT_DAMAGED && k < o->operands_len; k++) {
			if (strcmp(x->file, o->operands[k]) != 0)
				continue;
			complain("%s", x->problem);
			return EXIT_STATUS_USAGE;
		}
	}
	return EXIT_STATUS_DONE;
}
