package dev.holdfast.engine.history.span;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.collection.StreamPosition;
import dev.holdfast.engine.history.stream.Tuple;
import dev.holdfast.engine.schema.ColumnData;
import dev.holdfast.engine.schema.TableRows;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One table while a span of the stream is read: what its columns are now, and what has happened to it. */
public final class TrackedTable {
    /** @param type by OID: another type is another column */
    public record Column(int number, String name, long type) {}

    /** Types whose values are objects' OIDs and print as their names, and arrays of these. */
    private static final Set<Long> NAMES = Set.of(
            24L, 2202L, 2203L, 2204L, 2205L, 2206L, 3734L, 3769L, 4089L, 4096L, 4191L,
            1008L, 2207L, 2208L, 2209L, 2210L, 2211L, 3735L, 3770L, 4090L, 4097L, 4192L);

    private final long oid;
    private final Charset charset;
    private String schema;
    private String name;
    private List<Column> columns;
    private byte[][] plainNames;
    private byte[][] quotedNames;
    private boolean full;
    private boolean known;
    private StreamPosition.Moment firstBreak;
    private StreamPosition.Moment lastBreak;
    private String why;

    private TrackedTable(long oid, Charset charset) {
        this.oid = oid;
        this.charset = charset;
    }

    /** As the schema has it in which the span begins. */
    static TrackedTable of(TableRows table, Charset charset) {
        var tracked = new TrackedTable(table.oid(), charset);
        tracked.known = true;
        tracked.define(table.schema(), table.name(), columns(table), true);
        return tracked;
    }

    /** Created, or first heard of, within the span. */
    static TrackedTable fresh(long oid, Charset charset) {
        return new TrackedTable(oid, charset);
    }

    public static List<Column> columns(TableRows table) {
        return table.columns().stream().map(TrackedTable::column).toList();
    }

    private static Column column(ColumnData column) {
        return new Column(column.number(), column.name(), column.typeOid());
    }

    /** What a transaction may change, and what a transaction that does not count gives back. */
    record Definition(String schema, String name, List<Column> columns, boolean full) {}

    Definition definition() {
        return new Definition(schema, name, columns, full);
    }

    void define(Definition definition) {
        define(definition.schema(), definition.name(), definition.columns(), definition.full());
    }

    void define(String newSchema, String newName, List<Column> newColumns, boolean isFull) {
        schema = newSchema;
        name = newName;
        columns = newColumns;
        full = isFull;
        plainNames = new byte[newColumns.size()][];
        quotedNames = new byte[newColumns.size()][];
        for (int i = 0; i < newColumns.size(); i++) {
            var text = newColumns.get(i).name();
            plainNames[i] = text.getBytes(charset);
            quotedNames[i] = ("\"" + text.replace("\"", "\"\"") + "\"").getBytes(charset);
        }
    }

    /** Rows from before can no longer be told from rows from after. */
    void breakAt(Lsn lsn, Instant at, String reason) {
        lastBreak = new StreamPosition.Moment(lsn, at);
        if (firstBreak == null) {
            firstBreak = lastBreak;
        }
        why = reason;
    }

    public long oid() {
        return oid;
    }

    String schema() {
        return schema;
    }

    String name() {
        return name;
    }

    /** Qualified, for messages. */
    public String qualified() {
        return schema + "." + name;
    }

    public List<Column> columns() {
        return columns;
    }

    public boolean isNamed(String schemaName, String tableName) {
        return schema.equals(schemaName) && name.equals(tableName);
    }

    /** Whether the same values print otherwise when objects get other names. */
    boolean namesObjects() {
        return columns.stream().anyMatch(column -> NAMES.contains(column.type()));
    }

    boolean isFull() {
        return full;
    }

    /** Whether it was there when the span began. */
    public boolean isKnown() {
        return known;
    }

    public boolean isBroken() {
        return firstBreak != null;
    }

    public Optional<StreamPosition.Moment> firstBreak() {
        return Optional.ofNullable(firstBreak);
    }

    public Optional<StreamPosition.Moment> lastBreak() {
        return Optional.ofNullable(lastBreak);
    }

    /** Of the last break. */
    public String why() {
        return why;
    }

    // ---- row images ----

    /**
     * The line that COPY would write for the image, without its end. {@code old} gives values that the image left out because
     * the change left them as they were. Null when the columns do not fit, or a value is missing.
     */
    byte[] line(Tuple image, Tuple old, ByteArrayOutputStream buffer) {
        buffer.reset();
        int at = 0;
        for (int i = 0; i < plainNames.length; i++) {
            if (i > 0) {
                buffer.write('\t');
            }
            int found = find(image, at, i);
            if (found < 0) {
                // Old images leave out what is NULL.
                if (image != old) {
                    return null;
                }
                buffer.write('\\');
                buffer.write('N');
                continue;
            }
            at = found + 1;
            if (image.form(found) == Tuple.Form.UNCHANGED) {
                int before = old == null || old == image ? -1 : find(old, 0, i);
                if (before < 0 || old.form(before) == Tuple.Form.UNCHANGED) {
                    return null;
                }
                write(old, before, buffer);
            } else {
                write(image, found, buffer);
            }
        }
        return buffer.toByteArray();
    }

    private int find(Tuple image, int from, int column) {
        for (int i = from; i < image.count(); i++) {
            if (image.isNamed(i, plainNames[column]) || image.isNamed(i, quotedNames[column])) {
                return i;
            }
        }
        return -1;
    }

    private static void write(Tuple image, int column, ByteArrayOutputStream out) {
        switch (image.form(column)) {
            case NULL, UNCHANGED -> {
                out.write('\\');
                out.write('N');
            }
            case TRUE -> out.write('t');
            case FALSE -> out.write('f');
            case PLAIN -> out.write(image.bytes(), image.from(column), image.to(column) - image.from(column));
            case QUOTED -> escape(image.bytes(), image.from(column), image.to(column), out);
        }
    }

    /** From a literal's doubled quotes to COPY's backslashes. */
    private static void escape(byte[] bytes, int from, int to, ByteArrayOutputStream out) {
        int start = from;
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            int escaped =
                    switch (b) {
                        case '\b' -> 'b';
                        case '\f' -> 'f';
                        case '\n' -> 'n';
                        case '\r' -> 'r';
                        case '\t' -> 't';
                        case 0x0b -> 'v';
                        case '\\' -> '\\';
                        default -> 0;
                    };
            if (escaped != 0) {
                out.write(bytes, start, i - start);
                out.write('\\');
                out.write(escaped);
                start = i + 1;
            } else if (b == '\'') {
                out.write(bytes, start, i + 1 - start);
                i++;
                start = i + 1;
            }
        }
        out.write(bytes, start, to - start);
    }
}
