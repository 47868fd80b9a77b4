package dev.holdfast.engine.restore;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.job.Workers;
import dev.holdfast.engine.schema.DatabaseSchema;
import dev.holdfast.engine.schema.SchemaObject;
import dev.holdfast.engine.schema.SchemaWriter;
import dev.holdfast.engine.schema.Section;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Executes the definitions of a schema in the database that is being filled, section by section. */
final class Definitions {
    /** DDL takes locks until its transaction ends, and the lock table has an end. */
    private static final int OBJECTS_PER_TRANSACTION = 50;

    private final String database;
    private final DatabaseSchema schema;
    private final Progress progress;
    private final JobContext context;
    private final Consumer<String> notices;
    private final String sessionSettings;

    /** {@code sessionSettings} are executed on every connection; may be empty. */
    Definitions(
            String database,
            DatabaseSchema schema,
            Progress progress,
            JobContext context,
            Consumer<String> notices,
            String sessionSettings) {
        this.database = database;
        this.schema = schema;
        this.progress = progress;
        this.context = context;
        this.notices = notices;
        this.sessionSettings = sessionSettings;
    }

    private Connection open() throws SQLException {
        var connection = context.connect(database);
        if (!sessionSettings.isEmpty()) {
            Sql.execute(connection, sessionSettings);
        }
        return connection;
    }

    private SchemaWriter writer(Connection connection) throws SQLException {
        return new SchemaWriter(connection, schema, SchemaWriter.Ownership.KEEP, notices);
    }

    /** One object after the other: each may need any one before it. Not repeated in parts; a crash starts it over. */
    void inOrder(Section section) throws SQLException {
        try (var connection = open()) {
            var writer = writer(connection);
            connection.setAutoCommit(false);
            int written = 0;
            for (var object : schema.objects()) {
                if (object.section() == section) {
                    context.checkInterrupted();
                    writer.write(object);
                    if (++written % OBJECTS_PER_TRANSACTION == 0) {
                        connection.commit();
                    }
                }
            }
            connection.commit();
        }
    }

    /** Like {@link #inOrder}, but what an earlier attempt has done is not done again. */
    void inOrderOnce(Section section) throws SQLException {
        try (var connection = open()) {
            var done = progress.objects(connection);
            var writer = writer(connection);
            connection.setAutoCommit(false);
            for (var object : schema.objects()) {
                if (object.section() == section && !done.contains(object.id())) {
                    context.checkInterrupted();
                    writer.write(object);
                    progress.objectDone(connection, object.id());
                    connection.commit();
                }
            }
        }
    }

    /** By several connections, each object as soon as those of the section that it needs are there: indexes, above all. */
    void inParallelOnce(Section section, int connections, Consumer<Double> fraction)
            throws SQLException, IOException, InterruptedException {
        Set<Integer> done;
        try (var connection = open()) {
            done = progress.objects(connection);
        }
        var queue = new ReadyQueue(schema.objects().stream().filter(o -> o.section() == section).toList(), done);
        Workers.run("define-" + context.id(), connections, () -> {
            try (var connection = open()) {
                var writer = writer(connection);
                connection.setAutoCommit(false);
                for (var object = queue.take(); object != null; object = queue.take()) {
                    boolean finished = false;
                    try {
                        context.checkInterrupted();
                        writer.write(object);
                        progress.objectDone(connection, object.id());
                        connection.commit();
                        finished = true;
                        fraction.accept(queue.fractionDone());
                    } finally {
                        queue.done(object, finished);
                    }
                }
            }
        });
    }

    /** Objects whose needs are met, in their order. */
    private static final class ReadyQueue {
        private final List<SchemaObject> waiting;
        private final Map<Integer, Set<Integer>> needs = new HashMap<>();
        private final int total;
        private int running;
        private int finished;
        private boolean failed;

        ReadyQueue(List<SchemaObject> objects, Set<Integer> done) {
            this.waiting = new ArrayList<>(objects.stream().filter(o -> !done.contains(o.id())).toList());
            this.total = Math.max(1, waiting.size());
            var ids = new HashSet<Integer>();
            waiting.forEach(object -> ids.add(object.id()));
            for (var object : waiting) {
                var open = new HashSet<>(object.dependsOn());
                open.retainAll(ids);
                needs.put(object.id(), open);
            }
        }

        /** Null when nothing is left for this caller, or somebody has failed. */
        synchronized SchemaObject take() throws InterruptedException {
            while (!failed) {
                for (var iterator = waiting.iterator(); iterator.hasNext(); ) {
                    var object = iterator.next();
                    if (needs.get(object.id()).isEmpty()) {
                        iterator.remove();
                        running++;
                        return object;
                    }
                }
                if (running == 0) {
                    if (!waiting.isEmpty()) {
                        throw new IllegalStateException("objects need each other: " + waiting.getFirst().identity());
                    }
                    return null;
                }
                wait();
            }
            return null;
        }

        synchronized void done(SchemaObject object, boolean success) {
            running--;
            finished++;
            failed |= !success;
            needs.values().forEach(open -> open.remove(object.id()));
            notifyAll();
        }

        synchronized double fractionDone() {
            return (double) finished / total;
        }
    }
}
