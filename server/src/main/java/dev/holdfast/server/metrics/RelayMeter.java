package dev.holdfast.server.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** What sessions count. On the path of every message only adders are touched; latencies are sampled. */
public final class RelayMeter {
    /** Of so many bursts of input one is timed. */
    public static final int SAMPLING = 64;

    private final LongAdder bytesFromClients = new LongAdder();
    private final LongAdder bytesFromUpstream = new LongAdder();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder authenticated = new LongAdder();
    private final LongAdder cancelRequests = new LongAdder();
    private final AtomicLong open = new AtomicLong();
    private final MeterRegistry registry;
    private final Timer relay;

    public RelayMeter(MeterRegistry registry) {
        this.registry = registry;
        counter("sql.connections.accepted", "connections accepted", accepted);
        counter("sql.connections.refused", "connections refused for the limit on connections or while draining", refused);
        counter("sql.logins", "sessions that have logged in", authenticated);
        counter("sql.cancel.requests", "cancel requests received", cancelRequests);
        counter("sql.bytesin", "bytes received from clients", bytesFromClients);
        counter("sql.bytesout", "bytes received from the upstream for clients", bytesFromUpstream);
        registry.gauge("sql.conns", open);
        relay = Timer.builder("relay.latency")
                .description("time between the arrival of a burst of messages and its being handed on, sampled")
                .serviceLevelObjectives(
                        Duration.ofNanos(2_000),
                        Duration.ofNanos(5_000),
                        Duration.ofNanos(10_000),
                        Duration.ofNanos(20_000),
                        Duration.ofNanos(50_000),
                        Duration.ofNanos(100_000),
                        Duration.ofNanos(500_000),
                        Duration.ofMillis(1),
                        Duration.ofMillis(10),
                        Duration.ofMillis(100))
                .register(registry);
    }

    private void counter(String name, String description, LongAdder adder) {
        FunctionCounter.builder(name, adder, LongAdder::doubleValue).description(description).register(registry);
    }

    /** Something that is only looked at when somebody asks. */
    public void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(registry);
    }

    public void fromClient(int bytes) {
        bytesFromClients.add(bytes);
    }

    public void fromUpstream(int bytes) {
        bytesFromUpstream.add(bytes);
    }

    public void relayed(long nanos) {
        relay.record(Duration.ofNanos(nanos));
    }

    public void connectionAccepted() {
        accepted.increment();
    }

    public void connectionRefused() {
        refused.increment();
    }

    public void sessionBegun() {
        open.incrementAndGet();
    }

    public void sessionEnded() {
        open.decrementAndGet();
    }

    public void loggedIn() {
        authenticated.increment();
    }

    public void cancelRequested() {
        cancelRequests.increment();
    }

    /** {@code kind} is the statement's, {@code error} its SQLSTATE or null. */
    public void statementEnded(String kind, String error) {
        registry.counter("sql.own.statements", "kind", kind, "result", error == null ? "ok" : error).increment();
    }
}
