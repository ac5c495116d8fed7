#include "tests/peers.h"

#include <stdio.h>
#include <string.h>

#include "model/buf.h"
#include "tests/program.h"

const char *const peer_names[PEER_ALL] = {
	[PEER_NGINX] = "nginx",
	[PEER_HAPROXY] = "HAProxy",
	[PEER_S_SERVER] = "s_server",
	[PEER_GNUTLS] = "gnutls-serv",
	[PEER_GNUTLS_NO_TICKET] = "gnutls-serv-no-ticket",
};

/* The words of a configuration, written beside the server's log. */
static const char *
configuration(const struct peer_files *f, int port, const char *name, struct buf *text)
{
	char file[64];
	const char *path;

	snprintf(file, sizeof file, "%s-%d.conf", name, port);
	path = in_folder(f->folder, file);
	if (!write_file(path, buf_str(text), text->len))
		path = NULL;
	buf_done(text);
	return path;
}

static pid_t
start_nginx(bool tls13, const struct peer_files *f, int port, const char *log)
{
	struct buf b = { 0 };
	const char *path;

	buf_addf(&b, "daemon off; master_process off; pid %s/nginx-%d.pid; error_log %s info;\n", f->folder, port,
	    log);
	buf_adds(&b, "events { worker_connections 4096; }\nhttp { access_log off;\n");
	for (size_t i = 0; i < 5; i++) {
		static const char *const kinds[] = { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" };

		buf_addf(&b, "%s_temp_path %s/nginx-%d-%s;\n", kinds[i], f->folder, port, kinds[i]);
	}
	buf_addf(&b, "server { listen 127.0.0.1:%d ssl; ssl_protocols %s;\n", port, tls13 ? "TLSv1.3" : "TLSv1.2");
	buf_addf(&b, "ssl_certificate %s; ssl_certificate_key %s;\n", f->chain, f->key);
	buf_addf(&b, "ssl_client_certificate %s; ssl_verify_client on;\n", f->clients_ca);
	buf_adds(&b, "location / { return 200 \"ok\\n\"; } } }\n");
	path = configuration(f, port, "nginx", &b);
	return start_server((const char *const[]){ "nginx", "-e", log, "-p", f->folder, "-c", path, NULL }, log);
}

static pid_t
start_haproxy(bool tls13, const struct peer_files *f, int port, const char *log)
{
	const char *version = tls13 ? "TLSv1.3" : "TLSv1.2";
	struct buf b = { 0 };
	const char *path;

	/* HAProxy finds the key of X in X.key: the tests name it so. */
	buf_adds(&b, "global\n  ssl-load-extra-files key\n");
	buf_adds(&b, "defaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\n");
	buf_addf(&b, "frontend f\n  bind 127.0.0.1:%d ssl crt %s ca-file %s verify required ssl-min-ver %s ssl-max-ver %s\n",
	    port, f->chain, f->clients_ca, version, version);
	buf_adds(&b, "  http-request return status 200 content-type text/plain string ok\n");
	path = configuration(f, port, "haproxy", &b);
	return start_server((const char *const[]){ "haproxy", "-db", "-f", path, NULL }, log);
}

static pid_t
start_s_server(bool tls13, const struct peer_files *f, int port, const char *log)
{
	char address[32];

	snprintf(address, sizeof address, "127.0.0.1:%d", port);
	return start_server((const char *const[]){ "openssl", "s_server", "-accept", address, "-cert", f->chain,
	    "-cert_chain", f->intermediates != NULL ? f->intermediates : f->chain, "-key", f->key, "-CAfile", f->clients_ca, "-Verify", "5", "-verify_return_error",
	    "-www", "-quiet", tls13 ? "-tls1_3" : "-tls1_2", NULL }, log);
}

static pid_t
start_gnutls_with(const char *tickets, bool tls13, const struct peer_files *f, int port, const char *log)
{
	char number[16];

	snprintf(number, sizeof number, "%d", port);
	return start_server((const char *const[]){ "gnutls-serv", "--http", "--quiet", "--port", number,
	    "--x509certfile", f->chain, "--x509keyfile", f->key, "--x509cafile", f->clients_ca,
	    "--require-client-cert", "--verify-client-cert", "--priority",
	    tls13 ? "NORMAL:-VERS-ALL:+VERS-TLS1.3" : "NORMAL:-VERS-ALL:+VERS-TLS1.2", tickets, NULL },
	    log);
}

static pid_t
start_gnutls(bool tls13, const struct peer_files *f, int port, const char *log)
{
	return start_gnutls_with(NULL, tls13, f, port, log);
}

/* s_server could be told to send none as well, but it answers no HEAD. */
static pid_t
start_gnutls_no_ticket(bool tls13, const struct peer_files *f, int port, const char *log)
{
	return start_gnutls_with("--noticket", tls13, f, port, log);
}

pid_t
peer_start(enum peer_kind kind, bool tls13, const struct peer_files *f, int *port)
{
	static pid_t (*const start[PEER_ALL])(bool, const struct peer_files *, int, const char *) = {
		[PEER_NGINX] = start_nginx,
		[PEER_HAPROXY] = start_haproxy,
		[PEER_S_SERVER] = start_s_server,
		[PEER_GNUTLS] = start_gnutls,
		[PEER_GNUTLS_NO_TICKET] = start_gnutls_no_ticket,
	};
	char log[64];
	pid_t pid;

	*port = free_port();
	snprintf(log, sizeof log, "%s-%d.log", peer_names[kind], *port);
	pid = start[kind](tls13, f, *port, in_folder(f->folder, log));
	if (wait_for_port(*port, pid, 10000))
		return pid;
	stop_server(pid);
	return 0;
}
