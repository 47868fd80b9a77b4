package dev.holdfast.server.login;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.util.List;

/**
 * The client is asked for its password, over TLS, and we log in with it: for an upstream that insists on SCRAM and does not
 * let us read verifiers, as managed services do.
 */
final class AskedPasswordLogin implements Login {
    private final Conversation conversation;
    private final List<String> offered;
    private UpstreamScram upstream;

    AskedPasswordLogin(Conversation conversation, List<String> offered) {
        this.conversation = conversation;
        this.offered = offered;
        conversation.toClient(CLEARTEXT_PASSWORD, new byte[0]);
    }

    @Override
    public boolean answer(byte[] body) {
        if (upstream != null) {
            throw HoldfastException.of(SqlState.PROTOCOL_VIOLATION, "unexpected authentication message");
        }
        var password = SaslMessages.password(body);
        if (password.isEmpty()) {
            conversation.fail(HoldfastException.of(new SqlState("28P01"), "empty password returned by client"));
            return false;
        }
        upstream = UpstreamScram.withPassword(
                password, offered, conversation.upstreamCertificate().map(TerminatedScramLogin::channelData));
        conversation.toUpstream(SaslMessages.initial(upstream.mechanism(), upstream.first()));
        return false;
    }

    @Override
    public boolean request(int code, byte[] body) {
        switch (code) {
            case SASL_CONTINUE -> conversation.toUpstream(SaslMessages.bytes(upstream.last(SaslMessages.text(body))));
            case SASL_FINAL -> upstream.check(SaslMessages.text(body));
            case OK -> {
                return true;
            }
            default ->
                throw HoldfastException.of(
                        SqlState.PROTOCOL_VIOLATION, "unexpected authentication request " + code + " of the upstream");
        }
        return false;
    }
}
