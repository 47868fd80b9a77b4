package dev.holdfast.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.postgresql.jdbc.PreferQueryMode;
import org.postgresql.util.PSQLException;

/** PostgreSQL's JDBC driver, as applications use it. */
class JdbcIT {
    private static TestHoldfast holdfast;

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
        try (var connection = holdfast.connect("postgres")) {
            Sessions.execute(connection, "create database bank");
        }
        try (var bank = holdfast.connect("bank")) {
            Sessions.execute(
                    bank,
                    "create schema archive",
                    "create type kind as enum ('current', 'savings')",
                    "create domain amount as numeric(12, 2) check (value >= 0)",
                    "create table customers (id int primary key, name varchar(50) not null)",
                    "create table accounts (id bigint generated always as identity primary key,"
                            + " customer int not null references customers, kind kind, balance amount default 0)",
                    "comment on table accounts is 'what customers own'",
                    "create index on accounts (customer)",
                    "create view wealth as select customer, sum(balance) as total from accounts group by customer",
                    "create function archive.f(a int, out b text) language sql as 'select a::text'",
                    "create table archive.old (like accounts including all)",
                    "insert into customers select i, 'customer ' || i from generate_series(1, 100) i",
                    "insert into accounts (customer, kind, balance) select i, 'savings', i from generate_series(1, 100) i");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
    }

    private static Connection connect(String... properties) throws SQLException {
        var all = new Properties();
        for (int i = 0; i < properties.length; i += 2) {
            all.setProperty(properties[i], properties[i + 1]);
        }
        return holdfast.connect("bank", all);
    }

    @Test
    void aPreparedBackupTakesItsPlaceAsAParameter() throws Exception {
        try (var connection = connect();
                var backup = connection.prepareStatement("BACKUP DATABASE bank INTO $1".replace("$1", "?"))) {
            var parameters = backup.getParameterMetaData();
            assertThat(parameters.getParameterCount()).isEqualTo(1);
            assertThat(parameters.getParameterType(1)).isEqualTo(Types.VARCHAR);
            var columns = backup.getMetaData();
            assertThat(columns.getColumnCount()).isEqualTo(6);
            assertThat(columns.getColumnName(1)).isEqualTo("job_id");
            assertThat(columns.getColumnType(3)).isEqualTo(Types.DOUBLE);
            backup.setString(1, "nodelocal://1/prepared");
            try (var result = backup.executeQuery()) {
                assertThat(result.next()).isTrue();
                assertThat(result.getString("status")).isEqualTo("succeeded");
                assertThat(result.getLong("rows")).isEqualTo(200);
                assertThat(result.getDouble("fraction_completed")).isEqualTo(1.0);
                assertThat(result.next()).isFalse();
            }
            assertThat(Sessions.rows(connection, "SHOW BACKUPS IN 'nodelocal://1/prepared'")).hasSize(1);
        }
    }

    /** Past its threshold the driver keeps the statement in the server, and asks for binary results. */
    @Test
    void aStatementIsPreparedOnceAndExecutedOften() throws Exception {
        try (var connection = connect("prepareThreshold", "3");
                var show = connection.prepareStatement("SHOW JOBS SELECT id FROM generate_series(1, ?) id")) {
            for (int i = 1; i <= 12; i++) {
                show.setInt(1, i);
                assertThat(show.unwrap(PGStatement.class).isUseServerPrepare()).isEqualTo(i > 2);
                try (var result = show.executeQuery()) {
                    assertThat(result.next()).isFalse();
                }
            }
        }
        try (var connection = connect();
                var backup = connection.prepareStatement("BACKUP TABLE bank.customers INTO ?")) {
            for (int i = 1; i <= 8; i++) {
                backup.setString(1, "nodelocal://1/often/" + i);
                try (var result = backup.executeQuery()) {
                    assertThat(result.next()).isTrue();
                    assertThat(result.getLong("rows")).isEqualTo(100);
                }
            }
        }
    }

    @Test
    void valuesAreTheSameInTextAndInBinary() throws Exception {
        try (var connection = connect()) {
            Sessions.rows(connection, "BACKUP DATABASE bank INTO 'nodelocal://1/binary'");
        }
        var text = jobs("binaryTransfer", "false");
        var binary = jobs("prepareThreshold", "-1", "binaryTransfer", "true");
        assertThat(binary).isEqualTo(text).isNotEmpty();
        // The driver reads the types we promise it, not only text that looks like them.
        try (var connection = connect("prepareThreshold", "-1");
                var show = connection.prepareStatement("SHOW JOBS");
                var result = show.executeQuery()) {
            assertThat(result.next()).isTrue();
            assertThat(result.getObject("job_id")).isInstanceOf(Long.class);
            assertThat(result.getObject("fraction_completed")).isEqualTo(1.0);
            assertThat(result.getObject("created")).isInstanceOf(Timestamp.class);
            assertThat((String[]) result.getArray("execution_errors").getArray()).isEmpty();
            assertThat(result.getTimestamp("finished")).isAfterOrEqualTo(result.getTimestamp("created"));
            assertThat(result.getObject("trace_id")).isNull();
        }
    }

    private static List<List<Object>> jobs(String... properties) throws SQLException {
        try (var connection = connect(properties);
                var show = connection.prepareStatement("SHOW JOBS");
                var result = show.executeQuery()) {
            var rows = new ArrayList<List<Object>>();
            while (result.next()) {
                rows.add(Arrays.asList(
                        result.getLong("job_id"),
                        result.getString("description"),
                        result.getString("status"),
                        result.getTimestamp("created"),
                        result.getTimestamp("finished"),
                        result.getDouble("fraction_completed"),
                        result.getLong("num_runs"),
                        result.getObject("trace_id")));
            }
            return rows;
        }
    }

    @Test
    void aLargeResultComesInPieces() throws Exception {
        try (var connection = connect()) {
            for (int i = 0; i < 7; i++) {
                Sessions.rows(connection, "BACKUP TABLE bank.customers INTO 'nodelocal://1/pieces'");
            }
            connection.setAutoCommit(false);
            try (var show = connection.prepareStatement("SHOW JOBS")) {
                show.setFetchSize(2);
                int rows = 0;
                try (var result = show.executeQuery()) {
                    while (result.next()) {
                        rows++;
                        assertThat(result.getLong("job_id")).isPositive();
                    }
                }
                assertThat(rows).isGreaterThanOrEqualTo(7);
                show.setMaxRows(3);
                assertThat(Sessions.rows(show.executeQuery())).hasSize(3);
            }
            connection.commit();
        }
    }

    @Test
    void insideATransactionOnlyDetachedBackupsAreTaken() throws Exception {
        try (var connection = connect()) {
            connection.setAutoCommit(false);
            assertThatThrownBy(() -> Sessions.rows(connection, "BACKUP DATABASE bank INTO 'nodelocal://1/refused'"))
                    .isInstanceOfSatisfying(PSQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("XXUUU"))
                    .hasMessageContaining("cannot be used inside a multi-statement transaction without DETACHED option");
            connection.rollback();
            Sessions.rows(connection, "select 1");
            var job = Sessions.one(connection, "BACKUP DATABASE bank INTO 'nodelocal://1/detached' WITH detached");
            assertThat(Sessions.rows(connection, "SHOW JOB " + job).getFirst()).contains("|pending|");
            connection.commit();
            connection.setAutoCommit(true);
            assertThat(Sessions.rows(connection, "SHOW JOB WHEN COMPLETE " + job).getFirst()).contains("|succeeded|");
            connection.setAutoCommit(false);
            var abandoned = Sessions.one(connection, "BACKUP DATABASE bank INTO 'nodelocal://1/abandoned' WITH detached");
            connection.rollback();
            connection.setAutoCommit(true);
            for (int i = 0; i < 100 && !Sessions.rows(connection, "SHOW JOB " + abandoned).isEmpty(); i++) {
                Thread.sleep(100);
            }
            assertThat(Sessions.rows(connection, "SHOW JOB " + abandoned)).isEmpty();
            assertThat(Sessions.rows(connection, "SHOW BACKUPS IN 'nodelocal://1/abandoned'")).isEmpty();
        }
    }

    @Test
    void aBatchStopsAtAStatementOfOurs() throws Exception {
        try (var connection = connect()) {
            Sessions.execute(connection, "drop table if exists batch", "create table batch (a int)");
            try (var insert = connection.prepareStatement("insert into batch values (?)")) {
                for (int i = 0; i < 300; i++) {
                    insert.setInt(1, i);
                    insert.addBatch();
                }
                assertThat(Arrays.stream(insert.executeBatch()).sum()).isEqualTo(300);
            }
            try (var statement = connection.createStatement()) {
                statement.addBatch("insert into batch values (1000)");
                statement.addBatch("SET CLUSTER SETTING feature.backup.enabled = true");
                assertThatThrownBy(statement::executeBatch)
                        .hasMessageContaining("SET CLUSTER SETTING cannot be used inside a multi-statement transaction");
            }
            assertThat(Sessions.one(connection, "select count(*) from batch where a = 1000")).isEqualTo("0");
            try (var pause = connection.prepareStatement("PAUSE JOB ?")) {
                pause.setLong(1, 1);
                pause.addBatch();
                pause.setLong(1, 2);
                pause.addBatch();
                assertThatThrownBy(pause::executeBatch).hasMessageContaining("job with ID 1 does not exist");
            }
            assertThat(Sessions.one(connection, "select count(*) from batch")).isEqualTo("300");
        }
    }

    @Test
    void simpleQueryModeWorksToo() throws Exception {
        try (var connection = connect("preferQueryMode", "simple")) {
            assertThat(connection.unwrap(PGConnection.class).getPreferQueryMode()).isEqualTo(PreferQueryMode.SIMPLE);
            assertThat(Sessions.rows(connection, "BACKUP DATABASE bank INTO ?", "nodelocal://1/it's simple").getFirst())
                    .contains("|succeeded|");
            try (var statement = connection.createStatement()) {
                assertThat(statement.execute("select 1; SHOW BACKUPS IN 'nodelocal://1/it''s simple'; select 2")).isTrue();
                assertThat(Sessions.rows(statement.getResultSet())).containsExactly("1");
                assertThat(statement.getMoreResults()).isTrue();
                assertThat(Sessions.rows(statement.getResultSet())).hasSize(1);
                assertThat(statement.getMoreResults()).isTrue();
                assertThat(Sessions.rows(statement.getResultSet())).containsExactly("2");
            }
        }
    }

    @Test
    void aCancelReachesTheStatementThatWaitsAndTheJobGoesOn() throws Exception {
        try (var connection = connect();
                var blocker = connect();
                var statement = connection.createStatement()) {
            blocker.setAutoCommit(false);
            Sessions.execute(blocker, "lock table customers in access exclusive mode");
            var canceller = Thread.ofVirtual().start(() -> {
                try {
                    Thread.sleep(500);
                    statement.cancel();
                } catch (InterruptedException | SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThatThrownBy(() -> statement.execute("BACKUP DATABASE bank INTO 'nodelocal://1/cancelled'"))
                    .isInstanceOfSatisfying(PSQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
            canceller.join();
            blocker.rollback();
            var job = Sessions.one(blocker, "select max(id) from (values (1)) v (id)");
            assertThat(job).isEqualTo("1");
            assertThat(Sessions.rows(connection, "SHOW JOBS WHEN COMPLETE VALUES (0)")).isEmpty();
            for (int i = 0; i < 300 && Sessions.rows(connection, "SHOW BACKUPS IN 'nodelocal://1/cancelled'").isEmpty(); i++) {
                Thread.sleep(100);
            }
            assertThat(Sessions.rows(connection, "SHOW BACKUPS IN 'nodelocal://1/cancelled'")).hasSize(1);
        }
    }

    @Test
    void aStatementTimeoutEndsTheWaiting() throws Exception {
        try (var connection = connect();
                var blocker = connect()) {
            blocker.setAutoCommit(false);
            Sessions.execute(blocker, "lock table customers in access exclusive mode");
            Sessions.execute(connection, "set statement_timeout = '700ms'");
            assertThatThrownBy(() -> Sessions.rows(connection, "BACKUP DATABASE bank INTO 'nodelocal://1/timeout'"))
                    .isInstanceOfSatisfying(PSQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"))
                    .hasMessageContaining("statement timeout");
            blocker.rollback();
            Sessions.execute(connection, "set statement_timeout = 0");
            assertThat(Sessions.one(connection, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void progressIsToldWhenASessionAsksForIt() throws Exception {
        try (var connection = connect();
                var blocker = connect();
                var statement = connection.createStatement()) {
            Sessions.execute(connection, "set holdfast.progress = on");
            blocker.setAutoCommit(false);
            Sessions.execute(blocker, "lock table customers in access exclusive mode");
            var releaser = Thread.ofVirtual().start(() -> {
                try {
                    Thread.sleep(300);
                    blocker.rollback();
                } catch (InterruptedException | SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            statement.execute("BACKUP DATABASE bank INTO 'nodelocal://1/told'");
            releaser.join();
            assertThat((Throwable) statement.getWarnings()).isNotNull();
            assertThat(statement.getWarnings().getMessage()).matches("job \\d+ \\(BACKUP\\) is (pending|running): \\d+ %");
        }
    }

    /** Every call without or with usual arguments, once through Holdfast and once without it. */
    @Test
    void databaseMetaDataIsThatOfPostgres() throws Exception {
        try (var with = connect();
                var without = new Upstream(holdfast.embedded("bank")).connect("bank", "test")) {
            // What our own sessions pin changes what a catalog query prints.
            Sessions.execute(without, "reset all");
            var answers = metaData(with.getMetaData());
            assertThat(answers).hasSizeGreaterThan(150);
            var expected = metaData(without.getMetaData());
            // Where it connects to, and as what, is all that differs.
            for (var different : List.of("getURL", "getConnection")) {
                answers.keySet().removeIf(call -> call.startsWith(different));
                expected.keySet().removeIf(call -> call.startsWith(different));
            }
            assertThat(answers).isEqualTo(expected);
        }
    }

    private static TreeMap<String, String> metaData(DatabaseMetaData metaData) throws Exception {
        var answers = new TreeMap<String, String>();
        var methods = Arrays.stream(DatabaseMetaData.class.getMethods())
                .filter(m -> m.getDeclaringClass() == DatabaseMetaData.class)
                .sorted(Comparator.comparing(m -> m.getName() + m.getParameterCount()))
                .toList();
        for (var method : methods) {
            var types = method.getParameterTypes();
            var arguments = new Object[types.length];
            for (int i = 0; i < types.length; i++) {
                arguments[i] = types[i] == int.class ? (Object) 1 : types[i] == boolean.class ? (Object) false : null;
            }
            if (method.getName().equals("getCrossReference") || method.getName().matches("get(Best|Version|Index|Primary|Imported|Exported).*")) {
                // The table is not optional.
                arguments[types[0] == String.class && types.length > 2 ? 2 : 0] = "accounts";
            }
            answers.put(method.getName() + Arrays.toString(types), answer(metaData, method, arguments));
        }
        return answers;
    }

    private static String answer(DatabaseMetaData metaData, java.lang.reflect.Method method, Object[] arguments) throws Exception {
        try {
            var result = method.invoke(metaData, arguments);
            if (!(result instanceof ResultSet rows)) {
                return method.getReturnType() == Connection.class ? "" : String.valueOf(result).replaceAll("user=\\w+", "");
            }
            var columns = new ArrayList<String>();
            for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                columns.add(rows.getMetaData().getColumnName(i) + ":" + rows.getMetaData().getColumnTypeName(i));
            }
            // Statement is closed with it.
            try (Statement statement = rows.getStatement()) {
                return columns + "\n" + String.join("\n", Sessions.rows(rows));
            }
        } catch (java.lang.reflect.InvocationTargetException e) {
            return e.getCause().toString();
        }
    }
}
