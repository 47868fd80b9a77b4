package dev.holdfast.engine.storage.nodelocal;

import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.StorageProvider;
import dev.holdfast.engine.storage.StorageUri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** {@code nodelocal://<node id>/path}: files below the node's external IO directory. */
public final class NodeLocalProvider implements StorageProvider {
    private final Optional<Path> root;
    private final int nodeId;

    private NodeLocalProvider(Optional<Path> root, int nodeId) {
        this.root = root;
        this.nodeId = nodeId;
    }

    /** Half-written files of an earlier process of this node are removed: nobody will finish them. */
    public static NodeLocalProvider open(Path root, int nodeId) throws IOException {
        Files.createDirectories(root);
        var real = root.toRealPath();
        Directories.deleteRecursively(unfinished(real, nodeId));
        return new NodeLocalProvider(Optional.of(real), nodeId);
    }

    public static NodeLocalProvider disabled(int nodeId) {
        return new NodeLocalProvider(Optional.empty(), nodeId);
    }

    /** Files of our own, in a directory that no URI leads to. */
    public static ExternalStorage in(Path directory, String name) throws IOException {
        Files.createDirectories(directory);
        var real = directory.toRealPath();
        return new NodeLocalStorage(StorageUri.parse(name + ":///"), real, real, unfinished(real, 0));
    }

    /** Where files are written before they get their name; on the same file system, so that naming them is one step. */
    private static Path unfinished(Path root, int nodeId) {
        return root.resolve(".unfinished-" + nodeId);
    }

    @Override
    public ExternalStorage open(StorageUri uri) throws IOException {
        checkHost(uri);
        var directory = root.orElseThrow(
                () -> HoldfastException.of(SqlState.UNCATEGORIZED, "nodelocal storage is not available")
                        .withDetail("The server was started with --external-io-dir disabled."));
        var base = directory.resolve(uri.path().replaceFirst("^/+", "")).normalize();
        if (!base.startsWith(directory)) {
            throw outside(uri.path());
        }
        return new NodeLocalStorage(uri, directory, base, unfinished(directory, nodeId));
    }

    static HoldfastException outside(String path) {
        return HoldfastException.of(
                SqlState.UNCATEGORIZED, "local file access to paths outside of external-io-dir is not allowed: " + path);
    }

    private void checkHost(StorageUri uri) {
        var host = uri.host();
        if (host.isEmpty()) {
            throw HoldfastException.of(
                    SqlState.UNCATEGORIZED,
                    "invalid `nodelocal` URI: host component of nodelocal URI must be a node ID (use 'self' to specify each"
                            + " node should access its own local filesystem): " + uri);
        }
        if (host.equals("self")) {
            return;
        }
        int wanted;
        try {
            wanted = Integer.parseInt(host);
        } catch (NumberFormatException e) {
            throw HoldfastException.of(
                    SqlState.UNCATEGORIZED,
                    "invalid `nodelocal` URI: host component of nodelocal URI must be a node ID: " + uri);
        }
        // 0 is an old spelling of self.
        if (wanted != 0 && wanted != nodeId) {
            throw HoldfastException.of(SqlState.UNCATEGORIZED, "nodelocal URI names node " + wanted + ", which does not exist")
                    .withHint("This is node " + nodeId + ".");
        }
    }
}
