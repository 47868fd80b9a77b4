package dev.holdfast.server.login;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), bound to the client's TLS channel by tls-server-end-point (RFC
 * 5929) when the client wants that. Does no IO.
 *
 * <pre>
 * client-first  gs2-flag ",," "n=" name ",r=" nonce          gs2-flag: n, y, or p=tls-server-end-point
 * server-first  "r=" nonces ",s=" salt ",i=" iterations
 * client-final  "c=" gs2-header and channel data ",r=" nonces ",p=" proof
 * server-final  "v=" signature
 * </pre>
 *
 * The proof is ClientKey XOR ClientSignature, and the signature can be computed from the verifier: so whoever checks a proof
 * learns ClientKey, and with it can log in once more, which is how the session's own connection to the upstream is made.
 */
final class ScramExchange {
    static final String PLAIN = "SCRAM-SHA-256";
    static final String BOUND = "SCRAM-SHA-256-PLUS";
    private static final String BINDING = "p=tls-server-end-point";
    private static final int NONCE_BYTES = 18;

    private final ScramVerifier verifier;
    private final boolean known;
    private final byte[] channelData;
    private final SecureRandom random;
    private String gs2Header;
    private String clientFirstBare;
    private String serverFirst;
    private String nonces;
    private String serverFinal;

    /**
     * @param verifier of the role; empty: {@code decoy} is used, and the exchange fails in the end as with a wrong password, so
     *     that nobody learns which roles exist
     * @param channelData tls-server-end-point of the certificate the client sees
     */
    ScramExchange(Optional<ScramVerifier> verifier, ScramVerifier decoy, byte[] channelData, SecureRandom random) {
        this.verifier = verifier.orElse(decoy);
        this.known = verifier.isPresent();
        this.channelData = channelData;
        this.random = random;
    }

    /** Takes client-first, gives server-first. */
    String first(String mechanism, String clientFirst) {
        int flagEnd = clientFirst.indexOf(',');
        int headerEnd = flagEnd < 0 ? -1 : clientFirst.indexOf(',', flagEnd + 1);
        if (headerEnd < 0) {
            throw malformed("no GS2 header");
        }
        gs2Header = clientFirst.substring(0, headerEnd + 1);
        clientFirstBare = clientFirst.substring(headerEnd + 1);
        checkBinding(mechanism, clientFirst.substring(0, flagEnd));
        if (headerEnd != flagEnd + 1) {
            throw HoldfastException.of(
                    SqlState.FEATURE_NOT_SUPPORTED, "client uses authorization identity, but it is not supported");
        }
        var clientNonce = attribute(clientFirstBare, 'r');
        if (!clientFirstBare.startsWith("n=") || clientNonce.isEmpty()) {
            throw malformed("no name or no nonce in client-first-message");
        }
        var bytes = new byte[NONCE_BYTES];
        random.nextBytes(bytes);
        nonces = clientNonce + Base64.getEncoder().encodeToString(bytes);
        serverFirst = "r=" + nonces + ",s=" + Base64.getEncoder().encodeToString(verifier.salt()) + ",i=" + verifier.iterations();
        return serverFirst;
    }

    private static void checkBinding(String mechanism, String flag) {
        boolean wellFormed =
                switch (mechanism) {
                    case BOUND -> flag.equals(BINDING);
                    case PLAIN -> flag.equals("n") || flag.equals("y");
                    default -> throw malformed("client selected an invalid SASL authentication mechanism");
                };
        if (!wellFormed) {
            throw malformed("the GS2 header does not fit the mechanism");
        }
        if (flag.equals("y")) {
            // Somebody between us and the client has taken the bound mechanism out of our offer.
            throw HoldfastException.of(SqlState.INVALID_AUTHORIZATION, "SCRAM channel binding negotiation error")
                    .withDetail("The client supports SCRAM channel binding but thinks the server does not."
                            + "  However, this server does support channel binding.");
        }
    }

    /** Takes client-final; gives ClientKey when the proof is right. */
    Optional<byte[]> last(String clientFinal) {
        var mechanism = ScramMechanism.SCRAM_SHA_256;
        int proofAt = clientFinal.lastIndexOf(",p=");
        if (proofAt < 0) {
            throw malformed("no proof in client-final-message");
        }
        var withoutProof = clientFinal.substring(0, proofAt);
        if (!attribute(withoutProof, 'r').equals(nonces)) {
            throw malformed("nonce does not match");
        }
        checkChannel(attribute(withoutProof, 'c'));
        var authMessage = clientFirstBare + "," + serverFirst + "," + withoutProof;
        var proof = decode(clientFinal.substring(proofAt + 3));
        var signature = ScramFunctions.clientSignature(mechanism, verifier.storedKey(), authMessage);
        if (proof.length != signature.length) {
            throw malformed("the proof has a wrong length");
        }
        var clientKey = new byte[proof.length];
        for (int i = 0; i < proof.length; i++) {
            clientKey[i] = (byte) (proof[i] ^ signature[i]);
        }
        boolean right = MessageDigest.isEqual(ScramFunctions.hash(mechanism, clientKey), verifier.storedKey());
        if (!right || !known) {
            return Optional.empty();
        }
        serverFinal = "v="
                + Base64.getEncoder()
                        .encodeToString(ScramFunctions.serverSignature(mechanism, verifier.serverKey(), authMessage));
        return Optional.of(clientKey);
    }

    private void checkChannel(String base64) {
        var header = gs2Header.getBytes(StandardCharsets.UTF_8);
        byte[] expected = header;
        if (gs2Header.startsWith(BINDING)) {
            expected = Arrays.copyOf(header, header.length + channelData.length);
            System.arraycopy(channelData, 0, expected, header.length, channelData.length);
        }
        if (!MessageDigest.isEqual(decode(base64), expected)) {
            throw HoldfastException.of(SqlState.INVALID_AUTHORIZATION, "SCRAM channel binding check failed");
        }
    }

    /** After a right proof. */
    String serverFinal() {
        return serverFinal;
    }

    byte[] serverKey() {
        return verifier.serverKey();
    }

    private static String attribute(String message, char name) {
        for (var part : message.split(",")) {
            if (part.length() >= 2 && part.charAt(0) == name && part.charAt(1) == '=') {
                return part.substring(2);
            }
        }
        throw malformed("attribute \"" + name + "\" expected");
    }

    private static byte[] decode(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw malformed("invalid base64");
        }
    }

    private static HoldfastException malformed(String detail) {
        return HoldfastException.of(SqlState.PROTOCOL_VIOLATION, "malformed SCRAM message").withDetail(detail);
    }
}
