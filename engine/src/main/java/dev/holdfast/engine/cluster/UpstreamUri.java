package dev.holdfast.engine.cluster;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the upstream PostgreSQL is and how to log in: libpq's URI form {@code postgresql://user:password@host:port/db?sslmode=...}.
 * The user is Holdfast's service role. Sessions of clients use host, port and TLS mode only; they bring their own user.
 */
public record UpstreamUri(
        String user, Optional<String> password, String host, int port, String database, TlsMode tls, Map<String, String> tlsFiles) {

    /** The {@code sslmode} values of libpq, with their meaning. */
    public enum TlsMode {
        DISABLE,
        ALLOW,
        PREFER,
        REQUIRE,
        VERIFY_CA,
        VERIFY_FULL;

        public String libpqName() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }

        /** Whether a server that has no TLS is refused. */
        public boolean isMandatory() {
            return compareTo(REQUIRE) >= 0;
        }

        static TlsMode parse(String text) {
            for (var mode : values()) {
                if (mode.libpqName().equals(text)) {
                    return mode;
                }
            }
            throw invalid("invalid sslmode value: \"" + text + "\"")
                    .withHint("Use disable, allow, prefer, require, verify-ca or verify-full.");
        }
    }

    private static final Set<String> TLS_FILES = Set.of("sslrootcert", "sslcert", "sslkey");

    public static UpstreamUri parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            // The text holds a password: only the reason may be repeated.
            throw invalid("invalid upstream URI: " + e.getReason()).withHint(SHAPE);
        }
        if (!"postgresql".equals(uri.getScheme()) && !"postgres".equals(uri.getScheme())) {
            throw invalid("invalid upstream URI: the scheme must be postgresql").withHint(SHAPE);
        }
        if (uri.getRawAuthority() != null && uri.getHost() == null && uri.getRawAuthority().contains(",")) {
            throw invalid("invalid upstream URI: exactly one host can be given").withHint(SHAPE);
        }
        Map<String, String> tlsFiles = new LinkedHashMap<>();
        var tls = TlsMode.PREFER;
        if (uri.getRawQuery() != null) {
            for (var pair : uri.getRawQuery().split("&")) {
                int equals = pair.indexOf('=');
                var name = equals < 0 ? pair : pair.substring(0, equals);
                var value = equals < 0 ? "" : decode(pair.substring(equals + 1));
                if (name.equals("sslmode")) {
                    tls = TlsMode.parse(value);
                } else if (TLS_FILES.contains(name)) {
                    tlsFiles.put(name, value);
                } else {
                    throw invalid("invalid upstream URI: unknown parameter \"" + name + "\"")
                            .withHint("Known parameters are sslmode, sslrootcert, sslcert and sslkey.");
                }
            }
        }
        var host = uri.getHost();
        if (host == null) {
            throw invalid("invalid upstream URI: no host").withHint(SHAPE);
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        if (uri.getPort() > 65535) {
            throw invalid("invalid upstream URI: no such port").withHint(SHAPE);
        }
        var userInfo = uri.getRawUserInfo();
        if (userInfo == null || userInfo.isEmpty() || userInfo.startsWith(":")) {
            throw invalid("invalid upstream URI: no user").withHint(SHAPE);
        }
        int colon = userInfo.indexOf(':');
        var user = decode(colon < 0 ? userInfo : userInfo.substring(0, colon));
        Optional<String> password = colon < 0 ? Optional.empty() : Optional.of(decode(userInfo.substring(colon + 1)));
        var path = uri.getRawPath() == null ? "" : uri.getRawPath();
        var database = path.length() > 1 ? decode(path.substring(1)) : "postgres";
        return new UpstreamUri(user, password, host, uri.getPort() < 0 ? 5432 : uri.getPort(), database, tls, Map.copyOf(tlsFiles));
    }

    private static final String SHAPE = "The form is postgresql://user:password@host:port/database?sslmode=verify-full.";

    private static HoldfastException invalid(String message) {
        return HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, message);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** The full URI, password included. For files with mode 0600 only. */
    public String toSecretString() {
        return text(password.map(p -> ":" + encode(p)).orElse(""));
    }

    /** The URI with the password masked. */
    @Override
    public String toString() {
        return text(password.isPresent() ? ":redacted" : "");
    }

    private String text(String passwordPart) {
        var text = new StringBuilder("postgresql://").append(encode(user)).append(passwordPart).append('@');
        if (host.indexOf(':') >= 0) {
            text.append('[').append(host).append(']');
        } else {
            text.append(host);
        }
        text.append(':').append(port).append('/').append(encode(database)).append("?sslmode=").append(tls.libpqName());
        tlsFiles.forEach((name, file) -> text.append('&').append(name).append('=').append(encode(file)));
        return text.toString();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
