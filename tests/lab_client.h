/* A plain OpenSSL client for endpoints of the lab: what do they show, and do they let it in? */
#ifndef TESTS_LAB_CLIENT_H
#define TESTS_LAB_CLIENT_H

#include <openssl/ssl.h>
#include <openssl/x509.h>

struct lab_client_saw {
	STACK_OF(X509) *chain; /* as it came, the leaf first; NULL: none that could be read */
	int cas;               /* that it names */
	int status;            /* of the HTTP answer; 0: none came */
	int alert;             /* fatal, from the server; -1: none */
	char text[1024];       /* the HTTP answer, or its beginning */
};

/* address: "127.0.0.1:PORT". cert, key: files, or NULL. Ten seconds at most. */
void lab_client_look(const char *address, const char *cert, const char *key, struct lab_client_saw *saw);
/* The same, asking for this path. */
void lab_client_ask(const char *address, const char *cert, const char *key, const char *path, struct lab_client_saw *saw);
void lab_client_done(struct lab_client_saw *saw);

#endif
