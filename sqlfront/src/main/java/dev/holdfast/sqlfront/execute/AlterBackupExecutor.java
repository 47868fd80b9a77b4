package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.collection.Collection;
import dev.holdfast.engine.collection.Layer;
import dev.holdfast.engine.crypto.BackupKeys;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.Storages;
import dev.holdfast.engine.system.Setting;
import dev.holdfast.engine.system.Settings;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement.AlterBackup;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Opens a backup to further master keys. Nothing is encrypted anew, and nothing that was there changes. */
final class AlterBackupExecutor implements StatementExecutor<AlterBackup> {
    private final Storages storages;
    private final Settings settings;
    private final BackupKeys keys;

    AlterBackupExecutor(Storages storages, Settings settings, BackupKeys keys) {
        this.storages = storages;
        this.settings = settings;
        this.keys = keys;
    }

    @Override
    public List<Column> columns(AlterBackup statement) {
        return List.of();
    }

    @Override
    public Result execute(AlterBackup statement, Parameters parameters, SessionFacts session, Signals signals)
            throws SQLException, IOException {
        if (!settings.get(Setting.BACKUP_ENABLED)) {
            throw HoldfastException.of(
                    SqlState.OPERATOR_INTERVENTION, "feature ALTER BACKUP was disabled by the database administrator");
        }
        Authorization.requireAdmin(session, "alter backups");
        TransactionRules.requireAlone(session, "ALTER BACKUP cannot be used inside a multi-statement transaction");
        var place = statement.collection().orElse(statement.backup());
        try (var storage = storages.open(storages.bind(parameters.text(place), session.user()))) {
            var collection = new Collection(storage);
            var layer = statement.collection().isPresent()
                    ? collection.existing(collection.resolve(parameters.text(statement.backup())))
                    : existing(new Layer(storage, Optional.empty()));
            for (var addition : statement.additions()) {
                var info = keys.addKeys(
                        layer.encryptionInfos(), parameters.texts(addition.oldKms()), parameters.texts(addition.newKms()));
                layer.addEncryptionInfo(info);
            }
        }
        return Result.tag("ALTER BACKUP");
    }

    private static Layer existing(Layer layer) throws IOException {
        if (!layer.hasManifest()) {
            throw HoldfastException.of(SqlState.UNDEFINED_FILE, "invalid base backup specified")
                    .withHint("ALTER BACKUP 'subdirectory' IN 'collection' names a backup in a collection.");
        }
        return layer;
    }
}
