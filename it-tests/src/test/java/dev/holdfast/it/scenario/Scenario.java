package dev.holdfast.it.scenario;

import dev.holdfast.it.support.WireClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A conversation, written in a file:
 *
 * <pre>
 * # a comment
 * SELECT 1; SELECT 2        one simple query, on as many lines as it takes
 * ----
 * columns [...]             what the server answers, message by message
 * row [1]
 *                           an empty line ends the step
 * @extended                 the next step is one statement in the extended protocol: Parse, Bind, Describe, Execute, Sync
 * SHOW JOB $1
 * @with 42                  its parameters, as text, one per line
 * ----
 * </pre>
 *
 * In an answer {@code *} stands for any text. A file without answers is for comparing two servers.
 */
record Scenario(String name, List<Step> steps) {
    record Step(String sql, boolean extended, List<String> parameters, List<String> expected) {}

    static List<Scenario> all(String folder) throws IOException {
        var directory = Path.of("src", "test", "resources", "scenarios", folder);
        try (Stream<Path> files = Files.list(directory)) {
            var scenarios = new ArrayList<Scenario>();
            for (var file : (Iterable<Path>) files.sorted()::iterator) {
                scenarios.add(read(file));
            }
            return scenarios;
        }
    }

    private static Scenario read(Path file) throws IOException {
        var steps = new ArrayList<Step>();
        var block = new ArrayList<String>();
        for (var line : Files.readAllLines(file)) {
            if (line.startsWith("# ") || line.equals("#")) {
                continue;
            }
            if (line.isEmpty()) {
                addStep(steps, block);
            } else {
                block.add(line);
            }
        }
        addStep(steps, block);
        return new Scenario(file.getFileName().toString(), steps);
    }

    private static void addStep(List<Step> steps, List<String> block) {
        if (block.isEmpty()) {
            return;
        }
        boolean extended = block.getFirst().equals("@extended");
        int rule = block.indexOf("----");
        var asked = block.subList(extended ? 1 : 0, rule < 0 ? block.size() : rule);
        steps.add(new Step(
                String.join("\n", asked.stream().filter(line -> !line.startsWith("@with ")).toList()),
                extended,
                asked.stream().filter(line -> line.startsWith("@with ")).map(line -> line.substring(6)).toList(),
                rule < 0 ? List.of() : List.copyOf(block.subList(rule + 1, block.size()))));
        block.clear();
    }

    /** What one server answers to one step. */
    static List<String> answer(WireClient client, Step step) throws IOException {
        if (!step.extended()) {
            return client.simple(step.sql());
        }
        client.parse("", step.sql())
                .bind("", "", step.parameters().toArray(String[]::new))
                .describe('P', "")
                .execute("", 0)
                .sync()
                .flush();
        return WireClient.lines(client.untilReady());
    }

    /** Whether a line is as expected; a star stands for anything. */
    static boolean matches(String expected, String actual) {
        if (!expected.contains("*")) {
            return expected.equals(actual);
        }
        var parts = expected.split("\\*", -1);
        int at = 0;
        for (int i = 0; i < parts.length; i++) {
            boolean last = i == parts.length - 1;
            int found = last ? actual.length() - parts[i].length() : actual.indexOf(parts[i], at);
            if (found < at || i == 0 && found != 0 || !actual.startsWith(parts[i], found)) {
                return false;
            }
            at = found + parts[i].length();
        }
        return true;
    }

    @Override
    public String toString() {
        return name.toLowerCase(Locale.ROOT);
    }
}
