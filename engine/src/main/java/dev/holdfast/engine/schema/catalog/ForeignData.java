package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.order.Node;
import dev.holdfast.engine.schema.order.ObjectAddress;
import java.sql.SQLException;
import java.util.List;

/** Foreign data wrappers, servers and user mappings. Foreign tables are read with the other relations. */
final class ForeignData {
    private static final long PG_FOREIGN_SERVER = 1417;

    private ForeignData() {}

    static void read(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        session.each(
                "select w.tableoid, w.oid, fdwname as name, pg_get_userbyid(fdwowner) as owner,"
                        + " case when fdwhandler <> 0 then ' HANDLER ' || fdwhandler::regproc::text else '' end"
                        + " || case when fdwvalidator <> 0 then ' VALIDATOR ' || fdwvalidator::regproc::text else '' end"
                        + " as functions, "
                        + Filters.options("fdwoptions") + " as options from pg_foreign_data_wrapper w where "
                        + Filters.own("pg_foreign_data_wrapper", "w.oid"),
                row -> add(drafts, row, ObjectKind.FOREIGN_DATA_WRAPPER, "FOREIGN DATA WRAPPER", row.text("functions")));
        session.each(
                "select s.tableoid, s.oid, srvname as name, pg_get_userbyid(srvowner) as owner, fdwname, srvtype, srvversion, "
                        + Filters.options("srvoptions") + " as options from pg_foreign_server s"
                        + " join pg_foreign_data_wrapper w on w.oid = srvfdw where "
                        + Filters.own("pg_foreign_server", "s.oid"),
                row -> add(drafts, row, ObjectKind.SERVER, "SERVER",
                        (row.text("srvtype") == null ? "" : " TYPE " + Quoting.literal(row.text("srvtype")))
                                + (row.text("srvversion") == null ? "" : " VERSION " + Quoting.literal(row.text("srvversion")))
                                + " FOREIGN DATA WRAPPER " + Quoting.identifier(row.text("fdwname"))));
        readUserMappings(session, drafts);
    }

    private static void add(Drafts drafts, Row row, ObjectKind kind, String words, String clauses) throws SQLException {
        var identity = words + " " + Quoting.identifier(row.text("name"));
        drafts.add(kind, row, null, row.text("name"), identity)
                .statement("CREATE " + identity + clauses + options(row))
                .owner(row.text("owner"))
                .describedAs(row.address(), identity);
    }

    private static String options(Row row) throws SQLException {
        var options = row.text("options");
        return options == null || options.isEmpty() ? "" : " OPTIONS (" + options + ")";
    }

    /** The view hides options, and with them passwords, from those who may not read the catalog itself. */
    private static void readUserMappings(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        boolean[] readable = new boolean[1];
        session.each(
                "select has_table_privilege('pg_user_mapping', 'SELECT') as readable,"
                        + " exists (select from pg_user_mappings) as any_there",
                row -> {
                    readable[0] = row.flag("readable");
                    if (!readable[0] && row.flag("any_there")) {
                        drafts.graph.remarks().add("options of user mappings may be missing: not everybody may read them");
                    }
                });
        session.each(
                "select u.srvid, s.srvname, u.role, " + Filters.options("u.umoptions") + " as options from "
                        + (readable[0]
                                ? "(select umserver as srvid, umoptions, case when umuser <> 0 then pg_get_userbyid(umuser) end"
                                        + " as role from pg_user_mapping) u"
                                : "(select srvid, umoptions, case when umuser <> 0 then usename end as role"
                                        + " from pg_user_mappings) u")
                        + " join pg_foreign_server s on s.oid = u.srvid order by s.srvname, u.role nulls first",
                row -> {
                    var server = drafts.own(new ObjectAddress(PG_FOREIGN_SERVER, row.number("srvid")));
                    if (server != null) {
                        addUserMapping(drafts, server, row);
                    }
                });
    }

    private static void addUserMapping(Drafts drafts, Node server, Row row) throws SQLException {
        var role = row.text("role");
        var identity = "USER MAPPING FOR " + (role == null ? "PUBLIC" : Quoting.identifier(role)) + " SERVER "
                + Quoting.identifier(row.text("srvname"));
        var name = (role == null ? "" : role + " ") + row.text("srvname");
        var draft = drafts.add(ObjectKind.USER_MAPPING, (ObjectAddress) null, null, name, identity)
                .statement("CREATE " + identity + options(row));
        draft.roles = role == null ? List.of() : List.of(role);
        draft.node.dependsOn(server);
    }
}
