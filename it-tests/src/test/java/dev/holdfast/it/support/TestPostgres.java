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
    private final EmbeddedPostgres.Config config;
    private EmbeddedPostgres server;

    private TestPostgres(Path directory, EmbeddedPostgres.Config config) throws IOException {
        this.directory = directory;
        this.config = config;
        this.server = EmbeddedPostgres.start(config);
    }

    public static TestPostgres start(int majorVersion) throws IOException {
        return start(majorVersion, Map.of());
    }

    public static TestPostgres start(int majorVersion, Map<String, String> settings) throws IOException {
        var directory = Files.createTempDirectory("pg" + majorVersion + "-");
        return new TestPostgres(directory, config(directory, majorVersion, settings, 0, sharedBinaries()));
    }

    /** Whose clock can be set. */
    public static TestPostgres start(int majorVersion, ServerClock clock) throws IOException {
        var directory = Files.createTempDirectory("pg" + majorVersion + "-");
        var own = directory.resolve("postgresql");
        clock.instrument(binaries(majorVersion).unpack(own));
        return new TestPostgres(directory, config(directory, majorVersion, Map.of(), 0, own));
    }

    /** As packaged by somebody who has left the contrib modules out. */
    public static TestPostgres startWithoutPlugin(int majorVersion) throws IOException {
        var directory = Files.createTempDirectory("pg" + majorVersion + "-");
        var own = directory.resolve("postgresql");
        Path plugin;
        try (var files = Files.walk(binaries(majorVersion).unpack(own))) {
            plugin = files.filter(file -> file.getFileName().toString().startsWith("test_decoding.")).findFirst().orElseThrow();
        }
        Files.delete(plugin);
        return new TestPostgres(directory, config(directory, majorVersion, Map.of(), 0, own));
    }

    /** That follows a primary, from which pg_basebackup has put its data into {@code directory/data}. */
    public static TestPostgres standby(int majorVersion, Path directory, int port) throws IOException {
        return new TestPostgres(directory, config(directory, majorVersion, Map.of(), port, sharedBinaries()));
    }

    private static Path sharedBinaries() {
        return Path.of(System.getProperty("java.io.tmpdir"), "holdfast-test-postgres");
    }

    private static EmbeddedPostgres.Config config(
            Path directory, int majorVersion, Map<String, String> settings, int port, Path binaries) {
        var all = new TreeMap<>(Map.of(
                "wal_level", "logical",
                "fsync", "off",
                "max_connections", "200",
                "max_prepared_transactions", "20",
                "max_replication_slots", "40",
                "max_wal_senders", "20",
                "max_slot_wal_keep_size", "4GB"));
        all.putAll(settings);
        return new EmbeddedPostgres.Config(
                binaries(majorVersion),
                binaries,
                directory.resolve("data"),
                directory.resolve("logs"),
                port,
                "postgres",
                PASSWORD,
                List.of("--locale=C.UTF-8"),
                all,
                List.of("local all all trust", "local replication all trust"),
                List.of());
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

    public Path data() {
        return directory.resolve("data");
    }

    /** kill -9 of its first process; it comes back by itself. */
    public void kill() {
        server.postmaster().orElseThrow().destroyForcibly();
    }

    public void stop() throws IOException {
        server.close();
    }

    /** As after a power failure: what was not written is lost. */
    public void stopAtOnce() {
        server.kill();
    }

    /** On the data and the port it had. */
    public void startAgain() throws IOException {
        server = EmbeddedPostgres.start(new EmbeddedPostgres.Config(
                config.binaries(),
                config.binariesParent(),
                config.dataDirectory(),
                config.logDirectory(),
                server.port(),
                config.superuser(),
                config.superuserPassword(),
                config.initdbArguments(),
                config.settings(),
                config.authentication(),
                config.readDirectories()));
    }

    public UpstreamUri uri() {
        return UpstreamUri.parse("postgresql://postgres:" + PASSWORD + "@127.0.0.1:" + port() + "/postgres?sslmode=disable");
    }

    /** What it has written into its log so far. */
    public String log() throws IOException {
        var log = new StringBuilder();
        try (var files = Files.list(config.logDirectory())) {
            for (var file : files.sorted().toList()) {
                log.append(Files.readString(file));
            }
        }
        return log.toString();
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
