package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** ALTER ... CONFIGURE ZONE: how far back tables may be read. */
class ZonesIT {
    private static void assertRefused(Connection session, String statement, String message) {
        assertThatThrownBy(() -> Sessions.execute(session, statement)).as(statement).hasMessageContaining(message);
    }

    private static List<String> ofTables(Connection session) throws SQLException {
        return Sessions.rows(session, "show history").stream().filter(row -> row.startsWith("shop|public.")).toList();
    }

    @Test
    void ofATable() throws Exception {
        try (var holdfast = TestHoldfast.start();
                var admin = holdfast.connect("postgres")) {
            Sessions.execute(admin, "create database shop");
            try (var shop = holdfast.connect("shop")) {
                Sessions.execute(shop, "create table brief (id int)", "create table \"Long\" (id int)");
                Sessions.execute(shop, "backup database shop into 'nodelocal://1/first'");
                var then = Sessions.one(shop, "select clock_timestamp()");
                Sessions.execute(shop, "insert into brief values (1)", "insert into \"Long\" values (1)");
                Thread.sleep(3000);
                var asOf = " as of system time '" + then + "'";
                Sessions.execute(shop, "backup table brief into 'nodelocal://1/allowed'" + asOf);

                Sessions.execute(
                        shop,
                        "alter table brief configure zone using gc.ttlseconds = 2",
                        "alter table shop.public.\"Long\" configure zone using gc.ttlseconds = 100000");
                var refused = "must be after replica GC threshold ";
                assertRefused(shop, "backup table brief into 'nodelocal://1/x'" + asOf, refused);
                assertRefused(shop, "backup database shop into 'nodelocal://1/x'" + asOf, "of table \"public.brief\"");
                assertRefused(shop, "restore table brief as b from history" + asOf, refused);
                Sessions.execute(shop, "backup table \"Long\" into 'nodelocal://1/long'" + asOf, "backup table brief into 'nodelocal://1/now'");
                assertThat(ofTables(shop)).hasSize(2);
                assertThat(ofTables(shop)).anyMatch(row -> row.startsWith("shop|public.brief|on|2"));
                assertThat(ofTables(shop)).anyMatch(row -> row.startsWith("shop|public.\"Long\"|on|2"));

                // It is the table that has it, not the name.
                Sessions.execute(shop, "alter table brief rename to short");
                assertRefused(shop, "backup database shop into 'nodelocal://1/x'" + asOf, "of table \"public.brief\"");
                assertThat(ofTables(shop)).hasSize(2);
                assertRefused(shop, "backup table short into 'nodelocal://1/x'" + asOf, "table \"short\" does not exist");
                assertRefused(shop, "restore table short as s from history" + asOf, "table \"short\" does not exist");
                Sessions.execute(shop, "alter table short configure zone discard", "alter table short rename to brief");
                assertThat(ofTables(shop)).hasSize(1);
                Sessions.execute(shop, "drop table \"Long\"");
                for (int i = 0; i < 100 && !ofTables(shop).isEmpty(); i++) {
                    Sessions.execute(shop, "insert into brief values (2)");
                    Thread.sleep(500);
                }
                assertThat(ofTables(shop)).isEmpty();
            }
            try (var shop = holdfast.connect("shop")) {
                Sessions.execute(shop, "create table parted (a int) partition by list (a)", "create view v as select 1 as a");
                assertRefused(shop, "alter table parted configure zone using gc.ttlseconds = 2", "\"parted\" has no rows of its own");
                assertRefused(shop, "alter table v configure zone using gc.ttlseconds = 2", "\"v\" has no rows of its own");
            }
            assertRefused(admin, "alter table nosuch configure zone using gc.ttlseconds = 2", "table \"nosuch\" does not exist");
            assertRefused(admin, "alter table shop.public.brief configure zone using history = off", "single tables cannot be switched");
            assertRefused(admin, "alter table shop.* configure zone using gc.ttlseconds = 2", "a zone is of one table");
            assertRefused(admin, "alter table shop.public.brief configure zone using gc.ttlseconds = 0", "greater than 0");
        }
    }

    @Test
    void ofADatabase() throws Exception {
        try (var holdfast = TestHoldfast.start();
                var admin = holdfast.connect("postgres")) {
            Sessions.execute(
                    admin,
                    "create database shop",
                    "alter database shop configure zone using history = off",
                    "backup database shop into 'nodelocal://1/shop'");
            assertRefused(admin, "backup database shop into latest in 'nodelocal://1/shop'", "the history of database \"shop\" is not kept");
            Sessions.execute(admin, "alter database shop configure zone discard", "backup database shop into 'nodelocal://1/shop'");
            Sessions.execute(admin, "backup database shop into latest in 'nodelocal://1/shop'");
            Sessions.execute(admin, "set cluster setting history.enabled = false", "alter database shop configure zone using history = on");
            assertThat(Sessions.rows(admin, "show history")).anyMatch(row -> row.startsWith("shop|null|on|"));
            Sessions.execute(admin, "alter database shop configure zone discard");
            assertThat(Sessions.rows(admin, "show history")).anyMatch(row -> row.startsWith("shop|null|off|"));
        }
    }
}
