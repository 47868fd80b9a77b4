package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.backup.BackupRequest.BackupTargets;
import dev.holdfast.engine.backup.BackupRequest.TableTarget;
import dev.holdfast.engine.backup.HistoryExport;
import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.history.History;
import dev.holdfast.engine.job.JobRegistry;
import dev.holdfast.engine.job.JobType;
import dev.holdfast.engine.job.NewJob;
import dev.holdfast.engine.restore.RestoreRequest;
import dev.holdfast.engine.system.Setting;
import dev.holdfast.engine.system.Settings;
import dev.holdfast.sqlfront.bind.Options;
import dev.holdfast.sqlfront.bind.SystemTime;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement.RestoreHistory;
import dev.holdfast.sqlfront.statement.StatementFormatter;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** RESTORE ... FROM HISTORY: the past of a table or a database beside what it is now, without a backup. */
final class RestoreHistoryExecutor implements StatementExecutor<RestoreHistory> {
    private static final String TAG = "RESTORE";
    private static final Set<String> OPTIONS = Set.of("detached", "into_db", "new_db_name");

    private final JobRegistry jobs;
    private final Settings settings;
    private final Upstream upstream;
    private final History history;

    RestoreHistoryExecutor(JobRegistry jobs, Settings settings, Upstream upstream, History history) {
        this.jobs = jobs;
        this.settings = settings;
        this.upstream = upstream;
        this.history = history;
    }

    private static Options options(RestoreHistory statement) {
        return Options.check(TAG, statement.options(), OPTIONS);
    }

    @Override
    public List<Column> columns(RestoreHistory statement) {
        return options(statement).flag("detached") ? JobResults.DETACHED : JobResults.WAITING;
    }

    @Override
    public boolean needsTransaction(RestoreHistory statement) {
        return options(statement).flag("detached");
    }

    @Override
    public Result execute(RestoreHistory statement, Parameters parameters, SessionFacts session, Signals signals)
            throws SQLException, InterruptedException {
        if (!settings.get(Setting.RESTORE_ENABLED)) {
            throw HoldfastException.of(
                    SqlState.OPERATOR_INTERVENTION, "feature RESTORE was disabled by the database administrator");
        }
        var options = options(statement);
        boolean detached = options.flag("detached");
        if (!detached) {
            TransactionRules.requireAlone(
                    session, "RESTORE cannot be used inside a multi-statement transaction without DETACHED option");
        }
        Authorization.requireAdmin(session, "RESTORE");
        var instant = new SystemTime(upstream, parameters::text).bind(Optional.of(statement.asOf())).orElseThrow();
        var targets = BoundTargets.resolve(TAG, statement.targets(), session, upstream);
        var databases = targets.kind() == BackupTargets.Kind.DATABASES
                ? targets.databases()
                : targets.tables().stream().map(TableTarget::database).distinct().toList();
        for (var database : databases) {
            history.require(database);
        }
        var newName = options.text("new_db_name").map(parameters::text);
        var intoDatabase = options.text("into_db").map(parameters::text);
        var request = request(statement, targets, instant, newName, intoDatabase, session, detached);
        var job = jobs.create(new NewJob(
                JobType.RESTORE,
                "RESTORE " + request.describedTargets() + " FROM HISTORY" + request.describedOptions(),
                session.user(),
                request,
                detached ? session.transaction() : Optional.empty(),
                Optional.empty()));
        return detached ? JobResults.detached(TAG, job) : JobResults.waitFor(TAG, job, jobs, session, signals);
    }

    private static RestoreRequest request(
            RestoreHistory statement,
            BackupTargets targets,
            Instant instant,
            Optional<String> newName,
            Optional<String> intoDatabase,
            SessionFacts session,
            boolean detached) {
        boolean wholeDatabases = targets.kind() == BackupTargets.Kind.DATABASES;
        if (newName.isPresent() && (!wholeDatabases || targets.databases().size() != 1)) {
            throw HoldfastException.of(
                    SqlState.UNCATEGORIZED, "new_db_name can only be used for RESTORE DATABASE with a single target database");
        }
        if (wholeDatabases && intoDatabase.isPresent()) {
            throw HoldfastException.of(SqlState.UNCATEGORIZED, "cannot use \"into_db\" option when restoring database(s)");
        }
        var place = place(statement, targets);
        if (place.flatMap(Place::database).isPresent() && intoDatabase.isPresent()) {
            throw HoldfastException.of(SqlState.SYNTAX_ERROR, "the database is named twice, behind AS and by \"into_db\"");
        }
        var wanted = new HistoryExport.Request(targets, instant);
        return new RestoreRequest(
                targets.databases(),
                targets.tables().stream().map(RestoreHistoryExecutor::pattern).toList(),
                wanted.path().value(),
                "",
                Optional.empty(),
                Optional.empty(),
                newName,
                intoDatabase.or(() -> place.flatMap(Place::database)),
                session.user(),
                session.database(),
                session.schemas(),
                BoundTargets.describe(targets).strip()
                        + statement.newTable().map(table -> " AS " + StatementFormatter.pattern(table)).orElse(""),
                " AS OF SYSTEM TIME '" + instant + "'" + describe(newName, intoDatabase, detached),
                Optional.of(wanted),
                place.map(p -> new RestoreRequest.NewTable(p.schema(), p.name())));
    }

    private static RestoreRequest.TablePattern pattern(TableTarget table) {
        return new RestoreRequest.TablePattern(
                table.schema() == null ? List.of(table.database()) : List.of(table.database(), table.schema()),
                Optional.ofNullable(table.name()));
    }

    /** Where the one table that is restored goes. */
    private record Place(Optional<String> database, String schema, String name) {}

    private static Optional<Place> place(RestoreHistory statement, BackupTargets targets) {
        if (statement.newTable().isEmpty()) {
            return Optional.empty();
        }
        var table = statement.newTable().get();
        if (table.name().isEmpty() || targets.tables().size() != 1 || targets.tables().getFirst().name() == null) {
            throw HoldfastException.of(SqlState.SYNTAX_ERROR, "AS gives a new name to one table");
        }
        var old = targets.tables().getFirst();
        var qualifiers = table.qualifiers();
        return Optional.of(new Place(
                qualifiers.size() == 2 ? Optional.of(qualifiers.getFirst()) : Optional.empty(),
                qualifiers.isEmpty() ? old.schema() : qualifiers.getLast(),
                table.name().get()));
    }

    private static String describe(Optional<String> newName, Optional<String> intoDatabase, boolean detached) {
        var options = new ArrayList<String>();
        intoDatabase.ifPresent(name -> options.add("into_db = " + StatementFormatter.literal(name)));
        if (detached) {
            options.add("detached");
        }
        newName.ifPresent(name -> options.add("new_db_name = " + StatementFormatter.literal(name)));
        return options.isEmpty() ? "" : " WITH " + String.join(", ", options);
    }
}
