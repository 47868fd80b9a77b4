package dev.holdfast.it.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What one way of doing something took, round by round: seconds on the clock, seconds of CPU, bytes. */
final class Measured {
    record Round(double seconds, double cpu, long bytes) {}

    private final String name;
    private final List<Round> rounds = new ArrayList<>();

    Measured(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    void add(Round round) {
        rounds.add(round);
        System.out.printf("  %-28s %7.2f s  cpu %7.2f s  %,15d bytes%n", name, round.seconds(), round.cpu(), round.bytes());
    }

    double median(ToDoubleFunction<Round> what) {
        var sorted = rounds.stream().mapToDouble(what).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    boolean isEmpty() {
        return rounds.isEmpty();
    }

    // ---- how it is measured ----

    /** Clock ticks of /proc, which are hundredths of a second wherever Linux runs. */
    private static final double TICK = 0.01;

    /** CPU time of a process and of its children that have ended. */
    static double cpuOf(long pid) throws IOException {
        var stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        // The name of the program stands in parentheses and may hold blanks.
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        long ticks = 0;
        for (int i = 11; i <= 14; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return ticks * TICK;
    }

    /** The most memory a process has had, in MiB. */
    static long peakMemoryOf(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }

    static long sizeOf(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return 0;
        }
        try (var files = Files.walk(directory)) {
            long size = 0;
            for (var file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                size += Files.size(file);
            }
            return size;
        }
    }

    /** {@code ours} beside each of the others: how many times as fast, and the shares of CPU and bytes. */
    static void report(String title, Measured ours, List<Measured> others) {
        System.out.printf("%n%s: medians%n", title);
        System.out.printf("  %-28s %10s %10s %12s %12s %10s %10s%n", "", "seconds", "cpu", "MiB", "times faster", "cpu ratio", "size ratio");
        var all = new ArrayList<>(others);
        all.removeIf(Measured::isEmpty);
        all.sort(Comparator.comparing(Measured::name));
        all.addFirst(ours);
        for (var one : all) {
            System.out.printf(
                    "  %-28s %10.2f %10.2f %12.1f %12.2f %10.2f %10.2f%n",
                    one.name,
                    one.median(Round::seconds),
                    one.median(Round::cpu),
                    one.median(Round::bytes) / (1 << 20),
                    one.median(Round::seconds) / ours.median(Round::seconds),
                    ours.median(Round::cpu) / Math.max(0.01, one.median(Round::cpu)),
                    ours.median(Round::bytes) / Math.max(1, one.median(Round::bytes)));
        }
    }
}
