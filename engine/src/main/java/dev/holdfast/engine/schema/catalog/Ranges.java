package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.SchemaChangedException;
import java.sql.SQLException;

/** Range types, each with its multirange type. */
final class Ranges {
    private Ranges() {}

    static void read(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        session.each(
                Types.SELECT
                        + """
                        , format_type(r.rngsubtype, null) as subtype, format_type(r.rngmultitypid, null) as multirange,
                        case when not o.opcdefault then quote_ident(opn.nspname) || '.' || quote_ident(o.opcname) end as opclass,
                        case when r.rngcollation <> s.typcollation
                             then quote_ident(ln.nspname) || '.' || quote_ident(l.collname) end as collation,
                        nullif(r.rngcanonical::text, '-') as canonical, nullif(r.rngsubdiff::text, '-') as subdiff
                        """
                        + Types.FROM
                        + """
                        join pg_range r on r.rngtypid = t.oid
                        join pg_type s on s.oid = r.rngsubtype
                        join pg_opclass o on o.oid = r.rngsubopc
                        join pg_namespace opn on opn.oid = o.opcnamespace
                        left join pg_collation l on l.oid = r.rngcollation
                        left join pg_namespace ln on ln.oid = l.collnamespace
                        """
                        + Types.WHERE + "t.typtype = 'r'",
                row -> {
                    var draft = Types.add(drafts, row, ObjectKind.TYPE);
                    var sql = new StringBuilder("CREATE ").append(draft.identity).append(" AS RANGE (\n    SUBTYPE = ");
                    sql.append(row.text("subtype"));
                    append(sql, "MULTIRANGE_TYPE_NAME", row.text("multirange"));
                    append(sql, "SUBTYPE_OPCLASS", row.text("opclass"));
                    append(sql, "COLLATION", row.text("collation"));
                    append(sql, "CANONICAL", row.text("canonical"));
                    append(sql, "SUBTYPE_DIFF", row.text("subdiff"));
                    draft.statement(sql.append("\n)").toString());
                    // A canonicalizing function takes and returns the range, so the shell has to be there before it.
                    Types.addShell(drafts, draft);
                });
    }

    private static void append(StringBuilder sql, String property, String value) {
        if (value != null) {
            sql.append(",\n    ").append(property).append(" = ").append(value);
        }
    }
}
