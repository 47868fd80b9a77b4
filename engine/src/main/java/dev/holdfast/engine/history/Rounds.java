package dev.holdfast.engine.history;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.system.SystemDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the histories, one database after the other, by short connections: nobody's DROP DATABASE or CREATE DATABASE ...
 * TEMPLATE finds one of ours in its way for long, and not at all when it comes through us ({@link #makeWay}).
 */
final class Rounds implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);
    private static final Duration ROUND = Duration.ofSeconds(1);
    private static final Duration RUNG_EVERY = Duration.ofSeconds(15);
    /** Of a database in which nothing happens: what others write still has to be passed over one day. */
    private static final Duration IDLE_LOOK_EVERY = Duration.ofMinutes(5);
    private static final Duration RETRY_AFTER_FAILURE = Duration.ofSeconds(30);
    /** Long enough for a statement to have begun, and so to have locked the database. */
    private static final Duration QUIET = Duration.ofSeconds(2);
    private static final Duration WAY_IS_MADE_WITHIN = Duration.ofSeconds(3);

    private final SystemDatabase system;
    private final Upstream upstream;
    private final HistoryCatalog catalog;
    private final Policy policy;
    private final Enrolment enrolment;
    private final Heartbeat heartbeat;
    private final Map<Long, Followed> followed = new HashMap<>();
    private final Thread thread;
    private volatile boolean stopping;
    /** Whether a database is being looked at; set before it is asked whether one may be. */
    private volatile boolean looking;
    private volatile long quietUntil = System.nanoTime();

    /** What this process knows of a database between its looks at it. */
    private static final class Followed {
        long changes = -1;
        long nextLook;
        long nextRung;
        boolean overLimit;
    }

    Rounds(SystemDatabase system, HistoryCatalog catalog, Policy policy, Enrolment enrolment, Heartbeat heartbeat) {
        this.system = system;
        this.upstream = system.upstream();
        this.catalog = catalog;
        this.policy = policy;
        this.enrolment = enrolment;
        this.heartbeat = heartbeat;
        this.thread = Thread.ofPlatform().name("history").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (!stopping) {
            try {
                round();
                Thread.sleep(ROUND);
            } catch (InterruptedException e) {
                return;
            } catch (SQLException | RuntimeException e) {
                if (!stopping) {
                    LOG.warn("the histories of databases could not be looked after, trying again: {}", e.getMessage());
                    pauseAfterFailure();
                }
            }
        }
    }

    private void pauseAfterFailure() {
        try {
            Thread.sleep(ROUND.multipliedBy(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stopping = true;
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- making way ----

    /**
     * For a while no database is looked at, so that a statement about a whole database finds none of our sessions there.
     * False: one is there at this moment; it is ended, and {@code then} runs when it is gone.
     */
    boolean makeWay(Runnable then) {
        quietUntil = System.nanoTime() + QUIET.toNanos();
        if (!looking) {
            return true;
        }
        Thread.ofVirtual().name("making way").start(() -> {
            try {
                endLook();
            } catch (SQLException e) {
                LOG.debug("making way: {}", e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                quietUntil = System.nanoTime() + QUIET.toNanos();
                then.run();
            }
        });
        return false;
    }

    private void endLook() throws SQLException, InterruptedException {
        long deadline = System.nanoTime() + WAY_IS_MADE_WITHIN.toNanos();
        try (var connection = system.connection()) {
            while (System.nanoTime() < deadline) {
                var sessions = Sql.query(
                        connection,
                        """
                        select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity
                        where application_name = ? and usename = current_user
                        """,
                        row -> row.getBoolean(1),
                        History.APPLICATION);
                if (sessions.isEmpty() && !looking) {
                    return;
                }
                Thread.sleep(5);
            }
        }
    }

    private boolean isQuiet() {
        return System.nanoTime() - quietUntil < 0;
    }

    // ---- rounds ----

    private void round() throws SQLException, InterruptedException {
        List<UserDatabase> databases;
        try (var connection = system.connection()) {
            databases = UserDatabase.all(connection);
        }
        for (var database : databases) {
            if (stopping) {
                return;
            }
            var known = followed.computeIfAbsent(database.oid(), oid -> new Followed());
            long now = System.nanoTime();
            boolean due = known.changes != database.changes() ? now - known.nextLook >= 0 : now - known.nextLook >= idleExtra();
            if (known.changes < 0 || due) {
                visit(database, known);
            }
        }
        forgetDropped();
    }

    private static long idleExtra() {
        return IDLE_LOOK_EVERY.minus(History.ANCHOR_EVERY).toNanos();
    }

    private void visit(UserDatabase database, Followed known) {
        looking = true;
        try {
            if (isQuiet()) {
                return;
            }
            look(database, known);
            known.changes = database.changes();
        } catch (SQLException | RuntimeException e) {
            if (isQuiet()) {
                // Ended by ourselves: the next round looks again.
                known.changes = -1;
                return;
            }
            // One database that cannot be followed, or has just been dropped, does not keep the others from it.
            LOG.warn("history of database \"{}\": {}", database.name(), e.getMessage());
            known.nextLook = System.nanoTime() + RETRY_AFTER_FAILURE.toNanos();
            known.changes = database.changes();
        } finally {
            looking = false;
        }
    }

    private void look(UserDatabase database, Followed known) throws SQLException {
        var lock = enrolment.lock(database.oid());
        if (!lock.tryLock()) {
            return;
        }
        try {
            known.nextLook = System.nanoTime() + History.ANCHOR_EVERY.toNanos();
            if (!policy.wants(database)) {
                enrolment.release(database);
                return;
            }
            if (policy.obstacle().isPresent()) {
                return;
            }
            var captured = enrolment.enrol(database);
            try (var connection = upstream.connect(database.name(), History.APPLICATION)) {
                heartbeat.beat(captured, connection);
                if (System.nanoTime() - known.nextRung >= 0 || known.nextRung == 0) {
                    keepLadder(database, known, connection);
                    known.nextRung = System.nanoTime() + RUNG_EVERY.toNanos();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void keepLadder(UserDatabase database, Followed known, Connection connection) throws SQLException {
        var ladder = new Ladder(connection, database.oid());
        ladder.climb();
        followZones(database, connection);
        var now = Sql.one(connection, "select pg_catalog.clock_timestamp()", row -> row.getObject(1, OffsetDateTime.class).toInstant());
        var oldestWanted = now.minus(policy.retention(database));
        var place = catalog.lastAnchor(database.oid(), oldestWanted);
        if (place.isPresent()) {
            ladder.retire(place.get().lsn());
        }
        limit(database, known, ladder);
        ladder.thin(Sql.one(connection, "select pg_catalog.pg_current_wal_lsn()::text", row -> Lsn.parse(row.getString(1))));
        var rungs = ladder.rungs();
        if (!rungs.isEmpty()) {
            catalog.prune(database.oid(), rungs.getFirst().at());
        }
    }

    /** What was said of tables that are gone holds no log back; of others it holds under any name. */
    private void followZones(UserDatabase database, Connection connection) throws SQLException {
        for (var zone : catalog.zones(database.oid())) {
            var name = Sql.first(connection, History.TABLE_NAME, row -> row.getString(1), zone.table());
            if (name.isEmpty()) {
                catalog.unsay(database.oid(), zone.table());
            } else if (!name.get().equals(zone.name())) {
                catalog.say(database.oid(), new HistoryCatalog.Zone(zone.table(), name.get(), zone.retention()));
            }
        }
    }

    private void limit(UserDatabase database, Followed known, Ladder ladder) throws SQLException {
        long limit = policy.walLimit();
        boolean over = ladder.kept() > limit;
        if (over && policy.dropsAtLimit()) {
            ladder.limit(limit);
        }
        if (over && !known.overLimit) {
            LOG.warn(
                    "the history of database \"{}\" keeps more than {} bytes of write-ahead log (history.max_wal); {}",
                    database.name(),
                    limit,
                    policy.dropsAtLimit() ? "its oldest part goes, so it is shorter than it should be" : "history.on_limit lets it");
        }
        known.overLimit = over;
    }

    private void forgetDropped() throws SQLException {
        // Those that are known first: one that was created and taken in since the round began is there.
        var known = catalog.entries();
        List<Long> alive;
        try (var connection = system.connection()) {
            alive = UserDatabase.all(connection).stream().map(UserDatabase::oid).toList();
        }
        for (var oid : known) {
            if (!alive.contains(oid)) {
                catalog.forget(oid, Optional.empty());
                catalog.unsayTables(oid);
            }
        }
        followed.keySet().retainAll(alive);
    }
}
