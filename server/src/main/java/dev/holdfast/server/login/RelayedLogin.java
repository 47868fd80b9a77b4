package dev.holdfast.server.login;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Client and upstream talk to each other; we only listen. SCRAM with channel binding cannot go this way: the client binds to
 * our certificate, the upstream to its own.
 *
 * <table>
 * <caption>SCRAM</caption>
 * <tr><th>client's leg</th><th>upstream's leg</th><th></th></tr>
 * <tr><td>plain</td><td>any</td><td>relayed, without the bound mechanisms</td></tr>
 * <tr><td>TLS</td><td>any</td><td>{@link TerminatedScramLogin}, where the role's verifier can be read</td></tr>
 * <tr><td>TLS</td><td>plain</td><td>else relayed: the upstream offers no bound mechanism</td></tr>
 * <tr><td>TLS</td><td>TLS</td><td>else {@link AskedPasswordLogin}</td></tr>
 * </table>
 */
public final class RelayedLogin implements Login {
    private final Conversation conversation;
    private final Verifiers verifiers;
    private boolean challenged;

    public RelayedLogin(Conversation conversation, Verifiers verifiers) {
        this.conversation = conversation;
        this.verifiers = verifiers;
    }

    @Override
    public boolean request(int code, byte[] body) {
        if (code == OK) {
            return welcome();
        }
        challenged = true;
        return code != SASL || sasl(body);
    }

    /** An upstream that trusts our address says nothing about who connects to us. */
    private boolean welcome() {
        if (!challenged && !conversation.trustsUnchallenged()) {
            conversation.fail(HoldfastException.of(
                            SqlState.INVALID_AUTHORIZATION, "the upstream PostgreSQL asked for no password, so the login is refused")
                    .withDetail("It trusts the address of Holdfast, which says nothing about who connects to Holdfast.")
                    .withHint("Let the upstream's pg_hba.conf ask Holdfast's address for scram-sha-256."));
            return false;
        }
        return true;
    }

    private boolean sasl(byte[] body) {
        var offered = mechanisms(body);
        if (conversation.certificateForClient().isPresent() && offered.contains(ScramExchange.PLAIN)) {
            conversation.await(() -> verifiers.find(conversation.user()), found -> choose(offered, found));
            return false;
        }
        if (offered.stream().noneMatch(RelayedLogin::isBound)) {
            return true;
        }
        relayUnbound(offered);
        return false;
    }

    private void choose(List<String> offered, Verifiers.Found found) {
        if (found.readable()) {
            conversation.become(new TerminatedScramLogin(conversation, offered, found, verifiers));
        } else if (offered.stream().anyMatch(RelayedLogin::isBound)) {
            conversation.become(new AskedPasswordLogin(conversation, offered));
        } else {
            relayUnbound(offered);
        }
    }

    private void relayUnbound(List<String> offered) {
        conversation.toClient(SASL, list(offered.stream().filter(mechanism -> !isBound(mechanism)).toList()));
    }

    @Override
    public boolean answer(byte[] body) {
        return true;
    }

    private static boolean isBound(String mechanism) {
        return mechanism.endsWith("-PLUS");
    }

    /** Names, each ended by a zero byte, and one more zero byte. */
    static List<String> mechanisms(byte[] body) {
        var names = new ArrayList<String>();
        int start = 0;
        for (int i = 0; i < body.length && (i > start || body[i] != 0); i++) {
            if (body[i] == 0) {
                names.add(new String(body, start, i - start, StandardCharsets.US_ASCII));
                start = i + 1;
            }
        }
        return names;
    }

    static byte[] list(List<String> mechanisms) {
        var bytes = new ByteArrayOutputStream();
        for (var mechanism : mechanisms) {
            bytes.writeBytes(mechanism.getBytes(StandardCharsets.US_ASCII));
            bytes.write(0);
        }
        bytes.write(0);
        return bytes.toByteArray();
    }
}
