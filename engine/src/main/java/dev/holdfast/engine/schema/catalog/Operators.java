package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import java.sql.SQLException;

final class Operators {
    private Operators() {}

    static void read(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        session.each(
                """
                select o.tableoid, o.oid, n.nspname, o.oprname, pg_get_userbyid(o.oprowner) as owner,
                       case when o.oprleft <> 0 then format_type(o.oprleft, null) end as left_type,
                       case when o.oprright <> 0 then format_type(o.oprright, null) end as right_type,
                       o.oprcode::text as function, o.oprcanmerge, o.oprcanhash,
                       case when o.oprcom <> 0
                            then 'OPERATOR(' || quote_ident(cn.nspname) || '.' || c.oprname || ')' end as commutator,
                       case when o.oprnegate <> 0
                            then 'OPERATOR(' || quote_ident(gn.nspname) || '.' || g.oprname || ')' end as negator,
                       nullif(o.oprrest::text, '-') as restriction, nullif(o.oprjoin::text, '-') as join_function
                from pg_operator o join pg_namespace n on n.oid = o.oprnamespace
                left join pg_operator c on c.oid = o.oprcom left join pg_namespace cn on cn.oid = c.oprnamespace
                left join pg_operator g on g.oid = o.oprnegate left join pg_namespace gn on gn.oid = g.oprnamespace
                where o.oprcode <> 0 and
                """
                        // Without a function it is a shell that only another operator's COMMUTATOR or NEGATOR names.
                        + Filters.own("pg_operator", "o.oid", "n.nspname"),
                row -> add(drafts, row));
    }

    private static void add(Drafts drafts, Row row) throws SQLException {
        var name = Quoting.identifier(row.text("nspname")) + "." + row.text("oprname");
        var left = row.text("left_type");
        var right = row.text("right_type");
        var identity = "OPERATOR " + name + " (" + (left == null ? "NONE" : left) + ", " + (right == null ? "NONE" : right) + ")";
        var sql = new StringBuilder("CREATE OPERATOR ").append(name).append(" (\n    FUNCTION = ").append(row.text("function"));
        append(sql, "LEFTARG", left);
        append(sql, "RIGHTARG", right);
        append(sql, "COMMUTATOR", row.text("commutator"));
        append(sql, "NEGATOR", row.text("negator"));
        if (row.flag("oprcanmerge")) {
            sql.append(",\n    MERGES");
        }
        if (row.flag("oprcanhash")) {
            sql.append(",\n    HASHES");
        }
        append(sql, "RESTRICT", row.text("restriction"));
        append(sql, "JOIN", row.text("join_function"));
        var draft = drafts.add(ObjectKind.OPERATOR, row, row.text("nspname"), row.text("oprname"), identity)
                .statement(sql.append("\n)").toString())
                .owner(row.text("owner"))
                .describedAs(row.address(), identity);
        draft.node.tieBreak(identity);
    }

    private static void append(StringBuilder sql, String property, String value) {
        if (value != null) {
            sql.append(",\n    ").append(property).append(" = ").append(value);
        }
    }
}
