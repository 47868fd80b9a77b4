package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.SchemaChangedException;
import java.sql.SQLException;
import java.util.Map;

final class Casts {
    private static final Map<Character, String> CONTEXTS = Map.of('a', " AS ASSIGNMENT", 'i', " AS IMPLICIT", 'e', "");

    private Casts() {}

    static void read(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        session.each(
                """
                select c.tableoid, c.oid, format_type(castsource, null) as source, format_type(casttarget, null) as target,
                       castmethod, castcontext, castfunc::regprocedure::text as function,
                       (select typname from pg_type where oid = castsource) || ' '
                       || (select typname from pg_type where oid = casttarget) as names
                from pg_cast c
                where not exists (select from pg_range r where r.rngtypid = castsource and r.rngmultitypid = casttarget) and
                """
                        + Filters.own("pg_cast", "c.oid"),
                row -> {
                    var identity = "CAST (" + row.text("source") + " AS " + row.text("target") + ")";
                    var method = switch (row.letter("castmethod")) {
                        case 'b' -> "WITHOUT FUNCTION";
                        case 'i' -> "WITH INOUT";
                        default -> "WITH FUNCTION " + row.definition("function");
                    };
                    drafts.add(ObjectKind.CAST, row, null, row.definition("names"), identity)
                            .statement("CREATE " + identity + " " + method + CONTEXTS.get(row.letter("castcontext")))
                            .describedAs(row.address(), identity);
                });
    }
}
