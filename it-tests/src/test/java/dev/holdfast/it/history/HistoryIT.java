package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Restored instants under load are exactly what the clients have done by then. */
class HistoryIT {
    private static final int CLIENTS = 3;
    private static final int ACCOUNTS = 1000;
    private static final int INSTANTS = Integer.getInteger("holdfast.instants", 3);

    private static TestHoldfast holdfast;

    private final long seed = Long.getLong("holdfast.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<Ledger> ledgers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final List<Connection> connections = new ArrayList<>();
    private Connection admin;
    private volatile boolean stopping;

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
    }

    @BeforeEach
    void load() throws Exception {
        System.out.println("seed " + seed + " (-Dholdfast.seed)");
        admin = holdfast.connect("postgres");
        Sessions.execute(admin, "drop database if exists bank", "create database bank");
        try (var bank = holdfast.connect("bank")) {
            Ledger.createNumbers(bank);
            Sessions.execute(
                    bank,
                    "create table accounts (id int primary key, balance int not null)",
                    "insert into accounts select g, 0 from generate_series(1, " + ACCOUNTS + ") g",
                    "create table transfers (account int, amount int)");
        }
        for (int i = 0; i < CLIENTS; i++) {
            var ledger = new Ledger(i, open("bank"), seed);
            ledger.create();
            ledgers.add(ledger);
        }
    }

    @AfterEach
    void unload() throws Exception {
        stopClients();
        for (var connection : connections) {
            connection.close();
        }
        admin.close();
    }

    private Connection open(String database) throws SQLException {
        var connection = holdfast.connect(database);
        connections.add(connection);
        return connection;
    }

    private void startClients() throws SQLException {
        for (var ledger : ledgers) {
            threads.add(Thread.ofPlatform().start(ledger));
        }
        for (int i = 0; i < 2; i++) {
            var connection = open("bank");
            long own = seed + 100 + i;
            threads.add(Thread.ofPlatform().start(() -> transfer(connection, new Random(own))));
        }
    }

    /** The sum of all balances is always 0, and each is the sum of its transfers. */
    private void transfer(Connection connection, Random own) {
        try {
            connection.setAutoCommit(false);
            while (!stopping) {
                int from = 1 + own.nextInt(ACCOUNTS);
                int to = 1 + own.nextInt(ACCOUNTS);
                int amount = own.nextInt(100);
                Sessions.execute(
                        connection,
                        "update accounts set balance = balance - " + amount + " where id = " + Math.min(from, to),
                        "update accounts set balance = balance + " + amount + " where id = " + Math.max(from, to),
                        "insert into transfers values (" + Math.min(from, to) + ", -" + amount + "), (" + Math.max(from, to) + ", "
                                + amount + ")");
                connection.commit();
                Thread.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            if (!stopping) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void stopClients() throws Exception {
        stopping = true;
        ledgers.forEach(Ledger::stop);
        for (var thread : threads) {
            thread.join();
        }
        threads.clear();
        for (var ledger : ledgers) {
            ledger.requireHealthy();
        }
    }

    private Instant now() throws SQLException {
        try (var statement = admin.createStatement();
                var result = statement.executeQuery("select clock_timestamp()")) {
            result.next();
            return result.getObject(1, OffsetDateTime.class).toInstant();
        }
    }

    private Instant between(Instant from, Instant to) {
        return from.plusNanos(random.nextLong(Duration.between(from, to).toNanos()) / 1000 * 1000);
    }

    private void check(String restore, Instant instant) throws SQLException {
        dropRestored();
        Sessions.execute(admin, restore + " with new_db_name = 'restored'");
        try (var restored = holdfast.connect("restored")) {
            assertThat(Sessions.rows(restored, "select sum(balance), count(*) from accounts"))
                    .as("balances at %s, seed %d", instant, seed)
                    .containsExactly("0|" + ACCOUNTS);
            assertThat(Sessions.rows(
                            restored,
                            "select id, balance, (select coalesce(sum(amount), 0) from transfers where account = id) from accounts"
                                    + " where balance <> (select coalesce(sum(amount), 0) from transfers where account = id)"))
                    .as("transfers at %s, seed %d", instant, seed)
                    .isEmpty();
            for (var ledger : ledgers) {
                assertThat(ledger.check(restored, instant)).as("at %s, seed %d", instant, seed).isNull();
            }
        }
    }

    /** Enrolling it may just be under way. */
    private void dropRestored() throws SQLException {
        Sessions.execute(admin, "drop database if exists restored");
    }

    @Test
    void fullBackupsOfThePast() throws Exception {
        Sessions.execute(admin, "backup database bank into 'nodelocal://1/first'");
        startClients();
        var begin = now();
        Thread.sleep(8000);
        for (int i = 0; i < INSTANTS; i++) {
            var instant = between(begin, now());
            Sessions.execute(admin, "backup database bank into 'nodelocal://1/past" + i + "' as of system time '" + instant + "'");
            check("restore database bank from latest in 'nodelocal://1/past" + i + "'", instant);
            check("restore database bank from history as of system time '" + instant + "'", instant);
        }
    }

    @Test
    void chainsOfIncrementsAndTheirHistory() throws Exception {
        Sessions.execute(admin, "backup database bank into 'nodelocal://1/chain' with revision_history");
        startClients();
        var begin = now();
        for (int i = 0; i < 12; i++) {
            Thread.sleep(700);
            Sessions.execute(admin, "backup database bank into latest in 'nodelocal://1/chain' with revision_history");
        }
        stopClients();
        Sessions.execute(admin, "backup database bank into latest in 'nodelocal://1/chain'");
        check("restore database bank from latest in 'nodelocal://1/chain'", now());
        var ends = ends("nodelocal://1/chain");
        assertThat(ends).hasSize(14);
        for (int i = 0; i < INSTANTS; i++) {
            var exact = ends.get(random.nextInt(ends.size()));
            check("restore database bank from latest in 'nodelocal://1/chain' as of system time '" + exact + "'", Instant.parse(exact));
            var instant = between(begin, Instant.parse(ends.get(ends.size() - 2)));
            check("restore database bank from latest in 'nodelocal://1/chain' as of system time '" + instant + "'", instant);
        }
    }

    private List<String> ends(String collection) throws SQLException {
        var ends = new ArrayList<String>();
        try (var statement = admin.createStatement();
                var result = statement.executeQuery("show backup from latest in '" + collection + "'")) {
            while (result.next()) {
                if ("database".equals(result.getString("object_type"))) {
                    ends.add(result.getTimestamp("end_time").toLocalDateTime().toInstant(ZoneOffset.UTC).toString());
                }
            }
        }
        return ends;
    }
}
