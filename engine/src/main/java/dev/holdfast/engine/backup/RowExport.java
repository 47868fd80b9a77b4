package dev.holdfast.engine.backup;

import dev.holdfast.engine.collection.Layer;
import dev.holdfast.engine.history.span.RowFilter;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.job.Workers;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Reads the rows of all databases by several connections at once, every one under the snapshot of the database it reads, and
 * streams them into the layer. Memory depends on neither the size of a table nor the number of files.
 */
final class RowExport {
    /** Tables up to this many blocks share an object: a file for each of many small ones would cost more than their rows. */
    private static final long SMALL = 128;

    private static final long SHARED_OBJECT_SIZE = 8 << 20;
    private static final int FRAMES_PER_SHARED_OBJECT = 512;

    private final Layer layer;
    private final JobContext context;
    private final FileIndex index;
    private final ConcurrentLinkedQueue<ReadUnit> large = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<ReadUnit> small = new ConcurrentLinkedQueue<>();
    private final AtomicLong blocksDone = new AtomicLong();
    private final long blocksToDo;

    RowExport(Layer layer, List<ReadUnit> units, FileIndex index, JobContext context) {
        this.layer = layer;
        this.context = context;
        this.index = index;
        // A pass over a table waits for the one before, which so has to come first. Then the largest: no connection is left
        // alone with one of them at the end.
        units.stream()
                .filter(u -> u.blocks() > SMALL)
                .sorted(Comparator.comparingInt(ReadUnit::part).thenComparing(Comparator.comparingLong(ReadUnit::blocks).reversed()))
                .forEach(large::add);
        units.stream().filter(u -> u.blocks() <= SMALL).forEach(small::add);
        this.blocksToDo = units.stream().mapToLong(ReadUnit::blocks).sum() + units.size();
    }

    void run(int connections) throws SQLException, IOException, InterruptedException {
        Workers.run("export-" + context.id(), connections, this::work);
    }

    private void work() throws SQLException, IOException, InterruptedException {
        try (var readers = new Readers()) {
            for (var unit = large.poll(); unit != null; unit = large.poll()) {
                try (var object = newObject()) {
                    copy(unit, readers.of(unit), object);
                    finish(object);
                }
            }
            while (!small.isEmpty()) {
                writeShared(readers);
            }
        }
    }

    private void writeShared(Readers readers) throws SQLException, IOException, InterruptedException {
        try (var object = newObject()) {
            while (object.size() < SHARED_OBJECT_SIZE && object.entries().size() < FRAMES_PER_SHARED_OBJECT) {
                var unit = small.poll();
                if (unit == null) {
                    break;
                }
                copy(unit, readers.of(unit), object);
            }
            if (!object.entries().isEmpty()) {
                finish(object);
            }
        }
    }

    private DataObject newObject() throws IOException {
        context.checkInterrupted();
        return new DataObject(layer.storage(), "data/" + context.uniqueId() + ".sst");
    }

    private void copy(ReadUnit unit, Connection reader, DataObject object)
            throws SQLException, IOException, InterruptedException {
        context.checkInterrupted();
        if (unit.filter() != null) {
            // Before any lock that the passes it waits for may need.
            unit.filter().enter(unit.part());
        }
        if (unit.isLargeObjects()) {
            copyRows(unit, reader, object);
        } else {
            unit.database().read(reader, unit.table(), connection -> copyRows(unit, connection, object));
        }
        context.progress((double) blocksDone.addAndGet(unit.blocks() + 1) / blocksToDo * 0.98);
    }

    private void copyRows(ReadUnit unit, Connection reader, DataObject object)
            throws SQLException, IOException, InterruptedException {
        var copy = reader.unwrap(PGConnection.class).getCopyAPI().copyOut(unit.copyStatement());
        object.append(unit.subject(), out -> unit.filter() == null ? plain(copy, out) : filtered(unit, copy, out));
    }

    private long plain(CopyOut copy, OutputStream out) throws SQLException, IOException, InterruptedException {
        for (var piece = copy.readFromCopy(); piece != null; piece = copy.readFromCopy()) {
            out.write(piece);
            checkInterrupted();
        }
        return copy.getHandledRowCount();
    }

    private long filtered(ReadUnit unit, CopyOut copy, OutputStream out) throws SQLException, IOException, InterruptedException {
        long rows = 0;
        for (var piece = copy.readFromCopy(); piece != null; piece = copy.readFromCopy()) {
            rows += filtered(piece, unit.filter(), unit.part(), out);
            checkInterrupted();
        }
        unit.filter().leave();
        return rows;
    }

    /** Pieces end where rows end, and a line break within a row is written as two characters. Returns the number of rows written. */
    private static int filtered(byte[] piece, RowFilter filter, int part, OutputStream out) throws IOException {
        int rows = 0;
        // Neighbours are written together: one by one, rows would cost more than their compression.
        int written = 0;
        int from = 0;
        // A String's search is many times faster than a loop over the bytes.
        var text = new String(piece, StandardCharsets.ISO_8859_1);
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
            if (filter.passes(Arrays.copyOfRange(piece, from, end), part)) {
                rows++;
            } else {
                if (written < from) {
                    out.write(piece, written, from - written);
                }
                written = end + 1;
            }
            from = end + 1;
        }
        if (written < piece.length) {
            out.write(piece, written, piece.length - written);
        }
        return rows;
    }

    private void checkInterrupted() throws InterruptedException {
        context.checkInterrupted();
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    private void finish(DataObject object) throws IOException, SQLException {
        object.commit();
        // An empty table needs no file.
        index.add(object.entries().stream().filter(entry -> entry.rows() > 0).toList());
    }

    /** One worker's connections, one per database it has come to. */
    private final class Readers implements AutoCloseable {
        private final Map<DatabaseExport, Connection> open = new HashMap<>();

        Connection of(ReadUnit unit) throws SQLException {
            var reader = open.get(unit.database());
            if (reader == null) {
                // Units are ordered by size, not by database; too many databases must not mean too many connections.
                if (open.size() == 4) {
                    close();
                    open.clear();
                }
                reader = unit.database().openReader(context);
                open.put(unit.database(), reader);
            }
            return reader;
        }

        @Override
        public void close() throws SQLException {
            for (var reader : open.values()) {
                reader.close();
            }
        }
    }
}
