package dev.holdfast.engine.collection;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.ObjectNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** Looks after what a layer is said to hold: whether its files are there, and whether they are what they were. */
public final class LayerAudit {
    private static final int MOST_NAMED = 10;

    private final Layer layer;
    private final Manifest manifest;
    private final Runnable interruption;

    /** {@code interruption} is called again and again, and throws to end the audit. */
    public LayerAudit(Layer layer, Manifest manifest, Runnable interruption) {
        this.layer = layer;
        this.manifest = manifest;
        this.interruption = interruption;
    }

    /** A table of one of the layer's databases. */
    public record Table(int database, int objectId) {}

    /** Bytes stored by table, of files that are all there and long enough; throws naming those that are not. */
    public Map<Table, Long> fileBytes() throws IOException {
        var sizes = new HashMap<String, OptionalLong>();
        var bytes = new HashMap<Table, Long>();
        Set<String> missing = new LinkedHashSet<>(layer.missingMetadata(manifest));
        layer.readFiles(manifest, entry -> {
            interruption.run();
            var size = sizes.get(entry.path());
            if (size == null) {
                size = layer.storage().size(entry.path());
                sizes.put(entry.path(), size);
            }
            if (size.orElse(0) < entry.offset() + entry.size()) {
                missing.add(layer.storage().describe(entry.path()));
                if (missing.size() == MOST_NAMED) {
                    throw failed("Multiple files cannot be read from the backup including:", missing);
                }
            }
            bytes.merge(new Table(entry.database(), entry.table()), entry.size(), Long::sum);
        });
        if (!missing.isEmpty()) {
            throw failed("The following files are missing from the backup:", missing);
        }
        return bytes;
    }

    private static HoldfastException failed(String message, Set<String> files) {
        return HoldfastException.of(SqlState.UNDEFINED_FILE, message + "\n\t" + String.join("\n\t", files));
    }

    /** What is wrong, after all of it has been read back; empty when nothing is. */
    public List<String> problems() throws IOException {
        var problems = new ArrayList<String>();
        try {
            layer.readDescriptors(manifest);
        } catch (HoldfastException e) {
            problems.add(e.getMessage());
        }
        try {
            layer.readFiles(manifest, entry -> {
                interruption.run();
                try {
                    read(entry);
                } catch (HoldfastException e) {
                    problems.add(e.getMessage());
                }
            });
        } catch (HoldfastException e) {
            problems.add(e.getMessage());
        }
        return problems;
    }

    private void read(FileEntry entry) throws IOException {
        var name = layer.storage().describe(entry.path());
        try (var object = layer.storage().read(entry.path(), entry.offset());
                var checked = new ChecksummedInput(object, name, entry.size(), entry.sha256());
                var data = new ZstdInputStreamNoFinalizer(checked)) {
            var buffer = new byte[64 * 1024];
            long size = 0;
            for (int count = data.read(buffer); count >= 0; count = data.read(buffer)) {
                interruption.run();
                size += count;
            }
            checked.finish();
            if (size != entry.dataSize()) {
                throw Damage.of(name, "it holds " + size + " bytes of rows instead of " + entry.dataSize());
            }
        } catch (ObjectNotFoundException e) {
            throw Damage.of(name, "it is missing");
        } catch (ZstdIOException e) {
            throw Damage.of(name, e.getMessage());
        }
    }
}
