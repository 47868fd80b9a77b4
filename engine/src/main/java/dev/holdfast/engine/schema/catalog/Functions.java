package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import java.sql.SQLException;

/** Functions, window functions and procedures. */
final class Functions {
    private static final String OR_REPLACE = "CREATE OR REPLACE ";

    private Functions() {}

    static void read(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        session.each(
                """
                select p.tableoid, p.oid, n.nspname, p.proname, pg_get_userbyid(p.proowner) as owner, p.prokind,
                       pg_get_functiondef(p.oid) as definition, pg_get_function_identity_arguments(p.oid) as arguments
                from pg_proc p join pg_namespace n on n.oid = p.pronamespace
                where p.prokind <> 'a' and
                """
                        + Filters.own("pg_proc", "p.oid", "n.nspname")
                        // The constructors of a range type come with it.
                        + """
                         and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid
                                         and d.deptype = 'i')
                        """,
                row -> {
                    var kind = row.letter("prokind") == 'p' ? ObjectKind.PROCEDURE : ObjectKind.FUNCTION;
                    var arguments = row.definition("arguments");
                    var identity = kind.name() + " " + Quoting.qualified(row.text("nspname"), row.text("proname"))
                            + "(" + arguments + ")";
                    var draft = drafts.add(kind, row, row.text("nspname"), row.text("proname"), identity)
                            .statement(create(row.definition("definition")))
                            .owner(row.text("owner"))
                            .describedAs(row.address(), identity)
                            .mayDependOnExtension(row.address(), identity);
                    draft.node.tieBreak(arguments);
                });
    }

    /** A restore into a live database must not overwrite a function that is there. */
    private static String create(String definition) {
        if (!definition.startsWith(OR_REPLACE)) {
            throw new IllegalStateException("pg_get_functiondef gave: " + definition);
        }
        return "CREATE " + definition.substring(OR_REPLACE.length()).stripTrailing();
    }
}
