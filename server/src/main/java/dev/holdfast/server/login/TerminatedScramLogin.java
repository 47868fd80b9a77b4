package dev.holdfast.server.login;

import com.ongres.scram.common.util.TlsServerEndpoint;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * The client proves itself to us, bound to the TLS channel it has with us; with what the proof tells we prove ourselves to
 * the upstream, bound to the channel we have with it. Nobody learns the password, and neither binding is pretended.
 */
final class TerminatedScramLogin implements Login {
    private enum Step {
        CLIENT_FIRST,
        CLIENT_FINAL,
        UPSTREAM
    }

    private final Conversation conversation;
    private final List<String> offered;
    private final ScramExchange exchange;
    private Step step = Step.CLIENT_FIRST;
    private UpstreamScram upstream;

    TerminatedScramLogin(Conversation conversation, List<String> offered, Verifiers.Found found, Verifiers verifiers) {
        this.conversation = conversation;
        this.offered = offered;
        this.exchange = new ScramExchange(
                found.verifier(),
                verifiers.decoy(conversation.user()),
                channelData(conversation.certificateForClient().orElseThrow()),
                verifiers.random());
        conversation.toClient(SASL, RelayedLogin.list(List.of(ScramExchange.BOUND, ScramExchange.PLAIN)));
    }

    static byte[] channelData(X509Certificate certificate) {
        try {
            return TlsServerEndpoint.getChannelBindingData(certificate);
        } catch (CertificateEncodingException e) {
            throw HoldfastException.of(SqlState.INTERNAL_ERROR, "unreadable TLS certificate", e);
        }
    }

    @Override
    public boolean answer(byte[] body) {
        switch (step) {
            case CLIENT_FIRST -> {
                var initial = SaslMessages.initial(body);
                var serverFirst = exchange.first(initial.mechanism(), initial.response());
                step = Step.CLIENT_FINAL;
                conversation.toClient(SASL_CONTINUE, SaslMessages.bytes(serverFirst));
            }
            case CLIENT_FINAL -> {
                Optional<byte[]> clientKey = exchange.last(SaslMessages.text(body));
                step = Step.UPSTREAM;
                if (clientKey.isEmpty()) {
                    conversation.fail(wrongPassword(conversation.user()));
                    return false;
                }
                upstream = UpstreamScram.withKeys(
                        clientKey.get(),
                        exchange.serverKey(),
                        offered,
                        conversation.upstreamCertificate().map(TerminatedScramLogin::channelData));
                conversation.toUpstream(SaslMessages.initial(upstream.mechanism(), upstream.first()));
            }
            case UPSTREAM ->
                throw HoldfastException.of(SqlState.PROTOCOL_VIOLATION, "unexpected authentication message");
        }
        return false;
    }

    /** In PostgreSQL's own words. */
    static HoldfastException wrongPassword(String user) {
        return HoldfastException.of(
                new SqlState("28P01"), "password authentication failed for user \"" + user + "\"");
    }

    @Override
    public boolean request(int code, byte[] body) {
        switch (code) {
            case SASL_CONTINUE -> conversation.toUpstream(SaslMessages.bytes(upstream.last(SaslMessages.text(body))));
            case SASL_FINAL -> {
                upstream.check(SaslMessages.text(body));
                // Only now: the client is told that we know its password once the upstream has agreed that it may be used.
                conversation.toClient(SASL_FINAL, SaslMessages.bytes(exchange.serverFinal()));
            }
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
