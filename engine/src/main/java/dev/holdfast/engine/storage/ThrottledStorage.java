package dev.holdfast.engine.storage;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A place that is read and written no faster than the limits of its kind allow. */
final class ThrottledStorage extends StorageDecorator {
    /** The limits as they were when the place was opened, and what they share with all other places of the kind. */
    record Limits(RateLimit reading, long readRate, long readBurst, RateLimit writing, long writeRate, long writeBurst) {
        boolean isLimited() {
            return readRate > 0 || writeRate > 0;
        }
    }

    private final Limits limits;

    ThrottledStorage(ExternalStorage inner, Limits limits) {
        super(inner);
        this.limits = limits;
    }

    @Override
    public InputStream read(String name, long offset) throws IOException {
        return new FilterInputStream(inner.read(name, offset)) {
            @Override
            public int read() throws IOException {
                limits.reading().pass(1, limits.readRate(), limits.readBurst());
                return super.read();
            }

            @Override
            public int read(byte[] bytes, int from, int length) throws IOException {
                int count = super.read(bytes, from, length);
                limits.reading().pass(Math.max(0, count), limits.readRate(), limits.readBurst());
                return count;
            }
        };
    }

    @Override
    public ObjectWriter write(String name) throws IOException {
        var writer = inner.write(name);
        return new ObjectWriter() {
            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                limits.writing().pass(length, limits.writeRate(), limits.writeBurst());
                writer.write(bytes, from, length);
            }

            @Override
            public void commit() throws IOException {
                writer.commit();
            }

            @Override
            public void close() throws IOException {
                writer.close();
            }
        };
    }
}
