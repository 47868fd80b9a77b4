package dev.holdfast.server.tls;

import dev.holdfast.engine.cluster.embedded.Directories;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority of this store's own, made at its first use and kept in two files. */
final class CertificateAuthority {
    private static final Duration VALIDITY = Duration.ofDays(3650);

    private final PrivateKey key;
    private final X509Certificate certificate;
    private final X500Name name;
    private final SecureRandom random;

    private CertificateAuthority(PrivateKey key, X509Certificate certificate, SecureRandom random) {
        this.key = key;
        this.certificate = certificate;
        this.name = new X500Name(certificate.getSubjectX500Principal().getName());
        this.random = random;
    }

    /** A certificate with its private key. */
    record Issued(X509Certificate certificate, PrivateKey key) {
        String certificatePem() throws IOException {
            return pem(certificate);
        }

        String keyPem() throws IOException {
            return pem(new JcaPKCS8Generator(key, null));
        }
    }

    /** Reads {@code ca.key} and {@code ca.crt} in the directory, or makes them. */
    static CertificateAuthority open(Path directory, String commonName, SecureRandom random) throws IOException {
        Directories.createPrivate(directory);
        var keyFile = directory.resolve("ca.key");
        var certificateFile = directory.resolve("ca.crt");
        try {
            if (!Files.exists(certificateFile)) {
                var keys = newKeys(random);
                var name = new X500Name("CN=" + commonName);
                var certificate = sign(
                        new JcaX509v3CertificateBuilder(name, serial(random), notBefore(), notAfter(), name, keys.getPublic())
                                .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign)),
                        keys.getPrivate());
                Directories.writeSecret(keyFile, pem(new JcaPKCS8Generator(keys.getPrivate(), null)));
                Directories.writeSecret(certificateFile, pem(certificate));
            }
            return new CertificateAuthority(readKey(keyFile), readCertificate(certificateFile), random);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw failed(e);
        }
    }

    X509Certificate certificate() {
        return certificate;
    }

    String certificatePem() throws IOException {
        return pem(certificate);
    }

    /** For a server that is reached under these names and addresses. */
    Issued issueServer(Collection<String> hosts) throws IOException {
        var names = new GeneralNames(hosts.stream()
                .map(host -> new GeneralName(isAddress(host) ? GeneralName.iPAddress : GeneralName.dNSName, host))
                .toArray(GeneralName[]::new));
        return issue("holdfast", KeyPurposeId.id_kp_serverAuth, names);
    }

    /** For a client that is this role. */
    Issued issueClient(String role) throws IOException {
        return issue(role, KeyPurposeId.id_kp_clientAuth, null);
    }

    private Issued issue(String commonName, KeyPurposeId purpose, GeneralNames names) throws IOException {
        try {
            var keys = newKeys(random);
            var subject = new X500NameBuilder().addRDN(BCStyle.CN, commonName).build();
            var builder = new JcaX509v3CertificateBuilder(name, serial(random), notBefore(), notAfter(), subject, keys.getPublic())
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            if (names != null) {
                builder.addExtension(Extension.subjectAlternativeName, false, names);
            }
            return new Issued(sign(builder, key), keys.getPrivate());
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw failed(e);
        }
    }

    private static IOException failed(Exception e) {
        return new IOException("cannot make TLS certificates: " + e.getMessage(), e);
    }

    private static KeyPair newKeys(SecureRandom random) throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        return generator.generateKeyPair();
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey signer)
            throws OperatorCreationException, GeneralSecurityException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer)));
    }

    private static BigInteger serial(SecureRandom random) {
        return new BigInteger(120, random);
    }

    /** A day back, for clients whose clock is behind. */
    private static Date notBefore() {
        return Date.from(Instant.now().minus(Duration.ofDays(1)));
    }

    private static Date notAfter() {
        return Date.from(Instant.now().plus(VALIDITY));
    }

    private static boolean isAddress(String host) {
        return host.chars().allMatch(c -> c >= '0' && c <= '9' || c == '.') || host.indexOf(':') >= 0;
    }

    private static PrivateKey readKey(Path file) throws IOException {
        try (var parser = new PEMParser(new StringReader(Files.readString(file)))) {
            return new JcaPEMKeyConverter().getPrivateKey((PrivateKeyInfo) parser.readObject());
        }
    }

    private static X509Certificate readCertificate(Path file) throws IOException, GeneralSecurityException {
        try (var parser = new PEMParser(new StringReader(Files.readString(file)))) {
            return new JcaX509CertificateConverter().getCertificate((X509CertificateHolder) parser.readObject());
        }
    }

    private static String pem(Object object) throws IOException {
        var text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        }
        return text.toString();
    }
}
