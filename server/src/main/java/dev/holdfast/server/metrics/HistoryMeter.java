package dev.holdfast.server.metrics;

import dev.holdfast.engine.history.History;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What SHOW HISTORY says, by database. */
public final class HistoryMeter {
    private static final Duration FRESH = Duration.ofSeconds(5);

    private final History history;
    private final String node;
    private final List<Row> rows = new ArrayList<>();
    private long readAt = System.nanoTime() - FRESH.toNanos();
    private volatile double databases;

    private record Row(MultiGauge gauge, ToDoubleFunction<History.Line> value) {}

    private HistoryMeter(History history, int nodeId) {
        this.history = history;
        this.node = Integer.toString(nodeId);
    }

    public static HistoryMeter register(MeterRegistry registry, History history, int nodeId) {
        var meter = new HistoryMeter(history, nodeId);
        Gauge.builder("history.databases", () -> meter.databases)
                .description("databases whose history is kept")
                .tag("node_id", meter.node)
                .strongReference(true)
                .register(registry);
        meter.add(registry, "history.wal_bytes", "write-ahead log that is there because of the history", line -> line.walBytes());
        meter.add(registry, "history.lag_seconds", "time since the history was looked after", line -> seconds(line.lag().orElse(null)));
        meter.add(
                registry,
                "history.reach_seconds",
                "how far back the history reaches",
                line -> line.oldest().map(oldest -> seconds(Duration.between(oldest, Instant.now()))).orElse(0.0));
        meter.add(registry, "history.tables_without", "tables that have no history", line -> line.uncaptured().size());
        meter.add(
                registry,
                "history.last_gap_timestamp_seconds",
                "when the history last had to begin anew; 0: never",
                line -> line.gapAt().map(at -> at.toEpochMilli() / 1000.0).orElse(0.0));
        return meter;
    }

    private static double seconds(Duration duration) {
        return duration == null ? Double.NaN : duration.toMillis() / 1000.0;
    }

    private void add(MeterRegistry registry, String name, String description, ToDoubleFunction<History.Line> value) {
        rows.add(new Row(MultiGauge.builder(name).description(description).register(registry), value));
    }

    /** Before somebody reads the metrics; not more often than every few seconds, as it asks the upstream. */
    public synchronized void refresh() {
        if (System.nanoTime() - readAt < FRESH.toNanos()) {
            return;
        }
        readAt = System.nanoTime();
        try {
            var kept = history.lines().stream().filter(History.Line::on).toList();
            for (var row : rows) {
                row.gauge().register(kept.stream().map(line -> measured(line, row)).toList(), true);
            }
            databases = kept.size();
        } catch (SQLException e) {
            // Not a number: no alert should read that as none.
            databases = Double.NaN;
        }
    }

    private MultiGauge.Row<?> measured(History.Line line, Row row) {
        return MultiGauge.Row.of(Tags.of("database", line.database(), "node_id", node), line, row.value());
    }
}
