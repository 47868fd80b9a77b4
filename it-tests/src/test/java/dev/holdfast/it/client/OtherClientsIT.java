package dev.holdfast.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.it.support.Program;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Drivers of other languages, each with a program that does what programs do: src/test/resources/clients. */
class OtherClientsIT {
    private static final Program.Outcome OK = new Program.Outcome(0, "ok\n");
    private static TestHoldfast holdfast;

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
        try (var connection = holdfast.connect("defaultdb")) {
            Sessions.execute(connection, "create table kept (a int)", "insert into kept values (1)");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
    }

    private static Program.Outcome smoke(Program program, String script) throws Exception {
        var file = Path.of("src", "test", "resources", "clients", script).toAbsolutePath().toString();
        return program.run(file, "127.0.0.1", Integer.toString(holdfast.port()), "root", "defaultdb");
    }

    @Test
    void psycopg2() throws Exception {
        var python = Path.of("/usr/bin/python3");
        assumeTrue(Files.isExecutable(python), "there is no /usr/bin/python3");
        var program = Program.of(python);
        assumeTrue(program.run("-c", "import psycopg2").exitCode() == 0, "psycopg2 is not installed (Debian's python3-psycopg2)");
        assertThat(smoke(program, "psycopg2_smoke.py")).isEqualTo(OK);
    }

    /** {@code .ci/run} installs the driver into this folder. */
    @Test
    void nodePostgres() throws Exception {
        var modules = Path.of(System.getProperty("user.home"), ".cache", "holdfast-test", "node", "node_modules");
        assumeTrue(Files.isDirectory(modules.resolve("pg")), "node-postgres is not installed; .ci/run installs it");
        var program = Program.require("node").with("NODE_PATH", modules.toString()).with("NODE_NO_WARNINGS", "1");
        assertThat(smoke(program, "node-postgres-smoke.js")).isEqualTo(OK);
    }

    @Test
    void psqlOdbc() throws Exception {
        Program.require("isql");
        var drivers = Program.require("odbcinst").run("-q", "-d");
        assumeTrue(drivers.text().contains("[PostgreSQL Unicode]"), "psqlODBC is not installed (Debian's odbc-postgresql)");
        var connection = "Driver={PostgreSQL Unicode};Server=127.0.0.1;Port=" + holdfast.port()
                + ";Database=defaultdb;Uid=root;Pwd=unused;SSLmode=disable;UseServerSidePrepare=1";
        var statements = Files.createTempFile("odbc", ".sql");
        try {
            Files.writeString(statements, """
                    select a, 'kept ' || a as text from kept
                    select 1/0
                    SHOW CLUSTER SETTING feature.backup.enabled
                    BACKUP DATABASE defaultdb INTO 'nodelocal://1/odbc'
                    SHOW BACKUPS IN 'nodelocal://1/odbc'
                    insert into kept values (2)
                    select sum(a) from kept
                    """);
            var outcome = Program.of(Path.of("/bin/sh"))
                    .run("-c", "exec isql -k '" + connection + "' -v -b -d'|' < " + statements);
            assertThat(outcome.text()).contains("1|kept 1", "division by zero", "succeeded");
            assertThat(outcome.text().lines().map(String::strip)).contains("3");
        } finally {
            Files.delete(statements);
        }
    }
}
