package dev.holdfast.engine.storage;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.TreeMap;

/**
 * {@code scheme://[user[:password]@]host/path?PARAMETER=value&...}, taken apart. Parameters are form-decoded and keep their
 * case. {@link #toString()} is the form that may be shown anywhere; the original is never kept in one piece.
 */
public record StorageUri(String scheme, String userInfo, String host, String path, Map<String, String> parameters) {
    private static final Set<String> SECRETS = Set.of(
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "CREDENTIALS",
            "BEARER_TOKEN",
            "AZURE_ACCOUNT_KEY",
            "AZURE_CLIENT_SECRET");

    public StorageUri {
        parameters = new TreeMap<>(parameters);
    }

    public static StorageUri parse(String text) {
        int colon = text.indexOf("://");
        if (colon <= 0 || !isScheme(text.substring(0, colon))) {
            // The text may hold secrets: it is not repeated.
            throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "invalid storage URI: no scheme")
                    .withHint("The form is scheme://host/path?PARAMETER=value, for example nodelocal://1/backups.");
        }
        var scheme = text.substring(0, colon);
        var rest = text.substring(colon + 3);
        int question = rest.indexOf('?');
        var query = question < 0 ? "" : rest.substring(question + 1);
        var hierarchy = question < 0 ? rest : rest.substring(0, question);
        int slash = hierarchy.indexOf('/');
        var authority = slash < 0 ? hierarchy : hierarchy.substring(0, slash);
        var path = slash < 0 ? "" : hierarchy.substring(slash);
        int at = authority.lastIndexOf('@');
        return new StorageUri(
                scheme,
                at < 0 ? "" : authority.substring(0, at),
                decode(authority.substring(at + 1), false),
                decode(path, false),
                parseQuery(query));
    }

    private static boolean isScheme(String text) {
        return text.chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.');
    }

    private static Map<String, String> parseQuery(String query) {
        var parameters = new TreeMap<String, String>();
        if (query.isEmpty()) {
            return parameters;
        }
        for (var pair : query.split("&")) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            var name = decode(equals < 0 ? pair : pair.substring(0, equals), true);
            parameters.putIfAbsent(name, equals < 0 ? "" : decode(pair.substring(equals + 1), true));
        }
        return parameters;
    }

    /** {@code form}: a plus stands for a blank. */
    public static String decode(String text, boolean form) {
        try {
            return URLDecoder.decode(form ? text : text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "invalid storage URI: invalid percent-encoding");
        }
    }

    /** The same place with {@code child} appended to its path. */
    public StorageUri resolve(String child) {
        var base = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return new StorageUri(scheme, userInfo, host, base + "/" + (child.startsWith("/") ? child.substring(1) : child), parameters);
    }

    /** The whole URI, secrets included: for places that are sealed, never for people. */
    public String toSecretString() {
        return text(false);
    }

    /** Knows the secrets in this URI. */
    public Redactor redactor() {
        int colon = userInfo.indexOf(':');
        var values = parameters.entrySet().stream().filter(entry -> SECRETS.contains(entry.getKey())).map(Map.Entry::getValue);
        return new Redactor(
                Stream.concat(values, colon < 0 ? Stream.empty() : Stream.of(userInfo.substring(colon + 1), decode(userInfo.substring(colon + 1), false)))
                        .toList());
    }

    /** Like {@link #toString()}, and without the path, which in the URI of a KMS names the key. */
    public String withoutPath() {
        return new StorageUri(scheme, userInfo, host, "/" + Redactor.REDACTED, parameters).toString();
    }

    /** Without secrets, parameters sorted by name. */
    @Override
    public String toString() {
        return text(true);
    }

    private String text(boolean redact) {
        var text = new StringBuilder(scheme).append("://");
        if (!userInfo.isEmpty()) {
            int colon = userInfo.indexOf(':');
            text.append(redact && colon >= 0 ? userInfo.substring(0, colon) + ":" + Redactor.REDACTED : userInfo).append('@');
        }
        text.append(encodeHierarchy(host)).append(encodeHierarchy(path));
        List<String> pairs = new ArrayList<>();
        parameters.forEach((name, value) ->
                pairs.add(encodeParameter(name) + "=" + (redact && SECRETS.contains(name) ? Redactor.REDACTED : encodeParameter(value))));
        return pairs.isEmpty() ? text.toString() : text.append('?').append(String.join("&", pairs)).toString();
    }

    private static String encodeParameter(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** As a segment of a URI's path. */
    public static String encodeSegment(String text) {
        return encodeParameter(text).replace("+", "%20");
    }

    /** Only what would be read as something else again. */
    private static String encodeHierarchy(String text) {
        return text.replace("%", "%25").replace("?", "%3F").replace("#", "%23").replace(" ", "%20");
    }
}
