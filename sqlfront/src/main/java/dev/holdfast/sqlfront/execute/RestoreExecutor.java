package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.collection.BackupPath;
import dev.holdfast.engine.collection.Collection;
import dev.holdfast.engine.crypto.Encryption;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.job.JobRegistry;
import dev.holdfast.engine.restore.RestorePlan;
import dev.holdfast.engine.restore.RestoreRequest;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.Storages;
import dev.holdfast.engine.system.Settings;
import dev.holdfast.sqlfront.bind.Options;
import dev.holdfast.sqlfront.bind.SystemTime;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement.Restore;
import dev.holdfast.sqlfront.statement.StatementFormatter;
import dev.holdfast.sqlfront.statement.Targets;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

final class RestoreExecutor implements StatementExecutor<Restore> {
    private static final Set<String> OPTIONS = EncryptionOptions.with("detached", IncrementalLocation.OPTION, "into_db", "new_db_name");

    private final JobRegistry jobs;
    private final Storages storages;
    private final Settings settings;
    private final Upstream upstream;
    private final EncryptionOptions encryption;

    RestoreExecutor(
            JobRegistry jobs, Storages storages, Settings settings, Upstream upstream, EncryptionOptions encryption) {
        this.jobs = jobs;
        this.storages = storages;
        this.settings = settings;
        this.upstream = upstream;
        this.encryption = encryption;
    }

    private static Options options(Restore statement) {
        return Options.check(RestoreStart.TAG, statement.options(), OPTIONS);
    }

    @Override
    public List<Column> columns(Restore statement) {
        return RestoreStart.columns(options(statement));
    }

    @Override
    public boolean needsTransaction(Restore statement) {
        return options(statement).flag("detached");
    }

    @Override
    public Result execute(Restore statement, Parameters parameters, SessionFacts session, Signals signals)
            throws SQLException, IOException, InterruptedException {
        var options = options(statement);
        var start = RestoreStart.check(options, statement.targets(), parameters, session, settings);
        var asOf = new SystemTime(upstream, parameters::text).bind(statement.asOf());
        var uris = parameters.texts(statement.uris());
        if (uris.size() != 1) {
            throw HoldfastException.of(
                    SqlState.FEATURE_NOT_SUPPORTED, "a backup in several locations is not supported by this version");
        }
        var uri = storages.bind(uris.getFirst(), session.user());
        var increments = IncrementalLocation.of(options, uris.size(), parameters, session, storages);
        RestoreRequest request;
        try (var collection = Collection.open(storages, increments.of(uri))) {
            // The key belongs to the backup that is the newest now, so it is this one that the job has to take.
            var path = collection.resolve(parameters.text(statement.subdirectory()));
            var key = encryption.find(options, parameters, collection.existing(path));
            request = request(statement, start, parameters, session, uri, increments, asOf, path, key);
            // What is wrong with the names is told before there is a job.
            RestorePlan.make(request, encryption.open(collection, key), upstream);
        }
        var source = StatementFormatter.literal(request.subdirectory()) + " IN " + StatementFormatter.literal(uri.toString());
        return start.run(request, source, jobs, session, signals);
    }

    private static RestoreRequest request(
            Restore statement,
            RestoreStart start,
            Parameters parameters,
            SessionFacts session,
            StorageUri uri,
            IncrementalLocation increments,
            Optional<Instant> asOf,
            BackupPath path,
            Optional<Encryption> encryption) {
        List<String> databases = List.of();
        List<RestoreRequest.TablePattern> tables = List.of();
        switch (statement.targets()) {
            case Targets.Cluster cluster ->
                throw HoldfastException.of(
                                SqlState.FEATURE_NOT_SUPPORTED, "restoring a whole cluster is not supported by this version")
                        .withHint("RESTORE DATABASE a, b, ... restores the databases of a cluster's backup.");
            case Targets.Databases named -> databases = named.names();
            case Targets.Tables named ->
                tables = named.patterns().stream()
                        .map(pattern -> new RestoreRequest.TablePattern(pattern.qualifiers(), pattern.name()))
                        .toList();
        }
        var options = new ArrayList<>(EncryptionOptions.describeForReading(options(statement), parameters));
        increments.describe().ifPresent(options::add);
        return new RestoreRequest(
                databases,
                tables,
                path.value(),
                increments.of(uri),
                asOf,
                encryption,
                start.newName(),
                start.intoDatabase(),
                session.user(),
                session.database(),
                session.schemas(),
                describe(databases, tables),
                asOf.map(instant -> " AS OF SYSTEM TIME '" + instant + "'").orElse("")
                        + start.describe(options),
                Optional.empty(),
                Optional.empty());
    }

    private static String describe(List<String> databases, List<RestoreRequest.TablePattern> tables) {
        return databases.isEmpty()
                ? "TABLE "
                        + tables.stream()
                                .map(t -> StatementFormatter.pattern(new Targets.TablePattern(t.qualifiers(), t.name())))
                                .collect(Collectors.joining(", "))
                : "DATABASE " + databases.stream().map(StatementFormatter::name).collect(Collectors.joining(", "));
    }
}
