package dev.holdfast.engine.system;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A cluster setting: SET CLUSTER SETTING changes it for all nodes.
 *
 * @param <T> what the value is to the code that uses it
 */
public final class Setting<T> {
    private static final Map<String, Setting<?>> ALL = new LinkedHashMap<>();

    public static final Setting<Boolean> BACKUP_ENABLED =
            bool("feature.backup.enabled", true, "set to true to enable backups, false to disable");
    public static final Setting<Boolean> RESTORE_ENABLED =
            bool("feature.restore.enabled", true, "set to true to enable restore, false to disable");
    public static final Setting<Long> BACKUP_FILE_SIZE =
            size("bulkio.backup.file_size", 128L << 20, "target size of a backup's data files, before compression");
    public static final Setting<Boolean> FULL_BACKUP_WITH_SUBDIRECTORY = bool(
            "bulkio.backup.deprecated_full_backup_with_subdir.enabled",
            false,
            "when true, a backup command with a user specified subdirectory will create a full backup at the subdirectory"
                    + " if no backup already exists there");

    private interface Codec<T> {
        /** Throws IllegalArgumentException for what is no such value. */
        T parse(String text);

        String format(T value);
    }

    private final String name;
    private final char typeCode;
    private final T defaultValue;
    private final String description;
    private final Codec<T> codec;

    private Setting(String name, char typeCode, T defaultValue, String description, Codec<T> codec) {
        this.name = name;
        this.typeCode = typeCode;
        this.defaultValue = defaultValue;
        this.description = description;
        this.codec = codec;
        ALL.put(name, this);
    }

    private static Setting<Boolean> bool(String name, boolean defaultValue, String description) {
        return new Setting<>(name, 'b', defaultValue, description, new Codec<>() {
            @Override
            public Boolean parse(String text) {
                return switch (text.toLowerCase(Locale.ROOT)) {
                    case "true", "t", "on", "yes", "1" -> true;
                    case "false", "f", "off", "no", "0" -> false;
                    default -> throw new IllegalArgumentException();
                };
            }

            @Override
            public String format(Boolean value) {
                return value.toString();
            }
        });
    }

    private static Setting<Long> size(String name, long defaultValue, String description) {
        return new Setting<>(name, 'z', defaultValue, description, new Codec<>() {
            @Override
            public Long parse(String text) {
                long bytes = ByteSize.parse(text);
                if (bytes <= 0) {
                    throw new IllegalArgumentException();
                }
                return bytes;
            }

            @Override
            public String format(Long value) {
                return ByteSize.format(value);
            }
        });
    }

    public static Collection<Setting<?>> all() {
        var sorted = new ArrayList<>(ALL.values());
        sorted.sort((a, b) -> a.name.compareTo(b.name));
        return Collections.unmodifiableList(sorted);
    }

    public static Setting<?> named(String name) {
        return Optional.<Setting<?>>ofNullable(ALL.get(name))
                .orElseThrow(() -> HoldfastException.of(SqlState.UNDEFINED_OBJECT, "unknown setting: \"" + name + "\""));
    }

    public String name() {
        return name;
    }

    /** b for a switch, z for a size in bytes, as SHOW CLUSTER SETTINGS prints it. */
    public char typeCode() {
        return typeCode;
    }

    public T defaultValue() {
        return defaultValue;
    }

    public String description() {
        return description;
    }

    T parse(String text) {
        try {
            return codec.parse(text);
        } catch (IllegalArgumentException e) {
            throw HoldfastException.of(
                    SqlState.INVALID_PARAMETER_VALUE, "invalid value for cluster setting \"" + name + "\": \"" + text + "\"");
        }
    }

    String format(T value) {
        return codec.format(value);
    }
}
