package dev.holdfast.it.support;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Signs certificates for tests. */
public final class TestAuthority {
    private final SecureRandom random = new SecureRandom();
    private final X500Name name;
    private final KeyPair keys;
    private final X509Certificate certificate;

    /** PEM. */
    public record Issued(String certificate, String key) {
        /** As {@code name.crt} and {@code name.key}, which only we may read. */
        public void write(Path directory, String name) throws IOException {
            Files.writeString(directory.resolve(name + ".crt"), certificate);
            Files.writeString(directory.resolve(name + ".key"), key);
            directory.resolve(name + ".key").toFile().setReadable(false, false);
            directory.resolve(name + ".key").toFile().setReadable(true, true);
        }
    }

    public TestAuthority(String commonName) throws IOException {
        try {
            name = new X500Name("CN=" + commonName);
            keys = newKeys();
            certificate = sign(builder(name, keys).addExtension(Extension.basicConstraints, true, new BasicConstraints(0)), keys);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException(e);
        }
    }

    public String certificate() throws IOException {
        return pem(certificate);
    }

    /** For the server localhost, 127.0.0.1. */
    public Issued server() throws IOException {
        return issue(
                "CN=localhost",
                new GeneralNames(new GeneralName[] {
                    new GeneralName(GeneralName.dNSName, "localhost"), new GeneralName(GeneralName.iPAddress, "127.0.0.1")
                }));
    }

    public Issued client(String role) throws IOException {
        return issue("CN=" + role, null);
    }

    public Issued issue(String subject, GeneralNames names) throws IOException {
        try {
            var own = newKeys();
            var builder = builder(new X500Name(subject), own);
            if (names != null) {
                builder.addExtension(Extension.subjectAlternativeName, false, names);
            }
            return new Issued(pem(sign(builder, keys)), pem(new JcaPKCS8Generator(own.getPrivate(), null)));
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw new IOException(e);
        }
    }

    private JcaX509v3CertificateBuilder builder(X500Name subject, KeyPair own) {
        return new JcaX509v3CertificateBuilder(
                name,
                new BigInteger(100, random),
                Date.from(Instant.now().minus(Duration.ofHours(1))),
                Date.from(Instant.now().plus(Duration.ofDays(2))),
                subject,
                own.getPublic());
    }

    private static KeyPair newKeys() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, KeyPair signer)
            throws OperatorCreationException, GeneralSecurityException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate())));
    }

    private static String pem(Object object) throws IOException {
        var text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        }
        return text.toString();
    }
}
