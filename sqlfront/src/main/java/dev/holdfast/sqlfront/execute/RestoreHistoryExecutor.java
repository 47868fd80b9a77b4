package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.backup.BackupRequest.BackupTargets;
import dev.holdfast.engine.backup.BackupRequest.TableTarget;
import dev.holdfast.engine.backup.HistoryExport;
import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.collection.CollectionUris;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.history.History;
import dev.holdfast.engine.job.JobRegistry;
import dev.holdfast.engine.restore.FreeNames;
import dev.holdfast.engine.restore.RestoreRequest;
import dev.holdfast.engine.system.Settings;
import dev.holdfast.sqlfront.bind.Options;
import dev.holdfast.sqlfront.bind.SystemTime;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement.RestoreHistory;
import dev.holdfast.sqlfront.statement.StatementFormatter;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** RESTORE ... FROM HISTORY: the past of a table or a database beside what it is now, without a backup. */
final class RestoreHistoryExecutor implements StatementExecutor<RestoreHistory> {
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
        return Options.check(RestoreStart.TAG, statement.options(), OPTIONS);
    }

    @Override
    public List<Column> columns(RestoreHistory statement) {
        return RestoreStart.columns(options(statement));
    }

    @Override
    public boolean needsTransaction(RestoreHistory statement) {
        return options(statement).flag("detached");
    }

    @Override
    public Result execute(RestoreHistory statement, Parameters parameters, SessionFacts session, Signals signals)
            throws SQLException, InterruptedException {
        var start = RestoreStart.check(options(statement), statement.targets(), parameters, session, settings);
        var instant = new SystemTime(upstream, parameters::text).bind(Optional.of(statement.asOf())).orElseThrow();
        var targets = BoundTargets.resolve(RestoreStart.TAG, statement.targets(), session, upstream);
        var databases = targets.kind() == BackupTargets.Kind.DATABASES
                ? targets.databases()
                : targets.tables().stream().map(TableTarget::database).distinct().toList();
        for (var database : databases) {
            history.require(database);
        }
        var request = request(statement, start, targets, instant, session);
        new FreeNames(request, upstream).require(targets.tables());
        return start.run(request, "HISTORY", jobs, session, signals);
    }

    private static RestoreRequest request(
            RestoreHistory statement, RestoreStart start, BackupTargets targets, Instant instant, SessionFacts session) {
        var place = place(statement, targets);
        if (place.flatMap(Place::database).isPresent() && start.intoDatabase().isPresent()) {
            throw HoldfastException.of(SqlState.SYNTAX_ERROR, "the database is named twice, behind AS and by \"into_db\"");
        }
        var wanted = new HistoryExport.Request(targets, instant);
        return new RestoreRequest(
                targets.databases(),
                targets.tables().stream().map(RestoreHistoryExecutor::pattern).toList(),
                wanted.path().value(),
                CollectionUris.of(""),
                Optional.empty(),
                Optional.empty(),
                start.newName(),
                start.intoDatabase().or(() -> place.flatMap(Place::database)),
                session.user(),
                session.database(),
                session.schemas(),
                BoundTargets.describe(targets).strip()
                        + statement.newTable().map(table -> " AS " + StatementFormatter.pattern(table)).orElse(""),
                " AS OF SYSTEM TIME '" + instant + "'" + start.describe(List.of()),
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
}
