/*
 * A real nginx and a real HAProxy as the endpoint: their certificate is mended through the private CA, they are reloaded by the hook
 * of the configuration, the new certificate is seen on the wire, and undo brings the old one back the same way.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/buf.h"
#include "model/input.h"
#include "model/memory.h"
#include "tests/lab_fix.h"

enum { READY_MS = 20000 };

static struct lab_fix l;

/* ---- files ---- */

static void
append(struct buf *out, const char *path)
{
	struct input in = { .bytes = NULL };

	assert_int_equal(input_read(path, 1 << 20, &in, NULL), STATUS_OK);
	buf_add(out, in.bytes, in.len);
	input_free(&in);
}

static void
write_text(const char *name, struct buf *text)
{
	assert_true(write_file(in_folder(l.folder, name), text->data, text->len));
	buf_done(text);
}

static void
copy(const char *from, const char *name)
{
	struct buf b = { 0 };

	append(&b, from);
	write_text(name, &b);
}

/* ---- the servers ---- */

struct server {
	pid_t pid;
	int port;
};

static struct server
start_nginx(void)
{
	static const char *const kinds[] = { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" };
	struct server s = { .port = reserve_port() };
	struct buf b = { 0 };

	buf_addf(&b, "daemon off; pid %s/nginx.pid; error_log %s/nginx.log info;\nevents { }\nhttp { access_log off;\n", l.folder, l.folder);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		buf_addf(&b, "%s_temp_path %s/nginx-%s;\n", kinds[i], l.folder, kinds[i]);
	buf_addf(&b, "server { listen 127.0.0.1:%d ssl; ssl_certificate %s/tls.crt; ssl_certificate_key %s/tls.key;\n", s.port, l.folder, l.folder);
	buf_addf(&b, "ssl_client_certificate %s/clients.pem; ssl_verify_client on; ssl_verify_depth 3; location / { return 200 ok; } }\n}\n", l.folder);
	write_text("nginx.conf", &b);
	s.pid = start_server((const char *const[]){ "nginx", "-e", in_folder(l.folder, "nginx.log"), "-p", l.folder, "-c", in_folder(l.folder, "nginx.conf"), NULL },
	    in_folder(l.folder, "nginx.out"));
	return s;
}

static struct server
start_haproxy(void)
{
	struct server s = { .port = reserve_port() };
	struct buf b = { 0 };

	buf_adds(&b, "global\n\tlog stderr format raw local0 err\ndefaults\n\tmode http\n\ttimeout connect 5s\n\ttimeout client 20s\n\ttimeout server 20s\n");
	buf_addf(&b, "frontend f\n\tbind 127.0.0.1:%d ssl crt %s/both.pem ca-file %s/clients.pem verify required\n\thttp-request return status 200\n", s.port, l.folder, l.folder);
	write_text("haproxy.cfg", &b);
	s.pid = start_server((const char *const[]){ "haproxy", "-W", "-db", "-f", in_folder(l.folder, "haproxy.cfg"), "-p", in_folder(l.folder, "haproxy.pid"), NULL },
	    in_folder(l.folder, "haproxy.out"));
	return s;
}

/* ---- one case ---- */

struct server_case {
	const char *name, *fault;    /* the lab's endpoint whose files it gets */
	struct server (*start)(void);
	const char *cert, *key;      /* in our folder */
	const char *reload;          /* {folder} */
};

static void
write_config(const struct server_case *c, int port)
{
	const char *endpoint = cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetObjectItem(l.lab.json, "environment"), "AWS_ENDPOINT_URL"));
	const cJSON *e = lab_fix_endpoint(&l, "healthy");
	struct buf b = { 0 };

	buf_addf(&b, "aws:\n  - {name: lab, region: us-east-1, endpoint_url: \"%s\"}\n", endpoint);
	buf_addf(&b, "identities:\n  - {name: order, cert: \"%s\", key: \"%s\", trust: \"%s\"}\n", lab_fix_text(e, "cert"), lab_fix_text(e, "key"), lab_fix_text(e, "cacert"));
	buf_addf(&b, "fleet:\n  - name: payment\n    target: \"127.0.0.1:%d\"\n    servername: payment.internal\n    identity: order\n", port);
	buf_addf(&b, "    serves: {cert: \"%s/%s\", key: \"%s/%s\", trust: \"%s/clients.pem\"}\n", l.folder, c->cert, l.folder, c->key, l.folder);
	buf_addf(&b, "    renew: {aws: lab, ca: \"Acme Issuing CA 1\", before_days: 10, validity_days: 60, new_key: true}\n");
	if (c->reload != NULL)
		buf_addf(&b, "    install: {files: serves, reload: \"%s\"}\n", c->reload);
	write_text("config.yaml", &b);
}

static void
check_says(const struct server_case *c, const char *verdict, const char *root)
{
	int result;
	cJSON *o = lab_fix_json(&l, (const char *const[]){ "check", "--config", in_folder(l.folder, "config.yaml"), "payment", NULL }, &result);

	if (strcmp(lab_fix_text(o, "verdict"), verdict) != 0 || strcmp(lab_fix_text(o, "root_cause"), root) != 0)
		fail_msg("%s: %s %s, and %s %s was expected", c->name, lab_fix_text(o, "verdict"), lab_fix_text(o, "root_cause"), verdict, root);
	cJSON_Delete(o);
}

static void
mend_and_undo(const struct server_case *c)
{
	const cJSON *broken = lab_fix_endpoint(&l, c->fault), *serves = cJSON_GetObjectItem(broken, "serves");
	struct buf both = { 0 }, before = { 0 }, after = { 0 };
	struct server s;
	char id[24];
	int result;
	cJSON *o;

	copy(lab_fix_text(serves, "cert"), "tls.crt");
	copy(lab_fix_text(serves, "key"), "tls.key");
	copy(lab_fix_text(serves, "trust"), "clients.pem");
	append(&both, lab_fix_text(serves, "cert"));
	append(&both, lab_fix_text(serves, "key"));
	write_text("both.pem", &both);
	append(&before, in_folder(l.folder, c->cert));
	s = c->start();
	if (!wait_for_port(s.port, s.pid, READY_MS))
		fail_msg("%s does not start", c->name);
	write_config(c, s.port);
	check_says(c, lab_fix_text(broken, "expect")[0] == '(' ? "ok" : "error", lab_fix_text(broken, "expect"));

	o = lab_fix_json(&l, (const char *const[]){ "fix", "--config", in_folder(l.folder, "config.yaml"), "payment", "--apply", "--yes", NULL }, &result);
	if (result != 0) {
		char *text = cJSON_Print(o);
		fail_msg("%s: fix ended with %d: %s", c->name, result, text);
	}
	check_says(c, "ok", "(none)");
	snprintf(id, sizeof id, "%.0f", cJSON_GetNumberValue(cJSON_GetObjectItem(cJSON_GetObjectItem(o, "plan"), "id")));
	cJSON_Delete(o);

	cJSON_Delete(lab_fix_json(&l, (const char *const[]){ "undo", id, "--apply", "--yes", NULL }, &result));
	assert_int_equal(result, 0);
	append(&after, in_folder(l.folder, c->cert));
	assert_int_equal(after.len, before.len);
	assert_memory_equal(after.data, before.data, before.len);
	check_says(c, "error", lab_fix_text(broken, "expect"));
	stop_server(s.pid);
	buf_done(&before);
	buf_done(&after);
}

static char nginx_reload[4200], haproxy_reload[4200], failing_reload[4200];

static void
a_real_nginx(void **state)
{
	static const char *const faults[] = { "server-missing-intermediate", "server-expired", "server-wrong-name" };

	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		mend_and_undo(&(struct server_case){ "nginx", faults[i], start_nginx, "tls.crt", "tls.key", nginx_reload });
}

static void
a_real_haproxy(void **state)
{
	(void)state;
	mend_and_undo(&(struct server_case){ "HAProxy", "server-expired", start_haproxy, "both.pem", "both.pem", haproxy_reload });
}

/* The reload fails: the plan stops, the old files are back, and it says so. */
static void
a_reload_that_fails(void **state)
{
	struct server_case c = { "nginx", "server-expired", start_nginx, "tls.crt", "tls.key", failing_reload };
	const cJSON *serves = cJSON_GetObjectItem(lab_fix_endpoint(&l, c.fault), "serves");
	struct buf before = { 0 }, after = { 0 };
	struct server s;
	struct run r;

	(void)state;
	copy(lab_fix_text(serves, "cert"), "tls.crt");
	copy(lab_fix_text(serves, "key"), "tls.key");
	copy(lab_fix_text(serves, "trust"), "clients.pem");
	append(&before, in_folder(l.folder, "tls.crt"));
	s = c.start();
	assert_true(wait_for_port(s.port, s.pid, READY_MS));
	write_config(&c, s.port);
	lab_fix_run(&l, (const char *const[]){ "fix", "--config", in_folder(l.folder, "config.yaml"), "payment", "--apply", "--yes", NULL }, &r);
	assert_int_equal(r.status, 10);
	assert_non_null(strstr(buf_str(&r.out), "STOPPED at step"));
	assert_non_null(strstr(buf_str(&r.out), "no such unit"));
	append(&after, in_folder(l.folder, "tls.crt"));
	assert_int_equal(after.len, before.len);
	assert_memory_equal(after.data, before.data, before.len);
	run_done(&r);
	stop_server(s.pid);
	buf_done(&before);
	buf_done(&after);
}

/*
 * Renewed by somebody, and never loaded: what mends that is the reload, and no certificate is issued. Where nothing says how it is
 * reloaded, or what lies there is no better, that is said or mended as ever.
 */
static void
what_is_there_has_only_to_be_loaded(void **state)
{
	struct server_case c = { "nginx", "server-expired", start_nginx, "tls.crt", "tls.key", nginx_reload };
	const cJSON *expired = cJSON_GetObjectItem(lab_fix_endpoint(&l, c.fault), "serves"), *fresh = cJSON_GetObjectItem(lab_fix_endpoint(&l, "healthy"), "serves");
	char *config = mem_strdup(in_folder(l.folder, "config.yaml"));
	const char *const words[] = { "fix", "--config", config, "payment", NULL }, *const apply[] = { "fix", "--config", config, "payment", "--apply", "--yes", NULL },
	                  *const anew[] = { "fix", "--config", config, "payment", "--ca", "Acme Issuing CA 1", NULL };
	const cJSON *plan, *steps;
	struct server s;
	int result;
	cJSON *o;

	(void)state;
	copy(lab_fix_text(expired, "cert"), "tls.crt");
	copy(lab_fix_text(expired, "key"), "tls.key");
	copy(lab_fix_text(expired, "trust"), "clients.pem");
	s = c.start();
	assert_true(wait_for_port(s.port, s.pid, READY_MS));
	write_config(&c, s.port);
	copy(lab_fix_text(fresh, "cert"), "tls.crt");
	/* The key of the old one: that is not to be loaded. */
	o = lab_fix_json(&l, words, &result);
	assert_true(cJSON_GetArraySize(cJSON_GetObjectItem(cJSON_GetObjectItem(o, "plan"), "steps")) > 2);
	cJSON_Delete(o);
	copy(lab_fix_text(fresh, "key"), "tls.key");
	o = lab_fix_json(&l, anew, &result);
	assert_true(cJSON_GetArraySize(cJSON_GetObjectItem(cJSON_GetObjectItem(o, "plan"), "steps")) > 2);
	cJSON_Delete(o);
	o = lab_fix_json(&l, words, &result);
	plan = cJSON_GetObjectItem(o, "plan");
	steps = cJSON_GetObjectItem(plan, "steps");
	assert_int_equal(cJSON_GetArraySize(steps), 2);
	assert_non_null(strstr(lab_fix_text(plan, "title"), "loads what is in"));
	assert_string_equal(lab_fix_text(cJSON_GetArrayItem(steps, 0), "what"), "reload “payment”");
	cJSON_Delete(o);
	c.reload = NULL;
	write_config(&c, s.port);
	o = lab_fix_json(&l, words, &result);
	assert_int_equal(result, 5);
	assert_non_null(strstr(lab_fix_text(o, "by_hand"), "there is nothing wrong with it"));
	cJSON_Delete(o);
	c.reload = nginx_reload;
	write_config(&c, s.port);
	o = lab_fix_json(&l, apply, &result);
	assert_int_equal(result, 0);
	assert_string_equal(lab_fix_text(o, "result"), "mended");
	cJSON_Delete(o);
	check_says(&c, "ok", "(none)");
	stop_server(s.pid);
	free(config);
}

static int
set_up(void **state)
{
	(void)state;
	if (!lab_fix_start(&l, NULL))
		return -1;
	snprintf(nginx_reload, sizeof nginx_reload, "kill -HUP $(cat %s/nginx.pid)", l.folder);
	snprintf(haproxy_reload, sizeof haproxy_reload, "kill -USR2 $(cat %s/haproxy.pid)", l.folder);
	snprintf(failing_reload, sizeof failing_reload, "echo no such unit >&2; exit 5");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	lab_fix_stop(&l);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_real_nginx),
		cmocka_unit_test(a_real_haproxy),
		cmocka_unit_test(a_reload_that_fails),
		cmocka_unit_test(what_is_there_has_only_to_be_loaded),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
