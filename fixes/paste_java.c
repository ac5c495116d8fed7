/*
 * Java: its stores are made from the PEM files, their passphrase at random, and handed over in a file of options that only
 * its owner reads: a command line and the environment are seen by others. Java asks by code (setNeedClientAuth) or through
 * the framework's own settings; Spring Boot from 2.7 on and Tomcat from 9 on read PEM themselves.
 */
#include "fixes/paste_lines.h"

static const struct paste_line stores[] = {
	{ IF_ALWAYS, "# The stores, and a file of options for java; again after each renewal. Then: java @@@options@ -jar …" },
	{ IF_ALWAYS, "(" },
	{ IF_ALWAYS, "umask 077" },
	{ IF_ALWAYS, "export STORE_PASS=$(openssl rand -hex 16)" },
	{ IF_ALWAYS, "parts=$(mktemp -d)" },
	{ IF_ALWAYS, "rm -f @keystore@ @truststore@" },
	{ IF_ALWAYS, "openssl pkcs12 -export -in @cert@ -inkey @key@ -name mtls -passout env:STORE_PASS -out @keystore@ || exit" },
	{ IF_ALWAYS, "# keytool takes the first certificate of a file only." },
	{ IF_ALWAYS, "awk -v parts=\"$parts\" '/BEGIN CERTIFICATE/ { n++ } n { print >(parts \"/ca-\" n \".pem\") }' <@trust@" },
	{ IF_ALWAYS, "for ca in \"$parts\"/*.pem; do" },
	{ IF_ALWAYS, "    keytool -importcert -noprompt -alias \"${ca##*/}\" -file \"$ca\" -storetype PKCS12 -storepass:env STORE_PASS -keystore @truststore@ || exit" },
	{ IF_ALWAYS, "done" },
	{ IF_ALWAYS, "rm -r \"$parts\"" },
	{ IF_ALWAYS, "printf '%s\\n' @java-keystore@ \"-Djavax.net.ssl.keyStorePassword=$STORE_PASS\" -Djavax.net.ssl.keyStoreType=PKCS12 \\" },
	{ IF_ALWAYS, "    @java-truststore@ \"-Djavax.net.ssl.trustStorePassword=$STORE_PASS\" -Djavax.net.ssl.trustStoreType=PKCS12 >@options@" },
	{ IF_ALWAYS, ")" },
};

static const struct paste_line java_server[] = {
	{ IF_ALWAYS, "import com.sun.net.httpserver.HttpsConfigurator;" },
	{ IF_ALWAYS, "import com.sun.net.httpserver.HttpsParameters;" },
	{ IF_ALWAYS, "import com.sun.net.httpserver.HttpsServer;" },
	{ IF_ALWAYS, "import java.net.InetSocketAddress;" },
	{ IF_ALWAYS, "import javax.net.ssl.SSLContext;" },
	{ IF_ALWAYS, "import javax.net.ssl.SSLParameters;" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "public class Server {" },
	{ IF_ALWAYS, "\tpublic static void main(String[] args) throws Exception {" },
	{ IF_ALWAYS, "\t\tHttpsServer server = HttpsServer.create(new InetSocketAddress(@port@), 0);" },
	{ IF_ALWAYS, "\t\tserver.setHttpsConfigurator(new HttpsConfigurator(SSLContext.getDefault()) {" },
	{ IF_ALWAYS, "\t\t\tpublic void configure(HttpsParameters parameters) {" },
	{ IF_ALWAYS, "\t\t\t\tSSLParameters p = getSSLContext().getDefaultSSLParameters();" },
	{ IF_ALWAYS, "\t\t\t\tp.setProtocols(new String[] { \"TLSv1.3\", \"TLSv1.2\" });" },
	{ IF_REQUIRED, "\t\t\t\tp.setNeedClientAuth(true); // setWantClientAuth asks, and lets everybody in" },
	{ IF_OPTIONAL, "\t\t\t\tp.setWantClientAuth(true); // the handler must look at getPeerPrincipal()" },
	{ IF_ALWAYS, "\t\t\t\tparameters.setSSLParameters(p);" },
	{ IF_ALWAYS, "\t\t\t}" },
	{ IF_ALWAYS, "\t\t});" },
	{ IF_ALWAYS, "\t\tserver.createContext(\"/\", exchange -> {" },
	{ IF_ALWAYS, "\t\t\tbyte[] answer = \"hello\\n\".getBytes();" },
	{ IF_ALWAYS, "\t\t\texchange.sendResponseHeaders(200, answer.length);" },
	{ IF_ALWAYS, "\t\t\texchange.getResponseBody().write(answer);" },
	{ IF_ALWAYS, "\t\t\texchange.close();" },
	{ IF_ALWAYS, "\t\t});" },
	{ IF_ALWAYS, "\t\tserver.start();" },
	{ IF_ALWAYS, "\t}" },
	{ IF_ALWAYS, "}" },
};

static const struct paste_line spring[] = {
	{ IF_ALWAYS, "server.port=@port@" },
	{ IF_ALWAYS, "server.ssl.enabled-protocols=TLSv1.3,TLSv1.2" },
	{ IF_ALWAYS, "server.ssl.certificate=@cert@" },
	{ IF_ALWAYS, "server.ssl.certificate-private-key=@key@" },
	{ IF_ALWAYS, "server.ssl.trust-certificate=@trust@" },
	{ IF_REQUIRED, "server.ssl.client-auth=need" },
	{ IF_OPTIONAL, "server.ssl.client-auth=want" },
};

static const struct paste_line tomcat[] = {
	{ IF_ALWAYS, "<Connector port=\"@port@\" protocol=\"org.apache.coyote.http11.Http11NioProtocol\" SSLEnabled=\"true\">" },
	{ IF_REQUIRED, "  <SSLHostConfig protocols=\"TLSv1.2+TLSv1.3\" certificateVerification=\"required\" caCertificateFile=@trust@>" },
	{ IF_OPTIONAL, "  <SSLHostConfig protocols=\"TLSv1.2+TLSv1.3\" certificateVerification=\"optional\" caCertificateFile=@trust@>" },
	{ IF_ALWAYS, "    <Certificate certificateFile=@cert@ certificateKeyFile=@key@/>" },
	{ IF_ALWAYS, "  </SSLHostConfig>" },
	{ IF_ALWAYS, "</Connector>" },
};

static const struct paste_line java_client[] = {
	{ IF_ALWAYS, "import java.net.URI;" },
	{ IF_ALWAYS, "import java.net.http.HttpClient;" },
	{ IF_ALWAYS, "import java.net.http.HttpRequest;" },
	{ IF_ALWAYS, "import java.net.http.HttpResponse;" },
	{ IF_ALWAYS, "" },
	{ IF_ALWAYS, "public class Client {" },
	{ IF_ALWAYS, "\tpublic static void main(String[] args) throws Exception {" },
	{ IF_ALWAYS, "\t\t// The default context takes the stores that the options name." },
	{ IF_ALWAYS, "\t\tHttpResponse<String> answer = HttpClient.newHttpClient().send(" },
	{ IF_ALWAYS, "\t\t    HttpRequest.newBuilder(URI.create(\"https://@name@:@port@/\")).build(), HttpResponse.BodyHandlers.ofString());" },
	{ IF_ALWAYS, "\t\tSystem.out.print(answer.body());" },
	{ IF_ALWAYS, "\t\tSystem.exit(answer.statusCode() < 400 ? 0 : 1);" },
	{ IF_ALWAYS, "\t}" },
	{ IF_ALWAYS, "}" },
};

status
paste_java(const struct paste_case *c, struct paste *out, struct arena *a, struct error *err)
{
	if (PASTE_PART(c, FORMAT_SHELL, stores, "shell", out, a, err) != STATUS_OK)
		return STATUS_FAILED;
	if (c->side == PASTE_CLIENT) {
		out->remark = "Java sends no certificate to a server whose list of CAs lacks its issuer. The trust store stands instead of Java's own, public CAs and all.";
		return PASTE_PART(c, FORMAT_SOURCE, java_client, "Client.java", out, a, err);
	}
	out->remark = "One of the three: Server.java run with the options, Spring Boot (2.7 and later), Tomcat (9 and later). Revocation is looked at with "
	    "-Dcom.sun.net.ssl.checkRevocation=true.";
	if (PASTE_PART(c, FORMAT_SOURCE, java_server, "Server.java", out, a, err) != STATUS_OK ||
	    PASTE_PART(c, FORMAT_PROPERTIES, spring, "application.properties", out, a, err) != STATUS_OK)
		return STATUS_FAILED;
	return PASTE_PART(c, FORMAT_XML, tomcat, "conf/server.xml", out, a, err);
}
