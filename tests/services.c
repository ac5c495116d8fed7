#include "tests/services.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/pki.h"
#include "lab/pki_files.h"
#include "model/buf.h"
#include "tests/program.h"

/* The user to start servers as; 0: the test is nobody special itself. */
static uid_t
service_user(void)
{
	return geteuid() == 0 ? SERVICE_USER : 0;
}

/* ---- certificates ---- */

struct ca {
	struct pki_cert root, issuing;
};

static void
identity(const char *folder, const char *name, const struct pki_request *r, const struct ca *ca)
{
	struct pki_cert leaf = pki_issue(r, &ca->issuing);
	const struct pki_cert *chain[] = { &leaf, &ca->issuing };
	char file[64];

	snprintf(file, sizeof file, "%s.pem", name);
	assert_true(pki_write_certs(in_folder(folder, file), chain, 2));
	assert_int_equal(chmod(in_folder(folder, file), 0644), 0);
	snprintf(file, sizeof file, "%s.key", name);
	assert_true(pki_write_key(in_folder(folder, file), leaf.key, NULL));
	pki_cert_free(&leaf);
}

static struct pki_cert
make_one(const char *name, const struct pki_cert *issuer)
{
	return pki_issue(&(struct pki_request){ .cn = name, .ca = true, .not_before = 1700000000, .not_after = 4000000000,
	    .key_usage = "critical,keyCertSign,cRLSign" }, issuer);
}

static struct ca
make_ca(const char *root, const char *issuing)
{
	struct ca ca = { .root = make_one(root, NULL) };

	ca.issuing = make_one(issuing, &ca.root);
	return ca;
}

static void
ca_done(struct ca *ca)
{
	pki_cert_free(&ca->root);
	pki_cert_free(&ca->issuing);
}

void
service_files(const char *folder)
{
	static const char *const names[] = { "DNS:localhost", "IP:127.0.0.1", NULL };
	const char *ku = "critical,digitalSignature";
	struct ca ours = make_ca("Acme Root CA", "Acme Issuing CA 1"), theirs = make_ca("Other Root CA", "Other Issuing CA 1");
	const struct pki_cert *root[] = { &ours.root };

	identity(folder, "server", &(struct pki_request){ .cn = "localhost", .san = names, .key_usage = ku, .eku = "serverAuth" }, &ours);
	identity(folder, "right", &(struct pki_request){ .cn = "order-service", .key_usage = ku, .eku = "clientAuth" }, &ours);
	identity(folder, "other", &(struct pki_request){ .cn = "order-service", .key_usage = ku, .eku = "clientAuth" }, &theirs);
	identity(folder, "expired", &(struct pki_request){ .cn = "order-service", .key_usage = ku, .eku = "clientAuth",
	    .not_before = 1700000000, .not_after = 1760000000 }, &ours);
	assert_true(pki_write_certs(in_folder(folder, "root.pem"), root, 1));
	assert_int_equal(chmod(in_folder(folder, "root.pem"), 0644), 0);
	/* The servers read the key as the user that they run as. */
	if (service_user() != 0)
		assert_int_equal(chown(in_folder(folder, "server.key"), SERVICE_USER, SERVICE_USER), 0);
	assert_int_equal(chmod(folder, 0755), 0);
	ca_done(&ours);
	ca_done(&theirs);
}

/* ---- what all of them need ---- */

static void
put_file(const char *path, struct buf *text)
{
	assert_true(write_file(path, buf_str(text), text->len));
	assert_int_equal(chmod(path, 0644), 0);
	buf_done(text);
}

/* For all to read. */
static void
copy_file(const char *from, const char *to)
{
	char piece[16384];
	FILE *in = fopen(from, "re");
	struct buf b = { 0 };

	assert_non_null(in);
	buf_add(&b, piece, fread(piece, 1, sizeof piece, in));
	fclose(in);
	put_file(to, &b);
}

static const char *
own_folder(const char *folder, const char *name)
{
	const char *path = in_folder(folder, name);

	assert_int_equal(mkdir(path, 0700), 0);
	if (service_user() != 0)
		assert_int_equal(chown(path, SERVICE_USER, SERVICE_USER), 0);
	return path;
}

/* Runs it to its end as the servers' user. */
static void
prepare(const char *const argv[])
{
	struct run_options opt = { .uid = service_user(), .deadline_ms = 60000 };
	struct run r;

	run_program(argv, &opt, &r);
	if (r.status != 0)
		fail_msg("%s: status %d: %s%s", argv[0], r.status, buf_str(&r.out), buf_str(&r.err));
	run_done(&r);
}

static pid_t
started(pid_t pid, int port)
{
	if (wait_for_port(port, pid, 20000))
		return pid;
	stop_server(pid);
	return 0;
}

/* ---- PostgreSQL ---- */

/* Debian keeps its programs apart, by version. */
static const char *
postgres_program(const char *name, char out[512])
{
	char pattern[128];
	glob_t found = { 0 };

	snprintf(out, 512, "%s", name);
	snprintf(pattern, sizeof pattern, "/usr/lib/postgresql/*/bin/%s", name);
	if (glob(pattern, 0, NULL, &found) == 0)
		snprintf(out, 512, "%s", found.gl_pathv[found.gl_pathc - 1]);
	globfree(&found);
	return out;
}

pid_t
service_postgres(const char *folder, bool tls, int *port)
{
	char program[512], data[4000], log[4096];
	struct buf b = { 0 };
	pid_t pid;

	*port = reserve_port();
	snprintf(data, sizeof data, "%s", own_folder(folder, tls ? "postgres" : "postgres-plain"));
	snprintf(log, sizeof log, "%s.log", data);
	prepare((const char *const[]){ postgres_program("initdb", program), "-D", data, "--no-sync", "-A", "reject", "-E", "UTF8", "--no-locale", NULL });
	buf_adds(&b, "hostssl all all 127.0.0.2/32 trust clientcert=verify-ca\nhostssl all all 127.0.0.3/32 cert\n"
		     "hostssl all all 127.0.0.1/32 scram-sha-256\n");
	put_file(in_folder(data, "pg_hba.conf"), &b);
	buf_addf(&b, "listen_addresses = '127.0.0.1'\nport = %d\nunix_socket_directories = ''\nfsync = off\n", *port);
	if (tls)
		buf_addf(&b, "ssl = on\nssl_cert_file = '%s/server.pem'\nssl_key_file = '%s/server.key'\nssl_ca_file = '%s/root.pem'\n", folder, folder, folder);
	put_file(in_folder(data, "postgresql.conf"), &b);
	pid = start_server_as((const char *const[]){ postgres_program("postgres", program), "-D", data, NULL }, log, service_user());
	return started(pid, *port);
}

/* ---- Exim ---- */

pid_t
service_exim(const char *folder, bool tls, const char *client, int *port)
{
	char name[64], address[64], log[4096], path[4096];
	struct buf b = { 0 };
	const char *own;

	*port = reserve_port();
	snprintf(name, sizeof name, "exim-%d", *port);
	own = own_folder(folder, name);
	assert_int_equal(chmod(own, 0777), 0);
	snprintf(path, sizeof path, "%s/exim.conf", own);
	snprintf(log, sizeof log, "%s.log", own);
	/* It drops to a user of its own, who has to read the key. */
	copy_file(in_folder(folder, "server.key"), in_folder(own, "server.key"));
	buf_addf(&b, "primary_hostname = mail.internal\nspool_directory = %s/spool\nlog_file_path = %s/%%slog\npid_file_path = %s/pid\n", own, own, own);
	buf_adds(&b, "host_lookup =\nrfc1413_query_timeout = 0s\nkeep_environment =\nacl_smtp_rcpt = deny\n");
	if (tls)
		buf_addf(&b, "tls_advertise_hosts = *\ntls_certificate = %s/server.pem\ntls_privatekey = %s/server.key\ntls_verify_certificates = %s/root.pem\n",
		    folder, own, folder);
	else
		buf_adds(&b, "tls_advertise_hosts =\n");
	if (strcmp(client, "must") == 0)
		buf_adds(&b, "tls_verify_hosts = *\n");
	else if (strcmp(client, "may") == 0)
		buf_adds(&b, "tls_try_verify_hosts = *\n");
	else
		buf_adds(&b, "tls_try_verify_hosts =\n");
	buf_adds(&b, "begin acl\nbegin routers\n");
	put_file(path, &b);
	snprintf(address, sizeof address, "127.0.0.1.%d", *port);
	return started(start_server((const char *const[]){ "exim4", "-C", path, "-bdf", "-oX", address, NULL }, log), *port);
}

/* ---- Dovecot ---- */

pid_t
service_dovecot(const char *folder, int *imap, int *pop3)
{
	const struct passwd *us = getpwuid(geteuid() == 0 ? SERVICE_USER : geteuid());
	const struct group *ours = getgrgid(us != NULL ? us->pw_gid : 0);
	char base[3000], path[4096];
	struct buf b = { 0 };

	*imap = reserve_port();
	*pop3 = reserve_port();
	if (us == NULL || ours == NULL)
		return 0;
	snprintf(base, sizeof base, "%s/dovecot", folder);
	assert_int_equal(mkdir(base, 0755), 0);
	snprintf(path, sizeof path, "%s/dovecot.conf", folder);
	buf_addf(&b, "base_dir = %s\nlog_path = %s.log\nprotocols = imap pop3\nlisten = 127.0.0.1\n", base, base);
	buf_addf(&b, "default_internal_user = %s\ndefault_internal_group = %s\ndefault_login_user = %s\n", us->pw_name, ours->gr_name, us->pw_name);
	buf_addf(&b, "ssl = yes\nssl_cert = <%s/server.pem\nssl_key = <%s/server.key\nssl_ca = <%s/root.pem\n", folder, folder, folder);
	buf_adds(&b, "ssl_verify_client_cert = yes\nauth_ssl_require_client_cert = yes\nssl_require_crl = no\n");
	buf_addf(&b, "service imap-login {\n chroot =\n inet_listener imap {\n port = %d\n }\n inet_listener imaps {\n port = 0\n }\n}\n", *imap);
	buf_addf(&b, "service pop3-login {\n chroot =\n inet_listener pop3 {\n port = %d\n }\n inet_listener pop3s {\n port = 0\n }\n}\n", *pop3);
	buf_adds(&b, "service anvil {\n chroot =\n}\npassdb {\n driver = static\n args = nopassword=y\n}\n");
	buf_addf(&b, "userdb {\n driver = static\n args = uid=%s gid=%s home=%s\n}\n", us->pw_name, ours->gr_name, folder);
	put_file(path, &b);
	return started(start_server((const char *const[]){ "dovecot", "-F", "-c", path, NULL }, in_folder(folder, "dovecot.out")), *imap);
}

/* ---- HTTP/2 ---- */

pid_t
service_nginx_h2(const char *folder, int *port)
{
	static const char *const kinds[] = { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" };
	const char *path = in_folder(folder, "nginx-h2.conf"), *log = in_folder(folder, "nginx-h2.log");
	struct buf b = { 0 };

	*port = reserve_port();
	buf_addf(&b, "daemon off; master_process off; pid %s/nginx-h2.pid; error_log %s info;\nevents { }\nhttp { access_log off;\n", folder, log);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		buf_addf(&b, "%s_temp_path %s/nginx-h2-%s;\n", kinds[i], folder, kinds[i]);
	buf_addf(&b, "server { listen 127.0.0.1:%d ssl http2; ssl_certificate %s/server.pem; ssl_certificate_key %s/server.key;\n", *port, folder, folder);
	buf_addf(&b, "ssl_client_certificate %s/root.pem; ssl_verify_client on; ssl_verify_depth 3; location / { return 200 \"ok\\n\"; } } }\n", folder);
	put_file(path, &b);
	return started(start_server((const char *const[]){ "nginx", "-e", log, "-p", folder, "-c", path, NULL }, log), *port);
}

pid_t
service_nghttpd(const char *folder, int *port)
{
	char number[16];

	*port = reserve_port();
	snprintf(number, sizeof number, "%d", *port);
	return started(start_server((const char *const[]){ "nghttpd", "-a", "127.0.0.1", "--verify-client", "-d", folder, number,
	    in_folder(folder, "server.key"), in_folder(folder, "server.pem"), NULL }, in_folder(folder, "nghttpd.log")), *port);
}

/* ---- proxies ---- */

pid_t
service_socks(const char *folder, int *port)
{
	char number[16];

	*port = reserve_port();
	snprintf(number, sizeof number, "%d", *port);
	return started(start_server_as((const char *const[]){ "microsocks", "-i", "127.0.0.1", "-p", number, "-u", "me", "-P", "secret", NULL },
	    in_folder(folder, "microsocks.log"), 0), *port);
}

pid_t
service_connect_proxy(const char *folder, int *port)
{
	struct buf b = { 0 };
	const char *path = in_folder(folder, "tinyproxy.conf");

	*port = reserve_port();
	buf_addf(&b, "Port %d\nListen 127.0.0.1\nAllow 127.0.0.1\nBasicAuth me secret\n", *port);
	put_file(path, &b);
	return started(start_server((const char *const[]){ "tinyproxy", "-d", "-c", path, NULL }, in_folder(folder, "tinyproxy.log")), *port);
}

/* ---- ssh ---- */

pid_t
service_sshd(const char *folder, int *port, const char **bin)
{
	char own[3000], path[4096];
	const char *sh = own;
	struct buf b = { 0 };

	*port = reserve_port();
	snprintf(own, sizeof own, "%s/ssh", folder);
	assert_int_equal(mkdir(own, 0700), 0);
	for (int i = 0; i < 2; i++) {
		struct run r;

		snprintf(path, sizeof path, "%s/%s", own, i == 0 ? "host" : "user");
		run_program((const char *const[]){ "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path, NULL }, NULL, &r);
		assert_int_equal(r.status, 0);
		run_done(&r);
	}
	buf_addf(&b, "Port %d\nListenAddress 127.0.0.1\nHostKey %s/host\nAuthorizedKeysFile %s/user.pub\nPidFile %s/pid\n", *port, sh, sh, sh);
	buf_adds(&b, "UsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n");
	put_file(in_folder(own, "sshd_config"), &b);
	buf_addf(&b, "IdentityFile %s/user\nIdentityAgent none\nUserKnownHostsFile /dev/null\nStrictHostKeyChecking no\n", sh);
	put_file(in_folder(own, "config"), &b);
	buf_addf(&b, "#!/bin/sh\nexec /usr/bin/ssh -F %s/config \"$@\"\n", sh);
	put_file(in_folder(own, "ssh"), &b);
	assert_int_equal(chmod(in_folder(own, "ssh"), 0755), 0);
	if (geteuid() == 0)
		mkdir("/run/sshd", 0755); /* where its unprivileged half goes; a package's service makes it otherwise */
	*bin = in_folder(folder, "ssh");
	snprintf(path, sizeof path, "%s/sshd_config", own);
	return started(start_server((const char *const[]){ "/usr/sbin/sshd", "-D", "-e", "-f", path, NULL }, in_folder(folder, "sshd.log")), *port);
}
