package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import java.sql.SQLException;

/** Collations and encoding conversions. Versions of collations are left out: the restoring server records its own. */
final class Collations {
    private Collations() {}

    static void read(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        session.each(
                "select c.tableoid, c.oid, n.nspname, collname, pg_get_userbyid(collowner) as owner, collprovider, collencoding,"
                        + " collisdeterministic, collcollate, collctype, "
                        + session.since(17, "colllocale", "colliculocale") + " as locale, "
                        + session.since(16, "collicurules", "null") + " as rules"
                        + " from pg_collation c join pg_namespace n on n.oid = collnamespace where "
                        + Filters.own("pg_collation", "c.oid", "n.nspname"),
                row -> {
                    var draft = drafts.addNamed(
                            ObjectKind.COLLATION, row, row.text("nspname"), row.text("collname"), "COLLATION");
                    draft.statement("CREATE " + draft.identity + " (" + properties(row) + ")")
                            .owner(row.text("owner"))
                            .describedAs(row.address(), draft.identity);
                    draft.node.tieBreak(row.text("collencoding"));
                });
        session.each(
                """
                select c.tableoid, c.oid, n.nspname, conname, pg_get_userbyid(conowner) as owner, condefault,
                       pg_encoding_to_char(conforencoding) as source, pg_encoding_to_char(contoencoding) as target,
                       conproc::text as function
                from pg_conversion c join pg_namespace n on n.oid = connamespace where
                """
                        + Filters.own("pg_conversion", "c.oid", "n.nspname"),
                row -> {
                    var draft = drafts.addNamed(
                            ObjectKind.CONVERSION, row, row.text("nspname"), row.text("conname"), "CONVERSION");
                    draft.statement("CREATE " + (row.flag("condefault") ? "DEFAULT " : "") + draft.identity + " FOR "
                                    + Quoting.literal(row.text("source")) + " TO " + Quoting.literal(row.text("target"))
                                    + " FROM " + row.text("function"))
                            .owner(row.text("owner"))
                            .describedAs(row.address(), draft.identity);
                });
    }

    private static String properties(Row row) throws SQLException {
        var deterministic = row.flag("collisdeterministic") ? "" : ", deterministic = false";
        return switch (row.letter("collprovider")) {
            case 'b' -> "provider = builtin" + deterministic + ", locale = " + Quoting.literal(row.text("locale"));
            case 'i' -> "provider = icu" + deterministic + ", locale = " + Quoting.literal(row.text("locale"))
                    + (row.text("rules") == null ? "" : ", rules = " + Quoting.literal(row.text("rules")));
            default -> "provider = libc" + deterministic + ", lc_collate = " + Quoting.literal(row.text("collcollate"))
                    + ", lc_ctype = " + Quoting.literal(row.text("collctype"));
        };
    }
}
