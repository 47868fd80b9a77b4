package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.RoleClause;
import dev.holdfast.engine.schema.SchemaChangedException;
import java.sql.SQLException;
import java.util.Map;

/** Row security policies. */
final class Policies {
    private static final Map<Character, String> COMMANDS =
            Map.of('*', "", 'r', " FOR SELECT", 'a', " FOR INSERT", 'w', " FOR UPDATE", 'd', " FOR DELETE");

    private Policies() {}

    static void read(Session session, Drafts drafts, Relations relations) throws SQLException, SchemaChangedException {
        session.each(
                """
                select p.tableoid, p.oid, p.polname, p.polrelid, p.polcmd, p.polpermissive,
                       pg_get_expr(p.polqual, p.polrelid) as condition, pg_get_expr(p.polwithcheck, p.polrelid) as check_condition,
                       p.polqual is not null as has_condition, p.polwithcheck is not null as has_check,
                       case when p.polroles <> '{0}' then
                           array(select rolname::text from pg_roles where oid = any (p.polroles) order by rolname) end as roles
                from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace where
                """
                        + Filters.own("pg_class", "c.oid", "n.nspname") + " order by p.oid",
                row -> {
                    var table = relations.listed(row.number("polrelid"));
                    if (table != null) {
                        add(drafts, table, row);
                    }
                });
    }

    private static void add(Drafts drafts, Relation table, Row row) throws SQLException, SchemaChangedException {
        var identity = "POLICY " + Quoting.identifier(row.text("polname")) + " ON " + table.quoted;
        var before = "CREATE " + identity + (row.flag("polpermissive") ? "" : " AS RESTRICTIVE")
                + COMMANDS.get(row.letter("polcmd"));
        var after = (row.flag("has_condition") ? " USING (" + row.definition("condition") + ")" : "")
                + (row.flag("has_check") ? " WITH CHECK (" + row.definition("check_condition") + ")" : "");
        var draft = drafts.add(ObjectKind.POLICY, row, table.schema, row.text("polname"), identity).of(table.name);
        draft.describedAs(row.address(), identity).node.tieBreak(table.name);
        draft.node.dependsOn(table.draft.node);
        var roles = row.texts("roles");
        if (roles == null) {
            draft.statement(before + after);
        } else {
            draft.roles = roles;
            draft.roleClause = new RoleClause(before + " TO ", roles, after);
            draft.statement(draft.roleClause.statement(roles));
        }
    }
}
