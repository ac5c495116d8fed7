/*
 * The lines that reproduce a handshake with other tools are run, by a shell, against the lab, and must
 * end as ours did: accepted or refused with the same alert, trusted or not, with a Certificate message of the same length.
 * What cannot be run here (addresses, odd names) is compared as text.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/chat.h"
#include "model/memory.h"
#include "model/reproduce.h"
#include "probes/examine.h"
#include "tests/engine.h"
#include "tests/lab_process.h"
#include "tests/pages.h"
#include "tests/program.h"

static struct lab_process lab;
static char *folder;

static int
set_up(void **state)
{
	(void)state;
	folder = make_folder();
	return lab_process_start(&lab, 0) ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	lab_process_stop(&lab);
	remove_folder(folder);
	return 0;
}

static const char *
item(const char *endpoint, const char *name)
{
	const cJSON *e;

	cJSON_ArrayForEach(e, cJSON_GetObjectItem(lab.json, "endpoints"))
		if (strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(e, "name")), endpoint) == 0)
			return cJSON_GetStringValue(cJSON_GetObjectItem(e, name));
	fail_msg("the lab has no endpoint %s", endpoint);
	return NULL;
}

/* Runs a line of a shell in the test's folder, and fails the test where it does not end well. */
static void
shell(const char *line)
{
	const char *argv[] = { "/bin/bash", "-c", line, NULL };
	struct run r;

	run_program(argv, NULL, &r);
	if (r.status != 0)
		fail_msg("%s\n%s", line, buf_str(&r.err));
	run_done(&r);
}

/* ---- how it ended, ours and theirs ---- */

struct ending {
	int alert;       /* 0: none */
	int http;        /* 0: no answer */
	bool judged, trusted; /* was the server's certificate seen, and trusted? */
	size_t sent;     /* bytes of our Certificate message; 0: none, or not known */
};

static struct ending
our_ending(const struct examination *x, const struct handshake *h)
{
	const struct alert *alert = handshake_fatal_alert(h, PEER_SERVER);
	struct ending e = { .alert = alert != NULL ? alert->number : 0, .http = h->http.status, .judged = h->server_certs_len > 0,
		.trusted = true };

	for (size_t i = 0; i < h->messages_len; i++)
		if (h->messages[i].from == PEER_US && h->messages[i].type == 11)
			e.sent = h->messages[i].bytes;
	for (size_t i = 0; i < x->diagnosis->len; i++)
		if (x->diagnosis->findings[i].side == SIDE_SERVER && x->diagnosis->findings[i].severity == SEVERITY_ERROR)
			e.trusted = false;
	return e;
}

static unsigned long
number_behind(const char *out, const char *words, int base)
{
	const char *at = strstr(out, words);

	return at != NULL ? strtoul(at + strlen(words), NULL, base) : 0;
}

static struct ending
openssl_ending(const char *out)
{
	struct ending e = { .alert = (int)number_behind(out, "SSL alert number ", 10), .http = (int)number_behind(out, "\nHTTP/1.1 ", 10) };
	const char *at;

	e.trusted = strstr(out, "Verify return code: 0 (ok)") != NULL;
	/* ">>> TLS 1.3, Handshake [length 03ba], Certificate" */
	for (at = strstr(out, ">>> TLS"); at != NULL; at = strstr(at + 1, ">>> TLS")) {
		size_t len = strcspn(at, "\n");

		if (len > 13 && strncmp(at + len - 13, ", Certificate", 13) == 0)
			e.sent = number_behind(at, "[length ", 16);
	}
	return e;
}

/* "(IN), TLS alert, unknown CA (560)": 512 for fatal, and the number. */
static struct ending
curl_ending(const struct run *r, const char *text)
{
	static const char words[] = "(IN), TLS alert, ";
	struct ending e = { .http = (int)number_behind(text, "\n< HTTP/1.1 ", 10) };

	for (const char *at = strstr(text, words); at != NULL; at = strstr(at + 1, words)) {
		unsigned long code = number_behind(at + strlen(words), "(", 10);

		if (code >= 512)
			e.alert = (int)(code - 512);
	}
	/* 60 is also what it makes of alert 45, which is about our certificate. */
	e.trusted = r->status != 60 || e.alert != 0;
	return e;
}

/* ---- running the lines ---- */

/* How our files are made out of the endpoint's: shell text, run in the folder; then what the files are called. */
struct variant {
	const char *name, *make, *cert, *key, *cacert, *cert_type, *remark;
	bool curl; /* can it? */
};

/* $C, $K, $A: the endpoint's certificate, key, anchors. */
static const struct variant variants[] = {
	{ .name = "one file", .make = "cat $C $K >both.pem", .cert = "both.pem", .curl = true },
	{ .name = "odd names", .make = "mkdir -p 'a b'; cp $C 'a b/o:r\\d'\\''er.crt'; cp $K 'a b/$(x).key'; cp $A 'a b/-root.pem'",
	    .cert = "a b/o:r\\d'er.crt", .key = "a b/$(x).key", .cacert = "a b/-root.pem", .curl = true },
	{ .name = "PKCS#12", .make = "openssl pkcs12 -export -in $C -inkey $K -out o.p12 -passout pass:", .cert = "o.p12",
	    .cert_type = "P12", .remark = "leaf twice", .curl = true },
	{ .name = "PKCS#12 of one", .make = "openssl x509 -in $C | openssl pkcs12 -export -inkey $K -out l.p12 -passout pass:",
	    .cert = "l.p12", .cert_type = "P12", .curl = true },
	{ .name = "DER", .make = "openssl x509 -in $C -outform DER -out o.der; openssl pkey -in $K -outform DER -out k.der",
	    .cert = "o.der", .key = "k.der", .curl = true },
	/* The chain upside down behind the leaf, and a stranger in it: sent as it stands. */
	{ .name = "a root before the intermediate", .make = "(openssl x509 -in $C; cat $A; sed '1,/-----END /d' $C) >odd.pem",
	    .cert = "odd.pem", .key = "", .remark = "<(", .curl = true },
	/* The anchors hold the intermediate: OpenSSL's tools would add it to a file of the leaf alone. */
	{ .name = "an issuer among the anchors", .make = "openssl x509 -in $C -out leaf.pem; (cat $A; sed '1,/-----END /d' $I) >more.pem",
	    .cert = "leaf.pem", .key = "", .cacert = "more.pem", .curl = false },
	{ .name = "the same, DER", .make = "openssl x509 -in $C -outform DER -out o.der; (cat $A; sed '1,/-----END /d' $I) >more.pem",
	    .cert = "o.der", .key = "", .cacert = "more.pem", .curl = false },
	{ .name = "an intermediate as the anchor", .make = "(sed '1,/-----END /d' $I) >inter.pem", .cacert = "inter.pem", .curl = true },
};

static const char *
made(const char *file, const char *otherwise)
{
	return file == NULL || file[0] == '\0' ? otherwise : in_folder(folder, file);
}

static bool
no_passphrase(void *user, const char *what, char *out, size_t size)
{
	(void)user;
	(void)what;
	out[0] = '\0';
	return size > 0;
}

static struct examination *
examine_with(const char *endpoint, const struct variant *v, const char *extra_name, bool quick)
{
	const char *cert = item(endpoint, "cert"), *key = item(endpoint, "key"), *cacert = item(endpoint, "cacert");
	struct identity_source source = { .ask = no_passphrase, .cert_type = v->cert_type };
	struct examine_options opt = quick ? engine_quick() : examine_defaults;
	struct examiner *x;
	struct examination *result;
	struct identity *id = NULL;
	struct trust *trust = NULL;
	struct target t = { 0 };
	struct error err = { 0 };
	struct buf make = { 0 };

	buf_addf(&make, "cd %s; C=%s K=%s A=%s I=%s; set -e; %s", folder, cert, key, cacert, item("healthy", "cert"), v->make != NULL ? v->make : ":");
	shell(make.data);
	source.cert = made(v->cert, cert);
	source.key = v->cert != NULL && v->key == NULL ? NULL : made(v->key, key);
	if (identity_load(&source, &id, &err) != STATUS_OK || trust_load(made(v->cacert, cacert), NULL, &trust, &err) != STATUS_OK ||
	    target_parse(item(endpoint, "address"), &t, &err) != STATUS_OK)
		fail_msg("%s, %s: %s", endpoint, v->name, err.text);
	if (extra_name != NULL && target_set_servername(&t, extra_name, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	x = engine_start(&opt);
	examiner_add(x, &t, id, trust, NULL);
	result = examiner_next(x, -1);
	examiner_free(x);
	identity_free(id);
	trust_free(trust);
	target_done(&t);
	buf_done(&make);
	return result;
}

static struct examination *
examine(const char *endpoint, const struct variant *v, const char *extra_name)
{
	return examine_with(endpoint, v, extra_name, true);
}

static void
compare(const char *tool, const char *what, const char *line, struct ending ours, struct ending theirs, const char *out)
{
	if (theirs.alert != ours.alert || theirs.http != ours.http || (ours.judged && theirs.trusted != ours.trusted) ||
	    (theirs.sent != 0 && theirs.sent != ours.sent))
		fail_msg("%s, %s:\n%s\nours: alert %d, HTTP %d, trusted %d, sent %zu; its: alert %d, HTTP %d, trusted %d, sent %zu\n%s",
		    tool, what, line, ours.alert, ours.http, ours.trusted, ours.sent, theirs.alert, theirs.http, theirs.trusted,
		    theirs.sent, out);
}

static void
run_line(const char *line, struct run *r)
{
	const char *argv[] = { "/bin/bash", "-c", line, NULL };
	/* What a user has in the environment must not matter. */
	static const char *const env[] = { "https_proxy=http://127.0.0.1:9", "HTTPS_PROXY=http://127.0.0.1:9", NULL };
	const struct run_options opt = { .deadline_ms = 10000, .env = env };

	run_program(argv, &opt, r);
	buf_addc(&r->out, '\n');
	buf_add(&r->out, r->err.data, r->err.len);
}

static bool
has_curl(void)
{
	const char *argv[] = { "curl", "--version", NULL };
	struct run r;
	bool there;

	run_program(argv, NULL, &r);
	there = r.status == 0;
	run_done(&r);
	return there;
}

/* Both lines of one examination; `passphrase`: an empty one is given where the tool would ask. */
static void
reproduce(const char *endpoint, const struct variant *v, const char *name)
{
	struct examination *x = examine(endpoint, v, name);
	bool twice = v->remark != NULL && strstr(v->remark, "twice") != NULL;
	struct ending ours = our_ending(x, evidence_baseline(x->evidence)), theirs;
	struct buf line = { 0 }, what = { 0 };
	const char *remark;
	struct run r;

	buf_addf(&what, "%s, %s", endpoint, v->name);
	assert_true(reproduce_openssl(x->evidence, &line, &remark));
	if ((remark != NULL) != (v->remark != NULL) || (remark != NULL && strstr(remark, v->remark) == NULL))
		fail_msg("%s: remark “%s”", what.data, remark);
	assert_null(strpbrk(line.data, "\n\033"));
	buf_addf(&line, " -msg%s", v->cert_type != NULL ? " -pass pass:" : "");
	run_line(line.data, &r);
	theirs = openssl_ending(r.out.data);
	if (theirs.sent == 0 && ours.sent != 0)
		fail_msg("%s: no Certificate seen\n%s\n%s", what.data, line.data, r.out.data);
	if (twice) /* it says so; the rest is the same */
		theirs.sent = 0;
	compare("openssl", what.data, line.data, ours, theirs, r.out.data);
	run_done(&r);
	buf_reset(&line);
	if (reproduce_curl(x->evidence, &line, &remark) != v->curl)
		fail_msg("%s: curl can%s: %s", what.data, v->curl ? "" : "not", remark);
	if (v->curl && has_curl()) {
		assert_null(strpbrk(line.data, "\n\033"));
		if (v->cert_type != NULL)
			buf_adds(&line, " --pass ''");
		run_line(line.data, &r);
		theirs = curl_ending(&r, r.out.data);
		if (!theirs.trusted) { /* curl ends there; nothing else is to be compared */
			ours.http = ours.alert = 0;
			theirs.http = theirs.alert = 0;
		}
		compare("curl", what.data, line.data, ours, theirs, r.out.data);
		run_done(&r);
	}
	buf_done(&line);
	buf_done(&what);
	examination_free(x);
}

/* What the lab has of each kind; as they are, and where a tool differs, how. */
static const struct {
	const char *endpoint, *remark;
	bool curl_cannot;
} kinds[] = {
	{ .endpoint = "healthy" }, { .endpoint = "healthy-tls12" }, { .endpoint = "healthy-tls13" }, { .endpoint = "healthy-nginx" },
	{ .endpoint = "healthy-by-address" }, { .endpoint = "client-missing-intermediate" }, { .endpoint = "client-expired" },
	{ .endpoint = "client-expired-tls12" }, { .endpoint = "client-other-ca" }, { .endpoint = "client-wrong-purpose" },
	{ .endpoint = "client-bad-signature" }, { .endpoint = "client-intermediate-expired" },
	{ .endpoint = "client-wrong-order", .remark = "<(" },
	{ .endpoint = "client-weak-key", .curl_cannot = true },
	{ .endpoint = "server-expired" }, { .endpoint = "server-missing-intermediate" }, { .endpoint = "server-untrusted-root" },
	{ .endpoint = "server-wrong-name" }, { .endpoint = "server-weak-key" }, { .endpoint = "refused-400" },
	{ .endpoint = "policy-late", .curl_cannot = true },
	{ .endpoint = "tls-1.1-only" }, { .endpoint = "tls-rejected-name" },
};

static void
same_outcome(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct variant v = { .name = "as it is", .remark = kinds[i].remark, .curl = !kinds[i].curl_cannot };

		reproduce(kinds[i].endpoint, &v, item(kinds[i].endpoint, "servername"));
	}
}

static void
same_outcome_of_other_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++)
		reproduce("healthy", &variants[i], "payment.internal");
}

/* ---- every handshake, not the baseline alone ---- */

/* One line of one handshake is run, and must be answered as ours was. */
static void
run_one(const char *tool, const struct examination *x, const struct handshake *h, const char *line)
{
	bool curl = strcmp(tool, "curl") == 0;
	struct ending ours = our_ending(x, h), theirs;
	struct buf whole = { 0 };
	struct run r;

	buf_addf(&whole, "cd %s; %s%s", folder, line, curl ? "" : " -msg");
	run_line(whole.data, &r);
	theirs = curl ? curl_ending(&r, r.out.data) : openssl_ending(r.out.data);
	ours.judged = ours.judged && h == evidence_baseline(x->evidence); /* the diagnosis is about that one's chain */
	ours.sent = theirs.sent = 0; /* a throwaway is of another length each time */
	if (curl && !theirs.trusted)
		ours.http = ours.alert = theirs.http = theirs.alert = 0;
	compare(tool, h->experiment, line, ours, theirs, r.out.data);
	run_done(&r);
	buf_done(&whole);
}

/* Experiments that the lab brings about; "-": no line can, and says why. */
static const struct {
	const char *endpoint;
	const char *seen[6]; /* names, in any order */
} experiments[] = {
	{ "healthy", { "no-certificate", "throwaway" } },
	{ "healthy-tls12", { "no-certificate", "throwaway" } },
	{ "refused-400", { "baseline-get" } },
	{ "client-missing-intermediate", { "-with-intermediate" } },
	{ "client-other-ca", { "no-certificate", "throwaway" } },
	{ "tls-1.1-only", { "wide-hello" } },
	{ "policy-late", { "late-auth" } },
};

static bool
seen_in(const struct evidence *e, const char *name)
{
	return evidence_experiment(e, name[0] == '-' ? name + 1 : name) != NULL;
}

static void
every_handshake(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof experiments / sizeof experiments[0]; i++) {
		struct variant as_it_is = { .name = "as it is" };
		struct examination *x = examine_with(experiments[i].endpoint, &as_it_is, item(experiments[i].endpoint, "servername"), false);

		for (size_t k = 0; k < 6 && experiments[i].seen[k] != NULL; k++)
			if (!seen_in(x->evidence, experiments[i].seen[k]))
				fail_msg("%s: no handshake “%s”", experiments[i].endpoint, experiments[i].seen[k]);
		for (size_t k = 0; k < x->evidence->handshakes_len; k++) {
			const struct handshake *h = x->evidence->handshakes[k];
			bool impossible = strcmp(h->experiment, "with-intermediate") == 0;
			struct buf line = { 0 };
			const char *remark = NULL;

			if (reproduce_openssl_of(x->evidence, h, &line, &remark) == impossible || (impossible && remark == NULL))
				fail_msg("%s, %s: %s", experiments[i].endpoint, h->experiment, remark != NULL ? remark : line.data);
			if (!impossible)
				run_one("openssl", x, h, line.data);
			buf_reset(&line);
			if (reproduce_curl_of(x->evidence, h, &line, &remark) && has_curl())
				run_one("curl", x, h, line.data);
			else
				assert_non_null(remark);
			buf_done(&line);
		}
		examination_free(x);
	}
}

/* ---- as text ---- */

static void none(struct evidence *e, struct handshake *h) { (void)e; (void)h; }

static void
by_address(struct evidence *e, struct handshake *h)
{
	target_done(&e->target);
	e->target = (struct target){ .host = mem_strdup("::1"), .port = 8443, .is_ip = true, .path = mem_strdup("/"), .http = true };
	h->address = "[::1]:8443";
	h->offer.sni = NULL;
}

static void
by_socket(struct evidence *e, struct handshake *h)
{
	target_done(&e->target);
	e->target = (struct target){ .unix_path = mem_strdup("/run/x y"), .path = mem_strdup("/"), .http = true };
	h->address = "unix:/run/x y";
	h->offer.sni = NULL;
}

static void
by_socket_named(struct evidence *e, struct handshake *h)
{
	by_socket(e, h);
	e->target.servername = mem_strdup("payment.internal");
	h->offer.sni = "payment.internal";
}

/* Resolving failed: there is no address, and no hello. */
static void
unresolved(struct evidence *e, struct handshake *h)
{
	(void)e;
	h->dns_error = 4;
	h->address = NULL;
	h->offer = (struct offer){ 0 };
	h->http = (struct http_answer){ 0 };
}

static void
odd_path(struct evidence *e, struct handshake *h)
{
	(void)h;
	free(e->target.path);
	e->target.path = mem_strdup("/a/../{b}?x=100%&q=it's\\");
	e->target.port = 443;
	h->address = "10.0.0.7:443";
}

static void
with_get(struct evidence *e, struct handshake *h)
{
	(void)e;
	h->http.method = "GET";
}

static void
only_tls12(struct evidence *e, struct handshake *h)
{
	(void)e;
	h->offer.min_version = h->offer.max_version = 0x0303;
}

static void
only_tls13(struct evidence *e, struct handshake *h)
{
	e->ciphers = "ECDHE+AESGCM";
	h->offer.min_version = h->offer.max_version = 0x0304;
	h->offer.alpn = "http/1.1";
}

static void
old_tls(struct evidence *e, struct handshake *h)
{
	(void)e;
	h->offer.min_version = 0x0301;
	h->offer.max_version = 0x0302;
	h->offer.alpn = "h2,http/1.1";
}

static void
no_http(struct evidence *e, struct handshake *h)
{
	(void)h;
	e->target.http = false;
}

static void
at_another_time(struct evidence *e, struct handshake *h)
{
	(void)h;
	e->clocks.local_set = true;
	e->clocks.local_ms = 1800000000000;
}

static void
without_identity(struct evidence *e, struct handshake *h)
{
	(void)h;
	identity_free(e->identity);
	e->identity = NULL;
	e->trust->file = NULL;
	e->trust->system = true;
}

static void
other_alpn(struct evidence *e, struct handshake *h)
{
	(void)e;
	h->offer.alpn = "postgresql";
}

static void mismatch(struct evidence *e, struct handshake *h) { (void)h; e->identity->matches = false; }
static void no_file(struct evidence *e, struct handshake *h) { (void)h; e->identity->cert_path = NULL; }
static void pkcs7(struct evidence *e, struct handshake *h) { (void)h; e->identity->cert_type = "P7"; }
static void der_anchors(struct evidence *e, struct handshake *h) { (void)h; e->trust->file_is_pem = false; }
static void anchors_from_memory(struct evidence *e, struct handshake *h) { (void)h; e->trust->file = NULL; }
static void no_handshake(struct evidence *e, struct handshake *h) { (void)h; e->offline = true; }
static void starttls(struct evidence *e, struct handshake *h) { (void)h; e->target.starttls = STARTTLS_SMTP; e->target.http = false; }
static void through_http(struct evidence *e, struct handshake *h) { (void)e; h->proxy = "http://proxy:3128"; h->address = "payment.internal:8443"; }
static void through_socks(struct evidence *e, struct handshake *h) { (void)e; h->proxy = "socks5h://[::1]:9050"; h->address = "payment.internal:8443"; }
static void through_ssh(struct evidence *e, struct handshake *h) { (void)e; h->proxy = "ssh:me@bastion"; h->address = "payment.internal:8443"; }
static void spoke_http2(struct evidence *e, struct handshake *h) { (void)e; h->offer.alpn = "h2,http/1.1"; h->alpn = "h2"; }

#define REQUEST(method, host) "printf '" method " / HTTP/1.1\\r\\nHost: " host "\\r\\nConnection: close\\r\\n\\r\\n' | openssl s_client "
#define FILES " -cert order.crt -key order.key -chainCAfile order.crt -CAfile root.pem"
#define MIN " -min_protocol TLSv1.2"
#define CURL_FILES " --cert order.crt --key order.key --cacert root.pem --capath /"
#define NAMED "-servername payment.internal -verify_hostname payment.internal"

/* NULL for a line: it cannot be, and the remark has these words. */
static const struct {
	const char *what;
	void (*change)(struct evidence *e, struct handshake *h);
	const char *openssl, *curl, *remark;
} as_text[] = {
	{ "as it is", none, REQUEST("HEAD", "payment.internal:8443") "-connect 127.0.0.1:8443 " NAMED FILES MIN " -ign_eof",
	    "curl -v -I" CURL_FILES " --tlsv1.2 --no-alpn --connect-to ::127.0.0.1:8443 --noproxy '*' https://payment.internal:8443/", NULL },
	{ "IPv6", by_address, REQUEST("HEAD", "[::1]:8443") "-connect '[::1]:8443' -noservername -verify_ip ::1" FILES MIN " -ign_eof",
	    "curl -v -I" CURL_FILES " --tlsv1.2 --no-alpn --noproxy '*' 'https://[::1]:8443/'", NULL },
	{ "socket", by_socket, REQUEST("HEAD", "localhost") "-unix '/run/x y' -noservername" FILES MIN " -ign_eof",
	    "curl -v -I" CURL_FILES " --tlsv1.2 --no-alpn --unix-socket '/run/x y' --noproxy '*' -k -H 'Host: localhost' https://127.0.0.1/", "-k" },
	{ "socket with a name", by_socket_named, REQUEST("HEAD", "payment.internal") "-unix '/run/x y' " NAMED FILES MIN " -ign_eof",
	    "curl -v -I" CURL_FILES " --tlsv1.2 --no-alpn --unix-socket '/run/x y' --noproxy '*' https://payment.internal/", NULL },
	{ "unresolved", unresolved, REQUEST("HEAD", "payment.internal:8443") "-connect payment.internal:8443 " NAMED FILES MIN " -ign_eof",
	    "curl -v -I" CURL_FILES " --tlsv1.2 --no-alpn --noproxy '*' https://payment.internal:8443/", NULL },
	{ "path", odd_path, "printf 'HEAD /a/../{b}?x=100%%&q=it'\\''s\\\\ HTTP/1.1\\r\\nHost: payment.internal\\r\\nConnection: close\\r\\n\\r\\n' | "
	    "openssl s_client -connect 10.0.0.7:443 " NAMED FILES MIN " -ign_eof",
	    "curl -v -I" CURL_FILES " --tlsv1.2 --no-alpn --connect-to ::10.0.0.7:443 --noproxy '*' -g --path-as-is 'https://payment.internal:443/a/../{b}?x=100%&q=it'\\''s\\'", NULL },
	{ "GET", with_get, REQUEST("GET", "payment.internal:8443") "-connect 127.0.0.1:8443 " NAMED FILES MIN " -ign_eof",
	    "curl -v -o /dev/null" CURL_FILES " --tlsv1.2 --no-alpn --connect-to ::127.0.0.1:8443 --noproxy '*' https://payment.internal:8443/", NULL },
	{ "TLS 1.2", only_tls12, REQUEST("HEAD", "payment.internal:8443") "-connect 127.0.0.1:8443 " NAMED FILES " -tls1_2 -ign_eof",
	    "curl -v -I" CURL_FILES " --tlsv1.2 --tls-max 1.2 --no-alpn --connect-to ::127.0.0.1:8443 --noproxy '*' https://payment.internal:8443/", NULL },
	{ "TLS 1.3, ALPN, ciphers", only_tls13,
	    REQUEST("HEAD", "payment.internal:8443") "-connect 127.0.0.1:8443 " NAMED FILES " -tls1_3 -alpn http/1.1 -cipher ECDHE+AESGCM -ign_eof",
	    "curl -v -I" CURL_FILES " --tlsv1.3 --http1.1 --ciphers ECDHE+AESGCM --connect-to ::127.0.0.1:8443 --noproxy '*' https://payment.internal:8443/", NULL },
	{ "old TLS", old_tls,
	    REQUEST("HEAD", "payment.internal:8443") "-connect 127.0.0.1:8443 " NAMED FILES " -min_protocol TLSv1 -max_protocol TLSv1.1 -alpn h2,http/1.1 -cipher DEFAULT:@SECLEVEL=0 -ign_eof",
	    "curl -v -I" CURL_FILES " --tlsv1.0 --tls-max 1.1 --http2 --ciphers DEFAULT:@SECLEVEL=0 --connect-to ::127.0.0.1:8443 --noproxy '*' https://payment.internal:8443/", NULL },
	{ "no HTTP", no_http, "openssl s_client -connect 127.0.0.1:8443 " NAMED FILES MIN, NULL, "HTTP request" },
	{ "--at", at_another_time, REQUEST("HEAD", "payment.internal:8443") "-connect 127.0.0.1:8443 " NAMED FILES " -attime 1800000000" MIN " -ign_eof", NULL, "clock" },
	{ "no identity, the system's trust", without_identity, REQUEST("HEAD", "payment.internal:8443") "-connect 127.0.0.1:8443 " NAMED MIN " -ign_eof",
	    "curl -v -I --tlsv1.2 --no-alpn --connect-to ::127.0.0.1:8443 --noproxy '*' https://payment.internal:8443/", NULL },
	{ "ALPN that curl has not", other_alpn, REQUEST("HEAD", "payment.internal:8443") "-connect 127.0.0.1:8443 " NAMED FILES MIN " -alpn postgresql -ign_eof", NULL, "application protocols" },
	{ "another key", mismatch, NULL, NULL, "does not belong" },
	{ "no file", no_file, NULL, NULL, "did not come from a file" },
	{ "PKCS#7", pkcs7, NULL, NULL, "PKCS#7" },
	{ "anchors in DER", der_anchors, NULL, NULL, "PEM only" },
	{ "anchors from memory", anchors_from_memory, NULL, NULL, "trust did not come" },
	{ "offline", no_handshake, NULL, NULL, "no handshake" },
	{ "STARTTLS", starttls, "openssl s_client -connect 127.0.0.1:8443 -starttls smtp " NAMED FILES MIN, NULL, "a command of the protocol" },
	{ "a CONNECT proxy", through_http, REQUEST("HEAD", "payment.internal:8443") "-connect payment.internal:8443 -proxy proxy:3128 " NAMED FILES MIN " -ign_eof",
	    "curl -v -I" CURL_FILES " --tlsv1.2 --no-alpn -x http://proxy:3128 --noproxy '' https://payment.internal:8443/", NULL },
	{ "a SOCKS proxy", through_socks, NULL,
	    "curl -v -I" CURL_FILES " --tlsv1.2 --no-alpn -x 'socks5h://[::1]:9050' --noproxy '' https://payment.internal:8443/", "SOCKS" },
	{ "through ssh", through_ssh, NULL, NULL, "ssh" },
	{ "HTTP/2", spoke_http2, "openssl s_client -connect 127.0.0.1:8443 " NAMED FILES MIN " -alpn h2,http/1.1",
	    "curl -v -I" CURL_FILES " --tlsv1.2 --http2 --connect-to ::127.0.0.1:8443 --noproxy '*' https://payment.internal:8443/", NULL },
};

static void
compare_text(const char *what, bool can, const char *line, const char *expected, const char *remark, const char *words)
{
	if (can != (expected != NULL) || (can && strcmp(line, expected) != 0))
		fail_msg("%s:\nis       %s\nexpected %s", what, can ? line : remark, expected != NULL ? expected : "(cannot be)");
	if (!can && (remark == NULL || strstr(remark, words) == NULL))
		fail_msg("%s: remark “%s”, expected “%s”", what, remark, words);
}

static void
lines_as_text(void **state)
{
	struct pages *p = pages_make();

	(void)state;
	for (size_t i = 0; i < sizeof as_text / sizeof as_text[0]; i++) {
		struct diagnosis *d = pages_diagnosis(p, PAGES_FORGOTTEN);
		struct evidence *e = (struct evidence *)(uintptr_t)d->evidence;
		struct handshake *h = e->handshakes[0];
		struct buf line = { 0 };
		const char *remark;
		bool can;

		e->identity->cert_path = "order.crt";
		e->identity->key_path = "order.key";
		e->identity->cert_type = e->identity->key_type = "PEM";
		e->identity->matches = true;
		e->trust->file = "root.pem";
		e->trust->file_is_pem = true;
		h->offer.min_version = 0x0303;
		h->offer.max_version = 0x0304;
		h->offer.sni = "payment.internal";
		as_text[i].change(e, h);
		can = reproduce_openssl(e, &line, &remark);
		compare_text(as_text[i].what, can, buf_str(&line), as_text[i].openssl, remark, as_text[i].remark);
		buf_reset(&line);
		can = reproduce_curl(e, &line, &remark);
		compare_text(as_text[i].what, can, buf_str(&line), as_text[i].curl, remark, as_text[i].remark);
		buf_done(&line);
	}
	pages_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_as_text),
		cmocka_unit_test(same_outcome),
		cmocka_unit_test(same_outcome_of_other_files),
		cmocka_unit_test(every_handshake),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
