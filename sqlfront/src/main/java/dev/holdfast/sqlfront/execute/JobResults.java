package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.job.JobId;
import dev.holdfast.engine.job.JobRegistry;
import dev.holdfast.engine.job.JobRow;
import dev.holdfast.engine.job.JobState;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import java.sql.SQLException;
import java.util.List;

/** What BACKUP and RESTORE answer: the job's result when they wait for it, its id when they do not. */
final class JobResults {
    static final List<Column> WAITING = List.of(
            Column.int8("job_id"),
            Column.text("status"),
            Column.float8("fraction_completed"),
            Column.int8("rows"),
            Column.int8("index_entries"),
            Column.int8("bytes"));

    static final List<Column> DETACHED = List.of(Column.int8("job_id"));

    private static final long NOTICE_EVERY_NANOS = 1_000_000_000L;

    private JobResults() {}

    static Result detached(String tag, JobId id) {
        return Result.row(tag, id.value());
    }

    static Result waitFor(String tag, JobId id, JobRegistry jobs, SessionFacts session, Signals signals)
            throws SQLException, InterruptedException {
        var result = jobs.await(id, new Reporter(session, signals));
        result.notices().forEach(signals::notice);
        return Result.row(
                tag, id.value(), JobState.SUCCEEDED.text(), 1.0, result.rows(), result.indexEntries(), result.bytes());
    }

    /** Tells a session that asked for it how far the job is, about once a second, when there is something new. */
    private static final class Reporter implements JobRegistry.Watcher {
        private final SessionFacts session;
        private final Signals signals;
        private long last = System.nanoTime() - NOTICE_EVERY_NANOS;
        private double told = -1;

        Reporter(SessionFacts session, Signals signals) {
            this.session = session;
            this.signals = signals;
        }

        @Override
        public void on(JobRow row) {
            signals.checkCancelled();
            boolean due = System.nanoTime() - last >= NOTICE_EVERY_NANOS && row.fractionCompleted() > told;
            if (session.showsProgress() && due && !row.state().isTerminal()) {
                last = System.nanoTime();
                told = row.fractionCompleted();
                signals.notice("job %s (%s) is %s: %.0f %%"
                        .formatted(row.id(), row.type(), row.state().text(), told * 100));
            }
        }
    }
}
