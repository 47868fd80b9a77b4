package dev.holdfast.engine.storage.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** {@code HTTP_PROXY}, {@code HTTPS_PROXY} and {@code NO_PROXY} in either case, as other programs read them. */
public final class EnvironmentProxies extends ProxySelector {
    private final Map<String, String> environment;

    public EnvironmentProxies(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    private Optional<String> variable(String name) {
        return Optional.ofNullable(environment.getOrDefault(name, environment.get(name.toLowerCase(Locale.ROOT))))
                .filter(value -> !value.isBlank());
    }

    /** The proxy for a URI, if it is to go through one. */
    public Optional<URI> proxyOf(URI uri) {
        if (uri.getHost() == null || isExempt(uri.getHost())) {
            return Optional.empty();
        }
        return variable(uri.getScheme().equals("https") ? "HTTPS_PROXY" : "HTTP_PROXY")
                .map(value -> URI.create(value.contains("://") ? value : "http://" + value));
    }

    private boolean isExempt(String host) {
        for (var entry : variable("NO_PROXY").orElse("").split(",")) {
            var suffix = entry.strip().replaceFirst("^\\*?\\.", "");
            if (!suffix.isEmpty() && (suffix.equals("*") || host.equals(suffix) || host.endsWith("." + suffix))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public List<Proxy> select(URI uri) {
        return proxyOf(uri)
                .map(proxy -> List.of(new Proxy(
                        Proxy.Type.HTTP, new InetSocketAddress(proxy.getHost(), proxy.getPort() < 0 ? 80 : proxy.getPort()))))
                .orElse(List.of(Proxy.NO_PROXY));
    }

    /** The request fails with it. */
    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException e) {}
}
