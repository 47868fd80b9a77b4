package dev.holdfast.server.start;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.cluster.UpstreamUri;
import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.engine.cluster.embedded.EmbeddedPostgres;
import dev.holdfast.engine.cluster.embedded.PostgresBinaries;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.server.tls.RoleCertificates;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The PostgreSQL behind this process: the embedded one, which it starts and stops, or an external one. */
final class UpstreamServer implements AutoCloseable {
    private static final int OLDEST_SUPPORTED = 15;
    private static final String SERVICE_ROLE = "holdfast";
    private static final String SUPERUSER = "root";
    private static final String DEFAULT_DATABASE = "defaultdb";

    private final Upstream upstream;
    private final Optional<EmbeddedPostgres> embedded;

    private UpstreamServer(Upstream upstream, Optional<EmbeddedPostgres> embedded) {
        this.upstream = upstream;
        this.embedded = embedded;
    }

    static UpstreamServer external(UpstreamUri uri) throws SQLException {
        var upstream = new Upstream(uri);
        int version;
        try (var connection = upstream.connect(uri.database(), "holdfast")) {
            version = Sql.one(
                    connection, "select pg_catalog.current_setting('server_version_num')::int4 / 10000", row -> row.getInt(1));
        } catch (SQLException e) {
            throw HoldfastException.of(
                    SqlState.CANNOT_CONNECT,
                    "cannot connect to the upstream PostgreSQL " + uri + ": " + Upstream.translate(e).getMessage()
                            + "; check --upstream, and that it is running",
                    e);
        }
        if (version < OLDEST_SUPPORTED) {
            throw HoldfastException.of(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "the upstream is PostgreSQL " + version + "; the oldest that Holdfast works with is " + OLDEST_SUPPORTED);
        }
        return new UpstreamServer(upstream, Optional.empty());
    }

    static UpstreamServer embedded(Store store, Options options, RoleCertificates roles) throws IOException, SQLException {
        var rootPassword = store.rootPassword();
        var postgres = EmbeddedPostgres.start(new EmbeddedPostgres.Config(
                PostgresBinaries.onClassPath(),
                binariesCache(store),
                Directories.createPrivate(store.postgres()).resolve("data"),
                store.logs(),
                options.embeddedPort() != 0 ? options.embeddedPort() : portOfLastTime(store),
                SUPERUSER,
                rootPassword,
                // Sorts by code point on every platform and for ever: no index breaks with an operating system's update.
                List.of("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
                settings(options.embeddedSettings(), roles),
                options.insecure()
                        ? List.of("local all all trust", "local replication all trust")
                        : List.of(
                                "local all all scram-sha-256",
                                "local replication all scram-sha-256",
                                "# How Holdfast vouches for clients that have proved themselves by a certificate.",
                                "hostssl all all 127.0.0.1/32 cert",
                                "hostssl replication all 127.0.0.1/32 cert"),
                List.of(roles.directory())));
        try {
            var root = new UpstreamUri(
                    SUPERUSER,
                    Optional.of(rootPassword),
                    "127.0.0.1",
                    postgres.port(),
                    "postgres",
                    UpstreamUri.TlsMode.DISABLE,
                    Map.of());
            var service = new UpstreamUri(
                    SERVICE_ROLE,
                    Optional.of(store.servicePassword()),
                    "127.0.0.1",
                    postgres.port(),
                    "postgres",
                    UpstreamUri.TlsMode.DISABLE,
                    Map.of());
            var upstream = new Upstream(service);
            prepare(upstream, new Upstream(root), store.servicePassword());
            Directories.writeSecret(store.upstreamUri(), service.toSecretString() + "\n");
            return new UpstreamServer(upstream, Optional.of(postgres));
        } catch (SQLException | RuntimeException e) {
            postgres.close();
            throw e;
        }
    }

    /** The first start makes the service role and the default database; root's password may be changed after that. */
    private static void prepare(Upstream service, Upstream root, String servicePassword) throws SQLException {
        try (var connection = service.connect("postgres", "holdfast")) {
            createDefaultDatabase(service);
            return;
        } catch (SQLException e) {
            if (!"28P01".equals(e.getSQLState())) {
                throw e;
            }
        }
        try (var connection = root.connect("postgres", "holdfast")) {
            Sql.execute(connection, "create role " + SERVICE_ROLE + " superuser replication login password " + Sql.literal(servicePassword));
        }
        createDefaultDatabase(service);
    }

    private static void createDefaultDatabase(Upstream upstream) throws SQLException {
        try (var connection = upstream.connect("postgres", "holdfast")) {
            boolean isThere = Sql.first(
                            connection,
                            "select from pg_database where datname = ?"
                                    // Dropped by its owner, it stays dropped: the system database tells a first start.
                                    + " union all select from pg_database where datname = 'system'",
                            row -> true,
                            DEFAULT_DATABASE)
                    .isPresent();
            if (!isThere) {
                Sql.execute(connection, "create database " + DEFAULT_DATABASE + " owner " + SUPERUSER);
            }
        }
    }

    private static Path binariesCache(Store store) {
        var cache = System.getenv("XDG_CACHE_HOME");
        var home = System.getProperty("user.home");
        var directory = cache != null && !cache.isEmpty() ? Path.of(cache) : Path.of(home == null ? "" : home, ".cache");
        try {
            return Files.createDirectories(directory.resolve("holdfast"));
        } catch (IOException e) {
            // No home to write to: the store is always there, it only has its own copy then.
            return store.postgres();
        }
    }

    private static int portOfLastTime(Store store) throws IOException {
        return Files.exists(store.upstreamUri())
                ? UpstreamUri.parse(Files.readString(store.upstreamUri()).strip()).port()
                : 0;
    }

    /** Safe first (fsync and checksums stay as they are by default), then sized for this machine. */
    private static Map<String, String> settings(Map<String, String> configured, RoleCertificates roles) {
        long memory = ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean machine
                ? machine.getTotalMemorySize()
                : 1L << 30;
        long megabytes = memory >> 20;
        var settings = new TreeMap<>(Map.ofEntries(
                Map.entry("cluster_name", "holdfast"),
                Map.entry("fsync", "on"),
                Map.entry("full_page_writes", "on"),
                Map.entry("wal_level", "logical"),
                Map.entry("max_replication_slots", "500"),
                // More than a history may keep (history.max_wal), for the case that nobody is there to drop its oldest part.
                Map.entry("max_slot_wal_keep_size", "64GB"),
                Map.entry("max_wal_senders", "50"),
                Map.entry("max_connections", "500"),
                Map.entry("max_prepared_transactions", "100"),
                Map.entry("max_locks_per_transaction", "256"),
                Map.entry("shared_buffers", Math.clamp(megabytes / 8, 128, 2048) + "MB"),
                Map.entry("maintenance_work_mem", Math.clamp(megabytes / 32, 64, 512) + "MB"),
                Map.entry("max_wal_size", "4GB"),
                Map.entry("password_encryption", "scram-sha-256")));
        settings.putAll(roles.settings());
        settings.putAll(configured);
        return settings;
    }

    Upstream upstream() {
        return upstream;
    }

    Optional<Path> socketFile() {
        return embedded.map(EmbeddedPostgres::socketFile);
    }

    void kill() {
        embedded.ifPresent(EmbeddedPostgres::kill);
    }

    @Override
    public void close() throws IOException {
        if (embedded.isPresent()) {
            embedded.get().close();
        }
    }
}
