/*
 * Go, Python, Node.js, curl: small whole programs that run as they stand, so that what matters can be lifted out of them.
 * What their defaults are: knowledge "diagnosis" 3.3 and 3.5.
 */
#include "fixes/paste_lines.h"

/* ---- Go ---- */

static const struct paste_line go_server[] = {
	{ IF_ALWAYS, "package main" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "import (" },
	{ IF_ALWAYS, "\t\"crypto/tls\"" },
	{ IF_ALWAYS, "\t\"crypto/x509\"" },
	{ IF_ALWAYS, "\t\"fmt\"" },
	{ IF_ALWAYS, "\t\"log\"" },
	{ IF_ALWAYS, "\t\"net/http\"" },
	{ IF_ALWAYS, "\t\"os\"" },
	{ IF_ALWAYS, ")" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "func main() {" },
	{ IF_ALWAYS, "\tpem, err := os.ReadFile(@trust@)" },
	{ IF_ALWAYS, "\tif err != nil {" },
	{ IF_ALWAYS, "\t\tlog.Fatal(err)" },
	{ IF_ALWAYS, "\t}" },
	{ IF_ALWAYS, "\tclients := x509.NewCertPool()" },
	{ IF_ALWAYS, "\tif !clients.AppendCertsFromPEM(pem) {" },
	{ IF_ALWAYS, "\t\tlog.Fatal(\"no certificate in the file of trusted CAs\")" },
	{ IF_ALWAYS, "\t}" },
	{ IF_ALWAYS, "\tserver := &http.Server{" },
	{ IF_ALWAYS, "\t\tAddr: \":@port@\"," },
	{ IF_ALWAYS, "\t\tTLSConfig: &tls.Config{" },
	{ IF_ALWAYS, "\t\t\tMinVersion: tls.VersionTLS12," },
	{ IF_ALWAYS, "\t\t\tClientCAs:  clients," },
	{ IF_REQUIRED, "\t\t\t// RequireAnyClientCert would take any certificate, RequestClientCert none as well." },
	{ IF_REQUIRED, "\t\t\tClientAuth: tls.RequireAndVerifyClientCert," },
	{ IF_OPTIONAL, "\t\t\t// Without a certificate r.TLS.PeerCertificates is empty: the handler decides." },
	{ IF_OPTIONAL, "\t\t\tClientAuth: tls.VerifyClientCertIfGiven," },
	{ IF_ALWAYS, "\t\t}," },
	{ IF_ALWAYS, "\t\tHandler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {" },
	{ IF_REQUIRED, "\t\t\tfmt.Fprintln(w, \"hello\", r.TLS.PeerCertificates[0].Subject)" },
	{ IF_OPTIONAL, "\t\t\tfmt.Fprintln(w, \"certificates:\", len(r.TLS.PeerCertificates))" },
	{ IF_ALWAYS, "\t\t})," },
	{ IF_ALWAYS, "\t}" },
	{ IF_ALWAYS, "\tlog.Fatal(server.ListenAndServeTLS(@cert@, @key@))" },
	{ IF_ALWAYS, "}" },
};

static const struct paste_line go_client[] = {
	{ IF_ALWAYS, "package main" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "import (" },
	{ IF_ALWAYS, "\t\"crypto/tls\"" },
	{ IF_ALWAYS, "\t\"crypto/x509\"" },
	{ IF_ALWAYS, "\t\"io\"" },
	{ IF_ALWAYS, "\t\"log\"" },
	{ IF_ALWAYS, "\t\"net/http\"" },
	{ IF_ALWAYS, "\t\"os\"" },
	{ IF_ALWAYS, ")" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "func main() {" },
	{ IF_ALWAYS, "\tpem, err := os.ReadFile(@trust@)" },
	{ IF_ALWAYS, "\tif err != nil {" },
	{ IF_ALWAYS, "\t\tlog.Fatal(err)" },
	{ IF_ALWAYS, "\t}" },
	{ IF_ALWAYS, "\troots := x509.NewCertPool()" },
	{ IF_ALWAYS, "\tif !roots.AppendCertsFromPEM(pem) {" },
	{ IF_ALWAYS, "\t\tlog.Fatal(\"no certificate in the file of trusted CAs\")" },
	{ IF_ALWAYS, "\t}" },
	{ IF_ALWAYS, "\tours, err := tls.LoadX509KeyPair(@cert@, @key@)" },
	{ IF_ALWAYS, "\tif err != nil {" },
	{ IF_ALWAYS, "\t\tlog.Fatal(err)" },
	{ IF_ALWAYS, "\t}" },
	{ IF_ALWAYS, "\tclient := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{" },
	{ IF_ALWAYS, "\t\tMinVersion: tls.VersionTLS12," },
	{ IF_ALWAYS, "\t\tRootCAs:    roots," },
	{ IF_ALWAYS, "\t\t// With Certificates instead, Go sends nothing to a server whose list of CAs lacks ours." },
	{ IF_ALWAYS, "\t\tGetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {" },
	{ IF_ALWAYS, "\t\t\treturn &ours, nil" },
	{ IF_ALWAYS, "\t\t}," },
	{ IF_ALWAYS, "\t}}}" },
	{ IF_ALWAYS, "\tanswer, err := client.Get(\"https://@name@:@port@/\")" },
	{ IF_ALWAYS, "\tif err != nil {" },
	{ IF_ALWAYS, "\t\tlog.Fatal(err)" },
	{ IF_ALWAYS, "\t}" },
	{ IF_ALWAYS, "\tdefer answer.Body.Close()" },
	{ IF_ALWAYS, "\tio.Copy(os.Stdout, answer.Body)" },
	{ IF_ALWAYS, "\tif answer.StatusCode >= 400 {" },
	{ IF_ALWAYS, "\t\tlog.Fatal(answer.Status)" },
	{ IF_ALWAYS, "\t}" },
	{ IF_ALWAYS, "}" },
};

status
paste_go(const struct paste_case *c, struct paste *out, struct arena *a, struct error *err)
{
	out->remark = "Go reads no revocation lists: that needs code of yours in VerifyPeerCertificate. The certificate is read once; GetCertificate and "
	    "GetClientCertificate may read it anew at each handshake.";
	if (c->side == PASTE_CLIENT)
		return PASTE_PART(c, FORMAT_SOURCE, go_client, "client.go", out, a, err);
	return PASTE_PART(c, FORMAT_SOURCE, go_server, "server.go", out, a, err);
}

/* ---- Python ---- */

static const struct paste_line python_server[] = {
	{ IF_ALWAYS, "import http.server" },
	{ IF_ALWAYS, "import ssl" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)" },
	{ IF_ALWAYS, "context.minimum_version = ssl.TLSVersion.TLSv1_2" },
	{ IF_ALWAYS, "context.load_cert_chain(certfile=@cert@, keyfile=@key@)" },
	{ IF_ALWAYS, "context.load_verify_locations(cafile=@trust@)  # the root included" },
	{ IF_REQUIRED, "context.verify_mode = ssl.CERT_REQUIRED  # CERT_NONE is a server's default" },
	{ IF_OPTIONAL, "context.verify_mode = ssl.CERT_OPTIONAL  # getpeercert() is empty without one: the handler decides" },
	{ IF_CRL, "context.load_verify_locations(cafile=@crl@)" },
	{ IF_CRL, "context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "class Handler(http.server.BaseHTTPRequestHandler):" },
	{ IF_ALWAYS, "    def do_GET(self):" },
	{ IF_ALWAYS, "        self.send_response(200)" },
	{ IF_ALWAYS, "        self.end_headers()" },
	{ IF_ALWAYS, "        self.wfile.write(b\"hello \" + repr((self.connection.getpeercert() or {}).get(\"subject\")).encode() + b\"\\n\")" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "server = http.server.ThreadingHTTPServer((\"\", @port@), Handler)" },
	{ IF_ALWAYS, "# The handshake is the thread's, so that a slow client holds up nobody else." },
	{ IF_ALWAYS, "server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)" },
	{ IF_ALWAYS, "server.serve_forever()" },
};

static const struct paste_line python_client[] = {
	{ IF_ALWAYS, "import ssl" },
	{ IF_ALWAYS, "import urllib.request" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "context = ssl.create_default_context(cafile=@trust@)" },
	{ IF_ALWAYS, "context.minimum_version = ssl.TLSVersion.TLSv1_2" },
	{ IF_ALWAYS, "context.load_cert_chain(certfile=@cert@, keyfile=@key@)" },
	{ IF_CRL, "context.load_verify_locations(cafile=@crl@)" },
	{ IF_CRL, "context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "with urllib.request.urlopen(\"https://@name@:@port@/\", context=context, timeout=10) as answer:" },
	{ IF_ALWAYS, "    print(answer.read().decode())" },
};

status
paste_python(const struct paste_case *c, struct paste *out, struct arena *a, struct error *err)
{
	if (c->side == PASTE_CLIENT) {
		out->remark = "requests: requests.get(URL, cert=(CERT, KEY), verify=TRUST) with the same files.";
		return PASTE_PART(c, FORMAT_SOURCE, python_client, "client.py", out, a, err);
	}
	out->remark = "gunicorn: certfile, keyfile, ca_certs with the same files, and cert_reqs = 2 (ssl.CERT_REQUIRED); uvicorn: --ssl-cert-reqs 2.";
	return PASTE_PART(c, FORMAT_SOURCE, python_server, "server.py", out, a, err);
}

/* ---- Node.js ---- */

static const struct paste_line node_server[] = {
	{ IF_ALWAYS, "const fs = require('fs');" },
	{ IF_ALWAYS, "const https = require('https');" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "https.createServer({" },
	{ IF_ALWAYS, "  cert: fs.readFileSync(@cert@)," },
	{ IF_ALWAYS, "  key: fs.readFileSync(@key@)," },
	{ IF_ALWAYS, "  ca: fs.readFileSync(@trust@), // without it, every public CA would be trusted" },
	{ IF_CRL, "  crl: fs.readFileSync(@crl@, 'latin1').match(/-----BEGIN X509 CRL-----[^]*?-----END X509 CRL-----/g), // Node reads the first list of a text only" },
	{ IF_ALWAYS, "  minVersion: 'TLSv1.2'," },
	{ IF_REQUIRED, "  requestCert: true," },
	{ IF_REQUIRED, "  rejectUnauthorized: true, // false lets everybody in" },
	{ IF_OPTIONAL, "  requestCert: true," },
	{ IF_OPTIONAL, "  rejectUnauthorized: false, // request.socket.authorized says whether the certificate is good: the handler must look" },
	{ IF_ALWAYS, "}, (request, response) => {" },
	{ IF_ALWAYS, "  response.end('hello ' + JSON.stringify(request.socket.getPeerCertificate().subject) + '\\n');" },
	{ IF_ALWAYS, "}).on('tlsClientError', (error) => console.error(error.message)).listen(@port@);" },
};

static const struct paste_line node_client[] = {
	{ IF_ALWAYS, "const fs = require('fs');" },
	{ IF_ALWAYS, "const https = require('https');" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "https.get('https://@name@:@port@/', {" },
	{ IF_ALWAYS, "  cert: fs.readFileSync(@cert@)," },
	{ IF_ALWAYS, "  key: fs.readFileSync(@key@)," },
	{ IF_ALWAYS, "  ca: fs.readFileSync(@trust@)," },
	{ IF_CRL, "  crl: fs.readFileSync(@crl@, 'latin1').match(/-----BEGIN X509 CRL-----[^]*?-----END X509 CRL-----/g), // Node reads the first list of a text only" },
	{ IF_ALWAYS, "  minVersion: 'TLSv1.2'," },
	{ IF_ALWAYS, "}, (response) => {" },
	{ IF_ALWAYS, "  response.pipe(process.stdout);" },
	{ IF_ALWAYS, "  if (response.statusCode >= 400) process.exitCode = 1;" },
	{ IF_ALWAYS, "}).on('error', (error) => {" },
	{ IF_ALWAYS, "  console.error(error.message);" },
	{ IF_ALWAYS, "  process.exitCode = 1;" },
	{ IF_ALWAYS, "});" },
};

status
paste_node(const struct paste_case *c, struct paste *out, struct arena *a, struct error *err)
{
	if (c->side == PASTE_CLIENT)
		return PASTE_PART(c, FORMAT_SOURCE, node_client, "client.js", out, a, err);
	out->remark = "Node refuses a client without a word: no alert, the connection just ends; the reason is in tlsClientError. server.setSecureContext() follows a renewal.";
	return PASTE_PART(c, FORMAT_SOURCE, node_server, "server.js", out, a, err);
}

/* ---- curl ---- */

static const struct paste_line curl_client[] = {
	{ IF_NO_CRL, "curl --cert @curl-cert@ --key @key@ --cacert @trust@ https://@name@:@port@/" },
	{ IF_CRL, "curl --cert @curl-cert@ --key @key@ --cacert @trust@ --crlfile @crl@ https://@name@:@port@/" },
};

status
paste_curl(const struct paste_case *c, struct paste *out, struct arena *a, struct error *err)
{
	return PASTE_PART(c, FORMAT_SHELL, curl_client, "shell", out, a, err);
}
