package dev.holdfast.engine.storage.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A body that may not fall silent: the JDK's client limits the time to the beginning of an answer, not the time between its
 * pieces, so a peer that goes quiet in the middle would hold its reader for ever.
 */
final class StallGuard extends FilterInputStream {
    private static final ScheduledExecutorService TIMER = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("storage-timeouts").daemon().factory());

    private final Duration timeout;
    private volatile boolean stalled;

    StallGuard(InputStream body, Duration timeout) {
        super(body);
        this.timeout = timeout;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        ScheduledFuture<?> alarm = TIMER.schedule(this::abandon, timeout.toMillis(), TimeUnit.MILLISECONDS);
        try {
            int count = in.read(bytes, offset, length);
            // Closing the stream wakes the reader up as if the body were at its end, which it is not.
            if (stalled) {
                throw new HttpTimeoutException("no data for " + timeout.toSeconds() + " s");
            }
            return count;
        } finally {
            alarm.cancel(false);
        }
    }

    private void abandon() {
        stalled = true;
        try {
            in.close();
        } catch (IOException e) {
            // The reader is told that the body has stalled.
        }
    }
}
