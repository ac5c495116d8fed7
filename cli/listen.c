/* mtlscope listen: be the server; a block of lines for every client, as it ends, or a JSON object. */
#include "probes/listen.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "model/json.h"
#include "model/listen_place.h"
#include "model/memory.h"
#include "model/report.h"
#include "tui/console.h"

enum { LOOK_MS = 1000, LIKE_MS = 10 * 1000 };

struct listening_run {
	struct options *o;
	struct listen_place place;
	struct target like;
	bool has_like;
	struct examination *captured; /* of --like: its request is asked with */
	struct identity *identity;
	struct trust *trust;
	struct listen_options options;
	struct listener *listener;
	struct report_style style;
	struct buf page;
	size_t seen;
	int sum;
};

/* ---- --like: one handshake with the server whose place we take ---- */

static status
capture_failed(const struct listening_run *r, const struct examination *x, struct error *err)
{
	char label[320];
	const char *name = printable(target_label(&r->like, label, sizeof label));

	if (x == NULL)
		return error_set(err, ERROR_NETWORK, "listen", "--like %s: no answer came", name);
	if (x->diagnosis->root != NULL && evidence_baseline(x->evidence)->version == 0)
		return error_set(err, ERROR_NETWORK, "listen", "--like %s: %s", name, x->diagnosis->summary);
	return error_set(err, ERROR_NETWORK, "listen", "--like %s: it asks for no client certificate, so there is no request to repeat", name);
}

static status
capture(struct listening_run *r, struct error *err)
{
	struct examine_options how = r->o->examine;
	struct trust *nobody = trust_from("nobody", NULL, 0);
	struct examiner *examiner = NULL;
	const struct handshake *h = NULL;
	status result;

	how.quick = true;
	how.max_time_ms = LIKE_MS;
	if (target_parse(r->o->like, &r->like, err) != STATUS_OK || examiner_start(&how, world_real(), &examiner, err) != STATUS_OK) {
		trust_free(nobody);
		return STATUS_FAILED;
	}
	r->has_like = true;
	r->like.http = false; /* only what it asks for is wanted */
	examiner_add(examiner, &r->like, NULL, nobody, NULL);
	r->captured = examiner_wait(examiner, signals_fd(), -1);
	h = r->captured != NULL ? evidence_baseline(r->captured->evidence) : NULL;
	result = h != NULL && h->request.seen ? STATUS_OK : capture_failed(r, r->captured, err);
	if (result == STATUS_OK) {
		r->options.request = &h->request;
		r->options.like = r->o->like;
		/* It was offered TLS 1.2 and 1.3: what it took is the best that it speaks. */
		if (r->options.max_version == 0 && h->version == 0x0303)
			r->options.max_version = 0x0303;
	}
	examiner_free(examiner);
	trust_free(nobody);
	return result;
}

/* ---- what was typed ---- */

static status
read_place(struct listening_run *r, struct error *err)
{
	const struct options *o = r->o;

	if (o->operands_len == 0)
		return error_set(err, ERROR_USAGE, "listen", "listen needs a port: mtlscope listen 8443, or 0.0.0.0:8443 where clients come from other machines");
	if (o->operands_len > 1)
		return error_set(err, ERROR_USAGE, "listen", "listen takes one place: %s is too many", printable(o->operands[1]));
	return listen_place_read(o->operands[0], &r->place, err);
}

static status
prepare(struct listening_run *r, struct error *err)
{
	struct options *o = r->o;
	struct listen_options *to = &r->options;

	if (read_place(r, err) != STATUS_OK || settings_identity(o, &r->identity, err) != STATUS_OK)
		return STATUS_FAILED;
	/* The system's store trusts public CAs, and clients rarely have certificates of those: only a named one judges. */
	if ((o->cacert != NULL || o->capath != NULL) && settings_trust(o, &r->trust, err) != STATUS_OK)
		return STATUS_FAILED;
	*to = (struct listen_options){
		.address = r->place.address[0] != '\0' ? r->place.address : NULL,
		.port = r->place.port,
		.identity = r->identity,
		.trust = r->trust,
		.min_version = o->examine.min_version,
		.max_version = o->examine.max_version,
		.ciphers = o->examine.ciphers,
		.requires = o->examine.thresholds.require_mtls,
		.thresholds = o->examine.thresholds,
		.at_set = o->examine.at_set,
		.at = o->examine.at,
	};
	to->thresholds.require_mtls = false; /* of a server that is checked; here it is how we behave */
	return o->like != NULL ? capture(r, err) : STATUS_OK;
}

/* ---- as they come ---- */

/* Where it listens and what clients need, on standard error: standard output is for clients. */
static void
say_where(const struct listening_run *r)
{
	const struct listening *about = listener_about(r->listener);
	const struct certificate_request *q = &about->request;

	complain("listening on %s%s; Ctrl-C ends it", about->address,
	    r->place.address[0] == '\0' ? ", which only this machine reaches (0.0.0.0:PORT opens it)" : "");
	if (about->ca_file != NULL)
		complain("our certificate is made for each name; let clients trust its CA: %s", about->ca_file);
	if (about->like != NULL)
		complain("asking as %s does: %zu CA%s named, %zu signature algorithms", about->like, q->cas_len, q->cas_len == 1 ? "" : "s", q->sigalgs_len);
	else if (q->cas_len > 0)
		complain("asking with the %zu CA%s of %s", q->cas_len, q->cas_len == 1 ? "" : "s", r->trust->from);
}

static bool
print_one(struct listening_run *r, struct seen_client *s)
{
	bool go_on;

	if (r->o->json)
		json_client(s->diagnosis, &r->page);
	else
		report_client(s->diagnosis, &r->style, &r->page);
	go_on = output_write(&r->page);
	if (!s->evidence->client->handshake->cancelled) {
		r->seen++;
		exit_status_add(&r->sum, exit_status_of(s->diagnosis, r->o->fail_on));
	}
	seen_client_free(s);
	return go_on;
}

static int
wait_ms(const struct listening_run *r, uint64_t began_us)
{
	const struct world *w = world_real();
	uint64_t gone = (w->ticks_us(w->self) - began_us) / 1000, all = r->o->examine.max_time_ms;

	if (!r->o->max_time_given)
		return LOOK_MS;
	return gone >= all ? 0 : all - gone < LOOK_MS ? (int)(all - gone) : LOOK_MS;
}

static void
collect(struct listening_run *r)
{
	const struct world *w = world_real();
	uint64_t began = w->ticks_us(w->self);
	struct seen_client *s;
	bool go_on = true;
	int wait;

	while (go_on && signals_seen() == 0 && (wait = wait_ms(r, began)) > 0)
		if ((s = listener_wait(r->listener, signals_fd(), wait)) != NULL)
			go_on = print_one(r, s);
	/* Who is still connected is shown as far as it came. */
	listener_stop(r->listener);
	while (go_on && (s = listener_wait(r->listener, -1, LOOK_MS)) != NULL)
		go_on = print_one(r, s);
}

static int
say_the_end(const struct listening_run *r)
{
	size_t dropped = listener_dropped(r->listener);

	if (dropped > 0)
		complain("%zu clients came faster than they could be shown: the oldest of them are left out", dropped);
	if (signals_seen() != 0)
		return EXIT_STATUS_SIGNAL + signals_seen();
	if (r->seen == 0) {
		complain("no client came");
		return CLASS_NETWORK;
	}
	return r->sum;
}

/* On a terminal: the console, on the screen of the clients. *shown false: this terminal cannot show it. */
static int
show(struct listening_run *r, bool *shown, struct error *err)
{
	int result = EXIT_STATUS_DONE;
	struct console_setup setup = {
		.terminal = { .ascii = r->style.ascii, .colours = r->style.colours, .signals = true },
		.fleet = fleet_new(),
		.examine = r->o->examine,
		.world = world_real(),
		.listen = &r->options,
		.listener = r->listener,
		.first = &listen_view,
	};

	*shown = console_run(&setup, &result, err) == STATUS_OK;
	if (*shown)
		r->listener = NULL;
	else
		fleet_free(setup.fleet);
	return result;
}

int
listen_run(struct options *o)
{
	struct listening_run r = { .o = o };
	struct error err = { .code = ERROR_NONE };
	int result;

	r.style = output_style(o);
	signals_defer(true);
	if (prepare(&r, &err) != STATUS_OK || listener_start(&r.options, world_real(), &r.listener, &err) != STATUS_OK) {
		result = signals_seen() != 0 ? EXIT_STATUS_SIGNAL + signals_seen() : complain_error(&err);
		goto out;
	}
	settings_remarks(o);
	if (!o->json && !o->plain && !o->max_time_given && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) {
		bool shown = false;

		signals_defer(false);
		result = show(&r, &shown, &err);
		if (shown)
			goto out;
		complain("%s", err.text);
		signals_defer(true);
	}
	say_where(&r);
	collect(&r);
	result = say_the_end(&r);
out:
	signals_defer(false);
	listener_free(r.listener);
	examination_free(r.captured);
	if (r.has_like)
		target_done(&r.like);
	identity_free(r.identity);
	trust_free(r.trust);
	buf_done(&r.page);
	return output_status(result);
}
