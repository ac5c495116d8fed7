#include "tests/paste_run.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/peers.h"
#include "tests/peers_start.h"
#include "tests/program.h"

enum { READY_MS = 30000 };

static const struct {
	const char *stack;
	enum peer_kind peer; /* the one whose programs it takes */
} stacks[] = { { "nginx", PEER_NGINX }, { "apache", PEER_APACHE }, { "haproxy", PEER_HAPROXY }, { "go", PEER_GO }, { "java", PEER_JAVA }, { "python", PEER_PYTHON }, { "node", PEER_NODE } };

const char *
paste_run_missing(const char *stack)
{
	for (size_t i = 0; i < sizeof stacks / sizeof stacks[0]; i++)
		if (strcmp(stacks[i].stack, stack) == 0)
			return peer_missing(stacks[i].peer);
	return NULL;
}

static bool
is(const struct paste_run *r, const char *stack)
{
	return strcmp(r->stack, stack) == 0;
}

/* ---- files ---- */

static void
put(const char *path, const char *text)
{
	assert_true(write_file(path, text, strlen(text)));
}

static void
shell(const char *text)
{
	struct run run;

	run_program((const char *const[]){ "sh", "-c", text, NULL }, NULL, &run);
	if (run.status != 0)
		fail_msg("status %d of\n%s\n%s%s", run.status, text, buf_str(&run.out), buf_str(&run.err));
	run_done(&run);
}

/* The file's name as the part has it, without folders. */
static const char *
part_path(const struct paste_run *r, const struct paste_part *p)
{
	const char *slash = strrchr(p->file, '/');

	return in_folder(r->own, slash != NULL ? slash + 1 : p->file);
}

void
paste_run_write(struct paste_run *r)
{
	struct arena *a = arena_new();
	struct error err = { .code = ERROR_NONE };
	struct paste p;

	snprintf(r->own, sizeof r->own, "%s/%s-%s-%u", r->folder, r->stack, r->c.side == PASTE_CLIENT ? "client" : "server", r->c.port);
	assert_true(mkdir(r->own, 0711) == 0 || errno == EEXIST);
	if (paste_make(&r->c, paste_named(r->stack), a, &p, &err) != STATUS_OK)
		fail_msg("%s: %s", r->stack, err.text);
	for (size_t i = 0; i < p.len; i++) {
		/* curl's is the client itself: it is run when it is to ask. */
		if (strcmp(p.parts[i].file, "shell") == 0 && !is(r, "curl"))
			shell(p.parts[i].text);
		put(part_path(r, &p.parts[i]), p.parts[i].text);
	}
	arena_free(a);
}

/* ---- the rest of a configuration ---- */

static void
add_nginx(const struct paste_run *r, struct buf *b)
{
	static const char *const kinds[] = { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" };

	buf_addf(b, "daemon off; master_process off; pid %s/pid; error_log %s/log info;\nevents { }\nhttp { access_log off;\n", r->own, r->own);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		buf_addf(b, "%s_temp_path %s/%s;\n", kinds[i], r->own, kinds[i]);
	if (r->c.side == PASTE_CLIENT)
		buf_addf(b, "server { listen 127.0.0.1:%d; include %s/*-client.inc; } }\n", r->port, r->own);
	else
		buf_addf(b, "include %s/localhost.conf; }\n", r->own);
}

static void
add_apache(const struct paste_run *r, struct buf *b)
{
	static const char *const modules[] = { "mpm_event", "unixd", "authz_core", "headers", "proxy", "proxy_http", "ssl" };

	buf_addf(b, "ServerRoot %s\nDefaultRuntimeDir %s\nPidFile %s/pid\nErrorLog %s/log\nLogLevel info\nMutex posixsem\nServerName localhost\n", r->own, r->own, r->own, r->own);
	for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++) {
		char file[512];

		snprintf(file, sizeof file, "%s/mod_%s.so", apache_modules(), modules[i]);
		if (access(file, R_OK) == 0)
			buf_addf(b, "LoadModule %s_module %s\n", modules[i], file);
	}
	if (geteuid() == 0)
		buf_adds(b, "User nobody\nGroup #65534\n");
	buf_adds(b, "StartServers 1\nThreadsPerChild 8\nMinSpareThreads 1\nMaxRequestWorkers 16\nSSLSessionCache none\n");
	if (r->c.side == PASTE_CLIENT)
		buf_addf(b, "Listen 127.0.0.1:%d\n<VirtualHost *:%d>\nInclude %s/localhost-client.conf\n</VirtualHost>\n", r->port, r->port, r->own);
	else
		buf_addf(b, "Include %s/localhost.conf\n", r->own);
}

static void
add_haproxy(const struct paste_run *r, struct buf *b)
{
	buf_adds(b, "defaults\n  retries 0\n  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\n");
	if (r->c.side == PASTE_CLIENT)
		buf_addf(b, "frontend f\n  mode http\n  bind 127.0.0.1:%d\n  default_backend mtls_out\n", r->port);
}

static const char *
wrapped(const struct paste_run *r, void (*add)(const struct paste_run *r, struct buf *b))
{
	struct buf b = { 0 };
	const char *path = in_folder(r->own, "around.conf");

	add(r, &b);
	put(path, buf_str(&b));
	buf_done(&b);
	return path;
}

/* ---- starting ---- */

static void
build_go(const struct paste_run *r)
{
	char cache[4200], here[2048];
	struct run run;

	assert_non_null(getcwd(here, sizeof here));
	snprintf(cache, sizeof cache, "GOCACHE=%s/build-servers/go-cache", here);
	run_program((const char *const[]){ "go", "build", "-o", in_folder(r->own, "program"), in_folder(r->own, r->c.side == PASTE_CLIENT ? "client.go" : "server.go"), NULL },
	    &(struct run_options){ .env = (const char *const[]){ cache, "GO111MODULE=off", "GOTOOLCHAIN=local", "CGO_ENABLED=0", NULL }, .deadline_ms = 120000 }, &run);
	if (run.status != 0)
		fail_msg("go build: %s%s", buf_str(&run.out), buf_str(&run.err));
	run_done(&run);
}

static const char *
options_of(const struct paste_run *r)
{
	static char at[4200];

	snprintf(at, sizeof at, "@%s.java", r->c.cert);
	return at;
}

#define JAVA "java", "-Xshare:auto", "-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"

static pid_t
start(const struct paste_run *r)
{
	const char *log = in_folder(r->own, "out");

	if (is(r, "nginx"))
		return start_server((const char *const[]){ "nginx", "-e", log, "-p", r->own, "-c", wrapped(r, add_nginx), NULL }, log);
	if (is(r, "apache"))
		return start_server((const char *const[]){ access("/usr/sbin/apache2", X_OK) == 0 ? "apache2" : "httpd", "-f", wrapped(r, add_apache), "-DFOREGROUND", NULL }, log);
	if (is(r, "haproxy"))
		return start_server((const char *const[]){ "haproxy", "-db", "-f", wrapped(r, add_haproxy), "-f", in_folder(r->own, "haproxy.cfg"), NULL }, log);
	if (is(r, "python"))
		return start_server((const char *const[]){ "python3", in_folder(r->own, "server.py"), NULL }, log);
	if (is(r, "node"))
		return start_server((const char *const[]){ "node", in_folder(r->own, "server.js"), NULL }, log);
	if (is(r, "java"))
		return start_server((const char *const[]){ JAVA, options_of(r), in_folder(r->own, "Server.java"), NULL }, log);
	return start_server((const char *const[]){ in_folder(r->own, "program"), NULL }, log);
}

void
paste_run_serve(struct paste_run *r)
{
	r->port = (int)r->c.port;
	paste_run_write(r);
	if (is(r, "go"))
		build_go(r);
	r->pid = start(r);
}

void
paste_run_again(struct paste_run *r)
{
	r->pid = start(r);
}

void
paste_run_stop(struct paste_run *r)
{
	stop_server(r->pid);
	r->pid = 0;
}

/* ---- asking ---- */

static bool
is_proxy(const struct paste_run *r)
{
	return is(r, "nginx") || is(r, "apache") || is(r, "haproxy");
}

static bool
ask_proxy(struct paste_run *r)
{
	char url[64];
	struct run run;
	bool good;

	r->port = reserve_port();
	r->pid = start(r);
	if (!wait_for_port(r->port, r->pid, READY_MS))
		fail_msg("%s does not start: see %s", r->stack, r->own);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/", r->port);
	run_program((const char *const[]){ "curl", "-s", "-f", "--noproxy", "*", url, NULL }, NULL, &run);
	good = run.status == 0;
	run_done(&run);
	paste_run_stop(r);
	return good;
}

bool
paste_run_ask(struct paste_run *r)
{
	const char *const argvs[][8] = {
		{ "python3", in_folder(r->own, "client.py"), NULL },
		{ "node", in_folder(r->own, "client.js"), NULL },
		{ "sh", "-c", ". \"$0\"", in_folder(r->own, "shell"), NULL },
		{ in_folder(r->own, "program"), NULL },
		{ JAVA, options_of(r), in_folder(r->own, "Client.java"), NULL },
	};
	static const char *const names[] = { "python", "node", "curl", "go", "java" };
	struct run run;
	bool good = false;

	if (is_proxy(r))
		return ask_proxy(r);
	if (is(r, "go") && access(in_folder(r->own, "program"), X_OK) != 0)
		build_go(r);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (!is(r, names[i]))
			continue;
		run_program(argvs[i], &(struct run_options){ .deadline_ms = 60000 }, &run);
		/* curl counts a page that says 400 as an answer: what it says decides. */
		good = run.status == 0 && strstr(buf_str(&run.out), "400 Bad Request") == NULL && run.out.len > 0;
		run_done(&run);
	}
	return good;
}

int
paste_ask(int port, const char *trust, const char *cert, const char *key)
{
	char url[64];
	const char *argv[16] = { "curl", "-s", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", trust, url };
	struct run run;
	int answer;

	snprintf(url, sizeof url, "https://localhost:%d/", port);
	if (cert != NULL) {
		argv[11] = "--cert";
		argv[12] = cert;
		argv[13] = "--key";
		argv[14] = key;
	}
	run_program(argv, NULL, &run);
	answer = run.status == 0 ? (int)strtol(buf_str(&run.out), NULL, 10) : 0;
	run_done(&run);
	return answer;
}
