package dev.holdfast.engine.restore;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.job.Workers;
import dev.holdfast.engine.schema.DatabaseSchema;
import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.SchemaObject;
import dev.holdfast.engine.schema.TableRows;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/** Makes the planner's statistics, so that the first query after a restore is planned as well as the last one before. */
final class Statistics {
    private Statistics() {}

    /** All tables, and partitioned ones too, which have statistics of their own. */
    static void analyze(String database, DatabaseSchema schema, int connections, JobContext context)
            throws SQLException, IOException, InterruptedException {
        var names = new ConcurrentLinkedQueue<String>();
        schema.tables().forEach(table -> names.add(Sql.identifier(table.schema()) + "." + Sql.identifier(table.name())));
        var withRows = schema.tables().stream().map(TableRows::objectId).collect(Collectors.toSet());
        schema.objects().stream()
                .filter(object -> object.kind() == ObjectKind.TABLE && !withRows.contains(object.id()))
                .forEach(object -> names.add(name(object)));
        Workers.run("analyze-" + context.id(), Math.max(1, Math.min(connections, names.size())), () -> {
            try (var connection = context.connect(database)) {
                for (var name = names.poll(); name != null; name = names.poll()) {
                    context.checkInterrupted();
                    Sql.execute(connection, "analyze " + name);
                }
            }
        });
    }

    /** Materialized views are filled last, in the transaction that finishes the work; this belongs to it. */
    static void analyzeRefreshed(Connection connection, DatabaseSchema schema) throws SQLException {
        for (var object : schema.objects()) {
            if (object.kind() == ObjectKind.REFRESH) {
                Sql.execute(connection, "analyze " + name(object));
            }
        }
    }

    private static String name(SchemaObject object) {
        return Sql.identifier(object.schema()) + "." + Sql.identifier(object.name());
    }
}
