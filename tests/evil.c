#include "tests/evil.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/x509v3.h>

#include "lab/pki.h"
#include "lab/pki_files.h"
#include "model/cert_openssl.h"
#include "model/memory.h"
#include "tests/peers.h"
#include "tests/program.h"
#include "tests/script_server.h"

/* ESC sequences, a line of its own, OSC 52, a bidi override, zero width, C1 as UTF-8, a tag. */
static const char evil_cn[] = "a\033[31mRED\033[0m\rspoof\nOK all is well\xe2\x80\xae"
			      "moc\xe2\x80\x8b\xc2\x9b\x07\xf3\xa0\x81\x81";

static const struct pki_raw_san evil_san[] = {
	{ GEN_DNS, "localhost", 9 },
	{ GEN_DNS, "\033]0;pwned\007\033[31mred.example.com", 31 },
	{ GEN_DNS, "good.example.com\0.evil.example.net", 34 },
	{ GEN_URI, "http://x/\r\n  CA Issuers - URI:http://trusted/", 46 },
	{ GEN_EMAIL, "\xe2\x80\xae\xff@example.com", 16 },
	{ -1, NULL, 0 },
};

static const char evil_answer[] = "HTTP/1.1 403 \033]52;c;cHduZWQ=\007\033[2Jno \xe2\x80\xae entry\r\n"
				  "Server: \033[31mevil\xc2\x9b\xe2\x80\x8b\r\nX-Powered-By: \033Pq\033\\\r\n"
				  "Content-Length: 40\r\n\r\n<html>\033]0;owned\007\033[?1049l\033[2J\b\b\b</html>\r\n\r\n";
static const char evil_banner[] = "220 \033]52;c;cHduZWQ=\007 \xe2\x80\xae ready\r\n\033[2J\033[31m\xf3\xa0\x81\x81 \xff\xfe\r\n";

bool
evil_start(struct evil *e)
{
	struct pki_cert root = pki_issue(&(struct pki_request){ .cn = "Acme Root CA", .ca = true,
	    .cn_bytes = (const unsigned char *)evil_cn, .cn_bytes_len = sizeof evil_cn - 1,
	    .key_usage = "critical,keyCertSign,cRLSign" }, NULL);
	struct pki_cert leaf = pki_issue(&(struct pki_request){ .cn_bytes = (const unsigned char *)evil_cn,
	    .cn_bytes_len = sizeof evil_cn - 1, .raw_san = evil_san, .key_usage = "critical,digitalSignature",
	    .eku = "serverAuth,clientAuth" }, &root);
	const struct pki_cert *roots[] = { &root }, *chain[] = { &leaf, &root };
	struct peer_files files;
	bool written;

	*e = (struct evil){ .folder = make_folder() };
	files = (struct peer_files){ .folder = e->folder, .chain = in_folder(e->folder, "server.pem"),
		.key = in_folder(e->folder, "server.pem.key"), .clients_ca = in_folder(e->folder, "root.pem") };
	written = pki_write_certs(files.chain, chain, 2) && pki_write_key(files.key, leaf.key, NULL) &&
	    pki_write_certs(files.clients_ca, roots, 1) && pki_write_certs(in_folder(e->folder, "other.pem"), chain, 1);
	pki_cert_free(&leaf);
	pki_cert_free(&root);
	e->server = written ? peer_start(PEER_NGINX, true, &files, &e->port) : 0;
	return e->server != 0;
}

void
evil_talk(struct evil *e)
{
	const struct pki_cert *client[2], *root[1];
	struct script http = { .serve = serve_http, .verify = SSL_VERIFY_PEER, .tickets = -1, .answer = evil_answer };
	struct script plain = { .serve = serve_bytes, .bytes = evil_banner, .bytes_len = sizeof evil_banner - 1, .speaks_first = true };

	openssl_start();
	e->pki = mem_alloc(sizeof *e->pki);
	*e->pki = script_pki_make(PKI_P256);
	client[0] = &e->pki->client;
	client[1] = &e->pki->issuing;
	root[0] = &e->pki->root;
	if (!pki_write_certs(in_folder(e->folder, "payment.pem"), client, 2) ||
	    !pki_write_key(in_folder(e->folder, "payment.key"), e->pki->client.key, NULL) ||
	    !pki_write_certs(in_folder(e->folder, "payment-root.pem"), root, 1))
		abort();
	http.pki = plain.pki = e->pki;
	e->http = script_server_start(&http);
	e->plain = script_server_start(&plain);
}

void
evil_stop(struct evil *e)
{
	stop_server(e->server);
	if (e->pki != NULL) {
		script_server_stop(e->http);
		script_server_stop(e->plain);
		script_pki_done(e->pki);
		free(e->pki);
	}
	remove_folder(e->folder);
}
