package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ColumnData;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.TableRows;
import dev.holdfast.engine.schema.order.Node;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The relations whose rows are exported. */
final class Rows {
    private record Table(Node creator, long oid, String schema, String name, boolean unlogged, String accessMethod,
            String condition, boolean extensionTable, List<ColumnData> columns, boolean binarySafe, boolean fullIdentity) {}

    private final List<Table> tables = new ArrayList<>();
    private final Map<Long, List<Integer>> keys = new HashMap<>();

    static Rows read(Session session, Relations relations, Extensions extensions) throws SQLException, SchemaChangedException {
        var rows = new Rows();
        var safety = BinarySafety.read(session);
        rows.readKeys(session);
        for (var relation : relations.listed()) {
            if (relation.kind == 'r') {
                var columns = relation.columns.stream()
                        .filter(column -> !column.isGenerated())
                        .map(column -> new ColumnData(column.name, column.number, column.typeOid, column.type))
                        .toList();
                rows.tables.add(new Table(
                        relation.draft.node, relation.oid, relation.schema, relation.name, relation.unlogged,
                        relation.accessMethod, null, false, columns, isSafe(safety, columns), relation.fullIdentity));
            }
        }
        rows.tables.sort(Comparator.comparing(Table::schema).thenComparing(Table::name));
        rows.tables.addAll(configurationTables(session, extensions, safety));
        return rows;
    }

    private void readKeys(Session session) throws SQLException, SchemaChangedException {
        session.each(
                """
                select distinct on (i.indrelid) i.indrelid, (i.indkey::int2[]::bigint[])[0:i.indnkeyatts - 1] as columns
                from pg_index i join pg_class c on c.oid = i.indrelid
                where c.relkind = 'r' and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
                    and not exists (
                        select from unnest((i.indkey::int2[]::bigint[])[0:i.indnkeyatts - 1]) k
                        where not exists (
                            select from pg_attribute a
                            where a.attrelid = i.indrelid and a.attnum = k and a.attnotnull and a.attgenerated = ''))
                order by i.indrelid, i.indisprimary desc, i.indexrelid
                """,
                row -> keys.put(
                        row.number("indrelid"), row.numbers("columns").stream().map(Long::intValue).toList()));
    }

    private static boolean isSafe(BinarySafety safety, List<ColumnData> columns) {
        return columns.stream().allMatch(column -> safety.isSafe(column.typeOid()));
    }

    List<TableRows> list(Map<Node, Integer> ids) {
        return tables.stream()
                .map(t -> new TableRows(
                        ids.get(t.creator), t.oid, t.schema, t.name, t.unlogged, t.accessMethod, t.condition, t.extensionTable,
                        t.columns, t.binarySafe, keys.getOrDefault(t.oid, List.of()), t.fullIdentity))
                .toList();
    }

    private static List<Table> configurationTables(Session session, Extensions extensions, BinarySafety safety)
            throws SQLException, SchemaChangedException {
        if (extensions.configurationTables.isEmpty()) {
            return List.of();
        }
        var wanted = extensions.configurationTables.stream()
                .collect(Collectors.toMap(Extensions.ConfigurationTable::oid, t -> t, (a, b) -> a, LinkedHashMap::new));
        var oids = extensions.configurationOids();
        var columns = new HashMap<Long, List<ColumnData>>();
        session.each(
                "select attrelid, attname, attnum, atttypid, format_type(atttypid, atttypmod) as type from pg_attribute"
                        + " where attnum > 0 and not attisdropped and attgenerated = '' and attrelid in (" + oids
                        + ") order by attrelid, attnum",
                row -> columns.computeIfAbsent(row.number("attrelid"), t -> new ArrayList<>())
                        .add(new ColumnData(
                                row.text("attname"), row.integer("attnum"), row.number("atttypid"), row.text("type"))));
        var found = new LinkedHashMap<Long, Table>();
        session.each(
                "select c.oid, nspname, relname, relpersistence, relreplident, amname from pg_class c"
                        + " join pg_namespace n on n.oid = relnamespace left join pg_am m on m.oid = relam"
                        + " where relkind = 'r' and relpersistence <> 't' and c.oid in (" + oids
                        + ") order by nspname, relname",
                row -> {
                    var configuration = wanted.get(row.number("oid"));
                    var own = columns.getOrDefault(row.number("oid"), List.of());
                    found.put(row.number("oid"), new Table(
                            configuration.extension(), row.number("oid"), row.text("nspname"), row.text("relname"),
                            row.letter("relpersistence") == 'u', row.text("amname"), configuration.condition(), true, own,
                            isSafe(safety, own), row.letter("relreplident") == 'f'));
                });
        var references = new HashMap<Long, Set<Long>>();
        session.each(
                "select conrelid, confrelid from pg_constraint where contype = 'f' and conrelid in (" + oids + ")",
                row -> references.computeIfAbsent(row.number("conrelid"), t -> new HashSet<>()).add(row.number("confrelid")));
        return referencedFirst(found, references);
    }

    /** Their foreign keys exist before their rows. Where tables reference each other no order helps. */
    private static List<Table> referencedFirst(Map<Long, Table> tables, Map<Long, Set<Long>> references) {
        var ordered = new LinkedHashMap<Long, Table>();
        for (var oid : tables.keySet()) {
            place(oid, tables, references, ordered, new HashSet<>());
        }
        return List.copyOf(ordered.values());
    }

    private static void place(
            Long oid, Map<Long, Table> tables, Map<Long, Set<Long>> references, Map<Long, Table> ordered, Set<Long> way) {
        if (!tables.containsKey(oid) || ordered.containsKey(oid) || !way.add(oid)) {
            return;
        }
        references.getOrDefault(oid, Set.of()).forEach(referenced -> place(referenced, tables, references, ordered, way));
        ordered.put(oid, tables.get(oid));
    }
}
