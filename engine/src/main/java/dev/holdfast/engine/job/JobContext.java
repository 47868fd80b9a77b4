package dev.holdfast.engine.job;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.cluster.Upstream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.Set;

/**
 * What a running job has of the world: its identity, its checkpoint and progress, and the connections it works through.
 *
 * <p>A stop (pause, cancel, lost claim, shutdown) aborts those connections and ends their sessions in the upstream, which
 * is what makes a blocked worker return; the work then sees its error, asks {@link #checkInterrupted()}, and unwinds.
 */
public final class JobContext {
    private final JobId id;
    private final UUID session;
    private final JobStore store;
    private final Upstream upstream;
    private final UniqueIds ids;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile JobInterrupted.Reason stop;
    private volatile double lastFraction;
    private volatile Part part = new Part(0, 1);

    /** Between which fractions of the whole job the progress lies that is told now. */
    private record Part(double from, double to) {}

    JobContext(JobId id, UUID session, JobStore store, Upstream upstream, UniqueIds ids) {
        this.id = id;
        this.session = session;
        this.store = store;
        this.upstream = upstream;
        this.ids = ids;
    }

    public JobId id() {
        return id;
    }

    /** The lease under which this attempt runs; another attempt of the same job has another one. */
    public UUID attempt() {
        return session;
    }

    public long uniqueId() {
        return ids.next();
    }

    public Upstream upstream() {
        return upstream;
    }

    public void checkInterrupted() {
        var reason = stop;
        if (reason != null) {
            throw new JobInterrupted(reason);
        }
    }

    public <T> Optional<T> checkpoint(Class<T> type) throws SQLException {
        return store.checkpoint(id, type);
    }

    public void saveCheckpoint(Object checkpoint) throws SQLException {
        checkInterrupted();
        store.saveCheckpoint(id, session, checkpoint);
    }

    /** As part of a transaction of the caller's, in the database {@code system}. */
    public void saveCheckpoint(Connection connection, Object checkpoint) throws SQLException {
        checkInterrupted();
        store.saveCheckpoint(connection, id, session, checkpoint);
    }

    public void describe(String description) throws SQLException {
        store.describe(id, session, description);
    }

    /** From here on progress is told of a part of the job. */
    public void beginPart(double from, double to) {
        part = new Part(from, to);
    }

    /** Progress is for people: it is written when it has moved by a percent, and never goes back. */
    public void progress(double ofPart) throws SQLException {
        checkInterrupted();
        double fraction = part.from() + ofPart * (part.to() - part.from());
        if (fraction >= lastFraction + 0.01) {
            lastFraction = fraction;
            store.saveProgress(id, session, Math.min(fraction, 1), Optional.empty());
        }
    }

    /** The point of no return: the work is about to become visible, and can no longer be paused or cancelled. */
    public void beginFinishing() throws SQLException {
        checkInterrupted();
        if (!store.beginFinishing(id, session)) {
            throw new JobInterrupted(stop == null ? JobInterrupted.Reason.LOST_CLAIM : stop);
        }
    }

    /** An earlier attempt got as far as that, but nothing is visible of it: the job may be paused and cancelled again. */
    public void startOver() throws SQLException {
        checkInterrupted();
        store.startOver(id, session);
    }

    public Connection connect(String database) throws SQLException {
        return track(upstream.connect(database, applicationName(id)));
    }

    public Connection connectForCopy(String database) throws SQLException {
        return track(upstream.connectForCopy(database, applicationName(id)));
    }

    private Connection track(Connection connection) throws SQLException {
        connections.add(connection);
        if (stop != null) {
            connection.close();
            checkInterrupted();
        }
        connections.removeIf(JobContext::isClosed);
        return connection;
    }

    private static boolean isClosed(Connection connection) {
        try {
            return connection.isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    static String applicationName(JobId id) {
        return "holdfast job " + id;
    }

    /** Whether somebody wants this attempt to end. */
    boolean isStopping() {
        return stop != null;
    }

    void requestStop(JobInterrupted.Reason reason) {
        if (stop == null) {
            stop = reason;
        }
        List<Connection> open = new ArrayList<>(connections);
        for (var connection : open) {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                // Already broken, which is what was wanted.
            }
        }
    }

    /**
     * Ends every session of this job in the upstream, this attempt's and those of an attempt whose node has died: nothing
     * may still be writing when the next attempt begins. Returns when they are gone.
     */
    void endSessions() throws SQLException, InterruptedException {
        try (var connection = upstream.connect(upstream.uri().database(), "holdfast")) {
            for (int tries = 0; ; tries++) {
                int alive = Sql.query(
                                connection,
                                """
                                select pg_terminate_backend(pid) from pg_stat_activity
                                where application_name = ? and usename = current_user
                                """,
                                row -> row.getBoolean(1),
                                applicationName(id))
                        .size();
                if (alive == 0) {
                    return;
                }
                Thread.sleep(Math.min(1000, 10L << Math.min(tries, 6)));
            }
        }
    }
}
