package dev.holdfast.it.support;

import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.cluster.UpstreamUri;
import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.engine.cluster.embedded.EmbeddedPostgres;
import dev.holdfast.engine.cluster.embedded.PostgresBinaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A throw-away PostgreSQL of a chosen major version, as an external upstream or as the other side of a comparison. */
public final class TestPostgres implements AutoCloseable {
    public static final String PASSWORD = "s3cret";

    private final Path directory;
    private final EmbeddedPostgres server;

    private TestPostgres(Path directory, EmbeddedPostgres server) {
        this.directory = directory;
        this.server = server;
    }

    public static TestPostgres start(int majorVersion) throws IOException {
        return start(majorVersion, Map.of());
    }

    public static TestPostgres start(int majorVersion, Map<String, String> settings) throws IOException {
        var directory = Files.createTempDirectory("pg" + majorVersion + "-");
        var all = new TreeMap<>(Map.of(
                "wal_level", "logical",
                "fsync", "off",
                "max_connections", "200",
                "max_prepared_transactions", "20",
                "max_replication_slots", "40",
                "max_wal_senders", "20"));
        all.putAll(settings);
        var server = EmbeddedPostgres.start(new EmbeddedPostgres.Config(
                binaries(majorVersion),
                Path.of(System.getProperty("java.io.tmpdir"), "holdfast-test-postgres"),
                directory.resolve("data"),
                directory.resolve("logs"),
                0,
                "postgres",
                PASSWORD,
                List.of("--locale=C.UTF-8"),
                all,
                List.of("local all all trust", "local replication all trust"),
                List.of()));
        return new TestPostgres(directory, server);
    }

    private static PostgresBinaries binaries(int majorVersion) {
        return majorVersion == 18
                ? PostgresBinaries.onClassPath()
                : PostgresBinaries.inJar(Path.of("target", "postgres", "postgres-" + majorVersion + ".jar").toAbsolutePath());
    }

    public int port() {
        return server.port();
    }

    public Path socketDirectory() {
        return server.socketFile().getParent();
    }

    public EmbeddedPostgres server() {
        return server;
    }

    public UpstreamUri uri() {
        return UpstreamUri.parse("postgresql://postgres:" + PASSWORD + "@127.0.0.1:" + port() + "/postgres?sslmode=disable");
    }

    /** Replaces pg_hba.conf; new connections are judged by it at once. */
    public void authenticateBy(String... lines) throws IOException, SQLException {
        Files.write(directory.resolve("data").resolve("pg_hba.conf"), List.of(lines));
        reload();
    }

    /** Writes a file that the server reads into its data directory: a certificate, for example. */
    public void writeFile(String name, String content) throws IOException {
        var data = directory.resolve("data");
        var file = data.resolve(name);
        Files.writeString(file, content);
        var account = Files.getFileAttributeView(data, PosixFileAttributeView.class).readAttributes();
        var attributes = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        attributes.setPermissions(PosixFilePermissions.fromString("rw-------"));
        attributes.setOwner(account.owner());
    }

    /** Sessions that were there before the reload keep what they have. */
    public void reload() throws IOException, SQLException {
        try (var client = WireClient.connect(WireClient.unix(socketDirectory(), port()), "postgres", "postgres")) {
            client.simple("select pg_reload_conf()");
            // The postmaster answers in its own time: wait until it has read the files.
            client.simple("select pg_sleep(0.2)");
        }
    }

    public Upstream upstream() {
        return new Upstream(uri());
    }

    @Override
    public void close() throws IOException {
        server.close();
        Directories.deleteRecursively(directory);
    }
}
