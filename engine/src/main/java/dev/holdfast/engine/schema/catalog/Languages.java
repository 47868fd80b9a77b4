package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import java.sql.SQLException;

/** Procedural languages that no extension brought, and transforms. */
final class Languages {
    private Languages() {}

    static void read(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        session.each(
                """
                select l.tableoid, l.oid, lanname, lanpltrusted, pg_get_userbyid(lanowner) as owner,
                       case when hn.nspname <> 'pg_catalog' then lanplcallfoid::regproc::text end as handler,
                       nullif(laninline::regproc::text, '-') as inline_handler,
                       nullif(lanvalidator::regproc::text, '-') as validator
                from pg_language l
                left join pg_proc h on h.oid = lanplcallfoid left join pg_namespace hn on hn.oid = h.pronamespace
                where lanispl and
                """
                        + Filters.own("pg_language", "l.oid"),
                row -> {
                    var name = Quoting.identifier(row.text("lanname"));
                    drafts.add(ObjectKind.LANGUAGE, row, null, row.text("lanname"), "LANGUAGE " + name)
                            .statement(create(row, name))
                            .owner(row.text("owner"))
                            .describedAs(row.address(), "LANGUAGE " + name);
                });
        session.each(
                """
                select t.tableoid, t.oid, format_type(trftype, null) as type, lanname,
                       case when trffromsql <> 0 then trffromsql::regprocedure::text end as from_sql,
                       case when trftosql <> 0 then trftosql::regprocedure::text end as to_sql
                from pg_transform t join pg_language l on l.oid = trflang where
                """
                        + Filters.own("pg_transform", "t.oid"),
                row -> {
                    var subject = "TRANSFORM FOR " + row.text("type") + " LANGUAGE " + Quoting.identifier(row.text("lanname"));
                    var from = row.text("from_sql") == null ? "" : "FROM SQL WITH FUNCTION " + row.text("from_sql");
                    var to = row.text("to_sql") == null ? "" : "TO SQL WITH FUNCTION " + row.text("to_sql");
                    drafts.add(ObjectKind.TRANSFORM, row, null, row.text("type") + " " + row.text("lanname"), subject)
                            .statement("CREATE " + subject + " (" + from + (from.isEmpty() || to.isEmpty() ? "" : ", ") + to + ")")
                            .describedAs(row.address(), subject);
                });
    }

    /** A language whose handler stands in pg_catalog dates from before extensions: its name alone creates today's extension. */
    private static String create(Row row, String name) throws SQLException {
        if (row.text("handler") == null) {
            return "CREATE OR REPLACE PROCEDURAL LANGUAGE " + name;
        }
        return "CREATE " + (row.flag("lanpltrusted") ? "TRUSTED " : "") + "PROCEDURAL LANGUAGE " + name + " HANDLER "
                + row.text("handler")
                + (row.text("inline_handler") == null ? "" : " INLINE " + row.text("inline_handler"))
                + (row.text("validator") == null ? "" : " VALIDATOR " + row.text("validator"));
    }
}
