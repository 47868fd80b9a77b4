package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.order.ObjectAddress;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Grants on everything. They are kept as the difference from what the object has when it is created: the default of its kind,
 * or, for what initdb or an extension's script makes, what that gave (pg_init_privs).
 */
final class Grants {
    private static final String QUERY =
            """
            select g.*, pg_get_userbyid(g.owner_oid) as owner, g.acl_items::text[] as acl,
                   g.default_items::text[] as default_acl, i.initprivs::text[] as initial_acl
            from (
                select 2615 as catalog, n.oid, 0 as part, 'SCHEMA' as type, null as column, quote_ident(nspname) as target,
                       null as schema, nspname::text as name, nspowner as owner_oid, nspacl as acl_items,
                       acldefault('n', nspowner) as default_items
                from pg_namespace n where %1$s
                union all
                select 1259, c.oid, 0, case when relkind = 'S' then 'SEQUENCE' else 'TABLE' end, null,
                       quote_ident(nspname) || '.' || quote_ident(relname), nspname, relname, relowner, relacl,
                       acldefault(case when relkind = 'S' then 's'::"char" else 'r'::"char" end, relowner)
                from pg_class c join pg_namespace n on n.oid = relnamespace
                where relkind in ('r', 'p', 'v', 'm', 'f', 'S') and (%1$s or %2$s)
                union all
                select 1259, c.oid, attnum, 'TABLE', quote_ident(attname), quote_ident(nspname) || '.' || quote_ident(relname),
                       nspname, relname, relowner, attacl, '{}'
                from pg_attribute a join pg_class c on c.oid = attrelid join pg_namespace n on n.oid = relnamespace
                where not attisdropped
                and (attacl is not null or attrelid in (select objoid from pg_init_privs where objsubid <> 0))
                and (%1$s or %2$s)
                union all
                select 1255, p.oid, 0, case prokind when 'p' then 'PROCEDURE' else 'FUNCTION' end, null,
                       quote_ident(nspname) || '.' || quote_ident(proname) || '(' || case when prokind = 'a' then
                           array_to_string(array(select format_type(t, null) from unnest(proargtypes) with ordinality u(t, place)
                                                 order by place), ', ')
                           else pg_get_function_identity_arguments(p.oid) end || ')',
                       nspname, proname, proowner, proacl, acldefault('f', proowner)
                from pg_proc p join pg_namespace n on n.oid = pronamespace
                where (proacl is not null or p.oid in (select objoid from pg_init_privs)) and (%1$s or %3$s)
                union all
                select 1247, t.oid, 0, 'TYPE', null, quote_ident(nspname) || '.' || quote_ident(typname), nspname, typname,
                       typowner, typacl, acldefault('T', typowner)
                from pg_type t join pg_namespace n on n.oid = typnamespace
                where (typacl is not null or t.oid in (select objoid from pg_init_privs)) and (%1$s or %4$s)
                union all
                select 2612, oid, 0, 'LANGUAGE', null, quote_ident(lanname), null, lanname, lanowner, lanacl,
                       acldefault('l', lanowner)
                from pg_language where lanispl and lanpltrusted
                union all
                select 2328, oid, 0, 'FOREIGN DATA WRAPPER', null, quote_ident(fdwname), null, fdwname, fdwowner, fdwacl,
                       acldefault('F', fdwowner)
                from pg_foreign_data_wrapper
                union all
                select 1417, oid, 0, 'FOREIGN SERVER', null, quote_ident(srvname), null, srvname, srvowner, srvacl,
                       acldefault('S', srvowner)
                from pg_foreign_server
            ) g
            left join pg_init_privs i on i.classoid = g.catalog and i.objoid = g.oid and i.objsubid = g.part
            where g.acl_items is distinct from i.initprivs or g.name = 'public' and g.type = 'SCHEMA'
            -- A table's before those of its columns, system columns too: REVOKE on a table takes its columns' away.
            order by g.catalog, g.oid, g.part <> 0, g.part
            """;

    private Grants() {}

    static void read(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        var own = "(" + Filters.userSchema("nspname") + " or nspname = 'pg_catalog')";
        Map<ObjectAddress, Draft> others = new HashMap<>();
        session.each(
                QUERY.formatted(own, member("pg_class", "c.oid"), member("pg_proc", "p.oid"), member("pg_type", "t.oid")),
                row -> {
                    var subject = new Acl.Subject(row.text("type"), row.text("column"), row.text("owner"), "");
                    var changes = Acl.changes(initial(row), current(row), subject);
                    var draft = changes.isEmpty() ? null : draft(drafts, others, row);
                    if (draft != null) {
                        var target = row.definition("target");
                        changes.forEach(change -> draft.grants.add(change.on(target)));
                    }
                });
    }

    private static String member(String catalog, String oid) {
        return "not " + Filters.notInExtension(catalog, oid);
    }

    private static List<Acl.Item> initial(Row row) throws SQLException {
        if (isPublicSchema(row)) {
            // What a new database's public schema has once it belongs to this owner, whatever this one was born with.
            var owner = row.text("owner");
            return List.of(Acl.Item.of(owner, "UC", owner), Acl.Item.of("", "U", owner));
        }
        var initial = row.texts("initial_acl");
        return Acl.parse(initial == null || initial.isEmpty() ? row.texts("default_acl") : initial);
    }

    private static List<Acl.Item> current(Row row) throws SQLException {
        var acl = row.texts("acl");
        return Acl.parse(acl == null ? row.texts("default_acl") : acl);
    }

    private static boolean isPublicSchema(Row row) throws SQLException {
        return row.text("type").equals("SCHEMA") && row.text("name").equals("public");
    }

    /** Null for what a restore neither creates nor finds there: a table's row type. */
    private static Draft draft(Drafts drafts, Map<ObjectAddress, Draft> others, Row row) throws SQLException {
        var address = new ObjectAddress(row.number("catalog"), row.number("oid"));
        var created = drafts.own(address);
        if (created != null) {
            return drafts.draft(created);
        }
        var extension = drafts.creator(address);
        if (extension == null && address.oid() >= Filters.FIRST_USER_OID) {
            return null;
        }
        var known = others.get(address);
        if (known == null) {
            known = drafts.add(
                    ObjectKind.PRIVILEGES, (ObjectAddress) null, row.text("schema"), row.text("name"),
                    row.text("type") + " " + row.text("target"));
            known.node.tieBreak(row.text("target"));
            if (extension != null) {
                known.node.dependsOn(extension);
            }
            others.put(address, known);
        }
        return known;
    }

    /** ALTER DEFAULT PRIVILEGES. Those of a schema only add to the global ones, which replace what is built in. */
    static void readDefaults(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        var words = Map.of(
                'r', "TABLES", 'S', "SEQUENCES", 'f', "FUNCTIONS", 'T', "TYPES", 'n', "SCHEMAS", 'L', "LARGE OBJECTS");
        session.each(
                """
                select d.tableoid, d.oid, pg_get_userbyid(defaclrole) as role, nspname, defaclobjtype, defaclacl::text[] as acl,
                       case when defaclnamespace = 0 then acldefault(
                           case when defaclobjtype = 'S' then 's'::"char" else defaclobjtype end, defaclrole)::text[] end
                       as default_acl
                from pg_default_acl d left join pg_namespace n on n.oid = defaclnamespace
                where nspname is null or
                """
                        + Filters.userSchema("nspname"),
                row -> {
                    var role = row.text("role");
                    var type = words.get(row.letter("defaclobjtype"));
                    var schema = row.text("nspname");
                    var prefix = "ALTER DEFAULT PRIVILEGES FOR ROLE " + Quoting.identifier(role) + " "
                            + (schema == null ? "" : "IN SCHEMA " + Quoting.identifier(schema) + " ");
                    var changes = Acl.changes(
                            Acl.parse(row.texts("default_acl")), Acl.parse(row.texts("acl")),
                            new Acl.Subject(type, null, role, prefix));
                    if (!changes.isEmpty()) {
                        var draft = drafts.add(
                                ObjectKind.DEFAULT_PRIVILEGES, row, schema, type, "DEFAULT PRIVILEGES FOR " + type);
                        draft.node.tieBreak(role);
                        changes.forEach(change -> draft.grants.add(change.onNothing()));
                    }
                });
    }
}
