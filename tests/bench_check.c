/*
 * `make bench`: mtlscope beside openssl's own tools, both in one run against one nginx that requires
 * a client certificate. Machines are noisy: only ratios of one run mean anything.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/pki.h"
#include "lab/pki_files.h"
#include "model/buf.h"
#include "tests/delay_proxy.h"
#include "tests/peers.h"
#include "tests/program.h"

enum { ONE_RUNS = 60, MANY = 1000, RATE = 4000, RATE_SECONDS = 4, FAR_MS = 100 };

static char *folder;

struct site { /* one nginx with the keys of one kind */
	const char *label;
	pid_t pid;
	int port;
	char cert[4096], key[4096], ca[4096], bundle[4096];
};

static const char *
path(const char *name, const char *suffix)
{
	char file[64];

	snprintf(file, sizeof file, "%s%s", name, suffix);
	return in_folder(folder, file);
}

static void
start_site(struct site *s, const char *label, enum pki_key type, enum peer_kind kind, bool tls13)
{
	const char *ku = "critical,digitalSignature,keyEncipherment";
	struct pki_cert root = pki_issue(&(struct pki_request){ .cn = "Bench Root CA", .ca = true, .key_type = type,
	    .key_usage = "critical,keyCertSign,cRLSign" }, NULL);
	struct pki_cert issuing = pki_issue(&(struct pki_request){ .cn = "Bench Issuing CA", .ca = true,
	    .key_type = type, .key_usage = "critical,keyCertSign,cRLSign" }, &root);
	struct pki_cert server = pki_issue(&(struct pki_request){ .cn = "localhost", .key_usage = ku,
	    .eku = "serverAuth", .key_type = type,
	    .san = (const char *const[]){ "DNS:localhost", "IP:127.0.0.1", NULL } }, &issuing);
	struct pki_cert client = pki_issue(&(struct pki_request){ .cn = "order-service", .key_usage = ku,
	    .eku = "clientAuth", .key_type = type }, &issuing);
	const struct pki_cert *server_chain[] = { &server, &issuing }, *client_chain[] = { &client, &issuing },
	    *bundle[] = { &root, &issuing };
	struct peer_files files = { .folder = folder, .chain = path(label, "-server.pem"),
		.key = path(label, "-server.pem.key"), .clients_ca = s->ca };

	s->label = label;
	snprintf(s->cert, sizeof s->cert, "%s", path(label, "-client.pem"));
	snprintf(s->key, sizeof s->key, "%s", path(label, "-client.key"));
	snprintf(s->ca, sizeof s->ca, "%s", path(label, "-root.pem"));
	snprintf(s->bundle, sizeof s->bundle, "%s", path(label, "-bundle.pem"));
	if (!pki_write_certs(files.chain, server_chain, 2) || !pki_write_key(files.key, server.key, NULL) ||
	    !pki_write_certs(s->cert, client_chain, 2) || !pki_write_key(s->key, client.key, NULL) ||
	    !pki_write_certs(s->ca, bundle, 1) || !pki_write_certs(s->bundle, bundle, 2)) {
		perror(folder);
		exit(1);
	}
	s->pid = peer_start(kind, tls13, &files, &s->port);
	if (s->pid == 0) {
		fprintf(stderr, "bench: %s did not start; see %s\n", peer_names[kind], folder);
		exit(1);
	}
	pki_cert_free(&root);
	pki_cert_free(&issuing);
	pki_cert_free(&server);
	pki_cert_free(&client);
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double
median(double *values, size_t n)
{
	qsort(values, n, sizeof *values, by_size);
	return values[n / 2];
}

/* Runs, demands that `must` stands in its output, and returns wall milliseconds. */
static double
timed(const char *const argv[], const struct run_options *opt, const char *must, double *cpu_ms)
{
	struct run r;
	double took;

	run_program(argv, opt, &r);
	if (strstr(buf_str(&r.out), must) == NULL) {
		fprintf(stderr, "bench: %s did not print \"%s\": status %d\n%.2000s\n%.2000s\n", argv[0], must, r.status,
		    buf_str(&r.out), buf_str(&r.err));
		exit(1);
	}
	took = r.took_ms;
	if (cpu_ms != NULL)
		*cpu_ms = r.cpu_ms;
	run_done(&r);
	return took;
}

static const char request[] = "HEAD / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: mtlscope\r\nConnection: close\r\n\r\n";

enum { LISTEN_MS = 300 }; /* probes/handshake_talk.c */

/* How long a check of it listened before it asked: the price of a server that sends no ticket, told apart. */
static double
listened(const char *const argv[])
{
	struct run r;
	const char *at;
	double ms;

	run_program(argv, NULL, &r);
	at = strstr(buf_str(&r.out), "\"read_first_ms\":");
	ms = at != NULL ? strtod(at + strlen("\"read_first_ms\":"), NULL) : 0;
	run_done(&r);
	return ms >= LISTEN_MS ? ms : 0; /* less, and a ticket ended it: that is the server's own time */
}

/* One endpoint, a whole process each; runs alternate, so that both see the same machine. */
static void
bench_one(const char *what, const struct site *s, const char *answer)
{
	struct run_options say = { .input = request, .input_len = sizeof request - 1 };
	char target[32], connect[32], resolve[48];
	double ours[ONE_RUNS], theirs[ONE_RUNS], a, b, wait;
	const char *const check[] = { mtlscope(), "check", "--quick", "--json", target, "--cert", s->cert, "--key", s->key,
		"--cacert", s->ca, "--resolve", resolve, NULL };

	snprintf(target, sizeof target, "localhost:%d", s->port);
	snprintf(connect, sizeof connect, "127.0.0.1:%d", s->port);
	snprintf(resolve, sizeof resolve, "localhost:%d:127.0.0.1", s->port);
	for (int i = 0; i < ONE_RUNS; i++) {
		ours[i] = timed(check, NULL, "\"accepted", NULL);
		theirs[i] = timed((const char *const[]){ "openssl", "s_client", "-connect", connect, "-servername",
		    "localhost", "-CAfile", s->ca, "-cert", s->cert, "-cert_chain", s->cert, "-key", s->key, "-quiet",
		    NULL }, &say, answer, NULL);
	}
	a = median(ours, ONE_RUNS);
	b = median(theirs, ONE_RUNS);
	wait = listened(check);
	printf("%-52s %8.1f ms %8.1f ms   %5.2f times (aim: at most 1.00", what, a, b, (a - wait) / b);
	if (wait > 0)
		printf("; %.0f ms of listening, which no ticket ended, are not in it", wait);
	printf(")\n");
}

static const char *
targets_file(const char *name, int port, int count)
{
	const char *file = in_folder(folder, name);
	struct buf b = { 0 };

	for (int i = 0; i < count; i++)
		buf_addf(&b, "127.0.0.1:%d path=/%d\n", port, i);
	if (!write_file(file, b.data, b.len))
		exit(1);
	buf_done(&b);
	return file;
}

/* 1,000 endpoints in one process beside the best of several `xargs -P` of s_client. */
static void
bench_many(const struct site *s)
{
	const char *file = targets_file("many", s->port, MANY), *ask = in_folder(folder, "request");
	double ours, best = 0;
	int best_at = 0;

	if (!write_file(ask, request, sizeof request - 1))
		exit(1);
	for (int at_once = 2; at_once <= 16; at_once *= 2) {
		struct buf command = { 0 };
		double took;

		buf_addf(&command,
		    "seq %d | xargs -P %d -I{} sh -c 'exec openssl s_client -connect 127.0.0.1:%d -servername localhost "
		    "-CAfile %s -cert %s -cert_chain %s -key %s -quiet <%s 2>/dev/null'", MANY, at_once, s->port, s->ca,
		    s->cert, s->cert, s->key, ask);
		took = timed((const char *const[]){ "sh", "-c", buf_str(&command), NULL },
		    &(struct run_options){ .deadline_ms = 300000 }, "HTTP/1", NULL);
		buf_done(&command);
		if (best_at == 0 || took < best) {
			best = took;
			best_at = at_once;
		}
	}
	ours = timed((const char *const[]){ mtlscope(), "check", "--quick", "--json", "--targets", file, "--cert",
	    s->cert, "--key", s->key, "--cacert", s->ca, NULL }, NULL, "\"accepted", NULL);
	printf("%-52s %8.0f /s %8.0f /s   %5.2f times (aim: at least 4.00; xargs -P %d was best)\n",
	    "1,000 endpoints, beside xargs of s_client", MANY / ours * 1000, MANY / best * 1000, best / ours, best_at);
}

static double
s_time_rate(const struct site *s)
{
	char connect[32], seconds[16];
	struct run r;
	double count;

	snprintf(connect, sizeof connect, "127.0.0.1:%d", s->port);
	snprintf(seconds, sizeof seconds, "%d", RATE_SECONDS);
	run_program((const char *const[]){ "openssl", "s_time", "-connect", connect, "-new", "-time", seconds, "-cert",
	    s->cert, "-key", s->key, "-CAfile", s->bundle, NULL }, NULL, &r);
	count = strtod(strstr(buf_str(&r.out), "\n\n") != NULL ? strstr(buf_str(&r.out), "\n\n") + 2 : "0", NULL);
	if (count < 1) {
		fprintf(stderr, "bench: s_time: %s%s\n", buf_str(&r.out), buf_str(&r.err));
		exit(1);
	}
	run_done(&r);
	return count / RATE_SECONDS;
}

static void
bench_rate(const struct site *s)
{
	const char *file = targets_file("rate", s->port, RATE);
	char what[80];
	double took, ours, theirs, cpu;

	theirs = s_time_rate(s);
	took = timed((const char *const[]){ mtlscope(), "check", "--quick", "--no-http", "--json", "--targets", file,
	    "--cert", s->cert, "--key", s->key, "--cacert", s->ca, NULL }, NULL, "\"accepted", &cpu);
	ours = RATE / took * 1000;
	snprintf(what, sizeof what, "full handshakes, %s, beside s_time -new", s->label);
	printf("%-52s %8.0f /s %8.0f /s   %5.2f times (aim: at least 1.00; our CPU %.2f ms each)\n", what, ours, theirs,
	    ours / theirs, cpu / RATE);
}

static void
bench_far(const struct site *s)
{
	const char *file;
	double took, cpu = 0;
	int port;
	pid_t proxy = delay_proxy_start(s->port, FAR_MS, &port);

	if (proxy == 0)
		exit(1);
	file = targets_file("far", port, MANY);
	took = timed((const char *const[]){ mtlscope(), "check", "--quick", "--json", "--targets", file, "--cert",
	    s->cert, "--key", s->key, "--cacert", s->ca, NULL }, NULL, "\"accepted", &cpu);
	stop_server(proxy);
	printf("%-52s %8.2f s  %8.2f s    %+.2f s over its CPU time (aim: under 1.50)\n",
	    "1,000 endpoints behind 100 ms of round trip, CPU", took / 1000, cpu / 1000, (took - cpu) / 1000);
}

int
main(void)
{
	static struct site p256, rsa, no_ticket;

	folder = make_folder();
	start_site(&p256, "P-256", PKI_P256, PEER_NGINX, true);
	start_site(&rsa, "RSA-2048", PKI_RSA2048, PEER_NGINX, true);
	start_site(&no_ticket, "no-ticket", PKI_P256, PEER_GNUTLS_NO_TICKET, true);
	printf("%-52s %11s %11s\n", "", "mtlscope", "openssl");
	bench_one("one endpoint, P-256, a whole process", &p256, "HTTP/1");
	bench_one("one endpoint, RSA 2048, a whole process", &rsa, "HTTP/1");
	bench_one("one endpoint that sends no ticket (we listen first)", &no_ticket, "501");
	bench_many(&p256);
	bench_rate(&p256);
	bench_rate(&rsa);
	bench_far(&p256);
	stop_server(p256.pid);
	stop_server(rsa.pid);
	stop_server(no_ticket.pid);
	remove_folder(folder);
	return 0;
}
