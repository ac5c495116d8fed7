/* A target typed into the console: who it is asked as, and whom it may trust. */
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/quote.h"
#include "tui/console.h"
#include "tui/fleet.h"

static const char *
identity_words(const struct identity *us, char shown[QUOTE_MAX])
{
	if (us == NULL)
		return "no certificate of ours";
	return quote_str(us->name != NULL ? us->name : us->cert_file != NULL ? us->cert_file : "our certificate", shown);
}

static struct entry *
check_as(struct console *k, const struct target *t, const struct identity *us, const struct trust *trust,
    const struct examine_options *options)
{
	char who[QUOTE_MAX], store[QUOTE_MAX];
	struct entry *e = fleet_add(console_fleet(k), NULL, t, us, trust, options);

	console_check(k, &e, 1);
	console_say(k, ROLE_TEXT, "%s: checked with %s, trusting %s; for this session only", e->name, identity_words(us, who),
	    trust != NULL && trust->from != NULL ? quote_str(trust->from, store) : "nothing");
	console_changed(k);
	return e;
}

/* It came while a prompt was open, or files were read: the view on top may be another by now. */
static void
show(struct console *k, struct entry *e)
{
	struct view *top = console_top(k);

	if (top->ops == &fleet_view) {
		fleet_view_select(top, e);
	} else if (top->ops == &start_view) {
		/* It is the first of a fleet now: that lies below it. */
		console_replace(k, &fleet_view, NULL);
		console_push(k, &endpoint_view, e);
	}
}

/* ---- an empty fleet: files are read beside the screen ---- */

struct first {
	struct target target;
	struct identity_source source; /* of the first configured identity; cert NULL: none */
	char *name, *cert, *key, *cacert;
	struct identity *identity;
	struct trust *trust;
	struct error err;
	bool failed;
};

static void
first_read(void *job)
{
	struct first *f = job;

	f->failed = (f->source.cert != NULL && identity_load(&f->source, &f->identity, &f->err) != STATUS_OK) ||
	    trust_load(f->cacert, NULL, &f->trust, &f->err) != STATUS_OK;
}

static void
first_drop(void *job)
{
	struct first *f = job;

	target_done(&f->target);
	identity_free(f->identity);
	trust_free(f->trust);
	free(f->name);
	free(f->cert);
	free(f->key);
	free(f->cacert);
	free(f);
}

static void
first_done(struct console *k, void *job)
{
	struct first *f = job;

	if (f->failed)
		console_say(k, ROLE_FAIL, "%s", f->err.text);
	else
		show(k, check_as(k, &f->target, f->identity, f->trust, NULL));
	first_drop(f);
}

static char *
copied(const char *s)
{
	return s != NULL ? mem_strdup(s) : NULL;
}

static void
check_first(struct console *k, const struct target *t)
{
	const struct config *config = console_config(k);
	const struct config_identity *us = config != NULL && config->identities_len > 0 ? &config->identities[0] : NULL;
	struct first *f = mem_zero(1, sizeof *f);

	target_copy(&f->target, t);
	if (us != NULL) {
		f->name = copied(us->name);
		f->cert = copied(us->cert);
		f->key = copied(us->key);
		f->cacert = copied(us->trust);
	}
	f->source = (struct identity_source){ .name = f->name, .cert = f->cert, .key = f->key, .tolerate_bad_key = true };
	console_work(k, first_read, first_done, first_drop, f);
}

/* ---- what was typed ---- */

void
fleet_check_target(struct console *k, const char *text)
{
	const struct console_setup *setup = console_setup_of(k);
	struct fleet *fleet = console_fleet(k);
	struct entry *e = fleet_named(fleet, text);
	const struct entry *like = fleet_at(fleet, 0);
	struct target t = { .name = NULL };
	struct error err = { .code = ERROR_NONE };

	if (e == NULL && target_parse(text, &t, &err) != STATUS_OK) {
		console_say(k, ROLE_FAIL, "%s", err.text);
		target_done(&t);
		return;
	}
	if (e == NULL) {
		char label[320];

		e = fleet_named(fleet, target_label(&t, label, sizeof label));
	}
	if (e != NULL) {
		console_check(k, &e, 1);
		console_say(k, ROLE_TEXT, "%s is in the fleet already: it is checked again", e->name);
	} else if (console_practice_lab(k)) {
		/* Its first page says that nothing leaves this machine. */
		console_say(k, ROLE_WARN, "not in the practice lab, which stays on this machine: leave it, and start mtlscope with that target");
	} else if (setup->identity != NULL && setup->trust != NULL) {
		e = check_as(k, &t, setup->identity, setup->trust, NULL);
	} else if (like != NULL) {
		e = check_as(k, &t, like->identity, like->trust, like->options);
	} else {
		check_first(k, &t);
	}
	if (e != NULL)
		show(k, e);
	target_done(&t);
}

static void
entered(struct console *k, const char *text, void *user)
{
	(void)user;
	if (text[0] != '\0')
		fleet_check_target(k, text);
}

void
fleet_ask_target(struct console *k)
{
	console_ask(k, &(struct asking){ .label = "host:port ", .text = "", .entered = entered });
}
