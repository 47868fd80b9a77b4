package dev.holdfast.it.storage.server;

import java.io.InputStream;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Written once, read many times: refuses to delete, and to write what is there already. */
public final class WormStore extends ForwardingBlobStore {
    private final Queue<String> refused = new ConcurrentLinkedQueue<>();

    public WormStore() {
        super(new TransientNio2BlobStore());
    }

    /** What somebody tried. */
    public Queue<String> refused() {
        return refused;
    }

    private RuntimeException refuse(String what) {
        refused.add(what);
        return S3Exception.builder()
                .statusCode(403)
                .message("locked")
                .awsErrorDetails(AwsErrorDetails.builder().errorCode("AccessDenied").errorMessage("Access Denied").build())
                .build();
    }

    @Override
    public DeleteObjectResponse removeBlob(DeleteObjectRequest request) {
        throw refuse("delete " + request.key());
    }

    @Override
    public PutObjectResponse putBlob(PutObjectRequest request, InputStream body) {
        // With If-None-Match nobody wants to overwrite: the store below answers that.
        if (request.ifNoneMatch() == null && blobExists(request.bucket(), request.key())) {
            throw refuse("overwrite " + request.key());
        }
        return super.putBlob(request, body);
    }
}
