package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Sessions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Clients that change a database all the time, and know what it has to hold at any instant. */
final class Load implements AutoCloseable {
    static final String DATABASE = "bank";
    private static final int ACCOUNTS = 1000;

    private final Ledger.Connector connector;
    private final long seed;
    private final int transferring;
    private final List<Ledger> ledgers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopping;
    private volatile SQLException failure;

    private Load(Ledger.Connector connector, long seed, int transferring) {
        this.connector = connector;
        this.seed = seed;
        this.transferring = transferring;
    }

    /**
     * Creates the tables; the database is there.
     *
     * @param connector to the database
     * @param clients that keep ledgers
     * @param transferring clients that move money between accounts
     */
    static Load create(Ledger.Connector connector, long seed, int clients, int transferring) throws SQLException {
        var load = new Load(connector, seed, transferring);
        try (var bank = connector.connect()) {
            Ledger.createNumbers(bank);
            Sessions.execute(
                    bank,
                    "create table accounts (id int primary key, balance int not null)",
                    "insert into accounts select g, 0 from generate_series(1, " + ACCOUNTS + ") g",
                    "create table transfers (account int, amount int)");
        }
        for (int i = 0; i < clients; i++) {
            var ledger = new Ledger(i, connector, seed);
            ledger.create();
            load.ledgers.add(ledger);
        }
        return load;
    }

    void start() throws SQLException {
        for (var ledger : ledgers) {
            threads.add(Thread.ofPlatform().start(ledger));
        }
        for (int i = 0; i < transferring; i++) {
            long own = seed + 100 + i;
            threads.add(Thread.ofPlatform().start(() -> transfer(new Random(own))));
        }
    }

    /** The sum of all balances is always 0, and each is the sum of its transfers. */
    private void transfer(Random own) {
        while (!stopping) {
            try (var connection = connector.connect()) {
                connection.setAutoCommit(false);
                while (!stopping) {
                    transfer(connection, own);
                    Thread.sleep(10);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (SQLException e) {
                // Of a crash: it has happened or not, but not half of it. Anything else is the test's business.
                if (e.getSQLState() == null || !e.getSQLState().startsWith("08") && !e.getSQLState().startsWith("57P")) {
                    failure = e;
                    return;
                }
            }
        }
    }

    private static void transfer(Connection connection, Random own) throws SQLException {
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
    }

    void stop() throws SQLException, InterruptedException {
        stopping = true;
        ledgers.forEach(Ledger::stop);
        for (var thread : threads) {
            thread.join();
        }
        threads.clear();
        if (failure != null) {
            throw failure;
        }
        for (var ledger : ledgers) {
            ledger.requireHealthy();
        }
    }

    /** In whole microseconds, as PostgreSQL keeps them. */
    static Instant between(Random random, Instant from, Instant to) {
        return from.plusNanos(random.nextLong(Duration.between(from, to).toNanos()) / 1000 * 1000);
    }

    int transactions() {
        return ledgers.stream().mapToInt(ledger -> ledger.entries().size()).sum();
    }

    /** {@code said}: what identifies the case in a failure's text. */
    void check(Connection restored, Instant instant, String said) throws SQLException {
        assertThat(Sessions.rows(restored, "select sum(balance), count(*) from accounts"))
                .as("balances at %s, %s", instant, said)
                .containsExactly("0|" + ACCOUNTS);
        assertThat(Sessions.rows(
                        restored,
                        "select id, balance, (select coalesce(sum(amount), 0) from transfers where account = id) from accounts"
                                + " where balance <> (select coalesce(sum(amount), 0) from transfers where account = id)"))
                .as("transfers at %s, %s", instant, said)
                .isEmpty();
        for (var ledger : ledgers) {
            assertThat(ledger.check(restored, instant)).as("at %s, %s", instant, said).isNull();
        }
    }

    @Override
    public void close() throws SQLException, InterruptedException {
        stop();
    }
}
