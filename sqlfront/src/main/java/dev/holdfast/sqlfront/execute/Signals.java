package dev.holdfast.sqlfront.execute;

/** A running statement's line to its client. */
public interface Signals {
    /** Sends a NOTICE at once. */
    void notice(String message);

    /** Throws when the client wants the statement to end: cancel, time-out, disconnection. */
    void checkCancelled();
}
