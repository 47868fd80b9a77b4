package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.job.JobRegistry;
import dev.holdfast.engine.job.JobRequest;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement.ControlJobs;
import dev.holdfast.sqlfront.statement.Statement.JobCommand;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** PAUSE, RESUME and CANCEL: all the jobs or, when one of them refuses, none. */
final class ControlJobsExecutor implements StatementExecutor<ControlJobs> {
    private final JobRegistry jobs;

    ControlJobsExecutor(JobRegistry jobs) {
        this.jobs = jobs;
    }

    @Override
    public List<Column> columns(ControlJobs statement) {
        return List.of();
    }

    @Override
    public Result execute(ControlJobs statement, Parameters parameters, SessionFacts session, Signals signals) throws SQLException {
        Authorization.requireAdmin(session, "control jobs");
        var ids = JobIds.of(statement.selection(), parameters, session, jobs);
        Optional<String> reason = statement.reason().map(parameters::text);
        jobs.request(ids, request(statement.command(), reason));
        return Result.tag(statement.command() + " JOBS " + ids.size());
    }

    private static JobRequest request(JobCommand command, Optional<String> reason) {
        return switch (command) {
            case PAUSE -> new JobRequest.Pause(reason);
            case RESUME -> new JobRequest.Resume();
            case CANCEL -> new JobRequest.Cancel();
        };
    }
}
