package dev.holdfast.engine.history.span;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.history.stream.ChangeHandler;
import dev.holdfast.engine.history.stream.Tuple;
import dev.holdfast.engine.schema.TableRows;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Follows a span of one database's stream: which names mean which tables, what happens to the tables, and the rows of the
 * wanted transactions.
 *
 * <p>Whether a transaction is wanted is known when it commits. Until then its rows are kept, in memory or in a file.
 */
public final class Span implements ChangeHandler, AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int ROWS_IN_MEMORY = 8 << 20;

    /** Something that happened to a definition in the transaction that is being read. */
    private sealed interface Event {
        record Broken(TrackedTable table, String why) implements Event {}

        record Definitions() implements Event {}

        /** Something has changed, and nobody knows what. */
        record Unreported(String why) implements Event {}

        /** What has a name may have another one, or be gone. */
        record Renamed() implements Event {}
    }

    /** A transaction that has changed definitions. */
    public record DefinitionChange(long xid, Lsn commit, Instant at) {}

    private final String secret;
    private final Charset charset;
    private final Path spillDirectory;
    private final TransactionFilter filter;
    private final RowSink sink;
    private final Map<Long, TrackedTable> tables = new LinkedHashMap<>();
    private final Map<String, TrackedTable> byName = new HashMap<>();
    private final Map<String, Optional<TrackedTable>> byStreamName = new HashMap<>();
    private final List<DefinitionChange> definitionChanges = new ArrayList<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(256);
    private final Set<String> seen = new HashSet<>();
    private String reportFailure;
    private Lsn reportFailedAt;
    private CommitListener listener = (xid, end, at) -> {};

    // Of the transaction that is being read.
    private final List<TrackedTable> touched = new ArrayList<>();
    private final Map<TrackedTable, Integer> numbers = new HashMap<>();
    private final Set<Event> events = new LinkedHashSet<>();
    private final Map<TrackedTable, Optional<TrackedTable.Definition>> redefined = new LinkedHashMap<>();
    private final Rows rows = new Rows();

    /** {@code secret}: of the database, which its own messages carry. */
    public Span(String secret, Charset charset, Path spillDirectory, TransactionFilter filter, RowSink sink) {
        this.secret = secret;
        this.charset = charset;
        this.spillDirectory = spillDirectory;
        this.filter = filter;
        this.sink = sink;
    }

    /** Beyond the end nothing has happened. */
    private void takeBack() {
        redefined.forEach((table, before) -> {
            if (table.schema() != null) {
                byName.remove(key(table.schema(), table.name()), table);
            }
            if (before.isPresent()) {
                table.define(before.get());
                register(table);
            } else {
                tables.remove(table.oid());
            }
        });
        byStreamName.clear();
    }

    @FunctionalInterface
    public interface CommitListener {
        void committed(long xid, Lsn end, Instant at) throws IOException;
    }

    /** Told of every transaction, wanted or not. */
    public Span onCommit(CommitListener commits) {
        listener = commits;
        return this;
    }

    /** A table that is there where the span begins, and whose changes are logged with the whole old row. */
    public void track(TableRows table) {
        register(TrackedTable.of(table, charset));
    }

    private void register(TrackedTable table) {
        tables.put(table.oid(), table);
        byName.put(key(table.schema(), table.name()), table);
        byStreamName.clear();
    }

    private static String key(String schema, String name) {
        return schema + "\0" + name;
    }

    public Collection<TrackedTable> tables() {
        return tables.values();
    }

    public Optional<TrackedTable> table(long oid) {
        return Optional.ofNullable(tables.get(oid));
    }

    /** In commit order. */
    public List<DefinitionChange> definitionChanges() {
        return definitionChanges;
    }

    /** Why the reports of those definitions that are wanted cannot be relied on, if so. */
    public Optional<String> reportFailure() {
        return Optional.ofNullable(reportFailure);
    }

    /** Why the reports of those that are not before {@code begin} cannot be relied on, if so. */
    public Optional<String> reportFailureSince(Lsn begin) {
        return reportFailure().filter(why -> !reportFailedAt.isBefore(begin));
    }

    /** Whether the barrier with that id came by. */
    public boolean hasSeen(String barrier) {
        return seen.contains(barrier);
    }

    // ---- the stream ----

    @Override
    public void begin(long xid) throws IOException {
        touched.clear();
        numbers.clear();
        events.clear();
        redefined.clear();
        rows.clear();
    }

    @Override
    public void change(String streamName, Operation operation, Tuple before, Tuple after) throws IOException {
        if (filter == TransactionFilter.NO_ROWS) {
            return;
        }
        var found = resolve(streamName);
        if (found.isEmpty()) {
            return;
        }
        var table = found.get();
        if (!table.isFull()) {
            return;
        }
        if (operation != Operation.INSERT) {
            var old = before == null ? null : table.line(before, before, line);
            // Without columns an image is empty, and there is none in the stream.
            if (before == null && table.columns().isEmpty()) {
                old = new byte[0];
            }
            if (old == null) {
                events.add(new Event.Broken(table, "a change came without the old row"));
                return;
            }
            rows.add(number(table), false, old);
        }
        if (operation != Operation.DELETE) {
            var fresh = table.line(after, before, line);
            if (fresh == null) {
                events.add(new Event.Broken(table, "a change came with other columns than the table had"));
                return;
            }
            rows.add(number(table), true, fresh);
        }
    }

    private int number(TrackedTable table) {
        return numbers.computeIfAbsent(table, t -> {
            touched.add(t);
            return touched.size() - 1;
        });
    }

    private Optional<TrackedTable> resolve(String streamName) {
        return byStreamName.computeIfAbsent(streamName, name -> {
            var parts = split(name);
            return Optional.ofNullable(byName.get(key(parts.get(0), parts.get(1))));
        });
    }

    /** {@code a."b.c"} as a and b.c. */
    private static List<String> split(String name) {
        var parts = new ArrayList<String>();
        var part = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '"') {
                if (quoted && i + 1 < name.length() && name.charAt(i + 1) == '"') {
                    part.append('"');
                    i++;
                } else {
                    quoted = !quoted;
                }
            } else if (c == '.' && !quoted) {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        parts.add(part.toString());
        return parts;
    }

    @Override
    public void truncate(List<String> names) {
        for (var name : names) {
            resolve(name).ifPresent(table -> events.add(new Event.Broken(table, "it was truncated")));
        }
    }

    @Override
    public void message(boolean transactional, Lsn lsn, String prefix, byte[] content) throws IOException {
        if (!prefix.equals("holdfast") || content.length < 3) {
            return;
        }
        JsonNode message;
        try {
            message = JSON.readTree(new String(content, charset));
        } catch (JacksonException e) {
            // Anybody may send messages under our prefix.
            return;
        }
        if (!secret.equals(message.path("secret").asString(""))) {
            return;
        }
        if (!transactional) {
            if (message.path("kind").asString("").equals("barrier")) {
                seen.add(message.path("id").asString(""));
            }
            return;
        }
        events.add(new Event.Definitions());
        switch (message.path("kind").asString("")) {
            case "ddl" -> redefine(message);
            case "drop" -> {
                redefine(message);
                message.path("dropped").forEach(oid -> drop(oid.asLong()));
            }
            case "identity" -> breakLater(message.path("table").asLong(), "its changes were not kept before");
            case "rewrite" -> breakLater(message.path("table").asLong(), "it was rewritten");
            default ->
                events.add(new Event.Unreported("the event trigger failed at " + message.path("tag").asString("") + ": "
                        + message.path("error").asString("")));
        }
    }

    private void redefine(JsonNode message) {
        var tag = message.path("tag").asString("");
        var described = message.path("tables");
        boolean renamed = false;
        for (var description : described) {
            renamed |= describe(description);
        }
        // Of an ALTER TABLE it is known what it has renamed; of others only that they may have.
        if (renamed || tag.startsWith("DROP ") || tag.startsWith("ALTER ") && (!tag.equals("ALTER TABLE") || described.isEmpty())) {
            events.add(new Event.Renamed());
        }
        message.path("retyped").forEach(oid -> breakLater(oid.asLong(), "a type of its columns was changed"));
    }

    private void drop(long oid) {
        breakLater(oid, "it was dropped");
        var table = tables.get(oid);
        if (table != null) {
            redefined.putIfAbsent(table, Optional.of(table.definition()));
            byName.remove(key(table.schema(), table.name()), table);
            byStreamName.clear();
        }
    }

    private void breakLater(long oid, String why) {
        var table = tables.get(oid);
        if (table != null) {
            events.add(new Event.Broken(table, why));
        }
    }

    /** Whether a table that is known has got another name. */
    private boolean describe(JsonNode description) {
        long oid = description.path("oid").asLong();
        var columns = new ArrayList<TrackedTable.Column>();
        for (var column : description.path("columns")) {
            if (!column.get(3).asBoolean()) {
                columns.add(new TrackedTable.Column(column.get(0).asInt(), column.get(1).asString(), column.get(2).asLong()));
            }
        }
        boolean full = description.path("identity").asString("").equals("f")
                && description.path("persistence").asString("").equals("p")
                && description.path("kind").asString("").equals("r");
        var schema = description.path("schema").asString();
        var name = description.path("name").asString();
        var table = tables.get(oid);
        boolean renamed = table != null && !table.isNamed(schema, name);
        if (table == null) {
            if (!description.path("kind").asString("").equals("r")) {
                // Nobody knows what a root was called before.
                return description.path("kind").asString("").equals("p");
            }
            table = TrackedTable.fresh(oid, charset);
            redefined.put(table, Optional.empty());
            events.add(new Event.Broken(table, "it was created"));
        } else {
            redefined.putIfAbsent(table, Optional.of(table.definition()));
            byName.remove(key(table.schema(), table.name()), table);
            if (!table.columns().equals(columns)) {
                events.add(new Event.Broken(table, "its columns were changed"));
            } else if (table.isFull() && !full) {
                events.add(new Event.Broken(table, "its replica identity was changed"));
            } else if (!table.isFull() && full) {
                events.add(new Event.Broken(table, "its changes were not kept before"));
            }
        }
        table.define(schema, name, columns, full);
        register(table);
        return renamed;
    }

    @Override
    public void commit(long xid, Lsn end, Instant at) throws IOException {
        if (filter.isBeyond(end)) {
            takeBack();
            rows.clear();
            return;
        }
        var broken = new HashSet<TrackedTable>();
        for (var event : events) {
            switch (event) {
                case Event.Broken b -> {
                    if (filter.wantsBreaks(end)) {
                        b.table().breakAt(end, at, b.why());
                    }
                    broken.add(b.table());
                }
                case Event.Renamed r ->
                    tables.values().stream().filter(TrackedTable::namesObjects).forEach(table -> {
                        if (filter.wantsBreaks(end)) {
                            table.breakAt(end, at, "what its columns refer to by name may have got another one");
                        }
                        broken.add(table);
                    });
                case Event.Unreported u -> {
                    if (filter.wantsBreaks(end)) {
                        reportFailure = u.why();
                        reportFailedAt = end;
                    }
                }
                case Event.Definitions d -> definitionChanges.add(new DefinitionChange(xid, end, at));
            }
        }
        listener.committed(xid, end, at);
        if (!rows.isEmpty() && filter.wantsRows(xid, end)) {
            rows.forEach((number, begins, bytes) -> {
                var table = touched.get(number);
                if (!broken.contains(table)) {
                    sink.row(table, end, begins, bytes);
                }
            });
        }
        rows.clear();
    }

    @Override
    public void close() throws IOException {
        rows.clear();
    }

    // ---- rows of one transaction ----

    @FunctionalInterface
    private interface RowConsumer {
        void row(int table, boolean begins, byte[] line) throws IOException;
    }

    private final class Rows {
        private record Row(int table, boolean begins, byte[] line) {}

        private final List<Row> inMemory = new ArrayList<>();
        private long bytes;
        private SpillFile file;
        private long inFile;

        boolean isEmpty() {
            return inMemory.isEmpty() && inFile == 0;
        }

        void add(int table, boolean begins, byte[] image) throws IOException {
            inMemory.add(new Row(table, begins, image));
            bytes += image.length + 48;
            if (bytes > ROWS_IN_MEMORY) {
                spill();
            }
        }

        private void spill() throws IOException {
            if (file == null) {
                file = new SpillFile(spillDirectory);
            }
            for (var row : inMemory) {
                file.out().writeInt(row.begins() ? row.table() : ~row.table());
                file.out().writeInt(row.line().length);
                file.out().write(row.line());
            }
            inFile += inMemory.size();
            inMemory.clear();
            bytes = 0;
        }

        void forEach(RowConsumer consumer) throws IOException {
            if (file != null) {
                try (DataInputStream in = file.read()) {
                    for (long i = 0; i < inFile; i++) {
                        int table = in.readInt();
                        var image = new byte[in.readInt()];
                        in.readFully(image);
                        consumer.row(table < 0 ? ~table : table, table >= 0, image);
                    }
                }
            }
            for (var row : inMemory) {
                consumer.row(row.table(), row.begins(), row.line());
            }
        }

        void clear() throws IOException {
            inMemory.clear();
            bytes = 0;
            inFile = 0;
            if (file != null) {
                file.close();
                file = null;
            }
        }
    }
}
