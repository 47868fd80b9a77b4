package dev.holdfast.engine.storage.http;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLException;

/** Sends requests: trusts the authorities of the cluster's setting, goes through the environment's proxies, and gives up in time. */
public final class HttpTransport implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(20);

    private final HttpClient client;
    private final Duration timeout;

    /**
     * @param customAuthorities PEM, beside the system's; empty: none
     * @param timeout how long nothing may happen: until an answer begins, and between two pieces of it
     */
    public HttpTransport(String customAuthorities, Duration timeout, Map<String, String> environment) {
        this.client = HttpClient.newBuilder()
                .connectTimeout(CONNECT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(Authorities.with(customAuthorities))
                .proxy(new EnvironmentProxies(environment))
                .build();
        this.timeout = timeout;
    }

    public HttpResponse<InputStream> send(HttpRequest.Builder request) throws IOException {
        try {
            var response = client.send(request.timeout(timeout).build(), HttpResponse.BodyHandlers.ofInputStream());
            return new GuardedResponse(response, new StallGuard(response.body(), timeout));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (SSLException e) {
            var untrusted = Authorities.untrusted(e, "cannot connect");
            if (untrusted.isPresent()) {
                throw untrusted.get();
            }
            throw e;
        } catch (IllegalArgumentException e) {
            throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "invalid storage URI: no host that can be reached", e);
        }
    }

    /** Does not wait for answers that nobody reads any more. */
    @Override
    public void close() {
        client.shutdownNow();
    }
}
