package dev.holdfast.engine.history;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.history.capture.Capture.Uncaptured;
import dev.holdfast.engine.schema.DatabaseSchema;
import dev.holdfast.engine.system.SystemDatabase;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.json.JsonMapper;

/** What is known about histories, in the system database. */
final class HistoryCatalog {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final SystemDatabase system;

    HistoryCatalog(SystemDatabase system) {
        this.system = system;
    }

    // ---- what is wanted ----

    /** @param ttlSeconds empty: as the cluster setting says */
    record Switch(Optional<Boolean> history, Optional<Long> ttlSeconds) {
        static final Switch UNSAID = new Switch(Optional.empty(), Optional.empty());
    }

    /** The database keeps it under another name, and the next one of its name gets it when it is gone. */
    Switch switchOf(UserDatabase database) throws SQLException {
        try (var connection = system.connection()) {
            return Sql.first(
                            connection,
                            """
                            select history, gc_ttl_seconds from public.history_switches
                            where database_oid = ?::oid or database_name = ? order by database_oid = ?::oid desc limit 1
                            """,
                            row -> new Switch(
                                    Optional.ofNullable((Boolean) row.getObject(1)), Optional.ofNullable((Long) row.getObject(2))),
                            database.oid(),
                            database.name(),
                            database.oid())
                    .orElse(Switch.UNSAID);
        }
    }

    void say(UserDatabase database, Optional<Boolean> history, Optional<Long> ttlSeconds) throws SQLException {
        var before = switchOf(database);
        system.transaction(connection -> {
            Sql.update(connection, "delete from public.history_switches where database_oid = ?::oid", database.oid());
            return Sql.update(
                    connection,
                    """
                    insert into public.history_switches (database_name, database_oid, history, gc_ttl_seconds)
                    values (?, ?::oid, ?, ?)
                    on conflict (database_name) do update set
                        database_oid = excluded.database_oid, history = excluded.history, gc_ttl_seconds = excluded.gc_ttl_seconds
                    """,
                    database.name(),
                    database.oid(),
                    history.or(before::history).orElse(null),
                    ttlSeconds.or(before::ttlSeconds).orElse(null));
        });
    }

    /** The next that is said begins anew. */
    void unsay(UserDatabase database) throws SQLException {
        system.transaction(connection -> Sql.update(
                connection,
                "delete from public.history_switches where database_oid = ?::oid or database_name = ?",
                database.oid(),
                database.name()));
    }

    /** Of a table of which it was said how far back it may be read. */
    record Zone(long table, String name, Duration retention) {}

    List<Zone> zones(long oid) throws SQLException {
        try (var connection = system.connection()) {
            return Sql.query(
                    connection,
                    "select table_oid::int8, name, gc_ttl_seconds from public.history_zones where database_oid = ?::oid order by name",
                    row -> new Zone(row.getLong(1), row.getString(2), Duration.ofSeconds(row.getLong(3))),
                    oid);
        }
    }

    void say(long oid, Zone zone) throws SQLException {
        system.transaction(connection -> Sql.update(
                connection,
                """
                insert into public.history_zones values (?::oid, ?::oid, ?, ?)
                on conflict (database_oid, table_oid) do update set name = excluded.name, gc_ttl_seconds = excluded.gc_ttl_seconds
                """,
                oid,
                zone.table(),
                zone.name(),
                zone.retention().toSeconds()));
    }

    void unsay(long oid, long table) throws SQLException {
        system.transaction(connection -> Sql.update(
                connection, "delete from public.history_zones where database_oid = ?::oid and table_oid = ?::oid", oid, table));
    }

    void unsayTables(long oid) throws SQLException {
        system.transaction(
                connection -> Sql.update(connection, "delete from public.history_zones where database_oid = ?::oid", oid));
    }

    // ---- databases ----

    record Entry(long oid, UUID generation, String secret, String fingerprint, Lsn first) {}

    Optional<Entry> entry(long oid) throws SQLException {
        try (var connection = system.connection()) {
            return Sql.first(
                    connection,
                    """
                    select database_oid::int8, generation, secret, fingerprint, first_lsn
                    from public.history_databases where database_oid = ?::oid
                    """,
                    row -> new Entry(
                            row.getLong(1), row.getObject(2, UUID.class), row.getString(3), row.getString(4), Lsn.parse(row.getString(5))),
                    oid);
        }
    }

    List<Long> entries() throws SQLException {
        try (var connection = system.connection()) {
            return Sql.query(connection, "select database_oid::int8 from public.history_databases", row -> row.getLong(1));
        }
    }

    void add(Entry entry) throws SQLException {
        system.transaction(connection -> {
            Sql.update(
                    connection,
                    """
                    insert into public.history_databases (database_oid, generation, secret, fingerprint, first_lsn)
                    values (?::oid, ?, ?, ?, ?::pg_lsn)
                    """,
                    entry.oid(),
                    entry.generation(),
                    entry.secret(),
                    entry.fingerprint(),
                    entry.first().toString());
            return null;
        });
    }

    /** All that is known of a stream which has ended. */
    void forget(long oid, Optional<String> gap) throws SQLException {
        system.transaction(connection -> {
            for (var table : List.of("history_databases", "history_anchors", "history_schemas", "history_tables")) {
                Sql.update(connection, "delete from public." + table + " where database_oid = ?::oid", oid);
            }
            if (gap.isPresent()) {
                Sql.update(connection, "insert into public.history_gaps (database_oid, reason) values (?::oid, ?)", oid, gap.get());
                Sql.update(connection, "delete from public.history_gaps where at < clock_timestamp() - interval '30 days'");
            }
            return null;
        });
    }

    record Gap(Instant at, String reason) {}

    Optional<Gap> lastGap(long oid) throws SQLException {
        try (var connection = system.connection()) {
            return Sql.first(
                    connection,
                    "select at, reason from public.history_gaps where database_oid = ?::oid order by at desc limit 1",
                    row -> new Gap(row.getObject(1, OffsetDateTime.class).toInstant(), row.getString(2)),
                    oid);
        }
    }

    void uncaptured(long oid, List<Uncaptured> tables) throws SQLException {
        system.transaction(connection -> {
            Sql.update(connection, "delete from public.history_tables where database_oid = ?::oid", oid);
            for (var table : tables) {
                Sql.update(
                        connection,
                        "insert into public.history_tables values (?::oid, ?::oid, ?, ?)",
                        oid,
                        table.oid(),
                        table.name(),
                        table.reason());
            }
            return null;
        });
    }

    List<Uncaptured> uncaptured(long oid) throws SQLException {
        try (var connection = system.connection()) {
            return Sql.query(
                    connection,
                    "select table_oid::int8, name, reason from public.history_tables where database_oid = ?::oid order by table_oid",
                    row -> new Uncaptured(row.getLong(1), row.getString(2), row.getString(3)),
                    oid);
        }
    }

    // ---- anchors ----
    // Places are not cast to text: ORDER BY would mean the text, in which 0/9 comes behind 0/10.

    void add(long oid, Anchor anchor) throws SQLException {
        system.transaction(connection -> Sql.update(
                connection,
                "insert into public.history_anchors values (?::oid, ?::pg_lsn, ?, ?, ?) on conflict do nothing",
                oid,
                anchor.lsn().toString(),
                anchor.at(),
                anchor.monotonic(),
                anchor.process()));
    }

    /** From {@code from} on, in the order of the stream. */
    List<Anchor> anchors(long oid, Lsn from) throws SQLException {
        try (var connection = system.connection()) {
            return Sql.query(
                    connection,
                    """
                    select lsn, at, monotonic, process from public.history_anchors
                    where database_oid = ?::oid and lsn >= ?::pg_lsn order by lsn
                    """,
                    HistoryCatalog::anchor,
                    oid,
                    from.toString());
        }
    }

    /** The last one whose time is not after that. */
    Optional<Anchor> lastAnchor(long oid, Instant at) throws SQLException {
        try (var connection = system.connection()) {
            return Sql.first(
                    connection,
                    """
                    select lsn, at, monotonic, process from public.history_anchors
                    where database_oid = ?::oid and at <= ? order by lsn desc limit 1
                    """,
                    HistoryCatalog::anchor,
                    oid,
                    at);
        }
    }

    Optional<Anchor> lastAnchor(long oid) throws SQLException {
        try (var connection = system.connection()) {
            return Sql.first(
                    connection,
                    """
                    select lsn, at, monotonic, process from public.history_anchors
                    where database_oid = ?::oid order by lsn desc limit 1
                    """,
                    HistoryCatalog::anchor,
                    oid);
        }
    }

    private static Anchor anchor(ResultSet row) throws SQLException {
        return new Anchor(
                Lsn.parse(row.getString(1)),
                row.getObject(2, OffsetDateTime.class).toInstant(),
                row.getLong(3),
                row.getObject(4, UUID.class));
    }

    /** What lies before the oldest place that can still be read is of no use. */
    void prune(long oid, Lsn oldest) throws SQLException {
        system.transaction(connection -> {
            Sql.update(
                    connection,
                    "delete from public.history_anchors where database_oid = ?::oid and lsn < ?::pg_lsn",
                    oid,
                    oldest.toString());
            // The newest version stays even if it is older: it is the one in force.
            return Sql.update(
                    connection,
                    """
                    delete from public.history_schemas s where database_oid = ?::oid and exists (
                        select from public.history_schemas n
                        where n.database_oid = s.database_oid and n.from_lsn > s.from_lsn and n.from_lsn <= ?::pg_lsn)
                    """,
                    oid,
                    oldest.toString());
        });
    }

    // ---- schemas ----

    /** @param definitions what the database's list of changes of definitions came to */
    record Version(Lsn from, Lsn to, String definitions) {}

    Optional<Version> lastVersion(long oid) throws SQLException {
        try (var connection = system.connection()) {
            return Sql.first(
                    connection,
                    """
                    select from_lsn, to_lsn, definitions from public.history_schemas
                    where database_oid = ?::oid order by from_lsn desc limit 1
                    """,
                    row -> new Version(Lsn.parse(row.getString(1)), Lsn.parse(row.getString(2)), row.getString(3)),
                    oid);
        }
    }

    void add(long oid, Version version, DatabaseSchema schema) throws SQLException {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(JSON.writeValueAsBytes(schema));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        system.transaction(connection -> Sql.update(
                connection,
                "insert into public.history_schemas values (?::oid, ?::pg_lsn, ?::pg_lsn, ?, ?) on conflict do nothing",
                oid,
                version.from().toString(),
                version.to().toString(),
                version.definitions(),
                bytes.toByteArray()));
    }

    void extend(long oid, Version version, Lsn to) throws SQLException {
        system.transaction(connection -> Sql.update(
                connection,
                """
                update public.history_schemas set to_lsn = greatest(to_lsn, ?::pg_lsn)
                where database_oid = ?::oid and from_lsn = ?::pg_lsn
                """,
                to.toString(),
                oid,
                version.from().toString()));
    }

    /** The youngest version that was read before {@code end}. */
    Optional<StoredSchema> versionBefore(long oid, Lsn end) throws SQLException {
        try (var connection = system.connection()) {
            return Sql.first(
                    connection,
                    """
                    select from_lsn, to_lsn, content from public.history_schemas
                    where database_oid = ?::oid and from_lsn < ?::pg_lsn order by from_lsn desc limit 1
                    """,
                    row -> new StoredSchema(Lsn.parse(row.getString(1)), Lsn.parse(row.getString(2)), read(row.getBytes(3))),
                    oid,
                    end.toString());
        }
    }

    private static DatabaseSchema read(byte[] content) {
        try (var gzip = new GZIPInputStream(new ByteArrayInputStream(content))) {
            return JSON.readValue(gzip.readAllBytes(), DatabaseSchema.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
