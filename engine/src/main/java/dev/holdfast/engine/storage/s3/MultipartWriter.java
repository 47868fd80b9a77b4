package dev.holdfast.engine.storage.s3;

import dev.holdfast.engine.storage.ObjectWriter;
import dev.holdfast.engine.storage.Retry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * An object on its way in parts, one of which is in memory at a time. What fits into one part is sent as a whole. Parts grow
 * with the object: a service takes 10,000 of them.
 */
final class MultipartWriter extends ObjectWriter {
    private static final int PART = 8 << 20;
    private static final int LARGEST_PART = 64 << 20;
    private static final int PARTS_OF_A_SIZE = 1000;

    private final S3Storage storage;
    private final S3Client client;
    private final S3Location location;
    private final String name;
    private final Retry retry;
    private final List<CompletedPart> parts = new ArrayList<>();
    private byte[] part = new byte[64 * 1024];
    private int filled;
    private String uploadId;

    MultipartWriter(S3Storage storage, S3Client client, S3Location location, String name, Retry retry) {
        this.storage = storage;
        this.client = client;
        this.location = location;
        this.name = name;
        this.retry = retry;
    }

    private int partSize() {
        return (int) Math.min(LARGEST_PART, (long) PART << (parts.size() / PARTS_OF_A_SIZE));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        while (from < offset + length) {
            int count = Math.min(offset + length - from, partSize() - filled);
            if (filled + count > part.length) {
                // Small objects are many: their writers stay small.
                part = Arrays.copyOf(part, Math.min(partSize(), Math.max(part.length * 4, filled + count)));
            }
            System.arraycopy(bytes, from, part, filled, count);
            filled += count;
            from += count;
            if (filled == partSize()) {
                sendPart();
            }
        }
    }

    private void sendPart() throws IOException {
        if (uploadId == null) {
            begin();
        }
        int number = parts.size() + 1;
        var body = RequestBody.fromBytes(filled == part.length ? part : Arrays.copyOf(part, filled));
        // A part that is sent again takes the place of what has arrived of it.
        var response = retry.call(() -> storage.call(
                "write",
                name,
                () -> client.uploadPart(
                        request -> request.bucket(location.bucket()).key(location.key(name)).uploadId(uploadId).partNumber(number),
                        body)));
        parts.add(CompletedPart.builder()
                .partNumber(number)
                .eTag(response.eTag())
                .checksumCRC32(response.checksumCRC32())
                .build());
        filled = 0;
    }

    private void begin() throws IOException {
        var response = retry.call(() -> storage.call("write", name, () -> client.createMultipartUpload(request -> {
            request.bucket(location.bucket()).key(location.key(name));
            location.serverEncryption().ifPresent(request::serverSideEncryption);
            location.serverKmsKey().ifPresent(request::ssekmsKeyId);
            location.storageClass().ifPresent(request::storageClass);
        })));
        uploadId = response.uploadId();
    }

    @Override
    public void commit() throws IOException {
        if (uploadId == null) {
            if (!storage.putIfAbsent(name, Arrays.copyOf(part, filled))) {
                throw storage.alreadyExists(name);
            }
            return;
        }
        if (filled > 0) {
            sendPart();
        }
        // Some services ignore the condition where an upload is completed.
        if (retry.call(() -> storage.size(name)).isPresent()) {
            throw storage.alreadyExists(name);
        }
        complete();
        uploadId = null;
    }

    private void complete() throws IOException {
        retry.call(() -> storage.call("write", name, () -> {
            try {
                return client.completeMultipartUpload(request -> request.bucket(location.bucket())
                        .key(location.key(name))
                        .uploadId(uploadId)
                        .ifNoneMatch("*")
                        .multipartUpload(upload -> upload.parts(parts)));
            } catch (S3Exception e) {
                boolean gone = e.statusCode() == 404 || e.statusCode() == 412;
                // The upload is gone and the object is there: an earlier try has completed it.
                if (gone && storage.size(name).isPresent() && isOurs()) {
                    return null;
                }
                if (e.statusCode() == 412) {
                    throw storage.alreadyExists(name);
                }
                throw e;
            }
        }));
    }

    /** An upload that still has its parts was not completed. */
    private boolean isOurs() {
        try {
            client.listParts(request -> request.bucket(location.bucket()).key(location.key(name)).uploadId(uploadId));
            return false;
        } catch (SdkException e) {
            return e instanceof S3Exception s3 && s3.statusCode() == 404;
        }
    }

    /** Parts that nobody completes would be paid for until somebody finds them. */
    @Override
    public void close() throws IOException {
        part = null;
        if (uploadId != null) {
            var abandoned = uploadId;
            uploadId = null;
            retry.call(() -> storage.call(
                    "abandon",
                    name,
                    () -> client.abortMultipartUpload(
                            request -> request.bucket(location.bucket()).key(location.key(name)).uploadId(abandoned))));
        }
    }
}
