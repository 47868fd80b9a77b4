package dev.holdfast.engine.restore;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.job.Workers;
import dev.holdfast.engine.schema.ColumnData;
import dev.holdfast.engine.schema.TableRows;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.postgresql.PGConnection;

/**
 * Applies the changes that stand in the staging tables: their net, as a multiset of rows. A row that is to go has to be there,
 * value for value, or nothing is restored: that finds every gap in a chain.
 */
final class ChangesApply {
    /** As many arguments as are sure to be taken by a function. */
    private static final int MOST_HASHED = 40;

    private final String database;
    private final Queue<TableRows> tables;
    private final Progress progress;
    private final String setUp;
    private final JobContext context;

    ChangesApply(String database, Collection<TableRows> tables, Progress progress, String setUp, JobContext context) {
        this.database = database;
        this.tables = new ConcurrentLinkedQueue<>(tables);
        this.progress = progress;
        this.setUp = setUp;
        this.context = context;
    }

    void run(int connections) throws SQLException, IOException, InterruptedException {
        Workers.run("apply-" + context.id(), connections, () -> {
            // One connection cannot copy out and in at once.
            try (var connection = open();
                    var source = open()) {
                for (var table = tables.poll(); table != null; table = tables.poll()) {
                    context.checkInterrupted();
                    if (isStaged(source, table)) {
                        net(source, table);
                        connection.setAutoCommit(false);
                        apply(connection, source, table);
                        connection.commit();
                        connection.setAutoCommit(true);
                    }
                }
            }
        });
    }

    private Connection open() throws SQLException {
        var connection = context.connectForCopy(database);
        if (!setUp.isEmpty()) {
            Sql.execute(connection, setUp);
        }
        Sql.execute(connection, "set session_replication_role = replica");
        return connection;
    }

    /** Not staged any more when an earlier attempt has applied them. */
    private boolean isStaged(Connection connection, TableRows table) throws SQLException {
        return Sql.one(
                connection,
                "select pg_catalog.to_regclass(?) is not null",
                row -> row.getBoolean(1),
                Staging.name(progress.schema(), table));
    }

    private static List<String> columns(TableRows table) {
        return IntStream.range(0, table.columns().size()).mapToObj(Staging::column).toList();
    }

    private void net(Connection connection, TableRows table) throws SQLException {
        var net = Staging.net(progress.schema(), table);
        var columns = String.join(", ", columns(table));
        Sql.execute(
                connection,
                "drop table if exists " + net + "; create unlogged table " + net + " as select pg_catalog.sum(n)::int8 as n"
                        + (columns.isEmpty() ? "" : ", " + columns) + " from " + Staging.name(progress.schema(), table)
                        + (columns.isEmpty() ? "" : " group by " + columns) + " having pg_catalog.sum(n) <> 0; analyze " + net);
    }

    private void apply(Connection connection, Connection source, TableRows table) throws SQLException {
        var net = Staging.net(progress.schema(), table);
        long wanted = Sql.one(
                connection, "select coalesce(-pg_catalog.sum(n), 0)::int8 from " + net + " where n < 0", row -> row.getLong(1));
        if (wanted > 0) {
            long deleted = Sql.update(connection, delete(table, net));
            if (deleted != wanted) {
                throw HoldfastException.of(
                        SqlState.DATA_CORRUPTED,
                        "the layers of the backup do not fit together: of " + wanted + " rows of table \"" + table.schema() + "."
                                + table.name() + "\" that changed, " + deleted + " are there");
            }
        }
        insert(connection, source, table, net);
        Sql.execute(connection, "drop table " + net + ", " + Staging.name(progress.schema(), table));
    }

    private static String name(TableRows table) {
        return Sql.identifier(table.schema()) + "." + Sql.identifier(table.name());
    }

    private static String delete(TableRows table, String net) {
        return "delete from only " + name(table) + " where ctid in (select place from (select t.ctid as place, s.n,"
                + " pg_catalog.row_number() over (partition by s.ctid) as number from only " + name(table) + " t join " + net
                + " s on s.n < 0" + conditions(table) + ") found where number <= -n)";
    }

    /** First what can be hashed, then every value: as its type prints it, which is what the backup holds. */
    private static String conditions(TableRows table) {
        var conditions = new StringBuilder();
        var keys = table.keyIndexes();
        if (!keys.isEmpty()) {
            for (int i : keys) {
                conditions.append(" and pg_catalog.concat(t.").append(quoted(table, i)).append(") = s.").append(Staging.column(i));
            }
        } else if (!table.columns().isEmpty()) {
            var ours = new ArrayList<String>();
            var theirs = new ArrayList<String>();
            for (int i = 0; i < Math.min(table.columns().size(), MOST_HASHED); i++) {
                ours.add("t." + quoted(table, i));
                theirs.add("s." + Staging.column(i));
            }
            conditions.append(" and pg_catalog.concat(").append(String.join(", '|', ", ours)).append(") = pg_catalog.concat(")
                    .append(String.join(", '|', ", theirs)).append(")");
        }
        for (int i = 0; i < table.columns().size(); i++) {
            var ours = "t." + quoted(table, i);
            conditions.append(" and case when ").append(ours).append(" is not distinct from null then null else pg_catalog.concat(")
                    .append(ours).append(") end is not distinct from s.").append(Staging.column(i));
        }
        return conditions.toString();
    }

    private static String quoted(TableRows table, int index) {
        return Sql.identifier(table.columns().get(index).name());
    }

    private void insert(Connection connection, Connection source, TableRows table, String net) throws SQLException {
        var names = table.columns().stream().map(ColumnData::name).map(Sql::identifier).collect(Collectors.joining(", "));
        var out = source.unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut("copy (select " + String.join(", ", columns(table)) + " from " + net
                        + ", pg_catalog.generate_series(1, n) where n > 0) to stdout");
        var in = connection.unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("copy " + name(table) + (names.isEmpty() ? "" : " (" + names + ")") + " from stdin");
        try {
            for (var piece = out.readFromCopy(); piece != null; piece = out.readFromCopy()) {
                in.writeToCopy(piece, 0, piece.length);
                context.checkInterrupted();
            }
            in.endCopy();
        } finally {
            if (in.isActive()) {
                in.cancelCopy();
            }
        }
    }
}
