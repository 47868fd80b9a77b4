package dev.holdfast.engine.backup;

import dev.holdfast.engine.backup.BackupRequest.BackupTargets;
import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.engine.collection.BackupPath;
import dev.holdfast.engine.collection.Collection;
import dev.holdfast.engine.collection.CollectionUris;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.history.History;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.nodelocal.NodeLocalProvider;
import dev.holdfast.engine.system.Settings;
import dev.holdfast.engine.system.SystemDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/**
 * The state of an instant, written as a backup to a directory of this process' own, for a restore straight from the history. It
 * lasts as long as the job it is for, and no longer than the process: the next one writes it again.
 */
public final class HistoryExport {
    private final SystemDatabase system;
    private final Settings settings;
    private final History history;
    private final Path temporary;
    private final int connections;

    /** What is wanted from the history. */
    public record Request(BackupTargets targets, Instant instant) {
        public BackupPath path() {
            return BackupPath.of(instant);
        }
    }

    public HistoryExport(SystemDatabase system, Settings settings, History history, Path temporary, int connections) {
        this.system = system;
        this.settings = settings;
        this.history = history;
        this.temporary = temporary;
        this.connections = connections;
    }

    private Path directory(JobContext context) {
        return temporary.resolve("history-" + context.id());
    }

    public ExternalStorage open(JobContext context) throws IOException {
        return NodeLocalProvider.in(directory(context), "history");
    }

    public boolean isWritten(Request request, ExternalStorage storage) throws IOException {
        return new Collection(storage).full(request.path()).hasManifest();
    }

    public void write(Request request, ExternalStorage storage, JobContext context)
            throws IOException, SQLException, InterruptedException {
        remove(context);
        var backup = new BackupRequest(
                request.targets(),
                CollectionUris.of(""),
                Optional.empty(),
                Optional.empty(),
                Optional.of(request.instant()),
                false,
                Optional.empty(),
                "",
                "",
                "");
        var wanted = new Moment.Wanted(backup.asOf(), Optional.empty(), Optional.empty(), false);
        var selected = BackupSelection.select(request.targets(), context);
        try (var moment = Moment.take(selected, wanted, history, temporary, context)) {
            BackupSelection.requireFound(request.targets(), moment, "RESTORE");
            if (moment.databases().stream().allMatch(state -> state.export().schema().objects().isEmpty())) {
                throw HoldfastException.of(
                        SqlState.UNDEFINED_TABLE, "at " + request.instant() + " there was nothing of that name");
            }
            moment.requireReadable();
            var layer = new Collection(storage).full(request.path());
            new LayerWriter(system, settings, connections, backup, Optional.empty(), moment, layer, context).write(() -> {});
        }
        new FileIndex(system, context.id()).clear();
    }

    public void remove(JobContext context) throws IOException, SQLException {
        Directories.deleteRecursively(directory(context));
        new FileIndex(system, context.id()).clear();
    }
}
