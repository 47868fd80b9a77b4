package dev.holdfast.it.support;

import dev.holdfast.engine.cluster.UpstreamUri;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * PostgreSQL's own pg_dump and psql, of a version that fits the servers. They are looked for where
 * {@code .ci/postgresql-client-18} puts them (or the folder that HOLDFAST_PG_CLIENT names), in Debian's folders and on the PATH.
 */
public final class PostgresClient {
    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)");

    /** Why a test that needs one is skipped. */
    public static String missing(int majorVersion) {
        return "there is no pg_dump of PostgreSQL " + majorVersion + " or later; .ci/postgresql-client-18 fetches one";
    }

    private final Path folder;

    private PostgresClient(Path folder) {
        this.folder = folder;
    }

    /** The newest one, if it can read servers of this version. */
    public static Optional<PostgresClient> find(int majorVersion) {
        return folders().stream()
                .filter(folder -> Files.isExecutable(folder.resolve("pg_dump")) && Files.isExecutable(folder.resolve("psql")))
                .map(PostgresClient::new)
                .max(Comparator.comparingInt(PostgresClient::version))
                .filter(client -> client.version() >= majorVersion);
    }

    /** One of exactly this version. */
    public static Optional<PostgresClient> exactly(int majorVersion) {
        return folders().stream()
                .filter(folder -> Files.isExecutable(folder.resolve("pg_dump")))
                .map(PostgresClient::new)
                .filter(client -> client.version() == majorVersion)
                .findFirst();
    }

    private static List<Path> folders() {
        var folders = new ArrayList<Path>();
        var unpacked = System.getenv("HOLDFAST_PG_CLIENT");
        folders.add((unpacked == null
                        ? Path.of(System.getProperty("user.home"), ".cache", "holdfast-test", "pg-client-18")
                        : Path.of(unpacked))
                .resolve("bin"));
        var debian = Path.of("/usr/lib/postgresql");
        if (Files.isDirectory(debian)) {
            try (Stream<Path> versions = Files.list(debian)) {
                versions.map(version -> version.resolve("bin")).forEach(folders::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        for (var folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
            folders.add(Path.of(folder));
        }
        return folders;
    }

    /** The program itself, for tests that talk to it. */
    public Path program(String name) {
        return folder.resolve(name);
    }

    public int version() {
        var matcher = VERSION.matcher(run(List.of("pg_dump", "--version"), null, ""));
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }

    public String dumpSchema(TestPostgres server, String database, String... options) {
        return dumpSchema(server.uri(), database, options);
    }

    /** Everything but rows; the key that a dump is guarded with is fixed, so that equal schemas give equal texts. */
    public String dumpSchema(UpstreamUri server, String database, String... options) {
        var command = new ArrayList<>(List.of("pg_dump", "--schema-only", "--large-objects", "--restrict-key=fixed"));
        if (version() < 16) {
            command.set(2, "--blobs");
        }
        command.addAll(List.of(options));
        command.addAll(connection(server, database));
        return run(command, null, server.password().orElse(""));
    }

    /** Executes a dump; statements that fail are skipped, as they are for a user. */
    public void execute(TestPostgres server, String database, String sql) {
        execute(server.uri(), database, sql);
    }

    public void execute(UpstreamUri server, String database, String sql) {
        try {
            var file = Files.createTempFile("dump", ".sql");
            try {
                Files.writeString(file, sql);
                var command = new ArrayList<>(List.of("psql", "--no-psqlrc", "--quiet", "--output=/dev/null"));
                command.addAll(connection(server, database));
                run(command, file, server.password().orElse(""));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> connection(UpstreamUri server, String database) {
        return List.of("--host=" + server.host(), "--port=" + server.port(), "--username=" + server.user(), "--dbname=" + database);
    }

    private String run(List<String> command, Path input, String password) {
        try {
            var program = new ArrayList<>(command);
            program.set(0, folder.resolve(command.getFirst()).toString());
            var output = Files.createTempFile("client", ".out");
            var errors = Files.createTempFile("client", ".err");
            try {
                var builder = new ProcessBuilder(program).redirectOutput(output.toFile()).redirectError(errors.toFile());
                builder.environment().put("PGPASSWORD", password);
                builder.environment().put("PGCLIENTENCODING", "UTF8");
                if (input != null) {
                    builder.redirectInput(input.toFile());
                }
                var process = builder.start();
                if (!process.waitFor(5, TimeUnit.MINUTES)) {
                    process.destroyForcibly();
                    throw new IllegalStateException(command.getFirst() + " did not end");
                }
                if (process.exitValue() != 0) {
                    throw new IllegalStateException(command.getFirst() + " failed: " + Files.readString(errors));
                }
                return Files.readString(output);
            } finally {
                Files.delete(output);
                Files.delete(errors);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
