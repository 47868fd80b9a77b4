package dev.holdfast.engine.restore;

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
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Restores databases or tables. Everything is built out of sight and then published; databases of one statement are
 * published together, tables of one database together.
 */
public final class RestoreJob implements JobExecution<RestoreRequest> {
    private static final int MOST_NOTICES = 100;

    private final Storages storages;
    private final BackupKeys keys;
    private final int connections;

    public RestoreJob(Storages storages, BackupKeys keys, int connections) {
        this.storages = storages;
        this.keys = keys;
        this.connections = connections;
    }

    /**
     * @param path the full backup that was chosen: a newer one does not change a job that has begun
     * @param tableDatabases databases that get tables, so that they can be cleaned without the backup
     * @param published the databases are visible
     */
    private record Checkpoint(String path, int databases, List<String> tableDatabases, boolean published) {}

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
        var uri = StorageUri.parse(request.collection());
        try (var storage = storages.open(uri)) {
            var plain = new Collection(storage);
            var collection = request.encryption().isEmpty() ? plain : plain.with(keys.open(request.encryption().get()));
            var checkpoint = context.checkpoint(Checkpoint.class);
            RestorePlan plan;
            if (checkpoint.isPresent()) {
                plan = planAgain(request, collection, checkpoint.get(), context);
            } else {
                plan = RestorePlan.make(request, collection, context.upstream());
                checkpoint = Optional.of(new Checkpoint(
                        plan.path().value(),
                        plan.databases().size(),
                        plan.tables().stream().map(RestorePlan.TablesPlan::database).toList(),
                        false));
                context.saveCheckpoint(checkpoint.get());
                context.describe("RESTORE " + request.describedTargets() + " FROM '" + plan.path() + "' IN '" + uri + "'"
                        + request.describedOptions());
            }
            Set<String> notices = Collections.synchronizedSet(new LinkedHashSet<>());
            if (!checkpoint.get().published()) {
                restore(plan, checkpoint.get(), notices, context);
            }
            return result(plan, notices);
        }
    }

    /** Once published, the databases exist: that is no conflict then. */
    private static RestorePlan planAgain(RestoreRequest request, Collection collection, Checkpoint checkpoint, JobContext context)
            throws IOException, SQLException {
        return RestorePlan.make(
                request, collection, new BackupPath(checkpoint.path()), context.upstream(), !checkpoint.published());
    }

    private void restore(RestorePlan plan, Checkpoint checkpoint, Set<String> notices, JobContext context)
            throws IOException, SQLException, InterruptedException {
        int parts = plan.databases().size() + plan.tables().size();
        int part = 0;
        var databases = new ArrayList<DatabaseRestore>();
        for (var target : plan.databases()) {
            var restore = new DatabaseRestore(plan, target, databases.size(), connections, context, notices::add);
            restore.build((double) part / parts, (double) ++part / parts * 0.99);
            databases.add(restore);
        }
        if (!databases.isEmpty()) {
            context.beginFinishing();
            DatabaseRestore.publish(
                    databases,
                    new Checkpoint(checkpoint.path(), checkpoint.databases(), checkpoint.tableDatabases(), true),
                    context);
        }
        for (int i = 0; i < plan.tables().size(); i++) {
            new TablesRestore(plan, plan.tables().get(i), i, connections, context, notices::add)
                    .run((double) part / parts, (double) ++part / parts * 0.99);
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
    public void revert(RestoreRequest request, JobContext context) throws SQLException {
        var checkpoint = context.checkpoint(Checkpoint.class);
        if (checkpoint.isPresent()) {
            DatabaseRestore.remove(checkpoint.get().databases(), context);
            TablesRestore.remove(checkpoint.get().tableDatabases(), context);
        }
    }
}
