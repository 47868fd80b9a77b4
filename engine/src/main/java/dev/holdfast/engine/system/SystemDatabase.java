package dev.holdfast.engine.system;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.List;
import java.util.UUID;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/**
 * The upstream's database {@code system}: everything that is durable of Holdfast. Created and brought up to date at start;
 * several nodes may do so at once.
 */
public final class SystemDatabase implements AutoCloseable {
    public static final String NAME = "system";

    /** What a backup of the cluster holds of this database, in the order in which SHOW BACKUP lists it. */
    public static final List<String> BACKED_UP_TABLES = List.of(
            "users",
            "zones",
            "settings",
            "ui",
            "locations",
            "role_members",
            "comments",
            "role_options",
            "scheduled_jobs",
            "database_role_settings",
            "role_id_seq",
            "tenant_settings",
            "privileges",
            "external_connections");

    private final Upstream upstream;
    private final HikariDataSource pool;
    private final UUID clusterId;

    private SystemDatabase(Upstream upstream, HikariDataSource pool, UUID clusterId) {
        this.upstream = upstream;
        this.pool = pool;
        this.clusterId = clusterId;
    }

    public static SystemDatabase open(Upstream upstream) throws SQLException {
        create(upstream);
        migrate(upstream);
        var config = new HikariConfig();
        config.setPoolName("system");
        config.setDataSource(new SystemConnections(upstream));
        // Work is few short statements; sessions of users do not come through here.
        config.setMaximumPoolSize(8);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(10_000);
        config.setInitializationFailTimeout(30_000);
        var pool = new HikariDataSource(config);
        try (var connection = pool.getConnection()) {
            var id = Sql.one(
                    connection, "select cluster_id from public.cluster_identity", row -> row.getObject(1, UUID.class));
            return new SystemDatabase(upstream, pool, id);
        }
    }

    private static void create(Upstream upstream) throws SQLException {
        try (var connection = upstream.connect(upstream.uri().database(), "holdfast")) {
            boolean exists = Sql.first(connection, "select 1 from pg_database where datname = ?", row -> true, NAME)
                    .isPresent();
            if (exists) {
                return;
            }
            Sql.execute(connection, "create database " + NAME + " template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'");
        } catch (SQLException e) {
            // 42P04, 23505: another node was quicker.
            if (!"42P04".equals(e.getSQLState()) && !"23505".equals(e.getSQLState())) {
                throw e;
            }
        }
    }

    private static void migrate(Upstream upstream) {
        try {
            Flyway.configure()
                    .dataSource(new SystemConnections(upstream))
                    .locations("classpath:dev/holdfast/engine/system/migrations")
                    .defaultSchema("public")
                    .table("holdfast_migrations")
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw HoldfastException.of(
                            SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                            "cannot bring the database \"system\" up to date: " + e.getMessage(),
                            e)
                    .withHint("Holdfast keeps its own tables in a database named \"system\"; it must be empty or Holdfast's.");
        }
    }

    public Upstream upstream() {
        return upstream;
    }

    /** Of this upstream: every backup says which cluster it was taken from. */
    public UUID clusterId() {
        return clusterId;
    }

    public Connection connection() throws SQLException {
        return pool.getConnection();
    }

    @FunctionalInterface
    public interface Work<T> {
        T run(Connection connection) throws SQLException;
    }

    /** Runs the work in one transaction. */
    public <T> T transaction(Work<T> work) throws SQLException {
        try (var connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            try {
                var result = work.run(connection);
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException e) {
                try {
                    connection.rollback();
                } catch (SQLException rollback) {
                    e.addSuppressed(rollback);
                }
                throw e;
            }
        }
    }

    @Override
    public void close() {
        pool.close();
    }

    /** What pool and migrations need: connections to {@code system}, nothing else of a DataSource. */
    private record SystemConnections(Upstream upstream) implements DataSource {
        @Override
        public Connection getConnection() throws SQLException {
            return upstream.connect(NAME, "holdfast");
        }

        @Override
        public Connection getConnection(String user, String password) throws SQLException {
            throw new SQLFeatureNotSupportedException();
        }

        @Override
        public PrintWriter getLogWriter() {
            return null;
        }

        @Override
        public void setLogWriter(PrintWriter out) {}

        @Override
        public void setLoginTimeout(int seconds) {}

        @Override
        public int getLoginTimeout() {
            return 0;
        }

        @Override
        public Logger getParentLogger() throws SQLFeatureNotSupportedException {
            throw new SQLFeatureNotSupportedException();
        }

        @Override
        public <T> T unwrap(Class<T> type) throws SQLException {
            throw new SQLFeatureNotSupportedException();
        }

        @Override
        public boolean isWrapperFor(Class<?> type) {
            return false;
        }
    }
}
