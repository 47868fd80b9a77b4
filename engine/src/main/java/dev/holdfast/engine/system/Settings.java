package dev.holdfast.engine.system;

import dev.holdfast.engine.cluster.Sql;
import java.sql.SQLException;
import java.util.Optional;

/** The values of cluster settings. Read afresh every time: a change holds for what begins after it, on every node. */
public final class Settings {
    private final SystemDatabase system;

    public Settings(SystemDatabase system) {
        this.system = system;
    }

    public <T> T get(Setting<T> setting) throws SQLException {
        return stored(setting).map(setting::parse).orElse(setting.defaultValue());
    }

    /** The value as SHOW CLUSTER SETTING prints it. */
    public <T> String show(Setting<T> setting) throws SQLException {
        return setting.format(get(setting));
    }

    public <T> void set(Setting<T> setting, String text) throws SQLException {
        // What is stored is the canonical text, so that an unreadable one cannot get in.
        var canonical = setting.exact(setting.parse(text));
        system.transaction(connection -> Sql.update(
                connection,
                """
                insert into public.settings (name, value) values (?, ?)
                on conflict (name) do update set value = excluded.value, last_updated = clock_timestamp()
                """,
                setting.name(),
                canonical));
    }

    public void reset(Setting<?> setting) throws SQLException {
        system.transaction(
                connection -> Sql.update(connection, "delete from public.settings where name = ?", setting.name()));
    }

    private Optional<String> stored(Setting<?> setting) throws SQLException {
        try (var connection = system.connection()) {
            return Sql.first(
                    connection, "select value from public.settings where name = ?", row -> row.getString(1), setting.name());
        }
    }
}
