package dev.holdfast.engine.storage.azure;

import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobContainerClientBuilder;
import com.azure.storage.blob.models.BlobRange;
import com.azure.storage.blob.models.BlobRequestConditions;
import com.azure.storage.blob.models.ListBlobsOptions;
import com.azure.storage.blob.options.BlobInputStreamOptions;
import com.azure.storage.blob.options.BlockBlobSimpleUploadOptions;
import com.azure.storage.blob.specialized.BlockBlobClient;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.azure.storage.common.policy.RequestRetryOptions;
import dev.holdfast.engine.cloud.CloudEndpoints;
import dev.holdfast.engine.cloud.azure.AzureErrors;
import dev.holdfast.engine.cloud.azure.AzureSession;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.CloudSettings;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.ObjectNotFoundException;
import dev.holdfast.engine.storage.ObjectWriter;
import dev.holdfast.engine.storage.Retry;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeSet;

/** Blobs in a container of Azure. */
final class AzureStorage implements ExternalStorage {
    /** What one request for a part of a blob brings; it is in memory until it is read. */
    private static final int PIECE = 4 << 20;

    private static final int PAGE = 5000;

    private final AzureLocation location;
    private final BlobContainerClient client;
    final Retry retry = new Retry(new Random());

    private AzureStorage(AzureLocation location, BlobContainerClient client) {
        this.location = location;
        this.client = client;
    }

    static AzureStorage open(
            AzureLocation location, CloudSettings settings, CloudEndpoints endpoints, Map<String, String> environment) throws IOException {
        var session = new AzureSession(settings, endpoints, environment);
        var builder = new BlobContainerClientBuilder()
                .endpoint(location.access().cloud().blob(location.account(), endpoints))
                .containerName(location.container())
                .httpClient(session.http())
                .retryOptions(RequestRetryOptions.fromRetryOptions(AzureSession.once(), null, null));
        try {
            if (location.accountKey().isPresent()) {
                builder.credential(new StorageSharedKeyCredential(location.account(), location.accountKey().get()));
            } else {
                builder.credential(session.credential(location.access()));
            }
            return new AzureStorage(location, builder.buildClient());
        } catch (IllegalArgumentException e) {
            throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "invalid azure uri: " + e.getMessage());
        }
    }

    // ---- calls ----

    @FunctionalInterface
    interface Call<T> {
        T make() throws IOException;
    }

    <T> T call(String action, String name, Call<T> call) throws IOException {
        try {
            return call.make();
        } catch (RuntimeException e) {
            throw AzureErrors.translate(e, "azure: cannot " + action + " " + describe(name));
        }
    }

    BlockBlobClient blob(String name) {
        return client.getBlobClient(location.key(name)).getBlockBlobClient();
    }

    static BlobRequestConditions ifAbsent() {
        return new BlobRequestConditions().setIfNoneMatch("*");
    }

    private boolean isMissingBlob(RuntimeException e) {
        return AzureErrors.hasStatus(e, 404) && !AzureErrors.code(e).equals("ContainerNotFound");
    }

    // ---- storage ----

    @Override
    public List<String> list(String prefix, String delimiter) throws IOException {
        int base = location.key("").length();
        var options = new ListBlobsOptions().setPrefix(location.key(prefix)).setMaxResultsPerPage(PAGE);
        return call("list", prefix, () -> {
            var names = new TreeSet<String>();
            var blobs = delimiter.isEmpty() ? client.listBlobs(options, null) : client.listBlobsByHierarchy(delimiter, options, null);
            blobs.forEach(blob -> names.add(blob.getName().substring(base)));
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
                return OptionalLong.of(blob(name).getProperties().getBlobSize());
            } catch (RuntimeException e) {
                if (isMissingBlob(e)) {
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
                return new Body(name, blob(name).openInputStream(new BlobInputStreamOptions()
                        .setRange(new BlobRange(offset))
                        .setBlockSize(PIECE)));
            } catch (RuntimeException e) {
                if (AzureErrors.hasStatus(e, 416)) {
                    return InputStream.nullInputStream();
                }
                if (isMissingBlob(e)) {
                    throw new ObjectNotFoundException(describe(name));
                }
                throw e;
            }
        });
    }

    private final class Body extends FilterInputStream {
        private final String name;

        Body(String name, InputStream in) {
            super(in);
            this.name = name;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return call("read", name, () -> super.read(bytes, offset, length));
        }
    }

    @Override
    public ObjectWriter write(String name) {
        return new BlockWriter(this, name);
    }

    @Override
    public boolean putIfAbsent(String name, byte[] content) throws IOException {
        return retry.create(this, name, content, () -> call("write", name, () -> {
            try {
                var options = new BlockBlobSimpleUploadOptions(BinaryData.fromBytes(content)).setRequestConditions(ifAbsent());
                blob(name).uploadWithResponse(options, null, Context.NONE);
                return true;
            } catch (RuntimeException e) {
                if (AzureErrors.hasStatus(e, 409, 412)) {
                    return false;
                }
                throw e;
            }
        }));
    }

    @Override
    public void delete(String name) throws IOException {
        call("delete", name, () -> {
            try {
                blob(name).delete();
            } catch (RuntimeException e) {
                if (!isMissingBlob(e)) {
                    throw e;
                }
            }
            return null;
        });
    }

    @Override
    public String describe(String name) {
        return name.isEmpty() ? location.uri().toString() : location.uri().resolve(name).toString();
    }

    /** The JDK's client ends with its last request. */
    @Override
    public void close() {}
}
