package dev.holdfast.engine.history.stream;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.IOException;
import java.nio.charset.Charset;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/**
 * Reads the change stream of one database from a position on, through a temporary copy of the youngest rung that reaches back
 * to it. The rung itself is never read from: that would move it, and what it has passed cannot be read again.
 */
public final class SlotReader implements AutoCloseable {
    /** Lets a shutdown of the upstream, which waits for its readers, end at once. */
    private static final int STATUS_SECONDS = 1;


    private final Connection connection;
    private final PGReplicationStream stream;
    private final Charset charset;

    /** Asked now and then; throws when the reading is to end. */
    @FunctionalInterface
    public interface Interruption {
        void check() throws InterruptedException;
    }

    private SlotReader(Connection connection, PGReplicationStream stream, Charset charset) {
        this.connection = connection;
        this.stream = stream;
        this.charset = charset;
    }

    /** {@code slots}: how the names of the database's rungs begin. */
    public static SlotReader open(Upstream upstream, String database, String slots, Lsn from, String application) throws SQLException {
        var connection = upstream.connectForReplication(database, application);
        try {
            var copy = copySlot(connection, slots, from, database);
            var charset = Charset.forName(javaName(
                    Sql.one(connection, "select pg_catalog.current_setting('server_encoding')", row -> row.getString(1))));
            var stream = connection.unwrap(PGConnection.class)
                    .getReplicationAPI()
                    .replicationStream()
                    .logical()
                    .withSlotName(copy)
                    // Or the driver confirms what it has received, and the copy forgets it.
                    .withAutomaticFlush(false)
                    .withStartPosition(LogSequenceNumber.valueOf(from.value()))
                    .withStatusInterval(STATUS_SECONDS, TimeUnit.SECONDS)
                    .withSlotOption("include-xids", true)
                    .withSlotOption("include-timestamp", true)
                    .withSlotOption("skip-empty-xacts", true)
                    .start();
            return new SlotReader(connection, stream, charset);
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** PostgreSQL's names of encodings; SQL_ASCII stands for any bytes. */
    private static String javaName(String encoding) {
        return switch (encoding) {
            case "UTF8" -> "UTF-8";
            case "SQL_ASCII", "MULE_INTERNAL" -> "ISO-8859-1";
            case "EUC_JIS_2004" -> "x-SJIS_0213";
            default -> {
                var name = encoding.startsWith("WIN") ? "windows-" + encoding.substring(3)
                        : encoding.startsWith("ISO_8859_") ? "ISO-8859-" + encoding.substring(9)
                        : encoding.matches("LATIN\\d+") ? latin(Integer.parseInt(encoding.substring(5)))
                        : encoding.replace("KOI8R", "KOI8-R").replace("KOI8U", "KOI8-U").replace('_', '-');
                yield Charset.isSupported(name) ? name : "ISO-8859-1";
            }
        };
    }

    private static String latin(int number) {
        return "ISO-8859-" + switch (number) {
            case 5 -> 9;
            case 6 -> 10;
            case 7 -> 13;
            case 8 -> 14;
            case 9 -> 15;
            case 10 -> 16;
            default -> number;
        };
    }

    private static String copySlot(Connection connection, String slots, Lsn from, String database) throws SQLException {
        var candidates = Sql.query(
                connection,
                "select slot_name from pg_catalog.pg_replication_slots where pg_catalog.starts_with(slot_name::text, " + Sql.literal(slots)
                        + ") and not temporary and wal_status is distinct from 'lost' and confirmed_flush_lsn <= "
                        + Sql.literal(from.toString()) + "::pg_catalog.pg_lsn order by confirmed_flush_lsn desc",
                row -> row.getString(1));
        var failures = new ArrayList<SQLException>();
        for (var slot : candidates) {
            var copy = "holdfast_reader_" + UUID.randomUUID().toString().replace('-', '_');
            try {
                var reaches = Sql.one(
                        connection,
                        "select (pg_catalog.pg_copy_logical_replication_slot(" + Sql.literal(slot) + ", " + Sql.literal(copy)
                                + ", true)).lsn::text",
                        row -> Lsn.parse(row.getString(1)));
                if (!from.isBefore(reaches)) {
                    return copy;
                }
                // It was advanced since it was looked at. Reading from before that would not fail, but leave something out.
                Sql.execute(connection, "select pg_catalog.pg_drop_replication_slot(" + Sql.literal(copy) + ")");
            } catch (SQLException e) {
                // Retired at this moment: an older rung still reaches as far.
                failures.add(e);
            }
        }
        var gone = HoldfastException.of(
                SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                "the history of database \"" + database + "\" does not reach back to " + from,
                failures.isEmpty() ? null : failures.getFirst());
        throw gone.withHint("SHOW HISTORY tells how far back each database can be read.");
    }

    public Charset charset() {
        return charset;
    }

    /** Hands everything up to {@code until} to the handler, which will have seen a message or a commit that reaches it. */
    public void read(ChangeHandler handler, Lsn until, Interruption interruption) throws SQLException, IOException, InterruptedException {
        var end = new End(handler, until);
        var decoder = new TestDecoding(end, charset);
        for (long count = 0; !end.reached; count++) {
            if ((count & 0xff) == 0) {
                interruption.check();
            }
            var message = stream.readPending();
            if (message == null) {
                interruption.check();
                Thread.sleep(1);
                continue;
            }
            var received = stream.getLastReceiveLSN();
            decoder.read(
                    message.array(),
                    message.arrayOffset() + message.position(),
                    message.arrayOffset() + message.limit(),
                    new Lsn(received.asLong()));
        }
    }

    /** Passes everything on and notices the end. */
    private static final class End implements ChangeHandler {
        private final ChangeHandler handler;
        private final Lsn until;
        private boolean reached;

        End(ChangeHandler handler, Lsn until) {
            this.handler = handler;
            this.until = until;
        }

        @Override
        public void begin(long xid) throws IOException {
            handler.begin(xid);
        }

        @Override
        public void change(String table, Operation operation, Tuple before, Tuple after) throws IOException {
            handler.change(table, operation, before, after);
        }

        @Override
        public void truncate(List<String> tables) throws IOException {
            handler.truncate(tables);
        }

        @Override
        public void message(boolean transactional, Lsn lsn, String prefix, byte[] content) throws IOException {
            handler.message(transactional, lsn, prefix, content);
            if (!transactional && !lsn.isBefore(until)) {
                reached = true;
            }
        }

        @Override
        public void commit(long xid, Lsn end, Instant at) throws IOException {
            handler.commit(xid, end, at);
            if (!end.isBefore(until)) {
                reached = true;
            }
        }
    }

    @Override
    public void close() throws SQLException {
        // Ends the copy too. A polite end of the stream would first wait for all that is still on its way.
        connection.abort(Runnable::run);
    }
}
