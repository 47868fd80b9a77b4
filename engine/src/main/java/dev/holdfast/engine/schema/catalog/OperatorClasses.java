package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Access methods, operator families with their loose members, and operator classes. */
final class OperatorClasses {
    private OperatorClasses() {}

    static void read(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        readAccessMethods(session, drafts);
        var members = readMembers(session);
        session.each(
                """
                select f.tableoid, f.oid, n.nspname, f.opfname, pg_get_userbyid(f.opfowner) as owner,
                       quote_ident(m.amname) as method
                from pg_opfamily f join pg_namespace n on n.oid = f.opfnamespace join pg_am m on m.oid = f.opfmethod where
                """
                        + Filters.own("pg_opfamily", "f.oid", "n.nspname"),
                row -> {
                    var identity = "OPERATOR FAMILY " + Quoting.qualified(row.text("nspname"), row.text("opfname")) + " USING "
                            + row.text("method");
                    var loose = members.getOrDefault(row.number("oid"), List.of());
                    var create = "CREATE " + identity;
                    var draft = drafts.add(ObjectKind.OPERATOR_FAMILY, row, row.text("nspname"), row.text("opfname"), identity)
                            .statements(() -> loose.isEmpty()
                                    ? List.of(create)
                                    : List.of(create, "ALTER " + identity + " ADD\n    " + String.join(",\n    ", loose)))
                            .owner(row.text("owner"))
                            .describedAs(row.address(), identity);
                    draft.node.tieBreak(row.text("method"));
                });
        session.each(
                """
                select c.tableoid, c.oid, n.nspname, c.opcname, pg_get_userbyid(c.opcowner) as owner,
                       quote_ident(m.amname) as method, format_type(c.opcintype, null) as type,
                       case when c.opckeytype <> 0 then format_type(c.opckeytype, null) end as storage, c.opcdefault,
                       quote_ident(fn.nspname) || '.' || quote_ident(f.opfname) as family
                from pg_opclass c join pg_namespace n on n.oid = c.opcnamespace join pg_am m on m.oid = c.opcmethod
                join pg_opfamily f on f.oid = c.opcfamily join pg_namespace fn on fn.oid = f.opfnamespace where
                """
                        + Filters.own("pg_opclass", "c.oid", "n.nspname"),
                row -> {
                    var name = Quoting.qualified(row.text("nspname"), row.text("opcname"));
                    var identity = "OPERATOR CLASS " + name + " USING " + row.text("method");
                    var parts = new ArrayList<String>();
                    if (row.text("storage") != null) {
                        parts.add("STORAGE " + row.text("storage"));
                    }
                    parts.addAll(members.getOrDefault(row.number("oid"), List.of()));
                    if (parts.isEmpty()) {
                        // Something has to follow AS; the column's own type as storage type changes nothing.
                        parts.add("STORAGE " + row.text("type"));
                    }
                    var draft = drafts.add(ObjectKind.OPERATOR_CLASS, row, row.text("nspname"), row.text("opcname"), identity)
                            .statement("CREATE OPERATOR CLASS " + name + (row.flag("opcdefault") ? " DEFAULT" : "") + " FOR TYPE "
                                    + row.text("type") + " USING " + row.text("method") + " FAMILY " + row.text("family")
                                    + " AS\n    " + String.join(",\n    ", parts))
                            .owner(row.text("owner"))
                            .describedAs(row.address(), identity);
                    draft.node.tieBreak(row.text("method"));
                });
    }

    private static void readAccessMethods(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        session.each(
                "select a.tableoid, a.oid, amname, amtype, amhandler::text as handler from pg_am a where "
                        + Filters.own("pg_am", "a.oid"),
                row -> {
                    var identity = "ACCESS METHOD " + Quoting.identifier(row.text("amname"));
                    drafts.add(ObjectKind.ACCESS_METHOD, row, null, row.text("amname"), identity)
                            .statement("CREATE " + identity + " TYPE " + (row.letter("amtype") == 'i' ? "INDEX" : "TABLE")
                                    + " HANDLER " + row.text("handler"))
                            .describedAs(row.address(), identity);
                });
    }

    /** By the OID of the class or family that a member hangs on in pg_depend, which is what makes it loose or not. */
    private static Map<Long, List<String>> readMembers(Session session) throws SQLException, SchemaChangedException {
        var members = new HashMap<Long, List<String>>();
        session.each(
                """
                select d.refobjid as owner, 'OPERATOR ' || o.amopstrategy || ' ' || o.amopopr::regoperator::text
                       || case when f.oid is null then ''
                               else ' FOR ORDER BY ' || quote_ident(n.nspname) || '.' || quote_ident(f.opfname) end as member
                from pg_amop o join pg_depend d on d.classid = 'pg_amop'::regclass and d.objid = o.oid
                and (d.refclassid = 'pg_opclass'::regclass
                     or d.refclassid = 'pg_opfamily'::regclass and d.refobjid = o.amopfamily)
                left join pg_opfamily f on f.oid = o.amopsortfamily left join pg_namespace n on n.oid = f.opfnamespace
                where o.oid >= %d
                order by o.amopstrategy, o.oid
                """
                        .formatted(Filters.FIRST_USER_OID),
                row -> members.computeIfAbsent(row.number("owner"), o -> new ArrayList<>()).add(row.text("member")));
        session.each(
                """
                select d.refobjid as owner, 'FUNCTION ' || p.amprocnum || ' (' || format_type(p.amproclefttype, null) || ', '
                       || format_type(p.amprocrighttype, null) || ') ' || p.amproc::regprocedure::text as member
                from pg_amproc p join pg_depend d on d.classid = 'pg_amproc'::regclass and d.objid = p.oid
                and (d.refclassid = 'pg_opclass'::regclass
                     or d.refclassid = 'pg_opfamily'::regclass and d.refobjid = p.amprocfamily)
                where p.oid >= %d
                order by p.amprocnum, p.oid
                """
                        .formatted(Filters.FIRST_USER_OID),
                row -> members.computeIfAbsent(row.number("owner"), o -> new ArrayList<>()).add(row.text("member")));
        return members;
    }
}
