package dev.holdfast.engine.backup;

import dev.holdfast.engine.cluster.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Tells whether anything that a snapshot sees has been redefined or dropped since. PostgreSQL's deparsers read the newest
 * catalog, not the snapshot: the schema they gave is that of the snapshot only if nothing has.
 *
 * <p>Made of the xmin of every catalog row that the snapshot sees: a row that was changed or deleted since is not there any
 * more. What was created since does not count, and neither do temporary objects, so that an application which makes tables
 * all the time does not keep a backup from starting. VACUUM and ANALYZE change rows in place.
 */
final class CatalogFingerprint {
    private static final List<String> CATALOGS_WITH_OID = List.of(
            "pg_am",
            "pg_cast",
            "pg_collation",
            "pg_conversion",
            "pg_default_acl",
            "pg_enum",
            "pg_event_trigger",
            "pg_extension",
            "pg_foreign_data_wrapper",
            "pg_foreign_server",
            "pg_language",
            "pg_opclass",
            "pg_operator",
            "pg_opfamily",
            "pg_policy",
            "pg_proc",
            "pg_publication",
            "pg_publication_rel",
            "pg_publication_namespace",
            "pg_statistic_ext",
            "pg_transform",
            "pg_ts_config",
            "pg_ts_dict",
            "pg_ts_parser",
            "pg_ts_template",
            "pg_user_mapping");

    private static final String QUERY =
            """
            with snapshot as (
                select ?::pg_catalog.pg_snapshot as s
            ), temporary as materialized (
                select c.oid from pg_catalog.pg_class c where c.relpersistence = 't'
            ), temporary_schema as materialized (
                select oid from pg_catalog.pg_namespace where nspname ~ '^pg_(toast_)?temp_'
            ), rows as (
                select 'pg_class' as c, oid::text as id, xmin::text as x from pg_catalog.pg_class
                    where relpersistence <> 't'
                union all select 'pg_attribute', attrelid || '.' || attnum, xmin::text from pg_catalog.pg_attribute
                    where attrelid not in (select oid from temporary)
                union all select 'pg_attrdef', oid::text, xmin::text from pg_catalog.pg_attrdef
                    where adrelid not in (select oid from temporary)
                union all select 'pg_constraint', oid::text, xmin::text from pg_catalog.pg_constraint
                    where conrelid not in (select oid from temporary)
                union all select 'pg_index', indexrelid::text, xmin::text from pg_catalog.pg_index
                    where indrelid not in (select oid from temporary)
                union all select 'pg_inherits', inhrelid || '.' || inhparent, xmin::text from pg_catalog.pg_inherits
                    where inhrelid not in (select oid from temporary)
                union all select 'pg_rewrite', oid::text, xmin::text from pg_catalog.pg_rewrite
                    where ev_class not in (select oid from temporary)
                union all select 'pg_trigger', oid::text, xmin::text from pg_catalog.pg_trigger
                    where tgrelid not in (select oid from temporary)
                union all select 'pg_type', oid::text, xmin::text from pg_catalog.pg_type
                    where typnamespace not in (select oid from temporary_schema)
                union all select 'pg_namespace', oid::text, xmin::text from pg_catalog.pg_namespace
                    where oid not in (select oid from temporary_schema)
                union all select 'pg_description', objoid || '.' || classoid || '.' || objsubid, xmin::text
                    from pg_catalog.pg_description
                union all select 'pg_sequence', seqrelid::text, xmin::text from pg_catalog.pg_sequence
                    where seqrelid not in (select oid from temporary)
                %s
            )
            select pg_catalog.count(*) || ' ' || pg_catalog.sum(pg_catalog.hashtextextended(c || ' ' || id || ' ' || x, 0))::text
            from (
                select c, id, x, s, x::int8 as short, pg_catalog.pg_snapshot_xmax(s)::text::int8 as next,
                    pg_catalog.pg_snapshot_xmax(s)::text::int8 >> 32 << 32 as epoch
                from rows, snapshot
            ) r
            -- xmin is the low half of a transaction id; 1 and 2 are bootstrap and frozen.
            where short < 3 or pg_catalog.pg_visible_in_snapshot(
                (case when epoch + short < next then epoch + short else greatest(3, epoch + short - 4294967296) end)::text::xid8, s)
            """
                    .formatted(CATALOGS_WITH_OID.stream()
                            .map(catalog -> "union all select '" + catalog + "', oid::text, xmin::text from pg_catalog." + catalog)
                            .collect(Collectors.joining("\n    ")));

    private CatalogFingerprint() {}

    /** Of what {@code snapshot} (a pg_snapshot as text) sees and is still there for this connection. */
    static String read(Connection connection, String snapshot) throws SQLException {
        return Sql.one(connection, QUERY, row -> row.getString(1), snapshot);
    }
}
