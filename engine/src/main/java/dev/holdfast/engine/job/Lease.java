package dev.holdfast.engine.job;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.system.Node;
import dev.holdfast.engine.system.SystemDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's claim to be alive: a row with an expiry that is pushed forward by a heartbeat. Jobs are held under the lease's
 * session; when it expires other nodes take them.
 *
 * <p>Others judge by the upstream's clock, this process by its own monotonic one, counted from before the heartbeat was
 * sent: it stops its jobs no later than others may start them.
 */
final class Lease implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lease.class);
    private static final Duration TIME_TO_LIVE = Duration.ofSeconds(40);
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);

    private final SystemDatabase system;
    private final Node node;
    private final Thread heart;
    private volatile UUID session;
    private volatile long validUntil;
    private volatile Runnable onLoss = () -> {};

    private Lease(SystemDatabase system, Node node) {
        this.system = system;
        this.node = node;
        this.heart = Thread.ofPlatform().name("lease").daemon().unstarted(this::beat);
    }

    static Lease acquire(SystemDatabase system, Node node) throws SQLException {
        var lease = new Lease(system, node);
        lease.begin();
        lease.heart.start();
        return lease;
    }

    UUID session() {
        return session;
    }

    void onLoss(Runnable action) {
        onLoss = action;
    }

    /** A new session; those of this node's earlier processes end here. */
    private void begin() throws SQLException {
        var fresh = UUID.randomUUID();
        long before = System.nanoTime();
        system.transaction(connection -> {
            Sql.update(connection, "delete from public.node_sessions where node_id = ?", node.id());
            return Sql.update(
                    connection,
                    "insert into public.node_sessions values (?, ?, clock_timestamp() + make_interval(secs => ?))",
                    fresh,
                    node.id(),
                    (double) TIME_TO_LIVE.toSeconds());
        });
        session = fresh;
        validUntil = before + TIME_TO_LIVE.toNanos();
    }

    private void beat() {
        boolean lost = false;
        while (true) {
            try {
                Thread.sleep(lost ? 1000 : HEARTBEAT.toMillis());
            } catch (InterruptedException e) {
                return;
            }
            try {
                if (lost || !extend()) {
                    onLoss.run();
                    begin();
                    LOG.info("took a new lease after the last one had expired");
                    lost = false;
                }
            } catch (SQLException e) {
                if (!lost && System.nanoTime() - validUntil > 0) {
                    LOG.warn("the lease has expired and cannot be renewed ({}); stopping this node's jobs", e.getMessage());
                    onLoss.run();
                    lost = true;
                }
            }
        }
    }

    private boolean extend() throws SQLException {
        long before = System.nanoTime();
        boolean alive = system.transaction(connection -> Sql.update(
                        connection,
                        """
                        update public.node_sessions set expires = clock_timestamp() + make_interval(secs => ?)
                        where session_id = ? and expires > clock_timestamp()
                        """,
                        (double) TIME_TO_LIVE.toSeconds(),
                        session)
                == 1);
        if (alive) {
            validUntil = before + TIME_TO_LIVE.toNanos();
        }
        return alive;
    }

    @Override
    public void close() throws InterruptedException {
        heart.interrupt();
        heart.join();
        try {
            system.transaction(
                    connection -> Sql.update(connection, "delete from public.node_sessions where session_id = ?", session));
        } catch (SQLException e) {
            // The upstream is gone already: the lease expires by itself.
            LOG.debug("lease not given back", e);
        }
    }
}
