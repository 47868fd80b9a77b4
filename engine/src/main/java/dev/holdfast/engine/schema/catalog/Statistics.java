package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.SchemaChangedException;
import java.sql.SQLException;
import java.util.ArrayList;

/** Extended statistics objects. */
final class Statistics {
    private Statistics() {}

    static void read(Session session, Drafts drafts, Relations relations) throws SQLException, SchemaChangedException {
        session.each(
                """
                select s.tableoid, s.oid, n.nspname, stxname, stxrelid, pg_get_userbyid(stxowner) as owner,
                       pg_get_statisticsobjdef(s.oid) as definition, coalesce(stxstattarget, -1) as target
                from pg_statistic_ext s join pg_namespace n on n.oid = stxnamespace where
                """
                        + Filters.own("pg_statistic_ext", "s.oid", "n.nspname"),
                row -> {
                    var table = relations.listed(row.number("stxrelid"));
                    if (table == null) {
                        return;
                    }
                    var draft = drafts.addNamed(
                                    ObjectKind.STATISTICS, row, row.text("nspname"), row.text("stxname"), "STATISTICS")
                            .of(table.name);
                    var statements = new ArrayList<String>();
                    statements.add(row.definition("definition"));
                    if (row.integer("target") >= 0) {
                        statements.add("ALTER " + draft.identity + " SET STATISTICS " + row.integer("target"));
                    }
                    draft.statements(() -> statements)
                            .owner(row.text("owner"))
                            .describedAs(row.address(), draft.identity);
                });
    }
}
