/*
 * Services that this project did not write and that begin in plain text: PostgreSQL, Exim, Dovecot, OpenLDAP,
 * MariaDB, each in a folder of its own, as a user without rights, on 127.0.0.1; with the CA and the certificates
 * that they and we use.
 */
#ifndef TESTS_SERVICES_H
#define TESTS_SERVICES_H

#include <stdbool.h>
#include <sys/types.h>

enum { SERVICE_USER = 65534 }; /* nobody: what the servers run as where the test is root */

/*
 * In the folder: root.pem; server.pem and server.key (localhost, 127.0.0.1); right.pem and right.key (“order-service”),
 * other.pem and other.key (of a CA that nobody knows), expired.pem and expired.key.
 */
void service_files(const char *folder);

/* Each returns the server's pid, and 0 on failure; *port is where it listens. */

/*
 * PostgreSQL. Who may come depends on where from (pg_hba.conf): 127.0.0.1 with a password, 127.0.0.2 with a
 * certificate of our CA and no more, 127.0.0.3 with one that names the user, others not at all.
 */
pid_t service_postgres(const char *folder, bool tls, int *port);
/* Exim. client: "none", "may" or "must" give a certificate. tls false: STARTTLS is not offered. */
pid_t service_exim(const char *folder, bool tls, const char *client, int *port);
/* Dovecot, IMAP and POP3; it asks for a certificate, and takes one of our CA or none until somebody logs in. */
pid_t service_dovecot(const char *folder, int *imap, int *pop3);
/* Web servers that ask for a certificate: nginx with HTTP/2; nghttpd, which speaks nothing else, and takes any certificate. */
pid_t service_nginx_h2(const char *folder, int *port);
pid_t service_nghttpd(const char *folder, int *port);
/* Proxies that want the login me:secret: microsocks and tinyproxy. */
pid_t service_socks(const char *folder, int *port);
pid_t service_connect_proxy(const char *folder, int *port);
/*
 * sshd, for whoever runs the test, with a key; *bin is a folder for PATH whose ssh knows that key. "ssh:127.0.0.1:PORT" is
 * then the way.
 */
pid_t service_sshd(const char *folder, int *port, const char **bin);

#endif
