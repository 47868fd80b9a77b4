package dev.holdfast.it.bench;

import dev.holdfast.it.support.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The programs that we are measured beside. */
final class Programs {
    private Programs() {}

    /** Runs a program to its end; bash tells what it and all its children used. */
    static double run(Path scratch, List<String> command) throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of("bash", "-c", "\"$@\" >&2; code=$?; times; exit $code", "bash"));
        line.addAll(command);
        var errors = Files.createTempFile(scratch, "program", ".err");
        var builder = new ProcessBuilder(line).redirectError(errors.toFile());
        builder.environment().put("PGPASSWORD", TestPostgres.PASSWORD);
        var process = builder.start();
        var output = new String(process.getInputStream().readAllBytes()).strip().lines().toList();
        if (!process.waitFor(30, TimeUnit.MINUTES) || process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + " failed: " + Files.readString(errors));
        }
        double seconds = 0;
        for (var time : output.getLast().split(" ")) {
            int m = time.indexOf('m');
            seconds += Integer.parseInt(time.substring(0, m)) * 60 + Double.parseDouble(time.substring(m + 1, time.length() - 1));
        }
        return seconds;
    }
}
