package dev.holdfast.server.session;

/** Whoever works in users' databases by himself, and leaves them when a statement about a whole database comes through here. */
@FunctionalInterface
public interface WayMaker {
    /** True: the statement may go on at once. False: it may when {@code then} is called, by whatever thread. */
    boolean makeWay(Runnable then);
}
