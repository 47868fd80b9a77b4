package dev.holdfast.engine.storage;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalLong;

/**
 * A place over a network: what can be asked again is, and a stream that breaks goes on where it broke. Writing is tried again
 * where the object is sent, since only there is known what has arrived.
 */
final class RetryingStorage extends StorageDecorator {
    private final Retry retry;

    RetryingStorage(ExternalStorage inner, Retry retry) {
        super(inner);
        this.retry = retry;
    }

    @Override
    public List<String> list(String prefix, String delimiter) throws IOException {
        return retry.call(() -> inner.list(prefix, delimiter));
    }

    @Override
    public OptionalLong size(String name) throws IOException {
        return retry.call(() -> inner.size(name));
    }

    @Override
    public InputStream read(String name, long offset) throws IOException {
        return new ResumingInput(name, offset, retry.call(() -> inner.read(name, offset)));
    }

    @Override
    public void delete(String name) throws IOException {
        retry.call(() -> {
            inner.delete(name);
            return null;
        });
    }

    private final class ResumingInput extends InputStream {
        private final String name;
        private long position;
        private InputStream source;
        private int failures;

        ResumingInput(String name, long position, InputStream source) {
            this.name = name;
            this.position = position;
            this.source = source;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            while (true) {
                try {
                    if (source == null) {
                        source = inner.read(name, position);
                    }
                    int count = source.read(bytes, offset, length);
                    if (count > 0) {
                        position += count;
                        failures = 0;
                    }
                    return count;
                } catch (ObjectNotFoundException e) {
                    throw e;
                } catch (IOException e) {
                    abandonSource();
                    retry.pauseAfter(++failures, e);
                }
            }
        }

        private void abandonSource() {
            if (source != null) {
                try {
                    source.close();
                } catch (IOException e) {
                    // It is broken, which is why it is closed.
                }
                source = null;
            }
        }

        @Override
        public void close() throws IOException {
            if (source != null) {
                source.close();
            }
        }
    }
}
