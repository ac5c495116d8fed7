/*
 * A service on Java's own TLS that requires a client certificate: a plain SSLServerSocket, or the
 * JDK's HttpsServer.
 * usage: java JavaServer PORT 1.2|1.3 CHAIN KEY CLIENTS_CA [https-server]
 */
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

public class JavaServer {
	private static final char[] NO_PASSWORD = new char[0];

	private static Certificate[] certificates(String path) throws Exception {
		byte[] pem = Files.readAllBytes(Paths.get(path));
		return CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem)).toArray(new Certificate[0]);
	}

	private static PrivateKey key(String path) throws Exception {
		String pem = new String(Files.readAllBytes(Paths.get(path)), StandardCharsets.US_ASCII);
		String body = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
		return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(body)));
	}

	private static SSLContext context(String chain, String key, String ca) throws Exception {
		KeyStore ours = KeyStore.getInstance("PKCS12"), clients = KeyStore.getInstance("PKCS12");
		ours.load(null, null);
		ours.setKeyEntry("server", key(key), NO_PASSWORD, certificates(chain));
		clients.load(null, null);
		for (Certificate c : certificates(ca))
			clients.setCertificateEntry("ca" + clients.size(), c);
		KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
		keys.init(ours, NO_PASSWORD);
		TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
		trust.init(clients);
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
		return context;
	}

	private static void answer(SSLSocket socket) {
		try (SSLSocket s = socket) {
			BufferedReader in = new BufferedReader(new InputStreamReader(s.getInputStream(), StandardCharsets.ISO_8859_1));
			for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine())
				;
			s.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
		} catch (IOException e) {
			System.err.println(e);
		}
	}

	private static void plain(SSLContext context, int port, String version) throws Exception {
		SSLServerSocket listener = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(port, 50, InetAddress.getByName("127.0.0.1"));
		listener.setEnabledProtocols(new String[] { version });
		listener.setNeedClientAuth(true);
		ExecutorService threads = Executors.newCachedThreadPool();
		while (true) {
			SSLSocket socket = (SSLSocket) listener.accept();
			threads.execute(() -> answer(socket));
		}
	}

	private static void https(SSLContext context, int port, String version) throws Exception {
		HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 50);
		server.setHttpsConfigurator(new HttpsConfigurator(context) {
			@Override
			public void configure(HttpsParameters parameters) {
				SSLParameters p = getSSLContext().getDefaultSSLParameters();
				p.setProtocols(new String[] { version });
				p.setNeedClientAuth(true);
				parameters.setSSLParameters(p);
			}
		});
		server.createContext("/", exchange -> {
			exchange.sendResponseHeaders(200, -1);
			exchange.close();
		});
		server.setExecutor(Executors.newCachedThreadPool());
		server.start();
	}

	public static void main(String[] words) throws Exception {
		SSLContext context = context(words[2], words[3], words[4]);
		int port = Integer.parseInt(words[0]);
		String version = "TLSv" + words[1];
		if (words.length > 5)
			https(context, port, version);
		else
			plain(context, port, version);
	}
}
