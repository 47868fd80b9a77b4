package dev.holdfast.engine.backup;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.collection.DatabaseDescriptor.Absent;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.schema.DatabaseSchema;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.SchemaObject;
import dev.holdfast.engine.schema.TableRows;
import dev.holdfast.engine.schema.catalog.SchemaReader;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * One database held still: a transaction that has locked the tables, exported its snapshot, and read the schema that this
 * snapshot sees. It stays open until the rows have been read.
 *
 * <p>First the locks, then the snapshot: a TRUNCATE or a rewrite that commits between a snapshot and the lock on its table
 * leaves nothing to be seen under that snapshot, without any error.
 */
final class DatabaseExport implements AutoCloseable {
    private static final int ATTEMPTS = 10;
    private static final int TABLES_PER_LOCK_STATEMENT = 500;
    private static final String LOCK_TIMEOUT = "30s";

    private final String database;
    private final Connection connection;
    private final String snapshot;
    private final String visible;
    private final DatabaseSchema whole;
    private final Optional<Predicate<SchemaObject>> roots;
    private final Map<Long, Relation> relations;
    private final boolean locked;
    private DatabaseSchema schema;
    private List<Absent> absent;

    /**
     * A table as the snapshot sees it: how much there is to read, and what tells whether it is still the same when it is read.
     *
     * @param secondaryIndexes those that have an entry for every row, the primary key's apart
     */
    record Relation(String schema, String name, long blocks, long fileNode, int secondaryIndexes) {}

    private DatabaseExport(
            String database,
            Connection connection,
            String snapshot,
            String visible,
            DatabaseSchema whole,
            Optional<Predicate<SchemaObject>> roots,
            Map<Long, Relation> relations,
            boolean locked) {
        this.database = database;
        this.connection = connection;
        this.snapshot = snapshot;
        this.visible = visible;
        this.whole = whole;
        this.roots = roots;
        this.relations = relations;
        this.locked = locked;
        select(whole);
    }

    /** Takes what is wanted from this schema, which may be one from before the snapshot. */
    void select(DatabaseSchema from) {
        schema = roots.map(wanted -> SchemaSelection.select(from, wanted)).orElse(from);
        absent = SchemaSelection.absent(schema, from);
    }

    /** {@code roots} are the relations that are wanted, with what belongs to them; empty: all of the database. */
    static DatabaseExport begin(String database, Optional<Predicate<SchemaObject>> roots, JobContext context)
            throws SQLException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            context.checkInterrupted();
            var connection = context.connect(database);
            boolean kept = false;
            try {
                var export = attempt(database, connection, roots, context);
                if (export != null) {
                    kept = true;
                    return export;
                }
            } catch (SchemaChangedException e) {
                // The next attempt sees the changed schema.
            } finally {
                if (!kept) {
                    connection.close();
                }
            }
            if (attempt == ATTEMPTS) {
                throw HoldfastException.of(
                                SqlState.LOCK_NOT_AVAILABLE,
                                "the schema of database \"" + database + "\" kept changing while it was read")
                        .withHint("Try again when fewer tables are being created and dropped.");
            }
            Thread.sleep(50L * attempt);
        }
    }

    /** Null when the schema changed in between. */
    private static DatabaseExport attempt(
            String database, Connection connection, Optional<Predicate<SchemaObject>> roots, JobContext context)
            throws SQLException, SchemaChangedException {
        // What is there is found in a transaction of its own: the one that will hold the locks must not have a snapshot yet.
        var tables = tableNames(connection);
        boolean lockable = tables.size() < lockCapacity(connection);
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setReadOnly(true);
        if (lockable && !lock(connection, tables)) {
            return null;
        }
        var snapshot = Sql.one(connection, "select pg_catalog.pg_export_snapshot()", row -> row.getString(1));
        if (lockable && !lockNew(connection, tables)) {
            return null;
        }
        var visible = Sql.one(connection, "select pg_catalog.pg_current_snapshot()::text", row -> row.getString(1));
        var whole = SchemaReader.read(connection);
        var relations = relations(connection, whole);
        try (var now = context.connect(database)) {
            if (relations == null
                    || !CatalogFingerprint.read(now, visible).equals(CatalogFingerprint.read(connection, visible))) {
                return null;
            }
        }
        return new DatabaseExport(database, connection, snapshot, visible, whole, roots, relations, lockable);
    }

    /** Tables that came between the first look and the snapshot. */
    private static boolean lockNew(Connection connection, Set<String> locked) throws SQLException {
        var more = tableNames(connection);
        more.removeAll(locked);
        return more.isEmpty() || lock(connection, more);
    }

    private static Set<String> tableNames(Connection connection) throws SQLException {
        return new HashSet<>(Sql.query(
                connection,
                """
                select pg_catalog.format('%I.%I', n.nspname, c.relname)
                from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname not in ('pg_catalog', 'information_schema')
                """,
                row -> row.getString(1)));
    }

    /** The lock table is shared by all sessions of the server: more than half of it is not ours to take. */
    private static long lockCapacity(Connection connection) throws SQLException {
        return Sql.one(
                connection,
                """
                select current_setting('max_locks_per_transaction')::int8
                    * (current_setting('max_connections')::int8 + current_setting('max_prepared_transactions')::int8) / 2
                """,
                row -> row.getLong(1));
    }

    /** False when one of the tables is gone. LOCK TABLE takes no snapshot. */
    private static boolean lock(Connection connection, Set<String> tables) throws SQLException {
        Sql.execute(connection, "set local lock_timeout = '" + LOCK_TIMEOUT + "'");
        var names = List.copyOf(tables);
        try {
            for (int from = 0; from < names.size(); from += TABLES_PER_LOCK_STATEMENT) {
                int to = Math.min(names.size(), from + TABLES_PER_LOCK_STATEMENT);
                Sql.execute(connection, "lock table only " + String.join(", only ", names.subList(from, to)) + " in access share mode");
            }
            return true;
        } catch (SQLException e) {
            if ("42P01".equals(e.getSQLState()) || "3F000".equals(e.getSQLState()) || "42809".equals(e.getSQLState())) {
                return false;
            }
            throw e;
        }
    }

    /** Null when a table was truncated or rewritten between the snapshot and its lock. */
    private static Map<Long, Relation> relations(Connection connection, DatabaseSchema schema) throws SQLException {
        record Found(long oid, Relation relation, long fileNodeInSnapshot) {}
        var oids = schema.tables().stream().map(TableRows::oid).toArray();
        var found = Sql.query(
                connection,
                """
                select c.oid::int8, pg_catalog.pg_relation_size(c.oid) / current_setting('block_size')::int8,
                    pg_catalog.pg_relation_filenode(c.oid)::int8, (
                        select count(*) from pg_catalog.pg_index i
                        where i.indrelid = c.oid and i.indisvalid and not i.indisprimary and i.indpred is null),
                    c.relfilenode::int8, n.nspname, c.relname
                from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.oid = any (?::oid[])
                """,
                row -> new Found(
                        row.getLong(1),
                        new Relation(row.getString(6), row.getString(7), row.getLong(2), row.getLong(3), row.getInt(4)),
                        row.getLong(5)),
                connection.createArrayOf("int8", oids));
        var relations = new HashMap<Long, Relation>();
        for (var table : found) {
            if (table.relation().fileNode() != table.fileNodeInSnapshot()) {
                return null;
            }
            relations.put(table.oid(), table.relation());
        }
        return relations;
    }

    String database() {
        return database;
    }

    DatabaseSchema schema() {
        return schema;
    }

    /** What the schema's objects need and is not in it. */
    List<Absent> absent() {
        return absent;
    }

    Relation relation(TableRows table) {
        return relations.getOrDefault(table.oid(), new Relation(table.schema(), table.name(), 0, 0, 0));
    }

    /** Whether the snapshot still sees it. */
    boolean has(TableRows table) {
        return relations.containsKey(table.oid());
    }

    /** All of the database, as the snapshot sees it. */
    DatabaseSchema whole() {
        return whole;
    }

    /** The transactions that the snapshot sees, as a pg_snapshot. */
    String visible() {
        return visible;
    }

    /** @param lsn what ends before it was committed before {@code time} */
    record Now(Lsn lsn, Instant time) {}

    /** By the upstream's log and clock, after the snapshot. */
    Now now() throws SQLException {
        return Sql.one(
                connection,
                """
                with place as materialized (select pg_catalog.pg_current_wal_insert_lsn() as lsn)
                select lsn::text, pg_catalog.date_trunc('microseconds', pg_catalog.clock_timestamp()) from place
                """,
                row -> new Now(Lsn.parse(row.getString(1)), row.getObject(2, OffsetDateTime.class).toInstant()));
    }

    /** Another connection that sees exactly what this one sees. */
    Connection openReader(JobContext context) throws SQLException {
        var reader = context.connectForCopy(database);
        try {
            reader.setAutoCommit(false);
            reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            reader.setReadOnly(true);
            share(reader);
            return reader;
        } catch (SQLException e) {
            reader.close();
            throw e;
        }
    }

    /** The server forgets the snapshot with the session that has exported it. */
    private void share(Connection reader) throws SQLException {
        try {
            Sql.execute(reader, "set transaction snapshot " + Sql.literal(snapshot));
        } catch (SQLException e) {
            // 22023, 42704: there is none of that name, or no more.
            if ("22023".equals(e.getSQLState()) || "42704".equals(e.getSQLState())) {
                throw new SQLException("the session that held the snapshot has ended", SqlState.CONNECTION_FAILURE.code(), e);
            }
            throw e;
        }
    }

    @FunctionalInterface
    interface Reading {
        void of(Connection connection) throws SQLException, IOException, InterruptedException;
    }

    /**
     * Reads a table by the given reader or, if somebody already waits to rewrite it, by the connection that has locked it: the
     * reader would wait behind him, he waits for our lock, and our lock stays until the reader is done.
     */
    void read(Connection reader, TableRows table, Reading reading) throws SQLException, IOException, InterruptedException {
        if (!locked) {
            lockLate(reader, table);
            readByName(reader, table, reading);
        } else if (lockAtOnce(reader, table)) {
            readByName(reader, table, reading);
        } else {
            synchronized (connection) {
                Sql.query(
                        connection,
                        "select pg_catalog.set_config('client_encoding', pg_catalog.current_setting('server_encoding'), false)",
                        row -> null);
                readByName(connection, table, reading);
            }
        }
    }

    /** A lock keeps a table from being renamed, but not its schema; and names mean what they mean now, whatever the snapshot sees. */
    private void readByName(Connection reader, TableRows table, Reading reading) throws SQLException, IOException, InterruptedException {
        requireName(reader, table);
        reading.of(reader);
        requireName(reader, table);
    }

    private void requireName(Connection reader, TableRows table) throws SQLException {
        long oid = Sql.one(reader, "select coalesce(pg_catalog.to_regclass(?)::oid::int8, 0)", row -> row.getLong(1), nameOf(table));
        if (oid != table.oid()) {
            throw HoldfastException.of(
                            SqlState.LOCK_NOT_AVAILABLE,
                            "table " + nameOf(table) + " was given another name while the backup was running")
                    .withHint("Take the backup again.");
        }
    }

    private boolean lockAtOnce(Connection reader, TableRows table) throws SQLException {
        var savepoint = reader.setSavepoint();
        try {
            Sql.execute(reader, "lock table only " + nameOf(table) + " in access share mode nowait");
            reader.releaseSavepoint(savepoint);
            return true;
        } catch (SQLException e) {
            if (!"55P03".equals(e.getSQLState())) {
                throw e;
            }
            // The snapshot is the transaction's, and stays.
            reader.rollback(savepoint);
            return false;
        }
    }

    /** Quoted, as the snapshot sees it. */
    String nameOf(TableRows table) {
        return Sql.identifier(relation(table).schema()) + "." + Sql.identifier(relation(table).name());
    }

    /**
     * A table too many for the lock table is locked just before it is read. Had it been truncated or rewritten since the
     * snapshot, the snapshot would see nothing of it.
     */
    private void lockLate(Connection reader, TableRows table) throws SQLException {
        Sql.execute(reader, "lock table only " + nameOf(table) + " in access share mode");
        long fileNode = Sql.one(reader, "select pg_catalog.pg_relation_filenode(?::oid)::int8", row -> row.getLong(1), table.oid());
        if (fileNode != relation(table).fileNode()) {
            throw HoldfastException.of(
                    SqlState.LOCK_NOT_AVAILABLE, "table " + nameOf(table) + " was truncated or rewritten while the backup was running");
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
