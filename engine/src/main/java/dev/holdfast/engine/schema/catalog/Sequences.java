package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.SequencePosition;
import dev.holdfast.engine.schema.order.Node;
import dev.holdfast.engine.schema.order.ObjectAddress;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Sequences: their definition, and where they stand. */
final class Sequences {
    /** Reading a sequence itself takes a lock on it, and a place in the lock table; a batch is one statement. */
    private static final int BATCH = 200;

    private record Position(Relation sequence, long lastValue, boolean isCalled) {}

    private final List<Position> positions = new ArrayList<>();

    static Sequences read(Session session, Drafts drafts, Relations relations) throws SQLException, SchemaChangedException {
        var sequences = new Sequences();
        // Before 18 the value of a sequence that was never called is told only by the sequence itself.
        var position = session.since(18)
                ? "last_value, is_called from pg_sequence left join lateral pg_get_sequence_data(seqrelid) on true"
                : "pg_sequence_last_value(seqrelid) as last_value, true as is_called from pg_sequence";
        var uncalled = new ArrayList<Relation>();
        session.each(
                "select seqrelid, format_type(seqtypid, null) as type, seqstart, seqincrement, seqmin, seqmax, seqcache, seqcycle, "
                        + position + " join pg_class c on c.oid = seqrelid"
                        + " join pg_namespace n on n.oid = c.relnamespace where " + Filters.own("pg_class", "c.oid", "n.nspname"),
                row -> {
                    var sequence = relations.listed(row.number("seqrelid"));
                    if (sequence == null) {
                        return;
                    }
                    define(drafts, relations, sequence, row);
                    if (row.isNull("last_value")) {
                        uncalled.add(sequence);
                    } else {
                        sequences.positions.add(new Position(sequence, row.number("last_value"), row.flag("is_called")));
                    }
                });
        for (int from = 0; from < uncalled.size(); from += BATCH) {
            var batch = uncalled.subList(from, Math.min(from + BATCH, uncalled.size()));
            session.each(
                    String.join(" union all ", batch.stream()
                            .map(s -> "select " + s.oid + " as oid, last_value, is_called from " + s.quoted)
                            .toList()),
                    row -> sequences.positions.add(new Position(
                            relations.listed(row.number("oid")), row.number("last_value"), row.flag("is_called"))));
        }
        return sequences;
    }

    List<SequencePosition> list(Map<Node, Integer> ids) {
        return positions.stream()
                .map(p -> new SequencePosition(
                        ids.get(p.sequence.draft.node), p.sequence.schema, p.sequence.name, p.lastValue, p.isCalled))
                .sorted(java.util.Comparator.comparingInt(SequencePosition::objectId))
                .toList();
    }

    private static void define(Drafts drafts, Relations relations, Relation sequence, Row row) throws SQLException {
        var table = relations.listed(sequence.ownerTable);
        var options = options(row);
        if (sequence.identitySequence && table != null) {
            var column = table.column(sequence.ownerColumn);
            // Its persistence is the table's, unless it was changed.
            var persistence = sequence.unlogged == table.unlogged ? "" : sequence.unlogged ? " UNLOGGED" : " LOGGED";
            sequence.draft.statement(table.alter() + " ALTER COLUMN " + column.quoted + " ADD GENERATED "
                    + (column.identity == 'a' ? "ALWAYS" : "BY DEFAULT") + " AS IDENTITY (\n    SEQUENCE NAME " + sequence.quoted
                    + persistence + options + "\n)");
            sequence.draft.of(table.name);
            return;
        }
        var type = row.text("type");
        sequence.draft.statement("CREATE " + (sequence.unlogged ? "UNLOGGED " : "") + "SEQUENCE " + sequence.quoted
                + (type.equals("bigint") ? "" : " AS " + type) + options);
        if (table != null) {
            var tie = drafts.add(
                            ObjectKind.SEQUENCE_OWNED_BY, (ObjectAddress) null, sequence.schema, sequence.name, sequence.draft.identity)
                    .of(table.name)
                    .statement("ALTER SEQUENCE " + sequence.quoted + " OWNED BY " + table.quoted + "."
                            + table.column(sequence.ownerColumn).quoted);
            tie.node.dependsOn(sequence.draft.node);
            tie.node.dependsOn(table.draft.node);
        }
    }

    private static final Map<String, Long> LARGEST = new HashMap<>(
            Map.of("smallint", (long) Short.MAX_VALUE, "integer", (long) Integer.MAX_VALUE, "bigint", Long.MAX_VALUE));

    private static String options(Row row) throws SQLException {
        long largest = LARGEST.get(row.text("type"));
        boolean ascending = row.number("seqincrement") > 0;
        long defaultMin = ascending ? 1 : -largest - 1;
        long defaultMax = ascending ? largest : -1;
        long min = row.number("seqmin");
        long max = row.number("seqmax");
        return "\n    START WITH " + row.number("seqstart")
                + "\n    INCREMENT BY " + row.number("seqincrement")
                + "\n    " + (min == defaultMin ? "NO MINVALUE" : "MINVALUE " + min)
                + "\n    " + (max == defaultMax ? "NO MAXVALUE" : "MAXVALUE " + max)
                + "\n    CACHE " + row.number("seqcache")
                + (row.flag("seqcycle") ? "\n    CYCLE" : "");
    }
}
