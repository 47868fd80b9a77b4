package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.order.ObjectAddress;
import java.sql.SQLException;
import java.util.List;

/** Domains with their constraints. */
final class Domains {
    private Domains() {}

    static void read(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        session.each(
                Types.SELECT
                        + """
                        , t.typnotnull, format_type(t.typbasetype, t.typtypmod) as base,
                        pg_get_expr(t.typdefaultbin, 'pg_type'::regclass) as default_expression, t.typdefault,
                        case when t.typcollation <> b.typcollation
                             then ' COLLATE ' || quote_ident(ln.nspname) || '.' || quote_ident(l.collname) else '' end as collation
                        """
                        + Types.FROM
                        + """
                        left join pg_type b on b.oid = t.typbasetype
                        left join pg_collation l on l.oid = t.typcollation
                        left join pg_namespace ln on ln.oid = l.collnamespace
                        """
                        + Types.WHERE + "t.typtype = 'd'",
                row -> {
                    var draft = Types.add(drafts, row, ObjectKind.DOMAIN);
                    var head = "CREATE " + draft.identity + " AS " + row.text("base") + row.text("collation");
                    // Up to 16 NOT NULL is a property without a constraint of its own.
                    var notNull = row.flag("typnotnull") && !session.since(17) ? " NOT NULL" : "";
                    var tail = defaultClause(row);
                    draft.statements(() -> List.of(head + notNull + tail + inlineConstraints(draft)));
                });
        session.each(
                "select c.tableoid, c.oid, c.conname, c.contypid, c.convalidated, c.contype, n.nspname, t.typname,"
                        + " pg_get_constraintdef(c.oid) as definition"
                        + " from pg_constraint c join pg_type t on t.oid = c.contypid"
                        + " join pg_namespace n on n.oid = t.typnamespace" + Types.WHERE + "c.contype in ('c', 'n')"
                        + " order by c.contypid, c.conname",
                row -> addConstraint(drafts, row));
    }

    private static String defaultClause(Row row) throws SQLException {
        if (row.text("default_expression") != null) {
            return " DEFAULT " + row.text("default_expression");
        }
        return row.text("typdefault") == null ? "" : " DEFAULT " + Quoting.literal(row.text("typdefault"));
    }

    private static void addConstraint(Drafts drafts, Row row) throws SQLException, SchemaChangedException {
        var domain = drafts.draft(drafts.own(new ObjectAddress(Catalogs.PG_TYPE, row.number("contypid"))));
        var name = Quoting.identifier(row.text("conname"));
        var domainName = Quoting.qualified(row.text("nspname"), row.text("typname"));
        var identity = "CONSTRAINT " + name + " ON DOMAIN " + domainName;
        var clause = "CONSTRAINT " + name + " " + row.definition("definition");
        var draft = drafts.add(ObjectKind.CONSTRAINT, row, row.text("nspname"), row.text("conname"), identity)
                .of(row.text("typname"))
                .describedAs(row.address(), identity);
        draft.node.tieBreak(row.text("typname"));
        if (row.flag("convalidated")) {
            domain.inlinePart(draft);
        } else {
            draft.node.separatePartOf(domain.node);
        }
        draft.inlineText = clause;
        draft.statement("ALTER DOMAIN " + domainName + " ADD " + clause);
    }

    private static String inlineConstraints(Draft domain) {
        var text = new StringBuilder();
        for (var part : domain.parts) {
            if (!part.node.isListed()) {
                text.append("\n    ").append(part.inlineText);
            }
        }
        return text.toString();
    }
}
