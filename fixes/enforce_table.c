/*
 * The settings. Sources: each program's own documents; what was measured stands in knowledge "diagnosis" 3.2 to 3.6, for AWS in
 * "aws" 4.1 and 4.2. nginx, Apache, HAProxy, Python and Node are shown to do what is said by tests/test_enforce.c.
 */
#include "fixes/enforce_table.h"

const struct enforce_place enforce_places[ENFORCE_STACKS] = {
	[ENFORCE_NGINX] = { "nginx", "the server block, in /etc/nginx/conf.d/ or /etc/nginx/sites-enabled/", "nginx -t && systemctl reload nginx", FORMAT_NGINX },
	[ENFORCE_APACHE] = { "Apache", "the VirtualHost, in /etc/apache2/sites-enabled/ or /etc/httpd/conf.d/", "apachectl configtest && systemctl reload apache2", FORMAT_APACHE },
	[ENFORCE_HAPROXY] = { "HAProxy", "the bind line, in /etc/haproxy/haproxy.cfg", "haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy", FORMAT_HAPROXY },
	[ENFORCE_ENVOY] = { "Envoy", "the listener's DownstreamTlsContext, in envoy.yaml or from the control plane", "restart Envoy, or push the listener by LDS", FORMAT_YAML },
	[ENFORCE_GO] = { "Go", "the server's tls.Config", "build and deploy the service", FORMAT_SOURCE },
	[ENFORCE_JAVA] = { "Java", "the SSLParameters or SSLServerSocket, application.properties, or the options of java", "restart the service", FORMAT_SOURCE },
	[ENFORCE_TOMCAT] = { "Tomcat", "SSLHostConfig, in conf/server.xml", "systemctl restart tomcat", FORMAT_XML },
	[ENFORCE_PYTHON] = { "Python", "the server's ssl.SSLContext", "restart the service", FORMAT_SOURCE },
	[ENFORCE_NODE] = { "Node.js", "the options of https.createServer", "restart the service", FORMAT_SOURCE },
	[ENFORCE_ALB] = { "Application Load Balancer", "the listener", "nothing: it takes effect within a minute", FORMAT_SHELL },
	[ENFORCE_GATEWAY] = { "API Gateway", "the domain name or the API", "aws apigateway get-domain-name --domain-name @domain@, until AVAILABLE", FORMAT_SHELL },
	[ENFORCE_IIS] = { "IIS", "http.sys, from an elevated prompt", "nothing: new connections follow it", FORMAT_SHELL },
};

#define NGINX(...) [ENFORCE_NGINX] = { __VA_ARGS__ }
#define APACHE(...) [ENFORCE_APACHE] = { __VA_ARGS__ }
#define HAPROXY(...) [ENFORCE_HAPROXY] = { __VA_ARGS__ }
#define ENVOY(...) [ENFORCE_ENVOY] = { __VA_ARGS__ }
#define GO(...) [ENFORCE_GO] = { __VA_ARGS__ }
#define JAVA(...) [ENFORCE_JAVA] = { __VA_ARGS__ }
#define TOMCAT(...) [ENFORCE_TOMCAT] = { __VA_ARGS__ }
#define PYTHON(...) [ENFORCE_PYTHON] = { __VA_ARGS__ }
#define NODE(...) [ENFORCE_NODE] = { __VA_ARGS__ }
#define ALB(...) [ENFORCE_ALB] = { __VA_ARGS__ }
#define GATEWAY(...) [ENFORCE_GATEWAY] = { __VA_ARGS__ }
#define IIS(...) [ENFORCE_IIS] = { __VA_ARGS__ }
#define NOWHERE(why) NULL, why

#define ALB_VERIFY "aws elbv2 modify-listener --region @region@ --listener-arn @listener@ --mutual-authentication Mode=verify,TrustStoreArn=@store@"
#define GATEWAY_TRUST "aws apigateway update-domain-name --region @region@ --domain-name @domain@ --patch-operations op=replace,path=/mutualTlsAuthentication/truststoreUri,value=@bundle@"
#define GATEWAY_DOOR "aws apigateway update-rest-api --region @region@ --rest-api-id @api@ --patch-operations op=replace,path=/disableExecuteApiEndpoint,value=true"
#define HTTP_API "An HTTP API: aws apigatewayv2 update-domain-name … --mutual-tls-authentication TruststoreUri=…"
#define NETSH(what) "netsh http update sslcert ipport=0.0.0.0:@port@ certhash=CHANGE-ME appid={CHANGE-ME} " what
#define NETSH_NOTE "certhash and appid as netsh http show sslcert says them."
#define IIS_ASK NETSH("clientcertnegotiation=enable")
#define CIPHERS "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
#define SIX "Six suites that every client of the last ten years has at least one of; TLS 1.3 has its own, which are all on."
#define OPENSSL_DEPTH "OpenSSL's own bound, 100, is left as it is there: what was refused was not refused for its depth."

/* Asked for, verified, required: one setting for three findings. */
#define REQUIRE(c, nginx, apache, haproxy, envoy, go, java, tomcat, python, node, alb)                                                                 \
	{                                                                                                                                             \
		.code = c,                                                                                                                            \
		.cells = {                                                                                                                            \
			NGINX("ssl_client_certificate @trust@;\nssl_verify_client on;\nssl_verify_depth @depth@;", nginx),                            \
			APACHE("SSLCACertificateFile @trust@\nSSLVerifyClient require\nSSLVerifyDepth @ca-depth@", apache),                           \
			HAPROXY("ca-file @trust@ verify required", haproxy),                                                                          \
			ENVOY("require_client_certificate: true\ncommon_tls_context: { validation_context: { trusted_ca: { filename: @trust@ } } }", envoy), \
			GO("ClientAuth: tls.RequireAndVerifyClientCert,\nClientCAs: pool, // AppendCertsFromPEM of @trust@", go),                     \
			JAVA("parameters.setNeedClientAuth(true);", java),                                                                            \
			TOMCAT("certificateVerification=\"required\" caCertificateFile=@trust@", tomcat),                                             \
			PYTHON("context.verify_mode = ssl.CERT_REQUIRED\ncontext.load_verify_locations(cafile=@trust@)", python),                     \
			NODE("requestCert: true,\nrejectUnauthorized: true,\nca: fs.readFileSync(@trust@),", node),                                  \
			ALB(ALB_VERIFY, alb),                                                                                                         \
			GATEWAY(GATEWAY_TRUST, HTTP_API),                                                                                             \
			IIS(IIS_ASK, NETSH_NOTE " And in the site: <access sslFlags=\"Ssl,SslNegotiateCert,SslRequireCert\"/>; the clients' root goes into the machine's Root store, intermediates into CA."), \
		},                                                                                                                                    \
	}

const struct enforce_row enforce_rows[] = {
	REQUIRE(CODE_MTLS_NOT_REQUESTED, "Every server block at that port wants it: another name is another door.", "In the VirtualHost, not in a Location.",
	    "On every bind line of that address.", "trusted_ca alone does not ask.", NULL, "Spring Boot: server.ssl.client-auth=need with server.ssl.trust-certificate.",
	    "With a trust store instead: truststoreFile and truststorePassword.", "gunicorn: cert_reqs = 2; uvicorn: --ssl-cert-reqs 2.", NULL,
	    "Mode=off is the default."),
	REQUIRE(CODE_MTLS_OPTIONAL, "“optional” lets in whoever shows nothing, unless the application looks at $ssl_client_verify.",
	    "“optional” lets in whoever shows nothing, unless the application looks at SSL_CLIENT_VERIFY.", "“verify optional” lets in whoever shows nothing, unless a rule looks at ssl_c_used.",
	    "It is false by default.", "Not VerifyClientCertIfGiven.", "Not setWantClientAuth, which also switches this off. Spring Boot: client-auth=need, not want.",
	    "Not “optional”.", "Not CERT_OPTIONAL.", NULL, "Mode=passthrough verifies nothing."),
	REQUIRE(CODE_MTLS_NOT_VERIFIED, "Not optional_no_ca: it takes certificates that nobody signed.", "Not optional_no_ca.",
	    "And without ca-ignore-err and crt-ignore-err on that line.", "And without trust_chain_verification: ACCEPT_UNTRUSTED.", "Not RequireAnyClientCert; and no InsecureSkipVerify beside a VerifyPeerCertificate that returns nil.",
	    "And with the trust manager of TrustManagerFactory: one of the service's own that throws nothing takes everybody.", "Not optionalNoCA.",
	    "And without verify_callbacks of a framework that return True.", "rejectUnauthorized: false takes everybody.", "Mode=passthrough hands every certificate on, verified by nobody."),
	{
		.code = CODE_MTLS_BYPASS,
		.cells = {
			NGINX("listen 127.0.0.1:8080;", "For the plain port, where nothing from outside is to come in; ssl_verify_client on in every server block that listens with ssl."),
			APACHE("Listen 127.0.0.1:8080", "For the plain port; SSLVerifyClient require in every VirtualHost of the others."),
			HAPROXY("bind 127.0.0.1:8080", "For the plain port; ca-file and verify required on every other bind line."),
			ENVOY("address: { socket_address: { address: 127.0.0.1, port_value: 8080 } }", "For the plain listener; the admin listener too."),
			GO("Addr: \"127.0.0.1:8080\",", "For the plain server (health checks, metrics); those outside get the same tls.Config."),
			JAVA("management.server.port=8081\nmanagement.server.address=127.0.0.1", "Spring Boot, for the actuator; a plain HttpServer is bound by new InetSocketAddress(\"127.0.0.1\", 8080)."),
			TOMCAT("<Connector port=\"8080\" address=\"127.0.0.1\"/>", "For the plain connector; it is in the server.xml that Tomcat comes with."),
			PYTHON("server_address = (\"127.0.0.1\", 8080)", "For the plain server, behind a proxy most often: gunicorn --bind 127.0.0.1:8080."),
			NODE("http.createServer(handler).listen(8080, '127.0.0.1');", "For the plain server."),
			ALB("aws elbv2 delete-listener --region @region@ --listener-arn \"$PLAIN_LISTENER\"", "And a security group of the targets that lets the load balancer's alone in: otherwise each target is a door of its own."),
			GATEWAY(GATEWAY_DOOR "\naws apigateway create-deployment --region @region@ --rest-api-id @api@ --stage-name \"$STAGE\"",
			    "The default endpoint asks for no certificate; a REST API is deployed again before the change counts. An HTTP API: aws apigatewayv2 update-api --api-id … --disable-execute-api-endpoint."),
			IIS("Remove-WebBinding -Name CHANGE-ME -Protocol http -Port 80", "In PowerShell; and SslRequireCert for every https binding that is left."),
		},
	},
	{
		.code = CODE_MTLS_RESUMPTION_BYPASS,
		.cells = {
			NGINX("ssl_session_cache off;\nssl_session_tickets off;", "In http { }, for all server blocks of that port; after that, a shared cache only among blocks that ask in the same way."),
			APACHE("SSLSessionTickets off\nSSLSessionCache none", "SSLSessionCache stands outside of any VirtualHost."),
			HAPROXY("no-tls-tickets", "And tune.ssl.cachesize 0 in global: TLS 1.2 resumes by number too."),
			ENVOY("disable_stateless_session_resumption: true\ndisable_stateful_session_resumption: true", NULL),
			GO("SessionTicketsDisabled: true,", "Servers that ask differently must not share ticket keys: give each a tls.Config of its own."),
			JAVA("-Djdk.tls.server.enableSessionTicketExtension=false -Djavax.net.ssl.sessionCacheSize=1", "And an SSLContext for each port: sessions belong to a context."),
			TOMCAT("-Djdk.tls.server.enableSessionTicketExtension=false -Djavax.net.ssl.sessionCacheSize=1", "In CATALINA_OPTS. Host names that ask differently get connectors of their own."),
			PYTHON("context.options |= ssl.OP_NO_TICKET\ncontext.num_tickets = 0", "And a context for each port."),
			NODE("secureOptions: require('crypto').constants.SSL_OP_NO_TICKET,\nsessionIdContext: 'mtls-@port@',", "Servers that ask differently must not share ticketKeys."),
			ALB(NOWHERE("A load balancer resumes no session where mutual TLS is on: what was seen is another server's.")),
			GATEWAY(NOWHERE("It has no setting for sessions. Ask AWS, with the case that “save” writes.")),
			IIS(NETSH("disablesessionid=enable enablesessionticket=disable"), NETSH_NOTE " Windows Server 2022 and later."),
		},
	},
	{
		.code = CODE_MTLS_REVOCATION_NOT_CHECKED,
		.cells = {
			NGINX("ssl_crl @crl@;", "With a list of every CA of the chain, the root's included, or everybody is refused. It is read at reload only. OCSP instead: ssl_ocsp on; (1.19 and later)."),
			APACHE("SSLCARevocationFile @crl@\nSSLCARevocationCheck chain", "With a list of every CA of the chain; “leaf” wants the issuing CA's only."),
			HAPROXY("crl-file @crl@", "With a list of every CA of the chain. At run time: set ssl crl-file."),
			ENVOY("crl: { filename: @crl@ }", "In validation_context; with a list of every CA of the chain, or only_verify_leaf_cert_crl: true."),
			GO("VerifyPeerCertificate: notRevoked, // against x509.ParseRevocationList of @crl@", "Go looks at no list by itself: the function is yours."),
			JAVA("-Dcom.sun.net.ssl.checkRevocation=true -Dcom.sun.security.enableCRLDP=true", "It fetches the lists that certificates name. OCSP: the security property ocsp.enable=true."),
			TOMCAT("certificateRevocationListFile=@crl@", "With revocationEnabled=\"true\" where a trust store is used."),
			PYTHON("context.load_verify_locations(cafile=@crl@)\ncontext.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN", "With a list of every CA of the chain; VERIFY_CRL_CHECK_LEAF wants the issuing CA's only."),
			NODE("crl: fs.readFileSync(@crl@, 'latin1').match(/-----BEGIN X509 CRL-----[^]*?-----END X509 CRL-----/g),", "With a list of every CA of the chain; of a text Node reads the first list only."),
			ALB("aws elbv2 add-trust-store-revocations --region @region@ --trust-store-arn @store@ --revocation-contents S3Bucket=@bucket@,S3Key=revoked.crl,RevocationType=CRL",
			    "The load balancer copies the list: a new one is given to it again, and the old one removed. It asks no OCSP."),
			GATEWAY(NOWHERE("API Gateway never looks at revocation: a Lambda authorizer has to, by requestContext.identity.clientCert.serialNumber.")),
			IIS(NETSH("verifyclientcertrevocation=enable"), NETSH_NOTE " It is on by default; somebody switched it off."),
		},
	},
	{
		.code = CODE_CLIENT_LATE_AUTH,
		.cells = {
			NGINX(NOWHERE("nginx asks in the handshake and never later: what asks late stands behind it.")),
			APACHE("SSLVerifyClient require", "In the VirtualHost; take it out of Location, Directory and .htaccess. A path that wants none gets a VirtualHost, or a name, of its own."),
			HAPROXY(NOWHERE("HAProxy asks in the handshake and never later: what asks late stands behind it.")),
			ENVOY(NOWHERE("Envoy asks in the handshake and never later: what asks late stands behind it.")),
			GO(NOWHERE("Go's server asks in the handshake and never later: what asks late stands behind it.")),
			JAVA("parameters.setNeedClientAuth(true);", "Before the handshake; setting it on an open socket starts a renegotiation, which TLS 1.3 does not have."),
			TOMCAT("certificateVerification=\"required\"", "An auth-method of CLIENT-CERT in web.xml asks late where the connector has not asked."),
			PYTHON("context.verify_mode = ssl.CERT_REQUIRED\ncontext.post_handshake_auth = False", "verify_client_post_handshake() asks late."),
			NODE("requestCert: true,\nrejectUnauthorized: true,", "Instead of a request for renegotiation (tlsSocket.renegotiate), which TLS 1.3 does not have."),
			ALB(NOWHERE("A load balancer asks in the handshake and never later.")),
			GATEWAY(NOWHERE("API Gateway asks in the handshake and never later.")),
			IIS(IIS_ASK, NETSH_NOTE " It then asks in the handshake: without it IIS asks once it knows the path, which TLS 1.3 and HTTP/2 do not allow."),
		},
	},
	{
		.code = CODE_CLIENT_DEPTH_EXCEEDED,
		.cells = {
			NGINX("ssl_verify_depth @depth@;", "Intermediates are counted; the default is 1."),
			APACHE("SSLVerifyDepth @ca-depth@", "CAs are counted, the root too; the default is 1."),
			HAPROXY(NOWHERE("HAProxy has no such setting. " OPENSSL_DEPTH)),
			ENVOY("max_verify_depth: 100", "In validation_context; or take the line out: that is the default."),
			GO(NOWHERE("Go bounds no depth: a pathLenConstraint of one of the CAs is too short, or code of the service's own counts.")),
			JAVA("-Djdk.tls.maxCertificateChainLength=10", "That is the default, in certificates."),
			TOMCAT("certificateVerificationDepth=\"10\"", "That is the default."),
			PYTHON(NOWHERE("Python has no such setting. " OPENSSL_DEPTH)),
			NODE(NOWHERE("Node has no such setting. " OPENSSL_DEPTH)),
			ALB(NOWHERE("A load balancer takes chains of four, for good: fewer CAs above the client, or its issuing CA in the trust store.")),
			GATEWAY(NOWHERE("API Gateway takes chains of four, for good: fewer CAs above the client.")),
			IIS(NOWHERE("Windows bounds no depth by itself: a pathLenConstraint of one of the CAs is too short.")),
		},
	},
	{
		.code = CODE_CLIENT_PARTIAL_TRUST,
		.cells = {
			NGINX("ssl_client_certificate @trust@;", "The root's certificate goes into that file, beside the issuing CA's."),
			APACHE("SSLCACertificateFile @trust@", "The root's certificate goes into that file, beside the issuing CA's."),
			HAPROXY("ca-file @trust@", "The root's certificate goes into that file, beside the issuing CA's."),
			ENVOY(NOWHERE("Envoy takes an issuing CA by itself: what refuses stands elsewhere.")),
			GO(NOWHERE("Go takes an issuing CA by itself: what refuses stands elsewhere.")),
			JAVA(NOWHERE("Java takes an issuing CA by itself: what refuses stands elsewhere.")),
			TOMCAT("caCertificateFile=@trust@", "The root's certificate goes into that file where Tomcat runs on OpenSSL (APR, tomcat-native); on Java alone the issuing CA is enough."),
			PYTHON("context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN", "Python 3.10 and later; or the root's certificate into the file of trusted CAs."),
			NODE("ca: fs.readFileSync(@trust@),", "The root's certificate goes into that file. Node 22.9 and later: allowPartialTrustChain: true."),
			ALB("aws elbv2 modify-trust-store --region @region@ --trust-store-arn @store@ --ca-certificates-bundle-s3-bucket @bucket@ --ca-certificates-bundle-s3-key @object@",
			    "With a whole new bundle: the root and every intermediate."),
			GATEWAY(GATEWAY_TRUST, "With a whole new object: the root and every intermediate."),
			IIS("certutil -addstore Root root.cer", "The root into Root, the issuing CA into CA: a certificate in Root that does not sign itself makes every client fail."),
		},
	},
	{
		.code = CODE_CLIENT_SERVER_REVOCATION,
		.cells = {
			NGINX("ssl_crl @crl@;", "With fresh lists of every CA of the chain in that file, then the reload: nginx reads it at no other time. A timer has to do both."),
			APACHE("SSLCARevocationFile @crl@", "With fresh lists of every CA of the chain in that file, then the reload. A timer has to do both."),
			HAPROXY("crl-file @crl@", "With fresh lists of every CA of the chain in that file, then the reload, or set ssl crl-file and commit ssl crl-file at run time. A timer has to do both."),
			ENVOY("crl: { filename: @crl@ }", "With fresh lists of every CA of the chain; by SDS Envoy follows the file itself."),
			GO(NOWHERE("Go reads no lists: the service's own code holds an old one.")),
			JAVA("-Dcom.sun.security.enableCRLDP=true", "It then fetches what certificates name; what keeps it from the list's address is a proxy or a firewall."),
			TOMCAT("certificateRevocationListFile=@crl@", "With fresh lists of every CA of the chain in that file, then the restart."),
			PYTHON("context.load_verify_locations(cafile=@crl@)", "With fresh lists of every CA of the chain in that file; a new context, as old lists stay in the one that has them."),
			NODE("server.setSecureContext({ ...options, crl: freshLists });", "With fresh lists of every CA of the chain, without a restart."),
			ALB("aws elbv2 add-trust-store-revocations --region @region@ --trust-store-arn @store@ --revocation-contents S3Bucket=@bucket@,S3Key=revoked.crl,RevocationType=CRL",
			    "The fresh list, then remove-trust-store-revocations for the old one."),
			GATEWAY(NOWHERE("API Gateway looks at no lists: a Lambda authorizer of the service's own refuses.")),
			IIS("certutil -urlcache crl delete", "Windows keeps lists until they end; what keeps it from the list's address is a proxy or a firewall."),
		},
	},
#define VERSIONS(c)                                                                                                                                   \
	{                                                                                                                                             \
		.code = c,                                                                                                                            \
		.cells = {                                                                                                                            \
			NGINX("ssl_protocols TLSv1.2 TLSv1.3;", "Of all server blocks of an address the first one's counts."),                        \
			APACHE("SSLProtocol -all +TLSv1.2 +TLSv1.3", "With the plus signs: without them the last name alone counts."),               \
			HAPROXY("ssl-min-ver TLSv1.2 ssl-max-ver TLSv1.3", NULL),                                                                     \
			ENVOY("tls_params: { tls_minimum_protocol_version: TLSv1_2, tls_maximum_protocol_version: TLSv1_3 }", "In common_tls_context."), \
			GO("MinVersion: tls.VersionTLS12,", "And no MaxVersion below TLS 1.3."),                                                      \
			JAVA("parameters.setProtocols(new String[] { \"TLSv1.3\", \"TLSv1.2\" });", "Spring Boot: server.ssl.enabled-protocols=TLSv1.3,TLSv1.2. jdk.tls.disabledAlgorithms may forbid more."), \
			TOMCAT("protocols=\"TLSv1.2+TLSv1.3\"", NULL),                                                                                \
			PYTHON("context.minimum_version = ssl.TLSVersion.TLSv1_2", "And no maximum_version."),                                       \
			NODE("minVersion: 'TLSv1.2',\nmaxVersion: 'TLSv1.3',", NULL),                                                                 \
			ALB("aws elbv2 modify-listener --region @region@ --listener-arn @listener@ --ssl-policy ELBSecurityPolicy-TLS13-1-2-2021-06", NULL), \
			GATEWAY("aws apigateway update-domain-name --region @region@ --domain-name @domain@ --patch-operations op=replace,path=/securityPolicy,value=TLS_1_2", \
			    "TLS 1.2 and later; mutual TLS wants that anyway."),                                                                      \
			IIS(NETSH("disablelegacytls=enable"), NETSH_NOTE " Versions are the machine's: SCHANNEL\\Protocols in the registry, then a restart."), \
		},                                                                                                                                    \
	}
	VERSIONS(CODE_TLS_NO_COMMON_VERSION),
	VERSIONS(CODE_TLS_OLD_VERSION),
	{
		.code = CODE_TLS_NO_COMMON_CIPHER,
		.cells = {
			NGINX("ssl_ciphers " CIPHERS ";", SIX),
			APACHE("SSLCipherSuite " CIPHERS, SIX),
			HAPROXY("ciphers " CIPHERS, SIX),
			ENVOY("tls_params: { cipher_suites: [ECDHE-ECDSA-AES128-GCM-SHA256, ECDHE-RSA-AES128-GCM-SHA256, ECDHE-ECDSA-AES256-GCM-SHA384, ECDHE-RSA-AES256-GCM-SHA384] }", "Or leave the list out: Envoy's own is as good."),
			GO("CipherSuites: nil,", "Go's own list is the widest that is safe: take out what narrows it."),
			JAVA("jdk.tls.disabledAlgorithms=SSLv3, TLSv1, TLSv1.1, RC4, DES, MD5withRSA, DH keySize < 1024, EC keySize < 224, 3DES_EDE_CBC, anon, NULL", "In java.security, as Java has it; take out setEnabledCipherSuites."),
			TOMCAT("ciphers=\"" CIPHERS "\"", SIX),
			PYTHON("context.set_ciphers(\"" CIPHERS "\")", SIX),
			NODE("ciphers: '" CIPHERS "',", SIX " Name TLS 1.3's here as well: Node has one list for both."),
			ALB("aws elbv2 modify-listener --region @region@ --listener-arn @listener@ --ssl-policy ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "…-Ext1-… and -Ext2-… take older clients."),
			GATEWAY(NOWHERE("The suites belong to the security policy: TLS_1_2 has those that every client of today has.")),
			IIS("Enable-TlsCipherSuite -Name TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "And TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, as the key of the certificate is."),
		},
	},
	{
		.code = CODE_TLS_NO_COMMON_GROUP,
		.cells = {
			NGINX("ssl_ecdh_curve X25519:prime256v1:secp384r1;", NULL),
			APACHE("SSLOpenSSLConfCmd Curves X25519:P-256:P-384", NULL),
			HAPROXY("curves X25519:P-256:P-384", NULL),
			ENVOY("tls_params: { ecdh_curves: [X25519, P-256, P-384] }", "A FIPS build has no X25519."),
			GO("CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384},", "Or leave it out."),
			JAVA("-Djdk.tls.namedGroups=x25519,secp256r1,secp384r1", NULL),
			TOMCAT("-Djdk.tls.namedGroups=x25519,secp256r1,secp384r1", "In CATALINA_OPTS."),
			PYTHON(NOWHERE("Python's set_ecdh_curve names one curve only, which narrows it: take that line out.")),
			NODE("ecdhCurve: 'X25519:prime256v1:secp384r1',", "Or 'auto'."),
			ALB(NOWHERE("The groups belong to the security policy; every one has P-256.")),
			GATEWAY(NOWHERE("The groups belong to the security policy; every one has P-256.")),
			IIS("Enable-TlsEccCurve -Name NistP256", "And curve25519."),
		},
	},
	{
		.code = CODE_TLS_NO_COMMON_ALPN,
		.cells = {
			NGINX("http2 on;", "Before 1.25.1: listen … ssl http2. HTTP/1.1 is always offered."),
			APACHE("Protocols h2 http/1.1", "With mod_http2."),
			HAPROXY("alpn h2,http/1.1", NULL),
			ENVOY("alpn_protocols: [h2, http/1.1]", "In common_tls_context."),
			GO("NextProtos: []string{\"h2\", \"http/1.1\"},", "net/http does so by itself; a tls.Listen of the service's own does not."),
			JAVA("parameters.setApplicationProtocols(new String[] { \"h2\", \"http/1.1\" });", "Spring Boot: server.http2.enabled=true."),
			TOMCAT("<UpgradeProtocol className=\"org.apache.coyote.http2.Http2Protocol\"/>", "Within the Connector."),
			PYTHON("context.set_alpn_protocols([\"h2\", \"http/1.1\"])", "Only what the server speaks: http.server knows no h2."),
			NODE("ALPNProtocols: ['h2', 'http/1.1'],", "Only what the server speaks: h2 takes http2.createSecureServer."),
			ALB(NOWHERE("A load balancer offers h2 and http/1.1, and nothing else: another protocol takes a Network Load Balancer, with --alpn-policy.")),
			GATEWAY(NOWHERE("API Gateway offers h2 and http/1.1, and nothing else.")),
			IIS(NETSH("disablehttp2=disable"), NETSH_NOTE " It offers h2 and http/1.1, and nothing else."),
		},
	},
};
const size_t enforce_rows_len = sizeof enforce_rows / sizeof enforce_rows[0];
