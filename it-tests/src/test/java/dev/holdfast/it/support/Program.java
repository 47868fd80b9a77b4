package dev.holdfast.it.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A program of the operating system: somebody else's client. */
public final class Program {
    private static final long PATIENCE_SECONDS = 120;

    private final List<String> command;
    private final Map<String, String> environment;

    /** What it said, standard error included. */
    public record Outcome(int exitCode, String text) {}

    private Program(List<String> command, Map<String, String> environment) {
        this.command = command;
        this.environment = environment;
    }

    /** On the PATH, or among Debian's PostgreSQL programs; the test is skipped where it is not installed. */
    public static Program require(String name) {
        var candidates = new ArrayList<Path>();
        for (var folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
            candidates.add(Path.of(folder, name));
        }
        candidates.add(Path.of("/usr/sbin", name));
        for (int version = 15; version <= 18; version++) {
            candidates.add(Path.of("/usr/lib/postgresql/" + version + "/bin", name));
        }
        var found = candidates.stream().filter(Files::isExecutable).findFirst();
        assumeTrue(found.isPresent(), name + " is not installed");
        return of(found.orElseThrow());
    }

    /** Debian's own of a name that other installations may hide. */
    public static Program of(Path file) {
        return new Program(List.of(file.toString()), Map.of());
    }

    public Program with(String variable, String value) {
        var more = new TreeMap<>(environment);
        more.put(variable, value);
        return new Program(command, more);
    }

    public Process start(Path output, String... arguments) throws IOException {
        var all = new ArrayList<>(command);
        all.addAll(List.of(arguments));
        var builder = new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    public Outcome run(String... arguments) throws IOException, InterruptedException {
        var output = Files.createTempFile("program", ".out");
        try {
            var process = start(output, arguments);
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(command.getFirst() + " did not end: " + Files.readString(output));
            }
            return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            Files.delete(output);
        }
    }
}
