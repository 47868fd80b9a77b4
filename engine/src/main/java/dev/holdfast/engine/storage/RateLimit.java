package dev.holdfast.engine.storage;

import java.io.InterruptedIOException;
import java.util.concurrent.locks.LockSupport;

/** How fast this node may read from, or write to, all places of one kind together. */
final class RateLimit {
    private static final double SECOND = 1e9;

    private long nextFree = System.nanoTime();

    /**
     * Takes the bytes' share of the time, and waits until it has come.
     *
     * @param bytesPerSecond 0: no limit
     * @param burst bytes that may pass at once after a pause
     */
    void pass(int bytes, long bytesPerSecond, long burst) throws InterruptedIOException {
        if (bytesPerSecond <= 0) {
            return;
        }
        long wait;
        synchronized (this) {
            long now = System.nanoTime();
            nextFree = Math.max(nextFree, now - (long) (SECOND * burst / bytesPerSecond)) + (long) (SECOND * bytes / bytesPerSecond);
            wait = nextFree - now;
        }
        long end = System.nanoTime() + wait;
        while (end - System.nanoTime() > 0) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted while waiting for the rate limit");
            }
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }
}
