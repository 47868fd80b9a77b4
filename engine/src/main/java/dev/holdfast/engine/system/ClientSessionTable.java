package dev.holdfast.engine.system;

import dev.holdfast.engine.cluster.Sql;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the table behind the view {@code sessions}. Changes are gathered and written about once a second: a login does not
 * wait for it, and a session shorter than that never gets there.
 */
public final class ClientSessionTable implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClientSessionTable.class);
    private static final long INTERVAL_MILLIS = 1000;

    /** A client's session; {@code since} has microseconds, as the table has. */
    public record ClientSession(
            int processId, Optional<InetSocketAddress> client, String user, String database, boolean encrypted, Instant since) {}

    private record Change(boolean begun, ClientSession session) {}

    private final SystemDatabase system;
    private final Node node;
    private final ConcurrentLinkedQueue<Change> changes = new ConcurrentLinkedQueue<>();
    private final Thread writer;

    private ClientSessionTable(SystemDatabase system, Node node) {
        this.system = system;
        this.node = node;
        this.writer = Thread.ofVirtual().name("client-sessions").unstarted(this::run);
    }

    /** What an earlier process of this node has left in the table goes. */
    public static ClientSessionTable open(SystemDatabase system, Node node) throws SQLException {
        var table = new ClientSessionTable(system, node);
        table.deleteOwn();
        table.writer.start();
        return table;
    }

    public void begun(ClientSession session) {
        changes.add(new Change(true, session));
    }

    public void ended(ClientSession session) {
        changes.add(new Change(false, session));
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(INTERVAL_MILLIS);
                write();
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private void write() {
        List<Change> batch = new ArrayList<>();
        for (var change = changes.poll(); change != null; change = changes.poll()) {
            batch.add(change);
        }
        // A session that has come and gone in between would only be written to be deleted.
        var ended = new HashSet<ClientSession>();
        batch.stream().filter(change -> !change.begun()).forEach(change -> ended.add(change.session()));
        batch.removeIf(change -> change.begun() && ended.contains(change.session()));
        if (batch.isEmpty()) {
            return;
        }
        try {
            system.transaction(connection -> {
                for (var change : batch) {
                    if (change.begun()) {
                        insert(connection, change.session());
                    } else {
                        delete(connection, change.session());
                    }
                }
                return null;
            });
        } catch (SQLException e) {
            // The view is for looking: what is missing in it harms nobody, and an upstream that is down says so elsewhere.
            LOG.debug("client sessions not written: {}", e.getMessage());
        }
    }

    private void insert(Connection connection, ClientSession session) throws SQLException {
        try (var insert = connection.prepareStatement(
                """
                insert into public.client_sessions values (?, ?, ?::inet, ?, ?, ?, ?, ?)
                on conflict (node_id, upstream_pid) do update set client_addr = excluded.client_addr,
                    client_port = excluded.client_port, user_name = excluded.user_name, database_name = excluded.database_name,
                    encrypted = excluded.encrypted, started = excluded.started
                """)) {
            insert.setInt(1, node.id());
            insert.setInt(2, session.processId());
            if (session.client().isPresent()) {
                insert.setString(3, session.client().get().getAddress().getHostAddress());
                insert.setInt(4, session.client().get().getPort());
            } else {
                insert.setNull(3, Types.VARCHAR);
                insert.setNull(4, Types.INTEGER);
            }
            insert.setString(5, session.user());
            insert.setString(6, session.database());
            insert.setBoolean(7, session.encrypted());
            insert.setObject(8, session.since().atOffset(ZoneOffset.UTC));
            insert.executeUpdate();
        }
    }

    private void delete(Connection connection, ClientSession session) throws SQLException {
        Sql.update(
                connection,
                "delete from public.client_sessions where node_id = ? and upstream_pid = ? and started = ?",
                node.id(),
                session.processId(),
                session.since());
    }

    private void deleteOwn() throws SQLException {
        system.transaction(
                connection -> Sql.update(connection, "delete from public.client_sessions where node_id = ?", node.id()));
    }

    @Override
    public void close() throws InterruptedException {
        writer.interrupt();
        writer.join();
        try {
            deleteOwn();
        } catch (SQLException e) {
            LOG.debug("client sessions not removed: {}", e.getMessage());
        }
    }
}
