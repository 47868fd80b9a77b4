package dev.holdfast.server.login;

import java.util.Base64;
import java.util.Optional;

/** What PostgreSQL stores of a password: {@code SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey}, the last three in base64. */
public record ScramVerifier(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) {
    private static final String PREFIX = "SCRAM-SHA-256$";

    /** Empty for anything else, an md5 hash for example. */
    public static Optional<ScramVerifier> parse(String text) {
        if (text == null || !text.startsWith(PREFIX)) {
            return Optional.empty();
        }
        var parts = text.substring(PREFIX.length()).split("[:$]");
        if (parts.length != 4) {
            return Optional.empty();
        }
        try {
            var decoder = Base64.getDecoder();
            return Optional.of(new ScramVerifier(
                    Integer.parseInt(parts[0]), decoder.decode(parts[1]), decoder.decode(parts[2]), decoder.decode(parts[3])));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
