package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.collection.BackupPath;
import dev.holdfast.engine.collection.Collection;
import dev.holdfast.engine.crypto.Encryption;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.job.JobRegistry;
import dev.holdfast.engine.job.JobType;
import dev.holdfast.engine.job.NewJob;
import dev.holdfast.engine.restore.RestorePlan;
import dev.holdfast.engine.restore.RestoreRequest;
import dev.holdfast.engine.storage.Storages;
import dev.holdfast.engine.system.Setting;
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
    private static final String TAG = "RESTORE";
    private static final Set<String> OPTIONS = EncryptionOptions.with("detached", "into_db", "new_db_name");

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
        return Options.check(TAG, statement.options(), OPTIONS);
    }

    @Override
    public List<Column> columns(Restore statement) {
        return options(statement).flag("detached") ? JobResults.DETACHED : JobResults.WAITING;
    }

    @Override
    public boolean needsTransaction(Restore statement) {
        return options(statement).flag("detached");
    }

    @Override
    public Result execute(Restore statement, Parameters parameters, SessionFacts session, Signals signals)
            throws SQLException, IOException, InterruptedException {
        if (!settings.get(Setting.RESTORE_ENABLED)) {
            throw HoldfastException.of(
                    SqlState.OPERATOR_INTERVENTION, "feature RESTORE was disabled by the database administrator");
        }
        var options = options(statement);
        var newName = options.text("new_db_name").map(parameters::text);
        var intoDatabase = options.text("into_db").map(parameters::text);
        if (newName.isPresent()
                && !(statement.targets() instanceof Targets.Databases databases && databases.names().size() == 1)) {
            throw HoldfastException.of(
                    SqlState.UNCATEGORIZED, "new_db_name can only be used for RESTORE DATABASE with a single target database");
        }
        boolean detached = options.flag("detached");
        if (!detached) {
            TransactionRules.requireAlone(
                    session, "RESTORE cannot be used inside a multi-statement transaction without DETACHED option");
        }
        Authorization.requireAdmin(session, "RESTORE");
        var asOf = new SystemTime(upstream, parameters::text).bind(statement.asOf());
        var uris = parameters.texts(statement.uris());
        if (uris.size() != 1) {
            throw HoldfastException.of(
                    SqlState.FEATURE_NOT_SUPPORTED, "a backup in several locations is not supported by this version");
        }
        var uri = storages.bind(uris.getFirst(), session.user());
        RestoreRequest request;
        try (var storage = storages.open(uri)) {
            var collection = new Collection(storage);
            // The key belongs to the backup that is the newest now, so it is this one that the job has to take.
            var path = collection.resolve(parameters.text(statement.subdirectory()));
            var key = encryption.find(options, parameters, collection.existing(path));
            request = request(statement, parameters, session, uri.toSecretString(), asOf, path, key, newName, intoDatabase);
            // What is wrong with the names is told before there is a job.
            RestorePlan.make(request, encryption.open(collection, key), upstream);
        }
        var job = jobs.create(new NewJob(
                JobType.RESTORE,
                "RESTORE " + request.describedTargets() + " FROM " + StatementFormatter.literal(request.subdirectory()) + " IN "
                        + StatementFormatter.literal(uri.toString()) + request.describedOptions(),
                session.user(),
                request,
                detached ? session.transaction() : Optional.empty(),
                Optional.empty()));
        return detached ? JobResults.detached(TAG, job) : JobResults.waitFor(TAG, job, jobs, session, signals);
    }

    private static RestoreRequest request(
            Restore statement,
            Parameters parameters,
            SessionFacts session,
            String collection,
            Optional<Instant> asOf,
            BackupPath path,
            Optional<Encryption> encryption,
            Optional<String> newName,
            Optional<String> intoDatabase) {
        List<String> databases = List.of();
        List<RestoreRequest.TablePattern> tables = List.of();
        switch (statement.targets()) {
            case Targets.Cluster cluster ->
                throw HoldfastException.of(
                                SqlState.FEATURE_NOT_SUPPORTED, "restoring a whole cluster is not supported by this version")
                        .withHint("RESTORE DATABASE a, b, ... restores the databases of a cluster's backup.");
            case Targets.Databases named -> {
                if (intoDatabase.isPresent()) {
                    throw HoldfastException.of(
                            SqlState.UNCATEGORIZED, "cannot use \"into_db\" option when restoring database(s)");
                }
                databases = named.names();
            }
            case Targets.Tables named ->
                tables = named.patterns().stream()
                        .map(pattern -> new RestoreRequest.TablePattern(pattern.qualifiers(), pattern.name()))
                        .toList();
        }
        return new RestoreRequest(
                databases,
                tables,
                path.value(),
                collection,
                asOf,
                encryption,
                newName,
                intoDatabase,
                session.user(),
                session.database(),
                session.schemas(),
                describe(databases, tables),
                asOf.map(instant -> " AS OF SYSTEM TIME '" + instant + "'").orElse("")
                        + describeOptions(newName, intoDatabase, options(statement), parameters),
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

    private static String describeOptions(
            Optional<String> newName, Optional<String> intoDatabase, Options given, Parameters parameters) {
        var options = new ArrayList<>(EncryptionOptions.describeForReading(given, parameters));
        intoDatabase.ifPresent(name -> options.add("into_db = " + StatementFormatter.literal(name)));
        if (given.flag("detached")) {
            options.add("detached");
        }
        newName.ifPresent(name -> options.add("new_db_name = " + StatementFormatter.literal(name)));
        return options.isEmpty() ? "" : " WITH " + String.join(", ", options);
    }
}
