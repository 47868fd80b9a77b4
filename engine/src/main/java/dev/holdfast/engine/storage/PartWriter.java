package dev.holdfast.engine.storage;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * An object on its way in parts: one is filled while the one before is being sent, so that neither end waits for the other's work.
 * What fits into one part is sent as a whole. Parts grow with the object, as services take so many of them and no more.
 */
public abstract class PartWriter extends ObjectWriter {
    private static final int SMALLEST = 8 << 20;
    private static final int LARGEST = 32 << 20;
    private static final int PARTS_OF_A_SIZE = 1000;

    private final ExternalStorage storage;
    private final String name;
    private byte[] part = new byte[64 * 1024];
    private int filled;
    private int parts;
    private FutureTask<Void> sending;
    private Thread sender;

    protected PartWriter(ExternalStorage storage, String name) {
        this.storage = storage;
        this.name = name;
    }

    /** {@code number} counts from 1; with the {@code last} one the object becomes visible. Parts are sent one after the other. */
    protected abstract void send(int number, byte[] content, boolean last) throws IOException;

    /** Gives up what was sent; nothing is being sent any more. */
    protected abstract void abandon() throws IOException;

    private int partSize() {
        return (int) Math.min(LARGEST, (long) SMALLEST << Math.min(parts / PARTS_OF_A_SIZE, 10));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        while (from < offset + length) {
            // A full part waits for the next byte: only then is it known not to be the last.
            if (filled == partSize()) {
                sendPart(false);
            }
            int count = Math.min(offset + length - from, partSize() - filled);
            if (filled + count > part.length) {
                // Small objects are many: their writers stay small.
                part = Arrays.copyOf(part, Math.min(partSize(), Math.max(part.length * 4, filled + count)));
            }
            System.arraycopy(bytes, from, part, filled, count);
            filled += count;
            from += count;
        }
    }

    private void sendPart(boolean last) throws IOException {
        awaitPart();
        int number = ++parts;
        var content = Arrays.copyOf(part, filled);
        filled = 0;
        sending = new FutureTask<>(() -> {
            send(number, content, last);
            return null;
        });
        sender = Thread.ofVirtual().name("part " + number).start(sending);
    }

    private void awaitPart() throws IOException {
        if (sending == null) {
            return;
        }
        try {
            sending.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a part of an object was being sent");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void commit() throws IOException {
        if (parts == 0) {
            if (!storage.putIfAbsent(name, Arrays.copyOf(part, filled))) {
                throw storage.alreadyExists(name);
            }
            return;
        }
        sendPart(true);
        awaitPart();
    }

    @Override
    public void close() throws IOException {
        part = null;
        if (sender != null) {
            sender.interrupt();
            awaitSender();
            sender = null;
            abandon();
        }
    }

    /** What is given up must not be added to afterwards; calls to services end by their time-outs. */
    private void awaitSender() {
        boolean interrupted = false;
        while (true) {
            try {
                sender.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
