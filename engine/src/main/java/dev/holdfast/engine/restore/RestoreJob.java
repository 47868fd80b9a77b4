package dev.holdfast.engine.restore;

import dev.holdfast.engine.backup.HistoryExport;
import dev.holdfast.engine.collection.BackupPath;
import dev.holdfast.engine.collection.Collection;
import dev.holdfast.engine.collection.Manifest;
import dev.holdfast.engine.crypto.BackupKeys;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.job.JobExecution;
import dev.holdfast.engine.job.JobResult;
import dev.holdfast.engine.job.JobState;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.Storages;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Restores databases or tables. Everything is built out of sight and then published; databases of one statement are
 * published together, tables of one database together.
 */
public final class RestoreJob implements JobExecution<RestoreRequest> {
    private static final int MOST_NOTICES = 100;
    /** The share that the export has of a restore straight from the history. */
    private static final double EXPORT = 0.5;

    private final Storages storages;
    private final BackupKeys keys;
    private final HistoryExport export;
    private final int connections;

    public RestoreJob(Storages storages, BackupKeys keys, HistoryExport export, int connections) {
        this.storages = storages;
        this.keys = keys;
        this.export = export;
        this.connections = connections;
    }

    /**
     * @param path the full backup that was chosen: a newer one does not change a job that has begun
     * @param instant likewise
     * @param tableDatabases databases that get tables, so that they can be cleaned without the backup
     * @param published the databases are visible
     * @param publishedTables in so many of {@code tableDatabases} the tables are visible
     */
    private record Checkpoint(
            String path, Instant instant, int databases, List<String> tableDatabases, boolean published, int publishedTables) {
        Checkpoint withDatabasesPublished() {
            return new Checkpoint(path, instant, databases, tableDatabases, true, publishedTables);
        }

        Checkpoint withTablesPublished(int count) {
            return new Checkpoint(path, instant, databases, tableDatabases, published, count);
        }
    }

    @Override
    public Class<RestoreRequest> payloadType() {
        return RestoreRequest.class;
    }

    /** What was built is kept for a RESUME. */
    @Override
    public JobState whenRetriesAreExhausted() {
        return JobState.PAUSED;
    }

    @Override
    public JobResult run(RestoreRequest request, JobContext context) throws IOException, SQLException, InterruptedException {
        if (request.history().isPresent()) {
            var result = fromHistory(request, request.history().get(), context);
            export.remove(context);
            return result;
        }
        var uri = StorageUri.parse(request.collection().collection());
        try (var plain = Collection.open(storages, request.collection())) {
            var collection = plain.with(request.encryption(), keys);
            return restore(request, collection, plan -> "'" + plan.path() + "' IN '" + uri + "'", context);
        }
    }

    private JobResult fromHistory(RestoreRequest request, HistoryExport.Request wanted, JobContext context)
            throws IOException, SQLException, InterruptedException {
        try (var storage = export.open(context)) {
            if (!export.isWritten(wanted, storage)) {
                // What an earlier attempt has loaded came from files that are gone.
                discardUnpublished(context);
                context.beginPart(0, EXPORT);
                export.write(wanted, storage, context);
            }
            context.beginPart(EXPORT, 1);
            return restore(request, new Collection(storage), plan -> "HISTORY", context);
        }
    }

    private static void discardUnpublished(JobContext context) throws SQLException {
        var checkpoint = context.checkpoint(Checkpoint.class);
        if (checkpoint.isPresent() && !checkpoint.get().published() && checkpoint.get().publishedTables() == 0) {
            DatabaseRestore.remove(checkpoint.get().databases(), context);
            TablesRestore.remove(checkpoint.get().tableDatabases(), context);
        }
    }

    private JobResult restore(
            RestoreRequest request, Collection collection, Function<RestorePlan, String> describedSource, JobContext context)
            throws IOException, SQLException, InterruptedException {
        var checkpoint = context.checkpoint(Checkpoint.class);
        RestorePlan plan;
        if (checkpoint.isPresent()) {
            plan = planAgain(request, collection, checkpoint.get(), context);
        } else {
            plan = RestorePlan.make(request, collection, context.upstream());
            checkpoint = Optional.of(new Checkpoint(
                    plan.path().value(),
                    plan.instant(),
                    plan.databases().size(),
                    plan.tables().stream().map(RestorePlan.TablesPlan::database).toList(),
                    false,
                    0));
            context.saveCheckpoint(checkpoint.get());
            context.describe("RESTORE " + request.describedTargets() + " FROM " + describedSource.apply(plan) + request.describedOptions());
        }
        Set<String> notices = Collections.synchronizedSet(new LinkedHashSet<>());
        plan.databases().forEach(database -> notices.addAll(database.sources().notices()));
        plan.tables().forEach(tables -> notices.addAll(tables.sources().notices()));
        restore(plan, checkpoint.get(), notices, context);
        return result(plan, notices);
    }

    /** Once published, the databases exist: that is no conflict then. */
    private static RestorePlan planAgain(RestoreRequest request, Collection collection, Checkpoint checkpoint, JobContext context)
            throws IOException, SQLException {
        return RestorePlan.make(
                request,
                collection,
                new BackupPath(checkpoint.path()),
                Optional.of(checkpoint.instant()),
                context.upstream(),
                !checkpoint.published());
    }

    /** A statement restores either databases or tables. */
    private void restore(RestorePlan plan, Checkpoint checkpoint, Set<String> notices, JobContext context)
            throws IOException, SQLException, InterruptedException {
        if (!plan.databases().isEmpty() && !checkpoint.published()) {
            restoreDatabases(plan, checkpoint, notices, context);
        }
        if (checkpoint.publishedTables() < plan.tables().size()) {
            restoreTables(plan, checkpoint, notices, context);
        }
        // Not earlier: with the staging schemas goes the row that says they are published, and the checkpoint has to say so first.
        TablesRestore.remove(checkpoint.tableDatabases(), context);
    }

    private void restoreDatabases(RestorePlan plan, Checkpoint checkpoint, Set<String> notices, JobContext context)
            throws IOException, SQLException, InterruptedException {
        context.startOver();
        var databases = new ArrayList<DatabaseRestore>();
        int parts = plan.databases().size();
        for (int i = 0; i < parts; i++) {
            var restore = new DatabaseRestore(plan, plan.databases().get(i), i, connections, context, notices::add);
            restore.build((double) i / parts, (i + 1.0) / parts * 0.99);
            databases.add(restore);
        }
        context.beginFinishing();
        DatabaseRestore.publish(databases, checkpoint.withDatabasesPublished(), context);
    }

    private void restoreTables(RestorePlan plan, Checkpoint checkpoint, Set<String> notices, JobContext context)
            throws IOException, SQLException, InterruptedException {
        int published = checkpoint.publishedTables();
        boolean anyVisible = published > 0;
        var restores = new ArrayList<TablesRestore>();
        for (int i = published; i < plan.tables().size(); i++) {
            var restore = new TablesRestore(plan, plan.tables().get(i), i, connections, context, notices::add);
            anyVisible |= restore.adopt();
            restores.add(restore);
        }
        if (!anyVisible) {
            context.startOver();
        }
        for (int i = 0; i < restores.size(); i++) {
            restores.get(i).build((double) i / restores.size(), (i + 1.0) / restores.size() * 0.99);
        }
        context.beginFinishing();
        for (var restore : restores) {
            restore.publish();
            context.saveCheckpoint(checkpoint.withTablesPublished(++published));
        }
    }

    private static JobResult result(RestorePlan plan, Set<String> notices) {
        var counts = Manifest.EntryCounts.NONE;
        for (var database : plan.databases()) {
            for (var count : database.descriptor().counts().values()) {
                counts = counts.plus(count);
            }
        }
        for (var tables : plan.tables()) {
            for (var table : tables.schema().tables()) {
                counts = counts.plus(
                        tables.descriptor().counts().getOrDefault(table.objectId(), Manifest.EntryCounts.NONE));
            }
        }
        return new JobResult(
                counts.rows(), counts.indexEntries(), counts.dataSize(), notices.stream().limit(MOST_NOTICES).toList());
    }

    @Override
    public void revert(RestoreRequest request, JobContext context) throws IOException, SQLException {
        if (request.history().isPresent()) {
            export.remove(context);
        }
        var checkpoint = context.checkpoint(Checkpoint.class);
        if (checkpoint.isPresent()) {
            DatabaseRestore.remove(checkpoint.get().databases(), context);
            TablesRestore.remove(checkpoint.get().tableDatabases(), context);
        }
    }
}
