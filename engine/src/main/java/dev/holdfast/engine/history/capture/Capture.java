package dev.holdfast.engine.history.capture;

import dev.holdfast.engine.cluster.Sql;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What stands in a user's database so that its changes can be kept: the schema {@code holdfast} with its event triggers, and
 * the replica identity FULL of the tables.
 */
public final class Capture {
    /** The application waits as long behind us as we wait for it. */
    private static final String LOCK_TIMEOUT = "set local lock_timeout = '50ms'";

    /** The user's own event triggers are not meant for what we do; ours fire always. */
    public static final String QUIETLY = "set session_replication_role = replica";

    private Capture() {}

    /** Puts it in, or finds it there; returns the secret. */
    public static String install(Connection connection) throws SQLException {
        Sql.execute(connection, QUIETLY);
        connection.setAutoCommit(false);
        try {
            Sql.execute(connection, "select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('holdfast capture', 0))");
            if (!isInstalled(connection)) {
                Sql.execute(connection, "drop schema if exists holdfast cascade");
                Sql.execute(connection, script());
                Sql.update(
                        connection,
                        "insert into holdfast.secret (value) select pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to("
                                + "pg_catalog.gen_random_uuid()::text || pg_catalog.gen_random_uuid()::text, 'UTF8')), 'hex')");
            }
            var secret = Sql.one(connection, "select value from holdfast.secret", row -> row.getString(1));
            connection.commit();
            return secret;
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private static String script() {
        try (InputStream in = Capture.class.getResourceAsStream("/dev/holdfast/engine/history/capture.sql")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whole: all of it is there and will be asked. */
    private static boolean isInstalled(Connection connection) throws SQLException {
        return Sql.one(
                connection,
                """
                select (select count(*) from pg_catalog.pg_event_trigger
                        where evtname in ('holdfast_ddl', 'holdfast_drop', 'holdfast_rewrite') and evtenabled = 'A') = 3
                    and pg_catalog.to_regclass('holdfast.secret') is not null
                    and pg_catalog.to_regclass('holdfast.identities') is not null
                """,
                row -> row.getBoolean(1));
    }

    /**
     * Changes when somebody has switched off, replaced or dropped what reports definitions, even if he has put it back since:
     * between the two nothing was reported. VACUUM FREEZE does not change it.
     */
    public static String fingerprint(Connection connection) throws SQLException {
        return Sql.one(
                connection,
                """
                select coalesce(pg_catalog.string_agg(k || ':' || oid || ':' || x || ':' || e, ' ' order by k, oid), '')
                from (
                    select 't' as k, oid::int8, xmin::text as x, evtenabled::text as e from pg_catalog.pg_event_trigger
                    where evtname in ('holdfast_ddl', 'holdfast_drop', 'holdfast_rewrite')
                    union all
                    select 'f', p.oid::int8, p.xmin::text, '' from pg_catalog.pg_proc p
                    join pg_catalog.pg_namespace n on n.oid = p.pronamespace where n.nspname = 'holdfast'
                    union all
                    select 'c', c.oid::int8, '', '' from pg_catalog.pg_class c
                    join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = 'holdfast' and c.relkind = 'r'
                ) parts
                """,
                row -> row.getString(1));
    }

    /** Tells whether definitions have been changed since it was read last. */
    public static String definitions(Connection connection) throws SQLException {
        return Sql.one(
                connection,
                "select pg_catalog.count(*) || ':' || coalesce(pg_catalog.sum(xid::text::numeric), 0) from holdfast.ddl",
                row -> row.getString(1));
    }

    /**
     * Whether a transaction that has changed definitions may be about to end: its commit can stand in the log before anybody sees
     * it, for as long as a standby takes, but it has its locks until then. One that waits for its client is not that far.
     */
    public static boolean isCommitting(Connection connection) throws SQLException {
        return Sql.one(
                connection,
                """
                select exists (
                    select from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
                    where l.locktype = 'relation' and l.relation = 'holdfast.ddl'::pg_catalog.regclass
                        and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
                        and l.mode = 'RowExclusiveLock' and l.granted and a.state is distinct from 'idle in transaction')
                """,
                row -> row.getBoolean(1));
    }

    // ---- identities ----

    /** A table that has no history, and why. */
    public record Uncaptured(long oid, String name, String reason) {}

    private record Candidate(long oid, String name, boolean conflict) {}

    private static final String CANDIDATES =
            """
            select c.oid::int8, pg_catalog.format('%I.%I', n.nspname, c.relname), holdfast.conflicts(c.oid)
            from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where c.relkind = 'r' and c.relpersistence = 'p' and c.relreplident <> 'f' and c.oid >= 16384
                and n.nspname not in ('holdfast', 'information_schema') and n.nspname !~ '^(pg_|holdfast_restore_)'
            order by c.oid
            """;

    /** Gives every table that can have it the identity FULL; returns those that have not got it. */
    public static List<Uncaptured> takeOver(Connection connection) throws SQLException {
        var left = new ArrayList<Uncaptured>();
        for (var table : Sql.query(
                connection, CANDIDATES, row -> new Candidate(row.getLong(1), row.getString(2), row.getBoolean(3)))) {
            if (table.conflict()) {
                left.add(new Uncaptured(
                        table.oid(),
                        table.name(),
                        "it is published with a column list or without its generated columns, so that replica identity FULL would"
                                + " make updates fail"));
            } else if (!takeOver(connection, table)) {
                left.add(new Uncaptured(table.oid(), table.name(), "its lock could not be had yet to set replica identity FULL"));
            }
        }
        return left;
    }

    private static boolean takeOver(Connection connection, Candidate table) throws SQLException {
        connection.setAutoCommit(false);
        try {
            Sql.execute(connection, LOCK_TIMEOUT);
            Sql.query(connection, "select holdfast.take_over(?::oid)", row -> null, table.oid());
            connection.commit();
            return true;
        } catch (SQLException e) {
            connection.rollback();
            // Locked, dropped at this moment, or deadlocked with the application, which goes first.
            if (List.of("55P03", "42P01", "40P01", "XX000", "42704").contains(e.getSQLState())) {
                return false;
            }
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /** Takes everything out again and gives the tables the identities that the user has declared. */
    public static void remove(Connection connection) throws SQLException {
        Sql.execute(connection, QUIETLY);
        if (Sql.one(connection, "select pg_catalog.to_regclass('holdfast.identities') is null", row -> row.getBoolean(1))) {
            return;
        }
        for (var table : Sql.query(
                connection,
                "select i.table_oid::int8 from holdfast.identities i join pg_catalog.pg_class c on c.oid = i.table_oid",
                row -> row.getLong(1))) {
            Sql.query(connection, "select holdfast.give_back(?::oid)", row -> null, table);
        }
        Sql.execute(connection, "drop schema holdfast cascade");
    }
}
