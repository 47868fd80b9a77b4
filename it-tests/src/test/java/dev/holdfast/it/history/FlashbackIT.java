package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.it.support.Leftovers;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** RESTORE ... FROM HISTORY. */
class FlashbackIT {
    private static TestHoldfast holdfast;
    private static Connection shop;
    private static String before;

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
        try (var connection = holdfast.connect("postgres")) {
            Sessions.execute(connection, "create database shop", "create database elsewhere");
        }
        shop = holdfast.connect("shop");
        Sessions.execute(
                shop,
                "create schema archive",
                "create type state as enum ('open', 'closed')",
                "create table customers (id int generated always as identity primary key, name text not null unique)",
                "create table orders (id serial primary key, customer int references customers, state state not null default 'open',"
                        + " amount numeric check (amount > 0), doubled numeric generated always as (amount * 2) stored)",
                "create index on orders (customer)",
                "create statistics orders_amounts on customer, amount from orders",
                "insert into customers (name) select 'c' || n from generate_series(1, 50) n",
                "insert into orders (customer, amount) select 1 + n % 50, n from generate_series(1, 1000) n");
        awaitHistory();
        before = Sessions.one(shop, "select clock_timestamp()");
        Sessions.execute(
                shop,
                "delete from orders where id % 3 = 0",
                "update orders set state = 'closed', amount = amount + 1 where id % 3 = 1",
                "insert into orders (customer, amount) values (1, 5000)",
                "delete from customers c where not exists (select from orders where customer = c.id) or id = 999",
                "delete from orders where customer = 7",
                "delete from customers where id = 7");
    }

    @AfterAll
    static void stop() throws Exception {
        shop.close();
        assertThat(Leftovers.inServer(holdfast::connect)).isEmpty();
        holdfast.close();
    }

    private static void awaitHistory() throws Exception {
        while (Sessions.rows(shop, "show history").stream().noneMatch(row -> row.startsWith("shop|null|on|2"))) {
            Thread.sleep(100);
        }
        // The instant has to lie behind the schema's version, too.
        Sessions.execute(shop, "backup database shop into 'nodelocal://1/first'");
    }

    private static void assertRefused(String statement, String sqlState, String message) {
        var error = catchThrowableOfType(SQLException.class, () -> Sessions.rows(shop, statement));
        assertThat((Throwable) error).as(statement).isNotNull();
        assertThat(error.getMessage()).containsPattern(message);
        assertThat(error.getSQLState()).isEqualTo(sqlState);
    }

    @Test
    void aTableBesideTheLiveOne() throws Exception {
        Sessions.rows(shop, "restore table orders as orders_before from history as of system time '" + before + "'");
        assertThat(Sessions.rows(shop, "select count(*), sum(amount), sum(doubled), min(state), max(state) from orders_before"))
                .containsExactly("1000|500500|1001000|open|open");
        assertThat(Sessions.rows(
                        shop,
                        "select indexrelid::regclass from pg_index where indrelid = 'orders_before'::regclass order by indexrelid::regclass::text"))
                .containsExactly("orders_before_customer_idx", "orders_before_pkey");
        assertThat(Sessions.rows(shop, "select conname from pg_constraint where conrelid = 'orders_before'::regclass and contype = 'f'"))
                .isEmpty();
        // It is a table of its own: its sequence goes on by itself.
        assertThat(Sessions.rows(shop, "insert into orders_before (customer, amount) values (1, 1) returning id > 1000")).containsExactly("t");
        assertThat(Sessions.rows(shop, "select count(*) from orders where id = 1001 and amount = 5000")).containsExactly("1");
        assertThat(Sessions.rows(shop, "select reltuples > 0 from pg_class where relname = 'orders_before'")).containsExactly("t");
    }

    @Test
    void intoAnotherSchema() throws Exception {
        Sessions.rows(shop, "restore table customers as archive.customers from history as of system time '" + before + "'");
        assertThat(Sessions.rows(shop, "select count(*), max(id) from archive.customers")).containsExactly("50|50");
        assertThat(Sessions.rows(shop, "insert into archive.customers (name) values ('new') returning id")).containsExactly("51");
        assertRefused(
                "restore table customers as archive.customers from history as of system time '" + before + "'",
                "42P07",
                "relation \"customers\" already exists");
        assertRefused(
                "restore table customers as nowhere.customers from history as of system time '" + before + "'",
                "3F000",
                "schema \"nowhere\" does not exist");
    }

    @Test
    void intoAnotherDatabaseAndAsAWhole() throws Exception {
        Sessions.rows(shop, "restore table customers from history as of system time '" + before + "' with into_db = 'elsewhere'");
        Sessions.rows(shop, "restore database shop from history as of system time '" + before + "' with new_db_name = 'shop_before'");
        try (var elsewhere = holdfast.connect("elsewhere");
                var copy = holdfast.connect("shop_before")) {
            assertThat(Sessions.rows(elsewhere, "select count(*) from customers")).containsExactly("50");
            assertThat(Sessions.rows(copy, "select count(*), sum(amount) from orders")).containsExactly("1000|500500");
            assertThat(Sessions.rows(copy, "select conname from pg_constraint where contype = 'f'")).containsExactly("orders_customer_fkey");
        }
    }

    @Test
    void whatCannotBe() throws Exception {
        // Before anything is worked out, with what to write instead.
        int jobs = Sessions.rows(shop, "show jobs").size();
        assertRefused(
                "restore table orders from history as of system time '" + before + "'",
                "42P07",
                "relation \"orders\" already exists(?s:.)*AS another_name");
        assertRefused(
                "restore database shop from history as of system time '" + before + "'", "42P04", "database \"shop\" already exists");
        assertThat(Sessions.rows(shop, "show jobs")).hasSize(jobs);
        assertRefused("restore table nosuch as x from history as of system time '-1s'", "42P01", "specified in the RESTORE stmt.*does not exist");
        assertRefused("restore table shop.* as x from history as of system time '-1s'", "42601", "AS gives a new name to one table");
        assertRefused("restore table orders as x from history as of system time '-30d'", "XXUUU", "must be after replica GC threshold");
        assertRefused("restore table orders as x from history as of system time '1h'", "22023", "future");
    }

    /** Of an unlogged table nothing is kept: it is restored as a layer has it, and that is said. */
    @Test
    void aTableWithoutHistoryIsNamed() throws Exception {
        try (var connection = holdfast.connect("postgres")) {
            Sessions.execute(connection, "create database mixed");
        }
        try (var mixed = holdfast.connect("mixed")) {
            Sessions.execute(
                    mixed,
                    "create table kept (id int)",
                    "create unlogged table passing (id int)",
                    "backup database mixed into 'nodelocal://1/mixed' with revision_history",
                    "insert into kept values (1)",
                    "insert into passing values (1)");
            var then = Sessions.one(mixed, "select clock_timestamp()");
            Sessions.execute(
                    mixed,
                    "insert into kept values (2)",
                    "insert into passing values (2)",
                    "backup database mixed into latest in 'nodelocal://1/mixed' with revision_history");
            try (var statement = mixed.createStatement()) {
                statement.execute("restore database mixed from latest in 'nodelocal://1/mixed' as of system time '" + then
                        + "' with new_db_name = 'mixed_then'");
                assertThat(statement.getWarnings().getMessage()).contains("table \"public.passing\" has no history: its rows are those of");
            }
        }
        try (var restored = holdfast.connect("mixed_then")) {
            assertThat(Sessions.rows(restored, "select count(*) from kept")).containsExactly("1");
        }
    }

    @Test
    void acrossATruncation() throws Exception {
        Sessions.execute(shop, "create table gone (id int)", "insert into gone values (1)");
        Sessions.execute(shop, "backup database shop into 'nodelocal://1/second'");
        var then = Sessions.one(shop, "select clock_timestamp()");
        Sessions.execute(shop, "truncate gone");
        assertRefused("restore table gone as back from history as of system time '" + then + "'", "XXUUU", "gone");
    }
}
