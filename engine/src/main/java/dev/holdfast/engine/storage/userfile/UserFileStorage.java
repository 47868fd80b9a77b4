package dev.holdfast.engine.storage.userfile;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.ObjectNotFoundException;
import dev.holdfast.engine.storage.ObjectWriter;
import dev.holdfast.engine.storage.StorageUri;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Files in tables. While a file is written it has a passing name; the commit gives it its own. What a crash leaves under a
 * passing name is never seen.
 */
final class UserFileStorage implements ExternalStorage {
    private static final int PIECE = 4 << 20;
    private static final int SLICE = 1 << 20;
    private static final String UNFINISHED = "\\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.tmp$";

    private final StorageUri uri;
    private final UserFileTables tables;
    private final Upstream upstream;
    private final ConcurrentLinkedQueue<Connection> idle = new ConcurrentLinkedQueue<>();
    private volatile boolean created;

    UserFileStorage(StorageUri uri, UserFileTables tables, Upstream upstream) {
        this.uri = uri;
        this.tables = tables;
        this.upstream = upstream;
    }

    // ---- connections ----

    @FunctionalInterface
    private interface Work<T> {
        T run(Connection connection) throws SQLException;
    }

    private <T> T with(Work<T> work) throws IOException {
        Connection connection = null;
        try {
            connection = idle.poll();
            connection = connection == null ? upstream.connect(tables.database(), "holdfast userfile") : connection;
            var result = work.run(connection);
            idle.add(connection);
            return result;
        } catch (SQLException e) {
            closeQuietly(connection);
            throw failed(e);
        } catch (RuntimeException e) {
            closeQuietly(connection);
            throw e;
        }
    }

    private static void closeQuietly(Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                // It is broken; what broke it is what is reported.
            }
        }
    }

    /** A lost connection may come back; the rest of what the server says will be the same again. */
    private static IOException failed(SQLException e) {
        var translated = Upstream.translate(e);
        if (translated.state().isConnectionLoss() || translated.state().equals(SqlState.TOO_MANY_CONNECTIONS)) {
            return new IOException("userfile storage: " + translated.getMessage(), e);
        }
        throw translated.withPrefix("userfile storage: ");
    }

    private void createTables() throws IOException {
        if (!created) {
            with(connection -> {
                tables.create(connection);
                return null;
            });
            created = true;
        }
    }

    /** What was never written to has no tables, and reading makes none. */
    private boolean hasTables(Connection connection) throws SQLException {
        return created || (created = tables.exist(connection));
    }

    private String file(String name) {
        return uri.resolve(name).path();
    }

    // ---- storage ----

    @Override
    public List<String> list(String prefix, String delimiter) throws IOException {
        var base = file("");
        var found = with(connection -> !hasTables(connection)
                ? List.<String>of()
                : Sql.query(
                        connection,
                        "select filename from " + tables.files() + " where pg_catalog.starts_with(filename, ?) and filename !~ ?",
                        row -> row.getString(1),
                        file(prefix),
                        UNFINISHED));
        var names = new TreeSet<String>();
        for (var file : found) {
            var name = file.substring(base.length());
            int cut = delimiter.isEmpty() ? -1 : name.indexOf(delimiter, prefix.length());
            names.add(cut < 0 ? name : name.substring(0, cut + delimiter.length()));
        }
        return List.copyOf(names);
    }

    @Override
    public boolean canList() {
        return true;
    }

    @Override
    public OptionalLong size(String name) throws IOException {
        return with(connection -> !hasTables(connection)
                ? OptionalLong.empty()
                : Sql.first(
                                connection,
                                "select file_size from " + tables.files() + " where filename = ?",
                                row -> OptionalLong.of(row.getLong(1)),
                                file(name))
                        .orElse(OptionalLong.empty()));
    }

    @Override
    public InputStream read(String name, long offset) throws IOException {
        var id = with(connection -> !hasTables(connection)
                ? Optional.<UUID>empty()
                : Sql.first(
                        connection,
                        "select file_id from " + tables.files() + " where filename = ?",
                        row -> row.getObject(1, UUID.class),
                        file(name)));
        return new PayloadInput(id.orElseThrow(() -> new ObjectNotFoundException(describe(name))), offset);
    }

    @Override
    public ObjectWriter write(String name) throws IOException {
        createTables();
        return new FileWriter(name);
    }

    @Override
    public boolean putIfAbsent(String name, byte[] content) throws IOException {
        try (var writer = write(name)) {
            writer.write(content, 0, content.length);
            writer.commit();
            return true;
        } catch (HoldfastException e) {
            if (e.state().equals(SqlState.DUPLICATE_FILE)) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void delete(String name) throws IOException {
        with(connection -> {
            if (hasTables(connection)) {
                remove(connection, file(name));
            }
            return null;
        });
    }

    private void remove(Connection connection, String file) throws SQLException {
        // One statement, so one transaction; the foreign key is looked at when both have happened.
        Sql.update(
                connection,
                "with gone as (delete from " + tables.payload() + " where file_id = (select file_id from " + tables.files()
                        + " where filename = ?)) delete from " + tables.files() + " where filename = ?",
                file,
                file);
    }

    @Override
    public String describe(String name) {
        return name.isEmpty() ? uri.toString() : uri.resolve(name).toString();
    }

    @Override
    public void close() {
        for (var connection = idle.poll(); connection != null; connection = idle.poll()) {
            closeQuietly(connection);
        }
    }

    private final class PayloadInput extends InputStream {
        private final UUID id;
        private long position;
        private byte[] slice = {};
        private int next;

        PayloadInput(UUID id, long position) {
            this.id = id;
            this.position = position;
        }

        @Override
        public int read() throws IOException {
            return fill() ? slice[next++] & 0xff : -1;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (!fill()) {
                return -1;
            }
            int count = Math.min(length, slice.length - next);
            System.arraycopy(slice, next, bytes, offset, count);
            next += count;
            return count;
        }

        private boolean fill() throws IOException {
            if (next == slice.length) {
                long from = position;
                slice = with(connection -> Sql.first(
                                connection,
                                "select pg_catalog.substr(payload, (? - byte_offset + 1)::int4, ?) from " + tables.payload()
                                        + " where file_id = ? and byte_offset <= ? order by byte_offset desc limit 1",
                                row -> row.getBytes(1),
                                from,
                                SLICE,
                                id,
                                from)
                        .orElse(new byte[0]));
                position += slice.length;
                next = 0;
            }
            return slice.length > 0;
        }
    }

    private final class FileWriter extends ObjectWriter {
        private final String name;
        private final String passing;
        private final UUID id = UUID.randomUUID();
        private final byte[] piece = new byte[PIECE];
        private int filled;
        private long size;
        private boolean begun;
        private boolean committed;

        FileWriter(String name) {
            this.name = name;
            this.passing = file(name) + "." + id + ".tmp";
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            int from = offset;
            while (from < offset + length) {
                int count = Math.min(offset + length - from, PIECE - filled);
                System.arraycopy(bytes, from, piece, filled, count);
                filled += count;
                from += count;
                if (filled == PIECE) {
                    flushPiece();
                }
            }
        }

        private void flushPiece() throws IOException {
            var payload = Arrays.copyOf(piece, filled);
            long at = size;
            with(connection -> {
                if (!begun) {
                    Sql.update(
                            connection,
                            "insert into " + tables.files() + " (filename, file_id, file_size, username) values (?, ?, 0, ?)",
                            passing,
                            id,
                            tables.owner());
                }
                if (payload.length > 0) {
                    Sql.update(
                            connection,
                            "insert into " + tables.payload() + " (file_id, byte_offset, payload) values (?, ?, ?)",
                            id,
                            at,
                            payload);
                }
                return null;
            });
            begun = true;
            size += filled;
            filled = 0;
        }

        @Override
        public void commit() throws IOException {
            if (filled > 0 || !begun) {
                flushPiece();
            }
            with(connection -> {
                try {
                    return Sql.update(
                            connection,
                            "update " + tables.files() + " set filename = ?, file_size = ? where file_id = ?",
                            file(name),
                            size,
                            id);
                } catch (SQLException e) {
                    if ("23505".equals(e.getSQLState())) {
                        throw HoldfastException.of(SqlState.DUPLICATE_FILE, describe(name) + " already exists", e);
                    }
                    throw e;
                }
            });
            committed = true;
        }

        @Override
        public void close() throws IOException {
            if (begun && !committed) {
                with(connection -> {
                    remove(connection, passing);
                    return null;
                });
            }
        }
    }
}
