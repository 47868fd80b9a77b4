package dev.holdfast.engine.storage.s3;

import dev.holdfast.engine.cloud.aws.AwsErrors;
import dev.holdfast.engine.cloud.aws.AwsSession;
import dev.holdfast.engine.storage.CloudSettings;
import dev.holdfast.engine.storage.ExactInput;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.ObjectNotFoundException;
import dev.holdfast.engine.storage.ObjectWriter;
import dev.holdfast.engine.storage.Retry;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeSet;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Objects in a bucket of S3, or of something that speaks like it. */
final class S3Storage implements ExternalStorage {
    private final S3Location location;
    private final AwsSession session;
    private final S3Client client;
    private final Retry retry = new Retry(new Random());

    private S3Storage(S3Location location, AwsSession session, S3Client client) {
        this.location = location;
        this.session = session;
        this.client = client;
    }

    static S3Storage open(S3Location location, CloudSettings settings) throws IOException {
        var access = location.access();
        var session = new AwsSession(access, settings.customAuthorities(), settings.timeout());
        var builder = session.configure(S3Client.builder())
                .forcePathStyle(location.pathStyle())
                // It would cost a round trip for every object, and saves one only where writing is refused.
                .serviceConfiguration(S3Configuration.builder().expectContinueEnabled(false).build())
                // Without a region the bucket is asked where it is.
                .crossRegionAccessEnabled(access.region().isEmpty() && access.endpoint().isEmpty());
        if (location.skipChecksums()) {
            builder.requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                    .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
        }
        return new S3Storage(location, session, builder.build());
    }

    @FunctionalInterface
    interface Call<T> {
        T make() throws IOException;
    }

    <T> T call(String action, String name, Call<T> call) throws IOException {
        try {
            return call.make();
        } catch (SdkException e) {
            throw AwsErrors.translate(e, "s3: cannot " + action + " " + describe(name));
        }
    }

    private static boolean hasStatus(SdkException e, int status) {
        return e instanceof S3Exception s3 && s3.statusCode() == status;
    }

    @Override
    public List<String> list(String prefix, String delimiter) throws IOException {
        int base = location.key("").length();
        return call("list", prefix, () -> {
            var names = new TreeSet<String>();
            var pages = client.listObjectsV2Paginator(request -> request.bucket(location.bucket())
                    .prefix(location.key(prefix))
                    .delimiter(delimiter.isEmpty() ? null : delimiter));
            for (var page : pages) {
                page.contents().forEach(object -> names.add(object.key().substring(base)));
                page.commonPrefixes().forEach(common -> names.add(common.prefix().substring(base)));
            }
            // A tool that shows directories may have left an object in the name of this one.
            names.remove("");
            return List.copyOf(names);
        });
    }

    @Override
    public boolean canList() {
        return true;
    }

    @Override
    public OptionalLong size(String name) throws IOException {
        return call("look at", name, () -> {
            try {
                return OptionalLong.of(client.headObject(request -> request.bucket(location.bucket()).key(location.key(name)))
                        .contentLength());
            } catch (S3Exception e) {
                if (e.statusCode() == 404) {
                    return OptionalLong.empty();
                }
                throw e;
            }
        });
    }

    @Override
    public InputStream read(String name, long offset) throws IOException {
        return call("read", name, () -> {
            try {
                var response = client.getObject(request -> request.bucket(location.bucket())
                        .key(location.key(name))
                        .range(offset > 0 ? "bytes=" + offset + "-" : null));
                return new Body(response);
            } catch (S3Exception e) {
                if (e.statusCode() == 416) {
                    return InputStream.nullInputStream();
                }
                if (e.statusCode() == 404 && !AwsErrors.code(e).equals("NoSuchBucket")) {
                    throw new ObjectNotFoundException(describe(name));
                }
                throw e;
            }
        });
    }

    /** Whoever stops reading in the middle does not want the rest, and is not to wait for it. */
    private final class Body extends FilterInputStream {
        private final ResponseInputStream<GetObjectResponse> response;
        private boolean ended;

        Body(ResponseInputStream<GetObjectResponse> response) {
            super(new ExactInput(response, response.response().contentLength()));
            this.response = response;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                int count = super.read(bytes, offset, length);
                ended = count < 0;
                return count;
            } catch (SdkException e) {
                // A checksum of the service's own that does not fit: the bytes were damaged on the way.
                throw new IOException("s3: " + e.getMessage(), e);
            }
        }

        @Override
        public void close() throws IOException {
            if (ended) {
                super.close();
            } else {
                response.abort();
            }
        }
    }

    @Override
    public ObjectWriter write(String name) {
        return new MultipartWriter(this, client, location, name, retry);
    }

    PutObjectRequest.Builder newObject(String name) {
        var request = PutObjectRequest.builder().bucket(location.bucket()).key(location.key(name)).ifNoneMatch("*");
        location.serverEncryption().ifPresent(request::serverSideEncryption);
        location.serverKmsKey().ifPresent(request::ssekmsKeyId);
        location.storageClass().ifPresent(request::storageClass);
        return request;
    }

    @Override
    public boolean putIfAbsent(String name, byte[] content) throws IOException {
        return retry.create(this, name, content, () -> call("write", name, () -> {
            try {
                client.putObject(newObject(name).build(), RequestBody.fromBytes(content));
                return true;
            } catch (SdkException e) {
                if (hasStatus(e, 412)) {
                    return false;
                }
                // Two at the same moment: the service asks the one that came second to come again, and then tells it.
                if (hasStatus(e, 409)) {
                    throw new IOException("s3: conflict while writing " + describe(name), e);
                }
                throw e;
            }
        }));
    }

    @Override
    public void delete(String name) throws IOException {
        call("delete", name, () -> client.deleteObject(request -> request.bucket(location.bucket()).key(location.key(name))));
    }

    @Override
    public String describe(String name) {
        return name.isEmpty() ? location.uri().toString() : location.uri().resolve(name).toString();
    }

    @Override
    public void close() {
        client.close();
        session.close();
    }
}
