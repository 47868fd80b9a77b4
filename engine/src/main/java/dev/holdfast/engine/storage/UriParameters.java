package dev.holdfast.engine.storage;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.util.Optional;
import java.util.TreeMap;

/** Takes a URI's parameters one by one; what nobody has taken is unknown. */
public final class UriParameters {
    private final TreeMap<String, String> left;

    public UriParameters(StorageUri uri) {
        this.left = new TreeMap<>(uri.parameters());
        // Legal on every URI of a backup, and understood before a place is opened.
        left.remove("COCKROACH_LOCALITY");
    }

    /** Empty text counts as absent. */
    public Optional<String> take(String name) {
        return Optional.ofNullable(left.remove(name)).filter(value -> !value.isEmpty());
    }

    public boolean takeFlag(String name, boolean otherwise) {
        var text = take(name);
        if (text.isEmpty()) {
            return otherwise;
        }
        return switch (text.get().toLowerCase(java.util.Locale.ROOT)) {
            case "true", "t", "1" -> true;
            case "false", "f", "0" -> false;
            default -> throw HoldfastException.of(
                    SqlState.INVALID_PARAMETER_VALUE, "invalid value for " + name + ": \"" + text.get() + "\", want true or false");
        };
    }

    public boolean isEmpty() {
        return left.isEmpty();
    }

    /** Of what nobody has taken. */
    public String names() {
        return String.join(", ", left.keySet());
    }

    /** {@code provider} as the message names it: S3, azure, GS. */
    public void refuseOthers(String provider) {
        if (!left.isEmpty()) {
            throw HoldfastException.of(
                            SqlState.INVALID_PARAMETER_VALUE,
                            "unknown " + provider + " query parameters: " + String.join(", ", left.keySet()))
                    .withHint("Names of parameters are written in upper case.");
        }
    }
}
