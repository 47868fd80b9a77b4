package dev.holdfast.engine.restore;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.schema.DatabaseSchema;
import dev.holdfast.engine.schema.SchemaWriter;
import dev.holdfast.engine.schema.Section;
import dev.holdfast.engine.schema.TableRows;
import dev.holdfast.engine.system.SystemDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Restores one database: under a passing name and closed to everybody, until it is whole; then it gets its name in one
 * transaction.
 */
final class DatabaseRestore {
    private static final String PROGRESS_SCHEMA = "holdfast_restore_progress";
    private static final int RENAME_ATTEMPTS = 60;
    private static final String COMPLETE = "holdfast: restored, not yet published";

    private final RestorePlan plan;
    private final RestorePlan.DatabasePlan target;
    private final String hidden;
    private final int connections;
    private final JobContext context;
    private final Consumer<String> notices;
    private final DatabaseSchema schema;

    DatabaseRestore(
            RestorePlan plan, RestorePlan.DatabasePlan target, int number, int connections, JobContext context, Consumer<String> notices) {
        this.plan = plan;
        this.target = target;
        this.hidden = hiddenName(context, number);
        this.connections = connections;
        this.context = context;
        this.notices = notices;
        this.schema = target.descriptor().schema();
    }

    private static String hiddenName(JobContext context, int number) {
        return "holdfast_restore_" + context.id() + "_" + number;
    }

    /** Removes what an unfinished restore of {@code count} databases has left. */
    static void remove(int count, JobContext context) throws SQLException {
        try (var connection = context.connect(SystemDatabase.NAME)) {
            for (int i = 0; i < count; i++) {
                Sql.execute(connection, "drop database if exists " + Sql.identifier(hiddenName(context, i)) + " with (force)");
            }
        }
    }

    /** Builds the database and leaves it hidden. */
    void build(double from, double to) throws SQLException, IOException, InterruptedException {
        if (isComplete()) {
            return;
        }
        var progress = prepare();
        Optional<Progress.Stage> stage;
        try (var connection = context.connect(hidden)) {
            stage = progress.stage(connection);
        }
        var definitions = new Definitions(hidden, schema, progress, context, notices, "");
        if (stage.isEmpty()) {
            definitions.inOrder(Section.PRE_DATA);
            try (var connection = context.connect(hidden)) {
                new SchemaWriter(connection, schema, SchemaWriter.Ownership.KEEP, notices).writeLargeObjects();
                progress.reach(connection, Progress.Stage.DEFINED);
            }
        }
        double loaded = from + (to - from) * 0.7;
        if (stage.isEmpty() || stage.get() == Progress.Stage.DEFINED) {
            load(progress, new RowLoad.ProgressShare(from, loaded));
        }
        new ChangesApply(hidden, schema.tables(), progress, "", context).run(connections);
        definitions.inParallelOnce(Section.POST_DATA, connections, fraction -> progressTo(loaded + (to - loaded) * 0.8 * fraction));
        Statistics.analyze(hidden, schema, connections, context);
        definitions.inOrderOnce(Section.LINKS);
        checkRows(progress);
        complete(progress);
    }

    private boolean isComplete() throws SQLException {
        try (var system = context.connect(SystemDatabase.NAME)) {
            return Sql.first(
                            system,
                            """
                            select from pg_catalog.pg_database d
                            where datname = ? and pg_catalog.shobj_description(d.oid, 'pg_database') = ?
                            """,
                            row -> true,
                            hidden,
                            COMPLETE)
                    .isPresent();
        }
    }

    private void progressTo(double fraction) {
        try {
            context.progress(fraction);
        } catch (SQLException e) {
            throw Upstream.translate(e);
        }
    }

    /** An attempt that died before its tables were defined left nothing worth keeping. */
    private Progress prepare() throws SQLException {
        try (var system = context.connect(SystemDatabase.NAME)) {
            if (RestorePlan.databaseExists(system, hidden)) {
                try (var connection = context.connect(hidden)) {
                    var earlier = Progress.adopt(connection, PROGRESS_SCHEMA);
                    if (earlier.isPresent() && earlier.get().stage(connection).isPresent()) {
                        UnloggedTables.forgetLost(connection, schema.tables(), earlier.get());
                        return earlier.get();
                    }
                }
                Sql.execute(system, "drop database " + Sql.identifier(hidden) + " with (force)");
            }
            for (var statement : schema.properties().createStatements(hidden)) {
                createDatabase(system, statement);
            }
            // Superusers still can, so we can.
            Sql.execute(system, "alter database " + Sql.identifier(hidden) + " connection limit 0");
        }
        try (var connection = context.connect(hidden)) {
            return Progress.create(connection, PROGRESS_SCHEMA);
        }
    }

    private void createDatabase(Connection system, String statement) throws SQLException {
        try {
            Sql.execute(system, statement);
        } catch (SQLException e) {
            throw Upstream.translate(e)
                    .withPrefix("could not create database \"" + target.name() + "\" with the encoding and locale of the backup: ");
        }
    }

    private void load(Progress progress, RowLoad.ProgressShare share) throws SQLException, IOException, InterruptedException {
        var tables = new HashMap<Integer, TableRows>();
        // Tables that CREATE EXTENSION has made have foreign keys already: in their order, after the others.
        schema.tables().stream().filter(table -> !table.extensionTable()).forEach(table -> tables.put(table.objectId(), table));
        loader(tables, progress, share).run(connections, !schema.largeObjects().isEmpty());
        for (var table : schema.tables()) {
            if (table.extensionTable()) {
                loader(Map.of(table.objectId(), table), progress, share).run(1, false);
            }
        }
        new ChangesLoad(target.sources(), hidden, schema.tables(), progress, "", context).run();
        try (var connection = context.connect(hidden)) {
            for (var sequence : schema.sequences()) {
                Sql.execute(connection, sequence.statement());
            }
            progress.reach(connection, Progress.Stage.LOADED);
        }
    }

    private RowLoad loader(Map<Integer, TableRows> tables, Progress progress, RowLoad.ProgressShare share) {
        return new RowLoad(target.sources(), hidden, tables, progress, context, share);
    }

    /** What was loaded against what the backup says it holds. */
    private void checkRows(Progress progress) throws SQLException {
        Map<Integer, Long> loaded;
        try (var connection = context.connect(hidden)) {
            UnloggedTables.requireKept(connection, schema.tables(), progress);
            loaded = progress.rows(connection);
        }
        RowCounts.check(plan.uri(), target.sources(), schema.tables(), loaded);
    }

    /**
     * The last transaction in the hidden database. Our own tables go before the event triggers come, which would fire for
     * that; from then on a comment says that the database is complete.
     */
    private void complete(Progress progress) throws SQLException {
        try (var connection = context.connect(hidden)) {
            var writer = new SchemaWriter(connection, schema, SchemaWriter.Ownership.KEEP, notices);
            connection.setAutoCommit(false);
            progress.drop(connection);
            writer.grantLargeObjects();
            writer.write(Section.FINISH, object -> true);
            Statistics.analyzeRefreshed(connection, schema);
            Sql.execute(connection, "comment on database " + Sql.identifier(hidden) + " is " + Sql.literal(COMPLETE));
            connection.commit();
        }
    }

    /** Makes the databases visible, all in one transaction, in which the job's {@code checkpoint} says so too. */
    static void publish(List<DatabaseRestore> databases, Object checkpoint, JobContext context)
            throws SQLException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try (var connection = context.connect(SystemDatabase.NAME)) {
                connection.setAutoCommit(false);
                for (var database : databases) {
                    database.rename(connection);
                }
                context.saveCheckpoint(connection, checkpoint);
                connection.commit();
                return;
            } catch (SQLException e) {
                // 55006: an administrator's tool, or autovacuum, is in one of them, and has nothing to do there yet.
                if (!"55006".equals(e.getSQLState()) || attempt == RENAME_ATTEMPTS) {
                    throw e;
                }
                context.checkInterrupted();
                endSessionsIn(databases, context);
                Thread.sleep(500);
            }
        }
    }

    private static void endSessionsIn(List<DatabaseRestore> databases, JobContext context) throws SQLException {
        try (var connection = context.connect(SystemDatabase.NAME)) {
            for (var database : databases) {
                Sql.query(
                        connection,
                        "select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where datname = ?",
                        row -> row.getBoolean(1),
                        database.hidden);
            }
        }
    }

    private void rename(Connection connection) throws SQLException {
        var properties = schema.properties();
        var name = target.name();
        try {
            Sql.execute(connection, "alter database " + Sql.identifier(hidden) + " rename to " + Sql.identifier(name));
        } catch (SQLException e) {
            if ("42P04".equals(e.getSQLState())) {
                throw RestorePlan.databaseExists(name);
            }
            throw e;
        }
        Sql.execute(connection, "alter database " + Sql.identifier(name) + " connection limit -1");
        Sql.execute(connection, "comment on database " + Sql.identifier(name) + " is null");
        var roles = Set.copyOf(Sql.query(connection, "select rolname from pg_catalog.pg_roles", row -> row.getString(1)));
        if (roles.contains(properties.owner())) {
            Sql.execute(connection, properties.ownerStatement(name));
        } else {
            notices.accept("role \"" + properties.owner() + "\" does not exist, database \"" + name + "\" belongs to the user of Holdfast");
        }
        for (var statement : properties.propertyStatements(name)) {
            Sql.execute(connection, statement);
        }
        for (var grant : properties.roleStatements(name)) {
            if (roles.containsAll(grant.roles())) {
                Sql.execute(connection, grant.statement());
            } else {
                notices.accept("not all roles of a grant on database \"" + name + "\" exist, skipping: " + grant.statement());
            }
        }
        for (var statement : properties.labelStatements(name)) {
            var savepoint = connection.setSavepoint();
            try {
                Sql.execute(connection, statement);
            } catch (SQLException e) {
                connection.rollback(savepoint);
                notices.accept("database \"" + name + "\": " + Upstream.translate(e).getMessage());
            }
        }
    }
}
