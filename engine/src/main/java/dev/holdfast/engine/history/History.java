package dev.holdfast.engine.history;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.history.capture.Capture;
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
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The histories of databases: which are kept ({@link Policy}), what is known of them, and where to read. */
public final class History implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(History.class);
    static final String APPLICATION = "holdfast history";
    static final Duration ANCHOR_EVERY = Duration.ofSeconds(5);

    private final SystemDatabase system;
    private final HistoryCatalog catalog;
    private final Policy policy;
    private final Heartbeat heartbeat;
    private final Enrolment enrolment;
    private final Rounds rounds;

    private History(SystemDatabase system, Settings settings, boolean byDefault) {
        this.system = system;
        this.catalog = new HistoryCatalog(system);
        this.policy = new Policy(system, settings, catalog, byDefault);
        this.heartbeat = new Heartbeat(catalog);
        this.enrolment = new Enrolment(system, catalog, heartbeat);
        this.rounds = new Rounds(system, catalog, policy, enrolment, heartbeat);
    }

    /** {@code byDefault}: whether databases have a history of which nothing is said. */
    public static History start(SystemDatabase system, Settings settings, boolean byDefault) {
        var history = new History(system, settings, byDefault);
        history.rounds.start();
        return history;
    }

    @Override
    public void close() {
        rounds.close();
    }

    /** For a statement about a whole database, which is in nobody's way: see {@link Rounds#makeWay}. */
    public boolean makeWay(Runnable then) {
        return rounds.makeWay(then);
    }

    // ---- which are kept ----

    /** Changes what is wanted of a database, and brings it about. */
    public void configure(String name, Optional<Boolean> on, Optional<Long> ttlSeconds) throws SQLException {
        var database = existing(name);
        if (on.isPresent() && on.get()) {
            requirePossible(database);
            policy.requireBoundedWal();
        }
        catalog.say(database, on, ttlSeconds);
        if (on.isEmpty()) {
            return;
        }
        var lock = enrolment.lock(database.oid());
        lock.lock();
        try {
            if (on.get()) {
                enrolment.enrol(database);
            } else {
                enrolment.release(database);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes back what was said of a database: it is treated as others are. */
    public void discard(String name) throws SQLException {
        var database = existing(name);
        catalog.unsay(database);
        if (policy.wants(database)) {
            return;
        }
        var lock = enrolment.lock(database.oid());
        lock.lock();
        try {
            enrolment.release(database);
        } finally {
            lock.unlock();
        }
    }

    static final String TABLE_NAME =
            """
            select pg_catalog.format('%I.%I', n.nspname, c.relname)
            from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.oid = ?::oid
            """;

    /** How far back a table may be read; empty: as far as its database. */
    public void configureTable(String databaseName, String schema, String table, Optional<Long> ttlSeconds) throws SQLException {
        var database = existing(databaseName);
        long oid;
        String name;
        try (var connection = system.upstream().connect(database.name(), APPLICATION)) {
            oid = Sql.first(
                            connection,
                            """
                            select c.oid::int8 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                            where n.nspname = ? and c.relname = ? and c.relkind = 'r'
                            """,
                            row -> row.getLong(1),
                            schema,
                            table)
                    .orElseThrow(() -> HoldfastException.of(
                                    SqlState.WRONG_OBJECT_TYPE, "\"" + table + "\" has no rows of its own that could have a zone")
                            .withHint("Zones are of ordinary tables; of a partitioned one, its partitions have them."));
            name = Sql.one(connection, TABLE_NAME, row -> row.getString(1), oid);
        }
        if (ttlSeconds.isPresent()) {
            catalog.say(database.oid(), new HistoryCatalog.Zone(oid, name, Duration.ofSeconds(ttlSeconds.get())));
        } else {
            catalog.unsay(database.oid(), oid);
        }
    }

    /** Tables that may be read less far back, or further, than their database, by oid. */
    public Map<Long, Duration> retentions(Captured captured) throws SQLException {
        return catalog.zones(captured.oid()).stream().collect(Collectors.toMap(HistoryCatalog.Zone::table, HistoryCatalog.Zone::retention));
    }

    private Optional<UserDatabase> find(String database) throws SQLException {
        try (var connection = system.connection()) {
            return UserDatabase.all(connection).stream().filter(d -> d.name().equals(database)).findFirst();
        }
    }

    private UserDatabase existing(String name) throws SQLException {
        return find(name)
                .orElseThrow(() -> HoldfastException.of(SqlState.INVALID_CATALOG_NAME, "database \"" + name + "\" does not exist"));
    }

    private void requirePossible(UserDatabase database) throws SQLException {
        var obstacle = policy.obstacle();
        if (obstacle.isPresent()) {
            throw HoldfastException.of(
                            SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                            "the history of database \"" + database.name() + "\" cannot be kept: " + obstacle.get())
                    .withHint("docs/OPERATIONS.md says what an upstream needs.");
        }
    }

    /** The history of a database that has to have one; an error says why it has none. */
    public Captured require(String name) throws SQLException {
        var database = existing(name);
        requirePossible(database);
        if (!policy.wants(database)) {
            throw HoldfastException.of(
                            SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, "the history of database \"" + name + "\" is not kept")
                    .withHint("ALTER DATABASE " + Sql.identifier(name) + " CONFIGURE ZONE USING history = on; then take a full backup.");
        }
        var lock = enrolment.lock(database.oid());
        lock.lock();
        try {
            return enrolment.enrol(database);
        } finally {
            lock.unlock();
        }
    }

    /** The history of a database if it has one, or can have one at once. */
    public Optional<Captured> ifAny(String name) throws SQLException {
        var database = find(name);
        if (database.isEmpty() || !policy.wants(database.get()) || policy.obstacle().isPresent()) {
            return Optional.empty();
        }
        try {
            return Optional.of(require(name));
        } catch (SQLException | HoldfastException e) {
            // No slot is free, or the output plugin is not there: whoever needs none goes on without a history.
            LOG.warn("history of database \"{}\": {}", name, e.getMessage());
            return Optional.empty();
        }
    }

    /** Whether nothing has come between since {@link #require}. */
    public boolean isKept(Captured captured) throws SQLException {
        var entry = catalog.entry(captured.oid());
        if (entry.isEmpty() || !entry.get().generation().equals(captured.generation())) {
            return false;
        }
        try (var connection = system.upstream().connect(captured.database(), APPLICATION)) {
            return Enrolment.whyBroken(entry.get(), connection).isEmpty();
        }
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

    /**
     * A place in the stream of this moment.
     *
     * @param xid younger than that of every transaction whose commit lies before the place
     */
    public record Mark(Lsn at, long xid) {}

    public Mark mark(Captured captured, Connection connection) throws SQLException {
        Sql.execute(connection, "set synchronous_commit = local");
        return Sql.one(
                connection,
                """
                select pg_catalog.pg_logical_emit_message(false, 'holdfast', pg_catalog.jsonb_build_object(
                    'kind', 'mark', 'secret', ?)::text)::text, pg_catalog.pg_current_xact_id()::text
                """,
                row -> new Mark(Lsn.parse(row.getString(1)), Long.parseLong(row.getString(2))),
                captured.secret());
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
        long old = System.nanoTime() - ANCHOR_EVERY.toNanos();
        return anchors(captured).stream()
                .filter(anchor -> anchor.at().isBefore(limit))
                // A clock that was set forward makes it look older than it is.
                .filter(anchor -> !heartbeat.isOwn(anchor) || anchor.monotonic() < old)
                .reduce((a, b) -> b)
                .map(Anchor::lsn)
                .filter(lsn -> !lsn.isBefore(captured.first()))
                .orElse(captured.first());
    }

    /** A table that may be read less far back than its database. */
    public record TableLine(String name, Optional<Instant> oldest) {}

    /** One line of SHOW HISTORY. */
    public record Line(
            String database,
            boolean on,
            Optional<Instant> oldest,
            long walBytes,
            Optional<Duration> lag,
            List<Capture.Uncaptured> uncaptured,
            List<TableLine> tables,
            Optional<Instant> gapAt,
            Optional<String> gap) {}

    private Optional<String> whyOff(UserDatabase database, Optional<String> obstacle) throws SQLException {
        return obstacle.isEmpty() && policy.wants(database) ? enrolment.lastFailure(database) : obstacle;
    }

    public List<Line> lines() throws SQLException {
        var lines = new ArrayList<Line>();
        var obstacle = policy.obstacle();
        List<UserDatabase> databases;
        var rungs = new HashMap<Long, List<Ladder.Rung>>();
        Instant now;
        try (var connection = system.connection()) {
            databases = UserDatabase.all(connection);
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
                        List.of(),
                        gap.map(HistoryCatalog.Gap::at),
                        whyOff(database, obstacle).or(() -> gap.map(HistoryCatalog.Gap::reason))));
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
                    tables(database, oldest, now),
                    gap.map(HistoryCatalog.Gap::at),
                    gap.map(HistoryCatalog.Gap::reason)));
        }
        return lines;
    }

    private List<TableLine> tables(UserDatabase database, Optional<Instant> oldest, Instant now) throws SQLException {
        var tables = new ArrayList<TableLine>();
        for (var zone : catalog.zones(database.oid())) {
            var limit = now.minus(zone.retention());
            tables.add(new TableLine(zone.name(), oldest.map(instant -> instant.isBefore(limit) ? limit : instant)));
        }
        return tables;
    }
}
