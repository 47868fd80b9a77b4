package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.SequencePosition;
import dev.holdfast.engine.schema.order.Node;
import dev.holdfast.engine.schema.order.ObjectAddress;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Sequences: their definition, and where they stand. */
final class Sequences {
    /** Reading a sequence itself takes a lock on it, and a place in the lock table; a batch is one statement. */
    private static final int BATCH = 200;

    private record Position(Node creator, String schema, String name, long lastValue, boolean isCalled, boolean descending) {}

    private final List<Position> positions = new ArrayList<>();

    /** One that has to be asked itself. */
    private record Unread(long oid, Node creator, String schema, String name, boolean descending) {}

    static Sequences read(Session session, Drafts drafts, Relations relations, Extensions extensions)
            throws SQLException, SchemaChangedException {
        var sequences = new Sequences();
        // Before 18 the value of a sequence that was never called is told only by the sequence itself.
        var position = session.since(18)
                ? "last_value, is_called from pg_sequence left join lateral pg_get_sequence_data(seqrelid) on true"
                : "pg_sequence_last_value(seqrelid) as last_value, true as is_called from pg_sequence";
        var unread = new ArrayList<>(configurationSequences(session, extensions));
        session.each(
                "select seqrelid, format_type(seqtypid, null) as type, seqstart, seqincrement, seqmin, seqmax, seqcache,"
                        + " seqcycle, " + position + " join pg_class c on c.oid = seqrelid"
                        + " join pg_namespace n on n.oid = c.relnamespace where " + Filters.own("pg_class", "c.oid", "n.nspname"),
                row -> {
                    var sequence = relations.listed(row.number("seqrelid"));
                    if (sequence == null) {
                        return;
                    }
                    define(drafts, relations, sequence, row);
                    boolean descending = row.number("seqincrement") < 0;
                    if (row.isNull("last_value")) {
                        unread.add(new Unread(sequence.oid, sequence.draft.node, sequence.schema, sequence.name, descending));
                    } else {
                        sequences.positions.add(new Position(
                                sequence.draft.node, sequence.schema, sequence.name, row.number("last_value"),
                                row.flag("is_called"), descending));
                    }
                });
        for (int from = 0; from < unread.size(); from += BATCH) {
            sequences.ask(session, unread.subList(from, Math.min(from + BATCH, unread.size())));
        }
        return sequences;
    }

    private void ask(Session session, List<Unread> batch) throws SQLException, SchemaChangedException {
        var byOid = batch.stream().collect(Collectors.toMap(Unread::oid, sequence -> sequence));
        session.each(
                String.join(" union all ", batch.stream()
                        .map(s -> "select " + s.oid + " as oid, last_value, is_called from " + Quoting.qualified(s.schema, s.name))
                        .toList()),
                row -> {
                    var sequence = byOid.get(row.number("oid"));
                    positions.add(new Position(
                            sequence.creator, sequence.schema, sequence.name, row.number("last_value"), row.flag("is_called"),
                            sequence.descending));
                });
    }

    /** Those whose position an extension leaves to its user. */
    private static List<Unread> configurationSequences(Session session, Extensions extensions)
            throws SQLException, SchemaChangedException {
        var found = new ArrayList<Unread>();
        if (!extensions.configurationTables.isEmpty()) {
            session.each(
                    "select c.oid, nspname, relname, seqincrement from pg_class c join pg_namespace n on n.oid = relnamespace"
                            + " join pg_sequence on seqrelid = c.oid"
                            + " where relkind = 'S' and c.oid in (" + extensions.configurationOids() + ")",
                    row -> found.add(new Unread(
                            row.number("oid"), extensions.creatorOf(row.number("oid")), row.text("nspname"),
                            row.text("relname"), row.number("seqincrement") < 0)));
        }
        return found;
    }

    List<SequencePosition> list(Map<Node, Integer> ids) {
        return positions.stream()
                .map(p -> new SequencePosition(
                        ids.get(p.creator), p.schema, p.name, p.lastValue, p.isCalled, p.descending))
                .sorted(Comparator.comparingInt(SequencePosition::objectId).thenComparing(SequencePosition::name))
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
                            ObjectKind.SEQUENCE_OWNED_BY, (ObjectAddress) null, sequence.schema, sequence.name,
                            sequence.draft.identity)
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
