package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.job.JobRegistry;
import dev.holdfast.engine.system.Settings;
import dev.holdfast.sqlfront.statement.Statement;

/** One executor for every kind of statement. */
public final class Executors {
    private final ShowJobsExecutor showJobs;
    private final ControlJobsExecutor controlJobs;
    private final SetClusterSettingExecutor setClusterSetting;
    private final ShowClusterSettingExecutor showClusterSetting;
    private final ShowAllClusterSettingsExecutor showAllClusterSettings;

    public Executors(JobRegistry jobs, Settings settings) {
        this.showJobs = new ShowJobsExecutor(jobs);
        this.controlJobs = new ControlJobsExecutor(jobs);
        this.setClusterSetting = new SetClusterSettingExecutor(settings);
        this.showClusterSetting = new ShowClusterSettingExecutor(settings);
        this.showAllClusterSettings = new ShowAllClusterSettingsExecutor(settings);
    }

    public Execution execution(Statement statement) {
        return switch (statement) {
            case Statement.ShowJobs show -> Execution.of(showJobs, show);
            case Statement.ControlJobs control -> Execution.of(controlJobs, control);
            case Statement.SetClusterSetting set -> Execution.of(setClusterSetting, set);
            case Statement.ShowClusterSetting show -> Execution.of(showClusterSetting, show);
            case Statement.ShowAllClusterSettings show -> Execution.of(showAllClusterSettings, show);
            case Statement.Backup other -> throw missing();
            case Statement.Restore other -> throw missing();
            case Statement.ShowBackups other -> throw missing();
            case Statement.ShowBackup other -> throw missing();
        };
    }

    private static HoldfastException missing() {
        return HoldfastException.of(SqlState.FEATURE_NOT_SUPPORTED, "draft");
    }
}
