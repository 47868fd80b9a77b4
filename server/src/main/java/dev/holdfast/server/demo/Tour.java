package dev.holdfast.server.demo;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.Driver;

/** The main job in a dozen statements, as any PostgreSQL client would send them. */
final class Tour {
    private static final String[] BANK = {
        "CREATE TYPE account_kind AS ENUM ('current', 'savings')",
        "CREATE TABLE customers (id serial PRIMARY KEY, name text NOT NULL UNIQUE, joined date NOT NULL DEFAULT current_date)",
        "CREATE TABLE accounts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer int NOT NULL REFERENCES customers,"
                + " kind account_kind NOT NULL, balance numeric(12, 2) NOT NULL CHECK (balance >= 0))",
        "CREATE INDEX ON accounts (customer)",
        "CREATE SEQUENCE transfer_numbers START 1000",
        "CREATE TABLE transfers (number bigint PRIMARY KEY DEFAULT nextval('transfer_numbers'),"
                + " source bigint NOT NULL REFERENCES accounts, target bigint NOT NULL REFERENCES accounts,"
                + " amount numeric(12, 2) NOT NULL, at timestamptz NOT NULL DEFAULT now())",
        "CREATE VIEW wealth AS SELECT c.name, sum(a.balance) AS total FROM customers c JOIN accounts a ON a.customer = c.id"
                + " GROUP BY c.name",
        "INSERT INTO customers (name) SELECT 'customer ' || i FROM generate_series(1, 1000) i",
        "INSERT INTO accounts (customer, kind, balance) SELECT c.id, k, (c.id * 7919 % 100000) / 100.0 FROM customers c,"
                + " unnest(enum_range(null::account_kind)) k",
        "INSERT INTO transfers (source, target, amount) SELECT i, i % 2000 + 1, i % 100 FROM generate_series(1, 2000) i",
    };

    private static final String COLLECTION = "'nodelocal://1/bank-backups'";

    private final String host;
    private final int port;
    private final PrintWriter out;

    Tour(String host, int port, PrintWriter out) {
        this.host = host;
        this.port = port;
        this.out = out;
    }

    void run() throws SQLException {
        say("A bank with 1,000 customers, 2,000 accounts and 2,000 transfers:");
        try (var root = connect("defaultdb")) {
            execute(root, "CREATE DATABASE bank");
        }
        try (var bank = connect("bank")) {
            for (var statement : BANK) {
                execute(bank, statement);
            }
            show(bank, "SELECT count(*) AS accounts, sum(balance) AS money FROM accounts");

            say("A full backup of it, and what the collection holds:");
            show(bank, "BACKUP DATABASE bank INTO " + COLLECTION);
            show(bank, "SHOW BACKUPS IN " + COLLECTION);
            show(bank, "SHOW BACKUP FROM LATEST IN " + COLLECTION);

            say("A disaster:");
            show(bank, "DROP TABLE transfers");

            say("The one table comes back, next to the live ones:");
            show(bank, "RESTORE TABLE bank.transfers FROM LATEST IN " + COLLECTION);
            show(bank, "SELECT count(*) AS transfers, sum(amount) AS moved FROM transfers");

            say("The whole database, under another name:");
            show(bank, "RESTORE DATABASE bank FROM LATEST IN " + COLLECTION + " WITH new_db_name = 'bank_copy'");
        }
        try (var copy = connect("bank_copy")) {
            show(copy, "SELECT count(*) AS accounts, sum(balance) AS money FROM accounts");
            say("And all of that were jobs:");
            show(
                    copy,
                    "SHOW JOBS",
                    "job_id",
                    "job_type",
                    "description",
                    "user_name",
                    "status",
                    "fraction_completed");
        }
    }

    private Connection connect(String database) throws SQLException {
        var properties = new Properties();
        properties.setProperty("user", "root");
        properties.setProperty("sslmode", "disable");
        return new Driver().connect("jdbc:postgresql://" + host + ":" + port + "/" + database, properties);
    }

    private void say(String text) {
        out.println();
        out.println("-- " + text);
        out.flush();
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** {@code columns}: which ones are printed; none: all. */
    private void show(Connection connection, String sql, String... columns) throws SQLException {
        out.println();
        out.println("> " + sql + ";");
        out.flush();
        long start = System.nanoTime();
        try (var statement = connection.createStatement()) {
            if (statement.execute(sql)) {
                TextTable.of(statement.getResultSet(), columns).print(out);
            }
        }
        out.println("(%.2f s)".formatted((System.nanoTime() - start) / 1e9));
        out.flush();
    }
}
