package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.order.Node;
import dev.holdfast.engine.schema.order.ObjectAddress;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Indexes, and the primary key, unique and exclusion constraints that own one. */
final class Indexes {
    private record Index(long oid, long parent, Relation table, String quoted, Draft draft, Node node) {}

    private final Map<Long, Index> byOid = new HashMap<>();
    /** The attachments of indexes of partitions, by the index they are attached to. */
    private final Map<Long, List<Node>> attachments = new HashMap<>();

    private final Map<Long, List<Long>> children = new HashMap<>();

    static Indexes read(Session session, Drafts drafts, Relations relations) throws SQLException, SchemaChangedException {
        var indexes = new Indexes();
        session.each(
                """
                select x.tableoid, x.oid, x.relname, quote_ident(x.relname) as quoted_name, i.indrelid, i.indisclustered,
                       i.indisreplident, i.indnullsnotdistinct, i.indnkeyatts, x.reloptions, s.spcname, h.inhparent,
                       c.tableoid as constraint_catalog, c.oid as constraint_oid, c.conname, c.contype, c.condeferrable,
                       c.condeferred, %s as period,
                       case when c.oid is null then pg_get_indexdef(x.oid) end as definition,
                       case when c.contype = 'x' then pg_get_constraintdef(c.oid) end as exclusion,
                       i.indkey::int2[]::bigint[] as columns, a.statistics
                from pg_index i join pg_class x on x.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
                join pg_namespace n on n.oid = t.relnamespace
                left join pg_constraint c on c.conrelid = i.indrelid and c.conindid = i.indexrelid and c.contype in ('p', 'u', 'x')
                left join pg_inherits h on h.inhrelid = x.oid
                left join pg_tablespace s on s.oid = x.reltablespace
                left join (select attrelid, array_agg('ALTER COLUMN ' || attnum || ' SET STATISTICS ' || attstattarget
                                                      order by attnum) as statistics
                           from pg_attribute
                           where attstattarget >= 0 and attrelid in (select indexrelid from pg_index) group by attrelid) a
                     on a.attrelid = x.oid
                where (i.indisvalid or t.relkind = 'p') and i.indisready and %s
                order by x.oid
                """
                        .formatted(
                                session.since(18, "c.conperiod", "false"), Filters.own("pg_class", "t.oid", "n.nspname")),
                row -> {
                    var table = relations.listed(row.number("indrelid"));
                    if (table != null) {
                        indexes.add(drafts, table, row);
                    }
                });
        indexes.attach(drafts);
        return indexes;
    }

    private void add(Drafts drafts, Relation table, Row row) throws SQLException, SchemaChangedException {
        var quoted = Quoting.qualified(table.schema, row.text("relname"));
        var identity = "INDEX " + quoted;
        Draft draft;
        Node node;
        if (row.number("constraint_oid") == 0) {
            draft = drafts.add(ObjectKind.INDEX, row, table.schema, row.text("relname"), identity).of(table.name);
            node = draft.node;
            draft.statements(statementsWith(table, row, row.definition("definition")));
        } else {
            var address = new ObjectAddress(row.number("constraint_catalog"), row.number("constraint_oid"));
            var name = Quoting.identifier(row.text("conname"));
            var constraint = "CONSTRAINT " + name + " ON " + table.quoted;
            draft = drafts.add(ObjectKind.CONSTRAINT, address, table.schema, row.text("conname"), constraint).of(table.name);
            draft.node.tieBreak(table.name);
            draft.statements(statementsWith(table, row, table.alterOnly() + " ADD CONSTRAINT " + name + " " + key(table, row)));
            draft.describedAs(address, constraint);
            // The index only leads to its constraint.
            node = drafts.addImplicit(ObjectKind.INDEX, row.address(), table.schema, row.text("relname"));
            node.dependsOn(draft.node);
        }
        draft.describedAs(row.address(), identity).mayDependOnExtension(row.address(), identity);
        draft.tablespace = row.text("spcname");
        var index = new Index(row.number("oid"), row.number("inhparent"), table, quoted, draft, node);
        byOid.put(index.oid, index);
    }

    private static Supplier<List<String>> statementsWith(Relation table, Row row, String create)
            throws SQLException {
        var statements = new ArrayList<String>();
        statements.add(create);
        if (row.flag("indisclustered")) {
            statements.add("ALTER TABLE " + table.quoted + " CLUSTER ON " + row.text("quoted_name"));
        }
        var statistics = row.texts("statistics");
        if (statistics != null) {
            var index = Quoting.qualified(table.schema, row.text("relname"));
            statistics.forEach(clause -> statements.add("ALTER INDEX " + index + " " + clause));
        }
        if (row.flag("indisreplident") || row.number("oid") == table.identityIndex) {
            statements.add("ALTER TABLE ONLY " + table.quoted + " REPLICA IDENTITY USING INDEX " + row.text("quoted_name"));
        }
        return () -> statements;
    }

    private static String key(Relation table, Row row) throws SQLException, SchemaChangedException {
        char type = row.letter("contype");
        if (type == 'x') {
            return row.definition("exclusion");
        }
        var columns = row.numbers("columns").stream().map(number -> table.column(number.intValue()).quoted).toList();
        int keys = row.integer("indnkeyatts");
        var sql = new StringBuilder(type == 'p' ? "PRIMARY KEY" : "UNIQUE");
        if (row.flag("indnullsnotdistinct") && type == 'u') {
            sql.append(" NULLS NOT DISTINCT");
        }
        sql.append(" (").append(String.join(", ", columns.subList(0, keys)));
        sql.append(row.flag("period") ? " WITHOUT OVERLAPS)" : ")");
        if (keys < columns.size()) {
            sql.append(" INCLUDE (").append(String.join(", ", columns.subList(keys, columns.size()))).append(')');
        }
        var options = Relations.options(row.texts("reloptions"), null);
        sql.append(options.isEmpty() ? "" : " WITH (" + options + ")");
        if (row.flag("condeferrable")) {
            sql.append(row.flag("condeferred") ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE");
        }
        return sql.toString();
    }

    private void attach(Drafts drafts) {
        for (var index : byOid.values()) {
            var parent = byOid.get(index.parent);
            if (parent == null || !index.table.partition) {
                continue;
            }
            index.node.parentIndex(parent.node);
            children.computeIfAbsent(parent.oid, o -> new ArrayList<>()).add(index.oid);
            var draft = drafts.add(
                            ObjectKind.INDEX_PARTITION, (ObjectAddress) null, index.table.schema, index.node.name(),
                            "INDEX " + index.quoted)
                    .of(index.table.name)
                    .statement("ALTER INDEX " + parent.quoted + " ATTACH PARTITION " + index.quoted);
            draft.node.dependsOn(index.node);
            draft.node.dependsOn(parent.node);
            draft.node.dependsOn(index.table.draft.node);
            draft.node.dependsOn(parent.table.draft.node);
            attachments.computeIfAbsent(parent.oid, o -> new ArrayList<>()).add(draft.node);
        }
    }

    /** All attachments that make the partitioned index valid. */
    List<Node> attachmentsBelow(long index) {
        var all = new ArrayList<>(attachments.getOrDefault(index, List.of()));
        children.getOrDefault(index, List.of()).forEach(child -> all.addAll(attachmentsBelow(child)));
        return all;
    }
}
