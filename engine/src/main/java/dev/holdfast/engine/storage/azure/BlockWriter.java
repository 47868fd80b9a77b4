package dev.holdfast.engine.storage.azure;

import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.storage.blob.models.Block;
import com.azure.storage.blob.models.BlockListType;
import com.azure.storage.blob.options.BlockBlobCommitBlockListOptions;
import com.azure.storage.blob.options.BlockBlobStageBlockOptions;
import dev.holdfast.engine.cloud.azure.AzureErrors;
import dev.holdfast.engine.storage.ObjectWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

/**
 * A blob on its way in blocks, one of which is in memory at a time. What fits into one block is sent as a whole. Blocks grow with
 * the blob: a service takes 50,000 of them. Blocks that are never committed are no blob, and are forgotten after a week.
 */
final class BlockWriter extends ObjectWriter {
    private static final int BLOCK = 8 << 20;
    private static final int LARGEST_BLOCK = 64 << 20;
    private static final int BLOCKS_OF_A_SIZE = 1000;

    private final AzureStorage storage;
    private final String name;
    /** Blocks belong to the name, not to a writer: another attempt's must not be taken for ours. */
    private final String attempt = UUID.randomUUID().toString();

    private final List<String> blocks = new ArrayList<>();
    private byte[] block = new byte[64 * 1024];
    private int filled;

    BlockWriter(AzureStorage storage, String name) {
        this.storage = storage;
        this.name = name;
    }

    private int blockSize() {
        return (int) Math.min(LARGEST_BLOCK, (long) BLOCK << (blocks.size() / BLOCKS_OF_A_SIZE));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        while (from < offset + length) {
            int count = Math.min(offset + length - from, blockSize() - filled);
            if (filled + count > block.length) {
                block = Arrays.copyOf(block, Math.min(blockSize(), Math.max(block.length * 4, filled + count)));
            }
            System.arraycopy(bytes, from, block, filled, count);
            filled += count;
            from += count;
            if (filled == blockSize()) {
                sendBlock();
            }
        }
    }

    private void sendBlock() throws IOException {
        // All ids of a blob have to be of one length.
        var id = Base64.getEncoder().encodeToString((attempt + "-%06d".formatted(blocks.size())).getBytes(StandardCharsets.US_ASCII));
        var content = BinaryData.fromBytes(Arrays.copyOf(block, filled));
        storage.retry.call(() -> storage.call("write", name, () -> storage.blob(name)
                .stageBlockWithResponse(new BlockBlobStageBlockOptions(id, content), null, Context.NONE)));
        blocks.add(id);
        filled = 0;
    }

    @Override
    public void commit() throws IOException {
        if (blocks.isEmpty()) {
            if (!storage.putIfAbsent(name, Arrays.copyOf(block, filled))) {
                throw storage.alreadyExists(name);
            }
            return;
        }
        if (filled > 0) {
            sendBlock();
        }
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
    public void close() {
        block = null;
    }
}
