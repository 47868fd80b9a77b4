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
import java.util.Optional;

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
                reinstall(connection);
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

    /** What was declared before the first time is known from nowhere else. */
    private static void reinstall(Connection connection) throws SQLException {
        boolean known = Sql.one(
                connection, "select pg_catalog.to_regclass('holdfast.identities') is not null", row -> row.getBoolean(1));
        if (known) {
            Sql.execute(connection, "create temp table holdfast_identities on commit drop as table holdfast.identities");
        }
        Sql.execute(connection, "drop schema if exists holdfast cascade");
        Sql.execute(connection, script());
        if (known) {
            Sql.execute(connection, "insert into holdfast.identities table pg_temp.holdfast_identities");
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
                    and pg_catalog.to_regclass('holdfast.ddl') is not null
                    and pg_catalog.to_regclass('holdfast.ddl_before') is not null
                    and pg_catalog.to_regclass('holdfast.identities') is not null
                """,
                row -> row.getBoolean(1));
    }

    /**
     * Changes when somebody has switched off, replaced or dropped what reports definitions, even if he has put it back since:
     * between the two nothing was reported. VACUUM FREEZE does not change it. Another server or timeline, which goes before
     * the first blank, has another stream altogether.
     */
    public static String fingerprint(Connection connection) throws SQLException {
        boolean installed = Sql.one(
                connection, "select pg_catalog.to_regclass('holdfast.secret') is not null", row -> row.getBoolean(1));
        return Sql.one(
                connection,
                """
                select (select system_identifier from pg_catalog.pg_control_system()) || ':'
                    || pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8) || ' '
                    || coalesce(pg_catalog.string_agg(k || ':' || oid || ':' || x || ':' || e, ' ' order by k, oid), '') || ' '
                    || %s
                from (
                    select 't' as k, oid::int8, xmin::text as x, evtenabled::text as e from pg_catalog.pg_event_trigger
                    where evtname in ('holdfast_ddl', 'holdfast_drop', 'holdfast_rewrite')
                    union all
                    select 'f', p.oid::int8, p.xmin::text, '' from pg_catalog.pg_proc p
                    join pg_catalog.pg_namespace n on n.oid = p.pronamespace where n.nspname = 'holdfast'
                    union all
                    select 'c', c.oid::int8, '', '' from pg_catalog.pg_class c
                    join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = 'holdfast' and c.relkind in ('r', 'm')
                ) parts
                """.formatted(installed ? "(select pg_catalog.md5(value) from holdfast.secret)" : "''"),
                row -> row.getString(1));
    }

    /** What has come between two fingerprints. */
    public static Optional<String> whatChanged(String before, String now) {
        if (before.equals(now)) {
            return Optional.empty();
        }
        return Optional.of(
                before.substring(0, before.indexOf(' ')).equals(now.substring(0, now.indexOf(' ')))
                        ? "the event triggers that report definitions were disabled, replaced or dropped"
                        : "the upstream is another server, or a standby that was promoted, or was restored from a backup");
    }

    /** Tells whether definitions have been changed since it was read last. */
    public static String definitions(Connection connection) throws SQLException {
        return Sql.one(
                connection,
                """
                select (b.transactions + pg_catalog.count(d.xid)) || ':'
                    || (b.xids + coalesce(pg_catalog.sum(d.xid::text::numeric), 0))
                from holdfast.ddl_before b left join holdfast.ddl d on true
                group by b.transactions, b.xids
                """,
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

    /** An application may create and drop tables all day. */
    private static void sumUp(Connection connection) throws SQLException {
        Sql.update(
                connection,
                """
                with gone as (
                    delete from holdfast.ddl where (select pg_catalog.count(*) > 1000 from holdfast.ddl) returning xid
                ), sums as (
                    select pg_catalog.count(*) as transactions, coalesce(pg_catalog.sum(xid::text::numeric), 0) as xids from gone
                )
                update holdfast.ddl_before b set transactions = b.transactions + s.transactions, xids = b.xids + s.xids
                from sums s where s.transactions > 0
                """);
        // Not when they are dropped: see the script.
        Sql.update(
                connection,
                """
                delete from holdfast.identities i where not exists (select from pg_catalog.pg_class c where c.oid = i.table_oid)
                """);
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
        sumUp(connection);
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
        return withLock(connection, "select holdfast.take_over(?::oid)", table.oid());
    }

    /** False when the table's lock could not be had. */
    private static boolean withLock(Connection connection, String sql, long table) throws SQLException {
        connection.setAutoCommit(false);
        try {
            Sql.execute(connection, LOCK_TIMEOUT);
            Sql.query(connection, sql, row -> null, table);
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

    /**
     * Takes everything out again and gives the tables the identities that the user has declared. False when one of them could
     * not be locked: then it has to be called again.
     */
    public static boolean remove(Connection connection) throws SQLException {
        Sql.execute(connection, QUIETLY);
        // They would take the tables over again.
        for (var trigger : List.of("holdfast_ddl", "holdfast_drop", "holdfast_rewrite")) {
            Sql.execute(connection, "drop event trigger if exists " + trigger);
        }
        if (Sql.one(connection, "select pg_catalog.to_regclass('holdfast.identities') is null", row -> row.getBoolean(1))) {
            return true;
        }
        boolean all = true;
        for (var table : Sql.query(
                connection,
                "select i.table_oid::int8 from holdfast.identities i join pg_class c on c.oid = i.table_oid",
                row -> row.getLong(1))) {
            all &= withLock(connection, "select holdfast.give_back(?::oid)", table);
        }
        if (all) {
            Sql.execute(connection, "drop schema holdfast cascade");
        }
        return all;
    }
}
