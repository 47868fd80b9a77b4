package dev.holdfast.engine.system;

import dev.holdfast.engine.storage.CloudSettings;
import dev.holdfast.engine.storage.StorageKind;
import dev.holdfast.engine.storage.Storages;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;

/** The cluster settings of storage. That they cannot be read just now passes, like other troubles of storage. */
public final class StorageSettings implements CloudSettings, Storages.StorageLimits {
    private final Settings settings;

    public StorageSettings(Settings settings) {
        this.settings = settings;
    }

    private <T> T get(Setting<T> setting) throws IOException {
        try {
            return settings.get(setting);
        } catch (SQLException e) {
            throw new IOException("cannot read cluster setting \"" + setting.name() + "\": " + e.getMessage(), e);
        }
    }

    @Override
    public String customAuthorities() throws IOException {
        return get(Setting.CUSTOM_CA);
    }

    @Override
    public Duration timeout() throws IOException {
        return get(Setting.STORAGE_TIMEOUT);
    }

    @Override
    public String googleDefaultKey() throws IOException {
        return get(Setting.GOOGLE_DEFAULT_KEY);
    }

    @Override
    public Rate rate(StorageKind kind, boolean reading) throws IOException {
        return new Rate(get(Setting.rate(kind, reading)), get(Setting.burst(kind, reading)));
    }
}
