package dev.holdfast.server.login;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.exception.ScramException;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Logs in to the upstream by SCRAM on a client's behalf, bound to the upstream's TLS channel where there is one. */
final class UpstreamScram {
    private static final String TLS_SERVER_END_POINT = "tls-server-end-point";

    private final ScramClient client;

    private UpstreamScram(ScramClient client) {
        this.client = client;
    }

    static UpstreamScram withKeys(byte[] clientKey, byte[] serverKey, List<String> offered, Optional<byte[]> channelData) {
        return new UpstreamScram(finish(
                ScramClient.builder()
                        .advertisedMechanisms(usable(offered, channelData))
                        // PostgreSQL takes the name of the startup packet, and wants one here all the same.
                        .username("*")
                        .clientAndServerKey(clientKey, serverKey),
                channelData));
    }

    static UpstreamScram withPassword(String password, List<String> offered, Optional<byte[]> channelData) {
        return new UpstreamScram(finish(
                ScramClient.builder()
                        .advertisedMechanisms(usable(offered, channelData))
                        .username("*")
                        .password(password.toCharArray()),
                channelData));
    }

    private static List<String> usable(List<String> offered, Optional<byte[]> channelData) {
        var usable = new ArrayList<>(offered);
        if (channelData.isEmpty()) {
            usable.removeIf(mechanism -> mechanism.endsWith("-PLUS"));
        }
        return usable;
    }

    private static ScramClient finish(ScramClient.FinalBuildStage builder, Optional<byte[]> channelData) {
        return channelData
                .map(data -> builder.channelBinding(TLS_SERVER_END_POINT, data))
                .orElse(builder)
                .build();
    }

    String mechanism() {
        return client.getScramMechanism().getName();
    }

    String first() {
        return client.clientFirstMessage().toString();
    }

    String last(String serverFirst) {
        try {
            client.serverFirstMessage(serverFirst);
            return client.clientFinalMessage().toString();
        } catch (ScramException e) {
            throw failed(e);
        }
    }

    /** Fails when it is not the upstream's own signature. */
    void check(String serverFinal) {
        try {
            client.serverFinalMessage(serverFinal);
        } catch (ScramException e) {
            throw failed(e);
        }
    }

    private static HoldfastException failed(ScramException e) {
        return HoldfastException.of(
                SqlState.INVALID_AUTHORIZATION, "the upstream PostgreSQL does not authenticate itself: " + e.getMessage(), e);
    }
}
