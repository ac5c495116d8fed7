#include "cli/settings.h"

#include <stdlib.h>
#include <string.h>

#include "cli/option_values.h"
#include "cli/output.h"
#include "model/memory.h"

void
settings_remarks(const struct options *o)
{
	if (o->ignored.len > 0)
		complain("%s: curl's, accepted and not acted on (every handshake is completed, then judged)",
		    o->ignored.data);
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

status
settings_target(const struct options *o, struct target *t, struct error *err)
{
	if (t->starttls != STARTTLS_NONE)
		return error_set(err, ERROR_USAGE, "targets", "%s: STARTTLS is not in this version yet", t->spelled);
	if (o->servername != NULL && target_set_servername(t, o->servername, err) != STATUS_OK)
		return STATUS_FAILED;
	if (o->path != NULL && target_set_path(t, o->path, err) != STATUS_OK)
		return STATUS_FAILED;
	if (o->unix_socket != NULL) {
		free(t->unix_path);
		t->unix_path = mem_strdup(o->unix_socket);
	}
	if (o->no_http)
		t->http = false;
	return STATUS_OK;
}

void
settings_add(struct settings *s, const struct target *t)
{
	/* Doubled, not grown one by one: there may be a million. */
	if ((s->targets_len & (s->targets_len - 1)) == 0)
		s->targets = mem_grow(s->targets, s->targets_len == 0 ? 1 : s->targets_len * 2, sizeof *s->targets);
	s->targets[s->targets_len++] = *t;
}

status
settings_read(struct options *o, struct settings *out, struct error *err)
{
	*out = (struct settings){ 0 };
	settings_remarks(o);
	for (size_t i = 0; i < o->operands_len; i++) {
		struct target t = { 0 };
		if (target_from_word(o->operands[i], &t, err) != STATUS_OK)
			return STATUS_FAILED;
		settings_add(out, &t);
		if (settings_target(o, &out->targets[out->targets_len - 1], err) != STATUS_OK)
			return STATUS_FAILED;
	}
	for (size_t i = 0; i < o->targets_files_len; i++) {
		if (settings_targets_file(o, o->targets_files[i], out, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	if (out->targets_len == 0 && o->targets_files_len == 0)
		return error_set(err, ERROR_USAGE, "targets",
		    "no target: mtlscope check HOST:PORT (the configured fleet is not in this version yet)");
	if (out->targets_len == 0)
		return error_set(err, ERROR_INPUT, "targets", "%s: there is no target in it",
		    printable(o->targets_files[0]));
	if (settings_identity(o, &out->identity, err) != STATUS_OK)
		return STATUS_FAILED;
	return settings_trust(o, &out->trust, err);
}

void
settings_done(struct settings *s)
{
	for (size_t i = 0; i < s->targets_len; i++)
		target_done(&s->targets[i]);
	free(s->targets);
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
