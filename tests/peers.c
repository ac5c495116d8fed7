#include "tests/peers.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/peers_start.h"
#include "tests/program.h"

/* Java takes a second to start, two at once on a busy machine longer. */
enum { READY_MS = 30000 };

static const struct {
	const char *programs[3]; /* one of them must be on PATH or in /usr/sbin; the first names it */
	const char *built;       /* and this file must be there, or NULL */
	pid_t (*start)(const struct peer_start *s);
	bool reads_crl;
} peers[PEER_ALL] = {
	[PEER_NGINX] = { { "nginx" }, NULL, start_nginx, true },
	[PEER_APACHE] = { { "apache2", "httpd" }, NULL, start_apache, true },
	[PEER_APACHE_LOCATION] = { { "apache2", "httpd" }, NULL, start_apache_location, true },
	[PEER_HAPROXY] = { { "haproxy" }, NULL, start_haproxy, true },
	[PEER_STUNNEL] = { { "stunnel" }, NULL, start_stunnel, true },
	[PEER_S_SERVER] = { { "openssl" }, NULL, start_s_server, true },
	[PEER_GNUTLS] = { { "gnutls-serv" }, NULL, start_gnutls, true },
	[PEER_NODE] = { { "node", "nodejs" }, NULL, start_node, true },
	[PEER_PYTHON] = { { "python3" }, NULL, start_python, true },
	[PEER_GO] = { { "go" }, GO_SERVER, start_go, false },
	[PEER_JAVA] = { { "java" }, JAVA_SERVER, start_java, false },
	[PEER_JAVA_HTTPS] = { { "java" }, JAVA_SERVER, start_java_https, false },
	[PEER_GNUTLS_NO_TICKET] = { { "gnutls-serv" }, NULL, start_gnutls_no_ticket, false },
};

const char *const peer_names[PEER_ALL] = {
	[PEER_NGINX] = "nginx",
	[PEER_APACHE] = "Apache",
	[PEER_APACHE_LOCATION] = "Apache Location",
	[PEER_HAPROXY] = "HAProxy",
	[PEER_STUNNEL] = "stunnel",
	[PEER_S_SERVER] = "s_server",
	[PEER_GNUTLS] = "gnutls-serv",
	[PEER_NODE] = "Node",
	[PEER_PYTHON] = "Python",
	[PEER_GO] = "Go",
	[PEER_JAVA] = "Java",
	[PEER_JAVA_HTTPS] = "Java HttpsServer",
	[PEER_GNUTLS_NO_TICKET] = "gnutls-serv-no-ticket",
};

static bool
on_path(const char *program)
{
	char folders[4096], path[4200];
	char *save = NULL;

	snprintf(folders, sizeof folders, "%s:/usr/local/sbin:/usr/sbin:/sbin", getenv("PATH"));
	for (char *folder = strtok_r(folders, ":", &save); folder != NULL; folder = strtok_r(NULL, ":", &save)) {
		snprintf(path, sizeof path, "%s/%s", folder, program);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

const char *
peer_missing(enum peer_kind kind)
{
	static char what[PEER_ALL][64];
	bool there = false;

	for (size_t i = 0; i < 3 && peers[kind].programs[i] != NULL; i++)
		there |= on_path(peers[kind].programs[i]);
	if (!there)
		snprintf(what[kind], sizeof what[kind], "no %s here", peers[kind].programs[0]);
	else if (peers[kind].built != NULL && access(peers[kind].built, R_OK) != 0)
		snprintf(what[kind], sizeof what[kind], "no %s: make servers builds it", peers[kind].built);
	else if ((kind == PEER_APACHE || kind == PEER_APACHE_LOCATION) && apache_modules() == NULL)
		snprintf(what[kind], sizeof what[kind], "Apache has no mod_ssl here");
	else
		return NULL;
	return what[kind];
}

bool
peer_reads_crl(enum peer_kind kind)
{
	return peers[kind].reads_crl;
}

const char *
peer_write(const struct peer_start *s, const char *name, const char *suffix, struct buf *text)
{
	char file[64];
	const char *path;

	snprintf(file, sizeof file, "%s-%d.%s", name, s->port, suffix);
	path = in_folder(s->files->folder, file);
	if (!write_file(path, buf_str(text), text->len))
		path = NULL;
	buf_done(text);
	return path;
}

pid_t
peer_launch(enum peer_kind kind, bool tls13, const struct peer_files *f, int *port)
{
	char log[64], log_path[4096], port_text[16];
	struct peer_start s = { .files = f, .tls13 = tls13, .port_text = port_text, .log = log_path };

	*port = s.port = reserve_port();
	snprintf(log, sizeof log, "%s-%d.log", peer_names[kind], s.port);
	for (char *blank = log; (blank = strchr(blank, ' ')) != NULL;)
		*blank = '-'; /* Apache takes its file's name to the first blank */
	snprintf(log_path, sizeof log_path, "%s", in_folder(f->folder, log));
	snprintf(port_text, sizeof port_text, "%d", s.port);
	return peers[kind].start(&s);
}

bool
peer_ready(pid_t pid, int port)
{
	return wait_for_port(port, pid, READY_MS);
}

pid_t
peer_start(enum peer_kind kind, bool tls13, const struct peer_files *f, int *port)
{
	pid_t pid = peer_launch(kind, tls13, f, port);

	if (peer_ready(pid, *port))
		return pid;
	stop_server(pid);
	return 0;
}
