package dev.holdfast.engine.storage;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** The kinds of storage, as the settings of their rate limits name them. */
public enum StorageKind {
    S3("s3", true, "s3"),
    GS("gs", true, "gs"),
    AZURE("azure", true, "azure", "azure-blob", "azure-storage"),
    HTTP("http", true, "http", "https"),
    NODELOCAL("nodelocal", false, "nodelocal"),
    USERFILE("userfile", false, "userfile");

    private final String settingName;
    private final boolean remote;
    private final Set<String> schemes;

    StorageKind(String settingName, boolean remote, String... schemes) {
        this.settingName = settingName;
        this.remote = remote;
        this.schemes = Set.of(schemes);
    }

    static Optional<StorageKind> ofScheme(String scheme) {
        return Arrays.stream(values()).filter(kind -> kind.schemes.contains(scheme)).findFirst();
    }

    public String settingName() {
        return settingName;
    }

    public Set<String> schemes() {
        return schemes;
    }

    /** Whether it lies behind a network that fails now and then. */
    boolean isRemote() {
        return remote;
    }
}
