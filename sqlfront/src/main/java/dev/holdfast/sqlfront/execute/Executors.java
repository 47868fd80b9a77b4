package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.crypto.BackupKeys;
import dev.holdfast.engine.crypto.KeyReferences;
import dev.holdfast.engine.crypto.kms.KeyServices;
import dev.holdfast.engine.history.History;
import dev.holdfast.engine.job.JobRegistry;
import dev.holdfast.engine.storage.Storages;
import dev.holdfast.engine.system.ExternalConnections;
import dev.holdfast.engine.system.Settings;
import dev.holdfast.sqlfront.statement.Statement;

/** One executor for every kind of statement. */
public final class Executors {
    private final BackupExecutor backup;
    private final RestoreExecutor restore;
    private final RestoreHistoryExecutor restoreHistory;
    private final ShowBackupsExecutor showBackups;
    private final ShowBackupExecutor showBackup;
    private final AlterBackupExecutor alterBackup;
    private final CreateConnectionExecutor createConnection;
    private final DropConnectionExecutor dropConnection;
    private final ShowConnectionsExecutor showConnections;
    private final ShowJobsExecutor showJobs;
    private final ControlJobsExecutor controlJobs;
    private final SetClusterSettingExecutor setClusterSetting;
    private final ShowClusterSettingExecutor showClusterSetting;
    private final ShowAllClusterSettingsExecutor showAllClusterSettings;
    private final ConfigureZoneExecutor configureZone;
    private final ShowHistoryExecutor showHistory;

    public Executors(
            JobRegistry jobs,
            Storages storages,
            Settings settings,
            Upstream upstream,
            History history,
            BackupKeys keys,
            KeyReferences references,
            KeyServices keyServices,
            ExternalConnections connections) {
        var encryption = new EncryptionOptions(keys, references);
        this.backup = new BackupExecutor(jobs, storages, settings, upstream, encryption);
        this.restore = new RestoreExecutor(jobs, storages, settings, upstream, encryption);
        this.restoreHistory = new RestoreHistoryExecutor(jobs, settings, upstream, history);
        this.showBackups = new ShowBackupsExecutor(storages);
        this.showBackup = new ShowBackupExecutor(storages, encryption);
        this.alterBackup = new AlterBackupExecutor(storages, settings, keys);
        this.createConnection = new CreateConnectionExecutor(connections, storages, keyServices);
        this.dropConnection = new DropConnectionExecutor(connections);
        this.showConnections = new ShowConnectionsExecutor(connections);
        this.showJobs = new ShowJobsExecutor(jobs);
        this.controlJobs = new ControlJobsExecutor(jobs);
        this.setClusterSetting = new SetClusterSettingExecutor(settings);
        this.showClusterSetting = new ShowClusterSettingExecutor(settings);
        this.showAllClusterSettings = new ShowAllClusterSettingsExecutor(settings);
        this.configureZone = new ConfigureZoneExecutor(history, upstream);
        this.showHistory = new ShowHistoryExecutor(history);
    }

    public Execution execution(Statement statement) {
        return switch (statement) {
            case Statement.Backup other -> Execution.of(backup, other);
            case Statement.Restore other -> Execution.of(restore, other);
            case Statement.RestoreHistory other -> Execution.of(restoreHistory, other);
            case Statement.ShowBackups show -> Execution.of(showBackups, show);
            case Statement.ShowBackup show -> Execution.of(showBackup, show);
            case Statement.AlterBackup alter -> Execution.of(alterBackup, alter);
            case Statement.CreateConnection create -> Execution.of(createConnection, create);
            case Statement.DropConnection drop -> Execution.of(dropConnection, drop);
            case Statement.ShowConnections show -> Execution.of(showConnections, show);
            case Statement.ShowJobs show -> Execution.of(showJobs, show);
            case Statement.ControlJobs control -> Execution.of(controlJobs, control);
            case Statement.SetClusterSetting set -> Execution.of(setClusterSetting, set);
            case Statement.ShowClusterSetting show -> Execution.of(showClusterSetting, show);
            case Statement.ShowAllClusterSettings show -> Execution.of(showAllClusterSettings, show);
            case Statement.ConfigureZone configure -> Execution.of(configureZone, configure);
            case Statement.ShowHistory show -> Execution.of(showHistory, show);
        };
    }
}
