package dev.holdfast.engine.restore;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.schema.DatabaseSchema;
import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.SchemaObject;
import dev.holdfast.engine.schema.SchemaWriter;
import dev.holdfast.engine.schema.Section;
import dev.holdfast.engine.schema.SequencePosition;
import dev.holdfast.engine.schema.TableRows;
import dev.holdfast.engine.schema.catalog.SchemaReader;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Restores tables into a database that is in use: in staging schemas that nobody else may look into, until everything is
 * there; then one transaction moves all of it to its place.
 */
final class TablesRestore {
    /**
     * What an administrator hung on DDL is not meant for the building: it would see objects that are not there yet. Row
     * triggers and rules stay out of the loading.
     */
    private static final String BUILDING = "set session_replication_role = replica";

    private final RestorePlan plan;
    private final RestorePlan.TablesPlan target;
    private final String prefix;
    private final int connections;
    private final JobContext context;
    private final Consumer<String> notices;
    private Staged staged;
    private Progress progress;
    private Optional<Progress.Stage> stage = Optional.empty();

    TablesRestore(
            RestorePlan plan, RestorePlan.TablesPlan target, int number, int connections, JobContext context, Consumer<String> notices) {
        this.plan = plan;
        this.target = target;
        this.prefix = prefix(context, number);
        this.connections = connections;
        this.context = context;
        this.notices = notices;
    }

    private static String prefix(JobContext context, int number) {
        return "holdfast_restore_" + context.id() + "_" + number;
    }

    /** Removes what an unfinished restore has left in the databases. */
    static void remove(List<String> databases, JobContext context) throws SQLException {
        for (int i = 0; i < databases.size(); i++) {
            try (var system = context.connect(context.upstream().uri().database())) {
                if (!RestorePlan.databaseExists(system, databases.get(i))) {
                    continue;
                }
            }
            try (var connection = context.connect(databases.get(i))) {
                dropSchemas(connection, prefix(context, i));
            }
        }
    }

    private static void dropSchemas(Connection connection, String prefix) throws SQLException {
        Sql.execute(connection, BUILDING);
        var schemas = Sql.query(
                connection,
                "select nspname from pg_catalog.pg_namespace where nspname = ? or pg_catalog.starts_with(nspname, ?)",
                row -> row.getString(1),
                prefix,
                prefix + "_");
        for (var schema : schemas) {
            Sql.execute(connection, "drop schema if exists " + Sql.identifier(schema) + " cascade");
        }
    }

    /** Takes over what an earlier attempt has done. True when everything is published already. */
    boolean adopt() throws SQLException {
        try (var connection = open()) {
            var earlier = Progress.adopt(connection, prefix);
            if (earlier.isPresent()) {
                progress = earlier.get();
                stage = progress.stage(connection);
            }
            return isPublished();
        }
    }

    private boolean isPublished() {
        return stage.isPresent() && stage.get() == Progress.Stage.PUBLISHED;
    }

    /** Builds everything and leaves it in the staging schemas. */
    void build(double from, double to) throws SQLException, IOException, InterruptedException {
        if (isPublished()) {
            return;
        }
        staged = stage();
        if (stage.isEmpty()) {
            define();
        } else {
            try (var connection = open()) {
                UnloggedTables.forgetLost(connection, staged.schema().tables(), progress);
                stage = progress.stage(connection);
            }
        }
        double loaded = from + (to - from) * 0.7;
        if (stage.isEmpty() || stage.get() == Progress.Stage.DEFINED) {
            load(new RowLoad.ProgressShare(from, loaded));
        }
        new ChangesApply(target.database(), staged.schema().tables(), progress, BUILDING, context).run(connections);
        var definitions = new Definitions(target.database(), staged.schema(), progress, context, notices, BUILDING);
        definitions.inParallelOnce(Section.POST_DATA, connections, fraction -> progressTo(loaded + (to - loaded) * 0.8 * fraction));
        Statistics.analyze(target.database(), staged.schema(), connections, context);
        definitions.inOrderOnce(Section.LINKS);
        try (var connection = open()) {
            UnloggedTables.requireKept(connection, staged.schema().tables(), progress);
            RowCounts.check(plan.uri(), target.sources(), staged.schema().tables(), progress.rows(connection));
        }
    }

    private Connection open() throws SQLException {
        var connection = context.connect(target.database());
        Sql.execute(connection, BUILDING);
        return connection;
    }

    private void progressTo(double fraction) {
        try {
            context.progress(fraction);
        } catch (SQLException e) {
            throw Upstream.translate(e);
        }
    }

    // ---- names ----

    /**
     * @param schema what is to be built, under its staging names
     * @param original the same objects as the backup has them
     * @param newSchemas of the source that the database lacks
     */
    private record Staged(DatabaseSchema schema, List<SchemaObject> original, List<SchemaObject> newSchemas, StagedNames names, Set<String> stagingSchemas) {}

    /** The same after every restart: it depends on the backup and on what the database has beside the restore. */
    private Staged stage() throws SQLException {
        var live = readLive();
        var objects = new ArrayList<SchemaObject>();
        var newSchemas = new ArrayList<SchemaObject>();
        for (var object : target.schema().objects()) {
            if (target.names().leavesOut(object)) {
                notices.accept("foreign key \"" + object.name() + "\" is left out of the restored table");
                continue;
            }
            switch (object.kind()) {
                case SCHEMA -> {
                    if (!live.hasSchema(object.name())) {
                        newSchemas.add(object);
                    }
                }
                case EXTENSION -> live.requireExtension(object, target.database());
                case TYPE, DOMAIN, SHELL_TYPE, COLLATION -> {
                    if (!live.reuses(object)) {
                        objects.add(object);
                    }
                }
                default -> objects.add(object);
            }
        }
        live.requireFree(objects, target.names());
        if (target.names().any() && !live.hasSchema(target.names().newSchema())) {
            throw HoldfastException.of(SqlState.INVALID_SCHEMA_NAME, "schema \"" + target.names().newSchema() + "\" does not exist");
        }
        live.requireNeeds(objects, target);
        var builder = new StagedNames.Builder(prefix);
        objects.stream().filter(TablesRestore::hasOwnName).forEach(object -> builder.move(object.schema(), object.name()));
        var names = builder.build();
        var ids = new HashSet<Integer>();
        objects.forEach(object -> ids.add(object.id()));
        var schema = target.schema();
        return new Staged(
                new DatabaseSchema(
                        schema.serverVersion(),
                        schema.properties(),
                        objects.stream().map(names::rewrite).map(object -> ForeignKeys.inTwoSteps(object, objects, schema)).toList(),
                        schema.tables().stream().map(table -> staged(table, names)).toList(),
                        schema.sequences().stream()
                                .filter(sequence -> ids.contains(sequence.objectId()))
                                .map(s -> new SequencePosition(
                                        s.objectId(), names.schema(s.schema()), s.name(), s.lastValue(), s.isCalled(), s.descending()))
                                .toList(),
                        List.of(),
                        List.of(),
                        schema.remarks()),
                objects,
                newSchemas,
                names,
                Set.copyOf(builder.stagingSchemas().values()));
    }

    private static TableRows staged(TableRows table, StagedNames names) {
        return new TableRows(
                table.objectId(),
                table.oid(),
                names.schema(table.schema()),
                table.name(),
                table.unlogged(),
                table.accessMethod(),
                table.condition(),
                table.extensionTable(),
                table.columns(),
                table.binarySafe(),
                table.key(),
                table.fullIdentity());
    }

    /** Whether the object has a name in its schema that others could refer to. */
    private static boolean hasOwnName(SchemaObject object) {
        return object.schema() != null
                && switch (object.kind()) {
                    case TABLE, FOREIGN_TABLE, VIEW, MATERIALIZED_VIEW, SEQUENCE, INDEX, CONSTRAINT, STATISTICS, TYPE, DOMAIN,
                            SHELL_TYPE, COLLATION -> true;
                    default -> false;
                };
    }

    private LiveSchema readLive() throws SQLException {
        for (int attempt = 0; ; attempt++) {
            try (var connection = context.connect(target.database())) {
                connection.setAutoCommit(false);
                connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                return new LiveSchema(SchemaReader.read(connection));
            } catch (SchemaChangedException e) {
                if (attempt == 10) {
                    throw new SQLException("the schema of database \"" + target.database() + "\" keeps changing", "55P03", e);
                }
            }
        }
    }

    // ---- steps ----

    private void define() throws SQLException {
        try (var connection = open()) {
            dropSchemas(connection, prefix);
            progress = Progress.create(connection, prefix);
            for (var schema : staged.stagingSchemas()) {
                Sql.execute(connection, "create schema " + Sql.identifier(schema));
                Sql.execute(connection, "revoke all on schema " + Sql.identifier(schema) + " from public");
            }
        }
        new Definitions(target.database(), staged.schema(), progress, context, notices, BUILDING).inOrder(Section.PRE_DATA);
        try (var connection = open()) {
            progress.reach(connection, Progress.Stage.DEFINED);
        }
    }

    private void load(RowLoad.ProgressShare share)
            throws SQLException, IOException, InterruptedException {
        var tables = new HashMap<Integer, TableRows>();
        staged.schema().tables().forEach(table -> tables.put(table.objectId(), table));
        new RowLoad(target.sources(), target.database(), tables, progress, context, share).run(connections, false);
        new ChangesLoad(target.sources(), target.database(), staged.schema().tables(), progress, BUILDING, context).run();
        try (var connection = open()) {
            for (var sequence : staged.schema().sequences()) {
                Sql.execute(connection, sequence.statement());
            }
            progress.reach(connection, Progress.Stage.LOADED);
        }
    }

    /** All at once: schemas the database lacks, then every object to its place, and the row that says so. */
    void publish() throws SQLException {
        if (isPublished()) {
            return;
        }
        try (var connection = open()) {
            var writer = new SchemaWriter(connection, staged.schema(), SchemaWriter.Ownership.KEEP, notices);
            connection.setAutoCommit(false);
            for (var schema : staged.newSchemas()) {
                writer.write(schema);
                writer.grant(schema);
            }
            writer.write(Section.FINISH, object -> true);
            Statistics.analyzeRefreshed(connection, staged.schema());
            if (target.names().any()) {
                rename(connection);
            }
            for (var object : staged.original()) {
                var kind = kindThatMoves(object);
                if (kind.isPresent()) {
                    move(connection, "alter " + kind.get() + " ", object);
                }
            }
            for (var object : staged.original()) {
                // One that belongs to a column has gone with its table.
                if (object.kind() == ObjectKind.SEQUENCE) {
                    move(connection, "alter sequence if exists ", object);
                }
            }
            progress.reach(connection, Progress.Stage.PUBLISHED);
            connection.commit();
        }
    }

    private void move(Connection connection, String alter, SchemaObject object) throws SQLException {
        var names = namesOf(object);
        Sql.execute(
                connection,
                alter + Sql.identifier(staged.names().schema(object.schema())) + "." + Sql.identifier(names.name(object.name()))
                        + " set schema " + Sql.identifier(names.schema(object.schema())));
    }

    /** Types that are restored along with a table keep their names. */
    private NewNames namesOf(SchemaObject object) {
        return switch (object.kind()) {
            case TYPE, DOMAIN, SHELL_TYPE, COLLATION -> NewNames.NONE;
            default -> target.names();
        };
    }

    /** Everything that has a name of its own in a schema, also what the server has named: sequences of identity columns. */
    private void rename(Connection connection) throws SQLException {
        for (var schema : staged.stagingSchemas()) {
            for (var relation : Sql.query(
                    connection,
                    """
                    select c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                    where n.nspname = ? and c.relkind in ('r', 'p', 'f', 'i', 'I', 'S', 'v', 'm')
                    """,
                    row -> row.getString(1),
                    schema)) {
                rename(connection, "table", schema, relation);
            }
            for (var statistics : Sql.query(
                    connection,
                    """
                    select s.stxname from pg_catalog.pg_statistic_ext s join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
                    where n.nspname = ?
                    """,
                    row -> row.getString(1),
                    schema)) {
                rename(connection, "statistics", schema, statistics);
            }
        }
    }

    private void rename(Connection connection, String kind, String schema, String name) throws SQLException {
        var newName = target.names().name(name);
        if (!newName.equals(name)) {
            Sql.execute(
                    connection,
                    "alter " + kind + " " + Sql.identifier(schema) + "." + Sql.identifier(name) + " rename to " + Sql.identifier(newName));
        }
    }

    /** In the words of ALTER; indexes and keys go with their table. */
    private static Optional<String> kindThatMoves(SchemaObject object) {
        return switch (object.kind()) {
            case TABLE -> Optional.of("table");
            case FOREIGN_TABLE -> Optional.of("foreign table");
            case VIEW -> Optional.of("view");
            case MATERIALIZED_VIEW -> Optional.of("materialized view");
            case TYPE, SHELL_TYPE -> Optional.of("type");
            case DOMAIN -> Optional.of("domain");
            case COLLATION -> Optional.of("collation");
            case STATISTICS -> Optional.of("statistics");
            default -> Optional.empty();
        };
    }
}
