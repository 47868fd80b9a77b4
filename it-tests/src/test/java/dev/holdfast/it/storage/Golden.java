package dev.holdfast.it.storage;

import dev.holdfast.it.storage.server.AwsKmsServer;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/** Backups that earlier builds have made, and that every later one has to restore: src/test/resources/golden. */
final class Golden {
    /** The format version they were written in. */
    static final String VERSION = "1";

    static final List<String> KINDS = List.of("plain", "passphrase", "kms");

    /** Lines {@code <instant> <rows of all tables>}. */
    static final String STATES = "states.txt";

    private static final String KEY = "golden";

    private Golden() {}

    static Path directory(String version) {
        return Path.of("src", "test", "resources", "golden", version);
    }

    /** What WITH needs beside its other options. */
    static String option(String kind, AwsKmsServer kms) {
        return switch (kind) {
            case "plain" -> "";
            case "passphrase" -> ", encryption_passphrase = 'golden passphrase'";
            case "kms" -> ", kms = '" + kms.uri(KEY) + "'";
            default -> throw new IllegalArgumentException(kind);
        };
    }

    /** A region whose key never changes. */
    static AwsKmsServer kms() throws IOException, NoSuchAlgorithmException {
        var server = AwsKmsServer.start("us-east-1");
        server.keep(KEY, MessageDigest.getInstance("SHA-256").digest("the golden master key".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
        return server;
    }
}
