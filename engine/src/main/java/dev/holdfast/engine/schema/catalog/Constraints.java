package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.order.ObjectAddress;
import java.sql.SQLException;

/** Check constraints of tables, and not-null constraints that are not valid. Those of domains are read with the domains. */
final class Constraints {
    private Constraints() {}

    static void read(Session session, Drafts drafts, Relations relations) throws SQLException, SchemaChangedException {
        session.each(
                """
                select c.tableoid, c.oid, c.conname, c.conrelid, c.convalidated, c.conislocal,
                       pg_get_constraintdef(c.oid) as definition
                from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_namespace n on n.oid = t.relnamespace
                where (c.contype = 'c' or c.contype = 'n' and not c.convalidated) and
                """
                        + Filters.own("pg_class", "t.oid", "n.nspname") + " order by c.conrelid, c.conname",
                row -> {
                    var table = relations.listed(row.number("conrelid"));
                    if (table != null) {
                        add(drafts, table, row);
                    }
                });
    }

    private static void add(Drafts drafts, Relation table, Row row) throws SQLException, SchemaChangedException {
        boolean inline = row.flag("convalidated");
        boolean local = row.flag("conislocal");
        if (!local) {
            table.inheritsLater = false;
        }
        if (!local && !(inline && table.partition)) {
            // It comes from the parent. A partition needs it before it is attached.
            drafts.addImplicit(ObjectKind.CONSTRAINT, row.address(), table.schema, row.text("conname"));
            return;
        }
        var name = Quoting.identifier(row.text("conname"));
        var identity = "CONSTRAINT " + name + " ON " + table.quoted;
        var draft = drafts.add(ObjectKind.CONSTRAINT, row, table.schema, row.text("conname"), identity).of(table.name);
        draft.node.tieBreak(table.name);
        draft.inlineText = "CONSTRAINT " + name + " " + row.definition("definition");
        // Not ONLY: it has to reach the tables that inherit.
        draft.statement(table.alter() + " ADD " + draft.inlineText);
        if (local) {
            draft.describedAs(row.address(), identity);
        }
        if (inline) {
            table.draft.inlinePart(draft);
            table.checks.add(draft);
        } else {
            draft.node.separatePartOf(table.draft.node);
        }
    }

    /** Foreign keys; those of a partition that come from its parent come again. */
    static void readForeignKeys(Session session, Drafts drafts, Relations relations, Indexes indexes)
            throws SQLException, SchemaChangedException {
        session.each(
                """
                select c.tableoid, c.oid, c.conname, c.conrelid, c.confrelid, c.conindid,
                       pg_get_constraintdef(c.oid) as definition
                from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_namespace n on n.oid = t.relnamespace
                where c.contype = 'f' and c.conparentid = 0 and
                """
                        + Filters.own("pg_class", "t.oid", "n.nspname") + " order by c.conrelid, c.conname",
                row -> {
                    var table = relations.listed(row.number("conrelid"));
                    if (table == null) {
                        return;
                    }
                    var name = Quoting.identifier(row.text("conname"));
                    var identity = "CONSTRAINT " + name + " ON " + table.quoted;
                    var draft = drafts.add(ObjectKind.FOREIGN_KEY, row, table.schema, row.text("conname"), identity)
                            .of(table.name)
                            // Of a partitioned table it reaches the partitions, of others it does not reach heirs.
                            .statement((table.kind == 'p' ? table.alter() : table.alterOnly()) + " ADD CONSTRAINT " + name + " "
                                    + row.definition("definition"))
                            .describedAs(row.address(), identity);
                    draft.node.tieBreak(table.name);
                    // It is looked up by the referenced columns; pg_depend would do but for a partitioned table, whose key is
                    // valid only when those of all its partitions are attached.
                    indexes.attachmentsBelow(row.number("conindid")).forEach(draft.node::dependsOn);
                    var referenced = drafts.own(new ObjectAddress(Catalogs.PG_CLASS, row.number("confrelid")));
                    if (referenced != null) {
                        draft.node.dependsOn(referenced);
                    }
                });
    }
}
