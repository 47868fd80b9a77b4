package dev.holdfast.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Own statements run with Holdfast's powers: nobody who is no superuser at that moment may use one. */
class PrivilegesIT {
    private static TestHoldfast holdfast;
    private static String job;

    private Connection bob;

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
        try (var root = holdfast.connect("defaultdb")) {
            Sessions.execute(root, "create role bob login createdb createrole", "create database bobs owner bob");
            Sessions.rows(root, "BACKUP DATABASE bobs INTO 'nodelocal://1/bobs'");
            job = Sessions.one(root, "BACKUP DATABASE bobs INTO 'nodelocal://1/bobs' WITH detached");
            Sessions.rows(root, "SHOW JOB WHEN COMPLETE " + job);
        }
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
    }

    @BeforeEach
    void connect() throws Exception {
        var properties = new Properties();
        properties.setProperty("user", "bob");
        properties.setProperty("preferQueryMode", "simple");
        bob = holdfast.connect("bobs", properties);
    }

    @AfterEach
    void disconnect() throws Exception {
        bob.close();
    }

    private void assertRefused(Connection session, String statement) throws SQLException {
        var error = catchThrowableOfType(SQLException.class, () -> Sessions.execute(session, statement));
        assertThat((Throwable) error).as(statement).isNotNull();
        assertThat(error.getSQLState()).as(statement + ": " + error.getMessage()).isEqualTo("42501");
        assertThat(Sessions.one(session, "select 1")).isEqualTo("1");
    }

    private static final List<String> STATEMENTS = List.of(
            "BACKUP INTO 'nodelocal://1/x'",
            "BACKUP DATABASE bobs INTO 'nodelocal://1/x'",
            "BACKUP DATABASE bobs INTO 'nodelocal://1/x' WITH detached",
            "RESTORE DATABASE bobs FROM LATEST IN 'nodelocal://1/bobs' WITH new_db_name = 'y'",
            "SHOW BACKUPS IN 'nodelocal://1/bobs'",
            "SHOW BACKUP FROM LATEST IN 'nodelocal://1/bobs'",
            "SHOW JOBS",
            "SHOW JOBS SELECT 1",
            "CANCEL ALL BACKUP JOBS",
            "SET CLUSTER SETTING feature.backup.enabled = false",
            "RESET CLUSTER SETTING feature.backup.enabled",
            "SHOW CLUSTER SETTING feature.backup.enabled",
            "SHOW ALL CLUSTER SETTINGS");

    @Test
    void whoIsNoSuperuserIsRefused() throws Exception {
        for (var statement : STATEMENTS) {
            assertRefused(bob, statement);
        }
        for (var command : List.of("SHOW JOB ", "PAUSE JOB ", "RESUME JOB ", "CANCEL JOB ")) {
            assertRefused(bob, command + job);
        }
    }

    /** The rights are those of this moment, not of the login. */
    @Test
    void aSuperuserWhoHasBecomeSomebodyElseIsRefusedToo() throws Exception {
        try (var root = holdfast.connect("bobs")) {
            Sessions.execute(root, "set role bob");
            assertRefused(root, "SHOW JOBS");
            Sessions.execute(root, "reset role");
            assertThat(Sessions.rows(root, "SHOW JOBS")).isNotEmpty();
            Sessions.execute(root, "set session authorization bob");
            assertRefused(root, "SHOW JOBS");
        }
    }

    /** What the session asks the upstream about itself must not be answered by the session. */
    @Test
    void nobodyCanForgeTheFactsAboutASession() throws Exception {
        Sessions.execute(
                bob,
                "create schema evil",
                "create function evil.current_setting(text) returns text language sql as $$ select 'on'::text $$",
                "create function evil.current_setting(text, boolean) returns text language sql as $$ select 'on'::text $$",
                "create function evil.array_to_json(anyarray) returns json language sql as $$ select '[1]'::json $$",
                "set search_path = evil, pg_catalog, public");
        assertRefused(bob, "SHOW JOBS");
        Sessions.execute(bob, "set search_path = public");
        // A query that would close the parenthesis it is put into, in every way there is to hide that.
        var rest = "select 'root', 'on', 'bobs', '[]', null, 0, null, '[" + job + "]'";
        for (var query : List.of(
                "SELECT 1) " + rest + " --",
                "SELECT 1\n) " + rest + " /*",
                "SELECT 1) " + rest + "; select (1",
                "SELECT '\\') " + rest + " --'",
                "SELECT E'\\') " + rest + " --'",
                "SELECT $a$ $a$) " + rest + " --",
                "SELECT \"\\\") " + rest + " --\"",
                "SELECT U&'\\0027') " + rest + " --",
                "(SELECT 1)) " + rest + " --",
                "SELECT 1 /* /* */ ) " + rest + " -- */",
                "SELECT 1), z as (" + rest + ") " + rest + " --")) {
            for (var conforming : List.of("on", "off")) {
                Sessions.execute(bob, "set standard_conforming_strings = " + conforming);
                var error = catchThrowableOfType(SQLException.class, () -> Sessions.execute(bob, "CANCEL JOBS " + query));
                assertThat((Throwable) error).as(query).isNotNull();
                assertThat(error.getSQLState()).as(query + ": " + error.getMessage()).isIn("42501", "42601", "0A000");
            }
        }
    }
}
