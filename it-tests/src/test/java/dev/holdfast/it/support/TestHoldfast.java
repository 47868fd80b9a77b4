package dev.holdfast.it.support;

import dev.holdfast.engine.cluster.UpstreamUri;
import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.engine.cluster.embedded.LockFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.postgresql.Driver;

/**
 * A Holdfast in a process of its own, on a store of its own, as a user starts it: with the launcher's JVM flags, and known
 * only by what it prints and by its socket. It can be killed and started again on the same store.
 */
public final class TestHoldfast implements AutoCloseable {
    /** Whether all storage is to be such that refuses to overwrite and to delete: what is not finished stays. */
    public static final boolean WRITE_ONCE = Boolean.getBoolean("holdfast.write-once");

    public static final String WRITE_ONCE_FLAG = "--external-io-write-once";

    private static final String READY = "holdfast: ready on ";
    private static final long START_SECONDS = 90;

    /** What a process that has ended left: {@code errors} is its standard error. */
    public record Outcome(int exitCode, String output, String errors) {}

    private final Path directory;
    private final List<String> flags;
    private final String user;
    private final List<String> javaOptions;
    private Process process;
    private int port;

    private TestHoldfast(Path directory, List<String> javaOptions, List<String> flags, String user) {
        this.directory = directory;
        this.javaOptions = javaOptions;
        this.flags = flags;
        this.user = user;
    }

    /** On the embedded PostgreSQL, trusting this machine. */
    public static TestHoldfast start(String... moreFlags) throws IOException {
        var flags = new ArrayList<>(List.of("--insecure"));
        flags.addAll(List.of(moreFlags));
        return start(flags, "root");
    }

    /** In front of a PostgreSQL that runs already. */
    public static TestHoldfast inFrontOf(TestPostgres upstream, String... moreFlags) throws IOException {
        var flags = new ArrayList<>(List.of("--insecure", "--upstream", upstream.uri().toSecretString()));
        flags.addAll(List.of(moreFlags));
        return start(flags, "postgres");
    }

    /** With a configuration file of this text, and these flags beside store and port. */
    public static TestHoldfast configured(String configuration, String user, String... flags) throws IOException {
        return configured(List.of(), configuration, user, flags);
    }

    /** {@code javaOptions} are those of HOLDFAST_JAVA_OPTS. */
    public static TestHoldfast configured(List<String> javaOptions, String configuration, String user, String... flags)
            throws IOException {
        // It has to be there for every start.
        var file = Files.createTempFile("holdfast-it-", ".conf");
        file.toFile().deleteOnExit();
        Files.writeString(file, configuration);
        var all = new ArrayList<>(List.of("--conf", file.toString()));
        all.addAll(List.of(flags));
        return start(javaOptions, all, user);
    }

    /** With exactly these flags beside store and port. */
    public static TestHoldfast start(List<String> flags, String user) throws IOException {
        return start(List.of(), flags, user);
    }

    private static TestHoldfast start(List<String> javaOptions, List<String> flags, String user) throws IOException {
        var holdfast = new TestHoldfast(
                Files.createTempDirectory("holdfast-it-"), List.copyOf(javaOptions), List.copyOf(flags), user);
        try {
            holdfast.startAgain();
            return holdfast;
        } catch (IOException | RuntimeException e) {
            holdfast.close();
            throw e;
        }
    }

    /** Starts it on the store it had. */
    public void startAgain() throws IOException {
        var arguments = new ArrayList<>(List.of("start", "--store", store().toString(), "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"));
        arguments.addAll(flags);
        if (WRITE_ONCE && !flags.contains(WRITE_ONCE_FLAG)) {
            arguments.add(WRITE_ONCE_FLAG);
        }
        process = launch(javaOptions, arguments, errorFile());
        var ready = CompletableFuture.supplyAsync(() -> firstReadyLine(process.inputReader()));
        try {
            port = Integer.parseInt(ready.get(START_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            process.destroyForcibly();
            throw new IOException("Holdfast did not start: " + Files.readString(errorFile()), e);
        }
    }

    private static String firstReadyLine(BufferedReader output) {
        try {
            for (var line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith(READY)) {
                    return line.substring(line.lastIndexOf(':') + 1);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        throw new IllegalStateException("it ended without saying that it is ready");
    }

    /** Runs the command line to its end. */
    public static Outcome run(List<String> arguments) throws IOException, InterruptedException {
        var errors = Files.createTempFile("holdfast-it-", ".err");
        try {
            var process = launch(arguments, errors);
            var output = new String(process.getInputStream().readAllBytes());
            if (!process.waitFor(120, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("it did not end: " + String.join(" ", arguments));
            }
            return new Outcome(process.exitValue(), output, Files.readString(errors));
        } finally {
            Files.delete(errors);
        }
    }

    /** {@code errors} receives standard error; standard output is the caller's to read. */
    public static Process launch(List<String> arguments, Path errors) throws IOException {
        return launch(List.of(), arguments, errors);
    }

    private static Process launch(List<String> javaOptions, List<String> arguments, Path errors) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(launcherFlags());
        command.addAll(javaOptions);
        // The tests' own logging configuration stands on the class path too.
        command.add("-Dlogback.configurationFile=logback.xml");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.holdfast.server.start.Main"));
        command.addAll(arguments);
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        return builder.start();
    }

    /** Those of the script at the root of the project, so that what is tested is what users run. */
    private static List<String> launcherFlags() throws IOException {
        var flags = new ArrayList<String>();
        boolean inside = false;
        for (var line : Files.readAllLines(Project.root().resolve("holdfast"))) {
            if (line.startsWith("exec \"$java\"")) {
                inside = true;
            } else if (inside && line.contains("-cp")) {
                break;
            } else if (inside) {
                for (var word : line.replace("\\", "").strip().split(" +")) {
                    if (word.startsWith("-")) {
                        flags.add(word);
                    }
                }
            }
        }
        return flags;
    }

    // ---- what can be reached ----

    public int port() {
        return port;
    }

    public String user() {
        return user;
    }

    public Path store() {
        return directory.resolve("store");
    }

    /** The root of nodelocal storage, unless it was put elsewhere. */
    public Path extern() {
        return store().resolve("extern");
    }

    /** Until the definitions of a database as they are now have been looked at, so that they will be known of their time. */
    public void awaitLook(String database) throws SQLException, InterruptedException {
        String now;
        String oid;
        try (var connection = connect(database)) {
            now = Sessions.one(connection, "select pg_current_wal_insert_lsn()::text");
            oid = Sessions.one(connection, "select oid::text from pg_database where datname = current_database()");
        }
        try (var system = connect("system")) {
            for (int i = 0; i < 300; i++) {
                if (Sessions.one(
                                system,
                                "select exists (select from public.history_schemas where database_oid = ?::oid and from_lsn > ?::pg_lsn)",
                                oid,
                                now)
                        .equals("t")) {
                    return;
                }
                Thread.sleep(100);
            }
        }
        throw new IllegalStateException("nobody has looked at the schema of " + database);
    }

    public long pid() {
        return process.pid();
    }

    private Path errorFile() {
        return directory.resolve("stderr");
    }

    public String errors() throws IOException {
        return Files.exists(errorFile()) ? Files.readString(errorFile()) : "";
    }

    /** Of the embedded PostgreSQL, whose superuser's password only this store knows. */
    public UpstreamUri embedded(String database) throws IOException {
        var service = UpstreamUri.parse(Files.readString(store().resolve("upstream.uri")).strip());
        return UpstreamUri.parse("postgresql://root:" + Files.readString(store().resolve("root.password")).strip() + "@"
                + service.host() + ":" + service.port() + "/" + database + "?sslmode=disable");
    }

    /** The directory of the embedded PostgreSQL's Unix-domain socket. */
    public Path embeddedSocketDirectory() {
        return store().resolve("postgres").resolve("socket");
    }

    public Connection connect(String database) throws SQLException {
        return connect(database, new Properties());
    }

    public Connection connect(String database, Properties more) throws SQLException {
        var properties = new Properties();
        properties.setProperty("user", user);
        // The embedded one trusts us under --insecure; an external one asks for the password of its superuser.
        properties.setProperty("password", TestPostgres.PASSWORD);
        properties.setProperty("sslmode", "disable");
        properties.setProperty("loginTimeout", "30");
        properties.putAll(more);
        try {
            return new Driver().connect("jdbc:postgresql://127.0.0.1:" + port + "/" + Sessions.encoded(database), properties);
        } catch (SQLException e) {
            if (process.isAlive()) {
                throw e;
            }
            throw new SQLException("Holdfast has ended with " + process.exitValue() + ": " + said(), e);
        }
    }

    private String said() {
        try {
            return errors();
        } catch (IOException e) {
            return e.toString();
        }
    }

    // ---- ends ----

    /** kill -9; an embedded PostgreSQL lives on. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM; returns the exit code. */
    public int terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(90, TimeUnit.SECONDS)) {
            throw new IllegalStateException("it does not stop");
        }
        return process.exitValue();
    }

    /** {@code name} as for kill(1): HUP, TERM. */
    public void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start().waitFor();
    }

    /** The exit code, within the time. */
    public int waitForExit(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("it does not stop");
        }
        return process.exitValue();
    }

    public String log() throws IOException {
        return Files.readString(store().resolve("logs").resolve("holdfast.log"));
    }

    /** What the operating system counts as this process's memory, in bytes. */
    public long residentMemory() throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        throw new IOException("no VmRSS");
    }

    /** Collects garbage in it, so that what is left is in use. */
    public void collectGarbage() throws IOException, InterruptedException {
        var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        new ProcessBuilder(jcmd, Long.toString(process.pid()), "GC.run")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** kill -9 of the embedded PostgreSQL's first process. */
    public void killPostgres() throws IOException {
        postmaster().destroyForcibly();
    }

    public ProcessHandle postmaster() throws IOException {
        return runningPostgres().orElseThrow(() -> new IOException("PostgreSQL does not run"));
    }

    private Optional<ProcessHandle> runningPostgres() throws IOException {
        return LockFiles.serverOn(store().resolve("postgres").resolve("data"));
    }

    @Override
    public void close() throws IOException {
        try {
            if (process != null && process.isAlive()) {
                process.destroy();
                if (!process.waitFor(60, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                }
            }
            stopLeftPostgres();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Directories.deleteRecursively(directory);
    }

    /** Of a Holdfast that was killed and not started again. */
    private void stopLeftPostgres() throws IOException, InterruptedException {
        var server = runningPostgres();
        if (server.isEmpty()) {
            return;
        }
        server.get().destroy();
        try {
            server.get().onExit().get(20, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            server.get().destroyForcibly();
        }
    }
}
