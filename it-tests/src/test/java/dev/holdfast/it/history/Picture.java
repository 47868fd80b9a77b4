package dev.holdfast.it.history;

import dev.holdfast.it.support.Rows;
import dev.holdfast.it.support.Sessions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a database holds and how it is defined, for comparison with another one: rows as counts and hashes, definitions as
 * PostgreSQL's own catalogs and deparsers say them. Sequences and large objects are left out: they have no past.
 */
record Picture(Map<String, String> parts) {
    private static final String DEFINITIONS =
            """
            with schemas as (
                select oid, nspname from pg_namespace
                where nspname !~ '^pg_' and nspname not in ('information_schema', 'holdfast')
            ), relations as (
                select c.*, format('%I.%I', s.nspname, c.relname) as name from pg_class c join schemas s on s.oid = c.relnamespace
            )
            select 'schema ' || nspname, pg_get_userbyid(nspowner)
            from pg_namespace where oid in (select oid from schemas)
            union all
            select 'relation ' || name, concat_ws(' ', relkind, relpersistence, pg_get_userbyid(relowner), reloptions::text,
                case when reloftype <> 0 then reloftype::regtype end, pg_get_partkeydef(oid), pg_get_expr(relpartbound, oid),
                relrowsecurity, obj_description(oid, 'pg_class'))
            from relations where relkind <> 'i' and relkind <> 'I'
            union all
            select 'column ' || r.name || ' ' || row_number() over (partition by a.attrelid order by a.attnum), concat_ws(' ',
                a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, a.attstorage,
                a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum))
            from relations r join pg_attribute a on a.attrelid = r.oid left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
            where a.attnum > 0 and not a.attisdropped and r.relkind in ('r', 'p', 'v', 'm', 'c')
            union all
            select 'constraint ' || coalesce(r.name, c.contypid::regtype::text) || ' ' || c.conname,
                pg_get_constraintdef(c.oid) || ' ' || c.convalidated
            from pg_constraint c left join relations r on r.oid = c.conrelid
            where c.connamespace in (select oid from schemas)
            union all
            select 'index ' || i.indexrelid::regclass, pg_get_indexdef(i.indexrelid) || ' ' || i.indisclustered
            from pg_index i join relations r on r.oid = i.indrelid
            union all
            select 'view ' || name, pg_get_viewdef(oid) from relations where relkind in ('v', 'm')
            union all
            select 'parent ' || r.name || ' ' || i.inhseqno, i.inhparent::regclass::text || ' ' || i.inhdetachpending
            from pg_inherits i join relations r on r.oid = i.inhrelid
            union all
            select 'trigger ' || r.name || ' ' || t.tgname, pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text
            from pg_trigger t join relations r on r.oid = t.tgrelid where not t.tgisinternal
            union all
            select 'rule ' || r.name || ' ' || w.rulename, pg_get_ruledef(w.oid)
            from pg_rewrite w join relations r on r.oid = w.ev_class where w.rulename <> '_RETURN'
            union all
            select 'policy ' || r.name || ' ' || p.polname, pg_get_expr(p.polqual, p.polrelid)
            from pg_policy p join relations r on r.oid = p.polrelid
            union all
            select 'function ' || p.oid::regprocedure, pg_get_functiondef(p.oid)
            from pg_proc p where p.pronamespace in (select oid from schemas) and p.prokind in ('f', 'p')
                and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
            union all
            select 'type ' || t.oid::regtype, concat_ws(' ', t.typtype, t.typnotnull, t.typdefault, format_type(t.typbasetype, t.typtypmod),
                (select string_agg(e.enumlabel, ',' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid))
            from pg_type t where t.typnamespace in (select oid from schemas)
                and not exists (select from pg_depend d where d.objid = t.oid and d.deptype = 'e')
            union all
            select 'extension ' || extname, extversion || ' ' || extnamespace::regnamespace from pg_extension
            union all
            select 'publication ' || pubname, puballtables || ' ' || array(
                select pr.prrelid::regclass::text from pg_publication_rel pr where pr.prpubid = p.oid order by 1)::text
            from pg_publication p
            union all
            select 'event trigger ' || evtname, evtevent || ' ' || evtenabled::text from pg_event_trigger where evtname !~ '^holdfast_'
            """;

    static Picture of(Connection connection) throws SQLException {
        var parts = new TreeMap<String, String>();
        // Names come out the same whatever the application's search path is.
        Sessions.execute(connection, "set search_path = pg_catalog");
        // Restored materialized views are fresh, whatever the originals are.
        Rows.of(connection, "n.nspname <> 'holdfast' and c.relkind = 'r'").forEach((table, rows) -> parts.put("rows of " + table, rows));
        try (var statement = connection.createStatement();
                var result = statement.executeQuery(DEFINITIONS)) {
            while (result.next()) {
                var before = parts.put(result.getString(1), result.getString(2));
                if (before != null) {
                    throw new IllegalStateException("two of " + result.getString(1));
                }
            }
        }
        Sessions.execute(connection, "reset search_path");
        return new Picture(parts);
    }

    /** What is not the same, on both sides. */
    Map<String, String> differences(Picture restored) {
        var differences = new TreeMap<String, String>();
        parts.forEach((name, text) -> {
            var other = restored.parts.get(name);
            if (!text.equals(other)) {
                differences.put(name, text + " <> " + other);
            }
        });
        restored.parts.forEach((name, text) -> {
            if (!parts.containsKey(name)) {
                differences.put(name, "not there <> " + text);
            }
        });
        return differences;
    }
}
