package dev.holdfast.server.login;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.system.SystemDatabase;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The SCRAM verifiers of roles, read from the upstream at every login: a changed password counts at once. */
public final class Verifiers {
    private static final String INSUFFICIENT_PRIVILEGE = "42501";
    private static final int ITERATIONS = 4096;

    private final SystemDatabase system;
    private final SecureRandom random;
    private final byte[] decoyKey = new byte[32];

    public Verifiers(SystemDatabase system, SecureRandom random) {
        this.system = system;
        this.random = random;
        random.nextBytes(decoyKey);
    }

    /**
     * @param readable false where only superusers may read verifiers and we are none
     * @param verifier empty for a role that does not exist, or has no SCRAM password
     */
    record Found(boolean readable, Optional<ScramVerifier> verifier) {}

    Found find(String user) throws SQLException {
        try (var connection = system.connection()) {
            var password = Sql.first(
                    connection, "select rolpassword from pg_catalog.pg_authid where rolname = ?", row -> Optional.ofNullable(row.getString(1)), user);
            return new Found(true, password.flatMap(text -> text).flatMap(ScramVerifier::parse));
        } catch (SQLException e) {
            if (INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                return new Found(false, Optional.empty());
            }
            throw e;
        }
    }

    /** For a role that does not exist: the same salt every time, as a role that exists would have. */
    ScramVerifier decoy(String user) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(decoyKey, "HmacSHA256"));
            var salt = mac.doFinal(user.getBytes(StandardCharsets.UTF_8));
            return new ScramVerifier(ITERATIONS, Arrays.copyOf(salt, 16), new byte[32], new byte[32]);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    SecureRandom random() {
        return random;
    }
}
