package dev.holdfast.engine.restore;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.collection.FileEntry;
import dev.holdfast.engine.collection.Layer;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.job.Workers;
import dev.holdfast.engine.schema.ColumnData;
import dev.holdfast.engine.schema.TableRows;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Loads the rows of one database's tables by several connections. A file's COPY and the row that says it is loaded are one
 * transaction; its checksum is known to be right before that commits.
 */
final class RowLoad {
    private static final int BUFFER = 64 * 1024;

    private final RowSources sources;
    private final String targetDatabase;
    private final Map<Integer, TableRows> tables;
    private final Progress progress;
    private final JobContext context;
    private final ProgressShare share;
    private final BlockingQueue<Piece> queue = new ArrayBlockingQueue<>(64);
    private final AtomicBoolean listed = new AtomicBoolean();
    private final AtomicBoolean listing = new AtomicBoolean();
    private final AtomicLong bytesDone = new AtomicLong();
    private final long bytesToDo;

    /** The part of the job's progress that loading is. */
    record ProgressShare(double from, double to) {}

    /** A file and the table of the restored schema that it belongs to. */
    private record Piece(Layer layer, FileEntry entry, int table) {}

    /** {@code tables} are the wanted ones by object id, under the names they have in the target. */
    RowLoad(
            RowSources sources,
            String targetDatabase,
            Map<Integer, TableRows> tables,
            Progress progress,
            JobContext context,
            ProgressShare share) {
        this.sources = sources;
        this.targetDatabase = targetDatabase;
        this.tables = tables;
        this.progress = progress;
        this.context = context;
        this.share = share;
        this.bytesToDo = Math.max(1, sources.dataSize());
    }

    /** One of the threads reads the lists of files, however long they are; all of them load. */
    void run(int connections, boolean largeObjects) throws SQLException, IOException, InterruptedException {
        Workers.run("load-" + context.id(), connections + 1, () -> {
            if (listing.compareAndSet(false, true)) {
                list(largeObjects);
            } else {
                work();
            }
        });
    }

    private void list(boolean largeObjects) throws IOException {
        try {
            for (var part : sources.parts()) {
                if (part.bases().isEmpty() && !(largeObjects && part.largeObjects())) {
                    continue;
                }
                part.link().layer().readFiles(part.link().manifest(), entry -> {
                    if (entry.database() != part.database()) {
                        return;
                    }
                    switch (entry.content()) {
                        case ROWS -> {
                            var base = part.bases().get(entry.table());
                            if (base != null && tables.containsKey(base.table())) {
                                put(new Piece(part.link().layer(), entry, base.table()));
                            }
                        }
                        case LARGE_OBJECTS -> {
                            if (largeObjects && part.largeObjects()) {
                                put(new Piece(part.link().layer(), entry, -1));
                            }
                        }
                        case CHANGES, TIMELINE -> {}
                    }
                });
            }
        } finally {
            listed.set(true);
        }
    }

    private void put(Piece piece) {
        try {
            while (!queue.offer(piece, 200, TimeUnit.MILLISECONDS)) {
                context.checkInterrupted();
            }
        } catch (InterruptedException e) {
            // A worker has failed: its error is the one that is reported.
            throw HoldfastException.of(SqlState.QUERY_CANCELED, "loading was stopped", e);
        }
    }

    private void work() throws SQLException, IOException, InterruptedException {
        try (var connection = context.connectForCopy(targetDatabase)) {
            // A crash of the upstream loses at most what the next attempt loads again: the progress rows go with the rows.
            Sql.execute(connection, "set synchronous_commit = off; set session_replication_role = replica");
            connection.setAutoCommit(false);
            while (true) {
                var piece = queue.poll(50, TimeUnit.MILLISECONDS);
                if (piece != null) {
                    load(connection, piece);
                } else if (listed.get() && queue.isEmpty()) {
                    return;
                }
                context.checkInterrupted();
            }
        }
    }

    private void load(Connection connection, Piece piece) throws SQLException, IOException, InterruptedException {
        var entry = piece.entry();
        if (progress.claim(connection, entry, piece.table())) {
            if (entry.content() == FileEntry.Content.LARGE_OBJECTS) {
                loadLargeObjects(connection, piece);
            } else {
                copy(connection, piece, copyStatement(tables.get(piece.table()), entry.format()));
            }
        }
        connection.commit();
        double part = (double) bytesDone.addAndGet(entry.dataSize()) / bytesToDo;
        context.progress(share.from() + (share.to() - share.from()) * Math.min(1, part));
    }

    /** Rows of pg_largeobject cannot be inserted; its pages are written by the function that is meant for it. */
    private void loadLargeObjects(Connection connection, Piece piece) throws SQLException, IOException, InterruptedException {
        Sql.execute(
                connection,
                "create temporary table holdfast_pages (loid oid, pageno int4, data bytea) on commit drop");
        copy(connection, piece, "copy pg_temp.holdfast_pages from stdin (format " + format(piece.entry().format()) + ")");
        Sql.execute(
                connection,
                """
                select pg_catalog.count(pg_catalog.lo_put(loid, pageno::int8 * 2048, data))
                from (select * from pg_temp.holdfast_pages order by loid, pageno) p
                """);
    }

    private static String copyStatement(TableRows table, FileEntry.Format format) {
        var columns = table.columns().stream().map(ColumnData::name).map(Sql::identifier).collect(Collectors.joining(", "));
        return "copy " + Sql.identifier(table.schema()) + "." + Sql.identifier(table.name())
                // A table without columns has rows too.
                + (columns.isEmpty() ? "" : " (" + columns + ")") + " from stdin (format " + format(format) + ")";
    }

    private static String format(FileEntry.Format format) {
        return switch (format) {
            case BINARY -> "binary";
            case TEXT -> "text";
        };
    }

    private void copy(Connection connection, Piece piece, String statement) throws SQLException, IOException, InterruptedException {
        var copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(statement);
        try {
            LayerFile.<SQLException, InterruptedException>read(piece.layer(), piece.entry(), data -> {
                send(data, copy);
                return copy.endCopy();
            });
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    private void send(InputStream data, CopyIn copy) throws IOException, SQLException, InterruptedException {
        var buffer = new byte[BUFFER];
        for (int count = data.read(buffer); count >= 0; count = data.read(buffer)) {
            copy.writeToCopy(buffer, 0, count);
            context.checkInterrupted();
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }
}
