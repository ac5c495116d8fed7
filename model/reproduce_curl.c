/* The same handshake with curl. */
#include "model/reproduce.h"

#include <string.h>

#include "model/quote.h"
#include "model/reproduce_sent.h"

static const char *
impossible_for_curl(const struct line *l)
{
	const struct offer *o = &l->h->offer;

	if (l->e->target.starttls != STARTTLS_NONE)
		return "curl would go on with a command of the protocol, which was not done here";
	if (line_leads_through(l, "ssh:"))
		return "curl cannot be led through ssh";
	if (!line_asks_http(l))
		return "curl would send an HTTP request, which was not done here";
	if (l->plan.curl_cannot != NULL)
		return l->plan.curl_cannot;
	if (l->e->clocks.local_set)
		return "curl judges by this machine's clock, and --at was given";
	if (line_sends_certificate(l) && line_filled_in_from_trust(l))
		return "curl would add an issuer of ours out of --cacert by itself";
	for (size_t i = 0; line_sends_certificate(l) && i < l->e->identity->len; i++)
		if (line_is_weak(l->e->identity->certs[i]))
			return "curl loads our certificate before --ciphers could let so weak a one pass";
	if (handshake_asked_late(l->h) && !l->plan.late)
		return "curl would answer the late request for a certificate, which was not answered here";
	if (o->alpn != NULL && strcmp(o->alpn, "http/1.1") != 0 && strcmp(o->alpn, "h2,http/1.1") != 0)
		return "curl cannot offer those application protocols";
	return NULL;
}

/* curl takes what stands behind a colon for the passphrase. */
static void
curl_certificate(struct line *l)
{
	const struct identity *us = l->e->identity;
	struct buf path = { 0 };

	if (line_sends_throwaway(l))
		line_put(l, "--cert throwaway.crt --key throwaway.key", NULL);
	if (!line_sends_certificate(l))
		return;
	for (const char *p = us->cert_path; *p != '\0'; p++)
		buf_addf(&path, *p == ':' || *p == '\\' ? "\\%c" : "%c", *p);
	line_put(l, "--cert", buf_str(&path));
	buf_done(&path);
	if (strcmp(us->cert_type, "PEM") != 0)
		line_put(l, "--cert-type", us->cert_type);
	if (strcmp(us->key_path, us->cert_path) != 0) {
		line_put(l, "--key", us->key_path);
		if (us->key_type != NULL && strcmp(us->key_type, "DER") == 0)
			line_put(l, "--key-type", "DER");
	}
}

static void
curl_offer(struct line *l)
{
	static const char *const min[] = { "--tlsv1.0", "--tlsv1.1", "--tlsv1.2", "--tlsv1.3" };
	static const char *const max[] = { "1.0", "1.1", "1.2", NULL };
	const struct offer *o = &l->h->offer;
	char ciphers[1024];
	const char *list = line_ciphers(l, ciphers, sizeof ciphers);

	line_put(l, min[line_version_index(o->max_version != 0 ? o->min_version : TLS_1_2)], NULL);
	if (o->max_version != 0 && max[line_version_index(o->max_version)] != NULL)
		line_put(l, "--tls-max", max[line_version_index(o->max_version)]);
	if (o->alpn == NULL)
		line_put(l, "--no-alpn", NULL);
	else
		line_put(l, o->alpn[1] == '2' ? "--http2" : "--http1.1", NULL);
	if (list != NULL)
		line_put(l, "--ciphers", list);
}

/* "payment.internal:8443", as it stands in a URL. */
static void
authority(const struct target *t, const char *name, struct buf *out)
{
	buf_addf(out, strchr(name, ':') != NULL ? "[%s]" : "%s", name);
	if (t->unix_path == NULL)
		buf_addf(out, ":%u", t->port);
}

/* How to get there: by the address, whatever the URL's name leads to, and by the proxy that we went by, or none. */
static void
curl_place(struct line *l, const char *name)
{
	const struct target *t = &l->e->target;
	struct buf asked = { 0 }, to = { 0 };
	char label[LINE_ADDRESS_MAX];
	const char *address = line_address(l, label);

	authority(t, name, &asked);
	buf_addf(&to, "::%s", address);
	if (l->h->proxy != NULL)
		line_put(l, "-x", l->h->proxy);
	if (t->unix_path != NULL)
		line_put(l, "--unix-socket", t->unix_path);
	else if (strcmp(address, buf_str(&asked)) != 0)
		line_put(l, "--connect-to", buf_str(&to));
	line_put(l, "--noproxy", l->h->proxy != NULL ? "" : "*");
	buf_done(&asked);
	buf_done(&to);
}

/* The name that is asked for stands in the URL: SNI, the check of the certificate and Host come from there. */
static void
curl_url(struct line *l, const char *name)
{
	const char *path = line_path(l);
	struct buf url = { 0 };

	if (strpbrk(path, "[]{}") != NULL)
		line_put(l, "-g", NULL); /* or it makes several URLs of it */
	if (strstr(path, "/.") != NULL)
		line_put(l, "--path-as-is", NULL);
	buf_adds(&url, "https://");
	authority(&l->e->target, name, &url);
	buf_adds(&url, path);
	buf_addc(l->out, ' ');
	shell_quote(l->out, buf_str(&url));
	buf_done(&url);
}

bool
reproduce_curl_of(const struct evidence *e, const struct handshake *h, struct buf *out, const char **remark)
{
	struct line l;
	bool can = line_begin(&l, e, h, out);
	const char *name = target_name(&e->target);
	struct buf header = { 0 };

	if (can && (l.remark = impossible_for_curl(&l)) != NULL)
		can = false;
	if (can)
		line_make_throwaway(&l);
	*remark = l.remark;
	if (!can)
		return false;
	line_put(&l, "curl -v", NULL);
	if (strcmp(line_method(&l), "HEAD") == 0)
		line_put(&l, "-I", NULL);
	else
		line_put(&l, "-o", "/dev/null");
	curl_certificate(&l);
	if (e->trust != NULL && e->trust->file != NULL)
		line_put(&l, "--cacert", e->trust->file);
	/* Beside --cacert it would look into the system's folder as well: "/" has no hash names. */
	if (e->trust != NULL && !e->trust->system)
		line_put(&l, "--capath", e->trust->folder != NULL ? e->trust->folder : "/");
	if (l.plan.host != NULL) {
		buf_addf(&header, "Host: %s", l.plan.host);
		line_put(&l, "-H", buf_str(&header));
		buf_done(&header);
	}
	curl_offer(&l);
	curl_place(&l, name != NULL ? name : "127.0.0.1");
	if (name == NULL) { /* no SNI goes out for an address, and no name is checked */
		line_put(&l, "-k -H", "Host: localhost");
		*remark = "without a name to ask for, curl judges nothing (-k)";
	}
	if (l.h->proxy_login)
		*remark = "the proxy's user and password are to be added: --proxy-user NAME:…";
	curl_url(&l, name != NULL ? name : "127.0.0.1");
	return true;
}
