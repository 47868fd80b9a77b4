package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.job.JobRegistry;
import dev.holdfast.engine.job.JobType;
import dev.holdfast.engine.job.NewJob;
import dev.holdfast.engine.restore.RestoreRequest;
import dev.holdfast.engine.system.Setting;
import dev.holdfast.engine.system.Settings;
import dev.holdfast.sqlfront.bind.Options;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.StatementFormatter;
import dev.holdfast.sqlfront.statement.Targets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How every RESTORE begins, from a backup or from history: who may, under which names, and whether anybody waits. */
record RestoreStart(Optional<String> newName, Optional<String> intoDatabase, boolean detached) {
    static final String TAG = "RESTORE";

    static List<Column> columns(Options options) {
        return options.flag("detached") ? JobResults.DETACHED : JobResults.WAITING;
    }

    static RestoreStart check(Options options, Targets targets, Parameters parameters, SessionFacts session, Settings settings)
            throws SQLException {
        if (!settings.get(Setting.RESTORE_ENABLED)) {
            throw HoldfastException.of(
                    SqlState.OPERATOR_INTERVENTION, "feature RESTORE was disabled by the database administrator");
        }
        var start = new RestoreStart(
                options.text("new_db_name").map(parameters::text),
                options.text("into_db").map(parameters::text),
                options.flag("detached"));
        start.checkNames(targets);
        if (!start.detached) {
            TransactionRules.requireAlone(
                    session, "RESTORE cannot be used inside a multi-statement transaction without DETACHED option");
        }
        Authorization.requireAdmin(session, TAG);
        return start;
    }

    private void checkNames(Targets targets) {
        var databases = targets instanceof Targets.Databases named ? named.names() : List.<String>of();
        if (newName.isPresent() && databases.size() != 1) {
            throw HoldfastException.of(
                    SqlState.UNCATEGORIZED, "new_db_name can only be used for RESTORE DATABASE with a single target database");
        }
        if (intoDatabase.isPresent() && !databases.isEmpty()) {
            throw HoldfastException.of(SqlState.UNCATEGORIZED, "cannot use \"into_db\" option when restoring database(s)");
        }
    }

    /** As job descriptions have it, with {@code others} before. */
    String describe(List<String> others) {
        var options = new ArrayList<>(others);
        intoDatabase.ifPresent(name -> options.add("into_db = " + StatementFormatter.literal(name)));
        if (detached) {
            options.add("detached");
        }
        newName.ifPresent(name -> options.add("new_db_name = " + StatementFormatter.literal(name)));
        return options.isEmpty() ? "" : " WITH " + String.join(", ", options);
    }

    /** {@code source}: behind FROM, as job descriptions have it. */
    Result run(RestoreRequest request, String source, JobRegistry jobs, SessionFacts session, Signals signals)
            throws SQLException, InterruptedException {
        var job = jobs.create(new NewJob(
                JobType.RESTORE,
                "RESTORE " + request.describedTargets() + " FROM " + source + request.describedOptions(),
                session.user(),
                request,
                detached ? session.transaction() : Optional.empty(),
                Optional.empty()));
        return detached ? JobResults.detached(TAG, job) : JobResults.waitFor(TAG, job, jobs, session, signals);
    }
}
