package dev.holdfast.engine.history;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The slots of one database, oldest first. Each keeps the stream from its place on; reading begins at the youngest that lies
 * before what is wanted, and history is retired by dropping the oldest.
 *
 * <p>Works over a connection to the database itself: PostgreSQL moves a slot from nowhere else.
 */
final class Ladder {
    private static final int RUNGS = 10;
    /** With so many the older one can still go when the younger one is old enough. */
    private static final int LEAST_RUNGS = 2;
    /** Slots that are left for others, and for our readers. */
    private static final int MOST_RESERVED = 20;
    private static final String PLUGIN = "test_decoding";

    private final Connection connection;
    private final String prefix;

    /** @param kept bytes of the log that this rung keeps */
    record Rung(String slot, Lsn at, long number, boolean lost, long kept) {}

    Ladder(Connection connection, long databaseOid) {
        this.connection = connection;
        this.prefix = Captured.slots(databaseOid);
    }

    List<Rung> rungs() throws SQLException {
        return rungs(connection, prefix);
    }

    /** From any database. */
    static List<Rung> rungs(Connection connection, String prefix) throws SQLException {
        return Sql.query(
                connection,
                """
                select slot_name, coalesce(confirmed_flush_lsn, '0/0')::text,
                    pg_catalog.substr(slot_name, pg_catalog.length(?) + 1)::int8, wal_status is not distinct from 'lost',
                    coalesce(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn), 0)::int8
                from pg_catalog.pg_replication_slots
                where pg_catalog.starts_with(slot_name::text, ?) and not temporary
                order by 3
                """,
                row -> new Rung(row.getString(1), Lsn.parse(row.getString(2)), row.getLong(3), row.getBoolean(4), row.getLong(5)),
                prefix,
                prefix);
    }

    /** Waits for the transactions that are running. */
    Lsn begin() throws SQLException {
        Sql.execute(connection, "set statement_timeout = '60s'");
        try {
            return Sql.one(
                    connection,
                    "select lsn::text from pg_catalog.pg_create_logical_replication_slot(?, ?)",
                    row -> Lsn.parse(row.getString(1)),
                    prefix + "1",
                    PLUGIN);
        } catch (SQLException e) {
            // 58P01: no such file.
            if ("58P01".equals(e.getSQLState())) {
                throw HoldfastException.of(
                                SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                                "no history can be kept: the upstream lacks the output plugin " + PLUGIN,
                                e)
                        .withHint("It is one of PostgreSQL's contrib modules: install these on the upstream's machine.");
            }
            throw e;
        } finally {
            Sql.execute(connection, "set statement_timeout = 0");
        }
    }

    /** How many rungs this database can have when slots are short. */
    private int most() throws SQLException {
        return hasRoom() ? RUNGS : LEAST_RUNGS;
    }

    private boolean hasRoom() throws SQLException {
        return Sql.one(
                connection,
                """
                select most - used > least(?, most / 4)
                from (select pg_catalog.current_setting('max_replication_slots')::int4 as most, pg_catalog.count(*) as used
                    from pg_catalog.pg_replication_slots) slots
                """,
                row -> row.getBoolean(1),
                MOST_RESERVED);
    }

    /**
     * A new youngest rung at the end of the log; the one that was the youngest stays where it is. Where slots are short there is
     * none: reading begins further back then, and what is kept gets longer.
     */
    void climb() throws SQLException {
        if (!hasRoom() && rungs().size() >= LEAST_RUNGS) {
            return;
        }
        var head = rungs().getLast();
        var next = prefix + (head.number() + 1);
        Sql.query(connection, "select pg_catalog.pg_copy_logical_replication_slot(?, ?)", row -> null, head.slot(), next);
        Sql.query(connection, "select pg_catalog.pg_replication_slot_advance(?, pg_catalog.pg_current_wal_lsn())", row -> null, next);
    }

    /** Drops the rungs that are not needed to reach back to {@code wanted}. */
    void retire(Lsn wanted) throws SQLException {
        var rungs = rungs();
        for (int i = 0; i + 1 < rungs.size() && !wanted.isBefore(rungs.get(i + 1).at()); i++) {
            drop(rungs.get(i));
        }
    }

    /** Leaves gaps that grow with age: of the rungs between the ends the one goes that is missed least. */
    void thin(Lsn now) throws SQLException {
        var rungs = new ArrayList<>(rungs());
        int most = most();
        while (rungs.size() > most) {
            int least = 1;
            double leastRatio = Double.MAX_VALUE;
            for (int i = 1; i + 1 < rungs.size(); i++) {
                double span = rungs.get(i + 1).at().value() - rungs.get(i - 1).at().value();
                double age = now.value() - rungs.get(i + 1).at().value() + 1;
                if (span / age < leastRatio) {
                    leastRatio = span / age;
                    least = i;
                }
            }
            drop(rungs.remove(least));
        }
    }

    /** Bytes of the log that are there because of this history. */
    long kept() throws SQLException {
        return rungs().stream().mapToLong(Rung::kept).max().orElse(0);
    }

    /** Drops from the oldest on until what is kept is within the limit; the last one stays. */
    void limit(long bytes) throws SQLException {
        var rungs = rungs();
        for (int i = 0; i + 1 < rungs.size() && rungs.get(i).kept() > bytes; i++) {
            drop(rungs.get(i));
        }
    }

    private void drop(Rung rung) throws SQLException {
        drop(connection, rung.slot());
    }

    static void dropAll(Connection connection, String prefix) throws SQLException {
        for (var rung : rungs(connection, prefix)) {
            drop(connection, rung.slot());
        }
    }

    private static void drop(Connection connection, String slot) throws SQLException {
        try {
            Sql.query(connection, "select pg_catalog.pg_drop_replication_slot(?)", row -> null, slot);
        } catch (SQLException e) {
            // 55006: it is being copied for a reader and goes the next time; 42704: it is gone.
            if (!"55006".equals(e.getSQLState()) && !"42704".equals(e.getSQLState())) {
                throw e;
            }
        }
    }
}
