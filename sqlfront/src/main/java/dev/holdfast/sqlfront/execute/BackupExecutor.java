package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.backup.BackupRequest;
import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.collection.Collection;
import dev.holdfast.engine.crypto.Encryption;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.job.JobRegistry;
import dev.holdfast.engine.job.JobType;
import dev.holdfast.engine.job.NewJob;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.Storages;
import dev.holdfast.engine.system.Setting;
import dev.holdfast.engine.system.Settings;
import dev.holdfast.sqlfront.bind.Options;
import dev.holdfast.sqlfront.bind.SystemTime;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement.Backup;
import dev.holdfast.sqlfront.statement.Statement.Destination;
import dev.holdfast.sqlfront.statement.StatementFormatter;
import dev.holdfast.sqlfront.statement.Targets;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

final class BackupExecutor implements StatementExecutor<Backup> {
    private static final String TAG = "BACKUP";
    private static final Set<String> OPTIONS = EncryptionOptions.with("detached", IncrementalLocation.OPTION, "revision_history");

    private final JobRegistry jobs;
    private final Storages storages;
    private final Settings settings;
    private final Upstream upstream;
    private final EncryptionOptions encryption;

    BackupExecutor(
            JobRegistry jobs, Storages storages, Settings settings, Upstream upstream, EncryptionOptions encryption) {
        this.jobs = jobs;
        this.storages = storages;
        this.settings = settings;
        this.upstream = upstream;
        this.encryption = encryption;
    }

    private static Options options(Backup statement) {
        return Options.check(TAG, statement.options(), OPTIONS);
    }

    private static boolean isDetached(Backup statement) {
        return options(statement).flag("detached");
    }

    @Override
    public List<Column> columns(Backup statement) {
        return isDetached(statement) ? JobResults.DETACHED : JobResults.WAITING;
    }

    @Override
    public boolean needsTransaction(Backup statement) {
        return isDetached(statement);
    }

    @Override
    public Result execute(Backup statement, Parameters parameters, SessionFacts session, Signals signals)
            throws SQLException, IOException, InterruptedException {
        if (!settings.get(Setting.BACKUP_ENABLED)) {
            throw HoldfastException.of(
                    SqlState.OPERATOR_INTERVENTION, "feature BACKUP was disabled by the database administrator");
        }
        boolean detached = isDetached(statement);
        if (!detached) {
            TransactionRules.requireAlone(
                    session, "BACKUP cannot be used inside a multi-statement transaction without DETACHED option");
        }
        authorize(statement, session);
        var asOf = new SystemTime(upstream, parameters::text).bind(statement.asOf());
        var targets = BoundTargets.resolve(TAG, statement.targets(), session, upstream);
        var options = options(statement);
        var destination = destination(statement.destination(), options, parameters, session);
        var described = describe(asOf, options, destination.increments(), parameters);
        var job = jobs.create(new NewJob(
                JobType.BACKUP,
                "BACKUP " + BoundTargets.describe(targets) + "INTO " + destination.described() + described,
                session.user(),
                new BackupRequest(
                        targets,
                        destination.increments().of(destination.collection()),
                        destination.subdirectory(),
                        destination.appendTo(),
                        asOf,
                        options.flag("revision_history"),
                        destination.encryption(),
                        session.user(),
                        BoundTargets.describe(targets),
                        described),
                detached ? session.transaction() : Optional.empty(),
                Optional.empty()));
        return detached ? JobResults.detached(TAG, job) : JobResults.waitFor(TAG, job, jobs, session, signals);
    }

    private static void authorize(Backup statement, SessionFacts session) {
        if (statement.targets() instanceof Targets.Cluster && !session.superuser()) {
            throw HoldfastException.of(
                    SqlState.INSUFFICIENT_PRIVILEGE,
                    "only users with the admin role or the BACKUP system privilege are allowed to perform full cluster backups");
        }
        Authorization.requireAdmin(session, "BACKUP");
    }

    // ---- where to ----

    private record Place(
            StorageUri collection,
            IncrementalLocation increments,
            Optional<String> subdirectory,
            Optional<String> appendTo,
            Optional<Encryption> encryption) {
        /** As job descriptions have it. */
        String described() {
            return subdirectory.or(this::appendTo).map(path -> StatementFormatter.literal(path) + " IN ").orElse("")
                    + StatementFormatter.literal(collection.toString());
        }
    }

    private Place destination(Destination destination, Options options, Parameters parameters, SessionFacts session)
            throws SQLException, IOException {
        var uris = parameters.texts(destination.uris());
        if (uris.size() != 1) {
            throw HoldfastException.of(
                    SqlState.FEATURE_NOT_SUPPORTED, "a backup to several locations is not supported by this version");
        }
        var uri = storages.bind(uris.getFirst(), session.user());
        storages.check(uri);
        var increments = IncrementalLocation.of(options, uris.size(), parameters, session, storages);
        if (increments.uri().isPresent()) {
            storages.check(increments.uri().get());
        }
        return switch (destination) {
            case Destination.Collection collection ->
                new Place(uri, increments, Optional.empty(), Optional.empty(), encryption.create(options, parameters));
            case Destination.Latest latest -> increment(uri, increments, "LATEST", options, parameters);
            case Destination.Subdirectory sub -> {
                var name = parameters.text(sub.subdirectory());
                if (exists(uri, name)) {
                    yield increment(uri, increments, name, options, parameters);
                }
                if (!settings.get(Setting.FULL_BACKUP_WITH_SUBDIRECTORY)) {
                    throw HoldfastException.of(
                            SqlState.UNCATEGORIZED,
                            "A full backup cannot be written to \"" + name + "\", a user defined subdirectory. To take a full backup,"
                                    + " remove the subdirectory from the backup command (i.e. run 'BACKUP ... INTO <collectionURI>')."
                                    + " Or, to take a full backup at a specific subdirectory, enable the deprecated syntax by switching"
                                    + " the \"" + Setting.FULL_BACKUP_WITH_SUBDIRECTORY.name()
                                    + "\" cluster setting to true; however, note this deprecated syntax will not be available in a future"
                                    + " release.");
                }
                yield new Place(uri, increments, Optional.of(name), Optional.empty(), encryption.create(options, parameters));
            }
        };
    }

    private boolean exists(StorageUri uri, String name) throws IOException {
        try (var storage = storages.open(uri)) {
            var collection = new Collection(storage);
            return collection.full(collection.resolve(name)).hasManifest();
        }
    }

    /** The newest full backup is looked up here: the key has to be that of the one the job will append to. */
    private Place increment(StorageUri uri, IncrementalLocation increments, String name, Options options, Parameters parameters)
            throws IOException {
        try (var storage = storages.open(uri)) {
            var collection = new Collection(storage);
            var path = collection.resolve(name);
            var key = encryption.find(options, parameters, collection.existing(path));
            return new Place(uri, increments, Optional.empty(), Optional.of(path.value()), key);
        }
    }

    private static String describe(Optional<Instant> asOf, Options options, IncrementalLocation increments, Parameters parameters) {
        var described = new ArrayList<String>();
        if (options.flag("revision_history")) {
            described.add("revision_history = true");
        }
        described.addAll(EncryptionOptions.describe(options, parameters));
        if (options.flag("detached")) {
            described.add("detached");
        }
        increments.describe().ifPresent(described::add);
        return asOf.map(instant -> " AS OF SYSTEM TIME '" + instant + "'").orElse("")
                + (described.isEmpty() ? "" : " WITH " + String.join(", ", described));
    }
}
