package dev.holdfast.it.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs psql on a script, and hands back what a user would see. */
public final class Psql {
    private final Path program;

    /** Standard output and standard error as psql interleaves them for a terminal, and its exit code. */
    public record Output(String text, int exitCode) {}

    private Psql(Path program) {
        this.program = program;
    }

    /** The newest psql that is as new as the server; the test is skipped where there is none. */
    public static Psql atLeast(int majorVersion) {
        var client = PostgresClient.find(majorVersion);
        assumeTrue(client.isPresent(), PostgresClient.missing(majorVersion));
        return new Psql(client.get().program("psql"));
    }

    /** {@code host} may be the directory of a Unix-domain socket. */
    public Output run(String host, int port, String user, String database, String script, String... options)
            throws IOException, InterruptedException {
        var file = Files.createTempFile("psql", ".sql");
        var output = Files.createTempFile("psql", ".out");
        try {
            Files.writeString(file, script);
            var command = new ArrayList<>(List.of(
                    program.toString(), "--no-psqlrc", "--host=" + host, "--port=" + port, "--username=" + user, "--dbname=" + database));
            command.addAll(List.of(options));
            var builder = new ProcessBuilder(command)
                    .redirectInput(file.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
            builder.environment().put("PAGER", "cat");
            var process = builder.start();
            if (!process.waitFor(120, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("psql did not end: " + Files.readString(output));
            }
            // A script may ask for another encoding; what is no UTF-8 is then replaced, not an error.
            return new Output(new String(Files.readAllBytes(output), StandardCharsets.UTF_8), process.exitValue());
        } finally {
            Files.delete(file);
            Files.delete(output);
        }
    }
}
