package dev.holdfast.engine.storage.nodelocal;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.ObjectNotFoundException;
import dev.holdfast.engine.storage.ObjectWriter;
import dev.holdfast.engine.storage.StorageUri;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Files. An object is written under a passing name, flushed to the disk, and then linked to its own: it is there as a whole
 * or not at all, also after a power failure, and never replaces another.
 */
final class NodeLocalStorage implements ExternalStorage {
    private final StorageUri uri;
    private final Path root;
    private final Path base;
    private final Path unfinished;

    NodeLocalStorage(StorageUri uri, Path root, Path base, Path unfinished) {
        this.uri = uri;
        this.root = root;
        this.base = base;
        this.unfinished = unfinished;
    }

    private Path file(String name) {
        var file = base.resolve(name.startsWith("/") ? name.substring(1) : name).normalize();
        if (!file.startsWith(root)) {
            throw NodeLocalProvider.outside(name);
        }
        return file;
    }

    @Override
    public List<String> list(String prefix, String delimiter) throws IOException {
        // Only the directory part of the prefix is walked, not the whole place.
        int slash = prefix.lastIndexOf('/');
        var start = slash < 0 ? base : file(prefix.substring(0, slash));
        var names = new TreeSet<String>();
        if (!Files.isDirectory(start)) {
            return List.of();
        }
        Files.walkFileTree(start, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                if (directory.equals(unfinished)) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                var name = base.relativize(directory) + "/";
                if (!directory.equals(start) && delimiter.equals("/") && name.startsWith(prefix)) {
                    names.add(name);
                    return FileVisitResult.SKIP_SUBTREE;
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                var name = base.relativize(file).toString();
                if (attributes.isRegularFile() && name.startsWith(prefix)) {
                    int cut = delimiter.isEmpty() ? -1 : name.indexOf(delimiter, prefix.length());
                    names.add(cut < 0 ? name : name.substring(0, cut + delimiter.length()));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }
        });
        return List.copyOf(names);
    }

    @Override
    public boolean canList() {
        return true;
    }

    @Override
    public OptionalLong size(String name) throws IOException {
        var file = file(name);
        return Files.isRegularFile(file) ? OptionalLong.of(Files.size(file)) : OptionalLong.empty();
    }

    @Override
    public InputStream read(String name, long offset) throws IOException {
        var file = file(name);
        if (!Files.isRegularFile(file)) {
            throw new ObjectNotFoundException(describe(name));
        }
        var channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            channel.position(offset);
            return Channels.newInputStream(channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public ObjectWriter write(String name) throws IOException {
        var target = file(name);
        while (true) {
            try {
                createDirectories(unfinished);
                return new FileWriter(name, target, unfinished.resolve(UUID.randomUUID().toString()));
            } catch (NoSuchFileException e) {
                // The last of other writers has just removed the directory.
            } catch (FileSystemException e) {
                throw failed(e);
            }
        }
    }

    @Override
    public boolean putIfAbsent(String name, byte[] content) throws IOException {
        try (var writer = write(name)) {
            new ByteArrayInputStream(content).transferTo(writer);
            writer.commit();
            return true;
        } catch (HoldfastException e) {
            if (e.state().equals(SqlState.DUPLICATE_FILE)) {
                return false;
            }
            throw e;
        }
    }

    /** Empty directories go with the last file in them: a deleted backup leaves nothing. */
    @Override
    public void delete(String name) throws IOException {
        var file = file(name);
        try {
            Files.deleteIfExists(file);
        } catch (FileSystemException e) {
            // Below something that is no directory there is nothing to delete.
            if (Files.exists(file)) {
                throw e;
            }
        }
        for (var directory = file.getParent(); !directory.equals(root); directory = directory.getParent()) {
            try (var entries = Files.newDirectoryStream(directory)) {
                if (entries.iterator().hasNext()) {
                    return;
                }
                Files.delete(directory);
            } catch (FileSystemException e) {
                // Gone already, or somebody has just put a file into it: both are fine.
                return;
            }
        }
    }

    @Override
    public String describe(String name) {
        return name.isEmpty() ? uri.toString() : uri.resolve(name).toString();
    }

    @Override
    public void close() {}

    /** Others remove empty directories at any moment, also between the two steps in which this finds one that exists. */
    private static void createDirectories(Path directory) throws IOException {
        while (true) {
            try {
                Files.createDirectories(directory);
                return;
            } catch (FileAlreadyExistsException e) {
                if (Files.isRegularFile(Path.of(e.getFile()))) {
                    throw new NotDirectoryException(e.getFile());
                }
            }
        }
    }

    /** What cannot pass by itself is not to be tried again. The operating system gives its reason as a text only. */
    private static HoldfastException failed(IOException e) {
        var reason = e instanceof FileSystemException f && f.getReason() != null ? f.getReason() : String.valueOf(e.getMessage());
        if (reason.contains("No space left") || reason.contains("Disk quota exceeded")) {
            return HoldfastException.of(SqlState.DISK_FULL, "cannot write to nodelocal storage: " + reason, e)
                    .withHint("Free some space below the external IO directory.");
        }
        return HoldfastException.of(SqlState.UNCATEGORIZED, "cannot write to nodelocal storage: " + reason, e);
    }

    private final class FileWriter extends ObjectWriter {
        private final String name;
        private final Path target;
        private final Path temporary;
        private final FileChannel channel;

        FileWriter(String name, Path target, Path temporary) throws IOException {
            this.name = name;
            this.target = target;
            this.temporary = temporary;
            this.channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            var buffer = ByteBuffer.wrap(bytes, offset, length);
            try {
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            } catch (IOException e) {
                throw failed(e);
            }
        }

        @Override
        public void commit() throws IOException {
            try {
                channel.force(true);
                link();
            } catch (FileAlreadyExistsException e) {
                throw HoldfastException.of(SqlState.DUPLICATE_FILE, describe(name) + " already exists", e);
            } catch (IOException e) {
                throw failed(e);
            }
            // The name itself has to be durable too.
            try (var directory = FileChannel.open(target.getParent(), StandardOpenOption.READ)) {
                directory.force(true);
            }
        }

        private void link() throws IOException {
            while (true) {
                try {
                    createDirectories(target.getParent());
                    Files.createLink(target, temporary);
                    return;
                } catch (NoSuchFileException e) {
                    if (!Files.exists(temporary)) {
                        throw e;
                    }
                    // A delete elsewhere has just removed the directory, which was empty.
                }
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
            Files.deleteIfExists(temporary);
            try {
                Files.delete(unfinished);
            } catch (FileSystemException e) {
                // Other objects are being written, or another writer has removed it.
            }
        }
    }
}
