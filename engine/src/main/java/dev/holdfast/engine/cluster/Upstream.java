package dev.holdfast.engine.cluster;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** Opens Holdfast's own connections to the upstream, logged in as the service role. */
public final class Upstream {
    /**
     * What every own session pins, so that nothing an administrator attached to a role or a database (ALTER ROLE ... SET)
     * changes the meaning of a name, the text form of a value, or the set of visible rows.
     */
    private static final String PINNED_SETTINGS =
            """
            set search_path = '';
            set datestyle = 'ISO, MDY';
            set intervalstyle = 'postgres';
            set timezone = 'UTC';
            set extra_float_digits = 1;
            set bytea_output = 'hex';
            set lc_monetary = 'C';
            set standard_conforming_strings = on;
            set row_security = off;
            set statement_timeout = 0;
            set lock_timeout = 0;
            set idle_in_transaction_session_timeout = 0;
            set idle_session_timeout = 0;
            set default_transaction_isolation = 'read committed';
            set default_transaction_read_only = off;
            set default_transaction_deferrable = off;
            set check_function_bodies = off;
            set xmloption = 'content';
            set quote_all_identifiers = off;
            select set_config('session_replication_role', 'origin', false)
                where has_parameter_privilege('session_replication_role', 'set');
            select set_config('transaction_timeout', '0', false)
                where current_setting('transaction_timeout', true) is not null;
            """;

    private final UpstreamUri uri;
    private final Driver driver = new Driver();

    public Upstream(UpstreamUri uri) {
        this.uri = uri;
    }

    public UpstreamUri uri() {
        return uri;
    }

    /** An auto-commit connection with the pinned settings; {@code application} shows in pg_stat_activity. */
    public Connection connect(String database, String application) throws SQLException {
        return connect(database, application, Purpose.SQL);
    }

    /**
     * A connection for COPY: values travel in the database's own encoding, so that a database in SQL_ASCII, or one that
     * holds bytes its declared encoding cannot convert, is still read and written unchanged.
     */
    public Connection connectForCopy(String database, String application) throws SQLException {
        return inOwnEncoding(connect(database, application, Purpose.SQL));
    }

    /** A connection that can stream changes; like {@link #connectForCopy} it leaves values in the database's encoding. */
    public Connection connectForReplication(String database, String application) throws SQLException {
        return inOwnEncoding(connect(database, application, Purpose.REPLICATION));
    }

    private static Connection inOwnEncoding(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(
                    "select pg_catalog.set_config('client_encoding', pg_catalog.current_setting('server_encoding'), false)");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private enum Purpose {
        SQL,
        REPLICATION
    }

    private Connection connect(String database, String application, Purpose purpose) throws SQLException {
        var properties = new Properties();
        PGProperty.USER.set(properties, uri.user());
        uri.password().ifPresent(password -> PGProperty.PASSWORD.set(properties, password));
        PGProperty.APPLICATION_NAME.set(properties, application);
        PGProperty.SSL_MODE.set(properties, uri.tls().libpqName());
        PGProperty.GSS_ENC_MODE.set(properties, "disable");
        PGProperty.CONNECT_TIMEOUT.set(properties, 10);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.ALLOW_ENCODING_CHANGES.set(properties, true);
        switch (purpose) {
            case SQL -> PGProperty.SOCKET_FACTORY.set(properties, UpstreamSocketFactory.class.getName());
            case REPLICATION -> {
                // Each message of a stream stands for itself, so none is merged with the next.
                PGProperty.REPLICATION.set(properties, "database");
                PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "15");
                PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
            }
        }
        uri.tlsFiles().forEach((name, file) -> properties.setProperty(name, file));
        var host = uri.host().indexOf(':') >= 0 ? "[" + uri.host() + "]" : uri.host();
        var url = "jdbc:postgresql://" + host + ":" + uri.port() + "/" + URLEncoder.encode(database, StandardCharsets.UTF_8);
        var connection = driver.connect(url, properties);
        try (var statement = connection.createStatement()) {
            statement.execute(PINNED_SETTINGS);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Turns a driver's exception into what a user may see; the server's own SQLSTATE and message are kept. */
    public static HoldfastException translate(SQLException e) {
        var state = e.getSQLState() == null || e.getSQLState().length() != 5
                ? SqlState.CONNECTION_FAILURE
                : new SqlState(e.getSQLState());
        if (e instanceof org.postgresql.util.PSQLException server && server.getServerErrorMessage() != null) {
            var message = server.getServerErrorMessage();
            var translated = HoldfastException.of(state, message.getMessage(), e);
            if (message.getDetail() != null) {
                translated = translated.withDetail(message.getDetail());
            }
            return message.getHint() == null ? translated : translated.withHint(message.getHint());
        }
        return HoldfastException.of(state, e.getMessage(), e);
    }
}
