package dev.holdfast.it.support;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the project lies; tests run in the module's directory. */
public final class Project {
    private Project() {}

    public static Path root() {
        var directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("holdfast"))) {
            directory = directory.getParent();
        }
        return directory;
    }
}
