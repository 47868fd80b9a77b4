package dev.holdfast.engine.history;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.history.capture.Capture;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.catalog.SchemaReader;
import dev.holdfast.engine.system.Setting;
import dev.holdfast.engine.system.Settings;
import dev.holdfast.engine.system.SystemDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the history of databases: takes them in, sets anchors, follows their schemas, and retires what is too old. Works by
 * short connections, so that nobody's DROP DATABASE or CREATE DATABASE ... TEMPLATE finds one of ours in its way for long.
 */
public final class History implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(History.class);
    private static final String APPLICATION = "holdfast history";
    private static final Duration ROUND = Duration.ofSeconds(1);
    private static final Duration ANCHOR_EVERY = Duration.ofSeconds(5);
    private static final Duration RUNG_EVERY = Duration.ofSeconds(30);
    /** Of a database in which nothing happens: what others write still has to be passed over one day. */
    private static final Duration IDLE_LOOK_EVERY = Duration.ofMinutes(5);
    private static final Duration RETRY_AFTER_FAILURE = Duration.ofSeconds(30);

    private static final String DATABASES =
            """
            select d.oid::int8, d.datname, coalesce(s.tup_inserted + s.tup_updated + s.tup_deleted, 0)
            from pg_catalog.pg_database d left join pg_catalog.pg_stat_database s on s.datid = d.oid
            where d.datallowconn and not d.datistemplate and d.datname <> 'system' and d.datname !~ '^holdfast_restore_'
            order by d.oid
            """;

    private final SystemDatabase system;
    private final Upstream upstream;
    private final Settings settings;
    private final HistoryCatalog catalog;
    private final UUID process = UUID.randomUUID();
    private final Map<Long, Followed> followed = new ConcurrentHashMap<>();
    private final Map<Long, ReentrantLock> locks = new ConcurrentHashMap<>();
    private final boolean byDefault;
    private volatile boolean stopping;
    private Thread thread;

    /** What this process knows of a database between its looks at it. */
    private static final class Followed {
        long changes = -1;
        long nextLook;
        long nextRung;
    }

    private record Found(long oid, String name, long changes) {}

    private History(SystemDatabase system, Settings settings, boolean byDefault) {
        this.byDefault = byDefault;
        this.system = system;
        this.upstream = system.upstream();
        this.settings = settings;
        this.catalog = new HistoryCatalog(system);
    }

    /** {@code byDefault}: whether databases have a history of which nothing is said. */
    public static History start(SystemDatabase system, Settings settings, boolean byDefault) {
        var history = new History(system, settings, byDefault);
        history.thread = Thread.ofPlatform().name("history").daemon().start(history::run);
        return history;
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

    // ---- rounds ----

    private void round() throws SQLException, InterruptedException {
        List<Found> databases;
        try (var connection = system.connection()) {
            databases = databases(connection);
        }
        for (var database : databases) {
            if (stopping) {
                return;
            }
            var known = followed.computeIfAbsent(database.oid(), oid -> new Followed());
            long now = System.nanoTime();
            boolean due = known.changes != database.changes() ? now - known.nextLook >= 0 : now - known.nextLook >= idleExtra();
            if (known.changes >= 0 && !due) {
                continue;
            }
            try {
                look(database, known);
                known.changes = database.changes();
            } catch (SQLException | RuntimeException e) {
                // One database that cannot be followed, or has just been dropped, does not keep the others from it.
                LOG.warn("history of database \"{}\": {}", database.name(), e.getMessage());
                known.nextLook = System.nanoTime() + RETRY_AFTER_FAILURE.toNanos();
                known.changes = database.changes();
            }
        }
        forgetDropped(databases);
    }

    private static long idleExtra() {
        return IDLE_LOOK_EVERY.minus(ANCHOR_EVERY).toNanos();
    }

    private static List<Found> databases(Connection connection) throws SQLException {
        return Sql.query(connection, DATABASES, row -> new Found(row.getLong(1), row.getString(2), row.getLong(3)));
    }

    private void look(Found database, Followed known) throws SQLException {
        var lock = lock(database.oid());
        if (!lock.tryLock()) {
            return;
        }
        try {
            known.nextLook = System.nanoTime() + ANCHOR_EVERY.toNanos();
            if (!wanted(database.name())) {
                release(database);
                return;
            }
            if (obstacle().isPresent()) {
                return;
            }
            var captured = enrol(database);
            try (var connection = upstream.connect(database.name(), APPLICATION)) {
                heartbeat(captured, connection);
                if (System.nanoTime() - known.nextRung >= 0 || known.nextRung == 0) {
                    keepLadder(captured, connection);
                    known.nextRung = System.nanoTime() + RUNG_EVERY.toNanos();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private ReentrantLock lock(long oid) {
        return locks.computeIfAbsent(oid, o -> new ReentrantLock());
    }

    private void forgetDropped(List<Found> databases) throws SQLException {
        var alive = databases.stream().map(Found::oid).toList();
        for (var oid : catalog.entries()) {
            if (!alive.contains(oid)) {
                catalog.forget(oid, Optional.empty());
                followed.remove(oid);
            }
        }
    }

    // ---- whether ----

    private boolean wanted(String database) throws SQLException {
        var said = catalog.switchOf(database).history();
        return said.isPresent() ? said.get() : byDefault && settings.get(Setting.HISTORY_ENABLED);
    }

    /** Why this upstream cannot have histories at all. */
    public Optional<String> obstacle() throws SQLException {
        try (var connection = system.connection()) {
            if (!Sql.one(connection, "select current_setting('wal_level')", row -> row.getString(1)).equals("logical")) {
                return Optional.of("wal_level of the upstream is not \"logical\"");
            }
            if (!Sql.one(
                    connection, "select rolsuper from pg_catalog.pg_roles where rolname = current_user", row -> row.getBoolean(1))) {
                return Optional.of("the upstream's service role is not a superuser, as the owner of event triggers has to be");
            }
            return Optional.empty();
        }
    }

    /** Changes what is wanted of a database, and brings it about. */
    public void configure(String database, Optional<Boolean> on, Optional<Long> ttlSeconds) throws SQLException {
        catalog.say(database, on, ttlSeconds);
        var found = find(database);
        if (found.isPresent() && on.isPresent()) {
            if (on.get()) {
                require(database);
            } else {
                var lock = lock(found.get().oid());
                lock.lock();
                try {
                    release(found.get());
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    private Optional<Found> find(String database) throws SQLException {
        try (var connection = system.connection()) {
            return databases(connection).stream().filter(d -> d.name().equals(database)).findFirst();
        }
    }

    private void release(Found database) throws SQLException {
        boolean known = catalog.entry(database.oid()).isPresent();
        if (!known && !hasSlots(database.oid())) {
            return;
        }
        try (var connection = upstream.connect(database.name(), APPLICATION)) {
            Ladder.dropAll(connection, Captured.slots(database.oid()));
            Capture.remove(connection);
        }
        catalog.forget(database.oid(), Optional.empty());
        LOG.info("history of database \"{}\" is off", database.name());
    }

    private boolean hasSlots(long oid) throws SQLException {
        try (var connection = system.connection()) {
            return !Ladder.rungs(connection, Captured.slots(oid)).isEmpty();
        }
    }

    // ---- enrolment ----

    /** The history of a database that has to have one; an error says why it has none. */
    public Captured require(String database) throws SQLException {
        var found = find(database)
                .orElseThrow(() -> HoldfastException.of(
                        SqlState.INVALID_CATALOG_NAME, "database \"" + database + "\" does not exist"));
        if (!wanted(database)) {
            throw HoldfastException.of(
                            SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, "the history of database \"" + database + "\" is not kept")
                    .withHint("ALTER DATABASE " + Sql.identifier(database)
                            + " CONFIGURE ZONE USING history = on; then take a full backup.");
        }
        var obstacle = obstacle();
        if (obstacle.isPresent()) {
            throw HoldfastException.of(
                            SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                            "the history of database \"" + database + "\" cannot be kept: " + obstacle.get())
                    .withHint("docs/OPERATIONS.md says what an upstream needs.");
        }
        var lock = lock(found.oid());
        lock.lock();
        try {
            return enrol(found);
        } finally {
            lock.unlock();
        }
    }

    /** The history of a database if it has one, or can have one at once. */
    public Optional<Captured> ifAny(String database) throws SQLException {
        return wanted(database) && obstacle().isEmpty() && find(database).isPresent() ? Optional.of(require(database)) : Optional.empty();
    }

    private Captured enrol(Found database) throws SQLException {
        var entry = catalog.entry(database.oid());
        try (var connection = upstream.connect(database.name(), APPLICATION)) {
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
            heartbeat(captured, connection);
            LOG.info("history of database \"{}\" is kept from {} on", database.name(), first);
            return captured;
        }
    }

    private static Captured captured(Found database, HistoryCatalog.Entry entry) {
        return new Captured(database.name(), database.oid(), entry.generation(), entry.secret(), entry.first());
    }

    /** What makes it impossible to trust the stream from before. */
    private static Optional<String> whyBroken(HistoryCatalog.Entry entry, Connection connection) throws SQLException {
        if (!Capture.fingerprint(connection).equals(entry.fingerprint())) {
            return Optional.of("the event triggers that report definitions were disabled, replaced or dropped");
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

    // ---- heartbeat ----

    private void heartbeat(Captured captured, Connection connection) throws SQLException {
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

    private void keepLadder(Captured captured, Connection connection) throws SQLException {
        var ladder = new Ladder(connection, captured.oid());
        ladder.climb();
        var oldest = retention(captured.database());
        var now = Sql.one(connection, "select pg_catalog.clock_timestamp()", row -> row.getObject(1, OffsetDateTime.class).toInstant());
        catalog.anchors(captured.oid(), Lsn.ZERO).stream()
                .filter(anchor -> !anchor.at().isAfter(now.minus(oldest)))
                .reduce((a, b) -> b)
                .ifPresent(anchor -> retire(ladder, anchor.lsn()));
        ladder.limit(settings.get(Setting.HISTORY_MAX_WAL));
        ladder.thin(Sql.one(connection, "select pg_catalog.pg_current_wal_lsn()::text", row -> Lsn.parse(row.getString(1))));
        var rungs = ladder.rungs();
        if (!rungs.isEmpty()) {
            catalog.prune(captured.oid(), rungs.getFirst().at());
        }
    }

    private static void retire(Ladder ladder, Lsn wanted) {
        try {
            ladder.retire(wanted);
        } catch (SQLException e) {
            throw Upstream.translate(e);
        }
    }

    public Duration retention(String database) throws SQLException {
        var said = catalog.switchOf(database).ttlSeconds();
        return Duration.ofSeconds(said.isPresent() ? said.get() : settings.get(Setting.GC_TTL_SECONDS));
    }

    // ---- what can be asked ----

    /** Writes a message that every commit before it precedes and every commit after it follows; returns its place. */
    public Lsn barrier(Captured captured, Connection connection, String id) throws SQLException {
        Sql.execute(connection, "set synchronous_commit = local");
        // The transaction id makes the commit wait for the disk, on servers whose message function does not.
        return Sql.one(
                connection,
                """
                select pg_catalog.pg_logical_emit_message(false, 'holdfast', pg_catalog.jsonb_build_object(
                    'kind', 'barrier', 'secret', ?, 'id', ?, 'at', pg_catalog.clock_timestamp())::text)::text, pg_catalog.pg_current_xact_id()
                """,
                row -> Lsn.parse(row.getString(1)),
                captured.secret(),
                id);
    }

    public List<Anchor> anchors(Captured captured) throws SQLException {
        return catalog.anchors(captured.oid(), Lsn.ZERO);
    }

    public Optional<StoredSchema> schemaBefore(Captured captured, Lsn end) throws SQLException {
        return catalog.versionBefore(captured.oid(), end);
    }

    public List<Capture.Uncaptured> uncaptured(Captured captured) throws SQLException {
        return catalog.uncaptured(captured.oid());
    }

    /** The oldest place from which the stream can be read. */
    public Optional<Lsn> oldest(Captured captured) throws SQLException {
        try (var connection = system.connection()) {
            return Ladder.rungs(connection, captured.slots()).stream().filter(rung -> !rung.lost()).map(Ladder.Rung::at).findFirst();
        }
    }

    /** A place that everything which a snapshot taken now could miss has been committed after. */
    public Lsn before(Captured captured, Connection connection) throws SQLException {
        // A transaction that waits for a standby has its commit in the log and is not visible, for as long as that takes.
        var waiting = Sql.first(
                connection,
                """
                select pg_catalog.min(query_start) from pg_catalog.pg_stat_activity where wait_event = 'SyncRep'
                """,
                row -> Optional.ofNullable(row.getObject(1, OffsetDateTime.class)).map(OffsetDateTime::toInstant));
        var now = Sql.one(connection, "select pg_catalog.clock_timestamp()", row -> row.getObject(1, OffsetDateTime.class).toInstant());
        var limit = waiting.flatMap(time -> time).filter(time -> time.isBefore(now)).orElse(now).minus(ANCHOR_EVERY);
        return anchors(captured).stream()
                .filter(anchor -> anchor.at().isBefore(limit))
                .reduce((a, b) -> b)
                .map(Anchor::lsn)
                .filter(lsn -> !lsn.isBefore(captured.first()))
                .orElse(captured.first());
    }

    /** One line of SHOW HISTORY. */
    public record Line(
            String database,
            boolean on,
            Optional<Instant> oldest,
            long walBytes,
            Optional<Duration> lag,
            List<Capture.Uncaptured> uncaptured,
            Optional<Instant> gapAt,
            Optional<String> gap) {}

    public List<Line> lines() throws SQLException {
        var lines = new ArrayList<Line>();
        var obstacle = obstacle();
        List<Found> databases;
        var rungs = new HashMap<Long, List<Ladder.Rung>>();
        Instant now;
        try (var connection = system.connection()) {
            databases = databases(connection);
            now = Sql.one(connection, "select clock_timestamp()", row -> row.getObject(1, OffsetDateTime.class).toInstant());
            for (var database : databases) {
                rungs.put(database.oid(), Ladder.rungs(connection, Captured.slots(database.oid())));
            }
        }
        for (var database : databases) {
            var entry = catalog.entry(database.oid());
            var gap = catalog.lastGap(database.oid());
            if (entry.isEmpty()) {
                lines.add(new Line(
                        database.name(),
                        false,
                        Optional.empty(),
                        0,
                        Optional.empty(),
                        List.of(),
                        gap.map(HistoryCatalog.Gap::at),
                        wanted(database.name()) && obstacle.isPresent() ? obstacle : gap.map(HistoryCatalog.Gap::reason)));
                continue;
            }
            var own = rungs.get(database.oid());
            var oldest = own.isEmpty()
                    ? Optional.<Instant>empty()
                    : catalog.anchors(database.oid(), own.getFirst().at()).stream().map(Anchor::at).findFirst();
            lines.add(new Line(
                    database.name(),
                    true,
                    oldest,
                    own.stream().mapToLong(Ladder.Rung::kept).max().orElse(0),
                    catalog.lastAnchor(database.oid()).map(anchor -> Duration.between(anchor.at(), now)),
                    catalog.uncaptured(database.oid()),
                    gap.map(HistoryCatalog.Gap::at),
                    gap.map(HistoryCatalog.Gap::reason)));
        }
        return lines;
    }
}
