package dev.holdfast.engine.cluster.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The operating system account that PostgreSQL's programs run under. They refuse to run as root, so a Holdfast that does
 * (a container, usually) hands them something else: where the kernel allows it a user namespace, in which the same
 * account has no name and no powers but still owns its files; otherwise the account {@code postgres} or {@code nobody}.
 */
sealed interface ServerAccount {
    /** The command line to run {@code command} under this account. */
    List<String> wrap(List<String> command);

    /** Makes a directory tree belong to this account. */
    void own(Path directory) throws IOException;

    static ServerAccount choose() throws IOException {
        if (!isRoot()) {
            return new Same();
        }
        if (succeeds(List.of("unshare", "-U", "true"))) {
            return new UserNamespace();
        }
        for (var user : List.of("postgres", "nobody")) {
            if (succeeds(List.of("runuser", "-u", user, "--", "true"))) {
                return new Other(user);
            }
        }
        throw new IOException(
                "PostgreSQL does not run as root, and neither `unshare -U` nor `runuser -u postgres` works here;"
                        + " start Holdfast as an ordinary user, or use --upstream");
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static boolean succeeds(List<String> command) {
        try {
            var process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    record Same() implements ServerAccount {
        @Override
        public List<String> wrap(List<String> command) {
            return command;
        }

        @Override
        public void own(Path directory) {}
    }

    record UserNamespace() implements ServerAccount {
        @Override
        public List<String> wrap(List<String> command) {
            return prefixed(List.of("unshare", "-U"), command);
        }

        @Override
        public void own(Path directory) {}
    }

    record Other(String user) implements ServerAccount {
        @Override
        public List<String> wrap(List<String> command) {
            return prefixed(List.of("runuser", "-u", user, "--"), command);
        }

        @Override
        public void own(Path directory) throws IOException {
            var owner = directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user);
            try (var files = Files.walk(directory)) {
                for (var file : (Iterable<Path>) files::iterator) {
                    Files.setOwner(file, owner);
                }
            }
        }
    }

    private static List<String> prefixed(List<String> prefix, List<String> command) {
        var whole = new ArrayList<>(prefix);
        whole.addAll(command);
        return whole;
    }
}
