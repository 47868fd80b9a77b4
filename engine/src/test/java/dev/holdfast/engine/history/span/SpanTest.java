package dev.holdfast.engine.history.span;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.history.stream.TestDecoding;
import dev.holdfast.engine.schema.ColumnData;
import dev.holdfast.engine.schema.TableRows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is made of a stream, written as the plugin writes it. */
class SpanTest {
    private static final long INTEGER = 23;
    private static final long TEXT = 25;
    private static final long REGCLASS = 2205;

    @TempDir
    private Path directory;

    private final List<String> rows = new ArrayList<>();
    private Span span;
    private long end = Long.MAX_VALUE;
    private long place = 100;
    private long xid = 7;

    @BeforeEach
    void begin() {
        var filter = new TransactionFilter() {
            @Override
            public boolean wantsRows(long transaction, Lsn commit) {
                return true;
            }

            @Override
            public boolean isBeyond(Lsn commit) {
                return commit.value() >= end;
            }
        };
        span = new Span("secret", StandardCharsets.UTF_8, directory, filter, (table, commit, begins, line) -> rows.add(
                commit.value() + (begins ? " +" : " -") + table.oid() + " " + new String(line, StandardCharsets.UTF_8)));
    }

    private void track(long oid, String name, long... types) {
        var columns = IntStream.range(0, types.length)
                .mapToObj(i -> new ColumnData(i == 0 ? "id" : "c" + i, i + 1, types[i], "?"))
                .toList();
        span.track(new TableRows((int) oid, oid, "public", name, false, "heap", null, false, columns, true, List.of(1), true));
    }

    /** The next commit. */
    private void transaction(String... messages) throws IOException {
        var decoder = new TestDecoding(span, StandardCharsets.UTF_8);
        var all = new ArrayList<String>();
        all.add("BEGIN " + xid);
        all.addAll(List.of(messages));
        all.add("COMMIT " + xid++ + " (at 2026-11-21 12:00:00+00)");
        for (var message : all) {
            var bytes = message.getBytes(StandardCharsets.UTF_8);
            decoder.read(bytes, 0, bytes.length, new Lsn(place));
        }
        place += 100;
    }

    private static String insert(String table, int id, String value) {
        return "table public." + table + ": INSERT: id[integer]:" + id + " c1[text]:" + value;
    }

    private static String report(String content) {
        return forged(content.replace("{", "{\"secret\": \"secret\", "));
    }

    private static String forged(String content) {
        return "message: transactional: 1 prefix: holdfast, sz: " + content.getBytes(StandardCharsets.UTF_8).length + " content:" + content;
    }

    private static String ddl(long oid, String name, String... columns) {
        return ddl("ALTER TABLE", oid, name, columns);
    }

    private static String ddl(String tag, long oid, String name, String... columns) {
        var list = new ArrayList<String>();
        for (int i = 0; i < columns.length; i++) {
            list.add("[" + (i + 1) + ", \"" + columns[i] + "\", " + (i == 0 ? INTEGER : TEXT) + ", false]");
        }
        var content = "{\"secret\": \"secret\", \"kind\": \"ddl\", \"tag\": \"" + tag + "\", \"tables\": [{\"oid\": " + oid
                + ", \"schema\": \"public\", \"name\": \"" + name
                + "\", \"kind\": \"r\", \"persistence\": \"p\", \"identity\": \"f\", \"columns\": [" + String.join(", ", list)
                + "]}], \"retyped\": []}";
        return forged(content);
    }

    private TrackedTable table(long oid) {
        return span.table(oid).orElseThrow();
    }

    @Test
    void rowsAsCopyWritesThem() throws IOException {
        track(1, "t", INTEGER, TEXT);
        transaction(
                insert("t", 1, "'it''s\ta\\b\nc'"),
                "table public.t: UPDATE: old-key: id[integer]:1 c1[text]:'x' new-tuple: id[integer]:2 c1[text]:unchanged-toast-datum",
                "table public.t: DELETE: id[integer]:2",
                insert("t", 3, "''"));
        assertThat(rows).containsExactly("100 +1 1\tit's\\ta\\\\b\\nc", "100 -1 1\tx", "100 +1 2\tx", "100 -1 2\t\\N", "100 +1 3\t");
        assertThat(table(1).isBroken()).isFalse();
    }

    @Test
    void namesThatAreSwapped() throws IOException {
        track(1, "a", INTEGER, TEXT);
        track(2, "b", INTEGER, TEXT);
        transaction(
                insert("a", 1, "'1'"),
                ddl(1, "passing", "id", "c1"),
                ddl(2, "a", "id", "c1"),
                ddl(1, "b", "id", "c1"),
                insert("a", 2, "'2'"),
                insert("b", 1, "'1'"));
        transaction(insert("a", 3, "'2'"));
        assertThat(rows).containsExactly("100 +1 1\t1", "100 +2 2\t2", "100 +1 1\t1", "200 +2 3\t2");
        assertThat(table(1).isBroken() || table(2).isBroken()).isFalse();
        assertThat(table(1).isNamed("public", "b")).isTrue();
    }

    @Test
    void otherColumnsAreAnotherEpoch() throws IOException {
        track(1, "t", INTEGER, TEXT);
        transaction(insert("t", 1, "'a'"));
        transaction(insert("t", 2, "'lost with the break'"), ddl(1, "t", "id", "c1", "c2"));
        transaction("table public.t: INSERT: id[integer]:3 c1[text]:'b' c2[text]:'c'");
        assertThat(rows).containsExactly("100 +1 1\ta", "300 +1 3\tb\tc");
        assertThat(table(1).firstBreak().orElseThrow().lsn()).isEqualTo(new Lsn(200));
        assertThat(table(1).why()).isEqualTo("its columns were changed");
        assertThat(span.definitionChanges()).hasSize(1);
    }

    @Test
    void tablesThatComeAndGo() throws IOException {
        track(1, "t", INTEGER, TEXT);
        transaction(
                insert("new", 1, "'before it was reported'"),
                ddl("CREATE TABLE AS", 2, "new", "id", "c1"),
                insert("new", 2, "'x'"));
        transaction(insert("new", 3, "'y'"), report("{\"kind\": \"drop\", \"tag\": \"DROP TABLE\", \"dropped\": [1], \"tables\": []}"));
        assertThat(rows).containsExactly("200 +2 3\ty");
        assertThat(table(2).isKnown()).isFalse();
        assertThat(table(1).why()).isEqualTo("it was dropped");
        transaction("table public.new: TRUNCATE: cascade");
        assertThat(table(2).lastBreak().orElseThrow().lsn()).isEqualTo(new Lsn(300));
    }

    @Test
    void changesWithoutTheOldRowOrWithOtherColumns() throws IOException {
        track(1, "t", INTEGER, TEXT);
        track(2, "u", INTEGER, TEXT);
        track(3, "v");
        transaction("table public.t: UPDATE: id[integer]:1 c1[text]:'a'");
        transaction("table public.u: INSERT: id[integer]:1 other[text]:'a'");
        transaction("table public.v: DELETE: (no-tuple-data)", "table public.v: INSERT:");
        assertThat(table(1).why()).isEqualTo("a change came without the old row");
        assertThat(table(2).why()).isEqualTo("a change came with other columns than the table had");
        assertThat(rows).containsExactly("300 -3 ", "300 +3 ");
    }

    @Test
    void forgedMessagesMeanNothing() throws IOException {
        track(1, "t", INTEGER, TEXT);
        transaction(
                forged("{\"secret\": \"guessed\", \"kind\": \"drop\", \"dropped\": [1]}"),
                forged("{\"kind\": \"broken\"}"),
                forged("no json"),
                forged("[]"),
                forged("{}"),
                insert("t", 1, "'a'"));
        assertThat(table(1).isBroken()).isFalse();
        assertThat(span.definitionChanges()).isEmpty();
        assertThat(span.reportFailure()).isEmpty();
        assertThat(rows).hasSize(1);
    }

    @Test
    void whatPrintsOtherwise() throws IOException {
        track(1, "t", INTEGER, TEXT);
        track(2, "names", INTEGER, REGCLASS);
        track(3, "more_names", INTEGER, REGCLASS);
        transaction(report("{\"kind\": \"ddl\", \"tag\": \"ALTER TYPE\", \"tables\": [], \"retyped\": [1]}"));
        assertThat(table(1).why()).isEqualTo("a type of its columns was changed");
        assertThat(table(2).why()).contains("refer to by name");
    }

    @Test
    void namesOfObjectsOnlyWhenTheyMayHaveChanged() throws IOException {
        track(1, "t", INTEGER, TEXT);
        track(2, "names", INTEGER, REGCLASS);
        transaction(ddl(1, "t", "id", "c1"));
        transaction(ddl("CREATE TABLE", 5, "fresh", "id"));
        assertThat(table(2).isBroken()).isFalse();
        transaction(ddl(1, "renamed", "id", "c1"));
        assertThat(table(2).firstBreak().orElseThrow().lsn()).isEqualTo(new Lsn(300));
    }

    @Test
    void aFailureOfTheReports() throws IOException {
        transaction(report("{\"kind\": \"broken\", \"tag\": \"ALTER TABLE\", \"error\": \"no disk\"}"));
        assertThat(span.reportFailure()).contains("the event trigger failed at ALTER TABLE: no disk");
        assertThat(span.definitionChanges()).hasSize(1);
    }

    @Test
    void beyondTheEndNothingHasHappened() throws IOException {
        end = 200;
        track(1, "t", INTEGER, TEXT);
        transaction(insert("t", 1, "'a'"));
        transaction(
                insert("t", 2, "'b'"),
                ddl(1, "renamed", "id"),
                report("{\"kind\": \"broken\", \"tag\": \"ALTER TABLE\", \"error\": \"\"}"),
                ddl("CREATE TABLE", 5, "fresh", "id"));
        assertThat(rows).containsExactly("100 +1 1\ta");
        assertThat(table(1).isBroken()).isFalse();
        assertThat(table(1).isNamed("public", "t")).isTrue();
        assertThat(table(1).columns()).hasSize(2);
        assertThat(span.table(5)).isEmpty();
        assertThat(span.reportFailure()).isEmpty();
    }

    @Test
    void aTransactionThatDoesNotFitIntoMemory() throws IOException {
        track(1, "t", INTEGER, TEXT);
        var messages = IntStream.range(0, 3000).mapToObj(i -> insert("t", i, "'" + "x".repeat(8000) + "'")).toArray(String[]::new);
        transaction(messages);
        assertThat(rows).hasSize(3000);
        assertThat(rows.getFirst()).startsWith("100 +1 0\t");
        assertThat(rows.getLast()).startsWith("100 +1 2999\t");
        assertThat(directory).isEmptyDirectory();
    }
}
