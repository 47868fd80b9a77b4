package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.job.JobId;
import dev.holdfast.engine.job.JobRegistry;
import dev.holdfast.engine.job.JobRow;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.ColumnType;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement.JobSelection;
import dev.holdfast.sqlfront.statement.Statement.ShowJobs;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

final class ShowJobsExecutor implements StatementExecutor<ShowJobs> {
    static final List<Column> COLUMNS = List.of(
            Column.int8("job_id"),
            Column.text("job_type"),
            Column.text("description"),
            Column.text("statement"),
            Column.text("user_name"),
            Column.text("status"),
            Column.text("running_status"),
            Column.timestamp("created"),
            Column.timestamp("started"),
            Column.timestamp("finished"),
            Column.timestamp("modified"),
            Column.float8("fraction_completed"),
            Column.text("error"),
            Column.int8("coordinator_id"),
            Column.int8("trace_id"),
            Column.timestamp("last_run"),
            Column.timestamp("next_run"),
            Column.int8("num_runs"),
            new Column("execution_errors", ColumnType.TEXT_ARRAY));

    /** WHEN COMPLETE looks about once a second, and gives up after a day. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final Duration PATIENCE = Duration.ofHours(24);

    private final JobRegistry jobs;

    ShowJobsExecutor(JobRegistry jobs) {
        this.jobs = jobs;
    }

    @Override
    public List<Column> columns(ShowJobs statement) {
        return COLUMNS;
    }

    @Override
    public Result execute(ShowJobs statement, Parameters parameters, SessionFacts session, Signals signals)
            throws SQLException, InterruptedException {
        Authorization.requireAdmin(session, "show jobs");
        var rows = statement.whenComplete()
                ? whenComplete(statement.selection(), parameters, session, signals)
                : rows(statement.selection(), parameters, session);
        return Result.rows("SHOW JOBS", rows.stream().map(ShowJobsExecutor::values).toList());
    }

    private List<JobRow> rows(JobSelection selection, Parameters parameters, SessionFacts session) throws SQLException {
        return selection instanceof JobSelection.Recent recent
                ? jobs.recent(recent.automatic())
                : jobs.rows(JobIds.of(selection, parameters, session, jobs));
    }

    private List<JobRow> whenComplete(JobSelection selection, Parameters parameters, SessionFacts session, Signals signals)
            throws SQLException, InterruptedException {
        List<JobId> ids = JobIds.of(selection, parameters, session, jobs);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            var rows = jobs.rows(ids);
            if (rows.stream().allMatch(row -> row.state().isTerminal())) {
                return rows;
            }
            if (System.nanoTime() > deadline) {
                throw HoldfastException.of(SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, "timed out waiting for jobs");
            }
            signals.checkCancelled();
            Thread.sleep(LOOK);
        }
    }

    private static Object[] values(JobRow row) {
        return new Object[] {
            row.id().value(),
            row.type().name(),
            row.description(),
            "",
            row.user(),
            row.state().text(),
            row.runningStatus().orElse(null),
            row.created(),
            row.started().orElse(null),
            row.finished().orElse(null),
            row.modified(),
            row.fractionCompleted(),
            row.failure().map(JobRow.Failure::message).orElse(""),
            row.coordinator().map(Integer::longValue).orElse(null),
            null,
            row.lastRun().orElse(null),
            row.nextRun().orElse(null),
            row.runs(),
            row.executionErrors().toArray(String[]::new),
        };
    }
}
