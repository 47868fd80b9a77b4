package dev.holdfast.engine.backup;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.history.span.LineBag;
import dev.holdfast.engine.schema.ColumnData;
import dev.holdfast.engine.schema.TableRows;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the places of rows whose contents are known, by the key of their table. A row found must be the row wanted in all of its
 * columns; where one is not found this way, or not in time, nothing is said of any.
 */
final class RowLocator {
    private static final Logger LOG = LoggerFactory.getLogger(RowLocator.class);
    private static final int ROWS_PER_STATEMENT = 1000;

    private final DatabaseExport export;
    private final TableRows table;
    private final List<Integer> key;

    RowLocator(DatabaseExport export, TableRows table) {
        this.export = export;
        this.table = table;
        this.key = table.keyIndexes();
    }

    /** Whether the table has places, and a key. */
    boolean isPossible() {
        return table.accessMethod().equals("heap") && table.condition() == null && !key.isEmpty();
    }

    /** {@code rows}: which the reader's snapshot sees. */
    Optional<RowPlaces> locate(Connection reader, LineBag rows, Duration within) throws SQLException, IOException, InterruptedException {
        var lines = new ArrayList<String>();
        var keys = new ArrayList<String>();
        rows.forEach((count, line) -> {
            var text = new String(line, StandardCharsets.ISO_8859_1);
            lines.add(text);
            keyOf(text).ifPresent(keys::add);
        });
        if (keys.size() < lines.size()) {
            return Optional.empty();
        }
        var places = new RowPlaces.Builder();
        boolean[] found = new boolean[1];
        export.read(reader, table, connection -> {
            var savepoint = connection.setSavepoint();
            try {
                found[0] = locate(connection, lines, keys, within, places);
            } catch (SQLException e) {
                // Whatever it does not like about such a key: the table can be read without it. A lost connection shows below.
                LOG.debug("rows of {} are not looked for by their key: {}", export.nameOf(table), e.getMessage());
            }
            connection.rollback(savepoint);
            connection.releaseSavepoint(savepoint);
        });
        return found[0] ? Optional.of(places.build()) : Optional.empty();
    }

    private boolean locate(Connection connection, List<String> lines, List<String> keys, Duration within, RowPlaces.Builder places)
            throws SQLException, IOException {
        long deadline = System.nanoTime() + within.toNanos();
        Sql.execute(connection, "set local enable_seqscan = off");
        Sql.execute(connection, "set local enable_hashjoin = off");
        Sql.execute(connection, "set local enable_mergejoin = off");
        Sql.execute(connection, "set local statement_timeout = " + within.toMillis());
        for (int from = 0; from < lines.size(); from += ROWS_PER_STATEMENT) {
            int to = Math.min(lines.size(), from + ROWS_PER_STATEMENT);
            var query = query(keys.subList(from, to));
            var wanted = new HashSet<>(lines.subList(from, to));
            // Where there is a key no two rows are equal.
            if (wanted.size() < to - from || from == 0 && !isByIndex(connection, query)) {
                return false;
            }
            var out = new ByteArrayOutputStream();
            connection.unwrap(PGConnection.class).getCopyAPI().copyOut("copy (" + query + ") to stdout", out);
            take(out.toString(StandardCharsets.ISO_8859_1), wanted, places);
            if (!wanted.isEmpty() || System.nanoTime() > deadline) {
                return false;
            }
        }
        return true;
    }

    private String query(List<String> keys) {
        return "select t.ctid, " + table.columns().stream().map(RowLocator::nameOf).collect(Collectors.joining(", ")) + " from (values "
                + String.join(", ", keys) + ") k join only " + export.nameOf(table) + " t on " + condition();
    }

    /** The index may be another one than it was, or be gone. */
    private static boolean isByIndex(Connection connection, String query) throws SQLException {
        var plan = String.join("\n", Sql.query(connection, "explain " + query, row -> row.getString(1)));
        return plan.contains("Index Cond:") && !plan.contains("Seq Scan") && !plan.contains("Join Filter:");
    }

    private static void take(String rows, Set<String> wanted, RowPlaces.Builder places) {
        for (var row : rows.split("\n")) {
            int end = row.indexOf('\t');
            if (end > 0 && wanted.remove(row.substring(end + 1))) {
                places.add(row.substring(0, end));
            }
        }
    }

    /** Empty: what a line of COPY has there cannot be written into a statement as it is. */
    private Optional<String> keyOf(String line) {
        var fields = line.split("\t", -1);
        var values = new ArrayList<String>();
        for (int index : key) {
            var value = fields[index];
            if (value.chars().anyMatch(c -> c >= 0x80) || value.replace("\\\\", "").indexOf('\\') >= 0) {
                return Optional.empty();
            }
            values.add(Sql.literal(value.replace("\\\\", "\\")) + "::" + table.columns().get(index).type());
        }
        return Optional.of("(" + String.join(", ", values) + ")");
    }

    private String condition() {
        return IntStream.range(0, key.size())
                .mapToObj(i -> nameOf(table.columns().get(key.get(i))) + " operator(pg_catalog.=) k.column" + (i + 1))
                .collect(Collectors.joining(" and "));
    }

    private static String nameOf(ColumnData column) {
        return "t." + Sql.identifier(column.name());
    }
}
