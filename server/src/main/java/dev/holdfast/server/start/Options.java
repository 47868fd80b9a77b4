package dev.holdfast.server.start;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import dev.holdfast.engine.cloud.CloudEndpoints;
import dev.holdfast.engine.cluster.UpstreamUri;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.ExternalIoPolicy;
import dev.holdfast.server.session.SessionLimits;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** How this process is to run: the configuration file, overridden by the command line. */
public record Options(
        Path store,
        InetSocketAddress listen,
        InetSocketAddress http,
        boolean httpIsDefault,
        Optional<UpstreamUri> upstream,
        String locality,
        Optional<Path> externalIoDirectory,
        boolean externalIoDisabled,
        ExternalIoPolicy externalIo,
        CloudEndpoints cloudEndpoints,
        List<Path> keyDirectories,
        Set<String> keyVariables,
        boolean insecure,
        Optional<Path> tlsCertificate,
        Optional<Path> tlsKey,
        Optional<Path> tlsClientAuthorities,
        boolean trustUpstream,
        Map<String, String> roleSecrets,
        SessionLimits limits,
        Duration drainTimeout,
        List<String> proxySenders,
        int threads,
        int embeddedPort,
        Map<String, String> embeddedSettings) {

    /** Below these every name is the user's own. */
    private static final List<String> FREE_KEYS = List.of("embedded.settings.", "auth.role-secrets.");

    /**
     * @param file the configuration file; what it leaves out has the defaults of {@code conf/holdfast.conf}
     * @param overrides by configuration key
     */
    public static Options load(Optional<Path> file, Map<String, String> overrides) {
        try {
            var defaults = ConfigFactory.parseResources("holdfast.conf");
            var config = defaults;
            if (file.isPresent()) {
                if (!Files.isReadable(file.get())) {
                    throw invalid("configuration file " + file.get() + " cannot be read");
                }
                var given = ConfigFactory.parseFile(file.get().toFile());
                refuseUnknown(given, config);
                config = given.withFallback(config);
            }
            for (var override : overrides.entrySet()) {
                config = config.withValue(override.getKey(), ConfigValueFactory.fromAnyRef(override.getValue(), "command line"));
            }
            return read(config.resolve(), defaults);
        } catch (ConfigException e) {
            throw invalid(e.getMessage());
        }
    }

    private static Options read(Config config, Config defaults) {
        var ioDirectory = config.getString("external-io-dir");
        var upstream = config.getString("upstream");
        return new Options(
                Path.of(config.getString("store")).toAbsolutePath().normalize(),
                address(config.getString("listen")),
                address(config.getString("http")),
                config.getString("http").equals(defaults.getString("http")),
                upstream.equals("embedded") ? Optional.empty() : Optional.of(UpstreamUri.parse(upstream)),
                config.getString("locality"),
                path(ioDirectory.equals("disabled") ? "" : ioDirectory),
                ioDirectory.equals("disabled"),
                new ExternalIoPolicy(
                        config.getBoolean("external-io.disable-http"),
                        config.getBoolean("external-io.disable-implicit-credentials"),
                        config.getBoolean("external-io.write-once")),
                new CloudEndpoints(
                        config.getString("cloud-endpoints.google-storage"),
                        config.getString("cloud-endpoints.google-kms"),
                        config.getString("cloud-endpoints.google-iam"),
                        config.getString("cloud-endpoints.azure-blob"),
                        config.getString("cloud-endpoints.azure-vault"),
                        config.getString("cloud-endpoints.azure-login")),
                config.getStringList("key-references.directories").stream()
                        .map(directory -> Path.of(directory).toAbsolutePath().normalize())
                        .toList(),
                Set.copyOf(config.getStringList("key-references.environment")),
                config.getBoolean("insecure"),
                path(config.getString("tls.certificate")),
                path(config.getString("tls.key")),
                path(config.getString("tls.client-ca")),
                config.getBoolean("auth.trust-upstream"),
                strings(config.getConfig("auth.role-secrets")),
                new SessionLimits(
                        config.getInt("limits.connections"),
                        config.getDuration("limits.authentication-timeout"),
                        config.getDuration("limits.upstream-wait")),
                config.getDuration("limits.drain-timeout"),
                config.getStringList("proxy-protocol.senders"),
                config.getInt("threads"),
                config.getInt("embedded.port"),
                strings(config.getConfig("embedded.settings")));
    }

    /** A misspelt key would otherwise be a setting that silently has no effect. */
    private static void refuseUnknown(Config given, Config known) {
        for (var entry : given.entrySet()) {
            if (FREE_KEYS.stream().noneMatch(entry.getKey()::startsWith) && !known.hasPathOrNull(entry.getKey())) {
                throw invalid("unknown configuration key " + entry.getKey());
            }
        }
    }

    private static Map<String, String> strings(Config config) {
        var settings = new TreeMap<String, String>();
        config.root().forEach((name, value) -> settings.put(name, String.valueOf(value.unwrapped())));
        return settings;
    }

    private static Optional<Path> path(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text).toAbsolutePath().normalize());
    }

    static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            var host = text.substring(0, Math.max(0, colon));
            if (colon >= 0 && port >= 0 && port <= 65535) {
                var bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
                return bare.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(bare, port);
            }
        } catch (NumberFormatException e) {
            // The same answer as for every other text that is no address.
        }
        throw invalid("\"" + text + "\" is not of the form HOST:PORT");
    }

    private static HoldfastException invalid(String message) {
        return HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, message);
    }
}
