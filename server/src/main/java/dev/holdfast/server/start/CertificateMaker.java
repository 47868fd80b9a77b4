package dev.holdfast.server.start;

import dev.holdfast.engine.cluster.embedded.Directories;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Makes the TLS material of a first start: a certificate authority of this store's own and a server certificate signed by
 * it. Clients verify with {@code ca.crt}.
 */
final class CertificateMaker {
    private static final Duration VALIDITY = Duration.ofDays(3650);

    private final SecureRandom random;

    CertificateMaker(SecureRandom random) {
        this.random = random;
    }

    /** Leaves files that exist alone. */
    void makeMissing(Path directory, String listenHost) throws IOException {
        if (Files.exists(directory.resolve("node.crt"))) {
            return;
        }
        Directories.createPrivate(directory);
        try {
            var authorityKeys = newKeys();
            var authorityName = new X500Name("CN=Holdfast CA");
            var authority = sign(
                    new JcaX509v3CertificateBuilder(
                                    authorityName, serial(), notBefore(), notAfter(), authorityName, authorityKeys.getPublic())
                            .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                            .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign)),
                    authorityKeys);
            var nodeKeys = newKeys();
            var node = sign(
                    new JcaX509v3CertificateBuilder(
                                    authorityName, serial(), notBefore(), notAfter(), new X500Name("CN=holdfast"), nodeKeys.getPublic())
                            .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                            .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                            .addExtension(
                                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                            .addExtension(Extension.subjectAlternativeName, false, names(listenHost)),
                    authorityKeys);
            Directories.writeSecret(directory.resolve("ca.key"), pem(new JcaPKCS8Generator(authorityKeys.getPrivate(), null)));
            Directories.writeSecret(directory.resolve("ca.crt"), pem(authority));
            Directories.writeSecret(directory.resolve("node.key"), pem(new JcaPKCS8Generator(nodeKeys.getPrivate(), null)));
            // Last: its presence says that all is there.
            Directories.writeSecret(directory.resolve("node.crt"), pem(node) + pem(authority));
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("cannot make TLS certificates: " + e.getMessage(), e);
        }
    }

    private KeyPair newKeys() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        return generator.generateKeyPair();
    }

    private static X509CertificateHolder sign(X509v3CertificateBuilder certificate, KeyPair signer)
            throws OperatorCreationException {
        return certificate.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate()));
    }

    private BigInteger serial() {
        return new BigInteger(120, random);
    }

    /** A day back, for clients whose clock is behind. */
    private static Date notBefore() {
        return Date.from(Instant.now().minus(Duration.ofDays(1)));
    }

    private static Date notAfter() {
        return Date.from(Instant.now().plus(VALIDITY));
    }

    private static GeneralNames names(String listenHost) {
        Set<String> hosts = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", "::1"));
        if (!listenHost.equals("0.0.0.0") && !listenHost.equals("::")) {
            hosts.add(listenHost);
        }
        try {
            hosts.add(InetAddress.getLocalHost().getCanonicalHostName());
        } catch (UnknownHostException e) {
            // A machine that does not know its own name is reached by another one.
        }
        var names = new ArrayList<GeneralName>();
        for (var host : hosts) {
            boolean isAddress = host.chars().allMatch(c -> c >= '0' && c <= '9' || c == '.') || host.indexOf(':') >= 0;
            names.add(new GeneralName(isAddress ? GeneralName.iPAddress : GeneralName.dNSName, host));
        }
        return new GeneralNames(names.toArray(GeneralName[]::new));
    }

    private static String pem(Object object) throws IOException {
        var text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        }
        return text.toString();
    }
}
