package dev.holdfast.it.history;

import dev.holdfast.it.support.Sessions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/**
 * One client of a load, that knows what its tables hold after each of its transactions. Every transaction also writes its
 * number into a table, so a restored database says up to which one it goes; the rest of it has to fit that, row for row. The
 * client notes as well when each transaction began and when it was acknowledged, so an instant says which ones must be in.
 */
final class Ledger implements Runnable {
    private static final int ROWS = 25;
    /** Milliseconds: the load is to be varied, not heavy. */
    private static final int PAUSE = 20;

    /** After transaction {@code number}: what the tables hold, and between which times it became so. */
    record Entry(int number, Instant before, Instant after, long keyed, long keyless) {}

    private final int client;
    private final Connector connector;
    private final Random random;
    private final TreeMap<Integer, String> keyed = new TreeMap<>();
    private final List<String> keyless = new ArrayList<>();
    private final List<Entry> entries = new ArrayList<>();
    private volatile boolean stopping;
    private volatile SQLException failure;
    private Connection connection;
    private int number;

    /** Also after the server, or what stands before it, has died. */
    @FunctionalInterface
    interface Connector {
        Connection connect() throws SQLException;
    }

    Ledger(int client, Connector connector, long seed) {
        this.client = client;
        this.connector = connector;
        this.random = new Random(seed + client);
    }

    /** With every odd character. */
    static String keyedTable(int client) {
        return "\"Odd \"\"name. [" + client + "]:x\"";
    }

    private static String keylessTable(int client) {
        return "keyless_" + client;
    }

    static void createNumbers(Connection connection) throws SQLException {
        execute(connection, "create table numbers (client int primary key, number int not null)");
    }

    void create() throws SQLException {
        connection = connector.connect();
        execute(
                connection,
                "create table " + keyedTable(client) + " (\"col ]:x\" int primary key deferrable initially deferred, v text, twice int"
                        + " generated always as (\"col ]:x\" * 2) stored, \"N\" numeric default 'NaN', b bytea default '\\x00ff5c27')");
        execute(connection, "alter table " + keyedTable(client) + " alter v set storage external");
        execute(connection, "create table " + keylessTable(client) + " (a int, b text)");
        execute(connection, "insert into numbers values (" + client + ", 0)");
        note(Sessions.now(connection), Sessions.now(connection));
    }

    private void note(Instant before, Instant after) {
        synchronized (entries) {
            entries.add(new Entry(number, before, after, digest(keyed), digest(keyless)));
        }
    }

    List<Entry> entries() {
        synchronized (entries) {
            return List.copyOf(entries);
        }
    }

    int client() {
        return client;
    }

    void stop() {
        stopping = true;
    }

    void requireHealthy() throws SQLException {
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void run() {
        try {
            connection.setAutoCommit(false);
            while (!stopping) {
                oneOrNone();
                Thread.sleep(PAUSE);
            }
            connection.close();
        } catch (SQLException e) {
            failure = e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A transaction whose connection is lost has happened or not; the number that it writes tells. */
    private void oneOrNone() throws SQLException, InterruptedException {
        var keyedBefore = new TreeMap<>(keyed);
        var keylessBefore = List.copyOf(keyless);
        int numberBefore = number;
        var begin = lastAfter();
        try {
            transaction();
        } catch (SQLException e) {
            if (!isLoss(e)) {
                throw e;
            }
            int committed = reconnect();
            if (committed == numberBefore + 1) {
                noteOnce(begin);
            } else if (committed == numberBefore) {
                keyed.clear();
                keyed.putAll(keyedBefore);
                keyless.clear();
                keyless.addAll(keylessBefore);
                number = numberBefore;
            } else {
                throw new SQLException("transaction " + committed + " where " + numberBefore + " was the last", e);
            }
            connection.setAutoCommit(false);
        }
    }

    /** It may have been noted before the connection was lost. */
    private void noteOnce(Instant begin) throws SQLException {
        var end = Sessions.now(connection);
        synchronized (entries) {
            if (entries.size() == number) {
                note(begin, end);
            }
        }
    }

    private static boolean isLoss(SQLException e) {
        return e.getSQLState() != null && (e.getSQLState().startsWith("08") || e.getSQLState().startsWith("57P"));
    }

    private Instant lastAfter() {
        synchronized (entries) {
            return entries.getLast().after();
        }
    }

    /** Returns the number of the last transaction that has happened. */
    private int reconnect() throws SQLException, InterruptedException {
        for (long deadline = System.nanoTime() + 120_000_000_000L; ; Thread.sleep(100)) {
            try {
                connection.close();
                connection = connector.connect();
                execute(connection, "set lock_timeout = '200ms'");
                try (var statement = connection.createStatement();
                        var prepared = statement.executeQuery("select from pg_prepared_xacts where gid = 'client " + client + "'")) {
                    if (prepared.next()) {
                        execute(connection, "commit prepared 'client " + client + "'");
                    }
                }
                // The lock waits for a commit that is still under way.
                try (var statement = connection.createStatement();
                        var result = statement.executeQuery("select number from numbers where client = " + client + " for update")) {
                    result.next();
                    return result.getInt(1);
                }
            } catch (SQLException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
            }
        }
    }

    private void transaction() throws SQLException {
        var before = Sessions.now(connection);
        if (random.nextInt(10) == 0) {
            // What is rolled back leaves nothing.
            change(true);
            connection.rollback();
            return;
        }
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            if (random.nextInt(6) == 0) {
                execute(connection, "savepoint s");
                change(true);
                execute(connection, "rollback to s");
            }
            change(false);
        }
        number++;
        execute(connection, "update numbers set number = " + number + " where client = " + client);
        if (random.nextInt(8) == 0) {
            execute(connection, "prepare transaction 'client " + client + "'");
            connection.setAutoCommit(true);
            execute(connection, "commit prepared 'client " + client + "'");
            connection.setAutoCommit(false);
        } else {
            connection.commit();
        }
        note(before, Sessions.now(connection));
        connection.commit();
    }

    /** {@code lost}: it will be rolled back, so the model stays as it is. */
    private void change(boolean lost) throws SQLException {
        int key = random.nextInt(ROWS);
        switch (random.nextInt(8)) {
            case 0, 1 -> {
                var value = value();
                execute(
                        connection,
                        "insert into " + keyedTable(client) + " values (" + key + ", " + literal(value) + ")",
                        !keyed.containsKey(key));
                if (!lost) {
                    keyed.putIfAbsent(key, value);
                }
            }
            case 2 -> {
                execute(connection, "delete from " + keyedTable(client) + " where \"col ]:x\" = " + key);
                if (!lost) {
                    keyed.remove(key);
                }
            }
            case 3 -> {
                var value = value();
                execute(connection, "update " + keyedTable(client) + " set v = " + literal(value) + " where \"col ]:x\" = " + key);
                if (!lost) {
                    keyed.computeIfPresent(key, (k, v) -> value);
                }
            }
            case 4 -> {
                // Every row gets the key of the next one.
                // What is pushed out at the end goes, or the table would grow and grow.
                execute(connection, "delete from " + keyedTable(client) + " where \"col ]:x\" >= " + ROWS);
                execute(connection, "update " + keyedTable(client) + " set \"col ]:x\" = \"col ]:x\" + 1");
                // Or the table, and with it the cost of doing this, would grow for ever.
                execute(connection, "delete from " + keyedTable(client) + " where \"col ]:x\" > " + ROWS);
                if (!lost) {
                    keyed.keySet().removeIf(k -> k >= ROWS);
                    var moved = new TreeMap<Integer, String>();
                    keyed.headMap(ROWS).forEach((k, v) -> moved.put(k + 1, v));
                    keyed.clear();
                    keyed.putAll(moved);
                }
            }
            case 5 -> execute(connection, "update " + keyedTable(client) + " set \"N\" = \"N\"");
            case 6 -> {
                int a = random.nextInt(3);
                execute(connection, "insert into " + keylessTable(client) + " values (" + a + ", 'same'), (" + a + ", null)");
                if (!lost) {
                    keyless.add(a + " same");
                    keyless.add(a + " null");
                }
            }
            default -> {
                int a = random.nextInt(3);
                execute(
                        connection,
                        "delete from " + keylessTable(client) + " where ctid = (select ctid from " + keylessTable(client) + " where a = " + a
                                + " and b = 'same' limit 1)");
                if (!lost) {
                    keyless.remove(a + " same");
                }
            }
        }
    }

    private String value() {
        return switch (random.nextInt(8)) {
            case 0 -> "tab\tline\nback\\slash ' quote \u00e4\u20ac";
            case 1 -> "";
            case 2 -> Integer.toString(random.nextInt(36), 36).repeat(3000 + random.nextInt(2000));
            default -> "v" + random.nextInt();
        };
    }

    private static String literal(String value) {
        return "'" + value.replace("'", "''") + "'";
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        execute(connection, sql, true);
    }

    private static void execute(Connection connection, String sql, boolean wanted) throws SQLException {
        if (wanted) {
            try (var statement = connection.createStatement()) {
                statement.execute(sql);
            }
        }
    }

    private static long digest(TreeMap<Integer, String> rows) {
        long sum = 0;
        for (var row : rows.entrySet()) {
            sum += mixed(row.getKey() + "|" + row.getValue() + "|" + row.getKey() * 2);
        }
        return sum;
    }

    private static long digest(List<String> rows) {
        return rows.stream().mapToLong(Ledger::mixed).sum();
    }

    private static long mixed(String text) {
        long hash = 1125899906842597L;
        for (int i = 0; i < text.length(); i++) {
            hash = 31 * hash + text.charAt(i);
        }
        return hash * 0x9E3779B97F4A7C15L;
    }

    /** Compares a restored database with what this client knows; returns what is wrong, or null. */
    String check(Connection restored, Instant instant) throws SQLException {
        int upTo;
        try (var statement = restored.createStatement();
                var result = statement.executeQuery("select number from numbers where client = " + client)) {
            if (!result.next()) {
                return "client " + client + " is not there";
            }
            upTo = result.getInt(1);
        }
        var known = entries();
        var entry = known.get(upTo);
        if (entry.before().isAfter(instant)) {
            return "transaction " + upTo + " of client " + client + " began after " + instant;
        }
        if (upTo + 1 < known.size() && known.get(upTo + 1).after().isBefore(instant)) {
            return "transaction " + (upTo + 1) + " of client " + client + " was acknowledged before " + instant + " and is missing";
        }
        var rows = new TreeMap<Integer, String>();
        try (var statement = restored.createStatement();
                var result = statement.executeQuery("select \"col ]:x\", v, twice, \"N\"::text, b::text from " + keyedTable(client))) {
            while (result.next()) {
                rows.put(result.getInt(1), result.getString(2));
                if (result.getInt(3) != 2 * result.getInt(1) || !"NaN".equals(result.getString(4))
                        || !"\\x00ff5c27".equals(result.getString(5))) {
                    return "a row of client " + client + " has other values";
                }
            }
        }
        if (digest(rows) != entry.keyed()) {
            return "the keyed table of client " + client + " is not as after transaction " + upTo;
        }
        var loose = new ArrayList<String>();
        try (var statement = restored.createStatement();
                var result = statement.executeQuery("select a, b from " + keylessTable(client))) {
            while (result.next()) {
                loose.add(result.getInt(1) + " " + result.getString(2));
            }
        }
        return digest(loose) == entry.keyless() ? null : "the keyless table of client " + client + " is not as after transaction " + upTo;
    }
}
