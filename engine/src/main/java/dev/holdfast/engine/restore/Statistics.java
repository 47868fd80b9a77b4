package dev.holdfast.engine.restore;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.job.Workers;
import dev.holdfast.engine.schema.TableRows;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Makes the planner's statistics, so that the first query after a restore is planned as well as the last one before. */
final class Statistics {
    private Statistics() {}

    /** {@code parents} are qualified names of partitioned tables, which have statistics of their own. */
    static void analyze(String database, Collection<TableRows> tables, List<String> parents, int connections, JobContext context)
            throws SQLException, IOException, InterruptedException {
        var names = new ConcurrentLinkedQueue<String>();
        tables.forEach(table -> names.add(Sql.identifier(table.schema()) + "." + Sql.identifier(table.name())));
        names.addAll(parents);
        Workers.run("analyze-" + context.id(), Math.max(1, Math.min(connections, names.size())), () -> {
            try (var connection = context.connect(database)) {
                for (var name = names.poll(); name != null; name = names.poll()) {
                    context.checkInterrupted();
                    Sql.execute(connection, "analyze " + name);
                }
            }
        });
    }
}
