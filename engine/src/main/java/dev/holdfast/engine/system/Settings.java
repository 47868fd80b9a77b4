package dev.holdfast.engine.system;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.crypto.Sealer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Base64;
import java.util.Optional;

/** The values of cluster settings. Read afresh every time: a change holds for what begins after it, on every node. */
public final class Settings {
    private static final String REDACTED = "redacted";

    private final SystemDatabase system;
    private final Sealer sealer;

    public Settings(SystemDatabase system, Sealer sealer) {
        this.system = system;
        this.sealer = sealer;
    }

    public <T> T get(Setting<T> setting) throws SQLException {
        return stored(setting).map(setting::parse).orElse(setting.defaultValue());
    }

    /** The value as SHOW CLUSTER SETTING prints it. */
    public <T> String show(Setting<T> setting) throws SQLException {
        var text = setting.format(get(setting));
        return setting.isSecret() && !text.isEmpty() ? REDACTED : text;
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
                setting.isSecret() ? seal(canonical) : canonical));
    }

    public void reset(Setting<?> setting) throws SQLException {
        system.transaction(
                connection -> Sql.update(connection, "delete from public.settings where name = ?", setting.name()));
    }

    private Optional<String> stored(Setting<?> setting) throws SQLException {
        try (var connection = system.connection()) {
            return Sql.first(
                            connection, "select value from public.settings where name = ?", row -> row.getString(1), setting.name())
                    .map(value -> setting.isSecret() ? unseal(value) : value);
        }
    }

    private String seal(String text) {
        return Base64.getEncoder().encodeToString(sealer.seal(text.getBytes(StandardCharsets.UTF_8)));
    }

    private String unseal(String stored) {
        return new String(sealer.open(Base64.getDecoder().decode(stored)), StandardCharsets.UTF_8);
    }
}
