package dev.holdfast.engine.storage;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * Tries again what may pass: at most so many times, after pauses that double and are cut at random, so that many who were
 * refused at once do not come back at once.
 */
public final class Retry {
    private static final int TRIES = 7;
    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final int tries;
    private final Duration first;
    private final RandomGenerator random;

    public Retry(RandomGenerator random) {
        this(TRIES, FIRST, random);
    }

    Retry(int tries, Duration first, RandomGenerator random) {
        this.tries = tries;
        this.first = first;
        this.random = random;
    }

    @FunctionalInterface
    public interface Attempt<T> {
        T make() throws IOException;
    }

    public <T> T call(Attempt<T> attempt) throws IOException {
        for (int failed = 0; ; failed++) {
            try {
                return attempt.make();
            } catch (ObjectNotFoundException e) {
                throw e;
            } catch (IOException e) {
                pauseAfter(failed + 1, e);
            }
        }
    }

    /** Answers false when there is an object of that name already. */
    @FunctionalInterface
    public interface Creation {
        boolean make() throws IOException;
    }

    /**
     * Creates an object unless there is one. A try may have arrived although its answer has not: what the next one then finds is
     * what was sent.
     */
    public boolean create(ExternalStorage storage, String name, byte[] content, Creation creation) throws IOException {
        var tries = new AtomicInteger();
        return call(() -> {
            boolean first = tries.getAndIncrement() == 0;
            return creation.make() || !first && isStored(storage, name, content);
        });
    }

    private static boolean isStored(ExternalStorage storage, String name, byte[] content) throws IOException {
        try (var in = storage.read(name)) {
            return Arrays.equals(in.readAllBytes(), content);
        }
    }

    /** Returns when it is time for the next try, or throws what the last one failed with. */
    void pauseAfter(int failures, IOException failure) throws IOException {
        // An interrupted thread is wanted elsewhere: its sockets break for that reason too.
        boolean interrupted = failure instanceof InterruptedIOException && !(failure instanceof SocketTimeoutException);
        if (failures >= tries || interrupted || Thread.currentThread().isInterrupted()) {
            throw failure;
        }
        long most = Math.min(LONGEST.toMillis(), first.toMillis() << Math.min(failures - 1, 10));
        try {
            Thread.sleep(most / 2 + random.nextLong(most / 2 + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure;
        }
    }
}
