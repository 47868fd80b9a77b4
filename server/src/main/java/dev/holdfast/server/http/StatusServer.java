package dev.holdfast.server.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Metrics for Prometheus at {@code /_status/vars}, and {@code /health} for load balancers. */
public final class StatusServer implements AutoCloseable {
    private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final HttpServer server;
    private final ExecutorService threads;

    private StatusServer(HttpServer server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    /** {@code metrics} renders them, in Prometheus' text. */
    public static StatusServer listen(InetSocketAddress address, Supplier<String> metrics) throws IOException {
        var server = HttpServer.create(address, 64);
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        server.setExecutor(threads);
        server.createContext("/_status/vars", exchange -> answer(exchange, "/_status/vars", PROMETHEUS_TEXT, metrics::get));
        server.createContext("/health", exchange -> answer(exchange, "/health", "text/plain", () -> "ok\n"));
        server.start();
        return new StatusServer(server, threads);
    }

    private interface Page {
        String render();
    }

    private static void answer(HttpExchange exchange, String path, String type, Page page) throws IOException {
        try (exchange) {
            exchange.getRequestBody().close();
            if (!exchange.getRequestURI().getPath().equals(path)) {
                exchange.sendResponseHeaders(404, -1);
            } else if (!exchange.getRequestMethod().equals("GET") && !exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                exchange.sendResponseHeaders(405, -1);
            } else {
                var body = page.render().getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", type);
                boolean head = exchange.getRequestMethod().equals("HEAD");
                exchange.sendResponseHeaders(200, head ? -1 : body.length);
                if (!head) {
                    exchange.getResponseBody().write(body);
                }
            }
        }
    }

    public InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
