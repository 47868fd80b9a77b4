package dev.holdfast.engine.system;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.StorageKind;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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

    public static final Setting<String> CUSTOM_CA = text(
            "cloudstorage.http.custom_ca",
            "",
            "custom root CA (appended to system's default CAs) for verifying certificates when interacting with HTTPS storage");
    public static final Setting<Duration> STORAGE_TIMEOUT =
            duration("cloudstorage.timeout", Duration.ofMinutes(10), "the timeout for import/export storage operations");
    public static final Setting<String> GOOGLE_DEFAULT_KEY = text(
            "cloudstorage.gs.default.key",
            "",
            "if set, JSON key to use during Google Cloud Storage operations whose URI holds no credentials");

    /** Sealed where they are stored, and shown to nobody. */
    private static final Set<Setting<?>> SECRETS = Set.of(GOOGLE_DEFAULT_KEY);

    private static final Map<StorageKind, Setting<Long>> READ_RATES = rates("read", "rate");
    private static final Map<StorageKind, Setting<Long>> READ_BURSTS = rates("read", "burst");
    private static final Map<StorageKind, Setting<Long>> WRITE_RATES = rates("write", "rate");
    private static final Map<StorageKind, Setting<Long>> WRITE_BURSTS = rates("write", "burst");

    private static Map<StorageKind, Setting<Long>> rates(String direction, String what) {
        var settings = new EnumMap<StorageKind, Setting<Long>>(StorageKind.class);
        for (var kind : StorageKind.values()) {
            settings.put(
                    kind,
                    size(
                            "cloudstorage." + kind.settingName() + "." + direction + ".node_" + what + "_limit",
                            0,
                            0,
                            "limit on the " + what + " of bytes per second across all operations of a node against "
                                    + kind.settingName() + " storage; 0 is none"));
        }
        return settings;
    }

    public static Setting<Long> rate(StorageKind kind, boolean reading) {
        return (reading ? READ_RATES : WRITE_RATES).get(kind);
    }

    public static Setting<Long> burst(StorageKind kind, boolean reading) {
        return (reading ? READ_BURSTS : WRITE_BURSTS).get(kind);
    }

    public static final Setting<Boolean> HISTORY_ENABLED = bool(
            "history.enabled",
            true,
            "whether the history of databases is kept of which nothing else is said (ALTER DATABASE ... CONFIGURE ZONE USING history)");
    public static final Setting<Long> GC_TTL_SECONDS =
            count("history.gc.ttlseconds", 14_400, "how far back the history of a database reaches, unless its zone says otherwise");
    public static final Setting<Long> HISTORY_MAX_WAL =
            size("history.max_wal", 32L << 30, "how much write-ahead log the history of a database may keep");
    public static final Setting<String> HISTORY_ON_LIMIT = choice(
            "history.on_limit",
            List.of("drop", "alert"),
            "what happens when a history keeps more than history.max_wal: drop its oldest part, or only alert");
    public static final Setting<Boolean> HISTORY_UNBOUNDED_WAL = bool(
            "history.unbounded_wal.enabled",
            false,
            "whether histories may be kept on an upstream whose max_slot_wal_keep_size is -1, where they would fill the disk without Holdfast");

    private interface Codec<T> {
        /** Throws IllegalArgumentException for what is no such value. */
        T parse(String text);

        String format(T value);

        /** Exactly: what {@link #parse} makes the same value of. */
        default String exact(T value) {
            return format(value);
        }
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

    private static Setting<Long> count(String name, long defaultValue, String description) {
        return new Setting<>(name, 'i', defaultValue, description, new Codec<>() {
            @Override
            public Long parse(String text) {
                long number = Long.parseLong(text.strip());
                if (number <= 0) {
                    throw new IllegalArgumentException();
                }
                return number;
            }

            @Override
            public String format(Long value) {
                return value.toString();
            }
        });
    }

    private static Setting<String> text(String name, String defaultValue, String description) {
        return new Setting<>(name, 's', defaultValue, description, new Codec<>() {
            @Override
            public String parse(String text) {
                return text;
            }

            @Override
            public String format(String value) {
                return value;
            }
        });
    }

    private static Setting<String> choice(String name, List<String> choices, String description) {
        return new Setting<>(name, 's', choices.getFirst(), description, new Codec<>() {
            @Override
            public String parse(String text) {
                var chosen = text.toLowerCase(Locale.ROOT);
                if (!choices.contains(chosen)) {
                    throw new IllegalArgumentException();
                }
                return chosen;
            }

            @Override
            public String format(String value) {
                return value;
            }
        });
    }

    private static Setting<Duration> duration(String name, Duration defaultValue, String description) {
        return new Setting<>(name, 'd', defaultValue, description, new Codec<>() {
            @Override
            public Duration parse(String text) {
                // 10m0s, 1m30s, 45s, 500ms: as durations are printed, ISO 8601 needs only its letters.
                var milliseconds = text.endsWith("ms");
                try {
                    var duration = milliseconds
                            ? Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)))
                            : Duration.parse("PT" + text);
                    if (duration.isPositive()) {
                        return duration;
                    }
                } catch (DateTimeParseException e) {
                    throw new IllegalArgumentException(e);
                }
                throw new IllegalArgumentException();
            }

            @Override
            public String format(Duration value) {
                return value.getNano() == 0
                        ? value.toString().substring(2).toLowerCase(Locale.ROOT)
                        : value.toMillis() + "ms";
            }
        });
    }

    private static Setting<Long> size(String name, long defaultValue, String description) {
        return size(name, defaultValue, 1, description);
    }

    private static Setting<Long> size(String name, long defaultValue, long least, String description) {
        return new Setting<>(name, 'z', defaultValue, description, new Codec<>() {
            @Override
            public Long parse(String text) {
                long bytes = ByteSize.parse(text);
                if (bytes < least) {
                    throw new IllegalArgumentException();
                }
                return bytes;
            }

            @Override
            public String format(Long value) {
                return ByteSize.format(value);
            }

            @Override
            public String exact(Long value) {
                return value.toString();
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

    boolean isSecret() {
        return SECRETS.contains(this);
    }

    /** b for a switch, i for a number, z for a size in bytes, d for a duration, s for a text, as SHOW CLUSTER SETTINGS prints it. */
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

    /** For people. */
    String format(T value) {
        return codec.format(value);
    }

    /** For storing. */
    String exact(T value) {
        return codec.exact(value);
    }
}
