package dev.holdfast.engine.storage;

import dev.holdfast.engine.error.HoldfastException;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Takes secrets out of texts that others have made: a cloud's library may put a whole URI, or a header, into an exception.
 */
public final class Redactor {
    static final String REDACTED = "redacted";

    /** What is shorter would make every text unreadable, and is no secret either. */
    private static final int SHORTEST = 4;

    private final List<String> secrets = new ArrayList<>();

    public Redactor(Collection<String> secrets) {
        for (var secret : secrets) {
            if (secret.length() >= SHORTEST) {
                this.secrets.add(secret);
                this.secrets.add(URLEncoder.encode(secret, StandardCharsets.UTF_8));
                this.secrets.add(URLEncoder.encode(secret, StandardCharsets.UTF_8).replace("+", "%20"));
            }
        }
        // A secret that contains another one must not be left in pieces.
        this.secrets.sort(Comparator.comparingInt(String::length).reversed());
    }

    public String clean(String text) {
        if (text == null) {
            return null;
        }
        var clean = text;
        for (var secret : secrets) {
            clean = clean.replace(secret, REDACTED);
        }
        return clean;
    }

    private boolean isClean(Throwable e) {
        for (var cause = e; cause != null; cause = cause.getCause()) {
            if (!clean(String.valueOf(cause.getMessage())).equals(String.valueOf(cause.getMessage()))) {
                return false;
            }
        }
        return true;
    }

    /** The same error without secrets; its causes go with them, since logs print causes too. */
    public IOException clean(IOException e) {
        if (isClean(e)) {
            return e;
        }
        return e instanceof ObjectNotFoundException
                ? ObjectNotFoundException.withMessage(clean(e.getMessage()))
                : new IOException(clean(e.toString()));
    }

    public HoldfastException clean(HoldfastException e) {
        if (isClean(e) && e.detail().equals(e.detail().map(this::clean)) && e.hint().equals(e.hint().map(this::clean))) {
            return e;
        }
        var clean = HoldfastException.of(e.state(), clean(e.getMessage()));
        clean = e.detail().isPresent() ? clean.withDetail(clean(e.detail().get())) : clean;
        return e.hint().isPresent() ? clean.withHint(clean(e.hint().get())) : clean;
    }
}
