package dev.holdfast.engine.crypto;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Passphrases that stand elsewhere, so that none has to stand in SQL: {@code file:///path} is the file's first line,
 * {@code env://NAME} the variable's value. Only what the server's configuration names can be referred to: else whoever may
 * back up could ask for any file of the server, by trying.
 */
public final class KeyReferences {
    private static final String FILE = "file://";
    private static final String ENVIRONMENT = "env://";
    private static final int LONGEST = 64 * 1024;

    private final List<Path> directories;
    private final Set<String> variables;
    private final Map<String, String> environment;

    public KeyReferences(List<Path> directories, Set<String> variables, Map<String, String> environment) {
        this.directories = List.copyOf(directories);
        this.variables = Set.copyOf(variables);
        this.environment = Map.copyOf(environment);
    }

    /** The passphrase that is meant; a text that is no reference is one itself. */
    public String resolve(String text) throws IOException {
        if (text.startsWith(FILE)) {
            return file(Path.of(text.substring(FILE.length())));
        }
        return text.startsWith(ENVIRONMENT) ? variable(text.substring(ENVIRONMENT.length())) : text;
    }

    /** How an option that was given as {@code text} may be shown: a reference is no secret. */
    public static String describe(String text) {
        return text.startsWith(FILE) || text.startsWith(ENVIRONMENT) ? text : "*****";
    }

    private String file(Path path) throws IOException {
        if (!path.isAbsolute() || !isAllowed(path)) {
            throw refused(path.toString(), "key-references.directories");
        }
        if (Files.size(path) > LONGEST) {
            throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "passphrase file " + path + " is too large");
        }
        var lines = Files.readString(path).lines().toList();
        if (lines.isEmpty()) {
            throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "passphrase file " + path + " is empty");
        }
        return lines.getFirst();
    }

    /** Where the file really is counts, links followed; a file outside is refused whether it exists or not. */
    private boolean isAllowed(Path path) throws IOException {
        for (var directory : directories) {
            if (path.normalize().startsWith(directory) && Files.isRegularFile(path)) {
                return path.toRealPath().startsWith(directory.toRealPath());
            }
        }
        return false;
    }

    private String variable(String name) {
        var value = variables.contains(name) ? environment.get(name) : null;
        if (value == null) {
            throw refused(name, "key-references.environment");
        }
        return value;
    }

    private static HoldfastException refused(String what, String setting) {
        return HoldfastException.of(SqlState.INSUFFICIENT_PRIVILEGE, "a passphrase cannot be taken from " + what)
                .withHint("It has to exist, and to be allowed by " + setting + " in the server's configuration.");
    }
}
