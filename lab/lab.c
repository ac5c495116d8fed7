#include "lab/lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/lab_internal.h"
#include "lab/repeat.h"
#include "model/memory.h"

static const struct story_table *const tables[] = {
	&stories_healthy, &stories_server, &stories_client, &stories_policy, &stories_protocol, &stories_network, &stories_places,
	&stories_offer, &stories_starttls,
};

static void
on_signal(uv_signal_t *h, int number)
{
	struct lab *lab = h->data;

	lab->signal = number;
	uv_stop(h->loop);
}

static void
on_stop_fd(uv_poll_t *h, int result, int events)
{
	(void)result;
	(void)events;
	uv_stop(h->loop);
}

/* Which of the double faults this seed has: the ones with the lowest numbers drawn. */
static bool
is_chosen(const struct variety *v, size_t index)
{
	const struct story *s = stories_double.stories;
	unsigned mine = variety_draw(v, "double", s[index].name, 1u << 30);
	size_t before = 0;

	for (size_t i = 0; i < stories_double.len; i++) {
		unsigned other = variety_draw(v, "double", s[i].name, 1u << 30);
		before += other < mine || (other == mine && i < index);
	}
	return before < STORIES_DOUBLE;
}

static void
add_endpoint(struct lab *lab, const struct story_table *table, size_t index)
{
	struct endpoint *e = &lab->endpoints[lab->len++];

	e->story = &table->stories[index];
	e->group = table->title;
}

static void
choose_endpoints(struct lab *lab)
{
	size_t most = stories_double.len + stories_fleet.len + stories_revocation.len + lab->services.table.len;

	for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
		most += tables[t]->len;
	lab->endpoints = mem_zero(most, sizeof *lab->endpoints);
	for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
		for (size_t i = 0; i < tables[t]->len; i++)
			add_endpoint(lab, tables[t], i);
	for (size_t i = 0; lab->variety.seed == 0 && i < stories_fleet.len; i++)
		add_endpoint(lab, &stories_fleet, i);
	for (size_t i = 0; lab->variety.seed != 0 && i < stories_double.len; i++)
		if (is_chosen(&lab->variety, i))
			add_endpoint(lab, &stories_double, i);
	for (size_t i = 0; i < stories_revocation.len; i++)
		add_endpoint(lab, &stories_revocation, i);
	for (size_t i = 0; i < lab->services.table.len; i++)
		add_endpoint(lab, &lab->services.table, i);
}

static status
start_endpoint(struct lab *lab, struct endpoint *e, struct error *err)
{
	char address[128];

	if (server_start(&e->server, e->story, &lab->servers, err) != STATUS_OK)
		return STATUS_FAILED;
	snprintf(address, sizeof address, "%s:%u", e->story->address != NULL ? e->story->address : "127.0.0.1",
	    e->server.port != 0 ? e->server.port : 443u);
	e->address = mem_strdup(address);
	endpoint_args(e);
	e->servername = e->story->by_address || e->story->address != NULL ? NULL : e->story->host != NULL ? e->story->host : lab->variety.host;
	return STATUS_OK;
}

/* The services in a ring: who calls others calls the one after it. */
static void
link_services(struct lab *lab)
{
	size_t len = lab->services.table.len, first = lab->len - len;

	for (size_t i = 0; i < len; i++) {
		struct endpoint *e = &lab->endpoints[first + i];

		if (e->story->calls)
			e->server.upstream = &lab->endpoints[first + (i + 1) % len].server;
	}
}

static status
open_loop(struct lab *lab, struct error *err)
{
	int result = uv_loop_init(&lab->loop);

	lab->loop_open = result == 0;
	return result == 0 ? STATUS_OK : error_set(err, ERROR_LOCAL, "starting the lab", "The loop: %s.", uv_strerror(result));
}

static void
watch_signals(struct lab *lab)
{
	static const int numbers[LAB_SIGNALS] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < LAB_SIGNALS; i++) {
		uv_signal_init(&lab->loop, &lab->signals[i]);
		lab->signals[i].data = lab;
		uv_signal_start(&lab->signals[i], on_signal, numbers[i]);
	}
}

/* Behind the responder's port. In a repeatable lab its keys and ids follow from the seed, as all else. */
static status
start_cloud(struct lab *lab, const struct lab_options *opt, struct error *err)
{
	unsigned port = opt->first_port != 0 ? opt->first_port + (unsigned)lab->len + 1 : 0;
	struct cloud_options o = { .dir = lab->folder.path, .port = (uint16_t)port, .throttle = opt->throttle,
		.no_report_limit = opt->no_throttle, .certificates = opt->certificates, .world = lab->world, .authority = lab->authority,
		.seed = opt->seed };
	status s;

	if (port > UINT16_MAX)
		return error_set(err, ERROR_USAGE, "starting the lab", "--first-port: the ports after it do not suffice, %u would be the last", port);
	lab->certificates = opt->certificates;
	repeat_about("cloud");
	s = cloud_start(&o, &lab->cloud, err);
	repeat_over();
	return s;
}

status
lab_start(const struct lab_options *opt, const struct world *w, struct lab **out, struct error *err)
{
	struct lab *lab = mem_zero(1, sizeof *lab);
	struct files files;

	lab->world = w;
	variety_init(&lab->variety, opt->seed);
	/* First: it forks, and there is nothing to copy yet. */
	if (folder_open(opt->dir, w, &lab->folder, err) != STATUS_OK || open_loop(lab, err) != STATUS_OK ||
	    cloud_look(lab->folder.path, err) != STATUS_OK)
		goto failed;
	/* Before anybody is told that we are there: one that comes early waits for lab_run(). */
	watch_signals(lab);
	if (opt->repeatable)
		repeat_start(opt->seed, w->now_ms(w->self) / 1000);
	lab->authority = authority_new(&lab->variety, w->now_ms(w->self) / 1000);
	services_make(&lab->services, opt->services);
	authority_add(lab->authority, lab->services.recipes, lab->services.table.len);
	if (!opt->repeatable)
		cloud_kept_keys(lab->folder.path, opt->seed, lab->authority);
	lab->servers = (struct servers){ .loop = &lab->loop, .authority = lab->authority, .variety = &lab->variety, .world = w,
		.next_port = opt->first_port };
	files = (struct files){ .folder = &lab->folder, .authority = lab->authority, .variety = &lab->variety };
	choose_endpoints(lab);
	/* Before any certificate is made: they name it. Behind the ports of all endpoints. */
	if (responder_start(&lab->responder, &lab->loop, lab->authority, w, opt->first_port, (unsigned)lab->len, err) != STATUS_OK)
		goto failed;
	/* The servers first: our own RSA key is still being made. */
	for (size_t i = 0; i < lab->len; i++)
		if (start_endpoint(lab, &lab->endpoints[i], err) != STATUS_OK)
			goto failed;
	link_services(lab);
	for (size_t i = 0; i < lab->len; i++)
		if (endpoint_files(&lab->endpoints[i], &files, err) != STATUS_OK)
			goto failed;
	authority_cert(lab->authority, "responder"); /* nobody shows it, and it signs */
	/* All certificates are made, and nobody has been answered yet. */
	authority_settle(lab->authority);
	if (start_cloud(lab, opt, err) != STATUS_OK || lab_write_configuration(lab, err) != STATUS_OK)
		goto failed;
	repeat_stop();
	*out = lab;
	return STATUS_OK;
failed:
	if (lab->authority != NULL)
		authority_settle(lab->authority);
	repeat_stop();
	lab_free(lab);
	return STATUS_FAILED;
}

static void
close_handle(uv_handle_t *h, void *nothing)
{
	(void)nothing;
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

status
lab_run(struct lab *lab, int stop_fd, struct error *err)
{
	/* A peer that went away must not end us; OpenSSL and libuv report it. */
	signal(SIGPIPE, SIG_IGN);
	if (stop_fd >= 0) {
		int result = uv_poll_init(&lab->loop, &lab->stop_fd, stop_fd);
		if (result == 0)
			result = uv_poll_start(&lab->stop_fd, UV_READABLE | UV_DISCONNECT, on_stop_fd);
		if (result != 0)
			return error_set(err, ERROR_LOCAL, "running the lab", "The end cannot be watched for: %s.", uv_strerror(result));
	}
	uv_run(&lab->loop, UV_RUN_DEFAULT);
	return STATUS_OK;
}

int
lab_signal(const struct lab *lab)
{
	return (int)lab->signal;
}

const char *
lab_folder(const struct lab *lab)
{
	return lab->folder.path;
}

void
lab_free(struct lab *lab)
{
	if (lab == NULL)
		return;
	cloud_stop(lab->cloud);
	if (lab->loop_open) {
		connections_close(&lab->servers);
		responder_close(&lab->responder);
		uv_walk(&lab->loop, close_handle, NULL);
		uv_run(&lab->loop, UV_RUN_DEFAULT);
		uv_loop_close(&lab->loop);
	}
	for (size_t i = 0; i < lab->len; i++)
		endpoint_done(&lab->endpoints[i]);
	free(lab->endpoints);
	free(lab->config);
	authority_free(lab->authority);
	services_done(&lab->services);
	folder_close(&lab->folder);
	free(lab);
}
