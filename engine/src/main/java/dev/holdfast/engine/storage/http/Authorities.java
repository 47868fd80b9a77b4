package dev.holdfast.engine.storage.http;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Who may sign the certificates of storage servers: whom the system trusts, and whom the cluster's setting names. */
public final class Authorities {
    private Authorities() {}

    /** The error of a server that nobody trusted has signed for, if that is what went wrong: trying again will not help. */
    public static Optional<HoldfastException> untrusted(Throwable e, String what) {
        for (var cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException || cause instanceof CertPathBuilderException) {
                return Optional.of(HoldfastException.of(SqlState.CANNOT_CONNECT, what + ": " + cause.getMessage(), e)
                        .withHint("The cluster setting cloudstorage.http.custom_ca takes the certificates of further authorities."));
            }
        }
        return Optional.empty();
    }

    public static SSLContext with(String customPem) {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, trustManagers(customPem), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public static TrustManager[] trustManagers(String customPem) {
        try {
            var system = managers(null);
            if (customPem.isBlank()) {
                return system;
            }
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int count = 0;
            for (var manager : system) {
                if (manager instanceof X509TrustManager x509) {
                    for (var issuer : x509.getAcceptedIssuers()) {
                        store.setCertificateEntry("system-" + count++, issuer);
                    }
                }
            }
            var pem = new ByteArrayInputStream(customPem.getBytes(StandardCharsets.US_ASCII));
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                store.setCertificateEntry("custom-" + count++, certificate);
            }
            return managers(store);
        } catch (CertificateException e) {
            throw HoldfastException.of(
                    SqlState.INVALID_PARAMETER_VALUE, "cluster setting \"cloudstorage.http.custom_ca\" holds no PEM certificates", e);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TrustManager[] managers(KeyStore store) throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }
}
