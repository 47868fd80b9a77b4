package dev.holdfast.engine.cluster.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files by which PostgreSQL keeps a second server off its data directory and its socket. Each begins with the pid of the
 * server, and stays when that is killed: then the pid may be another program's one day.
 */
public final class LockFiles {
    private static final Logger LOG = LoggerFactory.getLogger(LockFiles.class);

    private LockFiles() {}

    /** Never a stranger that has the pid of a dead server. */
    public static Optional<ProcessHandle> serverOn(Path dataDirectory) throws IOException {
        return processOf(dataDirectory).filter(process -> isPostgres(process.info()) && hasArgument(process.info(), dataDirectory));
    }

    /** What has the pid that the data directory names, whatever it is. */
    static Optional<ProcessHandle> processOf(Path dataDirectory) throws IOException {
        return processNamedBy(postmasterPid(dataDirectory));
    }

    /**
     * PostgreSQL does not start while there is a process of the pid that its lock files name. In a container, where pids are few,
     * that may be one of Holdfast's own threads; or the dead server itself, when Holdfast is the first process there, which
     * inherits it and does not ask how it ended. What lives on of a dead server is in no danger, as PostgreSQL also looks whether
     * anybody uses the shared memory of the data directory.
     */
    static void removeStale(Path dataDirectory, Path socketFile) throws IOException {
        for (var file : List.of(postmasterPid(dataDirectory), socketFile.resolveSibling(socketFile.getFileName() + ".lock"))) {
            var process = processNamedBy(file);
            if (process.isPresent() && !isPostgres(process.get().info())) {
                LOG.info("{} names process {}, which is not PostgreSQL any more", file, process.get().pid());
                Files.deleteIfExists(file);
            }
        }
    }

    private static Path postmasterPid(Path dataDirectory) {
        return dataDirectory.resolve("postmaster.pid");
    }

    /** Empty too when it is gone. */
    private static Optional<ProcessHandle> processNamedBy(Path file) throws IOException {
        try {
            var lines = Files.readAllLines(file);
            return lines.isEmpty() || lines.getFirst().isBlank()
                    ? Optional.empty()
                    : ProcessHandle.of(Long.parseLong(lines.getFirst().strip()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** It may be where we are not told the program; a dead process has no arguments either. */
    private static boolean isPostgres(ProcessHandle.Info process) {
        return process.command().map(command -> Path.of(command).endsWith("postgres")).orElse(process.arguments().isPresent());
    }

    private static boolean hasArgument(ProcessHandle.Info process, Path directory) {
        return Stream.of(process.arguments().orElse(new String[0])).anyMatch(argument -> isSame(argument, directory));
    }

    private static boolean isSame(String argument, Path directory) {
        try {
            return Files.isSameFile(Path.of(argument), directory);
        } catch (IOException | InvalidPathException e) {
            return false;
        }
    }
}
