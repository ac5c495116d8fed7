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
	if (o->starttls != STARTTLS_NONE && target_set_starttls(t, o->starttls, err) != STATUS_OK)
		return STATUS_FAILED;
	if (o->servername != NULL && (!from_file || t->servername == NULL) &&
	    target_set_servername(t, o->servername, err) != STATUS_OK)
		return STATUS_FAILED;
	if (o->path != NULL && (!from_file || strcmp(t->path, "/") == 0) &&
	    target_set_path(t, o->path, err) != STATUS_OK)
		return STATUS_FAILED;
	if (o->bypass != NULL && t->bypass == NULL && target_set_bypass(t, o->bypass, err) != STATUS_OK)
		return STATUS_FAILED;
	if (o->unix_socket != NULL) {
		free(t->unix_path);
		t->unix_path = mem_strdup(o->unix_socket);
	}
	if (o->no_http)
		t->http = false;
	return STATUS_OK;
}

static const struct config_entry *
entry_of(const struct settings *s, const struct target *t)
{
	return s->configuration.config != NULL && t->name != NULL ? config_entry(s->configuration.config, t->name) : NULL;
}

/* A mistake in a line of --targets or in the configuration is answered with the file and the line. */
static status
at_its_place(const struct settings *s, const struct target *t, const struct error *inner, struct error *err)
{
	const struct config *c = s->configuration.config;
	const struct config_entry *e = entry_of(s, t);

	if (e != NULL)
		return error_set(err, inner->code, "targets", "%s:%zu: %s: %s", c->file,
		    config_line(c, "fleet", (size_t)(e - c->fleet), "target"), e->name, inner->text);
	if (t->place != NULL)
		return error_set(err, inner->code, "targets", "%s: %s", t->place, inner->text);
	*err = *inner;
	return STATUS_FAILED;
}

/* The identity that is to be there: its own line's, else the options', else its entry's. NULL: --cert, or none. */
static const char *
identity_said(const struct options *o, const struct target *t)
{
	if (t->place != NULL && t->identity != NULL)
		return t->identity;
	if (o->cert != NULL || o->identity != NULL)
		return o->identity;
	return t->identity;
}

static status
choose_role(const struct options *o, struct settings *s, const struct target *t, struct role_of *to, struct error *err)
{
	const struct config_entry *e = entry_of(s, t);
	const char *said = identity_said(o, t), *file = NULL;

	to->identity = said == NULL ? s->identity : NULL;
	if (said != NULL && identities_get(s->named, said, &to->identity, &to->problem, err) != STATUS_OK)
		return STATUS_FAILED;
	if (o->other_identity != NULL) {
		const char *problem = NULL;

		if (identities_get(s->named, o->other_identity, &to->other, &problem, err) != STATUS_OK)
			return STATUS_FAILED;
		if (problem != NULL)
			return error_set(err, ERROR_INPUT, "options", "--other-identity %s: %s", printable(o->other_identity), problem);
	}
	if (o->cacert == NULL && o->capath == NULL) {
		file = e != NULL && e->trust != NULL ? e->trust : identities_trust_file(s->named, said);
		if (e != NULL && file == e->trust && config_entry_files(s->configuration.config, e, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	return identities_trust(s->named, file, &to->trust, err);
}

static status
complete(const struct options *o, struct settings *s, struct error *err)
{
	s->roles = mem_zero(s->targets.len + 1, sizeof *s->roles);
	for (size_t i = 0; i < s->targets.len; i++) {
		struct target *t = &s->targets.items[i];
		struct error inner = { .code = ERROR_NONE };

		if (set_up(o, t, t->place != NULL, &inner) != STATUS_OK)
			return at_its_place(s, t, &inner, err);
		if (choose_role(o, s, t, &s->roles[i], &inner) == STATUS_OK)
			continue;
		/* A file that is missing has its line already. */
		if (t->place != NULL && t->identity != NULL && inner.code == ERROR_USAGE)
			return at_its_place(s, t, &inner, err);
		*err = inner;
		return STATUS_FAILED;
	}
	return STATUS_OK;
}

/* Where targets come from ------------------------------------------------------------------------------ */

static void
add_entry(struct targets *out, const struct config_entry *e)
{
	struct target t = { .port = 0 };

	target_copy(&t, &e->parsed);
	targets_add(out, &t);
}

/* A word is the name of a fleet entry, else a target; host:port is always a host. */
static status
read_word(const struct settings *s, const char *word, struct targets *out, struct error *err)
{
	const struct config *c = s->configuration.config;
	const struct config_entry *e = c != NULL ? config_entry(c, word) : NULL;
	struct target t = { .port = 0 };

	if (e != NULL) {
		add_entry(out, e);
		return STATUS_OK;
	}
	if (target_from_word(word, &t, err) != STATUS_OK)
		return STATUS_FAILED;
	targets_add(out, &t);
	return STATUS_OK;
}

static status
read_targets(const struct options *o, struct settings *s, struct error *err)
{
	for (size_t i = 0; i < o->operands_len; i++) {
		if (read_word(s, o->operands[i], &s->targets, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	for (size_t i = 0; i < o->targets_files_len; i++) {
		if (targets_read(o->targets_files[i], &s->targets, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	return STATUS_OK;
}

static void
read_fleet(struct settings *s)
{
	struct config *c = s->configuration.config;

	for (size_t i = 0; c != NULL && i < c->fleet_len; i++)
		targets_add(&s->targets, &c->fleet[i].parsed); /* taken over: ten thousand copies take their time */
}

/* Leaves those of the group. */
static status
keep_group(const struct options *o, struct settings *s, struct error *err)
{
	struct targets *t = &s->targets;
	size_t kept = 0, all = t->len;

	if (o->group == NULL)
		return STATUS_OK;
	for (size_t i = 0; i < all; i++) {
		struct target *at = &t->items[i];
		if (at->group != NULL && strcmp(at->group, o->group) == 0)
			t->items[kept++] = *at;
		else
			target_done(at);
	}
	t->len = kept;
	if (kept > 0)
		return STATUS_OK;
	if (all == 0 && s->configuration.config == NULL)
		return error_set(err, ERROR_USAGE, "targets", "--group %s: there is no configuration with a fleet",
		    printable(o->group));
	return error_set(err, ERROR_USAGE, "targets", "--group %s: none of %zu targets is in that group",
	    printable(o->group), all);
}

static status
read_all(struct options *o, struct settings *s, struct error *err)
{
	if (o->group != NULL && o->operands_len > 0)
		return error_set(err, ERROR_USAGE, "targets",
		    "--group chooses from the fleet or from --targets; %s is a target already", printable(o->operands[0]));
	if (read_targets(o, s, err) != STATUS_OK)
		return STATUS_FAILED;
	if (o->operands_len == 0 && o->targets_files_len == 0)
		read_fleet(s);
	if (keep_group(o, s, err) != STATUS_OK)
		return STATUS_FAILED;
	/* A user who means one server must not fill the logs of a fleet with what looks like an attack. */
	if (o->examine.deep && s->targets.len > 1)
		return error_set(err, ERROR_USAGE, "targets", "--deep is for one target, and these are %zu: name the one", s->targets.len);
	if (s->targets.len > 0 && s->targets.items[0].name != NULL)
		o->maybe_command = NULL; /* the word is an entry's name, not a command's misspelt one */
	s->named = identities_new(o, s->configuration.config);
	if (settings_identity(o, &s->identity, err) != STATUS_OK || complete(o, s, err) != STATUS_OK)
		return STATUS_FAILED;
	settings_remarks(o); /* only now: a mistake is answered with one line */
	return STATUS_OK;
}

status
settings_read(struct options *o, struct settings *out, struct error *err)
{
	*out = (struct settings){ .identity = NULL };
	return read_all(o, out, err);
}

status
settings_read_configured(struct options *o, struct settings *out, struct error *err)
{
	*out = (struct settings){ .identity = NULL };
	if (settings_proxy(o, err) != STATUS_OK)
		return STATUS_FAILED;
	if (configuration_read(o, &out->configuration, err) != STATUS_OK)
		return STATUS_FAILED;
	configuration_thresholds(&out->configuration, o);
	return read_all(o, out, err);
}

void
settings_done(struct settings *s)
{
	targets_done(&s->targets);
	free(s->roles);
	identity_free(s->identity);
	identities_free(s->named);
	configuration_done(&s->configuration);
	*s = (struct settings){ .identity = NULL };
}

void
settings_command(const struct options *o, const struct target *t, struct buf *out)
{
	char label[320];

	if (t->name != NULL) {
		shell_quote(out, t->name); /* its entry says the rest */
	} else {
		/* The host as typed; a unix socket and a URL need their own spelling. */
		shell_quote(out, t->spelled != NULL ? t->spelled : target_label(t, label, sizeof label));
		if (o->servername == NULL && t->servername != NULL) {
			buf_adds(out, " --servername ");
			shell_quote(out, t->servername);
		}
		if (o->bypass == NULL && t->bypass != NULL) {
			buf_adds(out, " --bypass ");
			shell_quote(out, t->bypass);
		}
		if (o->identity == NULL && t->identity != NULL) {
			buf_adds(out, " --identity ");
			shell_quote(out, t->identity);
		}
	}
	if (o->retype.len > 0) {
		buf_addc(out, ' ');
		buf_adds(out, o->retype.data);
	}
}

void
settings_key_log(struct options *o)
{
	const char *file = getenv("SSLKEYLOGFILE");

	if (o->examine.keylog_file == NULL && file != NULL && file[0] != '\0') {
		o->examine.keylog_file = file;
		complain("SSLKEYLOGFILE is set: the keys of these sessions go into that file");
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
