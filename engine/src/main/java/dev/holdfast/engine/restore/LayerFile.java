package dev.holdfast.engine.restore;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.holdfast.engine.collection.ChecksummedInput;
import dev.holdfast.engine.collection.Damage;
import dev.holdfast.engine.collection.FileEntry;
import dev.holdfast.engine.collection.Layer;
import dev.holdfast.engine.storage.ObjectNotFoundException;
import java.io.IOException;
import java.io.InputStream;

/** Reads a file of a layer as a stream that is known to be what was written once it has been read to its end. */
final class LayerFile {
    private LayerFile() {}

    @FunctionalInterface
    interface Reader<E extends Exception, F extends Exception> {
        /** Reads to the end and returns how many rows there were. */
        long read(InputStream in) throws IOException, E, F;
    }

    static <E extends Exception, F extends Exception> void read(Layer layer, FileEntry entry, Reader<E, F> reader)
            throws IOException, E, F {
        var name = layer.storage().describe(entry.path());
        try (var object = layer.storage().read(entry.path(), entry.offset());
                var checked = new ChecksummedInput(object, name, entry.size(), entry.sha256());
                var data = new ZstdInputStreamNoFinalizer(checked)) {
            long rows;
            try {
                rows = reader.read(data);
            } catch (ZstdIOException e) {
                throw Damage.of(name, e.getMessage());
            } catch (Exception e) {
                // What cannot be understood may be damage that the checksum finds: that is the better answer.
                checked.finish();
                throw e;
            }
            checked.finish();
            if (rows != entry.rows()) {
                throw Damage.of(name, "it holds " + rows + " rows instead of " + entry.rows());
            }
        } catch (ObjectNotFoundException e) {
            throw Damage.of(name, "it is missing");
        } catch (ZstdIOException e) {
            throw Damage.of(name, e.getMessage());
        }
    }
}
