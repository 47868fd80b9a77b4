package dev.holdfast.engine.restore;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.collection.Damage;
import dev.holdfast.engine.collection.FileEntry;
import dev.holdfast.engine.collection.Layer;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.schema.TableRows;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.postgresql.PGConnection;

/**
 * Brings the changes of the layers into staging tables, one for each table that has any: how often, and the row's values as
 * texts. A file and the row that says it is loaded are one transaction.
 */
final class ChangesLoad {
    private static final int BUFFERED = 8 << 20;

    private final RowSources sources;
    private final String database;
    private final Map<Integer, TableRows> tables = new HashMap<>();
    private final Progress progress;
    private final String setUp;
    private final JobContext context;

    /** {@code setUp}: statements that a connection begins with. */
    ChangesLoad(
            RowSources sources, String database, Collection<TableRows> tables, Progress progress, String setUp, JobContext context) {
        this.sources = sources;
        this.database = database;
        this.progress = progress;
        this.setUp = setUp;
        this.context = context;
        tables.forEach(table -> this.tables.put(table.objectId(), table));
    }

    void run() throws SQLException, IOException, InterruptedException {
        if (!sources.hasChanges()) {
            return;
        }
        try (var connection = context.connectForCopy(database)) {
            if (!setUp.isEmpty()) {
                Sql.execute(connection, setUp);
            }
            createStaging(connection);
            connection.setAutoCommit(false);
            for (var part : sources.parts()) {
                if (part.changes().isEmpty()) {
                    continue;
                }
                var files = new ArrayList<FileEntry>();
                part.link().layer().readFiles(part.link().manifest(), entry -> {
                    if (entry.content() == FileEntry.Content.CHANGES && entry.database() == part.database()) {
                        files.add(entry);
                    }
                });
                for (var file : files) {
                    load(connection, part, file);
                }
            }
        }
    }

    private void createStaging(Connection connection) throws SQLException {
        for (var part : sources.parts()) {
            for (var changes : part.changes().values()) {
                var table = tables.get(changes.table());
                if (table != null) {
                    Sql.execute(connection, Staging.create(progress.schema(), table));
                }
            }
        }
    }

    private void load(Connection connection, RowSources.Part part, FileEntry file)
            throws SQLException, IOException, InterruptedException {
        if (progress.claim(connection, file, -1)) {
            var lines = new Lines(connection, part, part.link().layer(), file);
            LayerFile.<SQLException, InterruptedException>read(part.link().layer(), file, lines::read);
        }
        connection.commit();
    }

    /** Sorts the lines of a file by table. */
    private final class Lines {
        private final Connection connection;
        private final RowSources.Part part;
        private final Layer layer;
        private final FileEntry file;
        private final Map<Integer, ByteArrayOutputStream> buffers = new HashMap<>();
        private long buffered;

        Lines(Connection connection, RowSources.Part part, Layer layer, FileEntry file) {
            this.connection = connection;
            this.part = part;
            this.layer = layer;
            this.file = file;
        }

        long read(InputStream stream) throws IOException, SQLException, InterruptedException {
            long count = 0;
            var in = new BufferedInputStream(stream, 1 << 16);
            var line = new ByteArrayOutputStream(256);
            for (int b = in.read(); b >= 0; b = in.read()) {
                if (b != '\n') {
                    line.write(b);
                    continue;
                }
                take(line.toByteArray());
                line.reset();
                count++;
                if ((count & 0xfff) == 0) {
                    context.checkInterrupted();
                }
            }
            flush();
            return count;
        }

        /** {@code oid TAB phase TAB count TAB commit TAB row} */
        private void take(byte[] line) throws SQLException, IOException {
            var ends = new int[4];
            for (int i = 0, found = 0; found < 4; i++) {
                if (i == line.length) {
                    throw Damage.of(layer.storage().describe(file.path()), "it holds a line that is none of changes");
                }
                if (line[i] == '\t') {
                    ends[found++] = i;
                }
            }
            var changes = part.changes().get(Long.parseLong(text(line, 0, ends[0])));
            if (changes == null || !tables.containsKey(changes.table())) {
                return;
            }
            boolean leadsUp = line[ends[0] + 1] == 'b';
            var commit = new Lsn(Long.parseUnsignedLong(text(line, ends[2] + 1, ends[3])));
            if (leadsUp != changes.undo()
                    || changes.place().isPresent() && commit.isBefore(changes.place().get()) == changes.undo()) {
                return;
            }
            int count = Integer.parseInt(text(line, ends[1] + 1, ends[2]));
            var buffer = buffers.computeIfAbsent(changes.table(), t -> new ByteArrayOutputStream());
            int before = buffer.size();
            buffer.write(Integer.toString(changes.undo() ? -count : count).getBytes(StandardCharsets.US_ASCII));
            boolean hasColumns = !tables.get(changes.table()).columns().isEmpty();
            if (hasColumns) {
                buffer.write(line, ends[3], line.length - ends[3]);
            }
            buffer.write('\n');
            buffered += buffer.size() - before;
            if (buffered > BUFFERED) {
                flush();
            }
        }

        private static String text(byte[] line, int from, int to) {
            return new String(line, from, to - from, StandardCharsets.US_ASCII);
        }

        private void flush() throws SQLException, IOException {
            List<Integer> filled = new ArrayList<>(buffers.keySet());
            for (var table : filled) {
                var buffer = buffers.remove(table);
                var copy = connection.unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn("copy " + Staging.name(progress.schema(), tables.get(table)) + " from stdin");
                try {
                    copy.writeToCopy(buffer.toByteArray(), 0, buffer.size());
                    copy.endCopy();
                } finally {
                    if (copy.isActive()) {
                        copy.cancelCopy();
                    }
                }
            }
            buffered = 0;
        }
    }
}
