package dev.holdfast.engine.storage.gs;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.ObjectWriter;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Arrays;

/**
 * An object on its way in pieces of one resumable upload, one of which is in memory at a time. What fits into one piece is sent
 * as a whole. After a failure the service is asked how much has arrived.
 */
final class ResumableWriter extends ObjectWriter {
    /** A multiple of 256 KiB, as the protocol wants it. */
    private static final int PIECE = 8 << 20;

    private static final int INCOMPLETE = 308;

    private final GsStorage storage;
    private final String name;
    private byte[] piece = new byte[64 * 1024];
    private int filled;
    private long sent;
    private String session;

    ResumableWriter(GsStorage storage, String name) {
        this.storage = storage;
        this.name = name;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        while (from < offset + length) {
            // A full piece waits for the next byte: the last one has to say that it is the last.
            if (filled == PIECE) {
                send(false);
            }
            int count = Math.min(offset + length - from, PIECE - filled);
            if (filled + count > piece.length) {
                piece = Arrays.copyOf(piece, Math.min(PIECE, Math.max(piece.length * 4, filled + count)));
            }
            System.arraycopy(bytes, from, piece, filled, count);
            filled += count;
            from += count;
        }
    }

    private void begin() throws IOException {
        session = storage.retry.call(() -> {
            var response = storage.send(storage.newObject(name, "resumable"), HttpRequest.newBuilder().POST(BodyPublishers.noBody()));
            if (response.statusCode() == 412) {
                throw storage.alreadyExists(name);
            }
            if (response.statusCode() != 200) {
                throw storage.failed(response, "write", name);
            }
            response.body().close();
            return response.headers().firstValue("Location").orElseThrow(() -> new IOException("gs: no place to upload to"));
        });
    }

    private void send(boolean last) throws IOException {
        if (session == null) {
            begin();
        }
        long begin = sent;
        long end = begin + filled;
        long arrived = storage.retry.call(() -> {
            long from = sent;
            if (from < begin) {
                throw HoldfastException.of(SqlState.DATA_CORRUPTED, "gs: what was written of " + storage.describe(name) + " is gone");
            }
            if (from < end || last) {
                var range = from == end ? "*" : from + "-" + (end - 1);
                put("bytes " + range + "/" + (last ? end : "*"), Arrays.copyOfRange(piece, (int) (from - begin), filled), end, last);
            }
            if (sent < end) {
                throw new IOException("gs: only " + sent + " of " + end + " bytes have arrived");
            }
            return sent;
        });
        sent = arrived;
        filled = 0;
    }

    private void put(String range, byte[] content, long end, boolean last) throws IOException {
        try {
            var response = storage.send(
                    session, HttpRequest.newBuilder().header("Content-Range", range).PUT(BodyPublishers.ofByteArray(content)));
            switch (response.statusCode()) {
                case 200, 201 -> {
                    response.body().close();
                    sent = end;
                }
                case INCOMPLETE -> {
                    response.body().close();
                    sent = arrived(response);
                }
                case 412 -> throw storage.alreadyExists(name);
                default -> throw storage.failed(response, "write", name);
            }
        } catch (IOException e) {
            askHowMuchHasArrived(end);
            if (sent < end || last && !storage.size(name).isPresent()) {
                throw e;
            }
        }
    }

    private void askHowMuchHasArrived(long end) throws IOException {
        var response = storage.send(
                session, HttpRequest.newBuilder().header("Content-Range", "bytes */*").PUT(BodyPublishers.noBody()));
        try (var body = response.body()) {
            body.readAllBytes();
        }
        switch (response.statusCode()) {
            case 200, 201 -> sent = end;
            case INCOMPLETE -> sent = arrived(response);
            default -> {
                // The next try meets the same answer, and says so.
            }
        }
    }

    /** {@code Range: bytes=0-<last>}; absent while there is nothing. */
    private static long arrived(HttpResponse<?> response) {
        return response.headers().firstValue("Range").map(text -> Long.parseLong(text.substring(text.indexOf('-') + 1)) + 1).orElse(0L);
    }

    @Override
    public void commit() throws IOException {
        if (session == null) {
            if (!storage.putIfAbsent(name, Arrays.copyOf(piece, filled))) {
                throw storage.alreadyExists(name);
            }
            return;
        }
        send(true);
        session = null;
    }

    @Override
    public void close() throws IOException {
        piece = null;
        if (session != null) {
            try {
                storage.send(session, HttpRequest.newBuilder().DELETE()).body().close();
            } catch (IOException e) {
                // Ending it is a courtesy: an upload that nobody completes is forgotten after a week, and is no object until then.
            }
            session = null;
        }
    }
}
