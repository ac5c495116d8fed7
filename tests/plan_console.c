#include "tests/plan_console.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixes/deeds.h"
#include "fixes/plan_store.h"
#include "model/input.h"
#include "model/memory.h"
#include "tests/program.h"

enum { SLICE_MS = 20 };

const char *
plan_console_in(const struct plan_console *c, const char *name)
{
	return in_folder(c->folder, name);
}

static void
put(const struct plan_console *c, const char *name, const char *text)
{
	int fd = open(plan_console_in(c, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

const char *
plan_console_text(const struct plan_console *c, const char *name)
{
	static char ring[4][256];
	static size_t at;
	char *out = ring[at++ % 4];
	struct input in = { .bytes = NULL };
	struct error err = { .code = ERROR_NONE };

	if (access(plan_console_in(c, name), F_OK) != 0 || input_read(plan_console_in(c, name), 200, &in, &err) != STATUS_OK)
		return "(none)";
	snprintf(out, sizeof ring[0], "%.*s", (int)in.len, (const char *)in.bytes);
	input_free(&in);
	return out;
}

/* ---- its world ---- */

static const char *
env(void *self, const char *name)
{
	struct plan_console *c = self;

	if (strcmp(name, "HOME") == 0)
		return c->folder;
	return strcmp(name, "SUDO_USER") == 0 ? "anna" : NULL;
}

static int64_t
now_ms(void *self)
{
	(void)self;
	return CHAINS_NOW * 1000;
}

static uint64_t
ticks(void *self)
{
	(void)self;
	return world_real()->ticks_us(world_real()->self);
}

static void
chance(void *self, unsigned char *out, size_t len)
{
	(void)self;
	world_real()->random(world_real()->self, out, len);
}

/* ---- its plans ---- */

static cJSON *
files(const struct plan_console *c)
{
	cJSON *args = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(args, "files"), *file, *part;

	for (int i = 0; i < 2; i++) {
		file = cJSON_CreateObject();
		part = cJSON_CreateObject();
		cJSON_AddStringToObject(file, "path", plan_console_in(c, c->kind == PLAN_BLOCKED ? "gate/tls.crt" : i == 0 ? "tls.crt" : "fresh.pem"));
		cJSON_AddBoolToObject(file, "secret", false);
		cJSON_AddStringToObject(part, "text", PLAN_NEW);
		cJSON_AddItemToArray(cJSON_AddArrayToObject(file, "parts"), part);
		cJSON_AddItemToArray(list, file);
	}
	return args;
}

/* Its files by variables: what is shown of the command is alike whatever the folder's name. */
static cJSON *
command(const struct plan_console *c)
{
	static const char *const lines[] = {
		[PLAN_FAILS] = "test ! -e $BROKEN || { echo the service does not start; exit 3; }",
		[PLAN_HANGS] = "read line <$GATE",
		[PLAN_SLOW] = NULL,
	};
	cJSON *args = cJSON_CreateObject(), *variables = cJSON_AddObjectToObject(args, "env");

	cJSON_AddStringToObject(args, "command", lines[c->kind] != NULL ? lines[c->kind] : "echo reloaded >>$RELOADS");
	cJSON_AddStringToObject(variables, "BROKEN", plan_console_in(c, "broken"));
	cJSON_AddStringToObject(variables, "GATE", plan_console_in(c, "gate"));
	cJSON_AddStringToObject(variables, "RELOADS", plan_console_in(c, "reloads"));
	return args;
}

static struct plan *
new_plan(struct plan_console *c)
{
	struct plan *p = plan_new(&(struct plan_place){ .client = NULL }, "put “Acme Issuing CA 1” into order.crt");
	struct plan_step *s = plan_add_deed(p, &deed_write_files, files(c));
	cJSON *args;

	s->what = "write order.crt: the leaf, then “Acme Issuing CA 1”";
	s->reads = "order.crt, and the private CA's certificate";
	s->changes = "order.crt has two certificates, and the old one stays beside it";
	s->call = "acm-pca GetCertificateAuthorityCertificate";
	s->command = "aws acm-pca get-certificate-authority-certificate --certificate-authority-arn arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/22222222-2222-4222-8222-222222222222 --query Certificate --output text >issuing.pem\ncat order.crt issuing.pem >fullchain.pem";
	s->undo = "the old file is renamed back, byte for byte";
	s = plan_add_deed(p, &deed_run, command(c));
	s->what = "reload “order”";
	s->changes = "what the service sends";
	s->undo = "the same once more, after the files are back";
	args = cJSON_CreateObject();
	cJSON_AddStringToObject(args, "command", "true");
	s = plan_add_deed(p, &deed_run, args);
	s->what = "look whether it runs";
	p->cost = "0.75 USD once (list price, may differ)";
	plan_note(p, "“order-service” ends in 88 d all the same: a new chain gives no leaf more time.");
	plan_after(p, "The old file is order.crt.old, and stays until somebody removes it.");
	plan_reaches(p, c->reached == REACH_UNKNOWN ? "order.crt on bastion-2. UNKNOWN: whether the running service reads it; this mends the copy on bastion-2 only" :
	    "order.crt on bastion-2: “order” reads it (serves, in config.yaml)");
	p->reached = c->reached;
	return p;
}

/* Until it is left; or let go on. */
static void
be_slow(struct plan_console *c, const struct plan_asked *asked)
{
	struct pollfd fd = { .fd = c->gate, .events = POLLIN };
	char line[16];

	while (!atomic_load(asked->cancel)) {
		if (poll(&fd, 1, SLICE_MS) > 0) {
			assert_true(read(c->gate, line, sizeof line) > 0);
			return;
		}
	}
}

static status
make(void *user, const struct plan_asked *asked, struct plan **out, const char **words, struct error *err)
{
	struct plan_console *c = user;

	atomic_fetch_add(&c->made, 1);
	c->asked = asked->code;
	if (c->kind == PLAN_SLOW)
		be_slow(c, asked);
	if (atomic_load(asked->cancel)) {
		atomic_fetch_add(&c->dropped, 1);
		return error_set(err, ERROR_NOT_DONE, "plan", "it was left");
	}
	if (c->kind == PLAN_REFUSED)
		return error_set(err, ERROR_AWS, "plan", "list the CAs: AccessDeniedException: not authorized to perform acm-pca:ListCertificateAuthorities");
	if (c->kind == PLAN_BY_HAND)
		*words = "Its owner has to put “Acme Issuing CA 1” into the chain that the server sends. In nginx:\n\n  ssl_certificate      fullchain.pem;\n  ssl_certificate_key  server.key;";
	else
		*out = new_plan(c);
	return STATUS_OK;
}

/* ---- its life ---- */

static int
mute_server(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fd, 16), 0);
	return fd;
}

void
plan_console_start(struct plan_console *c)
{
	*c = (struct plan_console){ .folder = make_folder(), .pages = pages_make(), .server = mute_server() };
	c->world = (struct world){ .now_ms = now_ms, .ticks_us = ticks, .random = chance, .env = env, .self = c };
	c->maker = (struct plan_maker){ .make = make, .user = c };
	assert_int_equal(mkfifo(plan_console_in(c, "gate"), 0600), 0);
	/* Held open at both ends: nobody waits for the other one to come. */
	c->gate = open(plan_console_in(c, "gate"), O_RDWR | O_CLOEXEC);
	assert_true(c->gate >= 0);
}

void
plan_console_done(struct plan_console *c)
{
	close(c->server);
	close(c->gate);
	pages_free(c->pages);
	remove_folder(c->folder);
}

void
plan_console_begin(struct plan_console *c)
{
	struct run r;

	run_program((const char *const[]){ "/bin/rm", "-rf", plan_console_in(c, "reloads"), plan_console_in(c, "fresh.pem"),
	    plan_console_in(c, "broken"), NULL }, NULL, &r);
	assert_int_equal(r.status, 0);
	run_done(&r);
	put(c, "tls.crt", PLAN_OLD);
	snprintf(c->record, sizeof c->record, "%s/changes-%u", c->folder, c->round++);
	c->kind = PLAN_FINE;
	c->reached = REACH_TOLD;
	atomic_store(&c->made, 0);
	atomic_store(&c->dropped, 0);
}

void
plan_console_setup(struct plan_console *c, struct console_setup *setup)
{
	struct target t = { .name = NULL };
	struct error err = { .code = ERROR_NONE };
	struct sockaddr_in at;
	socklen_t size = sizeof at;
	struct evidence *ev;
	struct diagnosis *d;
	char spelled[32];

	assert_int_equal(getsockname(c->server, (struct sockaddr *)&at, &size), 0);
	snprintf(spelled, sizeof spelled, "127.0.0.1:%d", ntohs(at.sin_port));
	assert_int_equal(target_parse(spelled, &t, &err), STATUS_OK);
	*setup = (struct console_setup){ .fleet = fleet_new(), .world = &c->world, .examine = examine_defaults, .plans = &c->maker, .changes = c->record,
		.allow_changes = true, .still = true, .first = &endpoint_view };
	setup->examine.at_set = true;
	setup->examine.at = CHAINS_NOW;
	c->entry = fleet_add(setup->fleet, "payment", &t, NULL, NULL, NULL);
	target_done(&t);
	d = pages_give(c->pages, PAGES_FORGOTTEN, &ev);
	fleet_result(setup->fleet, c->entry, ev, d, CHAINS_NOW * 1000);
	setup->first_argument = c->entry;
}

void
plan_console_seen(struct plan_console *c, struct screen *s, enum pages_story story)
{
	struct evidence *ev;
	struct diagnosis *d = pages_give(c->pages, story, &ev);

	assert_true(c->entry->waiting); /* it is being looked at */
	fleet_result(console_fleet(screen_console(s)), c->entry, ev, d, CHAINS_NOW * 1000);
	console_urgent(screen_console(s));
	console_draw(screen_console(s));
}

void
plan_console_go_on(struct plan_console *c)
{
	assert_int_equal(write(c->gate, "go\n", 3), 3);
}

struct changes *
plan_console_record(const struct plan_console *c)
{
	struct changes *out;
	struct error err = { .code = ERROR_NONE };

	if (changes_open(c->record, &c->world, &out, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return out;
}

void
plan_console_hosts(const struct plan_console *c, const char *host)
{
	char sql[256];
	sqlite3 *db;

	snprintf(sql, sizeof sql, "UPDATE plan SET host = '%s'; UPDATE event SET host = '%s'", host, host);
	assert_int_equal(sqlite3_open(in_folder(c->record, "changes.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}
