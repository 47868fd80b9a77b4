package dev.holdfast.engine.storage.gs;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.PartWriter;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Arrays;

/** An object on its way in pieces of one resumable upload. After a failure the service is asked how much has arrived. */
final class ResumableWriter extends PartWriter {
    private static final int INCOMPLETE = 308;

    private final GsStorage storage;
    private final String name;
    private long sent;
    private String session;

    ResumableWriter(GsStorage storage, String name) {
        super(storage, name);
        this.storage = storage;
        this.name = name;
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

    /** All pieces but the last are multiples of 256 KiB, as the protocol wants it. */
    @Override
    protected void send(int number, byte[] content, boolean last) throws IOException {
        if (session == null) {
            begin();
        }
        long begin = sent;
        long end = begin + content.length;
        sent = storage.retry.call(() -> {
            long from = sent;
            if (from < begin) {
                throw HoldfastException.of(SqlState.DATA_CORRUPTED, "gs: what was written of " + storage.describe(name) + " is gone");
            }
            if (from < end || last) {
                var range = from == end ? "*" : from + "-" + (end - 1);
                put("bytes " + range + "/" + (last ? end : "*"), Arrays.copyOfRange(content, (int) (from - begin), content.length), end, last);
            }
            if (sent < end) {
                throw new IOException("gs: only " + sent + " of " + end + " bytes have arrived");
            }
            return sent;
        });
        if (last) {
            session = null;
        }
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
    protected void abandon() {
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
