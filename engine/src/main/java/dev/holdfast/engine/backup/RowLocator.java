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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.postgresql.PGConnection;

/**
 * Finds the places of rows whose contents are known, by the key of their table. A row found must be the row wanted in all of its
 * columns; where one is not found this way, nothing is said of any.
 */
final class RowLocator {
    private static final int ROWS_PER_STATEMENT = 1000;
    private static final int FIRST_USER_TYPE = 16384;

    private final DatabaseExport export;
    private final TableRows table;
    private final List<Integer> key;

    RowLocator(DatabaseExport export, TableRows table) {
        this.export = export;
        this.table = table;
        this.key = table.keyIndexes();
    }

    /** Whether the key is one that values can be looked up by. */
    boolean isPossible() {
        return table.accessMethod().equals("heap")
                && table.condition() == null
                && !key.isEmpty()
                && key.stream().allMatch(i -> table.columns().get(i).typeOid() < FIRST_USER_TYPE);
    }

    /** As {@code (block,offset)}, in no order. {@code rows}: which the reader's snapshot sees. */
    Optional<List<RowPlace>> locate(Connection reader, LineBag rows) throws SQLException, IOException, InterruptedException {
        var places = new ArrayList<RowPlace>();
        boolean[] found = {true};
        export.read(reader, table, connection -> {
            var savepoint = connection.setSavepoint();
            try {
                Sql.execute(connection, "set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off");
                found[0] = locate(connection, rows, places);
            } catch (SQLException e) {
                // Whatever it does not like about such a key: the table can be read without it.
                found[0] = false;
            }
            connection.rollback(savepoint);
        });
        return found[0] ? Optional.of(places) : Optional.empty();
    }

    private boolean locate(Connection connection, LineBag rows, List<RowPlace> places) throws SQLException, IOException {
        var lines = new ArrayList<String>();
        boolean[] found = {true};
        rows.forEach((count, line) -> {
            lines.add(new String(line, StandardCharsets.ISO_8859_1));
            // Two rows cannot be equal where there is a key.
            found[0] &= count == 1;
        });
        for (int from = 0; found[0] && from < lines.size(); from += ROWS_PER_STATEMENT) {
            found[0] = locate(connection, lines.subList(from, Math.min(lines.size(), from + ROWS_PER_STATEMENT)), from == 0, places);
        }
        return found[0];
    }

    private boolean locate(Connection connection, List<String> lines, boolean first, List<RowPlace> places) throws SQLException, IOException {
        var values = new ArrayList<String>();
        for (var line : lines) {
            var value = keyOf(line);
            if (value.isEmpty()) {
                return false;
            }
            values.add(value.get());
        }
        var query = "select t.ctid, " + columns(IntStream.range(0, table.columns().size()).boxed().toList()) + " from (values "
                + String.join(", ", values) + ") k join only " + export.nameOf(table) + " t on " + condition();
        if (first && Sql.query(connection, "explain " + query, row -> row.getString(1)).stream().anyMatch(step -> step.contains("Seq Scan"))) {
            return false;
        }
        var wanted = new HashSet<>(lines);
        var out = new ByteArrayOutputStream();
        connection.unwrap(PGConnection.class).getCopyAPI().copyOut("copy (" + query + ") to stdout", out);
        take(out.toString(StandardCharsets.ISO_8859_1), wanted, places);
        return wanted.isEmpty();
    }

    private static void take(String rows, Set<String> wanted, List<RowPlace> places) {
        for (var row : rows.split("\n")) {
            int end = row.indexOf('\t');
            if (end > 0 && wanted.remove(row.substring(end + 1))) {
                places.add(RowPlace.parse(row.substring(0, end)));
            }
        }
    }

    /** Empty: it is not written in the same way in a line of COPY and in a statement of any encoding. */
    private Optional<String> keyOf(String line) {
        var fields = line.split("\t", -1);
        var values = new ArrayList<String>();
        for (int index : key) {
            var value = fields[index];
            if (value.chars().anyMatch(c -> c >= 0x80 || c == '\\')) {
                return Optional.empty();
            }
            values.add(Sql.literal(value) + "::" + table.columns().get(index).type());
        }
        return Optional.of("(" + String.join(", ", values) + ")");
    }

    private String condition() {
        return IntStream.range(0, key.size())
                .mapToObj(i -> columns(List.of(key.get(i))) + " operator(pg_catalog.=) k.column" + (i + 1))
                .collect(Collectors.joining(" and "));
    }

    private String columns(List<Integer> indexes) {
        return indexes.stream().map(table.columns()::get).map(ColumnData::name).map(name -> "t." + Sql.identifier(name)).collect(
                Collectors.joining(", "));
    }
}
