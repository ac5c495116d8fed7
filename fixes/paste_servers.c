/*
 * nginx, Apache, HAProxy, Envoy: as the server that wants a certificate, and as the proxy that shows one. What decides is
 * knowledge "diagnosis" 3.3 and 3.4: nginx lets one intermediate through unless a depth is given, Apache, which
 * counts the root as well, none (measured); all but Envoy want the root among the trusted; Apache's Location asks too late for TLS 1.3.
 */
#include "fixes/paste_lines.h"

/* ---- nginx ---- */

static const struct paste_line nginx_server[] = {
	{ IF_ALWAYS, "# Inside http { }. Then: nginx -t && systemctl reload nginx" },
	{ IF_ALWAYS, "server {" },
	{ IF_ALWAYS, "    listen @listen@ ssl;" },
	{ IF_ALWAYS, "    server_name @name@;" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "    ssl_protocols TLSv1.2 TLSv1.3;" },
	{ IF_ALWAYS, "    ssl_certificate @cert@;" },
	{ IF_ALWAYS, "    ssl_certificate_key @key@;" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "    # The clients' CAs, root included: an issuing CA alone is not enough for nginx." },
	{ IF_ALWAYS, "    ssl_client_certificate @trust@;" },
	{ IF_REQUIRED, "    ssl_verify_client on;" },
	{ IF_OPTIONAL, "    ssl_verify_client optional;" },
	{ IF_ALWAYS, "    # The default, 1, refuses clients with two intermediates." },
	{ IF_ALWAYS, "    ssl_verify_depth @depth@;" },
	{ IF_CRL, "    # A list of every CA of the chain, the root's too; nginx reads it anew when it is reloaded." },
	{ IF_CRL, "    ssl_crl @crl@;" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "    location / {" },
	{ IF_ALWAYS, "        proxy_pass http://@backend@;" },
	{ IF_ALWAYS, "        proxy_set_header X-Client-Verify $ssl_client_verify;" },
	{ IF_ALWAYS, "        proxy_set_header X-Client-Subject $ssl_client_s_dn;" },
	{ IF_ALWAYS, "    }" },
	{ IF_ALWAYS, "}" },
};

static const struct paste_line nginx_client[] = {
	{ IF_ALWAYS, "# Inside server { }. Then: nginx -t && systemctl reload nginx" },
	{ IF_ALWAYS, "location / {" },
	{ IF_ALWAYS, "    proxy_pass https://@server@;" },
	{ IF_ALWAYS, "    proxy_set_header Host @name@;" },
	{ IF_ALWAYS, "    # The default knows no TLS 1.3 before nginx 1.23.4." },
	{ IF_ALWAYS, "    proxy_ssl_protocols TLSv1.2 TLSv1.3;" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "    proxy_ssl_certificate @cert@;" },
	{ IF_ALWAYS, "    proxy_ssl_certificate_key @key@;" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "    # Off by default: without these lines nginx takes any server for the right one." },
	{ IF_ALWAYS, "    proxy_ssl_trusted_certificate @trust@;" },
	{ IF_ALWAYS, "    proxy_ssl_verify on;" },
	{ IF_ALWAYS, "    proxy_ssl_verify_depth @depth@;" },
	{ IF_ALWAYS, "    proxy_ssl_name @name@;" },
	{ IF_ALWAYS, "    proxy_ssl_server_name on;" },
	{ IF_CRL, "    proxy_ssl_crl @crl@;" },
	{ IF_ALWAYS, "}" },
};

status
paste_nginx(const struct paste_case *c, struct paste *out, struct arena *a, struct error *err)
{
	if (c->side == PASTE_CLIENT)
		return PASTE_PART(c, FORMAT_NGINX, nginx_client, "/etc/nginx/conf.d/@name@-client.inc", out, a, err);
	out->remark = "A name that another server block serves at the same port, or no name at all, is another door: give every one of them ssl_verify_client. "
	    "A refusal is HTTP 400, not an alert, and its reason is logged at level info.";
	if (c->optional)
		out->remark = "Optional: whoever shows no certificate comes in, and the application must look at X-Client-Verify (SUCCESS, NONE).";
	return PASTE_PART(c, FORMAT_NGINX, nginx_server, "/etc/nginx/conf.d/@name@.conf", out, a, err);
}

/* ---- Apache ---- */

/* mod_ssl takes each certificate of that file for a leaf with a key of its own. */
static const struct paste_line combine[] = {
	{ IF_ALWAYS, "# The leaf alone, and its key, in one file; again after each renewal." },
	{ IF_ALWAYS, "(umask 077 && { openssl x509 -in @cert@ && cat @key@; } >@leaf-key@)" },
};

static const struct paste_line apache_server[] = {
	{ IF_ALWAYS, "# a2enmod ssl proxy proxy_http headers. Then: apachectl configtest && systemctl reload apache2" },
	{ IF_ALWAYS, "Listen @listen@" },
	{ IF_ALWAYS, "<VirtualHost *:@port@>" },
	{ IF_ALWAYS, "    ServerName @name@" },
	{ IF_ALWAYS, "    SSLEngine on" },
	{ IF_ALWAYS, "    SSLProtocol -all +TLSv1.2 +TLSv1.3" },
	{ IF_ALWAYS, "    SSLCertificateFile @cert@" },
	{ IF_ALWAYS, "    SSLCertificateKeyFile @key@" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "    # The clients' CAs, root included." },
	{ IF_ALWAYS, "    SSLCACertificateFile @trust@" },
	{ IF_ALWAYS, "    # Here, not in <Location>: there it is asked after the handshake, which TLS 1.3 and HTTP/2 clients refuse." },
	{ IF_REQUIRED, "    SSLVerifyClient require" },
	{ IF_OPTIONAL, "    SSLVerifyClient optional" },
	{ IF_ALWAYS, "    # CAs, the root counted too. The default, 1, refuses every client with an intermediate." },
	{ IF_ALWAYS, "    SSLVerifyDepth @ca-depth@" },
	{ IF_CRL, "    SSLCARevocationFile @crl@" },
	{ IF_CRL, "    SSLCARevocationCheck chain" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "    RequestHeader set X-Client-Verify \"%{SSL_CLIENT_VERIFY}s\"" },
	{ IF_ALWAYS, "    RequestHeader set X-Client-Subject \"%{SSL_CLIENT_S_DN}s\"" },
	{ IF_ALWAYS, "    ProxyPass \"/\" \"http://@backend@/\"" },
	{ IF_ALWAYS, "</VirtualHost>" },
};

static const struct paste_line apache_client[] = {
	{ IF_ALWAYS, "# Inside <VirtualHost>; a2enmod ssl proxy proxy_http. Then: apachectl configtest && systemctl reload apache2" },
	{ IF_ALWAYS, "SSLProxyEngine on" },
	{ IF_ALWAYS, "SSLProxyProtocol -all +TLSv1.2 +TLSv1.3" },
	{ IF_ALWAYS, "# The leaf and its key in one file, and the intermediates apart." },
	{ IF_ALWAYS, "SSLProxyMachineCertificateFile @leaf-key@" },
	{ IF_ALWAYS, "SSLProxyMachineCertificateChainFile @cert@" },
	{ IF_ALWAYS, "SSLProxyCACertificateFile @trust@" },
	{ IF_ALWAYS, "# none by default: then Apache takes any server for the right one." },
	{ IF_ALWAYS, "SSLProxyVerify require" },
	{ IF_ALWAYS, "SSLProxyVerifyDepth @ca-depth@" },
	{ IF_ALWAYS, "SSLProxyCheckPeerName on" },
	{ IF_ALWAYS, "SSLProxyCheckPeerExpire on" },
	{ IF_CRL, "SSLProxyCARevocationFile @crl@" },
	{ IF_CRL, "SSLProxyCARevocationCheck chain" },
	{ IF_ALWAYS, "ProxyPass \"/\" \"https://@name@:@port@/\"" },
};

status
paste_apache(const struct paste_case *c, struct paste *out, struct arena *a, struct error *err)
{
	if (c->side == PASTE_SERVER) {
		out->remark = c->optional ? "Optional: whoever shows no certificate comes in, and the application must look at X-Client-Verify (SUCCESS, NONE)." : NULL;
		return PASTE_PART(c, FORMAT_APACHE, apache_server, "/etc/apache2/sites-available/@name@.conf", out, a, err);
	}
	if (PASTE_PART(c, FORMAT_SHELL, combine, "shell", out, a, err) != STATUS_OK)
		return STATUS_FAILED;
	return PASTE_PART(c, FORMAT_APACHE, apache_client, "/etc/apache2/conf-available/@name@-client.conf", out, a, err);
}

/* ---- HAProxy ---- */

static const struct paste_line haproxy_server[] = {
	{ IF_ALWAYS, "# Then: haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy" },
	{ IF_ALWAYS, "frontend mtls_in" },
	{ IF_ALWAYS, "    mode http" },
	{ IF_SEPARATE_KEY | IF_REQUIRED | IF_NO_CRL, "    bind @bind@ ssl crt @combined@ ca-file @trust@ verify required ssl-min-ver TLSv1.2" },
	{ IF_SEPARATE_KEY | IF_REQUIRED | IF_CRL, "    bind @bind@ ssl crt @combined@ ca-file @trust@ verify required crl-file @crl@ ssl-min-ver TLSv1.2" },
	{ IF_SEPARATE_KEY | IF_OPTIONAL | IF_NO_CRL, "    bind @bind@ ssl crt @combined@ ca-file @trust@ verify optional ssl-min-ver TLSv1.2" },
	{ IF_SEPARATE_KEY | IF_OPTIONAL | IF_CRL, "    bind @bind@ ssl crt @combined@ ca-file @trust@ verify optional crl-file @crl@ ssl-min-ver TLSv1.2" },
	{ IF_KEY_BESIDE | IF_REQUIRED | IF_NO_CRL, "    bind @bind@ ssl crt @cert@ ca-file @trust@ verify required ssl-min-ver TLSv1.2" },
	{ IF_KEY_BESIDE | IF_REQUIRED | IF_CRL, "    bind @bind@ ssl crt @cert@ ca-file @trust@ verify required crl-file @crl@ ssl-min-ver TLSv1.2" },
	{ IF_KEY_BESIDE | IF_OPTIONAL | IF_NO_CRL, "    bind @bind@ ssl crt @cert@ ca-file @trust@ verify optional ssl-min-ver TLSv1.2" },
	{ IF_KEY_BESIDE | IF_OPTIONAL | IF_CRL, "    bind @bind@ ssl crt @cert@ ca-file @trust@ verify optional crl-file @crl@ ssl-min-ver TLSv1.2" },
	{ IF_ALWAYS, "    http-request set-header X-Client-Verify %[ssl_c_verify]" },
	{ IF_ALWAYS, "    http-request set-header X-Client-Subject %[ssl_c_s_dn]" },
	{ IF_ALWAYS, "    default_backend mtls_app" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "backend mtls_app" },
	{ IF_ALWAYS, "    mode http" },
	{ IF_ALWAYS, "    server app @backend@" },
};

static const struct paste_line haproxy_client[] = {
	{ IF_ALWAYS, "# Then: haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy" },
	{ IF_ALWAYS, "backend mtls_out" },
	{ IF_ALWAYS, "    mode http" },
	{ IF_ALWAYS, "    http-request set-header Host @name@" },
	{ IF_SEPARATE_KEY | IF_NO_CRL, "    server far @server@ ssl crt @combined@ ca-file @trust@ verify required verifyhost @name@ sni str(@name@) ssl-min-ver TLSv1.2" },
	{ IF_SEPARATE_KEY | IF_CRL, "    server far @server@ ssl crt @combined@ ca-file @trust@ verify required verifyhost @name@ sni str(@name@) crl-file @crl@ ssl-min-ver TLSv1.2" },
	{ IF_KEY_BESIDE | IF_NO_CRL, "    server far @server@ ssl crt @cert@ ca-file @trust@ verify required verifyhost @name@ sni str(@name@) ssl-min-ver TLSv1.2" },
	{ IF_KEY_BESIDE | IF_CRL, "    server far @server@ ssl crt @cert@ ca-file @trust@ verify required verifyhost @name@ sni str(@name@) crl-file @crl@ ssl-min-ver TLSv1.2" },
};

static const struct paste_line haproxy_beside[] = {
	{ IF_SEPARATE_KEY, "# Certificates and key in one file; again after each renewal." },
	{ IF_SEPARATE_KEY, "(umask 077 && { cat @cert@ && echo && cat @key@; } >@combined@)" },
	{ IF_KEY_BESIDE, "# Nothing: HAProxy finds the key of a certificate in the file of the same name with .key behind it." },
};

status
paste_haproxy(const struct paste_case *c, struct paste *out, struct arena *a, struct error *err)
{
	if (PASTE_PART(c, FORMAT_SHELL, haproxy_beside, "shell", out, a, err) != STATUS_OK)
		return STATUS_FAILED;
	if (c->side == PASTE_CLIENT)
		return PASTE_PART(c, FORMAT_HAPROXY, haproxy_client, "/etc/haproxy/haproxy.cfg", out, a, err);
	out->remark = "The trusted CAs must hold the root: HAProxy takes no issuing CA by itself. Timeouts belong into defaults.";
	if (c->optional)
		out->remark = "Optional: whoever shows no certificate comes in with X-Client-Verify 0, and X-Client-Subject is empty then: the application must look at it.";
	return PASTE_PART(c, FORMAT_HAPROXY, haproxy_server, "/etc/haproxy/haproxy.cfg", out, a, err);
}

/* ---- Envoy ---- */

static const struct paste_line envoy_server[] = {
	{ IF_ALWAYS, "# In the listener's filter chain, beside filters." },
	{ IF_ALWAYS, "transport_socket:" },
	{ IF_ALWAYS, "  name: envoy.transport_sockets.tls" },
	{ IF_ALWAYS, "  typed_config:" },
	{ IF_ALWAYS, "    \"@@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext" },
	{ IF_ALWAYS, "    # Without it, trusted_ca alone lets clients without a certificate in." },
	{ IF_REQUIRED, "    require_client_certificate: true" },
	{ IF_OPTIONAL, "    require_client_certificate: false" },
	{ IF_ALWAYS, "    common_tls_context:" },
	{ IF_ALWAYS, "      tls_params:" },
	{ IF_ALWAYS, "        tls_minimum_protocol_version: TLSv1_2" },
	{ IF_ALWAYS, "        tls_maximum_protocol_version: TLSv1_3" },
	{ IF_ALWAYS, "      tls_certificates:" },
	{ IF_ALWAYS, "        - certificate_chain: { filename: @cert@ }" },
	{ IF_ALWAYS, "          private_key: { filename: @key@ }" },
	{ IF_ALWAYS, "      validation_context:" },
	{ IF_ALWAYS, "        trusted_ca: { filename: @trust@ }" },
	{ IF_CRL, "        crl: { filename: @crl@ }" },
};

static const struct paste_line envoy_client[] = {
	{ IF_ALWAYS, "# In the cluster." },
	{ IF_ALWAYS, "transport_socket:" },
	{ IF_ALWAYS, "  name: envoy.transport_sockets.tls" },
	{ IF_ALWAYS, "  typed_config:" },
	{ IF_ALWAYS, "    \"@@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext" },
	{ IF_ALWAYS, "    sni: \"@name@\"" },
	{ IF_ALWAYS, "    common_tls_context:" },
	{ IF_ALWAYS, "      tls_params:" },
	{ IF_ALWAYS, "        tls_minimum_protocol_version: TLSv1_2" },
	{ IF_ALWAYS, "        # A client stops at 1.2 by default." },
	{ IF_ALWAYS, "        tls_maximum_protocol_version: TLSv1_3" },
	{ IF_ALWAYS, "      tls_certificates:" },
	{ IF_ALWAYS, "        - certificate_chain: { filename: @cert@ }" },
	{ IF_ALWAYS, "          private_key: { filename: @key@ }" },
	{ IF_ALWAYS, "      validation_context:" },
	{ IF_ALWAYS, "        trusted_ca: { filename: @trust@ }" },
	{ IF_ALWAYS, "        # Without it any certificate of these CAs will do." },
	{ IF_ALWAYS, "        match_typed_subject_alt_names:" },
	{ IF_ALWAYS, "          - san_type: DNS" },
	{ IF_ALWAYS, "            matcher: { exact: \"@name@\" }" },
	{ IF_CRL, "        crl: { filename: @crl@ }" },
};

status
paste_envoy(const struct paste_case *c, struct paste *out, struct arena *a, struct error *err)
{
	out->remark = "Read in Envoy's documents, not run here. Files are read once: secrets by SDS follow a renewal without a restart.";
	if (c->side == PASTE_CLIENT)
		return PASTE_PART(c, FORMAT_YAML, envoy_client, "envoy.yaml", out, a, err);
	return PASTE_PART(c, FORMAT_YAML, envoy_server, "envoy.yaml", out, a, err);
}
