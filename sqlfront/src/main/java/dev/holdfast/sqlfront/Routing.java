package dev.holdfast.sqlfront;

import dev.holdfast.engine.error.HoldfastException;

/** Where a statement goes. Decided once. */
public sealed interface Routing {
    /** Ordinary SQL, or several statements of it: the upstream's, byte for byte. */
    record Relay(String sql) implements Routing {}

    record Own(OwnStatement statement) implements Routing {}

    /** One of ours that is wrong: its error is the answer. */
    record Rejected(HoldfastException error) implements Routing {}
}
