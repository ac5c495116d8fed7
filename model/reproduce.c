#include "model/reproduce.h"

#include <stdio.h>
#include <string.h>

#include "model/host.h"
#include "model/quote.h"
#include "model/reproduce_sent.h"

enum {
	ANCHORS_LOOKED_AT = 64, /* a file of our own trust has a few; a bundle of more is a system's */
	WEAK_BITS = 112         /* security level 2, the default of Debian and others, wants that much */
};

/* An option as it stands, and its value in quotes where it needs them. */
void
line_put(struct line *l, const char *option, const char *value)
{
	buf_addf(l->out, "%s%s", l->begun ? " " : "", option);
	l->begun = true;
	if (value != NULL) {
		buf_addc(l->out, ' ');
		shell_quote(l->out, value);
	}
}

/* ---- what was done ---- */

static bool
is_address(const char *name)
{
	struct host h;
	char why[HOST_WHY_MAX];

	return name != NULL && host_read(name, strlen(name), &h, why) && h.is_ip;
}

/* What went out where there was a hello, else what would have. */
static const char *
sni_of(const struct line *l)
{
	const char *name = target_name(&l->e->target);

	if (l->h->offer.max_version != 0)
		return l->h->offer.sni;
	return is_address(name) ? NULL : name;
}

/* Where it was connected: a name may lead elsewhere tomorrow, or was led elsewhere by --resolve. */
const char *
line_address(const struct line *l, char out[LINE_ADDRESS_MAX])
{
	if (l->h->dns_error == 0 && l->h->address != NULL)
		return l->h->address;
	return target_label(&l->e->target, out, LINE_ADDRESS_MAX);
}

/* The wide hello asks nothing. */
bool
line_asks_http(const struct line *l)
{
	return l->e->target.http && !l->plan.wide;
}

const char *
line_method(const struct line *l)
{
	return l->h->http.method != NULL ? l->h->http.method : "HEAD";
}

/* Ours, or its leaf. */
bool
line_sends_certificate(const struct line *l)
{
	return (l->plan.sends == LINE_OURS || l->plan.sends == LINE_LEAF) && l->e->identity != NULL && l->e->identity->len > 0;
}

bool
line_sends_throwaway(const struct line *l)
{
	return l->plan.sends == LINE_THROWAWAY || l->plan.sends == LINE_THROWAWAY_RSA;
}

const char *
line_path(const struct line *l)
{
	const char *own = l->e->target.path != NULL ? l->e->target.path : "/";

	return l->plan.path != NULL ? l->plan.path : own;
}

/* Does each certificate of our file come right before its issuer? Then a chain that is built from the file is the file's. */
static bool
in_order(const struct identity *us)
{
	for (size_t i = 0; i + 1 < us->len; i++)
		if (!cert_could_issue(us->certs[i + 1], us->certs[i]))
			return false;
	return true;
}

static bool
any_issuer(const struct cert *c, void *found)
{
	(void)c;
	*(bool *)found = true;
	return false;
}

/* Would OpenSSL add an issuer of ours out of what we trust? It does where the file holds the leaf alone. */
bool
line_filled_in_from_trust(const struct line *l)
{
	bool found = false;

	if ((l->e->identity->len != 1 && l->plan.sends != LINE_LEAF) || l->e->trust == NULL || l->e->identity->certs[0]->self_issued)
		return false;
	trust_issuers(l->e->trust, l->e->identity->certs[0], any_issuer, &found);
	return found;
}

bool
line_is_weak(const struct cert *c)
{
	return c != NULL && ((c->key.security_bits > 0 && c->key.security_bits < WEAK_BITS) ||
	    (!c->self_issued && c->signature.security_bits > 0 && c->signature.security_bits < WEAK_BITS));
}

/* Our handshake ran at security level 0: where it made a difference, the line has to as well. */
static bool
needs_level_0(const struct line *l)
{
	const struct identity *us = line_sends_certificate(l) ? l->e->identity : NULL;

	if (l->plan.wide || (l->h->offer.max_version != 0 && l->h->offer.max_version < TLS_1_2))
		return true;
	if (l->h->cipher != NULL && strncmp(l->h->cipher, "DHE-", 4) == 0)
		return true;
	for (size_t i = 0; us != NULL && i < us->len; i++)
		if (line_is_weak(us->certs[i]))
			return true;
	for (size_t i = 0; i < l->h->server_certs_len; i++)
		if (line_is_weak(l->h->server_certs[i].cert))
			return true;
	return false;
}

const char *
line_ciphers(const struct line *l, char *out, size_t size)
{
	if (!needs_level_0(l))
		return l->e->ciphers;
	snprintf(out, size, "%s:@SECLEVEL=0", l->plan.wide ? "ALL:COMPLEMENTOFALL" : l->e->ciphers != NULL ? l->e->ciphers : "DEFAULT");
	return out;
}

static bool
trusts_an_intermediate(const struct trust *t)
{
	for (size_t i = 0; i < t->len && i < ANCHORS_LOOKED_AT; i++) {
		const struct cert *c = trust_anchor(t, i);

		if (c != NULL && !c->self_issued)
			return true;
	}
	return false;
}

/* What keeps both tools from it; NULL: nothing. */
static const char *
impossible(const struct line *l)
{
	const struct identity *us = l->e->identity;
	const struct trust *trust = l->e->trust;

	if (l->h == NULL)
		return "no handshake was made";
	if (trust != NULL && !trust->system && trust->file == NULL && trust->folder == NULL)
		return "what we trust did not come from a file";
	if (trust != NULL && trust->file != NULL && !trust->file_is_pem)
		return "the tool reads trusted certificates as PEM only, and --cacert is not";
	if (l->plan.cannot != NULL)
		return l->plan.cannot;
	if (!line_sends_certificate(l))
		return NULL;
	if (us->cert_path == NULL || us->key_path == NULL)
		return "our certificate or key did not come from a file";
	if (us->cert_type != NULL && strcmp(us->cert_type, "P7") == 0)
		return "the tool takes no PKCS#7 for our certificate";
	if (us->key == NULL)
		return "our private key cannot be read";
	return us->matches ? NULL : "the tool refuses a key that does not belong to its certificate before it sends anything";
}

/* Only what the line must say: the port of a URL's scheme, or another. */
static const char *
host_and_port(const char *shown)
{
	const char *colons = strstr(shown, "://");

	return colons != NULL ? colons + 3 : shown;
}

bool
line_leads_through(const struct line *l, const char *kind)
{
	return l->h->proxy != NULL && strncmp(l->h->proxy, kind, strlen(kind)) == 0;
}

static bool
over_http2(const struct line *l)
{
	return l->h->alpn != NULL && strcmp(l->h->alpn, "h2") == 0;
}

static const char *
impossible_for_openssl(const struct line *l)
{
	if (line_leads_through(l, "ssh:"))
		return "s_client cannot be led through ssh";
	return line_leads_through(l, "socks") ? "s_client knows no SOCKS proxy" : NULL;
}

bool
line_begin(struct line *l, const struct evidence *e, const struct handshake *h, struct buf *out)
{
	*l = (struct line){ .e = e, .h = h, .out = out };
	if (h != NULL)
		l->plan = line_plan_of(e, h);
	l->remark = impossible(l);
	return l->remark == NULL;
}

/* A throwaway has to be made before it can be shown; its name says in the server's log what it was. */
void
line_make_throwaway(struct line *l)
{
	if (!line_sends_throwaway(l))
		return;
	line_put(l, "openssl req -x509 -nodes -days 1", NULL);
	line_put(l, l->plan.sends == LINE_THROWAWAY_RSA ? "-newkey rsa:2048" : "-newkey ec -pkeyopt ec_paramgen_curve:P-256", NULL);
	line_put(l, "-subj", "/CN=mtlscope throwaway certificate");
	line_put(l, "-addext extendedKeyUsage=clientAuth -keyout throwaway.key -out throwaway.crt &&", NULL);
	l->remark = "it makes throwaway.key and throwaway.crt in this folder first";
}

/* ---- openssl s_client ---- */

/* The request itself, piped in; with it the answer, or the alert that comes in its place, is waited for. */
static void
openssl_request(struct line *l)
{
	const struct target *t = &l->e->target;
	const char *host = target_name(t);
	struct buf words = { 0 };

	if (!line_asks_http(l) || over_http2(l))
		return;
	buf_addf(&words, "%s ", line_method(l));
	for (const char *p = line_path(l); *p != '\0'; p++)
		buf_addf(&words, *p == '%' || *p == '\\' ? "%c%c" : "%c", *p, *p); /* as printf wants them */
	host = l->plan.host != NULL ? l->plan.host : host != NULL ? host : "localhost";
	buf_addf(&words, strchr(host, ':') != NULL ? " HTTP/1.1\\r\\nHost: [%s]" : " HTTP/1.1\\r\\nHost: %s", host);
	if (t->unix_path == NULL && t->port != 443 && l->plan.host == NULL)
		buf_addf(&words, ":%u", t->port);
	buf_adds(&words, "\\r\\nConnection: close\\r\\n\\r\\n");
	line_put(l, "printf", buf_str(&words));
	line_put(l, "|", NULL);
	buf_done(&words);
}

static void
openssl_place(struct line *l)
{
	const char *name = target_name(&l->e->target), *sni = sni_of(l);
	char address[LINE_ADDRESS_MAX];

	line_put(l, "openssl s_client", NULL);
	if (l->e->target.unix_path != NULL)
		line_put(l, "-unix", l->e->target.unix_path);
	else
		line_put(l, "-connect", line_address(l, address));
	if (l->h->proxy != NULL)
		line_put(l, "-proxy", host_and_port(l->h->proxy));
	if (l->e->target.starttls != STARTTLS_NONE)
		line_put(l, "-starttls", starttls_name(l->e->target.starttls));
	/* Without a word s_client sends the host of -connect where that is a name, and "localhost" to a socket. */
	line_put(l, sni != NULL ? "-servername" : "-noservername", sni);
	if (name != NULL)
		line_put(l, is_address(name) ? "-verify_ip" : "-verify_hostname", name);
}

/* The certificates behind the leaf, one way or the other: reproduce.h says why. */
static void
openssl_chain(struct line *l)
{
	const struct identity *us = l->e->identity;
	struct buf file = { 0 };

	if (l->plan.sends == LINE_LEAF) {
		if (line_filled_in_from_trust(l))
			line_put(l, "-chainCApath", "/");
	} else if (strcmp(us->cert_type, "PEM") == 0 && in_order(us)) {
		line_put(l, "-chainCAfile", us->cert_path);
	} else if (us->len == 1) {
		if (line_filled_in_from_trust(l))
			line_put(l, "-chainCApath", "/"); /* a folder without a hash name in it: nothing is filled in */
	} else if (strcmp(us->cert_type, "PEM") == 0) {
		/* All behind the first certificate, as it stands. */
		shell_quote(&file, us->cert_path);
		line_put(l, "-cert_chain", NULL);
		buf_addf(l->out, " <(sed '1,/-----END /d' %s)", buf_str(&file));
		l->remark = "for bash, zsh and ksh: <(…)";
	} else {
		line_put(l, "-cert_chain", us->cert_path);
		l->remark = "from a PKCS#12, s_client sends the leaf twice";
	}
	buf_done(&file);
}

static void
openssl_identity(struct line *l)
{
	const struct identity *us = l->e->identity;

	if (line_sends_throwaway(l))
		line_put(l, "-cert throwaway.crt -key throwaway.key", NULL);
	if (!line_sends_certificate(l))
		return;
	line_put(l, "-cert", us->cert_path);
	if (strcmp(us->cert_type, "DER") == 0)
		line_put(l, "-certform", "DER"); /* 3.0 finds out, 1.1.1 wants to be told */
	if (strcmp(us->key_path, us->cert_path) != 0) {
		line_put(l, "-key", us->key_path);
		if (us->key_type != NULL && strcmp(us->key_type, "DER") == 0)
			line_put(l, "-keyform", "DER");
	}
	openssl_chain(l);
}

static void
openssl_trust(struct line *l)
{
	const struct trust *t = l->e->trust;
	char at[32];

	if (t != NULL && t->file != NULL)
		line_put(l, "-CAfile", t->file);
	if (t != NULL && t->folder != NULL)
		line_put(l, "-CApath", t->folder);
	if (t != NULL && t->file != NULL && trusts_an_intermediate(t))
		line_put(l, "-partial_chain", NULL);
	if (l->e->clocks.local_set) {
		snprintf(at, sizeof at, "%lld", (long long)evidence_now(l->e));
		line_put(l, "-attime", at);
	}
}

/* Of a table from TLS 1.0 to 1.3. */
size_t
line_version_index(uint16_t version)
{
	return version <= TLS_1_0 ? 0 : version >= TLS_1_3 ? 3 : (size_t)(version - TLS_1_0);
}

static void
openssl_offer(struct line *l)
{
	static const char *const names[] = { "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3" };
	static const char *const only[] = { "-tls1", "-tls1_1", "-tls1_2", "-tls1_3" };
	const struct offer *o = &l->h->offer;
	char ciphers[1024];
	const char *list = line_ciphers(l, ciphers, sizeof ciphers);
	size_t min = line_version_index(o->min_version), max = line_version_index(o->max_version);

	if (o->max_version != 0 && o->min_version == o->max_version) {
		line_put(l, only[max], NULL);
	} else {
		/* Left alone it offers TLS 1.0 and 1.1 as well (measured), and so does curl. */
		line_put(l, "-min_protocol", o->max_version != 0 ? names[min] : "TLSv1.2");
		if (o->max_version != 0 && o->max_version != TLS_1_3)
			line_put(l, "-max_protocol", names[max]);
	}
	if (l->plan.late)
		line_put(l, "-enable_pha", NULL);
	else if (handshake_asked_late(l->h))
		line_put(l, "-no_renegotiation", NULL);
	if (l->plan.wide && o->groups != NULL && o->sigalgs != NULL) {
		struct buf sigalgs = { 0 };

		openssl_sigalgs(o->sigalgs, &sigalgs);
		line_put(l, "-groups", o->groups);
		line_put(l, "-sigalgs", buf_str(&sigalgs));
		buf_done(&sigalgs);
	}
	if (o->alpn != NULL)
		line_put(l, "-alpn", o->alpn);
	if (list != NULL)
		line_put(l, "-cipher", list);
	if (line_asks_http(l) && !over_http2(l))
		line_put(l, "-ign_eof", NULL);
}

/* What differs all the same. */
static void
remarks(struct line *l)
{
	if (l->h->proxy_login)
		l->remark = "the proxy's user and password are to be added: -proxy_user NAME -proxy_pass pass:…";
	else if (l->remark == NULL && over_http2(l))
		l->remark = "the handshake only: s_client does not speak HTTP/2";
	else if (l->remark == NULL && l->h->inside.question != NULL)
		l->remark = "the handshake only: what is asked inside TLS is not";
}

bool
reproduce_openssl_of(const struct evidence *e, const struct handshake *h, struct buf *out, const char **remark)
{
	struct line l;
	bool can = line_begin(&l, e, h, out);

	if (can && (l.remark = impossible_for_openssl(&l)) != NULL)
		can = false;
	if (can) {
		line_make_throwaway(&l);
		openssl_request(&l);
		openssl_place(&l);
		openssl_identity(&l);
		openssl_trust(&l);
		openssl_offer(&l);
		remarks(&l);
	}
	*remark = l.remark;
	return can;
}

bool
reproduce_openssl(const struct evidence *e, struct buf *out, const char **remark)
{
	return reproduce_openssl_of(e, evidence_baseline(e), out, remark);
}

bool
reproduce_curl(const struct evidence *e, struct buf *out, const char **remark)
{
	return reproduce_curl_of(e, evidence_baseline(e), out, remark);
}
