package dev.holdfast.engine.storage.azure;

import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.storage.blob.models.Block;
import com.azure.storage.blob.models.BlockListType;
import com.azure.storage.blob.options.BlockBlobCommitBlockListOptions;
import com.azure.storage.blob.options.BlockBlobStageBlockOptions;
import dev.holdfast.engine.cloud.azure.AzureErrors;
import dev.holdfast.engine.storage.PartWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

/** A blob on its way in blocks. Those that are never committed are no blob, and are forgotten after a week. */
final class BlockWriter extends PartWriter {
    private final AzureStorage storage;
    private final String name;
    /** Blocks belong to the name, not to a writer: another attempt's must not be taken for ours. */
    private final String attempt = UUID.randomUUID().toString();

    private final List<String> blocks = new ArrayList<>();

    BlockWriter(AzureStorage storage, String name) {
        super(storage, name);
        this.storage = storage;
        this.name = name;
    }

    @Override
    protected void send(int number, byte[] content, boolean last) throws IOException {
        // All ids of a blob have to be of one length.
        var id = Base64.getEncoder().encodeToString((attempt + "-%06d".formatted(number)).getBytes(StandardCharsets.US_ASCII));
        var body = BinaryData.fromBytes(content);
        storage.retry.call(() -> storage.call("write", name, () -> storage.blob(name)
                .stageBlockWithResponse(new BlockBlobStageBlockOptions(id, body), null, Context.NONE)));
        blocks.add(id);
        if (last) {
            complete();
        }
    }

    private void complete() throws IOException {
        storage.retry.call(() -> storage.call("write", name, () -> {
            try {
                var options = new BlockBlobCommitBlockListOptions(blocks).setRequestConditions(AzureStorage.ifAbsent());
                return storage.blob(name).commitBlockListWithResponse(options, null, Context.NONE);
            } catch (RuntimeException e) {
                if (!AzureErrors.hasStatus(e, 409, 412)) {
                    throw e;
                }
                // An earlier try may have arrived although its answer has not.
                if (isOurs()) {
                    return null;
                }
                throw storage.alreadyExists(name);
            }
        }));
    }

    private boolean isOurs() {
        var committed = storage.blob(name).listBlocks(BlockListType.COMMITTED).getCommittedBlocks();
        return committed.stream().map(Block::getName).toList().equals(blocks);
    }

    @Override
    protected void abandon() {}
}
