package dev.holdfast.engine.cluster.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server that lives in the store: created once, started with Holdfast, watched, restarted when it dies, and
 * stopped with Holdfast. Data survives all of that, and a kill -9 of either process: fsync stays on.
 *
 * <p>The server outlives a killed Holdfast. The next one finds it by the data directory's postmaster.pid and stops it
 * before it starts its own, so there are never two on one data directory.
 */
public final class EmbeddedPostgres implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final Duration START_TIMEOUT = Duration.ofMinutes(10);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);

    /** Linux takes 107 bytes for a socket's path, macOS 103. */
    private static final int MAX_SOCKET_PATH = 100;

    /**
     * What stands where, and how the server is configured.
     *
     * @param authentication lines of pg_hba.conf before those for TCP, which ask everybody for a password
     * @param readDirectories other directories that the server has to be able to read
     */
    public record Config(
            PostgresBinaries binaries,
            Path binariesParent,
            Path dataDirectory,
            Path logDirectory,
            int port,
            String superuser,
            String superuserPassword,
            List<String> initdbArguments,
            Map<String, String> settings,
            List<String> authentication,
            List<Path> readDirectories) {}

    private final Config config;
    private final ServerAccount account;
    private final Path programs;
    private final Path socketDirectory;
    private final int port;

    private volatile boolean stopping;
    private volatile ProcessHandle postmaster;
    private volatile Thread watcher;

    private EmbeddedPostgres(Config config, ServerAccount account, Path programs, Path socketDirectory, int port) {
        this.config = config;
        this.account = account;
        this.programs = programs;
        this.socketDirectory = socketDirectory;
        this.port = port;
    }

    /** Creates the data directory if there is none, stops a server that was left running on it, and starts one. */
    public static EmbeddedPostgres start(Config config) throws IOException {
        var account = ServerAccount.choose();
        var binariesParent = account instanceof ServerAccount.Other
                ? config.dataDirectory().resolveSibling("postgresql")
                : config.binariesParent();
        var programs = config.binaries().unpack(binariesParent).resolve("bin");
        var socketDirectory = socketDirectory(config.dataDirectory());
        var server = new EmbeddedPostgres(config, account, programs, socketDirectory, freePort(config.port()));
        server.createDataDirectory();
        server.stopLeftOver();
        server.configure();
        server.launch();
        return server;
    }

    public int port() {
        return port;
    }

    /** The Unix-domain socket that client sessions are relayed to. */
    public Path socketFile() {
        return socketDirectory.resolve(".s.PGSQL." + port);
    }

    public Optional<ProcessHandle> postmaster() {
        return Optional.ofNullable(postmaster);
    }

    private static Path socketDirectory(Path dataDirectory) throws IOException {
        var inStore = dataDirectory.resolveSibling("socket");
        if (inStore.resolve(".s.PGSQL.65535.lock").toString().length() <= MAX_SOCKET_PATH) {
            return Directories.createPrivate(inStore);
        }
        return Directories.createPrivate(Path.of(
                System.getProperty("java.io.tmpdir"),
                "holdfast-" + Integer.toHexString(dataDirectory.toString().hashCode())));
    }

    /** The wished port when it is free, so that a URI written down yesterday still works; any other one else. */
    private static int freePort(int wished) throws IOException {
        if (wished != 0) {
            try (var probe = new ServerSocket(wished, 1, InetAddress.getLoopbackAddress())) {
                return probe.getLocalPort();
            } catch (IOException taken) {
                LOG.info("port {} of the embedded PostgreSQL is taken, choosing another one", wished);
            }
        }
        try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private void createDataDirectory() throws IOException {
        var data = config.dataDirectory();
        if (Files.exists(data.resolve("PG_VERSION"))) {
            account.own(data);
            return;
        }
        if (Files.exists(data)) {
            throw new IOException(data + " exists and is not a PostgreSQL data directory");
        }
        // initdb is not atomic: built beside its place and moved there, a killed first start leaves nothing half-made.
        var building = data.resolveSibling(data.getFileName() + ".new");
        Directories.deleteRecursively(building);
        Directories.createPrivate(building);
        var passwordFile = building.resolveSibling("initdb.password");
        Directories.writeSecret(passwordFile, config.superuserPassword());
        account.own(building);
        account.own(passwordFile);
        try {
            var arguments = new ArrayList<>(List.of(
                    "--pgdata=" + building,
                    "--username=" + config.superuser(),
                    "--pwfile=" + passwordFile,
                    "--encoding=UTF8",
                    "--auth=scram-sha-256",
                    "--data-checksums"));
            arguments.addAll(config.initdbArguments());
            run(Duration.ofMinutes(5), "initdb", arguments);
        } finally {
            Files.deleteIfExists(passwordFile);
        }
        Files.move(building, data, StandardCopyOption.ATOMIC_MOVE);
    }

    private void stopLeftOver() throws IOException {
        var server = runningServer();
        if (server.isPresent()) {
            LOG.warn("an embedded PostgreSQL (pid {}) was left running by a killed Holdfast; stopping it", server.get().pid());
            stopServer();
        }
    }

    private Optional<ProcessHandle> runningServer() throws IOException {
        var named = LockFiles.processOf(config.dataDirectory());
        return named.isPresent() && named.get().equals(postmaster) ? named : LockFiles.serverOn(config.dataDirectory());
    }

    /**
     * Our settings stand in a file of their own that is written at every start; postgresql.auto.conf is read after it, so
     * what an administrator sets with ALTER SYSTEM wins.
     */
    private void configure() throws IOException {
        var data = config.dataDirectory();
        var settings = new TreeMap<>(config.settings());
        settings.put("listen_addresses", "127.0.0.1");
        settings.put("port", Integer.toString(port));
        settings.put("unix_socket_directories", socketDirectory.toString());
        settings.put("unix_socket_permissions", "0700");
        settings.put("logging_collector", "on");
        settings.put("log_directory", config.logDirectory().toString());
        settings.put("log_filename", "postgresql-%a.log");
        settings.put("log_truncate_on_rotation", "on");
        settings.put("log_rotation_age", "1d");
        var text = new StringBuilder("# Written by Holdfast at every start. To change a setting use ALTER SYSTEM.\n");
        settings.forEach((name, value) ->
                text.append(name).append(" = '").append(value.replace("'", "''")).append("'\n"));
        Files.createDirectories(config.logDirectory());
        Files.writeString(data.resolve("holdfast.conf"), text);
        var main = data.resolve("postgresql.conf");
        var include = "include 'holdfast.conf'";
        if (!Files.readString(main).contains(include)) {
            Files.writeString(main, "\n" + include + "\n", StandardOpenOption.APPEND);
        }
        var access = new ArrayList<String>();
        access.add("# Written by Holdfast at every start. Over TCP, which is loopback only, everybody needs a password.");
        access.addAll(config.authentication());
        access.add("host all all 127.0.0.1/32 scram-sha-256");
        access.add("host replication all 127.0.0.1/32 scram-sha-256");
        Files.write(data.resolve("pg_hba.conf"), access);
        account.own(config.logDirectory());
        account.own(data);
        account.own(socketDirectory);
        for (var directory : config.readDirectories()) {
            account.own(directory);
        }
    }

    private void launch() throws IOException {
        LockFiles.removeStale(config.dataDirectory(), socketFile());
        // pg_ctl puts the server into a session of its own: a Ctrl-C meant for Holdfast must not reach it first.
        run(START_TIMEOUT, "pg_ctl", List.of(
                "start",
                "--pgdata=" + config.dataDirectory(),
                "--log=" + config.logDirectory().resolve("postgresql-start.log"),
                "--wait",
                "--timeout=" + START_TIMEOUT.toSeconds()));
        var watched = LockFiles.processOf(config.dataDirectory())
                .orElseThrow(() -> new IOException("PostgreSQL died while it started"));
        postmaster = watched;
        LOG.info("embedded PostgreSQL is up, pid {}, port {}", watched.pid(), port);
        watcher = Thread.ofVirtual().name("embedded-postgres-watch").start(() -> watch(watched));
    }

    private void watch(ProcessHandle watched) {
        watched.onExit().join();
        postmaster = null;
        var delay = Duration.ofMillis(200);
        while (!stopping) {
            LOG.error("the embedded PostgreSQL (pid {}) has died; restarting it", watched.pid());
            try {
                // Orphaned backends of a killed postmaster hold its shared memory; pg_ctl refuses until they are gone.
                Thread.sleep(delay);
                launch();
                return;
            } catch (IOException e) {
                LOG.error("the embedded PostgreSQL does not start: {}", e.getMessage());
                delay = delay.multipliedBy(2).compareTo(Duration.ofSeconds(10)) > 0
                        ? Duration.ofSeconds(10)
                        : delay.multipliedBy(2);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Stops the server: sessions are ended, everything is checkpointed. */
    @Override
    public void close() throws IOException {
        stopping = true;
        var watching = watcher;
        if (watching != null) {
            watching.interrupt();
        }
        stopServer();
    }

    /** Ends the server at once; it recovers from its log at the next start. */
    public void kill() {
        stopping = true;
        try {
            stop("immediate");
        } catch (IOException e) {
            LOG.warn("the embedded PostgreSQL does not stop: {}", e.getMessage());
        }
    }

    private void stopServer() throws IOException {
        try {
            stop("fast");
        } catch (IOException e) {
            LOG.warn("the embedded PostgreSQL does not stop ({}); it will recover from its log at the next start", e.getMessage());
            stop("immediate");
        }
    }

    private void stop(String mode) throws IOException {
        if (runningServer().isEmpty()) {
            return;
        }
        run(STOP_TIMEOUT.plusSeconds(5), "pg_ctl", List.of(
                "stop",
                "--pgdata=" + config.dataDirectory(),
                "--mode=" + mode,
                "--wait",
                "--timeout=" + STOP_TIMEOUT.toSeconds()));
    }

    private void run(Duration timeout, String program, List<String> arguments) throws IOException {
        var command = new ArrayList<String>();
        command.add(programs.resolve(program).toString());
        command.addAll(arguments);
        var output = Files.createTempFile("holdfast-" + program, ".out");
        try {
            var builder = new ProcessBuilder(account.wrap(command))
                    .directory(config.dataDirectory().getParent().toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            // PGDATA, PGPORT and the like of whoever started Holdfast are not meant for this server.
            builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
            builder.environment().put("LC_ALL", "C");
            builder.environment().put("TZ", "UTC");
            var process = builder.start();
            process.getOutputStream().close();
            if (!process.waitFor(timeout.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(program + " did not end within " + timeout.toSeconds() + " s");
            }
            if (process.exitValue() != 0) {
                throw new IOException(program + " failed: " + Files.readString(output).strip() + lastLogLines());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(program + " was interrupted", e);
        } finally {
            Files.deleteIfExists(output);
        }
    }

    private String lastLogLines() {
        var log = config.logDirectory().resolve("postgresql-start.log");
        try {
            if (!Files.exists(log)) {
                return "";
            }
            var lines = Files.readAllLines(log);
            return " (" + log + ": " + String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size())) + ")";
        } catch (IOException e) {
            // The log only enriches a failure that is reported anyway.
            return "";
        }
    }
}
