#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/peers_start.h"
#include "tests/program.h"

pid_t
start_nginx(const struct peer_start *s)
{
	const struct peer_files *f = s->files;
	struct buf b = { 0 };
	const char *path;

	buf_addf(&b, "daemon off; master_process off; pid %s/nginx-%d.pid; error_log %s info;\n", f->folder, s->port,
	    s->log);
	buf_adds(&b, "events { worker_connections 4096; }\nhttp { access_log off;\n");
	for (size_t i = 0; i < 5; i++) {
		static const char *const kinds[] = { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" };

		buf_addf(&b, "%s_temp_path %s/nginx-%d-%s;\n", kinds[i], f->folder, s->port, kinds[i]);
	}
	buf_addf(&b, "server { listen 127.0.0.1:%d ssl; ssl_protocols %s;\n", s->port, s->tls13 ? "TLSv1.3" : "TLSv1.2");
	buf_addf(&b, "ssl_certificate %s; ssl_certificate_key %s;\n", f->chain, f->key);
	buf_addf(&b, "ssl_client_certificate %s; ssl_verify_client on;\n", f->clients_ca);
	if (f->crl != NULL)
		buf_addf(&b, "ssl_crl %s;\n", f->crl);
	buf_adds(&b, "location / { return 200 \"ok\\n\"; } } }\n");
	path = peer_write(s, "nginx", "conf", &b);
	return start_server((const char *const[]){ "nginx", "-e", s->log, "-p", f->folder, "-c", path, NULL }, s->log);
}

/* ---- Apache ---- */

const char *
apache_modules(void)
{
	static const char *const folders[] = { "/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/lib/httpd/modules",
		"/usr/lib/apache2" };

	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (access(in_folder(folders[i], "mod_ssl.so"), R_OK) == 0)
			return folders[i];
	return NULL;
}

static void
add_module(struct buf *b, const char *name)
{
	char file[256];

	snprintf(file, sizeof file, "%s/mod_%s.so", apache_modules(), name);
	/* What is not there as a file is built in. */
	if (access(file, R_OK) == 0)
		buf_addf(b, "LoadModule %s_module %s\n", name, file);
}

/* Its workers are nobody's: they must get to the page, and to nothing else. */
static void
write_page(const char *folder)
{
	const char *www = in_folder(folder, "www"), *page = in_folder(folder, "www/index.html");

	chmod(folder, 0711);
	mkdir(www, 0755);
	chmod(www, 0755);
	write_file(page, "ok\n", 3);
	chmod(page, 0644);
}

static pid_t
start_apache_at(const struct peer_start *s, const char *where)
{
	static const char *const modules[] = { "mpm_event", "unixd", "authz_core", "dir", "mime", "ssl" };
	const struct peer_files *f = s->files;
	const char *argv[] = { access("/usr/sbin/apache2", X_OK) == 0 ? "apache2" : "httpd", "-f", NULL, "-DFOREGROUND", NULL };
	struct buf b = { 0 };

	write_page(f->folder);
	buf_addf(&b, "ServerRoot %s\nDefaultRuntimeDir %s\nPidFile %s/apache-%d.pid\nErrorLog %s\nLogLevel ssl:info\n", f->folder, f->folder,
	    f->folder, s->port, s->log);
	buf_addf(&b, "Mutex posixsem\nServerName localhost\nListen 127.0.0.1:%d\n", s->port);
	for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++)
		add_module(&b, modules[i]);
	if (geteuid() == 0)
		buf_adds(&b, "User nobody\nGroup #65534\n");
	buf_addf(&b, "StartServers 1\nThreadsPerChild 8\nMinSpareThreads 1\nMaxRequestWorkers 16\nDocumentRoot %s/www\nDirectoryIndex index.html\nTypesConfig /dev/null\n",
	    f->folder);
	buf_addf(&b, "SSLEngine on\nSSLProtocol -all +%s\nSSLSessionCache none\n", s->tls13 ? "TLSv1.3" : "TLSv1.2");
	buf_addf(&b, "SSLCertificateFile %s\nSSLCertificateKeyFile %s\nSSLCACertificateFile %s\n", f->chain, f->key, f->clients_ca);
	if (f->crl != NULL)
		buf_addf(&b, "SSLCARevocationFile %s\nSSLCARevocationCheck chain\n", f->crl);
	if (where != NULL)
		buf_addf(&b, "SSLVerifyClient none\n<Location %s>\n", where);
	buf_adds(&b, "SSLVerifyClient require\nSSLVerifyDepth 5\n");
	if (where != NULL)
		buf_adds(&b, "</Location>\n");
	argv[2] = peer_write(s, "apache", "conf", &b);
	return start_server(argv, s->log);
}

pid_t
start_apache(const struct peer_start *s)
{
	return start_apache_at(s, NULL);
}

pid_t
start_apache_location(const struct peer_start *s)
{
	return start_apache_at(s, "/");
}

/* ---- others on OpenSSL ---- */

pid_t
start_haproxy(const struct peer_start *s)
{
	const struct peer_files *f = s->files;
	const char *version = s->tls13 ? "TLSv1.3" : "TLSv1.2";
	struct buf b = { 0 };
	const char *path;

	/* HAProxy finds the key of X in X.key: the tests name it so. */
	buf_adds(&b, "global\n  ssl-load-extra-files key\n");
	buf_adds(&b, "defaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\n");
	buf_addf(&b, "frontend f\n  bind 127.0.0.1:%d ssl crt %s ca-file %s verify required ssl-min-ver %s ssl-max-ver %s%s%s\n",
	    s->port, f->chain, f->clients_ca, version, version, f->crl != NULL ? " crl-file " : "", f->crl != NULL ? f->crl : "");
	buf_adds(&b, "  http-request return status 200 content-type text/plain string ok\n");
	path = peer_write(s, "haproxy", "conf", &b);
	return start_server((const char *const[]){ "haproxy", "-db", "-f", path, NULL }, s->log);
}

/* It only ends TLS; what is behind reads a request and answers it. */
pid_t
start_stunnel(const struct peer_start *s)
{
	const struct peer_files *f = s->files;
	const char *version = s->tls13 ? "TLSv1.3" : "TLSv1.2";
	struct buf script = { 0 }, b = { 0 };
	const char *path;

	buf_adds(&script, "cr=$(printf '\\r')\nwhile read -r line; do [ \"$line\" = \"$cr\" ] && break; done\n");
	buf_adds(&script, "printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n'\n");
	path = peer_write(s, "stunnel", "sh", &script);
	buf_addf(&b, "foreground = yes\npid =\nsyslog = no\n[s]\naccept = 127.0.0.1:%d\ncert = %s\nkey = %s\nCAfile = %s\n", s->port, f->chain,
	    f->key, f->clients_ca);
	buf_addf(&b, "verifyChain = yes\nrequireCert = yes\nsslVersionMin = %s\nsslVersionMax = %s\nexec = /bin/sh\nexecArgs = sh %s\n", version,
	    version, path);
	if (f->crl != NULL)
		buf_addf(&b, "CRLfile = %s\n", f->crl);
	path = peer_write(s, "stunnel", "conf", &b);
	return start_server((const char *const[]){ "stunnel", path, NULL }, s->log);
}

pid_t
start_s_server(const struct peer_start *s)
{
	const struct peer_files *f = s->files;
	char address[32];

	snprintf(address, sizeof address, "127.0.0.1:%d", s->port);
	return start_server((const char *const[]){ "openssl", "s_server", "-accept", address, "-cert", f->chain,
	    "-cert_chain", f->intermediates != NULL ? f->intermediates : f->chain, "-key", f->key, "-CAfile", f->clients_ca, "-Verify", "5",
	    "-verify_return_error", "-www", "-quiet", s->tls13 ? "-tls1_3" : "-tls1_2", f->crl != NULL ? "-crl_check_all" : NULL, "-CRL", f->crl,
	    NULL }, s->log);
}

/* ---- GnuTLS ---- */

static pid_t
start_gnutls_with(const char *more, const char *value, const struct peer_start *s)
{
	const struct peer_files *f = s->files;

	return start_server((const char *const[]){ "gnutls-serv", "--http", "--quiet", "--port", s->port_text,
	    "--x509certfile", f->chain, "--x509keyfile", f->key, "--x509cafile", f->clients_ca,
	    "--require-client-cert", "--verify-client-cert", "--priority",
	    s->tls13 ? "NORMAL:-VERS-ALL:+VERS-TLS1.3" : "NORMAL:-VERS-ALL:+VERS-TLS1.2", more, value, NULL },
	    s->log);
}

pid_t
start_gnutls(const struct peer_start *s)
{
	return start_gnutls_with(s->files->crl != NULL ? "--x509crlfile" : NULL, s->files->crl, s);
}

/* s_server could be told to send none as well, but it answers no HEAD. */
pid_t
start_gnutls_no_ticket(const struct peer_start *s)
{
	return start_gnutls_with("--noticket", NULL, s);
}
