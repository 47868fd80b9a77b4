package dev.holdfast.engine.history.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engine.cluster.Lsn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Any role may put a message into the stream, with a prefix and a content of its choice: none may end the reading. */
class ForgedMessageTest {
    private final List<String> messages = new ArrayList<>();

    /** As test_decoding writes it. */
    private void read(String prefix, String content) throws IOException {
        var text = ("message: transactional: 0 prefix: " + prefix + ", sz: " + content.length() + " content:" + content)
                .getBytes(StandardCharsets.ISO_8859_1);
        new TestDecoding(new Recorder(), StandardCharsets.ISO_8859_1).read(text, 0, text.length, Lsn.ZERO);
    }

    @Test
    void plain() throws IOException {
        read("holdfast", "{\"kind\":\"anchor\"}");
        read("", "");
        assertThat(messages).containsExactly("holdfast={\"kind\":\"anchor\"}", "=");
    }

    @Test
    void aPrefixThatLooksLikeTheRest() throws IOException {
        read("x, sz: 99999 content:", "abc");
        read("x, sz: ", "");
        read("x, sz: y content:", "abc");
        read("x, sz: 99999999999999999999 content:", "abc");
        read("x, sz: 3", "abc");
        assertThat(messages)
                .containsExactly(
                        "x, sz: 99999 content:=abc",
                        "x, sz: =",
                        "x, sz: y content:=abc",
                        "x, sz: 99999999999999999999 content:=abc",
                        "x, sz: 3=abc");
    }

    @Test
    void aContentThatLooksLikeAMessage() throws IOException {
        read("holdfast", "a, sz: 1 content:b");
        assertThat(messages).containsExactly("holdfast=a, sz: 1 content:b");
    }

    private final class Recorder implements ChangeHandler {
        @Override
        public void message(boolean transactional, Lsn lsn, String prefix, byte[] content) {
            messages.add(prefix + "=" + new String(content, StandardCharsets.ISO_8859_1));
        }

        @Override
        public void begin(long xid) {}

        @Override
        public void change(String table, Operation operation, Tuple before, Tuple after) {}

        @Override
        public void truncate(List<String> tables) {}

        @Override
        public void commit(long xid, Lsn end, Instant at) {}
    }
}
