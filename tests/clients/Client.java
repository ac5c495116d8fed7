// One HTTPS request by Java's own client: CA URL [CHAIN KEY].
import java.io.FileInputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public class Client {
	static Collection<? extends Certificate> certificates(String file) throws Exception {
		try (FileInputStream in = new FileInputStream(file)) {
			return CertificateFactory.getInstance("X.509").generateCertificates(in);
		}
	}

	static PrivateKey key(String file) throws Exception {
		String pem = Files.readString(Path.of(file)).replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
		return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
	}

	public static void main(String[] args) throws Exception {
		KeyStore trusted = KeyStore.getInstance("PKCS12");
		trusted.load(null, null);
		int i = 0;
		for (Certificate c : certificates(args[0]))
			trusted.setCertificateEntry("ca" + i++, c);
		TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
		trust.init(trusted);
		KeyManager[] keys = null;
		if (args.length > 2) {
			KeyStore own = KeyStore.getInstance("PKCS12");
			own.load(null, null);
			own.setKeyEntry("client", key(args[3]), new char[0], certificates(args[2]).toArray(new Certificate[0]));
			KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
			factory.init(own, new char[0]);
			keys = factory.getKeyManagers();
		}
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(keys, trust.getTrustManagers(), null);
		HttpsURLConnection connection = (HttpsURLConnection) new URL(args[1]).openConnection();
		connection.setSSLSocketFactory(context.getSocketFactory());
		try {
			System.out.println(connection.getResponseCode());
		} catch (java.io.IOException e) {
			System.out.println(e);
		}
	}
}
