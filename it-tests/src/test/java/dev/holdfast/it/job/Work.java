package dev.holdfast.it.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Leftovers;
import dev.holdfast.it.support.Rows;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A database that takes a while to back up and to restore, and the jobs that do so, for tests that disturb them. */
final class Work {
    static final String SOURCE = "work";
    static final String COLLECTION = "nodelocal://1/disturbed";

    private final TestHoldfast holdfast;
    private final Map<String, String> rows;
    private final List<String> sequences;

    private Work(TestHoldfast holdfast, Map<String, String> rows, List<String> sequences) {
        this.holdfast = holdfast;
        this.rows = rows;
        this.sequences = sequences;
    }

    static Work create(TestHoldfast holdfast) throws Exception {
        try (var connection = holdfast.connect("postgres")) {
            Sessions.execute(connection, "create database " + SOURCE);
            // Many files, so that there are many moments between two of them.
            Sessions.execute(connection, "SET CLUSTER SETTING bulkio.backup.file_size = '1MiB'");
        }
        try (var connection = holdfast.connect(SOURCE)) {
            Sessions.execute(
                    connection,
                    "create table accounts (id bigserial primary key, owner text not null, balance numeric not null)",
                    "insert into accounts (owner, balance) select md5(i::text), i / 7.0 from generate_series(1, 100000) i",
                    "create table transfers (id int primary key, debit bigint references accounts, note text, at timestamptz)",
                    "insert into transfers select i, 1 + i % 100000, repeat(md5(i::text), 3), timestamptz '2024-01-01' + i * interval '1 s'"
                            + " from generate_series(1, 100000) i",
                    "create index on transfers (at)",
                    "create index on transfers (note)",
                    "create index on accounts (owner)",
                    "create view rich as select * from accounts where balance > 1000",
                    "create materialized view sums as select debit % 10 as d, count(*) as n from transfers group by 1");
            for (int i = 0; i < 30; i++) {
                Sessions.execute(
                        connection, "create table small" + i + " as select i as a, i::text as b from generate_series(1, " + i * 10 + ") i");
            }
            return new Work(holdfast, Rows.of(connection), Rows.sequences(connection));
        }
    }

    // ---- jobs ----

    /** Starts a backup and returns its job's id. */
    long backUp() throws SQLException {
        return detached("BACKUP DATABASE " + SOURCE + " INTO '" + COLLECTION + "' WITH detached");
    }

    long restore(String name) throws SQLException {
        return detached("RESTORE DATABASE " + SOURCE + " FROM LATEST IN '" + COLLECTION + "' WITH detached, new_db_name = '" + name + "'");
    }

    /** Into a database that is there, beside what it holds. */
    long restoreTables(String database) throws SQLException {
        return detached("RESTORE TABLE " + SOURCE + ".accounts, " + SOURCE + ".transfers, " + SOURCE + ".rich FROM LATEST IN '" + COLLECTION
                + "' WITH detached, into_db = '" + database + "'");
    }

    private long detached(String statement) throws SQLException {
        try (var connection = holdfast.connect("postgres")) {
            return Long.parseLong(Sessions.one(connection, statement));
        }
    }

    String status(long job) throws SQLException {
        try (var connection = holdfast.connect("system")) {
            return Sessions.one(connection, "select status from jobs where id = " + job);
        }
    }

    /** Waits for the end, across restarts of the upstream. */
    String end(long job) throws Exception {
        for (long deadline = System.nanoTime() + 90_000_000_000L; System.nanoTime() < deadline; Thread.sleep(50)) {
            try {
                var status = status(job);
                if (List.of("succeeded", "failed", "canceled", "revert-failed", "paused").contains(status)) {
                    return status;
                }
            } catch (SQLException e) {
                // The upstream is restarting: the job's row will be there when it is back.
            }
        }
        return status(job);
    }

    /** What went wrong, for a test that has to say more than which status it did not want. */
    String story(long job) throws Exception {
        try (var connection = holdfast.connect("system")) {
            return Sessions.rows(connection, "select status, error, execution_errors, num_runs, finishing from jobs where id = " + job)
                    + " " + holdfast.errors();
        }
    }

    // ---- results ----

    int backups() throws SQLException {
        try (var connection = holdfast.connect("postgres")) {
            return Sessions.rows(connection, "SHOW BACKUPS IN '" + COLLECTION + "'").size();
        }
    }

    void assertEqualToSource(String database) throws Exception {
        try (var connection = holdfast.connect(database)) {
            assertThat(Rows.of(connection)).isEqualTo(rows);
            assertThat(Rows.sequences(connection)).isEqualTo(sequences);
            assertThat(Rows.withoutStatistics(connection)).isEmpty();
            assertThat(Sessions.one(connection, "select count(*) from rich")).isNotEqualTo("0");
        }
    }

    void assertTablesEqualToSource(String database) throws Exception {
        try (var connection = holdfast.connect(database)) {
            for (var table : List.of("public.accounts", "public.transfers")) {
                assertThat(Rows.of(connection, "n.nspname || '.' || c.relname = '" + table + "'")).containsEntry(table, rows.get(table));
            }
        }
    }

    boolean exists(String database) throws SQLException {
        try (var connection = holdfast.connect("postgres")) {
            return !Sessions.rows(connection, "select from pg_database where datname = ?", database).isEmpty();
        }
    }

    void drop(String database) throws SQLException {
        try (Connection connection = holdfast.connect("postgres")) {
            Sessions.execute(connection, "drop database " + database + " with (force)");
        }
    }

    void assertNothingLeft() throws Exception {
        var left = new ArrayList<>(Leftovers.inServer(holdfast::connect));
        left.addAll(Leftovers.inCollections(holdfast.extern()));
        var temporary = holdfast.store().resolve("tmp");
        if (Files.isDirectory(temporary)) {
            try (var files = Files.list(temporary)) {
                files.forEach(file -> left.add("file " + file));
            }
        }
        assertThat(left).isEmpty();
    }

    /** Also while a process is dead: whatever LATEST names is complete. */
    void assertLatestIsComplete() throws Exception {
        assertThat(Leftovers.inCollections(holdfast.extern()))
                .filteredOn(left -> left.startsWith("LATEST"))
                .isEmpty();
    }
}
