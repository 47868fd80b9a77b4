package dev.holdfast.engine.storage.s3;

import dev.holdfast.engine.storage.PartWriter;
import dev.holdfast.engine.storage.Retry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** An object on its way as the parts of a multipart upload. */
final class MultipartWriter extends PartWriter {
    private final S3Storage storage;
    private final S3Client client;
    private final S3Location location;
    private final String name;
    private final Retry retry;
    private final List<CompletedPart> parts = new ArrayList<>();
    private String uploadId;

    MultipartWriter(S3Storage storage, S3Client client, S3Location location, String name, Retry retry) {
        super(storage, name);
        this.storage = storage;
        this.client = client;
        this.location = location;
        this.name = name;
        this.retry = retry;
    }

    @Override
    protected void send(int number, byte[] content, boolean last) throws IOException {
        if (uploadId == null) {
            begin();
        }
        var body = RequestBody.fromContentProvider(
                ContentStreamProvider.fromByteArrayUnsafe(content), content.length, "application/octet-stream");
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
        if (last) {
            complete();
        }
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

    private void complete() throws IOException {
        // Some services ignore the condition where an upload is completed.
        if (retry.call(() -> storage.size(name)).isPresent()) {
            throw storage.alreadyExists(name);
        }
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
        uploadId = null;
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
    protected void abandon() throws IOException {
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
