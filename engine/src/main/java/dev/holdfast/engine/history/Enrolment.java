package dev.holdfast.engine.history;

import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.history.capture.Capture;
import dev.holdfast.engine.system.SystemDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes databases in, and lets them go. What it does to one database it does under that database's lock. */
final class Enrolment {
    private static final Logger LOG = LoggerFactory.getLogger(Enrolment.class);

    private final SystemDatabase system;
    private final Upstream upstream;
    private final HistoryCatalog catalog;
    private final Heartbeat heartbeat;
    private final Map<Long, ReentrantLock> locks = new ConcurrentHashMap<>();
    /** Why databases could not be taken in when that was tried the last time. */
    private final Map<Long, String> failures = new ConcurrentHashMap<>();

    Enrolment(SystemDatabase system, HistoryCatalog catalog, Heartbeat heartbeat) {
        this.system = system;
        this.upstream = system.upstream();
        this.catalog = catalog;
        this.heartbeat = heartbeat;
    }

    ReentrantLock lock(long oid) {
        return locks.computeIfAbsent(oid, o -> new ReentrantLock());
    }

    /** The database's history, which begins now if it has none that can be trusted. */
    Captured enrol(UserDatabase database) throws SQLException {
        try {
            var captured = enrolOrFail(database);
            failures.remove(database.oid());
            return captured;
        } catch (SQLException | HoldfastException e) {
            failures.put(database.oid(), e.getMessage());
            throw e;
        }
    }

    Optional<String> lastFailure(UserDatabase database) {
        return Optional.ofNullable(failures.get(database.oid()));
    }

    private Captured enrolOrFail(UserDatabase database) throws SQLException {
        var entry = catalog.entry(database.oid());
        try (var connection = upstream.connect(database.name(), History.APPLICATION)) {
            if (entry.isPresent()) {
                var broken = whyBroken(entry.get(), connection);
                if (broken.isEmpty()) {
                    return captured(database, entry.get());
                }
                LOG.warn("the history of database \"{}\" begins anew: {}", database.name(), broken.get());
                catalog.forget(database.oid(), broken);
            }
            Ladder.dropAll(connection, Captured.slots(database.oid()));
            var secret = Capture.install(connection);
            catalog.uncaptured(database.oid(), Capture.takeOver(connection));
            var first = new Ladder(connection, database.oid()).begin();
            var fresh = new HistoryCatalog.Entry(
                    database.oid(), UUID.randomUUID(), secret, Capture.fingerprint(connection), first);
            catalog.add(fresh);
            var captured = captured(database, fresh);
            heartbeat.beat(captured, connection);
            LOG.info("history of database \"{}\" is kept from {} on", database.name(), first);
            return captured;
        }
    }

    private static Captured captured(UserDatabase database, HistoryCatalog.Entry entry) {
        return new Captured(database.name(), database.oid(), entry.generation(), entry.secret(), entry.first());
    }

    /** What makes it impossible to trust the stream from before. */
    static Optional<String> whyBroken(HistoryCatalog.Entry entry, Connection connection) throws SQLException {
        var changed = Capture.whatChanged(entry.fingerprint(), Capture.fingerprint(connection));
        if (changed.isPresent()) {
            return changed;
        }
        var rungs = Ladder.rungs(connection, Captured.slots(entry.oid()));
        if (rungs.isEmpty()) {
            return Optional.of("its replication slots are gone");
        }
        if (rungs.getLast().lost()) {
            return Optional.of("the upstream has removed log that its replication slots needed (max_slot_wal_keep_size)");
        }
        return Optional.empty();
    }

    void release(UserDatabase database) throws SQLException {
        boolean known = catalog.entry(database.oid()).isPresent();
        if (!known && !hasSlots(database.oid())) {
            return;
        }
        try (var connection = upstream.connect(database.name(), History.APPLICATION)) {
            Ladder.dropAll(connection, Captured.slots(database.oid()));
            if (!Capture.remove(connection)) {
                LOG.info("tables of database \"{}\" are in use: they get back their replica identities later", database.name());
                // It stays known, so the next look goes on.
                return;
            }
        }
        catalog.forget(database.oid(), Optional.empty());
        LOG.info("history of database \"{}\" is off", database.name());
    }

    private boolean hasSlots(long oid) throws SQLException {
        try (var connection = system.connection()) {
            return !Ladder.rungs(connection, Captured.slots(oid)).isEmpty();
        }
    }
}
