package dev.holdfast.engine.history;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.history.capture.Capture;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.catalog.SchemaReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Sets an anchor into a database's stream and follows its schema. */
final class Heartbeat {
    private final HistoryCatalog catalog;
    private final UUID process = UUID.randomUUID();

    Heartbeat(HistoryCatalog catalog) {
        this.catalog = catalog;
    }

    /** Whether this process has set it, so that its clocks can be compared with ours. */
    boolean isOwn(Anchor anchor) {
        return anchor.process().equals(process);
    }

    void beat(Captured captured, Connection connection) throws SQLException {
        var before = catalog.lastAnchor(captured.oid());
        var anchor = anchor(captured, connection);
        catalog.add(captured.oid(), anchor);
        followSchema(captured, connection, before);
    }

    private Anchor anchor(Captured captured, Connection connection) throws SQLException {
        long monotonic = System.nanoTime();
        return Sql.one(
                connection,
                """
                with now as materialized (select pg_catalog.clock_timestamp() as at)
                select pg_catalog.pg_logical_emit_message(false, 'holdfast', pg_catalog.jsonb_build_object(
                    'kind', 'anchor', 'secret', ?, 'at', at)::text)::text, at from now
                """,
                row -> new Anchor(
                        Lsn.parse(row.getString(1)), row.getObject(2, OffsetDateTime.class).toInstant(), monotonic, process),
                captured.secret());
    }

    /**
     * Reads the schema when definitions have changed; else notes that the last version is still in force. "Still" goes as far
     * as the anchor before: what has committed just before this one may not be visible yet.
     */
    private void followSchema(Captured captured, Connection connection, Optional<Anchor> before) throws SQLException {
        // Always: a lock may not have been had the last time, and an identity may have been changed where nothing reports it.
        var uncaptured = takeOver(connection);
        if (!uncaptured.equals(catalog.uncaptured(captured.oid()))) {
            catalog.uncaptured(captured.oid(), uncaptured);
        }
        var version = catalog.lastVersion(captured.oid());
        // In this order: what ends in between is either seen to be ending, or seen.
        boolean committing = Capture.isCommitting(connection);
        var definitions = Capture.definitions(connection);
        if (version.isPresent() && version.get().definitions().equals(definitions)) {
            if (before.isPresent() && !committing) {
                catalog.extend(captured.oid(), version.get(), before.get().lsn());
            }
            return;
        }
        readSchema(captured, connection);
    }

    private static List<Capture.Uncaptured> takeOver(Connection connection) throws SQLException {
        Sql.execute(connection, Capture.QUIETLY);
        return Capture.takeOver(connection);
    }

    private void readSchema(Captured captured, Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        try {
            var seen = Capture.definitions(connection);
            var schema = SchemaReader.read(connection);
            connection.commit();
            connection.setAutoCommit(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            // Behind everything that the snapshot has seen, and before anything that it has not.
            var mark = anchor(captured, connection);
            if (!Capture.isCommitting(connection) && Capture.definitions(connection).equals(seen)) {
                catalog.add(captured.oid(), new HistoryCatalog.Version(mark.lsn(), mark.lsn(), seen), schema);
            }
        } catch (SchemaChangedException e) {
            // The next look reads it.
            connection.rollback();
        } finally {
            if (!connection.getAutoCommit()) {
                connection.rollback();
                connection.setAutoCommit(true);
                connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            }
        }
    }

}
