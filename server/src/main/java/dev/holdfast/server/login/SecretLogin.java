package dev.holdfast.server.login;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The client has proved itself by its certificate; the upstream is answered with the password that the configuration has for
 * the role.
 */
public final class SecretLogin implements Login {
    private final Conversation conversation;
    private final String secret;
    private UpstreamScram scram;

    public SecretLogin(Conversation conversation, String secret) {
        this.conversation = conversation;
        this.secret = secret;
    }

    @Override
    public boolean request(int code, byte[] body) {
        switch (code) {
            case OK -> {
                return true;
            }
            case CLEARTEXT_PASSWORD -> conversation.toUpstream(SaslMessages.zeroEnded(secret));
            case MD5_PASSWORD -> conversation.toUpstream(SaslMessages.zeroEnded(md5(body)));
            case SASL -> {
                scram = UpstreamScram.withPassword(
                        secret,
                        RelayedLogin.mechanisms(body),
                        conversation.upstreamCertificate().map(TerminatedScramLogin::channelData));
                conversation.toUpstream(SaslMessages.initial(scram.mechanism(), scram.first()));
            }
            case SASL_CONTINUE -> conversation.toUpstream(SaslMessages.bytes(scram.last(SaslMessages.text(body))));
            case SASL_FINAL -> scram.check(SaslMessages.text(body));
            default ->
                throw HoldfastException.of(
                        SqlState.FEATURE_NOT_SUPPORTED, "the upstream asks for an authentication that a password cannot answer");
        }
        return false;
    }

    /** md5(md5(password, user), salt), as PostgreSQL defines it. */
    private String md5(byte[] salt) {
        try {
            var digest = MessageDigest.getInstance("MD5");
            digest.update(secret.getBytes(StandardCharsets.UTF_8));
            var inner = HexFormat.of().formatHex(digest.digest(conversation.user().getBytes(StandardCharsets.UTF_8)));
            digest.update(inner.getBytes(StandardCharsets.US_ASCII));
            return "md5" + HexFormat.of().formatHex(digest.digest(salt));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public boolean answer(byte[] body) {
        throw HoldfastException.of(SqlState.PROTOCOL_VIOLATION, "unexpected authentication message");
    }
}
