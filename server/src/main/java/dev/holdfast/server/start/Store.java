package dev.holdfast.server.start;

import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.UUID;

/**
 * The directory that is this node's own. One process has it at a time; the lock is the operating system's, so it goes with
 * the process however that ends.
 *
 * <pre>
 * LOCK            held while a process owns the store; names it
 * store.id        identifies the store, and with it the node
 * root.password   of the embedded PostgreSQL's superuser, as generated
 * upstream.uri    by which another node can use the embedded PostgreSQL
 * certs/          TLS material
 * keys/           what jobs are sealed with; the service role's password
 * postgres/       the embedded PostgreSQL
 * extern/         nodelocal storage, unless it is elsewhere
 * logs/  tmp/
 * </pre>
 */
final class Store implements AutoCloseable {
    private final Path directory;
    private final FileChannel lockFile;
    private final FileLock lock;
    private final SecureRandom random;

    private Store(Path directory, FileChannel lockFile, FileLock lock, SecureRandom random) {
        this.directory = directory;
        this.lockFile = lockFile;
        this.lock = lock;
        this.random = random;
    }

    static Store open(Path directory, SecureRandom random) throws IOException {
        Directories.createPrivate(directory);
        var file = FileChannel.open(
                directory.resolve("LOCK"), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = file.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            var owner = ByteBuffer.allocate(64);
            file.read(owner, 0);
            file.close();
            var name = new String(owner.array(), 0, owner.position(), StandardCharsets.US_ASCII).strip();
            throw HoldfastException.of(
                    SqlState.LOCK_NOT_AVAILABLE,
                    "store " + directory + " is in use" + (name.isEmpty() ? "" : " by process " + name)
                            + "; stop that one, or choose another directory with --store");
        }
        file.truncate(0);
        file.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
        var store = new Store(directory, file, lock, random);
        Directories.deleteRecursively(store.temporary());
        Directories.createPrivate(store.temporary());
        Directories.createPrivate(store.keys());
        return store;
    }

    Path directory() {
        return directory;
    }

    Path keys() {
        return directory.resolve("keys");
    }

    Path certificates() {
        return directory.resolve("certs");
    }

    /** By which Holdfast vouches to the embedded PostgreSQL for clients. */
    Path roleCertificates() {
        return keys().resolve("roles");
    }

    Path postgres() {
        return directory.resolve("postgres");
    }

    Path logs() {
        return directory.resolve("logs");
    }

    Path extern() {
        return directory.resolve("extern");
    }

    /** Emptied at every start. */
    Path temporary() {
        return directory.resolve("tmp");
    }

    Path upstreamUri() {
        return directory.resolve("upstream.uri");
    }

    UUID id() throws IOException {
        var file = directory.resolve("store.id");
        if (!Files.exists(file)) {
            Directories.writeSecret(file, UUID.randomUUID() + "\n");
        }
        return UUID.fromString(Files.readString(file).strip());
    }

    String rootPassword() throws IOException {
        return password(directory.resolve("root.password"));
    }

    String servicePassword() throws IOException {
        return password(keys().resolve("service.password"));
    }

    private String password(Path file) throws IOException {
        if (!Files.exists(file)) {
            var bytes = new byte[18];
            random.nextBytes(bytes);
            Directories.writeSecret(file, Base64.getUrlEncoder().encodeToString(bytes) + "\n");
        }
        return Files.readString(file).strip();
    }

    @Override
    public void close() throws IOException {
        lock.release();
        lockFile.close();
    }
}
