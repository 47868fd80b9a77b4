package dev.holdfast.engine.history.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.engine.cluster.Lsn;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestDecodingTest {
    private static final Lsn PLACE = Lsn.parse("1/2A");

    /** Writes down what it hears. */
    private record Heard(List<String> events, Charset charset) implements ChangeHandler {
        @Override
        public void begin(long xid) {
            events.add("begin " + xid);
        }

        @Override
        public void change(String table, Operation operation, Tuple before, Tuple after) {
            events.add(operation + " " + table + " " + text(before) + " -> " + text(after));
        }

        private String text(Tuple tuple) {
            if (tuple == null) {
                return "none";
            }
            var columns = new ArrayList<String>();
            for (int i = 0; i < tuple.count(); i++) {
                var value = new String(tuple.bytes(), tuple.from(i), tuple.to(i) - tuple.from(i), charset);
                columns.add(tuple.form(i) + "<" + value + ">");
            }
            return columns.toString();
        }

        @Override
        public void truncate(List<String> tables) {
            events.add("truncate " + tables);
        }

        @Override
        public void message(boolean transactional, Lsn lsn, String prefix, byte[] content) {
            events.add("message " + transactional + " " + lsn + " " + prefix + "|" + new String(content, charset));
        }

        @Override
        public void commit(long xid, Lsn end, Instant at) {
            events.add("commit " + xid + " " + end + " " + at);
        }
    }

    private static String heard(String message, Charset charset) throws IOException {
        var heard = new Heard(new ArrayList<>(), charset);
        // It stands somewhere in a buffer.
        var bytes = ("xx" + message + "'yy").getBytes(charset);
        new TestDecoding(heard, charset).read(bytes, 2, bytes.length - 3, PLACE);
        assertThat(heard.events()).hasSize(1);
        return heard.events().getFirst();
    }

    private static String heard(String message) throws IOException {
        return heard(message, StandardCharsets.UTF_8);
    }

    @Test
    void transactions() throws IOException {
        assertThat(heard("BEGIN 4294967295")).isEqualTo("begin 4294967295");
        assertThat(heard("COMMIT 7 (at 2026-11-21 12:41:28.304814+00)")).isEqualTo("commit 7 1/2A 2026-11-21T12:41:28.304814Z");
        assertThat(heard("COMMIT 7 (at 2026-11-21 12:41:28.3+00)")).isEqualTo("commit 7 1/2A 2026-11-21T12:41:28.300Z");
        assertThat(heard("COMMIT 7 (at 2026-11-21 12:41:28+00)")).isEqualTo("commit 7 1/2A 2026-11-21T12:41:28Z");
    }

    @Test
    void valuesOfEveryForm() throws IOException {
        assertThat(heard("table public.t: INSERT: a[integer]:-1 b[text]:'it''s' c[boolean]:true d[boolean]:false e[bit]:B'101' f[text]:null"
                        + " g[text]:unchanged-toast-datum h[numeric]:NaN i[double precision]:-Infinity j[text]:'null' k[text]:''"))
                .isEqualTo("INSERT public.t none -> [PLAIN<-1>, QUOTED<it''s>, TRUE<>, FALSE<>, QUOTED<101>, NULL<>, UNCHANGED<>,"
                        + " PLAIN<NaN>, PLAIN<-Infinity>, QUOTED<null>, QUOTED<>]");
    }

    @Test
    void valuesThatLookLikeSomethingElse() throws IOException {
        assertThat(heard("table public.t: UPDATE: old-key: a[text]:' new-tuple: a[text]:''x''' new-tuple: a[text]:'a\n[b]:c''' b[text]:''''"))
                .isEqualTo("UPDATE public.t [QUOTED< new-tuple: a[text]:''x''>] -> [QUOTED<a\n[b]:c''>, QUOTED<''>]");
        assertThat(heard("table public.t: INSERT: \"new-tuple\"[text]:'x' \"old-key\"[text]:'y'"))
                .isEqualTo("INSERT public.t none -> [QUOTED<x>, QUOTED<y>]");
        assertThat(heard("table public.t: INSERT: a[jsonb]:'{\"a\": \"b''c\"}' b[text[]]:'{\"it''s\",\"\\\"\"}'"))
                .isEqualTo("INSERT public.t none -> [QUOTED<{\"a\": \"b''c\"}>, QUOTED<{\"it''s\",\"\\\"\"}>]");
    }

    @Test
    void namesAndTypesWithOddCharacters() throws IOException {
        assertThat(heard("table \"S.1\".\"a \"\"b\"\": x\": INSERT: \"col ]:x\"[\"My ]Type\"[]]:'v' \"\"\"\"[\"a\"\".b\".\"c[\"]:1"))
                .isEqualTo("INSERT \"S.1\".\"a \"\"b\"\": x\" none -> [QUOTED<v>, PLAIN<1>]");
        assertThat(heard("table s.t: INSERT: a[timestamp without time zone]:'2026-01-01 00:00:00' b[character varying]:'x' c[\"char\"]:'c'"))
                .isEqualTo("INSERT s.t none -> [QUOTED<2026-01-01 00:00:00>, QUOTED<x>, QUOTED<c>]");
        assertThat(heard("table s.\u00e4\u00f6: INSERT: \u00fc[text]:'\u20ac'")).isEqualTo("INSERT s.\u00e4\u00f6 none -> [QUOTED<\u20ac>]");
        assertThat(heard("table s.\u00e4: INSERT: \u00fc[text]:'\u00df'", StandardCharsets.ISO_8859_1))
                .isEqualTo("INSERT s.\u00e4 none -> [QUOTED<\u00df>]");
    }

    @Test
    void updatesAndDeletes() throws IOException {
        assertThat(heard("table public.t: UPDATE: old-key: a[integer]:1 new-tuple: a[integer]:2 b[text]:unchanged-toast-datum"))
                .isEqualTo("UPDATE public.t [PLAIN<1>] -> [PLAIN<2>, UNCHANGED<>]");
        assertThat(heard("table public.t: UPDATE: a[integer]:2 b[text]:'x'")).isEqualTo("UPDATE public.t none -> [PLAIN<2>, QUOTED<x>]");
        assertThat(heard("table public.t: DELETE: a[integer]:1 b[text]:'x'")).isEqualTo("DELETE public.t [PLAIN<1>, QUOTED<x>] -> none");
        assertThat(heard("table public.t: DELETE: (no-tuple-data)")).isEqualTo("DELETE public.t none -> none");
        assertThat(heard("table public.t: INSERT: (no-tuple-data)")).isEqualTo("INSERT public.t none -> []");
        assertThat(heard("table public.t: INSERT:")).isEqualTo("INSERT public.t none -> []");
    }

    @Test
    void truncates() throws IOException {
        assertThat(heard("table public.t: TRUNCATE: (no-flags)")).isEqualTo("truncate [public.t]");
        assertThat(heard("table public.t, s.\"a, b\": TRUNCATE: restart_seqs cascade")).isEqualTo("truncate [public.t, s.\"a, b\"]");
    }

    @Test
    void messages() throws IOException {
        assertThat(heard("message: transactional: 1 prefix: p, sz: 5 content:hello")).isEqualTo("message true 1/2A p|hello");
        assertThat(heard("message: transactional: 0 prefix: , sz: 0 content:")).isEqualTo("message false 1/2A |");
        assertThat(heard("message: transactional: 1 prefix: p, sz: 8 content:a\nb, sz:")).isEqualTo("message true 1/2A p|a\nb, sz:");
    }

    @Test
    void aPrefixMayLookLikeAMessage() throws IOException {
        assertThat(heard("message: transactional: 1 prefix: x, sz: y, sz: 2 content:ab")).isEqualTo("message true 1/2A x, sz: y|ab");
        assertThat(heard("message: transactional: 1 prefix: x, sz: 1 content:z, sz: 2 content:ab"))
                .isEqualTo("message true 1/2A x, sz: 1 content:z|ab");
        assertThat(heard("message: transactional: 1 prefix: x, sz: , sz: 0 content:")).isEqualTo("message true 1/2A x, sz: |");
    }

    @Test
    void moreColumnsThanExpected() throws IOException {
        var message = new StringBuilder("table public.t: INSERT:");
        for (int i = 0; i < 100; i++) {
            message.append(" c").append(i).append("[integer]:").append(i);
        }
        assertThat(heard(message.toString())).contains("PLAIN<0>", "PLAIN<99>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "PREPARE TRANSACTION 'x', txid 7",
                "table public.t: MERGE: a[integer]:1",
                "table public.t: INSERT: a[integer]",
                "table public.t: INSERT: a[integer:1",
                "table public.t: INSERT: a[text]:'x",
                "table public.\"t: INSERT: a[text]:'x'",
                "table public.t: UPDATE: old-key: a[integer]:1",
                "message: transactional: 1 prefix: p, sz: 50 content:hello",
                "message: transactional: 1 prefix: p, sz: 99999999999999999999 content:",
                "COMMIT 7 (at 2026-11-21 12:41:28.304814+01)"
            })
    void whatIsNotUnderstoodIsSaidWithoutRepeatingIt(String message) {
        assertThatThrownBy(() -> heard(message))
                .isInstanceOf(IOException.class)
                .hasMessageMatching("unreadable change message: .* at byte \\d+")
                .hasMessageNotContaining("hello");
    }
}
