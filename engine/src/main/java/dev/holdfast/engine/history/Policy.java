package dev.holdfast.engine.history;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.system.Setting;
import dev.holdfast.engine.system.Settings;
import dev.holdfast.engine.system.SystemDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/** Which databases are to have a history, how long it is, and whether this upstream can have one at all. */
final class Policy {
    private final SystemDatabase system;
    private final Settings settings;
    private final HistoryCatalog catalog;
    private final boolean byDefault;

    /** {@code byDefault}: whether databases have a history of which nothing is said. */
    Policy(SystemDatabase system, Settings settings, HistoryCatalog catalog, boolean byDefault) {
        this.system = system;
        this.settings = settings;
        this.catalog = catalog;
        this.byDefault = byDefault;
    }

    boolean wants(UserDatabase database) throws SQLException {
        var said = catalog.switchOf(database).history();
        return said.isPresent() ? said.get() : byDefault && settings.get(Setting.HISTORY_ENABLED);
    }

    /** The longest of what is said of the database and of its tables. */
    Duration retention(UserDatabase database) throws SQLException {
        var said = catalog.switchOf(database).ttlSeconds();
        var longest = Duration.ofSeconds(said.isPresent() ? said.get() : settings.get(Setting.GC_TTL_SECONDS));
        for (var zone : catalog.zones(database.oid())) {
            longest = zone.retention().compareTo(longest) > 0 ? zone.retention() : longest;
        }
        return longest;
    }

    boolean dropsAtLimit() throws SQLException {
        return settings.get(Setting.HISTORY_ON_LIMIT).equals("drop");
    }

    long walLimit() throws SQLException {
        return settings.get(Setting.HISTORY_MAX_WAL);
    }

    /** Why this upstream cannot have histories at all. */
    Optional<String> obstacle() throws SQLException {
        try (var connection = system.connection()) {
            if (!Sql.one(connection, "select current_setting('wal_level')", row -> row.getString(1)).equals("logical")) {
                return Optional.of("wal_level of the upstream is not \"logical\"");
            }
            if (!Sql.one(
                    connection, "select rolsuper from pg_catalog.pg_roles where rolname = current_user", row -> row.getBoolean(1))) {
                return Optional.of("the upstream's service role is not a superuser, as the owner of event triggers has to be");
            }
            return Optional.empty();
        }
    }

    /** Should Holdfast go away for good, its slots stay: then it is the upstream that has to let go of the log. */
    void requireBoundedWal() throws SQLException {
        if (settings.get(Setting.HISTORY_UNBOUNDED_WAL)) {
            return;
        }
        try (var connection = system.connection()) {
            if (Sql.one(connection, "select current_setting('max_slot_wal_keep_size')", row -> row.getString(1)).equals("-1")) {
                throw HoldfastException.of(
                                SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                                "max_slot_wal_keep_size of the upstream is -1, so that its disk could fill if Holdfast were gone")
                        .withHint("ALTER SYSTEM SET max_slot_wal_keep_size = '64GB'; SELECT pg_reload_conf(); or, to run that risk, SET"
                                + " CLUSTER SETTING " + Setting.HISTORY_UNBOUNDED_WAL.name() + " = true.");
            }
        }
    }
}
