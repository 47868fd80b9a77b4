package dev.holdfast.engine.storage;

import java.io.IOException;
import java.time.Duration;

/** The cluster settings that storage over a network obeys, read anew for every place that is opened. */
public interface CloudSettings {
    /** PEM; empty: none beside the system's. */
    String customAuthorities() throws IOException;

    Duration timeout() throws IOException;

    /** The service account that {@code gs} URIs without credentials use, as JSON; empty: none. */
    String googleDefaultKey() throws IOException;
}
